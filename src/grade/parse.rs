//! From the text of an answer to an [`Expr`]: a recursive descent over the tokens.
//!
//! Everything is bounded: the length of the text, the number of tokens, the nesting. What cannot be
//! read is `None`, never a guess.

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{One, ToPrimitive, Zero};

use super::expr::{Expr, Function};
use super::token::{Token, tokens};

/// Deepest nesting read. Deeper than any answer, shallow enough for a small stack.
const DEPTH: u32 = 48;

/// How letters are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dialect {
    /// As a mathematician reads them: units, words, `i` and `e`.
    Exact,
    /// As the public grader does: every letter is a free symbol, words are products of letters.
    Reference,
}

/// Reads an answer. `None` when it is not understood as a whole.
pub(super) fn parse(text: &str, dialect: Dialect) -> Option<Expr> {
    let tokens = tokens(text, dialect == Dialect::Exact)?;
    let mut parser = Parser { tokens: &tokens, at: 0, depth: 0, dialect };
    let expr = parser.list()?;
    (parser.at == tokens.len()).then_some(expr)
}

struct Parser<'t> {
    tokens: &'t [Token],
    at: usize,
    depth: u32,
    dialect: Dialect,
}

impl Parser<'_> {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at)
    }

    fn peek_at(&self, ahead: usize) -> Option<&Token> {
        self.tokens.get(self.at + ahead)
    }

    fn eat(&mut self, token: &Token) -> bool {
        let found = self.peek() == Some(token);
        self.at += usize::from(found);
        found
    }

    fn eat_char(&mut self, c: char) -> bool {
        self.eat(&Token::Char(c))
    }

    fn is_char(&self, c: char) -> bool {
        self.peek() == Some(&Token::Char(c))
    }

    /// Runs a rule one level deeper.
    fn deeper<T>(&mut self, rule: impl FnOnce(&mut Self) -> Option<T>) -> Option<T> {
        if self.depth >= DEPTH {
            return None;
        }
        self.depth += 1;
        let result = rule(self);
        self.depth -= 1;
        result
    }

    /// Relations between commas, “and”, “or”.
    fn list(&mut self) -> Option<Expr> {
        let mut items = vec![self.relation()?];
        while self.separator() {
            items.push(self.relation()?);
        }
        if items.len() == 1 { items.pop() } else { Some(Expr::List(items)) }
    }

    fn separator(&mut self) -> bool {
        let mut any = false;
        while let Some(Token::Char(',' | ';')) = self.peek() {
            if any {
                return false;
            }
            self.at += 1;
            any = true;
        }
        if self.eat(&Token::And) {
            any = true;
        }
        any
    }

    fn relation(&mut self) -> Option<Expr> {
        self.deeper(|p| {
            let mut sides = vec![p.union()?];
            let mut signs = Vec::new();
            while let Some(Token::Sign(sign)) = p.peek() {
                signs.push(*sign);
                p.at += 1;
                sides.push(p.union()?);
            }
            if signs.is_empty() { sides.pop() } else { Some(Expr::Relation(sides, signs)) }
        })
    }

    fn union(&mut self) -> Option<Expr> {
        let mut parts = vec![self.sum()?];
        while self.eat(&Token::Cup) {
            parts.push(self.sum()?);
        }
        if parts.len() == 1 { parts.pop() } else { Some(Expr::Union(parts)) }
    }

    fn sum(&mut self) -> Option<Expr> {
        let mut terms = Vec::new();
        if self.eat(&Token::PlusMinus) {
            let of = self.product()?;
            terms.push(Expr::PlusMinus(Box::new(Expr::int(0)), Box::new(of)));
        } else {
            terms.push(self.product()?);
        }
        loop {
            if self.eat_char('+') {
                terms.push(self.product()?);
            } else if self.eat_char('-') {
                terms.push(self.product()?.negative());
            } else if self.eat(&Token::PlusMinus) {
                let left = sum_of(std::mem::take(&mut terms));
                let right = self.product()?;
                terms.push(Expr::PlusMinus(Box::new(left), Box::new(right)));
            } else {
                return Some(sum_of(terms));
            }
        }
    }

    fn product(&mut self) -> Option<Expr> {
        let mut result = self.signed()?;
        loop {
            if self.eat_char('*') {
                result = times(result, self.signed()?);
            } else if self.eat_char('/') {
                let under = self.signed()?;
                result = Expr::Quotient(Box::new(result), Box::new(under));
            } else if let Some(Token::Word(word)) = self.peek() {
                // Words after a value are its unit, or a remark: `15 toys`, `5 km per hour`.
                let mut unit = word.clone();
                self.at += 1;
                while let Some(token) = self.peek() {
                    match token {
                        Token::Word(more) => {
                            unit.push(' ');
                            unit.push_str(more);
                        }
                        Token::Char('/')
                            if matches!(self.peek_at(1), Some(Token::Word(_) | Token::Letter(_))) =>
                        {
                            unit.push('/');
                        }
                        Token::Letter(c) => unit.push(*c),
                        Token::Char('^') if matches!(self.peek_at(1), Some(Token::Number(_))) => {
                            unit.push('^');
                            self.at += 1;
                            if let Some(Token::Number(n)) = self.peek() {
                                unit.push_str(n);
                            }
                        }
                        _ => break,
                    }
                    self.at += 1;
                }
                result = match result {
                    Expr::Text(before) => Expr::Text(format!("{before} {unit}")),
                    value => Expr::Measured(Box::new(value), unit),
                };
            } else if self.starts_factor() {
                let factor = self.power()?;
                result = juxtaposed(result, factor)?;
            } else {
                return Some(result);
            }
        }
    }

    fn starts_factor(&self) -> bool {
        match self.peek() {
            Some(
                Token::Number(_)
                | Token::Letter(_)
                | Token::Command(_)
                | Token::Text(_)
                | Token::Name(_)
                | Token::SetOpen,
            ) => true,
            Some(Token::Char(c)) => matches!(c, '(' | '{' | '['),
            _ => false,
        }
    }

    fn signed(&mut self) -> Option<Expr> {
        let mut negative = false;
        let mut any = 0;
        loop {
            if self.eat_char('-') {
                negative = !negative;
            } else if !self.eat_char('+') {
                break;
            }
            any += 1;
            if any > 4 {
                return None;
            }
        }
        let value = self.power()?;
        Some(if negative { value.negative() } else { value })
    }

    /// An atom with what follows it: powers, factorials, signs of degree and per cent.
    fn power(&mut self) -> Option<Expr> {
        self.deeper(|p| {
            let mut base = p.atom()?;
            loop {
                if p.eat(&Token::Degree) {
                    base = Expr::Degrees(Box::new(base));
                } else if p.eat_char('%') {
                    base = Expr::Percent(Box::new(base));
                } else if p.eat_char('!') {
                    base = Expr::Factorial(Box::new(base));
                } else if p.eat_char('\'') {
                    base = match base {
                        Expr::Symbol(name) => Expr::Symbol(format!("{name}'")),
                        _ => return None,
                    };
                } else if p.eat_char('^') {
                    if p.degree_exponent() {
                        base = Expr::Degrees(Box::new(base));
                        continue;
                    }
                    let exponent = p.script()?;
                    base = Expr::Power(Box::new(base), Box::new(exponent));
                } else {
                    return Some(base);
                }
            }
        })
    }

    /// `\circ` or `{\circ}` after a caret.
    fn degree_exponent(&mut self) -> bool {
        if self.eat(&Token::Degree) {
            return true;
        }
        let braced = self.is_char('{')
            && self.peek_at(1) == Some(&Token::Degree)
            && self.peek_at(2) == Some(&Token::Char('}'));
        if braced {
            self.at += 3;
        }
        braced
    }

    /// The argument of `^`: a group, or one token with its sign.
    fn script(&mut self) -> Option<Expr> {
        if self.is_char('{') {
            return self.group();
        }
        if self.eat_char('-') {
            return Some(self.script_atom()?.negative());
        }
        self.script_atom()
    }

    fn script_atom(&mut self) -> Option<Expr> {
        self.deeper(Parser::atom)
    }

    /// `{…}`.
    fn group(&mut self) -> Option<Expr> {
        if !self.eat_char('{') {
            return None;
        }
        let inside = self.deeper(Self::list)?;
        self.eat_char('}').then_some(inside)
    }

    /// The argument of a command such as `\frac`: a group, or one digit or letter.
    fn argument(&mut self) -> Option<Expr> {
        if self.is_char('{') {
            return self.group();
        }
        if let Some(Token::Number(digits)) = self.peek() {
            let value = number(digits)?;
            self.at += 1;
            return Some(Expr::Number(value));
        }
        self.deeper(Self::atom)
    }

    fn atom(&mut self) -> Option<Expr> {
        let token = self.peek()?.clone();
        match token {
            Token::Number(digits) => {
                self.at += 1;
                self.number(&digits)
            }
            Token::Letter(c) => {
                self.at += 1;
                Some(self.letter(c))
            }
            Token::Word(word) => {
                self.at += 1;
                Some(Expr::Text(word))
            }
            Token::Text(text) => {
                self.at += 1;
                Some(Expr::Text(text))
            }
            Token::Name(name) => {
                self.at += 1;
                self.named(&name)
            }
            Token::Command(name) => {
                self.at += 1;
                self.command(&name)
            }
            Token::SetOpen => {
                self.at += 1;
                let items = self.items_until(&Token::SetClose)?;
                self.eat(&Token::SetClose).then_some(Expr::Set(items))
            }
            Token::Char('{') => self.group(),
            Token::Char('|') => {
                self.at += 1;
                let inside = self.deeper(Self::sum)?;
                self.eat_char('|').then(|| Expr::Call(Function::Abs, Box::new(inside)))
            }
            Token::Char(open @ ('(' | '[' | ']')) => {
                self.at += 1;
                let mut items = vec![self.deeper(Self::relation)?];
                while self.eat_char(',') || self.eat_char(';') {
                    items.push(self.deeper(Self::relation)?);
                }
                let close = match self.peek()? {
                    Token::Char(c @ (')' | ']' | '[')) => *c,
                    _ => return None,
                };
                self.at += 1;
                if items.len() == 1 && open != ']' && close != '[' {
                    return items.pop();
                }
                Some(Expr::Sequence(open, items, close))
            }
            _ => None,
        }
    }

    fn items_until(&mut self, close: &Token) -> Option<Vec<Expr>> {
        if self.peek() == Some(close) {
            return Some(Vec::new());
        }
        Some(match self.deeper(Self::list)? {
            Expr::List(items) => items,
            one => vec![one],
        })
    }

    /// A number, with a fraction or a base after it.
    fn number(&mut self, digits: &str) -> Option<Expr> {
        let value = number(digits)?;
        if self.is_char('_') {
            self.at += 1;
            let base = self.script()?;
            let Expr::Number(base) = base else { return None };
            let base = base.to_integer().to_u32().filter(|b| (2..=36).contains(b))?;
            return Some(Expr::Based(digits.to_owned(), base));
        }
        // Mixed numbers: `1\frac{3}{4}`, `1 3/4`.
        if value.is_integer() {
            if self.peek() == Some(&Token::Command("frac".into())) {
                let back = self.at;
                self.at += 1;
                if let (Some(Expr::Number(over)), Some(Expr::Number(under))) =
                    (self.argument(), self.argument())
                    && over.is_integer()
                    && under.is_integer()
                    && over < under
                {
                    return Some(Expr::Number(value + over / under));
                }
                self.at = back;
            }
            if let (Some(Token::Number(over)), Some(Token::Char('/')), Some(Token::Number(under))) =
                (self.peek(), self.peek_at(1), self.peek_at(2))
            {
                let (over, under) = (number(over)?, number(under)?);
                if over.is_integer() && under.is_integer() && over < under {
                    self.at += 3;
                    return Some(Expr::Number(value + over / under));
                }
            }
        }
        Some(Expr::Number(value))
    }

    fn letter(&mut self, c: char) -> Expr {
        let mut name = c.to_string();
        if self.eat_char('_') {
            let from = self.at;
            if self.is_char('{') {
                let mut depth = 0;
                while let Some(token) = self.peek() {
                    match token {
                        Token::Char('{') => depth += 1,
                        Token::Char('}') => depth -= 1,
                        _ => {}
                    }
                    self.at += 1;
                    if depth == 0 {
                        break;
                    }
                }
            } else {
                self.at = (self.at + 1).min(self.tokens.len());
            }
            name.push('_');
            for token in &self.tokens[from..self.at] {
                token.write_to(&mut name);
            }
            return Expr::Symbol(name);
        }
        match (c, self.dialect) {
            ('π', _) => Expr::Pi,
            ('i', Dialect::Exact) => Expr::I,
            ('e', Dialect::Exact) => Expr::E,
            ('∞', _) => Expr::Infinity,
            _ => Expr::Symbol(name),
        }
    }

    /// A function or a constant by its name in plain letters.
    fn named(&mut self, name: &str) -> Option<Expr> {
        match name {
            "pi" => Some(Expr::Pi),
            "inf" | "infinity" => Some(Expr::Infinity),
            "sqrt" => {
                let of = self.argument()?;
                Some(Expr::Root(2, Box::new(of)))
            }
            "empty" => Some(Expr::Set(Vec::new())),
            _ => self.call(Function::from_name(name)?),
        }
    }

    fn command(&mut self, name: &str) -> Option<Expr> {
        match name {
            "frac" => {
                let over = self.argument()?;
                let under = self.argument()?;
                Some(Expr::Quotient(Box::new(over), Box::new(under)))
            }
            "binom" => {
                let over = self.argument()?;
                let under = self.argument()?;
                Some(Expr::Choose(Box::new(over), Box::new(under)))
            }
            "sqrt" => {
                let mut degree = 2;
                if self.eat_char('[') {
                    let Some(Token::Number(digits)) = self.peek() else { return None };
                    degree = digits.parse().ok().filter(|d| (1..=64).contains(d))?;
                    self.at += 1;
                    if !self.eat_char(']') {
                        return None;
                    }
                }
                let of = self.argument()?;
                Some(Expr::Root(degree, Box::new(of)))
            }
            "log" if self.eat_char('_') => {
                let base = self.script()?;
                let of = self.call_argument()?;
                Some(Expr::Log(Box::new(base), Box::new(of)))
            }
            "matrix" => self.matrix(),
            "floor" | "ceil" => {
                let inside = self.deeper(Self::sum)?;
                self.eat(&Token::Command("close".into())).then(|| {
                    Expr::Call(
                        if name == "floor" { Function::Floor } else { Function::Ceil },
                        Box::new(inside),
                    )
                })
            }
            "close" => None,
            _ => self.call(Function::from_name(name)?),
        }
    }

    /// Rows up to the end of the environment.
    fn matrix(&mut self) -> Option<Expr> {
        let mut rows = vec![Vec::new()];
        loop {
            if self.eat(&Token::MatrixEnd) {
                break;
            }
            let cell = self.deeper(Self::relation)?;
            rows.last_mut().expect("there is always a row").push(cell);
            if self.eat_char('&') {
                continue;
            }
            let mut broken = false;
            while self.eat(&Token::RowBreak) {
                broken = true;
            }
            if broken && self.peek() != Some(&Token::MatrixEnd) {
                rows.push(Vec::new());
            } else if !broken && self.peek() != Some(&Token::MatrixEnd) {
                return None;
            }
        }
        Some(Expr::Matrix(rows))
    }

    /// A function with its power and its argument: `\sin^2 x`, `\sin^{-1} x`, `\cos(2t)`.
    fn call(&mut self, function: Function) -> Option<Expr> {
        let mut exponent = None;
        if self.eat_char('^') {
            exponent = Some(self.script()?);
        }
        let argument = self.call_argument()?;
        if let (Some(Expr::Number(n)), Some(inverse)) = (&exponent, function.inverse())
            && *n == -BigRational::one()
        {
            return Some(Expr::Call(inverse, Box::new(argument)));
        }
        let call = Expr::Call(function, Box::new(argument));
        Some(match exponent {
            Some(exponent) => Expr::Power(Box::new(call), Box::new(exponent)),
            None => call,
        })
    }

    /// What a function is applied to: brackets, or the factors up to the next sign or function.
    fn call_argument(&mut self) -> Option<Expr> {
        self.deeper(|p| {
            if matches!(p.peek(), Some(Token::Char('(' | '{' | '['))) {
                return p.power();
            }
            let mut argument = p.signed()?;
            loop {
                let next_call = match p.peek() {
                    Some(Token::Command(name) | Token::Name(name)) => Function::from_name(name).is_some(),
                    _ => false,
                };
                if next_call || !p.starts_factor() || p.is_char('(') {
                    return Some(argument);
                }
                let factor = p.power()?;
                argument = juxtaposed(argument, factor)?;
            }
        })
    }
}

