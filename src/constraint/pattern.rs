//! Regular expressions in Python's syntax and with Python's meaning.
//!
//! The reference takes keywords and section splitters for regular expressions, so they are ones
//! here too. Most are plain words, and those are searched for as such. A pattern is translated and
//! run by the linear-time engine where that can run it; backreferences, look-around and the like
//! go to a backtracking engine with a step limit. Past the limit, and for a pattern that Python
//! would refuse, there is no verdict but a reason.

use std::ops::{ControlFlow, Range};

use super::args::{Refusal, Result};
use super::python;
use super::translation::{BOUNDARY, Translation};

/// Steps that the backtracking engine may take for one match.
const BACKTRACK_LIMIT: usize = 1_000_000;

/// How the reference compiles a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Flavour {
    /// `re.IGNORECASE`.
    IgnoreCase,
    /// `\b` before and after, `re.IGNORECASE`.
    WholeWord,
    /// No flags.
    Plain,
}

/// A compiled pattern.
#[derive(Debug)]
pub(super) struct Pattern {
    engine: Engine,
    /// Capturing groups.
    pub groups: usize,
    /// Word boundaries are tested on each match of a literal.
    bounded: bool,
}

#[derive(Debug)]
enum Engine {
    Word(Word),
    Linear(regex::Regex),
    Backtracking(Box<fancy_regex::Regex>),
}

impl Pattern {
    pub(super) fn new(source: &str, flavour: Flavour) -> Result<Self> {
        if let Some(word) = Word::new(source, flavour) {
            return Ok(Self {
                engine: Engine::Word(word),
                groups: 0,
                bounded: flavour == Flavour::WholeWord,
            });
        }
        let refuse =
            |why: &str| Refusal(format!("{source:?} is not a regular expression that can be run: {why}"));
        let fold = flavour != Flavour::Plain;
        let translated = Translation::of(source, fold).map_err(|why| refuse(&why))?;
        let literal = translated.literal;
        let wrap = flavour == Flavour::WholeWord && !literal;
        let mut regex = String::new();
        if fold {
            regex.push_str("(?i)");
        }
        // The reference pastes `\b` on, so that it binds closer than `|`.
        if wrap {
            regex.push_str(BOUNDARY);
        }
        regex.push_str(&translated.regex);
        if wrap {
            regex.push_str(BOUNDARY);
        }
        let engine = if wrap || translated.backtracks {
            fancy_regex::RegexBuilder::new(&regex)
                .backtrack_limit(BACKTRACK_LIMIT)
                .build()
                .map(|compiled| Engine::Backtracking(Box::new(compiled)))
                .map_err(|e| refuse(&first_line(&e.to_string())))?
        } else {
            regex::Regex::new(&regex).map(Engine::Linear).map_err(|e| refuse(&first_line(&e.to_string())))?
        };
        let groups = match &engine {
            Engine::Word(_) => 0,
            Engine::Linear(r) => r.captures_len() - 1,
            Engine::Backtracking(r) => r.captures_len() - 1,
        };
        Ok(Self { engine, groups, bounded: flavour == Flavour::WholeWord && literal })
    }

    /// Calls `visit` with each match as `findall` finds them: from the left, not overlapping. An
    /// empty match right after another match counts, as in Python.
    pub(super) fn for_each(
        &self,
        text: &str,
        mut visit: impl FnMut(Range<usize>) -> ControlFlow<()>,
    ) -> Result<()> {
        let mut at = 0;
        while at <= text.len() {
            let Some(found) = self.find_at(text, at)? else { break };
            if self.bounded
                && !(python::is_boundary(text, found.start) && python::is_boundary(text, found.end))
            {
                at = found.start + width_at(text, found.start);
                continue;
            }
            at = if found.is_empty() { found.end + width_at(text, found.end) } else { found.end };
            if visit(found).is_break() {
                break;
            }
        }
        Ok(())
    }

    /// How many matches there are.
    pub(super) fn count(&self, text: &str) -> Result<usize> {
        let mut n = 0;
        self.for_each(text, |_| {
            n += 1;
            ControlFlow::Continue(())
        })?;
        Ok(n)
    }

    /// Every match.
    pub(super) fn find_all(&self, text: &str) -> Result<Vec<Range<usize>>> {
        let mut all = Vec::new();
        self.for_each(text, |found| {
            all.push(found);
            ControlFlow::Continue(())
        })?;
        Ok(all)
    }

    /// The first match.
    pub(super) fn find(&self, text: &str) -> Result<Option<Range<usize>>> {
        let mut first = None;
        self.for_each(text, |found| {
            first = Some(found);
            ControlFlow::Break(())
        })?;
        Ok(first)
    }

