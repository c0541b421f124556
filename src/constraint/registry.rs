//! The constraints that can be checked: one entry each, and nothing else to touch for a new one
//! but the checker itself.

use std::fmt;

use serde::Serialize;

use super::args::{Args, Result};
use super::custom::custom_kinds;
use super::rule::Rule;
use super::{Category, affix, case, content, format, keyword, language, length, punctuation};

/// One kind of constraint: what it is called and how it is checked.
#[derive(Clone, Copy, Serialize)]
pub struct Kind {
    /// The id, as IFEval writes it: family, colon, short name.
    pub id: &'static str,
    /// The part after the colon.
    pub short: &'static str,
    /// The part before it.
    pub family: &'static str,
    /// The category of the MathIF paper.
    pub category: Category,
    /// Whether it is one of MathIF's fifteen.
    pub mathif: bool,
    /// Its arguments, all of them required.
    pub args: &'static [Argument],
    /// What the margin and the measured value count, in the plural.
    pub unit: &'static str,
    /// The rule in one sentence.
    pub sentence: &'static str,
    #[serde(skip)]
    pub(super) checker: Checker,
}

/// What makes the rule out of arguments.
#[derive(Clone, Copy)]
pub(super) enum Checker {
    /// Code that wants none.
    NoArguments(fn() -> Box<dyn Rule>),
    /// Code.
    Code(fn(&Args<'_>) -> Result<Box<dyn Rule>>),
    /// An entry of the user's own file.
    Custom(&'static super::custom::Entry),
}

impl Kind {
    /// The rule that the arguments make.
    pub(super) fn rule(&self, args: &Args<'_>) -> Result<Box<dyn Rule>> {
        match self.checker {
            Checker::NoArguments(build) => Ok(build()),
            Checker::Code(build) => build(args),
            Checker::Custom(entry) => entry.rule(args),
        }
    }
}

impl fmt::Debug for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id)
    }
}

impl PartialEq for Kind {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

/// An argument of a kind of constraint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Argument {
    /// Its name, as saved.
    pub name: &'static str,
    /// What it holds.
    #[serde(rename = "type")]
    pub shape: Shape,
}

/// What an argument holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Shape {
    /// A whole number above 0.
    Count,
    /// `less than` or `at least`.
    Relation,
    /// A text.
    Text,
    /// A list of texts.
    Texts,
}

impl Shape {
    /// The words shown.
    pub fn name(self) -> &'static str {
        match self {
            Self::Count => "number",
            Self::Relation => "less than | at least",
            Self::Text => "text",
            Self::Texts => "list of texts",
        }
    }
}

const fn count(name: &'static str) -> Argument {
    Argument { name, shape: Shape::Count }
}

const fn relation(name: &'static str) -> Argument {
    Argument { name, shape: Shape::Relation }
}

const fn text(name: &'static str) -> Argument {
    Argument { name, shape: Shape::Text }
}

const fn texts(name: &'static str) -> Argument {
    Argument { name, shape: Shape::Texts }
}

/// Every kind built in, MathIF's fifteen first. Those of the user's own are
/// [`custom_kinds`].
pub fn kinds() -> &'static [Kind] {
    &KINDS
}

/// The kind that an id as saved means.
///
/// A two-letter language before it (`en:`) is dropped, and MathIF's name for IFEval's family of
/// length constraints is taken for that family. `None` for an id nobody here knows.
pub fn kind_of(id: &str) -> Option<&'static Kind> {
    builtin(id).or_else(|| custom_kinds().iter().find(|kind| kind.id == id))
}

/// The kind built in that an id means.
pub(super) fn builtin(id: &str) -> Option<&'static Kind> {
    let (family, short) = parts(id)?;
    KINDS.iter().find(|kind| kind.short == short && kind.family == family)
}

/// The kinds that a word of a user's means: an id, a short name, a family or a category.
pub fn kinds_named(word: &str) -> impl Iterator<Item = &'static Kind> {
    let word = word.to_ascii_lowercase();
    let by_id = kind_of(&word);
    let family = family_of(&word).to_owned();
    KINDS.iter().chain(custom_kinds()).filter(move |kind| match by_id {
        Some(named) => *kind == named,
        None => kind.short == word || kind.family == family || kind.category.name() == word,
    })
}

/// Family and short name of an id.
fn parts(id: &str) -> Option<(&str, &str)> {
    let (family, short) = id.rsplit_once(':')?;
    let family = match family.split_once(':') {
        Some((language, rest)) if language.len() == 2 => rest,
        _ => family,
    };
    Some((family_of(family), short))
}

fn family_of(family: &str) -> &str {
    if family == "length_constraint_checkers" { "length_constraints" } else { family }
}

