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
use super::effect::{CursorTarget, Job, Slot, Wanted};
use super::event::Event;
use super::survey::{self, Finding, Request};
use crate::assess;
use crate::constraint::Want;
use crate::library::{
    self, BuildOptions, Cancel, Facets, Held, Identity, Library, Order, Passage, Progress, Query, Report,
    Samples, Scan, Selection, Sort, Whereabouts,
};
use crate::record::ContentKey;
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
    /// What the cursor was to be on, and where that is.
    pub kept: (CursorTarget, CursorPlace),
}

/// Where something is in a selection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CursorPlace {
    /// At this place of the list.
    Listed(usize),
    /// In the library, but not selected.
    Unlisted,
    /// Not in the library. What has its name by now is at this place of the list, if at any.
    Gone(Option<usize>),
}

impl Found {
    /// The row at a place of the list.
    pub fn at(&self, place: usize) -> Option<Held> {
        Some(Held::new(&self.library, self.order.get(place)?))
    }

    /// Where something is in it.
    pub fn place(&self, keep: &CursorTarget) -> CursorPlace {
        place(&self.library, &self.order, !self.samples.is_empty(), keep)
    }
}

/// Where something is in a list; with samples folded, a sample is where its item is.
fn place(library: &Library, order: &Order, folded: bool, keep: &CursorTarget) -> CursorPlace {
    let of = |r: u32| (library.row(r).run_number(), library.row(r).item_number());
    let place =
        |row: u32| if folded { order.iter().position(|r| of(r) == of(row)) } else { order.position(row) };
    let whereabouts = match keep {
        CursorTarget::First => return CursorPlace::Listed(0),
        CursorTarget::Named(key) => library.find(key).map_or(Whereabouts::Gone, Whereabouts::Here),
        CursorTarget::Generation(identity) => library.whereabouts(identity),
    };
    match whereabouts {
        Whereabouts::Here(row) => place(row).map_or(CursorPlace::Unlisted, CursorPlace::Listed),
        Whereabouts::Replaced(row) => CursorPlace::Gone(place(row)),
        Whereabouts::Gone => CursorPlace::Gone(None),
    }
}

/// Of which list an answer is: its rows mean nothing in another snapshot.
#[derive(Debug, Clone)]
pub struct List {
    /// The snapshot.
    pub library: Arc<Library>,
    /// What was selected of it.
    pub selection: Arc<Selection>,
}

impl List {
    /// Whether it is the list that was found last.
    pub fn is_of(&self, found: &Found) -> bool {
        Arc::ptr_eq(&self.library, &found.library) && Arc::ptr_eq(&self.selection, &found.selection)
    }

    /// Whether rows and what was looked up in them mean the same in what was found last.
    pub fn means_the_same(&self, found: &Found) -> bool {
        let lookups = |selection: &Selection| selection.lookups() == found.selection.lookups();
        Arc::ptr_eq(&self.library, &found.library) && lookups(&self.selection)
    }
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
    /// A generation is not in this snapshot; with whether something else has its name there.
    Gone {
        /// The reader that it was for.
        slot: Slot,
        /// Which.
        identity: Identity,
        /// The snapshot.
        library: Arc<Library>,
        /// Something else has its name.
        replaced: bool,
    },
    /// A text is coloured.
    Coloured(Slot, ContentKey, Arc<[Colour]>),
    /// Answers are compared.
    Differ(Arc<Differences>),
    /// A selection, or the count for the query line, has to read text.
    Scanning(Lane, Scan),
    /// Passages of rows of a list.
    Passages(List, Vec<(u32, Option<Passage>)>),
    /// All generations of a list have so many hits.
    Hits(List, Option<u64>),
    /// What a screen shows is counted over a list.
    Surveyed(List, Request, Finding),
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
                    let kept = place(&library, &order, !samples.is_empty(), &keep);
                    tell(Answer::Found(Box::new(Found {
                        library,
                        selection,
                        order,
                        samples,
                        sort,
                        facets,
                        kept: (keep, kept),
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
                let list = List { library, selection };
                tell(Answer::Passages(list, rows.into_iter().zip(passages).collect()));
            }
        }
        Job::CountHits { library, selection } => match library.count_hits(&selection, cancel) {
            Ok(hits) => tell(Answer::Hits(List { library, selection }, hits)),
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
                tell(Answer::Surveyed(List { library, selection }, request, finding));
            }
        }
        Job::Read { slot, library, wanted, query } => {
            let row = match wanted {
                Wanted::Row(row) => row,
                Wanted::Same(identity) => match library.whereabouts(&identity) {
                    Whereabouts::Here(row) => row,
                    other => {
                        let replaced = matches!(other, Whereabouts::Replaced(_));
                        return tell(Answer::Gone { slot, identity, library, replaced });
                    }
                },
            };
            match read(&library, row, &query, setting) {
                Ok(document) => tell(Answer::Read(slot, Arc::new(document))),
                Err(error) => failed(error),
            }
        }
        Job::Colour { slot, document } => {
            let split = &document.assessment.split;
            let go_on = || !cancel.is_cancelled();
            // The answer first: it is what is looked at. The trace may begin inside of math or code
            // that the answer must not inherit, so the parts are parsed apart.
            let mut colours = highlight(document.text(), split.trace.clone(), &go_on);
            colours.extend(highlight(document.text(), split.answer.clone(), &go_on));
            if go_on() {
                tell(Answer::Coloured(slot, document.standing.content(), colours.into()));
            }
        }
    }
}

fn read(
    library: &Arc<Library>,
    row: u32,
    query: &Query,
    setting: &Setting,
) -> crate::error::Result<Document> {
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
    Ok(Document::new(Standing::of(library, row), record, facts, options, hits, setting.tokenizer.as_deref()))
}
