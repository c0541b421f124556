//! Reading sources into columns: parse and assess on all threads, keep the order of the file.

use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rayon::prelude::*;

use super::build::{Cancel, Progress, Report, beside};
use super::chunk::{Chunk, Columns, Placing, hash_of};
use super::fingerprint::Fingerprint;
use super::folder::Lock;
use super::prepared::PreparedItems;
use super::snapshot::Library;
use super::store::{Rules, SourceState, State, Stored};
use super::table::{Interner, RunInfo, SourceInfo};
use crate::assess::{Options, RunFacts, assess};
use crate::constraint::Want;
use crate::error::{Error, Reject, RejectKind, Result};
use crate::failure::{Mode, Modes};
use crate::import::{self, Line, Outcome};
use crate::record::{NO_CONSTRAINTS, Record};
use crate::split::Split;

/// Lines are parsed and assessed in batches of about this many bytes.
const BATCH_BYTES: usize = 4 << 20;
/// Rows of a chunk, at most.
const CHUNK_ROWS: usize = 1 << 16;
/// Snapshots come at least this far apart, and cost at most a tenth of the time.
const SNAPSHOT_EVERY: Duration = Duration::from_millis(300);
/// The first comes sooner: nobody should look at an empty screen.
const FIRST_SNAPSHOT: Duration = Duration::from_millis(40);
/// What was read is committed about this often, so that little is lost with a process.
const COMMIT_EVERY: Duration = Duration::from_secs(5);
/// Rejects of one source that are kept one by one; the rest is counted.
const MAX_REJECTS: usize = 10_000;

/// Where to begin in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Start {
    pub(super) byte: u64,
    /// Number of the line there.
    pub(super) line: u64,
}

impl Default for Start {
    fn default() -> Self {
        Self { byte: 0, line: 1 }
    }
}

impl Start {
    /// After what was read of a source. `None` when the line that was last read has gone on since:
    /// then the file must be read anew.
    pub(super) fn after(source: &SourceState) -> Option<Self> {
        let mut byte = source.bytes;
        if !source.ended {
            let mut next = Vec::new();
            let mut file = File::open(&source.plan.path).ok()?;
            file.seek(SeekFrom::Start(byte)).ok()?;
            file.take(2).read_to_end(&mut next).ok()?;
            byte += match next.as_slice() {
                [b'\n', ..] => 1,
                b"\r\n" => 2,
                [] => 0,
                _ => return None,
            };
        }
        Some(Self { byte, line: source.lines + 1 })
    }
}

/// A build under way.
pub(super) struct Reading<'a> {
    pub(super) state: State,
    pub(super) report: Report,
    /// Bytes to read, unchanged files counted in.
    pub(super) total: u64,
    /// Bytes that need not be read.
    pub(super) passed: u64,
    rules: Rules,
    shelf: Option<(&'a Path, &'a Lock)>,
    progress: &'a dyn Fn(Progress),
    cancel: &'a Cancel,
    /// Made when the first row comes.
    interner: Option<Interner>,
    samples: Samples,
    prepared: PreparedItems,
    open: Columns,
    snapshot_due: Instant,
    commit_due: Instant,
    pub(super) commit_every: Duration,
}

impl<'a> Reading<'a> {
    pub(super) fn new(
        state: State,
        rules: Rules,
        report: Report,
        shelf: Option<(&'a Path, &'a Lock)>,
        progress: &'a dyn Fn(Progress),
        cancel: &'a Cancel,
    ) -> Self {
        let now = Instant::now();
        Self {
            state,
            report,
            total: 0,
            passed: 0,
            rules,
            shelf,
            progress,
            cancel,
            interner: None,
            samples: Samples::default(),
            prepared: PreparedItems::default(),
            open: Columns::default(),
            snapshot_due: now + FIRST_SNAPSHOT,
            commit_due: now + COMMIT_EVERY,
            commit_every: COMMIT_EVERY,
        }
    }

