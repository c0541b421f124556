//! Python's own semantics, where they differ from Rust's: what a word character, white space and
//! an upper-case text are, and how `strip`, `lower` and `split` go about it.
//!
//! The public reference is a Python program, so its verdicts follow Python's `str` and `re`. Its
//! `\w` leaves combining marks out, its white space has four control characters more than
//! Unicode's, its `isupper` has a say on title-case letters.

use std::ops::Range;
use std::sync::OnceLock;

use wide::u8x32;

use super::runs::{Kind, Runs, within};

/// One bit per code point.
struct CharSet {
    bits: Vec<u64>,
}

impl CharSet {
    /// The set that a character class of the `regex` syntax stands for.
    fn of_class(class: &str) -> Self {
        let mut bits = vec![0u64; 0x11_0000 / 64];
        let hir = regex_syntax::parse(class).expect("the classes of this module are valid");
        if let regex_syntax::hir::HirKind::Class(regex_syntax::hir::Class::Unicode(ranges)) = hir.kind() {
            for range in ranges.iter() {
                for code in range.start() as usize..=range.end() as usize {
                    bits[code / 64] |= 1 << (code % 64);
                }
            }
        }
        Self { bits }
    }

    fn contains(&self, c: char) -> bool {
        let code = c as usize;
        self.bits[code / 64] >> (code % 64) & 1 == 1
    }
}

fn word_characters() -> &'static CharSet {
    static SET: OnceLock<CharSet> = OnceLock::new();
    SET.get_or_init(|| CharSet::of_class(r"[\p{L}\p{N}_]"))
}

/// `\w`: letters, numbers of every kind and `_`, but no combining marks.
#[inline]
pub fn is_word(c: char) -> bool {
    word_characters().contains(c)
}

/// `\s`, and what `strip()` and `split()` take for white space: Unicode's plus U+001C–U+001F.
#[inline]
pub fn is_space(c: char) -> bool {
    c.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&c)
}

/// `\d`: decimal digits of every script.
pub fn is_digit(c: char) -> bool {
    static SET: OnceLock<CharSet> = OnceLock::new();
    c.is_ascii_digit() || !c.is_ascii() && SET.get_or_init(|| CharSet::of_class(r"\p{Nd}")).contains(c)
}

/// `text.strip()`.
pub fn strip(text: &str) -> &str {
    text.trim_matches(is_space)
}

/// Where `text.strip()` lies in `text`.
pub fn strip_range(text: &str) -> Range<usize> {
    let start = text.len() - text.trim_start_matches(is_space).len();
    let end = text.trim_end_matches(is_space).len().max(start);
    start..end
}

/// `text.split()`: the pieces between white space, as byte ranges.
pub fn split(text: &str) -> impl Iterator<Item = Range<usize>> + '_ {
    let mut at = 0;
    std::iter::from_fn(move || {
        let start = at + text[at..].find(|c| !is_space(c))?;
        let end = text[start..].find(is_space).map_or(text.len(), |n| start + n);
        at = end;
        Some(start..end)
    })
}

/// How a letter is cased.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LetterCase {
    /// `A`
    Upper,
    /// `a`
    Lower,
    /// `ǅ`: counts against both `isupper` and `islower`.
    Title,
    /// Not a cased character.
    None,
}

/// The case of a character.
#[inline]
pub fn letter_case(c: char) -> LetterCase {
    match c {
        'A'..='Z' => LetterCase::Upper,
        'a'..='z' => LetterCase::Lower,
        _ if c.is_ascii() => LetterCase::None,
        _ if is_title(c) => LetterCase::Title,
        _ if c.is_uppercase() => LetterCase::Upper,
        _ if c.is_lowercase() => LetterCase::Lower,
        _ => LetterCase::None,
    }
}

/// The general category Lt, complete since Unicode 1.1.
fn is_title(c: char) -> bool {
    matches!(c,
        '\u{1c5}' | '\u{1c8}' | '\u{1cb}' | '\u{1f2}'
        | '\u{1f88}'..='\u{1f8f}' | '\u{1f98}'..='\u{1f9f}' | '\u{1fa8}'..='\u{1faf}'
        | '\u{1fbc}' | '\u{1fcc}' | '\u{1ffc}')
}

