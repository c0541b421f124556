//! The text index: which rows have which words. Nothing else is in it, and no text is stored.
//!
//! A row is known by the number of its part and its place in it, which stay the same when other
//! rows come and go; a question is indexed once, under the number of its item. Which rows are
//! indexed is written into the very commit that holds them, so index and bookkeeping cannot part.
//!
//! A damaged index must not be searched: tantivy panics on some damaged bytes and answers wrongly on
//! others. So the checksums of all its files are compared before it is opened, which is when a
//! snapshot first needs it. What a damaged index would have told is read from the user's files until
//! `heedless index` has rebuilt it.

use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use tantivy::directory::Directory as _;
use tantivy::directory::error::OpenReadError;
use tantivy::schema::{FAST, Field, IndexRecordOption, Schema, TextFieldIndexing, TextOptions};
use tantivy::tokenizer::{TextAnalyzer, Token, TokenStream, Tokenizer};
use tantivy::{Index, ReloadPolicy, Searcher, TantivyError};

use super::bitmap::Bitmap;
use super::chunk::Part;
use super::query::Scope;
use super::snapshot::Library;
use super::text_directory::TextDirectory;
use super::text_search::{DocumentRows, rows_with_documents};
use super::words::Words;
use crate::error::Result;
use crate::path::shown;

/// Marks the number of an item instead of a row.
pub(super) const ITEM: u64 = 1 << 63;
/// Name of the tokenizer in the schema.
const WORDS: &str = "words";
/// The list of segments with what a commit covers: tantivy's name for it.
const META: &str = "meta.json";
/// The list of the files of an index: tantivy's name for it.
const MANAGED: &str = ".managed.json";

/// What a commit covers.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Covered {
    /// The library it belongs to: see `State::epoch`.
    pub(super) epoch: u64,
    /// Documents written: a row or a question each.
    pub(super) documents: u64,
    pub(super) parts: Numbers,
    pub(super) items: Numbers,
    /// Rows of those parts that could not be read when their turn came, by place in their part: they
    /// are not indexed, and tried again by the next build.
    pub(super) unread: BTreeMap<u32, Numbers>,
}

impl Covered {
    /// The rows whose text is in the index, as far as the snapshot has them.
    fn rows(&self, library: &Library) -> Bitmap {
        let mut rows = library.no_rows();
        for (first, part) in library.parts().filter(|(_, part)| self.parts.0.contains(&part.serial)) {
            rows.insert_range(first..first + part.rows);
            for at in self.unread_of(part) {
                rows.remove(first + at);
            }
        }
        rows.and(library.live());
        rows
    }

    /// The rows of a covered part that are not indexed.
    pub(super) fn unread_of(&self, part: Part) -> impl Iterator<Item = u32> + '_ {
        let unread = self.unread.get(&part.serial).into_iter().flat_map(|unread| unread.0.iter().copied());
        unread.filter(move |&at| at < part.rows)
    }
}

/// A set of numbers that mostly follow on one another; written as its stretches.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(from = "Vec<(u32, u32)>", into = "Vec<(u32, u32)>")]
pub(super) struct Numbers(pub(super) HashSet<u32>);

impl From<Vec<(u32, u32)>> for Numbers {
    fn from(stretches: Vec<(u32, u32)>) -> Self {
        Self(stretches.into_iter().flat_map(|(first, last)| first..=last).collect())
    }
}

impl From<Numbers> for Vec<(u32, u32)> {
    fn from(numbers: Numbers) -> Self {
        let mut all: Vec<u32> = numbers.0.into_iter().collect();
        all.sort_unstable();
        all.chunk_by(|a, b| a + 1 == *b).map(|run| (run[0], run[run.len() - 1])).collect()
    }
}

/// Files of segments whose checksums were compared and right. A file of a segment is written once, so
/// that once is enough for the snapshots that come of one reading of the library. Clones are one
/// and the same.
#[derive(Debug, Clone, Default)]
pub(super) struct SoundFiles(Arc<Mutex<HashSet<PathBuf>>>);

/// The text index as a snapshot has it: opened when it is first needed.
pub(super) struct TextIndexSlot {
    dir: PathBuf,
    epoch: u64,
    /// What the commit that was there when the snapshot was made covers.
    covered: Covered,
    sound: SoundFiles,
    opened: OnceLock<Result<Option<TextIndex>, String>>,
}

impl TextIndexSlot {
    /// The index in a folder; `None` when there is none that belongs to the library.
    pub(super) fn new(dir: &Path, epoch: u64, sound: &SoundFiles) -> Option<Self> {
        let (covered, opened) = match commit(dir) {
            Ok(commit) => (commit.filter(|covered| covered.epoch == epoch)?, OnceLock::new()),
            Err(damage) => (Covered::default(), OnceLock::from(Err(damage))),
        };
        Some(Self { dir: dir.to_path_buf(), epoch, covered, sound: sound.clone(), opened })
    }