    /// Gives a source a number.
    pub(super) fn add(&mut self, plan: &import::Source) -> usize {
        let path: Arc<Path> = plan.path.as_path().into();
        self.state.tables.sources.push(SourceInfo { path, bytes: 0, lines: 0, generations: 0 });
        self.state.sources.push(SourceState {
            plan: plan.clone(),
            seen: None,
            beside: [None, None],
            bytes: 0,
            lines: 0,
            ended: true,
            complete: false,
            gone: false,
            rejects: Vec::new(),
        });
        self.state.sources.len() - 1
    }

    /// Takes out the rows of a source.
    pub(super) fn take_out(&mut self, number: usize) {
        self.close_chunk();
        let State { tables, chunks, settled, .. } = &mut self.state;
        for stored in chunks {
            let columns = &stored.chunk.columns;
            let mut rows: Vec<Range<u32>> = Vec::new();
            for row in 0..columns.len() as u32 {
                let at = row as usize;
                let dead = columns.source[at] as usize != number
                    || stored.dead.iter().any(|range| range.contains(&row));
                if dead {
                    continue;
                }
                let run = &mut tables.runs[columns.run[at] as usize];
                run.generations -= 1;
                run.closed -= u32::from(columns.flags(at).closed());
                match rows.last_mut() {
                    Some(last) if last.end == row => last.end += 1,
                    _ => rows.push(row..row + 1),
                }
            }
            stored.dead.extend(rows);
        }
        *settled = false;
        tables.sources[number].generations = 0;
        let source = &mut self.state.sources[number];
        (source.bytes, source.lines, source.ended, source.complete) = (0, 0, true, false);
        source.rejects.clear();
        self.samples = Samples::default();
    }

    /// Gives a source another path.
    pub(super) fn rename(&mut self, number: usize, plan: &import::Source) {
        let path: Arc<Path> = plan.path.as_path().into();
        for reject in &mut self.state.sources[number].rejects {
            if *reject.path == *self.state.tables.sources[number].path {
                reject.path = path.clone();
            }
        }
        self.state.tables.sources[number].path = path;
        self.state.sources[number].plan = plan.clone();
        self.state.settled = false;
    }

    /// Reads a source from a place to its end.
    pub(super) fn read(&mut self, number: usize, plan: &import::Source, start: Start) -> Result<()> {
        self.state.settled = false;
        let path = self.state.tables.sources[number].path.clone();
        // What the file looked like before it is read: what is added meanwhile is noticed next time.
        let before = Fingerprint::of(&path, 0).ok();
        let source = &mut self.state.sources[number];
        source.plan = plan.clone();
        source.beside = beside(plan);
        // Those of lines stay; those of the file as a whole are found again.
        source.rejects.retain(|reject| reject.line > 0 && *reject.path == *path);
        let reader = match import::Reader::open(plan) {
            Ok(reader) => reader,
            Err(rejects) => {
                // A file that could not be opened now may be readable next time, and looks no different
                // then: it counts as not seen.
                if rejects.iter().any(|reject| reject.kind == RejectKind::Unreadable) {
                    source.beside = [None, None];
                }
                source.rejects.extend(rejects);
                source.complete = true;
                source.seen = before;
                return Ok(());
            }
        };
        source.rejects.extend_from_slice(reader.rejects());
        let mut lines = match import::lines(&path, start.byte, start.line, import::MAX_LINE) {
            Ok(lines) => lines,
            Err(error) => {
                let (kind, message) = (RejectKind::Unreadable, error.to_string());
                source.rejects.push(Reject { path, line: 0, byte: 0, len: 0, kind, message });
                source.seen = None;
                return Ok(());
            }
        };
        let mut at = start.byte;
        loop {
            if self.cancel.is_cancelled() {
                // What was read so far is worth keeping.
                self.commit(false);
                return Err(Error::Cancelled);
            }
            let mut batch = Vec::new();
            let mut size = 0;
            let mut ended = self.state.sources[number].ended;
            for line in lines.by_ref() {
                size += line.as_ref().map_or(0, |line| line.bytes.len());
                ended = line.as_ref().map_or(true, |line| line.ended);
                batch.push(line);
                if size >= BATCH_BYTES {
                    break;
                }
            }
            if batch.is_empty() {
                break;
            }
            let pending = self.read_batch(number as u32, &reader, batch);
            // A last line that is still being written is read again when it has grown.
            let (byte, line) = match pending {
                Some(place) => (place.0, place.1 - 1),
                None => (lines.byte(), lines.line() - 1),
            };
            let source = &mut self.state.sources[number];
            (source.bytes, source.lines) = (byte, line);
            source.ended = ended || pending.is_some();
            source.seen = Fingerprint::of(&path, byte).ok().zip(before).map(|(now, then)| now.dated(&then));
            let info = &mut self.state.tables.sources[number];
            (info.bytes, info.lines) = (byte, line);
            self.report.bytes += lines.byte() - at;
            at = lines.byte();
            self.tell(&path);
            if Instant::now() >= self.commit_due || self.commit_every.is_zero() {
                self.commit(false);
                self.commit_due = Instant::now() + self.commit_every;
            }
        }
        let source = &mut self.state.sources[number];
        if source.bytes == 0 {
            source.seen = before;
        }
        source.complete = true;
        source.rejects.extend(reader.unanswered(source.lines));
        self.report.lossy += reader.lossy();
        Ok(())
    }

