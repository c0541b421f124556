//! Tags and notes on the generation at hand.

use std::sync::Arc;

use super::super::keeper::{Keep, Kept};
use super::overlay::Writing;
use super::{Action, App, Effect, Overlay};
use crate::library::Identity;
use crate::path::shown;
use crate::record::ContentKey;
use crate::triage::labels::asks_for_labels;
use crate::triage::{Change, Entry, Ledger, Tag, TagNames};

/// What a person left on generations.
#[derive(Debug, Clone, Default)]
pub struct Triage {
    /// Tags and notes.
    pub ledger: Arc<Ledger>,
    /// The log was read: before that nothing can be added to it.
    pub ready: bool,
    /// Names that the settings give to tags, for those that have none in the log.
    pub given: TagNames,
}

/// The tag of an action.
fn tag_of(action: Action) -> Option<Tag> {
    let digit = match action {
        Action::Tag1 => 1,
        Action::Tag2 => 2,
        Action::Tag3 => 3,
        Action::Tag4 => 4,
        Action::Tag5 => 5,
        Action::Tag6 => 6,
        Action::Tag7 => 7,
        Action::Tag8 => 8,
        Action::Tag9 => 9,
        _ => return None,
    };
    Tag::new(digit)
}

impl App {
    /// What a person left on a generation, by what it says.
    pub fn entry(&self, content: ContentKey) -> Option<&Entry> {
        self.triage.ledger.get(content).filter(|entry| !entry.is_empty())
    }

    /// The generation at hand.
    ///
    /// While another is being read it is that one: a key pressed right after a move means what the
    /// cursor stands on, not what is still on the screen.
    fn at_hand(&self) -> Option<Identity> {
        if self.reading && self.facing() == 0 {
            return self.reader.on().cloned();
        }
        Some(self.reader_in_hand().document()?.standing.identity().clone())
    }

    /// Actions of tags and notes; false when it is none of them.
    pub(super) fn act_triage(&mut self, action: Action) -> bool {
        if let Some(tag) = tag_of(action) {
            self.toggle_tag(tag);
            return true;
        }
        match action {
            Action::Note => {
                let Some(identity) = self.at_hand() else { return true };
                let note = self.triage.ledger.get(identity.content).map(|e| e.note.clone());
                let line = super::super::line::Line::new(note.unwrap_or_default());
                self.overlay = Some(Overlay::Note(Writing { line, chosen: None }, identity));
            }
            Action::NameTag => self.overlay = Some(Overlay::NameTag(Writing::default())),
            Action::UndoTag | Action::RedoTag => {
                let ledger = Arc::make_mut(&mut self.triage.ledger);
                let change = if action == Action::UndoTag { ledger.undo() } else { ledger.redo() };
                match change {
                    Some(change) => {
                        let now = describe(&self.triage.ledger, &change.entry);
                        let word = if action == Action::UndoTag { "taken back" } else { "done again" };
                        self.say(format!("{word}: it carries {now}"));
                        self.write_down(change, None);
                    }
                    None => self.say("nothing to take back in this session"),
                }
            }
            Action::NextUntagged => self.next_untagged(),
            _ => return false,
        }
        true
    }

    fn toggle_tag(&mut self, tag: Tag) {
        let Some(identity) = self.at_hand() else { return };
        let change = Arc::make_mut(&mut self.triage.ledger).toggle(identity.content, tag);
        let label = self.triage.ledger.names.label(tag);
        let word = if change.entry.tags.has(tag) { "tagged" } else { "no longer tagged" };
        let progress = self.progress();
        self.say(format!("{word} {label}{progress}"));
        self.write_down(change, Some(identity.key));
    }

    /// ` · 3 of 64 tagged` for the list; nothing where counting would take long.
    fn progress(&self) -> String {
        let Some(found) = &self.found else { return String::new() };
        if found.order.len() > 20_000 {
            return String::new();
        }
        let content = |row: u32| found.library.row(row).content_key();
        let marked = |row: &u32| self.entry(content(*row)).is_some_and(|e| !e.tags.is_empty());
        let done = found.order.iter().filter(marked).count();
        format!(" {} {done} of {} carry a tag", self.theme.glyphs.dot, found.order.len())
    }

    /// Has a change written down, and selects anew where the query asks for tags.
    fn write_down(&mut self, change: Change, record: Option<String>) {
        self.effects.push(Effect::Keep(Keep::Change(change, record)));
        self.relabelled();
    }

    fn relabelled(&mut self) {
        if asks_for_labels(&self.ask.query) {
            self.select();
        }
    }

    /// Takes the note that was written on a generation, which need not be the one at hand any more.
    pub(super) fn take_note(&mut self, text: &str, on: Identity) {
        if let Some(change) = Arc::make_mut(&mut self.triage.ledger).note(on.content, text) {
            self.say(if change.entry.note.is_empty() { "note taken away" } else { "noted" });
            self.write_down(change, Some(on.key));
        }
    }

    /// Takes a name for a tag: `3 wrong split`.
    pub(super) fn take_tag_name(&mut self, text: &str) {
        let (digit, name) = text.trim().split_once(' ').unwrap_or((text.trim(), ""));
        let Some(tag) = digit.parse().ok().and_then(Tag::new) else {
            self.complain("write the digit of the tag, then its name: 3 wrong split");
            return;
        };
        let ledger = Arc::make_mut(&mut self.triage.ledger);
        ledger.names.set(tag, name);
        let names = ledger.names.clone();
        let label = names.label(tag);
        self.say(format!("tag {tag} is called {label}"));
        self.effects.push(Effect::Keep(Keep::Names(names)));
        self.relabelled();
    }

