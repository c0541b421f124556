//! Which key means what, where.
//!
//! A table from `assets/keymap.toml`, with the user's own lines over it. Footer, help, palette
//! and the box of a begun chord are printed from it, so they cannot say what is not so.

use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

use super::action::Action;
use super::key::Key;
use crate::library::query::nearest;

/// A place with keys of its own. The innermost place that knows a key has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Layer {
    /// Everywhere but in a line of text.
    Global,
    /// Where a generation is at hand.
    Generation,
    /// The first screen: facets, list, reading pane.
    Browse,
    /// The facets pane.
    Facets,
    /// The list.
    List,
    /// The reading pane.
    Reading,
    /// One generation on the full screen.
    Read,
    /// Side by side.
    Compare,
    /// The table of runs.
    Runs,
    /// What could not be read.
    Rejects,
    /// The prompt as sent.
    Prompt,
    /// The matrix.
    Matrix,
    /// The plots.
    Plots,
    /// Two runs against each other.
    Flips,
    /// A line of text.
    Typing,
}

impl Layer {
    /// Every place, in the order they are listed.
    pub const ALL: &'static [Self] = &[
        Self::Global,
        Self::Generation,
        Self::Browse,
        Self::Facets,
        Self::List,
        Self::Reading,
        Self::Read,
        Self::Compare,
        Self::Runs,
        Self::Rejects,
        Self::Prompt,
        Self::Matrix,
        Self::Plots,
        Self::Flips,
        Self::Typing,
    ];

    /// The name of its section.
    pub fn name(self) -> &'static str {
        match self {
            Self::Global => "global",
            Self::Generation => "generation",
            Self::Browse => "browse",
            Self::Facets => "facets",
            Self::List => "list",
            Self::Reading => "reading",
            Self::Read => "read",
            Self::Compare => "compare",
            Self::Runs => "runs",
            Self::Rejects => "rejects",
            Self::Prompt => "prompt",
            Self::Matrix => "matrix",
            Self::Plots => "plots",
            Self::Flips => "flips",
            Self::Typing => "typing",
        }
    }

    /// How help calls it.
    pub fn title(self) -> &'static str {
        match self {
            Self::Global => "everywhere",
            Self::Generation => "on a generation",
            Self::Browse => "browse",
            Self::Facets => "in the facets",
            Self::List => "in the list",
            Self::Reading => "in the reading pane",
            Self::Read => "reading, full screen",
            Self::Compare => "side by side",
            Self::Runs => "in the table of runs",
            Self::Rejects => "in the rejects",
            Self::Prompt => "in the prompt",
            Self::Matrix => "in the matrix",
            Self::Plots => "in the plots",
            Self::Flips => "among the flips",
            Self::Typing => "in a line of text",
        }
    }
}

/// A fact that a key may depend on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Fact {
    /// A pane has the whole screen.
    Zoomed,
    /// There is a filter.
    Filtered,
    /// The text has marks.
    Marks,
    /// The text has hits of the search.
    Hits,
    /// The item has more than one sample in this run.
    Samples,
    /// Long lines are broken.
    Wrapped,
}

impl Fact {
    /// Every fact.
    pub const ALL: &'static [Self] =
        &[Self::Zoomed, Self::Filtered, Self::Marks, Self::Hits, Self::Samples, Self::Wrapped];

    /// Its word in a key map.
    pub fn name(self) -> &'static str {
        match self {
            Self::Zoomed => "zoomed",
            Self::Filtered => "filtered",
            Self::Marks => "marks",
            Self::Hits => "hits",
            Self::Samples => "samples",
            Self::Wrapped => "wrapped",
        }
    }
}

/// What a key does, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// What is done; `None` takes the key away.
    pub action: Option<Action>,
    /// Facts that must hold (or, with false, must not).
    pub when: Vec<(Fact, bool)>,
}

/// One key, or keys one after the other, with what they do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binding {
    /// Where it works.
    pub layer: Layer,
    /// The keys.
    pub keys: Vec<Key>,
    /// What they do: the first rule that fits.
    pub rules: Vec<Rule>,
}

/// What became of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resolved {
    /// It means this.
    Action(Action),
    /// It begins a chord.
    Begun,
    /// It means nothing here.
    Nothing,
}

/// The table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keymap {
    bindings: Vec<Binding>,
    labels: Vec<(Vec<Key>, String)>,
}

/// What is wrong in a key map, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{name}:{line}: {message}")]
pub struct KeymapError {
    /// The file.
    pub name: String,
    /// Line from 1.
    pub line: usize,
    /// The trouble, and what to write instead.
    pub message: String,
}

impl Keymap {
    /// The keys that the program comes with.
    pub fn built_in() -> Self {
        let mut map = Self { bindings: Vec::new(), labels: Vec::new() };
        map.read("assets/keymap.toml", include_str!("../../assets/keymap.toml"))
            .expect("the built-in key map is valid: a test reads it");
        map
    }

