//! Chunks on disk: columns one after the other, a checksum at the end.
//!
//! ```text
//! chunk:  "HLCHUNK2"  rows:u64  run:u32[]  item:u32[]  …  margins:f32[]  xxh3:u64
//! items:  "HLITEMS1"  [[id, group, source, [constraint, …]], …] as JSON  xxh3:u64
//! ```
//! Every array is preceded by its length as u64 and filled up with zeros to a multiple of eight
//! bytes, so that it can be used where it lies in a mapped file. Numbers are in the order of the
//! machine: a library is made where it is read, and the magic of the other order is another one. A
//! file is written once and never changed.

use std::io::{self, Write};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use tantivy::directory::OwnedBytes;
use xxhash_rust::xxh3::Xxh3;
use zerocopy::IntoBytes as _;

use super::chunk::Columns;
use super::column::{Column, Number};
use super::table::ItemInfo;

const CHUNK: u64 = u64::from_le_bytes(*b"HLCHUNK2");
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

/// Writes a chunk file.
pub(super) fn encode(columns: &Columns, out: impl Write) -> io::Result<()> {
    let mut writer = Writer { to: out, hasher: Xxh3::new() };
    writer.put(&CHUNK.to_ne_bytes())?;
    writer.put(&(columns.len() as u64).to_ne_bytes())?;
    for column in columns.numbers() {
        writer.column(column)?;
    }
    writer.column(&columns.byte)?;
    writer.column(&columns.hash)?;
    writer.column(&columns.flags)?;
    writer.column(&columns.verdicts_at)?;
    writer.column(&columns.verdicts)?;
    writer.column(&columns.margins)?;
    let checksum = writer.hasher.digest();
    writer.to.write_all(&checksum.to_ne_bytes())
}

/// Writes, and sums up what was written.
struct Writer<W> {
    to: W,
    hasher: Xxh3,
}

impl<W: Write> Writer<W> {
    fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.hasher.update(bytes);
        self.to.write_all(bytes)
    }

    fn column<T: Number>(&mut self, column: &Column<T>) -> io::Result<()> {
        let bytes = column.as_bytes();
        self.put(&(column.len() as u64).to_ne_bytes())?;
        self.put(bytes)?;
        self.put(&[0; 8][..padding(bytes.len())])
    }
}

/// Zeros after so many bytes of an array.
fn padding(bytes: usize) -> usize {
    bytes.next_multiple_of(8) - bytes
}

/// Takes up what [`encode`] wrote, the columns where they lie; the cause when it is damaged.
pub(super) fn decode(file: &OwnedBytes) -> Result<Columns, String> {
    let (body, checksum) = file.split_last_chunk::<8>().ok_or("cut short")?;
    if body.first_chunk::<8>() != Some(&CHUNK.to_ne_bytes()) {
        return Err("not of this version".to_owned());
    }
    if xxhash_rust::xxh3::xxh3_64(body) != u64::from_ne_bytes(*checksum) {
        return Err("its checksum is wrong".to_owned());
    }
    let mut reader = Reader { left: file.slice(8..body.len()) };
    reader.columns().ok_or_else(|| "its columns do not fit together".to_owned())
}

/// Takes arrays off the front of a file.
struct Reader {
    left: OwnedBytes,
}

impl Reader {
    fn number(&mut self) -> Option<usize> {
        let number = u64::from_ne_bytes(*self.left.first_chunk()?);
        self.left.advance(8);
        number.try_into().ok()
    }

    fn column<T: Number>(&mut self) -> Option<Column<T>> {
        let bytes = self.number()?.checked_mul(size_of::<T>())?;
        let all = bytes.checked_add(padding(bytes))?;
        if all > self.left.len() {
            return None;
        }
        let column = Column::of(self.left.slice(0..bytes));
        self.left.advance(all);
        column
    }

    fn columns(&mut self) -> Option<Columns> {
        let rows = self.number()?;
        let mut columns = Columns::default();
        for column in columns.numbers_mut() {
            *column = self.column()?;
        }
        columns.byte = self.column()?;
        columns.hash = self.column()?;
        columns.flags = self.column()?;
        columns.verdicts_at = self.column()?;
        columns.verdicts = self.column()?;
        columns.margins = self.column()?;
        (self.left.is_empty() && columns.is_consistent(rows)).then_some(columns)
    }
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::chunk::Lengths;
    use super::*;

    fn written(columns: &Columns) -> Vec<u8> {
        let mut file = Vec::new();
        encode(columns, &mut file).unwrap();
        file
    }

    fn columns(rows: u32) -> Columns {
        let numbers = || (0..rows).map(|n| n.wrapping_mul(2_654_435_761)).collect::<Column<_>>();
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
        assert_eq!(decode(&OwnedBytes::new(written(&columns))), Ok(columns));
        assert_eq!(decode_items(&encode_items(&items)), Ok(items));
        let empty = Columns { verdicts_at: vec![0].into(), ..Columns::default() };
        assert_eq!(decode(&OwnedBytes::new(written(&empty))), Ok(empty));
    }

    proptest! {
        #[test]
        fn damage_is_noticed(at in 0usize..4000, bit in 0u8..8, cut in proptest::bool::ANY) {
            let mut file = written(&columns(30));
            let at = at % file.len();
            if cut { file.truncate(at) } else { file[at] ^= 1 << bit }
            prop_assert!(decode(&OwnedBytes::new(file)).is_err());
        }
    }
}
