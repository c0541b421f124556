//! The rules on how a text begins and ends.

use std::ops::Range;

use super::Role;
use super::args::{Args, Refusal, Result};
use super::bound::Unit;
use super::distance::tail_distance;
use super::python::{self, Lowered};
use super::rule::{Finding, Judged, Rule};

const CHARACTERS: Unit = Unit::new("character", "characters");

/// Ends with a phrase, whatever its case, quotation marks at the ends aside.
#[derive(Debug)]
struct EndChecker {
    phrase: String,
    lowered: Vec<char>,
}

pub(super) fn end_checker(args: &Args<'_>) -> Result<Box<dyn Rule>> {
    let phrase = python::strip(args.text("end_phrase")?).to_owned();
    let lowered = python::lower(&phrase).chars().collect();
    Ok(Box::new(EndChecker { phrase, lowered }))
}

impl Rule for EndChecker {
    fn examine(&self, judged: &Judged<'_>) -> std::result::Result<Finding, Refusal> {
        let body = end_body(judged.text);
        let tail = self.tail(judged.text, &body);
        let chars: Vec<char> = tail.iter().map(|l| l.c).collect();
        if chars.ends_with(&self.lowered) {
            let mut finding = Finding::new(0.0, 0.0, CHARACTERS.many);
            if judged.wants_marks() {
                finding.sentence = "the text ends with the phrase".into();
                finding.mark(span(&tail[tail.len() - self.lowered.len()..], body.end), Role::Hit, None);
            }
            return Ok(finding);
        }
        let (edits, width) = tail_distance(&self.lowered, &chars);
        let after = chars
            .windows(self.lowered.len())
            .rposition(|window| window == self.lowered)
            .map(|at| chars.len() - at - self.lowered.len());
        let distance = after.map_or(edits, |after| edits.min(after));
        let mut finding = Finding::new(distance as f64, 0.0 - distance as f64, CHARACTERS.many);
        if judged.wants_marks() {
            self.explain(judged, &body, &tail, width, &mut finding);
        }
        Ok(finding)
    }

    fn label(&self) -> String {
        format!("ends with {:?}", self.phrase)
    }
}

impl EndChecker {
    /// The last characters of the body, lower-cased: twice as many as the phrase has.
    fn tail(&self, text: &str, body: &Range<usize>) -> Vec<Lowered> {
        let wanted = 2 * self.lowered.len();
        let inner = &text[body.clone()];
        let from = inner.char_indices().rev().nth(wanted.saturating_sub(1)).map_or(0, |(at, _)| at);
        python::lowered_from(inner, from)
            .map(|l| Lowered { start: l.start + body.start, end: l.end + body.start, ..l })
            .collect()
    }

    fn explain(
        &self,
        judged: &Judged<'_>,
        body: &Range<usize>,
        tail: &[Lowered],
        width: usize,
        finding: &mut Finding,
    ) {
        if let Some(place) = self.last_occurrence(judged.text, body) {
            let after = place.end..body.end;
            let count = judged.text[after.clone()].chars().count() as u64;
            let more = if count == 1 { "more character" } else { "more characters" };
            finding.sentence = format!("the phrase is there, followed by {count} {more}");
            finding.mark(place, Role::Hit, None);
            finding.mark(after, Role::Divergence, Some("after the phrase".to_owned()));
            return;
        }
        let edits = finding.measured as usize;
        // Where nothing of it is there, the tail of the phrase's length stands for it.
        let resembles = edits * 3 <= self.lowered.len() * 2;
        let width = if resembles { width } else { self.lowered.len().min(tail.len()) };
        let place = span(&tail[tail.len() - width..], body.end);
        finding.sentence = if resembles {
            format!(
                "the text ends with {:?}, {} from the phrase",
                &judged.text[place.clone()],
                CHARACTERS.count(edits as u64)
            )
        } else {
            "the text does not end with the phrase, which is nowhere in it".to_owned()
        };
        finding.mark(place, Role::Divergence, Some(format!("expected {:?}", self.phrase)));
    }

    fn last_occurrence(&self, text: &str, body: &Range<usize>) -> Option<Range<usize>> {
        let inner = &text[body.clone()];
        let (lowered, phrase) = (python::lower(inner), String::from_iter(&self.lowered));
        let at = memchr::memmem::rfind(lowered.as_bytes(), phrase.as_bytes())?;
        let found = python::unlowered(inner, &(at..at + phrase.len()));
        Some(body.start + found.start..body.start + found.end)
    }
}

/// The text without the white space at its ends, then without the `"` there.
fn end_body(text: &str) -> Range<usize> {
    let body = python::strip_range(text);
    let inner = &text[body.clone()];
    let start = body.start + inner.len() - inner.trim_start_matches('"').len();
    let end = body.start + inner.trim_end_matches('"').len();
    start.min(end)..end
}

/// From the first of some characters to the last; the empty range at `end` when there are none.
fn span(chars: &[Lowered], end: usize) -> Range<usize> {
    match (chars.first(), chars.last()) {
        (Some(first), Some(last)) => first.start..last.end,
        _ => end..end,
    }
}

/// Wrapped in `"`.
#[derive(Debug)]
struct Quotation;

pub(super) fn quotation() -> Box<dyn Rule> {
    Box::new(Quotation)
}

const QUOTATION_MARKS: Unit = Unit::new("quotation mark", "quotation marks");

