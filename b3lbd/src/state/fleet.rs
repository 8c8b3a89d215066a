//! The nodes, as seen by the polls.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use arc_swap::ArcSwap;
use bytes::Bytes;
use parking_lot::Mutex;
use tokio::sync::Notify;

use super::History;
use crate::bbb::{NodeList, NodeMeeting};
use crate::health::Health;
use crate::model::{Node, NodeId, NodeState};

/// The result of a successful poll: all meetings on the node, including breakout rooms and foreign meetings.
#[derive(Clone, Debug, Default)]
pub struct Report {
    by_internal_id: HashMap<Arc<str>, Arc<NodeMeeting>>,
    by_id: HashMap<Arc<str>, Vec<Arc<NodeMeeting>>>,
    left_out: Vec<Bytes>,
}

impl Report {
    /// Indexes a list.
    pub fn new(list: NodeList) -> Self {
        let mut report = Self { left_out: list.left_out, ..Self::default() };
        for meeting in list.meetings {
            let meeting = Arc::new(meeting);
            report.by_internal_id.insert(meeting.internal_id.clone(), meeting.clone());
            report.by_id.entry(meeting.id.clone()).or_default().push(meeting);
        }
        for lives in report.by_id.values_mut() {
            lives.sort_by_key(|it| std::cmp::Reverse(it.create_time));
        }
        report
    }

    /// The meeting with this internal id.
    pub fn with_internal_id(&self, id: &str) -> Option<&Arc<NodeMeeting>> {
        self.by_internal_id.get(id)
    }

    /// Number of meetings in the list that could not be read.
    pub fn left_out(&self) -> u32 {
        u32::try_from(self.left_out.len()).unwrap_or(u32::MAX)
    }

    /// Whether the meeting with this internal id, or any meeting if the id is not known, may be among those
    /// that could not be read.
    pub fn may_hide(&self, internal_id: Option<&str>) -> bool {
        match internal_id {
            Some(id) => NodeList::may_hide(&self.left_out, id),
            None => !self.left_out.is_empty(),
        }
    }

    /// All instances of a meeting id, newest first.
    pub fn with_id(&self, id: &str) -> &[Arc<NodeMeeting>] {
        self.by_id.get(id).map(Vec::as_slice).unwrap_or_default()
    }

    /// All meetings, in arbitrary order.
    pub fn all(&self) -> impl ExactSizeIterator<Item = &Arc<NodeMeeting>> {
        self.by_internal_id.values()
    }

    /// Attendees of all meetings; saturates.
    pub fn attendees(&self) -> u32 {
        self.all().fold(0, |sum: u32, it| sum.saturating_add(it.attendees))
    }
}

/// Seconds until a node is asked for its version again.
const VERSION_LASTS: f64 = 600.0;

/// The numbers in a version, for comparison.
fn numbers(version: &str) -> Vec<u32> {
    version.split(|c: char| !c.is_ascii_digit()).filter_map(|part| part.parse().ok()).collect()
}

/// The last known state of a node.
#[derive(Clone, Debug, Default)]
pub struct NodeLive {
    /// Health according to all polls so far.
    pub health: Health,
    /// CPU use in units of 0.01 %, and when it was reported.
    pub cpu: Option<(u32, f64)>,
    /// The last successful poll.
    pub report: Option<Arc<Report>>,
    /// Attendees in the last successful poll.
    pub attendees: u32,
    /// Number of meetings in that poll's list that could not be read.
    pub left_out: u32,
    /// When it was last polled, in milliseconds since 1970.
    pub polled_at: Option<i64>,
    /// Duration of the last poll, in seconds.
    pub poll_seconds: f64,
    /// The node answered the last poll, but rejected our signature.
    pub rejects_us: bool,
    /// Why the last poll failed.
    pub last_error: Option<String>,
}

impl NodeLive {
    /// Meetings in the last successful poll.
    pub fn meetings(&self) -> u32 {
        self.report.as_ref().map_or(0, |it| u32::try_from(it.all().len()).unwrap_or(u32::MAX))
    }

    /// The load that operators see: -2 in maintenance, -1 if not up, otherwise the documented formula.
    pub fn load(&self, node: &Node) -> i64 {
        if node.maintenance {
            return -2;
        }
        if self.health.state() != NodeState::Up {
            return -1;
        }
        node.cluster.factors.load(self.attendees, self.meetings(), self.cpu.map(|(cpu, _)| cpu))
    }
}

/// Shared state of one node.
#[derive(Debug, Default)]
pub struct NodeCell {
    live: ArcSwap<NodeLive>,
    /// Samples of the last hour.
    pub history: History,
    /// Wakes the node's poller at once.
    pub poll_now: Notify,
    /// Makes the poller poll soon, because people have joined or meetings were created.
    pub poll_soon: Notify,
    internal_ids: AtomicU8,
    version: Mutex<Version>,
    /// Internal ids of meetings whose marker is ours, but that cannot be bound to their owner.
    strays: Mutex<HashSet<Arc<str>>>,
}

/// The BBB version of a node.
#[derive(Clone, Debug, Default)]
struct Version {
    /// The version as reported, such as `3.0.4`.
    text: Option<Arc<str>>,
    /// When the node was last asked, in seconds on the daemon's clock.
    asked: Option<f64>,
}

/// Whether calls to a node may use internal meeting ids, which BBB supports since 2.6.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum InternalIds {
    /// Not known yet.
    #[default]
    Unknown,
    /// Supported.
    Known,
    /// Not supported: calls must use external ids.
    Refused,
}

impl NodeCell {
    /// The last known state.
    pub fn live(&self) -> Arc<NodeLive> {
        self.live.load_full()
    }

