//! What the plots show, counted from a selection of a library.

use super::bins::{BinOutcomes, Bins, by_length};
use super::compare::outcome;
use super::cross::Cross;
use super::margins::MarginHistogram;
use super::metrics::Metrics;
use super::position::{PositionHistogram, position};
use crate::assess::{Length, Options, PreparedItem, assess};
use crate::constraint::Want;
use crate::library::{Cancel, Library, Row, Selection, Unit};

/// A part of an output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Part {
    /// The reasoning.
    Trace,
    /// The final part.
    Answer,
}

impl Part {
    /// The word shown, which is the measure in queries too.
    pub fn name(self) -> &'static str {
        match self {
            Self::Trace => "trace",
            Self::Answer => "answer",
        }
    }

    /// Its length in a row; `None` when it is not known in that unit.
    pub fn length(self, row: &Row<'_>, unit: Unit) -> Option<u32> {
        let length: Length = match self {
            Self::Trace => row.trace(),
            Self::Answer => row.answer(),
        };
        match unit {
            Unit::Chars => Some(length.chars),
            Unit::Words => Some(length.words),
            Unit::Tokens => length.saved_tokens,
        }
    }
}

/// The rows of a selection until cancelled.
fn rows<'a>(
    library: &'a Library,
    selection: &'a Selection,
    cancel: &'a Cancel,
) -> impl Iterator<Item = Row<'a>> + 'a {
    selection
        .iter()
        .enumerate()
        .take_while(|(i, _)| i % 4096 != 0 || !cancel.is_cancelled())
        .map(|(_, row)| library.row(row))
}

/// Numbers over bins of a length, and what no bin holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Rated {
    /// The bins, about the same number of generations in each.
    pub bins: Vec<BinOutcomes>,
    /// Generations without this part: in no bin.
    pub without: u64,
    /// Generations whose length is not known in this unit: in no bin.
    pub unknown: u64,
}

/// `HAcc`, `SAcc` and correctness over at most `k` bins of the length of a part. Generations that
/// do not have the part are counted apart: no trace is not a short one.
pub fn rates(
    library: &Library,
    selection: &Selection,
    (part, unit): (Part, Unit),
    k: usize,
    cancel: &Cancel,
) -> Rated {
    let (mut without, mut unknown) = (0, 0);
    let mut found = Vec::new();
    for row in rows(library, selection, cancel) {
        match part.length(&row, unit) {
            None => unknown += 1,
            Some(0) => without += 1,
            Some(length) => found.push((length, outcome(&row))),
        }
    }
    let lengths: Vec<u32> = found.iter().map(|(length, _)| *length).collect();
    Rated { bins: by_length(found, &Bins::equal_count(&lengths, k)), without, unknown }
}

/// The numbers of every run that has rows in the selection, in the order of [`Library::runs`].
pub fn by_run(library: &Library, selection: &Selection, cancel: &Cancel) -> Vec<(u32, Metrics)> {
    let mut all = vec![Metrics::default(); library.runs().len()];
    for row in rows(library, selection, cancel) {
        all[row.run_number() as usize].add(outcome(&row));
    }
    all.into_iter().enumerate().filter(|(_, m)| m.n() > 0).map(|(run, m)| (run as u32, m)).collect()
}

/// Right against followed.
pub fn cross(library: &Library, selection: &Selection, cancel: &Cancel) -> Cross {
    rows(library, selection, cancel).map(|row| outcome(&row)).collect()
}

/// Margins of one constraint, by its number in [`Library::constraints`].
pub fn margins(
    library: &Library,
    selection: &Selection,
    constraint: u32,
    cancel: &Cancel,
) -> MarginHistogram {
    let found: Vec<Option<f64>> = rows(library, selection, cancel)
        .flat_map(|row| {
            row.constraints().filter(move |c| c.number == constraint).map(|c| c.margin.map(f64::from))
        })
        .collect();
    MarginHistogram::of(&found)
}

/// Lengths of a part in bins that widen with the length: bins and counts, and how many are not
/// known in this unit.
pub fn lengths(
    library: &Library,
    selection: &Selection,
    (part, unit): (Part, Unit),
    cancel: &Cancel,
) -> (Bins, Vec<u64>, u64) {
    let all: Vec<Option<u32>> = rows(library, selection, cancel).map(|row| part.length(&row, unit)).collect();
    let known: Vec<u32> = all.iter().copied().flatten().collect();
    let bins = Bins::logarithmic(&known);
    let counts = bins.counts(known.iter().copied());
    (bins, counts, (all.len() - known.len()) as u64)
}

/// First violations by place, from outputs read back.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Placed {
    /// The histogram.
    pub histogram: PositionHistogram,
    /// Verdicts of not followed that were looked at.
    pub read: u64,
    /// Verdicts of not followed that there are.
    pub all: u64,
    /// Generations that could not be read back.
    pub failed: u64,
}

/// Where first violations fall, of one constraint or (with `None`) of any.
///
/// Outputs are read back from the user's files, so at most `limit` generations, spread evenly over
/// the selection, are looked at. Rows on which nothing is broken are not read.
pub fn positions(
    library: &Library,
    selection: &Selection,
    constraint: Option<u32>,
    limit: usize,
    options: Options,
    cancel: &Cancel,
) -> Placed {
    let wanted = |number: u32| constraint.is_none_or(|c| c == number);
    let broken: Vec<u32> = rows(library, selection, cancel)
        .filter(|row| row.constraints().any(|c| c.status.followed() == Some(false) && wanted(c.number)))
        .map(|row| row.id())
        .collect();
    let mut placed = Placed { all: broken.len() as u64, ..Placed::default() };
    let step = broken.len().div_ceil(limit.max(1)).max(1);
    let options = Options { want: Want::Marks, ..options };
    for &id in broken.iter().step_by(step) {
        if cancel.is_cancelled() {
            break;
        }
        let Ok(record) = library.read(id) else {
            placed.failed += 1;
            continue;
        };
        let row = library.row(id);
        let item = PreparedItem::new(record.item.clone());
        let facts = library.run_facts(row.run_number());
        let found = assess(&item, &record.run, facts, &record.generation, options);
        let first = found
            .verdicts
            .iter()
            .zip(row.constraints())
            .filter(|(verdict, cell)| verdict.status.followed() == Some(false) && wanted(cell.number))
            .filter_map(|(verdict, _)| position(&verdict.marks, &found.judged))
            .min_by(f64::total_cmp);
        placed.histogram.add(first);
        placed.read += 1;
    }
    placed
}
