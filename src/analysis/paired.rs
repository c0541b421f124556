//! Two runs on the same items: flips, `McNemar`'s exact test, the paired difference.

use serde::Serialize;
use statrs::distribution::{Binomial, DiscreteCDF};

use super::interval::{Interval, newcombe_paired};

/// How two runs fare on one item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Flip {
    /// Both.
    Both,
    /// A and not B.
    OnlyA,
    /// B and not A.
    OnlyB,
    /// Neither.
    None,
    /// Not known for at least one.
    Unknown,
}

impl Flip {
    /// All, in the order they are shown.
    pub const ALL: [Self; 5] = [Self::Both, Self::OnlyA, Self::OnlyB, Self::None, Self::Unknown];

    /// Sorts a pair.
    pub fn of(a: Option<bool>, b: Option<bool>) -> Self {
        match (a, b) {
            (Some(true), Some(true)) => Self::Both,
            (Some(true), Some(false)) => Self::OnlyA,
            (Some(false), Some(true)) => Self::OnlyB,
            (Some(false), Some(false)) => Self::None,
            _ => Self::Unknown,
        }
    }

    /// Whether the two differ.
    pub fn is_flip(self) -> bool {
        matches!(self, Self::OnlyA | Self::OnlyB)
    }

    /// The words shown.
    pub fn name(self) -> &'static str {
        match self {
            Self::Both => "both",
            Self::OnlyA => "only A",
            Self::OnlyB => "only B",
            Self::None => "none",
            Self::Unknown => "unknown",
        }
    }
}

/// Pairs counted by [`Flip`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Paired {
    /// Both.
    pub both: u64,
    /// A and not B.
    pub only_a: u64,
    /// B and not A.
    pub only_b: u64,
    /// Neither.
    pub none: u64,
    /// Not known for at least one; in no number below.
    pub unknown: u64,
}

impl Paired {
    /// Counts one more pair.
    pub fn add(&mut self, a: Option<bool>, b: Option<bool>) {
        match Flip::of(a, b) {
            Flip::Both => self.both += 1,
            Flip::OnlyA => self.only_a += 1,
            Flip::OnlyB => self.only_b += 1,
            Flip::None => self.none += 1,
            Flip::Unknown => self.unknown += 1,
        }
    }

    /// The count of one kind.
    pub fn count(self, flip: Flip) -> u64 {
        match flip {
            Flip::Both => self.both,
            Flip::OnlyA => self.only_a,
            Flip::OnlyB => self.only_b,
            Flip::None => self.none,
            Flip::Unknown => self.unknown,
        }
    }

    /// Pairs of which both sides are known.
    pub fn known(self) -> u64 {
        self.both + self.only_a + self.only_b + self.none
    }

    /// Share of A among the known pairs.
    pub fn share_a(self) -> Option<f64> {
        (self.known() > 0).then(|| (self.both + self.only_a) as f64 / self.known() as f64)
    }

    /// Share of B among the known pairs.
    pub fn share_b(self) -> Option<f64> {
        (self.known() > 0).then(|| (self.both + self.only_b) as f64 / self.known() as f64)
    }

    /// Share of A minus share of B.
    pub fn difference(self) -> Option<f64> {
        (self.known() > 0).then(|| (self.only_a as f64 - self.only_b as f64) / self.known() as f64)
    }

    /// Newcombe's interval of [`difference`](Self::difference).
    pub fn interval(self, level: f64) -> Option<Interval> {
        newcombe_paired(self.both, self.only_a, self.only_b, self.none, level)
    }

    /// `McNemar`'s exact two-sided p: twice the binomial tail of the smaller discordant count, at
    /// most 1. Without a discordant pair it is 1; without any known pair there is none.
    ///
    /// It takes pairs as independent: several samples of one item are not.
    pub fn mcnemar_p(self) -> Option<f64> {
        if self.known() == 0 {
            return None;
        }
        let discordant = self.only_a + self.only_b;
        if discordant == 0 {
            return Some(1.0);
        }
        let tail = Binomial::new(0.5, discordant).ok()?.cdf(self.only_a.min(self.only_b));
        Some((2.0 * tail).min(1.0))
    }
}

impl FromIterator<(Option<bool>, Option<bool>)> for Paired {
    fn from_iter<I: IntoIterator<Item = (Option<bool>, Option<bool>)>>(pairs: I) -> Self {
        let mut paired = Self::default();
        pairs.into_iter().for_each(|(a, b)| paired.add(a, b));
        paired
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paired(both: u64, only_a: u64, only_b: u64, none: u64) -> Paired {
        Paired { both, only_a, only_b, none, unknown: 0 }
    }

    #[test]
    fn p_is_the_exact_binomial_one() {
        let table = [
            // 2 · sum over i ≤ 4 of C(13, i) / 2^13 = 2 · 1093 / 8192.
            (paired(41, 9, 4, 245), 0.266_845_703_125),
            // 2 · (1 + 8) / 256.
            (paired(1, 1, 7, 12), 0.070_312_5),
            // Approval ratings 101/121/59/33, the example of statsmodels' `mcnemar`.
            (paired(101, 121, 59, 33), 4.434_449_263_755e-6),
            // Equal counts: twice the tail is above 1.
            (paired(0, 5, 5, 0), 1.0),
            (paired(3, 0, 0, 3), 1.0),
        ];
        for (pair, p) in table {
            let got = pair.mcnemar_p().expect("pairs");
            assert!((got - p).abs() <= 1e-9 * p.max(1e-3), "{pair:?}: {got} is not {p}");
        }
        assert_eq!(Paired::default().mcnemar_p(), None);
    }

    #[test]
    fn a_million_pairs_are_counted_without_trouble() {
        let p = paired(400_000, 100_000, 101_000, 399_000).mcnemar_p().expect("pairs");
        // Normal approximation: z = (1000 − 1) / sqrt(201000) = 2.228, p ≈ 0.0259.
        assert!((p - 0.0259).abs() < 2e-4, "{p}");
    }

    #[test]
    fn unknown_pairs_are_kept_apart() {
        let p: Paired = [(Some(true), None), (None, None), (Some(true), Some(false))].into_iter().collect();
        assert_eq!(p, Paired { only_a: 1, unknown: 2, ..Paired::default() });
        assert_eq!((p.known(), p.difference()), (1, Some(1.0)));
        assert_eq!(Flip::ALL.map(|f| p.count(f)), [0, 1, 0, 0, 2]);
    }
}
