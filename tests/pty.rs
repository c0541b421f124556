//! The whole program in a terminal, keys typed as a person would.

use std::path::Path;

#[path = "support/terminal.rs"]
#[expect(dead_code, reason = "shared with other tests, which use other parts of it")]
mod terminal;

use terminal::Terminal;

/// A terminal on some paths, with a state and a cache of its own.
fn heedless(paths: &[&str], size: (u16, u16), env: &[(&str, &str)]) -> (Terminal, tempfile::TempDir) {
    let home = tempfile::tempdir().expect("a temporary folder");
    let at = |name: &str| home.path().join(name).to_string_lossy().into_owned();
    let (state, cache, data) = (at("state"), at("cache"), at("data"));
    let mut all = vec![
        ("XDG_STATE_HOME", state.as_str()),
        ("XDG_CACHE_HOME", cache.as_str()),
        ("XDG_DATA_HOME", data.as_str()),
    ];
    all.extend_from_slice(env);
    let program = Path::new(env!("CARGO_BIN_EXE_heedless"));
    (Terminal::start(program, paths, size, &all), home)
}

/// Text of the cells that are drawn reversed.
fn reversed(terminal: &Terminal) -> String {
    let screen = terminal.screen();
    let (rows, columns) = screen.size();
    let cells = (0..rows.get()).flat_map(|y| (0..columns.get()).map(move |x| (y, x)));
    cells
        .filter_map(|(y, x)| screen.cell(y, x).filter(|c| c.inverse()).map(|c| c.contents().to_owned()))
        .collect()
}

#[test]
fn from_files_on_disk_to_the_place_where_it_broke() {
    let math500 = "../shared/data/runs/math500";
    if !Path::new(math500).exists() {
        eprintln!("skipped: ../shared/data not here");
        return;
    }
    let (mut t, _home) = heedless(&[math500], (120, 36), &[]);
    t.expect("judged: mathif").expect("4 runs · 1,196 generations");
    // Facets; the group of what was not followed; down to no_comma; filter and go.
    t.keys("f").rest().keys("]").rest();
    for _ in 0..15 {
        let line = |t: &Terminal| t.text().lines().find(|l| l.contains(", no_comma")).map(str::to_owned);
        assert!(line(&t).is_some(), "no_comma is a value; the screen:\n{}", t.text());
        if reversed(&t).contains("no_comma") {
            break;
        }
        t.keys("j").rest();
    }
    t.keys("<enter>").expect("failed:no_comma");
    t.keys("<enter>").expect("› read");
    t.keys("n").expect("violation 1 of").rest();
    assert!(reversed(&t).contains(','), "the mark is a comma: {:?}", reversed(&t));
    let item = |t: &Terminal| -> Vec<String> {
        let all = t.text();
        let keys = all.split_whitespace().filter(|w| w.contains("/level"));
        keys.map(|k| k.rsplit('/').next().unwrap_or_default().to_owned()).collect()
    };
    let before = item(&t);
    t.keys("c").expect("side by side").rest();
    let both = item(&t);
    assert_eq!(both.len(), 2, "{}", t.text());
    assert!(both.iter().all(|i| *i == before[0]), "{both:?}");
    t.keys("<c-c>");
    assert_eq!(t.ended(), 0);
}

#[test]
fn the_terminal_is_given_back() {
    let (mut t, _home) = heedless(&["sample_runs"], (80, 24), &[]);
    t.expect("judged: mathif").keys("q");
    assert_eq!(t.ended(), 0);
    let raw = String::from_utf8_lossy(&t.raw).into_owned();
    for given_back in ["\u{1b}[?1049l", "\u{1b}[?25h", "\u{1b}[?2004l"] {
        assert!(raw.contains(given_back), "{given_back:?} was not written");
    }
    assert!(!raw.contains("\u{1b}[6n"), "the cursor was asked for");
}

#[test]
fn without_colour_the_marks_are_still_seen() {
    let (mut t, _home) = heedless(&["sample_runs"], (120, 36), &[("NO_COLOR", "1")]);
    t.expect("judged: mathif")
        .keys("/failed:no_comma<enter>")
        .expect("failed:no_comma")
        .keys("<enter>n")
        .expect("violation 1 of")
        .rest();
    let raw = String::from_utf8_lossy(&t.raw).into_owned();
    assert!(!raw.contains("\u{1b}[38;5;") && !raw.contains("\u{1b}[31m"), "a colour was written");
    assert!(reversed(&t).contains(','), "{:?}\n{}", reversed(&t), t.text());
}

#[test]
fn sizes_from_tiny_to_large() {
    let (mut t, _home) = heedless(&["sample_runs"], (20, 5), &[]);
    t.expect("✗");
    for (columns, rows) in [(300, 80), (3, 1), (40, 12), (80, 24), (20, 5)] {
        t.resize(columns, rows).rest();
    }
    t.expect("✗").keys("q");
    assert_eq!(t.ended(), 0);
}

#[test]
fn what_a_model_wrote_never_reaches_the_terminal_as_it_is() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let evil = "\u{1b}]52;c;ZXZpbA==\u{7}\u{1b}[2J\u{9b}31m\u{202e}evil, \u{200b}\rOK";
    let record = serde_json::json!({
        "run": format!("run{evil}"), "model": format!("m{evil}"), "id": format!("i{evil}"), "question": evil,
        "answer": evil, "constraints": [{"id": "punctuation:no_comma", "args": null}], "output": evil,
    });
    let name = dir.path().join("evil\u{1b}[31m.jsonl");
    std::fs::write(name, format!("{record}\n{{broken \u{1b}[31m\n")).expect("the file is written");
    let path = dir.path().to_string_lossy().into_owned();
    let (mut t, _home) = heedless(&[&path], (120, 36), &[]);
    t.expect("judged: mathif").expect("␛[2J").keys("<enter>n").rest();
    for keys in ["zr", "p", "<esc>", "R", "<esc>", "U", "<esc>", "?", "<esc>", "/evil", "<esc>"] {
        t.keys(keys).rest();
    }
    t.keys("<c-c>");
    assert_eq!(t.ended(), 0);
    let raw = String::from_utf8_lossy(&t.raw).into_owned();
    for forbidden in ["\u{1b}]52", "\u{1b}[2J\u{9b}", "\u{9b}", "\u{202e}", "\u{200b}", "\u{7}evil"] {
        assert!(!raw.contains(forbidden), "{forbidden:?} was written");
    }
}
