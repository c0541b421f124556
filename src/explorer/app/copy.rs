//! Taking something along: to the clipboard, an editor, a pager.

use std::ffi::{OsStr, OsString};

use clap::ValueEnum as _;

use super::super::document::Document;
use super::super::effect::Effect;
use super::super::outside::Tool;
use super::super::snippet::snippet;
use super::{Action, App, Screen};
use crate::library::{Field, Query, Unit};
use crate::path::shown;
use crate::text::visible_lines;

impl App {
    /// Copies what an action names.
    pub(super) fn copy(&mut self, action: Action) {
        let document = self.reader_in_hand().document().cloned();
        let (what, text) = match (action, document) {
            (Action::CopyQuery, _) => ("the query", self.ask.query.to_string()),
            (Action::CopyCommand, _) => ("the command", self.command()),
            (Action::CopyKey, Some(d)) => ("the key", d.standing.key().to_owned()),
            (Action::CopyPlace, Some(d)) => {
                ("path and line", format!("{}:{}", shown(&d.record.place.path), d.record.place.line))
            }
            (Action::CopyAnswer, Some(d)) => {
                ("the answer", d.text()[d.assessment.split.answer.clone()].to_owned())
            }
            (Action::CopySnippet, Some(d)) => ("the generation as Markdown", of(&d, None)),
            (Action::CopyMark, Some(d)) => {
                let mark = self.reader_in_hand().mark.or_else(|| d.stops(None).first().copied());
                ("the mark as Markdown", of(&d, mark))
            }
            _ => return,
        };
        // Only what is visible is copied: a pasted escape sequence acts like a drawn one.
        let text = visible_lines(&text).into_string();
        self.effects.push(Effect::Copy { what, text });
    }

    /// The command that prints what is on the screen: same library, same query, same numbers.
    pub fn command(&self) -> String {
        let mut words: Vec<OsString> = vec!["heedless".into()];
        words.extend(self.words_of_screen().into_iter().map(OsString::from));
        // What was typed at the start holds for what is copied too.
        words.extend(self.typed.iter().cloned());
        words.extend(self.paths.iter().map(|path| path.clone().into_os_string()));
        words.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" ")
    }

    fn words_of_screen(&self) -> Vec<String> {
        let key = self.reader_in_hand().document().map(|d| d.standing.key().to_owned());
        let word = str::to_owned;
        let library = self.found.as_ref().map_or(&self.library, |found| &found.library);
        let query = self.ask.query.to_string();
        let mut words = match (self.screen(), key) {
            (Screen::Read | Screen::Prompt, Some(key)) => return vec![word("show"), key],
            (Screen::Rejects, _) => return vec![word("rejects")],
            (Screen::Beside, Some(_)) => {
                let Some(document) = self.reader.document() else { return vec![word("runs")] };
                let row = document.standing.here().row();
                let others = self.beside.iter().flat_map(|b| &b.sides).map(|s| s.run.clone());
                let item = Query::default().with(Field::Item, &row.item().id);
                let group = &row.item().group;
                let item = if group.is_empty() { item } else { item.with(Field::Group, group) }.to_string();
                let first = row.run().run.name.clone();
                let names = std::iter::once(first).chain(others);
                return std::iter::once(word("compare"))
                    .chain(names)
                    .chain([word("--query"), item])
                    .collect();
            }
            (Screen::Runs, _) => vec![word("runs")],
            (Screen::Matrix, _) => {
                let (rows, columns) = self.matrix.fields;
                let fields = [("--rows", rows.name()), ("--columns", columns.name())];
                let measure = ("--measure", self.matrix.counted.name());
                let typed = fields.into_iter().chain([measure]).flat_map(|(option, value)| [option, value]);
                std::iter::once("matrix").chain(typed).map(word).collect()
            }
            (Screen::Plots, _) => {
                let screen = &self.plots;
                let name = |value: Option<clap::builder::PossibleValue>| {
                    value.map_or_else(String::new, |v| v.get_name().to_owned())
                };
                let mut words = vec![word("plot"), name(screen.kind.to_possible_value())];
                let variant = screen.chart.as_ref().and_then(|c| c.variants.get(c.variant));
                words.extend(variant.into_iter().flat_map(|v| [word("--of"), v.to_string()]));
                if screen.unit != Unit::default() {
                    words.extend([word("--unit"), name(screen.unit.to_possible_value())]);
                }
                words
            }
            (Screen::Flips, _) => {
                let name = |run: u32| library.runs()[run as usize].run.name.clone();
                let runs = self.flips.runs(library);
                let names = runs.into_iter().flat_map(|(a, b)| [name(a), name(b)]);
                std::iter::once(word("compare")).chain(names).collect()
            }
            _ => {
                let mut words = vec![word("query"), query.clone()];
                let sort = self.ask.sort;
                if sort != crate::library::Sort::default() {
                    let sign = if sort.descending { "-" } else { "" };
                    words.extend([word("--sort"), format!("{sign}{}", sort.key.name())]);
                }
                if self.ask.fold {
                    words.push(word("--fold"));
                }
                words
            }
        };
        if words[0] != "query" && !query.is_empty() {
            words.extend([word("--query"), query]);
        }
        if self.ask.query.asks_about(|field| matches!(field, Field::Vs | Field::VsCorrect))
            && let Some(baseline) = self.asker().baseline(library)
        {
            words.extend([word("--baseline"), library.runs()[baseline as usize].run.name.clone()]);
        }
        words
    }

    /// Opens the file of the generation in the user's editor.
    pub(super) fn edit(&mut self) {
        let Some(document) = self.reader_in_hand().document() else { return };
        let place = &document.record.place;
        let (path, line) = (place.path.to_path_buf(), place.line);
        self.effects.push(Effect::Edit { path, line });
    }

    /// Shows the output in the user's editor or pager, at the place at hand.
    pub(super) fn show_output(&mut self, tool: Tool) {
        let reader = self.reader_in_hand();
        let Some(document) = reader.document() else { return };
        let (text, at) = (document.text().to_owned(), reader.byte_at_hand());
        self.effects.push(Effect::Show { text, at, tool });
    }
}

/// A generation with its verdicts as Markdown; with a mark, only the line of the text around it.
fn of(d: &Document, mark: Option<usize>) -> String {
    let place = mark.and_then(|m| d.marks.get(m)).map(|m| m.bytes.clone());
    snippet(d.standing.key(), &d.record, &d.assessment, place)
}

/// A word for a POSIX shell.
fn quoted(word: &OsStr) -> String {
    let Some(word) = word.to_str().filter(|word| !word.contains(|c: char| c.is_ascii_control())) else {
        let bytes = word.as_encoded_bytes().iter();
        let signs = bytes.map(|&byte| match byte {
            b' '..=b'~' if !b"\\'".contains(&byte) => (byte as char).to_string(),
            _ => format!("\\{byte:03o}"),
        });
        return format!("$'{}'", signs.collect::<String>());
    };
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=,+@%".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_for_a_shell() {
        let table = [
            ("failed:no_comma", "failed:no_comma"),
            ("", "''"),
            ("a b", "'a b'"),
            ("it's", r"'it'\''s'"),
            ("model:qwen*", "'model:qwen*'"),
            ("$(rm)", "'$(rm)'"),
            ("it's\n1", r"$'it\047s\0121'"),
        ];
        for (word, expected) in table {
            assert_eq!(quoted(OsStr::new(word)), expected);
        }
        #[cfg(unix)]
        assert_eq!(quoted(std::os::unix::ffi::OsStrExt::from_bytes(b"a\xff1\\")), r"$'a\3771\134'");
    }
}
