//! The two lines at the top: what is open, and what is asked of it.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::super::action::Action;
use super::super::app::overlay::QueryLine;
use super::super::app::{App, Overlay, Screen};
use super::super::theme::Meaning;
use super::paint::{Pen, thin_bar};
use crate::library::{Scan, Sort, SortKey};
use crate::text::visible;
use crate::text::width::{count, cut, width};

/// The title: library, size, the way here, and what goes on.
pub fn title(app: &App, buffer: &mut Buffer, area: Rect) {
    let theme = &app.theme;
    let (dim, dot) = (theme.style(Meaning::Dim), theme.glyphs.dot);
    let plus = if app.build.running.is_some() { "+" } else { "" };
    let runs = app.library.live_runs().count();
    let right = right_side(app);
    let room = usize::from(area.width).saturating_sub(width(&right) + 3);
    let mut pen = Pen::at(buffer, area, 0);
    let way: Vec<&str> = app.screens.iter().skip(1).map(|s| s.name()).collect();
    let long = |way: &[&str]| way.iter().map(|name| width(name) + 3).sum::<usize>();
    let last = long(&way[way.len().saturating_sub(1)..]);
    let name = cut(&app.name, (room / 2).max(8));
    // By which rule everything is judged is worth more than what is open.
    let named = way.is_empty() || 1 + width(&name) + last + if way.len() > 1 { 4 } else { 0 } <= room;
    pen.skip(1).write(if named { &name } else { "…" }, theme.style(Meaning::Title));
    let facts = format!(
        " {dot} {runs} run{} {dot} {}{plus} generations",
        if runs == 1 { "" } else { "s" },
        count(app.library.len()),
    );
    // Where one is matters most, then the way here, then how much there is.
    let left = room.saturating_sub(usize::from(pen.x));
    if width(&facts) + long(&way) < left || width(&facts) + last + 4 < left {
        pen.write(&facts, dim);
    }
    let left = room.saturating_sub(usize::from(pen.x));
    let mut from = 0;
    while from + 1 < way.len() && long(&way[from..]) + if from > 0 { 4 } else { 0 } >= left {
        from += 1;
    }
    if from > 0 && named {
        pen.write(" › …", dim);
    }
    for name in &way[from..] {
        pen.write(" › ", dim).write(name, theme.style(Meaning::Accent));
    }
    // Narrow columns side by side name their runs alone: the item of all of them stands here.
    if let (Screen::Beside, Some(document)) = (app.screen(), app.reader.document()) {
        let item = format!(" {dot} {}", visible(&document.record.item.id));
        if width(&item) + usize::from(pen.x) < room + 2 {
            pen.write(&item, dim);
        }
    }
    pen.right(&right, dim);
}

/// What goes on, or by which rule everything is judged.
fn right_side(app: &App) -> String {
    let theme = &app.theme;
    if let Some(progress) = &app.build.running {
        let (done, total) = progress.bytes;
        let share = if total > 0 { done as f64 / total as f64 } else { 0.0 };
        let (drawn, rest) = thin_bar(share, 10, &theme.glyphs);
        let phase = if progress.phase.is_empty() { "reading" } else { progress.phase };
        return format!("{phase} {drawn}{rest} {:>3.0}% ", share * 100.0);
    }
    let rejects = app.library.rejects().len();
    let rejected =
        if rejects > 0 { format!("{rejects} unreadable {} ", theme.glyphs.dot) } else { String::new() };
    format!("{rejected}judged: {} ", app.judged.name())
}

