//! `cluster add|list|show`

use rpc::ClusterSpec;

use crate::app::App;
use crate::args::cluster::{ClusterAdd, ClusterVerb};
use crate::exit::Failure;

const COLUMNS: &[&str] =
    &["name", "nodes", "groups", "checksum", "attendee_factor", "meeting_factor", "cpu_order", "cpu_max"];

pub(super) async fn run(app: &App, verb: ClusterVerb) -> Result<(), Failure> {
    let daemon = app.connect().await?;
    match verb {
        ClusterVerb::Add(add) => {
            let view = daemon.client.cluster_add(daemon.deadline(), spec(add)).await??;
            app.out.changed(&view, &[format!("Cluster {} added", view.spec.name)])
        }
        ClusterVerb::List => app.out.list(&daemon.client.cluster_list(daemon.deadline()).await??, COLUMNS),
        ClusterVerb::Show { name } => {
            app.out.show(&daemon.client.cluster_show(daemon.deadline(), name).await??)
        }
    }
}

fn spec(add: ClusterAdd) -> ClusterSpec {
    ClusterSpec {
        name: add.name,
        attendee_factor: add.attendee_factor,
        meeting_factor: add.meeting_factor,
        cpu_order: add.cpu_order,
        cpu_max: add.cpu_max,
        checksum: add.checksum,
    }
}
