//! Numbers of voice conferences, unique on a node.

use std::collections::HashSet;

use rand::RngExt;
use rand::rngs::StdRng;

const FIRST: u32 = 10_000;
/// 99999 is the echo test.
const LAST: u32 = 99_998;
/// Random tries before the numbers are looked through.
const TRIES: u32 = 64;

#[derive(Default)]
pub(crate) struct Bridges {
    used: HashSet<String>,
}

impl Bridges {
    /// Takes a number somebody asks for; false if it is in use.
    pub(crate) fn take(&mut self, number: &str) -> bool {
        self.used.insert(number.to_owned())
    }

    /// A random free number. If none is free, a used one: a node full of meetings is wanted
    /// in benchmarks, where nobody dials.
    pub(crate) fn allot(&mut self, rng: &mut StdRng) -> String {
        let random = rng.random_range(FIRST..=LAST);
        if self.take(&random.to_string()) {
            return random.to_string();
        }
        if self.used.len() <= (LAST - FIRST) as usize {
            for _ in 0..TRIES {
                let number = rng.random_range(FIRST..=LAST).to_string();
                if self.take(&number) {
                    return number;
                }
            }
            for number in (random..=LAST).chain(FIRST..random) {
                if self.take(&number.to_string()) {
                    return number.to_string();
                }
            }
        }
        random.to_string()
    }

    pub(crate) fn give_back(&mut self, number: &str) {
        self.used.remove(number);
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;

    use super::*;

    #[test]
    fn all_numbers_are_used_before_one_comes_twice() {
        let mut rng = StdRng::seed_from_u64(1);
        let mut bridges = Bridges { used: (FIRST..=LAST).map(|number| number.to_string()).collect() };
        for free in ["10000", "54321", "99998"] {
            bridges.give_back(free);
        }
        let mut got: Vec<String> = (0..3).map(|_| bridges.allot(&mut rng)).collect();
        got.sort();
        assert_eq!(got, ["10000", "54321", "99998"]);
        let again: u32 = bridges.allot(&mut rng).parse().unwrap();
        assert!((FIRST..=LAST).contains(&again));
        assert!(!bridges.take("10000"));
        bridges.give_back("10000");
        assert!(bridges.take("10000"));
    }
}
