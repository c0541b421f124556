//! Opening the library that a command asks.

use std::cell::OnceCell;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Result;

use super::progress::Bar;
use super::{rejects, say};
use crate::asker::Asker;
use crate::error::Reject;
use crate::library::{self, BuildOptions, Built, Cancel, Library, Query, Scan, Selection};
use crate::options::{Options, Place};
use crate::path::shown;
use crate::text::visible;
use crate::triage::labels::asks_for_labels;
use crate::triage::{Ledger, Store};

/// Builds or refreshes the library of some paths, with a bar, and remembers it as the last opened.
pub fn build(options: &Options, build: BuildOptions, paths: &[PathBuf]) -> Result<Built> {
    let place = Place::new(options, paths)?;
    let bar = Bar::new(options.progress, Some(0));
    let progress = |p: library::Progress| {
        bar.set(p.bytes.0, p.bytes.1);
        bar.word(format!("{} {} generations", p.phase, p.rows));
        if let Some(file) = &p.file {
            let name = shown(file.file_name().unwrap_or_default());
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
        say(&format!("the library was built anew: {cause}"));
    }
    if let Some(cause) = &built.report.unsaved {
        say(&format!("the library could not be saved: {cause}; what is shown was read just now"));
    }
    let all = built.library.rejects();
    rejects::say_all(all, all.len());
    Ok(built.library)
}

/// This user's tags and notes, and their file. Lines of it that cannot be read are said.
pub fn triage(options: &Options) -> Result<(Store, Ledger)> {
    let (store, mut ledger, unread) = Store::open(Store::default_path()?)?;
    ledger.names.fill(&options.config.tags);
    say_unread(&unread);
    Ok((store, ledger))
}

/// Says which lines of a file of tags and notes cannot be read.
pub fn say_unread(unread: &[Reject]) {
    for reject in unread.iter().take(rejects::SPELLED_OUT) {
        say(&format!("heedless: {}", rejects::sentence(reject)));
    }
    if unread.len() > rejects::SPELLED_OUT {
        say(&format!("heedless: … and {} more lines", unread.len() - rejects::SPELLED_OUT));
    }
}

/// Who asks a query: with this user's tags and notes, if it asks for them.
pub fn asker(options: &Options, query: &Query) -> Result<Asker> {
    let ledger = if asks_for_labels(query) { triage(options)?.1 } else { Ledger::default() };
    Ok(Asker { ledger: Arc::new(ledger), baseline: options.baseline.clone() })
}

/// What a query selects, with a bar where text has to be read for it; its notes are said.
pub fn select(options: &Options, library: &Library, query: &Query, asker: &Asker) -> Result<Selection> {
    let bar = OnceCell::new();
    let told = |scan: Scan| {
        if scan.is_long() {
            let bar = bar.get_or_init(|| Bar::new(options.progress, Some(0)));
            bar.set(scan.done, scan.total);
            bar.word("reading text that the index knows nothing of".to_owned());
        }
    };
    let selection = library.select_told(query, &Cancel::default(), asker, &told)?;
    if let Some(bar) = bar.get() {
        bar.finish();
    }
    selection.notes().iter().for_each(|note| say(&format!("heedless: {note}")));
    Ok(selection)
}
