//! A library as it is at one moment.

use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::ops::Range;
use std::path::Path;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use super::bitmap::Bitmap;
use super::chunk::{Chunk, Columns, Part, UNKNOWN, hash_of};
use super::facet::FieldIndex;
use super::folder;
use super::query::Field;
use super::row::Row;
use super::sort::Sort;
use super::store::{self, Found, State};
use super::table::{ConstraintInfo, ItemInfo, RunInfo, SourceInfo, Tables};
use super::text_index::{TextIndex, TextIndexSlot};
use crate::assess::RunFacts;
use crate::error::{Error, Reject, RejectKind, Result};
use crate::import;
use crate::path::shown;
use crate::record::{NO_CONSTRAINTS, Place, Record};

/// An immutable snapshot of the generations of a set of files.
///
/// Rows are numbered; a number means the same generation as long as the snapshot lives, but not in
/// another one: what is to be remembered is the [identity](Self::identity) of a row, or the row
/// [with its snapshot](super::Held). Numbers have gaps, so rows come from a
/// [`Selection`](super::Selection), never from counting.
pub struct Library {
    tables: Arc<Tables>,
    /// How to read each source.
    plan: Arc<[import::Source]>,
    rejects: Arc<[Reject]>,
    chunks: Vec<Arc<Chunk>>,
    /// First row number of each chunk: multiples of 64.
    bases: Vec<u32>,
    room: usize,
    live: Bitmap,
    len: usize,
    indexes: [OnceLock<FieldIndex>; Field::ALL.len()],
    by_item: OnceLock<ByItem>,
    shared_names: OnceLock<SharedNames>,
    text: Option<TextIndexSlot>,
    readers: Mutex<HashMap<u32, Arc<import::Reader>>>,
    pub(super) orders: Mutex<Vec<(Sort, Arc<[u32]>)>>,
}

/// Names that several items share.
#[derive(Debug, Default)]
pub(super) struct SharedNames {
    /// Ids that items of several groups have.
    pub(super) ambiguous: HashSet<Arc<str>>,
    /// Numbers of items that have both group and id from another, and differ in their constraints.
    pub(super) twice: HashSet<u32>,
}

/// The rows of each item, in library order.
struct ByItem {
    starts: Vec<u32>,
    rows: Vec<u32>,
}

impl Library {
    /// A snapshot of what a writer has, with the text index in its folder.
    pub(super) fn of(state: &State, dir: Option<&Path>) -> Self {
        Self::with_open(state, &Columns::default(), dir)
    }

    /// A snapshot of what a writer has, with the rows of a chunk that is not full.
    pub(super) fn with_open(state: &State, open: &Columns, dir: Option<&Path>) -> Self {
        let mut chunks: Vec<Arc<Chunk>> = state.chunks.iter().map(|stored| stored.chunk.clone()).collect();
        let mut dead: Vec<&[Range<u32>]> = state.chunks.iter().map(|stored| stored.dead.as_slice()).collect();
        if open.len() > 0 {
            chunks.push(Arc::new(Chunk::new(state.next_serial, open.clone())));
            dead.push(&[]);
        }
        let plan = state.sources.iter().map(|source| source.plan.clone()).collect();
        let mut library = Self::new(Arc::new(state.tables.clone()), plan, state.rejects(), chunks, &dead);
        library.text =
            dir.and_then(|dir| TextIndexSlot::new(&dir.join(folder::TEXT), state.epoch, &state.sound));
        library
    }

    /// The library in a folder, as its last commit left it. Nothing is compared with the files.
    pub fn open(dir: &Path) -> Result<Arc<Self>> {
        match store::load(dir)? {
            Found::Library(state) => Ok(Arc::new(Self::of(&state, Some(dir)))),
            Found::Nothing => Err(Error::NotFound(format!(
                "{}: no library here; `heedless index PATH` builds one",
                shown(dir)
            ))),
            Found::Useless(cause) => Err(Error::Library {
                path: dir.to_path_buf(),
                cause: format!("{cause}; `heedless index` builds it anew"),
            }),
        }
    }

