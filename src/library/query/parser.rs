//! Query text to syntax tree, by recursive descent.
//!
//! ```text
//! query  := or?
//! or     := and (OR and)*
//! and    := not (AND? not)*
//! not    := (NOT | '-') not | atom
//! atom   := '(' or ')' | in:SCOPE | field:value(,value)* | measure cmp number | word | "phrase" | /regex/
//! ```

use std::fmt;

use super::ast::{Comparison, Expr, Filter, Lookup, Pattern, Query, Scope, Term, Threshold};
use super::cursor::Cursor;
use super::field::{Field, Measure, Unit, fields};

/// A query that could not be understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueryError {
    /// Character of the query at which it went wrong, from 1.
    pub column: usize,
    /// The same as a byte offset, from 0.
    pub at: usize,
    /// What was expected, or what is wrong.
    pub message: String,
}

impl fmt::Display for QueryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "column {}: {}", self.column, self.message)
    }
}

impl std::error::Error for QueryError {}

type Parsed<T> = Result<T, QueryError>;

/// Parentheses and negations nested deeper than this are refused: nobody types them, and the
/// parser is recursive.
const MAX_DEPTH: u32 = 64;

/// Parses a whole query.
pub(super) fn parse(text: &str) -> Parsed<Query> {
    let mut parser = Parser { text, cursor: Cursor::new(text), depth: 0 };
    parser.cursor.skip_space();
    if parser.cursor.peek().is_none() {
        return Ok(Query::default());
    }
    let expr = parser.or(Scope::default())?;
    match parser.cursor.peek() {
        None => Ok(Query { expr: Some(expr) }),
        Some(_) => Err(parser.error("this `)` closes nothing")),
    }
}

/// Whether a text stands for itself as a word of a query.
pub(super) fn is_word(text: &str) -> bool {
    let query = parse(text);
    matches!(query, Ok(Query { expr: Some(Expr::Text(Lookup { term: Term::Word(word), .. })) }) if word == text)
}

struct Parser<'a> {
    text: &'a str,
    cursor: Cursor<'a>,
    depth: u32,
}

