//! A newer snapshot is taken over: files shrank, lines moved, texts changed, runs went. What was at
//! hand is there again, or it is said that it is not; no other generation has its name, none its
//! tags.

use std::path::PathBuf;

use serde_json::json;

use super::super::harness::Harness;
use super::super::keeper::{Keep, Kept};
use super::*;

/// Runs in a folder, each a file with a line for each generation, which tests write anew.
struct Runs {
    dir: tempfile::TempDir,
}

/// A line: run, item, text.
type Line<'a> = (&'a str, &'a str, &'a str);

impl Runs {
    fn of(lines: &[Line<'_>]) -> Self {
        let runs = Self { dir: tempfile::tempdir().unwrap() };
        runs.write(lines);
        runs
    }

    fn file(&self, run: &str) -> PathBuf {
        self.dir.path().join(format!("{run}.jsonl"))
    }

    /// Writes all runs anew; those without a line go.
    fn write(&self, lines: &[Line<'_>]) {
        for old in std::fs::read_dir(self.dir.path()).unwrap() {
            std::fs::remove_file(old.unwrap().path()).unwrap();
        }
        for (run, id, text) in lines {
            let record = json!({
                "run": run, "model": format!("model-{run}"), "id": id, "question": format!("what is {id}?"),
                "answer": "1", "constraints": [{"id": "punctuation:no_comma", "args": null}], "output": text,
            });
            let mut file =
                std::fs::OpenOptions::new().create(true).append(true).open(self.file(run)).unwrap();
            std::io::Write::write_all(&mut file, format!("{record}\n").as_bytes()).unwrap();
        }
    }

    fn open(&self) -> Harness {
        let mut h = Harness::open(&[self.dir.path()], (120, 36));
        h.event(Event::Kept(Kept::Opened(Box::default(), Vec::new())));
        h
    }
}

const FIVE: [Line<'_>; 5] = [
    ("a", "one", "alpha, of one"),
    ("a", "two", "beta, of two"),
    ("a", "three", "gamma, of three"),
    ("a", "four", "delta, of four"),
    ("a", "five", "epsilon, of five"),
];

/// What the tags and notes written down hang on, with what they say.
fn kept(h: &Harness) -> Vec<(crate::record::ContentKey, String)> {
    let changes = h.effects.iter().filter_map(|effect| match effect {
        Effect::Keep(Keep::Change(change, _)) => {
            Some((change.key, triage::describe(&h.app.triage.ledger, &change.entry)))
        }
        _ => None,
    });
    changes.collect()
}

/// The text that is shown, with the name that it is shown under.
fn shown(reader: &Reader) -> Option<(String, String)> {
    let document = reader.document()?;
    Some((document.standing.key().to_owned(), document.text().to_owned()))
}

fn named(key: &str, text: &str) -> (String, String) {
    (key.to_owned(), text.to_owned())
}

#[track_caller]
fn sees(h: &Harness, words: &[&str]) {
    let screen = h.screen();
    for word in words {
        assert!(screen.contains(word), "`{word}` is not on the screen:\n{screen}");
    }
}

#[track_caller]
fn sees_no(h: &Harness, words: &[&str]) {
    let screen = h.screen();
    for word in words {
        assert!(!screen.contains(word), "`{word}` is on the screen:\n{screen}");
    }
}

const GONE: &str = "this generation is gone from its file";

#[test]
fn a_generation_whose_file_shrank_is_said_to_be_gone() {
    for keys in ["G", "G<enter>", "G<tab>"] {
        let runs = Runs::of(&FIVE);
        let mut h = runs.open();
        h.keys(keys);
        assert_eq!(shown(&h.app.reader), Some(named("a/five", "epsilon, of five")));
        runs.write(&FIVE[..2]);
        h.keys("<f5>");
        sees(&h, &[GONE, "a/five"]);
        sees_no(&h, &["alpha, of", "beta, of"]);
        assert_eq!(shown(&h.app.reader), None);
        // Nothing is tagged, noted, copied in its place.
        h.keys("1ttyayk");
        assert_eq!(kept(&h), [], "{keys}");
        assert!(!h.effects.iter().any(|e| matches!(e, Effect::Copy { .. })));
        // On from there: the nearest of the list, under its own name.
        h.app.screens.truncate(1);
        h.app.browse.focus = Pane::List;
        assert_eq!(h.app.browse.list.cursor, 1);
        h.keys("<enter>");
        assert_eq!(h.app.screen(), Screen::Read);
        assert_eq!(shown(&h.app.reader), Some(named("a/two", "beta, of two")));
        sees_no(&h, &[GONE]);
        h.keys("1");
        assert_eq!(kept(&h).len(), 1);
    }
}

#[test]
fn what_is_gone_stays_said_until_somebody_moves_and_comes_back_with_its_file() {
    let runs = Runs::of(&FIVE);
    let mut h = runs.open();
    h.keys("jjj<enter>");
    runs.write(&FIVE[..2]);
    h.keys("<f5>");
    sees(&h, &[GONE]);
    // Another snapshot without it: a later one while the library is completed, or one more refresh.
    runs.write(&FIVE[..3]);
    h.keys("<f5>");
    sees(&h, &[GONE, "a/four"]);
    runs.write(&FIVE);
    h.keys("<f5>");
    assert_eq!(shown(&h.app.reader), Some(named("a/four", "delta, of four")));
    assert_eq!(h.app.browse.list.cursor, 3);
    // Enter goes on from what is gone, too.
    runs.write(&FIVE[..2]);
    h.keys("<f5><enter>");
    assert_eq!(shown(&h.app.reader), Some(named("a/two", "beta, of two")));
}

#[test]
fn lines_in_another_order_are_the_same_generations() {
    let runs = Runs::of(&FIVE);
    let mut h = runs.open();
    h.keys("j1");
    let tagged = kept(&h);
    let mut reversed = FIVE;
    reversed.reverse();
    runs.write(&reversed);
    h.keys("<f5>");
    assert_eq!(h.app.browse.list.cursor, 3);
    assert_eq!(shown(&h.app.reader), Some(named("a/two", "beta, of two")));
    sees(&h, &["two *1"]);
    h.keys("2");
    assert_eq!(kept(&h).last().map(|(key, _)| *key), tagged.last().map(|(key, _)| *key));
}

#[test]
fn a_key_that_comes_to_mean_another_generation_is_another() {
    let samples = [
        ("a", "x", "first, of x"),
        ("a", "x", "second, of x"),
        ("a", "x", "third, of x"),
        ("a", "y", "of y"),
    ];
    let runs = Runs::of(&samples);
    // Its own line went: its number is that of the next by now.
    let mut h = runs.open();
    h.keys("j<enter>");
    assert_eq!(shown(&h.app.reader), Some(named("a/x#1", "second, of x")));
    runs.write(&[samples[0], samples[2], samples[3]]);
    h.keys("<f5>");
    sees(&h, &[GONE, "a/x#1", "another text"]);
    sees_no(&h, &["third, of x", "first, of x"]);
    h.keys("3<enter>");
    assert_eq!(kept(&h), []);
    assert_eq!(shown(&h.app.reader), Some(named("a/x#1", "third, of x")));
    // A line before it went: it is called otherwise, and shown as that.
    runs.write(&[samples[2], samples[3]]);
    h.keys("<f5>");
    assert_eq!(shown(&h.app.reader), Some(named("a/x", "third, of x")));
    assert_eq!(h.app.browse.list.cursor, 0);
}

#[test]
fn another_text_of_the_same_item_is_not_shown_under_the_old_name_unasked() {
    let runs = Runs::of(&FIVE);
    let mut h = runs.open();
    h.keys("jj<enter>n");
    assert!(h.app.reader.mark.is_some());
    let mut other = FIVE;
    other[2].2 = "another, text, of, three";
    runs.write(&other);
    h.keys("<f5>");
    sees(&h, &[GONE, "a/three", "another text"]);
    sees_no(&h, &["another, text"]);
    h.keys("<enter>");
    assert_eq!(shown(&h.app.reader), Some(named("a/three", "another, text, of, three")));
    assert_eq!((h.app.reader.mark, h.app.reader.scroll), (None, 0), "it is read from its start");
}

#[test]
fn a_file_that_changed_without_a_refresh_is_said_not_shown() {
    let runs = Runs::of(&FIVE);
    let mut h = runs.open();
    let mut other = FIVE;
    other[1].2 = "BETA, of two";
    runs.write(&other);
    h.keys("j");
    sees(&h, &["this generation cannot be shown", "changed on"]);
    sees_no(&h, &["BETA", "beta"]);
    // What was under the cursor is known though it was never read.
    h.keys("<f5>");
    sees(&h, &[GONE, "a/two"]);
    sees_no(&h, &["BETA", "beta"]);
    h.keys("<enter>");
    assert_eq!(shown(&h.app.reader), Some(named("a/two", "BETA, of two")));
}

#[test]
fn a_note_goes_to_what_it_was_written_on() {
    let runs = Runs::of(&FIVE);
    let mut h = runs.open();
    h.keys("jj");
    let content = h.app.reader.document().unwrap().record.content_key();
    h.keys("ttlooks odd");
    runs.write(&FIVE[..2]);
    h.event(Event::Answer(
        super::super::jobs::Ticket { lane: super::super::jobs::Lane::Build, number: 0 },
        h.rebuilt(),
    ));
    sees(&h, &["a/three"]);
    h.keys("<enter>");
    assert_eq!(kept(&h), [(content, "“looks odd”".to_owned())]);
    // Where another one came under the cursor meanwhile, too.
    h.keys("<enter>tton this");
    let content = h.app.reader.document().unwrap().record.content_key();
    runs.write(&FIVE[2..]);
    h.event(Event::Answer(
        super::super::jobs::Ticket { lane: super::super::jobs::Lane::Build, number: 0 },
        h.rebuilt(),
    ));
    h.keys("<enter>");
    assert_eq!(kept(&h)[1..], [(content, "“on this”".to_owned())]);
}

/// Two or three runs of three items.
fn matched() -> Vec<Line<'static>> {
    vec![
        ("a", "one", "a, one"),
        ("a", "two", "a two"),
        ("a", "three", "a, three"),
        ("b", "one", "b one"),
        ("b", "two", "b, two"),
        ("b", "three", "b three"),
        ("c", "one", "c one"),
        ("c", "two", "c two"),
        ("c", "three", "c, three"),
    ]
}

#[test]
fn side_by_side_each_column_is_what_it_was_or_says_that_it_is_gone() {
    let runs = Runs::of(&matched());
    let mut h = runs.open();
    h.keys("jc+");
    let columns = |h: &Harness| [0, 1, 2].map(|at| shown(h.app.column(at).unwrap()));
    let before = columns(&h);
    assert_eq!(
        before,
        [Some(named("a/two", "a two")), Some(named("b/two", "b, two")), Some(named("c/two", "c two"))]
    );
    // Lines before them go: all are there.
    let without_one: Vec<_> = matched().into_iter().filter(|line| line.1 != "one").collect();
    runs.write(&without_one);
    h.keys("<f5>");
    assert_eq!(columns(&h), before);
    // The text of one changes, another goes.
    let mut changed = without_one.clone();
    changed.iter_mut().filter(|line| line.2 == "b, two").for_each(|line| line.2 = "b, TWO");
    changed.retain(|line| line.2 != "c two");
    runs.write(&changed);
    h.keys("<f5>");
    assert_eq!(columns(&h), [Some(named("a/two", "a two")), None, None]);
    sees(&h, &[GONE, "b/two", "c/two"]);
    sees_no(&h, &["b, TWO"]);
    // On to the next item and back: what is there now.
    h.keys("][");
    assert_eq!(columns(&h)[..2], [Some(named("a/two", "a two")), Some(named("b/two", "b, TWO"))]);
    // The run of a column vanishes.
    changed.retain(|line| line.0 != "b");
    runs.write(&changed);
    h.keys("<f5>");
    assert_eq!(columns(&h)[1], None);
    sees(&h, &["b/two"]);
    // The generation at hand goes; the others stay.
    runs.write(&matched());
    h.keys("<f5>][");
    assert_eq!(columns(&h), before);
    let mut changed = matched();
    changed.retain(|line| line.2 != "a two");
    runs.write(&changed);
    h.keys("<f5>");
    assert_eq!(columns(&h)[..2], [None, Some(named("b/two", "b, two"))]);
    sees(&h, &[GONE, "a/two"]);
    h.keys("d+-<right><left>wp)(<esc>c<esc>");
}

#[test]
fn flips_are_those_of_the_snapshot_that_they_were_counted_in() {
    let runs = Runs::of(&matched());
    let mut h = runs.open();
    h.keys("FG");
    let under = |h: &Harness| h.screen().lines().rfind(|l| l.contains('▸')).unwrap_or_default().to_owned();
    assert!(under(&h).contains("three"), "{}", h.screen());
    // Turned round, the cursor is on the same pair.
    let mut turned = matched();
    turned.reverse();
    runs.write(&turned);
    h.keys("<f5>");
    assert!(under(&h).contains("three"), "{}", h.screen());
    // What was counted in a larger library comes late, or is still shown while it is counted anew.
    h.holds(super::super::jobs::Lane::Survey);
    h.keys("m");
    runs.write(&matched()[..5]);
    h.keys("<f5>");
    h.screen();
    h.keys("<enter>");
    h.screen();
    h.keys("<esc>");
    h.let_go();
    h.screen();
    h.keys("<enter>");
    let documents = [0, 1].map(|at| h.app.column(at).and_then(shown));
    for (key, text) in documents.into_iter().flatten() {
        assert_eq!(text, text_of(&matched()[..5], &key));
    }
    // Down to one run.
    runs.write(&matched()[..2]);
    h.keys("<f5>F<f5>");
    sees(&h, &["nothing to compare it with"]);
}

/// The text that a key stands for in some lines without samples.
fn text_of(lines: &[Line<'_>], key: &str) -> String {
    let line = lines.iter().find(|(run, id, _)| format!("{run}/{id}") == key);
    line.unwrap_or_else(|| panic!("{key} is in no file")).2.to_owned()
}

#[test]
fn a_run_that_vanished_is_said() {
    let runs = Runs::of(&matched());
    let mut h = runs.open();
    h.keys("Uja");
    assert_eq!(h.app.flips.a, "b");
    // In the table of runs the cursor stays on its run.
    h.keys("j");
    assert_eq!(h.app.run_at_cursor().as_deref(), Some("c"));
    let without_b: Vec<_> = matched().into_iter().filter(|line| line.0 != "b").collect();
    runs.write(&without_b);
    h.keys("<f5>");
    assert_eq!(h.app.run_at_cursor().as_deref(), Some("c"));
    sees(&h, &["run b is no longer here"]);
    for keys in ["F", "m", "<esc>", "M", "<esc>", "P", "<tab>", "<esc>", "c", "<esc>"] {
        h.keys(keys);
        h.screen();
    }
}

#[test]
fn cells_bars_and_points_are_known_by_their_names() {
    let runs = Runs::of(&matched());
    let mut h = runs.open();
    let cell = |h: &Harness| {
        let matrix = h.app.matrix.matrix.as_ref().unwrap();
        matrix.columns[h.app.matrix.cursor.1].to_string()
    };
    h.keys("Ml");
    assert_eq!(cell(&h), "b");
    let without_a: Vec<_> = matched().into_iter().filter(|line| line.0 != "a").collect();
    runs.write(&without_a);
    h.keys("<f5>");
    assert_eq!(cell(&h), "b");
    let point = |h: &Harness| match &h.app.plots.chart.as_ref().unwrap().plot {
        crate::explorer::view::plots::Plot::Points(p) => p.points[h.app.plots.chosen].name.to_string(),
        _ => panic!("the plot of runs"),
    };
    h.keys("P<tab>l");
    assert_eq!(point(&h), "c");
    runs.write(&matched());
    h.keys("<f5>");
    assert_eq!(point(&h), "c");
    // Rejects by their place.
    let broken = |run: &str| {
        let file = runs.file(run);
        let text = std::fs::read_to_string(&file).unwrap();
        std::fs::write(&file, format!("{text}{{\n{{\n")).unwrap();
    };
    let under = |h: &Harness| {
        let reject = &h.app.library.rejects()[h.app.rejects.cursor];
        (reject.path.file_name().unwrap().to_owned(), reject.line)
    };
    broken("b");
    h.keys("<f5><esc>Rj");
    assert_eq!(under(&h), ("b.jsonl".into(), 5));
    broken("a");
    h.keys("<f5>");
    assert_eq!(h.app.library.rejects().len(), 4);
    assert_eq!(under(&h), ("b.jsonl".into(), 5));
}

#[test]
fn a_cursor_that_moved_while_a_selection_was_made_is_not_thrown_back() {
    let runs = Runs::of(&FIVE);
    let mut h = runs.open();
    h.keys("j");
    let mut more = FIVE.to_vec();
    more.insert(0, ("a", "zero", "omega, of zero"));
    runs.write(&more);
    h.busy = true;
    h.keys("<f5>jj");
    assert_eq!(shown(&h.app.reader).map(|s| s.0).as_deref(), None, "the files are others by now");
    h.release();
    assert_eq!(h.app.browse.list.cursor, 4);
    assert_eq!(shown(&h.app.reader), Some(named("a/four", "delta, of four")));
}

#[test]
fn samples_and_twins_stay_at_hand() {
    let mut lines: Vec<Line<'_>> =
        vec![("a", "x", "one"), ("a", "x", "two"), ("a", "x", "three"), ("a", "y", "y")];
    let runs = Runs::of(&lines);
    let mut h = runs.open();
    // The second sample is read, though the list is on the first.
    h.keys("<enter>)");
    assert_eq!(shown(&h.app.reader), Some(named("a/x#1", "two")));
    lines.insert(0, ("a", "w", "w"));
    runs.write(&lines);
    h.keys("<f5>");
    assert_eq!(shown(&h.app.reader), Some(named("a/x#1", "two")));
    assert_eq!(h.app.browse.list.cursor, 1);
    h.keys(")");
    assert_eq!(shown(&h.app.reader), Some(named("a/x#2", "three")));
    // Gone, with the list still on one that is there.
    lines.remove(3);
    runs.write(&lines);
    h.keys("<f5>");
    sees(&h, &[GONE, "a/x#2"]);
    h.keys(")(");
    assert_eq!(shown(&h.app.reader), None);
}

#[test]
fn while_files_are_read_again_nothing_is_said_to_be_gone() {
    let runs = Runs::of(&FIVE);
    let mut h = runs.open();
    h.keys("jjj<enter>");
    let full = h.app.library.clone();
    runs.write(&FIVE[..2]);
    let part = match h.rebuilt() {
        super::super::jobs::Answer::Built(library, _) => library,
        other => panic!("{other:?}"),
    };
    runs.write(&FIVE);
    let ticket = super::super::jobs::Ticket { lane: super::super::jobs::Lane::Build, number: 0 };
    let progress = Progress { phase: "reading", snapshot: Some(part), ..Progress::default() };
    h.event(Event::Answer(ticket, super::super::jobs::Answer::Building(progress)));
    sees_no(&h, &[GONE]);
    assert_eq!(shown(&h.app.reader), Some(named("a/four", "delta, of four")), "it was read before");
    h.keys("1");
    assert_eq!(kept(&h).len(), 1);
    let report = h.app.build.report.clone().unwrap();
    h.event(Event::Answer(ticket, super::super::jobs::Answer::Built(full, Box::new(report))));
    assert_eq!(shown(&h.app.reader), Some(named("a/four", "delta, of four")));
    assert_eq!(h.app.browse.list.cursor, 3);
}

#[test]
fn a_key_that_is_asked_for_is_waited_for_while_files_are_read() {
    let runs = Runs::of(&FIVE[..2]);
    let h = runs.open();
    let (part, report) = (h.app.library.clone(), h.app.build.report.clone().unwrap());
    runs.write(&FIVE);
    let super::super::jobs::Answer::Built(full, _) = h.rebuilt() else { panic!("it is built") };
    let ticket = super::super::jobs::Ticket { lane: super::super::jobs::Lane::Build, number: 0 };
    for (key, text) in [("a/four", Some("delta, of four")), ("a/none", Some("alpha, of one"))] {
        let mut h = runs.open();
        h.app = App::new("a".into(), h.app.now);
        h.resize(120, 36);
        h.app.session.key = Some(key.into());
        h.app.open(Screen::Read);
        let progress = Progress { phase: "reading", snapshot: Some(part.clone()), ..Progress::default() };
        h.event(Event::Answer(ticket, super::super::jobs::Answer::Building(progress)));
        assert_eq!(shown(&h.app.reader), None, "another one was not asked for");
        h.event(Event::Answer(
            ticket,
            super::super::jobs::Answer::Built(full.clone(), Box::new(report.clone())),
        ));
        assert_eq!(shown(&h.app.reader).map(|s| s.1).as_deref(), text);
        assert_eq!(h.screen().contains("no generation is called a/none"), key == "a/none", "{}", h.screen());
    }
}

#[test]
fn passages_of_another_snapshot_are_not_taken() {
    let runs = Runs::of(&FIVE);
    let mut h = runs.open();
    h.holds(super::super::jobs::Lane::Passages);
    // Nobody asks for passages while one generation has the screen: nothing supersedes the old ones.
    h.keys("/of<enter><enter>");
    let mut reversed = FIVE;
    reversed.reverse();
    runs.write(&reversed);
    h.keys("<f5>");
    h.let_go();
    h.keys("<esc>");
    let found = h.app.found.as_ref().unwrap();
    for row in found.order.iter() {
        let passage = h.app.passages.of(row).flatten().unwrap();
        let text: String = passage.shown(60).into_iter().map(|(text, _)| text.to_string()).collect();
        let id = &found.library.row(row).item().id;
        assert!(text.contains(&**id), "{id}: {text}");
    }
}