    fn next_untagged(&mut self) {
        let Some(found) = &self.found else { return };
        let content = |row: u32| found.library.row(row).content_key();
        let bare = |row: u32| self.entry(content(row)).is_none_or(|e| e.tags.is_empty());
        let here = self.browse.list.cursor;
        let next =
            (here + 1..found.order.len()).chain(0..here).find(|&at| found.order.get(at).is_some_and(bare));
        match next {
            Some(at) => {
                self.browse.list.cursor = at;
                self.read_cursor();
            }
            None => self.say("every other generation of the list carries a tag"),
        }
    }

    /// What the keeper has to say.
    pub(super) fn take_kept(&mut self, kept: Kept) {
        match kept {
            Kept::Opened(mut ledger, rejects) => {
                ledger.names.fill(&self.triage.given);
                self.triage.ledger = Arc::new(*ledger);
                self.triage.ready = true;
                if let Some(first) = rejects.first() {
                    self.complain(format!(
                        "{} of the tags and notes could not be read ({}:{})",
                        rejects.len(),
                        shown(&first.path),
                        first.line
                    ));
                }
                self.relabelled();
            }
            Kept::Failed(why) => self.complain(why),
        }
    }
}

/// What an entry carries, in words.
pub fn describe(ledger: &Ledger, entry: &Entry) -> String {
    let mut parts: Vec<String> = entry
        .tags
        .iter()
        .map(|tag| match ledger.names.get(tag) {
            Some(name) => format!("{tag} {name}"),
            None => format!("tag {tag}"),
        })
        .collect();
    if !entry.note.is_empty() {
        parts.push(format!("“{}”", entry.note));
    }
    if parts.is_empty() { "nothing".to_owned() } else { parts.join(", ") }
}

#[cfg(test)]
mod tests {
    use super::super::super::harness::Harness;
    use super::super::Screen;
    use super::*;

    /// A harness whose log was read and is empty.
    fn ready() -> Harness {
        let mut h = Harness::samples((120, 36));
        h.event(super::super::Event::Kept(Kept::Opened(Box::default(), Vec::new())));
        h
    }

    fn kept(h: &Harness) -> Vec<String> {
        let changes = h.effects.iter().filter_map(|effect| match effect {
            Effect::Keep(Keep::Change(change, _)) => Some(describe(&h.app.triage.ledger, &change.entry)),
            _ => None,
        });
        changes.collect()
    }

    #[test]
    fn tags_are_put_on_taken_off_and_taken_back() {
        let mut h = ready();
        h.keys("13");
        let row = h.app.at_cursor().unwrap().row().content_key();
        assert_eq!(h.app.entry(row).map(|e| e.tags.to_string()).as_deref(), Some("13"));
        assert!(h.screen().contains("own-single-0 *13"), "{}", h.screen());
        h.keys("<enter>");
        assert!(h.screen().contains("tag 1, tag 3"), "{}", h.screen());
        h.keys("<esc>1tu");
        assert_eq!(h.app.entry(row).map(|e| e.tags.to_string()).as_deref(), Some("13"));
        h.keys("tr");
        assert_eq!(h.app.entry(row).map(|e| e.tags.to_string()).as_deref(), Some("3"));
        assert_eq!(kept(&h), ["tag 1", "tag 1, tag 3", "tag 3", "tag 1, tag 3", "tag 3"]);
    }

    #[test]
    fn notes_are_written_and_found() {
        let mut h = ready();
        h.keys("jjttlooks odd<enter>");
        let row = h.app.at_cursor().unwrap().row().content_key();
        assert_eq!(h.app.entry(row).map(|e| e.note.as_str()), Some("looks odd"));
        h.keys("/note:odd<enter>");
        assert_eq!((h.app.len(), h.app.at_cursor().map(|held| held.row().content_key())), (1, Some(row)));
        // The note is there to be changed; empty it goes away, and with it the only row found.
        h.keys("tt<ctrl-u><enter>");
        assert_eq!((h.app.entry(row), h.app.len()), (None, 0));
    }

    #[test]
    fn a_named_tag_is_a_query_and_the_untagged_are_walked() {
        let mut h = ready();
        h.keys("te3 wrong split<enter>3");
        h.keys("tn3tn");
        let (first, second) = {
            let found = h.app.found.as_ref().unwrap();
            let content = |at: usize| found.at(at).unwrap().row().content_key();
            (content(0), content(1))
        };
        assert!(h.app.entry(first).is_some() && h.app.entry(second).is_some());
        assert_eq!(h.app.browse.list.cursor, 2);
        h.keys("/tag:\"wrong split\"<enter>");
        assert_eq!(h.app.len(), 2);
        // Tagging where tags are asked for changes the list at once.
        h.keys("3");
        assert_eq!(h.app.len(), 1);
        assert_eq!(h.app.screen(), Screen::Browse);
    }

    #[test]
    fn a_tag_goes_to_where_the_cursor_is_even_before_it_was_read() {
        let mut h = ready();
        let row = h.app.found.as_ref().unwrap().at(1).unwrap().row().content_key();
        // The move asks for a generation; its answer has not come when the digit does.
        let key = |c: &str| super::super::Event::Key(super::super::Key::parse(c).unwrap());
        let _late = h.app.update(key("j"));
        let _kept = h.app.update(key("5"));
        assert_eq!(h.app.entry(row).map(|e| e.tags.to_string()).as_deref(), Some("5"));
    }

    #[test]
    fn nothing_is_tagged_before_the_log_was_read() {
        let mut h = Harness::samples((120, 36));
        h.keys("1");
        assert_eq!(kept(&h), Vec::<String>::new());
        assert!(h.screen().contains("are not read yet"), "{}", h.screen());
    }
}