    fn new(
        tables: Arc<Tables>,
        plan: Arc<[import::Source]>,
        rejects: Arc<[Reject]>,
        chunks: Vec<Arc<Chunk>>,
        dead: &[&[Range<u32>]],
    ) -> Self {
        let mut bases = Vec::with_capacity(chunks.len());
        let mut room = 0usize;
        for chunk in &chunks {
            bases.push(room as u32);
            room += chunk.columns.len().next_multiple_of(64);
        }
        let mut live = Bitmap::empty(room);
        for (i, (&base, chunk)) in bases.iter().zip(&chunks).enumerate() {
            live.insert_range(base..base + chunk.columns.len() as u32);
            for row in dead.get(i).into_iter().copied().flatten().cloned().flatten() {
                live.remove(base + row);
            }
        }
        let len = live.count();
        Self {
            tables,
            plan,
            rejects,
            chunks,
            bases,
            room,
            live,
            len,
            indexes: [const { OnceLock::new() }; Field::ALL.len()],
            by_item: OnceLock::new(),
            shared_names: OnceLock::new(),
            text: None,
            readers: Mutex::default(),
            orders: Mutex::default(),
        }
    }

    /// A library of nothing.
    pub fn empty() -> Self {
        Self::of(&State::default(), None)
    }

    /// Number of generations.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The runs, in the order in which they were met. One whose files went keeps its number, and has no
    /// generations.
    pub fn runs(&self) -> &[RunInfo] {
        &self.tables.runs
    }

