//! What jobs found, taken in.

use std::path::Path;
use std::sync::Arc;

use super::super::document::Document;
use super::super::effect::{Effect, Job, Slot};
use super::super::jobs::{Answer, Lane};
use super::super::reader::Failure;
use super::super::watch::Changed;
use super::{Action, App, Build};
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
            Answer::Passages(list, passages) => self.take_passages(&list, passages),
            Answer::Hits(list, hits) => {
                if self.found.as_ref().is_some_and(|found| list.is_of(found)) {
                    self.passages.hits = hits;
                }
            }
            Answer::Read(slot, document) => self.take_document(slot, document),
            Answer::Gone { slot, identity, library, replaced } => {
                if self.is_newest(&library) {
                    self.take_gone(slot, &identity, replaced);
                }
            }
            Answer::Differ(found) => {
                if let Some(beside) = &mut self.beside {
                    beside.differences = Some(found);
                }
            }
            Answer::Coloured(slot, content, colours) => {
                if let Some(reader) = self.reader_of(slot) {
                    reader.colour(content, colours);
                }
            }
            Answer::Surveyed(list, request, finding) => self.take_survey(list, request, finding),
            Answer::Failed(Lane::Build, why) => {
                self.build.running = None;
                self.complain(why.clone());
                self.build.failed = Some(why);
            }
            Answer::Failed(Lane::Read(slot), why) => self.fail_to_read(slot, Failure::Unread(why)),
            Answer::Failed(lane, why) => {
                self.complain(why);
                if lane == Lane::Select {
                    self.ask.answered();
                    self.queued.clear();
                }
            }
        }
    }

    /// Whether a snapshot is that of the newest list. What was made of another one is not taken: it was
    /// asked for once more when the list was taken over.
    fn is_newest(&self, library: &Arc<Library>) -> bool {
        self.found.as_ref().is_some_and(|found| Arc::ptr_eq(&found.library, library))
    }

    fn take_document(&mut self, slot: Slot, document: Arc<Document>) {
        if !self.is_newest(document.standing.here().library()) {
            return;
        }
        self.colour(slot, &document);
        let only = self.asked_constraint(&document);
        let path = document.record.place.path.to_path_buf();
        let Some(reader) = self.reader_of(slot) else { return };
        let again = reader.show(document, only);
        if slot == Slot::Main {
            self.reading = false;
            self.effects.push(Effect::Watch(path));
            self.follow_beside(again);
            self.lay_out();
            self.act_queued();
        } else {
            self.lay_out();
            self.align_beside();
            self.compare_words();
        }
    }

    pub(super) fn fail_to_read(&mut self, slot: Slot, why: Failure) {
        let Some(reader) = self.reader_of(slot) else { return };
        reader.fail(why);
        if slot == Slot::Main {
            self.reading = false;
            self.queued.clear();
        } else {
            self.compare_words();
        }
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
}
