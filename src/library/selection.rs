//! The rows a query selects.

use std::ops::Range;

use super::bitmap::Bitmap;
use super::query::{Lookup, Query};

/// The rows a query selects, in library order.
#[derive(Debug, Clone)]
pub struct Selection {
    query: Query,
    rows: Bitmap,
    /// Rows before each block of [`BLOCK`] words.
    before: Vec<u32>,
    count: usize,
    notes: Vec<String>,
}

/// Words of the bitmap between two entries of the rank directory.
const BLOCK: usize = 8;

impl Selection {
    pub(super) fn new(query: Query, rows: Bitmap, notes: Vec<String>) -> Self {
        let mut before = Vec::with_capacity(rows.words().len() / BLOCK + 1);
        let mut count = 0u32;
        for block in rows.words().chunks(BLOCK) {
            before.push(count);
            count += block.iter().map(|word| word.count_ones()).sum::<u32>();
        }
        Self { query, rows, before, count: count as usize, notes }
    }

    /// The query that was asked.
    pub fn query(&self) -> &Query {
        &self.query
    }

    /// Number of rows.
    pub fn count(&self) -> usize {
        self.count
    }

    /// Whether nothing was selected.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The rows as a set.
    pub fn bitmap(&self) -> &Bitmap {
        &self.rows
    }

    /// Whether a row is selected.
    #[inline]
    pub fn has(&self, row: u32) -> bool {
        self.rows.has(row)
    }

    /// The rows in library order.
    pub fn iter(&self) -> impl Iterator<Item = u32> + '_ {
        self.rows.iter()
    }

    /// The row at a position of the list.
    pub fn nth(&self, position: usize) -> Option<u32> {
        if position >= self.count {
            return None;
        }
        let position = position as u32;
        let block = self.before.partition_point(|&before| before <= position) - 1;
        let mut left = position - self.before[block];
        for (i, &word) in self.rows.words().iter().enumerate().skip(block * BLOCK) {
            let here = word.count_ones();
            if left < here {
                let mut word = word;
                for _ in 0..left {
                    word &= word - 1;
                }
                return Some(i as u32 * 64 + word.trailing_zeros());
            }
            left -= here;
        }
        None
    }

    /// The rows from a position on, in library order.
    pub fn iter_from(&self, position: usize) -> impl Iterator<Item = u32> + '_ {
        let first = self.nth(position).unwrap_or(self.rows.words().len() as u32 * 64);
        let word = first / 64;
        let rest = self.rows.words().len() - word as usize;
        let rows = self.rows.iter_within(word * 64, rest * 64).map(move |row| word * 64 + row);
        rows.skip_while(move |&row| row < first)
    }

    /// The rows at a range of positions: one page of the list.
    pub fn page(&self, positions: Range<usize>) -> Vec<u32> {
        self.iter_from(positions.start).take(positions.len()).collect()
    }

    /// The position of a row in the list; `None` when it is not selected.
    pub fn position(&self, row: u32) -> Option<usize> {
        if !self.has(row) {
            return None;
        }
        let word_at = row as usize / 64;
        let block = word_at / BLOCK;
        let words = self.rows.words();
        let mut before = self.before[block];
        before += words[block * BLOCK..word_at].iter().map(|word| word.count_ones()).sum::<u32>();
        before += (words[word_at] & !(u64::MAX << (row % 64))).count_ones();
        Some(before as usize)
    }

    /// What the query looks up in the text: what to highlight.
    pub fn lookups(&self) -> Vec<&Lookup> {
        self.query.lookups()
    }

    /// What the user should know: values that nothing has, text that could not be read.
    pub fn notes(&self) -> &[String] {
        &self.notes
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn positions_and_rows_are_inverse(rows in proptest::collection::btree_set(0u32..5000, 0..300)) {
            let mut set = Bitmap::empty(5000);
            for &row in &rows {
                set.insert(row);
            }
            let selection = Selection::new(Query::default(), set, Vec::new());
            let list: Vec<u32> = rows.into_iter().collect();
            for (i, &row) in list.iter().enumerate() {
                prop_assert_eq!(selection.nth(i), Some(row));
                prop_assert_eq!(selection.position(row), Some(i));
            }
            prop_assert_eq!(selection.nth(list.len()), None);
            prop_assert_eq!(selection.page(0..list.len() + 5), list.clone());
            if list.len() > 3 {
                prop_assert_eq!(&selection.page(2..list.len() - 1)[..], &list[2..list.len() - 1]);
            }
        }
    }
}
