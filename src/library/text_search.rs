//! Asking the text index: which rows have some words, how often, and which may match a pattern.
//!
//! Every segment and field is looked through by itself, on all threads. A table from documents to
//! rows, made once for a snapshot, stands between them and the rows, so that what other filters left
//! out is dropped before its positions are read.

use std::ops::Range;
use std::sync::atomic::{AtomicU32, Ordering};

use rayon::prelude::*;
use tantivy::postings::{Postings as _, SegmentPostings, TermInfo};
use tantivy::query::{EnableScoring, PhrasePrefixQuery, Query as _};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{DocId, DocSet as _, InvertedIndexReader, SegmentReader, Term};

use super::bitmap::Bitmap;
use super::build::Cancel;
use super::matcher::Needle;
use super::query::{Lookup, Scope};
use super::required::{Need, Required, Stretch};
use super::snapshot::Library;
use super::text_index::{ITEM, TextIndex};
use super::words::MAX_WORD;
use crate::error::{Error, Result};

/// What the index knows of a lookup.
pub(super) enum Indexed {
    /// The rows that have it.
    Found(Bitmap),
    /// The rows that may have it: the others do not.
    Possible(Bitmap),
    /// Nothing.
    Unknown,
}

/// The rows of the documents of each segment.
pub(super) struct DocumentRows(Vec<Vec<u32>>);

/// Document of no row of the snapshot.
const NO_ROW: u32 = u32::MAX;
/// Documents between two looks at whether the answer is still wanted.
const PATIENCE: usize = 4096;

impl DocumentRows {
    /// Reads the numbers that the index knows rows by. A document of a question gives its item.
    fn new(index: &TextIndex, library: &Library) -> Result<Self> {
        of_documents(index, library, |number, rows| match number {
            number if number & ITEM != 0 => number as u32,
            number => rows.row(number),
        })
        .map(Self)
    }
}

/// What `of` makes of the number that the index knows each document by, for each segment.
fn of_documents<T: Send>(
    index: &TextIndex,
    library: &Library,
    of: impl Fn(u64, &mut RowNumbers<'_>) -> T + Sync,
) -> Result<Vec<Vec<T>>> {
    // Number, first row and length of each part, in order of number.
    let mut parts: Vec<(u32, u32, u32)> =
        library.parts().map(|(first, part)| (part.serial, first, part.rows)).collect();
    parts.sort_unstable();
    let of_segment = |segment: &SegmentReader| -> Result<Vec<T>> {
        let numbers = segment.fast_fields().u64("row")?.first_or_default_col(u64::MAX);
        let mut rows = RowNumbers { parts: &parts, last: (0, 0, 0) };
        let number = |doc| if segment.is_deleted(doc) { u64::MAX } else { numbers.get_val(doc) };
        Ok((0..segment.max_doc()).map(|doc| of(number(doc), &mut rows)).collect())
    };
    index.searcher().segment_readers().par_iter().map(of_segment).collect()
}

/// Row numbers of a snapshot for the numbers that the index knows rows by.
struct RowNumbers<'a> {
    /// Number, first row and length of each part, in order of number.
    parts: &'a [(u32, u32, u32)],
    /// The part asked for last: neighbours mostly share one.
    last: (u32, u32, u32),
}

impl RowNumbers<'_> {
    /// [`NO_ROW`] when the part is not in this snapshot: it is newer or gone.
    fn row(&mut self, number: u64) -> u32 {
        let (serial, at) = ((number >> 32) as u32, number as u32);
        if self.last.0 != serial || self.last.2 == 0 {
            match self.parts.binary_search_by_key(&serial, |part| part.0) {
                Ok(i) => self.last = self.parts[i],
                Err(_) => return NO_ROW,
            }
        }
        if at < self.last.2 { self.last.1 + at } else { NO_ROW }
    }
}

/// The rows of the snapshot that have a document in the index, counted document by document.
pub(super) fn rows_with_documents(index: &TextIndex, library: &Library) -> Result<Bitmap> {
    let rows = of_documents(index, library, |number, rows| match number {
        number if number & ITEM != 0 => NO_ROW,
        number => rows.row(number),
    })?;
    let mut all = library.no_rows();
    // Beyond the room of the set is `NO_ROW`.
    rows.into_iter().flatten().for_each(|row| all.insert(row));
    Ok(all)
}

/// Documents looked through by one thread at a time; few where it is tested that parts make a whole.
const STRETCH: u32 = if cfg!(debug_assertions) { 100 } else { 1 << 16 };

