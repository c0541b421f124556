//! Columns of a stretch of rows, immutable once made.

use std::sync::{Arc, OnceLock};

use serde::{Deserialize, Serialize};

use super::column::Column;
use super::postings::{Axis, Coding, Postings};
use super::query::Unit;
use crate::assess::{Assessment, Length, Overall};
use crate::constraint::Status;
use crate::record::{Finish, Record};

/// A number that is not known.
pub(super) const UNKNOWN: u32 = u32::MAX;

/// Lengths of trace and answer in the three units.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Lengths {
    pub(super) chars: Column<u32>,
    pub(super) words: Column<u32>,
    /// [`UNKNOWN`] where it is.
    pub(super) tokens: Column<u32>,
}

/// Columns of a stretch of rows.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Columns {
    pub(super) run: Column<u32>,
    pub(super) item: Column<u32>,
    pub(super) sample: Column<u32>,
    pub(super) source: Column<u32>,
    pub(super) line: Column<u32>,
    /// Offset of the line in its file.
    pub(super) byte: Column<u64>,
    /// Length of the line.
    pub(super) len: Column<u32>,
    /// Which of the records of the line, from 0.
    pub(super) part: Column<u32>,
    /// See [`hash_of`].
    pub(super) hash: Column<u64>,
    pub(super) trace: Lengths,
    pub(super) answer: Lengths,
    /// [`Modes::bits`](crate::failure::Modes::bits).
    pub(super) modes: Column<u32>,
    pub(super) flags: Column<u16>,
    /// Where the verdicts of a row begin in the two columns below; one entry more than rows.
    pub(super) verdicts_at: Column<u32>,
    /// Status and saved verdict of one constraint: see [`VerdictCell`].
    pub(super) verdicts: Column<u8>,
    /// Margin; NaN when there is none.
    pub(super) margins: Column<f32>,
}

/// Facts of a row that fit in a few bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Flags(pub(super) u16);

impl Flags {
    /// The lower of the two bits of the verdict: unknown, pass, partial, fail.
    pub(super) const VERDICT: u32 = 0;
    /// Of the grade: unknown, right, wrong.
    pub(super) const CORRECT: u32 = 2;
    /// Of the grade as saved.
    pub(super) const SAVED: u32 = 4;
    /// Of why it stopped: unknown, stop, length, other.
    pub(super) const FINISH: u32 = 6;
    const CLOSED: u16 = 1 << 8;
    const RUN_CLOSES: u16 = 1 << 9;

    fn new(record: &Record, assessment: &Assessment, run_closes: bool) -> Self {
        let overall = match assessment.overall() {
            Overall::Unknown => 0,
            Overall::Pass => 1,
            Overall::Partial => 2,
            Overall::Fail => 3,
        };
        let finish = match record.generation.finish {
            None => 0,
            Some(Finish::Stop) => 1,
            Some(Finish::Length) => 2,
            Some(Finish::Other) => 3,
        };
        let mut bits = overall << Self::VERDICT
            | three(assessment.grade.correct) << Self::CORRECT
            | three(record.generation.saved.correct) << Self::SAVED
            | finish << Self::FINISH;
        if assessment.split.closed() {
            bits |= Self::CLOSED;
        }
        if run_closes {
            bits |= Self::RUN_CLOSES;
        }
        Self(bits)
    }

    pub(super) fn overall(self) -> Overall {
        [Overall::Unknown, Overall::Pass, Overall::Partial, Overall::Fail]
            [usize::from(self.0 >> Self::VERDICT & 3)]
    }

    pub(super) fn correct(self) -> Option<bool> {
        of_three(self.0 >> Self::CORRECT)
    }

    pub(super) fn saved_correct(self) -> Option<bool> {
        of_three(self.0 >> Self::SAVED)
    }

    pub(super) fn finish(self) -> Option<Finish> {
        [None, Some(Finish::Stop), Some(Finish::Length), Some(Finish::Other)]
            [usize::from(self.0 >> Self::FINISH & 3)]
    }

    /// Whether the output closes its trace.
    pub(super) fn closed(self) -> bool {
        self.0 & Self::CLOSED != 0
    }

    /// Whether the row was assessed as one of a run that closes its traces.
    pub(super) fn run_closes(self) -> bool {
        self.0 & Self::RUN_CLOSES != 0
    }
}

fn three(fact: Option<bool>) -> u16 {
    match fact {
        None => 0,
        Some(true) => 1,
        Some(false) => 2,
    }
}

fn of_three(bits: u16) -> Option<bool> {
    match bits & 3 {
        1 => Some(true),
        2 => Some(false),
        _ => None,
    }
}

