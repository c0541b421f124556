//! Sentences as NLTK's punkt splits them.
//!
//! Kiss & Strunk's splitter (Computational Linguistics 32, 2006) with NLTK's English parameters, which
//! the crate `punkt_n` carries (its own splitter cuts words in other places than NLTK's):
//! a full stop ends a sentence unless its word is a known abbreviation, an initial or an ordinal
//! number; what comes next, and how the parameters' corpus wrote it, may overturn either.

use std::ops::Range;
use std::sync::OnceLock;

use punkt_n::TrainingData;

use super::length::trimmed;
use super::python;

/// The sentences of a text, without the white space between them.
pub(super) fn sentences(text: &str) -> Vec<Range<usize>> {
    realigned(text, &pieces(text))
}

/// What was learnt from the corpus.
struct Parameters(TrainingData);

impl Parameters {
    fn get() -> &'static Self {
        static PARAMETERS: OnceLock<Parameters> = OnceLock::new();
        PARAMETERS.get_or_init(|| Self(TrainingData::english()))
    }

    fn is_abbreviation(&self, word: &str) -> bool {
        self.0.contains_abbrev(word)
    }

    fn is_starter(&self, word: &str) -> bool {
        self.0.contains_sentence_starter(word)
    }

    fn is_collocation(&self, word: &str, next: &str) -> bool {
        self.0.contains_collocation(word, next)
    }

    /// How the corpus wrote a word: [`SMALL`] and its like, ored.
    fn orthography(&self, word: &str) -> u8 {
        self.0.get_orthographic_context(word)
    }
}

/// With a small letter at the beginning of a sentence.
const SMALL_FIRST: u8 = 1 << 4;
/// With a small letter: first, within, or where that was not known.
const SMALL: u8 = 0b111 << 4;
/// With a capital within a sentence.
const CAPITAL_WITHIN: u8 = 1 << 2;
/// With a capital: first, within, or where that was not known.
const CAPITAL: u8 = 0b111 << 1;

/// Punctuation that ends the word before it.
fn is_non_word(c: char) -> bool {
    matches!(c, ')' | '"' | ';' | '}' | ']' | '*' | ':' | '@' | '\'' | '(' | '{' | '[' | '!' | '?')
}

/// A `.`, `?` or `!` with what a break there depends on.
struct Candidate {
    /// Where the word before it begins.
    word: usize,
    at: usize,
    /// Where the next token ends: the context is from `word` to here.
    context_end: usize,
    /// Where the next token begins, if white space parts it.
    next: Option<usize>,
}

/// The places where a sentence may end. Of several in one word the last counts.
fn candidates(text: &str) -> Vec<Candidate> {
    let bytes = text.as_bytes();
    let mut found: Vec<Candidate> = Vec::new();
    // The word before the last candidate, and the candidate itself.
    let (mut word_start, mut last_end) = (0, 0);
    let mut pending: Option<Candidate> = None;
    for at in memchr::memchr3_iter(b'.', b'?', b'!', bytes) {
        let after = at + 1;
        let Some(c) = text[after..].chars().next() else { continue };
        let (context_end, next) = if is_non_word(c) {
            (after + c.len_utf8(), None)
        } else if python::is_space(c) {
            let Some(n) = text[after..].find(|c| !python::is_space(c)) else { continue };
            let next = after + n;
            (text[next..].find(python::is_space).map_or(text.len(), |n| next + n), Some(next))
        } else {
            continue;
        };
        // White space right where the search begins does not count, nor any but ASCII's.
        let space =
            bytes[last_end..at].iter().rposition(|b| matches!(b, b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c));
        let word = match space {
            Some(n) if n > 0 => last_end + n + 1,
            _ => word_start,
        };
        if let Some(previous) = pending.take()
            && previous.at <= word
        {
            found.push(previous);
        }
        (word_start, last_end) = (word, at);
        pending = Some(Candidate { word, at, context_end, next });
    }
    found.extend(pending);
    found
}

/// The text cut at each place where a sentence ends.
fn pieces(text: &str) -> Vec<Range<usize>> {
    let parameters = Parameters::get();
    let mut pieces = Vec::new();
    let mut start = 0;
    for candidate in candidates(text) {
        if breaks(&text[candidate.word..candidate.context_end], parameters) {
            let end = candidate.at + 1;
            pieces.push(start..end);
            start = candidate.next.unwrap_or(end);
        }
    }
    let end = text.trim_end_matches(python::is_space).len();
    pieces.push(start..end.max(start));
    pieces
}

