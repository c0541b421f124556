//! A terminal of our own: runs a program in a pty, types keys as a person would, reads its screen.
//!
//! Shared by the whole-program tests (`#[path = "support/terminal.rs"] mod terminal;`) and by
//! `examples/picture.rs`.

use std::ffi::OsStr;
use std::io::{Read, Write};
use std::num::NonZeroU16;
use std::path::Path;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

/// A running program and what its screen shows.
pub struct Terminal {
    screen: vt100::Parser,
    output: Receiver<Vec<u8>>,
    input: Box<dyn Write + Send>,
    master: Box<dyn MasterPty + Send>,
    child: Box<dyn Child + Send + Sync>,
    /// Whether questions of the program are answered.
    pub answers: bool,
    /// Every byte the program wrote, for tests that look for what must not be there.
    pub raw: Vec<u8>,
}

/// How long an expectation may take: generous, since the machine may be busy.
const PATIENCE: Duration = Duration::from_secs(30);
/// A screen that has not changed for this long is at rest.
const QUIET: Duration = Duration::from_millis(150);

fn cells(n: u16) -> NonZeroU16 {
    NonZeroU16::new(n).expect("a terminal has at least one row and one column")
}

impl Terminal {
    /// Starts a program in a terminal of this size, with these variables on top of a plain
    /// xterm's.
    pub fn start(
        program: &Path,
        args: &[impl AsRef<OsStr>],
        (cols, rows): (u16, u16),
        env: &[(&str, &str)],
    ) -> Self {
        let pty = native_pty_system()
            .openpty(PtySize { rows, cols, pixel_width: 0, pixel_height: 0 })
            .expect("a pty can be opened");
        let mut command = CommandBuilder::new(program);
        command.args(args);
        command.cwd(std::env::current_dir().expect("there is a current folder"));
        for name in ["NO_COLOR", "COLORTERM", "TMUX", "SSH_TTY", "SSH_CONNECTION"] {
            command.env_remove(name);
        }
        command.env("TERM", "xterm-256color");
        command.env("LANG", "C.UTF-8");
        for (name, value) in env {
            command.env(name, value);
        }
        let child = pty.slave.spawn_command(command).expect("the program starts");
        drop(pty.slave);
        let mut reader = pty.master.try_clone_reader().expect("the pty can be read");
        let input = pty.master.take_writer().expect("the pty can be written");
        let (send, output) = channel();
        std::thread::spawn(move || {
            let mut buffer = vec![0; 1 << 16];
            while let Ok(n) = reader.read(&mut buffer) {
                if n == 0 || send.send(buffer[..n].to_vec()).is_err() {
                    break;
                }
            }
        });
        let screen = vt100::Parser::new(cells(rows), cells(cols), 0);
        Self { screen, output, input, master: pty.master, child, answers: true, raw: Vec::new() }
    }

    /// Takes in what the program wrote within `wait`; false when it wrote nothing.
    fn pump(&mut self, wait: Duration) -> bool {
        match self.output.recv_timeout(wait) {
            Ok(bytes) => {
                self.screen.process(&bytes);
                if self.answers {
                    self.answer(&bytes);
                }
                self.raw.extend_from_slice(&bytes);
                true
            }
            Err(RecvTimeoutError::Timeout) => false,
            Err(RecvTimeoutError::Disconnected) => {
                std::thread::sleep(wait.min(Duration::from_millis(20)));
                false
            }
        }
    }

    /// Answers the questions that terminals are asked: attributes, colours, cursor.
    fn answer(&mut self, bytes: &[u8]) {
        let asks = |question: &[u8]| bytes.windows(question.len()).any(|w| w == question);
        let mut reply = Vec::new();
        if asks(b"\x1b]10;?") {
            reply.extend_from_slice(b"\x1b]10;rgb:c0c0/caca/f5f5\x1b\\");
        }
        if asks(b"\x1b]11;?") {
            reply.extend_from_slice(b"\x1b]11;rgb:1a1a/1b1b/2626\x1b\\");
        }
        if asks(b"\x1b[c") {
            reply.extend_from_slice(b"\x1b[?62;22c");
        }
        if !reply.is_empty() {
            let _ = self.input.write_all(&reply);
            let _ = self.input.flush();
        }
    }

    /// Types text; names in angle brackets are keys: `<enter> <esc> <tab> <up> <down> <left>
    /// <right> <home> <end> <pgup> <pgdn> <bs> <space> <c-x>`, and `<lt>` for a literal `<`.
    pub fn keys(&mut self, keys: &str) -> &mut Self {
        let bytes = decode(keys);
        self.input.write_all(&bytes).expect("the program reads its keys");
        self.input.flush().expect("the program reads its keys");
        self
    }

