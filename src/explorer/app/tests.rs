//! What keys do: before, keys, after.

use super::super::effect::Effect;
use super::super::event::Event;
use super::super::harness::Harness;
use super::super::jobs::{Answer, Lane, Ticket};
use super::super::key::Key;
use super::super::watch::Changed;
use super::*;
use crate::triage::Tag;

#[test]
fn facets_alone_lead_to_the_comma() {
    let Some(mut h) = Harness::math500((120, 36)) else { return };
    assert_eq!(h.app.library.runs().len(), 4);
    assert_eq!(h.app.len(), 4 * 299);
    // Facets, the group of what was not followed, down to no_comma, filter and go.
    h.keys("f}");
    while !h.screen().contains("no_comma") {
        h.keys("j");
    }
    let at = |h: &Harness| match &h.app.browse.facets.rows[h.app.browse.facets.cursor] {
        facets::FacetRow::Value { field, name, .. } => format!("{field}:{name}"),
        facets::FacetRow::Section { field, .. } => field.to_string(),
    };
    while at(&h) != "failed:no_comma" {
        h.keys("j");
    }
    h.keys("<enter>");
    assert_eq!(h.app.ask.query.to_string(), "failed:no_comma");
    assert_eq!(h.app.browse.focus, Pane::List);
    h.keys("<enter>n");
    assert_eq!(h.app.screen(), Screen::Read);
    let document = h.app.reader.document().unwrap().clone();
    let mark = &document.marks[h.app.reader.mark.unwrap()];
    assert!(matches!(&document.text()[mark.bytes.clone()], "," | "，" | "、"), "{mark:?}");
    h.keys("c");
    assert_eq!(h.app.screen(), Screen::Beside);
    let other = h.app.column(1).unwrap().document().unwrap().clone();
    assert_eq!(other.record.item.id, document.record.item.id);
    assert_ne!(other.record.run.model, document.record.run.model);
}

#[test]
fn keys_typed_ahead_of_a_selection_mean_what_it_finds() {
    let mut at_leisure = Harness::samples((120, 36));
    at_leisure.keys("/failed:no_comma<enter>j<enter>n");
    let mut ahead = Harness::samples((120, 36));
    let before = ahead.app.at_cursor();
    ahead.busy = true;
    ahead.keys("/failed:no_comma<enter>j<enter>n");
    assert_eq!((ahead.app.at_cursor(), ahead.app.reader.mark), (before, None), "nothing happens too early");
    ahead.release();
    assert_eq!(ahead.screen(), at_leisure.screen());
    assert!(ahead.app.reader.mark.is_some());
}

#[test]
fn from_an_empty_list_nothing_is_read() {
    let mut h = Harness::samples((120, 36));
    h.keys("/model:nobody<enter><enter>");
    assert_eq!(h.app.screens, [Screen::Browse]);
    assert!(h.app.can(Action::Enter).is_err());
}

#[test]
fn esc_and_a_key_that_arrive_as_one_are_two() {
    let mut h = Harness::samples((120, 36));
    h.keys("<enter>").keys("<alt-m>");
    assert_eq!(h.app.screens, [Screen::Browse]);
    h.keys("<enter>").keys("<alt-shift-m>");
    assert_eq!(h.app.screens, [Screen::Browse, Screen::Matrix]);
}

#[test]
fn a_slow_selection_does_not_keep_the_keyboard() {
    let mut h = Harness::samples((120, 36));
    h.busy = true;
    h.keys("/failed:no_comma<enter>");
    h.app.now += Duration::from_secs(1);
    h.keys("jj");
    assert_eq!(h.app.browse.list.cursor, 2);
}

#[test]
fn esc_goes_out_and_u_goes_back() {
    let mut h = Harness::samples((120, 36));
    let all = h.app.len();
    assert!(all > 100);
    h.keys("/verdict:fail correct:yes<enter>");
    assert_eq!(h.app.ask.query.to_string(), "verdict:fail correct:yes");
    h.keys("<esc>");
    assert_eq!(h.app.ask.query.to_string(), "verdict:fail");
    h.keys("<esc>");
    assert_eq!(h.app.len(), all);
    h.keys("uu");
    assert_eq!(h.app.ask.query.to_string(), "verdict:fail correct:yes");
    h.keys("<ctrl-r>");
    assert_eq!(h.app.ask.query.to_string(), "verdict:fail");
    // Esc never quits.
    h.keys("<esc><esc><esc><esc>");
    assert!(h.effects.iter().all(|e| !matches!(e, Effect::Quit)));
    h.keys("q");
    assert!(h.effects.iter().any(|e| matches!(e, Effect::Quit)));
}