/// One constraint's verdict in a byte: status in the low 3 bits, saved verdict in the next 2.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct VerdictCell(pub(super) u8);

impl VerdictCell {
    const STATUSES: [Status; 5] =
        [Status::Followed, Status::NotFollowed, Status::Unverifiable, Status::NoChecker, Status::Missing];

    fn new(status: Status, saved: Option<bool>) -> Self {
        let status = Self::STATUSES.iter().position(|&s| s == status).unwrap_or(2) as u8;
        Self(status | (three(saved) as u8) << 3)
    }

    pub(super) fn status(self) -> Status {
        Self::STATUSES.get(usize::from(self.0 & 7)).copied().unwrap_or(Status::Unverifiable)
    }

    pub(super) fn saved(self) -> Option<bool> {
        of_three(u16::from(self.0 >> 3))
    }
}

/// The content of a record as a number: who was asked what, and what came out. It stays the same
/// when files move, lines shift or samples are numbered anew, and changes when the text does.
pub(super) fn hash_of(record: &Record) -> u64 {
    record.content_key().0
}

impl Lengths {
    fn push(&mut self, length: Length) {
        self.chars.push(length.chars);
        self.words.push(length.words);
        self.tokens.push(length.saved_tokens.unwrap_or(UNKNOWN));
    }

    fn set(&mut self, row: usize, length: Length) {
        self.chars.own()[row] = length.chars;
        self.words.own()[row] = length.words;
        self.tokens.own()[row] = length.saved_tokens.unwrap_or(UNKNOWN);
    }

    /// The lengths in a unit; [`UNKNOWN`] where one is.
    pub(super) fn in_unit(&self, unit: Unit) -> &[u32] {
        match unit {
            Unit::Chars => &self.chars,
            Unit::Words => &self.words,
            Unit::Tokens => &self.tokens,
        }
    }

    #[inline]
    pub(super) fn get(&self, row: usize) -> Length {
        Length {
            chars: self.chars[row],
            words: self.words[row],
            saved_tokens: Some(self.tokens[row]).filter(|&n| n != UNKNOWN),
        }
    }
}

/// The numbers that place a row.
#[derive(Debug, Clone, Copy)]
pub(super) struct Placing {
    pub(super) run: u32,
    pub(super) item: u32,
    pub(super) source: u32,
    pub(super) part: u32,
    pub(super) sample: u32,
}

impl Columns {
    pub(super) fn len(&self) -> usize {
        self.run.len()
    }

    /// Adds a row.
    pub(super) fn push(
        &mut self,
        placing: Placing,
        hash: u64,
        record: &Record,
        assessment: &Assessment,
        run_closes: bool,
    ) {
        if self.verdicts_at.is_empty() {
            self.verdicts_at.push(0);
        }
        self.run.push(placing.run);
        self.item.push(placing.item);
        self.source.push(placing.source);
        self.part.push(placing.part);
        self.sample.push(placing.sample);
        self.line.push(u32::try_from(record.place.line).unwrap_or(u32::MAX));
        self.byte.push(record.place.byte);
        self.len.push(record.place.len);
        self.hash.push(hash);
        self.trace.push(assessment.trace);
        self.answer.push(assessment.answer);
        self.modes.push(assessment.modes.bits());
        self.flags.push(Flags::new(record, assessment, run_closes).0);
        for (i, verdict) in assessment.verdicts.iter().enumerate() {
            let saved = record.generation.saved.follow.as_ref().and_then(|f| f.get(i).copied().flatten());
            self.verdicts.push(VerdictCell::new(verdict.status, saved).0);
            self.margins.push(verdict.margin.map_or(f32::NAN, |m| m.value as f32));
        }
        self.verdicts_at.push(self.verdicts.len() as u32);
    }

    /// Puts a new assessment in the place of a row's old one.
    pub(super) fn reassess(
        &mut self,
        row: usize,
        record: &Record,
        assessment: &Assessment,
        run_closes: bool,
    ) {
        self.trace.set(row, assessment.trace);
        self.answer.set(row, assessment.answer);
        self.modes.own()[row] = assessment.modes.bits();
        self.flags.own()[row] = Flags::new(record, assessment, run_closes).0;
        let at = self.verdicts_at[row] as usize;
        for (i, verdict) in assessment.verdicts.iter().enumerate() {
            let Some(cell) = self.verdicts.own().get_mut(at + i) else { break };
            let saved = VerdictCell(*cell).saved();
            *cell = VerdictCell::new(verdict.status, saved).0;
            self.margins.own()[at + i] = verdict.margin.map_or(f32::NAN, |m| m.value as f32);
        }
    }

