//! The commands as a person meets them: help, exit codes, formats, pipes, hostile files.

#![expect(clippy::unwrap_used, reason = "a test that cannot set up has failed")]

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command as Process, Stdio};

use assert_cmd::Command;
use serde_json::Value;
use tempfile::TempDir;

/// A cache of its own for each test: the library opened last is remembered in it.
struct Here(TempDir);

impl Here {
    fn new() -> Self {
        let here = Self(tempfile::tempdir().unwrap());
        let runs = here.0.path().join("toy");
        fs::create_dir(&runs).unwrap();
        fs::write(runs.join("a.jsonl"), toy("model-a", "one, two \\\\boxed{2}", "\\\\boxed{2}")).unwrap();
        fs::write(runs.join("b.jsonl"), toy("model-b", "no commas \\\\boxed{3}", "a, b, \\\\boxed{2}"))
            .unwrap();
        here
    }

    fn toy(&self) -> PathBuf {
        self.0.path().join("toy")
    }

    fn environment(&self) -> [(&'static str, PathBuf); 4] {
        ["XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME"]
            .map(|name| (name, self.0.path().join(name)))
    }

    fn heedless(&self) -> Command {
        let mut command = Command::cargo_bin("heedless").unwrap();
        command.envs(self.environment()).env_remove("NO_COLOR");
        command.env_remove("HEEDLESS_INDEX").env_remove("HEEDLESS_TRIAGE");
        command
    }

    fn ok(&self, args: &[&str]) -> String {
        let out = self.heedless().args(args).arg(self.toy()).assert().success();
        String::from_utf8(out.get_output().stdout.clone()).unwrap()
    }
}

/// Two records of one model.
fn toy(model: &str, first: &str, second: &str) -> String {
    let record = |id: &str, output: &str| {
        format!(
            r#"{{"model":"{model}","id":"{id}","source":"toy","question":"1+1?","gold":"2","constraints":[{{"id":"punctuation:no_comma","args":null,"description":"No commas."}}],"output":"{output}"}}"#
        )
    };
    format!("{}\n{}\n", record("q1", first), record("q2", second))
}

#[test]
fn help_is_a_page_one_wants_to_read() {
    let here = Here::new();
    let help = |args: &[&str]| {
        let out = here.heedless().args(args).env("COLUMNS", "100").assert().success();
        String::from_utf8(out.get_output().stdout.clone()).unwrap()
    };
    insta::assert_snapshot!("help", help(&["--help"]));
    insta::assert_snapshot!("help_query", help(&["query", "--help"]));
    insta::assert_snapshot!("help_score", help(&["score", "--help"]));
    for command in ["index", "runs", "show", "compare", "explain", "constraints", "audit", "tags", "library"]
    {
        assert!(help(&[command, "--help"]).contains("Usage: heedless"), "{command}");
    }
}

#[test]
fn tables_of_the_toy_runs() {
    let here = Here::new();
    insta::assert_snapshot!("runs", here.ok(&["runs"]));
    insta::assert_snapshot!(
        "query",
        here.ok(&["query", "failed:no_comma", "--columns", "key,margin.no_comma,correct"])
    );
    insta::assert_snapshot!("compare", here.ok(&["compare", "model-a", "model-b"]));
    insta::with_settings!({filters => vec![("[^ ]*/toy/", "TOY/")]}, {
        insta::assert_snapshot!("show", here.ok(&["show", "model-a/q1"]));
        insta::assert_snapshot!("explain", here.ok(&["explain", "model-a/q1"]));
    });
}

#[test]
fn without_a_terminal_the_explorer_is_the_summary() {
    let here = Here::new();
    assert_eq!(here.ok(&[]), here.ok(&["runs"]));
}

#[test]
fn without_a_path_the_library_opened_last() {
    let here = Here::new();
    let out = here.heedless().arg("runs").assert().code(2);
    assert!(String::from_utf8_lossy(&out.get_output().stderr).contains("no library was opened before"));
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("runs")).unwrap();
    let out = here.heedless().arg("runs").current_dir(folder.path()).assert().code(2);
    assert!(String::from_utf8_lossy(&out.get_output().stderr).contains("such as `./runs`"));
    let first = here.ok(&["runs"]);
    let again = here.heedless().arg("runs").assert().success();
    assert_eq!(String::from_utf8_lossy(&again.get_output().stdout), first);
}

