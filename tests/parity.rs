//! Our verdicts against those that the public reference gave on the same texts.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use heedless::constraint::{Prepared, Status, Want};
use heedless::record::{Constraint, Generation};
use heedless::split::{JudgedSpan, Split};
use serde::Deserialize;
use serde_json::Value;

/// The folder of real files, which lies beside the repository where there is one.
fn data() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data");
    if folder.is_dir() {
        return Some(folder);
    }
    println!("skipped: ../shared/data not here");
    None
}

fn lines<T: for<'de> Deserialize<'de>>(path: &Path) -> Vec<T> {
    let text = fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    text.lines()
        .filter(|l| !l.trim().is_empty())
        .map(|l| serde_json::from_str(l).unwrap_or_else(|e| panic!("{}: {e}", path.display())))
        .collect()
}

/// An item's constraints with what the reference said of one output.
#[derive(Deserialize)]
struct Judged {
    id: String,
    constraint_name: Vec<String>,
    constraint_args: Vec<Value>,
    #[serde(default)]
    output: String,
    #[serde(default)]
    follow: Vec<bool>,
}

/// Differences between our verdicts and saved ones, and how many were compared, by constraint.
#[derive(Default)]
struct Tally {
    compared: BTreeMap<String, usize>,
    differences: Vec<String>,
}

impl Tally {
    fn compare(&mut self, key: &str, id: &str, ours: Status, saved: bool) {
        *self.compared.entry(id.to_owned()).or_default() += 1;
        if ours.followed() != Some(saved) {
            self.differences.push(format!("{key} {id}: {} here, {saved} there", ours.name()));
        }
    }

    fn report(&self, what: &str) {
        let verdicts: usize = self.compared.values().sum();
        println!("{what}: {verdicts} verdicts, {} differences", self.differences.len());
        for (id, n) in &self.compared {
            println!("  {id} {n}");
        }
        for difference in &self.differences {
            println!("  {difference}");
        }
    }
}

fn compare_mathif(tally: &mut Tally, key: &str, item: &Judged, output: &str, follow: &[bool]) {
    let split = Split::of(&Generation { text: output.to_owned(), ..Generation::default() }, false);
    let judged = split.judged(JudgedSpan::Mathif);
    assert_eq!(item.constraint_name.len(), follow.len(), "{key}");
    for ((id, args), &saved) in item.constraint_name.iter().zip(&item.constraint_args).zip(follow) {
        let constraint = Constraint { id: id.clone(), args: args.clone(), description: None };
        let prepared = Prepared::new(&constraint);
        let verdict = prepared.check(output, judged.clone(), Want::Verdict);
        tally.compare(key, id, verdict.status, saved);
        let marked = prepared.check(output, judged.clone(), Want::Marks);
        assert_eq!(marked.status, verdict.status, "{key} {id}: the verdict depends on what is wanted");
        assert_eq!(marked.margin, verdict.margin, "{key} {id}: the margin depends on what is wanted");
        for mark in &marked.marks {
            let inside = judged.start <= mark.start && mark.start <= mark.end && mark.end <= judged.end;
            assert!(inside, "{key} {id}: {mark:?}");
            let whole = output.is_char_boundary(mark.start) && output.is_char_boundary(mark.end);
            assert!(whole, "{key} {id}: {mark:?}");
        }
        if marked.status == Status::NotFollowed && !output[judged.clone()].trim().is_empty() {
            assert!(!marked.marks.is_empty(), "{key} {id}: broken without a mark");
        }
    }
}

#[test]
fn parity_files() {
    let Some(data) = data() else { return };
    let mut tally = Tally::default();
    for name in ["gsm8k_grpo", "languages", "mathif_edited"] {
        let path = data.join("parity").join(format!("{name}.jsonl"));
        for (i, record) in lines::<Judged>(&path).iter().enumerate() {
            let key = format!("{name}:{} {}", i + 1, record.id);
            compare_mathif(&mut tally, &key, record, &record.output, &record.follow);
        }
    }
    tally.report("parity");
    assert!(tally.differences.is_empty());
}

