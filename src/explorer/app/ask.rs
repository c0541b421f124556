//! What is asked of the library: the query, the order, and the way back.

use std::time::{Duration, Instant};

use super::super::effect::{CursorTarget, Effect, Job};
use super::{Action, App};
use crate::asker::Asker;
use crate::library::{Query, Scan, Sort, SortKey, Unit};

/// The query and its history, like a browser's.
#[derive(Debug, Clone, Default)]
pub struct Ask {
    /// The query in force.
    pub query: Query,
    /// The order of the list.
    pub sort: Sort,
    /// Samples of an item in a run are one row of the list.
    pub fold: bool,
    /// Queries before this one.
    pub back: Vec<Query>,
    /// Queries that were gone back from.
    pub forward: Vec<Query>,
    /// A selection is being made.
    pub waiting: bool,
    /// A newer snapshot came while one was being made.
    pub stale: bool,
    /// Text is being read for it: what the index cannot tell.
    pub scanning: Option<Scan>,
    /// When the query or the order was last changed, until the selection for it comes.
    pub changed: Option<Instant>,
}

/// Keys wait so long for the selection they were meant for; then they mean what is on the screen,
/// or a scan of many seconds would leave the keyboard dead.
const WAIT: Duration = Duration::from_millis(500);

impl Ask {
    /// Whether what is on the screen is about to be replaced by what was asked for.
    pub fn is_awaited(&self, now: Instant) -> bool {
        self.changed.is_some_and(|at| now.saturating_duration_since(at) < WAIT)
    }

    /// The selection has come, or will not: nothing is read for it any more.
    pub(super) fn answered(&mut self) {
        (self.waiting, self.changed, self.scanning) = (false, None, None);
    }
}

/// Columns that `sort-next` goes through.
const CYCLE: [SortKey; 9] = [
    SortKey::Library,
    SortKey::Run,
    SortKey::Item,
    SortKey::Verdict,
    SortKey::Correct,
    SortKey::Trace(Unit::Words),
    SortKey::Answer(Unit::Words),
    SortKey::Margin,
    SortKey::Relevance,
];

impl App {
    /// Asks another query; the one before can be gone back to.
    pub fn ask(&mut self, query: Query) {
        if query == self.ask.query {
            return;
        }
        let before = std::mem::replace(&mut self.ask.query, query);
        self.ask.back.push(before);
        self.ask.forward.clear();
        let text = self.ask.query.to_string();
        self.session.asked(&text);
        self.select_changed();
    }

    /// Goes back to the query before, or forward again.
    pub fn travel(&mut self, back: bool) {
        let (from, to) = if back {
            (&mut self.ask.back, &mut self.ask.forward)
        } else {
            (&mut self.ask.forward, &mut self.ask.back)
        };
        let Some(query) = from.pop() else { return };
        to.push(std::mem::replace(&mut self.ask.query, query));
        self.select_changed();
    }

    /// Stops reading text, and goes back to the query before.
    pub fn stop_scan(&mut self) {
        if self.ask.back.is_empty() {
            self.ask(Query::default());
        } else {
            self.travel(true);
        }
    }

    /// Sorts by a key; asked again for the same, the other way round.
    pub fn sort_by(&mut self, key: SortKey) {
        let sort = &mut self.ask.sort;
        if sort.key == key {
            sort.descending = !sort.descending;
        } else {
            // Long and short of it: the longest first, everything else from the start.
            let longest = matches!(key, SortKey::Trace(_) | SortKey::Answer(_));
            *sort = Sort { key, descending: longest };
        }
        self.select_changed();
    }

    /// Sorts by the next column.
    pub fn sort_next(&mut self) {
        let at = CYCLE.iter().position(|&k| k == self.ask.sort.key).unwrap_or(0);
        let next = CYCLE[(at + 1) % CYCLE.len()];
        // Without words nothing is relevant.
        let next = if next == SortKey::Relevance && self.can(Action::SortRelevance).is_err() {
            CYCLE[0]
        } else {
            next
        };
        self.sort_by(next);
    }

    /// Turns the order round.
    pub fn sort_reverse(&mut self) {
        self.ask.sort.descending = !self.ask.sort.descending;
        self.select_changed();
    }

    /// Folds the samples of each item into one row of the list, or unfolds them.
    pub fn fold_samples(&mut self) {
        self.ask.fold = !self.ask.fold;
        self.select_changed();
    }

    /// Makes the selection for another query or order.
    fn select_changed(&mut self) {
        self.ask.changed = Some(self.now);
        if self.ask.sort.key == SortKey::Relevance {
            // What is most relevant is what was asked for: not what the cursor was on.
            self.anchor = None;
            self.select_keeping(CursorTarget::First);
        } else {
            self.select();
        }
    }

    /// Who asks: with tags, notes and the baseline as they are now.
    pub(super) fn asker(&self) -> Asker {
        let baseline = Some(self.flips.a.clone()).filter(|name| !name.is_empty());
        Asker { ledger: self.triage.ledger.clone(), baseline }
    }

    /// Makes the selection anew; the cursor stays on its generation.
    pub fn select(&mut self) {
        self.select_keeping(self.keep());
    }

    fn select_keeping(&mut self, keep: CursorTarget) {
        self.ask.waiting = true;
        (self.ask.stale, self.ask.scanning) = (false, None);
        self.effects.push(Effect::Job(Job::Select {
            library: self.library.clone(),
            query: self.ask.query.clone(),
            sort: self.ask.sort,
            fold: self.ask.fold,
            keep,
            asker: self.asker(),
        }));
    }
}
