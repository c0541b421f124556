//! What is left on one generation: tags from 1 to 9 and a note.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

/// One of the nine tags.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub struct Tag(u8);

impl Tag {
    /// All tags, 1 to 9.
    pub fn all() -> impl Iterator<Item = Self> {
        (1..=9).map(Self)
    }

    /// The tag of a digit; `None` for 0 and beyond 9.
    pub fn new(digit: u8) -> Option<Self> {
        (1..=9).contains(&digit).then_some(Self(digit))
    }

    /// Its digit, 1 to 9.
    pub fn digit(self) -> u8 {
        self.0
    }
}

impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl TryFrom<u8> for Tag {
    type Error = String;

    fn try_from(digit: u8) -> Result<Self, String> {
        Self::new(digit).ok_or_else(|| format!("tag {digit}: expected 1 to 9"))
    }
}

impl From<Tag> for u8 {
    fn from(tag: Tag) -> Self {
        tag.0
    }
}

/// A set of tags.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(from = "Vec<Tag>", into = "Vec<Tag>")]
pub struct Tags(u16);

impl Tags {
    /// Whether a tag is in the set.
    pub fn has(self, tag: Tag) -> bool {
        self.0 & (1 << tag.0) != 0
    }

    /// The set with a tag put in where it was not, or taken out where it was.
    #[must_use]
    pub fn toggled(self, tag: Tag) -> Self {
        Self(self.0 ^ (1 << tag.0))
    }

    /// The tags of either.
    #[must_use]
    pub fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether there are none.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The tags, rising.
    pub fn iter(self) -> impl Iterator<Item = Tag> {
        Tag::all().filter(move |&t| self.has(t))
    }
}

impl FromIterator<Tag> for Tags {
    fn from_iter<I: IntoIterator<Item = Tag>>(tags: I) -> Self {
        Self(tags.into_iter().fold(0, |set, tag| set | 1 << tag.0))
    }
}

impl From<Vec<Tag>> for Tags {
    fn from(tags: Vec<Tag>) -> Self {
        tags.into_iter().collect()
    }
}

impl From<Tags> for Vec<Tag> {
    fn from(tags: Tags) -> Self {
        tags.iter().collect()
    }
}

/// The digits, `13` for tags 1 and 3; nothing for none.
impl fmt::Display for Tags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.iter().try_for_each(|tag| tag.fmt(f))
    }
}

/// What is left on one generation.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Entry {
    /// Its tags.
    pub tags: Tags,
    /// A note in any words; empty when there is none. Typed by a person, but shown with the same
    /// care as model output: it may have been pasted from there or merged from a file.
    pub note: String,
}

impl Entry {
    /// Whether nothing is left on it.
    pub fn is_empty(&self) -> bool {
        self.tags.is_empty() && self.note.is_empty()
    }
}

/// What the tags are called.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TagNames(BTreeMap<Tag, String>);

impl TagNames {
    /// The name of a tag, if it has one.
    pub fn get(&self, tag: Tag) -> Option<&str> {
        self.0.get(&tag).map(String::as_str)
    }

    /// Takes the names of others for the tags that have none here.
    pub fn fill(&mut self, others: &Self) {
        for (tag, name) in others.iter().filter(|(tag, _)| self.get(*tag).is_none()).collect::<Vec<_>>() {
            self.set(tag, name);
        }
    }

    /// Gives a name; an empty one takes it away.
    pub fn set(&mut self, tag: Tag, name: &str) {
        let name = name.trim();
        if name.is_empty() {
            self.0.remove(&tag);
        } else {
            self.0.insert(tag, name.to_owned());
        }
    }

    /// The name, or the digit where there is none.
    pub fn label(&self, tag: Tag) -> String {
        self.get(tag).map_or_else(|| tag.to_string(), str::to_owned)
    }

    /// The tag that a person means: a digit, or a name in any case.
    pub fn find(&self, word: &str) -> Option<Tag> {
        word.parse().ok().and_then(Tag::new).or_else(|| {
            let word = word.to_lowercase();
            self.0.iter().find(|(_, name)| name.to_lowercase() == word).map(|(&tag, _)| tag)
        })
    }

    /// Whether no tag has a name.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The named tags, rising.
    pub fn iter(&self) -> impl Iterator<Item = (Tag, &str)> {
        self.0.iter().map(|(&tag, name)| (tag, name.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_of_tags() {
        let tag = |d| Tag::new(d).expect("a tag");
        let set = Tags::default().toggled(tag(3)).toggled(tag(1));
        assert_eq!(set.to_string(), "13");
        assert_eq!(set.toggled(tag(3)).to_string(), "1");
        assert_eq!(serde_json::to_string(&set).expect("json"), "[1,3]");
        assert_eq!(serde_json::from_str::<Tags>("[3,1,1]").expect("tags"), set);
        assert!(serde_json::from_str::<Tags>("[0]").is_err());
        assert_eq!((Tag::new(0), Tag::new(10)), (None, None));
    }

    #[test]
    fn a_tag_is_found_by_digit_or_name() {
        let mut names = TagNames::default();
        let two = Tag::new(2).expect("a tag");
        names.set(two, " Wrong split ");
        assert_eq!(names.find("2"), Some(two));
        assert_eq!(names.find("wrong SPLIT"), Some(two));
        assert_eq!((names.find("wrong"), names.find("0")), (None, None));
        assert_eq!(names.label(two), "Wrong split");
        names.set(two, "");
        assert_eq!((names.get(two), names.label(two).as_str()), (None, "2"));
    }
}
