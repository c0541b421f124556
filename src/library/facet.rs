//! Values of fields: which there are, which rows have them, how many of a selection do.

use std::collections::HashMap;

use rayon::prelude::*;

use super::bitmap::Bitmap;
use super::chunk::{Chunk, Flags};
use super::postings::{Axis, Coding, Lists, Postings};
use super::query::{Field, Pattern, Query};
use super::selection::Selection;
use super::snapshot::Library;
use super::table::ItemInfo;
use crate::failure::Mode;
use crate::path::shown;

/// Facets of a selection: for every field the values with their counts.
#[derive(Debug, Clone, Default)]
pub struct Facets {
    list: Vec<Facet>,
}

/// The values of one field.
#[derive(Debug, Clone)]
pub struct Facet {
    /// The field.
    pub field: Field,
    /// Its values that occur in the selection or are asked for, in the field's own order.
    pub values: Vec<FacetValue>,
    /// More values than can be counted one by one; the list is empty then.
    pub too_many: bool,
}

/// A value of a field in a selection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FacetValue {
    /// The value, as it is written after the colon.
    pub name: String,
    /// Generations of the selection that have it. For a field of which a generation has one value,
    /// what the query asks of this very field is left out, so that the alternatives can be seen.
    pub count: usize,
    /// The query asks for it.
    pub asked: bool,
    /// The query excludes it.
    pub excluded: bool,
}

impl Facets {
    /// The facet of a field.
    pub fn get(&self, field: Field) -> Option<&Facet> {
        self.list.iter().find(|facet| facet.field == field)
    }

    /// All of them, in the order of the screens.
    pub fn iter(&self) -> impl Iterator<Item = &Facet> {
        self.list.iter()
    }
}

/// Fields that are counted for every selection, in the order of the screens.
const FACETS: [Field; 14] = [
    Field::Model,
    Field::Run,
    Field::Condition,
    Field::Source,
    Field::Setting,
    Field::Group,
    Field::Constraint,
    Field::Failed,
    Field::Category,
    Field::Verdict,
    Field::Mode,
    Field::Correct,
    Field::Saved,
    Field::Finish,
];

/// Bitmaps of one field take at most this many words (32 MB); beyond, rows are scanned.
const MAX_WORDS: usize = 4 << 20;

/// A value of a field.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Value {
    pub(super) name: String,
    /// Other texts that mean it: the full id, the family, the category of a constraint.
    pub(super) also: Vec<String>,
}

impl Value {
    fn named(name: impl Into<String>) -> Self {
        Self { name: name.into(), also: Vec::new() }
    }

    pub(super) fn matches(&self, pattern: &Pattern) -> bool {
        pattern.matches(&self.name) || self.also.iter().any(|also| pattern.matches(also))
    }
}

/// The values of a field, and how they are found in the rows.
pub(super) struct FieldIndex {
    pub(super) values: Vec<Value>,
    /// Which of them each number of the coding is.
    meaning: Vec<u32>,
    coding: Coding,
    axis: Axis,
    /// Few enough for a bitmap each.
    few: bool,
}

impl FieldIndex {
    pub(super) fn new(library: &Library, field: Field) -> Self {
        let mut index = index(library, field);
        let words = library.room().div_ceil(64);
        index.few = !index.meaning.is_empty() && index.meaning.len().saturating_mul(words) <= MAX_WORDS;
        index
    }

    fn postings<'a>(&self, chunk: &'a Chunk) -> &'a Postings {
        chunk.postings(self.axis, &self.coding, self.meaning.len())
    }

    /// The rows that have a value one of the patterns means; `None` when no value is meant.
    pub(super) fn rows(&self, library: &Library, patterns: &[Pattern]) -> Option<Bitmap> {
        let wanted: Vec<bool> =
            self.values.iter().map(|value| patterns.iter().any(|p| value.matches(p))).collect();
        if !wanted.contains(&true) {
            return None;
        }
        let wanted = |number: u32| wanted[self.meaning[number as usize] as usize];
        let mut rows = Bitmap::empty(library.room());
        for (base, chunk) in library.chunks() {
            if self.few {
                let meant = self.postings(chunk).iter().filter(|posting| wanted(posting.value));
                meant.for_each(|posting| posting.add_to(&mut rows, base as usize / 64));
            } else {
                self.coding.each(&chunk.columns, |found, value| {
                    if wanted(value) {
                        rows.insert_range(base + found.start..base + found.end);
                    }
                });
            }
        }
        Some(rows)
    }

    /// How many of these rows have each value; `None` when there are too many values.
    fn counts(&self, library: &Library, rows: &Bitmap) -> Option<Vec<usize>> {
        if !self.few {
            return None;
        }
        let mut counts = vec![0; self.values.len()];
        for (base, chunk) in library.chunks() {
            for posting in self.postings(chunk).iter() {
                counts[self.meaning[posting.value as usize] as usize] +=
                    posting.count(rows, base as usize / 64);
            }
        }
        Some(counts)
    }
}

