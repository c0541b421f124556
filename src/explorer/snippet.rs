//! A generation as Markdown, to be pasted into an issue or a paper's notes.

use std::fmt::Write as _;
use std::ops::Range;

use crate::assess::Assessment;
use crate::record::Record;

/// A generation with its verdicts and its answer as Markdown; with the place of a mark, the line of
/// the text around it instead of the answer.
pub fn snippet(key: &str, record: &Record, assessment: &Assessment, mark: Option<Range<usize>>) -> String {
    let mut out = format!("**{key}**");
    for (constraint, verdict) in record.item.constraints.iter().zip(&assessment.verdicts) {
        let sign = match verdict.status.followed() {
            Some(true) => '✓',
            Some(false) => '✗',
            None => '?',
        };
        let _ = write!(out, "\n- {sign} `{}` {}", constraint.id, verdict.sentence);
    }
    let text = &record.generation.text;
    let quoted = match mark {
        Some(mark) => {
            let start = text[..mark.start].rfind('\n').map_or(0, |at| at + 1);
            let end = text[mark.end..].find('\n').map_or(text.len(), |at| mark.end + at);
            let (before, marked, after) =
                (&text[start..mark.start], &text[mark.clone()], &text[mark.end..end]);
            format!("{before}⟦{marked}⟧{after}")
        }
        None => text[assessment.split.answer.clone()].to_owned(),
    };
    out.push_str("\n\n");
    for line in quoted.trim().lines() {
        out.push_str("> ");
        out.push_str(line);
        out.push('\n');
    }
    out
}
