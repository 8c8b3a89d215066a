//! Applies an answer of the watch to the snapshot.

use rpc::{Changes, Event, MeetingChanges, NodeRow, NodeStats, TenantRow, TenantStats, WatchAnswer};

use super::cluster::Sums;
use super::event::EVENTS_KEPT;
use super::{Cluster, Early, LoggedEvent, Snapshot, object};
use crate::message::Millis;
use crate::text::clean;

impl Snapshot {
    /// Applies an answer that arrived at `now`.
    pub fn apply(&mut self, answer: WatchAnswer, now: Millis) {
        let WatchAnswer { epoch, reset, more, totals, events, clusters, groups, meetings, .. } = answer;
        if reset || epoch != self.epoch {
            self.reset(epoch);
        }
        self.apply_nodes(answer.nodes);
        self.apply_tenants(answer.tenants);
        if let Some(clusters) = clusters {
            self.clusters = clusters.into_iter().map(Cluster::new).collect();
            self.clusters.sort_by(|a, b| a.view.name.cmp(&b.view.name));
            self.sum_up();
        }
        if let Some(groups) = groups {
            self.groups = groups.into_iter().map(clean_group).collect();
            self.versions.clusters += 1;
        }
        self.apply_events(&events);
        if let Some(changes) = meetings {
            self.meetings_complete &= !changes.reset;
            self.apply_meetings(changes);
            // Later answers only update a complete list.
            self.meetings_complete |= !more;
        }
        self.totals = Some(totals);
        self.received_at = now;
        self.complete |= !more;
        if !more {
            self.early = Early::default();
        }
    }

    fn reset(&mut self, epoch: u64) {
        if epoch != self.epoch {
            (self.epoch, self.last_event) = (epoch, 0);
            self.meetings.clear();
            self.versions.meetings += 1;
        }
        (self.complete, self.meetings_complete) = (false, false);
        self.nodes.clear();
        self.tenants.clear();
        self.clusters.clear();
        self.groups.clear();
        self.early = Early::default();
        self.versions.nodes += 1;
        self.versions.tenants += 1;
        self.versions.clusters += 1;
    }

    fn apply_nodes(&mut self, changes: Changes<NodeRow, NodeStats>) {
        if !changes.is_empty() {
            object::apply(&mut self.nodes, &mut self.early.nodes, changes);
            self.versions.nodes += 1;
            self.sum_up();
        }
    }

    fn apply_tenants(&mut self, changes: Changes<TenantRow, TenantStats>) {
        if !changes.is_empty() {
            object::apply(&mut self.tenants, &mut self.early.tenants, changes);
            self.versions.tenants += 1;
        }
    }

    fn apply_meetings(&mut self, MeetingChanges { reset, changes, .. }: MeetingChanges) {
        if reset {
            self.meetings.clear();
            self.early.meetings.clear();
        }
        object::apply(&mut self.meetings, &mut self.early.meetings, changes);
        self.versions.meetings += 1;
    }

    /// Skips events that are known already: a reset repeats them.
    fn apply_events(&mut self, events: &[Event]) {
        for event in events.iter().filter(|it| it.seq > self.last_event) {
            self.next_event += 1;
            self.events.push_back(LoggedEvent::new(self.next_event, event));
            self.versions.events += 1;
        }
        self.last_event = events.iter().map(|it| it.seq).max().unwrap_or(0).max(self.last_event);
        while self.events.len() > EVENTS_KEPT {
            self.events.pop_front();
        }
    }

    fn sum_up(&mut self) {
        for cluster in &mut self.clusters {
            cluster.sums = Sums::default();
        }
        for node in self.nodes.values() {
            // Clusters are sorted by name.
            if let Ok(at) = self.clusters.binary_search_by(|it| it.view.name.as_str().cmp(&node.cluster)) {
                self.clusters[at].sums.add(node);
            }
        }
        self.versions.clusters += 1;
    }
}

fn clean_group(mut group: rpc::GroupView) -> rpc::GroupView {
    group.name = clean(&group.name);
    group.description = clean(&group.description);
    for name in group.clusters.iter_mut().chain(&mut group.tenants) {
        *name = clean(name);
    }
    group
}
