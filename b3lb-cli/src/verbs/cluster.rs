//! `cluster add|set|rm|list|show`

use rpc::{AdminClient, ClusterChange, ClusterSpec, ClusterView};
use rpc_client::{Failure, clean};

use crate::app::App;
use crate::args::cluster::{Change, ClusterAdd, ClusterVerb};
use crate::ask;
use crate::text::count;

const COLUMNS: &[&str] = &[
    "name",
    "nodes",
    "capacity",
    "groups",
    "checksum",
    "attendee_factor",
    "meeting_factor",
    "cpu_order",
    "cpu_max",
    "target_cpu",
];

pub(super) async fn run(app: &App, verb: ClusterVerb) -> Result<(), Failure> {
    match verb {
        ClusterVerb::Add(add) => {
            let daemon = app.connect().await?;
            let view = daemon.call(|client, deadline| client.cluster_add(deadline, spec(add))).await?;
            app.out.changed(&view, &[format!("Cluster {} added", view.name)])
        }
        ClusterVerb::Set(set) => {
            let daemon = app.connect().await?;
            let (change, words) = change(set.change);
            let view = daemon.call(|client, deadline| client.cluster_set(deadline, set.name, change)).await?;
            app.out.changed(&view, &[format!("Cluster {} changed: {words}", view.name)])
        }
        ClusterVerb::Rm { name } => remove(app, name).await,
        ClusterVerb::List { group, sort } => {
            let daemon = app.connect().await?;
            let mut clusters = daemon.all(AdminClient::cluster_list).await?;
            clusters.retain(|it| group.as_ref().is_none_or(|group| it.groups.contains(group)));
            app.out.list(&clusters, COLUMNS, sort.as_ref())
        }
        ClusterVerb::Show { name } => {
            let daemon = app.connect().await?;
            app.out.show(&daemon.call(|client, deadline| client.cluster_show(deadline, name)).await?)
        }
    }
}

async fn remove(app: &App, name: String) -> Result<(), Failure> {
    let ask = app.has_to_ask("cluster rm")?;
    let daemon = app.connect().await?;
    if ask {
        let view = daemon.call(|client, deadline| client.cluster_show(deadline, name.clone())).await?;
        let ClusterView { name, nodes, groups, .. } = view;
        let (nodes, groups) = (count(nodes, "node"), count(groups.len() as u64, "group"));
        ask::confirm(&format!("Remove cluster {} with {nodes}, in {groups}?", clean(&name))).await?;
    }
    let view = daemon.call(|client, deadline| client.cluster_rm(deadline, name)).await?;
    app.out.changed(&view, &[format!("Cluster {} removed", view.name)])
}

fn spec(add: ClusterAdd) -> ClusterSpec {
    ClusterSpec {
        name: add.name,
        attendee_factor: add.attendee_factor,
        meeting_factor: add.meeting_factor,
        cpu_order: add.cpu_order,
        cpu_max: add.cpu_max,
        checksum: add.checksum,
        target_cpu: add.target_cpu,
    }
}

/// The change, and a description of its new values.
fn change(change: Change) -> (ClusterChange, String) {
    let Change { attendee_factor, meeting_factor, cpu_order, cpu_max, checksum, target_cpu } = change;
    let words = [
        attendee_factor.map(|load| format!("attendee factor {load}")),
        meeting_factor.map(|load| format!("meeting factor {load}")),
        cpu_order.map(|terms| format!("CPU order {terms}")),
        cpu_max.map(|load| format!("CPU max {load}")),
        checksum.as_ref().map(|algorithm| format!("checksum {algorithm}")),
        target_cpu.map(|percent| format!("target CPU {percent} %")),
    ];
    let words: Vec<_> = words.into_iter().flatten().collect();
    (
        ClusterChange { attendee_factor, meeting_factor, cpu_order, cpu_max, checksum, target_cpu },
        words.join(", "),
    )
}
