//! Which language a text is in, cheaply: enough to notice another one.
//!
//! Small words tell English from the rest in a glance, and scripts tell most others; the detector
//! is asked only where they don't.

use std::borrow::Cow;

use crate::constraint;

/// Bytes looked at in each of three places of a long text.
const SAMPLE: usize = 1_024;
/// Fewer letters than this tell nothing.
const LETTERS: usize = 40;
/// Letters of a sentence that tell its language (the bound of the language marks).
const SENTENCE_LETTERS: usize = 24;

/// The code of the language a text is in for the most part; `None` where it cannot be told.
pub fn of(text: &str) -> Option<&'static str> {
    let sample = sampled(text);
    let words = Words::of_prose(&sample);
    if words.letters < LETTERS {
        None
    } else if words.are_english() {
        Some("en")
    } else {
        constraint::language_of(&prose(&sample))
    }
}

/// What is counted to know English at a glance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Words {
    /// Words: letters and apostrophes in a row.
    all: usize,
    /// Small English words among them.
    small: usize,
    /// Letters.
    letters: usize,
}

impl Words {
    /// Counts in the [`prose`] of a text, without writing it down, as far as it takes to know English.
    fn of_prose(text: &str) -> Self {
        let bytes = text.as_bytes();
        let mut counted = Self::default();
        // Of the piece between white space that is being read, and of the word in it.
        let mut piece = Self::default();
        let (mut math, mut ascii) = (false, true);
        let (mut word_len, mut key) = (0_usize, 0_u64);
        let mut at = 0;
        loop {
            let byte = bytes.get(at).copied().unwrap_or(b' ');
            let (class, width) = if byte < 0x80 {
                (CLASSES[usize::from(byte)], 1)
            } else {
                let c = text[at..].chars().next().expect("a character begins here");
                (Class::of_wide(c), c.len_utf8())
            };
            at += width;
            if matches!(class, Class::Letter | Class::Apostrophe | Class::WideLetter) {
                word_len += 1;
                // A letter beyond ASCII is in no small word.
                key = if class == Class::WideLetter { u64::MAX } else { key << 8 | u64::from(byte | 0x20) };
                piece.letters += usize::from(class != Class::Apostrophe);
                ascii &= class != Class::WideLetter;
                continue;
            }
            if word_len > 0 {
                piece.all += 1;
                piece.small += usize::from(word_len <= 5 && is_small(key));
                (word_len, key) = (0, 0);
            }
            match class {
                Class::Space => {
                    if !math && (piece.letters >= 2 || !ascii) {
                        counted.all += piece.all;
                        counted.small += piece.small;
                        counted.letters += piece.letters;
                    }
                    (piece, math, ascii) = (Self::default(), false, true);
                    // Not even a word in every other byte of the rest would change it.
                    let rest = (bytes.len() + 2).saturating_sub(at) / 2;
                    if at > bytes.len()
                        || counted.letters >= LETTERS && counted.small * 8 >= counted.all + rest
                    {
                        return counted;
                    }
                }
                Class::Math => math = true,
                Class::WideOther => ascii = false,
                _ => {}
            }
        }
    }

    /// Whether at least one word in eight is a small English word.
    fn are_english(self) -> bool {
        self.small > 0 && self.small * 8 >= self.all
    }
}

/// What a character is to [`Words`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Class {
    Letter,
    Apostrophe,
    Space,
    /// It makes the piece it is in math.
    Math,
    Other,
    WideLetter,
    WideOther,
}

const CLASSES: [Class; 128] = {
    let mut classes = [Class::Other; 128];
    let mut byte = 0_u8;
    while byte < 128 {
        classes[byte as usize] = match byte {
            b'a'..=b'z' | b'A'..=b'Z' => Class::Letter,
            b'\'' => Class::Apostrophe,
            b'\t'..=b'\r' | b' ' => Class::Space,
            b'\\' | b'=' | b'^' | b'_' | b'$' | b'{' | b'}' => Class::Math,
            _ => Class::Other,
        };
        byte += 1;
    }
    classes
};

impl Class {
    fn of_wide(c: char) -> Self {
        match c {
            _ if c.is_whitespace() => Self::Space,
            _ if c.is_alphabetic() => Self::WideLetter,
            _ => Self::WideOther,
        }
    }
}

