//! Keeps tags and notes: a thread that reads and appends their log.
//!
//! Not a lane of the [jobs](super::jobs): there the newest supersedes the rest, and no tag may be.

use std::path::PathBuf;
use std::thread;

use crossbeam_channel::{Receiver, Sender, unbounded};

use super::event::Event;
use crate::error::Reject;
use crate::triage::{Change, Ledger, Signature, Store, TagNames};

/// What is to be written down.
#[derive(Debug, Clone)]
pub enum Keep {
    /// What is left on a generation, with its key in the library.
    Change(Change, Option<String>),
    /// What the tags are called.
    Names(TagNames),
}

/// What the keeper has to say.
#[derive(Debug, Clone)]
pub enum Kept {
    /// What the log held, and the lines of it that could not be read.
    Opened(Box<Ledger>, Vec<Reject>),
    /// Something could not be read or written.
    Failed(String),
}

/// The thread.
#[derive(Debug)]
pub struct Keeper {
    work: Option<Sender<Keep>>,
    thread: Option<thread::JoinHandle<()>>,
}

impl Keeper {
    /// Starts it: it reads the log and tells what is in it.
    pub fn start(path: Result<PathBuf, String>, events: Sender<Event>) -> Self {
        let (work, waiting) = unbounded();
        let run = move || match path {
            Ok(path) => keep(path, &waiting, &events),
            Err(why) => tell(&events, Kept::Failed(why)),
        };
        Self { work: Some(work), thread: thread::Builder::new().name("keeper".into()).spawn(run).ok() }
    }

    /// Hands in what is to be written down. False when nobody is there to do it.
    pub fn keep(&self, what: Keep) -> bool {
        self.work.as_ref().is_some_and(|work| work.send(what).is_ok())
    }
}

impl Drop for Keeper {
    /// Waits until everything handed in is written, however the program ends.
    fn drop(&mut self) {
        drop(self.work.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn tell(events: &Sender<Event>, kept: Kept) {
    let _ = events.send(Event::Kept(kept));
}

fn keep(path: PathBuf, waiting: &Receiver<Keep>, events: &Sender<Event>) {
    let mut store = match Store::open(path) {
        Ok((store, ledger, rejects)) => {
            tell(events, Kept::Opened(Box::new(ledger), rejects));
            store
        }
        Err(error) => return tell(events, Kept::Failed(error.to_string())),
    };
    for what in waiting {
        let signature = Signature::now();
        let written = match what {
            Keep::Change(change, record) => store.append(&[change], |_| record.clone(), &signature),
            Keep::Names(names) => store.append_names(&names, &signature),
        };
        if let Err(error) = written {
            tell(events, Kept::Failed(format!("not kept: {error}")));
        }
    }
}
