//! Answers as text, in the spellings in which the public grader compares them.

/// Deepest nesting of LaTeX arguments read aloud.
const DEPTH: u32 = 16;

/// LaTeX in one spelling: fractions and roots with braces, no spacing, no degree, dollar and per
/// cent signs, a short name before `=` dropped, `0.5` and `a/b` as fractions.
pub(super) fn one_spelling(text: &str) -> String {
    let trimmed = text.trim();
    let inner = unwrapped(trimmed, "\\text{").unwrap_or(trimmed).trim();
    // Most answers are a few digits or letters: nothing to respell.
    if inner.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return inner.to_owned();
    }
    let mut s = inner.replace('\n', "").replace("\\!", "").replace("\\\\", "\\");
    s = s.replace("tfrac", "frac").replace("dfrac", "frac").replace("\\left", "").replace("\\right", "");
    s = s.replace("^{\\circ}", "").replace("^\\circ", "").replace("\\$", "");
    match s.matches("\\text{ ").count() {
        0 => {}
        // A unit at the end goes, with what follows it.
        1 => s.truncate(s.find("\\text{ ").unwrap_or(s.len())),
        _ => return inner.to_owned(),
    }
    s = s.replace("\\%", "").replace(" .", " 0.").replace("{.", "{0.");
    if s.starts_with('.') {
        s.insert(0, '0');
    }
    if let Some((name, value)) = s.split_once('=')
        && !value.contains('=')
        && name.chars().count() <= 2
    {
        s = value.to_owned();
    }
    s = with_braces(&s, "\\sqrt", 1);
    s = s.replace(' ', "");
    s = with_braces(&s, "\\frac", 2);
    if s == "0.5" {
        return "\\frac{1}{2}".into();
    }
    if let Some((over, under)) = s.split_once('/')
        && let (Ok(a), Ok(b)) = (over.parse::<i64>(), under.parse::<i64>())
        && s == format!("{a}/{b}")
    {
        return format!("\\frac{{{a}}}{{{b}}}");
    }
    s
}

/// Puts braces around the single characters that follow a command: `\frac12`, `\sqrt2`.
fn with_braces(text: &str, command: &str, arguments: usize) -> String {
    let mut pieces = text.split(command);
    let mut out = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        out.push_str(command);
        if piece.starts_with('{') {
            out.push_str(piece);
            continue;
        }
        let mut chars = piece.chars();
        if arguments == 1 {
            let Some(first) = chars.next() else { continue };
            out.push('{');
            out.push(first);
            out.push('}');
            out.push_str(chars.as_str());
            continue;
        }
        let (Some(over), Some(under)) = (chars.next(), chars.next()) else { return text.to_owned() };
        out.push('{');
        out.push(over);
        out.push('}');
        if under == '{' {
            out.push('{');
        } else {
            out.push('{');
            out.push(under);
            out.push('}');
        }
        out.push_str(chars.as_str());
    }
    out
}

/// The inside of a text that is one command's braces as a whole.
fn unwrapped<'t>(text: &'t str, opening: &str) -> Option<&'t str> {
    text.strip_prefix(opening)?.strip_suffix('}').filter(|inside| !inside.is_empty())
}

/// Words taken for units, in the order in which they are taken out: anywhere, even inside a word.
const UNITS: [&str; 17] = [
    "degree",
    "cm",
    "centimeter",
    "meter",
    "mile",
    "second",
    "minute",
    "hour",
    "day",
    "week",
    "month",
    "year",
    "foot",
    "feet",
    "inch",
    "yard",
    "liter",
];

