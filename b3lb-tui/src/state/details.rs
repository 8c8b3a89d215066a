//! Details that the watch does not report: fetched for the selected row, one call at a time, and cached.

use rpc::{NodeStats, SecretView};

use super::history::NodeHistory;
use crate::message::{Call, Millis, Refusal, Reply};

/// Age at which an answer is fetched again.
const MAX_AGE: Millis = 60_000;

/// What details are about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// A node, by name.
    Node(String),
    /// A tenant, by slug.
    Tenant(String),
}

impl Subject {
    fn call(&self) -> Call {
        match self {
            Self::Node(name) => Call::NodeDetails(name.clone()),
            Self::Tenant(slug) => Call::Secrets(slug.clone()),
        }
    }
}

/// The answer about a subject.
#[derive(Clone, Debug)]
pub enum Answer {
    /// A node with its last hour.
    Node(Box<NodeHistory>),
    /// A tenant's secrets, without keys.
    Tenant(Vec<SecretView>),
    /// The call failed.
    Refused(Refusal),
}

/// The latest answer, and the subject of the call in flight.
#[derive(Clone, Debug, Default)]
pub struct DetailCache {
    answer: Option<(Subject, Answer, Millis)>,
    in_flight: Option<Subject>,
}

impl DetailCache {
    /// The answer about `subject`, if it is the latest one.
    pub fn get(&self, subject: &Subject) -> Option<&Answer> {
        self.answer.as_ref().filter(|it| it.0 == *subject).map(|it| &it.1)
    }

    /// The call that fetches `subject`; none if a call is in flight, or if the answer is recent.
    pub fn fetch(&mut self, subject: Subject, now: Millis) -> Option<Call> {
        let is_recent = |it: &(Subject, Answer, Millis)| it.0 == subject && now - it.2 < MAX_AGE;
        if self.in_flight.is_some() || self.answer.as_ref().is_some_and(is_recent) {
            return None;
        }
        let call = subject.call();
        self.in_flight = Some(subject);
        Some(call)
    }

    /// Stores the answer to the call in flight; ignores answers to other calls.
    pub fn answered(&mut self, call: &Call, answer: &Result<Reply, Refusal>, now: Millis) {
        let Some(subject) = self.in_flight.take_if(|subject| subject.call() == *call) else { return };
        let answer = match answer {
            Ok(Reply::Details(details)) => Answer::Node(Box::new(NodeHistory::new((**details).clone()))),
            Ok(Reply::Secrets(secrets)) => Answer::Tenant(secrets.clone()),
            Ok(_) => return,
            Err(refusal) => Answer::Refused(refusal.clone()),
        };
        self.answer = Some((subject, answer, now));
    }

    /// Expires the answer and forgets the call in flight: the connection is a new one.
    pub fn reconnected(&mut self) {
        self.in_flight = None;
        if let Some(answer) = &mut self.answer {
            answer.2 -= MAX_AGE;
        }
    }

    /// Extends the last hour of a cached node with polls that the watch reported.
    pub fn follow(&mut self, stats: &[NodeStats], number_of: impl Fn(&str) -> Option<i64>) {
        if let Some((Subject::Node(name), Answer::Node(node), _)) = &mut self.answer
            && let Some(number) = number_of(name)
            && let Some(stats) = stats.iter().find(|it| it.id == number)
        {
            node.follow(stats);
        }
    }
}
