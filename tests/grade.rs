//! The grader against the saved verdicts of the public one.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use heedless::grade::{Gold, Grade, GradeMode};
use heedless::record::Generation;
use heedless::split::{JudgedSpan, Split};
use serde_json::Value;

const DATA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/data");

/// One answer that the public grader judged.
struct Judged {
    run: String,
    id: String,
    gold: String,
    output: String,
    correct: bool,
    extracted: String,
}

fn lines(path: &Path) -> Vec<Value> {
    let text = fs::read_to_string(path).expect("the shared data are whole");
    text.lines()
        .filter(|l| !l.trim().is_empty())
        .map(|l| serde_json::from_str(l).expect("the shared data are whole"))
        .collect()
}

fn text(value: &Value) -> String {
    match value {
        Value::Array(items) => text(&items[0]),
        Value::String(s) => s.clone(),
        other => panic!("not a text: {other}"),
    }
}

/// Every saved verdict on an answer; `None`, with a notice, where the data are not here.
fn judged() -> Option<Vec<Judged>> {
    let data = Path::new(DATA);
    if !data.is_dir() {
        eprintln!("skipped: ../shared/data not here");
        return None;
    }
    let mut all = Vec::new();
    let math = data.join("runs/math500");
    let items = lines(&math.join("data/math500_posthoc.jsonl"));
    let mut runs: Vec<_> = fs::read_dir(math.join("output"))
        .expect("the shared data are whole")
        .map(|e| e.expect("the shared data are whole").file_name())
        .collect();
    runs.sort();
    for run in runs {
        let outputs = lines(&math.join("output").join(&run));
        let verdicts = lines(&math.join("reference").join(&run));
        for ((item, output), verdict) in items.iter().zip(&outputs).zip(&verdicts) {
            all.push(Judged {
                run: run.to_string_lossy().split('_').next().expect("the shared data are whole").to_owned(),
                id: text(&item["id"]),
                gold: text(&item["answer"]),
                output: text(&output["output"]),
                correct: verdict["correct"].as_bool().expect("the shared data are whole"),
                extracted: text(&verdict["extracted"]),
            });
        }
    }
    for row in lines(&data.join("parity/gsm8k_grpo.jsonl")) {
        if let Some(correct) = row["correct"].as_bool() {
            let id = text(&row["id"]);
            all.push(Judged {
                run: "gsm8k_grpo".into(),
                id: id.rsplit('/').next().expect("the shared data are whole").to_owned(),
                gold: text(&row["answer"]),
                output: text(&row["output"]),
                correct,
                extracted: text(&row["extracted"]),
            });
        }
    }
    Some(all)
}

fn grade(row: &Judged, mode: GradeMode) -> Grade {
    let generation = Generation { text: row.output.clone(), ..Generation::default() };
    let judged = Split::of(&generation, false).judged(JudgedSpan::Mathif);
    Gold::new(Some(&row.gold)).grade(&row.output, judged, mode)
}

#[test]
fn reference_mode_is_the_public_grader() {
    let Some(rows) = judged() else { return };
    let (mut same, mut found) = (0, 0);
    for row in &rows {
        let grade = grade(row, GradeMode::Reference);
        let extracted = grade.extracted.as_deref().unwrap_or_default();
        if grade.correct == Some(row.correct) {
            same += 1;
        } else {
            eprintln!(
                "{} {}: {:?} vs {:?}: theirs {}, ours {:?} ({})",
                row.run, row.id, row.gold, extracted, row.correct, grade.correct, grade.rule
            );
        }
        if extracted == row.extracted {
            found += 1;
        } else {
            eprintln!("{} {}: extracted {:?}, theirs {:?}", row.run, row.id, extracted, row.extracted);
        }
        if let Some(span) = grade.span {
            assert_eq!(&row.output[span], extracted, "the mark is the answer");
        }
    }
    eprintln!("verdicts {same}/{}, extracted {found}/{}", rows.len(), rows.len());
    assert_eq!((same, found), (rows.len(), rows.len()));
}

/// Where the exact mode differs from the public grader, by cause. A difference that is not listed
/// is a mistake of ours until somebody has looked at it.
const DIFFERENCES: &str = include_str!("fixtures/grade_exact.tsv");

#[test]
fn exact_mode_differs_where_listed() {
    let Some(rows) = judged() else { return };
    let listed: BTreeSet<(&str, &str)> = DIFFERENCES
        .lines()
        .filter(|l| !l.starts_with('#'))
        .map(|l| {
            let mut columns = l.split('\t');
            (columns.next().unwrap(), columns.next().unwrap())
        })
        .collect();
    let mut differences = BTreeSet::new();
    for row in &rows {
        let grade = grade(row, GradeMode::Exact);
        if grade.correct != Some(row.correct) {
            differences.insert((row.run.as_str(), row.id.as_str()));
            if !listed.contains(&(row.run.as_str(), row.id.as_str())) {
                eprintln!(
                    "{} {}: {:?} vs {:?}: theirs {}, ours {grade:?}",
                    row.run, row.id, row.gold, row.extracted, row.correct
                );
            }
        }
    }
    eprintln!("exact mode differs on {} of {}", differences.len(), rows.len());
    assert_eq!(differences, listed);
}
