//! From paths to sources: walks folders, tells files apart, pairs outputs with items.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};

use super::config::Configs;
use super::detect::{Found, detect};
use super::mathif::FileName;
use super::saved::{LineKind, SavedLine};
use super::{Discovery, Format, Overrides, Source, config, file_reject, name, native};
use crate::error::{Error, Reject, RejectKind, Result};
use crate::path::{shown, stem};
use crate::record::{Run, Sampling};

/// Finds what can be read under the given paths. Files below a folder that cannot be used are
/// rejected with the reason; only a path that does not exist is an error.
///
/// The answer does not depend on the order in which a file system lists its files.
pub fn discover(paths: &[PathBuf]) -> Result<Discovery> {
    let mut walk = Walk::default();
    for path in paths {
        walk.root(path)?;
    }
    let Walk { mut files, mut rejects, .. } = walk;
    files.sort();
    let mut configs = Configs::default();
    let mut sorted = Sorted::default();
    for path in files {
        match detect(&path) {
            Found::Lines(LineKind::Item, _) => sorted.items.push(path),
            Found::Lines(LineKind::Output, _) => sorted.outputs.push(path),
            Found::Lines(LineKind::Verdicts, _) => sorted.verdicts.push(path),
            Found::Lines(_, first) => sorted.records.push((path, first)),
            Found::Other => {}
            Found::Bad(kind, message) => rejects.push(file_reject(&path, kind, message)),
        }
    }
    let mut found = sorted.pair(&mut configs, &mut rejects);
    name_runs(&mut found);
    let mut sources: Vec<Source> = found.into_iter().map(|f| f.source).collect();
    sources.sort_by(|a, b| a.path.cmp(&b.path));
    rejects.sort_by(|a, b| (&a.path, a.line, a.byte).cmp(&(&b.path, b.line, b.byte)));
    Ok(Discovery { sources, rejects })
}

/// Files below the given paths, each once.
#[derive(Debug, Default)]
struct Walk {
    files: Vec<PathBuf>,
    rejects: Vec<Reject>,
    seen: HashSet<FileId>,
}

/// Tells files apart whatever they are called.
#[cfg(unix)]
pub(crate) type FileId = (u64, u64);
#[cfg(not(unix))]
pub(crate) type FileId = PathBuf;

/// What tells this file apart.
#[cfg(unix)]
#[expect(clippy::unnecessary_wraps, reason = "elsewhere it can fail")]
pub(crate) fn file_id(_: &Path, meta: &fs::Metadata) -> Option<FileId> {
    use std::os::unix::fs::MetadataExt as _;
    Some((meta.dev(), meta.ino()))
}
#[cfg(not(unix))]
pub(crate) fn file_id(path: &Path, _: &fs::Metadata) -> Option<FileId> {
    fs::canonicalize(path).ok()
}

impl Walk {
    fn root(&mut self, path: &Path) -> Result<()> {
        let absolute = if path.is_dir() {
            fs::canonicalize(path)
        } else {
            // The name of a link to a file says what the file is; where it points to does not.
            let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
            fs::metadata(path)
                .and_then(|_| fs::canonicalize(folder))
                .map(|folder| folder.join(path.file_name().unwrap_or_default()))
        };
        let absolute = absolute.map_err(|e| Error::io(path, e))?;
        self.enter(&absolute);
        Ok(())
    }

    fn enter(&mut self, path: &Path) {
        // Folders still to be read: a stack and not recursion, as the depth is not ours.
        let mut stack = vec![path.to_owned()];
        while let Some(path) = stack.pop() {
            if let Err(e) = self.one(&path, &mut stack) {
                self.rejects.push(file_reject(&path, RejectKind::Unreadable, e.to_string()));
            }
        }
    }

    fn one(&mut self, path: &Path, stack: &mut Vec<PathBuf>) -> std::io::Result<()> {
        let meta = fs::metadata(path)?;
        if let Some(id) = file_id(path, &meta)
            && !self.seen.insert(id)
        {
            return Ok(());
        }
        if meta.is_file() {
            if path.file_name().is_none_or(|n| n != config::FILE_NAME) {
                self.files.push(path.to_owned());
            }
        } else if meta.is_dir() {
            let mut inside = fs::read_dir(path)?
                .map(|entry| entry.map(|e| e.path()))
                .collect::<std::io::Result<Vec<PathBuf>>>()?;
            inside.retain(|p| !is_hidden(p));
            // Taken from the end of the stack: of two names for one file the first in order stays.
            inside.sort_by(|a, b| b.cmp(a));
            stack.append(&mut inside);
        } else {
            let message = "not a regular file (a pipe, a socket or a device); not opened".to_owned();
            self.rejects.push(file_reject(path, RejectKind::Unreadable, message));
        }
        Ok(())
    }
}

