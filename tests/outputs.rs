//! What a command writes is never written over what the user has: by the real program.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test that cannot set up has failed")]

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

/// A folder of the user's, and folders of heedless's own beside it.
struct Here(tempfile::TempDir);

fn record(id: &str) -> String {
    format!(
        r#"{{"model":"m","id":"{id}","question":"1+1?","gold":"2","constraints":[{{"id":"punctuation:no_comma","args":null}}],"output":"one, \\boxed{{2}}"}}"#
    )
}

const ITEM: &str = r#"{"source":"s","id":0,"question":"1+1?","answer":"2","constraint_name":["punctuation:no_comma"],"constraint_args":[null],"constraint_desc":["No commas."]}"#;

impl Here {
    fn new() -> Self {
        let here = Self(tempfile::tempdir().unwrap());
        for folder in ["runs", "pair/data", "pair/output", "pair/reference", "other", "tags"] {
            fs::create_dir_all(here.at(folder)).unwrap();
        }
        let two = format!("{}\n{}\n", record("q1"), record("q2"));
        fs::write(here.at("runs/a.jsonl"), &two).unwrap();
        fs::write(here.at("other/b.jsonl"), &two).unwrap();
        fs::write(here.at("pair/data/d.jsonl"), format!("{ITEM}\n")).unwrap();
        fs::write(here.at("pair/data/lone.jsonl"), format!("{ITEM}\n")).unwrap();
        fs::write(here.at("pair/output/m_d.jsonl"), "{\"output\":[\"a, b\"]}\n").unwrap();
        fs::write(here.at("pair/reference/m_d.jsonl"), "{\"follow\":[false],\"correct\":true}\n").unwrap();
        fs::write(here.at("pair/heedless.toml"), "[[run]]\nfiles = '*'\nname = 'r'\n").unwrap();
        let rules = "[[constraint]]\nid = \"own:x\"\nsentence = \"x\"\nmust_match = 'a'\n";
        fs::write(here.at("rules.toml"), rules).unwrap();
        fs::write(here.at("config.toml"), "judged = \"whole\"\n").unwrap();
        for name in ["tags/ann.jsonl", "tags/bob.jsonl"] {
            fs::write(here.at(name), "{\"key\":\"00c0ffee00c0ffee\",\"tags\":[1]}\n").unwrap();
        }
        here
    }

    fn at(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.current_dir(self.0.path()).env("HEEDLESS", env!("CARGO_BIN_EXE_heedless"));
        for name in ["XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME"] {
            command.env(name, self.at("own").join(name));
        }
        for name in ["HEEDLESS_INDEX", "HEEDLESS_TRIAGE", "HEEDLESS_CONFIG", "HEEDLESS_RULES"] {
            command.env_remove(name);
        }
        command.stdin(Stdio::null());
        command
    }

    fn run(&self, line: &str) -> Output {
        self.command(env!("CARGO_BIN_EXE_heedless")).args(line.split(' ')).output().unwrap()
    }

    fn ok(&self, line: &str) {
        let output = self.run(line);
        assert_eq!(output.status.code(), Some(0), "{line}: {}", told(&output));
    }

    fn shell(&self, script: &str) -> Output {
        self.command("bash").args(["-c", script]).output().unwrap()
    }

    /// Every file and link below the folder, with its bytes.
    fn files(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let mut files = BTreeMap::new();
        let mut folders = vec![self.0.path().to_path_buf()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let entry = entry.unwrap();
                let kind = entry.file_type().unwrap();
                if kind.is_dir() {
                    folders.push(entry.path());
                } else if kind.is_file() {
                    files.insert(entry.path(), fs::read(entry.path()).unwrap());
                } else {
                    let to = fs::read_link(entry.path()).unwrap_or_default();
                    files.insert(entry.path(), to.into_os_string().into_encoded_bytes());
                }
            }
        }
        // Whether a lock was taken says nothing.
        files.retain(|path, _| path.file_name().is_none_or(|name| name != "lock"));
        files
    }

    /// The command is refused, says `why`, and nothing is other than before.
    fn refused(&self, line: &str, why: &str) {
        let before = self.files();
        let output = self.run(line);
        self.is_refused(&output, &before, line, why);
    }

    fn is_refused(&self, output: &Output, before: &BTreeMap<PathBuf, Vec<u8>>, line: &str, why: &str) {
        let told = told(output);
        assert_eq!(output.status.code(), Some(2), "{line}: {told}");
        assert!(told.contains(why), "{line}: expected `{why}` in: {told}");
        assert!(self.files() == *before, "{line}: something was written; {told}");
    }

    /// Refused with and without `--force`.
    fn never(&self, line: &str, why: &str) {
        self.refused(line, why);
        self.refused(&format!("{line} --force"), why);
    }
}

