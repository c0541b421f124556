//! Where a text breaks into rows.
//!
//! An index of row starts, made once for a text and a width; drawing then touches only the rows in
//! the window. A widget that wraps on every frame is linear in the scroll offset: 90 ms at the end
//! of 1 MB. 2 MB on one line is 25,000 rows here, and the last is as cheap as the first.

use std::ops::Range;

use super::piece::{Kind, Replacement, View, pieces_with};

/// Columns from one tab stop to the next.
pub const TAB: u16 = 4;

/// Bytes between two places of a long row whose columns are known.
const APART: usize = 1024;

/// Columns that a piece takes where it stands.
pub fn columns(kind: Kind, width: u16, column: u32, view: View) -> u16 {
    match kind {
        Kind::Tab => TAB - (column % u32::from(TAB)) as u16,
        Kind::Newline => u16::from(view.raw),
        _ => width,
    }
}

/// The rows of a part of a text at a width.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrap {
    starts: Vec<u32>,
    range: Range<usize>,
    /// Places within long rows, with their columns: a row of megabytes is drawn from the nearest.
    known: Vec<(u32, u32)>,
    /// Columns of the widest row.
    widest: u32,
}

impl Wrap {
    /// Breaks `text[range]` into rows of at most `width` columns: at spaces where it can, between
    /// wide characters, else anywhere. `None` breaks at line ends only. A width of 0 counts as 1.
    pub fn new(text: &str, range: Range<usize>, width: Option<u16>, view: View) -> Self {
        Self::with(text, range, width, view, &[])
    }

    /// [`Wrap::new`] with something else in place of some stretches. Rows never break within one.
    pub fn with(
        text: &str,
        range: Range<usize>,
        width: Option<u16>,
        view: View,
        replaced: &[Replacement],
    ) -> Self {
        let mut rows = Rows {
            starts: vec![range.start as u32],
            column: 0,
            broken_at: None,
            width: width.map(|w| u32::from(w.max(1))),
            known: Vec::new(),
            widest: 0,
        };
        let bytes = &text.as_bytes()[..range.end];
        let mut replaced = &replaced[replaced.partition_point(|r| r.bytes.start < range.start)..];
        let mut at = range.start;
        while at < range.end {
            while replaced.first().is_some_and(|r| r.bytes.start < at) {
                replaced = &replaced[1..];
            }
            let here = replaced.first().is_some_and(|r| r.bytes.start == at);
            // A run of letters that nothing combines with needs no look at any table.
            let byte = bytes[at];
            let alone = at + 1 >= range.end || bytes[at + 1] < 0x80;
            if !here && alone && matches!(byte, b' '..=b'~') {
                rows.put(at, at + 1, 1, byte == b' ', byte == b'-');
                at += 1;
                continue;
            }
            let near = if here { &replaced[..1] } else { &[] };
            let Some(piece) = pieces_with(text, at..range.end, view, near).next() else { break };
            at = piece.bytes.end;
            if piece.kind == Kind::Newline {
                // A newline at the very end ends the last row; it does not begin another.
                if at < range.end || view.raw {
                    rows.line(at);
                }
                continue;
            }
            let wide = columns(piece.kind, piece.width, rows.column, view);
            let space = matches!(piece.kind, Kind::Tab);
            rows.put(piece.bytes.start, at, wide, space, piece.width == 2);
        }
        if view.raw && rows.starts.last() == Some(&(range.end as u32)) && rows.starts.len() > 1 {
            rows.starts.pop();
        }
        let widest = rows.widest.max(rows.column);
        Self { starts: rows.starts, range, known: rows.known, widest }
    }

    /// How many rows there are: at least one.
    pub fn len(&self) -> usize {
        self.starts.len()
    }

    /// Never: an empty text has one empty row.
    pub fn is_empty(&self) -> bool {
        false
    }

    /// The bytes of a row, its line end included. Rows past the end are empty.
    pub fn row(&self, index: usize) -> Range<usize> {
        let start = self.starts.get(index).map_or(self.range.end, |&s| s as usize);
        let end = self.starts.get(index + 1).map_or(self.range.end, |&s| s as usize);
        start..end
    }

    /// The row that a byte stands in; bytes outside fall to the first or last row.
    pub fn row_of(&self, byte: usize) -> usize {
        self.starts.partition_point(|&s| s as usize <= byte).saturating_sub(1)
    }

    /// The part of the text that is indexed.
    pub fn range(&self) -> Range<usize> {
        self.range.clone()
    }

    /// Columns of the widest row.
    pub fn widest(&self) -> u32 {
        self.widest
    }

    /// A place in a row, at or before a column and near to it: its byte, and its column.
    pub fn before_column(&self, index: usize, column: u32) -> (usize, u32) {
        let known = self.known_in(index);
        let at = known.partition_point(|&(_, c)| c <= column);
        self.known_or_start(index, known, at)
    }

    /// A place in a row, at or before a byte and near to it: its byte, and its column.
    pub fn before_byte(&self, index: usize, byte: usize) -> (usize, u32) {
        let known = self.known_in(index);
        let at = known.partition_point(|&(b, _)| b as usize <= byte);
        self.known_or_start(index, known, at)
    }

    fn known_or_start(&self, index: usize, known: &[(u32, u32)], after: usize) -> (usize, u32) {
        after.checked_sub(1).map_or((self.row(index).start, 0), |at| (known[at].0 as usize, known[at].1))
    }

    /// The places known in a row.
    fn known_in(&self, index: usize) -> &[(u32, u32)] {
        let row = self.row(index);
        let from = self.known.partition_point(|&(b, _)| (b as usize) < row.start);
        let to = self.known.partition_point(|&(b, _)| (b as usize) < row.end);
        &self.known[from..to.max(from)]
    }
}

