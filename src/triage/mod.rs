//! Tags and notes that a person leaves on generations.
//!
//! Kept in a log of JSON lines in the program's data folder, beside nothing of the user's, and
//! keyed by [content](crate::record::Record::content_key): it survives re-indexing and moved
//! files, and two people's logs can be merged with their agreement measured.
//!
//! [`Ledger`] is the pure state with undo and redo; [`store`] reads and appends the log;
//! [`merge`] brings two ledgers together.

pub mod entry;
pub mod labels;
pub mod ledger;
pub mod merge;
pub mod store;

pub use entry::{Entry, Tag, TagNames, Tags};
pub use ledger::{Change, Ledger};
pub use merge::{Merged, Policy};
pub use store::{Signature, Store};
