//! Files that no command overwrites: what it reads, what any library was built of, heedless's own files.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::destination::{Destination, Protected};
use crate::error::Result;
use crate::explorer::session::Session;
use crate::import::settings_for;
use crate::library;
use crate::options::Options;
use crate::triage::Store;

/// Opens the file that a command writes; `read` are the files that it reads.
pub fn open(options: &Options, typed: &Path, force: bool, read: Protected) -> Result<Destination> {
    let mut protected = read;
    options.files.iter().for_each(|(path, what)| protected.file(path, *what));
    if let Ok(log) = Store::default_path() {
        protected.file(log, "your tags and notes, which are only ever added to");
    }
    let mut settings = BTreeSet::new();
    for file in library::files_read(options.index.as_slice()) {
        settings.extend(settings_for(&file.path));
        protected.file(file.path, "a file of generations of a library");
        file.items.into_iter().for_each(|path| protected.file(path, "a file of items of a library"));
        file.verdicts
            .into_iter()
            .for_each(|path| protected.file(path, "a file of saved verdicts of a library"));
    }
    names_of_runs(settings, &mut protected);
    options.index.iter().for_each(|dir| protected.folder(dir, LIBRARY));
    protected.folders_where(library::is_library, LIBRARY);
    let own = [library::cache_dir().ok(), Session::folder()];
    own.into_iter().flatten().for_each(|dir| protected.folder(dir, "heedless's own folder"));
    Destination::open(typed, force, protected)
}

const LIBRARY: &str = "the folder of a library";

/// Keeps files that say what runs are called.
pub fn names_of_runs(settings: impl IntoIterator<Item = PathBuf>, protected: &mut Protected) {
    settings.into_iter().for_each(|path| protected.file(path, "a heedless.toml, which names runs"));
}
