//! `group add|set|rm|assign|unassign|list|show`

use rpc::{AdminClient, GroupChange, GroupSpec, GroupView};
use rpc_client::{Failure, clean};

use crate::app::App;
use crate::args::group::GroupVerb;
use crate::ask;
use crate::order::Order;
use crate::text::count;

const COLUMNS: &[&str] = &["name", "capacity", "clusters", "tenants", "description"];

pub(super) async fn run(app: &App, verb: GroupVerb) -> Result<(), Failure> {
    match verb {
        GroupVerb::Add { name, description } => {
            let daemon = app.connect().await?;
            let spec = GroupSpec { name, description };
            let view = daemon.call(|client, deadline| client.group_add(deadline, spec)).await?;
            app.out.changed(&view, &[format!("Group {} added", view.name)])
        }
        GroupVerb::Set { name, description } => {
            let daemon = app.connect().await?;
            let change = GroupChange { description: Some(description) };
            let view = daemon.call(|client, deadline| client.group_set(deadline, name, change)).await?;
            app.out
                .changed(&view, &[format!("Group {} changed: description {}", view.name, view.description)])
        }
        GroupVerb::Rm { name } => remove(app, name).await,
        GroupVerb::Assign { group, cluster } => {
            let daemon = app.connect().await?;
            let name = cluster.clone();
            let view = daemon.call(|client, deadline| client.group_assign(deadline, group, name)).await?;
            app.out.changed(&view, &[format!("Cluster {cluster} assigned to group {}", view.name)])
        }
        GroupVerb::Unassign { group, cluster } => {
            let daemon = app.connect().await?;
            let name = cluster.clone();
            let view = daemon.call(|client, deadline| client.group_unassign(deadline, group, name)).await?;
            app.out.changed(&view, &[format!("Cluster {cluster} taken out of group {}", view.name)])
        }
        GroupVerb::List { cluster, sort } => list(app, cluster, sort.as_ref()).await,
        GroupVerb::Show { name } => {
            let daemon = app.connect().await?;
            app.out.show(&daemon.call(|client, deadline| client.group_show(deadline, name)).await?)
        }
    }
}

async fn list(app: &App, cluster: Option<String>, order: Option<&Order>) -> Result<(), Failure> {
    let daemon = app.connect().await?;
    let mut groups = daemon.all(AdminClient::group_list).await?;
    groups.retain(|it| cluster.as_ref().is_none_or(|cluster| it.clusters.contains(cluster)));
    app.out.list(&groups, COLUMNS, order)
}

async fn remove(app: &App, name: String) -> Result<(), Failure> {
    let ask = app.has_to_ask("group rm")?;
    let daemon = app.connect().await?;
    if ask {
        let view = daemon.call(|client, deadline| client.group_show(deadline, name.clone())).await?;
        let GroupView { name, clusters, tenants, .. } = view;
        let clusters = count(clusters.len() as u64, "cluster");
        let tenants = count(tenants.len() as u64, "tenant");
        ask::confirm(&format!("Remove group {} with {clusters} and {tenants}?", clean(&name))).await?;
    }
    let view = daemon.call(|client, deadline| client.group_rm(deadline, name)).await?;
    app.out.changed(&view, &[format!("Group {} removed", view.name)])
}