    /// The columns with a whole number for each row, in the order of the file.
    pub(super) fn numbers(&self) -> [&Column<u32>; 14] {
        let Self { run, item, sample, source, line, len, part, modes, trace, answer, .. } = self;
        [
            run,
            item,
            sample,
            source,
            line,
            len,
            part,
            modes,
            &trace.chars,
            &trace.words,
            &trace.tokens,
            &answer.chars,
            &answer.words,
            &answer.tokens,
        ]
    }

    /// The same, to be changed.
    pub(super) fn numbers_mut(&mut self) -> [&mut Column<u32>; 14] {
        let Self { run, item, sample, source, line, len, part, modes, trace, answer, .. } = self;
        [
            run,
            item,
            sample,
            source,
            line,
            len,
            part,
            modes,
            &mut trace.chars,
            &mut trace.words,
            &mut trace.tokens,
            &mut answer.chars,
            &mut answer.words,
            &mut answer.tokens,
        ]
    }

    /// Adds all rows of another chunk.
    fn append(&mut self, other: &Self) {
        for (to, from) in self.numbers_mut().into_iter().zip(other.numbers()) {
            to.own().extend_from_slice(from);
        }
        self.byte.own().extend_from_slice(&other.byte);
        self.hash.own().extend_from_slice(&other.hash);
        self.flags.own().extend_from_slice(&other.flags);
        if self.verdicts_at.is_empty() {
            self.verdicts_at.push(0);
        }
        let from = self.verdicts.len() as u32;
        self.verdicts_at.own().extend(other.verdicts_at.iter().skip(1).map(|at| at + from));
        self.verdicts.own().extend_from_slice(&other.verdicts);
        self.margins.own().extend_from_slice(&other.margins);
    }

    /// Whether every column has as many entries as it must.
    pub(super) fn is_consistent(&self, rows: usize) -> bool {
        self.numbers().into_iter().all(|column| column.len() == rows)
            && [self.byte.len(), self.hash.len(), self.flags.len()] == [rows; 3]
            && self.verdicts_at.len() == rows + 1
            && self.verdicts_at.is_sorted()
            && self.verdicts_at.last().is_some_and(|&end| end as usize == self.verdicts.len())
            && self.margins.len() == self.verdicts.len()
    }

    #[inline]
    pub(super) fn flags(&self, row: usize) -> Flags {
        Flags(self.flags[row])
    }

    /// Where the verdicts of a row lie in `verdicts` and `margins`.
    #[inline]
    pub(super) fn verdict_range(&self, row: usize) -> std::ops::Range<usize> {
        self.verdicts_at[row] as usize..self.verdicts_at[row + 1] as usize
    }
}

/// A stretch of rows of a library.
#[derive(Debug)]
pub(super) struct Chunk {
    /// The stretches it was put together from, one after the other.
    pub(super) parts: Vec<Part>,
    pub(super) columns: Columns,
    /// By [`Axis`], made when first needed.
    postings: [OnceLock<Arc<Postings>>; Axis::COUNT],
}

/// Rows that were written together. The text index knows a row by the number of its part and the
/// place in it, which stay the same when chunks are merged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Part {
    /// Never given again within a library.
    pub(super) serial: u32,
    pub(super) rows: u32,
}

impl Chunk {
    /// A chunk of rows that were written together.
    pub(super) fn new(serial: u32, columns: Columns) -> Self {
        Self::of(vec![Part { serial, rows: columns.len() as u32 }], columns)
    }

    /// A chunk of parts, one after the other.
    pub(super) fn of(parts: Vec<Part>, columns: Columns) -> Self {
        Self { parts, columns, postings: Default::default() }
    }

    /// The same rows, held elsewhere.
    pub(super) fn moved(&self, columns: Columns) -> Self {
        Self { parts: self.parts.clone(), columns, postings: self.postings.clone() }
    }

    /// Several chunks as one.
    pub(super) fn merged<'a>(chunks: impl Iterator<Item = &'a Self>) -> Self {
        let (mut parts, mut columns) = (Vec::new(), Columns::default());
        for chunk in chunks {
            parts.extend(&chunk.parts);
            columns.append(&chunk.columns);
        }
        Self::of(parts, columns)
    }

    /// The rows of each value of an axis. The coding of an axis must always be the same, but for
    /// values that are new.
    pub(super) fn postings(&self, axis: Axis, coding: &Coding, values: usize) -> &Postings {
        let made = || Arc::new(Postings::new(coding, values, &self.columns));
        self.postings[axis as usize].get_or_init(made)
    }
}
