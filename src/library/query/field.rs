//! What a query can ask about: fields with values, measures with numbers.

use std::fmt;

use serde::Serialize;

use crate::failure::Mode;

/// A property with values, written `field:value`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Field {
    /// The model of the run.
    Model,
    /// The name of the run.
    Run,
    /// What the model was given: `constraints`, `no constraints`, `wait2`, ….
    Condition,
    /// Where the question comes from.
    Source,
    /// How many constraints: `single`, `double`, `triple`.
    Setting,
    /// The item: its id, or `group/id`.
    Item,
    /// The group of the item: mostly the stem of its file.
    Group,
    /// The item has this constraint.
    Constraint,
    /// This constraint was not followed.
    Failed,
    /// This constraint was followed.
    Passed,
    /// This constraint could not be checked, or there was nothing to check.
    Unverified,
    /// The verdict on the generation as a whole.
    Verdict,
    /// A failure mode.
    Mode,
    /// Whether the final answer is right, as computed here.
    Correct,
    /// Whether the file said that the final answer is right.
    Saved,
    /// Why the model stopped.
    Finish,
    /// The item has a constraint of this category.
    Category,
    /// The file that the generation was read from.
    File,
    /// A tag given by the user.
    Tag,
    /// A word of a note written by the user.
    Note,
    /// Constraints followed, against the baseline run.
    Vs,
    /// The final answer, against the baseline run.
    VsCorrect,
}

/// One line of the list of fields, for help and completion.
#[derive(Debug, Clone, Copy)]
pub struct FieldInfo {
    /// The word before the colon, or the measure.
    pub name: &'static str,
    /// What it asks, in one line.
    pub about: &'static str,
    /// How it is written.
    pub example: &'static str,
    /// The field; `None` for a measure or `in:`.
    pub field: Option<Field>,
}

impl Field {
    /// Every field, in the order they are listed.
    pub const ALL: [Self; 22] = [
        Self::Model,
        Self::Run,
        Self::Condition,
        Self::Source,
        Self::Setting,
        Self::Item,
        Self::Group,
        Self::Constraint,
        Self::Failed,
        Self::Passed,
        Self::Unverified,
        Self::Verdict,
        Self::Mode,
        Self::Correct,
        Self::Saved,
        Self::Finish,
        Self::Category,
        Self::File,
        Self::Tag,
        Self::Note,
        Self::Vs,
        Self::VsCorrect,
    ];

    /// The word before the colon.
    pub fn name(self) -> &'static str {
        match self {
            Self::Model => "model",
            Self::Run => "run",
            Self::Condition => "condition",
            Self::Source => "source",
            Self::Setting => "setting",
            Self::Item => "item",
            Self::Group => "group",
            Self::Constraint => "constraint",
            Self::Failed => "failed",
            Self::Passed => "passed",
            Self::Unverified => "unverified",
            Self::Verdict => "verdict",
            Self::Mode => "mode",
            Self::Correct => "correct",
            Self::Saved => "saved",
            Self::Finish => "finish",
            Self::Category => "category",
            Self::File => "file",
            Self::Tag => "tag",
            Self::Note => "note",
            Self::Vs => "vs",
            Self::VsCorrect => "vs.correct",
        }
    }

    /// The field with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|f| f.name().eq_ignore_ascii_case(name))
    }

    /// What it asks, in one line.
    pub fn about(self) -> &'static str {
        match self {
            Self::Model => "the model",
            Self::Run => "the run: one model under one condition and sampling",
            Self::Condition => "what the model was given: constraints, no constraints, wait2, …",
            Self::Source => "where the question comes from: gsm8k, aime, …",
            Self::Setting => "how many constraints: none, single, double, triple, …",
            Self::Item => "the item, by id or group/id",
            Self::Group => "the file that the item belongs to",
            Self::Constraint => "the item has this constraint (id, short name, family or category)",
            Self::Failed => "this constraint was not followed",
            Self::Passed => "this constraint was followed",
            Self::Unverified => "this constraint could not be checked",
            Self::Verdict => "all constraints together: pass, partial, fail, unknown",
            Self::Mode => "a failure mode: truncated, near-miss, …",
            Self::Correct => "the final answer, as graded here: yes, no, unknown",
            Self::Saved => "the final answer, as the file says: yes, no, unknown",
            Self::Finish => "why the model stopped: stop, length, other, unknown",
            Self::Category => "the item has a constraint of this category: length, lexical, format, affix",
            Self::File => "the file the generation lies in",
            Self::Tag => "your tag",
            Self::Note => "a word in your note",
            Self::Vs => "constraints followed, against the baseline run: better, worse, same, unknown, alone",
            Self::VsCorrect => "the final answer, against the baseline run: better, worse, …",
        }
    }

    /// How it is written.
    pub fn example(self) -> &'static str {
        match self {
            Self::Model => "model:qwen*",
            Self::Run => "run:qwen3-max",
            Self::Condition => "condition:\"no constraints\"",
            Self::Source => "source:aime",
            Self::Setting => "setting:double,triple",
            Self::Item => "item:level3-27",
            Self::Group => "group:gsm8k_single",
            Self::Constraint => "constraint:length_constraint_checkers",
            Self::Failed => "failed:no_comma",
            Self::Passed => "passed:existence",
            Self::Unverified => "unverified:*",
            Self::Verdict => "verdict:partial",
            Self::Mode => "mode:near-miss",
            Self::Correct => "correct:yes",
            Self::Saved => "saved:no",
            Self::Finish => "finish:length",
            Self::Category => "category:format",
            Self::File => "file:*math500*",
            Self::Tag => "tag:3",
            Self::Note => "note:odd*",
            Self::Vs => "vs:worse",
            Self::VsCorrect => "vs.correct:better",
        }
    }

    /// Whether it is about what the one who asks knows, and no file of generations: tags, notes,
    /// the baseline.
    pub fn is_askers(self) -> bool {
        matches!(self, Self::Tag | Self::Note | Self::Vs | Self::VsCorrect)
    }

    /// The values that it can have, where it can have no others.
    pub fn closed_values(self) -> Option<Vec<&'static str>> {
        Some(match self {
            Self::Verdict => vec!["pass", "partial", "fail", "unknown"],
            Self::Correct | Self::Saved => vec!["yes", "no", "unknown"],
            Self::Finish => vec!["stop", "length", "other", "unknown"],
            Self::Category => vec!["length", "lexical", "format", "affix", "other"],
            Self::Setting => vec!["none", "single", "double", "triple", "4", "5", "6", "7+"],
            Self::Mode => Mode::ALL.into_iter().map(Mode::name).collect(),
            Self::Vs | Self::VsCorrect => vec!["better", "worse", "same", "unknown", "alone"],
            _ => return None,
        })
    }

    /// Whether a generation has at most one value of it. Two values of such a field can only mean
    /// "either", so a facet joins them with a comma; values of the others narrow each other.
    pub fn is_single(self) -> bool {
        !matches!(
            self,
            Self::Constraint
                | Self::Failed
                | Self::Passed
                | Self::Unverified
                | Self::Mode
                | Self::Category
                | Self::Tag
                | Self::Note
        )
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Unit of a length.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, PartialOrd, Ord, Serialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Unit {
    /// Unicode scalar values.
    Chars,
    /// Runs of non-white space: known of every text, so it is what a bare number means.
    #[default]
    Words,
    /// Tokens, where the file says them or they were counted; unknown elsewhere.
    Tokens,
}

impl Unit {
    /// The letter after a number.
    pub fn suffix(self) -> &'static str {
        match self {
            Self::Chars => "c",
            Self::Words => "w",
            Self::Tokens => "t",
        }
    }
}

