//! The rules on words: which must occur, which must not, how often.

use std::ops::Range;

use super::args::{Args, Refusal, Result};
use super::bound::{Bound, Unit};
use super::distance::Closest;
use super::pattern::{Flavour, Pattern};
use super::rule::{Finding, Judged, Rule};
use super::{Role, python};

const KEYWORDS: Unit = Unit::new("keyword", "keywords");
const MATCHES: Unit = Unit::new("match", "matches");
const FORBIDDEN: Unit = Unit::new("forbidden word", "forbidden words");

/// A keyword with its pattern.
#[derive(Debug)]
struct Keyword {
    text: String,
    pattern: Pattern,
}

fn keywords(texts: Vec<&str>, flavour: Flavour) -> Result<Vec<Keyword>> {
    texts
        .into_iter()
        .map(|text| Ok(Keyword { text: text.to_owned(), pattern: Pattern::new(text, flavour)? }))
        .collect()
}

fn listed(keywords: &[Keyword]) -> String {
    keywords.iter().map(|k| k.text.as_str()).collect::<Vec<_>>().join(", ")
}

/// Each keyword found, ignoring case, within words too.
#[derive(Debug)]
struct Existence(Vec<Keyword>);

pub(super) fn existence(args: &Args<'_>) -> Result<Box<dyn Rule>> {
    Ok(Box::new(Existence(keywords(args.texts("keywords")?, Flavour::IgnoreCase)?)))
}

impl Rule for Existence {
    fn examine(&self, judged: &Judged<'_>) -> std::result::Result<Finding, Refusal> {
        let (mut missing, mut marks) = (Vec::new(), Vec::new());
        for keyword in &self.0 {
            let found = if judged.wants_marks() {
                let places = keyword.pattern.find_all(judged.text)?;
                let found = !places.is_empty();
                marks.extend(places.into_iter().map(|place| (place, keyword)));
                found
            } else {
                keyword.pattern.find(judged.text)?.is_some()
            };
            if !found {
                missing.push(keyword);
            }
        }
        let found = self.0.len() - missing.len();
        let mut finding = Finding::new(found as f64, 0.0 - missing.len() as f64, KEYWORDS.many);
        if judged.wants_marks() {
            for (place, keyword) in marks {
                finding.mark(place, Role::Hit, Some(keyword.text.clone()));
            }
            let names: Vec<String> = missing.iter().map(|k| format!("{:?}", k.text)).collect();
            finding.sentence = if names.is_empty() {
                format!("{} of {} found", found, KEYWORDS.count(found as u64))
            } else {
                format!(
                    "{} of {} missing: {}",
                    names.len(),
                    KEYWORDS.count(self.0.len() as u64),
                    names.join(", ")
                )
            };
            let closest = closest_words(judged.text, &missing);
            for (keyword, closest) in missing.into_iter().zip(closest) {
                finding.mark_missing(judged.end(), format!("{:?} is missing", keyword.text));
                if let Some(place) = closest {
                    finding.mark(place, Role::Divergence, Some(format!("the closest to {:?}", keyword.text)));
                }
            }
        }
        Ok(finding)
    }

    fn label(&self) -> String {
        format!("must say: {}", listed(&self.0))
    }
}

/// For each keyword the first of the words that resemble it most.
fn closest_words(text: &str, keywords: &[&Keyword]) -> Vec<Option<Range<usize>>> {
    let mut closest: Vec<Closest> = keywords.iter().map(|k| Closest::new(python::lower(&k.text))).collect();
    for place in python::words(text) {
        for closest in &mut closest {
            closest.look_at(&text[place.clone()], &place);
        }
    }
    closest.into_iter().map(Closest::found).collect()
}

/// A keyword matched fewer than or at least so many times, ignoring case, within words too.
#[derive(Debug)]
struct Frequency {
    keyword: Keyword,
    bound: Bound,
}

pub(super) fn frequency(args: &Args<'_>) -> Result<Box<dyn Rule>> {
    let text = python::strip(args.text("keyword")?);
    Ok(Box::new(Frequency {
        keyword: Keyword { text: text.to_owned(), pattern: Pattern::new(text, Flavour::IgnoreCase)? },
        bound: Bound::from_args(args, "frequency", "relation")?,
    }))
}

impl Rule for Frequency {
    fn examine(&self, judged: &Judged<'_>) -> std::result::Result<Finding, Refusal> {
        if !judged.wants_marks() {
            let count = self.keyword.pattern.count(judged.text)?;
            return Ok(Finding::counted(count, self.bound, MATCHES, judged.want));
        }
        let places = self.keyword.pattern.find_all(judged.text)?;
        let mut finding = Finding::counted(places.len(), self.bound, MATCHES, judged.want);
        finding.sentence = format!("{:?}: {}", self.keyword.text, finding.sentence);
        finding.mark_counted(places, self.bound, MATCHES, judged.end());
        Ok(finding)
    }