/// `text.isupper()`: at least one upper-case letter, none lower or title case.
pub fn is_upper(text: &str) -> bool {
    all_cased_are(text, LetterCase::Upper)
}

/// `text.islower()`: at least one lower-case letter, none upper or title case.
pub fn is_lower(text: &str) -> bool {
    all_cased_are(text, LetterCase::Lower)
}

fn all_cased_are(text: &str, wanted: LetterCase) -> bool {
    let mut cased = false;
    for c in text.chars() {
        match letter_case(c) {
            LetterCase::None => {}
            case if case == wanted => cased = true,
            _ => return false,
        }
    }
    cased
}

/// The runs of `\w`, as byte ranges: `re.findall(r"\w+", text)`.
pub fn words(text: &str) -> impl Iterator<Item = Range<usize>> {
    Runs::new(text, Word(word_characters()))
}

/// Word characters.
struct Word(&'static CharSet);

impl Kind for Word {
    #[inline]
    fn ascii(&self, bytes: u8x32) -> u8x32 {
        // Setting this bit takes capitals to small letters, and nothing else to a letter.
        let small = bytes | u8x32::splat(0x20);
        within(small, b'a', b'z') | within(bytes, b'0', b'9') | bytes.simd_eq(u8x32::splat(b'_'))
    }

    fn contains(&self, c: char) -> bool {
        self.0.contains(c)
    }
}

/// How many runs of `\w` there are.
pub fn count_words(text: &str) -> usize {
    Runs::new(text, Word(word_characters())).count()
}

/// Whether `\b` holds between the bytes `at - 1` and `at`.
pub fn is_boundary(text: &str, at: usize) -> bool {
    let before = text[..at].chars().next_back().is_some_and(is_word);
    let after = text[at..].chars().next().is_some_and(is_word);
    before != after
}

/// One character of a lower-cased text, with the byte range of the character it came from. A
/// character that lower-cases to two (`İ`) comes twice with the same range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lowered {
    /// The lower-cased character.
    pub c: char,
    /// First byte of its origin.
    pub start: usize,
    /// One past the last byte of its origin.
    pub end: usize,
}

/// `text.lower()` with the way back: full lower-casing, the final sigma included.
pub fn lowered(text: &str) -> impl Iterator<Item = Lowered> + '_ {
    lowered_from(text, 0)
}

/// The lower-cased text from a character boundary on.
pub fn lowered_from(text: &str, from: usize) -> impl Iterator<Item = Lowered> + '_ {
    text[from..].char_indices().flat_map(move |(n, c)| {
        let start = from + n;
        let end = start + c.len_utf8();
        let sigma = (c == 'Σ').then(|| if is_final_sigma(text, start) { 'ς' } else { 'σ' });
        let (special, usual) = match sigma {
            Some(sigma) => (Some(sigma), None),
            None => (None, Some(c.to_lowercase())),
        };
        special.into_iter().chain(usual.into_iter().flatten()).map(move |c| Lowered { c, start, end })
    })
}

/// `text.lower()`.
pub fn lower(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let mut out = String::with_capacity(text.len() + 8);
    let mut at = 0;
    while at < text.len() {
        let bytes = &text.as_bytes()[at..];
        let plain = bytes.iter().position(|b| !b.is_ascii()).unwrap_or(bytes.len());
        out.push_str(&text[at..at + plain]);
        let start = out.len() - plain;
        out[start..].make_ascii_lowercase();
        at += plain;
        if let Some(c) = text[at..].chars().next() {
            if c == 'Σ' {
                out.push(if is_final_sigma(text, at) { 'ς' } else { 'σ' });
            } else {
                out.extend(c.to_lowercase());
            }
            at += c.len_utf8();
        }
    }
    out
}

/// The place in a text that a place in the lower-cased text came from.
pub fn unlowered(text: &str, place: &Range<usize>) -> Range<usize> {
    if text.is_ascii() {
        return place.clone();
    }
    let mut at = 0;
    let mut origin: Option<Range<usize>> = None;
    for l in lowered(text) {
        if at >= place.end {
            break;
        }
        if at >= place.start {
            origin = Some(origin.map_or(l.start, |o| o.start)..l.end);
        }
        at += l.c.len_utf8();
    }
    origin.unwrap_or(text.len()..text.len())
}

