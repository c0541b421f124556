//! Files with bytes turned, cut out, doubled and put in: nothing panics or hangs, every line is
//! accounted for, every mark lies in its text, and nothing that is shown holds a control character.
//!
//! `HEEDLESS_MUTATIONS=100000 cargo test --release --test mutated` is the long run.

#![expect(clippy::unwrap_used, reason = "a test that cannot set up has failed")]

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use heedless::assess::{Options, PreparedItem, assess};
use heedless::constraint::{Status, Want};
use heedless::library::{BuildOptions, Cancel, Query, build};
use heedless::split::JudgedSpan;
use heedless::text::visible;

#[path = "../benches/generate/random.rs"]
#[expect(dead_code, reason = "the generator of libraries uses all of it")]
mod random;

use random::Random;

/// What breaks parsers, put in at any place.
const PIECES: [&[u8]; 24] = [
    b"\"",
    b"\\",
    b"{",
    b"}",
    b"[",
    b"]",
    b"\n",
    b"\r\n",
    b"\0",
    b"\xff",
    b"\xef\xbb\xbf",
    b"\\ud800",
    b"\\u0000",
    b"\\u001b[2J",
    b"NaN",
    b"1e400",
    b"-0",
    b"99999999999999999999",
    b"</think>",
    b"<think>",
    b"\\\\boxed{",
    b"\"output\":",
    b"\xe2\x80\xae",
    b"null",
];

