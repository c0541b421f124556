//! Completion of the query line: field names, values with counts, queries asked before.

use super::super::line::Line;
use super::App;
use crate::library::query::fields;
use crate::library::{Field, Query};
use crate::triage::Tag;

/// The most choices shown.
const MOST: usize = 12;

/// Something that could come next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// What is put in.
    pub text: String,
    /// Bytes before the cursor that it takes the place of.
    pub over: usize,
    /// What it means, or how many have it.
    pub about: String,
    /// Nothing more is needed after it.
    whole: bool,
}

impl Choice {
    /// Whether the query can be asked as it is after this.
    pub fn is_whole(&self) -> bool {
        self.whole
    }

    /// Whether it is the filter by the name that was typed without its field.
    fn names(&self, typed: &str) -> bool {
        let value = self.text.split_once(':').map(|(_, value)| value.trim_end().trim_matches('"'));
        self.whole && self.over > 0 && value.is_some_and(|value| value.eq_ignore_ascii_case(typed))
    }

    /// Puts it into a line.
    pub fn put_into(&self, line: &mut Line) {
        line.replace_before(self.over, &self.text);
    }
}

/// What could come next after the text before the cursor.
pub fn choices(app: &App, before: &str) -> Vec<Choice> {
    let start = before.rfind([' ', '(', '\t']).map_or(0, |at| at + 1);
    let term = before[start..].trim_start_matches('-');
    let mut found = match term.split_once(':') {
        Some((name, values)) => {
            let value = values.rsplit(',').next().unwrap_or(values);
            Field::from_name(name).map(|field| of_field(app, field, value)).unwrap_or_default()
        }
        None if term.is_empty() && before.trim().is_empty() => {
            let mut past = past(app);
            past.extend(names(""));
            past
        }
        None => {
            let mut found = names(term);
            // A value can be found without knowing its field: `comma` offers `failed:no_comma`.
            if term.chars().count() >= 2 {
                found.extend(anywhere(app, term));
            }
            found
        }
    };
    // A whole name comes first: it was hardly meant as a word.
    if let Some(at) = found.iter().position(|choice| choice.names(term)) {
        found[..=at].rotate_right(1);
    }
    found.truncate(MOST);
    found
}

/// The filter that the word before the cursor names as a whole: `mode:near-miss` for `near-miss`.
pub fn meant(choices: &[Choice], before: &str) -> Option<String> {
    let first = choices.first()?;
    let term = before.len().checked_sub(first.over).and_then(|at| before.get(at..))?;
    first.names(term).then(|| first.text.trim_end().to_owned())
}

fn quoted(value: &str) -> String {
    let mut query = Query::default().with(Field::Model, value).to_string();
    query.split_off("model:".len())
}

/// The tags in use and the tags with a name.
fn tags(app: &App, typed: &str) -> Vec<Choice> {
    let ledger = &app.triage.ledger;
    let wanted = typed.trim_matches('"').to_lowercase();
    Tag::all()
        .map(|tag| (ledger.names.label(tag), tag, ledger.tagged(tag).count()))
        .filter(|(label, tag, n)| *n > 0 || *label != tag.to_string())
        .filter(|(label, tag, _)| label.to_lowercase().contains(&wanted) || tag.to_string() == wanted)
        .map(|(label, _, n)| Choice {
            text: format!("{} ", quoted(&label)),
            over: typed.len(),
            about: crate::text::width::count(n),
            whole: true,
        })
        .collect()
}

fn of_field(app: &App, field: Field, typed: &str) -> Vec<Choice> {
    if field == Field::Tag {
        return tags(app, typed);
    }
    if field.is_askers() {
        let wanted = typed.to_lowercase();
        let names = field.closed_values().unwrap_or_default().into_iter();
        let whole = |name: &str| Choice {
            text: format!("{name} "),
            over: typed.len(),
            about: String::new(),
            whole: true,
        };
        return names.filter(|name| name.contains(&wanted)).map(whole).collect();
    }
    let Some(facet) = app.found.as_ref().and_then(|f| f.facets.get(field)) else { return Vec::new() };
    let wanted = typed.trim_matches('"').to_lowercase();
    let mut values: Vec<_> =
        facet.values.iter().filter(|v| v.name.to_lowercase().contains(&wanted)).collect();
    values.sort_by_key(|v| (!v.name.to_lowercase().starts_with(&wanted), std::cmp::Reverse(v.count)));
    values
        .into_iter()
        .map(|v| Choice {
            text: format!("{} ", quoted(&v.name)),
            over: typed.len(),
            about: crate::text::width::count(v.count),
            whole: true,
        })
        .collect()
}

fn names(typed: &str) -> Vec<Choice> {
    let wanted = typed.to_lowercase();
    fields()
        .into_iter()
        .filter(|f| f.name.starts_with(&wanted))
        .map(|f| {
            // What follows the name is part of how it is written: `trace>2000`, `in:trace`.
            let colon = if f.field.is_some() || f.name == "in" { ":" } else { "" };
            Choice {
                text: format!("{}{colon}", f.name),
                over: typed.len(),
                about: format!("{}   {}", f.about, f.example),
                whole: false,
            }
        })
        .collect()
}

fn anywhere(app: &App, typed: &str) -> Vec<Choice> {
    let wanted = typed.to_lowercase();
    let Some(found) = &app.found else { return Vec::new() };
    let fields = [
        Field::Failed,
        Field::Model,
        Field::Run,
        Field::Condition,
        Field::Mode,
        Field::Source,
        Field::Verdict,
        Field::Constraint,
    ];
    let mut choices = Vec::new();
    for field in fields {
        let Some(facet) = found.facets.get(field) else { continue };
        for value in facet.values.iter().filter(|v| v.name.to_lowercase().contains(&wanted)) {
            choices.push(Choice {
                text: format!("{}:{} ", field.name(), quoted(&value.name)),
                over: typed.len(),
                about: crate::text::width::count(value.count),
                whole: true,
            });
        }
    }
    choices
}

fn past(app: &App) -> Vec<Choice> {
    let asked = app.session.history.iter().rev().take(4);
    asked
        .map(|query| Choice { text: query.clone(), over: 0, about: "asked before".into(), whole: true })
        .collect()
}
