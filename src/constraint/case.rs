//! The rules on capital and small letters.

use wide::u8x32;

use super::args::{Args, Refusal, Result};
use super::bound::{Bound, Unit};
use super::python::{self, LetterCase};
use super::rule::{Finding, Judged, Rule};
use super::runs::{Kind, Runs, within};
use super::{Role, language, treebank};

const SMALL: Unit = Unit::new("small letter", "small letters");
const CAPITAL: Unit = Unit::new("capital letter", "capital letters");
const TOKENS: Unit = Unit::new("capital word", "capital words");

/// All in one case, and in English.
#[derive(Debug)]
struct OneCase {
    wanted: LetterCase,
    /// What must not be there.
    other: Unit,
}

pub(super) fn english_capital() -> Box<dyn Rule> {
    Box::new(OneCase { wanted: LetterCase::Upper, other: SMALL })
}

pub(super) fn english_lowercase() -> Box<dyn Rule> {
    Box::new(OneCase { wanted: LetterCase::Lower, other: CAPITAL })
}

/// Letters of the wanted case, and of the other one (title-case letters among them).
fn count_cases(text: &str, wanted: LetterCase) -> (usize, usize) {
    let bytes = text.as_bytes();
    let (mut upper, mut lower, mut high) = (0usize, 0usize, 0usize);
    // Plain sums over small blocks, which the compiler turns into vector instructions.
    for block in bytes.chunks(192) {
        let (mut u, mut l, mut h) = (0u8, 0u8, 0u8);
        for &b in block {
            u += u8::from(b.is_ascii_uppercase());
            l += u8::from(b.is_ascii_lowercase());
            h += u8::from(b >= 0x80);
        }
        upper += usize::from(u);
        lower += usize::from(l);
        high += usize::from(h);
    }
    let mut title = 0;
    if high > 0 {
        for c in text.chars().filter(|c| !c.is_ascii()) {
            match python::letter_case(c) {
                LetterCase::Upper => upper += 1,
                LetterCase::Lower => lower += 1,
                LetterCase::Title => title += 1,
                LetterCase::None => {}
            }
        }
    }
    if wanted == LetterCase::Upper { (upper, lower + title) } else { (lower, upper + title) }
}

impl Rule for OneCase {
    fn examine(&self, judged: &Judged<'_>) -> std::result::Result<Finding, Refusal> {
        let (right, wrong) = count_cases(judged.text, self.wanted);
        // The detector is asked only of a text in the right case, as the reference does.
        let detection = (wrong == 0 && right > 0).then(|| language::Detection::of(judged.text));
        let foreign = detection.as_ref().and_then(|d| d.other_than("en"));
        let failed = if wrong > 0 { wrong } else { usize::from(right == 0 || foreign.is_some()) };
        let mut finding = Finding::new(wrong as f64, 0.0 - failed as f64, self.other.many);
        finding.unstable = detection.as_ref().is_some_and(|d| d.is_unstable("en"));
        if judged.wants_marks() {
            for place in Runs::new(judged.text, Not(self.wanted)) {
                finding.mark(place, Role::Violation, None);
            }
            let wanted = if self.wanted == LetterCase::Upper { CAPITAL } else { SMALL };
            finding.sentence = if wrong > 0 {
                let share = 100.0 * wrong as f64 / (wrong + right) as f64;
                format!("{} too many ({share:.0} % of the letters)", self.other.count(wrong as u64))
            } else if right == 0 {
                finding.mark_missing(judged.end(), format!("not one {}", wanted.one));
                format!("not one {}", wanted.one)
            } else if let Some(code) = foreign {
                let name = language::name(code);
                let place = python::strip_range(judged.text);
                finding.mark(place, Role::Region, Some(format!("taken for {name}, not English")));
                format!("all {}, but taken for {name}, not English", wanted.many)
            } else {
                format!("all {}", wanted.many)
            };
        }
        Ok(finding)
    }

    fn label(&self) -> String {
        match self.wanted {
            LetterCase::Upper => "all capitals, English".to_owned(),
            _ => "all lowercase, English".to_owned(),
        }
    }
}

/// Letters that have a case, and not this one, which is the upper or the lower.
struct Not(LetterCase);

impl Kind for Not {
    #[inline]
    fn ascii(&self, bytes: u8x32) -> u8x32 {
        let first = if self.0 == LetterCase::Upper { b'a' } else { b'A' };
        within(bytes, first, first + 25)
    }

    fn contains(&self, c: char) -> bool {
        let case = python::letter_case(c);
        case != LetterCase::None && case != self.0
    }
}

/// Words all in capitals, fewer than or at least so many.
///
/// Words are the tokens of NLTK's `word_tokenize`.
#[derive(Debug)]
struct CapitalWordFrequency(Bound);

pub(super) fn capital_word_frequency(args: &Args<'_>) -> Result<Box<dyn Rule>> {
    Ok(Box::new(CapitalWordFrequency(Bound::from_args(args, "capital_frequency", "capital_relation")?)))
}

impl Rule for CapitalWordFrequency {
    fn examine(&self, judged: &Judged<'_>) -> std::result::Result<Finding, Refusal> {
        let mut places = Vec::new();
        let mut count = 0;
        treebank::upper_tokens(judged.text, |place| {
            count += 1;
            if judged.wants_marks() {
                places.push(place);
            }
        });
        let mut finding = Finding::counted(count, self.0, TOKENS, judged.want);
        if judged.wants_marks() {
            finding.mark_counted(places, self.0, TOKENS, judged.end());
        }
        Ok(finding)
    }

    fn label(&self) -> String {
        self.0.label_of(TOKENS)
    }
}
