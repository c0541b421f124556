//! Names of files that are not UTF-8, or hold what a terminal acts on: every command that prints a
//! path, by the real program.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test that cannot set up has failed")]

use std::ffi::{OsStr, OsString};
use std::fs;
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::PathBuf;
use std::process::Output;

use assert_cmd::Command;
use serde_json::Value;

/// A folder of generations whose own name is not UTF-8, with files of all kinds of names in it.
struct Here(tempfile::TempDir);

fn record(id: &str, output: &str) -> String {
    format!(
        r#"{{"id":"{id}","question":"1+1?","gold":"2","constraints":[{{"id":"punctuation:no_comma","args":null}}],"output":"{output}"}}"#
    )
}

impl Here {
    fn new() -> Self {
        let here = Self(tempfile::tempdir().unwrap());
        fs::create_dir_all(here.file(b"data")).unwrap();
        fs::create_dir_all(here.file(b"output")).unwrap();
        let two = format!("{}\n{}\n", record("q1", "one, \\\\boxed{2}"), record("q2", "\\\\boxed{2}"));
        for name in [&b"a\xff.jsonl"[..], b"a\xfe.jsonl", b"b\n\x1b[31m.jsonl", b"c.jsonl"] {
            fs::write(here.file(name), &two).unwrap();
        }
        fs::write(here.file(b"bad\xfd.jsonl"), "{broken\n").unwrap();
        let item = r#"{"source":"s","id":0,"question":"1+1?","answer":"2","constraint_name":["punctuation:no_comma"],"constraint_args":[null],"constraint_desc":["No commas."]}"#;
        fs::write(here.file(b"data/d\xfc_single.jsonl"), format!("{item}\n")).unwrap();
        for model in [&b"m\xfb"[..], b"m\xfa"] {
            let name = [b"output/", model, b"_d\xfc_single.jsonl"].concat();
            fs::write(here.file(&name), "{\"output\":[\"a, \\\\boxed{2}\"]}\n").unwrap();
        }
        here
    }

    fn runs(&self) -> PathBuf {
        self.0.path().join(OsStr::from_bytes(b"r\xf9ns"))
    }

    fn file(&self, name: &[u8]) -> PathBuf {
        self.runs().join(OsStr::from_bytes(name))
    }

    fn heedless(&self) -> Command {
        let mut command = Command::cargo_bin("heedless").unwrap();
        for name in ["XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME"] {
            command.env(name, self.0.path().join(name));
        }
        for name in ["HEEDLESS_INDEX", "HEEDLESS_TRIAGE", "HEEDLESS_CONFIG", "HEEDLESS_RULES", "NO_COLOR"] {
            command.env_remove(name);
        }
        command
    }

    /// Runs the program; it must end with this code, not panic, and let no control reach a terminal.
    fn run(&self, args: &[OsString], code: i32) -> Output {
        let output = self.heedless().args(args).output().unwrap();
        checked(output, code, &format!("{args:?}"))
    }

    fn json(&self, args: &[&str]) -> Value {
        let args: Vec<OsString> = args.iter().map(OsString::from).chain([self.runs().into()]).collect();
        serde_json::from_slice(&self.run(&args, 0).stdout).unwrap()
    }

    fn library_is_saved(&self) -> bool {
        let listed = self.run(&["library", "list", "--format", "json"].map(OsString::from), 0);
        let listed: Value = serde_json::from_slice(&listed.stdout).unwrap();
        listed.as_array().is_some_and(|all| all.len() == 1)
    }
}

fn checked(output: Output, code: i32, what: &str) -> Output {
    let (out, err) = (String::from_utf8(output.stdout.clone()), String::from_utf8_lossy(&output.stderr));
    let out = out.unwrap_or_else(|_| panic!("{what}: what is printed is UTF-8"));
    assert!(!err.contains("panicked"), "{what}: {err}");
    assert_eq!(output.status.code(), Some(code), "{what}: {out}{err}");
    for text in [&out, &*err] {
        assert!(!text.contains('\u{1b}'), "{what}: {text}");
        assert!(!text.contains(char::REPLACEMENT_CHARACTER), "{what}: a byte was lost: {text}");
    }
    output
}

fn words(words: &[&str]) -> Vec<OsString> {
    words.iter().map(OsString::from).collect()
}

