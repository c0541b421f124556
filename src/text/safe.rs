//! Text that is safe to draw.

use std::borrow::Cow;
use std::fmt;
use std::ops::Deref;

use super::piece::{Kind, View, pieces};

/// Text without a single control, bidirectional or invisible character that could act on a
/// terminal. The only ways to one are a literal of this program, [`visible`] and
/// [`visible_lines`].
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, PartialOrd, Ord)]
pub struct Safe(Cow<'static, str>);

impl Safe {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The text as an owned string.
    pub fn into_string(self) -> String {
        self.0.into_owned()
    }

    /// Appends another safe text.
    pub fn push(&mut self, other: &Self) {
        self.0.to_mut().push_str(&other.0);
    }
}

impl Deref for Safe {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Safe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// Literals of the program itself.
impl From<&'static str> for Safe {
    fn from(literal: &'static str) -> Self {
        debug_assert!(is_plain(literal) || visible(literal).0 == literal, "a literal with hidden characters");
        Self(Cow::Borrowed(literal))
    }
}

/// Whether a text is printable ASCII only: safe as it is, without a look at any table.
fn is_plain(text: &str) -> bool {
    text.bytes().all(|b| matches!(b, b' '..=b'~'))
}

/// Makes one line of a text: line ends and tabs too are shown as characters.
///
/// ```
/// use heedless::text::visible;
/// assert_eq!(visible("a\u{1b}[2J").as_str(), "a␛[2J");
/// assert_eq!(visible("pay\u{202e}99").as_str(), "pay<U+202E>99");
/// assert_eq!(visible("two\nlines").as_str(), "two␊lines");
/// ```
pub fn visible(raw: &str) -> Safe {
    if is_plain(raw) {
        return Safe(Cow::Owned(raw.to_owned()));
    }
    let mut out = String::with_capacity(raw.len() + 16);
    for piece in pieces(raw, 0..raw.len(), View::default()) {
        match piece.kind {
            Kind::Newline => out.push('␊'),
            Kind::Tab => out.push('␉'),
            _ => out.push_str(&piece.shown),
        }
    }
    Safe(Cow::Owned(out))
}

/// Makes a text of many lines safe for plain output: `\n` and tabs stay what they are.
///
/// ```
/// use heedless::text::visible_lines;
/// assert_eq!(visible_lines("a\tb\r\n\u{7}").as_str(), "a\tb␍\n␇");
/// ```
pub fn visible_lines(raw: &str) -> Safe {
    let mut out = String::with_capacity(raw.len() + 16);
    for piece in pieces(raw, 0..raw.len(), View::default()) {
        match piece.kind {
            Kind::Newline => out.push('\n'),
            Kind::Tab => out.push('\t'),
            _ => out.push_str(&piece.shown),
        }
    }
    Safe(Cow::Owned(out))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Bytes a terminal acts on or does not show.
    fn acts(c: char) -> bool {
        c.is_control() || super::super::piece::is_hidden(c)
    }

    #[test]
    fn every_scalar_is_shown() {
        for c in (0..=0x0010_ffff).filter_map(char::from_u32) {
            let shown = visible(&format!("a{c}b"));
            assert!(!shown.chars().any(acts), "U+{:04X} came through as {shown:?}", c as u32);
            assert!(shown.len() > 2, "U+{:04X} vanished", c as u32);
            assert!(
                super::super::width::width(&shown) > 2 || !unicode_like(c),
                "U+{:04X} has no width",
                c as u32
            );
        }
    }

    /// Characters that may sit on the `a` before them without a column of their own.
    fn unicode_like(c: char) -> bool {
        unicode_width::UnicodeWidthChar::width(c).is_none_or(|w| w > 0)
    }

    #[test]
    fn known_attacks() {
        let table = [
            ("\u{1b}]52;c;ZXZpbA==\u{7}", "␛]52;c;ZXZpbA==␇"),
            ("\u{1b}[2J\u{1b}[H", "␛[2J␛[H"),
            ("\u{9b}31m", "<U+009B>31m"),
            ("ok\rFAILED", "ok␍FAILED"),
            ("a\0b\u{8}", "a␀b␈"),
            ("\u{7f}", "␡"),
            ("x\u{200b}y\u{feff}", "x<U+200B>y<U+FEFF>"),
            ("x\u{e0041}y", "x<U+E0041>y"),
            ("a\u{2028}b", "a<U+2028>b"),
            ("soft\u{ad}hyphen", "soft<U+00AD>hyphen"),
            ("a\u{fe0f}", "a<U+FE0F>"),
            ("👩\u{200d}👩\u{200d}👧", "👩\u{200d}👩\u{200d}👧"),
            ("❤\u{fe0f}", "❤\u{fe0f}"),
            ("a\u{200d}b", "a<U+200D>b"),
            ("e\u{301}", "e\u{301}"),
            ("\u{301}x", "<U+0301>x"),
        ];
        for (raw, shown) in table {
            assert_eq!(visible(raw).as_str(), shown, "{raw:?}");
        }
    }

    #[test]
    fn combining_marks_are_capped() {
        let zalgo = format!("Z{}", "\u{301}".repeat(50));
        assert_eq!(visible(&zalgo).as_str(), format!("Z{}<+42 marks>", "\u{301}".repeat(8)));
    }

    proptest! {
        #[test]
        fn nothing_acts_and_nothing_panics(raw in any::<String>()) {
            let shown = visible(&raw);
            for grapheme in unicode_segmentation::UnicodeSegmentation::graphemes(&*shown, true) {
                prop_assert!(!grapheme.chars().any(char::is_control), "{grapheme:?}");
            }
            prop_assert_eq!(shown.is_empty(), raw.is_empty());
        }
    }
}
