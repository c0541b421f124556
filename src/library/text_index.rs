//! The text index: which rows have which words. Nothing else is in it, and no text is stored.
//!
//! A row is known by the number of its part and its place in it, which stay the same when other
//! rows come and go; a question is indexed once, under the number of its item. Which parts are
//! indexed is written into the very commit that holds them, so index and bookkeeping cannot part.

use std::collections::HashSet;
use std::path::Path;
use std::sync::OnceLock;

use serde::{Deserialize, Serialize};
use tantivy::schema::{FAST, Field, IndexRecordOption, Schema, TextFieldIndexing, TextOptions};
use tantivy::tokenizer::{TextAnalyzer, Token, TokenStream, Tokenizer};
use tantivy::{Index, IndexWriter, ReloadPolicy, Searcher, TantivyDocument};

use super::build::Cancel;
use super::query::Scope;
use super::snapshot::Library;
use super::store::Lock;
use super::text_search::DocumentRows;
use super::words::Words;
use crate::error::{Error, Result};

/// Memory of one indexing thread; there are two.
const BUDGET: usize = 64 << 20;
const THREADS: usize = 2;
/// Text is committed after about this many bytes, so that little is done twice after a crash.
const COMMIT_BYTES: u64 = 256 << 20;
/// Rows read at a time.
const ROWS: usize = 2048;
/// Marks the number of an item instead of a row.
pub(super) const ITEM: u64 = 1 << 63;
/// Name of the tokenizer in the schema.
const WORDS: &str = "words";

/// What a commit covers.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
struct Covered {
    /// The library it belongs to: see `State::epoch`.
    epoch: u64,
    /// Documents written: a row or a question each.
    documents: u64,
    parts: Numbers,
    items: Numbers,
}

/// A set of numbers that mostly follow on one another; written as its stretches.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(from = "Vec<(u32, u32)>", into = "Vec<(u32, u32)>")]
struct Numbers(HashSet<u32>);

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

/// The text index at one commit.
pub(super) struct TextIndex {
    searcher: Searcher,
    fields: Fields,
    covered: Covered,
    pub(super) document_rows: OnceLock<DocumentRows>,
}

#[derive(Clone, Copy)]
struct Fields {
    /// Trace and answer.
    output: [Field; 2],
    question: Field,
    row: Field,
}

