//! The matrix: shares by two fields, with a cursor.

use ratatui::layout::{Position, Rect};

use super::super::jobs::List as Listed;
use super::super::survey::{Finding, Request};
use super::super::view::matrix::Matrix;
use super::super::view::survey::{self, FlipHit, PlotHit};
use super::flips::Compared;
use super::{Action, App, Screen};
use crate::analysis::Counted;
use crate::analysis::table::FIELDS;
use crate::library::{Field, Query};
use crate::text::Safe;

/// The screen of the matrix.
#[derive(Debug, Clone)]
pub struct MatrixScreen {
    /// Fields of rows and columns.
    pub fields: (Field, Field),
    /// What is counted.
    pub counted: Counted,
    /// Row and column of the cursor.
    pub cursor: (usize, usize),
    /// What was counted, when it was.
    pub matrix: Option<Matrix>,
}

impl Default for MatrixScreen {
    fn default() -> Self {
        Self {
            fields: (Field::Constraint, Field::Run),
            counted: Counted::Followed,
            cursor: (0, 0),
            matrix: None,
        }
    }
}

/// The field after one that is neither it nor the other.
fn next_field(field: Field, other: Field) -> Field {
    let at = FIELDS.iter().position(|&f| f == field).unwrap_or(0);
    let mut following = FIELDS.iter().cycle().skip(at + 1).copied();
    following.find(|&f| f != other).unwrap_or(field)
}

impl MatrixScreen {
    /// What must be counted for it.
    pub fn request(&self) -> Request {
        Request::Matrix { fields: self.fields, counted: self.counted }
    }

    /// Takes what was counted. The cursor stays on its cell, by the names of row and column; within, where
    /// those are not there any more.
    pub fn take(&mut self, matrix: Matrix) {
        if let Some(before) = &self.matrix {
            let place = |at: usize, before: &[Safe], now: &[Safe]| {
                before.get(at).and_then(|name| now.iter().position(|other| other == name)).unwrap_or(at)
            };
            self.cursor.0 = place(self.cursor.0, &before.rows, &matrix.rows);
            self.cursor.1 = place(self.cursor.1, &before.columns, &matrix.columns);
        }
        self.cursor.0 = self.cursor.0.min(matrix.rows.len().saturating_sub(1));
        self.cursor.1 = self.cursor.1.min(matrix.columns.len().saturating_sub(1));
        self.matrix = Some(matrix);
    }

    /// The query of the cell under the cursor.
    fn link(&self, query: &Query) -> Option<Query> {
        let matrix = self.matrix.as_ref()?;
        let (row, column) = (matrix.rows.get(self.cursor.0)?, matrix.columns.get(self.cursor.1)?);
        Some(query.with(self.fields.0, row).with(self.fields.1, column))
    }
}

impl App {
    /// An action in the matrix.
    pub(super) fn act_matrix(&mut self, action: Action) {
        let page = usize::from(self.areas().body.height.saturating_sub(5).max(1));
        let screen = &mut self.matrix;
        let (rows, columns) = screen.matrix.as_ref().map_or((0, 0), |m| (m.rows.len(), m.columns.len()));
        let (row, column) = screen.cursor;
        let within = |at: usize, len: usize| at.min(len.saturating_sub(1));
        match action {
            Action::Back => self.close(),
            Action::Down => screen.cursor.0 = within(row + 1, rows),
            Action::Up => screen.cursor.0 = row.saturating_sub(1),
            Action::Right => screen.cursor.1 = within(column + 1, columns),
            Action::Left => screen.cursor.1 = column.saturating_sub(1),
            Action::HalfDown | Action::PageDown => screen.cursor.0 = within(row + page, rows),
            Action::HalfUp | Action::PageUp => screen.cursor.0 = row.saturating_sub(page),
            Action::Top => screen.cursor = (0, 0),
            Action::Bottom => screen.cursor.0 = within(rows, rows),
            Action::NextRowField => {
                screen.fields.0 = next_field(screen.fields.0, screen.fields.1);
                self.recount();
            }
            Action::NextColumnField => {
                screen.fields.1 = next_field(screen.fields.1, screen.fields.0);
                self.recount();
            }
            Action::SwapSides => {
                screen.fields = (screen.fields.1, screen.fields.0);
                screen.cursor = (column, row);
                self.recount();
            }
            Action::NextMeasure => {
                screen.counted = match screen.counted {
                    Counted::Followed => Counted::Right,
                    Counted::Right => Counted::Followed,
                };
                self.recount();
            }
            Action::Enter | Action::ToggleValue => {
                if let Some(query) = self.matrix.link(&self.ask.query) {
                    self.enter_query(query);
                }
            }
            _ => {}
        }
    }

