//! Scripts: which letters a language is written in.

/// A script, as coarse as telling languages apart needs it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub(super) enum Script {
    Latin,
    Cyrillic,
    Greek,
    Arabic,
    Hebrew,
    Devanagari,
    Bengali,
    Gurmukhi,
    Gujarati,
    Tamil,
    Telugu,
    Kannada,
    Malayalam,
    Thai,
    Han,
    Kana,
    Hangul,
    Other,
}

impl Script {
    /// How many there are.
    pub(super) const COUNT: usize = Self::Other as usize + 1;

    /// The script of a letter; `None` for anything that is no letter.
    pub(super) fn of(c: char) -> Option<Self> {
        if c.is_ascii() {
            return c.is_ascii_alphabetic().then_some(Self::Latin);
        }
        let script = match c as u32 {
            0x00aa..=0x02af | 0x1e00..=0x1eff | 0x2c60..=0x2c7f | 0xa720..=0xa7ff | 0xff21..=0xff5a => {
                Self::Latin
            }
            0x0370..=0x03ff | 0x1f00..=0x1fff => Self::Greek,
            0x0400..=0x052f | 0x1c80..=0x1c8f | 0x2de0..=0x2dff | 0xa640..=0xa69f => Self::Cyrillic,
            0x0590..=0x05ff | 0xfb1d..=0xfb4f => Self::Hebrew,
            0x0600..=0x06ff | 0x0750..=0x077f | 0x08a0..=0x08ff | 0xfb50..=0xfdff | 0xfe70..=0xfeff => {
                Self::Arabic
            }
            0x0900..=0x097f => Self::Devanagari,
            0x0980..=0x09ff => Self::Bengali,
            0x0a00..=0x0a7f => Self::Gurmukhi,
            0x0a80..=0x0aff => Self::Gujarati,
            0x0b80..=0x0bff => Self::Tamil,
            0x0c00..=0x0c7f => Self::Telugu,
            0x0c80..=0x0cff => Self::Kannada,
            0x0d00..=0x0d7f => Self::Malayalam,
            0x0e00..=0x0e7f => Self::Thai,
            0x3040..=0x30ff | 0x31f0..=0x31ff | 0xff66..=0xff9f => Self::Kana,
            0x3400..=0x4dbf | 0x4e00..=0x9fff | 0xf900..=0xfaff | 0x20000..=0x3ffff | 0x3005..=0x3007 => {
                Self::Han
            }
            0x1100..=0x11ff | 0x3130..=0x318f | 0xa960..=0xa97f | 0xac00..=0xd7ff => Self::Hangul,
            _ => Self::Other,
        };
        c.is_alphabetic().then_some(script)
    }

    /// How many letters of an alphabet one of its letters is worth.
    pub(super) fn weight(self) -> usize {
        if matches!(self, Self::Han | Self::Kana | Self::Hangul) { 3 } else { 1 }
    }

    /// The one language written in it, among those the detector knows.
    pub(super) fn only_language(self) -> Option<&'static str> {
        Some(match self {
            Self::Greek => "el",
            Self::Hebrew => "he",
            Self::Bengali => "bn",
            Self::Gurmukhi => "pa",
            Self::Gujarati => "gu",
            Self::Tamil => "ta",
            Self::Telugu => "te",
            Self::Kannada => "kn",
            Self::Malayalam => "ml",
            Self::Thai => "th",
            Self::Kana => "ja",
            Self::Hangul => "ko",
            _ => return None,
        })
    }

    /// Whether a language, given by its code, is written in it.
    pub(super) fn writes(self, code: &str) -> bool {
        match code {
            "ar" | "fa" | "ur" => self == Self::Arabic,
            "bg" | "mk" | "ru" | "uk" => self == Self::Cyrillic,
            "hi" | "mr" | "ne" => self == Self::Devanagari,
            "ja" => matches!(self, Self::Kana | Self::Han),
            "ko" => self == Self::Hangul,
            _ if code.starts_with("zh") => self == Self::Han,
            _ => match self.only_language() {
                Some(only) => only == code,
                None => self == Self::Latin && !UNLATIN.contains(&code),
            },
        }
    }

    /// The word shown.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Latin => "Latin",
            Self::Cyrillic => "Cyrillic",
            Self::Greek => "Greek",
            Self::Arabic => "Arabic",
            Self::Hebrew => "Hebrew",
            Self::Devanagari => "Devanagari",
            Self::Bengali => "Bengali",
            Self::Gurmukhi => "Gurmukhi",
            Self::Gujarati => "Gujarati",
            Self::Tamil => "Tamil",
            Self::Telugu => "Telugu",
            Self::Kannada => "Kannada",
            Self::Malayalam => "Malayalam",
            Self::Thai => "Thai",
            Self::Han => "Han",
            Self::Kana => "Kana",
            Self::Hangul => "Hangul",
            Self::Other => "another",
        }
    }
}

/// Languages with a script of their own.
const UNLATIN: [&str; 12] = ["el", "he", "bn", "pa", "gu", "ta", "te", "kn", "ml", "th", "ja", "ko"];