#[test]
fn exit_codes() {
    let here = Here::new();
    let toy = here.toy();
    let code = |args: &[&str]| here.heedless().args(args).output().unwrap().status.code();
    let toy = toy.to_str().unwrap();
    assert_eq!(code(&["query", "failed:no_comma", toy]), Some(0));
    assert_eq!(code(&["query", "failed:no_comma correct:unknown", toy]), Some(1));
    assert_eq!(code(&["query", "failed:no_comma correct:unknown", toy, "--count"]), Some(1));
    assert_eq!(code(&["constraints", "nothing-like-it"]), Some(1));
    assert_eq!(code(&["audit", toy]), Some(1));
    assert_eq!(code(&["query", "failed:(", toy]), Some(2));
    assert_eq!(code(&["query", "x", "no/such/folder"]), Some(2));
    assert_eq!(code(&["query", "x", toy, "--columns", "nonsense"]), Some(2));
    assert_eq!(code(&["query", "x", toy, "--sort", "nonsense"]), Some(2));
    assert_eq!(code(&["show", "model-a/q9", toy]), Some(2));
    assert_eq!(code(&["compare", "model-a", toy]), Some(2));
    assert_eq!(code(&["compare", "model-a", "model-z", toy]), Some(2));
    assert_eq!(code(&["--nonsense"]), Some(2));
    assert_eq!(code(&["--version"]), Some(0));
}

#[test]
fn libraries_can_be_found_checked_and_removed() {
    let here = Here::new();
    let library = |args: &[&str]| here.heedless().arg("library").args(args).output().unwrap();
    assert_eq!(library(&["list"]).status.code(), Some(1));
    here.ok(&["index"]);
    let listed = library(&["list", "--format", "json"]);
    let listed: Value = serde_json::from_slice(&listed.stdout).unwrap();
    assert_eq!((&listed[0]["generations"], &listed[0]["runs"]), (&4.into(), &2.into()));
    assert!(String::from_utf8_lossy(&library(&["list"]).stdout).contains("toy"));
    let dir = here.ok(&["library", "path"]);
    assert!(Path::new(dir.trim_end()).is_dir());
    assert_eq!(here.ok(&["library", "check", "--sources"]).lines().last(), Some("sound"));
    // What goes away must be named.
    assert_eq!(library(&["remove"]).status.code(), Some(2));
    assert!(Path::new(dir.trim_end()).is_dir());
    here.ok(&["library", "remove"]);
    assert_eq!(library(&["list"]).status.code(), Some(1));
    assert!(here.toy().join("a.jsonl").exists());
}

#[test]
fn a_chosen_place_for_the_library() {
    let here = Here::new();
    let dir = here.0.path().join("elsewhere");
    here.ok(&["runs", "--index", dir.to_str().unwrap()]);
    assert!(dir.is_dir());
    let out = here.heedless().args(["library", "list"]).output().unwrap();
    assert_eq!(out.status.code(), Some(1));
    let path = here.heedless().args(["library", "path"]).env("HEEDLESS_INDEX", &dir).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&path.stdout).trim_end(), dir.to_str().unwrap());
}

#[test]
fn mistakes_are_pointed_at() {
    let here = Here::new();
    let said = |args: &[&str]| {
        let out = here.heedless().args(args).output().unwrap();
        String::from_utf8(out.stderr).unwrap()
    };
    let toy = here.toy();
    let toy = toy.to_str().unwrap();
    insta::assert_snapshot!("bad_query", said(&["query", "correct:yes trace>>3", toy]));
    assert!(said(&["scoer"]).contains("did you mean `score`?"));
    assert!(said(&["compare", "model-a", "model-z", toy]).contains("there are model-a, model-b"));
    assert!(said(&["query", "x", toy, "--columns", "nonsense"]).contains("--columns help"));
}

