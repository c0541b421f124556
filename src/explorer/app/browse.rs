//! Browse and read: the list with its facets, and the generation under the cursor.

use ratatui::layout::Rect;

use super::super::effect::Slot;
use super::super::outside::Tool;
use super::facets::{FacetPane, FacetRow};
use super::{Action, App, List, Screen};
use crate::config::ListColumn;
use crate::library::{Held, SortKey, Unit};

/// A part of the first screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Pane {
    /// Values with counts.
    Facets,
    /// Generations.
    #[default]
    List,
    /// The generation under the cursor.
    Reading,
}

/// The first screen.
#[derive(Debug, Clone)]
pub struct Browse {
    /// The pane that has the keys.
    pub focus: Pane,
    /// It has the whole screen.
    pub zoomed: bool,
    /// The list.
    pub list: List,
    /// The facets.
    pub facets: FacetPane,
    /// Columns of the facets.
    pub facets_width: u16,
    /// Share of the list in what the facets leave, in per cent.
    pub list_share: u16,
    /// What was read before its twin was shown.
    pub before_twin: Option<Held>,
    /// The columns that the list shows; all when `None`.
    pub columns: Option<Vec<ListColumn>>,
}

impl Default for Browse {
    fn default() -> Self {
        Self {
            focus: Pane::List,
            zoomed: false,
            list: List::default(),
            facets: FacetPane::default(),
            facets_width: 27,
            list_share: 55,
            before_twin: None,
            columns: None,
        }
    }
}

/// Lines of generations in a list of this height: one is the head.
pub fn list_rows(height: u16) -> u16 {
    if height >= 5 { height - 1 } else { height }
}

impl App {
    /// Generations that a list has room for.
    pub fn list_rows(&self, area: Rect) -> u16 {
        (list_rows(area.height) / self.lines_of_row(area.width)).max(1)
    }

    /// An action on the first screen.
    pub(super) fn act_browse(&mut self, action: Action) {
        match action {
            Action::FocusFacets => {
                self.browse.focus = Pane::Facets;
                self.browse.facets.touched = true;
            }
            Action::NextPane => self.turn(true),
            Action::PreviousPane => self.turn(false),
            Action::Zoom => self.browse.zoomed = !self.browse.zoomed,
            Action::Back => self.back_in_browse(),
            Action::FoldSamples => self.fold_samples(),
            Action::SortNext => self.sort_next(),
            Action::SortReverse => self.sort_reverse(),
            Action::SortLibrary => self.sort_by(SortKey::Library),
            Action::SortRun => self.sort_by(SortKey::Run),
            Action::SortItem => self.sort_by(SortKey::Item),
            Action::SortVerdict => self.sort_by(SortKey::Verdict),
            Action::SortCorrect => self.sort_by(SortKey::Correct),
            Action::SortTrace => self.sort_by(SortKey::Trace(Unit::Words)),
            Action::SortAnswer => self.sort_by(SortKey::Answer(Unit::Words)),
            Action::SortMargin => self.sort_by(SortKey::Margin),
            Action::SortRelevance => self.sort_by(SortKey::Relevance),
            _ => match self.browse.focus {
                Pane::Facets => self.act_facets(action),
                Pane::List => self.act_list(action),
                Pane::Reading => self.act_reading(action),
            },
        }
    }

    fn turn(&mut self, forward: bool) {
        let order = [Pane::Facets, Pane::List, Pane::Reading];
        let at = order.iter().position(|&p| p == self.browse.focus).unwrap_or(1);
        self.browse.focus = order[(at + if forward { 1 } else { 2 }) % 3];
    }

    /// Esc: a scan, zoom, then focus, then the last filter.
    fn back_in_browse(&mut self) {
        if self.ask.scanning.is_some() {
            self.stop_scan();
        } else if self.browse.zoomed {
            self.browse.zoomed = false;
        } else if self.browse.focus != Pane::List {
            self.browse.focus = Pane::List;
        } else if !self.ask.query.is_empty() {
            self.ask(self.ask.query.without_last());
        }
    }

    fn act_facets(&mut self, action: Action) {
        let height = self.areas().facets.map_or(1, |a| a.height);
        let page = isize::try_from(height.max(2)).unwrap_or(2);
        match action {
            Action::Down => self.browse.facets.move_by(1),
            Action::Up => self.browse.facets.move_by(-1),
            Action::HalfDown => self.browse.facets.move_by(page / 2),
            Action::HalfUp => self.browse.facets.move_by(-(page / 2)),
            Action::PageDown => self.browse.facets.move_by(page - 1),
            Action::PageUp => self.browse.facets.move_by(1 - page),
            Action::Top => self.browse.facets.move_by(isize::MIN),
            Action::Bottom => self.browse.facets.move_by(isize::MAX),
            Action::NextSection => self.browse.facets.section(true),
            Action::PreviousSection => self.browse.facets.section(false),
            Action::FoldSection | Action::Left => self.fold_section(),
            Action::Right => self.browse.focus = Pane::List,
            Action::ToggleValue => {
                self.toggle_value();
            }
            Action::ExcludeValue => {
                if let Some(query) = self.browse.facets.excluded(&self.ask.query) {
                    self.ask(query);
                }
            }
            // In: what was chosen is looked at next.
            Action::Enter => {
                if self.toggle_value() {
                    self.browse.focus = Pane::List;
                }
            }
            _ => self.act_generation(action),
        }
    }

