//! Global stats and metrics, for the operator.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::series;
use crate::api::Api;
use crate::lifecycle::Core;
use crate::model::{Catalog, Node, NodeState, ProblemKind, Severity, Tenant};
use crate::state::{NodeLive, OpenProblem, Pool};
use crate::telemetry::{Exposition, Kind};

/// All nodes and their live state, sorted by name.
fn nodes<'a>(pool: &Pool, catalog: &'a Catalog) -> BTreeMap<String, (&'a Arc<Node>, Arc<NodeLive>)> {
    let live = |node: &Node| pool.fleet.cell(node.id).map(|it| it.live()).unwrap_or_default();
    catalog.nodes.values().map(|node| (node.fqdn(), (node, live(node)))).collect()
}

/// The stats in JSON.
pub(super) fn stats(pool: &Pool) -> Value {
    let catalog = pool.catalog();
    let nodes = nodes(pool, &catalog);
    let in_state = |state| nodes.values().filter(|(_, live)| live.health.state() == state).count();
    let mut clusters = Map::new();
    for cluster in catalog.clusters.values() {
        let of_cluster: Vec<_> = nodes.values().filter(|(node, _)| node.cluster.id == cluster.id).collect();
        let sums = json!({
            "nodes": of_cluster.len(),
            "meetings": of_cluster.iter().map(|(_, live)| u64::from(live.meetings())).sum::<u64>(),
            "attendees": of_cluster.iter().map(|(_, live)| u64::from(live.attendees)).sum::<u64>(),
        });
        clusters.insert(cluster.name.clone(), sums);
    }
    let (mut meetings, mut attendees) = (0, 0);
    let mut tenants = Map::new();
    for tenant in catalog.tenants.values() {
        let totals = pool.registry.totals(tenant.secrets.values().map(|it| it.id));
        meetings += totals.meetings;
        attendees += totals.attendees;
        let sums = json!({ "meetings": totals.meetings, "attendees": totals.attendees });
        tenants.insert(tenant.slug.to_string(), sums);
    }
    json!({
        "nodes": {
            "up": in_state(NodeState::Up),
            "suspect": in_state(NodeState::Suspect),
            "down": in_state(NodeState::Down),
            "maintenance": nodes.values().filter(|(node, _)| node.maintenance).count(),
        },
        "meetings": meetings,
        "attendees": attendees,
        "clusters": clusters,
        "node": nodes.iter().map(|(name, (node, live))| (name.clone(), node_stats(node, live))).collect::<Map<_, _>>(),
        "tenants": tenants,
    })
}

fn node_stats(node: &Node, live: &NodeLive) -> Value {
    json!({
        "state": live.health.state().as_str(),
        "maintenance": node.maintenance,
        "load": live.load(node),
        "cpu": live.cpu.map(|(cpu, _)| cpu),
        "meetings": live.report.as_ref().map(|_| live.meetings()),
        "attendees": live.report.as_ref().map(|_| live.attendees),
    })
}

/// The metrics for Prometheus.
pub(super) fn metrics(api: &Api) -> String {
    let pool = &api.core.pool;
    let catalog = pool.catalog();
    let mut text = Exposition::default();
    text.metric("b3lb_build_info", Kind::Gauge, "Version of b3lbd");
    text.sample("b3lb_build_info", &[("version", env!("CARGO_PKG_VERSION"))], 1);
    write_problems(&mut text, &pool.problems.all());
    write_nodes(&mut text, pool, &catalog);
    write_daemon(&mut text, &api.core);
    let tenants: Vec<&Tenant> = catalog.tenants.values().map(AsRef::as_ref).collect();
    series::write(&mut text, pool, &tenants);
    text.finish() + &api.metrics.render()
}

fn write_problems(text: &mut Exposition, open: &[OpenProblem]) {
    text.metric("b3lb_problem", Kind::Gauge, "Open problems by kind");
    for kind in ProblemKind::all() {
        for severity in [Severity::Warning, Severity::Error] {
            let of_it = open.iter().filter(|it| (it.finding.kind, it.finding.severity) == (kind, severity));
            let labels = [("kind", kind.as_str()), ("severity", severity.as_str())];
            text.sample("b3lb_problem", &labels, of_it.count());
        }
    }
}

