//! A library on disk: the manifest says what is in it and names the chunk files, which are written
//! once. [`folder`] says what else lies in its folder.
//!
//! A commit writes the chunks, makes them lasting, then replaces the manifest whole by a rename:
//! whatever happens, a reader finds the last commit or the one before. Files that no manifest names
//! are orphaned files of writers that died; the next writer deletes them. The manifest and every chunk
//! have a checksum, which is compared when they are read.

use std::collections::HashSet;
use std::fmt::Display;
use std::fs::File;
use std::io::{self, BufWriter, Write as _};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use tantivy::Directory as _;
use tantivy::directory::{MmapDirectory, OwnedBytes};

use super::build::BuildOptions;
use super::chunk::{Chunk, Columns, Part};
use super::chunk_file;
use super::fingerprint::Fingerprint;
use super::folder::{self, CHUNKS, Lock, MANIFEST};
use super::place::{sync_dir, write_whole};
use super::seal;
use super::table::{ConstraintInfo, ItemInfo, RunInfo, SourceInfo, Tables};
use super::text_index::SoundFiles;
use crate::constraint::custom_fingerprint;
use crate::error::{Error, Reject, RejectKind, Result};
use crate::grade::GradeMode;
use crate::import;
use crate::path::{saved, shown};
use crate::record::Run;
use crate::split::JudgedSpan;

/// Version of the layout of the folder. Another one is not read but built anew.
const FORMAT: u32 = 3;
/// So many chunks of about one size are merged.
const MERGE: usize = 8;
/// Chunks of so many rows stay as they are.
const FULL: usize = 1 << 16;

/// By which rules the verdicts of a library were made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) struct Rules {
    pub(super) judged: JudgedSpan,
    pub(super) grade: GradeMode,
    /// Which file of the user's own constraints; 0 for none.
    #[serde(default)]
    pub(super) custom: u64,
}

impl Rules {
    pub(super) fn of(options: BuildOptions) -> Self {
        Self { judged: options.judged, grade: options.grade, custom: custom_fingerprint() }
    }
}

/// Everything a library consists of, as its writer holds it.
#[derive(Debug, Default)]
pub(super) struct State {
    /// Told apart by this from a library that lay here before: numbers of chunks begin anew with it.
    pub(super) epoch: u64,
    /// Number of the commit this came from; 0 when there was none.
    pub(super) commit: u64,
    pub(super) rules: Rules,
    /// The paths it was built of.
    pub(super) paths: Vec<PathBuf>,
    pub(super) tables: Tables,
    /// Of each source, what must be known to go on with it.
    pub(super) sources: Vec<SourceState>,
    pub(super) chunks: Vec<Stored>,
    pub(super) next_serial: u32,
    /// Files of items, and how many items they hold together.
    pub(super) item_files: Vec<String>,
    pub(super) saved_items: usize,
    /// Rejects that belong to no source.
    pub(super) found: Vec<Reject>,
    /// Every row was assessed with what is now known of its run.
    pub(super) settled: bool,
    /// Files of the text index whose checksums were compared.
    pub(super) sound: SoundFiles,
}

/// How far a source was read, and what it looked like then.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct SourceState {
    pub(super) plan: import::Source,
    pub(super) seen: Option<Fingerprint>,
    /// Its item file and its verdict file.
    pub(super) beside: [Option<Fingerprint>; 2],
    pub(super) bytes: u64,
    pub(super) lines: u64,
    /// The last line read had its line end.
    pub(super) ended: bool,
    /// It was read to its end.
    pub(super) complete: bool,
    /// It is no longer there, or no longer asked for.
    pub(super) gone: bool,
    pub(super) rejects: Vec<Reject>,
}

/// A chunk with its file and its dead rows.
#[derive(Debug, Clone)]
pub(super) struct Stored {
    pub(super) chunk: Arc<Chunk>,
    /// Name of its file; `None` until it is written.
    pub(super) file: Option<String>,
    /// Rows whose source was replaced or is gone.
    pub(super) dead: Vec<Range<u32>>,
}

