//! `heedless.toml`: what a person knows about files that the files do not say.
//!
//! ```toml
//! [[run]]
//! files = "output/r1-*"              # or a list; `*` and `?` within a name, `**` across folders
//! name = "r1"
//! model = "deepseek-ai/DeepSeek-R1"
//! condition = "constraints"
//! sampling = { temperature = 0.6, top_p = 0.95, max_tokens = 16384, seed = 42 }
//! items = "data/math500.jsonl"       # the item file, where the file name does not tell
//! ```
//!
//! Patterns are held against names as they are shown: a byte that is no UTF-8 is `\xFF` (in single
//! quotes, where TOML leaves backslashes alone). It lies beside the files or up to two folders above, and paths in it are relative to it. Every
//! rule that fits a file is applied, in order, the nearest file last: the last word wins.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use regex::Regex;
use serde::{Deserialize, Serialize};

use super::file_reject;
use super::name;
use crate::error::{Reject, RejectKind};
use crate::path::shown;
use crate::record::Run;

/// Name of the file.
pub(super) const FILE_NAME: &str = "heedless.toml";

/// How many folders above a file are looked into, its own included.
const FOLDERS: usize = 3;

/// Where the `heedless.toml` files may lie that say something about a file.
pub fn settings_for(path: &Path) -> impl Iterator<Item = PathBuf> {
    path.ancestors().skip(1).take(FOLDERS).map(|folder| folder.join(FILE_NAME))
}

/// What a `heedless.toml` says about the run of a file. It wins over file names and records.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Overrides {
    /// Name of the run.
    pub name: Option<String>,
    /// The model.
    pub model: Option<String>,
    /// The condition.
    pub condition: Option<String>,
    /// Sampling parameters; those given replace those inferred.
    pub sampling: SamplingOverrides,
}

/// Sampling parameters, each only where given.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SamplingOverrides {
    /// Softmax temperature.
    pub temperature: Option<f64>,
    /// Nucleus mass.
    pub top_p: Option<f64>,
    /// Limit on the tokens of one output.
    pub max_tokens: Option<u64>,
    /// Seed of the sampler.
    pub seed: Option<i64>,
}

impl Overrides {
    /// Puts what is said here in place of what was inferred. The name is not touched.
    pub(super) fn apply(&self, run: &mut Run) {
        let inferred = &mut run.inferred;
        let mut known = |what: &str| inferred.retain(|i| i != what);
        if let Some(model) = &self.model {
            run.model.clone_from(model);
            known("model");
        }
        if let Some(condition) = &self.condition {
            run.condition = name::condition(condition);
            known("condition");
        }
        let s = &self.sampling;
        run.sampling.temperature = s.temperature.or(run.sampling.temperature);
        run.sampling.top_p = s.top_p.or(run.sampling.top_p);
        run.sampling.max_tokens = s.max_tokens.or(run.sampling.max_tokens);
        run.sampling.seed = s.seed.or(run.sampling.seed);
        if *s != SamplingOverrides::default() {
            known("sampling");
        }
    }

