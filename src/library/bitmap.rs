//! A set of rows as plain 64-bit words: an AND and a popcount answer every facet.

use std::ops::Range;

/// A set of row numbers below a fixed length.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Bitmap {
    words: Vec<u64>,
}

impl Bitmap {
    /// The empty set with room for `rows` rows.
    pub fn empty(rows: usize) -> Self {
        Self { words: vec![0; rows.div_ceil(64)] }
    }

    /// The words, lowest row first.
    pub(crate) fn words(&self) -> &[u64] {
        &self.words
    }

    /// The words, to be changed.
    pub(crate) fn words_mut(&mut self) -> &mut [u64] {
        &mut self.words
    }

    /// Puts a row in. Rows beyond the room are left out.
    #[inline]
    pub fn insert(&mut self, row: u32) {
        if let Some(word) = self.words.get_mut(row as usize / 64) {
            *word |= 1 << (row % 64);
        }
    }

    /// Takes a row out.
    pub fn remove(&mut self, row: u32) {
        if let Some(word) = self.words.get_mut(row as usize / 64) {
            *word &= !(1 << (row % 64));
        }
    }

    /// Puts a range of rows in.
    pub fn insert_range(&mut self, rows: Range<u32>) {
        insert_range(&mut self.words, rows);
    }

    /// Takes a range of rows out.
    pub fn remove_range(&mut self, rows: Range<u32>) {
        for (at, mask) in masks(&rows) {
            if let Some(word) = self.words.get_mut(at) {
                *word &= !mask;
            }
        }
    }

    /// Number of rows of a range that are in.
    pub fn count_range(&self, rows: Range<u32>) -> usize {
        masks(&rows)
            .map(|(at, mask)| self.words.get(at).map_or(0, |word| (word & mask).count_ones()) as usize)
            .sum()
    }

    /// Whether a row is in.
    #[inline]
    pub fn has(&self, row: u32) -> bool {
        self.words.get(row as usize / 64).is_some_and(|word| word & (1 << (row % 64)) != 0)
    }

    /// Number of rows in the set.
    pub fn count(&self) -> usize {
        self.words.iter().map(|word| word.count_ones() as usize).sum()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.words.iter().all(|&word| word == 0)
    }

    /// Number of rows in both.
    pub fn count_and(&self, other: &Self) -> usize {
        self.words.iter().zip(&other.words).map(|(a, b)| (a & b).count_ones() as usize).sum()
    }

    /// Keeps what is in both.
    pub fn and(&mut self, other: &Self) {
        for (a, b) in self.words.iter_mut().zip(&other.words) {
            *a &= b;
        }
        for word in self.words.iter_mut().skip(other.words.len()) {
            *word = 0;
        }
    }

    /// Adds what is in the other.
    pub fn or(&mut self, other: &Self) {
        for (a, b) in self.words.iter_mut().zip(&other.words) {
            *a |= b;
        }
    }

    /// Takes out what is in the other.
    pub fn and_not(&mut self, other: &Self) {
        for (a, b) in self.words.iter_mut().zip(&other.words) {
            *a &= !b;
        }
    }

    /// The rows in order.
    pub fn iter(&self) -> impl Iterator<Item = u32> + '_ {
        bits(&self.words)
    }

    /// The rows in a stretch of rows that begins with a word, counted from there.
    pub(super) fn iter_within(&self, first: u32, len: usize) -> impl Iterator<Item = u32> + '_ {
        let first = first as usize / 64;
        bits(&self.words[first..first + len.div_ceil(64)])
    }
}

fn bits(words: &[u64]) -> impl Iterator<Item = u32> + '_ {
    words.iter().enumerate().flat_map(|(i, &word)| {
        let mut left = word;
        std::iter::from_fn(move || {
            (left != 0).then(|| {
                let bit = left.trailing_zeros();
                left &= left - 1;
                i as u32 * 64 + bit
            })
        })
    })
}

/// Sets the bits of a range of rows. Those beyond the words are left out.
pub(super) fn insert_range(words: &mut [u64], rows: Range<u32>) {
    for (at, mask) in masks(&rows) {
        if let Some(word) = words.get_mut(at) {
            *word |= mask;
        }
    }
}

/// The words of a range with the bits of each that are in it.
fn masks(rows: &Range<u32>) -> impl Iterator<Item = (usize, u64)> + use<> {
    let Range { start, end } = rows.start..rows.end.max(rows.start);
    let last = if start == end { start / 64 } else { (end - 1) / 64 + 1 };
    (start / 64..last).map(move |word| {
        let low = start.saturating_sub(word * 64);
        let high = (end - word * 64).min(64);
        (word as usize, (u64::MAX << low) & (u64::MAX >> (64 - high)))
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn rows_beyond_the_room_are_left_out() {
        let mut set = Bitmap::empty(10);
        set.insert(200);
        assert!(set.is_empty());
        assert!(!set.has(200));
    }

    proptest! {
        #[test]
        fn behaves_like_a_set(a in proptest::collection::btree_set(0u32..500, 0..80),
                              b in proptest::collection::btree_set(0u32..500, 0..80),
                              from in 0u32..500, len in 0u32..300) {
            let of = |s: &std::collections::BTreeSet<u32>| {
                let mut m = Bitmap::empty(500);
                for &row in s {
                    m.insert(row);
                }
                m
            };
            let list = |m: &Bitmap| m.iter().collect::<Vec<_>>();
            let (x, y) = (of(&a), of(&b));
            prop_assert_eq!(list(&x), a.iter().copied().collect::<Vec<_>>());
            prop_assert_eq!(x.count(), a.len());
            prop_assert_eq!(x.count_and(&y), a.intersection(&b).count());
            let mut z = x.clone(); z.and(&y);
            prop_assert_eq!(list(&z), a.intersection(&b).copied().collect::<Vec<_>>());
            let mut z = x.clone(); z.or(&y);
            prop_assert_eq!(list(&z), a.union(&b).copied().collect::<Vec<_>>());
            let mut z = x.clone(); z.and_not(&y);
            prop_assert_eq!(list(&z), a.difference(&b).copied().collect::<Vec<_>>());
            let to = (from + len).min(500);
            let mut z = Bitmap::empty(500); z.insert_range(from..to);
            prop_assert_eq!(list(&z), (from..to.max(from)).collect::<Vec<_>>());
            let inside = |&row: &u32| from <= row && row < to;
            prop_assert_eq!(x.count_range(from..to), a.iter().copied().filter(inside).count());
            let mut z = x.clone(); z.remove_range(from..to);
            prop_assert_eq!(list(&z), a.iter().copied().filter(|row| !inside(row)).collect::<Vec<_>>());
        }
    }
}