/// Closing quotes and brackets that begin a piece belong to the one before.
fn realigned(text: &str, pieces: &[Range<usize>]) -> Vec<Range<usize>> {
    let mut sentences = Vec::with_capacity(pieces.len());
    let mut moved = 0;
    for (i, piece) in pieces.iter().enumerate() {
        let piece = piece.start + moved..piece.end;
        moved = 0;
        let closing = pieces.get(i + 1).and_then(|next| Some((next, closing_length(&text[next.clone()])?)));
        if let Some((next, length)) = closing {
            moved = length;
            let end = next.start + text[next.clone()][..length].trim_end_matches(python::is_space).len();
            sentences.push(piece.start..end);
        } else if piece.start < piece.end {
            sentences.push(piece);
        }
    }
    sentences.into_iter().map(|s| trimmed(text, s)).collect()
}

/// The length of the closing quotes and brackets, with the white space after them, that a piece
/// begins with. They must be followed by white space, `--`, or the end of a line.
fn closing_length(piece: &str) -> Option<usize> {
    let closing = |c: char| matches!(c, '"' | '\'' | ')' | ']' | '}');
    let width = piece.find(|c| !closing(c)).unwrap_or(piece.len());
    // As few as will do: `--` and a line end can only follow the whole run, white space too.
    let rest = &piece[width..];
    let space = rest.find(|c| !python::is_space(c)).unwrap_or(rest.len());
    (width > 0 && (space > 0 || rest.is_empty() || rest.starts_with("--"))).then_some(width + space)
}

/// A token of a context.
struct Token<'t> {
    text: &'t str,
    /// Lower-cased, with every number made one and the same.
    kind: String,
    ends_sentence: bool,
    abbreviation: bool,
    ellipsis: bool,
}

const NUMBER: &str = "##number##";

/// Whether a sentence ends within a context, before its last token.
fn breaks(context: &str, parameters: &Parameters) -> bool {
    let mut tokens: Vec<Token<'_>> = Vec::new();
    for line in context.split('\n') {
        tokenize(line, |token| tokens.push(Token::new(token, parameters)));
    }
    for i in 1..tokens.len() {
        let (before, after) = tokens.split_at_mut(i);
        before[i - 1].reconsider(&after[0], parameters);
        if before[i - 1].ends_sentence {
            return true;
        }
    }
    false
}

impl<'t> Token<'t> {
    /// Judges a token by itself.
    fn new(text: &'t str, parameters: &Parameters) -> Self {
        let lowered = python::lower(text);
        let dots = text.len() - text.trim_end_matches('.').len();
        let mut token = Self {
            text,
            kind: String::new(),
            ends_sentence: false,
            abbreviation: false,
            ellipsis: dots >= 2,
        };
        if matches!(text, "." | "?" | "!") {
            token.ends_sentence = true;
        } else if dots == 1 {
            let word = &lowered[..lowered.len() - 1];
            let last_part = word.rsplit('-').next().unwrap_or(word);
            token.abbreviation = parameters.is_abbreviation(word) || parameters.is_abbreviation(last_part);
            token.ends_sentence = !token.abbreviation;
        }
        token.kind = if is_number(text) { NUMBER.to_owned() } else { lowered };
        token
    }

    /// The kind without a full stop at its end.
    fn word(&self) -> &str {
        match self.kind.strip_suffix('.') {
            Some(word) if !word.is_empty() => word,
            _ => &self.kind,
        }
    }

    /// The kind without the full stop that ends the sentence.
    fn word_in_sentence(&self) -> &str {
        if self.ends_sentence { self.word() } else { &self.kind }
    }

    /// A letter and a full stop.
    fn is_initial(&self) -> bool {
        let mut chars = self.text.chars();
        let first = chars.next();
        first.is_some_and(|c| python::is_word(c) && !python::is_digit(c)) && chars.as_str() == "."
    }

    fn begins(&self, case: python::LetterCase) -> bool {
        self.text.chars().next().is_some_and(|c| python::letter_case(c) == case)
    }

    /// Judges a token by the one after it.
    fn reconsider(&mut self, next: &Self, parameters: &Parameters) {
        if !self.text.ends_with('.') {
            return;
        }
        let next_word = next.word_in_sentence();
        if parameters.is_collocation(self.word(), next_word) {
            self.ends_sentence = false;
            self.abbreviation = true;
            return;
        }
        let initial = self.is_initial();
        let starts = next.starts_sentence(parameters);
        let capital = next.begins(python::LetterCase::Upper);
        if (self.abbreviation || self.ellipsis)
            && !initial
            && (starts == Some(true) || capital && parameters.is_starter(next_word))
        {
            self.ends_sentence = true;
            return;
        }
        if initial || self.word() == NUMBER {
            let never_small = parameters.orthography(next_word) & SMALL == 0;
            if starts == Some(false) || starts.is_none() && initial && capital && never_small {
                self.ends_sentence = false;
                self.abbreviation = true;
            }
        }
    }

