//! Words as NLTK's `word_tokenize` parts them.
//!
//! It splits sentences first ([`punkt`]), and then runs a chain of substitutions on each, which put
//! spaces around punctuation, brackets, quotes and contractions, and splits at white space. All of
//! them look at one chunk between white space and at most one character beyond. So a chunk with
//! nothing to part is done at once, and the chain is run on the others alone. Where a sentence ends
//! can only matter to a chunk with a full stop and an apostrophe, a colon or a contraction: only for
//! such a chunk are the sentences looked for.

use std::cell::OnceCell;
use std::ops::Range;

use super::{punkt, python};

/// Calls `visit` with each token that is upper case in Python's sense.
pub(super) fn upper_tokens(text: &str, mut visit: impl FnMut(Range<usize>)) {
    let sentences = OnceCell::new();
    let text_end = python::strip_range(text).end;
    for chunk in python::split(text) {
        let part = &text[chunk.clone()];
        let class = classify(part.as_bytes());
        if class & (UPPER | HIGH) == 0 {
            continue;
        }
        let contracts = may_contract(part);
        if class & (APOSTROPHE | HIGH) == 0 && !contracts && class & (STOP | COLON) != STOP | COLON {
            plain_upper_tokens(part.as_bytes(), class, |token| {
                visit(chunk.start + token.start..chunk.start + token.end);
            });
            continue;
        }
        if class & HIGH != 0 && !part.chars().any(|c| python::letter_case(c) == python::LetterCase::Upper) {
            continue;
        }
        let mut keep_upper = |token: Range<usize>| {
            if python::is_upper(&text[token.clone()]) {
                visit(token);
            }
        };
        if class & STOP != 0 && (contracts || class & (APOSTROPHE | COLON) != 0) {
            let sentences = sentences.get_or_init(|| punkt::sentences(text));
            let first = sentences.partition_point(|s| s.end <= chunk.start);
            for sentence in sentences[first..].iter().take_while(|s| s.start < chunk.end) {
                let part = sentence.start.max(chunk.start)..sentence.end.min(chunk.end);
                let rest = &text[part.end..sentence.end];
                let end = match rest.chars().all(|c| closes(c) || python::is_space(c)) {
                    true if rest.is_empty() => End::Last,
                    true => End::ClosersFollow,
                    false => End::Inner,
                };
                tokenize(text, &part, end, &mut keep_upper);
            }
        } else {
            let end = if chunk.end == text_end { End::Last } else { End::Inner };
            tokenize(text, &chunk, end, &mut keep_upper);
        }
    }
}

/// How a chunk stands to the end of its sentence.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    /// Words follow.
    Inner,
    /// Only closing quotes and brackets follow.
    ClosersFollow,
    /// It ends the sentence.
    Last,
}

/// What may stand between a sentence's last full stop and its end.
fn closes(c: char) -> bool {
    matches!(c, ']' | ')' | '}' | '>' | '"' | '\'' | '»' | '”' | '’' | ' ')
}

/// The upper-case tokens of an ASCII chunk without apostrophes and contractions. The substitutions
/// then come down to this: some characters, runs of full stops and of hyphens stand for themselves,
/// and so do a colon and a comma but before a digit.
fn plain_upper_tokens(chunk: &[u8], class: u8, mut visit: impl FnMut(Range<usize>)) {
    if class & (ALONE | COLON | STOP | HYPHEN) == 0 {
        if class & LOWER == 0 {
            visit(0..chunk.len());
        }
        return;
    }
    let (mut start, mut seen) = (0, 0);
    let mut at = 0;
    while at <= chunk.len() {
        let here = chunk.get(at).copied();
        let next = chunk.get(at + 1).copied();
        let width = match here.map(|b| (b, CLASS[usize::from(b)])) {
            None => 1,
            Some((_, class)) if class & ALONE != 0 => 1,
            Some((_, class)) if class & COLON != 0 && !next.is_some_and(|b| b.is_ascii_digit()) => 1,
            Some((b @ (b'.' | b'-'), _)) if next == Some(b) => {
                chunk[at..].iter().take_while(|&&other| other == b).count()
            }
            Some((_, class)) => {
                seen |= class;
                at += 1;
                continue;
            }
        };
        if seen & (UPPER | LOWER) == UPPER {
            visit(start..at);
        }
        at += width;
        (start, seen) = (at, 0);
    }
}

