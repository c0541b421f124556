//! Averages over generations, as the public script takes them.

use std::collections::BTreeMap;

use serde::{Serialize, Serializer, ser::SerializeStruct as _};

use crate::constraint::Verdict;
use crate::grade::Grade;

/// Running averages. What is not known counts as not followed and not right, as in the public
/// script, so that the figures can be held against published ones; how much is not known is
/// counted beside.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Averages {
    /// Generations.
    pub n: u64,
    /// Those with at least one constraint: `HAcc` and `SAcc` are over these.
    pub constrained: u64,
    /// Those with a gold answer: correctness is over these.
    pub graded: u64,
    /// Generations with all constraints followed.
    pub all_followed: u64,
    /// Right answers.
    pub right: u64,
    /// Verdicts that are not known.
    pub unknown_verdicts: u64,
    /// Answers that could not be compared.
    pub unknown_answers: u64,
    /// How many constraints were followed, by how many their generations have.
    followed: BTreeMap<usize, u64>,
}

impl Averages {
    /// Takes in one generation. `gold` says whether its item has a gold answer.
    pub fn add(&mut self, verdicts: &[Verdict], grade: &Grade, gold: bool) {
        self.n += 1;
        let all = verdicts.len();
        if all > 0 {
            let followed = verdicts.iter().filter(|v| v.status.followed() == Some(true)).count();
            self.constrained += 1;
            self.all_followed += u64::from(followed == all);
            *self.followed.entry(all).or_default() += followed as u64;
            self.unknown_verdicts += verdicts.iter().filter(|v| v.status.followed().is_none()).count() as u64;
        }
        if gold {
            self.graded += 1;
            self.right += u64::from(grade.correct == Some(true));
            self.unknown_answers += u64::from(grade.correct.is_none());
        }
    }

    /// Takes in the generations of another.
    pub fn merge(&mut self, other: &Self) {
        self.n += other.n;
        self.constrained += other.constrained;
        self.graded += other.graded;
        self.all_followed += other.all_followed;
        self.right += other.right;
        self.unknown_verdicts += other.unknown_verdicts;
        self.unknown_answers += other.unknown_answers;
        for (all, followed) in &other.followed {
            *self.followed.entry(*all).or_default() += followed;
        }
    }

    /// Share of generations with all constraints followed.
    pub fn hacc(&self) -> Option<f64> {
        share(self.all_followed as f64, self.constrained)
    }

    /// Mean share of constraints followed.
    pub fn sacc(&self) -> Option<f64> {
        // Added up in one order, so that the sum does not depend on who counted what.
        let shares = self.followed.iter().map(|(all, followed)| *followed as f64 / *all as f64).sum();
        share(shares, self.constrained)
    }

    /// Share of right answers.
    pub fn correctness(&self) -> Option<f64> {
        share(self.right as f64, self.graded)
    }
}

fn share(part: f64, of: u64) -> Option<f64> {
    (of > 0).then(|| part / of as f64)
}

/// The four figures that are promised to stay: `n`, `hacc`, `sacc`, `correctness`.
impl Serialize for Averages {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut s = to.serialize_struct("Averages", 4)?;
        s.serialize_field("n", &self.n)?;
        s.serialize_field("hacc", &self.hacc())?;
        s.serialize_field("sacc", &self.sacc())?;
        s.serialize_field("correctness", &self.correctness())?;
        s.end()
    }
}
