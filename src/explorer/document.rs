//! One generation made ready to be read.
//!
//! Made by a job: reading the record, checking it with marks, finding the hits of the search. The
//! screen only looks.

use std::ops::Range;
use std::sync::Arc;

use crate::assess::{Assessment, Options, PreparedItem, RunFacts, assess, verdicts_under_all};
use crate::constraint::{Role, Status, Want};
use crate::failure::Thresholds;
use crate::library::{Held, Identity, Library};
use crate::record::{Constraint, ContentKey, Record};
use crate::text::{Replacement, View, count_hidden, math};
use crate::tokens::Tokenizer;
use crate::trace::TraceFacts;

/// A mark with the constraint it belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Marked {
    /// Its bytes in the text; empty where something is missing.
    pub bytes: Range<usize>,
    /// What it says.
    pub role: Role,
    /// Number of the constraint in the item.
    pub constraint: usize,
    /// That constraint was not followed.
    pub broken: bool,
    /// A word more.
    pub note: Option<String>,
}

impl Marked {
    /// Whether `n` stops here: it shows what broke a constraint.
    pub fn is_violation(&self) -> bool {
        self.broken && self.role != Role::Hit
    }
}

/// What the screen needs to know of where a generation stands in its library: in the snapshot that it
/// was read from, which may not be the newest any more.
#[derive(Debug, Clone)]
pub struct Standing {
    here: Held,
    identity: Identity,
    /// Rows of the samples of the same item and run, this one among them.
    samples: Vec<u32>,
    /// Rows of the same item in other runs, in the order of the runs.
    others: Vec<u32>,
    /// The row of the same item without constraints.
    twin: Option<u32>,
}

impl Standing {
    /// Where a row stands.
    pub fn of(library: &Arc<Library>, row: u32) -> Self {
        Self {
            here: Held::new(library, row),
            identity: library.identity(row),
            samples: library.samples(row),
            others: library.same_item(row),
            twin: library.twin(row),
        }
    }

    fn held(&self, row: u32) -> Held {
        Held::new(self.here.library(), row)
    }

    /// Its row.
    pub fn here(&self) -> &Held {
        &self.here
    }

    /// Which generation it is.
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    /// Its key.
    pub fn key(&self) -> &str {
        &self.identity.key
    }

    /// What it says, for tags and notes.
    pub fn content(&self) -> ContentKey {
        self.identity.content
    }

    /// How many samples of the same item its run has.
    pub fn samples(&self) -> usize {
        self.samples.len()
    }

    /// Which of the samples it is, from 0.
    pub fn sample(&self) -> usize {
        let here = self.here.row().id();
        self.samples.iter().position(|&row| row == here).unwrap_or(0)
    }

    /// The sample after it or before it, round at the ends.
    pub fn next_sample(&self, forward: bool) -> Option<Held> {
        let many = self.samples.len().max(1);
        let next = (self.sample() + if forward { 1 } else { many - 1 }) % many;
        self.samples.get(next).map(|&row| self.held(row))
    }

    /// The same item in other runs, in the order of the runs.
    pub fn others(&self) -> impl Iterator<Item = Held> + '_ {
        self.others.iter().map(|&row| self.held(row))
    }

    /// The same item in the run of this name.
    pub fn other(&self, run: &str) -> Option<Held> {
        self.others().find(|other| other.row().run().run.name == run)
    }

    /// The same item without constraints.
    pub fn twin(&self) -> Option<Held> {
        self.twin.map(|row| self.held(row))
    }
}

/// One generation made ready to be read.
#[derive(Debug, Clone)]
pub struct Document {
    /// Where it stands.
    pub standing: Standing,
    /// What the file says.
    pub record: Record,
    /// What follows from it.
    pub assessment: Assessment,
    /// Tokens of the trace, and who counted them: `saved`, or the name of a tokenizer.
    pub trace_tokens: Option<(u32, String)>,
    /// Tokens of the answer, likewise.
    pub answer_tokens: Option<(u32, String)>,
    /// What the trace does on its way.
    pub trace: TraceFacts,
    /// What it says of each constraint, as a sentence; empty where there is nothing to say.
    pub mentions: Vec<String>,
    /// The statuses under every judged-span rule, in the order of [`JudgedSpan::ALL`](crate::split::JudgedSpan::ALL).
    pub under: [Vec<Status>; 4],
    /// The marks, in order of place.
    pub marks: Vec<Marked>,
    /// How far the marks up to each one reach: what makes finding those of a row cheap.
    reach: Vec<usize>,
    /// First bytes of the violations, in order: there can be hundreds of thousands.
    violations: Vec<usize>,
    /// What the marks of each constraint say, counted: `prose 4 · number 3`.
    pub notes: Vec<String>,
    /// Hits of the search, in order of place.
    pub hits: Vec<Range<usize>>,
    /// Characters that a terminal would act on or hide.
    pub hidden: usize,
    /// What is drawn for simple LaTeX where that is asked for; none in formulas with a mark or a hit.
    math: Vec<Replacement>,
    /// The same for the question.
    question_math: Vec<Replacement>,
}

