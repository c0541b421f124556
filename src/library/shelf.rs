//! The libraries there are: listing, checking, removing them.

use std::path::{Path, PathBuf};

use serde::Serialize;

use super::folder;
use super::place::cache_dir;
use super::snapshot::Library;
use super::store::{self, FilesRead, Found, Listed};
use crate::error::{Error, Result};
use crate::path::{print, print_list, shown};

/// A library as a list shows it, without its rows having been read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Shelved {
    /// Its folder.
    #[serde(serialize_with = "print")]
    pub dir: PathBuf,
    /// The paths it was built of.
    #[serde(serialize_with = "print_list")]
    pub paths: Vec<PathBuf>,
    /// Its generations, those that were replaced left out.
    pub generations: u64,
    /// Its files.
    pub files: usize,
    /// Its runs.
    pub runs: usize,
    /// Bytes it takes on disk.
    pub bytes: u64,
    /// Whether some of its paths are no longer there.
    pub orphaned: bool,
    /// Why it cannot be used, if so.
    pub problem: Option<String>,
}

/// What a check of a library found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Check {
    /// Generations whose columns are sound.
    pub generations: usize,
    /// Generations whose text is indexed.
    pub text: usize,
    /// Generations that were read back from their files and are what was indexed.
    pub read: usize,
    /// Generations whose files changed since: `heedless index` brings the library up to date.
    pub changed: usize,
    /// What is wrong with the library itself; empty when nothing is.
    pub problems: Vec<String>,
}

/// The libraries of the cache folder, in order of path.
pub fn list() -> Result<Vec<Shelved>> {
    Ok(folders()?.iter().filter_map(|dir| shelved(dir)).collect())
}

/// The folders in the cache folder, in order.
fn folders() -> Result<Vec<PathBuf>> {
    let cache = cache_dir()?;
    let entries = match std::fs::read_dir(&cache) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(Error::io(cache, error)),
    };
    let mut dirs: Vec<PathBuf> =
        entries.flatten().map(|entry| entry.path()).filter(|path| path.is_dir()).collect();
    dirs.sort();
    Ok(dirs)
}

/// The files that libraries were built of: of all in the cache folder, and of those in `others`.
/// Nothing is said of a library that cannot be read.
pub fn files_read(others: &[PathBuf]) -> Vec<FilesRead> {
    let dirs = folders().unwrap_or_default();
    dirs.iter().chain(others).filter_map(|dir| store::files_read(dir)).flatten().collect()
}

/// One library as a list shows it; `None` when the folder holds none.
pub fn shelved(dir: &Path) -> Option<Shelved> {
    let listed = store::list(dir)?;
    let (listed, problem) = match listed {
        Ok(listed) => (listed, None),
        Err(cause) => (Listed::default(), Some(cause)),
    };
    Some(Shelved {
        dir: dir.to_path_buf(),
        generations: listed.generations,
        files: listed.files,
        runs: listed.runs,
        bytes: size_of(dir),
        orphaned: listed.paths.iter().any(|path| !path.exists()),
        paths: listed.paths,
        problem,
    })
}

/// Bytes of all files under a folder.
fn size_of(dir: &Path) -> u64 {
    let entries = std::fs::read_dir(dir).into_iter().flatten().flatten();
    entries
        .map(|entry| match entry.file_type() {
            Ok(kind) if kind.is_dir() => size_of(&entry.path()),
            Ok(_) => entry.metadata().map_or(0, |meta| meta.len()),
            Err(_) => 0,
        })
        .sum()
}

/// Holds a library against itself: checksums of the columns and of the text index, whether what
/// refers to something finds it, whether counts add up. With `sources`, every generation is read back
/// from its file too.
pub fn check(dir: &Path, sources: bool) -> Result<Check> {
    let mut check = Check::default();
    let state = match store::load(dir)? {
        Found::Nothing => return Err(Error::NotFound(format!("{}: no library here", shown(dir)))),
        Found::Useless(cause) => {
            check.problems.push(cause);
            return Ok(check);
        }
        Found::Library(state) => state,
    };
    let library = Library::of(&state, Some(dir));
    check.generations = library.len();
    if !state.settled {
        check.problems.push("its last build was broken off; `heedless index` goes on with it".to_owned());
    }
    let by_run: u64 = library.runs().iter().map(|run| u64::from(run.generations)).sum();
    let by_source: u64 = library.sources().iter().map(|source| u64::from(source.generations)).sum();
    if by_run != library.len() as u64 || by_source != library.len() as u64 {
        check.problems.push(format!(
            "counts do not add up: {} generations, {by_run} by run, {by_source} by file",
            library.len()
        ));
    }
    match library.text() {
        Ok(None) => {}
        Ok(Some(text)) => {
            check.problems.extend(text.miscounted(&library)?);
            check.text = library.text_rows();
        }
        Err(damage) => {
            check.problems.push(format!("the text index is damaged: {damage}; `heedless index` rebuilds it"));
        }
    }
    if sources {
        let rows: Vec<u32> = library.all().iter().collect();
        let read = library.read_back(&rows, &super::Cancel::default(), |_, _, _| ());
        check.read = read.iter().filter(|read| read.is_ok()).count();
        check.changed = rows.len() - check.read;
    }
    Ok(check)
}

/// Removes a library: the files that heedless wrote, and the folder when nothing else lies there. The
/// files it was built of are not touched. Gives what else lies in the folder, which stays.
pub fn remove(dir: &Path) -> Result<Vec<PathBuf>> {
    folder::refuse_foreign(dir)?;
    if store::list(dir).is_none() && !folder::is_marked(dir) {
        return Err(Error::NotFound(format!("{}: no library here", shown(dir))));
    }
    let lock = folder::lock(dir)?;
    folder::remove(dir, lock)
}
