//! What the public grader of the benchmark would say, quirks included.
//!
//! It asks in turn, and the first yes decides:
//! 1. Are the answers the same text, once LaTeX is brought into one of its spellings
//!    ([`one_spelling`])?
//! 2. Are they the same plain text, once units, signs and braces are gone ([`plain`]), or tuples of
//!    such? A fraction must be in lowest terms here, an integer meets only integers.
//! 3. Are they numbers within one part in 10,000 of each other, or of a hundred times or a hundredth
//!    of each other (so 30 passes for 0.3)? Does each part of a list, in its order? Is their
//!    difference zero?
//!
//! What it cannot read it calls wrong, so there is no “unknown” here.

use super::equal;
use super::parse::{Dialect, parse};
use super::spelling::{integer, one_spelling, plain, python_float, without_thousands};

/// The share by which numbers may differ.
const TOLERANCE: f64 = 1e-4;
/// Values accepted for π.
#[expect(clippy::approx_constant, reason = "3.14 is one of the quirks")]
const PIS: [f64; 2] = [std::f64::consts::PI, 3.14];
/// Deepest nesting of lists compared part by part.
const DEPTH: u32 = 4;
/// Longest answer compared beyond its text, in bytes.
const LONGEST: usize = 4_096;

/// A gold answer with its spellings made once.
#[derive(Debug, Clone)]
pub(super) struct Reference {
    text: String,
    spelled: String,
    plain: String,
}

impl Reference {
    pub(super) fn new(gold: &str) -> Self {
        Self { text: gold.to_owned(), spelled: one_spelling(gold), plain: plain(gold) }
    }

    /// Whether the grader accepts `given`, and the rule that decided.
    pub(super) fn accepts(&self, given: &str) -> (bool, &'static str) {
        if one_spelling(given) == self.spelled {
            return (true, "same text");
        }
        let given_plain = if given.len() <= LONGEST { plain(given) } else { String::new() };
        if !given_plain.is_empty() {
            if given_plain == self.plain {
                return (true, "same text without units");
            }
            if same_parts(&self.plain, &given_plain) {
                return (true, "equal parts");
            }
        }
        if given.len() > LONGEST {
            return (false, "too long to compare");
        }
        let has_pi = given.contains("\\pi") || self.text.contains("\\pi");
        let pis = if has_pi { &PIS[..] } else { &PIS[1..] };
        for &pi in pis {
            if let Some(rule) = same_value(given, &self.text, pi, 0) {
                return (true, rule);
            }
        }
        (false, "different")
    }
}

/// Plain answers part by part: tuples and intervals with the same brackets, or one part each.
fn same_parts(gold: &str, given: &str) -> bool {
    let (a, b) = (parts(gold), parts(given));
    if a.len() > 1
        && (gold.chars().next() != given.chars().next() || gold.chars().last() != given.chars().last())
    {
        return false;
    }
    if a.len() != b.len() {
        return false;
    }
    a.iter().zip(&b).all(|(x, y)| {
        if is_fraction(x) && is_fraction(y) {
            return x == y;
        }
        if integer(x).is_some() != integer(y).is_some() {
            return false;
        }
        same_symbols(x, y)
    })
}

fn parts(text: &str) -> Vec<String> {
    let bracket = |c: char| matches!(c, '(' | ')' | '[' | ']');
    let text = without_thousands(text);
    if text.len() > 2
        && text.starts_with(bracket)
        && text.ends_with(bracket)
        && !text[1..text.len() - 1].contains(bracket)
    {
        text[1..text.len() - 1].split(',').map(|part| part.trim().to_owned()).collect()
    } else {
        vec![text]
    }
}

/// `-3/4`.
fn is_fraction(text: &str) -> bool {
    let digits = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    text.strip_prefix('-')
        .unwrap_or(text)
        .split_once('/')
        .is_some_and(|(over, under)| digits(over) && digits(under) && !under.starts_with('0'))
}

/// Whether two plain expressions differ by zero. Powers with braces, brackets or several digits and
/// expressions in more than two letters are not tried.
fn same_symbols(gold: &str, given: &str) -> bool {
    let tried = |s: &str| {
        let mut letters: Vec<char> =
            s.replace("sqrt", "").replace("frac", "").chars().filter(|c| c.is_alphabetic()).collect();
        letters.sort_unstable();
        letters.dedup();
        let long_power = s.match_indices('^').any(|(at, _)| {
            let rest = &s.as_bytes()[at + 1..];
            match rest.first() {
                Some(b'{' | b'(') => true,
                Some(c) if c.is_ascii_digit() => {
                    rest.get(1).is_some_and(u8::is_ascii_digit)
                        || rest.iter().find(|c| !c.is_ascii_digit()) == Some(&b'^')
                }
                _ => false,
            }
        });
        letters.len() <= 2 && !long_power
    };
    if gold == given {
        return true;
    }
    if !tried(&format!("({gold})-({given})")) {
        return false;
    }
    match (parse(gold, Dialect::Reference), parse(given, Dialect::Reference)) {
        (Some(a), Some(b)) => equal::identical(&a, &b),
        _ => false,
    }
}

/// An answer on its way to being a number: some become one at once.
enum Reading {
    Number(f64),
    Text(String),
}

