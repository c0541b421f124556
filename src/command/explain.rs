//! `heedless explain`: why one generation got its verdicts.

use std::ops::Range;

use anyhow::Result;

use super::Found;
use super::one::{self, One};
use super::output::{Output, Style};
use super::show::{glyph, marks, status_style};
use crate::assess::verdicts_under_all;
use crate::cli::Explain;
use crate::constraint::{Verdict, Want, kind_of, language_name};
use crate::failure::Thresholds;
use crate::options::Options;
use crate::split::JudgedSpan;
use crate::text::width::{cut, number_of};
use crate::text::{visible, width};
use crate::trace::{Mention, TraceFacts, Turn};

/// Marks listed for each constraint.
const MARKS: usize = 50;

/// Columns of a passage that is quoted.
const QUOTED: usize = 72;

/// Runs the command.
pub fn run(options: &Options, typed: &Explain, out: &mut Output) -> Result<Found> {
    let one = One::find(options, &typed.key, &typed.paths)?;
    let only = typed.constraint.as_deref().map(|name| one::constraint_at(&one, name)).transpose()?;
    out.line(&visible(&one.key), Style::Bold)?;
    let generation = &one.record.generation;
    let trace = TraceFacts::of(&one.item, generation, &one.assessment.split, &Thresholds::default());
    let under = verdicts_under_all(&one.item, generation, &one.assessment.split, Want::Verdict);
    for i in (0..one.record.item.constraints.len()).filter(|i| only.is_none_or(|only| only == *i)) {
        out.end()?;
        constraint(options, &one, &under, i, out)?;
        mention(options, &one, &trace.mentions[i], out)?;
    }
    if only.is_none() {
        if !one.assessment.split.trace.is_empty() {
            out.end()?;
            way(&one, &trace, out)?;
        }
        out.end()?;
        answer(&one, out)?;
    }
    Ok(Found::Something)
}

fn field(name: &str, value: &str, out: &mut Output) -> Result<()> {
    out.put(&visible(&format!("  {name:<10}")), Style::Dim)?;
    out.line(&visible(value), Style::Plain)?;
    Ok(())
}

fn constraint(
    options: &Options,
    one: &One,
    under: &[Vec<Verdict>; 4],
    i: usize,
    out: &mut Output,
) -> Result<()> {
    let text = &one.record.generation.text;
    let assessment = &one.assessment;
    let (constraint, verdict) = (&one.record.item.constraints[i], &assessment.verdicts[i]);
    let style = status_style(verdict.status);
    out.put(&visible(&format!("{} ", glyph(verdict.status))), style)?;
    out.put(&visible(&constraint.id), Style::Bold)?;
    out.line(&visible(&format!("  {}: {}", verdict.status.name(), verdict.sentence)), style)?;
    let kind = kind_of(&constraint.id);
    field("rule", kind.map_or("no checker knows this id", |k| k.sentence), out)?;
    if let Some(told) = &constraint.description {
        field("told", told.trim(), out)?;
    }
    if !constraint.args.is_null() {
        field("arguments", &constraint.args.to_string(), out)?;
    }
    let judged = &assessment.judged;
    let (from, to) = (one::line_and_column(text, judged.start), one::line_and_column(text, judged.end));
    let span = format!(
        "{}: bytes {}..{} of {}, line {} column {} to line {} column {}",
        options.judged.name(),
        judged.start,
        judged.end,
        text.len(),
        from.0,
        from.1,
        to.0,
        to.1
    );
    field("judged", &span, out)?;
    let unit = verdict.margin.map(|m| m.unit).or(kind.map(|k| k.unit)).unwrap_or_default();
    if let Some(measured) = verdict.measured {
        field("measured", &format!("{measured} {unit}"), out)?;
    }
    if let Some(margin) = verdict.margin {
        let side = if margin.value < 0.0 { "past the border" } else { "within the border" };
        field("margin", &format!("{} {unit}, {side}", margin.value), out)?;
    }
    if verdict.unstable {
        field("unstable", "the verdict changes with the seed of the language detector", out)?;
    }
    let saved = one.record.generation.saved.follow.as_ref().and_then(|f| f.get(i).copied().flatten());
    if let Some(saved) = saved {
        let differs = if verdict.status.followed() == Some(saved) { "" } else { ", which differs" };
        field("saved", &format!("{}{differs}", if saved { "followed" } else { "not followed" }), out)?;
    }
    let others: Vec<String> = JudgedSpan::ALL
        .into_iter()
        .zip(under)
        .filter(|(rule, _)| *rule != options.judged)
        .map(|(rule, verdicts)| format!("{} {}", rule.name(), verdicts[i].status.name()))
        .collect();
    field("otherwise", &others.join(", "), out)?;
    if !verdict.marks.is_empty() {
        field("marks", &width::count(verdict.marks.len()), out)?;
        marks(text, &verdict.marks, MARKS, out)?;
    }
    Ok(())
}

