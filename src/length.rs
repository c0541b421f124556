//! How long a text is.

use std::ops::Range;

/// Length of one part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Length {
    /// Unicode scalar values.
    pub chars: u32,
    /// Runs of non-white space.
    pub words: u32,
    /// Tokens as saved, where the file lets them be told apart for this part.
    pub saved_tokens: Option<u32>,
}

impl Length {
    /// Counts characters and words; tokens are as a file says them.
    pub fn of(text: &str) -> Self {
        let (chars, words) = chars_and_words(text);
        Self { chars: chars as u32, words: words as u32, saved_tokens: None }
    }
}

/// Characters, and runs of characters that are not white space. Every byte of an index passes here, so
/// texts whose only white space is ASCII (nearly all) are counted without decoding.
fn chars_and_words(text: &str) -> (usize, usize) {
    let bytes = text.as_bytes();
    let Some((&first, here)) = bytes.split_first() else { return (0, 0) };
    let before = &bytes[..here.len()];
    let (mut chars, mut words) = (1, usize::from(!is_ascii_space(first)));
    // From the byte before each block on: of what begins there, the rest lies in the block.
    let mut place = 0;
    let mut add = |begun: Begun| {
        let here = place..place + BLOCK;
        place = here.end;
        chars += usize::from(begun.chars);
        words += usize::from(begun.words);
        begun.any < 0x80 || !has_wide_space(bytes, here)
    };
    let (blocks, last) = here.as_chunks::<BLOCK>();
    let (blocks_before, last_before) = before.as_chunks::<BLOCK>();
    let plain = blocks.iter().zip(blocks_before).all(|(here, before)| add(Begun::of(here, before)))
        && add(Begun::of(last, last_before));
    if plain { (chars, words) } else { (text.chars().count(), text.split_whitespace().count()) }
}

/// Bytes counted together: so few that what is counted fits a byte, and vector instructions count it.
const BLOCK: usize = 64;

/// What begins with some bytes.
struct Begun {
    chars: u8,
    words: u8,
    /// The bytes, one over the other.
    any: u8,
}

impl Begun {
    /// Counts in bytes, given the one before each.
    #[inline]
    fn of(here: &[u8], before: &[u8]) -> Self {
        let mut begun = Self { chars: 0, words: 0, any: 0 };
        for (&here, &before) in here.iter().zip(before) {
            begun.chars += u8::from(here & 0xc0 != 0x80);
            begun.words += u8::from(is_ascii_space(before) & !is_ascii_space(here));
            begun.any |= here;
        }
        begun
    }
}

#[inline]
fn is_ascii_space(byte: u8) -> bool {
    (byte == b' ') | (byte.wrapping_sub(b'\t') < 5)
}

/// Whether white space beyond ASCII begins at one of these places.
fn has_wide_space(bytes: &[u8], places: Range<usize>) -> bool {
    bytes[places.start..places.end.min(bytes.len())].iter().zip(places).any(|(byte, at)| {
        *byte >= 0xc2
            && matches!(
                &bytes[at..],
                [0xc2, 0x85 | 0xa0, ..]
                    | [0xe1, 0x9a, 0x80, ..]
                    | [0xe2, 0x80, 0x80..=0x8a | 0xa8 | 0xa9 | 0xaf, ..]
                    | [0xe2, 0x81, 0x9f, ..]
                    | [0xe3, 0x80, 0x80, ..]
            )
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn words_are_counted(text in "[a \\n\\t\u{a0}\u{2009}\u{3000}é’中]{0,300}") {
            prop_assert_eq!(chars_and_words(&text), (text.chars().count(), text.split_whitespace().count()));
        }

        #[test]
        fn plain_words_are_counted(text in "[a-c \\n’]{0,600}") {
            prop_assert_eq!(chars_and_words(&text), (text.chars().count(), text.split_whitespace().count()));
        }
    }
}
