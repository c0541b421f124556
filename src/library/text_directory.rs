//! The folder of the text index, as tantivy reads and writes it.
//!
//! tantivy puts a checksum at the end of every file of a segment, but not into the two small files
//! that it replaces whole: the list of segments, `meta.json`, and the list of files, `.managed.json`.
//! Those are [sealed](super::seal) here, so that no damaged byte of an index goes unnoticed.

use std::io;
use std::path::Path;
use std::sync::Arc;

use tantivy::Directory;
use tantivy::directory::error::{DeleteError, LockError, OpenReadError, OpenWriteError};
use tantivy::directory::{
    DirectoryLock, FileHandle, Lock, MmapDirectory, WatchCallback, WatchHandle, WritePtr,
};

use super::seal;

/// A folder of files mapped into memory, of which the files that are replaced whole are sealed.
#[derive(Debug, Clone)]
pub(super) struct TextDirectory(MmapDirectory);

impl TextDirectory {
    /// Opens a folder, which must be there.
    pub(super) fn open(dir: &Path) -> tantivy::Result<Self> {
        Ok(Self(MmapDirectory::open(dir)?))
    }
}

impl Directory for TextDirectory {
    fn get_file_handle(&self, path: &Path) -> Result<Arc<dyn FileHandle>, OpenReadError> {
        self.0.get_file_handle(path)
    }

    fn delete(&self, path: &Path) -> Result<(), DeleteError> {
        self.0.delete(path)
    }

    fn exists(&self, path: &Path) -> Result<bool, OpenReadError> {
        self.0.exists(path)
    }

    fn open_write(&self, path: &Path) -> Result<WritePtr, OpenWriteError> {
        self.0.open_write(path)
    }

    fn atomic_read(&self, path: &Path) -> Result<Vec<u8>, OpenReadError> {
        let file = self.0.atomic_read(path)?;
        match seal::unsealed(&file) {
            Ok(content) => Ok(content.to_vec()),
            Err(cause) => {
                let error = io::Error::new(io::ErrorKind::InvalidData, cause);
                Err(OpenReadError::wrap_io_error(error, path.to_path_buf()))
            }
        }
    }

    fn atomic_write(&self, path: &Path, data: &[u8]) -> io::Result<()> {
        self.0.atomic_write(path, &seal::sealed(data.to_vec()))
    }

    fn sync_directory(&self) -> io::Result<()> {
        self.0.sync_directory()
    }

    fn acquire_lock(&self, lock: &Lock) -> Result<DirectoryLock, LockError> {
        self.0.acquire_lock(lock)
    }

    fn watch(&self, watch_callback: WatchCallback) -> tantivy::Result<WatchHandle> {
        self.0.watch(watch_callback)
    }
}
