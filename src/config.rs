//! The user's settings file: what holds when nothing else is typed.
//!
//! `assets/config.toml` documents every setting. Flags go before the file, the file before what is
//! built in. A setting that is wrong is left as it was and said, with its line and what was
//! probably meant: losing a colour must not cost anybody their start.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use clap::ValueEnum;
use etcetera::BaseStrategy as _;
use toml::de::{DeTable, DeValue};

use crate::explorer::keymap::{Keymap, line_at};
use crate::grade::GradeMode;
use crate::library::query::nearest;
use crate::path::shown;
use crate::split::JudgedSpan;
use crate::triage::{Tag, TagNames};

/// The documented file: every setting with what holds when it is not set.
pub const DEFAULT: &str = include_str!("../assets/config.toml");

/// A column of the explorer's list that can be left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ListColumn {
    /// The run.
    Run,
    /// A sign for each constraint.
    Verdicts,
    /// The final answer.
    Ok,
    /// Length of the trace.
    Trace,
    /// Length of the answer.
    Answer,
    /// Failure modes.
    Modes,
}

/// What the file says; `None` where it is silent.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Config {
    /// How the explorer looks: a name, or a path.
    pub theme: Option<PathBuf>,
    /// ASCII signs only.
    pub ascii: Option<bool>,
    /// Take the mouse.
    pub mouse: Option<bool>,
    /// Break long lines.
    pub wrap: Option<bool>,
    /// What the list shows besides the item.
    pub columns: Option<Vec<ListColumn>>,
    /// The run that others are held against.
    pub baseline: Option<String>,
    /// Which text is judged.
    pub judged: Option<JudgedSpan>,
    /// How answers are compared.
    pub grade: Option<GradeMode>,
    /// Names of tags.
    pub tags: TagNames,
    /// The file of keys that it names.
    pub keymap_file: Option<PathBuf>,
    /// The keys, where the file changes some.
    pub keymap: Option<Keymap>,
    /// What is wrong in the file, a line for each: `config.toml:3: …`.
    pub troubles: Vec<String>,
}

/// The settings there are.
const SETTINGS: [&str; 11] =
    ["theme", "ascii", "mouse", "wrap", "columns", "baseline", "judged", "grade", "keymap", "tags", "keys"];

impl Config {
    /// Where the file lies unless another is named: `heedless/config.toml` in `$XDG_CONFIG_HOME`
    /// (else `~/.config`); `None` where there is no home.
    pub fn default_path() -> Option<PathBuf> {
        let base = etcetera::choose_base_strategy().ok()?;
        Some(base.config_dir().join("heedless").join("config.toml"))
    }

    /// The settings of a file; without one, none. An error only when a file that was named cannot
    /// be read.
    pub fn load(named: Option<&Path>) -> std::io::Result<Self> {
        if let Some(path) = named {
            return std::fs::read_to_string(path).map(|source| Self::read(path, &source));
        }
        let Some(path) = Self::default_path() else { return Ok(Self::default()) };
        Ok(match std::fs::read_to_string(&path) {
            Ok(source) => Self::read(&path, &source),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Self::default(),
            Err(error) => Self { troubles: vec![format!("{}: {error}", shown(path))], ..Self::default() },
        })
    }

    /// The settings in a text. Paths in it are beside `path`.
    pub fn read(path: &Path, source: &str) -> Self {
        let (settings, broken) = DeTable::parse_recoverable(source);
        let mut reading = Reading { path, source, config: Self::default() };
        let mut broken_lines = Vec::new();
        for error in broken {
            let message = error.message().replace('\n', "; ");
            let at = error.span().map_or(0, |span| span.start);
            broken_lines.push(line_at(source, at));
            reading.complain(at, &message);
        }
        let mut settings: Vec<_> = settings.into_inner().into_iter().collect();
        // In the order of the file, but a file of keys before the keys that change it.
        settings.sort_by_key(|(key, _)| (key.get_ref() == "keys", key.span().start));
        for (key, value) in settings {
            let at = value.span().start;
            if broken_lines.contains(&line_at(source, at)) {
                continue;
            }
            if let Err(message) = reading.set(key.get_ref(), at, value.get_ref()) {
                reading.complain(key.span().start, &message);
            }
        }
        reading.config
    }
}

/// A file being read.
struct Reading<'a> {
    path: &'a Path,
    source: &'a str,
    config: Config,
}