fn told(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Waits for a program to end; one that hangs is a failure and not a hang of the tests.
fn ended(child: &mut Child) -> std::process::ExitStatus {
    let end = Instant::now() + Duration::from_mins(1);
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            return status;
        }
        if Instant::now() > end {
            child.kill().unwrap();
            panic!("it did not end");
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn what_a_command_reads_is_never_its_output() {
    let here = Here::new();
    symlink("runs/a.jsonl", here.at("soft.jsonl")).unwrap();
    symlink("soft.jsonl", here.at("softer.jsonl")).unwrap();
    symlink("runs", here.at("linked")).unwrap();
    fs::hard_link(here.at("runs/a.jsonl"), here.at("hard.jsonl")).unwrap();
    fs::hard_link(here.at("runs/a.jsonl"), here.at("hard.parquet")).unwrap();
    let mode = fs::Permissions::from_mode(0o444);
    fs::write(here.at("runs/ro.jsonl"), record("q1") + "\n").unwrap();
    fs::set_permissions(here.at("runs/ro.jsonl"), mode).unwrap();
    let generations = "the file of generations that this command reads";
    let parquet = cfg!(feature = "parquet").then_some("hard.parquet");
    let targets = ["runs/a.jsonl", "runs/../runs/a.jsonl", "soft.jsonl", "softer.jsonl", "linked/a.jsonl"];
    for target in targets.into_iter().chain(["hard.jsonl"]).chain(parquet) {
        here.never(&format!("score runs/a.jsonl --verdicts {target}"), generations);
        here.never(&format!("score runs --verdicts {target}"), generations);
    }
    here.never("score soft.jsonl --verdicts runs/a.jsonl", generations);
    here.never("score runs/ro.jsonl --verdicts runs/ro.jsonl", generations);
    let pair = "score --items pair/data/d.jsonl --outputs pair/output/m_d.jsonl --verdicts";
    here.never(&format!("{pair} pair/data/d.jsonl"), "the file of items that this command reads");
    here.never(&format!("{pair} pair/output/m_d.jsonl"), generations);
    let folder = "score pair --verdicts";
    here.never(&format!("{folder} pair/data/d.jsonl"), "the file of items that this command reads");
    here.never(&format!("{folder} pair/data/lone.jsonl"), "this command reads");
    here.never(&format!("{folder} pair/reference/m_d.jsonl"), "the file of saved verdicts");
    here.never(&format!("{folder} pair/heedless.toml"), "heedless.toml");
    here.never("score runs --rules rules.toml --verdicts rules.toml", "--rules");
    here.never("score runs --config config.toml --verdicts config.toml", "settings");
    here.never("tags merge tags/ann.jsonl tags/bob.jsonl --out tags/ann.jsonl", "the first");
    here.never("tags merge tags/ann.jsonl tags/bob.jsonl --out tags/bob.jsonl", "the second");
    here.never("tags export config.toml --config config.toml", "settings");
    // What is redirected is no other file.
    let before = here.files();
    let line = "$HEEDLESS score - --verdicts runs/a.jsonl --force < runs/a.jsonl";
    here.is_refused(&here.shell(line), &before, line, generations);
    let line = "$HEEDLESS score runs/a.jsonl --verdicts - >> runs/a.jsonl";
    here.is_refused(&here.shell(line), &before, line, generations);
    let line = "$HEEDLESS score runs/a.jsonl --verdicts /dev/fd/3 3>> runs/a.jsonl";
    here.is_refused(&here.shell(line), &before, line, generations);
}

#[test]
fn the_files_of_libraries_and_your_own_are_never_an_output() {
    let here = Here::new();
    here.ok("index other");
    here.ok("index pair");
    here.ok("index runs --index lib");
    let score = "score runs/a.jsonl --verdicts";
    let library = "of a library";
    for target in ["other/b.jsonl", "pair/data/d.jsonl", "pair/output/m_d.jsonl", "pair/reference/m_d.jsonl"]
    {
        here.never(&format!("{score} {target}"), library);
        here.never(&format!("tags export {target}"), library);
        here.never(&format!("tags merge tags/ann.jsonl tags/bob.jsonl --out {target}"), library);
    }
    here.never("tags export runs/a.jsonl --index lib", library);
    here.never("tags export pair/heedless.toml", "heedless.toml");
    let chunk = fs::read_dir(here.at("lib/chunks")).unwrap().next().unwrap().unwrap().file_name();
    let chunk = format!("lib/chunks/{}", chunk.to_str().unwrap());
    fs::hard_link(here.at("lib/library.json"), here.at("hard.jsonl")).unwrap();
    symlink("lib/library.json", here.at("soft.jsonl")).unwrap();
    for target in [
        "lib/library.json",
        "lib/text/meta.json",
        &chunk,
        "lib/new.jsonl",
        "lib/text/new.jsonl",
        "soft.jsonl",
    ] {
        here.never(&format!("{score} {target}"), "folder of a library");
        here.never(&format!("tags export {target} --index lib"), "folder of a library");
    }
    here.never(&format!("{score} hard.jsonl --index lib"), "folder of a library");
    here.never(&format!("{score} own/XDG_CACHE_HOME/heedless/last.json"), "heedless's own");
    // The log of tags, there already or not yet.
    let log = "own/XDG_DATA_HOME/heedless/triage.jsonl";
    fs::create_dir_all(here.at("own/XDG_DATA_HOME/heedless")).unwrap();
    here.never(&format!("{score} {log}"), "your tags and notes");
    here.ok("tags import tags/ann.jsonl");
    symlink(log, here.at("log.jsonl")).unwrap();
    for target in [log, "log.jsonl"] {
        here.never(&format!("{score} {target}"), "your tags and notes");
        here.never(&format!("tags export {target}"), "your tags and notes");
    }
}

#[test]
fn a_file_that_is_called_like_a_manifest_is_none() {
    let here = Here::new();
    fs::create_dir_all(here.at("project/src")).unwrap();
    fs::write(here.at("project/library.json"), "{\"name\":\"a library of code\",\"format\":1}\n").unwrap();
    here.ok("score runs --verdicts project/src/out.jsonl");
}

#[test]
fn what_is_no_log_of_tags_is_not_added_to() {
    let here = Here::new();
    let before = here.files();
    for line in ["tags import tags/ann.jsonl", "tags import tags/ann.jsonl --policy theirs"] {
        let mut command = here.command(env!("CARGO_BIN_EXE_heedless"));
        let command = command.args(line.split(' ')).env("HEEDLESS_TRIAGE", here.at("runs/a.jsonl"));
        here.is_refused(&command.output().unwrap(), &before, line, "HEEDLESS_TRIAGE");
    }
}

/// What writes a file, and the name of the file it writes.
const WRITERS: [&str; 4] = [
    "score runs --verdicts out.jsonl",
    #[cfg(feature = "parquet")]
    "score runs --verdicts out.parquet",
    #[cfg(not(feature = "parquet"))]
    "score runs --verdicts out2.jsonl",
    "tags export out.tags",
    "tags merge tags/ann.jsonl tags/bob.jsonl --out out.merged",
];

#[test]
fn another_file_is_written_over_only_by_force() {
    for line in WRITERS {
        let here = Here::new();
        here.ok("tags import tags/ann.jsonl");
        let out = here.at(line.rsplit(' ').next().unwrap());
        here.ok(line);
        let written = fs::read(&out).unwrap();
        assert!(!written.is_empty());
        let umask = here.shell("umask").stdout;
        let umask = u32::from_str_radix(std::str::from_utf8(&umask).unwrap().trim(), 8).unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&out), 0o666 & !umask, "{line}: a file like any other");
        fs::write(&out, "mine").unwrap();
        fs::set_permissions(&out, fs::Permissions::from_mode(0o640)).unwrap();
        here.refused(line, "--force");
        here.ok(&format!("{line} --force"));
        // `at` of a line of tags is the time of writing.
        assert_eq!(fs::read(&out).unwrap().len(), written.len(), "{line}");
        assert_eq!(mode(&out), 0o640, "{line}: its mode stays");
        // What must not be changed is not, even so.
        fs::set_permissions(&out, fs::Permissions::from_mode(0o444)).unwrap();
        here.never(line, "read-only");
    }
}

