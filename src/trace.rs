//! What a trace does on its way: facts that are found when somebody looks at one.
//!
//! (What the failure modes need of them is worked out for every output, see [`crate::failure`].)

use std::ops::Range;

use memchr::memmem;
use serde::Serialize;

use crate::assess::PreparedItem;
use crate::constraint::language_name;
use crate::failure::repetition::{self, Repetition};
use crate::failure::{Thresholds, language};
use crate::record::Generation;
use crate::split::Split;
use crate::text::width::number_of;
use crate::tokens::Tokenizer;

/// Where the trace speaks of one constraint.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Mention {
    /// Every place, in order, as bytes of the output.
    pub places: Vec<Range<usize>>,
    /// From the last of them to the end of the trace, where the answer begins, as bytes of the output;
    /// `None` when it is never mentioned.
    pub before_answer: Option<Range<usize>>,
    /// The first place in the whole output that claims to obey it, as bytes of the output.
    pub claim: Option<Range<usize>>,
}

impl Mention {
    /// What a person is told of it: how often, how long the last is before the answer (in tokens, in words where
    /// nothing counts tokens), and whether the output claims to obey. Empty for an output without a
    /// trace that claims nothing.
    pub fn sentence(&self, text: &str, has_trace: bool, tokenizer: Option<&Tokenizer>) -> String {
        let mut parts = Vec::new();
        match (&self.before_answer, self.places.len()) {
            (Some(rest), times) => {
                let rest = &text[rest.clone()];
                let distance = match tokenizer {
                    Some(tokenizer) => number_of(tokenizer.count(rest), "token"),
                    None => number_of(rest.split_whitespace().count(), "word"),
                };
                let times = number_of(times, "time");
                parts.push(format!("named {times} in the trace, {distance} before the answer"));
            }
            (None, _) if has_trace => parts.push("never named in the trace".to_owned()),
            (None, _) => {}
        }
        if self.claim.is_some() {
            parts.push("claims to obey".to_owned());
        }
        parts.join(", ")
    }
}

/// A turn of the trace: it stops and takes another look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Turn {
    /// “Wait”, “hold on”, “hmm”.
    Wait,
    /// “Alternatively”, “another way”.
    Alternatively,
    /// “Let me check”, “double-check”, “verify”.
    Check,
}

impl Turn {
    /// All, in the order they are shown.
    pub const ALL: [Self; 3] = [Self::Wait, Self::Alternatively, Self::Check];

    /// The word shown.
    pub fn name(self) -> &'static str {
        match self {
            Self::Wait => "wait",
            Self::Alternatively => "alternatively",
            Self::Check => "check",
        }
    }

    /// Words that make this turn at the beginning of a sentence.
    fn openings(self) -> &'static [&'static str] {
        match self {
            Self::Wait => &["wait", "hold on", "hmm", "no, wait", "but wait", "oh wait", "actually"],
            Self::Alternatively => {
                &["alternatively", "another way", "another approach", "on the other hand", "or maybe", "or, "]
            }
            Self::Check => &[
                "let me check",
                "let me double",
                "let me verify",
                "let me re",
                "let's check",
                "let's verify",
                "let's double",
                "double-check",
                "double check",
                "check:",
                "to verify",
                "verify",
                "checking",
            ],
        }
    }
}

/// What a trace does on its way.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TraceFacts {
    /// One per constraint of the item, in its order.
    pub mentions: Vec<Mention>,
    /// Turns, in the order of the text, with the place of the words.
    pub turns: Vec<(Turn, Range<usize>)>,
    /// The insides of the boxes in the trace: answers tried out.
    pub drafts: Vec<Range<usize>>,
    /// The code of the language, where it can be told.
    pub language: Option<&'static str>,
    /// The first passage that repeats in a row, anywhere in the output.
    pub repetition: Option<Repetition>,
}

impl TraceFacts {
    /// The facts of one output.
    pub fn of(item: &PreparedItem, generation: &Generation, split: &Split, thresholds: &Thresholds) -> Self {
        let text = generation.text.as_str();
        let lower = text.to_ascii_lowercase();
        let trace = split.trace.clone();
        let mentions = (0..item.constraints.len())
            .map(|i| {
                let cues = item.cues(i);
                let places: Vec<_> = cues
                    .mentions(&lower[trace.clone()])
                    .into_iter()
                    .map(|r| trace.start + r.start..trace.start + r.end)
                    .collect();
                let before_answer = places.last().map(|last| last.end..trace.end);
                Mention { places, before_answer, claim: cues.claimed_in(&lower) }
            })
            .collect();
        Self {
            mentions,
            turns: turns(&lower, trace.clone()),
            drafts: drafts(text, trace.clone()),
            language: language::of(&text[trace]),
            repetition: repetition::repeated(text, 0..text.len(), thresholds),
        }
    }

