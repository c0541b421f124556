//! Opening the library that a command asks.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Result;

use super::progress::Bar;
use super::rejects;
use crate::library::{self, BuildOptions, Built, Cancel, Library};
use crate::options::{Options, Place};
use crate::text::visible;

/// Builds or refreshes the library of some paths, with a bar, and remembers it as the last opened.
pub fn build(options: &Options, build: BuildOptions, paths: &[PathBuf]) -> Result<Built> {
    let place = Place::new(options, paths)?;
    let bar = Bar::new(options.progress, Some(0));
    let progress = |p: library::Progress| {
        bar.set(p.bytes.0, p.bytes.1);
        bar.word(format!("{} {} generations", p.phase, p.rows));
        if let Some(file) = &p.file {
            let name = file.file_name().unwrap_or_default().to_string_lossy();
            bar.word(format!("{} {} generations  {}", p.phase, p.rows, visible(&name)));
        }
    };
    let built = library::build(&place.dir, &place.paths, &build, &progress, &Cancel::default())?;
    bar.finish();
    library::remember_paths(&place.paths);
    Ok(built)
}

/// The library that a command asks, its rejects said.
pub fn open(options: &Options, paths: &[PathBuf]) -> Result<Arc<Library>> {
    let built = build(options, options.build(), paths)?;
    if let Some(cause) = &built.report.rebuilt {
        super::say(&format!("the library was built anew: {cause}"));
    }
    if let Some(cause) = &built.report.unsaved {
        super::say(&format!("the library could not be saved: {cause}; what is shown was read just now"));
    }
    let all = built.library.rejects();
    rejects::say_all(all, all.len());
    Ok(built.library)
}
