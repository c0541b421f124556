//! `punctuation:no_comma`.

use super::Role;
use super::args::Refusal;
use super::bound::Unit;
use super::rule::{Finding, Judged, Rule};

const COMMAS: Unit = Unit::new("comma", "commas");

/// No U+002C at all, those in numbers and in math included.
#[derive(Debug)]
struct NoComma;

pub(super) fn no_comma() -> Box<dyn Rule> {
    Box::new(NoComma)
}

impl Rule for NoComma {
    fn examine(&self, judged: &Judged<'_>) -> Result<Finding, Refusal> {
        let bytes = judged.text.as_bytes();
        let count = memchr::memchr_iter(b',', bytes).count();
        let mut finding = Finding::new(count as f64, 0.0 - count as f64, COMMAS.many);
        if judged.wants_marks() {
            let (mut numbers, mut math) = (0, 0);
            for at in memchr::memchr_iter(b',', bytes) {
                let kind = kind_of(judged, at);
                match kind {
                    "number" => numbers += 1,
                    "math" => math += 1,
                    _ => {}
                }
                finding.mark(at..at + 1, Role::Violation, Some(kind.to_owned()));
            }
            finding.sentence = sentence(count, numbers, math);
        }
        Ok(finding)
    }

    fn label(&self) -> String {
        "no commas".to_owned()
    }
}

/// A comma between digits belongs to a number, in math or not (`1,000`, but not `(1, 2)`).
fn kind_of(judged: &Judged<'_>, at: usize) -> &'static str {
    let bytes = judged.text.as_bytes();
    let digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    let groups_thousands =
        at > 0 && digit(at - 1) && digit(at + 1) && digit(at + 2) && digit(at + 3) && !digit(at + 4);
    let in_math = judged.math().contains(at);
    if groups_thousands || !in_math && at > 0 && digit(at - 1) && digit(at + 1) {
        "number"
    } else if in_math {
        "math"
    } else {
        "prose"
    }
}

fn sentence(count: usize, numbers: usize, math: usize) -> String {
    if count == 0 {
        return "no comma".to_owned();
    }
    let prose = count - numbers - math;
    let mut places = Vec::new();
    for (n, place) in [(prose, "in prose"), (numbers, "in numbers"), (math, "in math")] {
        if n > 0 {
            places.push(if n == count { place.to_owned() } else { format!("{n} {place}") });
        }
    }
    format!("{} too many ({})", COMMAS.count(count as u64), places.join(", "))
}