static KINDS: [Kind; 25] = [
    Kind {
        id: "length_constraints:number_words",
        short: "number_words",
        family: "length_constraints",
        category: Category::Length,
        mathif: true,
        args: &[count("num_words"), relation("relation")],
        unit: "words",
        sentence: "The number of words is less than, or at least, `num_words`.",
        checker: Checker::Code(length::number_words),
    },
    Kind {
        id: "keywords:existence",
        short: "existence",
        family: "keywords",
        category: Category::Lexical,
        mathif: true,
        args: &[texts("keywords")],
        unit: "keywords",
        sentence: "Every keyword occurs, whatever its case, within other words too.",
        checker: Checker::Code(keyword::existence),
    },
    Kind {
        id: "keywords:frequency",
        short: "frequency",
        family: "keywords",
        category: Category::Lexical,
        mathif: true,
        args: &[text("keyword"), count("frequency"), relation("relation")],
        unit: "matches",
        sentence: "The keyword occurs less than, or at least, `frequency` times, within other words too.",
        checker: Checker::Code(keyword::frequency),
    },
    Kind {
        id: "keywords:forbidden_words",
        short: "forbidden_words",
        family: "keywords",
        category: Category::Lexical,
        mathif: true,
        args: &[texts("forbidden_words")],
        unit: "forbidden words",
        sentence: "None of the words occurs as a word of its own, whatever its case.",
        checker: Checker::Code(keyword::forbidden_words),
    },
    Kind {
        id: "language:response_language",
        short: "response_language",
        family: "language",
        category: Category::Lexical,
        mathif: true,
        args: &[text("language")],
        unit: "share",
        sentence: "The detected language is `language`; a text with no letters to detect counts as followed.",
        checker: Checker::Code(language::response_language),
    },
    Kind {
        id: "detectable_format:number_bullet_lists",
        short: "number_bullet_lists",
        family: "detectable_format",
        category: Category::Format,
        mathif: true,
        args: &[count("num_bullets")],
        unit: "bullets",
        sentence: "Exactly `num_bullets` lines begin with `*` or `-`; a line that begins with a minus sign is one.",
        checker: Checker::Code(format::number_bullet_lists),
    },
    Kind {
        id: "detectable_format:number_highlighted_sections",
        short: "number_highlighted_sections",
        family: "detectable_format",
        category: Category::Format,
        mathif: true,
        args: &[count("num_highlights")],
        unit: "highlights",
        sentence: "At least `num_highlights` stretches within a line stand in `*…*` or `**…**`.",
        checker: Checker::Code(format::number_highlighted_sections),
    },
    Kind {
        id: "detectable_format:multiple_sections",
        short: "multiple_sections",
        family: "detectable_format",
        category: Category::Format,
        mathif: true,
        args: &[text("section_spliter"), count("num_sections")],
        unit: "sections",
        sentence: "At least `num_sections` headings: `section_spliter` and a number.",
        checker: Checker::Code(format::multiple_sections),
    },
    Kind {
        id: "change_case:english_capital",
        short: "english_capital",
        family: "change_case",
        category: Category::Format,
        mathif: true,
        args: &[],
        unit: "small letters",
        sentence: "All letters are capitals, and the detected language is English.",
        checker: Checker::NoArguments(case::english_capital),
    },
    Kind {
        id: "change_case:english_lowercase",
        short: "english_lowercase",
        family: "change_case",
        category: Category::Format,
        mathif: true,
        args: &[],
        unit: "capital letters",
        sentence: "No letter is a capital, and the detected language is English.",
        checker: Checker::NoArguments(case::english_lowercase),
    },
    Kind {
        id: "change_case:capital_word_frequency",
        short: "capital_word_frequency",
        family: "change_case",
        category: Category::Format,
        mathif: true,
        args: &[count("capital_frequency"), relation("capital_relation")],
        unit: "capital words",
        sentence: "Less than, or at least, `capital_frequency` words are all in capitals.",
        checker: Checker::Code(case::capital_word_frequency),
    },
    Kind {
        id: "punctuation:no_comma",
        short: "no_comma",
        family: "punctuation",
        category: Category::Format,
        mathif: true,
        args: &[],
        unit: "commas",
        sentence: "There is no comma, in numbers and math neither.",
        checker: Checker::NoArguments(punctuation::no_comma),
    },
    Kind {
        id: "startend:end_checker",
        short: "end_checker",
        family: "startend",
        category: Category::Affix,
        mathif: true,
        args: &[text("end_phrase")],
        unit: "characters",
        sentence: "The text ends with `end_phrase`, whatever its case; only `\"` and white space may follow.",
        checker: Checker::Code(affix::end_checker),
    },
    Kind {
        id: "startend:quotation",
        short: "quotation",
        family: "startend",
        category: Category::Affix,
        mathif: true,
        args: &[],
        unit: "quotation marks",
        sentence: "The text begins and ends with the straight quotation mark `\"`.",
        checker: Checker::NoArguments(affix::quotation),
    },
    Kind {
        id: "combination:repeat_prompt",
        short: "repeat_prompt",
        family: "combination",
        category: Category::Affix,
        mathif: true,
        args: &[text("prompt_to_repeat")],
        unit: "characters",
        sentence: "The text begins with `prompt_to_repeat`, whatever its case.",
        checker: Checker::Code(affix::repeat_prompt),
    },
    Kind {
        id: "length_constraints:number_sentences",
        short: "number_sentences",
        family: "length_constraints",
        category: Category::Length,
        mathif: false,
        args: &[count("num_sentences"), relation("relation")],
        unit: "sentences",
        sentence: "The number of sentences is less than, or at least, `num_sentences`.",
        checker: Checker::Code(length::number_sentences),
    },
    Kind {
        id: "length_constraints:number_paragraphs",
        short: "number_paragraphs",
        family: "length_constraints",
        category: Category::Length,
        mathif: false,
        args: &[count("num_paragraphs")],
        unit: "paragraphs",
        sentence: "Exactly `num_paragraphs` paragraphs parted by `***`, none between two of them empty.",
        checker: Checker::Code(length::number_paragraphs),
    },
    Kind {
        id: "length_constraints:nth_paragraph_first_word",
        short: "nth_paragraph_first_word",
        family: "length_constraints",
        category: Category::Length,
        mathif: false,
        args: &[count("num_paragraphs"), count("nth_paragraph"), text("first_word")],
        unit: "paragraphs",
        sentence: "Exactly `num_paragraphs` paragraphs parted by blank lines, and number `nth_paragraph` begins with \
                   `first_word`.",
        checker: Checker::Code(length::nth_paragraph_first_word),
    },
    Kind {
        id: "keywords:letter_frequency",
        short: "letter_frequency",
        family: "keywords",
        category: Category::Lexical,
        mathif: false,
        args: &[text("letter"), count("let_frequency"), relation("let_relation")],
        unit: "occurrences",
        sentence: "The letter occurs less than, or at least, `let_frequency` times, whatever its case.",
        checker: Checker::Code(keyword::letter_frequency),
    },
    Kind {
        id: "detectable_content:number_placeholders",
        short: "number_placeholders",
        family: "detectable_content",
        category: Category::Format,
        mathif: false,
        args: &[count("num_placeholders")],
        unit: "placeholders",
        sentence: "At least `num_placeholders` stretches within a line stand in square brackets.",
        checker: Checker::Code(content::number_placeholders),
    },
    Kind {
        id: "detectable_content:postscript",
        short: "postscript",
        family: "detectable_content",
        category: Category::Affix,
        mathif: false,
        args: &[text("postscript_marker")],
        unit: "postscripts",
        sentence: "A postscript with `postscript_marker` is there.",
        checker: Checker::Code(content::postscript),
    },
    Kind {
        id: "detectable_format:constrained_response",
        short: "constrained_response",
        family: "detectable_format",
        category: Category::Format,
        mathif: false,
        args: &[],
        unit: "answers",
        sentence: "It says \"My answer is yes.\", \"My answer is no.\" or \"My answer is maybe.\"",
        checker: Checker::NoArguments(format::constrained_response),
    },
    Kind {
        id: "detectable_format:json_format",
        short: "json_format",
        family: "detectable_format",
        category: Category::Format,
        mathif: false,
        args: &[],
        unit: "JSON texts",
        sentence: "The whole text is JSON; a code fence around it is allowed.",
        checker: Checker::NoArguments(format::json_format),
    },
    Kind {
        id: "detectable_format:title",
        short: "title",
        family: "detectable_format",
        category: Category::Format,
        mathif: false,
        args: &[],
        unit: "titles",
        sentence: "A title stands in `<<…>>`, within a line.",
        checker: Checker::NoArguments(format::title),
    },
    Kind {
        id: "combination:two_responses",
        short: "two_responses",
        family: "combination",
        category: Category::Format,
        mathif: false,
        args: &[],
        unit: "responses",
        sentence: "Two responses that differ, parted by `******`.",
        checker: Checker::NoArguments(content::two_responses),
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_made_of_their_parts_and_unique() {
        for kind in kinds() {
            assert_eq!(kind.id, format!("{}:{}", kind.family, kind.short));
            assert_eq!(kind_of(kind.id), Some(kind));
            assert_eq!(kinds_named(kind.short).collect::<Vec<_>>(), [kind]);
        }
        assert_eq!(kinds().iter().filter(|k| k.mathif).count(), 15);
    }

    #[test]
    fn ids_as_saved_are_understood() {
        let short = |id| kind_of(id).map(|k| k.short);
        assert_eq!(short("length_constraint_checkers:number_words"), Some("number_words"));
        assert_eq!(short("en:length_constraints:number_words"), Some("number_words"));
        assert_eq!(short("en:punctuation:no_comma"), Some("no_comma"));
        assert_eq!(short("no_comma"), None);
        assert_eq!(short("count:keywords"), None);
        assert_eq!(short("eng:punctuation:no_comma"), None);
        assert_eq!(short(""), None);
    }

    #[test]
    fn a_word_names_kinds() {
        let named = |word| kinds_named(word).map(|k| k.short).collect::<Vec<_>>();
        assert_eq!(named("affix"), ["end_checker", "quotation", "repeat_prompt", "postscript"]);
        assert_eq!(named("punctuation"), ["no_comma"]);
        assert_eq!(named("length_constraint_checkers").len(), 4);
        assert_eq!(named("nothing").len(), 0);
    }
}
