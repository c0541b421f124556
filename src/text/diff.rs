//! What two texts do not share, by words.

use std::ops::Range;
use std::time::Duration;

use similar::{DiffTag, TextDiff};

/// How long a diff may look for the shortest answer; after that it takes a good one.
const PATIENCE: Duration = Duration::from_millis(300);

/// What two texts do not share.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct WordDiff {
    /// Bytes of the first text that the second has not, in order, neighbours joined.
    pub only_a: Vec<Range<usize>>,
    /// Bytes of the second text that the first has not.
    pub only_b: Vec<Range<usize>>,
    /// Share of the words that both have, from 0 to 1; 1 for two empty texts.
    pub shared: f64,
}

/// Compares two texts word by word. White space alone never makes a difference of its own.
pub fn words(a: &str, b: &str) -> WordDiff {
    let (words_a, words_b) = (split(a), split(b));
    let of_a: Vec<&str> = words_a.iter().map(|w| &a[w.clone()]).collect();
    let of_b: Vec<&str> = words_b.iter().map(|w| &b[w.clone()]).collect();
    let diff = TextDiff::configure().timeout(PATIENCE).diff_slices(&of_a, &of_b);
    let mut found = WordDiff { shared: f64::from(diff.ratio()), ..WordDiff::default() };
    let span = |words: &[Range<usize>], range: Range<usize>| {
        (!range.is_empty()).then(|| words[range.start].start..words[range.end - 1].end)
    };
    for op in diff.ops() {
        if op.tag() != DiffTag::Equal {
            found.only_a.extend(span(&words_a, op.old_range()));
            found.only_b.extend(span(&words_b, op.new_range()));
        }
    }
    join(&mut found.only_a);
    join(&mut found.only_b);
    found
}

/// Words as byte ranges: runs of letters and digits; every other visible character by itself.
fn split(text: &str) -> Vec<Range<usize>> {
    let mut words: Vec<Range<usize>> = Vec::new();
    let mut in_word = false;
    for (at, c) in text.char_indices() {
        let end = at + c.len_utf8();
        let letter = c.is_alphanumeric();
        match words.last_mut() {
            Some(last) if letter && in_word && last.end == at => last.end = end,
            _ if !c.is_whitespace() => words.push(at..end),
            _ => {}
        }
        in_word = letter;
    }
    words
}

/// Joins ranges that touch.
fn join(ranges: &mut Vec<Range<usize>>) {
    let mut joined: Vec<Range<usize>> = Vec::with_capacity(ranges.len());
    for range in ranges.drain(..) {
        match joined.last_mut() {
            Some(last) if last.end >= range.start => last.end = last.end.max(range.end),
            _ => joined.push(range),
        }
    }
    *ranges = joined;
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn shown(a: &str, b: &str) -> (Vec<String>, Vec<String>) {
        let diff = words(a, b);
        let of =
            |text: &str, ranges: &[Range<usize>]| ranges.iter().map(|r| text[r.clone()].to_owned()).collect();
        (of(a, &diff.only_a), of(b, &diff.only_b))
    }

    #[test]
    fn words_that_differ() {
        let table: [(&str, &str, &[&str], &[&str]); 6] = [
            ("the answer is 14", "the answer is 15", &["14"], &["15"]),
            ("First, compute", "First compute", &[","], &[]),
            ("a  b\nc", "a b c", &[], &[]),
            ("", "new words here", &[], &["new words here"]),
            ("état d'âme", "etat d'âme", &["état"], &["etat"]),
            ("\\frac{1}{2}", "\\frac{1}{3}", &["2"], &["3"]),
        ];
        for (a, b, only_a, only_b) in table {
            let (got_a, got_b) = shown(a, b);
            assert_eq!(
                (
                    got_a.iter().map(String::as_str).collect::<Vec<_>>(),
                    got_b.iter().map(String::as_str).collect::<Vec<_>>()
                ),
                (only_a.to_vec(), only_b.to_vec()),
                "{a:?} {b:?}"
            );
        }
        assert!((words("", "").shared - 1.0).abs() < 1e-6);
    }

    proptest! {
        #[test]
        fn what_is_left_is_the_same(a in "[ab ,é\n]{0,30}", b in "[ab ,é\n]{0,30}") {
            let diff = words(&a, &b);
            let left = |text: &str, gone: &[Range<usize>]| -> Vec<String> {
                split(text).into_iter().filter(|w| !gone.iter().any(|g| g.start <= w.start && w.end <= g.end))
                    .map(|w| text[w].to_owned()).collect()
            };
            prop_assert_eq!(left(&a, &diff.only_a), left(&b, &diff.only_b));
        }
    }
}
