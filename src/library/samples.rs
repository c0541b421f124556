//! Samples of the same item in the same run, as one.

use std::collections::HashMap;
use std::fmt::Write as _;

use super::snapshot::Library;
use super::sort::Order;
use super::summary::Share;

/// The samples of an item in a run that are in a list of rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Samples {
    /// The first of them in the list.
    pub row: u32,
    /// How many they are; 1 for an item that was answered once.
    pub count: u32,
    /// How many follow all constraints. Unknown: no constraint, or one that is not known.
    pub followed: Share,
    /// How many are right.
    pub correct: Share,
    /// Words of their traces together.
    pub trace: u64,
    /// Words of their answers together.
    pub answer: u64,
}

impl Samples {
    /// `4 samples · 1 followed · 3 correct`, and what is not known of some.
    pub fn words(&self) -> String {
        let mut words = format!("{} sample{}", self.count, if self.count == 1 { "" } else { "s" });
        for (share, name) in [(self.followed, "followed"), (self.correct, "correct")] {
            if share.yes + share.no > 0 {
                let _ = write!(words, " · {} {name}", share.yes);
            }
            if share.unknown > 0 {
                let _ = write!(words, " · {} not known to be {name}", share.unknown);
            }
        }
        words
    }
}

impl Library {
    /// Folds the rows of a list: those of the same item in the same run become one, which stands
    /// where the first of them stood.
    pub fn fold(&self, rows: &Order) -> Vec<Samples> {
        let mut folded: Vec<Samples> = Vec::new();
        let mut places: HashMap<(u32, u32), usize> = HashMap::new();
        for number in rows.iter() {
            let row = self.row(number);
            let place = *places.entry((row.run_number(), row.item_number())).or_insert_with(|| {
                let none = Share::default();
                folded.push(Samples {
                    row: number,
                    count: 0,
                    followed: none,
                    correct: none,
                    trace: 0,
                    answer: 0,
                });
                folded.len() - 1
            });
            let samples = &mut folded[place];
            samples.count += 1;
            samples.followed.add(row.hacc());
            samples.correct.add(row.correct());
            samples.trace += u64::from(row.trace().words);
            samples.answer += u64::from(row.answer().words);
        }
        folded
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_for_samples() {
        let share = |yes, no, unknown| Share { yes, no, unknown };
        let table = [
            (4, share(1, 3, 0), share(3, 1, 0), "4 samples · 1 followed · 3 correct"),
            (1, share(0, 1, 0), share(0, 0, 1), "1 sample · 0 followed · 1 not known to be correct"),
            (
                3,
                share(1, 1, 1),
                share(0, 3, 0),
                "3 samples · 1 followed · 1 not known to be followed · 0 correct",
            ),
        ];
        for (count, followed, correct, words) in table {
            assert_eq!(Samples { row: 0, count, followed, correct, trace: 0, answer: 0 }.words(), words);
        }
    }
}
