//! A file under a name of its own until it is whole.

use std::fs::File;
use std::io::{self, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, Once, PoisonError};

use signal_hook::consts::{SIGINT, SIGTERM};
use tempfile::NamedTempFile;

/// Files that are taken away when the program is stopped.
static ALL: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

fn all<T>(change: impl FnOnce(&mut Vec<PathBuf>) -> T) -> T {
    change(&mut ALL.lock().unwrap_or_else(PoisonError::into_inner))
}

/// The file; gone when it is dropped, or when the program is stopped by a signal.
#[derive(Debug)]
pub(super) struct Unfinished {
    /// `None` once it has its name.
    file: Option<NamedTempFile>,
    at: PathBuf,
}

impl Unfinished {
    /// Makes one in a folder. `private` where it takes the place, and in the end the permissions, of
    /// another file; else it is as readable as any new file.
    pub(super) fn create(folder: &Path, private: bool) -> io::Result<Self> {
        sweep_when_stopped();
        let mut builder = tempfile::Builder::new();
        builder.prefix(".heedless-");
        #[cfg(unix)]
        if !private {
            builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
        }
        #[cfg(not(unix))]
        let _ = private;
        // Within the lock: whoever stops the program finds it in the list.
        all(|all| {
            let file = builder.tempfile_in(folder)?;
            let at = file.path().to_owned();
            all.push(at.clone());
            Ok(Self { file: Some(file), at })
        })
    }

    pub(super) fn file(&self) -> &File {
        self.file.as_ref().expect("it is taken out only when it gets its name").as_file()
    }

    /// Gives it its name. Without `over`, what is there under this name stays, and is an error.
    pub(super) fn put(mut self, path: &Path, over: bool) -> io::Result<()> {
        let Some(file) = self.file.take() else { return Ok(()) };
        let done = if over { file.persist(path) } else { file.persist_noclobber(path) };
        let done = done.or_else(|failed| {
            // A file system that can neither rename without replacing nor link.
            let cannot = failed.error.kind() != io::ErrorKind::AlreadyExists;
            if !over && cannot && path.symlink_metadata().is_err() {
                return failed.file.persist(path);
            }
            Err(failed)
        });
        done.map(|_| ()).map_err(|failed| failed.error)
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        self.file = None;
        all(|all| all.retain(|path| *path != self.at));
    }
}

impl Write for Unfinished {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file().flush()
    }
}

impl Seek for Unfinished {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.file().seek(to)
    }
}

/// Takes away what is not finished when the program is stopped, which then ends as it would have.
fn sweep_when_stopped() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // What a shell told to ignore (`trap '' INT`, a job in the background) stays ignored.
        let heard = [SIGINT, SIGTERM].into_iter().filter(|&signal| !is_ignored(signal));
        let Ok(mut signals) = signal_hook::iterator::Signals::new(heard) else { return };
        let sweep = move || {
            for signal in signals.forever() {
                all(|all| {
                    for path in &*all {
                        let _ = std::fs::remove_file(path);
                    }
                    // Within the lock: nothing is made meanwhile.
                    let _ = signal_hook::low_level::emulate_default_handler(signal);
                });
            }
        };
        let _ = std::thread::Builder::new().name("sweep".into()).spawn(sweep);
    });
}

/// Whether a signal is ignored, where the system says so.
fn is_ignored(signal: i32) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let ignored = ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or_default();
    ignored >> (signal - 1) & 1 == 1
}
