//! Shares with intervals over bins.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::widgets::Widget;

use super::super::ink::{Ink, put, put_right, short};
use super::canvas::Canvas;
use crate::analysis::Interval;
use crate::text::{Safe, width};

/// A share with its interval, where they are known.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Rate {
    /// The share, in [0, 1].
    pub share: Option<f64>,
    /// Its interval.
    pub interval: Option<Interval>,
}

/// One of the things measured in every bin.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    /// Its name: `HAcc`.
    pub name: Safe,
    /// One rate a bin.
    pub rates: Vec<Rate>,
}

/// One bin of the axis.
#[derive(Debug, Clone, PartialEq)]
pub struct RateBin {
    /// Smallest length in it.
    pub from: u32,
    /// Largest length in it.
    pub to: u32,
    /// How many generations.
    pub n: u64,
}

/// Shares over bins of a length.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Rates {
    /// What the bins are of, with the unit: `trace, words`.
    pub axis: Safe,
    /// The bins.
    pub bins: Vec<RateBin>,
    /// What is measured; at most four are told apart.
    pub series: Vec<Series>,
}

impl Rates {
    /// The top of the axis: all, or a half or a quarter where nothing comes higher.
    fn top(&self) -> f64 {
        let rates = self.series.iter().flat_map(|s| &s.rates);
        let highest = rates.filter_map(|r| r.interval.map(|i| i.high).or(r.share)).fold(0.0, f64::max);
        [0.25, 0.5].into_iter().find(|&top| highest <= top).unwrap_or(1.0)
    }
}

/// Draws [`Rates`].
#[derive(Debug, Clone, Copy)]
pub struct RatesView<'a> {
    /// What is drawn.
    pub rates: &'a Rates,
    /// The chosen bin.
    pub chosen: usize,
    /// What it is drawn with.
    pub ink: &'a Ink,
}

/// Columns of the axis at the left.
const AXIS: u16 = 6;
/// Points of the series.
const POINTS: [(&str, &str); 4] = [("●", "*"), ("◆", "o"), ("▲", "^"), ("■", "#")];

impl RatesView<'_> {
    /// Columns of one bin; a bin never takes more than it needs to be read.
    fn bin_width(&self, area: Rect) -> u16 {
        (area.width.saturating_sub(AXIS) / self.rates.bins.len().max(1) as u16).min(18)
    }

    /// The bin at a place of the screen.
    pub fn hit(&self, area: Rect, x: u16, y: u16) -> Option<usize> {
        let wide = self.bin_width(area);
        if wide == 0 || x < area.x + AXIS || y < area.top() || y >= area.bottom() {
            return None;
        }
        let bin = usize::from((x - area.x - AXIS) / wide);
        (bin < self.rates.bins.len()).then_some(bin)
    }
}

