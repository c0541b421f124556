//! Where in a text the first violation falls.

use std::ops::Range;

use serde::Serialize;

use crate::constraint::{Mark, Role};

/// Bars of a [`PositionHistogram`].
pub const TENTHS: usize = 10;

/// Where the first violation begins, as a share of the judged text from 0 (its first byte) to 1
/// (its end, for what is missing there). `None` when no mark breaks anything.
///
/// Violations, divergences, regions and missing things count; hits do not.
pub fn position(marks: &[Mark], judged: &Range<usize>) -> Option<f64> {
    let first = marks.iter().filter(|m| m.role != Role::Hit).map(|m| m.start).min()?;
    let length = judged.end.saturating_sub(judged.start);
    if length == 0 {
        return Some(0.0);
    }
    Some(first.saturating_sub(judged.start).min(length) as f64 / length as f64)
}

/// First violations by tenth of the judged text.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct PositionHistogram {
    /// Counts from the first tenth to the last.
    pub tenths: [u64; TENTHS],
    /// Those at the very end: something should stand there and does not. Not in `tenths`.
    pub at_end: u64,
    /// Generations without a place to show.
    pub unplaced: u64,
}

impl PositionHistogram {
    /// Counts one more.
    pub fn add(&mut self, position: Option<f64>) {
        match position {
            None => self.unplaced += 1,
            Some(p) if p >= 1.0 => self.at_end += 1,
            Some(p) => self.tenths[((p.max(0.0) * TENTHS as f64) as usize).min(TENTHS - 1)] += 1,
        }
    }

    /// Generations with a place.
    pub fn placed(&self) -> u64 {
        self.tenths.iter().sum::<u64>() + self.at_end
    }
}

impl FromIterator<Option<f64>> for PositionHistogram {
    fn from_iter<I: IntoIterator<Item = Option<f64>>>(positions: I) -> Self {
        let mut histogram = Self::default();
        positions.into_iter().for_each(|p| histogram.add(p));
        histogram
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark(start: usize, role: Role) -> Mark {
        Mark { start, end: start + 1, role, note: None }
    }

    #[test]
    fn hits_do_not_count_and_the_judged_text_is_the_scale() {
        let marks = [mark(110, Role::Hit), mark(175, Role::Violation), mark(150, Role::Region)];
        assert_eq!(position(&marks, &(100..200)), Some(0.5));
        assert_eq!(position(&marks[..1], &(100..200)), None);
        assert_eq!(position(&[mark(200, Role::Missing)], &(100..200)), Some(1.0));
        assert_eq!(position(&[mark(0, Role::Missing)], &(0..0)), Some(0.0));
        // A mark outside of the judged text is held at its ends.
        assert_eq!(position(&[mark(3, Role::Violation)], &(100..200)), Some(0.0));
        assert_eq!(position(&[mark(300, Role::Violation)], &(100..200)), Some(1.0));
    }

    #[test]
    fn tenths_and_the_end() {
        let h: PositionHistogram =
            [Some(0.0), Some(0.0999), Some(0.1), Some(0.9999), Some(1.0), None].into_iter().collect();
        assert_eq!(h.tenths, [2, 1, 0, 0, 0, 0, 0, 0, 0, 1]);
        assert_eq!((h.at_end, h.unplaced, h.placed()), (1, 1, 5));
    }
}
