//! Simple LaTeX as Unicode: `\frac{1}{2}` as `½`, `x_1^2` as `x₁²`.
//!
//! Only what is syntax is replaced, piece by piece, so every character that is drawn keeps its
//! bytes in the raw text. What is not known, or not simple, stays as it was written. So does a
//! formula that something in it is pointed at: a reader who looks for the place of a violation
//! must see what was judged.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::LazyLock;

use super::piece::Replacement;

/// Bytes of the longest formula; what runs on further is no simple one.
const LONGEST: usize = 4096;

/// Groups within groups that are looked into.
const DEEPEST: usize = 12;

/// Commands that stand for a character or a word.
static SYMBOLS: LazyLock<HashMap<&'static str, &'static str>> = LazyLock::new(|| {
    let lines = include_str!("../../assets/latex.tsv").lines().filter(|l| !l.starts_with('#'));
    lines.filter_map(|line| line.split_once('\t')).collect()
});

/// Fractions with a character of their own.
const VULGAR: [(&str, &str, &str); 15] = [
    ("1", "2", "½"),
    ("1", "3", "⅓"),
    ("2", "3", "⅔"),
    ("1", "4", "¼"),
    ("3", "4", "¾"),
    ("1", "5", "⅕"),
    ("2", "5", "⅖"),
    ("3", "5", "⅗"),
    ("4", "5", "⅘"),
    ("1", "6", "⅙"),
    ("5", "6", "⅚"),
    ("1", "8", "⅛"),
    ("3", "8", "⅜"),
    ("5", "8", "⅝"),
    ("7", "8", "⅞"),
];

