//! Trace | answer: where the reasoning ends, and which text is judged.
//!
//! Delimiters seen in saved outputs: `<think>…</think>`, a closing tag alone (templates that open
//! the trace themselves), an opening tag alone (a truncated trace), none, several closes,
//! `<answer>…</answer>` after the trace, the `<|channel>thought…<channel|>` pair, harmony channels,
//! and `<\/think>` (JSON-escaped twice).

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::record::Generation;

/// Which text of an output the constraints are held against.
///
/// Printed wherever a verdict is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum JudgedSpan {
    /// What the public MathIF script judges, quirks included (`code/eval_if.py`).
    #[default]
    Mathif,
    /// The text after the last closing delimiter; nothing when the trace never closed.
    Answer,
    /// The trace alone: does the reasoning itself obey?
    Trace,
    /// Everything.
    Whole,
}

impl JudgedSpan {
    /// All rules, in the order they are shown.
    pub const ALL: [Self; 4] = [Self::Mathif, Self::Answer, Self::Trace, Self::Whole];

    /// The word used in options and on screens.
    pub fn name(self) -> &'static str {
        match self {
            Self::Mathif => "mathif",
            Self::Answer => "answer",
            Self::Trace => "trace",
            Self::Whole => "whole",
        }
    }
}

/// The parts of one output, as byte ranges into its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Split {
    /// The reasoning, without its delimiters; empty when there is none.
    pub trace: Range<usize>,
    /// The final part, without delimiters; empty when the trace never closed.
    pub answer: Range<usize>,
    /// Opening delimiters seen.
    pub opens: u32,
    /// Closing delimiters seen.
    pub closes: u32,
    judged_mathif: Range<usize>,
    whole: Range<usize>,
}

/// An opening and a closing delimiter of a trace.
struct Delimiter {
    open: &'static str,
    close: &'static str,
}

const DELIMITERS: [Delimiter; 5] = [
    Delimiter { open: "<think>", close: "</think>" },
    Delimiter { open: "<think>", close: "<\\/think>" },
    Delimiter { open: "<thinking>", close: "</thinking>" },
    Delimiter { open: "<|channel>thought", close: "<channel|>" },
    Delimiter { open: "<|channel|>analysis<|message|>", close: "<|channel|>final<|message|>" },
];

impl Split {
    /// Splits an output. `run_closes` says that the outputs of its run close their traces as a
    /// rule (more than half do): then an output without any delimiter is a truncated trace.
    pub fn of(generation: &Generation, run_closes: bool) -> Self {
        let text = generation.text.as_str();
        let whole = 0..text.len();
        if let Some(at) = generation.answer_at {
            let at = at.min(text.len());
            return Self {
                trace: 0..at,
                answer: at..text.len(),
                opens: u32::from(at > 0),
                closes: u32::from(at > 0),
                judged_mathif: at..text.len(),
                whole,
            };
        }
        let tags = Tags::of(text);
        let judged_mathif = mathif_span(&tags);
        let found = DELIMITERS
            .iter()
            .map(|d| (d, tags.first(d.open, &whole), tags.count(d.close)))
            .find(|(_, _, closes)| *closes > 0)
            .or_else(|| {
                DELIMITERS.iter().find_map(|d| tags.first(d.open, &whole).map(|at| (d, Some(at), 0)))
            });
        let Some((delimiter, open, closes)) = found else {
            let (trace, answer) =
                if run_closes { (whole.clone(), text.len()..text.len()) } else { (0..0, whole.clone()) };
            return Self { trace, answer, opens: 0, closes: 0, judged_mathif, whole };
        };
        let opens = tags.count(delimiter.open);
        let (trace, answer) = if let Some(close) = tags.last(delimiter.close) {
            let start = open.filter(|&at| at < close).map_or(0, |at| (at + delimiter.open.len()).min(close));
            (start..close, answer_within(&tags, close + delimiter.close.len()))
        } else {
            let start = open.map_or(0, |at| at + delimiter.open.len());
            (start..text.len(), text.len()..text.len())
        };
        Self { trace, answer, opens, closes, judged_mathif, whole }
    }

    /// The range judged under a rule.
    pub fn judged(&self, rule: JudgedSpan) -> Range<usize> {
        match rule {
            JudgedSpan::Mathif => self.judged_mathif.clone(),
            JudgedSpan::Answer => self.answer.clone(),
            JudgedSpan::Trace => self.trace.clone(),
            JudgedSpan::Whole => self.whole.clone(),
        }
    }

    /// Whether the trace was closed.
    pub fn closed(&self) -> bool {
        self.closes > 0
    }

    /// Whether any delimiter was seen.
    pub fn has_delimiter(&self) -> bool {
        self.opens > 0 || self.closes > 0
    }
}

/// Whether a line of JSON looks as if an output in it closes its trace. A guess, for the price of looking
/// for a byte: what is written with needless escapes is not seen, and what stands in another field is.
pub fn seems_closed(json: &[u8]) -> bool {
    let closes = |tag: &[u8]| {
        // A backslash before a slash may be JSON's, or the text's, which JSON then doubles.
        DELIMITERS.iter().any(|delimiter| tag.starts_with(delimiter.close.as_bytes()))
            || tag.starts_with(br"<\\/think>")
    };
    memchr::memchr_iter(b'<', json).any(|at| closes(&json[at..]))
}

