//! From a key to what is done: which action it means here, whether that can be carried out now, and
//! when it waits for what it is meant for.

use crossterm::event::KeyCode;

use super::super::action::{Action, Group};
use super::super::effect::{Effect, Job};
use super::super::key::Key;
use super::super::keymap::{self, Fact, Resolved};
use super::{App, Pane, Screen, beside};
use crate::library::Progress;

impl App {
    pub(super) fn key(&mut self, key: Key) {
        let layers = self.layers();
        match self.keymap.resolve(&layers, &self.pressed, key, &|fact| self.fact(fact)) {
            Resolved::Action(action) => {
                self.pressed.clear();
                self.act(action);
            }
            Resolved::Begun => self.pressed.push(key),
            Resolved::Nothing if !self.pressed.is_empty() => {
                // Esc only leaves the chord; another key says that it means nothing.
                let mut keys = std::mem::take(&mut self.pressed);
                if key != Key::plain(KeyCode::Esc) {
                    keys.push(key);
                    self.say(format!("{} means nothing here; ? shows the keys", keymap::show_keys(&keys)));
                }
            }
            Resolved::Nothing => {
                if let (Some(c), true) = (key.character(), self.overlay.is_some()) {
                    self.type_character(c);
                } else if let Some(second) = key.without_alt() {
                    self.key(Key::plain(KeyCode::Esc));
                    self.key(second);
                }
            }
        }
    }

    /// Carries out an action, from a key, the palette or the mouse.
    pub fn act(&mut self, action: Action) {
        if self.overlay.is_some() && self.act_overlay(action) {
            return;
        }
        if self.must_wait(action) {
            if self.queued.len() < 16 {
                self.queued.push(action);
            }
            return;
        }
        if let Err(why) = self.can(action) {
            self.say(format!("{}: {why}", action.label()));
            return;
        }
        if self.act_everywhere(action) || self.act_triage(action) {
            return;
        }
        match self.screen() {
            Screen::Browse => self.act_browse(action),
            Screen::Read => self.act_read(action),
            Screen::Beside => self.act_beside(action),
            Screen::Runs => self.act_runs(action),
            Screen::Rejects => self.act_rejects(action),
            Screen::Prompt => self.act_prompt(action),
            Screen::Matrix => self.act_matrix(action),
            Screen::Plots => self.act_plots(action),
            Screen::Flips => self.act_flips(action),
        }
    }

    /// Whether an action is meant for something that has been asked for and has not come: nobody
    /// should have to wait before pressing the next key.
    fn must_wait(&self, action: Action) -> bool {
        if self.ask.is_awaited(self.now) {
            let in_list = self.screen() == Screen::Browse && self.browse.focus == Pane::List;
            let follows = !self.queued.is_empty() && !matches!(action, Action::Quit | Action::Suspend);
            let meant = needs_generation(action) || action.is_on_generation();
            return follows || meant || in_list && (action.is_move() || action == Action::Enter);
        }
        self.reading && needs_generation(action)
    }

    /// Carries out what was pressed before its time; what still lacks something waits on.
    pub(super) fn act_queued(&mut self) {
        for action in std::mem::take(&mut self.queued) {
            self.act(action);
        }
    }