    /// The index, whose checksums are compared the first time. `None` when it is no longer there; what
    /// is damaged when it cannot be used.
    pub(super) fn get(&self) -> Result<Option<&TextIndex>, &str> {
        // Opened without the cell's lock: checksums are compared on all threads.
        let opened = if let Some(opened) = self.opened.get() {
            opened
        } else {
            let opened = TextIndex::open(&self.dir, self.epoch, &self.sound);
            self.opened.get_or_init(|| opened)
        };
        opened.as_ref().map(Option::as_ref).map_err(String::as_str)
    }

    /// How many rows are indexed, as far as is known without opening the index.
    pub(super) fn count(&self, library: &Library) -> usize {
        match self.opened.get() {
            Some(Ok(Some(index))) => index.rows(library).count(),
            Some(_) => 0,
            None => self.covered.rows(library).count(),
        }
    }
}

/// The text index at one commit.
pub(super) struct TextIndex {
    searcher: Searcher,
    fields: Fields,
    covered: Covered,
    /// See [`Covered::rows`].
    rows: OnceLock<Bitmap>,
    pub(super) document_rows: OnceLock<DocumentRows>,
}

#[derive(Clone, Copy)]
pub(super) struct Fields {
    /// Trace and answer.
    pub(super) output: [Field; 2],
    pub(super) question: Field,
    pub(super) row: Field,
}

pub(super) fn schema() -> (Schema, Fields) {
    let mut schema = Schema::builder();
    let indexing = TextFieldIndexing::default()
        .set_tokenizer(WORDS)
        .set_fieldnorms(false)
        .set_index_option(IndexRecordOption::WithFreqsAndPositions);
    let text = TextOptions::default().set_indexing_options(indexing);
    let fields = Fields {
        output: ["trace", "answer"].map(|name| schema.add_text_field(name, text.clone())),
        question: schema.add_text_field("question", text),
        row: schema.add_u64_field("row", FAST),
    };
    (schema.build(), fields)
}

pub(super) fn with_words(index: Index) -> Index {
    index.tokenizers().register(WORDS, TextAnalyzer::from(WordTokenizer));
    index
}

/// Opens an index without looking at its segments: `None` when there is none.
fn open_index(dir: &Path) -> Result<Option<Index>, String> {
    if !dir.join(META).exists() {
        return Ok(None);
    }
    // Without the list tantivy would take it that there are no files.
    if !dir.join(MANAGED).exists() {
        return Err(format!("{MANAGED}: missing"));
    }
    let open = || Index::open(TextDirectory::open(dir)?);
    let index = open().map_err(|error| cause(&error))?;
    // Another version made it.
    Ok((index.schema() == schema().0).then(|| with_words(index)))
}

/// Why an index cannot be opened, in the words of whoever found out: the file and what is wrong with it.
fn cause(error: &TantivyError) -> String {
    match error {
        TantivyError::OpenReadError(OpenReadError::IoError { io_error, filepath }) => {
            format!("{}: {io_error}", shown(filepath))
        }
        TantivyError::OpenReadError(OpenReadError::FileDoesNotExist(file)) => {
            format!("{}: missing", shown(file))
        }
        error => error.to_string(),
    }
}

/// What the last commit covers: `None` when there is none of this version.
fn commit(dir: &Path) -> Result<Option<Covered>, String> {
    undisturbed(dir, || open_index(dir)?.map_or(Ok(None), |index| covered(&index)))
}

/// What an index covers: `None` before its first commit.
fn covered(index: &Index) -> Result<Option<Covered>, String> {
    let payload = index.load_metas().map_err(|error| cause(&error))?.payload;
    payload.map(|text| serde_json::from_str(&text).map_err(|error| format!("{META}: {error}"))).transpose()
}

/// Looks at an index, again while what seems to be damage is a writer at work, which deletes what it has
/// merged or builds anew.
fn undisturbed<T>(dir: &Path, look: impl Fn() -> Result<T, String>) -> Result<T, String> {
    loop {
        let before = std::fs::read(dir.join(META)).ok();
        let found = look();
        if found.is_ok() || std::fs::read(dir.join(META)).ok() == before {
            return found;
        }
    }
}

