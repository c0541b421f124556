//! One generation: head, question, trace, answer; marks in the text, a map of them at the edge.

use std::ops::Range;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::super::action::Action;
use super::super::app::{App, Screen};
use super::super::document::{Document, Marked, arguments};
use super::super::flow::{Flow, Part, Row};
use super::super::reader::{Failure, GUTTER, MARGIN, Reader};
use super::super::theme::Meaning;
use super::paint::{Pen, put_shown, thin_bar, wash};
use crate::split::JudgedSpan;
use crate::text::width::{count, cut, cut_middle, number_of, width};
use crate::text::{Kind, pieces_with, visible};

/// Draws a reader into an area.
pub fn reading(app: &App, reader: &Reader, buffer: &mut Buffer, area: Rect, focused: bool) {
    let theme = &app.theme;
    if let Some(why) = &reader.failed {
        return failure(app, reader, why, buffer, area);
    }
    let (Some(document), Some(flow)) = (reader.document(), reader.flow()) else {
        let words = match (app.reading, app.build.running.is_some()) {
            (true, _) => "reading …",
            (false, true) => "reading the files …",
            (false, false) => "nothing chosen",
        };
        Pen::at(buffer, area, 0).skip(1).write(words, theme.style(Meaning::Dim));
        return;
    };
    let page = Page { app, reader, document, focused };
    let division = reader.divide(area.height);
    let mut body = area;
    if division.head > 0 {
        for (y, row) in reader.head().iter().enumerate().take(usize::from(division.head)) {
            page.row(buffer, area, y as u16, row);
        }
        let y = area.y + division.head;
        let rule = Rect { y, height: 1, ..area };
        page.rule(buffer, rule);
        body = Rect { y: y + 1, height: area.height.saturating_sub(division.head + 1), ..area };
    }
    for y in 0..body.height {
        if let Some(row) = flow.row(reader.scroll + usize::from(y)) {
            page.row(buffer, body, y, &row);
        }
    }
    page.gutter(buffer, body, flow);
}

/// Why there is nothing to read, and what can be done.
fn failure(app: &App, reader: &Reader, why: &Failure, buffer: &mut Buffer, area: Rect) {
    let theme = &app.theme;
    let (bad, text, dim) = (Meaning::Bad, Meaning::Text, Meaning::Dim);
    let key = |action| app.keymap.key_of(&app.layers_below(), action).unwrap_or_default();
    let again = format!("{} reads the files again", key(Action::Refresh));
    let lines = match why {
        Failure::Unread(why) => vec![
            ("this generation cannot be shown".to_owned(), bad),
            (why.clone(), text),
            (String::new(), dim),
            (again, dim),
        ],
        Failure::Gone { replaced } => {
            let named = reader.on().map_or(String::new(), |on| on.key.clone());
            let named =
                if *replaced { format!("{named}, which is the name of another text now") } else { named };
            let mut lines = vec![
                ("this generation is gone from its file".to_owned(), bad),
                (named, text),
                (String::new(), dim),
            ];
            let at_hand = std::ptr::eq(reader, &raw const app.reader);
            if let Some(held) = app.at_cursor().filter(|_| at_hand) {
                lines.push((format!("{} reads {}", key(Action::Enter), held.identity().key), dim));
            }
            lines.push((again, dim));
            lines
        }
    };
    let mut y = 0;
    for (words, meaning) in lines {
        let columns = Some(area.width.saturating_sub(2).max(1));
        let wrap = crate::text::Wrap::new(&words, 0..words.len(), columns, crate::text::View::default());
        for row in 0..wrap.len().clamp(1, 5) {
            let shown = if words.is_empty() { "" } else { words[wrap.row(row)].trim_end() };
            Pen::at(buffer, area, y).skip(1).write(shown, theme.style(meaning));
            y += 1;
        }
    }
}

/// What drawing the rows of one generation needs.
pub(super) struct Page<'a> {
    pub(super) app: &'a App,
    pub(super) reader: &'a Reader,
    pub(super) document: &'a Document,
    focused: bool,
}