#[test]
fn json_is_json_and_csv_is_csv() {
    let here = Here::new();
    let json = |args: &[&str]| serde_json::from_str::<Value>(&here.ok(args)).unwrap();
    let rows = json(&[
        "query",
        "",
        "--format",
        "json",
        "--sort",
        "-answer",
        "--columns",
        "key,failed,correct,margin",
    ]);
    assert_eq!(rows.as_array().unwrap().len(), 4);
    assert_eq!(rows[0]["key"], "model-a/q1");
    assert_eq!(rows[0]["failed"][0], "no_comma");
    assert_eq!((&rows[0]["correct"], &rows[0]["margin"]), (&true.into(), &(-1).into()));
    let lines = here.ok(&["query", "", "--format", "jsonl"]);
    assert_eq!(lines.lines().filter(|l| serde_json::from_str::<Value>(l).is_ok()).count(), 4);
    let csv = here.ok(&["query", "", "--format", "csv", "--columns", "key,verdict,output"]);
    assert_eq!(csv.lines().next(), Some("key,verdict,output"));
    assert!(csv.contains("model-a/q1,fail,\"one, two \\boxed{2}\""), "{csv}");
    let tsv = here.ok(&["query", "", "--format", "tsv", "--columns", "key,output", "--limit", "1"]);
    assert_eq!(tsv, "key\toutput\nmodel-a/q1\tone, two \\boxed{2}\n");
    assert_eq!(here.ok(&["query", "failed:no_comma", "--count"]), "2\n");

    let shown = json(&["show", "model-b/q2", "--format", "json"]);
    let output = shown["output"].as_str().unwrap();
    let marks = shown["verdicts"][0]["marks"].as_array().unwrap();
    assert_eq!(marks.len(), 2);
    for mark in marks {
        let range = mark["start"].as_u64().unwrap() as usize..mark["end"].as_u64().unwrap() as usize;
        assert_eq!(&output[range], ",");
    }
    let compared = json(&["compare", "model-a", "model-b", "--format", "json"]);
    assert_eq!(
        (&compared[0]["followed"]["only_a"], &compared[0]["followed"]["only_b"]),
        (&1.into(), &1.into())
    );
    assert_eq!(json(&["runs", "--format", "json"])[0]["hacc"], 0.5);
    assert_eq!(json(&["index", "--format", "json"])["generations"], 4);
    let kinds = here.heedless().args(["constraints", "--format", "json"]).assert().success();
    let kinds: Value = serde_json::from_slice(&kinds.get_output().stdout).unwrap();
    assert_eq!(kinds.as_array().unwrap().len(), 25);
}

#[test]
fn colour_only_when_asked_into_a_pipe() {
    let here = Here::new();
    assert!(!here.ok(&["show", "model-a/q1"]).contains('\x1b'));
    let coloured = here.ok(&["show", "model-a/q1", "--color", "always"]);
    assert!(coloured.contains("one\x1b[1;4;31m,\x1b[0m two"), "{coloured:?}");
}

#[test]
fn a_reader_that_has_had_enough_is_no_error() {
    let here = Here::new();
    let many: String = (0..20_000).map(|i| toy(&format!("m{i}"), "a, b", "c")).collect();
    let file = here.0.path().join("many.jsonl");
    fs::write(&file, many).unwrap();
    let mut child = Process::new(assert_cmd::cargo::cargo_bin("heedless"))
        .envs(here.environment())
        .args(["score", "--verdicts", "-"])
        .arg(&file)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut first = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut first).unwrap();
    assert!(first.starts_with("{\"line\":1"));
    let out = child.wait_with_output().unwrap();
    assert_eq!(out.status.code(), Some(0));
    assert_eq!(String::from_utf8_lossy(&out.stderr), "");
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_disk_is_an_error() {
    let here = Here::new();
    let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let status = Process::new(assert_cmd::cargo::cargo_bin("heedless"))
        .envs(here.environment())
        .arg("runs")
        .arg(here.toy())
        .stdout(full)
        .stderr(Stdio::null())
        .status()
        .unwrap();
    assert_eq!(status.code(), Some(2));
}

