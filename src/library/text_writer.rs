//! Putting text into the text index: what is not indexed yet is read back and committed in portions.

use std::collections::HashSet;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use tantivy::{Index, IndexSettings, IndexWriter, TantivyDocument};

use super::build::Cancel;
use super::folder::{self, Lock};
use super::read_back::UnreadCount;
use super::snapshot::Library;
use super::text_directory::TextDirectory;
use super::text_index::{Covered, ITEM, Numbers, SoundFiles, schema, sound_index, with_words};
use crate::error::{Error, Result};

/// Memory of one indexing thread; there are two.
const BUDGET: usize = 64 << 20;
const THREADS: usize = 2;
/// Text is committed after about this many bytes, so that little is done twice after a crash.
const COMMIT_BYTES: u64 = 256 << 20;
/// Rows read at a time.
const ROWS: usize = 2048;

/// What [`complete`] did.
#[derive(Debug, Default)]
pub(super) struct Completed {
    /// What of the index that was there was damaged, so that it was built anew.
    pub(super) damage: Option<String>,
    /// Rows that could not be read, and so are not indexed.
    pub(super) unread: UnreadCount,
}

/// Indexes the text of every row that is not indexed yet. `told` hears how many rows are done, and
/// whether that was just committed. An index that is damaged or belongs to another library is built
/// anew.
pub(super) fn complete(
    dir: &Path,
    epoch: u64,
    library: &Library,
    sound: &SoundFiles,
    lock: &Lock,
    cancel: &Cancel,
    told: &mut dyn FnMut(usize, bool),
) -> Result<Completed> {
    let io = |error| Error::io(dir, error);
    std::fs::create_dir_all(dir).map_err(io)?;
    folder::collect_text(dir, lock)?;
    let mut completed = Completed::default();
    let known = match sound_index(dir, sound) {
        Ok(known) => known.filter(|(_, covered)| covered.epoch == epoch),
        Err(damage) => {
            completed.damage = Some(damage);
            None
        }
    };
    let (index, mut covered) = if let Some(known) = known {
        known
    } else {
        folder::clear_text(dir, lock)?;
        let index = Index::create(TextDirectory::open(dir)?, schema().0, IndexSettings::default())?;
        (with_words(index), Covered { epoch, ..Covered::default() })
    };
    let fields = schema().1;
    let mut writer: IndexWriter = index.writer_with_num_threads(THREADS, BUDGET * THREADS)?;
    let commit = |writer: &mut IndexWriter, covered: &Covered| -> Result<()> {
        let mut prepared = writer.prepare_commit()?;
        prepared.set_payload(&serde_json::to_string(covered).expect("numbers always serialize"));
        // The files of the segments are on disk now; so must their names be.
        super::place::sync_dir(dir)?;
        prepared.commit()?;
        Ok(())
    };
    let before = covered.clone();
    let (mut done, mut bytes) = (0, 0);
    for (first, part) in library.parts() {
        let is_live = |row: &u32| library.live().has(*row);
        let rows: Vec<u32> = if covered.parts.0.contains(&part.serial) {
            let mut unread: Vec<u32> = covered.unread_of(part).map(|at| first + at).filter(is_live).collect();
            unread.sort_unstable();
            done += library.live().count_range(first..first + part.rows) - unread.len();
            unread
        } else {
            (first..first + part.rows).filter(is_live).collect()
        };
        let mut unread = HashSet::new();
        for group in rows.chunks(ROWS) {
            if cancel.is_cancelled() {
                return Err(Error::Cancelled);
            }
            // Items whose question this group has put into the index.
            let items = Mutex::new(HashSet::new());
            let added = library.read_back(group, cancel, |row, record, split| -> Result<u64> {
                let mut document = TantivyDocument::default();
                let text = &record.generation.text;
                for (field, part) in fields.output.into_iter().zip([&split.trace, &split.answer]) {
                    document.add_text(field, &text[part.clone()]);
                }
                document.add_u64(fields.row, u64::from(part.serial) << 32 | u64::from(row - first));
                writer.add_document(document)?;
                let item = library.row(row).item_number();
                let is_first = !covered.items.0.contains(&item)
                    && items.lock().unwrap_or_else(PoisonError::into_inner).insert(item);
                if is_first {
                    let mut document = TantivyDocument::default();
                    document.add_text(fields.question, &record.item.question);
                    document.add_u64(fields.row, ITEM | u64::from(item));
                    writer.add_document(document)?;
                }
                Ok(text.len() as u64)
            });
            let items = items.into_inner().unwrap_or_else(PoisonError::into_inner);
            covered.documents += items.len() as u64;
            covered.items.0.extend(items);
            for (&row, added) in group.iter().zip(added) {
                match added {
                    Ok(added) => {
                        bytes += added?;
                        covered.documents += 1;
                    }
                    Err(why) => {
                        completed.unread.add(&why);
                        unread.insert(row - first);
                    }
                }
            }
            done += group.len();
            told(done, false);
        }
        if cancel.is_cancelled() {
            return Err(Error::Cancelled);
        }
        covered.parts.0.insert(part.serial);
        if unread.is_empty() {
            covered.unread.remove(&part.serial);
        } else {
            covered.unread.insert(part.serial, Numbers(unread));
        }
        if bytes >= COMMIT_BYTES {
            commit(&mut writer, &covered)?;
            bytes = 0;
            told(done, true);
        }
    }
    let present: HashSet<u32> = library.parts().map(|(_, part)| part.serial).collect();
    covered.parts.0.retain(|serial| present.contains(serial));
    covered.unread.retain(|serial, _| present.contains(serial));
    // Rows that still cannot be read are no reason to write.
    if covered != before {
        commit(&mut writer, &covered)?;
    }
    writer.wait_merging_threads()?;
    Ok(completed)
}

#[cfg(test)]
mod tests {
    use tantivy::Term;

    use super::*;
    use crate::library::{BuildOptions, build, check};

    /// What an index says that it covers is held against the documents that it has.
    #[test]
    fn missing_documents_are_noticed() {
        let dir = tempfile::tempdir().unwrap();
        let (runs, library) = (dir.path().join("runs.jsonl"), dir.path().join("library"));
        let line = |n: usize| format!(r#"{{"id":"{n}","question":"which","output":"animal {n}"}}"#);
        std::fs::write(&runs, (0..5).map(line).collect::<Vec<_>>().join("\n")).unwrap();
        let options = BuildOptions { text: true, ..BuildOptions::default() };
        build(&library, &[runs], &options, &|_| {}, &Cancel::default()).unwrap();
        assert_eq!(check(&library, false).unwrap().problems, [""; 0]);
        // The third generation's document goes; the bookkeeping stays.
        let text = library.join(folder::TEXT);
        let index = with_words(Index::open(TextDirectory::open(&text).unwrap()).unwrap());
        let payload = index.load_metas().unwrap().payload.unwrap();
        let mut writer: IndexWriter = index.writer_with_num_threads(1, BUDGET).unwrap();
        writer.delete_term(Term::from_field_text(schema().1.output[1], "3"));
        let mut prepared = writer.prepare_commit().unwrap();
        prepared.set_payload(&payload);
        prepared.commit().unwrap();
        writer.wait_merging_threads().unwrap();
        let problems = check(&library, false).unwrap().problems;
        assert!(problems.iter().any(|problem| problem.contains("lacks 1 generation")), "{problems:?}");
        assert_eq!(problems.len(), 2, "{problems:?}");
    }
}
