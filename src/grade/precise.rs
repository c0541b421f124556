//! Real values to many digits, for expressions that have no exact form: `\ln 2` is not
//! 0.693147180559945, and `\sqrt[3]{2}+\sqrt[3]{4}` is the root that it is.
//!
//! Complex values, and what grows out of bounds, have none here; [`value`](super::value)'s floating
//! point stands in for them.

use dashu_float::round::mode::HalfEven;
use dashu_float::{Context, FBig};
use dashu_int::IBig;
use num_bigint::BigInt;
use num_rational::BigRational;

use super::expr::{Expr, Function};
use super::value::Symbols;

/// A binary number of [`BITS`] bits.
type Real = FBig<HalfEven, 2>;

/// Bits of every value: about 77 digits.
const BITS: usize = 256;
/// Values whose difference is this many bits below the larger are equal. Half of the bits may be
/// lost where large parts of an expression cancel out.
const AGREED: isize = 128;
/// Binary orders of magnitude within which values stay.
const RANGE: isize = 1 << 14;
/// Arguments of functions are at most this large, in bits.
const ARGUMENT: isize = 24;
/// Most steps of one evaluation.
const STEPS: u32 = 2_000;

/// Whether two expressions have the same real value at these symbols; `None` where one of them has
/// none, or the values are as far apart as rounding may have put them.
pub(super) fn agree(a: &Expr, b: &Expr, symbols: &mut impl Symbols) -> Option<bool> {
    let a = Evaluation { symbols, steps: 0 }.value(a)?;
    let b = Evaluation { symbols, steps: 0 }.value(b)?;
    let difference = &a - &b;
    if difference == Real::ZERO {
        return Some(true);
    }
    let larger = order(&a).max(order(&b));
    // Against one as well, for two sums that should both be nothing.
    Some(order(&difference) < larger.max(0) - AGREED)
}

/// The binary order of magnitude of a value, a little below all others for zero.
fn order(value: &Real) -> isize {
    if *value == Real::ZERO {
        return -2 * RANGE;
    }
    let repr = value.repr();
    repr.exponent() + repr.digits() as isize
}

fn real(n: &BigInt) -> Real {
    held(Real::from(IBig::from_le_bytes(&n.to_signed_bytes_le())))
}

/// A value with the precision that all have. Zero and one come out of some functions with none of
/// their own, which the next function would not take.
fn held(value: Real) -> Real {
    value.with_precision(BITS).value()
}

fn rational(n: &BigRational) -> Option<Real> {
    sized(real(n.numer()) / real(n.denom()))
}

fn int(n: i32) -> Real {
    held(Real::from(n))
}

fn pi() -> Real {
    Context::<HalfEven>::new(BITS).pi(None).value()
}

/// A value, where it is within bounds. There is one zero, without a sign.
fn sized(value: Real) -> Option<Real> {
    if value == Real::ZERO {
        return Some(int(0));
    }
    (order(&value).abs() <= RANGE).then(|| held(value))
}

fn over(a: &Real, b: &Real) -> Option<Real> {
    if *b == Real::ZERO { None } else { sized(a / b) }
}

fn is_negative(value: &Real) -> bool {
    *value < Real::ZERO
}

/// A value that a function may be asked for: not so large that its digits say nothing.
fn argument(value: Real) -> Option<Real> {
    (order(&value) <= ARGUMENT).then(|| held(value))
}

fn ln(value: &Real) -> Option<Real> {
    (*value > Real::ZERO).then(|| value.ln())
}

fn whole(value: &Real) -> Option<i32> {
    let floor = value.floor();
    (*value == floor && order(value) <= ARGUMENT).then(|| floor.to_f64().value() as i32)
}

fn power(base: &Real, exponent: &Real) -> Option<Real> {
    if let Some(n) = whole(exponent) {
        if *base == Real::ZERO {
            return match n {
                0 => Some(int(1)),
                1.. => Some(int(0)),
                _ => None,
            };
        }
        if order(base).abs().saturating_mul(n.unsigned_abs() as isize) > RANGE {
            return None;
        }
        return sized(base.powi(n.into()));
    }
    // A power that is not whole, of what is negative, is complex.
    let exponent = argument(ln(base)? * exponent)?;
    sized(exponent.exp())
}

