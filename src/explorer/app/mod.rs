//! What the explorer knows, and how it changes.
//!
//! [`App::update`] takes what happened and gives back what the world must do; it reads no file,
//! no clock and no terminal. Drawing takes `&App`. To add a screen: a variant of [`Screen`], its
//! keys as a [`Layer`], a module here with its state and `update`, a module in
//! [`view`](super::view) that draws it.

mod answers;
#[cfg(test)]
mod any_events;
pub mod area;
pub mod ask;
mod at_hand;
pub mod beside;
pub mod browse;
pub mod copy;
#[cfg(test)]
mod counted_tests;
mod dispatch;
pub mod facets;
pub mod flips;
pub mod list;
pub mod matrix;
pub mod mouse;
pub mod overlay;
pub mod passages;
pub mod plots;
#[cfg(test)]
mod reading_tests;
pub mod tables;
mod takeover;
#[cfg(test)]
mod takeover_tests;
#[cfg(test)]
mod tests;
pub mod triage;
pub mod writing;

use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ratatui::layout::Rect;

pub use super::action::Action;
use super::effect::{CursorTarget, Effect, Job};
use super::event::Event;
use super::jobs::Found;
use super::key::Key;
use super::keymap::Keymap;
pub use super::keymap::{Fact, Layer};
use super::reader::Reader;
use super::session::Session;
use super::theme::Theme;
use crate::library::{Library, Progress, Report, Sort, SortKey};
use crate::split::JudgedSpan;
pub use area::Areas;
pub use ask::Ask;
pub use beside::Beside;
pub use browse::{Browse, Pane};
pub use list::List;
pub use overlay::Overlay;

/// What fills the screen. The last of [`App::screens`] is shown; Esc and `q` take it away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Screen {
    /// Facets, list, reading pane.
    Browse,
    /// One generation.
    Read,
    /// The same item of two to four runs.
    Beside,
    /// The table of runs.
    Runs,
    /// What could not be read.
    Rejects,
    /// The prompt as sent.
    Prompt,
    /// Shares by two fields.
    Matrix,
    /// Plots.
    Plots,
    /// Two runs on the same items.
    Flips,
}

impl Screen {
    /// Its name, for the way back at the top.
    pub fn name(self) -> &'static str {
        match self {
            Self::Browse => "browse",
            Self::Read => "read",
            Self::Beside => "side by side",
            Self::Runs => "runs",
            Self::Rejects => "rejects",
            Self::Prompt => "prompt",
            Self::Matrix => "matrix",
            Self::Plots => "plots",
            Self::Flips => "flips",
        }
    }
}

/// How far the library is.
#[derive(Debug, Clone, Default)]
pub struct Build {
    /// The last word of a running build.
    pub running: Option<Progress>,
    /// What the last build did.
    pub report: Option<Report>,
    /// Why there is no library.
    pub failed: Option<String>,
}

/// A message that goes away by itself.
#[derive(Debug, Clone)]
pub struct Toast {
    /// What it says.
    pub text: String,
    /// Something did not work.
    pub bad: bool,
    until: Instant,
}

/// How long a message stays.
const TOAST: Duration = Duration::from_secs(4);

/// Everything the explorer knows.
#[derive(Debug)]
pub struct App {
    /// Columns and rows of the terminal, as it said last. What a key means may depend on it (a page);
    /// what is drawn must not, for the terminal may have another size by then: private, so that no
    /// view can read it.
    size: (u16, u16),
    /// The look.
    pub theme: Theme,
    /// The keys.
    pub keymap: Keymap,
    /// What is looked at: the name of the folder.
    pub name: String,
    /// The paths as typed, for commands to copy.
    pub paths: Vec<PathBuf>,
    /// Options typed that commands to copy need too, as they were typed.
    pub typed: Vec<OsString>,
    /// The rule by which outputs are judged.
    pub judged: JudgedSpan,
    /// The newest snapshot.
    pub library: Arc<Library>,
    /// How far it is.
    pub build: Build,
    /// What is asked.
    pub ask: Ask,
    /// The last answer.
    pub found: Option<Found>,
    /// What fills the screen, the first at the bottom.
    pub screens: Vec<Screen>,
    /// What lies over it.
    pub overlay: Option<Overlay>,
    /// What the list shows of the text.
    pub passages: passages::Passages,
    /// The first screen.
    pub browse: Browse,
    /// The generation at hand.
    pub reader: Reader,
    /// The generation that the reader is on was asked for, and has not come.
    pub reading: bool,
    /// What the cursor of the list is to be on, where the newest list does not have it: it may come
    /// back while files are read again. Forgotten when somebody moves.
    anchor: Option<CursorTarget>,
    /// Something at hand was not found while files were being read: it is looked for once more when
    /// they have been.
    unsure: bool,
    /// The last snapshot that was of the files as they were, not of a part of them.
    whole: Option<Arc<Library>>,
    /// Keys pressed for a generation that had not come yet.
    queued: Vec<Action>,
    /// Those beside it.
    pub beside: Option<Beside>,
    /// The table of runs.
    pub runs: List,
    /// What it shows.
    pub figures: Option<tables::Figures>,
    /// Runs chosen in it, by name, in the order they were chosen: the first is A.
    pub chosen: Vec<String>,
    /// The list of rejects.
    pub rejects: List,
    /// The prompt.
    pub prompt: tables::PromptPage,
    /// The matrix.
    pub matrix: matrix::MatrixScreen,
    /// The plots.
    pub plots: plots::PlotsScreen,
    /// Two runs on the same items.
    pub flips: flips::FlipsScreen,
    /// Tags and notes.
    pub triage: triage::Triage,
    /// Keys of a chord that has begun.
    pub pressed: Vec<Key>,
    /// Messages.
    pub toasts: Vec<Toast>,
    /// The mouse is ours.
    pub mouse: bool,
    /// A divider being dragged.
    pub dragged: Option<mouse::Divider>,
    /// What is remembered.
    pub session: Session,
    /// The time of the event being handled.
    pub now: Instant,
    effects: Vec<Effect>,
}

