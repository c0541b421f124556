//! Generations by how much they are about what a query looks up: BM25, and hits counted.
//!
//! A term weighs the more, the rarer it is in the text of what was selected (every row of `a b` has
//! both: how many rows have a term says nothing there). Length counts by the words of the columns. The
//! index and the reading of what is not in it count alike, so an order does not depend on how much is
//! indexed.

use std::sync::Arc;
use std::sync::atomic::AtomicU32;

use rayon::prelude::*;

use super::build::Cancel;
use super::matcher::Matcher;
use super::query::{Lookup, Scope};
use super::selection::Selection;
use super::snapshot::Library;
use super::sort::{self, Order, Sort, SortKey};
use crate::error::{Error, Result};

/// How soon more hits of a term stop to count, and how much length counts: the usual values.
const K1: f32 = 1.2;
const B: f32 = 0.75;
/// Relevances told apart: enough for any list, and sorted in two passes.
const GRADES: f32 = (1 << 22) as f32;

impl Library {
    /// The rows of a selection in an order. Relevance is to what the selection's query looks up;
    /// without that all are equal.
    pub fn ordered(&self, selection: &Arc<Selection>, sort: Sort, cancel: &Cancel) -> Result<Order> {
        if sort.key == SortKey::Relevance {
            self.ranked(selection, sort, cancel)
        } else {
            Ok(self.sorted(selection, sort))
        }
    }

    fn ranked(&self, selection: &Selection, sort: Sort, cancel: &Cancel) -> Result<Order> {
        let rows: Vec<u32> = selection.iter().collect();
        let mut scores = vec![0f32; rows.len()];
        for lookup in selection.lookups() {
            let counts = self.occurrences(lookup, selection, cancel)?;
            let lengths = self.words_of(&rows, lookup.scope);
            let total: u64 = rows.iter().map(|&row| u64::from(counts[row as usize])).sum();
            let words: u64 = lengths.iter().map(|&words| u64::from(words)).sum();
            if total == 0 {
                continue;
            }
            let weight = (words as f64 / total as f64).ln_1p() as f32;
            let average = (words as f32 / rows.len() as f32).max(1.0);
            scores.par_iter_mut().zip(&rows).zip(&lengths).for_each(|((score, &row), &words)| {
                let n = counts[row as usize] as f32;
                if n > 0.0 {
                    *score += weight * n * (K1 + 1.0) / (n + K1 * (1.0 - B + B * words as f32 / average));
                }
            });
        }
        let most = scores.iter().copied().fold(0.0, f32::max);
        let rank = |score: &f32| {
            if *score > 0.0 { ((1.0 - score / most) * (GRADES - 2.0)) as u32 } else { sort::LAST }
        };
        let ranks = scores.iter().map(rank).collect();
        Ok(sort::in_order(ranks, &rows, sort.descending).into())
    }

    /// Hits of what a query looks up in all generations of a selection; `None` when not everything
    /// is words and indexed, so that counting would mean reading.
    pub fn count_hits(&self, selection: &Selection, cancel: &Cancel) -> Result<Option<u64>> {
        let lookups = selection.lookups();
        let countable = lookups.iter().all(|lookup| Matcher::new(lookup).counts());
        let is_whole = || self.text().is_ok() && self.text_rows() == self.len();
        if lookups.is_empty() || !countable || !is_whole() {
            return Ok(None);
        }
        let mut hits = 0;
        for lookup in lookups {
            let counts = self.occurrences(lookup, selection, cancel)?;
            hits += counts.iter().map(|&n| u64::from(n)).sum::<u64>();
        }
        Ok(Some(hits))
    }

    /// How often each row of a selection has something, by row number. A pattern counts nothing, and
    /// a phrase that ends in the beginning of a word once in a text.
    fn occurrences(&self, lookup: &Lookup, selection: &Selection, cancel: &Cancel) -> Result<Vec<u32>> {
        let counts: Vec<AtomicU32> = (0..self.room()).map(|_| AtomicU32::new(0)).collect();
        let mut unknown = selection.bitmap().clone();
        // A damaged index was said when the selection was made.
        if let Ok(Some(text)) = self.text() {
            text.count(lookup, selection.bitmap(), self, cancel, &counts)?;
            unknown.and_not(text.rows(self));
        }
        let mut counts: Vec<u32> = counts.into_iter().map(AtomicU32::into_inner).collect();
        let matcher = Matcher::new(lookup);
        if unknown.is_empty() || !matcher.is_words() {
            return Ok(counts);
        }
        let unknown: Vec<u32> = unknown.iter().collect();
        let found = self.read_back(&unknown, cancel, |_, record, split| {
            matcher.occurrences(&record.item, &record.generation, split)
        });
        if cancel.is_cancelled() {
            return Err(Error::Cancelled);
        }
        for (&row, n) in unknown.iter().zip(found) {
            // What could not be read was said, and is not among those selected.
            counts[row as usize] = n.unwrap_or(0);
        }
        Ok(counts)
    }

    /// Words of what a scope looks in, for rows in library order. Those of questions are not known:
    /// they count as equally long.
    fn words_of(&self, rows: &[u32], scope: Scope) -> Vec<u32> {
        let mut all = Vec::with_capacity(rows.len());
        let mut rest = rows;
        for (base, chunk) in self.chunks() {
            let columns = &chunk.columns;
            let end = base as usize + columns.len();
            let (here, later) = rest.split_at(rest.partition_point(|&row| (row as usize) < end));
            rest = later;
            all.extend(here.iter().map(|&row| {
                let at = (row - base) as usize;
                let (trace, answer) = (columns.trace.words[at], columns.answer.words[at]);
                match scope {
                    Scope::Output => trace.saturating_add(answer),
                    Scope::Trace => trace,
                    Scope::Answer => answer,
                    Scope::Question => 1,
                }
            }));
        }
        all
    }
}
