//! Importing whole folders: good ones, real ones, hostile ones.

#![expect(clippy::unwrap_used, reason = "a test that cannot set up has failed")]

use std::fs;
use std::path::{Path, PathBuf};

use heedless::error::{Reject, RejectKind};
use heedless::import::{self, MAX_LINE, Outcome, Reader, lines};
use heedless::record::Record;

/// Everything that can be read below some paths, and everything that was said.
fn load(paths: &[PathBuf]) -> (Vec<Record>, Vec<Reject>) {
    let found = import::discover(paths).unwrap();
    let (mut records, mut rejects) = (Vec::new(), found.rejects);
    for source in &found.sources {
        let reader = match Reader::open(source) {
            Ok(reader) => reader,
            Err(all) => {
                rejects.extend(all);
                continue;
            }
        };
        rejects.extend_from_slice(reader.rejects());
        let mut last = 0;
        for line in lines(&source.path, 0, 1, MAX_LINE).unwrap() {
            match line {
                Ok(line) => {
                    let outcome = reader.read(&line, &mut records);
                    if outcome != Outcome::Blank {
                        last = line.place.line;
                    }
                    if let Outcome::Rejected(reject) = outcome {
                        rejects.push(reject);
                    }
                }
                Err(reject) => rejects.push(reject),
            }
        }
        rejects.extend(reader.unanswered(last));
    }
    (records, rejects)
}

fn data(path: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data").join(path);
    if path.exists() {
        return Some(path);
    }
    println!("skipped: ../shared/data not here");
    None
}

fn runs(records: &[Record]) -> Vec<(String, usize)> {
    let mut all = std::collections::BTreeMap::new();
    for r in records {
        *all.entry(r.run.name.clone()).or_insert(0) += 1;
    }
    all.into_iter().collect()
}

#[test]
fn real_pairs() {
    let Some(path) = data("runs/math500") else { return };
    let (records, rejects) = load(std::slice::from_ref(&path));
    assert_eq!(rejects, []);
    let wanted = ["deepseek-reasoner-v3.2", "doubao-seed-1-6-251015", "qwen-plus", "qwen3-max"];
    assert_eq!(runs(&records), wanted.map(|w| (w.to_owned(), 299)));
    assert!(records.iter().all(|r| r.generation.saved.follow.is_some() && r.generation.finish.is_some()));
    // One output file by itself finds its items where they lie.
    let alone = path.join("output/qwen3-max_math500_posthoc.jsonl");
    let (same, rejects) = load(&[alone]);
    assert_eq!(rejects, []);
    assert_eq!(same.len(), 299);
    assert_eq!(
        same[7].generation,
        records.iter().filter(|r| r.run.name == "qwen3-max").nth(7).unwrap().generation
    );
}

#[test]
fn real_records() {
    let Some(path) = data("parity") else { return };
    let (records, rejects) = load(&[path]);
    assert_eq!(rejects, []);
    assert_eq!(
        runs(&records),
        [("gsm8k_grpo", 1320), ("languages", 381), ("mathif_edited", 614)].map(|(n, c)| (n.to_owned(), c))
    );
}

#[test]
fn other_layouts_are_said_and_not_fatal() {
    let Some(path) = data("") else { return };
    let (records, rejects) = load(&[path]);
    assert!(records.len() >= 1196 + 2315);
    assert!(rejects.iter().any(|r| r.kind == RejectKind::UnknownFormat));
}

const ITEM: &str = r#"{"id":"i","question":"1+1?","answer":"2","constraint_name":["punctuation:no_comma"],"constraint_args":[null]}"#;

/// A folder with everything wrong in it, and with two good runs.
fn hostile() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let put = |name: &str, bytes: &[u8]| {
        let path = dir.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    };
    put("data/toy_single.jsonl", format!("{ITEM}\n{{broken\n{ITEM}\n{ITEM}\n\n").as_bytes());
    // Line 2 has no item, line 4 is broken, line 5 is past the items.
    put(
        "output/model-a_toy_single_t1.0p0.95max64seed1.jsonl",
        b"{\"output\":[\"2\"]}\n{\"output\":[\"2\"]}\n{\"output\":[\"\\u001b[2J, \\u202e\"]}\n{\"output\":\n{\"output\":[\"9\"]}\n",
    );
    put("output/model-b_toy_single.jsonl", b"{\"responses\":\"2\"}\n");
    put("output/model-c_lost_single.jsonl", b"{\"output\":[\"2\"]}\n");
    put(
        "records.jsonl",
        format!("{}\r\n{}", ITEM.replace('}', ",\"output\":\"1, 2\"}"), "{\"question\":\"cut o").as_bytes(),
    );
    put("empty.jsonl", b"");
    put("picture.bin", b"\x89PNG\r\n\x1a\n\0\0");
    put("packed.jsonl", b"\x1f\x8b\x08\0");
    put("prose.jsonl", b"dear diary\n");
    put("notes.txt", b"nothing to see\n");
    put("odd\x1b[31m\u{202e}name.jsonl", b"[1,2]\n");
    put("data/orphan_triple.jsonl", format!("{ITEM}\n").as_bytes());
    #[cfg(unix)]
    std::os::unix::fs::symlink(dir.path(), dir.path().join("loop")).unwrap();
    dir
}