/// Where tags may stand in a text: every delimiter begins with `<`, and most outputs have few of those.
struct Tags<'t> {
    text: &'t str,
    /// Places of `<`.
    places: Vec<usize>,
}

impl<'t> Tags<'t> {
    fn of(text: &'t str) -> Self {
        Self { text, places: memchr::memchr_iter(b'<', text.as_bytes()).collect() }
    }

    /// Places of a tag, in order. (No tag overlaps itself.)
    fn all(&self, tag: &'static str) -> impl DoubleEndedIterator<Item = usize> {
        let bytes = self.text.as_bytes();
        self.places.iter().copied().filter(move |&at| bytes[at..].starts_with(tag.as_bytes()))
    }

    fn count(&self, tag: &'static str) -> u32 {
        self.all(tag).count() as u32
    }

    /// The first one that lies in a range.
    fn first(&self, tag: &'static str, range: &Range<usize>) -> Option<usize> {
        self.all(tag).find(|&at| at >= range.start).filter(|at| at + tag.len() <= range.end)
    }

    fn last(&self, tag: &'static str) -> Option<usize> {
        self.all(tag).next_back()
    }
}

/// The answer from `from` on: the inside of `<answer>…</answer>` where that is given.
fn answer_within(tags: &Tags<'_>, from: usize) -> Range<usize> {
    let end = tags.text.len();
    let start = tags.first("<answer>", &(from..end)).map_or(from, |at| at + "<answer>".len());
    start..tags.first("</answer>", &(start..end)).unwrap_or(end)
}

/// The span that `eval_if.py` judges: it takes pieces of `str.split`, one tag after the other.
fn mathif_span(tags: &Tags<'_>) -> Range<usize> {
    let mut span = 0..tags.text.len();
    for tag in ["<think>", "</think>", "<answer>"] {
        if let Some(at) = tags.first(tag, &span) {
            let inside = at + tag.len()..span.end;
            span = inside.start..tags.first(tag, &inside).unwrap_or(inside.end);
        }
    }
    span.end = tags.first("</answer>", &span).unwrap_or(span.end);
    span
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(text: &str, run_closes: bool) -> Split {
        Split::of(&Generation { text: text.to_owned(), ..Generation::default() }, run_closes)
    }

    fn parts(text: &str, run_closes: bool) -> (&str, &str, &str) {
        let s = split(text, run_closes);
        (&text[s.trace.clone()], &text[s.answer.clone()], &text[s.judged(JudgedSpan::Mathif)])
    }

    #[test]
    fn splits_each_layout() {
        // (output, the run closes its traces, trace, answer, judged by mathif)
        let table = [
            ("<think>a</think>b", false, "a", "b", "b"),
            ("a</think>b", false, "a", "b", "b"),
            ("<think>a", false, "a", "", "a"),
            ("plain", false, "", "plain", "plain"),
            ("plain", true, "plain", "", "plain"),
            ("<think>a</think>b</think>c", false, "a</think>b", "c", "b"),
            ("<think>a<think>b</think>c", false, "a<think>b", "c", "a"),
            ("<think>a</think>x<answer>b</answer>y", false, "a", "b", "b"),
            ("user<think>a</think>", false, "a", "", ""),
            ("a<\\/think>b", false, "a", "b", "a<\\/think>b"),
            ("<|channel>thought\na<channel|>b", false, "\na", "b", "<|channel>thought\na<channel|>b"),
            ("</answer>x", false, "", "</answer>x", ""),
            ("", false, "", "", ""),
            ("", true, "", "", ""),
        ];
        for (text, closes, trace, answer, judged) in table {
            assert_eq!(parts(text, closes), (trace, answer, judged), "{text:?}, run closes: {closes}");
        }
    }

    #[test]
    fn closed_traces_are_guessed_from_json() {
        assert!(seems_closed(br#"{"output": "<think>a<\/think>b"}"#), "a slash may be escaped");
        for (text, closed) in [
            ("<think>a</think>b", true),
            ("a<\\/think>b", true),
            ("a</thinking>b", true),
            ("<|channel>thought\na<channel|>b", true),
            ("<think>a < b", false),
            ("a <b>", false),
        ] {
            let json = serde_json::json!({"output": [text]}).to_string();
            assert_eq!(seems_closed(json.as_bytes()), closed, "{json}");
            assert_eq!(split(text, false).closed(), closed);
        }
    }

    #[test]
    fn saved_parts_win_over_tags() {
        let s = Split::of(
            &Generation { text: "because </think>42".into(), answer_at: Some(8), ..Generation::default() },
            false,
        );
        assert_eq!((s.trace.clone(), s.answer.clone()), (0..8, 8..18));
        assert_eq!(s.judged(JudgedSpan::Mathif), 8..18);
    }
}
