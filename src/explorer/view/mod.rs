//! What is drawn, from `&App`: one file per part of the screen.

pub mod paint;
