//! Numbers of real generations against the same numbers counted another way.

use std::path::Path;
use std::sync::Arc;

use heedless::analysis::compare::Contest;
use heedless::analysis::survey::{self, Part};
use heedless::analysis::table::{FIELDS, tabulate};
use heedless::analysis::{Counted, Flip, Tally, compare};
use heedless::explorer::survey::{self as survey_screen, Finding, Kind, Request};
use heedless::explorer::view::plots::Plot;
use heedless::library::{BuildOptions, Cancel, Field, Library, Query, Unit, build};

/// The library of the repository's own sample runs.
fn samples() -> Arc<Library> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let runs = Path::new(env!("CARGO_MANIFEST_DIR")).join("sample_runs");
    let built = build(folder.path(), &[runs], &BuildOptions::default(), &|_| {}, &Cancel::default());
    built.expect("the sample runs can be read").library
}

fn select(library: &Library, query: &str) -> heedless::library::Selection {
    library.select(&Query::parse(query).expect("a query"), &Cancel::default()).expect("a selection")
}

#[test]
fn comparing_two_runs_is_symmetrical_and_adds_up() {
    let library = samples();
    let all = library.all();
    assert!(library.runs().len() >= 2);
    for (a, b) in [(0, 1), (1, 0), (0, library.runs().len() as u32 - 1)] {
        let one = compare(&library, a, b, &all);
        let other = compare(&library, b, a, &all);
        assert!(one.items > 0, "runs {a} and {b} share items");
        assert_eq!(
            (one.unpaired_a, one.items, one.pairs.len()),
            (other.unpaired_b, other.items, other.pairs.len())
        );
        for contest in Contest::ALL {
            let (x, y) = (one.paired(contest), other.paired(contest));
            assert_eq!(
                (x.both, x.only_a, x.only_b, x.none, x.unknown),
                (y.both, y.only_b, y.only_a, y.none, y.unknown)
            );
            assert_eq!(x.known() + x.unknown, one.pairs.len() as u64);
            for kind in Flip::ALL {
                assert_eq!(
                    one.flips(contest, Some(kind)).len() as u64,
                    x.count(kind),
                    "{contest:?} {kind:?}"
                );
            }
        }
        for pair in &one.pairs {
            let (x, y) = (library.row(pair.a), library.row(pair.b));
            assert_eq!((x.run_number(), y.run_number()), (a, b));
            assert_eq!((x.item_number(), x.sample()), (y.item_number(), y.sample()));
            assert_eq!(pair.followed, Flip::of(x.hacc(), y.hacc()));
        }
    }
    // A run against itself never flips.
    let same = compare(&library, 0, 0, &all);
    assert_eq!((same.followed.only_a, same.followed.only_b), (0, 0));
    assert!(same.share.value().is_none_or(|mean| mean == 0.0));
}

#[test]
fn a_query_narrows_the_pairs_without_hiding_the_better_run() {
    let library = samples();
    let run = |i: usize| library.runs()[i].run.name.clone();
    let whole = compare(&library, 0, 1, &library.all());
    let of_one = compare(&library, 0, 1, &select(&library, &format!("run:\"{}\"", run(0))));
    assert_eq!(of_one.pairs, whole.pairs);
    let failing = compare(&library, 0, 1, &select(&library, "verdict:fail"));
    let expected = whole
        .pairs
        .iter()
        .filter(|p| [p.a, p.b].iter().any(|&r| select(&library, "verdict:fail").has(r)))
        .count();
    assert_eq!(failing.pairs.len(), expected);
}

#[test]
fn tables_count_what_queries_select() {
    let library = samples();
    let all = library.all();
    let cancel = Cancel::default();
    for &down in &FIELDS {
        for &across in FIELDS.iter().filter(|&&f| f != down) {
            let table =
                tabulate(&library, &all, (down, across), Counted::Right, &cancel).expect("not cancelled");
            for (r, row) in table.rows.iter().enumerate() {
                for (c, column) in table.columns.iter().enumerate() {
                    let query = Query::default().with(down, row).with(across, column);
                    let selected = library.select(&query, &cancel).expect("a selection");
                    let tally: Tally = selected.iter().map(|row| library.row(row).correct()).collect();
                    assert_eq!(table.cells[r][c], tally, "{query}");
                }
            }
        }
    }
}

