//! The long texts of a line, taken out of it before the rest is parsed.
//!
//! An output is most of the bytes of its line, and nearly every JSON text of a model has an escape
//! every few bytes: a line feed or the backslash of LaTeX. Read here, it is unescaped in one pass of
//! vector instructions; `serde_json` finds its end, copies it piece by piece, and copies the whole again.

use std::mem;

use wide::u8x32;

use super::json::hex;

/// A JSON object without some of its members, and the texts that were their values.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Taken<const N: usize> {
    /// The object without them, as JSON. Values in there are as they were, good or bad.
    pub(super) rest: Vec<u8>,
    /// For each name the texts: one, or a list of them.
    pub(super) texts: [Option<Vec<String>>; N],
}

/// Room for texts at first: most outputs fit.
const TYPICAL: usize = 1 << 14;

/// Takes the members of these names out of an object; one that is null stays. `None` where there is any
/// doubt what a general parser would say: a name given twice, a value that is neither a text nor a list
/// of texts, lone surrogates, invalid UTF-8, anything that is not JSON.
pub(super) fn take<const N: usize>(line: &[u8], names: [&str; N]) -> Option<Taken<N>> {
    let mut cursor = Cursor { json: line, at: 0, scratch: vec![0; line.len().min(TYPICAL)] };
    let mut taken = Taken { rest: vec![b'{'], texts: [const { None }; N] };
    let mut seen = [false; N];
    cursor.byte(b'{')?;
    loop {
        cursor.space();
        let from = cursor.at;
        let name = cursor.name()?;
        cursor.byte(b':')?;
        cursor.space();
        let wanted = names.iter().position(|n| n.as_bytes() == name);
        if wanted.is_some_and(|i| mem::replace(&mut seen[i], true)) {
            return None;
        }
        if let Some(i) = wanted.filter(|_| cursor.peek() != Some(b'n')) {
            taken.texts[i] = Some(cursor.texts()?);
        } else {
            cursor.skip()?;
            if taken.rest.len() > 1 {
                taken.rest.push(b',');
            }
            taken.rest.extend_from_slice(&line[from..cursor.at]);
        }
        cursor.space();
        match cursor.next()? {
            b',' => {}
            b'}' => break,
            _ => return None,
        }
    }
    cursor.space();
    taken.rest.push(b'}');
    (cursor.at == line.len()).then_some(taken)
}

/// A place in some JSON.
struct Cursor<'a> {
    json: &'a [u8],
    at: usize,
    /// Where texts are put together: one buffer, however many they are.
    scratch: Vec<u8>,
}

impl<'a> Cursor<'a> {
    fn peek(&self) -> Option<u8> {
        self.json.get(self.at).copied()
    }

    fn next(&mut self) -> Option<u8> {
        let byte = self.peek()?;
        self.at += 1;
        Some(byte)
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    /// Steps over white space and this byte.
    fn byte(&mut self, wanted: u8) -> Option<()> {
        self.space();
        (self.next()? == wanted).then_some(())
    }

    /// The name of a member; one with escapes is as it is written.
    fn name(&mut self) -> Option<&'a [u8]> {
        self.byte(b'"')?;
        let from = self.at;
        self.skip_text()?;
        Some(&self.json[from..self.at - 1])
    }

    /// One text, or a list of them.
    fn texts(&mut self) -> Option<Vec<String>> {
        self.space();
        match self.next()? {
            b'"' => Some(vec![self.text()?]),
            b'[' => {
                let mut texts = Vec::new();
                loop {
                    self.byte(b'"')?;
                    texts.push(self.text()?);
                    self.space();
                    match self.next()? {
                        b',' => {}
                        b']' => return Some(texts),
                        _ => return None,
                    }
                }
            }
            _ => None,
        }
    }

    /// The text whose opening quote is behind.
    fn text(&mut self) -> Option<String> {
        let mut text = mem::take(&mut self.scratch);
        let len = self.unescape(&mut text)?;
        let owned = simdutf8::basic::from_utf8(&text[..len]).ok()?.to_owned();
        self.scratch = text;
        Some(owned)
    }

