//! `heedless [PATH…]` on a terminal: the explorer.

use std::sync::Arc;

use anyhow::Result;

use super::Found;
use crate::cli::{Color, Explore, Global};
use crate::explorer::{self, Look};
use crate::library;
use crate::options::{Options, Place};

/// Runs the explorer until the user leaves.
pub fn run(options: &Options, global: &Global, typed: &Explore) -> Result<Found> {
    let place = Place::new(options, &typed.paths)?;
    library::remember_paths(&place.paths);
    explorer::run(&explorer::Options {
        dir: place.dir,
        paths: place.paths,
        build: options.build(),
        tokenizer: options.tokenizer.clone(),
        query: typed.query.clone(),
        at: typed.at.clone(),
        view: typed.view.clone(),
        baseline: global.baseline.clone(),
        keymap: typed.keymap.clone(),
        look: Look {
            theme: typed.theme.clone(),
            ascii: typed.ascii,
            no_color: global.color == Color::Never,
            mouse: typed.no_mouse.map(|no| !no),
        },
        config: Arc::clone(&options.config),
    })?;
    Ok(Found::Something)
}
