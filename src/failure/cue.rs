//! Words that show that a text speaks of a constraint, and words that claim to have obeyed it.

use std::ops::Range;

use memchr::memmem::Finder;
use serde_json::Value;

use crate::constraint;
use crate::record::Constraint;

/// Where a constraint is spoken of. Works on text in ASCII lower case.
#[derive(Debug)]
pub struct Cues {
    /// Words for the constraint itself.
    words: Vec<Finder<'static>>,
    /// Its arguments.
    arguments: Vec<Finder<'static>>,
    /// Phrases that say that it was obeyed.
    claims: Vec<Finder<'static>>,
    /// Every claim has one of these in it, and most texts have none.
    stems: Vec<Finder<'static>>,
}

/// Words that make a sentence with a claim's phrase into a plan, a rule or a doubt.
const INTENTIONS: [&str; 35] = [
    "must",
    "should",
    "need",
    "have to",
    "has to",
    "let me",
    "let's",
    "lets",
    "i will",
    "i'll",
    "will be",
    "make sure",
    "making sure",
    "ensure",
    "remember",
    "careful",
    "refrain",
    "constraint",
    "instruction",
    "requirement",
    "require",
    "say",
    "said",
    "asked",
    "wants",
    "told",
    "don't",
    "do not",
    "cannot",
    "can't",
    "try to",
    "going to",
    "how to",
    "?",
    "allowed",
];

/// Words that say in a sentence about the constraint that it was obeyed.
const COMPLIANCE: [&str; 12] = [
    "satisfied",
    "is met",
    "are met",
    "fulfilled",
    "complied",
    "complies",
    "adhered",
    "was followed",
    "were followed",
    "✓",
    "✅",
    "✔",
];

/// Words that turn compliance round.
const DENIALS: [&str; 8] = ["not ", "n't", "violat", "fail", "oops", "however", "unless", " if "];

impl Cues {
    /// The cues of a constraint.
    pub fn of(constraint: &Constraint) -> Self {
        let (words, claims) = vocabulary(constraint.short_name());
        let mut arguments = Vec::new();
        arguments_of(&constraint.args, &mut arguments);
        if constraint.short_name() == "response_language" {
            arguments = constraint
                .args
                .get("language")
                .and_then(Value::as_str)
                .map(|code| constraint::language_name(code).to_lowercase())
                .into_iter()
                .collect();
        }
        if words.is_empty() && arguments.is_empty() {
            // An id that nobody here knows: its own words, but for the small ones.
            arguments
                .extend(constraint.short_name().split('_').filter(|w| w.len() > 3).map(str::to_lowercase));
        }
        Self {
            words: words.iter().map(|w| Finder::new(*w).into_owned()).collect(),
            arguments: arguments.iter().map(|a| Finder::new(a).into_owned()).collect(),
            claims: claims.iter().map(|c| Finder::new(*c).into_owned()).collect(),
            stems: stems(constraint.short_name(), claims)
                .iter()
                .map(|s| Finder::new(*s).into_owned())
                .collect(),
        }
    }

    /// Whether a text in lower case speaks of the constraint.
    pub fn mentioned_in(&self, lower: &str) -> bool {
        self.finders().any(|finder| places(finder, lower).next().is_some())
    }

    /// Every place in a text in lower case that speaks of the constraint, in order.
    pub fn mentions(&self, lower: &str) -> Vec<Range<usize>> {
        let mut all: Vec<_> = self.finders().flat_map(|finder| places(finder, lower)).collect();
        all.sort_unstable_by_key(|r| (r.start, r.end));
        all.dedup_by(|later, first| later.start < first.end);
        all
    }