    /// Writes the text whose opening quote is behind to the front of a buffer; how many bytes it has.
    fn unescape(&mut self, to: &mut Vec<u8>) -> Option<usize> {
        let (mut at, mut len) = (self.at, 0);
        loop {
            if to.len() < len + ROOM {
                to.resize(2 * to.len() + ROOM, 0);
            }
            let rest = self.json.get(at..)?;
            let mut padded = [0; BLOCK];
            let block = rest.first_chunk().unwrap_or_else(|| {
                padded[..rest.len()].copy_from_slice(rest);
                &padded
            });
            // Copied whole; what does not stand for itself is written over.
            *to[len..].first_chunk_mut()? = *block;
            let plain = plain(block);
            (at, len) = (at + plain, len + plain);
            if plain == BLOCK {
                continue;
            }
            match *self.json.get(at)? {
                b'"' => {
                    self.at = at + 1;
                    return Some(len);
                }
                b'\\' => {}
                _ => return None,
            }
            let escape = *self.json.get(at + 1)?;
            match ESCAPES[usize::from(escape)] {
                0 => {
                    let (character, end) = escaped_character(self.json, at)?;
                    len += character.encode_utf8(&mut to[len..]).len();
                    at = end;
                }
                meant => {
                    to[len] = meant;
                    (at, len) = (at + 2, len + 1);
                }
            }
        }
    }

    /// Steps over a value. Brackets are counted, and what is between them is not looked at.
    fn skip(&mut self) -> Option<()> {
        let mut open = 0_usize;
        self.space();
        loop {
            match self.peek()? {
                b'"' => {
                    self.at += 1;
                    self.skip_text()?;
                }
                b'[' | b'{' => {
                    open += 1;
                    self.at += 1;
                }
                b']' | b'}' => {
                    // A member without a value.
                    open = open.checked_sub(1)?;
                    self.at += 1;
                }
                _ => self.at += 1,
            }
            if open == 0 && matches!(self.peek()?, b',' | b'}' | b']') {
                return Some(());
            }
        }
    }

    /// Steps over the rest of a text and its closing quote.
    fn skip_text(&mut self) -> Option<()> {
        loop {
            self.at += memchr::memchr2(b'"', b'\\', self.json.get(self.at..)?)?;
            match self.next()? {
                b'"' => return Some(()),
                _ => self.at += 1,
            }
        }
    }
}

/// The character written as `\uXXXX` at a place, one unit of UTF-16 or two in a row, and where it ends.
fn escaped_character(json: &[u8], at: usize) -> Option<(char, usize)> {
    let first = hex(json, at)?;
    let second = if matches!(first, 0xd800..0xdc00) { Some(hex(json, at + 6)?) } else { None };
    let end = at + if second.is_some() { 12 } else { 6 };
    let character = char::decode_utf16([first].into_iter().chain(second)).next()?.ok()?;
    Some((character, end))
}

/// Bytes looked at together.
const BLOCK: usize = 32;
/// Room for a block and a character.
const ROOM: usize = BLOCK + 4;

/// What a byte means after a backslash; 0 where that is not one byte.
const ESCAPES: [u8; 256] = {
    let mut escapes = [0; 256];
    let pairs = *b"\"\"\\\\//n\nt\tr\rb\x08f\x0c";
    let mut i = 0;
    while i < pairs.len() {
        escapes[pairs[i] as usize] = pairs[i + 1];
        i += 2;
    }
    escapes
};

