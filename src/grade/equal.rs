//! Whether two answers say the same.
//!
//! Exactly where both have an exact form; else by evaluation at several points chosen at random
//! (always the same ones, so that a verdict never changes): to many digits where the values are
//! real, in floating point where they are complex.

use num_bigint::BigInt;
use num_complex::Complex64;
use num_rational::BigRational;
use num_traits::{One, Signed, Zero};

use super::expr::{Expr, Sign};
use super::precise::agree;
use super::residue::residue;
use super::unit;
use super::value::{Symbols, approximate, exact};

/// Points at which expressions with free symbols are compared.
const POINTS: u64 = 4;
/// How far floating-point values of equal expressions may differ, as a share of their size.
const CLOSE: f64 = 1e-9;
/// Most answers in a list that are matched in any order.
const MATCHED: usize = 64;

/// How two answers were found equal or different.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum How {
    /// Exact values.
    Exact,
    /// Values at random points.
    Points,
    /// Words.
    Text,
    /// Part by part.
    Parts,
}

/// The outcome of a comparison; `None` where the two cannot be compared.
pub(super) type Outcome = Option<(bool, How)>;

/// Compares the answer `given` with `gold`.
pub(super) fn compare(gold: &Expr, given: &Expr) -> Outcome {
    compare_at(gold, given, 0)
}

fn compare_at(gold: &Expr, given: &Expr, depth: u32) -> Outcome {
    if depth > 24 {
        return None;
    }
    let again = |a: &Expr, b: &Expr| compare_at(a, b, depth + 1);
    if gold == given {
        return Some((true, if matches!(gold, Expr::Text(_)) { How::Text } else { How::Exact }));
    }
    match (gold, given) {
        // `a ± b` is two answers.
        (Expr::PlusMinus(a, b), _) => again(&both(a, b), given),
        (_, Expr::PlusMinus(a, b)) => again(gold, &both(a, b)),
        (Expr::Text(a), Expr::Text(b)) => Some((same_words(a, b), How::Text)),
        // `\text{(B)}` and `B`.
        (Expr::Text(words), other) | (other, Expr::Text(words)) => {
            let letters = spelled(other)?;
            Some((same_words(words, &letters), How::Text))
        }
        (Expr::Based(a, base_a), Expr::Based(b, base_b)) if base_a == base_b => {
            Some((a.trim_start_matches('0').eq_ignore_ascii_case(b.trim_start_matches('0')), How::Exact))
        }
        // Where only one names the base, the question does, and the digits are compared.
        (Expr::Based(digits, _), Expr::Number(n)) | (Expr::Number(n), Expr::Based(digits, _)) => {
            Some((super::parse::number(digits).is_some_and(|d| d == *n), How::Exact))
        }
        (Expr::Degrees(a), Expr::Degrees(b)) | (Expr::Percent(a), Expr::Percent(b)) => again(a, b),
        // A sign that only one has may stand for the unit asked for, or be worked into the value.
        (Expr::Degrees(inner), other) => either(again(inner, other), || values(gold, other)),
        (other, Expr::Degrees(inner)) => either(again(other, inner), || values(other, given)),
        (Expr::Percent(inner), other) => either(again(inner, other), || values(gold, other)),
        (other, Expr::Percent(inner)) => either(again(other, inner), || values(other, given)),
        (Expr::Measured(a, unit_a), Expr::Measured(b, unit_b)) => measured(a, unit_a, b, unit_b, depth),
        (Expr::Measured(inner, _), other) => again(inner, other),
        (other, Expr::Measured(inner, _)) => again(other, inner),
        (Expr::Relation(..), _) | (_, Expr::Relation(..)) => relations(gold, given, depth),
        (Expr::Matrix(a), Expr::Matrix(b)) => {
            if a.len() != b.len() || a.iter().zip(b).any(|(x, y)| x.len() != y.len()) {
                return Some((false, How::Parts));
            }
            in_order(a.iter().flatten(), b.iter().flatten(), depth)
        }
        // A column or a row written as a tuple.
        (Expr::Matrix(rows), Expr::Sequence(_, items, _))
        | (Expr::Sequence(_, items, _), Expr::Matrix(rows))
            if rows.iter().map(Vec::len).sum::<usize>() == items.len()
                && (rows.len() == 1 || rows.iter().all(|r| r.len() == 1)) =>
        {
            in_order(rows.iter().flatten(), items.iter(), depth)
        }
        (Expr::Sequence(o1, a, c1), Expr::Sequence(o2, b, c2)) => {
            if (opens(*o1), closes(*c1)) != (opens(*o2), closes(*c2)) || a.len() != b.len() {
                return Some((false, How::Parts));
            }
            in_order(a.iter(), b.iter(), depth)
        }
        // A tuple's values without its brackets, in its order.
        (Expr::Sequence(_, a, _), Expr::List(b)) | (Expr::List(a), Expr::Sequence(_, b, _))
            if a.len() == b.len() =>
        {
            in_order(a.iter(), b.iter(), depth)
        }
        (Expr::Set(a) | Expr::List(a) | Expr::Union(a), Expr::Set(b) | Expr::List(b) | Expr::Union(b)) => {
            let (a, b) = (spread(a), spread(b));
            if a.len() != b.len() {
                return Some((false, How::Parts));
            }
            in_any_order(&a, &b, depth)
        }
        (Expr::Set(items) | Expr::List(items), other) if items.len() == 1 => again(&items[0], other),
        (other, Expr::Set(items) | Expr::List(items)) if items.len() == 1 => again(other, &items[0]),
        (Expr::Infinity, Expr::Infinity) => Some((true, How::Exact)),
        _ if is_plural(gold) != is_plural(given) => Some((false, How::Parts)),
        _ => either(values(gold, given), || with_unit_letter(gold, given)),
    }
}

