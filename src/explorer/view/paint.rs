//! Brush strokes: the only place that writes cells.
//!
//! Everything drawn passes here, and everything that is not a literal of the program passes
//! [`visible`] on its way, so no view can let model output reach the terminal as it is.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

use crate::text::{Safe, visible, width};

/// Writes a safe text from a cell on, at most `columns` wide and never outside `area`; gives the
/// column after it. What does not fit is cut off.
pub fn put(buffer: &mut Buffer, area: Rect, x: u16, y: u16, text: &Safe, style: Style) -> u16 {
    put_shown(buffer, area, x, y, text, style)
}

/// [`put`] for a piece of the text layer, which is safe by its making.
pub fn put_shown(buffer: &mut Buffer, area: Rect, x: u16, y: u16, shown: &str, style: Style) -> u16 {
    let area = area.intersection(buffer.area);
    if y < area.top() || y >= area.bottom() || x < area.left() || x >= area.right() {
        return x;
    }
    let mut x = x;
    for grapheme in shown.graphemes(true) {
        let wide = grapheme.width() as u16;
        if wide == 0 {
            continue;
        }
        if wide > area.right() - x {
            break;
        }
        let cell = &mut buffer[(x, y)];
        cell.set_symbol(grapheme);
        cell.set_style(style);
        for hidden in 1..wide {
            let cell = &mut buffer[(x + hidden, y)];
            cell.reset();
            cell.set_style(style);
        }
        x += wide;
    }
    x
}

/// A line of text being written from left to right.
#[derive(Debug)]
pub struct Pen<'a> {
    buffer: &'a mut Buffer,
    area: Rect,
    /// The next column.
    pub x: u16,
    y: u16,
}

impl<'a> Pen<'a> {
    /// A pen at the start of a row of an area; rows outside the area take nothing.
    pub fn at(buffer: &'a mut Buffer, area: Rect, row: u16) -> Self {
        Self { buffer, area, x: area.x, y: area.y.saturating_add(row) }
    }

    /// Writes anything; it is made visible first.
    pub fn write(&mut self, text: &str, style: Style) -> &mut Self {
        self.x = put(self.buffer, self.area, self.x, self.y, &visible(text), style);
        self
    }

    /// Writes, cut or filled to exactly so many columns.
    pub fn cell(&mut self, text: &str, columns: u16, style: Style) -> &mut Self {
        let shown = width::pad(&visible(text), usize::from(columns));
        self.x = put_shown(self.buffer, self.area, self.x, self.y, &shown, style);
        self
    }

    /// Writes against the right edge of so many columns.
    pub fn number(&mut self, text: &str, columns: u16, style: Style) -> &mut Self {
        let shown = width::pad_left(&visible(text), usize::from(columns));
        self.x = put_shown(self.buffer, self.area, self.x, self.y, &shown, style);
        self
    }

    /// Leaves columns as they are.
    pub fn skip(&mut self, columns: u16) -> &mut Self {
        self.x = self.x.saturating_add(columns);
        self
    }

    /// Columns left.
    pub fn left(&self) -> u16 {
        self.area.right().saturating_sub(self.x)
    }

    /// Writes against the right edge of the area; nothing when there is no room for it and a gap.
    pub fn right(&mut self, text: &str, style: Style) -> &mut Self {
        let safe = visible(text);
        let wide = width::width(&safe) as u16;
        if wide < self.left() || (wide == self.left() && self.x == self.area.x) {
            self.x = self.area.right() - wide;
            self.x = put(self.buffer, self.area, self.x, self.y, &safe, style);
        }
        self
    }
}

/// Gives every cell of an area a style without touching what is written.
#[expect(clippy::disallowed_methods, reason = "this is the place that others are sent to")]
pub fn wash(buffer: &mut Buffer, area: Rect, style: Style) {
    buffer.set_style(area.intersection(buffer.area), style);
}

/// Empties an area and gives it a style.
pub fn clear(buffer: &mut Buffer, area: Rect, style: Style) {
    let area = area.intersection(buffer.area);
    for y in area.top()..area.bottom() {
        // A wide character that reaches into the area would be cut in half.
        if area.left() > buffer.area.left() {
            let before = &mut buffer[(area.left() - 1, y)];
            if before.symbol().width() > 1 {
                before.set_symbol(" ");
            }
        }
        for x in area.left()..area.right() {
            let cell = &mut buffer[(x, y)];
            cell.reset();
            cell.set_style(style);
        }
    }
}

/// A horizontal bar of a share (0 to 1) over so many columns, in eighths of a cell.
pub fn bar(share: f64, columns: u16, glyphs: &super::super::theme::Glyphs) -> String {
    let eighths = (share.clamp(0.0, 1.0) * f64::from(columns) * 8.0).round() as usize;
    let mut out = glyphs.bar.repeat(eighths / 8);
    if !eighths.is_multiple_of(8) {
        out.push_str(glyphs.eighths[eighths % 8 - 1]);
    }
    // What is there at all is never drawn as nothing.
    if eighths == 0 && share > 0.0 && columns > 0 {
        out.push_str(glyphs.eighths[0]);
    }
    out
}

/// Turns every cell into ASCII: signs of our own words into their plain forms, letters of other
/// scripts, which only names can have, into `?`.
pub fn in_ascii(buffer: &mut Buffer) {
    for cell in &mut buffer.content {
        if cell.symbol().is_ascii() {
            continue;
        }
        let plain = match cell.symbol() {
            "…" => "~",
            "·" | "•" => ".",
            "–" | "—" | "─" | "━" => "-",
            "›" | "→" | "▸" => ">",
            "←" => "<",
            "↑" => "^",
            "↓" => "v",
            "│" => "|",
            "↵" => "$",
            "✓" => "y",
            "✗" => "X",
            _ => "?",
        };
        cell.set_symbol(plain);
    }
}

/// A thin bar of a share over so many columns: what is filled, and the rest.
pub fn thin_bar(share: f64, columns: u16, glyphs: &super::super::theme::Glyphs) -> (String, String) {
    let full = (share.clamp(0.0, 1.0) * f64::from(columns)).round() as usize;
    let full = if share > 0.0 { full.max(1) } else { full };
    (glyphs.thin.repeat(full), glyphs.thin_rest.repeat(usize::from(columns) - full.min(columns.into())))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::super::theme::Glyphs;
    use super::*;

    #[test]
    fn bars_are_as_long_as_their_share() {
        let table = [(0.0, ""), (0.001, "▏"), (0.5, "██"), (1.0, "████"), (7.0, "████"), (0.30, "█▎")];
        for (share, drawn) in table {
            assert_eq!(bar(share, 4, &Glyphs::UNICODE), drawn, "{share}");
        }
    }

    proptest! {
        #[test]
        fn nothing_is_written_outside(text in any::<String>(), x in 0_u16..12, y in 0_u16..4, w in 0_u16..12, h in 0_u16..4) {
            let mut buffer = Buffer::empty(Rect::new(0, 0, 12, 4));
            let area = Rect::new(x, y, w, h);
            Pen::at(&mut buffer, area, 0).write(&text, Style::new());
            for cy in 0..4 {
                for cx in 0..12 {
                    if !area.contains((cx, cy).into()) {
                        prop_assert_eq!(buffer[(cx, cy)].symbol(), " ");
                    }
                    prop_assert!(!buffer[(cx, cy)].symbol().chars().any(char::is_control));
                }
            }
        }
    }
}
