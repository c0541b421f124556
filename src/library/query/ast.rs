//! The syntax tree of a query, and its text.

use std::fmt;
use std::str::FromStr;

use super::field::{Field, Measure, Unit};
use super::parser::{self, QueryError};

/// A parsed query. The empty query selects everything.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Query {
    /// The tree; `None` for the empty query.
    pub expr: Option<Expr>,
}

/// A node of the tree.
#[derive(Debug, Clone, PartialEq)]
pub enum Expr {
    /// All of them; at least two.
    And(Vec<Self>),
    /// Any of them; at least two.
    Or(Vec<Self>),
    /// Not this.
    Not(Box<Self>),
    /// A property.
    Filter(Filter),
    /// Something in the text.
    Text(Lookup),
}

/// A condition on a property.
#[derive(Debug, Clone, PartialEq)]
pub enum Filter {
    /// `field:value,value`: any of the values.
    Is {
        /// The field.
        field: Field,
        /// The values; at least one.
        values: Vec<Pattern>,
    },
    /// `measure>n`, `measure:a..b`.
    Compare {
        /// The measure.
        measure: Measure,
        /// The numbers allowed.
        comparison: Comparison,
    },
}

/// A value as typed.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Pattern {
    /// The text; `*` stands for anything unless it was quoted.
    pub text: String,
    /// It was in quotes: stars mean stars.
    pub literal: bool,
}

/// A border of an interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Threshold {
    /// The number.
    pub value: f64,
    /// Whether the number itself is inside.
    pub inclusive: bool,
}

/// The numbers a measure may take: an interval, open where a border is missing.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Comparison {
    /// Lower border.
    pub low: Option<Threshold>,
    /// Upper border.
    pub high: Option<Threshold>,
}

/// Where a text is looked up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Scope {
    /// In trace and answer.
    #[default]
    Output,
    /// In the trace.
    Trace,
    /// In the answer.
    Answer,
    /// In the question of the item.
    Question,
}

/// A text looked up.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Lookup {
    /// Where.
    pub scope: Scope,
    /// What.
    pub term: Term,
}

/// What is looked up in a text.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Term {
    /// A word (or what the tokenizer makes of it: `don't` is two words in a row).
    Word(String),
    /// The beginning of a word.
    Prefix(String),
    /// Words in a row.
    Phrase(String),
    /// A regular expression over the text as it stands.
    Regex(String),
}

impl Pattern {
    /// A value taken as it stands.
    pub fn literal(text: impl Into<String>) -> Self {
        let text = text.into();
        Self { literal: text.contains('*'), text }
    }

    /// Whether it stands for several values.
    pub fn has_wildcard(&self) -> bool {
        !self.literal && self.text.contains('*')
    }

    /// Whether a value is meant, without regard to case.
    pub fn matches(&self, value: &str) -> bool {
        if !self.has_wildcard() {
            return eq_ignore_case(&self.text, value);
        }
        let (value, pattern) = (value.to_lowercase(), self.text.to_lowercase());
        let mut pieces = pattern.split('*');
        let Some(mut rest) = pieces.next().and_then(|first| value.strip_prefix(first)) else { return false };
        let mut pieces = pieces.peekable();
        while let Some(piece) = pieces.next() {
            if pieces.peek().is_none() {
                return rest.ends_with(piece);
            }
            match rest.find(piece) {
                Some(at) => rest = &rest[at + piece.len()..],
                None => return false,
            }
        }
        true
    }
}

/// Equality without regard to case.
fn eq_ignore_case(a: &str, b: &str) -> bool {
    if a.is_ascii() && b.is_ascii() {
        a.eq_ignore_ascii_case(b)
    } else {
        a.to_lowercase() == b.to_lowercase()
    }
}

impl Comparison {
    /// The interval with these ends, both inside.
    pub fn between(low: Option<f64>, high: Option<f64>) -> Self {
        let closed = |value| Threshold { value, inclusive: true };
        Self { low: low.map(closed), high: high.map(closed) }
    }

    /// Whether a number is inside.
    pub fn holds(&self, x: f64) -> bool {
        self.low.is_none_or(|t| if t.inclusive { x >= t.value } else { x > t.value })
            && self.high.is_none_or(|t| if t.inclusive { x <= t.value } else { x < t.value })
    }

    /// The same interval over whole numbers from 0, both ends inside; `None` when it is empty.
    pub(crate) fn whole(&self) -> Option<(u32, u32)> {
        let low = self.low.map_or(0.0, |t| {
            let up = t.value.ceil();
            if !t.inclusive && up <= t.value { up + 1.0 } else { up }
        });
        let high = self.high.map_or(f64::from(u32::MAX - 1), |t| {
            let down = t.value.floor();
            if !t.inclusive && down >= t.value { down - 1.0 } else { down }
        });
        let (low, high) = (low.max(0.0), high.min(f64::from(u32::MAX - 1)));
        (low <= high).then_some((low as u32, high as u32))
    }
}

impl Scope {
    /// The word after `in:`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Output => "output",
            Self::Trace => "trace",
            Self::Answer => "answer",
            Self::Question => "question",
        }
    }

    /// The scope with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Output, Self::Trace, Self::Answer, Self::Question]
            .into_iter()
            .find(|s| s.name().eq_ignore_ascii_case(name))
    }
}

impl Query {
    /// Parses a query. The empty text is the empty query.
    pub fn parse(text: &str) -> Result<Self, QueryError> {
        parser::parse(text)
    }

