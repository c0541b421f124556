//! Verdicts straight from files: a stream of lines in, assessments in the same order out.
//!
//! Nothing is indexed and nothing is kept: one thread reads, all of them parse, split, check and
//! grade, and what comes out is handed on in input order while they go on, so that the result does
//! not depend on the number of threads and memory does not depend on the size of the files.

mod averages;
mod jsonl;
#[cfg(feature = "parquet")]
mod parquet;

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use crossbeam_channel::{Receiver, Sender, bounded};
use rayon::prelude::*;

pub use self::averages::Averages;
pub use self::jsonl::{OneVerdict, VerdictLine};
#[cfg(feature = "parquet")]
pub use self::parquet::{ParquetWriter, Row, rows};
use crate::assess::{Assessment, Judgement, Options, PreparedItem, RunFacts, assess, judge};
use crate::error::{Error, Reject, Result};
use crate::import::{Line, Lines, MAX_LINE, Outcome, Reader, Source};
use crate::record::{Item, Record};
use crate::split::Split;

/// The path that means standard input.
pub const STDIN: &str = "-";

/// Bytes of lines that are assessed at once: enough to keep all threads busy, little beside what
/// the outputs of a parse need.
const BATCH: usize = 4 << 20;

/// Batches read ahead of those being assessed.
const AHEAD: usize = 2;

/// Items of one group and id that are remembered.
const ALIKE: usize = 16;

/// Items kept ready.
const PREPARED: usize = 1 << 14;

/// What is streamed.
#[derive(Debug)]
pub enum Event<T> {
    /// What was made of one generation.
    Generation(T),
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
    /// A run is taken for what a few of its outputs show; where these are of two minds, files are read
    /// twice. Where all of them show otherwise, and that matters, there is an [`Event::Again`].
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
    /// The verdicts.
    pub fn judge(&self, options: Options) -> Judgement {
        judge(&self.item, self.facts, &self.record.generation, options)
    }

    /// The verdicts and what is derived from them.
    pub fn assess(&self, options: Options) -> Assessment {
        assess(&self.item, &self.record.run, self.facts, &self.record.generation, options)
    }
}

/// Reads every generation of a source. `map` is called on many threads at once; `sink` gets what it
/// made in input order and can stop the stream with an error.
pub fn stream<T: Send>(
    source: &Source,
    items: &PreparedItems,
    know_runs: KnowRuns,
    map: &(impl Fn(&Ready) -> T + Sync),
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
        KnowRuns::No => Runs { settled: true, ..Runs::default() },
        KnowRuns::Before => run_facts(&reader, &mut input)?,
        KnowRuns::FromSamples => match sampled(&reader, &mut input)? {
            Some(runs) => runs,
            None => run_facts(&reader, &mut input)?,
        },
    };
    loop {
        for reject in reader.rejects() {
            sink(Event::Rejected(reject.clone()))?;
        }
        let answered = pass(&reader, input.lines()?, items, &mut runs, map, sink)?;
        if !runs.are_otherwise() {
            return reader.unanswered(answered).map_or(Ok(()), |reject| sink(Event::Rejected(reject)));
        }
        runs = runs.settled();
        sink(Event::Again)?;
    }
}

