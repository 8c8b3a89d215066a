//! Nodes: add, change, show, evacuate, remove.

use std::sync::Arc;

use rpc::{
    AdminError, AdminResult, DrainSpec, DrainView, ErrorCode, Evacuation, LoadParts, NodeChange, NodeDetails,
    NodeSpec, NodeView, RankView, Sample,
};
use serde_json::json;

use super::Context;
use super::capacity::Capacities;
use super::context::{Lookup, check_text, invalid, time};
use super::operator::Operator;
use crate::lifecycle::EndFailure;
use crate::model::{Catalog, Drain, Node, NodeSlug, NodeState, SecretKey, Subject, parse_domain_and_port};
use crate::store::{Edit, NodeEdit, NodeName};

/// Maximum length of the reason of a drain, in characters.
const LONGEST_REASON: usize = 200;
/// Maximum time until the meetings of a drain are ended, in seconds.
const LONGEST_DRAIN: u64 = 30 * 24 * 3600;

/// Validates slug and domain of a node. Without a domain, the default domain is used.
pub(super) fn name(context: &Context, slug: &str, domain: Option<&str>) -> AdminResult<NodeName> {
    let slug: NodeSlug = slug.parse().map_err(invalid)?;
    let given = domain.or(context.settings.node_default_domain.as_deref()).ok_or_else(|| {
        AdminError::invalid("domain", "is required, there is no default")
            .hint("set B3LB_NODE_DEFAULT_DOMAIN, or give --domain")
    })?;
    let domain = parse_domain_and_port(given).ok_or_else(|| {
        AdminError::invalid("domain", "a host name with an optional port, without scheme or path")
    })?;
    Ok(NodeName { slug, domain })
}

/// Validates the BBB secret of a node.
pub(super) fn secret(secret: &str) -> AdminResult<SecretKey> {
    if !(1..=255).contains(&secret.chars().count()) || secret.chars().any(char::is_control) {
        return Err(AdminError::invalid("secret", "1-255 printable characters"));
    }
    Ok(SecretKey::new(secret))
}

fn name_of(node: &Node) -> NodeName {
    NodeName { slug: node.slug.clone(), domain: node.domain.clone() }
}

pub(super) async fn add(operator: &Operator, spec: &NodeSpec) -> AdminResult<NodeView> {
    let secret = secret(spec.secret.reveal())?;
    let name = name(&operator.context, &spec.slug, spec.domain.as_deref())?;
    let fqdn = name.to_string();
    let (cluster, maintenance) = (spec.cluster.clone(), !spec.active);
    let plan = move |catalog: &Catalog| {
        catalog.cluster(&cluster)?;
        Ok(vec![Edit::AddNode(name, cluster, secret, maintenance)])
    };
    operator.change("node add", Subject::Node(fqdn.clone()), plan).await?;
    show(&operator.context, &fqdn)
}

pub(super) async fn set(operator: &Operator, name: &str, change: NodeChange) -> AdminResult<NodeView> {
    let node = name_of(operator.context.catalog().node(name)?);
    let fqdn = node.to_string();
    let secret = change.secret.map(|it| secret(it.reveal())).transpose()?;
    let plan = move |catalog: &Catalog| {
        if let Some(cluster) = &change.cluster {
            catalog.cluster(cluster)?;
        }
        let edit = NodeEdit { cluster: change.cluster, secret, ..NodeEdit::default() };
        Ok(vec![Edit::SetNode(node, edit)])
    };
    operator.change("node set", Subject::Node(fqdn.clone()), plan).await?;
    show(&operator.context, &fqdn)
}

pub(super) async fn maintenance(operator: &Operator, name: &str, on: bool) -> AdminResult<NodeView> {
    let node = name_of(operator.context.catalog().node(name)?);
    let fqdn = node.to_string();
    let action = if on { "node maintenance on" } else { "node maintenance off" };
    let edit = NodeEdit { maintenance: Some(on), ..NodeEdit::default() };
    let plan = move |catalog: &Catalog| {
        let is_so = catalog.node(&node.to_string())?.maintenance == on;
        Ok(if is_so { Vec::new() } else { vec![Edit::SetNode(node, edit)] })
    };
    operator.change(action, Subject::Node(fqdn.clone()), plan).await?;
    show(&operator.context, &fqdn)
}

