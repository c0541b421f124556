//! Values of expressions: exact where they are sums of rationals times square roots, powers of π
//! and of e, and the imaginary unit; else complex floating point.
//!
//! Both evaluations take values for the free symbols. Sizes are bounded, so `9^{9^9}` is no value.

use std::collections::BTreeMap;

use num_bigint::BigInt;
use num_complex::Complex64;
use num_integer::{Integer, Roots};
use num_rational::BigRational;
use num_traits::{One, Signed, ToPrimitive, Zero};

use super::expr::{Expr, Function};

/// Largest numerator or denominator, in bits.
const BITS: u64 = 4_096;
/// Most terms of an exact value.
const TERMS: usize = 64;
/// Largest number whose square factors are looked for.
const RADICAND: u64 = 1_000_000_000_000;
/// Most steps of one evaluation.
const STEPS: u32 = 20_000;

/// What a term is a rational multiple of: √radicand · π^pi · e^e · (i if imaginary).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Basis {
    /// Without square factors; 1 for none.
    radicand: u64,
    pi: i16,
    e: i16,
    imaginary: bool,
}

const UNIT: Basis = Basis { radicand: 1, pi: 0, e: 0, imaginary: false };

/// An exact value: a sum of rational multiples of independent irrationals. Equal values have equal
/// terms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Exact {
    terms: BTreeMap<Basis, BigRational>,
}

impl Exact {
    pub(super) fn rational(value: BigRational) -> Self {
        Self::term(UNIT, value)
    }

    pub(super) fn int(value: i64) -> Self {
        Self::rational(BigRational::from_integer(value.into()))
    }

    fn term(basis: Basis, value: BigRational) -> Self {
        let mut terms = BTreeMap::new();
        if !value.is_zero() {
            terms.insert(basis, value);
        }
        Self { terms }
    }

    pub(super) fn is_zero(&self) -> bool {
        self.terms.is_empty()
    }

    /// The value as a rational number, when it is one.
    pub(super) fn as_rational(&self) -> Option<BigRational> {
        match self.terms.len() {
            0 => Some(BigRational::zero()),
            1 => self.terms.get(&UNIT).cloned(),
            _ => None,
        }
    }

    pub(super) fn add(&self, other: &Self) -> Option<Self> {
        let mut terms = self.terms.clone();
        for (basis, value) in &other.terms {
            let sum = terms.remove(basis).unwrap_or_else(BigRational::zero) + value;
            if !sum.is_zero() {
                terms.insert(*basis, sum);
            }
        }
        Self { terms }.bounded()
    }

    pub(super) fn negative(&self) -> Self {
        Self { terms: self.terms.iter().map(|(b, v)| (*b, -v)).collect() }
    }

    pub(super) fn times(&self, other: &Self) -> Option<Self> {
        if self.terms.len() * other.terms.len() > TERMS * 4 {
            return None;
        }
        let mut product = Self { terms: BTreeMap::new() };
        for (a, x) in &self.terms {
            for (b, y) in &other.terms {
                let mut value = x * y;
                let shared = a.radicand.gcd(&b.radicand);
                let radicand = (a.radicand / shared).checked_mul(b.radicand / shared)?;
                value *= BigRational::from_integer(shared.into());
                if a.imaginary && b.imaginary {
                    value = -value;
                }
                let basis = Basis {
                    radicand,
                    pi: a.pi.checked_add(b.pi)?,
                    e: a.e.checked_add(b.e)?,
                    imaginary: a.imaginary != b.imaginary,
                };
                product = product.add(&Self::term(basis, value))?;
            }
        }
        product.bounded()
    }

    /// One over the value, where it has one or two terms or becomes so by conjugation.
    fn inverse(&self) -> Option<Self> {
        let mut over = Self::int(1);
        let mut under = self.clone();
        for _ in 0..4 {
            if under.terms.len() == 1 {
                let (basis, value) = under.terms.iter().next()?;
                // 1/√r = √r/r and 1/i = −i.
                let mut inverse = value.recip() / BigRational::from_integer(basis.radicand.into());
                if basis.imaginary {
                    inverse = -inverse;
                }
                let basis = Basis { pi: -basis.pi, e: -basis.e, ..*basis };
                return over.times(&Self::term(basis, inverse));
            }
            let conjugate = under.conjugate()?;
            over = over.times(&conjugate)?;
            under = under.times(&conjugate)?;
        }
        None
    }

