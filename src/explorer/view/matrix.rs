//! Shares by two fields: a table of cells, coloured and numbered.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::widgets::Widget;

use super::ink::{Ink, percent, put, put_right, short};
use crate::analysis::{LEVEL, Tally};
use crate::text::{Safe, width};

/// Shares by two fields.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Matrix {
    /// What is counted: `followed`, `right`.
    pub measure: Safe,
    /// The field of the rows.
    pub row_field: Safe,
    /// The field of the columns.
    pub column_field: Safe,
    /// Values of the row field.
    pub rows: Vec<Safe>,
    /// Values of the column field.
    pub columns: Vec<Safe>,
    /// One tally for every row and column; of n 0 where no generation falls.
    pub cells: Vec<Vec<Tally>>,
}

impl Matrix {
    /// A cell; nothing outside of the table.
    pub fn cell(&self, row: usize, column: usize) -> Tally {
        self.cells.get(row).and_then(|r| r.get(column)).copied().unwrap_or_default()
    }

    /// The row and the column swapped.
    #[must_use]
    pub fn transposed(&self) -> Self {
        Self {
            measure: self.measure.clone(),
            row_field: self.column_field.clone(),
            column_field: self.row_field.clone(),
            rows: self.columns.clone(),
            columns: self.rows.clone(),
            cells: (0..self.columns.len())
                .map(|c| (0..self.rows.len()).map(|r| self.cell(r, c)).collect())
                .collect(),
        }
    }
}

/// Draws a [`Matrix`] with a cursor.
///
/// The cursor is always in view: rows and columns scroll under fixed headings. A cell shows its
/// share, and n beside it where there is room; the line at the bottom says all of the cell under
/// the cursor.
#[derive(Debug, Clone, Copy)]
pub struct MatrixView<'a> {
    /// What is drawn.
    pub matrix: &'a Matrix,
    /// Row and column of the cursor.
    pub cursor: (usize, usize),
    /// What it is drawn with.
    pub ink: &'a Ink,
}

/// Where a matrix lies on the screen: for clicks and for drawing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MatrixLayout {
    label: u16,
    cell: u16,
    first_row: usize,
    first_column: usize,
    rows_shown: usize,
    columns_shown: usize,
    body: Rect,
}

impl MatrixLayout {
    /// Lays a matrix out in an area.
    pub fn new(matrix: &Matrix, cursor: (usize, usize), area: Rect) -> Self {
        let longest = |names: &[Safe]| names.iter().map(|n| width::width(n)).max().unwrap_or(0);
        let heading = longest(&matrix.rows).max(width::width(&matrix.row_field)) as u16;
        let label = heading.min((area.width / 3).max(8)).min(area.width);
        let room = area.width.saturating_sub(label + 1);
        // Roomy cells with n where all columns fit that way, else the narrowest that still read.
        let count = matrix.columns.len().max(1) as u16;
        let wished = (longest(&matrix.columns) as u16 + 2).clamp(11, 20);
        let cell = [wished, 11, 6].into_iter().find(|c| c * count <= room).unwrap_or(if room >= 44 {
            11
        } else {
            6
        });
        let columns_shown = usize::from(room / cell).min(matrix.columns.len());
        // Where rows are few the title goes, then the sentence below the table.
        let head = if area.height >= 6 { 2 } else { 1 };
        let foot = if area.height >= 5 { 2 } else { 0 };
        let body_height = usize::from(area.height.saturating_sub(head + foot));
        let rows_shown = body_height.min(matrix.rows.len());
        let first =
            |at: usize, shown: usize, all: usize| at.saturating_sub(shown / 2).min(all.saturating_sub(shown));
        Self {
            label,
            cell,
            first_row: first(cursor.0, rows_shown, matrix.rows.len()),
            first_column: first(cursor.1, columns_shown, matrix.columns.len()),
            rows_shown,
            columns_shown,
            body: Rect::new(
                area.x + (label + 1).min(area.width),
                area.y + head.min(area.height),
                columns_shown as u16 * cell,
                rows_shown as u16,
            ),
        }
    }