/// Drains a node, or changes the reason and the end of its drain.
pub(super) async fn drain(operator: &Operator, name: &str, spec: DrainSpec) -> AdminResult<NodeView> {
    check_text("reason", &spec.reason, LONGEST_REASON)?;
    if spec.evacuate_after.is_some_and(|it| it > LONGEST_DRAIN) {
        return Err(AdminError::invalid("evacuate_after", "at most 30 days"));
    }
    let node = name_of(operator.context.catalog().node(name)?);
    let fqdn = node.to_string();
    let since = operator.context.core.pool.clock.wall_ms();
    let after = spec.evacuate_after.and_then(|it| i64::try_from(it).ok());
    let evacuate_at = after.map(|seconds| since + seconds * 1000);
    let drain = Drain { who: operator.who.clone(), since, reason: spec.reason, evacuate_at };
    let edit = NodeEdit { maintenance: Some(true), drain: Some(drain), ..NodeEdit::default() };
    operator
        .change("node drain", Subject::Node(fqdn.clone()), move |_| Ok(vec![Edit::SetNode(node, edit)]))
        .await?;
    show(&operator.context, &fqdn)
}

/// Takes a drain back.
pub(super) async fn undrain(operator: &Operator, name: &str) -> AdminResult<NodeView> {
    let node = name_of(operator.context.catalog().node(name)?);
    let fqdn = node.to_string();
    let plan = move |catalog: &Catalog| {
        if catalog.node(&node.to_string())?.drain.is_none() {
            let message = format!("node {node} is not being drained");
            return Err(AdminError::new(ErrorCode::Conflict, message).hint("see `b3lb-cli node list`"));
        }
        let edit = NodeEdit { maintenance: Some(false), ..NodeEdit::default() };
        Ok(vec![Edit::SetNode(node, edit)])
    };
    operator.change("node undrain", Subject::Node(fqdn.clone()), plan).await?;
    show(&operator.context, &fqdn)
}

/// A drain as operators see it.
pub(super) fn drain_view(drain: &Drain) -> DrainView {
    let Drain { who, since, reason, evacuate_at } = drain.clone();
    let seconds = |at: i64| time(at.div_euclid(1000) * 1000);
    DrainView { who, since: seconds(since), reason, evacuate_at: evacuate_at.map(seconds) }
}

/// Removes a node; with `force`, its meetings count as ended.
pub(super) async fn remove(operator: &Operator, name: &str, force: bool) -> AdminResult<NodeView> {
    let node = Arc::clone(operator.context.catalog().node(name)?);
    let operator = operator.clone();
    Operator::to_the_end(async move {
        let gone = view(&operator.context, &Capacities::now(&operator.context), &node);
        if force {
            forget_meetings(&operator, &node).await?;
        }
        let subject = Subject::Node(node.fqdn());
        let removal =
            operator.change("node rm", subject, move |_| Ok(vec![Edit::RemoveNode(name_of(&node))]));
        removal.await.map_err(|error| match error.code {
            ErrorCode::Conflict => error.hint("drain or evacuate it first; --force forgets its meetings"),
            _ => error,
        })?;
        Ok(gone)
    })
    .await
}

/// Marks all meetings bound to a node as ended.
async fn forget_meetings(operator: &Operator, node: &Node) -> AdminResult<()> {
    let context = &operator.context;
    // Prevent new meetings while the existing ones are settled.
    maintenance(operator, &node.fqdn(), true).await?;
    let mut forgotten = 0;
    for meeting in context.core.bound_to(node.id) {
        // A create of this meeting may be in progress, so wait for it and look up the meeting again.
        let _turn = context.core.pool.turns.take(meeting.key().clone()).await;
        let now = context.core.pool.registry.get(meeting.key().secret, &meeting.key().id);
        if let Some(meeting) = now.filter(|it| it.node() == node.id) {
            let settled = context.core.ended_for_good(&meeting, "removal of its node").await;
            settled.map_err(|error| super::context::unavailable(&error))?;
            forgotten += 1;
        }
    }
    let details = json!({ "forgotten meetings": forgotten });
    operator.record("node forget meetings", Subject::Node(node.fqdn()), details).await
}

/// Ends all tenants' meetings on a node.
pub(super) async fn evacuate(operator: &Operator, name: &str) -> AdminResult<Evacuation> {
    let node = Arc::clone(operator.context.catalog().node(name)?);
    let operator = operator.clone();
    Operator::to_the_end(async move {
        let context = &operator.context;
        let (ended, failed) = context.core.evacuate(node.id).await;
        let details = json!({ "ended": ended, "failed": failed.len() });
        operator.record("node evacuate", Subject::Node(node.fqdn()), details).await?;
        Ok(Evacuation { node: show(context, &node.fqdn())?, ended, failed })
    })
    .await
}

