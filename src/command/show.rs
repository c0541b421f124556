//! `heedless show`: one generation, with the places marked.

use std::fmt::Write as _;
use std::io;
use std::ops::Range;

use anyhow::Result;
use serde_json::{Value, json};

use super::one::{self, One};
use super::output::{Output, Style};
use super::rows::words;
use super::{Found, column, opened, say};
use crate::assess::Length;
use crate::cli::{Show, ShowFormat};
use crate::constraint::{Mark, Role, Status};
use crate::explorer::snippet::snippet;
use crate::options::Options;
use crate::path::shown;
use crate::score::OneVerdict;
use crate::text::{visible, visible_lines, width};

/// Marks spelled out for each constraint, where the text itself cannot be coloured.
const MARKS: usize = 5;

/// Columns for an extracted answer: without a box, it can be a whole paragraph.
const WIDEST: usize = 60;

/// Runs the command.
pub fn run(options: &Options, typed: &Show, out: &mut Output) -> Result<Found> {
    let one = One::find(options, &typed.key, &typed.paths)?;
    // A log that cannot be read is no reason to keep the generation back: what is in it is unknown.
    let ledger = match opened::triage(options) {
        Ok((_, ledger)) => Some(ledger),
        Err(error) => {
            say(&format!("heedless: no tags and notes: {error:#}"));
            None
        }
    };
    let left = ledger.as_ref().map(|ledger| {
        let entry = ledger.get(one.record.content_key()).cloned().unwrap_or_default();
        (column::tags(&ledger.names, entry.tags), entry.note)
    });
    match typed.format {
        ShowFormat::Json => {
            let mut document = document(options, &one);
            let (tags, note) = left.map_or((Value::Null, Value::Null), |(tags, note)| (tags, json!(note)));
            document["tags"] = tags;
            document["note"] = note;
            out.json(&document)?;
        }
        ShowFormat::Markdown => {
            let mut text = snippet(&one.key, &one.record, &one.assessment, None);
            if let Some(left) = left.as_ref().and_then(|(tags, note)| said(tags, note)) {
                let _ = writeln!(text, "\n{left}");
            }
            out.put(&visible_lines(&text), Style::Plain)?;
        }
        ShowFormat::Table => {
            text(options, &one, out)?;
            if let Some(left) = left.as_ref().and_then(|(tags, note)| said(tags, note)) {
                out.end()?;
                out.line(&visible(&left), Style::Dim)?;
            }
        }
    }
    Ok(Found::Something)
}

/// Tags and note on a line; `None` where nothing was left.
fn said(tags: &Value, note: &str) -> Option<String> {
    let tags = words(tags);
    let parts =
        [("tags: ", tags.as_str()), ("note: ", note)].into_iter().filter(|(_, what)| !what.is_empty());
    let parts: Vec<String> = parts.map(|(name, what)| format!("{name}{what}")).collect();
    (!parts.is_empty()).then(|| parts.join(" · "))
}

fn text(options: &Options, one: &One, out: &mut Output) -> io::Result<()> {
    let (record, assessment) = (&one.record, &one.assessment);
    let (item, run) = (&record.item, &record.run);
    out.line(&visible(&one.key), Style::Bold)?;
    let mut facts = vec![run.model.clone(), run.condition.clone()];
    if !item.source.is_empty() {
        facts.push(item.source.clone());
    }
    facts.push(item.setting().to_owned());
    facts.push(format!("{}:{}", shown(&record.place.path), record.place.line));
    out.line(&visible(&facts.join(" · ")), Style::Dim)?;
    out.end()?;
    out.line(&visible_lines(item.question.trim_end()), Style::Plain)?;
    if let Some(gold) = &item.gold {
        out.put(&"gold answer ".into(), Style::Dim)?;
        out.line(&visible(gold), Style::Plain)?;
    }
    out.end()?;
    for (i, constraint) in item.constraints.iter().enumerate() {
        let verdict = &assessment.verdicts[i];
        let style = status_style(verdict.status);
        out.put(&visible(&format!("{} ", glyph(verdict.status))), style)?;
        out.put(&visible(&constraint.id), Style::Bold)?;
        out.line(&visible(&format!("  {}", verdict.sentence)), style)?;
        if let Some(told) = &constraint.description {
            out.line(&visible(&format!("    {}", told.trim())), Style::Dim)?;
        }
        marks(&record.generation.text, &verdict.marks, MARKS, out)?;
    }
    let grade = &assessment.grade;
    let (mark, word, style) = match grade.correct {
        Some(true) => ("✓", "right", Style::Good),
        Some(false) => ("✗", "wrong", Style::Bad),
        None => ("?", "not known", Style::Unsure),
    };
    out.put(&visible(&format!("{mark} ")), style)?;
    out.put(&"final answer".into(), Style::Bold)?;
    let found = grade
        .extracted
        .as_deref()
        .map_or("none found".to_owned(), |e| format!("{word}: {}", width::cut(&visible(e), WIDEST)));
    out.put(&visible(&format!("  {found}")), style)?;
    out.line(&visible(&format!("  ({})", grade.rule)), Style::Dim)?;
    let modes: Vec<&str> = assessment.modes.iter().map(crate::failure::Mode::name).collect();
    if !modes.is_empty() {
        out.line(&visible(&format!("! {}", modes.join(", "))), Style::Unsure)?;
    }
    let judged = format!(
        "judged: {}, bytes {}..{}",
        options.judged.name(),
        assessment.judged.start,
        assessment.judged.end
    );
    out.line(&visible(&judged), Style::Dim)?;
    output(options, one, out)
}