/// Reads the lines of a source once. Gives the number of the last one that is not blank.
fn pass<T: Send>(
    reader: &Reader,
    lines: Lines<Box<dyn Read + Send>>,
    items: &PreparedItems,
    runs: &mut Runs,
    map: &(impl Fn(&Ready) -> T + Sync),
    sink: &mut impl FnMut(Event<T>) -> Result<()>,
) -> Result<u64> {
    let (mut passed, mut answered) = (0, 0);
    let mut hand_on = |done: Vec<Vec<Event<T>>>, bytes: u64| {
        // Blank lines at the end answer nothing.
        if let Some(last) = done.iter().rposition(|events| !events.is_empty()) {
            answered = passed + last as u64 + 1;
        }
        passed += done.len() as u64;
        done.into_iter().flatten().try_for_each(&mut *sink)?;
        sink(Event::Read(bytes))
    };
    // What was made of one batch is handed on while the next is assessed.
    let mut before = (Vec::new(), 0);
    batches(lines, &mut |batch: Vec<Result<Line, Reject>>| {
        let mut done = Vec::new();
        let bytes = batch.iter().map(size).sum();
        let handed_on = rayon::in_place_scope(|scope| {
            scope.spawn(|_| done = assess_batch(reader, batch, items, runs, map));
            let (done, bytes) = std::mem::take(&mut before);
            hand_on(done, bytes)
        });
        before = (done, bytes);
        handed_on
    })?;
    let (done, bytes) = before;
    hand_on(done, bytes)?;
    Ok(answered)
}

/// What comes of each of some lines.
fn assess_batch<T: Send>(
    reader: &Reader,
    batch: Vec<Result<Line, Reject>>,
    items: &PreparedItems,
    runs: &mut Runs,
    map: &(impl Fn(&Ready) -> T + Sync),
) -> Vec<Vec<Event<T>>> {
    let parsed: Vec<(Vec<Record>, Option<Event<T>>)> = batch
        .into_par_iter()
        .map(|line| {
            let line = match line {
                Ok(line) => line,
                Err(reject) => return (Vec::new(), Some(Event::Rejected(reject))),
            };
            let mut records = Vec::new();
            let other = match reader.read(&line, &mut records) {
                Outcome::Blank | Outcome::Loaded(_) => None,
                Outcome::Rejected(reject) => Some(Event::Rejected(reject)),
                Outcome::Pending => Some(Event::Pending(line.place.line, u64::from(line.place.len))),
            };
            (records, other)
        })
        .collect();
    if !runs.settled {
        runs.count(parsed.iter().flat_map(|(records, _)| records));
    }
    let runs = &*runs;
    parsed
        .into_par_iter()
        .map(|(records, other)| {
            let made = records.into_iter().map(|record| {
                let item = items.get(&record.item);
                let facts = runs.facts(&record.run.name);
                Event::Generation(map(&Ready { record, item, facts }))
            });
            made.chain(other).collect()
        })
        .collect()
}

/// What the outputs of each run show of it, by its name.
#[derive(Debug, Default)]
struct Runs {
    seen: HashMap<String, Seen>,
    /// All is known: outputs are not counted any more.
    settled: bool,
}

/// What the outputs of one run show.
#[derive(Debug, Clone, Copy, Default)]
struct Seen {
    all: u64,
    closed: u64,
    /// What it is taken for.
    taken_for: Option<RunFacts>,
    /// Something was judged by that.
    matters: bool,
}

impl Seen {
    fn facts(&self) -> RunFacts {
        RunFacts { closes_traces: self.closed * 2 > self.all }
    }
}

impl Runs {
    /// Takes in outputs, and takes runs that are new for what these show.
    fn count<'r>(&mut self, records: impl Iterator<Item = &'r Record>) {
        for Record { run, generation, .. } in records {
            let seen = match self.seen.get_mut(&run.name) {
                Some(seen) => seen,
                None => self.seen.entry(run.name.clone()).or_default(),
            };
            let closed = Split::of(generation, false).closed();
            seen.all += 1;
            seen.closed += u64::from(closed);
            // The rest is split alike whatever its run does.
            seen.matters |= !closed && generation.answer_at.is_none();
        }
        for seen in self.seen.values_mut() {
            seen.taken_for.get_or_insert(seen.facts());
        }
    }

    /// What a run is taken for.
    fn facts(&self, run: &str) -> RunFacts {
        self.seen.get(run).and_then(|seen| seen.taken_for).unwrap_or_default()
    }

    /// Whether something was judged by what a run turned out not to be.
    fn are_otherwise(&self) -> bool {
        !self.settled && self.seen.values().any(|seen| seen.matters && seen.taken_for != Some(seen.facts()))
    }

    /// Each run taken for what it is.
    fn settled(mut self) -> Self {
        for seen in self.seen.values_mut() {
            seen.taken_for = Some(seen.facts());
        }
        self.settled = true;
        self
    }
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
                        source.path.display(),
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
const SAMPLES: u64 = 32;

