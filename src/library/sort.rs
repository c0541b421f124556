//! Rows in order of a column.

use std::cmp::Ordering;
use std::ops::Range;
use std::sync::{Arc, PoisonError};

use rayon::prelude::*;

use super::bitmap::Bitmap;
use super::chunk::{Chunk, Columns, Flags, VerdictCell};
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

/// Rank of what is not known.
pub(super) const LAST: u32 = u32::MAX;
/// Orders kept for the next keystroke.
const ORDERS: usize = 6;
/// Fewer rows than this are sorted by themselves.
const FEW: usize = 20_000;

/// The rows of a selection in an order. Any page of it costs the same.
#[derive(Debug, Clone)]
pub struct Order(Kind);

#[derive(Debug, Clone)]
enum Kind {
    /// As they come, or the last first: nothing but the selection is needed.
    Library { selection: Arc<Selection>, backwards: bool },
    /// One by one.
    Listed(Arc<[u32]>),
}

impl Order {
    /// Number of rows.
    pub fn len(&self) -> usize {
        match &self.0 {
            Kind::Library { selection, .. } => selection.count(),
            Kind::Listed(rows) => rows.len(),
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The row at a position.
    pub fn get(&self, position: usize) -> Option<u32> {
        match &self.0 {
            Kind::Library { selection, backwards: false } => selection.nth(position),
            Kind::Library { selection, .. } => selection.nth(selection.count().checked_sub(position + 1)?),
            Kind::Listed(rows) => rows.get(position).copied(),
        }
    }

    /// The rows from a position on.
    pub fn from(&self, position: usize) -> Box<dyn Iterator<Item = u32> + '_> {
        match &self.0 {
            Kind::Library { selection, backwards: false } => Box::new(selection.iter_from(position)),
            Kind::Library { .. } => Box::new((position..).map_while(|position| self.get(position))),
            Kind::Listed(rows) => Box::new(rows.iter().skip(position).copied()),
        }
    }

    /// All rows.
    pub fn iter(&self) -> impl Iterator<Item = u32> + '_ {
        self.from(0)
    }

    /// Where a row stands; `None` when it is not among them.
    pub fn position(&self, row: u32) -> Option<usize> {
        match &self.0 {
            Kind::Library { selection, backwards } => {
                let position = selection.position(row)?;
                Some(if *backwards { selection.count() - 1 - position } else { position })
            }
            Kind::Listed(rows) => rows.iter().position(|&other| other == row),
        }
    }
}

impl FromIterator<u32> for Order {
    fn from_iter<I: IntoIterator<Item = u32>>(rows: I) -> Self {
        Self(Kind::Listed(rows.into_iter().collect()))
    }
}

impl From<Vec<u32>> for Order {
    fn from(rows: Vec<u32>) -> Self {
        Self(Kind::Listed(rows.into()))
    }
}

impl Library {
    /// The rows of a selection in an order of its columns; rows that are equal stay in library order,
    /// and by relevance, which no column has, all are.
    pub fn sorted(&self, selection: &Arc<Selection>, sort: Sort) -> Order {
        if matches!(sort.key, SortKey::Library | SortKey::Relevance) {
            let backwards = sort.key == SortKey::Library && sort.descending;
            return Order(Kind::Library { selection: selection.clone(), backwards });
        }
        let known = {
            let orders = self.orders.lock().unwrap_or_else(PoisonError::into_inner);
            orders.iter().find(|(of, _)| *of == sort).map(|(_, order)| order.clone())
        };
        if known.is_none() && selection.count() < FEW && self.len() >= FEW {
            return self.order(selection.bitmap(), sort).into();
        }
        let order = known.unwrap_or_else(|| {
            let order: Arc<[u32]> = self.order(self.live(), sort).into();
            let mut orders = self.orders.lock().unwrap_or_else(PoisonError::into_inner);
            if orders.len() >= ORDERS {
                orders.remove(0);
            }
            orders.push((sort, order.clone()));
            order
        });
        if selection.count() == order.len() {
            return Order(Kind::Listed(order));
        }
        let halves: [Vec<u32>; 2] = {
            let (left, right) = order.split_at(order.len() / 2);
            let (left, right) = rayon::join(|| kept(left, selection), || kept(right, selection));
            [left, right]
        };
        halves.concat().into()
    }

