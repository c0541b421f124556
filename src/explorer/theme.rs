//! What meanings look like.
//!
//! Views ask for a meaning, a theme says how it is drawn. State never rests on colour alone: every
//! meaning that matters comes with a glyph or a word, and [`Theme::mono`] keeps reverse, bold and
//! underline. The sixteen colours are the default, so that the user's palette decides.

use std::collections::BTreeMap;

use ratatui::style::{Color, Modifier, Style};
use serde::Deserialize;

use crate::constraint::Role;
use crate::text::highlight::Token;

macro_rules! meanings {
    ($($variant:ident $name:literal $about:literal;)*) => {
        /// What something on the screen means.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(u8)]
        pub enum Meaning {
            $(#[doc = $about] $variant,)*
        }

        impl Meaning {
            /// Every meaning.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// Its name in a theme.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }
        }
    };
}

meanings! {
    Text "text" "Plain text; its background is the screen's";
    Dim "dim" "What can be overlooked";
    Title "title" "The name of what is shown";
    Accent "accent" "What can be acted on";
    Focus "focus" "The pane that has the keys";
    Rule "rule" "Lines between panes";
    Selected "selected" "The row under the cursor";
    SelectedElsewhere "selected-elsewhere" "The row under the cursor of a pane without the keys";
    Good "good" "Followed, right";
    Bad "bad" "Not followed, wrong";
    Warn "warn" "Needs a look";
    Unknown "unknown" "Not known";
    Key "key" "A key to press";
    Bar "bar" "A bar of a count";
    BarTrace "bar-trace" "The bar of the trace";
    BarRest "bar-rest" "The rest of a bar";
    Violation "violation" "A mark: this breaks the rule";
    ViolationCurrent "violation-current" "The mark the reader stands on";
    Divergence "divergence" "A mark: here the text leaves what was asked for";
    Region "region" "A mark over a whole stretch";
    Missing "missing" "A mark where something should stand";
    Hit "hit" "A mark: this counts towards the rule";
    Search "search" "A hit of the search";
    Badge "badge" "A character that a terminal would act on or hide, shown";
    Heading "heading" "Markdown: a heading";
    Bold "bold" "Markdown: strong";
    Italic "italic" "Markdown: emphasis";
    Code "code" "Markdown: code";
    Math "math" "LaTeX: math";
    Command "command" "LaTeX: a command";
    Boxed "boxed" "LaTeX: the boxed answer";
    Marker "marker" "Markdown: list marker, rule, quote";
    Tag "tag" "A delimiter of trace or answer";
    Toast "toast" "A message";
    ToastBad "toast-bad" "A message of something that failed";
}

impl From<Role> for Meaning {
    fn from(role: Role) -> Self {
        match role {
            Role::Violation => Self::Violation,
            Role::Hit => Self::Hit,
            Role::Divergence => Self::Divergence,
            Role::Region => Self::Region,
            Role::Missing => Self::Missing,
        }
    }
}

impl From<Token> for Meaning {
    fn from(token: Token) -> Self {
        match token {
            Token::Heading => Self::Heading,
            Token::Bold => Self::Bold,
            Token::Italic => Self::Italic,
            Token::Code => Self::Code,
            Token::Math => Self::Math,
            Token::Command => Self::Command,
            Token::Boxed => Self::Boxed,
            Token::Marker => Self::Marker,
            Token::Tag => Self::Tag,
        }
    }
}

/// Signs, with a plain form for terminals and readers that have ASCII only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Glyphs {
    /// Followed, right.
    pub yes: &'static str,
    /// Not followed, wrong.
    pub no: &'static str,
    /// Not known.
    pub unknown: &'static str,
    /// The cursor of a list.
    pub cursor: &'static str,
    /// A folded part.
    pub folded: &'static str,
    /// An open part.
    pub unfolded: &'static str,
    /// A chosen value.
    pub chosen: &'static str,
    /// A value left out.
    pub excluded: &'static str,
    /// A value that could be chosen.
    pub choice: &'static str,
    /// A full cell of a bar.
    pub bar: &'static str,
    /// An empty cell of a bar.
    pub bar_rest: &'static str,
    /// A full cell of a thin bar.
    pub thin: &'static str,
    /// The rest of a thin bar.
    pub thin_rest: &'static str,
    /// Parts of a cell, an eighth to seven eighths.
    pub eighths: [&'static str; 7],
    /// A vertical line.
    pub vertical: &'static str,
    /// A horizontal line.
    pub horizontal: &'static str,
    /// A vertical line that hangs from a horizontal one.
    pub tee_down: &'static str,
    /// A vertical line that stands on a horizontal one.
    pub tee_up: &'static str,
    /// So many times.
    pub times: &'static str,
    /// Between words on one line.
    pub dot: &'static str,
    /// Nothing to say.
    pub none: &'static str,
    /// In the gutter: violations here.
    pub gutter_mark: &'static str,
    /// In the gutter: what is on the screen.
    pub gutter_view: &'static str,
    /// In the gutter: the rest.
    pub gutter_rest: &'static str,
    /// Before a mark: violation.
    pub mark: &'static str,
    /// Where something is missing.
    pub missing: &'static str,
    /// Sorted upwards.
    pub ascending: &'static str,
    /// Sorted downwards.
    pub descending: &'static str,
    /// Left out at the end.
    pub more: &'static str,
}

impl Glyphs {
    /// Unicode.
    pub const UNICODE: Self = Self {
        yes: "✓",
        no: "✗",
        unknown: "?",
        cursor: "▸",
        folded: "▸",
        unfolded: "▾",
        chosen: "●",
        excluded: "⊘",
        choice: "○",
        bar: "█",
        bar_rest: "░",
        thin: "━",
        thin_rest: "─",
        eighths: ["▏", "▎", "▍", "▌", "▋", "▊", "▉"],
        vertical: "│",
        horizontal: "─",
        tee_down: "┬",
        tee_up: "┴",
        times: "×",
        dot: "·",
        none: "–",
        gutter_mark: "▐",
        gutter_view: "▕",
        gutter_rest: " ",
        mark: "▲",
        missing: "∅",
        ascending: "↑",
        descending: "↓",
        more: "…",
    };

    /// ASCII.
    pub const ASCII: Self = Self {
        yes: "y",
        no: "X",
        unknown: "?",
        cursor: ">",
        folded: "+",
        unfolded: "-",
        chosen: "*",
        excluded: "!",
        choice: "o",
        bar: "#",
        bar_rest: ".",
        thin: "=",
        thin_rest: "-",
        eighths: [" ", " ", " ", "#", "#", "#", "#"],
        vertical: "|",
        horizontal: "-",
        tee_down: "+",
        tee_up: "+",
        times: "x",
        dot: "-",
        none: "-",
        gutter_mark: "#",
        gutter_view: "|",
        gutter_rest: " ",
        mark: "^",
        missing: "_",
        ascending: "^",
        descending: "v",
        more: "~",
    };
}

/// A look: a style for every meaning, and the signs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Theme {
    styles: Vec<Style>,
    /// The signs.
    pub glyphs: Glyphs,
}