/// Whether `given` and `gold` have the same value: as numbers, in their parts, or by their symbols.
/// `None` when not; else the rule.
fn same_value(given: &str, gold: &str, pi: f64, depth: u32) -> Option<&'static str> {
    let (given, gold) = (reading(given, pi)?, reading(gold, pi)?);
    if let (Reading::Text(a), Reading::Text(b)) = (&given, &gold)
        && (a.trim().to_lowercase() == b.trim().to_lowercase() || a.replace(' ', "") == b.replace(' ', ""))
    {
        return Some("same text");
    }
    let as_number = |r: &Reading| match r {
        Reading::Number(value) => Some(*value),
        Reading::Text(text) if text.contains("{,}") => python_float(&text.replace("{,}", "")),
        Reading::Text(text) => python_float(&text.replace(',', "")),
    };
    if let (Some(x), Some(y)) = (as_number(&given), as_number(&gold)) {
        // Equal infinities have no difference.
        let near =
            |a: f64, b: f64| a.total_cmp(&b).is_eq() || (a - b).abs() <= TOLERANCE * a.abs().max(b.abs());
        if near(x, y) {
            return Some("number within 1/10,000");
        }
        return (near(x, y / 100.0) || near(x, y * 100.0)).then_some("number, as a percentage");
    }
    let text = |r: Reading| match r {
        Reading::Number(value) => format!("{value}"),
        Reading::Text(text) => text.trim().to_owned(),
    };
    let (given, gold) = (text(given), text(gold));
    if given.is_empty() || gold.is_empty() {
        return None;
    }
    let bare = |s: &str, strip: bool| {
        let s = if strip { s.trim_matches(['[', ']', '(', ')']) } else { s };
        s.replace(['{', '}', '(', ')'], "")
    };
    let strip = (given.starts_with('[') && given.ends_with(']') && !gold.starts_with('('))
        || (given.starts_with('(') && given.ends_with(')') && !gold.starts_with('['));
    if bare(&given, strip) == bare(&gold, strip) {
        return Some("same text");
    }
    if depth < DEPTH {
        let all = |a: &str, b: &str| {
            let (a, b): (Vec<&str>, Vec<&str>) = (a.split(',').collect(), b.split(',').collect());
            a.len() == b.len()
                && a.iter().zip(&b).all(|(x, y)| same_value(x.trim(), y.trim(), pi, depth + 1).is_some())
        };
        let bracketed = |s: &str| s.len() > 2 && s.starts_with(['(', '[']) && s.ends_with([')', ']']);
        if bracketed(&given)
            && bracketed(&gold)
            && given.as_bytes()[0] == gold.as_bytes()[0]
            && given.as_bytes().last() == gold.as_bytes().last()
            && all(&given[1..given.len() - 1], &gold[1..gold.len() - 1])
        {
            return Some("equal parts");
        }
        if given.contains(',') && gold.contains(',') && all(&given, &gold) {
            return Some("equal parts");
        }
    }
    let given = read_as_reference(&given)?;
    let gold = read_as_reference(&gold)?;
    equal::loosely(&gold, &given).then_some("equal value")
}

/// Parses as the grader's symbolic step does: a caret between plain integers is “exclusive or”.
fn read_as_reference(text: &str) -> Option<super::expr::Expr> {
    if let Some((base, exponent)) = text.split_once('^')
        && let (Ok(base), Ok(exponent)) = (base.trim().parse::<i64>(), exponent.trim().parse::<i64>())
    {
        return Some(super::expr::Expr::int(base ^ exponent));
    }
    parse(text, Dialect::Reference)
}

/// What is made of an answer before values are compared: dollars and per cent signs at the ends go,
/// a base goes, π becomes a number. `None` where the grader gives up (a subscript after anything
/// but a number).
fn reading(text: &str, pi: f64) -> Option<Reading> {
    if let Some(rest) = text.strip_prefix('$')
        && rest.starts_with(|c: char| c.is_ascii_digit())
    {
        return Some(Reading::Text(rest.to_owned()));
    }
    for sign in ["\\%", "%"] {
        if let Some(number) = text.strip_suffix(sign)
            && number.starts_with(|c: char| c.is_ascii_digit())
            && number.bytes().all(|b| b.is_ascii_digit() || b == b'.')
        {
            return Some(Reading::Text(number.to_owned()));
        }
    }
    if let Some((digits, _)) = text.split_once('_') {
        return python_float(digits).map(|value| Reading::Number(value.trunc()));
    }
    if !text.contains("\\pi") {
        return Some(Reading::Text(text.to_owned()));
    }
    let mut out = String::with_capacity(text.len() + 32);
    let mut rest = text;
    while let Some(at) = rest.find("\\pi") {
        out.push_str(&rest[..at]);
        out.push_str(if out.ends_with(|c: char| c.is_ascii_digit()) { "*" } else { "1*" });
        out.push_str(&pi.to_string());
        rest = &rest[at + 3..];
    }
    out.push_str(rest);
    // Plain arithmetic is worked out at once.
    if out
        .bytes()
        .all(|b| b.is_ascii_digit() || matches!(b, b'+' | b'-' | b'*' | b'/' | b'.' | b'(' | b')' | b' '))
        && !out.contains("**")
        && let Some(value) = parse(&out, Dialect::Reference).as_ref().and_then(equal::constant_number)
    {
        return Some(Reading::Number(value));
    }
    Some(Reading::Text(out))
}
