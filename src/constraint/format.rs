//! The rules on shape: bullets, highlights, sections, titles, JSON, fixed answers.

use std::num::NonZeroUsize;
use std::ops::Range;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use lru::LruCache;

use super::args::{Args, Refusal, Result};
use super::bound::{Bound, Unit};
use super::json::{self, Fault};
use super::pattern::{Flavour, Pattern};
use super::rule::{Finding, Judged, Rule};
use super::{Role, python};

const BULLETS: Unit = Unit::new("bullet", "bullets");
const HIGHLIGHTS: Unit = Unit::new("highlight", "highlights");
const SECTIONS: Unit = Unit::new("section", "sections");

/// Exactly so many bullets.
#[derive(Debug)]
struct NumberBulletLists(Bound);

pub(super) fn number_bullet_lists(args: &Args<'_>) -> Result<Box<dyn Rule>> {
    Ok(Box::new(NumberBulletLists(Bound::Exactly(args.count("num_bullets")?))))
}

impl Rule for NumberBulletLists {
    fn examine(&self, judged: &Judged<'_>) -> std::result::Result<Finding, Refusal> {
        let mut places = bullets(judged.text, b'*');
        places.extend(bullets(judged.text, b'-'));
        let mut finding = Finding::counted(places.len(), self.0, BULLETS, judged.want);
        if judged.wants_marks() {
            places.sort_by_key(|p| p.start);
            finding.mark_counted(places, self.0, BULLETS, judged.end());
        }
        Ok(finding)
    }

    fn label(&self) -> String {
        self.0.label_of(BULLETS)
    }
}

/// The matches of `^\s*\*[^\*].*$`, or of `^\s*-.*$`, without the white space before.
///
/// `\s*` may cross line ends, and so may `[^\*]`: a `*` alone on its line takes the next line in.
/// A line that starts with a minus sign is a bullet.
fn bullets(text: &str, sign: u8) -> Vec<Range<usize>> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut at = 0;
    // A sign first, then whether only white space parts it from the last line start before it:
    // most texts have few signs.
    while let Some(n) = memchr::memchr(sign, &bytes[at..]) {
        let start = at + n;
        at = start + 1;
        // `found` matches end at line ends, so that a line start between it and here is a new one.
        let floor = found.last().map_or(0, |last: &Range<usize>| last.end);
        if !begins_line(text, floor, start) {
            continue;
        }
        let mut body = start + 1;
        if sign == b'*' {
            match text[body..].chars().next() {
                None | Some('*') => continue,
                Some(c) => body += c.len_utf8(),
            }
        }
        let end = memchr::memchr(b'\n', &bytes[body..]).map_or(bytes.len(), |n| body + n);
        found.push(start..end);
        at = end;
    }
    found
}

/// Whether only white space stands between `at` and a line start that is not before `floor`.
fn begins_line(text: &str, floor: usize, at: usize) -> bool {
    for (i, c) in text[floor..at].char_indices().rev() {
        if c == '\n' {
            return true;
        }
        if !python::is_space(c) {
            return false;
        }
        if i == 0 {
            break;
        }
    }
    floor == 0 || text.as_bytes()[floor - 1] == b'\n'
}

/// At least so many `*…*` and `**…**`.
#[derive(Debug)]
struct NumberHighlightedSections(Bound);

pub(super) fn number_highlighted_sections(args: &Args<'_>) -> Result<Box<dyn Rule>> {
    Ok(Box::new(NumberHighlightedSections(Bound::AtLeast(args.count("num_highlights")?))))
}

impl Rule for NumberHighlightedSections {
    fn examine(&self, judged: &Judged<'_>) -> std::result::Result<Finding, Refusal> {
        let mut places = highlights(judged.text, b"*");
        places.extend(highlights(judged.text, b"**"));
        let mut finding = Finding::counted(places.len(), self.0, HIGHLIGHTS, judged.want);
        if judged.wants_marks() {
            places.sort_by_key(|p| (p.start, p.end));
            finding.mark_counted(places, self.0, HIGHLIGHTS, judged.end());
        }
        Ok(finding)
    }

