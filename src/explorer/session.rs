//! What is remembered between starts, for each library.
//!
//! Kept in the state folder, never beside the user's files. Things are named by what survives
//! re-indexing: the text of a query, the key of a generation. A file that cannot be read is
//! ignored with a notice: losing a cursor must not cost anybody their start.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::path::shown;

/// What is remembered.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Session {
    /// The query.
    pub query: String,
    /// The order of the list: name, and whether greatest first.
    pub sort: (String, bool),
    /// The key under the cursor.
    pub key: Option<String>,
    /// Samples of an item in a run are one row of the list.
    pub fold: bool,
    /// Queries asked before, newest last.
    pub history: Vec<String>,
    /// Views by name: query and order.
    pub views: BTreeMap<String, View>,
    /// The baseline run, by name; empty when none was chosen.
    pub baseline: String,
    /// Groups of facets that were folded or unfolded by hand.
    pub folds: BTreeMap<String, bool>,
}

/// A saved view.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct View {
    /// The query.
    pub query: String,
    /// The order of the list.
    #[serde(default)]
    pub sort: (String, bool),
}

/// Queries kept.
pub const HISTORY: usize = 100;

impl Session {
    /// Heedless' folder of what is remembered between starts; `None` where there is no home.
    pub fn folder() -> Option<PathBuf> {
        use etcetera::{AppStrategy, AppStrategyArgs, choose_app_strategy};
        let strategy = choose_app_strategy(AppStrategyArgs {
            top_level_domain: "dev".into(),
            author: "heedless".into(),
            app_name: "heedless".into(),
        })
        .ok()?;
        Some(strategy.state_dir().unwrap_or_else(|| strategy.data_dir()))
    }

    /// Where the session of a library lies; `None` where there is no home.
    pub fn path(library: &Path) -> Option<PathBuf> {
        let name = xxhash_rust::xxh3::xxh3_64(library.as_os_str().as_encoded_bytes());
        Some(Self::folder()?.join("sessions").join(format!("{name:016x}.json")))
    }

    /// Reads a session; a missing one is a new one. The error is a notice for the user.
    pub fn load(path: &Path) -> Result<Self, String> {
        match std::fs::read_to_string(path) {
            Ok(text) => serde_json::from_str(&text)
                .map_err(|e| format!("{}: {e}; the last session was not restored", shown(path))),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(format!("{}: {error}; the last session was not restored", shown(path))),
        }
    }

    /// Writes a session: whole or not at all.
    pub fn save(&self, path: &Path) -> std::io::Result<()> {
        let dir = path.parent().unwrap_or(Path::new("."));
        std::fs::create_dir_all(dir)?;
        let file = tempfile::NamedTempFile::new_in(dir)?;
        serde_json::to_writer(&file, self)?;
        file.persist(path)?;
        Ok(())
    }

    /// Adds a query to those asked before; one asked again moves to the end.
    pub fn asked(&mut self, query: &str) {
        if query.is_empty() {
            return;
        }
        self.history.retain(|q| q != query);
        self.history.push(query.to_owned());
        let over = self.history.len().saturating_sub(HISTORY);
        self.history.drain(..over);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_saved_comes_back_and_what_is_broken_is_said() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("deep/session.json");
        assert_eq!(Session::load(&path), Ok(Session::default()));
        let mut session = Session { query: "failed:no_comma".into(), ..Session::default() };
        session.asked("a");
        session.asked("b");
        session.asked("a");
        assert_eq!(session.history, ["b", "a"]);
        session.save(&path).unwrap();
        assert_eq!(Session::load(&path), Ok(session));
        std::fs::write(&path, "{").unwrap();
        assert!(Session::load(&path).unwrap_err().contains("was not restored"));
    }
}
