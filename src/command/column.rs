//! Columns of a list of generations: what `--columns` chooses from.

use anyhow::{Result, bail};
use serde_json::{Value, json};

use crate::constraint::Status;
use crate::failure::Mode;
use crate::library::{Library, Passage, Row};
use crate::path::shown;
use crate::record::Record;
use crate::triage::{self, Ledger, TagNames, Tags};

/// A column: its name, and what is in it.
#[derive(Debug, Clone, PartialEq)]
pub enum Column {
    /// One of [`COLUMNS`].
    Plain(&'static Entry),
    /// `margin.ID`: distance to the border of one constraint.
    Margin(String),
    /// `failed.ID`, `followed.ID`: one constraint's verdict as a truth value.
    Followed(String),
}

/// One of the columns with a fixed name.
#[derive(Debug)]
pub struct Entry {
    name: &'static str,
    about: &'static str,
    value: From,
}

impl PartialEq for Entry {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

/// Where the value comes from.
#[derive(Debug)]
enum From {
    /// The library's columns.
    Row(fn(&Library, &Row<'_>) -> Value),
    /// The user's file: slower.
    Record(fn(&Record) -> Value),
    /// What the user left on it.
    Label(fn(&TagNames, &triage::Entry) -> Value),
    /// Where its text has what the query looks up: slower too.
    Passage(fn(&Passage) -> Value),
}

const fn row(name: &'static str, about: &'static str, value: fn(&Library, &Row<'_>) -> Value) -> Entry {
    Entry { name, about, value: From::Row(value) }
}

const fn record(name: &'static str, about: &'static str, value: fn(&Record) -> Value) -> Entry {
    Entry { name, about, value: From::Record(value) }
}

const fn label(
    name: &'static str,
    about: &'static str,
    value: fn(&TagNames, &triage::Entry) -> Value,
) -> Entry {
    Entry { name, about, value: From::Label(value) }
}

const fn passage(name: &'static str, about: &'static str, value: fn(&Passage) -> Value) -> Entry {
    Entry { name, about, value: From::Passage(value) }
}

/// Tags by name, or by digit where they have none: both are what `tag:` asks for.
pub fn tags(names: &TagNames, tags: Tags) -> Value {
    tags.iter().map(|tag| names.label(tag)).collect()
}

/// The columns with fixed names.
static COLUMNS: [Entry; 36] = [
    row("key", "name of the generation, for show and explain", |l, r| json!(l.key(r.id()))),
    row("run", "run", |_, r| json!(r.run().run.name)),
    row("model", "model", |_, r| json!(r.run().run.model)),
    row("condition", "what the model was given", |_, r| json!(r.run().run.condition)),
    row("item", "id of the item", |_, r| json!(&*r.item().id)),
    row("group", "what makes the id unique", |_, r| json!(&*r.item().group)),
    row("source", "where the question comes from", |_, r| json!(&*r.item().source)),
    row("setting", "single, double, triple", |_, r| json!(r.item().setting)),
    row("sample", "number of the sample, from 0", |_, r| json!(r.sample())),
    row("verdict", "pass, partial, fail, unknown", |_, r| json!(r.overall().name())),
    row("verdicts", "a sign for each constraint, in the item's order", |_, r| json!(signs(r))),
    row("constraints", "the item's constraints", |_, r| json!(ids(r, |_| true))),
    row("failed", "constraints not followed", |_, r| json!(ids(r, |s| s.followed() == Some(false)))),
    row("passed", "constraints followed", |_, r| json!(ids(r, |s| s.followed() == Some(true)))),
    row("unknown", "constraints not known", |_, r| json!(ids(r, |s| s.followed().is_none()))),
    row("hacc", "all constraints followed", |_, r| json!(r.hacc())),
    row("sacc", "share of constraints followed", |_, r| json!(r.sacc())),
    row("margin", "smallest margin; margin.ID is that of one constraint", |_, r| number(r.margin())),
    row("correct", "final answer right", |_, r| json!(r.correct())),
    row("saved_correct", "final answer right, as the file says", |_, r| json!(r.saved_correct())),
    row("modes", "failure modes", |_, r| json!(r.modes().iter().map(Mode::name).collect::<Vec<_>>())),
    row("finish", "why the model stopped", |_, r| json!(r.finish())),
    row("trace", "words of the trace", |_, r| json!(r.trace().words)),
    row("answer", "words of the answer", |_, r| json!(r.answer().words)),
    row("trace_chars", "characters of the trace", |_, r| json!(r.trace().chars)),
    row("answer_chars", "characters of the answer", |_, r| json!(r.answer().chars)),
    row("trace_tokens", "tokens of the trace, as saved", |_, r| json!(r.trace().saved_tokens)),
    row("answer_tokens", "tokens of the answer, as saved", |_, r| json!(r.answer().saved_tokens)),
    row("place", "file and line", |_, r| json!(format!("{}:{}", shown(&r.source().path), r.line()))),
    label("tags", "your tags, by name where they have one", |names, e| tags(names, e.tags)),
    label("note", "your note", |_, e| json!(e.note)),
    record("question", "the question (read from the file)", |r| json!(r.item.question)),
    record("gold", "the gold answer (read from the file)", |r| json!(r.item.gold)),
    record("output", "the whole output (read from the file)", |r| json!(r.generation.text)),
    passage("hits", "hits of what the query looks up (read from the file)", |p| json!(p.count)),
    passage("passage", "the text around the first hit (read from the file)", |p| {
        json!(p.bracketed(PASSAGE).as_str())
    }),
];

/// Columns of a passage, brackets not counted.
const PASSAGE: usize = 72;

/// Columns that a table gets beside these when the query looks something up.
const PASSAGES: [&str; 2] = ["hits", "passage"];

/// Columns shown when none are asked for.
const DEFAULT: [&str; 7] = ["key", "verdicts", "failed", "correct", "trace", "answer", "modes"];

/// Columns that a program gets beside these when it asks for none.
const LABELS: [&str; 2] = ["tags", "note"];

/// A margin as a number: a count as one, and a share with the digits it has.
fn number(margin: Option<f32>) -> Value {
    match margin {
        Some(m) if m.fract() == 0.0 && m.abs() < 1e7 => json!(m as i64),
        Some(m) => json!(m.to_string().parse::<f64>().ok()),
        None => Value::Null,
    }
}

fn signs(row: &Row<'_>) -> String {
    row.constraints().map(|c| super::show::glyph(c.status)).collect()
}

fn ids<'a>(row: &Row<'a>, which: impl Fn(Status) -> bool) -> Vec<&'a str> {
    row.constraints().filter(|c| which(c.status)).map(|c| c.constraint.short_name()).collect()
}

impl Column {
    /// The columns named, or the default ones: with `labels`, tags and notes too, with `passages`
    /// where the text has what is looked up.
    pub fn all(names: &[String], labels: bool, passages: bool) -> Result<Vec<Self>> {
        if names.is_empty() {
            let labels = LABELS.iter().filter(|_| labels);
            let passages = PASSAGES.iter().filter(|_| passages);
            return DEFAULT.iter().chain(labels).chain(passages).map(|name| Self::named(name)).collect();
        }
        names.iter().map(|name| Self::named(name.trim())).collect()
    }

