//! What must not harm a library, done to the real program: kill -9, a full disk, two writers, readers
//! while it is written. Whatever happens, a library is that of the last commit or of the one before,
//! and indexing again ends in what a fresh library says.
//!
//! `HEEDLESS_KILLS=1000 cargo test --test faults` is the long run.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test that cannot set up has failed")]

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use heedless::error::Error;
use heedless::library::{Library, check};

#[path = "support/content.rs"]
mod content;
#[path = "../benches/generate/mod.rs"]
mod generate;

use content::content;
use generate::random::Random;

/// Generated runs that a test may change, and a library of them.
struct Bench {
    dir: tempfile::TempDir,
    /// The files as they were generated.
    whole: Vec<(PathBuf, Vec<u8>)>,
}

impl Bench {
    fn new(generations: u64) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let runs = dir.path().join("runs");
        generate::write(&runs, generate::Plan { generations, bytes: 1400, seed: 7 }).unwrap();
        let mut files: Vec<PathBuf> = fs::read_dir(&runs).unwrap().map(|e| e.unwrap().path()).collect();
        files.sort();
        // A dozen runs are enough to have something of everything.
        for file in files.drain(12..) {
            fs::remove_file(file).unwrap();
        }
        let whole = files.into_iter().map(|file| (file.clone(), fs::read(&file).unwrap())).collect();
        Self { dir, whole }
    }

    fn runs(&self) -> PathBuf {
        self.dir.path().join("runs")
    }

    fn library(&self) -> PathBuf {
        self.dir.path().join("library")
    }

    /// `heedless --index LIBRARY index RUNS`, through another program where one is given.
    fn index_by(&self, through: &[&str], library: &Path) -> Command {
        let heedless = env!("CARGO_BIN_EXE_heedless");
        let mut words = through.iter().copied().chain([heedless]);
        let mut command = Command::new(words.next().unwrap());
        command.args(words).arg("--index").arg(library).arg("index").arg(self.runs());
        command.env("XDG_CACHE_HOME", self.dir.path().join("cache")).env_remove("HEEDLESS_INDEX");
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        command
    }

    fn index(&self) -> Command {
        self.index_by(&[], &self.library())
    }

    /// What a library made in one go says.
    fn fresh(&self) -> BTreeMap<String, String> {
        let dir = tempfile::tempdir().unwrap();
        succeed(&mut self.index_by(&[], dir.path()));
        content(&Library::open(dir.path()).unwrap())
    }

    /// Indexes undisturbed and holds the library against a fresh one; nothing else may lie about.
    fn check(&self) {
        succeed(&mut self.index());
        let library = Library::open(&self.library()).unwrap();
        assert_eq!(content(&library), self.fresh());
        for row in library.all().iter() {
            library.read(row).unwrap();
        }
        if !self.litter().is_empty() {
            // Of a writer that was killed after its commit: the next one that writes collects it.
            let (file, whole) = &self.whole[0];
            let now = fs::read(file);
            fs::write(file, &whole[..whole.len() / 3]).unwrap();
            succeed(&mut self.index());
            assert_eq!(self.litter(), [""; 0]);
            match now {
                Ok(text) => fs::write(file, text).unwrap(),
                Err(_) => fs::remove_file(file).unwrap(),
            }
            succeed(&mut self.index());
        }
    }

    /// Files of the library that its manifest does not name.
    fn litter(&self) -> Vec<String> {
        let manifest = fs::read_to_string(self.library().join("library.json")).unwrap();
        let names = |dir: &Path| -> Vec<String> {
            fs::read_dir(dir).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect()
        };
        let chunks =
            names(&self.library().join("chunks")).into_iter().filter(|name| !manifest.contains(name));
        let temporary = names(&self.library()).into_iter().filter(|name| name.starts_with('.'));
        chunks.chain(temporary).collect()
    }

    /// Does something to one of the files: cuts it, empties it, makes it whole again, takes it away.
    fn change(&self, random: &mut Random) {
        let (file, whole) = &self.whole[random.below(self.whole.len())];
        match random.below(6) {
            0 => {
                // The file may be away already.
                let _ = fs::remove_file(file);
            }
            1 => fs::write(file, b"").unwrap(),
            2 | 3 => fs::write(file, &whole[..random.below(whole.len())]).unwrap(),
            _ => fs::write(file, whole).unwrap(),
        }
    }

    /// The library as it lies there can be used: it is whole, and gives no generation that is another.
    fn open(&self) -> Option<BTreeMap<String, String>> {
        let library = match Library::open(&self.library()) {
            Ok(library) => library,
            // Nothing was committed yet.
            Err(Error::NotFound(_)) => return None,
            Err(error) => panic!("{error}"),
        };
        let found = check(&self.library(), false).unwrap();
        let wrong: Vec<_> = found.problems.iter().filter(|p| !p.contains("broken off")).collect();
        assert!(wrong.is_empty(), "{wrong:?}");
        for row in library.all().iter() {
            match library.read(row) {
                Ok(_) | Err(Error::Changed { .. }) => {}
                Err(error) => panic!("{}: {error}", library.key(row)),
            }
        }
        Some(content(&library))
    }
}