impl Page<'_> {
    pub(super) fn style(&self, meaning: Meaning) -> Style {
        self.app.theme.style(meaning)
    }

    /// The rule between head and text: which mark of how many.
    fn rule(&self, buffer: &mut Buffer, area: Rect) {
        let glyphs = &self.app.theme.glyphs;
        let line = glyphs.horizontal.repeat(usize::from(area.width));
        Pen::at(buffer, area, 0).write(&line, self.style(Meaning::Rule));
        let [all, hits] = self.position();
        let said = if width(&all) + 4 < usize::from(area.width) { all } else { hits };
        if !said.is_empty() && width(&said) + 4 < usize::from(area.width) {
            let mut pen = Pen::at(buffer, area, 0);
            pen.skip(2).write(&format!(" {said} "), self.style(Meaning::Accent));
        }
        // What a person left on it stands at the right.
        if let Some(entry) = self.app.entry(self.document.standing.content()) {
            let room = usize::from(area.width).saturating_sub(width(&said) + 8);
            let words = super::super::app::triage::describe(&self.app.triage.ledger, entry);
            let words = visible(&words).into_string();
            let words = if width(&words) <= room { words } else { cut(&format!("*{}", entry.tags), room) };
            if room >= 6 {
                let mut pen = Pen::at(buffer, area, 0);
                pen.skip(area.width.saturating_sub(width(&words) as u16 + 4));
                pen.write(&format!(" {words} "), self.style(Meaning::Warn));
            }
        }
    }

    /// `hit 2 of 7 · mark 1 of 9 · prose`, and what to say where there is no room for both.
    fn position(&self) -> [String; 2] {
        let marks = self.position_of_mark();
        let all = self.document.hits.len();
        let hits = match self.reader.hit {
            _ if all == 0 => return [marks, String::new()],
            Some(hit) => format!("hit {} of {}", count(hit + 1), count(all)),
            None => format!("{} hit{}", count(all), if all == 1 { "" } else { "s" }),
        };
        if marks.is_empty() {
            return [hits.clone(), hits];
        }
        [format!("{hits} {} {marks}", self.app.theme.glyphs.dot), hits]
    }

    /// `mark 1 of 9 · prose`.
    fn position_of_mark(&self) -> String {
        let stops = self.reader.stops();
        let dot = self.app.theme.glyphs.dot;
        let layers = self.app.layers_below();
        let key = |action| self.app.keymap.key_of(&layers, action).unwrap_or_default();
        let violations =
            stops.first().and_then(|&s| self.document.marks.get(s)).is_some_and(Marked::is_violation);
        let what = if violations { "violation" } else { "mark" };
        let only = self.reader.only.and_then(|c| self.document.record.item.constraints.get(c));
        let of = only.map_or(String::new(), |c| format!(" {dot} {} alone", c.short_name()));
        match self.reader.mark {
            Some(mark) => {
                let Some(marked) = self.document.marks.get(mark) else { return String::new() };
                let note = marked.note.as_deref().map_or(String::new(), |n| format!(" {dot} {n}"));
                match stops.binary_search(&mark) {
                    Ok(at) => format!("{what} {} of {}{note}{of}", count(at + 1), count(stops.len())),
                    Err(_) => format!("{}{note}{of}", marked.role.name()),
                }
            }
            None if stops.is_empty() => String::new(),
            None => format!(
                "{} {what}{} {dot} {} goes there{of}",
                count(stops.len()),
                if stops.len() == 1 { "" } else { "s" },
                key(Action::NextMark)
            ),
        }
    }

    fn row(&self, buffer: &mut Buffer, area: Rect, y: u16, row: &Row) {
        match row {
            Row::Title => self.title(buffer, area, y),
            Row::Constraint(number) => self.constraint(buffer, area, y, *number),
            Row::Detail(number) => self.detail(buffer, area, y, *number),
            Row::Grade => self.grade(buffer, area, y),
            Row::Modes => self.modes(buffer, area, y),
            Row::Head(part) => self.part(buffer, area, y, *part),
            Row::Text(Part::Question, bytes) => self.question(buffer, area, y, bytes),
            Row::Text(part, bytes) => self.text(buffer, area, y, *part, bytes),
            Row::Blank => {}
        }
    }

    fn title(&self, buffer: &mut Buffer, area: Rect, y: u16) {
        let document = self.document;
        let (run, item) = (&document.record.run, &document.record.item);
        let dot = self.app.theme.glyphs.dot;
        let dim = self.style(Meaning::Dim);
        let samples = document.standing.samples();
        let mut facts = vec![item.setting().to_owned()];
        if !item.source.is_empty() {
            facts.push(item.source.clone());
        }
        facts.push(run.condition.clone());
        if samples > 1 {
            facts.insert(0, format!("sample {} of {samples}", document.standing.sample() + 1));
        }
        let style = self.style(if self.focused { Meaning::Focus } else { Meaning::Title });
        let mut pen = Pen::at(buffer, area, y);
        let room = usize::from(area.width.saturating_sub(2));
        let key = visible(document.standing.key());
        // Side by side the item is the same in all columns: what there is no room for is left out.
        let beside = self.app.screen() == Screen::Beside && width(&key) > room;
        let name = if beside { visible(&run.name) } else { key };
        pen.skip(1).write(&cut_middle(&name, room), style);
        let rest = facts.join(&format!(" {dot} "));
        let left = usize::from(pen.left()).saturating_sub(4);
        if left >= 6 {
            pen.write(&format!("  {}", cut(&visible(&rest), left)), dim);
        }
    }

    fn constraint(&self, buffer: &mut Buffer, area: Rect, y: u16, number: usize) {
        let document = self.document;
        let Some(constraint) = document.record.item.constraints.get(number) else { return };
        let Some(verdict) = document.assessment.verdicts.get(number) else { return };
        let theme = &self.app.theme;
        let dim = self.style(Meaning::Dim);
        let chosen = self.reader.only == Some(number);
        let (glyph, style) = theme.verdict(verdict.status.followed());
        let mut pen = Pen::at(buffer, area, y);
        pen.write(if chosen { theme.glyphs.cursor } else { " " }, self.style(Meaning::Accent));
        pen.write(glyph, style).skip(1);
        let names = document.record.item.constraints.iter().map(|c| width(&visible(c.short_name())));
        let name_width = names.max().unwrap_or(0).clamp(8, usize::from(area.width / 3).max(8)) as u16;
        let name_style = if chosen { Meaning::Accent } else { Meaning::Title };
        pen.cell(
            &cut_middle(&visible(constraint.short_name()), name_width.into()),
            name_width,
            self.style(name_style),
        );
        pen.skip(2);
        let sentence = if verdict.sentence.is_empty() { verdict.status.name() } else { &verdict.sentence };
        let broken = verdict.status.followed() == Some(false);
        let sentence_style = if broken { self.style(Meaning::Bad) } else { self.style(Meaning::Text) };
        let saved =
            document.record.generation.saved.follow.as_ref().and_then(|f| f.get(number).copied().flatten());
        let differs = saved.is_some() && saved != verdict.status.followed();
        let aside = self.aside(number);
        let room = usize::from(pen.left()).saturating_sub(if differs { 9 } else { 0 });
        pen.write(&cut(&visible(sentence), room), sentence_style);
        if verdict.unstable && usize::from(pen.left()) > 10 {
            pen.write(" unstable", self.style(Meaning::Warn));
        }
        if differs {
            let (glyph, _) = theme.verdict(saved);
            pen.write(&format!(" saved {glyph}"), self.style(Meaning::Warn));
        }
        let mut rest = String::new();
        let arguments = arguments(constraint);
        let mention = document.mentions.get(number).map_or("", String::as_str);
        for part in [&document.notes[number], &arguments, &aside, mention] {
            if !part.is_empty() {
                rest.push_str("   ");
                rest.push_str(part);
            }
        }
        let left = usize::from(pen.left()).saturating_sub(1);
        if left >= 12 && !rest.is_empty() {
            pen.write(&cut(&visible(&rest), left), dim);
        }
    }

    /// Measured value, margin, the verdict under every rule for which text is judged, and the saved
    /// one.
    fn detail(&self, buffer: &mut Buffer, area: Rect, y: u16, number: usize) {
        let document = self.document;
        let Some(verdict) = document.assessment.verdicts.get(number) else { return };
        let theme = &self.app.theme;
        let mut parts = Vec::new();
        let unit = verdict.margin.map_or("", |m| m.unit);
        if let Some(measured) = verdict.measured {
            parts.push(format!("measured {} {unit}", rounded(measured)).trim_end().to_owned());
        }
        if let Some(margin) = verdict.margin {
            let side = if margin.value < 0.0 { "past the border" } else { "within" };
            parts.push(format!("margin {}, {side}", rounded(margin.value)));
        }
        let sign = |known: Option<bool>| theme.verdict(known).0;
        let rules = JudgedSpan::ALL.into_iter().zip(&document.under).filter_map(|(rule, statuses)| {
            let nothing = rule == JudgedSpan::Trace && document.assessment.split.trace.is_empty();
            let said = if nothing { theme.glyphs.none } else { sign(statuses.get(number)?.followed()) };
            Some(format!("{} {said}", rule.name()))
        });
        parts.push(format!("under {}", rules.collect::<Vec<_>>().join(" ")));
        let saved = document.record.generation.saved.follow.as_ref().and_then(|f| f.get(number).copied());
        if let Some(saved) = saved {
            let recomputed = sign(verdict.status.followed());
            parts.push(format!("saved {} recomputed {recomputed}", sign(saved)));
        }
        let words = parts.join(&format!(" {} ", theme.glyphs.dot));
        let room = usize::from(area.width.saturating_sub(4));
        Pen::at(buffer, area, y).skip(3).write(&cut(&visible(&words), room), self.style(Meaning::Dim));
    }

    /// The verdict under the other judged-span rules, where it differs from the one in force.
    fn aside(&self, number: usize) -> String {
        let here = self.document.assessment.verdicts.get(number).map(|v| v.status);
        let mut out = Vec::new();
        for (rule, statuses) in JudgedSpan::ALL.into_iter().zip(&self.document.under) {
            let Some(&status) = statuses.get(number) else { continue };
            let applies = rule != JudgedSpan::Trace || !self.document.assessment.split.trace.is_empty();
            if rule != self.app.judged && Some(status) != here && applies {
                let (glyph, _) = self.app.theme.verdict(status.followed());
                out.push(format!("{} {glyph}", rule.name()));
            }
        }
        out.join(" ")
    }

    fn grade(&self, buffer: &mut Buffer, area: Rect, y: u16) {
        let document = self.document;
        let grade = &document.assessment.grade;
        let theme = &self.app.theme;
        let dim = self.style(Meaning::Dim);
        let (glyph, style) = theme.verdict(grade.correct);
        let mut pen = Pen::at(buffer, area, y);
        pen.skip(1).write(glyph, style).skip(1).write("answer ", self.style(Meaning::Title));
        let given = grade.extracted.as_deref().unwrap_or("none found");
        let gold = document.record.item.gold.as_deref();
        let room = usize::from(pen.left()) / 3;
        pen.write(&cut(&visible(given), room.max(8)), self.style(Meaning::Text));
        match gold {
            Some(gold) => {
                pen.write(" gold ", dim).write(&cut(&visible(gold), room.max(6)), self.style(Meaning::Text));
            }
            None => {
                pen.write(" no gold answer", dim);
            }
        }
        let saved = document.record.generation.saved.correct;
        if saved.is_some() && saved != grade.correct {
            let (glyph, _) = theme.verdict(saved);
            pen.write(&format!(" saved {glyph}"), self.style(Meaning::Warn));
        }
        let left = usize::from(pen.left()).saturating_sub(3);
        if left >= 8 {
            pen.write(&format!("   {}", cut(grade.rule, left.saturating_sub(1))), dim);
        }
    }

    fn modes(&self, buffer: &mut Buffer, area: Rect, y: u16) {
        let mut words: Vec<String> =
            self.document.assessment.modes.iter().map(|m| m.name().to_owned()).collect();
        if self.document.hidden > 0 {
            words.retain(|w| w != "hidden-characters");
            words.push(format!("{} hidden characters", self.document.hidden));
        }
        let mut pen = Pen::at(buffer, area, y);
        let text = words.join(&format!(" {} ", self.app.theme.glyphs.dot));
        let room = usize::from(area.width.saturating_sub(4));
        pen.skip(3).write(&cut(&visible(&text), room), self.style(Meaning::Warn));
    }

    fn part(&self, buffer: &mut Buffer, area: Rect, y: u16, part: Part) {
        let theme = &self.app.theme;
        let dim = self.style(Meaning::Dim);
        let folds = self.reader.folds;
        let folded = match part {
            Part::Question => folds.question,
            Part::Trace => folds.trace,
            Part::Answer => folds.answer,
            Part::Around => false,
        };
        let mut pen = Pen::at(buffer, area, y);
        let fold = if folded { theme.glyphs.folded } else { theme.glyphs.unfolded };
        pen.write(fold, self.style(Meaning::Accent)).skip(1);
        pen.write(&part.name().to_uppercase(), self.style(Meaning::Title));
        let assessment = &self.document.assessment;
        let (range, length, tokens) = match part {
            Part::Trace => (assessment.split.trace.clone(), assessment.trace, &self.document.trace_tokens),
            Part::Answer => {
                (assessment.split.answer.clone(), assessment.answer, &self.document.answer_tokens)
            }
            Part::Question | Part::Around => return,
        };
        if range.is_empty() {
            pen.skip(2).write("none", dim);
            return;
        }
        let dot = theme.glyphs.dot;
        let tokens = tokens.as_ref().map_or(String::new(), |(n, by)| {
            format!("{} ({}) {dot} ", number_of(*n as usize, "token"), visible(by))
        });
        let words = number_of(length.words as usize, "word");
        let lengths = format!("  {tokens}{words} {dot} {}", number_of(length.chars as usize, "character"));
        let short = format!("  {words}");
        let all = (assessment.trace.chars + assessment.answer.chars).max(1);
        let share = f64::from(length.chars) / f64::from(all);
        let bars = if assessment.trace.chars > 0 { 18 } else { 0 };
        let fits = |text: &str| width(text) + bars + 8 < usize::from(pen.left());
        let chosen = if fits(&lengths) { &lengths } else { &short };
        pen.write(chosen, dim);
        // Only a folded part needs the count: its marks are not drawn.
        let marks = if folded { self.document.violations_in(&range) } else { 0 };
        if assessment.trace.chars > 0 && pen.left() > 16 {
            let meaning = if part == Part::Trace { Meaning::BarTrace } else { Meaning::Bar };
            let (drawn, rest) = thin_bar(share, 10, &theme.glyphs);
            pen.skip(2).write(&drawn, self.style(meaning)).write(&rest, self.style(Meaning::BarRest));
            pen.write(&format!(" {:.0}%", share * 100.0), dim);
        }
        if folded && marks > 0 && pen.left() > 14 {
            pen.write(&format!("  {} {}", theme.glyphs.no, count(marks)), self.style(Meaning::Bad));
        }
        let judged = &assessment.judged;
        let covered = judged.start <= range.start && judged.end >= range.end;
        if covered && pen.left() > 10 {
            pen.write("  judged", dim);
        } else if judged.start < range.end && judged.end > range.start && pen.left() > 17 {
            pen.write("  judged in part", self.style(Meaning::Warn));
        }
        // Else it would be taken for what the model wrote.
        if self.reader.view.replaces() && pen.left() > 18 {
            pen.write("  math as Unicode", self.style(Meaning::Warn));
        }
        let way = if part == Part::Trace { self.document.trace.summary() } else { String::new() };
        if !way.is_empty() && width(&way) + 3 < usize::from(pen.left()) {
            pen.skip(3).write(&way, dim);
        }
    }

    fn question(&self, buffer: &mut Buffer, area: Rect, y: u16, bytes: &Range<usize>) {
        let question = &self.document.record.item.question;
        let mut pen = Pen::at(buffer, area, y);
        pen.skip(MARGIN);
        let room = usize::from(pen.left().saturating_sub(GUTTER + 1));
        let view = self.reader.view;
        let text = question[bytes.clone()].trim_end();
        let more = self.reader.folds.question && text.len() < question.trim_end().len();
        let shown: String = if view.replaces() {
            let replaced = self.document.replaced_in_question(view);
            pieces_with(question, bytes.start..bytes.start + text.len(), view, replaced)
                .map(|p| if matches!(p.kind, Kind::Newline | Kind::Tab) { " ".into() } else { p.shown })
                .collect()
        } else {
            visible(text).into_string()
        };
        if more {
            let short = cut(&format!("{shown} …"), room);
            let with_end = if width(&shown) + 2 > room { cut(&shown, room) } else { short };
            pen.write(&with_end, self.style(Meaning::Dim));
        } else {
            pen.write(&shown, self.style(Meaning::Text));
        }
    }

    /// The map at the right edge: where the marks are in all the rows, and which rows are in sight.
    fn gutter(&self, buffer: &mut Buffer, area: Rect, flow: &Flow) {
        let rows = flow.len().max(1);
        let height = usize::from(area.height);
        if height == 0 || area.width < 12 {
            return;
        }
        let fits = rows <= height;
        let glyphs = &self.app.theme.glyphs;
        let x = area.right().saturating_sub(1);
        let first = self.reader.scroll * height / rows;
        let last = (self.reader.scroll + height).min(rows) * height / rows;
        for i in 0..height {
            // The rows that this cell of the map stands for.
            let here =
                if fits { i..i + 1 } else { (i * rows).div_ceil(height)..((i + 1) * rows).div_ceil(height) };
            let marked = self.reader.is_marked(here);
            let in_sight = !fits && i >= first && i < last.max(first + 1);
            let (glyph, meaning) = if marked {
                (glyphs.gutter_mark, Meaning::Bad)
            } else if in_sight {
                (glyphs.gutter_view, Meaning::Rule)
            } else {
                continue;
            };
            put_shown(buffer, area, x, area.y + i as u16, glyph, self.style(meaning));
            if marked && in_sight {
                wash(buffer, Rect { x, y: area.y + i as u16, width: 1, height: 1 }, Style::new());
            }
        }
    }
}

/// A measured value: whole where it is whole.
fn rounded(value: f64) -> String {
    let sign = if value < 0.0 { "−" } else { "" };
    let size = value.abs();
    if size.fract() == 0.0 { format!("{sign}{size:.0}") } else { format!("{sign}{size:.2}") }
}
