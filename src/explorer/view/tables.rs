//! The smaller screens: runs, rejects, the prompt.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::super::app::App;
use super::super::app::tables::reject_rows;
use super::super::reader::MARGIN;
use super::super::theme::Meaning;
use super::paint::{Pen, put_shown, thin_bar, wash};
use crate::analysis::LEVEL;
use crate::analysis::interval::wilson;
use crate::library::{Field, Mean, Share, Unit};
use crate::path::shown;
use crate::text::width::{count, cut, cut_middle, width};
use crate::text::{Kind, View, pieces, visible};

/// The table of runs.
pub fn runs(app: &App, buffer: &mut Buffer, area: Rect) {
    let theme = &app.theme;
    let dim = theme.style(Meaning::Dim);
    let Some(figures) = &app.figures else {
        let waits = if app.found.is_some() { "counting …" } else { "reading the files …" };
        Pen::at(buffer, area, 0).skip(1).write(waits, dim);
        return;
    };
    let names = figures.library.runs();
    let widest =
        figures.summaries.iter().map(|s| width(&visible(&names[s.run as usize].run.name))).max().unwrap_or(3);
    let wide = area.width >= 110;
    // Columns after the name: n, three shares, truncated, two lengths.
    let share = if wide { 20 } else { 6 + u16::from(area.width >= 70) };
    let fixed = 8 + 3 * (share + 1) + 7 + 2 * 8;
    let name = (area.width.saturating_sub(fixed + 4)).min(widest as u16).max(8);
    let mut pen = Pen::at(buffer, area, 0);
    pen.skip(3).cell("run", name, dim).number("n", 7, dim).skip(1);
    for title in ["HAcc", "SAcc", if share > 6 { "correct" } else { "right" }] {
        pen.skip(1).cell(title, share, dim);
    }
    pen.number("cut", 7, dim).number("trace", 8, dim).number("answer", 8, dim);
    if figures.summaries.is_empty() {
        Pen::at(buffer, area, 1).skip(1).write("no run has a generation that fits the query", dim);
    }
    let rows = usize::from(area.height.saturating_sub(1));
    for (i, summary) in figures.summaries.iter().enumerate().skip(app.runs.top).take(rows) {
        let y = 1 + (i - app.runs.top) as u16;
        let run = &names[summary.run as usize].run;
        let under = i == app.runs.cursor;
        if under {
            let here = Rect { y: area.y + y, height: 1, ..area };
            wash(buffer, here, theme.style(Meaning::Selected));
        }
        let style = |meaning| if under && theme.reverses() { Style::new() } else { theme.style(meaning) };
        let quiet = if under { Style::new() } else { dim };
        let asked = app.ask.query.has(Field::Run, &run.name);
        let mut pen = Pen::at(buffer, area, y);
        pen.write(if under { theme.glyphs.cursor } else { " " }, style(Meaning::Accent));
        // A chosen run bears the letter that it will have side by side.
        let letter = app.chosen.iter().position(|c| *c == run.name).and_then(|at| "ABCD".get(at..=at));
        let sign = letter.unwrap_or(if asked { theme.glyphs.chosen } else { " " });
        pen.write(sign, style(Meaning::Accent)).skip(1);
        let plain = Style::new();
        pen.cell(&cut_middle(&visible(&run.name), name.into()), name, plain);
        pen.number(&count(summary.n as usize), 7, plain).skip(1);
        for value in [counted(summary.hacc), mean(summary.sacc), counted(summary.correct)] {
            pen.skip(1);
            let start = pen.x;
            match value {
                Some(value) => {
                    // A share of few of many is marked: what is not known is not a failure.
                    let flag = if value.unknown > 0 { theme.glyphs.unknown } else { " " };
                    pen.write(&format!("{:>5.1}", value.share * 100.0), plain);
                    if wide {
                        match value.interval {
                            Some((low, high)) => {
                                pen.write(&format!(" {low:>5.1}–{high:<5.1}"), quiet);
                            }
                            None => {
                                pen.skip(2)
                                    .write(&thin_bar(value.share, 8, &theme.glyphs).0, style(Meaning::Bar));
                            }
                        }
                    }
                    pen.write(flag, style(Meaning::Warn));
                }
                None => {
                    pen.write(&format!("    {}", theme.glyphs.none), quiet);
                }
            }
            pen.x = start + share;
        }
        let truncated = f64::from(summary.truncated) / f64::from(summary.n.max(1)) * 100.0;
        let cut_style = if truncated >= 5.0 { style(Meaning::Warn) } else { quiet };
        pen.number(&format!("{truncated:.1}"), 7, cut_style);
        for mean in [summary.trace_in(Unit::Words), summary.answer_in(Unit::Words)] {
            pen.number(&length(mean, theme.glyphs.none), 8, quiet);
        }
    }
    let below = figures.summaries.len() as u16 + 2;
    let notes = [
        "HAcc: all constraints followed, in per cent, with its 95% interval (Wilson)",
        "SAcc: mean share of constraints followed   correct: final answer right   cut: truncated",
        "trace, answer: mean lengths in words   ?: some are not known and left out of the share",
        "all of it over the generations that the query selects",
    ];
    if usize::from(below) + notes.len() < usize::from(area.height) {
        for (i, note) in notes.iter().enumerate() {
            Pen::at(buffer, area, below + i as u16).skip(3).write(note, dim);
        }
    }
}

/// A share as it is shown.
struct Shown {
    share: f64,
    /// Ends of the interval, in per cent.
    interval: Option<(f64, f64)>,
    unknown: u32,
}

fn counted(share: Share) -> Option<Shown> {
    let n = u64::from(share.yes + share.no);
    let interval = wilson(u64::from(share.yes), n, LEVEL).map(|i| (i.low * 100.0, i.high * 100.0));
    Some(Shown { share: share.value()?, interval, unknown: share.unknown })
}

fn mean(mean: Mean) -> Option<Shown> {
    Some(Shown { share: mean.value()?, interval: None, unknown: mean.unknown })
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
            shown(&reject.path)
        } else {
            format!("{}:{}:{}", shown(&reject.path), reject.line, reject.byte)
        };
        let quiet = if here { Style::new() } else { dim };
        let mut pen = Pen::at(buffer, area, y);
        pen.write(if here { theme.glyphs.cursor } else { " " }, theme.style(Meaning::Accent)).skip(1);
        pen.cell(reject.kind.name(), 16, theme.style(Meaning::Warn));
        let room = usize::from(pen.left().saturating_sub(1));
        pen.write(&cut_middle(&visible(&place), room), quiet);
        let mut pen = Pen::at(buffer, area, y + 1);
        pen.skip(2);
        let room = usize::from(pen.left().saturating_sub(1));
        pen.write(&cut(&visible(&reject.message), room), Style::new());
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
                Kind::Tab => ("    ", Style::new()),
                Kind::Control | Kind::Hidden => (&*piece.shown, theme.style(Meaning::Badge)),
                _ => (&*piece.shown, Style::new()),
            };
            x = put_shown(buffer, area, x, area.y + y, shown, style);
        }
    }
}