    fn find_at(&self, text: &str, at: usize) -> Result<Option<Range<usize>>> {
        match &self.engine {
            Engine::Word(word) => Ok(word.find_at(text, at)),
            Engine::Linear(regex) => Ok(regex.find_at(text, at).map(|m| m.range())),
            Engine::Backtracking(regex) => match regex.find_from_pos(text, at) {
                Ok(found) => Ok(found.map(|m| m.range())),
                Err(e) => Err(Refusal(format!(
                    "{:?} gave up on this text after {BACKTRACK_LIMIT} steps ({})",
                    regex.as_str(),
                    first_line(&e.to_string())
                ))),
            },
        }
    }
}

/// An ASCII keyword that stands for itself: no engine to compile.
#[derive(Debug)]
struct Word {
    /// Lower-cased where case is ignored.
    bytes: Box<[u8]>,
    fold: bool,
    /// The rarest of its letters: what is searched for. Everything before it has one form only (but
    /// for case), so that it is as far from the beginning in every text.
    rare: usize,
}

impl Word {
    fn new(source: &str, flavour: Flavour) -> Option<Self> {
        let plain = |b: u8| {
            b.is_ascii_alphanumeric() || matches!(b, b' ' | b'_' | b'-' | b'\'' | b',' | b'!' | b'/' | b'"')
        };
        let fold = flavour != Flavour::Plain;
        let bytes = if fold { source.to_ascii_lowercase() } else { source.to_owned() }.into_bytes();
        if source.is_empty() || !source.bytes().all(plain) {
            return None;
        }
        // From the most frequent on, as in English.
        let rank = |b: u8| b" etaoinsrhldcumfpgwybvkxjqz".iter().position(|&c| c == b).unwrap_or(20);
        let one_form = bytes.iter().take_while(|b| !fold || !matches!(b, b'i' | b's' | b'k')).count();
        let rare = (0..one_form).max_by_key(|&at| rank(bytes[at])).unwrap_or(0);
        Some(Self { bytes: bytes.into(), fold, rare })
    }

    fn find_at(&self, text: &str, mut at: usize) -> Option<Range<usize>> {
        let bytes = text.as_bytes();
        let rare = self.bytes[self.rare];
        // The letters that fold beyond ASCII: their other forms begin with one and the same byte.
        let beyond = match rare {
            b'i' => Some(0xc4),
            b's' => Some(0xc5),
            b'k' => Some(0xe2),
            _ => None,
        };
        loop {
            let rest = bytes.get(at + self.rare..)?;
            at += match beyond {
                _ if !self.fold => memchr::memchr(rare, rest)?,
                None => memchr::memchr2(rare, rare.to_ascii_uppercase(), rest)?,
                Some(beyond) => memchr::memchr3(rare, rare.to_ascii_uppercase(), beyond, rest)?,
            };
            if let Some(end) = self.end_at(bytes, at) {
                return Some(at..end);
            }
            at += 1;
        }
    }

    /// Where the word ends if it begins at `at`.
    fn end_at(&self, text: &[u8], mut at: usize) -> Option<usize> {
        for &wanted in &self.bytes {
            let &byte = text.get(at)?;
            if byte == wanted || self.fold && byte.to_ascii_lowercase() == wanted {
                at += 1;
                continue;
            }
            let other_forms: &[&[u8]] = match wanted {
                b'i' if self.fold => &["İ".as_bytes(), "ı".as_bytes()],
                b's' if self.fold => &["ſ".as_bytes()],
                b'k' if self.fold => &["\u{212a}".as_bytes()],
                _ => return None,
            };
            at += other_forms.iter().find(|form| text[at..].starts_with(form))?.len();
        }
        Some(at)
    }
}

/// Bytes of the character at `at`, 1 at the end.
fn width_at(text: &str, at: usize) -> usize {
    text[at..].chars().next().map_or(1, char::len_utf8)
}

