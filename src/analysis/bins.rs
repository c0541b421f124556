//! Lengths in bins, and what became of the generations in each.

use std::ops::RangeInclusive;

use serde::Serialize;

use super::metrics::{Metrics, Outcome};

/// How many bins figure 6 of the `MathIF` paper has.
pub const PAPER_BINS: usize = 6;

/// Neighbouring ranges of lengths, both ends included, without gaps.
///
/// Whole numbers throughout, so that a bin is also a filter (`trace:120..339`) without rounding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Bins {
    /// First length of each bin, rising; the bin ends before the next begins.
    starts: Vec<u32>,
    /// Last length of the last bin.
    last: u32,
}

impl Bins {
    /// At most `k` bins with about the same number of values each. Equal values are never parted,
    /// so heavy ties give fewer bins. Without values there are no bins.
    pub fn equal_count(values: &[u32], k: usize) -> Self {
        let mut sorted = values.to_vec();
        sorted.sort_unstable();
        let Some(&last) = sorted.last() else { return Self::none() };
        let k = k.max(1);
        let mut starts: Vec<u32> = (0..k).map(|i| sorted[i * sorted.len() / k]).collect();
        starts.dedup();
        Self { starts, last }
    }

    /// At most `k` bins of the same width over the range of the values.
    pub fn equal_width(values: &[u32], k: usize) -> Self {
        let (Some(&min), Some(&max)) = (values.iter().min(), values.iter().max()) else {
            return Self::none();
        };
        let span = u64::from(max - min) + 1;
        let width = span.div_ceil(k.max(1) as u64);
        let starts = (0..span.div_ceil(width)).map(|i| min + (i * width) as u32).collect();
        Self { starts, last: max }
    }

    /// Bins at 0, 1, 2, 5, 10, 20, 50, … that cover the values: for lengths over many magnitudes.
    pub fn logarithmic(values: &[u32]) -> Self {
        let (Some(&min), Some(&max)) = (values.iter().min(), values.iter().max()) else {
            return Self::none();
        };
        let mut all = vec![0u64];
        for power in 0..10u32 {
            all.extend([1, 2, 5].map(|m| m * 10u64.pow(power)));
        }
        let first = all.iter().rposition(|&s| s <= u64::from(min)).unwrap_or(0);
        let starts: Vec<u32> =
            all[first..].iter().take_while(|&&s| s <= u64::from(max)).map(|&s| s as u32).collect();
        Self { starts, last: max }
    }

    /// Bins that begin at the given lengths, sorted and without repeats, up to `last`.
    pub fn fixed(mut starts: Vec<u32>, last: u32) -> Self {
        starts.sort_unstable();
        starts.dedup();
        starts.retain(|&s| s <= last);
        Self { starts, last }
    }

    fn none() -> Self {
        Self { starts: Vec::new(), last: 0 }
    }

    /// How many bins there are.
    pub fn len(&self) -> usize {
        self.starts.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.starts.is_empty()
    }

    /// The bin of a length; `None` outside of all.
    pub fn index(&self, value: u32) -> Option<usize> {
        (value <= self.last)
            .then(|| self.starts.partition_point(|&s| s <= value))
            .and_then(|i| i.checked_sub(1))
    }

    /// The lengths of a bin; `None` when there is no such bin.
    pub fn range(&self, bin: usize) -> Option<RangeInclusive<u32>> {
        let start = *self.starts.get(bin)?;
        Some(start..=self.starts.get(bin + 1).map_or(self.last, |next| next - 1))
    }

    /// All ranges in order.
    pub fn ranges(&self) -> impl Iterator<Item = RangeInclusive<u32>> + '_ {
        (0..self.len()).filter_map(|i| self.range(i))
    }

    /// How many values fall in each bin.
    pub fn counts(&self, values: impl IntoIterator<Item = u32>) -> Vec<u64> {
        let mut counts = vec![0; self.len()];
        for bin in values.into_iter().filter_map(|v| self.index(v)) {
            counts[bin] += 1;
        }
        counts
    }
}

