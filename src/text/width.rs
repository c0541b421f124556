//! Columns: the only place that measures drawn text.

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// Columns that a safe text takes.
pub fn width(shown: &str) -> usize {
    shown.graphemes(true).map(UnicodeWidthStr::width).sum()
}

/// The longest beginning that fits `columns`, and the columns it takes.
pub fn prefix(shown: &str, columns: usize) -> (&str, usize) {
    let mut used = 0;
    for (at, grapheme) in shown.grapheme_indices(true) {
        let wide = grapheme.width();
        if used + wide > columns {
            return (&shown[..at], used);
        }
        used += wide;
    }
    (shown, used)
}

/// The text cut to `columns`, with `…` where something is left out.
///
/// ```
/// use heedless::text::width::cut;
/// assert_eq!(cut("constraints", 6), "const…");
/// assert_eq!(cut("字字字", 4), "字…");
/// assert_eq!(cut("fits", 4), "fits");
/// ```
pub fn cut(shown: &str, columns: usize) -> String {
    if width(shown) <= columns {
        return shown.to_owned();
    }
    if columns == 0 {
        return String::new();
    }
    let (start, _) = prefix(shown, columns - 1);
    format!("{start}…")
}

/// The text cut in the middle, so that both ends stay: for names that differ at the end.
///
/// ```
/// use heedless::text::width::cut_middle;
/// assert_eq!(cut_middle("deepseek-reasoner-v3.2", 13), "deepse…r-v3.2");
/// ```
pub fn cut_middle(shown: &str, columns: usize) -> String {
    if width(shown) <= columns {
        return shown.to_owned();
    }
    if columns < 4 {
        return cut(shown, columns);
    }
    let (start, used) = prefix(shown, columns / 2);
    let mut end = String::new();
    let mut left = columns - used - 1;
    for grapheme in shown.graphemes(true).rev() {
        let wide = grapheme.width();
        if wide > left {
            break;
        }
        left -= wide;
        end.insert_str(0, grapheme);
    }
    format!("{start}…{end}")
}

/// Cut, then filled with spaces to exactly `columns`.
pub fn pad(shown: &str, columns: usize) -> String {
    let mut out = cut(shown, columns);
    let used = width(&out);
    out.extend(std::iter::repeat_n(' ', columns.saturating_sub(used)));
    out
}

/// Cut, then filled with spaces on the left: numbers.
pub fn pad_left(shown: &str, columns: usize) -> String {
    let out = cut(shown, columns);
    let used = width(&out);
    " ".repeat(columns.saturating_sub(used)) + &out
}

/// A count as people read it: `12,345`.
pub fn count(n: usize) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out
}

/// So many of something: `1 word`, `1,234 words`. The noun takes an s.
pub fn number_of(n: usize, noun: &str) -> String {
    format!("{} {noun}{}", count(n), if n == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn counts_have_commas() {
        let table = [(0, "0"), (999, "999"), (1000, "1,000"), (12_345, "12,345"), (1_000_000, "1,000,000")];
        for (n, shown) in table {
            assert_eq!(count(n), shown);
        }
    }

    proptest! {
        #[test]
        fn padded_text_has_the_width_asked_for(text in "[ -~字é👩]{0,40}", columns in 0_usize..30) {
            prop_assert_eq!(width(&pad(&text, columns)), columns);
            prop_assert_eq!(width(&pad_left(&text, columns)), columns);
            prop_assert!(width(&cut_middle(&text, columns)) <= columns);
        }
    }
}
