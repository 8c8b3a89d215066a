//! Nodes that are being drained: their progress, and an estimate of when they will be empty.

use std::collections::BTreeMap;
use std::time::Duration;

use rpc::NodeState;
use rpc_client::estimate::{self, Running};

use super::snapshot::{Meeting, Node, Snapshot};
use crate::message::Millis;

/// The nodes that are being drained, by name.
pub type Drains = BTreeMap<String, Drain>;

/// The progress of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Drain {
    /// When the drain started, on the dashboard's clock.
    pub since: Millis,
    /// Meetings left, if known.
    pub left: Option<u64>,
    /// The highest number of meetings since the start.
    pub most: u64,
    /// Whether the node was empty once.
    pub done: bool,
}

/// Meetings left on a node: the larger of two counts. The poll may miss the latest meetings, and the list lacks
/// those that B3LB did not create.
fn left(snapshot: &Snapshot, node: &str) -> Option<u64> {
    let polled = u64::from(snapshot.node(node)?.meetings()?);
    if !snapshot.meetings_complete {
        return Some(polled);
    }
    Some(polled.max(snapshot.meetings_on(node).len() as u64))
}

/// Seconds until the last meeting on a node may end: a rough guess from the ages of all meetings; none if these
/// are too few.
pub fn estimate(snapshot: &Snapshot, node: &str, now: Millis) -> Option<i64> {
    if !snapshot.meetings_complete {
        return None;
    }
    let now = snapshot.daemon_clock(now);
    let age = |seconds: i64| Duration::from_secs(u64::try_from(seconds).unwrap_or(0));
    let running = |it: &Meeting| Running { age: age(it.age(now)), empty: it.stats.attendees == 0 };
    let all: Vec<_> = snapshot.meetings.values().map(running).collect();
    let empty = snapshot.meetings_on(node).iter().filter(|it| it.stats.attendees == 0).count() as u64;
    let time = estimate::time_left(left(snapshot, node)?.saturating_sub(empty), empty, &all)?;
    i64::try_from(time.as_secs()).ok()
}

/// Starts to track a node.
pub fn start(drains: &mut Drains, snapshot: &Snapshot, node: &str, now: Millis) {
    let left = left(snapshot, node);
    drains.insert(node.to_owned(), Drain { since: now, left, most: left.unwrap_or(0), done: false });
}

/// Updates the progress after the snapshot changed, also of drains that others began. Returns the nodes that are
/// empty now.
pub fn follow(drains: &mut Drains, snapshot: &Snapshot, now: Millis) -> Vec<String> {
    let mut drained = Vec::new();
    if !snapshot.complete {
        return drained;
    }
    for node in snapshot.nodes.values() {
        if let Some((since, _)) = node.drain_times()
            && !drains.contains_key(&node.name)
        {
            let since = now - (snapshot.daemon_clock(now) - since);
            start(drains, snapshot, &node.name, since);
            // Who drained it has been told.
            if let Some(drain) = drains.get_mut(&node.name) {
                drain.done = drain.left == Some(0);
            }
        }
    }
    drains.retain(|name, drain| {
        let Some(node) = snapshot.node(name) else { return false };
        let reported_since = snapshot.received_at > drain.since;
        if reported_since && !node.maintenance() {
            return false;
        }
        drain.left = left(snapshot, name);
        drain.most = drain.most.max(drain.left.unwrap_or(0));
        let started = snapshot.daemon_clock(now) - (now - drain.since);
        let empty = drain.left == Some(0) && node.state() == NodeState::Up && was_polled_since(node, started);
        if empty && !drain.done {
            drain.done = true;
            drained.push(name.clone());
        }
        true
    });
    drained
}

/// Whether the node was polled after it went into maintenance, so that no later meeting can be on it.
fn was_polled_since(node: &Node, started: Millis) -> bool {
    node.stats.as_ref().map_or(0, |it| it.polled_at) * 1000 > started
}