    fn label(&self) -> String {
        self.0.label_of(HIGHLIGHTS)
    }
}

/// The matches of `\*[^\n\*]*\*`, or of `\*\*[^\n\*]*\*\*`, that are not empty.
fn highlights(text: &str, stars: &[u8]) -> Vec<Range<usize>> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(n) = memchr::memmem::find(&bytes[at..], stars) {
        let start = at + n;
        let inside = start + stars.len();
        let close = memchr::memchr2(b'*', b'\n', &bytes[inside..]).map(|n| inside + n);
        match close.filter(|&close| bytes[close..].starts_with(stars)) {
            Some(close) => {
                at = close + stars.len();
                if !python::strip(&text[inside..close]).is_empty() {
                    found.push(start..at);
                }
            }
            None => at = start + 1,
        }
    }
    found
}

/// At least so many sections, each headed by a splitter and a number.
#[derive(Debug)]
struct MultipleSections {
    splitter: String,
    pattern: Arc<Pattern>,
    bound: Bound,
}

pub(super) fn multiple_sections(args: &Args<'_>) -> Result<Box<dyn Rule>> {
    // The argument's name is misspelt in the reference.
    let splitter = python::strip(args.text("section_spliter")?);
    Ok(Box::new(MultipleSections {
        splitter: splitter.to_owned(),
        pattern: section_heading(splitter)?,
        bound: Bound::AtLeast(args.count("num_sections")?),
    }))
}

/// The splitter, itself a pattern, with a number. Compiling takes a third of a millisecond, and a file with
/// many items has few splitters: the last ones are kept.
fn section_heading(splitter: &str) -> Result<Arc<Pattern>> {
    const KEPT: NonZeroUsize = NonZeroUsize::new(8).expect("8 is not 0");
    static KNOWN: LazyLock<Mutex<LruCache<String, Arc<Pattern>>>> =
        LazyLock::new(|| Mutex::new(LruCache::new(KEPT)));
    let known = || KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(pattern) = known().get(splitter) {
        return Ok(Arc::clone(pattern));
    }
    // Not under the lock: two threads may both do it.
    let pattern = Arc::new(Pattern::new(&format!(r"\s?{splitter}\s?\d+\s?"), Flavour::Plain)?);
    known().put(splitter.to_owned(), Arc::clone(&pattern));
    Ok(pattern)
}

impl Rule for MultipleSections {
    fn examine(&self, judged: &Judged<'_>) -> std::result::Result<Finding, Refusal> {
        let places = self.pattern.find_all(judged.text)?;
        // Python's split gives the text of each group of the pattern as a piece, too.
        let count = places.len() * (1 + self.pattern.groups);
        let mut finding = Finding::counted(count, self.bound, SECTIONS, judged.want);
        if judged.wants_marks() {
            for place in places {
                finding.mark(super::length::trimmed(judged.text, place), Role::Hit, None);
            }
            let missing = self.bound.missing(count as u64);
            if missing > 0 {
                finding.mark_missing(judged.end(), format!("{} missing", SECTIONS.count(missing)));
            }
        }
        Ok(finding)
    }

    fn label(&self) -> String {
        format!("{} headed {:?}", self.bound.label_of(SECTIONS), self.splitter)
    }
}

/// A title in `<<…>>`.
#[derive(Debug)]
struct Title;

pub(super) fn title() -> Box<dyn Rule> {
    Box::new(Title)
}

impl Rule for Title {
    fn examine(&self, judged: &Judged<'_>) -> std::result::Result<Finding, Refusal> {
        let place = titles(judged.text);
        let found = place.is_some();
        let mut finding = Finding::new(f64::from(u8::from(found)), if found { 0.0 } else { -1.0 }, "titles");
        if judged.wants_marks() {
            finding.sentence = if found { "a title in <<>>" } else { "no title in <<>>" }.into();
            match place {
                Some(place) => finding.mark(place, Role::Hit, None),
                None => finding.mark_missing(0, "no <<title>>".to_owned()),
            }
        }
        Ok(finding)
    }

