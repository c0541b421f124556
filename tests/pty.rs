//! The whole program in a terminal, keys typed as a person would.

use std::ffi::OsStr;
use std::path::Path;

#[path = "support/terminal.rs"]
#[expect(dead_code, reason = "shared with other tests, which use other parts of it")]
mod terminal;

use terminal::Terminal;

/// A terminal on some paths, with a state and a cache of its own.
fn heedless(
    paths: &[impl AsRef<OsStr>],
    size: (u16, u16),
    env: &[(&str, &str)],
) -> (Terminal, tempfile::TempDir) {
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

#[test]
fn names_that_are_not_utf8_are_shown_and_opened() {
    use std::os::unix::ffi::OsStrExt as _;
    let dir = tempfile::tempdir().expect("a temporary folder");
    let folder = dir.path().join(OsStr::from_bytes(b"r\xf9ns"));
    std::fs::create_dir(&folder).expect("any byte may stand in a name");
    for (name, said) in [(&b"a\xff.jsonl"[..], "what ff said"), (b"a\xfe.jsonl", "what fe said")] {
        let record = serde_json::json!({"id": "1", "question": "q", "output": said});
        std::fs::write(folder.join(OsStr::from_bytes(name)), format!("{record}\n")).expect("it is written");
    }
    std::fs::write(folder.join(OsStr::from_bytes(b"b\xfd.jsonl")), "{\n").expect("it is written");
    let (mut t, home) = heedless(&[&folder], (120, 36), &[]);
    t.expect(r"r\xF9ns").expect(r"a\xFE").expect(r"a\xFF").rest();
    t.keys("<enter>").expect("what fe said").keys("<esc>").rest();
    t.keys(r"/run:a\xFF<enter>").expect("1 of 2").keys("<enter>").expect("what ff said");
    t.keys("1").rest().keys("yc").rest().keys("<esc>R").expect(r"b\xFD.jsonl").keys("<c-c>");
    assert_eq!(t.ended(), 0);
    assert!(!String::from_utf8_lossy(&t.raw).contains("fault of its own"), "{}", t.text());
    assert!(texts_below(&home.path().join("data")).contains(r#""record":"a\\xFF/1""#));
    assert!(home.path().join("cache/heedless/last.json").exists());
}

const GIVEN_BACK: [&str; 3] = ["\u{1b}[?1049l", "\u{1b}[?25h", "\u{1b}[?2004l"];

/// What the program wrote, checked to give the terminal back.
fn written_and_given_back(t: &Terminal) -> String {
    let raw = String::from_utf8_lossy(&t.raw).into_owned();
    for given_back in GIVEN_BACK {
        assert!(raw.contains(given_back), "{given_back:?} was not written");
    }
    raw
}

/// The screen without what cannot be seen: blanks at the ends of lines.
fn seen(t: &Terminal) -> Vec<String> {
    t.text().lines().map(|line| line.trim_end().to_owned()).collect()
}

/// All files below a folder, one text after the other.
fn texts_below(folder: &Path) -> String {
    let Ok(entries) = std::fs::read_dir(folder) else { return String::new() };
    let paths = entries.flatten().map(|entry| entry.path());
    paths
        .map(|path| {
            if path.is_dir() { texts_below(&path) } else { std::fs::read_to_string(path).unwrap_or_default() }
        })
        .collect()
}

#[test]
fn stopped_and_continued_it_draws_everything_anew() {
    let (mut t, _home) = {
        let home = tempfile::tempdir().expect("a temporary folder");
        let at = home.path().to_string_lossy().into_owned();
        let folders = ["XDG_STATE_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME"];
        let mut env: Vec<(&str, &str)> = folders.iter().map(|name| (*name, at.as_str())).collect();
        env.push(("PS1", "ready> "));
        // Stopping needs a shell that continues: without one nobody could, and nothing stops.
        let shell = Path::new("/bin/bash");
        if !shell.exists() {
            eprintln!("skipped: no /bin/bash here");
            return;
        }
        (Terminal::start(shell, &["--norc", "--noprofile", "-i"], (100, 30), &env), home)
    };
    t.expect("ready>").keys(concat!(env!("CARGO_BIN_EXE_heedless"), " sample_runs<enter>"));
    t.expect("judged: mathif").keys("jj").rest();
    let before = seen(&t);
    t.raw.clear();
    t.keys("<c-z>").expect("Stopped").expect("ready>");
    written_and_given_back(&t);
    t.keys("fg<enter>").expect("judged: mathif").rest();
    assert_eq!(seen(&t), before);
    // The terminal changed its size meanwhile.
    t.keys("<c-z>").expect("ready>").resize(60, 20).keys("fg<enter>");
    t.expect("judged: mathif").rest();
    assert!(t.text().contains("own-single-2"), "{}", t.text());
    t.keys("q").expect("ready>");
}

#[test]
fn asked_to_end_it_keeps_the_session_and_gives_the_terminal_back() {
    for signal in ["TERM", "HUP"] {
        let (mut t, home) = heedless(&["sample_runs"], (80, 24), &[]);
        t.expect("judged: mathif").keys("/failed:no_comma<enter>").expect("51 of 420").rest();
        t.signal(signal);
        assert_eq!(t.ended(), 0, "{signal}");
        written_and_given_back(&t);
        let state = texts_below(&home.path().join("state"));
        assert!(state.contains("failed:no_comma"), "{signal}: {state}");
    }
}

#[test]
fn a_fault_of_its_own_gives_the_terminal_back_and_leaves_a_report() {
    if !cfg!(debug_assertions) {
        return;
    }
    let (mut t, home) = heedless(&["sample_runs"], (80, 24), &[("HEEDLESS_FAULT", "1")]);
    assert_eq!(t.ended(), 101);
    let raw = written_and_given_back(&t);
    let (_, after) = raw.split_once(GIVEN_BACK[0]).expect("checked before");
    assert!(after.contains("heedless met a fault of its own"), "{after:?}");
    assert!(after.contains("state/heedless/faults/fault-"), "{after:?}");
    let report = texts_below(&home.path().join("state/heedless/faults"));
    assert!(report.contains("asked for by HEEDLESS_FAULT") && report.contains("thread main"), "{report}");
}

#[test]
fn a_storm_of_sizes_leaves_the_screen_of_the_last() {
    let (mut t, _home) = heedless(&["sample_runs"], (100, 30), &[]);
    t.expect("judged: mathif").rest();
    let calm = seen(&t);
    for i in 0..200_u16 {
        t.resize(10 + i * 7 % 140, 2 + i * 5 % 50);
    }
    t.resize(100, 30).rest();
    t.expect("judged: mathif").rest();
    assert_eq!(seen(&t), calm);
}

#[test]
fn a_reply_that_comes_late_is_not_typed() {
    let (mut t, _home) = heedless(&["sample_runs"], (80, 24), &[("COLORTERM", "truecolor")]);
    t.answers = false;
    t.expect("judged: mathif").rest();
    assert!(String::from_utf8_lossy(&t.raw).contains("\u{1b}]11;?"), "the colours were asked for");
    let before = t.text();
    t.keys("<esc>]10;rgb:c0c0/caca/f5f5<esc>\\<esc>]11;rgb:1a1a/1b1b/2626<esc>\\<esc>[?62;22c").rest();
    assert_eq!(t.text(), before);
    t.keys("j").rest();
    assert_ne!(t.text(), before);
}

/// A window that is drawn smaller and larger while a key is held, as one does with the mouse: a frame
/// is often drawn at the new size before the program has read of it.
#[test]
fn a_window_of_changing_size_while_keys_are_held_is_no_fault() {
    // Each screen and what lies over it, with keys to hold there.
    let held = [("P", "jk"), ("F", "jk"), ("?", "<down><up>"), ("tt", "ab"), ("", "g<esc>")];
    for (screen, keys) in held {
        let (mut t, _home) = heedless(&["sample_runs"], (120, 36), &[]);
        t.expect("judged: mathif").rest();
        t.keys(screen).rest();
        for turn in 0..12_u16 {
            for (columns, rows) in [(80, 24), (120, 36), (1 + turn % 20, 1 + turn % 7), (120, 36)] {
                t.keys(keys).resize(columns, rows).keys(keys);
                t.until(std::time::Duration::from_millis(3), |_| false);
            }
        }
        t.rest();
        assert!(t.text().contains("judged"), "{screen}: {}", t.text());
        // Out of what is typed into, then out of the program.
        t.keys("<esc><esc><c-c>");
        assert_eq!(t.ended(), 0, "{screen}");
    }
}

/// Lines of a file of generations, each with a text that names it: of items of their own, or all of one.
fn lines(numbers: impl Iterator<Item = u32>, id: impl Fn(u32) -> String) -> String {
    let line = |n: u32| {
        let output = format!("This is text number {n}, \\boxed{{{n}}}");
        let record = serde_json::json!({
            "run": "a", "model": "m", "id": id(n), "question": format!("which {}?", id(n)), "answer": "1",
            "constraints": [{"id": "punctuation:no_comma", "args": null}], "output": output,
        });
        format!("{record}\n")
    };
    numbers.map(line).collect()
}

#[test]
fn a_file_that_is_cut_short_and_read_again_says_what_is_gone() {
    let own = |n: u32| format!("item-{n}");
    let dir = tempfile::tempdir().expect("a temporary folder");
    let file = dir.path().join("a.jsonl");
    std::fs::write(&file, lines(0..60, own)).expect("the file is written");
    let path = dir.path().to_string_lossy().into_owned();
    // On every screen that holds a generation, and on those that count them.
    for keys in ["G<enter>", "G", "G<enter>tt", "GM", "GP", "GF", "GU", "Gp"] {
        std::fs::write(&file, lines(0..60, own)).expect("the file is written");
        let (mut t, _home) = heedless(&[&path], (120, 36), &[]);
        t.expect("judged: mathif")
            .expect("60 generations")
            .keys("G")
            .expect("text number 59")
            .keys(keys)
            .rest();
        std::fs::write(&file, lines(0..3, own)).expect("the file is cut");
        t.keys("<esc>").rest();
        t.keys("\u{1b}[15~").expect("3 generations").rest();
        let typed = |t: &mut Terminal, keys: &str| t.keys(keys).rest().text();
        // Whatever was on top, the generation that was read is said to be gone.
        let screen = typed(&mut t, "gb");
        assert!(screen.contains("this generation is gone from its file"), "{keys}:\n{screen}");
        assert!(screen.contains("a/item-59") && !screen.contains("text number"), "{keys}:\n{screen}");
        let screen = typed(&mut t, "1");
        assert!(!screen.contains("tagged tag"), "{keys}:\n{screen}");
        let screen = typed(&mut t, "<enter>");
        assert!(screen.contains("text number 2") && screen.contains("a/item-2"), "{keys}:\n{screen}");
        t.keys("<c-c>");
        assert_eq!(t.ended(), 0, "{keys}");
    }
}

#[test]
fn lines_that_change_places_are_read_where_they_are() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let file = dir.path().join("a.jsonl");
    // Samples are numbered in the order of their lines: turned round, each has the name of another.
    let one = |_| "x".to_owned();
    std::fs::write(&file, lines(0..60, one)).expect("the file is written");
    let path = dir.path().to_string_lossy().into_owned();
    let (mut t, _home) = heedless(&[&path], (120, 36), &[]);
    t.expect("judged: mathif")
        .expect("60 generations")
        .keys("jjjj")
        .expect("text number 4,")
        .keys("<enter>1");
    t.expect("a/x#4 ").expect("tagged").rest();
    std::fs::write(&file, lines((0..50).rev(), one)).expect("the file is written");
    t.keys("\u{1b}[15~").expect("50 generations").rest();
    assert!(t.text().contains("text number 4,") && t.text().contains("a/x#45 "), "{}", t.text());
    assert!(t.text().contains("tag 1"), "{}", t.text());
    // On in the new order; the tag stays where it was.
    t.keys("]").expect("text number 3,").expect("a/x#46 ").rest();
    assert!(!t.text().contains("tag 1"), "{}", t.text());
    // A line before it goes, and its own: it is said, and nothing else stands in its place.
    std::fs::write(&file, lines((0..50).rev().filter(|n| *n != 3), one)).expect("the file is written");
    t.keys("\u{1b}[15~").expect("no longer in its file").rest();
    assert!(!t.text().contains("text number"), "{}", t.text());
    t.keys("<enter>").expect("text number 2,").expect("a/x#46 ").keys("<c-c>");
    assert_eq!(t.ended(), 0);
}
