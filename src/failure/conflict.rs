//! Items that no output can satisfy: constraints that cannot hold together, or not with the box
//! that the prompt asks the answer to be put in.

use serde_json::Value;

use crate::constraint::{Prepared, Status, Want};
use crate::record::{Constraint, Item};

/// Why no output can follow all constraints of an item, in a sentence; `None` when one can, as far
/// as is known.
pub fn conflict(item: &Item, prepared: &[Prepared]) -> Option<String> {
    let all: Vec<Rule<'_>> = item.constraints.iter().zip(prepared).map(|(c, p)| Rule::new(c, p)).collect();
    for (i, a) in all.iter().enumerate() {
        if a.short == "english_capital" && asks_for_box(item) {
            return Some(
                "all capital letters leave no room for the command \\boxed that the prompt asks for".into(),
            );
        }
        for b in &all[i + 1..] {
            if let Some(reason) = between(a, b).or_else(|| between(b, a)) {
                return Some(reason);
            }
        }
    }
    None
}

/// Whether the prompt asks for the answer in `\boxed{}`.
///
/// Where the prompt was not saved, an item with a gold answer is taken for one of MathIF's, whose
/// prompt always does.
pub fn asks_for_box(item: &Item) -> bool {
    match &item.prompt {
        Some(prompt) => prompt.contains("boxed"),
        None => item.gold.is_some() || item.question.contains("\\boxed"),
    }
}

struct Rule<'i> {
    short: &'i str,
    args: &'i Value,
    prepared: &'i Prepared,
}

impl<'i> Rule<'i> {
    fn new(constraint: &'i Constraint, prepared: &'i Prepared) -> Self {
        Self { short: constraint.short_name(), args: &constraint.args, prepared }
    }

    fn text(&self, name: &str) -> Option<&'i str> {
        self.args.get(name)?.as_str()
    }

    fn number(&self, name: &str) -> Option<u64> {
        self.args.get(name)?.as_u64()
    }

    fn words(&self, name: &str) -> Vec<String> {
        match self.args.get(name) {
            Some(Value::Array(items)) => {
                items.iter().filter_map(Value::as_str).map(str::to_lowercase).collect()
            }
            Some(Value::String(word)) => vec![word.to_lowercase()],
            _ => Vec::new(),
        }
    }

    /// Whether a text breaks this rule on its own and whatever is added to it.
    fn is_broken_by(&self, text: &str) -> bool {
        self.prepared.check(text, 0..text.len(), Want::Verdict).status == Status::NotFollowed
    }

    /// Number and direction of a count: at least, or less than.
    fn bound(&self) -> Option<(u64, bool)> {
        let (number, relation) = match self.short {
            "number_words" => ("num_words", "relation"),
            "frequency" => ("frequency", "relation"),
            "capital_word_frequency" => ("capital_frequency", "capital_relation"),
            "number_sentences" => ("num_sentences", "relation"),
            "letter_frequency" => ("let_frequency", "let_relation"),
            _ => return None,
        };
        Some((self.number(number)?, self.text(relation)? == "at least"))
    }

    /// What is counted, where that can differ between two rules of this kind.
    fn counted(&self) -> String {
        let name = match self.short {
            "frequency" => "keyword",
            "letter_frequency" => "letter",
            _ => return String::new(),
        };
        self.text(name).unwrap_or_default().to_lowercase()
    }
}

