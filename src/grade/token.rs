//! The tokens of an answer: LaTeX, plain text and Unicode signs, with what only changes the look
//! left out.

use super::expr::Sign;

/// Longest answer read, in bytes. Longer ones are compared as text only.
const LONGEST: usize = 4_096;

/// One token.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token {
    /// Digits with an optional point and exponent; separators of thousands are gone.
    Number(String),
    /// A letter standing for itself.
    Letter(char),
    /// At least two letters that are neither a function nor a product: a unit, a word.
    Word(String),
    /// A function or a constant in plain letters: `sqrt`, `sin`, `pi`.
    Name(String),
    /// The inside of `\text{…}`.
    Text(String),
    /// A command with its variants made one: `frac` for `\dfrac`.
    Command(String),
    /// A sign of relation.
    Sign(Sign),
    /// `±` or `∓`.
    PlusMinus,
    /// `∪`.
    Cup,
    /// `\{`.
    SetOpen,
    /// `\}`.
    SetClose,
    /// End of a matrix environment (its beginning is the command `matrix`).
    MatrixEnd,
    /// `\\` in a matrix.
    RowBreak,
    /// `\circ`, `°`, `\degree`.
    Degree,
    /// “and”, “or” between answers.
    And,
    /// Any other sign.
    Char(char),
}

impl Token {
    /// Appends the token's own text, as far as a subscript needs it.
    pub(super) fn write_to(&self, out: &mut String) {
        match self {
            Self::Number(s) | Self::Word(s) | Self::Name(s) | Self::Text(s) | Self::Command(s) => {
                out.push_str(s);
            }
            Self::Letter(c) => out.push(*c),
            Self::Char(c) if !matches!(c, '{' | '}') => out.push(*c),
            _ => {}
        }
    }
}

/// Cuts an answer into tokens; `None` when it is too long or holds something unknown. With `words`,
/// runs of letters that are no product are words; without, each letter is a symbol.
pub(super) fn tokens(text: &str, words: bool) -> Option<Vec<Token>> {
    if text.len() > LONGEST {
        return None;
    }
    let mut lexer = Lexer { text, at: 0, out: Vec::with_capacity(text.len().min(64)), words };
    while lexer.at < text.len() {
        lexer.step()?;
    }
    // A full stop after an answer ends the sentence.
    if lexer.out.last() == Some(&Token::Char('.')) {
        lexer.out.pop();
    }
    Some(lexer.out)
}

struct Lexer<'t> {
    text: &'t str,
    at: usize,
    out: Vec<Token>,
    words: bool,
}

impl<'t> Lexer<'t> {
    fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    #[expect(clippy::unnecessary_wraps, reason = "the last step of rules that can fail")]
    fn push(&mut self, token: Token, len: usize) -> Option<()> {
        self.out.push(token);
        self.at += len;
        Some(())
    }