/// Everything a hostile file can carry to a terminal.
const HOSTILE: &str = "\\u001b[2J\\u001b]52;c;aGk=\\u0007\\u009b2J\\u202e\\u2066\\u200b\\ufeff\\r\\u0000\\u007f\\udb40\\udc41, é";

#[test]
fn no_byte_of_a_file_acts_on_the_terminal() {
    let here = Here::new();
    let dir = here.0.path().join("hostile");
    fs::create_dir(&dir).unwrap();
    let put = |name: &str, text: &str| fs::write(dir.join(name), text).unwrap();
    let record = format!(
        r#"{{"run":"r{HOSTILE}","model":"m{HOSTILE}","condition":"c{HOSTILE}","id":"i{HOSTILE}","source":"s{HOSTILE}","question":"q{HOSTILE}","gold":"g{HOSTILE}","constraints":[{{"id":"punctuation:no_comma","args":{{"x{HOSTILE}":"{HOSTILE}"}},"description":"d{HOSTILE}"}},{{"id":"x:{HOSTILE}","args":null}},{{"id":"keywords:existence","args":{{"keywords":["{HOSTILE}("]}}}}],"follow":[true,false,true],"correct":true,"output":"<think>t{HOSTILE}</think>o{HOSTILE} \\boxed{{{HOSTILE}}}"}}"#
    );
    put("a.jsonl", &format!("{record}\n{{broken\u{1b}[2J\u{202e}\n"));
    put("empty\u{1b}]0;x\u{7}\u{202e}.jsonl", "");
    put("heedless.toml", "[[run]]\nfiles = '*'\n\u{202e}'\u{9b}' = 1\n");
    let file = dir.join("a.jsonl");
    let at = format!("{}:1", file.display());
    let dir = dir.to_str().unwrap();
    let key = {
        let out = here.heedless().args(["query", "", "--format", "json", dir]).output().unwrap();
        let rows: Value = serde_json::from_slice(&out.stdout).unwrap();
        rows[0]["key"].as_str().unwrap().to_owned()
    };
    let line = format!(
        r#"{{"key":"00c0ffee00c0ffee","tags":[1],"note":"n{HOSTILE}","record":"r{HOSTILE}","names":{{"1":"t{HOSTILE}"}}}}"#
    );
    fs::create_dir_all(here.triage().parent().unwrap()).unwrap();
    fs::write(here.triage(), format!("{line}\n{{broken\u{1b}[2J\u{202e}\n")).unwrap();
    let other = here.0.path().join("other.jsonl");
    fs::write(&other, line.replace(":\"n", ":\"m").replace(":\"t", ":\"u")).unwrap();
    let (triage, other) = (here.triage(), other.to_str().unwrap().to_owned());
    let triage = triage.to_str().unwrap();
    let all: [&[&str]; 22] = [
        &["tags", "list"],
        &["tags", "list", "--format", "json"],
        &["tags", "list", "--format", "csv"],
        &["tags", "merge", triage, &other],
        &["tags", "import", &other],
        &[dir],
        &["index", dir],
        &["index", dir, "--format", "json"],
        &["runs", dir, "--format", "csv"],
        &["runs", dir, "--format", "json"],
        &["query", "", dir],
        &[
            "query",
            "",
            dir,
            "--columns",
            "key,run,model,condition,item,source,constraints,question,gold,output,place",
        ],
        &["query", "", dir, "--format", "csv", "--columns", "key,question,gold,output"],
        &["query", "", dir, "--format", "jsonl", "--columns", "key,question,gold,output"],
        &["query", "model:\u{1b}[2J", dir],
        &["show", &at],
        &["show", &at, "--format", "json"],
        &["show", &key.replace('\0', ""), dir],
        &["explain", &at],
        &["audit", dir],
        &["score", dir],
        &["score", dir, "--verdicts", "-"],
    ];
    for args in all {
        let out = here.heedless().args(args).output().unwrap();
        for (stream, bytes) in [("stdout", &out.stdout), ("stderr", &out.stderr)] {
            let text = std::str::from_utf8(bytes).unwrap();
            let acts =
                |c: char| (c.is_control() && c != '\n' && c != '\t') || heedless::text::piece::is_hidden(c);
            let found = text.find(acts);
            assert!(
                found.is_none(),
                "{args:?} {stream}: {:?}",
                &text[found.unwrap()..].chars().take(20).collect::<String>()
            );
        }
        assert!(!out.stdout.is_empty() || !out.stderr.is_empty(), "{args:?}");
    }
}

