//! Anything that can happen, in any order, at any size: nothing panics, nothing leaves its bounds.
//!
//! After every event a screen is drawn whose size the explorer was not told of, as a terminal that is
//! being resized has it. Every screen at every small size: `view/any_size.rs`.
//!
//! `cargo test` takes some thousand events. A hundred thousand, on a library of one's own, with the
//! longest frame and update said at the end:
//!
//! ```sh
//! HEEDLESS_EVENTS=100000 HEEDLESS_EVENTS_ON=path/to/runs \
//!   cargo test --release --lib any_events -- --nocapture
//! ```

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crossterm::event::{KeyCode, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use ratatui::buffer::Buffer;

use super::super::event::Event;
use super::super::harness::{Harness, worked};
use super::super::jobs::Lane;
use super::super::key::Key;
use super::super::keymap::{Keymap, Layer};

/// Events of one case: enough to get lost in screens and overlays, few enough to read a failure.
const LENGTH: usize = 250;

/// What a person, or a cat, can do.
#[derive(Debug, Clone)]
enum Input {
    /// Keys that mean something somewhere, chords whole.
    Keys(Vec<Key>),
    /// A key that means nothing, or types something.
    Key(Key),
    Mouse(MouseEventKind, u16, u16),
    Paste(String),
    Resize(u16, u16),
}

impl Input {
    fn events(self) -> Vec<Event> {
        match self {
            Self::Keys(keys) => keys.into_iter().map(Event::Key).collect(),
            Self::Key(key) => vec![Event::Key(key)],
            Self::Mouse(kind, column, row) => {
                vec![Event::Mouse(MouseEvent { kind, column, row, modifiers: KeyModifiers::NONE })]
            }
            Self::Paste(text) => vec![Event::Paste(text)],
            Self::Resize(columns, rows) => vec![Event::Resize(columns, rows)],
        }
    }
}

fn any_input() -> impl Strategy<Value = Input> {
    let map = Keymap::built_in();
    let bound: Vec<Vec<Key>> =
        Layer::ALL.iter().flat_map(|&layer| map.bindings(layer).map(|b| b.keys.clone())).collect();
    let mouse = prop::sample::select(vec![
        MouseEventKind::Down(MouseButton::Left),
        MouseEventKind::Up(MouseButton::Left),
        MouseEventKind::Drag(MouseButton::Left),
        MouseEventKind::ScrollDown,
        MouseEventKind::ScrollUp,
        MouseEventKind::Down(MouseButton::Right),
    ]);
    // Inside and outside of the screen, and as far out as a terminal can say.
    let place =
        prop_oneof![8 => (0_u16..130, 0_u16..40), 1 => (u16::MAX - 2..=u16::MAX, u16::MAX - 2..=u16::MAX)];
    prop_oneof![
        24 => prop::sample::select(bound).prop_map(Input::Keys),
        4 => any::<char>().prop_map(|c| Input::Key(Key::plain(KeyCode::Char(c)))),
        4 => "[ -~]".prop_map(|s| Input::Key(Key::parse(&s).unwrap())),
        3 => (mouse, place).prop_map(|(kind, (x, y))| Input::Mouse(kind, x, y)),
        1 => "\\PC{0,12}".prop_map(Input::Paste),
        1 => any_size().prop_map(|(columns, rows)| Input::Resize(columns, rows)),
    ]
}

/// Sizes that people have, and those that nobody has.
fn any_size() -> impl Strategy<Value = (u16, u16)> {
    prop_oneof![
        3 => prop::sample::select(vec![(120, 36), (80, 24), (40, 12), (20, 5), (300, 80)]),
        1 => (0_u16..310, 0_u16..90),
        1 => (0_u16..24, 0_u16..12),
    ]
}

fn sound(h: &Harness, buffer: &Buffer) -> Result<(), TestCaseError> {
    prop_assert!(h.app.browse.list.cursor < h.app.len().max(1));
    prop_assert!(!h.app.screens.is_empty());
    if let Some(flow) = h.app.reader.flow() {
        prop_assert!(h.app.reader.scroll <= flow.len());
    }
    for cell in &buffer.content {
        prop_assert!(!cell.symbol().chars().any(char::is_control), "{:?}", cell.symbol());
    }
    Ok(())
}

#[test]
fn any_events_at_any_size_never_panic() {
    let setting = |name: &str| std::env::var(name).ok();
    let events: usize = setting("HEEDLESS_EVENTS").and_then(|n| n.parse().ok()).unwrap_or(1_500);
    let path = setting("HEEDLESS_EVENTS_ON").map_or_else(|| "sample_runs/smollm2-135m".into(), PathBuf::from);
    let config = Config {
        cases: events.div_ceil(LENGTH) as u32,
        max_shrink_iters: 300,
        failure_persistence: None,
        ..Config::default()
    };
    // Opened once: what it holds does not change, and every case has a screen of its own.
    let one = Harness::open(&[&path], (80, 24));
    let (count, slowest) =
        (std::cell::Cell::new(0_usize), std::cell::Cell::new((Duration::ZERO, String::new())));
    // In a storm the terminal has another size after every event, and tells of it a frame late.
    let lives = (prop::collection::vec((any_input(), any_size()), LENGTH), any::<bool>());
    let done = TestRunner::new(config).run(&lives, |(inputs, storm)| {
        let mut h = one.again();
        for (input, (columns, rows)) in inputs {
            let said = format!("{input:?}");
            for event in input.events() {
                h.event(event);
                count.set(count.get() + 1);
            }
            h.effects.clear();
            let begun = worked();
            let _frame = h.buffer();
            let took = worked().saturating_sub(begun) + std::mem::take(&mut h.longest);
            let before = slowest.take();
            slowest.set(if took > before.0 {
                (took, format!("{said} on {}", h.app.screen().name()))
            } else {
                before
            });
            sound(&h, &h.buffer())?;
            sound(&h, &h.buffer_of(columns, rows))?;
            if storm {
                h.resize(columns, rows);
            }
        }
        Ok(())
    });
    let (took, what) = slowest.take();
    eprintln!(
        "{} events on {} generations; the longest update and frame: {took:?}, {what}",
        count.get(),
        one.app.library.len()
    );
    if let Err(error) = done {
        panic!("{error}");
    }
}

/// What can happen while somebody else writes the files.
#[derive(Debug, Clone)]
enum Meanwhile {
    Input(Input),
    /// A file has these lines by now: numbers that stand for item and text. Without any it is not there.
    Written(u8, Vec<u8>),
    /// The files are read again.
    Refresh,
    /// The answers of a lane come late, until those of another do.
    Held(Lane),
}

fn anything_meanwhile() -> impl Strategy<Value = Meanwhile> {
    let lines = prop_oneof![4 => prop::collection::vec(0_u8..24, 1..9), 1 => Just(Vec::new())];
    let lanes = [Lane::Survey, Lane::Passages, Lane::Hits, Lane::Diff, Lane::Count];
    // Into the screens that hold most of what a refresh can turn into something else.
    let ways = [
        "F<enter>",
        "c+d",
        "<enter>)",
        "w",
        "/text<enter>",
        "M",
        "P<tab>",
        "U",
        "zs",
        "tt",
        "gb",
        "<esc>",
        "G",
    ];
    let ways = ways.map(|keys| Input::Keys(super::super::harness::keys_of(keys)));
    prop_oneof![
        10 => any_input().prop_map(Meanwhile::Input),
        4 => prop::sample::select(ways.to_vec()).prop_map(Meanwhile::Input),
        3 => (0_u8..3, lines).prop_map(|(file, lines)| Meanwhile::Written(file, lines)),
        3 => Just(Meanwhile::Refresh),
        1 => prop::sample::select(lanes.to_vec()).prop_map(Meanwhile::Held),
    ]
}

/// Writes a file of a run. The texts that the keys of its generations stand for.
fn write(dir: &Path, file: u8, lines: &[u8]) -> BTreeMap<String, String> {
    let run = ["a", "b", "c"][usize::from(file)];
    let path = dir.join(format!("{run}.jsonl"));
    let mut texts = BTreeMap::new();
    let mut written = String::new();
    let mut samples: BTreeMap<u8, u32> = BTreeMap::new();
    for line in lines {
        let (item, text) = (line % 4, format!("text, {line} of {run}"));
        let sample = samples.entry(item).and_modify(|n| *n += 1).or_insert(0);
        let number = if *sample > 0 { format!("#{sample}") } else { String::new() };
        texts.insert(format!("{run}/item{item}{number}"), text.clone());
        let condition = if file == 2 { "no constraints" } else { "" };
        let record = serde_json::json!({
            "run": run, "model": "m", "condition": condition, "id": format!("item{item}"),
            "question": format!("which {item}?"), "answer": "1",
            "constraints": [{"id": "punctuation:no_comma", "args": null}], "output": text,
        });
        let _ = writeln!(written, "{record}");
    }
    if lines.is_empty() {
        let _ = std::fs::remove_file(path);
    } else {
        std::fs::write(path, written).unwrap();
    }
    texts
}

#[test]
fn while_files_change_nothing_stands_under_the_name_of_another() {
    let setting = |name: &str| std::env::var(name).ok();
    let events: usize = setting("HEEDLESS_EVENTS").and_then(|n| n.parse().ok()).unwrap_or(900);
    let cases = (events / 10).div_ceil(LENGTH).max(4) as u32;
    let config = Config { cases, max_shrink_iters: 200, failure_persistence: None, ..Config::default() };
    let lives = prop::collection::vec(anything_meanwhile(), LENGTH);
    let done = TestRunner::new(config).run(&lives, |life| {
        let dir = tempfile::tempdir().unwrap();
        let mut files: BTreeMap<u8, BTreeMap<String, String>> =
            (0..3).map(|file| (file, write(dir.path(), file, &[0, 1, 2, 3, 4, 8]))).collect();
        let mut h = Harness::open(&[dir.path()], (120, 36));
        h.event(Event::Kept(super::super::keeper::Kept::Opened(Box::default(), Vec::new())));
        for meanwhile in life {
            match meanwhile {
                Meanwhile::Input(input) => input.events().into_iter().for_each(|event| h.event(event)),
                Meanwhile::Written(file, lines) => {
                    files.insert(file, write(dir.path(), file, &lines));
                }
                Meanwhile::Held(lane) => {
                    h.let_go();
                    h.holds(lane);
                }
                Meanwhile::Refresh => {
                    let texts = |h: &Harness| {
                        let document = |column| h.app.column(column)?.document();
                        (0..4).map(|c| Some(document(c)?.text().to_owned())).collect::<Vec<_>>()
                    };
                    let before = texts(&h);
                    h.refresh();
                    let shown = (0..4).filter_map(|column| h.app.column(column)?.document());
                    for document in shown {
                        let is = files.values().find_map(|texts| texts.get(document.standing.key()));
                        let text = document.text().to_owned();
                        prop_assert_eq!(Some(&text), is, "{} is shown", document.standing.key());
                    }
                    // Nobody did anything: what is shown is what was shown, or it is said that it is gone.
                    let told = h.app.toasts.iter().any(|t| t.text.contains("does not fit the query"));
                    for (before, now) in before.iter().zip(texts(&h)).filter(|_| !told) {
                        prop_assert!(
                            before.is_none() || now.is_none() || *before == now,
                            "{before:?} is {now:?}"
                        );
                    }
                }
            }
            sound(&h, &h.buffer())?;
        }
        Ok(())
    });
    if let Err(error) = done {
        panic!("{error}");
    }
}
