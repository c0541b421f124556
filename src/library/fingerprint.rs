//! Whether a file is still what it was.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use serde::{Deserialize, Serialize};

/// This much is hashed at the beginning of a file and before the place up to which it was read.
const SAMPLE: u64 = 4096;

/// What is remembered of a file. Clocks are never compared with one another: a time only has to be
/// the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Fingerprint {
    pub(super) size: u64,
    modified: (i64, i64),
    device: u64,
    inode: u64,
    /// Hash of the first bytes of the file.
    head: u64,
    /// Hash of the last bytes that were read.
    tail: u64,
}

impl Fingerprint {
    /// Of a file that was read up to an offset.
    pub(super) fn of(path: &Path, read: u64) -> io::Result<Self> {
        let mut file = File::open(path)?;
        let meta = file.metadata()?;
        let head = hash(&mut file, 0, read.min(SAMPLE))?;
        let from = read.saturating_sub(SAMPLE);
        let tail = hash(&mut file, from, read - from)?;
        Ok(Self {
            size: meta.len(),
            modified: (meta.mtime(), meta.mtime_nsec()),
            device: meta.dev(),
            inode: meta.ino(),
            head,
            tail,
        })
    }

    /// Of a file read whole.
    pub(super) fn whole(path: &Path) -> io::Result<Self> {
        Self::of(path, std::fs::metadata(path)?.len())
    }

    /// This content with the size and the time of another look.
    pub(super) fn dated(self, then: &Self) -> Self {
        Self { size: then.size, modified: then.modified, ..self }
    }

    /// Whether the part that was read begins and ends alike.
    fn starts_like(&self, other: &Self) -> bool {
        self.head == other.head && self.tail == other.tail
    }

    /// Whether it is the same file with the same content, as far as can be told without reading it.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        self.size == other.size && self.modified == other.modified && self.starts_like(other)
    }

    /// Whether this file, renamed, is the other.
    pub(super) fn is_renamed(&self, other: &Self) -> bool {
        self.is_same(other) && (self.device, self.inode) == (other.device, other.inode)
    }

    /// Whether something was added to it since, and what was read of it still stands.
    pub(super) fn has_grown_from(&self, before: &Self) -> bool {
        self.size > before.size && self.starts_like(before)
    }
}

fn hash(file: &mut File, from: u64, len: u64) -> io::Result<u64> {
    file.seek(SeekFrom::Start(from))?;
    let mut bytes = Vec::with_capacity(len as usize);
    file.take(len).read_to_end(&mut bytes)?;
    Ok(xxhash_rust::xxh3::xxh3_64(&bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn growth_change_and_renaming_are_told_apart() {
        let dir = tempfile::tempdir().unwrap();
        let (path, other) = (dir.path().join("a"), dir.path().join("b"));
        std::fs::write(&path, "one\ntwo\n").unwrap();
        let read = 8;
        let before = Fingerprint::of(&path, read).unwrap();
        assert!(Fingerprint::of(&path, read).unwrap().is_same(&before));
        std::fs::write(&path, "one\ntwo\nthree\n").unwrap();
        let grown = Fingerprint::of(&path, read).unwrap();
        assert!(!grown.is_same(&before) && grown.has_grown_from(&before));
        std::fs::write(&path, "one\nTWO\nthree\n").unwrap();
        assert!(!Fingerprint::of(&path, read).unwrap().has_grown_from(&before));
        let before = Fingerprint::of(&path, read).unwrap();
        std::fs::rename(&path, &other).unwrap();
        assert!(Fingerprint::of(&other, read).unwrap().is_renamed(&before));
    }
}
