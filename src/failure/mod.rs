//! Failure modes: named, derived properties of one generation, each decided by a rule that fits
//! in a sentence. A generation can have several.

use serde::{Deserialize, Serialize};

pub mod conflict;
pub mod cue;
mod derive;
pub mod language;
pub mod repetition;

pub use derive::against_twin;
pub(crate) use derive::{Seen, modes};

/// A named, derived reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
#[repr(u8)]
pub enum Mode {
    /// Cut by a limit, or a trace that never closed where the run closes its traces.
    Truncated,
    /// The answer part is empty.
    NoAnswer,
    /// No delimiter where the run has them.
    MissingTags,
    /// More than one closing delimiter.
    SeveralCloses,
    /// The judged text contains part of the trace.
    TraceJudged,
    /// The answer has no `\boxed{}`.
    Unboxed,
    /// The trace has the `\boxed{}` that the answer lacks.
    BoxedInTrace,
    /// The judged text is empty.
    EmptyJudged,
    /// One unit of change would follow every failed constraint.
    NearMiss,
    /// A count is off by half of its bound.
    FarMiss,
    /// Right answer, some constraint failed.
    CorrectButDisobeyed,
    /// All constraints followed, wrong answer.
    ObeyedButWrong,
    /// Neither.
    BothFailed,
    /// Followed by the trace, not by the answer.
    TraceOnly,
    /// Followed by the answer, not by the trace.
    AnswerOnly,
    /// The trace never mentions a failed constraint.
    Unmentioned,
    /// The trace mentions a failed constraint.
    MentionedButBroken,
    /// The output claims to comply and does not.
    ClaimedButBroken,
    /// Part of the judged text is in another language.
    LanguageDrift,
    /// The trace is in another language than the question.
    TraceLanguage,
    /// A passage repeats.
    Repetition,
    /// The answer begins with the instruction or the prompt.
    Echo,
    /// The constraints cannot hold together.
    Unsatisfiable,
    /// A saved verdict differs from the recomputed one.
    VerdictMismatch,
    /// The language detector's verdict changes with its seed.
    UnstableVerdict,
    /// Some constraint could not be checked.
    Unverifiable,
    /// Right here, wrong in the twin without constraints.
    Gained,
    /// Wrong here, right in the twin without constraints.
    Lost,
    /// Control, bidirectional or invisible characters in the output.
    HiddenCharacters,
}

impl Mode {
    /// Every mode, in the order they are listed.
    pub const ALL: [Self; 29] = [
        Self::Truncated,
        Self::NoAnswer,
        Self::MissingTags,
        Self::SeveralCloses,
        Self::TraceJudged,
        Self::Unboxed,
        Self::BoxedInTrace,
        Self::EmptyJudged,
        Self::NearMiss,
        Self::FarMiss,
        Self::CorrectButDisobeyed,
        Self::ObeyedButWrong,
        Self::BothFailed,
        Self::TraceOnly,
        Self::AnswerOnly,
        Self::Unmentioned,
        Self::MentionedButBroken,
        Self::ClaimedButBroken,
        Self::LanguageDrift,
        Self::TraceLanguage,
        Self::Repetition,
        Self::Echo,
        Self::Unsatisfiable,
        Self::VerdictMismatch,
        Self::UnstableVerdict,
        Self::Unverifiable,
        Self::Gained,
        Self::Lost,
        Self::HiddenCharacters,
    ];

