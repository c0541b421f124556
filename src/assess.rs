//! Everything derived from one record: split, verdicts, grade, lengths, failure modes.
//!
//! The one place where those meet; the library, `score`, `show` and the reading pane all ask here,
//! so that they cannot disagree.

use std::ops::Range;
use std::sync::{Arc, OnceLock};

use crate::constraint::{Prepared, Verdict, Want};
use crate::failure::conflict::{asks_for_box, conflict};
use crate::failure::cue::Cues;
use crate::failure::{self, Modes, Seen, Thresholds};
use crate::grade::{Gold, Grade, GradeMode};
pub use crate::length::Length;
use crate::record::{Generation, Item, Run};
use crate::split::{JudgedSpan, Split};

/// An item made ready to assess many outputs.
#[derive(Debug)]
pub struct PreparedItem {
    /// The item.
    pub item: Arc<Item>,
    /// Its constraints, in order.
    pub constraints: Vec<Prepared>,
    /// Its gold answer.
    pub gold: Gold,
    /// Why no output can follow all its constraints, in a sentence; `None` when one can.
    pub conflict: Option<String>,
    /// Whether its prompt asks for the answer in `\\boxed{}`.
    pub asks_for_box: bool,
    /// Made when first needed: most constraints are never looked for.
    cues: Vec<OnceLock<Cues>>,
    language: OnceLock<Option<&'static str>>,
}

impl PreparedItem {
    /// Compiles the item's constraints and parses its gold answer.
    pub fn new(item: Arc<Item>) -> Self {
        let constraints: Vec<_> = item.constraints.iter().map(Prepared::new).collect();
        let gold = Gold::new(item.gold.as_deref());
        let conflict = conflict(&item, &constraints);
        let asks_for_box = asks_for_box(&item);
        let cues = item.constraints.iter().map(|_| OnceLock::new()).collect();
        Self { item, constraints, gold, conflict, asks_for_box, cues, language: OnceLock::new() }
    }

    /// The words by which its `i`th constraint is spoken of.
    pub fn cues(&self, i: usize) -> &Cues {
        self.cues[i].get_or_init(|| Cues::of(&self.item.constraints[i]))
    }

    /// The code of the language of its question, where it can be told.
    pub fn language(&self) -> Option<&'static str> {
        *self.language.get_or_init(|| failure::language::of(&self.item.question))
    }
}

/// What must be known of a whole run to judge one of its outputs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RunFacts {
    /// More than half of its outputs close their traces.
    pub closes_traces: bool,
}

/// How to assess.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// Which text is judged.
    pub judged: JudgedSpan,
    /// How answers are compared.
    pub grade: GradeMode,
    /// Whether marks are wanted.
    pub want: Want,
    /// The numbers in the rules of the failure modes.
    pub thresholds: Thresholds,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            judged: JudgedSpan::Mathif,
            grade: GradeMode::Reference,
            want: Want::Marks,
            thresholds: Thresholds::default(),
        }
    }
}

/// The verdict on a generation as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Overall {
    /// Every constraint followed.
    Pass,
    /// Some followed, some not.
    Partial,
    /// None followed.
    Fail,
    /// No constraint, or some not known while none that is known decides.
    Unknown,
}

impl Overall {
    /// All, from best to worst, unknown last.
    pub const ALL: [Self; 4] = [Self::Pass, Self::Partial, Self::Fail, Self::Unknown];

    /// The word in queries and on screens.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Partial => "partial",
            Self::Fail => "fail",
            Self::Unknown => "unknown",
        }
    }
}

/// Everything derived from one record under one judged-span rule.
#[derive(Debug, Clone)]
pub struct Assessment {
    /// The parts of the output.
    pub split: Split,
    /// The text that was judged.
    pub judged: Range<usize>,
    /// One verdict per constraint, in the item's order.
    pub verdicts: Vec<Verdict>,
    /// The verdict on the final answer.
    pub grade: Grade,
    /// Length of the trace.
    pub trace: Length,
    /// Length of the answer.
    pub answer: Length,
    /// The failure modes that can be told from one generation and its run.
    pub modes: Modes,
}

