//! `heedless tags`: tags and notes listed, exported, imported, and two people's held together.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Result, bail};
use serde_json::{Value, json};

use super::output::{Output, Style, Table, cell};
use super::rows::{Rows, words};
use super::{Found, column, opened, protected, say};
use crate::asker::Asker;
use crate::cli::{Format, ListFormat, Tags, TagsAction};
use crate::destination::{Destination, Protected};
use crate::error::Error;
use crate::library::{Query, Sort};
use crate::options::Options;
use crate::path::shown;
use crate::record::ContentKey;
use crate::text::{visible, width};
use crate::triage::merge::merge;
use crate::triage::{Entry, Ledger, Merged, Policy, Signature, Tag, TagNames, store};

/// Widest note of a table, in columns.
const WIDEST: usize = 80;

/// Differing generations listed in a table.
const LISTED: usize = 50;

/// Runs the command.
pub fn run(options: &Options, typed: &Tags, out: &mut Output) -> Result<Found> {
    match &typed.action {
        TagsAction::List { paths, format, raw } => {
            let (_, ledger) = opened::triage(options)?;
            let marked = if paths.is_empty() {
                everything(&ledger)
            } else {
                let library = opened::open(options, paths)?;
                let all = opened::select(options, &library, &Query::default(), &Asker::default())?;
                let rows = library.sorted(&Arc::new(all), Sort::default());
                let named = rows.iter().map(|row| (library.row(row).content_key(), Some(library.key(row))));
                named.filter(|(key, _)| ledger.is_marked(*key)).collect()
            };
            list(&ledger, &marked, *format, *raw, out)?;
            Ok(Found::any(!marked.is_empty()))
        }
        TagsAction::Export { file, overwrite } => {
            let (_, ledger) = opened::triage(options)?;
            let to = protected::open(options, file, overwrite.force, Protected::default())?;
            let beside = to.is_stdout();
            let said = export(&ledger, file, to)?;
            if beside {
                say(&said);
            } else {
                out.line(&visible(&said), Style::Plain)?;
            }
            Ok(Found::any(ledger.iter().next().is_some()))
        }
        TagsAction::Import { file, policy } => import(options, file, *policy, out),
        TagsAction::Merge { ours, theirs, out: file, overwrite, policy, format } => {
            let mut reads = Protected::default();
            reads.file(ours, "the first file of tags that this command reads");
            reads.file(theirs, "the second file of tags that this command reads");
            let to = file
                .as_deref()
                .map(|file| protected::open(options, file, overwrite.force, reads))
                .transpose()?;
            let (ours, theirs) = (read(ours)?, read(theirs)?);
            let merged = merge(&ours, &theirs, *policy);
            // What both make together is alone on standard output.
            let alone = to.as_ref().is_some_and(Destination::is_stdout);
            match format {
                _ if alone => {}
                Format::Table => table(&merged, &ours, &theirs, out)?,
                Format::Json => out.json(&document(&merged, &ours, &theirs))?,
            }
            say_names(&ours.names, &theirs.names);
            if let Some((file, to)) = file.as_deref().zip(to) {
                let mut both = ours.clone();
                take(&mut both, &merged, &theirs);
                // What is said goes beside the JSON, not into it.
                out.flush()?;
                say(&export(&both, file, to)?);
            }
            Ok(Found::any(merged.shared > 0 || file.is_some()))
        }
    }
}

/// A generation with tags or a note, and what it is called.
type Marked = (ContentKey, Option<String>);

fn everything(ledger: &Ledger) -> Vec<Marked> {
    let marked = ledger.iter().filter(|(_, entry)| !entry.is_empty());
    marked.map(|(key, _)| (key, ledger.record(key).map(str::to_owned))).collect()
}

fn generations(n: usize) -> String {
    format!("{} generation{}", width::count(n), if n == 1 { "" } else { "s" })
}

