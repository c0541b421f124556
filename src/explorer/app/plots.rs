//! The plots: which one, of what, and what is chosen in it.

use super::super::survey::{Chart, Kind, Request};
use super::{Action, App};
use crate::library::Unit;

/// The screen of the plots.
#[derive(Debug, Clone)]
pub struct PlotsScreen {
    /// Which plot.
    pub kind: Kind,
    /// The variant of each kind, as last looked at.
    pub variants: [usize; Kind::ALL.len()],
    /// Unit of lengths.
    pub unit: Unit,
    /// The chosen bar, bin, point or cell.
    pub chosen: usize,
    /// What was counted, when it was.
    pub chart: Option<Chart>,
}

impl Default for PlotsScreen {
    fn default() -> Self {
        Self { kind: Kind::Rates, variants: [0; Kind::ALL.len()], unit: Unit::Words, chosen: 0, chart: None }
    }
}

impl PlotsScreen {
    /// Place of the plot in [`Kind::ALL`].
    pub fn place(&self) -> usize {
        Kind::ALL.iter().position(|&k| k == self.kind).unwrap_or(0)
    }

    /// What must be counted for it.
    pub fn request(&self) -> Request {
        Request::Chart { kind: self.kind, variant: self.variants[self.place()], unit: self.unit }
    }

    /// Takes what was counted. What is chosen stays so, by its name; within, where it is not there any
    /// more.
    pub fn take(&mut self, chart: Chart) {
        let under = self.chart.as_ref().and_then(|before| before.plot.name(self.chosen));
        let place =
            under.and_then(|name| (0..chart.plot.len()).find(|&at| chart.plot.name(at) == Some(name)));
        self.chosen = place.unwrap_or(self.chosen);
        self.chosen = self.chosen.min(chart.plot.len().saturating_sub(1));
        self.chart = Some(chart);
    }

    /// Goes to the plot at a place.
    pub fn go(&mut self, place: usize) {
        let kind = Kind::ALL[place % Kind::ALL.len()];
        if kind != self.kind {
            self.kind = kind;
            self.chosen = 0;
            self.chart = None;
        }
    }

    /// Goes to the next or the previous variant.
    fn turn(&mut self, forward: bool) {
        let many = self.chart.as_ref().map_or(1, |c| c.variants.len().max(1));
        let variant = &mut self.variants[Kind::ALL.iter().position(|&k| k == self.kind).unwrap_or(0)];
        *variant = (*variant % many + if forward { 1 } else { many - 1 }) % many;
    }
}

impl App {
    /// An action on the plots.
    pub(super) fn act_plots(&mut self, action: Action) {
        let screen = &mut self.plots;
        let len = screen.chart.as_ref().map_or(0, |c| c.plot.len());
        let last = len.saturating_sub(1);
        match action {
            Action::Back => self.close(),
            Action::Down | Action::Right => screen.chosen = (screen.chosen + 1).min(last),
            Action::Up | Action::Left => screen.chosen = screen.chosen.saturating_sub(1),
            Action::Top => screen.chosen = 0,
            Action::Bottom => screen.chosen = last,
            Action::NextPane => {
                screen.go(screen.place() + 1);
                self.recount();
            }
            Action::PreviousPane => {
                screen.go(screen.place() + Kind::ALL.len() - 1);
                self.recount();
            }
            Action::NextVariant => {
                screen.turn(true);
                self.recount();
            }
            Action::PreviousVariant => {
                screen.turn(false);
                self.recount();
            }
            Action::NextUnit => {
                screen.unit = match screen.unit {
                    Unit::Words => Unit::Tokens,
                    Unit::Tokens => Unit::Chars,
                    Unit::Chars => Unit::Words,
                };
                self.recount();
            }
            Action::Enter | Action::ToggleValue => {
                let link = screen.chart.as_ref().and_then(|c| c.links.get(screen.chosen)).cloned().flatten();
                if let Some(query) = link {
                    self.enter_query(query);
                }
            }
            _ => {}
        }
    }
}