/// What the daemon says of itself, and of creates that it refuses.
fn write_daemon(text: &mut Exposition, core: &Core) {
    let (pool, size) = (&core.pool, core.store.size());
    let standing = &pool.standing;
    let writable = core.store.last_error().is_none() && !standing.is_replica();
    let gauges: [(&str, &str, Option<f64>); 6] = [
        (
            "b3lb_outage",
            "Whether most nodes fail at once, probably because of our own network",
            Some(flag(pool.outage_of_ours())),
        ),
        ("b3lb_primary", "Whether this daemon is the primary", Some(flag(!standing.is_replica()))),
        (
            "b3lb_replica_lag_seconds",
            "How far the copy of a replica is behind",
            standing.lag().map(|it| it.as_secs_f64()),
        ),
        ("b3lb_store_writable", "Whether the database takes writes", Some(flag(writable))),
        ("b3lb_store_bytes", "Size of the database", Some(double(size.file))),
        ("b3lb_store_wal_bytes", "Size of the write-ahead log of the database", Some(double(size.log))),
    ];
    for (metric, help, value) in gauges {
        text.metric(metric, Kind::Gauge, help);
        if let Some(value) = value {
            text.sample(metric, &[], value);
        }
    }
    let metric = "b3lb_creates_refused_total";
    text.metric(metric, Kind::Counter, "Creates refused, apart from limits, by reason and tenant");
    for ((why, tenant), count) in pool.refusals.ever() {
        text.sample(metric, &[("reason", why.as_str()), ("tenant", tenant.as_str())], count);
    }
}

#[expect(clippy::cast_precision_loss, reason = "bytes and times of any size that there is fit a double")]
fn double(it: u64) -> f64 {
    it as f64
}

fn flag(it: bool) -> f64 {
    f64::from(u8::from(it))
}

/// What is known of some nodes only.
type Known = (&'static str, &'static str, fn(&NodeLive) -> Option<f64>);
const KNOWN: [Known; 3] = [
    ("b3lb_node_cpu_ratio", "CPU use of a node at the last good poll, from 0 to 1", |live| {
        live.cpu.map(|(cpu, _)| f64::from(cpu) / 10_000.0)
    }),
    ("b3lb_node_polled_timestamp_seconds", "When the last good poll of a node was", |live| {
        live.polled_at.map(|at| double(at.unsigned_abs()) / 1000.0)
    }),
    ("b3lb_node_failed_polls", "Polls of a node that have failed since the last good one", |live| {
        Some(f64::from(live.health.failures()))
    }),
];

type Series = (&'static str, &'static str, fn(&Node, &NodeLive) -> i64);
const SERIES: [Series; 4] = [
    ("b3lb_node_load", "Load of a node; -2 in maintenance, else -1 if not up", |node, live| live.load(node)),
    ("b3lb_node_maintenance", "Whether a node takes no new meetings", |node, _| node.maintenance.into()),
    ("b3lb_node_meetings", "Meetings on a node at the last good poll", |_, live| live.meetings().into()),
    ("b3lb_node_attendees", "Attendees on a node at the last good poll", |_, live| live.attendees.into()),
];

fn write_nodes(text: &mut Exposition, pool: &Pool, catalog: &Catalog) {
    let nodes = nodes(pool, catalog);
    let mut slugs: HashMap<&str, usize> = HashMap::new();
    for (node, _) in nodes.values() {
        *slugs.entry(node.slug.as_str()).or_default() += 1;
    }
    // The slug if it is unique, because dashboards use it.
    let label = |node: &Node| match slugs.get(node.slug.as_str()) {
        Some(1) => node.slug.to_string(),
        _ => node.fqdn(),
    };
    for (metric, help, value) in SERIES {
        text.metric(metric, Kind::Gauge, help);
        for (node, live) in nodes.values() {
            text.sample(
                metric,
                &[("node", &label(node)), ("cluster", &node.cluster.name)],
                value(node, live),
            );
        }
    }
    for (metric, help, value) in KNOWN {
        text.metric(metric, Kind::Gauge, help);
        for (node, live) in nodes.values() {
            if let Some(value) = value(live) {
                text.sample(metric, &[("node", &label(node)), ("cluster", &node.cluster.name)], value);
            }
        }
    }
    let metric = "b3lb_capacity_attendees";
    let help = "Attendees that a node carries at the target CPU of its cluster, once that is learned";
    text.metric(metric, Kind::Gauge, help);
    let capacities = pool.capacities();
    for (node, _) in nodes.values() {
        if let Some(capacity) = capacities.get(&node.id) {
            text.sample(metric, &[("node", &label(node)), ("cluster", &node.cluster.name)], capacity.floor());
        }
    }
    text.metric("b3lb_node_state", Kind::Gauge, "1 for the state that a node is in");
    for (node, live) in nodes.values() {
        for state in [NodeState::Unknown, NodeState::Up, NodeState::Suspect, NodeState::Down] {
            let labels =
                [("node", &*label(node)), ("cluster", &node.cluster.name), ("state", state.as_str())];
            text.sample("b3lb_node_state", &labels, u8::from(live.health.state() == state));
        }
    }
    text.metric("b3lb_node_poll_seconds", Kind::Gauge, "Time that the last poll of a node took");
    for (node, live) in nodes.values() {
        let labels = [("node", &*label(node)), ("cluster", &node.cluster.name)];
        text.sample("b3lb_node_poll_seconds", &labels, live.poll_seconds);
    }
}