#[test]
fn the_real_runs() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/runs/math500");
    if !path.exists() {
        println!("skipped: ../shared/data not here");
        return;
    }
    let here = Here::new();
    let run = |args: &[&str]| {
        let out = here.heedless().args(args).arg(&path).assert().success();
        serde_json::from_slice::<Value>(&out.get_output().stdout).unwrap()
    };
    let runs = run(&["runs", "--format", "json"]);
    let n: Vec<&Value> = runs.as_array().unwrap().iter().map(|r| &r["n"]).collect();
    assert_eq!(n, [299, 299, 299, 299]);
    assert_eq!(format!("{:.4}", runs[0]["hacc"].as_f64().unwrap()), "0.0669");
    // Saved and recomputed verdicts agree, all of them.
    for line in run(&["audit", "--format", "json"]).as_array().unwrap() {
        assert_eq!(line["saved"], line["agree"], "{}", line["constraint"]);
    }
}

#[test]
fn constraints_of_ones_own_are_checked_and_a_library_knows_its_rules() {
    let here = Here::new();
    let rules = here.0.path().join("rules.toml");
    let rule = |word: &str| format!("[[constraint]]\nid = \"house:word\"\nmust_not_match = '{word}'\n");
    fs::write(&rules, rule("two")).unwrap();
    let file = here.0.path().join("own.jsonl");
    fs::write(
        &file,
        "{\"model\":\"m\",\"id\":\"1\",\"question\":\"q\",\"constraints\":[{\"id\":\"house:word\"}],\"output\":\"one two\"}\n",
    )
    .unwrap();
    let count = |query: &str, with_rules: bool| {
        let mut command = here.heedless();
        command.args(["query", query, "--count"]).arg(&file);
        if with_rules {
            command.arg("--rules").arg(&rules);
        }
        let out = command.output().unwrap();
        String::from_utf8(out.stdout).unwrap().trim().to_owned()
    };
    assert_eq!(count("failed:house:word", false), "0", "nobody knows the id");
    assert_eq!(count("failed:house:word", true), "1");
    fs::write(&rules, rule("three")).unwrap();
    assert_eq!(count("failed:house:word", true), "0", "judged anew by the changed rule");
    assert_eq!(count("passed:house:word", true), "1");
}

impl Here {
    /// The log of tags and notes.
    fn triage(&self) -> PathBuf {
        self.0.path().join("XDG_DATA_HOME/heedless/triage.jsonl")
    }

    /// The content key of a generation of the toy runs, as the library knows it.
    fn content(&self, key: &str) -> String {
        let file = self.toy().join(if key.starts_with("model-a") { "a.jsonl" } else { "b.jsonl" });
        let mut found = None;
        let files = [file];
        let cache = tempfile::tempdir().unwrap();
        let built = heedless::library::build(
            cache.path(),
            &files,
            &heedless::library::BuildOptions::default(),
            &|_| {},
            &heedless::library::Cancel::default(),
        )
        .unwrap();
        for row in built.library.all().iter() {
            if built.library.key(row) == key {
                found = Some(built.library.row(row).content_key().to_string());
            }
        }
        found.unwrap()
    }

