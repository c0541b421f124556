//! Items ready to be judged by, each made once for a whole build.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use xxhash_rust::xxh3::xxh3_64_with_seed;

use crate::assess::PreparedItem;
use crate::record::Item;

/// Items kept ready, at most. An item holds some tens of kilobytes of automata.
const MAX_ITEMS: usize = 4096;
/// Items known by their address, at most: each file has its own.
const MAX_ADDRESSES: usize = 1 << 15;

/// An item as a file holds it, and what was made of it.
type Known = (Arc<Item>, Arc<PreparedItem>);

/// Items made ready. Each file brings its own copy of an item, and making one ready costs as much as
/// judging fifty outputs by it: so they are found by what they say, and that by where they lie.
#[derive(Default)]
pub(super) struct PreparedItems {
    /// By the address of an item, which the entry keeps alive.
    by_address: RwLock<HashMap<usize, Known>>,
    by_content: Mutex<HashMap<u64, Vec<Arc<PreparedItem>>>>,
}

impl PreparedItems {
    pub(super) fn get(&self, item: &Arc<Item>) -> Arc<PreparedItem> {
        let address = Arc::as_ptr(item) as usize;
        if let Some((_, known)) = self.by_address.read().unwrap_or_else(PoisonError::into_inner).get(&address)
        {
            return known.clone();
        }
        let prepared = self.by_content(item);
        let mut all = self.by_address.write().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= MAX_ADDRESSES {
            all.clear();
        }
        all.insert(address, (item.clone(), prepared.clone()));
        prepared
    }

    fn by_content(&self, item: &Arc<Item>) -> Arc<PreparedItem> {
        let key = xxh3_64_with_seed(item.id.as_bytes(), xxh3_64_with_seed(item.group.as_bytes(), 0));
        let lock = || self.by_content.lock().unwrap_or_else(PoisonError::into_inner);
        let known = |all: &HashMap<u64, Vec<Arc<PreparedItem>>>| {
            all.get(&key)?.iter().find(|known| *known.item == **item).cloned()
        };
        if let Some(known) = known(&lock()) {
            return known;
        }
        // Made without the lock: two threads at worst make one item each, and one is let go.
        let new = Arc::new(PreparedItem::new(item.clone()));
        let mut all = lock();
        if all.len() >= MAX_ITEMS {
            all.clear();
        }
        all.entry(key).or_default().push(new.clone());
        new
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_items_of_two_files_are_made_ready_once() {
        let item = |id: &str, question: &str| {
            Arc::new(Item { id: id.into(), question: question.into(), ..Item::default() })
        };
        let items = PreparedItems::default();
        let first = items.get(&item("1", "q"));
        assert!(Arc::ptr_eq(&first, &items.get(&item("1", "q"))));
        // The same id with something else asked is another item.
        let other = items.get(&item("1", "r"));
        assert!(!Arc::ptr_eq(&first, &other));
        assert_eq!(other.item.question, "r");
    }
}
