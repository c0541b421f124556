//! Rows in order of a column.

use std::cmp::Ordering;
use std::sync::{Arc, PoisonError};

use rayon::slice::ParallelSliceMut as _;

use super::query::Unit;
use super::selection::Selection;
use super::snapshot::{Library, known};
use crate::assess::{Length, Overall};

/// An order of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Sort {
    /// By what.
    pub key: SortKey,
    /// Greatest first. What is not known comes last either way.
    pub descending: bool,
}

/// What the list can be sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum SortKey {
    /// Not at all: files in order of path, lines in order.
    #[default]
    Library,
    /// Model.
    Model,
    /// Run.
    Run,
    /// Condition.
    Condition,
    /// Item id, numbers in it by value.
    Item,
    /// Source.
    Source,
    /// Number of constraints.
    Setting,
    /// Verdict: fail, partial, pass.
    Verdict,
    /// Correctness: wrong, right.
    Correct,
    /// Length of the trace.
    Trace(Unit),
    /// Length of the answer.
    Answer(Unit),
    /// Smallest margin.
    Margin,
    /// Number of constraints not followed.
    Broken,
    /// Number of the sample.
    Sample,
}

impl SortKey {
    /// Every key, lengths in words.
    pub const ALL: [Self; 14] = [
        Self::Library,
        Self::Model,
        Self::Run,
        Self::Condition,
        Self::Item,
        Self::Source,
        Self::Setting,
        Self::Verdict,
        Self::Correct,
        Self::Trace(Unit::Words),
        Self::Answer(Unit::Words),
        Self::Margin,
        Self::Broken,
        Self::Sample,
    ];

    /// The word in options and on screens.
    pub fn name(self) -> &'static str {
        match self {
            Self::Library => "library",
            Self::Model => "model",
            Self::Run => "run",
            Self::Condition => "condition",
            Self::Item => "item",
            Self::Source => "source",
            Self::Setting => "setting",
            Self::Verdict => "verdict",
            Self::Correct => "correct",
            Self::Trace(Unit::Words) => "trace",
            Self::Trace(Unit::Chars) => "trace-chars",
            Self::Trace(Unit::Tokens) => "trace-tokens",
            Self::Answer(Unit::Words) => "answer",
            Self::Answer(Unit::Chars) => "answer-chars",
            Self::Answer(Unit::Tokens) => "answer-tokens",
            Self::Margin => "margin",
            Self::Broken => "broken",
            Self::Sample => "sample",
        }
    }

    /// The key with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        let more = [
            Self::Trace(Unit::Chars),
            Self::Trace(Unit::Tokens),
            Self::Answer(Unit::Chars),
            Self::Answer(Unit::Tokens),
        ];
        Self::ALL.into_iter().chain(more).find(|key| key.name() == name)
    }
}

/// Rank of what is not known.
const LAST: u32 = u32::MAX;

impl Library {
    /// The rows of a selection in an order; rows that are equal stay in library order.
    pub fn sorted(&self, selection: &Selection, sort: Sort) -> Arc<[u32]> {
        if sort.key == SortKey::Library {
            let mut rows: Vec<u32> = selection.iter().collect();
            if sort.descending {
                rows.reverse();
            }
            return rows.into();
        }
        // A full order is kept for the next keystroke; few rows are sorted by themselves.
        let full = {
            let orders = self.orders.lock().unwrap_or_else(PoisonError::into_inner);
            orders.get(&sort.key).cloned()
        };
        let ranks = |rows: &mut dyn Iterator<Item = u32>| {
            let rank = self.ranks(sort.key);
            rows.map(|row| u64::from(rank(row)) << 32 | u64::from(row)).collect::<Vec<u64>>()
        };
        if sort.descending || (full.is_none() && selection.count() < 20_000) {
            let mut keyed = ranks(&mut selection.iter());
            if sort.descending {
                for key in &mut keyed {
                    let rank = (*key >> 32) as u32;
                    if rank != LAST {
                        *key = u64::from(LAST - 1 - rank) << 32 | (*key & 0xffff_ffff);
                    }
                }
            }
            keyed.par_sort_unstable();
            return keyed.into_iter().map(|key| key as u32).collect();
        }
        let full = full.unwrap_or_else(|| {
            let mut keyed = ranks(&mut self.live().iter());
            keyed.par_sort_unstable();
            let order: Arc<[u32]> = keyed.into_iter().map(|key| key as u32).collect();
            let mut orders = self.orders.lock().unwrap_or_else(PoisonError::into_inner);
            orders.insert(sort.key, order.clone());
            order
        });
        if selection.count() == full.len() {
            return full;
        }
        full.iter().copied().filter(|&row| selection.has(row)).collect()
    }

