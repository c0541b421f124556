//! Raw text as drawable pieces.
//!
//! A piece is one grapheme, or the badge that stands for something not to be drawn. It knows its
//! bytes in the raw text, so a mark (a byte range) finds its cells by comparing offsets.

use std::borrow::Cow;
use std::ops::Range;

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// Marks of one grapheme that are drawn; the rest are counted in a badge. A terminal stacks them
/// over other rows otherwise.
const MARKS_PER_CELL: usize = 8;

/// How text is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct View {
    /// Line ends, tabs and trailing spaces are shown as characters.
    pub raw: bool,
    /// Only ASCII is drawn: `^[` for escape, `<U+4E00>` for what has no ASCII.
    pub ascii: bool,
    /// Simple LaTeX is shown as Unicode; not in raw or ASCII text.
    pub math: bool,
}

impl View {
    /// Whether something may stand in place of what was written.
    pub fn replaces(self) -> bool {
        self.math && !self.raw && !self.ascii
    }
}

/// A stretch of text that something else is drawn for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replacement {
    /// Its bytes in the raw text, at least one; the first and the last are ASCII.
    pub bytes: Range<usize>,
    /// What is drawn: the program's own words, never text of a file. May be nothing.
    pub shown: Box<str>,
}

/// What a piece is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Text as it is.
    Text,
    /// A space.
    Space,
    /// A tab; as wide as it takes to the next tab stop.
    Tab,
    /// The end of a line.
    Newline,
    /// A control character, shown.
    Control,
    /// An invisible or bidirectional character, shown as its code point.
    Hidden,
}

/// One drawable piece.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece<'a> {
    /// Its bytes in the raw text.
    pub bytes: Range<usize>,
    /// What is drawn.
    pub shown: Cow<'a, str>,
    /// Columns that [`shown`](Self::shown) takes; 0 for a line end and a tab, which depend on where they stand.
    pub width: u16,
    /// What it is.
    pub kind: Kind,
}

/// The pieces of `text[range]`. The range must lie on character boundaries.
pub fn pieces(text: &str, range: Range<usize>, view: View) -> Pieces<'_> {
    pieces_with(text, range, view, &[])
}

/// [`pieces`] with something else in place of some stretches, which are in order of place. A piece
/// that nothing is drawn for has no columns.
pub fn pieces_with<'a>(
    text: &'a str,
    range: Range<usize>,
    view: View,
    replaced: &'a [Replacement],
) -> Pieces<'a> {
    let from = replaced.partition_point(|r| r.bytes.start < range.start);
    Pieces { text, at: range.start, end: range.end, view, replaced: &replaced[from..] }
}

/// Iterator of [`pieces`].
#[derive(Debug, Clone)]
pub struct Pieces<'a> {
    text: &'a str,
    at: usize,
    end: usize,
    view: View,
    replaced: &'a [Replacement],
}

impl<'a> Iterator for Pieces<'a> {
    type Item = Piece<'a>;

    fn next(&mut self) -> Option<Piece<'a>> {
        let bytes = self.text.as_bytes();
        if self.at >= self.end {
            return None;
        }
        let start = self.at;
        while let [next, rest @ ..] = self.replaced
            && next.bytes.start <= start
        {
            self.replaced = rest;
            if next.bytes.start == start && next.bytes.end <= self.end {
                self.at = next.bytes.end;
                let width = next.shown.width() as u16;
                let shown = Cow::Borrowed(&*next.shown);
                return Some(Piece { bytes: next.bytes.clone(), shown, width, kind: Kind::Text });
            }
        }
        let first = bytes[start];
        // Most text: a printable ASCII byte that nothing can combine with.
        let alone = start + 1 >= self.end || bytes[start + 1] < 0x80;
        if alone && matches!(first, b' '..=b'~') {
            self.at += 1;
            let kind = if first == b' ' { Kind::Space } else { Kind::Text };
            return Some(Piece {
                bytes: start..self.at,
                shown: Cow::Borrowed(&self.text[start..self.at]),
                width: 1,
                kind,
            });
        }
        if first < 0x20 || first == 0x7f {
            self.at += 1;
            return Some(control(first, start, self.view));
        }
        let end = grapheme_end(self.text, start, self.end);
        let piece = self.grapheme(start, end);
        self.at = piece.bytes.end;
        Some(piece)
    }
}