#[test]
fn math500_runs() {
    #[derive(Deserialize)]
    struct Output {
        output: Vec<String>,
    }
    #[derive(Deserialize)]
    struct Follow {
        follow: Vec<bool>,
    }
    let Some(data) = data() else { return };
    let runs = data.join("runs/math500");
    let items: Vec<Judged> = lines(&runs.join("data/math500_posthoc.jsonl"));
    let mut tally = Tally::default();
    for model in ["deepseek-reasoner-v3.2", "doubao-seed-1-6-251015", "qwen-plus", "qwen3-max"] {
        let file = format!("{model}_math500_posthoc.jsonl");
        let outputs: Vec<Output> = lines(&runs.join("output").join(&file));
        let reference: Vec<Follow> = lines(&runs.join("reference").join(&file));
        assert_eq!((items.len(), items.len()), (outputs.len(), reference.len()));
        for (i, ((item, output), saved)) in items.iter().zip(&outputs).zip(&reference).enumerate() {
            let key = format!("{model}:{} {}", i + 1, item.id);
            compare_mathif(&mut tally, &key, item, &output.output[0], &saved.follow);
        }
    }
    tally.report("math500");
    assert!(tally.differences.is_empty());
}

/// Saved IFEval verdicts that no program can reproduce, by model, mode and line.
///
/// The reference takes a letter outside a–z for a missing one and draws another, anew for each
/// file: lines 20 (`#`) and 23 (`!`). Its language detector ran without a seed: texts all in
/// capitals, on lines 477 and 504.
const DRAWN_AT_RANDOM: [&str; 9] = [
    "Qwen__Qwen2.5-7B-Instruct-GPTQ-Int4 strict:20 en:keywords:letter_frequency",
    "Qwen__Qwen2.5-7B-Instruct-GPTQ-Int4 strict:23 en:keywords:letter_frequency",
    "claude-3-opus-20240229 loose:23 en:keywords:letter_frequency",
    "gpt-4o-2024-08-06 strict:20 en:keywords:letter_frequency",
    "o1-preview-2024-09-12 loose:20 en:keywords:letter_frequency",
    "Qwen__Qwen2.5-7B-Instruct-GPTQ-Int4 strict:477 en:change_case:english_capital",
    "Qwen__Qwen2.5-7B-Instruct-GPTQ-Int4 loose:504 en:change_case:english_capital",
    "claude-3-opus-20240229 strict:477 en:change_case:english_capital",
    "claude-3-opus-20240229 loose:477 en:change_case:english_capital",
];

#[derive(Deserialize)]
struct Asked {
    prompt: String,
    instruction_id_list: Vec<String>,
    kwargs: Vec<Value>,
}

#[derive(Deserialize)]
struct Answered {
    prompt: String,
    /// Null where the model gave none.
    response: Option<String>,
    instruction_id_list: Vec<String>,
    follow_instruction_list: Vec<bool>,
}

#[test]
fn ifeval_files() {
    let Some(data) = data() else { return };
    let folder = data.join("ifeval");
    let prompts: Vec<Asked> = lines(&folder.join("input_data.jsonl"));
    let by_prompt: BTreeMap<&str, &Asked> = prompts.iter().map(|p| (p.prompt.as_str(), p)).collect();
    let mut tally = Tally::default();
    let models = [
        "Qwen__Qwen2.5-7B-Instruct-GPTQ-Int4",
        "claude-3-opus-20240229",
        "gpt-4o-2024-08-06",
        "o1-preview-2024-09-12",
    ];
    for model in models {
        for mode in ["strict", "loose"] {
            let path = folder.join(model).join(format!("eval_results_{mode}.jsonl"));
            for (line, response) in lines::<Answered>(&path).iter().enumerate() {
                let key = format!("{model} {mode}:{}", line + 1);
                // One prompt was put in other words when the responses were made: its arguments are unknown.
                let Some(prompt) = by_prompt.get(response.prompt.as_str()) else {
                    assert!(
                        response.prompt.starts_with("What is inside Shinto shrines?"),
                        "{key}: no such prompt"
                    );
                    continue;
                };
                let text = response.response.as_deref().unwrap_or_default();
                for (i, &saved) in response.follow_instruction_list.iter().enumerate() {
                    let id = &response.instruction_id_list[i];
                    assert_eq!(id.trim_start_matches("en:"), prompt.instruction_id_list[i]);
                    let args = prompt.kwargs[i].clone();
                    let prepared = Prepared::new(&Constraint { id: id.clone(), args, description: None });
                    let verdict = if mode == "strict" {
                        prepared.check(text, 0..text.len(), Want::Verdict)
                    } else {
                        prepared.check_loose(text, 0..text.len())
                    };
                    tally.compare(&key, id, verdict.status, saved);
                }
            }
        }
    }
    tally.report("ifeval");
    tally.differences.retain(|d| !DRAWN_AT_RANDOM.iter().any(|known| d.starts_with(&format!("{known}:"))));
    assert!(tally.differences.is_empty(), "{:#?}", tally.differences);
}
