//! The log of tags and notes on disk: JSON lines, only ever appended to.
//!
//! A line says what is left on one generation after a change; the last line of a generation holds.
//! A crash can at worst leave half of the last line: it is reported when read, and the next line
//! begins on a line of its own. An export has the same layout with one line a generation, so any
//! log or export can be imported or merged.

use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use etcetera::BaseStrategy;
use serde::{Deserialize, Serialize};

use super::entry::{Entry, TagNames, Tags};
use super::ledger::{Change, Ledger};
use crate::error::{Error, Reject, RejectKind, Result};
use crate::path::{self, shown};
use crate::record::ContentKey;

/// Who leaves a change, and when: what a line carries besides the change itself.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Signature {
    /// A person's name.
    pub by: String,
    /// Time in UTC, `2026-11-23T03:40:00Z`.
    pub at: String,
}

impl Signature {
    /// The person of the environment (`HEEDLESS_USER`, else `USER`, else `USERNAME`), now.
    pub fn now() -> Self {
        let by = ["HEEDLESS_USER", "USER", "USERNAME"]
            .into_iter()
            .find_map(|name| std::env::var_os(name).filter(|v| !v.is_empty()))
            .map(|name| path::typed(&name))
            .unwrap_or_default();
        let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs());
        Self { by, at: utc(seconds) }
    }
}

/// A line of the log. Fields of later versions are passed over.
#[derive(Debug, Serialize, Deserialize)]
struct Line {
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tags: Option<Tags>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    note: Option<String>,
    /// The generation's key in the library, for a person who reads the file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    record: Option<String>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    by: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    at: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    names: Option<TagNames>,
}

impl Line {
    fn of_change(change: &Change, record: Option<&str>, signature: &Signature) -> Self {
        Self {
            key: Some(change.key.to_string()),
            tags: Some(change.entry.tags),
            note: Some(change.entry.note.clone()),
            record: record.map(str::to_owned),
            by: signature.by.clone(),
            at: signature.at.clone(),
            names: None,
        }
    }

    fn of_names(names: &TagNames, signature: &Signature) -> Self {
        Self {
            key: None,
            tags: None,
            note: None,
            record: None,
            by: signature.by.clone(),
            at: signature.at.clone(),
            names: Some(names.clone()),
        }
    }

    fn write_to(&self, out: &mut Vec<u8>) -> std::io::Result<()> {
        serde_json::to_writer(&mut *out, self)?;
        out.push(b'\n');
        Ok(())
    }

    fn load_into(self, ledger: &mut Ledger) -> Result<(), String> {
        let Self { key, tags, note, names, record, .. } = self;
        let named = names.is_some();
        if let Some(names) = names {
            ledger.names = names;
        }
        match key {
            Some(key) => {
                let entry = Entry { tags: tags.unwrap_or_default(), note: note.unwrap_or_default() };
                let key = key.parse::<ContentKey>()?;
                ledger.load(key, entry);
                if let Some(record) = record {
                    ledger.call(key, &record);
                }
                Ok(())
            }
            None if named => Ok(()),
            None => Err("a line needs `key` or `names`".to_owned()),
        }
    }
}

/// A log on disk.
#[derive(Debug, Clone)]
pub struct Store {
    path: PathBuf,
    /// Bytes of the log that the ledger knows.
    read: u64,
    /// Lines read, for the place of a reject.
    lines: u64,
    /// Whether a line was one of tags and notes, and whether one was none.
    seen: (bool, bool),
}

impl Store {
    /// The log of this user: `triage.jsonl` in heedless' folder of the data directory
    /// (`$XDG_DATA_HOME`, else `~/.local/share`). `HEEDLESS_TRIAGE` names another file.
    pub fn default_path() -> Result<PathBuf> {
        if let Some(path) = std::env::var_os("HEEDLESS_TRIAGE").filter(|p| !p.is_empty()) {
            return Ok(path.into());
        }
        let base = etcetera::choose_base_strategy().map_err(|e| {
            Error::NotFound(format!("no home directory for tags and notes ({e}): set HEEDLESS_TRIAGE=FILE"))
        })?;
        Ok(base.data_dir().join("heedless").join("triage.jsonl"))
    }

    /// Reads a log. One that does not exist yet is empty. Lines that cannot be read are left out
    /// and reported.
    pub fn open(path: PathBuf) -> Result<(Self, Ledger, Vec<Reject>)> {
        let mut store = Self { path, read: 0, lines: 0, seen: (false, false) };
        let mut ledger = Ledger::default();
        let rejects = store.refresh(&mut ledger)?;
        Ok((store, ledger, rejects))
    }

