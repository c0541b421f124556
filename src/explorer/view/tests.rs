//! Every screen at the sizes that matter, on the runs that come with the program.

use super::super::harness::Harness;

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

#[test]
fn ascii_is_ascii() {
    for (name, keys) in SCREENS {
        let mut harness = Harness::samples((100, 30));
        harness.app.theme = super::super::theme::Theme::mono().in_ascii();
        harness.app.reader.view.ascii = true;
        harness.keys(keys);
        let screen = harness.screen();
        let other: String = screen.chars().filter(|c| !c.is_ascii()).collect();
        assert_eq!(other, "", "{name}:\n{screen}");
    }
}