    /// A file of tags: generation, digits, note.
    fn tags(&self, name: &str, lines: &[(&str, &str, &str)]) -> PathBuf {
        let path = self.0.path().join(name);
        let lines = lines.iter().map(|(key, tags, note)| {
            let content = self.content(key);
            format!("{{\"key\":\"{content}\",\"tags\":{tags},\"note\":\"{note}\",\"record\":\"{key}\"}}")
        });
        let names = "{\"names\":{\"3\":\"wrong split\"}}\n".to_owned();
        let text = lines.chain([names]).collect::<Vec<_>>().join("\n");
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        path
    }

    /// What a command prints, which must find something.
    fn says(&self, args: &[&str]) -> String {
        let out = self.heedless().args(args).assert().success();
        String::from_utf8(out.get_output().stdout.clone()).unwrap()
    }
}

#[test]
fn queries_know_tags_and_notes() {
    let here = Here::new();
    assert_eq!(
        here.ok(&["query", "", "--format", "tsv", "--columns", "key,tags,note", "--limit", "1"]),
        "key\ttags\tnote\nmodel-a/q1\t\t\n"
    );
    here.tags(
        "XDG_DATA_HOME/heedless/triage.jsonl",
        &[("model-a/q1", "[1,3]", "a comma, again"), ("model-b/q2", "[1]", ""), ("model-b/q1", "[]", "")],
    );
    let columns = |query: &str| {
        here.ok(&["query", query, "--format", "tsv", "--columns", "key,tags,note", "--sort", "model"])
    };
    let (first, second) = ("model-a/q1\t1; wrong split\ta comma, again\n", "model-b/q2\t1\t\n");
    assert_eq!(columns("tag:1"), format!("key\ttags\tnote\n{first}{second}"));
    for query in ["tag:3", "tag:\"wrong split\"", "note:comma", "tag:* note:again"] {
        assert_eq!(columns(query), format!("key\ttags\tnote\n{first}"), "{query}");
    }
    assert_eq!(here.ok(&["query", "-tag:*", "--count"]), "2\n");
    let rows: Value = serde_json::from_str(&here.ok(&["query", "tag:3", "--format", "json"])).unwrap();
    assert_eq!(rows[0]["tags"], serde_json::json!(["1", "wrong split"]));
    assert_eq!(rows[0]["note"], "a comma, again");
    let rows: Value =
        serde_json::from_str(&here.ok(&["query", "item:q2 model:model-a", "--format", "jsonl"])).unwrap();
    assert_eq!((&rows["tags"], &rows["note"]), (&serde_json::json!([]), &"".into()));
    // The other commands that take a query answer it too.
    let runs: Value = serde_json::from_str(&here.ok(&["runs", "-q", "tag:1", "--format", "json"])).unwrap();
    assert_eq!((&runs[0]["n"], &runs[1]["n"]), (&1.into(), &1.into()));
    let compared = here.ok(&["compare", "model-a", "model-b", "-q", "note:comma", "--format", "json"]);
    assert_eq!(serde_json::from_str::<Value>(&compared).unwrap()[0]["pairs"], 1);
    // A file that cannot be read is an error where somebody asked for it, and only there.
    fs::remove_file(here.triage()).unwrap();
    fs::create_dir(here.triage()).unwrap();
    let toy = here.toy();
    let code = |args: &[&str]| here.heedless().args(args).arg(&toy).output().unwrap().status.code();
    assert_eq!(code(&["query", "tag:1"]), Some(2));
    assert_eq!(code(&["query", "", "--columns", "tags"]), Some(2));
    assert_eq!(code(&["query", "failed:no_comma"]), Some(0));
    let rows: Value = serde_json::from_str(&here.ok(&["query", "", "--format", "json"])).unwrap();
    assert_eq!(rows[0]["tags"], Value::Null);
}