/// Whether the sigma at `at` ends a word: a cased letter before it and none after, case-ignorable
/// characters aside.
fn is_final_sigma(text: &str, at: usize) -> bool {
    let cased = |c: char| letter_case(c) != LetterCase::None;
    let before = text[..at].chars().rev().find(|&c| !is_case_ignorable(c));
    let after = text[at + 'Σ'.len_utf8()..].chars().find(|&c| !is_case_ignorable(c));
    before.is_some_and(cased) && !after.is_some_and(cased)
}

fn is_case_ignorable(c: char) -> bool {
    static SET: OnceLock<CharSet> = OnceLock::new();
    SET.get_or_init(|| CharSet::of_class(r"\p{Case_Ignorable}")).contains(c)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn word_characters_leave_combining_marks_out() {
        let table = [
            ("two words", 2),
            ("it's", 2),
            ("x_1 = ½²", 2),
            ("हिन्दी", 3),
            ("e\u{301}te\u{301}", 2),
            ("日本語", 1),
            ("Ⅳ ①", 2),
            ("Ⓐ", 0),
            ("", 0),
            ("  ", 0),
            ("a\u{200d}b", 2),
            ("‿", 0),
        ];
        for (text, count) in table {
            assert_eq!(count_words(text), count, "{text:?}");
            assert_eq!(words(text).count(), count, "{text:?}");
        }
    }

    #[test]
    fn white_space_has_the_separators() {
        assert_eq!(strip("\u{1c}\u{1f}\u{a0}\u{3000} a \u{85}\n"), "a");
        assert_eq!(strip("\u{200b}a"), "\u{200b}a");
        assert_eq!(strip_range(" a "), 1..2);
        assert_eq!(strip_range(" \n"), 2..2);
        assert_eq!(split(" a\u{1d}b  c").collect::<Vec<_>>(), [1..2, 3..4, 6..7]);
    }

    #[test]
    fn upper_and_lower_want_one_cased_letter() {
        assert!(is_upper("A 1!") && is_upper("Ⅳ") && is_upper("Ⓐ"));
        assert!(!is_upper("1!") && !is_upper("") && !is_upper("Aa") && !is_upper("Aǅ") && !is_upper("Aª"));
        assert!(is_lower("a 1!") && is_lower("ª") && !is_lower("aǅ") && !is_lower("日本"));
        assert!(is_upper("日本 A"));
    }

    #[test]
    fn lower_changes_lengths_and_knows_the_final_sigma() {
        assert_eq!(lower("İX"), "i\u{307}x");
        assert_eq!(lower("ΟΔΟΣ ΣΑΣ. Σ"), "οδος σας. σ");
        assert_eq!(lower("ẞ K"), "ß k");
        assert_eq!(unlowered("aİX", &(1..4)), 1..3);
        assert_eq!(unlowered("aİX", &(4..5)), 3..4);
        assert_eq!(unlowered("aİX", &(5..5)), 4..4);
        let spans: Vec<_> = lowered("İX").map(|l| (l.start, l.end)).collect();
        assert_eq!(spans, [(0, 2), (0, 2), (2, 3)]);
    }

    #[test]
    fn boundaries() {
        assert!(is_boundary("ab c", 0) && is_boundary("ab c", 2) && is_boundary("ab c", 4));
        assert!(!is_boundary("ab c", 1) && !is_boundary("", 0));
        assert!(is_boundary("न\u{93f}", 3), "a vowel sign is no word character");
    }

    proptest! {
        #[test]
        fn counting_is_listing(text in "\\PC*|[a-zA-Z _.,²é\u{301}日\n]*") {
            prop_assert_eq!(count_words(&text), words(&text).count());
            let plain = regex::Regex::new(r"[\p{L}\p{N}_]+").unwrap();
            let expected: Vec<_> = plain.find_iter(&text).map(|m| m.range()).collect();
            prop_assert_eq!(words(&text).collect::<Vec<_>>(), expected);
        }

        #[test]
        fn lower_is_rusts(text in "[A-Za-zΣσςİß.'\u{301} ]*") {
            prop_assert_eq!(lower(&text), text.to_lowercase());
        }
    }
}
