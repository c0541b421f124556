//! A key as a person names it.

use std::fmt;

use crokey::{KeyCombination, OneToThree};
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// One key with its modifiers, in one form whatever the terminal sends for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Key {
    /// Which key. A letter carries its case.
    pub code: KeyCode,
    /// Control, alt, super; shift only where the code does not already say it.
    pub modifiers: KeyModifiers,
}

impl Key {
    /// A key without modifiers.
    pub const fn plain(code: KeyCode) -> Self {
        Self { code, modifiers: KeyModifiers::NONE }
    }

    fn new(code: KeyCode, modifiers: KeyModifiers) -> Self {
        let mut modifiers = modifiers
            & (KeyModifiers::CONTROL | KeyModifiers::ALT | KeyModifiers::SUPER | KeyModifiers::SHIFT);
        let code = match code {
            // Some terminals say `shift-a`, some `A`, some `shift-A`.
            KeyCode::Char(c) if modifiers.contains(KeyModifiers::SHIFT) => {
                modifiers.remove(KeyModifiers::SHIFT);
                KeyCode::Char(c.to_ascii_uppercase())
            }
            KeyCode::BackTab => {
                modifiers.remove(KeyModifiers::SHIFT);
                KeyCode::BackTab
            }
            // ctrl-h, ctrl-m, ctrl-i reach us under their own names where the terminal can tell.
            other => other,
        };
        Self { code, modifiers }
    }

    /// Reads a key: one character as it is, everything else as names with modifiers.
    pub fn parse(text: &str) -> Option<Self> {
        let mut chars = text.chars();
        if let (Some(c), None) = (chars.next(), chars.next()) {
            return Some(Self::plain(KeyCode::Char(c)));
        }
        let parsed: KeyCombination = crokey::parse(text).ok()?;
        let OneToThree::One(code) = parsed.codes else { return None };
        Some(Self::new(code, parsed.modifiers))
    }

    /// The key without alt, where alt is held. A terminal sends `alt-n` as Esc and `n`, so over a slow
    /// line an Esc that is followed at once by another key arrives as this.
    pub fn without_alt(self) -> Option<Self> {
        let held = self.modifiers.contains(KeyModifiers::ALT);
        held.then(|| Self { modifiers: self.modifiers - KeyModifiers::ALT, ..self })
    }

    /// The character typed, where this is a character without control or alt.
    pub fn character(self) -> Option<char> {
        match self.code {
            KeyCode::Char(c) if self.modifiers.is_empty() => Some(c),
            _ => None,
        }
    }
}

impl From<KeyEvent> for Key {
    fn from(event: KeyEvent) -> Self {
        Self::new(event.code, event.modifiers)
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let named =
            [(KeyModifiers::CONTROL, "^"), (KeyModifiers::ALT, "alt-"), (KeyModifiers::SHIFT, "shift-")];
        for (modifier, name) in named {
            if self.modifiers.contains(modifier) {
                f.write_str(name)?;
            }
        }
        match self.code {
            KeyCode::Char(' ') => f.write_str("space"),
            KeyCode::Char(c) if self.modifiers.contains(KeyModifiers::CONTROL) => {
                write!(f, "{}", c.to_ascii_uppercase())
            }
            KeyCode::Char(c) => write!(f, "{c}"),
            KeyCode::Enter => f.write_str("↵"),
            KeyCode::Left => f.write_str("←"),
            KeyCode::Right => f.write_str("→"),
            KeyCode::Up => f.write_str("↑"),
            KeyCode::Down => f.write_str("↓"),
            KeyCode::Tab => f.write_str("tab"),
            KeyCode::BackTab => f.write_str("shift-tab"),
            KeyCode::Esc => f.write_str("esc"),
            KeyCode::Backspace => f.write_str("⌫"),
            KeyCode::Delete => f.write_str("del"),
            KeyCode::Home => f.write_str("home"),
            KeyCode::End => f.write_str("end"),
            KeyCode::PageUp => f.write_str("pgup"),
            KeyCode::PageDown => f.write_str("pgdn"),
            KeyCode::F(n) => write!(f, "F{n}"),
            other => write!(f, "{other:?}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_has_one_form_whatever_the_terminal_sends() {
        let sent = |code, modifiers| Key::from(KeyEvent::new(code, modifiers));
        let table = [
            ("N", sent(KeyCode::Char('N'), KeyModifiers::SHIFT), "N"),
            ("N", sent(KeyCode::Char('N'), KeyModifiers::NONE), "N"),
            ("N", sent(KeyCode::Char('n'), KeyModifiers::SHIFT), "N"),
            ("?", sent(KeyCode::Char('?'), KeyModifiers::SHIFT), "?"),
            ("backtab", sent(KeyCode::BackTab, KeyModifiers::SHIFT), "shift-tab"),
            ("ctrl-d", sent(KeyCode::Char('d'), KeyModifiers::CONTROL), "^D"),
            ("alt-backspace", sent(KeyCode::Backspace, KeyModifiers::ALT), "alt-⌫"),
            ("space", sent(KeyCode::Char(' '), KeyModifiers::NONE), "space"),
            ("pagedown", sent(KeyCode::PageDown, KeyModifiers::NONE), "pgdn"),
            ("-", sent(KeyCode::Char('-'), KeyModifiers::NONE), "-"),
        ];
        for (written, key, shown) in table {
            assert_eq!(Key::parse(written), Some(key), "{written}");
            assert_eq!(key.to_string(), shown);
        }
        assert_eq!(Key::parse("nonsense"), None);
    }
}
