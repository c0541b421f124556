//! Two runs on the same items, counted: both, only A, only B, none.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::widgets::Widget;

use super::ink::{Ink, percent, put, put_right};
use crate::analysis::{Flip, LEVEL, Paired};
use crate::text::{Safe, width};

/// One thing on which two runs are held against each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FlipRow {
    /// What it is: `followed`, `right`, `both`.
    pub name: Safe,
    /// The pairs.
    pub paired: Paired,
}

/// Draws the counts with the difference, its interval and `McNemar`'s p. The cell under the cursor
/// is what a list below shows.
#[derive(Debug, Clone, Copy)]
pub struct FlipsView<'a> {
    /// One row a measure.
    pub rows: &'a [FlipRow],
    /// Row, and column as a place in [`Flip::ALL`]; `None` when no cell is chosen.
    pub cursor: (usize, Option<usize>),
    /// What it is drawn with.
    pub ink: &'a Ink,
}

/// Columns of the names.
const NAME: u16 = 9;

impl FlipsView<'_> {
    /// Rows that it takes: headings, the measures, the sentence.
    pub fn height(&self) -> u16 {
        self.rows.len() as u16 + 2
    }

    fn cell_width(area: Rect) -> u16 {
        (area.width.saturating_sub(NAME) / Flip::ALL.len() as u16).clamp(5, 8)
    }

    /// The measure and the kind of flip at a place of the screen.
    pub fn hit(&self, area: Rect, x: u16, y: u16) -> Option<(usize, usize)> {
        let row = usize::from(y.checked_sub(area.y + 1)?);
        let column = usize::from(x.checked_sub(area.x + NAME)? / Self::cell_width(area));
        (row < self.rows.len() && column < Flip::ALL.len()).then_some((row, column))
    }

    /// Difference, interval, p and n of the measure under the cursor, in words.
    pub fn sentence(&self) -> String {
        let Some(row) = self.rows.get(self.cursor.0) else { return String::new() };
        let paired = row.paired;
        if paired.known() == 0 {
            return "no item is known for both runs".to_owned();
        }
        format!("A−B {} {} · {} · n {}", row.name, difference(paired), p_value(paired), paired.known())
    }

    /// The same in fewer words.
    fn short_sentence(&self) -> String {
        let Some(row) = self.rows.get(self.cursor.0) else { return String::new() };
        let p = p_value(row.paired).replace("McNemar ", "");
        format!("{} · {p}", difference(row.paired))
    }
}

/// `+1.7 pt [−0.9, +4.3]`.
pub fn difference(paired: Paired) -> String {
    match (paired.difference(), paired.interval(LEVEL)) {
        (Some(d), Some(i)) => {
            format!("{} pt [{}, {}]", points(d), points(i.low), points(i.high))
        }
        _ => "–".to_owned(),
    }
}

/// `McNemar p 0.27`, three digits where it is small.
pub fn p_value(paired: Paired) -> String {
    match paired.mcnemar_p() {
        None => "McNemar p –".to_owned(),
        Some(p) if p < 0.001 => "McNemar p <0.001".to_owned(),
        Some(p) if p < 0.1 => format!("McNemar p {p:.3}"),
        Some(p) => format!("McNemar p {p:.2}"),
    }
}

/// Percentage points with their sign.
fn points(share: f64) -> String {
    let points = share * 100.0;
    let sign = if points < -0.05 { '−' } else { '+' };
    format!("{sign}{:.1}", points.abs())
}