fn list(ledger: &Ledger, marked: &[Marked], format: ListFormat, raw: bool, out: &mut Output) -> Result<()> {
    let entry = |key| ledger.get(key).cloned().unwrap_or_default();
    if format == ListFormat::Table {
        let mut table = Table::new(&["key", "tags", "note"]);
        for (key, record) in marked {
            let entry = entry(*key);
            table.row(vec![
                called(*key, record.as_deref()),
                cell(&words(&column::tags(&ledger.names, entry.tags))),
                (visible(&width::cut(&visible(&entry.note), WIDEST)), Style::Plain),
            ]);
        }
        if !table.is_empty() {
            table.write(out)?;
        }
        return Ok(());
    }
    let mut rows = Rows::new(&["key", "content", "tags", "note"]);
    for (key, record) in marked {
        let entry = entry(*key);
        let tags = column::tags(&ledger.names, entry.tags);
        rows.rows.push(vec![json!(record), json!(key.to_string()), tags, json!(entry.note)]);
    }
    rows.write(format, raw, out)
}

/// What a generation is called; where nobody said, its content key.
fn called(key: ContentKey, record: Option<&str>) -> (crate::text::Safe, Style) {
    record.map_or_else(|| (visible(&key.to_string()), Style::Dim), cell)
}

/// A file of tags and notes. One without a line of them is a mistake in its name.
fn read(file: &Path) -> Result<Ledger> {
    let (ledger, unread) = store::import(file)?;
    opened::say_unread(&unread);
    if !unread.is_empty() && ledger.iter().next().is_none() && ledger.names.is_empty() {
        bail!("{}: no line of it is one of tags and notes", shown(file));
    }
    Ok(ledger)
}

/// Writes all tags and notes; says how many.
fn export(ledger: &Ledger, file: &Path, mut to: Destination) -> Result<String> {
    let record = |key| ledger.record(key).map(str::to_owned);
    let n = store::export(ledger, &mut to, record, &Signature::now()).map_err(|e| Error::io(file, e))?;
    to.finish()?;
    Ok(format!("{}: {}", shown(file), generations(n)))
}

/// Takes what a merge changes into ours, and the names that ours lacks.
fn take(ours: &mut Ledger, merged: &Merged, theirs: &Ledger) {
    for change in &merged.changes {
        ours.load(change.key, change.entry.clone());
    }
    for (key, _) in theirs.iter() {
        if let (None, Some(record)) = (ours.record(key), theirs.record(key)) {
            ours.call(key, record);
        }
    }
    for (tag, name) in theirs.names.iter() {
        if ours.names.get(tag).is_none() {
            ours.names.set(tag, name);
        }
    }
}

/// Tags are held together by their digits: two names of one digit are likely two things.
fn say_names(ours: &TagNames, theirs: &TagNames) {
    for (tag, their) in theirs.iter() {
        if let Some(our) = ours.get(tag).filter(|our| our.to_lowercase() != their.to_lowercase()) {
            say(&format!("heedless: tag {tag} has two names, “{our}” and “{their}”: the first is kept"));
        }
    }
}

fn import(options: &Options, file: &Path, policy: Policy, out: &mut Output) -> Result<Found> {
    let (mut log, mut ours) = opened::triage(options)?;
    let theirs = read(file)?;
    let merged = merge(&ours, &theirs, policy);
    say_names(&ours.names, &theirs.names);
    let names = ours.names.clone();
    take(&mut ours, &merged, &theirs);
    let signature = Signature::now();
    if ours.names != names {
        log.append_names(&ours.names, &signature)?;
    }
    log.append(&merged.changes, |key| ours.record(key).map(str::to_owned), &signature)?;
    let changed = merged.changes.len() - usize::try_from(merged.only_theirs).unwrap_or(usize::MAX);
    let said = format!(
        "{}: {} new, {changed} changed, {} as they were",
        generations(theirs.iter().count()),
        merged.only_theirs,
        merged.shared as usize - changed
    );
    out.line(&visible(&said), Style::Plain)?;
    Ok(Found::any(theirs.iter().next().is_some()))
}

/// The name of a tag: ours, else theirs, else its digit.
fn label(tag: Tag, ours: &TagNames, theirs: &TagNames) -> String {
    ours.get(tag).map_or_else(|| theirs.label(tag), str::to_owned)
}

fn name(key: ContentKey, ours: &Ledger, theirs: &Ledger) -> Option<String> {
    ours.record(key).or_else(|| theirs.record(key)).map(str::to_owned)
}

