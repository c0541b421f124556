//! The folder of a library: which files in it are heedless's own, and who may write.
//!
//! ```text
//! CACHEDIR.TAG    the marker: says that heedless made this folder and may delete what it wrote there
//! library.json    the manifest
//! chunks/         chunk files and files of items
//! text/           the text index
//! lock            held by the process that writes
//! ```
//!
//! Only regular files whose names are exactly those that heedless gives are ever deleted, and only in
//! a folder with the marker. Nothing is deleted recursively, and no link inside is followed.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File, FileType, TryLockError};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use super::place::write_whole;
use super::store;
use crate::error::{Error, Result};
use crate::path::shown;

pub(super) const MANIFEST: &str = "library.json";
pub(super) const CHUNKS: &str = "chunks";
pub(super) const TEXT: &str = "text";
const LOCK: &str = "lock";

/// The marker has the name and first line of the Cache Directory Tagging Specification
/// (<https://bford.info/cachedir/>), so that backup programs can leave libraries out. The second line
/// says that the folder is heedless's.
const MARKER: &str = "CACHEDIR.TAG";
const MARK: &str = "Signature: 8a477f597d28d172789f06886806bc55\n\
                    # This folder is a library of heedless: an index of files that lie elsewhere.\n";
const MARK_EXPLAINED: &str =
    "# heedless deletes and rebuilds what it wrote here; keep nothing else in this folder.\n";

/// Prefix of temporary files, and how many random letters and digits follow.
pub(super) const TEMPORARY: &str = ".heedless-";
const RANDOM: usize = 6;

/// The right to write to a library folder; ends when dropped or when the process ends.
#[derive(Debug)]
pub(super) struct Lock {
    _file: File,
}

/// Takes the right to write to a library folder, making the folder if need be.
pub(super) fn lock(dir: &Path) -> Result<Lock> {
    refuse_foreign(dir)?;
    fs::create_dir_all(dir).map_err(|error| Error::io(dir, error))?;
    if !is_marked(dir) {
        write_whole(&dir.join(MARKER), format!("{MARK}{MARK_EXPLAINED}").as_bytes())?;
    }
    fs::create_dir_all(dir.join(CHUNKS)).map_err(|error| Error::io(dir, error))?;
    let path = dir.join(LOCK);
    let mut options = File::options();
    options.create(true).truncate(false).write(true).custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK);
    let mut file = options.open(&path).map_err(|error| Error::io(&path, error))?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Err(Error::Busy { path: dir.to_path_buf() }),
        Err(TryLockError::Error(error)) => {
            return Err(Error::Library {
                path: dir.to_path_buf(),
                cause: format!(
                    "cannot be locked here ({error}); choose a folder on a local disk with --index DIR"
                ),
            });
        }
    }
    // The process number is for people who look; nothing depends on it.
    let _ = file.set_len(0).and_then(|()| writeln!(file, "{}", std::process::id()));
    Ok(Lock { _file: file })
}

/// Fails if a folder has files that heedless did not create, or links: rebuilding and cleaning up
/// would delete or overwrite them. An empty or missing folder is fine.
pub(super) fn refuse_foreign(dir: &Path) -> Result<()> {
    let refuse = |name: &OsStr, why: &str| {
        Err(Error::Library {
            path: dir.to_path_buf(),
            cause: format!("holds `{}`, {why}; choose an empty folder with --index DIR", shown(name)),
        })
    };
    let mut ours = Vec::new();
    for (name, kind) in entries(dir)? {
        let wanted = if [CHUNKS, TEXT].iter().any(|folder| name == *folder) {
            FileType::is_dir
        } else if [MANIFEST, LOCK, MARKER].iter().any(|file| name == *file) || is_temporary(&name) {
            FileType::is_file
        } else {
            return refuse(&name, "which is no part of a library");
        };
        if kind.is_symlink() {
            return refuse(&name, "which is a link, and heedless follows none inside a library");
        }
        if !wanted(&kind) {
            return refuse(&name, "which is no part of a library");
        }
        if !is_temporary(&name) {
            ours.push(name);
        }
    }
    match ours.first() {
        Some(name) if !is_library(dir) => {
            refuse(name, "and nothing there says that heedless made this folder")
        }
        _ => Ok(()),
    }
}

/// Whether heedless made this folder for a library, of this version or another.
pub fn is_library(dir: &Path) -> bool {
    is_marked(dir) || store::is_manifest(&dir.join(MANIFEST))
}

/// Whether a folder has the marker.
pub(super) fn is_marked(dir: &Path) -> bool {
    let path = dir.join(MARKER);
    let is_file = path.symlink_metadata().is_ok_and(|meta| meta.is_file() && meta.len() < 4096);
    is_file && fs::read(path).is_ok_and(|text| text.starts_with(MARK.as_bytes()))
}

/// The entries of a folder with their types; links are not followed. None for a missing folder.
fn entries(dir: &Path) -> Result<Vec<(OsString, FileType)>> {
    let read = || match fs::read_dir(dir) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        entries => entries?.map(|entry| entry.and_then(|e| Ok((e.file_name(), e.file_type()?)))).collect(),
    };
    read().map_err(|error| Error::io(dir, error))
}

/// Whether a name is that of a temporary file of [`write_whole`].
fn is_temporary(name: &OsStr) -> bool {
    let random = name.to_str().and_then(|name| name.strip_prefix(TEMPORARY));
    random.is_some_and(|random| random.len() == RANDOM && random.bytes().all(|b| b.is_ascii_alphanumeric()))
}

