//! The change feeds that watchers read.

use std::collections::VecDeque;
use std::sync::Arc;

use parking_lot::{Mutex, MutexGuard};
use rpc::{
    Changes, ClusterView, Event, GroupView, MeetingRow, MeetingStats, NodeRow, NodeStats, TenantRow,
    TenantStats, WatchAnswer,
};
use tokio::time::Instant;

use crate::model::Catalog;
use crate::state::ChangeFeed;

/// The two parts of an object, which change separately.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Part {
    Row,
    Stats,
}

/// The current value of one part.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value<Row, Stats> {
    Row(Row),
    Stats(Stats),
}

/// Adds a value to the changes of its kind; none if the object is gone.
pub(super) fn add<Row: Clone, Stats: Clone>(
    changes: &mut Changes<Row, Stats>,
    (part, number): (Part, i64),
    value: Option<&Value<Row, Stats>>,
) {
    match (value, part) {
        (Some(Value::Row(it)), _) => changes.rows.push(it.clone()),
        (Some(Value::Stats(it)), _) => changes.stats.push(it.clone()),
        (None, Part::Row) => changes.gone.push(number),
        (None, Part::Stats) => {}
    }
}

/// Identifies what can change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Key {
    Node(Part, i64),
    Tenant(Part, i64),
    Clusters,
    Groups,
    Event(u64),
}

/// The current value.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Change {
    Node(Value<NodeRow, NodeStats>),
    Tenant(Value<TenantRow, TenantStats>),
    Clusters(Vec<ClusterView>),
    Groups(Vec<GroupView>),
    Event(Event),
}

impl Change {
    /// Approximate size on the wire, in bytes.
    pub(super) fn size(&self) -> usize {
        match self {
            Self::Node(Value::Row(it)) => 40 + it.slug.len() + it.domain.len() + it.cluster.len(),
            Self::Node(Value::Stats(it)) => 56 + it.error.as_ref().map_or(0, String::len),
            Self::Tenant(Value::Row(it)) => 110 + it.description.len() + it.group.len() + it.hostname.len(),
            Self::Tenant(Value::Stats(_)) => 20,
            Self::Clusters(it) => 200 * it.len(),
            Self::Groups(it) => it.iter().map(|it| 80 + 12 * (it.clusters.len() + it.tenants.len())).sum(),
            Self::Event(it) => 130 + it.subject.len() + it.text.len(),
        }
    }

    /// Adds it to an answer.
    pub(super) fn add_to(&self, answer: &mut WatchAnswer, key: Key) {
        match (self, key) {
            (Self::Node(it), Key::Node(part, id)) => add(&mut answer.nodes, (part, id), Some(it)),
            (Self::Tenant(it), Key::Tenant(part, id)) => add(&mut answer.tenants, (part, id), Some(it)),
            (Self::Clusters(it), _) => answer.clusters = Some(it.clone()),
            (Self::Groups(it), _) => answer.groups = Some(it.clone()),
            (Self::Event(it), _) => answer.events.push(it.clone()),
            (Self::Node(_) | Self::Tenant(_), _) => {}
        }
    }
}

/// Adds to an answer that an object is gone.
pub(super) fn add_gone(answer: &mut WatchAnswer, key: Key) {
    match key {
        Key::Node(part, id) => add(&mut answer.nodes, (part, id), None),
        Key::Tenant(part, id) => add(&mut answer.tenants, (part, id), None),
        Key::Clusters | Key::Groups | Key::Event(_) => {}
    }
}

/// A part of the meeting with this number.
pub(super) type MeetingKey = (Part, i64);

/// The current value of a part of a meeting.
pub(super) type MeetingChange = Value<MeetingRow, MeetingStats>;

impl MeetingChange {
    /// Approximate size on the wire, in bytes.
    pub(super) fn size(&self) -> usize {
        match self {
            Self::Row(it) => 110 + it.id.len() + it.name.len() + it.tenant.len(),
            Self::Stats(_) => 26,
        }
    }
}

/// The change feeds, and when they were last updated.
#[derive(Debug)]
pub(super) struct State {
    /// Identifies the daemon process.
    pub(super) epoch: u64,
    pub(super) updated_at: Option<Instant>,
    /// The configuration that the rows are based on.
    pub(super) catalog: Option<Arc<Catalog>>,
    /// Number of meetings at the last update.
    pub(super) meetings_now: u64,
    /// Number of attendees at the last update.
    pub(super) attendees_now: u64,
    /// Numbers of the journal entries in the feed, oldest first.
    pub(super) events: VecDeque<u64>,
    pub(super) objects: ChangeFeed<Key, Change>,
    pub(super) meetings: ChangeFeed<MeetingKey, MeetingChange>,
}

/// The change feeds of the daemon, shared by all watchers.
#[derive(Debug)]
pub(in crate::admin) struct ChangeFeeds(Mutex<State>);

impl Default for ChangeFeeds {
    fn default() -> Self {
        Self(Mutex::new(State {
            // Never zero, the initial value of watchers. Small enough for every JSON parser.
            epoch: rand::random::<u64>() >> 12 | 1,
            updated_at: None,
            catalog: None,
            meetings_now: 0,
            attendees_now: 0,
            events: VecDeque::new(),
            objects: ChangeFeed::default(),
            meetings: ChangeFeed::default(),
        }))
    }
}

impl ChangeFeeds {
    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock()
    }
}
