//! The mouse: click, wheel, dragged dividers. It can do nothing that keys cannot.

use crossterm::event::{MouseButton, MouseEvent, MouseEventKind};
use ratatui::layout::{Position, Rect};

use super::{Action, App, Pane, Screen, browse};
use crate::explorer::view::footer;

/// A line between panes that can be dragged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Divider {
    /// Between facets and list.
    Facets,
    /// Between list and reading pane.
    List,
}

/// Rows of one turn of the wheel.
const WHEEL: isize = 3;

impl App {
    pub(super) fn mouse_event(&mut self, mouse: MouseEvent) {
        let at = Position::new(mouse.column, mouse.row);
        match mouse.kind {
            MouseEventKind::ScrollDown => self.wheel(at, WHEEL),
            MouseEventKind::ScrollUp => self.wheel(at, -WHEEL),
            MouseEventKind::Down(MouseButton::Left) => self.click(at),
            MouseEventKind::Drag(MouseButton::Left) => self.drag(at),
            MouseEventKind::Up(_) => self.dragged = None,
            _ => {}
        }
    }

    /// Scrolls what is under the pointer, whoever has the keys.
    fn wheel(&mut self, at: Position, rows: isize) {
        if self.overlay.is_some() {
            self.act_overlay(if rows > 0 { Action::NextChoice } else { Action::PreviousChoice });
            return;
        }
        let areas = self.areas();
        let inside = |area: Option<Rect>| area.filter(|a| a.contains(at));
        match self.screen() {
            Screen::Browse => {
                if let Some(area) = inside(areas.list) {
                    let len = self.len();
                    let before = self.browse.list.cursor;
                    self.browse.list.scroll_by(rows, self.list_rows(area), len);
                    if self.browse.list.cursor != before {
                        self.read_cursor();
                    }
                } else if inside(areas.facets).is_some() {
                    self.browse.facets.move_by(rows);
                } else if inside(areas.reading).is_some() {
                    self.reader.scroll_by(rows);
                }
            }
            Screen::Read => self.reader.scroll_by(rows),
            Screen::Beside => {
                self.face_at(at);
                self.act(if rows > 0 { Action::Down } else { Action::Up });
                self.act(if rows > 0 { Action::Down } else { Action::Up });
            }
            _ => self.act(if rows > 0 { Action::Down } else { Action::Up }),
        }
    }

    fn click(&mut self, at: Position) {
        let areas = self.areas();
        if let Some(action) = areas.footer.and_then(|area| footer::action_at(self, area, at)) {
            self.act(action);
            return;
        }
        if areas.query.contains(at) {
            if self.overlay.is_none() {
                self.act(Action::EditQuery);
            }
            return;
        }
        if self.overlay.is_some() {
            self.overlay = None;
            return;
        }
        match self.screen() {
            Screen::Browse => {
                if areas.body.contains(at) {
                    self.dragged = match areas.dividers {
                        [Some(x), ..] if x == at.x => Some(Divider::Facets),
                        [_, Some(x), _] if x == at.x => Some(Divider::List),
                        _ => None,
                    };
                }
                if let Some(area) = areas.facets.filter(|a| a.contains(at)) {
                    self.browse.focus = Pane::Facets;
                    let row = self.browse.facets.top + usize::from(at.y - area.y);
                    if row < self.browse.facets.rows.len() {
                        self.browse.facets.cursor = row;
                        self.browse.facets.touched = true;
                        self.toggle_value();
                    }
                } else if let Some(area) = areas.list.filter(|a| a.contains(at)) {
                    self.browse.focus = Pane::List;
                    self.click_list(area, at);
                } else if areas.reading.is_some_and(|a| a.contains(at)) {
                    self.browse.focus = Pane::Reading;
                    self.click_reading(areas.reading, at);
                }
            }
            Screen::Read => self.click_reading(areas.reading, at),
            Screen::Beside => {
                self.face_at(at);
            }
            Screen::Runs => {
                if let Some(row) = row_below_head(areas.body, at) {
                    let row = self.runs.top + row;
                    if row < self.summaries().len() {
                        self.runs.cursor = row;
                    }
                }
            }
            Screen::Matrix | Screen::Plots | Screen::Flips => self.click_counted(areas.body, at),
            Screen::Rejects | Screen::Prompt => {}
        }
    }

    /// Side by side the keys go to the column under the pointer.
    fn face_at(&mut self, at: Position) {
        let areas = self.areas();
        let columns = std::iter::once(areas.reading).chain(areas.beside);
        let under = columns.into_iter().position(|area| area.is_some_and(|a| a.contains(at)));
        if let Some(column) = under {
            self.face(column);
        }
    }

    /// A click on a row goes there; on the row under the cursor it goes in.
    fn click_list(&mut self, area: Rect, at: Position) {
        let head = area.height - browse::list_rows(area.height);
        let Some(row) = at.y.checked_sub(area.y + head) else {
            self.act(Action::SortNext);
            return;
        };
        let row = self.browse.list.top + usize::from(row / self.lines_of_row(area.width));
        if row >= self.len() {
            return;
        }
        if row == self.browse.list.cursor {
            self.act(Action::Enter);
        } else {
            self.browse.list.cursor = row;
            self.read_cursor();
        }
    }

    /// A click on the head of a part folds it.
    fn click_reading(&mut self, area: Option<Rect>, at: Position) {
        use super::super::flow::Row;
        let Some(area) = area else { return };
        let division = self.reader.divide(area.height);
        let top = area.y + if division.head > 0 { division.head + 1 } else { 0 };
        let Some(row) = at.y.checked_sub(top) else { return };
        let number = self.reader.scroll + usize::from(row);
        if let Some(Row::Head(part)) = self.reader.flow().and_then(|f| f.row(number)) {
            self.reader.fold(part);
        }
    }

    fn drag(&mut self, at: Position) {
        let body = self.areas().body;
        match self.dragged {
            Some(Divider::Facets) => {
                self.browse.facets_width = at.x.saturating_sub(body.x).clamp(16, (body.width / 3).max(16));
            }
            Some(Divider::List) => {
                let rest = body.width.saturating_sub(self.browse.facets_width + 2).max(1);
                let list = at.x.saturating_sub(body.x + self.browse.facets_width + 1);
                self.browse.list_share = (u32::from(list) * 100 / u32::from(rest)).clamp(20, 80) as u16;
            }
            None => {}
        }
    }
}

fn row_below_head(area: Rect, at: Position) -> Option<usize> {
    area.contains(at).then(|| at.y.checked_sub(area.y + 1).map(usize::from)).flatten()
}
