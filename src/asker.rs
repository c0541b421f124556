//! Who asks a query: what it may ask about that is theirs and in no file of generations.

use std::sync::Arc;

use crate::analysis::against;
use crate::analysis::compare::Contest;
use crate::library::query::Pattern;
use crate::library::{Bitmap, Field, Labels, Library};
use crate::triage::Ledger;

/// Tags, notes, and the run that others are held against.
#[derive(Debug, Clone, Default)]
pub struct Asker {
    /// Tags and notes.
    pub ledger: Arc<Ledger>,
    /// Name of the baseline run; the first run where none is chosen.
    pub baseline: Option<String>,
}

impl Asker {
    /// The number of the baseline run; `None` when the library has no run of this name, or none.
    pub fn baseline(&self, library: &Library) -> Option<u32> {
        match &self.baseline {
            Some(name) => library.live_runs().find(|&run| library.runs()[run as usize].run.name == *name),
            None => library.live_runs().next(),
        }
    }
}

impl Labels for Asker {
    fn rows(&self, library: &Library, field: Field, patterns: &[Pattern]) -> Bitmap {
        let contest = match field {
            Field::Vs => Contest::Followed,
            Field::VsCorrect => Contest::Correct,
            _ => return self.ledger.rows(library, field, patterns),
        };
        match self.baseline(library) {
            Some(baseline) => against::rows(library, baseline, contest, patterns),
            None => library.no_rows(),
        }
    }

    fn note(&self, library: &Library, field: Field) -> Option<String> {
        if !matches!(field, Field::Vs | Field::VsCorrect) {
            return None;
        }
        match (&self.baseline, self.baseline(library)) {
            (Some(name), None) => {
                Some(format!("no run here is called `{name}`, so nothing is held against it"))
            }
            (None, Some(first)) => Some(format!(
                "no baseline was chosen: held against {}, the first run (--baseline RUN)",
                library.runs()[first as usize].run.name
            )),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::library::{self, BuildOptions, Cancel, Query};

    #[test]
    fn runs_are_held_against_the_baseline() {
        let dir = tempfile::tempdir().unwrap();
        let record = |run: &str, id: &str, output: &str| {
            serde_json::json!({"run": run, "model": run, "id": id, "question": "q", "gold": "2",
                "constraints": [{"id": "punctuation:no_comma", "args": null}], "output": output})
            .to_string()
        };
        let (right, wrong) = ("\\boxed{2}", "a, \\boxed{3}");
        let lines = [
            record("a", "1", right),
            record("a", "2", wrong),
            record("a", "3", right),
            record("b", "1", wrong),
            record("b", "2", right),
            record("b", "3", right),
            record("b", "4", right),
        ];
        std::fs::write(dir.path().join("runs.jsonl"), lines.join("\n")).unwrap();
        let library = library::build(
            &dir.path().join("library"),
            &[dir.path().join("runs.jsonl")],
            &BuildOptions::default(),
            &|_| {},
            &Cancel::default(),
        )
        .unwrap()
        .library;
        let ask = |baseline: Option<&str>, query: &str| {
            let asker = Asker { baseline: baseline.map(str::to_owned), ..Asker::default() };
            let query = Query::parse(query).unwrap();
            let found = library.select_with(&query, &Cancel::default(), &asker).unwrap();
            let keys: Vec<String> = found.iter().map(|row| library.key(row)).collect();
            (keys.join(" "), found.notes().join(" "))
        };
        for (query, keys) in [
            ("vs:worse", "b/1"),
            ("vs:better", "b/2"),
            ("vs:better,worse", "b/1 b/2"),
            ("vs:same", "b/3"),
            ("vs:alone", "b/4"),
            ("vs:unknown", ""),
            ("vs.correct:worse", "b/1"),
            ("-vs:*", "a/1 a/2 a/3"),
        ] {
            assert_eq!(ask(Some("a"), query), (keys.to_owned(), String::new()), "{query}");
            assert_eq!(ask(None, query).0, keys, "{query}");
        }
        assert!(ask(None, "vs:worse").1.contains("held against a, the first run"));
        assert_eq!(ask(Some("b"), "vs:worse").0, "a/2");
        assert!(ask(Some("c"), "vs:worse").1.contains("no run here is called `c`"));
        assert!(Query::parse("vs:worce").unwrap_err().to_string().contains("`worse`"));
    }
}
