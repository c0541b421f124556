//! What lies over a screen: choices of the query line, palette, help, views, begun chords, messages.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::super::app::overlay::{HelpRow, Writing, row_named};
use super::super::app::{App, Areas, Overlay};
use super::super::theme::Meaning;
use super::header;
use super::paint::{Pen, clear, put_shown, wash};
use crate::text::visible;
use crate::text::width::{cut, width};

/// Draws what lies over the screen; gives the place of the cursor.
pub fn overlay(app: &App, buffer: &mut Buffer, areas: &Areas) -> Option<(u16, u16)> {
    let whole = areas.whole;
    match app.overlay.as_ref()? {
        Overlay::Query(line) => {
            let rows: Vec<_> =
                line.choices.iter().map(|c| (c.text.trim_end().to_owned(), c.about.clone(), false)).collect();
            let mut top = areas.query.bottom();
            if let Some(error) = line.error.as_ref().filter(|_| top < areas.whole.height) {
                let row = Rect { y: top, height: 1, ..areas.whole };
                caret(app, buffer, row, header::column_of(app, line, areas.query, error.at), &error.message);
                top += 1;
            }
            let height = (rows.len() as u16 + 1).min(areas.whole.height.saturating_sub(top + 1));
            if !rows.is_empty() && height > 1 {
                let area = Rect { x: 1, y: top, width: areas.whole.width.saturating_sub(2).min(78), height };
                clear(buffer, area, app.theme.style(Meaning::Text));
                choices(app, buffer, area, &rows, line.writing.chosen, usize::from(height - 1));
                let rule = app.theme.glyphs.horizontal.repeat(usize::from(area.width));
                put_shown(buffer, area, area.x, area.bottom() - 1, &rule, app.theme.style(Meaning::Rule));
            }
            None
        }
        Overlay::Palette(writing) if row_named(writing.line.text()).is_some() => {
            let rows = [("Go to this row of the list".to_owned(), String::new(), false)];
            Some(panel(app, buffer, whole, "actions", writing, &rows))
        }
        Overlay::Palette(writing) => {
            let rows: Vec<_> = app
                .offers()
                .into_iter()
                .map(|o| {
                    let why = o.not_now.map_or(String::new(), |why| format!("  ({why})"));
                    (format!("{}{why}", o.action.about()), o.keys, o.not_now.is_some())
                })
                .collect();
            Some(panel(app, buffer, whole, "actions", writing, &rows))
        }
        Overlay::Views(writing) => {
            let mut rows: Vec<_> =
                app.views().into_iter().map(|(name, view)| (name, view.query, false)).collect();
            if rows.is_empty() {
                let key = app.keymap.key_of(&app.layers_below(), super::super::action::Action::SaveView);
                let how = format!("no view is saved; {} saves this one", key.unwrap_or_default());
                rows.push((how, String::new(), true));
            }
            Some(panel(app, buffer, whole, "saved views", writing, &rows))
        }
        Overlay::Name(writing) => {
            let query = app.ask.query.to_string();
            let shown = if query.is_empty() { "everything".to_owned() } else { query };
            Some(panel(app, buffer, whole, "save this view as", writing, &[(shown, String::new(), true)]))
        }
        Overlay::Note(writing, on) => {
            let shown = on.key.clone();
            Some(panel(
                app,
                buffer,
                whole,
                "note on this generation",
                writing,
                &[(shown, String::new(), true)],
            ))
        }
        Overlay::NameTag(writing) => {
            let mut rows = vec![("digit, then name: 3 wrong split".to_owned(), String::new(), true)];
            let names = app.triage.ledger.names.iter();
            rows.extend(names.map(|(tag, name)| (format!("{tag} {name}"), String::new(), true)));
            Some(panel(app, buffer, whole, "name a tag", writing, &rows))
        }
        Overlay::Help(writing) => Some(help(app, buffer, whole, writing)),
    }
}

/// What is wrong with a query, below the place where it is.
fn caret(app: &App, buffer: &mut Buffer, row: Rect, column: Option<u16>, message: &str) {
    let theme = &app.theme;
    clear(buffer, row, theme.style(Meaning::Text));
    let (message, bad) = (visible(message), theme.style(Meaning::Bad));
    let column = column.filter(|&x| x < row.right());
    let Some(x) = column else {
        Pen::at(buffer, row, 0).skip(1).write(&cut(&message, usize::from(row.width.saturating_sub(2))), bad);
        return;
    };
    put_shown(buffer, row, x, row.y, theme.glyphs.mark, bad);
    let (left, right) = (usize::from(x).saturating_sub(2), usize::from(row.right() - x).saturating_sub(3));
    let mut pen = Pen::at(buffer, row, 0);
    if width(&message) <= right || left < right {
        pen.skip(x + 2).write(&cut(&message, right), bad);
    } else {
        let shown = cut(&message, left);
        pen.skip((left - width(&shown)) as u16 + 1).write(&shown, bad);
    }
}