fn sum_of(mut terms: Vec<Expr>) -> Expr {
    if terms.len() == 1 { terms.pop().expect("one term") } else { Expr::Sum(terms) }
}

fn times(left: Expr, right: Expr) -> Expr {
    match left {
        Expr::Product(mut factors) => {
            factors.push(right);
            Expr::Product(factors)
        }
        left => Expr::Product(vec![left, right]),
    }
}

/// Two things side by side: a product, text going on, a value with words after it.
fn juxtaposed(left: Expr, right: Expr) -> Option<Expr> {
    Some(match (left, right) {
        (Expr::Text(a), Expr::Text(b)) => Expr::Text(format!("{a} {b}")),
        (left, Expr::Text(words)) if words.trim().is_empty() => left,
        (left @ (Expr::Set(_) | Expr::Sequence(..) | Expr::Matrix(_)), Expr::Text(_)) => left,
        (left, Expr::Text(words)) => Expr::Measured(Box::new(left), words.trim().to_owned()),
        (Expr::Text(words), right) if words.trim().is_empty() => right,
        // `Room 7` is not 7 times something, and `2 3` is nothing we know.
        (Expr::Text(_), _) | (Expr::Number(_), Expr::Number(_)) => return None,
        (left, right) => times(left, right),
    })
}

/// The value of digits with an optional point and exponent: `12`, `.5`, `3.61e-10`.
pub(super) fn number(digits: &str) -> Option<BigRational> {
    if digits.len() > 2_000 {
        return None;
    }
    let (mantissa, exponent) = match digits.split_once(['e', 'E']) {
        Some((m, e)) => (m, e.parse::<i32>().ok().filter(|e| e.abs() <= 400)?),
        None => (digits, 0),
    };
    let (whole, part) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let joined: String = [whole, part].concat();
    let value: BigInt = if joined.is_empty() { return None } else { joined.parse().ok()? };
    let shift = exponent - part.len() as i32;
    if value.is_zero() {
        return Some(BigRational::zero());
    }
    let ten = BigInt::from(10);
    Some(if shift >= 0 {
        BigRational::from_integer(value * ten.pow(shift as u32))
    } else {
        BigRational::new(value, ten.pow(shift.unsigned_abs()))
    })
}