#[test]
fn a_query_that_is_wrong_stays_to_be_mended() {
    let mut h = Harness::samples((120, 36));
    h.keys("/(model:a<enter>");
    let Some(Overlay::Query(line)) = &h.app.overlay else { panic!("the line stays") };
    assert!(line.error.is_some());
    h.keys("<esc>");
    assert!(h.app.overlay.is_none());
    assert!(h.app.ask.query.is_empty());
}

#[test]
fn completion_needs_no_field_name() {
    let Some(mut h) = Harness::math500((120, 36)) else { return };
    h.keys("/comma");
    let Some(Overlay::Query(line)) = &h.app.overlay else { panic!("the line is open") };
    assert_eq!(line.choices[0].text, "failed:no_comma ");
    h.keys("<tab><enter>");
    assert_eq!(h.app.ask.query.to_string(), "failed:no_comma");
}

#[test]
fn completion_knows_the_names_of_tags() {
    let mut h = Harness::samples((120, 36));
    let three = Tag::new(3).unwrap();
    Arc::make_mut(&mut h.app.triage.ledger).names.set(three, "wrong split");
    h.keys("/tag:wr");
    let Some(Overlay::Query(line)) = &h.app.overlay else { panic!("the line is open") };
    assert_eq!(line.choices[0].text, "\"wrong split\" ");
    h.keys("<tab><enter>");
    assert_eq!(h.app.ask.query.to_string(), "tag:\"wrong split\"");
}

#[test]
fn the_cursor_stays_on_its_generation_when_filters_change() {
    let mut h = Harness::samples((120, 36));
    h.keys("jjjjj");
    let key = h.app.key_at_cursor();
    h.keys("sr");
    assert_eq!(h.app.key_at_cursor(), key);
    h.keys("sl");
    h.keys("sa");
    assert_eq!(h.app.key_at_cursor(), key);
}

#[test]
fn a_session_is_taken_up_again() {
    let mut h = Harness::samples((120, 36));
    h.keys("/correct:yes<enter>jjj");
    let session = h.app.remembered();
    let key = h.app.key_at_cursor();
    let mut again = Harness::samples((120, 36));
    again.app.restore(session);
    again.app.found = None;
    again.event(Event::Key(Key::parse("f5").unwrap()));
    assert_eq!(again.app.ask.query.to_string(), "correct:yes");
    assert_eq!(again.app.key_at_cursor(), key);
}

#[test]
fn copying_gives_what_is_visible() {
    let dir = tempfile::tempdir().unwrap();
    let record = serde_json::json!({
        "run": "a", "model": "m", "id": "1", "question": "q", "answer": "1",
        "constraints": [{"id": "punctuation:no_comma", "args": null}],
        "output": "esc \u{1b}[31m, rlo \u{202e} end",
    });
    std::fs::write(dir.path().join("a.jsonl"), format!("{record}\n")).unwrap();
    let mut h = Harness::open(&[dir.path()], (100, 30));
    assert_eq!(h.app.len(), 1, "{:?}", h.app.library.rejects());
    h.keys("ya");
    let copied = h.effects.iter().find_map(|e| match e {
        Effect::Copy { text, .. } => Some(text.clone()),
        _ => None,
    });
    assert_eq!(copied.as_deref(), Some("esc ␛[31m, rlo <U+202E> end"));
    assert!(h.screen().contains("␛[31m"));
}

#[test]
fn a_folder_with_nothing_says_so() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("broken.jsonl"), "{\n").unwrap();
    std::fs::write(dir.path().join("empty.jsonl"), "").unwrap();
    let mut h = Harness::open(&[dir.path()], (100, 30));
    assert!(h.screen().contains("could not be read"), "{}", h.screen());
    h.keys("R");
    assert_eq!(h.app.screen(), Screen::Rejects);
    h.keys("<esc>q");
}

#[test]
fn actions_that_cannot_be_done_say_why() {
    let mut h = Harness::samples((120, 36));
    h.keys("/nosuchwordanywhere<enter>");
    assert!(h.app.is_empty());
    h.keys("c");
    assert!(h.app.toasts.iter().any(|t| t.text.contains("no generation is open")), "{:?}", h.app.toasts);
    assert!(h.screen().contains("no generation matches"), "{}", h.screen());
}

#[test]
fn a_word_shows_its_passages_in_the_list() {
    let mut h = Harness::samples((120, 36));
    h.keys("/wait<enter>");
    let screen = h.screen();
    assert!(screen.contains("Wait, I can't verify"), "{screen}");
    assert!(screen.contains("hit 1 of 1"), "{screen}");
    // Rows are two lines high: a screen of the list is half as many generations.
    h.keys("<pagedown>");
    assert!(h.app.browse.list.cursor < 20, "{}", h.app.browse.list.cursor);
    h.keys("X");
    assert!(!h.screen().contains("Wait, I can't verify"));
    // Where the list is wide, the passage stands in the line.
    let mut h = Harness::samples((80, 24));
    h.keys("/\"the answer\" verdict:fail<enter>");
    let screen = h.screen();
    assert!(screen.contains("first hit"), "{screen}");
    let rows = screen.lines().filter(|line| line.contains("he answer") && line.contains("own-")).count();
    assert!(rows >= 5, "{screen}");
}