    fn label(&self) -> String {
        "a <<title>>".to_owned()
    }
}

/// The first match of `<<[^\n]+>>` with more than brackets and white space in it.
fn titles(text: &str) -> Option<Range<usize>> {
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(n) = memchr::memmem::find(&bytes[at..], b"<<") {
        let start = at + n;
        let line_end = memchr::memchr(b'\n', &bytes[start..]).map_or(bytes.len(), |n| start + n);
        // One character at least, then the last `>>` of the line.
        let close = text[start + 2..line_end].chars().next().and_then(|c| {
            let from = start + 2 + c.len_utf8();
            memchr::memmem::rfind(&bytes[from..line_end], b">>").map(|n| from + n + 2)
        });
        match close {
            Some(end) => {
                let inside = text[start..end].trim_start_matches('<').trim_end_matches('>');
                if !python::strip(inside).is_empty() {
                    return Some(start..end);
                }
                at = end;
            }
            // Nothing closes on this line, for later brackets neither.
            None => at = line_end.max(start + 1),
        }
    }
    None
}

/// One of three fixed sentences.
#[derive(Debug)]
struct ConstrainedResponse;

const RESPONSES: [&str; 3] = ["My answer is yes.", "My answer is no.", "My answer is maybe."];

pub(super) fn constrained_response() -> Box<dyn Rule> {
    Box::new(ConstrainedResponse)
}

impl Rule for ConstrainedResponse {
    fn examine(&self, judged: &Judged<'_>) -> std::result::Result<Finding, Refusal> {
        let places: Vec<_> = RESPONSES
            .iter()
            .flat_map(|r| judged.text.match_indices(r).map(|(at, r)| at..at + r.len()))
            .collect();
        let followed = !places.is_empty();
        let mut finding = Finding::new(places.len() as f64, if followed { 0.0 } else { -1.0 }, "answers");
        if judged.wants_marks() {
            finding.sentence =
                if followed { "one of the three answers" } else { "none of the three answers" }.into();
            if !followed {
                finding.mark_missing(judged.end(), format!("expected {:?}, or no., or maybe.", RESPONSES[0]));
            }
            for place in places {
                finding.mark(place, Role::Hit, None);
            }
        }
        Ok(finding)
    }

    fn label(&self) -> String {
        "\"My answer is yes.\", no. or maybe.".to_owned()
    }
}

/// The whole text is JSON, a code fence around it allowed.
#[derive(Debug)]
struct JsonFormat;

pub(super) fn json_format() -> Box<dyn Rule> {
    Box::new(JsonFormat)
}

impl Rule for JsonFormat {
    fn examine(&self, judged: &Judged<'_>) -> std::result::Result<Finding, Refusal> {
        let body = json_body(judged.text);
        let fault = json::check(&judged.text[body.clone()]).err();
        let mut finding = Finding::new(
            f64::from(u8::from(fault.is_none())),
            if fault.is_none() { 0.0 } else { -1.0 },
            "JSON texts",
        );
        if judged.wants_marks() {
            match fault {
                None => {
                    finding.sentence = "the text is JSON".into();
                    finding.mark(body, Role::Hit, None);
                }
                Some(Fault { at, expected }) => {
                    let at = body.start + at;
                    let end = judged.text[at..].chars().next().map_or(at, |c| at + c.len_utf8());
                    let role = if at == end { Role::Missing } else { Role::Divergence };
                    finding.sentence = format!("not JSON: {expected} expected");
                    finding.mark(at..end, role, Some(format!("{expected} expected")));
                }
            }
        }
        Ok(finding)
    }

    fn label(&self) -> String {
        "JSON".to_owned()
    }
}

/// The text without white space and a code fence around it.
fn json_body(text: &str) -> Range<usize> {
    let mut body = python::strip_range(text);
    for fence in ["```json", "```Json", "```JSON", "```"] {
        if text[body.clone()].starts_with(fence) {
            body.start += fence.len();
        }
    }
    if text[body.clone()].ends_with("```") {
        body.end -= 3;
    }
    super::length::trimmed(text, body)
}