#[test]
fn a_hostile_folder_is_used_as_far_as_it_goes() {
    let dir = hostile();
    let (records, rejects) = load(&[dir.path().to_owned()]);
    assert_eq!(
        runs(&records),
        [("model-a", 2), ("model-b", 1), ("records", 1)].map(|(n, c)| (n.to_owned(), c))
    );
    let root = fs::canonicalize(dir.path()).unwrap();
    let mut said: Vec<String> = rejects
        .iter()
        .map(|r| {
            let path = r.path.strip_prefix(&root).unwrap().display().to_string();
            format!("{}:{}:{} {}", path.escape_debug(), r.line, r.byte, r.kind.name())
        })
        .collect();
    said.sort();
    // Each reader of an item file has that file's bad lines.
    said.dedup();
    assert_eq!(
        said,
        [
            "data/orphan_triple.jsonl:0:0 missing pair",
            "data/toy_single.jsonl:2:0 unpaired",
            "data/toy_single.jsonl:2:111 syntax",
            "empty.jsonl:0:0 empty",
            "odd\\u{1b}[31m\\u{202e}name.jsonl:0:0 unknown format",
            "output/model-a_toy_single_t1.0p0.95max64seed1.jsonl:2:17 unpaired",
            "output/model-a_toy_single_t1.0p0.95max64seed1.jsonl:4:76 syntax",
            "output/model-a_toy_single_t1.0p0.95max64seed1.jsonl:5:78 unpaired",
            "output/model-c_lost_single.jsonl:0:0 missing pair",
            "packed.jsonl:0:0 binary",
            "picture.bin:0:0 binary",
            "prose.jsonl:0:0 unknown format",
        ]
    );
}

#[test]
fn a_missing_path_is_an_error() {
    let error = import::discover(&[PathBuf::from("no/such/folder")]).unwrap_err().to_string();
    assert!(error.starts_with("no/such/folder: "), "{error}");
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]

    /// Garbage on any line costs that line and no other.
    #[test]
    fn garbage_costs_one_line(at in 0usize..20, garbage in proptest::collection::vec(proptest::num::u8::ANY, 1..80)) {
        proptest::prop_assume!(!garbage.contains(&b'\n') && garbage.iter().any(|b| !b.is_ascii_whitespace()));
        proptest::prop_assume!(serde_json::from_slice::<serde_json::Value>(&garbage).is_err());
        // A NUL, or the mark of another encoding, at the head makes a binary file of it.
        proptest::prop_assume!(!garbage.contains(&0));
        proptest::prop_assume!(at > 0 || garbage[0].is_ascii());
        let dir = tempfile::tempdir().unwrap();
        let record = ITEM.replace('}', ",\"output\":\"1, 2\"}");
        let mut lines = vec![record.into_bytes(); 20];
        lines[at] = garbage;
        fs::write(dir.path().join("r.jsonl"), lines.join(&b'\n')).unwrap();
        let (records, rejects) = load(&[dir.path().to_owned()]);
        proptest::prop_assert_eq!(records.len(), 19);
        // The last line has no end: garbage there is a line still being written.
        proptest::prop_assert_eq!(rejects.len(), usize::from(at < 19));
    }
}