/// Rows being made.
struct Rows {
    starts: Vec<u32>,
    column: u32,
    /// The last place where this row may break, and the columns used up to there.
    broken_at: Option<(usize, u32)>,
    width: Option<u32>,
    known: Vec<(u32, u32)>,
    widest: u32,
}

impl Rows {
    fn put(&mut self, start: usize, end: usize, wide: u16, space: bool, may_break_after: bool) {
        let wide = u32::from(wide);
        let Some(width) = self.width else {
            let last = self.known.last().map_or(0, |k| k.0 as usize).max(self.start());
            if start - last >= APART {
                self.known.push((start as u32, self.column));
            }
            self.column = self.column.saturating_add(wide);
            return;
        };
        // A space hangs over the edge rather than begin a row.
        if self.column + wide > width && self.column > 0 && !space {
            match self.broken_at.take() {
                Some((at, used)) if at > self.start() => {
                    self.starts.push(at as u32);
                    self.column = self.column.saturating_sub(used);
                    if self.column + wide > width && self.column > 0 {
                        self.starts.push(start as u32);
                        self.column = 0;
                    }
                }
                _ => {
                    self.starts.push(start as u32);
                    self.column = 0;
                }
            }
        }
        self.column = self.column.saturating_add(wide);
        if space || may_break_after {
            self.broken_at = Some((end, self.column));
        }
    }

    fn line(&mut self, next: usize) {
        self.starts.push(next as u32);
        self.widest = self.widest.max(self.column);
        self.column = 0;
        self.broken_at = None;
    }

    fn start(&self) -> usize {
        self.starts.last().map_or(0, |&s| s as usize)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::piece::pieces;
    use super::*;

    fn rows(text: &str, width: u16) -> Vec<&str> {
        let wrap = Wrap::new(text, 0..text.len(), Some(width), View::default());
        (0..wrap.len()).map(|i| &text[wrap.row(i)]).collect()
    }

    #[test]
    fn breaks_where_a_reader_would() {
        let table: [(&str, u16, &[&str]); 10] = [
            ("", 5, &[""]),
            ("one two three", 7, &["one two ", "three"]),
            ("one two three", 8, &["one two ", "three"]),
            ("incomprehensible", 6, &["incomp", "rehens", "ible"]),
            ("a\nb\n", 5, &["a\n", "b\n"]),
            ("a\n\nb", 5, &["a\n", "\n", "b"]),
            ("字字字", 4, &["字字", "字"]),
            ("well-known fact", 8, &["well-", "known ", "fact"]),
            ("a\tb", 5, &["a\tb"]),
            ("\u{202e}ab", 3, &["\u{202e}", "ab"]),
        ];
        for (text, width, expected) in table {
            assert_eq!(rows(text, width), expected, "{text:?} at {width}");
        }
    }

    #[test]
    fn a_byte_finds_its_row() {
        let text = "one two three";
        let wrap = Wrap::new(text, 0..text.len(), Some(8), View::default());
        assert_eq!([0, 7, 8, 12, 99].map(|b| wrap.row_of(b)), [0, 0, 1, 1, 1]);
    }

    #[test]
    fn a_part_of_a_text_keeps_the_offsets_of_the_whole() {
        let text = "<think>one two</think>three";
        let wrap = Wrap::new(text, 7..14, Some(4), View::default());
        assert_eq!((wrap.row(0), wrap.row(1), wrap.len()), (7..11, 11..14, 2));
    }

    #[test]
    fn a_place_in_a_long_row_is_found_from_one_near() {
        let text = format!("{}\n{}", "字a\t".repeat(3000), "x".repeat(5000));
        let view = View::default();
        let wrap = Wrap::new(&text, 0..text.len(), None, view);
        assert_eq!((wrap.len(), wrap.widest()), (2, 12_000));
        for (row, wanted) in [(0, 0), (0, 7), (0, 6001), (0, 11_999), (1, 0), (1, 4999)] {
            let (byte, column) = wrap.before_column(row, wanted);
            assert!(column <= wanted && wrap.row(row).contains(&byte), "{row} {wanted}");
            assert!(wanted - column <= 2 * APART as u32, "{row} {wanted}: {column}");
            // The same place, counted from the start of its row.
            let mut counted = 0;
            for piece in pieces(&text, wrap.row(row).start..byte, view) {
                counted += u32::from(columns(piece.kind, piece.width, counted, view));
            }
            assert_eq!(counted, column);
            assert_eq!(wrap.before_byte(row, byte), (byte, column));
        }
    }

    proptest! {
        #[test]
        fn rows_cover_the_text_and_fit(text in "[a-z 字é\t\n\u{200b}👩-]{0,200}", width in 0_u16..20, raw in any::<bool>()) {
            let view = View { raw, ..View::default() };
            let wrap = Wrap::new(&text, 0..text.len(), Some(width), view);
            let mut at = 0;
            for i in 0..wrap.len() {
                let row = wrap.row(i);
                prop_assert_eq!(row.start, at);
                at = row.end;
                let mut column = 0;
                let mut first = true;
                for piece in pieces(&text, row, view) {
                    let hangs = matches!(piece.kind, Kind::Space | Kind::Tab | Kind::Newline);
                    let wide = columns(piece.kind, piece.width, column, view);
                    let fits = column + u32::from(wide) <= u32::from(width.max(1));
                    prop_assert!(hangs || first || fits, "row {} of {:?}", i, text);
                    column += u32::from(wide);
                    first = false;
                }
            }
            prop_assert_eq!(at, text.len());
        }
    }
}
