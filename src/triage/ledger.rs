//! All tags and notes, with undo and redo: pure state.

use std::collections::HashMap;

use super::entry::{Entry, Tag, TagNames};
use crate::record::ContentKey;

/// What is now left on a generation: what the log gets a line of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Which generation.
    pub key: ContentKey,
    /// What is left on it after the change.
    pub entry: Entry,
}

/// A change with what was there before it.
#[derive(Debug, Clone)]
struct Step {
    key: ContentKey,
    before: Entry,
    after: Entry,
}

/// Tags and notes by generation.
///
/// Every edit gives the [`Change`]s that the [store](super::Store) must write; undo and redo are
/// edits like any other, so the log only ever grows.
#[derive(Debug, Clone, Default)]
pub struct Ledger {
    /// What the tags are called.
    pub names: TagNames,
    entries: HashMap<ContentKey, Entry>,
    records: HashMap<ContentKey, String>,
    done: Vec<Step>,
    undone: Vec<Step>,
}

impl Ledger {
    /// What is left on a generation, if it was ever looked at.
    pub fn get(&self, key: ContentKey) -> Option<&Entry> {
        self.entries.get(&key)
    }

    /// What the log calls a generation for people who read it: its key (`RUN/ITEM`) when the last
    /// tag or note was left. The library may call it otherwise by now.
    pub fn record(&self, key: ContentKey) -> Option<&str> {
        self.records.get(&key).map(String::as_str)
    }

    /// Says what a generation is called.
    pub fn call(&mut self, key: ContentKey, record: &str) {
        self.records.insert(key, record.to_owned());
    }

    /// Whether a generation carries a tag or a note.
    pub fn is_marked(&self, key: ContentKey) -> bool {
        self.get(key).is_some_and(|e| !e.is_empty())
    }

    /// Everything in the ledger by rising key, entries that were emptied again included: those say
    /// that somebody looked.
    pub fn iter(&self) -> impl Iterator<Item = (ContentKey, &Entry)> {
        let mut keys: Vec<_> = self.entries.keys().copied().collect();
        keys.sort_unstable();
        keys.into_iter().filter_map(|key| self.entries.get(&key).map(|e| (key, e)))
    }

    /// How many generations carry a tag or a note.
    pub fn marked(&self) -> usize {
        self.entries.values().filter(|e| !e.is_empty()).count()
    }

    /// The generations that carry a tag.
    pub fn tagged(&self, tag: Tag) -> impl Iterator<Item = ContentKey> {
        self.iter().filter(move |(_, e)| e.tags.has(tag)).map(|(key, _)| key)
    }

    /// The generations whose note holds a text, in any case; an empty text finds every note.
    pub fn noted(&self, text: &str) -> impl Iterator<Item = ContentKey> {
        let text = text.to_lowercase();
        self.iter()
            .filter(move |(_, e)| !e.note.is_empty() && e.note.to_lowercase().contains(&text))
            .map(|(key, _)| key)
    }

    /// Puts a tag on, or takes it off.
    pub fn toggle(&mut self, key: ContentKey, tag: Tag) -> Change {
        let mut after = self.get(key).cloned().unwrap_or_default();
        after.tags = after.tags.toggled(tag);
        self.edit(key, after)
    }

    /// Writes the note anew; an empty one takes it away. `None` when nothing changed.
    pub fn note(&mut self, key: ContentKey, note: &str) -> Option<Change> {
        let before = self.get(key).cloned().unwrap_or_default();
        let after = Entry { note: note.trim().to_owned(), ..before.clone() };
        (after != before).then(|| self.edit(key, after))
    }

    fn edit(&mut self, key: ContentKey, after: Entry) -> Change {
        let before = self.entries.insert(key, after.clone()).unwrap_or_default();
        self.done.push(Step { key, before, after: after.clone() });
        self.undone.clear();
        Change { key, entry: after }
    }

    /// Takes the last edit of this session back; `None` when there is none.
    pub fn undo(&mut self) -> Option<Change> {
        let step = self.done.pop()?;
        self.entries.insert(step.key, step.before.clone());
        let change = Change { key: step.key, entry: step.before.clone() };
        self.undone.push(step);
        Some(change)
    }

    /// Does the last edit taken back again; `None` when there is none.
    pub fn redo(&mut self) -> Option<Change> {
        let step = self.undone.pop()?;
        self.entries.insert(step.key, step.after.clone());
        let change = Change { key: step.key, entry: step.after.clone() };
        self.done.push(step);
        Some(change)
    }

    /// Sets what a log says: no edit, nothing to undo.
    pub fn load(&mut self, key: ContentKey, entry: Entry) {
        self.entries.insert(key, entry);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn tag(digit: u8) -> Tag {
        Tag::new(digit).expect("a tag")
    }

    #[test]
    fn undo_and_redo_walk_the_edits() {
        let mut ledger = Ledger::default();
        let (a, b) = (ContentKey(1), ContentKey(2));
        ledger.toggle(a, tag(1));
        ledger.note(b, " look again ");
        ledger.toggle(a, tag(2));
        assert_eq!(ledger.get(a).map(|e| e.tags.to_string()).as_deref(), Some("12"));
        assert_eq!(ledger.undo().map(|c| c.entry.tags.to_string()).as_deref(), Some("1"));
        assert_eq!(ledger.undo().map(|c| (c.key, c.entry)), Some((b, Entry::default())));
        assert_eq!(ledger.redo().map(|c| c.entry.note).as_deref(), Some("look again"));
        // A new edit forgets what was undone.
        ledger.toggle(b, tag(9));
        assert_eq!(ledger.redo(), None);
        assert_eq!(ledger.note(b, "look again"), None);
    }

    #[test]
    fn finds_by_tag_and_note() {
        let mut ledger = Ledger::default();
        ledger.toggle(ContentKey(5), tag(1));
        ledger.toggle(ContentKey(3), tag(1));
        ledger.note(ContentKey(3), "Comma in LaTeX");
        ledger.toggle(ContentKey(4), tag(1));
        ledger.toggle(ContentKey(4), tag(1));
        assert_eq!(ledger.tagged(tag(1)).collect::<Vec<_>>(), [ContentKey(3), ContentKey(5)]);
        assert_eq!(ledger.noted("latex").collect::<Vec<_>>(), [ContentKey(3)]);
        assert_eq!(ledger.noted("").collect::<Vec<_>>(), [ContentKey(3)]);
        // 4 was looked at, and left bare.
        assert_eq!((ledger.marked(), ledger.iter().count()), (2, 3));
        assert!(!ledger.is_marked(ContentKey(4)));
    }

    proptest! {
        #[test]
        fn undoing_all_is_where_it_began(edits in prop::collection::vec((0u64..4, 1u8..10, any::<bool>()), 0..30)) {
            let mut ledger = Ledger::default();
            for &(key, digit, note) in &edits {
                if note {
                    ledger.note(ContentKey(key), &digit.to_string());
                } else {
                    ledger.toggle(ContentKey(key), tag(digit));
                }
            }
            let full: Vec<_> = ledger.iter().map(|(k, e)| (k, e.clone())).collect();
            while ledger.undo().is_some() {}
            prop_assert_eq!(ledger.marked(), 0);
            while ledger.redo().is_some() {}
            let again: Vec<_> = ledger.iter().map(|(k, e)| (k, e.clone())).collect();
            prop_assert_eq!(again, full);
        }
    }
}