impl App {
    /// An explorer of nothing yet.
    pub fn new(name: String, now: Instant) -> Self {
        Self {
            size: (80, 24),
            theme: Theme::ansi(),
            keymap: Keymap::built_in(),
            name,
            paths: Vec::new(),
            typed: Vec::new(),
            judged: JudgedSpan::Mathif,
            library: Arc::new(Library::empty()),
            build: Build::default(),
            ask: Ask::default(),
            found: None,
            screens: vec![Screen::Browse],
            overlay: None,
            passages: passages::Passages::default(),
            browse: Browse::default(),
            reader: Reader::default(),
            reading: false,
            anchor: None,
            unsure: false,
            whole: None,
            queued: Vec::new(),
            beside: None,
            runs: List::default(),
            figures: None,
            chosen: Vec::new(),
            rejects: List::default(),
            prompt: tables::PromptPage::default(),
            matrix: matrix::MatrixScreen::default(),
            plots: plots::PlotsScreen::default(),
            flips: flips::FlipsScreen::default(),
            triage: triage::Triage::default(),
            pressed: Vec::new(),
            toasts: Vec::new(),
            mouse: true,
            dragged: None,
            session: Session::default(),
            now,
            effects: Vec::new(),
        }
    }

    /// Takes up where the last session ended: query, order, cursor.
    pub fn restore(&mut self, session: Session) {
        if let Ok(query) = crate::library::Query::parse(&session.query) {
            self.ask.query = query;
        }
        if let Some(key) = SortKey::from_name(&session.sort.0) {
            self.ask.sort = Sort { key, descending: session.sort.1 };
        }
        self.ask.fold = session.fold;
        self.browse.facets.folds.clone_from(&session.folds);
        self.flips.a.clone_from(&session.baseline);
        self.session = session;
    }

    /// What to remember.
    pub fn remembered(&self) -> Session {
        Session {
            query: self.ask.query.to_string(),
            sort: (self.ask.sort.key.name().to_owned(), self.ask.sort.descending),
            key: self.key_at_cursor().or_else(|| self.session.key.clone()),
            fold: self.ask.fold,
            folds: self.browse.facets.folds.clone(),
            baseline: self.flips.a.clone(),
            ..self.session.clone()
        }
    }

    /// What to do first.
    pub fn begin(&mut self) -> Vec<Effect> {
        self.build.running = Some(Progress { phase: "reading", ..Progress::default() });
        self.effects.push(Effect::Job(Job::Build { fresh: false }));
        self.take_effects()
    }

    /// The screen in sight.
    pub fn screen(&self) -> Screen {
        self.screens.last().copied().unwrap_or(Screen::Browse)
    }

    /// Places of everything, at the size that the terminal had when it said so last: for what keys
    /// and mouse mean.
    fn areas(&self) -> Areas {
        let (width, height) = self.size;
        Areas::of(self, Rect::new(0, 0, width, height))
    }

    /// The places whose keys work now, from the inside out.
    pub fn layers(&self) -> Vec<Layer> {
        if self.overlay.is_some() { vec![Layer::Typing] } else { self.layers_without_overlay() }
    }

    fn layers_without_overlay(&self) -> Vec<Layer> {
        match self.screen() {
            Screen::Browse => {
                let pane = match self.browse.focus {
                    Pane::Facets => Layer::Facets,
                    Pane::List => Layer::List,
                    Pane::Reading => Layer::Reading,
                };
                vec![pane, Layer::Browse, Layer::Generation, Layer::Global]
            }
            Screen::Read => vec![Layer::Read, Layer::Generation, Layer::Global],
            Screen::Beside => vec![Layer::Compare, Layer::Generation, Layer::Global],
            Screen::Runs => vec![Layer::Runs, Layer::Global],
            Screen::Rejects => vec![Layer::Rejects, Layer::Global],
            Screen::Prompt => vec![Layer::Prompt, Layer::Global],
            Screen::Matrix => vec![Layer::Matrix, Layer::Global],
            Screen::Plots => vec![Layer::Plots, Layer::Global],
            Screen::Flips => vec![Layer::Flips, Layer::Global],
        }
    }

