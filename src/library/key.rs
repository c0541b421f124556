//! Keys: names of generations that people type and remember.
//!
//! `RUN/ITEM`, `RUN/ITEM#2` for the sample numbered 2 (the first is 0 and goes without), and
//! `RUN/GROUP/ITEM` where several items of the library have the id. Where items of one name
//! differ in their constraints, `@LINE` tells them apart.

use std::fmt::Write as _;

use super::query::Field;
use super::row::Row;
use super::snapshot::Library;
use crate::error::{Error, Result};

impl Library {
    /// The key of a row.
    pub fn key(&self, row: u32) -> String {
        let row = self.row(row);
        let item = row.item();
        let mut key = format!("{}/", row.run().run.name);
        if self.is_ambiguous(&item.id) {
            key.push_str(&item.group);
            key.push('/');
        }
        key.push_str(&item.id);
        if row.sample() > 0 {
            let _ = write!(key, "#{}", row.sample());
        }
        if self.shared_names().twice.contains(&row.item_number()) {
            let _ = write!(key, "@{}", row.line());
        }
        key
    }

    /// Whether items of several groups have this id.
    fn is_ambiguous(&self, id: &str) -> bool {
        self.shared_names().ambiguous.contains(id)
    }

    /// The row with a key. A key that names nothing comes back with what it may have meant.
    pub fn find(&self, key: &str) -> Result<u32> {
        let runs = self.runs();
        // A run's name may hold slashes: every slash may be the one that ends it.
        let candidates = key.match_indices('/').filter_map(|(at, _)| {
            let run = runs.iter().position(|run| run.run.name == key[..at])?;
            Some((run as u32, &key[at + 1..]))
        });
        let mut closest = None;
        for (run, rest) in candidates {
            closest = Some((run, rest));
            let rows =
                (0..self.items().len() as u32).filter(|&item| self.item_meant(item, rest)).flat_map(|item| {
                    self.item_rows(item).iter().copied().filter(|&row| self.row(row).run_number() == run)
                });
            let mut found = None;
            for row in rows {
                if self.key(row) == key {
                    return Ok(row);
                }
                // `RUN/GROUP/ITEM` is understood even where the group is not needed.
                found = found.or_else(|| meant(&self.row(row), rest).then_some(row));
            }
            if let Some(row) = found {
                return Ok(row);
            }
        }
        Err(Error::NotFound(self.not_found(key, closest)))
    }

    /// Whether the part of a key after the run begins with this item.
    fn item_meant(&self, item: u32, rest: &str) -> bool {
        let item = &self.items()[item as usize];
        let ends = |rest: &str| rest.is_empty() || rest.starts_with(['#', '@']);
        let by_id = rest.strip_prefix(&*item.id).is_some_and(ends);
        let by_group = || {
            rest.strip_prefix(&*item.group)
                .and_then(|rest| rest.strip_prefix('/'))
                .and_then(|rest| rest.strip_prefix(&*item.id))
                .is_some_and(ends)
        };
        by_id || by_group()
    }

    fn not_found(&self, key: &str, closest: Option<(u32, &str)>) -> String {
        match closest {
            None => {
                let typed = key.split('/').next().unwrap_or(key);
                match super::query::nearest(typed, self.runs().iter().map(|run| run.run.name.as_str())) {
                    Some(run) => format!("no run is called `{typed}`; did you mean `{run}`?"),
                    None => {
                        format!("`{key}` names nothing: a key is RUN/ITEM, as `heedless query` prints it")
                    }
                }
            }
            Some((run, rest)) => {
                let run = &self.runs()[run as usize].run.name;
                let id = rest.split(['#', '@']).next().unwrap_or(rest);
                match super::query::nearest(id, self.items().iter().map(|item| &*item.id)) {
                    Some(near) if near != id => {
                        format!("the run `{run}` has no item `{rest}`; did you mean `{run}/{near}`?")
                    }
                    _ => format!(
                        "the run `{run}` has no generation `{rest}`; `heedless query run:{run} {}:{id}` lists what it has",
                        Field::Item
                    ),
                }
            }
        }
    }
}

/// Whether the part of a key after the run means this row, group given or not.
fn meant(row: &Row<'_>, rest: &str) -> bool {
    let name = match rest.rsplit_once('@') {
        Some((name, line)) if line.parse() == Ok(row.line()) => name,
        _ => rest,
    };
    let sample = format!("#{}", row.sample());
    let name = match name.strip_suffix(&sample) {
        Some(name) => name,
        None if row.sample() == 0 => name,
        None => return false,
    };
    let item = row.item();
    name == &*item.id || name.strip_prefix(&*item.group).and_then(|n| n.strip_prefix('/')) == Some(&*item.id)
}
