//! A reader of one generation: where it stands in the text, what is folded, which mark it is on.
//!
//! The reading pane, the full screen and each side of a comparison are readers.

use std::sync::Arc;

use super::action::Action;
use super::document::Document;
use super::flow::{Flow, Folds, Layout, Part, Row, head, part_of};
use crate::library::{Identity, Library};
use crate::record::ContentKey;
use crate::text::highlight::Colour;
use crate::text::wrap::columns;
use crate::text::{View, pieces_with};

/// Columns at the left of a text, where rows with violations are pointed at.
pub const MARGIN: u16 = 2;
/// Columns at its right: the map of the marks.
pub const GUTTER: u16 = 1;

/// A reader of one generation.
#[derive(Debug, Clone, Default)]
pub struct Reader {
    /// The generation that it is on: shown, asked for, or not to be had.
    on: Option<Identity>,
    document: Option<Arc<Document>>,
    /// Rows of the head: its own, or those that it shares with what stands beside it.
    head: Vec<Row>,
    /// Why there is nothing to read.
    pub failed: Option<Failure>,
    colours: Arc<[Colour]>,
    /// What is folded.
    pub folds: Folds,
    /// Long lines run on to the right.
    pub unwrapped: bool,
    /// How text is shown.
    pub view: View,
    /// Number of the row at the top.
    pub scroll: usize,
    /// First column shown of long lines.
    pub column: u32,
    /// Number of the mark it stands on.
    pub mark: Option<usize>,
    /// Number of the hit it stands on.
    pub hit: Option<usize>,
    /// The one constraint whose marks it goes through.
    pub only: Option<usize>,
    /// Numbers of the marks that `n` stops at: kept, for there can be hundreds of thousands.
    stops: Vec<usize>,
    /// Rows that have a violation, in order.
    marked: Vec<usize>,
    width: u16,
    height: u16,
    head_inside: bool,
    flow: Option<(Layout, Flow)>,
}

/// Why there is nothing to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// It could not be read: in words.
    Unread(String),
    /// The generation that it is on is not in the files any more, as they were read last.
    Gone {
        /// What has its name by now says something else.
        replaced: bool,
    },
}

/// How a page is divided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Division {
    /// Rows of the head over the text; 0 when it scrolls with the text.
    pub head: u16,
    /// Rows of the text.
    pub body: u16,
}

impl Reader {
    /// The generation, when it has come.
    pub fn document(&self) -> Option<&Arc<Document>> {
        self.document.as_ref()
    }

    /// The colours of its text.
    pub fn colours(&self) -> &[Colour] {
        &self.colours
    }

    /// The rows, when there is a generation.
    pub fn flow(&self) -> Option<&Flow> {
        self.flow.as_ref().map(|(_, flow)| flow)
    }

    /// Rows of the head.
    pub fn head(&self) -> &[Row] {
        &self.head
    }

    /// Gives the head these rows; `None` gives it its own.
    pub fn set_head(&mut self, rows: Option<Vec<Row>>) {
        let Some(document) = &self.document else { return };
        let rows = rows.unwrap_or_else(|| head(document, None));
        if rows != self.head {
            self.head = rows;
            self.flow = None;
        }
    }

    /// Rows of the text on the screen.
    pub fn height(&self) -> u16 {
        self.height
    }

    /// Divides a height between head and text: the head stays in sight where there is room.
    pub fn divide(&self, height: u16) -> Division {
        let rows = self.document.as_ref().map_or(2, |_| self.head.len() as u16);
        // A rule below the head, and at least as much text as head.
        if height >= 12 && rows < height / 2 {
            Division { head: rows, body: height - rows - 1 }
        } else {
            Division { head: 0, body: height }
        }
    }

    /// Shows another generation from its start, going through the marks of one constraint alone
    /// where that is what was asked for. The same generation again keeps its place; whether it is that.
    pub fn show(&mut self, document: Arc<Document>, only: Option<usize>) -> bool {
        let identity = document.standing.identity().clone();
        let before = self.document.as_ref().filter(|d| d.standing.identity().is(&identity));
        let (same, same_hits) = (before.is_some(), before.is_some_and(|d| d.hits == document.hits));
        self.head = head(&document, None);
        self.document = Some(document);
        self.on = Some(identity);
        self.failed = None;
        self.colours = Arc::new([]);
        self.flow = None;
        self.lay_out();
        if !same {
            (self.scroll, self.column) = (0, 0);
            (self.mark, self.hit, self.only) = (None, None, only);
            self.index_marks();
        }
        if !same_hits {
            self.hit = None;
            self.show_first_hit();
        }
        same
    }