/// The beginning, the middle and the end of a long text.
fn sampled(text: &str) -> Cow<'_, str> {
    if text.len() <= 3 * SAMPLE {
        return Cow::Borrowed(text);
    }
    let part = |at: usize| {
        let (mut start, mut end) = (at, (at + SAMPLE).min(text.len()));
        while !text.is_char_boundary(start) {
            start += 1;
        }
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        &text[start..end]
    };
    [part(0), part(text.len() / 2 - SAMPLE / 2), part(text.len() - SAMPLE)].join("\n").into()
}

/// A text without what looks like math: commands, and single letters.
fn prose(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 1);
    for word in text.split_whitespace() {
        let letters = word.chars().filter(|c| c.is_alphabetic()).count();
        let math = word.contains(['\\', '=', '^', '_', '$', '{', '}']) || letters < 2 && word.is_ascii();
        if !math {
            out.push_str(word);
            out.push(' ');
        }
    }
    out
}

/// Whether at least one word in eight is a small English word.
fn is_english(text: &str) -> bool {
    let (mut words, mut small) = (0_usize, 0_usize);
    for word in text.split(|c: char| !c.is_alphabetic() && c != '\'').filter(|w| !w.is_empty()) {
        words += 1;
        small += usize::from(is_small_english(word.as_bytes()));
    }
    small > 0 && small * 8 >= words
}

/// Whether a word is one of the small ones that English sentences are held together by. Those that
/// are words of other languages too (`a`, `in`, `or`, `on`, `so`, `was`, `has`) are left out.
fn is_small_english(word: &[u8]) -> bool {
    if !(2..=5).contains(&word.len()) {
        return false;
    }
    is_small(word.iter().fold(0, |key, byte| key << 8 | u64::from(byte.to_ascii_lowercase())))
}

/// Whether this is the key of a small English word.
#[inline]
fn is_small(key: u64) -> bool {
    SLOTS[slot(key)] == key
}

/// The small words, each where its key's hash says.
const SLOTS: [u64; 128] = {
    let mut slots = [0; 128];
    let mut i = 0;
    while i < SMALL.len() {
        let slot = slot(SMALL[i]);
        assert!(slots[slot] == 0, "two small words share a slot: choose another factor");
        slots[slot] = SMALL[i];
        i += 1;
    }
    slots
};

#[inline]
const fn slot(key: u64) -> usize {
    (key.wrapping_mul(FACTOR) >> 57) as usize
}

const FACTOR: u64 = 0xcd44_7e35_b8b6_d8ff;

const fn key(word: &str) -> u64 {
    let bytes = word.as_bytes();
    let mut key = 0_u64;
    let mut i = 0;
    while i < bytes.len() {
        key = key << 8 | bytes[i] as u64;
        i += 1;
    }
    key
}

const SMALL: [u64; 30] = [
    key("be"),
    key("by"),
    key("if"),
    key("is"),
    key("it"),
    key("of"),
    key("to"),
    key("we"),
    key("and"),
    key("are"),
    key("can"),
    key("for"),
    key("how"),
    key("let"),
    key("not"),
    key("now"),
    key("the"),
    key("you"),
    key("each"),
    key("find"),
    key("from"),
    key("have"),
    key("that"),
    key("then"),
    key("they"),
    key("this"),
    key("thus"),
    key("when"),
    key("with"),
    key("which"),
];

/// The sentences of a text that should be in English which have enough letters in plain words and
/// not one English word, when they make up half of `share` of the text or more: what is worth a
/// closer look. English throughout is the common case, and settled here.
fn may_leave_english(text: &str, share: f64) -> Option<String> {
    let mut strange = 0_usize;
    let mut sentences = String::new();
    for sentence in sentences_of(text) {
        let plain = strange_letters(sentence);
        if plain >= SENTENCE_LETTERS {
            strange += plain;
            sentences.push_str(sentence);
            sentences.push('\n');
        }
    }
    if strange == 0 {
        return None;
    }
    let total: usize = sentences_of(text)
        .map(
            |sentence| {
                if is_at_home(sentence) { letters(sentence.as_bytes()) } else { plain_letters(sentence) }
            },
        )
        .sum();
    (strange as f64 * 2.0 >= share * total as f64).then_some(sentences)
}

