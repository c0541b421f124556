//! `heedless audit`: saved verdicts against recomputed ones.
//!
//! Public frameworks were found with silently wrong checkers. A saved verdict and a recomputed one
//! are two facts; this command holds them against each other, constraint by constraint.

use std::collections::BTreeMap;

use anyhow::{Result, bail};
use serde_json::{Value, json};

use super::output::{Output, Style, Table, cell};
use super::{Found, opened};
use crate::cli::{Audit, Format};
use crate::library::{Cancel, Library, Query};
use crate::options::Options;
use crate::text::{visible, width};

/// What became of the saved verdicts on one constraint id, or on final answers.
#[derive(Debug, Default)]
struct Tally {
    agree: u64,
    /// Saved as followed, recomputed as not.
    saved_only: Vec<u32>,
    /// Recomputed as followed, saved as not.
    recomputed_only: Vec<u32>,
    /// Saved, but not known here.
    unknown: Vec<u32>,
    /// Not saved.
    unsaved: u64,
}

impl Tally {
    fn add(&mut self, row: u32, saved: Option<bool>, recomputed: Option<bool>) {
        match (saved, recomputed) {
            (None, _) => self.unsaved += 1,
            (Some(_), None) => self.unknown.push(row),
            (Some(true), Some(false)) => self.saved_only.push(row),
            (Some(false), Some(true)) => self.recomputed_only.push(row),
            _ => self.agree += 1,
        }
    }

    fn saved(&self) -> u64 {
        self.agree + (self.saved_only.len() + self.recomputed_only.len() + self.unknown.len()) as u64
    }

    /// Rows whose two verdicts differ, with what was saved.
    fn differing(&self) -> impl Iterator<Item = (u32, bool)> {
        let saved = self.saved_only.iter().map(|&row| (row, true));
        let mut all: Vec<(u32, bool)> =
            saved.chain(self.recomputed_only.iter().map(|&row| (row, false))).collect();
        all.sort_unstable();
        all.into_iter()
    }
}

/// The name of the line on final answers.
const ANSWERS: &str = "final answer";

/// Runs the command. Nothing found means that no verdict was saved.
pub fn run(options: &Options, typed: &Audit, out: &mut Output) -> Result<Found> {
    let library = opened::open(options, &typed.paths)?;
    if library.is_empty() {
        bail!("no generations there");
    }
    let all = library.select(&Query::default(), &Cancel::default())?;
    let mut tallies: BTreeMap<&str, Tally> = BTreeMap::new();
    let mut answers = Tally::default();
    for number in all.iter() {
        let row = library.row(number);
        for cell in row.constraints() {
            tallies.entry(&cell.constraint.id).or_default().add(number, cell.saved, cell.status.followed());
        }
        answers.add(number, row.saved_correct(), row.correct());
    }
    let mut lines: Vec<(&str, Tally)> = tallies.into_iter().collect();
    lines.push((ANSWERS, answers));
    lines.retain(|(_, tally)| tally.saved() > 0);
    if typed.format == Format::Json {
        let all: Vec<Value> = lines.iter().map(|(id, tally)| document(&library, id, tally)).collect();
        out.json(&all)?;
    } else {
        text(options, &library, &lines, typed.limit, out)?;
    }
    Ok(Found::any(!lines.is_empty()))
}

fn text(
    options: &Options,
    library: &Library,
    lines: &[(&str, Tally)],
    limit: usize,
    out: &mut Output,
) -> Result<()> {
    if lines.is_empty() {
        out.line(&"no verdicts are saved in these files".into(), Style::Unsure)?;
        return Ok(());
    }
    let mut table = Table::new(&[
        "constraint",
        ">saved",
        ">agree",
        ">saved yes, here no",
        ">saved no, here yes",
        ">not known here",
        ">agreement",
    ]);
    for (id, tally) in lines {
        let agreement = 100.0 * tally.agree as f64 / tally.saved() as f64;
        // Never round a disagreement away.
        let agreement = if tally.agree < tally.saved() { agreement.min(99.99) } else { agreement };
        let count = |n: usize| (visible(&width::count(n)), if n > 0 { Style::Bad } else { Style::Plain });
        table.row(vec![
            (visible(id), Style::Bold),
            cell(&width::count(tally.saved() as usize)),
            cell(&width::count(tally.agree as usize)),
            count(tally.saved_only.len()),
            count(tally.recomputed_only.len()),
            count(tally.unknown.len()),
            cell(&format!("{agreement:.2} %")),
        ]);
    }
    table.write(out)?;
    out.line(&visible(&format!("judged: {}", options.judged.name())), Style::Dim)?;
    for (id, tally) in lines {
        let differing: Vec<(u32, bool)> = tally.differing().collect();
        if differing.is_empty() {
            continue;
        }
        out.end()?;
        out.line(&visible(&format!("{id}: {} differ", width::count(differing.len()))), Style::Bold)?;
        let (yes, no) = if *id == ANSWERS { ("right", "wrong") } else { ("followed", "not followed") };
        for (row, saved) in differing.iter().take(limit) {
            let (saved, here) = if *saved { (yes, no) } else { (no, yes) };
            let line = format!("  {}  saved {saved}, here {here}", library.key(*row));
            out.line(&visible(&line), Style::Plain)?;
        }
        if differing.len() > limit {
            out.line(
                &visible(&format!("  … and {} more; --limit N lists more", differing.len() - limit)),
                Style::Dim,
            )?;
        }
    }
    Ok(())
}

/// A line as JSON: documented in `docs/formats.md`. All keys are listed.
fn document(library: &Library, id: &str, tally: &Tally) -> Value {
    let keys = |rows: &[u32]| rows.iter().map(|&row| library.key(row)).collect::<Vec<_>>();
    json!({
        "constraint": if id == ANSWERS { Value::Null } else { json!(id) },
        "saved": tally.saved(),
        "agree": tally.agree,
        "not_saved": tally.unsaved,
        "saved_followed_here_not": keys(&tally.saved_only),
        "saved_not_here_followed": keys(&tally.recomputed_only),
        "not_known_here": keys(&tally.unknown),
    })
}
