//! What each constraint says of small texts: verdict, margin, sentence, and every mark.

use std::fmt::Write as _;

use heedless::constraint::{Prepared, Status, Verdict, Want, kinds};
use heedless::record::Constraint;
use proptest::prelude::*;
use serde_json::{Value, json};

fn prepared(id: &str, args: &Value) -> Prepared {
    Prepared::new(&Constraint { id: id.to_owned(), args: args.clone(), description: None })
}

/// One verdict, written out: the marks by the text they cover.
fn told(text: &str, verdict: &Verdict) -> String {
    let mut out = format!("{text:?}\n  {}", verdict.status.name());
    if let Some(margin) = verdict.margin {
        let _ = write!(out, ", {} {}", margin.value, margin.unit);
    }
    let _ = write!(out, ": {}", verdict.sentence);
    for mark in &verdict.marks {
        let _ = write!(
            out,
            "\n    {}..{} {} {:?}",
            mark.start,
            mark.end,
            mark.role.name(),
            &text[mark.start..mark.end]
        );
        if let Some(note) = &mark.note {
            let _ = write!(out, " — {note}");
        }
    }
    out
}

/// Each kind with arguments, and texts that follow it, break it, and lie on the border.
fn cases() -> Vec<(&'static str, Value, Vec<&'static str>)> {
    vec![
        (
            "length_constraint_checkers:number_words",
            json!({"num_words": 3, "relation": "less than"}),
            vec!["two words", "one two three", "one two, three — four\r\n", "हिन्दी", "e\u{301}tude 😀"],
        ),
        (
            "length_constraint_checkers:number_words",
            json!({"num_words": 3, "relation": "at least"}),
            vec!["one two three", "one \n", "\n \t"],
        ),
        (
            "keywords:existence",
            json!({"keywords": ["equal", "must"]}),
            vec!["MUSTard is equally good", "it is most unequal", "nothing"],
        ),
        (
            "keywords:frequency",
            json!({"keyword": "sum", "frequency": 2, "relation": "less than"}),
            vec!["the Sum", "sum ſum consumed", ""],
        ),
        (
            "keywords:frequency",
            json!({"keyword": "sum", "frequency": 2, "relation": "at least"}),
            vec!["sums: sum", "one sum."],
        ),
        (
            "keywords:forbidden_words",
            json!({"forbidden_words": ["because", "maximum"]}),
            vec!["becauses and maxima", "Because é. The maximum, the MAXIMUM"],
        ),
        (
            "language:response_language",
            json!({"language": "es"}),
            vec![
                "La suma de los ángulos de un triángulo es igual a ciento ochenta grados en total.",
                "The sum of the angles of a triangle equals one hundred and eighty degrees in total.",
                "Сумма углов треугольника равна ста восьмидесяти градусам во всех случаях.",
                "La respuesta es la siguiente y todo está muy claro para nosotros ahora mismo hoy. 所以答案是四十二,因为我们已经算过了。",
                "42",
            ],
        ),
        (
            "detectable_format:number_bullet_lists",
            json!({"num_bullets": 2}),
            vec!["* one\n* two", "- one\n  * two\n-3 is a number", "* one\n** no\n", "*\none\n- two", "text"],
        ),
        (
            "detectable_format:number_highlighted_sections",
            json!({"num_highlights": 2}),
            vec!["*a* and **b**", "**bold**", "* a\n* b *", "****"],
        ),
        (
            "detectable_format:multiple_sections",
            json!({"section_spliter": "SECTION", "num_sections": 2}),
            vec!["SECTION 1\na\nSECTION 2\nb", "SECTION 1 é\nSection 2"],
        ),
        (
            "change_case:english_capital",
            json!(null),
            vec![
                "THE SUM OF THE NUMBERS IS GREATER THAN THE PRODUCT",
                "ALL But ǅ",
                "42",
                "DER SATZ DES PYTHAGORAS GILT NUR FÜR RECHTWINKLIGE DREIECKE UND IST SEHR ALT",
            ],
        ),
        (
            "change_case:english_lowercase",
            json!(null),
            vec!["the sum of the numbers is greater than the product", "The Sum in NATO", "42"],
        ),
        (
            "change_case:capital_word_frequency",
            json!({"capital_frequency": 2, "capital_relation": "less than"}),
            vec!["the sum of AB", "AB and \\(CD\\) and EF's", "I DON'T", "A.B. (C)"],
        ),
        (
            "change_case:capital_word_frequency",
            json!({"capital_frequency": 2, "capital_relation": "at least"}),
            vec!["A B", "Only ÀÉ here"],
        ),
        (
            "punctuation:no_comma",
            json!(null),
            vec!["no comma; here，", "one, 1,000, $f(x, y)$ and \\boxed{2,500}, 3,5 😀,"],
        ),
        (
            "startend:end_checker",
            json!({"end_phrase": "Any other questions?"}),
            vec![
                "So 42. ANY OTHER QUESTIONS?\"\n",
                "So 42. Any other questions? Let me know.",
                "So 42. Any other question?",
                "So 42.",
                "é",
            ],
        ),
        ("startend:quotation", json!(null), vec!["\"quoted\"\n", "“quoted”", "\"open", "plain", "\""]),
        (
            "combination:repeat_prompt",
            json!({"prompt_to_repeat": "What is two?"}),
            vec!["what is TWO? It is 2.", "What is 2?", "Sure! What is two? It is 2.", "What is", "No."],
        ),
        (
            "length_constraints:number_sentences",
            json!({"num_sentences": 3, "relation": "less than"}),
            vec!["Dr. Smith left. He slept.", "One. Two? Three! Four"],
        ),
        (
            "length_constraints:number_paragraphs",
            json!({"num_paragraphs": 2}),
            vec!["a\n***\nb", "a", "a *** *** b", "*** a *** b ***"],
        ),
        (
            "length_constraints:nth_paragraph_first_word",
            json!({"num_paragraphs": 2, "nth_paragraph": 2, "first_word": "Hence"}),
            vec!["a b\n\n'hence, it", "a b\n\nThus it", "a b", "a\n\n\n\nhence"],
        ),
        (
            "keywords:letter_frequency",
            json!({"letter": "K", "let_frequency": 2, "let_relation": "less than"}),
            vec!["k", "kK\u{212a}é"],
        ),
        (
            "detectable_content:number_placeholders",
            json!({"num_placeholders": 2}),
            vec!["[a] and [b [c]", "[a\n] é"],
        ),
        (
            "detectable_content:postscript",
            json!({"postscript_marker": "P.S."}),
            vec!["İ text\np. s. more", "text"],
        ),
        (
            "detectable_format:constrained_response",
            json!(null),
            vec!["Well. My answer is no.", "my answer is no."],
        ),
        (
            "detectable_format:json_format",
            json!(null),
            vec!["```json\n{\"a\": [1, NaN]}\n```", "{\"é\": 1,}", "[1"],
        ),
        ("detectable_format:title", json!(null), vec!["<<a title>>\ntext", "<<>> <<\n>>", "<< >"]),
        (
            "combination:two_responses",
            json!(null),
            vec!["one\n******\ntwo", "one ****** one", "one", "a ****** ****** b"],
        ),
        ("count:unknown", json!({}), vec!["text"]),
        ("keywords:frequency", json!({"keyword": "", "frequency": 2, "relation": "at least"}), vec!["text"]),
        ("keywords:frequency", json!({"keyword": "(", "frequency": 2, "relation": "at least"}), vec!["text"]),
        ("length_constraints:number_words", json!({"num_words": "3", "relation": "at least"}), vec!["text"]),
        ("length_constraints:number_words", json!({"num_words": 0, "relation": "at least"}), vec!["text"]),
    ]
}

