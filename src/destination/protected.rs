//! Files that are never overwritten.

use std::borrow::Cow;
use std::fs::{self, Metadata};
use std::path::{Path, PathBuf};

use super::target::Target;
use crate::error::{Error, Result};
use crate::import::{FileId, file_id};
use crate::path::shown;

/// What a folder is known by.
type Sign = fn(&Path) -> bool;

/// Files that are never overwritten, and folders into which nothing is written, each with a description
/// for the error message; where several match, the first one is used. They need not exist.
#[derive(Debug, Clone, Default)]
pub struct Protected {
    files: Vec<(PathBuf, Cow<'static, str>)>,
    folders: Vec<(PathBuf, &'static str)>,
    signs: Vec<(Sign, &'static str)>,
}

impl Protected {
    /// Adds a file: `the file of items that this command reads`.
    pub fn file(&mut self, path: impl Into<PathBuf>, what: impl Into<Cow<'static, str>>) {
        self.files.push((path.into(), what.into()));
    }

    /// Adds a folder with all in it: `the folder of a library`.
    pub fn folder(&mut self, path: impl Into<PathBuf>, what: &'static str) {
        self.folders.push((path.into(), what));
    }

    /// Adds all folders that are known by what lies in them.
    pub fn folders_where(&mut self, is_protected: Sign, what: &'static str) {
        self.signs.push((is_protected, what));
    }

    /// Refuses a target that is one of them: by its name, or by a link of either kind.
    pub(super) fn check(&self, typed: &Path, target: &Target, there: Option<&Metadata>) -> Result<()> {
        let id = there.and_then(|there| file_id(&target.path(), there));
        let is_it = |path: &Path| match &id {
            Some(id) => id_of(path).as_ref() == Some(id),
            None => Target::of(path).is_ok_and(|protected| protected == *target),
        };
        self.files
            .iter()
            .find(|(path, _)| is_it(path))
            .map_or(Ok(()), |(path, what)| refused(typed, path, what))?;
        let above: Vec<FileId> = target.folder.ancestors().filter_map(id_of).collect();
        for (folder, what) in &self.folders {
            if id_of(folder).is_some_and(|folder| above.contains(&folder)) {
                return Err(lies_in(typed, folder, what));
            }
            if let Some(id) = id.as_ref().filter(|_| there.is_some_and(has_other_names))
                && let Some(file) = within(folder).into_iter().find(|file| id_of(file).as_ref() == Some(id))
            {
                return refused(typed, &file, &format!("in {what}"));
            }
        }
        for (is_protected, what) in &self.signs {
            if let Some(folder) = target.folder.ancestors().find(|folder| is_protected(folder)) {
                return Err(lies_in(typed, folder, what));
            }
        }
        Ok(())
    }

    /// Refuses what is open already, by a shell, when it is one of the files.
    pub(super) fn check_open(&self, typed: &Path, there: &Metadata) -> Result<()> {
        let Some(id) = file_id(typed, there).filter(|_| there.is_file()) else { return Ok(()) };
        let found = self.files.iter().find(|(path, _)| id_of(path).as_ref() == Some(&id));
        found.map_or(Ok(()), |(path, what)| refused(typed, path, what))
    }
}

fn refused(typed: &Path, path: &Path, what: &str) -> Result<()> {
    let whole = |path: &Path| std::path::absolute(path).ok();
    let name = shown(typed);
    Err(Error::Refused(if whole(typed) == whole(path) {
        format!("{name}: is {what}; choose another name")
    } else {
        format!("{name}: is the same file as {}, {what}; choose another name", shown(path))
    }))
}

fn lies_in(typed: &Path, folder: &Path, what: &str) -> Error {
    let name = shown(typed);
    Error::Refused(format!("{name}: lies in {what}, {}; choose another folder", shown(folder)))
}

fn id_of(path: &Path) -> Option<FileId> {
    fs::metadata(path).ok().and_then(|there| file_id(path, &there))
}

/// Whether a file has more than one name.
#[cfg(unix)]
fn has_other_names(there: &Metadata) -> bool {
    std::os::unix::fs::MetadataExt::nlink(there) > 1
}
#[cfg(not(unix))]
fn has_other_names(_: &Metadata) -> bool {
    true
}

/// All files below a folder.
fn within(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
            if is_folder { &mut folders } else { &mut files }.push(entry.path());
        }
    }
    files
}
