//! The connection to the daemon as the operator sees it.

use rpc::Hello;

use crate::message::Millis;

/// The connection to the daemon.
#[derive(Clone, Debug)]
pub struct Link {
    /// Its phase.
    pub phase: Phase,
    /// How the daemon introduced itself; none before the first connection.
    pub hello: Option<Hello>,
    /// Address of the daemon.
    pub place: String,
    /// When the connection was lost, on the dashboard's clock.
    pub lost_at: Option<Millis>,
}

/// The phase of a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Connecting: attempt number.
    Connecting(u32),
    /// Connected.
    Up,
    /// Waiting for the next attempt.
    Waiting {
        /// Why, in words.
        reason: String,
        /// Failed attempts in a row.
        tries: u32,
        /// When the next attempt starts, on the dashboard's clock.
        retry_at: Millis,
    },
}

impl Link {
    /// A link that starts to connect to `place`.
    pub fn to(place: impl Into<String>) -> Self {
        Self { phase: Phase::Connecting(1), hello: None, place: place.into(), lost_at: None }
    }

    /// Whether it is connected.
    pub fn is_up(&self) -> bool {
        self.phase == Phase::Up
    }

    /// Records a new connection.
    pub fn connected(&mut self, hello: Hello, place: String) {
        *self = Self { phase: Phase::Up, hello: Some(hello), place, lost_at: None };
    }

    /// Records a failed attempt, or the end of a connection.
    pub fn lost(&mut self, reason: String, tries: u32, now: Millis, retry_at: Millis) {
        self.phase = Phase::Waiting { reason, tries, retry_at };
        self.lost_at.get_or_insert(now);
    }

    /// `lost for 12 s, try 3 failed, next in 5 s`; none while connected.
    pub fn progress(&self, now: Millis) -> Option<String> {
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

    /// Why the last attempt failed.
    pub fn reason(&self) -> Option<&str> {
        match &self.phase {
            Phase::Waiting { reason, .. } => Some(reason),
            Phase::Up | Phase::Connecting(_) => None,
        }
    }
}
