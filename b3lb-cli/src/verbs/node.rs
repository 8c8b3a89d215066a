//! `node add|list|show|maintenance|rm`, and `drain` in its own file

use rpc::{NodeSpec, NodeView};

use super::drain;
use crate::app::App;
use crate::args::node::{NodeAdd, NodeVerb, Switch};
use crate::ask;
use crate::exit::Failure;
use crate::text::clean;

const COLUMNS: &[&str] = &[
    "slug",
    "domain",
    "cluster",
    "state",
    "maintenance",
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
        NodeVerb::List { explain } => {
            let daemon = app.connect().await?;
            if explain {
                return app.out.list(&daemon.client.node_explain(daemon.deadline()).await??, RANK_COLUMNS);
            }
            app.out.list(&daemon.client.node_list(daemon.deadline()).await??, COLUMNS)
        }
        NodeVerb::Show { node } => {
            let daemon = app.connect().await?;
            app.out.show(&daemon.client.node_show(daemon.deadline(), node).await??)
        }
        NodeVerb::Maintenance { node, switch } => {
            let daemon = app.connect().await?;
            let view =
                daemon.client.node_maintenance(daemon.deadline(), node, switch == Switch::On).await??;
            let state = if view.maintenance { "on" } else { "off" };
            app.out.changed(&view, &[format!("Node {}: maintenance {state}", view.fqdn())])
        }
        NodeVerb::Rm { node } => remove(app, node).await,
        NodeVerb::Drain(drain) => drain::run(app, drain).await,
    }
}

async fn remove(app: &App, node: String) -> Result<(), Failure> {
    if !app.yes && !ask::can_ask() {
        return Err(ask::needs_yes("node rm"));
    }
    let daemon = app.connect().await?;
    if !app.yes {
        let view = daemon.client.node_show(daemon.deadline(), node.clone()).await??;
        ask::confirm(&format!("Remove node {} of cluster {}?", view.fqdn(), clean(&view.cluster))).await?;
    }
    let view = daemon.client.node_rm(daemon.deadline(), node).await??;
    app.out.changed(&view, &[format!("Node {} removed", view.fqdn())])
}

/// Adds a node; the secret may come from standard input.
pub(super) async fn add(app: &App, add: NodeAdd) -> Result<NodeView, Failure> {
    let NodeAdd { slug, cluster, secret, domain, active } = add;
    let secret = ask::secret(secret).await?;
    let daemon = app.connect().await?;
    let spec = NodeSpec { slug, domain, cluster, secret, active };
    Ok(daemon.client.node_add(daemon.deadline(), spec).await??)
}