#[test]
fn a_link_stays_a_link() {
    let here = Here::new();
    fs::create_dir(here.at("deep")).unwrap();
    symlink("deep/to.jsonl", here.at("out.jsonl")).unwrap();
    let line = "score runs --verdicts out.jsonl";
    // It points to nothing yet: what it points to is made.
    here.ok(line);
    assert!(fs::symlink_metadata(here.at("out.jsonl")).unwrap().is_symlink());
    let written = fs::read(here.at("deep/to.jsonl")).unwrap();
    assert!(!written.is_empty());
    fs::write(here.at("deep/to.jsonl"), "mine").unwrap();
    here.refused(line, "--force");
    here.ok(&format!("{line} --force"));
    assert!(fs::symlink_metadata(here.at("out.jsonl")).unwrap().is_symlink());
    assert_eq!(fs::read(here.at("deep/to.jsonl")).unwrap(), written);
    symlink("round.jsonl", here.at("round.jsonl")).unwrap();
    here.never("score runs --verdicts round.jsonl", "link");
}

#[test]
fn pipes_and_devices_are_written_straight() {
    let here = Here::new();
    let lines = |output: &Output| String::from_utf8_lossy(&output.stdout).lines().count();
    let before = here.files();
    for target in ["-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"] {
        let output = here.run(&format!("score runs --verdicts {target}"));
        assert_eq!((output.status.code(), lines(&output)), (Some(0), 2), "{target}: {}", told(&output));
    }
    for line in ["tags export -", "tags merge tags/ann.jsonl tags/bob.jsonl --out -"] {
        let output = here.run(line);
        assert!(String::from_utf8_lossy(&output.stdout).lines().all(|line| line.starts_with('{')), "{line}");
    }
    here.ok("score runs --verdicts /dev/null");
    assert!(!fs::metadata("/dev/null").unwrap().is_file());
    assert!(here.files() == before, "nothing was left");
    let output = here.shell(
        "$HEEDLESS score runs --verdicts >(cat >&2) >table; wait; mkfifo pipe; cat pipe & \
         $HEEDLESS score runs --verdicts pipe >table && wait",
    );
    assert_eq!((output.status.code(), lines(&output)), (Some(0), 2), "{}", told(&output));
    assert_eq!(told(&output).lines().filter(|line| line.starts_with("{\"line\"")).count(), 2);
    // What a shell opened is gone on with: no --force is needed for what it made empty.
    let script = "echo first >log; $HEEDLESS score runs --verdicts /dev/stdout >>log; \
                  $HEEDLESS score runs --verdicts /dev/fd/3 3>>log >table; $HEEDLESS tags export /dev/fd/3 3>>log >table; \
                  $HEEDLESS score runs --verdicts /dev/stdout >new; wc -l <log; wc -l <new";
    let output = here.shell(script);
    assert_eq!(String::from_utf8_lossy(&output.stdout), "5\n2\n", "{}", told(&output));
    assert!(fs::read_to_string(here.at("log")).unwrap().starts_with("first\n{"));
}

