//! JSON as Python writes it.
//!
//! `json.dumps` emits `NaN`, `Infinity`, lone surrogates such as `"\ud800"` and numbers beyond a
//! double, all of which a strict parser refuses, and files cut or patched by hand hold invalid
//! UTF-8. Such a line is mended and read again, and counted as read lossily; a line that is no
//! JSON even so is refused with the byte of the trouble.

use std::borrow::Cow;

use serde::de::DeserializeOwned;

/// Why a line could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct JsonError {
    /// Offset into the line.
    pub(super) at: usize,
    /// The parser's words, without the place.
    pub(super) message: String,
    /// It is JSON, but not of the shape that was wanted.
    pub(super) shape: bool,
}

/// Reads one JSON value. The flag says that something was replaced to make it readable.
pub(super) fn parse<T: DeserializeOwned>(line: &[u8]) -> Result<(T, bool), JsonError> {
    let strict = match serde_json::from_slice::<T>(line) {
        Ok(value) => return Ok((value, false)),
        Err(e) => e,
    };
    let mended = mend(line);
    let changed = matches!(mended, Cow::Owned(_));
    // By way of a value: a key given twice has its last meaning, as in Python.
    match serde_json::from_slice::<serde_json::Value>(&mended) {
        Ok(value) => match T::deserialize(value) {
            Ok(value) => Ok((value, true)),
            Err(e) => Err(JsonError { at: 0, message: without_place(&e), shape: true }),
        },
        Err(e) => {
            let e = if changed { e } else { strict };
            let at = e.column().saturating_sub(1).min(line.len());
            Err(JsonError { at, message: without_place(&e), shape: false })
        }
    }
}

/// The message of an error without its ` at line 1 column 7`.
fn without_place(e: &serde_json::Error) -> String {
    let full = e.to_string();
    full.rfind(" at line ").map_or(full.as_str(), |at| &full[..at]).to_owned()
}

/// The line with what Python emits and JSON forbids replaced: non-finite numbers by null, numbers
/// beyond a double by null, lone surrogates and invalid UTF-8 by U+FFFD.
fn mend(line: &[u8]) -> Cow<'_, [u8]> {
    let text = String::from_utf8_lossy(line);
    let bytes = text.as_bytes();
    let mut out: Vec<u8> = Vec::new();
    let mut copied = 0;
    let mut i = 0;
    let mut in_string = false;
    let mut replace = |from: usize, to: usize, with: &[u8], copied: &mut usize| {
        out.extend_from_slice(&bytes[*copied..from]);
        out.extend_from_slice(with);
        *copied = to;
    };
    while i < bytes.len() {
        if in_string {
            match bytes[i] {
                b'"' => {
                    in_string = false;
                    i += 1;
                }
                b'\\' if bytes.get(i + 1) == Some(&b'u') => {
                    let unit = hex(bytes, i);
                    match unit {
                        Some(0xD800..=0xDBFF) if matches!(hex(bytes, i + 6), Some(0xDC00..=0xDFFF)) => {
                            i += 12;
                        }
                        Some(0xD800..=0xDFFF) => {
                            replace(i, i + 6, b"\\ufffd", &mut copied);
                            i += 6;
                        }
                        _ => i += 2,
                    }
                }
                b'\\' => i += 2,
                _ => i += 1,
            }
            continue;
        }
        match bytes[i] {
            b'"' => {
                in_string = true;
                i += 1;
            }
            b'N' | b'I' | b'-' | b'0'..=b'9' => {
                let end = bytes[i..]
                    .iter()
                    .position(|b| !(b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.')))
                    .map_or(bytes.len(), |n| i + n);
                let word = &bytes[i..end];
                let beyond = || {
                    std::str::from_utf8(word)
                        .ok()
                        .and_then(|w| w.parse::<f64>().ok())
                        .is_some_and(f64::is_infinite)
                };
                if matches!(word, b"NaN" | b"Infinity" | b"-Infinity") || beyond() {
                    replace(i, end, b"null", &mut copied);
                }
                i = end.max(i + 1);
            }
            _ => i += 1,
        }
    }
    if copied == 0 {
        return match text {
            Cow::Borrowed(_) => Cow::Borrowed(line),
            Cow::Owned(text) => Cow::Owned(text.into_bytes()),
        };
    }
    out.extend_from_slice(&bytes[copied..]);
    Cow::Owned(out)
}

/// The code unit of the escape `\uXXXX` that begins at `at`.
pub(super) fn hex(bytes: &[u8], at: usize) -> Option<u16> {
    let escape = bytes.get(at..at + 6)?;
    let digits = escape.strip_prefix(b"\\u")?;
    digits.iter().all(u8::is_ascii_hexdigit).then_some(())?;
    u16::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn read(line: &[u8]) -> Result<(Value, bool), JsonError> {
        parse(line)
    }

    #[test]
    fn accepts_what_python_emits() {
        let table: [(&[u8], Value); 8] = [
            (br#"{"a":NaN,"b":[-Infinity,Infinity,1]}"#, json!({"a":null,"b":[null,null,1]})),
            (br#"{"a":"x\ud800y"}"#, json!({"a":"x\u{fffd}y"})),
            (br#"{"a":"\udc00\ud83d\ude00\ud83d"}"#, json!({"a":"\u{fffd}\u{1f600}\u{fffd}"})),
            (br#"{"a":1e400,"b":-1e400}"#, json!({"a":null,"b":null})),
            (b"{\"a\":\"caf\xe9\"}", json!({"a":"caf\u{fffd}"})),
            (br#"{"a":"NaN \\ud800 1e400","b":NaN}"#, json!({"a":"NaN \\ud800 1e400","b":null})),
            (br#"{"a":"\\\ud800"}"#, json!({"a":"\\\u{fffd}"})),
            (br#"{"NaN":Infinity}"#, json!({"NaN":null})),
        ];
        for (line, wanted) in table {
            assert_eq!(read(line), Ok((wanted, true)), "{}", String::from_utf8_lossy(line));
        }
        assert_eq!(read(br#"{"a":"NaN"}"#), Ok((json!({"a":"NaN"}), false)));
    }

    #[test]
    fn refuses_with_the_byte() {
        for (line, at) in [
            (&br#"{"a":1"#[..], 5),
            (br#"{"a":1}x"#, 7),
            (br#"{"a":NaNa}"#, 5),
            (b"{\"a\":\"\x1b\"}", 6),
            (b"", 0),
        ] {
            let e = read(line).unwrap_err();
            assert_eq!((e.at, e.shape), (at, false), "{} {}", String::from_utf8_lossy(line), e.message);
        }
        let deep = "[".repeat(100_000);
        assert!(read(deep.as_bytes()).unwrap_err().message.contains("recursion"));
    }

    proptest::proptest! {
        #[test]
        fn never_panics(line: Vec<u8>) {
            let _ = read(&line);
        }

        #[test]
        fn mending_leaves_good_json_alone(text in ".*", number: i64) {
            let line = json!({"text": text, "n": number}).to_string();
            let mended = mend(line.as_bytes());
            proptest::prop_assert_eq!(mended.as_ref(), line.as_bytes());
        }
    }
}
