//! Statistics that are kept over restarts.

use std::sync::Arc;

use super::{SecretId, TenantId};

/// The counters of a secret.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CounterRow {
    /// Joins that were redirected.
    pub joins: u64,
    /// Meetings created.
    pub creates: u64,
    /// Meetings that have ended.
    pub ended: u64,
    /// Total duration of these, in milliseconds.
    pub duration_ms: u64,
    /// Creates refused by an attendee limit.
    pub attendee_limit_hits: u64,
    /// Creates refused by a meeting limit.
    pub meeting_limit_hits: u64,
}

impl std::ops::AddAssign for CounterRow {
    fn add_assign(&mut self, it: Self) {
        self.joins += it.joins;
        self.creates += it.creates;
        self.ended += it.ended;
        self.duration_ms += it.duration_ms;
        self.attendee_limit_hits += it.attendee_limit_hits;
        self.meeting_limit_hits += it.meeting_limit_hits;
    }
}

/// The statistics that are kept over restarts.
#[derive(Clone, Debug, Default)]
pub struct Statistics {
    /// Counters of each secret.
    pub counters: Vec<(SecretId, CounterRow)>,
    /// What was learned from past meetings.
    pub past: Vec<PastEntry>,
}

/// A mean that starts as the arithmetic mean, and becomes an exponential moving average.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Mean {
    /// The mean.
    pub value: f64,
    /// Number of values learned.
    pub occasions: u32,
}

impl Mean {
    /// Learns a value. The weight of the newest one never falls below `newest`.
    pub fn learn(&mut self, value: f64, newest: f64) {
        let weight = newest.max(1.0 / f64::from(self.occasions.saturating_add(1)));
        self.value += weight * (value - self.value);
        self.occasions = self.occasions.saturating_add(1);
    }
}

/// One stored mean: of a meeting id, a tenant, or overall.
#[derive(Clone, Debug, PartialEq)]
pub struct PastEntry {
    /// The tenant; `None` for the overall mean.
    pub tenant: Option<TenantId>,
    /// The meeting id; `None` for the mean of a tenant.
    pub id: Option<Arc<str>>,
    /// The mean.
    pub mean: Mean,
}

/// Meeting ids that were not used for 120 days are forgotten, in milliseconds.
const PAST_KEPT: i64 = 120 * 24 * 3600 * 1000;

/// The time (milliseconds since 1970) before which the past is forgotten.
pub fn oldest_past(now: i64) -> i64 {
    now - PAST_KEPT
}
