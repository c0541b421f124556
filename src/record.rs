//! Runs, items and generations: plain data, as the files say it.
//!
//! Importers make these; everything after only reads them.

use std::fmt;
use std::path::Path;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use xxhash_rust::xxh3::Xxh3Default;

use crate::path::shown;

/// One constraint as an item states it: an id, its arguments, the sentence the model was told.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Constraint {
    /// The id as saved, such as `punctuation:no_comma`. Unknown ids are kept as they are.
    pub id: String,
    /// The arguments as saved: an object or null.
    #[serde(default)]
    pub args: Value,
    /// The sentence the model was told, where the file has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

impl Constraint {
    /// The part after the last colon: `no_comma`.
    pub fn short_name(&self) -> &str {
        self.id.rsplit(':').next().unwrap_or(&self.id)
    }
}

/// One question with its constraints and gold answer.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Item {
    /// The id as saved. Unique within [`group`](Self::group), not beyond (MathIF repeats 30 of its ids).
    pub id: String,
    /// What makes the id unique: the stem of the item file, or what a record names.
    pub group: String,
    /// Where the question comes from (`gsm8k`, `aime`, …); empty when not said.
    pub source: String,
    /// The question as saved, without what a prompt template adds.
    pub question: String,
    /// The gold answer, where there is one.
    pub gold: Option<String>,
    /// The constraints, in the order of the file.
    pub constraints: Vec<Constraint>,
    /// The prompt exactly as sent, where the file has it.
    pub prompt: Option<String>,
}

impl Item {
    /// `single`, `double`, `triple` by the number of constraints; `none`, `4`, `5`, … beyond.
    pub fn setting(&self) -> &'static str {
        setting(self.constraints.len())
    }
}

/// The word for a number of constraints: see [`Item::setting`].
pub fn setting(constraints: usize) -> &'static str {
    match constraints {
        0 => "none",
        1 => "single",
        2 => "double",
        3 => "triple",
        4 => "4",
        5 => "5",
        6 => "6",
        _ => "7+",
    }
}

/// How outputs were sampled, as far as it is known.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Sampling {
    /// Softmax temperature.
    pub temperature: Option<f64>,
    /// Nucleus mass.
    pub top_p: Option<f64>,
    /// Limit on the tokens of one output.
    pub max_tokens: Option<u64>,
    /// Seed of the sampler.
    pub seed: Option<i64>,
}

/// The generations of one model under one condition and sampling.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Run {
    /// Short unique name, used in keys and queries (`qwen3-max`, `smollm2-135m+wait2`).
    pub name: String,
    /// The model.
    pub model: String,
    /// What the model was given: `constraints`, `no constraints`, `think`, `wait2`, `repeat`, ….
    pub condition: String,
    /// Sampling parameters.
    pub sampling: Sampling,
    /// Which of the above were read from a file name and not from the file or `heedless.toml`.
    pub inferred: Vec<String>,
}

/// Condition of a run whose prompts carried the constraints.
pub const WITH_CONSTRAINTS: &str = "constraints";
/// Condition of a run whose prompts did not carry the constraints: the twins' run.
pub const NO_CONSTRAINTS: &str = "no constraints";

/// Why a model stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Finish {
    /// It ended by itself.
    Stop,
    /// It was cut by a length limit.
    Length,
    /// Anything else that was said (`content_filter`, `tool_calls`, …).
    Other,
}

impl Finish {
    /// Reads the words that providers use. `None` for an empty one.
    pub fn from_saved(word: &str) -> Option<Self> {
        match word {
            "" => None,
            "stop" | "eos" | "end_turn" | "stop_sequence" | "completed" => Some(Self::Stop),
            "length" | "max_tokens" | "model_length" | "max_output_tokens" => Some(Self::Length),
            _ => Some(Self::Other),
        }
    }

    /// The word shown.
    pub fn name(self) -> &'static str {
        match self {
            Self::Stop => "stop",
            Self::Length => "length",
            Self::Other => "other",
        }
    }
}

/// Token counts as a file says them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Usage {
    /// Tokens of the prompt.
    pub prompt: Option<u64>,
    /// Tokens of the whole output, reasoning included.
    pub output: Option<u64>,
    /// Tokens of the reasoning part.
    pub reasoning: Option<u64>,
}