#[test]
fn tags_are_listed_exported_and_imported() {
    let here = Here::new();
    let tags = |args: &[&str]| here.heedless().arg("tags").args(args).output().unwrap();
    assert_eq!(tags(&["list"]).status.code(), Some(1), "nothing is tagged yet");
    let theirs = here.tags(
        "theirs.jsonl",
        &[("model-a/q1", "[3]", "look"), ("model-b/q2", "[1]", ""), ("model-b/q1", "[]", "")],
    );
    let theirs = theirs.to_str().unwrap();
    assert_eq!(here.says(&["tags", "import", theirs]), "3 generations: 3 new, 0 changed, 0 as they were\n");
    assert_eq!(here.says(&["tags", "import", theirs]), "3 generations: 0 new, 0 changed, 3 as they were\n");
    let listed: Value = serde_json::from_str(&here.says(&["tags", "list", "--format", "json"])).unwrap();
    let mut keys: Vec<&str> = listed.as_array().unwrap().iter().map(|l| l["key"].as_str().unwrap()).collect();
    keys.sort_unstable();
    assert_eq!(keys, ["model-a/q1", "model-b/q2"], "looked at and left bare is not listed");
    // With a path, only what is in it.
    let file = here.toy().join("a.jsonl");
    let file = file.to_str().unwrap();
    let table = here.says(&["tags", "list", file]);
    assert!(
        table.contains("model-a/q1") && table.contains("wrong split") && table.contains("look"),
        "{table}"
    );
    assert!(!table.contains("model-b"), "{table}");
    let content = here.content("model-a/q1");
    assert_eq!(
        here.says(&["tags", "list", file, "--format", "csv"]),
        format!("key,content,tags,note\nmodel-a/q1,{content},wrong split,look\n")
    );
    // Out and in again on another machine is the same.
    let exported = here.0.path().join("out.jsonl");
    here.says(&["tags", "export", exported.to_str().unwrap()]);
    let other = Here::new();
    other.says(&["tags", "import", exported.to_str().unwrap()]);
    for format in ["json", "jsonl", "csv", "tsv", "table"] {
        let list = ["tags", "list", "--format", format];
        assert_eq!(other.says(&list), here.says(&list), "{format}");
    }
    // The log itself is never replaced, and what is no file of tags is no import.
    let log = fs::read(here.triage()).unwrap();
    assert_eq!(tags(&["export", here.triage().to_str().unwrap()]).status.code(), Some(2));
    assert_eq!(tags(&["import", file]).status.code(), Some(2));
    assert_eq!(tags(&["import", "no-such-file"]).status.code(), Some(2));
    assert_eq!(fs::read(here.triage()).unwrap(), log);
}

#[test]
fn two_peoples_tags_are_held_together() {
    let here = Here::new();
    let all = ["model-a/q1", "model-a/q2", "model-b/q1", "model-b/q2"];
    let ann = here.tags(
        "ann.jsonl",
        &[(all[0], "[3]", ""), (all[1], "[3]", "mine"), (all[2], "[]", ""), (all[3], "[]", "")],
    );
    let bob = here.tags(
        "bob.jsonl",
        &[(all[0], "[3]", ""), (all[1], "[]", "his"), (all[2], "[]", ""), (all[3], "[]", "")],
    );
    let (ann, bob) = (ann.to_str().unwrap(), bob.to_str().unwrap());
    let out = here.0.path().join("both.jsonl");
    let merge = ["tags", "merge", ann, bob, "--out", out.to_str().unwrap()];
    let before = fs::read(ann).unwrap();
    // 1 both, 1 only the first, 2 neither: observed 3/4, expected 1/2, kappa 1/2.
    let table = here.says(&merge);
    let row: Vec<&str> =
        table.lines().find(|l| l.starts_with("wrong split")).unwrap().split_whitespace().collect();
    assert_eq!(row, ["wrong", "split", "1", "1", "0", "2", "4", "0.7500", "0.5000"], "{table}");
    assert!(table.contains("model-a/q2") && table.contains("“mine”") && table.contains("“his”"), "{table}");
    assert!(!table.contains("model-a/q1"), "they agree on it: {table}");
    let json: Value =
        serde_json::from_str(&here.says(&[&merge[..], &["--force", "--format", "json"]].concat())).unwrap();
    assert_eq!((&json["tags"][0]["kappa"], &json["tags"][0]["n"]), (&0.5.into(), &4.into()));
    assert_eq!((&json["shared"], json["differing"].as_array().unwrap().len()), (&4.into(), 1));
    assert_eq!(json["differing"][0]["second"], serde_json::json!({"tags": [], "note": "his"}));
    assert_eq!(fs::read(ann).unwrap(), before, "neither file is changed");
    assert!(!here.triage().exists(), "nor are one's own tags");
    // What was written holds both.
    here.says(&["tags", "import", out.to_str().unwrap()]);
    let rows: Value = serde_json::from_str(&here.ok(&[
        "query",
        "note:his",
        "--format",
        "json",
        "--columns",
        "key,tags,note",
    ]))
    .unwrap();
    assert_eq!(
        rows,
        serde_json::json!([{"key": "model-a/q2", "tags": ["wrong split"], "note": "mine / his"}])
    );
    // Nothing in common is nothing to agree on.
    let none = here.tags("none.jsonl", &[]);
    let code =
        here.heedless().args(["tags", "merge", ann, none.to_str().unwrap()]).output().unwrap().status.code();
    assert_eq!(code, Some(1));
}

