//! Copying: through the terminal, and through the host's own tools where that is this machine.
//!
//! Over SSH a tool like `pbcopy` succeeds on the wrong machine, so there only OSC 52 is used.

use std::io::Write;
use std::process::{Command, Stdio};

/// The longest text that is copied; terminals drop longer ones without a word.
pub const LIMIT: usize = 100_000;

/// Tools that take a text on standard input.
const TOOLS: [(&str, &[&str], &str); 4] = [
    ("pbcopy", &[], ""),
    ("wl-copy", &[], "WAYLAND_DISPLAY"),
    ("xclip", &["-selection", "clipboard"], "DISPLAY"),
    ("xsel", &["--clipboard", "--input"], "DISPLAY"),
];

/// Whether the screen is on another machine.
pub fn is_remote() -> bool {
    ["SSH_TTY", "SSH_CONNECTION"].iter().any(|name| std::env::var_os(name).is_some())
}

/// Offers a text to the host's tools; false when none took it.
pub fn offer(text: &str) -> bool {
    if is_remote() {
        return false;
    }
    TOOLS.iter().any(|(tool, arguments, needs)| {
        if !needs.is_empty() && std::env::var_os(needs).is_none() {
            return false;
        }
        let started = Command::new(tool)
            .args(*arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        let Ok(mut child) = started else { return false };
        let written = child.stdin.take().is_some_and(|mut input| input.write_all(text.as_bytes()).is_ok());
        // Some tools stay to serve the selection: they are not waited for.
        std::thread::spawn(move || {
            let _ = child.wait();
        });
        written
    })
}