impl Document {
    /// Checks a record under a rule.
    pub fn new(
        standing: Standing,
        record: Record,
        facts: RunFacts,
        options: Options,
        hits: Vec<Range<usize>>,
        tokenizer: Option<&Tokenizer>,
    ) -> Self {
        let item = PreparedItem::new(Arc::clone(&record.item));
        let options = Options { want: Want::Marks, ..options };
        let assessment = assess(&item, &record.run, facts, &record.generation, options);
        let under = verdicts_under_all(&item, &record.generation, &assessment.split, Want::Verdict)
            .map(|verdicts| verdicts.iter().map(|verdict| verdict.status).collect());
        let text = &record.generation.text;
        let mut marks: Vec<Marked> = assessment
            .verdicts
            .iter()
            .enumerate()
            .flat_map(|(constraint, verdict)| {
                let broken = verdict.status == Status::NotFollowed;
                verdict.marks.iter().map(move |m| Marked {
                    bytes: floor(text, m.start)..floor(text, m.end.max(m.start)),
                    role: m.role,
                    constraint,
                    broken,
                    note: m.note.clone(),
                })
            })
            .collect();
        marks.sort_by_key(|m| (m.bytes.start, m.bytes.end));
        let mut furthest = 0;
        let reach = marks
            .iter()
            .map(|m| {
                furthest = furthest.max(m.bytes.end.max(m.bytes.start + 1));
                furthest
            })
            .collect();
        let hidden = count_hidden(text);
        let count = |part: &Range<usize>, saved: Option<u32>| match (saved, tokenizer) {
            (Some(saved), _) => Some((saved, "saved".to_owned())),
            (None, Some(by)) => Some((by.count(&text[part.clone()]) as u32, by.name().to_owned())),
            (None, None) => None,
        };
        let trace = TraceFacts::of(&item, &record.generation, &assessment.split, &Thresholds::default());
        let has_trace = !assessment.split.trace.is_empty();
        let mentions = trace.mentions.iter().map(|m| m.sentence(text, has_trace, tokenizer)).collect();
        let trace_tokens = count(&assessment.split.trace, assessment.trace.saved_tokens);
        let answer_tokens = count(&assessment.split.answer, assessment.answer.saved_tokens);
        let mut document = Self {
            standing,
            record,
            assessment,
            trace_tokens,
            answer_tokens,
            trace,
            mentions,
            under,
            marks,
            reach,
            hits,
            hidden,
            violations: Vec::new(),
            notes: Vec::new(),
            math: Vec::new(),
            question_math: Vec::new(),
        };
        let violations = document.marks.iter().filter(|m| m.is_violation()).map(|m| m.bytes.start);
        document.violations = violations.collect();
        let constraints = 0..document.record.item.constraints.len();
        document.notes = constraints.map(|number| document.tally(number)).collect();
        let question = &document.record.item.question;
        document.question_math = math::replacements(question, 0..question.len(), &|_| false);
        document.math = document.replacements();
        document
    }

    /// What can be drawn for the LaTeX of the output. The parts are read apart: a formula that one
    /// leaves open must not swallow the next.
    fn replacements(&self) -> Vec<Replacement> {
        // A region is a stretch of prose: nobody looks for a place in it.
        let marked = |range: &Range<usize>| {
            let hits = self.hits.partition_point(|h| h.end <= range.start);
            self.marks_in(range).any(|m| self.marks[m].role != Role::Region)
                || self.hits.get(hits).is_some_and(|h| h.start < range.end)
        };
        let split = &self.assessment.split;
        let mut math = math::replacements(self.text(), split.trace.clone(), &marked);
        math.extend(math::replacements(self.text(), split.answer.clone(), &marked));
        math.sort_by_key(|r| r.bytes.start);
        math
    }

