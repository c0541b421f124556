//! `heedless query`: matching generations.

use std::borrow::Cow;
use std::sync::Arc;

use anyhow::{Result, anyhow};
use serde_json::{Map, Value};

use super::column::Column;
use super::output::{Output, Style, Table, cell, defanged};
use super::{Found, opened, runs, say};
use crate::asker::Asker;
use crate::cli::{ListFormat, Query};
use crate::library::{self, Cancel, Library, Samples, Sort, SortKey};
use crate::options::Options;
use crate::text::{visible, width};
use crate::triage::Ledger;
use crate::triage::labels::asks_for_labels;

/// Widest cell of a table, in columns: a whole output does not belong in one.
const WIDEST: usize = 80;

/// Runs the command.
pub fn run(options: &Options, typed: &Query, out: &mut Output) -> Result<Found> {
    if typed.columns.iter().any(|c| c == "help") {
        let mut table = Table::new(&["column", "holds"]);
        Column::listed().for_each(|(name, about)| table.row(vec![(name.into(), Style::Bold), cell(about)]));
        table.write(out)?;
        return Ok(Found::Something);
    }
    let columns = Column::all(&typed.columns, matches!(typed.format, ListFormat::Json | ListFormat::Jsonl))?;
    let sort = typed.sort.as_deref().map(sort).transpose()?.unwrap_or_default();
    let query = runs::parse(&typed.query)?;
    let ledger = ledger(options, &query, &columns, typed)?;
    let library = opened::open(options, &typed.paths)?;
    let asker = Asker { ledger: ledger.clone().unwrap_or_default(), baseline: options.baseline.clone() };
    let selection = opened::select(&library, &query, &asker)?;
    if typed.count {
        out.line(&visible(&selection.count().to_string()), Style::Plain)?;
        return Ok(Found::any(!selection.is_empty()));
    }
    let rows = library.ordered(&selection, sort, &Cancel::default())?;
    let most = typed.limit.unwrap_or(usize::MAX);
    let all = if typed.fold {
        let samples = library.fold(&rows);
        let names = FOLDED.map(str::to_owned);
        write(&names, samples.iter().take(most).map(|s| Ok(folded(&library, s))), typed, out)?;
        samples.len()
    } else {
        let names: Vec<String> = columns.iter().map(Column::name).collect();
        let values = |&row: &u32| values(&library, row, &columns, ledger.as_deref());
        write(&names, rows.iter().take(most).map(values), typed, out)?;
        rows.len()
    };
    if most < all {
        say(&format!("heedless: {most} of {all}"));
    }
    Ok(Found::any(all > 0))
}

/// Columns where samples are folded: what is known of none is counted apart, lengths are means.
const FOLDED: [&str; 10] = [
    "key",
    "run",
    "item",
    "samples",
    "followed",
    "followed_unknown",
    "correct",
    "correct_unknown",
    "trace",
    "answer",
];

fn folded(library: &Library, samples: &Samples) -> Vec<Value> {
    let row = library.row(samples.row);
    let mean = |sum: u64| Value::from((sum as f64 / f64::from(samples.count.max(1)) * 10.0).round() / 10.0);
    vec![
        library.key(samples.row).into(),
        row.run().run.name.as_str().into(),
        (&*row.item().id).into(),
        samples.count.into(),
        samples.followed.yes.into(),
        samples.followed.unknown.into(),
        samples.correct.yes.into(),
        samples.correct.unknown.into(),
        mean(samples.trace),
        mean(samples.answer),
    ]
}