/// The first outcome, or the second where the first is no match.
fn either(first: Outcome, second: impl FnOnce() -> Outcome) -> Outcome {
    match first {
        Some((true, _)) => first,
        _ => match second() {
            Some(outcome @ (true, _)) => Some(outcome),
            other => first.or(other),
        },
    }
}

fn both(a: &Expr, b: &Expr) -> Expr {
    let minus = Expr::Product(vec![Expr::int(-1), b.clone()]);
    Expr::List(vec![Expr::Sum(vec![a.clone(), b.clone()]), Expr::Sum(vec![a.clone(), minus])])
}

/// The answers of a list, with `±` made two.
fn spread(items: &[Expr]) -> Vec<Expr> {
    let mut out = Vec::new();
    for item in items {
        match item {
            Expr::PlusMinus(a, b) => match both(a, b) {
                Expr::List(two) => out.extend(two),
                _ => unreachable!("both values make a list"),
            },
            Expr::Relation(sides, signs)
                if sides.len() == 2
                    && signs[0] == Sign::Equal
                    && sides[0].is_name()
                    && matches!(sides[1], Expr::PlusMinus(..)) =>
            {
                out.extend(spread(&sides[1..]));
            }
            other => out.push(other.clone()),
        }
    }
    out
}

fn opens(c: char) -> bool {
    c == '['
}

fn closes(c: char) -> bool {
    c == ']'
}

fn is_plural(expr: &Expr) -> bool {
    matches!(expr, Expr::Set(_) | Expr::List(_) | Expr::Union(_) | Expr::Sequence(..) | Expr::Matrix(_))
}

fn in_order<'e>(
    a: impl Iterator<Item = &'e Expr> + 'e,
    b: impl Iterator<Item = &'e Expr> + 'e,
    depth: u32,
) -> Outcome {
    let mut unknown = false;
    for (x, y) in a.zip(b) {
        match compare_at(x, y, depth + 1) {
            Some((true, _)) => {}
            Some((false, _)) => return Some((false, How::Parts)),
            None => unknown = true,
        }
    }
    (!unknown).then_some((true, How::Parts))
}

/// Each of `a` with another one of `b`. Equality is transitive, so the first match will do.
fn in_any_order(a: &[Expr], b: &[Expr], depth: u32) -> Outcome {
    if a.len() > MATCHED {
        return in_order(a.iter(), b.iter(), depth);
    }
    let mut free: Vec<&Expr> = b.iter().collect();
    let mut unknown = false;
    for x in a {
        let mut found = None;
        for (i, y) in free.iter().enumerate() {
            match compare_at(x, y, depth + 1) {
                Some((true, _)) => {
                    found = Some(i);
                    break;
                }
                Some((false, _)) => {}
                None => unknown = true,
            }
        }
        match found {
            Some(i) => {
                free.swap_remove(i);
            }
            None => return if unknown { None } else { Some((false, How::Parts)) },
        }
    }
    Some((true, How::Parts))
}

