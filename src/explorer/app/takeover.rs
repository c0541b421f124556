//! A newer snapshot of the library is taken over: the files were read again, or are being read.
//!
//! Whatever refers to a generation of the old snapshot is looked up in the new one by its
//! [`Identity`], never by row number or key. A generation that is gone is reported on the screen until
//! the user moves to another one, or it is back.

use std::sync::Arc;

use super::super::effect::{CursorTarget, Slot};
use super::super::jobs::{CursorPlace, Found};
use super::super::reader::Failure;
use super::{App, Screen};
use crate::library::{Identity, Library};

impl App {
    pub(super) fn take_library(&mut self, library: Arc<Library>) {
        let before = std::mem::replace(&mut self.library, library);
        self.keep_reject(&before);
        // While one selection is under way the next snapshot waits, or a slow one would never end.
        if self.ask.waiting {
            self.ask.stale = true;
        } else {
            self.select();
        }
    }

    /// The list of rejects stays on the one under its cursor.
    fn keep_reject(&mut self, before: &Library) {
        let Some(under) = before.rejects().get(self.rejects.cursor) else { return };
        let place = self.library.rejects().iter().position(|reject| {
            (&reject.path, reject.line, reject.byte) == (&under.path, under.line, under.byte)
        });
        self.rejects.cursor = place.unwrap_or(self.rejects.cursor);
    }

    /// What the cursor of the list is on, or is to be on once it is there.
    pub(super) fn keep(&self) -> CursorTarget {
        let at_cursor = || Some(CursorTarget::Generation(self.at_cursor()?.identity()));
        let remembered = || self.session.key.clone().map(CursorTarget::Named);
        self.anchor.clone().or_else(at_cursor).or_else(remembered).unwrap_or(CursorTarget::First)
    }

    pub(super) fn take_found(&mut self, found: Found) {
        self.ask.answered();
        let place = self.place_of_cursor(&found);
        let keep = self.keep();
        if self.ask.fold && found.samples.len() == found.selection.count() && found.samples.len() > 1 {
            self.say("no item of these has more than one sample");
        }
        self.browse.facets.refill(&found);
        let before = self.found.replace(found);
        self.renew_passages(before.as_ref());
        // The last snapshot of a build may be the last that was shown meanwhile.
        let decided = self.unsure && self.is_settled();
        let taken_over = decided || before.as_ref().is_some_and(|before| !self.is_list_of(&before.library));
        self.put_cursor(place, keep, taken_over);
        self.recount();
        self.say_runs_gone();
        match before {
            _ if taken_over => self.take_over(place),
            _ if self.anchor.is_some() => self.await_anchor(),
            before => {
                let lookups =
                    |found: &Found| found.selection.lookups().into_iter().cloned().collect::<Vec<_>>();
                let searched = before.as_ref().map(lookups) != self.found.as_ref().map(lookups);
                let here = self.at_cursor().map(|held| held.identity());
                let shown = self.reader.document().map(|d| d.standing.identity());
                let same =
                    here.as_ref().zip(shown).map_or(here.is_none() && shown.is_none(), |(a, b)| a.is(b));
                let another = !same || before.is_none() || searched;
                if another && (self.screen() == Screen::Browse || here.is_some()) {
                    self.read_cursor();
                }
            }
        }
        if self.ask.stale {
            self.select();
        }
        self.act_queued();
    }

    /// Where in a new list that is which the cursor is on: it may have been moved since the list was
    /// asked for.
    fn place_of_cursor(&self, found: &Found) -> CursorPlace {
        let (asked, place) = &found.kept;
        match (asked, self.keep()) {
            (CursorTarget::Generation(asked), CursorTarget::Generation(now)) if !asked.is(&now) => {
                found.place(&CursorTarget::Generation(now))
            }
            _ => *place,
        }
    }

    fn is_list_of(&self, library: &Arc<Library>) -> bool {
        self.found.as_ref().is_some_and(|found| Arc::ptr_eq(&found.library, library))
    }

