//! Queries to bitmaps.

use std::ops::RangeInclusive;

use rayon::prelude::*;

use super::bitmap::Bitmap;
use super::build::Cancel;
use super::chunk::{Chunk, Columns, VerdictCell};
use super::matcher::Matcher;
use super::query::{Comparison, Expr, Field, Filter, Lookup, Measure, Pattern, Query, Term};
use super::read_back::UnreadCount;
use super::selection::Selection;
use super::snapshot::Library;
use super::text_search::Indexed;
use crate::error::{Error, Result};
use crate::failure::Mode;

/// Rows that something outside the library knows about: tags, notes, the baseline.
pub trait Labels: Sync {
    /// The rows that one of these patterns is said of, for a field that [is the
    /// asker's](Field::is_askers).
    fn rows(&self, library: &Library, field: Field, patterns: &[Pattern]) -> Bitmap;

    /// What must be known of the answer for such a field.
    fn note(&self, _library: &Library, _field: Field) -> Option<String> {
        None
    }
}

/// How far the reading of text that the index knows nothing of is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Scan {
    /// Bytes of the files read.
    pub done: u64,
    /// Bytes to be read.
    pub total: u64,
}

impl Scan {
    /// Whether it takes long enough to be worth a word: less is read before anybody could see that.
    pub fn is_long(&self) -> bool {
        self.total > 4 << 20
    }
}

/// Rows read between two words about how far it is.
const SCANNED: usize = 4096;

/// No tags, no notes.
struct Unlabelled;

impl Labels for Unlabelled {
    fn rows(&self, library: &Library, _: Field, _: &[Pattern]) -> Bitmap {
        Bitmap::empty(library.room())
    }
}

impl Library {
    /// The rows a query selects.
    pub fn select(&self, query: &Query, cancel: &Cancel) -> Result<Selection> {
        self.select_with(query, cancel, &Unlabelled)
    }

    /// The rows a query selects, `tag:`, `note:` and `vs:` answered by `labels`.
    pub fn select_with(&self, query: &Query, cancel: &Cancel, labels: &dyn Labels) -> Result<Selection> {
        self.select_told(query, cancel, labels, &|_| {})
    }

    /// The same, with a word to `told` every now and then while text has to be read: for text that is
    /// not indexed yet, and for patterns.
    pub fn select_told(
        &self,
        query: &Query,
        cancel: &Cancel,
        labels: &dyn Labels,
        told: &dyn Fn(Scan),
    ) -> Result<Selection> {
        let mut evaluation = Evaluation { library: self, cancel, labels, told, notes: Vec::new() };
        let rows = match &query.expr {
            None => self.live().clone(),
            Some(expr) => evaluation.expr(expr, self.live())?,
        };
        Ok(Selection::new(query.clone(), rows, evaluation.notes))
    }

    /// An empty set with room for every row.
    pub fn no_rows(&self) -> Bitmap {
        Bitmap::empty(self.room())
    }
}

struct Evaluation<'a> {
    library: &'a Library,
    cancel: &'a Cancel,
    labels: &'a dyn Labels,
    told: &'a dyn Fn(Scan),
    notes: Vec<String>,
}