impl Assessment {
    /// All constraints followed; `None` when that is not known or there are none.
    pub fn hacc(&self) -> Option<bool> {
        hacc(&self.verdicts)
    }

    /// Share of constraints followed; `None` when one is not known or there are none.
    pub fn sacc(&self) -> Option<f64> {
        sacc(&self.verdicts)
    }

    /// The verdict on the generation as a whole.
    pub fn overall(&self) -> Overall {
        let (mut yes, mut no, mut unknown) = (0, 0, 0);
        for v in &self.verdicts {
            match v.status.followed() {
                Some(true) => yes += 1,
                Some(false) => no += 1,
                None => unknown += 1,
            }
        }
        match (yes, no, unknown) {
            (0, 0, _) => Overall::Unknown,
            (_, 0, 0) => Overall::Pass,
            (_, 0, _) => Overall::Unknown,
            (0, _, _) => Overall::Fail,
            _ => Overall::Partial,
        }
    }
}

/// Whether all verdicts are “followed”: `HAcc` of one generation. A single failure decides, whatever
/// is not known; `None` when something is not known, or there are no constraints.
pub fn hacc(verdicts: &[Verdict]) -> Option<bool> {
    let mut all = !verdicts.is_empty();
    for verdict in verdicts {
        match verdict.status.followed() {
            Some(false) => return Some(false),
            Some(true) => {}
            None => all = false,
        }
    }
    all.then_some(true)
}

/// The share of verdicts that are “followed”: `SAcc` of one generation. `None` when one is not
/// known, or there are no constraints.
pub fn sacc(verdicts: &[Verdict]) -> Option<f64> {
    let mut followed = 0_u32;
    for verdict in verdicts {
        followed += u32::from(verdict.status.followed()?);
    }
    (!verdicts.is_empty()).then(|| f64::from(followed) / verdicts.len() as f64)
}

/// The verdicts under each rule of [`JudgedSpan::ALL`], in that order. Rules that select the same
/// text share the work.
pub fn verdicts_under_all(
    item: &PreparedItem,
    generation: &Generation,
    split: &Split,
    want: Want,
) -> [Vec<Verdict>; 4] {
    let ranges = JudgedSpan::ALL.map(|rule| split.judged(rule));
    let mut under = [const { Vec::new() }; 4];
    for constraint in &item.constraints {
        for (verdicts, verdict) in
            under.iter_mut().zip(constraint.check_ranges(&generation.text, &ranges, want))
        {
            verdicts.push(verdict);
        }
    }
    under
}

/// The verdicts on one generation, without what is derived from them.
#[derive(Debug, Clone)]
pub struct Judgement {
    /// The parts of the output.
    pub split: Split,
    /// The text that was judged.
    pub judged: Range<usize>,
    /// One verdict per constraint, in the item's order.
    pub verdicts: Vec<Verdict>,
    /// The verdict on the final answer.
    pub grade: Grade,
}

/// Judges one generation of a run: the part of [`assess`] that averages need.
pub fn judge(item: &PreparedItem, facts: RunFacts, generation: &Generation, options: Options) -> Judgement {
    let split = Split::of(generation, facts.closes_traces);
    let judged = split.judged(options.judged);
    let text = generation.text.as_str();
    let verdicts = item.constraints.iter().map(|c| c.check(text, judged.clone(), options.want)).collect();
    let grade = item.gold.grade(text, judged.clone(), options.grade);
    Judgement { split, judged, verdicts, grade }
}

/// Assesses one generation of a run.
pub fn assess(
    item: &PreparedItem,
    _run: &Run,
    facts: RunFacts,
    generation: &Generation,
    options: Options,
) -> Assessment {
    let judgement = judge(item, facts, generation, options);
    let modes = modes(item, facts, generation, &judgement, options);
    let Judgement { split, judged, verdicts, grade } = judgement;
    let (trace, answer) = lengths(generation, &split);
    Assessment { split, judged, verdicts, grade, trace, answer, modes }
}

