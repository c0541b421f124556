//! Bounds on a count: the margin to them and how a person says it.

use super::args::{Args, Relation, Result};

/// What a count is held against.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Bound {
    /// Fewer than this.
    LessThan(u64),
    /// This or more.
    AtLeast(u64),
    /// Neither more nor fewer.
    Exactly(u64),
    /// At least the first, at most the second.
    Between(u64, u64),
}

/// What is counted: singular and plural.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Unit {
    pub one: &'static str,
    pub many: &'static str,
}

impl Unit {
    pub(super) const fn new(one: &'static str, many: &'static str) -> Self {
        Self { one, many }
    }

    /// `1 word`, `2 words`.
    pub(super) fn count(self, n: u64) -> String {
        format!("{n} {}", self.name(n))
    }

    fn name(self, n: u64) -> &'static str {
        if n == 1 { self.one } else { self.many }
    }
}

impl Bound {
    /// The bound that a number and a relation argument make.
    pub(super) fn from_args(args: &Args<'_>, number: &str, relation: &str) -> Result<Self> {
        let n = args.count(number)?;
        Ok(match args.relation(relation)? {
            Relation::LessThan => Self::LessThan(n),
            Relation::AtLeast => Self::AtLeast(n),
        })
    }

    /// Signed distance to the border, at least 0 exactly when `n` is inside.
    pub(super) fn margin(self, n: u64) -> f64 {
        let n = n as f64;
        match self {
            Self::LessThan(limit) => limit as f64 - 1.0 - n,
            Self::AtLeast(limit) => n - limit as f64,
            Self::Between(0, most) => most as f64 - n,
            Self::Between(least, most) => (n - least as f64).min(most as f64 - n),
            // Without the negation of zero, which would print as -0.
            Self::Exactly(limit) => 0.0 - (n - limit as f64).abs(),
        }
    }

    /// The number of the first hit that is one too many, from 0; `None` where there can't be one.
    pub(super) fn first_excess(self) -> Option<u64> {
        match self {
            Self::LessThan(limit) => Some(limit - 1),
            Self::Exactly(limit) | Self::Between(_, limit) => Some(limit),
            Self::AtLeast(_) => None,
        }
    }

    /// How many are missing.
    pub(super) fn missing(self, n: u64) -> u64 {
        match self {
            Self::AtLeast(limit) | Self::Exactly(limit) | Self::Between(limit, _) => limit.saturating_sub(n),
            Self::LessThan(_) => 0,
        }
    }

    /// `3 words too many`, `17 words short`, `300 words; at least 250 asked for`.
    pub(super) fn sentence(self, n: u64, unit: Unit) -> String {
        let missing = self.missing(n);
        if missing > 0 {
            return format!("{} short", unit.count(missing));
        }
        match self.first_excess() {
            Some(allowed) if n > allowed => format!("{} too many", unit.count(n - allowed)),
            _ => format!("{}; {} asked for", unit.count(n), self.label()),
        }
    }

    /// `fewer than 3`, `at least 3`, `exactly 3`.
    pub(super) fn label(self) -> String {
        match self {
            Self::LessThan(n) => format!("fewer than {n}"),
            Self::AtLeast(n) => format!("at least {n}"),
            Self::Exactly(n) => format!("exactly {n}"),
            Self::Between(0, most) => format!("at most {most}"),
            Self::Between(least, most) => format!("{least} to {most}"),
        }
    }

    /// `at least 3 words`.
    pub(super) fn label_of(self, unit: Unit) -> String {
        let (Self::LessThan(n) | Self::AtLeast(n) | Self::Exactly(n) | Self::Between(_, n)) = self;
        format!("{} {}", self.label(), unit.name(n))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn margins_and_sentences() {
        let words = Unit::new("word", "words");
        let table = [
            (Bound::LessThan(5), 4, 0.0, "4 words; fewer than 5 asked for"),
            (Bound::LessThan(5), 5, -1.0, "1 word too many"),
            (Bound::LessThan(5), 8, -4.0, "4 words too many"),
            (Bound::AtLeast(5), 5, 0.0, "5 words; at least 5 asked for"),
            (Bound::AtLeast(5), 4, -1.0, "1 word short"),
            (Bound::AtLeast(5), 0, -5.0, "5 words short"),
            (Bound::Exactly(2), 2, 0.0, "2 words; exactly 2 asked for"),
            (Bound::Exactly(2), 1, -1.0, "1 word short"),
            (Bound::Exactly(2), 4, -2.0, "2 words too many"),
        ];
        for (bound, n, margin, sentence) in table {
            assert!((bound.margin(n) - margin).abs() < f64::EPSILON, "{bound:?} of {n}");
            assert!(bound.margin(n).is_sign_positive() || margin < 0.0, "{bound:?} of {n}: negative zero");
            assert_eq!(bound.sentence(n, words), sentence);
        }
    }
}
