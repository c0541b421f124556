//! The reference's language detector: the same languages with the same probabilities, bit for bit, at a
//! small part of the cost.
//!
//! It walks at random over the n-grams of a text, of one to three letters, and multiplies the
//! probability of each language by the n-gram's share in it, until one language is certain; the mean of
//! several walks counts. The random numbers are those of Python's generator. This is the algorithm of
//! the Python package `langdetect` 1.0.9, a port of Nakatani Shuyo's language-detection, on Python 3.11;
//! the crate of the same name has its profiles, is what `build.rs` makes the tables from, and is what
//! the tests hold this against. What is faster here: tables that need no loading, letters as numbers so
//! that the n-grams of a Latin text are three loads a letter, and a text's n-grams found once for
//! however many walks.

use std::borrow::Cow;
use std::sync::{LazyLock, OnceLock};

use langdetect::text as preparation;
use zerocopy::FromBytes as _;
use zerocopy::little_endian::{F64, U16, U32, U64};

mod layout;

use layout::{ABSENT, FAR_SLOTS, NEAR_SLOTS, NUMBER_BITS, SPACE, UNKNOWN, UPPER};

/// Characters of a text that are looked at.
const LOOKED_AT: usize = 10_000;
/// Languages known.
const LANGUAGES: usize = 55;
/// A number for each language, and one for none, so that they come in fours.
type Each = [f64; LANGUAGES + 1];

/// Base of an n-gram's weight, which every language gets, and its mean and deviation.
const BASE: f64 = 10_000.0;
const ALPHA: f64 = 0.5;
const ALPHA_WIDTH: f64 = 0.05;
/// A walk ends when a language is this probable, looked at every [`NORMALIZED`] steps, or after so many.
const CERTAIN: f64 = 0.99999;
const NORMALIZED: usize = 5;
const STEPS: usize = 1_000;
/// Languages that are less probable are not told.
const TOLD: f64 = 0.1;
/// The code that the reference gives when none is told: one like others.
const UNKNOWN_LANGUAGE: &str = "unknown";

struct Tables {
    codes: Vec<&'static str>,
    letters: &'static [U16; 1 << 16],
    near: &'static [U16; NEAR_SLOTS],
    far: &'static [U64; FAR_SLOTS],
    ends: &'static [U32],
    languages: &'static [u8],
    shares: &'static [F64],
    /// Rows as they are walked over, once they were asked for.
    rows: Box<[OnceLock<Box<Each>>]>,
}

macro_rules! table {
    ($name:literal) => {
        include_bytes!(concat!(env!("OUT_DIR"), "/", $name)).as_slice()
    };
}

static TABLES: LazyLock<Tables> = LazyLock::new(|| {
    const WHOLE: &str = "build.rs writes whole numbers";
    let ends = <[U32]>::ref_from_bytes(table!("ends")).expect(WHOLE);
    Tables {
        codes: include_str!(concat!(env!("OUT_DIR"), "/codes")).lines().collect(),
        letters: <[U16; 1 << 16]>::ref_from_bytes(table!("letters")).expect(WHOLE),
        near: <[U16; NEAR_SLOTS]>::ref_from_bytes(table!("near")).expect(WHOLE),
        far: <[U64; FAR_SLOTS]>::ref_from_bytes(table!("far")).expect(WHOLE),
        ends,
        languages: table!("languages"),
        shares: <[F64]>::ref_from_bytes(table!("shares")).expect(WHOLE),
        rows: ends.iter().map(|_| OnceLock::new()).collect(),
    }
});

impl Tables {
    /// A character as a letter of n-grams: its number, and whether it is a capital.
    #[inline]
    fn letter(&self, c: char) -> (u64, bool) {
        if let Some(letter) = self.letters.get(c as usize) {
            return (u64::from(letter.get() & !UPPER), letter.get() & UPPER != 0);
        }
        // Two scripts beyond the plane got capitals after the reference's Unicode.
        let newer = matches!(c, '\u{10d50}'..='\u{10d65}' | '\u{16ea0}'..='\u{16eb8}');
        (UNKNOWN, c.is_uppercase() && !newer)
    }

