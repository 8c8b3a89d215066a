//! How much one connection is told, and how often: a snapshot at once, changes at a bounded rate. As every
//! thing is told at most once, as it is by then, whoever is told slowly is late, but never behind for good.

use std::time::Duration;

use parking_lot::Mutex;
use rpc::{Totals, WatchAnswer, WatchFrom};
use tokio::time::Instant;

/// Between two answers of changes.
const SPACING: Duration = Duration::from_secs(1);
/// Bytes of changes in one answer, which makes their rate a second.
const CHANGES: usize = 40_000;
/// Bytes of a snapshot in one answer.
const SNAPSHOT: usize = 512_000;

#[derive(Debug, Default)]
struct State {
    /// No answer before.
    next: Option<Instant>,
    /// Until here the watcher is given a snapshot.
    snapshot_until: Option<u64>,
    /// The same of meetings.
    meetings_until: Option<u64>,
    last_totals: Option<Totals>,
    /// The last answer had meetings.
    told_meetings: bool,
}

/// The pace of one connection.
#[derive(Debug, Default)]
pub(in crate::admin) struct RateLimit(Mutex<State>);

/// What one answer may carry.
#[derive(Debug)]
pub(super) struct Allowance {
    bytes: usize,
    used: usize,
}

impl Allowance {
    /// Whether so many bytes more fit. The first thing always does.
    pub(super) fn takes(&mut self, bytes: usize) -> bool {
        let fits = self.used == 0 || self.used + bytes <= self.bytes;
        if fits {
            self.used += bytes;
        }
        fits
    }

    /// Meetings from `seq` on come now; they may be in a snapshot of their own.
    pub(super) fn meetings(&mut self, pace: &RateLimit, seq: u64, last: u64) {
        let mut state = pace.0.lock();
        if seq == 0 || state.meetings_until.is_none() {
            state.meetings_until = Some(last);
        }
        if state.meetings_until.is_some_and(|until| seq < until) {
            self.bytes = SNAPSHOT;
        }
    }
}

impl RateLimit {
    /// Whether meetings are wanted now, but were not before.
    pub(super) fn wants_more_than_before(&self, from: &WatchFrom) -> bool {
        from.meetings.is_some() && !self.0.lock().told_meetings
    }

    /// When the next answer may be given.
    pub(super) fn next_answer(&self) -> Instant {
        self.0.lock().next.unwrap_or_else(Instant::now)
    }

    /// What a watcher at `seq` may be told in one answer.
    pub(super) fn allowance(&self, seq: u64, last: u64) -> Allowance {
        let mut state = self.0.lock();
        if seq == 0 || state.snapshot_until.is_none() {
            state.snapshot_until = Some(last);
        }
        let in_snapshot = state.snapshot_until.is_some_and(|until| seq < until);
        Allowance { bytes: if in_snapshot { SNAPSHOT } else { CHANGES }, used: 0 }
    }

    /// Whether the sums say something new; the time of day does not count.
    pub(super) fn has_news(&self, totals: &Totals) -> bool {
        let state = self.0.lock();
        state.last_totals.as_ref().is_none_or(|last| Totals { now: totals.now, ..last.clone() } != *totals)
    }

    /// An answer goes out.
    pub(super) fn answered(&self, answer: &WatchAnswer) {
        let mut state = self.0.lock();
        let behind = |until: Option<u64>, at: u64| until.is_some_and(|until| at < until);
        let meetings_at = answer.meetings.as_ref().map_or(u64::MAX, |it| it.seq);
        let in_snapshot =
            behind(state.snapshot_until, answer.seq) || behind(state.meetings_until, meetings_at);
        state.next = (!in_snapshot).then(|| Instant::now() + SPACING);
        state.last_totals = Some(answer.totals.clone());
        state.told_meetings = answer.meetings.is_some();
    }
}