/// One bin with the numbers of its generations.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BinOutcomes {
    /// Shortest length of the bin.
    pub from: u32,
    /// Longest length of the bin.
    pub to: u32,
    /// The numbers.
    pub metrics: Metrics,
}

/// The numbers of generations by their length. Generations outside of all bins are left out.
pub fn by_length(rows: impl IntoIterator<Item = (u32, Outcome)>, bins: &Bins) -> Vec<BinOutcomes> {
    let mut out: Vec<BinOutcomes> = bins
        .ranges()
        .map(|r| BinOutcomes { from: *r.start(), to: *r.end(), metrics: Metrics::default() })
        .collect();
    for (length, outcome) in rows {
        if let Some(bin) = bins.index(length) {
            out[bin].metrics.add(outcome);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn ranges(bins: &Bins) -> Vec<(u32, u32)> {
        bins.ranges().map(|r| (*r.start(), *r.end())).collect()
    }

    #[test]
    fn equal_counts() {
        let values: Vec<u32> = (1..=12).collect();
        let bins = Bins::equal_count(&values, 3);
        assert_eq!(ranges(&bins), [(1, 4), (5, 8), (9, 12)]);
        assert_eq!(bins.counts(values), [4, 4, 4]);
        // Ties are not parted, a single value is one bin, nothing is no bin.
        assert_eq!(ranges(&Bins::equal_count(&[1, 1, 1, 5, 5, 5], 2)), [(1, 4), (5, 5)]);
        assert_eq!(ranges(&Bins::equal_count(&[7, 7, 7], 6)), [(7, 7)]);
        assert_eq!(ranges(&Bins::equal_count(&[], 6)), []);
    }

    #[test]
    fn equal_widths_and_magnitudes() {
        assert_eq!(ranges(&Bins::equal_width(&[0, 9], 3)), [(0, 3), (4, 7), (8, 9)]);
        assert_eq!(ranges(&Bins::equal_width(&[3, 3], 4)), [(3, 3)]);
        assert_eq!(ranges(&Bins::logarithmic(&[3, 60])), [(2, 4), (5, 9), (10, 19), (20, 49), (50, 60)]);
        assert_eq!(ranges(&Bins::logarithmic(&[0, 0])), [(0, 0)]);
        assert_eq!(ranges(&Bins::fixed(vec![10, 0, 10, 99], 50)), [(0, 9), (10, 50)]);
    }

    #[test]
    fn outcomes_go_to_their_bin() {
        let bins = Bins::fixed(vec![0, 10], 19);
        let yes = Outcome { followed: Some(true), share: Some(1.0), correct: None };
        let no = Outcome { followed: Some(false), share: Some(0.5), correct: None };
        let got = by_length([(3, yes), (12, no), (19, yes), (20, yes)], &bins);
        assert_eq!(
            got.iter().map(|b| (b.metrics.hacc.yes, b.metrics.hacc.no)).collect::<Vec<_>>(),
            [(1, 0), (1, 1)]
        );
        assert_eq!(got[1].metrics.sacc.value(), Some(0.75));
    }

    proptest! {
        #[test]
        fn every_value_has_one_bin(values in prop::collection::vec(any::<u32>(), 1..60), k in 1usize..9) {
            for bins in [Bins::equal_count(&values, k), Bins::equal_width(&values, k), Bins::logarithmic(&values)] {
                prop_assert_eq!(bins.counts(values.iter().copied()).iter().sum::<u64>(), values.len() as u64);
                for &v in &values {
                    let bin = bins.index(v).expect("covered");
                    prop_assert!(bins.range(bin).expect("a bin").contains(&v));
                }
                for (left, right) in bins.ranges().zip(bins.ranges().skip(1)) {
                    prop_assert_eq!(u64::from(*left.end()) + 1, u64::from(*right.start()));
                }
            }
            prop_assert!(Bins::equal_count(&values, k).len() <= k);
            prop_assert!(Bins::equal_width(&values, k).len() <= k);
        }
    }
}
