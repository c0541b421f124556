//! `heedless constraints`: what can be checked.

use anyhow::Result;

use super::Found;
use super::output::{Output, Style, Table, cell};
use crate::cli::{Constraints, Format};
use crate::constraint::{Kind, custom_kinds, kinds, kinds_named};
use crate::text::visible;

/// Runs the command.
pub fn run(typed: &Constraints, out: &mut Output) -> Result<Found> {
    let found: Vec<&Kind> = match &typed.word {
        Some(word) => kinds_named(word).collect(),
        None => kinds().iter().chain(custom_kinds()).collect(),
    };
    if typed.format == Format::Json {
        out.json(&found)?;
        return Ok(Found::any(!found.is_empty()));
    }
    let mut table = Table::new(&["id", "category", "MathIF", "arguments", "rule"]);
    for kind in &found {
        let args: Vec<String> = kind.args.iter().map(|a| format!("{}: {}", a.name, a.shape.name())).collect();
        table.row(vec![
            (visible(kind.id), Style::Bold),
            cell(kind.category.name()),
            cell(if kind.mathif { "yes" } else { "" }),
            cell(&args.join("; ")),
            cell(kind.sentence),
        ]);
    }
    if !table.is_empty() {
        table.write(out)?;
    }
    Ok(Found::any(!found.is_empty()))
}
