//! What keys do to the generation at hand: samples, math, places, long lines.

use std::path::Path;

use serde_json::json;

use super::super::harness::Harness;
use super::*;

/// A folder with one file of these records.
fn folder(records: &[serde_json::Value]) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let lines: Vec<String> = records.iter().map(ToString::to_string).collect();
    std::fs::write(dir.path().join("a.jsonl"), lines.join("\n") + "\n").unwrap();
    dir
}

/// A record with an answer of 1 and no commas allowed.
fn record(id: &str, output: &serde_json::Value) -> serde_json::Value {
    json!({
        "run": "a", "model": "m", "id": id, "question": "q", "answer": "1",
        "constraints": [{"id": "punctuation:no_comma", "args": null}],
        "output": output,
    })
}

fn sampled() -> tempfile::TempDir {
    folder(&[
        record("one", &json!(["it is \\boxed{1}", "well, \\boxed{1}", "well, \\boxed{2}", "no, \\boxed{1}"])),
        record("two", &json!("just \\boxed{2}")),
    ])
}

#[test]
fn samples_of_an_item_fold_into_one_row() {
    let dir = sampled();
    let mut h = Harness::open(&[dir.path()], (120, 30));
    assert_eq!(h.app.len(), 5);
    h.keys("jjzs");
    assert_eq!(h.app.len(), 2);
    assert_eq!(h.app.browse.list.cursor, 0, "a sample stays where its item is");
    let screen = h.screen();
    assert!(screen.contains("one ×4") && screen.contains("1/4") && screen.contains("3/4"), "{screen}");
    assert!(screen.contains("2 rows · 5\n"), "{screen}");
    // In, and on through the samples; the list stays on the item.
    let sample = |h: &Harness| h.app.reader.document().unwrap().record.generation.sample;
    h.keys("<enter>");
    assert_eq!((h.app.screen(), sample(&h)), (Screen::Read, 0));
    for expected in [1, 2, 3, 0] {
        h.keys("l");
        assert_eq!(sample(&h), expected);
    }
    h.keys("h<esc>");
    assert_eq!((sample(&h), h.app.browse.list.cursor), (3, 0));
    // A query counts among what it selects.
    h.keys("/correct:yes<enter>");
    assert_eq!(h.app.len(), 1);
    assert!(h.screen().contains("one ×3"), "{}", h.screen());
    // It is remembered, and taken back by the same keys.
    assert!(h.app.remembered().fold);
    h.keys("zs");
    assert_eq!(h.app.len(), 3);
}

#[test]
fn folding_says_so_where_there_is_nothing_to_fold() {
    let mut h = Harness::samples((80, 24));
    let all = h.app.len();
    h.keys("zs");
    assert_eq!(h.app.len(), all);
    assert!(h.app.toasts.iter().any(|t| t.text.contains("more than one sample")));
}

#[test]
fn screens_of_folded_samples() {
    let dir = sampled();
    let mut h = Harness::open(&[dir.path()], (120, 36));
    // The name of a temporary folder differs from run to run.
    h.app.name = "sampled".into();
    h.keys("zs");
    for (w, height) in [(120, 36), (80, 24), (40, 12), (20, 5)] {
        h.resize(w, height);
        insta::assert_snapshot!(format!("folded_{w}x{height}"), h.screen());
    }
}

#[test]
fn real_samples_fold() {
    let path = Path::new("../shared/data/parity/gsm8k_grpo.jsonl");
    if !path.exists() {
        eprintln!("skipped: ../shared/data not here");
        return;
    }
    let mut h = Harness::open(&[path], (120, 30));
    let all = h.app.len();
    h.keys("zs");
    let found = h.app.found.as_ref().unwrap();
    assert!(h.app.len() < all);
    assert_eq!(found.samples.iter().map(|s| s.count as usize).sum::<usize>(), all);
}

