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

use std::path::PathBuf;
use std::time::Duration;

use crossterm::event::{KeyCode, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use ratatui::buffer::Buffer;

use super::super::event::Event;
use super::super::harness::{Harness, worked};
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