    /// Whether it asks nothing.
    pub fn is_empty(&self) -> bool {
        self.expr.is_none()
    }

    /// Every lookup that a hit must or may contain (what stands under NOT is left out): what to
    /// highlight.
    pub fn lookups(&self) -> Vec<&Lookup> {
        fn collect<'a>(expr: &'a Expr, out: &mut Vec<&'a Lookup>) {
            match expr {
                Expr::And(list) | Expr::Or(list) => list.iter().for_each(|e| collect(e, out)),
                Expr::Text(lookup) => out.push(lookup),
                Expr::Not(_) | Expr::Filter(_) => {}
            }
        }
        let mut out = Vec::new();
        if let Some(expr) = &self.expr {
            collect(expr, &mut out);
        }
        out
    }
}

impl FromStr for Query {
    type Err = QueryError;

    fn from_str(text: &str) -> Result<Self, QueryError> {
        Self::parse(text)
    }
}

impl fmt::Display for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.expr {
            Some(expr) => write_expr(f, expr, &mut Scope::default(), Level::Top),
            None => Ok(()),
        }
    }
}

/// What surrounds an expression: decides about parentheses.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Level {
    Top,
    Or,
    And,
    Not,
}

/// Writes an expression. `scope` is the `in:` in force, as the parser would have it at this place.
fn write_expr(f: &mut fmt::Formatter<'_>, expr: &Expr, scope: &mut Scope, level: Level) -> fmt::Result {
    let own = match expr {
        Expr::Or(_) => Level::Or,
        Expr::And(_) => Level::And,
        // `in:trace word` is two words: under NOT it needs parentheses.
        Expr::Text(lookup) if lookup.scope != *scope => Level::And,
        _ => Level::Not,
    };
    let parens = level != Level::Top && own <= level && own != Level::Not;
    let mut inner = *scope;
    let scope = if parens { &mut inner } else { scope };
    if parens {
        f.write_str("(")?;
    }
    match expr {
        Expr::Or(list) => {
            let outer = *scope;
            for (i, e) in list.iter().enumerate() {
                if i > 0 {
                    f.write_str(" OR ")?;
                }
                let mut branch = outer;
                write_expr(f, e, &mut branch, Level::Or)?;
            }
        }
        Expr::And(list) => {
            for (i, e) in list.iter().enumerate() {
                if i > 0 {
                    f.write_str(" ")?;
                }
                // A lookup with another scope changes the scope of what follows, without parentheses.
                let level = if matches!(e, Expr::Text(_)) { Level::Top } else { Level::And };
                write_expr(f, e, scope, level)?;
            }
        }
        Expr::Not(e) => {
            f.write_str("-")?;
            write_expr(f, e, scope, Level::Not)?;
        }
        Expr::Filter(filter) => write!(f, "{filter}")?,
        Expr::Text(lookup) => {
            if lookup.scope != *scope {
                write!(f, "in:{} ", lookup.scope.name())?;
                *scope = lookup.scope;
            }
            write!(f, "{}", lookup.term)?;
        }
    }
    if parens {
        f.write_str(")")?;
    }
    Ok(())
}

impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Is { field, values } => {
                write!(f, "{field}:")?;
                for (i, value) in values.iter().enumerate() {
                    if i > 0 {
                        f.write_str(",")?;
                    }
                    write!(f, "{value}")?;
                }
                Ok(())
            }
            Self::Compare { measure, comparison } => {
                let unit = match measure {
                    Measure::Trace(unit) | Measure::Answer(unit) if *unit != Unit::default() => unit.suffix(),
                    _ => "",
                };
                let Comparison { low, high } = comparison;
                match (low, high) {
                    (Some(a), None) => {
                        write!(f, "{measure}{}{}{unit}", if a.inclusive { ">=" } else { ">" }, a.value)
                    }
                    (None, Some(b)) => {
                        write!(f, "{measure}{}{}{unit}", if b.inclusive { "<=" } else { "<" }, b.value)
                    }
                    (Some(a), Some(b)) if a.value.to_bits() == b.value.to_bits() => {
                        write!(f, "{measure}:{}{unit}", a.value)
                    }
                    (Some(a), Some(b)) => write!(f, "{measure}:{}..{}{unit}", a.value, b.value),
                    (None, None) => write!(f, "{measure}:.."),
                }
            }
        }
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plain = !self.text.is_empty()
            && !self.literal
            && !self.text.contains(|c: char| c.is_whitespace() || c.is_control() || "\",()".contains(c));
        if plain { f.write_str(&self.text) } else { write_quoted(f, &self.text) }
    }
}

impl fmt::Display for Term {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Word(word) if parser::is_word(word) => f.write_str(word),
            Self::Word(word) => write_quoted(f, word),
            Self::Prefix(word) => write!(f, "{word}*"),
            Self::Phrase(phrase) => write_quoted(f, phrase),
            Self::Regex(pattern) => write!(f, "/{}/", pattern.replace('/', "\\/")),
        }
    }
}

/// Writes a text in quotes. A backslash is escaped only where it would escape what follows, so that
/// LaTeX stays readable.
fn write_quoted(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    f.write_str("\"")?;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if c == '"' || (c == '\\' && chars.peek().is_none_or(|&next| next == '"' || next == '\\')) {
            f.write_str("\\")?;
        }
        write!(f, "{c}")?;
    }
    f.write_str("\"")
}
