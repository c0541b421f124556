//! What tables and plots are drawn with: styles by meaning, glyphs by terminal.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier, Style};

use super::super::theme::{Glyphs, Meaning, Theme};
use super::paint::put_shown;
use crate::text::width;

/// Styles by meaning, and whether only ASCII may be drawn.
///
/// Colour never speaks alone: every meaning also has a glyph, a number or a modifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ink {
    /// Draw ASCII only.
    pub ascii: bool,
    /// Ordinary text.
    pub plain: Style,
    /// Axes, labels, counts that do not matter now.
    pub quiet: Style,
    /// Titles.
    pub strong: Style,
    /// Followed, right.
    pub good: Style,
    /// Between good and bad.
    pub middling: Style,
    /// Not followed, wrong.
    pub bad: Style,
    /// What is under the cursor.
    pub selected: Style,
    /// Series of a plot, and runs of a comparison, in order.
    pub series: [Style; 4],
}

impl Ink {
    /// The sixteen colours of the user's palette.
    pub fn ansi() -> Self {
        let colour = |c| Style::new().fg(c);
        Self {
            ascii: false,
            plain: Style::new(),
            quiet: Style::new().add_modifier(Modifier::DIM),
            strong: Style::new().add_modifier(Modifier::BOLD),
            good: colour(Color::Green),
            middling: colour(Color::Yellow),
            bad: colour(Color::Red),
            selected: Style::new().add_modifier(Modifier::REVERSED),
            series: [colour(Color::Cyan), colour(Color::Magenta), colour(Color::Yellow), colour(Color::Blue)],
        }
    }

    /// No colour at all: bold, dim and reverse remain.
    pub fn mono() -> Self {
        let none = Style::new();
        Self {
            good: none,
            middling: none,
            bad: none.add_modifier(Modifier::BOLD),
            series: [none; 4],
            ..Self::ansi()
        }
    }

    /// What a theme says.
    pub fn of(theme: &Theme) -> Self {
        let style = |meaning| theme.style(meaning);
        Self {
            ascii: theme.glyphs == Glyphs::ASCII,
            plain: style(Meaning::Text),
            quiet: style(Meaning::Dim),
            strong: style(Meaning::Title),
            good: style(Meaning::Good),
            middling: style(Meaning::Warn),
            bad: style(Meaning::Bad),
            selected: style(Meaning::Selected),
            series: [Meaning::Accent, Meaning::BarTrace, Meaning::Warn, Meaning::Key].map(style),
        }
    }

    /// The same styles with ASCII glyphs.
    #[must_use]
    pub fn in_ascii(self) -> Self {
        Self { ascii: true, ..self }
    }

    /// The style of a share: bad in the lower third, good in the upper.
    pub fn of_share(&self, share: f64) -> Style {
        if share < 1.0 / 3.0 {
            self.bad
        } else if share < 2.0 / 3.0 {
            self.middling
        } else {
            self.good
        }
    }

    /// A glyph as high as a share; a space in ASCII, where the number alone must do.
    pub fn level(&self, share: f64) -> char {
        const LEVELS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
        if self.ascii {
            return ' ';
        }
        LEVELS[((share.clamp(0.0, 1.0) * 8.0) as usize).min(7)]
    }

    /// A bar of `share` of `columns`, in eighths of a column (in whole columns in ASCII). Anything
    /// above nothing shows at least a sliver.
    pub fn bar(&self, share: f64, columns: usize) -> String {
        const EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
        let share = if share.is_finite() { share.clamp(0.0, 1.0) } else { 0.0 };
        if share == 0.0 {
            return String::new();
        }
        if self.ascii {
            return "#".repeat(((share * columns as f64).round() as usize).clamp(1, columns.max(1)));
        }
        let eighths = ((share * columns as f64 * 8.0).round() as usize).max(1);
        let mut bar = "█".repeat(eighths / 8);
        bar.push_str(EIGHTHS[eighths % 8]);
        bar
    }