    /// Whether a fact holds that a key may depend on.
    pub fn fact(&self, fact: Fact) -> bool {
        let document = self.reader_in_hand().document();
        match fact {
            Fact::Zoomed => self.browse.zoomed,
            Fact::Filtered => !self.ask.query.is_empty(),
            Fact::Marks => document.is_some_and(|d| !d.marks.is_empty()),
            Fact::Hits => document.is_some_and(|d| !d.hits.is_empty()),
            Fact::Samples => document.is_some_and(|d| d.standing.samples() > 1),
            Fact::Wrapped => !self.reader.unwrapped,
        }
    }

    /// The reader that keys of reading go to.
    pub fn reader_in_hand(&self) -> &Reader {
        self.column(self.facing()).unwrap_or(&self.reader)
    }

    /// The reader that keys of reading go to.
    pub fn reader_in_hand_mut(&mut self) -> &mut Reader {
        let side = self.facing().checked_sub(1);
        match side.and_then(|at| self.beside.as_mut()?.sides.get_mut(at)) {
            Some(side) => &mut side.reader,
            None => &mut self.reader,
        }
    }

    /// Says something that goes away by itself.
    pub fn say(&mut self, text: impl Into<String>) {
        self.toast(text.into(), false);
    }

    /// Says that something did not work.
    pub fn complain(&mut self, text: impl Into<String>) {
        self.toast(text.into(), true);
    }

    fn toast(&mut self, text: String, bad: bool) {
        self.toasts.retain(|t| t.text != text);
        self.toasts.push(Toast { text, bad, until: self.now + TOAST });
        if self.toasts.len() > 3 {
            self.toasts.remove(0);
        }
    }

    /// When something on the screen changes by itself.
    pub fn wakes(&self) -> Option<Instant> {
        self.toasts.iter().map(|t| t.until).min()
    }

    /// Takes what happened; gives what must be done.
    pub fn update(&mut self, event: Event) -> Vec<Effect> {
        self.toasts.retain(|t| t.until > self.now);
        match event {
            Event::Key(key) => self.key(key),
            Event::Mouse(mouse) => self.mouse_event(mouse),
            Event::Paste(text) => self.paste(&text),
            Event::Resize(columns, rows) => {
                self.size = (columns, rows);
                // In a storm only the last size may be seen, and be that from before: what the
                // terminal cut away meanwhile is known to nobody else.
                self.effects.push(Effect::Redraw);
            }
            Event::Answer(_, answer) => self.answer(answer),
            Event::Kept(kept) => self.take_kept(kept),
            Event::Changed(path, change) => self.take_change(&path, change),
            Event::Continued => self.effects.push(Effect::Redraw),
            Event::Ended => self.quit(),
            Event::Tick => {}
        }
        self.lay_out();
        self.take_effects()
    }

    fn take_effects(&mut self) -> Vec<Effect> {
        std::mem::take(&mut self.effects)
    }

    /// Gives every part its place: the one thing that follows from everything else.
    fn lay_out(&mut self) {
        self.align_heads();
        let areas = self.areas();
        if let Some(area) = areas.facets {
            self.browse.facets.keep_in_sight(area.height);
        }
        if let Some(area) = areas.list {
            let (rows, len) = (self.list_rows(area), self.len());
            self.browse.list.keep_in_sight(rows, len);
            self.ask_passages();
        }
        if let Some(area) = areas.reading {
            match self.screen() {
                Screen::Browse | Screen::Read | Screen::Beside => self.reader.resize(area.width, area.height),
                Screen::Runs => {
                    let len = self.summaries().len();
                    self.runs.keep_in_sight(area.height.saturating_sub(1), len);
                }
                Screen::Rejects => {
                    let len = self.library.rejects().len();
                    self.rejects.keep_in_sight(tables::reject_rows(area.height), len);
                }
                Screen::Prompt => self.prompt.resize(area.width, area.height),
                Screen::Flips => {
                    let (rows, len) = (self.pair_rows(), self.flips.order.len());
                    self.flips.list.keep_in_sight(rows, len);
                }
                Screen::Matrix | Screen::Plots => {}
            }
        }
        for (side, area) in self.beside.iter_mut().flat_map(|b| &mut b.sides).zip(areas.beside) {
            if let Some(area) = area {
                side.reader.resize(area.width, area.height);
            }
        }
    }

    /// Shows a screen; one that is already below comes up.
    pub fn open(&mut self, screen: Screen) {
        self.screens.retain(|&s| s != screen);
        self.screens.push(screen);
    }

    /// Takes the screen in sight away.
    pub fn close(&mut self) {
        if self.screens.len() > 1 {
            self.screens.pop();
            // What was asked meanwhile, and what the files say by now, is not in what was counted.
            self.recount();
        }
    }

    fn quit(&mut self) {
        let session = self.remembered();
        self.effects.push(Effect::Remember(Box::new(session)));
        self.effects.push(Effect::Quit);
    }

    /// Rows of the list.
    pub fn len(&self) -> usize {
        self.found.as_ref().map_or(0, |f| f.order.len())
    }

    /// Whether the list has none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