/// A stretch of one field of one segment.
#[derive(Clone)]
struct Place<'a> {
    segment: &'a SegmentReader,
    inverted: std::sync::Arc<InvertedIndexReader>,
    field: Field,
    /// Row, or for questions item, of each document.
    rows: &'a [u32],
    /// The documents to be looked through.
    documents: Range<DocId>,
}

impl<'a> Place<'a> {
    /// The place in parts that can be looked through at the same time.
    fn parts(self) -> impl Iterator<Item = Self> + use<'a> {
        let Range { start, end } = self.documents;
        (start..end).step_by(STRETCH as usize).map(move |first| Self {
            documents: first..first.saturating_add(STRETCH).min(end),
            ..self.clone()
        })
    }
}

impl TextIndex {
    /// The rows of indexed parts among `within` that have a text, as far as the index can tell.
    pub(super) fn find(
        &self,
        lookup: &Lookup,
        within: &Bitmap,
        library: &Library,
        cancel: &Cancel,
    ) -> Result<Indexed> {
        let sought = match Needle::of(&lookup.term) {
            Needle::Words { words, prefix } => Sought { words, prefix, counted: false },
            Needle::Pattern(pattern) => {
                let Some(required) = Required::of(&pattern) else { return Ok(Indexed::Unknown) };
                let find = |place: &Place<'_>| possible(place, &required, cancel);
                // A look at all the words of a place is what takes the time: it is done once.
                let rows =
                    rows_of(&self.places(lookup.scope, library)?, lookup.scope, within, library, find)?;
                return Ok(Indexed::Possible(rows));
            }
        };
        // A question belongs to many rows: they are sifted when they are known.
        let wants = |place: &Place<'_>, doc: DocId| {
            lookup.scope == Scope::Question || within.has(place.rows[doc as usize])
        };
        rows_of(&self.parts(lookup.scope, library)?, lookup.scope, within, library, |place| {
            let mut found = Vec::new();
            let mut take = |doc, _| found.push(doc);
            each(self, place, &sought, cancel, &|doc| wants(place, doc), &mut take)?;
            Ok(found)
        })
        .map(Indexed::Found)
    }

    /// How often each row has some words, added to `counts`, of the rows of indexed parts among
    /// `within`. A phrase that ends in the beginning of a word counts once.
    pub(super) fn count(
        &self,
        lookup: &Lookup,
        within: &Bitmap,
        library: &Library,
        cancel: &Cancel,
        counts: &[AtomicU32],
    ) -> Result<()> {
        let Needle::Words { words, prefix } = Needle::of(&lookup.term) else { return Ok(()) };
        let sought = Sought { words, prefix, counted: true };
        let question = lookup.scope == Scope::Question;
        let add = |row: u32, n| {
            if within.has(row) {
                counts[row as usize].fetch_add(n, Ordering::Relaxed);
            }
        };
        self.parts(lookup.scope, library)?.par_iter().try_for_each(|place| {
            let mut take = |doc: DocId, n: u32| match place.rows[doc as usize] {
                item if question => library.item_rows(item).iter().for_each(|&row| add(row, n)),
                row => add(row, n),
            };
            let wants = |doc: DocId| question || within.has(place.rows[doc as usize]);
            each(self, place, &sought, cancel, &wants, &mut take)
        })
    }

    /// Where a scope is to be looked for.
    fn places(&self, scope: Scope, library: &Library) -> Result<Vec<Place<'_>>> {
        let rows = if let Some(rows) = self.document_rows.get() {
            rows
        } else {
            let rows = DocumentRows::new(self, library)?;
            self.document_rows.get_or_init(|| rows)
        };
        let mut places = Vec::new();
        for (segment, rows) in self.searcher().segment_readers().iter().zip(&rows.0) {
            for &field in self.fields(scope) {
                let inverted = segment.inverted_index(field)?;
                places.push(Place { segment, inverted, field, rows, documents: 0..segment.max_doc() });
            }
        }
        Ok(places)
    }

    /// The same in parts that can be looked through at the same time.
    fn parts(&self, scope: Scope, library: &Library) -> Result<Vec<Place<'_>>> {
        Ok(self.places(scope, library)?.into_iter().flat_map(Place::parts).collect())
    }
}

