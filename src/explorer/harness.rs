//! The explorer without a terminal and without threads: keys in, screens out. For tests.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use unicode_width::UnicodeWidthStr as _;

use super::app::App;
use super::effect::{Effect, Job};
use super::event::Event;
use super::jobs::{Answer, Lane, Setting, Ticket, perform};
use super::key::Key;
use super::view;
use crate::library::{self, BuildOptions, Cancel, Library, Report};

/// An explorer whose jobs are done at once.
pub(crate) struct Harness {
    pub(crate) app: App,
    /// Columns and rows that the explorer was told of.
    size: (u16, u16),
    /// Effects that are not jobs, as they came.
    pub(crate) effects: Vec<Effect>,
    /// Selections are kept back, as by a machine that is busy, until [`Self::release`].
    pub(crate) busy: bool,
    kept_back: Vec<Effect>,
    /// The answers of this lane are kept back until [`Self::let_go`].
    held: Option<Lane>,
    late: Vec<Event>,
    /// The longest update since somebody asked, jobs not counted.
    pub(crate) longest: Duration,
    setting: Setting,
    dir: Arc<tempfile::TempDir>,
}

impl Harness {
    /// Opens some paths at a size.
    pub(crate) fn open(paths: &[&Path], size: (u16, u16)) -> Self {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let paths: Vec<PathBuf> = paths.iter().map(|p| p.to_path_buf()).collect();
        let name = paths[0].file_name().unwrap_or_default().to_string_lossy().into_owned();
        let setting = Setting {
            dir: dir.path().join("library"),
            paths,
            build: BuildOptions::default(),
            tokenizer: None,
        };
        let mut harness = Self::of(name, size, setting, Arc::new(dir));
        let effects = harness.app.begin();
        harness.settle(effects);
        harness
    }

    /// An explorer that has not begun.
    fn of(name: String, size: (u16, u16), setting: Setting, dir: Arc<tempfile::TempDir>) -> Self {
        let app = App::new(name, Instant::now());
        let mut harness = Self {
            app,
            size,
            effects: Vec::new(),
            busy: false,
            kept_back: Vec::new(),
            held: None,
            late: Vec::new(),
            longest: Duration::ZERO,
            setting,
            dir,
        };
        harness.resize(size.0, size.1);
        harness.effects.clear();
        harness
    }

    /// Another explorer of the same library, which is not built again.
    pub(crate) fn again(&self) -> Self {
        let (name, dir) = (self.app.name.clone(), Arc::clone(&self.dir));
        let mut harness = Self::of(name, self.size, self.setting.clone(), dir);
        let ticket = Ticket { lane: Lane::Build, number: 0 };
        let report = self.app.build.report.clone().expect("the first explorer has built its library");
        harness.event(Event::Answer(ticket, Answer::Built(self.app.library.clone(), Box::new(report))));
        harness.event(Event::Kept(super::keeper::Kept::Opened(Box::default(), Vec::new())));
        harness
    }

    /// The runs that come with the program.
    pub(crate) fn samples(size: (u16, u16)) -> Self {
        Self::open(&[Path::new("sample_runs")], size)
    }

    /// The runs of four public models; `None`, with a notice, where they are not.
    pub(crate) fn math500(size: (u16, u16)) -> Option<Self> {
        let path = Path::new("../shared/data/runs/math500");
        if !path.exists() {
            eprintln!("skipped: ../shared/data not here");
            return None;
        }
        Some(Self::open(&[path], size))
    }

    /// Lets something happen, and everything that follows from it.
    pub(crate) fn event(&mut self, event: Event) {
        if let Event::Resize(columns, rows) = event {
            self.size = (columns, rows);
        }
        let begun = worked();
        let effects = self.app.update(event);
        self.longest = self.longest.max(worked().saturating_sub(begun));
        self.settle(effects);
    }

    fn settle(&mut self, effects: Vec<Effect>) {
        let lane = |effect: &Effect| match effect {
            Effect::Job(job) => Some(job.lane()),
            _ => None,
        };
        let lanes: Vec<_> = effects.iter().map(lane).collect();
        for (i, effect) in effects.into_iter().enumerate() {
            if lanes[i].is_some() && lanes[i + 1..].contains(&lanes[i]) {
                // Superseded before it could begin.
                continue;
            }
            match effect {
                Effect::Job(Job::Build { .. }) => {
                    let ticket = Ticket { lane: Lane::Build, number: 0 };
                    let answer = self.rebuilt();
                    self.event(Event::Answer(ticket, answer));
                }
                Effect::Job(Job::Select { .. }) if self.busy => self.kept_back = vec![effect],
                Effect::Job(job) => {
                    let ticket = Ticket { lane: job.lane(), number: 0 };
                    let answers: RefCell<Vec<Answer>> = RefCell::default();
                    perform(job, &self.setting, &Cancel::default(), &|a| answers.borrow_mut().push(a));
                    for answer in answers.into_inner() {
                        let event = Event::Answer(ticket, answer);
                        if self.held == Some(ticket.lane) { self.late.push(event) } else { self.event(event) }
                    }
                }
                other => self.effects.push(other),
            }
        }
    }

