//! Plots for a terminal: every one with axes, units and n, and every bar, bin and point can be
//! chosen.

pub mod bars;
pub mod canvas;
pub mod cross;
pub mod points;
pub mod rates;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::widgets::Widget;

pub use bars::{Bar, Bars, BarsView};
pub use cross::CrossView;
pub use points::{Point, Points, PointsView};
pub use rates::{RateBin, Rates, RatesView, Series};

use super::ink::{Ink, put};
use crate::analysis::Cross;
use crate::text::{Safe, width};

/// One plot, ready to draw.
#[derive(Debug, Clone, PartialEq)]
pub enum Plot {
    /// Shares with intervals over bins of a length.
    Rates(Rates),
    /// Runs as points.
    Points(Points),
    /// Right against followed.
    Cross(Cross),
    /// A histogram.
    Bars(Bars),
}

impl Plot {
    /// How many things can be chosen in it.
    pub fn len(&self) -> usize {
        match self {
            Self::Rates(rates) => rates.bins.len(),
            Self::Points(points) => points.points.len(),
            Self::Cross(_) => 4,
            Self::Bars(bars) => bars.bars.len(),
        }
    }

    /// What something that can be chosen is called, where it has a name of its own: a bin of a length has
    /// none, for another count has other bins.
    pub fn name(&self, at: usize) -> Option<&str> {
        match self {
            Self::Points(points) => points.points.get(at).map(|point| point.name.as_str()),
            Self::Bars(bars) => bars.bars.get(at).map(|bar| bar.label.as_str()),
            Self::Rates(_) | Self::Cross(_) => None,
        }
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Draws a [`Plot`] under a title and a line about what is counted.
#[derive(Debug, Clone, Copy)]
pub struct PlotView<'a> {
    /// The plot.
    pub plot: &'a Plot,
    /// Its name.
    pub title: &'a Safe,
    /// What is counted, of how many, and what was left out.
    pub about: &'a Safe,
    /// Which bar, bin, point or cell is chosen.
    pub chosen: usize,
    /// What it is drawn with.
    pub ink: &'a Ink,
}

impl PlotView<'_> {
    /// The part of the area below title and line.
    pub fn body(area: Rect) -> Rect {
        // A low screen gives the line about it to the plot.
        let head = if area.height >= 14 { 3 } else { 1 };
        Rect { y: area.y + head.min(area.height), height: area.height.saturating_sub(head), ..area }
    }

    /// What lies under a place of the screen.
    pub fn hit(&self, area: Rect, x: u16, y: u16) -> Option<usize> {
        let body = Self::body(area);
        match self.plot {
            Plot::Rates(rates) => RatesView { rates, chosen: self.chosen, ink: self.ink }.hit(body, x, y),
            Plot::Points(points) => PointsView { points, chosen: self.chosen, ink: self.ink }.hit(body, x, y),
            Plot::Cross(cross) => {
                CrossView { cross: *cross, chosen: self.chosen, ink: self.ink }.hit(body, x, y)
            }
            Plot::Bars(bars) => BarsView { bars, chosen: self.chosen, ink: self.ink }.hit(body, x, y),
        }
    }
}

