//! The identity of a generation, which is valid in every snapshot of the library.
//!
//! A row number is valid in one snapshot only. A key (`RUN/ITEM#2`) can name another generation in a
//! newer one: samples are numbered in the order of their lines, so that a removed line shifts the
//! numbers after it, and a run that was made again has other texts under the same names. A generation
//! is therefore identified by its content: see
//! [`Record::content_key`](crate::record::Record::content_key).

use std::sync::Arc;

use super::row::Row;
use super::snapshot::Library;
use crate::record::ContentKey;

/// A generation, known by its run, its item and what it says.
#[derive(Debug, Clone)]
pub struct Identity {
    /// What its snapshot called it: for people. Another snapshot may call another generation that.
    pub key: String,
    /// What it says: tags and notes hang on it.
    pub content: ContentKey,
    run: String,
    group: Arc<str>,
    item: Arc<str>,
    sample: u32,
}

impl Identity {
    /// Whether both are one generation, whatever number its sample has: one that says the same, of the
    /// same item in the same run.
    pub fn is(&self, other: &Self) -> bool {
        self.content == other.content && self.item == other.item && self.run == other.run
    }

    /// Whether it is the generation of a row: see [`is`](Self::is).
    pub fn is_row(&self, row: &Row<'_>) -> bool {
        self.content == row.content_key() && self.item == row.item().id && self.run == row.run().run.name
    }

    /// The name of its run.
    pub fn run(&self) -> &str {
        &self.run
    }

    /// Whether a row has its name: the same run, item and sample, whatever it says.
    fn is_name_of(&self, row: &Row<'_>) -> bool {
        let item = row.item();
        self.sample == row.sample()
            && self.item == item.id
            && self.group == item.group
            && self.run == row.run().run.name
    }

    /// How much a row that says the same is to be preferred among others that do.
    fn likeness(&self, row: &Row<'_>) -> (bool, bool) {
        (self.group == row.item().group, self.sample == row.sample())
    }
}

/// Where a generation is in a snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whereabouts {
    /// It is this row.
    Here(u32),
    /// It is not there; this row has its name by now, and says something else.
    Replaced(u32),
    /// It is not there.
    Gone,
}

impl Library {
    /// Which generation a row is.
    pub fn identity(&self, row: u32) -> Identity {
        let key = self.key(row);
        let row = self.row(row);
        let item = row.item();
        Identity {
            key,
            content: row.content_key(),
            run: row.run().run.name.clone(),
            group: item.group.clone(),
            item: item.id.clone(),
            sample: row.sample(),
        }
    }

    /// Finds a generation of any snapshot in this one. Of several rows with the same content, the one
    /// with the same sample number is taken, else the first.
    pub fn whereabouts(&self, identity: &Identity) -> Whereabouts {
        let mut here: Option<(u32, (bool, bool))> = None;
        let mut replaced = None;
        let items = (0u32..).zip(self.items()).filter(|(_, item)| item.id == identity.item);
        for row in items.flat_map(|(number, _)| self.item_rows(number)).map(|&row| self.row(row)) {
            if identity.is_row(&row) {
                let likeness = identity.likeness(&row);
                if here.is_none_or(|(_, before)| likeness > before) {
                    here = Some((row.id(), likeness));
                }
            } else if identity.is_name_of(&row) {
                replaced = replaced.or(Some(row.id()));
            }
        }
        match (here, replaced) {
            (Some((row, _)), _) => Whereabouts::Here(row),
            (None, Some(row)) => Whereabouts::Replaced(row),
            (None, None) => Whereabouts::Gone,
        }
    }
}

/// A row with the snapshot whose number it is. The two never part, so that no number of one snapshot is
/// looked up in another.
#[derive(Debug, Clone)]
pub struct Held {
    library: Arc<Library>,
    row: u32,
}

impl Held {
    /// A row that this snapshot gave.
    pub fn new(library: &Arc<Library>, row: u32) -> Self {
        Self { library: Arc::clone(library), row }
    }

    /// The row.
    pub fn row(&self) -> Row<'_> {
        self.library.row(self.row)
    }

    /// The snapshot.
    pub fn library(&self) -> &Arc<Library> {
        &self.library
    }

    /// Whether it is a row of this snapshot.
    pub fn is_of(&self, library: &Arc<Library>) -> bool {
        Arc::ptr_eq(&self.library, library)
    }

    /// Which generation it is.
    pub fn identity(&self) -> Identity {
        self.library.identity(self.row)
    }

    /// Where it is in another snapshot, or in its own.
    pub fn whereabouts(&self, library: &Arc<Library>) -> Whereabouts {
        if self.is_of(library) { Whereabouts::Here(self.row) } else { library.whereabouts(&self.identity()) }
    }
}

impl PartialEq for Held {
    /// One row of one snapshot.
    fn eq(&self, other: &Self) -> bool {
        self.is_of(&other.library) && self.row == other.row
    }
}

impl Eq for Held {}

#[cfg(test)]
mod tests {
    use super::super::build::{BuildOptions, Cancel, build};
    use super::*;

    /// A library of lines: run, item, text.
    fn library(lines: &[(&str, &str, &str)]) -> Arc<Library> {
        let dir = tempfile::tempdir().unwrap();
        let line = |(run, id, text): &(&str, &str, &str)| {
            let record = serde_json::json!({
                "run": run, "model": run, "id": id, "question": "q", "answer": "1",
                "constraints": [{"id": "punctuation:no_comma", "args": null}], "output": text,
            });
            format!("{record}\n")
        };
        let text: String = lines.iter().map(line).collect();
        std::fs::write(dir.path().join("a.jsonl"), text).unwrap();
        let (index, paths) = (dir.path().join("index"), [dir.path().join("a.jsonl")]);
        build(&index, &paths, &BuildOptions::default(), &|_| {}, &Cancel::default()).unwrap().library
    }

    #[test]
    fn a_generation_is_found_by_what_it_says() {
        let before =
            library(&[("a", "x", "1"), ("a", "x", "2"), ("a", "x", "3"), ("b", "x", "1"), ("a", "y", "1")]);
        let after =
            library(&[("a", "y", "1"), ("b", "x", "1"), ("a", "x", "2"), ("a", "x", "4"), ("b", "x", "1")]);
        let found: Vec<_> = before
            .all()
            .iter()
            .map(|row| {
                let identity = before.identity(row);
                let what = match after.whereabouts(&identity) {
                    Whereabouts::Here(row) => format!("is {} now", after.key(row)),
                    Whereabouts::Replaced(row) => format!("gave its name to {}", after.key(row)),
                    Whereabouts::Gone => "is gone".to_owned(),
                };
                format!("{} {what}", identity.key)
            })
            .collect();
        assert_eq!(
            found,
            [
                "a/x gave its name to a/x",
                "a/x#1 is a/x now",
                "a/x#2 is gone",
                "b/x is b/x now",
                "a/y is a/y now"
            ]
        );
        // Two that say the same are one; of them the number counts.
        let twice = after.identity(4);
        assert_eq!((twice.key.as_str(), after.whereabouts(&twice)), ("b/x#1", Whereabouts::Here(4)));
        assert!(twice.is(&after.identity(1)));
        assert_eq!(Library::empty().whereabouts(&twice), Whereabouts::Gone);
    }
}
