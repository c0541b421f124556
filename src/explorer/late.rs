//! A reply of the terminal that came after we had stopped waiting for it.
//!
//! A terminal asked for its colours answers `ESC ] 11 ; rgb:1a1a/1b1b/2626 ESC \` (or BEL at the
//! end). Over a slow link that arrives when keys are read already, and would be typed into the
//! program: `]` goes to the next generation, `1` tags it. Only where a reply is due is anything
//! held back, and never for longer than a moment.

use std::time::{Duration, Instant};

use crossterm::event::{KeyCode, KeyModifiers};

use super::key::Key;

/// How long a reply may be on its way.
const DUE: Duration = Duration::from_secs(15);
/// The longest reply: `10;rgba:` and four times four digits.
const LONGEST: usize = 40;

/// Keys held back while they may be a reply.
#[derive(Debug)]
pub struct Late {
    until: Instant,
    held: Vec<Key>,
}

/// How far keys are a reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Looks {
    Begun,
    Whole,
    Other,
}

impl Late {
    /// Waits for replies that are due from now on.
    pub fn new(now: Instant) -> Self {
        Self { until: now + DUE, held: Vec::new() }
    }

    /// Takes a key; gives those that turned out to be keys.
    pub fn take(&mut self, key: Key, now: Instant) -> Vec<Key> {
        self.held.push(key);
        if now > self.until {
            return self.release();
        }
        match looks(&self.held) {
            Looks::Begun => Vec::new(),
            Looks::Whole => {
                self.held.clear();
                Vec::new()
            }
            Looks::Other => self.release(),
        }
    }

    /// Nothing came for a moment. A person stopped: what was held are keys, unless most of a reply
    /// is there, whose rest a slow link still brings.
    pub fn quiet(&mut self) -> Vec<Key> {
        if self.held.len() > 3 { Vec::new() } else { self.release() }
    }

    fn release(&mut self) -> Vec<Key> {
        std::mem::take(&mut self.held)
    }
}

fn looks(keys: &[Key]) -> Looks {
    let alt = |c: char| Key { code: KeyCode::Char(c), modifiers: KeyModifiers::ALT };
    let plain = |c: char| Key::plain(KeyCode::Char(c));
    let rest = match keys {
        [first, rest @ ..] if *first == alt(']') => rest,
        [first] if *first == Key::plain(KeyCode::Esc) => return Looks::Begun,
        [first, second, rest @ ..] if *first == Key::plain(KeyCode::Esc) && *second == plain(']') => rest,
        _ => return Looks::Other,
    };
    if rest.len() > LONGEST {
        return Looks::Other;
    }
    let bell = Key { code: KeyCode::Char('g'), modifiers: KeyModifiers::CONTROL };
    let body = match rest {
        [body @ .., last] if *last == bell || *last == alt('\\') => return ended(body),
        [body @ .., esc, last] if *esc == Key::plain(KeyCode::Esc) && *last == plain('\\') => {
            return ended(body);
        }
        [body @ .., esc] if *esc == Key::plain(KeyCode::Esc) => body,
        body => body,
    };
    if is_body(body) { Looks::Begun } else { Looks::Other }
}

fn ended(body: &[Key]) -> Looks {
    if is_body(body) { Looks::Whole } else { Looks::Other }
}

/// `10;rgb:` or `11;rgb:` and digits with slashes, or the beginning of such.
fn is_body(keys: &[Key]) -> bool {
    let heads = ["10;rgb", "11;rgb"];
    keys.iter().enumerate().all(|(i, key)| {
        key.character().is_some_and(|c| match heads[0].len() {
            head if i < head => heads.iter().any(|h| h.as_bytes()[i] == c as u8),
            _ => c.is_ascii_hexdigit() || matches!(c, ':' | '/' | 'a'),
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Keys as a terminal's bytes become them: all at once, or an Esc by itself.
    fn keys(text: &str) -> Vec<Key> {
        text.split(' ').map(|name| Key::parse(name).unwrap()).collect()
    }

    fn typed(late: &mut Late, text: &str) -> String {
        let now = Instant::now();
        let mut out: Vec<Key> = keys(text).into_iter().flat_map(|key| late.take(key, now)).collect();
        out.extend(late.quiet());
        out.iter().map(Key::to_string).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn replies_are_swallowed_and_keys_are_not() {
        let body = "1 1 ; r g b : 1 a 1 a / 1 b 1 b / 2 6 2 6";
        for reply in
            [format!("alt-] {body} alt-\\"), format!("esc ] {body} esc \\"), format!("alt-] {body} ctrl-g")]
        {
            assert_eq!(typed(&mut Late::new(Instant::now()), &reply), "", "{reply}");
            assert_eq!(typed(&mut Late::new(Instant::now()), &format!("{reply} j k")), "j k");
        }
        for (keys, out) in [
            ("j", "j"),
            ("] ] [", "] ] ["),
            ("esc", "esc"),
            ("esc j", "esc j"),
            ("esc ] ]", "esc ] ]"),
            ("alt-] 1", "alt-] 1"),
            ("alt-] 1 2 3 4", "alt-] 1 2 3 4"),
            ("esc ] 1 1 j", "esc ] 1 1 j"),
        ] {
            assert_eq!(typed(&mut Late::new(Instant::now()), keys), out, "{keys}");
        }
    }

    #[test]
    fn a_reply_in_pieces_is_one() {
        let mut late = Late::new(Instant::now());
        assert_eq!(typed(&mut late, "alt-] 1 1 ; r g b : 1 a"), "");
        assert_eq!(typed(&mut late, "1 a / 1 b 1 b / 2 6 2 6 alt-\\"), "");
        assert_eq!(typed(&mut late, "1"), "1");
    }

    #[test]
    fn nothing_is_held_once_no_reply_is_due() {
        let begun = Instant::now();
        let mut late = Late::new(begun);
        let esc = Key::parse("esc").unwrap();
        assert_eq!(late.take(esc, begun + DUE + Duration::from_secs(1)), [esc]);
    }
}
