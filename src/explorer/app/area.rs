//! Where everything stands in an area: worked out in one way for update, mouse and drawing alike.
//! Drawing divides the area that it was given, never the size that the explorer was told last.
//!
//! ```text
//! title                                     wide: three columns      ┌───────┬────────┬────────┐
//! query                                                              │facets │ list   │reading │
//! ───────┬─────────────┬──────────                                   └───────┴────────┴────────┘
//! facets │ list        │ reading            middling: list over reading; facets come over the list
//! ───────┴─────────────┴──────────          small: one pane at a time
//! footer
//! ```

use ratatui::layout::Rect;

use super::beside::SIDES;
use super::{App, Pane, Screen};

/// The narrowest column side by side in which a verdict still says something.
const COLUMN: u16 = 28;
/// The narrowest screen for two columns; below it they stand one over the other.
const TWO_COLUMNS: u16 = 64;

/// Places of the parts of the screen; what there is no room for is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Areas {
    /// The whole screen.
    pub whole: Rect,
    /// The line over everything.
    pub title: Option<Rect>,
    /// The query line.
    pub query: Rect,
    /// The rule below it.
    pub rule: Option<Rect>,
    /// Everything between query and footer.
    pub body: Rect,
    /// The facets.
    pub facets: Option<Rect>,
    /// The list.
    pub list: Option<Rect>,
    /// The reading pane, or the generation at hand.
    pub reading: Option<Rect>,
    /// A line over columns that says which runs did not fit, or how much they share.
    pub strip: Option<Rect>,
    /// The generations beside it, those that fit.
    pub beside: [Option<Rect>; SIDES - 1],
    /// Columns with a vertical rule, over the height of the body.
    pub dividers: [Option<u16>; SIDES - 1],
    /// A row with a rule between list and reading pane.
    pub between: Option<Rect>,
    /// The rule over the footer.
    pub rule_below: Option<Rect>,
    /// The footer.
    pub footer: Option<Rect>,
}

impl Areas {
    /// Divides a screen.
    pub fn of(app: &App, whole: Rect) -> Self {
        let Rect { width, height, .. } = whole;
        let row = |y: u16| Rect::new(0, y, width, 1).intersection(whole);
        let mut areas = Self { whole, ..Self::default() };
        let mut top = 0;
        if height >= 10 {
            areas.title = Some(row(0));
            top = 1;
        }
        areas.query = row(top);
        top += 1;
        if height >= 16 {
            areas.rule = Some(row(top));
            top += 1;
        }
        let mut bottom = height;
        if height >= 7 {
            bottom -= 1;
            areas.footer = Some(row(bottom));
        }
        if height >= 30 {
            bottom -= 1;
            areas.rule_below = Some(row(bottom));
        }
        areas.body = Rect::new(0, top.min(bottom), width, bottom.saturating_sub(top));
        match app.screen() {
            Screen::Browse => areas.browse(app),
            Screen::Beside => areas.side_by_side(app),
            _ => areas.reading = Some(areas.body),
        }
        areas
    }

    fn browse(&mut self, app: &App) {
        let body = self.body;
        let focus = app.browse.focus;
        if app.browse.zoomed || body.width < 60 || body.height < 12 {
            match focus {
                Pane::Facets => self.facets = Some(body),
                Pane::List => self.list = Some(body),
                Pane::Reading => self.reading = Some(body),
            }
            return;
        }
        if body.width >= 110 {
            let facets = app.browse.facets_width.clamp(16, body.width / 3);
            let rest = body.width - facets - 2;
            let list = (u32::from(rest) * u32::from(app.browse.list_share) / 100) as u16;
            let list = list.clamp(24, rest.saturating_sub(24).max(24));
            let first = body.x + facets;
            let second = first + 1 + list;
            self.facets = Some(Rect { width: facets, ..body });
            self.list = Some(Rect { x: first + 1, width: list, ..body });
            self.reading = Some(Rect { x: second + 1, width: body.right() - second - 1, ..body });
            self.dividers = [Some(first), Some(second), None];
            return;
        }
        let upper = (body.height * 2 / 5).max(5);
        let list = Rect { height: upper, ..body };
        let between = Rect { y: body.y + upper, height: 1, ..body };
        let below = Rect { y: between.y + 1, height: body.height - upper - 1, ..body };
        self.between = Some(between);
        self.reading = Some(below);
        if focus == Pane::Facets {
            // The facets need the room, the list is one key away.
            self.facets = Some(Rect { width: body.width, ..body });
            (self.reading, self.between) = (None, None);
        } else {
            self.list = Some(list);
        }
    }

    fn side_by_side(&mut self, app: &App) {
        let Some(beside) = &app.beside else {
            self.reading = Some(self.body);
            return;
        };
        let columns = beside.columns();
        let mut body = self.body;
        // Two need a little more room each: with only one other there is nothing to give way to.
        let fit = match (body.width + 1) / (COLUMN + 1) {
            0..=2 if body.width < TWO_COLUMNS => 1,
            fit => usize::from(fit),
        };
        let stacked = fit == 1 && body.height >= 16;
        let shown = beside.shown(if stacked { 2 } else { fit });
        if (shown.len() < columns || beside.differing) && body.height >= 8 {
            self.strip = Some(Rect { height: 1, ..body });
            body = Rect { y: body.y + 1, height: body.height - 1, ..body };
        }
        let mut put = |column: usize, area: Rect| match column.checked_sub(1) {
            None => self.reading = Some(area),
            Some(side) => self.beside[side] = Some(area),
        };
        if stacked {
            let upper = (body.height - 1) / 2;
            put(shown[0], Rect { height: upper, ..body });
            let lower = Rect { y: body.y + upper + 1, height: body.height - upper - 1, ..body };
            put(shown[1], lower);
            self.between = Some(Rect { y: body.y + upper, height: 1, ..body });
            return;
        }
        let many = shown.len() as u16;
        let free = body.width - (many - 1).min(body.width);
        let mut x = body.x;
        for (at, &column) in shown.iter().enumerate() {
            // What does not divide goes to the columns at the right.
            let width = (free + at as u16) / many;
            put(column, Rect { x, width, ..body });
            x += width;
            if at + 1 < shown.len() {
                self.dividers[at] = Some(x);
                x += 1;
            }
        }
    }
}
