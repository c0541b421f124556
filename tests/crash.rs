//! Whatever happens to a writer, the library is its last or its previous commit.
//!
//! A writer is this test program itself, started again with [`WRITER`] set. It is killed at all
//! moments, and made to run out of room; every time the library must open, hold nothing wrong, and be
//! finished by the next build into what an undisturbed build makes. `HEEDLESS_KILLS=1000 cargo test
//! --test crash` does it a thousand times.

#![expect(clippy::unwrap_used, reason = "a test that cannot set up has failed")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use heedless::error::Error;
use heedless::library::{BuildOptions, Cancel, Library, build, check};

/// Set for a writer: the folder of the library and the one of the runs, with a line feed between.
const WRITER: &str = "HEEDLESS_TEST_WRITER";

fn runs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("sample_runs/smollm2-135m")
}

/// What a writer does.
#[test]
#[ignore = "started by the other tests, with a library to write"]
fn writer() {
    let Ok(job) = std::env::var(WRITER) else { return };
    let (library, runs) = job.split_once('\n').unwrap();
    let options = BuildOptions { text: true, commit_always: true, ..BuildOptions::default() };
    let built = build(Path::new(library), &[runs.into()], &options, &|_| {}, &Cancel::default());
    match built {
        Ok(built) => println!("written {} unsaved {:?}", built.library.len(), built.report.unsaved),
        Err(error) => println!("failed {error}"),
    }
}

fn start(library: &Path, runs: &Path, wrapper: &[&str]) -> Command {
    let program = std::env::current_exe().unwrap();
    let mut command = match wrapper {
        [] => Command::new(program),
        [shell, rest @ ..] => {
            let mut command = Command::new(shell);
            command.args(rest).arg(program);
            command
        }
    };
    command.args(["--exact", "writer", "--ignored", "--nocapture", "--test-threads=1"]);
    command.env(WRITER, format!("{}\n{}", library.display(), runs.display()));
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    command
}

/// What the library says of each generation, without what is only known at the end of a build.
fn content(library: &Library) -> BTreeMap<u64, Vec<String>> {
    let mut all: BTreeMap<u64, Vec<String>> = BTreeMap::new();
    for row in library.all().iter() {
        let row = library.row(row);
        let cells: Vec<_> = row.constraints().map(|c| (c.constraint.id.to_string(), c.status)).collect();
        all.entry(row.hash()).or_default().push(format!(
            "{:?} {:?} {cells:?}",
            row.run().run.name,
            row.line()
        ));
    }
    for list in all.values_mut() {
        list.sort();
    }
    all
}

/// A build that nothing disturbs.
fn undisturbed(runs: &Path) -> BTreeMap<u64, Vec<String>> {
    let dir = tempfile::tempdir().unwrap();
    let paths = [runs.to_path_buf()];
    content(
        &build(dir.path(), &paths, &BuildOptions::default(), &|_| {}, &Cancel::default()).unwrap().library,
    )
}

/// Holds a library whose writer died against what it may hold.
fn examine(library: &Path, whole: &[BTreeMap<u64, Vec<String>>]) {
    match Library::open(library) {
        Err(Error::NotFound(_)) => {}
        Err(error) => panic!("{error}"),
        Ok(opened) => {
            for (hash, rows) in content(&opened) {
                let known = whole
                    .iter()
                    .any(|all| all.get(&hash).is_some_and(|known| rows.iter().all(|r| known.contains(r))));
                assert!(known, "{hash:x} {rows:?} is in no build that was undisturbed");
            }
            let found = check(library, false).unwrap();
            let wrong: Vec<_> = found.problems.iter().filter(|p| !p.contains("broken off")).collect();
            assert!(wrong.is_empty(), "{wrong:?}");
        }
    }
}

fn kills() -> usize {
    std::env::var("HEEDLESS_KILLS").ok().and_then(|n| n.parse().ok()).unwrap_or(12)
}

