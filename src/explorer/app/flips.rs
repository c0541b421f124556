//! Flips: two runs on the same items, counted and listed.

use std::sync::Arc;

use super::super::effect::Slot;
use super::super::survey::Request;
use super::{Action, App, List, Screen};
use crate::analysis::against::Against;
use crate::analysis::compare::Contest;
use crate::analysis::{Comparison, Flip, Pair};
use crate::library::{Field, Held, Library};

/// The screen of flips.
#[derive(Debug, Clone, Default)]
pub struct FlipsScreen {
    /// Run A, the baseline, by name; the first run when empty.
    pub a: String,
    /// Run B by name; the run after A when empty.
    pub b: String,
    /// On what they are held against each other, as a place in [`Contest::ALL`].
    pub contest: usize,
    /// Which pairs are listed, as a place in [`Flip::ALL`]; both kinds of flip when `None`.
    pub kind: Option<usize>,
    /// The list of pairs.
    pub list: List,
    /// What was counted, when it was.
    pub compared: Option<Compared>,
    /// The pairs listed, as places in the comparison.
    pub order: Vec<usize>,
}

/// A comparison with the snapshot that it was counted in: its runs and rows are numbers of that one.
#[derive(Debug, Clone)]
pub struct Compared {
    /// The snapshot.
    pub library: Arc<Library>,
    /// What was counted.
    pub comparison: Comparison,
}

impl Compared {
    /// The two generations of a pair.
    fn held(&self, pair: &Pair) -> (Held, Held) {
        (Held::new(&self.library, pair.a), Held::new(&self.library, pair.b))
    }
}

/// The run after one that is neither it nor another, round at the end.
fn run_after(library: &Library, run: u32, other: u32) -> Option<u32> {
    let free = |&r: &u32| r != run && r != other;
    library.live_runs().filter(free).find(|&r| r > run).or_else(|| library.live_runs().find(free))
}

impl FlipsScreen {
    /// The numbers of the two runs; `None` when there are not two.
    pub fn runs(&self, library: &Library) -> Option<(u32, u32)> {
        let named = |name: &str| library.live_runs().find(|&r| library.runs()[r as usize].run.name == name);
        let a = named(&self.a).or_else(|| library.live_runs().next())?;
        let b = named(&self.b).filter(|&b| b != a).or_else(|| run_after(library, a, a))?;
        Some((a, b))
    }

    /// What must be counted for it.
    pub fn request(&self, library: &Library) -> Option<Request> {
        self.runs(library).map(|(a, b)| Request::Flips { a, b })
    }

    /// On what the runs are held against each other.
    pub fn contest(&self) -> Contest {
        Contest::ALL[self.contest % Contest::ALL.len()]
    }

    /// Takes what was counted. The cursor stays on its pair; false when that is not listed any more.
    pub fn take(&mut self, compared: Compared) -> bool {
        let other = self.compared.as_ref().filter(|before| !Arc::ptr_eq(&before.library, &compared.library));
        let under = other.and(self.pair()).map(|(a, b)| (a.identity(), b.identity()));
        self.compared = Some(compared);
        self.refill();
        let (Some((a, b)), Some(compared)) = (under, &self.compared) else { return true };
        let is_it = |&place: &usize| {
            let (in_a, in_b) = compared.held(&compared.comparison.pairs[place]);
            a.is_row(&in_a.row()) && b.is_row(&in_b.row())
        };
        let place = self.order.iter().position(is_it);
        self.list.cursor = place.unwrap_or(self.list.cursor);
        place.is_some()
    }

    /// Lists the pairs anew.
    fn refill(&mut self) {
        let kind = self.kind.and_then(|k| Flip::ALL.get(k)).copied();
        self.order =
            self.compared.as_ref().map(|c| c.comparison.flips(self.contest(), kind)).unwrap_or_default();
        self.list.cursor = self.list.cursor.min(self.order.len().saturating_sub(1));
    }

    /// Lists the pairs of one count; chosen again, both kinds of flip.
    pub fn choose(&mut self, contest: usize, kind: usize) {
        self.kind = (self.contest != contest || self.kind != Some(kind)).then_some(kind);
        self.contest = contest;
        self.list = List::default();
        self.refill();
    }

    /// The pair under the cursor.
    pub fn pair(&self) -> Option<(Held, Held)> {
        let place = *self.order.get(self.list.cursor)?;
        let compared = self.compared.as_ref()?;
        Some(compared.held(compared.comparison.pairs.get(place)?))
    }
}

/// Rows over the list: names of the runs, headings, measures, a sentence, a gap.
pub const HEAD: u16 = 7;

impl App {
    /// Rows of the list of pairs.
    pub(super) fn pair_rows(&self) -> u16 {
        self.areas().body.height.saturating_sub(HEAD + 1)
    }

