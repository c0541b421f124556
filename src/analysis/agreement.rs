//! How far two judges agree beyond chance.

use std::collections::HashMap;
use std::hash::Hash;

use serde::Serialize;

/// Agreement of two judges on the same things.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Agreement {
    /// Things that both judged.
    pub n: u64,
    /// Share of them on which they agree.
    pub observed: f64,
    /// Share on which they would agree if each kept only his own frequencies.
    pub expected: f64,
    /// Cohen's κ; `None` when both use one and the same category throughout, so that chance alone
    /// agrees always.
    pub kappa: Option<f64>,
}

impl Agreement {
    /// Compares judgements pair by pair; `None` without pairs.
    ///
    /// Cohen, *A coefficient of agreement for nominal scales*, Educational and Psychological
    /// Measurement 20 (1960) 37–46.
    pub fn of<T: Eq + Hash>(pairs: impl IntoIterator<Item = (T, T)>) -> Option<Self> {
        let mut margins: HashMap<T, [u64; 2]> = HashMap::new();
        let (mut n, mut agree) = (0u64, 0u64);
        for (a, b) in pairs {
            n += 1;
            agree += u64::from(a == b);
            margins.entry(a).or_default()[0] += 1;
            margins.entry(b).or_default()[1] += 1;
        }
        if n == 0 {
            return None;
        }
        // Whole numbers until the end: the sum must not depend on the order of the map.
        let together: u128 = margins.values().map(|&[a, b]| u128::from(a) * u128::from(b)).sum();
        let squared = u128::from(n) * u128::from(n);
        let observed = agree as f64 / n as f64;
        let expected = together as f64 / squared as f64;
        let kappa = (together < squared).then(|| (observed - expected) / (1.0 - expected));
        Some(Self { n, observed, expected, kappa })
    }

    /// The word of Landis and Koch (Biometrics 33, 1977) for a κ.
    pub fn word(self) -> &'static str {
        match self.kappa {
            None => "undefined",
            Some(k) if k < 0.0 => "poor",
            Some(k) if k <= 0.20 => "slight",
            Some(k) if k <= 0.40 => "fair",
            Some(k) if k <= 0.60 => "moderate",
            Some(k) if k <= 0.80 => "substantial",
            Some(_) => "almost perfect",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn repeat(cells: &[(u8, u8, usize)]) -> Vec<(u8, u8)> {
        cells.iter().flat_map(|&(a, b, n)| vec![(a, b); n]).collect()
    }

    #[test]
    fn kappa_of_known_tables() {
        // 20 / 5 / 10 / 15: observed 0.7, expected 0.5, κ 0.4 (by hand).
        let a = Agreement::of(repeat(&[(1, 1, 20), (1, 0, 5), (0, 1, 10), (0, 0, 15)])).expect("pairs");
        assert!((a.observed - 0.7).abs() < 1e-12 && (a.expected - 0.5).abs() < 1e-12);
        assert!((a.kappa.expect("defined") - 0.4).abs() < 1e-12);
        assert_eq!(a.word(), "fair");
        // 45 / 15 / 25 / 15: observed 0.6, expected 0.54, κ 0.1304 (by hand).
        let b = Agreement::of(repeat(&[(1, 1, 45), (1, 0, 15), (0, 1, 25), (0, 0, 15)])).expect("pairs");
        assert!((b.kappa.expect("defined") - 0.06 / 0.46).abs() < 1e-12);
    }

    #[test]
    fn edges() {
        assert_eq!(Agreement::of(Vec::<(u8, u8)>::new()), None);
        let one = Agreement::of(repeat(&[(1, 1, 4)])).expect("pairs");
        assert_eq!((one.observed, one.kappa, one.word()), (1.0, None, "undefined"));
        let never = Agreement::of(repeat(&[(1, 0, 2), (0, 1, 2)])).expect("pairs");
        assert_eq!((never.kappa, never.word()), (Some(-1.0), "poor"));
        let all = Agreement::of(repeat(&[(1, 1, 3), (2, 2, 3), (3, 3, 3)])).expect("pairs");
        assert_eq!(all.kappa, Some(1.0));
    }
}
