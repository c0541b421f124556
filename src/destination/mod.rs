//! Where a command writes a file that the user names.
//!
//! The user's files are not overwritten: [`Protected`] files never, any other only with `--force`. The output
//! goes to a temporary file in the same folder, which is renamed when it is complete: a run that fails
//! or is stopped leaves the old file or none. Pipes and devices are written directly.

mod protected;
mod target;
mod unfinished;

use std::fmt;
use std::fs::{self, File, Metadata, Permissions};
use std::io::{self, BufWriter, Seek as _, SeekFrom, Stdout, Write};
use std::path::{Path, PathBuf};

pub use self::protected::Protected;
use self::target::Target;
use self::unfinished::Unfinished;
use crate::error::{Error, Result};
use crate::path::shown;

/// Standard output as it is typed.
const STDOUT: &str = "-";

/// Bytes held before they are written.
const BUFFER: usize = 1 << 18;

/// A file on its way, or a pipe or device. Dropped without [`finish`](Self::finish), a file is not
/// written at all.
pub struct Destination {
    typed: PathBuf,
    to: To,
}

enum To {
    Stdout(BufWriter<Stdout>),
    Straight(BufWriter<File>),
    Whole(Box<Whole>),
}

/// A file that is there when it is whole.
struct Whole {
    out: BufWriter<Unfinished>,
    /// Bytes written so far.
    written: u64,
    target: Target,
    force: bool,
    protected: Protected,
    /// Those of the file that is replaced.
    permissions: Option<Permissions>,
}

impl Destination {
    /// Makes ready what was typed; `-` is standard output. Refuses, and says why, what must not be
    /// overwritten; nothing has been changed then.
    pub fn open(typed: &Path, force: bool, protected: Protected) -> Result<Self> {
        let at = |to| Ok(Self { typed: typed.to_owned(), to });
        if typed == Path::new(STDOUT) {
            return at(To::Stdout(stdout(typed, &protected)?));
        }
        let target = Target::of(typed).map_err(Error::Refused)?;
        let path = target.path();
        if target.is_stdout() {
            return at(To::Stdout(stdout(typed, &protected)?));
        }
        let there = match fs::metadata(&path) {
            Ok(there) => Some(there),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(Error::io(typed, error)),
        };
        if target.is_descriptor() || there.as_ref().is_some_and(|there| !there.is_file()) {
            if let Some(there) = &there {
                refuse_unfit(typed, there)?;
                protected.check_open(typed, there)?;
            }
            // What a shell opened with `>>` is gone on with; a pipe has no end to go to.
            let file = File::options().append(target.is_descriptor()).write(true).open(&path);
            let file = file.map_err(|error| Error::io(typed, error))?;
            return at(To::Straight(BufWriter::new(file)));
        }
        protected.check(typed, &target, there.as_ref())?;
        if let Some(there) = &there {
            refuse_read_only(typed, &path, there)?;
            if !force {
                return Err(exists(typed));
            }
        }
        let out =
            Unfinished::create(&target.folder, there.is_some()).map_err(|error| match error.kind() {
                io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => Error::Refused(
                    format!("{}: you may not write in this folder; choose another", shown(&target.folder)),
                ),
                _ => Error::io(typed, error),
            })?;
        let permissions = there.map(|there| there.permissions());
        let out = BufWriter::with_capacity(BUFFER, out);
        at(To::Whole(Box::new(Whole { out, written: 0, target, force, protected, permissions })))
    }

    /// Whether it is standard output, where nothing else should be printed then.
    pub fn is_stdout(&self) -> bool {
        matches!(self.to, To::Stdout(_))
    }

    /// Bytes written so far, where they can be taken back; `None` for a pipe or device.
    pub fn written(&self) -> Option<u64> {
        match &self.to {
            To::Whole(whole) => Some(whole.written),
            To::Stdout(_) | To::Straight(_) => None,
        }
    }

    /// Takes back all but the first bytes; nothing where that cannot be done.
    pub fn cut(&mut self, left: u64) -> Result<()> {
        let To::Whole(whole) = &mut self.to else { return Ok(()) };
        let cut =
            whole.out.seek(SeekFrom::Start(left)).and_then(|_| whole.out.get_ref().file().set_len(left));
        whole.written = left;
        cut.map_err(|error| Error::io(&self.typed, error))
    }

