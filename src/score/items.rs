//! Items made ready once, however many outputs answer them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::assess::PreparedItem;
use crate::record::Item;

/// Items of one group and id that are remembered.
const ALIKE: usize = 16;

/// Items kept ready.
const PREPARED: usize = 1 << 14;

/// Items made ready, kept over sources: the outputs of several models answer the same items.
#[derive(Debug, Default)]
pub struct PreparedItems {
    known: Mutex<Known>,
}

#[derive(Debug, Default)]
struct Known {
    /// By the address of the item, which a reader gives once to each. An entry holds the item it
    /// was asked with, so that its address stays its own.
    by_address: HashMap<usize, (Arc<Item>, Arc<PreparedItem>)>,
    /// By group and id: readers of several files have items of their own that are the same.
    by_name: HashMap<(String, String), Vec<Arc<PreparedItem>>>,
}

impl PreparedItems {
    pub(super) fn get(&self, item: &Arc<Item>) -> Arc<PreparedItem> {
        let address = Arc::as_ptr(item) as usize;
        let lock = || self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let name = {
            let known = lock();
            if let Some((_, found)) = known.by_address.get(&address) {
                return Arc::clone(found);
            }
            (item.group.clone(), item.id.clone())
        };
        let found = lock().by_name.get(&name).and_then(|all| all.iter().find(|p| p.item == *item)).cloned();
        // Not under the lock: compiling patterns takes its time. Two threads may both do it.
        let ready = found.unwrap_or_else(|| Arc::new(PreparedItem::new(Arc::clone(item))));
        let mut known = lock();
        if known.by_address.len() >= PREPARED {
            *known = Known::default();
        }
        let alike = known.by_name.entry(name).or_default();
        // Many items of one name are a file without ids: remembering them does not help.
        if alike.len() < ALIKE && !alike.iter().any(|p| p.item == *item) {
            alike.push(Arc::clone(&ready));
        }
        known.by_address.insert(address, (Arc::clone(item), Arc::clone(&ready)));
        ready
    }
}
