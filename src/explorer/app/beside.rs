//! The same item of two to four runs, side by side.

use std::ops::Range;
use std::sync::Arc;

use super::super::document::Document;
use super::super::effect::{Effect, Job, Slot};
use super::super::flow::{Row, head};
use super::super::reader::Reader;
use super::{Action, App, Screen};
use crate::library::Held;
use crate::record::ContentKey;
use crate::text::diff::words;

/// Most runs side by side: more would leave a column too narrow for a sentence.
pub const SIDES: usize = 4;

/// The lowest screen on which all that is known of a verdict gets a row.
const DETAILED: u16 = 20;

/// Items looked at for the next one of the first run, before the list's next generation is taken.
const FAR: usize = 10_000;

/// What stands beside the generation at hand.
#[derive(Debug, Clone, Default)]
pub struct Beside {
    /// The others, from left to right: one to three.
    pub sides: Vec<Side>,
    /// Which column has the keys: 0 is the generation at hand, 1 the first side.
    pub facing: usize,
    /// Words that an answer does not share with the first are underlined.
    pub differing: bool,
    /// Those words, when they were found.
    pub differences: Option<Arc<Differences>>,
}

/// One column beside the generation at hand.
#[derive(Debug, Clone, Default)]
pub struct Side {
    /// Its reader.
    pub reader: Reader,
    /// Name of its run: kept when the item changes.
    pub run: String,
}

/// Words of answers that others have not, as bytes of the outputs.
#[derive(Debug, Clone, PartialEq)]
pub struct Differences {
    /// What each column says, and words of it. Of the first those that no other has, of the others those
    /// that the first has not.
    pub columns: Vec<(ContentKey, Vec<Range<usize>>)>,
    /// Share of the words that each of the columns after the first has in common with it.
    pub shared: Vec<f64>,
}

impl Differences {
    /// Compares the answers of generations with that of the first.
    pub fn of(documents: &[Arc<Document>]) -> Self {
        let answer = |d: &Document| d.assessment.split.answer.clone();
        let moved = |ranges: Vec<Range<usize>>, by: usize| -> Vec<Range<usize>> {
            ranges.into_iter().map(|r| r.start + by..r.end + by).collect()
        };
        let mut found = Self { columns: Vec::new(), shared: Vec::new() };
        let Some((first, others)) = documents.split_first() else { return found };
        let a = answer(first);
        let mut alone: Option<Vec<Range<usize>>> = None;
        for other in others {
            let b = answer(other);
            let diff = words(&first.text()[a.clone()], &other.text()[b.clone()]);
            let only_first = moved(diff.only_a, a.start);
            alone = Some(alone.map_or(only_first.clone(), |before| in_both(&before, &only_first)));
            found.columns.push((other.standing.content(), moved(diff.only_b, b.start)));
            found.shared.push(diff.shared);
        }
        found.columns.insert(0, (first.standing.content(), alone.unwrap_or_default()));
        found
    }

    /// Share of the words that a generation has in common with the first, by what it says: a side without
    /// the item is no column here.
    pub fn shared_of(&self, content: ContentKey) -> Option<f64> {
        let place = self.columns.iter().skip(1).position(|(of, _)| *of == content)?;
        self.shared.get(place).copied()
    }
}

/// What lies in a range of both; both are in order and do not overlap themselves.
fn in_both(a: &[Range<usize>], b: &[Range<usize>]) -> Vec<Range<usize>> {
    let (mut i, mut j) = (0, 0);
    let mut out = Vec::new();
    while let (Some(x), Some(y)) = (a.get(i), b.get(j)) {
        let (start, end) = (x.start.max(y.start), x.end.min(y.end));
        if start < end {
            out.push(start..end);
        }
        if x.end < y.end { i += 1 } else { j += 1 }
    }
    out
}

impl Beside {
    /// How many columns there are.
    pub fn columns(&self) -> usize {
        1 + self.sides.len()
    }

