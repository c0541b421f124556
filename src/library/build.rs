//! Files into a library: parse, assess, fill columns; several threads, one order.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use rayon::prelude::*;

use super::chunk::{Chunk, Columns, Placing, hash_of};
use super::snapshot::Library;
use super::table::{Interner, SourceInfo, Tables};
use crate::assess::{Options, PreparedItem, RunFacts, assess};
use crate::constraint::Want;
use crate::error::{Error, Reject, Result};
use crate::grade::GradeMode;
use crate::import::{self, Line, Outcome};
use crate::record::{Item, Record};
use crate::split::{JudgedSpan, Split};

/// Tells long work that its answer is no longer wanted. Clones are one and the same.
#[derive(Debug, Clone, Default)]
pub struct Cancel(Arc<AtomicBool>);

impl Cancel {
    /// Asks the work to stop.
    pub fn cancel(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether it was asked to.
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// How to build a library.
#[derive(Debug, Clone, Copy, Default)]
pub struct BuildOptions {
    /// Which text is judged.
    pub judged: JudgedSpan,
    /// How answers are compared.
    pub grade: GradeMode,
    /// Read every file again, changed or not.
    pub fresh: bool,
}

/// How far a build is.
#[derive(Debug, Clone, Default)]
pub struct Progress {
    /// Bytes read and to be read. Files that did not change count as read.
    pub bytes: (u64, u64),
    /// Generations so far.
    pub rows: u64,
    /// Rejects so far.
    pub rejects: usize,
    /// The file that is being read.
    pub file: Option<Arc<Path>>,
    /// What is done: `reading`, `indexing text`.
    pub phase: &'static str,
    /// What there is so far, every now and then.
    pub snapshot: Option<Arc<Library>>,
}

/// A finished library.
#[derive(Debug, Clone)]
pub struct Built {
    /// The library.
    pub library: Arc<Library>,
    /// What was done.
    pub report: Report,
}

/// What a build did. Counts add up: every line read is loaded, rejected, blank or pending.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct Report {
    /// Files found.
    pub files: usize,
    /// Files that had not changed and were not read.
    pub unchanged: usize,
    /// Files of which only what was added was read.
    pub grown: usize,
    /// Bytes read.
    pub bytes: u64,
    /// Lines read.
    pub lines: u64,
    /// Lines that gave generations.
    pub loaded: u64,
    /// Generations they gave.
    pub generations: u64,
    /// Lines that could not be used.
    pub rejected: u64,
    /// Lines with nothing on them.
    pub blank: u64,
    /// Last lines that are still being written.
    pub pending: u64,
    /// Lines readable only after something in them was replaced.
    pub lossy: u64,
    /// Everything that was wrong, by now: rejected lines, missing files, bad items.
    pub rejects: usize,
    /// Wall-clock time.
    pub millis: u64,
}

/// Lines are parsed and assessed in batches of about this many bytes.
const BATCH_BYTES: usize = 4 << 20;
/// Rows of a chunk.
const CHUNK_ROWS: usize = 1 << 14;
/// Snapshots come at least this far apart.
const SNAPSHOT_EVERY: Duration = Duration::from_millis(400);
/// Items kept ready to assess with.
const MAX_PREPARED: usize = 20_000;

/// Reads files into a library. `progress` is called often, from this thread, and must be quick.
pub fn build(
    dir: &Path,
    paths: &[PathBuf],
    options: &BuildOptions,
    progress: &dyn Fn(Progress),
    cancel: &Cancel,
) -> Result<Built> {
    let _ = dir;
    let started = Instant::now();
    let discovery = import::discover(paths)?;
    let sizes: Vec<u64> =
        discovery.sources.iter().map(|s| std::fs::metadata(&s.path).map_or(0, |m| m.len())).collect();
    let mut builder = Builder {
        options: *options,
        cancel,
        progress,
        plan: discovery.sources.clone().into(),
        tables: Tables::default(),
        interner: Interner::default(),
        chunks: Vec::new(),
        open: Columns::default(),
        samples: HashMap::new(),
        rejects: discovery.rejects,
        report: Report { files: discovery.sources.len(), ..Report::default() },
        total: sizes.iter().sum(),
        last_snapshot: Instant::now(),
        phase: "reading",
    };
    for source in &discovery.sources {
        builder.read_source(source)?;
    }
    builder.settle()?;
    builder.report.rejects = builder.rejects.len();
    builder.report.millis = started.elapsed().as_millis() as u64;
    let library = Arc::new(builder.snapshot());
    Ok(Built { library, report: builder.report })
}

struct Builder<'a> {
    options: BuildOptions,
    cancel: &'a Cancel,
    progress: &'a dyn Fn(Progress),
    plan: Arc<[import::Source]>,
    tables: Tables,
    interner: Interner,
    chunks: Vec<Arc<Chunk>>,
    open: Columns,
    /// Next free sample number of an item in a run.
    samples: HashMap<(u32, u32), Vec<u32>>,
    rejects: Vec<Reject>,
    report: Report,
    total: u64,
    last_snapshot: Instant,
    phase: &'static str,
}

