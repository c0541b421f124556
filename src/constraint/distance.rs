//! How far two short texts are apart.

/// The number of characters to insert, delete or replace to turn one text into the other; `None`
/// when it is not below `limit`.
pub(super) fn edit_distance(a: &str, b: &str, limit: usize) -> Option<usize> {
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
}
