//! What keys do on the counted screens: matrix, plots, flips.

use super::super::harness::Harness;
use super::super::survey::Kind;
use super::super::view::plots::Plot;
use super::*;
use crate::analysis::Flip;
use crate::library::Field;

#[test]
fn a_cell_of_the_matrix_leads_to_its_generations() {
    let mut h = Harness::samples((120, 36));
    h.keys("M");
    assert_eq!(h.app.screen(), Screen::Matrix);
    h.keys("jjl");
    let matrix = h.app.matrix.matrix.clone().unwrap();
    let (row, column) = h.app.matrix.cursor;
    assert_eq!((row, column), (2, 1));
    let n = matrix.cell(row, column).n();
    h.keys("<enter>");
    assert_eq!(h.app.screen(), Screen::Browse);
    assert_eq!(h.app.len() as u64, n);
    assert!(h.app.ask.query.has(Field::Constraint, &matrix.rows[row]));
    assert!(h.app.ask.query.has(Field::Run, &matrix.columns[column]));
    // And back, as from any filter.
    h.keys("u");
    assert_eq!(h.app.len(), h.app.library.len());
}

#[test]
fn the_matrix_takes_other_fields_and_sides() {
    let mut h = Harness::samples((120, 36));
    h.keys("M");
    let before = h.app.matrix.matrix.clone().unwrap();
    h.keys("x");
    assert_eq!(h.app.matrix.matrix.clone().unwrap().transposed(), before);
    h.keys("xm");
    assert_eq!(h.app.matrix.matrix.clone().unwrap().measure.as_str(), "right");
    for _ in 0..20 {
        h.keys("rc");
        let matrix = h.app.matrix.matrix.clone().unwrap();
        assert_ne!(matrix.row_field, matrix.column_field);
        assert_eq!(matrix.row_field.as_str(), h.app.matrix.fields.0.name());
    }
}

#[test]
fn the_screens_follow_the_query() {
    let mut h = Harness::samples((120, 36));
    h.keys("/condition:think<enter>M");
    let think = h.app.len() as u64;
    h.keys("mr");
    let total: u64 = h.app.matrix.matrix.as_ref().unwrap().cells.iter().flatten().map(|t| t.n()).sum();
    assert!(total >= think && h.app.matrix.matrix.as_ref().unwrap().columns.len() <= 2);
    // Going back in the query counts anew, on the screen where it happens.
    h.keys("u");
    assert_eq!(h.app.screen(), Screen::Matrix);
    assert!(h.app.matrix.matrix.as_ref().unwrap().columns.len() > 2);
}

#[test]
fn every_plot_is_one_key_further_and_its_things_are_links() {
    let mut h = Harness::samples((120, 36));
    h.keys("P");
    for kind in Kind::ALL {
        assert_eq!(h.app.plots.kind, kind);
        assert!(h.app.plots.chart.is_some(), "{kind:?}");
        h.keys("<tab>");
    }
    assert_eq!(h.app.plots.kind, Kind::Rates);
    h.keys("<backtab>");
    assert_eq!(h.app.plots.kind, Kind::Lengths);
    h.keys("<tab>l");
    let chart = h.app.plots.chart.clone().unwrap();
    let Plot::Rates(rates) = &chart.plot else { panic!("rates") };
    let n = rates.bins[1].n;
    h.keys("<enter>");
    assert_eq!((h.app.screen(), h.app.len() as u64), (Screen::Browse, n));
    // Variants and units.
    h.keys("uP}");
    assert_eq!(h.app.plots.chart.as_ref().unwrap().variant, 1);
    h.keys("w");
    assert!(h.screen().contains("tokens"), "{}", h.screen());
}