fn first_line(message: &str) -> String {
    // The regex crate draws its errors over several lines and says the cause in the last.
    let line = message.lines().rev().find(|l| !l.trim().is_empty()).unwrap_or("no reason given");
    line.trim().trim_start_matches("error: ").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found<'t>(source: &str, flavour: Flavour, text: &'t str) -> Vec<&'t str> {
        let pattern = Pattern::new(source, flavour).unwrap_or_else(|e| panic!("{source}: {}", e.0));
        pattern.find_all(text).unwrap().into_iter().map(|m| &text[m]).collect()
    }

    #[test]
    fn matches_as_python_does() {
        use Flavour::{IgnoreCase, Plain, WholeWord};
        let table: [(&str, Flavour, &str, &[&str]); 32] = [
            ("sum", IgnoreCase, "Sum ſum sums", &["Sum", "ſum", "sum"]),
            ("kind", IgnoreCase, "\u{212a}ind", &["\u{212a}ind"]),
            ("in", IgnoreCase, "İn ın IN", &["İn", "ın", "IN"]),
            ("a", WholeWord, "a ab ba A", &["a", "A"]),
            ("न", WholeWord, "नि", &["न"]),
            ("a|b", WholeWord, "ax xb a b", &["a", "b", "a", "b"]),
            ("C++", IgnoreCase, "c++ C", &["c", "C"]),
            ("e.g.", WholeWord, "e.g.x e.g. x", &["e.g."]),
            ("x{", Plain, "x{1}", &["x{"]),
            ("x{,2}", Plain, "xxx", &["xx", "x", ""]),
            ("{}", Plain, "{}", &["{}"]),
            ("a*", Plain, "baac", &["", "aa", "", ""]),
            ("", Plain, "ab", &["", "", ""]),
            (r"\w+", Plain, "न\u{93f}x ²", &["न", "x", "²"]),
            (r"\s", Plain, "\u{1c}\u{a0}x", &["\u{1c}", "\u{a0}"]),
            (r"[\W]", Plain, "a\u{301}!", &["\u{301}", "!"]),
            (r"[]a]+", Plain, "]a[", &["]a"]),
            (r"[a[]+", Plain, "]a[", &["a["]),
            (r"[a&&b]+", Plain, "a&b", &["a&b"]),
            (r"[a-c-]+", Plain, "b-d", &["b-"]),
            (r"[^\]]", Plain, "]x", &["x"]),
            (r"(a)\1", Plain, "aa ab", &["aa"]),
            (r"(?<=x)y", Plain, "xy y", &["y"]),
            (r"y(?=z)", Plain, "yz y", &["y"]),
            (r"(?P<q>a)(?P=q)", Plain, "aa", &["aa"]),
            (r"a$", Plain, "a\na\n", &["a"]),
            (r"\x41\u0042\103", Plain, "ABC", &["ABC"]),
            (r"a(?#note)b", Plain, "ab", &["ab"]),
            (r"\.\-\#", Plain, ".-#", &[".-#"]),
            (r"a.c", Plain, "a\rc a\nc", &["a\rc"]),
            (r"a++b", Plain, "aab", &["aab"]),
            ("#x y", IgnoreCase, "#X Y", &["#X Y"]),
        ];
        for (source, flavour, text, expected) in table {
            assert_eq!(found(source, flavour, text), expected, "{source:?} in {text:?}");
        }
    }

    #[test]
    fn what_python_refuses_is_refused() {
        for source in [
            "(", "a)", "[a", "*", "a**", "a|*", "^*", "\\", "a{2}{3}", "(?P<a", "(?<a>b)", r"\y", "(*)",
            "+5", "?",
        ] {
            let refusal = Pattern::new(source, Flavour::IgnoreCase);
            assert!(refusal.is_err(), "{source:?} was taken");
        }
    }

    #[test]
    fn a_catastrophic_pattern_gives_up() {
        let pattern = Pattern::new(r"(a|a)*\1b", Flavour::Plain).unwrap();
        let text = "a".repeat(200);
        assert!(pattern.count(&text).unwrap_err().0.contains("gave up"));
    }

    #[test]
    fn groups_are_counted() {
        assert_eq!(Pattern::new("(a)(?:b)(c)", Flavour::Plain).unwrap().groups, 2);
    }

    proptest::proptest! {
        /// Searching for the rarest letter finds what looking at every place does.
        #[test]
        fn a_word_is_found_wherever_it_is(
            word in "[xaiske ]{1,4}", text in "[xaiskeXAISKE İıſK\u{212a}é]{0,30}", fold in proptest::bool::ANY
        ) {
            let flavour = if fold { Flavour::IgnoreCase } else { Flavour::Plain };
            let word = Word::new(&word, flavour).unwrap();
            let slow = |from: usize| {
                (from..text.len()).find_map(|at| word.end_at(text.as_bytes(), at).map(|end| at..end))
            };
            for from in (0..=text.len()).filter(|at| text.is_char_boundary(*at)) {
                proptest::prop_assert_eq!(word.find_at(&text, from), slow(from));
            }
        }
    }
}
