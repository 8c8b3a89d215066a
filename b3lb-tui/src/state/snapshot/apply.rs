//! Applies an answer of the watch to the snapshot. Rows and figures arrive in any order.

use rpc::{Event, MeetingChanges, WatchAnswer};

use super::cluster::Sums;
use super::event::EVENTS_KEPT;
use super::{Cluster, Early, LoggedEvent, Meeting, Node, Snapshot, Tenant};
use crate::message::Millis;
use crate::text::clean;

impl Snapshot {
    /// Applies an answer that arrived at `now`.
    pub fn apply(&mut self, answer: WatchAnswer, now: Millis) {
        let WatchAnswer { epoch, reset, more, totals, events, clusters, groups, meetings, .. } = answer;
        if reset || epoch != self.epoch {
            self.reset(epoch);
        }
        self.apply_nodes(answer.nodes, answer.node_figures, &answer.nodes_gone);
        self.apply_tenants(answer.tenants, answer.tenant_figures, &answer.tenants_gone);
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

    fn apply_nodes(&mut self, rows: Vec<rpc::NodeRow>, figures: Vec<rpc::NodeFigures>, gone: &[i64]) {
        if rows.is_empty() && figures.is_empty() && gone.is_empty() {
            return;
        }
        for row in rows {
            let mut node = Node::new(&row);
            let before = self.nodes.remove(&row.id).and_then(|it| it.figures);
            node.figures = self.early.nodes.remove(&row.id).or(before);
            self.nodes.insert(row.id, node);
        }
        for mut figures in figures {
            figures.error = figures.error.map(|error| clean(&error));
            match self.nodes.get_mut(&figures.id) {
                Some(node) => node.figures = Some(figures),
                None => drop(self.early.nodes.insert(figures.id, figures)),
            }
        }
        for id in gone {
            self.nodes.remove(id);
        }
        self.versions.nodes += 1;
        self.sum_up();
    }

    fn apply_tenants(&mut self, rows: Vec<rpc::TenantRow>, figures: Vec<rpc::TenantFigures>, gone: &[i64]) {
        if rows.is_empty() && figures.is_empty() && gone.is_empty() {
            return;
        }
        for row in rows {
            let mut tenant = Tenant::new(&row);
            if let Some(figures) = self.early.tenants.remove(&row.id) {
                tenant.set_figures(figures);
            } else if let Some(before) = self.tenants.get(&row.id) {
                tenant.keep_figures(before);
            }
            self.tenants.insert(row.id, tenant);
        }
        for figures in figures {
            match self.tenants.get_mut(&figures.0) {
                Some(tenant) => tenant.set_figures(figures),
                None => drop(self.early.tenants.insert(figures.0, figures)),
            }
        }
        for id in gone {
            self.tenants.remove(id);
        }
        self.versions.tenants += 1;
    }

    fn apply_meetings(&mut self, changes: MeetingChanges) {
        if changes.reset {
            self.meetings.clear();
            self.early.meetings.clear();
        }
        for row in changes.rows {
            let number = row.row;
            let mut meeting = Meeting::new(row);
            if let Some(figures) = self.early.meetings.remove(&number) {
                meeting.counts = figures.into();
            } else if let Some(before) = self.meetings.get(&number) {
                meeting.counts = before.counts;
            }
            self.meetings.insert(number, meeting);
        }
        for figures in changes.figures {
            match self.meetings.get_mut(&figures.0) {
                Some(meeting) => meeting.counts = figures.into(),
                None => drop(self.early.meetings.insert(figures.0, figures)),
            }
        }
        for number in changes.gone {
            self.meetings.remove(&number);
        }
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
