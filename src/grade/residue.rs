//! Values modulo a prime: where two of them differ, the values differ.
//!
//! Prose that is read as a product of a thousand letters costs a thousand divisions of ever longer
//! numbers to evaluate exactly, and next to nothing here.

use num_bigint::BigInt;
use num_integer::Integer as _;
use num_rational::BigRational;
use num_traits::ToPrimitive as _;

use super::expr::Expr;
use super::value::Symbols;

/// 2⁶¹ − 1, a prime.
const PRIME: u64 = (1 << 61) - 1;
/// Powers beyond this have no exact value either.
const EXPONENT: i64 = 10_000;

/// The value of an expression made of rationals and symbols by the four operations and whole powers,
/// as an element of the field of [`PRIME`] elements. `None` for anything else, and where something
/// is divided by a multiple of the prime.
pub(super) fn residue(expr: &Expr, symbols: &mut impl Symbols) -> Option<u64> {
    match expr {
        Expr::Number(n) => rational(n),
        Expr::Symbol(name) => rational(&symbols.value(name)),
        Expr::Sum(terms) => {
            terms.iter().try_fold(0, |sum, term| Some((sum + residue(term, symbols)?) % PRIME))
        }
        Expr::Product(factors) => {
            factors.iter().try_fold(1, |product, factor| Some(times(product, residue(factor, symbols)?)))
        }
        Expr::Quotient(over, under) => {
            let over = residue(over, symbols)?;
            Some(times(over, inverse(residue(under, symbols)?)?))
        }
        Expr::Power(base, exponent) => {
            let Expr::Number(exponent) = &**exponent else { return None };
            let n = exponent.is_integer().then(|| exponent.numer().to_i64())??;
            let base = residue(base, symbols)?;
            match n {
                0..=EXPONENT => Some(power(base, n.unsigned_abs())),
                _ if n.unsigned_abs() <= EXPONENT.unsigned_abs() => {
                    Some(power(inverse(base)?, n.unsigned_abs()))
                }
                _ => None,
            }
        }
        Expr::Percent(of) => Some(times(residue(of, symbols)?, inverse(100)?)),
        _ => None,
    }
}

fn times(a: u64, b: u64) -> u64 {
    (u128::from(a) * u128::from(b) % u128::from(PRIME)) as u64
}

fn power(mut base: u64, mut exponent: u64) -> u64 {
    let mut product = 1;
    while exponent > 0 {
        if exponent & 1 == 1 {
            product = times(product, base);
        }
        base = times(base, base);
        exponent >>= 1;
    }
    product
}

/// By Fermat's little theorem; nothing is the inverse of zero.
fn inverse(a: u64) -> Option<u64> {
    (a != 0).then(|| power(a, PRIME - 2))
}

fn rational(n: &BigRational) -> Option<u64> {
    Some(times(whole(n.numer())?, inverse(whole(n.denom())?)?))
}

fn whole(n: &BigInt) -> Option<u64> {
    n.mod_floor(&BigInt::from(PRIME)).to_u64()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::grade::parse::{Dialect, parse};
    use crate::grade::value::exact;
    use proptest::prelude::*;

    struct Letters;

    impl Symbols for Letters {
        fn value(&mut self, name: &str) -> BigRational {
            let letter = name.bytes().map(i64::from).sum::<i64>();
            BigRational::new((letter % 17 - 8).into(), 7.into())
        }
    }

    #[test]
    fn what_is_equal_is_equal_here_and_what_differs_differs() {
        let of = |text: &str| residue(&parse(text, Dialect::Exact).expect("an expression"), &mut Letters);
        for (a, b, same) in [
            ("0.5", r"\frac{1}{2}", true),
            ("50\\%", r"\frac{1}{2}", true),
            (r"(x+1)^2", "x^2+2x+1", true),
            (r"x^{-2}", r"\frac{1}{x^2}", true),
            ("-3", "3", false),
            (r"2^{61}-1", "0", true),
        ] {
            assert!(of(a).is_some(), "{a}");
            assert_eq!(of(a) == of(b), same, "{a} and {b}");
        }
        for none in [r"\sqrt{2}", r"\pi", r"\frac{1}{2^{61}-1}", "x^{1/2}", "2^{99999}"] {
            assert_eq!(of(none), None, "{none}");
        }
    }

    proptest! {
        #[test]
        fn different_residues_mean_different_values(
            a in "([0-9x][+*-]?){1,12}(\\^[0-4])?", b in "([0-9x][+*-]?){1,12}(/[1-9])?",
        ) {
            let read = |text: &str| parse(text, Dialect::Exact);
            let (Some(a), Some(b)) = (read(&a), read(&b)) else { return Ok(()) };
            let values = (exact(&a, &mut Letters), exact(&b, &mut Letters));
            let residues = (residue(&a, &mut Letters), residue(&b, &mut Letters));
            if let ((Some(x), Some(y)), (Some(p), Some(q))) = (values, residues) {
                prop_assert_eq!(x == y, p == q);
            }
        }
    }
}
