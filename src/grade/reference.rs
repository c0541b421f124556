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

/// The share by which numbers may differ.
const TOLERANCE: f64 = 1e-4;
/// Values accepted for π.
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

/// LaTeX in one spelling: fractions and roots with braces, no spacing, no degree, dollar and per
/// cent signs, a short name before `=` dropped, `0.5` and `a/b` as fractions.
fn one_spelling(text: &str) -> String {
    let trimmed = text.trim();
    let inner = unwrapped(trimmed, "\\text{").unwrap_or(trimmed).trim();
    // Most answers are a few digits or letters: nothing to respell.
    if inner.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return inner.to_owned();
    }
    let mut s = inner.replace('\n', "").replace("\\!", "").replace("\\\\", "\\");
    s = s.replace("tfrac", "frac").replace("dfrac", "frac").replace("\\left", "").replace("\\right", "");
    s = s.replace("^{\\circ}", "").replace("^\\circ", "").replace("\\$", "");
    match s.matches("\\text{ ").count() {
        0 => {}
        // A unit at the end goes, with what follows it.
        1 => s.truncate(s.find("\\text{ ").unwrap_or(s.len())),
        _ => return inner.to_owned(),
    }
    s = s.replace("\\%", "").replace(" .", " 0.").replace("{.", "{0.");
    if s.starts_with('.') {
        s.insert(0, '0');
    }
    if let Some((name, value)) = s.split_once('=')
        && !value.contains('=')
        && name.chars().count() <= 2
    {
        s = value.to_owned();
    }
    s = with_braces(&s, "\\sqrt", 1);
    s = s.replace(' ', "");
    s = with_braces(&s, "\\frac", 2);
    if s == "0.5" {
        return "\\frac{1}{2}".into();
    }
    if let Some((over, under)) = s.split_once('/')
        && let (Ok(a), Ok(b)) = (over.parse::<i64>(), under.parse::<i64>())
        && s == format!("{a}/{b}")
    {
        return format!("\\frac{{{a}}}{{{b}}}");
    }
    s
}

/// Puts braces around the single characters that follow a command: `\frac12`, `\sqrt2`.
fn with_braces(text: &str, command: &str, arguments: usize) -> String {
    let mut pieces = text.split(command);
    let mut out = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        out.push_str(command);
        if piece.starts_with('{') {
            out.push_str(piece);
            continue;
        }
        let mut chars = piece.chars();
        if arguments == 1 {
            let Some(first) = chars.next() else { continue };
            out.push('{');
            out.push(first);
            out.push('}');
            out.push_str(chars.as_str());
            continue;
        }
        let (Some(over), Some(under)) = (chars.next(), chars.next()) else { return text.to_owned() };
        out.push('{');
        out.push(over);
        out.push('}');
        if under == '{' {
            out.push('{');
        } else {
            out.push('{');
            out.push(under);
            out.push('}');
        }
        out.push_str(chars.as_str());
    }
    out
}

/// The inside of a text that is one command's braces as a whole.
fn unwrapped<'t>(text: &'t str, opening: &str) -> Option<&'t str> {
    text.strip_prefix(opening)?.strip_suffix('}').filter(|inside| !inside.is_empty())
}

/// Words taken for units, in the order in which they are taken out: anywhere, even inside a word.
const UNITS: [&str; 17] = [
    "degree",
    "cm",
    "centimeter",
    "meter",
    "mile",
    "second",
    "minute",
    "hour",
    "day",
    "week",
    "month",
    "year",
    "foot",
    "feet",
    "inch",
    "yard",
    "liter",
];