    /// Where the log lies.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Takes in what others have appended since.
    pub fn refresh(&mut self, ledger: &mut Ledger) -> Result<Vec<Reject>> {
        let mut file = match File::open(&self.path) {
            Ok(file) => file,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(e) => return Err(Error::io(&self.path, e)),
        };
        let io = |e| Error::io(&self.path, e);
        if file.metadata().map_err(io)?.len() < self.read {
            // Somebody replaced the log by a shorter one: it is read anew over what is known.
            (self.read, self.lines, self.seen) = (0, 0, (false, false));
        }
        file.seek(SeekFrom::Start(self.read)).map_err(io)?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(io)?;
        let path: Arc<Path> = self.path.as_path().into();
        let mut rejects = Vec::new();
        for line in bytes.split_inclusive(|&b| b == b'\n') {
            let (start, number) = (self.read, self.lines + 1);
            let text = line.trim_ascii();
            if text.is_empty() {
                (self.read, self.lines) = (start + line.len() as u64, number);
                continue;
            }
            let loaded = serde_json::from_slice::<Line>(text)
                .map_err(|e| e.to_string())
                .and_then(|line| line.load_into(ledger));
            // A last line without its end may still be on its way: it is read again next time.
            if loaded.is_ok() || line.ends_with(b"\n") {
                (self.read, self.lines) = (start + line.len() as u64, number);
                self.seen = (self.seen.0 || loaded.is_ok(), self.seen.1 || loaded.is_err());
            }
            if let Err(cause) = loaded {
                rejects.push(Reject {
                    path: path.clone(),
                    line: number,
                    byte: start,
                    len: line.len() as u64,
                    kind: RejectKind::Syntax,
                    message: format!(
                        "not a line of tags and notes ({cause}); the rest is kept, mend or delete it"
                    ),
                });
            }
        }
        Ok(rejects)
    }

    /// Appends changes, after taking in what others appended. Returns when they are on disk.
    ///
    /// `record` names a generation for people who read the file (`RUN/ITEM`).
    pub fn append(
        &mut self,
        changes: &[Change],
        record: impl Fn(ContentKey) -> Option<String>,
        signature: &Signature,
    ) -> Result<()> {
        let mut bytes = Vec::new();
        for change in changes {
            let line = Line::of_change(change, record(change.key).as_deref(), signature);
            line.write_to(&mut bytes).map_err(|e| Error::io(&self.path, e))?;
        }
        self.write(&bytes)
    }

    /// Appends what the tags are called.
    pub fn append_names(&mut self, names: &TagNames, signature: &Signature) -> Result<()> {
        let mut bytes = Vec::new();
        let line = Line::of_names(names, signature);
        line.write_to(&mut bytes).map_err(|e| Error::io(&self.path, e))?;
        self.write(&bytes)
    }

    fn write(&mut self, bytes: &[u8]) -> Result<()> {
        if bytes.is_empty() {
            return Ok(());
        }
        if self.seen == (false, true) {
            return Err(Error::Refused(format!(
                "{}: holds something else than tags and notes, and is not written to; name another file in \
                 HEEDLESS_TRIAGE",
                shown(&self.path)
            )));
        }
        let io = |e| Error::io(&self.path, e);
        if let Some(parent) = self.path.parent() {
            std::fs::create_dir_all(parent).map_err(|e| Error::io(parent, e))?;
        }
        let mut file =
            OpenOptions::new().create(true).append(true).read(true).open(&self.path).map_err(io)?;
        // Two explorers may write at once; a file system without locks is no reason to lose a tag.
        let _ = file.lock();
        let end = file.seek(SeekFrom::End(0)).map_err(io)?;
        let mut whole = Vec::with_capacity(bytes.len() + 1);
        if end > 0 {
            let mut last = [0];
            file.seek(SeekFrom::Start(end - 1)).map_err(io)?;
            file.read_exact(&mut last).map_err(io)?;
            if last != *b"\n" {
                whole.push(b'\n');
            }
        }
        whole.extend_from_slice(bytes);
        if let Err(e) = file.write_all(&whole).and_then(|()| file.sync_data()) {
            // A full disk may have taken half of it: cut that off, so that no half line is left.
            let _ = file.set_len(end);
            return Err(io(e));
        }
        if end == self.read {
            // Nobody wrote in between: what was written is known already.
            self.read = end + whole.len() as u64;
            self.lines += memchr::memchr_iter(b'\n', bytes).count() as u64;
        }
        Ok(())
    }
}

/// Reads a log or an export of anybody.
pub fn import(path: &Path) -> Result<(Ledger, Vec<Reject>)> {
    if !path.exists() {
        return Err(Error::NotFound(format!("{}: no such file", shown(path))));
    }
    let (_, ledger, rejects) = Store::open(path.to_owned())?;
    Ok((ledger, rejects))
}

/// Writes a ledger as one line a generation, by rising key. Gives the number of generations.
pub fn export(
    ledger: &Ledger,
    to: &mut impl Write,
    record: impl Fn(ContentKey) -> Option<String>,
    signature: &Signature,
) -> std::io::Result<usize> {
    let mut bytes = Vec::new();
    if !ledger.names.is_empty() {
        Line::of_names(&ledger.names, signature).write_to(&mut bytes)?;
    }
    let mut count = 0;
    for (key, entry) in ledger.iter() {
        let change = Change { key, entry: entry.clone() };
        Line::of_change(&change, record(key).as_deref(), signature).write_to(&mut bytes)?;
        count += 1;
    }
    to.write_all(&bytes)?;
    Ok(count)
}