impl Evaluation<'_> {
    /// The rows of `within` for which an expression holds.
    fn expr(&mut self, expr: &Expr, within: &Bitmap) -> Result<Bitmap> {
        if self.cancel.is_cancelled() {
            return Err(Error::Cancelled);
        }
        Ok(match expr {
            Expr::And(list) => {
                // What is cheap first: it leaves less text to look at.
                let mut order: Vec<&Expr> = list.iter().collect();
                order.sort_by_key(|expr| cost(expr));
                let mut rows = within.clone();
                for expr in order {
                    rows = self.expr(expr, &rows)?;
                }
                rows
            }
            Expr::Or(list) => {
                let mut rows = self.library.no_rows();
                for expr in list {
                    rows.or(&self.expr(expr, within)?);
                }
                rows
            }
            Expr::Not(inner) => {
                let mut rows = within.clone();
                rows.and_not(&self.expr(inner, within)?);
                rows
            }
            Expr::Filter(Filter::Is { field, values }) => {
                let mut rows = self.is(*field, values);
                rows.and(within);
                rows
            }
            Expr::Filter(Filter::Compare { measure, comparison }) => {
                let mut rows = self.compare(measure, *comparison);
                rows.and(within);
                rows
            }
            Expr::Text(lookup) => {
                self.notes.extend(self.meant(lookup));
                self.text(lookup, within)?
            }
        })
    }

    fn is(&mut self, field: Field, values: &[Pattern]) -> Bitmap {
        if field.is_askers() {
            self.notes.extend(self.labels.note(self.library, field));
            return self.labels.rows(self.library, field, values);
        }
        let index = self.library.index(field);
        for pattern in values.iter().filter(|p| !index.values.iter().any(|value| value.matches(p))) {
            let names = index.values.iter().flat_map(|v| std::iter::once(&v.name).chain(&v.also));
            self.notes.push(match super::query::nearest(&pattern.text, names.map(String::as_str)) {
                Some(near) => {
                    format!("no {field} here is called `{}`; did you mean `{near}`?", pattern.text)
                }
                None => format!("no {field} here is called `{}`", pattern.text),
            });
        }
        index.rows(self.library, values).unwrap_or_else(|| self.library.no_rows())
    }

    fn compare(&mut self, measure: &Measure, comparison: Comparison) -> Bitmap {
        let whole = comparison.whole();
        match measure {
            Measure::Trace(unit) => self.between(whole, |columns| columns.trace.in_unit(*unit)),
            Measure::Answer(unit) => self.between(whole, |columns| columns.answer.in_unit(*unit)),
            Measure::Sample => self.between(whole, |columns| &columns.sample),
            Measure::Line => self.between(whole, |columns| &columns.line),
            Measure::Broken => {
                let broken: [bool; 8] =
                    std::array::from_fn(|cell| VerdictCell(cell as u8).status().followed() == Some(false));
                let Some((low, high)) = whole else { return self.library.no_rows() };
                self.scan(|columns| {
                    let cells = columns.verdicts.iter().map(|cell| broken[usize::from(cell & 7)]);
                    per_row(columns, cells, |count| low <= count && count <= high)
                })
            }
            Measure::Margin(None) => {
                let inside = inside(comparison);
                self.scan(|columns| {
                    per_row(columns, columns.margins.iter().map(|m| inside.contains(m)), |count| count > 0)
                })
            }
            Measure::Margin(Some(name)) => {
                let pattern = Pattern { text: name.clone(), literal: false };
                let values = &self.library.index(Field::Constraint).values;
                let meant: Vec<bool> = values.iter().map(|value| value.matches(&pattern)).collect();
                if !meant.contains(&true) {
                    self.notes.push(format!("no constraint here is called `{name}`"));
                }
                let (items, inside) = (self.library.items(), inside(comparison));
                self.scan(|columns| {
                    let constraints =
                        columns.item.iter().flat_map(|&item| items[item as usize].constraints.iter());
                    let cells = columns.margins.iter().zip(constraints);
                    let cells = cells
                        .map(|(margin, &constraint)| meant[constraint as usize] && inside.contains(margin));
                    per_row(columns, cells, |count| count > 0)
                })
            }
        }
    }

    /// The rows whose number in a column lies between two, ends included. What is not known is
    /// greater than any upper end.
    fn between(&self, ends: Option<(u32, u32)>, column: impl Fn(&Columns) -> &[u32] + Sync) -> Bitmap {
        let Some((low, high)) = ends else { return self.library.no_rows() };
        let span = high - low;
        self.scan(|columns| packed(column(columns).iter().map(|number| number.wrapping_sub(low) <= span)))
    }

    /// The rows that `words` gives of every chunk, as words of a bitmap.
    fn scan(&self, words: impl Fn(&Columns) -> Vec<u64> + Sync) -> Bitmap {
        let chunks: Vec<(u32, &Chunk)> = self.library.chunks().collect();
        let found: Vec<Vec<u64>> = chunks.par_iter().map(|(_, chunk)| words(&chunk.columns)).collect();
        let mut rows = self.library.no_rows();
        for ((base, _), found) in chunks.into_iter().zip(found) {
            rows.words_mut()[base as usize / 64..][..found.len()].copy_from_slice(&found);
        }
        rows
    }

    /// What to say of a word that is a name of the library: it may have been meant as one.
    fn meant(&self, lookup: &Lookup) -> Option<String> {
        let Term::Word(word) = &lookup.term else { return None };
        let pattern = Pattern::literal(word.as_str());
        let is = |name: &str| pattern.matches(name);
        let field = if Mode::ALL.into_iter().any(|mode| is(mode.name())) {
            Field::Mode
        } else if self.library.constraints().iter().any(|c| is(&c.id) || is(c.short_name())) {
            Field::Failed
        } else if self.library.runs().iter().any(|run| is(&run.run.model)) {
            Field::Model
        } else if self.library.runs().iter().any(|run| is(&run.run.name)) {
            Field::Run
        } else {
            return None;
        };
        Some(format!("`{word}` was looked up in the text; did you mean `{field}:{word}`?"))
    }

    /// The rows of `within` whose text has something: from the index, and by reading what is not in
    /// it, so that the answer is always complete.
    fn text(&mut self, lookup: &Lookup, within: &Bitmap) -> Result<Bitmap> {
        let library = self.library;
        let mut rows = library.no_rows();
        let mut unknown = within.clone();
        match library.text() {
            Ok(None) => {}
            Ok(Some(text)) => {
                let indexed = text.rows(library);
                match text.find(lookup, within, library, self.cancel)? {
                    Indexed::Found(found) => {
                        rows = found;
                        unknown.and_not(indexed);
                    }
                    Indexed::Possible(possible) => {
                        let mut left_out = indexed.clone();
                        left_out.and_not(&possible);
                        unknown.and_not(&left_out);
                    }
                    Indexed::Unknown => {}
                }
            }
            Err(damage) => self.note(format!(
                "the text index is damaged ({damage}): the files themselves were read instead; \
                 `heedless index` rebuilds it"
            )),
        }
        self.read(lookup, &unknown, &mut rows)?;
        Ok(rows)
    }

    /// Reads rows back and keeps those whose text has something.
    fn read(&mut self, lookup: &Lookup, unknown: &Bitmap, rows: &mut Bitmap) -> Result<()> {
        let library = self.library;
        let unknown: Vec<u32> = unknown.iter().collect();
        let matcher = Matcher::new(lookup);
        let bytes =
            |rows: &[u32]| rows.iter().map(|&row| u64::from(library.row(row).line_len())).sum::<u64>();
        let mut scan = Scan { done: 0, total: bytes(&unknown) };
        let mut unread = UnreadCount::default();
        for some in unknown.chunks(SCANNED) {
            (self.told)(scan);
            let found = library.read_back(some, self.cancel, |_, record, split| {
                matcher.is_in_generation(&record.item, &record.generation, split)
            });
            if self.cancel.is_cancelled() {
                return Err(Error::Cancelled);
            }
            for (&row, hit) in some.iter().zip(&found) {
                match hit {
                    Ok(true) => rows.insert(row),
                    Ok(false) => {}
                    Err(why) => unread.add(why),
                }
            }
            scan.done += bytes(some);
        }
        for sentence in unread.sentences() {
            self.note(sentence);
        }
        Ok(())
    }

    /// Says something once, whichever parts of the query it is true of.
    fn note(&mut self, note: String) {
        if !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }
}

