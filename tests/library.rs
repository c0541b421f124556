//! The library over real files: what is counted, selected, sorted, found and read back.

#![expect(clippy::unwrap_used, reason = "a test that cannot set up has failed")]

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use heedless::library::{BuildOptions, Cancel, Field, Library, Query, Sort, SortKey, Unit, build};

fn sample_runs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("sample_runs")
}

fn library_of(paths: &[PathBuf]) -> (tempfile::TempDir, Arc<Library>) {
    let dir = tempfile::tempdir().unwrap();
    let built = build(dir.path(), paths, &BuildOptions::default(), &|_| {}, &Cancel::default()).unwrap();
    let report = &built.report;
    assert_eq!(report.lines, report.loaded + report.rejected + report.blank + report.pending, "{report:?}");
    assert_eq!(report.generations as usize, built.library.len(), "{report:?}");
    (dir, built.library)
}

fn count(library: &Library, query: &str) -> usize {
    library.select(&Query::parse(query).unwrap(), &Cancel::default()).unwrap().count()
}

#[test]
fn every_generation_is_read_back_from_its_place() {
    let (_dir, library) = library_of(&[sample_runs()]);
    assert!(library.len() > 100, "{library:?}");
    let mut keys = HashMap::new();
    for row in library.all().iter() {
        let record = library.read(row).unwrap();
        assert_eq!(record.item.id, *library.row(row).item().id);
        assert_eq!(record.run.name, library.row(row).run().run.name);
        let key = library.key(row);
        assert_eq!(library.find(&key).unwrap(), row, "{key}");
        assert_eq!(keys.insert(key, row), None);
    }
}

#[test]
fn counts_of_a_facet_add_up_to_the_selection() {
    let (_dir, library) = library_of(&[sample_runs()]);
    for query in ["", "trace>50", "-verdict:pass", "the"] {
        let selection = library.select(&Query::parse(query).unwrap(), &Cancel::default()).unwrap();
        let facets = library.facets(&selection);
        for field in
            [Field::Model, Field::Run, Field::Condition, Field::Setting, Field::Correct, Field::Finish]
        {
            let facet = facets.get(field).unwrap();
            let sum: usize = facet.values.iter().map(|value| value.count).sum();
            assert_eq!(sum, selection.count(), "{query:?} by {field}");
        }
        for facet in facets.iter() {
            for value in &facet.values {
                let narrowed = selection.query().with(facet.field, &value.name);
                assert_eq!(count(&library, &narrowed.to_string()), value.count, "{narrowed}");
            }
        }
    }
}

#[test]
fn negation_and_or_are_those_of_sets() {
    let (_dir, library) = library_of(&[sample_runs()]);
    let all = library.len();
    for q in ["correct:yes", "trace>100", "model:*", "\"the answer\"", "broken>0", "margin<0"] {
        assert_eq!(count(&library, q) + count(&library, &format!("-({q})")), all, "{q}");
        assert_eq!(count(&library, &format!("({q} OR -({q}))")), all, "{q}");
        assert_eq!(count(&library, &format!("{q} -({q})")), 0, "{q}");
    }
}

#[test]
fn sorting_is_a_permutation_in_order() {
    let (_dir, library) = library_of(&[sample_runs()]);
    let selection =
        library.select(&Query::parse("-setting:none OR setting:none").unwrap(), &Cancel::default()).unwrap();
    let selection = Arc::new(selection);
    for key in SortKey::ALL {
        for descending in [false, true] {
            let rows = library.sorted(&selection, Sort { key, descending });
            let mut again: Vec<u32> = rows.iter().collect();
            again.sort_unstable();
            assert_eq!(again, selection.iter().collect::<Vec<_>>(), "{key:?}");
            for (position, row) in rows.iter().enumerate() {
                assert_eq!((rows.get(position), rows.position(row)), (Some(row), Some(position)), "{key:?}");
                assert_eq!(rows.from(position).next(), Some(row), "{key:?}");
            }
            assert_eq!((rows.get(rows.len()), rows.from(rows.len()).next()), (None, None));
        }
    }
    let rows = library.sorted(&selection, Sort { key: SortKey::Trace(Unit::Words), descending: true });
    let lengths: Vec<u32> = rows.iter().map(|row| library.row(row).trace().words).collect();
    assert!(lengths.is_sorted_by(|a, b| a >= b));
}

