//! `node add|set|list|show|maintenance|rm|evacuate`; `check`, `show --details` and `drain` have files of
//! their own

use std::cell::Cell;

use rpc::{AdminClient, Evacuation, NodeChange, NodeDetails, NodeSpec, NodeView};
use rpc_client::{Exit, Failure, clean};

use super::which::Nodes;
use super::{check, drain};
use crate::app::App;
use crate::args::node::{NodeAdd, NodeList, NodeSet, NodeVerb, Switch};
use crate::args::which::Which;
use crate::ask;
use crate::daemon::Daemon;
use crate::text::count;

const COLUMNS: &[&str] = &[
    "slug",
    "domain",
    "cluster",
    "state",
    "maintenance",
    "drain",
    "load",
    "meetings",
    "attendees",
    "cpu",
    "capacity",
    "last_poll_error",
];

const RANK_COLUMNS: &[&str] =
    &["slug", "domain", "takes_meetings", "attendees", "reserved", "meetings", "cpu", "own", "rank"];

pub(super) async fn run(app: &App, verb: NodeVerb) -> Result<(), Failure> {
    match verb {
        NodeVerb::Add(add) => {
            let view = self::add(app, add).await?;
            let switch = if view.maintenance { "in maintenance" } else { "active" };
            app.out.changed(&view, &[format!("Node {} added, {switch}", view.fqdn())])
        }
        NodeVerb::Set(set) => self::set(app, set).await,
        NodeVerb::List(list) => self::list(app, list).await,
        NodeVerb::Show { node, details: true } => super::details::run(app, node).await,
        NodeVerb::Show { node, details: false } => {
            let daemon = app.connect().await?;
            app.out.show(&daemon.call(|client, deadline| client.node_show(deadline, node)).await?)
        }
        NodeVerb::Check { which } => check::run(app, which).await,
        NodeVerb::Maintenance { node, switch } => {
            maintenance(app, Which { node, ..Which::default() }, switch == Switch::On).await
        }
        NodeVerb::Rm { which, force } => remove(app, which, force).await,
        NodeVerb::Evacuate { which } => evacuate(app, which).await,
        NodeVerb::Drain(drain) => drain::run(app, drain).await,
        NodeVerb::Undrain { which } => {
            let daemon = app.connect().await?;
            let nodes = Nodes::find(&daemon, which).await?;
            let undrain =
                async |node| daemon.call(|client, deadline| client.node_undrain(deadline, node)).await;
            nodes.each(app, undrain, |it| format!("Node {}: maintenance off", it.fqdn())).await
        }
        NodeVerb::Wait(wait) => super::wait::run(app, wait).await,
    }
}

/// Adds a node; the secret may come from standard input.
pub(super) async fn add(app: &App, add: NodeAdd) -> Result<NodeView, Failure> {
    let NodeAdd { slug, cluster, secret, domain, active } = add;
    let secret = ask::secret(secret).await?;
    let daemon = app.connect().await?;
    let spec = NodeSpec { slug, domain, cluster, secret, active };
    daemon.call(|client, deadline| client.node_add(deadline, spec)).await
}

async fn set(app: &App, set: NodeSet) -> Result<(), Failure> {
    let secret = match set.change.secret {
        Some(argument) => Some(ask::secret(argument).await?),
        None => None,
    };
    let cluster = set.change.cluster;
    let words =
        [cluster.as_ref().map(|name| format!("cluster {name}")), secret.as_ref().map(|_| "secret".into())];
    let words: Vec<_> = words.into_iter().flatten().collect();
    let daemon = app.connect().await?;
    let change = NodeChange { cluster, secret };
    let view = daemon.call(|client, deadline| client.node_set(deadline, set.node, change)).await?;
    app.out.changed(&view, &[format!("Node {} changed: {}", view.fqdn(), words.join(", "))])
}

async fn list(app: &App, list: NodeList) -> Result<(), Failure> {
    let daemon = app.connect().await?;
    if list.explain {
        let ranks = daemon.call(AdminClient::node_explain).await?;
        return app.out.list(&ranks, RANK_COLUMNS, None);
    }
    let mut nodes = daemon.all(AdminClient::node_list).await?;
    nodes.retain(|node| {
        list.state.is_none_or(|state| state == node.state)
            && list.cluster.as_ref().is_none_or(|cluster| *cluster == node.cluster)
            && list.maintenance.is_none_or(|switch| (switch == Switch::On) == node.maintenance)
    });
    app.out.list(&nodes, COLUMNS, list.sort.as_ref())
}

