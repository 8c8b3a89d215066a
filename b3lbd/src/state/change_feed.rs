//! A change feed: current values, ordered by their last change. A reader continues from the last change that
//! it has seen, and gets each value at most once, however often it has changed.

use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;

/// Maximum number of removals kept. A reader that missed older ones must start over.
const MAX_REMOVALS: usize = 10_000;

#[derive(Debug)]
struct Slot<V> {
    seq: u64,
    value: Option<V>,
}

/// Values of type `V` by key `K`.
#[derive(Debug)]
pub struct ChangeFeed<K, V> {
    slots: HashMap<K, Slot<V>>,
    order: BTreeMap<u64, K>,
    last: u64,
    removals: usize,
    /// The newest removal that was dropped.
    horizon: u64,
}

impl<K, V> Default for ChangeFeed<K, V> {
    fn default() -> Self {
        Self { slots: HashMap::new(), order: BTreeMap::new(), last: 1, removals: 0, horizon: 0 }
    }
}

impl<K: Copy + Eq + Hash, V: PartialEq> ChangeFeed<K, V> {
    /// The number of the last change. Never 0, the initial position of readers.
    pub fn last(&self) -> u64 {
        self.last
    }

    /// Whether a reader at `seq` has missed a dropped removal, or has an invalid position.
    pub fn is_too_far_behind(&self, seq: u64) -> bool {
        seq < self.horizon || seq > self.last
    }

    /// The current value.
    pub fn get(&self, key: &K) -> Option<&V> {
        self.slots.get(key)?.value.as_ref()
    }

    /// Sets a value; not a change if it is the same.
    pub fn set(&mut self, key: K, value: V) {
        if self.get(&key) != Some(&value) {
            self.note(key, Some(value));
        }
    }

    /// Records the removal of a value.
    pub fn remove(&mut self, key: K) {
        if self.get(&key).is_some() {
            self.note(key, None);
            self.removals += 1;
            if self.removals > MAX_REMOVALS {
                self.forget_old_removals();
            }
        }
    }

    /// Drops a value without recording a removal.
    pub fn forget(&mut self, key: &K) {
        if let Some(old) = self.slots.remove(key) {
            self.order.remove(&old.seq);
        }
    }

    fn note(&mut self, key: K, value: Option<V>) {
        self.last += 1;
        if let Some(old) = self.slots.insert(key, Slot { seq: self.last, value }) {
            self.order.remove(&old.seq);
            if old.value.is_none() {
                self.removals -= 1;
            }
        }
        self.order.insert(self.last, key);
    }

    /// Drops half of the removals at a time, so that this is rarely needed.
    fn forget_old_removals(&mut self) {
        let gone = |key: &K| self.slots.get(key).is_some_and(|it| it.value.is_none());
        let old: Vec<(u64, K)> = self
            .order
            .iter()
            .filter(|(_, key)| gone(key))
            .take(MAX_REMOVALS / 2)
            .map(|(seq, key)| (*seq, *key))
            .collect();
        for (seq, key) in old {
            self.order.remove(&seq);
            self.slots.remove(&key);
            self.removals -= 1;
            self.horizon = seq;
        }
    }

    /// All changes after `seq`, in order; `None` for removed values.
    pub fn after(&self, seq: u64) -> impl Iterator<Item = (u64, K, Option<&V>)> {
        self.order
            .range(seq + 1..)
            .filter_map(|(seq, key)| Some((*seq, *key, self.slots.get(key)?.value.as_ref())))
    }

    /// The keys of all current values.
    pub fn keys(&self) -> impl Iterator<Item = K> {
        self.slots.iter().filter(|(_, it)| it.value.is_some()).map(|(key, _)| *key)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn each_object_is_returned_once_in_its_current_state() {
        let mut feed = ChangeFeed::default();
        feed.set("a", 1);
        feed.set("b", 1);
        feed.set("a", 2);
        feed.set("a", 2);
        assert_eq!(feed.after(0).collect::<Vec<_>>(), [(3, "b", Some(&1)), (4, "a", Some(&2))]);
        feed.remove("b");
        assert_eq!(feed.after(4).collect::<Vec<_>>(), [(5, "b", None)]);
        assert!(feed.after(5).next().is_none());
    }

    #[test]
    fn a_reader_that_missed_forgotten_removals_starts_over() {
        let mut feed = ChangeFeed::default();
        for key in 0..=MAX_REMOVALS {
            feed.set(key, ());
            feed.remove(key);
        }
        assert!(feed.is_too_far_behind(1));
        assert!(!feed.is_too_far_behind(feed.last()));
        assert!(feed.is_too_far_behind(feed.last() + 1), "an invalid position");
    }

    proptest! {
        /// A reader that reads at arbitrary times ends up with the current values.
        #[test]
        fn readers_agree_with_the_board(steps in prop::collection::vec((0_u8..8, 0_u8..4, any::<bool>()), 0..200)) {
            let mut feed = ChangeFeed::default();
            let mut reader: BTreeMap<u8, u8> = BTreeMap::new();
            let mut seen = 0;
            let mut truth: BTreeMap<u8, u8> = BTreeMap::new();
            for (key, value, look) in steps {
                if value == 0 {
                    feed.remove(key);
                    truth.remove(&key);
                } else {
                    feed.set(key, value);
                    truth.insert(key, value);
                }
                if look {
                    for (seq, key, value) in feed.after(seen).collect::<Vec<_>>() {
                        seen = seq;
                        match value {
                            Some(value) => { reader.insert(key, *value); }
                            None => { reader.remove(&key); }
                        }
                    }
                    prop_assert_eq!(&reader, &truth);
                }
            }
        }
    }
}
