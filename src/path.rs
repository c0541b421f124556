//! Paths as text. On Unix a name is bytes, which need not be UTF-8.
//!
//! [`shown`] is for people and for what programs read: a byte that is no text is written `\xFF`, and
//! two different paths never look alike. [`named`] goes back. [`saved`] is for what this program
//! reads back itself.

use std::ffi::OsStr;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// The path as text. UTF-8 stays as it is, any other byte is written `\xFF`. Where a name that is
/// UTF-8 has such a sign itself, the backslash before it is doubled, so that no two paths have one
/// text. Control characters are left in: what goes to a terminal passes
/// [`visible`](crate::text::visible) too.
///
/// ```
/// # use heedless::path::shown;
/// assert_eq!(shown("runs/a.jsonl"), "runs/a.jsonl");
/// assert_eq!(shown(r"runs\a\xFF"), r"runs\a\\xFF");
/// ```
pub fn shown(path: impl AsRef<Path>) -> String {
    let bytes = path.as_ref().as_os_str().as_encoded_bytes();
    let mut out = String::with_capacity(bytes.len());
    // Backslashes that a sign may follow: those before one are written twice.
    let mut slashes = 0;
    for chunk in bytes.utf8_chunks() {
        let text = chunk.valid();
        for (at, c) in text.char_indices() {
            if slashes > 0 && is_sign(&text.as_bytes()[at..]) {
                out.extend(std::iter::repeat_n('\\', slashes));
            }
            slashes = if c == '\\' { slashes + 1 } else { 0 };
            out.push(c);
        }
        for &byte in chunk.invalid() {
            out.extend(std::iter::repeat_n('\\', slashes));
            slashes = 0;
            let _ = write!(out, "\\x{byte:02X}");
        }
    }
    out
}

/// Whether a text begins with what follows the backslash of a byte that is no text: `xFF`, 80 to FF.
fn is_sign(text: &[u8]) -> bool {
    matches!(text, [b'x', b'8' | b'9' | b'A'..=b'F', b'0'..=b'9' | b'A'..=b'F', ..])
}

/// The path that [`shown`] gave this text for; `None` where it has no sign of a byte, and is the path
/// as it stands.
pub fn named(text: &str) -> Option<PathBuf> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    let mut signs = false;
    while !rest.is_empty() {
        let slashes = rest.iter().take_while(|&&b| b == b'\\').count();
        let sign = &rest[slashes..];
        if slashes == 0 || !is_sign(sign) {
            let (plain, after) = rest.split_at(slashes.max(1));
            bytes.extend_from_slice(plain);
            rest = after;
            continue;
        }
        signs = true;
        bytes.extend(std::iter::repeat_n(b'\\', slashes / 2));
        if slashes % 2 == 1 {
            let digit = |b: u8| (b as char).to_digit(16).unwrap_or_default() as u8;
            bytes.push(digit(sign[1]) * 16 + digit(sign[2]));
        } else {
            bytes.extend_from_slice(&sign[..3]);
        }
        rest = &sign[3..];
    }
    signs.then(|| of_bytes(bytes))
}

/// The path of these bytes.
#[cfg(unix)]
fn of_bytes(bytes: Vec<u8>) -> PathBuf {
    <std::ffi::OsString as std::os::unix::ffi::OsStringExt>::from_vec(bytes).into()
}

/// Elsewhere names are text, or cannot be made of bytes: what comes from another system is lossy.
#[cfg(not(unix))]
fn of_bytes(bytes: Vec<u8>) -> PathBuf {
    String::from_utf8_lossy(&bytes).into_owned().into()
}

/// A word as it was typed; what is no text is [`shown`]. For names of runs and keys, which are text.
pub fn typed(word: &OsStr) -> String {
    word.to_str().map_or_else(|| shown(word), str::to_owned)
}

/// The name of a file without its last extension, [`shown`].
pub fn stem(path: &Path) -> String {
    shown(path.file_stem().unwrap_or_default())
}

