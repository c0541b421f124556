//! Which failure modes one generation has.
//!
//! Every output of an index passes here, so what costs something is only done where it can change
//! the result, and once.

use std::cell::OnceCell;
use std::ops::Range;

use memchr::memmem;

use super::{Mode, Modes, language, repetition};
use crate::assess::{Options, PreparedItem, RunFacts};
use crate::constraint::{Category, Status, Verdict, Want};
use crate::grade::{self, Grade};
use crate::record::{Constraint, Finish, Generation};
use crate::split::Split;
use crate::text;

/// What the modes are derived from.
pub(crate) struct Seen<'a> {
    /// The item.
    pub(crate) item: &'a PreparedItem,
    /// What is known of the run.
    pub(crate) facts: RunFacts,
    /// The output.
    pub(crate) generation: &'a Generation,
    /// How it is assessed.
    pub(crate) options: Options,
    /// Its parts.
    pub(crate) split: &'a Split,
    /// The judged text.
    pub(crate) judged: &'a Range<usize>,
    /// The verdicts on it.
    pub(crate) verdicts: &'a [Verdict],
    /// The verdict on the answer.
    pub(crate) grade: &'a Grade,
}

/// The modes that can be told from one generation and its run.
pub(crate) fn modes(seen: &Seen<'_>) -> Modes {
    let mut modes = Modes::default();
    let lower = OnceCell::new();
    let trace_language = OnceCell::new();
    seen.delimiters(&mut modes);
    seen.boxes(&mut modes);
    seen.margins(&mut modes);
    seen.outcome(&mut modes);
    seen.parts(&mut modes, &trace_language);
    seen.mentions(&mut modes, &lower);
    seen.languages(&mut modes, &trace_language);
    seen.text(&mut modes);
    modes
}

/// The modes that come from the twin: the same item in the run without constraints.
pub fn against_twin(correct: Option<bool>, twin_correct: Option<bool>) -> Modes {
    let mut modes = Modes::default();
    modes.set(Mode::Gained, (correct, twin_correct) == (Some(true), Some(false)));
    modes.set(Mode::Lost, (correct, twin_correct) == (Some(false), Some(true)));
    modes
}

