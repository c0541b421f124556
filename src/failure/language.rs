//! Which language a text is in, cheaply: enough to notice another one.
//!
//! Small words tell English from the rest in a glance, and scripts tell most others; the detector
//! is asked only where they don't.

use std::borrow::Cow;

use crate::constraint;

/// Bytes looked at in each of three places of a long text.
const SAMPLE: usize = 512;
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
                key = if class == Class::WideLetter { WIDE } else { with_letter(key, byte) };
                piece.letters += usize::from(class != Class::Apostrophe);
                ascii &= class != Class::WideLetter;
                continue;
            }
            if word_len > 0 {
                piece.all += 1;
                piece.small += usize::from(SMALL_KEYS.has(key));
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
        small += usize::from(SMALL.iter().any(|known| known.eq_ignore_ascii_case(word)));
    }
    small > 0 && small * 8 >= words
}

/// Words that English sentences are held together by. Those that are words of other languages too (`a`,
/// `in`, `or`, `on`, `so`, `was`, `has`) are left out.
const SMALL: [&str; 30] = [
    "be", "by", "if", "is", "it", "of", "to", "we", "and", "are", "can", "for", "how", "let", "not", "now",
    "the", "you", "each", "find", "from", "have", "that", "then", "they", "this", "thus", "when", "with",
    "which",
];

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

/// The last eight letters of a word of ASCII, in lower case: enough to know it by.
const fn key(word: &str) -> u64 {
    let bytes = word.as_bytes();
    let mut key = 0_u64;
    let mut i = 0;
    while i < bytes.len() {
        key = with_letter(key, bytes[i]);
        i += 1;
    }
    key
}

/// The key of a word with one more letter.
#[inline]
const fn with_letter(key: u64, letter: u8) -> u64 {
    key << 8 | (letter | 0x20) as u64
}

/// The key of a word with a letter beyond ASCII, which no English word has.
const WIDE: u64 = u64::MAX;

/// Keys of words, each where its hash says.
struct Keys<const SLOTS: usize>([u64; SLOTS]);

impl<const SLOTS: usize> Keys<SLOTS> {
    const fn of(lists: &[&[&str]]) -> Self {
        let mut slots = [0; SLOTS];
        let mut list = 0;
        while list < lists.len() {
            let mut word = 0;
            while word < lists[list].len() {
                let key = key(lists[list][word]);
                let slot = Self::slot(key);
                assert!(slots[slot] == 0, "two words share a slot: choose another factor");
                slots[slot] = key;
                word += 1;
            }
            list += 1;
        }
        Self(slots)
    }

    #[inline]
    const fn slot(key: u64) -> usize {
        (key.wrapping_mul(0x0e5c_9beb_cd26_6ea9) >> (64 - SLOTS.trailing_zeros())) as usize
    }

    #[inline]
    fn has(&self, key: u64) -> bool {
        self.0[Self::slot(key)] == key
    }
}

static SMALL_KEYS: Keys<512> = Keys::of(&[&SMALL]);
static ENGLISH_KEYS: Keys<512> = Keys::of(&[&SMALL, &ENGLISH]);

/// The sentences of a text that should be in English which have enough letters in plain words and
/// not one English word, when they make up half of `share` of the text or more: what is worth a
/// closer look. English throughout is the common case, and settled here.
fn may_leave_english(text: &str, share: f64) -> Option<String> {
    // Letters of those, in plain words; and letters that are in no plain word of a sentence that no
    // English word tells, mostly math.
    let (mut strange, mut aside) = (0, 0);
    let mut sentences = String::new();
    for sentence in Sentences::of(text).filter(|sentence| !sentence.is_at_home()) {
        let plain = plain_letters(sentence.text);
        aside += sentence.letters - plain;
        if plain >= SENTENCE_LETTERS {
            strange += plain;
            sentences.push_str(sentence.text);
            sentences.push('\n');
        }
    }
    if strange == 0 {
        return None;
    }
    let total = letters(text.as_bytes()) - aside;
    (strange as f64 * 2.0 >= share * total as f64).then_some(sentences)
}

/// The pieces of a text up to and with each full stop, question mark or line feed.
struct Sentences<'t> {
    text: &'t str,
    at: usize,
}

