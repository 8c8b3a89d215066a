//! Limits the data sent on one connection: a snapshot at once, changes at a bounded rate. Since an answer
//! contains each object at most once, in its current state, a slow watcher lags behind but never falls back
//! forever.

use std::time::Duration;

use parking_lot::Mutex;
use rpc::{Totals, WatchAnswer, WatchFrom};
use tokio::time::Instant;

/// Minimum time between two answers with changes.
const SPACING: Duration = Duration::from_secs(1);
/// Maximum size of the changes in one answer, in bytes. With `SPACING`, this is the rate per second.
const CHANGES: usize = 40_000;
/// Maximum size of a snapshot in one answer, in bytes.
const SNAPSHOT: usize = 512_000;

#[derive(Debug, Default)]
struct State {
    /// The earliest time of the next answer.
    next: Option<Instant>,
    /// The watcher receives a snapshot up to this change.
    snapshot_until: Option<u64>,
    /// The same for meetings.
    meetings_until: Option<u64>,
    last_totals: Option<Totals>,
    /// Whether the last answer contained meetings.
    sent_meetings: bool,
}

/// The rate limit of one connection.
#[derive(Debug, Default)]
pub(in crate::admin) struct RateLimit(Mutex<State>);

/// The budget of one answer.
#[derive(Debug)]
pub(super) struct Allowance {
    bytes: usize,
    used: usize,
}

impl Allowance {
    /// Whether this many more bytes fit. The first object always fits.
    pub(super) fn takes(&mut self, bytes: usize) -> bool {
        let fits = self.used == 0 || self.used + bytes <= self.bytes;
        if fits {
            self.used += bytes;
        }
        fits
    }

    /// Meetings after `seq` follow. They may be part of a snapshot of their own.
    pub(super) fn meetings(&mut self, rate_limit: &RateLimit, seq: u64, last: u64) {
        let mut state = rate_limit.0.lock();
        if seq == 0 || state.meetings_until.is_none() {
            state.meetings_until = Some(last);
        }
        if state.meetings_until.is_some_and(|until| seq < until) {
            self.bytes = SNAPSHOT;
        }
    }
}

impl RateLimit {
    /// Whether meetings are requested now, but were not before.
    pub(super) fn wants_more_than_before(&self, from: &WatchFrom) -> bool {
        from.meetings.is_some() && !self.0.lock().sent_meetings
    }

    /// The earliest time of the next answer.
    pub(super) fn next_answer(&self) -> Instant {
        self.0.lock().next.unwrap_or_else(Instant::now)
    }

    /// The budget of an answer for a watcher at `seq`.
    pub(super) fn allowance(&self, seq: u64, last: u64) -> Allowance {
        let mut state = self.0.lock();
        if seq == 0 || state.snapshot_until.is_none() {
            state.snapshot_until = Some(last);
        }
        let in_snapshot = state.snapshot_until.is_some_and(|until| seq < until);
        Allowance { bytes: if in_snapshot { SNAPSHOT } else { CHANGES }, used: 0 }
    }

    /// Whether the totals have changed, apart from the current time.
    pub(super) fn has_changed(&self, totals: &Totals) -> bool {
        let state = self.0.lock();
        state.last_totals.as_ref().is_none_or(|last| Totals { now: totals.now, ..last.clone() } != *totals)
    }

    /// Records that an answer is sent.
    pub(super) fn answered(&self, answer: &WatchAnswer) {
        let mut state = self.0.lock();
        let behind = |until: Option<u64>, at: u64| until.is_some_and(|until| at < until);
        let meetings_at = answer.meetings.as_ref().map_or(u64::MAX, |it| it.seq);
        let in_snapshot =
            behind(state.snapshot_until, answer.seq) || behind(state.meetings_until, meetings_at);
        state.next = (!in_snapshot).then(|| Instant::now() + SPACING);
        state.last_totals = Some(answer.totals.clone());
        state.sent_meetings = answer.meetings.is_some();
    }
}
