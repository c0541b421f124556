//! Whether a text is JSON as Python's parser takes it: `NaN` and `Infinity` allowed, no trailing
//! commas, no raw control characters in strings, nothing after the value. Nothing is built, and
//! depth is not limited.

/// The first place where a text stops being JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Fault {
    /// Offset of the first character that can't stand there.
    pub at: usize,
    /// What could.
    pub expected: &'static str,
}

/// Checks a text that is stripped already.
pub(super) fn check(text: &str) -> Result<(), Fault> {
    let mut reader = Reader { bytes: text.as_bytes(), at: 0 };
    // What is open: `true` for an object.
    let mut open: Vec<bool> = Vec::new();
    'value: loop {
        reader.space();
        match reader.peek() {
            Some(b'{') => {
                reader.at += 1;
                reader.space();
                if !reader.eat(b'}') {
                    reader.key("a key in quotation marks or }")?;
                    open.push(true);
                    continue 'value;
                }
            }
            Some(b'[') => {
                reader.at += 1;
                reader.space();
                if !reader.eat(b']') {
                    open.push(false);
                    continue 'value;
                }
            }
            _ => reader.scalar()?,
        }
        // After a value: close what closes, until something wants another value.
        loop {
            reader.space();
            match open.last() {
                None if reader.at == reader.bytes.len() => return Ok(()),
                None => return Err(reader.fault("nothing more")),
                Some(&object) => {
                    if reader.eat(b',') {
                        if object {
                            reader.space();
                            reader.key("a key in quotation marks")?;
                        }
                        continue 'value;
                    }
                    if !reader.eat(if object { b'}' } else { b']' }) {
                        return Err(reader.fault(if object { "a comma or }" } else { "a comma or ]" }));
                    }
                    open.pop();
                }
            }
        }
    }
}

struct Reader<'t> {
    bytes: &'t [u8],
    at: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn eat(&mut self, byte: u8) -> bool {
        let there = self.peek() == Some(byte);
        self.at += usize::from(there);
        there
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn fault(&self, expected: &'static str) -> Fault {
        Fault { at: self.at, expected }
    }

    /// A key and its colon.
    fn key(&mut self, expected: &'static str) -> Result<(), Fault> {
        if self.peek() != Some(b'"') {
            return Err(self.fault(expected));
        }
        self.string()?;
        self.space();
        if self.eat(b':') { Ok(()) } else { Err(self.fault("a colon")) }
    }

    fn scalar(&mut self) -> Result<(), Fault> {
        if self.peek() == Some(b'"') {
            return self.string();
        }
        for word in ["null", "true", "false", "NaN", "Infinity", "-Infinity"] {
            if self.bytes[self.at..].starts_with(word.as_bytes()) {
                self.at += word.len();
                return Ok(());
            }
        }
        self.number()
    }

    fn string(&mut self) -> Result<(), Fault> {
        self.at += 1;
        loop {
            match self.peek() {
                None => return Err(self.fault("the end of a text in quotation marks")),
                Some(b'"') => {
                    self.at += 1;
                    return Ok(());
                }
                Some(b'\\') => self.escape()?,
                Some(0..=0x1f) => return Err(self.fault("an escape for a control character")),
                Some(_) => self.at += 1,
            }
        }
    }

    fn escape(&mut self) -> Result<(), Fault> {
        let start = self.at;
        self.at += 1;
        match self.peek() {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => {
                self.at += 1;
                Ok(())
            }
            Some(b'u') => {
                let digits = self.bytes.get(start + 2..start + 6);
                if digits.is_some_and(|d| d.iter().all(u8::is_ascii_hexdigit)) {
                    self.at = start + 6;
                    Ok(())
                } else {
                    Err(Fault { at: start, expected: "four hexadecimal digits after \\u" })
                }
            }
            _ => Err(Fault { at: start, expected: "an escape that JSON knows" }),
        }
    }

    fn digits(&mut self) -> bool {
        let start = self.at;
        while self.peek().is_some_and(|b| b.is_ascii_digit()) {
            self.at += 1;
        }
        self.at > start
    }

    fn number(&mut self) -> Result<(), Fault> {
        let start = self.at;
        self.eat(b'-');
        if !self.eat(b'0') && !self.digits() {
            self.at = start;
            return Err(self.fault("a value"));
        }
        // A point or an exponent without digits is not part of the number, and nothing else either.
        let whole = self.at;
        if self.eat(b'.') && !self.digits() {
            self.at = whole;
            return Ok(());
        }
        let mantissa = self.at;
        if self.eat(b'e') || self.eat(b'E') {
            if !self.eat(b'-') {
                self.eat(b'+');
            }
            if !self.digits() {
                self.at = mantissa;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn takes_what_python_takes() {
        for text in [
            "{}",
            "[]",
            "[1, 2.5e-3, -0, NaN, -Infinity]",
            r#"{"a": {"b": [null, "\u00e9\n"]}}"#,
            "0",
            "\"é\"",
            "[[],{}]",
        ] {
            assert_eq!(check(text), Ok(()), "{text}");
        }
        let deep = "[".repeat(100_000) + &"]".repeat(100_000);
        assert_eq!(check(&deep), Ok(()));
    }

    #[test]
    fn says_where_it_breaks() {
        let table = [
            ("", 0, "a value"),
            ("{\"a\": 1,}", 8, "a key in quotation marks"),
            ("[1,]", 3, "a value"),
            ("[1 2]", 3, "a comma or ]"),
            ("{\"a\" 1}", 5, "a colon"),
            ("{a: 1}", 1, "a key in quotation marks or }"),
            ("01", 1, "nothing more"),
            ("1.", 1, "nothing more"),
            ("{} x", 3, "nothing more"),
            ("\"a\nb\"", 2, "an escape for a control character"),
            ("\"a", 2, "the end of a text in quotation marks"),
            ("\"\\x\"", 1, "an escape that JSON knows"),
            ("Here is", 0, "a value"),
            ("-", 0, "a value"),
        ];
        for (text, at, expected) in table {
            assert_eq!(check(text), Err(Fault { at, expected }), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn agrees_with_serde_json(text in r#"([\[\]{},: "0-9a\\.eE-]|null|true|"k":|\\n)*"#) {
            let strict = serde_json::from_str::<serde::de::IgnoredAny>(&text).is_ok();
            prop_assert_eq!(check(&text).is_ok(), strict, "{}", text);
        }
    }
}