    fn step(&mut self) -> Option<()> {
        let rest = self.rest();
        let c = rest.chars().next()?;
        let len = c.len_utf8();
        match c {
            _ if c.is_whitespace() => {
                self.at += len;
                Some(())
            }
            '0'..='9' => self.number(),
            '.' if rest[1..].starts_with(|c: char| c.is_ascii_digit()) => self.number(),
            '\\' => self.command(),
            'a'..='z' | 'A'..='Z' => self.letters(),
            '$' | '~' | '\u{200b}' | '\u{2061}' | '\u{2062}' | '£' | '€' | '¥' => {
                self.at += len;
                Some(())
            }
            '*' if rest.starts_with("**") => {
                // Python's power, or bold type around the answer.
                let power = self.at > 0
                    && rest[2..].starts_with(|c: char| c.is_ascii_digit() || c == '(' || c == '-');
                if power { self.push(Token::Char('^'), 2) } else { self.skip(2) }
            }
            '·' | '×' | '⋅' | '∗' | '∙' => self.push(Token::Char('*'), len),
            '÷' | '⁄' | '∕' => self.push(Token::Char('/'), len),
            '−' | '–' | '—' | '‐' | '‑' | '﹣' | '－' => self.push(Token::Char('-'), len),
            '＋' => self.push(Token::Char('+'), len),
            '±' | '∓' => self.push(Token::PlusMinus, len),
            '∪' => self.push(Token::Cup, len),
            '∞' => self.push(Token::Letter('∞'), len),
            '°' | 'º' | '˚' | '∘' => self.push(Token::Degree, len),
            '√' => self.push(Token::Name("sqrt".into()), len),
            'π' => self.push(Token::Letter('π'), len),
            '∅' => self.push(Token::Name("empty".into()), len),
            '≤' | '⩽' | '≦' => self.push(Token::Sign(Sign::LessEqual), len),
            '≥' | '⩾' | '≧' => self.push(Token::Sign(Sign::GreaterEqual), len),
            '≠' => self.push(Token::Sign(Sign::NotEqual), len),
            '≈' | '＝' => self.push(Token::Sign(Sign::Equal), len),
            '∈' => self.push(Token::Sign(Sign::In), len),
            '<' if rest.starts_with("<=") => self.push(Token::Sign(Sign::LessEqual), 2),
            '>' if rest.starts_with(">=") => self.push(Token::Sign(Sign::GreaterEqual), 2),
            '<' => self.push(Token::Sign(Sign::Less), 1),
            '>' => self.push(Token::Sign(Sign::Greater), 1),
            '=' => {
                let doubled = rest.starts_with("==");
                self.push(Token::Sign(Sign::Equal), 1 + usize::from(doubled))
            }
            '²' | '³' | '¹' | '⁰' | '⁴'..='⁹' | '⁻' => self.superscript(),
            '½' => self.fraction(1, 2, len),
            '⅓' => self.fraction(1, 3, len),
            '⅔' => self.fraction(2, 3, len),
            '¼' => self.fraction(1, 4, len),
            '¾' => self.fraction(3, 4, len),
            '，' => self.push(Token::Char(','), len),
            '（' => self.push(Token::Char('('), len),
            '）' => self.push(Token::Char(')'), len),
            '%' | '％' => self.push(Token::Char('%'), len),
            '{' if rest.starts_with("{,}") => {
                // A comma without space after it: only between digits, where `number` takes it.
                self.push(Token::Char(','), 3)
            }
            '+' | '-' | '*' | '/' | '^' | '_' | '(' | ')' | '[' | ']' | '{' | '}' | ',' | ';' | '!' | '|'
            | '&' | '\'' | '.' => self.push(Token::Char(c), 1),
            'α'..='ω' | 'Α'..='Ω' => self.push(Token::Letter(c), len),
            _ if c.is_alphabetic() && self.words => {
                let end = rest.find(|c: char| !c.is_alphabetic()).unwrap_or(rest.len());
                self.push(Token::Word(rest[..end].to_owned()), end)
            }
            _ => None,
        }
    }

    #[expect(clippy::unnecessary_wraps, reason = "the last step of rules that can fail")]
    fn skip(&mut self, len: usize) -> Option<()> {
        self.at += len;
        Some(())
    }

    fn fraction(&mut self, over: u8, under: u8, len: usize) -> Option<()> {
        self.out.push(Token::Command("frac".into()));
        for n in [over, under] {
            self.out.push(Token::Char('{'));
            self.out.push(Token::Number(n.to_string()));
            self.out.push(Token::Char('}'));
        }
        self.skip(len)
    }

    fn superscript(&mut self) -> Option<()> {
        let mut digits = String::new();
        let mut negative = false;
        let mut len = 0;
        for c in self.rest().chars() {
            let digit = match c {
                '⁰' => '0',
                '¹' => '1',
                '²' => '2',
                '³' => '3',
                '⁴'..='⁹' => char::from_digit(c as u32 - '⁴' as u32 + 4, 10)?,
                '⁻' if digits.is_empty() => {
                    negative = true;
                    len += c.len_utf8();
                    continue;
                }
                _ => break,
            };
            digits.push(digit);
            len += c.len_utf8();
        }
        self.out.push(Token::Char('^'));
        self.out.push(Token::Char('{'));
        if negative {
            self.out.push(Token::Char('-'));
        }
        self.out.push(Token::Number(digits));
        self.push(Token::Char('}'), len)
    }

