//! Passages of a text in another language than the one it should be in, math left aside.
//!
//! A passage is one sentence or several in a row. Its script tells most languages apart; where
//! both are written in the same one, the detector is asked. A passage too short to tell counts as
//! being in the right language, and so do letters in math.

use std::ops::Range;

use super::latex::MathSpans;
use super::script::Script;
use super::{language, python};

/// Fewer letters than this in an ambiguous script are not judged.
const ENOUGH_LETTERS: usize = 24;

/// The detector must be this sure of another language.
const SURE: f64 = 0.9;

/// How far a text leaves a language.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Drift {
    /// Letters outside math.
    pub letters: usize,
    /// The passages in another language, in order.
    pub passages: Vec<Passage>,
}

/// A passage in another language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Passage {
    pub place: Range<usize>,
    /// Letters outside math.
    pub letters: usize,
    script: Script,
    /// The language, where the script or the detector told it.
    code: Option<String>,
}

impl Drift {
    /// Holds a text against a language, given by the detector's code.
    pub(super) fn from_language(text: &str, math: &MathSpans, wanted: &str) -> Self {
        let mut drift = Self::default();
        for sentence in Sentences::new(text, math) {
            drift.letters += sentence.letters;
            let Some(code) = sentence.other_language(text, math, wanted) else { continue };
            let script = sentence.script;
            match drift.passages.last_mut() {
                // Neighbours in the same language make one passage.
                Some(last)
                    if last.code == code
                        && last.script == script
                        && python::strip(&text[last.place.end..sentence.place.start]).is_empty() =>
                {
                    last.place.end = sentence.place.end;
                    last.letters += sentence.letters;
                }
                _ => drift.passages.push(Passage {
                    place: sentence.place,
                    letters: sentence.letters,
                    script,
                    code,
                }),
            }
        }
        drift
    }

    /// Share of the letters that are in another language: 0 to 1.
    pub(super) fn share(&self) -> f64 {
        if self.letters == 0 {
            return 0.0;
        }
        self.passages.iter().map(|p| p.letters).sum::<usize>() as f64 / self.letters as f64
    }
}

impl Passage {
    /// The language's name, or that of the script where the language can't be told.
    pub(super) fn name(&self, text: &str) -> String {
        if let Some(code) = &self.code {
            return language::name(code).to_owned();
        }
        match language::detect_passage(&text[self.place.clone()]) {
            Some((code, _)) if self.letters >= ENOUGH_LETTERS && self.script.writes(&code) => {
                language::name(&code).to_owned()
            }
            _ => format!("{} script", self.script.name()),
        }
    }
}

/// A sentence with what its letters are.
struct Sentence {
    place: Range<usize>,
    letters: usize,
    /// The script of most of its letters.
    script: Script,
}

impl Sentence {
    /// The language it is in where that is not the wanted one: `Some(None)` when it is another one
    /// by its script, but not known which.
    fn other_language(&self, text: &str, math: &MathSpans, wanted: &str) -> Option<Option<String>> {
        if !self.script.writes(wanted) {
            return Some(self.script.only_language().map(str::to_owned));
        }
        if self.script.only_language().is_some() || self.letters < ENOUGH_LETTERS {
            return None;
        }
        let (code, probability) = language::detect_passage(&without_math(text, math, &self.place))?;
        // Chinese characters alone may be Japanese.
        let kin =
            wanted == "ja" && code.starts_with("zh") || code.split('-').next() == wanted.split('-').next();
        (code != wanted && !kin && probability >= SURE).then_some(Some(code))
    }
}

/// A passage with spaces for its math.
fn without_math<'t>(text: &'t str, math: &MathSpans, place: &Range<usize>) -> std::borrow::Cow<'t, str> {
    let mut plain = String::new();
    let mut at = place.start;
    for span in math.within(place) {
        plain.push_str(&text[at..span.start.max(at)]);
        plain.push(' ');
        at = span.end.min(place.end);
    }
    if at == place.start {
        return std::borrow::Cow::Borrowed(&text[place.clone()]);
    }
    plain.push_str(&text[at..place.end]);
    plain.into()
}

/// The sentences of a text that have letters outside math.
struct Sentences<'t> {
    text: &'t str,
    math: &'t MathSpans,
    at: usize,
}

impl<'t> Sentences<'t> {
    fn new(text: &'t str, math: &'t MathSpans) -> Self {
        Self { text, math, at: 0 }
    }
}

impl Iterator for Sentences<'_> {
    type Item = Sentence;

    fn next(&mut self) -> Option<Sentence> {
        while self.at < self.text.len() {
            let mut counts = [0usize; Script::COUNT];
            let mut scripts = [Script::Other; Script::COUNT];
            let mut place: Option<Range<usize>> = None;
            let mut chars = self.text[self.at..].char_indices().peekable();
            let base = self.at;
            let mut end = self.text.len();
            let mut skip_to = base;
            while let Some((n, c)) = chars.next() {
                let at = base + n;
                if at < skip_to {
                    continue;
                }
                if matches!(c, '$' | '\\')
                    && let Some(span) = self.math.at(at)
                {
                    skip_to = span.end;
                    continue;
                }
                // A command of LaTeX's in prose is no word of a language.
                if c == '\\' {
                    while let Some((n, c)) = chars.next_if(|(_, c)| c.is_ascii_alphabetic()) {
                        skip_to = base + n + c.len_utf8();
                    }
                    continue;
                }
                if let Some(script) = Script::of(c) {
                    counts[script as usize] += 1;
                    scripts[script as usize] = script;
                    let after = at + c.len_utf8();
                    place = Some(place.map_or(at, |p| p.start)..after);
                    continue;
                }
                let next = chars.peek().map(|&(_, c)| c);
                let ends = match c {
                    '\n' | '。' | '！' | '？' => true,
                    '.' | '!' | '?' | '…' | '।' => next.is_none_or(python::is_space),
                    _ => false,
                };
                if ends {
                    end = at + c.len_utf8();
                    if c != '\n' {
                        place = place.map(|p| p.start..end);
                    }
                    break;
                }
            }
            self.at = end.max(skip_to);
            let letters = counts.iter().sum();
            let most = (0..Script::COUNT).max_by_key(|&s| counts[s]).unwrap_or_default();
            if let Some(place) = place {
                return Some(Sentence { place, letters, script: scripts[most] });
            }
        }
        None
    }
}