    /// The number of an n-gram's row, from 1; 0 where no profile has it.
    #[inline]
    fn number(&self, gram: [u64; 3]) -> u32 {
        if layout::is_near(gram) {
            return u32::from(self.near[layout::near_slot(gram)].get());
        }
        let key = layout::far_key(gram);
        let mut at = layout::far_slot(key);
        loop {
            match self.far[at].get() {
                0 => return 0,
                entry if entry >> NUMBER_BITS == key => return (entry & ((1 << NUMBER_BITS) - 1)) as u32,
                _ => at = (at + 1) % FAR_SLOTS,
            }
        }
    }

    /// The share of an n-gram in each language.
    #[inline]
    fn shares(&self, number: u32) -> &Each {
        let row = number as usize - 1;
        self.rows[row].get_or_init(|| {
            let start = if row == 0 { 0 } else { self.ends[row - 1].get() as usize };
            let entries = start..self.ends[row].get() as usize;
            let mut each = Box::new([0.0; LANGUAGES + 1]);
            for (language, share) in self.languages[entries.clone()].iter().zip(&self.shares[entries]) {
                each[usize::from(*language)] = share.get();
            }
            each
        })
    }
}

/// The n-grams of a text that stand in some profile, by the numbers of their rows.
#[derive(Debug)]
pub(super) struct Grams(Vec<u32>);

impl Grams {
    /// Finds them.
    pub(super) fn of(text: &str) -> Self {
        let text = prepared(text);
        if text.is_ascii() {
            return Self::found(text.len(), text.bytes().map(char::from));
        }
        // A text that is not Latin is told by its own letters alone.
        let latin = text.chars().filter(|c| is_latin(*c)).count();
        let foreign = text.chars().filter(|c| *c >= '\u{300}').count();
        if latin * 2 < foreign {
            Self::found(text.len(), text.chars().filter(|c| !is_latin(*c)))
        } else {
            Self::found(text.len(), text.chars())
        }
    }

    /// Those that end with each letter, of one, two and three. One has no space but at its ends, and
    /// what follows two capitals in a row has none until the next small letter or space.
    fn found(most: usize, text: impl Iterator<Item = char>) -> Self {
        let tables = &*TABLES;
        let mut numbers = vec![0; most * 3 + 1];
        let mut len = 0;
        // Written in any case, and kept where there is one: quicker than to ask.
        let mut put = |number: u32| {
            numbers[len] = number;
            len += usize::from(number != 0);
        };
        let (mut before_last, mut last) = (ABSENT, SPACE);
        let (mut last_is_upper, mut shouted) = (false, false);
        for c in text {
            let (letter, upper) = tables.letter(c);
            if last == SPACE {
                if letter == SPACE {
                    continue;
                }
                (before_last, shouted) = (ABSENT, false);
            }
            shouted = upper && (shouted || last_is_upper);
            if !shouted && letter != UNKNOWN {
                if letter != SPACE {
                    put(tables.number([ABSENT, ABSENT, letter]));
                }
                put(tables.number([ABSENT, last, letter]));
                if before_last != ABSENT {
                    put(tables.number([before_last, last, letter]));
                }
            }
            (before_last, last, last_is_upper) = (last, letter, upper);
        }
        numbers.truncate(len);
        Self(numbers)
    }
}

/// What stands between the first and the last Latin letter in ASCII.
fn is_latin(c: char) -> bool {
    ('A'..='z').contains(&c)
}

/// A text without addresses of the web and of mail, its Vietnamese letters in one piece each, and no
/// longer than is looked at. Nearly all texts are that as they are.
fn prepared(text: &str) -> Cow<'_, str> {
    let bytes = text.as_bytes();
    // The marks of Vietnamese begin with this byte.
    let may_change =
        memchr::memchr2(b'@', 0xcc, bytes).is_some() || memchr::memmem::find(bytes, b"http").is_some();
    if may_change {
        return preparation::prepare(text, LOOKED_AT as i64).into();
    }
    let end = if text.len() <= LOOKED_AT { None } else { text.char_indices().nth(LOOKED_AT) };
    text[..end.map_or(text.len(), |(at, _)| at)].into()
}

/// A language with its probability.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Language {
    pub(super) code: &'static str,
    pub(super) probability: f64,
}

/// The languages that are told apart, by their numbers.
#[derive(Debug, Clone, Copy)]
pub(super) struct Detector {
    languages: [u8; LANGUAGES],
    len: usize,
}