    /// Digits, with separators of thousands taken out: `1,234,567`, `10,\!080`, `12{,}000`, `182 000`.
    fn number(&mut self) -> Option<()> {
        let bytes = self.text.as_bytes();
        let start = self.at;
        let mut digits = String::new();
        let mut at = start;
        let mut whole = 0;
        while at < bytes.len() && bytes[at].is_ascii_digit() {
            digits.push(bytes[at] as char);
            at += 1;
            whole += 1;
        }
        // Groups of exactly three digits after one to three.
        if (1..=3).contains(&whole) && !digits.starts_with('0') {
            while let Some(next) = thousands(self.text, at, self.words) {
                digits.push_str(&self.text[next - 3..next]);
                at = next;
            }
        }
        let point = bytes.get(at) == Some(&b'.') && bytes.get(at + 1).is_some_and(u8::is_ascii_digit);
        if point {
            digits.push('.');
            at += 1;
            while at < bytes.len() && bytes[at].is_ascii_digit() {
                digits.push(bytes[at] as char);
                at += 1;
            }
        }
        // `3.6e-10`, `2.88E16`; `2e` is twice Euler's number.
        if matches!(bytes.get(at), Some(b'e' | b'E')) {
            let sign = usize::from(matches!(bytes.get(at + 1), Some(b'+' | b'-')));
            let end =
                at + 1 + sign + self.text[at + 1 + sign..].bytes().take_while(u8::is_ascii_digit).count();
            if end > at + 1 + sign {
                digits.push('e');
                digits.push_str(self.text[at + 1..end].trim_start_matches('+'));
                at = end;
            }
        }
        self.push(Token::Number(digits), at - start)
    }

    /// Arguments without braces are one digit each: `\frac12` is one half.
    fn digits(&mut self, arguments: usize) -> Option<()> {
        for _ in 0..arguments {
            let rest = self.rest();
            let gap = rest.len() - rest.trim_start().len();
            let Some(digit) = rest[gap..].chars().next().filter(char::is_ascii_digit) else { break };
            self.push(Token::Number(digit.to_string()), gap + 1)?;
        }
        Some(())
    }

    /// Plain letters: a word, a function, or symbols one by one.
    fn letters(&mut self) -> Option<()> {
        let rest = self.rest();
        let len = rest.bytes().take_while(u8::is_ascii_alphabetic).count();
        let run = &rest[..len];
        if len == 1 {
            return self.push(Token::Letter(run.chars().next()?), 1);
        }
        let lower = run.to_ascii_lowercase();
        if matches!(lower.as_str(), "and" | "or") {
            return self.push(Token::And, len);
        }
        if is_name(run) {
            return self.push(Token::Name(run.to_owned()), len);
        }
        if lower == "infinity" || lower == "inf" {
            return self.push(Token::Name(lower), len);
        }
        if self.words && (len >= 3 || super::unit::is_unit(run)) {
            return self.push(Token::Word(run.to_owned()), len);
        }
        for c in run.chars() {
            self.out.push(Token::Letter(c));
        }
        self.skip(len)
    }

