//! Every screen, and everything that can lie over one, at every small size.
//!
//! The size drawn and the size that the explorer was told are two: a terminal that is being resized
//! is drawn on before the event that tells of it is read. Nothing may be drawn, or looked up, by the
//! remembered one.

use std::path::Path;

use super::super::app::{App, Screen};
use super::super::effect::Slot;
use super::super::event::Event;
use super::super::harness::Harness;
use super::super::jobs::{Answer, Lane, Ticket};
use super::super::reader::Reader;
use super::super::theme::Theme;

/// Columns and rows that are tried, all with all.
const SIDE: u16 = 40;

/// Sizes that the explorer was told while others are drawn.
const TOLD: [(u16, u16); 7] = [(120, 36), (80, 24), (40, 12), (20, 5), (9, 3), (1, 1), (0, 0)];

/// Every screen and everything that lies over one, by the keys that lead there.
const ALL: [(&str, &str); 17] = [
    ("browse", ""),
    ("read", "/failed:no_comma<enter><enter>n"),
    ("beside", "c"),
    ("prompt", "p<pagedown>"),
    ("runs", "U<space>j"),
    ("rejects", "R"),
    ("matrix", "Mjl"),
    ("plots", "P"),
    ("flips", "Fj"),
    ("query", "P/comm<down>"),
    ("palette", "P:copy<down>"),
    ("help", "?<pagedown>"),
    ("saved views", "V"),
    ("name of a view", "gs"),
    ("note", "tt"),
    ("name of a tag", "te"),
    ("chord", "Pg"),
];

/// What they look like otherwise.
const OTHERWISE: [(&str, &str); 29] = [
    ("facets", "f}"),
    ("the last row", "G"),
    ("reading pane", "<tab>"),
    ("zoomed", "zz"),
    ("passages", "/wait<enter>"),
    ("folded samples", "zs"),
    ("nothing found", "/nosuchword<enter>"),
    ("read, one constraint", "/failed:no_comma<enter><enter><tab>"),
    ("read, unwrapped", "<enter>zwll"),
    ("read, raw and folded", "<enter>zrztza"),
    ("beside, words", "cd<right>"),
    ("beside, three", "c+"),
    ("matrix by item", "Mrrrr"),
    ("plot of runs", "P<tab>l"),
    ("plot of right against followed", "P<tab><tab>l"),
    ("plot of margins", "P<tab><tab><tab>lll"),
    ("plot of first violations", "P<backtab><backtab>"),
    ("plot of lengths", "P<backtab>G"),
    ("flips of a kind", "Fll"),
    ("a query that is wrong", "/wait wait wait (model:a<enter>"),
    ("the whole palette", ":"),
    ("a row by its number", ":12"),
    ("help on nothing", "?no such"),
    ("chord over the list", "g"),
    ("chord over a generation", "<enter>z"),
    ("chord side by side", "cg"),
    ("chord over the matrix", "Mg"),
    ("help over runs", "U?"),
    ("a tag's name over flips", "Fte"),
];

fn states(keys: &[(&'static str, &str)]) -> Vec<(&'static str, Harness)> {
    let one = Harness::open(&[Path::new("sample_runs")], (120, 36));
    let state = |&(name, keys): &(&'static str, &str)| {
        let mut h = one.again();
        h.keys(keys);
        (name, h)
    };
    keys.iter().map(state).collect()
}

/// What keys alone do not lead to.
fn others() -> Vec<(&'static str, Harness)> {
    let one = Harness::open(&[Path::new("sample_runs")], (120, 36));
    let mut out = Vec::new();
    let mut messages = one.again();
    messages.keys("P");
    for words in ["one", "a message that is longer than a small screen is wide, by far", "✗ 汉字 three"] {
        messages.app.complain(words);
    }
    out.push(("messages", messages));
    let mut ascii = one.again();
    ascii.app.theme = Theme::mono().in_ascii();
    ascii.keys("Mg");
    out.push(("ascii", ascii));
    for slot in [Slot::Main, Slot::Beside(0)] {
        let mut failed = one.again();
        failed.keys("c");
        let lane = Lane::Read(slot);
        let why = "a/rather/long/path/to/a/file.jsonl: changed on disk since it was indexed".to_owned();
        failed.event(Event::Answer(Ticket { lane, number: 0 }, Answer::Failed(lane, why)));
        out.push(("cannot be read", failed));
    }
    for slot in [Slot::Main, Slot::Beside(0)] {
        let mut gone = one.again();
        gone.keys("c");
        let lane = Lane::Read(slot);
        let column = usize::from(slot != Slot::Main);
        let identity = gone.app.column(column).and_then(Reader::on).cloned().expect("two are side by side");
        let library = gone.app.library.clone();
        let answer = Answer::Gone { slot, identity, library, replaced: true };
        gone.event(Event::Answer(Ticket { lane, number: 0 }, answer));
        assert!(gone.screen().contains("gone from its file"), "{}", gone.screen());
        out.push(("gone", gone));
    }
    // Before there is a library, and where there will be none.
    let screens = [
        Screen::Browse,
        Screen::Read,
        Screen::Beside,
        Screen::Runs,
        Screen::Rejects,
        Screen::Prompt,
        Screen::Matrix,
        Screen::Plots,
        Screen::Flips,
    ];
    for screen in screens {
        for failed in [None, Some("the disk is full, and that is a long story".to_owned())] {
            let mut h = one.again();
            h.app = App::new("nothing yet".into(), h.app.now);
            h.app.build.failed = failed;
            h.app.open(screen);
            out.push((screen.name(), h));
        }
    }
    out
}

/// Draws at small sizes, of which every so many-th is tried: before the explorer knows of the size,
/// and once it does.
fn draw_at_small_sizes(states: Vec<(&'static str, Harness)>, every: usize) {
    for (number, (name, mut h)) in states.into_iter().enumerate() {
        let sizes = (0..SIDE).flat_map(|columns| (0..SIDE).map(move |rows| (columns, rows)));
        // Another part of the sizes for every state.
        let sizes: Vec<_> = sizes.skip(number % every).step_by(every).collect();
        for (turn, (columns, rows)) in TOLD.into_iter().enumerate() {
            h.resize(columns, rows);
            for &size in sizes.iter().skip(turn).step_by(TOLD.len()) {
                draw(name, &h, size);
            }
            // A terminal that grew.
            draw(name, &h, (120, 36));
            draw(name, &h, (300, 80));
        }
        for &(columns, rows) in sizes.iter().step_by(7) {
            h.resize(columns, rows);
            draw(name, &h, (columns, rows));
        }
    }
}

/// Draws, and says what was drawn where that is a fault.
fn draw(name: &str, h: &Harness, (columns, rows): (u16, u16)) {
    let drawn = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| h.buffer_of(columns, rows)));
    if let Err(fault) = drawn {
        eprintln!("`{name}` drawn at {columns}x{rows}");
        std::panic::resume_unwind(fault);
    }
}

#[test]
fn every_screen_and_overlay_at_every_small_size() {
    draw_at_small_sizes(states(&ALL), 1);
}

#[test]
fn everything_else_at_small_sizes() {
    draw_at_small_sizes(states(&OTHERWISE), 11);
    draw_at_small_sizes(others(), 11);
}
