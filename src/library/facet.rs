//! Values of fields: which there are, which rows have them, how many of a selection do.

use std::ops::Range;

use rayon::prelude::*;

use super::bitmap::Bitmap;
use super::chunk::VerdictCell;
use super::query::{Field, Pattern, Query};
use super::selection::Selection;
use super::snapshot::Library;
use crate::assess::Overall;
use crate::failure::Mode;
use crate::record::Finish;

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

/// How the values of a row are found.
enum Coding {
    /// One value for each run, item or source.
    Run(Vec<u32>),
    Item(Vec<u32>),
    Source,
    /// Several values for each item.
    ItemList(Vec<Box<[u32]>>),
    /// From the verdicts: constraints whose status says this.
    Verdicts(Option<bool>),
    Modes,
    Verdict,
    Correct,
    Saved,
    Finish,
}

/// The values of a field and, where there are not too many, the rows of each.
pub(super) struct FieldIndex {
    pub(super) values: Vec<Value>,
    coding: Coding,
    /// The rows of each value, with the words that have any: rows of a run lie together.
    bitmaps: Option<Vec<(Bitmap, Range<usize>)>>,
}

impl FieldIndex {
    pub(super) fn new(library: &Library, field: Field) -> Self {
        let (values, coding) = coding(library, field);
        let words = library.room().div_ceil(64);
        let mut index = Self { values, coding, bitmaps: None };
        if index.values.len().saturating_mul(words) <= MAX_WORDS {
            let mut bitmaps = vec![Bitmap::empty(library.room()); index.values.len()];
            index.each(library, |row, value| bitmaps[value as usize].insert(row));
            let span = |bitmap: Bitmap| {
                let words = bitmap.words();
                let first = words.iter().position(|&word| word != 0).unwrap_or(0);
                let end = words.iter().rposition(|&word| word != 0).map_or(0, |last| last + 1);
                (bitmap, first..end)
            };
            index.bitmaps = Some(bitmaps.into_iter().map(span).collect());
        }
        index
    }

    /// Calls `found` with every row and each of its values.
    fn each(&self, library: &Library, mut found: impl FnMut(u32, u32)) {
        for (base, chunk) in library.chunks() {
            let columns = &chunk.columns;
            let rows = 0..columns.len();
            let id = |row: usize| base + row as u32;
            match &self.coding {
                Coding::Run(values) => rows.for_each(|r| found(id(r), values[columns.run[r] as usize])),
                Coding::Item(values) => rows.for_each(|r| found(id(r), values[columns.item[r] as usize])),
                Coding::Source => rows.for_each(|r| found(id(r), columns.source[r])),
                Coding::ItemList(values) => rows.for_each(|r| {
                    for &value in &values[columns.item[r] as usize] {
                        found(id(r), value);
                    }
                }),
                Coding::Verdicts(wanted) => rows.for_each(|r| {
                    let constraints = &library.items()[columns.item[r] as usize].constraints;
                    for (at, &constraint) in columns.verdict_range(r).zip(constraints) {
                        if VerdictCell(columns.verdicts[at]).status().followed() == *wanted {
                            found(id(r), constraint);
                        }
                    }
                }),
                Coding::Modes => rows.for_each(|r| {
                    let mut bits = columns.modes[r];
                    while bits != 0 {
                        found(id(r), bits.trailing_zeros());
                        bits &= bits - 1;
                    }
                }),
                Coding::Verdict => rows.for_each(|r| {
                    found(
                        id(r),
                        match columns.flags(r).overall() {
                            Overall::Pass => 0,
                            Overall::Partial => 1,
                            Overall::Fail => 2,
                            Overall::Unknown => 3,
                        },
                    );
                }),
                Coding::Correct => rows.for_each(|r| found(id(r), yes_no(columns.flags(r).correct()))),
                Coding::Saved => rows.for_each(|r| found(id(r), yes_no(columns.flags(r).saved_correct()))),
                Coding::Finish => rows.for_each(|r| {
                    found(
                        id(r),
                        match columns.flags(r).finish() {
                            Some(Finish::Stop) => 0,
                            Some(Finish::Length) => 1,
                            Some(Finish::Other) => 2,
                            None => 3,
                        },
                    );
                }),
            }
        }
    }

    /// The rows that have a value one of the patterns means; `None` when no value is meant.
    pub(super) fn rows(&self, library: &Library, patterns: &[Pattern]) -> Option<Bitmap> {
        let wanted: Vec<bool> =
            self.values.iter().map(|value| patterns.iter().any(|p| value.matches(p))).collect();
        if !wanted.contains(&true) {
            return None;
        }
        let mut rows = Bitmap::empty(library.room());
        match &self.bitmaps {
            Some(bitmaps) => {
                for ((bitmap, _), _) in bitmaps.iter().zip(&wanted).filter(|(_, wanted)| **wanted) {
                    rows.or(bitmap);
                }
            }
            None => self.each(library, |row, value| {
                if wanted[value as usize] {
                    rows.insert(row);
                }
            }),
        }
        Some(rows)
    }

