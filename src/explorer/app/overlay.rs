//! What lies over a screen and is typed into: query line, palette, help, saved views.

use nucleo_matcher::pattern::{CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher};

use super::super::keymap::Layer;
use super::super::line::Line;
use super::super::session::View;
use super::writing::{Choice, choices, meant};
use super::{Action, App, Effect, Job};
use crate::library::{Identity, Query, QueryError, Scan, Sort, SortKey};
use crate::text::Wrap;

/// A line being written, with choices below it.
#[derive(Debug, Clone, Default)]
pub struct Writing {
    /// The line.
    pub line: Line,
    /// Number of the chosen line below, when one was chosen.
    pub chosen: Option<usize>,
}

/// The query line while it is written.
#[derive(Debug, Clone, Default)]
pub struct QueryLine {
    /// What is written.
    pub writing: Writing,
    /// What could come next.
    pub choices: Vec<Choice>,
    /// How many the query would select, when that is known.
    pub count: Option<usize>,
    /// Text is being read to count.
    pub scanning: Option<Scan>,
    /// The filter that the word before the cursor may stand for: it is looked up as words.
    pub meant: Option<String>,
    /// What is wrong with it.
    pub error: Option<QueryError>,
}

/// What lies over the screen.
#[derive(Debug, Clone)]
pub enum Overlay {
    /// The query line.
    Query(QueryLine),
    /// Actions by name.
    Palette(Writing),
    /// Keys by word or key; the scroll.
    Help(Writing),
    /// Saved views.
    Views(Writing),
    /// The name of a view to save.
    Name(Writing),
    /// A note on a generation: the one that was at hand when it was begun.
    Note(Writing, Identity),
    /// A tag and its name.
    NameTag(Writing),
}

/// A line of the palette.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// The action.
    pub action: Action,
    /// Its keys.
    pub keys: String,
    /// Why it cannot be carried out now.
    pub not_now: Option<&'static str>,
}

/// A line of help.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HelpRow {
    /// A heading.
    Heading(String),
    /// Keys and what they do.
    Keys {
        /// The keys.
        keys: String,
        /// The action.
        action: Action,
    },
    /// A line of explanation.
    Words(String),
    /// Nothing.
    Blank,
}

/// The row that a number typed among the actions means: `:120`.
pub fn row_named(text: &str) -> Option<usize> {
    text.trim().parse().ok().filter(|&row| row > 0)
}

impl App {
    /// Opens what is typed into.
    pub(super) fn open_overlay(&mut self, action: Action) {
        self.overlay = Some(match action {
            Action::EditQuery => {
                let mut text = self.ask.query.to_string();
                if !text.is_empty() {
                    text.push(' ');
                }
                let mut line = QueryLine {
                    writing: Writing { line: Line::new(text), chosen: None },
                    ..QueryLine::default()
                };
                line.choices = choices(self, line.writing.line.before());
                Overlay::Query(line)
            }
            Action::Help => Overlay::Help(Writing::default()),
            Action::SavedViews => Overlay::Views(Writing::default()),
            Action::SaveView => Overlay::Name(Writing::default()),
            _ => Overlay::Palette(Writing::default()),
        });
    }

    /// Types a character into what is open.
    pub(super) fn type_character(&mut self, c: char) {
        if let Some(writing) = self.writing_mut() {
            writing.line.insert(c);
            writing.chosen = None;
            self.written();
        }
    }

    /// Takes a paste into what is open. Nothing pasted is ever taken for keys.
    pub(super) fn paste(&mut self, text: &str) {
        if self.overlay.is_none() {
            self.open_overlay(Action::EditQuery);
        }
        if let Some(writing) = self.writing_mut() {
            writing.line.paste(text);
            writing.chosen = None;
            self.written();
        }
    }

    /// The line being written.
    pub fn writing(&self) -> Option<&Writing> {
        match self.overlay.as_ref()? {
            Overlay::Query(line) => Some(&line.writing),
            Overlay::Palette(w)
            | Overlay::Help(w)
            | Overlay::Views(w)
            | Overlay::Name(w)
            | Overlay::Note(w, _)
            | Overlay::NameTag(w) => Some(w),
        }
    }

