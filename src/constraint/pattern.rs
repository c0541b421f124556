//! Regular expressions in Python's syntax and with Python's meaning.
//!
//! The reference takes keywords and section splitters for regular expressions, so they are ones
//! here too. Most are plain words, and those are searched for as such. A pattern is translated and
//! run by the linear-time engine where that can run it; backreferences, look-around and the like
//! go to a backtracking engine with a step limit. Past the limit, and for a pattern that Python
//! would refuse, there is no verdict but a reason.

use std::fmt::Write as _;
use std::ops::{ControlFlow, Range};

use super::args::{Refusal, Result};
use super::python;

/// Steps that the backtracking engine may take for one match.
const BACKTRACK_LIMIT: usize = 1_000_000;

const BOUNDARY: &str = r"(?:(?<=[\p{L}\p{N}_])(?![\p{L}\p{N}_])|(?<![\p{L}\p{N}_])(?=[\p{L}\p{N}_]))";
const NO_BOUNDARY: &str = r"(?:(?<=[\p{L}\p{N}_])(?=[\p{L}\p{N}_])|(?<![\p{L}\p{N}_])(?![\p{L}\p{N}_]))";

/// How the reference compiles a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Flavour {
    /// `re.IGNORECASE`.
    IgnoreCase,
    /// `\b` before and after, `re.IGNORECASE`.
    WholeWord,
    /// No flags.
    Plain,
}

/// A compiled pattern.
#[derive(Debug)]
pub(super) struct Pattern {
    engine: Engine,
    /// Capturing groups.
    pub groups: usize,
    /// Word boundaries are tested on each match of a literal.
    bounded: bool,
}

#[derive(Debug)]
enum Engine {
    Word(Word),
    Linear(regex::Regex),
    Backtracking(Box<fancy_regex::Regex>),
}

impl Pattern {
    pub(super) fn new(source: &str, flavour: Flavour) -> Result<Self> {
        if let Some(word) = Word::new(source, flavour) {
            return Ok(Self {
                engine: Engine::Word(word),
                groups: 0,
                bounded: flavour == Flavour::WholeWord,
            });
        }
        let refuse =
            |why: &str| Refusal(format!("{source:?} is not a regular expression that can be run: {why}"));
        let fold = flavour != Flavour::Plain;
        let translated = Translation::of(source, fold).map_err(|why| refuse(&why))?;
        let literal = translated.literal;
        let wrap = flavour == Flavour::WholeWord && !literal;
        let mut regex = String::new();
        if fold {
            regex.push_str("(?i)");
        }
        // The reference pastes `\b` on, so that it binds closer than `|`.
        if wrap {
            regex.push_str(BOUNDARY);
        }
        regex.push_str(&translated.regex);
        if wrap {
            regex.push_str(BOUNDARY);
        }
        let engine = if wrap || translated.backtracks {
            fancy_regex::RegexBuilder::new(&regex)
                .backtrack_limit(BACKTRACK_LIMIT)
                .build()
                .map(|compiled| Engine::Backtracking(Box::new(compiled)))
                .map_err(|e| refuse(&first_line(&e.to_string())))?
        } else {
            regex::Regex::new(&regex).map(Engine::Linear).map_err(|e| refuse(&first_line(&e.to_string())))?
        };
        let groups = match &engine {
            Engine::Word(_) => 0,
            Engine::Linear(r) => r.captures_len() - 1,
            Engine::Backtracking(r) => r.captures_len() - 1,
        };
        Ok(Self { engine, groups, bounded: flavour == Flavour::WholeWord && literal })
    }

    /// Calls `visit` with each match as `findall` finds them: from the left, not overlapping. An
    /// empty match right after another match counts, as in Python.
    pub(super) fn for_each(
        &self,
        text: &str,
        mut visit: impl FnMut(Range<usize>) -> ControlFlow<()>,
    ) -> Result<()> {
        let mut at = 0;
        while at <= text.len() {
            let Some(found) = self.find_at(text, at)? else { break };
            if self.bounded
                && !(python::is_boundary(text, found.start) && python::is_boundary(text, found.end))
            {
                at = found.start + width_at(text, found.start);
                continue;
            }
            at = if found.is_empty() { found.end + width_at(text, found.end) } else { found.end };
            if visit(found).is_break() {
                break;
            }
        }
        Ok(())
    }

