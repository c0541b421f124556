//! What words a text must have for a pattern to match in it.
//!
//! A pattern looks at the text as it stands, the index knows words. Still a text that
//! `/\bno commas?\b/` matches in has a word with `no` in it and one with `comma`: those texts alone
//! need to be read. The rule leans to one side only: a text left out never matches, one that is
//! kept may.
//!
//! A stretch of the pattern that can only match letters and digits lies within one word of the text
//! ([`Words`](super::words::Words) never ends a word between two of them, long words excepted); so
//! some word of the text must match that stretch, in lower case. Everything else of the pattern
//! requires nothing.

use regex_automata::meta::Regex;
use regex_syntax::hir::{Class, ClassUnicode, ClassUnicodeRange, Hir, HirKind, Repetition};

use super::words::{Letter, letter};

/// A class of more characters than this is taken for one that can match anything.
const MAX_CLASS: usize = 256;
/// A shorter stretch is in so many words that looking it up is not worth it.
const MIN_STRETCH: usize = 2;

/// What a pattern requires.
#[derive(Debug)]
pub(super) struct Required {
    /// The stretches that words are held against.
    pub(super) stretches: Vec<Stretch>,
    /// Which of them, by number, a text must have.
    pub(super) need: Need,
}

/// Something that a word of the text must be or have.
#[derive(Debug)]
pub(super) enum Stretch {
    /// The word itself: a character of a script without spaces.
    Word(String),
    /// What matches within the word, which is in lower case.
    Within(Hir),
}

impl Stretch {
    /// The stretch made ready to be held against words; `None` for one that is too large, and for a
    /// word, which is looked up.
    pub(super) fn regex(&self) -> Option<Regex> {
        match self {
            // Never by way of its text: `Hir` writes `(?:a{2})?` as `a{2}?`, which is something else.
            Self::Within(hir) => Regex::builder().build_from_hir(hir).ok(),
            Self::Word(_) => None,
        }
    }
}

/// How the stretches go together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Need {
    /// This stretch.
    Stretch(usize),
    /// Each of these.
    All(Vec<Self>),
    /// One of these.
    Any(Vec<Self>),
}

impl Required {
    /// What a pattern requires; `None` when a text with any words may match.
    pub(super) fn of(pattern: &str) -> Option<Self> {
        let hir = regex_syntax::parse(pattern).ok()?;
        let mut stretches = Vec::new();
        let need = need(&hir, &mut stretches)?;
        Some(Self { stretches, need })
    }
}

/// What the matches of an expression require.
fn need(hir: &Hir, stretches: &mut Vec<Stretch>) -> Option<Need> {
    if let HirKind::Alternation(branches) = hir.kind()
        && lower(hir).is_none()
    {
        let needs: Option<Vec<Need>> = branches.iter().map(|branch| need(branch, stretches)).collect();
        return Some(Need::Any(needs?));
    }
    let mut all = Vec::new();
    let mut open = Vec::new();
    sequence(hir, &mut open, &mut all, stretches);
    close(&mut open, &mut all, stretches);
    match all.len() {
        0 => None,
        1 => all.pop(),
        _ => Some(Need::All(all)),
    }
}

/// Goes through what follows on one another: `open` is the stretch that what comes next may go on.
fn sequence(hir: &Hir, open: &mut Vec<Hir>, all: &mut Vec<Need>, stretches: &mut Vec<Stretch>) {
    if let Some(lower) = lower(hir) {
        open.push(lower);
        return;
    }
    match hir.kind() {
        HirKind::Capture(capture) => sequence(&capture.sub, open, all, stretches),
        HirKind::Concat(parts) => parts.iter().for_each(|part| sequence(part, open, all, stretches)),
        HirKind::Literal(literal) => {
            let text = String::from_utf8_lossy(&literal.0);
            for c in text.chars() {
                match letter(c) {
                    Letter::Part => {
                        open.push(Hir::literal(c.to_lowercase().collect::<String>().into_bytes()));
                    }
                    Letter::Alone => {
                        close(open, all, stretches);
                        all.push(Need::Stretch(stretches.len()));
                        stretches.push(Stretch::Word(c.to_lowercase().collect()));
                    }
                    Letter::Between => close(open, all, stretches),
                }
            }
        }
        _ => {
            close(open, all, stretches);
            let inside = match hir.kind() {
                HirKind::Repetition(repetition) if repetition.min > 0 => need(&repetition.sub, stretches),
                HirKind::Alternation(_) => need(hir, stretches),
                _ => None,
            };
            all.extend(inside);
        }
    }
}

