//! The terminal explorer.

pub mod action;
pub mod key;
pub mod keymap;
pub mod survey;
pub mod theme;
pub mod view;
