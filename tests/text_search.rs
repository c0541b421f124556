//! The text index finds what reading every text finds, and nothing else.

#![expect(clippy::unwrap_used, reason = "a test that cannot set up has failed")]

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};

use proptest::prelude::*;

use heedless::library::{BuildOptions, Cancel, Library, Query, Sort, SortKey, build, check, remove, shelved};

fn built(dir: &Path, paths: &[PathBuf], text: bool) -> Arc<Library> {
    let options = BuildOptions { text, ..BuildOptions::default() };
    let built = build(dir, paths, &options, &|_| {}, &Cancel::default()).unwrap();
    assert_eq!(built.report.unsaved, None);
    built.library
}

fn runs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("sample_runs/smollm2-135m")
}

/// The same runs with a text index and without.
static BOTH: LazyLock<[(tempfile::TempDir, Arc<Library>); 2]> = LazyLock::new(|| {
    [true, false].map(|text| {
        let dir = tempfile::tempdir().unwrap();
        let library = built(dir.path(), &[runs()], text);
        (dir, library)
    })
});

fn keys(library: &Library, query: &str) -> Vec<String> {
    let selection = library.select(&Query::parse(query).unwrap(), &Cancel::default()).unwrap();
    assert!(selection.notes().is_empty(), "{query}: {:?}", selection.notes());
    let mut keys: Vec<String> = selection.iter().map(|row| library.key(row)).collect();
    keys.sort();
    keys
}

#[test]
fn the_index_finds_what_reading_finds() {
    let [(_, indexed), (_, read)] = &*BOTH;
    assert_eq!((indexed.text_rows(), read.text_rows()), (indexed.len(), 0));
    let mut hits = 0;
    for query in [
        "the",
        "answer",
        "answ*",
        "\"the answer\"",
        "\"the ans*\"",
        "in:trace wait",
        "in:answer the",
        "in:question the",
        "in:question \"how many\"",
        "-the",
        "the OR wait",
        "the -wait",
        r"\boxed",
        "boxed{",
        "2",
        "1*",
        ",",
        "/[0-9]+ [a-z]/",
        "/(?:[a-z]{2})?the/",
        "\"of the\"",
        "nosuchword",
        "in:trace \"the\" in:answer \"the\"",
        "in:question in*",
        "\"so the tot*\"",
    ] {
        let found = keys(indexed, query);
        assert_eq!(found, keys(read, query), "{query}");
        hits += found.len();
    }
    assert!(hits > 100, "the queries must find something");
}

/// Pieces of texts that words, cases and patterns stumble over.
const PIECES: [&str; 32] = [
    r"\frac{1}{2}",
    r"\boxed{10,000}",
    "x_1 + y^{22}",
    "3.14159",
    "1,234,567",
    "Wait, wait",
    "no commas, no comma",
    "don't",
    "Don’t",
    "STRASSE",
    "Straße ſtrasse",
    "\u{212A}elvin kelvin",
    "İstanbul",
    "数学は楽しい",
    "x数学y",
    "ภาษาไทย",
    "e\u{301}tude étude",
    "हिन्दी",
    "Größe ÉCOLE",
    "snake_case_name",
    "a1b2c3",
    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdefTAIL",
    "Zażółć ZAŻÓŁĆ gęślą",
    "the answer is",
    "The Answer Is",
    "so the total",
    "12abc",
    "tab\there",
    "line\nbreak",
    "A",
    "Σίσυφος ΣΊΣΥΦΟΣ",
    "…—!?",
];

/// Generations made of these pieces, with a text index and without.
static STUMBLING: LazyLock<[(tempfile::TempDir, Arc<Library>); 2]> = LazyLock::new(|| {
    let mut seed = 11u32;
    let mut next = |below: usize| {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (seed >> 8) as usize % below
    };
    let mut text = |least: usize| {
        let pieces: Vec<&str> = (0..least + next(4)).map(|_| PIECES[next(PIECES.len())]).collect();
        pieces.join([" ", ", ", "", "\n"][next(4)])
    };
    let mut lines = String::new();
    for id in 0..60 {
        let line = serde_json::json!({
            "model": "m", "id": id.to_string(), "question": text(1), "constraints": [],
            "output": format!("<think>{}</think>{}", text(0), text(1)),
        });
        lines.push_str(&line.to_string());
        lines.push('\n');
    }
    [true, false].map(|with_index| {
        let dir = tempfile::tempdir().unwrap();
        let data = dir.path().join("made.jsonl");
        fs::write(&data, &lines).unwrap();
        let library = built(&dir.path().join("library"), &[data], with_index);
        (dir, library)
    })
});