/// Writes rows in the form that was asked for.
fn write(
    names: &[String],
    mut rows: impl Iterator<Item = Result<Vec<Value>>>,
    typed: &Query,
    out: &mut Output,
) -> Result<()> {
    match typed.format {
        ListFormat::Table => table(names, rows, out)?,
        ListFormat::Json => {
            let all = rows.map(|v| v.map(|v| object(names, v))).collect::<Result<Vec<_>>>()?;
            out.json(&all)?;
        }
        ListFormat::Jsonl => {
            rows.try_for_each(|v| Ok::<_, anyhow::Error>(out.json_line(&object(names, v?))?))?;
        }
        ListFormat::Csv | ListFormat::Tsv => {
            let tabs = typed.format == ListFormat::Tsv;
            out.cells(names.iter().map(|name| Cow::Borrowed(name.as_str())), tabs)?;
            for row in rows {
                let row = row?;
                out.cells(row.iter().map(|v| csv(v, typed.raw)), tabs)?;
            }
        }
    }
    Ok(())
}

/// `trace`, or `-trace` for the longest first.
fn sort(typed: &str) -> Result<Sort> {
    let (name, descending) = typed.strip_prefix('-').map_or((typed, false), |name| (name, true));
    let key = SortKey::from_name(name).or_else(|| SortKey::from_name(&name.replace('_', "-"))).ok_or_else(
        || {
            let all: Vec<&str> = SortKey::ALL.iter().map(|key| key.name()).collect();
            anyhow!("--sort: nothing is sorted by {name}; there is {}", all.join(", "))
        },
    )?;
    Ok(Sort { key, descending })
}

/// Tags and notes, when the query or a column wants them. A file that cannot be read is an error
/// only where somebody asked for what is in it; else it is said, and the columns are unknown.
fn ledger(
    options: &Options,
    query: &library::Query,
    columns: &[Column],
    typed: &Query,
) -> Result<Option<Arc<Ledger>>> {
    if !asks_for_labels(query) && !columns.iter().any(Column::is_label) {
        return Ok(None);
    }
    match opened::triage(options) {
        Ok((_, ledger)) => Ok(Some(Arc::new(ledger))),
        Err(error) if typed.columns.is_empty() && !asks_for_labels(query) => {
            say(&format!("heedless: no tags and notes: {error:#}"));
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

fn values(library: &Library, row: u32, columns: &[Column], ledger: Option<&Ledger>) -> Result<Vec<Value>> {
    let record = columns.iter().any(Column::reads).then(|| library.read(row)).transpose()?;
    let row = library.row(row);
    Ok(columns.iter().map(|c| c.value(library, &row, record.as_ref(), ledger)).collect())
}

fn object(names: &[String], values: Vec<Value>) -> Map<String, Value> {
    names.iter().cloned().zip(values).collect()
}

/// A value as words.
pub fn words(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        Value::String(s) => s.clone(),
        Value::Array(all) => {
            // Names of tags may hold spaces; what is listed must still come apart.
            let all: Vec<String> = all.iter().map(words).collect();
            all.join(if all.iter().any(|one| one.contains(' ')) { "; " } else { " " })
        }
        other => other.to_string(),
    }
}

/// A value as a cell of CSV or TSV.
pub fn csv(value: &Value, raw: bool) -> Cow<'static, str> {
    let text = words(value);
    if raw { Cow::Owned(text) } else { Cow::Owned(defanged(&text).into_owned()) }
}

fn table(names: &[String], rows: impl Iterator<Item = Result<Vec<Value>>>, out: &mut Output) -> Result<()> {
    let rows = rows.collect::<Result<Vec<_>>>()?;
    let headings: Vec<String> = names
        .iter()
        .enumerate()
        .map(|(i, name)| {
            let numbers = rows.iter().all(|r| r[i].is_number() || r[i].is_null());
            format!("{}{}", if numbers { ">" } else { "" }, name)
        })
        .collect();
    let mut table = Table::new(&headings.iter().map(String::as_str).collect::<Vec<_>>());
    for row in &rows {
        let cells = row.iter().map(|value| {
            let style = match value {
                Value::Bool(true) => Style::Good,
                Value::Bool(false) => Style::Bad,
                _ => Style::Plain,
            };
            (visible(&width::cut(&visible(&words(value)), WIDEST)), style)
        });
        table.row(cells.collect());
    }
    if !table.is_empty() {
        table.write(out)?;
    }
    Ok(())
}
