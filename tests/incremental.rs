//! A library that is kept up to date is the library that would be built anew.

#![expect(clippy::unwrap_used, reason = "a test that cannot set up has failed")]

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use heedless::error::Error;
use heedless::library::{BuildOptions, Built, Cancel, Library, build, follow};

#[path = "support/content.rs"]
mod content;

use content::content;

/// Runs to work on: copies of the sample runs, which tests may change.
struct Bench {
    dir: tempfile::TempDir,
}

impl Bench {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("runs")).unwrap();
        let bench = Self { dir };
        for (i, file) in samples().iter().enumerate().take(3) {
            fs::copy(file, bench.runs().join(format!("{i}.jsonl"))).unwrap();
        }
        bench
    }

    fn runs(&self) -> PathBuf {
        self.dir.path().join("runs")
    }

    fn file(&self, i: usize) -> PathBuf {
        self.runs().join(format!("{i}.jsonl"))
    }

    fn library(&self) -> PathBuf {
        self.dir.path().join("library")
    }

    fn build(&self) -> Built {
        built(&self.library(), &self.runs())
    }

    /// Brings the library up to date and holds it against a fresh one.
    fn check(&self) -> Built {
        let built = self.build();
        let fresh = tempfile::tempdir().unwrap();
        let anew = self::built(fresh.path(), &self.runs());
        assert_eq!(content(&built.library), content(&anew.library));
        assert_eq!(content(&Library::open(&self.library()).unwrap()), content(&anew.library));
        let told = |library: &Library| {
            let mut all: Vec<String> = library.rejects().iter().map(|r| format!("{r:?}")).collect();
            all.sort();
            all
        };
        assert_eq!(told(&built.library), told(&anew.library));
        for row in built.library.all().iter() {
            built.library.read(row).unwrap();
        }
        let again = self.build();
        assert_eq!(
            (again.report.bytes, again.report.unchanged),
            (0, again.report.files),
            "nothing is left to do"
        );
        built
    }
}

fn built(library: &Path, runs: &Path) -> Built {
    let options = BuildOptions::default();
    build(library, &[runs.to_path_buf()], &options, &|_| {}, &Cancel::default()).unwrap()
}

fn samples() -> Vec<PathBuf> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("sample_runs");
    let mut files: Vec<PathBuf> = fs::read_dir(dir)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
        .flat_map(|dir| fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()))
        .filter(|path| path.extension().is_some_and(|e| e == "jsonl"))
        .collect();
    files.sort();
    assert!(files.len() > 3);
    files
}

#[test]
fn files_that_did_not_change_are_not_read() {
    let bench = Bench::new();
    let first = bench.check();
    assert!(first.report.bytes > 0);
    let second = bench.build();
    assert_eq!(second.report.bytes, 0);
    assert_eq!(second.report.unchanged, 3);
    assert_eq!(content(&first.library), content(&second.library));
}

#[test]
fn of_a_file_that_grew_only_the_new_lines_are_read() {
    let bench = Bench::new();
    let whole = fs::read(bench.file(0)).unwrap();
    let cut = whole.iter().enumerate().filter(|(_, b)| **b == b'\n').nth(4).unwrap().0 + 1;
    // At a line end, in the middle of a line, right before a line end.
    for at in [cut, cut + 20, cut + whole[cut..].iter().position(|b| *b == b'\n').unwrap()] {
        fs::write(bench.file(0), &whole[..at]).unwrap();
        let partial = bench.check();
        fs::File::options().append(true).open(bench.file(0)).unwrap().write_all(&whole[at..]).unwrap();
        let grown = bench.check();
        assert_eq!((grown.report.grown, grown.report.changed), (1, 0), "cut at {at}");
        assert!(grown.report.bytes <= (whole.len() - cut) as u64, "cut at {at}");
        assert!(grown.library.len() > partial.library.len());
    }
}

#[test]
fn a_line_that_goes_on_after_it_was_read_is_read_anew() {
    let bench = Bench::new();
    let whole = fs::read(bench.file(0)).unwrap();
    fs::write(bench.file(0), whole.trim_ascii_end()).unwrap();
    bench.check();
    fs::write(bench.file(0), [whole.trim_ascii_end(), b" x\n"].concat()).unwrap();
    let built = bench.check();
    assert_eq!(built.report.changed, 1);
    assert_eq!(built.report.rejected, 1);
}

#[test]
fn a_file_that_changed_is_replaced() {
    let bench = Bench::new();
    let before = bench.check();
    fs::copy(&samples()[3], bench.file(1)).unwrap();
    let after = bench.check();
    assert_eq!((after.report.changed, after.report.unchanged), (1, 2));
    assert_ne!(content(&before.library), content(&after.library));
}

#[test]
fn a_record_that_changed_on_disk_is_noticed_when_it_is_read() {
    let bench = Bench::new();
    let built = bench.check();
    let row = built.library.all().iter().next().unwrap();
    let path = built.library.row(row).source().path.to_path_buf();
    fs::write(&path, fs::read_to_string(&path).unwrap().replace("the", "thx")).unwrap();
    assert!(matches!(built.library.read(row), Err(Error::Changed { .. })));
    fs::write(&path, "").unwrap();
    assert!(matches!(built.library.read(row), Err(Error::Changed { .. })));
    fs::remove_file(&path).unwrap();
    assert!(matches!(built.library.read(row), Err(Error::Changed { .. })));
}

#[test]
fn files_that_went_and_came_and_were_renamed() {
    let bench = Bench::new();
    bench.check();
    fs::remove_file(bench.file(0)).unwrap();
    let less = bench.check();
    assert_eq!((less.report.gone, less.report.unchanged), (1, 2));
    fs::copy(&samples()[0], bench.file(7)).unwrap();
    bench.check();
    fs::rename(bench.file(1), bench.file(9)).unwrap();
    let renamed = bench.check();
    assert_eq!(renamed.report.bytes, 0, "a renamed file is recognised: {:?}", renamed.report);
}

