//! What could not be read: `heedless rejects`, and said on standard error by every command.

use std::collections::BTreeMap;

use anyhow::Result;
use serde_json::{Value, json};

use super::output::{Output, Style};
use super::rows::Rows;
use super::{Found, opened, say};
use crate::cli::{ListFormat, Rejects};
use crate::error::{Reject, RejectKind};
use crate::options::Options;
use crate::path::shown;
use crate::text::visible;

/// Runs the command.
pub fn run(options: &Options, typed: &Rejects, out: &mut Output) -> Result<Found> {
    let built = opened::build(options, options.build(), &typed.paths)?;
    let all = built.library.rejects();
    let mut rows = Rows::new(&["file", "line", "byte", "kind", "cause"]);
    for reject in all {
        let file = shown(&reject.path);
        let (kind, cause) = (json!(reject.kind.name()), json!(reject.message));
        rows.rows.push(vec![json!(file), json!(reject.line), json!(reject.byte), kind, cause]);
    }
    if typed.format == ListFormat::Table {
        for reject in all {
            out.line(&visible(&sentence(reject)), Style::Plain)?;
        }
    } else {
        rows.write(typed.format, false, out)?;
    }
    Ok(Found::any(!all.is_empty()))
}

/// How many are spelled out, where not all are asked for.
pub const SPELLED_OUT: usize = 10;

/// One reject on a line: `file:line:byte: kind: cause`.
pub fn sentence(reject: &Reject) -> String {
    let place = if reject.line == 0 {
        shown(&reject.path)
    } else {
        format!("{}:{}:{}", shown(&reject.path), reject.line, reject.byte)
    };
    format!("{place}: {}: {}", reject.kind.name(), reject.message)
}

/// One reject as JSON: documented in `docs/formats.md`.
pub fn document(reject: &Reject) -> Value {
    json!({
        "path": shown(&reject.path), "line": reject.line, "byte": reject.byte, "len": reject.len,
        "kind": reject.kind, "message": reject.message,
    })
}

/// How many there are of each kind: `3 syntax, 1 empty`.
pub fn counts<'a>(rejects: impl IntoIterator<Item = &'a Reject>) -> String {
    let mut kinds: BTreeMap<RejectKind, usize> = BTreeMap::new();
    for reject in rejects {
        *kinds.entry(reject.kind).or_default() += 1;
    }
    let all: Vec<String> = kinds.into_iter().map(|(kind, n)| format!("{n} {}", kind.name())).collect();
    all.join(", ")
}

/// Says the first of them, and how many more there are.
pub fn say_all(rejects: &[Reject], total: usize) {
    for reject in rejects.iter().take(SPELLED_OUT) {
        say(&format!("heedless: {}", sentence(reject)));
    }
    if total > SPELLED_OUT {
        say(&format!("heedless: … and {} more; `heedless index` lists them all", total - SPELLED_OUT));
    }
}