/// Why two rules cannot hold together; tried both ways round.
fn between(a: &Rule<'_>, b: &Rule<'_>) -> Option<String> {
    match (a.short, b.short) {
        ("repeat_prompt", "no_comma") => {
            let prompt = a.text("prompt_to_repeat")?;
            prompt.contains(',').then(|| "the prompt to repeat has a comma, and commas are forbidden".into())
        }
        ("repeat_prompt", "english_lowercase") => a
            .text("prompt_to_repeat")?
            .chars()
            .any(char::is_uppercase)
            .then(|| "the prompt to repeat has capital letters, and they are forbidden".into()),
        ("repeat_prompt", "english_capital") => a
            .text("prompt_to_repeat")?
            .chars()
            .any(char::is_lowercase)
            .then(|| "the prompt to repeat has small letters, and they are forbidden".into()),
        ("repeat_prompt", "forbidden_words") => b
            .is_broken_by(a.text("prompt_to_repeat")?)
            .then(|| "the prompt to repeat has a word that is forbidden".into()),
        ("repeat_prompt", "quotation") => (!a.text("prompt_to_repeat")?.trim_start().starts_with('"'))
            .then(|| "the output has to begin with the prompt and with a quotation mark".into()),
        ("repeat_prompt" | "end_checker", "frequency" | "number_words" | "capital_word_frequency") => {
            let text = a.text("prompt_to_repeat").or_else(|| a.text("end_phrase"))?;
            let (_, at_least) = b.bound()?;
            (!at_least && b.is_broken_by(text))
                .then(|| "the text that has to be repeated is already over the limit of a count".into())
        }
        ("end_checker", "forbidden_words") => b
            .is_broken_by(a.text("end_phrase")?)
            .then(|| "the phrase to end with has a word that is forbidden".into()),
        ("end_checker", "no_comma") => a
            .text("end_phrase")?
            .contains(',')
            .then(|| "the phrase to end with has a comma, and commas are forbidden".into()),
        ("english_capital", "english_lowercase") => {
            Some("all letters have to be capital and small at once".into())
        }
        ("english_lowercase", "capital_word_frequency") => {
            let (number, at_least) = b.bound()?;
            (at_least && number > 0)
                .then(|| "capital words are asked for, and capital letters forbidden".into())
        }
        ("english_capital", "capital_word_frequency") => {
            let (number, at_least) = b.bound()?;
            (!at_least && number <= 1).then(|| "every word has to be in capitals, and none may be".into())
        }
        ("english_lowercase", "multiple_sections") => {
            let splitter = a_splitter(b)?;
            splitter
                .chars()
                .any(char::is_uppercase)
                .then(|| format!("{splitter:?} has to head the sections, and capital letters are forbidden"))
        }
        ("english_capital", "multiple_sections") => {
            let splitter = a_splitter(b)?;
            splitter
                .chars()
                .any(char::is_lowercase)
                .then(|| format!("{splitter:?} has to head the sections, and small letters are forbidden"))
        }
        ("response_language", "english_capital" | "english_lowercase") => {
            (a.text("language")? != "en").then(|| "English and another language are asked for".into())
        }
        ("response_language", "response_language") => (a.text("language")? != b.text("language")?)
            .then(|| "two different languages are asked for".into()),
        ("end_checker", "end_checker") => {
            let (one, other) = (a.text("end_phrase")?.to_lowercase(), b.text("end_phrase")?.to_lowercase());
            (!one.trim().ends_with(other.trim()) && !other.trim().ends_with(one.trim()))
                .then(|| "two different phrases have to come last".into())
        }
        ("existence", "frequency") => {
            let (number, at_least) = b.bound()?;
            let keyword = b.counted();
            (!at_least && number <= 1 && a.words("keywords").iter().any(|word| word.contains(&keyword)))
                .then(|| format!("{keyword:?} has to occur, and may not"))
        }
        (kind, same) if kind == same => {
            let ((least, at_least), (most, at_most)) = (a.bound()?, b.bound()?);
            (a.counted() == b.counted() && at_least && !at_most && most <= least)
                .then(|| format!("at least {least} and less than {most} of the same are asked for"))
        }
        _ => None,
    }
}

fn a_splitter<'i>(rule: &Rule<'i>) -> Option<&'i str> {
    rule.text("section_spliter").or_else(|| rule.text("section_splitter"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn reason(constraints: &[(&str, Value)], prompt: &str) -> Option<String> {
        let constraints: Vec<_> = constraints
            .iter()
            .map(|(id, args)| Constraint { id: (*id).into(), args: args.clone(), description: None })
            .collect();
        let prepared: Vec<_> = constraints.iter().map(Prepared::new).collect();
        conflict(&Item { constraints, prompt: Some(prompt.into()), ..Item::default() }, &prepared)
    }

    #[test]
    fn conflicts_are_seen() {
        let repeat = ("combination:repeat_prompt", json!({"prompt_to_repeat": "If so, what is X?"}));
        let no_comma = ("punctuation:no_comma", Value::Null);
        let capital = ("change_case:english_capital", Value::Null);
        let lower = ("change_case:english_lowercase", Value::Null);
        let quotation = ("startend:quotation", Value::Null);
        let forbidden = ("keywords:forbidden_words", json!({"forbidden_words": ["what"]}));
        let end = ("startend:end_checker", json!({"end_phrase": "Any other questions?"}));
        let sections =
            ("detectable_format:multiple_sections", json!({"section_spliter": "SECTION", "num_sections": 2}));
        let spanish = ("language:response_language", json!({"language": "es"}));
        let caps = (
            "change_case:capital_word_frequency",
            json!({"capital_frequency": 2, "capital_relation": "at least"}),
        );
        let few =
            ("length_constraint_checkers:number_words", json!({"num_words": 10, "relation": "less than"}));
        let many =
            ("length_constraint_checkers:number_words", json!({"num_words": 10, "relation": "at least"}));
        let conflicting = [
            vec![repeat.clone(), no_comma.clone()],
            vec![no_comma.clone(), repeat.clone()],
            vec![repeat.clone(), lower.clone()],
            vec![repeat.clone(), capital.clone()],
            vec![repeat.clone(), forbidden.clone()],
            vec![repeat.clone(), quotation.clone()],
            vec![capital.clone(), lower.clone()],
            vec![lower.clone(), caps.clone()],
            vec![lower.clone(), sections.clone()],
            vec![spanish.clone(), lower.clone()],
            vec![few.clone(), many.clone()],
        ];
        for constraints in &conflicting {
            assert!(reason(constraints, "").is_some(), "{constraints:?}");
        }
        let possible = [
            vec![no_comma, end.clone()],
            vec![end.clone(), quotation],
            vec![end, forbidden],
            vec![capital.clone(), sections],
            vec![repeat, few],
            vec![spanish],
            vec![capital.clone()],
        ];
        for constraints in &possible {
            assert_eq!(reason(constraints, ""), None, "{constraints:?}");
        }
        assert!(reason(&[capital], "put the answer in \\boxed{}").is_some());
    }
}