#[test]
fn flips_are_counted_listed_and_opened_side_by_side() {
    let mut h = Harness::samples((120, 36));
    h.keys("F");
    let comparison = h.app.flips.compared.clone().unwrap().comparison;
    assert_eq!((comparison.a, comparison.b), (0, 1));
    // Both kinds of flip first; then each count by itself.
    let flips = comparison.followed.only_a + comparison.followed.only_b;
    assert_eq!(h.app.flips.order.len() as u64, flips);
    for kind in Flip::ALL {
        h.keys("l");
        assert_eq!(h.app.flips.order.len() as u64, comparison.followed.count(kind), "{kind:?}");
    }
    // On to a contest and a kind with a pair in it.
    h.keys("h");
    while h.app.flips.order.is_empty() {
        h.keys("h");
    }
    let pair = h.app.flips.pair().unwrap();
    h.keys("<enter>");
    assert_eq!(h.app.screen(), Screen::Beside);
    let left = h.app.reader.document().unwrap().standing.here().clone();
    let right = h.app.column(1).unwrap().document().unwrap().standing.here().clone();
    assert_eq!((left, right), pair);
    if h.app.flips.order.len() > 1 {
        h.keys("]");
        let next = h.app.flips.pair().unwrap();
        assert_ne!(next, pair);
        assert_eq!(h.app.reader.document().unwrap().standing.here(), &next.0);
    }
    // The words that the two answers do not share.
    h.keys("d");
    let found = h.app.beside.as_ref().unwrap().differences.clone().unwrap();
    let (left, right) =
        (h.app.reader.document().unwrap().clone(), h.app.column(1).unwrap().document().unwrap().clone());
    let contents: Vec<_> = found.columns.iter().map(|(content, _)| *content).collect();
    assert_eq!(contents, [left.standing.content(), right.standing.content()]);
    let only_left = &found.columns[0].1;
    let answer = &left.assessment.split.answer;
    assert!(only_left.iter().all(|r| answer.start <= r.start && r.end <= answer.end));
    assert_eq!(h.app.differing(left.standing.content()), &only_left[..]);
    h.keys("d");
    assert!(h.app.differing(left.standing.content()).is_empty());
    h.keys("<esc>");
    assert_eq!(h.app.screen(), Screen::Flips);
}

#[test]
fn the_baseline_is_chosen_in_the_table_of_runs() {
    let mut h = Harness::samples((120, 36));
    let name =
        |h: &Harness, i: usize| h.app.library.runs()[h.app.summaries()[i].run as usize].run.name.clone();
    h.keys("Ujja");
    assert_eq!(h.app.flips.a, name(&h, 2));
    h.keys("jc");
    assert_eq!(h.app.screen(), Screen::Flips);
    assert_eq!((h.app.flips.a.clone(), h.app.flips.b.clone()), (name(&h, 2), name(&h, 3)));
    h.keys("x");
    assert_eq!((h.app.flips.a.clone(), h.app.flips.b.clone()), (name(&h, 3), name(&h, 2)));
    h.keys("b");
    assert_ne!(h.app.flips.b, name(&h, 2));
}

#[test]
fn chosen_runs_stand_side_by_side_and_stay_together() {
    let mut h = Harness::samples((120, 36));
    let name =
        |h: &Harness, i: usize| h.app.library.runs()[h.app.summaries()[i].run as usize].run.name.clone();
    // The third, the first, the second: the order of choosing is the order of the columns.
    h.keys("Ujj<space>gg<space><space>");
    let chosen = [name(&h, 2), name(&h, 0), name(&h, 1)];
    assert_eq!(h.app.chosen, chosen);
    h.keys("c");
    assert_eq!(h.app.screen(), Screen::Beside);
    let at = |h: &Harness, column: usize| h.app.column(column).unwrap().document().unwrap().clone();
    let runs = |h: &Harness| [0, 1, 2].map(|c| at(h, c).record.run.name.clone());
    assert_eq!(runs(&h), chosen);
    let item = at(&h, 0).record.item.id.clone();
    assert!((1..3).all(|c| at(&h, c).record.item.id == item));
    // On to the next item: the same runs.
    h.keys("]");
    assert_eq!(runs(&h), chosen);
    assert_ne!(at(&h, 0).record.item.id, item);
    // The same part stands at the top of each, whichever has the keys.
    for keys in ["ztG", "lgg", "lG", "<ctrl-u>"] {
        h.keys(keys);
        let leader = h.app.reader_in_hand();
        let (part, rows) = leader.flow().unwrap().part_at(leader.scroll).unwrap();
        for reader in (0..3).filter_map(|c| h.app.column(c)) {
            let flow = reader.flow().unwrap();
            let last = flow.len().saturating_sub(usize::from(reader.height()));
            // One without this part stays where it is.
            let Some(head) = flow.head_of(part) else { continue };
            assert_eq!(reader.scroll, (head + rows).min(last), "{keys}");
        }
    }
    // One more, and no more; then one less.
    h.keys("+");
    assert_eq!(h.app.beside.as_ref().unwrap().columns(), 4);
    h.keys("+d");
    assert_eq!(h.app.beside.as_ref().unwrap().columns(), 4);
    let found = h.app.beside.as_ref().unwrap().differences.clone().unwrap();
    assert_eq!((found.columns.len(), found.shared.len()), (4, 3));
    h.keys("--");
    assert_eq!(h.app.beside.as_ref().unwrap().columns(), 2);
    h.keys("-");
    assert_eq!(h.app.beside.as_ref().unwrap().columns(), 2);
    assert!(h.app.toasts.iter().any(|t| t.text.contains("two runs are the least")));
}

