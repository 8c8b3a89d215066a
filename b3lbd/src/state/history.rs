//! The last hour of a node, at the resolution of its polls.

use std::collections::VecDeque;

use parking_lot::Mutex;

/// Length of the history, in milliseconds.
const HOUR: i64 = 3_600_000;
/// Maximum number of samples of a node: one hour at five-second intervals.
const MOST: usize = 720;

/// The result of a successful poll.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sample {
    /// Milliseconds since 1970.
    pub at: i64,
    /// The documented load, also computed in maintenance.
    pub load: i64,
    /// Number of attendees.
    pub attendees: u32,
    /// CPU use in units of 0.01 %.
    pub cpu: Option<u32>,
}

/// The samples of a node, oldest first.
#[derive(Debug, Default)]
pub struct History {
    samples: Mutex<VecDeque<Sample>>,
}

impl History {
    /// Adds a sample and drops old ones.
    pub fn push(&self, sample: Sample) {
        let mut samples = self.samples.lock();
        while samples.front().is_some_and(|it| it.at < sample.at - HOUR) || samples.len() >= MOST {
            samples.pop_front();
        }
        samples.push_back(sample);
    }

    /// All samples.
    pub fn samples(&self) -> Vec<Sample> {
        self.samples.lock().iter().copied().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_hour_and_not_more_than_so_many() {
        let history = History::default();
        let sample = |at| Sample { at, load: 1, attendees: 2, cpu: None };
        for at in 0..2000 {
            history.push(sample(at));
        }
        assert_eq!(history.samples().len(), MOST);
        history.push(sample(2000 + HOUR));
        assert_eq!(history.samples(), [sample(2000 + HOUR)]);
    }
}
