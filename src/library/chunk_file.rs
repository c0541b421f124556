//! Chunks on disk: columns in little endian one after the other, a checksum at the end.
//!
//! ```text
//! chunk:  "HLCHUNK1"  rows:u64  run:u32[]  item:u32[]  …  margins:f32[]  xxh3:u64
//! items:  "HLITEMS1"  [[id, group, source, [constraint, …]], …] as JSON  xxh3:u64
//! ```
//! Every array is preceded by its length as u64. A file is written once and never changed.

use std::io::{self, ErrorKind, Read};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::Xxh3;

use super::chunk::{Columns, Lengths};
use super::table::ItemInfo;

const CHUNK: [u8; 8] = *b"HLCHUNK1";
const ITEMS: [u8; 8] = *b"HLITEMS1";

/// An item as a chunk file keeps it.
#[derive(Serialize, Deserialize)]
struct SavedItem<'a>(
    #[serde(borrow)] std::borrow::Cow<'a, str>,
    #[serde(borrow)] std::borrow::Cow<'a, str>,
    #[serde(borrow)] std::borrow::Cow<'a, str>,
    Vec<u32>,
);

/// The bytes of a file of items.
pub(super) fn encode_items(items: &[ItemInfo]) -> Vec<u8> {
    let saved: Vec<SavedItem<'_>> = items
        .iter()
        .map(|i| SavedItem((&*i.id).into(), (&*i.group).into(), (&*i.source).into(), i.constraints.to_vec()))
        .collect();
    let mut out = ITEMS.to_vec();
    out.extend(serde_json::to_vec(&saved).expect("strings and numbers always serialize"));
    sealed(out)
}

/// Reads what [`encode_items`] wrote; the cause when it is damaged.
pub(super) fn decode_items(file: &[u8]) -> Result<Vec<ItemInfo>, String> {
    let body = unsealed(file, ITEMS)?;
    items(body).ok_or_else(|| "not a list of items".to_owned())
}

/// Puts a checksum at the end.
fn sealed(mut out: Vec<u8>) -> Vec<u8> {
    let checksum = xxhash_rust::xxh3::xxh3_64(&out);
    out.extend_from_slice(&checksum.to_le_bytes());
    out
}

/// What lies between the magic and the checksum.
fn unsealed(file: &[u8], magic: [u8; 8]) -> Result<&[u8], String> {
    let (body, checksum) = file.split_last_chunk::<8>().ok_or("cut short")?;
    if xxhash_rust::xxh3::xxh3_64(body) != u64::from_le_bytes(*checksum) {
        return Err("its checksum is wrong".to_owned());
    }
    Ok(body.strip_prefix(&magic).ok_or("not of this version")?)
}

/// The bytes of a chunk file.
pub(super) fn encode(columns: &Columns) -> Vec<u8> {
    let mut out = Vec::with_capacity(64 + columns.len() * 100);
    out.extend_from_slice(&CHUNK);
    out.extend_from_slice(&(columns.len() as u64).to_le_bytes());
    let c = columns;
    for column in [&c.run, &c.item, &c.sample, &c.source, &c.line, &c.len, &c.part, &c.modes, &c.verdicts_at]
    {
        put(&mut out, column, |n| n.to_le_bytes());
    }
    for lengths in [&c.trace, &c.answer] {
        for column in [&lengths.chars, &lengths.words, &lengths.tokens] {
            put(&mut out, column, |n| n.to_le_bytes());
        }
    }
    put(&mut out, &c.byte, |n| n.to_le_bytes());
    put(&mut out, &c.hash, |n| n.to_le_bytes());
    put(&mut out, &c.flags, |n| n.to_le_bytes());
    put(&mut out, &c.verdicts, |b| [*b]);
    put(&mut out, &c.margins, |x| x.to_le_bytes());
    sealed(out)
}

fn put<T, const N: usize>(out: &mut Vec<u8>, values: &[T], bytes: impl Fn(&T) -> [u8; N]) {
    out.extend_from_slice(&(values.len() as u64).to_le_bytes());
    for value in values {
        out.extend_from_slice(&bytes(value));
    }
}

/// Reads what [`encode`] wrote; the cause when it is damaged. The file is never in memory as a whole
/// beside its columns.
pub(super) fn decode(file: impl Read) -> Result<Columns, String> {
    let mut reader = Reader { from: file, hasher: Xxh3::new(), buffer: vec![0; BUFFER] };
    let columns = reader.columns().map_err(|error| match error.kind() {
        ErrorKind::UnexpectedEof => "cut short".to_owned(),
        _ => error.to_string(),
    })?;
    let found = reader.hasher.digest();
    let mut rest = Vec::new();
    reader.from.take(9).read_to_end(&mut rest).map_err(|error| error.to_string())?;
    if rest != found.to_le_bytes() {
        return Err("its checksum is wrong".to_owned());
    }
    Ok(columns)
}