    /// The columns that are shown where so many fit: the first, and as many of the others as there
    /// is room for, the one with the keys among them.
    pub fn shown(&self, fit: usize) -> Vec<usize> {
        let all = self.columns();
        match fit {
            0 | 1 => vec![self.facing],
            _ if fit >= all => (0..all).collect(),
            _ => {
                let first = self.facing.saturating_sub(fit - 2).max(1).min(all + 1 - fit);
                std::iter::once(0).chain(first..first + fit - 1).collect()
            }
        }
    }
}

impl App {
    /// The reader of a column.
    pub fn column(&self, column: usize) -> Option<&Reader> {
        match (column, &self.beside) {
            (0, _) => Some(&self.reader),
            (_, Some(beside)) => beside.sides.get(column - 1).map(|s| &s.reader),
            _ => None,
        }
    }

    fn readers_mut(&mut self) -> impl Iterator<Item = &mut Reader> {
        let sides = self.beside.iter_mut().flat_map(|b| &mut b.sides).map(|s| &mut s.reader);
        std::iter::once(&mut self.reader).chain(sides)
    }

    /// The column that has the keys.
    pub fn facing(&self) -> usize {
        self.beside.as_ref().filter(|_| self.screen() == Screen::Beside).map_or(0, |b| b.facing)
    }

    /// Name of the run of a column, when it is known.
    pub fn run_of_column(&self, column: usize) -> Option<&str> {
        match column {
            0 => self.reader.document().map(|d| d.record.run.name.as_str()),
            _ => self.beside.as_ref()?.sides.get(column - 1).map(|s| s.run.as_str()),
        }
    }

    /// The words to underline in a generation, which is identified by its content; none where underlining
    /// is off.
    pub fn differing(&self, content: ContentKey) -> &[Range<usize>] {
        let beside = self.beside.as_ref().filter(|b| b.differing && self.screen() == Screen::Beside);
        let found = beside.and_then(|b| b.differences.as_deref());
        let column = found.and_then(|d| d.columns.iter().find(|(of, _)| *of == content));
        column.map_or(&[], |(_, words)| words)
    }

    /// Has the answers compared, where that is asked for and all of them are here.
    pub(super) fn compare_words(&mut self) {
        let Some(beside) = self.beside.as_ref().filter(|b| b.differing) else { return };
        let documents: Vec<_> =
            (0..beside.columns()).filter_map(|c| self.column(c)?.document().cloned()).collect();
        let waiting = beside.sides.iter().any(|s| s.reader.document().is_none() && s.reader.failed.is_none());
        if documents.len() > 1 && !waiting {
            self.effects.push(Effect::Job(Job::Diff { documents }));
        }
    }

    fn toggle_diff(&mut self) {
        let Some(beside) = &mut self.beside else { return };
        beside.differing = !beside.differing;
        self.compare_words();
    }

    /// Opens the same item of another run, or of those looked at last.
    pub(super) fn compare(&mut self) {
        if self.screen() == Screen::Beside {
            self.next_run();
            return;
        }
        let runs = self.beside.iter().flat_map(|b| &b.sides).map(|s| s.run.clone()).collect();
        self.stand_beside(runs);
        self.open(Screen::Beside);
        self.follow_beside(false);
    }

    /// Puts runs beside the generation at hand; what is not loaded yet comes with
    /// [`follow_beside`](Self::follow_beside).
    pub(super) fn stand_beside(&mut self, runs: Vec<String>) {
        let side = |run| Side { reader: self.reader.another(), run };
        let sides: Vec<Side> = runs.into_iter().take(SIDES - 1).map(side).collect();
        let beside = self.beside.get_or_insert_default();
        beside.sides = if sides.is_empty() { vec![side(String::new())] } else { sides };
        beside.facing = beside.facing.min(beside.sides.len());
        beside.differences = None;
    }

