//! How letters and n-grams are told in the detector's tables: said once, for `build.rs` that writes them
//! and for the detector that reads them.

/// No letter: the place of one before the beginning of an n-gram.
pub const ABSENT: u64 = 0;
/// White space, punctuation, digits.
pub const SPACE: u64 = 1;
/// A character that stands in no n-gram.
pub const UNKNOWN: u64 = 0xfff;
/// Set for capital letters, in the table of characters.
pub const UPPER: u16 = 0x8000;
/// Letters below this, ASCII's among them, have a table of their own.
pub const NEAR: u64 = 64;
/// Slots of the table of n-grams of near letters.
pub const NEAR_SLOTS: usize = 1 << 18;
/// Slots of the hash table of the others; half of it stays free.
pub const FAR_SLOTS: usize = 1 << 18;
/// Bits of an entry of the hash table that are the row's number; those above are the key.
pub const NUMBER_BITS: u32 = 20;

/// Whether an n-gram is of near letters alone.
#[inline]
pub fn is_near([a, b, c]: [u64; 3]) -> bool {
    (a | b | c) < NEAR
}

/// Where an n-gram of near letters has its row's number.
#[inline]
pub fn near_slot([a, b, c]: [u64; 3]) -> usize {
    (a << 12 | b << 6 | c) as usize
}

/// What an n-gram is told by in the hash table.
#[inline]
pub fn far_key([a, b, c]: [u64; 3]) -> u64 {
    a << 24 | b << 12 | c
}

/// Where a key stands in the hash table, or in the next slots after it.
#[inline]
pub fn far_slot(key: u64) -> usize {
    (key.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (64 - FAR_SLOTS.trailing_zeros())) as usize
}
