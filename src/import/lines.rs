//! Lines of a file, one at a time, whatever the file is.
//!
//! Only `\n` ends a line (`\r\n` is accepted, a carriage return alone is text), a byte order mark
//! is stepped over, and a line beyond the limit is skipped by streaming: memory is bounded by the
//! limit, not by the file.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use crate::error::{Reject, RejectKind};
use crate::record::Place;

/// Longest line read, in bytes, unless another limit is given.
pub const MAX_LINE: usize = 64 << 20;

/// How much is read from the file at once.
const BUFFER: usize = 1 << 18;

/// One line as it lies in the file.
#[derive(Debug, Clone)]
pub struct Line<B = Vec<u8>> {
    /// Where.
    pub place: Place,
    /// Its bytes, without the line end: they themselves, or where they were put.
    pub bytes: B,
    /// A line feed follows. A last line without one may still be being written.
    pub ended: bool,
}

impl<B: AsRef<[u8]>> Line<B> {
    /// Nothing but white space.
    pub fn is_blank(&self) -> bool {
        self.bytes.as_ref().iter().all(u8::is_ascii_whitespace)
    }
}

/// The lines of a file from `from_byte` on, which is the start of line `from_line` (0 and 1 for
/// the whole file). Lines longer than `max_line` bytes come as rejects.
///
/// A read error is the last thing yielded: the lines before it are good.
pub fn lines(path: &Path, from_byte: u64, from_line: u64, max_line: usize) -> io::Result<Lines<File>> {
    let mut file = File::open(path)?;
    if from_byte > 0 {
        file.seek(SeekFrom::Start(from_byte))?;
    }
    Ok(Lines::new(file, path.into(), from_byte, from_line, max_line))
}

/// See [`lines`].
#[derive(Debug)]
pub struct Lines<R> {
    from: BufReader<R>,
    path: Arc<Path>,
    byte: u64,
    line: u64,
    max_line: usize,
    done: bool,
}

impl<R: Read> Lines<R> {
    /// Lines of any reader; `path` is what they are said to come from.
    pub fn new(from: R, path: Arc<Path>, from_byte: u64, from_line: u64, max_line: usize) -> Self {
        Self {
            from: BufReader::with_capacity(BUFFER, from),
            path,
            byte: from_byte,
            line: from_line.max(1),
            max_line: max_line.min(u32::MAX as usize),
            done: false,
        }
    }

    /// Offset of the first byte not yet yielded.
    pub fn byte(&self) -> u64 {
        self.byte
    }

    /// Number of the next line, from 1.
    pub fn line(&self) -> u64 {
        self.line
    }

    fn reject(&self, byte: u64, len: u64, kind: RejectKind, message: String) -> Reject {
        Reject { path: Arc::clone(&self.path), line: self.line, byte, len, kind, message }
    }

    /// Reads up to and with the next line feed. Keeps the bytes, unless they are too many. Returns how
    /// many there were, and whether a line feed was seen.
    fn read_line(&mut self, kept: &mut Vec<u8>) -> io::Result<(u64, bool)> {
        let start = kept.len();
        let mut seen = 0;
        loop {
            let block = match self.from.fill_buf() {
                Ok(block) => block,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
                Err(e) => return Err(e),
            };
            if block.is_empty() {
                return Ok((seen, false));
            }
            let end = memchr::memchr(b'\n', block);
            let part = &block[..end.unwrap_or(block.len())];
            seen += part.len() as u64;
            // One byte of slack for a carriage return, which is not part of the line.
            if seen <= self.max_line as u64 + 1 {
                kept.extend_from_slice(part);
            } else {
                kept.truncate(start);
            }
            let used = part.len() + usize::from(end.is_some());
            self.from.consume(used);
            if end.is_some() {
                return Ok((seen, true));
            }
        }
    }