/// The output itself, part by part, marks coloured.
fn output(options: &Options, one: &One, out: &mut Output) -> io::Result<()> {
    let text = &one.record.generation.text;
    let (trace, answer) = (&one.assessment.split.trace, &one.assessment.split.answer);
    let mut all: Vec<&Mark> = one.assessment.verdicts.iter().flat_map(|v| &v.marks).collect();
    all.sort_by_key(|m| (m.start, m.end));
    let tokens = Tokens::count(options, one);
    let mut at = 0;
    let parts = [
        ("trace", trace.clone(), one.assessment.trace, tokens.trace),
        ("answer", answer.clone(), one.assessment.answer, tokens.answer),
    ];
    for (name, range, length, tokens) in parts {
        if range.is_empty() && name == "trace" {
            continue;
        }
        between(text, at..range.start, &all, out)?;
        let heading = format!(
            "── {name}: {} words, {} characters{}",
            width::count(length.words as usize),
            width::count(length.chars as usize),
            tokens.map_or(String::new(), |t| format!(", {t}"))
        );
        out.end()?;
        out.line(&visible(&heading), Style::Bold)?;
        marked(text, range.clone(), &all, Style::Plain, out)?;
        if !text[range.clone()].ends_with('\n') {
            out.end()?;
        }
        at = range.end.max(at);
    }
    between(text, at..text.len(), &all, out)
}

/// What is neither trace nor answer: delimiters, a template's words, what follows `</answer>`.
fn between(text: &str, range: Range<usize>, marks: &[&Mark], out: &mut Output) -> io::Result<()> {
    if range.start >= range.end || text[range.clone()].trim().is_empty() {
        return Ok(());
    }
    let ends = text[range.clone()].ends_with('\n');
    marked(text, range, marks, Style::Dim, out)?;
    if ends { Ok(()) } else { out.end() }
}

/// A stretch of the output with the marks in it set off.
fn marked(
    text: &str,
    range: Range<usize>,
    marks: &[&Mark],
    plain: Style,
    out: &mut Output,
) -> io::Result<()> {
    let mut at = range.start;
    for mark in marks.iter().filter(|m| m.start < m.end && m.start < range.end && m.end > range.start) {
        let (start, end) = (mark.start.max(at), mark.end.min(range.end));
        if start >= end {
            continue;
        }
        out.put(&visible_lines(&text[at..start]), plain)?;
        let style = match mark.role {
            Role::Hit => Style::Hit,
            Role::Region | Role::Divergence | Role::Violation | Role::Missing => Style::Violation,
        };
        out.put(&visible_lines(&text[start..end]), style)?;
        at = end;
    }
    out.put(&visible_lines(&text[at..range.end]), plain)
}

