//! Bringing a library up to date with its files: what changed is found, read and committed.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::fingerprint::Fingerprint;
use super::folder::{self, Lock};
use super::reading::{Reading, Start};
use super::snapshot::Library;
use super::store::{self, Found, Rules, SourceState, State};
use super::text_index;
use super::text_writer::{self, Completed};
use crate::error::{Error, Result};
use crate::grade::GradeMode;
use crate::import::{self, Discovery};
use crate::split::JudgedSpan;

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
    /// Build the text index too. Without it, text is looked up by reading.
    pub text: bool,
    /// Commit after every batch of lines instead of every few seconds: for tests of what a writer
    /// that dies leaves behind.
    pub commit_always: bool,
}

/// How far a build is.
#[derive(Debug, Clone, Default)]
pub struct Progress {
    /// Bytes read and to be read; files that did not change count as read. While text is indexed:
    /// generations.
    pub bytes: (u64, u64),
    /// Generations so far.
    pub rows: u64,
    /// Rejects so far.
    pub rejects: usize,
    /// The file that is being read.
    pub file: Option<Arc<Path>>,
    /// What is done: `reading`, `reading anew` where the library that was there could not be gone on
    /// with, `indexing text`.
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
    /// Files that changed and were read anew.
    pub changed: usize,
    /// Files that are no longer there; their generations were taken out.
    pub gone: usize,
    /// Why the library that was there could not be used, if so: it was built anew.
    pub rebuilt: Option<String>,
    /// What of the text index was damaged, if so: the index was built anew.
    pub text_rebuilt: Option<String>,
    /// Generations whose text could not be read when it was to be indexed. Their files are read whenever
    /// text is looked up, and the next build tries again.
    pub unindexed: u64,
    /// Why that was, as sentences.
    pub unindexed_why: Vec<String>,
    /// Why the library could not be written, if so: then it lives in memory, and the folder holds
    /// the last commit that succeeded.
    pub unsaved: Option<String>,
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

/// Brings the library of a folder up to date with files, and gives it. `progress` is called often,
/// from this thread, and must be quick.
///
/// Files that did not change are not read; of files that grew only what was added is; what changed
/// or went is taken out. Nothing is written when nothing changed. Fails with
/// [`Error::Busy`] when
/// there is something to write and another process is writing: then [`Library::open`] gives what
/// there is.
pub fn build(
    dir: &Path,
    paths: &[PathBuf],
    options: &BuildOptions,
    progress: &dyn Fn(Progress),
    cancel: &Cancel,
) -> Result<Built> {
    let started = Instant::now();
    let discovery = import::discover(paths)?;
    let mut report = Report { files: discovery.sources.len(), ..Report::default() };
    let rules = Rules::of(*options);
    let mut state = take_up(dir, rules, *options, &mut report)?;
    let mut lock = None;
    let mut plan = Plan::new(&state, &discovery);
    if plan.changes(&state, &discovery) || options.fresh {
        lock = Some(folder::lock(dir)?);
        // Somebody may have written between the look and the lock.
        state = take_up(dir, rules, *options, &mut report)?;
        plan = Plan::new(&state, &discovery);
    }
    let shelf = Shelf { dir, lock: lock.as_ref(), rules, commit_always: options.commit_always };
    if plan.changes(&state, &discovery) {
        state.paths = canonical(paths);
        (state, report) = refresh(state, &plan, &discovery, report, shelf, progress, cancel)?;
    } else {
        report.unchanged = discovery.sources.len();
    }
    report.rejects = state.rejects().len();
    let mut library = Arc::new(Library::of(&state, Some(dir)));
    if options.text && report.unsaved.is_none() {
        match index_text(dir, &state, &library, lock, progress, cancel) {
            Ok(Completed { damage, unread }) => {
                report.text_rebuilt = damage;
                report.unindexed = unread.total() as u64;
                report.unindexed_why = unread.sentences();
                library = Arc::new(Library::of(&state, Some(dir)));
            }
            Err(Error::Cancelled) => return Err(Error::Cancelled),
            // Without the index, text is looked up by reading; when another process is at it, it
            // will be there soon.
            Err(Error::Busy { .. }) => {}
            Err(error) => report.unsaved = Some(error.to_string()),
        }
    }
    report.millis = started.elapsed().as_millis() as u64;
    Ok(Built { library, report })
}

/// Keeps the library of a folder up to date with files that are being written: looks every so often,
/// and gives `progress` a new snapshot whenever something changed. Returns when cancelled.
///
/// Holds the library for writing all the while.
pub fn follow(
    dir: &Path,
    paths: &[PathBuf],
    options: &BuildOptions,
    every: Duration,
    progress: &dyn Fn(Progress),
    cancel: &Cancel,
) -> Result<()> {
    let rules = Rules::of(*options);
    let lock = folder::lock(dir)?;
    let mut state = take_up(dir, rules, *options, &mut Report::default())?;
    state.paths = canonical(paths);
    loop {
        let discovery = import::discover(paths)?;
        let plan = Plan::new(&state, &discovery);
        if plan.changes(&state, &discovery) {
            let shelf = Shelf { dir, lock: Some(&lock), rules, commit_always: options.commit_always };
            let result = refresh(state, &plan, &discovery, Report::default(), shelf, progress, cancel);
            let report;
            (state, report) = match result {
                Err(Error::Cancelled) => return Ok(()),
                result => result?,
            };
            let mut library = Arc::new(Library::of(&state, Some(dir)));
            // A few new rows are looked up by reading; an index of a few rows is not worth its files.
            if options.text && library.len() - library.text_rows() > FOLLOWED_ROWS {
                complete_text(dir, &state, &library, &lock, progress, cancel)?;
                library = Arc::new(Library::of(&state, Some(dir)));
            }
            progress(Progress {
                bytes: (report.bytes, report.bytes),
                rows: library.len() as u64,
                rejects: library.rejects().len(),
                file: None,
                phase: "following",
                snapshot: Some(library),
            });
        }
        let next = Instant::now() + every;
        while Instant::now() < next {
            if cancel.is_cancelled() {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(20).min(every));
        }
    }
}

/// So many new rows wait for the text index while files are followed.
const FOLLOWED_ROWS: usize = 2000;

fn canonical(paths: &[PathBuf]) -> Vec<PathBuf> {
    paths.iter().map(|path| path.canonicalize().unwrap_or_else(|_| path.clone())).collect()
}

/// Where a library is written, and by which rules it is made.
#[derive(Clone, Copy)]
struct Shelf<'a> {
    dir: &'a Path,
    lock: Option<&'a Lock>,
    rules: Rules,
    commit_always: bool,
}

