//! The questions: 420 of them with one, two or three constraints each, in the proportions of MathIF.

use std::fmt::Write;

use super::random::Random;
use super::words::Words;

/// Sources with their numbers of questions: a third each has one, two and three constraints.
const SOURCES: [(&str, usize); 5] =
    [("aime", 60), ("gsm8k", 90), ("math500", 90), ("minerva", 90), ("olympiad", 90)];

/// The kinds of constraints with how often MathIF's 420 items have them.
const KINDS: [(Kind, usize); 15] = [
    (Kind::Frequency, 121),
    (Kind::Existence, 107),
    (Kind::NoComma, 89),
    (Kind::Forbidden, 77),
    (Kind::Highlights, 69),
    (Kind::WordCount, 56),
    (Kind::RepeatPrompt, 55),
    (Kind::Quotation, 51),
    (Kind::Lowercase, 43),
    (Kind::Bullets, 41),
    (Kind::CapitalWords, 34),
    (Kind::EndPhrase, 27),
    (Kind::Uppercase, 27),
    (Kind::Sections, 23),
    (Kind::Language, 20),
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Frequency,
    Existence,
    NoComma,
    Forbidden,
    Highlights,
    WordCount,
    RepeatPrompt,
    Quotation,
    Lowercase,
    Bullets,
    CapitalWords,
    EndPhrase,
    Uppercase,
    Sections,
    Language,
}

impl Kind {
    /// Two rules about one thing, which no item has together.
    fn concern(self) -> u32 {
        match self {
            Self::Lowercase | Self::Uppercase | Self::CapitalWords | Self::Language => 100,
            // Both are about how the answer begins and ends.
            Self::Quotation | Self::EndPhrase => 101,
            other => other as u32,
        }
    }
}