    /// The value with the sign of one root, or of the imaginary unit, turned.
    fn conjugate(&self) -> Option<Self> {
        if self.is_zero() {
            return None;
        }
        if self.terms.keys().any(|b| b.imaginary) {
            return Some(self.turned(|b| b.imaginary));
        }
        let prime = self.terms.keys().find(|b| b.radicand > 1).map(|b| smallest_factor(b.radicand))?;
        Some(self.turned(|b| b.radicand % prime == 0))
    }

    fn turned(&self, which: impl Fn(&Basis) -> bool) -> Self {
        Self { terms: self.terms.iter().map(|(b, v)| (*b, if which(b) { -v } else { v.clone() })).collect() }
    }

    fn over(&self, other: &Self) -> Option<Self> {
        self.times(&other.inverse()?)
    }

    fn bounded(self) -> Option<Self> {
        let small = |n: &BigInt| n.bits() <= BITS;
        (self.terms.len() <= TERMS && self.terms.values().all(|v| small(v.numer()) && small(v.denom())))
            .then_some(self)
    }

    fn power(&self, exponent: &BigRational) -> Option<Self> {
        if exponent.is_integer() {
            let n = exponent.to_integer().to_i64()?;
            if self.is_zero() {
                // 0⁰ is 1 here, as in every system that graders use.
                return match n {
                    0 => Some(Self::int(1)),
                    1.. => Some(Self::int(0)),
                    _ => None,
                };
            }
            if n.unsigned_abs() > 10_000 {
                return None;
            }
            if self.terms.len() == 1
                && let Some(value) = self.terms.get(&UNIT)
            {
                let bits = value.numer().bits().max(value.denom().bits());
                if bits > 1 && bits.saturating_mul(n.unsigned_abs()) > BITS {
                    return None;
                }
                return Some(Self::rational(value.pow(n as i32)));
            }
            if n.unsigned_abs() > 64 {
                return None;
            }
            let mut result = Self::int(1);
            for _ in 0..n.unsigned_abs() {
                result = result.times(self)?;
            }
            return if n < 0 { result.inverse() } else { Some(result) };
        }
        let degree = exponent.denom().to_u32().filter(|d| *d <= 64)?;
        let root = self.root(degree)?;
        root.power(&BigRational::from_integer(exponent.numer().clone()))
    }

    /// The principal root, where the value is rational (or a power of a root that is).
    fn root(&self, degree: u32) -> Option<Self> {
        let value = self.as_rational()?;
        if value.is_zero() {
            return Some(Self::int(0));
        }
        if value.is_negative() {
            return match degree {
                2 => Self::rational(-value)
                    .root(2)?
                    .times(&Self::term(Basis { imaginary: true, ..UNIT }, BigRational::one())),
                _ => None,
            };
        }
        let exact = |n: &BigInt| {
            let root = n.nth_root(degree);
            (root.pow(degree) == *n).then_some(root)
        };
        if let (Some(over), Some(under)) = (exact(value.numer()), exact(value.denom())) {
            return Some(Self::rational(BigRational::new(over, under)));
        }
        // Fourth roots of squares are square roots, and so on.
        if degree.is_multiple_of(2) && degree > 2 {
            let half = Self::rational(value.clone()).root(degree / 2)?;
            return half.root(2);
        }
        if degree != 2 {
            return None;
        }
        // √(a/b) = √(ab)/b
        let inside = value.numer() * value.denom();
        let inside = inside.to_u64().filter(|n| *n <= RADICAND)?;
        let (square, free) = square_part(inside);
        let factor = BigRational::new(square.into(), value.denom().clone());
        Some(Self::term(Basis { radicand: free, ..UNIT }, factor))
    }

    /// The value in floating point.
    pub(super) fn approximate(&self) -> Complex64 {
        self.terms
            .iter()
            .map(|(basis, value)| {
                let real = value.to_f64().unwrap_or(f64::NAN)
                    * (basis.radicand as f64).sqrt()
                    * std::f64::consts::PI.powi(i32::from(basis.pi))
                    * std::f64::consts::E.powi(i32::from(basis.e));
                if basis.imaginary { Complex64::new(0.0, real) } else { Complex64::new(real, 0.0) }
            })
            .sum()
    }

    fn is_real(&self) -> bool {
        self.terms.keys().all(|b| !b.imaginary)
    }
}

/// `n` = square² · free.
fn square_part(mut n: u64) -> (u64, u64) {
    let (mut square, mut free) = (1, 1);
    let mut p = 2;
    while p * p * p <= n {
        while n.is_multiple_of(p * p) {
            square *= p;
            n /= p * p;
        }
        if n.is_multiple_of(p) {
            free *= p;
            n /= p;
        }
        p += if p == 2 { 1 } else { 2 };
    }
    // What is left has at most two prime factors.
    let root = n.sqrt();
    if root * root == n { (square * root, free) } else { (square, free * n) }
}