fn is_hidden(path: &Path) -> bool {
    path.file_name().is_some_and(|n| n.as_encoded_bytes().starts_with(b"."))
}

/// Files by what they are.
#[derive(Debug, Default)]
struct Sorted {
    items: Vec<PathBuf>,
    outputs: Vec<PathBuf>,
    verdicts: Vec<PathBuf>,
    records: Vec<(PathBuf, Box<SavedLine>)>,
}

/// A source with what its run's name may need.
struct Candidate {
    source: Source,
    /// Stem of the item file, for pairs.
    stem: String,
    /// The name is as somebody said it, and stays.
    named: bool,
}

impl Sorted {
    fn pair(mut self, configs: &mut Configs, rejects: &mut Vec<Reject>) -> Vec<Candidate> {
        let mut found = Vec::new();
        let mut used_items = HashSet::new();
        let mut used_verdicts = HashSet::new();
        for path in std::mem::take(&mut self.outputs) {
            let (overrides, said_items) = configs.about(&path, rejects);
            match self.items_of(&path, said_items) {
                Ok((items, file_name)) => {
                    let verdicts = self.verdicts_of(&path);
                    used_items.insert(items.clone());
                    used_verdicts.extend(verdicts.clone());
                    let stem = file_name.stem.clone();
                    let run = run_of_pair(&path, file_name, &overrides);
                    let named = overrides.name.is_some();
                    let source =
                        Source { path, format: Format::Mathif, items: Some(items), verdicts, run, overrides };
                    found.push(Candidate { source, stem, named });
                }
                Err(message) => rejects.push(file_reject(&path, RejectKind::MissingPair, message)),
            }
        }
        for path in self.items.iter().filter(|p| !used_items.contains(*p)) {
            let message = "items, but no output file has this one's name in its own".to_owned();
            rejects.push(file_reject(path, RejectKind::MissingPair, message));
        }
        for path in self.verdicts.iter().filter(|p| !used_verdicts.contains(*p)) {
            let message = "verdicts, but no output file of the same name in a folder beside".to_owned();
            rejects.push(file_reject(path, RejectKind::MissingPair, message));
        }
        for (path, mut first) in self.records {
            let (overrides, _) = configs.about(&path, rejects);
            let says = first.run.is_some() || first.model.is_some();
            let named = says || overrides.name.is_some();
            let run = if says {
                native::run_of(&mut first, &native::default_run(&path), &overrides)
            } else {
                let mut run = native::default_run(&path);
                overrides.apply(&mut run);
                run.name = overrides.name.clone().unwrap_or_else(|| name::short(&run));
                run
            };
            let source = Source { path, format: Format::Native, items: None, verdicts: None, run, overrides };
            found.push(Candidate { source, stem: String::new(), named });
        }
        found
    }

    /// The item file of an output file, and what the output file's name says.
    fn items_of(&self, output: &Path, said: Option<PathBuf>) -> Result<(PathBuf, FileName), String> {
        let name = stem(output);
        if let Some(items) = said {
            if !items.is_file() {
                return Err(format!("heedless.toml names its item file {}: no such file", shown(items)));
            }
            let stem = stem(&items);
            let read = FileName::parse(&name, [stem.as_str()]).unwrap_or(FileName {
                model: name,
                stem,
                condition: crate::record::WITH_CONSTRAINTS.to_owned(),
                sampling: Sampling::default(),
            });
            return Ok((items, read));
        }
        let mut known: Vec<PathBuf> = self.items.clone();
        let mut read = FileName::parse(
            &name,
            known.iter().map(|p| stem(p)).collect::<Vec<_>>().iter().map(String::as_str),
        );
        if read.is_none() {
            // The output alone was named: its items may lie where MathIF puts them.
            known = neighbours(output);
            read = FileName::parse(
                &name,
                known.iter().map(|p| stem(p)).collect::<Vec<_>>().iter().map(String::as_str),
            );
        }
        let read = read.ok_or_else(|| {
            "outputs, but no item file whose name is part of this one's; name it in a heedless.toml: \
             items = \"…\""
                .to_owned()
        })?;
        let items = known
            .into_iter()
            .filter(|p| stem(p) == read.stem)
            .max_by_key(|p| (shared_parts(p, output), std::cmp::Reverse(p.clone())))
            .ok_or_else(|| "its item file vanished while it was read".to_owned())?;
        Ok((items, read))
    }

