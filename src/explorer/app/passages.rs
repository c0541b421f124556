//! What the list shows of the text while something is looked up: the passage around the first hit
//! of each row in sight.

use std::collections::HashMap;

use super::super::effect::{Effect, Job};
use super::super::jobs::{Found, List as Listed};
use super::{App, Screen};
use crate::library::Passage;

/// Passages kept; more than that has been scrolled by long ago.
const KEPT: usize = 4096;
/// From so many columns on, the passage stands in the line of its generation.
const INLINE: u16 = 70;

/// Passages of the list.
#[derive(Debug, Clone, Default)]
pub struct Passages {
    /// By row; `None` where the text of a row has no hit, or cannot be read.
    known: HashMap<u32, Option<Passage>>,
    /// Rows asked for last.
    asked: Vec<u32>,
    /// Hits in all generations of the list, where that can be counted.
    pub hits: Option<u64>,
}

impl Passages {
    /// The passage of a row; `None` when it has not come yet.
    pub fn of(&self, row: u32) -> Option<Option<&Passage>> {
        self.known.get(&row).map(Option::as_ref)
    }
}

impl App {
    /// Whether the list shows passages: its query looks something up.
    pub fn shows_passages(&self) -> bool {
        self.found.as_ref().is_some_and(|found| !found.selection.lookups().is_empty())
    }

    /// Whether a passage stands in the line of its generation, in a list of this width.
    pub fn passages_inline(&self, width: u16) -> bool {
        self.shows_passages() && width >= INLINE
    }

    /// Lines of a generation in a list of this width.
    pub fn lines_of_row(&self, width: u16) -> u16 {
        if self.shows_passages() && !self.passages_inline(width) { 2 } else { 1 }
    }

    /// Takes a new selection: what is known stays while rows and words mean the same.
    pub(super) fn renew_passages(&mut self, before: Option<&Found>) {
        let Some(found) = &self.found else { return };
        let lookups = found.selection.lookups();
        let same = before.is_some_and(|before| {
            std::sync::Arc::ptr_eq(&before.library, &found.library) && before.selection.lookups() == lookups
        });
        if !same {
            self.passages = Passages::default();
        }
        self.passages.hits = None;
        if !lookups.is_empty() {
            let (library, selection) = (found.library.clone(), found.selection.clone());
            self.effects.push(Effect::Job(Job::CountHits { library, selection }));
        }
    }

    /// Asks for the passages of the rows in sight and of the page after, where they are not known.
    pub(super) fn ask_passages(&mut self) {
        let Some(area) = self.areas().list.filter(|_| self.screen() == Screen::Browse) else { return };
        let Some(found) = self.found.as_ref().filter(|_| self.shows_passages()) else { return };
        let in_sight = usize::from(self.list_rows(area)) * 2;
        let rows = found.order.from(self.browse.list.top).take(in_sight);
        let unknown: Vec<u32> = rows.filter(|row| !self.passages.known.contains_key(row)).collect();
        if unknown.is_empty() || unknown == self.passages.asked {
            return;
        }
        self.passages.asked.clone_from(&unknown);
        let (library, selection) = (found.library.clone(), found.selection.clone());
        self.effects.push(Effect::Job(Job::Passages { library, selection, rows: unknown }));
    }

    /// Takes passages that have come.
    pub(super) fn take_passages(&mut self, list: &Listed, passages: Vec<(u32, Option<Passage>)>) {
        if !self.found.as_ref().is_some_and(|found| list.means_the_same(found)) {
            return;
        }
        if self.passages.known.len() > KEPT {
            self.passages.known.clear();
        }
        self.passages.known.extend(passages);
        self.passages.asked.clear();
    }
}