/// Values with units: the same unit, or units of one quantity worked into each other.
fn measured(a: &Expr, unit_a: &str, b: &Expr, unit_b: &str, depth: u32) -> Outcome {
    if let (Some((quantity_a, over_a, under_a)), Some((quantity_b, over_b, under_b))) =
        (unit::known(unit_a), unit::known(unit_b))
    {
        if quantity_a != quantity_b {
            return Some((false, How::Exact));
        }
        let scaled = |value: &Expr, over: i64, under: i64| {
            let factor = BigRational::new(BigInt::from(over), BigInt::from(under));
            Expr::Product(vec![Expr::Number(factor), value.clone()])
        };
        return compare_at(&scaled(a, over_a, under_a), &scaled(b, over_b, under_b), depth + 1);
    }
    // Other words may be worded in many ways: `5 cookies`, `5 cookies in all`.
    compare_at(a, b, depth + 1)
}

/// `5 m` for 5: a single letter that is a unit, where the gold answer has no symbol at all.
fn with_unit_letter(gold: &Expr, given: &Expr) -> Outcome {
    let Expr::Product(factors) = given else { return None };
    let [value @ .., Expr::Symbol(unit)] = factors.as_slice() else { return None };
    if value.is_empty() || !matches!(unit.as_str(), "m" | "s" | "g" | "h" | "L" | "N" | "J" | "W" | "V" | "K")
    {
        return None;
    }
    let mut names = Names::default();
    exact(gold, &mut names)?;
    if names.seen {
        return None;
    }
    values(gold, &Expr::Product(value.to_vec()))
}

/// Equations and inequalities, among each other and against plain values and intervals.
fn relations(gold: &Expr, given: &Expr, depth: u32) -> Outcome {
    let again = |a: &Expr, b: &Expr| compare_at(a, b, depth + 1);
    // An inequality is the interval of its symbol.
    if let Some(interval) = as_interval(gold)
        && !matches!(given, Expr::Relation(_, signs) if as_interval(given).is_none() && signs[0] != Sign::Equal && signs[0] != Sign::In)
    {
        return match as_interval(given) {
            Some(other) => again(&interval, &other),
            None => again(&interval, &defined(given).cloned().unwrap_or_else(|| given.clone())),
        };
    }
    if let Some(interval) = as_interval(given) {
        return again(defined(gold).unwrap_or(gold), &interval);
    }
    match (gold, given) {
        (Expr::Relation(a, signs_a), Expr::Relation(b, signs_b)) => {
            if let (Some(x), Some(y)) = (defined(gold), defined(given)) {
                let direct = again(x, y);
                if matches!(direct, Some((true, _))) || a[0] == b[0] {
                    return direct;
                }
            }
            if a.len() == 2 && b.len() == 2 && signs_a == &[Sign::Equal] && signs_b == &[Sign::Equal] {
                return same_equation(&a[0], &a[1], &b[0], &b[1]);
            }
            if signs_a == signs_b && a.len() == b.len() {
                return in_order(a.iter(), b.iter(), depth);
            }
            None
        }
        (Expr::Relation(..), other) => again(defined(gold)?, other),
        (other, Expr::Relation(..)) => again(other, defined(given)?),
        _ => None,
    }
}

/// What a relation says its name is: the last side of `x = …` or `f(x) = … = …`, of `x ∈ …`.
fn defined(expr: &Expr) -> Option<&Expr> {
    let Expr::Relation(sides, signs) = expr else { return None };
    if signs.iter().all(|s| *s == Sign::Equal || *s == Sign::In) {
        if sides[0].is_name() {
            return sides.last();
        }
        // `5 = x`
        if sides.len() == 2 && signs[0] == Sign::Equal && sides[1].is_name() {
            return Some(&sides[0]);
        }
        // `2 + 3 = 5`: a calculation, whose result is its last side.
        if sides.len() >= 2 && signs.iter().all(|s| *s == Sign::Equal) {
            let (mut a, mut b) = (Names::default(), Names::default());
            let (first, last) = (exact(&sides[0], &mut a)?, exact(sides.last()?, &mut b)?);
            if !a.seen && !b.seen && first == last {
                return sides.last();
            }
        }
    }
    None
}