    /// Parses and assesses lines and adds their rows. Gives offset and number of a last line that is
    /// still being written.
    fn read_batch(
        &mut self,
        source: u32,
        reader: &import::Reader,
        batch: Vec<Result<Line, Reject>>,
    ) -> Option<(u64, u64)> {
        self.report.lines += batch.len() as u64;
        let parse = |line: Result<Line, Reject>| match line {
            Err(reject) => (Vec::new(), Outcome::Rejected(reject), None),
            Ok(line) => {
                let mut records = Vec::new();
                let outcome = reader.read(&line, &mut records);
                let closes = |record: Record| {
                    let closes = Split::of(&record.generation, false).closed();
                    (record, closes)
                };
                let place = (line.place.byte, line.place.line);
                (records.into_iter().map(closes).collect::<Vec<_>>(), outcome, Some(place))
            }
        };
        let parsed: Vec<_> = batch.into_par_iter().map(parse).collect();
        let (interner, samples) = self.numbers();
        let (mut interner, mut samples) = (interner, samples);
        let mut pending = None;
        let mut records = Vec::new();
        // Numbers are given in the order of the file. What the run shows up to here is what its
        // outputs are assessed by; `settle` mends what turns out otherwise.
        for (list, outcome, place) in parsed {
            match outcome {
                Outcome::Loaded(n) => {
                    self.report.loaded += 1;
                    self.report.generations += n as u64;
                }
                Outcome::Blank => self.report.blank += 1,
                Outcome::Pending => {
                    self.report.pending += 1;
                    pending = place;
                }
                Outcome::Rejected(reject) => {
                    self.report.rejected += 1;
                    keep_reject(&mut self.state.sources[source as usize].rejects, reject);
                }
            }
            for (part, (record, closed)) in list.into_iter().enumerate() {
                let tables = &mut self.state.tables;
                let run = interner.run(tables, &record.run);
                let item = interner.item(tables, &record.item);
                tables.runs[run as usize].generations += 1;
                tables.runs[run as usize].closed += u32::from(closed);
                tables.sources[source as usize].generations += 1;
                let sample = samples.number(run, item, record.generation.sample);
                records.push((Placing { run, item, source, part: part as u32, sample }, record));
            }
        }
        (self.interner, self.samples) = (Some(interner), samples);
        let (tables, prepared, options) = (&self.state.tables, &self.prepared, options(self.rules));
        let assess_one = |(placing, record): (Placing, Record)| {
            let closes = tables.runs[placing.run as usize].closes_traces();
            let item = prepared.get(&record.item);
            let assessment =
                assess(&item, &record.run, RunFacts { closes_traces: closes }, &record.generation, options);
            let hash = hash_of(&record);
            (placing, record, assessment, hash, closes)
        };
        let assessed: Vec<_> = records.into_par_iter().map(assess_one).collect();
        for (placing, record, assessment, hash, closes) in &assessed {
            self.open.push(*placing, *hash, record, assessment, *closes);
            if self.open.len() >= CHUNK_ROWS {
                self.close_chunk();
            }
        }
        pending
    }

