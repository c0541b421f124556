//! The language as tables: what parses to what, what is refused and where.

use proptest::prelude::*;

use super::*;

#[test]
fn canonical_texts() {
    // (typed, as it is written back)
    let table = [
        ("", ""),
        ("   ", ""),
        ("model:qwen3-max failed:no_comma", "model:qwen3-max failed:no_comma"),
        ("a AND b", "a b"),
        ("a AND AND b", "a b"),
        ("a OR b c", "a OR b c"),
        ("(a OR b) c", "(a OR b) c"),
        ("NOT a", "-a"),
        ("--a", "a"),
        ("-(a b)", "-(a b)"),
        ("(a (b c))", "a b c"),
        ("trace>2000", "trace>2000"),
        ("trace>=2kt", "trace>=2000t"),
        ("trace:100..200c", "trace:100..200c"),
        ("answer:..50w", "answer<=50"),
        ("answer:50..", "answer>=50"),
        ("trace=7", "trace:7"),
        ("margin.no_comma<-3", "margin.no_comma<-3"),
        ("margin>=0.5", "margin>=0.5"),
        ("Model:A", "model:A"),
        ("correct:true", "correct:yes"),
        ("model:a,b", "model:a,b"),
        ("condition:\"no constraints\"", "condition:\"no constraints\""),
        ("failed:punctuation:no_comma", "failed:punctuation:no_comma"),
        ("in:trace wait \"but wait\" x", "in:trace wait \"but wait\" x"),
        ("a in:trace b in:output c", "a in:trace b in:output c"),
        ("(in:trace a) b", "in:trace a in:output b"),
        ("-(in:trace a)", "-(in:trace a)"),
        ("-in:trace a b", "-(in:trace a) b"),
        (r"\frac{1}{2}", r"\frac{1}{2}"),
        (r#""\frac{1}{2}""#, r#""\frac{1}{2}""#),
        (r#""say \"so\" \\ now""#, r#""say \"so\" \ now""#),
        ("f(x) wor*", "f(x) wor*"),
        (r"/a\/b\d/", r"/a\/b\d/"),
        ("x=5 10:30 Step: 2*3", "x=5 10:30 Step: 2*3"),
        ("a ) b", "column 3: this `)` closes nothing"),
        ("a (b", "column 3: this `(` is not closed"),
        ("\"a", "column 1: this quote is not closed"),
        ("/a", "column 1: this /regex/ is not closed by a `/`; quote it to look up a slash"),
        ("ü /a(b/", "column 5: this /regex/ is not valid: unclosed group"),
        (
            r"/\/\\ü*?+[z-a]/",
            "column 11: this /regex/ is not valid: invalid character class range, the start must be <= the end",
        ),
        ("größe model:", "column 13: expected a value, as in `model:qwen*`"),
        ("model>3", "column 1: `model` is not a number; write `model:qwen*`"),
        (
            "trace:wait",
            "column 7: expected a number, as in `trace>2000`; to look up words write `in:trace word`",
        ),
        ("trace>20x", "column 9: expected the end of the number, or one of the units c, w, t"),
        (
            "modle:x",
            "column 1: no field is called `modle`; did you mean `model:`? Quote it to look it up as text",
        ),
        ("verdict:fial", "column 9: no verdict is called `fial`; did you mean `fail`?"),
        ("correct:maybe", "column 9: expected one of yes, no, unknown"),
        ("mode:truncatd", "column 6: no mode is called `truncatd`; did you mean `truncated`?"),
        ("in:nowhere x", "column 4: expected `output`, `trace`, `answer` or `question` after `in:`"),
        ("in:trace", "column 1: expected a word, a \"phrase\" or a /regex/ after it"),
        ("a OR", "column 5: expected a filter such as `failed:no_comma`, or a word"),
        ("()", "column 2: expected a filter such as `failed:no_comma`, or a word"),
        ("*", "column 1: expected the beginning of a word before `*`"),
        ("\"\"", "column 1: nothing between the quotes"),
        ("-", "-"),
        ("a - b", "a - b"),
    ];
    for (typed, expected) in table {
        let written = match Query::parse(typed) {
            Ok(query) => query.to_string(),
            Err(error) => error.to_string(),
        };
        assert_eq!(written, expected, "{typed:?}");
        if let Ok(query) = Query::parse(typed) {
            assert_eq!(Query::parse(&written).as_ref(), Ok(&query), "{typed:?} written as {written:?}");
        }
    }
}

#[test]
fn deep_nesting_is_refused() {
    for deep in ["(".repeat(100_000), "-".repeat(100_000) + "a", "NOT ".repeat(100_000)] {
        let error = Query::parse(&deep).unwrap_err();
        assert!(error.message.contains("deeper"), "{error}");
    }
}

#[test]
fn stars_stand_for_anything_unless_quoted() {
    // (pattern, literal, value, matches)
    let table = [
        ("qwen*", false, "qwen3-max", true),
        ("*max", false, "qwen3-MAX", true),
        ("q*3*x", false, "qwen3-max", true),
        ("q*4*x", false, "qwen3-max", false),
        ("*", false, "", true),
        ("a*a", false, "a", false),
        ("a*b*b", false, "ab", false),
        ("a*", true, "a*", true),
        ("a*", true, "ab", false),
        ("Größe", false, "GRÖSSE", false),
        ("GRÖẞE", false, "größe", true),
    ];
    for (text, literal, value, matches) in table {
        let pattern = Pattern { text: text.to_owned(), literal };
        assert_eq!(pattern.matches(value), matches, "{text:?} {value:?}");
    }
}

#[test]
fn intervals_of_whole_numbers() {
    // (query, low, high)
    let table = [
        ("trace>5", Some((6, u32::MAX - 1))),
        ("trace>=5.5", Some((6, u32::MAX - 1))),
        ("trace>5.5", Some((6, u32::MAX - 1))),
        ("trace<5", Some((0, 4))),
        ("trace<=5", Some((0, 5))),
        ("trace:3..5", Some((3, 5))),
        ("trace:5..3", None),
        ("trace<0", None),
        ("trace>-3", Some((0, u32::MAX - 1))),
        ("trace:99999999999", None),
    ];
    for (query, expected) in table {
        let Some(Expr::Filter(Filter::Compare { comparison, .. })) = Query::parse(query).unwrap().expr else {
            panic!("{query}")
        };
        assert_eq!(comparison.whole(), expected, "{query}");
    }
}

fn arbitrary_lookup() -> impl Strategy<Value = Expr> {
    let scope =
        prop_oneof![Just(Scope::Output), Just(Scope::Trace), Just(Scope::Answer), Just(Scope::Question)];
    let term = prop_oneof![
        r"[a-z\\{}0-9_]{1,8}".prop_map(Term::Word),
        "[a-z]{1,5}".prop_map(Term::Prefix),
        r#"[a-z"\\ (:*]{0,8}[a-z][a-z"\\ ]{0,3}"#.prop_map(Term::Phrase),
        "[a-z/ ]{1,6}".prop_map(Term::Regex),
    ];
    (scope, term).prop_map(|(scope, term)| Expr::Text(Lookup { scope, term }))
}

fn arbitrary_expr() -> impl Strategy<Value = Expr> {
    let pattern = prop_oneof![
        "[a-z*][a-z0-9:/._+-]{0,8}".prop_map(|text| Pattern { text, literal: false }),
        r#"[a-z ,"\\()*]{0,8}"#.prop_map(|text| Pattern { text, literal: true }),
    ];
    let field = prop_oneof![Just(Field::Model), Just(Field::Failed), Just(Field::Item)];
    let is = (field, proptest::collection::vec(pattern, 1..3))
        .prop_map(|(field, values)| Expr::Filter(Filter::Is { field, values }));
    let threshold = (-50i32..5000, any::<bool>())
        .prop_map(|(n, inclusive)| Some(Threshold { value: f64::from(n) / 4.0, inclusive }));
    let comparison = prop_oneof![
        threshold.clone().prop_map(|low| Comparison { low, high: None }),
        threshold.prop_map(|high| Comparison { low: None, high }),
        (0u32..50, 0u32..50).prop_map(|(a, b)| Comparison::between(Some(a.into()), Some(b.into()))),
    ];
    let measure = prop_oneof![
        Just(Measure::Trace(Unit::Words)),
        Just(Measure::Answer(Unit::Tokens)),
        Just(Measure::Margin(None)),
        Just(Measure::Margin(Some("no_comma".to_owned()))),
    ];
    let compare = (measure, comparison)
        .prop_map(|(measure, comparison)| Expr::Filter(Filter::Compare { measure, comparison }));
    let leaf = prop_oneof![is, compare, arbitrary_lookup()];
    leaf.prop_recursive(4, 24, 4, |inner| {
        let list = proptest::collection::vec(inner.clone(), 2..4);
        prop_oneof![
            list.clone().prop_map(Expr::And),
            list.prop_map(Expr::Or),
            inner.prop_map(|e| Expr::Not(Box::new(e))),
        ]
    })
}

proptest! {
    #[test]
    fn any_text_parses_or_is_refused_within_it(text in "\\PC{0,40}") {
        match Query::parse(&text) {
            Ok(query) => {
                let written = query.to_string();
                prop_assert_eq!(Query::parse(&written), Ok(query), "{} written as {}", text, written);
            }
            Err(error) => {
                prop_assert!(error.at <= text.len() && text.is_char_boundary(error.at));
                prop_assert!(error.column <= text.chars().count() + 1);
            }
        }
    }

    #[test]
    fn likely_texts_come_back_the_same(
        text in r#"((model|failed|trace|in|x|margin\.a)?[:<>=]{0,2}[-a-z0-9"*/\\(),.]{0,6} ?(OR |AND |NOT |-)?){0,5}"#,
    ) {
        if let Ok(query) = Query::parse(&text) {
            let written = query.to_string();
            prop_assert_eq!(Query::parse(&written), Ok(query), "{} written as {}", text, written);
        }
    }

    #[test]
    fn what_is_written_means_the_same(expr in arbitrary_expr()) {
        // Parsing lays lists flat and drops double negations: a tree that was parsed is in that form.
        let written = Query { expr: Some(expr) }.to_string();
        let query = Query::parse(&written);
        prop_assert!(query.is_ok(), "{written}: {query:?}");
        let query = query.unwrap();
        let again = query.to_string();
        prop_assert_eq!(Query::parse(&again), Ok(query), "{} then {}", written, again);
    }
}
