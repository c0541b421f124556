//! A deterministic library of generations, of any size, in heedless's own format.
//!
//! It looks like what a sweep leaves behind, and nothing of it is anyone's: words drawn with the
//! frequencies of words, formulas, numbers; 24 models with a file for each of their conditions; 420
//! items with MathIF's mix of constraints; log-normal lengths; outputs that are truncated, empty,
//! say one thing again and again, keep their reasoning apart, or are in another language.
//!
//! The same seed and sizes give the same bytes. A run's file does not depend on the other runs, and the
//! first lines of a longer run are those of a shorter one.

pub mod item;
pub mod output;
pub mod random;
pub mod words;

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::Path;

use rayon::prelude::*;

use item::Item;
use output::{Prose, Sizes, Written};
use random::Random;
use words::Words;

/// What to write.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    /// How many generations in all.
    pub generations: u64,
    /// Mean length of a line in bytes, with everything that is in it.
    pub bytes: usize,
    /// Another seed is another library.
    pub seed: u64,
}

/// What was written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Total {
    pub files: u64,
    pub generations: u64,
    pub bytes: u64,
}

/// Habits of one model.
#[derive(Debug, Clone)]
pub struct Model {
    pub name: String,
    /// Has a trace; keeps it in a field of its own; opens it by a tag.
    pub reasons: bool,
    pub apart: bool,
    pub opens: bool,
    /// Shares: of constraints obeyed, of items solved, of outputs cut or stuck.
    pub obeys: f64,
    pub solves: f64,
    pub truncates: f64,
    pub repeats: f64,
}

const MODELS: u64 = 24;
/// Usual length of what a line has beside its output: the item, names, the ends of sentences.
const FRAME: usize = 690;

impl Model {
    fn new(seed: u64, number: u64) -> Self {
        let random = &mut Random::new(&[seed, 3, number]);
        let family = ["alder", "birch", "cedar", "fir", "hazel", "rowan"][number as usize % 6];
        let size = ["0.6b", "4b", "14b", "70b"][number as usize / 6];
        let reasons = number % 4 != 3;
        Self {
            name: format!("{family}{}-{size}", if reasons { "-think" } else { "" }),
            reasons,
            apart: number % 5 == 1,
            opens: number % 3 != 2,
            obeys: 0.2 + 0.6 * random.unit(),
            solves: 0.35 + 0.6 * random.unit(),
            truncates: 0.1 * random.unit().powi(2),
            repeats: 0.03 * random.unit().powi(2),
        }
    }

    /// Conditions it was run under: with and without the constraints; some were nudged too.
    fn conditions(number: u64) -> &'static [&'static str] {
        match number % 4 {
            0 => &["constraints", "no constraints", "wait2"],
            1 => &["constraints", "no constraints", "repeat"],
            _ => &["constraints", "no constraints"],
        }
    }
}

/// Writes the library into a folder, a file for each run.
pub fn write(folder: &Path, plan: Plan) -> io::Result<Total> {
    fs::create_dir_all(folder)?;
    let words = Words::new();
    // Words of an answer: three tenths of the output, at six bytes a word.
    let items = item::items(plan.seed, &words, (plan.bytes.saturating_sub(FRAME) * 3 / 10 / 6).max(8));
    let runs: Vec<(Model, u64, &str)> = (0..MODELS)
        .flat_map(|number| {
            Model::conditions(number).iter().map(move |&c| (Model::new(plan.seed, number), number, c))
        })
        .collect();
    let count = runs.len() as u64;
    runs.into_par_iter()
        .enumerate()
        .map(|(at, (model, number, condition))| {
            let generations = plan.generations / count + u64::from((at as u64) < plan.generations % count);
            let path = folder.join(format!("{}.{}.jsonl", model.name, condition.replace(' ', "-")));
            let mut file = BufWriter::with_capacity(1 << 20, File::create(path)?);
            let mut lines = Lines { plan, words: &words, items: &items, model, number, condition };
            let mut total = Total { files: 1, generations, bytes: 0 };
            let mut line = Vec::new();
            for generation in 0..generations {
                line.clear();
                lines.line(generation, &mut line);
                file.write_all(&line)?;
                total.bytes += line.len() as u64;
            }
            file.flush()?;
            Ok(total)
        })
        .try_reduce(Total::default, |a, b| {
            Ok(Total {
                files: a.files + b.files,
                generations: a.generations + b.generations,
                bytes: a.bytes + b.bytes,
            })
        })
}

/// The lines of one run.
struct Lines<'a> {
    plan: Plan,
    words: &'a Words,
    items: &'a [Item],
    model: Model,
    number: u64,
    condition: &'static str,
}

impl Lines<'_> {
    fn line(&mut self, generation: u64, line: &mut Vec<u8>) {
        let item = &self.items[generation as usize % self.items.len()];
        let sample = generation / self.items.len() as u64;
        let told = self.condition != "no constraints";
        let mut random =
            Random::new(&[self.plan.seed, 4, self.number, self.condition.len() as u64, generation]);
        let output = self.plan.bytes.saturating_sub(FRAME).max(40) as f64;
        let share = if self.model.reasons { 0.7 } else { 0.0 };
        let limit = output * 24.0;
        let trace = random.log_normal(output * share, 0.9).min(limit) as usize;
        let answer = random.log_normal(output * (1.0 - share), 0.45).min(limit) as usize;
        let head = (&self.model.name, self.condition);
        let _ = write!(line, r#"{{"model":"{}","condition":"{}","#, head.0, head.1);
        if self.number.is_multiple_of(2) {
            line.extend_from_slice(br#""sampling":{"temperature":0.6,"top_p":0.95,"max_tokens":32768},"#);
        }
        line.extend_from_slice(item.json.as_bytes());
        let _ = write!(line, r#","sample":{sample},"#);
        let written = Prose::new(line, &mut random, self.words).output(
            &self.model,
            item,
            told,
            Sizes { trace, answer },
        );
        self.tail(&written, line);
    }

    /// The fields about the output that providers add, of those that do.
    fn tail(&self, written: &Written, line: &mut Vec<u8>) {
        let _ = write!(line, r#","finish_reason":"{}""#, written.finish);
        if !self.number.is_multiple_of(3) {
            let (trace, answer) = (written.trace / 3, written.answer / 3);
            let _ = write!(
                line,
                r#","usage":{{"completion_tokens":{},"reasoning_tokens":{trace}}}"#,
                trace + answer
            );
        }
        if let (Some(correct), 0) = (written.correct, self.number % 4) {
            let _ = write!(line, r#","correct":{correct}"#);
        }
        line.extend_from_slice(b"}\n");
    }
}
