//! `heedless compare`: what runs did with the same items, and the flips.

use std::ffi::OsString;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use serde_json::{Value, json};

use super::output::{Output, Style, Table, cell};
use super::{Found, opened, runs};
use crate::analysis::compare::{Comparison, Contest, compare};
use crate::cli::{Compare, Format};
use crate::library::{Library, Row};
use crate::options::Options;
use crate::path;
use crate::text::{visible, width};

/// Confidence of the intervals.
const LEVEL: f64 = 0.95;

/// Flips listed when no number is asked for.
const FLIPS: usize = 20;

/// Runs the command.
pub fn run(options: &Options, typed: &Compare, out: &mut Output) -> Result<Found> {
    let (paths, names): (Vec<&OsString>, Vec<&OsString>) =
        typed.runs.iter().partition(|name| Path::new(name).exists());
    let paths: Vec<PathBuf> = paths.into_iter().map(PathBuf::from).collect();
    let names: Vec<String> = names.into_iter().map(|name| path::typed(name)).collect();
    let names: Vec<&String> = match (&options.baseline, names.as_slice()) {
        (Some(baseline), [_]) => std::iter::once(baseline).chain(&names).collect(),
        _ => names.iter().collect(),
    };
    if names.len() < 2 {
        bail!("compare wants two runs or more, and was given {}; `heedless runs` lists them", names.len());
    }
    let query = runs::parse(typed.query.as_deref().unwrap_or(""))?;
    let asker = opened::asker(options, &query)?;
    let library = opened::open(options, &paths)?;
    let selection = opened::select(options, &library, &query, &asker)?;
    let numbers = names.iter().map(|name| number(&library, name)).collect::<Result<Vec<u32>>>()?;
    let comparisons: Vec<Comparison> =
        numbers[1..].iter().map(|&other| compare(&library, numbers[0], other, &selection)).collect();
    let pairs: usize = comparisons.iter().map(|c| c.pairs.len()).sum();
    if typed.format == Format::Json {
        let all: Vec<Value> = comparisons.iter().map(|c| document(&library, c, typed.limit)).collect();
        out.json(&all)?;
    } else {
        for (i, comparison) in comparisons.iter().enumerate() {
            if i > 0 {
                out.end()?;
            }
            text(options, &library, comparison, typed.limit.unwrap_or(FLIPS), out)?;
        }
    }
    Ok(Found::any(pairs > 0))
}

/// The run with a name; a name that names nothing comes back with those there are.
fn number(library: &Library, name: &str) -> Result<u32> {
    let runs = library.runs();
    if let Some(at) = runs.iter().position(|run| run.run.name == name) {
        return Ok(at as u32);
    }
    let all: Vec<&str> = runs.iter().map(|run| run.run.name.as_str()).collect();
    bail!("{name}: no such run, file or folder; there are {}", all.join(", "))
}

fn text(
    options: &Options,
    library: &Library,
    comparison: &Comparison,
    most: usize,
    out: &mut Output,
) -> Result<()> {
    let name = |run: u32| library.runs()[run as usize].run.name.as_str();
    let (a, b) = (name(comparison.a), name(comparison.b));
    out.put(&visible(&format!("A {a}")), Style::Bold)?;
    out.own("  against  ")?;
    out.line(&visible(&format!("B {b}")), Style::Bold)?;
    let mut pairs = format!(
        "{} pairs of {} items; judged: {}",
        width::count(comparison.pairs.len()),
        width::count(comparison.items as usize),
        options.judged.name()
    );
    let unpaired = [(comparison.unpaired_a, "A"), (comparison.unpaired_b, "B")];
    for (n, which) in unpaired.into_iter().filter(|(n, _)| *n > 0) {
        let _ = write!(pairs, "; {n} of {which} without a partner");
    }
    out.line(&visible(&pairs), Style::Dim)?;
    if comparison.pairs.is_empty() {
        return Ok(());
    }
    out.end()?;
    let mut table = Table::new(&[
        "",
        ">both",
        ">only A",
        ">only B",
        ">none",
        ">unknown",
        ">A",
        ">B",
        ">A − B",
        "95 % interval",
        ">p",
    ]);
    for contest in Contest::ALL {
        let paired = comparison.paired(contest);
        let figure = |v: Option<f64>| cell(&v.map_or("–".to_owned(), |v| format!("{v:.4}")));
        let interval =
            paired.interval(LEVEL).map_or("–".to_owned(), |i| format!("{:.4} … {:.4}", i.low, i.high));
        table.row(vec![
            cell(contest.name()),
            cell(&width::count(paired.both as usize)),
            cell(&width::count(paired.only_a as usize)),
            cell(&width::count(paired.only_b as usize)),
            cell(&width::count(paired.none as usize)),
            cell(&width::count(paired.unknown as usize)),
            figure(paired.share_a()),
            figure(paired.share_b()),
            figure(paired.difference()),
            cell(&interval),
            cell(
                &paired.mcnemar_p().map_or("–".to_owned(), |p| {
                    if p < 0.0001 { "<0.0001".into() } else { format!("{p:.4}") }
                }),
            ),
        ]);
    }
    table.write(out)?;
    out.line(&"Newcombe's paired interval; McNemar's exact two-sided p".into(), Style::Dim)?;
    if comparison.clustered() {
        let note =
            "several samples of one item are not independent: p and interval are too sure of themselves";
        out.line(&note.into(), Style::Unsure)?;
    }
    for contest in [Contest::Followed, Contest::Correct] {
        flips(library, comparison, contest, most, out)?;
    }
    Ok(())
}

