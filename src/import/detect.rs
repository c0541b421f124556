//! What a file is, told by what it holds and not by its name.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use super::saved::{LineKind, SavedLine};
use super::{Line, MAX_LINE, json, lines};
use crate::error::RejectKind;

/// What was found in a file.
#[derive(Debug)]
pub(super) enum Found {
    /// Lines of this kind, and the first of them that could be read.
    Lines(LineKind, Box<SavedLine>),
    /// Text that is none of ours and does not claim to be: a README, a script.
    Other,
    /// Something to tell the user about.
    Bad(RejectKind, String),
}

/// Lines looked at before giving up. One broken line must not cost the file.
const LINES: usize = 16;

/// Bytes looked at for signs of a binary file.
const HEAD: u64 = 8192;

/// Looks at the beginning of a file.
pub(super) fn detect(path: &Path) -> Found {
    let mut head = Vec::new();
    if let Err(e) = File::open(path).and_then(|f| f.take(HEAD).read_to_end(&mut head)) {
        return Found::Bad(RejectKind::Unreadable, e.to_string());
    }
    let claims = matches!(
        path.extension().and_then(|e| e.to_str()).map(str::to_ascii_lowercase).as_deref(),
        Some("jsonl" | "ndjson" | "json")
    );
    if head.iter().all(u8::is_ascii_whitespace) && head.len() < HEAD as usize {
        return if claims { Found::Bad(RejectKind::Empty, "nothing in it".to_owned()) } else { Found::Other };
    }
    if let Some(what) = binary(&head) {
        return Found::Bad(RejectKind::Binary, what.to_owned());
    }
    let all = match lines(path, 0, 1, MAX_LINE) {
        Ok(all) => all,
        Err(e) => return Found::Bad(RejectKind::Unreadable, e.to_string()),
    };
    let mut trouble = None;
    for line in all.filter(|l| !l.as_ref().is_ok_and(Line::is_blank)).take(LINES) {
        let line = match line {
            Ok(line) => line,
            Err(reject) => {
                trouble.get_or_insert((reject.kind, reject.message));
                continue;
            }
        };
        // A line that cannot be of ours is not worth a parse: text files are looked at too.
        if !claims && line.bytes.iter().find(|b| !b.is_ascii_whitespace()) != Some(&b'{') {
            return Found::Other;
        }
        match json::parse::<SavedLine>(&line.bytes) {
            Ok((saved, _)) => match saved.kind() {
                LineKind::Unknown => {
                    trouble.get_or_insert((
                        RejectKind::UnknownFormat,
                        "JSON, but no field that heedless knows (an output, an item, verdicts)".to_owned(),
                    ));
                }
                kind => return Found::Lines(kind, Box::new(saved)),
            },
            Err(e) => {
                let message = format!(
                    "line {} byte {}: {}; no line could be read",
                    line.place.line,
                    line.place.byte + e.at as u64,
                    e.message
                );
                trouble.get_or_insert((RejectKind::UnknownFormat, message));
            }
        }
    }
    match trouble {
        Some((kind, message)) if claims => Found::Bad(kind, message),
        _ => Found::Other,
    }
}

/// Why a file cannot be text in UTF-8.
fn binary(head: &[u8]) -> Option<&'static str> {
    const SIGNS: [(&[u8], &str); 7] = [
        (b"\xff\xfe", "UTF-16 text; convert it to UTF-8"),
        (b"\xfe\xff", "UTF-16 text; convert it to UTF-8"),
        (b"\x1f\x8b", "gzip data; unpack it first"),
        (b"\x28\xb5\x2f\xfd", "zstandard data; unpack it first"),
        (b"PK\x03\x04", "a zip archive; unpack it first"),
        (b"PAR1", "a Parquet file; this version reads JSONL"),
        (b"\x89PNG", "a picture"),
    ];
    SIGNS
        .iter()
        .find(|(sign, _)| head.starts_with(sign))
        .map(|(_, what)| *what)
        .or_else(|| head.contains(&0).then_some("not text: it holds NUL bytes"))
}
