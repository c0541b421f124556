//! How far from the border: margins of one constraint in bars that widen with the distance.

use serde::Serialize;

/// A bar of a margin histogram.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct MarginBar {
    /// Smallest margin of the bar; negative infinity in the outermost.
    pub from: f64,
    /// Largest margin of the bar (for whole numbers) or its excluded upper end (for shares).
    pub to: f64,
    /// How many generations.
    pub count: u64,
}

impl MarginBar {
    /// Whether the bar lies on the followed side of the border.
    pub fn followed(self) -> bool {
        self.from >= 0.0
    }
}

/// Margins of one constraint, counted.
///
/// −1 (a near miss) and 0 (just followed) have bars of their own; farther out the bars widen about
/// threefold, because a thousand words too many and a comma too many belong on one screen.
/// Margins that are shares get bars of a tenth.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MarginHistogram {
    /// Bars from far below the border to far above, empty ones at both ends left out.
    pub bars: Vec<MarginBar>,
    /// Generations with a margin.
    pub n: u64,
    /// Generations without one (unverifiable, or a rule that has none).
    pub unknown: u64,
    /// Median of the margins of generations that did not follow; `None` when all did.
    pub median_miss: Option<f64>,
}

/// Upper ends of the bars of whole-number margins above 0: 1, 2–3, 4–10, ….
const STEPS: [i64; 8] = [1, 3, 10, 30, 100, 300, 1000, 3000];
/// Bars of share margins on either side of the border.
const TENTHS: i32 = 10;

impl MarginHistogram {
    /// Counts margins. They are taken as shares when some is not whole and none is beyond ±1.
    pub fn of(margins: &[Option<f64>]) -> Self {
        let known: Vec<f64> = margins.iter().copied().flatten().filter(|m| !m.is_nan()).collect();
        let shares = known.iter().any(|m| m.fract() != 0.0) && known.iter().all(|m| m.abs() <= 1.0);
        let mut bars = if shares { share_bars() } else { count_bars() };
        for &margin in &known {
            let bar = bars.iter_mut().rev().find(|b| b.from <= margin);
            if let Some(bar) = bar {
                bar.count += 1;
            }
        }
        let first = bars.iter().position(|b| b.count > 0).unwrap_or(bars.len());
        let last = bars.iter().rposition(|b| b.count > 0).map_or(first, |i| i + 1);
        let bars = bars[first..last].to_vec();
        let mut misses: Vec<f64> = known.iter().copied().filter(|&m| m < 0.0).collect();
        misses.sort_unstable_by(f64::total_cmp);
        let median_miss = misses.get(misses.len() / 2).copied();
        Self { bars, n: known.len() as u64, unknown: (margins.len() - known.len()) as u64, median_miss }
    }

    /// Generations on the followed side.
    pub fn followed(&self) -> u64 {
        self.bars.iter().filter(|b| b.followed()).map(|b| b.count).sum()
    }
}

fn count_bars() -> Vec<MarginBar> {
    let mut above = vec![MarginBar { from: 0.0, to: 0.0, count: 0 }];
    let mut below = Vec::new();
    let mut from = 1i64;
    for to in STEPS.map(Some).into_iter().chain([None]) {
        let end = to.map_or(f64::INFINITY, |t| t as f64);
        above.push(MarginBar { from: from as f64, to: end, count: 0 });
        below.push(MarginBar { from: -end, to: -(from as f64), count: 0 });
        from = to.map_or(from, |t| t + 1);
    }
    below.reverse();
    // A margin between two whole numbers (−0.5) belongs to the side of the border it is on: a bar
    // is found by its lower end, and −0.5 lies above −1.
    below.extend(above);
    below
}

fn share_bars() -> Vec<MarginBar> {
    (-TENTHS..TENTHS)
        .map(|i| MarginBar {
            from: f64::from(i) / f64::from(TENTHS),
            to: f64::from(i + 1) / f64::from(TENTHS),
            count: 0,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn near_misses_and_just_followed_stand_alone() {
        let h = MarginHistogram::of(&[-1.0, -1.0, -2.0, -3.0, -40.0, 0.0, 1.0, 7.0].map(Some));
        let bars: Vec<_> = h.bars.iter().map(|b| (b.from as i64, b.to as i64, b.count)).collect();
        assert_eq!(
            bars,
            [
                (-100, -31, 1),
                (-30, -11, 0),
                (-10, -4, 0),
                (-3, -2, 2),
                (-1, -1, 2),
                (0, 0, 1),
                (1, 1, 1),
                (2, 3, 0),
                (4, 10, 1)
            ]
        );
        assert_eq!((h.n, h.followed(), h.median_miss), (8, 3, Some(-2.0)));
    }

    #[test]
    fn shares_get_tenths() {
        let h = MarginHistogram::of(&[Some(-0.25), Some(0.0), Some(-1.0), None]);
        assert_eq!((h.n, h.unknown, h.bars.len()), (3, 1, 11));
        assert_eq!((h.bars[0].count, h.bars[10].from, h.bars[10].count), (1, 0.0, 1));
        assert!((h.bars[7].from + 0.3).abs() < 1e-12 && h.bars[7].count == 1);
    }

    #[test]
    fn nothing_known_is_no_bar() {
        let h = MarginHistogram::of(&[None, Some(f64::NAN)]);
        assert_eq!((h.bars.len(), h.n, h.unknown, h.median_miss), (0, 0, 2, None));
    }

    proptest! {
        #[test]
        fn every_margin_is_on_its_side(margins in prop::collection::vec(-1e5f64..1e5, 0..50), whole: bool) {
            let margins: Vec<Option<f64>> = margins.into_iter().map(|m| Some(if whole { m.round() } else { m })).collect();
            let h = MarginHistogram::of(&margins);
            prop_assert_eq!(h.bars.iter().map(|b| b.count).sum::<u64>(), margins.len() as u64);
            prop_assert_eq!(h.followed(), margins.iter().flatten().filter(|&&m| m >= 0.0).count() as u64);
        }
    }
}
