//! A running meeting.

use rpc::{MeetingRow, MeetingStats};

use super::object::Object;
use crate::message::Millis;
use crate::state::filter::fold;
use crate::text::clean;

/// A running meeting.
#[derive(Clone, Debug)]
pub struct Meeting {
    /// Secret and id, which together identify it.
    pub key: String,
    /// Name of its secret, such as `SCHOOL-001`.
    pub secret: String,
    /// Its id exactly as the client sent it, for calls.
    pub raw_id: String,
    /// Its id, sanitized.
    pub id: String,
    /// Its name, sanitized; the id if it has none.
    pub name: String,
    /// Number of its node.
    pub node: i64,
    /// When it was created: milliseconds since 1970.
    pub created_at: Millis,
    /// Its participants.
    pub stats: MeetingStats,
    /// Its name in lower case, to sort by.
    pub sort_name: String,
    searched: String,
}

impl Object for Meeting {
    type Row = MeetingRow;
    type Stats = MeetingStats;

    fn number_of_row(row: &MeetingRow) -> i64 {
        row.number
    }

    fn number_of_stats(stats: &MeetingStats) -> i64 {
        stats.number
    }

    fn new(row: MeetingRow) -> Self {
        let secret = format!("{}-{:03}", clean(&row.tenant), row.sub_id);
        let id = clean(&row.id);
        let name = clean(row.name.trim());
        let name = if name.is_empty() { id.clone() } else { name };
        let searched = fold(&format!("{name} {secret} {id}"));
        Self {
            key: format!("{secret}/{}", row.id),
            sort_name: fold(&name),
            secret,
            raw_id: row.id,
            id,
            name,
            node: row.node,
            created_at: row.created_at,
            stats: MeetingStats::default(),
            searched,
        }
    }

    fn set_stats(&mut self, stats: MeetingStats) {
        self.stats = stats;
    }

    fn keep_stats(&mut self, before: Self) {
        self.stats = before.stats;
    }
}

impl Meeting {
    /// Seconds since it was created.
    pub fn age(&self, now: Millis) -> i64 {
        ((now - self.created_at) / 1000).max(0)
    }

    /// Whether name, id or secret contain `word`, which is in lower case.
    pub fn contains(&self, word: &str) -> bool {
        self.searched.contains(word)
    }
}
