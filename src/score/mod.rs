//! Verdicts straight from files: a stream of lines in, what is made of them in the same order out.
//!
//! Nothing is indexed and nothing is kept. One thread reads; all of them take parts of what was read,
//! and parse, split, check, grade and write down one output after the other while it is in their cache;
//! and what comes out is handed on in input order while they go on. So the result does not depend on the
//! number of threads, and memory does not depend on the size of the files.

mod averages;
mod input;
mod items;
mod jsonl;
#[cfg(feature = "parquet")]
mod parquet;
mod runs;

use std::sync::Arc;

use rayon::prelude::*;

pub use self::averages::Averages;
use self::input::{Batch, Input, Part, batches};
pub use self::items::PreparedItems;
pub use self::jsonl::{OneVerdict, VerdictLine};
#[cfg(feature = "parquet")]
pub use self::parquet::{ParquetWriter, Row, rows};
use self::runs::{Counted, Runs};
use crate::assess::{Judgement, Options, PreparedItem, RunFacts, judge, modes};
use crate::error::{Error, Reject, Result};
use crate::failure::Modes;
use crate::import::{Outcome, Reader, Source};
use crate::path::shown;
use crate::record::{Record, Run};
use crate::split::{Split, seems_closed};

/// The path that means standard input.
pub const STDIN: &str = "-";

/// What is streamed.
#[derive(Debug)]
pub enum Event<T> {
    /// What was made of some generations in a row.
    Made(T),
    /// A line that could not be used.
    Rejected(Reject),
    /// A last line that is still being written was left out; its number and bytes.
    Pending(u64, u64),
    /// That many bytes more of the input are done.
    Read(u64),
    /// All that came of this source is to be forgotten: a run turned out to be otherwise than it was
    /// taken for, and everything comes again.
    Again,
}

/// What is known of a run when its outputs are judged. Modes, lengths of trace and answer, and
/// verdicts under any rule but `mathif` and `whole` depend on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KnowRuns {
    /// Nothing: what is made depends on nothing of the kind.
    No,
    /// Everything: files are read twice.
    Before,
    /// A run is taken for what a few of its outputs show; where these are of two minds, for what all of
    /// them seem to. Where all of them show otherwise, and that matters, there is an [`Event::Again`].
    FromSamples,
}

/// A generation with all that is needed to judge it.
#[derive(Debug)]
pub struct Ready {
    /// What the file says.
    pub record: Record,
    /// Its item.
    pub item: Arc<PreparedItem>,
    /// What is known of its run.
    pub facts: RunFacts,
}

impl Ready {
    /// The verdicts and the grade.
    pub fn judge(&self, options: Options) -> Judgement {
        judge(&self.item, self.facts, &self.record.generation, options)
    }

    /// The failure modes of what was so judged.
    pub fn modes(&self, judgement: &Judgement, options: Options) -> Modes {
        modes(&self.item, self.facts, &self.record.generation, judgement, options)
    }
}

/// Reads every generation of a source. `map` is called on many threads at once: it adds what is to be made
/// of a generation to what was made of those before it, and tells whether its trace is closed. `sink` gets
/// what was made in input order, and can stop the stream with an error.
pub fn stream<T: Default + Send>(
    source: &Source,
    items: &PreparedItems,
    know_runs: KnowRuns,
    map: &(impl Fn(&Ready, &mut T) -> bool + Sync),
    sink: &mut impl FnMut(Event<T>) -> Result<()>,
) -> Result<()> {
    let reader = match Reader::open(source) {
        Ok(reader) => reader,
        Err(rejects) => {
            return rejects.into_iter().try_for_each(|reject| sink(Event::Rejected(reject)));
        }
    };
    let mut input = Input::open(source, know_runs != KnowRuns::No)?;
    let mut runs = match know_runs {
        KnowRuns::No => Runs::unasked(),
        KnowRuns::Before => run_facts(&reader, &mut input)?,
        KnowRuns::FromSamples => {
            let sampled = sampled(&reader, &mut input)?;
            match reader.only_run() {
                _ if !sampled.are_mixed() => sampled.guessed(),
                Some(run) => guessed(run, &mut input)?,
                None => run_facts(&reader, &mut input)?,
            }
        }
    };
    loop {
        for reject in reader.rejects() {
            sink(Event::Rejected(reject.clone()))?;
        }
        let mut pass = Pass { reader: &reader, items, runs, map, answered: 0 };
        pass.over(&mut input, sink)?;
        let answered = pass.answered;
        runs = pass.runs;
        if !runs.are_otherwise() {
            return reader.unanswered(answered).map_or(Ok(()), |reject| sink(Event::Rejected(reject)));
        }
        runs = runs.settled();
        sink(Event::Again)?;
    }
}

