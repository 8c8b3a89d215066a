//! `node wait`: waits until nodes are empty, or up. Goes on after a restart of the daemon.

use std::time::{Duration, Instant};

use rpc::{NodeState, NodeView};
use rpc_client::{Exit, Failure};

use super::which::Nodes;
use crate::app::App;
use crate::args::node::{NodeWait, Wanted};
use crate::daemon::Patient;
use crate::duration;
use crate::text::count;

const INTERVAL: Duration = Duration::from_secs(1);

pub(super) async fn run(app: &App, wait: NodeWait) -> Result<(), Failure> {
    let end = Instant::now() + wait.timeout;
    let daemon = app.connect().await?;
    let nodes = Nodes::find(&daemon, wait.which).await?;
    let mut patient = Patient::new(app, daemon, Some(end));
    let mut waits: Vec<_> = nodes.names().to_vec();
    loop {
        let mut left = Vec::new();
        for name in waits {
            let node = patient
                .ask(async |daemon| {
                    daemon.call(|client, deadline| client.node_show(deadline, name.clone())).await
                })
                .await?;
            if is_so(&node, wait.wanted) {
                app.out.changed(&node, &[format!("Node {}: {}", node.fqdn(), in_words(wait.wanted))])?;
            } else {
                left.push(name);
            }
        }
        waits = left;
        if waits.is_empty() {
            return Ok(());
        }
        if Instant::now() >= end {
            return Err(too_late(&waits, &wait.timeout, wait.wanted));
        }
        tokio::time::sleep(INTERVAL.min(end.saturating_duration_since(Instant::now()))).await;
    }
}

fn is_so(node: &NodeView, wanted: Wanted) -> bool {
    match wanted {
        Wanted::Up => node.state == NodeState::Up,
        Wanted::Empty => node.meetings == Some(0),
    }
}

fn in_words(wanted: Wanted) -> &'static str {
    match wanted {
        Wanted::Up => "up",
        Wanted::Empty => "no meetings",
    }
}

fn too_late(waits: &[String], timeout: &Duration, wanted: Wanted) -> Failure {
    let waited = duration::show(*timeout);
    let are = if waits.len() == 1 { "is" } else { "are" };
    let what = match wanted {
        Wanted::Up => "up",
        Wanted::Empty => "empty",
    };
    let message = format!(
        "{} {are} not {what} after {waited}: {}",
        count(waits.len() as u64, "node"),
        waits.join(", ")
    );
    Failure::new(Exit::TimedOut, "timed_out", message).hint("see b3lb-cli node list")
}