    /// Asks a query that something counted stands for, and shows its generations.
    pub(super) fn enter_query(&mut self, query: Query) {
        self.ask(query);
        self.screens.truncate(1);
        self.browse.focus = super::Pane::List;
    }

    /// Opens a screen and has counted what it shows.
    pub(super) fn open_counted(&mut self, screen: Screen) {
        // One of them is enough on the way back.
        self.screens.retain(|s| !matches!(s, Screen::Matrix | Screen::Plots | Screen::Flips));
        self.open(screen);
        self.recount();
    }

    /// A click on something counted chooses it; on what is chosen already it goes in.
    pub(super) fn click_counted(&mut self, area: Rect, at: Position) {
        match self.screen() {
            Screen::Matrix => {
                let Some(cell) = survey::cell_at(self, area, at) else { return };
                if cell == self.matrix.cursor {
                    self.act_matrix(Action::Enter);
                } else {
                    self.matrix.cursor = cell;
                }
            }
            Screen::Plots => match survey::plot_at(self, area, at) {
                Some(PlotHit::Tab(place)) => {
                    self.plots.go(place);
                    self.recount();
                }
                Some(PlotHit::Thing(thing)) if thing == self.plots.chosen => self.act_plots(Action::Enter),
                Some(PlotHit::Thing(thing)) => self.plots.chosen = thing,
                None => {}
            },
            _ => match survey::flip_at(self, area, at) {
                Some(FlipHit::Count(contest, kind)) => self.flips.choose(contest, kind),
                Some(FlipHit::Line(line)) => {
                    let place = self.flips.list.top + line;
                    if place == self.flips.list.cursor {
                        self.act_flips(Action::Enter);
                    } else if place < self.flips.order.len() {
                        self.flips.list.cursor = place;
                    }
                }
                None => {}
            },
        }
    }

    /// What the screen in sight must have counted.
    fn request(&self) -> Option<Request> {
        match self.screen() {
            Screen::Matrix => Some(self.matrix.request()),
            Screen::Plots => Some(self.plots.request()),
            Screen::Flips => self.flips.request(&self.found.as_ref()?.library),
            Screen::Runs => Some(Request::Runs),
            _ => None,
        }
    }

    /// Has counted anew what the screen in sight shows.
    pub(super) fn recount(&mut self) {
        let (Some(request), Some(found)) = (self.request(), &self.found) else { return };
        self.effects.push(super::Effect::Job(super::Job::Survey {
            library: found.library.clone(),
            selection: found.selection.clone(),
            request,
        }));
    }

    /// Takes what was counted, unless something else is wanted by now.
    pub(super) fn take_survey(&mut self, list: Listed, request: Request, finding: Finding) {
        // Numbers of runs and rows are those of the list that it was counted over.
        let newest = self.found.as_ref().is_some_and(|found| list.is_of(found));
        if !newest || self.request() != Some(request) {
            return;
        }
        match finding {
            Finding::Matrix(matrix) => self.matrix.take(matrix),
            Finding::Chart(chart) => self.plots.take(*chart),
            Finding::Flips(comparison) => {
                let compared = Compared { library: list.library, comparison: *comparison };
                if !self.flips.take(compared) {
                    self.say("the pair under the cursor is not among them any more");
                }
            }
            Finding::Runs(summaries) => self.take_figures(list.library, summaries),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_go_round_and_are_never_the_same() {
        let mut fields = (Field::Constraint, Field::Run);
        for _ in 0..40 {
            fields.0 = next_field(fields.0, fields.1);
            assert_ne!(fields.0, fields.1);
            fields.1 = next_field(fields.1, fields.0);
            assert_ne!(fields.0, fields.1);
        }
    }
}
