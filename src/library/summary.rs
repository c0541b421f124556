//! Figures of a run within a selection.

use rayon::prelude::*;

use super::chunk::Chunk;
use super::query::Unit;
use super::row::Row;
use super::selection::Selection;
use super::snapshot::Library;
use super::sort::in_unit;
use crate::failure::Mode;

/// A share, with what is not known kept apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Share {
    /// For how many it holds.
    pub yes: u32,
    /// For how many it does not.
    pub no: u32,
    /// For how many it is not known.
    pub unknown: u32,
}

impl Share {
    /// Counts one.
    pub fn add(&mut self, fact: Option<bool>) {
        match fact {
            Some(true) => self.yes += 1,
            Some(false) => self.no += 1,
            None => self.unknown += 1,
        }
    }

    /// The share among those known; `None` when none is.
    pub fn value(self) -> Option<f64> {
        let known = self.yes + self.no;
        (known > 0).then(|| f64::from(self.yes) / f64::from(known))
    }
}

/// A mean, with what is not known kept apart.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Mean {
    /// Sum over those known.
    pub sum: f64,
    /// How many are known.
    pub n: u32,
    /// How many are not.
    pub unknown: u32,
}

impl Mean {
    /// Counts one.
    pub fn add(&mut self, value: Option<f64>) {
        match value {
            Some(value) => {
                self.sum += value;
                self.n += 1;
            }
            None => self.unknown += 1,
        }
    }

    /// The mean of those known; `None` when none is.
    pub fn value(self) -> Option<f64> {
        (self.n > 0).then(|| self.sum / f64::from(self.n))
    }
}

/// Figures of one run within a selection.
#[derive(Debug, Clone, PartialEq)]
pub struct Summary {
    /// Number of the run in [`Library::runs`].
    pub run: u32,
    /// Generations.
    pub n: u32,
    /// All constraints followed. Unknown: no constraint, or one that is not known.
    pub hacc: Share,
    /// Share of constraints followed.
    pub sacc: Mean,
    /// Final answer right.
    pub correct: Share,
    /// Final answer right, as the file says.
    pub saved_correct: Share,
    /// Cut by a limit or never closed.
    pub truncated: u32,
    /// Lengths of the trace in characters, words, tokens.
    pub trace: [Mean; 3],
    /// Lengths of the answer in characters, words, tokens.
    pub answer: [Mean; 3],
}

impl Summary {
    fn new(run: u32) -> Self {
        Self {
            run,
            n: 0,
            hacc: Share::default(),
            sacc: Mean::default(),
            correct: Share::default(),
            saved_correct: Share::default(),
            truncated: 0,
            trace: Default::default(),
            answer: Default::default(),
        }
    }

    fn add(&mut self, row: &Row<'_>) {
        self.n += 1;
        self.hacc.add(row.hacc());
        self.sacc.add(row.sacc());
        self.correct.add(row.correct());
        self.saved_correct.add(row.saved_correct());
        self.truncated += u32::from(row.modes().has(Mode::Truncated));
        for (i, unit) in [Unit::Chars, Unit::Words, Unit::Tokens].into_iter().enumerate() {
            self.trace[i].add(in_unit(row.trace(), unit).map(f64::from));
            self.answer[i].add(in_unit(row.answer(), unit).map(f64::from));
        }
    }

    /// Adds what was counted of other rows of the run.
    fn join(&mut self, other: &Self) {
        let share = |a: &mut Share, b: Share| {
            (a.yes, a.no, a.unknown) = (a.yes + b.yes, a.no + b.no, a.unknown + b.unknown);
        };
        let mean = |a: &mut Mean, b: Mean| {
            (a.sum, a.n, a.unknown) = (a.sum + b.sum, a.n + b.n, a.unknown + b.unknown);
        };
        self.n += other.n;
        self.truncated += other.truncated;
        share(&mut self.hacc, other.hacc);
        share(&mut self.correct, other.correct);
        share(&mut self.saved_correct, other.saved_correct);
        mean(&mut self.sacc, other.sacc);
        for i in 0..self.trace.len() {
            mean(&mut self.trace[i], other.trace[i]);
            mean(&mut self.answer[i], other.answer[i]);
        }
    }

    /// Mean length of the trace in a unit.
    pub fn trace_in(&self, unit: Unit) -> Mean {
        self.trace[unit as usize]
    }

    /// Mean length of the answer in a unit.
    pub fn answer_in(&self, unit: Unit) -> Mean {
        self.answer[unit as usize]
    }
}

impl Library {
    /// Figures of every run that has rows in a selection, in the order of [`Library::runs`].
    pub fn summaries(&self, selection: &Selection) -> Vec<Summary> {
        let none = || (0..self.runs().len() as u32).map(Summary::new).collect::<Vec<_>>();
        let chunks: Vec<(u32, &Chunk)> = self.chunks().collect();
        let count = |mut all: Vec<Summary>, (base, chunk): (u32, &Chunk)| {
            for at in 0..chunk.columns.len() {
                if selection.has(base + at as u32) {
                    let row = Row::new(self, chunk, at, base + at as u32);
                    all[row.run_number() as usize].add(&row);
                }
            }
            all
        };
        let join = |mut all: Vec<Summary>, more: &[Summary]| {
            for (run, more) in all.iter_mut().zip(more) {
                run.join(more);
            }
            all
        };
        // Added up in the order of the chunks: sums of fractions depend on it.
        let counted: Vec<Vec<Summary>> = chunks.into_par_iter().map(|chunk| count(none(), chunk)).collect();
        let mut all = counted.into_iter().fold(none(), |all, chunk| join(all, &chunk));
        all.retain(|summary| summary.n > 0);
        all
    }

    /// Figures of one run within a selection.
    pub fn run_summary(&self, run: u32, selection: &Selection) -> Summary {
        let found = self.summaries(selection).into_iter().find(|summary| summary.run == run);
        found.unwrap_or_else(|| Summary::new(run))
    }
}
