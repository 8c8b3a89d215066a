//! A deed on one or many things: what is still to be done, and what came out.

use rpc::NodeCheck;

use crate::message::{Call, Refusal, Reply};
use crate::text::counted;

/// How many calls of a job run at a time.
const AT_A_TIME: usize = 4;

/// What operators do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// Nodes take no new meetings.
    MaintenanceOn,
    /// Nodes take new meetings again.
    MaintenanceOff,
    /// Nodes take no new meetings and are followed until they are empty.
    Drain,
    /// Nodes are examined.
    Check,
    /// Meetings are ended.
    EndMeeting,
}

impl Deed {
    /// What it is done to.
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

    /// What has been done, after the names.
    pub const fn past(self) -> &'static str {
        match self {
            Self::MaintenanceOn | Self::Drain => "in maintenance",
            Self::MaintenanceOff => "out of maintenance",
            Self::Check => "examined",
            Self::EndMeeting => "ended",
        }
    }
}

/// One thing of a job.
#[derive(Clone, Debug)]
pub struct Item {
    /// Its name, as people read it.
    pub name: String,
    /// What came out; none while it is not done.
    pub outcome: Option<Result<Done, Refusal>>,
    call: Call,
    started: bool,
}

/// What came out of a thing that went well.
#[derive(Clone, Debug)]
pub enum Done {
    /// It is done.
    Changed,
    /// What an examination found.
    Checked(NodeCheck),
}

/// The deed and its things.
#[derive(Clone, Debug)]
pub struct Job {
    /// What is done.
    pub deed: Deed,
    /// To what.
    pub items: Vec<Item>,
}

impl Job {
    /// A job that has not begun; names and calls.
    pub fn new(deed: Deed, calls: impl IntoIterator<Item = (String, Call)>) -> Self {
        let item = |(name, call)| Item { name, outcome: None, call, started: false };
        Self { deed, items: calls.into_iter().map(item).collect() }
    }

    /// The calls to make now.
    pub fn next_calls(&mut self) -> Vec<Call> {
        let running = self.items.iter().filter(|it| it.started && it.outcome.is_none()).count();
        let waiting = self.items.iter_mut().filter(|it| !it.started);
        let start = |item: &mut Item| {
            item.started = true;
            item.call.clone()
        };
        waiting.take(AT_A_TIME.saturating_sub(running)).map(start).collect()
    }

    /// Takes over an answer, if it is for this job; the name of the thing if it went well.
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

    /// How many have an outcome.
    pub fn done(&self) -> usize {
        self.items.iter().filter(|it| it.outcome.is_some()).count()
    }

    /// How many went wrong.
    pub fn failed(&self) -> usize {
        self.items.iter().filter(|it| matches!(it.outcome, Some(Err(_)))).count()
    }

    /// All have an outcome.
    pub fn is_done(&self) -> bool {
        self.done() == self.items.len()
    }

    /// What came out, in one line.
    pub fn summary(&self) -> String {
        let (noun, past, failed) = (self.deed.noun(), self.deed.past(), self.failed());
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
        let mut job = Job::new(Deed::Check, calls);
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
