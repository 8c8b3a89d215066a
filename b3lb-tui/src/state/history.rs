//! The last hour of a node. A call fetches it, and the watch extends it.

use std::collections::VecDeque;

use rpc::{NodeDetails, NodeStats, Sample};

use crate::message::Millis;

/// The length of the history.
const HOUR: Millis = 3_600_000;

/// [`HOUR`] as an index.
const HOUR_MS: usize = 3_600_000;

/// Samples of the last hour, oldest first.
#[derive(Clone, Debug, Default)]
pub struct History(VecDeque<Sample>);

impl History {
    /// Adds a sample, unless it is as old as the latest one or older.
    pub fn push(&mut self, sample: Sample) {
        if self.0.back().is_some_and(|last| last.0 >= sample.0) {
            return;
        }
        self.0.push_back(sample);
        while self.0.front().is_some_and(|first| sample.0 - first.0 > HOUR) {
            self.0.pop_front();
        }
    }

    /// Splits the hour before `now` into `columns` equal parts and returns the mean of a figure in each; none
    /// for a part without a good poll.
    pub fn columns(
        &self,
        now: Millis,
        columns: usize,
        figure: impl Fn(&Sample) -> Option<f64>,
    ) -> Vec<Option<f64>> {
        let mut sums = vec![(0.0, 0_u32); columns];
        let start = now - HOUR;
        for sample in &self.0 {
            let (Ok(into), Some(value)) = (usize::try_from(sample.0 - start), figure(sample)) else {
                continue;
            };
            if let Some(sum) = sums.get_mut(into * columns / HOUR_MS) {
                *sum = (sum.0 + value, sum.1 + 1);
            }
        }
        sums.into_iter().map(|(sum, count)| (count > 0).then(|| sum / f64::from(count))).collect()
    }

    /// Number of samples.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are no samples.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl From<Vec<Sample>> for History {
    fn from(samples: Vec<Sample>) -> Self {
        let mut history = Self::default();
        for sample in samples {
            history.push(sample);
        }
        history
    }
}

/// The details of a node and its history.
#[derive(Clone, Debug)]
pub struct NodeHistory {
    /// The answer of the daemon, without its samples.
    pub details: NodeDetails,
    /// Its last hour.
    pub history: History,
}

impl NodeHistory {
    /// Moves the samples of an answer into a history.
    pub fn new(mut details: NodeDetails) -> Self {
        let history = History::from(std::mem::take(&mut details.history));
        Self { details, history }
    }

    /// Appends a poll that the watch reported, unless it failed.
    pub fn follow(&mut self, stats: &NodeStats) {
        if stats.error.is_none()
            && let Some(attendees) = stats.attendees
        {
            self.history.push(Sample(stats.polled_at * 1000, stats.load, attendees, stats.cpu));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_hour_is_kept_and_no_poll_twice() {
        let mut history = History::default();
        for second in (0..7200).step_by(10) {
            history.push(Sample(second * 1000, second, 1, None));
            history.push(Sample(second * 1000, 0, 1, None));
        }
        assert_eq!(history.len(), 361);
    }

    #[test]
    fn parts_of_the_hour_are_means_and_gaps() {
        let samples = vec![Sample(0, 10, 1, None), Sample(1000, 30, 1, None), Sample(3_599_000, 50, 1, None)];
        let load = |it: &Sample| u32::try_from(it.1).ok().map(f64::from);
        assert_eq!(History::from(samples).columns(HOUR, 3, load), [Some(20.0), None, Some(50.0)]);
    }
}
