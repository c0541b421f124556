//! One line of a saved file, whatever kind of file it is: the fields that heedless knows, all
//! optional. Item files, output files and self-contained records differ in which are there.

use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::fields::{OneOrMany, Text, Truth};
use super::json::{self, JsonError};
use super::texts::{self, Taken};
use crate::record::{Constraint, Finish, Generation, Item, Sampling, Saved, Usage};

/// See the module. Unknown fields are passed over.
#[derive(Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub(super) struct SavedLine {
    pub(super) run: Option<Text>,
    pub(super) model: Option<Text>,
    pub(super) condition: Option<Text>,
    pub(super) sampling: Option<Value>,

    pub(super) id: Option<Text>,
    pub(super) group: Option<Text>,
    pub(super) source: Option<Text>,
    pub(super) question: Option<Text>,
    gold: Option<Text>,
    answer: Option<Text>,
    pub(super) constraints: Option<Vec<Constraint>>,
    pub(super) constraint_name: Option<Vec<String>>,
    constraint_args: Option<Vec<Value>>,
    constraint_desc: Option<Vec<String>>,
    prompt: Option<Value>,

    #[serde(deserialize_with = "present")]
    output: Option<OneOrMany<Option<String>>>,
    #[serde(deserialize_with = "present")]
    responses: Option<OneOrMany<Option<String>>>,
    #[serde(deserialize_with = "present")]
    response: Option<OneOrMany<Option<String>>>,
    reasoning: Option<OneOrMany<Option<String>>>,
    finish_reason: Option<OneOrMany<Option<String>>>,
    usage: Option<OneOrMany<Usage>>,
    sample: Option<u32>,

    pub(super) follow: Option<Vec<Option<Truth>>>,
    pub(super) correct: Option<Truth>,
    pub(super) extracted: Option<Text>,
}

/// A field that is there and null is not the same as a field that is not there.
fn present<'de, D: Deserializer<'de>>(from: D) -> Result<Option<OneOrMany<Option<String>>>, D::Error> {
    OneOrMany::deserialize(from).map(Some)
}

/// What kind of line this is, by the fields it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LineKind {
    /// An item alone: a line of a MathIF data file.
    Item,
    /// An output alone: a line of a MathIF hypothesis file.
    Output,
    /// An item with its output.
    Record,
    /// Verdicts alone.
    Verdicts,
    /// None of those.
    Unknown,
}

impl SavedLine {
    /// Reads a line. The flag says that something was replaced to make it readable.
    pub(super) fn read(line: &[u8]) -> Result<(Self, bool), JsonError> {
        match Self::read_at_once(line) {
            Some(saved) => Ok((saved, false)),
            None => json::parse(line),
        }
    }

    /// Reads a line that holds outputs and is good JSON in every respect; `None` where that is not sure.
    fn read_at_once(line: &[u8]) -> Option<Self> {
        let Taken { rest, texts } = texts::take(line, ["output", "responses", "response", "reasoning"])?;
        let mut saved: Self = serde_json::from_slice(&rest).ok()?;
        let [output, responses, response, reasoning] = texts;
        // Outputs left in the rest have their names written in some other way.
        let left = [&saved.output, &saved.responses, &saved.response, &saved.reasoning];
        if left.iter().any(|field| field.is_some()) {
            return None;
        }
        let field = |texts: Option<Vec<String>>| Some(OneOrMany(texts?.into_iter().map(Some).collect()));
        saved.output = field(output);
        saved.responses = field(responses);
        saved.response = field(response);
        saved.reasoning = field(reasoning);
        Some(saved)
    }

    pub(super) fn kind(&self) -> LineKind {
        let item = self.question.is_some() || self.constraint_name.is_some() || self.constraints.is_some();
        let output = self.output.is_some() || self.responses.is_some() || self.response.is_some();
        match (item, output) {
            (true, true) => LineKind::Record,
            (true, false) => LineKind::Item,
            (false, true) => LineKind::Output,
            (false, false) if self.follow.is_some() => LineKind::Verdicts,
            (false, false) => LineKind::Unknown,
        }
    }

