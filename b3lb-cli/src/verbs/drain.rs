//! `node drain`: switches maintenance on, notes why and until when, and waits until the last meeting has ended

use std::time::{Duration, Instant};

use indicatif::{HumanDuration, ProgressBar, ProgressDrawTarget, ProgressStyle};
use jiff::Timestamp;
use rpc::{DrainSpec, MeetingFilter, MeetingView, NodeView};
use rpc_client::estimate::{self, Running};
use rpc_client::{Exit, Failure, clean};
use serde::Serialize;
use tokio::sync::OnceCell;

use super::what_if;
use super::which::Nodes;
use crate::app::App;
use crate::args::node::NodeDrain;
use crate::daemon::{Daemon, Patient};
use crate::duration;
use crate::out::{document, print};
use crate::text;
use crate::time;

const INTERVAL: Duration = Duration::from_secs(1);

/// Maximum number of remaining meetings that a message names.
const NAMED: usize = 5;

pub(super) async fn run(app: &App, drain: NodeDrain) -> Result<(), Failure> {
    let daemon = app.connect().await?;
    let nodes = Nodes::find(&daemon, drain.which).await?;
    if drain.dry_run {
        return what_if::run(app, &daemon, &nodes).await;
    }
    let evacuate_after = drain.evacuate_after.map(|after| after.as_secs());
    let spec = DrainSpec { reason: drain.reason, evacuate_after };
    let begin = async |daemon: &Daemon, node: &str| {
        let (node, spec) = (node.to_owned(), spec.clone());
        daemon.call(|client, deadline| client.node_drain(deadline, node, spec)).await
    };
    if !drain.wait {
        let all = OnceCell::new();
        let begin = async |node: String| {
            let node: NodeView = begin(&daemon, &node).await?;
            let all = all.get_or_try_init(|| running(&daemon)).await?;
            let left = Left::look(&daemon, &node.fqdn()).await?;
            let left = format!("{} left{}", left.in_words(), left.estimated(all));
            Ok(Begun { node, left })
        };
        return nodes.each(app, begin, Begun::in_words).await;
    }
    let end = Instant::now() + drain.timeout;
    let mut patient = Patient::new(app, daemon.clone(), Some(end));
    let mut names = Vec::new();
    for node in nodes.names() {
        // Once more is the same.
        names.push(patient.ask(async |daemon| begin(daemon, node).await).await?.fqdn());
    }
    let all = patient.ask(running).await?;
    let mut drained = Vec::new();
    for name in names {
        let node = wait(&mut patient, &name, (end, drain.timeout), &all).await?;
        if !app.out.is_json() {
            print(&format!("Node {} drained", clean(&node.fqdn())))?;
        }
        drained.push(node);
    }
    match (app.out.is_json(), &nodes, drained.as_slice()) {
        (true, Nodes::One(_), [node]) => document(node),
        (true, ..) => document(&drained),
        _ => Ok(()),
    }
}

/// A node whose drain has begun.
#[derive(Serialize)]
struct Begun {
    #[serde(flatten)]
    node: NodeView,
    #[serde(skip)]
    left: String,
}

impl Begun {
    fn in_words(&self) -> String {
        let end = self.node.drain.as_ref().and_then(|it| it.evacuate_at.as_deref());
        let end = end.map_or(String::new(), |at| format!("; ended at {}", time::local(at)));
        format!("Node {}: maintenance on, {}{end}", self.node.fqdn(), self.left)
    }
}

/// The meetings of all nodes. Their ages are the basis of the estimate.
async fn running(daemon: &Daemon) -> Result<Vec<Running>, Failure> {
    let everything = MeetingFilter::default();
    let meetings =
        daemon.all(|client, deadline, page| client.meeting_list(deadline, everything.clone(), page)).await?;
    let now = Timestamp::now();
    Ok(meetings.iter().filter_map(|meeting| running_since(meeting, now)).collect())
}

