//! Standard output of the commands: safe text, colours, tables, JSON, CSV.
//!
//! Everything from a file passes [`Safe`] or, in JSON, an escaper that leaves no character a
//! terminal acts on. Nothing is lost by the latter: `\u202e` is the same string.

use std::borrow::Cow;
use std::io::{self, BufWriter, Write};

use serde::Serialize;
use serde_json::ser::{CompactFormatter, Formatter, PrettyFormatter};

use crate::text::piece::is_hidden;
use crate::text::{Safe, visible, width};

/// Where output goes, and whether in colour.
pub struct Output {
    to: BufWriter<Box<dyn Write>>,
    colour: bool,
}

/// How a text is set off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// Not at all.
    Plain,
    /// A heading, a name.
    Bold,
    /// Beside the point.
    Dim,
    /// Followed, right.
    Good,
    /// Not followed, wrong.
    Bad,
    /// Not known, worth a look.
    Unsure,
    /// A place in a text that breaks a rule.
    Violation,
    /// A place in a text that counts towards a rule.
    Hit,
}

impl Style {
    /// The escape sequence that begins it.
    fn begin(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Bold => "\x1b[1m",
            Self::Dim => "\x1b[2m",
            Self::Good => "\x1b[32m",
            Self::Bad => "\x1b[31m",
            Self::Unsure => "\x1b[33m",
            Self::Violation => "\x1b[1;4;31m",
            Self::Hit => "\x1b[4;32m",
        }
    }
}

impl Output {
    /// Standard output.
    pub fn stdout(colour: bool) -> Self {
        Self::new(Box::new(io::stdout()), colour)
    }

    fn new(to: Box<dyn Write>, colour: bool) -> Self {
        Self { to: BufWriter::with_capacity(1 << 16, to), colour }
    }

    /// A stretch of text.
    pub fn put(&mut self, text: &Safe, style: Style) -> io::Result<()> {
        if !self.colour || style == Style::Plain || text.is_empty() {
            return self.to.write_all(text.as_bytes());
        }
        // A style ends with its line, so that a pager cutting lines does not lose it.
        for (i, line) in text.split('\n').enumerate() {
            if i > 0 {
                self.to.write_all(b"\n")?;
            }
            if !line.is_empty() {
                write!(self.to, "{}{line}\x1b[0m", style.begin())?;
            }
        }
        Ok(())
    }

    /// A stretch of text of the program's own, without anything from a file.
    pub fn own(&mut self, text: &str) -> io::Result<()> {
        self.put(&visible_own(text), Style::Plain)
    }

    /// A line of text.
    pub fn line(&mut self, text: &Safe, style: Style) -> io::Result<()> {
        self.put(text, style)?;
        self.to.write_all(b"\n")
    }

    /// The end of a line.
    pub fn end(&mut self) -> io::Result<()> {
        self.to.write_all(b"\n")
    }

    /// A JSON document over several lines.
    pub fn json(&mut self, value: &impl Serialize) -> io::Result<()> {
        let mut json = serde_json::Serializer::with_formatter(&mut self.to, Visible(PrettyFormatter::new()));
        value.serialize(&mut json)?;
        self.to.write_all(b"\n")
    }

    /// A JSON document on a line of its own.
    pub fn json_line(&mut self, value: &impl Serialize) -> io::Result<()> {
        json_line(&mut self.to, value)
    }

    /// A line of comma- or tab-separated cells.
    pub fn cells<'a>(&mut self, cells: impl Iterator<Item = Cow<'a, str>>, tabs: bool) -> io::Result<()> {
        for (i, cell) in cells.enumerate() {
            if i > 0 {
                self.to.write_all(if tabs { b"\t" } else { b"," })?;
            }
            let quoted = if tabs {
                cell.contains(['\t', '\n', '\r', '"'])
            } else {
                cell.contains([',', '\n', '\r', '"'])
            };
            if quoted {
                write!(self.to, "\"{}\"", cell.replace('"', "\"\""))?;
            } else {
                self.to.write_all(cell.as_bytes())?;
            }
        }
        self.to.write_all(b"\n")
    }

    /// Writes what is held.
    pub fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}

