//! What is drawn, from `&App`: one file per part of the screen.

pub mod flips;
pub mod ink;
pub mod matrix;
pub mod paint;
pub mod pairs;
pub mod plots;