    /// Opens some runs side by side, by name and the first as A: on the item at hand where that run
    /// has it, else on the first that it has.
    pub(super) fn compare_runs(&mut self, runs: &[String]) {
        let (Some(found), Some((first, others))) = (&self.found, runs.split_first()) else { return };
        let of_first = |held: &Held| held.row().run().run.name == *first;
        let here = self.reader.document().map(|d| &d.standing);
        let here = here.and_then(|s| std::iter::once(s.here().clone()).chain(s.others()).find(of_first));
        let in_list = || {
            let of_first = |row: &u32| found.library.row(*row).run().run.name == *first;
            Some(Held::new(&found.library, found.order.iter().find(of_first)?))
        };
        let Some(held) = here.or_else(in_list) else {
            self.say(format!("{first} has nothing that fits the query"));
            return;
        };
        self.beside = None;
        self.stand_beside(others.to_vec());
        self.open(Screen::Beside);
        self.read(Slot::Main, &held);
    }

    /// Reads what stands beside the generation at hand. A side whose run is not known, or is that
    /// of the generation itself, takes the next run that is nowhere else. When the generation at hand
    /// is the same once more, only sides that were on nothing are read: what another is on, it stays
    /// on.
    pub(super) fn follow_beside(&mut self, again: bool) {
        if self.screen() != Screen::Beside {
            return;
        }
        let Some(document) = self.reader.document() else { return };
        let name = |held: &Held| held.row().run().run.name.clone();
        let others: Vec<(String, Held)> =
            document.standing.others().map(|held| (name(&held), held)).collect();
        let main = document.record.run.name.clone();
        let Some(beside) = &mut self.beside else { return };
        let mut wanted = Vec::new();
        for at in 0..beside.sides.len() {
            if again && beside.sides[at].reader.on().is_some() {
                continue;
            }
            beside.differences = None;
            if beside.sides[at].run.is_empty() || beside.sides[at].run == main {
                let taken = |run: &str| beside.sides.iter().any(|s| s.run == run);
                let free = others.iter().find(|(run, _)| !taken(run));
                beside.sides[at].run = free.map(|(run, _)| run.clone()).unwrap_or_default();
            }
            let side = &mut beside.sides[at];
            match others.iter().find(|(run, _)| *run == side.run) {
                Some((_, held)) => wanted.push((at, held.clone())),
                None if side.run.is_empty() => side.reader.lack("no other run has this item".into()),
                None => side.reader.lack(format!("{} does not have this item", side.run)),
            }
        }
        for (at, held) in wanted {
            self.read(Slot::Beside(at as u8), &held);
        }
    }

    /// Names of the runs that have the item at hand and stand nowhere yet.
    fn free_runs(&self) -> Vec<String> {
        let Some(document) = self.reader.document() else { return Vec::new() };
        let taken =
            |run: &str| self.beside.as_ref().is_some_and(|b| b.sides.iter().any(|side| side.run == run));
        let others = document.standing.others().map(|held| held.row().run().run.name.clone());
        others.filter(|run| !taken(run)).collect()
    }

    /// Whether there is a run that could come beside the others.
    pub(super) fn has_free_run(&self) -> bool {
        !self.free_runs().is_empty()
    }

    /// Another run in the column with the keys; in the second where the first has them, for the
    /// generation at hand stays.
    fn next_run(&mut self) {
        let free = self.free_runs();
        let Some(document) = self.reader.document() else { return };
        let others: Vec<String> =
            document.standing.others().map(|held| held.row().run().run.name.clone()).collect();
        let Some(beside) = &mut self.beside else { return };
        let at = beside.facing.saturating_sub(1);
        let Some(side) = beside.sides.get_mut(at) else { return };
        // The next one round, from where this run stands.
        let place = others.iter().position(|run| *run == side.run).map_or(0, |p| p + 1);
        let next = others.iter().cycle().skip(place).take(others.len()).find(|run| free.contains(run));
        if let Some(next) = next {
            side.run.clone_from(next);
            self.follow_side(at);
        }
    }

