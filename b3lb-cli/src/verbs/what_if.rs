//! `node drain --dry-run`: what runs on the nodes, and what the rest will carry

use rpc::{AdminClient, NodeState, NodeView};
use rpc_client::{Failure, what_if};
use serde_json::json;

use super::which::Nodes;
use crate::app::App;
use crate::daemon::Daemon;
use crate::out::{document, print};
use crate::text::count;

pub(super) async fn run(app: &App, daemon: &Daemon, nodes: &Nodes) -> Result<(), Failure> {
    let mut leaving = Vec::new();
    for name in nodes.names() {
        leaving.push(daemon.call(|client, deadline| client.node_show(deadline, name.clone())).await?);
    }
    let all = daemon.all(AdminClient::node_list).await?;
    let groups = daemon.all(AdminClient::group_list).await?;
    let history = daemon.call(AdminClient::pool_history).await?;
    let expected = what_if::Expected::from(&history);
    let leaves = |it: &NodeView| leaving.iter().any(|leaving| leaving.fqdn() == it.fqdn());
    let facts: Vec<_> = all
        .iter()
        .map(|it| what_if::Node {
            cluster: &it.cluster,
            takes_meetings: it.state == NodeState::Up && !it.maintenance,
            cpu: it.cpu,
            attendees: it.attendees.unwrap_or(0),
            leaves: leaves(it),
        })
        .collect();
    let groups: Vec<_> = groups.iter().map(|it| (it.name.as_str(), it.clusters.as_slice())).collect();
    let rest = what_if::rest(&facts, &groups);
    let meetings: u64 = leaving.iter().filter_map(|it| it.meetings).sum();
    let attendees: u64 = leaving.iter().filter_map(|it| it.attendees).sum();
    if app.out.is_json() {
        let names: Vec<_> = leaving.iter().map(NodeView::fqdn).collect();
        return document(&json!({
            "nodes": names,
            "meetings": meetings,
            "attendees": attendees,
            "remaining": rest.nodes,
            "cpu_now": rest.cpu_now.map(tenths),
            "cpu_then": rest.cpu_then.map(tenths),
            "cpu_at_forecast": expected.and_then(|it| rest.cpu_expected(it)).map(tenths),
            "attendees_now": tenths(rest.attendees_now),
            "attendees_then": tenths(rest.attendees_then),
            "groups_without_nodes": rest.stranded,
        }));
    }
    let (running, people) = (count(meetings, "meeting"), count(attendees, "attendee"));
    let mut lines = vec![format!(
        "{}: {running} with {people} would go on, and no new ones begin",
        count(leaving.len() as u64, "node")
    )];
    lines.extend(rest.in_words(expected));
    lines.extend(rest.stranded.iter().map(|it| format!("no node is left for new meetings of group {it}")));
    lines.push("nothing was changed".to_owned());
    print(&lines.join("\n"))
}

fn tenths(number: f64) -> f64 {
    (number * 10.0).round() / 10.0
}
