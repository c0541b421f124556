//! Right against obeyed: the 2×2 with what it would be if the two had nothing to do with another.

use serde::Serialize;

use super::metrics::Outcome;

/// Generations by final answer (right, wrong) and constraints (all followed, not).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Cross {
    /// Right and followed.
    pub right_followed: u64,
    /// Right and not followed.
    pub right_broken: u64,
    /// Wrong and followed.
    pub wrong_followed: u64,
    /// Neither.
    pub wrong_broken: u64,
    /// One of the two is not known; in no number below.
    pub unknown: u64,
}

impl Cross {
    /// Counts one more generation.
    pub fn add(&mut self, outcome: Outcome) {
        match (outcome.correct, outcome.followed) {
            (Some(true), Some(true)) => self.right_followed += 1,
            (Some(true), Some(false)) => self.right_broken += 1,
            (Some(false), Some(true)) => self.wrong_followed += 1,
            (Some(false), Some(false)) => self.wrong_broken += 1,
            _ => self.unknown += 1,
        }
    }

    /// How many generations have both known.
    pub fn known(self) -> u64 {
        self.right_followed + self.right_broken + self.wrong_followed + self.wrong_broken
    }

    /// The cells: `[right, wrong]` × `[followed, not followed]`.
    pub fn cells(self) -> [[u64; 2]; 2] {
        [[self.right_followed, self.right_broken], [self.wrong_followed, self.wrong_broken]]
    }

    /// What each cell would be if right and followed were independent: the product of its margins
    /// over n. `None` when nothing is known.
    pub fn expected(self) -> Option<[[f64; 2]; 2]> {
        let n = self.known();
        let cells = self.cells();
        (n > 0).then(|| {
            let row = |r: usize| (cells[r][0] + cells[r][1]) as f64;
            let column = |c: usize| (cells[0][c] + cells[1][c]) as f64;
            [0, 1].map(|r| [0, 1].map(|c| row(r) * column(c) / n as f64))
        })
    }

    /// The correlation φ of right and followed, from −1 to 1; `None` when a margin is empty.
    pub fn phi(self) -> Option<f64> {
        let [[a, b], [c, d]] = self.cells().map(|row| row.map(|x| x as f64));
        let margins = (a + b) * (c + d) * (a + c) * (b + d);
        (margins > 0.0).then(|| (a * d - b * c) / margins.sqrt())
    }

    /// Odds of being right when followed over odds when not; `None` when it is not finite.
    pub fn odds_ratio(self) -> Option<f64> {
        let [[a, b], [c, d]] = self.cells().map(|row| row.map(|x| x as f64));
        (b * c > 0.0).then(|| a * d / (b * c))
    }
}

impl FromIterator<Outcome> for Cross {
    fn from_iter<I: IntoIterator<Item = Outcome>>(outcomes: I) -> Self {
        let mut cross = Self::default();
        outcomes.into_iter().for_each(|o| cross.add(o));
        cross
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expected_cells_and_phi_of_the_papers_figure_four() {
        // MathIF (arXiv 2505.14810) figure 4 of 420; expected share and φ worked out by hand from
        // the printed cells: C&F, C&U, I&F, I&U.
        let table = [
            ([37, 98, 80, 205], 8.95, -0.007),
            ([30, 103, 42, 245], 5.43, 0.098),
            ([31, 190, 26, 173], 7.14, 0.014),
            ([37, 116, 56, 211], 8.07, 0.037),
        ];
        for ([rf, rb, wf, wb], percent, phi) in table {
            let cross = Cross {
                right_followed: rf,
                right_broken: rb,
                wrong_followed: wf,
                wrong_broken: wb,
                unknown: 3,
            };
            assert_eq!(cross.known(), 420);
            let expected = cross.expected().expect("known")[0][0] / 4.20;
            assert!((expected - percent).abs() < 0.005, "{expected} is not {percent}");
            assert!((cross.phi().expect("margins") - phi).abs() < 0.0006);
        }
    }

    #[test]
    fn an_empty_margin_has_no_correlation() {
        let cross: Cross =
            [Outcome { followed: Some(true), share: None, correct: Some(true) }, Outcome::default()]
                .into_iter()
                .collect();
        assert_eq!((cross.right_followed, cross.unknown), (1, 1));
        assert_eq!((cross.phi(), cross.odds_ratio()), (None, None));
        assert_eq!(cross.expected(), Some([[1.0, 0.0], [0.0, 0.0]]));
        assert_eq!(Cross::default().expected(), None);
    }
}
