//! What could not be read, said on standard error.

use std::collections::BTreeMap;

use super::say;
use crate::error::{Reject, RejectKind};

/// How many are spelled out, where not all are asked for.
pub const SPELLED_OUT: usize = 10;

/// One reject on a line: `file:line:byte: kind: cause`.
pub fn sentence(reject: &Reject) -> String {
    let place = if reject.line == 0 {
        reject.path.display().to_string()
    } else {
        format!("{}:{}:{}", reject.path.display(), reject.line, reject.byte)
    };
    format!("{place}: {}: {}", reject.kind.name(), reject.message)
}

/// How many there are of each kind: `3 syntax, 1 empty`.
pub fn counts<'a>(rejects: impl IntoIterator<Item = &'a Reject>) -> String {
    let mut kinds: BTreeMap<RejectKind, usize> = BTreeMap::new();
    for reject in rejects {
        *kinds.entry(reject.kind).or_default() += 1;
    }
    let all: Vec<String> = kinds.into_iter().map(|(kind, n)| format!("{n} {}", kind.name())).collect();
    all.join(", ")
}

/// Says the first of them, and how many more there are.
pub fn say_all(rejects: &[Reject], total: usize) {
    for reject in rejects.iter().take(SPELLED_OUT) {
        say(&format!("heedless: {}", sentence(reject)));
    }
    if total > SPELLED_OUT {
        say(&format!("heedless: … and {} more; `heedless index` lists them all", total - SPELLED_OUT));
    }
}