    /// How many matches there are.
    pub(super) fn count(&self, text: &str) -> Result<usize> {
        let mut n = 0;
        self.for_each(text, |_| {
            n += 1;
            ControlFlow::Continue(())
        })?;
        Ok(n)
    }

    /// Every match.
    pub(super) fn find_all(&self, text: &str) -> Result<Vec<Range<usize>>> {
        let mut all = Vec::new();
        self.for_each(text, |found| {
            all.push(found);
            ControlFlow::Continue(())
        })?;
        Ok(all)
    }

    /// The first match.
    pub(super) fn find(&self, text: &str) -> Result<Option<Range<usize>>> {
        let mut first = None;
        self.for_each(text, |found| {
            first = Some(found);
            ControlFlow::Break(())
        })?;
        Ok(first)
    }

    fn find_at(&self, text: &str, at: usize) -> Result<Option<Range<usize>>> {
        match &self.engine {
            Engine::Word(word) => Ok(word.find_at(text, at)),
            Engine::Linear(regex) => Ok(regex.find_at(text, at).map(|m| m.range())),
            Engine::Backtracking(regex) => match regex.find_from_pos(text, at) {
                Ok(found) => Ok(found.map(|m| m.range())),
                Err(e) => Err(Refusal(format!(
                    "{:?} gave up on this text after {BACKTRACK_LIMIT} steps ({})",
                    regex.as_str(),
                    first_line(&e.to_string())
                ))),
            },
        }
    }
}

/// An ASCII keyword that stands for itself: no engine to compile.
#[derive(Debug)]
struct Word {
    /// Lower-cased where case is ignored.
    bytes: Box<[u8]>,
    fold: bool,
    /// The rarest of its letters: what is searched for. Everything before it has one form only (but
    /// for case), so that it is as far from the beginning in every text.
    rare: usize,
}

impl Word {
    fn new(source: &str, flavour: Flavour) -> Option<Self> {
        let plain = |b: u8| {
            b.is_ascii_alphanumeric() || matches!(b, b' ' | b'_' | b'-' | b'\'' | b',' | b'!' | b'/' | b'"')
        };
        let fold = flavour != Flavour::Plain;
        let bytes = if fold { source.to_ascii_lowercase() } else { source.to_owned() }.into_bytes();
        if source.is_empty() || !source.bytes().all(plain) {
            return None;
        }
        // From the most frequent on, as in English.
        let rank = |b: u8| b" etaoinsrhldcumfpgwybvkxjqz".iter().position(|&c| c == b).unwrap_or(20);
        let one_form = bytes.iter().take_while(|b| !fold || !matches!(b, b'i' | b's' | b'k')).count();
        let rare = (0..one_form).max_by_key(|&at| rank(bytes[at])).unwrap_or(0);
        Some(Self { bytes: bytes.into(), fold, rare })
    }

    fn find_at(&self, text: &str, mut at: usize) -> Option<Range<usize>> {
        let bytes = text.as_bytes();
        let rare = self.bytes[self.rare];
        // The letters that fold beyond ASCII: their other forms begin with one and the same byte.
        let beyond = match rare {
            b'i' => Some(0xc4),
            b's' => Some(0xc5),
            b'k' => Some(0xe2),
            _ => None,
        };
        loop {
            let rest = bytes.get(at + self.rare..)?;
            at += match beyond {
                _ if !self.fold => memchr::memchr(rare, rest)?,
                None => memchr::memchr2(rare, rare.to_ascii_uppercase(), rest)?,
                Some(beyond) => memchr::memchr3(rare, rare.to_ascii_uppercase(), beyond, rest)?,
            };
            if let Some(end) = self.end_at(bytes, at) {
                return Some(at..end);
            }
            at += 1;
        }
    }

    /// Where the word ends if it begins at `at`.
    fn end_at(&self, text: &[u8], mut at: usize) -> Option<usize> {
        for &wanted in &self.bytes {
            let &byte = text.get(at)?;
            if byte == wanted || self.fold && byte.to_ascii_lowercase() == wanted {
                at += 1;
                continue;
            }
            let other_forms: &[&[u8]] = match wanted {
                b'i' if self.fold => &["İ".as_bytes(), "ı".as_bytes()],
                b's' if self.fold => &["ſ".as_bytes()],
                b'k' if self.fold => &["\u{212a}".as_bytes()],
                _ => return None,
            };
            at += other_forms.iter().find(|form| text[at..].starts_with(form))?.len();
        }
        Some(at)
    }
}

