//! The list of generations: who, what, which constraint broke, how long.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

use super::super::app::browse::list_rows;
use super::super::app::{Action, App, Pane};
use super::super::jobs::Found;
use super::super::theme::{Meaning, Theme};
use super::paint::{Pen, wash};
use super::sign::sign;
use crate::config::ListColumn;
use crate::failure::Mode;
use crate::library::{Row, Samples, Share, SortKey};
use crate::text::width::{count, cut, cut_middle, width};
use crate::text::{View, Wrap, visible};

/// Columns of the list at a width.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Columns {
    run: u16,
    item: u16,
    constraints: u16,
    ok: u16,
    trace: u16,
    answer: u16,
    modes: u16,
    /// The passage around the first hit, where it stands in the line.
    passage: u16,
}

impl Columns {
    /// Divides a width among what is there to show: the verdicts stay to the last.
    fn of(app: &App, total: u16, lines: &[Listed<'_>]) -> Self {
        let Some(found) = &app.found else {
            return Self { item: total, ..Self::default() };
        };
        let widest = |f: &dyn Fn(&Listed<'_>) -> usize| lines.iter().map(f).max().unwrap_or(0) as u16;
        let length = |f: &dyn Fn(&Row<'_>) -> u32| widest(&|l| count(f(&l.row) as usize).len());
        let any_trace = lines.iter().any(|l| l.row.trace().chars > 0);
        let shown = |column| app.browse.columns.as_ref().is_none_or(|all| all.contains(&column));
        let constraints = (widest(&|l| l.row.constraints().len()).clamp(1, 4) * 3).saturating_sub(1).max(3);
        // Folded samples are counted: `1/4` in place of a sign.
        let counted = |share: &dyn Fn(&Samples) -> Share| {
            widest(&|l| l.samples.map_or(0, |s| width(&of_known(share(s), app))))
        };
        let (folded_followed, folded_ok) = (counted(&|s| s.followed), counted(&|s| s.correct));
        // A heading that bears the arrow of the order needs a column more.
        let key = app.ask.sort.key;
        let arrow = |sorted: bool| u16::from(sorted);
        let mut columns = Self {
            run: widest(&|l| width(&visible(&l.row.run().run.name))).clamp(4, 26),
            item: widest(&|l| width(&visible(&item_name(app, l)))).clamp(4, 24),
            constraints: constraints.max(folded_followed),
            ok: (2 + arrow(key == SortKey::Correct)).max(folded_ok),
            trace: if any_trace {
                length(&|r| r.trace().words).max(5 + arrow(matches!(key, SortKey::Trace(_))))
            } else {
                0
            },
            answer: length(&|r| r.answer().words).max(6 + arrow(matches!(key, SortKey::Answer(_)))),
            modes: 0,
            passage: 0,
        };
        let wanted = (columns.run, columns.item);
        let several_runs = found.library.live_runs().nth(1).is_some();
        for (column, is_shown) in [
            (&mut columns.run, several_runs && shown(ListColumn::Run)),
            (&mut columns.constraints, shown(ListColumn::Verdicts)),
            (&mut columns.ok, shown(ListColumn::Ok)),
            (&mut columns.trace, shown(ListColumn::Trace)),
            (&mut columns.answer, shown(ListColumn::Answer)),
        ] {
            if !is_shown {
                *column = 0;
            }
        }
        let inline = app.passages_inline(total);
        if inline {
            // Names are known by a part; where the words are is what was asked.
            (columns.run, columns.item) = (columns.run.min(14), columns.item.min(16));
            (columns.trace, columns.answer) = (0, 0);
        }
        // Too narrow: names shrink a little, then lengths go, then names shrink more, then the run
        // goes. The verdicts stay to the last.
        let shrink = |column: &mut u16, least: u16, over: &mut u16| {
            let by = column.saturating_sub(least).min(*over);
            *column -= by;
            *over -= by;
        };
        let mut over = columns.total().saturating_sub(total);
        shrink(&mut columns.run, 11, &mut over);
        shrink(&mut columns.item, 9, &mut over);
        for _ in 0..2 {
            if over > 0 {
                if columns.trace > 0 {
                    columns.trace = 0;
                } else {
                    columns.answer = 0;
                }
                over = columns.total().saturating_sub(total);
            }
        }
        shrink(&mut columns.run, 6, &mut over);
        if over > 0 {
            // What the run leaves goes back to the item.
            (columns.run, columns.item) = (0, wanted.1);
            over = columns.total().saturating_sub(total);
            shrink(&mut columns.item, 8, &mut over);
        }
        if over > 0 {
            columns.ok = 0;
            over = columns.total().saturating_sub(total);
        }
        shrink(&mut columns.item, 3, &mut over);
        if inline {
            columns.passage = total.saturating_sub(columns.total() + 1);
            return columns;
        }
        // What the lengths left free goes back to the names, then to the failure modes.
        let mut spare = total.saturating_sub(columns.total());
        let mut grow = |column: &mut u16, wanted: u16| {
            let by = wanted.saturating_sub(*column).min(spare);
            *column += by;
            spare -= by;
        };
        if columns.run > 0 {
            grow(&mut columns.run, wanted.0);
        }
        grow(&mut columns.item, wanted.1);
        if spare >= 14 && shown(ListColumn::Modes) {
            columns.modes = spare - 1;
        }
        columns
    }

    fn total(self) -> u16 {
        let gaps = |w: u16| if w > 0 { w + 1 } else { 0 };
        1 + [self.run, self.item, self.constraints, self.ok, self.trace, self.answer]
            .into_iter()
            .map(gaps)
            .sum::<u16>()
    }
}

/// A line of the list.
struct Listed<'a> {
    /// The generation.
    row: Row<'a>,
    /// The samples that it stands for, where they are folded and more than one.
    samples: Option<&'a Samples>,
}

/// So many lines of the list from its top on.
fn in_sight(found: &Found, top: usize, lines: usize) -> Vec<Listed<'_>> {
    let rows = found.order.from(top).map(|row| found.library.row(row));
    let samples = |at: usize| found.samples.get(at).filter(|samples| samples.count > 1);
    (top..).zip(rows).take(lines).map(|(at, row)| Listed { row, samples: samples(at) }).collect()
}

/// `1/4`: how many of those known; a question mark where some are not.
fn of_known(share: Share, app: &App) -> String {
    let unknown = if share.unknown > 0 { app.theme.glyphs.unknown } else { "" };
    format!("{}/{}{unknown}", share.yes, share.yes + share.no)
}

/// The style of a share of samples: all, none, or some of them.
fn share_style(share: Share, app: &App) -> Style {
    let followed = match (share.yes, share.no) {
        (0, 0) => None,
        (_, 0) => Some(true),
        (0, _) => Some(false),
        _ => return app.theme.style(Meaning::Warn),
    };
    app.theme.verdict(followed).1
}

/// The item of a row, with its sample where there are several, and `*13` for tags 1 and 3 (`*`
/// alone for a note).
fn item_name(app: &App, listed: &Listed<'_>) -> String {
    let row = &listed.row;
    let id = &row.item().id;
    let name = match listed.samples {
        // A row that stands for several says how many; which one it is says nothing.
        Some(samples) => format!("{id} {}{}", app.theme.glyphs.times, samples.count),
        None if row.sample() > 0 => format!("{id}#{}", row.sample()),
        None => id.to_string(),
    };
    match app.entry(row.content_key()) {
        Some(entry) => format!("{name} *{}", entry.tags),
        None => name,
    }
}

/// Draws the list.
pub fn list(app: &App, buffer: &mut Buffer, area: Rect) {
    let theme = &app.theme;
    let Some(found) = &app.found else {
        return loading(app, buffer, area);
    };
    if found.order.is_empty() {
        return empty(app, buffer, area);
    }
    let (rows, lines) = (app.list_rows(area), app.lines_of_row(area.width));
    let top = app.browse.list.top;
    // Widths are those of a whole screen of rows, so that columns do not jump at every step.
    let listed = in_sight(found, top, usize::from(buffer.area.height));
    let columns = Columns::of(app, area.width, &listed);
    let head = area.height - list_rows(area.height);
    if head > 0 {
        heads(app, buffer, area, columns);
    }
    let focused = app.browse.focus == Pane::List;
    for (i, listed) in (top..).zip(listed.iter().take(usize::from(rows))) {
        let y = head + (i - top) as u16 * lines;
        let here = Rect { y: area.y + y, height: lines, ..area };
        let under = i == app.browse.list.cursor;
        if under {
            let meaning = if focused { Meaning::Selected } else { Meaning::SelectedElsewhere };
            wash(buffer, here, theme.style(meaning));
        }
        line(app, buffer, here, listed, columns, under);
        if lines > 1 {
            let below = Rect { y: here.y + 1, height: 1, ..here };
            let mut pen = Pen::at(buffer, below, 0);
            pen.skip(3);
            passage(app, &mut pen, &listed.row, under);
        }
    }
}

fn line(app: &App, buffer: &mut Buffer, area: Rect, listed: &Listed<'_>, columns: Columns, under: bool) {
    let (row, several) = (&listed.row, listed.samples);
    let theme = &app.theme;
    let plain = under && app.browse.focus == Pane::List && theme.reverses();
    let coloured = |style: Style| if plain { Style::new() } else { style };
    let (text, dim) = (Style::new(), if under { Style::new() } else { theme.style(Meaning::Dim) });
    let mut pen = Pen::at(buffer, area, 0);
    pen.write(if under { theme.glyphs.cursor } else { " " }, coloured(theme.style(Meaning::Accent)));
    let mut gap = "";
    let mut next = |pen: &mut Pen<'_>| {
        pen.write(gap, text);
        gap = " ";
    };
    // The verdicts come first where there is room for little else.
    if columns.run > 0 {
        next(&mut pen);
        let name = cut_middle(&visible(&row.run().run.name), usize::from(columns.run));
        pen.cell(&name, columns.run, text);
    }
    next(&mut pen);
    let name = cut_middle(&visible(&item_name(app, listed)), usize::from(columns.item));
    pen.cell(&name, columns.item, text);
    if columns.constraints > 0 {
        next(&mut pen);
        let end = pen.x + columns.constraints;
        let cells = row.constraints();
        let room = usize::from(columns.constraints.div_ceil(3));
        let all = cells.len();
        if let Some(samples) = several {
            let words = cut(&of_known(samples.followed, app), usize::from(columns.constraints));
            pen.write(&words, coloured(share_style(samples.followed, app)));
        }
        for (n, cell) in cells.enumerate().take_while(|_| several.is_none()) {
            if n + 1 == room && all > room {
                pen.write(&format!("+{}", all - n), dim);
                break;
            }
            let (glyph, style) = theme.verdict(cell.status.followed());
            let quiet = cell.status.followed() == Some(true);
            let sign_style = if quiet { dim } else { text };
            pen.write(glyph, coloured(style))
                .write(&sign(cell.constraint.short_name()).to_string(), sign_style);
            if n + 1 < all {
                pen.skip(1);
            }
        }
        pen.x = end;
    }
    if columns.ok > 0 {
        next(&mut pen);
        if let Some(samples) = several {
            let words = of_known(samples.correct, app);
            pen.number(&words, columns.ok, coloured(share_style(samples.correct, app)));
        } else {
            let (glyph, style) = theme.verdict(row.correct());
            pen.skip(columns.ok.saturating_sub(1)).write(glyph, coloured(style));
        }
    }
    for (columns, length, sum) in [
        (columns.trace, row.trace(), several.map(|s| s.trace)),
        (columns.answer, row.answer(), several.map(|s| s.answer)),
    ] {
        if columns > 0 {
            next(&mut pen);
            let shown = match (sum, several) {
                // The mean of several, in whole words.
                (Some(sum), Some(samples)) if sum > 0 => {
                    let mean = (sum as f64 / f64::from(samples.count.max(1))).round();
                    format!("~{}", count(mean as usize))
                }
                (None, _) if length.chars > 0 => count(length.words as usize),
                _ => theme.glyphs.none.to_owned(),
            };
            pen.number(&shown, columns, dim);
        }
    }
    if columns.passage > 0 {
        pen.skip(2);
        passage(app, &mut pen, row, under);
    }
    if columns.modes > 0 {
        let words = several.map_or_else(
            || row.modes().iter().map(Mode::name).collect::<Vec<_>>().join(", "),
            Samples::words,
        );
        let room = usize::from(columns.modes.saturating_sub(2));
        pen.skip(2).write(&cut(&words, room), dim);
    }
}

