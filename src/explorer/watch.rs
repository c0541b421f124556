//! Watches the file of the generation that is shown: whoever reads should know when it changes.
//!
//! A thread of its own looks at length and time of the file every two seconds; only what is shown is
//! looked at, so that a folder of a million generations costs no more than one.

use std::fs::Metadata;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, SystemTime};

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, unbounded};

use super::event::Event;

/// How often it is looked.
const EVERY: Duration = Duration::from_secs(2);

/// What became of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Changed {
    /// It is not there any more, or cannot be looked at.
    Gone,
    /// It is longer: more was written to its end, most likely.
    Grown,
    /// Something else was written.
    Rewritten,
}

/// The thread.
#[derive(Debug)]
pub struct Watch {
    paths: Sender<PathBuf>,
}

impl Watch {
    /// Starts it.
    pub fn start(events: Sender<Event>) -> Self {
        let (paths, asked) = unbounded();
        // Without the thread nobody is told; what is shown is checked when it is read anyway.
        let _ = thread::Builder::new().name("watch".into()).spawn(move || watch(&asked, &events));
        Self { paths }
    }

    /// Watches this file from now on, instead of the one before.
    pub fn on(&self, path: PathBuf) {
        let _ = self.paths.send(path);
    }
}

/// Length and time of a file; `None` where it is not.
type Seen = Option<(u64, Option<SystemTime>)>;

fn look(path: &Path) -> Seen {
    let of = |file: Metadata| (file.len(), file.modified().ok());
    std::fs::metadata(path).ok().map(of)
}

fn change(before: Seen, now: Seen) -> Option<Changed> {
    match (before, now) {
        _ if before == now => None,
        (_, None) => Some(Changed::Gone),
        (Some((old, _)), Some((new, _))) if new > old => Some(Changed::Grown),
        _ => Some(Changed::Rewritten),
    }
}

fn watch(asked: &Receiver<PathBuf>, events: &Sender<Event>) {
    let mut watched: Option<(PathBuf, Seen)> = None;
    loop {
        let next = match &watched {
            None => asked.recv().map_err(|_| RecvTimeoutError::Disconnected),
            Some(_) => asked.recv_timeout(EVERY),
        };
        match next {
            Ok(path) => {
                // Of what was asked meanwhile only the last counts.
                let path = asked.try_iter().last().unwrap_or(path);
                if watched.as_ref().is_none_or(|(before, _)| *before != path) {
                    let seen = look(&path);
                    watched = Some((path, seen));
                }
            }
            Err(RecvTimeoutError::Timeout) => {
                let Some((path, seen)) = &mut watched else { continue };
                let now = look(path);
                if let Some(change) = change(*seen, now) {
                    *seen = now;
                    if events.send(Event::Changed(path.clone(), change)).is_err() {
                        return;
                    }
                }
            }
            Err(RecvTimeoutError::Disconnected) => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_becomes_of_a_file() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.jsonl");
        assert_eq!(look(&path), None);
        std::fs::write(&path, "one").unwrap();
        let one = look(&path);
        assert_eq!(change(one, one), None);
        std::fs::write(&path, "one two").unwrap();
        let two = look(&path);
        assert_eq!(change(one, two), Some(Changed::Grown));
        assert_eq!(change(two, one), Some(Changed::Rewritten));
        assert_eq!(change(two, None), Some(Changed::Gone));
        assert_eq!(change(None, two), Some(Changed::Rewritten));
    }
}
