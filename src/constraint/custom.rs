//! Constraints of the user's own, from a TOML file:
//!
//! ```toml
//! [[constraint]]
//! id = "house:no_apology"
//! sentence = "The text does not apologise."
//! must_not_match = '\b(sorry|apologi[sz]e)\b'
//! ignore_case = true
//!
//! [[constraint]]
//! id = "house:three_steps"
//! count_matches = '(?m)^Step \d+'
//! at_least = 3
//! at_most = "max_steps"        # a text names an argument of the item's constraint
//!
//! [[constraint]]
//! id = "house:short"
//! category = "length"
//! count = "characters"         # or words, sentences, lines
//! at_most = 500
//! ```
//!
//! Patterns are in Python's syntax, as keywords are. A constraint has one of `must_match`,
//! `must_not_match`, `count_matches` and `count`; the last two want `at_least`, `at_most` or both.

use std::ops::Range;
use std::path::Path;
use std::sync::OnceLock;

use serde::Deserialize;

use super::args::{Args, Refusal, Result};
use super::bound::{Bound, Unit};
use super::length::mark_border;
use super::pattern::{Flavour, Pattern};
use super::registry::{Checker, Kind};
use super::rule::{Finding, Judged, Rule};
use super::{Category, punkt, python};
use crate::path::shown;

const MATCHES: Unit = Unit::new("match", "matches");

/// The file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    constraint: Vec<Entry>,
}

/// One constraint of the file.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Entry {
    id: String,
    sentence: Option<String>,
    category: Option<Category>,
    must_match: Option<String>,
    must_not_match: Option<String>,
    count_matches: Option<String>,
    count: Option<Counted>,
    at_least: Option<Limit>,
    at_most: Option<Limit>,
    #[serde(default)]
    ignore_case: bool,
}

/// What can be counted but matches.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Counted {
    Words,
    Characters,
    Sentences,
    Lines,
}

/// A number, or the name of the argument that holds it.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
enum Limit {
    Number(u64),
    Argument(String),
}

/// Reads the kinds of constraint that a file defines. Errors name the place and what to do.
pub(super) fn parse(text: &str, path: &Path) -> std::result::Result<Vec<Kind>, String> {
    let at = |line: usize, what: &str| format!("{}:{line}: {what}", shown(path));
    let file: File = toml::from_str(text).map_err(|e| {
        let before = &text[..e.span().map_or(0, |span| span.start).min(text.len())];
        at(1 + before.matches('\n').count(), e.message())
    })?;
    let mut kinds: Vec<Kind> = Vec::with_capacity(file.constraint.len());
    for entry in file.constraint {
        let line = 1 + text.lines().position(|l| l.contains(&entry.id)).unwrap_or(0);
        let known = super::registry::builtin(&entry.id).is_some() || kinds.iter().any(|k| k.id == entry.id);
        if known {
            return Err(at(
                line,
                &format!("{:?} is the id of another constraint; choose one of your own", entry.id),
            ));
        }
        kinds.push(entry.into_kind().map_err(|what| at(line, &what))?);
    }
    Ok(kinds)
}

impl Entry {
    /// The kind of constraint it defines. Its texts live as long as the program, like those of the
    /// kinds built in.
    fn into_kind(self) -> std::result::Result<Kind, String> {
        let Some((family, short)) = self.id.rsplit_once(':').filter(|(f, s)| !f.is_empty() && !s.is_empty())
        else {
            return Err(format!("the id {:?} wants a family and a name, as in \"house:{0}\"", self.id));
        };
        let of_pattern = [&self.must_match, &self.must_not_match, &self.count_matches];
        if of_pattern.iter().filter(|p| p.is_some()).count() + usize::from(self.count.is_some()) != 1 {
            return Err(format!(
                "{:?} wants one of must_match, must_not_match, count_matches and count",
                self.id
            ));
        }
        let bounded = self.at_least.is_some() || self.at_most.is_some();
        if bounded != (self.count_matches.is_some() || self.count.is_some()) {
            let wants = if bounded { "can't have at_least or at_most" } else { "wants at_least or at_most" };
            return Err(format!("{:?} {wants}: they go with count_matches and count", self.id));
        }
        if let Some(pattern) = of_pattern.into_iter().flatten().next() {
            Pattern::new(pattern, self.flavour()).map_err(|Refusal(why)| why)?;
        }
        let leak = |text: &str| -> &'static str { Box::leak(text.to_owned().into_boxed_str()) };
        let sentence =
            self.sentence.clone().unwrap_or_else(|| format!("Defined in your own file: {}.", self.id));
        Ok(Kind {
            id: leak(&self.id),
            short: leak(short),
            family: leak(family),
            category: self.category.unwrap_or(Category::Other),
            mathif: false,
            args: &[],
            unit: self.unit().many,
            sentence: leak(&sentence),
            checker: Checker::Custom(Box::leak(Box::new(self))),
        })
    }

