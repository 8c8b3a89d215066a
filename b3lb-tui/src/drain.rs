//! Nodes on their way to be empty: how far they are, and when they may be.

use std::time::Duration;

use rpc::NodeState;
use rpc::estimate::{self, Running};

use crate::model::Meeting;
use crate::state::{Drain, State};

/// Meetings left on a node. The poll may be too old to have the latest ones, and the list lacks those that
/// B3LB did not create: the larger of the two counts.
fn left(state: &State, node: &str) -> Option<u64> {
    let polled = u64::from(state.picture.node(node)?.meetings()?);
    if !state.picture.meetings_complete {
        return Some(polled);
    }
    Some(polled.max(state.picture.meetings_on(node).len() as u64))
}

/// Seconds until the last meeting on a node may have ended: a rough guess by the ages of all meetings; none
/// if these are too few.
pub fn estimate(state: &State, node: &str) -> Option<i64> {
    if !state.picture.meetings_complete {
        return None;
    }
    let now = state.daemon_clock();
    let age = |seconds: i64| Duration::from_secs(u64::try_from(seconds).unwrap_or(0));
    let running = |it: &Meeting| Running { age: age(it.age(now)), empty: it.counts.attendees == 0 };
    let all: Vec<_> = state.picture.meetings.values().map(running).collect();
    let empty = state.picture.meetings_on(node).iter().filter(|it| it.counts.attendees == 0).count() as u64;
    let time = estimate::time_left(left(state, node)?.saturating_sub(empty), empty, &all)?;
    i64::try_from(time.as_secs()).ok()
}

/// Begins to follow a node.
pub fn begin(state: &mut State, node: &str) {
    let left = left(state, node);
    let drain = Drain { since: state.now, left, most: left.unwrap_or(0), done: false };
    state.drains.insert(node.to_owned(), drain);
}

/// Looks how far the nodes are, after the picture changed.
pub fn follow(state: &mut State) {
    if state.drains.is_empty() || !state.picture.complete {
        return;
    }
    let mut drains = std::mem::take(&mut state.drains);
    drains.retain(|name, drain| {
        let Some(node) = state.picture.node(name) else { return false };
        let told_since = state.picture.told_at > drain.since;
        if told_since && !node.maintenance() {
            return false;
        }
        drain.left = left(state, name);
        drain.most = drain.most.max(drain.left.unwrap_or(0));
        let empty =
            drain.left == Some(0) && node.state() == NodeState::Up && polled_since(state, name, drain);
        if empty && !drain.done {
            drain.done = true;
            state.tell(format!("node {name} is drained: no meetings left"));
        }
        true
    });
    state.drains = drains;
}

/// The node was asked after it went into maintenance, so that no later meeting can be on it.
fn polled_since(state: &State, name: &str, drain: &Drain) -> bool {
    let began = state.daemon_clock() - (state.now - drain.since);
    let polled = state.picture.node(name).and_then(|it| it.figures.as_ref()).map_or(0, |it| it.polled_at);
    polled * 1000 > began
}

/// Forgets the nodes that are empty, once the operator has seen it.
pub fn forget_done(state: &mut State) {
    state.drains.retain(|_, drain| !drain.done);
}
