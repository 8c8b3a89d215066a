//! An operation on one or more targets, and the results.

use rpc::NodeCheck;

use crate::message::{Call, Refusal, Reply};
use crate::text::counted;

/// Concurrent calls of a job.
const AT_A_TIME: usize = 4;

/// An operation that operators run on nodes or meetings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// Switches maintenance of nodes on.
    MaintenanceOn,
    /// Switches maintenance of nodes off.
    MaintenanceOff,
    /// Switches maintenance of nodes on and tracks them until they are empty.
    Drain,
    /// Checks nodes.
    Check,
    /// Ends meetings.
    EndMeeting,
}

impl Operation {
    /// What it runs on.
    pub const fn noun(self) -> &'static str {
        match self {
            Self::EndMeeting => "meeting",
            _ => "node",
        }
    }

    /// Its name, as in a title.
    pub const fn title(self) -> &'static str {
        match self {
            Self::MaintenanceOn => "Maintenance on",
            Self::MaintenanceOff => "Maintenance off",
            Self::Drain => "Drain",
            Self::Check => "Check",
            Self::EndMeeting => "End",
        }
    }

    /// The result, as it follows a name.
    pub const fn past(self) -> &'static str {
        match self {
            Self::MaintenanceOn | Self::Drain => "in maintenance",
            Self::MaintenanceOff => "out of maintenance",
            Self::Check => "examined",
            Self::EndMeeting => "ended",
        }
    }
}

/// A target of a job.
#[derive(Clone, Debug)]
pub struct Item {
    /// Its name, as people read it.
    pub name: String,
    /// The result; none until it has arrived.
    pub outcome: Option<Result<Done, Refusal>>,
    call: Call,
    started: bool,
}

/// The result of a successful call.
#[derive(Clone, Debug)]
pub enum Done {
    /// The change was made.
    Changed,
    /// The findings of a check.
    Checked(NodeCheck),
}

/// An operation and its targets.
#[derive(Clone, Debug)]
pub struct Job {
    /// The operation.
    pub operation: Operation,
    /// The targets.
    pub items: Vec<Item>,
}

impl Job {
    /// A job that has not started, from the name and call of each target.
    pub fn new(operation: Operation, calls: impl IntoIterator<Item = (String, Call)>) -> Self {
        let item = |(name, call)| Item { name, outcome: None, call, started: false };
        Self { operation, items: calls.into_iter().map(item).collect() }
    }

    /// Starts as many calls as may run now, and returns them.
    pub fn next_calls(&mut self) -> Vec<Call> {
        let running = self.items.iter().filter(|it| it.started && it.outcome.is_none()).count();
        let waiting = self.items.iter_mut().filter(|it| !it.started);
        let start = |item: &mut Item| {
            item.started = true;
            item.call.clone()
        };
        waiting.take(AT_A_TIME.saturating_sub(running)).map(start).collect()
    }

    /// Records an answer, if this job asked for it. Returns the name of the target on success.
    pub fn answered(&mut self, call: &Call, answer: Result<Reply, Refusal>) -> Option<String> {
        let waits = |it: &&mut Item| it.started && it.outcome.is_none() && it.call == *call;
        let item = self.items.iter_mut().find(waits)?;
        let done = |reply| match reply {
            Reply::Check(check) => Done::Checked(check),
            _ => Done::Changed,
        };
        let outcome = item.outcome.insert(answer.map(done));
        outcome.is_ok().then(|| item.name.clone())
    }

    /// Number of targets with a result.
    pub fn done(&self) -> usize {
        self.items.iter().filter(|it| it.outcome.is_some()).count()
    }

    /// Number of targets that failed.
    pub fn failed(&self) -> usize {
        self.items.iter().filter(|it| matches!(it.outcome, Some(Err(_)))).count()
    }

    /// Whether every target has a result.
    pub fn is_done(&self) -> bool {
        self.done() == self.items.len()
    }

    /// The results in one line.
    pub fn summary(&self) -> String {
        let (noun, past, failed) = (self.operation.noun(), self.operation.past(), self.failed());
        let good = self.done() - failed;
        match self.items.as_slice() {
            [one] if failed == 0 => format!("{noun} {} {past}", one.name),
            _ if failed == 0 => format!("{} {past}", counted(good as u64, noun)),
            _ => format!("{} {past}, {failed} refused", counted(good as u64, noun)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_calls_at_a_time_and_every_answer_counts_once() {
        let calls = (0..6).map(|n| (format!("n{n}"), Call::NodeCheck(format!("n{n}"))));
        let mut job = Job::new(Operation::Check, calls);
        let first = job.next_calls();
        assert_eq!((first.len(), job.next_calls().len()), (4, 0));
        assert_eq!(job.answered(&first[0], Ok(Reply::Done)), Some("n0".to_owned()));
        assert_eq!(job.answered(&first[0], Ok(Reply::Done)), None);
        assert_eq!(job.answered(&first[1], Err(Refusal::new("no"))), None);
        assert_eq!((job.next_calls().len(), job.done(), job.failed()), (2, 2, 1));
        assert!(!job.is_done());
        assert_eq!(job.summary(), "1 node examined, 1 refused");
    }
}
