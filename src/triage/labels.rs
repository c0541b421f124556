//! Tags and notes as fields of a query: `tag:3`, `tag:"wrong split"`, `tag:*`, `note:comma`.

use std::collections::HashSet;

use super::entry::Tag;
use super::ledger::Ledger;
use crate::library::query::Pattern;
use crate::library::{Bitmap, Field, Labels, Library, Query};
use crate::record::ContentKey;

impl Ledger {
    /// The tag that a row of a query's pattern means.
    fn means(&self, pattern: &Pattern, tag: Tag) -> bool {
        pattern.matches(&tag.to_string()) || self.names.get(tag).is_some_and(|name| pattern.matches(name))
    }

    /// The generations that a tag or a note with one of these patterns is on. A pattern finds a
    /// note when it is one of its words, or a passage of it where it has several words.
    fn keys(&self, field: Field, patterns: &[Pattern]) -> HashSet<ContentKey> {
        let hit = |entry: &super::Entry| {
            patterns.iter().any(|pattern| match field {
                Field::Tag => entry.tags.iter().any(|tag| self.means(pattern, tag)),
                Field::Note if entry.note.is_empty() => false,
                Field::Note => in_note(&entry.note, pattern),
                _ => false,
            })
        };
        self.iter().filter(|(_, entry)| hit(entry)).map(|(key, _)| key).collect()
    }
}

/// Whether a pattern is a word of a note (punctuation around words does not count) or a passage.
fn in_note(note: &str, pattern: &Pattern) -> bool {
    let bare = |word: &str| word.trim_matches(|c: char| !c.is_alphanumeric()).to_owned();
    pattern.matches(note)
        || note.split_whitespace().any(|word| pattern.matches(word) || pattern.matches(&bare(word)))
        || (pattern.text.contains(char::is_whitespace)
            && note.to_lowercase().contains(&pattern.text.to_lowercase()))
}

/// Whether a query asks for tags or notes.
pub fn asks_for_labels(query: &Query) -> bool {
    query.asks_about(|field| matches!(field, Field::Tag | Field::Note))
}

impl Labels for Ledger {
    fn rows(&self, library: &Library, field: Field, patterns: &[Pattern]) -> Bitmap {
        let keys = self.keys(field, patterns);
        let mut rows = library.no_rows();
        if keys.is_empty() {
            return rows;
        }
        for row in library.all().iter() {
            if keys.contains(&library.row(row).content_key()) {
                rows.insert(row);
            }
        }
        rows
    }
}

#[cfg(test)]
mod tests {
    use super::super::Entry;
    use super::*;

    fn pattern(text: &str) -> Pattern {
        Pattern { text: text.to_owned(), literal: false }
    }

    #[test]
    fn tags_by_digit_name_and_star_notes_by_word() {
        let mut ledger = Ledger::default();
        let tag = |d| Tag::new(d).expect("a tag");
        ledger.names.set(tag(3), "Wrong split");
        ledger.load(
            ContentKey(1),
            Entry { tags: [tag(3)].into_iter().collect(), note: "A comma, in LaTeX.".into() },
        );
        ledger.load(ContentKey(2), Entry { tags: [tag(1)].into_iter().collect(), note: String::new() });
        let found = |field, text| {
            let mut keys: Vec<u64> = ledger.keys(field, &[pattern(text)]).into_iter().map(|k| k.0).collect();
            keys.sort_unstable();
            keys
        };
        let table: [(Field, &str, &[u64]); 9] = [
            (Field::Tag, "3", &[1]),
            (Field::Tag, "wrong split", &[1]),
            (Field::Tag, "wrong*", &[1]),
            (Field::Tag, "*", &[1, 2]),
            (Field::Tag, "7", &[]),
            (Field::Note, "comma", &[1]),
            (Field::Note, "latex", &[1]),
            (Field::Note, "comma, in", &[1]),
            (Field::Note, "*", &[1]),
        ];
        for (field, text, expected) in table {
            assert_eq!(found(field, text), expected, "{field}:{text}");
        }
    }
}