/// One reading of all lines of a source.
struct Pass<'a, M> {
    reader: &'a Reader,
    items: &'a PreparedItems,
    runs: Runs,
    map: &'a M,
    /// The number of the last line that is not blank.
    answered: u64,
}

/// What came of some lines.
struct Done<T> {
    made: T,
    rejects: Vec<Reject>,
    pending: Option<(u64, u64)>,
    counted: Counted,
    /// The number of the last line that is not blank, if any.
    answered: u64,
}

impl<M> Pass<'_, M> {
    fn over<T: Default + Send>(
        &mut self,
        input: &mut Input,
        sink: &mut impl FnMut(Event<T>) -> Result<()>,
    ) -> Result<()>
    where
        M: Fn(&Ready, &mut T) -> bool + Sync,
    {
        // What was made of one batch is handed on while the next is worked on.
        let mut before = (Vec::new(), 0);
        batches(input.lines()?, &mut |batch: Batch| {
            let mut done = Vec::new();
            let handed_on = rayon::in_place_scope(|scope| {
                let pass = &*self;
                let (batch, done) = (&batch, &mut done);
                scope.spawn(move |_| {
                    *done = batch.parts().into_par_iter().map(|part| pass.part(part)).collect();
                });
                hand_on(std::mem::take(&mut before), sink)
            });
            for part in &done {
                self.runs.add(&part.counted);
                self.answered = self.answered.max(part.answered);
            }
            before = (done, batch.size());
            handed_on
        })?;
        hand_on(before, sink)
    }

    /// What comes of some lines.
    fn part<T: Default>(&self, part: Part<'_>) -> Done<T>
    where
        M: Fn(&Ready, &mut T) -> bool,
    {
        let mut done = Done {
            made: T::default(),
            rejects: Vec::new(),
            pending: None,
            counted: Counted::default(),
            answered: 0,
        };
        let mut records = Vec::new();
        for line in part.lines() {
            let line = match line {
                Ok(line) => line,
                Err(reject) => {
                    done.answered = reject.line;
                    done.rejects.push(reject.clone());
                    continue;
                }
            };
            match self.reader.read(&line, &mut records) {
                Outcome::Blank => continue,
                Outcome::Loaded(_) => {}
                Outcome::Rejected(reject) => done.rejects.push(reject),
                Outcome::Pending => done.pending = Some((line.place.line, u64::from(line.place.len))),
            }
            done.answered = line.place.line;
            for record in records.drain(..) {
                let facts = done.counted.facts(&self.runs, &record.run, &record.generation);
                let ready = Ready { item: self.items.get(&record.item), record, facts };
                let closed = (self.map)(&ready, &mut done.made);
                done.counted.judged(&self.runs, &ready.record.run, &ready.record.generation, closed);
            }
        }
        done
    }
}

/// Hands on what came of a batch of so many bytes.
fn hand_on<T>(
    (done, bytes): (Vec<Done<T>>, u64),
    sink: &mut impl FnMut(Event<T>) -> Result<()>,
) -> Result<()> {
    for part in done {
        sink(Event::Made(part.made))?;
        part.rejects.into_iter().try_for_each(|reject| sink(Event::Rejected(reject)))?;
        part.pending.map_or(Ok(()), |(line, bytes)| sink(Event::Pending(line, bytes)))?;
    }
    sink(Event::Read(bytes))
}

/// The generations on one line of a source, whose runs are read whole for their facts.
pub fn at_line(source: &Source, line: u64) -> Result<Vec<Ready>> {
    let reader = Reader::open(source)
        .map_err(|all| Error::NotFound(all.first().map_or(String::new(), |r| r.message.clone())))?;
    let mut input = Input::File(source.path.clone());
    let runs = run_facts(&reader, &mut input)?;
    let mut records = Vec::new();
    for found in input.lines()? {
        match found {
            Ok(found) if found.place.line == line => {
                if let Outcome::Rejected(reject) = reader.read(&found, &mut records) {
                    return Err(Error::NotFound(format!(
                        "{}:{line}:{}: {}",
                        shown(&source.path),
                        reject.byte,
                        reject.message
                    )));
                }
                break;
            }
            _ => {}
        }
    }
    Ok(records
        .into_iter()
        .map(|record| {
            let item = Arc::new(PreparedItem::new(Arc::clone(&record.item)));
            let facts = runs.facts(&record.run.name);
            Ready { record, item, facts }
        })
        .collect())
}

/// Places of a file that are looked at to see what its runs are like.
const SAMPLES: u32 = 64;