#[test]
fn every_command_reads_and_prints_them() {
    let here = Here::new();
    let (runs, cff) = (here.runs(), here.file(b"a\xff.jsonl"));
    let mut first = cff.clone().into_os_string();
    first.push(":1");
    let formats = ["table", "json", "jsonl", "csv", "tsv", "markdown"];
    let mut all: Vec<(Vec<OsString>, i32)> = Vec::new();
    let mut add = |line: &[&str], paths: &[&OsStr], code| {
        let paths = paths.iter().map(|&path| path.to_owned());
        all.push((words(line).into_iter().chain(paths).collect(), code));
    };
    let runs = runs.as_os_str();
    for format in ["table", "json"] {
        add(&["index", "--format", format], &[runs], 0);
        add(&["library", "list", "--format", format], &[], 0);
        add(&["library", "check", "--sources", "--format", format], &[runs], 0);
        add(&["score", "--format", format], &[runs], 0);
        add(&["score", "--format", format], &[cff.as_os_str()], 0);
        add(&["audit", "--format", format], &[runs], 1);
        add(&["show", "--format", format], &[&first], 0);
        add(&["compare", "c", r"a\xFF", "--format", format], &[runs], 0);
    }
    for format in formats {
        add(
            &["query", "failed:no_comma", "--columns", "key,run,model,place", "--format", format],
            &[runs],
            0,
        );
        add(&["rejects", "--format", format], &[runs], 0);
        add(&["runs", "--format", format], &[runs], 0);
        add(&["matrix", "--format", format], &[runs], 0);
        add(&["tags", "list", "--format", format], &[runs], 1);
    }
    for key in [r"a\xFF/q1", r"a\xFE/q1", r"m\xFB/0"] {
        add(&["show", key], &[runs], 0);
        add(&["explain", key], &[runs], 0);
        add(&["show", "--format", "markdown", key], &[runs], 0);
    }
    add(&[], &[runs], 0);
    add(&["runs"], &[], 0);
    add(&["explain"], &[&first], 0);
    add(&["library", "path"], &[runs], 0);
    add(&["query", r#"file:"a\\xFF.jsonl""#, "--count"], &[runs], 0);
    add(&["query", r"file:a\xFF.jsonl", "--count"], &[runs], 0);
    add(&["plot", "lengths"], &[runs], 0);
    // What is not there is said.
    add(&["runs"], &[here.file(b"absent\xff").as_os_str()], 2);
    add(&["show"], &[here.file(b"absent\xff:1").as_os_str()], 2);
    add(&["index"], &[here.file(b"bad\xfd.jsonl").as_os_str()], 1);
    add(&["library", "remove"], &[runs], 0);
    for (line, code) in all {
        here.run(&line, code);
    }
}

#[test]
fn they_are_saved_and_counted_like_any_other() {
    let here = Here::new();
    let index = || here.json(&["index", "--format", "json"]);
    let first = index();
    assert_eq!((&first["read"]["unsaved"], &first["generations"]), (&Value::Null, &10.into()), "{first}");
    assert!(here.library_is_saved());
    let again = index();
    assert_eq!((&again["read"]["unchanged"], &again["read"]["lines"]), (&6.into(), &0.into()), "{again}");
    // Only what was added is read.
    let mut grown = fs::read(here.file(b"a\xff.jsonl")).unwrap();
    grown.extend_from_slice(record("q3", "x").as_bytes());
    grown.push(b'\n');
    fs::write(here.file(b"a\xff.jsonl"), grown).unwrap();
    let grown = index();
    assert_eq!((&grown["read"]["grown"], &grown["generations"]), (&1.into(), &11.into()), "{grown}");
    // Without a path, the library opened last.
    let last = here.run(&words(&["query", "", "--count"]), 0);
    assert_eq!(last.stdout, b"11\n");
    let checked = here.json(&["library", "check", "--sources", "--format", "json"]);
    assert_eq!((&checked["read"], &checked["problems"]), (&11.into(), &serde_json::json!([])));
}

#[test]
fn two_names_never_print_alike() {
    let here = Here::new();
    // The name in which the sign for a byte is meant as it stands.
    fs::copy(here.file(b"a\xff.jsonl"), here.file(br"a\xFF.jsonl")).unwrap();
    let names = |documents: &Value, field: &str| -> Vec<String> {
        let all = documents.as_array().unwrap().iter();
        all.map(|one| one[field].as_str().unwrap().to_owned()).collect()
    };
    let runs = names(&here.json(&["runs", "--format", "json"]), "run");
    for run in [r"a\xFF", r"a\xFE", r"a\\xFF", r"m\xFB", r"m\xFA", "c"] {
        assert!(runs.iter().any(|name| name == run), "{run}: {runs:?}");
    }
    assert_eq!(runs.len(), 7, "{runs:?}");
    let mut places = names(&here.json(&["query", "", "--columns", "place", "--format", "json"]), "place");
    assert!(places.iter().all(|place| place.contains(r"/r\xF9ns/")), "{places:?}");
    assert!(places.iter().any(|place| place.ends_with(r"/a\xFF.jsonl:1")), "{places:?}");
    places.sort();
    places.dedup();
    assert_eq!(places.len(), 12, "{places:?}");
    // What is printed is a key too.
    let place = places.iter().find(|place| place.ends_with(r"/a\xFE.jsonl:2")).unwrap();
    let shown = here.run(&words(&["show", "--format", "json", place]), 0);
    let shown: Value = serde_json::from_slice(&shown.stdout).unwrap();
    assert_eq!(shown["run"]["name"], r"a\xFE");
    assert_eq!(format!("{}:2", shown["place"]["file"].as_str().unwrap()), *place);
}

#[test]
fn verdicts_name_their_file() {
    let here = Here::new();
    let mut line = words(&["score", "--verdicts", "-"]);
    line.extend([b"a\xff.jsonl", b"a\xfe.jsonl"].map(|name| here.file(name).into_os_string()));
    let told = here.run(&line, 0);
    let text = String::from_utf8(told.stdout).unwrap();
    let files: Vec<String> = text
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap()["file"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(files.len(), 4);
    assert!(files[0].ends_with(r"r\xF9ns/a\xFF.jsonl") && files[3].ends_with(r"a\xFE.jsonl"), "{files:?}");
    let pair = [
        "--items".into(),
        here.file(b"data/d\xfc_single.jsonl").into_os_string(),
        "--outputs".into(),
        here.file(b"output/m\xfb_d\xfc_single.jsonl").into_os_string(),
    ];
    // Where verdicts are written to may have any name too.
    for name in [&b"out\xff.jsonl"[..], b"out\xff.parquet"] {
        let out = here.0.path().join(OsStr::from_bytes(name));
        let mut line = words(&["score", "--verdicts"]);
        line.push(out.clone().into_os_string());
        line.extend(pair.clone());
        if cfg!(not(feature = "parquet")) && name.ends_with(b"parquet") {
            continue;
        }
        here.run(&line, 0);
        assert!(out.is_file());
    }
}

#[test]
fn arguments_and_variables_may_hold_any_bytes() {
    let here = Here::new();
    let at = |name: &[u8]| here.0.path().join(OsStr::from_bytes(name)).into_os_string();
    fs::write(at(b"rules\xff.toml"), "[[constraint]]\nid = \"own:x\"\nsentence = \"x\"\nmust_match = 'a'\n")
        .unwrap();
    fs::write(at(b"config\xff.toml"), "judged = \"whole\"\n").unwrap();
    let cases: [(&str, &str, OsString, i32); 8] = [
        ("--index", "HEEDLESS_INDEX", at(b"index\xff"), 0),
        ("--config", "HEEDLESS_CONFIG", at(b"config\xff.toml"), 0),
        ("--config", "HEEDLESS_CONFIG", at(b"absent\xff"), 2),
        ("--rules", "HEEDLESS_RULES", at(b"rules\xff.toml"), 0),
        ("--rules", "HEEDLESS_RULES", at(b"absent\xff"), 2),
        ("--tokenizer", "", at(b"absent\xff"), 2),
        ("", "HEEDLESS_TRIAGE", at(b"tags\xff.jsonl"), 0),
        ("", "HEEDLESS_USER", OsString::from_vec(b"ann\xff".to_vec()), 0),
    ];
    for (option, variable, value, code) in cases {
        let query = [OsString::from("query"), "-tag:1".into(), "--count".into(), here.runs().into()];
        if !option.is_empty() {
            let typed = [option.into(), value.clone()];
            here.run(&query.iter().cloned().chain(typed).collect::<Vec<_>>(), code);
        }
        if !variable.is_empty() {
            let output = here.heedless().args(&query).env(variable, &value).output().unwrap();
            checked(output, code, variable);
        }
    }
    // Who exports is named, whatever the name is made of.
    let theirs = here.0.path().join("theirs.jsonl");
    fs::write(&theirs, "{\"key\":\"00c0ffee00c0ffee\",\"tags\":[1]}\n").unwrap();
    let import = |command: &mut Command| {
        let output = command.args(["tags", "import"]).arg(&theirs).output().unwrap();
        checked(output, 0, "tags import");
    };
    import(here.heedless().env("HEEDLESS_USER", OsStr::from_bytes(b"ann\xff")));
    let log = fs::read_to_string(here.0.path().join("XDG_DATA_HOME/heedless/triage.jsonl")).unwrap();
    assert!(log.contains(r#""by":"ann\\xFF""#), "{log}");
}

#[test]
fn rules_of_a_heedless_toml_fit_them() {
    let here = Here::new();
    fs::write(
        here.file(b"heedless.toml"),
        "[[run]]\nfiles = 'a\\xFF.jsonl'\nname = 'first'\n[[run]]\nfiles = 'm\\xFB*'\nmodel = 'em'\n",
    )
    .unwrap();
    let runs = here.json(&["runs", "--format", "json"]);
    let of = |field: &str| -> Vec<&str> {
        runs.as_array().unwrap().iter().map(|run| run[field].as_str().unwrap()).collect()
    };
    assert!(of("run").contains(&"first") && of("run").contains(&r"a\xFE"), "{:?}", of("run"));
    assert_eq!(of("model").iter().filter(|model| **model == "em").count(), 1, "{:?}", of("model"));
}
