//! The pool over time.

use serde::{Deserialize, Serialize};
use serde_tuple::{Deserialize_tuple, Serialize_tuple};

/// A quarter of an hour of the whole pool. An array on the wire.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize_tuple, Deserialize_tuple)]
pub struct PoolPoint {
    /// The most attendees at the same time.
    pub attendees: u32,
    /// The most meetings at the same time.
    pub meetings: u32,
    /// Meetings created.
    pub creates: u32,
    /// Creates that were refused.
    pub refusals: u32,
}

/// What is expected in the next full hour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PoolForecast {
    /// When the hour begins; milliseconds since 1970.
    pub at: i64,
    /// The most attendees at the same time.
    pub attendees: u32,
    /// The same, a week before.
    pub week_before: u32,
}

/// The last day by quarters of an hour, the days to compare it with, and what is expected. A quarter is null if it was
/// not recorded.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PoolHistory {
    /// When the first quarter begins; milliseconds since 1970.
    pub start: i64,
    /// How far the daemon's local time is ahead of UTC now, in seconds.
    pub utc_offset: i32,
    /// The last 24 hours. The last quarter is the current one.
    pub today: Vec<Option<PoolPoint>>,
    /// The same time of day a day before, and the 12 hours after.
    pub yesterday: Vec<Option<PoolPoint>>,
    /// The same time of day a week before, and the 12 hours after.
    pub last_week: Vec<Option<PoolPoint>>,
    /// The next full hour; null without the same hour of a week before.
    pub forecast: Option<PoolForecast>,
    /// Attendees that the nodes that take meetings carry; null until it is learned.
    pub capacity: Option<u64>,
}

impl PoolHistory {
    /// The hour of the day in the daemon's time zone; `at` is in milliseconds since 1970.
    pub fn hour_of(&self, at: i64) -> i64 {
        (at.div_euclid(1000) + i64::from(self.utc_offset)).rem_euclid(86_400) / 3_600
    }

    /// The most attendees in the current quarter of an hour, or in the one before.
    pub fn attendees_now(&self) -> Option<u32> {
        self.today.iter().rev().take(2).flatten().map(|it| it.attendees).next()
    }
}
