//! How far two short texts are apart.

use std::ops::Range;

use super::python;

/// The first of the words closest to a keyword: at most a third of it would have to change.
pub(super) struct Closest {
    /// In lower case.
    keyword: String,
    allowed: usize,
    letters: u32,
    /// Which places of the keyword hold a character, where they are few enough, and ASCII.
    places: Option<[u64; 128]>,
    best: Option<(usize, Range<usize>)>,
}

impl Closest {
    /// For a keyword in lower case.
    pub(super) fn new(keyword: String) -> Self {
        let places = (keyword.is_ascii() && (1..=64).contains(&keyword.len())).then(|| {
            let mut places = [0; 128];
            for (i, byte) in keyword.bytes().enumerate() {
                places[usize::from(byte)] |= 1 << i;
            }
            places
        });
        let (allowed, letters) = (keyword.chars().count() / 3, letters_of(&keyword));
        Self { keyword, allowed, letters, places, best: None }
    }

    /// Takes in the next word, which stands at a place.
    pub(super) fn look_at(&mut self, word: &str, place: &Range<usize>) {
        let difference = word.len().abs_diff(self.keyword.len());
        // A character has at most four bytes.
        if difference > 4 * self.allowed {
            return;
        }
        let limit = self.best.as_ref().map_or(self.allowed + 1, |(d, _)| *d);
        let distance = if word.is_ascii() {
            // Each letter that only one of them has takes an edit.
            if self.keyword.is_ascii() && difference >= limit
                || (self.letters & !letters_of(word)).count_ones() as usize >= limit
            {
                return;
            }
            match &self.places {
                Some(places) => Some(ascii_distance(places, self.keyword.len(), word)).filter(|d| *d < limit),
                None => edit_distance(&self.keyword, &word.to_ascii_lowercase(), limit),
            }
        } else {
            edit_distance(&self.keyword, &python::lower(word), limit)
        };
        if let Some(distance) = distance {
            self.best = Some((distance, place.clone()));
        }
    }

    /// Its place, if a word was close enough.
    pub(super) fn found(self) -> Option<Range<usize>> {
        self.best.map(|(_, place)| place)
    }
}

/// The Latin letters of a text, ignoring case, as a set of bits. (The two characters beyond ASCII
/// that lower-case to one of them are not seen: ask this of ASCII, or of text in lower case.)
fn letters_of(text: &str) -> u32 {
    text.bytes().filter(u8::is_ascii_alphabetic).fold(0, |set, byte| set | 1 << (byte & 0x1f))
}

/// The edit distance from a short text to an ASCII one in any case. `places` has for each character a
/// bit for each place of the short text, `len` bytes long, that holds it.
///
/// A column of the table of distances at a time, as the differences between its cells, which are bits
/// of two words (Myers 1999, in Hyyrö's form of 2003 for whole texts).
fn ascii_distance(places: &[u64; 128], len: usize, text: &str) -> usize {
    let (mut distance, last) = (len, 1 << (len - 1));
    let (mut more, mut less) = (u64::MAX, 0);
    for byte in text.bytes() {
        let here = places[usize::from(byte.to_ascii_lowercase())];
        let diagonal = ((here & more).wrapping_add(more) ^ more) | here | less;
        let right_more = less | !(diagonal | more);
        let right_less = more & diagonal;
        distance += usize::from(right_more & last != 0);
        distance -= usize::from(right_less & last != 0);
        let (shifted_more, shifted_less) = (right_more << 1 | 1, right_less << 1);
        more = shifted_less | !(diagonal | shifted_more);
        less = shifted_more & diagonal;
    }
    distance
}

/// The number of characters to insert, delete or replace to turn one text into the other; `None`
/// when it is not below `limit`.
fn edit_distance(a: &str, b: &str, limit: usize) -> Option<usize> {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        next_row(&mut row, x, &b, i + 1);
        if row.iter().min().is_some_and(|&least| least >= limit) {
            return None;
        }
    }
    row.last().copied().filter(|&d| d < limit)
}

/// The edit distance from `phrase` to the tail of `text` that is closest to it, and how many
/// characters that tail has.
pub(super) fn tail_distance(phrase: &[char], text: &[char]) -> (usize, usize) {
    // Both are read from their ends: the best tail of the text is then the best column of the row.
    let reversed: Vec<char> = text.iter().rev().take(2 * phrase.len()).copied().collect();
    let mut row: Vec<usize> = (0..=reversed.len()).collect();
    for (i, &x) in phrase.iter().rev().enumerate() {
        next_row(&mut row, x, &reversed, i + 1);
    }
    let best = row.iter().enumerate().min_by_key(|&(len, d)| (*d, len.abs_diff(phrase.len())));
    best.map_or((phrase.len(), 0), |(len, &d)| (d, len))
}

/// One row of the table of distances: `x` is the character number `i` of the other text.
fn next_row(row: &mut [usize], x: char, b: &[char], i: usize) {
    let mut diagonal = std::mem::replace(&mut row[0], i);
    for (j, &y) in b.iter().enumerate() {
        let replaced = diagonal + usize::from(x != y);
        diagonal = row[j + 1];
        row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn distances() {
        let table =
            [("", "", 0), ("a", "", 1), ("kitten", "sitting", 3), ("must", "most", 1), ("été", "ete", 2)];
        for (a, b, expected) in table {
            assert_eq!(edit_distance(a, b, 10), Some(expected), "{a} {b}");
        }
        assert_eq!(edit_distance("kitten", "sitting", 3), None);
    }

    #[test]
    fn the_closest_tail() {
        let chars = |s: &str| s.chars().collect::<Vec<_>>();
        let table = [
            ("questions?", "any questions", (1, 9)),
            ("questions?", "questions?", (0, 10)),
            ("abc", "", (3, 0)),
            ("abc", "xyz", (3, 3)),
            ("abc", "long text abxc", (1, 4)),
        ];
        for (phrase, text, expected) in table {
            assert_eq!(tail_distance(&chars(phrase), &chars(text)), expected, "{phrase} {text}");
        }
    }

    fn closest<'t>(keyword: &str, text: &'t str) -> Option<&'t str> {
        let mut closest = Closest::new(python::lower(keyword));
        python::words(text).for_each(|place| closest.look_at(&text[place.clone()], &place));
        closest.found().map(|place| &text[place])
    }

    #[test]
    fn the_closest_word() {
        let table = [
            ("reputation", "the reputaton and Reputatoin", Some("reputaton")),
            ("must", "at most, Musts", Some("most")),
            ("must", "nothing here", None),
            ("no", "on of", None),
            ("été", "ete ÉTÉS", Some("ÉTÉS")),
            ("schoen", "schön", Some("schön")),
            ("", "a", None),
        ];
        for (keyword, text, found) in table {
            assert_eq!(closest(keyword, text), found, "{keyword} in {text}");
        }
    }

    proptest! {
        #[test]
        fn distances_of_ascii_are_those_of_the_table(a in "[a-d0]{1,64}", b in "[a-dA-D0]{0,70}") {
            let places = Closest::new(a.clone()).places.unwrap();
            let expected = edit_distance(&a, &b.to_ascii_lowercase(), usize::MAX).unwrap();
            prop_assert_eq!(ascii_distance(&places, a.len(), &b), expected);
        }
    }
}