const UPPER: u8 = 1;
const LOWER: u8 = 2;
/// Not ASCII.
const HIGH: u8 = 4;
const APOSTROPHE: u8 = 8;
/// A colon or a comma.
const COLON: u8 = 16;
/// May end a sentence.
const STOP: u8 = 32;
const HYPHEN: u8 = 64;
/// A token by itself wherever it stands.
const ALONE: u8 = 128;

const CLASS: [u8; 256] = {
    let mut table = [0; 256];
    let mut b = 0;
    while b < 256 {
        table[b] = match b as u8 {
            0x80.. => HIGH,
            b'A'..=b'Z' => UPPER,
            b'a'..=b'z' => LOWER,
            b'\'' => APOSTROPHE,
            b':' | b',' => COLON,
            b'.' => STOP,
            b'?' | b'!' => STOP | ALONE,
            b'-' => HYPHEN,
            b'"' | b'`' | b';' | b'@' | b'#' | b'$' | b'%' | b'&' | b'*' | b'(' | b')' | b'[' | b']'
            | b'{' | b'}' | b'<' | b'>' => ALONE,
            _ => 0,
        };
        b += 1;
    }
    table
};

fn classify(chunk: &[u8]) -> u8 {
    chunk.iter().fold(0, |class, &b| class | CLASS[usize::from(b)])
}

/// Contractions without an apostrophe, with the length of their first part.
const CONTRACTIONS: [(&str, usize); 6] =
    [("cannot", 3), ("gimme", 3), ("gonna", 3), ("gotta", 3), ("lemme", 3), ("wanna", 3)];

/// Whether a contraction can be in a chunk: each has a doubled n, m or t.
fn may_contract(chunk: &str) -> bool {
    chunk.len() >= 5
        && chunk.as_bytes().windows(2).any(|w| {
            let (a, b) = (w[0].to_ascii_lowercase(), w[1].to_ascii_lowercase());
            a == b && matches!(a, b'n' | b'm' | b't')
        })
}

/// A character of a chunk, or a space that a substitution put in.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Glyph {
    c: char,
    at: usize,
}

/// One chunk on its way through the substitutions.
struct Chain {
    glyphs: Vec<Glyph>,
    next: Vec<Glyph>,
}

const SPACE: Glyph = Glyph { c: ' ', at: usize::MAX };

/// Calls `visit` with each token of a chunk, or of the part of one that is in one sentence.
fn tokenize(text: &str, chunk: &Range<usize>, end: End, visit: &mut impl FnMut(Range<usize>)) {
    let space = |c: Option<char>| c.filter(|&c| python::is_space(c)).unwrap_or(' ');
    let before = space(text[..chunk.start].chars().next_back());
    let mut glyphs = Vec::with_capacity(chunk.len() + 16);
    glyphs.push(Glyph { c: before, at: usize::MAX });
    glyphs.extend(text[chunk.clone()].char_indices().map(|(n, c)| Glyph { c, at: chunk.start + n }));
    if end != End::Last {
        glyphs.push(Glyph { c: space(text[chunk.end..].chars().next()), at: usize::MAX });
    }
    let mut chain = Chain { next: Vec::with_capacity(glyphs.len() + 16), glyphs };
    chain.opening_quotes();
    if end != End::Inner {
        chain.last_full_stop();
    }
    chain.punctuation();
    chain.closing_quotes();
    chain.contractions();
    let mut token: Option<Range<usize>> = None;
    for glyph in chain.glyphs {
        if python::is_space(glyph.c) {
            if let Some(token) = token.take() {
                visit(token);
            }
        } else {
            let end = glyph.at + glyph.c.len_utf8();
            token = Some(token.map_or(glyph.at, |t| t.start)..end);
        }
    }
    if let Some(token) = token {
        visit(token);
    }
}

impl Chain {
    /// Runs one substitution: `rule` looks at what follows (and at what comes before) and says how
    /// many glyphs it takes, having written what takes their place; 0 when it does not match.
    fn substitute(&mut self, mut rule: impl FnMut(&[Glyph], usize, &mut Vec<Glyph>) -> usize) {
        self.next.clear();
        let mut at = 0;
        while at < self.glyphs.len() {
            let taken = rule(&self.glyphs, at, &mut self.next);
            if taken == 0 {
                self.next.push(self.glyphs[at]);
                at += 1;
            } else {
                at += taken;
            }
        }
        std::mem::swap(&mut self.glyphs, &mut self.next);
    }

