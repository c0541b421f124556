//! Small text files with a checksum: what was damaged on the disk is noticed when it is read.
//!
//! ```text
//! …content…
//! {"xxh3":"0123456789abcdef"}
//! ```
//! The checksum covers everything before its line. It is a line of JSON, so that a sealed file of
//! JSON can still be read by other programs.

const BEFORE: &str = "\n{\"xxh3\":\"";
const AFTER: &str = "\"}\n";
/// Hexadecimal digits of the checksum.
const DIGITS: usize = 16;

/// Adds a checksum to a content.
pub(super) fn sealed(mut content: Vec<u8>) -> Vec<u8> {
    let checksum = xxhash_rust::xxh3::xxh3_64(&content);
    content.extend_from_slice(format!("{BEFORE}{checksum:0DIGITS$x}{AFTER}").as_bytes());
    content
}

/// The content of what [`sealed`] gave; the cause when it is damaged.
pub(super) fn unsealed(file: &[u8]) -> Result<&[u8], &'static str> {
    let end = file.len().checked_sub(BEFORE.len() + DIGITS + AFTER.len()).ok_or("cut short")?;
    let (content, seal) = file.split_at(end);
    let checksum = xxhash_rust::xxh3::xxh3_64(content);
    let expected = format!("{BEFORE}{checksum:0DIGITS$x}{AFTER}");
    if seal == expected.as_bytes() { Ok(content) } else { Err("its checksum is wrong") }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn damage_is_noticed(
            content in proptest::collection::vec(any::<u8>(), 0..200), at in any::<prop::sample::Index>(), flip in 1..=255_u8,
        ) {
            let file = sealed(content.clone());
            prop_assert_eq!(unsealed(&file), Ok(&content[..]));
            let at = at.index(file.len());
            prop_assert!(unsealed(&file[..at]).is_err());
            let mut damaged = file;
            damaged[at] ^= flip;
            prop_assert!(unsealed(&damaged).is_err());
        }
    }
}
