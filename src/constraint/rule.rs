//! What a checker gets and what it gives.

use std::cell::OnceCell;
use std::fmt;

use super::args::Refusal;
use super::bound::{Bound, Unit};
use super::latex::MathSpans;
use super::{Mark, Role, Want};

/// The text a rule is held against, with what several rules want to know of it worked out once.
pub(super) struct Judged<'t> {
    pub text: &'t str,
    pub want: Want,
    math: OnceCell<MathSpans>,
}

impl<'t> Judged<'t> {
    pub(super) fn new(text: &'t str, want: Want) -> Self {
        Self { text, want, math: OnceCell::new() }
    }

    /// Whether sentence and marks are wanted.
    pub(super) fn wants_marks(&self) -> bool {
        self.want == Want::Marks
    }

    /// Where the math is.
    pub(super) fn math(&self) -> &MathSpans {
        self.math.get_or_init(|| MathSpans::of(self.text))
    }

    /// The end of the text, white space aside: where something that is missing would stand.
    pub(super) fn end(&self) -> usize {
        super::python::strip_range(self.text).end
    }
}

/// What a rule measured. It is followed exactly when the margin is at least 0.
#[derive(Debug)]
pub(super) struct Finding {
    pub measured: f64,
    pub margin: f64,
    pub unit: &'static str,
    /// Empty unless marks are wanted.
    pub sentence: String,
    pub unstable: bool,
    /// Offsets into the judged text, in any order. Empty unless wanted.
    pub marks: Vec<Mark>,
}

impl Finding {
    pub(super) fn new(measured: f64, margin: f64, unit: &'static str) -> Self {
        Self { measured, margin, unit, sentence: String::new(), unstable: false, marks: Vec::new() }
    }

    /// A count held against its bound.
    pub(super) fn counted(n: usize, bound: Bound, unit: Unit, want: Want) -> Self {
        let n = n as u64;
        let mut finding = Self::new(n as f64, bound.margin(n), unit.many);
        if want == Want::Marks {
            finding.sentence = bound.sentence(n, unit);
        }
        finding
    }

    pub(super) fn mark(&mut self, place: std::ops::Range<usize>, role: Role, note: Option<String>) {
        self.marks.push(Mark { start: place.start, end: place.end, role, note });
    }

    /// Says at `at` that something should stand there.
    pub(super) fn mark_missing(&mut self, at: usize, note: String) {
        self.mark(at..at, Role::Missing, Some(note));
    }

    /// Marks what was counted: those the bound allows as hits, those past it as violations, and
    /// at `end` how many are missing.
    pub(super) fn mark_counted(
        &mut self,
        places: impl IntoIterator<Item = std::ops::Range<usize>>,
        bound: Bound,
        unit: Unit,
        end: usize,
    ) {
        let allowed = bound.first_excess().unwrap_or(u64::MAX);
        let mut n = 0;
        for place in places {
            let role = if n < allowed { Role::Hit } else { Role::Violation };
            self.mark(place, role, None);
            n += 1;
        }
        let missing = bound.missing(n);
        if missing > 0 {
            self.mark_missing(end, format!("{} missing", unit.count(missing)));
        }
    }
}

/// A checker: one rule with its arguments.
pub(super) trait Rule: fmt::Debug + Send + Sync {
    /// Holds a text that is not empty against the rule.
    fn examine(&self, judged: &Judged<'_>) -> Result<Finding, Refusal>;

    /// A few words for a screen: `no commas`, `at least 300 words`.
    fn label(&self) -> String;
}