/// The rows among `within` of the documents that `find` finds in some places of a scope.
fn rows_of(
    places: &[Place<'_>],
    scope: Scope,
    within: &Bitmap,
    library: &Library,
    find: impl Fn(&Place<'_>) -> Result<Vec<DocId>> + Sync,
) -> Result<Bitmap> {
    let one = |place: &Place<'_>| {
        let mut rows = library.no_rows();
        for doc in find(place)? {
            match place.rows[doc as usize] {
                item if scope == Scope::Question => {
                    library.item_rows(item).iter().for_each(|&row| rows.insert(row));
                }
                row => rows.insert(row),
            }
        }
        Ok(rows)
    };
    let found: Vec<Bitmap> = places.par_iter().map(one).collect::<Result<_>>()?;
    let mut rows = library.no_rows();
    for some in &found {
        rows.or(some);
    }
    rows.and(within);
    Ok(rows)
}

/// What is looked for in a place.
struct Sought {
    /// Words in a row.
    words: Vec<String>,
    /// The last of them may go on.
    prefix: bool,
    /// How often a document has them is wanted too.
    counted: bool,
}

fn failed(error: std::io::Error) -> Error {
    Error::Text(error.into())
}

/// Calls `take` with the documents of a place that have what is sought and that `wants` holds of, and
/// with how often they do if that is to be counted, else 1. A document may come more than
/// once: then its counts add up.
fn each(
    index: &TextIndex,
    place: &Place<'_>,
    sought: &Sought,
    cancel: &Cancel,
    wants: &dyn Fn(DocId) -> bool,
    take: &mut dyn FnMut(DocId, u32),
) -> Result<()> {
    let Sought { words, prefix, counted } = sought;
    let (terms, counted) = (place.inverted.terms(), *counted);
    match (words.as_slice(), *prefix) {
        ([word], false) => match terms.get(word.as_bytes()).map_err(failed)? {
            Some(info) => each_with_term(place, &info, counted, take),
            None => Ok(()),
        },
        ([word], true) => {
            let mut stream = terms.range().ge(word.as_bytes()).into_stream().map_err(failed)?;
            while stream.advance() && stream.key().starts_with(word.as_bytes()) {
                if cancel.is_cancelled() {
                    return Err(Error::Cancelled);
                }
                each_with_term(place, stream.value(), counted, take)?;
            }
            Ok(())
        }
        (_, false) => {
            let infos = words.iter().map(|word| terms.get(word.as_bytes()).map_err(failed));
            match infos.collect::<Result<Option<Vec<TermInfo>>>>()? {
                Some(infos) => each_with_phrase(place, &infos, counted, cancel, wants, take),
                None => Ok(()),
            }
        }
        // This looks through the whole segment: once.
        (_, true) if place.documents.start > 0 => Ok(()),
        (_, true) => {
            let terms = words.iter().map(|word| Term::from_field_text(place.field, word)).collect();
            let mut query = PhrasePrefixQuery::new(terms);
            query.set_max_expansions(u32::MAX);
            let weight = query.weight(EnableScoring::disabled_from_searcher(index.searcher()))?;
            weight.for_each_no_score(place.segment, &mut |docs: &[DocId]| {
                for &doc in docs {
                    take(doc, 1);
                }
            })?;
            Ok(())
        }
    }
}

fn each_with_term(
    place: &Place<'_>,
    info: &TermInfo,
    counted: bool,
    take: &mut dyn FnMut(DocId, u32),
) -> Result<()> {
    let option = if counted { IndexRecordOption::WithFreqs } else { IndexRecordOption::Basic };
    let mut blocks = place.inverted.read_block_postings_from_terminfo(info, option).map_err(failed)?;
    let Range { start, end } = place.documents;
    let mut from = if start > 0 { blocks.seek(start) } else { 0 };
    while !blocks.docs().is_empty() {
        let docs = blocks.docs();
        let to = if docs[docs.len() - 1] < end { docs.len() } else { docs.partition_point(|&doc| doc < end) };
        // A word that no document of the stretch has.
        let from_here = from.min(to);
        if counted {
            docs[from_here..to]
                .iter()
                .zip(&blocks.freqs()[from_here..to])
                .for_each(|(&doc, &n)| take(doc, n));
        } else {
            docs[from_here..to].iter().for_each(|&doc| take(doc, 1));
        }
        if to < docs.len() {
            break;
        }
        from = 0;
        blocks.advance();
    }
    Ok(())
}

fn each_with_phrase(
    place: &Place<'_>,
    infos: &[TermInfo],
    counted: bool,
    cancel: &Cancel,
    wants: &dyn Fn(DocId) -> bool,
    take: &mut dyn FnMut(DocId, u32),
) -> Result<()> {
    // The rarest word leads. With each word goes how far it stands before the last of the phrase.
    let mut words: Vec<(u32, SegmentPostings, u32)> = Vec::with_capacity(infos.len());
    for (before_last, info) in (0..).zip(infos.iter().rev()) {
        let option = IndexRecordOption::WithFreqsAndPositions;
        let postings = place.inverted.read_postings_from_terminfo(info, option).map_err(failed)?;
        words.push((info.doc_freq, postings, before_last));
    }
    words.sort_by_key(|(documents, ..)| *documents);
    let Some(((_, lead, lead_offset), others)) = words.split_first_mut() else { return Ok(()) };
    let (mut ends, mut positions) = (Vec::new(), Vec::new());
    let mut patience = PATIENCE;
    let Range { start, end } = place.documents;
    let mut doc = if lead.doc() < start { lead.seek(start) } else { lead.doc() };
    // The end of the documents is beyond every number of one.
    'documents: while doc < end {
        patience -= 1;
        if patience == 0 {
            if cancel.is_cancelled() {
                return Err(Error::Cancelled);
            }
            patience = PATIENCE;
        }
        if !wants(doc) {
            doc = lead.advance();
            continue;
        }
        for (_, postings, _) in others.iter_mut() {
            let at = if postings.doc() < doc { postings.seek(doc) } else { postings.doc() };
            if at != doc {
                doc = lead.seek(at);
                continue 'documents;
            }
        }
        lead.positions_with_offset(*lead_offset, &mut ends);
        for (_, postings, offset) in others.iter_mut() {
            postings.positions_with_offset(*offset, &mut positions);
            keep_common(&mut ends, &positions);
            if ends.is_empty() {
                break;
            }
        }
        if !ends.is_empty() {
            take(doc, if counted { ends.len() as u32 } else { 1 });
        }
        doc = lead.advance();
    }
    Ok(())
}

