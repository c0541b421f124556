//! What `update` may ask the world to do.

use std::path::PathBuf;
use std::sync::Arc;

use super::app::beside::SIDES;
use super::document::Document;
use super::keeper::Keep;
use super::outside::Tool;
use super::session::Session;
use super::survey::Request;
use crate::asker::Asker;
use crate::library::{Identity, Library, Query, Selection, Sort};

/// Which reader an answer is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Slot {
    /// The generation at hand.
    Main,
    /// One beside it, by its place in [`Beside::sides`](super::app::Beside::sides).
    Beside(u8),
}

impl Slot {
    /// Every reader there can be.
    pub fn all() -> impl Iterator<Item = Self> {
        let beside = (0..SIDES as u8 - 1).map(Self::Beside);
        std::iter::once(Self::Main).chain(beside)
    }
}

/// What the cursor of the list is to be on.
#[derive(Debug, Clone)]
pub enum CursorTarget {
    /// The first row, whatever it is.
    First,
    /// What has a key: as typed, or as remembered from another start.
    Named(String),
    /// A generation of this snapshot or an older one.
    Generation(Identity),
}

/// Which generation is to be read.
#[derive(Debug, Clone)]
pub enum Wanted {
    /// A row of the snapshot.
    Row(u32),
    /// One of another snapshot, wherever it is in this one.
    Same(Identity),
}

/// Work for another thread.
#[derive(Debug, Clone)]
pub enum Job {
    /// Build or refresh the library.
    Build {
        /// Read every file again.
        fresh: bool,
    },
    /// Select, count, sort.
    Select {
        /// From what.
        library: Arc<Library>,
        /// Which.
        query: Query,
        /// In which order.
        sort: Sort,
        /// Samples of an item in a run are one row.
        fold: bool,
        /// What the cursor is to be on.
        keep: CursorTarget,
        /// Who asks.
        asker: Asker,
    },
    /// Count what a query that is still being written selects.
    Count {
        /// From what.
        library: Arc<Library>,
        /// Which.
        query: Query,
        /// Who asks.
        asker: Asker,
    },
    /// Read a generation and check it with marks.
    Read {
        /// For which reader.
        slot: Slot,
        /// From what.
        library: Arc<Library>,
        /// Which.
        wanted: Wanted,
        /// What is searched for.
        query: Query,
    },
    /// Compare answers word by word, each with the first.
    Diff {
        /// The generation at hand, then those beside it.
        documents: Vec<Arc<Document>>,
    },
    /// Count what a screen shows.
    Survey {
        /// From what.
        library: Arc<Library>,
        /// Over which generations.
        selection: Arc<Selection>,
        /// What.
        request: Request,
    },
    /// Read the passages of rows of the list.
    Passages {
        /// From what.
        library: Arc<Library>,
        /// What was looked up.
        selection: Arc<Selection>,
        /// Which.
        rows: Vec<u32>,
    },
    /// Count the hits in all generations of the list.
    CountHits {
        /// From what.
        library: Arc<Library>,
        /// Which, and what was looked up.
        selection: Arc<Selection>,
    },
    /// Colour a text.
    Colour {
        /// For which reader.
        slot: Slot,
        /// What.
        document: Arc<Document>,
    },
}

/// What `update` asks for. The loop carries it out after the update, never within.
#[derive(Debug, Clone)]
pub enum Effect {
    /// Work for another thread.
    Job(Job),
    /// Put a text on the clipboard.
    Copy {
        /// What it is, for the message.
        what: &'static str,
        /// The text.
        text: String,
    },
    /// Open a file in the user's editor.
    Edit {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: u64,
    },
    /// Show a copy of a text in the user's editor or pager.
    Show {
        /// The text as it is: it is made visible on the way.
        text: String,
        /// The byte to begin at.
        at: usize,
        /// In which.
        tool: Tool,
    },
    /// Stop until the shell continues us.
    Suspend,
    /// Draw every cell anew.
    Redraw,
    /// Take the mouse or free it.
    Mouse(bool),
    /// Watch the file of what is shown.
    Watch(PathBuf),
    /// Keep this for the next start.
    Remember(Box<Session>),
    /// Write tags and notes down.
    Keep(Keep),
    /// End.
    Quit,
}
