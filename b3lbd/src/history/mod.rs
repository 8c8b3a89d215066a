//! The pool over time: what is recorded each minute, how it is summed up, and how it is packed. Pure.

mod calendar;
mod forecast;
mod pack;
mod sums;

pub use calendar::{
    Completed, DAYS_KEPT, MINUTES_KEPT, QUARTERS_KEPT, TENANT_QUARTERS_KEPT, completed, date_of, day_number,
    minute_of, minutes_of, numbered_day, quarter_of, quarters_of, start_of,
};
pub use forecast::{Forecast, days_before, forecast};
pub use pack::{Unreadable, pack, unpack};
pub use sums::{
    Capacity, Fold, NodeCounts, PoolRow, REFUSALS, Refusal, Stats, TenantMinute, Usage, fold, usage_of,
};

use std::collections::BTreeMap;

/// Rows by the number of a cluster or tenant. Numbers are never used twice, other than row ids.
pub type ByName<T> = BTreeMap<u32, T>;

/// The state of the pool at the end of a minute, and what happened during it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sample {
    /// All nodes, meetings and requests.
    pub pool: Stats,
    /// Refused creates, by [`Refusal`].
    pub refusals: [u32; REFUSALS],
    /// The clusters, by name.
    pub clusters: BTreeMap<String, Stats>,
    /// The tenants with meetings, by slug.
    pub tenants: BTreeMap<String, TenantMinute>,
}