    /// The cell at a place of the screen.
    pub fn cell_at(&self, x: u16, y: u16) -> Option<(usize, usize)> {
        let inside =
            x >= self.body.left() && x < self.body.right() && y >= self.body.top() && y < self.body.bottom();
        inside.then(|| {
            let column = usize::from((x - self.body.x) / self.cell) + self.first_column;
            (usize::from(y - self.body.y) + self.first_row, column)
        })
    }
}

impl Widget for MatrixView<'_> {
    fn render(self, area: Rect, buf: &mut Buffer) {
        let Self { matrix, cursor, ink } = self;
        if area.is_empty() {
            return;
        }
        if matrix.rows.is_empty() || matrix.columns.is_empty() {
            put(buf, area, area.x, area.y, &ink.words("nothing to count: no generation matches"), ink.quiet);
            return;
        }
        let layout = MatrixLayout::new(matrix, cursor, area);
        self.heading(layout, area, buf);
        for shown in 0..layout.rows_shown {
            let row = layout.first_row + shown;
            let y = layout.body.y + shown as u16;
            let style = if row == cursor.0 { ink.strong } else { ink.plain };
            let name = ink.words(&width::cut_middle(&matrix.rows[row], usize::from(layout.label)));
            put(buf, area, area.x, y, &name, style);
            for column in layout.first_column..layout.first_column + layout.columns_shown {
                let x = layout.body.x + (column - layout.first_column) as u16 * layout.cell;
                self.draw_cell(layout, (row, column), (x, y), area, buf);
            }
        }
        if area.height >= 5 {
            let y = (layout.body.bottom() + 1).min(area.bottom() - 1);
            let sentence = width::cut(&self.sentence(), usize::from(area.width));
            put(buf, area, area.x, y, &ink.words(&sentence), ink.plain);
        }
    }
}

impl MatrixView<'_> {
    fn heading(&self, layout: MatrixLayout, area: Rect, buf: &mut Buffer) {
        let Self { matrix, cursor, ink } = *self;
        let title = ink
            .words(&format!("share {} by {} and {}", matrix.measure, matrix.row_field, matrix.column_field));
        let titled = layout.body.y > area.y + 1;
        if titled {
            put(buf, area, area.x, area.y, &title, ink.strong);
        }
        let hidden = matrix.columns.len() - layout.columns_shown;
        if hidden > 0 && titled {
            let more = ink.words(&format!(
                "‹ {}–{} of {} ›",
                layout.first_column + 1,
                layout.first_column + layout.columns_shown,
                matrix.columns.len()
            ));
            let columns = width::width(&more) as u16;
            if width::width(&title) as u16 + columns + 1 < area.width {
                put_right(buf, area, area.right(), area.y, columns, &more, ink.quiet);
            }
        }
        for column in layout.first_column..layout.first_column + layout.columns_shown {
            let right = layout.body.x + ((column - layout.first_column) as u16 + 1) * layout.cell;
            let name = ink.words(&width::cut_middle(&matrix.columns[column], usize::from(layout.cell - 1)));
            let style = if column == cursor.1 { ink.strong } else { ink.quiet };
            put_right(buf, area, right, layout.body.y.saturating_sub(1), layout.cell - 1, &name, style);
        }
    }

    fn draw_cell(
        &self,
        layout: MatrixLayout,
        (row, column): (usize, usize),
        (x, y): (u16, u16),
        area: Rect,
        buf: &mut Buffer,
    ) {
        let ink = self.ink;
        let tally = self.matrix.cell(row, column);
        let selected = (row, column) == self.cursor;
        let Some(share) = tally.share() else {
            let text = if tally.n() == 0 { "" } else { "?" };
            let text = if selected && text.is_empty() { "-" } else { text };
            let style = if selected { ink.selected } else { ink.quiet };
            put_right(buf, area, x + layout.cell, y, layout.cell - 1, text, style);
            return;
        };
        let number = format!("{:>4}", format!("{:.0}%", share * 100.0));
        let style = if selected { ink.selected } else { ink.of_share(share) };
        if layout.cell < 11 {
            put(buf, area, x + layout.cell - 4, y, &number, style);
            return;
        }
        // `▆  83%  299`: the share with its level, then n.
        let level = format!("{}{number}", ink.level(share));
        put(buf, area, x + layout.cell - 10, y, &level, style);
        let count = if selected { ink.selected } else { ink.quiet };
        put(buf, area, x + layout.cell - 5, y, &format!("{:>5}", short(tally.n())), count);
    }

    /// All of the cell under the cursor.
    fn sentence(&self) -> String {
        let Self { matrix, cursor: (row, column), ink } = *self;
        let (Some(row_name), Some(column_name)) = (matrix.rows.get(row), matrix.columns.get(column)) else {
            return String::new();
        };
        let tally = matrix.cell(row, column);
        let mut parts = match (tally.share(), tally.interval(LEVEL)) {
            (Some(share), Some(interval)) => vec![
                format!(
                    "{} [{:.1}, {:.1}]",
                    percent(Some(share)),
                    interval.low * 100.0,
                    interval.high * 100.0
                ),
                format!("{} of {} {}", tally.yes, tally.known(), matrix.measure),
            ],
            _ if tally.n() == 0 => vec!["no generation".to_owned()],
            _ => vec!["share not known".to_owned()],
        };
        if tally.unknown > 0 {
            parts.push(format!("{} not known", tally.unknown));
        }
        parts.push(format!("{row_name} × {column_name}"));
        ink.words(&parts.join(" · "))
    }
}

