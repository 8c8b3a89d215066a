//! The change feeds that watchers read.

use std::sync::Arc;

use parking_lot::{Mutex, MutexGuard};
use rpc::{
    ClusterView, Event, GroupView, MeetingChanges, MeetingFigures, MeetingRow, NodeFigures, NodeRow,
    TenantFigures, TenantRow, WatchAnswer,
};
use tokio::time::Instant;

use crate::model::Catalog;
use crate::state::ChangeFeed;

/// Identifies what can change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Key {
    Node(i64),
    NodeFigures(i64),
    Tenant(i64),
    TenantFigures(i64),
    Clusters,
    Groups,
    Event(u64),
}

/// The current value.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Change {
    Node(NodeRow),
    NodeFigures(NodeFigures),
    Tenant(TenantRow),
    TenantFigures(TenantFigures),
    Clusters(Vec<ClusterView>),
    Groups(Vec<GroupView>),
    Event(Event),
}

impl Change {
    /// Approximate size on the wire, in bytes.
    pub(super) fn size(&self) -> usize {
        match self {
            Self::Node(it) => 40 + it.slug.len() + it.domain.len() + it.cluster.len(),
            Self::NodeFigures(it) => 56 + it.error.as_ref().map_or(0, String::len),
            Self::Tenant(it) => 110 + it.description.len() + it.group.len() + it.hostname.len(),
            Self::TenantFigures(_) => 20,
            Self::Clusters(it) => 200 * it.len(),
            Self::Groups(it) => it.iter().map(|it| 80 + 12 * (it.clusters.len() + it.tenants.len())).sum(),
            Self::Event(it) => 130 + it.subject.len() + it.text.len(),
        }
    }
}

/// Adds a change to an answer.
pub(super) fn add(answer: &mut WatchAnswer, key: Key, value: Option<&Change>) {
    match (key, value.cloned()) {
        (_, Some(Change::Node(it))) => answer.nodes.push(it),
        (_, Some(Change::NodeFigures(it))) => answer.node_figures.push(it),
        (_, Some(Change::Tenant(it))) => answer.tenants.push(it),
        (_, Some(Change::TenantFigures(it))) => answer.tenant_figures.push(it),
        (_, Some(Change::Clusters(it))) => answer.clusters = Some(it),
        (_, Some(Change::Groups(it))) => answer.groups = Some(it),
        (_, Some(Change::Event(it))) => answer.events.push(it),
        (Key::Node(id), None) => answer.nodes_gone.push(id),
        (Key::Tenant(id), None) => answer.tenants_gone.push(id),
        (_, None) => {}
    }
}

/// Identifies what can change about a meeting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum MeetingKey {
    Row(i64),
    Totals(i64),
}

/// The current value.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum MeetingChange {
    Row(MeetingRow),
    Totals(MeetingFigures),
}

impl MeetingChange {
    /// Approximate size on the wire, in bytes.
    pub(super) fn size(&self) -> usize {
        match self {
            Self::Row(it) => 110 + it.id.len() + it.name.len() + it.tenant.len(),
            Self::Totals(_) => 26,
        }
    }
}

/// Adds a change to an answer.
pub(super) fn add_meeting(changes: &mut MeetingChanges, key: MeetingKey, value: Option<&MeetingChange>) {
    match (key, value.cloned()) {
        (_, Some(MeetingChange::Row(it))) => changes.rows.push(it),
        (_, Some(MeetingChange::Totals(it))) => changes.figures.push(it),
        (MeetingKey::Row(row), None) => changes.gone.push(row),
        (MeetingKey::Totals(_), None) => {}
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
    /// The last journal entry in the feed.
    pub(super) last_event: u64,
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
            last_event: 0,
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