    fn command(&mut self) -> Option<()> {
        let rest = self.rest();
        let name_len = rest[1..].bytes().take_while(u8::is_ascii_alphabetic).count();
        if name_len == 0 {
            let c = rest[1..].chars().next()?;
            return match c {
                '{' => self.push(Token::SetOpen, 2),
                '}' => self.push(Token::SetClose, 2),
                '%' => self.push(Token::Char('%'), 2),
                '|' => self.push(Token::Char('|'), 2),
                '\\' => {
                    // `\\[2pt]` sets a distance.
                    self.at += 2;
                    let after = self.rest();
                    if after.starts_with('[')
                        && let Some(close) = after.find(']')
                        && after[1..close].ends_with(|c: char| c.is_ascii_lowercase())
                    {
                        self.at += close + 1;
                    }
                    self.push(Token::RowBreak, 0)
                }
                ',' | '!' | ';' | ':' | ' ' | '$' | '(' | ')' | '[' | ']' | '\n' | '&' | '#' | '_' => {
                    self.skip(1 + c.len_utf8())
                }
                _ => None,
            };
        }
        let name = &rest[1..=name_len];
        let after = 1 + name_len;
        let argument = || {
            let tail = &rest[after..];
            let gap = tail.len() - tail.trim_start().len();
            let inside = tail[gap..].strip_prefix('{')?;
            let close = inside.find('}')?;
            Some((&inside[..close], after + gap + close + 2))
        };
        let token = match name {
            "frac" | "dfrac" | "tfrac" | "cfrac" => {
                self.push(Token::Command("frac".into()), after)?;
                return self.digits(2);
            }
            "binom" | "dbinom" | "tbinom" => {
                self.push(Token::Command("binom".into()), after)?;
                return self.digits(2);
            }
            "sqrt" => {
                self.push(Token::Command("sqrt".into()), after)?;
                return self.digits(1);
            }
            "left" | "right" | "big" | "Big" | "bigg" | "Bigg" | "bigl" | "bigr" | "Bigl" | "Bigr"
            | "biggl" | "biggr" | "displaystyle" | "textstyle" | "limits" | "quad" | "qquad"
            | "mathstrut" | "hspace" | "boxed" | "fbox" | "mathrm" | "mathbf" | "mathbb" | "mathcal"
            | "mathit" | "mathsf" | "boldsymbol" | "bm" | "vec" | "overline" | "hat" | "bar"
            | "underline" | "overrightarrow" | "phantom" | "operatorname" | "ensuremath" | "thinspace"
            | "nobreak" | "mbox_" => {
                // `\left.` and `\right.` draw nothing.
                let invisible = matches!(name, "left" | "right") && rest[after..].starts_with('.');
                // `\mathrm{cm}`: the letters in there are a word.
                if matches!(name, "mathrm" | "operatorname" | "mathbf" | "mathit" | "mathsf" | "boldsymbol")
                    && self.words
                    && let Some((inside, end)) = argument()
                    && inside.trim().len() >= 2
                    && inside.trim().bytes().all(|b| b.is_ascii_alphabetic() || b == b' ')
                    && !is_name(inside.trim())
                {
                    return self.push(Token::Text(inside.to_owned()), end);
                }
                if name == "hspace" {
                    let end = argument().map_or(after, |(_, end)| end);
                    return self.skip(end);
                }
                return self.skip(after + usize::from(invisible));
            }
            "text" | "textbf" | "textit" | "textrm" | "texttt" | "textsf" | "mbox" | "hbox" | "emph" => {
                let (inside, end) = argument()?;
                if !self.words && !inside.trim().is_empty() {
                    return None;
                }
                let inside = inside.trim();
                let bracketless = inside.trim_matches(['(', ')', '.']);
                return match bracketless.to_ascii_lowercase().as_str() {
                    "" => self.skip(end),
                    "and" | "or" => self.push(Token::And, end),
                    _ if inside.bytes().all(|b| b.is_ascii_digit()) => {
                        self.push(Token::Number(inside.to_owned()), end)
                    }
                    _ => self.push(Token::Text(inside.to_owned()), end),
                };
            }
            "begin" => {
                let (kind, end) = argument()?;
                if kind.ends_with("matrix") || kind == "array" {
                    let mut end = end;
                    if kind == "array"
                        && let Some(columns) = rest[end..].strip_prefix('{')
                    {
                        end += columns.find('}')? + 2;
                    }
                    // `\left(\begin{array}…` : the brackets around it are the matrix's own.
                    return self.push(Token::Command("matrix".into()), end);
                }
                return None;
            }
            "end" => {
                let (_, end) = argument()?;
                return self.push(Token::MatrixEnd, end);
            }
            "cdot" | "times" | "ast" | "star" => Token::Char('*'),
            "div" => Token::Char('/'),
            "pm" | "mp" => Token::PlusMinus,
            "cup" => Token::Cup,
            "infty" => Token::Letter('∞'),
            "pi" => Token::Letter('π'),
            "circ" | "degree" => Token::Degree,
            "le" | "leq" | "leqslant" => Token::Sign(Sign::LessEqual),
            "ge" | "geq" | "geqslant" => Token::Sign(Sign::GreaterEqual),
            "lt" => Token::Sign(Sign::Less),
            "gt" => Token::Sign(Sign::Greater),
            "ne" | "neq" => Token::Sign(Sign::NotEqual),
            "approx" | "equiv" | "simeq" => Token::Sign(Sign::Equal),
            "in" => Token::Sign(Sign::In),
            "lbrace" => Token::SetOpen,
            "rbrace" => Token::SetClose,
            "lvert" | "rvert" | "vert" | "mid" => Token::Char('|'),
            "lbrack" => Token::Char('['),
            "rbrack" => Token::Char(']'),
            "lparen" => Token::Char('('),
            "rparen" => Token::Char(')'),
            "emptyset" | "varnothing" => Token::Name("empty".into()),
            "lfloor" => Token::Command("floor".into()),
            "lceil" => Token::Command("ceil".into()),
            "rfloor" | "rceil" => Token::Command("close".into()),
            "sin" | "cos" | "tan" | "cot" | "sec" | "csc" | "arcsin" | "arccos" | "arctan" | "sinh"
            | "cosh" | "tanh" | "ln" | "log" | "exp" => Token::Command(name.to_owned()),
            "cdots" | "ldots" | "dots" => return None,
            _ => Token::Letter(symbol(name)?),
        };
        self.push(token, after)
    }
}