impl<'a> Seen<'a> {
    fn part(&self, range: &Range<usize>) -> &'a str {
        &self.generation.text[range.clone()]
    }

    fn is_blank(&self, range: &Range<usize>) -> bool {
        self.part(range).trim().is_empty()
    }

    /// The constraints that failed, with their verdicts.
    fn failed(&self) -> impl Iterator<Item = (usize, &'a Constraint, &'a Verdict)> {
        let item: &'a PreparedItem = self.item;
        item.item
            .constraints
            .iter()
            .zip(self.verdicts)
            .enumerate()
            .filter(|(_, (_, v))| v.status == Status::NotFollowed)
            .map(|(i, (c, v))| (i, c, v))
    }

    fn any_failed(&self) -> bool {
        self.failed().next().is_some()
    }

    fn delimiters(&self, modes: &mut Modes) {
        let cut = self.generation.finish == Some(Finish::Length);
        // A file that keeps the parts apart needs no delimiters.
        let apart = self.generation.answer_at.is_some();
        let never_closes = self.facts.closes_traces && !self.split.closed() && !apart;
        modes.set(Mode::Truncated, cut || never_closes);
        modes.set(Mode::MissingTags, never_closes && !self.split.has_delimiter() && !cut);
        modes.set(Mode::SeveralCloses, self.split.closes > 1);
        modes.set(Mode::NoAnswer, self.is_blank(&self.split.answer));
        modes.set(Mode::EmptyJudged, self.is_blank(self.judged));
        let shared = self.split.trace.start.max(self.judged.start)..self.split.trace.end.min(self.judged.end);
        modes.set(Mode::TraceJudged, shared.start < shared.end && !self.is_blank(&shared));
    }

    fn boxes(&self, modes: &mut Modes) {
        // An output in answer tags, whose prompt was not saved, was asked for those.
        let tagged = || self.item.item.prompt.is_none() && self.generation.text.contains("<answer>");
        if !self.item.asks_for_box || tagged() {
            return;
        }
        let has_box = |range: &Range<usize>| grade::last_box(self.part(range)).is_some();
        if !has_box(&self.split.answer) {
            modes.set(Mode::Unboxed, true);
            modes.set(Mode::BoxedInTrace, has_box(&self.split.trace));
        }
    }

    fn margins(&self, modes: &mut Modes) {
        let mut near = self.any_failed();
        for (_, constraint, verdict) in self.failed() {
            let Some(margin) = verdict.margin else {
                near = false;
                continue;
            };
            // A share is not counted in units.
            near &= margin.unit != "share" && (margin.value + 1.0).abs() < 1e-9;
            let thresholds = &self.options.thresholds;
            if let Some(bound) = bound_of(constraint)
                && -margin.value >= thresholds.far_units
                && -margin.value >= bound * thresholds.far_share
            {
                modes.set(Mode::FarMiss, true);
            }
        }
        modes.set(Mode::NearMiss, near);
    }

    fn outcome(&self, modes: &mut Modes) {
        let status = |s: Status| self.verdicts.iter().any(|v| v.status == s);
        let obeyed = !self.verdicts.is_empty() && self.verdicts.iter().all(|v| v.status == Status::Followed);
        let failed = status(Status::NotFollowed);
        modes.set(Mode::CorrectButDisobeyed, failed && self.grade.correct == Some(true));
        modes.set(Mode::ObeyedButWrong, obeyed && self.grade.correct == Some(false));
        modes.set(Mode::BothFailed, failed && self.grade.correct == Some(false));
        modes.set(Mode::Unsatisfiable, self.item.conflict.is_some());
        modes.set(Mode::Unverifiable, status(Status::Unverifiable) || status(Status::NoChecker));
        modes.set(Mode::UnstableVerdict, self.verdicts.iter().any(|v| v.unstable));
        let saved = &self.generation.saved;
        let differs =
            |saved: Option<bool>, ours: Option<bool>| saved.is_some() && ours.is_some() && saved != ours;
        let follow = saved.follow.iter().flatten().zip(self.verdicts);
        modes.set(
            Mode::VerdictMismatch,
            differs(saved.correct, self.grade.correct)
                || follow.into_iter().any(|(saved, ours)| differs(*saved, ours.status.followed())),
        );
    }

    /// What the trace obeys and the answer does not, and the other way round.
    fn parts(&self, modes: &mut Modes, trace_language: &OnceCell<Option<&'static str>>) {
        if self.is_blank(&self.split.trace) || self.is_blank(&self.split.answer) {
            return;
        }
        let text = self.generation.text.as_str();
        for (i, prepared) in self.item.constraints.iter().enumerate() {
            let answer = if *self.judged == self.split.answer {
                self.verdicts[i].status
            } else {
                prepared.check(text, self.split.answer.clone(), Want::Verdict).status
            };
            let undecided = match answer {
                Status::NotFollowed => !modes.has(Mode::TraceOnly),
                Status::Followed => !modes.has(Mode::AnswerOnly) && makes_sense_on_a_trace(prepared.kind()),
                _ => false,
            };
            if !undecided {
                continue;
            }
            match (answer, self.followed_by_trace(i, trace_language)) {
                (Status::NotFollowed, Some(true)) => modes.set(Mode::TraceOnly, true),
                (Status::Followed, Some(false)) => modes.set(Mode::AnswerOnly, true),
                _ => {}
            }
        }
    }

    /// Whether the trace follows a constraint. A language is told from samples of it: traces are
    /// long, and the detector is slow.
    fn followed_by_trace(
        &self,
        constraint: usize,
        trace_language: &OnceCell<Option<&'static str>>,
    ) -> Option<bool> {
        if *self.judged == self.split.trace {
            return self.verdicts[constraint].status.followed();
        }
        let stated = &self.item.item.constraints[constraint];
        if let Some(wanted) = required_language(stated)
            && stated.short_name() == "response_language"
        {
            return self.trace_language(trace_language).map(|found| found == wanted);
        }
        let trace = self.split.trace.clone();
        self.item.constraints[constraint].check(&self.generation.text, trace, Want::Verdict).status.followed()
    }

    /// The language of the trace, told once.
    fn trace_language(&self, told: &OnceCell<Option<&'static str>>) -> Option<&'static str> {
        *told.get_or_init(|| language::of(self.part(&self.split.trace)))
    }

    fn mentions(&self, modes: &mut Modes, lower: &OnceCell<String>) {
        if !self.any_failed() {
            return;
        }
        let lower = lower.get_or_init(|| self.generation.text.to_ascii_lowercase());
        let trace = (!self.is_blank(&self.split.trace)).then(|| &lower[self.split.trace.clone()]);
        for (i, _, _) in self.failed() {
            let cues = self.item.cues(i);
            if let Some(trace) = trace {
                let mentioned = cues.mentioned_in(trace);
                let mode = if mentioned { Mode::MentionedButBroken } else { Mode::Unmentioned };
                modes.set(mode, true);
            }
            if !modes.has(Mode::ClaimedButBroken) && cues.claimed_in(lower).is_some() {
                modes.set(Mode::ClaimedButBroken, true);
            }
        }
    }

    fn languages(&self, modes: &mut Modes, trace_language: &OnceCell<Option<&'static str>>) {
        let asked = self.item.language();
        let required = self.item.item.constraints.iter().find_map(required_language);
        if let Some(wanted) = required.or(asked) {
            let judged = self.part(self.judged);
            let share = self.options.thresholds.drift_share;
            let drifts = language::share_of_others(judged, wanted, share) >= share;
            modes.set(Mode::LanguageDrift, drifts);
        }
        if let Some(asked) = asked
            && !self.is_blank(&self.split.trace)
        {
            let trace = self.trace_language(trace_language);
            modes.set(Mode::TraceLanguage, trace.is_some_and(|found| found != asked));
        }
    }

    fn text(&self, modes: &mut Modes) {
        let (text, thresholds) = (self.generation.text.as_str(), &self.options.thresholds);
        modes.set(
            Mode::Repetition,
            repetition::repeated(text, 0..text.len(), thresholds).is_some()
                || repetition::compresses(text, 0..text.len(), thresholds),
        );
        modes.set(Mode::HiddenCharacters, hides(text));
        modes.set(Mode::Echo, self.echoes());
    }

    /// Whether the answer begins with the question or with a constraint's sentence, unasked.
    fn echoes(&self) -> bool {
        let item = &self.item.item;
        if item.constraints.iter().any(|c| c.short_name() == "repeat_prompt") {
            return false;
        }
        let enough = self.options.thresholds.echoed_chars;
        let answer = self.part(&self.split.answer);
        let told = item.constraints.iter().filter_map(|c| c.description.as_deref());
        told.chain([item.question.as_str()]).any(|told| {
            // Most answers differ in the first letters.
            let (mut here, mut len) = (normal(answer, enough), 0);
            normal(told, enough).all(|c| {
                len += c.len_utf8();
                here.next() == Some(c)
            })
            // A few words prove nothing.
                && len * 2 >= enough
        })
    }
}

