//! What is drawn, from `&App`: one file per part of the screen.

#[cfg(test)]
mod any_size;
pub mod facets;
pub mod flips;
pub mod footer;
pub mod header;
pub mod ink;
pub mod list;
pub mod matrix;
pub mod overlay;
pub mod paint;
pub mod pairs;
pub mod plots;
pub mod reading;
pub mod sign;
pub mod strip;
pub mod survey;
pub mod tables;
#[cfg(test)]
mod tests;
mod text_row;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::app::{App, Areas, Pane, Screen};
use super::theme::{Glyphs, Meaning};
use paint::{Pen, clear, put_shown};

/// Draws everything into the area that there is; gives the place of the cursor where something is
/// typed.
pub fn draw(app: &App, buffer: &mut Buffer) -> Option<(u16, u16)> {
    let areas = Areas::of(app, buffer.area);
    clear(buffer, areas.whole, app.theme.style(Meaning::Text));
    if areas.whole.width < 12 || areas.whole.height < 2 {
        Pen::at(buffer, areas.whole, 0).write("12x2 needed", app.theme.style(Meaning::Text));
        return None;
    }
    if let Some(area) = areas.title {
        header::title(app, buffer, area);
    }
    let mut cursor = header::query(app, buffer, areas.query);
    rules(app, buffer, &areas);
    match app.screen() {
        Screen::Browse => {
            if let Some(area) = areas.facets {
                facets::facets(app, buffer, area);
            }
            if let Some(area) = areas.list {
                list::list(app, buffer, area);
            }
            if let Some(area) = areas.reading {
                let focused = app.browse.focus == Pane::Reading;
                reading::reading(app, &app.reader, buffer, area, focused);
            }
        }
        Screen::Read => {
            if let Some(area) = areas.reading {
                reading::reading(app, &app.reader, buffer, area, true);
            }
        }
        Screen::Beside => {
            strip::strip(app, buffer, &areas);
            for (column, area) in std::iter::once(areas.reading).chain(areas.beside).enumerate() {
                if let (Some(area), Some(reader)) = (area, app.column(column)) {
                    reading::reading(app, reader, buffer, area, app.facing() == column);
                }
            }
        }
        Screen::Runs => tables::runs(app, buffer, areas.body),
        Screen::Rejects => tables::rejects(app, buffer, areas.body),
        Screen::Prompt => tables::prompt(app, buffer, areas.body),
        Screen::Matrix => survey::matrix(app, buffer, areas.body),
        Screen::Plots => survey::plots(app, buffer, areas.body),
        Screen::Flips => survey::flips(app, buffer, areas.body),
    }
    if let Some(area) = areas.footer {
        footer::footer(app, buffer, area);
    }
    overlay::which_key(app, buffer, areas.whole);
    if let Some(place) = overlay::overlay(app, buffer, &areas) {
        cursor = Some(place);
    }
    overlay::toasts(app, buffer, areas.whole);
    if app.theme.glyphs == Glyphs::ASCII {
        paint::in_ascii(buffer);
    }
    cursor
}

/// The quiet lines between the parts.
fn rules(app: &App, buffer: &mut Buffer, areas: &Areas) {
    let glyphs = &app.theme.glyphs;
    let style = app.theme.style(Meaning::Rule);
    let horizontal = |buffer: &mut Buffer, area: Rect| {
        let line = glyphs.horizontal.repeat(usize::from(area.width));
        put_shown(buffer, area, area.x, area.y, &line, style);
    };
    for area in [areas.rule, areas.rule_below, areas.between].into_iter().flatten() {
        horizontal(buffer, area);
    }
    for x in areas.dividers.into_iter().flatten() {
        for y in areas.body.top()..areas.body.bottom() {
            put_shown(buffer, areas.whole, x, y, glyphs.vertical, style);
        }
        if let Some(rule) = areas.rule {
            put_shown(buffer, areas.whole, x, rule.y, glyphs.tee_down, style);
        }
        if let Some(rule) = areas.rule_below {
            put_shown(buffer, areas.whole, x, rule.y, glyphs.tee_up, style);
        }
    }
}
