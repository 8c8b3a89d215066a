//! Maps by row number. A frame takes tens of thousands of lookups, and only the daemon chooses the numbers, so
//! a hasher of one multiplication is enough.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// A map by row number.
pub type ByNumber<T> = HashMap<i64, T, BuildHasherDefault<NumberHasher>>;

/// Spreads consecutive numbers over all bits.
#[derive(Clone, Copy, Debug, Default)]
pub struct NumberHasher(u64);

impl Hasher for NumberHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_i64(i64::from(*byte));
        }
    }

    fn write_i64(&mut self, number: i64) {
        // An odd number near 2^64 divided by the golden ratio.
        self.0 = (self.0 ^ number.cast_unsigned()).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(26);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_are_far_apart_and_none_is_lost() {
        let map: ByNumber<i64> = (-500..500).map(|it| (it * 1024, it)).collect();
        assert_eq!(map.len(), 1000);
        assert!((-500..500).all(|it| map[&(it * 1024)] == it));
        let hash = |number| {
            let mut hasher = NumberHasher::default();
            hasher.write_i64(number);
            hasher.finish()
        };
        // The map uses the low bits for the bucket and the high bits for the tag.
        assert!((1..1000).all(|it| hash(it) != hash(it + 1)));
        let low: std::collections::HashSet<_> = (0..1000).map(|it| hash(it) & 0xffff).collect();
        let high: std::collections::HashSet<_> = (0..1000).map(|it| hash(it) >> 57).collect();
        assert!(low.len() > 900 && high.len() > 100, "{} {}", low.len(), high.len());
    }
}
