//! The rules on length: words, sentences, paragraphs, and the first word of one paragraph.

use std::ops::Range;

use super::args::{Args, Refusal, Result};
use super::bound::{Bound, Unit};
use super::rule::{Finding, Judged, Rule};
use super::{Role, punkt, python};

const WORDS: Unit = Unit::new("word", "words");
const SENTENCES: Unit = Unit::new("sentence", "sentences");
const PARAGRAPHS: Unit = Unit::new("paragraph", "paragraphs");

/// Runs of `\w`, fewer than or at least so many.
#[derive(Debug)]
struct NumberWords(Bound);

pub(super) fn number_words(args: &Args<'_>) -> Result<Box<dyn Rule>> {
    Ok(Box::new(NumberWords(Bound::from_args(args, "num_words", "relation")?)))
}

impl Rule for NumberWords {
    fn examine(&self, judged: &Judged<'_>) -> std::result::Result<Finding, Refusal> {
        let count = python::count_words(judged.text);
        let mut finding = Finding::counted(count, self.0, WORDS, judged.want);
        if judged.wants_marks() {
            mark_border(&mut finding, python::words(judged.text), self.0, WORDS, count, judged);
        }
        Ok(finding)
    }

    fn label(&self) -> String {
        self.0.label_of(WORDS)
    }
}

/// Marks everything from the first piece that is too many as one region, or what is missing.
pub(super) fn mark_border(
    finding: &mut Finding,
    mut pieces: impl Iterator<Item = Range<usize>>,
    bound: Bound,
    unit: Unit,
    count: usize,
    judged: &Judged<'_>,
) {
    let missing = bound.missing(count as u64);
    if missing > 0 {
        finding.mark_missing(judged.end(), format!("{} missing", unit.count(missing)));
    } else if let Some(allowed) = bound.first_excess().filter(|&allowed| count as u64 > allowed)
        && let Some(first) = pieces.nth(allowed as usize)
    {
        let note = format!("{} {} and on", unit.one, allowed + 1);
        finding.mark(first.start..judged.end().max(first.end), Role::Region, Some(note));
    }
}

/// Sentences as NLTK's punkt splits them.
#[derive(Debug)]
struct NumberSentences(Bound);

pub(super) fn number_sentences(args: &Args<'_>) -> Result<Box<dyn Rule>> {
    Ok(Box::new(NumberSentences(Bound::from_args(args, "num_sentences", "relation")?)))
}

impl Rule for NumberSentences {
    fn examine(&self, judged: &Judged<'_>) -> std::result::Result<Finding, Refusal> {
        let sentences = punkt::sentences(judged.text);
        let mut finding = Finding::counted(sentences.len(), self.0, SENTENCES, judged.want);
        if judged.wants_marks() {
            let count = sentences.len();
            mark_border(&mut finding, sentences.into_iter(), self.0, SENTENCES, count, judged);
        }
        Ok(finding)
    }

    fn label(&self) -> String {
        self.0.label_of(SENTENCES)
    }
}

/// Paragraphs parted by `***`, exactly so many, none empty but the first and the last.
#[derive(Debug)]
struct NumberParagraphs(Bound);

pub(super) fn number_paragraphs(args: &Args<'_>) -> Result<Box<dyn Rule>> {
    Ok(Box::new(NumberParagraphs(Bound::Exactly(args.count("num_paragraphs")?))))
}

impl Rule for NumberParagraphs {
    fn examine(&self, judged: &Judged<'_>) -> std::result::Result<Finding, Refusal> {
        let pieces = split_at_stars(judged.text);
        let Divided { full, hollow } = divide(judged.text, &pieces);
        let mut finding = Finding::counted(full.len(), self.0, PARAGRAPHS, judged.want);
        // An empty paragraph between two breaks is one thing to mend more.
        finding.margin -= hollow.len() as f64;
        if judged.wants_marks() {
            finding.mark_counted(
                full.into_iter().map(|p| trimmed(judged.text, p)),
                self.0,
                PARAGRAPHS,
                judged.end(),
            );
            if !hollow.is_empty() {
                finding.sentence = format!(
                    "{} between two `***` is empty",
                    if hollow.len() == 1 {
                        "a paragraph".to_owned()
                    } else {
                        PARAGRAPHS.count(hollow.len() as u64)
                    }
                );
            }
            for place in hollow {
                finding.mark(place, Role::Violation, Some("empty paragraph".to_owned()));
            }
        }
        Ok(finding)
    }

    fn label(&self) -> String {
        format!("{} parted by ***", self.0.label_of(PARAGRAPHS))
    }
}

/// Pieces of a split: those with text, and those without that are neither first nor last.
pub(super) struct Divided {
    pub full: Vec<Range<usize>>,
    pub hollow: Vec<Range<usize>>,
}

pub(super) fn divide(text: &str, pieces: &[Range<usize>]) -> Divided {
    let mut divided = Divided { full: Vec::new(), hollow: Vec::new() };
    for (i, piece) in pieces.iter().enumerate() {
        if !python::strip(&text[piece.clone()]).is_empty() {
            divided.full.push(piece.clone());
        } else if i != 0 && i != pieces.len() - 1 {
            divided.hollow.push(piece.clone());
        }
    }
    divided
}