fn smallest_factor(n: u64) -> u64 {
    let mut p = 2;
    while p * p <= n {
        if n.is_multiple_of(p) {
            return p;
        }
        p += 1;
        // Radicands this large do not come from answers; any divisor greater than 1 will do.
        if p > 10_000 {
            return n;
        }
    }
    n
}

/// Values for the free symbols.
pub(super) trait Symbols {
    /// The value of a symbol, the same each time it is asked for.
    fn value(&mut self, name: &str) -> BigRational;
}

/// Evaluates exactly; `None` when the value has no such form or is too large.
pub(super) fn exact(expr: &Expr, symbols: &mut impl Symbols) -> Option<Exact> {
    Evaluation { symbols, steps: 0 }.exact(expr)
}

/// Evaluates in floating point; `None` when a part has no value.
pub(super) fn approximate(expr: &Expr, symbols: &mut impl Symbols) -> Option<Complex64> {
    let value = Evaluation { symbols, steps: 0 }.approximate(expr)?;
    (value.re.is_finite() && value.im.is_finite()).then_some(value)
}

struct Evaluation<'s, S> {
    symbols: &'s mut S,
    steps: u32,
}

impl<S: Symbols> Evaluation<'_, S> {
    fn step(&mut self) -> Option<()> {
        self.steps += 1;
        (self.steps <= STEPS).then_some(())
    }

    fn exact(&mut self, expr: &Expr) -> Option<Exact> {
        self.step()?;
        match expr {
            Expr::Number(n) => Exact::rational(n.clone()).bounded(),
            Expr::Symbol(name) => Some(Exact::rational(self.symbols.value(name))),
            Expr::Pi => Some(Exact::term(Basis { pi: 1, ..UNIT }, BigRational::one())),
            Expr::E => Some(Exact::term(Basis { e: 1, ..UNIT }, BigRational::one())),
            Expr::I => Some(Exact::term(Basis { imaginary: true, ..UNIT }, BigRational::one())),
            Expr::Sum(terms) => terms.iter().try_fold(Exact::int(0), |sum, term| sum.add(&self.exact(term)?)),
            Expr::Product(factors) => {
                factors.iter().try_fold(Exact::int(1), |product, f| product.times(&self.exact(f)?))
            }
            Expr::Quotient(over, under) => self.exact(over)?.over(&self.exact(under)?),
            Expr::Power(base, exponent) => {
                let exponent = self.exact(exponent)?.as_rational()?;
                self.exact(base)?.power(&exponent)
            }
            Expr::Root(degree, of) => {
                let value = self.exact(of)?;
                // Odd roots of negative numbers are the real ones.
                if degree % 2 == 1
                    && let Some(rational) = value.as_rational()
                    && rational.is_negative()
                {
                    return Some(value.negative().root(*degree)?.negative());
                }
                value.root(*degree)
            }
            Expr::Factorial(of) => {
                let n = self.exact(of)?.as_rational()?;
                let n = n.is_integer().then(|| n.to_integer().to_u32())?.filter(|n| *n <= 400)?;
                let product = (2..=n).fold(BigInt::one(), |product, k| product * k);
                Some(Exact::rational(BigRational::from_integer(product)))
            }
            Expr::Choose(n, k) => {
                let n = self.exact(n)?.as_rational()?;
                let k = self.exact(k)?.as_rational()?;
                if !n.is_integer() || !k.is_integer() {
                    return None;
                }
                let n = n.to_integer().to_u32().filter(|n| *n <= 2_000)?;
                let k = k.to_integer().to_u32()?;
                if k > n {
                    return Some(Exact::int(0));
                }
                let k = k.min(n - k);
                let value = (1..=k).fold(BigInt::one(), |value, i| value * (n - k + i) / i);
                Exact::rational(BigRational::from_integer(value)).bounded()
            }
            Expr::Degrees(of) => {
                let pi = Exact::term(Basis { pi: 1, ..UNIT }, BigRational::new(1.into(), 180.into()));
                self.exact(of)?.times(&pi)
            }
            Expr::Percent(of) => self.exact(of)?.over(&Exact::int(100)),
            Expr::Log(base, of) => {
                let (base, of) = (self.exact(base)?.as_rational()?, self.exact(of)?.as_rational()?);
                exact_log(&base, &of).map(Exact::rational)
            }
            Expr::Call(function, of) => self.exact_call(*function, of),
            _ => None,
        }
    }

    fn exact_call(&mut self, function: Function, of: &Expr) -> Option<Exact> {
        let value = self.exact(of)?;
        match function {
            Function::Abs => {
                if let Some(n) = value.as_rational() {
                    return Some(Exact::rational(n.abs()));
                }
                if value.is_real() {
                    return Some(if value.approximate().re < 0.0 { value.negative() } else { value });
                }
                let conjugate = value.turned(|b| b.imaginary);
                value.times(&conjugate)?.root(2)
            }
            Function::Floor | Function::Ceil => {
                let n = value.as_rational()?;
                Some(Exact::rational(if function == Function::Floor { n.floor() } else { n.ceil() }))
            }
            Function::Ln => {
                if value == Exact::int(1) {
                    return Some(Exact::int(0));
                }
                let (basis, factor) = value.terms.iter().next().filter(|_| value.terms.len() == 1)?;
                let power_of_e = *basis == Basis { e: basis.e, ..UNIT } && factor.is_one();
                power_of_e.then(|| Exact::int(basis.e.into()))
            }
            Function::Exp => {
                let n = value.as_rational().filter(BigRational::is_integer)?.to_integer().to_i16()?;
                Some(Exact::term(Basis { e: n, ..UNIT }, BigRational::one()))
            }
            Function::Sin => sine(&turns(&value)?),
            Function::Cos => sine(&(turns(&value)? + BigRational::new(1.into(), 4.into()))),
            Function::Tan => {
                let t = turns(&value)?;
                sine(&t)?.over(&sine(&(t + BigRational::new(1.into(), 4.into())))?)
            }
            Function::Cot => {
                let t = turns(&value)?;
                sine(&(&t + BigRational::new(1.into(), 4.into())))?.over(&sine(&t)?)
            }
            Function::Sec => sine(&(turns(&value)? + BigRational::new(1.into(), 4.into())))?.inverse(),
            Function::Csc => sine(&turns(&value)?)?.inverse(),
            Function::Arcsin | Function::Arccos | Function::Arctan => arc(function, &value),
            Function::Sinh | Function::Cosh | Function::Tanh => None,
        }
    }

    fn approximate(&mut self, expr: &Expr) -> Option<Complex64> {
        self.step()?;
        let real = |x: f64| Complex64::new(x, 0.0);
        Some(match expr {
            Expr::Number(n) => real(n.to_f64()?),
            Expr::Symbol(name) => real(self.symbols.value(name).to_f64()?),
            Expr::Pi => real(std::f64::consts::PI),
            Expr::E => real(std::f64::consts::E),
            Expr::I => Complex64::i(),
            Expr::Sum(terms) => {
                let mut sum = real(0.0);
                for term in terms {
                    sum += self.approximate(term)?;
                }
                sum
            }
            Expr::Product(factors) => {
                let mut product = real(1.0);
                for factor in factors {
                    product *= self.approximate(factor)?;
                }
                product
            }
            Expr::Quotient(over, under) => self.approximate(over)? / self.approximate(under)?,
            Expr::Power(base, exponent) => {
                let base = self.approximate(base)?;
                let exponent = self.approximate(exponent)?;
                let whole = exponent.im == 0.0 && exponent.re.fract() == 0.0 && exponent.re.abs() < 1e6;
                if whole { base.powi(exponent.re as i32) } else { base.powc(exponent) }
            }
            Expr::Root(degree, of) => {
                let of = self.approximate(of)?;
                if degree % 2 == 1 && of.im == 0.0 && of.re < 0.0 {
                    real(-(-of.re).powf(1.0 / f64::from(*degree)))
                } else if *degree == 2 {
                    of.sqrt()
                } else {
                    of.powf(1.0 / f64::from(*degree))
                }
            }
            Expr::Factorial(of) => {
                let n = self.approximate(of)?;
                if n.im != 0.0 || n.re < 0.0 || n.re > 170.0 {
                    return None;
                }
                real(statrs::function::gamma::gamma(n.re + 1.0))
            }
            Expr::Choose(n, k) => {
                let (n, k) = (self.approximate(n)?.re, self.approximate(k)?.re);
                if !(0.0..=2_000.0).contains(&k) || k.fract() != 0.0 {
                    return None;
                }
                real((1..=k as u32).fold(1.0, |value, i| value * (n - k + f64::from(i)) / f64::from(i)))
            }
            Expr::Degrees(of) => self.approximate(of)? * std::f64::consts::PI / 180.0,
            Expr::Percent(of) => self.approximate(of)? / 100.0,
            Expr::Log(base, of) => self.approximate(of)?.ln() / self.approximate(base)?.ln(),
            Expr::Call(function, of) => {
                let x = self.approximate(of)?;
                match function {
                    Function::Sin => x.sin(),
                    Function::Cos => x.cos(),
                    Function::Tan => x.tan(),
                    Function::Cot => x.tan().inv(),
                    Function::Sec => x.cos().inv(),
                    Function::Csc => x.sin().inv(),
                    Function::Arcsin => x.asin(),
                    Function::Arccos => x.acos(),
                    Function::Arctan => x.atan(),
                    Function::Sinh => x.sinh(),
                    Function::Cosh => x.cosh(),
                    Function::Tanh => x.tanh(),
                    Function::Ln => x.ln(),
                    Function::Exp => x.exp(),
                    Function::Abs => real(x.norm()),
                    Function::Floor => real(x.re.floor()),
                    Function::Ceil => real(x.re.ceil()),
                }
            }
            _ => return None,
        })
    }
}