/// Maps an end failure to an admin error.
pub(super) fn end_refusal(id: &str, failure: &EndFailure) -> AdminError {
    let code = match failure {
        EndFailure::NoAnswer => ErrorCode::Unavailable,
        EndFailure::Refused(_) | EndFailure::Unsettled => ErrorCode::Refused,
    };
    AdminError::new(code, format!("meeting {id} was not ended: {failure}"))
}

pub(super) fn list(context: &Context) -> Vec<NodeView> {
    let catalog = context.catalog();
    let capacities = Capacities::now(context);
    let mut list: Vec<_> = catalog.nodes.values().map(|it| view(context, &capacities, it)).collect();
    list.sort_by_key(NodeView::fqdn);
    list
}

pub(super) fn show(context: &Context, name: &str) -> AdminResult<NodeView> {
    Ok(view(context, &Capacities::now(context), context.catalog().node(name)?))
}

/// Everything known about a node.
pub(super) fn details(context: &Context, name: &str) -> AdminResult<NodeDetails> {
    let catalog = context.catalog();
    let node = catalog.node(name)?;
    let pool = &context.core.pool;
    let cell = pool.fleet.cell(node.id).unwrap_or_default();
    let live = cell.live();
    let bound = context.core.bound_to(node.id);
    let cpu = live.cpu.map(|(cpu, _)| cpu);
    let (attendees, meetings, cpu) = node.cluster.factors.parts(live.attendees, live.meetings(), cpu);
    let sample = |it: crate::state::Sample| Sample(it.at, it.load, it.attendees, it.cpu);
    Ok(NodeDetails {
        node: view(context, &Capacities::now(context), node),
        parts: LoadParts { attendees: tenths(attendees), meetings: tenths(meetings), cpu: tenths(cpu) },
        rank: live.polled_at.and_then(|_| rank(context, node)),
        misses: live.health.failures(),
        polled_at: live.polled_at,
        poll_ms: std::time::Duration::try_from_secs_f64(live.poll_seconds)
            .map_or(0, |it| u64::try_from(it.as_millis()).unwrap_or(u64::MAX)),
        bound: bound.len() as u64,
        bound_attendees: bound.iter().map(|it| it.attendees()).sum(),
        history: cell.history.samples().into_iter().map(sample).collect(),
    })
}

/// Rounds to one decimal, which is enough for comparison by people.
pub(super) fn tenths(load: f64) -> f64 {
    (load * 10.0).round() / 10.0
}

fn rank(context: &Context, node: &Node) -> Option<RankView> {
    let pool = &context.core.pool;
    let parts = pool.explain(node.id)?;
    Some(RankView {
        slug: node.slug.to_string(),
        domain: node.domain.clone(),
        takes_meetings: !node.maintenance && pool.fleet.state(node.id) == NodeState::Up,
        attendees: tenths(parts.attendees),
        reserved: tenths(parts.reserved),
        meetings: tenths(parts.meetings),
        cpu: tenths(parts.cpu),
        own: tenths(parts.own),
        rank: tenths(parts.total()),
    })
}

/// The parts of each node's rank, best first.
pub(super) fn explain(context: &Context) -> Vec<RankView> {
    let catalog = context.catalog();
    let mut list: Vec<_> = catalog.nodes.values().filter_map(|node| rank(context, node)).collect();
    list.sort_by(|a, b| {
        b.takes_meetings
            .cmp(&a.takes_meetings)
            .then(a.rank.total_cmp(&b.rank))
            .then_with(|| a.slug.cmp(&b.slug))
    });
    list
}

fn view(context: &Context, capacities: &Capacities<'_>, node: &Node) -> NodeView {
    let cell = context.core.pool.fleet.cell(node.id);
    let live = cell.map(|it| it.live()).unwrap_or_default();
    NodeView {
        slug: node.slug.to_string(),
        domain: node.domain.clone(),
        cluster: node.cluster.name.clone(),
        state: live.health.state(),
        maintenance: node.maintenance,
        drain: node.drain.as_ref().map(drain_view),
        load: live.load(node),
        attendees: live.report.is_some().then_some(live.attendees.into()),
        meetings: live.report.is_some().then(|| live.meetings().into()),
        cpu: live.cpu.map(|(cpu, _)| cpu),
        capacity: capacities.of(node.id),
        last_poll_error: live.last_error.clone(),
    }
}
