//! The pool over time: fetched while it is on the screen.

use rpc::PoolHistory;

use crate::message::{Call, Millis, Refusal, Reply};

/// Age at which an answer is fetched again. The daemon records once a minute.
const MAX_AGE: Millis = 30_000;

/// The latest answer.
#[derive(Clone, Debug, Default)]
pub struct PoolCache {
    answer: Option<(Result<PoolHistory, Refusal>, Millis)>,
    in_flight: bool,
}

impl PoolCache {
    /// The latest answer; none before the first one.
    pub fn get(&self) -> Option<&Result<PoolHistory, Refusal>> {
        self.answer.as_ref().map(|(answer, _)| answer)
    }

    /// The call that fetches it; none if one is in flight, or if the answer is recent.
    pub fn fetch(&mut self, now: Millis) -> Option<Call> {
        let is_recent = self.answer.as_ref().is_some_and(|(_, at)| now - at < MAX_AGE);
        if self.in_flight || is_recent {
            return None;
        }
        self.in_flight = true;
        Some(Call::PoolHistory)
    }

    /// Stores the answer; ignores answers to other calls. A failure does not replace what is known.
    pub fn answered(&mut self, call: &Call, answer: &Result<Reply, Refusal>, now: Millis) {
        if *call != Call::PoolHistory {
            return;
        }
        self.in_flight = false;
        let new = match (answer, self.answer.take()) {
            (Ok(Reply::PoolHistory(history)), _) => Ok((**history).clone()),
            (Err(_), Some((Ok(known), _))) => Ok(known),
            (Err(refusal), _) => Err(refusal.clone()),
            (Ok(_), known) => {
                self.answer = known;
                return;
            }
        };
        self.answer = Some((new, now));
    }

    /// Expires the answer and forgets the call in flight: the connection is a new one.
    pub fn reconnected(&mut self) {
        self.in_flight = false;
        if let Some((_, at)) = &mut self.answer {
            *at -= MAX_AGE;
        }
    }
}
