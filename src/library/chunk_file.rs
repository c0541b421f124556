//! Chunks on disk: columns in little endian one after the other, a checksum at the end.
//!
//! ```text
//! chunk:  "HLCHUNK1"  rows:u64  run:u32[]  item:u32[]  …  margins:f32[]  xxh3:u64
//! items:  "HLITEMS1"  [[id, group, source, [constraint, …]], …] as JSON  xxh3:u64
//! ```
//! Every array is preceded by its length as u64. A file is written once and never changed.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

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

/// Reads what [`encode`] wrote; the cause when it is damaged.
pub(super) fn decode(file: &[u8]) -> Result<Columns, String> {
    let short = || "cut short".to_owned();
    let mut reader = Reader(unsealed(file, CHUNK)?);
    let rows = reader.u64().ok_or_else(short)? as usize;
    let mut read = || -> Option<Columns> {
        let r = &mut reader;
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
            *column = r.array(u32::from_le_bytes)?;
        }
        for lengths in [&mut c.trace, &mut c.answer] {
            let Lengths { chars, words, tokens } = lengths;
            for column in [chars, words, tokens] {
                *column = r.array(u32::from_le_bytes)?;
            }
        }
        c.byte = r.array(u64::from_le_bytes)?;
        c.hash = r.array(u64::from_le_bytes)?;
        c.flags = r.array(u16::from_le_bytes)?;
        c.verdicts = r.bytes(1)?.to_vec();
        c.margins = r.array(f32::from_le_bytes)?;
        Some(c)
    };
    let columns = read().ok_or_else(short)?;
    if !columns.is_consistent(rows) {
        return Err("its columns do not fit together".to_owned());
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

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn u64(&mut self) -> Option<u64> {
        let (first, rest) = self.0.split_first_chunk::<8>()?;
        self.0 = rest;
        Some(u64::from_le_bytes(*first))
    }

    /// The bytes of an array whose elements have `size` bytes.
    fn bytes(&mut self, size: usize) -> Option<&'a [u8]> {
        let len = usize::try_from(self.u64()?).ok()?.checked_mul(size)?;
        let (array, rest) = self.0.split_at_checked(len)?;
        self.0 = rest;
        Some(array)
    }

    fn array<T, const N: usize>(&mut self, read: impl Fn([u8; N]) -> T) -> Option<Vec<T>> {
        let (array, _) = self.bytes(N)?.as_chunks::<N>();
        Some(array.iter().map(|bytes| read(*bytes)).collect())
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
        assert_eq!(decode(&encode(&columns)), Ok(columns));
        assert_eq!(decode_items(&encode_items(&items)), Ok(items));
        let empty = Columns { verdicts_at: vec![0], ..Columns::default() };
        assert_eq!(decode(&encode(&empty)), Ok(empty));
    }

    proptest! {
        #[test]
        fn damage_is_noticed(at in 0usize..4000, bit in 0u8..8, cut in proptest::bool::ANY) {
            let mut file = encode(&columns(30));
            let at = at % file.len();
            if cut { file.truncate(at) } else { file[at] ^= 1 << bit }
            prop_assert!(decode(&file).is_err());
        }
    }
}
