//! Everything derived from one record: split, verdicts, grade, lengths, failure modes.
//!
//! The one place where those meet; the library, `score`, `show` and the reading pane all ask here,
//! so that they cannot disagree.

use std::ops::Range;
use std::sync::{Arc, OnceLock};

use crate::constraint::{Prepared, Verdict, Want};
use crate::failure::conflict::{asks_for_box, conflict};
use crate::failure::cue::Cues;
use crate::failure::{self, Modes, Seen, Thresholds};
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
    /// Why no output can follow all its constraints, in a sentence; `None` when one can.
    pub conflict: Option<String>,
    /// Whether its prompt asks for the answer in `\\boxed{}`.
    pub asks_for_box: bool,
    /// Made when first needed: most constraints are never looked for.
    cues: Vec<OnceLock<Cues>>,
    language: OnceLock<Option<String>>,
}

impl PreparedItem {
    /// Compiles the item's constraints and parses its gold answer.
    pub fn new(item: Arc<Item>) -> Self {
        let constraints: Vec<_> = item.constraints.iter().map(Prepared::new).collect();
        let gold = Gold::new(item.gold.as_deref());
        let conflict = conflict(&item, &constraints);
        let asks_for_box = asks_for_box(&item);
        let cues = item.constraints.iter().map(|_| OnceLock::new()).collect();
        Self { item, constraints, gold, conflict, asks_for_box, cues, language: OnceLock::new() }
    }

    /// The words by which its `i`th constraint is spoken of.
    pub fn cues(&self, i: usize) -> &Cues {
        self.cues[i].get_or_init(|| Cues::of(&self.item.constraints[i]))
    }

    /// The code of the language of its question, where it can be told.
    pub fn language(&self) -> Option<&str> {
        self.language.get_or_init(|| failure::language::of(&self.item.question)).as_deref()
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
    /// The numbers in the rules of the failure modes.
    pub thresholds: Thresholds,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            judged: JudgedSpan::Mathif,
            grade: GradeMode::Reference,
            want: Want::Marks,
            thresholds: Thresholds::default(),
        }
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

impl Overall {
    /// All, from best to worst, unknown last.
    pub const ALL: [Self; 4] = [Self::Pass, Self::Partial, Self::Fail, Self::Unknown];

    /// The word in queries and on screens.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Partial => "partial",
            Self::Fail => "fail",
            Self::Unknown => "unknown",
        }
    }
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
        hacc(&self.verdicts)
    }

    /// Share of constraints followed; `None` when one is not known or there are none.
    pub fn sacc(&self) -> Option<f64> {
        sacc(&self.verdicts)
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
            (0, _, _) => Overall::Fail,
            _ => Overall::Partial,
        }
    }
}

/// Whether all verdicts are “followed”: `HAcc` of one generation. A single failure decides, whatever
/// is not known; `None` when something is not known, or there are no constraints.
pub fn hacc(verdicts: &[Verdict]) -> Option<bool> {
    let mut all = !verdicts.is_empty();
    for verdict in verdicts {
        match verdict.status.followed() {
            Some(false) => return Some(false),
            Some(true) => {}
            None => all = false,
        }
    }
    all.then_some(true)
}

/// The share of verdicts that are “followed”: `SAcc` of one generation. `None` when one is not
/// known, or there are no constraints.
pub fn sacc(verdicts: &[Verdict]) -> Option<f64> {
    let mut followed = 0_u32;
    for verdict in verdicts {
        followed += u32::from(verdict.status.followed()?);
    }
    (!verdicts.is_empty()).then(|| f64::from(followed) / verdicts.len() as f64)
}

/// The verdicts under each rule of [`JudgedSpan::ALL`], in that order. Rules that select the same
/// text share the work.
pub fn verdicts_under_all(
    item: &PreparedItem,
    generation: &Generation,
    split: &Split,
    want: Want,
) -> [Vec<Verdict>; 4] {
    let ranges = JudgedSpan::ALL.map(|rule| split.judged(rule));
    let mut under = [const { Vec::new() }; 4];
    for constraint in &item.constraints {
        for (verdicts, verdict) in
            under.iter_mut().zip(constraint.check_ranges(&generation.text, &ranges, want))
        {
            verdicts.push(verdict);
        }
    }
    under
}

/// Assesses one generation of a run.
pub fn assess(
    item: &PreparedItem,
    _run: &Run,
    facts: RunFacts,
    generation: &Generation,
    options: Options,
) -> Assessment {
    let split = Split::of(generation, facts.closes_traces);
    let judged = split.judged(options.judged);
    let text = generation.text.as_str();
    let verdicts: Vec<_> =
        item.constraints.iter().map(|c| c.check(text, judged.clone(), options.want)).collect();
    let grade = item.gold.grade(text, judged.clone(), options.grade);
    let (trace, answer) = lengths(generation, &split);
    let modes = failure::modes(&Seen {
        item,
        facts,
        generation,
        options,
        split: &split,
        judged: &judged,
        verdicts: &verdicts,
        grade: &grade,
    });
    Assessment { split, judged, verdicts, grade, trace, answer, modes }
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