/// The files of the corpus: good lines of every family of constraints, and lines that were bad to begin with.
fn corpus() -> Vec<Vec<u8>> {
    let runs = Path::new(env!("CARGO_MANIFEST_DIR")).join("sample_runs/qwen2.5-coder-0.5b");
    let sampled = ["think.jsonl", "constraints.jsonl"].map(|name| {
        let text = fs::read_to_string(runs.join(name)).unwrap();
        text.split_inclusive('\n').step_by(5).collect::<String>().into_bytes()
    });
    let families = [
        ("punctuation:no_comma", "null"),
        ("keywords:existence", r#"{"keywords":["sum","a.c","("]}"#),
        ("keywords:frequency", r#"{"keyword":"x","frequency":2,"relation":"at least"}"#),
        ("keywords:forbidden_words", r#"{"forbidden_words":["so","(a+)+b"]}"#),
        ("language:response_language", r#"{"language":"th"}"#),
        ("length_constraint_checkers:number_words", r#"{"num_words":5,"relation":"less than"}"#),
        ("length_constraint_checkers:number_sentences", r#"{"num_sentences":2,"relation":"at least"}"#),
        ("detectable_format:number_bullet_lists", r#"{"num_bullets":2}"#),
        ("detectable_format:number_highlighted_sections", r#"{"num_highlights":1}"#),
        ("detectable_format:multiple_sections", r#"{"section_spliter":"Step","num_sections":2}"#),
        ("detectable_format:json_format", "null"),
        ("startend:end_checker", r#"{"end_phrase":"Done."}"#),
        ("startend:quotation", "null"),
        ("combination:repeat_prompt", r#"{"prompt_to_repeat":"What is 1+1?"}"#),
        ("change_case:english_capital", "null"),
        ("change_case:capital_word_frequency", r#"{"capital_frequency":2,"capital_relation":"at least"}"#),
        ("nobody:knows_this", r#"{"a":[1,{"b":null}]}"#),
    ];
    let mut written = String::new();
    for (i, (id, args)) in families.iter().enumerate() {
        writeln!(
            written,
            r#"{{"run":"r{}","id":"i{i}","question":"What is 1+1?","answer":"2","constraints":[{{"id":"{id}","args":{args}}}],"output":"<think>wait, x\u0301 é \ud83d\ude00 ทดสอบ</think>\n* So, *it* is \\boxed{{\\frac{{4}}{{2}}}}. P.S. DONE\u0000\u202e"}}"#,
            i % 2
        )
        .unwrap();
    }
    let bad = "{\"output\":\n[]\n\n{}\n{\"id\":\"x\",\"output\":7}\n\u{feff}{\"output\":\"\\ud800\",\"question\":\"q\"}\n{\"a\":NaN}\n";
    let deep = format!("{}{}\n", "[".repeat(3_000), "]".repeat(3_000));
    let [think, constraints] = sampled;
    vec![think, constraints, written.clone().into_bytes(), (written + bad + &deep).into_bytes()]
}

/// One to eight changes.
fn mutate(bytes: &mut Vec<u8>, random: &mut Random) {
    for _ in 0..=random.below(8) {
        let at = random.below(bytes.len() + 1);
        let some = at + random.below(40).min(bytes.len() - at);
        match random.below(5) {
            0 if at < bytes.len() => bytes[at] ^= 1 << random.below(8),
            1 => drop(bytes.drain(at..some)),
            2 => {
                let copy = bytes[at..some].to_vec();
                let to = random.below(bytes.len() + 1);
                bytes.splice(to..to, copy);
            }
            3 if random.chance(0.1) => bytes.truncate(at),
            _ => drop(bytes.splice(at..at, random.pick(&PIECES).iter().copied())),
        }
    }
}

#[test]
fn mutated_files_are_used_as_far_as_they_go() {
    let rounds: u64 = std::env::var("HEEDLESS_MUTATIONS").map_or(60, |n| n.parse().unwrap());
    let corpus = corpus();
    let mut generations = 0;
    for round in 0..rounds {
        let random = &mut Random::new(&[round, 11]);
        let dir = tempfile::tempdir().unwrap();
        let runs = dir.path().join("runs");
        fs::create_dir(&runs).unwrap();
        for (i, file) in corpus.iter().enumerate() {
            let mut file = file.clone();
            if i as u64 != round % 8 {
                mutate(&mut file, random);
            }
            fs::write(runs.join(format!("{i}.jsonl")), file).unwrap();
        }
        let options = BuildOptions { text: round % 4 == 0, ..BuildOptions::default() };
        let built =
            build(&dir.path().join("library"), &[runs], &options, &|_| {}, &Cancel::default()).unwrap();
        let (library, report) = (built.library, built.report);
        let known = report.loaded + report.rejected + report.blank + report.pending;
        assert_eq!(report.lines, known, "round {round}: {report:?}");
        assert!(report.rejected == 0 || report.rejects > 0, "round {round}: what was rejected is listed");
        for row in library.all().iter() {
            let record = library.read(row).unwrap();
            let text = record.generation.text.as_str();
            let item = PreparedItem::new(Arc::clone(&record.item));
            for judged in JudgedSpan::ALL {
                let options = Options { judged, want: Want::Marks, ..Options::default() };
                let facts = library.run_facts(library.row(row).run_number());
                let assessment = assess(&item, &record.run, facts, &record.generation, options);
                for verdict in &assessment.verdicts {
                    for mark in &verdict.marks {
                        let place = text.get(mark.start..mark.end);
                        assert!(
                            place.is_some(),
                            "round {round}, row {row}: {mark:?} of {} bytes",
                            text.len()
                        );
                    }
                    if let Some(margin) = verdict.margin {
                        let followed = verdict.status == Status::Followed;
                        assert_eq!(margin.value >= 0.0, followed, "round {round}, row {row}: {verdict:?}");
                    }
                }
            }
            let shown = visible(text);
            assert!(!shown.chars().any(|c| c.is_control() && c != '\n'), "round {round}, row {row}");
            generations += 1;
        }
        let asked = Query::parse("failed:* or mode:* or \"x\" or margin<0").unwrap();
        let found = library.select(&asked, &Cancel::default()).unwrap();
        assert!(found.count() <= library.len());
    }
    assert!(
        generations > rounds * 20,
        "{generations} generations in {rounds} rounds: the mutations are too hard"
    );
}
