//! What jobs found, taken in.

use std::path::Path;
use std::sync::Arc;

use super::super::document::Document;
use super::super::effect::{Effect, Job, Slot};
use super::super::jobs::{Answer, Found, Lane};
use super::super::reader::Reader;
use super::super::watch::Changed;
use super::{Action, App, Build, Screen};
use crate::constraint::Status;
use crate::library::{Field, Library};
use crate::path::shown;
use crate::record::Constraint;

impl App {
    pub(super) fn answer(&mut self, answer: Answer) {
        match answer {
            Answer::Building(mut progress) => {
                if let Some(snapshot) = progress.snapshot.take() {
                    self.take_library(snapshot);
                }
                self.build.running = Some(progress);
            }
            Answer::Built(library, report) => {
                let rejects = report.rejects;
                let before = self.build.report.as_ref().map(|r| r.rejects);
                if let Some(cause) = &report.rebuilt {
                    self.say(format!("the library was built anew: {cause}"));
                }
                if let Some(damage) = &report.text_rebuilt {
                    self.say(format!("the text index was damaged ({damage}); it was built anew"));
                }
                if let Some(why) = report.unindexed_why.first() {
                    self.say(format!("{why}; their text is not indexed yet"));
                }
                self.build = Build { running: None, report: Some(*report), failed: None };
                if rejects > 0 && before != Some(rejects) {
                    let key = self.keymap.key_of(&self.layers(), Action::ShowRejects).unwrap_or_default();
                    self.say(format!("{rejects} places could not be read; {key} shows them"));
                }
                self.take_library(library);
            }
            Answer::Found(found) => self.take_found(*found),
            Answer::Counted(n) => self.counted(n),
            Answer::Scanning(Lane::Select, scan) => self.ask.scanning = Some(scan),
            Answer::Scanning(_, scan) => self.scanning(scan),
            Answer::Passages(passages) => self.take_passages(passages),
            Answer::Hits(hits) => self.passages.hits = hits,
            Answer::Read(Slot::Main, document) => {
                self.reading = None;
                self.colour(Slot::Main, &document);
                let only = self.asked_constraint(&document);
                self.effects.push(Effect::Watch(document.record.place.path.to_path_buf()));
                self.reader.show(document, only);
                self.follow_beside();
                self.lay_out();
                self.act_queued();
            }
            Answer::Read(slot @ Slot::Beside(at), document) => {
                self.colour(slot, &document);
                let only = self.asked_constraint(&document);
                if let Some(reader) = self.reader_beside(at) {
                    reader.show(document, only);
                }
                self.lay_out();
                self.align_beside();
                self.compare_words();
            }
            Answer::Differ(found) => {
                if let Some(beside) = &mut self.beside {
                    beside.differences = Some(found);
                }
            }
            Answer::Coloured(Slot::Main, key, colours) => self.reader.colour(&key, colours),
            Answer::Coloured(Slot::Beside(at), key, colours) => {
                if let Some(reader) = self.reader_beside(at) {
                    reader.colour(&key, colours);
                }
            }
            Answer::Surveyed(request, finding) => self.take_survey(request, finding),
            Answer::Failed(Lane::Build, why) => {
                self.build.running = None;
                self.complain(why.clone());
                self.build.failed = Some(why);
            }
            Answer::Failed(Lane::Read(Slot::Main), why) => {
                self.reading = None;
                self.queued.clear();
                self.reader.fail(why);
            }
            Answer::Failed(Lane::Read(Slot::Beside(at)), why) => {
                if let Some(reader) = self.reader_beside(at) {
                    reader.fail(why);
                }
                self.compare_words();
            }
            Answer::Failed(lane, why) => {
                self.complain(why);
                if lane == Lane::Select {
                    self.ask.answered();
                    self.queued.clear();
                }
            }
        }
    }

    fn reader_beside(&mut self, at: u8) -> Option<&mut Reader> {
        let side = self.beside.as_mut()?.sides.get_mut(usize::from(at))?;
        Some(&mut side.reader)
    }

    /// The constraint that the query asks to be broken: its marks are what the reader came for.
    fn asked_constraint(&self, document: &Document) -> Option<usize> {
        let asked = self.ask.query.values(Field::Failed);
        let constraints = document.record.item.constraints.iter().zip(&document.assessment.verdicts);
        let wanted = |c: &Constraint| {
            asked.iter().any(|p| !p.has_wildcard() && (p.matches(c.short_name()) || p.matches(&c.id)))
        };
        constraints
            .enumerate()
            .find(|(_, (c, v))| v.status == Status::NotFollowed && wanted(c))
            .map(|(i, _)| i)
    }

    /// Says what became of the file of what is shown.
    pub(super) fn take_change(&mut self, path: &Path, change: Changed) {
        let name = shown(path.file_name().unwrap_or(path.as_os_str()));
        let key = self.keymap.key_of(&self.layers_below(), Action::Refresh).unwrap_or_default();
        match change {
            Changed::Gone => {
                self.complain(format!("{name} is gone from the disk; what is shown was read before"));
            }
            Changed::Grown => self.say(format!("{name} has grown; {key} reads what is new")),
            Changed::Rewritten => {
                self.complain(format!("{name} changed on disk; {key} reads it again"));
            }
        }
    }

    fn colour(&mut self, slot: Slot, document: &Arc<Document>) {
        self.effects.push(Effect::Job(Job::Colour { slot, document: document.clone() }));
    }

    fn take_library(&mut self, library: Arc<Library>) {
        self.library = library;
        // While one selection is under way the next snapshot waits, or a slow one would never end.
        if self.ask.waiting {
            self.ask.stale = true;
        } else {
            self.select();
        }
    }

    fn take_found(&mut self, found: Found) {
        self.ask.answered();
        let shown = self.reader.document().map(|d| d.standing.key.clone());
        let library_changed =
            self.found.as_ref().is_none_or(|before| !Arc::ptr_eq(&before.library, &found.library));
        let searched =
            self.found.as_ref().map(|f| f.selection.query().lookups() != found.selection.query().lookups());
        self.browse.list.cursor = found.kept.unwrap_or(0);
        if found.kept.is_none() {
            self.browse.list.top = 0;
        }
        if self.ask.fold && found.samples.len() == found.selection.count() && found.samples.len() > 1 {
            self.say("no item of these has more than one sample");
        }
        self.browse.facets.refill(&found);
        let before = self.found.replace(found);
        self.renew_passages(before.as_ref());
        self.recount();
        let key = self.key_at_cursor();
        let another = key != shown || library_changed || searched == Some(true);
        if another && (self.screen() == Screen::Browse || key.is_some()) {
            self.read_cursor();
        }
        if self.ask.stale {
            self.select();
        }
        self.act_queued();
    }
}