impl Widget for RatesView<'_> {
    fn render(self, area: Rect, buf: &mut Buffer) {
        let Self { rates, ink, .. } = self;
        // Under the plot: the bins, n, and a row of numbers for each series where it fits.
        let numbers = if area.height >= 11 { rates.series.len() as u16 } else { 0 };
        let below = 2 + numbers;
        let wide = self.bin_width(area);
        if area.height < below + 4 || wide < 3 {
            put(buf, area, area.x, area.y, &ink.words("too small for this plot"), ink.quiet);
            return;
        }
        // The legend stands over the plot.
        let mut x = area.x + AXIS;
        for (i, series) in rates.series.iter().enumerate() {
            let point = POINTS[i % POINTS.len()];
            x = put(buf, area, x, area.y, ink.glyph(point.0, point.1), ink.series[i % 4]);
            x = put(buf, area, x + 1, area.y, &series.name, ink.plain) + 3;
        }
        let axis = format!("by {}, 95% intervals", rates.axis);
        put(buf, area, x, area.y, &ink.words(&axis), ink.quiet);

        let plot =
            Rect::new(area.x + AXIS, area.y + 1, wide * rates.bins.len() as u16, area.height - 1 - below);
        let mut canvas = Canvas::new(plot);
        let top = canvas.height() - 1;
        let full = rates.top();
        let level = |share: f64| (share / full * f64::from(top)).round() as i32;
        for tick in [0.0, 0.25, 0.5, 0.75, 1.0].map(|tick| tick * full) {
            let (_, y) = canvas.cell(0, level(tick));
            let whole = (tick * 100.0).fract() == 0.0;
            let text = if whole { format!("{:.0}%", tick * 100.0) } else { format!("{:.1}%", tick * 100.0) };
            put_right(buf, area, area.x + AXIS - 1, y, AXIS - 1, &text, ink.quiet);
            let line = ink.glyph("┈", ".").repeat(usize::from(plot.width));
            put(buf, area, plot.x, y, &line, ink.quiet);
        }
        let column = |bin: usize, series: usize| {
            // Series stand beside one another in their bin.
            let step = (wide / (rates.series.len() as u16 + 1)).max(1);
            (bin as u16 * wide + (step * (series as u16 + 1)).min(wide - 1)).min(plot.width - 1)
        };
        for (s, series) in rates.series.iter().enumerate() {
            for (bin, rate) in series.rates.iter().enumerate().take(rates.bins.len()) {
                if let Some(i) = rate.interval {
                    let x = i32::from(column(bin, s)) * 2;
                    canvas.upwards(x, (level(i.low), level(i.high)), ink.series[s % 4]);
                }
            }
        }
        canvas.draw(ink, buf);
        for (s, series) in rates.series.iter().enumerate() {
            for (bin, rate) in series.rates.iter().enumerate().take(rates.bins.len()) {
                let Some(share) = rate.share else { continue };
                let (x, y) = canvas.cell(i32::from(column(bin, s)) * 2, level(share));
                let point = POINTS[s % POINTS.len()];
                put(buf, area, x, y, ink.glyph(point.0, point.1), ink.series[s % 4]);
            }
        }
        self.labels(area, wide, plot.bottom(), numbers, buf);
    }
}

impl RatesView<'_> {
    fn labels(&self, area: Rect, wide: u16, first: u16, numbers: u16, buf: &mut Buffer) {
        let Self { rates, chosen, ink } = *self;
        let name = |text: &str, y: u16, buf: &mut Buffer| {
            put_right(buf, area, area.x + AXIS - 1, y, AXIS - 1, text, ink.quiet);
        };
        name("n", first + 1, buf);
        for (s, series) in rates.series.iter().enumerate().take(usize::from(numbers)) {
            name(&series.name, first + 2 + s as u16, buf);
        }
        for (i, bin) in rates.bins.iter().enumerate() {
            // Centred under the points of the bin.
            let left = area.x + AXIS + i as u16 * wide;
            let centred = |text: &str, y: u16, style: Style, buf: &mut Buffer| {
                let before = wide.saturating_sub(width::width(text) as u16) / 2;
                put(buf, area, left + before, y, text, style);
            };
            let (from, to) = (bin.from.to_string(), bin.to.to_string());
            let whole = if from == to { from.clone() } else { format!("{from}–{to}") };
            let columns = usize::from(wide - 1);
            let label = [
                whole,
                format!("{}–{}", short(bin.from.into()), short(bin.to.into())),
                short(bin.from.into()),
            ]
            .into_iter()
            .find(|l| width::width(l) <= columns)
            .unwrap_or_default();
            let style = if i == chosen { ink.selected } else { ink.plain };
            centred(&ink.words(&label), first, style, buf);
            centred(&short(bin.n), first + 1, ink.quiet, buf);
            for (s, series) in rates.series.iter().enumerate().take(usize::from(numbers)) {
                let text = series
                    .rates
                    .get(i)
                    .and_then(|r| r.share)
                    .map_or_else(|| ink.glyph("–", "-").to_owned(), |share| format!("{:.0}%", share * 100.0));
                centred(&text, first + 2 + s as u16, ink.series[s % 4], buf);
            }
        }
    }
}
