//! The text of one output: reasoning and answer, with what its model does about the constraints.

use std::io::Write;

use super::Model;
use super::item::{Demand, Item};
use super::random::Random;
use super::words::Words;

/// A text being written as the inside of a JSON string, escaped.
#[derive(Debug)]
pub struct Prose<'a> {
    pub json: &'a mut Vec<u8>,
    pub random: &'a mut Random,
    pub words: &'a Words,
    style: Style,
}

/// How a text is written.
#[derive(Debug, Clone, Copy, Default)]
struct Style {
    no_comma: bool,
    case: Case,
    /// Words of another language, instead of English ones.
    language: Option<&'static [&'static str]>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Case {
    #[default]
    Sentence,
    Lower,
    Upper,
}

/// What was written, for the other fields of the line.
#[derive(Debug, Clone, Copy)]
pub struct Written {
    pub finish: &'static str,
    /// Bytes of the reasoning and of the rest.
    pub trace: usize,
    pub answer: usize,
    /// The final answer is the gold one; `None` when there is none.
    pub correct: Option<bool>,
}

/// Sizes of the two parts in bytes.
#[derive(Debug, Clone, Copy)]
pub struct Sizes {
    pub trace: usize,
    pub answer: usize,
}

impl<'a> Prose<'a> {
    pub fn new(json: &'a mut Vec<u8>, random: &'a mut Random, words: &'a Words) -> Self {
        Self { json, random, words, style: Style::default() }
    }

    /// Reasoning and answer as one text, or with `"reasoning"` and `"output"` kept apart where
    /// the model's provider does so. Writes the fields with their names.
    pub fn output(&mut self, model: &Model, item: &Item, told: bool, sizes: Sizes) -> Written {
        let fate = self.random.unit();
        if fate < 0.003 {
            self.text("\"output\":\"\"");
            return Written { finish: "stop", trace: 0, answer: 0, correct: None };
        }
        let repeats = fate < 0.003 + model.repeats;
        let truncated = repeats || fate < 0.003 + model.repeats + model.truncates;
        let apart = model.reasons && model.apart;
        self.text(if apart { "\"reasoning\":\"" } else { "\"output\":\"" });
        let start = self.json.len();
        if model.reasons {
            if !apart && model.opens {
                self.text("<think>\\n");
            }
            let until = self.json.len() + sizes.trace;
            while self.json.len() < until {
                self.sentence();
                if repeats && self.json.len() > until - sizes.trace / 2 {
                    self.repeat(start, until);
                }
                if self.random.chance(0.2) {
                    self.text("\\n\\n");
                }
            }
        }
        let trace = self.json.len() - start;
        let answer_start;
        let mut correct = None;
        if truncated && model.reasons {
            self.text(if apart { "\",\"output\":\"" } else { "" });
            answer_start = self.json.len();
        } else {
            if model.reasons {
                self.text(if apart { "\",\"output\":\"" } else { "\\n</think>\\n\\n" });
            }
            answer_start = self.json.len();
            correct = self.answer(model, item, told, sizes.answer, truncated);
        }
        let answer = self.json.len() - answer_start;
        self.text("\"");
        Written { finish: if truncated { "length" } else { "stop" }, trace, answer, correct }
    }

    /// The final part: obeys each demand as often as its model does.
    fn answer(
        &mut self,
        model: &Model,
        item: &Item,
        told: bool,
        mut size: usize,
        truncated: bool,
    ) -> Option<bool> {
        let start = self.json.len();
        let obeyed: Vec<&Demand> =
            item.demands.iter().filter(|_| told && self.random.chance(model.obeys)).collect();
        let mut style = Style::default();
        for demand in &obeyed {
            match demand {
                Demand::NoComma => style.no_comma = true,
                Demand::Lowercase => style.case = Case::Lower,
                Demand::Uppercase => style.case = Case::Upper,
                Demand::Speak(language) => style.language = Some(words_of(language)),
                // A word and the space after it are some six bytes here.
                Demand::WordsAtLeast(n) => size = size.max(n * 6 + 40),
                Demand::WordsBelow(n) => size = size.min(n * 5),
                _ => {}
            }
        }
        self.style = style;
        let has = |wanted: fn(&Demand) -> bool| obeyed.iter().any(|d| wanted(d));
        if has(|d| matches!(d, Demand::Quote)) {
            self.text("\\\"");
        }
        if has(|d| matches!(d, Demand::Repeat)) {
            self.text(&item.question);
            self.text("\\n\\n");
        }
        for demand in &obeyed {
            match demand {
                Demand::Say { word, times } => {
                    for _ in 0..*times {
                        self.text(word);
                        self.text(" ");
                        self.sentence();
                    }
                }
                Demand::Highlight(n) => {
                    for _ in 0..*n {
                        self.text("*");
                        self.word();
                        self.text("* ");
                        self.sentence();
                    }
                }
                Demand::Bullets(n) => {
                    for _ in 0..*n {
                        self.text("\\n* ");
                        self.sentence();
                    }
                    self.text("\\n");
                }
                Demand::Sections(n) => {
                    for number in 1..=*n {
                        let _ = write!(self.json, "\\nSECTION {number}\\n");
                        self.sentence();
                    }
                }
                Demand::CapitalWords(n) => {
                    for _ in 0..*n {
                        self.text("NOTE ");
                    }
                }
                _ => {}
            }
        }
        while self.json.len() < start + size {
            self.sentence();
            if self.random.chance(0.15) {
                self.text("\\n\\n");
            }
        }
        self.style = Style::default();
        if truncated {
            return None;
        }
        let correct = self.random.chance(if told { model.solves - 0.06 } else { model.solves });
        let answer = if correct { item.gold } else { 1 + self.random.below(999) as u32 };
        let _ = write!(self.json, "\\n\\nThe final answer is \\\\boxed{{{answer}}}.");
        if let Some(Demand::EndWith(phrase)) = obeyed.iter().find(|d| matches!(d, Demand::EndWith(_))) {
            self.text(" ");
            self.text(phrase);
        }
        if has(|d| matches!(d, Demand::Quote)) {
            self.text("\\\"");
        }
        Some(answer == item.gold)
    }