/// How many hits there are, and the text around the first.
fn passage(app: &App, pen: &mut Pen<'_>, row: &Row<'_>, under: bool) {
    let theme = &app.theme;
    let dim = if under { Style::new() } else { theme.style(Meaning::Dim) };
    let room = usize::from(pen.left());
    match app.passages.of(row.id()) {
        None => pen.write("…", dim),
        // It was selected for something else than its text.
        Some(None) => pen.write(theme.glyphs.none, dim),
        Some(Some(passage)) => {
            let counted =
                if passage.count > 1 { format!("{}× ", count(passage.count)) } else { String::new() };
            pen.write(&counted, dim);
            for (text, hit) in passage.shown(room.saturating_sub(width(&counted) + 1)) {
                pen.write(&text, if hit { hit_style(theme) } else { Style::new() });
            }
            pen
        }
    };
}

/// A hit: never told by colour alone.
fn hit_style(theme: &Theme) -> Style {
    theme.style(Meaning::Search).add_modifier(Modifier::UNDERLINED)
}

fn heads(app: &App, buffer: &mut Buffer, area: Rect, columns: Columns) {
    let theme = &app.theme;
    let sort = app.ask.sort;
    let arrow = if sort.descending { theme.glyphs.descending } else { theme.glyphs.ascending };
    let head = |name: &str, keys: &[SortKey]| -> (String, Style) {
        if keys.contains(&sort.key) {
            (format!("{name}{arrow}"), theme.style(Meaning::Accent))
        } else {
            (name.to_owned(), theme.style(Meaning::Dim))
        }
    };
    let is_length = |key: SortKey, trace: bool| match key {
        SortKey::Trace(_) => trace,
        SortKey::Answer(_) => !trace,
        _ => false,
    };
    let mut pen = Pen::at(buffer, area, 0);
    pen.skip(1);
    let mut first = true;
    let mut gap = |pen: &mut Pen<'_>| {
        pen.skip(u16::from(!std::mem::take(&mut first)));
    };
    if columns.run > 0 {
        gap(&mut pen);
        let (name, style) = head("run", &[SortKey::Run, SortKey::Model, SortKey::Condition]);
        pen.cell(&name, columns.run, style);
    }
    gap(&mut pen);
    let (name, style) = head("item", &[SortKey::Item, SortKey::Source, SortKey::Setting]);
    pen.cell(&name, columns.item, style);
    if columns.constraints > 0 {
        gap(&mut pen);
        let by_verdict = [SortKey::Verdict, SortKey::Margin, SortKey::Broken];
        let long = if sort.key == SortKey::Margin { "margin" } else { "verdicts" };
        let short = if columns.constraints >= 9 { long } else { "✓✗" };
        let (name, style) = head(if theme.glyphs.yes == "✓" { short } else { "y/X" }, &by_verdict);
        pen.cell(&name, columns.constraints, style);
    }
    if columns.ok > 0 {
        gap(&mut pen);
        let (name, style) = head("ok", &[SortKey::Correct]);
        pen.number(&name, columns.ok, style);
    }
    let modes = columns.modes;
    for (width, name, trace) in [(columns.trace, "trace", true), (columns.answer, "answer", false)] {
        if width > 0 {
            gap(&mut pen);
            let (name, style) =
                if is_length(sort.key, trace) { head(name, &[sort.key]) } else { head(name, &[]) };
            pen.number(&name, width, style);
        }
    }
    if modes > 0 {
        pen.skip(2).write("failure modes", theme.style(Meaning::Dim));
    }
    if columns.passage > 0 {
        pen.skip(2).write("first hit", theme.style(Meaning::Dim));
    }
}

