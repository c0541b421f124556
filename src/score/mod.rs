//! Verdicts straight from files: a stream of lines in, assessments in the same order out.
//!
//! Nothing is indexed and nothing is kept: one thread reads, all of them parse, split, check and
//! grade, and what comes out is handed on in input order, so that the result does not depend on
//! the number of threads and memory does not depend on the size of the files.

mod averages;
mod jsonl;
#[cfg(feature = "parquet")]
mod parquet;

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read, Seek as _, Write as _};
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
///
/// `know_runs` says that what `map` makes depends on the facts of the run: modes, lengths of trace
/// and answer, and verdicts under any rule but `mathif` and `whole` do. Files are then read twice.
pub fn stream<T: Send>(
    source: &Source,
    items: &PreparedItems,
    know_runs: bool,
    map: &(impl Fn(&Ready) -> T + Sync),
    sink: &mut impl FnMut(Event<T>) -> Result<()>,
) -> Result<()> {
    let reader = match Reader::open(source) {
        Ok(reader) => reader,
        Err(rejects) => {
            return rejects.into_iter().try_for_each(|reject| sink(Event::Rejected(reject)));
        }
    };
    for reject in reader.rejects() {
        sink(Event::Rejected(reject.clone()))?;
    }
    let mut input = Input::open(source, know_runs)?;
    let facts = if know_runs { run_facts(&reader, &mut input)? } else { HashMap::new() };
    let (mut lines, mut answered) = (0, 0);
    batches(input.lines()?, &mut |batch: Vec<Result<Line, Reject>>| {
        let bytes = batch.iter().map(size).sum();
        let done: Vec<Vec<Event<T>>> = batch
            .into_par_iter()
            .map(|line| {
                let line = match line {
                    Ok(line) => line,
                    Err(reject) => return vec![Event::Rejected(reject)],
                };
                let mut records = Vec::new();
                match reader.read(&line, &mut records) {
                    Outcome::Blank => Vec::new(),
                    Outcome::Rejected(reject) => vec![Event::Rejected(reject)],
                    Outcome::Pending => vec![Event::Pending(line.place.line, u64::from(line.place.len))],
                    Outcome::Loaded(_) => records
                        .into_iter()
                        .map(|record| {
                            let item = items.get(&record.item);
                            let facts = facts.get(&record.run.name).copied().unwrap_or_default();
                            Event::Generation(map(&Ready { record, item, facts }))
                        })
                        .collect(),
                }
            })
            .collect();
        // Blank lines at the end answer nothing.
        if let Some(last) = done.iter().rposition(|events| !events.is_empty()) {
            answered = lines + last as u64 + 1;
        }
        lines += done.len() as u64;
        done.into_iter().flatten().try_for_each(&mut *sink)?;
        sink(Event::Read(bytes))
    })?;
    reader.unanswered(answered).map_or(Ok(()), |reject| sink(Event::Rejected(reject)))
}

/// The generations on one line of a source, whose runs are read whole for their facts.
pub fn at_line(source: &Source, line: u64) -> Result<Vec<Ready>> {
    let reader = Reader::open(source)
        .map_err(|all| Error::NotFound(all.first().map_or(String::new(), |r| r.message.clone())))?;
    let mut input = Input::File(source.path.clone());
    let facts = run_facts(&reader, &mut input)?;
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
            let facts = facts.get(&record.run.name).copied().unwrap_or_default();
            Ready { record, item, facts }
        })
        .collect())
}

/// Facts of each run of a source, by its name: a pass over the whole input.
fn run_facts(reader: &Reader, input: &mut Input) -> Result<HashMap<String, RunFacts>> {
    let mut counts: HashMap<String, (u64, u64)> = HashMap::new();
    batches(input.lines()?, &mut |batch: Vec<Result<Line, Reject>>| {
        let seen: Vec<(Arc<crate::record::Run>, bool)> = batch
            .into_par_iter()
            .filter_map(std::result::Result::ok)
            .flat_map_iter(|line| {
                let mut records = Vec::new();
                reader.read(&line, &mut records);
                records.into_iter().map(|r| {
                    let closed = Split::of(&r.generation, false).closed();
                    (r.run, closed)
                })
            })
            .collect();
        for (run, closed) in seen {
            let count = match counts.get_mut(&run.name) {
                Some(count) => count,
                None => counts.entry(run.name.clone()).or_default(),
            };
            count.0 += 1;
            count.1 += u64::from(closed);
        }
        Ok(())
    })?;
    Ok(counts
        .into_iter()
        .map(|(run, (all, closed))| (run, RunFacts { closes_traces: closed * 2 > all }))
        .collect())
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

    /// The lines, from the first.
    fn lines(&mut self) -> Result<Lines<Box<dyn Read + Send>>> {
        let (from, path): (Box<dyn Read + Send>, &Path) = match self {
            Self::File(path) => (Box::new(File::open(&*path).map_err(|e| Error::io(&*path, e))?), path),
            Self::Stdin => (Box::new(io::stdin()), Path::new(STDIN)),
            Self::Spooled(file) => {
                let again = file.rewind().and_then(|()| file.try_clone());
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