/// Seconds since 1970 as a date and time in UTC.
///
/// Days to civil date after Howard Hinnant, *chrono-compatible low-level date algorithms*.
fn utc(seconds: u64) -> String {
    let (days, rest) = (seconds / 86_400, seconds % 86_400);
    let z = days + 719_468;
    let era = z / 146_097;
    let day_of_era = z % 146_097;
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}Z", rest / 3600, rest / 60 % 60, rest % 60)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::triage::Tag;

    fn signature() -> Signature {
        Signature { by: "ann".to_owned(), at: utc(0) }
    }

    fn open(path: &Path) -> (Store, Ledger) {
        let (store, ledger, rejects) = Store::open(path.to_owned()).unwrap();
        assert_eq!(rejects, []);
        (store, ledger)
    }

    fn tag(digit: u8) -> Tag {
        Tag::new(digit).unwrap()
    }

    #[test]
    fn what_is_written_is_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new/triage.jsonl");
        let (mut store, mut ledger) = open(&path);
        let a = ContentKey(7);
        let changes = [ledger.toggle(a, tag(2)), ledger.note(a, "two\nlines \u{1b}[31m").unwrap()];
        store.append(&changes, |_| Some("m/1".to_owned()), &signature()).unwrap();
        ledger.names.set(tag(2), "odd");
        store.append_names(&ledger.names, &signature()).unwrap();
        let undone = ledger.undo().unwrap();
        store.append(&[undone], |_| None, &signature()).unwrap();

        let (_, again) = open(&path);
        assert_eq!(again.get(a), ledger.get(a));
        assert_eq!(again.names, ledger.names);
        let text = std::fs::read_to_string(&path).unwrap();
        assert_eq!(text.lines().count(), 4);
        assert!(text.starts_with(
            r#"{"key":"0000000000000007","tags":[2],"note":"","record":"m/1","by":"ann","at":"1970-01-01T00:00:00Z"}"#
        ));
        assert!(!text.contains('\u{1b}'), "control characters are escaped on disk");
    }

    #[test]
    fn half_a_line_is_reported_and_stops_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("t.jsonl");
        std::fs::write(
            &path,
            "{\"key\":\"0000000000000001\",\"tags\":[1]}\n\n{\"tags\":[1]}\n{\"key\":\"00000000",
        )
        .unwrap();
        let (mut store, mut ledger, rejects) = Store::open(path.clone()).unwrap();
        assert_eq!(rejects.iter().map(|r| (r.line, r.byte)).collect::<Vec<_>>(), [(3, 39), (4, 52)]);
        let change = ledger.toggle(ContentKey(2), tag(3));
        store.append(&[change], |_| None, &signature()).unwrap();
        let (_, again, rejects) = Store::open(path).unwrap();
        assert_eq!((again.marked(), rejects.len()), (2, 2));
    }

    #[test]
    fn two_writers_lose_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("t.jsonl");
        let (mut one, mut ours) = open(&path);
        let (mut two, mut theirs) = open(&path);
        one.append(&[ours.toggle(ContentKey(1), tag(1))], |_| None, &signature()).unwrap();
        two.append(&[theirs.toggle(ContentKey(2), tag(2))], |_| None, &signature()).unwrap();
        one.append(&[ours.toggle(ContentKey(3), tag(3))], |_| None, &signature()).unwrap();
        assert_eq!(one.refresh(&mut ours).unwrap(), []);
        assert_eq!(two.refresh(&mut theirs).unwrap(), []);
        for ledger in [&ours, &theirs, &open(&path).1] {
            assert_eq!(ledger.marked(), 3);
        }
    }

    #[test]
    fn an_export_is_an_import() {
        let folder = tempfile::tempdir().unwrap();
        let mut ledger = Ledger::default();
        ledger.names.set(tag(1), "keep");
        ledger.toggle(ContentKey(u64::MAX), tag(1));
        ledger.note(ContentKey(3), "n");
        let path = folder.path().join("export.jsonl");
        let mut bytes = Vec::new();
        assert_eq!(export(&ledger, &mut bytes, |_| None, &signature()).unwrap(), 2);
        std::fs::write(&path, bytes).unwrap();
        let (again, rejects) = import(&path).unwrap();
        assert_eq!(rejects, []);
        assert_eq!(again.names, ledger.names);
        assert!(again.iter().eq(ledger.iter()));
        assert!(import(&folder.path().join("absent")).is_err());
    }

    #[test]
    fn dates() {
        // Known instants: the epoch, a leap day, the last second of a century, the billionth second.
        for (seconds, text) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (4_102_444_799, "2099-12-31T23:59:59Z"),
            (1_000_000_000, "2001-09-09T01:46:40Z"),
        ] {
            assert_eq!(utc(seconds), text);
        }
    }
}