#[test]
fn verdicts_and_marks() {
    let mut out = String::new();
    for (id, args, texts) in cases() {
        let constraint = prepared(id, &args);
        let _ = writeln!(out, "# {id} {args}");
        for text in texts {
            let _ = writeln!(out, "{}", told(text, &constraint.check(text, 0..text.len(), Want::Marks)));
        }
        out.push('\n');
    }
    insta::assert_snapshot!(out);
}

#[test]
fn every_kind_has_cases() {
    let cases = cases();
    for kind in kinds() {
        assert!(cases.iter().any(|(id, ..)| id.ends_with(&format!(":{}", kind.short))), "{}", kind.id);
    }
}

/// Pieces that the rules look for, and characters that tempt offsets to go wrong.
fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        3 => prop::sample::select(vec![
            "*", "**", "***", "******", "- ", "-", "\n", "\r\n", "\n\n", " ", "\u{a0}", "\u{1c}", "[", "]", "<<", ">>",
            "\"", "“", "'", ",", ".", "?", "1,000", "$x, y$", "\\(", "\\)", "$", "word", "The", "SECTION 1", "p.s.",
            "My answer is yes.", "{\"a\": 1}", "é", "e\u{301}", "İ", "ǅ", "ſ", "\u{212a}", "Σ", "日本語", "नि", "😀", "\u{200b}",
        ]).prop_map(str::to_owned),
        1 => "\\PC{0,6}",
    ];
    prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