    fn overlay(&mut self, other: &Self) {
        let Self { name, model, condition, sampling } = other;
        let put = |to: &mut Option<String>, from: &Option<String>| {
            if from.is_some() {
                to.clone_from(from);
            }
        };
        put(&mut self.name, name);
        put(&mut self.model, model);
        put(&mut self.condition, condition);
        let s = &mut self.sampling;
        s.temperature = sampling.temperature.or(s.temperature);
        s.top_p = sampling.top_p.or(s.top_p);
        s.max_tokens = sampling.max_tokens.or(s.max_tokens);
        s.seed = sampling.seed.or(s.seed);
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    #[serde(default)]
    run: Vec<Rule>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Rule {
    files: Files,
    name: Option<String>,
    model: Option<String>,
    condition: Option<String>,
    #[serde(default)]
    sampling: SamplingOverrides,
    items: Option<PathBuf>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Files {
    One(String),
    Many(Vec<String>),
}

/// One folder's rules, ready to be asked.
#[derive(Debug, Default)]
struct Folder {
    rules: Vec<(Vec<Regex>, Overrides, Option<PathBuf>)>,
}

/// All `heedless.toml` files that were needed so far.
#[derive(Debug, Default)]
pub(super) struct Configs {
    folders: HashMap<PathBuf, Folder>,
}

impl Configs {
    /// What is said about a file, and the item file named for it. A file that cannot be used is
    /// rejected once and passed over.
    pub(super) fn about(&mut self, path: &Path, rejects: &mut Vec<Reject>) -> (Overrides, Option<PathBuf>) {
        let mut overrides = Overrides::default();
        let mut items = None;
        let above: Vec<&Path> = path.ancestors().skip(1).take(FOLDERS).collect();
        for folder in above.into_iter().rev() {
            let rules = self
                .folders
                .entry(folder.to_owned())
                .or_insert_with(|| Folder::load(&folder.join(FILE_NAME), rejects));
            let Ok(inside) = path.strip_prefix(folder) else { continue };
            let inside = inside.iter().map(shown).collect::<Vec<_>>().join("/");
            for (files, said, said_items) in &rules.rules {
                if files.iter().any(|f| f.is_match(&inside)) {
                    overrides.overlay(said);
                    if let Some(said_items) = said_items {
                        items = Some(folder.join(said_items));
                    }
                }
            }
        }
        (overrides, items)
    }
}

impl Folder {
    fn load(path: &Path, rejects: &mut Vec<Reject>) -> Self {
        let text = match fs::read_to_string(path) {
            Ok(text) => text,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Self::default(),
            Err(e) => {
                rejects.push(file_reject(path, RejectKind::Config, format!("not used: {e}")));
                return Self::default();
            }
        };
        let document: Document = match toml::from_str(&text) {
            Ok(document) => document,
            Err(e) => {
                let byte = e.span().map_or(0, |s| s.start);
                let mut reject = file_reject(path, RejectKind::Config, format!("not used: {}", e.message()));
                reject.line = text[..byte.min(text.len())].matches('\n').count() as u64 + 1;
                reject.byte = byte as u64;
                rejects.push(reject);
                return Self::default();
            }
        };
        let rules = document.run.into_iter().map(|rule| {
            let files = match rule.files {
                Files::One(one) => vec![one],
                Files::Many(many) => many,
            };
            let said = Overrides {
                name: rule.name.map(|n| name::plain(&n)),
                model: rule.model,
                condition: rule.condition,
                sampling: rule.sampling,
            };
            (files.iter().map(|f| glob(f)).collect(), said, rule.items)
        });
        Self { rules: rules.collect() }
    }
}

/// A pattern of file names as a regular expression. Without a slash it is held against the last
/// part of the path.
fn glob(pattern: &str) -> Regex {
    let mut regex = String::from(if pattern.contains('/') { "^" } else { "(?:^|/)" });
    let mut rest = pattern.trim_start_matches("./");
    while let Some(c) = rest.chars().next() {
        let step = if rest.starts_with("**/") {
            regex.push_str("(?:.*/)?");
            3
        } else if rest.starts_with("**") {
            regex.push_str(".*");
            2
        } else {
            match c {
                '*' => regex.push_str("[^/]*"),
                '?' => regex.push_str("[^/]"),
                c => regex.push_str(&regex::escape(c.encode_utf8(&mut [0; 4]))),
            }
            c.len_utf8()
        };
        rest = &rest[step..];
    }
    regex.push('$');
    // A pattern is escaped piece by piece, so only one of absurd length can be refused.
    Regex::new(&regex).unwrap_or_else(|_| Regex::new("$^").expect("the pattern is fixed"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn globs() {
        for (pattern, path, fits) in [
            ("output/*.jsonl", "output/a.jsonl", true),
            ("output/*.jsonl", "output/b/a.jsonl", false),
            ("**/*.jsonl", "output/b/a.jsonl", true),
            ("**/*.jsonl", "a.jsonl", true),
            ("a?.jsonl", "deep/ab.jsonl", true),
            ("a?.jsonl", "deep/xab.jsonl", false),
            ("./a+b(1).jsonl", "a+b(1).jsonl", true),
        ] {
            assert_eq!(glob(pattern).is_match(path), fits, "{pattern} {path}");
        }
    }

    #[test]
    fn the_last_word_wins_and_bad_files_are_said() {
        let dir = tempfile::tempdir().unwrap();
        let inner = dir.path().join("output");
        fs::create_dir(&inner).unwrap();
        fs::write(
            dir.path().join(FILE_NAME),
            "[[run]]\nfiles = '**'\nmodel = 'a'\nsampling = { temperature = 0.6 }\nitems = 'd.jsonl'\n\
             [[run]]\nfiles = ['x*', 'y']\nname = 'my run'\n",
        )
        .unwrap();
        fs::write(inner.join(FILE_NAME), "[[run]]\nfiles = 'x.jsonl'\nmodel = 'b'\n").unwrap();
        let mut rejects = Vec::new();
        let (said, items) = Configs::default().about(&inner.join("x.jsonl"), &mut rejects);
        assert_eq!((said.name.as_deref(), said.model.as_deref()), (Some("my-run"), Some("b")));
        assert_eq!(said.sampling.temperature, Some(0.6));
        assert_eq!(items, Some(dir.path().join("d.jsonl")));
        assert!(rejects.is_empty());

        fs::write(inner.join(FILE_NAME), "[[run]]\nfiles = 'x'\nmodle = 'b'\n").unwrap();
        let mut configs = Configs::default();
        configs.about(&inner.join("x.jsonl"), &mut rejects);
        configs.about(&inner.join("y.jsonl"), &mut rejects);
        assert_eq!(rejects.len(), 1);
        assert_eq!((rejects[0].line, rejects[0].kind), (3, RejectKind::Config));
        assert!(rejects[0].message.contains("modle"), "{}", rejects[0].message);
    }
}