    /// Reads one side anew.
    fn follow_side(&mut self, at: usize) {
        let Some(document) = self.reader.document() else { return };
        let Some(side) = self.beside.as_ref().and_then(|b| b.sides.get(at)) else { return };
        if let Some(held) = document.standing.other(&side.run) {
            self.read(Slot::Beside(at as u8), &held);
        }
    }

    /// One run more.
    fn add_run(&mut self) {
        let Some(run) = self.free_runs().into_iter().next() else { return };
        let reader = self.reader.another();
        let Some(beside) = self.beside.as_mut().filter(|b| b.columns() < SIDES) else { return };
        beside.sides.push(Side { reader, run });
        let at = beside.sides.len() - 1;
        self.follow_side(at);
    }

    /// One run less: that of the column with the keys, the last where the first has them.
    fn drop_run(&mut self) {
        let Some(beside) = self.beside.as_mut().filter(|b| b.sides.len() > 1) else { return };
        let at = if beside.facing == 0 { beside.sides.len() } else { beside.facing } - 1;
        beside.sides.remove(at);
        beside.facing = beside.facing.min(beside.sides.len());
        // Answers on their way know their side by its place.
        self.follow_beside(false);
    }

    /// An action side by side.
    pub(super) fn act_beside(&mut self, action: Action) {
        let facing = self.facing();
        let columns = self.beside.as_ref().map_or(1, Beside::columns);
        match action {
            Action::Back => self.close(),
            Action::ToggleDiff => self.toggle_diff(),
            Action::Compare | Action::NextRun => self.next_run(),
            Action::AddRun => self.add_run(),
            Action::DropRun => self.drop_run(),
            Action::Left | Action::PreviousPane if facing > 0 && !self.scrolls_left() => {
                self.face(facing - 1);
            }
            Action::Right if facing + 1 < columns && !self.reader.unwrapped => self.face(facing + 1),
            Action::NextPane => self.face((facing + 1) % columns),
            Action::NextItem | Action::PreviousItem if self.screens.contains(&Screen::Flips) => {
                self.step_flips(action == Action::NextItem);
            }
            Action::NextItem | Action::PreviousItem => self.step_item(action == Action::NextItem),
            Action::Enter => {
                // In: the side with the keys on the full screen.
                let held = self.reader_in_hand().document().map(|d| d.standing.here().clone());
                self.close();
                self.open(Screen::Read);
                match held {
                    Some(held) if facing > 0 => self.read(Slot::Main, &held),
                    _ => self.go_on_from_gone(),
                }
            }
            // What is shown of a text is the same in all columns.
            Action::FoldTrace
            | Action::FoldAnswer
            | Action::FoldQuestion
            | Action::ToggleWrap
            | Action::ToggleRaw
            | Action::ToggleMath => {
                self.readers_mut().for_each(|reader| {
                    reader.act(action);
                });
            }
            Action::Twin
            | Action::ShowPrompt
            | Action::Edit
            | Action::EditOutput
            | Action::Page
            | Action::NextSample
            | Action::PreviousSample => self.act_generation(action),
            Action::NextConstraint => {
                // The constraints of an item are the same in all columns.
                self.reader_in_hand_mut().act(action);
                let only = self.reader_in_hand().only;
                self.readers_mut().filter(|r| r.only != only).for_each(|r| r.go_through(only));
            }
            _ => {
                self.reader_in_hand_mut().act(action);
                if action.is_move() || action.is_step() {
                    self.align_beside();
                }
            }
        }
    }

    /// Whether a long line is to be scrolled back before the keys go to the column before.
    fn scrolls_left(&self) -> bool {
        self.reader.unwrapped && self.reader_in_hand().column > 0
    }

