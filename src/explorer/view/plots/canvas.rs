//! Dots finer than a character: braille, two by four in a cell.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::super::ink::Ink;

/// Dots of a cell, by column and row.
const DOTS: [[u8; 4]; 2] = [[0x01, 0x02, 0x04, 0x40], [0x08, 0x10, 0x20, 0x80]];

/// A field of dots over an area; (0, 0) is at the lower left.
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

    /// Dots from side to side.
    pub fn width(&self) -> i32 {
        i32::from(self.area.width) * 2
    }

    /// Dots from bottom to top.
    pub fn height(&self) -> i32 {
        i32::from(self.area.height) * 4
    }

    /// Sets a dot; outside of the field nothing happens.
    pub fn dot(&mut self, x: i32, y: i32, style: Style) {
        if x < 0 || y < 0 || x >= self.width() || y >= self.height() {
            return;
        }
        let down = self.height() - 1 - y;
        let at = (down / 4) as usize * usize::from(self.area.width) + (x / 2) as usize;
        let (bits, was) = &mut self.cells[at];
        *bits |= DOTS[(x % 2) as usize][(down % 4) as usize];
        *was = style;
    }

    /// A straight line of dots between two places, both included.
    pub fn line(&mut self, (x0, y0): (i32, i32), (x1, y1): (i32, i32), style: Style) {
        let steps = (x1 - x0).abs().max((y1 - y0).abs());
        for step in 0..=steps {
            let along = if steps == 0 { 0.0 } else { f64::from(step) / f64::from(steps) };
            let x = f64::from(x0) + along * f64::from(x1 - x0);
            let y = f64::from(y0) + along * f64::from(y1 - y0);
            self.dot(x.round() as i32, y.round() as i32, style);
        }
    }

    /// The cell of the screen that a dot is in.
    pub fn cell(&self, x: i32, y: i32) -> (u16, u16) {
        let x = x.clamp(0, self.width().max(1) - 1);
        let down = (self.height() - 1 - y).clamp(0, self.height().max(1) - 1);
        (self.area.x + (x / 2) as u16, self.area.y + (down / 4) as u16)
    }

    /// Draws the dots; in ASCII a cell with dots is `|` or `-` or `+` by the way they run.
    pub fn draw(&self, ink: &Ink, buf: &mut Buffer) {
        for (at, &(bits, style)) in self.cells.iter().enumerate() {
            if bits == 0 {
                continue;
            }
            let x = self.area.x + (at % usize::from(self.area.width)) as u16;
            let y = self.area.y + (at / usize::from(self.area.width)) as u16;
            let glyph = if ink.ascii {
                let both = (bits & 0x47 != 0) && (bits & 0xb8 != 0);
                let rows = [0x09u8, 0x12, 0x24, 0xc0].iter().filter(|&&row| bits & row != 0).count();
                match (both, rows > 1) {
                    (true, true) => '+',
                    (true, false) => '-',
                    (false, true) => '|',
                    (false, false) => '.',
                }
            } else {
                char::from_u32(0x2800 + u32::from(bits)).unwrap_or(' ')
            };
            if let Some(cell) = buf.cell_mut((x, y)) {
                cell.set_char(glyph).set_style(style);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dots_fill_a_cell_from_the_lower_left() {
        let area = Rect::new(0, 0, 2, 1);
        let mut canvas = Canvas::new(area);
        canvas.dot(0, 0, Style::new());
        canvas.line((2, 0), (2, 3), Style::new());
        canvas.dot(4, 0, Style::new());
        canvas.dot(-1, 9, Style::new());
        let mut buf = Buffer::empty(area);
        canvas.draw(&Ink::mono(), &mut buf);
        assert_eq!((buf[(0, 0)].symbol(), buf[(1, 0)].symbol()), ("⡀", "⡇"));
        canvas.draw(&Ink::mono().in_ascii(), &mut buf);
        assert_eq!((buf[(0, 0)].symbol(), buf[(1, 0)].symbol()), (".", "|"));
        assert_eq!(canvas.cell(3, 0), (1, 0));
    }
}