    fn flavour(&self) -> Flavour {
        if self.ignore_case { Flavour::IgnoreCase } else { Flavour::Plain }
    }

    fn unit(&self) -> Unit {
        match self.count {
            None => MATCHES,
            Some(Counted::Words) => Unit::new("word", "words"),
            Some(Counted::Characters) => Unit::new("character", "characters"),
            Some(Counted::Sentences) => Unit::new("sentence", "sentences"),
            Some(Counted::Lines) => Unit::new("line", "lines"),
        }
    }

    /// The rule for one constraint of an item.
    pub(super) fn rule(&'static self, args: &Args<'_>) -> Result<Box<dyn Rule>> {
        let limit = |limit: &Option<Limit>| match limit {
            None => Ok(None),
            Some(Limit::Number(n)) => Ok(Some(*n)),
            Some(Limit::Argument(name)) => args.count(name).map(Some),
        };
        let bound = if self.must_match.is_some() {
            Bound::AtLeast(1)
        } else if self.must_not_match.is_some() {
            Bound::Between(0, 0)
        } else {
            match (limit(&self.at_least)?, limit(&self.at_most)?) {
                (Some(least), None) => Bound::AtLeast(least),
                (least, Some(most)) if least.unwrap_or(0) <= most => Bound::Between(least.unwrap_or(0), most),
                _ => return Err(Refusal(format!("{:?} asks for more at least than at most", self.id))),
            }
        };
        let source =
            [&self.must_match, &self.must_not_match, &self.count_matches].into_iter().flatten().next();
        let pattern = source.map(|source| Pattern::new(source, self.flavour())).transpose()?;
        Ok(Box::new(Custom { entry: self, pattern, bound }))
    }
}

/// A constraint of the user's own.
#[derive(Debug)]
struct Custom {
    entry: &'static Entry,
    pattern: Option<Pattern>,
    bound: Bound,
}

impl Custom {
    fn places(&self, text: &str) -> Result<Vec<Range<usize>>> {
        if let Some(pattern) = &self.pattern {
            return pattern.find_all(text);
        }
        Ok(match self.entry.count {
            Some(Counted::Sentences) => punkt::sentences(text),
            Some(Counted::Characters) => text.char_indices().map(|(at, c)| at..at + c.len_utf8()).collect(),
            Some(Counted::Lines) => {
                let mut at = 0;
                text.split_inclusive('\n')
                    .map(|line| {
                        let start = at;
                        at += line.len();
                        start..start + line.trim_end_matches(['\r', '\n']).len()
                    })
                    .collect()
            }
            Some(Counted::Words) | None => python::words(text).collect(),
        })
    }
}

impl Rule for Custom {
    fn examine(&self, judged: &Judged<'_>) -> Result<Finding> {
        let unit = self.entry.unit();
        let places = self.places(judged.text)?;
        let mut finding = Finding::counted(places.len(), self.bound, unit, judged.want);
        if judged.wants_marks() {
            if self.pattern.is_some() {
                finding.mark_counted(places, self.bound, unit, judged.end());
            } else {
                let count = places.len();
                mark_border(&mut finding, places.into_iter(), self.bound, unit, count, judged);
            }
        }
        Ok(finding)
    }

    fn label(&self) -> String {
        self.entry
            .sentence
            .clone()
            .unwrap_or_else(|| format!("{}: {}", self.entry.id, self.bound.label_of(self.entry.unit())))
    }
}

/// The kinds of the user's own, once a file was read.
static REGISTERED: OnceLock<(Vec<Kind>, u64)> = OnceLock::new();