/// Before anything is known.
fn loading(app: &App, buffer: &mut Buffer, area: Rect) {
    let theme = &app.theme;
    let dim = theme.style(Meaning::Dim);
    match &app.build.failed {
        Some(why) => {
            let columns = Some(area.width.saturating_sub(2).max(1));
            let wrap = Wrap::new(why, 0..why.len(), columns, View::default());
            Pen::at(buffer, area, 1)
                .skip(1)
                .write("the library could not be built", theme.style(Meaning::Bad));
            for row in 0..wrap.len().min(6) {
                let words = why[wrap.row(row)].trim_end();
                Pen::at(buffer, area, 2 + row as u16).skip(1).write(words, theme.style(Meaning::Text));
            }
        }
        None => {
            Pen::at(buffer, area, 1).skip(1).write("reading the files …", dim);
        }
    }
}

/// Nothing fits the query, or there is nothing at all.
fn empty(app: &App, buffer: &mut Buffer, area: Rect) {
    let theme = &app.theme;
    let (text, dim) = (theme.style(Meaning::Text), theme.style(Meaning::Dim));
    let layers = app.layers_below();
    let key = |action| app.keymap.key_of(&layers, action).unwrap_or_default();
    let mut y = 1;
    let mut say = |words: &str, style| {
        Pen::at(buffer, area, y).skip(1).write(words, style);
        y += 1;
    };
    if !app.library.is_empty() || !app.ask.query.is_empty() {
        say("no generation matches", text);
        say("", dim);
        say(&format!("{} removes the last filter", key(Action::Back)), dim);
        if !app.ask.back.is_empty() {
            say(&format!("{} goes back to the query before", key(Action::UndoFilter)), dim);
        }
        say(&format!("{} clears them all", key(Action::ClearFilters)), dim);
        for note in app.found.iter().flat_map(|f| f.selection.notes()).take(3) {
            say(note, theme.style(Meaning::Warn));
        }
    } else if app.build.running.is_some() {
        say("reading the files …", dim);
    } else {
        say("no generations were found here", text);
        say("", dim);
        let rejects = app.library.rejects().len();
        if rejects > 0 {
            say(&format!("{rejects} places could not be read; {} shows them", key(Action::ShowRejects)), dim);
        }
        say("heedless reads MathIF folders (data/ and output/) and its own JSONL", dim);
    }
}
