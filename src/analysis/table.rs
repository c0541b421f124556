//! Shares by two fields of a library.

use std::collections::HashMap;

use super::metrics::Tally;
use crate::library::{Cancel, Field, Library, Row, Selection};

/// What a table counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, clap::ValueEnum)]
pub enum Counted {
    /// All constraints followed; where a field of the table tells constraints apart, all those of
    /// the value. So every cell counts generations, and its n is what a query for it selects.
    Followed,
    /// Final answers right.
    Right,
}

impl Counted {
    /// The word shown.
    pub fn name(self) -> &'static str {
        match self {
            Self::Followed => "followed",
            Self::Right => "right",
        }
    }
}

/// Shares by two fields.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    /// What is counted.
    pub counted: Counted,
    /// Field of the rows.
    pub row_field: Field,
    /// Field of the columns.
    pub column_field: Field,
    /// Values of the row field that occur, as a query writes them.
    pub rows: Vec<String>,
    /// Values of the column field that occur.
    pub columns: Vec<String>,
    /// One tally for every row and column.
    pub cells: Vec<Vec<Tally>>,
}

/// Fields by which a table can be made.
pub const FIELDS: [Field; 9] = [
    Field::Constraint,
    Field::Category,
    Field::Model,
    Field::Run,
    Field::Condition,
    Field::Setting,
    Field::Source,
    Field::Mode,
    Field::Finish,
];

/// Counts a selection by two different [`FIELDS`]. Values without a generation are left out; a
/// generation with several values of a field counts for each.
///
/// `None` when cancelled.
pub fn tabulate(
    library: &Library,
    selection: &Selection,
    (row_field, column_field): (Field, Field),
    counted: Counted,
    cancel: &Cancel,
) -> Option<Table> {
    let (down, across) = (Axis::new(library, row_field), Axis::new(library, column_field));
    let mut cells = vec![vec![Tally::default(); across.names.len()]; down.names.len()];
    let by_constraint = counted == Counted::Followed && (down.of_verdict() || across.of_verdict());
    let (mut rows, mut columns, mut found) = (Vec::new(), Vec::new(), Vec::new());
    for (i, row) in selection.iter().enumerate() {
        if i % 4096 == 0 && cancel.is_cancelled() {
            return None;
        }
        let row = library.row(row);
        found.clear();
        let mut add = |fact: Option<bool>, constraint| {
            down.values(&row, constraint, &mut rows);
            across.values(&row, constraint, &mut columns);
            for (&r, &c) in rows.iter().flat_map(|r| columns.iter().map(move |c| (r, c))) {
                match found.iter_mut().find(|(at, _)| *at == (r, c)) {
                    Some((_, known)) => *known = all_of(*known, fact),
                    None => found.push(((r, c), fact)),
                }
            }
        };
        if by_constraint {
            row.constraints().for_each(|cell| add(cell.status.followed(), Some(cell.number)));
        } else {
            let fact = match counted {
                Counted::Followed => row.hacc(),
                Counted::Right => row.correct(),
            };
            add(fact, None);
        }
        for &((r, c), fact) in &found {
            cells[r][c].add(fact);
        }
    }
    let kept_rows: Vec<usize> =
        (0..down.names.len()).filter(|&r| cells[r].iter().any(|t| t.n() > 0)).collect();
    let kept_columns: Vec<usize> =
        (0..across.names.len()).filter(|&c| cells.iter().any(|row| row[c].n() > 0)).collect();
    Some(Table {
        counted,
        row_field,
        column_field,
        rows: kept_rows.iter().map(|&r| down.names[r].clone()).collect(),
        columns: kept_columns.iter().map(|&c| across.names[c].clone()).collect(),
        cells: kept_rows.iter().map(|&r| kept_columns.iter().map(|&c| cells[r][c]).collect()).collect(),
    })
}

/// Whether both hold: one that is known not to decides, else one that is not known.
fn all_of(a: Option<bool>, b: Option<bool>) -> Option<bool> {
    match (a, b) {
        (Some(false), _) | (_, Some(false)) => Some(false),
        (Some(true), Some(true)) => Some(true),
        _ => None,
    }
}

/// The values of a field, and how a row's are found.
struct Axis {
    field: Field,
    names: Vec<String>,
    /// Place in `names` by run, item or constraint number, whichever the field hangs on.
    code: Vec<usize>,
}

impl Axis {
    fn new(library: &Library, field: Field) -> Self {
        let runs = |text: fn(&crate::record::Run) -> &str| -> Vec<String> {
            library.runs().iter().map(|r| text(&r.run).to_owned()).collect()
        };
        let owners: Vec<String> = match field {
            Field::Model => runs(|r| &r.model),
            Field::Run => runs(|r| &r.name),
            Field::Condition => runs(|r| &r.condition),
            Field::Source => library.items().iter().map(|i| i.source.to_string()).collect(),
            Field::Setting => library.items().iter().map(|i| i.setting.to_owned()).collect(),
            Field::Constraint => {
                let all = library.constraints();
                let shared = |short: &str| all.iter().filter(|c| c.short_name() == short).count() > 1;
                all.iter()
                    .map(|c| if shared(c.short_name()) { c.id.as_ref() } else { c.short_name() }.to_owned())
                    .collect()
            }
            Field::Category => library.constraints().iter().map(|c| c.category_name().to_owned()).collect(),
            _ => Vec::new(),
        };
        // As a query writes them.
        let owners: Vec<String> =
            owners.into_iter().map(|o| if o.is_empty() { "unknown".to_owned() } else { o }).collect();
        let mut names = library.values(field);
        if field == Field::Constraint {
            let category = |name: &String| {
                owners.iter().position(|o| o == name).map(|i| library.constraints()[i].category)
            };
            names.sort_by_key(|name| (category(name), name.clone()));
        }
        let places: HashMap<&str, usize> = names.iter().enumerate().map(|(i, n)| (n.as_str(), i)).collect();
        let code = owners.iter().map(|o| places.get(o.as_str()).copied().unwrap_or(usize::MAX)).collect();
        Self { field, names, code }
    }

    fn of_verdict(&self) -> bool {
        matches!(self.field, Field::Constraint | Field::Category)
    }

    /// The values of a row; of one of its constraints where that is given and the field tells
    /// constraints apart.
    fn values(&self, row: &Row<'_>, constraint: Option<u32>, out: &mut Vec<usize>) {
        out.clear();
        let coded = |number: u32| self.code.get(number as usize).copied().unwrap_or(usize::MAX);
        match self.field {
            Field::Model | Field::Run | Field::Condition => out.push(coded(row.run_number())),
            Field::Source | Field::Setting => out.push(coded(row.item_number())),
            Field::Constraint | Field::Category => {
                if let Some(number) = constraint {
                    out.push(coded(number));
                } else {
                    out.extend(row.item().constraints.iter().map(|&c| coded(c)));
                    out.sort_unstable();
                    out.dedup();
                }
            }
            Field::Mode => out.extend(row.modes().iter().filter_map(|mode| self.place(mode.name()))),
            Field::Finish => {
                out.extend(self.place(row.finish().map_or("unknown", crate::record::Finish::name)));
            }
            _ => {}
        }
        out.retain(|&place| place < self.names.len());
    }

    fn place(&self, name: &str) -> Option<usize> {
        self.names.iter().position(|n| n == name)
    }
}
