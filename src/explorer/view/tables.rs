//! The smaller screens: runs, rejects, the prompt.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::super::app::App;
use super::super::app::tables::reject_rows;
use super::super::reader::MARGIN;
use super::super::theme::Meaning;
use super::paint::{Pen, bar, put_shown, wash};
use crate::library::{Field, Mean, Share, Unit};
use crate::text::width::{count, cut, cut_middle, width};
use crate::text::{Kind, View, pieces, visible};

/// The table of runs.
pub fn runs(app: &App, buffer: &mut Buffer, area: Rect) {
    let theme = &app.theme;
    let dim = theme.style(Meaning::Dim);
    let Some(found) = &app.found else {
        Pen::at(buffer, area, 0).skip(1).write("reading the files …", dim);
        return;
    };
    let names = found.library.runs();
    let widest =
        found.summaries.iter().map(|s| width(&visible(&names[s.run as usize].run.name))).max().unwrap_or(3);
    let wide = area.width >= 100;
    // Columns after the name: n, three shares, truncated, two lengths.
    let share = if wide { 14 } else { 6 };
    let fixed = 8 + 3 * (share + 1) + 11 + 2 * 8;
    let name = (area.width.saturating_sub(fixed + 3)).min(widest as u16).max(8);
    let mut pen = Pen::at(buffer, area, 0);
    pen.skip(3).cell("run", name, dim).number("n", 7, dim).skip(1);
    for title in ["HAcc", "SAcc", "correct"] {
        pen.skip(1).cell(title, share, dim);
    }
    pen.number("cut", 7, dim).number("trace", 8, dim).number("answer", 8, dim).skip(1).write("words", dim);
    if found.summaries.is_empty() {
        Pen::at(buffer, area, 1).skip(1).write("no run has a generation that fits the query", dim);
    }
    let rows = usize::from(area.height.saturating_sub(1));
    for (i, summary) in found.summaries.iter().enumerate().skip(app.runs.top).take(rows) {
        let y = 1 + (i - app.runs.top) as u16;
        let run = &names[summary.run as usize].run;
        if i == app.runs.cursor {
            let here = Rect { y: area.y + y, height: 1, ..area };
            wash(buffer, here, theme.style(Meaning::Selected));
        }
        let asked = app.ask.query.has(Field::Run, &run.name);
        let mut pen = Pen::at(buffer, area, y);
        pen.write(if i == app.runs.cursor { theme.glyphs.cursor } else { " " }, theme.style(Meaning::Accent));
        pen.write(if asked { theme.glyphs.chosen } else { " " }, theme.style(Meaning::Accent)).skip(1);
        let plain = ratatui::style::Style::new();
        pen.cell(&cut_middle(&visible(&run.name), name.into()), name, plain);
        pen.number(&count(summary.n as usize), 7, plain).skip(1);
        let shares = [
            (summary.hacc.value(), known(summary.hacc, summary.n)),
            (summary.sacc.value(), f64::from(summary.sacc.n) / f64::from(summary.n.max(1))),
            (summary.correct.value(), known(summary.correct, summary.n)),
        ];
        for (value, known) in shares {
            pen.skip(1);
            let start = pen.x;
            match value {
                Some(value) => {
                    // A share of few of many is marked: what is not known is not a failure.
                    let flag = if known < 0.995 { theme.glyphs.unknown } else { " " };
                    pen.write(&format!("{:>4.1}", value * 100.0), plain)
                        .write(flag, theme.style(Meaning::Warn));
                    if wide {
                        pen.write(&bar(value, share - 6, &theme.glyphs), theme.style(Meaning::Bar));
                    }
                }
                None => {
                    pen.write(&format!("   {}", theme.glyphs.none), dim);
                }
            }
            pen.x = start + share;
        }
        let truncated = f64::from(summary.truncated) / f64::from(summary.n.max(1)) * 100.0;
        let style = theme.style(if truncated >= 5.0 { Meaning::Warn } else { Meaning::Dim });
        pen.number(&format!("{truncated:.1}"), 7, if i == app.runs.cursor { plain } else { style });
        for mean in [summary.trace_in(Unit::Words), summary.answer_in(Unit::Words)] {
            pen.number(&length(mean, theme.glyphs.none), 8, if i == app.runs.cursor { plain } else { dim });
        }
    }
    let below = found.summaries.len() as u16 + 2;
    if below + 3 < area.height {
        let notes = [
            "per cent of the generations selected by the query; lengths are means in words",
            "HAcc: all constraints followed   SAcc: mean share followed   correct: final answer right   cut: truncated",
        ];
        for (i, note) in notes.iter().enumerate() {
            Pen::at(buffer, area, below + i as u16).skip(3).write(note, dim);
        }
    }
}