/// Two states of the runs, between which the files go back and forth.
struct States {
    dir: tempfile::TempDir,
    whole: Vec<BTreeMap<u64, Vec<String>>>,
}

impl States {
    fn new() -> Self {
        let states = Self { dir: tempfile::tempdir().unwrap(), whole: Vec::new() };
        fs::create_dir(states.runs()).unwrap();
        let whole = (0..2).map(|i| {
            states.set(i);
            undisturbed(&states.runs())
        });
        let whole = whole.collect();
        Self { whole, ..states }
    }

    fn runs(&self) -> PathBuf {
        self.dir.path().join("runs")
    }

    fn library(&self) -> PathBuf {
        self.dir.path().join("library")
    }

    fn set(&self, state: usize) {
        let names = ["think.jsonl", "constraints.jsonl", "wait1.jsonl", "repeat.jsonl"];
        for (i, name) in names.iter().enumerate() {
            let text = fs::read_to_string(runs().join(name)).unwrap();
            // One file stays, one grows and shrinks, one changes, one comes and goes.
            let lines = match (i, state) {
                (1, 1) => text.lines().count() / 2,
                _ => text.lines().count(),
            };
            let skip = usize::from(i == 2) * state;
            let path = self.runs().join(name);
            if (i, state) == (3, 1) {
                let _ = fs::remove_file(path);
                continue;
            }
            let text: String = text.split_inclusive('\n').take(lines).skip(skip).collect();
            if fs::read_to_string(&path).ok() != Some(text.clone()) {
                fs::write(path, text).unwrap();
            }
        }
    }

    fn finish(&self, state: usize) {
        self.set(state);
        let output = start(&self.library(), &self.runs(), &[]).output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(said.contains("unsaved None"), "{said}");
        let library = Library::open(&self.library()).unwrap();
        assert_eq!(content(&library), self.whole[state]);
        assert_eq!(library.text_rows(), library.len());
        let found = check(&self.library(), true).unwrap();
        assert_eq!((found.problems.len(), found.changed), (0, 0), "{found:?}");
    }
}

#[test]
fn a_writer_that_is_killed_leaves_the_last_commit_or_the_one_before() {
    let states = States::new();
    let begun = Instant::now();
    states.finish(0);
    let whole_time = begun.elapsed();
    let mut moment = 0.37f64;
    for round in 0..kills() {
        states.set((round + 1) % 2);
        let mut child = start(&states.library(), &states.runs(), &[]).spawn().unwrap();
        // Moments spread evenly over the time that a build takes (golden ratio).
        moment = (moment + 0.618_034) % 1.0;
        let until = Instant::now() + whole_time.mul_f64(moment);
        while Instant::now() < until {
            // A reader is not disturbed by a writer.
            examine(&states.library(), &states.whole);
            std::thread::sleep(Duration::from_millis(3));
        }
        child.kill().unwrap();
        child.wait().unwrap();
        examine(&states.library(), &states.whole);
        if round % 5 == 4 {
            states.finish((round + 1) % 2);
        }
    }
    states.finish(1);
    let litter = fs::read_dir(states.library().join("chunks")).unwrap().count();
    assert!(litter < 60, "{litter} files: litter is collected");
}

#[test]
fn a_writer_without_room_leaves_the_last_commit() {
    if !Path::new("/bin/sh").exists() {
        println!("skipped: no shell to set a limit with");
        return;
    }
    let states = States::new();
    // Files may have so many blocks: from none to enough.
    for blocks in [0, 1, 2, 4, 8, 16, 32, 64, 128] {
        states.finish(0);
        states.set(1);
        let limit = format!("ulimit -f {blocks}; trap '' XFSZ; exec \"$@\"");
        let output =
            start(&states.library(), &states.runs(), &["/bin/sh", "-c", &limit, "sh"]).output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        // Reading goes on in memory, and what could not be written is said.
        assert!(
            said.contains("written") || said.contains("failed"),
            "{blocks} blocks: {said} {:?}",
            output.status
        );
        examine(&states.library(), &states.whole);
    }
    states.finish(1);
}