#[derive(Serialize, Deserialize)]
struct Manifest {
    heedless: String,
    format: u32,
    epoch: u64,
    commit: u64,
    rules: Rules,
    #[serde(with = "saved::list")]
    paths: Vec<PathBuf>,
    runs: Vec<SavedRun>,
    constraints: Vec<String>,
    sources: Vec<SourceState>,
    items: Vec<String>,
    chunks: Vec<SavedChunk>,
    next_serial: u32,
    found: Vec<Reject>,
    settled: bool,
}

#[derive(Serialize, Deserialize)]
struct SavedRun {
    #[serde(flatten)]
    run: Run,
    generations: u32,
    closed: u32,
}

#[derive(Serialize, Deserialize)]
struct SavedChunk {
    file: String,
    parts: Vec<Part>,
    dead: Vec<Range<u32>>,
}

/// Rows of several parts together.
fn rows_of(parts: &[Part]) -> u32 {
    parts.iter().map(|part| part.rows).sum()
}

/// What lies in a folder.
#[derive(Debug)]
pub(super) enum Found {
    /// Nothing, or nothing but orphaned files.
    Nothing,
    /// A library that cannot be used as it is, and why; building replaces it.
    Useless(String),
    /// A library.
    Library(Box<State>),
}

/// Reads the library of a folder. Fails only where the folder itself cannot be read.
pub(super) fn load(dir: &Path) -> Result<Found> {
    // A writer may collect the files of the previous commit while they are read: then the next
    // manifest is there already.
    let mut last = None;
    for _ in 0..5 {
        let path = dir.join(MANIFEST);
        let text = match std::fs::read(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Found::Nothing),
            Err(error) => return Err(Error::io(&path, error)),
        };
        if last.as_ref() == Some(&text) {
            break;
        }
        match load_commit(dir, &text)? {
            Found::Useless(_) if last.is_none() => last = Some(text),
            found => return Ok(found),
        }
    }
    let text = last.unwrap_or_default();
    load_commit(dir, &text)
}

/// The head of a manifest: enough to know whether the rest can be read.
#[derive(Deserialize)]
struct Head {
    heedless: String,
    format: u32,
}

impl Head {
    /// `None` when a text is no manifest, of whatever version. What follows the manifest does not count.
    fn of(text: &[u8]) -> Option<Self> {
        Self::deserialize(&mut serde_json::Deserializer::from_slice(text)).ok()
    }
}

/// Whether a file is the manifest of a library, of whatever version. A link is none.
pub(super) fn is_manifest(path: &Path) -> bool {
    let is_file = path.symlink_metadata().is_ok_and(|meta| meta.is_file());
    is_file && std::fs::read(path).is_ok_and(|text| Head::of(&text).is_some())
}

/// The manifest that a text is; the cause when it cannot be used.
fn manifest(text: &[u8]) -> Result<Manifest, String> {
    let damaged = |cause: &dyn Display| format!("its manifest is damaged: {cause}");
    let head = Head::of(text).ok_or_else(|| damaged(&"its beginning is not one"))?;
    if head.format != FORMAT {
        return Err(format!("it was written by heedless {} (format {})", head.heedless, head.format));
    }
    let text = seal::unsealed(text).map_err(|cause| damaged(&cause))?;
    serde_json::from_slice(text).map_err(|error| damaged(&error))
}