#[test]
fn relevance_is_an_order_where_something_is_looked_up() {
    let mut h = Harness::samples((120, 36));
    h.keys("sw");
    assert_eq!(h.app.ask.sort.key, SortKey::Library, "nothing is looked up");
    h.keys("/wait<enter>sw");
    assert_eq!(h.app.ask.sort.key, SortKey::Relevance);
    let found = h.app.found.as_ref().unwrap();
    let hits = |row: u32| h.app.passages.of(row).flatten().map_or(0, |passage| passage.count);
    assert!(hits(found.order.iter().next().unwrap()) > 1, "{}", h.screen());
    assert!(h.screen().contains("· by relevance"), "{}", h.screen());
}

#[test]
fn a_name_typed_without_its_field_is_asked_about() {
    let mut h = Harness::samples((120, 36));
    h.keys("/near-miss");
    assert!(h.screen().contains("did you mean mode:near-miss? "), "{}", h.screen());
    h.keys("<tab>");
    assert!(!h.screen().contains("did you mean"));
    h.keys("<enter>");
    assert_eq!(h.app.ask.query.to_string(), "mode:near-miss");
}

#[test]
fn what_is_wrong_stands_below_its_place() {
    let mut h = Harness::samples((80, 24));
    h.keys("/wait /a(b/");
    let screen = h.screen();
    let lines: Vec<&str> = screen.lines().collect();
    let column = |line: &str, of: char| line.chars().position(|c| c == of);
    let at = lines.iter().position(|line| line.contains("unclosed group")).unwrap();
    assert_eq!(column(lines[at], '▲'), column(lines[at - 1], '('), "{screen}");
}

#[test]
fn esc_stops_reading_text_and_goes_back() {
    let mut h = Harness::samples((120, 36));
    h.keys("/verdict:fail<enter>");
    h.busy = true;
    h.keys("/ /\\d+ \\w/<enter>");
    let ticket = Ticket { lane: Lane::Select, number: 0 };
    let scan = crate::library::Scan { done: 120 << 20, total: 1400 << 20 };
    h.event(Event::Answer(ticket, Answer::Scanning(ticket.lane, scan)));
    assert!(h.screen().contains("reading 1.5 GB, 9%, esc stops"), "{}", h.screen());
    h.keys("<esc>");
    h.release();
    assert_eq!(h.app.ask.query.to_string(), "verdict:fail");
    assert!(h.app.ask.scanning.is_none() && !h.app.ask.waiting);
}

#[test]
fn when_the_text_is_read_nothing_is_left_to_stop() {
    let mut h = Harness::samples((120, 36));
    h.busy = true;
    h.keys("/verdict:fail /\\d+ \\w/<enter>");
    let ticket = Ticket { lane: Lane::Select, number: 0 };
    let scan = crate::library::Scan { done: 1399 << 20, total: 1400 << 20 };
    h.event(Event::Answer(ticket, Answer::Scanning(ticket.lane, scan)));
    h.release();
    assert!(!h.screen().contains("esc stops"), "{}", h.screen());
    h.keys("<esc>");
    assert_eq!(h.app.ask.query.to_string(), "verdict:fail", "Esc takes the last filter away");
}

#[test]
fn a_number_among_the_actions_goes_to_that_row() {
    let mut h = Harness::samples((120, 36));
    h.keys(":120<enter>");
    assert_eq!(h.app.browse.list.cursor, 119);
    h.keys(":9999<enter>");
    assert_eq!(h.app.browse.list.cursor, h.app.len() - 1);
    h.keys("U:3<enter>");
    assert_eq!(h.app.runs.cursor, 2);
}

#[test]
fn who_reads_is_told_when_the_file_changes() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("a.jsonl");
    std::fs::copy("sample_runs/smollm2-135m/constraints.jsonl", &file).unwrap();
    let mut h = Harness::open(&[dir.path()], (120, 36));
    assert!(h.effects.iter().any(|e| matches!(e, Effect::Watch(path) if path.ends_with("a.jsonl"))));
    h.event(Event::Changed(file.clone(), Changed::Grown));
    assert!(h.screen().contains("a.jsonl has grown; r reads what is new"), "{}", h.screen());
    std::fs::remove_file(&file).unwrap();
    h.event(Event::Changed(file, Changed::Gone));
    assert!(h.screen().contains("a.jsonl is gone from the disk"), "{}", h.screen());
    h.keys("j");
    assert!(h.screen().contains("this generation cannot be shown"), "{}", h.screen());
    assert!(h.screen().contains("r reads the files again"), "{}", h.screen());
}
