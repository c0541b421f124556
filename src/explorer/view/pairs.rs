//! The same items in two runs, a line each, their verdicts side by side.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::widgets::Widget;

use super::ink::{Ink, put, put_right};
use super::paint::wash;
use crate::text::{Safe, width};

/// An item in two runs.
#[derive(Debug, Clone, PartialEq)]
pub struct PairLine {
    /// The item.
    pub item: Safe,
    /// Its constraints, each with the verdict of A and of B.
    pub constraints: Vec<(Safe, Option<bool>, Option<bool>)>,
    /// Whether the final answers of A and B are right.
    pub correct: (Option<bool>, Option<bool>),
    /// Worst margin of A minus worst margin of B.
    pub margin: Option<f32>,
    /// Words of the outputs of A and B.
    pub words: (u32, u32),
}

/// Draws the lines in sight under their headings.
#[derive(Debug, Clone, Copy)]
pub struct PairsView<'a> {
    /// The lines in sight.
    pub lines: &'a [PairLine],
    /// Which of them is under the cursor.
    pub cursor: Option<usize>,
    /// What it is drawn with.
    pub ink: &'a Ink,
}

impl PairsView<'_> {
    fn verdict(&self, known: Option<bool>) -> (&'static str, Style) {
        match known {
            Some(true) => (self.ink.glyph("✓", "+"), self.ink.good),
            Some(false) => (self.ink.glyph("✗", "x"), self.ink.bad),
            None => ("?", self.ink.middling),
        }
    }
}

impl Widget for PairsView<'_> {
    fn render(self, area: Rect, buf: &mut Buffer) {
        let Self { lines, cursor, ink } = self;
        if area.is_empty() {
            return;
        }
        let longest = lines.iter().map(|l| width::width(&l.item)).max().unwrap_or(4) as u16;
        let item = longest.clamp(4, (area.width / 3).max(8)).min(area.width);
        // From the right: margins, lengths, correctness; what is left is for the constraints.
        let mut right = area.right();
        let mut column = |wide: u16, needs: u16| {
            (area.width >= needs).then(|| {
                let end = right;
                right = right.saturating_sub(wide);
                end
            })
        };
        let margin = column(12, 50);
        let words = column(15, 90);
        let correct = column(8, 34);
        put(buf, area, area.x + 2, area.y, "item", ink.quiet);
        let start = area.x + 2 + item + 2;
        put(
            buf,
            Rect { width: right.saturating_sub(area.x), ..area },
            start,
            area.y,
            "A B constraint",
            ink.quiet,
        );
        if let Some(end) = correct {
            put_right(buf, area, end, area.y, 7, "right", ink.quiet);
        }
        if let Some(end) = words {
            put_right(buf, area, end, area.y, 14, "words A/B", ink.quiet);
        }
        if let Some(end) = margin {
            put_right(buf, area, end, area.y, 11, &ink.words("margin A−B"), ink.quiet);
        }
        for (i, line) in lines.iter().enumerate() {
            let y = area.y + 1 + i as u16;
            if y >= area.bottom() {
                break;
            }
            let here = cursor == Some(i);
            if here {
                wash(buf, Rect { y, height: 1, ..area }, ink.selected);
            }
            // A selection that is drawn reversed must not turn every colour into a patch.
            let with = |style: Style| if here { ink.selected } else { style };
            put(buf, area, area.x, y, if here { ink.glyph("▸", ">") } else { " " }, with(ink.plain));
            let name = ink.words(&width::cut_middle(&line.item, usize::from(item)));
            put(buf, area, area.x + 2, y, &name, with(ink.plain));
            let room = Rect { width: right.saturating_sub(area.x + 1), ..area };
            let mut x = start;
            for (name, a, b) in &line.constraints {
                for known in [a, b] {
                    let (glyph, style) = self.verdict(*known);
                    x = put(buf, room, x, y, glyph, with(style)) + 1;
                }
                let style = if a == b { ink.quiet } else { ink.plain };
                let name = width::cut(name, usize::from(room.right().saturating_sub(x)));
                x = put(buf, room, x, y, &ink.words(&name), with(style)) + 2;
            }
            if let Some(end) = correct {
                let (a, style_a) = self.verdict(line.correct.0);
                let (b, style_b) = self.verdict(line.correct.1);
                put(buf, area, end.saturating_sub(3), y, a, with(style_a));
                put(buf, area, end.saturating_sub(1), y, b, with(style_b));
            }
            if let Some(end) = words {
                let text = format!("{}/{}", line.words.0, line.words.1);
                put_right(buf, area, end, y, 14, &text, with(ink.quiet));
            }
            if let Some(end) = margin {
                let text = line.margin.map_or_else(|| ink.glyph("–", "-").to_owned(), signed);
                put_right(buf, area, end, y, 11, &ink.words(&text), with(ink.plain));
            }
        }
    }
}

/// A difference of margins with its sign: whole where it is whole.
fn signed(margin: f32) -> String {
    let sign = match margin {
        m if m < 0.0 => "−",
        m if m > 0.0 => "+",
        _ => "",
    };
    let size = margin.abs();
    if size.fract() == 0.0 { format!("{sign}{size:.0}") } else { format!("{sign}{size:.2}") }
}

#[cfg(test)]
mod tests {
    use super::super::ink::tests::drawn;
    use super::*;

    fn lines() -> Vec<PairLine> {
        let yes = Some(true);
        let no = Some(false);
        vec![
            PairLine {
                item: "level3-27".into(),
                constraints: vec![("no_comma".into(), no, yes)],
                correct: (yes, yes),
                margin: Some(-9.0),
                words: (412, 290),
            },
            PairLine {
                item: "level5-112".into(),
                constraints: vec![("english_lowercase".into(), yes, yes), ("number_words".into(), yes, no)],
                correct: (no, None),
                margin: Some(0.25),
                words: (12_412, 9),
            },
            PairLine {
                item: "level1-1".into(),
                constraints: vec![("quotation".into(), None, yes)],
                correct: (no, yes),
                margin: None,
                words: (0, 0),
            },
        ]
    }

    #[test]
    fn sizes() {
        let lines = lines();
        for (w, h) in [(120, 5), (80, 5), (40, 5)] {
            let view = PairsView { lines: &lines, cursor: Some(1), ink: &Ink::ansi() };
            insta::assert_snapshot!(format!("pairs_{w}x{h}"), drawn(view, w, h));
        }
        let ascii = Ink::mono().in_ascii();
        let text = drawn(PairsView { lines: &lines, cursor: Some(0), ink: &ascii }, 80, 5);
        assert!(text.is_ascii(), "{text}");
    }

    #[test]
    fn tiny_areas_are_drawn_without_a_panic() {
        for w in 0..60 {
            for h in 0..5 {
                drawn(PairsView { lines: &lines(), cursor: None, ink: &Ink::mono() }, w, h);
            }
        }
    }
}