/// Keeps of a sorted list what is in another.
fn keep_common(list: &mut Vec<u32>, other: &[u32]) {
    let mut at = 0;
    list.retain(|&number| {
        while other.get(at).is_some_and(|&there| there < number) {
            at += 1;
        }
        other.get(at) == Some(&number)
    });
}

/// The documents of a place that have what a pattern requires.
fn possible(place: &Place<'_>, required: &Required, cancel: &Cancel) -> Result<Vec<DocId>> {
    let documents = place.segment.max_doc() as usize;
    let mut having: Vec<Bitmap> = required.stretches.iter().map(|_| Bitmap::empty(documents)).collect();
    let terms = place.inverted.terms();
    let mut within = Vec::new();
    for (i, stretch) in required.stretches.iter().enumerate() {
        match stretch {
            Stretch::Word(word) => {
                if let Some(info) = terms.get(word.as_bytes()).map_err(failed)? {
                    each_with_term(place, &info, false, &mut |doc, _| having[i].insert(doc))?;
                }
            }
            Stretch::Within(_) => match stretch.regex() {
                Some(regex) => within.push((i, regex)),
                None => having[i].insert_range(0..documents as u32),
            },
        }
    }
    if !within.is_empty() {
        let mut stream = terms.stream().map_err(failed)?;
        let mut patience = PATIENCE;
        while stream.advance() {
            patience -= 1;
            if patience == 0 {
                if cancel.is_cancelled() {
                    return Err(Error::Cancelled);
                }
                patience = PATIENCE;
            }
            // A word that is cut for its length may have a stretch across the cut.
            let cut = stream.key().len() >= MAX_WORD;
            let Ok(word) = std::str::from_utf8(stream.key()) else { continue };
            let mut docs: Option<Vec<DocId>> = None;
            for (i, regex) in &within {
                if !cut && !regex.is_match(word) {
                    continue;
                }
                if docs.is_none() {
                    let mut all = Vec::new();
                    each_with_term(place, stream.value(), false, &mut |doc, _| all.push(doc))?;
                    docs = Some(all);
                }
                docs.iter().flatten().for_each(|&doc| having[*i].insert(doc));
            }
        }
    }
    Ok(met(&required.need, &having, documents).iter().collect())
}

/// The documents that meet a need.
fn met(need: &Need, having: &[Bitmap], documents: usize) -> Bitmap {
    match need {
        Need::Stretch(i) => having[*i].clone(),
        Need::All(all) => {
            let mut docs = Bitmap::empty(documents);
            docs.insert_range(0..documents as u32);
            for need in all {
                docs.and(&met(need, having, documents));
            }
            docs
        }
        Need::Any(any) => {
            let mut docs = Bitmap::empty(documents);
            for need in any {
                docs.or(&met(need, having, documents));
            }
            docs
        }
    }
}