    /// Puts spaces around each run that `run_length` finds.
    fn isolate(&mut self, run_length: impl Fn(&[Glyph]) -> usize) {
        self.substitute(|glyphs, at, out| {
            let taken = run_length(&glyphs[at..]);
            if taken > 0 {
                out.push(SPACE);
                out.extend_from_slice(&glyphs[at..at + taken]);
                out.push(SPACE);
            }
            taken
        });
    }

    fn has(&self, wanted: impl Fn(char) -> bool) -> bool {
        self.glyphs.iter().any(|g| wanted(g.c))
    }

    fn opening_quotes(&mut self) {
        if self.has(|c| matches!(c, '«' | '“' | '‘' | '„' | '`')) {
            self.isolate(|rest| match rest[0].c {
                '«' | '“' | '‘' | '„' => 1,
                _ => run_of(rest, |c| c == '`'),
            });
        }
        // Straight double quotes become ones of another kind, with spaces around, wherever they are.
        if self.has(|c| c == '"') {
            self.isolate(|rest| usize::from(rest[0].c == '"'));
        }
        if !self.has(|c| c == '\'') {
            return;
        }
        // Two apostrophes after a space or an opening bracket are an opening quote.
        self.substitute(|glyphs, at, out| {
            let opens = matches!(glyphs[at].c, ' ' | '(' | '[' | '{' | '<');
            if opens && is(glyphs, at + 1, "''") {
                out.extend([glyphs[at], SPACE, glyphs[at + 1], glyphs[at + 2], SPACE]);
                return 3;
            }
            0
        });
        // An apostrophe before a lone character is a quote, if that is not a contraction's.
        self.substitute(|glyphs, at, out| {
            if glyphs[at].c != '\'' {
                return 0;
            }
            let Some(lone) = glyphs.get(at + 1).filter(|g| python::is_word(g.c)) else { return 0 };
            let ends = glyphs.get(at + 2).is_none_or(|g| !python::is_word(g.c));
            // Simple case folding takes the long s for an s.
            let contracted =
                matches!(lone.c, 'm' | 'M' | 't' | 'T' | 's' | 'S' | 'ſ' | 'd' | 'D' | 'n' | 'N');
            if !ends || contracted {
                return 0;
            }
            out.extend([glyphs[at], SPACE, *lone]);
            2
        });
    }

    /// Parts the full stop that ends the sentence.
    fn last_full_stop(&mut self) {
        let last = self.glyphs.iter().rposition(|g| !closes(g.c) && !python::is_space(g.c));
        if let Some(at) =
            last.filter(|&at| at > 0 && self.glyphs[at].c == '.' && self.glyphs[at - 1].c != '.')
        {
            self.glyphs.insert(at + 1, SPACE);
            self.glyphs.insert(at, SPACE);
        }
    }

    fn punctuation(&mut self) {
        if self.has(|c| matches!(c, ':' | ',')) {
            self.substitute(|glyphs, at, out| {
                let digit = |g: &Glyph| python::is_digit(g.c);
                if !matches!(glyphs[at].c, ':' | ',') || glyphs.get(at + 1).is_some_and(digit) {
                    return 0;
                }
                out.extend([SPACE, glyphs[at], SPACE]);
                let Some(next) = glyphs.get(at + 1) else { return 1 };
                out.push(*next);
                2
            });
        }
        if self.has(|c| c == '.') {
            self.isolate(|rest| match run_of(rest, |c| c == '.') {
                1 => 0,
                n => n,
            });
        }
        self.isolate(|rest| usize::from(matches!(rest[0].c, ';' | '@' | '#' | '$' | '%' | '&' | '?' | '!')));
        if self.has(|c| c == '\'') {
            // A closing apostrophe.
            self.substitute(|glyphs, at, out| {
                if glyphs[at].c != '\'' && is(glyphs, at + 1, "' ") {
                    out.extend([glyphs[at], SPACE, glyphs[at + 1], SPACE]);
                    return 3;
                }
                0
            });
        }
        self.isolate(|rest| {
            usize::from(matches!(rest[0].c, '*' | '(' | ')' | '[' | ']' | '{' | '}' | '<' | '>'))
        });
        if self.has(|c| c == '-') {
            self.isolate(|rest| if is(rest, 0, "--") { 2 } else { 0 });
        }
        // The whole text gets a space at both ends here.
        self.glyphs.insert(0, SPACE);
        self.glyphs.push(SPACE);
    }

