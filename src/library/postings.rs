//! Which rows of a chunk have which value: bitmaps, made once for a chunk and shared by every snapshot
//! that holds it.

use std::ops::Range;

use super::bitmap::Bitmap;
use super::chunk::{Columns, VerdictCell};
use crate::failure::Modes;

/// What rows are told apart by. Fields that differ only in the names of the values share one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Axis {
    Run,
    File,
    Item,
    Source,
    Group,
    Setting,
    Asked,
    Category,
    Failed,
    Passed,
    Unverified,
    Verdict,
    Mode,
    Correct,
    Saved,
    Finish,
}

impl Axis {
    /// How many there are.
    pub(super) const COUNT: usize = Self::Finish as usize + 1;
}

/// How the values of a row are found. They are numbers that go on meaning the same while a library
/// grows, so that what was made for a chunk stays true.
#[derive(Debug)]
pub(super) enum Coding {
    Run,
    File,
    /// One value for each item.
    Item(Vec<u32>),
    /// Several values for each item.
    ItemList(Lists),
    /// Of the constraints of each item, those whose status says this.
    Verdicts(Lists, Option<bool>),
    Modes,
    /// The number in two of the flags' bits, of which this is the lower one.
    Flags(u32),
}

/// Lists of numbers, one after the other.
#[derive(Debug, Default)]
pub(super) struct Lists {
    ends: Vec<u32>,
    numbers: Vec<u32>,
}

impl Lists {
    pub(super) fn of<I: IntoIterator<Item = u32>>(lists: impl Iterator<Item = I>) -> Self {
        let mut all = Self::default();
        for list in lists {
            all.numbers.extend(list);
            all.ends.push(all.numbers.len() as u32);
        }
        all
    }

    #[inline]
    fn get(&self, at: u32) -> &[u32] {
        let at = at as usize;
        let start = if at == 0 { 0 } else { self.ends[at - 1] };
        &self.numbers[start as usize..self.ends[at] as usize]
    }
}

impl Coding {
    /// Calls `found` with stretches of rows of a chunk and a value that they have.
    pub(super) fn each(&self, columns: &Columns, mut found: impl FnMut(Range<u32>, u32)) {
        // Rows of a run or a file lie together.
        let mut stretches = |column: &[u32]| {
            let mut row = 0;
            for stretch in column.chunk_by(|a, b| a == b) {
                let end = row + stretch.len() as u32;
                found(row..end, stretch[0]);
                row = end;
            }
        };
        match self {
            Self::Run => stretches(&columns.run),
            Self::File => stretches(&columns.source),
            Self::Item(values) => {
                for (row, &item) in (0..).zip(columns.item.iter()) {
                    found(row..row + 1, values[item as usize]);
                }
            }
            Self::ItemList(lists) => {
                for (row, &item) in (0..).zip(columns.item.iter()) {
                    for &value in lists.get(item) {
                        found(row..row + 1, value);
                    }
                }
            }
            Self::Verdicts(lists, wanted) => {
                let counts: [bool; 8] =
                    std::array::from_fn(|cell| VerdictCell(cell as u8).status().followed() == *wanted);
                let (verdicts, at) = (&columns.verdicts[..], &columns.verdicts_at[..]);
                for ((row, &item), ends) in (0..).zip(columns.item.iter()).zip(at.windows(2)) {
                    let cells = &verdicts[ends[0] as usize..ends[1] as usize];
                    for (&cell, &constraint) in cells.iter().zip(lists.get(item)) {
                        if counts[usize::from(cell & 7)] {
                            found(row..row + 1, constraint);
                        }
                    }
                }
            }
            Self::Modes => {
                for (row, &modes) in (0..).zip(columns.modes.iter()) {
                    let mut bits = Modes::from_bits(modes).bits();
                    while bits != 0 {
                        found(row..row + 1, bits.trailing_zeros());
                        bits &= bits - 1;
                    }
                }
            }
            Self::Flags(low) => {
                for (row, &flags) in (0..).zip(columns.flags.iter()) {
                    found(row..row + 1, u32::from(flags >> low & 3));
                }
            }
        }
    }
}

/// The rows of each value that occurs in a chunk.
#[derive(Debug)]
pub(super) struct Postings(Vec<Posting>);

/// The rows of one value in a chunk.
#[derive(Debug)]
pub(super) struct Posting {
    pub(super) value: u32,
    /// The first word of the chunk that has any.
    first: usize,
    /// The words from there to the last that has any.
    words: Box<[u64]>,
}