    /// Lets the selection be made that was kept back.
    pub(crate) fn release(&mut self) {
        self.busy = false;
        let effects = std::mem::take(&mut self.kept_back);
        self.settle(effects);
    }

    /// Keeps the answers of a lane back, as by a thread that is slow.
    pub(crate) fn holds(&mut self, lane: Lane) {
        self.held = Some(lane);
    }

    /// Lets the answers come that were kept back, the stale ones among them: that their tickets would
    /// be looked at first must not be what keeps them from harm.
    pub(crate) fn let_go(&mut self) {
        self.held = None;
        for event in std::mem::take(&mut self.late) {
            self.event(event);
        }
    }

    /// What a build says once the files are as they are now.
    pub(crate) fn rebuilt(&self) -> Answer {
        let (library, report) = self.built();
        Answer::Built(library, Box::new(report))
    }

    /// The library of the paths; those that do not change are built once for all tests.
    fn built(&self) -> (Arc<Library>, Report) {
        type Kept = Mutex<BTreeMap<PathBuf, (Arc<Library>, Report)>>;
        static KEPT: Kept = Mutex::new(BTreeMap::new());
        let build = || {
            let setting = &self.setting;
            let built =
                library::build(&setting.dir, &setting.paths, &setting.build, &|_| {}, &Cancel::default())
                    .expect("the library of a test is built");
            (built.library, built.report)
        };
        match self.setting.paths.as_slice() {
            [path] if path.is_relative() => {
                let mut kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
                kept.entry(path.clone()).or_insert_with(build).clone()
            }
            _ => build(),
        }
    }

    /// Presses keys: characters, and names in angle brackets.
    pub(crate) fn keys(&mut self, keys: &str) -> &mut Self {
        for key in keys_of(keys) {
            self.event(Event::Key(key));
        }
        self
    }

    /// Reads the files again, whatever has the keys.
    pub(crate) fn refresh(&mut self) {
        let answer = self.rebuilt();
        self.event(Event::Answer(Ticket { lane: Lane::Build, number: 0 }, answer));
    }

    /// The screen as text.
    pub(crate) fn screen(&self) -> String {
        text(&self.buffer())
    }

    /// The screen.
    pub(crate) fn buffer(&self) -> Buffer {
        let (columns, rows) = self.size;
        self.buffer_of(columns, rows)
    }

    /// The screen of a terminal that has this size, whatever the explorer has been told: a terminal
    /// is drawn on at its new size before the event that tells of it is read.
    pub(crate) fn buffer_of(&self, columns: u16, rows: u16) -> Buffer {
        let mut buffer = Buffer::empty(Rect::new(0, 0, columns, rows));
        let cursor = view::draw(&self.app, &mut buffer);
        if let Some((x, y)) = cursor {
            assert!(x < columns && y < rows, "the cursor is at {x},{y} of {columns}x{rows}");
        }
        buffer
    }

    /// Changes the size.
    pub(crate) fn resize(&mut self, columns: u16, rows: u16) -> &mut Self {
        self.event(Event::Resize(columns, rows));
        self
    }
}

/// Keys as tests write them: characters, and names in angle brackets.
pub(crate) fn keys_of(keys: &str) -> Vec<Key> {
    let mut rest = keys;
    let mut out = Vec::new();
    while let Some(c) = rest.chars().next() {
        let (name, after) = match rest.strip_prefix('<').and_then(|r| r.split_once('>')) {
            Some((name, after)) => (name.to_owned(), after),
            None => (c.to_string(), &rest[c.len_utf8()..]),
        };
        out.push(Key::parse(&name).unwrap_or_else(|| panic!("`{name}` is no key")));
        rest = after;
    }
    out
}

/// How long this thread has worked so far: what others do on the machine does not count, where the
/// system tells (Linux).
pub(crate) fn worked() -> Duration {
    static BEGUN: std::sync::LazyLock<Instant> = std::sync::LazyLock::new(Instant::now);
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanos = told.as_deref().and_then(|line| line.split(' ').next()?.parse().ok());
    nanos.map_or_else(|| BEGUN.elapsed(), Duration::from_nanos)
}

/// A buffer as lines without the spaces at their ends.
pub(crate) fn text(buffer: &Buffer) -> String {
    let mut out = String::new();
    for y in 0..buffer.area.height {
        let mut line = String::new();
        let mut skip = 0;
        for x in 0..buffer.area.width {
            if skip > 0 {
                skip -= 1;
                continue;
            }
            let symbol = buffer[(x, y)].symbol();
            skip = symbol.width().saturating_sub(1);
            line.push_str(symbol);
        }
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}