    /// Lays a user's lines over what is there. On an error nothing is changed.
    pub fn overlay(&mut self, name: &str, source: &str) -> Result<(), KeymapError> {
        let mut next = self.clone();
        next.read(name, source)?;
        *self = next;
        Ok(())
    }

    fn read(&mut self, name: &str, source: &str) -> Result<(), KeymapError> {
        let places = DeTable::parse(source).map_err(|e| KeymapError {
            name: name.to_owned(),
            line: line_at(source, e.span().map_or(0, |s| s.start)),
            message: e.message().to_owned(),
        })?;
        self.lay(name, source, places.get_ref()).into_iter().next().map_or(Ok(()), Err)
    }

    /// Lays lines over what is there, from a table with a section for each place: those that are
    /// right, whatever the others are. Gives what is wrong in the others. `source` is the text that
    /// the table was read from.
    pub fn lay(&mut self, name: &str, source: &str, places: &DeTable<'_>) -> Vec<KeymapError> {
        let mut wrong = Vec::new();
        for (section, entries) in in_order(places) {
            let mut complain = |at: usize, message: String| {
                wrong.push(KeymapError { name: name.to_owned(), line: line_at(source, at), message });
            };
            let at = section.span().start;
            let section = section.get_ref().as_ref();
            let layer = Layer::ALL.iter().copied().find(|l| l.name() == section);
            if layer.is_none() && section != "labels" {
                let names = || Layer::ALL.iter().map(|l| l.name()).chain(["labels"]);
                let remedy = match nearest(section, names()) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("there are {}", names().collect::<Vec<_>>().join(", ")),
                };
                complain(at, format!("no place is called `{section}`; {remedy}"));
                continue;
            }
            let Some(entries) = entries.get_ref().as_table() else {
                complain(at, format!("`{section}` is a place: write its keys below `[{section}]`"));
                continue;
            };
            for (keys, written) in in_order(entries) {
                let at = keys.span().start;
                if let Err(message) = self.lay_line(layer, keys.get_ref(), written.get_ref()) {
                    complain(at, message);
                }
            }
        }
        // Everything printed from here comes in the order of the actions, the handiest key first.
        let order = |action: Option<Action>| Action::ALL.iter().position(|&a| Some(a) == action);
        self.bindings.sort_by_key(|b| (order(b.rules.first().and_then(|r| r.action)), unhandiness(&b.keys)));
        wrong
    }

    /// One line: what keys do in a place, or what the box of a chord is called.
    fn lay_line(&mut self, layer: Option<Layer>, keys: &str, written: &DeValue<'_>) -> Result<(), String> {
        let keys = parse_keys(keys)
            .map_err(|part| format!("`{part}` is no key; write `n`, `ctrl-d`, `enter`, `g g`, …"))?;
        if let Some(layer) = layer {
            let rules = rules(written)?;
            self.bindings.retain(|b| !(b.layer == layer && b.keys == keys));
            self.bindings.push(Binding { layer, keys, rules });
        } else {
            let label = written.as_str().ok_or("a label is a text in quotes")?;
            self.labels.retain(|(k, _)| *k != keys);
            self.labels.push((keys, label.to_owned()));
        }
        Ok(())
    }

    /// What a key means after the keys already pressed, in the innermost of these places (listed
    /// from the inside out), under these facts.
    pub fn resolve(
        &self,
        layers: &[Layer],
        pressed: &[Key],
        key: Key,
        facts: &dyn Fn(Fact) -> bool,
    ) -> Resolved {
        let mut chord = pressed.to_vec();
        chord.push(key);
        for &layer in layers {
            let mut begun = false;
            for binding in self.bindings.iter().filter(|b| b.layer == layer) {
                if binding.keys == chord {
                    if let Some(rule) = binding.rules.iter().find(|r| r.fits(facts)) {
                        return rule.action.map_or(Resolved::Nothing, Resolved::Action);
                    }
                } else if binding.keys.starts_with(&chord) {
                    begun = true;
                }
            }
            if begun {
                return Resolved::Begun;
            }
        }
        Resolved::Nothing
    }

    /// How the keys of an action are written, the first binding of the innermost place.
    pub fn key_of(&self, layers: &[Layer], action: Action) -> Option<String> {
        self.keys_of(layers, action).into_iter().next()
    }

    /// All keys of an action in these places.
    pub fn keys_of(&self, layers: &[Layer], action: Action) -> Vec<String> {
        let mut found = Vec::new();
        for (depth, &layer) in layers.iter().enumerate() {
            for binding in self.bindings.iter().filter(|b| b.layer == layer) {
                let hidden = layers[..depth]
                    .iter()
                    .any(|&inner| self.bindings.iter().any(|b| b.layer == inner && b.keys == binding.keys));
                if !hidden && binding.rules.iter().any(|r| r.action == Some(action)) {
                    found.push(show_keys(&binding.keys));
                }
            }
        }
        found
    }

    /// Keys that go on from a begun chord: the next key, and what it does (`None` for a longer chord).
    pub fn continuations(&self, layers: &[Layer], pressed: &[Key]) -> Vec<(Key, Option<Action>)> {
        let mut found: Vec<(Key, Option<Action>)> = Vec::new();
        for &layer in layers {
            for binding in self.bindings.iter().filter(|b| b.layer == layer && b.keys.starts_with(pressed)) {
                let Some(&next) = binding.keys.get(pressed.len()) else { continue };
                if found.iter().any(|(key, _)| *key == next) {
                    continue;
                }
                let done = binding.keys.len() == pressed.len() + 1;
                let action = binding.rules.iter().find_map(|r| r.action).filter(|_| done);
                if action.is_some() || !done {
                    found.push((next, action));
                }
            }
        }
        found
    }

    /// What the box of a begun chord is called.
    pub fn label(&self, pressed: &[Key]) -> &str {
        self.labels.iter().find(|(keys, _)| keys == pressed).map_or("", |(_, label)| label)
    }

    /// All bindings of a place.
    pub fn bindings(&self, layer: Layer) -> impl Iterator<Item = &Binding> {
        self.bindings.iter().filter(move |b| b.layer == layer)
    }
}

