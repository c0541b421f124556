//! `heedless library`: where libraries are, and what they cover.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use super::Found;
use super::output::{Output, Style, Table, cell};
use crate::cli::{Format, Library, LibraryAction};
use crate::library::{self, Check, Shelved};
use crate::options::{Options, Place};
use crate::path::shown;
use crate::text::{visible, width};

/// Runs the command.
pub fn run(options: &Options, typed: &Library, out: &mut Output) -> Result<Found> {
    match &typed.action {
        LibraryAction::List { format } => list(*format, out),
        LibraryAction::Path { paths } => {
            let dir = dir(options, paths)?;
            out.line(&visible(&shown(&dir)), Style::Plain)?;
            Ok(Found::any(library::shelved(&dir).is_some()))
        }
        LibraryAction::Check { paths, sources, format } => {
            let dir = dir(options, paths)?;
            let found = library::check(&dir, *sources)?;
            match format {
                Format::Json => out.json(&found)?,
                Format::Table => check(&dir, &found, *sources, out)?,
            }
            if !found.problems.is_empty() {
                out.flush()?;
                bail!("{}: has problems; `heedless index` on the same paths mends them", shown(&dir));
            }
            Ok(Found::Something)
        }
        LibraryAction::Remove { paths } => {
            // Never the library opened last by chance: what goes away is named.
            if paths.is_empty() && options.index.is_none() {
                bail!(
                    "library remove wants the PATHs that the library covers, or its folder with --index DIR"
                );
            }
            let dir = dir(options, paths)?;
            let left = library::remove(&dir)?;
            out.line(&visible(&format!("removed {}", shown(&dir))), Style::Plain)?;
            for path in left {
                let line = format!("kept {}: heedless did not write it", shown(&path));
                out.line(&visible(&line), Style::Unsure)?;
            }
            Ok(Found::Something)
        }
    }
}

/// The folder of the library meant. With `--index` it needs no paths.
fn dir(options: &Options, paths: &[PathBuf]) -> Result<PathBuf> {
    match &options.index {
        Some(dir) => Ok(dir.clone()),
        None => Ok(Place::new(options, paths)?.dir),
    }
}

fn list(format: Format, out: &mut Output) -> Result<Found> {
    let all = library::list()?;
    if format == Format::Json {
        out.json(&all)?;
        return Ok(Found::any(!all.is_empty()));
    }
    let mut table = Table::new(&[">generations", ">runs", ">files", ">size", "covers", "folder", ""]);
    for one in &all {
        let covers: Vec<String> = one.paths.iter().map(shown).collect();
        let covers = covers.join(", ");
        // What a library that cannot be opened has is not known, and is not nothing.
        let known = |n: usize| if one.problem.is_some() { "?".to_owned() } else { width::count(n) };
        table.row(vec![
            cell(&known(one.generations as usize)),
            cell(&known(one.runs)),
            cell(&known(one.files)),
            cell(&size(one.bytes)),
            (visible(if covers.is_empty() { "?" } else { &covers }), Style::Bold),
            cell(&shown(&one.dir)),
            (visible(&remark(one)), Style::Unsure),
        ]);
    }
    if !table.is_empty() {
        table.write(out)?;
    }
    Ok(Found::any(!all.is_empty()))
}

fn remark(one: &Shelved) -> String {
    match (&one.problem, one.orphaned) {
        (Some(problem), _) => format!("{problem}; opening its files builds it anew"),
        (None, true) => "its files are gone".to_owned(),
        (None, false) => String::new(),
    }
}

fn check(dir: &Path, found: &Check, sources: bool, out: &mut Output) -> Result<()> {
    out.line(&visible(&shown(dir)), Style::Bold)?;
    let n = |n: usize| width::count(n);
    let line = format!("{} generations, the text of {} indexed", n(found.generations), n(found.text));
    out.line(&visible(&line), Style::Plain)?;
    if sources {
        let line = format!("{} read back and as indexed", n(found.read));
        out.line(&visible(&line), Style::Plain)?;
        if found.changed > 0 {
            let line = format!(
                "{} in files that changed since; `heedless index` reads them again",
                n(found.changed)
            );
            out.line(&visible(&line), Style::Unsure)?;
        }
    }
    if found.problems.is_empty() {
        out.line(&"sound".into(), Style::Good)?;
    }
    for problem in &found.problems {
        out.line(&visible(problem), Style::Bad)?;
    }
    Ok(())
}

/// Bytes for people.
fn size(bytes: u64) -> String {
    match bytes {
        0..1_000_000 => format!("{:.1} kB", bytes as f64 / 1e3),
        1_000_000..1_000_000_000 => format!("{:.1} MB", bytes as f64 / 1e6),
        _ => format!("{:.1} GB", bytes as f64 / 1e9),
    }
}