    /// The next line, its bytes put at the end of `kept`; the line says where in there they are. What
    /// cannot be used leaves nothing there that any line points to.
    pub fn next_into(&mut self, kept: &mut Vec<u8>) -> Option<Result<Line<Range<usize>>, Reject>> {
        if self.done {
            return None;
        }
        let (start, from) = (self.byte, kept.len());
        let (seen, ended) = match self.read_line(kept) {
            Ok(line) => line,
            Err(e) => {
                self.done = true;
                let message = format!("reading stopped here: {e}; what came before is loaded");
                return Some(Err(self.reject(start, 0, RejectKind::Unreadable, message)));
            }
        };
        if !ended {
            self.done = true;
            if seen == 0 {
                return None;
            }
        }
        self.byte += seen + u64::from(ended);
        let limit = self.max_line;
        let bytes = &kept[from..];
        let returns = usize::from(bytes.last() == Some(&b'\r'));
        let too_long = seen > limit as u64 && {
            // Within the slack only when the extra byte is the carriage return.
            !(bytes.len() as u64 == seen && returns == 1)
        };
        let yielded = if too_long {
            let message = format!(
                "line of {seen} bytes is over the limit of {limit}; skipped, the next line is read as usual"
            );
            Err(self.reject(start, seen, RejectKind::TooLong, message))
        } else {
            let mark = if start == 0 && bytes.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
            let bytes = from + mark..kept.len() - returns;
            let place = Place {
                path: Arc::clone(&self.path),
                line: self.line,
                byte: start + mark as u64,
                len: bytes.len() as u32,
            };
            Ok(Line { place, bytes, ended })
        };
        self.line += 1;
        Some(yielded)
    }
}

impl<R: Read> Iterator for Lines<R> {
    type Item = Result<Line, Reject>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut kept = Vec::new();
        Some(self.next_into(&mut kept)?.map(|Line { place, bytes, ended }| {
            kept.truncate(bytes.end);
            kept.drain(..bytes.start);
            Line { place, bytes: kept, ended }
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(bytes: &[u8], max_line: usize) -> Vec<Result<Line, Reject>> {
        Lines::new(bytes, Path::new("f").into(), 0, 1, max_line).collect()
    }

    fn shown(bytes: &[u8], max_line: usize) -> Vec<String> {
        of(bytes, max_line)
            .into_iter()
            .map(|line| match line {
                Ok(l) => format!(
                    "{}:{}+{} {:?}{}",
                    l.place.line,
                    l.place.byte,
                    l.place.len,
                    String::from_utf8_lossy(&l.bytes),
                    if l.ended { "" } else { " pending" }
                ),
                Err(r) => format!("{}:{}+{} {}", r.line, r.byte, r.len, r.kind.name()),
            })
            .collect()
    }

    #[test]
    fn line_ends() {
        assert_eq!(shown(b"a\nbb\n", 9), ["1:0+1 \"a\"", "2:2+2 \"bb\""]);
        assert_eq!(shown(b"a\r\nbb", 9), ["1:0+1 \"a\"", "2:3+2 \"bb\" pending"]);
        assert_eq!(shown(b"\xef\xbb\xbfa\n\nb\rc\n", 9), ["1:3+1 \"a\"", "2:5+0 \"\"", "3:6+3 \"b\\rc\""]);
        assert!(shown(b"", 9).is_empty());
    }

    #[test]
    fn a_long_line_is_stepped_over() {
        assert_eq!(
            shown(b"1234\n12345\n1234\r\n1", 4),
            ["1:0+4 \"1234\"", "2:5+5 too long", "3:11+4 \"1234\"", "4:17+1 \"1\" pending"]
        );
        let mut long = vec![b'x'; 3 * BUFFER];
        long.extend_from_slice(b"\nok\n");
        assert_eq!(
            shown(&long, BUFFER),
            [format!("1:0+{} too long", 3 * BUFFER), format!("2:{}+2 \"ok\"", 3 * BUFFER + 1)]
        );
    }

    #[test]
    fn a_read_error_keeps_what_came_before() {
        struct Failing(usize);
        impl Read for Failing {
            fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
                self.0 += 1;
                match self.0 {
                    1 => {
                        to[..4].copy_from_slice(b"a\nb\n");
                        Ok(4)
                    }
                    2 => Err(io::ErrorKind::Interrupted.into()),
                    _ => Err(io::Error::other("disk on fire")),
                }
            }
        }
        let all: Vec<_> = Lines::new(Failing(0), Path::new("f").into(), 0, 1, 9).collect();
        assert_eq!(all.len(), 3);
        assert!(all[2].as_ref().unwrap_err().message.contains("disk on fire"));
    }
}
