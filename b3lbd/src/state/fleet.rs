//! The nodes as the polls see them.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use arc_swap::ArcSwap;
use bytes::Bytes;
use parking_lot::Mutex;
use tokio::sync::Notify;

use super::History;
use crate::bbb::{NodeList, NodeMeeting};
use crate::health::{Health, State};
use crate::model::{Node, NodeId};

/// What a good poll showed: all meetings on the node, breakout rooms and strangers included.
#[derive(Clone, Debug, Default)]
pub struct Report {
    by_internal_id: HashMap<Arc<str>, Arc<NodeMeeting>>,
    by_id: HashMap<Arc<str>, Vec<Arc<NodeMeeting>>>,
    left_out: Vec<Bytes>,
}

impl Report {
    /// A report of this list.
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

    /// The meeting of an internal id.
    pub fn with_internal_id(&self, id: &str) -> Option<&Arc<NodeMeeting>> {
        self.by_internal_id.get(id)
    }

    /// Meetings of the list that could not be read.
    pub fn left_out(&self) -> u32 {
        u32::try_from(self.left_out.len()).unwrap_or(u32::MAX)
    }

    /// Whether the meeting of an internal id, or one whose id is not known, may be among those that could not be read.
    pub fn may_hide(&self, internal_id: Option<&str>) -> bool {
        match internal_id {
            Some(id) => NodeList::may_hide(&self.left_out, id),
            None => !self.left_out.is_empty(),
        }
    }

    /// All lives of a meeting id, newest first.
    pub fn with_id(&self, id: &str) -> &[Arc<NodeMeeting>] {
        self.by_id.get(id).map(Vec::as_slice).unwrap_or_default()
    }

    /// All meetings, in no order.
    pub fn all(&self) -> impl ExactSizeIterator<Item = &Arc<NodeMeeting>> {
        self.by_internal_id.values()
    }

    /// People in all meetings, as far as a number goes.
    pub fn attendees(&self) -> u32 {
        self.all().fold(0, |sum: u32, it| sum.saturating_add(it.attendees))
    }
}

/// Seconds after which a node is asked for its version again.
const VERSION_LASTS: f64 = 600.0;

/// The numbers of a version, by which it is compared.
fn numbers(version: &str) -> Vec<u32> {
    version.split(|c: char| !c.is_ascii_digit()).filter_map(|part| part.parse().ok()).collect()
}

/// A node as it was seen last.
#[derive(Clone, Debug, Default)]
pub struct NodeLive {
    /// Change by all polls so far.
    pub health: Health,
    /// CPU use on the base 10,000, and when it was told.
    pub cpu: Option<(u32, f64)>,
    /// The last good poll.
    pub report: Option<Arc<Report>>,
    /// Attendees in that poll.
    pub attendees: u32,
    /// Meetings of that poll's list that could not be read.
    pub left_out: u32,
    /// When it was last asked, in milliseconds since 1970.
    pub polled_at: Option<i64>,
    /// How long the last poll took, in seconds.
    pub poll_seconds: f64,
    /// The node answered the last poll, but rejects our requests.
    pub rejects_us: bool,
    /// Why the last poll failed.
    pub last_error: Option<String>,
}

impl NodeLive {
    /// Meetings in the last good poll.
    pub fn meetings(&self) -> u32 {
        self.report.as_ref().map_or(0, |it| u32::try_from(it.all().len()).unwrap_or(u32::MAX))
    }

    /// The number that operators see: -2 in maintenance, else -1 if not up, else the documented formula.
    pub fn load(&self, node: &Node) -> i64 {
        if node.maintenance {
            return -2;
        }
        if self.health.state() != State::Up {
            return -1;
        }
        node.cluster.factors.load(self.attendees, self.meetings(), self.cpu.map(|(cpu, _)| cpu))
    }
}

/// One node's place in the fleet.
#[derive(Debug, Default)]
pub struct NodeCell {
    live: ArcSwap<NodeLive>,
    /// Its last hour.
    pub history: History,
    /// Wakes the node's poller at once.
    pub poll_now: Notify,
    /// Wakes it before its time, as people have come in or meetings were made.
    pub poll_soon: Notify,
    internal_ids: AtomicU8,
    version: Mutex<Version>,
}

/// What version of BBB a node has.
#[derive(Clone, Debug, Default)]
struct Version {
    /// As it says, such as `3.0.4`.
    text: Option<Arc<str>>,
    /// When it was asked, in seconds on the daemon's clock.
    asked: Option<f64>,
}