impl Rule {
    /// Whether all its conditions hold.
    pub fn fits(&self, facts: &dyn Fn(Fact) -> bool) -> bool {
        self.when.iter().all(|&(fact, wanted)| facts(fact) == wanted)
    }
}

/// What makes a key less handy to show: modifiers, keys in a row, keys that are far away.
fn unhandiness(keys: &[Key]) -> (u32, usize, bool) {
    let modifiers = keys.iter().map(|k| k.modifiers.bits().count_ones()).sum();
    let far = keys.iter().any(|k| {
        use crossterm::event::KeyCode;
        matches!(k.code, KeyCode::F(_) | KeyCode::Home | KeyCode::End | KeyCode::PageUp | KeyCode::PageDown)
    });
    (modifiers, keys.len(), far)
}

/// How keys are shown: `^D`, `gg`, `y k`.
pub fn show_keys(keys: &[Key]) -> String {
    let shown: Vec<_> = keys.iter().map(Key::to_string).collect();
    let short = shown.iter().all(|k| k.chars().count() == 1);
    shown.join(if short { "" } else { " " })
}

fn parse_keys(text: &str) -> Result<Vec<Key>, &str> {
    text.split(' ').filter(|part| !part.is_empty()).map(|part| Key::parse(part).ok_or(part)).collect()
}

/// What is written for a key: an action, an action with a condition, or a list of such.
fn rules(written: &DeValue<'_>) -> Result<Vec<Rule>, String> {
    match written {
        DeValue::String(name) => Ok(vec![Rule { action: action(name)?, when: Vec::new() }]),
        DeValue::Table(table) => {
            let text = |key: &str| table.get(key).and_then(|value| value.get_ref().as_str());
            if let Some(other) = table.keys().find(|key| !["run", "when"].contains(&key.get_ref().as_ref())) {
                return Err(format!("`{}` means nothing here; write `run` and `when`", other.get_ref()));
            }
            let run = text("run").ok_or("write the action as `run = \"…\"`")?;
            let when = text("when").unwrap_or_default().split("&&").map(str::trim);
            let when = when.filter(|w| !w.is_empty()).map(condition).collect::<Result<_, _>>()?;
            Ok(vec![Rule { action: action(run)?, when }])
        }
        DeValue::Array(list) => {
            let nested: Vec<_> = list.iter().map(|one| rules(one.get_ref())).collect::<Result<_, _>>()?;
            Ok(nested.into_iter().flatten().collect())
        }
        _ => Err("write the name of an action in quotes, or \"\" for none".to_owned()),
    }
}

fn action(name: &str) -> Result<Option<Action>, String> {
    if name.is_empty() {
        return Ok(None);
    }
    Action::from_name(name)
        .map(Some)
        .ok_or_else(|| unknown("action", name, Action::ALL.iter().map(|a| a.name())))
}

fn condition(text: &str) -> Result<(Fact, bool), String> {
    let (name, wanted) = text.strip_prefix('!').map_or((text, true), |rest| (rest, false));
    let fact = Fact::ALL.iter().copied().find(|f| f.name() == name);
    fact.map(|f| (f, wanted)).ok_or_else(|| unknown("condition", name, Fact::ALL.iter().map(|f| f.name())))
}

