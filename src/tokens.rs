//! Lengths in tokens, for what no file says: counted with a tokenizer that has a name, which is
//! shown beside every count.
//!
//! `o200k` is built in (behind the feature `tokens`, which is on): no open model uses it, but a
//! count by a known tokenizer can be compared, and it needs no file. The `tokenizer.json` of the
//! model itself can be given instead.

use std::fmt;
use std::path::Path;

use crate::path::shown;

/// Text longer than this is counted in pieces: a tokenizer's memory grows with the text.
#[cfg(feature = "tokens")]
const PIECE: usize = 1 << 16;

/// Counts tokens.
pub struct Tokenizer {
    name: String,
    kind: Kind,
}

enum Kind {
    #[cfg(feature = "tokens")]
    O200k,
    #[cfg(feature = "tokens")]
    File(Box<tokenizers::Tokenizer>),
    /// Nothing of this kind is ever made: without the feature there are no tokenizers.
    #[cfg(not(feature = "tokens"))]
    #[expect(dead_code, reason = "an enum needs a variant to be matched")]
    None(std::convert::Infallible),
}

impl fmt::Debug for Tokenizer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Tokenizer").field(&self.name).finish()
    }
}

impl Tokenizer {
    /// The tokenizer that is built in; `None` when this program was built without. Its table is
    /// read by the first count, some milliseconds: not for the thread that draws.
    pub fn built_in() -> Option<Self> {
        #[cfg(feature = "tokens")]
        return Some(Self { name: "o200k".to_owned(), kind: Kind::O200k });
        #[cfg(not(feature = "tokens"))]
        None
    }

    /// A tokenizer from a `tokenizer.json`, as models are published with. It is called by the
    /// folder the file lies in, which is mostly the model.
    pub fn open(path: &Path) -> Result<Self, String> {
        #[cfg(feature = "tokens")]
        {
            let tokenizer = tokenizers::Tokenizer::from_file(path).map_err(|e| {
                format!("{}: no tokenizer: {e}; give the tokenizer.json of a model", shown(path))
            })?;
            let folder = path.parent().and_then(Path::file_name).unwrap_or(path.as_os_str());
            let name = shown(folder);
            Ok(Self { name, kind: Kind::File(Box::new(tokenizer)) })
        }
        #[cfg(not(feature = "tokens"))]
        Err(format!(
            "{}: this heedless was built without tokenizers; build it with --features tokens",
            shown(path)
        ))
    }

    /// What it is called: shown with every count.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Number of tokens of a text, special tokens not added. A text of more than 64 KiB is counted
    /// in pieces cut between words, which can differ from the whole by a token for each piece.
    pub fn count(&self, text: &str) -> usize {
        match &self.kind {
            #[cfg(feature = "tokens")]
            Kind::O200k => pieces(text).map(|piece| bpe_openai::o200k_base().count(piece)).sum(),
            #[cfg(feature = "tokens")]
            // Encoding fails only on what a tokenizer has no token for, which is one unknown.
            Kind::File(tokenizer) => {
                pieces(text).map(|piece| tokenizer.encode_fast(piece, false).map_or(1, |e| e.len())).sum()
            }
            #[cfg(not(feature = "tokens"))]
            Kind::None(never) => {
                let _ = text;
                match *never {}
            }
        }
    }
}

/// A text in pieces of about [`PIECE`] bytes, cut before white space where there is some.
#[cfg(feature = "tokens")]
fn pieces(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let mut end = rest.len().min(PIECE);
        if end < rest.len() {
            while !rest.is_char_boundary(end) {
                end -= 1;
            }
            end = rest[..end].rfind([' ', '\n']).filter(|&at| at > 0).unwrap_or(end);
        }
        let (piece, after) = rest.split_at(end);
        rest = after;
        Some(piece)
    })
}

#[cfg(all(test, feature = "tokens"))]
mod tests {
    use super::*;

    #[test]
    fn counts_with_a_name() {
        let tokenizer = Tokenizer::built_in().unwrap();
        assert_eq!(tokenizer.name(), "o200k");
        assert_eq!(tokenizer.count(""), 0);
        assert_eq!(tokenizer.count("hello world"), 2);
        assert_eq!(tokenizer.count("\\frac{1}{2}"), 7);
    }

    #[test]
    fn long_texts_are_counted_in_pieces() {
        let word = "wörd ";
        let text = word.repeat(PIECE);
        assert_eq!(pieces(&text).collect::<String>(), text);
        assert!(pieces(&text).all(|p| p.len() <= PIECE));
        let without_space = "é".repeat(PIECE);
        assert_eq!(pieces(&without_space).collect::<String>(), without_space);
        let tokenizer = Tokenizer::built_in().unwrap();
        let each = tokenizer.count(&word.repeat(1000)) as f64 / 1000.0;
        let all = tokenizer.count(&text) as f64 / PIECE as f64;
        assert!((each - all).abs() < 0.01, "{each} {all}");
    }

    #[test]
    fn a_bad_file_is_said() {
        let error = Tokenizer::open(Path::new("no/tokenizer.json")).unwrap_err();
        assert!(error.starts_with("no/tokenizer.json: no tokenizer"), "{error}");
    }
}