    /// The rank of a row by a key.
    fn ranks(&self, key: SortKey) -> Box<dyn Fn(u32) -> u32 + Sync + '_> {
        let run_ranks = |text: fn(&crate::record::Run) -> &str| {
            ranks_of(&self.runs().iter().map(|run| text(&run.run)).collect::<Vec<_>>())
        };
        let by_run = |ranks: Vec<u32>| -> Box<dyn Fn(u32) -> u32 + Sync + '_> {
            Box::new(move |row| ranks[self.row(row).run_number() as usize])
        };
        let by_item = |ranks: Vec<u32>| -> Box<dyn Fn(u32) -> u32 + Sync + '_> {
            Box::new(move |row| ranks[self.row(row).item_number() as usize])
        };
        match key {
            SortKey::Library => Box::new(|row| row),
            SortKey::Model => by_run(run_ranks(|run| &run.model)),
            SortKey::Run => by_run(run_ranks(|run| &run.name)),
            SortKey::Condition => by_run(run_ranks(|run| &run.condition)),
            SortKey::Item => {
                let names: Vec<String> =
                    self.items().iter().map(|item| format!("{}\u{1}{}", item.id, item.group)).collect();
                by_item(ranks_of(&names.iter().map(String::as_str).collect::<Vec<_>>()))
            }
            SortKey::Source => {
                by_item(ranks_of(&self.items().iter().map(|i| &*i.source).collect::<Vec<_>>()))
            }
            SortKey::Setting => by_item(self.items().iter().map(|i| i.constraints.len() as u32).collect()),
            SortKey::Verdict => Box::new(|row| match self.row(row).overall() {
                Overall::Fail => 0,
                Overall::Partial => 1,
                Overall::Pass => 2,
                Overall::Unknown => LAST,
            }),
            SortKey::Correct => Box::new(|row| self.row(row).correct().map_or(LAST, u32::from)),
            SortKey::Trace(unit) => Box::new(move |row| in_unit(self.row(row).trace(), unit).unwrap_or(LAST)),
            SortKey::Answer(unit) => {
                Box::new(move |row| in_unit(self.row(row).answer(), unit).unwrap_or(LAST))
            }
            SortKey::Margin => Box::new(|row| self.row(row).margin().map_or(LAST, ordered)),
            SortKey::Broken => Box::new(|row| {
                let row = self.row(row);
                row.constraints().filter(|cell| cell.status.followed() == Some(false)).count() as u32
            }),
            SortKey::Sample => Box::new(|row| self.row(row).sample()),
        }
    }
}

/// A length in a unit.
pub(super) fn in_unit(length: Length, unit: Unit) -> Option<u32> {
    match unit {
        Unit::Chars => Some(length.chars),
        Unit::Words => Some(length.words),
        Unit::Tokens => length.saved_tokens.and_then(known),
    }
}

/// A number whose order is that of the floats.
fn ordered(x: f32) -> u32 {
    let bits = x.to_bits();
    let ordered = if bits >> 31 == 1 { !bits } else { bits | 1 << 31 };
    ordered.min(LAST - 1)
}

/// The rank of each text; equal texts have equal ranks, empty ones come last.
fn ranks_of(texts: &[&str]) -> Vec<u32> {
    let mut distinct: Vec<&str> = texts.to_vec();
    distinct.sort_by(|a, b| natural(a, b));
    distinct.dedup();
    let order: std::collections::HashMap<&str, u32> =
        distinct.iter().enumerate().map(|(i, &text)| (text, i as u32)).collect();
    texts.iter().map(|text| if text.is_empty() { LAST } else { order[text] }).collect()
}

/// Order of names with numbers in them: `level3-9` before `level3-10`.
pub(super) fn natural(left: &str, right: &str) -> Ordering {
    let whole = (left, right);
    let (mut left, mut right) = whole;
    loop {
        let digits = |text: &str| text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let lengths = (digits(left), digits(right));
        if lengths.0 > 0 && lengths.1 > 0 {
            let numbers = (&left[..lengths.0], &right[..lengths.1]);
            let plain = (numbers.0.trim_start_matches('0'), numbers.1.trim_start_matches('0'));
            let order = plain.0.len().cmp(&plain.1.len()).then_with(|| plain.0.cmp(plain.1));
            if order != Ordering::Equal {
                return order;
            }
            (left, right) = (&left[lengths.0..], &right[lengths.1..]);
            continue;
        }
        let mut chars = (left.chars(), right.chars());
        match (chars.0.next(), chars.1.next()) {
            (Some(x), Some(y)) if x == y => (left, right) = (chars.0.as_str(), chars.1.as_str()),
            (Some(x), Some(y)) => return x.cmp(&y),
            (None, None) => return whole.0.cmp(whole.1),
            (x, y) => return x.is_some().cmp(&y.is_some()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_names_count_by_value() {
        let mut names = ["level3-100", "level3-27", "a", "level3-9", "", "level3-09", "b10c", "b9d"];
        names.sort_by(|a, b| natural(a, b));
        assert_eq!(names, ["", "a", "b9d", "b10c", "level3-09", "level3-9", "level3-27", "level3-100"]);
    }

    #[test]
    fn floats_keep_their_order() {
        let floats = [f32::NEG_INFINITY, -3.0, -0.5, 0.0, 0.25, 7.0, f32::INFINITY];
        assert!(floats.windows(2).all(|w| ordered(w[0]) < ordered(w[1])));
    }
}
