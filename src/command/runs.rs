//! `heedless runs`: one line for each run.

use std::ops::Range;

use anyhow::{Result, bail};
use rayon::prelude::*;
use serde_json::{Map, Value, json};

use super::output::{Output, Style, Table, cell};
use super::rows::Rows;
use super::{Found, opened};
use crate::assess::Length;
use crate::cli::{ListFormat, Runs};
use crate::library::{Library, Mean, Query, Selection, Share, Summary, Unit};
use crate::options::Options;
use crate::split::Split;
use crate::text::{visible, width};

/// Runs the command.
pub fn run(options: &Options, typed: &Runs, out: &mut Output) -> Result<Found> {
    let query = parse(typed.query.as_deref().unwrap_or(""))?;
    let asker = opened::asker(options, &query)?;
    let library = opened::open(options, &typed.paths)?;
    let selection = opened::select(options, &library, &query, &asker)?;
    let mut summaries = library.summaries(&selection);
    let counted =
        if typed.tokens { Some(count_tokens(options, &library, &selection, &mut summaries)?) } else { None };
    match typed.format {
        ListFormat::Table => table(options, &library, &summaries, counted.as_deref(), out)?,
        format => {
            let rows: Vec<Map<String, Value>> = summaries.iter().map(|s| object(&library, s)).collect();
            let names = rows.first().map_or_else(Vec::new, |first| first.keys().cloned().collect());
            let rows = rows.into_iter().map(|row| row.into_iter().map(|(_, v)| v).collect()).collect();
            Rows { names, rows }.write(format, false, out)?;
        }
    }
    Ok(Found::any(!summaries.is_empty()))
}

/// A query from what was typed, the place of a mistake marked.
pub fn parse(text: &str) -> Result<Query> {
    Query::parse(text).map_err(|e| anyhow::anyhow!("query, {e}\n  {text}\n  {}^", " ".repeat(e.column - 1)))
}

/// Counts the tokens of the selected outputs where no file says how many there are, into the
/// summaries. Says by what they were counted.
fn count_tokens(
    options: &Options,
    library: &Library,
    selection: &Selection,
    summaries: &mut [Summary],
) -> Result<String> {
    let Some(tokenizer) = &options.tokenizer else {
        bail!("--tokens: this heedless was built without tokenizers; build it with --features tokens");
    };
    let rows: Vec<u32> = selection.iter().collect();
    let counts: Vec<(u32, Option<u64>, Option<u64>)> = rows
        .into_par_iter()
        .map(|number| {
            let row = library.row(number);
            let saved = |length: Length| length.saved_tokens.map(u64::from);
            let (trace, answer) = (saved(row.trace()), saved(row.answer()));
            if trace.is_some() && answer.is_some() {
                return (row.run_number(), trace, answer);
            }
            // A file that changed since has no count; the library says so elsewhere.
            let Ok(record) = library.read(number) else { return (row.run_number(), trace, answer) };
            let text = &record.generation.text;
            let split = Split::of(&record.generation, library.run_facts(row.run_number()).closes_traces);
            let count = |part: &Range<usize>| Some(tokenizer.count(&text[part.clone()]) as u64);
            (row.run_number(), trace.or_else(|| count(&split.trace)), answer.or_else(|| count(&split.answer)))
        })
        .collect();
    for summary in summaries {
        let (mut trace, mut answer) = (Mean::default(), Mean::default());
        for &(_, t, a) in counts.iter().filter(|(run, ..)| *run == summary.run) {
            trace.add(t.map(|t| t as f64));
            answer.add(a.map(|a| a as f64));
        }
        summary.trace[Unit::Tokens as usize] = trace;
        summary.answer[Unit::Tokens as usize] = answer;
    }
    Ok(tokenizer.name().to_owned())
}

/// `counted` is the tokenizer, where lengths are wanted in tokens.
fn table(
    options: &Options,
    library: &Library,
    summaries: &[Summary],
    counted: Option<&str>,
    out: &mut Output,
) -> Result<()> {
    let unit = if counted.is_some() { Unit::Tokens } else { Unit::Words };
    let mut table = Table::new(&[
        "run",
        "condition",
        ">n",
        ">HAcc",
        ">SAcc",
        ">correct",
        ">truncated",
        ">trace",
        ">answer",
    ]);
    let mut unknown = 0;
    for s in summaries {
        let run = &library.runs()[s.run as usize].run;
        unknown += s.hacc.unknown;
        table.row(vec![
            (visible(&run.name), Style::Bold),
            cell(&run.condition),
            cell(&width::count(s.n as usize)),
            share(s.hacc),
            cell(&figure(s.sacc.value())),
            share(s.correct),
            cell(&percent(s.truncated, s.n)),
            cell(&length(s.trace_in(unit))),
            cell(&length(s.answer_in(unit))),
        ]);
    }
    if table.is_empty() {
        return Ok(());
    }
    table.write(out)?;
    let lengths = match counted {
        Some(tokenizer) => format!("mean tokens, as saved or else counted with {tokenizer}"),
        None => "mean words".to_owned(),
    };
    let note = format!(
        "{} generations in {} runs; lengths are {lengths}; judged: {}",
        width::count(summaries.iter().map(|s| s.n as usize).sum()),
        summaries.len(),
        options.judged.name()
    );
    out.line(&visible(&note), Style::Dim)?;
    if unknown > 0 {
        let note =
            format!("{unknown} generations are in no HAcc: no constraint, or one whose verdict is not known");
        out.line(&visible(&note), Style::Unsure)?;
    }
    Ok(())
}

fn figure(value: Option<f64>) -> String {
    value.map_or("–".to_owned(), |v| format!("{v:.4}"))
}

fn share(share: Share) -> (crate::text::Safe, Style) {
    cell(&figure(share.value()))
}

fn percent(part: u32, of: u32) -> String {
    if of == 0 { "–".to_owned() } else { format!("{:.1} %", 100.0 * f64::from(part) / f64::from(of)) }
}

fn length(mean: Mean) -> String {
    mean.value().map_or("–".to_owned(), |v| format!("{v:.0}"))
}

/// A run as JSON: documented in `docs/formats.md`.
fn object(library: &Library, s: &Summary) -> Map<String, Value> {
    let run = &library.runs()[s.run as usize].run;
    let means = |unit| (s.trace_in(unit).value(), s.answer_in(unit).value());
    let (chars, words, tokens) = (means(Unit::Chars), means(Unit::Words), means(Unit::Tokens));
    let fields = [
        ("run", json!(run.name)),
        ("model", json!(run.model)),
        ("condition", json!(run.condition)),
        ("temperature", json!(run.sampling.temperature)),
        ("top_p", json!(run.sampling.top_p)),
        ("max_tokens", json!(run.sampling.max_tokens)),
        ("seed", json!(run.sampling.seed)),
        ("n", json!(s.n)),
        ("hacc", json!(s.hacc.value())),
        ("sacc", json!(s.sacc.value())),
        ("correctness", json!(s.correct.value())),
        ("unknown", json!(s.hacc.unknown)),
        ("ungraded", json!(s.correct.unknown)),
        ("truncated", json!(s.truncated)),
        ("trace_chars", json!(chars.0)),
        ("answer_chars", json!(chars.1)),
        ("trace_words", json!(words.0)),
        ("answer_words", json!(words.1)),
        ("trace_tokens", json!(tokens.0)),
        ("answer_tokens", json!(tokens.1)),
    ];
    fields.into_iter().map(|(k, v)| (k.to_owned(), v)).collect()
}