/// What the edge of a box leaves, with a column to spare on both sides.
fn inside(area: Rect) -> Rect {
    Rect {
        x: area.x + 2,
        y: area.y + 1,
        width: area.width.saturating_sub(4),
        height: area.height.saturating_sub(2),
    }
}

/// A box in the middle with a line to type into and rows to choose from.
fn panel(
    app: &App,
    buffer: &mut Buffer,
    whole: Rect,
    title: &str,
    writing: &Writing,
    rows: &[(String, String, bool)],
) -> (u16, u16) {
    let theme = &app.theme;
    let (columns, lines) = (whole.width, whole.height);
    let width_of = columns.min(76.max(columns / 2)).min(columns);
    let height = (rows.len() as u16 + 3).min(lines.saturating_sub(2).max(lines.min(3))).min(24);
    let area = Rect {
        x: (columns - width_of) / 2,
        y: (lines.saturating_sub(height) / 3).min(lines),
        width: width_of,
        height,
    };
    clear(buffer, area, theme.style(Meaning::Text));
    edge(app, buffer, area, title);
    let inner = inside(area);
    let cursor = typed(app, buffer, inner, writing);
    let below = Rect { y: inner.y + 1, height: inner.height.saturating_sub(1), ..inner };
    choices(app, buffer, below, rows, Some(writing.chosen.unwrap_or(0)), usize::from(below.height));
    cursor
}

/// The line being typed.
fn typed(app: &App, buffer: &mut Buffer, area: Rect, writing: &Writing) -> (u16, u16) {
    let theme = &app.theme;
    let mut pen = Pen::at(buffer, area, 0);
    pen.write("> ", theme.style(Meaning::Key));
    let (shown, column) = writing.line.window(usize::from(pen.left()).saturating_sub(1));
    let x = pen.x + column as u16;
    pen.write(&shown, theme.style(Meaning::Text));
    (x.min(area.right().saturating_sub(1)), area.y)
}

/// Rows to choose from: words at the left, keys or counts at the right.
fn choices(
    app: &App,
    buffer: &mut Buffer,
    area: Rect,
    rows: &[(String, String, bool)],
    chosen: Option<usize>,
    fit: usize,
) {
    let theme = &app.theme;
    let first = chosen.map_or(0, |c| (c + 1).saturating_sub(fit));
    for (i, (left, right, off)) in rows.iter().enumerate().skip(first).take(fit) {
        let y = (i - first) as u16;
        let here = Rect { y: area.y + y, height: 1, ..area };
        let is_chosen = chosen == Some(i);
        if is_chosen {
            wash(buffer, here, theme.style(Meaning::Selected));
        }
        let style = if *off { theme.style(Meaning::Dim) } else { ratatui::style::Style::new() };
        let quiet = if is_chosen { ratatui::style::Style::new() } else { theme.style(Meaning::Dim) };
        let mut pen = Pen::at(buffer, here, 0);
        let aside = width(&visible(right)).min(usize::from(area.width) / 2);
        let room = usize::from(area.width).saturating_sub(aside + 3);
        pen.skip(1).write(&cut(&visible(left), room), style);
        pen.right(&format!("{} ", cut(&visible(right), aside)), quiet);
    }
}

/// A frame with a title.
fn edge(app: &App, buffer: &mut Buffer, area: Rect, title: &str) {
    let theme = &app.theme;
    let rule = theme.style(Meaning::Rule);
    let ascii = theme.glyphs.vertical == "|";
    let corners = if ascii { ["+", "+", "+", "+"] } else { ["╭", "╮", "╰", "╯"] };
    if area.width < 2 || area.height < 2 {
        return;
    }
    let line = theme.glyphs.horizontal.repeat(usize::from(area.width - 2));
    let (right, bottom) = (area.right() - 1, area.bottom() - 1);
    put_shown(buffer, area, area.x + 1, area.y, &line, rule);
    put_shown(buffer, area, area.x + 1, bottom, &line, rule);
    for (x, y, corner) in [(area.x, area.y, 0), (right, area.y, 1), (area.x, bottom, 2), (right, bottom, 3)] {
        put_shown(buffer, area, x, y, corners[corner], rule);
    }
    for y in area.y + 1..bottom {
        put_shown(buffer, area, area.x, y, theme.glyphs.vertical, rule);
        put_shown(buffer, area, right, y, theme.glyphs.vertical, rule);
    }
    let mut pen = Pen::at(buffer, area, 0);
    pen.skip(2).write(&format!(" {title} "), theme.style(Meaning::Focus));
}

