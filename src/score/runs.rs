//! What the outputs of a run show of it, while they are judged by what it is taken for.

use std::collections::HashMap;
use std::sync::Arc;

use crate::assess::RunFacts;
use crate::record::{Generation, Run};
use crate::split::Split;

/// What the outputs of each run show of it, by its name.
#[derive(Debug, Default)]
pub(super) struct Runs {
    seen: HashMap<String, Seen>,
    /// All is known: outputs are not counted any more.
    settled: bool,
}

/// What the outputs of one run show.
#[derive(Debug, Clone, Copy, Default)]
struct Seen {
    all: u64,
    closed: u64,
    /// What it is taken for.
    taken_for: Option<RunFacts>,
    /// Something was judged by a run that closes its traces, and by one that does not, and would have
    /// been judged otherwise by the other.
    mattered: [bool; 2],
}

impl Seen {
    fn facts(&self) -> RunFacts {
        RunFacts { closes_traces: self.closed * 2 > self.all }
    }

    fn add(&mut self, other: &Self) {
        self.all += other.all;
        self.closed += other.closed;
        self.taken_for = self.taken_for.or(other.taken_for);
        for (mattered, too) in self.mattered.iter_mut().zip(other.mattered) {
            *mattered |= too;
        }
    }
}

impl Runs {
    /// Nothing is known of any run, nor is to be.
    pub(super) fn unasked() -> Self {
        Self { settled: true, ..Self::default() }
    }

    /// Takes in what some outputs show.
    pub(super) fn add(&mut self, counted: &Counted) {
        for (run, seen) in &counted.0 {
            match self.seen.get_mut(&run.name) {
                Some(known) => known.add(seen),
                None => drop(self.seen.insert(run.name.clone(), *seen)),
            }
        }
    }

    /// Whether the outputs of some run are of two minds: what some of them show is not what most do.
    pub(super) fn are_mixed(&self) -> bool {
        self.seen.values().any(|seen| seen.closed.min(seen.all - seen.closed) * 4 > seen.all)
    }

    /// Each run taken for what its outputs show, these forgotten.
    pub(super) fn guessed(mut self) -> Self {
        for seen in self.seen.values_mut() {
            *seen = Seen { taken_for: Some(seen.facts()), ..Seen::default() };
        }
        self
    }

    /// Whether something was judged by what a run turned out not to be.
    pub(super) fn are_otherwise(&self) -> bool {
        let otherwise = |seen: &Seen| seen.mattered[usize::from(!seen.facts().closes_traces)];
        !self.settled && self.seen.values().any(otherwise)
    }

    /// Each run taken for what it is.
    pub(super) fn settled(mut self) -> Self {
        for seen in self.seen.values_mut() {
            seen.taken_for = Some(seen.facts());
        }
        self.settled = true;
        self
    }

    /// What a run is taken for, where that is known.
    pub(super) fn facts(&self, run: &str) -> RunFacts {
        self.seen.get(run).and_then(|seen| seen.taken_for).unwrap_or_default()
    }
}

/// What some outputs show of their runs: for one thread to count in while others do.
#[derive(Debug, Default)]
pub(super) struct Counted(Vec<(Arc<Run>, Seen)>);

impl Counted {
    /// What an output is to be judged by. A run that nobody knows yet is taken for what the first of its
    /// outputs shows.
    pub(super) fn facts(&mut self, runs: &Runs, run: &Arc<Run>, generation: &Generation) -> RunFacts {
        if runs.settled {
            return runs.facts(&run.name);
        }
        let seen = self.of(run);
        if let Some(taken_for) = seen.taken_for {
            return taken_for;
        }
        let known = runs.seen.get(&run.name).and_then(|seen| seen.taken_for);
        let facts =
            known.unwrap_or_else(|| RunFacts { closes_traces: Split::of(generation, false).closed() });
        seen.taken_for = Some(facts);
        facts
    }

    /// Takes in an output that was judged by what its run is taken for, and whether its trace is closed.
    pub(super) fn judged(&mut self, runs: &Runs, run: &Arc<Run>, generation: &Generation, closed: bool) {
        if runs.settled {
            return;
        }
        let seen = self.of(run);
        seen.all += 1;
        seen.closed += u64::from(closed);
        // The rest is split alike whatever its run does.
        if !closed && generation.answer_at.is_none() {
            seen.mattered[usize::from(seen.taken_for.unwrap_or_default().closes_traces)] = true;
        }
    }

    /// Takes in an output that is only looked at, and whether its trace is closed.
    pub(super) fn look_at(&mut self, run: &Arc<Run>, closed: bool) {
        let seen = self.of(run);
        seen.all += 1;
        seen.closed += u64::from(closed);
    }

    fn of(&mut self, run: &Arc<Run>) -> &mut Seen {
        let at = self.0.iter().position(|(known, _)| Arc::ptr_eq(known, run) || known.name == run.name);
        let at = at.unwrap_or_else(|| {
            self.0.push((Arc::clone(run), Seen::default()));
            self.0.len() - 1
        });
        &mut self.0[at].1
    }
}