impl Reading<'_> {
    fn complain(&mut self, at: usize, message: &str) {
        let line = line_at(self.source, at);
        self.config.troubles.push(format!("{}:{line}: {message}", shown(self.path)));
    }

    /// Takes one setting in; the error says what to write instead.
    fn set(&mut self, name: &str, at: usize, value: &DeValue<'_>) -> Result<(), String> {
        let config = &mut self.config;
        match name {
            "theme" => config.theme = Some(beside(self.path, &text(name, value)?)),
            "ascii" => config.ascii = Some(truth(name, value)?),
            "mouse" => config.mouse = Some(truth(name, value)?),
            "wrap" => config.wrap = Some(truth(name, value)?),
            "judged" => config.judged = Some(one_of(name, &text(name, value)?)?),
            "grade" => config.grade = Some(one_of(name, &text(name, value)?)?),
            "baseline" => config.baseline = Some(text(name, value)?).filter(|run| !run.is_empty()),
            "columns" => {
                let list = value.as_array().ok_or("`columns` is a list: [\"run\", \"verdicts\"]")?;
                let names = list.iter().map(|one| text(name, one.get_ref()));
                config.columns = Some(names.map(|one| one_of(name, &one?)).collect::<Result<_, String>>()?);
            }
            "keymap" => self.keymap(at, &text(name, value)?),
            "tags" => {
                let names =
                    value.as_table().ok_or("write names of tags below `[tags]`: 1 = \"wrong split\"")?;
                for (digit, name) in names {
                    match (digit.get_ref().parse().ok().and_then(Tag::new), name.get_ref().as_str()) {
                        (Some(tag), Some(name)) => self.config.tags.set(tag, name),
                        (None, _) => self.complain(
                            digit.span().start,
                            &format!("`{}` is no tag; there are 1 to 9", digit.get_ref()),
                        ),
                        (_, None) => self.complain(name.span().start, "a name of a tag is a text in quotes"),
                    }
                }
            }
            "keys" => {
                let places = value.as_table().ok_or("write keys below a place: `[keys.read]`")?;
                let mut keymap = self.config.keymap.take().unwrap_or_else(Keymap::built_in);
                let wrong = keymap.lay(&shown(self.path), self.source, places);
                self.config.troubles.extend(wrong.into_iter().map(|e| e.to_string()));
                self.config.keymap = Some(keymap);
            }
            _ => {
                return Err(match nearest(name, SETTINGS.into_iter()) {
                    Some(near) => format!("no setting is called `{name}`; did you mean `{near}`?"),
                    None => format!("no setting is called `{name}`; there are {}", SETTINGS.join(", ")),
                });
            }
        }
        Ok(())
    }

    fn keymap(&mut self, at: usize, written: &str) {
        if written.is_empty() {
            return;
        }
        let path = self.path.parent().unwrap_or(Path::new("")).join(written);
        let mut keymap = Keymap::built_in();
        self.config.keymap_file = Some(path.clone());
        match std::fs::read_to_string(&path) {
            Ok(source) => match keymap.overlay(&shown(path), &source) {
                Ok(()) => self.config.keymap = Some(keymap),
                Err(error) => self.config.troubles.push(error.to_string()),
            },
            Err(error) => self.complain(at, &format!("{}: {error}", shown(path))),
        }
    }
}

/// A path as written, from the folder of a file; a name stays a name.
fn beside(file: &Path, written: &str) -> PathBuf {
    let is_path = written.contains(['/', '.']);
    match file.parent().filter(|_| is_path) {
        Some(folder) => folder.join(written),
        None => written.into(),
    }
}

fn text(name: &str, value: &DeValue<'_>) -> Result<String, String> {
    value.as_str().map(str::to_owned).ok_or_else(|| format!("`{name}` wants a text in quotes"))
}

fn truth(name: &str, value: &DeValue<'_>) -> Result<bool, String> {
    value.as_bool().ok_or_else(|| format!("`{name}` wants true or false, without quotes"))
}