    /// The item of this line. `group` and `id` are what it has where the line does not say.
    pub(super) fn take_item(&mut self, group: &str, id: impl FnOnce() -> String) -> Result<Item, String> {
        let constraints = match (self.constraints.take(), self.constraint_name.take()) {
            (Some(constraints), _) => constraints,
            (None, Some(names)) => {
                let args = self.constraint_args.take().unwrap_or_default();
                if !args.is_empty() && args.len() != names.len() {
                    return Err(format!(
                        "{} constraint names but {} arguments; the lists must be of one length",
                        names.len(),
                        args.len()
                    ));
                }
                let described = self.constraint_desc.take().filter(|d| d.len() == names.len());
                let mut args = args.into_iter();
                let mut described = described.into_iter().flatten();
                names
                    .into_iter()
                    .map(|id| Constraint {
                        id,
                        args: args.next().unwrap_or(Value::Null),
                        description: described.next(),
                    })
                    .collect()
            }
            (None, None) => Vec::new(),
        };
        let text = |field: &mut Option<Text>| field.take().map(|t| t.0);
        let source = text(&mut self.source).unwrap_or_default();
        Ok(Item {
            id: text(&mut self.id).unwrap_or_else(id),
            group: text(&mut self.group).unwrap_or_else(|| group.to_owned()),
            source,
            question: text(&mut self.question).unwrap_or_default(),
            // MathIF's own name for the gold answer is `answer`. An empty one is none.
            gold: text(&mut self.gold).or_else(|| text(&mut self.answer)).filter(|g| !g.is_empty()),
            constraints,
            prompt: self.prompt.take().map(|p| match p {
                Value::String(s) => s,
                chat => chat.to_string(),
            }),
        })
    }

    /// The verdicts of this line.
    pub(super) fn take_verdicts(&mut self) -> Saved {
        Saved {
            follow: self.follow.take().map(|f| f.into_iter().map(|t| t.map(|t| t.0)).collect()),
            correct: self.correct.take().map(|t| t.0),
            extracted: self.extracted.take().map(|t| t.0),
        }
    }

    /// The outputs of this line. An output saved as null, or an empty list of outputs, is an
    /// empty text: the model was asked, and nothing came.
    pub(super) fn take_generations(&mut self) -> Result<Vec<Generation>, &'static str> {
        let outputs = [self.output.take(), self.responses.take(), self.response.take()]
            .into_iter()
            .flatten()
            .next()
            .ok_or("no field `output`, `responses` or `response`")?;
        let mut outputs = outputs.0;
        if outputs.is_empty() {
            outputs.push(None);
        }
        let reasoning = self.reasoning.take().unwrap_or_default().0;
        let finish = self.finish_reason.take().unwrap_or_default().0;
        let usage = self.usage.take().unwrap_or_default().0;
        let count = outputs.len();
        let mut reasoning = reasoning.into_iter();
        let first_sample = self.sample.unwrap_or(0);
        let mut saved = Some(self.take_verdicts());
        Ok(outputs
            .into_iter()
            .enumerate()
            .map(|(i, output)| {
                let output = output.unwrap_or_default();
                let (text, answer_at) = match reasoning.next().flatten() {
                    Some(mut trace) => {
                        let at = trace.len();
                        trace.push_str(&output);
                        (trace, Some(at))
                    }
                    None => (output, None),
                };
                Generation {
                    text,
                    answer_at,
                    sample: first_sample.saturating_add(i as u32),
                    // One reason for a list of outputs says nothing about each, nor does one count.
                    finish: (finish.len() == count)
                        .then(|| finish[i].as_deref().and_then(Finish::from_saved))
                        .flatten(),
                    usage: if usage.len() == count { usage[i] } else { Usage::default() },
                    // Verdicts of a line are those of its first output, which is the one scored.
                    saved: saved.take().unwrap_or_default(),
                }
            })
            .collect())
    }
}