    /// The generation that it is on: shown, asked for, or not to be had.
    pub fn on(&self) -> Option<&Identity> {
        self.on.as_ref()
    }

    /// Turns to a generation, which comes with [`show`](Self::show).
    pub fn turn_to(&mut self, identity: Identity) {
        self.on = Some(identity);
    }

    /// Whether what is shown was read from a snapshot that is not this one, or has yet to come.
    pub fn is_behind(&self, library: &Arc<Library>) -> bool {
        let is_of = |d: &Arc<Document>| d.standing.here().is_of(library);
        self.on.is_some() && self.failed.is_none() && !self.document.as_ref().is_some_and(is_of)
    }

    /// Says why the generation that it is on cannot be read.
    pub fn fail(&mut self, why: Failure) {
        *self = Self { failed: Some(why), on: self.on.take(), ..self.another() };
    }

    /// Says why there is no generation to be on.
    pub fn lack(&mut self, why: String) {
        *self = Self { failed: Some(Failure::Unread(why)), ..self.another() };
    }

    /// Whether the generation that it is on is not in the files any more.
    pub fn is_gone(&self) -> bool {
        matches!(self.failed, Some(Failure::Gone { .. }))
    }

    /// An empty reader that shows texts as this one does.
    #[must_use]
    pub fn another(&self) -> Self {
        Self { folds: self.folds, unwrapped: self.unwrapped, view: self.view, ..Self::default() }
    }

    /// Forgets the generation.
    pub fn empty(&mut self) {
        (self.on, self.document) = (None, None);
        self.failed = None;
        self.flow = None;
    }

    /// Takes the colours of the text, when they belong to the text shown.
    pub fn colour(&mut self, content: ContentKey, colours: Arc<[Colour]>) {
        if self.document.as_ref().is_some_and(|d| d.standing.content() == content) {
            self.colours = colours;
        }
    }

    /// Gives it an area. The row at the top keeps its place in the text.
    pub fn resize(&mut self, width: u16, height: u16) {
        let division = self.divide(height);
        let head_inside = division.head == 0;
        if (width, division.body, head_inside) != (self.width, self.height, self.head_inside)
            || self.flow.is_none()
        {
            (self.width, self.height, self.head_inside) = (width, division.body, head_inside);
            self.lay_out();
        }
    }

    fn lay_out(&mut self) {
        let Some(document) = &self.document else {
            self.flow = None;
            return;
        };
        let layout = Layout {
            width: self.text_width(),
            wrap: !self.unwrapped,
            view: self.view,
            folds: self.folds,
            head_inside: self.head_inside,
        };
        if self.flow.as_ref().is_some_and(|(old, _)| *old == layout) {
            return;
        }
        let top = self.flow().and_then(|flow| match flow.row(self.scroll)? {
            Row::Text(part, bytes) if part != Part::Question => Some(bytes.start),
            _ => None,
        });
        let flow = Flow::new(document, &self.head, layout);
        if let Some(row) = top.and_then(|byte| flow.row_of(byte)) {
            self.scroll = row;
        }
        self.flow = Some((layout, flow));
        self.clamp();
        self.index_marks();
    }

    /// Works out once what every frame needs of the marks.
    fn index_marks(&mut self) {
        let (Some(document), Some((_, flow))) = (&self.document, &self.flow) else {
            (self.stops, self.marked) = (Vec::new(), Vec::new());
            return;
        };
        let mut marked: Vec<usize> = document
            .marks
            .iter()
            .filter(|m| m.is_violation() && self.only.is_none_or(|c| c == m.constraint))
            .filter_map(|m| flow.row_of(m.bytes.start))
            .collect();
        marked.dedup();
        self.stops = document.stops(self.only);
        self.marked = marked;
    }

    /// Whether one of these rows has a violation.
    pub fn is_marked(&self, rows: std::ops::Range<usize>) -> bool {
        let first = self.marked.partition_point(|&r| r < rows.start);
        self.marked.get(first).is_some_and(|&r| r < rows.end)
    }

