//! What was typed, validated once and given meaning: what commands ask instead of the
//! [command line](crate::cli).

use std::io::{IsTerminal as _, stderr, stdout};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, Result, anyhow, bail};

use crate::assess;
use crate::cli::{Color, Global};
use crate::config::Config;
use crate::constraint::{self, Want};
use crate::grade::GradeMode;
use crate::library::{self, BuildOptions};
use crate::path::shown;
use crate::split::JudgedSpan;
use crate::tokens::Tokenizer;

/// Options of all commands.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where the library is kept, when a place was chosen.
    pub index: Option<PathBuf>,
    /// Which text is judged.
    pub judged: JudgedSpan,
    /// How answers are compared.
    pub grade: GradeMode,
    /// What counts tokens; `None` when this program was built without tokenizers.
    pub tokenizer: Option<Arc<Tokenizer>>,
    /// Whether standard output is coloured.
    pub colour: bool,
    /// Whether progress is drawn on standard error.
    pub progress: bool,
    /// The run that others are held against, by name.
    pub baseline: Option<String>,
    /// The user's settings; what was typed goes before them.
    pub config: Arc<Config>,
    /// The files that all this was read from, each with what it is.
    pub files: Vec<(PathBuf, &'static str)>,
}

impl Options {
    /// What the options typed mean here and now: on this terminal, in this environment.
    pub fn new(typed: &Global) -> Result<Self> {
        if typed.index.as_deref().is_some_and(Path::is_file) {
            bail!("--index: a file is in the way; it must be a folder, or not there yet");
        }
        let config = Config::load(typed.config.as_deref()).with_context(|| {
            format!("--config: {}", shown(typed.config.as_deref().unwrap_or(Path::new(""))))
        })?;
        let tokenizer = match &typed.tokenizer {
            Some(path) => Some(Tokenizer::open(path).map_err(|e| anyhow!("--tokenizer: {e}"))?),
            None => Tokenizer::built_in(),
        };
        if let Some(path) = &typed.rules {
            constraint::read_custom(path).map_err(|e| anyhow!("--rules: {e}"))?;
        }
        let config_file = typed.config.clone().or_else(Config::default_path);
        let files = [
            (config_file, "the file of your settings"),
            (config.keymap_file.clone(), "the file of your keys"),
            (config.theme.clone(), "your theme"),
            (typed.tokenizer.clone(), "the tokenizer of --tokenizer"),
            (typed.rules.clone(), "the file of your constraints (--rules)"),
        ];
        let files = files.into_iter().filter_map(|(path, what)| Some((path?, what))).collect();
        // https://no-color.org: set and not empty.
        let no_colour = std::env::var_os("NO_COLOR").is_some_and(|v| !v.is_empty());
        let dumb = std::env::var_os("TERM").is_some_and(|t| t == "dumb");
        Ok(Self {
            index: typed.index.clone(),
            judged: typed.judged.or(config.judged).unwrap_or_default(),
            grade: typed.grade.or(config.grade).unwrap_or_default(),
            tokenizer: tokenizer.map(Arc::new),
            colour: match typed.color {
                Color::Always => true,
                Color::Never => false,
                Color::Auto => stdout().is_terminal() && !no_colour && !dumb,
            },
            progress: stderr().is_terminal() && !dumb,
            baseline: typed.baseline.clone().or_else(|| config.baseline.clone()),
            config: Arc::new(config),
            files,
        })
    }

    /// How one generation is assessed.
    pub fn assess(&self, want: Want) -> assess::Options {
        assess::Options { judged: self.judged, grade: self.grade, want, ..assess::Options::default() }
    }

    /// How a library is built.
    pub fn build(&self) -> BuildOptions {
        BuildOptions { judged: self.judged, grade: self.grade, ..BuildOptions::default() }
    }
}

/// The paths a library covers and the folder it is in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Folders and files of saved generations.
    pub paths: Vec<PathBuf>,
    /// The library's folder.
    pub dir: PathBuf,
}

impl Place {
    /// The library meant by the paths typed: those, or the one opened last.
    pub fn new(options: &Options, paths: &[PathBuf]) -> Result<Self> {
        let paths = if paths.is_empty() {
            library::last_paths().filter(|last| !last.is_empty()).with_context(|| {
                let why =
                    "no PATH given, and no library was opened before; name a folder of saved generations";
                let here = folder_named_like_a_command();
                here.map_or(why.to_owned(), |name| format!("{why}, such as `./{name}`"))
            })?
        } else {
            paths.to_owned()
        };
        if let Some(missing) = paths.iter().find(|p| !p.exists()) {
            bail!("{}: no such file or folder{}", shown(missing), did_you_mean(missing));
        }
        let dir = match &options.index {
            Some(dir) => dir.clone(),
            None => library::default_dir(&paths)?,
        };
        Ok(Self { paths, dir })
    }
}

/// The names of all commands.
fn commands() -> impl Iterator<Item = String> {
    use clap::CommandFactory as _;
    let command = crate::cli::Cli::command();
    command.get_subcommands().map(|command| command.get_name().to_owned()).collect::<Vec<_>>().into_iter()
}

/// A folder here whose name, typed alone, is a command.
fn folder_named_like_a_command() -> Option<String> {
    commands().find(|name| Path::new(name).is_dir())
}

/// A path that was not found may be a command mistyped.
fn did_you_mean(path: &Path) -> String {
    let Some(typed) = path.to_str() else { return String::new() };
    commands()
        .find(|name| is_near(typed, name))
        .map_or(String::new(), |name| format!(", and no such command; did you mean `{name}`?"))
}

/// One letter wrong, missing or too many, or two swapped.
fn is_near(a: &str, b: &str) -> bool {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let start = a.iter().zip(&b).take_while(|(a, b)| a == b).count();
    let (a, b) = (&a[start..], &b[start..]);
    let end = a.iter().rev().zip(b.iter().rev()).take_while(|(a, b)| a == b).count();
    let (a, b) = (&a[..a.len() - end], &b[..b.len() - end]);
    match (a, b) {
        ([], [_]) | ([_], [] | [_]) => true,
        ([_, _], [_, _]) => a[0] == b[1] && a[1] == b[0],
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mistyped_commands() {
        for (typed, name, near) in [
            ("scor", "score", true),
            ("scroe", "score", true),
            ("socre", "score", true),
            ("runss", "runs", true),
            ("run", "runs", true),
            ("rnu", "runs", false),
            ("show", "show", false),
            ("sample_runs", "runs", false),
        ] {
            assert_eq!(is_near(typed, name), near, "{typed} {name}");
        }
    }
}
