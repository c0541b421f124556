//! The words outputs are made of, drawn as often as words are: the n-th most frequent one with a
//! probability in proportion to n^-1.05, as in English and as in saved reasoning.

use super::random::Random;

/// The most frequent words first. What follows them is made up of syllables.
const FREQUENT: &str = "the is a to of and so we are but in that at from by for be with on this can as all \
    number two if between then not or only one it each sum since find which both must have such need has \
    given let i compute check point roots try wait angle triangle value now equation total side first \
    because when there get means these just using find answer step problem follows therefore also \
    equal length root maximum minimum solution positive integer integers second where area circle line \
    hence ratio area product square even odd prime factor term sequence function maybe possible actually \
    however thus would could should same another case cases three four five six ten hundred percent \
    hours minutes dollars more less than least most after before left right remaining start end let's \
    formula theorem proof assume suppose consider divide multiply subtract add simplify substitute \
    coordinates vector matrix determinant probability distinct permutations combinations adjacent valid \
    configuration furthermore question original radius diameter perimeter volume height base speed \
    distance time rate work people children apples marbles cards coins boxes final result verify \
    condition constraint required response words write language english capital letters comma commas";

/// How many words there are: what a gigabyte of reasoning about mathematics uses, roughly.
const COUNT: usize = 60_000;
const EXPONENT: f64 = 1.05;
/// The first forty are more frequent than their rank says: every other word of English is one of them.
const SMALL: f64 = 1.8;

/// All words with a table to draw from them.
#[derive(Debug)]
pub struct Words {
    words: Vec<Box<str>>,
    /// Walker's alias table: of column `i`, the share below which it stays `i`, and what it is else.
    columns: Vec<(u32, u32)>,
}

impl Words {
    pub fn new() -> Self {
        let mut words: Vec<Box<str>> = FREQUENT.split_whitespace().map(Box::from).collect();
        let mut random = Random::new(&[0x77]);
        while words.len() < COUNT {
            words.push(made_up(&mut random).into());
        }
        let weight = |n: usize| (n as f64).powf(-EXPONENT) * if n <= 40 { SMALL } else { 1.0 };
        let weights: Vec<f64> = (1..=words.len()).map(weight).collect();
        Self { words, columns: alias_table(&weights) }
    }

    /// A word, frequent ones more often.
    pub fn draw(&self, random: &mut Random) -> &str {
        let bits = random.bits();
        let column = ((bits >> 32) * self.columns.len() as u64) >> 32;
        let (share, alias) = self.columns[column as usize];
        let word = if (bits as u32) < share { column as usize } else { alias as usize };
        &self.words[word]
    }

    /// One of the hundred or so words that constraints ask for or forbid.
    pub fn keyword(&self, random: &mut Random) -> &str {
        &self.words[60 + random.below(90)]
    }
}

/// A word of one to four syllables; names and numbers of their own are rare words too.
fn made_up(random: &mut Random) -> String {
    const ONSETS: [&str; 20] = [
        "b", "c", "d", "f", "g", "h", "l", "m", "n", "p", "r", "s", "t", "v", "st", "tr", "pl", "ch", "qu",
        "",
    ];
    const RIMES: [&str; 16] =
        ["a", "e", "i", "o", "u", "an", "en", "or", "is", "al", "et", "ion", "ar", "ing", "ous", "y"];
    let mut word = String::new();
    for _ in 0..1 + random.below(2) + random.below(3) {
        word.push_str(random.pick(&ONSETS));
        word.push_str(random.pick(&RIMES));
    }
    word
}

/// Walker's method with Vose's way to build the table.
fn alias_table(weights: &[f64]) -> Vec<(u32, u32)> {
    let scale = weights.len() as f64 / weights.iter().sum::<f64>();
    let mut shares: Vec<f64> = weights.iter().map(|w| w * scale).collect();
    let (mut small, mut large): (Vec<usize>, Vec<usize>) = (0..shares.len()).partition(|&i| shares[i] < 1.0);
    let mut columns: Vec<(u32, u32)> = (0..shares.len()).map(|i| (u32::MAX, i as u32)).collect();
    while let (Some(s), Some(&l)) = (small.pop(), large.last()) {
        columns[s] = ((shares[s] * f64::from(u32::MAX)) as u32, l as u32);
        shares[l] -= 1.0 - shares[s];
        if shares[l] < 1.0 {
            large.pop();
            small.push(l);
        }
    }
    columns
}
