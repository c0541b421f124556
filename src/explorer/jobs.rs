//! Work on other threads: the screen never waits for it.
//!
//! A lane is a thread that does one kind of work. Every job has a ticket; a new job makes the one
//! before it in its lane obsolete: it is dropped where it waits, told to stop where it runs, and
//! its late answers are not looked at.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use crossbeam_channel::{Receiver, Sender, unbounded};

use super::app::beside::Differences;
use super::document::{Document, Standing};
use super::effect::{Job, Slot};
use super::event::Event;
use super::survey::{self, Finding, Request};
use crate::assess;
use crate::constraint::Want;
use crate::library::{
    self, BuildOptions, Cancel, Facets, Library, Order, Passage, Progress, Query, Report, Samples, Scan,
    Selection, Sort,
};
use crate::split::Split;
use crate::text::highlight::{Colour, highlight};
use crate::tokens::Tokenizer;

/// A kind of work with a thread of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Lane {
    /// Building the library.
    Build,
    /// Selecting.
    Select,
    /// Counting for the query line.
    Count,
    /// Reading a generation: those side by side do not wait for each other.
    Read(Slot),
    /// Colouring one.
    Colour(Slot),
    /// Counting what a screen shows.
    Survey,
    /// Comparing answers.
    Diff,
    /// Reading the passages of the list.
    Passages,
    /// Counting the hits in all generations of the list.
    Hits,
}

/// Every lane there can be.
fn lanes() -> Vec<Lane> {
    let mut lanes =
        vec![Lane::Build, Lane::Select, Lane::Count, Lane::Survey, Lane::Diff, Lane::Passages, Lane::Hits];
    for slot in Slot::all() {
        lanes.extend([Lane::Read(slot), Lane::Colour(slot)]);
    }
    lanes
}

impl Job {
    /// Its lane.
    pub fn lane(&self) -> Lane {
        match self {
            Self::Build { .. } => Lane::Build,
            Self::Select { .. } => Lane::Select,
            Self::Count { .. } => Lane::Count,
            Self::Read { slot, .. } => Lane::Read(*slot),
            Self::Colour { slot, .. } => Lane::Colour(*slot),
            Self::Survey { .. } => Lane::Survey,
            Self::Diff { .. } => Lane::Diff,
            Self::Passages { .. } => Lane::Passages,
            Self::CountHits { .. } => Lane::Hits,
        }
    }
}

/// Which job of which lane an answer belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ticket {
    /// The lane.
    pub lane: Lane,
    /// Number of the job in its lane.
    pub number: u64,
}

/// What a selection found.
#[derive(Debug, Clone)]
pub struct Found {
    /// The snapshot it was found in: row numbers mean nothing elsewhere.
    pub library: Arc<Library>,
    /// The rows as a set, with the query.
    pub selection: Arc<Selection>,
    /// The rows in the order of the list.
    pub order: Order,
    /// What each row of the list stands for where samples are folded; empty where they are not.
    pub samples: Arc<[Samples]>,
    /// The order.
    pub sort: Sort,
    /// Values with counts.
    pub facets: Arc<Facets>,
    /// Where in the list the key is that should keep the cursor.
    pub kept: Option<usize>,
}

/// What a job has to say.
#[derive(Debug, Clone)]
pub enum Answer {
    /// A build is under way.
    Building(Progress),
    /// A build is done.
    Built(Arc<Library>, Box<Report>),
    /// A selection is made.
    Found(Box<Found>),
    /// A query that is being written selects so many.
    Counted(usize),
    /// A generation is ready to be read.
    Read(Slot, Arc<Document>),
    /// A text is coloured.
    Coloured(Slot, String, Arc<[Colour]>),
    /// Answers are compared.
    Differ(Arc<Differences>),
    /// A selection, or the count for the query line, has to read text.
    Scanning(Lane, Scan),
    /// Passages of the list.
    Passages(Vec<(u32, Option<Passage>)>),
    /// All generations of the list have so many hits.
    Hits(Option<u64>),
    /// What a screen shows is counted.
    Surveyed(Request, Finding),
    /// It did not work.
    Failed(Lane, String),
}

