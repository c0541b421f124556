//! One line of JSON for each generation.

use serde::{Serialize, Serializer};

use crate::assess::Assessment;
use crate::constraint::{Mark, Verdict};
use crate::failure::Mode;
use crate::record::{Constraint, Record};

/// The verdicts on one generation, in the documented shape.
#[derive(Debug, Serialize)]
pub struct VerdictLine<'a> {
    /// The file, where there is more than one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// Line from 1.
    pub line: u64,
    /// Number of the sample on its line, where there is more than the first.
    #[serde(skip_serializing_if = "is_zero")]
    pub sample: u32,
    /// One for each constraint, in the item's order.
    pub verdicts: Vec<OneVerdict<'a>>,
    /// Whether the final answer is right.
    pub correct: Option<bool>,
    /// The final answer as found.
    pub extracted: Option<&'a str>,
    /// Length of the trace in characters.
    pub trace_chars: u32,
    /// Length of the answer in characters.
    pub answer_chars: u32,
    /// Failure modes.
    pub modes: Vec<Mode>,
}

/// The verdict on one constraint, in the documented shape.
#[derive(Debug, Serialize)]
pub struct OneVerdict<'a> {
    /// The id as saved.
    pub constraint: &'a str,
    /// Null when not known; `reason` then says why.
    pub followed: Option<bool>,
    /// What was counted or measured.
    #[serde(serialize_with = "number")]
    pub measured: Option<f64>,
    /// Signed distance to the border.
    #[serde(serialize_with = "number")]
    pub margin: Option<f64>,
    /// Unit of both.
    pub unit: Option<&'a str>,
    /// Where.
    pub marks: &'a [Mark],
    /// The margin as a sentence, or why nothing is known.
    pub reason: &'a str,
    /// The verdict changes with the seed of the language detector.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub unstable: bool,
}

impl<'a> OneVerdict<'a> {
    /// A verdict with the constraint it is on.
    pub fn new(constraint: &'a Constraint, verdict: &'a Verdict) -> Self {
        Self {
            constraint: &constraint.id,
            followed: verdict.status.followed(),
            measured: verdict.measured,
            margin: verdict.margin.map(|m| m.value),
            unit: verdict.margin.map(|m| m.unit),
            marks: &verdict.marks,
            reason: &verdict.sentence,
            unstable: verdict.unstable,
        }
    }
}

impl<'a> VerdictLine<'a> {
    /// What is said of a generation; of which file only `with_file`.
    pub fn new(record: &'a Record, assessment: &'a Assessment, with_file: bool) -> Self {
        Self {
            file: with_file.then(|| record.place.path.display().to_string()),
            line: record.place.line,
            sample: record.generation.sample,
            verdicts: record
                .item
                .constraints
                .iter()
                .zip(&assessment.verdicts)
                .map(|(constraint, verdict)| OneVerdict::new(constraint, verdict))
                .collect(),
            correct: assessment.grade.correct,
            extracted: assessment.grade.extracted.as_deref(),
            trace_chars: assessment.trace.chars,
            answer_chars: assessment.answer.chars,
            modes: assessment.modes.iter().collect(),
        }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes fields by reference")]
fn is_zero(n: &u32) -> bool {
    *n == 0
}

/// A count is written as one: `3` and not `3.0`.
#[expect(clippy::ref_option, reason = "serde passes fields by reference")]
fn number<S: Serializer>(value: &Option<f64>, to: S) -> Result<S::Ok, S::Error> {
    match *value {
        Some(v) if v.fract() == 0.0 && v.abs() < 1e15 => to.serialize_i64(v as i64),
        Some(v) if v.is_finite() => to.serialize_f64(v),
        _ => to.serialize_none(),
    }
}
