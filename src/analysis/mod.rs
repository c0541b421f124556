//! Numbers made of verdicts: shares with intervals, paired tests, bins, agreement.
//!
//! Pure functions over plain values: nothing here knows of a library, a file or a terminal. The
//! explorer's plots, the commands' tables and the report's figures all ask here, so that a number
//! is the same wherever it is printed. An unknown is kept apart everywhere: it is neither a pass
//! nor a failure, and how many there are is part of every result.

pub mod agreement;
pub mod bins;
pub mod cross;
pub mod interval;
pub mod margins;
pub mod metrics;
pub mod paired;
pub mod position;

pub use agreement::Agreement;
pub use bins::{BinOutcomes, Bins};
pub use cross::Cross;
pub use interval::{Interval, LEVEL};
pub use margins::MarginHistogram;
pub use metrics::{Mean, Metrics, Outcome, Tally};
pub use paired::{Flip, Paired};
pub use position::{PositionHistogram, position};