    /// The trace in a few words: `wait 8, check 3, 2 answers tried, Chinese`. Empty when nothing stands out.
    pub fn summary(&self) -> String {
        let mut parts: Vec<String> = Turn::ALL
            .into_iter()
            .map(|turn| (turn, self.count(turn)))
            .filter(|(_, n)| *n > 0)
            .map(|(turn, n)| format!("{} {n}", turn.name()))
            .collect();
        if !self.drafts.is_empty() {
            parts.push(format!("{} tried", number_of(self.drafts.len(), "answer")));
        }
        parts.extend(self.language.map(|code| language_name(code).to_owned()));
        parts.join(", ")
    }

    /// How many turns of a kind there are.
    pub fn count(&self, turn: Turn) -> usize {
        self.turns.iter().filter(|(t, _)| *t == turn).count()
    }
}

/// The turns in a part of a text in lower case: at the beginning of a line or after the end of a
/// sentence.
fn turns(lower: &str, range: Range<usize>) -> Vec<(Turn, Range<usize>)> {
    let bytes = lower.as_bytes();
    let mut found = Vec::new();
    let mut at = range.start;
    loop {
        let rest = &lower[at..range.end];
        let start =
            at + (rest.len() - rest.trim_start_matches(|c: char| !c.is_alphabetic() && c != '.').len());
        let sentence = &lower[start..range.end];
        'kinds: for turn in Turn::ALL {
            for opening in turn.openings() {
                let end = start + opening.len();
                let whole = !bytes.get(end).is_some_and(u8::is_ascii_alphabetic)
                    || opening.ends_with("re")
                    || opening.ends_with("double");
                if sentence.starts_with(opening) && whole {
                    found.push((turn, start..end));
                    break 'kinds;
                }
            }
        }
        match memchr::memchr3(b'.', b'\n', b'?', &bytes[start..range.end]) {
            Some(n) => at = start + n + 1,
            None => return found,
        }
    }
}

/// The insides of all boxes in a part of a text.
fn drafts(text: &str, range: Range<usize>) -> Vec<Range<usize>> {
    let part = &text[range.clone()];
    memmem::find_iter(part.as_bytes(), b"\\boxed{")
        .filter_map(|at| {
            // Up to the next box: then the last box of the piece is this one.
            let next =
                memmem::find(&part.as_bytes()[at + 7..], b"\\boxed{").map_or(part.len(), |n| at + 7 + n);
            crate::grade::last_box(&part[at..next])
                .map(|inside| range.start + at + inside.start..range.start + at + inside.end)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use serde_json::Value;

    use super::*;
    use crate::record::{Constraint, Item};

    fn facts(text: &str) -> TraceFacts {
        let item = Item {
            constraints: vec![Constraint {
                id: "punctuation:no_comma".into(),
                args: Value::Null,
                description: None,
            }],
            ..Item::default()
        };
        let item = PreparedItem::new(Arc::new(item));
        let generation = Generation { text: text.into(), ..Generation::default() };
        TraceFacts::of(&item, &generation, &Split::of(&generation, false), &Thresholds::default())
    }

    #[test]
    fn a_trace_is_told() {
        let text = "<think>No commas, they say. Wait, is it 5? \\boxed{5}. Let me double-check: no.\n\
                    Alternatively 6, so \\boxed{6}. Without a comma then it is done and over with.</think>\
                    Here it is, without any commas. \\boxed{6}";
        let facts = facts(text);
        let mention = &facts.mentions[0];
        assert_eq!(mention.places.len(), 2);
        assert_eq!(&text[mention.places[1].clone()], "comma");
        assert_eq!(
            mention.sentence(text, true, None),
            "named 2 times in the trace, 7 words before the answer, claims to obey"
        );
        assert_eq!(facts.summary(), "wait 1, alternatively 1, check 1, 2 answers tried, English");
        assert_eq!(&text[mention.claim.clone().unwrap()], "without any commas");
        assert_eq!(
            (facts.count(Turn::Wait), facts.count(Turn::Check), facts.count(Turn::Alternatively)),
            (1, 1, 1)
        );
        assert_eq!(facts.drafts.iter().map(|d| &text[d.clone()]).collect::<Vec<_>>(), ["5", "6"]);
        assert_eq!(facts.repetition, None);
    }

    #[test]
    fn nothing_comes_of_nothing() {
        let facts = facts("");
        assert_eq!(facts, TraceFacts { mentions: vec![Mention::default()], ..TraceFacts::default() });
        assert_eq!(facts.mentions[0].sentence("", false, None), "");
        assert_eq!(facts.mentions[0].sentence("", true, None), "never named in the trace");
    }
}
