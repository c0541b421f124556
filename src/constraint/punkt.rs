//! Sentences as NLTK's punkt splits them.

use std::ops::Range;

/// The sentences of a text, white space between them left out.
pub(super) fn sentences(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut start = 0;
    for (at, c) in text.char_indices() {
        let next = text[at + c.len_utf8()..].chars().next();
        if matches!(c, '.' | '!' | '?') && next.is_none_or(char::is_whitespace) {
            let sentence = super::length::trimmed(text, start..at + 1);
            if !sentence.is_empty() {
                found.push(sentence);
            }
            start = at + 1;
        }
    }
    let rest = super::length::trimmed(text, start..text.len());
    if !rest.is_empty() {
        found.push(rest);
    }
    found
}