fn known(share: Share, n: u32) -> f64 {
    f64::from(share.yes + share.no) / f64::from(n.max(1))
}

fn length(mean: Mean, none: &str) -> String {
    match mean.value() {
        Some(value) if value > 0.0 => count(value.round() as usize),
        _ => none.to_owned(),
    }
}

/// What could not be read: where and why.
pub fn rejects(app: &App, buffer: &mut Buffer, area: Rect) {
    let theme = &app.theme;
    let dim = theme.style(Meaning::Dim);
    let rejects = app.library.rejects();
    if rejects.is_empty() {
        let words = if app.build.running.is_some() { "nothing so far" } else { "everything could be read" };
        Pen::at(buffer, area, 0).skip(1).write(words, theme.style(Meaning::Good));
        return;
    }
    let rows = usize::from(reject_rows(area.height));
    for (i, reject) in rejects.iter().enumerate().skip(app.rejects.top).take(rows.max(1)) {
        let y = 2 * (i - app.rejects.top) as u16;
        let here = i == app.rejects.cursor;
        if here {
            wash(
                buffer,
                Rect { y: area.y + y, height: 2, ..area }.intersection(area),
                theme.style(Meaning::Selected),
            );
        }
        let place = if reject.line == 0 {
            reject.path.display().to_string()
        } else {
            format!("{}:{}:{}", reject.path.display(), reject.line, reject.byte)
        };
        let quiet = if here { ratatui::style::Style::new() } else { dim };
        let mut pen = Pen::at(buffer, area, y);
        pen.write(if here { theme.glyphs.cursor } else { " " }, theme.style(Meaning::Accent)).skip(1);
        pen.cell(reject.kind.name(), 16, theme.style(Meaning::Warn));
        let room = usize::from(pen.left().saturating_sub(1));
        pen.write(&cut_middle(&visible(&place), room), quiet);
        let mut pen = Pen::at(buffer, area, y + 1);
        pen.skip(2);
        let room = usize::from(pen.left().saturating_sub(1));
        pen.write(&cut(&visible(&reject.message), room), ratatui::style::Style::new());
    }
}

/// A prompt.
pub fn prompt(app: &App, buffer: &mut Buffer, area: Rect) {
    let theme = &app.theme;
    let page = &app.prompt;
    Pen::at(buffer, area, 0).skip(1).write(&page.title, theme.style(Meaning::Dim));
    let Some(wrap) = &page.wrap else { return };
    let area = Rect { y: area.y + 2, height: area.height.saturating_sub(2), ..area };
    for y in 0..area.height {
        let number = page.scroll + usize::from(y);
        if number >= wrap.len() {
            break;
        }
        let mut x = area.x + MARGIN;
        for piece in pieces(&page.text, wrap.row(number), View::default()) {
            let (shown, style) = match piece.kind {
                Kind::Newline => continue,
                Kind::Tab => ("    ", ratatui::style::Style::new()),
                Kind::Control | Kind::Hidden => (&*piece.shown, theme.style(Meaning::Badge)),
                _ => (&*piece.shown, ratatui::style::Style::new()),
            };
            x = put_shown(buffer, area, x, area.y + y, shown, style);
        }
    }
}
