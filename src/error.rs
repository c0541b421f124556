//! Errors for people: what happened, where (`file:line:byte`), what to do.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::path::{saved, shown};

/// Something in the input that could not be used: one row of the rejects list.
///
/// A reject never stops the rest of an import and is never dropped: it is counted and shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reject {
    /// The file.
    #[serde(with = "saved")]
    pub path: Arc<Path>,
    /// Line from 1; 0 when the whole file is meant.
    pub line: u64,
    /// Byte offset in the file at which the trouble was seen.
    pub byte: u64,
    /// How many bytes were left out.
    pub len: u64,
    /// A kind for counting.
    pub kind: RejectKind,
    /// The cause in lower case, then what to do.
    pub message: String,
}

/// Kinds of [`Reject`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum RejectKind {
    /// The file could not be opened or read.
    Unreadable,
    /// Not text: a NUL byte, or a known binary header.
    Binary,
    /// Nothing in it.
    Empty,
    /// No importer knows the layout.
    UnknownFormat,
    /// Not JSON.
    Syntax,
    /// JSON, but not of the shape that the format wants.
    Shape,
    /// Longer than the limit for a line.
    TooLong,
    /// An output line without an item line.
    Unpaired,
    /// An output file without its item file, or the other way round.
    MissingPair,
    /// A `heedless.toml` that could not be used.
    Config,
}

impl RejectKind {
    /// The word shown and counted by.
    pub fn name(self) -> &'static str {
        match self {
            Self::Unreadable => "unreadable",
            Self::Binary => "binary",
            Self::Empty => "empty",
            Self::UnknownFormat => "unknown format",
            Self::Syntax => "syntax",
            Self::Shape => "shape",
            Self::TooLong => "too long",
            Self::Unpaired => "unpaired",
            Self::MissingPair => "missing pair",
            Self::Config => "config",
        }
    }
}

/// What stops an operation.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file could not be read or written.
    #[error("{}: {source}", shown(path))]
    Io {
        /// The file.
        path: PathBuf,
        /// The system's word.
        source: std::io::Error,
    },
    /// The library folder is in use by another writer.
    #[error(
        "{}: another heedless is writing this library; wait for it, or choose another with --index DIR",
        shown(path)
    )]
    Busy {
        /// The library folder.
        path: PathBuf,
    },
    /// The library folder cannot be used as it is.
    #[error("{}: {cause}", shown(path))]
    Library {
        /// The library folder.
        path: PathBuf,
        /// What is wrong and what to do.
        cause: String,
    },
    /// A record is no longer what was indexed.
    #[error("{}: changed on disk since it was indexed; run `heedless index` on it again", shown(path))]
    Changed {
        /// The file.
        path: PathBuf,
    },
    /// A key, run name or path that names nothing.
    #[error("{0}")]
    NotFound(String),
    /// A file that must not be overwritten, or cannot be: why, and what to do.
    #[error("{0}")]
    Refused(String),
    /// The full-text index failed.
    #[error("text index: {0}")]
    Text(#[from] tantivy::TantivyError),
    /// Work was cancelled because its answer is no longer wanted.
    #[error("cancelled")]
    Cancelled,
}

impl Error {
    /// An I/O error with the file it happened to.
    pub fn io(path: impl Into<PathBuf>, source: std::io::Error) -> Self {
        Self::Io { path: path.into(), source }
    }
}

/// Result of the library's operations.
pub type Result<T, E = Error> = std::result::Result<T, E>;
