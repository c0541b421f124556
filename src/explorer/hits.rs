//! Where a text has what the query looks up.
//!
//! The library says which generations have it; this says where in the one on the screen.

use std::ops::Range;

use crate::library::Matcher;
use crate::library::query::{Lookup, Scope};
use crate::split::Split;

/// More hits than this in one text are not shown.
const LIMIT: usize = 10_000;

/// Places in the output, in order, none overlapping another. What is looked up in the question is
/// left out: it is no place of the output.
pub fn find(text: &str, split: &Split, lookups: &[Lookup]) -> Vec<Range<usize>> {
    let mut hits: Vec<Range<usize>> = Vec::new();
    for lookup in lookups {
        let parts: &[Range<usize>] = match lookup.scope {
            Scope::Output => &[split.trace.clone(), split.answer.clone()],
            Scope::Trace => std::slice::from_ref(&split.trace),
            Scope::Answer => std::slice::from_ref(&split.answer),
            Scope::Question => continue,
        };
        let matcher = Matcher::new(lookup);
        for part in parts {
            let found = matcher.find(&text[part.clone()]);
            hits.extend(found.into_iter().take(LIMIT).map(|m| part.start + m.start..part.start + m.end));
        }
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::library::query::Term;
    use crate::record::Generation;

    #[test]
    fn hits_lie_where_they_were_looked_for() {
        let text = "<think>Wait, wait a bit</think>no waiting";
        let split = Split::of(&Generation { text: text.into(), ..Generation::default() }, false);
        let found = |scope, term| -> Vec<&str> {
            find(text, &split, &[Lookup { scope, term }]).into_iter().map(|r| &text[r]).collect()
        };
        assert_eq!(found(Scope::Output, Term::Word("wait".into())), ["Wait", "wait"]);
        assert_eq!(found(Scope::Output, Term::Prefix("wait".into())), ["Wait", "wait", "waiting"]);
        assert_eq!(found(Scope::Answer, Term::Prefix("wait".into())), ["waiting"]);
        assert_eq!(found(Scope::Trace, Term::Phrase("wait wait".into())), ["Wait, wait"]);
        assert_eq!(found(Scope::Output, Term::Regex("w[a-z]+g".into())), ["waiting"]);
        assert_eq!(found(Scope::Output, Term::Regex("(".into())), Vec::<&str>::new());
    }
}
