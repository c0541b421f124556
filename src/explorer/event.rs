//! What happened: keys, mouse, size, signals, answers of jobs.

use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, bounded};
use crossterm::event as terminal;

use super::jobs::{Answer, Ticket};
use super::keeper::Kept;
use super::key::Key;
use super::late::Late;
use super::watch::Changed;

/// What happened.
#[derive(Debug, Clone)]
pub enum Event {
    /// A key went down.
    Key(Key),
    /// The mouse did something.
    Mouse(terminal::MouseEvent),
    /// Text was pasted.
    Paste(String),
    /// The terminal has this size now.
    Resize(u16, u16),
    /// A job has something to say.
    Answer(Ticket, Answer),
    /// The keeper of tags and notes has something to say.
    Kept(Kept),
    /// The file of the generation that is shown is not what it was.
    Changed(PathBuf, Changed),
    /// The program was continued after a stop: the screen must be drawn anew.
    Continued,
    /// The program should end: the terminal went away, or somebody asked.
    Ended,
    /// Time passed while something on the screen depends on it.
    Tick,
}

/// The thread that reads the terminal. It can be made to wait while another program has it.
#[derive(Debug)]
pub struct Reading {
    pause: Sender<Pause>,
}

/// Asks the reading thread to wait, and is told when it does.
#[derive(Debug)]
struct Pause {
    waiting: Sender<()>,
    go_on: Receiver<()>,
}

impl Reading {
    /// Starts to read the terminal into a channel. `late` is there when the terminal still owes a
    /// reply.
    pub fn start(events: Sender<Event>, late: Option<Late>) -> Self {
        let (pause, pauses) = bounded::<Pause>(1);
        thread::Builder::new()
            .name("keys".into())
            .spawn(move || read(&events, &pauses, late))
            .map_or_else(|_| Self { pause: bounded(0).0 }, |_| Self { pause })
    }

    /// Runs something while nobody reads the terminal.
    pub fn paused<T>(&self, run: impl FnOnce() -> T) -> T {
        let (waiting, waits) = bounded(1);
        let (go_on, goes_on) = bounded(1);
        if self.pause.try_send(Pause { waiting, go_on: goes_on }).is_ok() {
            let _ = waits.recv_timeout(Duration::from_millis(500));
        }
        let done = run();
        let _ = go_on.send(());
        done
    }
}

fn read(events: &Sender<Event>, pauses: &Receiver<Pause>, mut late: Option<Late>) {
    let sends = |event: Event| events.send(event).is_ok();
    let types = |keys: Vec<Key>| keys.into_iter().all(|key| sends(Event::Key(key)));
    loop {
        if let Ok(pause) = pauses.try_recv() {
            let _ = pause.waiting.send(());
            let _ = pause.go_on.recv();
        }
        let event = match terminal::poll(Duration::from_millis(50)) {
            Ok(false) => {
                if late.as_mut().is_some_and(|late| !types(late.quiet())) {
                    return;
                }
                continue;
            }
            Ok(true) => terminal::read(),
            Err(error) => Err(error),
        };
        let sent = match event {
            Ok(terminal::Event::Key(key)) if key.kind != terminal::KeyEventKind::Release => match &mut late {
                Some(late) => types(late.take(key.into(), Instant::now())),
                None => sends(Event::Key(key.into())),
            },
            Ok(terminal::Event::Mouse(mouse)) if mouse.kind == terminal::MouseEventKind::Moved => true,
            Ok(terminal::Event::Mouse(mouse)) => sends(Event::Mouse(mouse)),
            Ok(terminal::Event::Paste(text)) => sends(Event::Paste(text)),
            Ok(terminal::Event::Resize(columns, rows)) => sends(Event::Resize(columns, rows)),
            Ok(_) => true,
            // A terminal that went away must not be asked for ever.
            Err(_) => {
                let _ = events.send(Event::Ended);
                return;
            }
        };
        if !sent {
            return;
        }
    }
}
