//! The rows of a generation on a page: heads, question, constraints, trace, answer, one after the
//! other, addressed by number.
//!
//! Long texts are [`Wrap`] indexes, so any row of a 2 MB output is found and drawn at once.

use std::ops::Range;

use super::document::Document;
use crate::text::{View, Wrap};

/// A part of what is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Part {
    /// The question of the item.
    Question,
    /// The reasoning.
    Trace,
    /// The final part.
    Answer,
    /// Text of the output that is neither: delimiters, what stands around them.
    Around,
}

impl Part {
    /// The word over it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Question => "question",
            Self::Trace => "trace",
            Self::Answer => "answer",
            Self::Around => "around",
        }
    }
}

/// Which parts are folded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Folds {
    /// The question: one row of it is always shown.
    pub question: bool,
    /// The trace.
    pub trace: bool,
    /// The answer.
    pub answer: bool,
}

impl Default for Folds {
    fn default() -> Self {
        Self { question: true, trace: true, answer: false }
    }
}

/// One row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Row {
    /// Key, run, what is known of the whole.
    Title,
    /// The grade of the final answer.
    Grade,
    /// The failure modes.
    Modes,
    /// The verdict on a constraint, by its number in the item.
    Constraint(usize),
    /// All that is known of that verdict.
    Detail(usize),
    /// Nothing.
    Blank,
    /// The head of a part.
    Head(Part),
    /// A row of text: bytes of the output, or of the question.
    Text(Part, Range<usize>),
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Block {
    One(Row),
    Text(Part, Wrap),
}

/// How a page is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Layout {
    /// Columns of text.
    pub width: u16,
    /// Whether long lines are broken.
    pub wrap: bool,
    /// How text is shown.
    pub view: View,
    /// What is folded.
    pub folds: Folds,
    /// The head stands in the page (or else over it, always in sight).
    pub head_inside: bool,
}

/// The rows of one generation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flow {
    blocks: Vec<Block>,
    /// Number of the first row of each block; one more at the end.
    starts: Vec<usize>,
}