/// What each run of a source is taken for by some of its outputs, from all over the file; `None` where
/// these are of two minds.
fn sampled(reader: &Reader, input: &mut Input) -> Result<Option<Runs>> {
    let bytes = input.bytes();
    let mut records = Vec::new();
    for sample in 0..SAMPLES {
        let from = bytes / SAMPLES * sample;
        // What begins within a line ends it.
        let mut lines = input.lines_from(from)?.skip(usize::from(from > 0));
        if let Some(Ok(line)) = lines.next() {
            // A line that cannot be read shows nothing here, and is told of when its turn comes.
            reader.read(&line, &mut records);
        }
    }
    let mut runs = Runs::default();
    runs.count(records.iter());
    let plain = runs.seen.values().all(|seen| seen.closed.min(seen.all - seen.closed) * 4 <= seen.all);
    for seen in runs.seen.values_mut() {
        *seen = Seen { taken_for: seen.taken_for, ..Seen::default() };
    }
    Ok(plain.then_some(runs))
}

/// Facts of each run of a source: a pass over the whole input.
fn run_facts(reader: &Reader, input: &mut Input) -> Result<Runs> {
    let mut runs = Runs::default();
    batches(input.lines()?, &mut |batch: Vec<Result<Line, Reject>>| {
        let records: Vec<Record> = batch
            .into_par_iter()
            .filter_map(std::result::Result::ok)
            .flat_map_iter(|line| {
                let mut records = Vec::new();
                reader.read(&line, &mut records);
                records
            })
            .collect();
        runs.count(records.iter());
        Ok(())
    })?;
    Ok(runs.settled())
}

/// Where lines come from.
enum Input {
    File(PathBuf),
    /// Standard input, read as it comes.
    Stdin,
    /// Standard input in a file without a name, so that it can be read twice.
    Spooled(File),
}

impl Input {
    fn open(source: &Source, twice: bool) -> Result<Self> {
        if source.path != Path::new(STDIN) {
            return Ok(Self::File(source.path.clone()));
        }
        if !twice {
            return Ok(Self::Stdin);
        }
        let spool = || {
            let mut file = tempfile::tempfile()?;
            io::copy(&mut io::stdin().lock(), &mut file)?;
            file.flush()?;
            Ok(file)
        };
        spool().map(Self::Spooled).map_err(|e| Error::io(STDIN, e))
    }

    /// How many bytes there are, as far as that is known.
    fn bytes(&self) -> u64 {
        let length = match self {
            Self::File(path) => path.metadata(),
            Self::Stdin => return 0,
            Self::Spooled(file) => file.metadata(),
        };
        length.map_or(0, |length| length.len())
    }

    /// The lines, from the first.
    fn lines(&mut self) -> Result<Lines<Box<dyn Read + Send>>> {
        self.lines_from(0)
    }

    /// The lines from a byte on, which come as the first of a file. (Standard input goes on where it is.)
    fn lines_from(&mut self, byte: u64) -> Result<Lines<Box<dyn Read + Send>>> {
        let at = SeekFrom::Start(byte);
        let (from, path): (Box<dyn Read + Send>, &Path) = match self {
            Self::File(path) => {
                let open = || {
                    let mut file = File::open(&*path)?;
                    // What cannot be sought in, such as a pipe, is read from where it is.
                    if byte > 0 {
                        file.seek(at)?;
                    }
                    Ok(file)
                };
                (Box::new(open().map_err(|e| Error::io(&*path, e))?), path)
            }
            Self::Stdin => (Box::new(io::stdin()), Path::new(STDIN)),
            Self::Spooled(file) => {
                let again = file.seek(at).and_then(|_| file.try_clone());
                (Box::new(again.map_err(|e| Error::io(STDIN, e))?), Path::new(STDIN))
            }
        };
        Ok(Lines::new(from, path.into(), 0, 1, MAX_LINE))
    }
}