/// What is wrong in a theme.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{name}: {message}")]
pub struct ThemeError {
    /// The file, or the name asked for.
    pub name: String,
    /// The trouble, with its line.
    pub message: String,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Written {
    fg: Option<Color>,
    bg: Option<Color>,
    bold: bool,
    dim: bool,
    italic: bool,
    underline: bool,
    reverse: bool,
    strike: bool,
}

impl From<Written> for Style {
    fn from(w: Written) -> Self {
        let mut style = Self { fg: w.fg, bg: w.bg, ..Self::default() };
        let flags = [
            (w.bold, Modifier::BOLD),
            (w.dim, Modifier::DIM),
            (w.italic, Modifier::ITALIC),
            (w.underline, Modifier::UNDERLINED),
            (w.reverse, Modifier::REVERSED),
            (w.strike, Modifier::CROSSED_OUT),
        ];
        for (_, modifier) in flags.into_iter().filter(|(on, _)| *on) {
            style = style.add_modifier(modifier);
        }
        style
    }
}

impl Theme {
    /// The sixteen colours of the terminal.
    pub fn ansi() -> Self {
        let empty = Self { styles: vec![Style::new(); Meaning::ALL.len()], glyphs: Glyphs::UNICODE };
        empty
            .with("ansi.toml", include_str!("../../assets/themes/ansi.toml"))
            .expect("the built-in theme is valid: a test reads it")
    }

    /// Millions of colours on dark.
    pub fn dark() -> Self {
        Self::ansi()
            .with("dark.toml", include_str!("../../assets/themes/dark.toml"))
            .expect("the built-in theme is valid: a test reads it")
    }

    /// Millions of colours on light.
    pub fn light() -> Self {
        Self::ansi()
            .with("light.toml", include_str!("../../assets/themes/light.toml"))
            .expect("the built-in theme is valid: a test reads it")
    }