#[test]
fn a_passage_is_about_what_is_rarest() {
    let (_dir, library) = library_of(&[sample_runs()]);
    let query = Query::parse("the bag").unwrap();
    let lookups: Vec<_> = query.lookups().into_iter().cloned().collect();
    let rows: Vec<u32> = library.select(&query, &Cancel::default()).unwrap().iter().collect();
    let passages = library.passages(&rows, &lookups, &Cancel::default());
    let mut about = 0;
    for (&row, passage) in rows.iter().zip(passages) {
        let text = library.read(row).unwrap().generation.text.to_lowercase();
        let words = || text.split(|c: char| !c.is_alphanumeric());
        if words().filter(|w| *w == "bag").count() < words().filter(|w| *w == "the").count() {
            let shown = passage.unwrap().bracketed(4_000).as_str().to_lowercase();
            assert!(shown.find("⟨bag⟩") <= shown.find("⟨the⟩").or(Some(usize::MAX)), "{shown}");
            about += 1;
        }
    }
    assert!(about > 3, "{about}");
}

#[test]
fn wrong_keys_come_back_with_a_suggestion() {
    let (_dir, library) = library_of(&[sample_runs()]);
    let key = library.key(library.all().iter().next().unwrap());
    let error = library.find(&format!("x{key}")).unwrap_err().to_string();
    assert!(error.contains("did you mean"), "{error}");
    let error = library.find(&format!("{key}x")).unwrap_err().to_string();
    assert!(error.contains("did you mean"), "{error}");
}

#[test]
fn math500_is_four_runs_of_299() {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/runs/math500");
    if !data.exists() {
        println!("skipped: ../shared/data not here");
        return;
    }
    let (_dir, library) = library_of(&[data]);
    assert_eq!(library.len(), 1196);
    let sizes: Vec<u32> = library.runs().iter().map(|run| run.generations).collect();
    assert_eq!(sizes, [299; 4]);
    let row = library.all().iter().next().unwrap();
    assert_eq!(library.same_item(row).len(), 3);
}

/// The modes that come from twins are those that the twins, found one by one, say.
#[test]
fn twins_of_all_are_the_twins_of_each() {
    use heedless::failure::Mode;

    let (_dir, library) = library_of(&[sample_runs()]);
    let mut seen = 0;
    for row in library.all().iter() {
        let told = library.row(row).modes();
        let correct = |row: u32| library.row(row).correct();
        let twin = library.twin(row);
        seen += usize::from(twin.is_some());
        let pair = twin.map(|twin| (correct(row), correct(twin)));
        assert_eq!(told.has(Mode::Gained), pair == Some((Some(true), Some(false))), "{}", library.key(row));
        assert_eq!(told.has(Mode::Lost), pair == Some((Some(false), Some(true))), "{}", library.key(row));
    }
    assert!(seen > 0, "the sample runs have twins");
}

/// A generation is read while all threads read others of a file whose items are not parsed yet.
#[test]
fn reading_while_items_are_parsed_is_no_deadlock() {
    let dir = tempfile::tempdir().unwrap();
    let (data, output) = (dir.path().join("data"), dir.path().join("output"));
    std::fs::create_dir(&data).unwrap();
    std::fs::create_dir(&output).unwrap();
    let items: Vec<String> = (0..1500)
        .map(|n| {
            format!(
                r#"{{"source":"s","id":"{n}","question":"What is {n}?","answer":"{n}","constraint_name":["punctuation:no_comma"],"constraint_args":[null],"constraint_desc":["No commas."]}}"#
            )
        })
        .collect();
    let outputs: Vec<String> = (0..1500).map(|n| format!("{{\"output\":\"The answer is {n}\"}}")).collect();
    std::fs::write(data.join("s_single.jsonl"), items.join("\n")).unwrap();
    std::fs::write(output.join("m_s_single.jsonl"), outputs.join("\n")).unwrap();
    let index = dir.path().join("index");
    let paths = [dir.path().to_path_buf()];
    let built = build(&index, &paths, &BuildOptions::default(), &|_| {}, &Cancel::default()).unwrap();
    assert_eq!(built.library.len(), 1500);
    let (done, finished) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        for _ in 0..60 {
            let library = Library::open(&index).unwrap();
            std::thread::scope(|scope| {
                for row in [0, 700, 1400] {
                    let library = &library;
                    scope.spawn(move || library.read(row).unwrap());
                }
                assert_eq!(count(&library, "answer"), 1500);
            });
        }
        done.send(()).unwrap();
    });
    let waited = finished.recv_timeout(std::time::Duration::from_mins(2));
    assert!(waited.is_ok(), "{waited:?}: a deadlock, or a thread failed");
}