struct Evaluation<'s, S> {
    symbols: &'s mut S,
    steps: u32,
}

impl<S: Symbols> Evaluation<'_, S> {
    fn value(&mut self, expr: &Expr) -> Option<Real> {
        self.steps += 1;
        if self.steps > STEPS {
            return None;
        }
        sized(self.part(expr)?)
    }

    fn part(&mut self, expr: &Expr) -> Option<Real> {
        match expr {
            Expr::Number(n) => rational(n),
            Expr::Symbol(name) => rational(&self.symbols.value(name)),
            Expr::Pi => Some(pi()),
            Expr::E => Some(int(1).exp()),
            Expr::Sum(terms) => terms.iter().try_fold(int(0), |sum, term| sized(sum + self.value(term)?)),
            Expr::Product(factors) => {
                factors.iter().try_fold(int(1), |product, factor| sized(product * self.value(factor)?))
            }
            Expr::Quotient(a, b) => {
                let a = self.value(a)?;
                over(&a, &self.value(b)?)
            }
            Expr::Power(base, exponent) => {
                let base = self.value(base)?;
                power(&base, &self.value(exponent)?)
            }
            Expr::Root(degree, of) => {
                let of = self.value(of)?;
                let odd = degree % 2 == 1;
                // Odd roots of negative numbers are the real ones.
                match (is_negative(&of), odd) {
                    (false, _) => Some(of.nth_root(*degree as usize)),
                    (true, true) => Some(-(-of).nth_root(*degree as usize)),
                    (true, false) => None,
                }
            }
            Expr::Degrees(of) => Some(self.value(of)? * pi() / int(180)),
            Expr::Percent(of) => Some(self.value(of)? / int(100)),
            Expr::Log(base, of) => {
                let base = ln(&self.value(base)?)?;
                over(&ln(&self.value(of)?)?, &base)
            }
            Expr::Call(function, of) => {
                let of = self.value(of)?;
                call(*function, argument(of)?)
            }
            // The rest is exact or nothing.
            _ => None,
        }
    }
}

fn call(function: Function, x: Real) -> Option<Real> {
    let in_unit = x >= int(-1) && x <= int(1);
    match function {
        Function::Sin => Some(x.sin()),
        Function::Cos => Some(x.cos()),
        Function::Tan => over(&x.sin(), &x.cos()),
        Function::Cot => over(&x.cos(), &x.sin()),
        Function::Sec => over(&int(1), &x.cos()),
        Function::Csc => over(&int(1), &x.sin()),
        Function::Arcsin => in_unit.then(|| x.asin()),
        Function::Arccos => in_unit.then(|| x.acos()),
        Function::Arctan => Some(x.atan()),
        Function::Sinh | Function::Cosh | Function::Tanh | Function::Exp if order(&x) > 12 => None,
        Function::Sinh => Some(x.sinh()),
        Function::Cosh => Some(x.cosh()),
        Function::Tanh => Some(x.tanh()),
        Function::Exp => Some(x.exp()),
        Function::Ln => ln(&x),
        Function::Abs => Some(if is_negative(&x) { -x } else { x }),
        // A value that rounding put on the wrong side of an integer would be off by one.
        Function::Floor | Function::Ceil => None,
    }
}

#[cfg(test)]
mod tests {
    use num_traits::One as _;
    use proptest::prelude::*;

    use super::*;
    use crate::grade::parse::{Dialect, parse};

    struct Point;

    impl Symbols for Point {
        fn value(&mut self, name: &str) -> BigRational {
            BigRational::one() / BigRational::from_integer((3 + name.len()).into())
        }
    }

    fn same(a: &str, b: &str) -> Option<bool> {
        let read = |text: &str| parse(text, Dialect::Exact).expect("an expression");
        agree(&read(a), &read(b), &mut Point)
    }