#[test]
fn what_cannot_be_written_is_said_with_what_to_do() {
    let here = Here::new();
    here.never("score runs --verdicts other", "is a folder");
    here.never("score runs --verdicts absent/out.jsonl", "mkdir -p");
    here.never("score runs --verdicts absent/", "is a folder");
    here.never("score runs --verdicts config.toml/out.jsonl", "not a folder");
    here.never("tags export other", "is a folder");
    here.never("tags merge tags/ann.jsonl tags/bob.jsonl --out absent/out.jsonl", "mkdir -p");
    fs::create_dir(here.at("shut")).unwrap();
    fs::set_permissions(here.at("shut"), fs::Permissions::from_mode(0o555)).unwrap();
    if fs::write(here.at("shut/probe"), "").is_ok() {
        eprintln!("skipped: whoever runs this may write everywhere");
        return;
    }
    here.never("score runs --verdicts shut/out.jsonl", "may not write in this folder");
}

/// A run that waits for its input.
fn waiting(here: &Here, line: &str) -> Child {
    let mut child = here.command(env!("CARGO_BIN_EXE_heedless"));
    child.args(line.split(' ')).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped());
    let mut child = child.spawn().unwrap();
    // More than a batch: it is at work when all of it was taken.
    let lines = format!("{}\n", record("q")).repeat(30_000);
    child.stdin.as_mut().unwrap().write_all(lines.as_bytes()).unwrap();
    child
}