    fn label(&self) -> String {
        format!("{:?} {} times", self.keyword.text, self.bound.label())
    }
}

/// None of these words, ignoring case, as whole words.
#[derive(Debug)]
struct Forbidden(Vec<Keyword>);

pub(super) fn forbidden_words(args: &Args<'_>) -> Result<Box<dyn Rule>> {
    Ok(Box::new(Forbidden(keywords(args.texts("forbidden_words")?, Flavour::WholeWord)?)))
}

impl Rule for Forbidden {
    fn examine(&self, judged: &Judged<'_>) -> std::result::Result<Finding, Refusal> {
        if !judged.wants_marks() {
            let mut count = 0;
            for keyword in &self.0 {
                count += keyword.pattern.count(judged.text)?;
            }
            return Ok(Finding::new(count as f64, 0.0 - count as f64, FORBIDDEN.many));
        }
        let mut found = Vec::with_capacity(self.0.len());
        for keyword in &self.0 {
            found.push((keyword, keyword.pattern.find_all(judged.text)?));
        }
        let count: usize = found.iter().map(|(_, places)| places.len()).sum();
        let mut finding = Finding::new(count as f64, 0.0 - count as f64, FORBIDDEN.many);
        let mut said = Vec::new();
        for (keyword, places) in found {
            if !places.is_empty() {
                said.push(format!("{:?} {}", keyword.text, times(places.len())));
            }
            for place in places {
                finding.mark(place, Role::Violation, Some(keyword.text.clone()));
            }
        }
        finding.sentence = if said.is_empty() {
            "no forbidden word".to_owned()
        } else {
            format!("it says {}", said.join(", "))
        };
        Ok(finding)
    }

    fn label(&self) -> String {
        format!("forbidden: {}", listed(&self.0))
    }
}

fn times(n: usize) -> String {
    match n {
        1 => "once".to_owned(),
        2 => "twice".to_owned(),
        n => format!("{n} times"),
    }
}

const LETTERS: Unit = Unit::new("occurrence", "occurrences");

/// One letter of the lower-cased text, fewer than or at least so many times.
#[derive(Debug)]
struct LetterFrequency {
    letter: char,
    bound: Bound,
}

pub(super) fn letter_frequency(args: &Args<'_>) -> Result<Box<dyn Rule>> {
    let given = args.text("letter")?;
    let lowered = python::lower(given);
    let mut chars = lowered.chars();
    let (Some(letter), None) = (chars.next(), chars.next()) else {
        return Err(Refusal(format!("the argument `letter` is {given:?}, not one character")));
    };
    Ok(Box::new(LetterFrequency { letter, bound: Bound::from_args(args, "let_frequency", "let_relation")? }))
}

impl LetterFrequency {
    fn places(&self, text: &str) -> Vec<Range<usize>> {
        if !self.letter.is_ascii() {
            return python::lowered(text).filter(|l| l.c == self.letter).map(|l| l.start..l.end).collect();
        }
        let mut places: Vec<_> = self.ascii_places(text).collect();
        // The two characters beyond ASCII that lower-case to a letter of it.
        let beyond = match self.letter {
            'i' => "İ",
            'k' => "\u{212a}",
            _ => return places,
        };
        let plain = places.len();
        places.extend(text.match_indices(beyond).map(|(at, c)| at..at + c.len()));
        if places.len() > plain {
            places.sort_unstable_by_key(|p| p.start);
        }
        places
    }

    fn ascii_places<'t>(&self, text: &'t str) -> impl Iterator<Item = Range<usize>> + 't {
        let small = self.letter as u8;
        memchr::memchr2_iter(small, small.to_ascii_uppercase(), text.as_bytes()).map(|at| at..at + 1)
    }

    fn count(&self, text: &str) -> usize {
        match self.letter {
            'i' | 'k' if !text.is_ascii() => self.places(text).len(),
            letter if letter.is_ascii() => {
                let small = letter as u8;
                text.bytes().filter(|b| b.to_ascii_lowercase() == small).count()
            }
            _ => self.places(text).len(),
        }
    }
}

impl Rule for LetterFrequency {
    fn examine(&self, judged: &Judged<'_>) -> std::result::Result<Finding, Refusal> {
        let count = self.count(judged.text);
        let mut finding = Finding::counted(count, self.bound, LETTERS, judged.want);
        if judged.wants_marks() {
            finding.sentence = format!("{:?}: {}", self.letter, finding.sentence);
            finding.mark_counted(self.places(judged.text), self.bound, LETTERS, judged.end());
        }
        Ok(finding)
    }

    fn label(&self) -> String {
        format!("{:?} {} times", self.letter, self.bound.label())
    }
}