/// Reads what changed, and commits it.
fn refresh(
    state: State,
    plan: &Plan,
    discovery: &Discovery,
    report: Report,
    shelf: Shelf<'_>,
    progress: &dyn Fn(Progress),
    cancel: &Cancel,
) -> Result<(State, Report)> {
    let at = shelf.lock.map(|lock| (shelf.dir, lock));
    let mut reading = Reading::new(state, shelf.rules, report, at, progress, cancel);
    if shelf.commit_always {
        reading.commit_every = Duration::ZERO;
    }
    reading.total = discovery.sources.iter().map(|s| std::fs::metadata(&s.path).map_or(0, |m| m.len())).sum();
    carry_out(plan, discovery, &mut reading)?;
    let Reading { state, report, .. } = reading;
    Ok((state, report))
}

/// Brings the text index up to date with the columns, and builds it anew when it is damaged.
fn index_text(
    dir: &Path,
    state: &State,
    library: &Arc<Library>,
    lock: Option<Lock>,
    progress: &dyn Fn(Progress),
    cancel: &Cancel,
) -> Result<Completed> {
    let damage = text_index::damage(&dir.join(folder::TEXT), &state.sound);
    if damage.is_none() && library.text_rows() == library.len() {
        return Ok(Completed::default());
    }
    let lock = match lock {
        Some(lock) => lock,
        None => folder::lock(dir)?,
    };
    complete_text(dir, state, library, &lock, progress, cancel)
}

fn complete_text(
    dir: &Path,
    state: &State,
    library: &Arc<Library>,
    lock: &Lock,
    progress: &dyn Fn(Progress),
    cancel: &Cancel,
) -> Result<Completed> {
    let tell = |done: usize, snapshot: Option<Arc<Library>>| {
        progress(Progress {
            bytes: (done as u64, library.len() as u64),
            rows: library.len() as u64,
            rejects: library.rejects().len(),
            file: None,
            phase: "indexing text",
            snapshot,
        });
    };
    // Everything but the text search is complete from here on.
    tell(library.text_rows(), Some(library.clone()));
    let mut last = Instant::now();
    let text = dir.join(folder::TEXT);
    text_writer::complete(&text, state.epoch, library, &state.sound, lock, cancel, &mut |done, committed| {
        if committed || last.elapsed() > Duration::from_millis(100) {
            last = Instant::now();
            tell(done, committed.then(|| Arc::new(Library::of(state, Some(dir)))));
        }
    })
}

/// The library that lies in a folder, as far as it can be gone on with.
fn take_up(dir: &Path, rules: Rules, options: BuildOptions, report: &mut Report) -> Result<State> {
    let anew =
        |serial| State { epoch: epoch(), rules, settled: true, next_serial: serial, ..State::default() };
    folder::refuse_foreign(dir)?;
    Ok(match store::load(dir)? {
        Found::Nothing => anew(0),
        Found::Useless(cause) => {
            report.rebuilt = Some(cause);
            anew(0)
        }
        Found::Library(state) if state.rules != rules => {
            report.rebuilt = Some("it was judged by other rules (--judged, --grade or --rules)".to_owned());
            // The numbers of chunks and commits go on, so that nothing old is taken for new.
            State { commit: state.commit, ..anew(state.next_serial) }
        }
        Found::Library(state) if options.fresh => State { commit: state.commit, ..anew(state.next_serial) },
        Found::Library(state) => *state,
    })
}

/// A number that no library had before, as far as the clock and the process can tell.
fn epoch() -> u64 {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    let seed = [now.as_nanos().to_le_bytes(), u128::from(std::process::id()).to_le_bytes()].concat();
    // JSON readers elsewhere may take numbers for doubles.
    xxhash_rust::xxh3::xxh3_64(&seed) >> 11
}

