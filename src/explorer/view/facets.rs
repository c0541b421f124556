//! The facets: sections of values with counts and bars.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::super::app::facets::{FacetRow, title};
use super::super::app::{App, Pane};
use super::super::theme::Meaning;
use super::paint::{Pen, bar, wash};
use super::sign::sign;
use crate::library::Field;
use crate::text::visible;
use crate::text::width::{count, cut_middle, width};

/// Columns of the bar.
const BAR: u16 = 3;

/// Draws the pane.
pub fn facets(app: &App, buffer: &mut Buffer, area: Rect) {
    let pane = &app.browse.facets;
    let focused = app.browse.focus == Pane::Facets;
    let theme = &app.theme;
    if pane.rows.is_empty() {
        let text = if app.library.is_empty() { "nothing to filter by yet" } else { "nothing to tell apart" };
        Pen::at(buffer, area, 0).skip(1).write(text, theme.style(Meaning::Dim));
        return;
    }
    let digits = pane
        .rows
        .iter()
        .map(|r| match r {
            FacetRow::Value { count: n, .. } => width(&count(*n)) as u16,
            FacetRow::Section { .. } => 0,
        })
        .max()
        .unwrap_or(0);
    for (i, row) in pane.rows.iter().enumerate().skip(pane.top).take(usize::from(area.height)) {
        let y = (i - pane.top) as u16;
        let here = Rect { y: area.y + y, height: 1, ..area };
        match row {
            FacetRow::Section { field, values, folded } => {
                let style = theme.style(if focused { Meaning::Focus } else { Meaning::Title });
                let fold = if *folded { theme.glyphs.folded } else { theme.glyphs.unfolded };
                let mut pen = Pen::at(buffer, area, y);
                pen.write(fold, theme.style(Meaning::Dim))
                    .skip(1)
                    .write(&title(*field).to_uppercase(), style);
                if *folded {
                    pen.write(&format!("  {values}"), theme.style(Meaning::Dim));
                }
            }
            FacetRow::Value { field, name, count: n, asked, excluded, most } => {
                value(app, buffer, here, (*field, name), *n, (*asked, *excluded), (*most, digits));
            }
        }
        if i == pane.cursor {
            let meaning = if focused { Meaning::Selected } else { Meaning::SelectedElsewhere };
            if focused {
                wash(buffer, here, theme.style(meaning));
            }
        }
    }
}

fn value(
    app: &App,
    buffer: &mut Buffer,
    area: Rect,
    (field, name): (Field, &str),
    n: usize,
    (asked, excluded): (bool, bool),
    (most, digits): (usize, u16),
) {
    let theme = &app.theme;
    let (glyph, style) = match (asked, excluded) {
        (true, _) => (theme.glyphs.chosen, theme.style(Meaning::Accent)),
        (_, true) => (theme.glyphs.excluded, theme.style(Meaning::Warn)),
        _ => (theme.glyphs.choice, theme.style(Meaning::Dim)),
    };
    let text = if asked { Meaning::Title } else { Meaning::Text };
    let bars = if area.width >= 34 { BAR + 1 } else { 0 };
    let constraint = matches!(field, Field::Failed | Field::Constraint);
    let mut pen = Pen::at(buffer, area, 0);
    pen.skip(1).write(glyph, style).skip(1);
    if constraint {
        pen.write(&sign(name).to_string(), theme.style(Meaning::Dim)).skip(1);
    }
    let room = area.right().saturating_sub(pen.x + digits + 2 + bars);
    let shown = cut_middle(&visible(name), usize::from(room));
    let style = if excluded { theme.style(Meaning::Dim) } else { theme.style(text) };
    pen.cell(&shown, room, style).skip(1);
    pen.number(&count(n), digits, theme.style(if asked { Meaning::Accent } else { Meaning::Dim }));
    if bars > 0 {
        let share = if most > 0 { n as f64 / most as f64 } else { 0.0 };
        let bar_style = theme.style(if asked { Meaning::Accent } else { Meaning::Bar });
        pen.skip(1).write(&bar(share, BAR, &theme.glyphs), bar_style);
    }
}
