//! `heedless query`: matching generations.

use std::borrow::Cow;
use std::sync::Arc;

use anyhow::{Result, anyhow};
use serde_json::{Map, Value};

use super::column::Column;
use super::output::{Output, Style, Table, cell};
use super::rows::{Rows, csv};
use super::{Found, opened, runs, say};
use crate::asker::Asker;
use crate::cli::{ListFormat, Query};
use crate::library::{self, Cancel, Library, Passage, Samples, Sort, SortKey};
use crate::options::Options;
use crate::text::visible;
use crate::triage::Ledger;
use crate::triage::labels::asks_for_labels;

/// Generations whose passages are read together.
const READ_AT_ONCE: usize = 256;

/// Runs the command.
pub fn run(options: &Options, typed: &Query, out: &mut Output) -> Result<Found> {
    if typed.columns.iter().any(|c| c == "help") {
        let mut table = Table::new(&["column", "holds"]);
        Column::listed().for_each(|(name, about)| table.row(vec![(name.into(), Style::Bold), cell(about)]));
        table.write(out)?;
        return Ok(Found::Something);
    }
    let sort = typed.sort.as_deref().map(sort).transpose()?.unwrap_or_default();
    let query = runs::parse(&typed.query)?;
    let passages = typed.format == ListFormat::Table && !query.lookups().is_empty();
    let columns =
        Column::all(&typed.columns, matches!(typed.format, ListFormat::Json | ListFormat::Jsonl), passages)?;
    let ledger = ledger(options, &query, &columns, typed)?;
    let library = opened::open(options, &typed.paths)?;
    let asker = Asker { ledger: ledger.clone().unwrap_or_default(), baseline: options.baseline.clone() };
    let selection = opened::select(options, &library, &query, &asker)?;
    if typed.count {
        out.line(&visible(&selection.count().to_string()), Style::Plain)?;
        return Ok(Found::any(!selection.is_empty()));
    }
    let lookups: Vec<_> = selection.lookups().into_iter().cloned().collect();
    let rows = library.ordered(&Arc::new(selection), sort, &Cancel::default())?;
    let most = typed.limit.unwrap_or(usize::MAX);
    let all = if typed.fold {
        let samples = library.fold(&rows);
        let names = FOLDED.map(str::to_owned);
        write(&names, samples.iter().take(most).map(|s| Ok(folded(&library, s))), typed, out)?;
        samples.len()
    } else {
        let names: Vec<String> = columns.iter().map(Column::name).collect();
        let shown: Vec<u32> = rows.iter().take(most).collect();
        let values = shown.chunks(READ_AT_ONCE).flat_map(|rows| {
            let passages = if columns.iter().any(Column::is_passage) {
                library.passages(rows, &lookups, &Cancel::default())
            } else {
                vec![None; rows.len()]
            };
            let one = |(&row, passage): (&u32, Option<Passage>)| {
                values(&library, row, &columns, ledger.as_deref(), passage.as_ref())
            };
            rows.iter().zip(passages).map(one).collect::<Vec<_>>()
        });
        write(&names, values, typed, out)?;
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
        ListFormat::Table | ListFormat::Markdown | ListFormat::Json => {
            let rows = Rows { names: names.to_vec(), rows: rows.collect::<Result<_>>()? };
            rows.write(typed.format, typed.raw, out)?;
        }
        // These need not wait for all of them.
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

fn values(
    library: &Library,
    row: u32,
    columns: &[Column],
    ledger: Option<&Ledger>,
    passage: Option<&Passage>,
) -> Result<Vec<Value>> {
    let record = columns.iter().any(Column::reads).then(|| library.read(row)).transpose()?;
    let row = library.row(row);
    Ok(columns.iter().map(|c| c.value(library, &row, record.as_ref(), ledger, passage)).collect())
}

fn object(names: &[String], values: Vec<Value>) -> Map<String, Value> {
    names.iter().cloned().zip(values).collect()
}
