//! Python's syntax of regular expressions, written anew in that of the Rust engines.

use std::fmt::Write as _;

use super::python;

/// `\b` as Python means it.
pub(super) const BOUNDARY: &str =
    r"(?:(?<=[\p{L}\p{N}_])(?![\p{L}\p{N}_])|(?<![\p{L}\p{N}_])(?=[\p{L}\p{N}_]))";
const NO_BOUNDARY: &str = r"(?:(?<=[\p{L}\p{N}_])(?=[\p{L}\p{N}_])|(?<![\p{L}\p{N}_])(?![\p{L}\p{N}_]))";

/// A pattern in the syntax of the Rust engines.
pub(super) struct Translation {
    pub(super) regex: String,
    /// Something in it only a backtracking engine can run.
    pub(super) backtracks: bool,
    /// It stands for itself.
    pub(super) literal: bool,
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
    /// Translates a pattern; the error says what Python would not take.
    pub(super) fn of(source: &str, fold: bool) -> Result<Self, String> {
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
    fn item(&mut self, c: char) -> Result<(), String> {
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
    fn braces(&mut self) -> Result<(), String> {
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

    fn quantifier(&mut self, c: char) -> Result<(), String> {
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

    fn repeatable(&self) -> Result<(), String> {
        match self.last {
            Last::Atom => Ok(()),
            Last::Nothing => Err("nothing to repeat".to_owned()),
            Last::Quantifier | Last::Done => Err("multiple repeat".to_owned()),
        }
    }

    fn escape(&mut self) -> Result<(), String> {
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
    fn class_escape(&mut self, c: char) -> Result<Escaped, String> {
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

    fn hex(&mut self, digits: usize) -> Result<char, String> {
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
    fn octal(&mut self, first: &str) -> Result<char, String> {
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

    fn class(&mut self) -> Result<(), String> {
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

    fn group(&mut self) -> Result<(), String> {
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

    fn until(&mut self, end: char) -> Result<String, String> {
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