fn load_commit(dir: &Path, text: &[u8]) -> Result<Found> {
    let useless = |cause: String| Ok(Found::Useless(cause));
    let manifest = match manifest(text) {
        Ok(manifest) => manifest,
        Err(cause) => return useless(cause),
    };
    let bytes_of = |name: &str| {
        let path = dir.join(CHUNKS).join(name);
        std::fs::read(&path).map_err(|error| format!("{}: {error}", shown(path)))
    };
    let named = |name: &str, cause: String| format!("{}: {cause}", shown(dir.join(CHUNKS).join(name)));
    let read = |saved: &SavedChunk| read_chunk(dir, saved).map_err(|cause| named(&saved.file, cause));
    let read_items = |name: &String| -> Result<Vec<ItemInfo>, String> {
        chunk_file::decode_items(&bytes_of(name)?).map_err(|cause| named(name, cause))
    };
    let files: Result<Vec<_>, String> = manifest.chunks.par_iter().map(read).collect();
    let items: Result<Vec<_>, String> = manifest.items.par_iter().map(read_items).collect();
    let (files, items) = match (files, items) {
        (Ok(files), Ok(items)) => (files, items),
        (Err(cause), _) | (_, Err(cause)) => return useless(cause),
    };
    let mut tables = Tables {
        constraints: manifest.constraints.iter().map(|id| ConstraintInfo::new(id)).collect(),
        ..Tables::default()
    };
    for saved in manifest.runs {
        let SavedRun { run, generations, closed } = saved;
        tables.runs.push(RunInfo { run: Arc::new(run), generations, closed });
    }
    for source in &manifest.sources {
        let path = source.plan.path.as_path().into();
        tables.sources.push(SourceInfo { path, bytes: source.bytes, lines: source.lines, generations: 0 });
    }
    let mut chunks = Vec::with_capacity(files.len());
    tables.items = items.into_iter().flatten().collect();
    for (saved, columns) in manifest.chunks.into_iter().zip(files) {
        let chunk = Arc::new(Chunk::of(saved.parts, columns));
        chunks.push(Stored { chunk, file: Some(saved.file), dead: saved.dead });
    }
    let mut state = State {
        epoch: manifest.epoch,
        commit: manifest.commit,
        rules: manifest.rules,
        paths: manifest.paths,
        item_files: manifest.items,
        saved_items: tables.items.len(),
        tables,
        sources: manifest.sources,
        chunks,
        next_serial: manifest.next_serial,
        found: manifest.found,
        settled: manifest.settled,
        sound: SoundFiles::default(),
    };
    if let Err(cause) = state.count_sources() {
        return useless(cause);
    }
    Ok(Found::Library(Box::new(state)))
}

/// Reads the chunk that a manifest names; the cause when it cannot be used.
fn read_chunk(dir: &Path, saved: &SavedChunk) -> Result<Columns, String> {
    let file = map(&dir.join(CHUNKS).join(&saved.file)).map_err(|error| error.to_string())?;
    let columns = chunk_file::decode(&file)?;
    if columns.len() != rows_of(&saved.parts) as usize {
        return Err("not the chunk that the manifest means".to_owned());
    }
    Ok(columns)
}

/// What a manifest says at a glance.
#[derive(Debug, Default)]
pub(super) struct Listed {
    pub(super) paths: Vec<PathBuf>,
    pub(super) generations: u64,
    pub(super) files: usize,
    pub(super) runs: usize,
}

/// Looks at the manifest of a folder: `None` where there is none, the cause where it cannot be used.
pub(super) fn list(dir: &Path) -> Option<Result<Listed, String>> {
    let text = std::fs::read(dir.join(MANIFEST)).ok()?;
    let manifest = match manifest(&text) {
        Ok(manifest) => manifest,
        Err(cause) => return Some(Err(cause)),
    };
    let alive = |chunk: &SavedChunk| {
        let dead: u32 = chunk.dead.iter().map(|range| range.end - range.start).sum();
        u64::from(rows_of(&chunk.parts).saturating_sub(dead))
    };
    Some(Ok(Listed {
        generations: manifest.chunks.iter().map(alive).sum(),
        files: manifest.sources.iter().filter(|source| !source.gone).count(),
        runs: manifest.runs.iter().filter(|run| run.generations > 0).count(),
        paths: manifest.paths,
    }))
}

/// A file of generations, with the files that are read beside it.
#[derive(Debug, Clone, Deserialize)]
pub struct FilesRead {
    /// The file with the outputs.
    #[serde(with = "saved")]
    pub path: PathBuf,
    /// Its file of items.
    #[serde(with = "saved::option")]
    pub items: Option<PathBuf>,
    /// Its file of saved verdicts.
    #[serde(with = "saved::option")]
    pub verdicts: Option<PathBuf>,
}