/// Bytes of the character at `at`, 1 at the end.
fn width_at(text: &str, at: usize) -> usize {
    text[at..].chars().next().map_or(1, char::len_utf8)
}

fn first_line(message: &str) -> String {
    // The regex crate draws its errors over several lines and says the cause in the last.
    let line = message.lines().rev().find(|l| !l.trim().is_empty()).unwrap_or("no reason given");
    line.trim().trim_start_matches("error: ").to_owned()
}

/// A pattern in the syntax of the Rust engines.
struct Translation {
    regex: String,
    /// Something in it only a backtracking engine can run.
    backtracks: bool,
    /// It stands for itself.
    literal: bool,
}

/// Reads Python's syntax from left to right.
struct Reader<'s> {
    chars: std::iter::Peekable<std::str::Chars<'s>>,
    fold: bool,
    out: Translation,
    /// What a quantifier right here would mean.
    last: Last,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Last {
    /// Nothing to repeat.
    Nothing,
    /// One thing that can be repeated.
    Atom,
    /// A quantifier, which can be made lazy or possessive but not repeated.
    Quantifier,
    /// A quantifier with its `?` or `+`.
    Done,
}

impl Translation {
    fn of(source: &str, fold: bool) -> std::result::Result<Self, String> {
        let mut reader = Reader {
            chars: source.chars().peekable(),
            fold,
            out: Self { regex: String::with_capacity(source.len() + 8), backtracks: false, literal: true },
            last: Last::Nothing,
        };
        while let Some(c) = reader.chars.next() {
            reader.item(c)?;
        }
        Ok(reader.out)
    }
}

