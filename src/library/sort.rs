//! Rows in order of a column.

use std::cmp::Ordering;
use std::sync::{Arc, PoisonError};

use rayon::prelude::*;

use super::chunk::{Chunk, Columns, VerdictCell};
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
    /// What is most about what the query looks up first: see [`Library::ordered`].
    Relevance,
}

impl SortKey {
    /// Every key, lengths in words.
    pub const ALL: [Self; 15] = [
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
        Self::Relevance,
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
            Self::Relevance => "relevance",
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

/// Gives the rank of a row of a chunk.
type Rank<'a> = Box<dyn Fn(&Columns, usize) -> u32 + Sync + 'a>;

/// Rank of what is not known.
pub(super) const LAST: u32 = u32::MAX;
/// Orders kept for the next keystroke.
const ORDERS: usize = 6;
/// Fewer rows than this are sorted by themselves.
const FEW: usize = 20_000;

impl Library {
    /// The rows of a selection in an order of its columns; rows that are equal stay in library order,
    /// and by relevance, which no column has, all are.
    pub fn sorted(&self, selection: &Selection, sort: Sort) -> Arc<[u32]> {
        if sort.key == SortKey::Library {
            let mut rows: Vec<u32> = selection.iter().collect();
            if sort.descending {
                rows.reverse();
            }
            return rows.into();
        }
        let known = {
            let orders = self.orders.lock().unwrap_or_else(PoisonError::into_inner);
            orders.iter().find(|(of, _)| *of == sort).map(|(_, order)| order.clone())
        };
        if known.is_none() && selection.count() < FEW && self.len() >= FEW {
            let rank = self.rank(sort.key);
            let of = |row: u32| {
                let (chunk, at) = self.locate(row);
                rank(&chunk.columns, at)
            };
            let rows: Vec<u32> = selection.iter().collect();
            return in_order(rows.iter().map(|&row| of(row)).collect(), rows, sort.descending).into();
        }
        let order = known.unwrap_or_else(|| {
            let order = self.order(sort);
            let mut orders = self.orders.lock().unwrap_or_else(PoisonError::into_inner);
            if orders.len() >= ORDERS {
                orders.remove(0);
            }
            orders.push((sort, order.clone()));
            order
        });
        if selection.count() == order.len() {
            return order;
        }
        order.iter().copied().filter(|&row| selection.has(row)).collect()
    }

    /// All rows in an order.
    fn order(&self, sort: Sort) -> Arc<[u32]> {
        let rank = self.rank(sort.key);
        let chunks: Vec<(u32, &Chunk)> = self.chunks().collect();
        let ranks: Vec<Vec<u32>> = chunks
            .par_iter()
            .map(|(base, chunk)| {
                let alive = |at: &usize| self.live().has(base + *at as u32);
                (0..chunk.columns.len()).filter(alive).map(|at| rank(&chunk.columns, at)).collect()
            })
            .collect();
        in_order(ranks.concat(), self.live().iter().collect(), sort.descending).into()
    }

    /// The rank of a row of a chunk by a key.
    fn rank(&self, key: SortKey) -> Rank<'_> {
        let run_ranks = |text: fn(&crate::record::Run) -> &str| {
            ranks_of(&self.runs().iter().map(|run| text(&run.run)).collect::<Vec<_>>())
        };
        let by_run = |ranks: Vec<u32>| -> Rank<'_> { Box::new(move |c, at| ranks[c.run[at] as usize]) };
        let by_item = |ranks: Vec<u32>| -> Rank<'_> { Box::new(move |c, at| ranks[c.item[at] as usize]) };
        match key {
            SortKey::Library => Box::new(|_, at| at as u32),
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
            SortKey::Verdict => Box::new(|c, at| match c.flags(at).overall() {
                Overall::Fail => 0,
                Overall::Partial => 1,
                Overall::Pass => 2,
                Overall::Unknown => LAST,
            }),
            SortKey::Correct => Box::new(|c, at| c.flags(at).correct().map_or(LAST, u32::from)),
            SortKey::Trace(unit) => Box::new(move |c, at| in_unit(c.trace.get(at), unit).unwrap_or(LAST)),
            SortKey::Answer(unit) => Box::new(move |c, at| in_unit(c.answer.get(at), unit).unwrap_or(LAST)),
            SortKey::Margin => Box::new(|c, at| {
                let margins = c.margins[c.verdict_range(at)].iter().copied().filter(|m| !m.is_nan());
                margins.min_by(f32::total_cmp).map_or(LAST, ordered)
            }),
            SortKey::Broken => Box::new(|c, at| {
                let cells = c.verdicts[c.verdict_range(at)].iter();
                cells.filter(|&&cell| VerdictCell(cell).status().followed() == Some(false)).count() as u32
            }),
            SortKey::Sample => Box::new(|c, at| c.sample[at]),
            SortKey::Relevance => Box::new(|_, _| LAST),
        }
    }
}

/// Rows by their ranks: sorted by one digit of 11 bits after the other, so that equal rows stay as
/// they were. What is not known comes last either way.
pub(super) fn in_order(mut ranks: Vec<u32>, mut rows: Vec<u32>, descending: bool) -> Vec<u32> {
    const BITS: u32 = 11;
    let most = ranks.iter().copied().filter(|&rank| rank != LAST).max().unwrap_or(0);
    for rank in &mut ranks {
        *rank = match *rank {
            LAST => most.saturating_add(1),
            rank if descending => most - rank,
            rank => rank,
        };
    }
    let most = most.saturating_add(1);
    let (mut next_ranks, mut next_rows) = (vec![0; rows.len()], vec![0; rows.len()]);
    let mut shift = 0;
    while shift < u32::BITS && most >> shift > 0 {
        let digit = |rank: u32| (rank >> shift) as usize & ((1 << BITS) - 1);
        let mut starts = vec![0u32; (1 << BITS) + 1];
        for &rank in &ranks {
            starts[digit(rank) + 1] += 1;
        }
        for i in 1..starts.len() {
            starts[i] += starts[i - 1];
        }
        for (&rank, &row) in ranks.iter().zip(&rows) {
            let slot = &mut starts[digit(rank)];
            next_ranks[*slot as usize] = rank;
            next_rows[*slot as usize] = row;
            *slot += 1;
        }
        std::mem::swap(&mut ranks, &mut next_ranks);
        std::mem::swap(&mut rows, &mut next_rows);
        shift += BITS;
    }
    rows
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
    fn digits_sort_like_a_stable_sort() {
        let mut seed = 7u32;
        let mut next = |below: u32| {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (seed >> 4) % below
        };
        for below in [1, 3, 3000, 5_000_000, u32::MAX >> 4] {
            let ranks: Vec<u32> =
                (0..500).map(|i| if i % 17 == 0 { LAST } else { next(below).max(1) - 1 }).collect();
            let rows: Vec<u32> = (0..500).collect();
            for descending in [false, true] {
                let mut expected = rows.clone();
                expected.sort_by_key(|&row| {
                    let rank = ranks[row as usize];
                    let turned = if descending { LAST - 1 - rank.min(LAST - 1) } else { rank };
                    (rank == LAST, turned)
                });
                assert_eq!(
                    in_order(ranks.clone(), rows.clone(), descending),
                    expected,
                    "{below} {descending}"
                );
            }
        }
        // The greatest rank there is.
        assert_eq!(in_order(vec![LAST - 1, LAST, 0], vec![0, 1, 2], false), [2, 0, 1]);
    }

    #[test]
    fn floats_keep_their_order() {
        let floats = [f32::NEG_INFINITY, -3.0, -0.5, 0.0, 0.25, 7.0, f32::INFINITY];
        assert!(floats.windows(2).all(|w| ordered(w[0]) < ordered(w[1])));
    }
}
