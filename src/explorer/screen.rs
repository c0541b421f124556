//! The terminal: taken, given back, whatever happens.
//!
//! The only place that writes escape sequences. `Terminal::clear` is never called: in ratatui
//! 0.30.2 it asks the terminal for its cursor and fails after two seconds when the answer goes to
//! our own reader (ratatui#2691).

use std::io::{self, Write};
use std::panic;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{SystemTime, UNIX_EPOCH};

use crossterm::cursor::{Hide, Show};
use crossterm::event::{
    DisableBracketedPaste, DisableMouseCapture, EnableBracketedPaste, EnableMouseCapture,
};
use crossterm::execute;
use crossterm::terminal::{
    BeginSynchronizedUpdate, EndSynchronizedUpdate, EnterAlternateScreen, LeaveAlternateScreen, SetTitle,
    disable_raw_mode, enable_raw_mode,
};
use ratatui::backend::{Backend as _, CrosstermBackend};
use ratatui::{Frame, Terminal};

use crate::path::shown;
use crate::text::{Safe, visible};

/// Whether the terminal is ours at the moment: what the panic hook must know.
static TAKEN: AtomicBool = AtomicBool::new(false);

/// The terminal, ours until it is dropped.
pub struct Screen {
    terminal: Terminal<CrosstermBackend<io::Stdout>>,
    mouse: bool,
}

impl Screen {
    /// Takes the terminal. A fault of the program gives it back first, and leaves a report in a
    /// folder, if there is one for it.
    pub fn enter(mouse: bool, title: &Safe, reports: Option<PathBuf>) -> io::Result<Self> {
        static HOOK: std::sync::Once = std::sync::Once::new();
        HOOK.call_once(|| {
            let before = panic::take_hook();
            panic::set_hook(Box::new(move |info| {
                let report = reports.as_deref().and_then(|folder| report(folder, info));
                // A job's panic is caught and said on the screen; only the loop's ends it.
                if thread::current().name() == Some("main") || !TAKEN.load(Ordering::SeqCst) {
                    leave();
                    match report {
                        Some(path) => {
                            let said = visible(info.payload_as_str().unwrap_or("no word of it"));
                            let path = visible(&shown(path));
                            let _ = writeln!(
                                io::stderr(),
                                "heedless met a fault of its own and had to end: {said}\n\
                                 Tags and notes are kept. What its makers need to know lies in {path}"
                            );
                        }
                        None => before(info),
                    }
                }
            }));
        });
        take(mouse)?;
        let _ = execute!(io::stdout(), SetTitle(title.as_str()));
        let terminal = Terminal::new(CrosstermBackend::new(io::stdout())).inspect_err(|_| leave())?;
        Ok(Self { terminal, mouse })
    }

    /// Draws a frame: only the cells that changed, as one update.
    pub fn draw(&mut self, draw: impl FnOnce(&mut Frame<'_>)) -> io::Result<()> {
        execute!(self.terminal.backend_mut(), BeginSynchronizedUpdate)?;
        let drawn = self.terminal.draw(draw).map(|_| ());
        execute!(self.terminal.backend_mut(), EndSynchronizedUpdate)?;
        drawn
    }

    /// Forgets what is on the terminal: the next frame writes every cell.
    pub fn redraw(&mut self) -> io::Result<()> {
        self.terminal.autoresize()?;
        self.terminal.backend_mut().clear()?;
        self.terminal.swap_buffers();
        Ok(())
    }

    /// Takes the mouse or frees it.
    pub fn mouse(&mut self, on: bool) -> io::Result<()> {
        self.mouse = on;
        if on {
            execute!(io::stdout(), EnableMouseCapture)
        } else {
            execute!(io::stdout(), DisableMouseCapture)
        }
    }

    /// Writes a sequence of our own making (the clipboard's).
    pub fn send(&mut self, command: impl crossterm::Command) -> io::Result<()> {
        execute!(self.terminal.backend_mut(), command)
    }

    /// Gives the terminal away for a while: to an editor, to the shell.
    pub fn away<T>(&mut self, run: impl FnOnce() -> T) -> io::Result<T> {
        leave();
        let done = run();
        take(self.mouse)?;
        self.redraw()?;
        Ok(done)
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        leave();
    }
}

/// Writes down a fault: what, where, and how it came to it. `None` when that cannot be written.
fn report(folder: &Path, info: &panic::PanicHookInfo<'_>) -> Option<PathBuf> {
    std::fs::create_dir_all(folder).ok()?;
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs());
    let path = folder.join(format!("fault-{seconds}-{}.txt", std::process::id()));
    let thread = thread::current();
    let text = format!(
        "heedless {} on {}\nthread {}\n{info}\n\n{}\n",
        env!("CARGO_PKG_VERSION"),
        std::env::consts::OS,
        thread.name().unwrap_or("without a name"),
        std::backtrace::Backtrace::force_capture()
    );
    std::fs::write(&path, text).ok()?;
    Some(path)
}

fn take(mouse: bool) -> io::Result<()> {
    enable_raw_mode()?;
    TAKEN.store(true, Ordering::SeqCst);
    let entered = execute!(io::stdout(), EnterAlternateScreen, EnableBracketedPaste, Hide);
    let with_mouse = if mouse { execute!(io::stdout(), EnableMouseCapture) } else { Ok(()) };
    entered.and(with_mouse).inspect_err(|_| leave())
}

/// Gives the terminal back as it was. Every step is tried, whatever the others do.
fn leave() {
    if !TAKEN.swap(false, Ordering::SeqCst) {
        return;
    }
    let _ = execute!(io::stdout(), EndSynchronizedUpdate);
    let _ = execute!(io::stdout(), DisableMouseCapture, DisableBracketedPaste);
    let _ = execute!(io::stdout(), LeaveAlternateScreen, Show);
    let _ = io::stdout().flush();
    let _ = disable_raw_mode();
}