/// An answer as plain text: units, signs, braces, spaces and case gone, LaTeX read aloud.
fn plain(text: &str) -> String {
    let text = text.trim_matches('\n');
    let mut s = unwrapped(text, "\\text{").unwrap_or(text).to_owned();
    if !s.bytes().all(|b| b.is_ascii_digit()) {
        s = s.replace("\\%", "%").replace("\\$", "$").replace(['$', '%'], "");
        s = s.replace(" or ", " , ").replace(" and ", " , ");
        s = s.replace("million", "*10^6").replace("billion", "*10^9").replace("trillion", "*10^12");
        for unit in UNITS {
            if s.contains(unit) {
                s = without_unit(&s, unit);
            }
        }
        if s.contains("\\circ") {
            s = without_degrees(&s);
        }
        if s.len() >= 2 && s.starts_with('{') && s.ends_with('}') {
            s = s[1..s.len() - 1].to_owned();
        }
        while let Some(at) = s.find(",\\!") {
            let end = at + 3 + (s[at + 3..].len() - s[at + 3..].trim_start_matches(' ').len());
            s.replace_range(at..end, "");
        }
    }
    if let Some(value) = python_float(&s)
        && value.is_finite()
        && value.fract().abs() <= 1e-7
        && value.abs() < 1e18
    {
        s = format!("{}", value.round() as i64);
    }
    // Matrices are left as they are: their fractions then meet only fractions written alike.
    if s.contains('\\') && !s.contains("\\begin") {
        s = read_aloud(&s);
    }
    while let Some(at) = s.find("- ") {
        s.remove(at + 1);
    }
    s = mixed_numbers(&s);
    s.retain(|c| !matches!(c, ' ' | '{' | '}'));
    let s = s.to_lowercase();
    match integer(&s) {
        Some(value) => value.to_string(),
        None => s,
    }
}

fn without_unit(text: &str, unit: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(unit) {
        out.push_str(&rest[..at]);
        rest = &rest[at + unit.len()..];
        rest = rest.strip_prefix("es").unwrap_or(rest);
        rest = rest.strip_prefix('s').unwrap_or(rest);
        rest = rest.trim_start_matches(' ');
        if let Some(power) = rest.strip_prefix('^') {
            let tail = power.trim_start_matches(|c: char| c.is_ascii_digit());
            if tail.len() < power.len() {
                rest = tail;
            }
        }
    }
    out.push_str(rest);
    out
}

/// Takes out `^\circ`.
fn without_degrees(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("\\circ") {
        let before = rest[..at].trim_end_matches(' ');
        match before.strip_suffix('^') {
            Some(kept) => out.push_str(kept),
            None => out.push_str(&rest[..at + 5]),
        }
        rest = &rest[at + 5..];
    }
    out.push_str(rest);
    out
}

/// LaTeX as a converter to plain text prints it: fractions with a slash, roots by name, Greek and
/// signs as letters, everything else without its backslash commands.
fn read_aloud(text: &str) -> String {
    let text = text.replace("\\tfrac", "\\frac").replace("\\dfrac", "\\frac");
    let mut out = String::with_capacity(text.len());
    aloud(&text, &mut out, 0);
    let out = out.replace('√', "sqrt").replace('π', "pi").replace('∞', "inf").replace('∪', "U");
    out.replace(['·', '×'], "*").trim().to_owned()
}

fn aloud(text: &str, out: &mut String, depth: u32) {
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        if c != '\\' {
            match c {
                '{' | '}' | '$' => {}
                '~' => out.push(' '),
                _ => out.push(c),
            }
            at += c.len_utf8();
            continue;
        }
        let name_len = text[at + 1..].bytes().take_while(u8::is_ascii_alphabetic).count();
        if name_len == 0 {
            let next = text[at + 1..].chars().next();
            match next {
                Some('\\') => out.push('\n'),
                Some(' ' | ',' | ';' | ':') => out.push(' '),
                Some(c @ ('{' | '}' | '%' | '$' | '#' | '&' | '_')) => out.push(c),
                _ => {}
            }
            at += 1 + next.map_or(0, char::len_utf8);
            continue;
        }
        let name = &text[at + 1..=at + name_len];
        at += 1 + name_len;
        match name {
            "frac" if depth < DEPTH * 4 => {
                // A blank before keeps `1\frac12` apart.
                out.push(' ');
                at = argument(text, at, out, depth);
                out.push('/');
                at = argument(text, at, out, depth);
            }
            "sqrt" if depth < DEPTH * 4 => {
                if text[at..].starts_with('[') {
                    at += text[at..].find(']').map_or(1, |close| close + 1);
                }
                out.push_str("√(");
                at = argument(text, at, out, depth);
                out.push(')');
            }
            "left" | "right" | "text" | "textbf" | "textit" | "mathrm" | "mathbf" | "mathbb" | "mbox"
            | "displaystyle" | "boxed" | "operatorname" | "big" | "Big" => {
                // The blank that ends a command's name is part of it.
                at += text[at..].len() - text[at..].trim_start_matches(' ').len();
            }
            "pi" => out.push('π'),
            "infty" => out.push('∞'),
            "cup" => out.push('∪'),
            "cdot" => out.push('·'),
            "times" => out.push('×'),
            "circ" => out.push('∘'),
            "pm" => out.push('±'),
            "le" | "leq" => out.push('≤'),
            "ge" | "geq" => out.push('≥'),
            "in" => out.push('∈'),
            "begin" | "end" => {
                // Environments print what they hold.
                at += text[at..].find('}').map_or(0, |close| close + 1);
            }
            "quad" | "qquad" => out.push(' '),
            _ => {
                match super::token::symbol(name) {
                    Some(letter) => out.push(letter),
                    // Functions print their names; unknown commands print nothing.
                    None if super::token::is_name(name) => out.push_str(name),
                    None => {}
                }
            }
        }
    }
}

