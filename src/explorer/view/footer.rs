//! The footer: the keys that work here, and what they do.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use super::super::action::Action;
use super::super::app::{App, Overlay, Pane, Screen};
use super::super::survey::Kind;
use super::super::theme::{Glyphs, Meaning};
use super::paint::Pen;
use crate::text::width::width;

/// One hint, and the columns it stands in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hint {
    /// What it does.
    pub action: Action,
    /// How the key is written.
    pub key: String,
    /// What it says.
    pub label: &'static str,
    /// First column, and one past the last.
    pub columns: (u16, u16),
    /// It cannot be done now.
    pub off: bool,
}

/// Actions worth a place here, the most wanted first.
fn wanted(app: &App) -> &'static [Action] {
    match &app.overlay {
        Some(Overlay::Query(_)) => &[Action::Accept, Action::Complete, Action::NextChoice, Action::Cancel],
        Some(Overlay::Palette(_) | Overlay::Views(_)) => {
            &[Action::Accept, Action::NextChoice, Action::Cancel]
        }
        Some(Overlay::Help(_)) => &[Action::NextChoice, Action::PageDown, Action::Cancel],
        Some(Overlay::Name(_) | Overlay::Note(..) | Overlay::NameTag(_)) => &[Action::Accept, Action::Cancel],
        None => match (app.screen(), app.browse.focus) {
            (Screen::Browse, Pane::Facets) => &[
                Action::Enter,
                Action::ToggleValue,
                Action::ExcludeValue,
                Action::NextSection,
                Action::NextPane,
                Action::EditQuery,
                Action::UndoFilter,
                Action::Palette,
                Action::Help,
            ],
            (Screen::Browse, Pane::List) => &[
                Action::Enter,
                Action::FocusFacets,
                Action::EditQuery,
                Action::NextMark,
                Action::Compare,
                Action::SortNext,
                Action::Tag1,
                Action::UndoFilter,
                Action::ShowRuns,
                Action::Palette,
                Action::Help,
            ],
            (Screen::Browse, Pane::Reading) => &[
                Action::Enter,
                Action::NextMark,
                Action::Compare,
                Action::FoldTrace,
                Action::NextItem,
                Action::NextPane,
                Action::Palette,
                Action::Help,
            ],
            (Screen::Matrix, _) => &[
                Action::Enter,
                Action::NextRowField,
                Action::NextColumnField,
                Action::SwapSides,
                Action::NextMeasure,
                Action::EditQuery,
                Action::Back,
                Action::Help,
            ],
            (Screen::Plots, _) => &[
                Action::Enter,
                Action::NextPane,
                Action::NextVariant,
                Action::NextUnit,
                Action::EditQuery,
                Action::Back,
                Action::Help,
            ],
            (Screen::Flips, _) => &[
                Action::Enter,
                Action::Right,
                Action::NextMeasure,
                Action::NextBaseline,
                Action::NextRun,
                Action::SwapSides,
                Action::EditQuery,
                Action::Back,
                Action::Help,
            ],
            (Screen::Read, _) => &[
                Action::NextMark,
                Action::NextConstraint,
                Action::NextItem,
                Action::Compare,
                Action::FoldTrace,
                Action::Twin,
                Action::ShowPrompt,
                Action::Tag1,
                Action::CopySnippet,
                Action::Edit,
                Action::Back,
                Action::Help,
            ],
            (Screen::Beside, _) => &[
                Action::NextRun,
                Action::AddRun,
                Action::ToggleDiff,
                Action::NextMark,
                Action::NextItem,
                Action::Right,
                Action::DropRun,
                Action::FoldTrace,
                Action::Enter,
                Action::Back,
                Action::Help,
            ],
            (Screen::Runs, _) => &[
                Action::Enter,
                Action::ChooseRun,
                Action::Compare,
                Action::ShowFlips,
                Action::SetBaseline,
                Action::Back,
                Action::Palette,
                Action::Help,
            ],
            (Screen::Rejects, _) => &[Action::Edit, Action::Back, Action::Palette, Action::Help],
            (Screen::Prompt, _) => &[Action::Down, Action::Page, Action::Back, Action::Help],
        },
    }
}

