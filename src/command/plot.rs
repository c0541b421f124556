//! `heedless plot`: what the explorer's plots are drawn from.

use anyhow::{Result, bail};
use serde_json::{Value, json};

use super::output::{Output, Style};
use super::rows::Rows;
use super::{Found, opened, runs};
use crate::cli::{ListFormat, Plot as Typed};
use crate::constraint::Want;
use crate::explorer::survey::{self, Chart, Finding, Kind, Request};
use crate::explorer::view::plots::Plot;
use crate::explorer::view::plots::rates::Rate;
use crate::library::query::nearest;
use crate::library::{Cancel, Library, Selection, Unit};
use crate::options::Options;
use crate::text::Safe;

/// Widest bar of a table, in columns.
const BAR: usize = 40;

/// Runs the command.
pub fn run(options: &Options, typed: &Typed, out: &mut Output) -> Result<Found> {
    let query = runs::parse(typed.query.as_deref().unwrap_or(""))?;
    let asker = opened::asker(options, &query)?;
    let library = opened::open(options, &typed.paths)?;
    let selection = opened::select(options, &library, &query, &asker)?;
    let count = |variant: usize| chart(options, &library, &selection, typed.kind, variant, typed.unit);
    let Some(mut chart) = count(0) else { return Ok(Found::Nothing) };
    if let Some(name) = &typed.of {
        let place = variant(&chart.variants, name)?;
        if place != chart.variant {
            let Some(other) = count(place) else { return Ok(Found::Nothing) };
            chart = other;
        }
    }
    let people = matches!(typed.format, ListFormat::Table | ListFormat::Markdown);
    if people {
        out.line(&chart.title, Style::Bold)?;
        out.line(&chart.about, Style::Dim)?;
        out.end()?;
    }
    let rows = rows(&chart, typed.format);
    rows.write(typed.format, false, out)?;
    Ok(Found::any(!rows.rows.is_empty()))
}

fn chart(
    options: &Options,
    library: &std::sync::Arc<Library>,
    selection: &Selection,
    kind: Kind,
    variant: usize,
    unit: Unit,
) -> Option<Chart> {
    let request = Request::Chart { kind, variant, unit };
    match survey::count(library, selection, request, options.assess(Want::Marks), &Cancel::default())? {
        Finding::Chart(chart) => Some(*chart),
        _ => None,
    }
}

/// The place of a variant: a constraint, or a part.
fn variant(variants: &[Safe], name: &str) -> Result<usize> {
    if let Some(place) = variants.iter().position(|v| v.as_str() == name) {
        return Ok(place);
    }
    if variants.is_empty() {
        bail!("--of: this plot has no variants");
    }
    let names = || variants.iter().map(Safe::as_str);
    match nearest(name, names()) {
        Some(near) => bail!("--of: there is no {name} here; did you mean `{near}`?"),
        None => bail!("--of: there is no {name} here; there are {}", names().collect::<Vec<_>>().join(", ")),
    }
}

/// A row for each bin, point, bar or cell: documented in `docs/formats.md`.
fn rows(chart: &Chart, format: ListFormat) -> Rows {
    let share = |rate: &Rate| {
        [json!(rate.share), json!(rate.interval.map(|i| i.low)), json!(rate.interval.map(|i| i.high))]
    };
    let mut rows = match &chart.plot {
        Plot::Rates(rates) => {
            let mut rows = Rows::new(&["from", "to", "n"]);
            for series in &rates.series {
                let name = series.name.to_lowercase();
                rows.names.extend([name.clone(), format!("{name}_low"), format!("{name}_high")]);
            }
            for (i, bin) in rates.bins.iter().enumerate() {
                let of = rates.series.iter().filter_map(|s| s.rates.get(i)).flat_map(share);
                let bin = [json!(bin.from), json!(bin.to), json!(bin.n)];
                rows.rows.push(bin.into_iter().chain(of).collect());
            }
            rows
        }
        Plot::Points(points) => {
            let names = ["run", "n", "right", "right_low", "right_high", "hacc", "hacc_low", "hacc_high"];
            let mut rows = Rows::new(&names);
            for point in &points.points {
                let run = [json!(point.name.as_str()), json!(point.n)];
                rows.rows.push(run.into_iter().chain(share(&point.x)).chain(share(&point.y)).collect());
            }
            rows
        }
        Plot::Cross(cross) => {
            let mut rows = Rows::new(&["right", "followed", "n", "expected"]);
            let expected = cross.expected();
            for (i, right) in [true, false].into_iter().enumerate() {
                for (j, followed) in [true, false].into_iter().enumerate() {
                    let expected = expected.map(|cells| cells[i][j]);
                    rows.rows.push(vec![
                        json!(right),
                        json!(followed),
                        json!(cross.cells()[i][j]),
                        json!(expected),
                    ]);
                }
            }
            rows
        }
        Plot::Bars(bars) => {
            let axis = bars.axis.to_lowercase().replace(' ', "_");
            let drawn = format == ListFormat::Table;
            let mut rows = Rows::new(&[&axis, "count"]);
            let most = bars.bars.iter().map(|b| b.count).max().unwrap_or(0).max(1);
            rows.names.extend(drawn.then(String::new));
            for bar in &bars.bars {
                let length = (bar.count as f64 / most as f64 * BAR as f64).round() as usize;
                let row = [json!(bar.label.as_str()), json!(bar.count)];
                rows.rows.push(row.into_iter().chain(drawn.then(|| json!("█".repeat(length)))).collect());
            }
            rows
        }
    };
    // A program can go on to the generations of each.
    if matches!(format, ListFormat::Json | ListFormat::Jsonl) {
        rows.names.push("query".to_owned());
        for (row, link) in rows.rows.iter_mut().zip(&chart.links) {
            row.push(link.as_ref().map_or(Value::Null, |query| json!(query.to_string())));
        }
    }
    rows
}
