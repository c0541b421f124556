//! `heedless [PATH…]` on a terminal: the explorer.

use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Result;
use clap::ValueEnum as _;

use super::Found;
use crate::cli::{Color, Explore, Global};
use crate::explorer::{self, Look};
use crate::library::{self, BuildOptions};
use crate::options::{Options, Place};
use crate::split::JudgedSpan;

/// Runs the explorer until the user leaves.
pub fn run(options: &Options, global: &Global, typed: &Explore) -> Result<Found> {
    let place = Place::new(options, &typed.paths)?;
    library::remember_paths(&place.paths);
    explorer::run(&explorer::Options {
        dir: place.dir,
        paths: place.paths,
        // Everything but text search works before the index is there; it is made behind the screen.
        build: BuildOptions { text: true, ..options.build() },
        tokenizer: options.tokenizer.clone(),
        typed: said(options, global),
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

/// The options of all commands that change what a command prints.
fn said(options: &Options, global: &Global) -> Vec<OsString> {
    let mut words = Vec::new();
    let mut say = |option: &str, value: Option<OsString>| {
        words.extend(value.into_iter().flat_map(|value| [option.into(), value]));
    };
    let path = |path: &Option<PathBuf>| path.clone().map(PathBuf::into_os_string);
    say("--index", path(&global.index));
    // Set or typed: the numbers hang on it.
    say("--judged", (options.judged != JudgedSpan::default()).then(|| options.judged.name().into()));
    say("--grade", global.grade.and_then(|grade| Some(grade.to_possible_value()?.get_name().into())));
    say("--tokenizer", path(&global.tokenizer));
    say("--rules", path(&global.rules));
    words
}