impl Detector {
    /// Tells all languages apart.
    pub(super) fn of_all() -> Self {
        Self { languages: std::array::from_fn(|n| n as u8), len: LANGUAGES }
    }

    /// Tells the languages with these codes apart. A code that is not known is left out.
    pub(super) fn of(codes: &[&str]) -> Self {
        let mut few = Self { languages: [0; LANGUAGES], len: 0 };
        for code in codes {
            if let Some(language) = TABLES.codes.iter().position(|known| known == code)
                && !few.languages().contains(&(language as u8))
            {
                few.languages[few.len] = language as u8;
                few.len += 1;
            }
        }
        few
    }

    fn languages(&self) -> &[u8] {
        &self.languages[..self.len]
    }

    /// The most probable language of a text, as the mean of so many walks says; [`UNKNOWN_LANGUAGE`] when
    /// none is probable. `None` when there is nothing to tell it from.
    pub(super) fn tell(&self, grams: &Grams, seed: u32, walks: u32) -> Option<Language> {
        self.tell_until(grams, seed, walks, f64::INFINITY)
    }

    /// The same without the probability, which takes fewer walks where these are of one mind.
    pub(super) fn tell_code(&self, grams: &Grams, seed: u32, walks: u32) -> Option<&'static str> {
        // A language that has more than half of all probability there is to share out stays the first.
        self.tell_until(grams, seed, walks, 0.51).map(|language| language.code)
    }

    /// Stops walking when a language has `enough` of the mean.
    fn tell_until(&self, grams: &Grams, seed: u32, walks: u32, enough: f64) -> Option<Language> {
        let own: Cow<'_, [u32]> = if self.len == LANGUAGES {
            grams.0.as_slice().into()
        } else {
            let stands = |gram: &u32| {
                let shares = TABLES.shares(*gram);
                self.languages().iter().any(|language| shares[usize::from(*language)] > 0.0)
            };
            grams.0.iter().copied().filter(stands).collect::<Vec<u32>>().into()
        };
        if own.is_empty() {
            return None;
        }
        let mut random = Random::seeded(seed);
        let mut mean = [0.0; LANGUAGES];
        for _ in 0..walks {
            let probabilities = self.walk(&own, &mut random);
            for (mean, p) in mean.iter_mut().zip(probabilities) {
                *mean += p / f64::from(walks);
            }
            if mean.iter().any(|p| *p > enough) {
                break;
            }
        }
        let mut best = Language { code: UNKNOWN_LANGUAGE, probability: 0.0 };
        for (language, probability) in self.languages().iter().zip(mean) {
            // Of languages that are equally probable, the first.
            if probability > TOLD.max(best.probability) {
                best = Language { code: TABLES.codes[usize::from(*language)], probability };
            }
        }
        Some(best)
    }

    /// One walk over the n-grams, of which there is at least one: each language's probability.
    fn walk(&self, grams: &[u32], random: &mut Random) -> Each {
        let tables = &*TABLES;
        let mut probabilities: Each = [0.0; LANGUAGES + 1];
        probabilities[..self.len].fill(1.0 / self.len as f64);
        let used = self.len.next_multiple_of(4);
        let weight = (ALPHA + random.gauss() * ALPHA_WIDTH) / BASE;
        for step in 0.. {
            let shares = tables.shares(grams[random.below(grams.len())]);
            if self.len == LANGUAGES {
                for (p, share) in probabilities.iter_mut().zip(shares) {
                    *p *= weight + share;
                }
            } else {
                for (p, language) in probabilities.iter_mut().zip(self.languages()) {
                    *p *= weight + shares[usize::from(*language)];
                }
            }
            if step % NORMALIZED == 0 {
                // In this order: the sum of floats depends on it.
                let sum: f64 = probabilities[..self.len].iter().sum();
                let mut most = [0.0; 4];
                for four in probabilities[..used].as_chunks_mut::<4>().0 {
                    for (p, most) in four.iter_mut().zip(&mut most) {
                        *p /= sum;
                        *most = if *p > *most { *p } else { *most };
                    }
                }
                if most.iter().any(|p| *p > CERTAIN) || step >= STEPS {
                    break;
                }
            }
        }
        probabilities
    }
}