/// The letters in plain words of a sentence that has enough letters and not one English word; 0 for
/// any other.
fn strange_letters(sentence: &str) -> usize {
    if is_at_home(sentence) { 0 } else { plain_letters(sentence) }
}

/// Whether a sentence has an English word, or too few letters to tell.
fn is_at_home(sentence: &str) -> bool {
    // Most sentences of an English text are told by one of their first words.
    let bytes = sentence.as_bytes();
    bytes.len() < SENTENCE_LETTERS
        || has_small_english(bytes)
        || letters(bytes) < SENTENCE_LETTERS
        || has_english_word(sentence)
}

/// The pieces of a text up to and with each full stop, question mark or line feed.
fn sentences_of(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let end = memchr::memchr3(b'.', b'\n', b'?', rest.as_bytes()).map_or(rest.len(), |n| n + 1);
        let sentence;
        (sentence, rest) = rest.split_at(end);
        (!sentence.is_empty()).then_some(sentence)
    })
}

/// Letters, those beyond ASCII counted by their bytes.
fn letters(bytes: &[u8]) -> usize {
    bytes.iter().filter(|b| b.is_ascii_alphabetic() || **b >= 0xc3).count()
}

/// The letters of the words of a sentence that are no math: nothing but letters within their
/// punctuation.
fn plain_letters(sentence: &str) -> usize {
    let plain = |token: &str| {
        let word = token.trim_matches(|c: char| {
            c.is_ascii_punctuation() && !matches!(c, '\\' | '$' | '^' | '_' | '{' | '}')
        });
        let plain = word.len() >= 2
            && word.bytes().all(|b| b.is_ascii_alphabetic() || b >= 0x80 || b == b'\'' || b == b'-');
        if plain { letters(word.as_bytes()) } else { 0 }
    };
    sentence.split_ascii_whitespace().map(plain).sum()
}

/// The share of the letters of a text, math aside, in whole sentences in another language or script
/// than the wanted one; 0 where it is at a glance below `least`.
///
/// Single short sentences are taken for other languages easily, so all that were are held together
/// and have to be in another language as a whole.
pub fn share_of_others(text: &str, wanted: &str, least: f64) -> f64 {
    if wanted == "en" {
        let Some(sentences) = may_leave_english(text, least) else { return 0.0 };
        let latin =
            sentences.chars().filter(char::is_ascii_alphabetic).count() * 2 > letters(sentences.as_bytes());
        match of(&sentences) {
            Some("en") => return 0.0,
            // Too little to tell: only another script is sure.
            None if latin => return 0.0,
            _ => {}
        }
    }
    let (all, mut passages) = constraint::in_other_language(text, wanted);
    if wanted == "en" {
        passages.retain(|(place, _)| {
            let passage = &text[place.clone()];
            !is_english(passage) && !has_english_word(passage)
        });
    }
    let strange: usize = passages.iter().map(|(_, letters)| letters).sum();
    let share = strange as f64 / all.max(1) as f64;
    if passages.is_empty() || share < least {
        return 0.0;
    }
    let together: String = passages.iter().flat_map(|(place, _)| [&text[place.clone()], "\n"]).collect();
    let latin = together.chars().filter(char::is_ascii_alphabetic).count() * 2 > strange;
    match of(&together) {
        Some(found) if found.split('-').next() == wanted.split('-').next() => 0.0,
        None if latin => 0.0,
        _ => share,
    }
}

/// Words that only English has, of those that stand in headings and steps of solutions, where small
/// words are rare.
const ENGLISH: [&str; 40] = [
    "step",
    "steps",
    "answer",
    "number",
    "numbers",
    "value",
    "values",
    "calculate",
    "compute",
    "equations",
    "solve",
    "verify",
    "simplify",
    "substitute",
    "substituting",
    "given",
    "since",
    "therefore",
    "using",
    "first",
    "second",
    "third",
    "define",
    "identify",
    "determine",
    "expand",
    "check",
    "apply",
    "rule",
    "between",
    "their",
    "there",
    "these",
    "what",
    "where",
    "would",
    "must",
    "feet",
    "cents",
    "recognize",
];