/// Waits until a node is empty. Goes on after a restart of the daemon.
async fn wait(
    patient: &mut Patient<'_>,
    name: &str,
    (end, timeout): (Instant, Duration),
    all: &[Running],
) -> Result<NodeView, Failure> {
    let look = async |daemon: &Daemon| Left::look(daemon, name).await;
    let mut left = patient.ask(look).await?;
    let bar = progress(&left, all);
    while left.count() != Some(0) {
        let rest = end.saturating_duration_since(Instant::now());
        if rest.is_zero() {
            bar.finish_and_clear();
            return Err(left.too_late(timeout));
        }
        tokio::time::sleep(INTERVAL.min(rest)).await;
        left = patient.ask(look).await?;
        if let Some(count) = left.count() {
            bar.set_length(bar.length().unwrap_or(0).max(count));
            bar.set_position(bar.length().unwrap_or(0) - count);
        }
        bar.set_message(left.estimated(all));
    }
    bar.finish_and_clear();
    Ok(left.node)
}

/// Drawn on standard error, and only if that is a terminal.
fn progress(left: &Left, all: &[Running]) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(left.count(), ProgressDrawTarget::stderr());
    if let Ok(style) =
        ProgressStyle::with_template("{prefix} [{bar:20}] {pos} of {len} meetings ended, {elapsed}{msg}")
    {
        bar.set_style(style.progress_chars("=> "));
    }
    bar.set_prefix(left.node.fqdn());
    bar.set_message(left.estimated(all));
    bar.enable_steady_tick(INTERVAL);
    bar
}

/// What still runs on a node that is being drained.
struct Left {
    node: NodeView,
    meetings: Vec<MeetingView>,
}

impl Left {
    async fn look(daemon: &Daemon, name: &str) -> Result<Self, Failure> {
        let node = daemon.call(|client, deadline| client.node_show(deadline, name.to_owned())).await?;
        let filter = MeetingFilter { tenant: None, node: Some(name.to_owned()) };
        let meetings =
            daemon.all(|client, deadline, page| client.meeting_list(deadline, filter.clone(), page)).await?;
        Ok(Self { node, meetings })
    }

    /// The number of remaining meetings; `None` if the node was never polled. The last poll may miss the
    /// newest meetings, and the list lacks meetings that B3LB did not create, so this is the larger of both
    /// counts.
    fn count(&self) -> Option<u64> {
        self.node.meetings.map(|polled| polled.max(self.meetings.len() as u64))
    }

    fn in_words(&self) -> String {
        match self.count() {
            None => "an unknown number of meetings".to_owned(),
            Some(count) => text::count(count, "meeting"),
        }
    }

    /// Text such as `, roughly 25 minutes to go`; empty without an estimate. Meetings that are not in the
    /// list count as having attendees.
    fn estimated(&self, all: &[Running]) -> String {
        let empty = self.meetings.iter().filter(|meeting| meeting.attendees == 0).count() as u64;
        let occupied = self.count().map(|count| count.saturating_sub(empty));
        let time = occupied.and_then(|occupied| estimate::time_left(occupied, empty, all));
        time.map_or(String::new(), |time| format!(", roughly {} to go", HumanDuration(time)))
    }

    fn too_late(&self, timeout: Duration) -> Failure {
        let (name, count) = (self.node.fqdn(), self.in_words());
        let first = self.meetings.iter().take(NAMED);
        let mut which: Vec<_> =
            first.map(|it| format!("{} of {}-{:03}", it.id, it.tenant, it.sub_id)).collect();
        if self.meetings.len() > NAMED {
            which.push("...".to_owned());
        }
        let others = self.count().unwrap_or(0).saturating_sub(self.meetings.len() as u64);
        if others > 0 {
            which.push(format!("{others} unknown to B3LB"));
        }
        let which = if which.is_empty() { String::new() } else { format!(": {}", which.join(", ")) };
        let waited = duration::show(timeout);
        let message = format!("node {name} is not drained after {waited}, {count} left{which}");
        Failure::new(Exit::TimedOut, "timed_out", message)
            .hint(format!("the node stays in maintenance; see b3lb-cli meeting list --node {name}"))
    }
}

/// `None` if it was created in the future.
fn running_since(meeting: &MeetingView, now: Timestamp) -> Option<Running> {
    let created: Timestamp = meeting.created_at.parse().ok()?;
    let age = Duration::try_from(now.duration_since(created)).ok()?;
    Some(Running { age, empty: meeting.attendees == 0 })
}
