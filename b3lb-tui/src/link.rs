//! How the dashboard stands with the daemon.

use rpc::Hello;

use crate::model::Millis;

/// The connection as the operator sees it.
#[derive(Clone, Debug)]
pub struct Link {
    /// What is known of it.
    pub phase: Phase,
    /// What the daemon said of itself last; none before the first connection.
    pub hello: Option<Hello>,
    /// Where the daemon is, or is looked for.
    pub place: String,
    /// Since when there is no connection, on the dashboard's clock.
    pub lost_at: Option<Millis>,
}

/// What is known of the connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Phase {
    /// It is being made; the how manyth try.
    Connecting(u32),
    /// It is there.
    Up,
    /// It is not there.
    Waiting {
        /// Why, in words.
        reason: String,
        /// How many tries there were.
        tries: u32,
        /// When the next one is, on the dashboard's clock.
        retry_at: Millis,
    },
}

impl Link {
    /// Nothing is known yet.
    pub fn to(place: impl Into<String>) -> Self {
        Self { phase: Phase::Connecting(1), hello: None, place: place.into(), lost_at: None }
    }

    /// There is a connection.
    pub fn is_up(&self) -> bool {
        self.phase == Phase::Up
    }

    /// A connection was made.
    pub fn connected(&mut self, hello: Hello, place: String) {
        *self = Self { phase: Phase::Up, hello: Some(hello), place, lost_at: None };
    }

    /// The connection went, or could not be made.
    pub fn lost(&mut self, reason: String, tries: u32, now: Millis, retry_at: Millis) {
        self.phase = Phase::Waiting { reason, tries, retry_at };
        self.lost_at.get_or_insert(now);
    }

    /// `lost for 12 s, try 3, next in 5 s`; none while there is a connection.
    pub fn trouble(&self, now: Millis) -> Option<String> {
        let lost = self.lost_at.map(|at| format!("lost for {}, ", crate::text::duration((now - at) / 1000)));
        let lost = lost.unwrap_or_default();
        match &self.phase {
            Phase::Up => None,
            Phase::Connecting(attempt) => Some(format!("{lost}try {attempt}, connecting")),
            Phase::Waiting { tries, retry_at, .. } => {
                let rest = (retry_at - now + 999).max(0) / 1000;
                Some(format!("{lost}try {tries} failed, next in {rest} s"))
            }
        }
    }

    /// Why there is no connection.
    pub fn reason(&self) -> Option<&str> {
        match &self.phase {
            Phase::Waiting { reason, .. } => Some(reason),
            Phase::Up | Phase::Connecting(_) => None,
        }
    }
}