#[test]
fn bad_lines_are_told_and_the_rest_stays() {
    let bench = Bench::new();
    let good = bench.check().library.len();
    let mut file = fs::File::options().append(true).open(bench.file(2)).unwrap();
    file.write_all(b"{\"broken\n\n\xff\xfe\n{}\n").unwrap();
    let built = bench.check();
    assert_eq!(built.library.len(), good);
    assert_eq!((built.report.rejected, built.report.blank), (3, 1));
    assert_eq!(built.library.rejects().len(), 3);
}

#[test]
fn damage_and_other_versions_are_built_anew() {
    let bench = Bench::new();
    let expected = content(&bench.check().library);
    let manifest = bench.library().join("library.json");
    let text = fs::read_to_string(&manifest).unwrap();
    let chunk = || fs::read_dir(bench.library().join("chunks")).unwrap().next().unwrap().unwrap().path();
    let damages: [(&str, &dyn Fn()); 5] = [
        ("another format", &|| fs::write(&manifest, text.replace("\"format\":", "\"format\":99")).unwrap()),
        ("half a manifest", &|| fs::write(&manifest, &text[..text.len() / 2]).unwrap()),
        ("an empty manifest", &|| fs::write(&manifest, "").unwrap()),
        ("a flipped bit", &|| {
            let mut bytes = fs::read(chunk()).unwrap();
            let middle = bytes.len() / 2;
            bytes[middle] ^= 4;
            fs::write(chunk(), bytes).unwrap();
        }),
        ("a missing file", &|| fs::remove_file(chunk()).unwrap()),
    ];
    for (what, damage) in damages {
        damage();
        assert!(Library::open(&bench.library()).is_err(), "{what}");
        let built = bench.build();
        assert!(built.report.rebuilt.is_some(), "{what}");
        assert_eq!(content(&built.library), expected, "{what}");
        assert_eq!(bench.build().report.bytes, 0, "{what}");
    }
}

#[test]
fn a_folder_with_other_things_is_refused() {
    let bench = Bench::new();
    fs::create_dir(bench.library()).unwrap();
    fs::write(bench.library().join("thesis.tex"), "").unwrap();
    let options = BuildOptions::default();
    let result = build(&bench.library(), &[bench.runs()], &options, &|_| {}, &Cancel::default());
    let message = result.unwrap_err().to_string();
    assert!(message.contains("thesis.tex"), "{message}");
    assert!(bench.library().join("thesis.tex").exists());
}

#[test]
fn a_second_writer_is_told_and_a_reader_is_not_disturbed() {
    let bench = Bench::new();
    let expected = content(&bench.check().library);
    let lock = fs::File::options().write(true).open(bench.library().join("lock")).unwrap();
    lock.lock().unwrap();
    assert_eq!(bench.build().report.unchanged, 3, "nothing to write needs no lock");
    fs::remove_file(bench.file(0)).unwrap();
    let options = BuildOptions::default();
    let result = build(&bench.library(), &[bench.runs()], &options, &|_| {}, &Cancel::default());
    assert!(matches!(result, Err(Error::Busy { .. })), "{result:?}");
    assert_eq!(content(&Library::open(&bench.library()).unwrap()), expected);
    drop(lock);
    bench.check();
}

#[test]
fn a_file_that_is_being_written_is_followed() {
    let bench = Bench::new();
    let whole = fs::read(bench.file(0)).unwrap();
    fs::write(bench.file(0), "").unwrap();
    let (seen, snapshots) = std::sync::mpsc::channel();
    let cancel = Cancel::default();
    let follower = std::thread::spawn({
        let (cancel, library, runs) = (cancel.clone(), bench.library(), bench.runs());
        move || {
            let tell = |progress: heedless::library::Progress| {
                if let Some(library) = progress.snapshot.filter(|_| progress.phase == "following") {
                    seen.send(library).unwrap();
                }
            };
            let every = std::time::Duration::from_millis(5);
            follow(&library, &[runs], &BuildOptions::default(), every, &tell, &cancel)
        }
    });
    let wait = std::time::Duration::from_mins(1);
    let first = snapshots.recv_timeout(wait).unwrap();
    let mut file = fs::File::options().append(true).open(bench.file(0)).unwrap();
    // Pieces that end anywhere: within a line, within a character, right before a line end.
    for piece in whole.chunks(1 + whole.len() / 23) {
        file.write_all(piece).unwrap();
        std::thread::sleep(std::time::Duration::from_millis(3));
    }
    let lines = String::from_utf8_lossy(&whole).lines().count();
    let mut last = first.clone();
    while last.len() < first.len() + lines {
        last = snapshots.recv_timeout(wait).unwrap();
    }
    cancel.cancel();
    follower.join().unwrap().unwrap();
    let fresh = tempfile::tempdir().unwrap();
    let anew = built(fresh.path(), &bench.runs());
    assert_eq!(content(&last), content(&anew.library));
    bench.check();
}

#[test]
fn a_library_that_grows_in_small_steps_stays_in_few_pieces() {
    let bench = Bench::new();
    let whole = fs::read_to_string(bench.file(0)).unwrap();
    fs::write(bench.file(0), "").unwrap();
    for line in whole.split_inclusive('\n') {
        fs::File::options().append(true).open(bench.file(0)).unwrap().write_all(line.as_bytes()).unwrap();
        bench.build();
    }
    bench.check();
    let chunks = fs::read_dir(bench.library().join("chunks")).unwrap().count();
    assert!(chunks < 30, "{chunks} files");
}