fn write(dir: &Path, name: &str, text: &str) {
    let path = dir.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

#[test]
fn one_run_spans_the_item_files_of_a_model() {
    let dir = tempfile::tempdir().unwrap();
    for stem in ["toy_single", "toy_double", "toy"] {
        write(dir.path(), &format!("data/{stem}.jsonl"), &format!("{ITEM}\n"));
        for rest in ["", "_noconstraint", "_wait2"] {
            write(
                dir.path(),
                &format!("output/a_b_{stem}_t1.0p0.95max64seed1{rest}.jsonl"),
                "{\"output\":\"x\"}\n",
            );
        }
        write(dir.path(), &format!("output/a_b_{stem}_t0.6p0.95max64seed1.jsonl"), "{\"output\":\"x\"}\n");
    }
    let (records, rejects) = load(&[dir.path().to_owned()]);
    assert_eq!(rejects, []);
    assert_eq!(
        runs(&records),
        [("a_b+no-constraints", 3), ("a_b+t0.6", 3), ("a_b+t1", 3), ("a_b+wait2", 3)]
            .map(|(n, c)| (n.to_owned(), c))
    );
    let conditions: std::collections::BTreeSet<&str> =
        records.iter().map(|r| r.run.condition.as_str()).collect();
    assert_eq!(conditions.into_iter().collect::<Vec<_>>(), ["constraints", "no constraints", "wait2"]);
    // The longest item file's name wins: `toy_single` is not `toy` with the condition `single`.
    assert!(
        records.iter().all(|r| r.item.group != "toy" || !r.place.path.to_string_lossy().contains("_single"))
    );
}

#[test]
fn heedless_toml_has_the_last_word() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), "items/questions.jsonl", &format!("{ITEM}\n"));
    write(dir.path(), "out/r1.jsonl", "{\"responses\":[\"x\",\"y\"]}\n");
    write(dir.path(), "mine.jsonl", &ITEM.replace('}', ",\"model\":\"said\",\"output\":\"z\"}"));
    let (records, rejects) = load(&[dir.path().to_owned()]);
    assert_eq!(records.len(), 1, "{rejects:?}");
    write(
        dir.path(),
        "heedless.toml",
        "[[run]]\nfiles = 'out/r1*'\nname = 'r1'\nmodel = 'R1'\nitems = 'items/questions.jsonl'\n\
         sampling = { temperature = 0.6 }\n[[run]]\nfiles = 'mine.jsonl'\ncondition = 'noconstraint'\n",
    );
    let (records, rejects) = load(&[dir.path().to_owned()]);
    assert_eq!(rejects, []);
    assert_eq!(runs(&records), [("r1", 2), ("said+no-constraints", 1)].map(|(n, c)| (n.to_owned(), c)));
    let r1: Vec<&Record> = records.iter().filter(|r| r.run.name == "r1").collect();
    assert_eq!((r1[0].run.model.as_str(), r1[0].run.sampling.temperature), ("R1", Some(0.6)));
    assert_eq!((r1[1].generation.sample, r1[1].item.gold.as_deref()), (1, Some("2")));
    assert_eq!(r1[0].run.inferred, ["condition"]);
}

#[test]
fn a_last_line_still_being_written_waits() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("r.jsonl");
    let record = ITEM.replace('}', ",\"output\":\"né\"}");
    let whole = format!("{record}\n{record}");
    let second = record.len() + 1;
    for cut in second + 1..=whole.len() {
        fs::write(&path, &whole.as_bytes()[..cut]).unwrap();
        let (records, rejects) = load(std::slice::from_ref(&path));
        assert_eq!((records.len(), rejects.len()), (1 + usize::from(cut == whole.len()), 0), "{cut}");
    }
}

#[test]
#[cfg(unix)]
fn what_is_no_file_is_not_opened() {
    let dir = tempfile::tempdir().unwrap();
    let fifo = dir.path().join("pipe.jsonl");
    assert!(std::process::Command::new("mkfifo").arg(&fifo).status().unwrap().success());
    fs::create_dir(dir.path().join("folder.jsonl")).unwrap();
    write(dir.path(), "r.jsonl", &ITEM.replace('}', ",\"output\":\"x\"}"));
    std::os::unix::fs::symlink(dir.path().join("r.jsonl"), dir.path().join("same.jsonl")).unwrap();
    fs::hard_link(dir.path().join("r.jsonl"), dir.path().join("again.jsonl")).unwrap();
    std::os::unix::fs::symlink("nowhere", dir.path().join("broken.jsonl")).unwrap();
    let (records, rejects) = load(&[dir.path().to_owned(), dir.path().to_owned()]);
    assert_eq!(records.len(), 1);
    let said: Vec<&str> = rejects.iter().map(|r| r.path.file_name().unwrap().to_str().unwrap()).collect();
    assert_eq!(said, ["broken.jsonl", "pipe.jsonl"]);
}

#[test]
fn a_hole_in_a_file_costs_one_line_and_no_memory() {
    use std::io::{Seek as _, SeekFrom, Write as _};
    let dir = tempfile::tempdir().unwrap();
    let record = ITEM.replace('}', ",\"output\":\"x\"}");
    let mut file = fs::File::create(dir.path().join("r.jsonl")).unwrap();
    // Longer than what is looked at for signs of a binary file.
    for _ in 0..100 {
        writeln!(file, "{record}").unwrap();
    }
    file.seek(SeekFrom::Current(MAX_LINE as i64 + 7)).unwrap();
    writeln!(file, "\n{record}").unwrap();
    drop(file);
    let (records, rejects) = load(&[dir.path().to_owned()]);
    assert_eq!(records.len(), 101);
    assert_eq!(rejects.len(), 1);
    assert_eq!(
        (rejects[0].kind, rejects[0].line, rejects[0].len),
        (RejectKind::TooLong, 101, MAX_LINE as u64 + 7)
    );
}
