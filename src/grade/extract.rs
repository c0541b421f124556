//! Where the final answer of an output stands.
//!
//! Two rules, one for each [`GradeMode`](super::GradeMode). Both give a byte range, so that the
//! place can be marked in the raw output.

use std::ops::Range;

use memchr::memmem;

/// An answer found in an output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    /// Its bytes, in the text searched.
    pub(super) range: Range<usize>,
    /// The rule that found it.
    pub(super) how: How,
}

/// Rules that find an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum How {
    /// Inside the last box.
    Boxed,
    /// After words such as “the answer is”.
    Announced,
    /// The last number, or the last formula in dollars.
    Last,
    /// The text as a whole.
    Whole,
}

/// The content of the last box within `text`, without the white space around it: `\boxed{…}`, or,
/// where there is none, `\fbox{…}`. A box whose braces never balance is no box.
pub fn last_box(text: &str) -> Option<Range<usize>> {
    let at =
        memmem::rfind(text.as_bytes(), b"\\boxed").or_else(|| memmem::rfind(text.as_bytes(), b"\\fbox"))?;
    let mut open = None;
    let mut depth = 0_i64;
    for (i, byte) in text.bytes().enumerate().skip(at) {
        match byte {
            b'{' => {
                depth += 1;
                open = open.or(Some(i + 1));
            }
            b'}' => {
                depth -= 1;
                if depth == 0 {
                    return open.map(|open| trimmed(text, open..i));
                }
            }
            _ => {}
        }
    }
    None
}

/// The last box that balances and is not empty, be it after others that do not. Also
/// `\boxed 5` without braces.
fn last_good_box(text: &str) -> Option<Range<usize>> {
    let mut end = text.len();
    // A hostile output may hold a million unbalanced boxes, each scanned to its end: look at some.
    for _ in 0..16 {
        let at = memmem::rfind(&text.as_bytes()[..end], b"\\boxed").into_iter();
        let at = at.chain(memmem::rfind(&text.as_bytes()[..end], b"\\fbox")).max()?;
        let rest = &text[at..];
        let name = if rest.starts_with("\\boxed") { 6 } else { 5 };
        let gap = rest[name..].len() - rest[name..].trim_start().len();
        let inside = at + name + gap;
        if text[inside..].starts_with('{') {
            if let Some(close) = closing_brace(text, inside) {
                let found = trimmed(text, inside + 1..close);
                if !found.is_empty() {
                    return Some(found);
                }
            }
        } else {
            let token =
                text[inside..].find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(text.len() - inside);
            if token > 0 && gap > 0 {
                return Some(inside..inside + token);
            }
        }
        end = at;
    }
    None
}

/// Where the brace opened at `open` is closed. An escaped brace is a character like others.
fn closing_brace(text: &str, open: usize) -> Option<usize> {
    let mut depth = 0_usize;
    let mut escaped = false;
    for (i, byte) in text.bytes().enumerate().skip(open) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'{' => depth += 1,
            b'}' => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return Some(i);
                }
            }
            _ => {}
        }
    }
    None
}

/// What the public grader takes for the answer: the text after the last announcement and before a
/// closing remark, the last box in there, then the first sentence of that, then what follows the
/// last “is”, “=”, “:” and so on. The whole text when nothing of this occurs.
pub(super) fn reference(text: &str) -> Found {
    let mut span = Span { text, range: 0..text.len() };
    let mut how = How::Whole;
    // Most texts have none of them.
    if rfind_ignoring_case(text, "answer").is_some() {
        for marker in ["answer:", "answer is", "answers are"] {
            if span.after_last(marker) {
                how = How::Announced;
            }
        }
        for marker in ["is answer", "is the answer", "are answers", "are the answers"] {
            if span.before_last(marker) {
                how = How::Announced;
            }
        }
    }
    if let Some(inside) = last_box(span.str()).filter(|r| !r.is_empty()) {
        span.narrow(inside);
        how = How::Boxed;
    }
    span.before_last(". ");
    for marker in ["be ", "is ", "are ", "=", ": ", "get ", "be\n", "is\n", "are\n", ":\n", "get\n"] {
        if span.after_last(marker) && how == How::Whole {
            how = How::Announced;
        }
    }
    Found { range: span.range, how }
}