fn succeed(command: &mut Command) {
    let out = command.output().unwrap();
    assert!(out.status.success(), "{:?} {}", out.status, said(&out));
}

fn said(out: &Output) -> String {
    String::from_utf8_lossy(&out.stderr).into_owned()
}

/// Whether a program can be run here; where it cannot, the test that needs it is skipped with a notice.
fn can_run(words: &[&str]) -> bool {
    let ran = Command::new(words[0]).args(&words[1..]).stdout(Stdio::null()).stderr(Stdio::null()).status();
    let can = ran.is_ok_and(|status| status.success());
    if !can {
        eprintln!("skipped: `{}` cannot be run here", words.join(" "));
    }
    can
}

#[test]
fn killed_at_any_moment() {
    let bench = Bench::new(3_000);
    let rounds: u32 = std::env::var("HEEDLESS_KILLS").map_or(30, |n| n.parse().unwrap());
    let random = &mut Random::new(&[u64::from(std::process::id())]);
    let started = Instant::now();
    succeed(&mut bench.index());
    let mut usual = started.elapsed();
    let (mut killed, mut first) = (0, 0);
    for round in 0..rounds {
        if random.chance(0.3) {
            // One that was killed early may have left none.
            let _ = fs::remove_dir_all(bench.library());
        }
        bench.change(random);
        let before = bench.open();
        let mut child = bench.index().spawn().unwrap();
        std::thread::sleep(usual.mul_f64(random.unit()));
        let _ = child.kill();
        let was_killed = child.wait().unwrap().signal().is_some();
        killed += u32::from(was_killed);
        // A machine is faster at one time than at another: most are to be killed at work, and now and
        // then one is to get to its end.
        usual = usual.mul_f64(if was_killed { 1.1 } else { 0.7 });
        first += u32::from(bench.open().is_none() && before.is_none());
        if round % 8 == 7 {
            bench.check();
        }
    }
    bench.check();
    eprintln!("{killed} of {rounds} were killed, {first} before their first commit");
    assert!(rounds < 20 || killed > rounds / 5, "only {killed} of {rounds} were killed");
}

/// A kill at each of the calls that make things lasting, one after the other until there are no more.
#[test]
fn killed_at_every_sync_and_rename() {
    if !can_run(&["strace", "-o", "/dev/null", "true"]) {
        return;
    }
    let bench = Bench::new(600);
    let most = if std::env::var_os("HEEDLESS_KILLS").is_some() { 1_000 } else { 3 };
    let whole = bench.fresh();
    for call in ["fsync", "fdatasync", "rename", "unlink"] {
        for number in 1..=most {
            let _ = fs::remove_dir_all(bench.library());
            bench.whole.iter().for_each(|(file, whole)| fs::write(file, &whole[..whole.len() / 2]).unwrap());
            succeed(&mut bench.index());
            let before = bench.open().unwrap();
            bench.whole.iter().for_each(|(file, whole)| fs::write(file, whole).unwrap());
            let trace = format!("trace={call}");
            let inject = format!("inject={call}:signal=KILL:when={number}");
            let strace = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", &trace, "-e", &inject];
            let status = bench.index_by(&strace, &bench.library()).status().unwrap();
            let after = bench.open().unwrap();
            if status.success() {
                break;
            }
            assert!(
                after == before || after == whole,
                "killed at {call} {number}: neither the one nor the other"
            );
            succeed(&mut bench.index());
            assert!(bench.open().unwrap() == whole, "killed at {call} {number}, and not made good");
        }
        bench.check();
    }
}

