//! Runs as points: correctness to the right, `HAcc` upwards.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::widgets::Widget;

use super::super::ink::{Ink, percent, put, put_right};
use super::canvas::Canvas;
use super::rates::Rate;
use crate::text::{Safe, width};

/// One run.
#[derive(Debug, Clone, PartialEq)]
pub struct Point {
    /// Its name.
    pub name: Safe,
    /// To the right.
    pub x: Rate,
    /// Upwards.
    pub y: Rate,
    /// How many generations.
    pub n: u64,
}

/// Points with two shares each.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Points {
    /// What goes to the right: `right`.
    pub x_axis: Safe,
    /// What goes upwards: `HAcc`.
    pub y_axis: Safe,
    /// The points; the first 26 get a letter.
    pub points: Vec<Point>,
}

/// Draws [`Points`] beside or above their list.
#[derive(Debug, Clone, Copy)]
pub struct PointsView<'a> {
    /// What is drawn.
    pub points: &'a Points,
    /// The chosen point.
    pub chosen: usize,
    /// What it is drawn with.
    pub ink: &'a Ink,
}

/// Columns of the axis at the left.
const AXIS: u16 = 5;
/// Columns of the list beside the plot.
const LIST: u16 = 46;

fn letter(i: usize) -> char {
    u8::try_from(i).ok().filter(|&i| i < 26).map_or('·', |i| char::from(b'A' + i))
}

/// Ends of an axis that hold all values with their intervals, on multiples of a tenth, at least a
/// fifth apart.
fn ends(rates: impl Iterator<Item = Rate>) -> (f64, f64) {
    let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
    for rate in rates {
        for value in rate.share.into_iter().chain(rate.interval.iter().flat_map(|i| [i.low, i.high])) {
            low = low.min(value);
            high = high.max(value);
        }
    }
    if low > high {
        return (0.0, 1.0);
    }
    let (mut low, mut high) = ((low * 10.0).floor() / 10.0, (high * 10.0).ceil() / 10.0);
    if high - low < 0.2 {
        low = (low - 0.1).max(0.0);
        high = (low + 0.2).min(1.0);
        low = low.min(high - 0.2);
    }
    (low, high)
}

/// Round values between two ends, at most six.
fn ticks(low: f64, high: f64) -> impl Iterator<Item = f64> {
    let hundredths = |v: f64| (v * 100.0).round() as i32;
    let (low, high) = (hundredths(low), hundredths(high));
    let step = [5, 10, 20].into_iter().find(|s| (high - low) / s <= 5).unwrap_or(20);
    (low..=high).filter(move |v| v % step == 0).map(|v| f64::from(v) / 100.0)
}

