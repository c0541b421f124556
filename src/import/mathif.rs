//! MathIF's layout: item files and output files, joined by nothing but line order.
//!
//! `data/{source}_{setting}.jsonl` holds `source`, `id`, `question`, `answer` and three parallel
//! lists `constraint_name`, `constraint_args`, `constraint_desc`. `output/{model with / as _}_{stem
//! of the data file}_t{T}p{P}max{N}seed{S}[_noconstraint].jsonl` holds `{"output": [text, …]}`
//! (or `responses`, or `response`; a string or a list), line for line. Model, condition and
//! sampling are in the file name alone. Some writers add `finish_reason` and `usage`.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, LazyLock};

use rayon::prelude::*;
use regex::Regex;
use xxhash_rust::xxh3::Xxh3DefaultBuilder;

use super::json;
use super::lines::{self, Line, MAX_LINE};
use super::saved::SavedLine;
use crate::error::{Reject, RejectKind};
use crate::path::{shown, stem};
use crate::record::{Item, NO_CONSTRAINTS, Place, Record, Run, Sampling, Saved, WITH_CONSTRAINTS};

/// What the name of an output file says.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct FileName {
    /// The model as in the name, `_` for `/`; empty when the name begins with the data stem.
    pub(super) model: String,
    /// Stem of the data file.
    pub(super) stem: String,
    pub(super) condition: String,
    pub(super) sampling: Sampling,
}

impl FileName {
    /// Reads the stem of an output file's name, given the stems of the data files there are.
    /// The longest data stem that fits wins, as `math500` may stand beside `math500_single`.
    pub(super) fn parse<'a>(name: &str, stems: impl IntoIterator<Item = &'a str>) -> Option<Self> {
        static REST: LazyLock<Regex> = LazyLock::new(|| {
            Regex::new(
                r"^(?:_t(?<t>\d+(?:\.\d+)?)p(?<p>\d+(?:\.\d+)?)max(?<max>\d+)seed(?<seed>-?\d+))?(?:_(?<condition>[A-Za-z0-9.-]+))?$",
            )
            .expect("the pattern is fixed")
        });
        stems
            .into_iter()
            .filter_map(|stem| {
                let at = name.rfind(stem)?;
                let model = name[..at].strip_suffix('_').or((at == 0).then_some(""))?;
                let rest = REST.captures(&name[at + stem.len()..])?;
                let number = |group| rest.name(group).and_then(|m| m.as_str().parse().ok());
                Some(Self {
                    model: model.to_owned(),
                    stem: stem.to_owned(),
                    condition: match rest.name("condition").map(|m| m.as_str()) {
                        None => WITH_CONSTRAINTS.to_owned(),
                        Some("noconstraint") => NO_CONSTRAINTS.to_owned(),
                        Some(other) => other.to_owned(),
                    },
                    sampling: Sampling {
                        temperature: number("t"),
                        top_p: number("p"),
                        max_tokens: rest.name("max").and_then(|m| m.as_str().parse().ok()),
                        seed: rest.name("seed").and_then(|m| m.as_str().parse().ok()),
                    },
                })
            })
            .max_by_key(|found| found.stem.len())
    }
}

/// An output file ready to be read: its run, and the items of its lines.
#[derive(Debug)]
pub(super) struct Pair {
    run: Arc<Run>,
    items_path: Arc<Path>,
    /// By line; `None` for blank and broken lines.
    items: Vec<Option<Arc<Item>>>,
    verdicts: Vec<Option<Saved>>,
}

impl Pair {
    /// Loads the item file and, where there is one, the verdict file.
    pub(super) fn open(
        run: Arc<Run>,
        items_path: &Path,
        verdicts_path: Option<&Path>,
        rejects: &mut Vec<Reject>,
    ) -> Result<Self, Reject> {
        let group = stem(items_path);
        let items = items(items_path, &group, rejects)?;
        let mut verdicts = Vec::new();
        for line in verdicts_path.map(lines_of).transpose()?.unwrap_or_default() {
            match line.and_then(|line| Ok((line.place.line, parsed(&line)?.take_verdicts()))) {
                Ok((number, saved)) => set_at(&mut verdicts, number, saved),
                Err(reject) => rejects.push(reject),
            }
        }
        Ok(Self { run, items_path: items_path.into(), items, verdicts })
    }

    pub(super) fn run(&self) -> &Arc<Run> {
        &self.run
    }

    /// Number of the last line that holds an item.
    pub(super) fn items(&self) -> u64 {
        self.items.len() as u64
    }

    pub(super) fn items_path(&self) -> &Arc<Path> {
        &self.items_path
    }

    pub(super) fn records(
        &self,
        mut line: SavedLine,
        place: &Place,
        out: &mut Vec<Record>,
    ) -> Result<(), (RejectKind, String)> {
        let at = usize::try_from(place.line - 1).unwrap_or(usize::MAX);
        let Some(item) = self.items.get(at).and_then(Option::as_ref) else {
            let why = if at < self.items.len() {
                format!("line {} of {} holds no item", place.line, shown(&self.items_path))
            } else {
                format!("{} has only {} lines", shown(&self.items_path), self.items.len())
            };
            return Err((RejectKind::Unpaired, format!("output without an item: {why}")));
        };
        let generations = line.take_generations().map_err(|e| (RejectKind::Shape, e.to_owned()))?;
        for (i, mut generation) in generations.into_iter().enumerate() {
            if i == 0
                && generation.saved == Saved::default()
                && let Some(Some(saved)) = self.verdicts.get(at)
            {
                generation.saved = saved.clone();
            }
            out.push(Record {
                run: Arc::clone(&self.run),
                item: Arc::clone(item),
                generation,
                place: place.clone(),
            });
        }
        Ok(())
    }
}