#[test]
fn settings_hold_until_something_else_is_typed() {
    let here = Here::new();
    let path = here.0.path().join("XDG_CONFIG_HOME/heedless/config.toml");
    let said = here.heedless().args(["config", "path"]).output().unwrap();
    assert_eq!(String::from_utf8(said.stdout).unwrap().trim(), path.to_str().unwrap());
    let check = || here.heedless().args(["config", "check"]).assert();
    assert!(String::from_utf8_lossy(&check().success().get_output().stdout).contains("nothing is set"));

    let default = here.heedless().args(["config", "default"]).output().unwrap().stdout;
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, default).unwrap();
    assert!(String::from_utf8_lossy(&check().success().get_output().stdout).contains("every setting holds"));

    fs::write(&path, "judged = \"answer\"\n[tags]\n3 = \"odd\"\n").unwrap();
    assert!(here.ok(&["runs"]).contains("judged: answer"));
    assert!(here.ok(&["runs", "--judged", "whole"]).contains("judged: whole"));
    here.heedless().args(["query", "tag:odd"]).arg(here.toy()).assert().code(1);

    fs::write(&path, "judgd = \"answer\"\ntheme = \"none.toml\"\n").unwrap();
    let runs = here.heedless().arg("runs").arg(here.toy()).assert().success();
    let said = String::from_utf8_lossy(&runs.get_output().stderr).into_owned();
    assert!(said.contains("config.toml:1: no setting is called `judgd`; did you mean `judged`?"), "{said}");
    let said = String::from_utf8_lossy(&check().code(2).get_output().stderr).into_owned();
    assert!(said.contains("judgd") && said.contains("none.toml"), "{said}");

    // Another file, and one that is not there: it was named just now, so that is said.
    let mine = here.0.path().join("mine.toml");
    here.heedless().arg("--config").arg(&mine).args(["config", "check"]).assert().code(2);
    fs::write(&mine, "wrap = false\n").unwrap();
    here.heedless().arg("--config").arg(&mine).args(["config", "check"]).assert().success();
}

#[test]
fn samples_fold_into_a_line() {
    let here = Here::new();
    let lines = serde_json::json!({
        "model": "m", "id": "q", "question": "1+1?", "gold": "2", "output": ["\\boxed{2}", "a, \\boxed{2}", "b, \\boxed{3}"],
        "constraints": [{"id": "punctuation:no_comma", "args": null}],
    });
    fs::write(here.toy().join("c.jsonl"), format!("{lines}\n")).unwrap();
    let out = here.ok(&["query", "model:m", "--fold", "--format", "jsonl"]);
    let line: Value = serde_json::from_str(out.trim()).unwrap();
    let counts: Vec<_> =
        ["samples", "followed", "correct", "correct_unknown"].map(|n| line[n].clone()).into();
    assert_eq!(counts, [3, 1, 2, 0]);
    let all = here.ok(&["query", "", "--fold", "--format", "csv"]);
    assert_eq!(all.lines().count(), 1 + 4 + 1, "{all}");
}