impl PointsView<'_> {
    /// Plot and list.
    fn areas(&self, area: Rect) -> (Rect, Rect) {
        if area.width >= LIST + 34 {
            let plot = Rect { width: area.width - LIST - 2, ..area };
            return (plot, Rect { x: plot.right() + 2, width: LIST, ..area });
        }
        let wanted = (self.points.points.len() as u16 + 1).min(area.height / 2);
        let plot = Rect { height: area.height - wanted, ..area };
        (plot, Rect { y: plot.bottom(), height: wanted, ..area })
    }

    /// First point of the list in view.
    fn first(&self, list: Rect) -> usize {
        let height = usize::from(list.height.saturating_sub(1));
        self.chosen.saturating_sub(height / 2).min(self.points.points.len().saturating_sub(height))
    }

    /// The point whose row or letter is at a place of the screen.
    pub fn hit(&self, area: Rect, x: u16, y: u16) -> Option<usize> {
        let (_, list) = self.areas(area);
        let inside = x >= list.left() && x < list.right() && y > list.top() && y < list.bottom();
        let at = inside.then(|| usize::from(y - list.top() - 1) + self.first(list))?;
        (at < self.points.points.len()).then_some(at)
    }

    fn plot(&self, area: Rect, buf: &mut Buffer) {
        let Self { points, chosen, ink } = *self;
        if area.height < 5 || area.width < AXIS + 12 {
            put(buf, area, area.x, area.y, &ink.words("too small for this plot"), ink.quiet);
            return;
        }
        put(buf, area, area.x, area.y, &points.y_axis, ink.quiet);
        let field = Rect::new(area.x + AXIS, area.y + 1, area.width - AXIS, area.height - 3);
        let mut canvas = Canvas::new(field);
        let (x0, x1) = ends(points.points.iter().map(|p| p.x));
        let (y0, y1) = ends(points.points.iter().map(|p| p.y));
        let (right, top) = (canvas.width() - 1, canvas.height() - 1);
        let at_x = |v: f64| ((v - x0) / (x1 - x0) * f64::from(right)).round() as i32;
        let at_y = |v: f64| ((v - y0) / (y1 - y0) * f64::from(top)).round() as i32;
        for value in ticks(y0, y1) {
            let (_, y) = canvas.cell(0, at_y(value));
            put_right(
                buf,
                area,
                area.x + AXIS - 1,
                y,
                AXIS - 1,
                &format!("{:.0}%", value * 100.0),
                ink.quiet,
            );
            put(buf, area, field.x, y, &ink.glyph("┈", ".").repeat(usize::from(field.width)), ink.quiet);
        }
        for value in ticks(x0, x1) {
            let (x, _) = canvas.cell(at_x(value), 0);
            let text = format!("{:.0}%", value * 100.0);
            let start =
                (x + 1).saturating_sub(text.len() as u16 / 2 + 1).min(field.right() - text.len() as u16);
            put(buf, area, start, field.bottom(), &text, ink.quiet);
        }
        put_right(buf, area, field.right(), field.bottom() + 1, field.width, &points.x_axis, ink.quiet);
        for (i, point) in points.points.iter().enumerate() {
            let (Some(x), Some(y)) = (point.x.share, point.y.share) else { continue };
            let style = if i == chosen { ink.series[0] } else { ink.quiet };
            if let Some(w) = point.x.interval {
                canvas.across((at_x(w.low), at_x(w.high)), at_y(y), style);
            }
            if let Some(h) = point.y.interval {
                canvas.upwards(at_x(x), (at_y(h.low), at_y(h.high)), style);
            }
        }
        canvas.draw(ink, buf);
        // The chosen one last, so that it lies on top.
        let order = (0..points.points.len()).filter(|&i| i != chosen).chain([chosen]);
        for i in order {
            let Some((Some(x), Some(y))) = points.points.get(i).map(|p| (p.x.share, p.y.share)) else {
                continue;
            };
            let (x, y) = canvas.cell(at_x(x), at_y(y));
            let style = if i == chosen { ink.strong.patch(ink.selected) } else { ink.strong };
            put(buf, area, x, y, &ink.words(&letter(i).to_string()), style);
        }
    }

    fn list(&self, area: Rect, buf: &mut Buffer) {
        let Self { points, chosen, ink } = *self;
        if area.height == 0 {
            return;
        }
        let number = 7;
        let name = area.width.saturating_sub(2 + 3 * number);
        let head = |text: &str, column: u16, buf: &mut Buffer| {
            let right = area.x + 2 + name + column * number;
            put_right(buf, area, right, area.y, number - 1, text, ink.quiet);
        };
        put(buf, area, area.x + 2, area.y, "run", ink.quiet);
        head(&points.y_axis, 1, buf);
        head(&points.x_axis, 2, buf);
        head("n", 3, buf);
        let first = self.first(area);
        for (row, (i, point)) in points.points.iter().enumerate().skip(first).enumerate() {
            let y = area.y + 1 + row as u16;
            if y >= area.bottom() {
                break;
            }
            let style = if i == chosen { ink.selected } else { ink.plain };
            put(buf, area, area.x, y, &ink.words(&letter(i).to_string()), ink.strong);
            let shown =
                ink.words(&width::pad(&width::cut_middle(&point.name, usize::from(name)), usize::from(name)));
            put(buf, area, area.x + 2, y, &shown, style);
            let right = |column: u16| area.x + 2 + name + column * number;
            let dash = |share| ink.words(&percent(share));
            put_right(buf, area, right(1), y, number - 1, &dash(point.y.share), ink.plain);
            put_right(buf, area, right(2), y, number - 1, &dash(point.x.share), ink.plain);
            put_right(buf, area, right(3), y, number - 1, &point.n.to_string(), ink.quiet);
        }
    }
}

impl Widget for PointsView<'_> {
    fn render(self, area: Rect, buf: &mut Buffer) {
        let (plot, list) = self.areas(area);
        self.plot(plot, buf);
        self.list(list, buf);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn axes_hold_their_values_and_are_never_narrow() {
        let rate = |share| Rate { share: Some(share), interval: None };
        for share in [0.0, 0.05, 0.5, 0.95, 1.0] {
            let (low, high) = ends([rate(share)].into_iter());
            assert!(low <= share && share <= high && high - low > 0.19, "{share}: {low} {high}");
            assert!((-1e-9..=1.0 + 1e-9).contains(&low) && high <= 1.0 + 1e-9);
        }
        assert_eq!(ends(std::iter::empty()), (0.0, 1.0));
        assert_eq!(ticks(0.6, 0.9).collect::<Vec<_>>(), [0.6, 0.7, 0.8, 0.9]);
        assert_eq!(ticks(0.0, 1.0).count(), 6);
    }
}