    /// No colour at all: reverse, bold, underline and signs say everything.
    pub fn mono() -> Self {
        let mut theme = Self::ansi();
        for style in &mut theme.styles {
            (style.fg, style.bg) = (None, None);
        }
        theme.styles[Meaning::Search as usize] = Style::new().add_modifier(Modifier::REVERSED);
        theme
    }

    /// A theme by its name: `ansi`, `dark`, `light`, `mono`.
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "ansi" => Self::ansi(),
            "dark" => Self::dark(),
            "light" => Self::light(),
            "mono" => Self::mono(),
            _ => return None,
        })
    }

    /// This theme with the lines of a file over it.
    pub fn with(mut self, name: &str, source: &str) -> Result<Self, ThemeError> {
        let wrong = |message: String| ThemeError { name: name.to_owned(), message };
        let written: BTreeMap<String, Written> =
            toml::from_str(source).map_err(|e| wrong(e.to_string().trim_end().to_owned()))?;
        for (meaning, style) in written {
            let found = Meaning::ALL.iter().find(|m| m.name() == meaning).ok_or_else(|| {
                let names: Vec<_> = Meaning::ALL.iter().map(|m| m.name()).collect();
                wrong(format!("`{meaning}` is no meaning; there are {}", names.join(", ")))
            })?;
            self.styles[*found as usize] = style.into();
        }
        Ok(self)
    }

    /// This theme in ASCII signs.
    #[must_use]
    pub fn in_ascii(mut self) -> Self {
        self.glyphs = Glyphs::ASCII;
        self
    }

    /// This theme with the selection as a tint between the terminal's own two colours, which is
    /// calmer than a reversed row and fits every palette.
    #[must_use]
    pub fn tinted(mut self, background: (u8, u8, u8), foreground: (u8, u8, u8)) -> Self {
        let mix = |share: u16| {
            let one = |b: u8, f: u8| ((u16::from(b) * (100 - share) + u16::from(f) * share) / 100) as u8;
            Color::Rgb(
                one(background.0, foreground.0),
                one(background.1, foreground.1),
                one(background.2, foreground.2),
            )
        };
        self.styles[Meaning::Selected as usize] = Style::new().bg(mix(22)).add_modifier(Modifier::BOLD);
        self.styles[Meaning::SelectedElsewhere as usize] = Style::new().bg(mix(9));
        self.styles[Meaning::Toast as usize] = Style::new().bg(mix(22)).add_modifier(Modifier::BOLD);
        self.styles[Meaning::Rule as usize] = Style::new().fg(mix(28));
        self.styles[Meaning::BarRest as usize] = Style::new().fg(mix(20));
        self.styles[Meaning::Dim as usize] = Style::new().fg(mix(58));
        self
    }

    /// How a meaning is drawn.
    pub fn style(&self, meaning: Meaning) -> Style {
        self.styles[meaning as usize]
    }

    /// Whether the selected row is reversed: colours on it would turn into blocks.
    pub fn reverses(&self) -> bool {
        self.style(Meaning::Selected).add_modifier.contains(Modifier::REVERSED)
    }

    /// A sign and a style for what is known to be so, not so, or not known.
    pub fn verdict(&self, known: Option<bool>) -> (&'static str, Style) {
        match known {
            Some(true) => (self.glyphs.yes, self.style(Meaning::Good)),
            Some(false) => (self.glyphs.no, self.style(Meaning::Bad)),
            None => (self.glyphs.unknown, self.style(Meaning::Unknown)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn built_in_themes_are_valid() {
        for name in ["ansi", "dark", "light", "mono"] {
            assert!(Theme::named(name).is_some());
        }
    }

    #[test]
    fn without_colour_every_state_still_differs() {
        let theme = Theme::mono();
        let plain = theme.style(Meaning::Text);
        for meaning in [
            Meaning::Selected,
            Meaning::Violation,
            Meaning::ViolationCurrent,
            Meaning::Search,
            Meaning::Missing,
        ] {
            let style = theme.style(meaning);
            assert_eq!((style.fg, style.bg), (None, None));
            assert_ne!(style, plain, "{}", meaning.name());
        }
    }

    #[test]
    fn errors_name_the_meaning() {
        let error = Theme::ansi().with("mine.toml", "violaton = { fg = \"red\" }").unwrap_err().to_string();
        assert!(error.starts_with("mine.toml: `violaton` is no meaning; there are text, dim"), "{error}");
        let error = Theme::ansi().with("mine.toml", "hit = { colour = \"red\" }").unwrap_err().to_string();
        assert!(error.contains("unknown field `colour`"), "{error}");
    }
}