/// Marks as lines: place, role, and the text around.
pub fn marks(text: &str, marks: &[Mark], most: usize, out: &mut Output) -> io::Result<()> {
    for mark in marks.iter().take(most) {
        let (line, column) = one::line_and_column(text, mark.start);
        let (before, inside, after) = one::excerpt(text, mark.start, mark.end, 24);
        let style = if mark.role == Role::Hit { Style::Hit } else { Style::Violation };
        out.put(&visible(&format!("    {line}:{column} {}  ", mark.role.name())), Style::Dim)?;
        out.put(&visible(&before), Style::Plain)?;
        if inside.is_empty() {
            out.put(&"⟨⟩".into(), style)?;
        } else {
            out.put(&"⟨".into(), Style::Dim)?;
            out.put(&visible(&inside), style)?;
            out.put(&"⟩".into(), Style::Dim)?;
        }
        out.put(&visible(&after), Style::Plain)?;
        if let Some(note) = &mark.note {
            out.put(&visible(&format!("  {note}")), Style::Dim)?;
        }
        out.end()?;
    }
    if marks.len() > most {
        out.line(&visible(&format!("    … and {} more", marks.len() - most)), Style::Dim)?;
    }
    Ok(())
}

/// The sign of a status.
pub fn glyph(status: Status) -> &'static str {
    match status.followed() {
        Some(true) => "✓",
        Some(false) => "✗",
        None => "?",
    }
}

/// The colour of a status.
pub fn status_style(status: Status) -> Style {
    match status.followed() {
        Some(true) => Style::Good,
        Some(false) => Style::Bad,
        None => Style::Unsure,
    }
}

/// Lengths in tokens: as saved, else counted.
struct Tokens {
    trace: Option<String>,
    answer: Option<String>,
}

impl Tokens {
    fn count(options: &Options, one: &One) -> Self {
        let text = &one.record.generation.text;
        let of = |length: Length, range: &Range<usize>| match length.saved_tokens {
            Some(saved) => Some(format!("{} tokens (saved)", width::count(saved as usize))),
            None => options.tokenizer.as_ref().map(|tokenizer| {
                let n = tokenizer.count(&text[range.clone()]);
                format!("{} tokens ({})", width::count(n), tokenizer.name())
            }),
        };
        let split = &one.assessment.split;
        Self {
            trace: of(one.assessment.trace, &split.trace),
            answer: of(one.assessment.answer, &split.answer),
        }
    }
}

/// The generation as JSON: documented in `docs/formats.md`.
fn document(options: &Options, one: &One) -> Value {
    let (record, assessment) = (&one.record, &one.assessment);
    let (item, generation) = (&record.item, &record.generation);
    let verdicts: Vec<Value> = item
        .constraints
        .iter()
        .zip(&assessment.verdicts)
        .map(|(constraint, verdict)| {
            let mut value = json!(OneVerdict::new(constraint, verdict));
            value["status"] = json!(verdict.status);
            value
        })
        .collect();
    let part = |range: &Range<usize>, length: Length| {
        let counted = match length.saved_tokens {
            Some(saved) => json!({"count": saved, "by": "saved"}),
            None => options.tokenizer.as_ref().map_or(
                Value::Null,
                |t| json!({"count": t.count(&generation.text[range.clone()]), "by": t.name()}),
            ),
        };
        json!({
            "start": range.start, "end": range.end, "chars": length.chars, "words": length.words,
            "tokens": counted,
        })
    };
    json!({
        "key": one.key,
        "run": record.run.as_ref(),
        "item": {
            "id": item.id, "group": item.group, "source": item.source, "setting": item.setting(),
            "question": item.question, "gold": item.gold, "constraints": item.constraints,
            "prompt": item.prompt,
        },
        "place": {
            "file": shown(&record.place.path), "line": record.place.line, "byte": record.place.byte,
        },
        "sample": generation.sample,
        "finish": generation.finish,
        "usage": generation.usage,
        "saved": generation.saved,
        "judged": {"rule": options.judged.name(), "start": assessment.judged.start, "end": assessment.judged.end},
        "verdicts": verdicts,
        "correct": assessment.grade.correct,
        "extracted": assessment.grade.extracted,
        "extracted_at": assessment.grade.span.as_ref().map(|s| json!({"start": s.start, "end": s.end})),
        "graded_by": assessment.grade.rule,
        "modes": assessment.modes.iter().collect::<Vec<_>>(),
        "trace": part(&assessment.split.trace, assessment.trace),
        "answer": part(&assessment.split.answer, assessment.answer),
        "output": generation.text,
    })
}