/// The distinct texts in order, which of them each number is, and the number of each text. Numbers
/// are given in the order in which texts come: what comes later does not change them.
fn coded<'a>(texts: impl Iterator<Item = &'a str>) -> (Vec<Value>, Vec<u32>, Vec<u32>) {
    let mut numbers: HashMap<&str, u32> = HashMap::new();
    let mut distinct: Vec<&str> = Vec::new();
    let mut last: Option<(&str, u32)> = None;
    let codes = texts
        .map(|text| match last {
            // Neighbours mostly share it.
            Some((same, number)) if same == text => number,
            _ => {
                let number = *numbers.entry(text).or_insert_with(|| {
                    distinct.push(text);
                    distinct.len() as u32 - 1
                });
                last = Some((text, number));
                number
            }
        })
        .collect();
    let mut order: Vec<u32> = (0..distinct.len() as u32).collect();
    order.sort_by(|&a, &b| super::sort::natural(distinct[a as usize], distinct[b as usize]));
    let mut meaning = vec![0; distinct.len()];
    let mut values = Vec::with_capacity(distinct.len());
    for (place, &number) in (0..).zip(&order) {
        meaning[number as usize] = place;
        let text = distinct[number as usize];
        values.push(Value::named(if text.is_empty() { "unknown" } else { text }));
    }
    (values, meaning, codes)
}

fn index(library: &Library, field: Field) -> FieldIndex {
    // Whether there are few values is said by the caller.
    let made = |axis, coding, values, meaning| FieldIndex { values, meaning, coding, axis, few: false };
    // Each number is the value in its place.
    let plain = |axis, coding, values: Vec<Value>| {
        let meaning = (0..values.len() as u32).collect();
        made(axis, coding, values, meaning)
    };
    let named = |names: &[&str]| names.iter().map(|name| Value::named(*name)).collect::<Vec<_>>();
    let by_run = |text: fn(&crate::record::Run) -> &str| {
        let (values, meaning, codes) = coded(library.runs().iter().map(|r| text(&r.run)));
        let meaning = codes.iter().map(|&code| meaning[code as usize]).collect();
        made(Axis::Run, Coding::Run, values, meaning)
    };
    let by_item = |axis, text: fn(&ItemInfo) -> &str| {
        let (values, meaning, codes) = coded(library.items().iter().map(text));
        made(axis, Coding::Item(codes), values, meaning)
    };
    let asked = || Lists::of(library.items().iter().map(|i| i.constraints.iter().copied()));
    let by_verdict =
        |axis, wanted| plain(axis, Coding::Verdicts(asked(), wanted), constraint_values(library));
    match field {
        Field::Model => by_run(|run| &run.model),
        Field::Run => by_run(|run| &run.name),
        Field::Condition => by_run(|run| &run.condition),
        Field::Source => by_item(Axis::Source, |item| &item.source),
        Field::Group => by_item(Axis::Group, |item| &item.group),
        Field::Setting => {
            const ORDER: [&str; 8] = ["none", "single", "double", "triple", "4", "5", "6", "7+"];
            let code = |setting| ORDER.iter().position(|&s| s == setting).unwrap_or(0) as u32;
            let codes = library.items().iter().map(|i| code(i.setting)).collect();
            plain(Axis::Setting, Coding::Item(codes), named(&ORDER))
        }
        Field::Item => {
            let values = library
                .items()
                .iter()
                .map(|i| Value { name: i.id.to_string(), also: vec![format!("{}/{}", i.group, i.id)] })
                .collect();
            plain(Axis::Item, Coding::Item((0..library.items().len() as u32).collect()), values)
        }
        Field::Constraint => plain(Axis::Asked, Coding::ItemList(asked()), constraint_values(library)),
        Field::Category => {
            const ORDER: [&str; 5] = ["length", "lexical", "format", "affix", "other"];
            let of = |number: &u32| {
                let name = library.constraints()[*number as usize].category_name();
                ORDER.iter().position(|&c| c == name).unwrap_or(4) as u32
            };
            let lists = Lists::of(library.items().iter().map(|i| i.constraints.iter().map(of)));
            plain(Axis::Category, Coding::ItemList(lists), named(&ORDER))
        }
        Field::Failed => by_verdict(Axis::Failed, Some(false)),
        Field::Passed => by_verdict(Axis::Passed, Some(true)),
        Field::Unverified => by_verdict(Axis::Unverified, None),
        Field::Verdict => {
            let names = named(&["pass", "partial", "fail", "unknown"]);
            made(Axis::Verdict, Coding::Flags(Flags::VERDICT), names, vec![3, 0, 1, 2])
        }
        Field::Mode => plain(Axis::Mode, Coding::Modes, named(&Mode::ALL.map(Mode::name))),
        Field::Correct => {
            let names = named(&["yes", "no", "unknown"]);
            made(Axis::Correct, Coding::Flags(Flags::CORRECT), names, vec![2, 0, 1, 2])
        }
        Field::Saved => {
            let names = named(&["yes", "no", "unknown"]);
            made(Axis::Saved, Coding::Flags(Flags::SAVED), names, vec![2, 0, 1, 2])
        }
        Field::Finish => {
            let names = named(&["stop", "length", "other", "unknown"]);
            made(Axis::Finish, Coding::Flags(Flags::FINISH), names, vec![3, 0, 1, 2])
        }
        Field::File => {
            let values = library
                .sources()
                .iter()
                .map(|s| Value {
                    name: shown(&s.path),
                    also: s.path.file_name().map(shown).into_iter().collect(),
                })
                .collect();
            plain(Axis::File, Coding::File, values)
        }
        // Tags, notes and the baseline belong to the user, not to the files: see `Library::select_with`.
        Field::Tag | Field::Note | Field::Vs | Field::VsCorrect => {
            plain(Axis::File, Coding::File, Vec::new())
        }
    }
}

