//! Passages of a text in another language than the one it should be in, math left aside.
//!
//! A passage is one sentence or several in a row. Its script tells most languages apart; where
//! both are written in the same one, the detector is asked. A passage too short to tell counts as
//! being in the right language, and so do letters in math.

use std::ops::Range;

use super::language::Guess;
use super::latex::MathSpans;
use super::script::Script;
use super::{language, python};

/// Fewer letters than this in an ambiguous script are not judged.
const ENOUGH_LETTERS: usize = 24;

/// Less than this, in letters of an alphabet, in another script is a name or a label.
const ENOUGH_WEIGHT: usize = 12;

/// Sentences in an ambiguous script are judged together until they have so many letters: in a text
/// that is in the language as a whole, and in one that is not.
const STEP_WITHIN: usize = 160;
const STEP_OUTSIDE: usize = 960;

/// Every sentence for itself: a single one that strays is not outweighed by its neighbours.
const STEP_SENTENCE: usize = 1;

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
    code: Option<&'static str>,
}

impl Drift {
    /// Holds a text against a language, given by the detector's code, as is the language that the
    /// whole text was `detected` to be in.
    pub(super) fn from_language(text: &str, math: &MathSpans, wanted: &str, detected: Option<&str>) -> Self {
        let step = if detected.is_some_and(|code| code != wanted) { STEP_OUTSIDE } else { STEP_WITHIN };
        Self::stepwise(text, math, wanted, detected, step)
    }

    /// Holds each sentence of a text against a language.
    pub(super) fn of_sentences(text: &str, math: &MathSpans, wanted: &str) -> Self {
        Self::stepwise(text, math, wanted, None, STEP_SENTENCE)
    }

    fn stepwise(text: &str, math: &MathSpans, wanted: &str, detected: Option<&str>, step: usize) -> Self {
        let mut search =
            Search { text, math, wanted, detected, guess: None, goes_on: false, drift: Self::default() };
        let mut waiting: Option<Sentence> = None;
        for sentence in Sentences::new(text, math) {
            let ambiguous = sentence.script.writes(wanted) && sentence.script.only_language().is_none();
            match &mut waiting {
                Some(passage) if ambiguous && passage.script == sentence.script => {
                    passage.place.end = sentence.place.end;
                    passage.letters += sentence.letters;
                }
                _ => {
                    if let Some(passage) = waiting.replace(sentence) {
                        search.judge(passage);
                    }
                }
            }
            if let Some(passage) = waiting.take_if(|passage| !ambiguous || passage.letters >= step) {
                search.judge(passage);
            }
        }
        if let Some(passage) = waiting {
            search.judge(passage);
        }
        search.drift
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
        if let Some(code) = self.code {
            return language::name(code).to_owned();
        }
        match language::name_passage(&text[self.place.clone()]) {
            Some(code)
                if self.letters * self.script.weight() >= ENOUGH_LETTERS && self.script.writes(code) =>
            {
                language::name(code).to_owned()
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

/// The search for passages in another language.
struct Search<'t> {
    text: &'t str,
    math: &'t MathSpans,
    wanted: &'t str,
    detected: Option<&'t str>,
    /// Made when first needed.
    guess: Option<Guess>,
    /// Whether what was judged last is the last passage: neighbours in one language make one.
    goes_on: bool,
    drift: Drift,
}

impl Search<'_> {
    fn judge(&mut self, sentence: Sentence) {
        self.drift.letters += sentence.letters;
        let code = match self.tell(&sentence) {
            Told::Wanted => {
                self.goes_on = false;
                return;
            }
            Told::Other => None,
            Told::Named(code) => Some(code),
        };
        let Sentence { place, letters, script } = sentence;
        match self.drift.passages.last_mut() {
            Some(last) if self.goes_on && last.code == code && last.script == script => {
                last.place.end = place.end;
                last.letters += letters;
            }
            _ => self.drift.passages.push(Passage { place, letters, script, code }),
        }
        self.goes_on = true;
    }

    fn tell(&mut self, passage: &Sentence) -> Told {
        let Sentence { place, letters, script } = passage;
        if !script.writes(self.wanted) {
            return match script.only_language() {
                _ if letters * script.weight() < ENOUGH_WEIGHT => Told::Wanted,
                Some(code) => Told::Named(code),
                None => Told::Other,
            };
        }
        if script.only_language().is_some() || *letters < ENOUGH_LETTERS {
            return Told::Wanted;
        }
        let guess = self.guess.get_or_insert_with(|| Guess::between(self.wanted, self.detected));
        match guess.language(&without_math(self.text, self.math, place)) {
            Some((code, probability)) if probability >= SURE && !self.is_kin(code) => Told::Named(code),
            _ => Told::Wanted,
        }
    }

    /// Whether a language is the wanted one, or can't be told from it by one passage.
    fn is_kin(&self, code: &str) -> bool {
        // Chinese characters alone may be Japanese.
        self.wanted == "ja" && code.starts_with("zh")
            || code.split('-').next() == self.wanted.split('-').next()
    }
}

/// What the search tells of a passage.
enum Told {
    /// It is in the wanted language, or too short to tell.
    Wanted,
    /// It is in another one by its script, but not known which.
    Other,
    /// It is in the language with this code.
    Named(&'static str),
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
            // Japanese is written in two.
            if counts[Script::Kana as usize] > 0 {
                counts[Script::Kana as usize] += std::mem::take(&mut counts[Script::Han as usize]);
            }
            let most = scripts.into_iter().max_by_key(|&s| counts[s as usize] * s.weight());
            if let Some((place, script)) = place.zip(most) {
                return Some(Sentence { place, letters, script });
            }
        }
        None
    }
}