    /// The health according to polls.
    pub fn state(&self) -> NodeState {
        self.live.load().health.state()
    }

    /// Whether calls may use internal meeting ids.
    pub fn internal_ids(&self) -> InternalIds {
        match self.internal_ids.load(Ordering::Relaxed) {
            1 => InternalIds::Known,
            2 => InternalIds::Refused,
            _ => InternalIds::Unknown,
        }
    }

    /// Notes a meeting that cannot be bound to its owner; returns whether it is new.
    pub fn note_stray(&self, internal_id: &Arc<str>) -> bool {
        self.strays.lock().insert(Arc::clone(internal_id))
    }

    /// Forgets such meetings unless `keep` returns true.
    pub fn keep_strays(&self, keep: impl Fn(&str) -> bool) {
        self.strays.lock().retain(|id| keep(id));
    }

    /// Number of such meetings.
    pub fn strays(&self) -> usize {
        self.strays.lock().len()
    }

    /// The BBB version, if the node reports it.
    pub fn version(&self) -> Option<Arc<str>> {
        self.version.lock().text.clone()
    }

    /// Whether the version must be requested. Returns true to only one caller.
    pub fn version_is_due(&self, now: f64) -> bool {
        let mut version = self.version.lock();
        let is_due = version.asked.is_none_or(|asked| asked + VERSION_LASTS < now);
        if is_due {
            version.asked = Some(now);
        }
        is_due
    }

    /// Stores the version that the node reported.
    pub fn set_version(&self, text: Option<String>) {
        self.version.lock().text = text.map(Into::into);
    }

    /// Stores whether calls may use internal meeting ids.
    pub fn set_internal_ids(&self, known: bool) {
        self.internal_ids.store(if known { 1 } else { 2 }, Ordering::Relaxed);
    }

    /// Updates the last known state and returns the previous one. Only called by the node's poller and
    /// [`Fleet::mark_suspect`].
    pub fn update(&self, change: impl Fn(&NodeLive) -> NodeLive) -> Arc<NodeLive> {
        self.live.rcu(|live| change(live))
    }
}

/// All nodes, by row id.
#[derive(Debug, Default)]
pub struct Fleet {
    cells: ArcSwap<HashMap<NodeId, Arc<NodeCell>>>,
}

impl Fleet {
    /// The state of a node.
    pub fn cell(&self, node: NodeId) -> Option<Arc<NodeCell>> {
        self.cells.load().get(&node).cloned()
    }

    /// A snapshot of all cells.
    pub fn all(&self) -> Arc<HashMap<NodeId, Arc<NodeCell>>> {
        self.cells.load_full()
    }

    /// The health of a node; unknown if there is no such node.
    pub fn state(&self, node: NodeId) -> NodeState {
        self.cells.load().get(&node).map(|cell| cell.state()).unwrap_or_default()
    }

    /// The lowest BBB version that the selected nodes report.
    pub fn lowest_version(&self, is_meant: impl Fn(&NodeId) -> bool) -> Option<Arc<str>> {
        let cells = self.cells.load();
        let versions = cells.iter().filter(|(node, _)| is_meant(node)).filter_map(|(_, cell)| cell.version());
        versions.min_by_key(|it| numbers(it))
    }

    /// Whether calls to a node may use internal meeting ids.
    pub fn internal_ids(&self, node: NodeId) -> InternalIds {
        self.cells.load().get(&node).map(|cell| cell.internal_ids()).unwrap_or_default()
    }

    /// A connection was refused: marks the node as suspect and polls it immediately. Returns the previous
    /// state, if it has changed.
    pub fn mark_suspect(&self, node: NodeId) -> Option<NodeState> {
        let cell = self.cell(node)?;
        let before = cell.update(|live| NodeLive { health: live.health.suspected(), ..live.clone() });
        cell.poll_now.notify_one();
        let before = before.health.state();
        (before != cell.state()).then_some(before)
    }

    /// Polls a node immediately.
    pub fn poll_now(&self, node: NodeId) {
        if let Some(cell) = self.cells.load().get(&node) {
            cell.poll_now.notify_one();
        }
    }

    /// Polls a node soon, because it has more people or meetings than its last poll reported.
    pub fn poll_soon(&self, node: NodeId) {
        if let Some(cell) = self.cells.load().get(&node) {
            cell.poll_soon.notify_one();
        }
    }

    /// Keeps the cells of these nodes, adds missing ones, and returns the removed ones.
    pub(super) fn keep(&self, nodes: impl Iterator<Item = NodeId>) -> Vec<NodeId> {
        let old = self.cells.load_full();
        let new: HashMap<_, _> =
            nodes.map(|node| (node, old.get(&node).cloned().unwrap_or_default())).collect();
        let gone = old.keys().filter(|node| !new.contains_key(*node)).copied().collect();
        self.cells.store(Arc::new(new));
        gone
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finding_26_versions_are_compared_by_their_numbers() {
        let fleet = Fleet::default();
        fleet.keep((1..=4).map(NodeId));
        for (node, version) in [(1, "3.0.10"), (2, "3.0.9"), (3, "2.7.15-rc.1")] {
            fleet.cell(NodeId(node)).unwrap().set_version(Some(version.to_owned()));
        }
        assert_eq!(fleet.lowest_version(|_| true).as_deref(), Some("2.7.15-rc.1"));
        assert_eq!(fleet.lowest_version(|node| node.0 != 3).as_deref(), Some("3.0.9"));
        assert_eq!(fleet.lowest_version(|node| node.0 == 4), None);
        assert!(fleet.cell(NodeId(1)).unwrap().version_is_due(5.0));
        assert!(!fleet.cell(NodeId(1)).unwrap().version_is_due(6.0));
    }
}