impl Rule for Quotation {
    fn examine(&self, judged: &Judged<'_>) -> std::result::Result<Finding, Refusal> {
        let body = python::strip_range(judged.text);
        let inner = &judged.text[body.clone()];
        let first = inner.chars().next().unwrap_or_default();
        let last = inner.chars().next_back().unwrap_or_default();
        // One `"` alone can't be both ends.
        let begins = first == '"';
        let ends = last == '"' && inner.len() > 1;
        let wrong = u32::from(!begins) + u32::from(!ends);
        let mut finding = Finding::new(f64::from(2 - wrong), 0.0 - f64::from(wrong), QUOTATION_MARKS.many);
        if judged.wants_marks() {
            let first_place = body.start..body.start + first.len_utf8();
            let last_place = body.end - last.len_utf8()..body.end;
            let role = |right| if right { Role::Hit } else { Role::Violation };
            finding.mark(first_place, role(begins), (!begins).then(|| instead_of_quote(first)));
            if inner.len() > 1 && last_place.start != body.start {
                finding.mark(last_place, role(ends), (!ends).then(|| instead_of_quote(last)));
            } else if !ends {
                finding.mark_missing(body.end, "no closing \"".to_owned());
            }
            finding.sentence = match (begins, ends) {
                _ if inner == "\"" => "one quotation mark alone".to_owned(),
                (true, true) => "wrapped in quotation marks".to_owned(),
                (true, false) => format!("it does not end with a quotation mark: {}", instead_of_quote(last)),
                (false, true) => {
                    format!("it does not begin with a quotation mark: {}", instead_of_quote(first))
                }
                (false, false) => "neither begins nor ends with a quotation mark".to_owned(),
            };
        }
        Ok(finding)
    }

    fn label(&self) -> String {
        "in quotation marks".to_owned()
    }
}

/// What stands where `"` should; a mark that looks like one is named.
fn instead_of_quote(c: char) -> String {
    let name = match c {
        '“' | '”' | '„' | '‟' => "typographic double quotation mark",
        '‘' | '’' | '‚' | '‛' => "typographic single quotation mark",
        '«' | '»' | '‹' | '›' => "angle quotation mark",
        '「' | '」' | '『' | '』' => "corner bracket",
        '＂' => "full-width quotation mark",
        '\'' => "apostrophe",
        '`' => "backtick",
        _ => return format!("{c:?} instead"),
    };
    format!("{c} ({name}, U+{:04X}) instead", c as u32)
}

/// Begins with a given text, whatever its case.
#[derive(Debug)]
struct RepeatPrompt {
    lowered: Vec<char>,
}

pub(super) fn repeat_prompt(args: &Args<'_>) -> Result<Box<dyn Rule>> {
    let prompt = python::strip(args.text("prompt_to_repeat")?);
    Ok(Box::new(RepeatPrompt { lowered: python::lower(prompt).chars().collect() }))
}

impl Rule for RepeatPrompt {
    fn examine(&self, judged: &Judged<'_>) -> std::result::Result<Finding, Refusal> {
        let body = python::strip_range(judged.text);
        let inner = &judged.text[body.clone()];
        let mut matched = 0;
        let mut end = 0;
        let mut diverging = None;
        for (l, &expected) in python::lowered(inner).zip(&self.lowered) {
            if l.c != expected {
                diverging = Some(l);
                break;
            }
            matched += 1;
            end = l.end;
        }
        let rest = self.lowered.len() - matched;
        let mut finding = Finding::new(matched as f64, 0.0 - rest as f64, CHARACTERS.many);
        if judged.wants_marks() {
            let at = body.start + end;
            if rest == 0 {
                finding.sentence = "begins with the prompt".into();
                finding.mark(body.start..at, Role::Hit, None);
            } else {
                self.explain(judged.text, &body, matched, at, diverging, &mut finding);
            }
        }
        Ok(finding)
    }

    fn label(&self) -> String {
        "repeats the prompt first".to_owned()
    }
}

impl RepeatPrompt {
    fn explain(
        &self,
        text: &str,
        body: &Range<usize>,
        matched: usize,
        at: usize,
        diverging: Option<Lowered>,
        finding: &mut Finding,
    ) {
        let expected: String = self.lowered[matched..].iter().take(24).collect();
        let total = CHARACTERS.count(self.lowered.len() as u64);
        if let Some(start) = self.later_occurrence(text, body) {
            let before = text[body.start..start].chars().count() as u64;
            finding.sentence =
                format!("the prompt is repeated after {} of other text", CHARACTERS.count(before));
            finding.mark(body.start..start, Role::Divergence, Some("before the repetition".to_owned()));
            return;
        }
        if matched > 0 {
            finding.mark(body.start..at, Role::Hit, None);
        }
        finding.sentence = if matched == 0 {
            format!("does not begin with the prompt: none of {total} repeated")
        } else {
            format!("the repetition breaks off after {matched} of {total}")
        };
        match diverging {
            Some(l) => {
                let place = body.start + l.start..body.start + l.end;
                finding.mark(place, Role::Divergence, Some(format!("expected {expected:?}")));
            }
            None => finding.mark_missing(at, format!("expected {expected:?}")),
        }
    }

    /// Where the prompt is repeated later than at the beginning.
    fn later_occurrence(&self, text: &str, body: &Range<usize>) -> Option<usize> {
        let inner = &text[body.clone()];
        let (lowered, prompt) = (python::lower(inner), String::from_iter(&self.lowered));
        let at = memchr::memmem::find(lowered.as_bytes(), prompt.as_bytes())?;
        Some(body.start + python::unlowered(inner, &(at..at + prompt.len())).start)
    }
}