/// What the output says of the constraint.
fn mention(options: &Options, one: &One, mention: &Mention, out: &mut Output) -> Result<()> {
    let text = &one.record.generation.text;
    let has_trace = !one.assessment.split.trace.is_empty();
    let sentence = mention.sentence(text, has_trace, options.tokenizer.as_deref());
    if !sentence.is_empty() {
        field("said", &sentence, out)?;
    }
    for (name, place) in [("named at", mention.places.last()), ("claimed at", mention.claim.as_ref())] {
        if let Some(place) = place {
            quote(name, text, place, out)?;
        }
    }
    Ok(())
}

/// A place and what stands there.
fn quote(name: &str, text: &str, place: &Range<usize>, out: &mut Output) -> Result<()> {
    let (line, column) = one::line_and_column(text, place.start);
    let shown = visible(&text[place.clone()]);
    field(name, &format!("line {line} column {column}: {}", cut(&shown, QUOTED)), out)
}

/// What the trace does on its way.
fn way(one: &One, trace: &TraceFacts, out: &mut Output) -> Result<()> {
    let text = &one.record.generation.text;
    out.line(&"trace".into(), Style::Bold)?;
    let turns: Vec<String> =
        Turn::ALL.into_iter().map(|turn| format!("{} {}", turn.name(), trace.count(turn))).collect();
    field("turns", &turns.join(", "), out)?;
    field("language", trace.language.map_or("cannot be told", language_name), out)?;
    field("tried", &number_of(trace.drafts.len(), "boxed answer"), out)?;
    for draft in &trace.drafts {
        quote("", text, draft, out)?;
    }
    if let Some(repetition) = &trace.repetition {
        let first = repetition.place.start..repetition.place.start + repetition.period;
        quote("repeats", text, &first, out)?;
        field("", &format!("{} in a row", number_of(repetition.times, "time")), out)?;
    }
    Ok(())
}

fn answer(one: &One, out: &mut Output) -> Result<()> {
    let text = &one.record.generation.text;
    let grade = &one.assessment.grade;
    let (sign, word, style) = match grade.correct {
        Some(true) => ("✓", "right", Style::Good),
        Some(false) => ("✗", "wrong", Style::Bad),
        None => ("?", "not known", Style::Unsure),
    };
    out.put(&visible(&format!("{sign} ")), style)?;
    out.put(&"final answer".into(), Style::Bold)?;
    out.line(&visible(&format!("  {word}")), style)?;
    field("gold", one.record.item.gold.as_deref().unwrap_or("none"), out)?;
    field("extracted", grade.extracted.as_deref().unwrap_or("nothing"), out)?;
    field("rule", grade.rule, out)?;
    if let Some(span) = &grade.span {
        let (line, column) = one::line_and_column(text, span.start);
        field("found at", &format!("line {line} column {column}, bytes {}..{}", span.start, span.end), out)?;
    }
    if let Some(saved) = one.record.generation.saved.correct {
        let differs = if grade.correct == Some(saved) { "" } else { ", which differs" };
        field("saved", &format!("{}{differs}", if saved { "right" } else { "wrong" }), out)?;
    }
    let modes: Vec<&str> = one.assessment.modes.iter().map(crate::failure::Mode::name).collect();
    if !modes.is_empty() {
        out.end()?;
        out.line(&visible(&format!("! {}", modes.join(", "))), Style::Unsure)?;
    }
    Ok(())
}