impl Widget for PlotView<'_> {
    fn render(self, area: Rect, buf: &mut Buffer) {
        let Self { plot, title, about, chosen, ink } = self;
        let fitting = |text: &Safe| ink.words(&width::cut(text, usize::from(area.width)));
        put(buf, area, area.x, area.y, &fitting(title), ink.strong);
        if area.height >= 14 {
            put(buf, area, area.x, area.y + 1, &fitting(about), ink.quiet);
        }
        let body = Self::body(area);
        if plot.is_empty() {
            put(buf, body, body.x, body.y, &ink.words("nothing to plot: no generation matches"), ink.quiet);
            return;
        }
        match plot {
            Plot::Rates(rates) => RatesView { rates, chosen, ink }.render(body, buf),
            Plot::Points(points) => PointsView { points, chosen, ink }.render(body, buf),
            Plot::Cross(cross) => CrossView { cross: *cross, chosen, ink }.render(body, buf),
            Plot::Bars(bars) => BarsView { bars, chosen, ink }.render(body, buf),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::ink::tests::drawn;
    use super::bars::Tone;
    use super::rates::Rate;
    use super::*;
    use crate::analysis::interval::wilson;

    fn rate(yes: u64, n: u64) -> Rate {
        Rate { share: (n > 0).then(|| yes as f64 / n as f64), interval: wilson(yes, n, 0.95) }
    }

    fn rates() -> Plot {
        let bins: [(u32, u32, u64, u64, u64); 6] = [
            (0, 119, 50, 31, 37),
            (120, 339, 50, 28, 33),
            (340, 799, 49, 20, 29),
            (800, 1999, 50, 15, 22),
            (2000, 7999, 50, 11, 20),
            (8000, 24_000, 0, 0, 0),
        ];
        Plot::Rates(Rates {
            axis: "trace, words".into(),
            bins: bins.iter().map(|&(from, to, n, ..)| RateBin { from, to, n }).collect(),
            series: vec![
                Series { name: "HAcc".into(), rates: bins.iter().map(|b| rate(b.3, b.2)).collect() },
                Series { name: "SAcc".into(), rates: bins.iter().map(|b| rate(b.4, b.2)).collect() },
            ],
        })
    }

    fn points() -> Plot {
        let runs = [
            ("qwen3-max", 249, 123),
            ("qwen-plus", 241, 118),
            ("deepseek-v3.2", 239, 140),
            ("doubao-seed-1.6+wait2", 201, 90),
        ];
        Plot::Points(Points {
            x_axis: "right".into(),
            y_axis: "HAcc".into(),
            points: runs
                .iter()
                .map(|&(name, x, y)| Point { name: name.into(), x: rate(x, 299), y: rate(y, 299), n: 299 })
                .collect(),
        })
    }

    fn margins() -> Plot {
        let bars = [
            ("≤−101", 1),
            ("−100…−31", 4),
            ("−30…−11", 0),
            ("−10…−4", 9),
            ("−3…−2", 13),
            ("−1", 31),
            ("0", 60),
            ("1", 12),
            ("2…3", 5),
            ("4…10", 2),
        ];
        Plot::Bars(Bars {
            axis: "margin, commas".into(),
            unit: "generations".into(),
            bars: bars
                .iter()
                .enumerate()
                .map(|(i, &(label, count))| Bar {
                    label: label.into(),
                    count,
                    tone: if i < 6 { Tone::Bad } else { Tone::Good },
                })
                .collect(),
            divider: Some((6, "border".into())),
        })
    }

    fn cross() -> Plot {
        Plot::Cross(Cross {
            right_followed: 37,
            right_broken: 98,
            wrong_followed: 80,
            wrong_broken: 205,
            unknown: 2,
        })
    }

    #[test]
    fn sizes() {
        let (title, about) =
            (Safe::from("title of the plot"), Safe::from("what is counted · 1,196 generations"));
        for (name, plot) in
            [("rates", rates()), ("points", points()), ("margins", margins()), ("cross", cross())]
        {
            for (w, h) in [(120, 32), (80, 20), (40, 10)] {
                let ink = Ink::ansi();
                let view = PlotView { plot: &plot, title: &title, about: &about, chosen: 1, ink: &ink };
                insta::assert_snapshot!(format!("{name}_{w}x{h}"), drawn(view, w, h));
            }
            let ink = Ink::mono().in_ascii();
            let view = PlotView { plot: &plot, title: &title, about: &about, chosen: 1, ink: &ink };
            let text = drawn(view, 80, 20);
            assert!(text.is_ascii(), "{text}");
            insta::assert_snapshot!(format!("{name}_ascii"), text);
        }
    }

    #[test]
    fn nothing_and_tiny_areas_are_drawn_without_a_panic() {
        let empty = Safe::default();
        let none = [
            Plot::Rates(Rates::default()),
            Plot::Points(Points::default()),
            Plot::Bars(Bars::default()),
            Plot::Cross(Cross::default()),
        ];
        for plot in [rates(), points(), margins(), cross()].iter().chain(&none) {
            for (w, h) in (0..70).step_by(3).flat_map(|w| (0..18).map(move |h| (w, h))) {
                for chosen in [0, 3, 99] {
                    let view = PlotView { plot, title: &empty, about: &empty, chosen, ink: &Ink::mono() };
                    let area = Rect::new(0, 0, w, h);
                    for (x, y) in [(0, 0), (w, h), (w / 2, h / 2)] {
                        assert!(view.hit(area, x, y).is_none_or(|i| i < plot.len()));
                    }
                    drawn(view, w, h);
                }
            }
        }
    }

    #[test]
    fn every_thing_drawn_can_be_clicked() {
        let empty = Safe::default();
        for plot in [rates(), points(), margins(), cross()] {
            let area = Rect::new(2, 1, 100, 30);
            let view = PlotView { plot: &plot, title: &empty, about: &empty, chosen: 0, ink: &Ink::mono() };
            let mut found: Vec<usize> = (0..area.bottom())
                .flat_map(|y| (0..area.right()).map(move |x| (x, y)))
                .filter_map(|(x, y)| view.hit(area, x, y))
                .collect();
            found.sort_unstable();
            found.dedup();
            assert_eq!(found, (0..plot.len()).collect::<Vec<_>>());
        }
    }
}