/// Verdicts that a file brought along. A saved verdict and a recomputed one are two facts.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Saved {
    /// One per constraint, in the order of the item, where saved.
    pub follow: Option<Vec<Option<bool>>>,
    /// Whether the final answer was judged right.
    pub correct: Option<bool>,
    /// The answer a grader extracted.
    pub extracted: Option<String>,
}

/// One saved output.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Generation {
    /// The output exactly as saved; every offset in the program is a byte offset into this.
    /// Where a file keeps reasoning and answer apart, the reasoning followed by the answer.
    pub text: String,
    /// Where the answer begins in [`text`](Self::text), for files that keep the parts apart.
    pub answer_at: Option<usize>,
    /// Number of the sample of its item in its run, from 0.
    pub sample: u32,
    /// Why the model stopped, where saved.
    pub finish: Option<Finish>,
    /// Token counts, where saved.
    pub usage: Usage,
    /// Verdicts, where saved.
    pub saved: Saved,
}

/// Where a record lies in the user's files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The file.
    pub path: Arc<Path>,
    /// Line from 1.
    pub line: u64,
    /// Offset of the first byte of the line.
    pub byte: u64,
    /// Length of the line in bytes, without its end.
    pub len: u32,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", shown(&self.path), self.line, self.byte)
    }
}

/// A generation with what it belongs to.
#[derive(Debug, Clone)]
pub struct Record {
    /// Its run.
    pub run: Arc<Run>,
    /// Its item.
    pub item: Arc<Item>,
    /// The output.
    pub generation: Generation,
    /// Where the output was read.
    pub place: Place,
}

impl Record {
    /// A name for what the record says, whatever file it lies in: the same after the files were
    /// moved, renamed or indexed again, or samples numbered anew. Tags and notes hang on it. Two
    /// samples of an item with one and the same output share it.
    pub fn content_key(&self) -> ContentKey {
        let mut hash = Xxh3Default::new();
        // Every part is led by its length: ("ab", "c") and ("a", "bc") must differ.
        let mut part = |bytes: &[u8]| {
            hash.update(&(bytes.len() as u64).to_le_bytes());
            hash.update(bytes);
        };
        let named = if self.item.question.is_empty() { &self.item.id } else { &self.item.question };
        part(named.as_bytes());
        for constraint in &self.item.constraints {
            part(constraint.id.as_bytes());
            part(constraint.args.to_string().as_bytes());
        }
        part(self.run.model.as_bytes());
        part(self.run.condition.as_bytes());
        part(&self.generation.answer_at.map_or(u64::MAX, |at| at as u64).to_le_bytes());
        part(self.generation.text.as_bytes());
        ContentKey(hash.digest())
    }
}

/// What a [`Record`] says, in 64 bits: see [`Record::content_key`]. Printed as 16 hex digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ContentKey(pub u64);

impl fmt::Display for ContentKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl FromStr for ContentKey {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        u64::from_str_radix(text, 16)
            .ok()
            .filter(|_| text.len() == 16)
            .map(Self)
            .ok_or_else(|| format!("`{text}` is not a key: expected 16 hex digits"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(question: &str, text: &str, sample: u32) -> Record {
        Record {
            run: Arc::new(Run { model: "m".into(), condition: WITH_CONSTRAINTS.into(), ..Run::default() }),
            item: Arc::new(Item { id: "1".into(), question: question.into(), ..Item::default() }),
            generation: Generation { text: text.into(), sample, ..Generation::default() },
            place: Place { path: Path::new("a.jsonl").into(), line: 1, byte: 0, len: 9 },
        }
    }

    #[test]
    fn the_key_follows_the_content_and_not_the_place() {
        let a = record("q", "", 0);
        let mut moved = a.clone();
        moved.place = Place { path: Path::new("elsewhere/b.jsonl").into(), line: 7, byte: 99, len: 9 };
        moved.item = Arc::new(Item { group: "other".into(), ..(*a.item).clone() });
        assert_eq!(a.content_key(), moved.content_key());
        assert_eq!(a.content_key(), record("q", "", 1).content_key());
        // Empty outputs of two items are told apart.
        for other in [record("r", "", 0), record("q", "x", 0)] {
            assert_ne!(a.content_key(), other.content_key());
        }
        assert_eq!(a.content_key().to_string().parse(), Ok(a.content_key()));
        assert!("12".parse::<ContentKey>().is_err());
    }
}
