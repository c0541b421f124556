//! One column: numbers in memory, or in a file that is mapped.
//!
//! A mapped column costs no memory of its own and nothing to open; the system reads its pages when
//! they are looked at and lets them go when memory is short.

use std::fmt::{Debug, Formatter, Result};
use std::ops::Deref;

use tantivy::directory::OwnedBytes;
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

/// What a column may hold: numbers of which any bytes are one.
pub(super) trait Number: FromBytes + IntoBytes + Immutable + KnownLayout + Copy + 'static {}

impl Number for u8 {}
impl Number for u16 {}
impl Number for u32 {}
impl Number for u64 {}
impl Number for f32 {}

/// A column. It is a slice to those who read; whoever reads it in a loop takes the slice once.
#[derive(Clone)]
pub(super) enum Column<T> {
    /// In memory.
    Owned(Vec<T>),
    /// In a file: aligned, and a whole count of numbers.
    Mapped(OwnedBytes),
}

impl<T: Number> Column<T> {
    /// A column of the bytes of a file, in this machine's order; `None` when they are not a whole
    /// count of numbers. Bytes that do not lie right are copied.
    pub(super) fn of(bytes: OwnedBytes) -> Option<Self> {
        if <[T]>::ref_from_bytes(&bytes).is_ok() {
            return Some(Self::Mapped(bytes));
        }
        let size = size_of::<T>();
        let numbers = bytes.chunks(size).map(|number| T::read_from_bytes(number).ok());
        numbers.collect::<Option<Vec<T>>>().map(Self::Owned)
    }

    /// The numbers to be changed, copied into memory if they are not there.
    pub(super) fn own(&mut self) -> &mut Vec<T> {
        if let Self::Mapped(_) = self {
            *self = Self::Owned(self.to_vec());
        }
        let Self::Owned(numbers) = self else { unreachable!("it was just copied") };
        numbers
    }

    pub(super) fn push(&mut self, number: T) {
        self.own().push(number);
    }
}

impl<T: Number> Deref for Column<T> {
    type Target = [T];

    #[inline]
    fn deref(&self) -> &[T] {
        match self {
            Self::Owned(numbers) => numbers,
            Self::Mapped(bytes) => <[T]>::ref_from_bytes(bytes).expect("it was looked at when it was mapped"),
        }
    }
}

impl<T> Default for Column<T> {
    fn default() -> Self {
        Self::Owned(Vec::new())
    }
}

impl<T> From<Vec<T>> for Column<T> {
    fn from(numbers: Vec<T>) -> Self {
        Self::Owned(numbers)
    }
}

impl<T> FromIterator<T> for Column<T> {
    fn from_iter<I: IntoIterator<Item = T>>(numbers: I) -> Self {
        Self::Owned(numbers.into_iter().collect())
    }
}

impl<T: Number + PartialEq> PartialEq for Column<T> {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl<T: Number + Debug> Debug for Column<T> {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mapped_or_not_the_numbers_are_the_same() {
        let numbers = [1u32, 2, 3, u32::MAX];
        let bytes: Vec<u8> = [&[0u8; 1][..], numbers.as_bytes()].concat();
        let aligned = OwnedBytes::new(numbers.as_bytes().to_vec());
        assert_eq!(Column::<u32>::of(aligned), Some(Column::Owned(numbers.to_vec())));
        // One of these two does not lie right.
        for at in 0..2 {
            let bytes = OwnedBytes::new([&vec![7u8; at][..], &bytes[1..]].concat());
            assert_eq!(Column::<u32>::of(bytes.slice(at..at + 16)), Some(Column::Owned(numbers.to_vec())));
        }
        assert_eq!(Column::<u32>::of(OwnedBytes::new(vec![0; 7])), None);
        let mut column = Column::<u32>::of(OwnedBytes::new(numbers.as_bytes().to_vec())).unwrap();
        column.push(5);
        assert_eq!(*column, [1, 2, 3, u32::MAX, 5]);
    }
}
