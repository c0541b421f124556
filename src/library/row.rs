//! One row, looked at without copying.

use crate::assess::{Length, Overall};
use crate::constraint::Status;
use crate::failure::Modes;
use crate::record::Finish;

use super::chunk::{Chunk, Columns, VerdictCell};
use super::snapshot::Library;
use super::table::{ConstraintInfo, ItemInfo, RunInfo, SourceInfo};

/// Right, wrong, or not known.
pub type Correct = Option<bool>;

/// A generation of the library: what the columns know of it.
#[derive(Clone, Copy)]
pub struct Row<'a> {
    library: &'a Library,
    chunk: &'a Chunk,
    at: usize,
    id: u32,
}

/// The verdict on one constraint, as the columns know it.
#[derive(Debug, Clone, Copy)]
pub struct ConstraintCell<'a> {
    /// The constraint.
    pub constraint: &'a ConstraintInfo,
    /// Number of the constraint in [`Library::constraints`].
    pub number: u32,
    /// As computed here.
    pub status: Status,
    /// As saved in the file.
    pub saved: Option<bool>,
    /// Signed distance to the border, where there is one.
    pub margin: Option<f32>,
}

impl<'a> Row<'a> {
    pub(super) fn new(library: &'a Library, chunk: &'a Chunk, at: usize, id: u32) -> Self {
        Self { library, chunk, at, id }
    }

    fn columns(&self) -> &'a Columns {
        &self.chunk.columns
    }

    /// The row's number in this snapshot.
    pub fn id(&self) -> u32 {
        self.id
    }

    /// Number of its run in [`Library::runs`].
    pub fn run_number(&self) -> u32 {
        self.columns().run[self.at]
    }

    /// Its run.
    pub fn run(&self) -> &'a RunInfo {
        &self.library.runs()[self.run_number() as usize]
    }

    /// Number of its item in [`Library::items`].
    pub fn item_number(&self) -> u32 {
        self.columns().item[self.at]
    }

    /// Its item.
    pub fn item(&self) -> &'a ItemInfo {
        &self.library.items()[self.item_number() as usize]
    }

    /// Number of its file in [`Library::sources`].
    pub fn source_number(&self) -> u32 {
        self.columns().source[self.at]
    }

    /// The file it lies in.
    pub fn source(&self) -> &'a SourceInfo {
        &self.library.sources()[self.source_number() as usize]
    }

    /// Line of the file, from 1.
    pub fn line(&self) -> u32 {
        self.columns().line[self.at]
    }

    /// Offset of the line in the file.
    pub fn byte(&self) -> u64 {
        self.columns().byte[self.at]
    }

    /// Length of the line in bytes.
    pub fn line_len(&self) -> u32 {
        self.columns().len[self.at]
    }

    /// Which of the generations of its line, from 0.
    pub(super) fn part(&self) -> usize {
        self.columns().part[self.at] as usize
    }

    /// Number of the sample, from 0.
    pub fn sample(&self) -> u32 {
        self.columns().sample[self.at]
    }

    /// Hash of model, condition, item, sample and text: names the generation wherever its file goes.
    pub fn hash(&self) -> u64 {
        self.columns().hash[self.at]
    }

    /// What tags and notes hang on: see [`Record::content_key`](crate::record::Record::content_key).
    pub fn content_key(&self) -> crate::record::ContentKey {
        crate::record::ContentKey(self.hash())
    }

    /// Length of the trace.
    pub fn trace(&self) -> Length {
        self.columns().trace.get(self.at)
    }

    /// Length of the answer.
    pub fn answer(&self) -> Length {
        self.columns().answer.get(self.at)
    }

    /// The verdict on all constraints together.
    pub fn overall(&self) -> Overall {
        self.columns().flags(self.at).overall()
    }

    /// Whether the final answer is right, as graded here.
    pub fn correct(&self) -> Correct {
        self.columns().flags(self.at).correct()
    }

    /// Whether the file says that the final answer is right.
    pub fn saved_correct(&self) -> Correct {
        self.columns().flags(self.at).saved_correct()
    }

    /// Why the model stopped.
    pub fn finish(&self) -> Option<Finish> {
        self.columns().flags(self.at).finish()
    }

    /// Whether the output closes its trace.
    pub fn closes_trace(&self) -> bool {
        self.columns().flags(self.at).closed()
    }

    /// Its failure modes.
    pub fn modes(&self) -> Modes {
        Modes::from_bits(self.columns().modes[self.at])
    }

    /// The verdict on each constraint, in the item's order.
    pub fn constraints(&self) -> impl ExactSizeIterator<Item = ConstraintCell<'a>> + use<'a> {
        let (library, columns) = (self.library, self.columns());
        let range = columns.verdict_range(self.at);
        let numbers = &self.item().constraints;
        range.zip(numbers.iter()).map(move |(at, &number)| {
            let cell = VerdictCell(columns.verdicts[at]);
            let margin = columns.margins[at];
            ConstraintCell {
                constraint: &library.constraints()[number as usize],
                number,
                status: cell.status(),
                saved: cell.saved(),
                margin: (!margin.is_nan()).then_some(margin),
            }
        })
    }

    /// All constraints followed; `None` when that is not known or there are none.
    pub fn hacc(&self) -> Option<bool> {
        let statuses = || self.constraints().map(|cell| cell.status.followed());
        if statuses().any(|followed| followed == Some(false)) {
            Some(false)
        } else if statuses().len() == 0 || statuses().any(|followed| followed.is_none()) {
            None
        } else {
            Some(true)
        }
    }

    /// Share of constraints followed; `None` when one is not known or there are none.
    pub fn sacc(&self) -> Option<f64> {
        let (mut followed, mut all) = (0u32, 0u32);
        for cell in self.constraints() {
            followed += u32::from(cell.status.followed()?);
            all += 1;
        }
        (all > 0).then(|| f64::from(followed) / f64::from(all))
    }

    /// The smallest margin: how far the worst constraint is from its border.
    pub fn margin(&self) -> Option<f32> {
        self.constraints().filter_map(|c| c.margin).min_by(f32::total_cmp)
    }
}

impl std::fmt::Debug for Row<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Row").field("id", &self.id).field("key", &self.library.key(self.id)).finish()
    }
}
