//! `node drain`: maintenance on, and waiting until the last meeting has ended

use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use rpc::{MeetingFilter, MeetingView, NodeView};

use crate::app::{App, Daemon};
use crate::args::node::NodeDrain;
use crate::duration;
use crate::exit::{Exit, Failure};

const INTERVAL: Duration = Duration::from_secs(1);

/// How many of the meetings left a message names.
const NAMED: usize = 5;

pub(super) async fn run(app: &App, drain: NodeDrain) -> Result<(), Failure> {
    let daemon = app.connect().await?;
    let node = daemon.client.node_maintenance(daemon.deadline(), drain.node, true).await??;
    let name = node.fqdn();
    if !drain.wait {
        let left = Left::look(&daemon, &name).await?.in_words();
        return app.out.changed(&node, &[format!("Node {name}: maintenance on, {left} left")]);
    }
    let node = wait(&daemon, &name, drain.timeout).await?;
    app.out.changed(&node, &[format!("Node {name} drained")])
}

async fn wait(daemon: &Daemon, name: &str, timeout: Duration) -> Result<NodeView, Failure> {
    let end = Instant::now() + timeout;
    let mut left = Left::look(daemon, name).await?;
    let bar = progress(&left);
    while left.count() != Some(0) {
        let rest = end.saturating_duration_since(Instant::now());
        if rest.is_zero() {
            bar.finish_and_clear();
            return Err(left.too_late(timeout));
        }
        tokio::time::sleep(INTERVAL.min(rest)).await;
        left = Left::look(daemon, name).await?;
        if let Some(count) = left.count() {
            bar.set_length(bar.length().unwrap_or(0).max(count));
            bar.set_position(bar.length().unwrap_or(0) - count);
        }
    }
    bar.finish_and_clear();
    Ok(left.node)
}

/// Draws on standard error, and only if that is a terminal.
fn progress(left: &Left) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(left.count(), ProgressDrawTarget::stderr());
    if let Ok(style) =
        ProgressStyle::with_template("{msg} [{bar:30}] {pos} of {len} meetings ended, {elapsed}")
    {
        bar.set_style(style.progress_chars("=> "));
    }
    bar.set_message(left.node.fqdn());
    bar.enable_steady_tick(INTERVAL);
    bar
}

/// What still runs on a node that drains.
struct Left {
    node: NodeView,
    meetings: Vec<MeetingView>,
}

impl Left {
    async fn look(daemon: &Daemon, name: &str) -> Result<Self, Failure> {
        let node = daemon.client.node_show(daemon.deadline(), name.to_owned()).await??;
        let filter = MeetingFilter { tenant: None, node: Some(name.to_owned()) };
        let meetings = daemon.client.meeting_list(daemon.deadline(), filter).await??;
        Ok(Self { node, meetings })
    }

    /// The poll may be too old to have the latest meetings, and the list lacks those that B3LB did not
    /// create: the larger of the two counts. None if the node was never asked.
    fn count(&self) -> Option<u64> {
        self.node.meetings.map(|polled| polled.max(self.meetings.len() as u64))
    }

    fn in_words(&self) -> String {
        match self.count() {
            None => "an unknown number of meetings".to_owned(),
            Some(1) => "1 meeting".to_owned(),
            Some(count) => format!("{count} meetings"),
        }
    }

    fn too_late(&self, timeout: Duration) -> Failure {
        let (name, count) = (self.node.fqdn(), self.in_words());
        let first = self.meetings.iter().take(NAMED);
        let mut which: Vec<_> =
            first.map(|it| format!("{} of {}-{:03}", it.id, it.tenant, it.sub_id)).collect();
        if self.meetings.len() > NAMED {
            which.push("...".to_owned());
        }
        let which = if which.is_empty() { String::new() } else { format!(": {}", which.join(", ")) };
        let waited = duration::show(timeout);
        let message = format!("node {name} is not drained after {waited}, {count} left{which}");
        Failure::new(Exit::TimedOut, "timed_out", message)
            .hint(format!("the node stays in maintenance; see b3lb-cli meeting list --node {name}"))
    }
}
