//! Right against followed, with what chance alone would give.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::widgets::Widget;

use super::super::ink::{Ink, percent, put, put_right};
use crate::analysis::Cross;

/// Draws a [`Cross`]. Cells by number: right and followed, right and not, wrong and followed,
/// neither.
#[derive(Debug, Clone, Copy)]
pub struct CrossView<'a> {
    /// What is drawn.
    pub cross: Cross,
    /// The chosen cell, 0 to 3.
    pub chosen: usize,
    /// What it is drawn with.
    pub ink: &'a Ink,
}

/// Columns of the row names.
const NAMES: u16 = 7;

impl CrossView<'_> {
    /// Columns and rows of a cell.
    fn cell_size(area: Rect) -> (u16, u16) {
        let wide = (area.width.saturating_sub(NAMES) / 3).min(26);
        (wide, if area.height >= 12 { 4 } else { 2 })
    }

    fn cell_area(area: Rect, cell: usize) -> Rect {
        let (wide, high) = Self::cell_size(area);
        let (row, column) = ((cell / 2) as u16, (cell % 2) as u16);
        Rect::new(area.x + NAMES + column * wide, area.y + 1 + row * high, wide, high).intersection(area)
    }

    /// The cell at a place of the screen.
    pub fn hit(&self, area: Rect, x: u16, y: u16) -> Option<usize> {
        (0..4).find(|&cell| Self::cell_area(area, cell).contains((x, y).into()))
    }
}

impl Widget for CrossView<'_> {
    fn render(self, area: Rect, buf: &mut Buffer) {
        let Self { cross, chosen, ink } = self;
        let known = cross.known();
        let (Some(expected), (wide, high)) = (cross.expected(), Self::cell_size(area)) else {
            let text = format!(
                "nothing is known to be both right or wrong and followed or not: {} unknown",
                cross.unknown
            );
            put(buf, area, area.x, area.y, &ink.words(&text), ink.quiet);
            return;
        };
        if wide < 9 || area.height < 6 {
            put(buf, area, area.x, area.y, &ink.words("too small for this plot"), ink.quiet);
            return;
        }
        let cells = cross.cells();
        // With a decimal where there is room for it, as a bare number where there is room for no more.
        let counted = |count: u64| {
            let share = count as f64 / known as f64;
            let forms = [
                format!("{count}  {}", percent(Some(share))),
                format!("{count} {:.0}%", share * 100.0),
                count.to_string(),
            ];
            let fits = |form: &String| form.len() < usize::from(wide);
            forms.iter().find(|form| fits(form)).unwrap_or(&forms[2]).clone()
        };
        for (column, name) in
            ["followed", if wide >= 14 { "not followed" } else { "not" }].into_iter().enumerate()
        {
            let cell = Self::cell_area(area, column);
            put_right(buf, area, cell.right() - 1, area.y, wide - 1, name, ink.quiet);
        }
        for (row, name) in ["right", "wrong"].into_iter().enumerate() {
            let y = Self::cell_area(area, row * 2).y;
            put(buf, area, area.x, y, name, ink.quiet);
            let sum = cells[row][0] + cells[row][1];
            let right = area.x + NAMES + 3 * wide - 1;
            put_right(buf, area, right, y, wide - 1, &counted(sum), ink.quiet);
        }
        for cell in 0..4 {
            let (row, column) = (cell / 2, cell % 2);
            let place = Self::cell_area(area, cell);
            let count = cells[row][column];
            let text = counted(count);
            let style = if cell == chosen { ink.selected.patch(ink.strong) } else { ink.strong };
            put_right(buf, area, place.right() - 1, place.y, wide - 1, &text, style);
            let chance = format!("by chance {:.1}", expected[row][column]);
            let chance = if chance.len() < usize::from(wide) {
                chance
            } else {
                format!("({:.0})", expected[row][column])
            };
            put_right(buf, area, place.right() - 1, place.y + 1, wide - 1, &chance, ink.quiet);
            if high > 2 {
                let bar = ink.bar(count as f64 / known as f64, usize::from(wide - 2));
                put(buf, area, place.x + 1, place.y + 2, &bar, ink.series[cell % 4]);
            }
        }
        let y = area.y + 1 + 2 * high;
        for (column, sum) in [cells[0][0] + cells[1][0], cells[0][1] + cells[1][1]].into_iter().enumerate() {
            let right = Self::cell_area(area, column).right() - 1;
            put_right(buf, area, right, y, wide - 1, &counted(sum), ink.quiet);
        }
        let right = area.x + NAMES + 3 * wide - 1;
        put_right(buf, area, right, y, wide - 1, &format!("n {known}"), ink.quiet);
        let number = |value: Option<f64>| value.map_or_else(|| "–".to_owned(), |v| format!("{v:.2}"));
        let mut about =
            vec![format!("φ {}", number(cross.phi())), format!("odds ratio {}", number(cross.odds_ratio()))];
        if cross.unknown > 0 {
            about.push(format!("{} not known", cross.unknown));
        }
        put(buf, area, area.x, y + 2, &ink.words(&about.join(" · ")), ink.plain);
        if area.width >= 60 {
            let legend = "by chance: if being right and having followed had nothing to do with one another";
            put(buf, area, area.x, y + 3, legend, ink.quiet);
        }
    }
}