    fn writing_mut(&mut self) -> Option<&mut Writing> {
        match self.overlay.as_mut()? {
            Overlay::Query(line) => Some(&mut line.writing),
            Overlay::Palette(w)
            | Overlay::Help(w)
            | Overlay::Views(w)
            | Overlay::Name(w)
            | Overlay::Note(w, _)
            | Overlay::NameTag(w) => Some(w),
        }
    }

    /// Follows a change of the line: completions, errors, the live count.
    fn written(&mut self) {
        let Some(Overlay::Query(line)) = &self.overlay else { return };
        let choices = choices(self, line.writing.line.before());
        let meant = meant(&choices, line.writing.line.before());
        let parsed = Query::parse(line.writing.line.text());
        let Some(Overlay::Query(line)) = &mut self.overlay else { return };
        (line.choices, line.meant) = (choices, meant);
        (line.count, line.scanning) = (None, None);
        match parsed {
            Ok(query) => {
                line.error = None;
                let asker = self.asker();
                self.effects.push(Effect::Job(Job::Count { library: self.library.clone(), query, asker }));
            }
            Err(error) => line.error = Some(error),
        }
    }

    /// Text has to be read for the live count.
    pub(super) fn scanning(&mut self, scan: Scan) {
        if let Some(Overlay::Query(line)) = &mut self.overlay {
            line.scanning = Some(scan);
        }
    }

    /// A live count has come.
    pub(super) fn counted(&mut self, n: usize) {
        if let Some(Overlay::Query(line)) = &mut self.overlay {
            (line.count, line.scanning) = (Some(n), None);
        }
    }

    /// How many lines there are to choose from.
    fn choices_len(&self) -> usize {
        match &self.overlay {
            Some(Overlay::Query(line)) => line.choices.len(),
            Some(Overlay::Palette(_)) => self.offers().len(),
            Some(Overlay::Help(_)) => self.help(self.size.0).len(),
            Some(Overlay::Views(_)) => self.views().len(),
            Some(Overlay::Name(_) | Overlay::Note(..) | Overlay::NameTag(_)) | None => 0,
        }
    }

    /// An action while something is typed into; false when it is for the screen below.
    pub(super) fn act_overlay(&mut self, action: Action) -> bool {
        let len = self.choices_len();
        let help = matches!(self.overlay, Some(Overlay::Help(_)));
        match action {
            Action::Cancel => self.overlay = None,
            Action::Accept => self.accept(),
            Action::Complete => self.complete(),
            Action::NextChoice | Action::PreviousChoice | Action::PageDown | Action::PageUp => {
                let Some(writing) = self.writing_mut() else { return true };
                let by = if matches!(action, Action::PageDown | Action::PageUp) { 10 } else { 1 };
                let down = matches!(action, Action::NextChoice | Action::PageDown);
                let last = len.saturating_sub(1);
                writing.chosen = match writing.chosen {
                    _ if len == 0 => None,
                    None if help => Some(if down { by.min(last) } else { 0 }),
                    None => Some(if down { 0 } else { last }),
                    Some(at) if down => Some((at + by).min(last)),
                    // Up from the first choice goes back to the line itself.
                    Some(0) if !help => None,
                    Some(at) => Some(at.saturating_sub(by)),
                };
            }
            Action::Suspend | Action::Quit => return false,
            _ => {
                if self.writing_mut().is_some_and(|w| w.line.act(action)) {
                    if let Some(writing) = self.writing_mut() {
                        writing.chosen = None;
                    }
                    self.written();
                }
            }
        }
        true
    }