/// `a < x ≤ b`, `x > a`, `a ≥ x` as an interval.
fn as_interval(expr: &Expr) -> Option<Expr> {
    let Expr::Relation(sides, signs) = expr else { return None };
    let less = |s: Sign| matches!(s, Sign::Less | Sign::LessEqual);
    let more = |s: Sign| matches!(s, Sign::Greater | Sign::GreaterEqual);
    let open = |s: Sign| if matches!(s, Sign::Less | Sign::Greater) { '(' } else { '[' };
    let close = |s: Sign| if matches!(s, Sign::Less | Sign::Greater) { ')' } else { ']' };
    let minus_infinity = || Expr::Product(vec![Expr::int(-1), Expr::Infinity]);
    match (sides.as_slice(), signs.as_slice()) {
        ([low, name, high], [s, t]) if name.is_name() && less(*s) && less(*t) => {
            Some(Expr::Sequence(open(*s), vec![low.clone(), high.clone()], close(*t)))
        }
        ([high, name, low], [s, t]) if name.is_name() && more(*s) && more(*t) => {
            Some(Expr::Sequence(open(*t), vec![low.clone(), high.clone()], close(*s)))
        }
        ([name, low], [s]) if name.is_name() && more(*s) => {
            Some(Expr::Sequence(open(*s), vec![low.clone(), Expr::Infinity], ')'))
        }
        ([name, high], [s]) if name.is_name() && less(*s) => {
            Some(Expr::Sequence('(', vec![minus_infinity(), high.clone()], close(*s)))
        }
        ([low, name], [s]) if name.is_name() && less(*s) => {
            Some(Expr::Sequence(open(*s), vec![low.clone(), Expr::Infinity], ')'))
        }
        ([high, name], [s]) if name.is_name() && more(*s) => {
            Some(Expr::Sequence('(', vec![minus_infinity(), high.clone()], close(*s)))
        }
        _ => None,
    }
}

/// Whether two equations have the same solutions: the differences of their sides are in one ratio
/// at every point.
fn same_equation(left_a: &Expr, right_a: &Expr, left_b: &Expr, right_b: &Expr) -> Outcome {
    let difference =
        |l: &Expr, r: &Expr| Expr::Sum(vec![l.clone(), Expr::Product(vec![Expr::int(-1), r.clone()])]);
    let (a, b) = (difference(left_a, right_a), difference(left_b, right_b));
    let mut ratio: Option<Complex64> = None;
    for point in 0..POINTS {
        let x = approximate(&a, &mut Random { point })?;
        let y = approximate(&b, &mut Random { point })?;
        if y.norm() < 1e-12 || x.norm() < 1e-12 {
            return None;
        }
        let here = x / y;
        if ratio.is_some_and(|r| (r - here).norm() > CLOSE * r.norm().max(here.norm())) {
            return Some((false, How::Points));
        }
        ratio = Some(here);
    }
    Some((true, How::Points))
}

