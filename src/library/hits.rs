//! Where a text has what a query looks up, and the passage around it.
//!
//! The library says which generations have it; this says where in one that was read back.

use std::ops::Range;

use super::build::Cancel;
use super::matcher::Matcher;
use super::query::{Lookup, Scope};
use super::snapshot::Library;
use crate::split::Split;
use crate::text::width::{self, prefix};
use crate::text::{Safe, visible};

/// More hits than this of one lookup in one text are not shown.
const LIMIT: usize = 10_000;
/// Bytes of a passage before its first hit, and from there on.
const BEFORE: usize = 160;
const AFTER: usize = 400;

/// Places in the output, in order, none overlapping another. What is looked up in the question is
/// left out: it is no place of the output.
pub fn hits(text: &str, split: &Split, lookups: &[Lookup]) -> Vec<Range<usize>> {
    apart(lookups.iter().flat_map(|lookup| hits_of(text, split, lookup)).collect())
}

/// Places of one lookup in the output, in order of the parts it is asked of.
fn hits_of(text: &str, split: &Split, lookup: &Lookup) -> Vec<Range<usize>> {
    let parts: &[Range<usize>] = match lookup.scope {
        Scope::Output => &[split.trace.clone(), split.answer.clone()],
        Scope::Trace => std::slice::from_ref(&split.trace),
        Scope::Answer => std::slice::from_ref(&split.answer),
        Scope::Question => &[],
    };
    let matcher = Matcher::new(lookup);
    let mut hits = Vec::new();
    for part in parts {
        let found = matcher.find(&text[part.clone()]);
        hits.extend(found.into_iter().take(LIMIT).map(|m| part.start + m.start..part.start + m.end));
    }
    hits
}

/// Places in a question.
fn question_hits(question: &str, lookups: &[Lookup]) -> Vec<Range<usize>> {
    let asked = lookups.iter().filter(|lookup| lookup.scope == Scope::Question);
    apart(asked.flat_map(|lookup| Matcher::new(lookup).find(question).into_iter().take(LIMIT)).collect())
}

/// Puts ranges in order and joins those that overlap.
fn apart(mut hits: Vec<Range<usize>>) -> Vec<Range<usize>> {
    hits.sort_by_key(|h| (h.start, h.end));
    let mut apart: Vec<Range<usize>> = Vec::with_capacity(hits.len());
    for hit in hits {
        match apart.last_mut() {
            Some(last) if hit.start < last.end => last.end = last.end.max(hit.end),
            _ => apart.push(hit),
        }
    }
    apart
}

/// The text around the first hit of a generation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passage {
    /// The text, with single spaces where there was any white space.
    text: String,
    /// The hits in it.
    hits: Vec<Range<usize>>,
    /// Hits in all of the generation, those that overlap counted as one.
    pub count: usize,
}

impl Passage {
    /// The passage around the first of some hits, which are in order; `None` when there are none.
    fn around(text: &str, hits: &[Range<usize>]) -> Option<Self> {
        let first = hits.first()?;
        let start = text.floor_char_boundary(first.start.saturating_sub(BEFORE));
        let end = text.floor_char_boundary((first.start + AFTER).min(text.len()));
        let mut passage = Self { text: String::new(), hits: Vec::new(), count: hits.len() };
        // Bytes of the passage before each byte looked at, told as the hits are met.
        let mut marks = hits.iter().map(|hit| hit.start.min(end)..hit.end.min(end)).peekable();
        let mut open = None;
        for (at, c) in text[start..end].char_indices().map(|(at, c)| (at + start, c)) {
            if open.as_ref().is_some_and(|(_, until)| at >= *until) {
                passage.close(&mut open);
            }
            while let Some(mark) = marks.next_if(|mark| mark.start <= at) {
                passage.close(&mut open);
                if !mark.is_empty() {
                    open = Some((passage.text.len(), mark.end));
                }
            }
            match c.is_whitespace() {
                true if passage.text.ends_with(' ') => {}
                true => passage.text.push(' '),
                false => passage.text.push(c),
            }
        }
        passage.close(&mut open);
        Some(passage)
    }

    fn close(&mut self, open: &mut Option<(usize, usize)>) {
        if let Some((start, _)) = open.take()
            && start < self.text.len()
        {
            self.hits.push(start..self.text.len());
        }
    }

    /// The passage in so many columns, the first hit in the first half: stretches of text, and of
    /// each whether it is a hit.
    pub fn shown(&self, columns: usize) -> Vec<(Safe, bool)> {
        let first = self.hits.first().map_or(0, |hit| hit.start);
        let lead = visible(self.text[..first].trim_start());
        let room = columns / 3;
        let mut shown = Vec::new();
        let mut left = columns;
        let mut put = |text: Safe, hit: bool| {
            let text = if width::width(&text) > left { visible(&width::cut(&text, left)) } else { text };
            left -= width::width(&text).min(left);
            if !text.is_empty() {
                shown.push((text, hit));
            }
        };
        put(if width::width(&lead) > room { visible(&cut_start(&lead, room)) } else { lead }, false);
        let mut at = first;
        for hit in &self.hits {
            put(visible(&self.text[at..hit.start]), false);
            put(visible(&self.text[hit.clone()]), true);
            at = hit.end;
        }
        put(visible(&self.text[at..]), false);
        shown
    }

