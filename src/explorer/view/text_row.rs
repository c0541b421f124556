//! A row of the output: what of it is in sight, with colours, hits, differences and marks.

use std::ops::Range;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

use super::super::flow::Part;
use super::super::reader::{GUTTER, MARGIN};
use super::super::theme::Meaning;
use super::paint::put_shown;
use super::reading::Page;
use crate::constraint::Role;
use crate::text::highlight::Colour;
use crate::text::wrap::columns;
use crate::text::{Kind, Piece, pieces_with};

impl Page<'_> {
    /// Draws a row of the output. Of a long line only what is in sight is looked at.
    pub(super) fn text(&self, buffer: &mut Buffer, area: Rect, y: u16, part: Part, bytes: &Range<usize>) {
        let text = self.document.text();
        let view = self.reader.view;
        let number = self.reader.scroll + usize::from(y);
        let area = Rect { width: area.width.saturating_sub(GUTTER), ..area };
        let (left, y) = (area.x + MARGIN, area.y + y);
        let skip = if self.reader.unwrapped { self.reader.column } else { 0 };
        let (shown, end) = self.in_sight(number, bytes, skip, area.right().saturating_sub(left));
        let seen = match (shown.first(), shown.last()) {
            (Some((_, first)), Some((_, last))) => first.bytes.start..last.bytes.end,
            _ => bytes.end..bytes.end,
        };
        let marks: Vec<usize> = self.document.marks_in(&seen).collect();
        let hits = overlapping(&self.document.hits, &seen);
        let differing = overlapping(self.app.differing(self.document.standing.content()), &seen);
        let mut colours = overlapping_colours(self.reader.colours(), &seen);
        let base = if part == Part::Around { self.style(Meaning::Tag) } else { Style::new() };
        // What is broken out of sight is told too.
        let mut broken = self.reader.unwrapped && self.reader.is_marked(number..number + 1);
        for (column, piece) in &shown {
            let wide = columns(piece.kind, piece.width, *column, view);
            let touches = |r: &Range<usize>| r.start < piece.bytes.end && r.end > piece.bytes.start;
            let mut style = base;
            while colours.first().is_some_and(|c| c.bytes.end <= piece.bytes.start) {
                colours = &colours[1..];
            }
            if let Some(colour) = colours.first().filter(|c| c.bytes.start <= piece.bytes.start) {
                style = style.patch(self.style(colour.token.into()));
            }
            if matches!(piece.kind, Kind::Control | Kind::Hidden) {
                style = style.patch(self.style(Meaning::Badge));
            }
            if let Some((hit, _)) = hits.iter().find(|(_, h)| touches(h)) {
                style = style.patch(self.style(Meaning::Search));
                if self.reader.hit == Some(*hit) {
                    style = style.add_modifier(Modifier::REVERSED);
                }
            }
            if differing.iter().any(|(_, d)| touches(d)) {
                style = style.patch(self.style(Meaning::Divergence));
            }
            let mut marked = false;
            for &number in &marks {
                let mark = &self.document.marks[number];
                let empty_here = mark.bytes.is_empty() && piece.bytes.contains(&mark.bytes.start);
                let another = self.reader.only.is_some_and(|c| c != mark.constraint);
                if another || !(touches(&mark.bytes) || empty_here) {
                    continue;
                }
                marked = true;
                broken |= mark.is_violation() && mark.role != Role::Region;
                style = style.patch(self.mark_style(number));
            }
            let drawn = match piece.kind {
                Kind::Newline if view.raw || marked => "↵",
                Kind::Tab if view.raw => "→",
                Kind::Space if view.raw => "·",
                _ => &piece.shown,
            };
            let faint = view.raw && matches!(piece.kind, Kind::Newline | Kind::Tab | Kind::Space);
            if faint && !marked {
                style = self.style(Meaning::Dim);
            }
            let x = left + (column - skip) as u16;
            let after = put_shown(buffer, area, x, y, drawn, style);
            // A tab, and a space that is marked, are as wide as they stand.
            if piece.kind == Kind::Tab {
                for fill in after.max(x)..(x + wide).min(area.right()) {
                    put_shown(buffer, area, fill, y, " ", style);
                }
            }
        }
        // Something missing at the very end stands after the last character.
        for &number in &marks {
            let mark = &self.document.marks[number];
            if mark.bytes.is_empty() && mark.bytes.start == bytes.end && mark.bytes.start == text.len() {
                broken |= mark.is_violation();
                // After a full row that is the edge itself: no character may be covered.
                let x = left + end.saturating_sub(skip).min(u32::from(area.width)) as u16;
                let room = Rect { width: area.width + GUTTER, ..area };
                let x = x.min(room.right().saturating_sub(1));
                put_shown(buffer, room, x, y, self.app.theme.glyphs.missing, self.mark_style(number));
            }
        }
        let current = self.reader.mark.is_some_and(|m| marks.contains(&m));
        let glyphs = &self.app.theme.glyphs;
        if current || broken {
            let glyph = if current { glyphs.cursor } else { glyphs.no };
            put_shown(buffer, area, area.x, y, glyph, self.style(Meaning::Bad));
        }
    }

    /// The pieces of a row from a column on that so many columns have room for, each with its
    /// column; and the column after the last.
    fn in_sight(
        &self,
        number: usize,
        bytes: &Range<usize>,
        skip: u32,
        width: u16,
    ) -> (Vec<(u32, Piece<'_>)>, u32) {
        let view = self.reader.view;
        let near = self.reader.flow().and_then(|flow| flow.before_column(number, skip));
        let (from, mut column) = near.filter(|_| skip > 0).unwrap_or((bytes.start, 0));
        let replaced = self.document.replaced(view);
        let mut shown = Vec::with_capacity(usize::from(width) + 1);
        for piece in pieces_with(self.document.text(), from..bytes.end, view, replaced) {
            // A wrapped row ends by itself, with a space or a line end over the edge.
            if self.reader.unwrapped && column >= skip + u32::from(width) {
                break;
            }
            let wide = columns(piece.kind, piece.width, column, view);
            if column >= skip {
                shown.push((column, piece));
            }
            column += u32::from(wide);
        }
        (shown, column)
    }

    pub(super) fn mark_style(&self, number: usize) -> Style {
        let mark = &self.document.marks[number];
        if self.reader.mark == Some(number) {
            return self.style(Meaning::ViolationCurrent);
        }
        let meaning = if mark.broken || mark.role == Role::Hit { mark.role.into() } else { Meaning::Hit };
        self.style(meaning)
    }
}

/// The ranges that touch a range, with their numbers.
fn overlapping<'a>(sorted: &'a [Range<usize>], range: &Range<usize>) -> Vec<(usize, &'a Range<usize>)> {
    let from = sorted.partition_point(|r| r.end <= range.start);
    sorted.iter().enumerate().skip(from).take_while(|(_, r)| r.start < range.end).collect()
}

/// The colours that touch a range.
fn overlapping_colours<'a>(all: &'a [Colour], range: &Range<usize>) -> &'a [Colour] {
    let from = all.partition_point(|c| c.bytes.end <= range.start);
    let to = all.partition_point(|c| c.bytes.start < range.end);
    &all[from..to.max(from)]
}
