//! How fast a library is built and asked: `cargo bench --bench library`, `-- facets` for one kind.
//!
//! On 20 000 generated generations; `benches/scale.sh` measures whole programs on a million.

use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};

use divan::Bencher;
use divan::counter::BytesCount;
use heedless::assess::{Options, PreparedItem, RunFacts, assess};
use heedless::constraint::Want;
use heedless::import;
use heedless::library::{BuildOptions, Cancel, Library, Query, Sort, SortKey, Unit, build};
use heedless::record::Record;
use heedless::split::Split;

mod generate;

fn main() {
    divan::main();
}

/// Generated runs in a folder that goes with the program.
static RUNS: LazyLock<tempfile::TempDir> = LazyLock::new(|| {
    let dir = tempfile::tempdir().expect("a temporary folder can be made");
    let plan = generate::Plan { generations: 20_000, bytes: 1400, seed: 1 };
    generate::write(&dir.path().join("runs"), plan).expect("there is room for 28 MB");
    dir
});

static LIBRARY: LazyLock<Arc<Library>> = LazyLock::new(|| {
    let options = BuildOptions { text: true, ..BuildOptions::default() };
    built(&RUNS.path().join("library"), options)
});

fn runs() -> Vec<PathBuf> {
    vec![RUNS.path().join("runs")]
}

fn built(dir: &Path, options: BuildOptions) -> Arc<Library> {
    build(dir, &runs(), &options, &|_| {}, &Cancel::default()).expect("generated runs can be indexed").library
}

fn input_bytes() -> u64 {
    LIBRARY.sources().iter().map(|source| source.bytes).sum()
}

/// Some records of all runs.
fn records() -> Vec<Record> {
    let rows = LIBRARY.all();
    (0..rows.count()).step_by(40).filter_map(|n| LIBRARY.read(rows.nth(n)?).ok()).collect()
}

fn bytes_of(records: &[Record]) -> BytesCount {
    BytesCount::new(records.iter().map(|record| record.generation.text.len()).sum::<usize>())
}

#[divan::bench(sample_count = 5)]
fn build_columns(bencher: Bencher) {
    bencher
        .counter(BytesCount::new(input_bytes()))
        .with_inputs(|| tempfile::tempdir().expect("a folder"))
        .bench_values(|dir| built(dir.path(), BuildOptions::default()).len());
}

#[divan::bench]
fn open(bencher: Bencher) {
    let dir = RUNS.path().join("library");
    std::hint::black_box(LIBRARY.len());
    bencher.bench(|| Library::open(&dir).expect("it was just built").len());
}

#[divan::bench]
fn parse_lines(bencher: Bencher) {
    let source = import::discover(&runs()).expect("generated runs are found").sources.remove(0);
    let reader = import::Reader::open(&source).expect("generated runs can be read");
    let text = std::fs::read(&source.path).expect("it was just written");
    bencher.counter(BytesCount::new(text.len())).bench(|| {
        let lines = import::lines(&source.path, 0, 1, import::MAX_LINE).expect("it was just written");
        let mut records = Vec::new();
        for line in lines.flatten() {
            reader.read(&line, &mut records);
        }
        records.len()
    });
}

#[divan::bench]
fn split(bencher: Bencher) {
    let records = records();
    bencher
        .counter(bytes_of(&records))
        .bench(|| records.iter().filter(|record| Split::of(&record.generation, false).closed()).count());
}

#[divan::bench]
fn assess_verdicts(bencher: Bencher) {
    let records = records();
    let items: Vec<_> = records.iter().map(|record| PreparedItem::new(record.item.clone())).collect();
    let options = Options { want: Want::Verdict, ..Options::default() };
    bencher.counter(bytes_of(&records)).bench(|| {
        records
            .iter()
            .zip(&items)
            .filter(|(record, item)| {
                let assessment = assess(item, &record.run, RunFacts::default(), &record.generation, options);
                assessment.hacc() == Some(true)
            })
            .count()
    });
}

#[divan::bench(args = QUERIES)]
fn parse_query(query: &str) -> Query {
    Query::parse(query).expect("the queries below parse")
}

const QUERIES: [&str; 7] = [
    "model:birch-4b",
    "verdict:partial correct:yes",
    "failed:no_comma mode:truncated trace>200",
    "trace:100..300 answer<50 margin<-3",
    "angle triangle",
    "\"the angle\" failed:length",
    "ang*",
];

#[divan::bench(args = QUERIES)]
fn select(query: &str) -> usize {
    let query = Query::parse(query).expect("the queries above parse");
    LIBRARY.select(&query, &Cancel::default()).expect("nothing cancels").count()
}

#[divan::bench(args = QUERIES)]
fn facets(bencher: Bencher, query: &str) {
    let query = Query::parse(query).expect("the queries above parse");
    let selection = LIBRARY.select(&query, &Cancel::default()).expect("nothing cancels");
    bencher.bench(|| LIBRARY.facets(&selection).iter().count());
}

#[divan::bench]
fn sort_a_selection(bencher: Bencher) {
    let query = Query::parse("verdict:fail,partial").expect("it parses");
    let selection = Arc::new(LIBRARY.select(&query, &Cancel::default()).expect("nothing cancels"));
    let sort = Sort { key: SortKey::Trace(Unit::Words), descending: true };
    bencher.bench(|| LIBRARY.sorted(&selection, sort).len());
}
