//! Photographs the real program: runs it in a pty, types keys, writes the screen as SVG.
//!
//! ```text
//! cargo run --example picture -- docs/pictures/browse.svg 120x36 dark target/release/heedless sample_runs ::: '<enter>' n
//! ```
//!
//! Each word after `:::` is typed, then the screen is left to come to rest.

use std::fmt::Write as _;
use std::path::Path;
use std::process::ExitCode;

use unicode_width::UnicodeWidthStr as _;

#[path = "../tests/support/terminal.rs"]
#[expect(dead_code, reason = "the tests use the rest of it")]
mod terminal;

/// Width and height of one cell, in pixels.
const CELL: (f64, f64) = (8.4, 18.0);
const MARGIN: f64 = 12.0;

/// The colours of the terminal the picture is taken in.
struct Palette {
    foreground: &'static str,
    background: &'static str,
    ansi: [&'static str; 16],
}

const DARK: Palette = Palette {
    foreground: "#c8ccd4",
    background: "#16181d",
    ansi: [
        "#3b4048", "#e86671", "#98c379", "#e5c07b", "#61afef", "#c678dd", "#56b6c2", "#c8ccd4", "#6b7280",
        "#ff7b86", "#b5e08f", "#ffd98f", "#7cc4ff", "#dd9bf0", "#74d3de", "#ffffff",
    ],
};

const LIGHT: Palette = Palette {
    foreground: "#24292e",
    background: "#fbfbf9",
    ansi: [
        "#24292e", "#c4273a", "#2d7d34", "#9a6700", "#0b5fb8", "#8a3fa8", "#0f7b84", "#57606a", "#6e7781",
        "#d1242f", "#1a7f37", "#8a5a00", "#0969da", "#8250df", "#1b7c83", "#1f2328",
    ],
};

impl Palette {
    fn css(&self, color: vt100::Color, default: &str) -> String {
        match color {
            vt100::Color::Default => default.to_owned(),
            vt100::Color::Idx(n @ 0..=15) => self.ansi[usize::from(n)].to_owned(),
            vt100::Color::Idx(n @ 16..=231) => {
                let level = |k: u8| if k == 0 { 0 } else { 55 + 40 * u32::from(k) };
                let n = n - 16;
                format!("#{:02x}{:02x}{:02x}", level(n / 36), level(n / 6 % 6), level(n % 6))
            }
            vt100::Color::Idx(n) => format!("#{0:02x}{0:02x}{0:02x}", 8 + 10 * u32::from(n - 232)),
            vt100::Color::Rgb(r, g, b) => format!("#{r:02x}{g:02x}{b:02x}"),
        }
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// One run of cells of the same look.
struct Stretch {
    text: String,
    from: u16,
    cells: u16,
    style: (String, Option<String>, bool, bool, bool),
}

fn stretches(screen: &vt100::Screen, row: u16, cols: u16, palette: &Palette) -> Vec<Stretch> {
    let mut out: Vec<Stretch> = Vec::new();
    for col in 0..cols {
        let Some(cell) = screen.cell(row, col) else { continue };
        if cell.is_wide_continuation() {
            if let Some(last) = out.last_mut() {
                last.cells += 1;
            }
            continue;
        }
        let mut fg = palette.css(cell.fgcolor(), palette.foreground);
        let mut bg = (cell.bgcolor() != vt100::Color::Default)
            .then(|| palette.css(cell.bgcolor(), palette.background));
        if cell.inverse() {
            let ground = bg.unwrap_or_else(|| palette.background.to_owned());
            bg = Some(std::mem::replace(&mut fg, ground));
        }
        let style = (fg, bg, cell.bold(), cell.dim(), cell.underline());
        let text = if cell.has_contents() { cell.contents() } else { " " };
        match out.last_mut() {
            // A wide or drawn character starts anew, so that every stretch stands on its own column.
            Some(last) if last.style == style && text.is_ascii() && last.text.is_ascii() => {
                last.text.push_str(text);
                last.cells += 1;
            }
            _ => out.push(Stretch { text: text.to_owned(), from: col, cells: 1, style }),
        }
    }
    out
}

fn svg(screen: &vt100::Screen, palette: &Palette) -> String {
    let (rows, cols) = screen.size();
    let (rows, cols) = (rows.get(), cols.get());
    let (width, height) = (f64::from(cols) * CELL.0 + 2.0 * MARGIN, f64::from(rows) * CELL.1 + 2.0 * MARGIN);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.0} {height:.0}\" width=\"{width:.0}\" height=\"{height:.0}\">\n\
         <rect width=\"100%\" height=\"100%\" rx=\"8\" fill=\"{}\"/>\n\
         <g font-family=\"'DejaVu Sans Mono','JetBrains Mono',Menlo,Consolas,monospace\" font-size=\"14\" xml:space=\"preserve\">\n",
        palette.background
    );
    for row in 0..rows {
        let top = MARGIN + f64::from(row) * CELL.1;
        for s in stretches(screen, row, cols, palette) {
            let (fg, bg, bold, dim, underline) = &s.style;
            let (x, w) = (MARGIN + f64::from(s.from) * CELL.0, f64::from(s.cells) * CELL.0);
            if let Some(bg) = bg {
                let _ = writeln!(
                    out,
                    "<rect x=\"{x:.1}\" y=\"{top:.1}\" width=\"{w:.1}\" height=\"{:.1}\" fill=\"{bg}\"/>",
                    CELL.1
                );
            }
            if s.text.trim().is_empty() {
                continue;
            }
            let mut look = format!("fill=\"{fg}\"");
            if *bold {
                look.push_str(" font-weight=\"bold\"");
            }
            if *dim {
                look.push_str(" opacity=\"0.6\"");
            }
            if *underline {
                look.push_str(" text-decoration=\"underline\"");
            }
            // Not every reader of SVG keeps white space at the ends of a text.
            let text = s.text.trim_start_matches(' ');
            let x = x + (s.text.len() - text.len()) as f64 * CELL.0;
            let text = text.trim_end_matches(' ');
            let length = text.width() as f64 * CELL.0;
            let _ = writeln!(
                out,
                "<text x=\"{x:.1}\" y=\"{:.1}\" textLength=\"{length:.1}\" {look}>{}</text>",
                top + CELL.1 * 0.75,
                escape(text)
            );
        }
    }
    out.push_str("</g>\n</svg>\n");
    out
}

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let (call, typed) = match words.iter().position(|w| w == ":::") {
        Some(at) => (&words[..at], &words[at + 1..]),
        None => (&words[..], &[][..]),
    };
    let [out, size, theme, program, args @ ..] = call else {
        eprintln!("usage: picture OUT.svg COLSxROWS dark|light PROGRAM [ARG…] [::: KEYS…]");
        return ExitCode::from(2);
    };
    let Some((Ok(cols), Ok(rows))) = size.split_once('x').map(|(c, r)| (c.parse(), r.parse())) else {
        eprintln!("picture: {size}: expected COLSxROWS, such as 120x36");
        return ExitCode::from(2);
    };
    let palette = if theme == "light" { &LIGHT } else { &DARK };
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    // A pty looks for a program by its whole path.
    let program = match Path::new(program).canonicalize() {
        Ok(program) => program,
        Err(error) => {
            eprintln!("picture: {program}: {error}");
            return ExitCode::from(2);
        }
    };
    let mut terminal =
        terminal::Terminal::start(&program, &args, (cols, rows), &[("COLORTERM", "truecolor")]);
    terminal.rest();
    for keys in typed {
        terminal.keys(keys).rest();
    }
    if let Err(error) = std::fs::write(out, svg(terminal.screen(), palette)) {
        eprintln!("picture: {out}: {error}");
        return ExitCode::from(2);
    }
    ExitCode::SUCCESS
}
