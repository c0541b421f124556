//! Markdown and LaTeX as coloured spans.
//!
//! Meanings, not colours: a theme decides what a heading looks like. Parsing is slow (some
//! thousand lines a second), so it is done away from the screen, and only up to [`LIMIT`].

use std::ops::Range;
use std::sync::LazyLock;

use syntect::parsing::{
    ParseState, ScopeStack, SyntaxDefinition, SyntaxReference, SyntaxSet, SyntaxSetBuilder,
};

/// Bytes of one text that are parsed; the rest stays plain.
pub const LIMIT: usize = 1 << 19;

/// Lines longer than this stay plain: one line of a megabyte takes a tenth of a second.
pub const LINE_LIMIT: usize = 1 << 14;

/// What a stretch of text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Token {
    /// A heading line.
    Heading,
    /// Strong emphasis.
    Bold,
    /// Emphasis.
    Italic,
    /// Code.
    Code,
    /// Math.
    Math,
    /// A LaTeX command.
    Command,
    /// `\boxed`.
    Boxed,
    /// A list marker, a rule, a quote sign.
    Marker,
    /// A delimiter of trace or answer.
    Tag,
}

/// One coloured stretch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Colour {
    /// Its bytes in the text.
    pub bytes: Range<usize>,
    /// What it is.
    pub token: Token,
}

/// The syntax, loaded once.
static SYNTAX: LazyLock<SyntaxSet> = LazyLock::new(|| {
    let source = include_str!("../../assets/output.sublime-syntax");
    let definition = SyntaxDefinition::load_from_str(source, true, None)
        .expect("the built-in syntax definition is valid: a test loads it");
    let mut builder = SyntaxSetBuilder::new();
    builder.add(definition);
    builder.build()
});

fn syntax() -> &'static SyntaxReference {
    SYNTAX.syntaxes().first().expect("the set holds the one syntax put into it")
}

/// Colours `text[range]`, in order of place, never overlapping. `keep_on` is asked at every line:
/// answering false ends the work early.
pub fn highlight(text: &str, range: Range<usize>, keep_on: &dyn Fn() -> bool) -> Vec<Colour> {
    let mut colours = Vec::new();
    let mut state = ParseState::new(syntax());
    let mut stack = ScopeStack::new();
    let mut at = range.start;
    let end = range.end.min(range.start + LIMIT);
    for line in text[range].split_inclusive('\n') {
        if at >= end || !keep_on() {
            break;
        }
        if line.len() > LINE_LIMIT {
            at += line.len();
            continue;
        }
        let Ok(operations) = state.parse_line(line, &SYNTAX) else {
            at += line.len();
            continue;
        };
        let mut from = 0;
        for (offset, operation) in operations {
            push(&mut colours, at + from..at + offset, &stack);
            from = offset;
            if stack.apply(&operation).is_err() {
                break;
            }
        }
        push(&mut colours, at + from..at + line.len(), &stack);
        at += line.len();
    }
    colours
}

fn push(colours: &mut Vec<Colour>, bytes: Range<usize>, stack: &ScopeStack) {
    if bytes.is_empty() {
        return;
    }
    let Some(token) = stack.as_slice().iter().rev().find_map(|scope| token(&scope.build_string())) else {
        return;
    };
    match colours.last_mut() {
        Some(last) if last.bytes.end == bytes.start && last.token == token => last.bytes.end = bytes.end,
        _ => colours.push(Colour { bytes, token }),
    }
}

fn token(scope: &str) -> Option<Token> {
    Some(match scope {
        "markup.heading" => Token::Heading,
        "markup.bold" => Token::Bold,
        "markup.italic" => Token::Italic,
        "markup.raw" => Token::Code,
        "markup.math" => Token::Math,
        "markup.command" => Token::Command,
        "markup.boxed" => Token::Boxed,
        "markup.list" | "markup.rule" | "markup.quote" => Token::Marker,
        "markup.tag" => Token::Tag,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn coloured(text: &str) -> Vec<(&str, Token)> {
        highlight(text, 0..text.len(), &|| true).into_iter().map(|c| (&text[c.bytes], c.token)).collect()
    }

    #[test]
    fn colours_what_models_write() {
        let table: [(&str, &[(&str, Token)]); 9] = [
            ("plain words, no markup", &[]),
            ("### Step 1\nthen", &[("### Step 1", Token::Heading)]),
            ("a **b** c", &[("**b**", Token::Bold)]),
            ("costs $5 and $6", &[]),
            ("$ x $, since $ y $", &[("$ x $", Token::Math), ("$ y $", Token::Math)]),
            ("costs $5 only", &[]),
            ("so $x=\\frac12$ is", &[("$x=", Token::Math), ("\\frac", Token::Command), ("12$", Token::Math)]),
            ("\\boxed{42}", &[("\\boxed", Token::Boxed)]),
            ("- one\n```\ncode\n```\n", &[("-", Token::Marker), ("```\ncode\n```", Token::Code)]),
        ];
        for (text, expected) in table {
            let found = coloured(text);
            let trimmed: Vec<_> = found.iter().map(|(t, k)| (t.trim_end_matches('\n'), *k)).collect();
            let flat: Vec<_> = trimmed.iter().filter(|(t, _)| !t.is_empty()).copied().collect();
            assert_eq!(flat, expected, "{text:?}");
        }
    }

    #[test]
    fn a_long_line_stays_plain_and_the_next_does_not() {
        let text = format!("{}\n**b**", "x".repeat(LINE_LIMIT + 1));
        assert_eq!(coloured(&text), [("**b**", Token::Bold)]);
    }
}
