//! Files that cannot be read for a while, because few may be open or because they come and go: nothing is
//! taken for done that was not, and a search says what it did not see.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test that cannot set up has failed")]

use std::fs;
use std::process::{Command, Stdio};

use heedless::library::{Cancel, Library, Query, check};

#[path = "support/content.rs"]
mod content;
#[path = "support/small.rs"]
mod small;

use content::content;
use small::{build_with_text, count_of, heedless, printed, succeed, write_small_files};

/// Whether `prlimit` can be run here; where it cannot, the test that needs it is skipped with a notice.
fn can_limit(limit: &[&str]) -> bool {
    let mut command = Command::new(limit[0]);
    command.args(&limit[1..]).arg("true").stdout(Stdio::null()).stderr(Stdio::null());
    let can = command.status().is_ok_and(|status| status.success());
    if !can {
        eprintln!("skipped: `{}` cannot be run here", limit.join(" "));
    }
    can
}

/// A library of more files than may be open at a time.
#[test]
fn a_search_is_complete_with_few_open_files() {
    for most in [256, 100] {
        let limit = format!("--nofile={most}:{most}");
        if can_limit(&["prlimit", &limit]) {
            search_with_few_open_files(&["prlimit", &limit]);
        }
    }
}

fn search_with_few_open_files(limit: &[&str]) {
    let dir = tempfile::tempdir().unwrap();
    let (runs, library) = (dir.path().join("runs"), dir.path().join("library"));
    write_small_files(&runs, 300);
    let runs = runs.to_str().unwrap();
    succeed(&mut heedless(limit, dir.path(), &library, &["index", runs]));
    let found = check(&library, true).unwrap();
    assert_eq!((found.text, found.read, found.problems), (300, 300, Vec::new()));
    // Both from the index and, without one, from the files.
    let mut count = heedless(limit, dir.path(), &library, &["query", "zebra", "--count", runs]);
    assert_eq!(printed(&mut count).trim(), "300");
    let unindexed = dir.path().join("unindexed");
    let mut count = heedless(limit, dir.path(), &unindexed, &["query", "zebra", "--count", runs]);
    assert_eq!(printed(&mut count).trim(), "300");
}

/// A file that cannot be read at the moment when its text is to be indexed: its text is searched
/// nevertheless, and indexed next time.
#[test]
fn text_that_could_not_be_indexed_is_tried_again() {
    let dir = tempfile::tempdir().unwrap();
    let (runs, library) = (dir.path().join("runs"), dir.path().join("library"));
    write_small_files(&runs, 8);
    // Two generations of one item, so that its question is first met where it cannot be read.
    let (away, twice) = (runs.join("0003.jsonl"), runs.join("0004.jsonl"));
    let text = fs::read_to_string(&away).unwrap();
    fs::write(&twice, text.replace("\"m\"", "\"n\"")).unwrap();
    let hidden = dir.path().join("hidden");
    let built = build_with_text(&library, &runs, &|progress| {
        if progress.phase == "indexing text" && away.exists() {
            fs::rename(&away, &hidden).unwrap();
        }
    });
    assert!(hidden.exists(), "nothing was indexed");
    assert_eq!(built.report.unindexed, 1, "{:?}", built.report);
    // While it is away a search says what it did not see.
    let query = Query::parse("zebra").unwrap();
    let selection = built.library.select(&query, &Cancel::default()).unwrap();
    assert_eq!(selection.count(), 7);
    assert!(selection.notes().iter().any(|note| note.contains("1 generation")), "{:?}", selection.notes());
    fs::rename(&hidden, &away).unwrap();
    for query in ["zebra", "in:question animal", "\"a zebra\"", "/zebr. \\d/"] {
        assert_eq!(count_of(&built.library, query), 8, "{query}");
        assert_eq!(count_of(&Library::open(&library).unwrap(), query), 8, "{query}");
    }
    let found = check(&library, true).unwrap();
    assert_eq!((found.text, found.read, found.problems), (7, 8, Vec::new()));
    let built = build_with_text(&library, &runs, &|_| {});
    assert_eq!((built.report.unindexed, built.report.unchanged), (0, 8));
    let found = check(&library, true).unwrap();
    assert_eq!((found.text, found.read, found.problems), (8, 8, Vec::new()));
    assert_eq!(count_of(&built.library, "in:question animal"), 8);
}

/// Outputs whose assessment depends on what comes after them in their run, in a file that cannot be read
/// when that is known.
#[test]
fn what_could_not_be_assessed_again_is_tried_again() {
    let dir = tempfile::tempdir().unwrap();
    let (runs, library) = (dir.path().join("runs"), dir.path().join("library"));
    fs::create_dir(&runs).unwrap();
    let write = |name: &str, outputs: &[&str]| {
        let line = |(number, output): (usize, &&str)| {
            format!(r#"{{"model":"m","id":"{name}{number}","question":"Which?","output":"{output}"}}"#)
        };
        let text: Vec<String> = outputs.iter().enumerate().map(line).collect();
        fs::write(runs.join(name), text.join("\n") + "\n").unwrap();
    };
    write("a.jsonl", &["one thought, cut off"]);
    write("b.jsonl", &["first a thought</think>then words"; 9]);
    let fresh = dir.path().join("fresh");
    let expected = content(&build_with_text(&fresh, &runs, &|_| {}).library);
    let (first, hidden) = (runs.join("a.jsonl"), dir.path().join("hidden"));
    let built = build_with_text(&library, &runs, &|progress| {
        let at_second = progress.file.is_some_and(|file| file.ends_with("b.jsonl"));
        if progress.phase == "reading" && at_second && first.exists() {
            fs::rename(&first, &hidden).unwrap();
        }
    });
    assert!(content(&built.library) != expected, "the order in which files are read does not matter here");
    fs::rename(&hidden, &first).unwrap();
    let built = build_with_text(&library, &runs, &|_| {});
    assert_eq!(built.report.unchanged, 2);
    assert_eq!(content(&built.library), expected);
}