/// The files of an index that are damaged or missing, in order of name, those left out that are known
/// to be sound.
fn damaged_files(index: &Index, sound: &SoundFiles) -> Result<Vec<String>, String> {
    let directory = index.directory();
    let managed = directory.list_managed_files();
    let metas = index.load_metas().map_err(|error| cause(&error))?;
    let mut files: Vec<PathBuf> = metas.list_segment_files().into_iter().collect();
    {
        let sound = sound.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Components that a segment does not have were never written.
        files.retain(|file| managed.contains(file) && !sound.contains(file));
    }
    files.sort();
    let is_sound = |file: &PathBuf| directory.validate_checksum(file).unwrap_or(false);
    let (good, bad): (Vec<PathBuf>, Vec<PathBuf>) = files.into_par_iter().partition(is_sound);
    sound.0.lock().unwrap_or_else(PoisonError::into_inner).extend(good);
    let named = |file: &PathBuf| {
        let what = if directory.exists(file).unwrap_or(false) { "its checksum is wrong" } else { "missing" };
        format!("{}: {what}", shown(file))
    };
    Ok(bad.iter().map(named).collect())
}

/// The index of a folder with its checksums compared, and what it covers. `None` when there is none;
/// what is damaged when it cannot be used.
pub(super) fn sound_index(dir: &Path, sound: &SoundFiles) -> Result<Option<(Index, Covered)>, String> {
    undisturbed(dir, || {
        let Some(index) = open_index(dir)? else { return Ok(None) };
        let damaged = damaged_files(&index, sound)?;
        if !damaged.is_empty() {
            return Err(damaged.join(", "));
        }
        Ok(covered(&index)?.map(|covered| (index, covered)))
    })
}

/// Compares the checksums of all files of an index: what is damaged, if anything is.
pub(super) fn damage(dir: &Path, sound: &SoundFiles) -> Option<String> {
    sound_index(dir, sound).err()
}

impl TextIndex {
    /// Opens the index of a library; `None` when there is none that belongs to it.
    fn open(dir: &Path, epoch: u64, sound: &SoundFiles) -> Result<Option<Self>, String> {
        loop {
            let Some((index, found)) = sound_index(dir, sound)? else { return Ok(None) };
            if found.epoch != epoch {
                return Ok(None);
            }
            let open = || index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into();
            let reader = match open() {
                Ok(reader) => reader,
                Err(_) if covered(&index).is_ok_and(|now| now.as_ref() != Some(&found)) => continue,
                Err(error) => return Err(cause(&error)),
            };
            let searcher = reader.searcher();
            if covered(&index)?.as_ref() == Some(&found) {
                let (rows, document_rows) = (OnceLock::new(), OnceLock::new());
                return Ok(Some(Self { searcher, fields: schema().1, covered: found, rows, document_rows }));
            }
            // A commit came in between: what it covers and what is searched would not be the same.
        }
    }

    /// The rows of the snapshot whose text is in the index.
    pub(super) fn rows(&self, library: &Library) -> &Bitmap {
        self.rows.get_or_init(|| self.covered.rows(library))
    }

    /// The index, to be asked.
    pub(super) fn searcher(&self) -> &Searcher {
        &self.searcher
    }

    /// The fields that a scope looks in.
    pub(super) fn fields(&self, scope: Scope) -> &[Field] {
        match scope {
            Scope::Output => &self.fields.output,
            Scope::Trace => &self.fields.output[..1],
            Scope::Answer => &self.fields.output[1..],
            Scope::Question => std::slice::from_ref(&self.fields.question),
        }
    }

    /// What does not add up: documents against those written, and rows with a document against those
    /// that the index says it covers.
    pub(super) fn miscounted(&self, library: &Library) -> Result<Vec<String>> {
        let mut wrong = Vec::new();
        let (found, written) = (self.searcher.num_docs(), self.covered.documents);
        if found != written {
            wrong.push(format!("the text index has {found} documents, {written} were written"));
        }
        let mut missing = self.rows(library).clone();
        missing.and_not(&rows_with_documents(self, library)?);
        if !missing.is_empty() {
            let generations = if missing.count() == 1 { "generation" } else { "generations" };
            let lacks = format!("the text index lacks {} {generations}", missing.count());
            wrong.push(format!("{lacks} that it says it has; `heedless index --fresh` rebuilds it"));
        }
        Ok(wrong)
    }
}

/// [`Words`] as the index wants them.
#[derive(Clone)]
struct WordTokenizer;

struct WordStream<'a> {
    words: Words<'a>,
    token: Token,
}

impl Tokenizer for WordTokenizer {
    type TokenStream<'a> = WordStream<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> WordStream<'a> {
        WordStream { words: Words::new(text), token: Token::default() }
    }
}

impl TokenStream for WordStream<'_> {
    fn advance(&mut self) -> bool {
        let Some(range) = self.words.advance() else { return false };
        let token = &mut self.token;
        token.position = token.position.wrapping_add(1);
        (token.offset_from, token.offset_to) = (range.start, range.end);
        token.text.clear();
        token.text.push_str(self.words.word());
        true
    }

    fn token(&self) -> &Token {
        &self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        &mut self.token
    }
}