    /// Rows in an order.
    fn order(&self, rows: &Bitmap, sort: Sort) -> Vec<u32> {
        let ranking = self.ranking(sort.key);
        let chunks: Vec<(u32, &Chunk)> = self.chunks().collect();
        let ranked: Vec<(Vec<u32>, Vec<u32>)> = chunks
            .par_iter()
            .map(|(base, chunk)| {
                let rows: Vec<u32> = rows.iter_within(*base, chunk.columns.len()).collect();
                let ranks = ranking.of(&chunk.columns, &rows);
                (ranks, rows.into_iter().map(|row| base + row).collect())
            })
            .collect();
        let (ranks, rows): (Vec<_>, Vec<_>) = ranked.into_iter().unzip();
        in_order(ranks.concat(), &rows.concat(), sort.descending)
    }

    fn ranking(&self, key: SortKey) -> Ranking {
        let run_ranks = |text: fn(&crate::record::Run) -> &str| {
            Ranking::Run(ranks_of(&self.runs().iter().map(|run| text(&run.run)).collect::<Vec<_>>()))
        };
        match key {
            SortKey::Model => run_ranks(|run| &run.model),
            // The first two rank nothing; they are never asked to.
            SortKey::Library | SortKey::Relevance | SortKey::Run => run_ranks(|run| &run.name),
            SortKey::Condition => run_ranks(|run| &run.condition),
            SortKey::Item => {
                let names: Vec<String> =
                    self.items().iter().map(|item| format!("{}\u{1}{}", item.id, item.group)).collect();
                Ranking::Item(ranks_of(&names.iter().map(String::as_str).collect::<Vec<_>>()))
            }
            SortKey::Source => {
                Ranking::Item(ranks_of(&self.items().iter().map(|i| &*i.source).collect::<Vec<_>>()))
            }
            SortKey::Setting => {
                Ranking::Item(self.items().iter().map(|i| i.constraints.len() as u32).collect())
            }
            SortKey::Verdict => Ranking::Flags(|flags| match flags.overall() {
                Overall::Fail => 0,
                Overall::Partial => 1,
                Overall::Pass => 2,
                Overall::Unknown => LAST,
            }),
            SortKey::Correct => Ranking::Flags(|flags| flags.correct().map_or(LAST, u32::from)),
            SortKey::Trace(unit) => Ranking::Trace(unit),
            SortKey::Answer(unit) => Ranking::Answer(unit),
            SortKey::Margin => Ranking::Margin,
            SortKey::Broken => Ranking::Broken,
            SortKey::Sample => Ranking::Sample,
        }
    }
}

/// How rows are ranked.
enum Ranking {
    /// By a rank of each run.
    Run(Vec<u32>),
    /// By a rank of each item.
    Item(Vec<u32>),
    Flags(fn(Flags) -> u32),
    Trace(Unit),
    Answer(Unit),
    Margin,
    Broken,
    Sample,
}

impl Ranking {
    /// The ranks of rows of a chunk.
    fn of(&self, columns: &Columns, rows: &[u32]) -> Vec<u32> {
        let pick = |column: &[u32]| rows.iter().map(|&row| column[row as usize]).collect::<Vec<u32>>();
        let by = |ranks: &[u32], column: &[u32]| {
            rows.iter().map(|&row| ranks[column[row as usize] as usize]).collect()
        };
        match self {
            Self::Run(ranks) => by(ranks, &columns.run),
            Self::Item(ranks) => by(ranks, &columns.item),
            Self::Flags(rank) => {
                let flags = &columns.flags[..];
                rows.iter().map(|&row| rank(Flags(flags[row as usize]))).collect()
            }
            // A number that is not known is `LAST` already.
            Self::Trace(unit) => pick(columns.trace.in_unit(*unit)),
            Self::Answer(unit) => pick(columns.answer.in_unit(*unit)),
            Self::Margin => per_row(columns, rows, &columns.margins, |margins| {
                let known = margins.iter().copied().filter(|margin| !margin.is_nan());
                known.map(ordered).min().unwrap_or(LAST)
            }),
            Self::Broken => {
                let broken: [u32; 8] = std::array::from_fn(|cell| {
                    u32::from(VerdictCell(cell as u8).status().followed() == Some(false))
                });
                per_row(columns, rows, &columns.verdicts, |cells| {
                    cells.iter().map(|cell| broken[usize::from(cell & 7)]).sum()
                })
            }
            Self::Sample => pick(&columns.sample),
        }
    }
}

