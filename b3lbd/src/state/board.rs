//! A notice board: things as they are, in the order in which they last changed. Who has read it up to some
//! number reads on from there, and finds everything at most once, however often it has changed.

use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;

/// Removals that are remembered; a reader who missed more begins anew.
const REMEMBERED_REMOVALS: usize = 10_000;

#[derive(Debug)]
struct Notice<V> {
    seq: u64,
    value: Option<V>,
}

/// Things of type `V` by `K`.
#[derive(Debug)]
pub struct ChangeFeed<K, V> {
    notices: HashMap<K, Notice<V>>,
    order: BTreeMap<u64, K>,
    last: u64,
    removals: usize,
    /// The newest removal that is forgotten.
    horizon: u64,
}

impl<K, V> Default for ChangeFeed<K, V> {
    fn default() -> Self {
        Self { notices: HashMap::new(), order: BTreeMap::new(), last: 1, removals: 0, horizon: 0 }
    }
}

impl<K: Copy + Eq + Hash, V: PartialEq> ChangeFeed<K, V> {
    /// The number of the last change; never 0, where readers begin.
    pub fn last(&self) -> u64 {
        self.last
    }

    /// Whether a reader at `seq` has missed a removal that is forgotten, or was never here.
    pub fn is_too_far_behind(&self, seq: u64) -> bool {
        seq < self.horizon || seq > self.last
    }

    /// The thing as it was noted last.
    pub fn get(&self, key: &K) -> Option<&V> {
        self.notices.get(key)?.value.as_ref()
    }

    /// Notes a thing as it is; no change if it is so already.
    pub fn set(&mut self, key: K, value: V) {
        if self.get(&key) != Some(&value) {
            self.note(key, Some(value));
        }
    }

    /// Notes that a thing is gone.
    pub fn remove(&mut self, key: K) {
        if self.get(&key).is_some() {
            self.note(key, None);
            self.removals += 1;
            if self.removals > REMEMBERED_REMOVALS {
                self.forget_old_removals();
            }
        }
    }

    /// Forgets a thing without telling anybody.
    pub fn forget(&mut self, key: &K) {
        if let Some(old) = self.notices.remove(key) {
            self.order.remove(&old.seq);
        }
    }

    fn note(&mut self, key: K, value: Option<V>) {
        self.last += 1;
        if let Some(old) = self.notices.insert(key, Notice { seq: self.last, value }) {
            self.order.remove(&old.seq);
            if old.value.is_none() {
                self.removals -= 1;
            }
        }
        self.order.insert(self.last, key);
    }

    /// Half of the removals, so that this is seldom done.
    fn forget_old_removals(&mut self) {
        let gone = |key: &K| self.notices.get(key).is_some_and(|it| it.value.is_none());
        let old: Vec<(u64, K)> = self
            .order
            .iter()
            .filter(|(_, key)| gone(key))
            .take(REMEMBERED_REMOVALS / 2)
            .map(|(seq, key)| (*seq, *key))
            .collect();
        for (seq, key) in old {
            self.order.remove(&seq);
            self.notices.remove(&key);
            self.removals -= 1;
            self.horizon = seq;
        }
    }

    /// All that changed after `seq`, in order; `None` for what is gone.
    pub fn after(&self, seq: u64) -> impl Iterator<Item = (u64, K, Option<&V>)> {
        self.order
            .range(seq + 1..)
            .filter_map(|(seq, key)| Some((*seq, *key, self.notices.get(key)?.value.as_ref())))
    }

    /// The keys of all that is there.
    pub fn keys(&self) -> impl Iterator<Item = K> {
        self.notices.iter().filter(|(_, it)| it.value.is_some()).map(|(key, _)| *key)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn everything_is_told_once_as_it_is_now() {
        let mut board = ChangeFeed::default();
        board.set("a", 1);
        board.set("b", 1);
        board.set("a", 2);
        board.set("a", 2);
        assert_eq!(board.after(0).collect::<Vec<_>>(), [(3, "b", Some(&1)), (4, "a", Some(&2))]);
        board.remove("b");
        assert_eq!(board.after(4).collect::<Vec<_>>(), [(5, "b", None)]);
        assert!(board.after(5).next().is_none());
    }

    #[test]
    fn who_missed_forgotten_removals_begins_anew() {
        let mut board = ChangeFeed::default();
        for key in 0..=REMEMBERED_REMOVALS {
            board.set(key, ());
            board.remove(key);
        }
        assert!(board.is_too_far_behind(1));
        assert!(!board.is_too_far_behind(board.last()));
        assert!(board.is_too_far_behind(board.last() + 1), "a number that never was");
    }

    proptest! {
        /// A reader who looks at any moments ends up with what is there.
        #[test]
        fn readers_agree_with_the_board(steps in prop::collection::vec((0_u8..8, 0_u8..4, any::<bool>()), 0..200)) {
            let mut board = ChangeFeed::default();
            let mut reader: BTreeMap<u8, u8> = BTreeMap::new();
            let mut seen = 0;
            let mut truth: BTreeMap<u8, u8> = BTreeMap::new();
            for (key, value, look) in steps {
                if value == 0 {
                    board.remove(key);
                    truth.remove(&key);
                } else {
                    board.set(key, value);
                    truth.insert(key, value);
                }
                if look {
                    for (seq, key, value) in board.after(seen).collect::<Vec<_>>() {
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
