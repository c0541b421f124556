//! Rows of named values in any of the forms of a list.

use std::borrow::Cow;

use anyhow::Result;
use serde_json::{Map, Value};

use super::output::{Output, Style, Table, defanged};
use crate::cli::ListFormat;
use crate::text::{visible, width};

/// Widest cell of a table, in columns: a whole output does not belong in one.
const WIDEST: usize = 80;

/// Rows of named values.
#[derive(Debug, Clone, Default)]
pub struct Rows {
    /// Names of the values.
    pub names: Vec<String>,
    /// The values, one for each name.
    pub rows: Vec<Vec<Value>>,
}

impl Rows {
    /// Rows with these names, none yet.
    pub fn new(names: &[&str]) -> Self {
        Self { names: names.iter().map(|&name| name.to_owned()).collect(), rows: Vec::new() }
    }

    /// Writes them. With `raw`, cells stay as they are even where a spreadsheet would run them.
    pub fn write(&self, format: ListFormat, raw: bool, out: &mut Output) -> Result<()> {
        match format {
            ListFormat::Table => self.table(out)?,
            ListFormat::Markdown => self.markdown(out)?,
            ListFormat::Json => {
                out.json(&self.rows.iter().map(|row| self.object(row)).collect::<Vec<_>>())?;
            }
            ListFormat::Jsonl => self.rows.iter().try_for_each(|row| out.json_line(&self.object(row)))?,
            ListFormat::Csv | ListFormat::Tsv => {
                let tabs = format == ListFormat::Tsv;
                out.cells(self.names.iter().map(|name| Cow::Borrowed(name.as_str())), tabs)?;
                for row in &self.rows {
                    out.cells(row.iter().map(|value| csv(value, raw)), tabs)?;
                }
            }
        }
        Ok(())
    }

    fn object(&self, row: &[Value]) -> Map<String, Value> {
        self.names.iter().cloned().zip(row.iter().cloned()).collect()
    }

    /// Whether a column holds numbers, which are set to the right.
    fn is_number(&self, column: usize) -> bool {
        self.rows.iter().all(|row| row[column].is_number() || row[column].is_null())
    }

    fn table(&self, out: &mut Output) -> Result<()> {
        if self.rows.is_empty() {
            return Ok(());
        }
        let headings: Vec<String> = self
            .names
            .iter()
            .enumerate()
            .map(|(i, name)| format!("{}{name}", if self.is_number(i) { ">" } else { "" }))
            .collect();
        let mut table = Table::new(&headings.iter().map(String::as_str).collect::<Vec<_>>());
        for row in &self.rows {
            let cells = row.iter().map(|value| {
                let style = match value {
                    Value::Bool(true) => Style::Good,
                    Value::Bool(false) => Style::Bad,
                    _ => Style::Plain,
                };
                (visible(&width::cut(&visible(&rounded(value)), WIDEST)), style)
            });
            table.row(cells.collect());
        }
        Ok(table.write(out)?)
    }

    /// A table of GitHub's Markdown.
    pub fn markdown(&self, out: &mut Output) -> Result<()> {
        let line = |cells: Vec<String>| visible(&format!("| {} |", cells.join(" | ")));
        out.line(&line(self.names.iter().map(|name| escaped(name)).collect()), Style::Plain)?;
        let rule = (0..self.names.len()).map(|i| if self.is_number(i) { "--:" } else { "---" }.to_owned());
        out.line(&line(rule.collect()), Style::Plain)?;
        for row in &self.rows {
            let cells = row.iter().map(|value| escaped(&rounded(value))).collect();
            out.line(&line(cells), Style::Plain)?;
        }
        Ok(())
    }
}

/// A text inside of a cell of a Markdown table: on one line, nothing in it acts.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' | '\r' | '\t' => out.push(' '),
            '|' | '\\' | '`' | '*' | '_' | '<' | '[' | ']' | '~' => out.extend(['\\', c]),
            c => out.push(c),
        }
    }
    out
}

/// A value as words for people: a share has four digits.
fn rounded(value: &Value) -> String {
    match value {
        Value::Number(number) if number.is_f64() => {
            number.as_f64().map_or_else(String::new, |x| {
                let short = format!("{x:.4}");
                // What has fewer digits keeps those it has.
                if short.parse() == Ok(x) { x.to_string() } else { short }
            })
        }
        other => words(other),
    }
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