    /// The first place in a text in lower case that claims to have obeyed the constraint: one of
    /// its phrases, or one of its words with a word of compliance, in a sentence that is no plan.
    pub fn claimed_in(&self, lower: &str) -> Option<Range<usize>> {
        let may_claim = self.stems.iter().any(|stem| stem.find(lower.as_bytes()).is_some());
        let claims = if may_claim { self.claims.as_slice() } else { &[] };
        let phrase = claims.iter().flat_map(|finder| places(finder, lower)).find(|place| {
            let sentence = &lower[sentence_around(lower, place)];
            !INTENTIONS.iter().any(|word| sentence.contains(word))
        });
        phrase.or_else(|| {
            self.words.iter().flat_map(|finder| places(finder, lower)).find(|place| {
                let sentence = &lower[sentence_around(lower, place)];
                COMPLIANCE.iter().any(|word| sentence.contains(word))
                    && !DENIALS.iter().any(|word| sentence.contains(word))
                    && !sentence.contains('?')
            })
        })
    }

    fn finders(&self) -> impl Iterator<Item = &Finder<'static>> {
        self.words.iter().chain(&self.arguments)
    }
}

/// Pieces of which every claim of a kind of constraint has one, where those are fewer than the claims.
fn stems(short: &str, claims: Words) -> Words {
    match short {
        "no_comma" => &["comma"],
        "english_lowercase" => &["case", "capital"],
        "english_capital" => &["cap", "uppercase"],
        "capital_word_frequency" => &["cap"],
        "number_words" => &["word limit", "word count"],
        "existence" => &["keyword"],
        "frequency" => &["appears"],
        "forbidden_words" => &["the words", "the keywords", "forbidden"],
        "number_bullet_lists" => &["bullet"],
        "number_highlighted_sections" => &["highlighted"],
        "multiple_sections" => &["sections"],
        "end_checker" => &["phrase"],
        "quotation" => &["quot"],
        "repeat_prompt" => &["repeat"],
        _ => claims,
    }
}

/// Where a cue stands as a word of its own, a plural `s` allowed.
fn places<'a>(finder: &'a Finder<'static>, text: &'a str) -> impl Iterator<Item = Range<usize>> + 'a {
    let bytes = text.as_bytes();
    let needle = finder.needle();
    let word = |b: u8| b.is_ascii_alphanumeric();
    finder.find_iter(bytes).map(|at| at..at + finder.needle().len()).filter(move |place| {
        let open =
            !needle.first().is_some_and(|b| word(*b)) || place.start == 0 || !word(bytes[place.start - 1]);
        let after = |i: usize| bytes.get(i).copied().is_some_and(word);
        let close = !needle.last().is_some_and(|b| word(*b))
            || !after(place.end)
            || (bytes[place.end] == b's' && !after(place.end + 1));
        open && close
    })
}

/// The sentence or line around a place, no longer than a few hundred bytes to either side.
fn sentence_around(text: &str, place: &Range<usize>) -> Range<usize> {
    const FAR: usize = 240;
    let mut start = place.start.saturating_sub(FAR);
    while !text.is_char_boundary(start) {
        start += 1;
    }
    let mut end = (place.end + FAR).min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let before = text[start..place.start].rfind(['.', '!', '?', '\n']).map_or(start, |at| start + at + 1);
    let after = text[place.end..end].find(['.', '!', '?', '\n']).map_or(end, |at| place.end + at + 1);
    before..after
}

/// The texts among the arguments, and numbers of three digits or more (smaller ones are everywhere).
fn arguments_of(args: &Value, out: &mut Vec<String>) {
    match args {
        Value::String(text) => {
            let text = text.trim().to_ascii_lowercase();
            // A prompt to repeat is recognised by its beginning.
            let mut end = text.len().min(60);
            while !text.is_char_boundary(end) {
                end -= 1;
            }
            let plain = !matches!(text.as_str(), "" | "at least" | "less than");
            if plain && text.chars().count() > 1 {
                out.push(text[..end].to_owned());
            }
        }
        Value::Number(n) => {
            let text = n.to_string();
            if text.len() >= 3 {
                out.push(text);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| arguments_of(item, out)),
        Value::Object(fields) => fields.values().for_each(|value| arguments_of(value, out)),
        Value::Null | Value::Bool(_) => {}
    }
}

type Words = &'static [&'static str];