/// Puts a value at line `number` (from 1).
fn set_at<T>(all: &mut Vec<Option<T>>, number: u64, value: T) {
    let at = (number - 1) as usize;
    if all.len() <= at {
        all.resize_with(at + 1, || None);
    }
    all[at] = Some(value);
}

/// The items of a file, by line. Bad lines go to the rejects.
fn items(path: &Path, group: &str, rejects: &mut Vec<Reject>) -> Result<Vec<Option<Arc<Item>>>, Reject> {
    let lines = lines_of(path)?;
    // Who takes several samples often repeats an item's line for each.
    let mut numbers = HashMap::with_hasher(Xxh3DefaultBuilder);
    let mut unlike = Vec::new();
    let numbered: Vec<Result<(&Line, usize), &Reject>> = lines
        .iter()
        .map(|line| {
            let line = line.as_ref()?;
            let number = *numbers.entry(line.bytes.as_slice()).or_insert_with(|| {
                unlike.push(line);
                unlike.len() - 1
            });
            Ok((line, number))
        })
        .collect();
    let read: Vec<_> = unlike.par_iter().map(|line| item(line, group)).collect();
    let mut items = Vec::new();
    for line in numbered {
        let read = line.map_err(Reject::clone).and_then(|(line, number)| match &read[number] {
            Ok((item, named)) if *named || unlike[number].place.line == line.place.line => {
                Ok((line, Arc::clone(item)))
            }
            // What is wrong, or has no name, is so at its own place.
            _ => item(line, group).map(|(item, _)| (line, item)),
        });
        match read {
            Ok((line, item)) => set_at(&mut items, line.place.line, item),
            Err(reject) => rejects.push(reject),
        }
    }
    Ok(items)
}

/// The item of a line, and whether it has a name of its own; if not, it is named by its line.
fn item(line: &Line, group: &str) -> Result<(Arc<Item>, bool), Reject> {
    let mut saved = parsed(line)?;
    let named = saved.id.is_some();
    let item = saved.take_item(group, || format!("line-{}", line.place.line));
    let item = item.map_err(|why| super::line_reject(&line.place, 0, RejectKind::Shape, why))?;
    Ok((Arc::new(item), named))
}

fn parsed(line: &Line) -> Result<SavedLine, Reject> {
    match json::parse(&line.bytes) {
        Ok((saved, _)) => Ok(saved),
        Err(e) => Err(super::syntax_reject(&line.place, &e)),
    }
}

/// The lines of a file that are not blank, all at once: item and verdict files are small.
fn lines_of(path: &Path) -> Result<Vec<Result<Line, Reject>>, Reject> {
    let lines = lines::lines(path, 0, 1, MAX_LINE)
        .map_err(|e| super::file_reject(path, RejectKind::Unreadable, e.to_string()))?;
    Ok(lines.filter(|line| !line.as_ref().is_ok_and(Line::is_blank)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    const STEMS: [&str; 4] = ["gsm8k_single", "math500", "math500_single", "math500_posthoc"];

    fn name(text: &str) -> Option<(String, String, String, Sampling)> {
        FileName::parse(text, STEMS).map(|n| (n.model, n.stem, n.condition, n.sampling))
    }

    #[test]
    fn reads_file_names() {
        let sampled =
            Sampling { temperature: Some(1.0), top_p: Some(0.95), max_tokens: Some(16384), seed: Some(42) };
        assert_eq!(
            name("Qwen_QwQ-32B_math500_single_t1.0p0.95max16384seed42_noconstraint"),
            Some(("Qwen_QwQ-32B".into(), "math500_single".into(), "no constraints".into(), sampled.clone()))
        );
        assert_eq!(
            name("a_b_gsm8k_single_t1.0p0.95max16384seed42"),
            Some(("a_b".into(), "gsm8k_single".into(), "constraints".into(), sampled))
        );
        assert_eq!(
            name("qwen3-max_math500_posthoc"),
            Some(("qwen3-max".into(), "math500_posthoc".into(), "constraints".into(), Sampling::default()))
        );
        assert_eq!(name("m_math500_wait2").map(|n| n.2), Some("wait2".into()));
        assert_eq!(name("gsm8k_single").map(|n| n.0), Some(String::new()));
        assert_eq!(name("xgsm8k_single"), None);
        assert_eq!(name("model_aime_single"), None);
    }

    #[test]
    fn equal_lines_are_one_item_if_it_has_a_name() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("items.jsonl");
        let (named, unnamed, bad) = (r#"{"id":"a","question":"q"}"#, r#"{"question":"q"}"#, "{bad");
        std::fs::write(&path, [named, unnamed, bad, "", named, bad, unnamed].join("\n")).unwrap();
        let mut rejects = Vec::new();
        let items = items(&path, "g", &mut rejects).unwrap();
        let ids: Vec<_> = items.iter().map(|item| item.as_ref().map(|item| item.id.as_str())).collect();
        let expected = [Some("a"), Some("line-2"), None, None, Some("a"), None, Some("line-7")];
        assert_eq!(ids, expected);
        assert!(Arc::ptr_eq(items[0].as_ref().unwrap(), items[4].as_ref().unwrap()));
        assert_eq!(rejects.iter().map(|reject| reject.line).collect::<Vec<_>>(), [3, 6]);
    }
}
