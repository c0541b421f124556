//! Histograms as rows: label, bar, count, share.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::widgets::Widget;

use super::super::ink::{Ink, percent, put, put_right};
use crate::text::{Safe, width};

/// What a bar means, and so how it is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// Neither good nor bad.
    Plain,
    /// Followed.
    Good,
    /// Not followed.
    Bad,
    /// One of the series of the plot.
    Series(usize),
}

/// One bar.
#[derive(Debug, Clone, PartialEq)]
pub struct Bar {
    /// What is counted in it.
    pub label: Safe,
    /// How many.
    pub count: u64,
    /// What it means.
    pub tone: Tone,
}

/// A histogram.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Bars {
    /// What the labels are, with the unit.
    pub axis: Safe,
    /// What the counts are: `generations`.
    pub unit: Safe,
    /// The bars.
    pub bars: Vec<Bar>,
    /// A line drawn before a bar: its place and what it says (`border`).
    pub divider: Option<(usize, Safe)>,
}

/// Draws [`Bars`]. The chosen bar is always in view.
#[derive(Debug, Clone, Copy)]
pub struct BarsView<'a> {
    /// What is drawn.
    pub bars: &'a Bars,
    /// The chosen bar.
    pub chosen: usize,
    /// What it is drawn with.
    pub ink: &'a Ink,
}

/// A row of the plot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Row {
    Bar(usize),
    Divider,
}

impl BarsView<'_> {
    fn rows(&self) -> Vec<Row> {
        let mut rows: Vec<Row> = (0..self.bars.bars.len()).map(Row::Bar).collect();
        if let Some((at, _)) = &self.bars.divider {
            rows.insert((*at).min(rows.len()), Row::Divider);
        }
        rows
    }

    /// The rows in view, from the first.
    fn window(&self, area: Rect) -> Vec<Row> {
        let rows = self.rows();
        let height = usize::from(area.height.saturating_sub(1));
        let cursor = rows.iter().position(|&r| r == Row::Bar(self.chosen)).unwrap_or(0);
        let first = cursor.saturating_sub(height / 2).min(rows.len().saturating_sub(height));
        rows.into_iter().skip(first).take(height).collect()
    }

    /// The bar at a place of the screen.
    pub fn hit(&self, area: Rect, x: u16, y: u16) -> Option<usize> {
        if x < area.left() || x >= area.right() || y <= area.top() {
            return None;
        }
        match self.window(area).get(usize::from(y - area.top() - 1))? {
            Row::Bar(bar) => Some(*bar),
            Row::Divider => None,
        }
    }

    fn style(&self, tone: Tone) -> Style {
        match tone {
            Tone::Plain => self.ink.plain,
            Tone::Good => self.ink.good,
            Tone::Bad => self.ink.bad,
            Tone::Series(i) => self.ink.series[i % self.ink.series.len()],
        }
    }
}

impl Widget for BarsView<'_> {
    fn render(self, area: Rect, buf: &mut Buffer) {
        let Self { bars, chosen, ink } = self;
        if area.is_empty() {
            return;
        }
        let label = bars.bars.iter().map(|b| width::width(&b.label)).max().unwrap_or(0);
        let label = (label.max(width::width(&bars.axis)) as u16).clamp(4, (area.width / 2).max(4));
        let total: u64 = bars.bars.iter().map(|b| b.count).sum();
        let most = bars.bars.iter().map(|b| b.count).max().unwrap_or(0).max(1);
        let count = most.to_string().len().max(5) as u16;
        let share = if area.width >= 50 { 7 } else { 0 };
        let room = area.width.saturating_sub(label + 1 + count + 1 + share);
        let heading = |text: &str| ink.words(text);
        put_right(buf, area, area.x + label, area.y, label, &heading(&bars.axis), ink.quiet);
        let unit = heading(&bars.unit);
        let unit_columns = (width::width(&unit) as u16).min(area.width);
        let unit_right = area.right().saturating_sub(share);
        if unit_right.saturating_sub(unit_columns) > area.x + label {
            put_right(buf, area, unit_right, area.y, unit_columns, &unit, ink.quiet);
        }
        for (i, row) in self.window(area).into_iter().enumerate() {
            let y = area.y + 1 + i as u16;
            let Row::Bar(at) = row else {
                let says = bars.divider.as_ref().map_or("", |(_, says)| says.as_str());
                let line = ink.glyph("┄", "-").repeat(usize::from(room));
                put_right(buf, area, area.x + label, y, label, &heading(says), ink.quiet);
                put(buf, Rect { width: label + 1 + room, ..area }, area.x + label + 1, y, &line, ink.quiet);
                continue;
            };
            let bar = &bars.bars[at];
            let selected = at == chosen;
            let with = |style: Style| if selected { style.patch(ink.selected) } else { style };
            let name = heading(&width::cut_middle(&bar.label, usize::from(label)));
            put_right(buf, area, area.x + label, y, label, &name, with(ink.plain));
            let drawn = ink.bar(bar.count as f64 / most as f64, usize::from(room));
            put(buf, area, area.x + label + 1, y, &drawn, self.style(bar.tone));
            let end = area.right().saturating_sub(share);
            let style = if bar.count == 0 { ink.quiet } else { ink.plain };
            put_right(buf, area, end, y, count, &bar.count.to_string(), with(style));
            if share > 0 && total > 0 {
                let text = percent(Some(bar.count as f64 / total as f64));
                put_right(buf, area, area.right(), y, share, &text, ink.quiet);
            }
        }
    }
}