    fn accept(&mut self) {
        match self.overlay.take() {
            Some(Overlay::Query(mut line)) => {
                if let Some(choice) = line.writing.chosen.and_then(|at| line.choices.get(at)).cloned() {
                    let done = choice.is_whole();
                    choice.put_into(&mut line.writing.line);
                    line.writing.chosen = None;
                    self.overlay = Some(Overlay::Query(line));
                    self.written();
                    if !done {
                        return;
                    }
                    let Some(Overlay::Query(taken)) = self.overlay.take() else { return };
                    line = taken;
                }
                match Query::parse(line.writing.line.text()) {
                    Ok(query) => {
                        self.ask(query);
                        if self.screen() != super::Screen::Browse {
                            self.screens.truncate(1);
                        }
                        self.browse.focus = super::Pane::List;
                    }
                    Err(error) => {
                        line.error = Some(error);
                        self.overlay = Some(Overlay::Query(line));
                    }
                }
            }
            Some(Overlay::Palette(writing)) => {
                if let Some(row) = row_named(writing.line.text()) {
                    self.go_to_row(row);
                    return;
                }
                self.overlay = Some(Overlay::Palette(writing.clone()));
                let offer = self.offers().get(writing.chosen.unwrap_or(0)).cloned();
                self.overlay = None;
                if let Some(offer) = offer {
                    self.act(offer.action);
                }
            }
            Some(Overlay::Views(writing)) => {
                self.overlay = Some(Overlay::Views(writing.clone()));
                let view = self.views().get(writing.chosen.unwrap_or(0)).map(|(_, v)| v.clone());
                self.overlay = None;
                if let Some(view) = view {
                    self.show_view(&view);
                }
            }
            Some(Overlay::Name(writing)) => self.save_view(writing.line.text().trim()),
            Some(Overlay::Note(writing, on)) => self.take_note(writing.line.text(), on),
            Some(Overlay::NameTag(writing)) => self.take_tag_name(writing.line.text()),
            Some(Overlay::Help(_)) | None => {}
        }
    }

    fn complete(&mut self) {
        let Some(Overlay::Query(line)) = &mut self.overlay else {
            self.act_overlay(Action::NextChoice);
            return;
        };
        if let Some(choice) = line.choices.get(line.writing.chosen.unwrap_or(0)).cloned() {
            choice.put_into(&mut line.writing.line);
            line.writing.chosen = None;
            self.written();
        }
    }

    /// Goes to a row of the list in sight, counted from 1; to the last where there are fewer.
    fn go_to_row(&mut self, row: usize) {
        let place = |len: usize| (row - 1).min(len.saturating_sub(1));
        match self.screen() {
            super::Screen::Runs => self.runs.cursor = place(self.summaries().len()),
            super::Screen::Rejects => self.rejects.cursor = place(self.library.rejects().len()),
            super::Screen::Flips => self.flips.list.cursor = place(self.flips.order.len()),
            super::Screen::Browse | super::Screen::Read => {
                self.browse.list.cursor = place(self.len());
                self.read_cursor();
            }
            _ => self.say("there is no list here to go to a row of"),
        }
    }

    /// The actions that fit what is typed, best first.
    pub fn offers(&self) -> Vec<Offer> {
        let Some(Overlay::Palette(writing)) = &self.overlay else { return Vec::new() };
        let layers = self.layers_below();
        let found = ranked(writing.line.text(), Action::ALL.iter().copied(), |a| {
            format!("{} {} {}", a.label(), a.about(), a.name())
        });
        found
            .into_iter()
            .filter(|a| a.group() != super::super::action::Group::Typing && *a != Action::Palette)
            .map(|action| Offer {
                action,
                keys: self.keymap.key_of(&layers, action).unwrap_or_default(),
                not_now: self.can(action).err(),
            })
            .collect()
    }

    /// The places of the screen below what is typed into.
    pub fn layers_below(&self) -> Vec<Layer> {
        match self.overlay {
            None => self.layers(),
            // The places do not depend on anything but screen and focus once nothing lies over it.
            Some(_) => self.layers_without_overlay(),
        }
    }