/// The hints that fit a width.
pub fn hints(app: &App, width_of_footer: u16) -> Vec<Hint> {
    let layers = app.layers();
    let mut hints: Vec<Hint> = Vec::new();
    let mut x = 1;
    let wanted = wanted(app);
    // Help is always there: what it takes is kept free.
    let help = app.keymap.key_of(&layers, Action::Help);
    let reserve = if wanted.contains(&Action::Help) { help.map_or(0, |k| width(&k) as u16 + 7) } else { 0 };
    for &action in wanted {
        let Some(mut key) = app.keymap.key_of(&layers, action) else { continue };
        let mut label = action.label();
        match action {
            Action::NextMark => {
                let previous = app.keymap.key_of(&layers, Action::PreviousMark);
                key = previous.map_or(key.clone(), |p| format!("{key}/{p}"));
                label = "violation";
            }
            Action::NextItem => {
                let previous = app.keymap.key_of(&layers, Action::PreviousItem);
                key = previous.map_or(key.clone(), |p| format!("{p} {key}"));
                label = "generation";
            }
            Action::NextSection => {
                let previous = app.keymap.key_of(&layers, Action::PreviousSection);
                key = previous.map_or(key.clone(), |p| format!("{p} {key}"));
                label = "group";
            }
            Action::Tag1 => {
                let last = app.keymap.key_of(&layers, Action::Tag9);
                key = last.map_or(key.clone(), |l| format!("{key}-{l}"));
                label = "tag";
            }
            Action::SortNext => {
                "s…".clone_into(&mut key);
            }
            Action::Enter if app.screen() == Screen::Browse && app.browse.focus != Pane::Facets => {
                label = "read";
            }
            Action::Enter if app.screen() == Screen::Browse => label = "filter and go",
            Action::Enter if app.screen() == Screen::Runs => label = "its generations",
            Action::Enter if matches!(app.screen(), Screen::Matrix | Screen::Plots) => {
                label = "its generations";
            }
            Action::Enter if app.screen() == Screen::Flips => label = "side by side",
            Action::NextPane if app.screen() == Screen::Plots => label = "next plot",
            Action::NextVariant => {
                let previous = app.keymap.key_of(&layers, Action::PreviousVariant);
                key = previous.map_or(key.clone(), |p| format!("{p} {key}"));
                label = match app.plots.kind {
                    Kind::Margins | Kind::Position => "constraint",
                    _ => "part",
                };
            }
            Action::NextRun if app.screen() == Screen::Flips => label = "other B",
            Action::NextBaseline => label = "other A",
            Action::Enter => label = "read this side",
            Action::Right => {
                "← →".clone_into(&mut key);
                label = if app.screen() == Screen::Flips { "which pairs" } else { "side" };
            }
            Action::NextChoice => {
                "↑ ↓".clone_into(&mut key);
                label = if matches!(app.overlay, Some(Overlay::Help(_))) { "scroll" } else { "choose" };
            }
            _ => {}
        }
        if app.theme.glyphs == Glyphs::ASCII {
            key = key.replace('↵', "enter").replace("↑ ↓", "up down").replace("← →", "left right");
        }
        let off = app.can(action).is_err();
        let wide = (width(&key) + 1 + label.len()) as u16;
        let kept = if action == Action::Help { 0 } else { reserve };
        if x + wide + kept > width_of_footer {
            if action == Action::Help {
                break;
            }
            continue;
        }
        hints.push(Hint { action, key, label, columns: (x, x + wide), off });
        x += wide + 2;
    }
    hints
}

/// The action whose hint was clicked, in a footer that has this area.
pub fn action_at(app: &App, area: Rect, at: Position) -> Option<Action> {
    if !area.contains(at) {
        return None;
    }
    let column = at.x - area.x;
    hints(app, area.width)
        .into_iter()
        .find(|h| (h.columns.0..h.columns.1).contains(&column))
        .map(|h| h.action)
}

/// Draws the footer.
pub fn footer(app: &App, buffer: &mut Buffer, area: Rect) {
    let theme = &app.theme;
    for hint in hints(app, area.width) {
        let mut pen = Pen::at(buffer, area, 0);
        pen.skip(hint.columns.0);
        let (key, label) = if hint.off {
            (theme.style(Meaning::BarRest), theme.style(Meaning::BarRest))
        } else {
            (theme.style(Meaning::Key), theme.style(Meaning::Dim))
        };
        pen.write(&hint.key, key).skip(1).write(hint.label, label);
    }
}
