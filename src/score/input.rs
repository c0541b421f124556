//! The bytes of a source, and its lines in batches that are worth being handed to another thread.

use std::fs::File;
use std::io::{self, Read, Seek as _, SeekFrom, Write as _};
use std::ops::Range;
use std::path::{Path, PathBuf};

use crossbeam_channel::{Receiver, Sender, bounded};

use super::STDIN;
use crate::error::{Error, Reject, Result};
use crate::import::{Line, Lines, MAX_LINE, Source};

/// Bytes of lines that are handed over at once: enough to keep all threads busy.
const BATCH: usize = 2 << 20;

/// Batches read ahead of the one being worked on.
const AHEAD: usize = 2;

/// Bytes of lines that one thread takes at once: few enough to stay in its cache, so that the batches'
/// ends, where threads wait for each other, are short.
const PART: usize = 64 << 10;

/// Lines one after the other, their bytes in one piece.
#[derive(Debug, Default)]
pub(super) struct Batch {
    bytes: Vec<u8>,
    lines: Vec<std::result::Result<Line<Range<usize>>, Reject>>,
}

impl Batch {
    /// Bytes that its lines took in their file.
    pub(super) fn size(&self) -> u64 {
        self.lines.iter().map(size).sum()
    }

    /// Its lines in parts, the same whoever works on them.
    pub(super) fn parts(&self) -> Vec<Part<'_>> {
        let mut parts = Vec::new();
        let (mut start, mut bytes) = (0, 0);
        for (i, line) in self.lines.iter().enumerate() {
            bytes += size(line);
            if bytes >= PART as u64 || i + 1 == self.lines.len() {
                parts.push(Part { bytes: &self.bytes, lines: &self.lines[start..=i] });
                (start, bytes) = (i + 1, 0);
            }
        }
        parts
    }
}

/// Some lines of a batch.
#[derive(Debug, Clone, Copy)]
pub(super) struct Part<'a> {
    bytes: &'a [u8],
    lines: &'a [std::result::Result<Line<Range<usize>>, Reject>],
}

impl<'a> Part<'a> {
    /// Its lines, in order.
    pub(super) fn lines(self) -> impl Iterator<Item = std::result::Result<Line<&'a [u8]>, &'a Reject>> {
        self.lines.iter().map(move |line| match line {
            Ok(Line { place, bytes, ended }) => {
                Ok(Line { place: place.clone(), bytes: &self.bytes[bytes.clone()], ended: *ended })
            }
            Err(reject) => Err(reject),
        })
    }
}

/// Bytes that a line took in its file.
fn size(line: &std::result::Result<Line<Range<usize>>, Reject>) -> u64 {
    match line {
        Ok(line) => u64::from(line.place.len) + 1,
        Err(reject) => reject.len,
    }
}

/// Reads lines on a thread of its own and hands them on in batches.
pub(super) fn batches(
    mut lines: Lines<Box<dyn Read + Send>>,
    take: &mut dyn FnMut(Batch) -> Result<()>,
) -> Result<()> {
    let (send, receive): (Sender<Batch>, Receiver<Batch>) = bounded(AHEAD);
    std::thread::scope(|scope| {
        scope.spawn(move || {
            loop {
                let mut batch = Batch { bytes: Vec::with_capacity(BATCH + BATCH / 8), lines: Vec::new() };
                let mut bytes = 0;
                // By what lines take in the file: blank ones are not without end either.
                while bytes < BATCH as u64
                    && let Some(line) = lines.next_into(&mut batch.bytes)
                {
                    bytes += size(&line);
                    batch.lines.push(line);
                }
                // Nothing more comes; or nobody listens any more, stopped by an error.
                if batch.lines.is_empty() || send.send(batch).is_err() {
                    return;
                }
            }
        });
        receive.into_iter().try_for_each(take)
    })
}

/// Where lines come from.
pub(super) enum Input {
    File(PathBuf),
    /// Standard input, read as it comes.
    Stdin,
    /// Standard input in a file without a name, so that it can be read twice.
    Spooled(File),
}

impl Input {
    pub(super) fn open(source: &Source, twice: bool) -> Result<Self> {
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
    pub(super) fn bytes(&self) -> u64 {
        let length = match self {
            Self::File(path) => path.metadata(),
            Self::Stdin => return 0,
            Self::Spooled(file) => file.metadata(),
        };
        length.map_or(0, |length| length.len())
    }

    /// The lines, from the first.
    pub(super) fn lines(&mut self) -> Result<Lines<Box<dyn Read + Send>>> {
        self.lines_from(0)
    }

    /// The lines from a byte on, which come as the first of a file. (Standard input goes on where it is.)
    pub(super) fn lines_from(&mut self, byte: u64) -> Result<Lines<Box<dyn Read + Send>>> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blank_lines_fill_batches_too() {
        let bytes = 2 * BATCH as u64 + 5;
        let blank = Box::new(io::repeat(b'\n').take(bytes));
        let mut sizes = Vec::new();
        batches(Lines::new(blank, Path::new("blank").into(), 0, 1, MAX_LINE), &mut |batch| {
            sizes.push(batch.size());
            Ok(())
        })
        .unwrap();
        assert_eq!(sizes, [BATCH as u64, BATCH as u64, 5]);
    }
}