    /// Help for a screen of so many columns: the keys of the places that count now, then of all
    /// others.
    pub fn help(&self, columns: u16) -> Vec<HelpRow> {
        let Some(Overlay::Help(writing)) = &self.overlay else { return Vec::new() };
        let wanted = writing.line.text().trim().to_lowercase();
        let here = self.layers_below();
        let mut rows = Vec::new();
        if wanted.is_empty() {
            let columns = columns.min(100).saturating_sub(4).max(8);
            for paragraph in INTRODUCTION {
                let wrap =
                    Wrap::new(paragraph, 0..paragraph.len(), Some(columns), crate::text::View::default());
                rows.extend(
                    (0..wrap.len()).map(|i| HelpRow::Words(paragraph[wrap.row(i)].trim_end().to_owned())),
                );
            }
            rows.push(HelpRow::Blank);
        }
        let elsewhere = Layer::ALL.iter().copied().filter(|l| !here.contains(l));
        for layer in here.iter().copied().chain(elsewhere) {
            let mut listed: Vec<(Action, Vec<String>)> = Vec::new();
            for binding in self.keymap.bindings(layer) {
                let rule = binding.rules.iter().find(|r| r.fits(&|fact| self.fact(fact)));
                if let Some(action) = rule.and_then(|r| r.action) {
                    let keys = super::super::keymap::show_keys(&binding.keys);
                    match listed.iter_mut().find(|(a, _)| *a == action) {
                        Some((_, all)) => all.push(keys),
                        None => listed.push((action, vec![keys])),
                    }
                }
            }
            let fits = |action: Action, keys: &[String]| {
                wanted.is_empty()
                    || keys.iter().any(|k| *k == writing.line.text().trim() || k.to_lowercase() == wanted)
                    || action.about().to_lowercase().contains(&wanted)
                    || action.label().contains(&wanted)
            };
            listed.retain(|(action, keys)| fits(*action, keys));
            if listed.is_empty() {
                continue;
            }
            let place = if here.contains(&layer) { String::new() } else { "  (not here)".to_owned() };
            rows.push(HelpRow::Heading(format!("{}{place}", layer.title())));
            rows.extend(
                listed.into_iter().map(|(action, keys)| HelpRow::Keys { keys: keys.join("  "), action }),
            );
            rows.push(HelpRow::Blank);
        }
        rows
    }

    /// Saved views that fit what is typed.
    pub fn views(&self) -> Vec<(String, View)> {
        let wanted = match &self.overlay {
            Some(Overlay::Views(writing)) => writing.line.text(),
            _ => "",
        };
        let all: Vec<_> = self.session.views.iter().map(|(n, v)| (n.clone(), v.clone())).collect();
        ranked(wanted, all.into_iter(), |(name, view)| format!("{name} {}", view.query))
    }

    fn show_view(&mut self, view: &View) {
        if let Some(key) = SortKey::from_name(&view.sort.0) {
            self.ask.sort = Sort { key, descending: view.sort.1 };
        }
        match Query::parse(&view.query) {
            Ok(query) if query == self.ask.query => self.select(),
            Ok(query) => self.ask(query),
            Err(error) => self.complain(format!("{}: {error}", view.query)),
        }
    }

    fn save_view(&mut self, name: &str) {
        if name.is_empty() {
            return;
        }
        let sort = (self.ask.sort.key.name().to_owned(), self.ask.sort.descending);
        let view = View { query: self.ask.query.to_string(), sort };
        self.session.views.insert(name.to_owned(), view);
        let session = self.remembered();
        self.effects.push(Effect::Remember(Box::new(session)));
        let key = self.keymap.key_of(&self.layers(), Action::SavedViews).unwrap_or_default();
        self.say(format!("saved as `{name}`; {key} opens it"));
    }
}

/// What help says first.
const INTRODUCTION: [&str; 3] = [
    "heedless shows where outputs of reasoning models broke the constraints they were given. The \
     facets are values with counts, and each filters; the list has the generations; the reading \
     pane has the text, with the exact places marked. Everything can be entered; Esc goes back out.",
    "In the list `✗,` says that `no_comma` was not followed and `✓,` that it was (the signs stand \
     beside the names in the facets); `ok` is the final answer; lengths are words.",
    "Type here to search: a word (`copy`) or a key (`n`).",
];

/// What fits a typed pattern, best first; everything when nothing is typed.
fn ranked<T>(typed: &str, all: impl Iterator<Item = T>, text: impl Fn(&T) -> String) -> Vec<T> {
    let typed = typed.trim();
    if typed.is_empty() {
        return all.collect();
    }
    let pattern = Pattern::parse(typed, CaseMatching::Ignore, Normalization::Smart);
    let mut matcher = Matcher::new(Config::DEFAULT);
    let mut buffer = Vec::new();
    let mut scored: Vec<(u32, usize, T)> = all
        .enumerate()
        .filter_map(|(i, item)| {
            let haystack = text(&item);
            let score = pattern.score(nucleo_matcher::Utf32Str::new(&haystack, &mut buffer), &mut matcher)?;
            Some((score, i, item))
        })
        .collect();
    scored.sort_by_key(|(score, i, _)| (std::cmp::Reverse(*score), *i));
    scored.into_iter().map(|(_, _, item)| item).collect()
}
