//! `group add|assign|list|show`

use rpc::GroupSpec;

use crate::app::App;
use crate::args::group::GroupVerb;
use crate::exit::Failure;

const COLUMNS: &[&str] = &["name", "clusters", "tenants", "description"];

pub(super) async fn run(app: &App, verb: GroupVerb) -> Result<(), Failure> {
    let daemon = app.connect().await?;
    match verb {
        GroupVerb::Add { name, description } => {
            let spec = GroupSpec { name, description };
            let view = daemon.client.group_add(daemon.deadline(), spec).await??;
            app.out.changed(&view, &[format!("Group {} added", view.name)])
        }
        GroupVerb::Assign { group, cluster } => {
            let view = daemon.client.group_assign(daemon.deadline(), group, cluster.clone()).await??;
            app.out.changed(&view, &[format!("Cluster {cluster} assigned to group {}", view.name)])
        }
        GroupVerb::List => app.out.list(&daemon.client.group_list(daemon.deadline()).await??, COLUMNS),
        GroupVerb::Show { name } => app.out.show(&daemon.client.group_show(daemon.deadline(), name).await??),
    }
}