fn schema() -> (Schema, Fields) {
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

fn with_words(index: Index) -> Index {
    index.tokenizers().register(WORDS, TextAnalyzer::from(WordTokenizer));
    index
}

impl TextIndex {
    /// Opens the index of a library; `None` when there is none that belongs to it.
    pub(super) fn open(dir: &Path, epoch: u64) -> Option<Self> {
        let index = with_words(Index::open_in_dir(dir).ok()?);
        let (schema, fields) = schema();
        if index.schema() != schema {
            return None;
        }
        let mut found = covered(&index)?;
        loop {
            let reader = index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into().ok()?;
            let (searcher, covered) = (reader.searcher(), covered(&index)?);
            if covered == found {
                let document_rows = OnceLock::new();
                return (covered.epoch == epoch).then_some(Self { searcher, fields, covered, document_rows });
            }
            // A commit came in between: what it covers and what is searched would not be the same.
            found = covered;
        }
    }

    /// Whether a part is indexed.
    pub(super) fn covers(&self, serial: u32) -> bool {
        self.covered.parts.0.contains(&serial)
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
}

/// Whether the index has as many documents as were put into it.
pub(super) fn miscounted(library: &Library) -> Option<String> {
    let text = library.text.as_ref()?;
    let (found, written) = (text.searcher.num_docs(), text.covered.documents);
    (found != written).then(|| format!("the text index has {found} documents, {written} were written"))
}

fn covered(index: &Index) -> Option<Covered> {
    serde_json::from_str(&index.load_metas().ok()?.payload?).ok()
}

/// Indexes the text of every chunk that is not indexed yet. `told` hears how many rows are done; an
/// index that belongs to another library or cannot be read is built anew.
pub(super) fn complete(
    dir: &Path,
    epoch: u64,
    library: &Library,
    _lock: &Lock,
    cancel: &Cancel,
    told: &mut dyn FnMut(usize, bool),
) -> Result<()> {
    let io = |error| Error::io(dir, error);
    std::fs::create_dir_all(dir).map_err(io)?;
    // What a writer that died was about to write.
    for entry in std::fs::read_dir(dir).map_err(io)?.flatten() {
        if entry.file_name().to_string_lossy().starts_with(".tmp") {
            let _ = std::fs::remove_file(entry.path());
        }
    }
    let (schema, fields) = schema();
    let known = Index::open_in_dir(dir).ok().filter(|index| index.schema() == schema);
    let known = known.and_then(|index| covered(&index).filter(|c| c.epoch == epoch).map(|c| (index, c)));
    let (index, mut covered) = if let Some(known) = known {
        known
    } else {
        std::fs::remove_dir_all(dir).map_err(io)?;
        std::fs::create_dir_all(dir).map_err(io)?;
        (Index::create_in_dir(dir, schema)?, Covered { epoch, ..Covered::default() })
    };
    let index = with_words(index);
    let mut writer: IndexWriter = index.writer_with_num_threads(THREADS, BUDGET * THREADS)?;
    let commit = |writer: &mut IndexWriter, covered: &Covered| -> Result<()> {
        let mut prepared = writer.prepare_commit()?;
        prepared.set_payload(&serde_json::to_string(covered).expect("numbers always serialize"));
        // The files of the segments are on disk now; so must their names be.
        super::place::sync_dir(dir)?;
        prepared.commit()?;
        Ok(())
    };
    let mut done = 0;
    let mut bytes = 0;
    for (first, part) in library.parts() {
        let rows: Vec<u32> = (first..first + part.rows).filter(|&row| library.live().has(row)).collect();
        if covered.parts.0.contains(&part.serial) {
            done += rows.len();
            continue;
        }
        for group in rows.chunks(ROWS) {
            if cancel.is_cancelled() {
                return Err(Error::Cancelled);
            }
            let new_item = |row: u32| !covered.items.0.contains(&library.row(row).item_number());
            let firsts: HashSet<u32> = {
                let mut seen = HashSet::new();
                group
                    .iter()
                    .copied()
                    .filter(|&r| new_item(r) && seen.insert(library.row(r).item_number()))
                    .collect()
            };
            let added = library.read_back(group, cancel, |row, record, split| -> Result<u64> {
                let mut document = TantivyDocument::default();
                let text = &record.generation.text;
                for (field, part) in fields.output.into_iter().zip([&split.trace, &split.answer]) {
                    document.add_text(field, &text[part.clone()]);
                }
                document.add_u64(fields.row, u64::from(part.serial) << 32 | u64::from(row - first));
                writer.add_document(document)?;
                if firsts.contains(&row) {
                    let mut document = TantivyDocument::default();
                    document.add_text(fields.question, &record.item.question);
                    document.add_u64(fields.row, ITEM | u64::from(library.row(row).item_number()));
                    writer.add_document(document)?;
                }
                Ok(text.len() as u64)
            });
            for (&row, added) in group.iter().zip(added) {
                // A row whose file changed cannot be indexed; its file is read anew next time.
                if let Some(added) = added {
                    bytes += added?;
                    covered.documents += 1 + u64::from(firsts.contains(&row));
                    if firsts.contains(&row) {
                        covered.items.0.insert(library.row(row).item_number());
                    }
                }
            }
            done += group.len();
            told(done, false);
        }
        if cancel.is_cancelled() {
            return Err(Error::Cancelled);
        }
        covered.parts.0.insert(part.serial);
        if bytes >= COMMIT_BYTES {
            commit(&mut writer, &covered)?;
            bytes = 0;
            told(done, true);
        }
    }
    let present: HashSet<u32> = library.parts().map(|(_, part)| part.serial).collect();
    covered.parts.0.retain(|serial| present.contains(serial));
    commit(&mut writer, &covered)?;
    writer.wait_merging_threads()?;
    Ok(())
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
