//! One line of text being written.

use unicode_segmentation::UnicodeSegmentation;

use super::action::Action;
use crate::text::visible;
use crate::text::width::width;

/// The longest line taken, in bytes: a paste of a whole file must not stop the program.
pub const LIMIT: usize = 4096;

/// A line of text with a cursor between its graphemes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Line {
    text: String,
    cursor: usize,
}

impl Line {
    /// A line with the cursor at its end.
    pub fn new(text: impl Into<String>) -> Self {
        let text = text.into();
        Self { cursor: text.len(), text }
    }

    /// The text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The text before the cursor.
    pub fn before(&self) -> &str {
        &self.text[..self.cursor]
    }

    /// Puts in a character; control characters are not text.
    pub fn insert(&mut self, c: char) {
        if !c.is_control() && self.text.len() < LIMIT {
            self.text.insert(self.cursor, c);
            self.cursor += c.len_utf8();
        }
    }

    /// Puts in what was pasted, its line ends as spaces.
    pub fn paste(&mut self, pasted: &str) {
        for c in pasted.chars().take(LIMIT) {
            self.insert(if c.is_whitespace() { ' ' } else { c });
        }
    }

    /// Puts `text` where the last `bytes` before the cursor are.
    pub fn replace_before(&mut self, bytes: usize, text: &str) {
        let start = self.cursor.saturating_sub(bytes);
        if self.text.is_char_boundary(start) {
            self.text.replace_range(start..self.cursor, text);
            self.cursor = start + text.len();
        }
    }

    /// Carries out an action of typing; false when it is none.
    pub fn act(&mut self, action: Action) -> bool {
        match action {
            Action::CursorLeft => self.cursor = self.left(),
            Action::CursorRight => self.cursor = self.right(),
            Action::CursorWordLeft => self.cursor = self.word_left(),
            Action::CursorWordRight => self.cursor = self.word_right(),
            Action::CursorStart => self.cursor = 0,
            Action::CursorEnd => self.cursor = self.text.len(),
            Action::DeleteBack => self.delete(self.left()),
            Action::DeleteForward => {
                let end = self.right();
                self.text.replace_range(self.cursor..end, "");
            }
            Action::DeleteWord => self.delete(self.word_left()),
            Action::DeleteToStart => self.delete(0),
            _ => return false,
        }
        true
    }

    fn delete(&mut self, from: usize) {
        self.text.replace_range(from..self.cursor, "");
        self.cursor = from;
    }

    fn left(&self) -> usize {
        self.text[..self.cursor].grapheme_indices(true).next_back().map_or(0, |(at, _)| at)
    }

    fn right(&self) -> usize {
        self.text[self.cursor..].graphemes(true).next().map_or(self.cursor, |g| self.cursor + g.len())
    }

    fn word_left(&self) -> usize {
        let trimmed = self.text[..self.cursor].trim_end_matches([' ', ':', ',']);
        trimmed.rfind([' ', ':', ',']).map_or(0, |at| at + 1)
    }

    fn word_right(&self) -> usize {
        let rest = &self.text[self.cursor..];
        let skipped = rest.len() - rest.trim_start_matches([' ', ':', ',']).len();
        rest[skipped..].find([' ', ':', ',']).map_or(self.text.len(), |at| self.cursor + skipped + at)
    }

    /// What of the text fits so many columns with the cursor in sight, and the cursor's column.
    pub fn window(&self, columns: usize) -> (String, usize) {
        let shown = visible(&self.text);
        let before = width(&visible(&self.text[..self.cursor]));
        if width(&shown) < columns {
            return (shown.into_string(), before);
        }
        let first = before.saturating_sub(columns.saturating_sub(1));
        let mut out = String::new();
        let (mut at, mut used) = (0, 0);
        for grapheme in shown.graphemes(true) {
            let wide = width(grapheme);
            if at >= first {
                if used + wide > columns {
                    break;
                }
                out.push_str(grapheme);
                used += wide;
            }
            at += wide;
        }
        (out, before.saturating_sub(first).min(columns.saturating_sub(1)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn editing() {
        use Action as A;
        // (text with | as the cursor, actions, text with | as the cursor)
        let table: [(&str, &[A], &str); 9] = [
            ("ab|", &[A::CursorLeft], "a|b"),
            ("ab|", &[A::DeleteBack], "a|"),
            ("a|b", &[A::DeleteForward], "a|"),
            ("|", &[A::DeleteBack, A::CursorLeft, A::DeleteWord], "|"),
            ("model:a failed:no|", &[A::DeleteWord], "model:a failed:|"),
            ("model:a failed:|", &[A::DeleteWord], "model:a |"),
            ("one two|", &[A::DeleteToStart], "|"),
            ("|one two", &[A::CursorWordRight], "one| two"),
            ("e\u{301}|", &[A::DeleteBack], "|"),
        ];
        for (before, actions, after) in table {
            let cursor = before.find('|').unwrap();
            let mut line = Line { text: before.replace('|', ""), cursor };
            for &action in actions {
                assert!(line.act(action));
            }
            let mut shown = line.text.clone();
            shown.insert(line.cursor, '|');
            assert_eq!(shown, after, "{before} {actions:?}");
        }
    }

    #[test]
    fn the_cursor_stays_in_sight() {
        let line = Line::new("abcdefghij");
        assert_eq!(line.window(5), ("ghij".to_owned(), 4));
        assert_eq!(line.window(20), ("abcdefghij".to_owned(), 10));
        assert_eq!(line.window(0), (String::new(), 0));
    }

    #[test]
    fn a_paste_is_text_and_has_an_end() {
        let mut line = Line::default();
        line.paste(&"a\n\u{1b}[201~".repeat(100_000));
        assert!(line.text().len() <= LIMIT + 4);
        assert!(!line.text().contains('\u{1b}'));
    }
}