/// Python's `random.Random`: the Mersenne Twister 19937, seeded and read as Python does.
struct Random {
    state: [u32; Self::N],
    at: usize,
    /// `gauss` makes two numbers at a time.
    gauss: Option<f64>,
}

impl Random {
    const N: usize = 624;
    const M: usize = 397;

    /// `random.Random(seed)`.
    fn seeded(seed: u32) -> Self {
        /// Small seeds are all that is ever asked for, again and again.
        static FIRST: [OnceLock<[u32; Random::N]>; 8] = [const { OnceLock::new() }; 8];
        let begun = || {
            let mut random = Self { state: Self::initial(seed), at: Self::N, gauss: None };
            random.twist();
            random.state
        };
        let state = match FIRST.get(seed as usize) {
            Some(first) => *first.get_or_init(begun),
            None => begun(),
        };
        Self { state, at: 0, gauss: None }
    }

    /// The state that a seed gives: `init_by_array` of one word.
    fn initial(seed: u32) -> [u32; Self::N] {
        let mut state = [0_u32; Self::N];
        state[0] = 19_650_218;
        for i in 1..Self::N {
            let last = state[i - 1] ^ state[i - 1] >> 30;
            state[i] = last.wrapping_mul(1_812_433_253).wrapping_add(i as u32);
        }
        let mut i = 1;
        let mut mix = |factor: u32, added: &dyn Fn(usize) -> u32, times: usize| {
            for _ in 0..times {
                let last = state[i - 1] ^ state[i - 1] >> 30;
                state[i] = (state[i] ^ last.wrapping_mul(factor)).wrapping_add(added(i));
                i += 1;
                if i == Self::N {
                    state[0] = state[Self::N - 1];
                    i = 1;
                }
            }
        };
        mix(1_664_525, &|_| seed, Self::N);
        mix(1_566_083_941, &|i| (i as u32).wrapping_neg(), Self::N - 1);
        state[0] = 0x8000_0000;
        state
    }

    fn twist(&mut self) {
        for i in 0..Self::N {
            let y = self.state[i] & 0x8000_0000 | self.state[(i + 1) % Self::N] & 0x7fff_ffff;
            let odd = (y & 1).wrapping_neg() & 0x9908_b0df;
            self.state[i] = self.state[(i + Self::M) % Self::N] ^ y >> 1 ^ odd;
        }
        self.at = 0;
    }

    #[inline]
    fn next(&mut self) -> u32 {
        if self.at == Self::N {
            self.twist();
        }
        let mut y = self.state[self.at];
        self.at += 1;
        y ^= y >> 11;
        y ^= y << 7 & 0x9d2c_5680;
        y ^= y << 15 & 0xefc6_0000;
        y ^ y >> 18
    }

    /// `random.random()`: at least 0, below 1.
    fn unit(&mut self) -> f64 {
        let (high, low) = (f64::from(self.next() >> 5), f64::from(self.next() >> 6));
        (high * 67_108_864.0 + low) * (1.0 / 9_007_199_254_740_992.0)
    }

    /// `random.gauss(0.0, 1.0)`.
    fn gauss(&mut self) -> f64 {
        if let Some(second) = self.gauss.take() {
            return second;
        }
        let angle = self.unit() * (2.0 * std::f64::consts::PI);
        let radius = (-2.0 * (1.0 - self.unit()).ln()).sqrt();
        self.gauss = Some(angle.sin() * radius);
        angle.cos() * radius
    }