impl Flow {
    /// Lays out a document; its head, too, where that scrolls with the text.
    pub fn new(document: &Document, head: &[Row], layout: Layout) -> Self {
        let mut blocks = Vec::new();
        if layout.head_inside {
            blocks.extend(head.iter().cloned().map(Block::One));
            blocks.push(Block::One(Row::Blank));
        }
        let width = layout.wrap.then_some(layout.width);
        let question = &document.record.item.question;
        if !question.trim().is_empty() {
            let replaced = document.replaced_in_question(layout.view);
            let wrap = Wrap::with(question, 0..question.len(), width, layout.view, replaced);
            blocks.push(Block::One(Row::Head(Part::Question)));
            if layout.folds.question {
                blocks.push(Block::One(Row::Text(Part::Question, wrap.row(0))));
            } else {
                blocks.push(Block::Text(Part::Question, wrap));
            }
            blocks.push(Block::One(Row::Blank));
        }
        let text = document.text();
        let wrap = |range| Wrap::with(text, range, width, layout.view, document.replaced(layout.view));
        let split = &document.assessment.split;
        let (trace, answer) = (split.trace.clone(), split.answer.clone());
        let around = |blocks: &mut Vec<Block>, range: Range<usize>| {
            if range.start < range.end && (layout.view.raw || !is_delimiter(&text[range.clone()])) {
                blocks.push(Block::Text(Part::Around, wrap(range)));
            }
        };
        let part = |blocks: &mut Vec<Block>, part: Part, range: Range<usize>, folded: bool| {
            blocks.push(Block::One(Row::Head(part)));
            if !folded && !range.is_empty() {
                let range = if layout.view.raw { range } else { trimmed(text, range) };
                blocks.push(Block::Text(part, wrap(range)));
                blocks.push(Block::One(Row::Blank));
            }
        };
        if !trace.is_empty() || document.assessment.split.has_delimiter() {
            around(&mut blocks, 0..trace.start);
            part(&mut blocks, Part::Trace, trace.clone(), layout.folds.trace);
            around(&mut blocks, trace.end..answer.start);
        } else {
            around(&mut blocks, 0..answer.start);
        }
        part(&mut blocks, Part::Answer, answer.clone(), layout.folds.answer);
        around(&mut blocks, answer.end..text.len());
        let mut starts = vec![0];
        let mut row = 0;
        for block in &blocks {
            row += match block {
                Block::One(_) => 1,
                Block::Text(_, wrap) => wrap.len(),
            };
            starts.push(row);
        }
        Self { blocks, starts }
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.starts.last().copied().unwrap_or(0)
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// A row.
    pub fn row(&self, number: usize) -> Option<Row> {
        let block = self.starts.partition_point(|&s| s <= number).checked_sub(1)?;
        match self.blocks.get(block)? {
            Block::One(row) => Some(row.clone()),
            Block::Text(part, wrap) => Some(Row::Text(*part, wrap.row(number - self.starts[block]))),
        }
    }

    /// A place in a row of the output, at or before a column and near to it: its byte and its column.
    pub fn before_column(&self, number: usize, column: u32) -> Option<(usize, u32)> {
        let (wrap, row) = self.wrap_at(number)?;
        Some(wrap.before_column(row, column))
    }

    /// A place in a row of the output, at or before a byte and near to it: its byte and its column.
    pub fn before_byte(&self, number: usize, byte: usize) -> Option<(usize, u32)> {
        let (wrap, row) = self.wrap_at(number)?;
        Some(wrap.before_byte(row, byte))
    }

    fn wrap_at(&self, number: usize) -> Option<(&Wrap, usize)> {
        let block = self.starts.partition_point(|&s| s <= number).checked_sub(1)?;
        match self.blocks.get(block)? {
            Block::One(_) => None,
            Block::Text(_, wrap) => Some((wrap, number - self.starts[block])),
        }
    }

    /// Columns of the widest row of text.
    pub fn widest(&self) -> u32 {
        let wide = |block: &Block| match block {
            Block::One(_) => 0,
            Block::Text(_, wrap) => wrap.widest(),
        };
        self.blocks.iter().map(wide).max().unwrap_or(0)
    }

    /// The row that shows a byte of the output; `None` when its part is folded.
    pub fn row_of(&self, byte: usize) -> Option<usize> {
        let mut last = None;
        for (block, start) in self.blocks.iter().zip(&self.starts) {
            let Block::Text(part, wrap) = block else { continue };
            if *part == Part::Question {
                continue;
            }
            let range = wrap.range();
            if range.contains(&byte) {
                return Some(start + wrap.row_of(byte));
            }
            // The byte after the end of a part, and white space that is not drawn, belong to its
            // last row.
            if range.end <= byte {
                last = Some(start + wrap.len() - 1);
            } else if last.is_none() && byte < range.start {
                last = Some(*start);
            }
        }
        last
    }

    /// The row with the head of a part.
    pub fn head_of(&self, part: Part) -> Option<usize> {
        let at = self.blocks.iter().position(|b| matches!(b, Block::One(Row::Head(p)) if *p == part))?;
        self.starts.get(at).copied()
    }

    /// The part that a row belongs to, and the rows of it before this one.
    pub fn part_at(&self, number: usize) -> Option<(Part, usize)> {
        let block = self.starts.partition_point(|&s| s <= number).checked_sub(1)?;
        for at in (0..=block.min(self.blocks.len().saturating_sub(1))).rev() {
            if let Block::One(Row::Head(part)) = &self.blocks[at] {
                return Some((*part, number - self.starts[at]));
            }
        }
        None
    }
}

/// The rows over a page: who, how it was judged; of one constraint all that is known.
pub fn head(document: &Document, detailed: Option<usize>) -> Vec<Row> {
    let mut rows = vec![Row::Title];
    for number in 0..document.record.item.constraints.len() {
        rows.push(Row::Constraint(number));
        rows.extend((detailed == Some(number)).then_some(Row::Detail(number)));
    }
    rows.push(Row::Grade);
    if document.assessment.modes.iter().next().is_some() || document.hidden > 0 {
        rows.push(Row::Modes);
    }
    rows
}

/// Where a byte lies.
pub fn part_of(document: &Document, byte: usize) -> Part {
    let split = &document.assessment.split;
    let at_end = byte == document.text().len();
    if split.answer.contains(&byte) || (at_end && split.answer.end == byte && !split.answer.is_empty()) {
        Part::Answer
    } else if split.trace.contains(&byte) || (at_end && split.trace.end == byte) {
        Part::Trace
    } else {
        Part::Around
    }
}

/// Nothing but the delimiters that the heads of the parts stand for.
fn is_delimiter(text: &str) -> bool {
    let mut rest = text.trim();
    while let Some(tag) = TAGS.iter().find(|tag| rest.starts_with(**tag)) {
        rest = rest[tag.len()..].trim_start();
    }
    rest.is_empty()
}

/// Delimiters of trace and answer, as [`split`](crate::split) knows them.
const TAGS: [&str; 11] = [
    "<think>",
    "</think>",
    "<\\/think>",
    "<thinking>",
    "</thinking>",
    "<answer>",
    "</answer>",
    "<|channel>thought",
    "<channel|>",
    "<|channel|>analysis<|message|>",
    "<|channel|>final<|message|>",
];

/// A range without the empty lines at its start and the white space at its end.
fn trimmed(text: &str, range: Range<usize>) -> Range<usize> {
    let inside = &text[range.clone()];
    let end = range.start + inside.trim_end().len();
    let blank = inside.len() - inside.trim_start_matches(['\n', '\r']).len();
    let start = (range.start + blank).min(end);
    if start == end { range } else { start..end }
}
