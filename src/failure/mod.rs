//! Failure modes: named, derived properties of one generation, each decided by a rule that fits
//! in a sentence. A generation can have several.

use serde::Serialize;

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

    /// The mode with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|m| m.name() == name)
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
        }
    }
}