/// What a commit names is on the disk before it is named, and the name before the program ends: so
/// that a loss of power is no worse than a kill.
#[test]
fn files_are_lasting_before_they_are_named() {
    if !can_run(&["strace", "-o", "/dev/null", "true"]) {
        return;
    }
    let bench = Bench::new(600);
    let log = bench.dir.path().join("calls");
    let calls = "trace=openat,creat,write,pwrite64,fsync,fdatasync,rename,renameat,renameat2";
    let strace = ["strace", "-f", "-qq", "-y", "-o", log.to_str().unwrap(), "-e", calls];
    succeed(&mut bench.index_by(&strace, &bench.library()));
    let library = bench.library().to_str().unwrap().to_owned();
    let mut unsynced: Vec<String> = Vec::new();
    let (mut named, mut lasting) = (0, false);
    for line in fs::read_to_string(&log).unwrap().lines() {
        // `PID fsync(7</path/of/the/file>) = 0`
        let call = line.split_once(' ').map_or(line, |(_, rest)| rest.trim_start());
        let path = call.split_once('<').and_then(|(_, rest)| rest.split_once('>')).map(|(path, _)| path);
        let ours = path.filter(|path| path.starts_with(&library) && !path.ends_with("/lock"));
        if call.starts_with("write(") || call.starts_with("pwrite64(") {
            unsynced.extend(ours.map(str::to_owned));
        } else if call.starts_with("fsync(") || call.starts_with("fdatasync(") {
            unsynced.retain(|written| Some(written.as_str()) != ours);
            lasting |= named > 0 && path == Some(library.as_str());
        } else if call.starts_with("rename") && call.contains("/library.json\"") {
            let chunks: Vec<_> = unsynced.iter().filter(|path| !path.contains("/text/")).collect();
            assert!(chunks.is_empty(), "named before they are lasting: {chunks:?}");
            (named, lasting) = (named + 1, false);
        }
    }
    assert!(named > 0, "no commit was seen");
    assert!(lasting, "the last commit is not lasting");
}

/// Files that may not grow beyond a few bytes, then a few more: each write of an index fails once.
#[test]
fn no_room_for_a_file() {
    if !can_run(&["prlimit", "--fsize=1000", "env", "--ignore-signal=XFSZ", "true"]) {
        return;
    }
    let bench = Bench::new(600);
    bench.whole.iter().for_each(|(file, whole)| fs::write(file, &whole[..whole.len() / 2]).unwrap());
    succeed(&mut bench.index());
    let before = bench.open().unwrap();
    bench.whole.iter().for_each(|(file, whole)| fs::write(file, whole).unwrap());
    let whole = bench.fresh();
    let mut failures = 0;
    for size in [0, 100, 1_000, 4_000, 16_000, 64_000, 256_000] {
        let limit = format!("--fsize={size}");
        let out = bench
            .index_by(&["prlimit", &limit, "env", "--ignore-signal=XFSZ"], &bench.library())
            .output()
            .unwrap();
        assert!(out.status.code().is_some(), "killed with room for {size} bytes");
        let after = bench.open().unwrap();
        if after == before {
            failures += 1;
            assert!(!out.stderr.is_empty(), "with room for {size} bytes nothing was saved, and nothing said");
        } else {
            assert!(after == whole, "with room for {size} bytes: neither the one nor the other");
        }
    }
    assert!(failures > 0, "nothing failed");
    bench.check();
}

