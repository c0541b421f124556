//! Lays out the language profiles of the crate `langdetect` as tables that
//! `src/constraint/detector.rs` uses where they lie: a run of the program that tells languages would
//! otherwise begin with a twentieth of a second of unpacking them.
//!
//! | file | holds |
//! |---|---|
//! | `codes` | the languages' codes, a line each |
//! | `letters` | for each character of the Basic Multilingual Plane its letter: `UPPER` is set for capitals |
//! | `near` | the row of each n-gram of `NEAR` letters, plus 1; 0 where there is none |
//! | `far` | the other n-grams, a hash table: in each entry the key, and the row plus 1 |
//! | `ends` | where the entries of each row end |
//! | `languages`, `shares` | of each entry: the language, and the n-gram's share of its n-grams |

use std::collections::BTreeMap;
use std::error::Error;
use std::path::PathBuf;
use std::{env, fs};

use langdetect::{DetectorFactory, text};

#[path = "src/constraint/detector/layout.rs"]
mod layout;

use layout::{ABSENT, FAR_SLOTS, NEAR, NEAR_SLOTS, NUMBER_BITS, SPACE, UNKNOWN, UPPER};

/// Capitals that came after Unicode 14, which the reference's Python has.
const NEWER: [char; 8] =
    ['\u{1c89}', '\u{a7cb}', '\u{a7cc}', '\u{a7ce}', '\u{a7d2}', '\u{a7d4}', '\u{a7da}', '\u{a7dc}'];

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed=src/constraint/detector/layout.rs");
    let mut factory = DetectorFactory::default();
    factory.load_builtin(&DetectorFactory::builtin_files()).map_err(|(_, e)| e.to_string())?;
    let mut rows = rows(&factory.to_bytes()).ok_or("the profiles are not laid out as expected")?;

    let mut alphabet: Vec<char> = rows.iter().flat_map(|row| row.gram.iter().copied()).collect();
    alphabet.sort_unstable();
    alphabet.dedup();
    let alphabet: BTreeMap<char, u64> =
        alphabet.into_iter().filter(|c| *c != ' ').zip(SPACE + 1..UNKNOWN).collect();
    let letter = |c: char| if c == ' ' { SPACE } else { alphabet.get(&c).copied().unwrap_or(UNKNOWN) };
    assert!(('A'..='z').filter(char::is_ascii_alphabetic).all(|c| letter(c) < NEAR), "ASCII comes first");
    let letters = (0..0x1_0000).map(|code| {
        let c = text::normalize(char::from_u32(code).unwrap_or(' '));
        letter(c) as u16 | if c.is_uppercase() && !NEWER.contains(&c) { UPPER } else { 0 }
    });

    let key = |row: &Row| {
        let mut key = [ABSENT; 3];
        for (place, c) in key[3 - row.gram.len()..].iter_mut().zip(&row.gram) {
            *place = letter(*c);
        }
        key
    };
    // Rows of near letters come first, so that their numbers fit two bytes.
    rows.sort_by_key(|row| (!layout::is_near(key(row)), key(row)));
    let mut near = vec![0_u16; NEAR_SLOTS];
    let mut far = vec![0_u64; FAR_SLOTS];
    for (number, row) in (1_u64..).zip(&rows) {
        let key = key(row);
        if layout::is_near(key) {
            near[layout::near_slot(key)] = u16::try_from(number)?;
        } else {
            let key = layout::far_key(key);
            let mut at = layout::far_slot(key);
            while far[at] != 0 {
                at = (at + 1) % FAR_SLOTS;
            }
            far[at] = key << NUMBER_BITS | number;
        }
    }
    let ends = rows.iter().scan(0_u32, |end, row| {
        *end += row.shares.len() as u32;
        Some(*end)
    });
    let shares = || rows.iter().flat_map(|row| &row.shares);

    let to = PathBuf::from(env::var("OUT_DIR")?);
    let write = |name: &str, bytes: Vec<u8>| fs::write(to.join(name), bytes);
    write("codes", factory.langlist().join("\n").into_bytes())?;
    write("letters", letters.flat_map(u16::to_le_bytes).collect())?;
    write("near", near.into_iter().flat_map(u16::to_le_bytes).collect())?;
    write("far", far.into_iter().flat_map(u64::to_le_bytes).collect())?;
    write("ends", ends.flat_map(u32::to_le_bytes).collect())?;
    write("languages", shares().map(|(language, _)| *language).collect())?;
    write("shares", shares().flat_map(|(_, share)| share.to_le_bytes()).collect())?;
    Ok(())
}

/// An n-gram with its share in each language that has it.
struct Row {
    gram: Vec<char>,
    shares: Vec<(u8, f64)>,
}

/// Reads what [`DetectorFactory::to_bytes`] writes: a head of six bytes; the languages; then for each
/// n-gram its characters (21 bits each, counted from 1), a length that does not matter, and its shares.
fn rows(mut bytes: &[u8]) -> Option<Vec<Row>> {
    let take = |bytes: &mut &[u8], n: usize| {
        let (taken, rest) = bytes.split_at_checked(n)?;
        *bytes = rest;
        Some(taken.iter().rev().fold(0_u64, |number, byte| number << 8 | u64::from(*byte)))
    };
    take(&mut bytes, 6)?;
    for _ in 0..take(&mut bytes, 4)? {
        let len = take(&mut bytes, 4)?;
        bytes = bytes.get(usize::try_from(len).ok()?..)?;
    }
    let mut rows = Vec::new();
    for _ in 0..take(&mut bytes, 4)? {
        let key = take(&mut bytes, 8)?;
        take(&mut bytes, 4)?;
        let gram = (0..3)
            .map(|place| (key >> (21 * place) & 0x1f_ffff) as u32)
            .take_while(|code| *code != 0)
            .map(|code| char::from_u32(code - 1))
            .collect::<Option<Vec<char>>>()?;
        let mut shares = Vec::new();
        for _ in 0..take(&mut bytes, 4)? {
            let language = u8::try_from(take(&mut bytes, 4)?).ok()?;
            shares.push((language, f64::from_bits(take(&mut bytes, 8)?)));
        }
        rows.push(Row { gram, shares });
    }
    bytes.is_empty().then_some(rows)
}
