//! Counts and means of a set of generations, unknowns kept apart.

use serde::Serialize;

use super::interval::{Interval, student, wilson};

/// What one generation contributes to a number.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Outcome {
    /// Every constraint followed; `None` when that is not known.
    pub followed: Option<bool>,
    /// Share of its constraints followed; `None` when one of them is not known.
    pub share: Option<f64>,
    /// The final answer is right; `None` when that is not known.
    pub correct: Option<bool>,
}

impl Outcome {
    /// Followed and right. One that is known to be false decides, whatever the other is.
    pub fn both(self) -> Option<bool> {
        match (self.followed, self.correct) {
            (Some(false), _) | (_, Some(false)) => Some(false),
            (Some(true), Some(true)) => Some(true),
            _ => None,
        }
    }
}

/// Yes, no and not known, counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Tally {
    /// Known to hold.
    pub yes: u64,
    /// Known not to hold.
    pub no: u64,
    /// Not known.
    pub unknown: u64,
}

impl Tally {
    /// Counts one more.
    pub fn add(&mut self, value: Option<bool>) {
        match value {
            Some(true) => self.yes += 1,
            Some(false) => self.no += 1,
            None => self.unknown += 1,
        }
    }

    /// Adds the counts of another.
    pub fn merge(&mut self, other: Self) {
        self.yes += other.yes;
        self.no += other.no;
        self.unknown += other.unknown;
    }

    /// How many there are, unknown ones included.
    pub fn n(self) -> u64 {
        self.yes + self.no + self.unknown
    }

    /// How many are known.
    pub fn known(self) -> u64 {
        self.yes + self.no
    }

    /// Share of yes among the known, in [0, 1]; `None` when none is known.
    pub fn share(self) -> Option<f64> {
        (self.known() > 0).then(|| self.yes as f64 / self.known() as f64)
    }

    /// Share of yes among all, an unknown counting as no, as the public scripts average; `None`
    /// when there are none.
    pub fn share_of_all(self) -> Option<f64> {
        (self.n() > 0).then(|| self.yes as f64 / self.n() as f64)
    }

    /// Wilson's interval of [`share`](Self::share).
    pub fn interval(self, level: f64) -> Option<Interval> {
        wilson(self.yes, self.known(), level)
    }
}

impl FromIterator<Option<bool>> for Tally {
    fn from_iter<I: IntoIterator<Item = Option<bool>>>(values: I) -> Self {
        let mut tally = Self::default();
        values.into_iter().for_each(|v| tally.add(v));
        tally
    }
}

/// Mean and spread of values, unknown ones counted apart.
///
/// Welford's running sums, so that a million lengths lose no digits; two of them merge.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct Mean {
    /// Known values.
    pub n: u64,
    /// Values that are not known.
    pub unknown: u64,
    centre: f64,
    squares: f64,
}

impl Mean {
    /// Takes in one more. A value that is not finite counts as unknown.
    pub fn add(&mut self, value: Option<f64>) {
        let Some(value) = value.filter(|v| v.is_finite()) else {
            self.unknown += 1;
            return;
        };
        self.n += 1;
        let delta = value - self.centre;
        self.centre += delta / self.n as f64;
        self.squares += delta * (value - self.centre);
    }

    /// Takes in the values of another (Chan, Golub, `LeVeque` 1983).
    pub fn merge(&mut self, other: Self) {
        self.unknown += other.unknown;
        if other.n == 0 {
            return;
        }
        let n = self.n + other.n;
        let delta = other.centre - self.centre;
        self.centre += delta * other.n as f64 / n as f64;
        self.squares += other.squares + delta * delta * self.n as f64 * other.n as f64 / n as f64;
        self.n = n;
    }

    /// The mean of the known values; `None` when there are none.
    pub fn value(self) -> Option<f64> {
        (self.n > 0).then_some(self.centre)
    }

    /// Sample standard deviation (divisor n − 1); `None` below two values.
    pub fn sd(self) -> Option<f64> {
        (self.n > 1).then(|| (self.squares.max(0.0) / (self.n - 1) as f64).sqrt())
    }

    /// Student's interval of the mean. For shares, clip it to [0, 1] with
    /// [`share_interval`](Self::share_interval).
    pub fn interval(self, level: f64) -> Option<Interval> {
        student(self.value()?, self.sd()?, self.n, level)
    }

    /// [`interval`](Self::interval) cut to [0, 1], for means of shares such as `SAcc`.
    pub fn share_interval(self, level: f64) -> Option<Interval> {
        self.interval(level).map(|i| Interval { low: i.low.max(0.0), high: i.high.min(1.0) })
    }
}

impl FromIterator<Option<f64>> for Mean {
    fn from_iter<I: IntoIterator<Item = Option<f64>>>(values: I) -> Self {
        let mut mean = Self::default();
        values.into_iter().for_each(|v| mean.add(v));
        mean
    }
}