/// How many bytes at the front stand for themselves: no quote, backslash or control character.
#[inline]
fn plain(block: &[u8; BLOCK]) -> usize {
    let bytes = u8x32::from(*block);
    let ends = bytes.simd_eq(u8x32::splat(b'"'))
        | bytes.simd_eq(u8x32::splat(b'\\'))
        | bytes.simd_eq(bytes.min(u8x32::splat(0x1f)));
    ends.to_bitmask().trailing_zeros() as usize
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    fn taken(line: &str) -> Option<(Value, [Option<Vec<String>>; 2])> {
        let Taken { rest, texts } = take(line.as_bytes(), ["output", "reasoning"])?;
        Some((serde_json::from_slice(&rest).unwrap(), texts))
    }

    fn texts(all: &[&str]) -> Vec<String> {
        all.iter().map(|&text| text.to_owned()).collect()
    }

    #[test]
    fn texts_are_taken_out() {
        let table = [
            (r#"{"output":"a"}"#, json!({}), Some(texts(&["a"])), None),
            (r#" { "output" : [ "a" , "b\n" ] } "#, json!({}), Some(texts(&["a", "b\n"])), None),
            (
                r#"{"id":[1,{"output":"]"}],"reasoning":"","x":null}"#,
                json!({"id": [1, {"output": "]"}], "x": null}),
                None,
                Some(texts(&[""])),
            ),
            (
                r#"{"output":"\"\\\/\b\f\n\r\t\u00e9\u4E2d\ud83d\ude00é中"}"#,
                json!({}),
                Some(texts(&["\"\\/\u{8}\u{c}\n\r\té中😀é中"])),
                None,
            ),
            (
                r#"{"a":"\\","output":["0123456789abcdef0123456789abcdef\\0123456789abcde"]}"#,
                json!({"a": "\\"}),
                Some(texts(&["0123456789abcdef0123456789abcdef\\0123456789abcde"])),
                None,
            ),
            (r#"{"output":"a","reasoning":null}"#, json!({"reasoning": null}), Some(texts(&["a"])), None),
        ];
        for (line, rest, output, reasoning) in table {
            assert_eq!(taken(line), Some((rest, [output, reasoning])), "{line}");
        }
    }

    #[test]
    fn long_texts_and_many_are_taken_out() {
        let long = "中\n".repeat(20_000);
        let escaped = format!(r#"{{"output":["{}"]}}"#, r"\u4e2d\n".repeat(20_000));
        assert_eq!(taken(&escaped).unwrap().1[0].as_deref(), Some(&[long][..]));
        let many = vec!["a"; 50_000];
        let line = json!({"output": many}).to_string();
        assert_eq!(taken(&line).unwrap().1[0].as_deref().unwrap(), many);
    }

    #[test]
    fn doubt_is_left_to_others() {
        let table = [
            "",
            "{",
            "[]",
            "{}",
            r#"{"output":null,"output":"a"}"#,
            r#"{"output":"a","output":null}"#,
            r#"{"output":[]}"#,
            r#"{"output":["a",null]}"#,
            r#"{"output":"a","output":"b"}"#,
            r#"{"output":"a",}"#,
            r#"{"output":"a"}}"#,
            r#"{"output":"a" "b":1}"#,
            r#"{"output":"\ud800"}"#,
            r#"{"output":"\ud800\u0041"}"#,
            r#"{"output":"\udc00"}"#,
            r#"{"output":"\x"}"#,
            r#"{"output":"\u12"}"#,
            r#"{"output":"\u+123"}"#,
            "{\"output\":\"a\n\"}",
            "{\"output\":\"0123456789abcdef\u{1}0123456789abcdef\"}",
            r#"{"output":"a","b":}"#,
            r#"{"output":"a"#,
            r#"{"output":"a\"#,
            r#"{"output":"a","b":"\"#,
        ];
        for line in table {
            assert_eq!(take(line.as_bytes(), ["output"]), None, "{line}");
        }
        assert_eq!(take(b"{\"output\":\"caf\xe9, and so on until the end\"}", ["output"]), None);
    }

    proptest! {
        #[test]
        fn a_text_is_what_it_was(text in "(\\PC|[\"\\\\/\\x00-\\x20\u{7f}é中😀a]){0,80}", other in ".{0,20}") {
            let line = json!({"id": other, "output": [text, other], "usage": {"output": other}}).to_string();
            let escaped: String = line.encode_utf16().map(|unit| match u8::try_from(unit) {
                Ok(byte) if byte.is_ascii() => char::from(byte).to_string(),
                _ => format!("\\u{unit:04x}"),
            }).collect();
            for line in [line, escaped] {
                let (rest, [output, _]) = taken(&line).unwrap();
                prop_assert_eq!(output.unwrap(), [text.clone(), other.clone()]);
                prop_assert_eq!(rest, json!({"id": other, "usage": {"output": other}}));
            }
        }
    }
}