impl Reader<'_> {
    fn item(&mut self, c: char) -> std::result::Result<(), String> {
        if !matches!(c, '\\' | '[' | '(' | ')' | '|' | '*' | '+' | '?' | '{' | '.' | '^' | '$') {
            self.literal(c);
            return Ok(());
        }
        if c == '{' {
            return self.braces();
        }
        if c == '\\' {
            return self.escape();
        }
        self.out.literal = false;
        match c {
            '[' => self.class(),
            '(' => self.group(),
            '*' | '+' | '?' => self.quantifier(c),
            '|' => {
                self.push("|", Last::Nothing);
                Ok(())
            }
            ')' => {
                self.push(")", Last::Atom);
                Ok(())
            }
            '^' => {
                self.push("^", Last::Nothing);
                Ok(())
            }
            '$' => {
                // Also before a line feed at the very end.
                self.out.backtracks = true;
                self.push(r"(?=\n?\z)", Last::Nothing);
                Ok(())
            }
            _ => {
                self.push(".", Last::Atom);
                Ok(())
            }
        }
    }

    fn push(&mut self, regex: &str, last: Last) {
        self.out.regex.push_str(regex);
        self.last = last;
    }

    fn literal(&mut self, c: char) {
        self.last = Last::Atom;
        if self.fold
            && let Some(others) = python_folds_further(c)
        {
            self.out.regex.push_str(others);
            return;
        }
        let mut buffer = [0; 4];
        self.out.regex.push_str(&regex_syntax::escape(c.encode_utf8(&mut buffer)));
    }

    /// `{`: a quantifier where it has the form of one, else itself.
    fn braces(&mut self) -> std::result::Result<(), String> {
        let mut ahead = self.chars.clone();
        let mut inside = String::new();
        let closed = loop {
            match ahead.next() {
                Some('}') => break true,
                Some(c) if c.is_ascii_digit() || c == ',' => inside.push(c),
                _ => break false,
            }
        };
        let (low, high) = inside.split_once(',').unwrap_or((&inside, &inside));
        if !closed || inside.is_empty() || high.contains(',') {
            self.literal('{');
            return Ok(());
        }
        self.out.literal = false;
        self.chars = ahead;
        self.repeatable()?;
        let low = if low.is_empty() { "0" } else { low };
        let _ = if inside.contains(',') {
            write!(self.out.regex, "{{{low},{high}}}")
        } else {
            write!(self.out.regex, "{{{low}}}")
        };
        self.last = Last::Quantifier;
        Ok(())
    }

    fn quantifier(&mut self, c: char) -> std::result::Result<(), String> {
        match (self.last, c) {
            (Last::Quantifier, '?') => self.push("?", Last::Done),
            (Last::Quantifier, '+') => {
                self.out.backtracks = true;
                self.push("+", Last::Done);
            }
            _ => {
                self.repeatable()?;
                self.out.regex.push(c);
                self.last = Last::Quantifier;
            }
        }
        Ok(())
    }

    fn repeatable(&self) -> std::result::Result<(), String> {
        match self.last {
            Last::Atom => Ok(()),
            Last::Nothing => Err("nothing to repeat".to_owned()),
            Last::Quantifier | Last::Done => Err("multiple repeat".to_owned()),
        }
    }

    fn escape(&mut self) -> std::result::Result<(), String> {
        let Some(c) = self.chars.next() else { return Err("a backslash at the end".to_owned()) };
        if !c.is_ascii_alphanumeric() {
            self.literal(c);
            return Ok(());
        }
        self.out.literal = false;
        match c {
            'b' => self.assertion(BOUNDARY),
            'B' => self.assertion(NO_BOUNDARY),
            'A' => self.push(r"\A", Last::Nothing),
            'Z' => self.push(r"\z", Last::Nothing),
            '0' => {
                let code = self.octal("0")?;
                self.literal(code);
            }
            '1'..='9' => {
                let mut number = c.to_string();
                if let Some(&next) = self.chars.peek()
                    && next.is_ascii_digit()
                {
                    number.push(next);
                    self.chars.next();
                    let octal = number.chars().all(|d| d < '8');
                    if octal && self.chars.peek().is_some_and(|d| ('0'..'8').contains(d)) {
                        let code = self.octal(&number)?;
                        self.literal(code);
                        return Ok(());
                    }
                }
                self.out.backtracks = true;
                // Braces keep a digit that follows from being taken into the number.
                self.push(&format!("(?:\\{number})"), Last::Atom);
            }
            _ => match self.class_escape(c)? {
                Escaped::Set(set) => self.push(&format!("[{set}]"), Last::Atom),
                Escaped::Char(c) => self.literal(c),
            },
        }
        Ok(())
    }

    fn assertion(&mut self, regex: &str) {
        self.out.backtracks = true;
        self.push(regex, Last::Nothing);
    }

    /// An escape that means the same inside a class and outside.
    fn class_escape(&mut self, c: char) -> std::result::Result<Escaped, String> {
        Ok(match c {
            'w' => Escaped::Set(r"\p{L}\p{N}_"),
            'W' => Escaped::Set(r"[^\p{L}\p{N}_]"),
            's' => Escaped::Set(r"\s\x1c-\x1f"),
            'S' => Escaped::Set(r"[^\s\x1c-\x1f]"),
            'd' => Escaped::Set(r"\p{Nd}"),
            'D' => Escaped::Set(r"\P{Nd}"),
            'a' => Escaped::Char('\x07'),
            'f' => Escaped::Char('\x0c'),
            'n' => Escaped::Char('\n'),
            'r' => Escaped::Char('\r'),
            't' => Escaped::Char('\t'),
            'v' => Escaped::Char('\x0b'),
            'x' => Escaped::Char(self.hex(2)?),
            'u' => Escaped::Char(self.hex(4)?),
            'U' => Escaped::Char(self.hex(8)?),
            _ => return Err(format!("\\{c} is no escape of Python's")),
        })
    }

    fn hex(&mut self, digits: usize) -> std::result::Result<char, String> {
        let number: String = (0..digits).map_while(|_| self.chars.next_if(char::is_ascii_hexdigit)).collect();
        if number.len() < digits {
            return Err(format!("an escape wants {digits} hexadecimal digits"));
        }
        u32::from_str_radix(&number, 16)
            .ok()
            .and_then(char::from_u32)
            .ok_or_else(|| format!("{number} is no character"))
    }

    /// The rest of an octal escape that began with `first`.
    fn octal(&mut self, first: &str) -> std::result::Result<char, String> {
        let mut number = first.to_owned();
        while number.len() < 3
            && let Some(digit) = self.chars.next_if(|d| ('0'..'8').contains(d))
        {
            number.push(digit);
        }
        u32::from_str_radix(&number, 8)
            .ok()
            .filter(|&code| code <= 0o377)
            .and_then(char::from_u32)
            .ok_or_else(|| format!("\\{number} is past octal 377"))
    }

    fn class(&mut self) -> std::result::Result<(), String> {
        let mut class = String::from("[");
        if self.chars.next_if_eq(&'^').is_some() {
            class.push('^');
        }
        let mut first = true;
        loop {
            let Some(c) = self.chars.next() else { return Err("a set that is not closed".to_owned()) };
            if c == ']' && !first {
                break;
            }
            first = false;
            match c {
                '\\' => {
                    let Some(c) = self.chars.next() else { return Err("a backslash at the end".to_owned()) };
                    match c {
                        'b' => class.push_str(r"\x08"),
                        '0'..='7' => {
                            let code = self.octal(&c.to_string())?;
                            push_in_class(&mut class, code);
                        }
                        c if c.is_ascii_alphanumeric() => match self.class_escape(c)? {
                            Escaped::Set(set) => class.push_str(set),
                            Escaped::Char(c) => push_in_class(&mut class, c),
                        },
                        c => push_in_class(&mut class, c),
                    }
                }
                // A hyphen makes a range where one can be, else it stands for itself.
                '-' if !class.ends_with(['[', '^']) && self.chars.peek().is_some_and(|&c| c != ']') => {
                    class.push('-');
                }
                c => push_in_class(&mut class, c),
            }
        }
        class.push(']');
        self.push(&class, Last::Atom);
        Ok(())
    }

    fn group(&mut self) -> std::result::Result<(), String> {
        if self.chars.next_if_eq(&'?').is_none() {
            self.push("(", Last::Nothing);
            return Ok(());
        }
        let Some(c) = self.chars.next() else { return Err("a group that is not closed".to_owned()) };
        let opening = match c {
            ':' => "(?:".to_owned(),
            '=' | '!' | '>' => {
                self.out.backtracks = true;
                format!("(?{c}")
            }
            '<' => match self.chars.next() {
                Some(c @ ('=' | '!')) => {
                    self.out.backtracks = true;
                    format!("(?<{c}")
                }
                _ => return Err("(?< wants = or !".to_owned()),
            },
            '#' => {
                while self.chars.next().ok_or("a comment that is not closed")? != ')' {}
                return Ok(());
            }
            'P' => match self.chars.next() {
                Some('<') => format!("(?P<{}>", self.until('>')?),
                Some('=') => {
                    self.out.backtracks = true;
                    let name = self.until(')')?;
                    self.push(&format!("(?P={name})"), Last::Atom);
                    return Ok(());
                }
                _ => return Err("(?P wants < or =".to_owned()),
            },
            '(' => {
                self.out.backtracks = true;
                format!("(?({})", self.until(')')?)
            }
            'i' | 'm' | 's' | 'u' | '-' => {
                let mut flags = String::from(c);
                let end = loop {
                    match self.chars.next() {
                        Some(end @ (')' | ':')) => break end,
                        Some(c @ ('i' | 'm' | 's' | 'u' | '-')) => flags.push(c),
                        _ => return Err("a flag that is not known here".to_owned()),
                    }
                };
                format!("(?{}{end}", flags.replace('u', ""))
            }
            c => return Err(format!("(?{c} is not known here")),
        };
        let last = if opening.ends_with(')') { Last::Atom } else { Last::Nothing };
        self.push(&opening, last);
        Ok(())
    }

    fn until(&mut self, end: char) -> std::result::Result<String, String> {
        let mut name = String::new();
        loop {
            match self.chars.next() {
                Some(c) if c == end => return Ok(name),
                Some(c) if python::is_word(c) => name.push(c),
                _ => return Err("a bad group name".to_owned()),
            }
        }
    }
}

