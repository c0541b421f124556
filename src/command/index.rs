//! `heedless index`: build or refresh the library, and say what was read, loaded and rejected.

use std::fmt::Write as _;

use anyhow::{Result, bail};
use serde_json::json;

use super::output::{Output, Style};
use super::{Found, opened, rejects};
use crate::cli::{Format, Index};
use crate::library::{BuildOptions, Report};
use crate::options::Options;
use crate::text::{visible, width};

/// Runs the command.
pub fn run(options: &Options, typed: &Index, out: &mut Output) -> Result<Found> {
    let built = opened::build(
        options,
        BuildOptions { fresh: typed.fresh, text: true, ..options.build() },
        &typed.paths,
    )?;
    let (library, report) = (&built.library, &built.report);
    if typed.format == Format::Json {
        out.json(&json!({
            "read": report,
            "runs": library.runs().len(),
            "generations": library.len(),
            "rejects": library.rejects().iter().map(rejects::document).collect::<Vec<_>>(),
        }))?;
        saved(report)?;
        return Ok(Found::any(!library.is_empty()));
    }
    let n = |n: u64| width::count(n as usize);
    let mut files = format!("{} files", n(report.files as u64));
    if report.unchanged > 0 {
        let _ = write!(files, ", {} of them unchanged and not read again", report.unchanged);
    }
    if report.grown > 0 {
        let _ = write!(files, ", {} grown", report.grown);
    }
    out.line(&visible(&files), Style::Plain)?;
    if let Some(cause) = &report.rebuilt {
        out.line(&visible(&format!("Built anew: {cause}")), Style::Unsure)?;
    }
    if let Some(damage) = &report.text_rebuilt {
        let line = format!("The text index was damaged ({damage}); it was built anew");
        out.line(&visible(&line), Style::Unsure)?;
    }
    let seconds = report.millis as f64 / 1000.0;
    let read = format!(
        "{} lines read in {seconds:.1} s: {} loaded, {} rejected, {} blank, {} still being written",
        n(report.lines),
        n(report.loaded),
        n(report.rejected),
        n(report.blank),
        n(report.pending)
    );
    out.line(&visible(&read), Style::Plain)?;
    if report.lossy > 0 {
        let lossy = format!("{} lines held what is no JSON or UTF-8; it was replaced", n(report.lossy));
        out.line(&visible(&lossy), Style::Unsure)?;
    }
    if report.unindexed > 0 {
        let line = format!(
            "The text of {} generations is not indexed yet: a search reads their files, and the next \
             `heedless index` tries again",
            n(report.unindexed)
        );
        out.line(&visible(&line), Style::Unsure)?;
        for why in &report.unindexed_why {
            out.line(&visible(&format!("  {why}")), Style::Plain)?;
        }
    }
    let all = format!("{} generations in {} runs", n(library.len() as u64), library.runs().len());
    out.line(&visible(&all), Style::Bold)?;
    if !library.rejects().is_empty() {
        let all = library.rejects();
        out.end()?;
        out.line(&visible(&format!("Not used: {}", rejects::counts(all))), Style::Unsure)?;
        for reject in all {
            out.line(&visible(&format!("  {}", rejects::sentence(reject))), Style::Plain)?;
        }
    }
    saved(report)?;
    Ok(Found::any(!library.is_empty()))
}

/// Making the library is what was asked: one that could not be written is an error.
fn saved(report: &Report) -> Result<()> {
    match &report.unsaved {
        None => Ok(()),
        Some(cause) => bail!("the library could not be saved, what was there stays: {cause}"),
    }
}
