//! Where libraries lie: a cache folder with one folder for each set of paths.

use std::path::{Path, PathBuf};

use etcetera::BaseStrategy as _;

use super::folder::TEMPORARY;
use crate::error::{Error, Result};
use crate::path::{saved, shown};

/// The folder that holds the libraries, unless one is chosen.
pub fn cache_dir() -> Result<PathBuf> {
    let base = etcetera::choose_base_strategy().map_err(|error| Error::Library {
        path: PathBuf::from("~"),
        cause: format!("no home folder ({error}); choose a folder with --index DIR"),
    })?;
    Ok(base.cache_dir().join("heedless"))
}

/// The folder of the library of these paths: the same paths, in whatever order and however written,
/// have the same library.
pub fn default_dir(paths: &[PathBuf]) -> Result<PathBuf> {
    let mut real = Vec::with_capacity(paths.len());
    for path in paths {
        real.push(path.canonicalize().map_err(|error| Error::io(path, error))?);
    }
    real.sort();
    real.dedup();
    let mut hasher = xxhash_rust::xxh3::Xxh3::new();
    for path in &real {
        hasher.update(path.as_os_str().as_encoded_bytes());
        hasher.update(&[0]);
    }
    // The name of the last folder makes the list of libraries readable.
    let named = real.first().and_then(|path| path.file_name()).map(shown);
    let mut name: String = named
        .unwrap_or_default()
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() || "-_.".contains(c) { c } else { '-' })
        .take(40)
        .collect();
    if name.is_empty() || name.starts_with('.') {
        name.insert_str(0, "library");
    }
    Ok(cache_dir()?.join(format!("{name}-{:016x}", hasher.digest())))
}

/// The paths of the library opened last, if one was.
pub fn last_paths() -> Option<Vec<PathBuf>> {
    let text = std::fs::read(cache_dir().ok()?.join("last.json")).ok()?;
    saved::list::deserialize(&mut serde_json::Deserializer::from_slice(&text)).ok()
}

/// Remembers the paths of the library opened last. Best effort: a read-only cache is no reason to
/// stop.
pub fn remember_paths(paths: &[PathBuf]) {
    let Ok(dir) = cache_dir() else { return };
    let real: Vec<PathBuf> = paths.iter().filter_map(|path| path.canonicalize().ok()).collect();
    if real.is_empty() || std::fs::create_dir_all(&dir).is_err() {
        return;
    }
    let mut text = Vec::new();
    if saved::list::serialize(&real, &mut serde_json::Serializer::new(&mut text)).is_ok() {
        let _ = write_whole(&dir.join("last.json"), &text);
    }
}

/// Writes a file so that it is there whole or not at all, even after a crash.
pub(super) fn write_whole(path: &Path, bytes: &[u8]) -> Result<()> {
    use std::io::Write as _;
    let dir = path.parent().unwrap_or(Path::new("."));
    let fail = |error| Error::io(path, error);
    let mut file = tempfile::Builder::new().prefix(TEMPORARY).tempfile_in(dir).map_err(fail)?;
    file.write_all(bytes).map_err(fail)?;
    file.as_file().sync_all().map_err(fail)?;
    file.persist(path).map_err(|error| Error::io(path, error.error))?;
    sync_dir(dir)
}

/// Makes renames in a folder lasting.
pub(super) fn sync_dir(dir: &Path) -> Result<()> {
    let sync = || std::fs::File::open(dir)?.sync_all();
    sync().map_err(|error| Error::io(dir, error))
}