/// Text of the program's own may run over lines.
fn visible_own(text: &str) -> Safe {
    crate::text::visible_lines(text)
}

/// Writes a JSON document and a line end.
pub fn json_line(to: &mut impl Write, value: &impl Serialize) -> io::Result<()> {
    let mut json = serde_json::Serializer::with_formatter(&mut *to, Visible(CompactFormatter));
    value.serialize(&mut json)?;
    to.write_all(b"\n")
}

/// Writes a text as a JSON string, escaped as [`json_line`] does.
pub fn json_text(to: &mut Vec<u8>, text: &str) {
    // All bytes are looked at, so that vector instructions can.
    let plain = |b: u8| matches!(b, b' ' | b'!' | b'#'..=b'[' | b']'..=b'~');
    if text.bytes().fold(true, |all, b| all & plain(b)) {
        to.push(b'"');
        to.extend_from_slice(text.as_bytes());
        to.push(b'"');
        return;
    }
    let mut json = serde_json::Serializer::with_formatter(to, Visible(CompactFormatter));
    text.serialize(&mut json).expect("writing into memory cannot fail");
}

/// A JSON formatter that escapes what a terminal acts on and JSON lets through: DEL, the C1
/// controls, bidirectional and invisible characters.
struct Visible<F>(F);

macro_rules! delegate {
    ($($name:ident($($arg:ident: $type:ty),*);)*) => {
        $(fn $name<W: ?Sized + Write>(&mut self, to: &mut W, $($arg: $type),*) -> io::Result<()> {
            self.0.$name(to, $($arg),*)
        })*
    };
}

impl<F: Formatter> Formatter for Visible<F> {
    delegate! {
        begin_array();
        end_array();
        begin_array_value(first: bool);
        end_array_value();
        begin_object();
        end_object();
        begin_object_key(first: bool);
        end_object_key();
        begin_object_value();
        end_object_value();
    }

    fn write_string_fragment<W: ?Sized + Write>(&mut self, to: &mut W, fragment: &str) -> io::Result<()> {
        let acts = |c: char| c.is_control() || is_hidden(c);
        if fragment.bytes().all(|b| matches!(b, b' '..=b'~')) || !fragment.contains(acts) {
            return to.write_all(fragment.as_bytes());
        }
        for c in fragment.chars() {
            if acts(c) {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    write!(to, "\\u{unit:04x}")?;
                }
            } else {
                to.write_all(c.encode_utf8(&mut [0; 4]).as_bytes())?;
            }
        }
        Ok(())
    }
}

/// A cell as a spreadsheet may have it: text that it would run as a formula gets an apostrophe,
/// numbers stay numbers, and nothing invisible stays so.
///
/// <https://owasp.org/www-community/attacks/CSV_Injection>
pub fn defanged(cell: &str) -> Cow<'_, str> {
    let begins = cell.trim_start_matches([' ', '\u{a0}', '\u{feff}']).chars().next();
    let formula =
        matches!(begins, Some('=' | '+' | '-' | '@' | '\t' | '\r' | '\n' | '＝' | '＋' | '－' | '＠'))
            && cell.parse::<f64>().is_err();
    let safe = visible(cell);
    match (formula, safe.as_str() == cell) {
        (true, _) => Cow::Owned(format!("'{safe}")),
        (false, true) => Cow::Borrowed(cell),
        (false, false) => Cow::Owned(safe.into_string()),
    }
}

/// Rows of cells, aligned.
#[derive(Debug, Default)]
pub struct Table {
    right: Vec<bool>,
    rows: Vec<Vec<(Safe, Style)>>,
}

impl Table {
    /// A table with these headings. A heading that begins with `>` has numbers below it, which are
    /// set to the right.
    pub fn new(headings: &[&str]) -> Self {
        let right = headings.iter().map(|h| h.starts_with('>')).collect();
        let first = headings.iter().map(|h| (visible(h.trim_start_matches('>')), Style::Dim)).collect();
        Self { right, rows: vec![first] }
    }