#[test]
fn math_is_drawn_as_unicode_where_nothing_is_marked() {
    let dir = folder(&[record("one", &json!("so \\(x^2 = \\frac{1}{2}\\) and\n\\(a, b^2\\)\n\\boxed{1}"))]);
    let mut h = Harness::open(&[dir.path()], (100, 30));
    h.keys("<enter>");
    assert!(h.screen().contains("\\(x^2 = \\frac{1}{2}\\)"), "never by default:\n{}", h.screen());
    h.keys("zm");
    let screen = h.screen();
    assert!(screen.contains("so x² = ½ and") && screen.contains("math as Unicode"), "{screen}");
    // The comma is a violation: what it stands in is shown as it was judged, and n goes there.
    assert!(screen.contains("\\(a, b^2\\)"), "{screen}");
    h.keys("n");
    let buffer = h.buffer();
    let marked: String = (0..buffer.area.height)
        .flat_map(|y| (0..buffer.area.width).map(move |x| (x, y)))
        .filter(|&at| buffer[at].modifier.contains(ratatui::style::Modifier::REVERSED))
        .map(|at| buffer[at].symbol().to_owned())
        .collect();
    assert_eq!(marked, ",", "{}", h.screen());
    // Raw is raw.
    h.keys("zr");
    assert!(h.screen().contains("\\(x^2·=·\\frac{1}{2}\\)"), "{}", h.screen());
}

#[test]
fn a_line_of_megabytes_is_gone_through_in_both_views() {
    let words = "seven words and no comma in here ".repeat(30_000);
    let text = format!("{words}字, the end \\boxed{{1}}");
    let comma = text.find(',').unwrap();
    let dir = folder(&[record("one", &json!(text))]);
    let mut h = Harness::open(&[dir.path()], (80, 24));
    h.keys("<enter>zwn");
    let mark = |h: &Harness| {
        let buffer = h.buffer();
        let cells = (0..24).flat_map(|y| (0..80).map(move |x| (x, y)));
        cells
            .filter(|&at| buffer[at].modifier.contains(ratatui::style::Modifier::REVERSED))
            .map(|at| buffer[at].symbol().to_owned())
            .collect::<String>()
    };
    // Unwrapped, the line is shifted to where the comma is: a wide character before it counts two.
    assert_eq!(mark(&h), ",", "{}", h.screen());
    let column = h.app.reader.column;
    assert!(column as usize > comma - 100, "{column}");
    h.keys("<right><right><right><right>");
    let last = h.app.reader.column;
    assert!(last as usize <= text.len(), "not past the end: {last}");
    assert!(h.screen().contains("the end \\boxed{1}"), "{}", h.screen());
    h.keys("<left><left>");
    assert!(h.app.reader.column < last);
    // Wrapped, the same place.
    h.keys("zwNn");
    assert_eq!(mark(&h), ",", "{}", h.screen());
}

#[test]
fn of_the_chosen_constraint_all_is_told() {
    let dir = folder(&[json!({
        "run": "a", "model": "m", "id": "1", "question": "q", "answer": "1",
        "constraints": [
            {"id": "punctuation:no_comma", "args": null},
            {"id": "change_case:english_lowercase", "args": null},
        ],
        "follow": [true, true],
        "output": "<think>one, two</think>a, b, c \\boxed{1}",
    })]);
    let mut h = Harness::open(&[dir.path()], (120, 30));
    h.keys("<enter><tab>");
    let screen = h.screen();
    for told in
        ["measured 2 commas", "margin −2, past the border", "answer ✗", "trace ✗", "saved ✓ recomputed ✗"]
    {
        assert!(screen.contains(told), "{told}:\n{screen}");
    }
    // The next mark of the same constraint, and no further than that constraint's.
    let constraint = |h: &Harness| {
        let marks = &h.app.reader.document().unwrap().marks;
        marks[h.app.reader.mark.unwrap()].constraint
    };
    h.keys("}}");
    assert_eq!(constraint(&h), 0);
    h.keys("<tab><tab>");
    assert!(!h.screen().contains("measured"), "{}", h.screen());
}

#[test]
fn a_run_without_the_item_takes_no_ones_share_of_words() {
    let run = |name: &str, id: &str, output: &str| {
        json!({
            "run": name, "model": name, "id": id, "question": "q", "answer": "1",
            "constraints": [{"id": "punctuation:no_comma", "args": null}], "output": output,
        })
    };
    let dir = folder(&[
        run("a", "1", "one two three"),
        run("b", "2", "nothing at all"),
        run("c", "1", "one two four"),
    ]);
    let mut h = Harness::open(&[dir.path()], (120, 30));
    h.keys("U<space><space><space>cd");
    let screen = h.screen();
    assert!(screen.contains("b does not have this item"), "{screen}");
    let line = screen.lines().find(|l| l.contains("of the words shared")).unwrap();
    // Only over the third column.
    assert_eq!(line.matches("of the words shared").count(), 1, "{screen}");
    assert!(line.rfind("67%").is_some_and(|at| at > 80), "{screen}");
}
