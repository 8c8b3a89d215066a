//! `node add|list|show|maintenance`, and `drain` in its own file

use rpc::{NodeSpec, NodeView};

use super::drain;
use crate::app::App;
use crate::args::node::{NodeAdd, NodeVerb, Switch};
use crate::ask;
use crate::exit::Failure;

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

pub(super) async fn run(app: &App, verb: NodeVerb) -> Result<(), Failure> {
    match verb {
        NodeVerb::Add(add) => {
            let view = self::add(app, add).await?;
            let switch = if view.maintenance { "in maintenance" } else { "active" };
            app.out.changed(&view, &[format!("Node {} added, {switch}", view.fqdn())])
        }
        NodeVerb::List => {
            let daemon = app.connect().await?;
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
        NodeVerb::Drain(drain) => drain::run(app, drain).await,
    }
}

/// Adds a node; the secret may come from standard input.
pub(super) async fn add(app: &App, add: NodeAdd) -> Result<NodeView, Failure> {
    let NodeAdd { slug, cluster, secret, domain, active } = add;
    let secret = ask::secret(secret).await?;
    let daemon = app.connect().await?;
    let spec = NodeSpec { slug, domain, cluster, secret, active };
    Ok(daemon.client.node_add(daemon.deadline(), spec).await??)
}