    /// Presses and releases the left button on a cell, counted from 1.
    pub fn click(&mut self, col: u16, row: u16) -> &mut Self {
        let press = format!("\x1b[<0;{col};{row}M\x1b[<0;{col};{row}m");
        self.input.write_all(press.as_bytes()).expect("the program reads its mouse");
        self.input.flush().expect("the program reads its mouse");
        self
    }

    /// Changes the size of the terminal.
    pub fn resize(&mut self, cols: u16, rows: u16) -> &mut Self {
        self.master
            .resize(PtySize { rows, cols, pixel_width: 0, pixel_height: 0 })
            .expect("the pty can be resized");
        self.screen.screen_mut().set_size(cells(rows), cells(cols));
        self
    }

    /// Sends the program a signal by its name: `TERM`, `HUP`, `CONT`.
    pub fn signal(&mut self, name: &str) -> &mut Self {
        let pid = self.child.process_id().expect("the program runs").to_string();
        let sent = std::process::Command::new("kill").args([&format!("-{name}"), &pid]).status();
        assert!(sent.is_ok_and(|status| status.success()), "the signal is sent");
        self
    }

    /// Waits until the screen rests.
    pub fn rest(&mut self) -> &mut Self {
        let end = Instant::now() + PATIENCE;
        while Instant::now() < end && self.pump(QUIET) {}
        self
    }

    /// Waits until the screen is as wanted, and tells whether it came to be within `patience`.
    pub fn until(&mut self, patience: Duration, wanted: impl Fn(&str) -> bool) -> bool {
        let end = Instant::now() + patience;
        while !wanted(&self.text()) {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return false;
            }
            self.pump(left.min(Duration::from_millis(50)));
        }
        true
    }

    /// The number of the program's process.
    pub fn process(&self) -> Option<u32> {
        self.child.process_id()
    }

    /// Waits until `text` is on the screen; panics with the screen when it does not come.
    pub fn expect(&mut self, text: &str) -> &mut Self {
        let end = Instant::now() + PATIENCE;
        while !self.text().contains(text) {
            assert!(Instant::now() < end, "`{text}` did not come; the screen:\n{}", self.text());
            self.pump(Duration::from_millis(50));
        }
        self
    }

    /// The screen as lines of text, once it rests.
    pub fn text(&self) -> String {
        self.screen.screen().contents()
    }

    /// The screen with its attributes.
    pub fn screen(&self) -> &vt100::Screen {
        self.screen.screen()
    }

    /// Waits for the program to end by itself and gives its exit code; panics when it does not.
    pub fn ended(&mut self) -> u32 {
        let end = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.child.try_wait().expect("the program can be waited for") {
                while self.pump(Duration::from_millis(50)) {}
                return status.exit_code();
            }
            assert!(Instant::now() < end, "it did not end; the screen:\n{}", self.text());
            self.pump(Duration::from_millis(50));
        }
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Keys as a person writes them, to the bytes a terminal sends.
fn decode(keys: &str) -> Vec<u8> {
    let mut out = Vec::new();
    let mut rest = keys;
    while let Some(open) = rest.find('<') {
        out.extend_from_slice(&rest.as_bytes()[..open]);
        let close = rest[open..].find('>').map_or(rest.len(), |n| open + n);
        let name = rest.get(open + 1..close).unwrap_or_default();
        match name {
            "enter" => out.push(b'\r'),
            "esc" => out.push(0x1b),
            "tab" => out.push(b'\t'),
            "s-tab" => out.extend_from_slice(b"\x1b[Z"),
            "up" => out.extend_from_slice(b"\x1b[A"),
            "down" => out.extend_from_slice(b"\x1b[B"),
            "right" => out.extend_from_slice(b"\x1b[C"),
            "left" => out.extend_from_slice(b"\x1b[D"),
            "home" => out.extend_from_slice(b"\x1b[H"),
            "end" => out.extend_from_slice(b"\x1b[F"),
            "pgup" => out.extend_from_slice(b"\x1b[5~"),
            "pgdn" => out.extend_from_slice(b"\x1b[6~"),
            "bs" => out.push(0x7f),
            "space" => out.push(b' '),
            "lt" => out.push(b'<'),
            _ => match name.strip_prefix("c-").and_then(|k| k.bytes().next()) {
                Some(key) => out.push(key.to_ascii_uppercase() & 0x1f),
                None => panic!("no key is called <{name}>"),
            },
        }
        rest = rest.get(close + 1..).unwrap_or_default();
    }
    out.extend_from_slice(rest.as_bytes());
    out
}