/// The margins that are inside. One that is not known never is.
fn inside(comparison: Comparison) -> RangeInclusive<f32> {
    // The nearest margin to an end that the end lets in.
    let holds = |end: Comparison, margin: f32| end.holds(f64::from(margin));
    let low = comparison.low.map_or(f32::NEG_INFINITY, |low| {
        let (near, end) = (low.value as f32, Comparison { low: Some(low), high: None });
        if holds(end, near) { near } else { near.next_up() }
    });
    let high = comparison.high.map_or(f32::INFINITY, |high| {
        let (near, end) = (high.value as f32, Comparison { low: None, high: Some(high) });
        if holds(end, near) { near } else { near.next_down() }
    });
    low..=high
}

/// The rows of which as many verdicts are among these as `holds` wants: counted up once, so that a
/// row costs two looks however many verdicts it has.
fn per_row(columns: &Columns, cells: impl Iterator<Item = bool>, holds: impl Fn(u32) -> bool) -> Vec<u64> {
    let mut before = Vec::with_capacity(columns.verdicts.len() + 1);
    let mut count = 0;
    before.push(0);
    before.extend(cells.map(|cell| {
        count += u32::from(cell);
        count
    }));
    packed(columns.verdicts_at.windows(2).map(|at| holds(before[at[1] as usize] - before[at[0] as usize])))
}

