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
pub fn of(text: &str) -> Option<String> {
    let sample = prose(&sampled(text));
    if sample.chars().filter(|c| c.is_alphabetic()).take(LETTERS).count() < LETTERS {
        return None;
    }
    if is_english(&sample) {
        return Some("en".to_owned());
    }
    constraint::language_of(&sample)
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
    if text.is_ascii() {
        // The same without decoding: nearly all texts are.
        for word in text.split(|c: char| matches!(c, '\t'..='\r' | ' ')).filter(|w| !w.is_empty()) {
            let (mut letters, mut math) = (0_usize, false);
            for byte in word.bytes() {
                letters += usize::from(byte.is_ascii_alphabetic());
                math |= matches!(byte, b'\\' | b'=' | b'^' | b'_' | b'$' | b'{' | b'}');
            }
            if !math && letters >= 2 {
                out.push_str(word);
                out.push(' ');
            }
        }
        return out;
    }
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
    if text.is_ascii() {
        let apart = |b: &u8| !b.is_ascii_alphabetic() && *b != b'\'';
        for word in text.as_bytes().split(apart).filter(|w| !w.is_empty()) {
            words += 1;
            small += usize::from(is_small_english(word));
        }
        return small > 0 && small * 8 >= words;
    }
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
    let mut key = 0_u64;
    for byte in word {
        key = key << 8 | u64::from(byte.to_ascii_lowercase());
    }
    SMALL.binary_search(&key).is_ok()
}

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

/// In the order of their keys: by length, then by letters.
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
    let (mut strange, mut total) = (0_usize, 0_usize);
    let mut sentences = String::new();
    let mut at = 0;
    while at < text.len() {
        let end =
            memchr::memchr3(b'.', b'\n', b'?', &text.as_bytes()[at..]).map_or(text.len(), |n| at + n + 1);
        let sentence = &text[at..end];
        at = end;
        let all = letters(sentence.as_bytes());
        if all < SENTENCE_LETTERS || has_small_english(sentence.as_bytes()) || has_english_word(sentence) {
            total += all;
            continue;
        }
        let plain: usize = sentence.split_ascii_whitespace().map(plain_letters).sum();
        total += plain;
        if plain >= SENTENCE_LETTERS {
            strange += plain;
            sentences.push_str(sentence);
            sentences.push('\n');
        }
    }
    (strange > 0 && strange as f64 * 2.0 >= share * total as f64).then_some(sentences)
}

/// Letters, those beyond ASCII counted by their bytes.
fn letters(bytes: &[u8]) -> usize {
    bytes.iter().filter(|b| b.is_ascii_alphabetic() || **b >= 0xc3).count()
}

/// The letters of a word that is no math: nothing but letters within its punctuation.
fn plain_letters(token: &str) -> usize {
    let word = token
        .trim_matches(|c: char| c.is_ascii_punctuation() && !matches!(c, '\\' | '$' | '^' | '_' | '{' | '}'));
    let plain = word.len() >= 2
        && word.bytes().all(|b| b.is_ascii_alphabetic() || b >= 0x80 || b == b'\'' || b == b'-');
    if plain { letters(word.as_bytes()) } else { 0 }
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
        match of(&sentences).as_deref() {
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

/// Whether a passage has a word that only English has, of those that stand in headings and steps of
/// solutions, where small words are rare.
fn has_english_word(text: &str) -> bool {
    const WORDS: [&str; 40] = [
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
    text.split(|c: char| !c.is_alphabetic())
        .any(|word| word.len() >= 4 && WORDS.iter().any(|english| english.eq_ignore_ascii_case(word)))
}

fn has_small_english(sentence: &[u8]) -> bool {
    sentence.split(|b| !b.is_ascii_alphabetic()).any(is_small_english)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_small_words_are_in_order() {
        assert!(SMALL.is_sorted());
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