    /// The interner and the samples taken, made of the rows there are when first needed.
    fn numbers(&mut self) -> (Interner, Samples) {
        let interner = self.interner.take().unwrap_or_else(|| Interner::of(&self.state.tables));
        let mut samples = std::mem::take(&mut self.samples);
        if !samples.filled {
            samples.filled = true;
            for stored in &self.state.chunks {
                let columns = &stored.chunk.columns;
                for row in 0..columns.len() {
                    if !stored.dead.iter().any(|range| range.contains(&(row as u32))) {
                        samples.taken.insert((columns.run[row], columns.item[row], columns.sample[row]));
                    }
                }
            }
        }
        (interner, samples)
    }

    fn close_chunk(&mut self) {
        if self.open.len() > 0 {
            let columns = std::mem::take(&mut self.open);
            let serial = self.state.next_serial;
            self.state.next_serial += 1;
            let chunk = Arc::new(Chunk::new(serial, columns));
            self.state.chunks.push(Stored { chunk, file: None, dead: Vec::new() });
        }
    }

    /// Assesses again what was assessed before it was known whether its run closes its traces, and
    /// lets go of chunks without a living row.
    pub(super) fn settle(&mut self) -> Result<()> {
        self.close_chunk();
        self.state.chunks.retain(|stored| {
            let dead: usize = stored.dead.iter().map(ExactSizeIterator::len).sum();
            dead < stored.chunk.columns.len()
        });
        self.state.merge();
        let library = Library::of(&self.state, None);
        let options = options(self.rules);
        let bases: Vec<u32> = library.chunks().map(|(base, _)| base).collect();
        let mut settled = true;
        for (stored, base) in self.state.chunks.iter_mut().zip(bases) {
            let columns = &stored.chunk.columns;
            let runs = library.runs();
            let wrong: Vec<usize> = (0..columns.len())
                .filter(|&row| {
                    let flags = columns.flags(row);
                    let closes = runs[columns.run[row] as usize].closes_traces();
                    !flags.closed() && flags.run_closes() != closes && library.live().has(base + row as u32)
                })
                .collect();
            if wrong.is_empty() {
                continue;
            }
            if self.cancel.is_cancelled() {
                return Err(Error::Cancelled);
            }
            let prepared = &self.prepared;
            library.open_readers(wrong.iter().map(|&row| base + row as u32));
            let again: Vec<_> = wrong
                .par_iter()
                .map(|&row| {
                    let record = library.read(base + row as u32).ok()?;
                    let facts = library.run_facts(columns.run[row]);
                    let item = prepared.get(&record.item);
                    let assessment = assess(&item, &record.run, facts, &record.generation, options);
                    Some((row, record, assessment, facts.closes_traces))
                })
                .collect();
            // What cannot be read now is assessed again by the next build.
            settled &= again.iter().all(Option::is_some);
            let mut columns = columns.clone();
            for (row, record, assessment, closes) in again.iter().flatten() {
                columns.reassess(*row, record, assessment, *closes);
            }
            stored.chunk = Arc::new(Chunk::of(stored.chunk.parts.clone(), columns));
            stored.file = None;
        }
        self.compare_twins();
        self.state.settled = settled;
        Ok(())
    }

