//! Saved files become records.
//!
//! [`discover()`] walks paths and says what can be read ([`Source`]) and what cannot ([`Reject`]).
//! A [`Reader`] turns the lines of one source into records; it is shared between threads, and a
//! line means the same whoever reads it and when, so that a record can be read again from its
//! place alone. Nothing here panics on any input, and nothing is lost silently: a line is either
//! in a record, or blank, or pending (a last line still being written), or a reject with its place.

mod config;
mod detect;
mod discover;
mod fields;
mod json;
pub mod lines;
mod mathif;
mod name;
mod native;
mod saved;
mod texts;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use serde::{Deserialize, Serialize};

pub use self::config::{Overrides, SamplingOverrides, settings_for};
pub use self::discover::discover;
pub(crate) use self::discover::{FileId, file_id};
pub use self::lines::{Line, Lines, MAX_LINE, lines};
use self::saved::SavedLine;
use crate::error::{Reject, RejectKind};
use crate::record::{Place, Record, Run};

/// Layouts that can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Format {
    /// MathIF's pair of an item file and an output file, joined by line.
    Mathif,
    /// Self-contained records, one a line.
    Native,
}

impl Format {
    /// The word shown.
    pub fn name(self) -> &'static str {
        match self {
            Self::Mathif => "mathif",
            Self::Native => "native",
        }
    }
}

/// One file of outputs, with all that is needed to read it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Source {
    /// The file with the outputs; absolute.
    #[serde(with = "crate::path::saved")]
    pub path: PathBuf,
    /// Its layout.
    pub format: Format,
    /// The file with the items of its lines, where that is another.
    #[serde(with = "crate::path::saved::option")]
    pub items: Option<PathBuf>,
    /// A file with saved verdicts for its lines, where there is one.
    #[serde(with = "crate::path::saved::option")]
    pub verdicts: Option<PathBuf>,
    /// Its run; where records name their runs themselves, the run of those that do not.
    pub run: Run,
    /// What a `heedless.toml` says, which wins over what records say.
    #[serde(default)]
    pub overrides: Overrides,
}

/// What was found under some paths.
#[derive(Debug, Clone, Default)]
pub struct Discovery {
    /// What can be read, in order of path.
    pub sources: Vec<Source>,
    /// What cannot, in order of path.
    pub rejects: Vec<Reject>,
}

/// What became of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// That many records were put out.
    Loaded(usize),
    /// Nothing on it.
    Blank,
    /// A last line without its end that is no JSON yet: somebody is still writing it. It is read
    /// again when it has grown.
    Pending,
    /// It cannot be used.
    Rejected(Reject),
}

/// Turns the lines of one source into records.
///
/// Records of one item share its allocation, as those of one run do.
#[derive(Debug)]
pub struct Reader {
    layout: Layout,
    rejects: Vec<Reject>,
    lossy: AtomicU64,
}

#[derive(Debug)]
enum Layout {
    Mathif(mathif::Pair),
    Native(Box<native::Native>),
}

impl Reader {
    /// Makes a source ready: loads its item and verdict files, where it has them. Fails when the
    /// item file cannot be read at all; bad lines of it are [`rejects`](Self::rejects).
    pub fn open(source: &Source) -> Result<Self, Vec<Reject>> {
        let mut rejects = Vec::new();
        let layout = match (source.format, &source.items) {
            (Format::Native, _) => {
                Layout::Native(Box::new(native::Native::new(source.run.clone(), source.overrides.clone())))
            }
            (Format::Mathif, Some(items)) => {
                let run = Arc::new(source.run.clone());
                match mathif::Pair::open(run, items, source.verdicts.as_deref(), &mut rejects) {
                    Ok(pair) => Layout::Mathif(pair),
                    Err(reject) => {
                        rejects.push(reject);
                        return Err(rejects);
                    }
                }
            }
            (Format::Mathif, None) => {
                let message = "outputs without an item file".to_owned();
                return Err(vec![file_reject(&source.path, RejectKind::MissingPair, message)]);
            }
        };
        Ok(Self { layout, rejects, lossy: AtomicU64::new(0) })
    }

    /// Bad lines of the item and verdict files. Every reader of the same item file has them.
    pub fn rejects(&self) -> &[Reject] {
        &self.rejects
    }

    /// How many lines so far were readable only after something in them was replaced: lone
    /// surrogates and invalid UTF-8 by U+FFFD, non-finite numbers by null.
    pub fn lossy(&self) -> u64 {
        self.lossy.load(Ordering::Relaxed)
    }

    /// Reads a line that [`lines()`] gave.
    pub fn read(&self, line: &Line<impl AsRef<[u8]>>, out: &mut Vec<Record>) -> Outcome {
        if line.is_blank() {
            return Outcome::Blank;
        }
        let before = out.len();
        match self.parse(line.bytes.as_ref(), &line.place, out) {
            Ok(()) => Outcome::Loaded(out.len() - before),
            Err(reject) if reject.kind == RejectKind::Syntax && !line.ended => Outcome::Pending,
            Err(reject) => Outcome::Rejected(reject),
        }
    }

    /// Reads the bytes of one line, which is not blank, into records: several, when the line
    /// holds several samples. Puts out nothing when it fails.
    pub fn parse(&self, line: &[u8], place: &Place, out: &mut Vec<Record>) -> Result<(), Reject> {
        let (saved, lossy) = SavedLine::read(line).map_err(|e| syntax_reject(place, &e))?;
        if lossy {
            self.lossy.fetch_add(1, Ordering::Relaxed);
        }
        let read = match &self.layout {
            Layout::Mathif(pair) => pair.records(saved, place, out),
            Layout::Native(native) => native.records(saved, place, out),
        };
        read.map_err(|(kind, message)| line_reject(place, 0, kind, message))
    }

    /// The run that all records are of, where lines cannot name another.
    pub fn only_run(&self) -> Option<&Arc<Run>> {
        match &self.layout {
            Layout::Mathif(pair) => Some(pair.run()),
            Layout::Native(_) => None,
        }
    }

    /// What to tell when the file ended after `last_line` lines: items beyond it have no output.
    pub fn unanswered(&self, last_line: u64) -> Option<Reject> {
        let Layout::Mathif(pair) = &self.layout else { return None };
        let left = pair.items().checked_sub(last_line).filter(|&n| n > 0)?;
        let message = format!("{left} items from this line on have no output");
        let mut reject = file_reject(pair.items_path(), RejectKind::Unpaired, message);
        reject.line = last_line + 1;
        Some(reject)
    }
}

/// A reject that means a whole file.
fn file_reject(path: &Path, kind: RejectKind, message: String) -> Reject {
    Reject { path: path.into(), line: 0, byte: 0, len: 0, kind, message }
}

/// A reject that means a line; `at` is the offset of the trouble in it.
fn line_reject(place: &Place, at: usize, kind: RejectKind, message: String) -> Reject {
    Reject {
        path: Arc::clone(&place.path),
        line: place.line,
        byte: place.byte + at as u64,
        len: u64::from(place.len),
        kind,
        message,
    }
}

fn syntax_reject(place: &Place, e: &json::JsonError) -> Reject {
    let kind = if e.shape { RejectKind::Shape } else { RejectKind::Syntax };
    line_reject(place, e.at, kind, e.message.clone())
}
