//! The texts of IFEval's loose verdict.

use super::python;

/// The seven texts made of a judged text, each with how it was made. They are made one by one, as
/// they are asked for.
pub(super) fn variants(text: &str) -> impl Iterator<Item = (&'static str, String)> + '_ {
    const ALL: [(&str, Cut, bool); 7] = [
        ("without *", Cut::None, true),
        ("without the first line", Cut::First, false),
        ("without the last line", Cut::Last, false),
        ("without the first and the last line", Cut::Both, false),
        ("without the first line and *", Cut::First, true),
        ("without the last line and *", Cut::Last, true),
        ("without the first and the last line and *", Cut::Both, true),
    ];
    ALL.into_iter().map(move |(name, cut, bare)| {
        let rest = cut.apply(text);
        (name, if bare { rest.replace('*', "") } else { rest.to_owned() })
    })
}

/// Which lines are left out.
#[derive(Clone, Copy)]
enum Cut {
    None,
    First,
    Last,
    Both,
}

impl Cut {
    fn apply(self, text: &str) -> &str {
        let first = text.find('\n').map_or(text.len(), |at| at + 1);
        let last = text.rfind('\n').unwrap_or(0);
        match self {
            Self::None => text,
            Self::First => python::strip(&text[first..]),
            Self::Last => python::strip(&text[..last]),
            // Of a text of two lines nothing is left.
            Self::Both => python::strip(text.get(first..last).unwrap_or("")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seven_variants() {
        let texts: Vec<String> = variants("a*\n b \n*c").map(|(_, text)| text).collect();
        assert_eq!(texts, ["a\n b \nc", "b \n*c", "a*\n b", "b", "b \nc", "a\n b", "b"]);
        let texts: Vec<String> = variants("one").map(|(_, text)| text).collect();
        assert_eq!(texts, ["one", "", "", "", "", "", ""]);
        let texts: Vec<String> = variants("a\nb").map(|(_, text)| text).collect();
        assert_eq!(texts, ["a\nb", "b", "a", "", "b", "a", ""]);
    }
}
