//! `heedless matrix`: shares by two fields.

use anyhow::{Result, bail};
use serde_json::json;

use super::output::{Output, Style};
use super::rows::Rows;
use super::{Found, opened, runs};
use crate::analysis::LEVEL;
use crate::analysis::table::{FIELDS, Table, tabulate};
use crate::cli::{ListFormat, Matrix};
use crate::library::query::nearest;
use crate::library::{Cancel, Field};
use crate::options::Options;
use crate::text::{visible, width};

/// Runs the command.
pub fn run(options: &Options, typed: &Matrix, out: &mut Output) -> Result<Found> {
    let fields = (field(&typed.rows)?, field(&typed.columns)?);
    if fields.0 == fields.1 {
        bail!("--rows and --columns are both {}; a matrix takes two different fields", fields.0);
    }
    let query = runs::parse(typed.query.as_deref().unwrap_or(""))?;
    let asker = opened::asker(options, &query)?;
    let library = opened::open(options, &typed.paths)?;
    let selection = opened::select(options, &library, &query, &asker)?;
    let Some(table) = tabulate(&library, &selection, fields, typed.measure, &Cancel::default()) else {
        return Ok(Found::Nothing);
    };
    match typed.format {
        ListFormat::Table | ListFormat::Markdown => {
            crossed(&table).write(typed.format, false, out)?;
            let note = format!(
                "share {} and how many, over {} generations; judged: {}",
                table.counted.name(),
                width::count(selection.count()),
                options.judged.name()
            );
            if typed.format == ListFormat::Markdown {
                out.end()?;
            }
            out.line(&visible(&note), Style::Dim)?;
        }
        format => listed(&table).write(format, false, out)?,
    }
    Ok(Found::any(!table.rows.is_empty()))
}

/// A field that a matrix can be made of.
fn field(name: &str) -> Result<Field> {
    if let Some(field) = FIELDS.into_iter().find(|f| f.name() == name) {
        return Ok(field);
    }
    let all: Vec<&str> = FIELDS.iter().map(|f| f.name()).collect();
    match nearest(name, all.iter().copied()) {
        Some(near) => bail!("no matrix is made of `{name}`; did you mean `{near}`?"),
        None => bail!("no matrix is made of `{name}`; there are {}", all.join(", ")),
    }
}

/// As it is on the screen: a column for each value of the column field.
fn crossed(table: &Table) -> Rows {
    let corner = format!("{} \\ {}", table.row_field, table.column_field);
    let mut names = vec![corner];
    names.extend(table.columns.iter().cloned());
    let mut rows = Rows { names, rows: Vec::new() };
    for (name, cells) in table.rows.iter().zip(&table.cells) {
        let cell = |tally: &crate::analysis::Tally| match tally.share() {
            Some(share) => json!(format!("{share:.4} ({})", width::count(tally.n() as usize))),
            None if tally.n() > 0 => json!(format!("? ({})", width::count(tally.n() as usize))),
            None => json!(null),
        };
        rows.rows.push(std::iter::once(json!(name)).chain(cells.iter().map(cell)).collect());
    }
    rows
}

/// A row for each cell that has a generation: documented in `docs/formats.md`.
fn listed(table: &Table) -> Rows {
    let (down, across) = (table.row_field.name(), table.column_field.name());
    let mut rows = Rows::new(&[down, across, "measure", "n", "yes", "no", "unknown", "share", "low", "high"]);
    for (row, cells) in table.rows.iter().zip(&table.cells) {
        for (column, tally) in table.columns.iter().zip(cells).filter(|(_, tally)| tally.n() > 0) {
            let interval = tally.interval(LEVEL);
            rows.rows.push(vec![
                json!(row),
                json!(column),
                json!(table.counted.name()),
                json!(tally.n()),
                json!(tally.yes),
                json!(tally.no),
                json!(tally.unknown),
                json!(tally.share()),
                json!(interval.map(|i| i.low)),
                json!(interval.map(|i| i.high)),
            ]);
        }
    }
    rows
}