/// Whether a node's calls may name meetings by their internal ids, as since BBB 2.6.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum InternalIds {
    /// Not found out yet.
    #[default]
    Unknown,
    /// They may.
    Known,
    /// They may not: external ids only.
    Refused,
}

impl NodeCell {
    /// What is known of it.
    pub fn live(&self) -> Arc<NodeLive> {
        self.live.load_full()
    }

    /// Whether it is well.
    pub fn state(&self) -> State {
        self.live.load().health.state()
    }

    /// Whether its calls may name meetings by their internal ids.
    pub fn internal_ids(&self) -> InternalIds {
        match self.internal_ids.load(Ordering::Relaxed) {
            1 => InternalIds::Known,
            2 => InternalIds::Refused,
            _ => InternalIds::Unknown,
        }
    }

    /// What version of BBB it has, if it says so.
    pub fn version(&self) -> Option<Arc<str>> {
        self.version.lock().text.clone()
    }

    /// Whether it is time to ask for its version; whoever is told so asks.
    pub fn version_is_due(&self, now: f64) -> bool {
        let mut version = self.version.lock();
        let is_due = version.asked.is_none_or(|asked| asked + VERSION_LASTS < now);
        if is_due {
            version.asked = Some(now);
        }
        is_due
    }

    /// It has said what version it has.
    pub fn set_version(&self, text: Option<String>) {
        self.version.lock().text = text.map(Into::into);
    }

    /// It was found out whether its calls may name meetings by their internal ids.
    pub fn set_internal_ids(&self, known: bool) {
        self.internal_ids.store(if known { 1 } else { 2 }, Ordering::Relaxed);
    }

    /// Replaces what is known of it, and answers what was known before; only its poller and [`Fleet::mark_suspect`] do so.
    pub fn update(&self, change: impl Fn(&NodeLive) -> NodeLive) -> Arc<NodeLive> {
        self.live.rcu(|live| change(live))
    }
}

/// All nodes by row.
#[derive(Debug, Default)]
pub struct Fleet {
    cells: ArcSwap<HashMap<NodeId, Arc<NodeCell>>>,
}

impl Fleet {
    /// The node's cell.
    pub fn cell(&self, node: NodeId) -> Option<Arc<NodeCell>> {
        self.cells.load().get(&node).cloned()
    }

    /// All cells as of now.
    pub fn all(&self) -> Arc<HashMap<NodeId, Arc<NodeCell>>> {
        self.cells.load_full()
    }

    /// Whether a node is well; unknown for strangers.
    pub fn state(&self, node: NodeId) -> State {
        self.cells.load().get(&node).map(|cell| cell.state()).unwrap_or_default()
    }

    /// The lowest version of BBB among some nodes, as far as they say it.
    pub fn lowest_version(&self, is_meant: impl Fn(&NodeId) -> bool) -> Option<Arc<str>> {
        let cells = self.cells.load();
        let versions = cells.iter().filter(|(node, _)| is_meant(node)).filter_map(|(_, cell)| cell.version());
        versions.min_by_key(|it| numbers(it))
    }

    /// Whether a node's calls may name meetings by their internal ids.
    pub fn internal_ids(&self, node: NodeId) -> InternalIds {
        self.cells.load().get(&node).map(|cell| cell.internal_ids()).unwrap_or_default()
    }

    /// A connection was refused: the node is suspect at once, and is asked at once. The state that it was
    /// in before, if it was another one.
    pub fn mark_suspect(&self, node: NodeId) -> Option<State> {
        let cell = self.cell(node)?;
        let before = cell.update(|live| NodeLive { health: live.health.suspected(), ..live.clone() });
        cell.poll_now.notify_one();
        let before = before.health.state();
        (before != cell.state()).then_some(before)
    }

    /// Asks a node at once.
    pub fn poll_now(&self, node: NodeId) {
        if let Some(cell) = self.cells.load().get(&node) {
            cell.poll_now.notify_one();
        }
    }

    /// Asks a node before its time: it has more people or meetings than its last poll showed.
    pub fn poll_soon(&self, node: NodeId) {
        if let Some(cell) = self.cells.load().get(&node) {
            cell.poll_soon.notify_one();
        }
    }

    /// Keeps the cells of these nodes, adds missing ones; the ones that are gone.
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
