//! Everything derived from one record: split, verdicts, grade, lengths, failure modes.
//!
//! The one place where those meet; the library, `score`, `show` and the reading pane all ask here,
//! so that they cannot disagree.

use std::ops::Range;
use std::sync::Arc;

use crate::constraint::{Prepared, Status, Verdict, Want};
use crate::failure::Modes;
use crate::grade::{Gold, Grade, GradeMode};
use crate::record::{Generation, Item, Run};
use crate::split::{JudgedSpan, Split};

/// An item made ready to assess many outputs.
#[derive(Debug)]
pub struct PreparedItem {
    /// The item.
    pub item: Arc<Item>,
    /// Its constraints, in order.
    pub constraints: Vec<Prepared>,
    /// Its gold answer.
    pub gold: Gold,
}

impl PreparedItem {
    /// Compiles the item's constraints and parses its gold answer.
    pub fn new(item: Arc<Item>) -> Self {
        let constraints = item.constraints.iter().map(Prepared::new).collect();
        let gold = Gold::new(item.gold.as_deref());
        Self { item, constraints, gold }
    }
}

/// What must be known of a whole run to judge one of its outputs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RunFacts {
    /// More than half of its outputs close their traces.
    pub closes_traces: bool,
}

/// How to assess.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// Which text is judged.
    pub judged: JudgedSpan,
    /// How answers are compared.
    pub grade: GradeMode,
    /// Whether marks are wanted.
    pub want: Want,
}

impl Default for Options {
    fn default() -> Self {
        Self { judged: JudgedSpan::Mathif, grade: GradeMode::Reference, want: Want::Marks }
    }
}

/// Length of one part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Length {
    /// Unicode scalar values.
    pub chars: u32,
    /// Runs of non-white space.
    pub words: u32,
    /// Tokens as saved, where the file lets them be told apart for this part.
    pub saved_tokens: Option<u32>,
}

/// The verdict on a generation as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Overall {
    /// Every constraint followed.
    Pass,
    /// Some followed, some not.
    Partial,
    /// None followed.
    Fail,
    /// No constraint, or some not known while none that is known decides.
    Unknown,
}

/// Everything derived from one record under one judged-span rule.
#[derive(Debug, Clone)]
pub struct Assessment {
    /// The parts of the output.
    pub split: Split,
    /// The text that was judged.
    pub judged: Range<usize>,
    /// One verdict per constraint, in the item's order.
    pub verdicts: Vec<Verdict>,
    /// The verdict on the final answer.
    pub grade: Grade,
    /// Length of the trace.
    pub trace: Length,
    /// Length of the answer.
    pub answer: Length,
    /// The failure modes that can be told from one generation and its run.
    pub modes: Modes,
}

impl Assessment {
    /// All constraints followed; `None` when that is not known or there are none.
    pub fn hacc(&self) -> Option<bool> {
        let known = |s: Status| s.followed();
        if self.verdicts.iter().any(|v| known(v.status) == Some(false)) {
            Some(false)
        } else if self.verdicts.is_empty() || self.verdicts.iter().any(|v| known(v.status).is_none()) {
            None
        } else {
            Some(true)
        }
    }

    /// Share of constraints followed; `None` when one is not known or there are none.
    pub fn sacc(&self) -> Option<f64> {
        let followed: Option<Vec<bool>> = self.verdicts.iter().map(|v| v.status.followed()).collect();
        followed.filter(|f| !f.is_empty()).map(|f| f.iter().filter(|&&x| x).count() as f64 / f.len() as f64)
    }

    /// The verdict on the generation as a whole.
    pub fn overall(&self) -> Overall {
        let (mut yes, mut no, mut unknown) = (0, 0, 0);
        for v in &self.verdicts {
            match v.status.followed() {
                Some(true) => yes += 1,
                Some(false) => no += 1,
                None => unknown += 1,
            }
        }
        match (yes, no, unknown) {
            (0, 0, _) => Overall::Unknown,
            (_, 0, 0) => Overall::Pass,
            (_, 0, _) => Overall::Unknown,
            (0, _, 0) => Overall::Fail,
            (0, _, _) => Overall::Fail,
            _ => Overall::Partial,
        }
    }
}

/// Assesses one generation of a run.
pub fn assess(
    item: &PreparedItem,
    run: &Run,
    facts: RunFacts,
    generation: &Generation,
    options: Options,
) -> Assessment {
    let _ = run;
    let split = Split::of(generation, facts.closes_traces);
    let judged = split.judged(options.judged);
    let text = generation.text.as_str();
    let verdicts = item.constraints.iter().map(|c| c.check(text, judged.clone(), options.want)).collect();
    let grade = item.gold.grade(text, judged.clone(), options.grade);
    let (trace, answer) = lengths(generation, &split);
    Assessment { split, judged, verdicts, grade, trace, answer, modes: Modes::default() }
}

/// Lengths of trace and answer. Saved token counts are given to a part only where the file says
/// how many belong to it.
fn lengths(generation: &Generation, split: &Split) -> (Length, Length) {
    let of = |range: &Range<usize>| {
        let part = &generation.text[range.clone()];
        Length {
            chars: part.chars().count() as u32,
            words: part.split_whitespace().count() as u32,
            saved_tokens: None,
        }
    };
    let (mut trace, mut answer) = (of(&split.trace), of(&split.answer));
    let usage = generation.usage;
    match (usage.output, usage.reasoning) {
        (Some(output), Some(reasoning)) if reasoning <= output => {
            trace.saved_tokens = Some(reasoning as u32);
            answer.saved_tokens = Some((output - reasoning) as u32);
        }
        (Some(output), None) if split.trace.is_empty() => {
            trace.saved_tokens = Some(0);
            answer.saved_tokens = Some(output as u32);
        }
        (Some(output), None) if split.answer.is_empty() => {
            trace.saved_tokens = Some(output as u32);
            answer.saved_tokens = Some(0);
        }
        _ => {}
    }
    (trace, answer)
}