/// The three numbers of the `MathIF` paper for a set of generations.
///
/// Every generation weighs one: `SAcc` is the mean over generations of their share of constraints
/// followed, not the share over all constraints.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct Metrics {
    /// All constraints followed.
    pub hacc: Tally,
    /// Share of constraints followed.
    pub sacc: Mean,
    /// Final answer right.
    pub correct: Tally,
    /// Followed and right.
    pub both: Tally,
}

impl Metrics {
    /// Counts one more generation.
    pub fn add(&mut self, outcome: Outcome) {
        self.hacc.add(outcome.followed);
        self.sacc.add(outcome.share);
        self.correct.add(outcome.correct);
        self.both.add(outcome.both());
    }

    /// Adds the counts of another.
    pub fn merge(&mut self, other: Self) {
        self.hacc.merge(other.hacc);
        self.sacc.merge(other.sacc);
        self.correct.merge(other.correct);
        self.both.merge(other.both);
    }

    /// How many generations.
    pub fn n(&self) -> u64 {
        self.hacc.n()
    }
}

impl FromIterator<Outcome> for Metrics {
    fn from_iter<I: IntoIterator<Item = Outcome>>(outcomes: I) -> Self {
        let mut metrics = Self::default();
        outcomes.into_iter().for_each(|o| metrics.add(o));
        metrics
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn outcome(followed: Option<bool>, share: Option<f64>, correct: Option<bool>) -> Outcome {
        Outcome { followed, share, correct }
    }

    #[test]
    fn unknowns_are_neither_passes_nor_failures() {
        let t: Tally = [Some(true), Some(true), Some(false), None].into_iter().collect();
        assert_eq!((t.n(), t.known()), (4, 3));
        assert!((t.share().expect("known") - 2.0 / 3.0).abs() < 1e-12);
        assert!((t.share_of_all().expect("some") - 0.5).abs() < 1e-12);
        let none: Tally = [None, None].into_iter().collect();
        assert_eq!((none.share(), none.share_of_all(), none.interval(0.95)), (None, Some(0.0), None));
        assert_eq!(Tally::default().share_of_all(), None);
    }

    #[test]
    fn sacc_weighs_generations_not_constraints() {
        // One generation with one of three followed, one with its single constraint followed:
        // (1/3 + 1) / 2, not 2/4.
        let m: Metrics =
            [outcome(Some(false), Some(1.0 / 3.0), Some(true)), outcome(Some(true), Some(1.0), Some(false))]
                .into_iter()
                .collect();
        assert!((m.sacc.value().expect("known") - 2.0 / 3.0).abs() < 1e-12);
        assert_eq!(m.both, Tally { yes: 0, no: 2, unknown: 0 });
        assert_eq!(m.n(), 2);
    }

    #[test]
    fn both_is_decided_by_a_known_failure() {
        let table = [
            (Some(true), Some(true), Some(true)),
            (Some(true), None, None),
            (Some(false), None, Some(false)),
            (None, Some(false), Some(false)),
            (None, Some(true), None),
            (None, None, None),
        ];
        for (followed, correct, expected) in table {
            assert_eq!(outcome(followed, None, correct).both(), expected, "{followed:?} {correct:?}");
        }
    }

    #[test]
    fn spread_is_the_sample_one() {
        // 2 4 4 4 5 5 7 9: mean 5, sum of squares 32, n − 1 = 7.
        let m: Mean = [2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0].into_iter().map(Some).collect();
        assert!((m.value().expect("some") - 5.0).abs() < 1e-12);
        assert!((m.sd().expect("some") - (32.0f64 / 7.0).sqrt()).abs() < 1e-12);
        let odd: Mean = [Some(f64::NAN), None, Some(1.0)].into_iter().collect();
        assert_eq!((odd.n, odd.unknown, odd.value(), odd.sd()), (1, 2, Some(1.0), None));
    }

    proptest! {
        #[test]
        fn merging_is_adding(xs in prop::collection::vec(-1e6f64..1e6, 0..40), cut in 0usize..40) {
            let cut = cut.min(xs.len());
            let whole: Mean = xs.iter().copied().map(Some).collect();
            let mut left: Mean = xs[..cut].iter().copied().map(Some).collect();
            left.merge(xs[cut..].iter().copied().map(Some).collect());
            prop_assert_eq!(left.n, whole.n);
            if let (Some(a), Some(b)) = (left.value(), whole.value()) {
                prop_assert!((a - b).abs() < 1e-6);
            }
            if let (Some(a), Some(b)) = (left.sd(), whole.sd()) {
                prop_assert!((a - b).abs() < 1e-3);
            }
        }
    }
}