fn help(app: &App, buffer: &mut Buffer, whole: Rect, writing: &Writing) -> (u16, u16) {
    let theme = &app.theme;
    let (columns, lines) = (whole.width, whole.height);
    let area = Rect {
        x: columns.saturating_sub(columns.min(100)) / 2,
        y: u16::from(lines > 12),
        width: columns.min(100),
        height: lines.saturating_sub(if lines > 12 { 2 } else { 0 }),
    };
    clear(buffer, area, theme.style(Meaning::Text));
    edge(app, buffer, area, "help");
    let inner = inside(area);
    let cursor = typed(app, buffer, inner, writing);
    let body = Rect { y: inner.y + 2, height: inner.height.saturating_sub(2), ..inner };
    let rows = app.help(columns);
    if rows.is_empty() {
        Pen::at(buffer, body, 0).write("no key and no action is called that", theme.style(Meaning::Dim));
    }
    let keys_width = (inner.width / 3).clamp(8, 22);
    let last = rows.len().saturating_sub(usize::from(body.height));
    let first = writing.chosen.unwrap_or(0).min(last);
    for (y, row) in rows.iter().skip(first).take(usize::from(body.height)).enumerate() {
        let mut pen = Pen::at(buffer, body, y as u16);
        match row {
            HelpRow::Heading(text) => {
                pen.write(&text.to_uppercase(), theme.style(Meaning::Title));
            }
            HelpRow::Words(text) => {
                pen.write(&cut(text, usize::from(body.width)), theme.style(Meaning::Text));
            }
            HelpRow::Keys { keys, action } => {
                let off = app.can(*action).err();
                pen.number(keys, keys_width, theme.style(Meaning::Key)).skip(2);
                let room = usize::from(pen.left());
                let style = theme.style(if off.is_some() { Meaning::Dim } else { Meaning::Text });
                pen.write(&cut(action.about(), room), style);
            }
            HelpRow::Blank => {}
        }
    }
    if last > 0 {
        let shown = format!(" {}% ", (first * 100).checked_div(last).unwrap_or(100));
        let bottom = Rect { y: area.bottom() - 1, height: 1, width: area.width.saturating_sub(2), ..area };
        Pen::at(buffer, bottom, 0).right(&shown, theme.style(Meaning::Dim));
    }
    cursor
}

/// The box of a begun chord: what can come next.
pub fn which_key(app: &App, buffer: &mut Buffer, whole: Rect) {
    if app.pressed.is_empty() {
        return;
    }
    let theme = &app.theme;
    let (columns, lines) = (whole.width, whole.height);
    let next = app.keymap.continuations(&app.layers(), &app.pressed);
    let label = app.keymap.label(&app.pressed);
    let per_column = next.len().min(usize::from(lines.saturating_sub(4)).clamp(1, 12)) as u16;
    let area = Rect {
        x: columns.saturating_sub(columns.min(60)),
        y: lines.saturating_sub(per_column + 3),
        width: columns.min(60),
        height: per_column + 2,
    };
    clear(buffer, area, theme.style(Meaning::Text));
    let keys = super::super::keymap::show_keys(&app.pressed);
    edge(app, buffer, area, &format!("{keys}  {label}"));
    for (y, (key, action)) in next.iter().take(usize::from(per_column)).enumerate() {
        let inner = Rect { x: area.x + 2, width: area.width.saturating_sub(4), ..area };
        let mut pen = Pen::at(buffer, inner, 1 + y as u16);
        pen.number(&key.to_string(), 5, theme.style(Meaning::Key)).skip(2);
        let (words, meaning) = match action {
            Some(action) if app.can(*action).is_err() => (action.about(), Meaning::Dim),
            Some(action) => (action.about(), Meaning::Text),
            None => ("…", Meaning::Dim),
        };
        let room = usize::from(pen.left());
        pen.write(&cut(words, room), theme.style(meaning));
    }
}

/// Messages, over the footer at the right.
pub fn toasts(app: &App, buffer: &mut Buffer, whole: Rect) {
    let theme = &app.theme;
    let (columns, lines) = (whole.width, whole.height);
    let mut y = lines.saturating_sub(if lines >= 7 { 2 } else { 1 });
    for toast in app.toasts.iter().rev() {
        let text = cut(&visible(&toast.text), usize::from(columns.saturating_sub(4)));
        let wide = width(&text) as u16 + 2;
        let area = Rect { x: columns.saturating_sub(wide + 1), y, width: wide.min(columns), height: 1 };
        let style = theme.style(if toast.bad { Meaning::ToastBad } else { Meaning::Toast });
        clear(buffer, area, style);
        Pen::at(buffer, area, 0).skip(1).write(&text, style);
        if y == 0 {
            break;
        }
        y -= 1;
    }
}