    /// An action among the flips.
    pub(super) fn act_flips(&mut self, action: Action) {
        let rows = self.pair_rows();
        let screen = &mut self.flips;
        let len = screen.order.len();
        match action {
            Action::Back => self.close(),
            Action::Right => {
                screen.kind = screen.kind.map_or(Some(0), |k| (k + 1 < Flip::ALL.len()).then_some(k + 1));
                screen.list = List::default();
                screen.refill();
            }
            Action::Left => {
                screen.kind = screen.kind.map_or(Some(Flip::ALL.len() - 1), |k| k.checked_sub(1));
                screen.list = List::default();
                screen.refill();
            }
            Action::NextPane | Action::NextMeasure => {
                screen.contest = (screen.contest + 1) % Contest::ALL.len();
                screen.refill();
            }
            Action::PreviousPane => {
                screen.contest = (screen.contest + Contest::ALL.len() - 1) % Contest::ALL.len();
                screen.refill();
            }
            Action::SwapSides => {
                if let Some((a, b)) = self.found.as_ref().and_then(|f| self.flips.runs(&f.library)) {
                    self.face_runs(b, a);
                }
            }
            Action::NextRun | Action::NextBaseline => {
                let Some((a, b)) = self.found.as_ref().and_then(|f| self.flips.runs(&f.library)) else {
                    return;
                };
                let Some(library) = self.found.as_ref().map(|f| f.library.clone()) else { return };
                if library.live_runs().count() < 3 {
                    self.say("there are only two runs");
                } else if action == Action::NextRun {
                    self.face_runs(a, run_after(&library, b, a).unwrap_or(b));
                } else {
                    self.face_runs(run_after(&library, a, b).unwrap_or(a), b);
                }
            }
            Action::ToggleValue => self.filter_to_flips(),
            Action::NextItem => self.step_flips(true),
            Action::PreviousItem => self.step_flips(false),
            Action::Enter | Action::Compare => self.open_pair(),
            _ => {
                screen.list.act(action, rows, len);
            }
        }
    }

    /// Opens the flips: from the table of runs against the run under the cursor, from two runs side
    /// by side with these two.
    pub(super) fn open_flips(&mut self) {
        let (a, b) = match self.screen() {
            Screen::Runs if self.chosen.len() > 1 => {
                (Some(self.chosen[0].clone()), Some(self.chosen[1].clone()))
            }
            Screen::Runs => (None, self.run_at_cursor()),
            Screen::Beside => (
                self.run_of_column(0).map(str::to_owned),
                self.beside.as_ref().and_then(|b| b.sides.first()).map(|s| s.run.clone()),
            ),
            _ => (None, None),
        };
        if let Some(a) = a {
            self.set_baseline(a);
        }
        if let Some(b) = b.filter(|b| *b != self.flips.a) {
            self.flips.b = b;
        }
        self.open_counted(Screen::Flips);
    }

    /// The run under the cursor of the table of runs.
    pub(super) fn run_at_cursor(&self) -> Option<String> {
        let figures = self.figures.as_ref()?;
        let summary = figures.summaries.get(self.runs.cursor)?;
        Some(figures.library.runs()[summary.run as usize].run.name.clone())
    }

    /// Takes the run under the cursor as A.
    pub(super) fn set_baseline_at_cursor(&mut self) {
        if let Some(name) = self.run_at_cursor() {
            self.say(format!("baseline A: {name}; `vs:worse` asks what is worse than it"));
            self.set_baseline(name);
        }
    }

    /// Takes a run as A; where the query asks how others stand against it, asks anew.
    fn set_baseline(&mut self, name: String) {
        let before = std::mem::replace(&mut self.flips.a, name);
        if self.flips.b == self.flips.a {
            self.flips.b.clone_from(&before);
        }
        if before != self.flips.a && self.ask.query.asks_about(|f| matches!(f, Field::Vs | Field::VsCorrect))
        {
            self.select();
        }
    }

    /// Filters to the pairs listed: those of B, as they stand against A.
    fn filter_to_flips(&mut self) {
        let field = match self.flips.contest() {
            Contest::Followed => Field::Vs,
            Contest::Correct => Field::VsCorrect,
            Contest::Both => {
                let key = self.keymap.key_of(&self.layers(), Action::NextMeasure).unwrap_or_default();
                self.say(format!("a query asks for followed or for right; {key} chooses one of them"));
                return;
            }
        };
        let Some((a, b)) = self.found.as_ref().and_then(|f| self.flips.runs(&f.library)) else { return };
        self.face_runs(a, b);
        let values = match self.flips.kind.and_then(|k| Flip::ALL.get(k)) {
            Some(&flip) => vec![Against::from(flip)],
            None => vec![Against::Better, Against::Worse],
        };
        let mut query = self.ask.query.with(Field::Run, &self.flips.b).without(field);
        for value in values {
            query = query.toggle(field, value.name());
        }
        self.enter_query(query);
    }

    /// Holds two other runs against each other.
    pub(super) fn face_runs(&mut self, a: u32, b: u32) {
        let Some(found) = &self.found else { return };
        let name =
            |run: u32| found.library.runs().get(run as usize).map(|r| r.run.name.clone()).unwrap_or_default();
        let (a, b) = (name(a), name(b));
        self.set_baseline(a);
        self.flips.b = b;
        self.flips.list = List::default();
        self.recount();
    }

    /// Moves by one pair; with the pair open side by side, opens the next.
    pub(super) fn step_flips(&mut self, forward: bool) {
        let before = self.flips.list.cursor;
        self.flips.list.move_by(if forward { 1 } else { -1 }, self.flips.order.len());
        if self.flips.list.cursor == before {
            self.say(if forward { "this is the last pair" } else { "this is the first pair" });
        } else if self.screen() == Screen::Beside {
            self.open_pair();
        }
    }

    /// Opens the pair under the cursor side by side.
    fn open_pair(&mut self) {
        let Some((a, b)) = self.flips.pair() else { return };
        self.stand_beside(vec![b.row().run().run.name.clone()]);
        self.open(Screen::Beside);
        self.read(Slot::Main, &a);
    }
}
