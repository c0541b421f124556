//! Words of a text, as the text search knows them.
//!
//! * Letters and digits make words; everything else separates: `\frac{1}{2}` is `frac 1 2`, `x_1` is
//!   `x 1`, so that LaTeX is found by what it says.
//! * Numbers stay whole: `10,000` is `10000`, `3.14` is `3.14`.
//! * Scripts that put no spaces between words give a word for every character; a phrase then finds
//!   any stretch of them.
//! * Case does not count; `don’t` is `don't`.
//!
//! The index, the search of what is not yet indexed, and the highlighting all use this one
//! definition, so they cannot disagree.

use std::ops::Range;

/// A word longer than this is cut into several: hashes and base64 are no words.
pub(super) const MAX_WORD: usize = 64;

/// Whether a character is a word of its own: scripts written without spaces.
fn stands_alone(c: char) -> bool {
    matches!(u32::from(c),
        0x0E00..=0x0EFF      // Thai, Lao
        | 0x1000..=0x109F    // Burmese
        | 0x1780..=0x17FF    // Khmer
        | 0x3005..=0x3007
        | 0x3040..=0x30FF    // Hiragana, Katakana
        | 0x3400..=0x4DBF | 0x4E00..=0x9FFF | 0xF900..=0xFAFF // Han
        | 0xAC00..=0xD7AF    // Hangul
        | 0x2_0000..=0x3_FFFF)
        && c.is_alphanumeric()
        || matches!(u32::from(c), 0x0E31..=0x0E4E)
}

/// What a character is to the words around it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Letter {
    /// Always part of a word: one that lies beside it in the text lies in the same word, unless that
    /// is cut for its length.
    Part,
    /// A word by itself.
    Alone,
    /// Ends a word, or goes on with one: what is before and after it decides.
    Between,
}

/// What a character is to the words around it.
pub(super) fn letter(c: char) -> Letter {
    if stands_alone(c) {
        Letter::Alone
    } else if c.is_alphanumeric() && !is_mark(c) {
        Letter::Part
    } else {
        Letter::Between
    }
}

/// Gives the words of a text one after the other.
#[derive(Debug)]
pub(super) struct Words<'a> {
    text: &'a str,
    at: usize,
    word: String,
}

impl<'a> Words<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, at: 0, word: String::with_capacity(MAX_WORD) }
    }

    /// The word found last, in lower case.
    pub(super) fn word(&self) -> &str {
        &self.word
    }

    /// Goes to the next word and says where it is.
    pub(super) fn advance(&mut self) -> Option<Range<usize>> {
        let bytes = self.text.as_bytes();
        self.word.clear();
        loop {
            let &byte = bytes.get(self.at)?;
            if byte.is_ascii() {
                if byte.is_ascii_alphanumeric() {
                    break;
                }
                self.at += 1;
            } else {
                let c = self.text[self.at..].chars().next()?;
                if c.is_alphanumeric() || stands_alone(c) {
                    break;
                }
                self.at += c.len_utf8();
            }
        }
        let start = self.at;
        let all_digits = bytes[start].is_ascii_digit();
        let mut digits = all_digits;
        while let Some(&byte) = bytes.get(self.at) {
            if self.word.len() >= MAX_WORD {
                break;
            }
            if byte.is_ascii_alphanumeric() {
                digits &= byte.is_ascii_digit();
                self.word.push(char::from(byte.to_ascii_lowercase()));
                self.at += 1;
                continue;
            }
            if byte.is_ascii() {
                let next = |n: usize| bytes.get(self.at + n).copied().unwrap_or(b' ');
                match byte {
                    b'\'' if !digits && next(1).is_ascii_alphabetic() => self.word.push('\''),
                    b'.' if digits && next(1).is_ascii_digit() => self.word.push('.'),
                    b',' if digits
                        && (1..4).all(|n| next(n).is_ascii_digit())
                        && !next(4).is_ascii_digit() => {}
                    _ => break,
                }
                self.at += 1;
                continue;
            }
            let Some(c) = self.text[self.at..].chars().next() else { break };
            if stands_alone(c) {
                if self.at == start {
                    self.word.extend(c.to_lowercase());
                    self.at += c.len_utf8();
                }
                break;
            }
            if c == '\u{2019}'
                && !digits
                && self.text[self.at + 3..].chars().next().is_some_and(char::is_alphabetic)
            {
                self.word.push('\'');
            } else if c.is_alphanumeric() || is_mark(c) {
                digits = false;
                self.word.extend(c.to_lowercase());
            } else {
                break;
            }
            self.at += c.len_utf8();
        }
        Some(start..self.at)
    }
}

/// Marks that sit on the letter before them: combining accents, vowel signs of Indic scripts.
fn is_mark(c: char) -> bool {
    matches!(u32::from(c), 0x0300..=0x036F | 0x0591..=0x05C7 | 0x064B..=0x065F
        | 0x0900..=0x0903 | 0x093A..=0x094F | 0x0981..=0x0983 | 0x09BC..=0x09CD
        | 0x0A01..=0x0A4D | 0x0A81..=0x0ACD | 0x0B01..=0x0B4D | 0x0B82..=0x0BCD
        | 0x0C00..=0x0C4D | 0x0C81..=0x0CCD | 0x0D00..=0x0D4D | 0x200C..=0x200D)
}

/// All words of a text.
pub(super) fn words(text: &str) -> Vec<String> {
    let mut words = Words::new(text);
    let mut all = Vec::new();
    while words.advance().is_some() {
        all.push(words.word().to_owned());
    }
    all
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn words_are_what_one_would_look_up() {
        // (text, words)
        let table: [(&str, &[&str]); 12] = [
            (r"\frac{1}{2} + x_1", &["frac", "1", "2", "x", "1"]),
            ("about 10,000 or 3.14.", &["about", "10000", "or", "3.14"]),
            ("1,2,3 and 1,234,567 not 1,2345", &["1", "2", "3", "and", "1234567", "not", "1", "2345"]),
            ("Don’t don't 'quote'", &["don't", "don't", "quote"]),
            ("数学は楽しい math", &["数", "学", "は", "楽", "し", "い", "math"]),
            ("x数y", &["x", "数", "y"]),
            ("Größe ÉCOLE", &["größe", "école"]),
            ("a-b/c", &["a", "b", "c"]),
            ("x2 2x", &["x2", "2x"]),
            ("हिन्दी", &["हिन्दी"]),
            ("…, – !", &[]),
            ("", &[]),
        ];
        for (text, expected) in table {
            assert_eq!(words(text), expected, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn words_lie_in_the_text_one_after_the_other(text in "\\PC{0,60}") {
            let mut words = Words::new(&text);
            let mut end = 0;
            while let Some(range) = words.advance() {
                prop_assert!(range.start >= end && range.end > range.start);
                prop_assert!(text.is_char_boundary(range.start) && text.is_char_boundary(range.end));
                prop_assert!(!words.word().is_empty());
                end = range.end;
            }
        }

        #[test]
        fn a_word_cut_out_is_the_same_word(text in "[a-zA-Z0-9,.' \\\\{}_数学ก]{0,40}") {
            let mut all = Words::new(&text);
            while let Some(range) = all.advance() {
                prop_assert_eq!(words(&text[range]), vec![all.word().to_owned()]);
            }
        }
    }
}