/// What jobs need to know of this start of the program.
#[derive(Debug, Clone)]
pub struct Setting {
    /// The folder of the library.
    pub dir: PathBuf,
    /// What the user pointed at.
    pub paths: Vec<PathBuf>,
    /// How outputs are judged.
    pub build: BuildOptions,
    /// What counts the tokens that a file does not say.
    pub tokenizer: Option<Arc<Tokenizer>>,
}

/// The lanes.
#[derive(Debug)]
pub struct Jobs {
    lanes: Vec<LaneEnd>,
}

#[derive(Debug)]
struct LaneEnd {
    lane: Lane,
    jobs: Sender<(u64, Job, Cancel)>,
    latest: Arc<AtomicU64>,
    running: Cancel,
}

impl Jobs {
    /// Starts the threads.
    pub fn start(setting: &Setting, events: &Sender<Event>) -> Self {
        let lanes = lanes()
            .into_iter()
            .map(|lane| {
                let (send, jobs) = unbounded();
                let latest = Arc::new(AtomicU64::new(0));
                let (seen, setting, events) = (Arc::clone(&latest), setting.clone(), events.clone());
                let work = move || work(lane, &setting, &jobs, &seen, &events);
                // Without its thread a lane answers nothing; the program still shows what it has.
                let _ = thread::Builder::new().name(format!("{lane:?}").to_lowercase()).spawn(work);
                LaneEnd { lane, jobs: send, latest, running: Cancel::default() }
            })
            .collect();
        Self { lanes }
    }

    /// Hands in a job; the one before it in its lane is obsolete.
    pub fn submit(&mut self, job: Job) {
        let wanted = job.lane();
        let Some(lane) = self.lanes.iter_mut().find(|end| end.lane == wanted) else { return };
        lane.running.cancel();
        lane.running = Cancel::default();
        let number = lane.latest.fetch_add(1, Ordering::SeqCst) + 1;
        let _ = lane.jobs.send((number, job, lane.running.clone()));
    }

    /// Whether an answer belongs to the newest job of its lane.
    pub fn is_current(&self, ticket: Ticket) -> bool {
        let newest = |end: &LaneEnd| end.latest.load(Ordering::SeqCst) == ticket.number;
        self.lanes.iter().find(|end| end.lane == ticket.lane).is_some_and(newest)
    }

    /// Tells everything to stop.
    pub fn stop(&self) {
        for lane in &self.lanes {
            lane.running.cancel();
        }
    }
}

fn work(
    lane: Lane,
    setting: &Setting,
    jobs: &Receiver<(u64, Job, Cancel)>,
    latest: &AtomicU64,
    events: &Sender<Event>,
) {
    while let Ok((number, job, cancel)) = jobs.recv() {
        if latest.load(Ordering::SeqCst) != number {
            continue;
        }
        let ticket = Ticket { lane, number };
        let tell = |answer: Answer| {
            let _ = events.send(Event::Answer(ticket, answer));
        };
        // A fault in one job must not take the program along: it is said, and the lane goes on.
        let done = catch_unwind(AssertUnwindSafe(|| perform(job, setting, &cancel, &tell)));
        if let Err(panic) = done {
            let said =
                panic.downcast_ref::<String>().map(String::as_str).or(panic.downcast_ref::<&str>().copied());
            tell(Answer::Failed(lane, format!("a fault of heedless itself: {}", said.unwrap_or("unknown"))));
        }
    }
}

