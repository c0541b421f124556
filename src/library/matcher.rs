//! Lookups held against a text as it stands: for what is not indexed, and to highlight hits.

use std::ops::Range;

use regex::Regex;

use super::query::{Lookup, Scope, Term};
use super::words::{Words, words};
use crate::record::{Generation, Item};
use crate::split::Split;

/// A lookup made ready to be held against many texts.
#[derive(Debug)]
pub struct Matcher {
    scope: Scope,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    /// Words in a row; the last may go on when it is a prefix.
    Words { words: Vec<String>, prefix: bool },
    /// A pattern over the text as it stands.
    Pattern(Regex),
    /// A pattern that cannot be compiled finds nothing.
    Nothing,
}

impl Matcher {
    /// Makes a lookup ready.
    pub fn new(lookup: &Lookup) -> Self {
        let kind = match Needle::of(&lookup.term) {
            Needle::Words { words, prefix } => Kind::Words { words, prefix },
            Needle::Pattern(pattern) => Regex::new(&pattern).map_or(Kind::Nothing, Kind::Pattern),
        };
        Self { scope: lookup.scope, kind }
    }

    /// Where it looks.
    pub fn scope(&self) -> Scope {
        self.scope
    }

    /// Whether a text has it.
    pub fn is_in(&self, text: &str) -> bool {
        match &self.kind {
            Kind::Pattern(regex) => regex.is_match(text),
            Kind::Words { .. } => {
                let mut found = false;
                self.each(text, &mut |_| {
                    found = true;
                    false
                });
                found
            }
            Kind::Nothing => false,
        }
    }

    /// Every place of a text that has it, as byte ranges.
    pub fn find(&self, text: &str) -> Vec<Range<usize>> {
        let mut all = Vec::new();
        match &self.kind {
            Kind::Pattern(regex) => {
                all.extend(regex.find_iter(text).map(|m| m.range()).filter(|range| !range.is_empty()));
            }
            Kind::Words { .. } => self.each(text, &mut |range| {
                all.push(range);
                true
            }),
            Kind::Nothing => {}
        }
        all
    }

    /// Calls `found` with each place; stops when that says so.
    fn each(&self, text: &str, found: &mut dyn FnMut(Range<usize>) -> bool) {
        let Kind::Words { words, prefix } = &self.kind else { return };
        let mut text_words = Words::new(text);
        // Starts of the runs of words that match so far, the longest first: `lengths[i]` words do.
        let mut runs: Vec<(usize, usize)> = Vec::new();
        while let Some(range) = text_words.advance() {
            let here = text_words.word();
            let fits = |at: usize| {
                if at + 1 == words.len() && *prefix {
                    here.starts_with(words[at].as_str())
                } else {
                    here == words[at]
                }
            };
            runs.push((range.start, 0));
            let mut complete = None;
            runs.retain_mut(|(start, matched)| {
                if !fits(*matched) {
                    return false;
                }
                *matched += 1;
                if *matched == words.len() {
                    complete = Some(*start..range.end);
                    return false;
                }
                true
            });
            if let Some(place) = complete
                && !found(place)
            {
                return;
            }
        }
    }

    /// Whether it is words: what relevance is about.
    pub(super) fn is_words(&self) -> bool {
        matches!(self.kind, Kind::Words { .. })
    }

    /// Whether the index can count it: words, but no phrase that ends in the beginning of one.
    pub(super) fn counts(&self) -> bool {
        matches!(&self.kind, Kind::Words { words, prefix } if words.len() == 1 || !prefix)
    }

    /// How often a generation has it in its scope, as the index counts.
    pub(super) fn occurrences(&self, item: &Item, generation: &Generation, split: &Split) -> u32 {
        let most = if self.counts() { u32::MAX } else { 1 };
        let in_text = |text: &str| {
            let mut n = 0;
            self.each(text, &mut |_| {
                n += 1;
                n < most
            });
            n
        };
        let (trace, answer) = (&generation.text[split.trace.clone()], &generation.text[split.answer.clone()]);
        match self.scope {
            Scope::Output => in_text(trace) + in_text(answer),
            Scope::Trace => in_text(trace),
            Scope::Answer => in_text(answer),
            Scope::Question => in_text(&item.question),
        }
    }

    /// Whether a generation has it in its scope.
    pub(super) fn is_in_generation(&self, item: &Item, generation: &Generation, split: &Split) -> bool {
        let (trace, answer) = (&generation.text[split.trace.clone()], &generation.text[split.answer.clone()]);
        match self.scope {
            Scope::Output => self.is_in(trace) || self.is_in(answer),
            Scope::Trace => self.is_in(trace),
            Scope::Answer => self.is_in(answer),
            Scope::Question => self.is_in(&item.question),
        }
    }
}

/// What to look for: words where the term has any, else its characters as they stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Needle {
    Words { words: Vec<String>, prefix: bool },
    Pattern(String),
}

impl Needle {
    pub(super) fn of(term: &Term) -> Self {
        let (text, prefix) = match term {
            Term::Word(text) | Term::Phrase(text) => (text, false),
            Term::Prefix(text) => (text, true),
            Term::Regex(pattern) => return Self::Pattern(pattern.clone()),
        };
        let words = words(text);
        if words.is_empty() {
            return Self::Pattern(regex::escape(text));
        }
        Self::Words { words, prefix }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(term: Term, text: &str) -> Vec<&str> {
        let matcher = Matcher::new(&Lookup { scope: Scope::Output, term });
        let found: Vec<&str> = matcher.find(text).into_iter().map(|range| &text[range]).collect();
        assert_eq!(matcher.is_in(text), !found.is_empty(), "{text:?}");
        found
    }

    #[test]
    fn finds_words_phrases_prefixes_patterns() {
        let text = r"Wait, wait: the answer is \frac{1}{2}, not 1,000. 数学は楽しい";
        assert_eq!(find(Term::Word("WAIT".into()), text), ["Wait", "wait"]);
        assert_eq!(find(Term::Phrase("the answer is".into()), text), ["the answer is"]);
        assert_eq!(find(Term::Phrase(r"\frac{1}{2}".into()), text), ["frac{1}{2"]);
        assert_eq!(find(Term::Word("1000".into()), text), ["1,000"]);
        assert_eq!(find(Term::Prefix("answ".into()), text), ["answer"]);
        assert_eq!(find(Term::Word("数学".into()), text), ["数学"]);
        assert_eq!(find(Term::Word(",".into()), "a,b,"), [",", ","]);
        assert_eq!(find(Term::Regex(r"\d".into()), text).len(), 6);
        assert!(find(Term::Phrase("answer the".into()), text).is_empty());
    }

    #[test]
    fn overlapping_beginnings_are_all_tried() {
        assert_eq!(find(Term::Phrase("a a b".into()), "a a a b"), ["a a b"]);
    }
}