    /// `random.choice` of so many, one at least: a number below.
    #[inline]
    fn below(&mut self, n: usize) -> usize {
        let bits = usize::BITS - n.leading_zeros();
        loop {
            let drawn = (self.next() >> (32 - bits)) as usize;
            if drawn < n {
                return drawn;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use langdetect::{Compat, DetectorFactory, Seed};
    use proptest::prelude::*;

    use super::*;

    /// What the crate says of a text.
    fn of_crate(factory: &DetectorFactory, text: &str, seed: u32, walks: u32) -> Option<(String, f64)> {
        let mut detector = factory.create().unwrap();
        detector.seed = Seed::Int(u128::from(seed));
        detector.n_trial = i64::from(walks);
        detector.append(text);
        let list = detector.get_probabilities().ok()?;
        Some(list.into_iter().next().map_or((UNKNOWN_LANGUAGE.to_owned(), 0.0), |l| (l.lang, l.prob)))
    }

    fn factory(codes: &[&str]) -> DetectorFactory {
        let mut factory = DetectorFactory::new(Compat::python(11));
        factory.load_builtin(codes).unwrap();
        factory
    }

    fn all() -> &'static DetectorFactory {
        static ALL: OnceLock<DetectorFactory> = OnceLock::new();
        ALL.get_or_init(|| {
            let names = DetectorFactory::builtin_files();
            factory(&names.iter().map(String::as_str).collect::<Vec<_>>())
        })
    }

    #[track_caller]
    fn same(text: &str, seed: u32, walks: u32) {
        let ours = Detector::of_all().tell(&Grams::of(text), seed, walks);
        let code = Detector::of_all().tell_code(&Grams::of(text), seed, walks);
        assert_eq!(code, ours.map(|l| l.code), "{text:?}");
        let ours = ours.map(|l| (l.code.to_owned(), l.probability));
        assert_eq!(ours, of_crate(all(), text, seed, walks), "{text:?}");
    }

    const TEXTS: [&str; 18] = [
        "",
        "1 + 1 = 2",
        "We are given that the sum of the two numbers is twelve.",
        "WE ARE GIVEN THAT THE SUM OF THE TWO NUMBERS IS TWELVE.",
        "Sabemos que la suma de los dos números es doce. See https://x.org/a?b=c, or a.b@c.de!",
        "我们知道这两个数的和是十二，so we subtract the first one",
        "Два числа, сумма которых равна двенадцати (twelve).",
        "この二つの数の和は十二です。",
        "두 수의 합은 열두 개입니다.",
        "ผลรวมของสองจำนวนคือสิบสอง",
        "दो संख्याओं का योग बारह है।",
        "Tổng của hai số là mười hai; to\u{302}\u{309}ng cu\u{309}a hai so\u{302}\u{301}",
        "x^2 + y^2 = \\frac{1}{2}, \\quad \\sqrt{x} \\le \\pi",
        "the answer is 5 and the next is 6 \u{1f600} \u{10d50}\u{10d50}ABc \u{1c89}\u{1c89} ǅA Ab",
        "مجموع العددين هو اثنا عشر",
        "Kami tahu bahwa jumlah kedua bilangan itu adalah dua belas dan mereka harus ditemukan",
        "a",
        "\u{3000}  \u{a0}\t",
    ];

    #[test]
    fn tells_what_the_crate_tells() {
        for text in TEXTS {
            same(text, 0, 7);
            same(text, 3, 7);
            same(text, 0, 1);
        }
        let all = TEXTS.concat();
        same(&all, 0, 7);
        same(&all.repeat(20), 0, 7);
        same(&"word ".repeat(3_000), 12_345, 7);
    }

    #[test]
    fn few_languages_are_told_apart_as_by_the_crate() {
        for codes in [&["en", "es"][..], &["de", "en", "es", "fr"], &["en", "zh-cn"], &["xx", "ja"]] {
            let known: Vec<&str> = codes.iter().copied().filter(|c| *c != "xx").collect();
            let crates = factory(&known);
            for text in TEXTS {
                let ours = Detector::of(codes).tell(&Grams::of(text), 0, 1);
                let ours = ours.map(|l| (l.code.to_owned(), l.probability));
                assert_eq!(ours, of_crate(&crates, text, 0, 1), "{codes:?} {text:?}");
            }
        }
    }

    #[test]
    fn letters_are_the_crates() {
        // Every character, beside letters that show whether it counts as a capital.
        let each: Vec<char> = ('\0'..=char::MAX).filter(|c| (*c as u32) < 0x1_8000).collect();
        for chars in each.chunks(40) {
            let text: String = chars.iter().flat_map(|c| ['A', *c, 'B', 'c', ' ']).collect();
            same(&text, 0, 1);
        }
    }

    proptest! {
        #[test]
        fn any_text_is_told_as_the_crate_tells_it(
            text in r"(\PC|the |of |Ä|[A-Za-z]{1,8}|[àéîöñ]|[\u{300}-\u{330}]|[а-я]{1,5}|[一-丰]|[ \n@.]|http://x.y){0,60}",
            seed in 0_u32..10,
        ) {
            same(&text, seed, 7);
        }
    }
}