    /// One of two glyphs: the first where more than ASCII may be drawn.
    pub fn glyph(&self, rich: &'static str, ascii: &'static str) -> &'static str {
        if self.ascii { ascii } else { rich }
    }

    /// Text as it may be drawn: in ASCII, dots, dashes and arrows of this program's own wording
    /// are replaced by their nearest.
    pub fn words(&self, text: &str) -> String {
        if !self.ascii || text.is_ascii() {
            return text.to_owned();
        }
        let mut out = String::with_capacity(text.len());
        for c in text.chars() {
            match c {
                '·' | '…' => out.push('.'),
                '–' | '−' | '─' => out.push('-'),
                '×' | '✗' => out.push('x'),
                '≤' => out.push_str("<="),
                '≥' => out.push_str(">="),
                'φ' => out.push_str("phi"),
                'κ' => out.push_str("kappa"),
                'Δ' => out.push_str("diff"),
                '‹' | '←' => out.push('<'),
                '›' | '→' | '▸' => out.push('>'),
                '↵' => out.push_str("Enter"),
                '│' => out.push('|'),
                '✓' => out.push('+'),
                c if c.is_ascii() => out.push(c),
                _ => out.push('?'),
            }
        }
        out
    }
}

/// Writes safe text at a place, cut at the right edge of the area. Gives the column after it.
pub(crate) fn put(buf: &mut Buffer, area: Rect, x: u16, y: u16, text: &str, style: Style) -> u16 {
    put_shown(buf, area, x, y, text, style)
}

/// Writes safe text so that it ends before `right`; cut with `…` where it is longer than `columns`.
pub(crate) fn put_right(
    buf: &mut Buffer,
    area: Rect,
    right: u16,
    y: u16,
    columns: u16,
    text: &str,
    style: Style,
) {
    let text = width::pad_left(text, usize::from(columns));
    put(buf, area, right.saturating_sub(columns), y, &text, style);
}

/// A share as a percentage with one decimal, `–` when not known.
pub(crate) fn percent(share: Option<f64>) -> String {
    share.map_or_else(|| "–".to_owned(), |s| format!("{:.1}%", s * 100.0))
}

/// A large number in at most four columns: `940`, `1.2k`, `35k`, `1.2M`.
pub(crate) fn short(n: u64) -> String {
    match n {
        0..=999 => n.to_string(),
        1000..=9949 => format!("{:.1}k", n as f64 / 1e3),
        9950..=999_499 => format!("{:.0}k", n as f64 / 1e3),
        999_500..=9_949_999 => format!("{:.1}M", n as f64 / 1e6),
        _ => format!("{:.0}M", n as f64 / 1e6),
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use ratatui::widgets::Widget;

    use super::*;

    /// A widget drawn on a screen of a size, as text.
    pub(crate) fn drawn(widget: impl Widget, width: u16, height: u16) -> String {
        let area = Rect::new(0, 0, width, height);
        let mut buf = Buffer::empty(area);
        widget.render(area, &mut buf);
        let mut out = String::new();
        for y in 0..height {
            let mut line = String::new();
            for x in 0..width {
                line.push_str(buf[(x, y)].symbol());
            }
            out.push_str(line.trim_end());
            out.push('\n');
        }
        out
    }

    #[test]
    fn bars_and_numbers() {
        let ink = Ink::ansi();
        assert_eq!(ink.bar(0.5, 3), "█▌");
        assert_eq!(ink.bar(0.0001, 3), "▏");
        assert_eq!((ink.bar(0.0, 3).as_str(), ink.bar(f64::NAN, 3).as_str()), ("", ""));
        assert_eq!(ink.bar(7.0, 2), "██");
        assert_eq!(ink.in_ascii().bar(0.5, 4), "##");
        let shown: Vec<_> = [0, 999, 1000, 9949, 9950, 999_499, 999_500, 12_000_000].map(short).into();
        assert_eq!(shown, ["0", "999", "1.0k", "9.9k", "10k", "999k", "1.0M", "12M"]);
        assert_eq!((percent(Some(0.1234)).as_str(), percent(None).as_str()), ("12.3%", "–"));
    }

    #[test]
    fn our_own_words_have_ascii_forms() {
        assert_eq!(Ink::ansi().in_ascii().words("a · b – c ≤ φ ↵"), "a . b - c <= phi Enter");
    }
}
