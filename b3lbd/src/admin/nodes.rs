//! Nodes.

use std::sync::Arc;

use rpc::{AdminError, AdminResult, NodeSpec, NodeState, NodeView, RankView};

use super::Context;
use super::context::{Lookup, invalid};
use crate::health::State;
use crate::model::{Node, NodeSlug, SecretKey, parse_domain_and_port};
use crate::store::NodeRow;

pub(super) async fn add(context: &Context, spec: &NodeSpec) -> AdminResult<NodeView> {
    let slug: NodeSlug = spec.slug.parse().map_err(invalid)?;
    let secret = spec.secret.reveal();
    if !(1..=255).contains(&secret.chars().count()) || secret.chars().any(char::is_control) {
        return Err(AdminError::invalid("secret", "1-255 printable characters"));
    }
    let given = spec.domain.clone().or_else(|| context.node_default_domain.clone());
    let given = given.ok_or_else(|| {
        AdminError::invalid("domain", "is needed, there is no default")
            .hint("set B3LB_NODE_DEFAULT_DOMAIN, or give --domain")
    })?;
    let domain = parse_domain_and_port(&given).ok_or_else(|| {
        AdminError::invalid("domain", "a host name, with a port if need be, without scheme or path")
    })?;
    let cluster = context.catalog().cluster(&spec.cluster)?.id;
    let name = format!("{slug}.{domain}");
    let row = NodeRow { slug, domain, secret: SecretKey::new(secret), cluster, maintenance: !spec.active };
    let store = Arc::clone(&context.meetings.store);
    context.change(async move { store.add_node(row).await }).await?;
    show(context, &name)
}

pub(super) fn list(context: &Context) -> Vec<NodeView> {
    let catalog = context.catalog();
    let mut list: Vec<_> = catalog.nodes.values().map(|it| view(context, it)).collect();
    list.sort_by(|a, b| (&a.slug, &a.domain).cmp(&(&b.slug, &b.domain)));
    list
}

pub(super) fn show(context: &Context, name: &str) -> AdminResult<NodeView> {
    Ok(view(context, context.catalog().node(name)?))
}

pub(super) async fn maintenance(context: &Context, name: &str, on: bool) -> AdminResult<NodeView> {
    let node = Arc::clone(context.catalog().node(name)?);
    let (store, id) = (Arc::clone(&context.meetings.store), node.id);
    context.change(async move { store.set_maintenance(id, on).await }).await?;
    show(context, &node.fqdn())
}

/// More digits than people compare.
fn tenths(load: f64) -> f64 {
    (load * 10.0).round() / 10.0
}

/// The parts of each node's rank, the best first.
pub(super) fn explain(context: &Context) -> Vec<RankView> {
    let catalog = context.catalog();
    let pool = &context.meetings.pool;
    let ranked = catalog.nodes.values().filter_map(|node| {
        let parts = pool.explain(node.id)?;
        Some(RankView {
            slug: node.slug.to_string(),
            domain: node.domain.clone(),
            takes_meetings: !node.maintenance && pool.fleet.state(node.id) == State::Up,
            attendees: tenths(parts.attendees),
            reserved: tenths(parts.reserved),
            meetings: tenths(parts.meetings),
            cpu: tenths(parts.cpu),
            own: tenths(parts.own),
            rank: tenths(parts.total()),
        })
    });
    let mut list: Vec<_> = ranked.collect();
    list.sort_by(|a, b| {
        b.takes_meetings
            .cmp(&a.takes_meetings)
            .then(a.rank.total_cmp(&b.rank))
            .then_with(|| a.slug.cmp(&b.slug))
    });
    list
}

pub(super) async fn remove(context: &Context, name: &str) -> AdminResult<NodeView> {
    let node = Arc::clone(context.catalog().node(name)?);
    let gone = view(context, &node);
    let (store, id) = (Arc::clone(&context.meetings.store), node.id);
    context.change(async move { store.remove_node(id, node.fqdn()).await }).await?;
    Ok(gone)
}

fn view(context: &Context, node: &Node) -> NodeView {
    let cell = context.meetings.pool.fleet.cell(node.id);
    let live = cell.map(|it| it.live()).unwrap_or_default();
    NodeView {
        slug: node.slug.to_string(),
        domain: node.domain.clone(),
        cluster: node.cluster.name.clone(),
        state: match live.health.state() {
            State::Up => NodeState::Up,
            State::Suspect => NodeState::Suspect,
            State::Down => NodeState::Down,
            State::Unknown => NodeState::Unknown,
        },
        maintenance: node.maintenance,
        load: live.load(node),
        attendees: live.report.is_some().then_some(live.attendees.into()),
        meetings: live.report.is_some().then(|| live.meetings().into()),
        cpu: live.cpu.map(|(cpu, _)| cpu),
        last_poll_error: live.last_error.clone(),
    }
}