/// Truths as bits, the first the lowest.
fn packed(mut truths: impl ExactSizeIterator<Item = bool>) -> Vec<u64> {
    let mut words = Vec::with_capacity(truths.len().div_ceil(64));
    while truths.len() > 0 {
        let mut bytes = [0u8; 64];
        for (byte, truth) in bytes.iter_mut().zip(truths.by_ref()) {
            *byte = u8::from(truth);
        }
        let (eights, _) = bytes.as_chunks::<8>();
        // The product moves the lowest bit of each byte into the highest byte.
        let gathered =
            eights.iter().map(|&eight| u64::from_le_bytes(eight).wrapping_mul(0x0102_0408_1020_4080) >> 56);
        words.push((0..).zip(gathered).fold(0, |word, (i, bits)| word | bits << (8 * i)));
    }
    words
}

/// What an expression costs, roughly: bitmaps, then columns, then text.
fn cost(expr: &Expr) -> u32 {
    match expr {
        Expr::Filter(Filter::Is { .. }) => 0,
        Expr::Filter(Filter::Compare { .. }) => 1,
        Expr::Not(inner) => cost(inner),
        Expr::And(list) | Expr::Or(list) => list.iter().map(cost).max().unwrap_or(0) + 1,
        Expr::Text(lookup) => match lookup.term {
            Term::Regex(_) => 200,
            _ => 100,
        },
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::query::Threshold;
    use super::*;

    proptest! {
        #[test]
        fn ends_of_margins_let_in_what_holds(
            low in proptest::option::of((-9.0..9.0f64, any::<bool>())),
            high in proptest::option::of((-9.0..9.0f64, any::<bool>())),
            margin in -9.0..9.0f32, at in 0..3usize,
        ) {
            let end = |end: Option<(f64, bool)>| end.map(|(value, inclusive)| Threshold {
                // Ends that are margins themselves, and ends between two.
                value: if at == 0 { f64::from(margin) } else if at == 1 { value.round() } else { value },
                inclusive,
            });
            let comparison = Comparison { low: end(low), high: end(high) };
            for margin in [margin, margin.round(), margin.next_up(), margin.next_down()] {
                let holds = comparison.holds(f64::from(margin));
                prop_assert_eq!(inside(comparison).contains(&margin), holds);
            }
            prop_assert!(!inside(comparison).contains(&f32::NAN));
        }

        #[test]
        fn truths_become_bits(truths in proptest::collection::vec(any::<bool>(), 0..200)) {
            let words = packed(truths.iter().copied());
            prop_assert_eq!(words.len(), truths.len().div_ceil(64));
            let bits = (0..words.len() * 64).map(|at| words[at / 64] >> (at % 64) & 1 == 1);
            let padded = truths.iter().copied().chain(std::iter::repeat(false));
            prop_assert!(bits.zip(padded).all(|(bit, truth)| bit == truth));
        }

        #[test]
        fn verdicts_are_counted_by_row(rows in proptest::collection::vec(proptest::collection::vec(any::<bool>(), 0..4), 0..150)) {
            let columns = Columns {
                verdicts_at: std::iter::once(0).chain(rows.iter().scan(0, |end, row| {
                    *end += row.len() as u32;
                    Some(*end)
                })).collect(),
                verdicts: rows.iter().flatten().map(|&cell| u8::from(cell)).collect(),
                ..Columns::default()
            };
            let found = per_row(&columns, rows.iter().flatten().copied(), |count| count == 2);
            let expected = packed(rows.iter().map(|row| row.iter().filter(|&&cell| cell).count() == 2));
            prop_assert_eq!(found, expected);
        }
    }
}