impl Parser<'_> {
    fn error(&self, message: impl Into<String>) -> QueryError {
        self.error_at(self.cursor.at(), message)
    }

    fn error_at(&self, at: usize, message: impl Into<String>) -> QueryError {
        QueryError { column: self.text[..at].chars().count() + 1, at, message: message.into() }
    }

    fn deeper<T>(&mut self, parse: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(self.error(format!("nested deeper than {MAX_DEPTH}")));
        }
        let result = parse(self);
        self.depth -= 1;
        result
    }

    fn or(&mut self, scope: Scope) -> Parsed<Expr> {
        let mut branches = vec![self.and(scope)?];
        while self.cursor.eat_keyword("OR") {
            branches.push(self.and(scope)?);
        }
        Ok(joined(branches, Expr::Or))
    }

    /// A conjunction. `in:…` counts from where it stands to the end of it.
    fn and(&mut self, mut scope: Scope) -> Parsed<Expr> {
        let mut terms = Vec::new();
        let mut open_scope = None;
        loop {
            self.cursor.skip_space();
            // However many: a second one must not pass for a word.
            while self.cursor.eat_keyword("AND") {
                self.cursor.skip_space();
            }
            let at = self.cursor.at();
            let end = matches!(self.cursor.peek(), None | Some(')')) || self.cursor.clone().eat_keyword("OR");
            if end {
                if let Some(at) = open_scope {
                    return Err(self.error_at(at, "expected a word, a \"phrase\" or a /regex/ after it"));
                }
                return if terms.is_empty() {
                    Err(self.error("expected a filter such as `failed:no_comma`, or a word"))
                } else {
                    Ok(joined(terms, Expr::And))
                };
            }
            if let Some(new) = self.scope()? {
                scope = new;
                open_scope = Some(at);
                continue;
            }
            open_scope = None;
            terms.push(self.not(scope)?);
        }
    }

    /// `in:trace`, if it comes next.
    fn scope(&mut self) -> Parsed<Option<Scope>> {
        if !self.cursor.eat("in:") {
            return Ok(None);
        }
        let at = self.cursor.at();
        let scope = Scope::from_name(self.cursor.take_while(char::is_alphanumeric));
        let expected = "expected `output`, `trace`, `answer` or `question` after `in:`";
        scope.map(Some).ok_or_else(|| self.error_at(at, expected))
    }

    fn not(&mut self, scope: Scope) -> Parsed<Expr> {
        let dash = self.cursor.peek() == Some('-')
            && self.cursor.rest()[1..].chars().next().is_some_and(|c| !c.is_whitespace());
        if dash {
            self.cursor.next();
        } else if !self.cursor.eat_keyword("NOT") {
            return self.atom(scope);
        }
        self.cursor.skip_space();
        let mut ahead = self.cursor.clone();
        if matches!(ahead.peek(), None | Some(')')) || ahead.eat_keyword("OR") || ahead.eat_keyword("AND") {
            return Err(self.error("expected what is not wanted"));
        }
        // `-in:trace word`: the scope is that of the one word.
        let at = self.cursor.at();
        let inner = match self.scope()? {
            None => self.deeper(|p| p.not(scope))?,
            Some(scope) => {
                self.cursor.skip_space();
                let ends = matches!(self.cursor.peek(), None | Some(')'));
                if ends {
                    return Err(self.error_at(at, "expected a word, a \"phrase\" or a /regex/ after it"));
                }
                self.deeper(|p| p.not(scope))?
            }
        };
        Ok(match inner {
            Expr::Not(twice) => *twice,
            other => Expr::Not(Box::new(other)),
        })
    }

    fn atom(&mut self, scope: Scope) -> Parsed<Expr> {
        let at = self.cursor.at();
        let lookup = |term| Ok(Expr::Text(Lookup { scope, term }));
        match self.cursor.peek() {
            Some('(') => {
                self.cursor.next();
                let inner = self.deeper(|p| p.or(scope))?;
                if !self.cursor.eat(")") {
                    return Err(self.error_at(at, "this `(` is not closed"));
                }
                Ok(inner)
            }
            Some('"') => {
                let phrase = self.quoted()?;
                if phrase.trim().is_empty() {
                    return Err(self.error_at(at, "nothing between the quotes"));
                }
                lookup(Term::Phrase(phrase))
            }
            Some('/') => lookup(Term::Regex(self.regex()?)),
            _ => match self.filter()? {
                Some(filter) => Ok(Expr::Filter(filter)),
                None => lookup(self.word()?),
            },
        }
    }

    /// A text in quotes: `\"` is a quote, `\\` a backslash, any other backslash itself.
    fn quoted(&mut self) -> Parsed<String> {
        let at = self.cursor.at();
        self.cursor.next();
        let mut text = String::new();
        loop {
            match self.cursor.next() {
                None => return Err(self.error_at(at, "this quote is not closed")),
                Some('"') => return Ok(text),
                Some('\\') => match self.cursor.peek() {
                    Some(c @ ('"' | '\\')) => {
                        self.cursor.next();
                        text.push(c);
                    }
                    _ => text.push('\\'),
                },
                Some(c) => text.push(c),
            }
        }
    }

    /// A regular expression between slashes: `\/` is a slash.
    fn regex(&mut self) -> Parsed<String> {
        let at = self.cursor.at();
        self.cursor.next();
        let mut pattern = String::new();
        loop {
            match self.cursor.next() {
                None => {
                    let message = "this /regex/ is not closed by a `/`; quote it to look up a slash";
                    return Err(self.error_at(at, message));
                }
                Some('/') => break,
                Some('\\') => match self.cursor.next() {
                    Some('/') => pattern.push('/'),
                    Some(c) => pattern.extend(['\\', c]),
                    None => pattern.push('\\'),
                },
                Some(c) => pattern.push(c),
            }
        }
        if pattern.is_empty() {
            return Err(self.error_at(at, "nothing between the slashes"));
        }
        let (inside, cause) = match regex_syntax::parse(&pattern) {
            Err(regex_syntax::Error::Parse(error)) => (error.span().start.offset, error.kind().to_string()),
            Err(regex_syntax::Error::Translate(error)) => {
                (error.span().start.offset, error.kind().to_string())
            }
            Err(error) => (0, error.to_string()),
            Ok(_) => match regex::Regex::new(&pattern) {
                Ok(_) => return Ok(pattern),
                // It is too large.
                Err(error) => (0, error.to_string()),
            },
        };
        let typed = &self.text[at + 1..self.cursor.at()];
        let at = at + 1 + place_as_typed(typed, inside);
        Err(self.error_at(at, format!("this /regex/ is not valid: {cause}")))
    }

    /// A bare word: up to white space or a `)` that closes a group. A closing star makes it a prefix.
    fn word(&mut self) -> Parsed<Term> {
        let at = self.cursor.at();
        let mut open = 0u32;
        let word = self.cursor.take_while(|c| {
            match c {
                '(' => open += 1,
                ')' if open == 0 => return false,
                ')' => open -= 1,
                _ => {}
            }
            !c.is_whitespace()
        });
        match word.strip_suffix('*') {
            Some(prefix) if !prefix.is_empty() && !prefix.ends_with('*') => {
                Ok(Term::Prefix(prefix.to_owned()))
            }
            Some(_) => Err(self.error_at(at, "expected the beginning of a word before `*`")),
            None => Ok(Term::Word(word.to_owned())),
        }
    }

    /// `field:value` or a comparison, if one comes next.
    fn filter(&mut self) -> Parsed<Option<Filter>> {
        let at = self.cursor.at();
        let mut ahead = self.cursor.clone();
        let name = ahead.take_while(|c| c.is_ascii_alphanumeric() || c == '_' || c == '.');
        let Some(operator) =
            ["<=", ">=", "<", ">", "=", ":"].into_iter().find(|operator| ahead.eat(operator))
        else {
            return Ok(None);
        };
        if let Some(field) = Field::from_name(name) {
            if operator != ":" && operator != "=" {
                return Err(
                    self.error_at(at, format!("`{field}` is not a number; write `{}`", field.example()))
                );
            }
            self.cursor = ahead;
            return Ok(Some(Filter::Is { field, values: self.values(field)? }));
        }
        if let Some(measure) = Measure::from_name(name) {
            self.cursor = ahead;
            return Ok(Some(self.comparison(measure, operator)?));
        }
        // `x=5`, `Step:` and `10:30` are text; `modle:x` is a slip.
        let looks_like_field = operator == ":"
            && name.chars().next().is_some_and(|c| c.is_ascii_alphabetic())
            && ahead.peek().is_some_and(|c| !c.is_whitespace() && c != '/');
        if !looks_like_field {
            return Ok(None);
        }
        let near = nearest(name, fields().iter().map(|f| f.name));
        Err(self.error_at(
            at,
            match near {
                Some(near) => format!(
                    "no field is called `{name}`; did you mean `{near}:`? Quote it to look it up as text"
                ),
                None => format!("no field is called `{name}`; quote it to look it up as text"),
            },
        ))
    }

    fn values(&mut self, field: Field) -> Parsed<Vec<Pattern>> {
        let mut values = Vec::new();
        loop {
            let at = self.cursor.at();
            let pattern = if self.cursor.peek() == Some('"') {
                Pattern { text: self.quoted()?, literal: true }
            } else {
                let text = self.cursor.take_while(|c| !c.is_whitespace() && !"\",()".contains(c)).to_owned();
                Pattern { text, literal: false }
            };
            if pattern.text.is_empty() && !pattern.literal {
                return Err(self.error_at(at, format!("expected a value, as in `{}`", field.example())));
            }
            values.push(self.checked(field, pattern, at)?);
            if !self.cursor.eat(",") {
                return Ok(values);
            }
        }
    }

    /// Holds a value against the values a field can have, where those are known beforehand, and
    /// gives it its usual name.
    fn checked(&self, field: Field, pattern: Pattern, at: usize) -> Parsed<Pattern> {
        let Some(allowed) = field.closed_values() else { return Ok(pattern) };
        let text = match (field, pattern.text.to_ascii_lowercase().as_str()) {
            (Field::Correct | Field::Saved, "true" | "right") => "yes".to_owned(),
            (Field::Correct | Field::Saved, "false" | "wrong") => "no".to_owned(),
            (Field::Verdict, "obeyed") => "pass".to_owned(),
            _ => pattern.text.clone(),
        };
        let pattern = Pattern { text, ..pattern };
        if allowed.iter().any(|value| pattern.matches(value)) {
            return Ok(pattern);
        }
        let message = match nearest(&pattern.text, allowed.iter().copied()) {
            Some(near) => format!("no {field} is called `{}`; did you mean `{near}`?", pattern.text),
            None if allowed.len() <= 8 => format!("expected one of {}", allowed.join(", ")),
            None => format!("no {field} is called `{}`", pattern.text),
        };
        Err(self.error_at(at, message))
    }

    fn comparison(&mut self, mut measure: Measure, operator: &str) -> Parsed<Filter> {
        let mut unit = None;
        let is_length = matches!(measure, Measure::Trace(_) | Measure::Answer(_));
        let comparison = if operator == ":" || operator == "=" {
            let low = if self.cursor.rest().starts_with("..") {
                None
            } else {
                Some(self.number(&measure, is_length, &mut unit)?)
            };
            if self.cursor.eat("..") {
                let open = self.cursor.peek().is_none_or(|c| c.is_whitespace() || c == ')');
                let high = if open { None } else { Some(self.number(&measure, is_length, &mut unit)?) };
                Comparison::between(low, high)
            } else {
                Comparison::between(low, low)
            }
        } else {
            let value = self.number(&measure, is_length, &mut unit)?;
            let threshold = Some(Threshold { value, inclusive: operator.ends_with('=') });
            if operator.starts_with('<') {
                Comparison { low: None, high: threshold }
            } else {
                Comparison { low: threshold, high: None }
            }
        };
        if let (Measure::Trace(u) | Measure::Answer(u), Some(unit)) = (&mut measure, unit) {
            *u = unit;
        }
        Ok(Filter::Compare { measure, comparison })
    }

    /// A number, with `k` for thousands and, for lengths, a unit.
    fn number(&mut self, measure: &Measure, is_length: bool, unit: &mut Option<Unit>) -> Parsed<f64> {
        let at = self.cursor.at();
        let negative = self.cursor.eat("-");
        let rest = self.cursor.rest();
        let mut len = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        // A dot belongs to the number only when a digit follows: `5..9` is a range.
        if rest[len..].starts_with('.') {
            let digits = rest[len + 1..].find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len() - len - 1);
            if digits > 0 {
                len += 1 + digits;
            }
        }
        let number: Result<f64, _> = rest[..len].parse();
        let Ok(mut value) = number else {
            let message = if is_length {
                format!(
                    "expected a number, as in `{measure}>2000`; to look up words write `in:{measure} word`"
                )
            } else {
                format!("expected a number, as in `{measure}:1` or `{measure}<-3`")
            };
            return Err(self.error_at(at, message));
        };
        for _ in 0..len {
            self.cursor.next();
        }
        if self.cursor.eat("k") {
            value *= 1000.0;
        }
        if is_length {
            for u in [Unit::Chars, Unit::Words, Unit::Tokens] {
                if self.cursor.eat(u.suffix()) {
                    *unit = Some(u);
                    break;
                }
            }
        }
        if self.cursor.peek().is_some_and(char::is_alphanumeric) {
            let units = if is_length { ", or one of the units c, w, t" } else { "" };
            return Err(self.error(format!("expected the end of the number{units}")));
        }
        Ok(if negative { -value } else { value })
    }
}