    fn named(name: &str) -> Result<Self> {
        if let Some(entry) = COLUMNS.iter().find(|entry| entry.name == name) {
            return Ok(Self::Plain(entry));
        }
        match name.split_once('.') {
            Some(("margin", id)) if !id.is_empty() => Ok(Self::Margin(id.to_owned())),
            Some(("followed", id)) if !id.is_empty() => Ok(Self::Followed(id.to_owned())),
            _ => bail!("--columns: no column {name}; `--columns help` lists them"),
        }
    }

    /// Names and meanings, for `--columns help`.
    pub fn listed() -> impl Iterator<Item = (&'static str, &'static str)> {
        let named = COLUMNS.iter().map(|entry| (entry.name, entry.about));
        named.chain([
            ("margin.ID", "distance to the border of one constraint, below 0 when broken"),
            ("followed.ID", "whether one constraint was followed"),
        ])
    }

    /// What stands above it.
    pub fn name(&self) -> String {
        match self {
            Self::Plain(entry) => entry.name.to_owned(),
            Self::Margin(id) => format!("margin.{id}"),
            Self::Followed(id) => format!("followed.{id}"),
        }
    }

    /// Whether the record must be read.
    pub fn reads(&self) -> bool {
        matches!(self, Self::Plain(Entry { value: From::Record(_), .. }))
    }

    /// Whether it is about the hits of the query.
    pub fn is_passage(&self) -> bool {
        matches!(self, Self::Plain(Entry { value: From::Passage(_), .. }))
    }

    /// Whether it is what the user left on a generation.
    pub fn is_label(&self) -> bool {
        matches!(self, Self::Plain(Entry { value: From::Label(_), .. }))
    }

    /// Its value in a row. `record` is there when a column [reads](Self::reads), `ledger` when tags and
    /// notes are known, and `passage` when the text has what the query looks up.
    pub fn value(
        &self,
        library: &Library,
        row: &Row<'_>,
        record: Option<&Record>,
        ledger: Option<&Ledger>,
        passage: Option<&Passage>,
    ) -> Value {
        let of =
            |id: &str| row.constraints().find(|c| *c.constraint.id == *id || c.constraint.short_name() == id);
        match self {
            Self::Plain(entry) => match entry.value {
                From::Row(value) => value(library, row),
                From::Record(value) => record.map_or(Value::Null, value),
                From::Passage(value) => passage.map_or(Value::Null, value),
                From::Label(value) => ledger.map_or(Value::Null, |ledger| {
                    let bare = triage::Entry::default();
                    value(&ledger.names, ledger.get(row.content_key()).unwrap_or(&bare))
                }),
            },
            Self::Margin(id) => number(of(id).and_then(|c| c.margin)),
            Self::Followed(id) => json!(of(id).and_then(|c| c.status.followed())),
        }
    }
}