/// Whether a name is one that heedless gives a file in `chunks/`: `00000007-12.chunk`, `00000012.items`.
fn is_chunk(name: &OsStr) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let Some((stem, extension)) = name.to_str().and_then(|name| name.split_once('.')) else { return false };
    match (extension, stem.split_once('-')) {
        ("chunk", Some((serial, commit))) => serial.len() >= 8 && digits(serial) && digits(commit),
        ("items", None) => stem.len() >= 8 && digits(stem),
        _ => false,
    }
}

/// Whether a name is one that tantivy gives a file of an index.
fn is_text(name: &OsStr) -> bool {
    let Some(name) = name.to_str() else { return false };
    is_text_temporary(name)
        || ["meta.json", ".managed.json", ".tantivy-meta.lock", ".tantivy-writer.lock"].contains(&name)
        || name.split_once('.').is_some_and(|(segment, component)| {
            let is_hex = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
            let is_known = ["fast", "fieldnorm", "idx", "pos", "store", "store.temp", "temp", "term"]
                .contains(&component);
            let is_deletes = component
                .strip_suffix(".del")
                .is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()));
            segment.len() == 32 && segment.bytes().all(is_hex) && (is_known || is_deletes)
        })
}

/// Whether a name is that of a temporary file of tantivy's.
fn is_text_temporary(name: &str) -> bool {
    let random = name.strip_prefix(".tmp");
    random.is_some_and(|random| random.len() == RANDOM && random.bytes().all(|b| b.is_ascii_alphanumeric()))
}

/// Deletes the regular files of a folder whose names are meant, and says which went wrong.
fn delete(dir: &Path, meant: impl Fn(&OsStr) -> bool) -> Result<()> {
    for (name, kind) in entries(dir)? {
        if kind.is_file() && meant(&name) {
            let path = dir.join(name);
            match fs::remove_file(&path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(Error::io(path, error)),
                _ => {}
            }
        }
    }
    Ok(())
}

/// Deletes the files of `chunks/` and of the folder itself that `is_named` by no manifest, and
/// temporary files of writers that died. Best effort: what stays is deleted next time.
pub(super) fn collect(dir: &Path, is_named: impl Fn(&str) -> bool, _lock: &Lock) {
    let orphaned = |name: &OsStr| is_chunk(name) && name.to_str().is_some_and(|name| !is_named(name));
    let _ = delete(dir, is_temporary);
    let _ = delete(&dir.join(CHUNKS), |name| is_temporary(name) || orphaned(name));
}

/// Deletes temporary files of the text index that writers left which died.
pub(super) fn collect_text(text: &Path, _lock: &Lock) -> Result<()> {
    delete(text, |name| name.to_str().is_some_and(is_text_temporary))
}

/// Deletes the text index.
pub(super) fn clear_text(text: &Path, _lock: &Lock) -> Result<()> {
    // Without its list of segments the rest is nothing.
    delete(text, |name| name == "meta.json")?;
    delete(text, is_text)
}

/// Deletes a library, the manifest first: without it the rest counts for nothing. Gives what else lies
/// in its folders, which stays.
pub(super) fn remove(dir: &Path, lock: Lock) -> Result<Vec<PathBuf>> {
    let (chunks, text) = (dir.join(CHUNKS), dir.join(TEXT));
    delete(dir, |name| name == MANIFEST)?;
    delete(&chunks, |name| is_chunk(name) || is_temporary(name))?;
    clear_text(&text, &lock)?;
    delete(dir, |name| name == LOCK || is_temporary(name))?;
    drop(lock);
    let mut left = Vec::new();
    for folder in [&chunks, &text] {
        left.extend(entries(folder)?.into_iter().map(|(name, _)| folder.join(name)));
        // Fails where something else lies in it, which is meant.
        let _ = fs::remove_dir(folder);
    }
    delete(dir, |name| name == MARKER)?;
    let _ = fs::remove_dir(dir);
    Ok(left)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_matched_exactly() {
        let segment = "88ae4c4fdf8d405bb9e47a943e1b9114";
        let table: &[(&str, bool, bool, bool)] = &[
            // name, temporary, in chunks/, in text/
            (".heedless-a1B2c3", true, false, false),
            (".heedless-notes", false, false, false),
            (".heedless-notes.txt", false, false, false),
            ("00000000-1.chunk", false, true, false),
            ("123456789-12.chunk", false, true, false),
            ("1-1.chunk", false, false, false),
            ("00000000-1.chunk.bak", false, false, false),
            ("my.chunk", false, false, false),
            ("00000001.items", false, true, false),
            ("shopping.items", false, false, false),
            ("x.data", false, false, false),
            ("meta.json", false, false, true),
            (".managed.json", false, false, true),
            (".tmpa1B2c3", false, false, true),
            (".tmp", false, false, false),
            (&format!("{segment}.pos"), false, false, true),
            (&format!("{segment}.12.del"), false, false, true),
            (&format!("{segment}.txt"), false, false, false),
            (&format!("{segment}x.pos"), false, false, false),
            ("thesis.pos", false, false, false),
            ("thesis.txt", false, false, false),
        ];
        for (name, temporary, chunk, text) in table {
            let name = OsStr::new(name);
            assert_eq!(
                (is_temporary(name), is_chunk(name), is_text(name)),
                (*temporary, *chunk, *text),
                "{name:?}"
            );
        }
    }
}