    /// Whether the list is that of the files as they are, as far as is known: not of a part of them, as
    /// while they are read.
    fn is_settled(&self) -> bool {
        self.build.running.is_none() && self.is_list_of(&self.library)
    }

    /// Puts the cursor of the list where what it was on is; near, where that went.
    fn put_cursor(&mut self, place: CursorPlace, keep: CursorTarget, taken_over: bool) {
        self.anchor = None;
        let list = &mut self.browse.list;
        match place {
            CursorPlace::Listed(at) => list.cursor = at,
            CursorPlace::Gone(at) => {
                list.cursor = at.unwrap_or(if taken_over { list.cursor } else { 0 });
                match keep {
                    CursorTarget::Named(key) if self.is_settled() => {
                        self.say(format!("no generation is called {key}"));
                    }
                    CursorTarget::Generation(_) if !taken_over => {}
                    keep => self.anchor = Some(keep),
                }
            }
            CursorPlace::Unlisted if taken_over => {}
            CursorPlace::Unlisted => list.cursor = 0,
        }
        if self.browse.list.cursor == 0 {
            self.browse.list.top = 0;
        }
        let last = self.len().saturating_sub(1);
        self.browse.list.cursor = self.browse.list.cursor.min(last);
    }

    /// The requested key is not loaded yet: on the first screen the row under the cursor is read
    /// meanwhile.
    fn await_anchor(&mut self) {
        if self.screen() == Screen::Browse && self.reader.on().is_none() {
            let anchor = self.anchor.take();
            self.read_cursor();
            self.anchor = anchor;
        }
    }

    /// Looks for what is at hand in the snapshot taken over.
    fn take_over(&mut self, place: CursorPlace) {
        self.unsure = false;
        let on = self.reader.on().cloned();
        match on {
            // It does not fit the query any more: the list has the say, as when a filter is changed.
            Some(identity) if place == CursorPlace::Unlisted && self.screen() == Screen::Browse => {
                self.say(format!("{} does not fit the query any more", identity.key));
                self.read_cursor();
            }
            Some(identity) => self.read_again(Slot::Main, identity),
            None if self.anchor.is_some() => self.await_anchor(),
            None => self.read_cursor(),
        }
        let sides = self.beside.iter().flat_map(|beside| &beside.sides);
        let on: Vec<(u8, Identity)> =
            (0..).zip(sides).filter_map(|(at, side)| Some((at, side.reader.on()?.clone()))).collect();
        for (at, identity) in on {
            self.read_again(Slot::Beside(at), identity);
        }
    }

    /// What is at hand is not in the newest list.
    pub(super) fn take_gone(&mut self, slot: Slot, identity: &Identity, replaced: bool) {
        let settled = self.is_settled();
        let on_it = self.reader_of(slot).is_some_and(|reader| reader.on().is_some_and(|on| on.is(identity)));
        if !on_it {
            return;
        }
        if settled {
            self.complain(format!("no longer in its file: {}", identity.key));
            self.fail_to_read(slot, Failure::Gone { replaced });
        } else {
            // It may be among what is still to be read; what is shown of it was read before.
            self.unsure = true;
            if slot == Slot::Main {
                self.reading = false;
                self.act_queued();
            }
        }
    }

    /// Says which of the runs that somebody chose are in no file any more.
    fn say_runs_gone(&mut self) {
        let Some(found) = self.found.as_ref().filter(|_| self.is_settled()) else { return };
        let library = found.library.clone();
        let has = |library: &Library, name: &str| {
            library.live_runs().any(|run| library.runs()[run as usize].run.name == name)
        };
        let went = |name: &String| {
            self.whole.as_ref().is_some_and(|before| has(before, name)) && !has(&library, name)
        };
        let mut gone: Vec<String> = self.chosen.iter().filter(|name| went(name)).cloned().collect();
        for name in [&self.flips.a, &self.flips.b] {
            if went(name) && !gone.contains(name) {
                gone.push(name.clone());
            }
        }
        self.chosen.retain(|name| !gone.contains(name));
        for name in gone {
            self.complain(format!("the run {name} is no longer here"));
        }
        self.whole = Some(library);
    }
}
