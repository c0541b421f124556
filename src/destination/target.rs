//! Where a path leads, whether something is there or not.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use crate::path::shown;

/// Links that are followed one after the other, as many as Linux follows.
const LINKS: usize = 40;

/// A folder without links, and a name in it that is no link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Target {
    pub(super) folder: PathBuf,
    name: OsString,
}

impl Target {
    /// Where writing to a path would write. The error says what to do.
    pub(super) fn of(typed: &Path) -> Result<Self, String> {
        let mut path = typed.to_owned();
        for _ in 0..LINKS {
            let is_folder = || format!("{}: is a folder; name a file in it", shown(typed));
            if path.as_os_str().as_encoded_bytes().ends_with(b"/") {
                return Err(is_folder());
            }
            let name = path.file_name().ok_or_else(is_folder)?.to_owned();
            let above = path.parent().filter(|folder| !folder.as_os_str().is_empty());
            let above = above.unwrap_or(Path::new("."));
            let folder = above.canonicalize().map_err(|error| match error.kind() {
                std::io::ErrorKind::NotFound => {
                    let folder = shown(above);
                    format!("{}: there is no folder {folder}; make it first (mkdir -p)", shown(typed))
                }
                _ => format!("{}: {error}", shown(above)),
            })?;
            if !folder.is_dir() {
                return Err(format!("{}: {} is a file and not a folder", shown(typed), shown(above)));
            }
            let place = Self { folder, name };
            match fs::read_link(place.path()) {
                Ok(to) if !place.is_descriptor() => path = place.folder.join(to),
                _ => return Ok(place),
            }
        }
        Err(format!("{}: a link that leads nowhere; choose another name", shown(typed)))
    }

    pub(super) fn path(&self) -> PathBuf {
        self.folder.join(&self.name)
    }

    /// Whether it is what a process holds open: `/dev/fd/3`, and where `/dev/stdout` leads.
    pub(super) fn is_descriptor(&self) -> bool {
        let of_process = self.folder.starts_with("/proc") && self.folder.ends_with("fd");
        of_process || self.folder == Path::new("/dev/fd")
    }

    /// Whether it is the standard output of this process.
    pub(super) fn is_stdout(&self) -> bool {
        let ours = || fs::canonicalize("/proc/self/fd").is_ok_and(|ours| ours == self.folder);
        self.name == "1" && self.is_descriptor() && (self.folder == Path::new("/dev/fd") || ours())
    }
}