/// Bytes that a line took in its file.
fn size(line: &Result<Line, Reject>) -> u64 {
    match line {
        Ok(line) => u64::from(line.place.len) + 1,
        Err(reject) => reject.len,
    }
}

/// Reads lines on a thread of its own and hands them on in batches.
fn batches(
    lines: Lines<Box<dyn Read + Send>>,
    take: &mut dyn FnMut(Vec<Result<Line, Reject>>) -> Result<()>,
) -> Result<()> {
    let (send, receive): (Sender<_>, Receiver<Vec<_>>) = bounded(AHEAD);
    std::thread::scope(|scope| {
        scope.spawn(move || {
            let mut batch = Vec::new();
            let mut bytes = 0;
            for line in lines {
                bytes += size(&line);
                batch.push(line);
                if bytes >= BATCH as u64 {
                    bytes = 0;
                    // Nobody listens any more: the taker stopped with an error.
                    if send.send(std::mem::take(&mut batch)).is_err() {
                        return;
                    }
                }
            }
            let _ = send.send(batch);
        });
        receive.into_iter().try_for_each(take)
    })
}

/// Items made ready, kept over sources: the outputs of several models answer the same items.
#[derive(Debug, Default)]
pub struct PreparedItems {
    known: Mutex<Known>,
}

#[derive(Debug, Default)]
struct Known {
    /// By the address of the item, which a reader gives once to each. An entry holds the item it
    /// was asked with, so that its address stays its own.
    by_address: HashMap<usize, (Arc<Item>, Arc<PreparedItem>)>,
    /// By group and id: readers of several files have items of their own that are the same.
    by_name: HashMap<(String, String), Vec<Arc<PreparedItem>>>,
}

impl PreparedItems {
    fn get(&self, item: &Arc<Item>) -> Arc<PreparedItem> {
        let address = Arc::as_ptr(item) as usize;
        let lock = || self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let name = {
            let known = lock();
            if let Some((_, found)) = known.by_address.get(&address) {
                return Arc::clone(found);
            }
            (item.group.clone(), item.id.clone())
        };
        let found = lock().by_name.get(&name).and_then(|all| all.iter().find(|p| p.item == *item)).cloned();
        // Not under the lock: compiling patterns takes its time. Two threads may both do it.
        let ready = found.unwrap_or_else(|| Arc::new(PreparedItem::new(Arc::clone(item))));
        let mut known = lock();
        if known.by_address.len() >= PREPARED {
            *known = Known::default();
        }
        let alike = known.by_name.entry(name).or_default();
        // Many items of one name are a file without ids: remembering them does not help.
        if alike.len() < ALIKE && !alike.iter().any(|p| p.item == *item) {
            alike.push(Arc::clone(&ready));
        }
        known.by_address.insert(address, (Arc::clone(item), Arc::clone(&ready)));
        ready
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::Mode;
    use crate::import::discover;

    /// What comes of a file in the end: the line and the modes of each generation, and how often it
    /// was begun again.
    fn modes_of(path: &Path, know_runs: KnowRuns) -> (Vec<(u64, Vec<Mode>)>, usize) {
        let source = &discover(&[path.to_owned()]).unwrap().sources[0];
        let map = |ready: &Ready| {
            let assessment = ready.assess(Options::default());
            (ready.record.place.line, assessment.modes.iter().collect())
        };
        let (mut all, mut again) = (Vec::new(), 0);
        stream(source, &PreparedItems::default(), know_runs, &map, &mut |event| {
            match event {
                Event::Generation(one) => all.push(one),
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