#[test]
fn side_by_side_what_is_the_same_stands_in_one_line() {
    let mut h = Harness::samples((120, 36));
    // One of each kind of head: with failure modes, and without.
    h.keys("/mode:unboxed<enter>c++");
    for _ in 0..10 {
        let screen = h.screen();
        for name in ["answer ", "QUESTION"] {
            let lines = screen.lines().filter(|l| l.matches(name).count() > 1 && !l.contains("sample_runs"));
            assert!(lines.clone().any(|l| l.matches(name).count() == 4), "{name}\n{screen}");
        }
        h.keys("]");
    }
}

#[test]
fn screens_of_runs_side_by_side() {
    let mut h = Harness::samples((120, 36));
    h.keys("/failed:no_comma<enter>c++d");
    for (w, height) in [(120, 36), (80, 24), (40, 12), (20, 5)] {
        h.resize(w, height);
        insta::assert_snapshot!(format!("four_beside_{w}x{height}"), h.screen());
    }
    h.resize(80, 24);
    h.keys("lll");
    insta::assert_snapshot!("four_beside_80x24_last", h.screen());
}

#[test]
fn screens_of_real_runs() {
    let mut h = Harness::samples((120, 36));
    for (w, height) in [(120, 36), (80, 24), (40, 12), (20, 5)] {
        h.resize(w, height);
        for (name, keys) in [("matrix", "M"), ("flips", "F")] {
            h.keys(keys);
            insta::assert_snapshot!(format!("{name}_{w}x{height}"), h.screen());
        }
        h.keys("P");
        for kind in Kind::ALL {
            let name = kind.name().replace(' ', "_").replace('×', "x");
            insta::assert_snapshot!(format!("plot_{name}_{w}x{height}"), h.screen());
            h.keys("<tab>");
        }
    }
}

#[test]
fn a_click_chooses_and_a_second_goes_in() {
    use crossterm::event::{KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
    let mut h = Harness::samples((120, 36));
    h.keys("M");
    let n = h.app.matrix.matrix.as_ref().unwrap().cell(1, 0).n();
    let screen = h.screen();
    // The second row of the table stands two rows below the line of headings.
    let y = screen.lines().position(|l| l.contains("share followed")).unwrap() as u16 + 3;
    let x = screen.lines().nth(usize::from(y)).unwrap().find('%').unwrap() as u16;
    let click = Event::Mouse(MouseEvent {
        kind: MouseEventKind::Down(MouseButton::Left),
        column: x.min(60),
        row: y,
        modifiers: KeyModifiers::NONE,
    });
    let x_of = |h: &Harness| h.app.matrix.cursor;
    h.event(click.clone());
    assert_eq!(x_of(&h).0, 1);
    let n = if x_of(&h).1 == 0 { n } else { h.app.matrix.matrix.as_ref().unwrap().cell(1, x_of(&h).1).n() };
    h.event(click);
    assert_eq!((h.app.screen(), h.app.len() as u64), (Screen::Browse, n));
}

#[test]
fn flips_become_a_query_that_finds_the_same_pairs() {
    let mut h = Harness::samples((120, 36));
    h.keys("F");
    let (b, flips) = (h.app.flips.compared.clone().unwrap().comparison.b, h.app.flips.order.len());
    h.keys("f");
    let run = h.app.library.runs()[b as usize].run.name.clone();
    assert_eq!(h.app.ask.query.to_string(), format!("run:{run} vs:better,worse"));
    assert_eq!((h.app.screen(), h.app.len()), (Screen::Browse, flips));
    // Another baseline, another answer; and it is there again at the next start.
    h.keys("/<ctrl-u>vs:worse<enter>");
    let (baseline, worse) = (h.app.flips.a.clone(), h.app.len());
    h.keys("Ujja<esc>");
    assert_ne!((&h.app.flips.a, h.app.len()), (&baseline, worse));
    assert_eq!(h.app.remembered().baseline, h.app.flips.a);
}
