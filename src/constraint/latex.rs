//! Where the math is in a text: what stands between LaTeX delimiters, and `\boxed{…}`.

use std::ops::Range;

use memchr::memmem;

/// The stretches of math in a text, delimiters included, in order and apart.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct MathSpans(Vec<Range<usize>>);

/// Environments that set their content as math.
const ENVIRONMENTS: [&str; 15] = [
    "equation",
    "align",
    "gather",
    "multline",
    "eqnarray",
    "displaymath",
    "math",
    "array",
    "matrix",
    "pmatrix",
    "bmatrix",
    "vmatrix",
    "cases",
    "aligned",
    "split",
];

impl MathSpans {
    pub(super) fn of(text: &str) -> Self {
        let bytes = text.as_bytes();
        let mut spans = Vec::new();
        let mut at = 0;
        let mut absent = Absent::default();
        while let Some(n) = memchr::memchr2(b'$', b'\\', &bytes[at..]) {
            let start = at + n;
            match math_from(text, start, &mut absent) {
                Some(end) => {
                    spans.push(start..end);
                    at = end;
                }
                // Past the delimiter, or the escaped character.
                None => at = (start + if bytes[start] == b'\\' { 2 } else { 1 }).min(bytes.len()),
            }
        }
        Self(spans)
    }

    /// Whether a byte offset lies in math.
    pub(super) fn contains(&self, at: usize) -> bool {
        self.at(at).is_some()
    }

    /// The stretch that begins at a byte offset or spans it.
    pub(super) fn at(&self, at: usize) -> Option<&Range<usize>> {
        let next = self.0.partition_point(|span| span.end <= at);
        self.0.get(next).filter(|span| span.start <= at)
    }

    /// The stretches that touch a range.
    pub(super) fn within(&self, range: &Range<usize>) -> &[Range<usize>] {
        let first = self.0.partition_point(|span| span.end <= range.start);
        let last = self.0.partition_point(|span| span.start < range.end);
        &self.0[first..last.max(first)]
    }

    /// The stretches.
    #[cfg(test)]
    pub(super) fn spans(&self) -> &[Range<usize>] {
        &self.0
    }
}

/// Closing delimiters known not to come any more, so that a text full of open ones is not searched
/// to its end again and again.
#[derive(Default)]
struct Absent {
    paren: bool,
    bracket: bool,
    dollars: bool,
}

/// The end of the math that opens at `start`, if it does.
fn math_from(text: &str, start: usize, absent: &mut Absent) -> Option<usize> {
    let rest = &text.as_bytes()[start..];
    let until = |skip: usize, close: &[u8], absent: &mut bool| {
        if *absent {
            return None;
        }
        let found = memmem::find(&rest[skip..], close).map(|n| start + skip + n + close.len());
        *absent = found.is_none();
        found
    };
    match rest {
        [b'$', b'$', ..] => until(2, b"$$", &mut absent.dollars),
        [b'$', ..] => inline_dollar(text, start),
        [b'\\', b'(', ..] => until(2, b"\\)", &mut absent.paren),
        [b'\\', b'[', ..] => until(2, b"\\]", &mut absent.bracket),
        _ if rest.starts_with(b"\\begin{") => environment(text, start),
        _ if rest.starts_with(b"\\boxed{") => braces(text, start + 6),
        _ if rest.starts_with(b"\\fbox{") => braces(text, start + 5),
        _ => None,
    }
}

/// `$…$` as pandoc reads it: no space inside the dollars, no digit after, all in one paragraph.
/// So `$5 and $6` stays prose. Models also write `$ x $`, a space on both insides.
fn inline_dollar(text: &str, start: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    match bytes.get(start + 1)? {
        b' ' => {
            let end = start + 2 + memchr::memchr2(b'$', b'\n', &bytes[start + 2..])?;
            return (bytes[end] == b'$' && bytes[end - 1] == b' ').then_some(end + 1);
        }
        blank if blank.is_ascii_whitespace() => return None,
        _ => {}
    }
    let mut at = start + 1;
    loop {
        at += memchr::memchr3(b'$', b'\\', b'\n', &bytes[at..])?;
        match bytes[at] {
            b'\\' => at += 2,
            b'\n' if bytes.get(at + 1) == Some(&b'\n') => return None,
            b'$' if !bytes[at - 1].is_ascii_whitespace()
                && !bytes.get(at + 1).is_some_and(u8::is_ascii_digit) =>
            {
                return Some(at + 1);
            }
            _ => at += 1,
        }
        if at > bytes.len() {
            return None;
        }
    }
}

/// `\begin{name}…\end{name}` of a math environment.
fn environment(text: &str, start: usize) -> Option<usize> {
    let name_start = start + "\\begin{".len();
    let name_len =
        memchr::memchr(b'}', text.as_bytes()[name_start..].get(..16.min(text.len() - name_start))?)?;
    let name = text.get(name_start..name_start + name_len)?;
    if !ENVIRONMENTS.contains(&name.trim_end_matches('*')) {
        return None;
    }
    let end = format!("\\end{{{name}}}");
    memmem::find(&text.as_bytes()[name_start..], end.as_bytes()).map(|n| name_start + n + end.len())
}

/// Past the brace that closes the one at `open`, within 2,000 bytes.
fn braces(text: &str, open: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut depth = 0usize;
    let mut at = open;
    while at < bytes.len().min(open + 2_000) {
        match bytes[at] {
            b'\\' => at += 1,
            b'{' => depth += 1,
            b'}' => {
                depth -= 1;
                if depth == 0 {
                    return Some(at + 1);
                }
            }
            _ => {}
        }
        at += 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn finds_math() {
        let table: [(&str, &[&str]); 16] = [
            ("a $x,y$ b", &["$x,y$"]),
            ("so $ x,y $, and $ z $.", &["$ x,y $", "$ z $"]),
            ("5 $, 6 $ or more", &[]),
            ("it costs $5, or $6, or so", &[]),
            ("$$a$$ b \\[c\\] d \\(e\\)", &["$$a$$", "\\[c\\]", "\\(e\\)"]),
            ("\\boxed{1,000} and", &["\\boxed{1,000}"]),
            ("\\boxed{\\frac{1}{2}}, x", &["\\boxed{\\frac{1}{2}}"]),
            ("\\begin{align*}a,b\\end{align*},", &["\\begin{align*}a,b\\end{align*}"]),
            ("\\begin{itemize}a,b\\end{itemize}", &[]),
            ("\\$5, \\$6", &[]),
            ("$x\n\ny$", &[]),
            ("$x\ny$", &["$x\ny$"]),
            ("\\[ open", &[]),
            ("a \\", &[]),
            ("$a\\", &[]),
            ("\\boxed{open", &[]),
        ];
        for (text, expected) in table {
            let spans = MathSpans::of(text);
            let found: Vec<&str> = spans.spans().iter().map(|s| &text[s.clone()]).collect();
            assert_eq!(found, expected, "{text:?}");
        }
        let spans = MathSpans::of("a $x$ b");
        assert!(!spans.contains(1) && spans.contains(2) && spans.contains(4) && !spans.contains(5));
    }

    proptest! {
        #[test]
        fn spans_are_apart_and_on_boundaries(text in "([$\\\\()\\[\\]{}ab \n,é]|boxed|begin|end|align)*") {
            let mut last = 0;
            for span in MathSpans::of(&text).spans() {
                prop_assert!(span.start >= last && span.start < span.end && span.end <= text.len());
                prop_assert!(text.is_char_boundary(span.start) && text.is_char_boundary(span.end));
                last = span.end;
            }
        }
    }
}