fn items(json: &[u8]) -> Option<Vec<ItemInfo>> {
    let saved: Vec<SavedItem<'_>> = serde_json::from_slice(json).ok()?;
    let mut last: [Arc<str>; 2] = ["".into(), "".into()];
    // Neighbours mostly share group and source: one allocation for all of them.
    let mut shared = |slot: usize, text: &str| {
        if *last[slot] != *text {
            last[slot] = text.into();
        }
        last[slot].clone()
    };
    let item = |SavedItem(id, group, source, constraints): SavedItem<'_>| ItemInfo {
        id: (&*id).into(),
        group: shared(0, &group),
        source: shared(1, &source),
        setting: crate::record::setting(constraints.len()),
        constraints: constraints.into(),
    };
    Some(saved.into_iter().map(item).collect())
}

/// This much of a file is read at a time.
const BUFFER: usize = 1 << 16;
/// No array is longer: a damaged length must not ask for all the memory there is.
const MAX_ENTRIES: u64 = 1 << 28;

/// Reads arrays and sums up what was read.
struct Reader<R> {
    from: R,
    hasher: Xxh3,
    buffer: Vec<u8>,
}

impl<R: Read> Reader<R> {
    fn fixed<const N: usize>(&mut self) -> io::Result<[u8; N]> {
        let mut bytes = [0; N];
        self.from.read_exact(&mut bytes)?;
        self.hasher.update(&bytes);
        Ok(bytes)
    }

    fn array<T, const N: usize>(&mut self, read: impl Fn([u8; N]) -> T) -> io::Result<Vec<T>> {
        let entries = u64::from_le_bytes(self.fixed()?);
        if entries > MAX_ENTRIES {
            return Err(io::Error::other("its columns are longer than can be"));
        }
        let mut left = entries as usize * N;
        // Room is made as bytes come: the length may be damaged.
        let mut array = Vec::with_capacity((entries as usize).min(1 << 17));
        while left > 0 {
            let len = left.min(BUFFER / N * N);
            let bytes = &mut self.buffer[..len];
            self.from.read_exact(bytes)?;
            self.hasher.update(bytes);
            let (entries, _) = bytes.as_chunks::<N>();
            array.extend(entries.iter().map(|bytes| read(*bytes)));
            left -= len;
        }
        array.shrink_to_fit();
        Ok(array)
    }

    fn columns(&mut self) -> io::Result<Columns> {
        if self.fixed()? != CHUNK {
            return Err(io::Error::other("not of this version"));
        }
        let rows = u64::from_le_bytes(self.fixed()?) as usize;
        let mut c = Columns::default();
        for column in [
            &mut c.run,
            &mut c.item,
            &mut c.sample,
            &mut c.source,
            &mut c.line,
            &mut c.len,
            &mut c.part,
            &mut c.modes,
            &mut c.verdicts_at,
        ] {
            *column = self.array(u32::from_le_bytes)?;
        }
        for Lengths { chars, words, tokens } in [&mut c.trace, &mut c.answer] {
            for column in [chars, words, tokens] {
                *column = self.array(u32::from_le_bytes)?;
            }
        }
        c.byte = self.array(u64::from_le_bytes)?;
        c.hash = self.array(u64::from_le_bytes)?;
        c.flags = self.array(u16::from_le_bytes)?;
        c.verdicts = self.array(|[byte]: [u8; 1]| byte)?;
        c.margins = self.array(f32::from_le_bytes)?;
        if c.is_consistent(rows) { Ok(c) } else { Err(io::Error::other("its columns do not fit together")) }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn columns(rows: u32) -> Columns {
        let numbers = || (0..rows).map(|n| n.wrapping_mul(2_654_435_761)).collect::<Vec<_>>();
        let lengths = || Lengths { chars: numbers(), words: numbers(), tokens: numbers() };
        Columns {
            run: numbers(),
            item: numbers(),
            sample: numbers(),
            source: numbers(),
            line: numbers(),
            byte: (0..u64::from(rows)).map(|n| n << 33).collect(),
            len: numbers(),
            part: numbers(),
            hash: (0..u64::from(rows)).map(|n| n.wrapping_mul(0x9E37_79B9_7F4A_7C15)).collect(),
            trace: lengths(),
            answer: lengths(),
            modes: numbers(),
            flags: (0..rows as u16).collect(),
            verdicts_at: (0..=rows).collect(),
            verdicts: (0..rows).map(|n| n as u8).collect(),
            margins: (0..rows).map(|n| n as f32 - 3.5).collect(),
        }
    }

    fn item(id: &str) -> ItemInfo {
        ItemInfo {
            id: id.into(),
            group: "g".into(),
            source: "".into(),
            constraints: Box::new([3, 1]),
            setting: "double",
        }
    }

    #[test]
    fn what_was_written_is_read() {
        let (columns, items) = (columns(100), vec![item("a\"\\b"), item("c")]);
        assert_eq!(decode(encode(&columns).as_slice()), Ok(columns));
        assert_eq!(decode_items(&encode_items(&items)), Ok(items));
        let empty = Columns { verdicts_at: vec![0], ..Columns::default() };
        assert_eq!(decode(encode(&empty).as_slice()), Ok(empty));
    }

    proptest! {
        #[test]
        fn damage_is_noticed(at in 0usize..4000, bit in 0u8..8, cut in proptest::bool::ANY) {
            let mut file = encode(&columns(30));
            let at = at % file.len();
            if cut { file.truncate(at) } else { file[at] ^= 1 << bit }
            prop_assert!(decode(file.as_slice()).is_err());
        }
    }
}