    /// Whether an action can be carried out now, and why not.
    pub fn can(&self, action: Action) -> Result<(), &'static str> {
        let document = self.reader_in_hand().document();
        let gone = self.reader_in_hand().is_gone();
        let none = if gone { "it is no longer in its file" } else { "no generation is open" };
        let needs = |holds: bool, why: &'static str| if holds { Ok(()) } else { Err(why) };
        match action {
            Action::NextMark
            | Action::PreviousMark
            | Action::NextSameMark
            | Action::PreviousSameMark
            | Action::CopyMark => {
                needs(document.is_some(), none)?;
                needs(self.fact(Fact::Marks), "nothing is marked in this output")
            }
            Action::SortRelevance => {
                needs(!self.ask.query.lookups().is_empty(), "the query looks nothing up")
            }
            Action::NextHit | Action::PreviousHit => {
                needs(self.fact(Fact::Hits), "the query looks nothing up in this text")
            }
            Action::Compare if !matches!(self.screen(), Screen::Runs | Screen::Flips) => {
                needs(document.is_some(), none)?;
                let others = self.reader.document().is_some_and(|d| d.standing.others().next().is_some());
                needs(others, "no other run has this item")
            }
            Action::NextRun if self.screen() == Screen::Beside => {
                needs(self.has_free_run(), "every run that has this item is here")
            }
            Action::AddRun => {
                let full = self.beside.as_ref().is_some_and(|b| b.columns() >= beside::SIDES);
                needs(!full, "four runs are the most")?;
                needs(self.has_free_run(), "every run that has this item is here")
            }
            Action::DropRun => {
                let more = self.beside.as_ref().is_some_and(|b| b.columns() > 2);
                needs(more, "two runs are the least")
            }
            Action::Twin => {
                let has = document.is_some_and(|d| d.standing.twin().is_some())
                    || self.browse.before_twin.is_some();
                needs(has, "no run without constraints has this item")
            }
            Action::NextSample | Action::PreviousSample => {
                needs(self.fact(Fact::Samples), "this is the only sample")
            }
            _ if action.group() == Group::Triage && !self.triage.ready => {
                Err("tags and notes are not read yet")
            }
            _ if action.group() == Group::Triage && action.is_on_generation() => {
                needs(document.is_some() || self.reading, none)
            }
            Action::Enter if self.screen() == Screen::Browse && self.browse.focus == Pane::List => {
                needs(!self.is_empty(), "no generation is in the list")
            }
            Action::UndoFilter => needs(!self.ask.back.is_empty(), "no query before this one"),
            Action::RedoFilter => needs(!self.ask.forward.is_empty(), "no query after this one"),
            Action::RemoveFilter | Action::ClearFilters => {
                needs(self.fact(Fact::Filtered), "there is no filter")
            }
            Action::ShowPrompt
            | Action::Edit
            | Action::EditOutput
            | Action::Page
            | Action::CopyKey
            | Action::CopyPlace
            | Action::CopyAnswer
            | Action::CopySnippet
                if self.screen() != Screen::Rejects =>
            {
                needs(document.is_some(), none)
            }
            Action::Edit => needs(!self.library.rejects().is_empty(), "everything could be read"),
            Action::FoldTrace => {
                let has = document.is_some_and(|d| !d.assessment.split.trace.is_empty());
                needs(has, "this output has no trace")
            }
            _ => Ok(()),
        }
    }

    /// Actions that mean the same on every screen; false when it is none of them.
    fn act_everywhere(&mut self, action: Action) -> bool {
        match action {
            Action::Close if self.screens.len() > 1 => self.close(),
            Action::Quit | Action::Close => self.quit(),
            Action::Help | Action::Palette | Action::EditQuery | Action::SavedViews | Action::SaveView => {
                self.open_overlay(action);
            }
            Action::Suspend => self.effects.push(Effect::Suspend),
            Action::Redraw => self.effects.push(Effect::Redraw),
            Action::ToggleMouse => {
                self.mouse = !self.mouse;
                self.effects.push(Effect::Mouse(self.mouse));
                self.say(if self.mouse {
                    "the mouse works here again"
                } else {
                    "the mouse is free for selecting text"
                });
            }
            Action::Refresh => {
                self.build.running = Some(Progress { phase: "reading", ..Progress::default() });
                self.build.failed = None;
                self.effects.push(Effect::Job(Job::Build { fresh: false }));
            }
            Action::UndoFilter => self.travel(true),
            Action::RedoFilter => self.travel(false),
            Action::RemoveFilter => self.ask(self.ask.query.without_last()),
            Action::ClearFilters => self.ask(crate::library::Query::default()),
            Action::ShowBrowse => {
                self.screens.truncate(1);
                self.browse.focus = Pane::List;
            }
            Action::ShowRuns => {
                self.open(Screen::Runs);
                self.recount();
            }
            Action::ShowRejects => self.open(Screen::Rejects),
            Action::ShowMatrix => self.open_counted(Screen::Matrix),
            Action::ShowPlots => self.open_counted(Screen::Plots),
            Action::ShowFlips => self.open_flips(),
            Action::CopyQuery
            | Action::CopyCommand
            | Action::CopyKey
            | Action::CopyPlace
            | Action::CopyAnswer
            | Action::CopySnippet
            | Action::CopyMark => self.copy(action),
            _ => return false,
        }
        true
    }
}

/// Whether an action acts on the text of the generation at hand.
fn needs_generation(action: Action) -> bool {
    let on_its_text = matches!(
        action,
        Action::NextConstraint
            | Action::FoldTrace
            | Action::FoldAnswer
            | Action::FoldQuestion
            | Action::Compare
            | Action::Twin
            | Action::ShowPrompt
            | Action::CopyKey
            | Action::CopyPlace
            | Action::CopyAnswer
            | Action::CopySnippet
            | Action::CopyMark
            | Action::Edit
            | Action::EditOutput
            | Action::Page
    );
    action.is_step() || on_its_text
}