/// Compares plain values: exactly, else at random points.
fn values(a: &Expr, b: &Expr) -> Outcome {
    let infinite = |e: &Expr| match e {
        Expr::Infinity => Some(true),
        Expr::Product(f) => match f.as_slice() {
            [Expr::Number(n), Expr::Infinity] => Some(n.is_positive()),
            _ => None,
        },
        Expr::Sum(terms) => matches!(terms.as_slice(), [Expr::Infinity]).then_some(true),
        _ => None,
    };
    match (infinite(a), infinite(b)) {
        (Some(x), Some(y)) => return Some((x == y, How::Exact)),
        (Some(_), None) | (None, Some(_)) => return Some((false, How::Exact)),
        (None, None) => {}
    }
    let mut symbols = false;
    let mut undecided = false;
    for point in 0..POINTS {
        let (mut for_a, mut for_b) = (Names { point, seen: false }, Names { point, seen: false });
        if let (Some(x), Some(y)) = (residue(a, &mut for_a), residue(b, &mut for_b))
            && x != y
        {
            let symbols = for_a.seen || for_b.seen;
            return Some((false, if symbols { How::Points } else { How::Exact }));
        }
        let (x, y) = (exact(a, &mut for_a), exact(b, &mut for_b));
        symbols |= for_a.seen || for_b.seen;
        match (x, y) {
            (Some(x), Some(y)) if x != y => {
                return Some((false, if symbols { How::Points } else { How::Exact }));
            }
            (Some(_), Some(_)) if !symbols => return Some((true, How::Exact)),
            (Some(_), Some(_)) => {}
            _ => {
                undecided = true;
                break;
            }
        }
    }
    if !undecided {
        return Some((true, How::Points));
    }
    let mut compared = 0;
    for point in 0..POINTS {
        if let Some(same) = agree(a, b, &mut Random { point }) {
            compared += 1;
            if !same {
                return Some((false, How::Points));
            }
            continue;
        }
        let (Some(x), Some(y)) =
            (approximate(a, &mut Random { point }), approximate(b, &mut Random { point }))
        else {
            continue;
        };
        compared += 1;
        if !close(x, y, CLOSE) {
            return Some((false, How::Points));
        }
    }
    (compared > 0).then_some((true, How::Points))
}

/// Whether two values agree within a share of the larger.
pub(super) fn close(x: Complex64, y: Complex64, share: f64) -> bool {
    (x - y).norm() <= share * x.norm().max(y.norm())
}

/// Whether two expressions are equal as the public grader sees it: as numbers within a share of
/// 1e-4 (one part in ten thousand), or identical in their symbols.
pub(super) fn loosely(a: &Expr, b: &Expr) -> bool {
    if let Some((true, _)) = values(a, b) {
        return true;
    }
    let (mut for_a, mut for_b) = (Names::default(), Names::default());
    match (approximate(a, &mut for_a), approximate(b, &mut for_b)) {
        (Some(x), Some(y)) if !for_a.seen && !for_b.seen => close(x, y, 1e-4),
        _ => false,
    }
}

/// The symbols of an expression at a point, noting whether there are any.
#[derive(Debug, Default)]
struct Names {
    point: u64,
    seen: bool,
}

impl Symbols for Names {
    fn value(&mut self, name: &str) -> BigRational {
        self.seen = true;
        Random { point: self.point }.value(name)
    }
}

/// Positive rationals that depend on name and point alone.
struct Random {
    point: u64,
}

impl Symbols for Random {
    fn value(&mut self, name: &str) -> BigRational {
        let hash = xxhash_rust::xxh3::xxh3_64_with_seed(name.as_bytes(), 0x51ed_270b ^ self.point);
        // Between 1/97 and 10: sums and powers stay small, differences show.
        let over = (hash % 963) + 11;
        BigRational::new(over.into(), 97.into())
    }
}

/// Words without case, spacing and the punctuation around them.
fn same_words(a: &str, b: &str) -> bool {
    fn plain(text: &str) -> impl Iterator<Item = char> + '_ {
        text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase)
    }
    plain(a).eq(plain(b)) && plain(a).next().is_some()
}

/// An expression that is only letters, as the word it spells: `B`, `no`.
fn spelled(expr: &Expr) -> Option<String> {
    match expr {
        Expr::Symbol(name) => Some(name.clone()),
        Expr::E => Some("e".into()),
        Expr::I => Some("i".into()),
        Expr::Text(text) => Some(text.clone()),
        Expr::Product(factors) => factors.iter().map(spelled).collect::<Option<Vec<_>>>().map(|s| s.concat()),
        Expr::Measured(of, words) => Some(spelled(of)? + words),
        Expr::Number(n) if n.denom().is_one() && !n.is_zero() => Some(n.to_string()),
        _ => None,
    }
}

/// The value of an expression without symbols, in floating point.
pub(super) fn constant_number(expr: &Expr) -> Option<f64> {
    let mut names = Names::default();
    let value = approximate(expr, &mut names)?;
    (!names.seen && value.im == 0.0).then_some(value.re)
}

/// Whether two expressions have the same value, exactly or at every point tried.
pub(super) fn identical(a: &Expr, b: &Expr) -> bool {
    matches!(values(a, b), Some((true, _)))
}