/// An answer as plain text: units, signs, braces, spaces and case gone, LaTeX read aloud.
pub(super) fn plain(text: &str) -> String {
    let text = text.trim_matches('\n');
    let mut s = unwrapped(text, "\\text{").unwrap_or(text).to_owned();
    if !s.bytes().all(|b| b.is_ascii_digit()) {
        s = s.replace("\\%", "%").replace("\\$", "$").replace(['$', '%'], "");
        s = s.replace(" or ", " , ").replace(" and ", " , ");
        s = s.replace("million", "*10^6").replace("billion", "*10^9").replace("trillion", "*10^12");
        for unit in UNITS {
            if s.contains(unit) {
                s = without_unit(&s, unit);
            }
        }
        if s.contains("\\circ") {
            s = without_degrees(&s);
        }
        if s.len() >= 2 && s.starts_with('{') && s.ends_with('}') {
            s = s[1..s.len() - 1].to_owned();
        }
        while let Some(at) = s.find(",\\!") {
            let end = at + 3 + (s[at + 3..].len() - s[at + 3..].trim_start_matches(' ').len());
            s.replace_range(at..end, "");
        }
    }
    if let Some(value) = python_float(&s)
        && value.is_finite()
        && value.fract().abs() <= 1e-7
        && value.abs() < 1e18
    {
        s = format!("{}", value.round() as i64);
    }
    // Matrices are left as they are: their fractions then meet only fractions written alike.
    if s.contains('\\') && !s.contains("\\begin") {
        s = read_aloud(&s);
    }
    while let Some(at) = s.find("- ") {
        s.remove(at + 1);
    }
    s = mixed_numbers(&s);
    s.retain(|c| !matches!(c, ' ' | '{' | '}'));
    let s = s.to_lowercase();
    match integer(&s) {
        Some(value) => value.to_string(),
        None => s,
    }
}

fn without_unit(text: &str, unit: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(unit) {
        out.push_str(&rest[..at]);
        rest = &rest[at + unit.len()..];
        rest = rest.strip_prefix("es").unwrap_or(rest);
        rest = rest.strip_prefix('s').unwrap_or(rest);
        rest = rest.trim_start_matches(' ');
        if let Some(power) = rest.strip_prefix('^') {
            let tail = power.trim_start_matches(|c: char| c.is_ascii_digit());
            if tail.len() < power.len() {
                rest = tail;
            }
        }
    }
    out.push_str(rest);
    out
}

/// Takes out `^\circ`.
fn without_degrees(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("\\circ") {
        let before = rest[..at].trim_end_matches(' ');
        match before.strip_suffix('^') {
            Some(kept) => out.push_str(kept),
            None => out.push_str(&rest[..at + 5]),
        }
        rest = &rest[at + 5..];
    }
    out.push_str(rest);
    out
}

/// LaTeX as a converter to plain text prints it: fractions with a slash, roots by name, Greek and
/// signs as letters, everything else without its backslash commands.
fn read_aloud(text: &str) -> String {
    let text = text.replace("\\tfrac", "\\frac").replace("\\dfrac", "\\frac");
    let mut out = String::with_capacity(text.len());
    aloud(&text, &mut out, 0);
    let out = out.replace('√', "sqrt").replace('π', "pi").replace('∞', "inf").replace('∪', "U");
    out.replace(['·', '×'], "*").trim().to_owned()
}

fn aloud(text: &str, out: &mut String, depth: u32) {
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        if c != '\\' {
            match c {
                '{' | '}' | '$' => {}
                '~' => out.push(' '),
                _ => out.push(c),
            }
            at += c.len_utf8();
            continue;
        }
        let name_len = text[at + 1..].bytes().take_while(u8::is_ascii_alphabetic).count();
        if name_len == 0 {
            let next = text[at + 1..].chars().next();
            match next {
                Some('\\') => out.push('\n'),
                Some(' ' | ',' | ';' | ':') => out.push(' '),
                Some(c @ ('{' | '}' | '%' | '$' | '#' | '&' | '_')) => out.push(c),
                _ => {}
            }
            at += 1 + next.map_or(0, char::len_utf8);
            continue;
        }
        let name = &text[at + 1..=at + name_len];
        at += 1 + name_len;
        match name {
            "frac" if depth < DEPTH => {
                // A blank before keeps `1\frac12` apart.
                out.push(' ');
                at = argument(text, at, out, depth);
                out.push('/');
                at = argument(text, at, out, depth);
            }
            "sqrt" if depth < DEPTH => {
                if text[at..].starts_with('[') {
                    at += text[at..].find(']').map_or(1, |close| close + 1);
                }
                out.push_str("√(");
                at = argument(text, at, out, depth);
                out.push(')');
            }
            "left" | "right" | "text" | "textbf" | "textit" | "mathrm" | "mathbf" | "mathbb" | "mbox"
            | "displaystyle" | "boxed" | "operatorname" | "big" | "Big" => {
                // The blank that ends a command's name is part of it.
                at += text[at..].len() - text[at..].trim_start_matches(' ').len();
            }
            "pi" => out.push('π'),
            "infty" => out.push('∞'),
            "cup" => out.push('∪'),
            "cdot" => out.push('·'),
            "times" => out.push('×'),
            "circ" => out.push('∘'),
            "pm" => out.push('±'),
            "le" | "leq" => out.push('≤'),
            "ge" | "geq" => out.push('≥'),
            "in" => out.push('∈'),
            "begin" | "end" => {
                // Environments print what they hold.
                at += text[at..].find('}').map_or(0, |close| close + 1);
            }
            "quad" | "qquad" => out.push(' '),
            _ => {
                match super::token::symbol(name) {
                    Some(letter) => out.push(letter),
                    // Functions print their names; unknown commands print nothing.
                    None if super::token::is_name(name) => out.push_str(name),
                    None => {}
                }
            }
        }
    }
}

