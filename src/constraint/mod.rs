//! Constraints: what is checked, what is measured, where the mark goes.
//!
//! The verdict of every rule is that of the public Python reference (MathIF's
//! `constraint_checker.py`, a subset of Google's IFEval), written from a description of its
//! behaviour and held to its saved verdicts by `tests/parity.rs`.

use std::ops::Range;

use serde::{Deserialize, Serialize};

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

/// A constraint made ready to check many outputs: arguments validated, patterns compiled.
#[derive(Debug)]
pub struct Prepared {
    _private: (),
}

impl Prepared {
    /// Makes a constraint ready. Bad arguments and unknown ids give a `Prepared` whose every
    /// verdict says so.
    pub fn new(constraint: &crate::record::Constraint) -> Self {
        let _ = constraint;
        Self { _private: () }
    }

    /// Holds `text[judged]` against the rule. Marks are offsets into `text`.
    pub fn check(&self, text: &str, judged: Range<usize>, want: Want) -> Verdict {
        let _ = (text, judged, want);
        Verdict {
            status: Status::NoChecker,
            measured: None,
            margin: None,
            sentence: String::new(),
            unstable: false,
            marks: Vec::new(),
        }
    }
}