    /// A sentence of words, numbers and formulas, with the space after it.
    fn sentence(&mut self) {
        let length = 5 + self.random.below(10) + self.random.below(10);
        let language = self.style.language;
        for n in 0..length {
            if n > 0 {
                let comma = !self.style.no_comma && self.random.chance(0.07);
                self.text(if comma { ", " } else { " " });
            }
            let first = self.json.len();
            match self.random.below(16) {
                0 | 1 => self.formula(),
                2 => self.number(),
                _ => match language {
                    Some(words) => {
                        let word = self.random.pick(words);
                        self.text(word);
                    }
                    None => self.word(),
                },
            }
            if n == 0 && self.style.case == Case::Sentence {
                self.json[first].make_ascii_uppercase();
            }
        }
        let end = self.random.pick(&[". ", ". ", ". ", "? ", ": ", ".\\n"]);
        self.text(end);
    }

    fn word(&mut self) {
        let start = self.json.len();
        self.json.extend_from_slice(self.words.draw(self.random).as_bytes());
        if self.style.case == Case::Upper {
            self.json[start..].make_ascii_uppercase();
        }
    }

    fn number(&mut self) {
        let digits = self.random.below(10);
        let number = self.random.below([10, 10, 10, 100, 100, 100, 1000, 1000, 10_000, 1_000_000][digits]);
        if number >= 10_000 && !self.style.no_comma {
            let _ = write!(self.json, "{},{:03}", number / 1000, number % 1000);
        } else {
            let _ = write!(self.json, "{number}");
        }
    }

    fn formula(&mut self) {
        let bits = self.random.bits();
        let letter = |n: u32| char::from(b"xynabckmptzrs"[(bits >> n) as usize % 13]);
        let number = |n: u32| 1 + (bits >> n) % 40;
        let (one, two) = (letter(4), letter(9));
        let [a, b, c] = [14, 20, 26].map(number);
        let text = &mut *self.json;
        let _ = match bits % 10 {
            0 => write!(text, "${one} = {a}$"),
            1 => write!(text, "${one}^2 + {a}{one} = {b}$"),
            2 => write!(text, "$\\\\frac{{{a}}}{{{b}}}$"),
            3 => write!(text, "${a} \\\\cdot {b} = {}$", a * b),
            4 => write!(text, "\\n$$\\n{one}_{{{c}}} = \\\\sqrt{{{a} + {b}{two}}}\\n$$\\n"),
            5 => write!(text, "${one}_{c}$"),
            6 => write!(text, "{a} + {b} = {}", a + b),
            7 => write!(text, "$\\\\angle {one}{two} \\\\le {a}^\\\\circ$"),
            8 => write!(text, "({a} - {b}) \\u00d7 {c}"),
            _ => write!(text, "${a} \\\\equiv {b} \\\\pmod{{{c}}}$"),
        };
    }

    /// Says the last bit of the text again and again.
    fn repeat(&mut self, trace: usize, until: usize) {
        // From the start of a sentence: never from within an escape.
        let from = self.json.len().saturating_sub(200).max(trace);
        let Some(start) = memchr::memmem::find(&self.json[from..], b". ").map(|at| from + at + 2) else {
            return;
        };
        let end = self.json.len();
        while self.json.len() < until && start < end {
            self.json.extend_from_within(start..end);
        }
    }

    fn text(&mut self, text: &str) {
        self.json.extend_from_slice(text.as_bytes());
    }
}

/// A few of the most frequent words of a language.
fn words_of(language: &str) -> &'static [&'static str] {
    match language {
        "es" => {
            &["el", "la", "de", "que", "por", "lo", "tanto", "número", "es", "igual", "respuesta", "entonces"]
        }
        "fr" => {
            &["le", "la", "de", "que", "donc", "nombre", "est", "égal", "réponse", "alors", "nous", "avons"]
        }
        "ja" => &["したがって", "答えは", "数を", "求める", "ここで", "となる", "三角形の", "等しい"],
        "zh" => &["所以", "答案是", "我们", "可以", "因此", "三角形", "方程", "等于"],
        "ru" => &["следовательно", "ответ", "число", "равно", "тогда", "мы", "имеем", "решение"],
        _ => &["לכן", "התשובה", "היא", "מספר", "שווה", "אנחנו", "משולש", "נקבל"],
    }
}