/// An angle as a part of a full turn, when it is a rational multiple of π.
fn turns(angle: &Exact) -> Option<BigRational> {
    if angle.is_zero() {
        return Some(BigRational::zero());
    }
    let (basis, value) = angle.terms.iter().next().filter(|_| angle.terms.len() == 1)?;
    (*basis == Basis { pi: 1, ..UNIT }).then(|| value / BigRational::from_integer(2.into()))
}

/// The sine of a part of a full turn: exact for multiples of 15° and of 18° that square roots give.
fn sine(turns: &BigRational) -> Option<Exact> {
    let part = turns - turns.floor();
    let degrees = part * BigRational::from_integer(360.into());
    let degrees = degrees.is_integer().then(|| degrees.to_integer().to_i64())??;
    let (degrees, negative) = if degrees >= 180 { (degrees - 180, true) } else { (degrees, false) };
    let degrees = if degrees > 90 { 180 - degrees } else { degrees };
    let root = |n: u64, over: i64, under: i64| {
        Exact::term(Basis { radicand: n, ..UNIT }, BigRational::new(over.into(), under.into()))
    };
    let value = match degrees {
        0 => Exact::int(0),
        15 => root(6, 1, 4).add(&root(2, -1, 4))?,
        18 => root(5, 1, 4).add(&root(1, -1, 4))?,
        30 => root(1, 1, 2),
        45 => root(2, 1, 2),
        54 => root(5, 1, 4).add(&root(1, 1, 4))?,
        60 => root(3, 1, 2),
        75 => root(6, 1, 4).add(&root(2, 1, 4))?,
        90 => Exact::int(1),
        _ => return None,
    };
    Some(if negative { value.negative() } else { value })
}