async fn maintenance(app: &App, which: Which, on: bool) -> Result<(), Failure> {
    let daemon = app.connect().await?;
    let nodes = Nodes::find(&daemon, which).await?;
    let switch =
        async |node| daemon.call(|client, deadline| client.node_maintenance(deadline, node, on)).await;
    let state = if on { "on" } else { "off" };
    nodes.each(app, switch, |view| format!("Node {}: maintenance {state}", view.fqdn())).await
}

/// The nodes with what is bound to them.
async fn details(daemon: &Daemon, nodes: &Nodes) -> Result<Vec<NodeDetails>, Failure> {
    let mut all = Vec::new();
    for name in nodes.names() {
        all.push(daemon.call(|client, deadline| client.node_details(deadline, name.clone())).await?);
    }
    Ok(all)
}

async fn remove(app: &App, which: Which, force: bool) -> Result<(), Failure> {
    let ask = app.has_to_ask("node rm")?;
    let daemon = app.connect().await?;
    let nodes = Nodes::find(&daemon, which).await?;
    if ask {
        let all = details(&daemon, &nodes).await?;
        let what = match all.as_slice() {
            [it] => format!("node {} of cluster {}, which has", it.node.fqdn(), clean(&it.node.cluster)),
            _ => format!("{}, which have", count(all.len() as u64, "node")),
        };
        let then = if force { " These count as ended." } else { "" };
        ask::confirm(&format!("Remove {what} {}?{then}", bound(&all))).await?;
    }
    let remove = async |node| daemon.call(|client, deadline| client.node_rm(deadline, node, force)).await;
    nodes.each(app, remove, |view| format!("Node {} removed", view.fqdn())).await
}

async fn evacuate(app: &App, which: Which) -> Result<(), Failure> {
    let ask = app.has_to_ask("node evacuate")?;
    let daemon = app.connect().await?;
    let nodes = Nodes::find(&daemon, which).await?;
    if ask {
        let all = details(&daemon, &nodes).await?;
        let others: u64 = all.iter().map(|it| it.node.meetings.unwrap_or(0).saturating_sub(it.bound)).sum();
        let rest = match others {
            0 => String::new(),
            _ => format!(" {} unknown to B3LB will go on.", count(others, "meeting")),
        };
        let what = match all.as_slice() {
            [it] => format!("node {}", it.node.fqdn()),
            _ => count(all.len() as u64, "node"),
        };
        ask::confirm(&format!("End {} on {what}?{rest}", bound(&all))).await?;
    }
    let failed = Cell::new(Ok(()));
    let evacuate = async |node| {
        let done = daemon.call(|client, deadline| client.node_evacuate(deadline, node)).await?;
        if let Err(failure) = partly(&done) {
            failed.set(Err(failure));
        }
        Ok(done)
    };
    let line =
        |done: &Evacuation| format!("Node {}: {} ended", done.node.fqdn(), count(done.ended, "meeting"));
    nodes.each(app, evacuate, line).await?;
    failed.into_inner()
}

/// Reports which meetings could not be ended.
fn partly(done: &Evacuation) -> Result<(), Failure> {
    if done.failed.is_empty() {
        return Ok(());
    }
    let name = done.node.fqdn();
    let failed = count(done.failed.len() as u64, "meeting");
    let exit = if done.ended == 0 { Exit::Failed } else { Exit::Partly };
    let message = format!("{failed} on node {name} could not be ended: {}", done.failed.join("; "));
    Err(Failure::new(exit, "partly_done", message)
        .hint(format!("try again, or see b3lb-cli meeting list --node {name}")))
}

/// Meetings that are bound to nodes, with their attendees.
fn bound(nodes: &[NodeDetails]) -> String {
    let meetings = nodes.iter().map(|it| it.bound).sum();
    let attendees = nodes.iter().map(|it| it.bound_attendees).sum();
    format!("{} with {}", count(meetings, "meeting"), count(attendees, "attendee"))
}
