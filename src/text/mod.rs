//! What may reach a terminal: model output is hostile.
//!
//! Nothing that came from a file goes to a terminal, a message or an export as it is. It passes
//! [`visible`] and becomes a [`Safe`], in which every control, bidirectional and invisible
//! character is *shown* (`␛`, `<U+202E>`) and none is emitted. Dropping them, as terminal
//! libraries do, would be a lie in a program whose job is to show what a model said.
//!
//! | module | its noun |
//! |---|---|
//! | [`safe`] | the type, and the two ways to make one |
//! | [`piece`] | raw text as a row of drawable pieces, each with its bytes and its columns |
//! | [`wrap`] | where a text breaks into rows of a width: an index, so that only a window is laid out |
//! | [`width`] | columns: measuring, cutting, padding |
//! | [`diff`] | what two texts do not share, by words |
//! | [`highlight`] | Markdown and LaTeX as coloured spans |
//! | [`math`] | simple LaTeX as Unicode |
//!
//! Everything is addressed by byte offsets of the raw text, from marks to hits of a search, so
//! that a place keeps its meaning through sanitising and wrapping.

pub mod diff;
pub mod highlight;
pub mod math;
pub mod piece;
pub mod safe;
pub mod width;
pub mod wrap;

pub use piece::{Kind, Piece, Replacement, View, count_hidden, pieces, pieces_with};
pub use safe::{Safe, visible, visible_lines};
pub use wrap::Wrap;