/// A pattern out of the pieces: part of one or two, other letters' case, alternatives, anchors,
/// repetitions, classes.
fn pattern() -> impl Strategy<Value = String> {
    let part = (0..PIECES.len(), 0..40usize, 1..12usize).prop_map(|(piece, from, len)| {
        let chars: Vec<char> = PIECES[piece].chars().collect();
        let from = from % chars.len();
        regex::escape(&chars[from..(from + len).min(chars.len())].iter().collect::<String>())
    });
    let class = prop_oneof![
        Just(r"\d+"),
        Just(r"\w"),
        Just(r"\s*"),
        Just("."),
        Just("[a-z]{2}"),
        Just("[^a]"),
        Just("e?"),
        Just(r"\b"),
        Just("s")
    ]
    .prop_map(str::to_owned);
    let leaf = prop_oneof![4 => part, 2 => class];
    let tree = leaf.prop_recursive(3, 12, 3, |inner| {
        let list = proptest::collection::vec(inner.clone(), 2..4);
        prop_oneof![
            list.clone().prop_map(|list| list.concat()),
            list.prop_map(|list| format!("(?:{})", list.join("|"))),
            (inner, prop_oneof![Just("+"), Just("?"), Just("{1,2}"), Just("*")])
                .prop_map(|(inner, times)| format!("(?:{inner}){times}")),
        ]
    });
    (
        prop_oneof![Just(""), Just("(?i)"), Just("(?s)"), Just("^"), Just("(?m)^")],
        tree,
        prop_oneof![
            3 => Just(""),
            1 => Just("$")
        ],
    )
        .prop_map(|(before, tree, after)| format!("{before}{tree}{after}"))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn a_pattern_narrowed_by_the_index_finds_the_same(pattern in pattern(), scope in 0..4usize) {
        let [(_, indexed), (_, read)] = &*STUMBLING;
        let scope = ["output", "trace", "answer", "question"][scope];
        let query = format!("in:{scope} /{}/", pattern.replace('/', "\\/"));
        prop_assert_eq!(keys(indexed, &query), keys(read, &query), "{}", query);
    }

    #[test]
    fn words_and_phrases_are_found_in_any_text(from in 0..PIECES.len(), len in 1..3usize, star in any::<bool>()) {
        let [(_, indexed), (_, read)] = &*STUMBLING;
        let phrase: Vec<&str> = PIECES.iter().cycle().skip(from).take(len).copied().collect();
        let query = format!("\"{}\"{}", phrase.join(" ").replace('\\', "\\\\"), if star { " the*" } else { "" });
        prop_assert_eq!(keys(indexed, &query), keys(read, &query), "{}", query);
    }
}

#[test]
fn the_index_ranks_as_reading_does() {
    for libraries in [&*BOTH, &*STUMBLING] {
        let ranked = |library: &Library, query: &str| -> Vec<String> {
            let selection = library.select(&Query::parse(query).unwrap(), &Cancel::default()).unwrap();
            let sort = Sort { key: SortKey::Relevance, descending: false };
            let selection = Arc::new(selection);
            let rows = library.ordered(&selection, sort, &Cancel::default()).unwrap();
            assert_eq!(rows.len(), selection.count());
            rows.iter().map(|row| library.key(row)).collect()
        };
        let [(_, indexed), (_, read)] = libraries;
        let queries = [
            "the",
            "answer OR wait",
            "the answer",
            "\"the answer\"",
            "ans*",
            "\"the ans*\"",
            "in:trace the",
            "in:question the answer",
            "the /answ/",
            "-the",
        ];
        for query in queries {
            assert_eq!(ranked(indexed, query), ranked(read, query), "{query}");
        }
    }
}

#[test]
fn what_says_it_most_often_comes_first() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("made.jsonl");
    let outputs = [
        "fox and more words here",
        "fox fox and more words",
        "no such animal",
        "fox runs",
        "the lazy dog, fox, and so on and on",
    ];
    let lines = outputs.iter().enumerate().map(|(id, output)| {
        format!("{}\n", serde_json::json!({"model": "m", "id": id.to_string(), "question": "", "constraints": [], "output": output}))
    });
    fs::write(&data, lines.collect::<String>()).unwrap();
    let library = built(&dir.path().join("library"), &[data], true);
    let order = |query: &str, descending| -> String {
        let selection = library.select(&Query::parse(query).unwrap(), &Cancel::default()).unwrap();
        let sort = Sort { key: SortKey::Relevance, descending };
        let rows = library.ordered(&Arc::new(selection), sort, &Cancel::default()).unwrap();
        rows.iter().map(|row| library.row(row).item().id.to_string()).collect()
    };
    assert_eq!(order("fox", false), "1304", "more often, then shorter");
    assert_eq!(order("fox", true), "4031");
    assert_eq!(order("fox OR animal", false), "21304", "what is rare weighs more");
    assert_eq!(order("-fox", false), "2", "nothing is looked up");
    let hits = |query: &str| {
        let selection = library.select(&Query::parse(query).unwrap(), &Cancel::default()).unwrap();
        library.count_hits(&selection, &Cancel::default()).unwrap()
    };
    assert_eq!(
        (hits("fox"), hits("\"fox fox\" OR animal"), hits("/fo/"), hits("model:m")),
        (Some(5), Some(2), None, None)
    );
}