fn flips(
    library: &Library,
    comparison: &Comparison,
    contest: Contest,
    most: usize,
    out: &mut Output,
) -> Result<()> {
    let places = comparison.flips(contest, None);
    if places.is_empty() {
        return Ok(());
    }
    out.end()?;
    let heading = format!("{}: {} flips", contest.name(), width::count(places.len()));
    out.line(&visible(&heading), Style::Bold)?;
    let mut table = Table::new(&["", "A", "B", "A", "B"]);
    for &place in places.iter().take(most) {
        let pair = &comparison.pairs[place];
        let (a, b) = (library.row(pair.a), library.row(pair.b));
        table.row(vec![
            cell(pair.flip(contest).name()),
            cell(&library.key(pair.a)),
            cell(&library.key(pair.b)),
            cell(&verdicts(&a, contest)),
            cell(&verdicts(&b, contest)),
        ]);
    }
    table.write(out)?;
    if places.len() > most {
        out.line(&visible(&format!("… and {} more; --limit N lists more", places.len() - most)), Style::Dim)?;
    }
    Ok(())
}

/// What decided: the constraints that were not followed, or the answer.
fn verdicts(row: &Row<'_>, contest: Contest) -> String {
    if contest == Contest::Correct {
        return match row.correct() {
            Some(true) => "right".to_owned(),
            Some(false) => "wrong".to_owned(),
            None => "not known".to_owned(),
        };
    }
    let broken: Vec<String> = row
        .constraints()
        .filter(|c| c.status.followed() == Some(false))
        .map(|c| match c.margin {
            Some(margin) => format!("{} {margin}", c.constraint.short_name()),
            None => c.constraint.short_name().to_owned(),
        })
        .collect();
    if broken.is_empty() { "followed".to_owned() } else { broken.join(", ") }
}

/// A comparison as JSON: documented in `docs/formats.md`.
fn document(library: &Library, comparison: &Comparison, limit: Option<usize>) -> Value {
    let name = |run: u32| &library.runs()[run as usize].run.name;
    let contest = |contest: Contest| {
        let paired = comparison.paired(contest);
        let flips: Vec<Value> = comparison
            .flips(contest, None)
            .into_iter()
            .take(limit.unwrap_or(usize::MAX))
            .map(|place| {
                let pair = &comparison.pairs[place];
                json!({"a": library.key(pair.a), "b": library.key(pair.b), "flip": pair.flip(contest)})
            })
            .collect();
        json!({
            "both": paired.both, "only_a": paired.only_a, "only_b": paired.only_b, "none": paired.none,
            "unknown": paired.unknown, "a": paired.share_a(), "b": paired.share_b(),
            "difference": paired.difference(), "interval": paired.interval(LEVEL),
            "p": paired.mcnemar_p(), "flips": flips,
        })
    };
    json!({
        "a": name(comparison.a),
        "b": name(comparison.b),
        "pairs": comparison.pairs.len(),
        "items": comparison.items,
        "unpaired_a": comparison.unpaired_a,
        "unpaired_b": comparison.unpaired_b,
        "followed": contest(Contest::Followed),
        "correct": contest(Contest::Correct),
        "both": contest(Contest::Both),
    })
}
