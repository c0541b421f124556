//! The library: everything known of the generations of a set of files, ready to be asked.
//!
//! [`build()`] reads files into [chunks](chunk) of columns; a [`Library`] is an immutable snapshot of
//! the chunks there are, cheap to clone and to share; a [query] selects rows of it; facets, sorts
//! and summaries are counted over a selection. The text itself stays in the user's files and is
//! read back by offset.

mod bitmap;
mod build;
mod chunk;
mod chunk_file;
mod column;
mod eval;
mod facet;
mod fingerprint;
mod folder;
mod hits;
mod identity;
mod key;
mod matcher;
mod place;
mod postings;
mod prepared;
pub mod query;
mod read_back;
mod reading;
mod relevance;
mod required;
mod row;
mod samples;
mod seal;
mod selection;
mod shelf;
mod snapshot;
mod sort;
mod store;
mod summary;
mod table;
mod text_directory;
mod text_index;
mod text_search;
mod text_writer;
mod words;

pub use bitmap::Bitmap;
pub use build::{BuildOptions, Built, Cancel, Progress, Report, build, follow};
pub use eval::{Labels, Scan};
pub use facet::{Facet, FacetValue, Facets};
pub use folder::is_library;
pub use hits::{Passage, hits};
pub use identity::{Held, Identity, Whereabouts};
pub use matcher::Matcher;
pub use place::{cache_dir, default_dir, last_paths, remember_paths};
pub use query::{Field, Measure, Query, QueryError, Unit};
pub use row::{ConstraintCell, Correct, Row};
pub use samples::Samples;
pub use selection::Selection;
pub use shelf::{Check, Shelved, check, files_read, list, remove, shelved};
pub use snapshot::Library;
pub use sort::{Order, Sort, SortKey};
pub use store::FilesRead;
pub use summary::{Mean, Share, Summary};
pub use table::{ConstraintInfo, ItemInfo, RunInfo, SourceInfo};