fn finished(mut child: Child) -> Output {
    drop(child.stdin.take());
    ended(&mut child);
    child.wait_with_output().unwrap()
}

#[test]
fn it_is_refused_before_anything_is_read() {
    let here = Here::new();
    let mut child = here.command(env!("CARGO_BIN_EXE_heedless"));
    child.args(["score", "-", "--verdicts", "config.toml"]).stdin(Stdio::piped()).stderr(Stdio::piped());
    let mut child = child.spawn().unwrap();
    // Its input stays open, and is never read to its end.
    assert_eq!(ended(&mut child).code(), Some(2));
}

#[test]
fn what_came_meanwhile_is_left_alone() {
    let here = Here::new();
    let child = waiting(&here, "score - --verdicts out.jsonl");
    fs::write(here.at("out.jsonl"), "theirs").unwrap();
    let output = finished(child);
    assert_eq!(output.status.code(), Some(2), "{}", told(&output));
    assert!(told(&output).contains("--force"), "{}", told(&output));
    assert_eq!(fs::read(here.at("out.jsonl")).unwrap(), b"theirs");
    // Even by force, when it is now one of the files that are kept.
    fs::remove_file(here.at("out.jsonl")).unwrap();
    let child = waiting(&here, "score - --verdicts out.jsonl --force --config config.toml");
    fs::hard_link(here.at("config.toml"), here.at("out.jsonl")).unwrap();
    let output = finished(child);
    assert_eq!(output.status.code(), Some(2), "{}", told(&output));
    assert_eq!(fs::read(here.at("out.jsonl")).unwrap(), b"judged = \"whole\"\n");
    assert!(litter(&here).is_empty(), "{:?}", litter(&here));
    // Two at once: one of them has written, whole.
    fs::remove_file(here.at("out.jsonl")).unwrap();
    let two = [0, 1].map(|_| waiting(&here, "score - --verdicts out.jsonl"));
    let codes = two.map(|child| finished(child).status.code());
    assert_eq!(codes, [Some(0), Some(2)]);
    assert_eq!(fs::read_to_string(here.at("out.jsonl")).unwrap().lines().count(), 30_000);
    assert!(litter(&here).is_empty(), "{:?}", litter(&here));
}

/// Files that no command leaves behind.
fn litter(here: &Here) -> Vec<PathBuf> {
    let hidden = |path: &PathBuf| path.file_name().unwrap().to_string_lossy().starts_with('.');
    here.files().into_keys().filter(hidden).collect()
}

#[test]
fn a_run_that_fails_or_is_stopped_leaves_what_was_there() {
    let here = Here::new();
    fs::write(here.at("out.jsonl"), "mine").unwrap();
    // The disk is full, as far as this process can tell.
    let output = here.shell(
        "for i in $(seq 9); do cat runs/a.jsonl runs/a.jsonl runs/a.jsonl >>other/b.jsonl; done; \
         trap '' XFSZ; ulimit -f 1; exec $HEEDLESS score other --verdicts out.jsonl --force",
    );
    assert_eq!(output.status.code(), Some(2), "{}", told(&output));
    assert_eq!(fs::read(here.at("out.jsonl")).unwrap(), b"mine");
    assert!(litter(&here).is_empty(), "{:?}", litter(&here));
    for signal in ["-INT", "-TERM"] {
        let mut child = waiting(&here, "score - --verdicts out.jsonl --force");
        let pid = child.id().to_string();
        assert!(Command::new("kill").args([signal, &pid]).status().unwrap().success());
        assert_eq!(ended(&mut child).code(), None, "it ended by the signal");
        assert_eq!(fs::read(here.at("out.jsonl")).unwrap(), b"mine");
        assert!(litter(&here).is_empty(), "{signal}: {:?}", litter(&here));
    }
}