const RAISED: (&str, &str) =
    ("0123456789+-=()abcdefghijklmnoprstuvwxyz*", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻ*");
const LOWERED: (&str, &str) = ("0123456789+-=()aehijklmnoprstuvx", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ");
const DOUBLE: (&str, &str) = ("CNPQRZ", "ℂℕℙℚℝℤ");

/// What stands in place of LaTeX in `text[range]`, in order of place, never overlapping. A formula
/// for whose bytes `stays` holds is left as it is.
pub fn replacements(
    text: &str,
    range: Range<usize>,
    stays: &dyn Fn(&Range<usize>) -> bool,
) -> Vec<Replacement> {
    let mut all = Vec::new();
    let bytes = text.as_bytes();
    let mut at = range.start;
    while let Some(found) = bytes[at..range.end].iter().position(|b| matches!(b, b'\\' | b'$' | b'`')) {
        at += found;
        let rest = &text[at..range.end];
        if rest.starts_with('`') {
            at += code(rest);
            continue;
        }
        let mut formula = Formula { text, at, end: range.end.min(at + LONGEST), depth: 0, out: Vec::new() };
        if let Some((open, inner, close)) = delimited(rest) {
            formula.put(at..at + open, "");
            formula.at = at + open;
            formula.math(at + inner);
            formula.put(at + inner..at + close, "");
            formula.at = at + close;
        } else if rest.starts_with('\\') {
            // Models leave delimiters out, around `\boxed` above all.
            while !text.is_char_boundary(formula.end) {
                formula.end -= 1;
            }
            formula.command(formula.end);
        } else {
            formula.at += 1;
        }
        if !formula.out.is_empty() && !stays(&(at..formula.at)) {
            all.append(&mut formula.out);
        }
        at = formula.at;
    }
    all
}

/// Bytes of code at the start of a text that begins with a backtick: to where the same fence ends,
/// or the fence alone when it does not.
fn code(rest: &str) -> usize {
    let fence = rest.len() - rest.trim_start_matches('`').len();
    let after = &rest[fence..];
    let end = match after.find(&rest[..fence]) {
        // Within a line, or it is no code but a stray backtick.
        Some(end) if fence >= 3 || !after[..end].contains('\n') => end + fence,
        None if fence >= 3 => after.len(),
        _ => 0,
    };
    fence + end
}

/// A formula at the start of a text: where its inside begins, where it ends, and where the formula
/// ends.
fn delimited(rest: &str) -> Option<(usize, usize, usize)> {
    let near = {
        let mut end = rest.len().min(LONGEST);
        while !rest.is_char_boundary(end) {
            end -= 1;
        }
        &rest[..end]
    };
    for (open, close) in [("\\(", "\\)"), ("\\[", "\\]"), ("$$", "$$")] {
        if let Some(inside) = near.strip_prefix(open) {
            let end = inside.find(close)?;
            return Some((open.len(), open.len() + end, open.len() + end + close.len()));
        }
    }
    // One dollar may be money: a formula touches both its dollars or has a space at both, and no
    // digit follows it.
    let inside = near.strip_prefix('$')?;
    let end = inside.find('$')?;
    let (within, after) = (&inside[..end], &inside[end + 1..]);
    let spaced =
        within.len() > 2 && within.starts_with(' ') && within.ends_with(' ') && !within.contains('\n');
    let touches = !within.starts_with(char::is_whitespace) && !within.ends_with(char::is_whitespace);
    let is_formula = (touches || spaced)
        && !within.is_empty()
        && !within.contains("\n\n")
        && !within.ends_with('\\')
        && !after.starts_with(|c: char| c.is_ascii_digit());
    let blank = usize::from(spaced);
    is_formula.then_some((1 + blank, 1 + end - blank, 2 + end))
}

/// An argument: a group in braces, or one character.
#[derive(Debug, Clone)]
struct Argument {
    whole: Range<usize>,
    inner: Range<usize>,
}

/// A formula being read.
struct Formula<'a> {
    text: &'a str,
    at: usize,
    end: usize,
    depth: usize,
    out: Vec<Replacement>,
}

impl<'a> Formula<'a> {
    fn put(&mut self, bytes: Range<usize>, shown: impl Into<Box<str>>) {
        if !bytes.is_empty() {
            self.out.push(Replacement { bytes, shown: shown.into() });
        }
    }

    fn of(&self, range: &Range<usize>) -> &'a str {
        &self.text[range.clone()]
    }

    /// Reads on in math up to a byte.
    fn math(&mut self, end: usize) {
        self.depth += 1;
        while self.at < end && self.depth <= DEEPEST {
            match self.text.as_bytes()[self.at] {
                b'\\' => self.command(end),
                sign @ (b'^' | b'_') => self.script(sign, end),
                b'{' => match self.argument(self.at, end) {
                    Some(group) => self.unwrap(&group, self.at..group.inner.start, "", ""),
                    None => self.at += 1,
                },
                _ => self.at += self.text[self.at..].chars().next().map_or(1, char::len_utf8),
            }
        }
        self.depth -= 1;
        self.at = self.at.max(end);
    }

    /// Shows a group with something in place of what opens it (these bytes) and of its brace.
    fn unwrap(&mut self, group: &Argument, opening: Range<usize>, before: &str, after: &str) {
        self.put(opening, before);
        self.at = group.inner.start;
        self.math(group.inner.end);
        self.put(group.inner.end..group.whole.end, after);
        self.at = group.whole.end;
    }

    /// The argument at a byte, white space before it skipped.
    fn argument(&self, from: usize, end: usize) -> Option<Argument> {
        let rest = &self.text[from..end];
        let start = from + (rest.len() - rest.trim_start_matches(' ').len());
        let first = self.text[start..end].chars().next()?;
        if first != '{' {
            let alone = start..start + first.len_utf8();
            // A letter of another script may be one that nobody sees.
            return first.is_ascii_alphanumeric().then(|| Argument { whole: alone.clone(), inner: alone });
        }
        let mut depth = 0_usize;
        let mut escaped = false;
        for (i, byte) in self.text.as_bytes()[start..end].iter().enumerate() {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'{' => depth += 1,
                b'}' if depth == 1 => {
                    let close = start + i;
                    return Some(Argument { whole: start..close + 1, inner: start + 1..close });
                }
                b'}' => depth -= 1,
                _ => {}
            }
        }
        None
    }

    /// Reads the command that it stands at.
    fn command(&mut self, end: usize) {
        let start = self.at;
        let rest = &self.text[start + 1..end];
        let name = &rest[..rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_alphabetic()).len()];
        let after = start + 1 + name.len();
        if name.is_empty() {
            self.sign(end);
            return;
        }
        self.at = after;
        match name {
            "frac" | "dfrac" | "tfrac" | "cfrac" => self.fraction(start, after, end),
            "sqrt" => self.root(start, after, end),
            "boxed" | "fbox" => self.around(start, after, end, "[", "]"),
            "text" | "textbf" | "textit" | "textrm" | "mathrm" | "mathbf" | "mathit" | "mathsf"
            | "mathcal" | "boldsymbol" | "operatorname" | "mbox" => self.around(start, after, end, "", ""),
            "pmod" => self.around(start, after, end, "(mod ", ")"),
            "mathbb" => {
                let letter = self.argument(after, end);
                match letter.and_then(|l| Some((l.whole.end, mapped(self.of(&l.inner), DOUBLE)?))) {
                    Some((end, shown)) => self.whole(start..end, shown),
                    None => self.around(start, after, end, "", ""),
                }
            }
            "left" | "right" | "big" | "Big" | "bigl" | "bigr" | "Bigl" | "Bigr" | "displaystyle"
            | "limits" => {
                // `\left.` draws nothing at all.
                let nothing = matches!(name, "left" | "right") && self.text[after..end].starts_with('.');
                self.whole(start..after + usize::from(nothing), "");
            }
            _ => {
                if let Some(&shown) = SYMBOLS.get(name) {
                    self.whole(start..after, shown);
                }
            }
        }
    }

    fn whole(&mut self, bytes: Range<usize>, shown: impl Into<Box<str>>) {
        self.at = bytes.end;
        self.put(bytes, shown);
    }

    /// A backslash before something that is no letter.
    fn sign(&mut self, end: usize) {
        let next = self.text[self.at + 1..end].chars().next();
        let shown = match next {
            Some(',' | ';' | ':' | ' ') => " ",
            Some('!') => "",
            Some('{') => "{",
            Some('}') => "}",
            Some('%') => "%",
            Some('$') => "$",
            Some('#') => "#",
            Some('&') => "&",
            Some('_') => "_",
            Some('|') => "‖",
            other => {
                self.at += 1 + other.map_or(0, char::len_utf8);
                return;
            }
        };
        self.whole(self.at..self.at + 2, shown);
    }

    /// A command whose group is shown between two texts.
    fn around(&mut self, start: usize, after: usize, end: usize, before: &str, closing: &str) {
        if let Some(group) = self.argument(after, end).filter(|g| g.whole != g.inner) {
            self.unwrap(&group, start..group.inner.start, before, closing);
        }
    }

    fn fraction(&mut self, start: usize, after: usize, end: usize) {
        let Some(above) = self.argument(after, end) else { return };
        let Some(below) = self.argument(above.whole.end, end) else { return };
        let (a, b) = (self.of(&above.inner).trim(), self.of(&below.inner).trim());
        if let Some((_, _, one)) = VULGAR.iter().find(|(x, y, _)| (*x, *y) == (a, b)) {
            return self.whole(start..below.whole.end, *one);
        }
        if above.inner.end == below.inner.start {
            // `\frac1n`: no byte between the two that a stroke could stand for.
            return self.whole(start..below.whole.end, format!("{a}/{b}"));
        }
        // `a/bc` would say another thing than the fraction before `c`.
        let next = begins_factor(self.text[below.whole.end..end].trim_start());
        let before = self.text[..start].trim_end().chars().next_back();
        let bound = next || before.is_some_and(|c| "/^".contains(c));
        let (open, close) = if bound { ("(", ")") } else { ("", "") };
        let (a_open, a_close) = if is_product(a) { ("", "") } else { ("(", ")") };
        let (b_open, b_close) = if is_factor(b) { ("", "") } else { ("(", ")") };
        self.put(start..above.inner.start, format!("{open}{a_open}"));
        self.at = above.inner.start;
        self.math(above.inner.end);
        self.put(above.inner.end..below.inner.start, format!("{a_close}/{b_open}"));
        self.at = below.inner.start;
        self.math(below.inner.end);
        self.put(below.inner.end..below.whole.end, format!("{b_close}{close}"));
        self.at = below.whole.end;
    }

    fn root(&mut self, start: usize, after: usize, end: usize) {
        let mut sign = "√".to_owned();
        let mut from = after;
        if let Some(index) = self.text[after..end].strip_prefix('[')
            && let Some(close) = index.find(']')
        {
            sign = match &index[..close] {
                "3" => "∛".to_owned(),
                "4" => "∜".to_owned(),
                other => match mapped(other, RAISED) {
                    Some(raised) => format!("{raised}√"),
                    None => return,
                },
            };
            from = after + close + 2;
        }
        let Some(group) = self.argument(from, end) else { return };
        if group.whole == group.inner {
            let shown = format!("{sign}{}", self.of(&group.inner));
            return self.whole(start..group.whole.end, shown);
        }
        let (open, close) = if is_factor(self.of(&group.inner).trim()) { ("", "") } else { ("(", ")") };
        self.unwrap(&group, start..group.inner.start, &format!("{sign}{open}"), close);
    }

    /// What is raised or lowered.
    fn script(&mut self, sign: u8, end: usize) {
        let start = self.at;
        let rest = &self.text[start + 1..end];
        for (written, shown) in [("\\circ", "°"), ("{\\circ}", "°"), ("\\prime", "′"), ("{\\prime}", "′")]
        {
            if sign == b'^' && rest.starts_with(written) {
                return self.whole(start..start + 1 + written.len(), shown);
            }
        }
        self.at += 1;
        let Some(group) = self.argument(start + 1, end) else { return };
        let inner = self.of(&group.inner);
        let table = if sign == b'^' { RAISED } else { LOWERED };
        if let Some(shown) = mapped(inner, table) {
            return self.whole(start..group.whole.end, shown);
        }
        if group.whole == group.inner {
            self.at = group.whole.end;
            return;
        }
        let sign = char::from(sign);
        if is_factor(inner) || inner.chars().all(char::is_alphanumeric) {
            self.unwrap(&group, start..group.inner.start, &sign.to_string(), "");
        } else {
            self.unwrap(&group, start..group.inner.start, &format!("{sign}("), ")");
        }
    }
}