/// Ends a stretch.
fn close(open: &mut Vec<Hir>, all: &mut Vec<Need>, stretches: &mut Vec<Stretch>) {
    let stretch = Hir::concat(std::mem::take(open));
    if stretch.properties().minimum_len().unwrap_or(0) >= MIN_STRETCH {
        all.push(Need::Stretch(stretches.len()));
        stretches.push(Stretch::Within(stretch));
    }
}

/// The expression in lower case, if it matches nothing but letters and digits that make words.
fn lower(hir: &Hir) -> Option<Hir> {
    match hir.kind() {
        // Where a match may begin or end is not looked at: that keeps more than it must.
        HirKind::Empty | HirKind::Look(_) => Some(Hir::empty()),
        HirKind::Literal(literal) => {
            let text = std::str::from_utf8(&literal.0).ok()?;
            let inside = text.chars().all(|c| letter(c) == Letter::Part);
            inside.then(|| {
                Hir::literal(text.chars().flat_map(char::to_lowercase).collect::<String>().into_bytes())
            })
        }
        HirKind::Class(class) => lower_class(class),
        HirKind::Repetition(Repetition { min, max, greedy, sub }) => {
            let sub = Box::new(lower(sub)?);
            Some(Hir::repetition(Repetition { min: *min, max: *max, greedy: *greedy, sub }))
        }
        HirKind::Capture(capture) => lower(&capture.sub),
        HirKind::Concat(parts) => parts.iter().map(lower).collect::<Option<_>>().map(Hir::concat),
        HirKind::Alternation(parts) => parts.iter().map(lower).collect::<Option<_>>().map(Hir::alternation),
    }
}

fn lower_class(class: &Class) -> Option<Hir> {
    let class = match class {
        Class::Unicode(class) => class.clone(),
        Class::Bytes(class) => class.to_unicode_class()?,
    };
    let count: usize = class.iter().map(ClassUnicodeRange::len).sum();
    if count == 0 || count > MAX_CLASS {
        return None;
    }
    let mut all = ClassUnicode::empty();
    for c in class.iter().flat_map(|range| range.start()..=range.end()) {
        let mut lower = c.to_lowercase();
        match (lower.next(), lower.next()) {
            (Some(c), None) if letter(c) == Letter::Part => all.push(ClassUnicodeRange::new(c, c)),
            _ => return None,
        }
    }
    Some(Hir::class(Class::Unicode(all)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `(comma & (one | two))`, stretches by their patterns without parentheses.
    fn shown(pattern: &str) -> String {
        fn show(need: &Need, stretches: &[Stretch]) -> String {
            let list = |all: &[Need], join: &str| {
                let all: Vec<String> = all.iter().map(|need| show(need, stretches)).collect();
                format!("({})", all.join(join))
            };
            match need {
                Need::Stretch(i) => match &stretches[*i] {
                    Stretch::Word(word) => format!("={word}"),
                    Stretch::Within(hir) => hir.to_string().replace("(?:", "").replace(')', ""),
                },
                Need::All(all) => list(all, " & "),
                Need::Any(all) => list(all, " | "),
            }
        }
        Required::of(pattern).map_or("anything".to_owned(), |r| show(&r.need, &r.stretches))
    }

    #[test]
    fn stretches_of_letters_must_be_in_words() {
        // (pattern, what a text must have)
        let table = [
            (r"\bno commas?\b", "(no & commas?)"),
            ("Wait", "wait"),
            ("(?i)Wait", "wait"),
            ("(?i)is", "i[sſ]"),
            ("(?i)K9", "k9"),
            (r"\\frac\{1\}\{22\}", "(frac & 22)"),
            ("foo|bar", "foo|bar"),
            ("foo x|bar y", "(foo | bar)"),
            ("foo|.*", "anything"),
            ("ab(cd)+ef", "abcd+ef"),
            ("ab(c d)+ef", "(ab & ef)"),
            ("(long word)+", "(long & word)"),
            ("(long word)*", "anything"),
            ("ans[aeiou]wer", "ans[aeiou]wer"),
            (r"ab\w+cd", "(ab & cd)"),
            (r"^The$", "the"),
            ("数学", "(=数 & =学)"),
            ("x数学yz", "(=数 & =学 & yz)"),
            (r"\d+ [a-z]", "anything"),
            (",", "anything"),
            ("e\u{301}tude", "tude"),
            (r"10,000", "(10 & 000)"),
            ("don't", "don"),
        ];
        for (pattern, expected) in table {
            assert_eq!(shown(pattern), expected, "{pattern:?}");
        }
    }
}
