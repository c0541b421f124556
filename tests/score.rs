//! `heedless score` against the public reference, and against itself.

#![expect(clippy::unwrap_used, reason = "a test that cannot set up has failed")]

use std::fs;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use serde_json::Value;

fn heedless() -> Command {
    let mut command = Command::cargo_bin("heedless").unwrap();
    let scratch = Path::new(env!("CARGO_TARGET_TMPDIR"));
    for name in ["XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME"] {
        command.env(name, scratch.join("score"));
    }
    command.env_remove("HEEDLESS_INDEX");
    command
}

fn data(path: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data").join(path);
    if path.exists() {
        return Some(path);
    }
    println!("skipped: ../shared/data not here");
    None
}

fn lines(bytes: &[u8]) -> Vec<Value> {
    let text = std::str::from_utf8(bytes).unwrap();
    text.lines().filter(|l| !l.trim().is_empty()).map(|l| serde_json::from_str(l).unwrap()).collect()
}

/// HAcc, SAcc and correctness of the reference on the same files.
const REFERENCE: [(&str, f64, f64, f64); 4] = [
    ("deepseek-reasoner-v3.2", 0.0669, 0.1996, 0.9766),
    ("doubao-seed-1-6-251015", 0.0836, 0.2313, 0.9532),
    ("qwen-plus", 0.0970, 0.2492, 0.9632),
    ("qwen3-max", 0.1037, 0.2514, 0.9699),
];

#[test]
fn four_models_as_the_reference_has_them() {
    let Some(math500) = data("runs/math500") else { return };
    for (model, hacc, sacc, correctness) in REFERENCE {
        let file = format!("{model}_math500_posthoc.jsonl");
        let out = heedless()
            .args(["score", "--format", "json", "--items"])
            .arg(math500.join("data/math500_posthoc.jsonl"))
            .arg("--outputs")
            .arg(math500.join("output").join(&file))
            .assert()
            .success();
        let averages: Value = serde_json::from_slice(&out.get_output().stdout).unwrap();
        let keys: Vec<&String> = averages.as_object().unwrap().keys().collect();
        assert_eq!(keys, ["n", "hacc", "sacc", "correctness"]);
        assert_eq!(averages["n"], 299);
        for (key, wanted) in [("hacc", hacc), ("sacc", sacc), ("correctness", correctness)] {
            assert_eq!(
                format!("{:.4}", averages[key].as_f64().unwrap()),
                format!("{wanted:.4}"),
                "{model} {key}"
            );
        }

        let out = heedless()
            .args(["score", "--verdicts", "-", "--items"])
            .arg(math500.join("data/math500_posthoc.jsonl"))
            .arg("--outputs")
            .arg(math500.join("output").join(&file))
            .assert()
            .success();
        let ours = lines(&out.get_output().stdout);
        let theirs = lines(&fs::read(math500.join("reference").join(&file)).unwrap());
        assert_same(&ours, &theirs);
    }
}

#[test]
fn records_as_the_reference_has_them() {
    let Some(parity) = data("parity") else { return };
    for file in ["gsm8k_grpo.jsonl", "languages.jsonl", "mathif_edited.jsonl"] {
        let path = parity.join(file);
        let out = heedless().args(["score", "--verdicts", "-"]).arg(&path).assert().success();
        assert_same(&lines(&out.get_output().stdout), &lines(&fs::read(&path).unwrap()));
    }
}

/// Verdict for verdict the same.
fn assert_same(ours: &[Value], theirs: &[Value]) {
    assert_eq!(ours.len(), theirs.len());
    for (i, (a, b)) in ours.iter().zip(theirs).enumerate() {
        assert_eq!(a["line"], i + 1);
        let followed: Vec<&Value> =
            a["verdicts"].as_array().unwrap().iter().map(|v| &v["followed"]).collect();
        assert_eq!(followed, b["follow"].as_array().unwrap().iter().collect::<Vec<_>>(), "line {}", i + 1);
        if let Some(correct) = b.get("correct") {
            assert_eq!(&a["correct"], correct, "line {}", i + 1);
        }
    }
}

const RECORD: &str = r#"{"id":"a","question":"1+1?","answer":"2","constraint_name":["punctuation:no_comma"],"constraint_args":[null],"output":"So, one and one, \\boxed{2}"}"#;

#[test]
fn a_line_of_verdicts_is_as_documented() {
    let out = heedless().args(["score", "-", "--verdicts", "-"]).write_stdin(RECORD).assert().success();
    let line = &lines(&out.get_output().stdout)[0];
    let keys: Vec<&String> = line.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["line", "verdicts", "correct", "extracted", "trace_chars", "answer_chars"]);
    let verdict = &line["verdicts"][0];
    let keys: Vec<&String> = verdict.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["constraint", "followed", "measured", "margin", "unit", "marks", "reason"]);
    assert_eq!(verdict["constraint"], "punctuation:no_comma");
    assert_eq!(verdict["followed"], false);
    assert_eq!(verdict["measured"], 2);
    assert_eq!(verdict["margin"], -2);
    let marks = verdict["marks"].as_array().unwrap();
    assert_eq!(
        (&marks[0]["start"], &marks[0]["end"], &marks[0]["role"]),
        (&2.into(), &3.into(), &"violation".into())
    );
    assert_eq!(line["correct"], true);
    assert_eq!(line["extracted"], "2");
}

