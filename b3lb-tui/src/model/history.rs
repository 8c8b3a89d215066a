//! The last hour of one node: the daemon hands it over once, the watch goes on with it.

use std::collections::VecDeque;

use rpc::{NodeDetails, NodeFigures, Sample};

use super::Millis;

/// How far back it goes.
const HOUR: Millis = 3_600_000;

/// The same for indices.
const HOUR_MS: usize = 3_600_000;

/// Samples of the last hour, oldest first.
#[derive(Clone, Debug, Default)]
pub struct History(VecDeque<Sample>);

impl History {
    /// Adds a poll; an older one, or the same once more, is left out.
    pub fn push(&mut self, sample: Sample) {
        if self.0.back().is_some_and(|last| last.0 >= sample.0) {
            return;
        }
        self.0.push_back(sample);
        while self.0.front().is_some_and(|first| sample.0 - first.0 > HOUR) {
            self.0.pop_front();
        }
    }

    /// The mean of a figure in each of `columns` equal parts of the hour before `now`; none in a part
    /// without a good poll.
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

    /// How many samples there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// There are no samples.
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

/// What is known of one node beyond the picture.
#[derive(Clone, Debug)]
pub struct NodeStory {
    /// As the daemon told it, but for the history.
    pub details: NodeDetails,
    /// When it told it, on the dashboard's clock.
    pub asked_at: Millis,
    /// Its last hour.
    pub history: History,
}

impl NodeStory {
    /// Takes over an answer.
    pub fn new(mut details: NodeDetails, asked_at: Millis) -> Self {
        let history = History::from(std::mem::take(&mut details.history));
        Self { details, asked_at, history }
    }

    /// Goes on with what the watch told.
    pub fn follow(&mut self, figures: &NodeFigures) {
        if figures.error.is_none()
            && let Some(attendees) = figures.attendees
        {
            self.history.push(Sample(figures.polled_at * 1000, figures.load, attendees, figures.cpu));
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