fn unknown<'a>(what: &str, name: &str, names: impl Iterator<Item = &'a str>) -> String {
    let near = nearest(name, names).map_or(String::new(), |near| format!("; did you mean `{near}`?"));
    format!("no {what} is called `{name}`{near}")
}

/// The entries of a table in the order of the file.
fn in_order<'t, 'i>(table: &'t DeTable<'i>) -> Vec<(&'t Spanned<DeString<'i>>, &'t Spanned<DeValue<'i>>)> {
    let mut entries: Vec<_> = table.iter().collect();
    entries.sort_by_key(|(key, _)| key.span().start);
    entries
}

/// The line of a byte, from 1.
pub fn line_at(source: &str, byte: usize) -> usize {
    1 + source.get(..byte).map_or(0, |before| before.matches('\n').count())
}

#[cfg(test)]
mod tests {
    use super::*;

    const IN_READ: &[Layer] = &[Layer::Read, Layer::Generation, Layer::Global];

    fn resolve(map: &Keymap, keys: &str) -> Resolved {
        let keys = parse_keys(keys).unwrap();
        let (last, before) = keys.split_last().unwrap();
        map.resolve(IN_READ, before, *last, &|_| false)
    }

    #[test]
    fn the_innermost_place_has_the_key() {
        let map = Keymap::built_in();
        let table = [
            ("n", Resolved::Action(Action::NextMark)),
            ("tab", Resolved::Action(Action::NextConstraint)),
            ("q", Resolved::Action(Action::Close)),
            ("g", Resolved::Begun),
            ("g g", Resolved::Action(Action::Top)),
            ("y k", Resolved::Action(Action::CopyKey)),
            ("f12", Resolved::Nothing),
        ];
        for (keys, expected) in table {
            assert_eq!(resolve(&map, keys), expected, "{keys}");
        }
    }

    #[test]
    fn conditions_choose() {
        let map = Keymap::built_in();
        let key = Key::parse("right").unwrap();
        let wrapped = map.resolve(IN_READ, &[], key, &|f| f == Fact::Wrapped);
        let unwrapped = map.resolve(IN_READ, &[], key, &|_| false);
        assert_eq!(wrapped, Resolved::Action(Action::NextSample));
        assert_eq!(unwrapped, Resolved::Action(Action::Right));
    }

    #[test]
    fn one_line_changes_one_key() {
        let mut map = Keymap::built_in();
        map.overlay("mine.toml", "[generation]\n\"n\" = \"next-hit\"\n\"N\" = \"\"\n").unwrap();
        assert_eq!(resolve(&map, "n"), Resolved::Action(Action::NextHit));
        assert_eq!(resolve(&map, "N"), Resolved::Nothing);
        assert_eq!(resolve(&map, "q"), Resolved::Action(Action::Close));
    }

    #[test]
    fn errors_name_line_and_remedy() {
        let table = [
            (
                "[read]\n\"n\" = \"next-marc\"",
                "mine.toml:2: no action is called `next-marc`; did you mean `next-mark`?",
            ),
            ("\n[red]\n\"n\" = \"quit\"", "mine.toml:2: no place is called `red`; did you mean `read`?"),
            ("[read]\n\"\"\"nn\"\"\" = \"quit\"", "mine.toml:2: "),
            ("[read]\n\"nn\" = \"quit\"", "mine.toml:2: `nn` is no key;"),
            (
                "[read]\n\"n\" = { run = \"quit\", when = \"zomed\" }",
                "mine.toml:2: no condition is called `zomed`; did you mean `zoomed`?",
            ),
        ];
        for (source, expected) in table {
            let mut map = Keymap::built_in();
            let error = map.overlay("mine.toml", source).unwrap_err().to_string();
            assert!(error.starts_with(expected), "{error}");
            assert_eq!(map, Keymap::built_in());
        }
    }

    #[test]
    fn every_action_has_a_key_or_is_in_the_palette_only() {
        let map = Keymap::built_in();
        let palette_only = [Action::SortNext, Action::RemoveFilter];
        for &action in Action::ALL {
            assert!(
                palette_only.contains(&action)
                    || !map.keys_of(Layer::ALL, action).is_empty()
                    || Layer::ALL.iter().any(|&l| !map.keys_of(&[l], action).is_empty()),
                "{action} has no key"
            );
        }
    }

    #[test]
    fn no_key_begins_a_chord_and_is_one() {
        let map = Keymap::built_in();
        for &layer in Layer::ALL {
            for a in map.bindings(layer) {
                for b in map.bindings(layer) {
                    let clash = a.keys.len() < b.keys.len() && b.keys.starts_with(&a.keys);
                    assert!(!clash, "{}: {} hides {}", layer.name(), show_keys(&a.keys), show_keys(&b.keys));
                }
            }
        }
    }
}