#[test]
fn what_is_not_indexed_yet_is_read() {
    let dir = tempfile::tempdir().unwrap();
    let (data, library) = (dir.path().join("runs"), dir.path().join("library"));
    fs::create_dir(&data).unwrap();
    fs::copy(runs().join("think.jsonl"), data.join("a.jsonl")).unwrap();
    let one = built(&library, std::slice::from_ref(&data), true);
    assert_eq!(one.text_rows(), one.len());
    fs::copy(runs().join("constraints.jsonl"), data.join("b.jsonl")).unwrap();
    let two = built(&library, std::slice::from_ref(&data), false);
    assert_eq!(two.text_rows(), one.len(), "the second file is not indexed");
    let [(_, indexed), _] = &*BOTH;
    let expected = |query: &str| keys(indexed, &format!("(run:*think OR run:smollm2-135m) ({query})"));
    for query in ["the", "\"the answer\"", "in:question how"] {
        assert_eq!(keys(&two, query), expected(query), "{query}");
    }
    let three = built(&library, std::slice::from_ref(&data), true);
    assert_eq!(three.text_rows(), three.len());
    for query in ["the", "\"the answer\"", "in:question how"] {
        assert_eq!(keys(&three, query), expected(query), "{query}");
    }
    // A file that goes takes its words along.
    fs::remove_file(data.join("a.jsonl")).unwrap();
    let less = built(&library, &[data], true);
    assert_eq!(keys(&less, "the OR -the").len(), less.len());
    assert!(keys(&less, "the").iter().all(|key| !key.contains("think")));
}

#[test]
fn a_damaged_text_index_is_built_anew() {
    let dir = tempfile::tempdir().unwrap();
    let library = built(dir.path(), &[runs().join("think.jsonl")], true);
    let expected = keys(&library, "the");
    drop(library);
    fs::write(dir.path().join("text/meta.json"), "{}").unwrap();
    let opened = Library::open(dir.path()).unwrap();
    assert_eq!(opened.text_rows(), 0);
    let selection = opened.select(&Query::parse("the").unwrap(), &Cancel::default()).unwrap();
    assert_eq!(selection.count(), expected.len());
    assert!(selection.notes()[0].contains("meta.json"), "{:?}", selection.notes());
    let library = built(dir.path(), &[runs().join("think.jsonl")], true);
    assert_eq!(library.text_rows(), library.len());
    assert_eq!(keys(&library, "the"), expected);
}

#[test]
fn a_check_finds_damage_and_changed_files() {
    let dir = tempfile::tempdir().unwrap();
    let (data, shelf) = (dir.path().join("a.jsonl"), dir.path().join("library"));
    fs::copy(runs().join("think.jsonl"), &data).unwrap();
    let library = built(&shelf, std::slice::from_ref(&data), true);
    let sound = check(&shelf, true).unwrap();
    assert_eq!(sound.problems, [""; 0]);
    assert_eq!((sound.generations, sound.text, sound.read), (library.len(), library.len(), library.len()));
    let listed = shelved(&shelf).unwrap();
    assert_eq!((listed.generations, listed.files, listed.runs), (library.len() as u64, 1, 1));
    drop(library);

    fs::write(&data, fs::read_to_string(&data).unwrap().replacen("the", "thx", 40)).unwrap();
    let stale = check(&shelf, true).unwrap();
    assert!(stale.changed > 0 && stale.changed + stale.read == stale.generations, "{stale:?}");

    let segment = fs::read_dir(shelf.join("text"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .find(|path| path.extension().is_some_and(|e| e == "pos"))
        .unwrap();
    let mut bytes = fs::read(&segment).unwrap();
    bytes[10] ^= 1;
    fs::write(&segment, bytes).unwrap();
    let damaged = check(&shelf, false).unwrap();
    assert!(damaged.problems.iter().any(|problem| problem.contains(".pos")), "{damaged:?}");

    fs::write(shelf.join("mine.txt"), "").unwrap();
    assert!(remove(&shelf).is_err(), "a folder with other things is not touched");
    fs::remove_file(shelf.join("mine.txt")).unwrap();
    remove(&shelf).unwrap();
    assert!(!shelf.exists());
    assert!(data.exists());
    assert!(remove(&shelf).is_err());
}