/// What a generation that obeys does. Texts are as JSON has them, escaped.
#[derive(Debug, Clone)]
pub enum Demand {
    Say { word: String, times: usize },
    Avoid,
    NoComma,
    Highlight(usize),
    WordsAtLeast(usize),
    WordsBelow(usize),
    Repeat,
    Quote,
    Lowercase,
    Uppercase,
    Bullets(usize),
    CapitalWords(usize),
    NoCapitalWords,
    EndWith(&'static str),
    Sections(usize),
    Speak(&'static str),
}

/// One question, written once as the end of each of its lines.
#[derive(Debug)]
pub struct Item {
    /// `"id":…,"group":…,"source":…,"question":…,"gold":…,"constraints":[…]`
    pub json: String,
    /// The question as JSON has it, escaped, without quotes.
    pub question: String,
    /// The gold answer.
    pub gold: u32,
    pub demands: Vec<Demand>,
}

/// All items. `words` is the usual length of an answer, which rules about lengths are set around.
pub fn items(seed: u64, vocabulary: &Words, words: usize) -> Vec<Item> {
    let mut items = Vec::new();
    for (source, count) in SOURCES {
        for number in 0..count {
            let random = &mut Random::new(&[seed, 1, items.len() as u64]);
            let setting = number / (count / 3);
            let group = format!("{source}_{}", ["single", "double", "triple"][setting]);
            let question = question(random, vocabulary);
            let gold = 1 + random.below(999) as u32;
            let (mut demands, mut constraints, mut concerns) = (Vec::new(), Vec::new(), Vec::new());
            while constraints.len() <= setting {
                let kind = draw(random);
                if concerns.contains(&kind.concern()) {
                    continue;
                }
                concerns.push(kind.concern());
                let (json, demand) = constraint(kind, random, vocabulary, &question, words);
                constraints.push(json);
                demands.push(demand);
            }
            let json = format!(
                r#""id":"{source}-{number}","group":"{group}","source":"{source}","question":"{question}","gold":"{gold}","constraints":[{}]"#,
                constraints.join(",")
            );
            items.push(Item { json, question, gold, demands });
        }
    }
    // A library that has only a part of the items has some of every source and setting.
    Random::new(&[seed, 2]).shuffle(&mut items);
    items
}

fn draw(random: &mut Random) -> Kind {
    let mut at = random.below(KINDS.iter().map(|k| k.1).sum());
    for (kind, weight) in KINDS {
        if at < weight {
            return kind;
        }
        at -= weight;
    }
    Kind::NoComma
}

fn question(random: &mut Random, words: &Words) -> String {
    let mut question = String::from("Let");
    for _ in 0..8 + random.below(14) {
        question.push(' ');
        match random.below(8) {
            0 => {
                let _ = write!(question, "${}x^2 + {}x$", 1 + random.below(9), random.below(90));
            }
            1 => question.push_str(&random.below(1000).to_string()),
            _ => question.push_str(words.draw(random)),
        }
    }
    question.push_str(". Find the value.");
    question
}

fn constraint(
    kind: Kind,
    random: &mut Random,
    vocabulary: &Words,
    question: &str,
    words: usize,
) -> (String, Demand) {
    let simple = |id: &str| format!(r#"{{"id":"{id}","args":null}}"#);
    let with = |id: &str, args: String| format!(r#"{{"id":"{id}","args":{{{args}}}}}"#);
    let few = 1 + random.below(4);
    match kind {
        Kind::Frequency => {
            let word = vocabulary.keyword(random).to_owned();
            let least = random.chance(0.5);
            let relation = if least { "at least" } else { "less than" };
            let args = format!(r#""keyword":"{word}","frequency":{few},"relation":"{relation}""#);
            let demand = if least { Demand::Say { word, times: few } } else { Demand::Avoid };
            (with("keywords:frequency", args), demand)
        }
        Kind::Existence => {
            let (a, b) = (vocabulary.keyword(random).to_owned(), vocabulary.keyword(random).to_owned());
            let args = format!(r#""keywords":["{a}","{b}"]"#);
            (with("keywords:existence", args), Demand::Say { word: format!("{a} {b}"), times: 1 })
        }
        Kind::NoComma => (simple("punctuation:no_comma"), Demand::NoComma),
        Kind::Forbidden => {
            let (a, b) = (vocabulary.keyword(random), vocabulary.keyword(random));
            (with("keywords:forbidden_words", format!(r#""forbidden_words":["{a}","{b}"]"#)), Demand::Avoid)
        }
        Kind::Highlights => (
            with("detectable_format:number_highlighted_sections", format!(r#""num_highlights":{few}"#)),
            Demand::Highlight(few),
        ),
        Kind::WordCount => {
            let border = (words as f64 * (0.4 + 1.2 * random.unit())) as usize;
            let least = random.chance(0.5);
            let relation = if least { "at least" } else { "less than" };
            (
                with(
                    "length_constraint_checkers:number_words",
                    format!(r#""num_words":{border},"relation":"{relation}""#),
                ),
                if least { Demand::WordsAtLeast(border) } else { Demand::WordsBelow(border) },
            )
        }
        Kind::RepeatPrompt => {
            (with("combination:repeat_prompt", format!(r#""prompt_to_repeat":"{question}""#)), Demand::Repeat)
        }
        Kind::Quotation => (simple("startend:quotation"), Demand::Quote),
        Kind::Lowercase => (simple("change_case:english_lowercase"), Demand::Lowercase),
        Kind::Uppercase => (simple("change_case:english_capital"), Demand::Uppercase),
        Kind::Bullets => (
            with("detectable_format:number_bullet_lists", format!(r#""num_bullets":{few}"#)),
            Demand::Bullets(few),
        ),
        Kind::CapitalWords => {
            let least = random.chance(0.5);
            let relation = if least { "at least" } else { "less than" };
            (
                with(
                    "change_case:capital_word_frequency",
                    format!(r#""capital_frequency":{few},"capital_relation":"{relation}""#),
                ),
                if least { Demand::CapitalWords(few) } else { Demand::NoCapitalWords },
            )
        }
        Kind::EndPhrase => {
            let phrase = random.pick(&["Is there anything else I can help with?", "Any other questions?"]);
            (with("startend:end_checker", format!(r#""end_phrase":"{phrase}""#)), Demand::EndWith(phrase))
        }
        Kind::Sections => (
            with(
                "detectable_format:multiple_sections",
                format!(r#""section_spliter":"SECTION","num_sections":{few}"#),
            ),
            Demand::Sections(few),
        ),
        Kind::Language => {
            let language = random.pick(&["es", "fr", "ja", "zh", "ru", "he"]);
            (
                with("language:response_language", format!(r#""language":"{language}""#)),
                Demand::Speak(language),
            )
        }
    }
}
