//! Many generations read back from their files: for the text index and for looking up what is not
//! in it.

use std::fs::File;
use std::io;
use std::num::NonZeroUsize;
use std::os::unix::fs::FileExt as _;
use std::sync::{Arc, Mutex, PoisonError};

use lru::LruCache;
use rayon::prelude::*;

use super::build::Cancel;
use super::snapshot::Library;
use crate::error::Error;
use crate::path::shown;
use crate::record::{Place, Record};
use crate::split::Split;

/// Files held open at a time. Rows are read in library order, so a file is rarely opened twice; and
/// a library of thousands of files must not run into the limit on open files.
const OPEN_FILES: NonZeroUsize = NonZeroUsize::new(32).expect("not zero");

/// Why a generation could not be read back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Unread {
    /// What lies at its place is no longer what was indexed, or its file is gone.
    Changed,
    /// The file could not be read, although it may be unchanged: the file and the system's words.
    Failed(Arc<str>),
    /// The work was cancelled.
    Cancelled,
}

/// How many generations could not be read back, and why.
#[derive(Debug, Clone, Default)]
pub(super) struct UnreadCount {
    changed: usize,
    failed: usize,
    /// The first failure.
    cause: Option<Arc<str>>,
}

impl UnreadCount {
    pub(super) fn add(&mut self, unread: &Unread) {
        match unread {
            Unread::Changed => self.changed += 1,
            Unread::Failed(cause) => {
                self.failed += 1;
                self.cause.get_or_insert_with(|| cause.clone());
            }
            Unread::Cancelled => {}
        }
    }

    /// Generations that could not be read.
    pub(super) fn total(&self) -> usize {
        self.changed + self.failed
    }

    /// How many, why, and what to do, as sentences without a full stop; empty when all were read.
    pub(super) fn sentences(&self) -> Vec<String> {
        let generations = |n: usize| match n {
            1 => "1 generation".to_owned(),
            n => format!("{n} generations"),
        };
        let mut all = Vec::new();
        if self.changed > 0 {
            all.push(format!(
                "{} could not be read back: their files changed; `heedless index` reads them again",
                generations(self.changed)
            ));
        }
        if let Some(cause) = &self.cause {
            all.push(format!("{} could not be read back: {cause}", generations(self.failed)));
        }
        all
    }
}

/// Files held open while many rows are read.
struct Files(Mutex<LruCache<u32, Arc<File>>>);

impl Files {
    fn new() -> Self {
        Self(Mutex::new(LruCache::new(OPEN_FILES)))
    }

    fn get(&self, library: &Library, source: u32) -> io::Result<Arc<File>> {
        let mut files = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(file) = files.get(&source) {
            return Ok(file.clone());
        }
        let file = Arc::new(File::open(&library.sources()[source as usize].path)?);
        files.put(source, file.clone());
        Ok(file)
    }
}

impl Library {
    /// Reads rows, which are in library order, on all threads, and gives what `look` makes of each, or
    /// why it could not be read.
    pub(super) fn read_back<T: Send>(
        &self,
        rows: &[u32],
        cancel: &Cancel,
        look: impl Fn(u32, &Record, &Split) -> T + Sync,
    ) -> Vec<Result<T, Unread>> {
        self.open_readers(rows.iter().copied());
        let files = Files::new();
        // Samples of one line are parsed once.
        let lines: Vec<&[u32]> = rows
            .chunk_by(|&a, &b| {
                let (a, b) = (self.row(a), self.row(b));
                a.source_number() == b.source_number() && a.byte() == b.byte()
            })
            .collect();
        lines
            .into_par_iter()
            .with_min_len(16)
            .flat_map_iter(|rows| {
                let records = if cancel.is_cancelled() {
                    Err(Unread::Cancelled)
                } else {
                    self.read_line(&files, rows[0])
                };
                let one = |&row: &u32| {
                    let records = records.as_ref().map_err(Clone::clone)?;
                    let row = self.row(row);
                    let record = records
                        .get(row.part())
                        .filter(|record| record.content_key().0 == row.hash())
                        .ok_or(Unread::Changed)?;
                    let split = Split::of(&record.generation, self.run_facts(row.run_number()).closes_traces);
                    Ok(look(row.id(), record, &split))
                };
                rows.iter().map(one).collect::<Vec<_>>()
            })
            .collect()
    }

    /// The records of the line that a row lies on.
    fn read_line(&self, files: &Files, row: u32) -> Result<Vec<Record>, Unread> {
        let row = self.row(row);
        let path = row.source().path.clone();
        let failed = |error: io::Error| match error.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::UnexpectedEof => Unread::Changed,
            _ => Unread::Failed(format!("{}: {error}", shown(&path)).into()),
        };
        let file = files.get(self, row.source_number()).map_err(failed)?;
        let reader = self.reader(row.source_number()).map_err(|error| match error {
            Error::Io { .. } => Unread::Failed(error.to_string().into()),
            _ => Unread::Changed,
        })?;
        let mut line = vec![0; row.line_len() as usize];
        file.read_exact_at(&mut line, row.byte()).map_err(failed)?;
        let place = Place { path, line: u64::from(row.line()), byte: row.byte(), len: row.line_len() };
        let mut records = Vec::new();
        reader.parse(&line, &place, &mut records).map_err(|_| Unread::Changed)?;
        Ok(records)
    }
}