/// The answer as a reader would find it: the last box anywhere; else what follows the last
/// announcement in its line; else the last formula or number. `None` when there is none of these.
pub(super) fn exact(text: &str) -> Option<Found> {
    if let Some(range) = last_good_box(text) {
        return Some(Found { range, how: How::Boxed });
    }
    let whole = trimmed(text, 0..text.len());
    if whole.is_empty() {
        return None;
    }
    // A short text on its own is the answer: `18`, `$18`, `15 toys`, `x = 3`.
    if whole.len() <= 40 && !text[whole.clone()].contains('\n') && !has_prose(&text[whole.clone()]) {
        return Some(Found { range: whole, how: How::Whole });
    }
    if let Some(range) = announced(text) {
        return Some(Found { range, how: How::Announced });
    }
    last_number(text).map(|range| Found { range, how: How::Last })
}

/// Whether this is a sentence rather than an answer: three words in a row, or two before a number.
fn has_prose(text: &str) -> bool {
    let mut run = 0;
    let last_digit = text.rfind(|c: char| c.is_ascii_digit()).unwrap_or(0);
    text.split_whitespace().any(|token| {
        let before_number = token.as_ptr() as usize - (text.as_ptr() as usize) < last_digit;
        let word = token.trim_end_matches(['.', ',', '!', '?', ';', ':']);
        let is_word = !word.is_empty() && word.chars().all(|c| c.is_alphabetic() || c == '\'' || c == '’');
        run = if is_word { run + 1 } else { 0 };
        run >= 3 || (run == 2 && before_number)
    })
}

/// What follows the last announcement, up to the end of its sentence.
fn announced(text: &str) -> Option<Range<usize>> {
    const MARKERS: [&str; 6] =
        ["final answer:", "answer:", "answer is", "answers are", "final answer is", "the result is"];
    let lower = text.to_ascii_lowercase();
    let start = MARKERS
        .iter()
        .filter_map(|m| memmem::rfind(lower.as_bytes(), m.as_bytes()).map(|at| at + m.len()))
        .max()?;
    let rest = &text[start..];
    let skipped =
        rest.len() - rest.trim_start_matches(|c: char| c.is_whitespace() || ":*_".contains(c)).len();
    let rest = &rest[skipped..];
    let end = rest.find('\n').unwrap_or(rest.len());
    let end = memmem::find(&rest.as_bytes()[..end], b". ").unwrap_or(end);
    let range = start + skipped..start + skipped + end;
    let line = &text[range.clone()];
    let kept = line.trim_end_matches(|c: char| c.is_whitespace() || ".*_!".contains(c));
    let range = range.start..range.start + kept.len();
    if range.is_empty() {
        return None;
    }
    if kept.len() <= 60 && !has_prose(kept) {
        return Some(range);
    }
    last_number(kept).map(|r| range.start + r.start..range.start + r.end)
}

/// The last number, with a sign, a currency or percent sign, a fraction's other half.
fn last_number(text: &str) -> Option<Range<usize>> {
    let bytes = text.as_bytes();
    let end = bytes.iter().rposition(u8::is_ascii_digit)? + 1;
    let mut start = end - 1;
    while start > 0 {
        let before = bytes[start - 1];
        let digit_before = |i: usize| i > 0 && bytes[i - 1].is_ascii_digit();
        let joins = before.is_ascii_digit()
            || (matches!(before, b'.' | b',' | b'/') && digit_before(start - 1))
            || (before == b'.' && bytes[start].is_ascii_digit());
        if !joins {
            break;
        }
        start -= 1;
    }
    // A minus sign counts where it cannot be a subtraction: `= -5`, `is -5`, not `7 - 5` or `x-5`.
    if start > 0 && bytes[start - 1] == b'-' {
        let left = text[..start - 1].trim_end_matches([' ', '$']);
        let subtraction = left.ends_with(|c: char| c.is_alphanumeric() || ")]}".contains(c));
        let spaced = text[..start - 1].ends_with(' ');
        if !subtraction || (spaced && left.ends_with(char::is_alphabetic)) {
            start -= 1;
        }
    }
    let end = if bytes.get(end) == Some(&b'%') { end + 1 } else { end };
    Some(start..end)
}