/// One of the values that there are.
fn one_of<T: ValueEnum>(name: &str, written: &str) -> Result<T, String> {
    if let Ok(value) = T::from_str(written, false) {
        return Ok(value);
    }
    let all: Vec<_> = T::value_variants().iter().filter_map(ValueEnum::to_possible_value).collect();
    let names = || all.iter().map(clap::builder::PossibleValue::get_name);
    let mut message = format!("`{name}`: `{written}` is none of {}", names().collect::<Vec<_>>().join(", "));
    if let Some(near) = nearest(written, names()) {
        let _ = write!(message, "; did you mean `{near}`?");
    }
    Err(message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::explorer::action::Action;
    use crate::explorer::keymap::Layer;

    fn read(source: &str) -> Config {
        Config::read(Path::new("/home/me/config.toml"), source)
    }

    #[test]
    fn the_documented_file_sets_what_holds_anyway() {
        let silent = read(DEFAULT);
        assert_eq!(silent.troubles, [""; 0]);
        // Every line that is commented out is a setting that can be taken as it is.
        let loud: String = DEFAULT
            .lines()
            .map(|line| line.strip_prefix("# ").filter(|l| l.contains(" = ")).unwrap_or(line))
            .fold(String::new(), |all, line| all + line + "\n");
        let loud = read(&loud);
        assert_eq!(loud.troubles, [""; 0]);
        assert_eq!((loud.theme.as_deref(), loud.ascii), (Some(Path::new("auto")), Some(false)));
        assert_eq!((loud.mouse, loud.wrap, loud.baseline), (Some(true), Some(true), None));
        assert_eq!((loud.judged, loud.grade), (Some(JudgedSpan::default()), Some(GradeMode::default())));
        assert_eq!(loud.columns.as_deref(), Some(ListColumn::value_variants()));
        assert_eq!(loud.tags.get(Tag::new(1).unwrap()), Some("wrong split"));
        for name in SETTINGS {
            assert!(
                DEFAULT.contains(&format!("# {name} = ")) || DEFAULT.contains(&format!("[{name}")),
                "{name}"
            );
        }
    }

    #[test]
    fn one_line_changes_one_key() {
        let config = read("[keys.read]\n\"n\" = \"next-hit\"\n");
        let keymap = config.keymap.unwrap();
        let layers = [Layer::Read, Layer::Generation, Layer::Global];
        assert!(keymap.keys_of(&layers, Action::NextHit).contains(&"n".to_owned()));
        assert_eq!(keymap.key_of(&layers, Action::Close).as_deref(), Some("q"));
    }

    #[test]
    fn what_is_wrong_is_said_with_its_line_and_the_rest_holds() {
        let table = [
            ("them = \"dark\"", "no setting is called `them`; did you mean `theme`?"),
            ("mouse = \"yes\"", "`mouse` wants true or false, without quotes"),
            ("theme = 3", "`theme` wants a text in quotes"),
            (
                "judged = \"anser\"",
                "`judged`: `anser` is none of mathif, answer, trace, whole; did you mean `answer`?",
            ),
            ("columns = \"run\"", "`columns` is a list: [\"run\", \"verdicts\"]"),
            (
                "columns = [\"runs\"]",
                "`columns`: `runs` is none of run, verdicts, ok, trace, answer, modes; did you mean `run`?",
            ),
            ("tags = { 12 = \"x\" }", "`12` is no tag; there are 1 to 9"),
            (
                "keys = { read = { n = \"next-marc\" } }",
                "no action is called `next-marc`; did you mean `next-mark`?",
            ),
            ("keys = { red = { n = \"quit\" } }", "no place is called `red`; did you mean `read`?"),
            ("judged =", "string values must be quoted"),
        ];
        for (line, message) in table {
            let config = read(&format!("wrap = false\n{line}\nascii = true\n"));
            assert_eq!(config.troubles.len(), 1, "{line}: {:?}", config.troubles);
            let said = config.troubles[0].as_str();
            assert!(said.starts_with("/home/me/config.toml:2: ") && said.contains(message), "{said}");
            assert_eq!((config.wrap, config.ascii), (Some(false), Some(true)), "{line}");
        }
    }

    #[test]
    fn paths_are_beside_the_file_and_a_missing_one_is_said() {
        assert_eq!(read("theme = \"mine.toml\"").theme, Some("/home/me/mine.toml".into()));
        assert_eq!(read("theme = \"dark\"").theme, Some("dark".into()));
        let config = read("\nkeymap = \"keys.toml\"");
        assert!(config.troubles[0].starts_with("/home/me/config.toml:2: /home/me/keys.toml: "), "{config:?}");
    }
}
