//! Two runs of a library on the same items.

use std::cmp::Ordering;

use super::metrics::{Mean, Outcome};
use super::paired::{Flip, Paired};
use crate::library::{Library, Row, Selection};

/// A generation of A and one of B for the same item and sample.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pair {
    /// Row of A.
    pub a: u32,
    /// Row of B.
    pub b: u32,
    /// All constraints followed.
    pub followed: Flip,
    /// Final answer right.
    pub correct: Flip,
    /// Followed and right.
    pub both: Flip,
    /// Worst margin of A minus worst margin of B; `None` where one has none.
    pub margin: Option<f32>,
}

/// On what two runs are held against each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Contest {
    /// All constraints followed.
    Followed,
    /// Final answer right.
    Correct,
    /// Followed and right.
    Both,
}

impl Contest {
    /// All, in the order they are shown.
    pub const ALL: [Self; 3] = [Self::Followed, Self::Correct, Self::Both];

    /// The word shown.
    pub fn name(self) -> &'static str {
        match self {
            Self::Followed => "followed",
            Self::Correct => "right",
            Self::Both => "both",
        }
    }
}

impl Pair {
    /// How the two fare in a contest.
    pub fn flip(&self, contest: Contest) -> Flip {
        match contest {
            Contest::Followed => self.followed,
            Contest::Correct => self.correct,
            Contest::Both => self.both,
        }
    }
}

/// Two runs on the same items.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// Number of run A in [`Library::runs`].
    pub a: u32,
    /// Number of run B.
    pub b: u32,
    /// All constraints followed.
    pub followed: Paired,
    /// Final answer right.
    pub correct: Paired,
    /// Followed and right.
    pub both: Paired,
    /// `SAcc` of A minus `SAcc` of B, pair by pair.
    pub share: Mean,
    /// The pairs, in the order of the items.
    pub pairs: Vec<Pair>,
    /// Items with a pair. Fewer than pairs when items have several samples: then the pairs are not
    /// independent, and p and interval are too sure of themselves.
    pub items: u32,
    /// Generations of A without a partner.
    pub unpaired_a: u32,
    /// Generations of B without a partner.
    pub unpaired_b: u32,
}

impl Comparison {
    /// The counts of a contest.
    pub fn paired(&self, contest: Contest) -> Paired {
        match contest {
            Contest::Followed => self.followed,
            Contest::Correct => self.correct,
            Contest::Both => self.both,
        }
    }

    /// Whether an item has more than one pair.
    pub fn clustered(&self) -> bool {
        self.pairs.len() > self.items as usize
    }

    /// Places in [`pairs`](Self::pairs) of one kind of flip (of both kinds of difference when
    /// `None`), those with the largest difference of margins first, then in the order of the items.
    pub fn flips(&self, contest: Contest, kind: Option<Flip>) -> Vec<usize> {
        let wanted = |pair: &Pair| match kind {
            Some(kind) => pair.flip(contest) == kind,
            None => pair.flip(contest).is_flip(),
        };
        let mut places: Vec<usize> = (0..self.pairs.len()).filter(|&i| wanted(&self.pairs[i])).collect();
        let size = |i: usize| self.pairs[i].margin.map_or(-1.0, f32::abs);
        places.sort_by(|&x, &y| size(y).partial_cmp(&size(x)).unwrap_or(Ordering::Equal).then(x.cmp(&y)));
        places
    }
}

/// What a row contributes to a number.
pub fn outcome(row: &Row<'_>) -> Outcome {
    Outcome { followed: row.hacc(), share: row.sacc(), correct: row.correct() }
}

/// Holds two runs against each other, given by their numbers in [`Library::runs`].
///
/// Generations are paired by item and number of the sample. A pair counts when at least one of the
/// two is selected: what a query asks of one run's output (`failed:no_comma`) must not hide that
/// the other did better.
pub fn compare(library: &Library, a: u32, b: u32, selection: &Selection) -> Comparison {
    let mut comparison = Comparison {
        a,
        b,
        followed: Paired::default(),
        correct: Paired::default(),
        both: Paired::default(),
        share: Mean::default(),
        pairs: Vec::new(),
        items: 0,
        unpaired_a: 0,
        unpaired_b: 0,
    };
    let (mut of_a, mut of_b) = (Vec::new(), Vec::new());
    for item in 0..library.items().len() as u32 {
        of_a.clear();
        of_b.clear();
        for &row in library.item_rows(item) {
            let run = library.row(row).run_number();
            if run == a {
                of_a.push(row);
            }
            if run == b {
                of_b.push(row);
            }
        }
        if !of_a.iter().chain(&of_b).any(|&row| selection.has(row)) {
            continue;
        }
        let sample = |row: u32| library.row(row).sample();
        of_a.sort_by_key(|&row| sample(row));
        of_b.sort_by_key(|&row| sample(row));
        let before = comparison.pairs.len();
        let (mut at_a, mut at_b) = (0, 0);
        while at_a < of_a.len() || at_b < of_b.len() {
            let order = match (of_a.get(at_a), of_b.get(at_b)) {
                (Some(&one), Some(&other)) => sample(one).cmp(&sample(other)),
                (Some(_), None) => Ordering::Less,
                _ => Ordering::Greater,
            };
            match order {
                Ordering::Less => {
                    comparison.unpaired_a += u32::from(selection.has(of_a[at_a]));
                    at_a += 1;
                }
                Ordering::Greater => {
                    comparison.unpaired_b += u32::from(selection.has(of_b[at_b]));
                    at_b += 1;
                }
                Ordering::Equal => {
                    if selection.has(of_a[at_a]) || selection.has(of_b[at_b]) {
                        comparison.add(&library.row(of_a[at_a]), &library.row(of_b[at_b]));
                    }
                    at_a += 1;
                    at_b += 1;
                }
            }
        }
        comparison.items += u32::from(comparison.pairs.len() > before);
    }
    comparison
}

impl Comparison {
    fn add(&mut self, a: &Row<'_>, b: &Row<'_>) {
        let (x, y) = (outcome(a), outcome(b));
        self.followed.add(x.followed, y.followed);
        self.correct.add(x.correct, y.correct);
        self.both.add(x.both(), y.both());
        self.share.add(x.share.zip(y.share).map(|(x, y)| x - y));
        self.pairs.push(Pair {
            a: a.id(),
            b: b.id(),
            followed: Flip::of(x.followed, y.followed),
            correct: Flip::of(x.correct, y.correct),
            both: Flip::of(x.both(), y.both()),
            margin: a.margin().zip(b.margin()).map(|(x, y)| x - y),
        });
    }
}