/// A constraint is named by its short name where that is unique, and meant by its id, its family and
/// its category too.
fn constraint_values(library: &Library) -> Vec<Value> {
    let all = library.constraints();
    let shared = |short: &str| all.iter().filter(|c| c.short_name() == short).count() > 1;
    all.iter()
        .map(|c| {
            let short = c.short_name();
            Value {
                name: if shared(short) { c.id.to_string() } else { short.to_owned() },
                also: [c.id.as_ref(), short, c.family(), c.category_name()]
                    .into_iter()
                    .filter(|text| !text.is_empty())
                    .map(str::to_owned)
                    .collect(),
            }
        })
        .collect()
}

impl Library {
    /// The values of every field with their counts in a selection.
    pub fn facets(&self, selection: &Selection) -> Facets {
        // What is missing is made first, each by one thread: none of them waits for one that waits.
        let indexes: Vec<&FieldIndex> = FACETS.into_par_iter().map(|field| self.index(field)).collect();
        let chunks: Vec<&Chunk> = self.chunks().map(|(_, chunk)| chunk).collect();
        indexes.par_iter().filter(|index| index.few).for_each(|index| {
            chunks.par_iter().for_each(|chunk| {
                index.postings(chunk);
            });
        });
        let list = FACETS.into_par_iter().map(|field| self.facet(field, selection)).collect();
        Facets { list }
    }

    /// The values of one field with their counts in a selection.
    pub fn facet(&self, field: Field, selection: &Selection) -> Facet {
        let index = self.index(field);
        let query = selection.query();
        let wider = (field.is_single() && !query.values(field).is_empty())
            .then(|| self.select(&query.without(field), &super::Cancel::default()).ok())
            .flatten();
        let rows = wider.as_ref().unwrap_or(selection).bitmap();
        let Some(counts) = index.counts(self, rows) else {
            return Facet { field, values: Vec::new(), too_many: !index.values.is_empty() };
        };
        let asked = query.values(field);
        let values = index
            .values
            .iter()
            .zip(counts)
            .map(|(value, count)| FacetValue {
                name: value.name.clone(),
                count,
                asked: asked.iter().any(|pattern| value.matches(pattern)),
                excluded: query.excludes(field, &value.name),
            })
            .filter(|value| value.count > 0 || value.asked || value.excluded)
            .collect();
        Facet { field, values, too_many: false }
    }

    /// The values of a field that occur in the library, for completion.
    pub fn values(&self, field: Field) -> Vec<String> {
        let index = self.index(field);
        match index.counts(self, self.live()) {
            Some(counts) => {
                let found = index.values.iter().zip(counts).filter(|(_, n)| *n > 0);
                found.map(|(value, _)| value.name.clone()).collect()
            }
            None => index.values.iter().map(|value| value.name.clone()).collect(),
        }
    }

    /// Everything: the selection of the empty query.
    pub fn all(&self) -> Selection {
        Selection::new(Query::default(), self.live().clone(), Vec::new())
    }
}
