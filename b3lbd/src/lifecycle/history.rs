//! Records the pool in the history.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;

use super::Core;
use crate::history::{Capacity, NodeCounts, Sample, Stats, TenantMinute};
use crate::model::{Catalog, Node, NodeState};
use crate::state::{NodeLive, Pool, Tallied};
use crate::store::StoreError;

impl Core {
    /// Records the current state, and what was counted since the last call, as that of a minute.
    pub async fn record_history(&self, minute: i64, zone: TimeZone) -> Result<(), StoreError> {
        let tallied = self.pool.tally.take();
        let sample = sample(&self.pool, &tallied);
        let recorded = self.store.record_history(minute, sample, zone).await;
        if recorded.is_err() {
            self.pool.tally.put_back(tallied);
        }
        recorded
    }
}

fn sample(pool: &Pool, tallied: &Tallied) -> Sample {
    let catalog = pool.catalog();
    let mut sample = Sample { refusals: tallied.refusals, ..Sample::default() };
    for cluster in catalog.clusters.values() {
        sample.clusters.insert(cluster.name.clone(), Stats::default());
    }
    add_nodes(&mut sample, pool, &catalog, tallied);
    add_meetings(&mut sample, pool, &catalog);
    for (slug, creates) in &tallied.creates {
        sample.tenants.entry(slug.to_string()).or_default().creates += creates;
    }
    sample
}

fn add_nodes(sample: &mut Sample, pool: &Pool, catalog: &Catalog, tallied: &Tallied) {
    let capacities = pool.capacities();
    for node in catalog.nodes.values() {
        let Some(cell) = pool.fleet.cell(node.id) else { continue };
        let live = cell.live();
        let carried = capacities.get(&node.id).map(|total| capacity(node, &live, *total));
        let counted = tallied.on_nodes.get(&node.id).copied().unwrap_or_default();
        let Sample { pool, clusters, .. } = sample;
        for stats in std::iter::once(pool).chain(clusters.get_mut(&node.cluster.name)) {
            count(&mut stats.nodes, node, live.health.state());
            stats.creates += counted.creates;
            stats.joins += counted.joins;
            stats.capacity = match (stats.capacity, carried) {
                (Some(one), Some(other)) => Some(one.plus(other)),
                (one, other) => one.or(other),
            };
        }
    }
}

fn count(nodes: &mut NodeCounts, node: &Node, state: NodeState) {
    let count = match state {
        NodeState::Up => &mut nodes.up,
        NodeState::Suspect => &mut nodes.suspect,
        NodeState::Down => &mut nodes.down,
        NodeState::Unknown => &mut nodes.unknown,
    };
    *count += 1;
    nodes.maintenance += u32::from(node.maintenance);
}

/// The capacity of a node, which is 0 unless it takes meetings.
fn capacity(node: &Node, live: &NodeLive, total: f64) -> Capacity {
    if node.maintenance || live.health.state() != NodeState::Up {
        return Capacity::default();
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates")]
    let total = total as u32;
    Capacity { total, free: total.saturating_sub(live.attendees) }
}

fn add_meetings(sample: &mut Sample, pool: &Pool, catalog: &Catalog) {
    let tenants: BTreeMap<_, _> = catalog.tenants.values().map(|it| (it.id, it.slug.as_str())).collect();
    for meeting in pool.registry.unsorted() {
        let attendees = u32::try_from(meeting.attendees()).unwrap_or(u32::MAX);
        let cluster = catalog.nodes.get(&meeting.node()).map(|it| &it.cluster.name);
        let Sample { pool, clusters, .. } = sample;
        let cluster = cluster.and_then(|name| clusters.get_mut(name));
        for stats in std::iter::once(pool).chain(cluster) {
            stats.meetings += 1;
            stats.attendees = stats.attendees.saturating_add(attendees);
        }
        if let Some(slug) = tenants.get(&meeting.owner.tenant) {
            let tenant = sample.tenants.entry((*slug).to_owned()).or_default();
            let TenantMinute { meetings, attendees: sum, .. } = tenant;
            *meetings += 1;
            *sum = sum.saturating_add(attendees);
        }
    }
}