/// The files that a manifest names, those that could not be used too. Asks for no more of it than
/// that, so that one of another version will do.
pub(super) fn files_read(dir: &Path) -> Option<Vec<FilesRead>> {
    #[derive(Deserialize)]
    struct Sources {
        sources: Vec<Source>,
        #[serde(default)]
        found: Vec<Reject>,
    }
    #[derive(Deserialize)]
    struct Source {
        plan: FilesRead,
    }
    let text = std::fs::read(dir.join(MANIFEST)).ok()?;
    let mut text = serde_json::Deserializer::from_slice(&text);
    let Sources { sources, found } = Sources::deserialize(&mut text).ok()?;
    let unpaired = found.into_iter().filter(|reject| reject.kind == RejectKind::MissingPair);
    let unpaired =
        unpaired.map(|reject| FilesRead { path: reject.path.to_path_buf(), items: None, verdicts: None });
    Some(sources.into_iter().map(|source| source.plan).chain(unpaired).collect())
}

impl State {
    /// Counts the generations of every source, and checks that rows refer to what is there.
    fn count_sources(&mut self) -> Result<(), String> {
        let tables = &mut self.tables;
        let (runs, items, constraints) = (tables.runs.len(), tables.items.len(), tables.constraints.len());
        if tables.items.iter().any(|item| item.constraints.iter().any(|&c| c as usize >= constraints)) {
            return Err("an item refers to a constraint that is not there".to_owned());
        }
        let count = |stored: &Stored| {
            let columns = &stored.chunk.columns;
            let fits = |numbers: &[u32], len: usize| {
                numbers.iter().copied().max().is_none_or(|most| (most as usize) < len)
            };
            let all = fits(&columns.run, runs)
                && fits(&columns.item, items)
                && fits(&columns.source, tables.sources.len());
            if !all {
                return Err("a chunk refers to a run, an item or a file that is not there".to_owned());
            }
            let mut counts = vec![0u32; tables.sources.len()];
            // Rows of a file lie together.
            for stretch in columns.source.chunk_by(|a, b| a == b) {
                counts[stretch[0] as usize] += stretch.len() as u32;
            }
            for row in stored.dead.iter().cloned().flatten() {
                if let Some(&source) = columns.source.get(row as usize) {
                    let count = &mut counts[source as usize];
                    *count = count.saturating_sub(1);
                }
            }
            Ok(counts)
        };
        let counts: Vec<Vec<u32>> = self.chunks.par_iter().map(count).collect::<Result<_, String>>()?;
        for counts in counts {
            for (source, count) in tables.sources.iter_mut().zip(counts) {
                source.generations += count;
            }
        }
        Ok(())
    }

    /// Every reject of the library: of the search for files, then of each file.
    pub(super) fn rejects(&self) -> Arc<[Reject]> {
        let of_sources = self.sources.iter().filter(|s| !s.gone).flat_map(|s| &s.rejects);
        self.found.iter().chain(of_sources).cloned().collect()
    }

    /// Merges small neighbours, so that a library that grows a little every second does not fall to
    /// pieces: [`MERGE`] chunks of about one size become one, which is merged again only with others
    /// of its new size.
    pub(super) fn merge(&mut self) {
        let size = |stored: &Stored| (stored.chunk.columns.len().max(1)).ilog(MERGE);
        let mut end = self.chunks.len();
        while end > 0 {
            let class = size(&self.chunks[end - 1]);
            let mut start = end - 1;
            while start > 0 && size(&self.chunks[start - 1]) == class {
                start -= 1;
            }
            let full = self.chunks[start..end].iter().all(|stored| stored.chunk.columns.len() >= FULL);
            if end - start < MERGE || full {
                end = start;
                continue;
            }
            let mut dead = Vec::new();
            let mut first = 0;
            for stored in &self.chunks[start..end] {
                dead.extend(stored.dead.iter().map(|range| range.start + first..range.end + first));
                first += stored.chunk.columns.len() as u32;
            }
            let chunk = Chunk::merged(self.chunks[start..end].iter().map(|stored| &*stored.chunk));
            let merged = Stored { chunk: Arc::new(chunk), file: None, dead };
            self.chunks.splice(start..end, [merged]);
            // What came out may be one of several of its size.
            end = start + 1;
        }
    }

