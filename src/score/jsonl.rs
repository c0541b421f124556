//! One line of JSON for each generation.

use std::ops::Range;

use serde::{Serialize, Serializer};

use crate::assess::Judgement;
use crate::constraint::{Mark, Verdict};
use crate::failure::{Mode, Modes};
use crate::path::shown;
use crate::record::{Constraint, Generation, Record};
use crate::split::Split;

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
    /// Failure modes, where they were asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub modes: Option<Vec<Mode>>,
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
    pub fn new(record: &'a Record, judgement: &'a Judgement, modes: Option<Modes>, with_file: bool) -> Self {
        let (trace_chars, answer_chars) = chars(&record.generation, &judgement.split);
        Self {
            file: with_file.then(|| shown(&record.place.path)),
            line: record.place.line,
            sample: record.generation.sample,
            verdicts: record
                .item
                .constraints
                .iter()
                .zip(&judgement.verdicts)
                .map(|(constraint, verdict)| OneVerdict::new(constraint, verdict))
                .collect(),
            correct: judgement.grade.correct,
            extracted: judgement.grade.extracted.as_deref(),
            trace_chars,
            answer_chars,
            modes: modes.map(|modes| modes.iter().collect()),
        }
    }

    /// Writes the line, with its end. `text` writes a JSON string.
    ///
    /// What is written is what serde would write; it is written here because marks are most of what
    /// `score` puts out.
    pub fn write(&self, to: &mut Vec<u8>, text: &impl Fn(&mut Vec<u8>, &str)) {
        to.push(b'{');
        if let Some(file) = &self.file {
            to.extend_from_slice(b"\"file\":");
            text(to, file);
            to.push(b',');
        }
        to.extend_from_slice(b"\"line\":");
        whole(to, self.line);
        if self.sample > 0 {
            to.extend_from_slice(b",\"sample\":");
            whole(to, u64::from(self.sample));
        }
        to.extend_from_slice(b",\"verdicts\":[");
        for (i, verdict) in self.verdicts.iter().enumerate() {
            if i > 0 {
                to.push(b',');
            }
            verdict.write(to, text);
        }
        to.extend_from_slice(b"],\"correct\":");
        truth(to, self.correct);
        to.extend_from_slice(b",\"extracted\":");
        optional(to, self.extracted, text);
        to.extend_from_slice(b",\"trace_chars\":");
        whole(to, u64::from(self.trace_chars));
        to.extend_from_slice(b",\"answer_chars\":");
        whole(to, u64::from(self.answer_chars));
        if let Some(modes) = &self.modes {
            to.extend_from_slice(b",\"modes\":[");
            for (i, mode) in modes.iter().enumerate() {
                if i > 0 {
                    to.push(b',');
                }
                to.push(b'"');
                to.extend_from_slice(mode.name().as_bytes());
                to.push(b'"');
            }
            to.push(b']');
        }
        to.extend_from_slice(b"}\n");
    }
}

/// Lengths of trace and answer in characters.
pub(super) fn chars(generation: &Generation, split: &Split) -> (u32, u32) {
    let of = |part: &Range<usize>| generation.text[part.clone()].chars().count() as u32;
    (of(&split.trace), of(&split.answer))
}

impl OneVerdict<'_> {
    fn write(&self, to: &mut Vec<u8>, text: &impl Fn(&mut Vec<u8>, &str)) {
        to.extend_from_slice(b"{\"constraint\":");
        text(to, self.constraint);
        to.extend_from_slice(b",\"followed\":");
        truth(to, self.followed);
        to.extend_from_slice(b",\"measured\":");
        write_number(to, self.measured);
        to.extend_from_slice(b",\"margin\":");
        write_number(to, self.margin);
        to.extend_from_slice(b",\"unit\":");
        optional(to, self.unit, text);
        to.extend_from_slice(b",\"marks\":[");
        for (i, mark) in self.marks.iter().enumerate() {
            to.extend_from_slice(if i > 0 { b",{\"start\":" } else { b"{\"start\":" });
            whole(to, mark.start as u64);
            to.extend_from_slice(b",\"end\":");
            whole(to, mark.end as u64);
            to.extend_from_slice(b",\"role\":\"");
            to.extend_from_slice(mark.role.name().as_bytes());
            to.push(b'"');
            if let Some(note) = &mark.note {
                to.extend_from_slice(b",\"note\":");
                text(to, note);
            }
            to.push(b'}');
        }
        to.extend_from_slice(b"],\"reason\":");
        text(to, self.reason);
        if self.unstable {
            to.extend_from_slice(b",\"unstable\":true");
        }
        to.push(b'}');
    }
}

fn optional(to: &mut Vec<u8>, value: Option<&str>, text: &impl Fn(&mut Vec<u8>, &str)) {
    match value {
        Some(value) => text(to, value),
        None => to.extend_from_slice(b"null"),
    }
}

fn truth(to: &mut Vec<u8>, value: Option<bool>) {
    to.extend_from_slice(match value {
        Some(true) => b"true",
        Some(false) => b"false",
        None => b"null",
    });
}

fn whole(to: &mut Vec<u8>, n: u64) {
    to.extend_from_slice(itoa::Buffer::new().format(n).as_bytes());
}

/// See [`number`].
fn write_number(to: &mut Vec<u8>, value: Option<f64>) {
    match value {
        Some(v) if v.fract() == 0.0 && v.abs() < 1e15 => {
            if v < 0.0 {
                to.push(b'-');
            }
            whole(to, v.abs() as u64);
        }
        // The shortest digits that mean this number, or null where JSON has none.
        other => serde_json::to_writer(to, &other).expect("writing into memory cannot fail"),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::constraint::Role;

    #[test]
    fn what_is_written_is_what_serde_writes() {
        let marks = [
            Mark { start: 0, end: 12, role: Role::Violation, note: None },
            Mark { start: 1234, end: 98_765, role: Role::Missing, note: Some("“\"\\\n\u{202e}é".into()) },
        ];
        let numbers =
            [None, Some(0.0), Some(-0.0), Some(3.0), Some(-17.0), Some(0.1), Some(-1e300), Some(f64::NAN)];
        for (i, number) in numbers.into_iter().enumerate() {
            let verdict = || OneVerdict {
                constraint: "punctuation:no_comma",
                followed: [None, Some(false), Some(true)][i % 3],
                measured: number,
                margin: number.map(|n| -n),
                unit: (i % 2 == 0).then_some("commas"),
                marks: &marks[..i % 3],
                reason: ["", "two \"too\" many", "zu viele: \u{7f}ß"][i % 3],
                unstable: i % 2 == 1,
            };
            let line = VerdictLine {
                file: (i % 2 == 0).then(|| "/a b/\"c\".jsonl".into()),
                line: [1, u64::MAX][i % 2],
                sample: i as u32 % 3,
                verdicts: (0..i % 3).map(|_| verdict()).collect(),
                correct: [None, Some(false), Some(true)][i % 3],
                extracted: (i % 2 == 0).then_some("\\frac{1}{2}"),
                trace_chars: 0,
                answer_chars: 10 * i as u32,
                modes: (i != 3).then(|| Mode::ALL.into_iter().take(i).collect()),
            };
            let mut written = Vec::new();
            line.write(&mut written, &|to, text| serde_json::to_writer(to, text).unwrap());
            let serialized = serde_json::to_string(&line).unwrap() + "\n";
            assert_eq!(String::from_utf8(written).unwrap(), serialized);
        }
    }
}
