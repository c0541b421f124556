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
use crate::assess::{Assessment, Options, PreparedItem, RunFacts, assess};
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

/// How to stream.
#[derive(Debug, Clone, Copy, Default)]
pub struct Streaming {
    /// How to assess.
    pub options: Options,
    /// What is made of a generation depends on its run's facts: modes, lengths of trace and
    /// answer, and verdicts under any rule but `mathif` and `whole`. Files are then read twice.
    pub run_facts: bool,
}

/// Assesses every generation of a source. `map` is called on many threads at once; `sink` gets
/// what it made in input order and can stop the stream with an error.
pub fn stream<T: Send>(
    source: &Source,
    streaming: Streaming,
    map: &(impl Fn(&Record, &Assessment) -> T + Sync),
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
    let mut input = Input::open(source, streaming.run_facts)?;
    let facts = if streaming.run_facts { run_facts(&reader, &mut input)? } else { HashMap::new() };
    let items = Prepared::default();
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
                        .iter()
                        .map(|record| {
                            let item = items.get(&record.item);
                            let facts = facts.get(&record.run.name).copied().unwrap_or_default();
                            let assessment =
                                assess(&item, &record.run, facts, &record.generation, streaming.options);
                            Event::Generation(map(record, &assessment))
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

/// Assesses what is on one line of a source, whose run is read whole for its facts.
pub fn at_line(source: &Source, line: u64, options: Options) -> Result<Vec<(Record, Assessment)>> {
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
            let item = PreparedItem::new(Arc::clone(&record.item));
            let facts = facts.get(&record.run.name).copied().unwrap_or_default();
            let assessment = assess(&item, &record.run, facts, &record.generation, options);
            (record, assessment)
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

/// Items made ready, by the address of the item, which a reader gives once to each.
#[derive(Default)]
struct Prepared {
    known: Mutex<HashMap<usize, Arc<PreparedItem>>>,
}

impl Prepared {
    fn get(&self, item: &Arc<Item>) -> Arc<PreparedItem> {
        let address = Arc::as_ptr(item) as usize;
        let lock = || self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = lock().get(&address) {
            return Arc::clone(found);
        }
        // Not under the lock: compiling patterns takes its time. Two threads may both do it.
        // The entry holds the item, so that its address stays its own.
        let new = Arc::new(PreparedItem::new(Arc::clone(item)));
        let mut known = lock();
        if known.len() >= PREPARED {
            known.clear();
        }
        Arc::clone(known.entry(address).or_insert(new))
    }
}
