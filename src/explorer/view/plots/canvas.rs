//! Lines finer than a character: box-drawing arms, two by two in a cell.
//!
//! Braille would be finer still, but many fonts of terminals have none, and where they do a line
//! of dots is hard to follow; box drawing is joined up everywhere.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::super::ink::Ink;
use super::super::paint::put_shown;

/// Arms of a cell, from its middle to an edge.
const UP: u8 = 1;
const DOWN: u8 = 2;
const LEFT: u8 = 4;
const RIGHT: u8 = 8;

/// The glyph of each set of arms.
const GLYPHS: [&str; 16] = [" ", "╵", "╷", "│", "╴", "┘", "┐", "┤", "╶", "└", "┌", "├", "─", "┴", "┬", "┼"];

/// A field of half cells over an area; (0, 0) is at the lower left.
#[derive(Debug)]
pub struct Canvas {
    area: Rect,
    cells: Vec<(u8, Style)>,
}

impl Canvas {
    /// An empty one.
    pub fn new(area: Rect) -> Self {
        Self { area, cells: vec![(0, Style::new()); usize::from(area.width) * usize::from(area.height)] }
    }

    /// Half cells from side to side.
    pub fn width(&self) -> i32 {
        i32::from(self.area.width) * 2
    }

    /// Half cells from bottom to top.
    pub fn height(&self) -> i32 {
        i32::from(self.area.height) * 2
    }

    fn arm(&mut self, x: i32, y: i32, across: bool, style: Style) {
        if x < 0 || y < 0 || x >= self.width() || y >= self.height() {
            return;
        }
        let down = self.height() - 1 - y;
        let at = (down / 2) as usize * usize::from(self.area.width) + (x / 2) as usize;
        let arm = match (across, x % 2 == 0, down % 2 == 0) {
            (true, true, _) => LEFT,
            (true, false, _) => RIGHT,
            (false, _, true) => UP,
            (false, _, false) => DOWN,
        };
        let (arms, was) = &mut self.cells[at];
        *arms |= arm;
        *was = style;
    }

    /// A line to the right, both ends included.
    pub fn across(&mut self, (from, to): (i32, i32), y: i32, style: Style) {
        for x in from.max(0)..=to.min(self.width() - 1) {
            self.arm(x, y, true, style);
        }
    }

    /// A line upwards, both ends included.
    pub fn upwards(&mut self, x: i32, (from, to): (i32, i32), style: Style) {
        for y in from.max(0)..=to.min(self.height() - 1) {
            self.arm(x, y, false, style);
        }
    }

    /// The cell of the screen that a half cell is in.
    pub fn cell(&self, x: i32, y: i32) -> (u16, u16) {
        let x = x.clamp(0, self.width().max(1) - 1);
        let down = (self.height() - 1 - y).clamp(0, self.height().max(1) - 1);
        (self.area.x + (x / 2) as u16, self.area.y + (down / 2) as u16)
    }

    /// Draws the lines.
    pub fn draw(&self, ink: &Ink, buf: &mut Buffer) {
        for (at, &(arms, style)) in self.cells.iter().enumerate() {
            if arms == 0 {
                continue;
            }
            let x = self.area.x + (at % usize::from(self.area.width)) as u16;
            let y = self.area.y + (at / usize::from(self.area.width)) as u16;
            let glyph = if ink.ascii {
                match (arms & (UP | DOWN) != 0, arms & (LEFT | RIGHT) != 0) {
                    (true, true) => "+",
                    (true, false) => "|",
                    (false, _) => "-",
                }
            } else {
                GLYPHS[usize::from(arms)]
            };
            put_shown(buf, self.area, x, y, glyph, style);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_join_and_end_in_half_cells() {
        let area = Rect::new(0, 0, 3, 3);
        let mut canvas = Canvas::new(area);
        canvas.upwards(2, (0, 4), Style::new());
        canvas.across((1, 3), 2, Style::new());
        canvas.across((-5, -1), 0, Style::new());
        let mut buf = Buffer::empty(area);
        canvas.draw(&Ink::mono(), &mut buf);
        let row = |buf: &Buffer, y| (0..3).map(|x| buf[(x, y)].symbol().to_owned()).collect::<String>();
        assert_eq!([row(&buf, 0), row(&buf, 1), row(&buf, 2)], [" ╷ ", "╶┼ ", " │ "]);
        canvas.draw(&Ink::mono().in_ascii(), &mut buf);
        assert_eq!(row(&buf, 1), "-+ ");
        assert_eq!(canvas.cell(5, 0), (2, 2));
    }
}
