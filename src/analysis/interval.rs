//! Confidence intervals for shares, means and paired differences.

use serde::Serialize;
use statrs::distribution::{ContinuousCDF, Normal, StudentsT};

/// The confidence level used wherever none is named.
pub const LEVEL: f64 = 0.95;

/// A two-sided confidence interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Interval {
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

impl Interval {
    /// Whether a value lies within, ends included.
    pub fn contains(self, value: f64) -> bool {
        self.low <= value && value <= self.high
    }
}

/// The standard normal quantile that leaves `(1 - level) / 2` above it.
///
/// A level outside (0, 1) is taken as [`LEVEL`].
pub fn normal_quantile(level: f64) -> f64 {
    Normal::new(0.0, 1.0).map_or(1.96, |n| n.inverse_cdf(upper_tail(level)))
}

/// The probability below the upper end of a two-sided interval.
fn upper_tail(level: f64) -> f64 {
    let level = if level > 0.0 && level < 1.0 { level } else { LEVEL };
    0.5 + level / 2.0
}

/// Wilson's score interval for a share of `yes` in `n`, without continuity correction; `None` when
/// `n` is 0.
///
/// Newcombe, *Two-sided confidence intervals for the single proportion*, Statistics in Medicine 17
/// (1998) 857–872, method 3. It stays within [0, 1] and is not of width 0 at 0 or 1.
pub fn wilson(yes: u64, n: u64, level: f64) -> Option<Interval> {
    if n == 0 {
        return None;
    }
    let z = normal_quantile(level);
    let n_f = n as f64;
    let p = yes.min(n) as f64 / n_f;
    let z2 = z * z;
    let centre = p + z2 / (2.0 * n_f);
    let half = z * (p * (1.0 - p) / n_f + z2 / (4.0 * n_f * n_f)).sqrt();
    let scale = 1.0 + z2 / n_f;
    // Rounding must not push an end past the share itself, nor out of [0, 1].
    let low = if yes == 0 { 0.0 } else { ((centre - half) / scale).clamp(0.0, p) };
    let high = if yes >= n { 1.0 } else { ((centre + half) / scale).clamp(p, 1.0) };
    Some(Interval { low, high })
}

/// Student's interval for a mean; `None` below two values.
///
/// `sd` is the sample standard deviation (divisor n − 1).
pub fn student(mean: f64, sd: f64, n: u64, level: f64) -> Option<Interval> {
    if n < 2 {
        return None;
    }
    let t = StudentsT::new(0.0, 1.0, (n - 1) as f64).ok()?.inverse_cdf(upper_tail(level));
    let half = t * sd / (n as f64).sqrt();
    Some(Interval { low: mean - half, high: mean + half })
}

/// Newcombe's interval for the difference of two paired shares, `(both + only_a) / n` minus
/// `(both + only_b) / n`; `None` without pairs.
///
/// Newcombe, *Improved confidence intervals for the difference between binomial proportions based
/// on paired data*, Statistics in Medicine 17 (1998) 2635–2650, method 10: Wilson's limits of both
/// shares, squared and added with their correlation φ, which is corrected for continuity.
pub fn newcombe_paired(both: u64, only_a: u64, only_b: u64, none: u64, level: f64) -> Option<Interval> {
    let n = both + only_a + only_b + none;
    let (yes_a, yes_b) = (both + only_a, both + only_b);
    let (a, b) = (wilson(yes_a, n, level)?, wilson(yes_b, n, level)?);
    let n_f = n as f64;
    let (share_a, share_b) = (yes_a as f64 / n_f, yes_b as f64 / n_f);
    let margins = yes_a as f64 * (n - yes_a) as f64 * yes_b as f64 * (n - yes_b) as f64;
    let phi = if margins == 0.0 {
        0.0
    } else {
        let determinant = both as f64 * none as f64 - only_a as f64 * only_b as f64;
        let corrected = if determinant > 0.0 { (determinant - n_f / 2.0).max(0.0) } else { determinant };
        corrected / margins.sqrt()
    };
    let combine = |x: f64, y: f64| (x * x - 2.0 * phi * x * y + y * y).max(0.0).sqrt();
    let difference = share_a - share_b;
    Some(Interval {
        low: difference - combine(share_a - a.low, b.high - share_b),
        high: difference + combine(a.high - share_a, share_b - b.low),
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn close(interval: Option<Interval>, low: f64, high: f64) {
        let i = interval.expect("an interval");
        assert!((i.low - low).abs() < 6e-5 && (i.high - high).abs() < 6e-5, "{i:?} is not {low}..{high}");
    }

    #[test]
    fn wilson_gives_the_published_limits() {
        // Newcombe 1998 (857–872), table I, row "score, no continuity correction".
        close(wilson(81, 263, 0.95), 0.2553, 0.3662);
        close(wilson(15, 148, 0.95), 0.0624, 0.1605);
        close(wilson(0, 20, 0.95), 0.0, 0.1611);
        close(wilson(1, 29, 0.95), 0.0061, 0.1718);
        assert_eq!(wilson(0, 0, 0.95), None);
    }

    #[test]
    fn the_paired_interval_gives_the_published_limits() {
        // Newcombe 1998 (2635–2650), table: cells 36, 12, 2, 0.
        close(newcombe_paired(36, 12, 2, 0, 0.95), 0.0569, 0.3404);
        // Fagerland, Lydersen, Laake, Statistics in Medicine 33 (2014), airway data 1, 1, 7, 12.
        close(newcombe_paired(1, 1, 7, 12, 0.95), -0.5069, -0.0256);
        // No discordant pair and no success: symmetrical, not of width 0.
        close(newcombe_paired(0, 0, 0, 10, 0.95), -0.27753, 0.27753);
        assert_eq!(newcombe_paired(0, 0, 0, 0, 0.95), None);
    }

    #[test]
    fn student_is_wider_than_normal_for_few_values() {
        // t(0.975, 9) = 2.262157; sd 1, n 10.
        close(student(5.0, 1.0, 10, 0.95), 5.0 - 2.262_157 / 10f64.sqrt(), 5.0 + 2.262_157 / 10f64.sqrt());
        assert_eq!(student(5.0, 0.0, 1, 0.95), None);
    }

    #[test]
    fn a_senseless_level_is_the_usual_one() {
        assert!((normal_quantile(7.0) - 1.959_964).abs() < 1e-5);
        assert!((normal_quantile(f64::NAN) - 1.959_964).abs() < 1e-5);
    }

    proptest! {
        #[test]
        fn intervals_hold_their_estimate(both in 0u64..500, a in 0u64..500, b in 0u64..500, none in 0u64..500) {
            let n = both + a + b + none;
            prop_assume!(n > 0);
            let share = (both + a) as f64 / n as f64;
            let w = wilson(both + a, n, LEVEL).expect("n > 0");
            prop_assert!(w.contains(share) && w.low >= 0.0 && w.high <= 1.0);
            let d = newcombe_paired(both, a, b, none, LEVEL).expect("n > 0");
            let difference = (a as f64 - b as f64) / n as f64;
            prop_assert!(d.low <= difference + 1e-12 && difference <= d.high + 1e-12);
            prop_assert!(d.low >= -1.0 - 1e-9 && d.high <= 1.0 + 1e-9);
            let mirrored = newcombe_paired(both, b, a, none, LEVEL).expect("n > 0");
            prop_assert!((mirrored.low + d.high).abs() < 1e-9);
        }
    }
}
