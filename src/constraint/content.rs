//! The rules on parts a text must have: placeholders, a postscript, two responses.

use std::ops::Range;

use super::Role;
use super::args::{Args, Refusal, Result};
use super::bound::{Bound, Unit};
use super::length::{Divided, divide, trimmed};
use super::pattern::{Flavour, Pattern};
use super::python;
use super::rule::{Finding, Judged, Rule};

const PLACEHOLDERS: Unit = Unit::new("placeholder", "placeholders");

/// At least so many `[…]`.
#[derive(Debug)]
struct NumberPlaceholders(Bound);

pub(super) fn number_placeholders(args: &Args<'_>) -> Result<Box<dyn Rule>> {
    Ok(Box::new(NumberPlaceholders(Bound::AtLeast(args.count("num_placeholders")?))))
}

impl Rule for NumberPlaceholders {
    fn examine(&self, judged: &Judged<'_>) -> std::result::Result<Finding, Refusal> {
        let places = placeholders(judged.text);
        let mut finding = Finding::counted(places.len(), self.0, PLACEHOLDERS, judged.want);
        if judged.wants_marks() {
            finding.mark_counted(places, self.0, PLACEHOLDERS, judged.end());
        }
        Ok(finding)
    }

    fn label(&self) -> String {
        self.0.label_of(PLACEHOLDERS)
    }
}

/// The matches of `\[.*?\]`: from an opening bracket to the next closing one of its line.
fn placeholders(text: &str) -> Vec<Range<usize>> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(n) = memchr::memchr(b'[', &bytes[at..]) {
        let start = at + n;
        match memchr::memchr2(b']', b'\n', &bytes[start..]).map(|n| start + n) {
            Some(end) if bytes[end] == b']' => {
                found.push(start..end + 1);
                at = end + 1;
            }
            // Nothing closes on this line.
            Some(line_end) => at = line_end,
            None => break,
        }
    }
    found
}

/// A postscript that begins with a marker.
#[derive(Debug)]
struct Postscript {
    marker: String,
    pattern: Pattern,
}

pub(super) fn postscript(args: &Args<'_>) -> Result<Box<dyn Rule>> {
    let marker = python::strip(args.text("postscript_marker")?).to_owned();
    // What may stand before the marker and after it on its line may be empty, so the marker decides.
    let source = match marker.as_str() {
        "P.P.S" => r"p\.\s?p\.\s?s".to_owned(),
        "P.S." => r"p\.\s?s\.".to_owned(),
        other => python::lower(other),
    };
    Ok(Box::new(Postscript { pattern: Pattern::new(&source, Flavour::Plain)?, marker }))
}

impl Rule for Postscript {
    fn examine(&self, judged: &Judged<'_>) -> std::result::Result<Finding, Refusal> {
        let lowered = python::lower(judged.text);
        let found = self.pattern.find(&lowered)?;
        let mut finding = Finding::new(
            f64::from(u8::from(found.is_some())),
            if found.is_some() { 0.0 } else { -1.0 },
            "postscripts",
        );
        if judged.wants_marks() {
            if let Some(place) = found {
                finding.sentence = format!("a postscript begins with {:?}", self.marker);
                finding.mark(python::unlowered(judged.text, &place), Role::Hit, None);
            } else {
                finding.sentence = format!("no postscript with {:?}", self.marker);
                finding.mark_missing(judged.end(), format!("{:?} is missing", self.marker));
            }
        }
        Ok(finding)
    }

    fn label(&self) -> String {
        format!("a postscript with {:?}", self.marker)
    }
}

const RESPONSES: Unit = Unit::new("response", "responses");
const PARTING: &str = "******";

/// Two different responses parted by `******`.
#[derive(Debug)]
struct TwoResponses;

pub(super) fn two_responses() -> Box<dyn Rule> {
    Box::new(TwoResponses)
}

impl Rule for TwoResponses {
    fn examine(&self, judged: &Judged<'_>) -> std::result::Result<Finding, Refusal> {
        let text = judged.text;
        let mut pieces = Vec::new();
        let mut start = 0;
        for at in memchr::memmem::find_iter(text.as_bytes(), PARTING) {
            pieces.push(start..at);
            start = at + PARTING.len();
        }
        pieces.push(start..text.len());
        let Divided { full, hollow } = divide(text, &pieces);
        let full: Vec<_> = full.into_iter().map(|p| trimmed(text, p)).collect();
        let same = matches!(&full[..], [a, b] if text[a.clone()] == text[b.clone()]);
        let bound = Bound::Exactly(2);
        let count = full.len();
        let mut finding = Finding::counted(count, bound, RESPONSES, judged.want);
        finding.margin -= hollow.len() as f64 + f64::from(u8::from(same));
        if judged.wants_marks() {
            if same {
                finding.sentence = "the two responses are the same".into();
            } else if !hollow.is_empty() {
                finding.sentence = format!("a response between two {PARTING} is empty");
            }
            let second = full.last().cloned();
            finding.mark_counted(full, bound, RESPONSES, judged.end());
            if let Some(second) = second.filter(|_| same) {
                finding.mark(second, Role::Violation, Some("the same as the first".to_owned()));
            }
            for place in hollow {
                finding.mark(place, Role::Violation, Some("empty response".to_owned()));
            }
        }
        Ok(finding)
    }

    fn label(&self) -> String {
        format!("two responses parted by {PARTING}")
    }
}
