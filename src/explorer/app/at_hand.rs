//! The generation at hand, and those beside it: asked for, from the newest list.

use super::super::effect::{Effect, Job, Slot, Wanted};
use super::super::reader::Reader;
use super::App;
use crate::library::{Held, Identity};

impl App {
    /// The row under the cursor of the list.
    pub fn at_cursor(&self) -> Option<Held> {
        self.found.as_ref()?.at(self.browse.list.cursor)
    }

    pub(super) fn key_at_cursor(&self) -> Option<String> {
        Some(self.at_cursor()?.identity().key)
    }

    /// Asks for a generation to be read, wherever it is in the newest list.
    pub fn read(&mut self, slot: Slot, held: &Held) {
        let Some(found) = &self.found else { return };
        let identity = held.identity();
        let here = held.is_of(&found.library).then(|| held.row().id());
        let wanted = here.map_or_else(|| Wanted::Same(identity.clone()), Wanted::Row);
        self.read_wanted(slot, identity, wanted);
    }

    /// Requests a generation again, which may be one of an older snapshot.
    pub(super) fn read_again(&mut self, slot: Slot, identity: Identity) {
        self.read_wanted(slot, identity.clone(), Wanted::Same(identity));
    }

    fn read_wanted(&mut self, slot: Slot, identity: Identity, wanted: Wanted) {
        let Some(found) = &self.found else { return };
        let (library, query) = (found.library.clone(), self.ask.query.clone());
        let Some(reader) = self.reader_of(slot) else { return };
        reader.turn_to(identity);
        self.reading |= slot == Slot::Main;
        self.effects.push(Effect::Job(Job::Read { slot, library, wanted, query }));
    }

    /// The reader of a slot.
    pub(super) fn reader_of(&mut self, slot: Slot) -> Option<&mut Reader> {
        match slot {
            Slot::Main => Some(&mut self.reader),
            Slot::Beside(at) => {
                let side = self.beside.as_mut()?.sides.get_mut(usize::from(at))?;
                Some(&mut side.reader)
            }
        }
    }

    /// Asks for the generation under the cursor: somebody went there.
    pub fn read_cursor(&mut self) {
        self.browse.before_twin = None;
        self.anchor = None;
        if let Some(held) = self.at_cursor() {
            self.read(Slot::Main, &held);
        } else {
            self.reading = false;
            self.queued.clear();
            self.reader.empty();
        }
    }
}
