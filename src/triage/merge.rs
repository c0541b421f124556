//! Two people's tags brought together, with how far they agree.

use serde::{Deserialize, Serialize};

use super::entry::{Entry, Tag, Tags};
use super::ledger::{Change, Ledger};
use crate::analysis::Agreement;
use crate::record::ContentKey;

/// What happens where two people left different things on one generation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Policy {
    /// The tags of both; both notes, one after the other.
    #[default]
    Union,
    /// Ours stays.
    Ours,
    /// Theirs replaces it.
    Theirs,
}

/// The agreement on one tag.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct TagAgreement {
    /// The tag.
    pub tag: Tag,
    /// Generations to which both gave it.
    pub both: u64,
    /// To which only we gave it.
    pub ours: u64,
    /// To which only they gave it.
    pub theirs: u64,
    /// Whether they agree, over the generations that both looked at.
    pub agreement: Agreement,
}

/// What a merge found and what it changes.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Merged {
    /// Generations that both looked at.
    pub shared: u64,
    /// Generations that only we looked at.
    pub only_ours: u64,
    /// Generations that only they looked at.
    pub only_theirs: u64,
    /// Shared generations on which tags or notes differ, by rising key.
    pub differing: Vec<ContentKey>,
    /// Every tag that either used on a shared generation.
    pub tags: Vec<TagAgreement>,
    /// Agreement on the whole set of tags of each shared generation.
    pub whole: Option<Agreement>,
    /// What must change in ours.
    pub changes: Vec<Change>,
}

/// Holds two ledgers against each other. Nothing is changed: apply
/// [`changes`](Merged::changes) with [`Ledger::load`] and write them to the store.
///
/// Only generations that both looked at count for the agreement: a missing judgement is not a
/// judgement.
pub fn merge(ours: &Ledger, theirs: &Ledger, policy: Policy) -> Merged {
    let mut merged = Merged::default();
    let mut shared: Vec<(Tags, Tags)> = Vec::new();
    for (key, their) in theirs.iter() {
        let Some(our) = ours.get(key) else {
            merged.only_theirs += 1;
            merged.changes.push(Change { key, entry: their.clone() });
            continue;
        };
        shared.push((our.tags, their.tags));
        if our != their {
            merged.differing.push(key);
            let entry = settle(our, their, policy);
            if &entry != our {
                merged.changes.push(Change { key, entry });
            }
        }
    }
    merged.shared = shared.len() as u64;
    merged.only_ours = ours.iter().count() as u64 - merged.shared;
    merged.whole = Agreement::of(shared.iter().copied());
    for tag in Tag::all() {
        let judged = || shared.iter().map(|(a, b)| (a.has(tag), b.has(tag)));
        let count = |pair| judged().filter(|&p| p == pair).count() as u64;
        let (both, only_ours, only_theirs) =
            (count((true, true)), count((true, false)), count((false, true)));
        if both + only_ours + only_theirs == 0 {
            continue;
        }
        if let Some(agreement) = Agreement::of(judged()) {
            merged.tags.push(TagAgreement { tag, both, ours: only_ours, theirs: only_theirs, agreement });
        }
    }
    merged
}

fn settle(our: &Entry, their: &Entry, policy: Policy) -> Entry {
    match policy {
        Policy::Ours => our.clone(),
        Policy::Theirs => their.clone(),
        Policy::Union => {
            let note = match (our.note.as_str(), their.note.as_str()) {
                (ours, "") => ours.to_owned(),
                ("", theirs) => theirs.to_owned(),
                // Merging the same file twice must not write the note twice.
                (ours, theirs) if ours.contains(theirs) => ours.to_owned(),
                (ours, theirs) => format!("{ours} / {theirs}"),
            };
            Entry { tags: our.tags.union(their.tags), note }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ledger(entries: &[(u64, &[u8], &str)]) -> Ledger {
        let mut ledger = Ledger::default();
        for &(key, digits, note) in entries {
            let tags = digits.iter().filter_map(|&d| Tag::new(d)).collect();
            ledger.load(ContentKey(key), Entry { tags, note: note.to_owned() });
        }
        ledger
    }

    #[test]
    fn agreement_counts_only_what_both_looked_at() {
        let ours = ledger(&[(1, &[1], ""), (2, &[1], "a"), (3, &[], ""), (4, &[2], ""), (9, &[5], "")]);
        let theirs = ledger(&[(1, &[1], ""), (2, &[], "b"), (3, &[], ""), (4, &[2], ""), (8, &[3], "new")]);
        let merged = merge(&ours, &theirs, Policy::Union);
        assert_eq!((merged.shared, merged.only_ours, merged.only_theirs), (4, 1, 1));
        assert_eq!(merged.differing, [ContentKey(2)]);
        // Tag 1: 1 both, 1 ours only, 2 neither: observed 3/4, expected (2·1 + 2·3)/16 = 1/2, κ 1/2.
        let one = merged.tags[0];
        assert_eq!((one.both, one.ours, one.theirs), (1, 1, 0));
        assert!((one.agreement.kappa.expect("defined") - 0.5).abs() < 1e-12);
        assert_eq!(merged.tags.iter().map(|t| t.tag.digit()).collect::<Vec<_>>(), [1, 2]);
        let of = |key| merged.changes.iter().find(|c| c.key == ContentKey(key)).map(|c| &c.entry);
        assert_eq!(of(8).map(|e| e.note.as_str()), Some("new"));
        assert_eq!(of(2).map(|e| (e.tags.to_string(), e.note.as_str())), Some(("1".to_owned(), "a / b")));
        assert_eq!(merged.changes.len(), 2);
    }

    #[test]
    fn merging_twice_changes_nothing_more() {
        for policy in [Policy::Union, Policy::Ours, Policy::Theirs] {
            let mut ours = ledger(&[(1, &[1], "x"), (2, &[], "")]);
            let theirs = ledger(&[(1, &[2], "y"), (3, &[4], "")]);
            for change in merge(&ours, &theirs, policy).changes {
                ours.load(change.key, change.entry);
            }
            assert_eq!(merge(&ours, &theirs, policy).changes, [], "{policy:?}");
        }
    }
}