    fn fold_section(&mut self) {
        if let Some(found) = &self.found {
            self.browse.facets.fold(found);
        }
    }

    /// Filters by the value under the cursor, or no longer; on the head of a section it folds.
    /// Whether it was a value that is asked for now.
    pub(super) fn toggle_value(&mut self) -> bool {
        let Some(query) = self.browse.facets.toggled(&self.ask.query) else {
            self.fold_section();
            return false;
        };
        let row = self.browse.facets.rows.get(self.browse.facets.cursor);
        let was_asked = matches!(row, Some(FacetRow::Value { asked: true, .. }));
        self.ask(query);
        !was_asked
    }

    fn act_list(&mut self, action: Action) {
        let height = self.areas().list.map_or(1, |a| self.list_rows(a));
        let len = self.len();
        let before = self.browse.list.cursor;
        match action {
            Action::NextItem => self.browse.list.move_by(1, len),
            Action::PreviousItem => self.browse.list.move_by(-1, len),
            Action::Enter if self.at_cursor().is_some() => {
                self.open(Screen::Read);
                self.go_on_from_gone();
            }
            Action::Enter => {}
            Action::Left => self.browse.focus = Pane::Facets,
            Action::Right => self.browse.focus = Pane::Reading,
            _ if self.browse.list.act(action, height, len) => {}
            _ => self.act_generation(action),
        }
        if self.browse.list.cursor != before {
            self.read_cursor();
        }
    }

    fn act_reading(&mut self, action: Action) {
        match action {
            Action::Enter => {
                self.open(Screen::Read);
                self.go_on_from_gone();
            }
            Action::Left if !self.reader.unwrapped || self.reader.column == 0 => {
                self.browse.focus = Pane::List;
            }
            Action::NextItem | Action::PreviousItem => self.step_list(action == Action::NextItem),
            _ => self.act_generation(action),
        }
    }

    /// Goes to the next or the previous generation of the list and reads it.
    pub(super) fn step_list(&mut self, forward: bool) {
        let before = self.browse.list.cursor;
        let len = self.len();
        self.browse.list.move_by(if forward { 1 } else { -1 }, len);
        let stays = self.browse.list.cursor == before;
        if stays && self.browse.before_twin.is_none() && !self.reader.is_gone() {
            self.say(if forward { "this is the last of the list" } else { "this is the first of the list" });
        } else {
            self.read_cursor();
        }
    }

    /// An action on one generation, full screen.
    pub(super) fn act_read(&mut self, action: Action) {
        match action {
            Action::Back => self.close(),
            Action::Enter if self.reader.is_gone() => self.go_on_from_gone(),
            Action::Enter => self.act_generation(Action::NextMark),
            Action::NextItem => self.step_list(true),
            Action::PreviousItem => self.step_list(false),
            _ => self.act_generation(action),
        }
    }

    fn step_sample(&mut self, forward: bool) {
        let Some(document) = self.reader.document() else { return };
        if let Some(held) = document.standing.next_sample(forward) {
            self.read(Slot::Main, &held);
        }
    }

    /// Where the generation at hand is not in the files any more, reads the one under the cursor of the
    /// list.
    pub(super) fn go_on_from_gone(&mut self) {
        if self.reader.is_gone() {
            self.read_cursor();
        }
    }

    /// Actions that work wherever a generation is at hand.
    pub(super) fn act_generation(&mut self, action: Action) {
        match action {
            Action::Compare => self.compare(),
            Action::Twin => self.twin(),
            Action::ShowPrompt => self.show_prompt(),
            Action::NextSample => self.step_sample(true),
            Action::PreviousSample => self.step_sample(false),
            Action::Edit => self.edit(),
            Action::EditOutput => self.show_output(Tool::Editor),
            Action::Page => self.show_output(Tool::Pager),
            Action::Zoom => {}
            _ => {
                self.reader_in_hand_mut().act(action);
            }
        }
    }

    /// Shows the same item without constraints, or goes back from it.
    fn twin(&mut self) {
        if let Some(held) = self.browse.before_twin.take() {
            self.read(Slot::Main, &held);
            return;
        }
        let Some(document) = self.reader.document() else { return };
        if let Some(twin) = document.standing.twin() {
            self.browse.before_twin = Some(document.standing.here().clone());
            self.read(Slot::Main, &twin);
        }
    }
}