#[cfg(test)]
mod tests {
    use super::super::ink::tests::drawn;
    use super::*;

    fn matrix() -> Matrix {
        let rows = ["number_words", "no_comma", "capital_word_frequency", "english_lowercase", "quotation"];
        let columns = ["qwen3-max", "qwen-plus", "deepseek-v3.2", "doubao-seed-1.6"];
        let cells = (0..rows.len())
            .map(|r| {
                (0..columns.len())
                    .map(|c| {
                        let yes = (r * 37 + c * 11) as u64 % 100;
                        Tally { yes, no: 100 - yes, unknown: u64::from(c == 3 && r == 1) * 4 }
                    })
                    .collect()
            })
            .collect();
        let mut m = Matrix {
            measure: "followed".into(),
            row_field: "constraint".into(),
            column_field: "model".into(),
            rows: rows.map(Safe::from).to_vec(),
            columns: columns.map(Safe::from).to_vec(),
            cells,
        };
        m.cells[4][1] = Tally::default();
        m.cells[4][2] = Tally { yes: 0, no: 0, unknown: 3 };
        m
    }

    #[test]
    fn sizes() {
        let m = matrix();
        for (w, h) in [(120, 36), (80, 24), (40, 12)] {
            let view = MatrixView { matrix: &m, cursor: (1, 3), ink: &Ink::ansi() };
            insta::assert_snapshot!(format!("matrix_{w}x{h}"), drawn(view, w, h));
        }
        let ascii = Ink::mono().in_ascii();
        let view = MatrixView { matrix: &m, cursor: (4, 1), ink: &ascii };
        let text = drawn(view, 80, 12);
        assert!(text.is_ascii(), "{text}");
        insta::assert_snapshot!("matrix_ascii", text);
    }

    #[test]
    fn a_click_finds_the_cell_drawn_there() {
        let m = matrix();
        let area = Rect::new(0, 0, 40, 7);
        for row in 0..5 {
            for column in 0..4 {
                let layout = MatrixLayout::new(&m, (row, column), area);
                let x = layout.body.x + (column - layout.first_column) as u16 * layout.cell;
                let y = layout.body.y + (row - layout.first_row) as u16;
                assert_eq!(layout.cell_at(x, y), Some((row, column)));
            }
        }
    }

    #[test]
    fn nothing_and_tiny_areas_are_drawn_without_a_panic() {
        let m = matrix();
        for w in 0..30 {
            for h in 0..8 {
                drawn(MatrixView { matrix: &m, cursor: (4, 3), ink: &Ink::mono() }, w, h);
                drawn(MatrixView { matrix: &Matrix::default(), cursor: (4, 3), ink: &Ink::mono() }, w, h);
            }
        }
    }

    #[test]
    fn swapping_twice_is_nothing() {
        assert_eq!(matrix().transposed().transposed(), matrix());
        assert_eq!(matrix().transposed().cell(3, 1).unknown, 4);
    }
}