    #[test]
    fn digits_beyond_floating_point_decide() {
        for (a, b, expected) in [
            (r"\ln 2", "0.693147180559945", Some(false)),
            (r"\ln 8", r"3\ln 2", Some(true)),
            (
                r"\ln 2",
                "0.6931471805599453094172321214581765680755001343602552541206800094933936",
                Some(true),
            ),
            (r"\sqrt[3]{2}\sqrt[3]{4}", "2", Some(true)),
            (r"\sqrt[3]{-8}", "-2", Some(true)),
            // Large parts that cancel out: floating point finds no digit of it.
            (r"(10^{20}+\ln 2)-10^{20}", r"\ln 2", Some(true)),
            (r"(10^{20}+\ln 2)-10^{20}", r"\ln 3", Some(false)),
            (r"\sin 1^2+\cos 1^2", "x", Some(false)),
            (r"\sin(\pi)", "0", Some(true)),
            (r"\arctan(x)+\arctan(1/x)", r"\frac{\pi}{2}", Some(true)),
            (r"e^{\ln 5}", "5", Some(true)),
            (r"\log_2 3", r"\frac{\ln 3}{\ln 2}", Some(true)),
            (r"\tan(\frac{\pi}{2}-x)", r"\cot(x)", Some(true)),
        ] {
            assert_eq!(same(a, b), expected, "{a} and {b}");
        }
    }

    #[test]
    fn what_has_no_real_value_or_no_bounds_has_none() {
        for none in [
            r"\sqrt{-1}",
            r"\ln(-1)",
            r"\ln 0",
            r"\frac{1}{0}",
            r"\arcsin 2",
            "9^{9^9}",
            r"e^{e^{e^9}}",
            r"\sin(10^{99})",
            r"\sinh(10^6)",
            r"(-1)^{1/3}",
            "i",
            r"2^{-9999999}",
            r"\log_1 5",
        ] {
            assert_eq!(same(none, none), None, "{none}");
        }
    }

    fn any_expression() -> impl Strategy<Value = Expr> {
        use Function::{
            Abs, Arccos, Arcsin, Arctan, Cos, Cosh, Cot, Csc, Exp, Ln, Sec, Sin, Sinh, Tan, Tanh,
        };
        let number = (any::<i64>(), 1_i64..=1_000_000)
            .prop_map(|(n, d)| Expr::Number(BigRational::new(n.into(), d.into())));
        let small = (-9_i64..=9).prop_map(Expr::int);
        let leaf = prop_oneof![number, small, Just(Expr::Pi), Just(Expr::E), Just(Expr::Symbol("x".into()))];
        leaf.prop_recursive(4, 24, 3, |inner| {
            let one = inner.clone().prop_map(Box::new);
            let functions =
                [Sin, Cos, Tan, Cot, Sec, Csc, Arcsin, Arccos, Arctan, Sinh, Cosh, Tanh, Ln, Exp, Abs];
            prop_oneof![
                prop::collection::vec(inner.clone(), 1..4).prop_map(Expr::Sum),
                prop::collection::vec(inner, 1..4).prop_map(Expr::Product),
                (one.clone(), one.clone()).prop_map(|(a, b)| Expr::Quotient(a, b)),
                (one.clone(), one.clone()).prop_map(|(a, b)| Expr::Power(a, b)),
                (one.clone(), one.clone()).prop_map(|(a, b)| Expr::Log(a, b)),
                (2_u32..7, one.clone()).prop_map(|(degree, of)| Expr::Root(degree, of)),
                (prop::sample::select(functions.to_vec()), one.clone()).prop_map(|(f, of)| Expr::Call(f, of)),
                one.prop_map(Expr::Degrees),
            ]
        })
    }

    proptest! {
        #[test]
        fn every_value_is_itself_and_no_expression_is_fatal(a in any_expression(), b in any_expression()) {
            prop_assert!(agree(&a, &a, &mut Point).is_none_or(|same| same));
            prop_assert_eq!(agree(&a, &b, &mut Point), agree(&b, &a, &mut Point));
        }
    }
}
