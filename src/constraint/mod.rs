//! Constraints: what is checked, what is measured, where the mark goes.
//!
//! The verdict of every rule is that of the public Python reference (MathIF's
//! `constraint_checker.py`, a subset of Google's IFEval), written from a description of its
//! behaviour and held to its saved verdicts by `tests/parity.rs`.

mod affix;
mod args;
mod bound;
mod case;
mod content;
mod custom;
mod detector;
mod distance;
mod drift;
mod format;
mod json;
mod keyword;
mod language;
mod latex;
mod length;
mod loose;
mod pattern;
mod punctuation;
mod punkt;
pub mod python;
mod registry;
mod rule;
mod runs;
mod script;
mod translation;
mod treebank;

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::record::Constraint;
use args::{Args, Refusal};
pub use custom::{custom_fingerprint, custom_kinds, read_custom};
pub use registry::{Argument, Kind, Shape, kind_of, kinds, kinds_named};
use rule::{Judged, Rule};

/// What became of one constraint in one output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// The rule holds.
    Followed,
    /// It does not.
    NotFollowed,
    /// It could not be checked: bad arguments, a pattern past its step limit, …. Never a pass.
    Unverifiable,
    /// Nobody here knows the id.
    NoChecker,
    /// There is no output to check.
    Missing,
}

impl Status {
    /// `Some(true)`, `Some(false)`, or `None` when not known.
    pub fn followed(self) -> Option<bool> {
        match self {
            Self::Followed => Some(true),
            Self::NotFollowed => Some(false),
            Self::Unverifiable | Self::NoChecker | Self::Missing => None,
        }
    }

    /// The words shown.
    pub fn name(self) -> &'static str {
        match self {
            Self::Followed => "followed",
            Self::NotFollowed => "not followed",
            Self::Unverifiable => "unverifiable",
            Self::NoChecker => "no checker",
            Self::Missing => "missing",
        }
    }
}

/// What a mark says about its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// This breaks the rule.
    Violation,
    /// This counts towards the rule.
    Hit,
    /// Here the text leaves what was asked for.
    Divergence,
    /// A whole stretch is meant: the words past the limit, a paragraph in another language.
    Region,
    /// Something should stand here and does not (an empty range).
    Missing,
}

impl Role {
    /// The word shown.
    pub fn name(self) -> &'static str {
        match self {
            Self::Violation => "violation",
            Self::Hit => "hit",
            Self::Divergence => "divergence",
            Self::Region => "region",
            Self::Missing => "missing",
        }
    }
}

/// A place in the output: a byte range into [`Generation::text`](crate::record::Generation::text),
/// always on character boundaries.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Mark {
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
    /// What it says.
    pub role: Role,
    /// A word more: `prose`, `number`, `math` for commas, a language, what was expected.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// Signed distance to the border of a constraint.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Margin {
    /// At least 0 exactly when the constraint is followed.
    pub value: f64,
    /// What one step is, in the plural: `commas`, `words`, `share`.
    pub unit: &'static str,
}

/// The verdict on one constraint.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Verdict {
    /// Followed or not, or why that is not known.
    pub status: Status,
    /// What was counted or measured, in the unit of the margin.
    pub measured: Option<f64>,
    /// How far from the border.
    pub margin: Option<Margin>,
    /// The margin as a sentence: `3 commas too many`, `17 words short`; a reason when unverifiable.
    pub sentence: String,
    /// The verdict changes with the seed of the language detector.
    pub unstable: bool,
    /// Where, in order of place. Empty unless asked for ([`Want::Marks`]).
    pub marks: Vec<Mark>,
}

/// How much of a verdict is wanted. A verdict is cheap; a million mark lists are not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Want {
    /// Status, measured value and margin.
    Verdict,
    /// Those, the sentence, and the marks.
    Marks,
}

/// Category of a constraint, the four of the MathIF paper.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Category {
    /// How long.
    Length,
    /// Which words, which language.
    Lexical,
    /// Which shape.
    Format,
    /// How it begins and ends.
    Affix,
    /// Not a constraint we know.
    Other,
}

impl Category {
    /// All, in the order they are shown.
    pub const ALL: [Self; 5] = [Self::Length, Self::Lexical, Self::Format, Self::Affix, Self::Other];

    /// The word shown.
    pub fn name(self) -> &'static str {
        match self {
            Self::Length => "length",
            Self::Lexical => "lexical",
            Self::Format => "format",
            Self::Affix => "affix",
            Self::Other => "other",
        }
    }
}

/// A constraint made ready to check many outputs: arguments validated, patterns compiled.
#[derive(Debug)]
pub struct Prepared {
    kind: Option<&'static Kind>,
    rule: Result<Box<dyn Rule>, Refused>,
}

/// Why there is no rule to check.
#[derive(Debug)]
enum Refused {
    /// Nobody here knows the id.
    NoChecker(String),
    /// The arguments can't be used.
    Arguments(Refusal),
}

/// Makes a constraint of a kind ready.
fn prepare_kind(kind: &'static Kind, args: &serde_json::Value) -> Prepared {
    let rule = Args::new(args).and_then(|args| kind.rule(&args)).map_err(Refused::Arguments);
    Prepared { kind: Some(kind), rule }
}