/// Adds the constraints that a TOML file defines to those that can be checked, for the rest of the
/// program. Once, and before anything is checked.
///
/// An error is a sentence for people: where in the file, what is wrong, what to do.
pub fn read_custom(path: &Path) -> std::result::Result<(), String> {
    let text = std::fs::read_to_string(path).map_err(|e| format!("{}: {e}", shown(path)))?;
    let kinds = parse(&text, path)?;
    let registered = (kinds, xxhash_rust::xxh3::xxh3_64(text.as_bytes()));
    REGISTERED
        .set(registered)
        .map_err(|_| format!("{}: constraints of your own were read before", shown(path)))
}

/// The kinds that a file added.
pub fn custom_kinds() -> &'static [Kind] {
    REGISTERED.get().map_or(&[], |(kinds, _)| kinds.as_slice())
}

/// Tells one file of such constraints from another; 0 without one. A library remembers it: verdicts
/// by other rules are no verdicts by these.
pub fn custom_fingerprint() -> u64 {
    REGISTERED.get().map_or(0, |(_, fingerprint)| *fingerprint)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::{Status, Want, prepare_kind};
    use super::*;

    const FILE: &str = r#"
[[constraint]]
id = "house:no_apology"
sentence = "The text does not apologise."
must_not_match = '\bsorry\b'
ignore_case = true

[[constraint]]
id = "house:steps"
count_matches = '(?m)^Step \d+'
at_least = 2
at_most = "most"

[[constraint]]
id = "house:short"
category = "length"
count = "characters"
at_most = 5

[[constraint]]
id = "house:lines"
count = "lines"
at_least = 3
"#;

    #[test]
    fn rules_of_the_users_own() {
        let kinds: &'static [Kind] = parse(FILE, Path::new("own.toml")).unwrap().leak();
        let table = [
            (0, json!(null), "I am fine", Status::Followed, 0.0, "0 matches; at most 0 asked for", vec![]),
            (
                0,
                json!(null),
                "Sorry, é sorry",
                Status::NotFollowed,
                -2.0,
                "2 matches too many",
                vec![(0, 5), (10, 15)],
            ),
            (
                1,
                json!({"most": 3}),
                "Step 1\nStep 2",
                Status::Followed,
                0.0,
                "2 matches; 2 to 3 asked for",
                vec![(0, 6), (7, 13)],
            ),
            (
                1,
                json!({"most": 3}),
                "Step 1",
                Status::NotFollowed,
                -1.0,
                "1 match short",
                vec![(0, 6), (6, 6)],
            ),
            (2, json!(null), "ééééééé", Status::NotFollowed, -2.0, "2 characters too many", vec![(10, 14)]),
            (3, json!(null), "a\r\nb", Status::NotFollowed, -1.0, "1 line short", vec![(4, 4)]),
        ];
        for (i, args, text, status, margin, sentence, marks) in table {
            let verdict = prepare_kind(&kinds[i], &args).check(text, 0..text.len(), Want::Marks);
            assert_eq!((verdict.status, verdict.sentence.as_str()), (status, sentence), "{text:?}");
            assert_eq!(verdict.margin.map(|m| m.value), Some(margin), "{text:?}");
            assert_eq!(verdict.marks.iter().map(|m| (m.start, m.end)).collect::<Vec<_>>(), marks, "{text:?}");
        }
        let unknown = prepare_kind(&kinds[1], &json!({})).check("Step 1", 0..6, Want::Marks);
        assert_eq!(unknown.status, Status::Unverifiable);
    }

    #[test]
    fn mistakes_are_named_with_their_line() {
        let table = [
            ("[[constraint]]\nid = \"a:b\"\nmust_match = '('", "own.toml:2: \"(\" is not a regular"),
            ("[[constraint]]\nid = \"ab\"\nmust_match = 'x'", "own.toml:2: the id \"ab\" wants"),
            ("[[constraint]]\nid = \"a:b\"", "own.toml:2: \"a:b\" wants one of"),
            ("[[constraint]]\nid = \"a:b\"\ncount = \"words\"", "own.toml:2: \"a:b\" wants at_least"),
            (
                "[[constraint]]\nid = \"punctuation:no_comma\"\nmust_match = 'x'",
                "own.toml:2: \"punctuation:no_comma\" is the id",
            ),
            ("[[constraint]]\nid = \"a:b\"\nmust = 'x'", "own.toml:3: unknown field `must`"),
        ];
        for (text, expected) in table {
            let message = parse(text, Path::new("own.toml")).unwrap_err();
            assert!(message.starts_with(expected), "{message}");
        }
    }
}