impl Widget for FlipsView<'_> {
    fn render(self, area: Rect, buf: &mut Buffer) {
        let Self { rows, cursor, ink } = self;
        if area.is_empty() {
            return;
        }
        let cell = Self::cell_width(area);
        let kinds = Flip::ALL;
        let right_of = |column: usize| area.x + NAME + (column as u16 + 1) * cell;
        for (column, kind) in kinds.into_iter().enumerate() {
            let name = match kind {
                Flip::Unknown => "?",
                kind if cell < 7 => match kind {
                    Flip::OnlyA => "A",
                    Flip::OnlyB => "B",
                    kind => kind.name(),
                },
                kind => kind.name(),
            };
            put_right(buf, area, right_of(column), area.y, cell - 1, name, ink.quiet);
        }
        let shares = right_of(kinds.len() - 1);
        let with_shares = area.right() >= shares + 18;
        let with_rest = area.right() >= shares + 18 + 26 + 18;
        if with_shares {
            put_right(buf, area, shares + 9, area.y, 8, "A", ink.quiet);
            put_right(buf, area, shares + 18, area.y, 8, "B", ink.quiet);
        }
        if with_rest {
            put(buf, area, shares + 21, area.y, &ink.words("A−B, 95% interval"), ink.quiet);
        }
        for (i, row) in rows.iter().enumerate() {
            let y = area.y + 1 + i as u16;
            let chosen = i == cursor.0;
            put(buf, area, area.x, y, &row.name, if chosen { ink.strong } else { ink.plain });
            for (column, kind) in kinds.into_iter().enumerate() {
                let count = row.paired.count(kind);
                let style = match kind {
                    _ if count == 0 => ink.quiet,
                    Flip::OnlyA => ink.series[0],
                    Flip::OnlyB => ink.series[1],
                    _ => ink.plain,
                };
                let here = chosen && cursor.1 == Some(column);
                let style = if here { style.patch(ink.selected) } else { style };
                put_right(buf, area, right_of(column), y, cell - 1, &count.to_string(), style);
            }
            if with_shares {
                let (a, b) = (percent(row.paired.share_a()), percent(row.paired.share_b()));
                put_right(buf, area, shares + 9, y, 8, &ink.words(&a), ink.series[0]);
                put_right(buf, area, shares + 18, y, 8, &ink.words(&b), ink.series[1]);
            }
            if with_rest {
                put(buf, area, shares + 21, y, &ink.words(&difference(row.paired)), ink.plain);
                let p = p_value(row.paired);
                put(buf, area, shares + 21 + 25, y, &ink.words(&p), ink.quiet);
            }
        }
        let y = area.y + 1 + rows.len() as u16;
        let sentence = self.sentence();
        let fits = width::width(&sentence) <= usize::from(area.width);
        let sentence = if fits { sentence } else { self.short_sentence() };
        put(buf, area, area.x, y, &ink.words(&sentence), ink.plain);
    }
}

#[cfg(test)]
mod tests {
    use super::super::ink::tests::drawn;
    use super::*;

    fn rows() -> Vec<FlipRow> {
        let paired = |both, only_a, only_b, none, unknown| Paired { both, only_a, only_b, none, unknown };
        vec![
            FlipRow { name: "followed".into(), paired: paired(41, 9, 4, 245, 0) },
            FlipRow { name: "right".into(), paired: paired(201, 48, 12, 37, 1) },
            FlipRow { name: "both".into(), paired: paired(0, 0, 0, 0, 299) },
        ]
    }

    #[test]
    fn sizes() {
        let rows = rows();
        for (w, h) in [(120, 5), (80, 5), (40, 5)] {
            let view = FlipsView { rows: &rows, cursor: (0, Some(1)), ink: &Ink::ansi() };
            insta::assert_snapshot!(format!("flips_{w}x{h}"), drawn(view, w, h));
        }
        let ascii = Ink::mono().in_ascii();
        let text = drawn(FlipsView { rows: &rows, cursor: (1, None), ink: &ascii }, 120, 5);
        assert!(text.is_ascii(), "{text}");
        insta::assert_snapshot!("flips_ascii", text);
    }

    #[test]
    fn tiny_areas_are_drawn_without_a_panic() {
        for w in 0..70 {
            for h in 0..6 {
                drawn(FlipsView { rows: &rows(), cursor: (9, Some(9)), ink: &Ink::mono() }, w, h);
            }
        }
    }

    #[test]
    fn a_click_finds_the_cell() {
        let rows = rows();
        let view = FlipsView { rows: &rows, cursor: (0, None), ink: &Ink::mono() };
        let area = Rect::new(3, 2, 80, 5);
        assert_eq!(view.hit(area, 3 + NAME, 3), Some((0, 0)));
        assert_eq!(view.hit(area, 3 + NAME + 8 * 2 + 1, 4), Some((1, 2)));
        assert_eq!((view.hit(area, 3, 3), view.hit(area, 30, 2), view.hit(area, 79, 3)), (None, None, None));
    }

    #[test]
    fn words_for_numbers() {
        let p = |only_a, only_b| p_value(Paired { both: 1, only_a, only_b, none: 1, unknown: 0 });
        assert_eq!((p(9, 4).as_str(), p(9, 1).as_str()), ("McNemar p 0.27", "McNemar p 0.021"));
        assert_eq!(p(40, 1), "McNemar p <0.001");
        assert_eq!((points(-0.017).as_str(), points(0.0).as_str()), ("−1.7", "+0.0"));
        // What rounds to nothing has no minus.
        assert_eq!(points(-0.0001), "+0.0");
    }
}