    /// Gives the file its name. What was created there meanwhile is checked as at the beginning.
    pub fn finish(self) -> Result<()> {
        let Self { typed, to } = self;
        let fail = |error| Error::io(&typed, error);
        match to {
            To::Stdout(mut out) => out.flush().map_err(fail),
            To::Straight(mut out) => out.flush().map_err(fail),
            To::Whole(whole) => whole.finish(&typed),
        }
    }
}

impl Whole {
    fn finish(self, typed: &Path) -> Result<()> {
        let Self { out, target, force, protected, mut permissions, .. } = self;
        let fail = |error: io::Error| Error::io(typed, error);
        let unfinished = out.into_inner().map_err(|error| fail(error.into_error()))?;
        let path = target.path();
        let there = match fs::symlink_metadata(&path) {
            Ok(there) => Some(there),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(fail(error)),
        };
        protected.check(typed, &target, there.as_ref())?;
        if let Some(there) = there {
            if !there.is_file() {
                let why = format!("{}: is no longer a file, and was left as it is", shown(typed));
                return Err(Error::Refused(why));
            }
            refuse_read_only(typed, &path, &there)?;
            if !force {
                return Err(came(typed));
            }
            permissions = Some(there.permissions());
        }
        if let Some(permissions) = permissions {
            unfinished.file().set_permissions(permissions).map_err(fail)?;
        }
        unfinished.file().sync_all().map_err(fail)?;
        match unfinished.put(&path, force) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Err(came(typed)),
            Err(error) => return Err(fail(error)),
        }
        // The file is there; that a folder cannot be synced is no reason to say otherwise.
        let _ = File::open(&target.folder).and_then(|folder| folder.sync_all());
        Ok(())
    }
}

impl Write for Destination {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.to {
            To::Stdout(out) => out.write(bytes),
            To::Straight(out) => out.write(bytes),
            To::Whole(whole) => {
                let taken = whole.out.write(bytes)?;
                whole.written += taken as u64;
                Ok(taken)
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.to {
            To::Stdout(out) => out.flush(),
            To::Straight(out) => out.flush(),
            To::Whole(whole) => whole.out.flush(),
        }
    }
}

impl fmt::Debug for Destination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Destination").field("typed", &self.typed).finish_non_exhaustive()
    }
}

/// Standard output, unless a shell made it one of the protected files.
fn stdout(typed: &Path, protected: &Protected) -> Result<BufWriter<Stdout>> {
    let out = io::stdout();
    #[cfg(unix)]
    {
        use std::os::fd::AsFd as _;
        let there = out.as_fd().try_clone_to_owned().and_then(|out| File::from(out).metadata());
        if let Ok(there) = there {
            protected.check_open(typed, &there)?;
        }
    }
    #[cfg(not(unix))]
    let _ = (typed, protected);
    Ok(BufWriter::new(out))
}

/// Refuses what can be opened and is nothing to write text to.
fn refuse_unfit(typed: &Path, there: &Metadata) -> Result<()> {
    if there.is_dir() {
        return Err(Error::Refused(format!("{}: is a folder; name a file in it", shown(typed))));
    }
    #[cfg(unix)]
    if std::os::unix::fs::FileTypeExt::is_block_device(&there.file_type()) {
        return Err(Error::Refused(format!("{}: is a block device; name a file", shown(typed))));
    }
    Ok(())
}

/// A file that its owner made read-only, or that is somebody else's, is not replaced by a rename
/// either, for which the folder's permissions would do.
fn refuse_read_only(typed: &Path, path: &Path, there: &Metadata) -> Result<()> {
    if !there.permissions().readonly() && File::options().write(true).open(path).is_ok() {
        return Ok(());
    }
    Err(Error::Refused(format!(
        "{}: is read-only, and --force does not change that; choose another name, or make it writable",
        shown(typed)
    )))
}

fn exists(typed: &Path) -> Error {
    let name = shown(typed);
    Error::Refused(format!("{name}: already exists; choose another name, or overwrite it with --force"))
}

fn came(typed: &Path) -> Error {
    Error::Refused(format!(
        "{}: was created while this command ran, and was left as it is; choose another name, or overwrite it \
         with --force",
        shown(typed)
    ))
}