/// Every character by its fellow in a table; `None` when one has none, or there are none.
fn mapped(text: &str, table: (&str, &str)) -> Option<String> {
    let one = |c: char| table.1.chars().nth(table.0.chars().position(|t| t == c)?);
    if text.is_empty() { None } else { text.chars().map(one).collect() }
}

/// Nothing in it binds less than a fraction's stroke.
fn is_product(text: &str) -> bool {
    !text.contains(['+', '-', '=', '/', ',', '<', '>', '|', '&', '±'])
        && !text.contains("frac")
        && !text.contains("\\pm")
}

/// Whether what stands before this would be multiplied with it.
fn begins_factor(text: &str) -> bool {
    let Some(command) = text.strip_prefix('\\') else {
        return text.starts_with(|c: char| c.is_alphanumeric() || "({^".contains(c));
    };
    let name =
        &command[..command.len() - command.trim_start_matches(|c: char| c.is_ascii_alphabetic()).len()];
    matches!(name, "frac" | "dfrac" | "sqrt" | "left")
        || SYMBOLS.get(name).is_some_and(|shown| shown.starts_with(char::is_alphabetic))
}

/// One number, one letter, one command, or a letter with one script.
fn is_factor(text: &str) -> bool {
    let mut chars = text.chars();
    let first = chars.next();
    text.chars().all(|c| c.is_ascii_digit() || c == '.')
        || (first.is_some_and(char::is_alphabetic)
            && (chars.as_str().is_empty()
                || (chars.as_str().starts_with(['^', '_']) && chars.as_str().chars().count() == 2)))
        || text.strip_prefix('\\').is_some_and(|name| name.chars().all(|c| c.is_ascii_alphabetic()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::piece::{View, pieces_with};
    use super::*;

    fn shown(text: &str) -> String {
        let all = replacements(text, 0..text.len(), &|_| false);
        let view = View { math: true, ..View::default() };
        pieces_with(text, 0..text.len(), view, &all).map(|p| p.shown.into_owned()).collect()
    }

    #[test]
    fn formulas_as_a_reader_would_write_them() {
        let table = [
            (r"so \(x^2 + y_1 \leq \frac{1}{2}\).", "so x² + y₁ ≤ ½."),
            (r"$\frac{a+b}{2c}$", "(a+b)/(2c)"),
            (r"$3\frac12$ and $\frac1n$", "3½ and 1/n"),
            (r"\[\frac{x}{y}z\]", "(x/y)z"),
            (r"$a/\frac{b}{c}$", "a/(b/c)"),
            (r"\boxed{\frac{3}{7}}", "[3/7]"),
            (r"$\sqrt{2}, \sqrt{x+1}, \sqrt[3]{8}, \sqrt[n]{x}$", "√2, √(x+1), ∛8, ⁿ√x"),
            (r"$x^{10}, x^{n+1}, x^{pq}, x_{max}, 90^\circ$", "x¹⁰, xⁿ⁺¹, x^pq, xₘₐₓ, 90°"),
            (r"$e^{-x/2}$", "e^(-x/2)"),
            (r"$\alpha\cdot\Omega \to \infty \in \mathbb{R}$", "α·Ω → ∞ ∈ ℝ"),
            (r"$5 \text{ apples}$, $\left(\frac{2}{9}\right)$", "5  apples, (2/9)"),
            (r"$7 \equiv 2 \pmod{5}$ \{1,\,2\}", "7 ≡ 2 (mod 5) {1, 2}"),
            // What is not known, not closed or no formula stays. (A line end draws nothing by itself.)
            (r"$\foo{x}$ \begin{align} a \\ b \end{align}", r"\foox \begin{align} a \\ b \end{align}"),
            ("it costs $5 and then $6", "it costs $5 and then $6"),
            ("$ x^2 $, since $ y_1 $", "x², since y₁"),
            (r"a_b^c, {d} and \(open", r"a_b^c, {d} and \(open"),
            ("`\\frac{1}{2}` ```\n\\pi\n``` \\pi", "`\\frac{1}{2}` ```\\pi``` π"),
            (r"C:\dir\\(x)", r"C:\dir\\(x)"),
            (r"\frac{1}", r"\frac{1}"),
        ];
        for (text, expected) in table {
            assert_eq!(shown(text), expected, "{text}");
        }
    }

    #[test]
    fn a_formula_with_a_mark_stays_whole() {
        let text = r"\(x^2\), then \(y^2\)";
        let comma = 12..13;
        let marked = |r: &Range<usize>| r.start < comma.end && r.end > comma.start;
        assert_eq!(replacements(text, 0..text.len(), &marked).len(), 6);
        let inside = |r: &Range<usize>| r.contains(&3);
        let all = replacements(text, 0..text.len(), &inside);
        assert!(all.iter().all(|r| r.bytes.start >= 14) && all.len() == 3, "{all:?}");
    }

    proptest! {
        #[test]
        fn every_byte_is_drawn_once_and_marks_stay(
            text in r"([a-c0-9 $`{}\[\]^_,+\\é字\n]|\\frac|\\sqrt|\\boxed|\\left|\\pi|\\\(|\\\)|\{|\}|\$){0,60}",
            from in 0_usize..80,
            long in 1_usize..5,
        ) {
            let mark = from..from + long;
            let stays = |r: &Range<usize>| r.start < mark.end && r.end > mark.start;
            let all = replacements(&text, 0..text.len(), &stays);
            for (a, b) in all.iter().zip(all.iter().skip(1)) {
                prop_assert!(a.bytes.end <= b.bytes.start);
            }
            for one in &all {
                prop_assert!(!one.bytes.is_empty() && text.is_char_boundary(one.bytes.start));
                prop_assert!(text.is_char_boundary(one.bytes.end));
                prop_assert!(!stays(&one.bytes));
                prop_assert!(!one.shown.chars().any(char::is_control));
            }
            let view = View { math: true, ..View::default() };
            let mut at = 0;
            for piece in pieces_with(&text, 0..text.len(), view, &all) {
                prop_assert_eq!(piece.bytes.start, at);
                at = piece.bytes.end;
            }
            prop_assert_eq!(at, text.len());
        }
    }
}