impl<'a> Pieces<'a> {
    /// The piece of one grapheme that is no ASCII control character. A grapheme with something
    /// hidden inside gives several pieces: what stands before, then the badge, then the rest.
    fn grapheme(&self, start: usize, end: usize) -> Piece<'a> {
        let grapheme = &self.text[start..end];
        let mut marks = 0;
        let mut before = None;
        for (at, c) in grapheme.char_indices() {
            let hide = (is_hidden(c) || c.is_control()) && !has_a_use(grapheme, at, c);
            if hide {
                if at == 0 {
                    return badge(c, start);
                }
                return self.text_piece(start, start + at);
            }
            if at > 0 && is_mark(c) {
                marks += 1;
                if marks == MARKS_PER_CELL + 1 {
                    before = Some(at);
                }
            }
        }
        if let Some(at) = before {
            // Drawn up to the cap; what is over it becomes the next piece (see `overflow`).
            return self.text_piece(start, start + at);
        }
        self.text_piece(start, end)
    }

    fn text_piece(&self, start: usize, end: usize) -> Piece<'a> {
        let shown = &self.text[start..end];
        let first = shown.chars().next().unwrap_or(' ');
        if is_mark(first) && shown.width() == 0 {
            return overflow(self.text, start, self.end);
        }
        if self.view.ascii && !shown.is_ascii() {
            let (shown, end) = match ascii_for(first) {
                Some(plain) if shown.chars().count() == 1 => (Cow::Borrowed(plain), end),
                _ => (Cow::Owned(code_point(first)), start + first.len_utf8()),
            };
            let width = shown.len() as u16;
            return Piece { bytes: start..end, shown, width, kind: Kind::Text };
        }
        let width = shown.width() as u16;
        if width == 0 {
            return badge(first, start);
        }
        Piece { bytes: start..end, shown: Cow::Borrowed(shown), width, kind: Kind::Text }
    }
}

/// Marks without a base that may carry them: one by its code point, a crowd by its number.
fn overflow(text: &str, start: usize, end: usize) -> Piece<'_> {
    let run = text[start..end].chars().take_while(|&c| is_mark(c));
    let (count, bytes) = run.fold((0, 0), |(n, b), c| (n + 1, b + c.len_utf8()));
    let shown = match (count, text[start..].chars().next()) {
        (1, Some(c)) => code_point(c),
        _ => format!("<+{count} marks>"),
    };
    let width = shown.len() as u16;
    Piece { bytes: start..start + bytes, shown: Cow::Owned(shown), width, kind: Kind::Hidden }
}

fn control(byte: u8, at: usize, view: View) -> Piece<'static> {
    let kind = match byte {
        b'\n' => Kind::Newline,
        b'\t' => Kind::Tab,
        _ => Kind::Control,
    };
    if matches!(kind, Kind::Newline | Kind::Tab) {
        return Piece { bytes: at..at + 1, shown: Cow::Borrowed(""), width: 0, kind };
    }
    let shown = if view.ascii {
        format!("^{}", (byte ^ 0x40) as char)
    } else {
        let picture = if byte == 0x7f { 0x2421 } else { 0x2400 + u32::from(byte) };
        char::from_u32(picture).map(String::from).unwrap_or_default()
    };
    let width = shown.width() as u16;
    Piece { bytes: at..at + 1, shown: Cow::Owned(shown), width, kind }
}

fn badge(c: char, at: usize) -> Piece<'static> {
    let shown = code_point(c);
    let width = shown.len() as u16;
    let kind = if c.is_control() { Kind::Control } else { Kind::Hidden };
    Piece { bytes: at..at + c.len_utf8(), shown: Cow::Owned(shown), width, kind }
}

fn code_point(c: char) -> String {
    format!("<U+{:04X}>", c as u32)
}

/// The end of the grapheme at `start`, never past `end`. A grapheme is looked at only so far:
/// otherwise a million joiners on one letter would be walked a million times.
fn grapheme_end(text: &str, start: usize, end: usize) -> usize {
    const FAR: usize = 256;
    let mut limit = end.min(start + FAR);
    while !text.is_char_boundary(limit) {
        limit -= 1;
    }
    text[start..limit].graphemes(true).next().map_or(end, |g| start + g.len())
}

/// Characters that nobody sees: default-ignorable code points, format characters, line and
/// paragraph separators, noncharacters. From `DerivedCoreProperties.txt` and the general category
/// Cf of Unicode 16.
pub fn is_hidden(c: char) -> bool {
    matches!(c as u32,
        0x00ad | 0x034f | 0x0600..=0x0605 | 0x061c | 0x06dd | 0x070f | 0x0890..=0x0891 | 0x08e2
        | 0x115f..=0x1160 | 0x17b4..=0x17b5 | 0x180b..=0x180f | 0x200b..=0x200f | 0x2028..=0x202e
        | 0x2060..=0x206f | 0x3164 | 0xfe00..=0xfe0f | 0xfeff | 0xffa0 | 0xfff0..=0xfffb
        | 0x110bd | 0x110cd | 0x13430..=0x1345f | 0x1bca0..=0x1bca3 | 0x1d173..=0x1d17a
        | 0xe0000..=0xe0fff | 0xfdd0..=0xfdef)
        || (c as u32) & 0xfffe == 0xfffe
}

