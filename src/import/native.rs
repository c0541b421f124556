//! heedless's own format: JSONL, one self-contained record a line.
//!
//! | field | type | meaning |
//! |---|---|---|
//! | `run` | text | name of the run; without it, made of model and condition |
//! | `model` | text | the model; without it, the file's name |
//! | `condition` | text | what the model was given; `constraints` when not said; `no constraints` for the twins' run |
//! | `sampling` | object | `temperature`, `top_p`, `max_tokens`, `seed` |
//! | `id` | text | the item; without it, the line number |
//! | `group` | text | makes the id unique where it alone is not; `source` when not said |
//! | `source` | text | where the question comes from |
//! | `question` | text | the question |
//! | `gold` (or `answer`) | text | the gold answer |
//! | `constraints` | list | `{"id", "args", "description"}` each; or MathIF's three lists `constraint_name`, `constraint_args`, `constraint_desc` |
//! | `prompt` | text or chat | the prompt as sent |
//! | `output` (or `response`, `responses`) | text, list or null | the output; a list holds the samples of the item |
//! | `reasoning` | like `output` | the reasoning, where it was kept apart: `output` is then the final part alone |
//! | `sample` | number | number of the (first) sample, from 0 |
//! | `finish_reason` | text or list | `stop`, `length`, … |
//! | `usage` | object or list | `prompt_tokens`, `completion_tokens`, `reasoning_tokens`, or the names other providers give them |
//! | `follow` | list | saved verdicts: true, false or null for each constraint |
//! | `correct` | true, false | saved verdict on the final answer |
//! | `extracted` | text | the answer that a grader extracted |
//!
//! Only an output, and a question or constraints, must be there. A setting (single, double, triple) is
//! not a field: it is the number of constraints. Files of MathIF's item fields with an `output`
//! added are records of this format as they are.

use std::collections::HashMap;
use std::hash::Hash;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use super::Overrides;
use super::name;
use super::saved::{self, SavedLine};
use crate::error::RejectKind;
use crate::path::stem;
use crate::record::{Item, Place, Record, Run};

/// A file of records ready to be read.
#[derive(Debug)]
pub(super) struct Native {
    /// What records get that do not say.
    run: Run,
    overrides: Overrides,
    runs: Interner<String, Run>,
    items: Interner<(String, String), Item>,
}

impl Native {
    pub(super) fn new(run: Run, overrides: Overrides) -> Self {
        Self { run, overrides, runs: Interner::default(), items: Interner::default() }
    }

    pub(super) fn records(
        &self,
        mut line: SavedLine,
        place: &Place,
        out: &mut Vec<Record>,
    ) -> Result<(), (RejectKind, String)> {
        let generations = line.take_generations().map_err(|e| (RejectKind::Shape, e.to_owned()))?;
        let run = run_of(&mut line, &self.run, &self.overrides);
        let run = self.runs.intern(run.name.clone(), run);
        let group = line.source.as_ref().map(|s| s.0.clone()).unwrap_or_default();
        let item = line
            .take_item(&group, || format!("line-{}", place.line))
            .map_err(|message| (RejectKind::Shape, message))?;
        let item = self.items.intern((item.group.clone(), item.id.clone()), item);
        out.extend(generations.into_iter().map(|generation| Record {
            run: Arc::clone(&run),
            item: Arc::clone(&item),
            generation,
            place: place.clone(),
        }));
        Ok(())
    }
}

/// The run that a line says it belongs to, over what is otherwise known.
pub(super) fn run_of(line: &mut SavedLine, default: &Run, overrides: &Overrides) -> Run {
    let mut run = default.clone();
    let mut inferred = std::mem::take(&mut run.inferred);
    let mut said = false;
    if let Some(model) = line.model.take() {
        run.model = model.0;
        inferred.retain(|i| i != "model");
        said = true;
    }
    if let Some(condition) = line.condition.take() {
        run.condition = name::condition(&condition.0);
        said = true;
    }
    if let Some(sampling) = &line.sampling {
        run.sampling = saved::sampling(sampling);
    }
    overrides.apply(&mut run);
    match (line.run.take(), &overrides.name) {
        (_, Some(name)) => run.name.clone_from(name),
        (Some(name), None) => run.name = name.0,
        (None, None) if said || run.name.is_empty() => run.name = name::short(&run),
        (None, None) => {}
    }
    run.inferred = inferred;
    run
}

/// The run of records of a file that say nothing: the model is the name of the file.
pub(super) fn default_run(path: &Path) -> Run {
    let model = stem(path);
    let mut run = Run {
        model,
        condition: crate::record::WITH_CONSTRAINTS.to_owned(),
        inferred: vec!["model".to_owned()],
        ..Run::default()
    };
    run.name = name::short(&run);
    run
}

/// Gives equal values one allocation.
///
/// It forgets everything when it is full, so that a file of a million different items does not
/// fill the memory with them; the values handed out stay good.
#[derive(Debug)]
struct Interner<K, V> {
    known: Mutex<HashMap<K, Vec<Arc<V>>>>,
}

/// How many keys are remembered.
const INTERNED: usize = 1 << 14;

impl<K, V> Default for Interner<K, V> {
    fn default() -> Self {
        Self { known: Mutex::new(HashMap::new()) }
    }
}

impl<K: Hash + Eq, V: PartialEq> Interner<K, V> {
    fn intern(&self, key: K, value: V) -> Arc<V> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= INTERNED {
            known.clear();
        }
        let same_key = known.entry(key).or_default();
        if let Some(found) = same_key.iter().find(|v| ***v == value) {
            return Arc::clone(found);
        }
        let new = Arc::new(value);
        // One key with many values is a file without ids: remembering them does not help.
        if same_key.len() < 16 {
            same_key.push(Arc::clone(&new));
        }
        new
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_of_lines() {
        let default = default_run(Path::new("dir/some_model.jsonl"));
        assert_eq!((default.name.as_str(), default.condition.as_str()), ("some_model", "constraints"));
        let named = |json: &str| {
            let mut line = serde_json::from_str(json).unwrap();
            run_of(&mut line, &default, &Overrides::default())
        };
        assert_eq!(named("{}"), default);
        let run =
            named(r#"{"model":"Qwen/QwQ-32B","condition":"wait2","sampling":{"temperature":0.6,"x":1}}"#);
        assert_eq!(run.name, "QwQ-32B+wait2");
        assert_eq!(run.sampling.temperature, Some(0.6));
        assert!(run.inferred.is_empty());
        assert_eq!(named(r#"{"condition":"noconstraint"}"#).name, "some_model+no-constraints");
        assert_eq!(named(r#"{"run":"r1","condition":"wait2"}"#).name, "r1");
    }

    #[test]
    fn equal_items_are_one() {
        let interner = Interner::default();
        let a = interner.intern(1, "x".to_owned());
        let b = interner.intern(1, "x".to_owned());
        let c = interner.intern(1, "y".to_owned());
        assert!(Arc::ptr_eq(&a, &b));
        assert!(!Arc::ptr_eq(&a, &c));
        for i in 0..INTERNED + 5 {
            interner.intern(i, i.to_string());
        }
        assert!(interner.known.lock().unwrap().len() <= INTERNED);
    }
}