    fn clamp(&mut self) {
        let len = self.flow().map_or(0, Flow::len);
        self.scroll = self.scroll.min(len.saturating_sub(usize::from(self.height.max(1))));
    }

    /// Scrolls by rows.
    pub fn scroll_by(&mut self, rows: isize) {
        self.scroll = self.scroll.saturating_add_signed(rows);
        self.clamp();
    }

    /// Shifts long lines by so many half screens, never past the end of the longest.
    fn shift(&mut self, halves: i32) {
        let width = u32::from(self.text_width());
        let step = i32::from(self.text_width() / 2).max(1);
        let most = self.flow().map_or(0, Flow::widest).saturating_sub(width);
        self.column = self.column.saturating_add_signed(halves * step).min(most);
    }

    /// Columns of the text.
    fn text_width(&self) -> u16 {
        self.width.saturating_sub(MARGIN + GUTTER).max(1)
    }

    /// Carries out an action of reading; false when it is none.
    pub fn act(&mut self, action: Action) -> bool {
        let page = isize::try_from(self.height.max(2)).unwrap_or(2);
        match action {
            Action::Down => self.scroll_by(1),
            Action::Up => self.scroll_by(-1),
            Action::HalfDown => self.scroll_by(page / 2),
            Action::HalfUp => self.scroll_by(-(page / 2)),
            Action::PageDown => self.scroll_by(page - 1),
            Action::PageUp => self.scroll_by(1 - page),
            Action::Top => self.scroll = 0,
            Action::Bottom => self.scroll_by(isize::MAX),
            Action::Left if self.unwrapped => self.shift(-1),
            Action::Right if self.unwrapped => self.shift(1),
            Action::NextMark => self.step(true, self.only, false),
            Action::PreviousMark => self.step(false, self.only, false),
            Action::NextSameMark => self.step(true, self.same(), true),
            Action::PreviousSameMark => self.step(false, self.same(), true),
            Action::NextHit => self.step_hit(true),
            Action::PreviousHit => self.step_hit(false),
            Action::NextConstraint => self.next_constraint(),
            Action::FoldTrace => self.fold(Part::Trace),
            Action::FoldAnswer => self.fold(Part::Answer),
            Action::FoldQuestion => self.fold(Part::Question),
            Action::ToggleWrap => {
                self.unwrapped = !self.unwrapped;
                self.column = 0;
                self.lay_out();
            }
            Action::ToggleRaw => {
                self.view.raw = !self.view.raw;
                self.lay_out();
            }
            Action::ToggleMath => {
                self.view.math = !self.view.math;
                self.lay_out();
            }
            _ => return false,
        }
        true
    }

    /// Folds or unfolds a part; the reader goes to its head.
    pub fn fold(&mut self, part: Part) {
        let folded = match part {
            Part::Question => &mut self.folds.question,
            Part::Trace => &mut self.folds.trace,
            Part::Answer => &mut self.folds.answer,
            Part::Around => return,
        };
        *folded = !*folded;
        self.lay_out();
        if let Some(row) = self.flow().and_then(|flow| flow.head_of(part)) {
            let below = self.scroll + usize::from(self.height) * 2 / 3;
            if row < self.scroll || row > below {
                self.scroll = row;
            }
        }
        self.clamp();
    }

    /// The constraint whose marks are gone through: the chosen one, or that of the current mark.
    fn same(&self) -> Option<usize> {
        let document = self.document.as_ref()?;
        let of = |mark: Option<usize>| Some(document.marks.get(mark?)?.constraint);
        self.only.or_else(|| of(self.mark)).or_else(|| of(self.stops.first().copied()))
    }

    /// The marks that it stops at.
    pub fn stops(&self) -> &[usize] {
        &self.stops
    }

    /// Goes to the next or the previous stop, from the mark it stands on or from the top of the
    /// screen; round at the ends.
    fn step(&mut self, forward: bool, only: Option<usize>, all: bool) {
        let Some(document) = self.document.clone() else { return };
        let every: Vec<usize>;
        let stops: &[usize] = if all {
            let of = |m: &super::document::Marked| only.is_none_or(|c| m.constraint == c);
            every = document.marks.iter().enumerate().filter(|(_, m)| of(m)).map(|(i, _)| i).collect();
            &every
        } else {
            &self.stops
        };
        let next = match (self.mark, forward) {
            (Some(now), true) => stops.get(stops.partition_point(|&s| s <= now)).or(stops.first()),
            (Some(now), false) => {
                stops.get(stops.partition_point(|&s| s < now).wrapping_sub(1)).or(stops.last())
            }
            (None, true) => stops.first(),
            (None, false) => stops.last(),
        };
        if let Some(&mark) = next {
            self.mark = Some(mark);
            self.reveal(document.marks[mark].bytes.start);
        }
    }