/// What some of the outputs of a source show, from all over the file.
fn sampled(reader: &Reader, input: &mut Input) -> Result<Runs> {
    let bytes = input.bytes();
    let mut records = Vec::new();
    for sample in 0..SAMPLES {
        // By the golden ratio: spread evenly, and not in step with what comes again and again in the file.
        let from = (bytes as f64 * (f64::from(sample) * 0.618_033_988_749_895).fract()) as u64;
        // What begins within a line ends it.
        let mut lines = input.lines_from(from)?.skip(usize::from(from > 0));
        if let Some(Ok(line)) = lines.next() {
            // A line that cannot be read shows nothing here, and is told of when its turn comes.
            reader.read(&line, &mut records);
        }
    }
    let mut runs = Runs::default();
    runs.add(&looked_at(&records));
    Ok(runs)
}

/// What the lines of a source, whose outputs are all of one run, show without being parsed.
fn guessed(run: &Arc<Run>, input: &mut Input) -> Result<Runs> {
    let look = |part: Part<'_>| {
        let mut counted = Counted::default();
        for line in part.lines().flatten() {
            counted.look_at(run, seems_closed(line.bytes));
        }
        counted
    };
    counted(input, &look).map(Runs::guessed)
}

/// Facts of each run of a source: a pass over the whole input.
fn run_facts(reader: &Reader, input: &mut Input) -> Result<Runs> {
    let look = |part: Part<'_>| {
        let mut records = Vec::new();
        for line in part.lines().flatten() {
            reader.read(&line, &mut records);
        }
        looked_at(&records)
    };
    counted(input, &look).map(Runs::settled)
}

/// What all parts of an input show.
fn counted(input: &mut Input, look: &(impl Fn(Part<'_>) -> Counted + Sync)) -> Result<Runs> {
    let mut runs = Runs::default();
    batches(input.lines()?, &mut |batch: Batch| {
        let counted: Vec<Counted> = batch.parts().into_par_iter().map(look).collect();
        for counted in &counted {
            runs.add(counted);
        }
        Ok(())
    })?;
    Ok(runs)
}

fn looked_at(records: &[Record]) -> Counted {
    let mut counted = Counted::default();
    for Record { run, generation, .. } in records {
        counted.look_at(run, Split::of(generation, false).closed());
    }
    counted
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::failure::Mode;
    use crate::import::discover;

    /// What comes of a file in the end: the line and the modes of each generation, and how often it
    /// was begun again.
    fn modes_of(path: &Path, know_runs: KnowRuns) -> (Vec<(u64, Vec<Mode>)>, usize) {
        let source = &discover(&[path.to_owned()]).unwrap().sources[0];
        let map = |ready: &Ready, made: &mut Vec<(u64, Vec<Mode>)>| {
            let judgement = ready.judge(Options::default());
            let modes = ready.modes(&judgement, Options::default());
            made.push((ready.record.place.line, modes.iter().collect()));
            judgement.split.closed()
        };
        let (mut all, mut again) = (Vec::new(), 0);
        stream(source, &PreparedItems::default(), know_runs, &map, &mut |event| {
            match event {
                Event::Made(made) => all.extend(made),
                Event::Again => {
                    all.clear();
                    again += 1;
                }
                _ => {}
            }
            Ok(())
        })
        .unwrap();
        (all, again)
    }

    #[test]
    fn a_run_that_goes_on_otherwise_is_read_again() {
        let dir = tempfile::tempdir().unwrap();
        let file = |name: &str, outputs: &[&str]| {
            let path = dir.path().join(name);
            let lines: Vec<_> = outputs
                .iter()
                .map(|output| {
                    let record = serde_json::json!({"id": "a", "question": "How many?", "output": output});
                    format!("{record}\n")
                })
                .collect();
            std::fs::write(&path, lines.concat()).unwrap();
            path
        };
        // Long outputs are found by their bytes, and so are all samples; the short ones are more.
        let long = "It is 5. ".repeat(4_000);
        let closes = "<think>So 5.</think>It is 5.";
        let mut outputs = vec![long.as_str(); 20];
        outputs.splice(5..5, vec![closes; 40]);
        let mixed = file("mixed.jsonl", &outputs);
        let (known, _) = modes_of(&mixed, KnowRuns::Before);
        assert!(known[0].1.contains(&Mode::MissingTags));
        assert_eq!(modes_of(&mixed, KnowRuns::FromSamples), (known, 1));
        // What nothing was judged by does not matter.
        let alike = file("alike.jsonl", &[closes, closes, "It is 5.", closes]);
        assert_eq!(modes_of(&alike, KnowRuns::FromSamples), (modes_of(&alike, KnowRuns::Before).0, 0));
    }
}
