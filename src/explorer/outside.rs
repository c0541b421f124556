//! Other programs that have the terminal for a while: the user's editor and pager.
//!
//! A file of the user's is opened where it lies. A text of ours is written to a private folder that
//! is gone when the program ends, with everything that a terminal would act on made visible.

use std::ffi::OsString;
use std::io::{self, Write as _};
use std::path::Path;
use std::process::Command;

use crate::text::visible_lines;

/// What kind of program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tool {
    /// `$VISUAL`, else `$EDITOR`, else `vi`.
    Editor,
    /// `$PAGER`, else `less`.
    Pager,
}

/// A place in a text: lines and columns from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The line.
    pub line: u64,
    /// The column in characters; 0 where only the line is meant.
    pub column: u64,
    /// The column in bytes; 0 likewise.
    pub byte: u64,
}

impl Place {
    /// Where a byte of a text stands once the text was made visible.
    pub fn of(text: &str, byte: usize) -> Self {
        let before = &text[..text.floor_char_boundary(byte)];
        let line = before.rfind('\n').map_or(0, |at| at + 1);
        let shown = visible_lines(&before[line..]);
        Self {
            line: before.bytes().filter(|&b| b == b'\n').count() as u64 + 1,
            column: shown.chars().count() as u64 + 1,
            byte: shown.len() as u64 + 1,
        }
    }

    /// A line of a file.
    pub fn line(line: u64) -> Self {
        Self { line, column: 0, byte: 0 }
    }
}

impl Tool {
    /// The program and its first arguments, as the user named them.
    fn words(self) -> Vec<String> {
        let (names, otherwise): (&[&str], _) = match self {
            Self::Editor => (&["VISUAL", "EDITOR"], "vi"),
            Self::Pager => (&["PAGER"], "less"),
        };
        let named = names.iter().find_map(|name| std::env::var(name).ok().filter(|v| !v.trim().is_empty()));
        named.as_deref().unwrap_or(otherwise).split_whitespace().map(str::to_owned).collect()
    }

    /// How the program is called in a message.
    pub fn name(self) -> String {
        self.words().join(" ")
    }

    /// Opens a file of the user's and waits.
    pub fn open(self, path: &Path, place: Place) -> io::Result<()> {
        self.run(path, place, false)
    }

    /// Shows a text at a byte of it and waits. True when the program changed its copy.
    pub fn show(self, text: &str, byte: usize) -> io::Result<bool> {
        let mut folder = tempfile::Builder::new();
        folder.prefix("heedless-");
        #[cfg(unix)]
        folder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o700));
        let folder = folder.tempdir()?;
        let path = folder.path().join("output.txt");
        let shown = visible_lines(text);
        let mut file = std::fs::OpenOptions::new();
        file.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut file, 0o600);
        file.open(&path)?.write_all(shown.as_bytes())?;
        self.run(&path, Place::of(text, byte), true)?;
        Ok(std::fs::read(&path).is_ok_and(|now| now != shown.as_bytes()))
    }

    fn run(self, path: &Path, place: Place, copy: bool) -> io::Result<()> {
        let words = self.words();
        let Some((program, first)) = words.split_first() else { return Ok(()) };
        let status =
            Command::new(program).args(first).args(arguments(self, program, path, place, copy)).status()?;
        if status.success() {
            return Ok(());
        }
        Err(io::Error::other(format!("ended with {status}")))
    }
}

/// Arguments that open a file at a place, as each program wants them: what is not known is told the
/// line as `vi` is.
fn arguments(tool: Tool, program: &str, path: &Path, place: Place, copy: bool) -> Vec<OsString> {
    let name = Path::new(program).file_stem().unwrap_or_default().to_string_lossy().to_lowercase();
    let Place { line, column, byte } = place;
    let at = if column == 0 { format!("{line}") } else { format!("{line}:{column}") };
    let file = || path.as_os_str().to_owned();
    let with_place = || {
        let mut file = file();
        file.push(format!(":{at}"));
        file
    };
    match name.as_str() {
        "code" | "code-insiders" | "codium" | "vscodium" | "cursor" => {
            // They come back at once, and our copy would be gone before they read it.
            let wait = copy.then(|| "--wait".into());
            wait.into_iter().chain(["-g".into(), with_place()]).collect()
        }
        "subl" | "zed" => {
            let wait = copy.then(|| "--wait".into());
            wait.into_iter().chain([with_place()]).collect()
        }
        "hx" | "helix" => vec![with_place()],
        "emacs" | "emacsclient" | "kak" | "micro" => vec![format!("+{at}").into(), file()],
        "nano" => {
            let place = if column == 0 { format!("+{line}") } else { format!("+{line},{column}") };
            vec![place.into(), file()]
        }
        "vim" | "nvim" | "gvim" if column > 0 => {
            vec![format!("+call cursor({line},{byte})").into(), file()]
        }
        "less" | "more" | "most" => vec![format!("+{line}").into(), file()],
        _ if tool == Tool::Pager => vec![file()],
        _ => vec![format!("+{line}").into(), file()],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_program_is_told_the_place_in_its_way() {
        let path = Path::new("/tmp/a b.txt");
        let table: [(Tool, &str, bool, &[&str]); 12] = [
            (Tool::Editor, "vi", false, &["+12", "/tmp/a b.txt"]),
            (Tool::Editor, "/usr/bin/nvim", true, &["+call cursor(12,7)", "/tmp/a b.txt"]),
            (Tool::Editor, "nano", true, &["+12,5", "/tmp/a b.txt"]),
            (Tool::Editor, "emacsclient", true, &["+12:5", "/tmp/a b.txt"]),
            (Tool::Editor, "kak", true, &["+12:5", "/tmp/a b.txt"]),
            (Tool::Editor, "hx", true, &["/tmp/a b.txt:12:5"]),
            (Tool::Editor, "code", true, &["--wait", "-g", "/tmp/a b.txt:12:5"]),
            (Tool::Editor, "code", false, &["-g", "/tmp/a b.txt:12:5"]),
            (Tool::Editor, "my-editor", true, &["+12", "/tmp/a b.txt"]),
            (Tool::Pager, "less", true, &["+12", "/tmp/a b.txt"]),
            (Tool::Pager, "bat", true, &["/tmp/a b.txt"]),
            (Tool::Pager, "nvim", true, &["+call cursor(12,7)", "/tmp/a b.txt"]),
        ];
        for (tool, program, copy, expected) in table {
            let place = Place { line: 12, column: 5, byte: 7 };
            assert_eq!(arguments(tool, program, path, place, copy), expected, "{program}");
        }
        let line = Place::line(3);
        assert_eq!(arguments(Tool::Editor, "hx", path, line, false), ["/tmp/a b.txt:3"]);
        assert_eq!(arguments(Tool::Editor, "vim", path, line, false), ["+3", "/tmp/a b.txt"]);
    }

    #[test]
    fn a_place_is_where_it_stands_in_what_is_shown() {
        let text = "one\ntw\u{1b}o, 字, end";
        let comma = text.find(',').unwrap();
        let table = [(0, 1, 1, 1), (4, 2, 1, 1), (comma, 2, 5, 7), (text.len(), 2, 13, 17), (999, 2, 13, 17)];
        for (at, line, column, byte) in table {
            assert_eq!(Place::of(text, at), Place { line, column, byte }, "{at}");
        }
    }
}
