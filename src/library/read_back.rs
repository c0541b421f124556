//! Many generations read back from their files: for the text index and for looking up what is not
//! in it.

use std::collections::HashMap;
use std::fs::File;
use std::os::unix::fs::FileExt as _;
use std::sync::{Arc, Mutex, PoisonError};

use rayon::prelude::*;

use super::build::Cancel;
use super::snapshot::Library;
use crate::record::{Place, Record};
use crate::split::Split;

/// Files held open while many rows are read.
#[derive(Default)]
struct Files(Mutex<HashMap<u32, Option<Arc<File>>>>);

impl Files {
    fn get(&self, library: &Library, source: u32) -> Option<Arc<File>> {
        let mut files = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let open = || File::open(&library.sources()[source as usize].path).ok().map(Arc::new);
        files.entry(source).or_insert_with(open).clone()
    }
}

impl Library {
    /// Reads rows, which are in library order, on all threads, and gives what `look` makes of each.
    /// `None` stands for a row that could not be read back, and for those left when cancelled.
    pub(super) fn read_back<T: Send>(
        &self,
        rows: &[u32],
        cancel: &Cancel,
        look: impl Fn(u32, &Record, &Split) -> T + Sync,
    ) -> Vec<Option<T>> {
        let files = Files::default();
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
                let records = if cancel.is_cancelled() { None } else { self.read_line(&files, rows[0]) }
                    .unwrap_or_default();
                let one = |&row: &u32| {
                    let row = self.row(row);
                    let record =
                        records.get(row.part()).filter(|record| record.content_key().0 == row.hash())?;
                    let split = Split::of(&record.generation, self.run_facts(row.run_number()).closes_traces);
                    Some(look(row.id(), record, &split))
                };
                rows.iter().map(one).collect::<Vec<_>>()
            })
            .collect()
    }

    /// The records of the line that a row lies on.
    fn read_line(&self, files: &Files, row: u32) -> Option<Vec<Record>> {
        let row = self.row(row);
        let reader = self.reader(row.source_number()).ok()?;
        let file = files.get(self, row.source_number())?;
        let mut line = vec![0; row.line_len() as usize];
        file.read_exact_at(&mut line, row.byte()).ok()?;
        let path = row.source().path.clone();
        let place = Place { path, line: u64::from(row.line()), byte: row.byte(), len: row.line_len() };
        let mut records = Vec::new();
        reader.parse(&line, &place, &mut records).ok()?;
        Some(records)
    }
}