/// Where a byte of a pattern is in the pattern as typed, in which `\/` stands for a slash.
fn place_as_typed(typed: &str, byte: usize) -> usize {
    let (mut place, mut before) = (0, 0);
    let mut chars = typed.chars().peekable();
    while before < byte {
        let Some(c) = chars.next() else { break };
        place += c.len_utf8();
        match chars.peek() {
            Some('/') if c == '\\' => {}
            Some(&next) if c == '\\' => {
                // What is escaped goes along, or the second of two backslashes would escape again.
                before += 1;
                if before < byte {
                    (place, before) = (place + next.len_utf8(), before + next.len_utf8());
                    chars.next();
                }
            }
            _ => before += c.len_utf8(),
        }
    }
    place
}

/// One expression as it is, several as a list; a list in a list is laid flat.
fn joined(mut list: Vec<Expr>, join: fn(Vec<Expr>) -> Expr) -> Expr {
    if list.len() == 1
        && let Some(only) = list.pop()
    {
        return only;
    }
    let is_and = matches!(join(Vec::new()), Expr::And(_));
    let mut flat = Vec::with_capacity(list.len());
    for expr in list {
        match expr {
            Expr::And(inner) if is_and => flat.extend(inner),
            Expr::Or(inner) if !is_and => flat.extend(inner),
            other => flat.push(other),
        }
    }
    join(flat)
}

/// The candidate that was probably meant: at most a third of its letters wrong, or begun by it.
pub(crate) fn nearest<'a>(typed: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let typed = typed.to_lowercase();
    candidates
        .filter_map(|candidate| {
            let lower = candidate.to_lowercase();
            let distance = distance(&typed, &lower);
            let near = distance <= (lower.chars().count() / 3).max(1)
                || (typed.chars().count() >= 2 && lower.contains(&typed));
            near.then_some((distance, candidate))
        })
        .min_by_key(|&(distance, _)| distance)
        .map(|(_, candidate)| candidate)
}

/// Edit distance with swaps of neighbours.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut rows = vec![vec![0; b.len() + 1]; a.len() + 1];
    for (i, row) in rows.iter_mut().enumerate() {
        row[0] = i;
    }
    for (j, cell) in rows[0].iter_mut().enumerate() {
        *cell = j;
    }
    for i in 1..=a.len() {
        for j in 1..=b.len() {
            let replace = rows[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut best = replace.min(rows[i - 1][j] + 1).min(rows[i][j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(rows[i - 2][j - 2] + 1);
            }
            rows[i][j] = best;
        }
    }
    rows[a.len()][b.len()]
}