/// A range without the white space at its ends.
pub(super) fn trimmed(text: &str, range: Range<usize>) -> Range<usize> {
    let inner = python::strip_range(&text[range.clone()]);
    range.start + inner.start..range.start + inner.end
}

/// The pieces of a split at `\s?\*\*\*\s?`.
fn split_at_stars(text: &str) -> Vec<Range<usize>> {
    let mut pieces = Vec::new();
    let mut start = 0;
    while let Some(n) = memchr::memmem::find(&text.as_bytes()[start..], b"***") {
        let stars = start + n;
        let before = text[start..stars].chars().next_back().filter(|&c| python::is_space(c));
        let after = text[stars + 3..].chars().next().filter(|&c| python::is_space(c));
        pieces.push(start..stars - before.map_or(0, char::len_utf8));
        start = stars + 3 + after.map_or(0, char::len_utf8);
    }
    pieces.push(start..text.len());
    pieces
}

/// So many paragraphs parted by blank lines, and the first word of one of them.
#[derive(Debug)]
struct NthParagraphFirstWord {
    count: u64,
    nth: u64,
    word: String,
}

pub(super) fn nth_paragraph_first_word(args: &Args<'_>) -> Result<Box<dyn Rule>> {
    let count = args.count("num_paragraphs")?;
    let nth = args.count("nth_paragraph")?;
    if nth > count {
        return Err(Refusal(format!(
            "`nth_paragraph` is {nth} of `num_paragraphs` {count}; the reference would draw one"
        )));
    }
    Ok(Box::new(NthParagraphFirstWord { count, nth, word: python::lower(args.text("first_word")?) }))
}

impl Rule for NthParagraphFirstWord {
    fn examine(&self, judged: &Judged<'_>) -> std::result::Result<Finding, Refusal> {
        let text = judged.text;
        let mut pieces = Vec::new();
        let mut start = 0;
        for at in memchr::memmem::find_iter(text.as_bytes(), b"\n\n") {
            pieces.push(start..at);
            start = at + 2;
        }
        pieces.push(start..text.len());
        let full: Vec<_> =
            pieces.iter().map(|p| trimmed(text, p.clone())).filter(|p| !p.is_empty()).collect();
        let off = (full.len() as u64).abs_diff(self.count);
        // The piece is taken by its number among all, the empty ones too.
        let nth = (self.nth <= full.len() as u64)
            .then(|| trimmed(text, pieces[self.nth as usize - 1].clone()))
            .filter(|p| !p.is_empty());
        let first = nth.map(|p| first_word(text, p));
        let right = first.as_ref().is_some_and(|f| python::lower(&text[f.clone()]) == self.word);
        let wrong = off + u64::from(!right);
        let mut finding = Finding::new(full.len() as f64, 0.0 - wrong as f64, PARAGRAPHS.many);
        if judged.wants_marks() {
            let bound = Bound::Exactly(self.count);
            finding.mark_counted(full.iter().map(|p| head(text, p)), bound, PARAGRAPHS, judged.end());
            let mut said = Vec::new();
            if off > 0 {
                said.push(bound.sentence(full.len() as u64, PARAGRAPHS));
            }
            match first {
                Some(place) if right => finding.mark(place, Role::Hit, Some("first word".to_owned())),
                Some(place) => {
                    said.push(format!(
                        "paragraph {} begins with {:?}, not with {:?}",
                        self.nth,
                        &text[place.clone()],
                        self.word
                    ));
                    finding.mark(place, Role::Divergence, Some(format!("expected {:?}", self.word)));
                }
                None if self.nth <= full.len() as u64 => {
                    said.push(format!("paragraph {} is empty: blank lines follow each other", self.nth));
                }
                None => said.push(format!("there is no paragraph {}", self.nth)),
            }
            if said.is_empty() {
                said.push(format!("paragraph {} begins with {:?}", self.nth, self.word));
            }
            finding.sentence = said.join("; ");
        }
        Ok(finding)
    }

    fn label(&self) -> String {
        format!("{} paragraphs; number {} begins with {:?}", self.count, self.nth, self.word)
    }
}

/// The first line of a paragraph: enough to show where it begins.
fn head(text: &str, paragraph: &Range<usize>) -> Range<usize> {
    let line = text[paragraph.clone()].find('\n').unwrap_or(paragraph.len());
    paragraph.start..paragraph.start + line
}

/// The first word of a paragraph as the rule takes it: quotation marks before it and everything
/// from a punctuation mark on left out.
fn first_word(text: &str, paragraph: Range<usize>) -> Range<usize> {
    let word = &text[paragraph.clone()];
    let word = &word[..word.find(python::is_space).unwrap_or(word.len())];
    let bare = word.trim_start_matches('\'').trim_start_matches('"');
    let start = paragraph.start + word.len() - bare.len();
    let len = bare.find(['.', ',', '?', '!', '\'', '"']).unwrap_or(bare.len());
    start..start + len
}
