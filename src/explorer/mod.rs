//! The terminal explorer: facets, list, reading pane; everything a key away.
//!
//! ```text
//!  terminal keys ─┐                                  ┌─> Screen::draw(|f| view::draw(&app, f))   only when something changed
//!  answers of jobs┼─> Event ─ keymap ─> Action ─> App::update ─> Vec<Effect>
//!  signals, ticks ┘          (data)               (pure)              │
//!        ▲                                                            ▼
//!        └──────────── channel ◄── jobs: build | select | read | colour      copy, edit, suspend
//! ```
//!
//! [`event::Event`] is what happened, [`action::Action`] what the user means, [`effect::Effect`]
//! what the world must do. The thread that draws reads no file and scans no library.

pub mod action;
pub mod app;
pub mod clipboard;
pub mod document;
pub mod effect;
pub mod event;
pub mod flow;
#[cfg(test)]
pub(crate) mod harness;
pub mod jobs;
pub mod keeper;
pub mod key;
pub mod keymap;
pub mod late;
pub mod line;
pub mod outside;
pub mod reader;
pub mod run;
pub mod screen;
pub mod session;
pub mod snippet;
pub mod survey;
pub mod theme;
pub mod view;
pub mod watch;

pub use run::{Look, Options, run, theme};
