//! Numbers made of verdicts: shares with intervals, paired tests, bins, agreement.
//!
//! Pure functions over plain values, except for [`compare`](mod@compare), [`survey`] and [`table`],
//! which take the values from a library. Nothing here knows of a terminal. The explorer's plots, the commands' tables and the report's figures all ask here, so that a number
//! is the same wherever it is printed. An unknown is kept apart everywhere: it is neither a pass
//! nor a failure, and how many there are is part of every result.

pub mod against;
pub mod agreement;
pub mod bins;
pub mod compare;
pub mod cross;
pub mod interval;
pub mod margins;
pub mod metrics;
pub mod paired;
pub mod position;
pub mod survey;
pub mod table;

pub use agreement::Agreement;
pub use bins::{BinOutcomes, Bins};
pub use compare::{Comparison, Pair, compare};
pub use cross::Cross;
pub use interval::{Interval, LEVEL};
pub use margins::MarginHistogram;
pub use metrics::{Mean, Metrics, Outcome, Tally};
pub use paired::{Flip, Paired};
pub use position::{PositionHistogram, position};
pub use table::{Counted, Table};
