//! How fast constraints are checked and marked, in bytes of judged text per second.
//!
//! `cargo bench --bench constraints`; `-- words` runs one kind.

use divan::Bencher;
use divan::counter::BytesCount;
use heedless::constraint::{Prepared, Want};
use heedless::record::Constraint;
use serde_json::{Value, json};

fn main() {
    divan::main();
}

/// A worked answer of about 12 KB, in the manner of a reasoning model: prose, LaTeX, lists, bold
/// headings, a little that is not ASCII.
fn answer() -> String {
    let step = "**Step.** Let us consider the equation $x^2 + 2x + 1 = 0$, where $x$ is a real number; \
                we want the sum of its roots.\n\nSo \\[ (x + 1)^2 = 0 \\implies x = -1, \\quad A = \\frac{\\pi r^2}{2} \\]\n\
                - The first case gives 1,000 points, so the total is at most 2,500.\n\
                - Wait, we should check: the value at $x = 3$ is $16$, as the function f(x) shows.\n\n\
                Because the length of AB equals that of CD, the triangle ABC isn't isosceles — it's equilateral.\n";
    format!("{}\nThe final answer is \\boxed{{42}}. Any other questions?", step.repeat(24))
}

/// Each constraint with arguments that make it break, so that there is something to mark.
fn constraints() -> Vec<(&'static str, Value)> {
    vec![
        ("length_constraints:number_words", json!({"num_words": 300, "relation": "less than"})),
        ("keywords:existence", json!({"keywords": ["probability", "total"]})),
        ("keywords:frequency", json!({"keyword": "sum", "frequency": 3, "relation": "less than"})),
        ("keywords:forbidden_words", json!({"forbidden_words": ["because", "maximum"]})),
        ("detectable_format:number_bullet_lists", json!({"num_bullets": 3})),
        ("detectable_format:number_highlighted_sections", json!({"num_highlights": 50})),
        ("detectable_format:multiple_sections", json!({"section_spliter": "SECTION", "num_sections": 3})),
        ("change_case:english_capital", json!(null)),
        ("change_case:english_lowercase", json!(null)),
        (
            "change_case:capital_word_frequency",
            json!({"capital_frequency": 9, "capital_relation": "less than"}),
        ),
        ("punctuation:no_comma", json!(null)),
        ("startend:end_checker", json!({"end_phrase": "That is all you need!"})),
        ("startend:quotation", json!(null)),
        ("combination:repeat_prompt", json!({"prompt_to_repeat": "Solve the equation $x^2 + 2x + 1 = 0$."})),
        ("length_constraints:number_sentences", json!({"num_sentences": 20, "relation": "less than"})),
        ("length_constraints:number_paragraphs", json!({"num_paragraphs": 3})),
        (
            "length_constraints:nth_paragraph_first_word",
            json!({"num_paragraphs": 5, "nth_paragraph": 2, "first_word": "hence"}),
        ),
        (
            "keywords:letter_frequency",
            json!({"letter": "e", "let_frequency": 40, "let_relation": "less than"}),
        ),
        ("detectable_content:number_placeholders", json!({"num_placeholders": 3})),
        ("detectable_content:postscript", json!({"postscript_marker": "P.S."})),
        ("detectable_format:constrained_response", json!(null)),
        ("detectable_format:json_format", json!(null)),
        ("detectable_format:title", json!(null)),
        ("combination:two_responses", json!(null)),
        ("language:response_language", json!({"language": "es"})),
    ]
}

fn names() -> Vec<&'static str> {
    constraints().into_iter().map(|(id, _)| id).collect()
}

fn prepared(id: &str) -> Prepared {
    let args = constraints().into_iter().find(|(known, _)| *known == id).map(|(_, args)| args);
    Prepared::new(&Constraint { id: id.to_owned(), args: args.unwrap_or_default(), description: None })
}

fn bench(bencher: Bencher<'_, '_>, id: &str, want: Want) {
    let (text, constraint) = (answer(), prepared(id));
    bencher
        .counter(BytesCount::of_str(&text))
        .bench(|| constraint.check(divan::black_box(&text), 0..text.len(), want));
}

/// Verdict, measured value and margin.
#[divan::bench(args = names())]
fn verdict(bencher: Bencher<'_, '_>, id: &str) {
    bench(bencher, id, Want::Verdict);
}

/// Those, the sentence, and every mark.
#[divan::bench(args = names())]
fn marks(bencher: Bencher<'_, '_>, id: &str) {
    bench(bencher, id, Want::Marks);
}

/// Making a constraint ready, once for all outputs of an item.
#[divan::bench(args = names())]
fn prepare(bencher: Bencher<'_, '_>, id: &str) {
    bencher.bench(|| prepared(divan::black_box(id)));
}