/// Words and claims of the constraints we know.
fn vocabulary(short: &str) -> (Words, Words) {
    match short {
        "no_comma" => (
            &["comma"],
            &[
                "no commas",
                "without commas",
                "without any commas",
                "without using commas",
                "without using any commas",
                "without the use of commas",
                "avoided commas",
                "avoided all commas",
                "avoided using commas",
                "avoiding commas",
                "free of commas",
                "comma-free",
                "zero commas",
                "not used any commas",
                "not use any commas",
                "not used commas",
                "haven't used any commas",
                "removed all commas",
                "there are no commas",
                "no comma is used",
                "no commas used",
            ],
        ),
        "english_lowercase" => (
            &["lowercase", "lower case", "lower-case", "small letters", "capital letters", "uppercase"],
            &[
                "all in lowercase",
                "entirely in lowercase",
                "all lowercase",
                "in lowercase letters",
                "written in lowercase",
                "is in lowercase",
                "no capital letters",
                "no uppercase letters",
                "no capitals",
            ],
        ),
        "english_capital" => (
            &[
                "capital letters",
                "uppercase",
                "upper case",
                "upper-case",
                "all caps",
                "capitalize",
                "capitals",
            ],
            &[
                "all in capital letters",
                "all capital letters",
                "entirely in capital letters",
                "in all caps",
                "all in uppercase",
                "in all capital letters",
                "all uppercase",
                "entirely in uppercase",
                "written in capital letters",
                "is in capital letters",
            ],
        ),
        "capital_word_frequency" => (
            &["capital letters", "uppercase", "all caps", "capitalized", "capital words", "in caps"],
            &[
                "words in all capital letters",
                "words with all capital letters",
                "words in all caps",
                "capitalized words appear",
            ],
        ),
        "number_words" => (
            &["words", "word count", "word limit", "wordcount"],
            &[
                "within the word limit",
                "under the word limit",
                "meets the word count",
                "word count is met",
                "below the word limit",
                "the word count is",
            ],
        ),
        "existence" => (
            &["keyword"],
            &[
                "included the keywords",
                "includes the keywords",
                "including the keywords",
                "keywords are included",
                "both keywords",
                "used the keywords",
                "contains the keywords",
                "keywords included",
            ],
        ),
        "frequency" => (
            &["keyword", "the word", "should appear", "must appear", "number of times"],
            &[
                "appears exactly",
                "appears once",
                "appears twice",
                "appears at least",
                "appears less than",
                "appears three times",
                "appears only once",
            ],
        ),
        "forbidden_words" => (
            &[
                "keyword",
                "forbidden",
                "do not include",
                "not include",
                "avoid the word",
                "without using the word",
                "not use the word",
                "avoid using",
                "banned",
            ],
            &[
                "avoided the words",
                "avoided the keywords",
                "not included the words",
                "without using the words",
                "not used the words",
                "avoided using the words",
                "forbidden words are not",
                "no forbidden words",
                "avoiding the words",
                "not used the forbidden",
            ],
        ),
        "response_language" => {
            (&["language", "translate"], &["entirely in", "the answer in the requested language"])
        }
        "number_bullet_lists" => (
            &["bullet"],
            &[
                "exactly one bullet",
                "exactly two bullet",
                "exactly three bullet",
                "exactly 1 bullet",
                "exactly 2 bullet",
                "exactly 3 bullet",
                "exactly 4 bullet",
                "exactly 5 bullet",
                "bullet points as requested",
                "here are the bullet points",
            ],
        ),
        "number_highlighted_sections" => (
            &["highlight", "markdown", "asterisk"],
            &[
                "highlighted sections are",
                "sections are highlighted",
                "highlighted at least",
                "with highlighted sections",
                "sections highlighted",
            ],
        ),
        "multiple_sections" => (
            &["section"],
            &[
                "divided into sections",
                "in the requested sections",
                "sections as requested",
                "structured in sections",
            ],
        ),
        "end_checker" => (
            &[
                "end with",
                "ends with",
                "ending with",
                "finish with",
                "end phrase",
                "exact phrase",
                "finish my response",
                "finish the response",
                "closing phrase",
            ],
            &[
                "ended with the exact phrase",
                "ends with the exact phrase",
                "ended with the phrase",
                "finished with the phrase",
            ],
        ),
        "quotation" => (
            &["quotation", "double quote", "quote marks", "quotes", "wrap"],
            &[
                "wrapped in double quot",
                "wrapped in quot",
                "enclosed in double quot",
                "in double quotation marks",
                "within double quotation marks",
            ],
        ),
        "repeat_prompt" => (
            &["repeat the", "word for word", "restate the", "repeating the", "repeat this"],
            &[
                "repeated the request",
                "request repeated",
                "repeated word for word",
                "repeating the request word for word",
            ],
        ),
        "number_sentences" => (&["sentence"], &["sentences as requested"]),
        "number_paragraphs" | "nth_paragraph_first_word" => (&["paragraph"], &["paragraphs as requested"]),
        "letter_frequency" => (&["letter"], &["the letter appears"]),
        "number_placeholders" => (&["placeholder", "square bracket"], &["placeholders are included"]),
        "postscript" => (&["postscript", "p.s", "p.p.s"], &["added a postscript"]),
        "constrained_response" => (&["my answer is"], &[]),
        "json_format" => (&["json"], &["in json format", "valid json", "as json"]),
        "title" => (&["title", "<<", "angular bracket"], &["title is wrapped", "with a title"]),
        "two_responses" => {
            (&["two responses", "different responses", "******"], &["two different responses"])
        }
        _ => (&[], &[]),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn cues(id: &str, args: Value) -> Cues {
        Cues::of(&Constraint { id: id.into(), args, description: None })
    }

    #[test]
    fn mentions_are_whole_words() {
        let no_comma = cues("punctuation:no_comma", Value::Null);
        assert!(no_comma.mentioned_in("no commas at all"));
        assert!(!no_comma.mentioned_in("a command to the commander"));
        let keywords = cues("keywords:existence", json!({"keywords": ["Root", "answer"]}));
        assert!(keywords.mentioned_in("the root of it"));
        assert!(!keywords.mentioned_in("uprooted"));
        assert_eq!(keywords.mentions("root. the answer, root").len(), 3);
        let words = cues(
            "length_constraint_checkers:number_words",
            json!({"num_words": 516, "relation": "at least"}),
        );
        assert!(words.mentioned_in("so 516 of them"));
        assert!(!words.mentioned_in("at least so"));
        let language = cues("language:response_language", json!({"language": "es"}));
        assert!(language.mentioned_in("it must be in spanish"));
        assert!(cues("count:numbers_of_dragons", Value::Null).mentioned_in("many dragons"));
    }

    #[test]
    fn every_claim_has_a_stem() {
        for kind in constraint::kinds() {
            let (_, claims) = vocabulary(kind.short);
            let stems = stems(kind.short, claims);
            for claim in claims {
                assert!(stems.iter().any(|stem| claim.contains(stem)), "{claim:?} of {}", kind.short);
            }
        }
    }

    #[test]
    fn a_plan_is_no_claim() {
        let no_comma = cues("punctuation:no_comma", Value::Null);
        assert!(no_comma.claimed_in("here is the answer without any commas.").is_some());
        assert!(no_comma.claimed_in("no comma constraint: satisfied ✓").is_some());
        assert!(no_comma.claimed_in("i must write without any commas.").is_none());
        assert!(no_comma.claimed_in("is the comma rule satisfied? no.").is_none());
        assert!(no_comma.claimed_in("the comma rule is not satisfied").is_none());
        assert!(no_comma.claimed_in("the sum is 12.").is_none());
        let lower = cues("change_case:english_lowercase", Value::Null);
        assert!(lower.claimed_in("the answer above is written in lowercase letters.").is_some());
        assert!(lower.claimed_in("no capital letters are allowed.").is_none());
    }
}
