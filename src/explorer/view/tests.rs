//! Every screen at the sizes that matter, on the runs that come with the program.

use std::fmt::Write as _;

use ratatui::buffer::{Buffer, Cell};
use ratatui::style::{Color, Modifier};

use super::super::harness::Harness;
use super::super::theme::Theme;

/// Screens by the keys that lead to them.
const SCREENS: [(&str, &str); 10] = [
    ("browse", ""),
    ("facets", "f"),
    ("read", "/failed:no_comma<enter><enter>n"),
    ("beside", "/failed:no_comma<enter>c"),
    ("runs", "U"),
    ("rejects", "R"),
    ("help", "?"),
    ("query", "/comm"),
    ("palette", ":copy"),
    ("nothing", "/nosuchword<enter>"),
];

const SIZES: [(u16, u16); 4] = [(120, 36), (80, 24), (40, 12), (20, 5)];

#[test]
fn every_screen_at_every_size() {
    for (name, keys) in SCREENS {
        for size in SIZES {
            let mut harness = Harness::samples(size);
            harness.keys(keys);
            insta::assert_snapshot!(format!("{name}-{}x{}", size.0, size.1), harness.screen());
        }
    }
}

/// What a cell looks like, without what it says: `bold fg=#c0caf5`; a symbol in a reversed or
/// underlined cell says nothing more.
fn look(cell: &Cell) -> String {
    let colour = |name: &str, colour: Color| match colour {
        Color::Reset => String::new(),
        Color::Rgb(r, g, b) => format!(" {name}=#{r:02x}{g:02x}{b:02x}"),
        other => format!(" {name}={}", other.to_string().to_lowercase()),
    };
    let modifiers: Vec<String> =
        cell.modifier.iter_names().map(|(name, _)| format!(" {}", name.to_lowercase())).collect();
    format!("{}{}{}", modifiers.concat(), colour("fg", cell.fg), colour("bg", cell.bg))
}

/// The looks of a screen: a letter for each, `.` for plain text, then each line as runs of them.
fn looks(buffer: &Buffer, letters: &mut Vec<String>) -> String {
    let mut lines: Vec<String> = Vec::new();
    for y in 0..buffer.area.height {
        let mut runs: Vec<(char, usize)> = Vec::new();
        for x in 0..buffer.area.width {
            let look = look(&buffer[(x, y)]);
            let place = letters.iter().position(|known| *known == look).unwrap_or_else(|| {
                letters.push(look);
                letters.len() - 1
            });
            let letter = ".abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ".chars().nth(place);
            let letter = letter.expect("a screen has fewer looks than there are letters");
            match runs.last_mut() {
                Some((last, n)) if *last == letter => *n += 1,
                _ => runs.push((letter, 1)),
            }
        }
        let mut line = String::new();
        for (letter, n) in runs {
            let _ = write!(line, " {letter}{n}");
        }
        lines.push(line);
    }
    let mut out = String::new();
    let mut first = 0;
    for (y, line) in lines.iter().enumerate() {
        if lines.get(y + 1) != Some(line) {
            let rows = if first == y { y.to_string() } else { format!("{first}-{y}") };
            let _ = writeln!(out, "{rows}:{line}");
            first = y + 1;
        }
    }
    out
}

#[test]
fn every_screen_in_every_look() {
    let counted = [("matrix", "M"), ("plots", "P"), ("flips", "F"), ("prompt", "p"), ("tagged", "1<enter>")];
    for (name, keys) in SCREENS.into_iter().chain(counted) {
        for theme in ["dark", "light", "mono"] {
            let mut harness = Harness::samples(SIZES[0]);
            harness.event(super::super::event::Event::Kept(super::super::keeper::Kept::Opened(
                Box::default(),
                Vec::new(),
            )));
            harness.app.theme = Theme::named(theme).expect("a built-in theme");
            harness.keys(keys);
            let plain = look(&{
                let mut cell = Cell::default();
                cell.set_style(harness.app.theme.style(super::super::theme::Meaning::Text));
                cell
            });
            let mut letters = vec![plain];
            let mut sizes = String::new();
            for (columns, rows) in SIZES {
                harness.resize(columns, rows);
                let _ = writeln!(sizes, "\n{columns}x{rows}\n{}", looks(&harness.buffer(), &mut letters));
            }
            let mut legend = String::new();
            for (letter, look) in
                ".abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ".chars().zip(&letters)
            {
                let _ = writeln!(legend, "{letter}{look}");
            }
            insta::assert_snapshot!(format!("look-{name}-{theme}"), format!("{legend}{sizes}"));
        }
    }
}

/// Without colour nothing is told by colour: what is set off keeps a modifier, and every verdict
/// has a sign of its own.
#[test]
fn without_colour_nothing_has_a_colour() {
    for (name, keys) in SCREENS {
        let mut harness = Harness::samples(SIZES[0]);
        harness.app.theme = Theme::mono();
        harness.keys(keys);
        let buffer = harness.buffer();
        for cell in &buffer.content {
            assert_eq!((cell.fg, cell.bg), (Color::Reset, Color::Reset), "{name}: {:?}", cell.symbol());
        }
        if name == "browse" {
            let reversed = buffer.content.iter().filter(|c| c.modifier.contains(Modifier::REVERSED)).count();
            assert!(reversed > 20, "the row under the cursor is set off");
        }
    }
}

#[test]
fn ascii_is_ascii() {
    let counted =
        [("matrix", "M"), ("plots", "P"), ("flips", "F"), ("prompt", "p"), ("chord", "g"), ("toast", "c")];
    let plots = ["P<tab>", "P<tab><tab>", "P<tab><tab><tab>", "P<backtab>", "P<backtab><backtab>"];
    let plots = plots.map(|keys| ("plot", keys));
    for (name, keys) in SCREENS.into_iter().chain(counted).chain(plots) {
        let mut harness = Harness::samples((100, 30));
        harness.app.theme = Theme::mono().in_ascii();
        harness.app.reader.view.ascii = true;
        harness.keys(keys);
        let screen = harness.screen();
        let other: String = screen.chars().filter(|c| !c.is_ascii()).collect();
        assert_eq!(other, "", "{name}:\n{screen}");
    }
}