/// The range without the white space at its ends.
fn trimmed(text: &str, range: Range<usize>) -> Range<usize> {
    let part = &text[range.clone()];
    let start = range.start + (part.len() - part.trim_start().len());
    let end = range.start + part.trim_end().len();
    start..end.max(start)
}

/// A range that is narrowed step by step.
struct Span<'t> {
    text: &'t str,
    range: Range<usize>,
}

impl<'t> Span<'t> {
    fn str(&self) -> &'t str {
        &self.text[self.range.clone()]
    }

    fn narrow(&mut self, within: Range<usize>) {
        let at = self.range.start;
        self.range = trimmed(self.text, at + within.start..at + within.end);
    }

    /// Keeps what stands after the last `marker`, in any case.
    fn after_last(&mut self, marker: &str) -> bool {
        let found = rfind_ignoring_case(self.str(), marker);
        if let Some(at) = found {
            self.narrow(at + marker.len()..self.str().len());
        }
        found.is_some()
    }

    /// Keeps what stands before the last `marker`, in any case.
    fn before_last(&mut self, marker: &str) -> bool {
        let found = rfind_ignoring_case(self.str(), marker);
        if let Some(at) = found {
            self.narrow(0..at);
        }
        found.is_some()
    }
}

/// The last place of an ASCII `needle` in lower case, whatever the case of the text.
fn rfind_ignoring_case(text: &str, needle: &str) -> Option<usize> {
    let (text, needle) = (text.as_bytes(), needle.as_bytes());
    // A `w` is rare; most of the markers have one.
    let offset = needle.iter().position(|b| *b == b'w').unwrap_or(0);
    let byte = needle[offset];
    let mut end = text.len();
    loop {
        let at = memchr::memrchr2(byte, byte.to_ascii_uppercase(), &text[..end])?;
        if let Some(start) = at.checked_sub(offset)
            && let Some(here) = text.get(start..start + needle.len())
            && here.eq_ignore_ascii_case(needle)
        {
            return Some(start);
        }
        end = at;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reference_narrows_step_by_step() {
        let table = [
            ("so \\boxed{5}", "5"),
            ("so \\boxed{x = 5}", "5"),
            ("\\boxed{\\frac{1}{2}} or \\boxed{3}", "3"),
            ("\\fbox{7} then", "7"),
            ("The answer is 7. Then more. Thanks", "7. Then more"),
            ("answer: \\boxed{ 8 } and", "8"),
            ("\\boxed{1} The answer is hard, 4", "hard, 4"),
            ("\\boxed{} is 3", "3"),
            ("\\boxed{3", "\\boxed{3"),
            ("18", "18"),
            ("\n\n", "\n\n"),
            ("So Final ANSWER: 5\n", "5"),
            ("5 is the answer to all", "5"),
            ("\\boxed{\\{1,2\\}}", "\\{1,2\\}"),
            ("}{\\boxed{a}", "a"),
        ];
        for (text, expected) in table {
            assert_eq!(&text[reference(text).range], expected, "{text:?}");
        }
    }

    #[test]
    fn a_reader_finds_the_answer() {
        let table = [
            ("so \\boxed{x = 5}.", Some("x = 5")),
            ("\\boxed{6} and \\boxed{7", Some("6")),
            ("\\boxed{6} and \\boxed{}", Some("6")),
            ("\\boxed 6", Some("6")),
            ("\\boxed{\\{1, 2\\}}", Some("\\{1, 2\\}")),
            ("15 toys", Some("15 toys")),
            ("$18.50", Some("$18.50")),
            ("**Final Answer:** 12 km. That is all.", Some("12 km")),
            ("The answer is that he needs 3 cows", Some("3")),
            ("There are 8 chocolate bars in a box.", Some("8")),
            ("it went from 7 to -5 in a single long day", Some("-5")),
            ("because seven and 7 - 5 is", Some("5")),
            ("this is about 1,250.75% of what there was", Some("1,250.75%")),
            ("no number in this at all", None),
            ("", None),
        ];
        for (text, expected) in table {
            assert_eq!(exact(text).map(|f| &text[f.range]), expected, "{text:?}");
        }
    }
}
