//! The smaller screens: runs, rejects, the prompt.

use std::sync::Arc;

use super::super::effect::Effect;
use super::super::outside::Tool;
use super::beside::SIDES;
use super::{Action, App, Screen};
use crate::library::{Field, Library, Summary};
use crate::record::Item;
use crate::text::{View, Wrap};

/// Rows that one reject takes.
pub const REJECT_ROWS: u16 = 2;

/// Rejects that fit a height.
pub fn reject_rows(height: u16) -> u16 {
    height / REJECT_ROWS
}

/// A text on a page of its own.
#[derive(Debug, Clone, Default)]
pub struct PromptPage {
    /// The text.
    pub text: String,
    /// What it is called.
    pub title: String,
    /// Row at the top.
    pub scroll: usize,
    /// Its rows.
    pub wrap: Option<Wrap>,
    size: (u16, u16),
}

impl PromptPage {
    /// Gives it an area.
    pub fn resize(&mut self, width: u16, height: u16) {
        if self.size != (width, height) || self.wrap.is_none() {
            self.size = (width, height);
            let columns = width.saturating_sub(super::super::reader::MARGIN + 1).max(1);
            self.wrap = Some(Wrap::new(&self.text, 0..self.text.len(), Some(columns), View::default()));
        }
        self.clamp();
    }

    fn clamp(&mut self) {
        let rows = self.wrap.as_ref().map_or(0, Wrap::len);
        let height = usize::from(self.size.1.saturating_sub(2).max(1));
        self.scroll = self.scroll.min(rows.saturating_sub(height));
    }
}

/// What the table of runs shows: counted when it is looked at.
#[derive(Debug, Clone)]
pub struct Figures {
    /// Whose numbers of runs they have.
    pub library: Arc<Library>,
    /// One for each run that has rows in the selection.
    pub summaries: Vec<Summary>,
}

impl App {
    /// Figures of the runs in the selection.
    pub fn summaries(&self) -> &[Summary] {
        self.figures.as_ref().map_or(&[], |figures| &figures.summaries)
    }

    /// Takes what was counted for the table of runs.
    pub(super) fn take_figures(&mut self, library: Arc<Library>, summaries: Vec<Summary>) {
        let under = self.run_at_cursor();
        let is_it = |s: &Summary| under.as_ref() == Some(&library.runs()[s.run as usize].run.name);
        self.runs.cursor = summaries.iter().position(is_it).unwrap_or(self.runs.cursor);
        self.figures = Some(Figures { library, summaries });
    }

    /// An action in the table of runs.
    pub(super) fn act_runs(&mut self, action: Action) {
        let height = self.areas().body.height.saturating_sub(1);
        let len = self.summaries().len();
        match action {
            Action::Back => self.close(),
            Action::SetBaseline => self.set_baseline_at_cursor(),
            Action::ChooseRun => self.choose_run(),
            Action::Compare if self.chosen.len() > 1 => self.compare_runs(&self.chosen.clone()),
            Action::Compare => self.open_flips(),
            Action::Enter | Action::ToggleValue => {
                let Some(name) = self.run_at_cursor() else { return };
                // In: what was chosen is looked at, else what is under the cursor.
                let names =
                    if self.chosen.is_empty() { vec![name] } else { std::mem::take(&mut self.chosen) };
                let query = names.iter().fold(self.ask.query.clone(), |q, name| q.toggle(Field::Run, name));
                self.ask(query);
                if action == Action::Enter {
                    self.close();
                }
            }
            _ => {
                self.runs.act(action, height, len);
            }
        }
    }

    /// Chooses the run under the cursor, or no longer, and goes on to the next.
    fn choose_run(&mut self) {
        let Some(name) = self.run_at_cursor() else { return };
        match self.chosen.iter().position(|chosen| *chosen == name) {
            Some(at) => drop(self.chosen.remove(at)),
            None if self.chosen.len() == SIDES => {
                self.say(format!("{SIDES} runs are the most that stand side by side"));
                return;
            }
            None => self.chosen.push(name),
        }
        let len = self.summaries().len();
        self.runs.move_by(1, len);
    }

    /// An action in the list of rejects.
    pub(super) fn act_rejects(&mut self, action: Action) {
        let height = reject_rows(self.areas().body.height);
        let rejects = self.library.rejects();
        match action {
            Action::Back => self.close(),
            Action::Enter | Action::Edit => {
                if let Some(reject) = rejects.get(self.rejects.cursor) {
                    self.effects
                        .push(Effect::Edit { path: reject.path.to_path_buf(), line: reject.line.max(1) });
                }
            }
            _ => {
                let len = rejects.len();
                self.rejects.act(action, height, len);
            }
        }
    }

    /// Shows the prompt of the item at hand.
    pub(super) fn show_prompt(&mut self) {
        let Some(document) = self.reader_in_hand().document() else { return };
        let (title, text) = prompt(&document.record.item);
        self.prompt = PromptPage { text, title: title.into(), ..PromptPage::default() };
        self.open(Screen::Prompt);
    }

    /// An action on the prompt.
    pub(super) fn act_prompt(&mut self, action: Action) {
        let rows = isize::try_from(self.areas().body.height.max(3)).unwrap_or(3) - 2;
        let by = match action {
            Action::Back | Action::Enter | Action::ShowPrompt => return self.close(),
            Action::Down => 1,
            Action::Up => -1,
            Action::HalfDown => rows / 2,
            Action::HalfUp => -rows / 2,
            Action::PageDown => rows,
            Action::PageUp => -rows,
            Action::Top => isize::MIN,
            Action::Bottom => isize::MAX,
            Action::Page => {
                return self.effects.push(Effect::Show {
                    text: self.prompt.text.clone(),
                    at: 0,
                    tool: Tool::Pager,
                });
            }
            _ => return,
        };
        self.prompt.scroll = self.prompt.scroll.saturating_add_signed(by);
        self.prompt.clamp();
    }
}

/// The prompt as sent where it is saved; else what it was made of.
fn prompt(item: &Item) -> (&'static str, String) {
    if let Some(prompt) = &item.prompt {
        return ("the prompt as sent", prompt.clone());
    }
    let mut text = item.question.clone();
    for constraint in &item.constraints {
        text.push_str("\n\n");
        text.push_str(constraint.description.as_deref().unwrap_or(&constraint.id));
    }
    ("question and constraints (the prompt as sent is not saved)", text)
}