/// A property with a number, written `measure>n` or `measure:a..b`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Measure {
    /// Length of the trace.
    Trace(Unit),
    /// Length of the answer.
    Answer(Unit),
    /// Number of the sample, from 0.
    Sample,
    /// Line of the file, from 1.
    Line,
    /// Number of constraints that were not followed.
    Broken,
    /// Signed distance to the border: of the constraint named, or of any.
    Margin(Option<String>),
}

impl Measure {
    /// The word in front of the comparison, without a constraint's name.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Trace(_) => "trace",
            Self::Answer(_) => "answer",
            Self::Sample => "sample",
            Self::Line => "line",
            Self::Broken => "broken",
            Self::Margin(_) => "margin",
        }
    }

    /// The measure with this name; a margin may carry a constraint: `margin.no_comma`.
    pub fn from_name(name: &str) -> Option<Self> {
        let lower = name.to_ascii_lowercase();
        Some(match lower.as_str() {
            "trace" => Self::Trace(Unit::default()),
            "answer" => Self::Answer(Unit::default()),
            "sample" => Self::Sample,
            "line" => Self::Line,
            "broken" => Self::Broken,
            "margin" => Self::Margin(None),
            _ => Self::Margin(Some(lower.strip_prefix("margin.").filter(|n| !n.is_empty())?.to_owned())),
        })
    }
}

impl fmt::Display for Measure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())?;
        match self {
            Self::Margin(Some(constraint)) => write!(f, ".{constraint}"),
            _ => Ok(()),
        }
    }
}

/// Everything that can stand before a colon or a comparison, with a line of help.
pub fn fields() -> Vec<FieldInfo> {
    let mut all: Vec<FieldInfo> = Field::ALL
        .into_iter()
        .map(|f| FieldInfo { name: f.name(), about: f.about(), example: f.example(), field: Some(f) })
        .collect();
    let measures = [
        ("trace", "length of the trace, in words (w), characters (c) or tokens (t)", "trace>2000t"),
        ("answer", "length of the answer, in words (w), characters (c) or tokens (t)", "answer:50..200"),
        ("margin", "distance to the border of a constraint; below 0 when not followed", "margin.no_comma<-3"),
        ("broken", "how many constraints were not followed", "broken>=2"),
        ("sample", "number of the sample, from 0", "sample:0"),
        ("line", "line of the file, from 1", "line:12"),
        ("in", "where the words after it are looked up: output, trace, answer, question", "in:trace wait"),
    ];
    all.extend(measures.map(|(name, about, example)| FieldInfo { name, about, example, field: None }));
    all
}
