//! The facets: values with counts, filtered by with a key.

use std::collections::BTreeMap;

use super::super::jobs::Found;
use crate::library::{Facet, Field, Query};

/// Sections that come folded: they say the same as another, or interest few.
const FOLDED: [Field; 6] =
    [Field::Run, Field::Constraint, Field::Category, Field::Group, Field::Saved, Field::Finish];

/// Sections in the order of the screen.
const ORDER: [Field; 14] = [
    Field::Model,
    Field::Condition,
    Field::Run,
    Field::Failed,
    Field::Verdict,
    Field::Correct,
    Field::Mode,
    Field::Setting,
    Field::Source,
    Field::Constraint,
    Field::Category,
    Field::Group,
    Field::Saved,
    Field::Finish,
];

/// One row of the pane.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FacetRow {
    /// The head of a section, with how many values it has.
    Section {
        /// The field.
        field: Field,
        /// Its values.
        values: usize,
        /// Its values are not shown.
        folded: bool,
    },
    /// A value.
    Value {
        /// The field.
        field: Field,
        /// The value.
        name: String,
        /// Generations that have it.
        count: usize,
        /// Asked for.
        asked: bool,
        /// Left out.
        excluded: bool,
        /// The largest count of its section.
        most: usize,
    },
}

impl FacetRow {
    /// The field it belongs to.
    pub fn field(&self) -> Field {
        match self {
            Self::Section { field, .. } | Self::Value { field, .. } => *field,
        }
    }

    fn same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Section { field: a, .. }, Self::Section { field: b, .. }) => a == b,
            (Self::Value { field: a, name: x, .. }, Self::Value { field: b, name: y, .. }) => {
                a == b && x == y
            }
            _ => false,
        }
    }
}

/// The pane.
#[derive(Debug, Clone, Default)]
pub struct FacetPane {
    /// What is shown.
    pub rows: Vec<FacetRow>,
    /// Number of the row under the cursor.
    pub cursor: usize,
    /// Number of the row at the top.
    pub top: usize,
    /// The cursor was moved: until then it stands on the first value, whatever comes in.
    pub touched: bool,
    /// Sections folded or unfolded by hand.
    pub folds: BTreeMap<String, bool>,
}

/// How the pane calls a field.
pub fn title(field: Field) -> &'static str {
    match field {
        Field::Failed => "not followed",
        Field::Constraint => "constraint asked",
        Field::Mode => "failure mode",
        Field::Correct => "answer correct",
        Field::Saved => "saved as correct",
        Field::Setting => "constraints",
        Field::Group => "file",
        other => other.name(),
    }
}

impl FacetPane {
    /// Takes new counts; the cursor stays on its value.
    pub fn refill(&mut self, found: &Found) {
        let under = self.rows.get(self.cursor).filter(|_| self.touched).cloned();
        self.rows = rows(found, &self.folds);
        let kept = under.and_then(|row| {
            let same = self.rows.iter().position(|r| r.same(&row));
            same.or_else(|| self.rows.iter().position(|r| r.field() == row.field()))
        });
        self.cursor = kept.unwrap_or_else(|| self.first_value());
        self.clamp();
    }

    fn first_value(&self) -> usize {
        self.rows.iter().position(|r| matches!(r, FacetRow::Value { .. })).unwrap_or(0)
    }

    fn clamp(&mut self) {
        self.cursor = self.cursor.min(self.rows.len().saturating_sub(1));
    }

    /// Moves the cursor by rows.
    pub fn move_by(&mut self, rows: isize) {
        self.touched = true;
        self.cursor = self.cursor.saturating_add_signed(rows);
        self.clamp();
    }