/// Items made ready, by the address of the item they were made of, which they keep alive.
#[derive(Default)]
struct PreparedItems(RwLock<HashMap<usize, Arc<PreparedItem>>>);

impl PreparedItems {
    fn get(&self, item: &Arc<Item>) -> Arc<PreparedItem> {
        let address = Arc::as_ptr(item) as usize;
        if let Some(known) = self.0.read().unwrap_or_else(PoisonError::into_inner).get(&address) {
            return known.clone();
        }
        let new = Arc::new(PreparedItem::new(item.clone()));
        let mut all = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= MAX_PREPARED {
            all.clear();
        }
        all.insert(address, new.clone());
        new
    }
}

impl Builder<'_> {
    fn read_source(&mut self, source: &import::Source) -> Result<()> {
        let number = self.tables.sources.len() as u32;
        let path: Arc<Path> = source.path.as_path().into();
        self.tables.sources.push(SourceInfo { path: path.clone(), bytes: 0, lines: 0, generations: 0 });
        let reader = match import::Reader::open(source) {
            Ok(reader) => reader,
            Err(rejects) => {
                self.rejects.extend(rejects);
                return Ok(());
            }
        };
        self.rejects.extend_from_slice(reader.rejects());
        let mut lines = match import::lines(&path, 0, 1, import::MAX_LINE) {
            Ok(lines) => lines,
            Err(error) => {
                let kind = crate::error::RejectKind::Unreadable;
                let message = format!("{error}");
                self.rejects.push(Reject { path, line: 0, byte: 0, len: 0, kind, message });
                return Ok(());
            }
        };
        let prepared = PreparedItems::default();
        loop {
            if self.cancel.is_cancelled() {
                return Err(Error::Cancelled);
            }
            let mut batch = Vec::new();
            let mut size = 0;
            for line in lines.by_ref() {
                size += line.as_ref().map_or(0, |line| line.bytes.len());
                batch.push(line);
                if size >= BATCH_BYTES {
                    break;
                }
            }
            if batch.is_empty() {
                break;
            }
            let before = self.tables.sources[number as usize].bytes;
            self.read_batch(number, &reader, &prepared, batch);
            let info = &mut self.tables.sources[number as usize];
            info.bytes = lines.byte();
            info.lines = lines.line() - 1;
            self.report.bytes += info.bytes - before;
            self.tell(Some(&path));
        }
        let lines = self.tables.sources[number as usize].lines;
        self.rejects.extend(reader.unanswered(lines));
        self.report.lossy += reader.lossy();
        Ok(())
    }

    fn read_batch(
        &mut self,
        source: u32,
        reader: &import::Reader,
        prepared: &PreparedItems,
        batch: Vec<Result<Line, Reject>>,
    ) {
        self.report.lines += batch.len() as u64;
        let parsed: Vec<(Vec<(Record, bool)>, Outcome)> = batch
            .into_par_iter()
            .map(|line| match line {
                Err(reject) => (Vec::new(), Outcome::Rejected(reject)),
                Ok(line) => {
                    let mut records = Vec::new();
                    let outcome = reader.read(&line, &mut records);
                    let closed = |r: Record| {
                        let closes = Split::of(&r.generation, false).closed();
                        (r, closes)
                    };
                    (records.into_iter().map(closed).collect(), outcome)
                }
            })
            .collect();
        // Numbers are given in the order of the file; what the run shows up to here is what its
        // outputs are assessed by. `settle` mends what turns out otherwise.
        let mut records = Vec::new();
        for (list, outcome) in parsed {
            match outcome {
                Outcome::Loaded(n) => {
                    self.report.loaded += 1;
                    self.report.generations += n as u64;
                }
                Outcome::Blank => self.report.blank += 1,
                Outcome::Pending => self.report.pending += 1,
                Outcome::Rejected(reject) => {
                    self.report.rejected += 1;
                    self.rejects.push(reject);
                }
            }
            for (part, (record, closed)) in list.into_iter().enumerate() {
                let run = self.interner.run(&mut self.tables, &record.run);
                let item = self.interner.item(&mut self.tables, &record.item);
                let info = &mut self.tables.runs[run as usize];
                info.generations += 1;
                info.closed += u32::from(closed);
                let sample = self.sample(run, item, record.generation.sample);
                self.tables.sources[source as usize].generations += 1;
                records.push((Placing { run, item, source, part: part as u32, sample }, record));
            }
        }
        let (tables, options) = (&self.tables, self.assess_options());
        let assessed: Vec<_> = records
            .into_par_iter()
            .map(|(placing, record)| {
                let closes = tables.runs[placing.run as usize].closes_traces();
                let item = prepared.get(&record.item);
                let facts = RunFacts { closes_traces: closes };
                let assessment = assess(&item, &record.run, facts, &record.generation, options);
                let hash = hash_of(&record);
                (placing, record, assessment, hash, closes)
            })
            .collect();
        for (placing, record, assessment, hash, closes) in &assessed {
            self.open.push(*placing, *hash, record, assessment, *closes);
            if self.open.len() >= CHUNK_ROWS {
                self.close_chunk();
            }
        }
    }

    /// The number of a sample: as saved, or the next free one where that is taken. Files with a line
    /// per sample rarely number them.
    fn sample(&mut self, run: u32, item: u32, saved: u32) -> u32 {
        let taken = self.samples.entry((run, item)).or_default();
        let mut sample = saved;
        if taken.contains(&sample) {
            sample = taken.iter().max().map_or(0, |max| max + 1);
        }
        taken.push(sample);
        sample
    }

    fn assess_options(&self) -> Options {
        Options {
            judged: self.options.judged,
            grade: self.options.grade,
            want: Want::Verdict,
            ..Options::default()
        }
    }

    fn close_chunk(&mut self) {
        if self.open.len() > 0 {
            let columns = std::mem::take(&mut self.open);
            let serial = self.chunks.len() as u32;
            self.chunks.push(Arc::new(Chunk { serial, columns }));
        }
    }

    /// Assesses again what was assessed before it was known whether its run closes its traces.
    fn settle(&mut self) -> Result<()> {
        self.close_chunk();
        let library = self.snapshot();
        let options = self.assess_options();
        for chunk_at in 0..self.chunks.len() {
            let columns = &self.chunks[chunk_at].columns;
            let base = library.chunks().nth(chunk_at).map_or(0, |(base, _)| base);
            let wrong: Vec<usize> = (0..columns.len())
                .filter(|&row| {
                    let flags = columns.flags(row);
                    let closes = self.tables.runs[columns.run[row] as usize].closes_traces();
                    !flags.closed() && flags.run_closes() != closes
                })
                .collect();
            if wrong.is_empty() {
                continue;
            }
            if self.cancel.is_cancelled() {
                return Err(Error::Cancelled);
            }
            let prepared = PreparedItems::default();
            let again: Vec<_> = wrong
                .par_iter()
                .filter_map(|&row| {
                    let record = library.read(base + row as u32).ok()?;
                    let facts = library.run_facts(columns.run[row]);
                    let item = prepared.get(&record.item);
                    let assessment = assess(&item, &record.run, facts, &record.generation, options);
                    Some((row, record, assessment, facts.closes_traces))
                })
                .collect();
            let mut columns = columns.clone();
            for (row, record, assessment, closes) in &again {
                columns.reassess(*row, record, assessment, *closes);
            }
            let serial = self.chunks[chunk_at].serial;
            self.chunks[chunk_at] = Arc::new(Chunk { serial, columns });
        }
        Ok(())
    }

    fn snapshot(&self) -> Library {
        let mut chunks = self.chunks.clone();
        if self.open.len() > 0 {
            chunks.push(Arc::new(Chunk { serial: u32::MAX, columns: self.open.clone() }));
        }
        Library::new(
            Arc::new(self.tables.clone()),
            self.plan.clone(),
            self.rejects.clone().into(),
            chunks,
            &[],
        )
    }

    fn tell(&mut self, file: Option<&Arc<Path>>) {
        let snapshot = (self.last_snapshot.elapsed() >= SNAPSHOT_EVERY).then(|| {
            self.last_snapshot = Instant::now();
            Arc::new(self.snapshot())
        });
        (self.progress)(Progress {
            bytes: (self.report.bytes, self.total),
            rows: self.report.generations,
            rejects: self.rejects.len(),
            file: file.cloned(),
            phase: self.phase,
            snapshot,
        });
    }
}
