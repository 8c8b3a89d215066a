//! The usage of tenants, for invoices.

use serde::{Deserialize, Serialize};

/// Which usage to list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct UsageFilter {
    /// Slug of the only tenant; it may have been removed.
    #[serde(default)]
    pub tenant: Option<String>,
    /// The first day, such as `2026-11-01`; the first of the current month if absent.
    #[serde(default)]
    pub from: Option<String>,
    /// The last day; today if absent.
    #[serde(default)]
    pub to: Option<String>,
}

/// A tenant on one day of the daemon's time zone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UsageDay {
    /// The day, such as `2026-11-27`.
    pub day: String,
    /// Slug of the tenant.
    pub tenant: String,
    /// The most people at the same time. People in a breakout room count once.
    pub peak_attendees: u32,
    /// The most meetings at the same time.
    pub peak_meetings: u32,
    /// The sum of the number of people over all minutes.
    pub attendee_minutes: u64,
    /// Meetings created.
    pub meetings: u32,
}