/// Arguments of every shape, right and wrong, for every name that some kind has.
fn arguments() -> impl Strategy<Value = Value> {
    let value = prop_oneof![
        3 => (1u64..6).prop_map(|n| json!(n)),
        3 => prop::sample::select(vec!["at least", "less than"]).prop_map(|r| json!(r)),
        3 => prop::sample::select(vec!["é", "a", "word", "İ", "(", "a|b", "\\w+", "(?=a)", "[^a]", "SECTION", "ſ", "en", "ja"])
            .prop_map(|s| json!(s)),
        1 => text().prop_map(|s| json!(s)),
        2 => prop::collection::vec("[a-zé().*+?\\\\|]{0,4}", 0..3).prop_map(|l| json!(l)),
        1 => Just(json!(null)),
        1 => Just(json!(-1.5)),
    ];
    let names: Vec<&str> = kinds().iter().flat_map(|kind| kind.args).map(|arg| arg.name).collect();
    prop::collection::vec(value, names.len()).prop_map(move |values| {
        names.iter().zip(values).map(|(n, v)| ((*n).to_owned(), v)).collect::<Value>()
    })
}

/// Nothing but white space, in Python's sense.
fn is_blank(text: &str) -> bool {
    text.chars().all(|c| c.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&c))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn nothing_panics_and_marks_lie_in_the_judged_text(before in text(), judged in text(), after in text(), args in arguments()) {
        let whole = format!("{before}{judged}{after}");
        let range = before.len()..before.len() + judged.len();
        for kind in kinds() {
            let constraint = prepared(kind.id, &args);
            let verdict = constraint.check(&whole, range.clone(), Want::Marks);
            let cheap = constraint.check(&whole, range.clone(), Want::Verdict);
            prop_assert_eq!((verdict.status, verdict.margin, verdict.measured), (cheap.status, cheap.margin, cheap.measured));
            prop_assert!(cheap.marks.is_empty());
            // What stands around the judged text has no say.
            let alone = constraint.check(&judged, 0..judged.len(), Want::Marks);
            prop_assert_eq!((alone.status, &alone.sentence), (verdict.status, &verdict.sentence));
            match (verdict.status.followed(), verdict.margin) {
                (Some(followed), Some(margin)) => {
                    prop_assert_eq!(followed, margin.value >= 0.0, "{}", kind.id);
                    prop_assert_eq!(margin.unit, kind.unit, "{}", kind.id);
                }
                (Some(false), None) => prop_assert!(is_blank(&judged)),
                (known, margin) => prop_assert!(known.is_none() && margin.is_none(), "{}", kind.id),
            }
            prop_assert!(!verdict.sentence.is_empty(), "{}", kind.id);
            if verdict.status == Status::NotFollowed && verdict.margin.is_some() {
                prop_assert!(!verdict.marks.is_empty(), "{}: broken without a mark", kind.id);
            }
            for mark in &verdict.marks {
                prop_assert!(range.start <= mark.start && mark.start <= mark.end && mark.end <= range.end, "{}: {:?}", kind.id, mark);
                prop_assert!(whole.is_char_boundary(mark.start) && whole.is_char_boundary(mark.end), "{}: {:?}", kind.id, mark);
            }
            prop_assert!(verdict.marks.is_sorted_by_key(|m| (m.start, m.end)));
        }
    }
}
