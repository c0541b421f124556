//! What rows refer to by number: runs, items, constraints, sources.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use crate::constraint::{Category, kind_of};
use crate::record::{Constraint, Item, Run};

/// A run of the library.
#[derive(Debug, Clone, PartialEq)]
pub struct RunInfo {
    /// What the files say of it.
    pub run: Arc<Run>,
    /// Its generations.
    pub generations: u32,
    /// How many of them close their traces.
    pub closed: u32,
}

impl RunInfo {
    /// More than half of its outputs close their traces.
    pub fn closes_traces(&self) -> bool {
        u64::from(self.closed) * 2 > u64::from(self.generations)
    }
}

/// What is kept of an item; the question is read back with a generation.
#[derive(Debug, Clone, PartialEq)]
pub struct ItemInfo {
    /// The id as saved.
    pub id: Arc<str>,
    /// What makes it unique.
    pub group: Arc<str>,
    /// Where the question comes from; empty when not said.
    pub source: Arc<str>,
    /// Its constraints, as numbers of [`ConstraintInfo`]s, in order.
    pub constraints: Box<[u32]>,
    /// `single`, `double`, ….
    pub setting: &'static str,
}

/// A constraint id that occurs in the library.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConstraintInfo {
    /// The id as saved: `punctuation:no_comma`.
    pub id: Arc<str>,
    /// The category.
    pub category: Category,
}

impl ConstraintInfo {
    pub(super) fn new(id: &str) -> Self {
        Self { category: category(id), id: id.into() }
    }

    /// The part after the last colon: `no_comma`.
    pub fn short_name(&self) -> &str {
        self.id.rsplit(':').next().unwrap_or(&self.id)
    }

    /// The part before the first colon: `punctuation`; empty when there is none.
    pub fn family(&self) -> &str {
        self.id.split_once(':').map_or("", |(family, _)| family)
    }

    /// The word of the category in queries.
    pub fn category_name(&self) -> &'static str {
        self.category.name()
    }
}

/// A file of the library.
#[derive(Debug, Clone, PartialEq)]
pub struct SourceInfo {
    /// The file with the outputs.
    pub path: Arc<Path>,
    /// Bytes read of it.
    pub bytes: u64,
    /// Lines read of it.
    pub lines: u64,
    /// Generations found in it.
    pub generations: u32,
}

/// Numbers given to runs, items and constraints as they are met. Numbers are never taken back.
#[derive(Debug, Clone, Default)]
pub(super) struct Tables {
    pub(super) runs: Vec<RunInfo>,
    pub(super) items: Vec<ItemInfo>,
    pub(super) constraints: Vec<ConstraintInfo>,
    pub(super) sources: Vec<SourceInfo>,
}

/// The way from names to numbers, kept while a library is written.
#[derive(Debug, Default)]
pub(super) struct Interner {
    runs: HashMap<Arc<str>, u32>,
    items: HashMap<ItemIdentity, u32>,
    constraints: HashMap<Arc<str>, u32>,
    strings: HashMap<Box<str>, Arc<str>>,
}

/// Two items are the same when group, id and constraint list are.
#[derive(Debug, PartialEq, Eq, Hash)]
struct ItemIdentity {
    group: Arc<str>,
    id: Arc<str>,
    constraints: Box<[u32]>,
}

impl Interner {
    /// The interner that would have given these numbers.
    pub(super) fn of(tables: &Tables) -> Self {
        let mut interner = Self::default();
        for (i, run) in tables.runs.iter().enumerate() {
            let name = interner.string(&run.run.name);
            interner.runs.insert(name, i as u32);
        }
        for (i, constraint) in tables.constraints.iter().enumerate() {
            interner.constraints.insert(constraint.id.clone(), i as u32);
        }
        for (i, item) in tables.items.iter().enumerate() {
            let identity = ItemIdentity {
                group: item.group.clone(),
                id: item.id.clone(),
                constraints: item.constraints.clone(),
            };
            interner.items.insert(identity, i as u32);
        }
        interner
    }

    fn string(&mut self, text: &str) -> Arc<str> {
        if let Some(known) = self.strings.get(text) {
            return known.clone();
        }
        let new: Arc<str> = text.into();
        self.strings.insert(text.into(), new.clone());
        new
    }

    pub(super) fn run(&mut self, tables: &mut Tables, run: &Arc<Run>) -> u32 {
        if let Some(&number) = self.runs.get(run.name.as_str()) {
            return number;
        }
        let number = tables.runs.len() as u32;
        tables.runs.push(RunInfo { run: run.clone(), generations: 0, closed: 0 });
        let name = self.string(&run.name);
        self.runs.insert(name, number);
        number
    }

    fn constraint(&mut self, tables: &mut Tables, constraint: &Constraint) -> u32 {
        if let Some(&number) = self.constraints.get(constraint.id.as_str()) {
            return number;
        }
        let number = tables.constraints.len() as u32;
        let info = ConstraintInfo::new(&constraint.id);
        let id = info.id.clone();
        tables.constraints.push(info);
        self.constraints.insert(id, number);
        number
    }

    pub(super) fn item(&mut self, tables: &mut Tables, item: &Item) -> u32 {
        let constraints: Box<[u32]> = item.constraints.iter().map(|c| self.constraint(tables, c)).collect();
        let (group, id) = (self.string(&item.group), Arc::<str>::from(item.id.as_str()));
        let identity =
            ItemIdentity { group: group.clone(), id: id.clone(), constraints: constraints.clone() };
        if let Some(&number) = self.items.get(&identity) {
            return number;
        }
        let number = tables.items.len() as u32;
        let source = self.string(&item.source);
        tables.items.push(ItemInfo { id, group, source, constraints, setting: item.setting() });
        self.items.insert(identity, number);
        number
    }
}

/// Category of a constraint id.
fn category(id: &str) -> Category {
    kind_of(id).map_or(Category::Other, |kind| kind.category)
}