    /// The verdict file of an output file: the same name in a folder beside.
    fn verdicts_of(&self, output: &Path) -> Option<PathBuf> {
        let beside = |p: &Path| p.parent().and_then(Path::parent).map(Path::to_owned);
        let (name, above) = (output.file_name(), beside(output));
        self.verdicts.iter().find(|p| p.file_name() == name && beside(p) == above).cloned().or_else(|| {
            let candidate = above?.join("reference").join(name?);
            matches!(
                candidate.is_file().then(|| detect(&candidate)),
                Some(Found::Lines(LineKind::Verdicts, _))
            )
            .then_some(candidate)
        })
    }
}

/// Item files where MathIF's layout has them, seen from an output file.
fn neighbours(output: &Path) -> Vec<PathBuf> {
    let Some(folder) = output.parent() else { return Vec::new() };
    let folders =
        [Some(folder.join("data")), folder.parent().map(|p| p.join("data")), Some(folder.to_owned())];
    let mut found: Vec<PathBuf> = folders
        .into_iter()
        .flatten()
        .filter_map(|f| fs::read_dir(f).ok())
        .flat_map(|entries| entries.flatten().map(|e| e.path()))
        .filter(|p| p != output && p.extension().is_some_and(|e| e == "jsonl") && p.is_file())
        .filter(|p| matches!(detect(p), Found::Lines(LineKind::Item, _)))
        .collect();
    found.sort();
    found
}

/// How many folders two paths have in common, from the top.
fn shared_parts(a: &Path, b: &Path) -> usize {
    a.components().zip(b.components()).take_while(|(a, b)| a == b).count()
}

fn run_of_pair(path: &Path, said: FileName, overrides: &Overrides) -> Run {
    let mut inferred = vec!["model".to_owned(), "condition".to_owned()];
    if said.sampling != Sampling::default() {
        inferred.push("sampling".to_owned());
    }
    let model = if said.model.is_empty() { folder_name(path) } else { said.model };
    let mut run =
        Run { name: String::new(), model, condition: said.condition, sampling: said.sampling, inferred };
    overrides.apply(&mut run);
    run.name = overrides.name.clone().unwrap_or_else(|| name::short(&run));
    run
}

/// Name of the folder that tells two files of one name apart: the nearest above that is not part of
/// the layout.
fn folder_name(path: &Path) -> String {
    path.ancestors()
        .skip(1)
        .filter_map(|p| p.file_name())
        .map(shown)
        .find(|n| !matches!(n.as_str(), "output" | "outputs" | "responses" | "data"))
        .unwrap_or_default()
}

/// Gives every run a name of its own. Files of one model, condition and sampling are one run, unless
/// two of them answer the same items: those are told apart by their folders.
fn name_runs(found: &mut [Candidate]) {
    let signature = |run: &Run| format!("{:?}", (&run.model, &run.condition, &run.sampling));
    let mut repeated: HashMap<(String, &str), usize> = HashMap::new();
    for c in found.iter().filter(|c| !c.named) {
        *repeated.entry((signature(&c.source.run), &c.stem)).or_default() += 1;
    }
    let clashing: HashSet<String> =
        repeated.into_iter().filter(|(_, n)| *n > 1).map(|((run, _), _)| run).collect();
    let mut groups: BTreeMap<(String, PathBuf), Vec<usize>> = BTreeMap::new();
    for (i, c) in found.iter().enumerate().filter(|(_, c)| !c.named) {
        let run = signature(&c.source.run);
        let folder = if clashing.contains(&run) {
            c.source.path.parent().unwrap_or(Path::new("")).to_owned()
        } else {
            PathBuf::new()
        };
        groups.entry((run, folder)).or_default().push(i);
    }
    let groups: Vec<Vec<usize>> = groups.into_values().collect();
    let mut runs: Vec<Run> = groups.iter().map(|g| found[g[0]].source.run.clone()).collect();
    let folders: Vec<String> = groups.iter().map(|g| folder_name(&found[g[0]].source.path)).collect();
    name::make_unique(&mut runs, &folders);
    for (group, run) in groups.into_iter().zip(runs) {
        for i in group {
            found[i].source.run.name.clone_from(&run.name);
        }
    }
}
