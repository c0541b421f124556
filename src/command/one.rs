//! The one generation that `show` and `explain` are asked about.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Result, anyhow, bail};

use super::opened;
use crate::assess::{Assessment, PreparedItem, assess};
use crate::constraint::Want;
use crate::import;
use crate::options::Options;
use crate::path::{self, shown};
use crate::record::Record;
use crate::score::{self, Ready};

/// A generation with everything derived from it.
pub struct One {
    /// The key it can be asked for by.
    pub key: String,
    /// What the file says.
    pub record: Record,
    /// Its item, ready to check more with.
    pub item: Arc<PreparedItem>,
    /// What follows.
    pub assessment: Assessment,
}

impl One {
    /// The generation with a key, `RUN/ITEM` or `FILE:LINE`.
    pub fn find(options: &Options, key: &OsStr, paths: &[PathBuf]) -> Result<Self> {
        if let Some((file, line)) = file_and_line(key) {
            return Self::in_file(options, &path::typed(key), &file, line);
        }
        let library = opened::open(options, paths)?;
        let row = library.find(&path::typed(key))?;
        let record = library.read(row)?;
        let facts = library.run_facts(library.row(row).run_number());
        let item = Arc::new(PreparedItem::new(Arc::clone(&record.item)));
        let mut assessment =
            assess(&item, &record.run, facts, &record.generation, options.assess(Want::Marks));
        // The library also knows what follows from other generations: the twin's.
        assessment.modes = library.row(row).modes();
        Ok(Self { key: library.key(row), record, item, assessment })
    }

    fn in_file(options: &Options, key: &str, file: &Path, line: u64) -> Result<Self> {
        let found = import::discover(&[file.to_owned()])?;
        let Some(source) = found.sources.first() else {
            let why = found.rejects.first().map_or("no generations in it".to_owned(), |r| r.message.clone());
            bail!("{}: {why}", shown(file));
        };
        let mut all = score::at_line(source, line)?;
        if all.is_empty() {
            bail!("{key}: nothing on this line");
        }
        let Ready { record, item, facts } = all.swap_remove(0);
        let assessment = assess(&item, &record.run, facts, &record.generation, options.assess(Want::Marks));
        Ok(Self { key: key.to_owned(), record, item, assessment })
    }
}

/// `FILE:LINE`, where there is such a file: as its name is, or as it is printed.
fn file_and_line(key: &OsStr) -> Option<(PathBuf, u64)> {
    let number = key.as_encoded_bytes().rsplit(|&byte| byte == b':').next()?;
    let line = std::str::from_utf8(number).ok()?.parse().ok().filter(|&n| n > 0)?;
    let file = without_end(key, number.len() + 1)?;
    let named = || file.to_str().and_then(path::named);
    let file = if file.is_file() { Some(file.to_path_buf()) } else { named().filter(|file| file.is_file()) };
    Some((file?, line))
}

/// What stands before so many bytes of the end, all of them ASCII.
fn without_end(name: &OsStr, bytes: usize) -> Option<&Path> {
    let start = name.len().checked_sub(bytes)?;
    #[cfg(unix)]
    {
        use std::os::unix::ffi::OsStrExt as _;
        Some(Path::new(OsStr::from_bytes(&name.as_bytes()[..start])))
    }
    #[cfg(not(unix))]
    name.to_str().map(|name| Path::new(&name[..start]))
}

/// A place in a text for people: line and column in characters, both from 1.
pub fn line_and_column(text: &str, byte: usize) -> (usize, usize) {
    let before = &text[..byte];
    let start = before.rfind('\n').map_or(0, |at| at + 1);
    (before.matches('\n').count() + 1, before[start..].chars().count() + 1)
}

/// The text around a range, on one line, cut to `around` characters on either side.
pub fn excerpt(text: &str, start: usize, end: usize, around: usize) -> (String, String, String) {
    let before = text[..start].char_indices().rev().nth(around - 1).map_or(0, |(at, _)| at);
    let after = text[end..].char_indices().nth(around).map_or(text.len(), |(at, _)| end + at);
    // A long region is shown by its ends.
    let inside = &text[start..end];
    let count = inside.chars().count();
    let inside = if count > 2 * around {
        let head: String = inside.chars().take(around).collect();
        let tail: String = inside.chars().skip(count - around).collect();
        format!("{head} … {tail}")
    } else {
        inside.to_owned()
    };
    let cut = |at: bool| if at { "…" } else { "" };
    (
        format!("{}{}", cut(before > 0), &text[before..start]),
        inside,
        format!("{}{}", &text[end..after], cut(after < text.len())),
    )
}

/// The constraint asked for among an item's: by id or short name.
pub fn constraint_at(one: &One, name: &str) -> Result<usize> {
    let all = &one.record.item.constraints;
    all.iter().position(|c| c.id == name || c.short_name() == name).ok_or_else(|| {
        let has: Vec<&str> = all.iter().map(|c| c.id.as_str()).collect();
        anyhow!("{}: has no constraint {name}; it has {}", one.key, has.join(", "))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_for_people() {
        let text = "añb\ncd, e\n";
        assert_eq!(line_and_column(text, 0), (1, 1));
        assert_eq!(line_and_column(text, 3), (1, 3));
        assert_eq!(line_and_column(text, 7), (2, 3));
        assert_eq!(line_and_column(text, text.len()), (3, 1));
        assert_eq!(excerpt(text, 7, 8, 2), ("…cd".into(), ",".into(), " e…".into()));
        assert_eq!(excerpt("a,b", 1, 2, 9), ("a".into(), ",".into(), "b".into()));
        assert_eq!(excerpt("abcdefgh", 0, 8, 2), (String::new(), "ab … gh".into(), String::new()));
    }
}