/// For `#[serde(with = "path::saved")]`: a path is saved as text where it is UTF-8, else as
/// `{"bytes": […]}`, and read back as it was.
pub mod saved {
    use std::borrow::Cow;
    use std::path::{Path, PathBuf};

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[derive(Serialize, Deserialize)]
    #[serde(untagged)]
    enum Saved<'a> {
        Text(Cow<'a, str>),
        Bytes { bytes: Cow<'a, [u8]> },
    }

    impl<'a> Saved<'a> {
        fn of(path: &'a Path) -> Self {
            match path.to_str() {
                Some(text) => Self::Text(text.into()),
                None => Self::Bytes { bytes: path.as_os_str().as_encoded_bytes().into() },
            }
        }

        fn path(self) -> PathBuf {
            match self {
                Self::Text(text) => text.into_owned().into(),
                Self::Bytes { bytes } => super::of_bytes(bytes.into_owned()),
            }
        }
    }

    /// Writes a path.
    pub fn serialize<S: Serializer>(path: impl AsRef<Path>, to: S) -> Result<S::Ok, S::Error> {
        Saved::of(path.as_ref()).serialize(to)
    }

    /// Reads a path.
    pub fn deserialize<'de, P: From<PathBuf>, D: Deserializer<'de>>(from: D) -> Result<P, D::Error> {
        Saved::deserialize(from).map(|saved| saved.path().into())
    }

    /// A path that may be missing.
    pub mod option {
        use super::{Deserialize, Deserializer, PathBuf, Saved, Serialize, Serializer};

        /// Writes it, or null.
        pub fn serialize<S: Serializer>(path: &Option<PathBuf>, to: S) -> Result<S::Ok, S::Error> {
            path.as_deref().map(Saved::of).serialize(to)
        }

        /// Reads it.
        pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<PathBuf>, D::Error> {
            Ok(Option::<Saved<'_>>::deserialize(from)?.map(Saved::path))
        }
    }

    /// Several paths.
    pub mod list {
        use super::{Deserialize, Deserializer, PathBuf, Saved, Serializer};

        /// Writes them.
        pub fn serialize<S: Serializer>(paths: &[PathBuf], to: S) -> Result<S::Ok, S::Error> {
            to.collect_seq(paths.iter().map(|path| Saved::of(path)))
        }

        /// Reads them.
        pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<PathBuf>, D::Error> {
            Ok(Vec::<Saved<'_>>::deserialize(from)?.into_iter().map(Saved::path).collect())
        }
    }
}

/// For `#[serde(serialize_with = "path::print")]`: [`shown`], for programs that read what is printed.
pub fn print<S: serde::Serializer>(path: impl AsRef<Path>, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(&shown(path.as_ref()))
}

/// As [`print()`], several paths.
pub fn print_list<S: serde::Serializer>(paths: &[PathBuf], to: S) -> Result<S::Ok, S::Error> {
    to.collect_seq(paths.iter().map(shown))
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::ffi::OsStrExt as _;
    use std::sync::Arc;

    use proptest::prelude::*;
    use serde::{Deserialize, Serialize};

    use super::*;

    fn path(bytes: &[u8]) -> &Path {
        Path::new(OsStr::from_bytes(bytes))
    }

    #[test]
    fn bytes_that_are_no_text_are_seen() {
        let table: [(&[u8], &str); 9] = [
            ("dir/é 字.jsonl".as_bytes(), "dir/é 字.jsonl"),
            (b"a\xff.jsonl", r"a\xFF.jsonl"),
            (br"a\xFF.jsonl", r"a\\xFF.jsonl"),
            (br"a\\xFF", r"a\\\\xFF"),
            (b"a\\\xff", r"a\\\xFF"),
            (br"C:\new\x7F\xff", r"C:\new\x7F\xff"),
            (b"\xe2\x82", r"\xE2\x82"),
            (b"\xffxFF", r"\xFFxFF"),
            (b"a\x1b\xff", "a\u{1b}\\xFF"),
        ];
        for (bytes, expected) in table {
            assert_eq!(shown(path(bytes)), expected);
            assert_eq!(named(expected).as_deref().unwrap_or(Path::new(expected)), path(bytes));
        }
        assert_eq!(named(r"plain\n.jsonl"), None);
    }

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct All {
        #[serde(with = "saved")]
        one: PathBuf,
        #[serde(with = "saved")]
        shared: Arc<Path>,
        #[serde(with = "saved::option")]
        maybe: Option<PathBuf>,
        #[serde(with = "saved::list")]
        many: Vec<PathBuf>,
    }

    /// Bytes that like to be taken for something else.
    fn names() -> impl Strategy<Value = Vec<u8>> {
        let piece = prop_oneof![
            Just(b"\\".to_vec()),
            Just(b"xFF".to_vec()),
            Just(b"x80".to_vec()),
            Just("é".as_bytes().to_vec()),
            Just(br#"{"bytes":[1]}"#.to_vec()),
            proptest::collection::vec(1..=255_u8, 0..3),
        ];
        proptest::collection::vec(piece, 0..6).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #[test]
        fn every_path_comes_back(one in names(), other in names()) {
            let (a, b) = (path(&one), path(&other));
            let text = shown(a);
            let back = named(&text).unwrap_or_else(|| text.clone().into());
            prop_assert_eq!(back.as_os_str(), a.as_os_str());
            prop_assert_eq!(text == shown(b), one == other, "{:?} {:?}", a, b);
            let all = All {
                one: a.into(), shared: b.into(), maybe: Some(b.into()), many: vec![a.into(), b.into()],
            };
            let json = serde_json::to_string(&all).unwrap();
            let back: All = serde_json::from_str(&json).unwrap();
            prop_assert_eq!(back.one.as_os_str(), a.as_os_str());
            prop_assert_eq!(&back, &all);
            if let Some(text) = a.to_str() {
                // What is text is saved as it always was.
                let plain = serde_json::to_string(text).unwrap();
                let start = format!("{{\"one\":{plain}");
                prop_assert!(json.starts_with(&start));
            }
        }
    }
}