/// The first `enough` letters and digits of a text, in lower case.
fn normal(text: &str, enough: usize) -> impl Iterator<Item = char> + '_ {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).take(enough)
}

/// The language that a constraint requires.
fn required_language(constraint: &Constraint) -> Option<&str> {
    match constraint.short_name() {
        "response_language" => constraint.args.get("language")?.as_str(),
        "english_capital" | "english_lowercase" => Some("en"),
        _ => None,
    }
}

/// The number that a count constraint holds its count against.
fn bound_of(constraint: &Constraint) -> Option<f64> {
    const NAMES: [&str; 10] = [
        "num_words",
        "frequency",
        "num_bullets",
        "num_highlights",
        "num_sections",
        "capital_frequency",
        "num_sentences",
        "num_paragraphs",
        "let_frequency",
        "num_placeholders",
    ];
    NAMES.iter().find_map(|name| constraint.args.get(name)?.as_f64())
}

/// Whether a constraint can be asked of reasoning at all: not those on the beginning, the end and
/// the layout of an answer.
fn makes_sense_on_a_trace(kind: Option<&'static crate::constraint::Kind>) -> bool {
    kind.is_some_and(|kind| {
        kind.category != Category::Affix
            && !matches!(
                kind.short,
                "multiple_sections"
                    | "number_bullet_lists"
                    | "number_highlighted_sections"
                    | "number_paragraphs"
                    | "nth_paragraph_first_word"
                    | "postscript"
                    | "constrained_response"
                    | "json_format"
                    | "title"
                    | "two_responses"
            )
    })
}

/// Whether a text has control, bidirectional or invisible characters. A carriage return that ends a
/// line is none.
fn hides(text: &str) -> bool {
    let bytes = text.as_bytes();
    let hidden = |c: char| c.is_control() || text::piece::is_hidden(c);
    // A quick look settles nearly all; what is hidden in a grapheme with good reason needs a closer one.
    let suspect = bytes.chunks(BLOCK).enumerate().any(|(i, block)| {
        // No short cuts in here, so that these become vector instructions.
        let control = |b: &u8| u8::from(matches!(b, 0..=8 | 0x0b..=0x1f | 0x7f));
        let controls = block.iter().fold(0, |any, b| any | control(b)) != 0;
        let beyond = block.iter().fold(0, |any, b| any | b) >= 0x80;
        controls
            || beyond
                && (i * BLOCK..i * BLOCK + block.len()).any(|at| {
                    // The first byte of a character beyond ASCII.
                    bytes[at] >= 0xc0 && text[at..].chars().next().is_some_and(hidden)
                })
    });
    suspect && text::count_hidden(text) > memmem::find_iter(bytes, b"\r\n").count()
}

/// Bytes looked at together.
const BLOCK: usize = 64;

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use serde_json::Value;

    use super::*;
    use crate::record::Item;

    #[test]
    fn an_unstable_verdict_is_told() {
        let constraint =
            Constraint { id: "language:response_language".into(), args: Value::Null, description: None };
        let item = PreparedItem::new(Arc::new(Item { constraints: vec![constraint], ..Item::default() }));
        let generation = Generation { text: "so".into(), ..Generation::default() };
        let split = Split::of(&generation, false);
        let mut verdict = item.constraints[0].check("so", 0..2, Want::Verdict);
        let grade = item.gold.grade("so", 0..2, grade::GradeMode::Reference);
        for unstable in [false, true] {
            verdict.unstable = unstable;
            let seen = Seen {
                item: &item,
                facts: RunFacts::default(),
                generation: &generation,
                options: Options::default(),
                split: &split,
                judged: &(0..2),
                verdicts: std::slice::from_ref(&verdict),
                grade: &grade,
            };
            assert_eq!(modes(&seen).has(Mode::UnstableVerdict), unstable);
        }
    }
}
