//! A tenant.

use rpc::{TenantRow, TenantStats};

use super::object::Object;
use crate::state::filter::fold;
use crate::text::clean;

/// A tenant.
#[derive(Clone, Debug)]
pub struct Tenant {
    /// Its slug, which identifies it.
    pub slug: String,
    /// Free text.
    pub description: String,
    /// Name of its cluster group.
    pub group: String,
    /// Host name of sub id 0.
    pub hostname: String,
    /// Limit of attendees; none = no limit.
    pub attendee_limit: Option<u32>,
    /// Limit of meetings; none = no limit.
    pub meeting_limit: Option<u32>,
    /// Number of secrets.
    pub secrets: u32,
    /// Running meetings.
    pub meetings: u32,
    /// Attendees of all its meetings.
    pub attendees: u32,
    /// Number of creates that a limit refused.
    pub refused: u64,
    searched: String,
}

impl Object for Tenant {
    type Row = TenantRow;
    type Stats = TenantStats;

    fn number_of_row(row: &TenantRow) -> i64 {
        row.id
    }

    fn number_of_stats(stats: &TenantStats) -> i64 {
        stats.id
    }

    fn new(row: TenantRow) -> Self {
        let limit = |it| Some(it).filter(|it| *it > 0);
        let [slug, description, group, hostname] =
            [&row.slug, &row.description, &row.group, &row.hostname].map(|it| clean(it));
        let searched = fold(&format!("{slug} {description} {group} {hostname}"));
        Self {
            slug,
            description,
            group,
            hostname,
            attendee_limit: limit(row.attendee_limit),
            meeting_limit: limit(row.meeting_limit),
            secrets: row.secrets,
            meetings: 0,
            attendees: 0,
            refused: 0,
            searched,
        }
    }

    fn set_stats(&mut self, stats: TenantStats) {
        (self.meetings, self.attendees, self.refused) = (stats.meetings, stats.attendees, stats.refused);
    }

    fn keep_stats(&mut self, before: Self) {
        (self.meetings, self.attendees, self.refused) = (before.meetings, before.attendees, before.refused);
    }
}

impl Tenant {
    /// Whether the row contains `word`, which is in lower case.
    pub fn contains(&self, word: &str) -> bool {
        self.searched.contains(word)
    }
}
