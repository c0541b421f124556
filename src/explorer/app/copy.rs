//! Taking something along: to the clipboard, an editor, a pager.

use std::fmt::Write as _;

use super::super::document::Document;
use super::super::effect::Effect;
use super::{Action, App, Screen};
use crate::text::visible_lines;

impl App {
    /// Copies what an action names.
    pub(super) fn copy(&mut self, action: Action) {
        let document = self.reader_in_hand().document().cloned();
        let (what, text) = match (action, document) {
            (Action::CopyQuery, _) => ("the query", self.ask.query.to_string()),
            (Action::CopyCommand, _) => ("the command", self.command()),
            (Action::CopyKey, Some(d)) => ("the key", d.standing.key.clone()),
            (Action::CopyPlace, Some(d)) => {
                ("path and line", format!("{}:{}", d.record.place.path.display(), d.record.place.line))
            }
            (Action::CopyAnswer, Some(d)) => {
                ("the answer", d.text()[d.assessment.split.answer.clone()].to_owned())
            }
            (Action::CopySnippet, Some(d)) => ("the generation as Markdown", snippet(&d, None)),
            (Action::CopyMark, Some(d)) => {
                let mark = self.reader_in_hand().mark.or_else(|| d.stops(None).first().copied());
                ("the mark as Markdown", snippet(&d, mark))
            }
            _ => return,
        };
        // Only what is visible is copied: a pasted escape sequence acts like a drawn one.
        let text = visible_lines(&text).into_string();
        self.effects.push(Effect::Copy { what, text });
    }

    /// The command that prints what is on the screen.
    pub fn command(&self) -> String {
        let mut words = vec!["heedless".to_owned()];
        let key = self.reader_in_hand().document().map(|d| d.standing.key.clone());
        match (self.screen(), key) {
            (Screen::Read | Screen::Prompt, Some(key)) => words.extend(["show".into(), key]),
            (Screen::Beside, Some(_)) => {
                let run = |key: &str| key.split('/').next().unwrap_or_default().to_owned();
                let left = self.reader.document().map(|d| run(&d.standing.key));
                let right = self.beside.iter().flat_map(|b| &b.sides).map(|s| s.run.clone()).next();
                words.push("compare".into());
                words.extend(left.into_iter().chain(right));
            }
            (Screen::Runs, _) => words.push("runs".into()),
            (Screen::Rejects, _) => words.push("index".into()),
            _ => {
                words.extend(["query".into(), self.ask.query.to_string()]);
                let sort = self.ask.sort;
                if sort != crate::library::Sort::default() {
                    let sign = if sort.descending { "-" } else { "" };
                    words.extend(["--sort".into(), format!("{sign}{}", sort.key.name())]);
                }
                if self.ask.fold {
                    words.push("--fold".into());
                }
            }
        }
        words.extend(self.paths.iter().cloned());
        words.iter().map(|w| quoted(w)).collect::<Vec<_>>().join(" ")
    }

    /// Opens the file of the generation in the user's editor.
    pub(super) fn edit(&mut self) {
        let Some(document) = self.reader_in_hand().document() else { return };
        let place = &document.record.place;
        let (path, line) = (place.path.to_path_buf(), place.line);
        self.effects.push(Effect::Edit { path, line });
    }

    /// Shows the output in the user's pager.
    pub(super) fn page(&mut self) {
        let Some(document) = self.reader_in_hand().document() else { return };
        let text = visible_lines(document.text()).into_string();
        self.effects.push(Effect::Page { text });
    }
}

/// A word for a POSIX shell.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=,+@%".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

/// A generation with its verdicts as Markdown; with a mark, only the line of the text around it.
fn snippet(document: &Document, mark: Option<usize>) -> String {
    let item = &document.record.item;
    let mut out = format!("**{}**", document.standing.key);
    for (constraint, verdict) in item.constraints.iter().zip(&document.assessment.verdicts) {
        let sign = match verdict.status.followed() {
            Some(true) => '✓',
            Some(false) => '✗',
            None => '?',
        };
        let _ = write!(out, "\n- {sign} `{}` {}", constraint.id, verdict.sentence);
    }
    let text = document.text();
    let quoted = match mark.and_then(|m| document.marks.get(m)) {
        Some(mark) => {
            let start = text[..mark.bytes.start].rfind('\n').map_or(0, |at| at + 1);
            let end = text[mark.bytes.end..].find('\n').map_or(text.len(), |at| mark.bytes.end + at);
            let (before, marked, after) =
                (&text[start..mark.bytes.start], &text[mark.bytes.clone()], &text[mark.bytes.end..end]);
            format!("{before}⟦{marked}⟧{after}")
        }
        None => text[document.assessment.split.answer.clone()].to_owned(),
    };
    out.push_str("\n\n");
    for line in quoted.trim().lines() {
        out.push_str("> ");
        out.push_str(line);
        out.push('\n');
    }
    out
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
        ];
        for (word, expected) in table {
            assert_eq!(quoted(word), expected);
        }
    }
}