    /// Goes to the first value of the next or the previous section.
    pub fn section(&mut self, forward: bool) {
        self.touched = true;
        let heads: Vec<usize> = self
            .rows
            .iter()
            .enumerate()
            .filter(|(_, r)| matches!(r, FacetRow::Section { .. }))
            .map(|(i, _)| i)
            .collect();
        let here = heads.iter().rposition(|&h| h <= self.cursor).unwrap_or(0);
        let next = if forward { here + 1 } else { here.saturating_sub(1) };
        let Some(&head) = heads.get(next) else { return };
        let value = matches!(self.rows.get(head + 1), Some(FacetRow::Value { .. }));
        self.cursor = head + usize::from(value);
    }

    /// Folds or unfolds the section under the cursor.
    pub fn fold(&mut self, found: &Found) {
        self.touched = true;
        let Some(field) = self.rows.get(self.cursor).map(FacetRow::field) else { return };
        let folded = self
            .rows
            .iter()
            .any(|r| matches!(r, FacetRow::Section { field: f, folded: true, .. } if *f == field));
        self.folds.insert(field.name().to_owned(), !folded);
        if let Some(head) = self.rows.iter().position(|r| r.field() == field) {
            self.cursor = head;
        }
        self.refill(found);
    }

    /// Keeps the cursor in sight of so many rows.
    pub fn keep_in_sight(&mut self, height: u16) {
        let height = usize::from(height.max(1));
        self.top = self.top.min(self.rows.len().saturating_sub(height));
        if self.cursor < self.top {
            // The head of a section comes along with its first value.
            let head = matches!(self.rows.get(self.cursor.saturating_sub(1)), Some(FacetRow::Section { .. }));
            self.top = self.cursor - usize::from(head && self.cursor > 0);
        } else if self.cursor >= self.top + height {
            self.top = self.cursor + 1 - height;
        }
    }

    /// The query with the value under the cursor asked for or no longer; `None` on the head of a
    /// section.
    pub fn toggled(&self, query: &Query) -> Option<Query> {
        match self.rows.get(self.cursor)? {
            FacetRow::Value { field, name, .. } => Some(query.toggle(*field, name)),
            FacetRow::Section { .. } => None,
        }
    }

    /// The query with the value under the cursor left out or no longer.
    pub fn excluded(&self, query: &Query) -> Option<Query> {
        match self.rows.get(self.cursor)? {
            FacetRow::Value { field, name, .. } => Some(query.exclude(*field, name)),
            FacetRow::Section { .. } => None,
        }
    }
}

fn rows(found: &Found, folds: &BTreeMap<String, bool>) -> Vec<FacetRow> {
    let runs = found.library.live_runs().count();
    let models = found.facets.get(Field::Model).map_or(0, |f| f.values.len());
    let mut rows = Vec::new();
    for facet in ORDER.iter().filter_map(|&field| found.facets.get(field)) {
        if !says_something(facet, runs, models) {
            continue;
        }
        let field = facet.field;
        let asked = facet.values.iter().any(|v| v.asked || v.excluded);
        let by_default = FOLDED.contains(&field) && !asked;
        let folded = folds.get(field.name()).copied().unwrap_or(by_default);
        rows.push(FacetRow::Section { field, values: facet.values.len(), folded });
        if folded {
            continue;
        }
        let most = facet.values.iter().map(|v| v.count).max().unwrap_or(0);
        let mut values: Vec<_> = facet.values.iter().collect();
        // Names of a fixed order stay; where any order is as good, the most frequent come first.
        if matches!(field, Field::Failed | Field::Constraint | Field::Mode) {
            values.sort_by_key(|v| std::cmp::Reverse(v.count));
        }
        rows.extend(values.into_iter().map(|v| FacetRow::Value {
            field,
            name: v.name.clone(),
            count: v.count,
            asked: v.asked,
            excluded: v.excluded,
            most,
        }));
    }
    rows
}

/// Whether a section tells anything apart.
fn says_something(facet: &Facet, runs: usize, models: usize) -> bool {
    if facet.values.iter().any(|v| v.asked || v.excluded) {
        return true;
    }
    match facet.field {
        Field::Run => runs > models && runs > 1,
        Field::Failed | Field::Mode => !facet.values.is_empty(),
        _ => facet.values.len() > 1,
    }
}