enum Escaped {
    Set(&'static str),
    Char(char),
}

/// Writes one character of a set; what only Rust's sets give a meaning to is escaped.
fn push_in_class(class: &mut String, c: char) {
    if matches!(c, '[' | ']' | '\\' | '^' | '-' | '&' | '~') {
        class.push('\\');
    }
    class.push(c);
}

/// What Python's `IGNORECASE` matches and simple case folding does not: the two i of Turkish.
fn python_folds_further(c: char) -> Option<&'static str> {
    matches!(c, 'i' | 'I' | 'İ' | 'ı').then_some("[iıİ]")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found<'t>(source: &str, flavour: Flavour, text: &'t str) -> Vec<&'t str> {
        let pattern = Pattern::new(source, flavour).unwrap_or_else(|e| panic!("{source}: {}", e.0));
        pattern.find_all(text).unwrap().into_iter().map(|m| &text[m]).collect()
    }

    #[test]
    fn matches_as_python_does() {
        use Flavour::{IgnoreCase, Plain, WholeWord};
        let table: [(&str, Flavour, &str, &[&str]); 32] = [
            ("sum", IgnoreCase, "Sum ſum sums", &["Sum", "ſum", "sum"]),
            ("kind", IgnoreCase, "\u{212a}ind", &["\u{212a}ind"]),
            ("in", IgnoreCase, "İn ın IN", &["İn", "ın", "IN"]),
            ("a", WholeWord, "a ab ba A", &["a", "A"]),
            ("न", WholeWord, "नि", &["न"]),
            ("a|b", WholeWord, "ax xb a b", &["a", "b", "a", "b"]),
            ("C++", IgnoreCase, "c++ C", &["c", "C"]),
            ("e.g.", WholeWord, "e.g.x e.g. x", &["e.g."]),
            ("x{", Plain, "x{1}", &["x{"]),
            ("x{,2}", Plain, "xxx", &["xx", "x", ""]),
            ("{}", Plain, "{}", &["{}"]),
            ("a*", Plain, "baac", &["", "aa", "", ""]),
            ("", Plain, "ab", &["", "", ""]),
            (r"\w+", Plain, "न\u{93f}x ²", &["न", "x", "²"]),
            (r"\s", Plain, "\u{1c}\u{a0}x", &["\u{1c}", "\u{a0}"]),
            (r"[\W]", Plain, "a\u{301}!", &["\u{301}", "!"]),
            (r"[]a]+", Plain, "]a[", &["]a"]),
            (r"[a[]+", Plain, "]a[", &["a["]),
            (r"[a&&b]+", Plain, "a&b", &["a&b"]),
            (r"[a-c-]+", Plain, "b-d", &["b-"]),
            (r"[^\]]", Plain, "]x", &["x"]),
            (r"(a)\1", Plain, "aa ab", &["aa"]),
            (r"(?<=x)y", Plain, "xy y", &["y"]),
            (r"y(?=z)", Plain, "yz y", &["y"]),
            (r"(?P<q>a)(?P=q)", Plain, "aa", &["aa"]),
            (r"a$", Plain, "a\na\n", &["a"]),
            (r"\x41\u0042\103", Plain, "ABC", &["ABC"]),
            (r"a(?#note)b", Plain, "ab", &["ab"]),
            (r"\.\-\#", Plain, ".-#", &[".-#"]),
            (r"a.c", Plain, "a\rc a\nc", &["a\rc"]),
            (r"a++b", Plain, "aab", &["aab"]),
            ("#x y", IgnoreCase, "#X Y", &["#X Y"]),
        ];
        for (source, flavour, text, expected) in table {
            assert_eq!(found(source, flavour, text), expected, "{source:?} in {text:?}");
        }
    }

    #[test]
    fn what_python_refuses_is_refused() {
        for source in [
            "(", "a)", "[a", "*", "a**", "a|*", "^*", "\\", "a{2}{3}", "(?P<a", "(?<a>b)", r"\y", "(*)",
            "+5", "?",
        ] {
            let refusal = Pattern::new(source, Flavour::IgnoreCase);
            assert!(refusal.is_err(), "{source:?} was taken");
        }
    }

    #[test]
    fn a_catastrophic_pattern_gives_up() {
        let pattern = Pattern::new(r"(a|a)*\1b", Flavour::Plain).unwrap();
        let text = "a".repeat(200);
        assert!(pattern.count(&text).unwrap_err().0.contains("gave up"));
    }

    #[test]
    fn groups_are_counted() {
        assert_eq!(Pattern::new("(a)(?:b)(c)", Flavour::Plain).unwrap().groups, 2);
    }

    proptest::proptest! {
        /// Searching for the rarest letter finds what looking at every place does.
        #[test]
        fn a_word_is_found_wherever_it_is(
            word in "[xaiske ]{1,4}", text in "[xaiskeXAISKE İıſK\u{212a}é]{0,30}", fold in proptest::bool::ANY
        ) {
            let flavour = if fold { Flavour::IgnoreCase } else { Flavour::Plain };
            let word = Word::new(&word, flavour).unwrap();
            let slow = |from: usize| {
                (from..text.len()).find_map(|at| word.end_at(text.as_bytes(), at).map(|end| at..end))
            };
            for from in (0..=text.len()).filter(|at| text.is_char_boundary(*at)) {
                proptest::prop_assert_eq!(word.find_at(&text, from), slow(from));
            }
        }
    }
}