struct Sentence<'t> {
    text: &'t str,
    /// Its letters, as [`letters`] counts them; not counted to its end when it is `english`.
    letters: usize,
    /// It has a word that is [`SMALL`] or [`ENGLISH`].
    english: bool,
}

impl<'t> Sentences<'t> {
    fn of(text: &'t str) -> Self {
        Self { text, at: 0 }
    }
}

impl Sentence<'_> {
    /// Whether it has an English word, or too few letters to tell.
    fn is_at_home(&self) -> bool {
        self.english || self.letters < SENTENCE_LETTERS
    }
}

impl<'t> Iterator for Sentences<'t> {
    type Item = Sentence<'t>;

    fn next(&mut self) -> Option<Sentence<'t>> {
        let (text, start) = (self.text, self.at);
        let bytes = text.as_bytes();
        let mut at = start;
        let mut letters = 0;
        // Of the word that is being read.
        let mut word = 0;
        let english = loop {
            let Some(&byte) = bytes.get(at) else { break ENGLISH_KEYS.has(word) && word != 0 };
            match CLASSES.get(usize::from(byte)) {
                Some(Class::Letter) => {
                    word = with_letter(word, byte);
                    letters += 1;
                    at += 1;
                    continue;
                }
                Some(_) => at += 1,
                None => {
                    let c = text[at..].chars().next().expect("a character begins here");
                    at += c.len_utf8();
                    letters += usize::from(byte >= 0xc3);
                    if c.is_alphabetic() {
                        word = WIDE;
                        continue;
                    }
                }
            }
            // Most sentences of an English text are told by one of their first words.
            if word != 0 && ENGLISH_KEYS.has(word) {
                at -= usize::from(ends_sentence(byte));
                at = memchr::memchr3(b'.', b'\n', b'?', &bytes[at..]).map_or(bytes.len(), |n| at + n + 1);
                break true;
            }
            if ends_sentence(byte) {
                break false;
            }
            word = 0;
        };
        self.at = at;
        (at > start).then(|| Sentence { text: &text[start..at], letters, english })
    }
}

fn ends_sentence(byte: u8) -> bool {
    matches!(byte, b'.' | b'\n' | b'?')
}

/// Letters, those beyond ASCII counted by their bytes.
fn letters(bytes: &[u8]) -> usize {
    let is_letter = |byte: &u8| u8::from(matches!(byte, b'a'..=b'z' | b'A'..=b'Z' | 0xc3..));
    // In blocks whose sums fit a byte: vector instructions do this.
    let count = |block: &[u8]| usize::from(block.iter().map(is_letter).sum::<u8>());
    bytes.chunks(128).map(count).sum()
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

/// Whether a passage has one of the [`ENGLISH`] words.
fn has_english_word(text: &str) -> bool {
    text.split(|c: char| !c.is_alphabetic())
        .any(|word| ENGLISH.iter().any(|english| english.eq_ignore_ascii_case(word)))
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
        fn sentences_are_read_in_one_go(text in r"(step|Steps|the|verify|what|[ .?\né’-]|[a-z]|[a-z]{9}|日本){0,40}") {
            let mut at = 0;
            for sentence in Sentences::of(&text) {
                let end = text[at..].find(['.', '?', '\n']).map_or(text.len(), |n| at + n + 1);
                prop_assert_eq!(sentence.text, &text[at..end]);
                let known = |word: &str| {
                    SMALL.iter().chain(&ENGLISH).any(|english| english.eq_ignore_ascii_case(word))
                };
                let english = sentence.text.split(|c: char| !c.is_alphabetic()).any(known);
                prop_assert_eq!(sentence.english, english);
                if !english {
                    prop_assert_eq!(sentence.letters, letters(sentence.text.as_bytes()));
                }
                at = end;
            }
            prop_assert_eq!(at, text.len());
        }
    }

    #[test]
    fn languages_are_told_apart() {
        let english =
            "We are given that the sum of the two numbers is twelve and we have to find both of them.";
        let spanish =
            "Sabemos que la suma de los dos números es doce y tenemos que encontrar los dos números.";
        let chinese = "我们知道这两个数的和是十二，所以需要先找到第一个数，然后再用总和减去第一个数得到第二个数，最后检查答案是否正确。";
        assert_eq!(of(english), Some("en"));
        assert_eq!(of(&english.to_uppercase()), Some("en"));
        assert_eq!(of(spanish), Some("es"));
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
