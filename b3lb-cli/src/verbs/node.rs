//! `node add|set|list|show|maintenance|rm|evacuate`; `check`, `show --details` and `drain` have files of
//! their own

use rpc::{AdminClient, Evacuation, NodeChange, NodeSpec, NodeView};
use rpc_client::{Exit, Failure, clean};

use super::{check, details, drain};
use crate::app::App;
use crate::args::node::{NodeAdd, NodeList, NodeSet, NodeVerb, Switch};
use crate::ask;
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
        NodeVerb::Show { node, details: true } => details::run(app, node).await,
        NodeVerb::Show { node, details: false } => {
            let daemon = app.connect().await?;
            app.out.show(&daemon.call(|client, deadline| client.node_show(deadline, node)).await?)
        }
        NodeVerb::Check { node } => check::run(app, node).await,
        NodeVerb::Maintenance { node, switch } => maintenance(app, node, switch == Switch::On).await,
        NodeVerb::Rm { node, force } => remove(app, node, force).await,
        NodeVerb::Evacuate { node } => evacuate(app, node).await,
        NodeVerb::Drain(drain) => drain::run(app, drain).await,
        NodeVerb::Undrain { node } => {
            let daemon = app.connect().await?;
            let view = daemon.call(|client, deadline| client.node_undrain(deadline, node)).await?;
            app.out.changed(&view, &[format!("Node {}: maintenance off", view.fqdn())])
        }
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

async fn maintenance(app: &App, node: String, on: bool) -> Result<(), Failure> {
    let daemon = app.connect().await?;
    let view = daemon.call(|client, deadline| client.node_maintenance(deadline, node, on)).await?;
    let state = if view.maintenance { "on" } else { "off" };
    app.out.changed(&view, &[format!("Node {}: maintenance {state}", view.fqdn())])
}

async fn remove(app: &App, node: String, force: bool) -> Result<(), Failure> {
    let ask = app.has_to_ask("node rm")?;
    let daemon = app.connect().await?;
    if ask {
        let it = daemon.call(|client, deadline| client.node_details(deadline, node.clone())).await?;
        let (name, cluster) = (it.node.fqdn(), clean(&it.node.cluster));
        let bound = with_attendees(it.bound, it.bound_attendees);
        let then = if force { " These count as ended." } else { "" };
        ask::confirm(&format!("Remove node {name} of cluster {cluster}, which has {bound}?{then}")).await?;
    }
    let view = daemon.call(|client, deadline| client.node_rm(deadline, node, force)).await?;
    app.out.changed(&view, &[format!("Node {} removed", view.fqdn())])
}

async fn evacuate(app: &App, node: String) -> Result<(), Failure> {
    let ask = app.has_to_ask("node evacuate")?;
    let daemon = app.connect().await?;
    if ask {
        let it = daemon.call(|client, deadline| client.node_details(deadline, node.clone())).await?;
        let bound = with_attendees(it.bound, it.bound_attendees);
        let others = it.node.meetings.unwrap_or(0).saturating_sub(it.bound);
        let rest = match others {
            0 => String::new(),
            _ => format!(" {} unknown to B3LB will go on.", count(others, "meeting")),
        };
        ask::confirm(&format!("End {bound} on node {}?{rest}", it.node.fqdn())).await?;
    }
    let done = daemon.call(|client, deadline| client.node_evacuate(deadline, node)).await?;
    let (name, ended) = (done.node.fqdn(), count(done.ended, "meeting"));
    app.out.changed(&done, &[format!("Node {name}: {ended} ended")])?;
    partly(&done)
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

fn with_attendees(meetings: u64, attendees: u64) -> String {
    format!("{} with {}", count(meetings, "meeting"), count(attendees, "attendee"))
}
