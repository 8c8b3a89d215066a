//! Events per second.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::Mutex;

/// Length of the averaging window, in seconds.
const SPAN: f64 = 10.0;

/// Events per second, averaged over the last ten seconds.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct PerSecond {
    /// API requests of any kind.
    pub requests: f64,
    /// Joins that were redirected.
    pub joins: f64,
    /// Meetings created.
    pub creates: f64,
}

/// Counts since the start of the daemon, and their recent history.
#[derive(Debug, Default)]
pub struct Rates {
    requests: AtomicU64,
    joins: AtomicU64,
    creates: AtomicU64,
    past: Mutex<VecDeque<(f64, [u64; 3])>>,
}

impl Rates {
    /// Counts an answered request.
    pub fn request(&self) {
        self.requests.fetch_add(1, Ordering::Relaxed);
    }

    /// Counts a redirected join.
    pub fn join(&self) {
        self.joins.fetch_add(1, Ordering::Relaxed);
    }

    /// Counts a created meeting.
    pub fn create(&self) {
        self.creates.fetch_add(1, Ordering::Relaxed);
    }

    fn now(&self) -> [u64; 3] {
        [&self.requests, &self.joins, &self.creates].map(|it| it.load(Ordering::Relaxed))
    }

    /// Records the counts at `now`, in seconds. Must be called every second.
    pub fn tick(&self, now: f64) {
        let mut past = self.past.lock();
        past.push_back((now, self.now()));
        // Keep one entry that is older than the window as the reference.
        while past.get(1).is_some_and(|(at, _)| *at <= now - SPAN) {
            past.pop_front();
        }
    }

    /// The averages at the last tick; zero before the second one.
    pub fn per_second(&self) -> PerSecond {
        let past = self.past.lock();
        let (Some((from, old)), Some((to, new))) = (past.front(), past.back()) else {
            return PerSecond::default();
        };
        let seconds = to - from;
        if seconds <= 0.0 {
            return PerSecond::default();
        }
        #[expect(clippy::cast_precision_loss, reason = "a rate needs no more digits")]
        let rate = |i: usize| (new[i] - old[i]) as f64 / seconds;
        PerSecond { requests: rate(0), joins: rate(1), creates: rate(2) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn means_of_the_last_ten_seconds() {
        let rates = Rates::default();
        assert_eq!(rates.per_second(), PerSecond::default());
        rates.tick(0.0);
        for second in 1..=20_u32 {
            for _ in 0..5 {
                rates.request();
            }
            if second > 10 {
                rates.join();
            }
            rates.tick(f64::from(second));
        }
        assert_eq!(rates.per_second(), PerSecond { requests: 5.0, joins: 1.0, creates: 0.0 });
    }
}