/// Reads one argument aloud and gives the place after it.
fn argument(text: &str, at: usize, out: &mut String, depth: u32) -> usize {
    let gap = text[at..].len() - text[at..].trim_start_matches(' ').len();
    let at = at + gap;
    let mut chars = text[at..].char_indices();
    match chars.next() {
        Some((_, '{')) => {
            let mut level = 0;
            for (i, c) in text[at..].char_indices() {
                match c {
                    '{' => level += 1,
                    '}' => level -= 1,
                    _ => {}
                }
                if level == 0 {
                    aloud(&text[at + 1..at + i], out, depth + 1);
                    return at + i + 1;
                }
            }
            text.len()
        }
        Some((_, '\\')) => {
            let len = 1 + text[at + 1..].bytes().take_while(u8::is_ascii_alphabetic).count();
            aloud(&text[at..at + len], out, depth + 1);
            at + len
        }
        Some((_, c)) => {
            out.push(c);
            at + c.len_utf8()
        }
        None => at,
    }
}

/// `1 3/4` as a sum.
fn mixed_numbers(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(' ') {
        let (before, after) = (&rest[..at], rest[at..].trim_start_matches(' '));
        out.push_str(before);
        let joins =
            before.ends_with(|c: char| c.is_ascii_digit()) && after.starts_with(|c: char| c.is_ascii_digit());
        out.push_str(if joins { "+" } else { " " });
        rest = after;
    }
    out.push_str(rest);
    out
}

/// Commas between groups of three digits taken out.
fn without_thousands(text: &str) -> String {
    let bytes = text.as_bytes();
    let digit = |i: usize| bytes.get(i).is_some_and(u8::is_ascii_digit);
    let mut out = String::with_capacity(text.len());
    for (i, c) in text.char_indices() {
        let separator = c == ','
            && i > 0
            && digit(i - 1)
            && digit(i + 1)
            && digit(i + 2)
            && digit(i + 3)
            && !digit(i + 4);
        // `1,234,567`: the group before another separator counts too.
        if !separator {
            out.push(c);
        }
    }
    out
}

/// The integer a text stands for, commas and `.0` allowed.
fn integer(text: &str) -> Option<i64> {
    let value = python_float(&without_thousands(text))?;
    ((value - value.round()).abs() <= 1e-7 && value.abs() < 9e18).then_some(value.round() as i64)
}

/// A number as Python's `float` reads it.
fn python_float(text: &str) -> Option<f64> {
    let text = text.trim();
    let ok = !text.is_empty()
        && text.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'+' | b'-' | b'e' | b'E'))
        && text.bytes().any(|b| b.is_ascii_digit());
    if ok {
        return text.parse().ok();
    }
    let sign = if text.starts_with('-') { -1.0 } else { 1.0 };
    matches!(text.trim_start_matches(['+', '-']).to_ascii_lowercase().as_str(), "inf" | "infinity")
        .then_some(sign * f64::INFINITY)
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
            let rest = s[at + 1..].as_bytes();
            match rest.first() {
                Some(b'{' | b'(') => true,
                Some(c) if c.is_ascii_digit() => {
                    rest.get(1).is_some_and(|c| c.is_ascii_digit())
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
        let near = |a: f64, b: f64| a == b || (a - b).abs() <= TOLERANCE * a.abs().max(b.abs());
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
fn read_as_reference(text: &str) -> Option<super::parse::Expr> {
    if let Some((base, exponent)) = text.split_once('^')
        && let (Ok(base), Ok(exponent)) = (base.trim().parse::<i64>(), exponent.trim().parse::<i64>())
    {
        return Some(super::parse::Expr::int(base ^ exponent));
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
        out.push_str(&format!("{pi}"));
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
