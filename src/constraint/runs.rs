//! Runs of characters of one kind, found a block of bytes at a time.
//!
//! Most rules look for some runs in all of a text, and most text is ASCII. In a block of ASCII, vector
//! instructions tell which bytes are of the kind; runs begin and end where that changes.

use std::ops::Range;

use wide::u8x32;

/// A kind of characters.
pub(super) trait Kind {
    /// All bits of each byte that is an ASCII character of this kind, and none of the others. What it
    /// says of bytes beyond ASCII is not heard. NUL is of no kind.
    fn ascii(&self, bytes: u8x32) -> u8x32;

    /// Whether a character, not an ASCII one, is of this kind.
    fn contains(&self, c: char) -> bool;
}

/// All bits of the bytes from `first` to `last`.
#[inline]
pub(super) fn within(bytes: u8x32, first: u8, last: u8) -> u8x32 {
    bytes.max(u8x32::splat(first)).min(u8x32::splat(last)).simd_eq(bytes)
}

/// The longest runs of characters of a kind, as byte ranges, in order.
pub(super) struct Runs<'t, K> {
    text: &'t str,
    kind: K,
    /// Where the block lies that is looked at.
    block: usize,
    /// The bytes of it, from the lowest bit up, at which a run begins or ends, so far as not yet told.
    edges: u64,
    /// Where the next block lies.
    next: usize,
    /// The last byte before it belongs to a run.
    inside: bool,
}

const BLOCK: usize = u64::BITS as usize;

impl<'t, K: Kind> Runs<'t, K> {
    pub(super) fn new(text: &'t str, kind: K) -> Self {
        Self { text, kind, block: 0, edges: 0, next: 0, inside: false }
    }

    /// How many there are.
    pub(super) fn count(mut self) -> usize {
        let mut count = 0;
        while let Some(members) = self.look() {
            count += (members & self.edges).count_ones() as usize;
        }
        count
    }

    /// Looks at the next block; tells which of its bytes are members of runs.
    fn look(&mut self) -> Option<u64> {
        let bytes = self.text.as_bytes().get(self.next..).filter(|bytes| !bytes.is_empty())?;
        let mut padded = [0; BLOCK];
        let block = bytes.first_chunk().unwrap_or_else(|| {
            padded[..bytes.len()].copy_from_slice(bytes);
            &padded
        });
        let members =
            if block.is_ascii() { members_of_ascii(&self.kind, block) } else { self.members(block) };
        self.edges = members ^ (members << 1 | u64::from(self.inside));
        self.inside = members >> (BLOCK - 1) == 1;
        (self.block, self.next) = (self.next, self.next + BLOCK);
        Some(members)
    }

    /// As [`members_of_ascii`], with characters beyond ASCII in the block. All bytes of a character are
    /// members when one is.
    fn members(&self, block: &[u8; BLOCK]) -> u64 {
        let (mut members, ascii) = (0, members_of_ascii(&self.kind, block));
        let mut is_member = self.inside;
        for (i, byte) in block.iter().enumerate() {
            is_member = match byte {
                0..0x80 => ascii >> i & 1 == 1,
                // What follows the first byte of a character, maybe one of the block before.
                0x80..0xc0 => is_member,
                0xc0.. => self.text[self.next + i..].chars().next().is_some_and(|c| self.kind.contains(c)),
            };
            members |= u64::from(is_member) << i;
        }
        members
    }

    /// The next place where a run begins or ends.
    fn edge(&mut self) -> Option<usize> {
        while self.edges == 0 {
            self.look()?;
        }
        let edge = self.block + self.edges.trailing_zeros() as usize;
        self.edges &= self.edges - 1;
        Some(edge)
    }
}

impl<K: Kind> Iterator for Runs<'_, K> {
    type Item = Range<usize>;

    #[inline]
    fn next(&mut self) -> Option<Range<usize>> {
        let start = self.edge()?;
        Some(start..self.edge().unwrap_or(self.text.len()))
    }
}

#[inline]
fn members_of_ascii(kind: &impl Kind, block: &[u8; BLOCK]) -> u64 {
    let half = |at: usize| {
        let bytes = *block[at..].first_chunk().expect("a block has two halves");
        u64::from(kind.ascii(u8x32::from(bytes)).to_bitmask())
    };
    half(0) | half(BLOCK / 2) << (BLOCK / 2)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    struct Small;

    impl Kind for Small {
        fn ascii(&self, bytes: u8x32) -> u8x32 {
            within(bytes, b'a', b'z')
        }

        fn contains(&self, c: char) -> bool {
            c.is_lowercase()
        }
    }

    /// One character after the other.
    fn one_by_one(text: &str) -> Vec<Range<usize>> {
        let mut runs: Vec<Range<usize>> = Vec::new();
        for (at, c) in text.char_indices().filter(|(_, c)| c.is_lowercase()) {
            match runs.last_mut() {
                Some(run) if run.end == at => run.end += c.len_utf8(),
                _ => runs.push(at..at + c.len_utf8()),
            }
        }
        runs
    }

    #[track_caller]
    fn same(text: &str) {
        let expected = one_by_one(text);
        assert_eq!(Runs::new(text, Small).collect::<Vec<_>>(), expected, "{text:?}");
        assert_eq!(Runs::new(text, Small).count(), expected.len(), "{text:?}");
    }

    #[test]
    fn runs_cross_blocks() {
        for before in 60..70 {
            for (run, after) in
                [("a", ""), ("é", ""), ("abc", " "), ("ééé", "É"), ("\u{1d41a}", "b"), ("É", "b")]
            {
                same(&format!("{}{run}{after}", " ".repeat(before)));
                same(&format!("{}{run}{after}", "x".repeat(before)));
                same(&format!("{}{run}{after}", "É".repeat(before)));
            }
        }
        same(&"a".repeat(128));
        same("");
    }

    proptest! {
        #[test]
        fn runs_are_those_of_single_characters(text in "[a-cA-C \\x00\u{7f}éÉ中\u{1d41a}]{0,200}") {
            same(&text);
        }
    }
}