/// What to do about each source.
struct Plan {
    /// For each source of the discovery, the number it has in the library and how to read it.
    steps: Vec<(Option<usize>, Step)>,
    /// Sources of the library that are no longer there.
    gone: Vec<usize>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    /// Nothing changed.
    Keep,
    /// The same file under another name.
    Rename,
    /// Read on from where it was left.
    Grow(Start),
    /// Take out what it gave and read it.
    Read,
}

impl Plan {
    fn new(state: &State, discovery: &Discovery) -> Self {
        let known: Vec<(usize, &SourceState)> =
            state.sources.iter().enumerate().filter(|(_, source)| !source.gone).collect();
        let by_path: std::collections::HashMap<&Path, usize> =
            known.iter().map(|(i, source)| (source.plan.path.as_path(), *i)).collect();
        let mut steps: Vec<(Option<usize>, Step)> = discovery
            .sources
            .iter()
            .map(|plan| match by_path.get(plan.path.as_path()) {
                Some(&i) => (Some(i), step(&state.sources[i], plan)),
                None => (None, Step::Read),
            })
            .collect();
        let kept: std::collections::HashSet<usize> = steps.iter().filter_map(|(i, _)| *i).collect();
        let mut gone: Vec<usize> = known.iter().map(|(i, _)| *i).filter(|i| !kept.contains(i)).collect();
        // A file that went and one that came may be one file with a new name.
        for (plan, (number, step)) in discovery.sources.iter().zip(&mut steps) {
            if number.is_some() {
                continue;
            }
            let same = |&i: &usize| is_renamed(&state.sources[i], plan);
            if let Some(at) = gone.iter().position(same) {
                *number = Some(gone.swap_remove(at));
                *step = Step::Rename;
            }
        }
        gone.sort_unstable();
        Self { steps, gone }
    }

    /// Whether there is anything to write.
    fn changes(&self, state: &State, discovery: &Discovery) -> bool {
        !self.gone.is_empty()
            || !state.settled
            || state.found != discovery.rejects
            || self.steps.iter().any(|(_, step)| *step != Step::Keep)
    }
}

/// What to do about a source that the library has.
fn step(source: &SourceState, plan: &import::Source) -> Step {
    let now = Fingerprint::of(&plan.path, source.bytes).ok();
    let (Some(now), Some(seen)) = (now, source.seen) else {
        // Not readable now, and not readable then: nothing changed.
        return if now.is_none() && source.seen.is_none() && source.plan == *plan {
            Step::Keep
        } else {
            Step::Read
        };
    };
    if source.plan != *plan || beside(plan) != source.beside {
        return Step::Read;
    }
    if now.is_same(&seen) && source.complete {
        return Step::Keep;
    }
    let goes_on = now.has_grown_from(&seen) || now.is_same(&seen);
    match Start::after(source) {
        Some(start) if goes_on => Step::Grow(start),
        _ => Step::Read,
    }
}

/// Whether a source that went is this one, under its new name.
fn is_renamed(source: &SourceState, plan: &import::Source) -> bool {
    let same_plan = import::Source { path: plan.path.clone(), ..source.plan.clone() } == *plan;
    let now = Fingerprint::of(&plan.path, source.bytes).ok();
    let (Some(now), Some(seen)) = (now, source.seen) else { return false };
    same_plan && source.complete && now.is_renamed(&seen) && beside(plan) == source.beside
}

/// What the item file and the verdict file of a source look like.
pub(super) fn beside(plan: &import::Source) -> [Option<Fingerprint>; 2] {
    let of = |path: &Option<PathBuf>| path.as_ref().and_then(|path| Fingerprint::whole(path).ok());
    [of(&plan.items), of(&plan.verdicts)]
}

fn carry_out(plan: &Plan, discovery: &Discovery, reading: &mut Reading<'_>) -> Result<()> {
    reading.state.found.clone_from(&discovery.rejects);
    for &number in &plan.gone {
        reading.take_out(number);
        reading.state.sources[number].gone = true;
        reading.report.gone += 1;
    }
    for (source, (number, step)) in discovery.sources.iter().zip(&plan.steps) {
        let size = || std::fs::metadata(&source.path).map_or(0, |meta| meta.len());
        match (step, number) {
            (Step::Keep, _) => {
                reading.report.unchanged += 1;
                reading.passed += size();
            }
            (Step::Rename, Some(number)) => {
                reading.rename(*number, source);
                reading.report.unchanged += 1;
                reading.passed += size();
            }
            (Step::Grow(start), Some(number)) => {
                reading.report.grown += 1;
                reading.passed += start.byte;
                reading.read(*number, source, *start)?;
            }
            (_, Some(number)) => {
                reading.report.changed += 1;
                reading.take_out(*number);
                reading.read(*number, source, Start::default())?;
            }
            (_, None) => {
                let number = reading.add(source);
                reading.read(number, source, Start::default())?;
            }
        }
    }
    reading.settle()?;
    reading.commit(true);
    Ok(())
}