    /// Whether a token begins a sentence, going by its first letter and by how the corpus wrote
    /// the word; `None` when that does not tell.
    fn starts_sentence(&self, parameters: &Parameters) -> Option<bool> {
        if matches!(self.text, ";" | ":" | "," | "." | "!" | "?") {
            return Some(false);
        }
        let written = parameters.orthography(self.word_in_sentence());
        let capital = self.begins(python::LetterCase::Upper);
        if capital && written & SMALL != 0 && written & CAPITAL_WITHIN == 0 {
            return Some(true);
        }
        let small = self.begins(python::LetterCase::Lower);
        (small && (written & CAPITAL != 0 || written & SMALL_FIRST == 0)).then_some(false)
    }
}

/// `^-?[\.,]?\d[\d,\.-]*\.?$`
fn is_number(text: &str) -> bool {
    let text = text.strip_prefix('-').unwrap_or(text);
    let text = text.strip_prefix(['.', ',']).unwrap_or(text);
    let mut chars = text.chars();
    chars.next().is_some_and(python::is_digit)
        && chars.all(|c| python::is_digit(c) || matches!(c, ',' | '.' | '-'))
}

/// Calls `visit` with each word and punctuation mark of a line.
fn tokenize<'t>(line: &'t str, mut visit: impl FnMut(&'t str)) {
    let mut at = 0;
    while let Some(c) = line[at..].chars().next() {
        if python::is_space(c) {
            at += c.len_utf8();
            continue;
        }
        let mut end = at + c.len_utf8();
        if let Some(length) = multi_mark(&line[at..]) {
            end = at + length;
        } else if !matches!(
            c,
            '(' | '"' | '`' | '{' | '[' | ':' | ';' | '&' | '#' | '*' | '@' | ')' | '}' | ']' | '-' | ','
        ) {
            while !ends_word(&line[end..]) {
                end += line[end..].chars().next().map_or(1, char::len_utf8);
            }
        }
        visit(&line[at..end]);
        at = end;
    }
}

/// The length of a dash or an ellipsis at the beginning.
fn multi_mark(rest: &str) -> Option<usize> {
    let run = |mark| rest.len() - rest.trim_start_matches(mark).len();
    match rest.as_bytes().first()? {
        b'-' => Some(run('-')).filter(|&n| n >= 2),
        b'.' => Some(run('.')).filter(|&n| n >= 2).or_else(|| spaced_ellipsis(rest)),
        _ => None,
    }
}

/// `. . .`, with any white space between: the last full stop that is followed by none ends it.
fn spaced_ellipsis(rest: &str) -> Option<usize> {
    let (mut at, mut pairs, mut end) = (0, 0, None);
    while rest[at..].starts_with('.') {
        if pairs >= 2 {
            end = Some(at + 1);
        }
        let Some(space) = rest[at + 1..].chars().next().filter(|&c| python::is_space(c)) else { break };
        at += 1 + space.len_utf8();
        pairs += 1;
    }
    end
}

/// Whether a word ends before this.
fn ends_word(rest: &str) -> bool {
    let Some(c) = rest.chars().next() else { return true };
    if c == ',' {
        let after = &rest[1..];
        return after.chars().next().is_none_or(|c| python::is_space(c) || is_non_word(c))
            || multi_mark(after).is_some();
    }
    python::is_space(c) || is_non_word(c) || multi_mark(rest).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(text: &str) -> Vec<&str> {
        sentences(text).into_iter().map(|s| &text[s]).collect()
    }

    #[test]
    fn splits_as_nltk_does() {
        let table: [(&str, &[&str]); 14] = [
            ("One. Two? Three!", &["One.", "Two?", "Three!"]),
            ("Dr. Smith went home. He slept.", &["Dr. Smith went home.", "He slept."]),
            ("J. Aron left. It rained.", &["J. Aron left.", "It rained."]),
            ("It is 3.5 m. long. Yes.", &["It is 3.5 m. long.", "Yes."]),
            ("He said \"Go.\" Then he went.", &["He said \"Go.\"", "Then he went."]),
            ("(He went.) She stayed.", &["(He went.)", "She stayed."]),
            ("Wait... What? no", &["Wait... What?", "no"]),
            ("I live in the U.S. The end.", &["I live in the U.S.", "The end."]),
            ("No end", &["No end"]),
            ("", &[]),
            (" \n ", &[]),
            ("1. First\n2. Second", &["1.", "First\n2.", "Second"]),
            ("a.b.c d.", &["a.b.c d."]),
            ("Ends here.)", &["Ends here.)"]),
        ];
        for (text, expected) in table {
            assert_eq!(split(text), expected, "{text:?}");
        }
    }
}