    /// The word in queries and on screens.
    pub fn name(self) -> &'static str {
        match self {
            Self::Truncated => "truncated",
            Self::NoAnswer => "no-answer",
            Self::MissingTags => "missing-tags",
            Self::SeveralCloses => "several-closes",
            Self::TraceJudged => "trace-judged",
            Self::Unboxed => "unboxed",
            Self::BoxedInTrace => "boxed-in-trace",
            Self::EmptyJudged => "empty-judged",
            Self::NearMiss => "near-miss",
            Self::FarMiss => "far-miss",
            Self::CorrectButDisobeyed => "correct-but-disobeyed",
            Self::ObeyedButWrong => "obeyed-but-wrong",
            Self::BothFailed => "both-failed",
            Self::TraceOnly => "trace-only",
            Self::AnswerOnly => "answer-only",
            Self::Unmentioned => "unmentioned",
            Self::MentionedButBroken => "mentioned-but-broken",
            Self::ClaimedButBroken => "claimed-but-broken",
            Self::LanguageDrift => "language-drift",
            Self::TraceLanguage => "trace-language",
            Self::Repetition => "repetition",
            Self::Echo => "echo",
            Self::Unsatisfiable => "unsatisfiable",
            Self::VerdictMismatch => "verdict-mismatch",
            Self::UnstableVerdict => "unstable-verdict",
            Self::Unverifiable => "unverifiable",
            Self::Gained => "gained",
            Self::Lost => "lost",
            Self::HiddenCharacters => "hidden-characters",
        }
    }

    /// The rule that decides, in one sentence, with the thresholds as they are by default.
    pub fn rule(self) -> &'static str {
        match self {
            Self::Truncated => {
                "The output was cut by a length limit, or its trace never closes where most outputs of its run close theirs."
            }
            Self::NoAnswer => "The answer part is empty.",
            Self::MissingTags => {
                "It has no delimiter at all, was not cut by a limit, and most outputs of its run close their traces."
            }
            Self::SeveralCloses => {
                "It has more than one closing delimiter, so the public rule judges only the piece between the first two."
            }
            Self::TraceJudged => "The judged text contains part of the trace.",
            Self::Unboxed => "The prompt asks for \\boxed{} and the answer has none.",
            Self::BoxedInTrace => {
                "The answer lacks the \\boxed{} that the prompt asks for, and the trace has one."
            }
            Self::EmptyJudged => "The judged text is empty, so every constraint fails whatever it asks.",
            Self::NearMiss => {
                "One unit of change (a word, a comma, a bullet) would follow every constraint that failed."
            }
            Self::FarMiss => "A count is off by at least half of its bound and at least 10 units.",
            Self::CorrectButDisobeyed => "The final answer is right and some constraint failed.",
            Self::ObeyedButWrong => "Every constraint is followed and the final answer is wrong.",
            Self::BothFailed => "Some constraint failed and the final answer is wrong.",
            Self::TraceOnly => "A constraint is followed by the trace and not by the answer.",
            Self::AnswerOnly => {
                "A constraint is followed by the answer and not by the trace (those about the beginning, the end or the layout of an answer aside)."
            }
            Self::Unmentioned => {
                "The trace never mentions a constraint that failed: neither its arguments nor a word for it."
            }
            Self::MentionedButBroken => "The trace mentions a constraint that failed.",
            Self::ClaimedButBroken => "The output says that it obeys a constraint that failed.",
            Self::LanguageDrift => {
                "A whole sentence and at least 15 % of the letters of the judged text, math aside, are in another language than the one required (or the question's)."
            }
            Self::TraceLanguage => "The trace is in another language than the question.",
            Self::Repetition => {
                "A passage of at least 20 characters stands there three or more times in a row, or the last quarter compresses below 15 % of its size."
            }
            Self::Echo => {
                "The answer begins with the prompt or with the words of a constraint, and was not asked to."
            }
            Self::Unsatisfiable => "The item's constraints cannot hold together, or not with \\boxed{}.",
            Self::VerdictMismatch => "A saved verdict differs from the recomputed one.",
            Self::UnstableVerdict => "The language detector's verdict changes with its seed.",
            Self::Unverifiable => "Some constraint could not be checked.",
            Self::Gained => "The answer is right here and wrong in the twin without constraints.",
            Self::Lost => "The answer is wrong here and right in the twin without constraints.",
            Self::HiddenCharacters => "The output has control, bidirectional or invisible characters.",
        }
    }

    /// The mode with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|m| m.name() == name)
    }
}

/// The numbers in the rules.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Thresholds {
    /// `far-miss`: at least this share of the bound.
    pub far_share: f64,
    /// `far-miss`: at least this many units.
    pub far_units: f64,
    /// `language-drift`: at least this share of the letters.
    pub drift_share: f64,
    /// `repetition`: length of the passage in characters.
    pub repeated_chars: usize,
    /// `repetition`: times in a row.
    pub repeated_times: usize,
    /// `repetition`: the share of the output, from its end, that is compressed.
    pub tail_share: f64,
    /// `repetition`: an end shorter than this many bytes is not compressed.
    pub tail_bytes: usize,
    /// `repetition`: below this share of its size.
    pub compressed_share: f64,
    /// `echo`: characters in common, or the whole sentence where it is shorter.
    pub echoed_chars: usize,
}

impl Default for Thresholds {
    fn default() -> Self {
        Self {
            far_share: 0.5,
            far_units: 10.0,
            drift_share: 0.15,
            repeated_chars: 20,
            repeated_times: 3,
            tail_share: 0.25,
            tail_bytes: 256,
            compressed_share: 0.15,
            echoed_chars: 40,
        }
    }
}

/// A set of [`Mode`]s.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Modes(u32);

impl Modes {
    /// The set as bits, bit i for `Mode::ALL[i]`: how it is stored.
    pub fn bits(self) -> u32 {
        self.0
    }

    /// A set from stored bits; bits beyond the known modes are dropped.
    pub fn from_bits(bits: u32) -> Self {
        Self(bits & ((1 << Mode::ALL.len()) - 1))
    }

    /// Puts a mode in, or takes it out.
    pub fn set(&mut self, mode: Mode, on: bool) {
        let bit = 1 << mode as u8;
        if on { self.0 |= bit } else { self.0 &= !bit }
    }

    /// Whether a mode is in the set.
    pub fn has(self, mode: Mode) -> bool {
        self.0 & (1 << mode as u8) != 0
    }

    /// The modes in the set, in listed order.
    pub fn iter(self) -> impl Iterator<Item = Mode> {
        Mode::ALL.into_iter().filter(move |&m| self.has(m))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_are_positions_in_the_list() {
        for (i, mode) in Mode::ALL.into_iter().enumerate() {
            assert_eq!(mode as usize, i);
            assert_eq!(Mode::from_name(mode.name()), Some(mode));
            assert!(mode.rule().ends_with('.') && mode.rule().matches(". ").count() == 0, "{}", mode.rule());
        }
    }
}
