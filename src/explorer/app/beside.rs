//! The same item of two runs, side by side.

use std::ops::Range;
use std::sync::Arc;

use super::super::document::Document;
use super::super::effect::{Effect, Job, Slot};
use super::super::reader::Reader;
use super::{Action, App, Screen};
use crate::text::diff::words;

/// The generation beside the one at hand.
#[derive(Debug, Clone)]
pub struct Beside {
    /// Its reader.
    pub reader: Reader,
    /// Name of its run: kept when the item changes.
    pub run: String,
    /// The keys go to it.
    pub right: bool,
    /// Words that the two answers do not share are underlined.
    pub differing: bool,
    /// Those words, when they were found.
    pub differences: Option<Arc<Differences>>,
}

/// Words of two answers that the other has not, as bytes of the outputs.
#[derive(Debug, Clone, PartialEq)]
pub struct Differences {
    /// Key and words of the generation at hand.
    pub left: (String, Vec<Range<usize>>),
    /// Key and words of the one beside it.
    pub right: (String, Vec<Range<usize>>),
    /// Share of the words that both have.
    pub shared: f64,
}

impl Differences {
    /// Compares the answers of two generations.
    pub fn between(left: &Document, right: &Document) -> Self {
        let answer = |d: &Document| d.assessment.split.answer.clone();
        let (a, b) = (answer(left), answer(right));
        let diff = words(&left.text()[a.clone()], &right.text()[b.clone()]);
        let moved = |ranges: Vec<Range<usize>>, by: usize| {
            ranges.into_iter().map(|r| r.start + by..r.end + by).collect()
        };
        Self {
            left: (left.standing.key.clone(), moved(diff.only_a, a.start)),
            right: (right.standing.key.clone(), moved(diff.only_b, b.start)),
            shared: diff.shared,
        }
    }
}

impl App {
    /// The words to underline in a generation, by its key; none where they are not asked for.
    pub fn differing(&self, key: &str) -> &[Range<usize>] {
        let Some(beside) = self.beside.as_ref().filter(|b| b.differing && self.screen() == Screen::Beside)
        else {
            return &[];
        };
        match &beside.differences {
            Some(found) if found.left.0 == key => &found.left.1,
            Some(found) if found.right.0 == key => &found.right.1,
            _ => &[],
        }
    }

    /// Has the two answers compared, where that is asked for.
    pub(super) fn compare_words(&mut self) {
        let Some(beside) = self.beside.as_ref().filter(|b| b.differing) else { return };
        if let (Some(left), Some(right)) = (self.reader.document(), beside.reader.document()) {
            let (left, right) = (left.clone(), right.clone());
            self.effects.push(Effect::Job(Job::Diff { left, right }));
        }
    }

    fn toggle_diff(&mut self) {
        let Some(beside) = &mut self.beside else { return };
        beside.differing = !beside.differing;
        self.compare_words();
    }

    /// Opens the same item of another run: the one looked at last, else the next run.
    pub(super) fn compare(&mut self) {
        if self.screen() == Screen::Beside {
            self.next_run();
            return;
        }
        let run = self.beside.as_ref().map(|b| b.run.clone()).unwrap_or_default();
        let differing = self.beside.as_ref().is_some_and(|b| b.differing);
        let mut reader = Reader::default();
        (reader.folds, reader.view) = (self.reader.folds, self.reader.view);
        self.beside = Some(Beside { reader, run, right: false, differing, differences: None });
        self.open(Screen::Beside);
        self.follow_beside();
    }

    /// Reads what stands beside the generation at hand.
    pub(super) fn follow_beside(&mut self) {
        if self.screen() != Screen::Beside {
            return;
        }
        let (Some(found), Some(document)) = (&self.found, self.reader.document()) else { return };
        let name = |row: u32| found.library.row(row).run().run.name.clone();
        let others = &document.standing.others;
        let Some(beside) = &mut self.beside else { return };
        let row = others.iter().copied().find(|&r| name(r) == beside.run).or_else(|| others.first().copied());
        match row {
            Some(row) => {
                beside.run = name(row);
                self.read(Slot::Beside, row);
            }
            None => beside.reader.fail("no other run has this item".into()),
        }
    }

    fn next_run(&mut self) {
        let (Some(found), Some(document)) = (&self.found, self.reader.document()) else { return };
        let others = &document.standing.others;
        let name = |row: u32| found.library.row(row).run().run.name.clone();
        let Some(beside) = &mut self.beside else { return };
        let at = others.iter().position(|&r| name(r) == beside.run);
        let next = at.map_or(0, |at| (at + 1) % others.len().max(1));
        if let Some(&row) = others.get(next) {
            beside.run = name(row);
            self.read(Slot::Beside, row);
        }
    }

    /// An action side by side.
    pub(super) fn act_beside(&mut self, action: Action) {
        match action {
            Action::Back => self.close(),
            Action::ToggleDiff => self.toggle_diff(),
            Action::Compare | Action::NextRun => self.next_run(),
            Action::Left | Action::PreviousPane if self.is_right() => self.face(false),
            Action::Right if !self.is_right() => self.face(true),
            Action::NextPane => self.face(!self.is_right()),
            Action::NextItem | Action::PreviousItem if self.screens.contains(&Screen::Flips) => {
                self.step_flips(action == Action::NextItem);
            }
            Action::NextItem => self.step_list(true),
            Action::PreviousItem => self.step_list(false),
            Action::Enter => {
                // In: the side with the keys on the full screen.
                let row = self.reader_in_hand().document().map(|d| d.standing.row);
                let right = self.is_right();
                self.close();
                self.open(Screen::Read);
                if let (Some(row), true) = (row, right) {
                    self.read(Slot::Main, row);
                }
            }
            Action::FoldTrace
            | Action::FoldAnswer
            | Action::FoldQuestion
            | Action::ToggleWrap
            | Action::ToggleRaw => {
                self.reader.act(action);
                if let Some(beside) = &mut self.beside {
                    beside.reader.act(action);
                }
            }
            Action::Twin | Action::ShowPrompt | Action::Edit | Action::Page => self.act_generation(action),
            _ => {
                self.reader_in_hand_mut().act(action);
                let moved = matches!(
                    action,
                    Action::Down
                        | Action::Up
                        | Action::HalfDown
                        | Action::HalfUp
                        | Action::PageDown
                        | Action::PageUp
                        | Action::Top
                        | Action::Bottom
                );
                if moved {
                    self.align_beside();
                }
            }
        }
    }

    fn is_right(&self) -> bool {
        self.beside.as_ref().is_some_and(|b| b.right)
    }

    pub(super) fn face(&mut self, right: bool) {
        if let Some(beside) = &mut self.beside {
            beside.right = right;
        }
    }

    /// Scrolls the other side along: trace with trace, answer with answer.
    pub(super) fn align_beside(&mut self) {
        let Some(beside) = &mut self.beside else { return };
        let (leader, follower) = if beside.right {
            (&beside.reader, &mut self.reader)
        } else {
            (&self.reader, &mut beside.reader)
        };
        let (Some(from), Some(to)) = (leader.flow(), follower.flow()) else { return };
        let target = match from.part_at(leader.scroll) {
            Some((part, rows)) => to.head_of(part).map(|head| head + rows),
            None => Some(leader.scroll),
        };
        if let Some(target) = target {
            let by = target as isize - follower.scroll as isize;
            follower.scroll_by(by);
        }
    }
}