    fn closing_quotes(&mut self) {
        if self.has(|c| matches!(c, '»' | '”' | '’')) {
            self.isolate(|rest| usize::from(matches!(rest[0].c, '»' | '”' | '’')));
        }
        if !self.has(|c| c == '\'') {
            return;
        }
        self.isolate(|rest| if is(rest, 0, "''") { 2 } else { 0 });
        // From here on all white space is spaces.
        for glyph in self.glyphs.iter_mut().filter(|g| python::is_space(g.c)) {
            glyph.c = ' ';
        }
        self.substitute(|glyphs, at, out| {
            if matches!(glyphs[at].c, '\'' | ' ') || !is(glyphs, at + 1, "'") {
                return 0;
            }
            let letter = glyphs.get(at + 2).is_some_and(|g| matches!(g.c, 's' | 'S' | 'm' | 'M' | 'd' | 'D'));
            let width = if letter && is(glyphs, at + 3, " ") {
                3
            } else if is(glyphs, at + 2, " ") {
                2
            } else {
                return 0;
            };
            out.push(glyphs[at]);
            out.push(SPACE);
            out.extend_from_slice(&glyphs[at + 1..at + width]);
            out.push(SPACE);
            width + 1
        });
        self.substitute(|glyphs, at, out| {
            if matches!(glyphs[at].c, '\'' | ' ') {
                return 0;
            }
            let ending = ["'ll", "'LL", "'re", "'RE", "'ve", "'VE", "n't", "N'T"];
            if !ending.iter().any(|e| is(glyphs, at + 1, e)) || !is(glyphs, at + 4, " ") {
                return 0;
            }
            out.push(glyphs[at]);
            out.push(SPACE);
            out.extend_from_slice(&glyphs[at + 1..at + 4]);
            out.push(SPACE);
            5
        });
    }

    fn contractions(&mut self) {
        let boundary = |glyphs: &[Glyph], at: usize| {
            let word = |g: Option<&Glyph>| g.is_some_and(|g| python::is_word(g.c));
            word(at.checked_sub(1).and_then(|b| glyphs.get(b))) != word(glyphs.get(at))
        };
        for (word, cut) in CONTRACTIONS.into_iter().chain([("d'ye", 1), ("more'n", 4)]) {
            let len = word.len();
            self.substitute(|glyphs, at, out| {
                if !is_folded(glyphs, at, word) || !boundary(glyphs, at) || !boundary(glyphs, at + len) {
                    return 0;
                }
                if word == "wanna" && !glyphs.get(at + len).is_some_and(|g| python::is_space(g.c)) {
                    return 0;
                }
                out.push(SPACE);
                out.extend_from_slice(&glyphs[at..at + cut]);
                out.push(SPACE);
                out.extend_from_slice(&glyphs[at + cut..at + len]);
                out.push(SPACE);
                len
            });
        }
        for word in [" 'tis", " 'twas"] {
            let len = word.len();
            self.substitute(|glyphs, at, out| {
                if !is_folded(glyphs, at, word) || !boundary(glyphs, at + len) {
                    return 0;
                }
                out.push(SPACE);
                out.extend_from_slice(&glyphs[at + 1..at + 3]);
                out.push(SPACE);
                out.extend_from_slice(&glyphs[at + 3..at + len]);
                out.push(SPACE);
                len
            });
        }
    }
}

/// How many glyphs from the first on are wanted.
fn run_of(glyphs: &[Glyph], wanted: impl Fn(char) -> bool) -> usize {
    glyphs.iter().take_while(|g| wanted(g.c)).count()
}

/// Whether `word` stands at `at`.
fn is(glyphs: &[Glyph], at: usize, word: &str) -> bool {
    word.chars().enumerate().all(|(n, c)| glyphs.get(at + n).is_some_and(|g| g.c == c))
}

/// Whether `word`, given in small letters, stands at `at` in any case.
fn is_folded(glyphs: &[Glyph], at: usize, word: &str) -> bool {
    let folds = |given: char, wanted: char| match wanted {
        'i' => matches!(given, 'i' | 'I' | 'İ' | 'ı'),
        's' => matches!(given, 's' | 'S' | 'ſ'),
        _ => given.to_ascii_lowercase() == wanted,
    };
    word.chars().enumerate().all(|(n, c)| glyphs.get(at + n).is_some_and(|g| folds(g.c, c)))
}