    /// How many of these rows have each value; `None` when there are too many values.
    fn counts(&self, rows: &Bitmap) -> Option<Vec<usize>> {
        let bitmaps = self.bitmaps.as_ref()?;
        Some(bitmaps.iter().map(|(bitmap, span)| bitmap.count_and_within(rows, span.clone())).collect())
    }
}

fn yes_no(fact: Option<bool>) -> u32 {
    match fact {
        Some(true) => 0,
        Some(false) => 1,
        None => 2,
    }
}

/// The distinct texts in order, and which of them each entry is.
fn coded<'a>(texts: impl Iterator<Item = &'a str>) -> (Vec<Value>, Vec<u32>) {
    let texts: Vec<&str> = texts.collect();
    let mut distinct = texts.clone();
    distinct.sort_by(|a, b| super::sort::natural(a, b));
    distinct.dedup();
    let order: std::collections::HashMap<&str, u32> =
        distinct.iter().enumerate().map(|(i, &text)| (text, i as u32)).collect();
    let codes = texts.iter().map(|text| order[text]).collect();
    let shown = |text: &&str| Value::named(if text.is_empty() { "unknown" } else { text });
    (distinct.iter().map(shown).collect(), codes)
}

fn coding(library: &Library, field: Field) -> (Vec<Value>, Coding) {
    let by_run = |text: fn(&crate::record::Run) -> &str| {
        let (values, codes) = coded(library.runs().iter().map(|r| text(&r.run)));
        (values, Coding::Run(codes))
    };
    let named = |names: &[&str]| names.iter().map(|name| Value::named(*name)).collect::<Vec<_>>();
    let by_verdict = |wanted| (constraint_values(library), Coding::Verdicts(wanted));
    match field {
        Field::Model => by_run(|run| &run.model),
        Field::Run => by_run(|run| &run.name),
        Field::Condition => by_run(|run| &run.condition),
        Field::Source => {
            let (values, codes) = coded(library.items().iter().map(|i| &*i.source));
            (values, Coding::Item(codes))
        }
        Field::Group => {
            let (values, codes) = coded(library.items().iter().map(|i| &*i.group));
            (values, Coding::Item(codes))
        }
        Field::Setting => {
            const ORDER: [&str; 8] = ["none", "single", "double", "triple", "4", "5", "6", "7+"];
            let code = |setting| ORDER.iter().position(|&s| s == setting).unwrap_or(0) as u32;
            let codes = library.items().iter().map(|i| code(i.setting)).collect();
            (named(&ORDER), Coding::Item(codes))
        }
        Field::Item => {
            let values = library
                .items()
                .iter()
                .map(|i| Value { name: i.id.to_string(), also: vec![format!("{}/{}", i.group, i.id)] })
                .collect();
            (values, Coding::Item((0..library.items().len() as u32).collect()))
        }
        Field::Constraint => {
            let lists = library.items().iter().map(|i| i.constraints.clone()).collect();
            (constraint_values(library), Coding::ItemList(lists))
        }
        Field::Category => {
            const ORDER: [&str; 5] = ["length", "lexical", "format", "affix", "other"];
            let of = |number: u32| {
                let name = library.constraints()[number as usize].category_name();
                ORDER.iter().position(|&c| c == name).unwrap_or(4) as u32
            };
            let lists =
                library.items().iter().map(|i| i.constraints.iter().map(|&c| of(c)).collect()).collect();
            (named(&ORDER), Coding::ItemList(lists))
        }
        Field::Failed => by_verdict(Some(false)),
        Field::Passed => by_verdict(Some(true)),
        Field::Unverified => by_verdict(None),
        Field::Verdict => (named(&["pass", "partial", "fail", "unknown"]), Coding::Verdict),
        Field::Mode => (named(&Mode::ALL.map(Mode::name)), Coding::Modes),
        Field::Correct => (named(&["yes", "no", "unknown"]), Coding::Correct),
        Field::Saved => (named(&["yes", "no", "unknown"]), Coding::Saved),
        Field::Finish => (named(&["stop", "length", "other", "unknown"]), Coding::Finish),
        Field::File => {
            let values = library
                .sources()
                .iter()
                .map(|s| Value {
                    name: s.path.display().to_string(),
                    also: s.path.file_name().map(|n| n.to_string_lossy().into_owned()).into_iter().collect(),
                })
                .collect();
            (values, Coding::Source)
        }
        // Tags, notes and the baseline belong to the user, not to the files: see `Library::select_with`.
        Field::Tag | Field::Note | Field::Vs | Field::VsCorrect => (Vec::new(), Coding::Source),
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
        let Some(counts) = index.counts(rows) else {
            return Facet { field, values: Vec::new(), too_many: true };
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
        match index.counts(self.live()) {
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