    /// Adds a row.
    pub fn row(&mut self, cells: Vec<(Safe, Style)>) {
        self.rows.push(cells);
    }

    /// Whether it has no rows beside the headings.
    pub fn is_empty(&self) -> bool {
        self.rows.len() < 2
    }

    /// Writes it, two blanks between columns.
    pub fn write(&self, out: &mut Output) -> io::Result<()> {
        let mut widths = vec![0; self.right.len()];
        for row in &self.rows {
            for (width, (cell, _)) in widths.iter_mut().zip(row) {
                *width = (*width).max(width::width(cell));
            }
        }
        for row in &self.rows {
            let last = row.iter().rposition(|(cell, _)| !cell.is_empty()).unwrap_or(0);
            for (i, (cell, style)) in row.iter().enumerate().take(last + 1) {
                let gap = " ".repeat(widths[i] - width::width(cell));
                if i > 0 {
                    out.own("  ")?;
                }
                if self.right[i] {
                    out.own(&gap)?;
                }
                out.put(cell, *style)?;
                if !self.right[i] && i < last {
                    out.own(&gap)?;
                }
            }
            out.end()?;
        }
        Ok(())
    }
}

/// A plain cell.
pub fn cell(text: &str) -> (Safe, Style) {
    (visible(text), Style::Plain)
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Default)]
    struct Shared(Arc<Mutex<Vec<u8>>>);

    impl Write for Shared {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn written(colour: bool, f: impl FnOnce(&mut Output)) -> String {
        let shared = Shared::default();
        let mut out = Output::new(Box::new(shared.clone()), colour);
        f(&mut out);
        out.flush().unwrap();
        let bytes = shared.0.lock().unwrap().clone();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn tables_are_aligned() {
        let mut table = Table::new(&["run", ">n"]);
        table.row(vec![cell("字"), cell("12")]);
        table.row(vec![cell("long\x1b[2J"), cell("3")]);
        assert_eq!(
            written(false, |out| table.write(out).unwrap()),
            "run        n\n字        12\nlong␛[2J   3\n"
        );
    }

    #[test]
    fn styles_end_with_the_line() {
        assert_eq!(written(true, |out| out.put(&Safe::from("a"), Style::Bad).unwrap()), "\x1b[31ma\x1b[0m");
        assert_eq!(written(false, |out| out.put(&Safe::from("a"), Style::Bad).unwrap()), "a");
    }

    #[test]
    fn json_has_nothing_a_terminal_acts_on() {
        let hostile = "a\u{1b}[2J\u{9b}2J\u{202e}\u{200b}\u{7f}\u{e0041}é字";
        let json = written(false, |out| out.json_line(&hostile).unwrap());
        assert!(!json.trim_end().contains(|c: char| c.is_control() || is_hidden(c)), "{json}");
        assert!(json.contains("é字"));
        assert_eq!(serde_json::from_str::<String>(&json).unwrap(), hostile);
    }

    #[test]
    fn spreadsheets_run_nothing() {
        for (text, cell) in [
            ("=1+1", "'=1+1"),
            ("-0.5", "-0.5"),
            ("+1e3", "+1e3"),
            ("-x", "'-x"),
            ("\u{a0}@SUM", "'\u{a0}@SUM"),
            ("＝1", "'＝1"),
            ("a\u{202e}b", "a<U+202E>b"),
            ("plain, text", "plain, text"),
        ] {
            assert_eq!(defanged(text), cell);
        }
        let line = written(false, |out| {
            out.cells(["a,b", "c\"d", "e"].into_iter().map(Cow::Borrowed), false).unwrap();
        });
        assert_eq!(line, "\"a,b\",\"c\"\"d\",e\n");
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_the_same_string_in_json(text: String) {
            let json = written(false, |out| out.json_line(&text).unwrap());
            let mut alone = Vec::new();
            json_text(&mut alone, &text);
            proptest::prop_assert_eq!(alone, json.trim_end().as_bytes());
            proptest::prop_assert_eq!(serde_json::from_str::<String>(&json).unwrap(), text);
        }
    }
}