/// Whether a hidden character does its proper work where it stands: a joiner between two emoji,
/// an emoji's variation selector, a joiner in a script that needs it.
fn has_a_use(grapheme: &str, at: usize, c: char) -> bool {
    let before = grapheme[..at].chars().next_back();
    let after = grapheme[at + c.len_utf8()..].chars().next();
    match c {
        '\u{fe0e}' | '\u{fe0f}' => before.is_some_and(|b| is_pictograph(b) || is_keycap(b, after)),
        '\u{200d}' => match (before, after) {
            (Some(b), Some(a)) if is_pictograph(a) => {
                is_pictograph(b) || matches!(b, '\u{fe0f}' | '\u{1f3fb}'..='\u{1f3ff}')
            }
            (Some(b), _) => is_indic(b),
            _ => false,
        },
        '\u{200c}' => before.is_some_and(|b| is_indic(b) || matches!(b, '\u{0620}'..='\u{06ff}')),
        // Tag characters spell the flags of England, Scotland and Wales, and nothing else.
        '\u{e0020}'..='\u{e007f}' => grapheme.starts_with('\u{1f3f4}') && grapheme.ends_with('\u{e007f}'),
        _ => false,
    }
}

fn is_keycap(base: char, after: Option<char>) -> bool {
    (base.is_ascii_digit() || matches!(base, '#' | '*')) && after == Some('\u{20e3}')
}

/// Near enough to `Extended_Pictographic` for joining: symbols and pictures.
fn is_pictograph(c: char) -> bool {
    matches!(c as u32,
        0x00a9 | 0x00ae | 0x203c | 0x2049 | 0x2122 | 0x2139 | 0x2190..=0x21ff | 0x2300..=0x23ff
        | 0x24c2 | 0x25a0..=0x27bf | 0x2934..=0x2935 | 0x2b00..=0x2bff | 0x3030 | 0x303d | 0x3297
        | 0x3299 | 0x1f000..=0x1faff)
}

fn is_indic(c: char) -> bool {
    matches!(c as u32, 0x0900..=0x0dff | 0x1000..=0x109f | 0x1780..=0x17ff)
}

/// Whether a character is drawn on the one before it.
fn is_mark(c: char) -> bool {
    unicode_width::UnicodeWidthChar::width(c) == Some(0) && !is_hidden(c)
}

/// Plain stand-ins for typographic characters under `--ascii`.
fn ascii_for(c: char) -> Option<&'static str> {
    Some(match c {
        '‘' | '’' => "'",
        '“' | '”' => "\"",
        '–' | '—' | '−' => "-",
        '…' => "...",
        '×' => "x",
        '·' => ".",
        '•' => "*",
        '≤' => "<=",
        '≥' => ">=",
        '→' => "->",
        '\u{a0}' => " ",
        _ => return None,
    })
}

/// How many control, bidirectional and invisible characters a text has; line ends, tabs and
/// characters that do their proper work do not count.
pub fn count_hidden(text: &str) -> usize {
    let plain = |b: u8| matches!(b, b' '..=b'~' | b'\n' | b'\t');
    let bytes = text.as_bytes();
    let Some(first) = bytes.iter().position(|&b| !plain(b)) else { return 0 };
    // Step back over one byte: it may carry what follows.
    pieces(text, first.saturating_sub(1)..text.len(), View::default())
        .filter(|p| matches!(p.kind, Kind::Control | Kind::Hidden))
        .count()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_piece_knows_its_bytes_and_columns() {
        let shown: Vec<_> = pieces("a\u{1b}字\t", 0..6, View::default())
            .map(|p| (p.bytes, p.shown.into_owned(), p.width, p.kind))
            .collect();
        assert_eq!(
            shown,
            [
                (0..1, "a".to_owned(), 1, Kind::Text),
                (1..2, "␛".to_owned(), 1, Kind::Control),
                (2..5, "字".to_owned(), 2, Kind::Text),
                (5..6, String::new(), 0, Kind::Tab),
            ]
        );
    }

    #[test]
    fn ascii_draws_only_ascii() {
        let view = View { ascii: true, ..View::default() };
        let shown: String =
            pieces("“a” é 字 \u{1b}", 0.."“a” é 字 \u{1b}".len(), view).map(|p| p.shown).collect();
        assert_eq!(shown, "\"a\" <U+00E9> <U+5B57> ^[");
    }

    #[test]
    fn hidden_characters_are_counted() {
        assert_eq!(count_hidden("plain\n\ttext é 字 👩\u{200d}👧"), 0);
        assert_eq!(count_hidden("a\u{200b}b\u{1b}[0m\u{202e}"), 3);
        assert_eq!(count_hidden("a\u{301}\u{301}"), 0);
    }

    proptest! {
        #[test]
        fn pieces_cover_the_text(text in any::<String>(), ascii in any::<bool>()) {
            let mut at = 0;
            for piece in pieces(&text, 0..text.len(), View { ascii, ..View::default() }) {
                prop_assert_eq!(piece.bytes.start, at);
                prop_assert!(piece.bytes.end > at);
                prop_assert!(text.is_char_boundary(piece.bytes.end));
                let open = matches!(piece.kind, Kind::Tab | Kind::Newline);
                prop_assert_eq!(piece.width == 0, open);
                prop_assert_eq!(usize::from(piece.width), piece.shown.width());
                at = piece.bytes.end;
            }
            prop_assert_eq!(at, text.len());
        }
    }
}