/// The lengths of the [`ENGLISH`] words by their first letter, as bits.
const LENGTHS: [u32; 26] = {
    let mut lengths = [0; 26];
    let mut i = 0;
    while i < ENGLISH.len() {
        let word = ENGLISH[i].as_bytes();
        lengths[(word[0] - b'a') as usize] |= 1 << word.len();
        i += 1;
    }
    lengths
};

/// Whether a passage has one of the [`ENGLISH`] words.
fn has_english_word(text: &str) -> bool {
    let known = |word: &str| {
        let first = usize::from((word.as_bytes()[0] | 0x20).wrapping_sub(b'a'));
        word.len() < 32
            && LENGTHS.get(first).is_some_and(|lengths| lengths >> word.len() & 1 == 1)
            && ENGLISH.iter().any(|english| english.eq_ignore_ascii_case(word))
    };
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let start = at;
        while let Some(&byte) = bytes.get(at) {
            let c = if byte < 0x80 { char::from(byte) } else { text[at..].chars().next().unwrap_or(' ') };
            if !c.is_alphabetic() {
                at += if at == start { c.len_utf8() } else { 0 };
                break;
            }
            at += c.len_utf8();
        }
        if bytes[start].is_ascii_alphabetic() && known(&text[start..at]) {
            return true;
        }
    }
    false
}

fn has_small_english(sentence: &[u8]) -> bool {
    sentence.split(|b| !b.is_ascii_alphabetic()).any(is_small_english)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn counted_words_are_those_of_the_prose(text in r"(the|of|Is|é|’|[ \n\u{3000}=a-c'.\\$]){0,60}") {
            let prose = prose(&text);
            let words = Words::of_prose(&text);
            prop_assert_eq!(words.are_english(), is_english(&prose));
            let letters = prose.chars().filter(|c| c.is_alphabetic()).count();
            prop_assert_eq!(words.letters.min(LETTERS), letters.min(LETTERS));
        }

        #[test]
        fn words_that_only_english_has(text in r"(step|Steps|what|[ .é’-]|[a-z]){0,30}") {
            let slow = text
                .split(|c: char| !c.is_alphabetic())
                .any(|word| ENGLISH.iter().any(|english| english.eq_ignore_ascii_case(word)));
            prop_assert_eq!(has_english_word(&text), slow);
        }
    }

    #[test]
    fn languages_are_told_apart() {
        let english =
            "We are given that the sum of the two numbers is twelve and we have to find both of them.";
        let spanish =
            "Sabemos que la suma de los dos números es doce y tenemos que encontrar los dos números.";
        let chinese = "我们知道这两个数的和是十二，所以需要先找到第一个数，然后再用总和减去第一个数得到第二个数，最后检查答案是否正确。";
        assert_eq!(of(english).as_deref(), Some("en"));
        assert_eq!(of(&english.to_uppercase()).as_deref(), Some("en"));
        assert_eq!(of(spanish).as_deref(), Some("es"));
        assert!(of(chinese).unwrap().starts_with("zh"));
        assert_eq!(of("$x^2 + y^2 = 1$"), None);
        assert_eq!(may_leave_english(english, 0.15), None);
        assert!(may_leave_english(spanish, 0.15).is_some());
        assert!(may_leave_english(chinese, 0.15).is_some());
        let drifting = format!("{english} {spanish} {english}");
        assert!(share_of_others(&drifting, "en", 0.15) > 0.25);
        assert!(share_of_others(&drifting, "es", 0.15) > 0.5);
        assert!(share_of_others(&format!("{english} {chinese}"), "en", 0.15) > 0.15);
        let headings = "### Step 1: Extract student numbers\n\n### Step 2: Recognize quadratic nature\n\n";
        assert!(share_of_others(&format!("{headings}{english}"), "en", 0.15).abs() < 1e-9);
        assert_eq!(
            may_leave_english(
                "$$\\\\frac{x}{y} + \\\\sqrt{alpha} + \\\\operatorname{something} = 7$$\n\n1. 2. 3.",
                0.15
            ),
            None
        );
    }
}