/// Sampling parameters from an object; what is no number is not known.
pub(super) fn sampling(value: &Value) -> Sampling {
    let number = |key: &str| value.get(key).and_then(Value::as_f64).filter(|n| n.is_finite());
    let whole = |key: &str| number(key).filter(|n| n.fract() == 0.0 && n.abs() < 1e15);
    Sampling {
        temperature: number("temperature"),
        top_p: number("top_p"),
        max_tokens: whole("max_tokens").filter(|n| *n >= 0.0).map(|n| n as u64),
        seed: whole("seed").map(|n| n as i64),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn line(json: &str) -> SavedLine {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn kinds() {
        for (json, kind) in [
            (r#"{"question":"q","constraint_name":[]}"#, LineKind::Item),
            (r#"{"output":["x"]}"#, LineKind::Output),
            (r#"{"response":null}"#, LineKind::Output),
            (r#"{"question":"q","output":"x"}"#, LineKind::Record),
            (r#"{"constraints":[{"id":"punctuation:no_comma"}],"responses":["x"]}"#, LineKind::Record),
            (r#"{"id":1,"follow":[true]}"#, LineKind::Verdicts),
            (r#"{"text":"x"}"#, LineKind::Unknown),
        ] {
            assert_eq!(line(json).kind(), kind, "{json}");
        }
    }

    #[test]
    fn outputs_and_reasoning() {
        let mut l = line(
            r#"{"output":["4",null],"reasoning":["2+2…",null],"finish_reason":["stop","length"],
                "usage":[{"output_tokens":3},{}],"follow":[true,null],"sample":2}"#,
        );
        let all = l.take_generations().unwrap();
        assert_eq!((all[0].text.as_str(), all[0].answer_at), ("2+2…4", Some(6)));
        assert_eq!((all[1].text.as_str(), all[1].answer_at, all[1].sample), ("", None, 3));
        assert_eq!((all[0].finish, all[1].finish), (Some(Finish::Stop), Some(Finish::Length)));
        assert_eq!(all[0].usage.output, Some(3));
        assert_eq!(all[0].saved.follow, Some(vec![Some(true), None]));
        assert_eq!(all[1].saved, Saved::default());
        assert_eq!(line(r#"{"output":[]}"#).take_generations().unwrap().len(), 1);
        assert!(line(r#"{"text":""}"#).take_generations().is_err());
    }

    #[test]
    fn lists_of_constraints_must_agree() {
        let mut l = line(r#"{"constraint_name":["a","b"],"constraint_args":[null]}"#);
        assert!(l.take_item("g", String::new).unwrap_err().contains("2 constraint names but 1"));
        let mut l = line(r#"{"constraint_name":["a"],"constraint_desc":["x","y"],"id":7,"answer":3}"#);
        let item = l.take_item("g", String::new).unwrap();
        assert_eq!((item.id.as_str(), item.gold.as_deref(), item.group.as_str()), ("7", Some("3"), "g"));
        assert_eq!(item.constraints[0].description, None);
    }

    proptest! {
        /// Good lines are read at once, and nothing is that `serde_json` would read otherwise or refuse.
        #[test]
        fn what_is_read_at_once_is_what_serde_reads(
            texts in prop::collection::vec("(\\PC|[\"\\\\\n\u{1}é😀]){0,40}", 1..3),
            edits in prop::collection::vec((any::<prop::sample::Index>(), "[\"\\\\,:{}\\[\\] \n\u{0}u0dé]{0,2}"), 0..3),
        ) {
            let mut line = serde_json::json!({
                "id": 7, "question": texts[0], "constraints": [{"id": "a:b", "args": {"n": [1, 2.5, null]}}],
                "output": texts, "finish_reason": "stop", "usage": {"output_tokens": 3},
                "reasoning": (texts.len() > 1).then_some(&texts[0]),
            }).to_string();
            prop_assert!(SavedLine::read_at_once(line.as_bytes()).is_some());
            for (at, with) in edits {
                let (at, old) = line.char_indices().nth(at.index(line.chars().count())).unwrap();
                line.replace_range(at..at + old.len_utf8(), &with);
            }
            if let Some(saved) = SavedLine::read_at_once(line.as_bytes()) {
                prop_assert_eq!(saved, serde_json::from_str::<SavedLine>(&line).unwrap());
            }
        }
    }
}