/// Does one job here and now. What it finds goes to `tell`; a cancelled job says nothing.
pub fn perform(job: Job, setting: &Setting, cancel: &Cancel, tell: &dyn Fn(Answer)) {
    let lane = job.lane();
    let failed = |error: crate::error::Error| {
        if !matches!(error, crate::error::Error::Cancelled) {
            tell(Answer::Failed(lane, error.to_string()));
        }
    };
    let scanning = |scan: Scan| {
        if scan.is_long() {
            tell(Answer::Scanning(lane, scan));
        }
    };
    match job {
        Job::Build { fresh } => {
            let options = BuildOptions { fresh, ..setting.build };
            let progress = |p: Progress| tell(Answer::Building(p));
            match library::build(&setting.dir, &setting.paths, &options, &progress, cancel) {
                Ok(built) => tell(Answer::Built(built.library, Box::new(built.report))),
                Err(error) => failed(error),
            }
        }
        Job::Select { library, query, sort, fold, keep, asker } => {
            match library.select_told(&query, cancel, &asker, &scanning) {
                Ok(selection) => {
                    let selection = Arc::new(selection);
                    let order = match library.ordered(&selection, sort, cancel) {
                        Ok(order) if !cancel.is_cancelled() => order,
                        Ok(_) => return,
                        Err(error) => return failed(error),
                    };
                    let facets = Arc::new(library.facets(&selection));
                    let samples: Arc<[Samples]> =
                        if fold { library.fold(&order).into() } else { Arc::default() };
                    let order = if fold { samples.iter().map(|s| s.row).collect() } else { order };
                    // Folded, a sample is where its item is.
                    let of = |r: u32| (library.row(r).run_number(), library.row(r).item_number());
                    let place = |row: u32| {
                        if fold { order.iter().position(|r| of(r) == of(row)) } else { order.position(row) }
                    };
                    let kept = keep.and_then(|key| library.find(&key).ok()).and_then(place);
                    tell(Answer::Found(Box::new(Found {
                        library,
                        selection,
                        order,
                        samples,
                        sort,
                        facets,
                        kept,
                    })));
                }
                Err(error) => failed(error),
            }
        }
        Job::Count { library, query, asker } => {
            match library.select_told(&query, cancel, &asker, &scanning) {
                Ok(selection) => tell(Answer::Counted(selection.count())),
                Err(error) => failed(error),
            }
        }
        Job::Passages { library, selection, rows } => {
            let lookups: Vec<_> = selection.lookups().into_iter().cloned().collect();
            let passages = library.passages(&rows, &lookups, cancel);
            if !cancel.is_cancelled() {
                tell(Answer::Passages(rows.into_iter().zip(passages).collect()));
            }
        }
        Job::CountHits { library, selection } => match library.count_hits(&selection, cancel) {
            Ok(hits) => tell(Answer::Hits(hits)),
            Err(error) => failed(error),
        },
        Job::Diff { documents } => tell(Answer::Differ(Arc::new(Differences::of(&documents)))),
        Job::Survey { library, selection, request } => {
            let options = assess::Options {
                judged: setting.build.judged,
                grade: setting.build.grade,
                want: Want::Marks,
                ..assess::Options::default()
            };
            if let Some(finding) = survey::count(&library, &selection, request, options, cancel) {
                tell(Answer::Surveyed(request, finding));
            }
        }
        Job::Read { slot, library, row, query } => match read(&library, row, &query, setting) {
            Ok(document) => tell(Answer::Read(slot, Arc::new(document))),
            Err(error) => failed(error),
        },
        Job::Colour { slot, document } => {
            let split = &document.assessment.split;
            let go_on = || !cancel.is_cancelled();
            // The answer first: it is what is looked at. The trace may begin inside of math or code
            // that the answer must not inherit, so the parts are parsed apart.
            let mut colours = highlight(document.text(), split.trace.clone(), &go_on);
            colours.extend(highlight(document.text(), split.answer.clone(), &go_on));
            if go_on() {
                tell(Answer::Coloured(slot, document.standing.key.clone(), colours.into()));
            }
        }
    }
}

fn read(library: &Library, row: u32, query: &Query, setting: &Setting) -> crate::error::Result<Document> {
    let record = library.read(row)?;
    let facts = library.run_facts(library.row(row).run_number());
    let options = assess::Options {
        judged: setting.build.judged,
        grade: setting.build.grade,
        want: Want::Marks,
        ..assess::Options::default()
    };
    let lookups: Vec<_> = query.lookups().into_iter().cloned().collect();
    let hits = if lookups.is_empty() {
        Vec::new()
    } else {
        let split = Split::of(&record.generation, facts.closes_traces);
        library::hits(&record.generation.text, &split, &lookups)
    };
    let standing = Standing {
        row,
        key: library.key(row),
        samples: library.samples(row),
        others: library.same_item(row),
        twin: library.twin(row),
    };
    Ok(Document::new(standing, record, facts, options, hits, setting.tokenizer.as_deref()))
}