    /// The passage in so many columns, hits in brackets.
    pub fn bracketed(&self, columns: usize) -> Safe {
        let mut line = Safe::default();
        for (text, hit) in self.shown(columns) {
            let text = if hit { visible(&format!("⟨{text}⟩")) } else { text };
            line.push(&text);
        }
        line
    }
}

/// The end of a text in so many columns.
fn cut_start(shown: &str, columns: usize) -> String {
    let over = (width::width(shown) + 1).saturating_sub(columns);
    let (dropped, wide) = prefix(shown, over);
    // A wide character across the cut goes too.
    let dropped = if wide < over { prefix(shown, over + 1).0 } else { dropped };
    format!("…{}", &shown[dropped.len()..])
}

impl Library {
    /// The passage in each of some rows around the first hit of what is rarest there: `the answer` is
    /// seen at its first `answer`. `None` for a row without a hit, and for one that cannot be read
    /// back.
    pub fn passages(&self, rows: &[u32], lookups: &[Lookup], cancel: &Cancel) -> Vec<Option<Passage>> {
        let found = self.read_back(rows, cancel, |_, record, split| {
            let text = &record.generation.text;
            let each: Vec<_> = lookups.iter().map(|lookup| hits_of(text, split, lookup)).collect();
            let rarest = each.iter().filter(|hits| !hits.is_empty()).min_by_key(|hits| hits.len());
            let start = rarest.map_or(0, |hits| hits[0].start);
            let in_output = apart(each.concat());
            let in_question = question_hits(&record.item.question, lookups);
            let count = in_output.len() + in_question.len();
            let from = in_output.partition_point(|hit| hit.end <= start);
            let passage = Passage::around(text, &in_output[from..])
                .or_else(|| Passage::around(&record.item.question, &in_question))?;
            Some(Passage { count, ..passage })
        });
        found.into_iter().map(|passage| passage.ok().flatten()).collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::library::query::Term;
    use crate::record::Generation;

    #[test]
    fn hits_lie_where_they_were_looked_for() {
        let text = "<think>Wait, wait a bit</think>no waiting";
        let split = Split::of(&Generation { text: text.into(), ..Generation::default() }, false);
        let found = |scope, term| -> Vec<&str> {
            hits(text, &split, &[Lookup { scope, term }]).into_iter().map(|r| &text[r]).collect()
        };
        assert_eq!(found(Scope::Output, Term::Word("wait".into())), ["Wait", "wait"]);
        assert_eq!(found(Scope::Output, Term::Prefix("wait".into())), ["Wait", "wait", "waiting"]);
        assert_eq!(found(Scope::Answer, Term::Prefix("wait".into())), ["waiting"]);
        assert_eq!(found(Scope::Trace, Term::Phrase("wait wait".into())), ["Wait, wait"]);
        assert_eq!(found(Scope::Output, Term::Regex("w[a-z]+g".into())), ["waiting"]);
        assert_eq!(found(Scope::Output, Term::Regex("(".into())), Vec::<&str>::new());
    }

    #[test]
    fn a_passage_shows_the_first_hit_and_what_is_around() {
        // (text, looked up, columns, shown)
        let table = [
            ("one two three", "two", 40, "one ⟨two⟩ three"),
            ("one\n\n\ttwo  three two", "two", 40, "one ⟨two⟩ three ⟨two⟩"),
            ("a long way to go before the word comes", "word", 20, "… the ⟨word⟩ comes"),
            ("数学数学数学数学は楽しい", "楽", 12, "…は⟨楽⟩しい"),
            ("\u{1b}[31mred\u{202e}", "red", 60, "␛[31⟨mred⟩<U+202E>"),
            ("nothing here", "absent", 20, "none"),
        ];
        for (text, word, columns, expected) in table {
            let pattern =
                if text.contains('\u{1b}') { Term::Regex("mred".into()) } else { Term::Word(word.into()) };
            let places = Matcher::new(&Lookup { scope: Scope::Output, term: pattern }).find(text);
            let shown = Passage::around(text, &places)
                .map_or("none".to_owned(), |passage| passage.bracketed(columns).into_string());
            assert_eq!(shown, expected, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn a_passage_fits_and_has_its_hits(
            text in "[a-c数é\\s\u{200d}\u{1b}]{0,300}", pattern in "[a-c]{1,3}\\+?", columns in 0_usize..60,
        ) {
            let matcher = Matcher::new(&Lookup { scope: Scope::Output, term: Term::Regex(pattern) });
            let places = apart(matcher.find(&text));
            let Some(passage) = Passage::around(&text, &places) else {
                prop_assert!(places.is_empty());
                return Ok(());
            };
            prop_assert_eq!(&passage.text[passage.hits[0].clone()], &text[places[0].clone()]);
            for (hit, place) in passage.hits.iter().zip(&places) {
                prop_assert!(text[place.clone()].starts_with(passage.text[hit.clone()].trim()));
            }
            let wide: usize = passage.shown(columns).iter().map(|(text, _)| width::width(text)).sum();
            prop_assert!(wide <= columns, "{} in {}", wide, columns);
        }
    }
}