impl Postings {
    /// Those of a chunk, of a coding with so many values.
    pub(super) fn new(coding: &Coding, values: usize, columns: &Columns) -> Self {
        let words = columns.len().div_ceil(64);
        let mut all = vec![0u64; values * words];
        match coding {
            Coding::Run | Coding::File => coding.each(columns, |rows, value| {
                let at = value as usize * words;
                super::bitmap::insert_range(&mut all[at..at + words], rows);
            }),
            // Two bits make four values: cheaper a word at a time.
            Coding::Flags(low) => {
                for (word, block) in columns.flags.chunks(64).enumerate() {
                    let bits = |shift: u32| {
                        (0..).zip(block).fold(0, |bits, (i, flags)| bits | u64::from(flags >> shift & 1) << i)
                    };
                    let (low, high, rows) = (bits(*low), bits(low + 1), u64::MAX >> (64 - block.len()));
                    let four = [rows & !low & !high, low & !high, high & !low, low & high];
                    for (value, rows) in four.into_iter().enumerate() {
                        all[value * words + word] = rows;
                    }
                }
            }
            _ => {
                // Sixty-four rows at a time: their words lie together and are put in place at the end.
                let mut block = vec![0u64; values];
                let mut at = 0;
                let mut put = |block: &mut [u64], at: usize| {
                    for (word, to) in block.iter_mut().zip(all.iter_mut().skip(at).step_by(words.max(1))) {
                        *to = std::mem::take(word);
                    }
                };
                coding.each(columns, |rows, value| {
                    let word = rows.start as usize / 64;
                    if word != at {
                        put(&mut block, at);
                        at = word;
                    }
                    block[value as usize] |= 1 << (rows.start % 64);
                });
                put(&mut block, at);
            }
        }
        let posting = |(value, rows): (u32, &[u64])| {
            let first = rows.iter().position(|&word| word != 0)?;
            let end = rows.iter().rposition(|&word| word != 0)? + 1;
            Some(Posting { value, first, words: rows[first..end].into() })
        };
        Self((0..).zip(all.chunks(words.max(1))).filter_map(posting).collect())
    }

    /// Each value that occurs with its rows.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Posting> {
        self.0.iter()
    }
}

impl Posting {
    /// How many of these rows have it. The chunk begins at a word of theirs.
    pub(super) fn count(&self, rows: &Bitmap, chunk: usize) -> usize {
        let here = &rows.words()[chunk + self.first..];
        let counts = self.words.iter().zip(here).map(|(a, b)| u64::from((a & b).count_ones()));
        counts.sum::<u64>() as usize
    }

    /// Adds its rows to others. The chunk begins at a word of theirs.
    pub(super) fn add_to(&self, rows: &mut Bitmap, chunk: usize) {
        for (to, word) in rows.words_mut()[chunk + self.first..].iter_mut().zip(&self.words) {
            *to |= word;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::chunk::Flags;
    use super::*;

    proptest! {
        #[test]
        fn a_posting_has_the_rows_of_its_value(
            rows in proptest::collection::vec((0u32..5, 0u32..9, any::<u8>(), 0u32..64), 1..300),
            chosen in proptest::collection::vec(any::<bool>(), 300),
        ) {
            let columns = Columns {
                run: rows.iter().map(|row| row.0 / 2).collect(),
                item: rows.iter().map(|row| row.1).collect(),
                flags: rows.iter().map(|row| u16::from(row.2)).collect(),
                modes: rows.iter().map(|row| row.3).collect(),
                ..Columns::default()
            };
            let lists = Lists::of((0..9).map(|item| (0..item % 3).map(move |n| n + item / 3)));
            let codings = [
                Coding::Run,
                Coding::Item(vec![0, 1, 2, 0, 1, 2, 3, 4, 4]),
                Coding::ItemList(lists),
                Coding::Modes,
                Coding::Flags(0),
                Coding::Flags(6),
            ];
            // The chunk begins at the third word.
            let mut selected = Bitmap::empty(192 + rows.len());
            for (row, _) in (0u32..).zip(&rows).filter(|(row, _)| chosen[*row as usize]) {
                selected.insert(128 + row);
            }
            for coding in codings {
                let mut expected = vec![Vec::new(); 32];
                coding.each(&columns, |rows, value| expected[value as usize].extend(rows));
                let postings = Postings::new(&coding, 32, &columns);
                let mut found = vec![Vec::new(); 32];
                for posting in postings.iter() {
                    let mut rows = Bitmap::empty(selected.words().len() * 64);
                    posting.add_to(&mut rows, 2);
                    prop_assert_eq!(posting.count(&selected, 2), rows.count_and(&selected));
                    found[posting.value as usize] = rows.iter().map(|row| row - 128).collect();
                }
                prop_assert_eq!(found, expected, "{:?}", coding);
            }
        }
    }

    #[test]
    fn verdicts_are_those_of_the_items_constraints() {
        let columns = Columns {
            item: vec![1, 0, 1].into(),
            flags: vec![Flags(0).0; 3].into(),
            verdicts_at: vec![0, 2, 3, 5].into(),
            // Followed, not; not; unverifiable, not.
            verdicts: vec![0, 1, 1, 2, 1 | 1 << 3].into(),
            run: vec![0; 3].into(),
            ..Columns::default()
        };
        let rows = |wanted| {
            let lists = Lists::of([vec![7], vec![3, 5]].into_iter());
            let mut found = Vec::new();
            Coding::Verdicts(lists, wanted).each(&columns, |rows, value| found.push((rows.start, value)));
            found
        };
        assert_eq!(rows(Some(true)), [(0, 3)]);
        assert_eq!(rows(Some(false)), [(0, 5), (1, 7), (2, 5)]);
        assert_eq!(rows(None), [(2, 3)]);
    }
}