#[test]
fn modes_come_with_the_verdicts_when_asked_for() {
    let scored = |args: &[&str]| {
        let out = heedless().args(["score", "-", "--verdicts", "-"]).args(args).write_stdin(RECORD).assert();
        lines(&out.success().get_output().stdout).swap_remove(0)
    };
    let mut with = scored(&["--modes"]);
    let modes = with.as_object_mut().unwrap().remove("modes").unwrap();
    assert!(modes.as_array().unwrap().contains(&"correct-but-disobeyed".into()));
    assert_eq!(with, scored(&[]));
    heedless().args(["score", "-", "--modes"]).write_stdin(RECORD).assert().code(2);
}

/// Lines in the file that [`many`] makes.
const MANY: usize = 500;

/// More than one batch of lines: short, long, broken and blank ones.
fn many() -> String {
    let mut all = String::new();
    for i in 0..MANY {
        let words = "these are words ".repeat(if i % 3 == 0 { 1800 } else { i % 20 });
        let record = RECORD.replace("So, one", &format!("{words} {i}, one"));
        all.push_str(&record.replace("\"a\"", &format!("\"{}\"", i % 7)));
        all.push('\n');
        if i % 50 == 3 {
            all.push_str("{broken\n\n");
        }
    }
    assert!(all.len() > 4 << 20);
    all
}

#[test]
fn the_number_of_threads_changes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("many.jsonl");
    fs::write(&file, many()).unwrap();
    let with = |threads: &str| {
        let out = heedless()
            .args(["score", "--verdicts", "-", "--modes", "--threads", threads])
            .arg(&file)
            .assert()
            .success();
        (out.get_output().stdout.clone(), out.get_output().stderr.clone())
    };
    let one = with("1");
    assert_eq!(lines(&one.0).len(), MANY);
    assert!(one == with("2"));
    assert!(one == with("7"));
}

#[test]
fn parquet_and_jsonl_are_written_whole() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("many.jsonl");
    fs::write(&file, many()).unwrap();
    for name in ["out.jsonl", "out.parquet"] {
        if name == "out.parquet" && !cfg!(feature = "parquet") {
            continue;
        }
        let to = dir.path().join(name);
        heedless().arg("score").arg(&file).arg("--verdicts").arg(&to).assert().success();
        let bytes = fs::read(&to).unwrap();
        if name == "out.parquet" {
            assert!(bytes.starts_with(b"PAR1") && bytes.ends_with(b"PAR1"));
        } else {
            assert_eq!(lines(&bytes).len(), MANY);
        }
    }
    assert!(
        fs::read_dir(dir.path())
            .unwrap()
            .all(|e| { !e.unwrap().file_name().to_string_lossy().starts_with(".heedless") })
    );
    let nowhere = dir.path().join("no/such/out.jsonl");
    heedless().arg("score").arg(&file).arg("--verdicts").arg(&nowhere).assert().code(2);
}

/// A run whose traces obey and whose answers do not, and the other way round for its last output; the
/// file is of two minds about closing traces.
#[test]
fn averages_under_each_rule_are_those_under_one() {
    let outputs = [
        "<think>it is 2</think>So, one and one, \\\\boxed{2}",
        "<think>it is 2 then</think>So, again, \\\\boxed{2}",
        "it is 2, all of it",
        "<think>well, well</think>it is \\\\boxed{2}",
        "no more, \\\\boxed{3}",
    ];
    let record = |output: &&str| RECORD.replace("So, one and one, \\\\boxed{2}", output) + "\n";
    let records: String = outputs.iter().map(record).collect();
    let scored = |args: &[&str]| -> Value {
        let out = heedless()
            .args(["score", "-", "--format", "json"])
            .args(args)
            .write_stdin(records.clone())
            .assert()
            .success();
        serde_json::from_slice(&out.get_output().stdout).unwrap()
    };
    let each = scored(&["--each-rule"]);
    for rule in ["mathif", "answer", "trace", "whole"] {
        assert_eq!(each[rule], scored(&["--judged", rule]), "{rule}");
    }
    assert_eq!(each["mathif"]["hacc"], 0.2);
    // Most outputs close their traces, so the two that do not are traces alone.
    assert_eq!(each["answer"]["hacc"], 0.2);
    assert_eq!(each["trace"]["hacc"], 0.4);
    let table = heedless().args(["score", "-", "--each-rule"]).write_stdin(records).assert().success();
    let table = String::from_utf8_lossy(&table.get_output().stdout).into_owned();
    assert_eq!(table.lines().filter(|line| line.starts_with("stdin ")).count(), 4, "{table}");
    heedless().args(["score", "-", "--each-rule", "--verdicts", "-"]).assert().code(2);
}

#[test]
fn what_cannot_be_scored_is_said() {
    let out = heedless().args(["score", "-", "--format", "json"]).write_stdin("{broken\n").assert().code(1);
    let said = String::from_utf8_lossy(&out.get_output().stderr).into_owned();
    assert!(said.contains("-:1:1: syntax"), "{said}");
    heedless().args(["score", "no/such/file.jsonl"]).assert().code(2);
    heedless().args(["score"]).assert().code(2);
    heedless().args(["score", "--items", "x"]).assert().code(2);
}