/// A file system that is full: what was committed stays, and what fits is committed when there is room.
#[test]
fn a_full_disk() {
    let mount = "mount -t tmpfs -o size=4m none /mnt";
    if !can_run(&["unshare", "--mount", "sh", "-c", mount]) {
        return;
    }
    let bench = Bench::new(600);
    let script = format!(
        "{mount} && L=/mnt/library && H={heedless} && R={runs} && export XDG_CACHE_HOME=/mnt/cache
        $H --index $L index $R/$FIRST || exit 10
        $H --index $L query --count '' $R/$FIRST > $OUT/before || exit 11
        cat /dev/zero > /mnt/ballast 2>/dev/null
        $H --index $L index $R $R/$FIRST 2> $OUT/said; echo $? > $OUT/status
        $H --index $L library check > $OUT/check 2>&1 || exit 12
        rm /mnt/ballast
        $H --index $L index $R || exit 13
        $H --index $L query --count '' $R > $OUT/after || exit 14
        $H --index $L library check > /dev/null || exit 15",
        heedless = env!("CARGO_BIN_EXE_heedless"),
        runs = bench.runs().display(),
    );
    let first = bench.whole[0].0.file_name().unwrap();
    let mut command = Command::new("unshare");
    command.args(["--mount", "sh", "-c", &script]).env("FIRST", first).env("OUT", bench.dir.path());
    command.env_remove("HEEDLESS_INDEX").stdout(Stdio::null());
    let out = command.output().unwrap();
    let read = |name: &str| fs::read_to_string(bench.dir.path().join(name)).unwrap_or_default();
    assert!(out.status.success(), "{:?} {} {}", out.status, said(&out), read("check"));
    assert!(!read("said").is_empty(), "the disk was full, and nothing was said");
    let count = |name: &str| read(name).trim().replace(',', "").parse::<usize>().unwrap();
    assert!(count("before") > 0 && count("before") < count("after"));
    assert_eq!(count("after"), bench.fresh().len());
}

#[test]
fn two_writers_and_readers() {
    let bench = Bench::new(1_500);
    let random = &mut Random::new(&[5]);
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let read = || {
            let mut opened = 0;
            while !done.load(Ordering::Relaxed) {
                opened += u32::from(bench.open().is_some());
                std::thread::sleep(Duration::from_millis(5));
            }
            opened
        };
        let readers = [scope.spawn(read), scope.spawn(read)];
        for _ in 0..4 {
            bench.change(random);
            let children = [bench.index().spawn().unwrap(), bench.index().spawn().unwrap()];
            let outs = children.map(|child| child.wait_with_output().unwrap());
            assert!(outs.iter().any(|out| out.status.success()), "{}", said(&outs[0]));
            for out in outs.iter().filter(|out| !out.status.success()) {
                assert!(
                    out.status.code().is_some() && said(out).contains("another heedless"),
                    "{}",
                    said(out)
                );
            }
        }
        done.store(true, Ordering::Relaxed);
        for reader in readers {
            assert!(reader.join().unwrap() > 0);
        }
    });
    bench.check();
}

#[test]
fn a_folder_of_others_is_left_alone() {
    let bench = Bench::new(60);
    fs::create_dir(bench.library()).unwrap();
    fs::write(bench.library().join("thesis.tex"), "years of work").unwrap();
    let out = bench.index().output().unwrap();
    assert!(!out.status.success());
    assert!(said(&out).contains("thesis.tex"), "{}", said(&out));
    assert_eq!(fs::read_dir(bench.library()).unwrap().count(), 1);
}

#[test]
fn the_library_of_another_version_is_built_anew() {
    let bench = Bench::new(60);
    succeed(&mut bench.index());
    let manifest = bench.library().join("library.json");
    let text = fs::read_to_string(&manifest).unwrap();
    let format = text.find("\"format\":").unwrap() + "\"format\":".len();
    for other in ["999", "0"] {
        fs::write(&manifest, format!("{}{other}{}", &text[..format], &text[format + 1..])).unwrap();
        assert!(matches!(Library::open(&bench.library()), Err(Error::Library { .. })));
        bench.check();
    }
}

/// A library of a version that wrote no marker is still one, and is built anew.
#[test]
fn a_library_without_a_marker_is_taken_over() {
    let bench = Bench::new(60);
    succeed(&mut bench.index());
    fs::remove_file(bench.library().join("CACHEDIR.TAG")).unwrap();
    let manifest = bench.library().join("library.json");
    let text = fs::read_to_string(&manifest).unwrap();
    fs::write(&manifest, text.replacen("\"format\":3", "\"format\":2", 1)).unwrap();
    bench.check();
    assert!(bench.library().join("CACHEDIR.TAG").exists());
}
