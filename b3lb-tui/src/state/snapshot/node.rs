//! A node.

use jiff::Timestamp;
use rpc::{DrainView, NodeRow, NodeState, NodeStats};

use super::object::Object;
use crate::message::Millis;
use crate::state::filter::fold;
use crate::text::clean;

/// A node.
#[derive(Clone, Debug)]
pub struct Node {
    /// `slug.domain`, which identifies it.
    pub name: String,
    /// Name of its cluster.
    pub cluster: String,
    /// Its drain, if it is being drained.
    pub drain: Option<DrainView>,
    /// Its statistics; none before they arrived.
    pub stats: Option<NodeStats>,
    searched: String,
}

impl Object for Node {
    type Row = NodeRow;
    type Stats = NodeStats;

    fn number_of_row(row: &NodeRow) -> i64 {
        row.id
    }

    fn number_of_stats(stats: &NodeStats) -> i64 {
        stats.id
    }

    fn new(row: NodeRow) -> Self {
        let name = clean(&format!("{}.{}", row.slug, row.domain));
        let cluster = clean(&row.cluster);
        let searched = fold(&format!("{name} {cluster}"));
        let drain = row.drain.map(|it| DrainView { who: clean(&it.who), reason: clean(&it.reason), ..it });
        Self { name, cluster, drain, stats: None, searched }
    }

    fn set_stats(&mut self, mut stats: NodeStats) {
        stats.error = stats.error.map(|error| clean(&error));
        self.stats = Some(stats);
    }

    fn keep_stats(&mut self, before: Self) {
        self.stats = before.stats;
    }
}

impl Node {
    /// Its state by the polls.
    pub fn state(&self) -> NodeState {
        self.stats.as_ref().map_or(NodeState::Unknown, |it| it.state)
    }

    /// Whether an operator switched maintenance on.
    pub fn maintenance(&self) -> bool {
        self.stats.as_ref().is_some_and(|it| it.maintenance)
    }

    /// When its drain began and when the rest is ended, in milliseconds since 1970.
    pub fn drain_times(&self) -> Option<(Millis, Option<Millis>)> {
        let drain = self.drain.as_ref()?;
        let time = |text: &str| text.parse().map(Timestamp::as_millisecond).ok();
        Some((time(&drain.since)?, drain.evacuate_at.as_deref().and_then(time)))
    }

    /// Whether it is up and not in maintenance.
    pub fn takes_meetings(&self) -> bool {
        self.state() == NodeState::Up && !self.maintenance()
    }

    /// Load by the documented formula; -2 in maintenance, else -1 if not up.
    pub fn load(&self) -> Option<i64> {
        self.stats.as_ref().map(|it| it.load)
    }

    /// Meetings at the last good poll.
    pub fn meetings(&self) -> Option<u32> {
        self.stats.as_ref()?.meetings
    }

    /// Attendees at the last good poll.
    pub fn attendees(&self) -> Option<u32> {
        self.stats.as_ref()?.attendees
    }

    /// CPU load, of which 10,000 is the full load.
    pub fn cpu(&self) -> Option<u32> {
        self.stats.as_ref()?.cpu
    }

    /// Attendees that it carries, once that is learned.
    pub fn capacity(&self) -> Option<u32> {
        self.stats.as_ref()?.capacity
    }

    /// Failed polls in a row.
    pub fn misses(&self) -> u32 {
        self.stats.as_ref().map_or(0, |it| it.misses)
    }

    /// The last poll's error in words.
    pub fn error(&self) -> Option<&str> {
        self.stats.as_ref()?.error.as_deref()
    }

    /// Seconds since the last poll.
    pub fn poll_age(&self, now: Millis) -> Option<i64> {
        let polled_at = self.stats.as_ref()?.polled_at;
        (polled_at > 0).then(|| (now / 1000 - polled_at).max(0))
    }

    /// Sorts nodes that need an operator first: down, suspect, unknown, maintenance, up.
    pub fn urgency(&self) -> u8 {
        match (self.state(), self.maintenance()) {
            (NodeState::Down, _) => 0,
            (NodeState::Suspect, _) => 1,
            (NodeState::Unknown, _) => 2,
            (NodeState::Up, true) => 3,
            (NodeState::Up, false) => 4,
        }
    }

    /// Whether the row contains `word`, which is in lower case.
    pub fn contains(&self, word: &str) -> bool {
        self.searched.contains(word)
            || self.state().as_str().contains(word)
            || (self.maintenance() && "maintenance".contains(word))
            || self
                .drain
                .as_ref()
                .is_some_and(|it| "draining".contains(word) || fold(&it.reason).contains(word))
            || self.error().is_some_and(|error| fold(error).contains(word))
    }
}