/// The query line. Gives the place of the cursor while it is written.
pub fn query(app: &App, buffer: &mut Buffer, area: Rect) -> Option<(u16, u16)> {
    let theme = &app.theme;
    let mut pen = Pen::at(buffer, area, 0);
    if let Some(Overlay::Query(line)) = &app.overlay {
        pen.write(" / ", theme.style(Meaning::Key));
        let (said, meaning) = aside(app, line, area);
        let (shown, column) = line.writing.line.window(room_of(area, &said));
        let start = pen.x;
        pen.write(&shown, theme.style(Meaning::Text));
        if !said.is_empty() {
            pen.right(&said, theme.style(meaning));
        }
        return Some((start + column as u16, area.y));
    }
    let all = app.found.as_ref().map_or(app.library.len(), |f| f.library.len());
    let waiting = if app.ask.waiting { "+" } else { "" };
    let listed = app.found.as_ref().filter(|f| !f.samples.is_empty()).map(|f| f.samples.len());
    let found = app.found.as_ref().map_or(0, |f| f.selection.count());
    let counted = if let Some(scan) = app.ask.scanning {
        let stop = app.keymap.key_of(&app.layers_below(), Action::Back).unwrap_or_default();
        let stops = format!("{}, {stop} stops ", scanned(app, scan));
        if width(&stops) + 12 < usize::from(area.width) { stops } else { format!("{:.0}% ", share(scan)) }
    } else if area.width < 44 && !app.ask.query.is_empty() {
        format!("{}{waiting}/{} ", count(found), count(all))
    } else if app.ask.query.is_empty() {
        format!("{}{waiting} ", count(found))
    } else {
        let share = if all > 0 { found as f64 * 100.0 / all as f64 } else { 0.0 };
        let dot = theme.glyphs.dot;
        let hits = app.passages.hits.filter(|_| !app.ask.waiting && area.width >= 60);
        let hits = hits.map_or(String::new(), |n| format!("{dot} {} hits ", count(n as usize)));
        // No column bears the arrow of this order.
        let order = match app.ask.sort {
            Sort { key: SortKey::Relevance, .. } if area.width < 60 || !app.shows_passages() => String::new(),
            Sort { key: SortKey::Relevance, descending: false } => format!("{dot} by relevance "),
            Sort { key: SortKey::Relevance, descending: true } => format!("{dot} least relevant first "),
            _ => String::new(),
        };
        format!("{}{waiting} of {} {dot} {share:.1}% {hits}{order}", count(found), count(all))
    };
    // Folded, the rows of the list are fewer than what was found.
    let counted = match listed {
        Some(rows) if area.width >= 60 => format!("{} rows {} {counted}", count(rows), theme.glyphs.dot),
        _ => counted,
    };
    let room = usize::from(area.width).saturating_sub(width(&counted) + 4);
    pen.write(&format!(" {} ", theme.glyphs.cursor), theme.style(Meaning::Accent));
    if app.ask.query.is_empty() {
        let key = app.keymap.key_of(&app.layers_below(), Action::EditQuery);
        let hint = match (key, app.screen()) {
            (Some(key), Screen::Browse) => format!("everything   {key} writes a query"),
            _ => "everything".to_owned(),
        };
        let short = if width(&hint) > room { "everything".to_owned() } else { hint };
        pen.write(&cut(&short, room), theme.style(Meaning::Dim));
    } else {
        pen.write(&cut(&visible(&app.ask.query.to_string()), room), theme.style(Meaning::Title));
    }
    pen.right(&counted, theme.style(if app.ask.query.is_empty() { Meaning::Dim } else { Meaning::Accent }));
    None
}

/// What stands at the right of a query while it is written; nothing where there is no room.
fn aside(app: &App, line: &QueryLine, area: Rect) -> (String, Meaning) {
    let (said, meaning) = match (&line.meant, line.count, line.scanning) {
        _ if line.error.is_some() => (String::new(), Meaning::Dim),
        (Some(meant), ..) => {
            let key = app.keymap.key_of(&app.layers(), Action::Complete).unwrap_or_default();
            (format!("did you mean {}? {key} ", visible(meant)), Meaning::Warn)
        }
        (None, Some(n), _) => (format!("{} of {} ", count(n), count(app.library.len())), Meaning::Dim),
        (None, None, Some(scan)) => (format!("{} ", scanned(app, scan)), Meaning::Dim),
        (None, None, None) => (String::new(), Meaning::Dim),
    };
    let fits = width(&said) + 20 < usize::from(area.width).saturating_sub(4);
    (if fits { said } else { String::new() }, meaning)
}

/// Columns for the query beside what is said of it.
fn room_of(area: Rect, said: &str) -> usize {
    let aside = if said.is_empty() { 0 } else { width(said) + 1 };
    usize::from(area.width).saturating_sub(4 + aside)
}

/// The column of the screen at which a byte of the query being written is drawn, if it is in sight.
pub fn column_of(app: &App, line: &QueryLine, area: Rect, byte: usize) -> Option<u16> {
    let (text, before) = (line.writing.line.text(), line.writing.line.before());
    let room = room_of(area, &aside(app, line, area).0);
    let first = width(&visible(before)) - line.writing.line.window(room).1;
    let column = width(&visible(text.get(..byte)?)).checked_sub(first)?;
    (column <= room).then_some(area.x + 3 + column as u16)
}

/// How far the reading of text is that the index knows nothing of.
fn scanned(app: &App, scan: Scan) -> String {
    let why = if app.library.text_rows() < app.library.len() { "not indexed yet: " } else { "" };
    let bytes = scan.total as f64;
    let size = if bytes < 1e9 { format!("{:.0} MB", bytes / 1e6) } else { format!("{:.1} GB", bytes / 1e9) };
    format!("{why}reading {size}, {:.0}%", share(scan))
}

fn share(scan: Scan) -> f64 {
    scan.done as f64 * 100.0 / scan.total.max(1) as f64
}