    /// Numbers of the runs that have a generation.
    pub fn live_runs(&self) -> impl Iterator<Item = u32> + '_ {
        (0u32..).zip(self.runs()).filter(|(_, run)| run.generations > 0).map(|(number, _)| number)
    }

    /// The items.
    pub fn items(&self) -> &[ItemInfo] {
        &self.tables.items
    }

    /// The constraints that occur.
    pub fn constraints(&self) -> &[ConstraintInfo] {
        &self.tables.constraints
    }

    /// The files.
    pub fn sources(&self) -> &[SourceInfo] {
        &self.tables.sources
    }

    /// What could not be read.
    pub fn rejects(&self) -> &[Reject] {
        &self.rejects
    }

    /// What must be known of a run to judge one of its outputs.
    pub fn run_facts(&self, run: u32) -> RunFacts {
        let closes_traces = self.runs().get(run as usize).is_some_and(RunInfo::closes_traces);
        RunFacts { closes_traces }
    }

    /// Upper end of the row numbers.
    pub(super) fn room(&self) -> usize {
        self.room
    }

    /// The rows there are.
    pub(super) fn live(&self) -> &Bitmap {
        &self.live
    }

    /// The chunks with their first row numbers.
    pub(super) fn chunks(&self) -> impl Iterator<Item = (u32, &Chunk)> {
        self.bases.iter().copied().zip(self.chunks.iter().map(AsRef::as_ref))
    }

    /// The parts of the chunks with their first row numbers.
    pub(super) fn parts(&self) -> impl Iterator<Item = (u32, Part)> {
        self.chunks().flat_map(|(base, chunk)| {
            chunk.parts.iter().scan(base, |next, part| {
                let first = *next;
                *next += part.rows;
                Some((first, *part))
            })
        })
    }

    /// The chunk of a row and the place in it.
    pub(super) fn locate(&self, row: u32) -> (&Chunk, usize) {
        let i = self.bases.partition_point(|&base| base <= row).saturating_sub(1);
        (&self.chunks[i], (row - self.bases[i]) as usize)
    }

    /// A row, which a selection of this snapshot gave.
    ///
    /// # Panics
    /// When the number is not one of this snapshot's.
    pub fn row(&self, row: u32) -> Row<'_> {
        let (chunk, at) = self.locate(row);
        Row::new(self, chunk, at, row)
    }

    /// The values of a field with their rows, made when first needed.
    pub(super) fn index(&self, field: Field) -> &FieldIndex {
        let slot = Field::ALL.iter().position(|&f| f == field).unwrap_or_default();
        self.indexes[slot].get_or_init(|| FieldIndex::new(self, field))
    }

    fn by_item(&self) -> &ByItem {
        self.by_item.get_or_init(|| {
            let mut starts = vec![0u32; self.items().len() + 1];
            let each = |found: &mut dyn FnMut(u32, u32)| {
                for (base, chunk) in self.chunks() {
                    for (at, &item) in chunk.columns.item.iter().enumerate() {
                        let row = base + at as u32;
                        if self.live.has(row) {
                            found(item, row);
                        }
                    }
                }
            };
            each(&mut |item, _| starts[item as usize + 1] += 1);
            for i in 1..starts.len() {
                starts[i] += starts[i - 1];
            }
            let mut next = starts.clone();
            let mut rows = vec![0; self.len];
            each(&mut |item, row| {
                let slot = &mut next[item as usize];
                rows[*slot as usize] = row;
                *slot += 1;
            });
            ByItem { starts, rows }
        })
    }

    /// Names that several items share.
    pub(super) fn shared_names(&self) -> &SharedNames {
        self.shared_names.get_or_init(|| {
            let mut first: HashMap<&Arc<str>, u32> = HashMap::new();
            let mut full: HashMap<(&Arc<str>, &Arc<str>), u32> = HashMap::new();
            let mut shared = SharedNames::default();
            for (number, item) in (0u32..).zip(self.items()) {
                let other = *first.entry(&item.id).or_insert(number);
                if self.items()[other as usize].group != item.group {
                    shared.ambiguous.insert(item.id.clone());
                }
                let other = *full.entry((&item.group, &item.id)).or_insert(number);
                if other != number {
                    shared.twice.extend([other, number]);
                }
            }
            shared
        })
    }

    /// The rows of an item, in library order.
    pub fn item_rows(&self, item: u32) -> &[u32] {
        let by_item = self.by_item();
        match by_item.starts.get(item as usize..item as usize + 2) {
            Some(&[start, end]) => &by_item.rows[start as usize..end as usize],
            _ => &[],
        }
    }

    /// The generations of the same question in all other runs: the same sample where there is one,
    /// else the run's first. The item of a run without constraints counts as the same.
    pub fn same_item(&self, row: u32) -> Vec<u32> {
        let here = self.row(row);
        // Of each run the row to show, in the order in which the runs come.
        let mut best: Vec<u32> = Vec::new();
        let mut place: HashMap<u32, usize> = HashMap::new();
        for &other in self.item_rows(here.item_number()) {
            let other = self.row(other);
            let run = other.run_number();
            if run == here.run_number() {
                continue;
            }
            match place.get(&run) {
                None => {
                    place.insert(run, best.len());
                    best.push(other.id());
                }
                Some(&at) if other.sample() == here.sample() => {
                    if self.row(best[at]).sample() != here.sample() {
                        best[at] = other.id();
                    }
                }
                Some(_) => {}
            }
        }
        best
    }

    /// The same model's generation for the same item without constraints, if there is such a run:
    /// the same sample where there is one, else its first.
    pub fn twin(&self, row: u32) -> Option<u32> {
        let here = self.row(row);
        let run = &here.run().run;
        if run.condition == NO_CONSTRAINTS {
            return None;
        }
        let twins = || {
            self.item_rows(here.item_number()).iter().copied().filter(|&other| {
                let other = &self.row(other).run().run;
                other.condition == NO_CONSTRAINTS && other.model == run.model
            })
        };
        twins().find(|&other| self.row(other).sample() == here.sample()).or_else(|| twins().next())
    }

    /// All samples of the row's item in its run, the row itself among them, by number.
    pub fn samples(&self, row: u32) -> Vec<u32> {
        let here = self.row(row);
        let mut rows: Vec<u32> = self
            .item_rows(here.item_number())
            .iter()
            .copied()
            .filter(|&other| self.row(other).run_number() == here.run_number())
            .collect();
        rows.sort_by_key(|&r| (self.row(r).sample(), r));
        rows
    }

    /// How many generations have their text indexed. Text of the others is looked up by reading.
    pub fn text_rows(&self) -> usize {
        self.text.as_ref().map_or(0, |text| text.count(self))
    }

    /// The text index; `None` when there is none. Fails with what is damaged when it cannot be used. The
    /// first call compares the checksums of its files.
    pub(super) fn text(&self) -> Result<Option<&TextIndex>, &str> {
        self.text.as_ref().map_or(Ok(None), TextIndexSlot::get)
    }

    /// The reader of a file, opened once.
    pub(super) fn reader(&self, source: u32) -> Result<Arc<import::Reader>> {
        let readers = || self.readers.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(reader) = readers().get(&source) {
            return Ok(reader.clone());
        }
        // Opened without the lock: items are parsed on all threads, and those may be waiting for it.
        let plan = &self.plan[source as usize];
        let failed = |rejects: Vec<Reject>| {
            let unreadable = rejects.into_iter().find(|reject| reject.kind == RejectKind::Unreadable);
            match unreadable.filter(|reject| reject.path.exists()) {
                Some(reject) => Error::io(&*reject.path, std::io::Error::other(reject.message)),
                None => Error::Changed { path: plan.path.clone() },
            }
        };
        let reader = Arc::new(import::Reader::open(plan).map_err(failed)?);
        Ok(readers().entry(source).or_insert(reader).clone())
    }

    /// Opens the readers that some rows need, before all threads read those rows: else each would open
    /// them for itself. Those that cannot be opened are left to whoever reads a row.
    pub(super) fn open_readers(&self, rows: impl IntoIterator<Item = u32>) {
        let mut last = None;
        for row in rows {
            let source = self.row(row).source_number();
            if last.replace(source) != Some(source) {
                let _ = self.reader(source);
            }
        }
    }

    /// Reads a generation back from its file. [`Error::Changed`] when what lies there is no longer
    /// what was indexed.
    pub fn read(&self, row: u32) -> Result<Record> {
        let row = self.row(row);
        let path: &Arc<Path> = &row.source().path;
        let place =
            Place { path: path.clone(), line: u64::from(row.line()), byte: row.byte(), len: row.line_len() };
        let reader = self.reader(row.source_number())?;
        let line = read_at(path, place.byte, place.len)?;
        let mut records = Vec::new();
        let changed = || Error::Changed { path: path.to_path_buf() };
        reader.parse(&line, &place, &mut records).map_err(|_| changed())?;
        if row.part() >= records.len() {
            return Err(changed());
        }
        let mut record = records.swap_remove(row.part());
        if hash_of(&record) != row.hash() {
            return Err(changed());
        }
        record.generation.sample = row.sample();
        record.run = row.run().run.clone();
        Ok(record)
    }
}

/// Reads a stretch of a file. A file that ends before is a changed one.
fn read_at(path: &Path, byte: u64, len: u32) -> Result<Vec<u8>> {
    let fail = |error: std::io::Error| match error.kind() {
        std::io::ErrorKind::UnexpectedEof | std::io::ErrorKind::NotFound => {
            Error::Changed { path: path.to_path_buf() }
        }
        _ => Error::io(path, error),
    };
    let mut file = File::open(path).map_err(fail)?;
    file.seek(SeekFrom::Start(byte)).map_err(fail)?;
    let mut line = vec![0; len as usize];
    file.read_exact(&mut line).map_err(fail)?;
    Ok(line)
}

/// `None` for a number that is not known.
pub(super) fn known(number: u32) -> Option<u32> {
    (number != UNKNOWN).then_some(number)
}

impl std::fmt::Debug for Library {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Library")
            .field("generations", &self.len)
            .field("runs", &self.runs().len())
            .field("chunks", &self.chunks.len())
            .finish_non_exhaustive()
    }
}