/// The end of a group of three digits that goes on a number ending at `at`.
fn thousands(text: &str, at: usize, spaces: bool) -> Option<usize> {
    let rest = &text[at..];
    let separator = ["{,}\\!", ",\\!\\!", ",\\!", "{,}", ",\\,", "\\,", "\\!", ","]
        .into_iter()
        .find(|s| rest.starts_with(s))
        .map(str::len)
        .or_else(|| (spaces && rest.starts_with(' ')).then_some(1))?;
    let gap = if rest[..separator].contains('\\') {
        rest[separator..].len() - rest[separator..].trim_start_matches(' ').len()
    } else {
        0
    };
    let digits = &rest.as_bytes()[separator + gap..];
    let group = digits.iter().take_while(|b| b.is_ascii_digit()).count();
    (group == 3).then_some(at + separator + gap + 3)
}

pub(super) fn is_name(run: &str) -> bool {
    matches!(
        run,
        "pi" | "sqrt"
            | "sin"
            | "cos"
            | "tan"
            | "cot"
            | "sec"
            | "csc"
            | "arcsin"
            | "arccos"
            | "arctan"
            | "asin"
            | "acos"
            | "atan"
            | "sinh"
            | "cosh"
            | "tanh"
            | "ln"
            | "log"
            | "exp"
            | "abs"
    )
}

/// A letter for a command that names one.
pub(super) fn symbol(name: &str) -> Option<char> {
    Some(match name {
        "alpha" => 'α',
        "beta" => 'β',
        "gamma" => 'γ',
        "delta" => 'δ',
        "epsilon" | "varepsilon" => 'ε',
        "zeta" => 'ζ',
        "eta" => 'η',
        "theta" | "vartheta" => 'θ',
        "iota" => 'ι',
        "kappa" => 'κ',
        "lambda" => 'λ',
        "mu" => 'μ',
        "nu" => 'ν',
        "xi" => 'ξ',
        "rho" => 'ρ',
        "sigma" => 'σ',
        "tau" => 'τ',
        "upsilon" => 'υ',
        "phi" | "varphi" => 'φ',
        "chi" => 'χ',
        "psi" => 'ψ',
        "omega" => 'ω',
        "Gamma" => 'Γ',
        "Delta" => 'Δ',
        "Theta" => 'Θ',
        "Lambda" => 'Λ',
        "Xi" => 'Ξ',
        "Pi" => 'Π',
        "Sigma" => 'Σ',
        "Phi" => 'Φ',
        "Psi" => 'Ψ',
        "Omega" => 'Ω',
        "ell" => 'ℓ',
        "hbar" => 'ħ',
        "angle" => '∠',
        "triangle" => '△',
        _ => return None,
    })
}
