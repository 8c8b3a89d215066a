//! A running meeting.

use rpc::{MeetingFigures, MeetingRow};

use crate::message::Millis;
use crate::state::filter::fold;
use crate::text::clean;

/// The participants of a meeting.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MeetingCounts {
    /// People, moderators included.
    pub attendees: u32,
    /// Attendees who only listen.
    pub listeners: u32,
    /// Attendees with a microphone.
    pub voices: u32,
    /// Cameras that are on.
    pub videos: u32,
    /// Attendees who are moderators.
    pub moderators: u32,
}

impl From<MeetingFigures> for MeetingCounts {
    fn from(figures: MeetingFigures) -> Self {
        let MeetingFigures(_, attendees, listeners, voices, videos, moderators) = figures;
        Self { attendees, listeners, voices, videos, moderators }
    }
}

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
    pub counts: MeetingCounts,
    /// Its name in lower case, to sort by.
    pub sort_name: String,
    searched: String,
}

impl Meeting {
    /// A meeting without figures.
    pub fn new(row: MeetingRow) -> Self {
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
            counts: MeetingCounts::default(),
            searched,
        }
    }

    /// Seconds since it was created.
    pub fn age(&self, now: Millis) -> i64 {
        ((now - self.created_at) / 1000).max(0)
    }

    /// Whether name, id or secret contain `word`, which is in lower case.
    pub fn contains(&self, word: &str) -> bool {
        self.searched.contains(word)
    }
}
