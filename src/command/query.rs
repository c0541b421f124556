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
use crate::library::{self, Cancel, Library, Sort, SortKey};
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
    let shown = &rows[..rows.len().min(typed.limit.unwrap_or(usize::MAX))];
    let mut values = shown.iter().map(|&row| values(&library, row, &columns, ledger.as_deref()));
    match typed.format {
        ListFormat::Table => table(&columns, values, out)?,
        ListFormat::Json => {
            let all = values.map(|v| v.map(|v| object(&columns, v))).collect::<Result<Vec<_>>>()?;
            out.json(&all)?;
        }
        ListFormat::Jsonl => {
            values.try_for_each(|v| Ok::<_, anyhow::Error>(out.json_line(&object(&columns, v?))?))?;
        }
        ListFormat::Csv | ListFormat::Tsv => {
            let tabs = typed.format == ListFormat::Tsv;
            out.cells(columns.iter().map(|c| Cow::Owned(c.name())), tabs)?;
            for row in values {
                let row = row?;
                out.cells(row.iter().map(|v| csv(v, typed.raw)), tabs)?;
            }
        }
    }
    if shown.len() < rows.len() {
        say(&format!("heedless: {} of {}", shown.len(), rows.len()));
    }
    Ok(Found::any(!rows.is_empty()))
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

fn object(columns: &[Column], values: Vec<Value>) -> Map<String, Value> {
    columns.iter().map(Column::name).zip(values).collect()
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

fn table(columns: &[Column], rows: impl Iterator<Item = Result<Vec<Value>>>, out: &mut Output) -> Result<()> {
    let rows = rows.collect::<Result<Vec<_>>>()?;
    let headings: Vec<String> = columns
        .iter()
        .enumerate()
        .map(|(i, column)| {
            let numbers = rows.iter().all(|r| r[i].is_number() || r[i].is_null());
            format!("{}{}", if numbers { ">" } else { "" }, column.name())
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