    /// Goes to what was looked up, as what the reader came for: to the first hit in what is unfolded,
    /// where there is one.
    fn show_first_hit(&mut self) {
        let Some(document) = self.document.clone() else { return };
        let folded = |hit: &std::ops::Range<usize>| match part_of(&document, hit.start) {
            Part::Trace => self.folds.trace,
            Part::Answer => self.folds.answer,
            Part::Question | Part::Around => false,
        };
        let first = document.hits.iter().position(|hit| !folded(hit)).unwrap_or(0);
        if let Some(hit) = document.hits.get(first) {
            self.hit = Some(first);
            self.reveal(hit.start);
        }
    }

    /// The byte of the output at hand: of the mark or hit that it stands on, else of the first row in
    /// sight.
    pub fn byte_at_hand(&self) -> usize {
        let Some(document) = &self.document else { return 0 };
        let mark = self.mark.and_then(|m| document.marks.get(m)).map(|m| m.bytes.start);
        let hit = self.hit.and_then(|h| document.hits.get(h)).map(|h| h.start);
        let first = || {
            let rows = (self.scroll..).take(usize::from(self.height));
            let bytes = rows.map_while(|row| self.flow()?.row(row)).find_map(|row| match row {
                Row::Text(part, bytes) if part != Part::Question => Some(bytes.start),
                _ => None,
            });
            bytes.unwrap_or(0)
        };
        mark.or(hit).unwrap_or_else(first)
    }

    fn step_hit(&mut self, forward: bool) {
        let Some(document) = self.document.clone() else { return };
        let len = document.hits.len();
        if len == 0 {
            return;
        }
        let next = match (self.hit, forward) {
            (Some(now), true) => (now + 1) % len,
            (Some(now), false) => (now + len - 1) % len,
            (None, true) => 0,
            (None, false) => len - 1,
        };
        self.hit = Some(next);
        self.reveal(document.hits[next].start);
    }

    fn next_constraint(&mut self) {
        let Some(document) = &self.document else { return };
        let count = document.record.item.constraints.len();
        self.go_through(match self.only {
            None if count > 0 => Some(0),
            Some(at) if at + 1 < count => Some(at + 1),
            _ => None,
        });
    }

    /// Goes through the marks of one constraint alone, from the first; `None` goes through all.
    pub fn go_through(&mut self, only: Option<usize>) {
        self.only = only;
        self.mark = None;
        self.index_marks();
        if self.only.is_some() {
            self.step(true, self.only, false);
        }
    }

    /// Brings a byte of the output into sight, unfolding its part.
    pub fn reveal(&mut self, byte: usize) {
        let Some(document) = &self.document else { return };
        match part_of(document, byte) {
            Part::Trace => self.folds.trace = false,
            Part::Answer => self.folds.answer = false,
            Part::Question | Part::Around => {}
        }
        self.lay_out();
        let Some(row) = self.flow().and_then(|flow| flow.row_of(byte)) else { return };
        let height = usize::from(self.height.max(1));
        let edge = (height / 6).min(3);
        if row < self.scroll + edge || row + edge >= self.scroll + height {
            self.scroll = row.saturating_sub(height / 3);
            self.clamp();
        }
        if self.unwrapped {
            self.reveal_column(byte, row);
        }
    }

    fn reveal_column(&mut self, byte: usize, row: usize) {
        let (Some(document), Some(flow)) = (&self.document, self.flow()) else { return };
        let Some((from, mut column)) = flow.before_byte(row, byte) else { return };
        let replaced = document.replaced(self.view);
        for piece in pieces_with(document.text(), from..byte.max(from), self.view, replaced) {
            column += u32::from(columns(piece.kind, piece.width, column, self.view));
        }
        let width = u32::from(self.text_width());
        if column < self.column || column >= self.column.saturating_add(width) {
            self.column = column.saturating_sub(width / 2);
        }
    }
}
