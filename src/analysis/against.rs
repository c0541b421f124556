//! How a generation stands against the same item and sample of the baseline run: what `vs:` and
//! `vs.correct:` ask.

use super::compare::{Contest, outcome};
use super::paired::Flip;
use crate::library::query::Pattern;
use crate::library::{Bitmap, Library};

/// How a generation stands against its partner in the baseline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Against {
    /// It did what the baseline did not.
    Better,
    /// It did not do what the baseline did.
    Worse,
    /// Both did, or neither.
    Same,
    /// Not known for at least one of the two.
    Unknown,
    /// The baseline has no such item and sample.
    Alone,
}

impl Against {
    /// All, in the order they are listed.
    pub const ALL: [Self; 5] = [Self::Better, Self::Worse, Self::Same, Self::Unknown, Self::Alone];

    /// The word in a query.
    pub fn name(self) -> &'static str {
        match self {
            Self::Better => "better",
            Self::Worse => "worse",
            Self::Same => "same",
            Self::Unknown => "unknown",
            Self::Alone => "alone",
        }
    }
}

impl From<Flip> for Against {
    /// Of a pair whose A is the baseline.
    fn from(flip: Flip) -> Self {
        match flip {
            Flip::OnlyB => Self::Better,
            Flip::OnlyA => Self::Worse,
            Flip::Both | Flip::None => Self::Same,
            Flip::Unknown => Self::Unknown,
        }
    }
}

/// The rows of every run but the baseline that stand against it as one of these patterns says.
pub fn rows(library: &Library, baseline: u32, contest: Contest, patterns: &[Pattern]) -> Bitmap {
    let wanted = Against::ALL.map(|one| patterns.iter().any(|p| p.matches(one.name())));
    let done = |row: u32| {
        let outcome = outcome(&library.row(row));
        match contest {
            Contest::Followed => outcome.followed,
            Contest::Correct => outcome.correct,
            Contest::Both => outcome.both(),
        }
    };
    let mut found = library.no_rows();
    let mut partners = Vec::new();
    for item in 0..library.items().len() as u32 {
        let of_item = library.item_rows(item);
        let is_baseline = |row: u32| library.row(row).run_number() == baseline;
        partners.clear();
        let of_baseline = of_item.iter().filter(|&&row| is_baseline(row));
        partners.extend(of_baseline.map(|&row| (library.row(row).sample(), done(row))));
        for &row in of_item.iter().filter(|&&row| !is_baseline(row)) {
            let sample = library.row(row).sample();
            let against = match partners.iter().find(|(of, _)| *of == sample) {
                Some((_, theirs)) => Against::from(Flip::of(*theirs, done(row))),
                None => Against::Alone,
            };
            if wanted[against as usize] {
                found.insert(row);
            }
        }
    }
    found
}