    /// Marks what is right where its twin without constraints is wrong, and the other way round.
    fn compare_twins(&mut self) {
        let runs = &self.state.tables.runs;
        // The run without constraints of the same model, for each run that has one.
        let twin_of: Vec<Option<u32>> = runs
            .iter()
            .map(|run| {
                let is_twin = |other: &RunInfo| {
                    other.run.condition == NO_CONSTRAINTS && other.run.model == run.run.model
                };
                let twin = runs.iter().position(is_twin)? as u32;
                (run.run.condition != NO_CONSTRAINTS).then_some(twin)
            })
            .collect();
        let is_twin = |run: u32| twin_of.contains(&Some(run));
        let wanted: Vec<bool> = (0..runs.len() as u32).map(is_twin).collect();
        let mut same_sample: HashMap<(u32, u32, u32), Option<bool>> = HashMap::new();
        let mut first: HashMap<(u32, u32), Option<bool>> = HashMap::new();
        if wanted.contains(&true) {
            for stored in &self.state.chunks {
                let columns = &stored.chunk.columns;
                let is_dead = |row: usize| stored.dead.iter().any(|range| range.contains(&(row as u32)));
                for row in
                    (0..columns.len()).filter(|&row| wanted[columns.run[row] as usize] && !is_dead(row))
                {
                    let (run, item, sample) = (columns.run[row], columns.item[row], columns.sample[row]);
                    let correct = columns.flags(row).correct();
                    same_sample.insert((run, item, sample), correct);
                    first.entry((run, item)).or_insert(correct);
                }
            }
        }
        self.state.chunks.par_iter_mut().for_each(|stored| {
            let columns = &stored.chunk.columns;
            let modes_of = |row: usize| {
                let mut modes = Modes::from_bits(columns.modes[row]);
                let twin = twin_of[columns.run[row] as usize].and_then(|twin| {
                    let item = columns.item[row];
                    let same = same_sample.get(&(twin, item, columns.sample[row]));
                    *same.or_else(|| first.get(&(twin, item)))?
                });
                let here = columns.flags(row).correct();
                modes.set(Mode::Gained, here == Some(true) && twin == Some(false));
                modes.set(Mode::Lost, here == Some(false) && twin == Some(true));
                modes.bits()
            };
            let modes = (0..columns.len()).map(modes_of).collect();
            if modes != columns.modes {
                let mut columns = columns.clone();
                columns.modes = modes;
                stored.chunk = Arc::new(Chunk::of(stored.chunk.parts.clone(), columns));
                stored.file = None;
            }
        });
    }

    /// Makes what was read so far lasting. `last` says that nothing more comes.
    ///
    /// A folder that cannot be written (a full disk) is no reason to stop reading: it is left as it
    /// is, and said.
    pub(super) fn commit(&mut self, last: bool) {
        self.close_chunk();
        if !last {
            self.state.settled = false;
        }
        if let Some((dir, lock)) = self.shelf {
            match self.state.save(dir, lock) {
                Ok(()) if last => self.state.collect(dir, lock),
                Ok(()) => {}
                Err(error) => {
                    self.report.unsaved = Some(error.to_string());
                    self.shelf = None;
                }
            }
        }
    }

    fn tell(&mut self, file: &Arc<Path>) {
        let now = Instant::now();
        let snapshot = (now >= self.snapshot_due).then(|| {
            let library = Library::with_open(&self.state, &self.open, self.shelf.map(|(dir, _)| dir));
            self.snapshot_due = Instant::now() + SNAPSHOT_EVERY.max(now.elapsed() * 10);
            Arc::new(library)
        });
        (self.progress)(Progress {
            bytes: (self.passed + self.report.bytes, self.total),
            rows: self.report.generations,
            rejects: self.report.rejected as usize,
            file: Some(file.clone()),
            phase: if self.report.rebuilt.is_some() { "reading anew" } else { "reading" },
            snapshot,
        });
    }
}

fn options(rules: Rules) -> Options {
    Options { judged: rules.judged, grade: rules.grade, want: Want::Verdict, ..Options::default() }
}

/// Keeps a reject, or counts it where there are very many.
fn keep_reject(rejects: &mut Vec<Reject>, reject: Reject) {
    if rejects.len() < MAX_REJECTS {
        rejects.push(reject);
        return;
    }
    if rejects.len() == MAX_REJECTS {
        let mut rest = reject.clone();
        (rest.len, rest.message) = (0, String::new());
        rejects.push(rest);
    }
    // `len` counts the lines here.
    if let Some(rest) = rejects.last_mut() {
        rest.len += 1;
        rest.message = format!("{} more lines from here on cannot be used either", rest.len);
    }
}

/// Samples that have a number. Files with a line for each sample rarely number them: a number that
/// is taken gives way to the next one that is free.
#[derive(Debug, Default)]
struct Samples {
    /// The rows there were are in.
    filled: bool,
    taken: HashSet<(u32, u32, u32)>,
    next: HashMap<(u32, u32), u32>,
}

impl Samples {
    fn number(&mut self, run: u32, item: u32, saved: u32) -> u32 {
        if self.taken.insert((run, item, saved)) {
            return saved;
        }
        let next = self.next.entry((run, item)).or_insert(saved);
        loop {
            *next += 1;
            if self.taken.insert((run, item, *next)) {
                return *next;
            }
        }
    }
}