/// What is made of the verdicts of each row.
fn per_row<T>(columns: &Columns, rows: &[u32], cells: &[T], make: impl Fn(&[T]) -> u32) -> Vec<u32> {
    let at = &columns.verdicts_at[..];
    rows.iter().map(|&row| make(&cells[at[row as usize] as usize..at[row as usize + 1] as usize])).collect()
}

/// Those of a list that are selected.
fn kept(rows: &[u32], selection: &Selection) -> Vec<u32> {
    let mut kept = vec![0; rows.len()];
    let mut len = 0;
    for &row in rows {
        kept[len] = row;
        // Without a branch: whether a row is selected cannot be foreseen.
        len += usize::from(selection.has(row));
    }
    kept.truncate(len);
    kept
}

/// Rows by their ranks; equal ones stay as they were. What is not known comes last either way.
///
/// One pass puts the rows into as many buckets as there are ranks, or as many as [`BUCKETS`] allows;
/// then what lies in one bucket and is not equal is sorted. Two threads share the buckets.
pub(super) fn in_order(mut ranks: Vec<u32>, rows: &[u32], descending: bool) -> Vec<u32> {
    let least = ranks.iter().copied().min().unwrap_or(LAST);
    let most = ranks.iter().map(|&rank| if rank == LAST { 0 } else { rank }).max().unwrap_or(0);
    if least == LAST {
        return rows.to_vec();
    }
    let span = most - least;
    for rank in &mut ranks {
        *rank = match *rank {
            LAST => span.saturating_add(1),
            rank if descending => most - rank,
            rank => rank - least,
        };
    }
    let most_buckets = rows.len().next_power_of_two().min(BUCKETS);
    let shift = (u32::BITS - span.leading_zeros()).saturating_sub(most_buckets.ilog2());
    let buckets = (span.saturating_add(1) >> shift) as usize + 1;
    let mut starts = vec![0u32; buckets + 1];
    for &rank in &ranks {
        starts[(rank >> shift) as usize + 1] += 1;
    }
    for bucket in 0..buckets {
        starts[bucket + 1] += starts[bucket];
    }
    let mut sorted = vec![0; rows.len()];
    // The bucket that has the middle.
    let middle = starts.partition_point(|&start| start as usize <= rows.len() / 2).saturating_sub(1);
    let (left, right) = sorted.split_at_mut(starts[middle] as usize);
    // Where buckets must be sorted, places are put into them: they lead to the ranks.
    let places: Vec<u32> = if shift > 0 { (0..rows.len() as u32).collect() } else { Vec::new() };
    let what = if shift > 0 { &places } else { rows };
    let fill = |within: Range<usize>, out: &mut [u32]| {
        let first = starts[within.start];
        let mut next = starts[within.clone()].to_vec();
        for (&rank, &one) in ranks.iter().zip(what) {
            let bucket = (rank >> shift) as usize;
            if let Some(next) = bucket.checked_sub(within.start).and_then(|at| next.get_mut(at)) {
                out[(*next - first) as usize] = one;
                *next += 1;
            }
        }
        if shift == 0 {
            return;
        }
        let mut keyed: Vec<(u32, u32)> = Vec::new();
        for ends in starts[within.start..=within.end].windows(2) {
            let bucket = &mut out[(ends[0] - first) as usize..(ends[1] - first) as usize];
            keyed.clear();
            keyed.extend(bucket.iter().map(|&place| (ranks[place as usize], place)));
            if !keyed.is_sorted() {
                keyed.sort_unstable();
            }
            for (out, (_, place)) in bucket.iter_mut().zip(&keyed) {
                *out = rows[*place as usize];
            }
        }
    };
    rayon::join(|| fill(0..middle, left), || fill(middle..buckets, right));
    sorted
}

/// Most buckets of [`in_order`]: their counters stay in the processor's cache.
const BUCKETS: usize = 1 << 16;

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
                assert_eq!(in_order(ranks.clone(), &rows, descending), expected, "{below} {descending}");
            }
        }
        // The greatest rank there is.
        assert_eq!(in_order(vec![LAST - 1, LAST, 0], &[0, 1, 2], false), [2, 0, 1]);
    }

    #[test]
    fn floats_keep_their_order() {
        let floats = [f32::NEG_INFINITY, -3.0, -0.5, 0.0, 0.25, 7.0, f32::INFINITY];
        assert!(floats.windows(2).all(|w| ordered(w[0]) < ordered(w[1])));
    }
}