/// The failure modes that can be told from a generation, how it was judged, and its run.
pub fn modes(
    item: &PreparedItem,
    facts: RunFacts,
    generation: &Generation,
    judgement: &Judgement,
    options: Options,
) -> Modes {
    let Judgement { split, judged, verdicts, grade } = judgement;
    failure::modes(&Seen { item, facts, generation, options, split, judged, verdicts, grade })
}

/// Lengths of trace and answer. Saved token counts are given to a part only where the file says
/// how many belong to it.
fn lengths(generation: &Generation, split: &Split) -> (Length, Length) {
    let of = |range: &Range<usize>| Length::of(&generation.text[range.clone()]);
    let (mut trace, mut answer) = (of(&split.trace), of(&split.answer));
    let usage = generation.usage;
    match (usage.output, usage.reasoning) {
        (Some(output), Some(reasoning)) if reasoning <= output => {
            trace.saved_tokens = Some(reasoning as u32);
            answer.saved_tokens = Some((output - reasoning) as u32);
        }
        (Some(output), None) if split.trace.is_empty() => {
            trace.saved_tokens = Some(0);
            answer.saved_tokens = Some(output as u32);
        }
        (Some(output), None) if split.answer.is_empty() => {
            trace.saved_tokens = Some(output as u32);
            answer.saved_tokens = Some(0);
        }
        _ => {}
    }
    (trace, answer)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;
    use crate::failure::{Mode, against_twin};
    use crate::record::{Constraint, Finish, Usage};

    fn constraint(id: &str, args: Value) -> Constraint {
        Constraint { id: id.into(), args, description: None }
    }

    fn no_comma() -> Constraint {
        Constraint {
            description: Some("In your entire response, refrain from the use of any commas.".into()),
            ..constraint("punctuation:no_comma", Value::Null)
        }
    }

    /// An item with its question in English, a gold answer of 5, and a prompt that asks for a box.
    fn item(constraints: Vec<Constraint>) -> Item {
        let question = "How many of the apples that are in the basket have they given to the children?";
        Item {
            question: question.into(),
            gold: Some("5".into()),
            prompt: Some(format!("{question} Put the answer in \\boxed{{}}.")),
            constraints,
            ..Item::default()
        }
    }

    fn generation(text: &str) -> Generation {
        Generation { text: text.into(), ..Generation::default() }
    }

    fn assessed(item: Item, closes_traces: bool, generation: &Generation, judged: JudgedSpan) -> Assessment {
        let options = Options { judged, ..Options::default() };
        assess(
            &PreparedItem::new(Arc::new(item)),
            &Run::default(),
            RunFacts { closes_traces },
            generation,
            options,
        )
    }

    /// The modes of an output under the default rule, in a run that closes its traces.
    fn modes(constraints: Vec<Constraint>, text: &str) -> Modes {
        assessed(item(constraints), true, &generation(text), JudgedSpan::Mathif).modes
    }

    #[track_caller]
    fn shown(mode: Mode, constraints: Vec<Constraint>, with: &str, without: &str) {
        assert!(modes(constraints.clone(), with).has(mode), "{} is missing in {with:?}", mode.name());
        assert!(!modes(constraints, without).has(mode), "{} is wrong in {without:?}", mode.name());
    }

    #[test]
    fn delimiters_and_limits() {
        let fine = "<think>So it is 5 then.</think>It is \\boxed{5}";
        shown(Mode::Truncated, vec![], "<think>So it is", fine);
        shown(Mode::Truncated, vec![], "So it is", fine);
        shown(Mode::MissingTags, vec![], "So it is", "<think>So it is");
        shown(Mode::NoAnswer, vec![], "<think>So it is 5</think> \n", fine);
        shown(Mode::SeveralCloses, vec![], "<think>a</think>b</think>c", fine);
        shown(Mode::EmptyJudged, vec![], "<think>a</think>\n</think>c", fine);
        // The public rule takes the piece between the first closing tag and the second.
        shown(Mode::TraceJudged, vec![], "<think>a</think>b</think>c", fine);
        let cut = Generation { finish: Some(Finish::Length), ..generation("plain and cut") };
        let of_cut = assessed(item(vec![]), false, &cut, JudgedSpan::Mathif).modes;
        assert!(of_cut.has(Mode::Truncated) && !of_cut.has(Mode::MissingTags));
        let plain = assessed(item(vec![]), false, &generation("plain"), JudgedSpan::Mathif).modes;
        assert!(!plain.has(Mode::Truncated) && !plain.has(Mode::MissingTags));
        let apart = Generation { answer_at: Some(0), ..generation("It is 5") };
        assert!(!assessed(item(vec![]), true, &apart, JudgedSpan::Mathif).modes.has(Mode::Truncated));
    }

    #[test]
    fn boxes() {
        let unboxed = "<think>So \\boxed{5}</think>It is 5";
        shown(Mode::Unboxed, vec![], unboxed, "<think>So 5</think>It is \\boxed{5}");
        shown(Mode::BoxedInTrace, vec![], unboxed, "<think>So 5</think>It is 5");
        let unasked = Item { prompt: Some("How many?".into()), ..item(vec![]) };
        assert!(!assessed(unasked, true, &generation(unboxed), JudgedSpan::Mathif).modes.has(Mode::Unboxed));
    }

    #[test]
    fn margins() {
        let words = |n: u32| {
            constraint(
                "length_constraint_checkers:number_words",
                json!({"num_words": n, "relation": "at least"}),
            )
        };
        let two = vec![no_comma(), words(3)];
        shown(Mode::NearMiss, two.clone(), "a</think>one, two three", "a</think>one, two, three");
        shown(Mode::NearMiss, two.clone(), "a</think>one, two", "a</think>one two three");
        shown(
            Mode::FarMiss,
            vec![words(20)],
            "a</think>one two",
            "a</think>one two three four five six seven eight nine ten eleven",
        );
        shown(
            Mode::FarMiss,
            vec![words(20)],
            "a</think>one two",
            &format!("a</think>{}", "word ".repeat(11)),
        );
        // Nine short of twelve is most of it, but not ten units.
        assert!(!modes(vec![words(12)], "a</think>one two three").has(Mode::FarMiss));
    }

    #[test]
    fn outcomes() {
        let constraints = vec![no_comma()];
        let (right, wrong) = ("a</think>well, \\boxed{5}", "a</think>well, \\boxed{6}");
        let (obeyed_right, obeyed_wrong) = ("a</think>well \\boxed{5}", "a</think>well \\boxed{6}");
        shown(Mode::CorrectButDisobeyed, constraints.clone(), right, obeyed_right);
        shown(Mode::CorrectButDisobeyed, constraints.clone(), right, wrong);
        shown(Mode::ObeyedButWrong, constraints.clone(), obeyed_wrong, obeyed_right);
        shown(Mode::ObeyedButWrong, constraints.clone(), obeyed_wrong, wrong);
        shown(Mode::BothFailed, constraints, wrong, obeyed_wrong);
        assert!(!modes(vec![], obeyed_wrong).has(Mode::ObeyedButWrong), "there was nothing to obey");
        assert!(against_twin(Some(true), Some(false)).has(Mode::Gained));
        assert!(against_twin(Some(false), Some(true)).has(Mode::Lost));
        assert_eq!(against_twin(Some(true), Some(true)), Modes::default());
        assert_eq!(against_twin(None, Some(true)), Modes::default());
    }

    #[test]
    fn trace_and_answer() {
        let constraints = vec![no_comma()];
        let only_trace = "<think>none here</think>well, so";
        let only_answer = "<think>well, so</think>none here";
        shown(Mode::TraceOnly, constraints.clone(), only_trace, only_answer);
        shown(Mode::AnswerOnly, constraints.clone(), only_answer, only_trace);
        shown(Mode::TraceOnly, constraints, only_trace, "<think>none here</think>");
        // A trace need not end with the phrase.
        let end = vec![constraint("startend:end_checker", json!({"end_phrase": "Bye"}))];
        assert!(!modes(end, "<think>hm</think>Bye").has(Mode::AnswerOnly));
    }

    #[test]
    fn mentions_and_claims() {
        let constraints = vec![no_comma()];
        let silent = "<think>it is 5</think>well, \\boxed{5}";
        let spoken = "<think>no commas they say</think>well, \\boxed{5}";
        let obeyed = "<think>it is 5</think>well \\boxed{5}";
        shown(Mode::Unmentioned, constraints.clone(), silent, spoken);
        shown(Mode::Unmentioned, constraints.clone(), silent, obeyed);
        shown(Mode::MentionedButBroken, constraints.clone(), spoken, silent);
        let claim = "<think>it is 5</think>Here, without any commas: \\boxed{5}";
        shown(Mode::ClaimedButBroken, constraints.clone(), claim, silent);
        let plan = "<think>I must write without any commas.</think>well, \\boxed{5}";
        shown(Mode::ClaimedButBroken, constraints, claim, plan);
    }

    #[test]
    fn languages() {
        let english = "First of all we have to find out how many of the apples there are in the basket.";
        let spanish = "Primero tenemos que encontrar cuántas manzanas hay en la cesta de los niños.";
        let both = |trace: &str, answer: &str| format!("<think>{trace}</think>{answer}");
        shown(
            Mode::LanguageDrift,
            vec![],
            &both(english, &format!("{english} {spanish}")),
            &both(spanish, english),
        );
        shown(Mode::TraceLanguage, vec![], &both(spanish, english), &both(english, spanish));
        let in_spanish = vec![constraint("language:response_language", json!({"language": "es"}))];
        shown(Mode::LanguageDrift, in_spanish, &both("a", english), &both("a", spanish));
    }

    #[test]
    fn texts() {
        let passage = "so that is one more time the same, ";
        shown(
            Mode::Repetition,
            vec![],
            &format!("a</think>{}", passage.repeat(4)),
            &format!("a</think>{passage}"),
        );
        shown(
            Mode::Echo,
            vec![no_comma()],
            "a</think>In your entire response, refrain from the use of any commas. 5",
            "a</think>5",
        );
        shown(
            Mode::Echo,
            vec![],
            "a</think>**How many of the apples that are in the basket** have they given? 5",
            "a</think>How many? 5",
        );
        let repeat =
            constraint("combination:repeat_prompt", json!({"prompt_to_repeat": "How many of the apples"}));
        assert!(
            !modes(vec![repeat], "a</think>How many of the apples that are in the basket have they given")
                .has(Mode::Echo)
        );
        shown(Mode::HiddenCharacters, vec![], "a</think>b\u{202e}c", "a</think>b\r\n\tc é ’ −");
        shown(Mode::HiddenCharacters, vec![], "a</think>b\u{1b}[2J", "a</think>b");
    }

    #[test]
    fn items_and_saved_verdicts() {
        let capital = vec![constraint("change_case:english_capital", Value::Null)];
        assert!(modes(capital, "x").has(Mode::Unsatisfiable));
        assert!(!modes(vec![no_comma()], "x").has(Mode::Unsatisfiable));
        assert!(modes(vec![constraint("count:dragons", Value::Null)], "x").has(Mode::Unverifiable));
        assert!(!modes(vec![no_comma()], "x").has(Mode::Unverifiable));
        let saved = |follow: bool, correct: bool| {
            let mut generation = generation("a</think>well, \\boxed{5}");
            generation.saved.follow = Some(vec![Some(follow)]);
            generation.saved.correct = Some(correct);
            assessed(item(vec![no_comma()]), true, &generation, JudgedSpan::Mathif).modes
        };
        assert!(!saved(false, true).has(Mode::VerdictMismatch));
        assert!(saved(true, true).has(Mode::VerdictMismatch));
        assert!(saved(false, false).has(Mode::VerdictMismatch));
    }

    proptest! {
        #[test]
        fn anything_is_assessed(text in "(<think>|</think>|\\PC|no commas|,|\\\\boxed\\{5\\}| |\n){0,40}", at in prop::option::of(0_usize..50)) {
            let at = at.filter(|at| text.is_char_boundary(*at) && *at <= text.len());
            let generation = Generation { answer_at: at, usage: Usage::default(), ..generation(&text) };
            for judged in JudgedSpan::ALL {
                let a = assessed(item(vec![no_comma()]), true, &generation, judged);
                prop_assert_eq!(a.verdicts.len(), 1);
            }
        }
    }
}