    /// Makes everything so far lasting: chunks and items first, then the manifest that names them.
    /// On failure the last commit stays what it was.
    pub(super) fn save(&mut self, dir: &Path, _lock: &Lock) -> Result<()> {
        let chunks = dir.join(CHUNKS);
        let commit = self.commit + 1;
        let mut item_files = self.item_files.clone();
        if self.tables.items.len() > self.saved_items {
            let name = format!("{commit:08}.items");
            let items = chunk_file::encode_items(&self.tables.items[self.saved_items..]);
            write_new(&chunks.join(&name), |file| file.write_all(&items))?;
            item_files.push(name);
        }
        let mut saved = Vec::with_capacity(self.chunks.len());
        for stored in &self.chunks {
            let file = if let Some(file) = &stored.file {
                file.clone()
            } else {
                // A chunk that is written again keeps its number under another name.
                let serial = stored.chunk.parts.first().map_or(0, |part| part.serial);
                let name = format!("{serial:08}-{commit}.chunk");
                write_new(&chunks.join(&name), |file| chunk_file::encode(&stored.chunk.columns, file))?;
                name
            };
            saved.push(SavedChunk { file, parts: stored.chunk.parts.clone(), dead: stored.dead.clone() });
        }
        sync_dir(&chunks)?;
        let run =
            |r: &RunInfo| SavedRun { run: (*r.run).clone(), generations: r.generations, closed: r.closed };
        let manifest = Manifest {
            heedless: env!("CARGO_PKG_VERSION").to_owned(),
            format: FORMAT,
            epoch: self.epoch,
            commit,
            rules: self.rules,
            paths: self.paths.clone(),
            runs: self.tables.runs.iter().map(run).collect(),
            constraints: self.tables.constraints.iter().map(|c| c.id.to_string()).collect(),
            sources: self.sources.clone(),
            items: item_files,
            chunks: saved,
            next_serial: self.next_serial,
            found: self.found.clone(),
            settled: self.settled,
        };
        let text = serde_json::to_vec(&manifest).map_err(|error| Error::Library {
            path: dir.to_path_buf(),
            cause: format!("its manifest cannot be written: {error}"),
        })?;
        write_whole(&dir.join(MANIFEST), &seal::sealed(text))?;
        self.commit = commit;
        self.item_files = manifest.items;
        self.saved_items = self.tables.items.len();
        for (stored, saved) in self.chunks.iter_mut().zip(manifest.chunks) {
            if stored.file.is_none()
                && let Ok(columns) = read_chunk(dir, &saved)
            {
                // What is on disk need not be held in memory.
                stored.chunk = Arc::new(stored.chunk.moved(columns));
            }
            stored.file = Some(saved.file);
        }
        Ok(())
    }

    /// Deletes files that this, the last commit, does not name. Best effort.
    pub(super) fn collect(&self, dir: &Path, lock: &Lock) {
        let named: HashSet<&str> = (self.chunks.iter().filter_map(|stored| stored.file.as_deref()))
            .chain(self.item_files.iter().map(String::as_str))
            .collect();
        folder::collect(dir, |name| named.contains(name), lock);
    }
}

/// Writes a file that nothing names yet, and makes it lasting.
fn write_new(path: &Path, write: impl FnOnce(&mut BufWriter<&File>) -> io::Result<()>) -> Result<()> {
    let create = || match File::create_new(path) {
        // An orphaned file. It is deleted rather than written over: a reader may have it mapped.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            std::fs::remove_file(path)?;
            File::create_new(path)
        }
        file => file,
    };
    let whole = || {
        let file = create()?;
        let mut out = BufWriter::with_capacity(1 << 16, &file);
        write(&mut out)?;
        out.flush()?;
        file.sync_all()
    };
    whole().map_err(|error| Error::io(path, error))
}

/// The bytes of a file that is never changed: mapped, or read where that cannot be done.
fn map(path: &Path) -> io::Result<OwnedBytes> {
    let mapped = || {
        let directory = MmapDirectory::open(path.parent()?).ok()?;
        let file = directory.get_file_handle(Path::new(path.file_name()?)).ok()?;
        file.read_bytes(0..file.len()).ok()
    };
    mapped().map_or_else(|| std::fs::read(path).map(OwnedBytes::new), Ok)
}