    pub(super) fn face(&mut self, column: usize) {
        if let Some(beside) = &mut self.beside {
            beside.facing = column.min(beside.sides.len());
        }
    }

    /// Goes on to the next item of the first column's run in the list; without one near, to the
    /// next generation.
    fn step_item(&mut self, forward: bool) {
        let (Some(found), Some(document)) = (&self.found, self.reader.document()) else { return };
        // The list may be newer than what is shown: runs and items have other numbers there.
        let here = document.standing.here().row();
        let (run, item) = (&here.run().run.name, here.item());
        let wanted = |&at: &usize| {
            let row = found.order.get(at).map(|row| found.library.row(row));
            row.is_some_and(|row| {
                row.run().run.name == *run && (&row.item().id, &row.item().group) != (&item.id, &item.group)
            })
        };
        let cursor = self.browse.list.cursor;
        let next = if forward {
            (cursor + 1..found.order.len()).take(FAR).find(wanted)
        } else {
            (0..cursor).rev().take(FAR).find(wanted)
        };
        match next {
            Some(at) => {
                self.browse.list.cursor = at;
                self.read_cursor();
            }
            None => self.step_list(forward),
        }
    }

    /// Scrolls the other columns along: trace with trace, answer with answer.
    pub(super) fn align_beside(&mut self) {
        let leader = self.reader_in_hand();
        let Some(from) = leader.flow() else { return };
        let (scroll, place) = (leader.scroll, from.part_at(leader.scroll));
        let facing = self.facing();
        for (_, follower) in self.readers_mut().enumerate().filter(|&(column, _)| column != facing) {
            let Some(to) = follower.flow() else { continue };
            let target = match place {
                Some((part, rows)) => to.head_of(part).map(|head| head + rows),
                None => Some(scroll),
            };
            if let Some(target) = target {
                follower.scroll_by(target as isize - follower.scroll as isize);
            }
        }
    }

    /// Gives the heads of all columns as many rows, so that what is the same in all of them stands
    /// in one line; elsewhere every head has its own.
    pub(super) fn align_heads(&mut self) {
        if self.screen() != Screen::Beside {
            // There is room for all of a verdict where one generation has the screen.
            let room = self.screen() == Screen::Read && self.size.1 >= DETAILED;
            let detailed = self.reader.only.filter(|_| room);
            let rows = self.reader.document().map(|d| head(d, detailed));
            self.reader.set_head(rows);
            return;
        }
        // The item and its constraints are the same: only failure modes may be here and not there.
        let heads: Vec<Option<Vec<Row>>> =
            self.readers_mut().map(|reader| reader.document().map(|d| head(d, None))).collect();
        let most = heads.iter().flatten().map(Vec::len).max().unwrap_or(0);
        for (reader, rows) in self.readers_mut().zip(heads) {
            if let Some(mut rows) = rows {
                rows.resize(most, Row::Blank);
                reader.set_head(Some(rows));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_give_way_but_never_the_first_nor_the_one_with_the_keys() {
        let table: [(usize, usize, &[usize]); 9] = [
            (4, 0, &[0, 1, 2, 3]),
            (3, 0, &[0, 1, 2]),
            (3, 2, &[0, 1, 2]),
            (3, 3, &[0, 2, 3]),
            (2, 0, &[0, 1]),
            (2, 1, &[0, 1]),
            (2, 3, &[0, 3]),
            (1, 0, &[0]),
            (1, 3, &[3]),
        ];
        for (fit, facing, shown) in table {
            let beside = Beside { sides: vec![Side::default(); 3], facing, ..Beside::default() };
            assert_eq!(beside.shown(fit), shown, "{fit} fit, facing {facing}");
        }
    }

    #[test]
    fn ranges_in_both() {
        assert_eq!(in_both(&[0..4, 6..9], &[2..7, 8..12]), [2..4, 6..7, 8..9]);
        assert!(in_both(&[0..4, 7..8], &[4..7, 8..9]).is_empty());
    }
}