fn table(merged: &Merged, ours: &Ledger, theirs: &Ledger, out: &mut Output) -> Result<()> {
    let line = format!(
        "{} in both files, {} only in the first, {} only in the second",
        generations(usize::try_from(merged.shared)?),
        merged.only_ours,
        merged.only_theirs
    );
    out.line(&visible(&line), Style::Plain)?;
    let kappa = |kappa: Option<f64>| cell(&kappa.map_or("–".to_owned(), |k| format!("{k:.4}")));
    let count = |n: u64| cell(&n.to_string());
    let mut tags =
        Table::new(&["tag", ">both", ">only first", ">only second", ">neither", ">n", ">agree", ">kappa"]);
    for tag in &merged.tags {
        let n = tag.agreement.n;
        tags.row(vec![
            (visible(&label(tag.tag, &ours.names, &theirs.names)), Style::Bold),
            count(tag.both),
            count(tag.ours),
            count(tag.theirs),
            count(n - tag.both - tag.ours - tag.theirs),
            count(n),
            cell(&format!("{:.4}", tag.agreement.observed)),
            kappa(tag.agreement.kappa),
        ]);
    }
    if let Some(whole) = merged.whole.filter(|_| !merged.tags.is_empty()) {
        let mut row = vec![(visible("all together"), Style::Dim)];
        row.extend(std::iter::repeat_n(cell(""), 4));
        row.extend([count(whole.n), cell(&format!("{:.4}", whole.observed)), kappa(whole.kappa)]);
        tags.row(row);
    }
    if !tags.is_empty() {
        out.end()?;
        tags.write(out)?;
        let note = "Cohen's kappa, over generations in both files; – where chance alone agrees always";
        out.line(&visible(note), Style::Dim)?;
    }
    if merged.differing.is_empty() {
        return Ok(());
    }
    out.end()?;
    let heading = format!("{} with other tags or another note", generations(merged.differing.len()));
    out.line(&visible(&heading), Style::Bold)?;
    let mut differing = Table::new(&["key", "first", "second"]);
    let said = |ledger: &Ledger, key| {
        let entry = ledger.get(key).cloned().unwrap_or_default();
        cell(&width::cut(&visible(&summary(&ledger.names, &entry)), WIDEST / 2))
    };
    for &key in merged.differing.iter().take(LISTED) {
        differing.row(vec![
            called(key, name(key, ours, theirs).as_deref()),
            said(ours, key),
            said(theirs, key),
        ]);
    }
    differing.write(out)?;
    if merged.differing.len() > LISTED {
        let more = merged.differing.len() - LISTED;
        out.line(&visible(&format!("… and {more} more; --format json lists all")), Style::Dim)?;
    }
    Ok(())
}

/// Tags and note on one line.
fn summary(names: &TagNames, entry: &Entry) -> String {
    let tags = words(&column::tags(names, entry.tags));
    match (tags.as_str(), entry.note.as_str()) {
        ("", "") => "–".to_owned(),
        (tags, "") => tags.to_owned(),
        (tags, note) => format!("{tags} “{note}”").trim_start().to_owned(),
    }
}

/// A merge as JSON: documented in `docs/formats.md`.
fn document(merged: &Merged, ours: &Ledger, theirs: &Ledger) -> Value {
    let tags: Vec<Value> = merged
        .tags
        .iter()
        .map(|t| {
            json!({
                "tag": t.tag.digit(), "name": label(t.tag, &ours.names, &theirs.names),
                "both": t.both, "only_first": t.ours, "only_second": t.theirs,
                "n": t.agreement.n, "observed": t.agreement.observed,
                "expected": t.agreement.expected, "kappa": t.agreement.kappa,
            })
        })
        .collect();
    let said = |ledger: &Ledger, key| {
        let entry = ledger.get(key).cloned().unwrap_or_default();
        json!({"tags": column::tags(&ledger.names, entry.tags), "note": entry.note})
    };
    let differing: Vec<Value> = merged
        .differing
        .iter()
        .map(|&key| {
            json!({
                "key": name(key, ours, theirs), "content": key.to_string(),
                "first": said(ours, key), "second": said(theirs, key),
            })
        })
        .collect();
    json!({
        "shared": merged.shared, "only_first": merged.only_ours, "only_second": merged.only_theirs,
        "tags": tags, "whole": merged.whole, "differing": differing,
    })
}