    /// What is drawn in place of some stretches of the output in a view.
    pub fn replaced(&self, view: View) -> &[Replacement] {
        if view.replaces() { &self.math } else { &[] }
    }

    /// What is drawn in place of some stretches of the question in a view.
    pub fn replaced_in_question(&self, view: View) -> &[Replacement] {
        if view.replaces() { &self.question_math } else { &[] }
    }

    /// The output.
    pub fn text(&self) -> &str {
        &self.record.generation.text
    }

    /// Numbers of the marks that touch a range, in order of place. An empty mark touches the range
    /// that it lies in, or whose end it stands at when that is the end of the text.
    pub fn marks_in(&self, range: &Range<usize>) -> impl Iterator<Item = usize> + '_ {
        let end = if range.end == self.text().len() { range.end + 1 } else { range.end };
        let after = self.marks.partition_point(|m| m.bytes.start < end);
        let before = self.reach[..after].partition_point(|&reach| reach <= range.start);
        let start = range.start;
        (before..after).filter(move |&i| {
            let bytes = &self.marks[i].bytes;
            bytes.end > start || (bytes.is_empty() && bytes.start >= start)
        })
    }

    /// Numbers of the marks that `n` stops at: violations, or every mark where nothing is
    /// violated; of one constraint alone where that is asked for.
    pub fn stops(&self, only: Option<usize>) -> Vec<usize> {
        let of = |violations: bool| -> Vec<usize> {
            let wanted =
                |m: &Marked| only.is_none_or(|c| m.constraint == c) && (!violations || m.is_violation());
            self.marks.iter().enumerate().filter(|(_, m)| wanted(m)).map(|(i, _)| i).collect()
        };
        let violations = of(true);
        if violations.is_empty() { of(false) } else { violations }
    }

    /// How many violations begin in a part.
    pub fn violations_in(&self, range: &Range<usize>) -> usize {
        let before = |byte| self.violations.partition_point(|&v| v < byte);
        before(range.end).saturating_sub(before(range.start))
    }

    /// What the marks of a constraint say, counted.
    fn tally(&self, constraint: usize) -> String {
        let mut counted: Vec<(&str, usize)> = Vec::new();
        // What is missing is named by the sentence already.
        let said = |m: &&Marked| m.constraint == constraint && m.role != Role::Missing;
        for mark in self.marks.iter().filter(said) {
            let Some(note) = mark.note.as_deref() else { continue };
            match counted.iter_mut().find(|(n, _)| *n == note) {
                Some((_, count)) => *count += 1,
                None => counted.push((note, 1)),
            }
            if counted.len() > 4 {
                return String::new();
            }
        }
        // A tally of ones says no more than the sentence.
        if counted.iter().all(|(_, n)| *n < 2) {
            return String::new();
        }
        counted.sort_by_key(|(_, n)| std::cmp::Reverse(*n));
        counted.iter().map(|(note, n)| format!("{note} {n}")).collect::<Vec<_>>().join(" · ")
    }
}

/// The character boundary at or before a byte: marks should lie on one, the screen must.
fn floor(text: &str, byte: usize) -> usize {
    let mut at = byte.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// Arguments of a constraint in a few words: `at least 100`, `equal, must`.
pub fn arguments(constraint: &Constraint) -> String {
    fn words(value: &serde_json::Value, out: &mut Vec<String>) {
        match value {
            serde_json::Value::Null => {}
            serde_json::Value::String(s) => out.push(s.clone()),
            serde_json::Value::Array(list) => {
                let mut inner = Vec::new();
                for v in list {
                    words(v, &mut inner);
                }
                out.push(inner.join(", "));
            }
            // Words before numbers: `at least 100`.
            serde_json::Value::Object(map) => {
                let (numbers, others): (Vec<_>, Vec<_>) = map.values().partition(|v| v.is_number());
                for v in others.into_iter().chain(numbers) {
                    words(v, out);
                }
            }
            other => out.push(other.to_string()),
        }
    }
    let mut out = Vec::new();
    words(&constraint.args, &mut out);
    out.join(" ")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn arguments_in_a_few_words() {
        let table = [
            (json!(null), ""),
            (json!({"keywords": ["equal", "must"]}), "equal, must"),
            (json!({"num_words": 100, "relation": "at least"}), "at least 100"),
            (json!({"language": "de"}), "de"),
        ];
        for (args, shown) in table {
            let constraint = Constraint { id: "x".into(), args, description: None };
            assert_eq!(arguments(&constraint), shown);
        }
    }
}