/// The angle whose sine, cosine or tangent a value is, where it is one of the well-known.
fn arc(function: Function, value: &Exact) -> Option<Exact> {
    let quarter = BigRational::new(1.into(), 4.into());
    for degrees in [0_i64, 15, 18, 30, 45, 54, 60, 75, 90, -15, -18, -30, -45, -54, -60, -75, -90] {
        let t = BigRational::new(degrees.into(), 360.into());
        let sin = sine(&t)?;
        let found = match function {
            Function::Arctan => degrees.abs() < 90 && sin.over(&sine(&(&t + &quarter))?)? == *value,
            _ => sin == *value,
        };
        if found {
            // arccos x = 90° − arcsin x
            let degrees = if function == Function::Arccos { 90 - degrees } else { degrees };
            let factor = BigRational::new(degrees.into(), 180.into());
            return Some(Exact::term(Basis { pi: 1, ..UNIT }, factor));
        }
    }
    None
}

/// `log_base(of)` when it is rational with a small denominator.
fn exact_log(base: &BigRational, of: &BigRational) -> Option<BigRational> {
    if !base.is_positive() || !of.is_positive() || base.is_one() {
        return None;
    }
    let guess = of.to_f64()?.ln() / base.to_f64()?.ln();
    for under in 1..=6_i32 {
        let over = (guess * f64::from(under)).round();
        if over.abs() > 256.0 || (guess * f64::from(under) - over).abs() > 1e-9 {
            continue;
        }
        let over = over as i32;
        let bits = base.numer().bits().max(base.denom().bits()) * u64::from(over.unsigned_abs());
        let bits_of = of.numer().bits().max(of.denom().bits()) * under as u64;
        if bits.max(bits_of) <= BITS && base.pow(over) == of.pow(under) {
            return Some(BigRational::new(over.into(), under.into()));
        }
    }
    None
}