/// Reads one argument aloud and gives the place after it.
fn argument(text: &str, at: usize, out: &mut String, depth: u32) -> usize {
    let gap = text[at..].len() - text[at..].trim_start_matches(' ').len();
    let at = at + gap;
    let mut chars = text[at..].char_indices();
    match chars.next() {
        Some((_, '{')) => {
            let mut level = 0;
            for (i, c) in text[at..].char_indices() {
                match c {
                    '{' => level += 1,
                    '}' => level -= 1,
                    _ => {}
                }
                if level == 0 {
                    aloud(&text[at + 1..at + i], out, depth + 1);
                    return at + i + 1;
                }
            }
            text.len()
        }
        Some((_, '\\')) => {
            let len = 1 + text[at + 1..].bytes().take_while(u8::is_ascii_alphabetic).count();
            aloud(&text[at..at + len], out, depth + 1);
            at + len
        }
        Some((_, c)) => {
            out.push(c);
            at + c.len_utf8()
        }
        None => at,
    }
}

/// `1 3/4` as a sum.
fn mixed_numbers(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(' ') {
        let (before, after) = (&rest[..at], rest[at..].trim_start_matches(' '));
        out.push_str(before);
        let joins =
            before.ends_with(|c: char| c.is_ascii_digit()) && after.starts_with(|c: char| c.is_ascii_digit());
        out.push_str(if joins { "+" } else { " " });
        rest = after;
    }
    out.push_str(rest);
    out
}

/// Commas between groups of three digits taken out.
pub(super) fn without_thousands(text: &str) -> String {
    let bytes = text.as_bytes();
    let digit = |i: usize| bytes.get(i).is_some_and(u8::is_ascii_digit);
    let mut out = String::with_capacity(text.len());
    for (i, c) in text.char_indices() {
        let separator = c == ','
            && i > 0
            && digit(i - 1)
            && digit(i + 1)
            && digit(i + 2)
            && digit(i + 3)
            && !digit(i + 4);
        // `1,234,567`: the group before another separator counts too.
        if !separator {
            out.push(c);
        }
    }
    out
}

/// The integer a text stands for, commas and `.0` allowed.
pub(super) fn integer(text: &str) -> Option<i64> {
    let value = python_float(&without_thousands(text))?;
    ((value - value.round()).abs() <= 1e-7 && value.abs() < 9e18).then_some(value.round() as i64)
}

/// A number as Python's `float` reads it.
pub(super) fn python_float(text: &str) -> Option<f64> {
    let text = text.trim();
    let ok = !text.is_empty()
        && text.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'+' | b'-' | b'e' | b'E'))
        && text.bytes().any(|b| b.is_ascii_digit());
    if ok {
        return text.parse().ok();
    }
    let sign = if text.starts_with('-') { -1.0 } else { 1.0 };
    matches!(text.trim_start_matches(['+', '-']).to_ascii_lowercase().as_str(), "inf" | "infinity")
        .then_some(sign * f64::INFINITY)
}