impl Prepared {
    /// Makes a constraint ready. Bad arguments and unknown ids give a `Prepared` whose every
    /// verdict says so.
    pub fn new(constraint: &Constraint) -> Self {
        match kind_of(&constraint.id) {
            Some(kind) => prepare_kind(kind, &constraint.args),
            None => Self { kind: None, rule: Err(Refused::NoChecker(constraint.id.clone())) },
        }
    }

    /// What kind of constraint it is; `None` when nobody here knows the id.
    pub fn kind(&self) -> Option<&'static Kind> {
        self.kind
    }

    /// Holds `text[judged]` against the rule. Marks are offsets into `text`.
    ///
    /// A judged text that is empty, white space aside, follows nothing, and has no margin.
    pub fn check(&self, text: &str, judged: Range<usize>, want: Want) -> Verdict {
        let rule = match &self.rule {
            Ok(rule) => rule,
            Err(Refused::NoChecker(id)) => {
                return Verdict::unknown(Status::NoChecker, format!("no checker for {id:?}"));
            }
            Err(Refused::Arguments(Refusal(reason))) => {
                return Verdict::unknown(Status::Unverifiable, reason.clone());
            }
        };
        let slice = &text[judged.clone()];
        if python::strip(slice).is_empty() {
            return Verdict {
                status: Status::NotFollowed,
                sentence: if want == Want::Marks {
                    "there is no text to judge".to_owned()
                } else {
                    String::new()
                },
                ..Verdict::unknown(Status::NotFollowed, String::new())
            };
        }
        let finding = match rule.examine(&Judged::new(slice, want)) {
            Ok(finding) => finding,
            Err(Refusal(reason)) => return Verdict::unknown(Status::Unverifiable, reason),
        };
        let mut marks = finding.marks;
        for mark in &mut marks {
            mark.start += judged.start;
            mark.end += judged.start;
        }
        marks.sort_by_key(|mark| (mark.start, mark.end));
        Verdict {
            status: if finding.margin >= 0.0 { Status::Followed } else { Status::NotFollowed },
            measured: Some(finding.measured),
            margin: Some(Margin { value: finding.margin, unit: finding.unit }),
            sentence: finding.sentence,
            unstable: finding.unstable,
            marks,
        }
    }

    /// IFEval's loose verdict: followed when any of eight texts is — as it is, without its first
    /// line, without its last, without both, and those four without `*`.
    ///
    /// The verdict is the strict one where that is followed; otherwise that of the first variant
    /// that is, with a sentence saying which. Marks belong to the strict text only and are left out.
    pub fn check_loose(&self, text: &str, judged: Range<usize>) -> Verdict {
        let strict = self.check(text, judged.clone(), Want::Verdict);
        if strict.status != Status::NotFollowed {
            return strict;
        }
        loose::variants(&text[judged])
            .map(|(name, variant)| {
                let verdict = self.check(&variant, 0..variant.len(), Want::Verdict);
                Verdict { sentence: format!("followed {name}"), ..verdict }
            })
            .find(|verdict| verdict.status == Status::Followed)
            .unwrap_or(strict)
    }

    /// Holds several ranges of one text against the rule, such as those of the four judged-span
    /// rules. Ranges that hold the same text but for white space at the ends of the whole text
    /// are checked once.
    pub fn check_ranges(&self, text: &str, ranges: &[Range<usize>], want: Want) -> Vec<Verdict> {
        let mut verdicts: Vec<Verdict> = Vec::with_capacity(ranges.len());
        for (i, range) in ranges.iter().enumerate() {
            let verdict = match ranges[..i].iter().position(|earlier| earlier == range) {
                Some(same) => verdicts[same].clone(),
                None => self.check(text, range.clone(), want),
            };
            verdicts.push(verdict);
        }
        verdicts
    }
}

impl Verdict {
    /// A verdict that is not known, with the reason.
    fn unknown(status: Status, reason: String) -> Self {
        Self { status, measured: None, margin: None, sentence: reason, unstable: false, marks: Vec::new() }
    }
}

/// The English name of a language by its code; any other code stands for itself.
pub fn language_name(code: &str) -> &str {
    language::name(code)
}

/// The code of the language that the detector takes a text for; `None` when there is nothing to
/// detect.
pub fn language_of(text: &str) -> Option<&'static str> {
    language::of(text)
}

/// Letters of a text outside math, and its whole sentences in another language or script than the
/// one with this code, with the letters of each.
pub fn in_other_language(text: &str, code: &str) -> (usize, Vec<(Range<usize>, usize)>) {
    let drift = drift::Drift::of_sentences(text, &latex::MathSpans::of(text), code);
    (drift.letters, drift.passages.into_iter().map(|p| (p.place, p.letters)).collect())
}

/// A short label for screens: `no commas`, `at least 300 words`, `forbidden: because, maximum`.
///
/// A constraint that can't be checked is named by its id.
pub fn humanize(constraint: &Constraint) -> String {
    match Prepared::new(constraint).rule {
        Ok(rule) => rule.label(),
        Err(_) => constraint.id.clone(),
    }
}