#[test]
fn verdicts_are_counted_for_their_own_constraint() {
    let library = samples();
    let cancel = Cancel::default();
    let fields = (Field::Constraint, Field::Model);
    let table =
        tabulate(&library, &library.all(), fields, Counted::Followed, &cancel).expect("not cancelled");
    for (r, constraint) in table.rows.iter().enumerate() {
        for (c, model) in table.columns.iter().enumerate() {
            let selected = select(&library, &format!("model:\"{model}\" constraint:\"{constraint}\""));
            let expected: Tally = selected
                .iter()
                .map(|row| {
                    let row = library.row(row);
                    let own = row.constraints().filter(|cell| cell.constraint.short_name() == constraint);
                    let facts: Vec<Option<bool>> = own.map(|cell| cell.status.followed()).collect();
                    if facts.contains(&Some(false)) {
                        Some(false)
                    } else {
                        facts.iter().all(|f| *f == Some(true)).then_some(true)
                    }
                })
                .collect();
            assert_eq!(table.cells[r][c], expected, "{constraint} {model}");
        }
    }
}

#[test]
fn plots_hold_every_generation_once() {
    let library = samples();
    let (all, cancel) = (library.all(), Cancel::default());
    let n = library.len() as u64;
    for unit in [Unit::Chars, Unit::Words, Unit::Tokens] {
        for part in [Part::Trace, Part::Answer] {
            let rated = survey::rates(&library, &all, (part, unit), 6, &cancel);
            let binned: u64 = rated.bins.iter().map(|b| b.metrics.n()).sum();
            assert_eq!(binned + rated.without + rated.unknown, n, "{part:?} {unit:?}");
            assert!(rated.bins.len() <= 6);
            for bin in &rated.bins {
                let query = format!("{}:{}..{}{}", part.name(), bin.from, bin.to, unit.suffix());
                assert_eq!(select(&library, &query).count() as u64, bin.metrics.n(), "{query}");
            }
            let (bins, counts, unknown) = survey::lengths(&library, &all, (part, unit), &cancel);
            assert_eq!((bins.len(), counts.iter().sum::<u64>() + unknown), (counts.len(), n));
        }
    }
    let cross = survey::cross(&library, &all, &cancel);
    assert_eq!(cross.known() + cross.unknown, n);
    for ((run, metrics), summary) in
        survey::by_run(&library, &all, &cancel).into_iter().zip(library.summaries(&all))
    {
        assert_eq!((run, metrics.n()), (summary.run, u64::from(summary.n)));
        assert_eq!(metrics.hacc.share(), summary.hacc.value());
        assert_eq!(metrics.correct.share(), summary.correct.value());
    }
    for constraint in 0..library.constraints().len() as u32 {
        let histogram = survey::margins(&library, &all, constraint, &cancel);
        let name = &library.constraints()[constraint as usize].id;
        let having = select(&library, &format!("constraint:\"{name}\"")).count() as u64;
        assert!(histogram.n + histogram.unknown >= having, "{name}");
        assert_eq!(histogram.bars.iter().map(|b| b.count).sum::<u64>(), histogram.n);
    }
    let placed = survey::positions(&library, &all, None, 50, heedless::assess::Options::default(), &cancel);
    assert_eq!(placed.failed, 0);
    assert!(placed.read <= 50 && placed.read == placed.histogram.placed() + placed.histogram.unplaced);
}

#[test]
fn what_a_plot_counts_can_be_entered() {
    let library = samples();
    let (all, cancel, options) = (library.all(), Cancel::default(), heedless::assess::Options::default());
    for kind in Kind::ALL {
        for variant in 0..3 {
            let request = Request::Chart { kind, variant, unit: Unit::Words };
            let finding =
                survey_screen::count(&library, &all, request, options, &cancel).expect("not cancelled");
            let Finding::Chart(chart) = finding else { panic!("a chart was asked for") };
            assert_eq!(chart.plot.len(), chart.links.len(), "{kind:?}");
            let counts: Vec<u64> = match &chart.plot {
                Plot::Rates(rates) => rates.bins.iter().map(|b| b.n).collect(),
                Plot::Points(points) => points.points.iter().map(|p| p.n).collect(),
                Plot::Cross(cross) => cross.cells().concat(),
                // Positions have no query of their own, and an item can have a constraint twice.
                Plot::Bars(_) if matches!(kind, Kind::Position | Kind::Margins) => continue,
                Plot::Bars(bars) => bars.bars.iter().map(|b| b.count).collect(),
            };
            for (count, link) in counts.into_iter().zip(&chart.links) {
                let query = link.as_ref().expect("a query");
                assert_eq!(Query::parse(&query.to_string()).as_ref(), Ok(query), "it can be written down");
                let selected = library.select(query, &cancel).expect("a selection");
                assert_eq!(selected.count() as u64, count, "{kind:?} {query}");
            }
        }
    }
}
