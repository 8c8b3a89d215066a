//! Applies poll results to the health of nodes, and reports changes.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use futures::StreamExt;
use tokio::task::JoinHandle;

use crate::bbb::ParseError;
use crate::health::Health;
use crate::lifecycle::{Decision, Poll};
use crate::model::{EventKind, Node, NodeState, Severity, printable};
use crate::state::{InternalIds, NodeLive, Report, Sample};

use super::Poller;
use super::probe::{PollError, PollResult};

/// Maximum length of a stored poll error in characters, since it may contain text from the node.
const MAX_ERROR: usize = 300;
/// Maximum number of a node's meetings that are settled concurrently.
const SETTLED_AT_ONCE: usize = 8;

impl Poller {
    /// Applies the result of a poll. Returns the task that settles what it decides, if any.
    pub(super) fn note(
        &self,
        node: &Node,
        begun: f64,
        result: Result<PollResult, PollError>,
    ) -> Option<JoinHandle<()>> {
        match result {
            Ok(answer) => self.note_good(node, begun, answer),
            Err(error) => {
                self.note_bad(node, begun, &error);
                None
            }
        }
    }

    fn note_good(&self, node: &Node, begun: f64, answer: PollResult) -> Option<JoinHandle<()>> {
        let pool = &self.core.pool;
        let cell = pool.fleet.cell(node.id)?;
        if let Err(problem) = &answer.cpu {
            tracing::debug!(node = %node.fqdn(), %problem, "no CPU load");
        }
        let before = cell.state();
        let poll_seconds = self.note_duration(begun);
        let cpu = answer.cpu.ok().map(|cpu| (cpu, begun));
        let poll = Poll { begun, cpu: cpu.map(|(cpu, _)| cpu), report: Report::new(answer.list) };
        let decisions = self.core.observe(node, &poll);
        let report = Arc::new(poll.report);
        let (attendees, left_out) = (report.attendees(), report.left_out());
        let ages_out = 6.0 * self.settings.interval.as_secs_f64();
        let old = cell.update(|live| NodeLive {
            health: live.health.good(self.settings.thresholds),
            cpu: cpu.or(live.cpu.filter(|(_, at)| begun - at < ages_out)),
            report: Some(report.clone()),
            attendees,
            left_out,
            polled_at: Some(pool.clock.wall_ms()),
            poll_seconds,
            rejects_us: false,
            last_error: None,
        });
        let live = cell.live();
        let cpu = live.cpu.map(|(cpu, _)| cpu);
        let load = node.cluster.factors.load(live.attendees, live.meetings(), cpu);
        cell.history.push(Sample { at: pool.clock.wall_ms(), load, attendees, cpu });
        if left_out > 0 && old.left_out == 0 {
            let text = format!("{left_out} meetings of its list cannot be read, and are left out");
            tracing::warn!(node = %node.fqdn(), "{text}");
            self.core.record_event(EventKind::Node, Severity::Warning, format!("node {}", node.fqdn()), text);
        }
        self.weigh_outage();
        self.core.node_changed(node, before, cell.state(), None);
        if before == NodeState::Down && cell.state() == NodeState::Up {
            self.lists_changed(node);
        }
        let settling = self.settle(decisions);
        if before != NodeState::Up || cell.version_is_due(begun) {
            self.find_out_version(node);
        }
        if cell.internal_ids() == InternalIds::Unknown {
            self.find_out_internal_ids(node, &report);
        }
        settling
    }

    /// Uses any of the node's meetings to find out whether it supports internal ids.
    fn find_out_internal_ids(&self, node: &Node, report: &Report) {
        let Some((internal_id, id)) = report.all().next().map(|it| (it.internal_id.clone(), it.id.clone()))
        else {
            return;
        };
        let (core, node) = (Arc::clone(&self.core), node.clone());
        tokio::spawn(async move { core.find_out_internal_ids(&node, &internal_id, &id).await });
    }

    /// Asks the node for its BBB version, in the background.
    fn find_out_version(&self, node: &Node) {
        let (core, node) = (Arc::clone(&self.core), node.clone());
        tokio::spawn(async move {
            if let (Ok(version), Some(cell)) =
                (core.nodes.version(&node).await, core.pool.fleet.cell(node.id))
            {
                cell.set_version(version);
            }
        });
    }

    /// Acts on the decisions of a poll in the background, so that a node that is slow to end its orphans is
    /// still polled. One batch at a time; what is left over shows up in the next poll.
    fn settle(&self, decisions: Vec<Decision>) -> Option<JoinHandle<()>> {
        // A replica hears from the primary what became of a meeting.
        let is_replica = self.core.pool.standing.is_replica();
        if decisions.is_empty() || is_replica || self.settling.swap(true, Ordering::AcqRel) {
            return None;
        }
        let (core, settling) = (Arc::clone(&self.core), Settling(Arc::clone(&self.settling)));
        Some(tokio::spawn(async move {
            let settle = |decision: Decision| decision.settle(&core);
            futures::stream::iter(decisions).for_each_concurrent(SETTLED_AT_ONCE, settle).await;
            drop(settling);
        }))
    }

    fn note_bad(&self, node: &Node, begun: f64, error: &PollError) {
        let pool = &self.core.pool;
        let Some(cell) = pool.fleet.cell(node.id) else { return };
        let before = cell.state();
        let poll_seconds = self.note_duration(begun);
        self.core.metrics.failed_polls.increment(1);
        let bad = |health: Health, ours| health.bad(self.settings.thresholds, begun, ours);
        // First assume that the problem is ours, so that this failure is taken into account; then decide.
        let fail = |ours| {
            move |live: &NodeLive| NodeLive {
                health: bad(live.health, ours),
                polled_at: Some(pool.clock.wall_ms()),
                poll_seconds,
                rejects_us: matches!(error, PollError::Answer(ParseError::Refused(_))),
                last_error: Some(printable(&error.to_string()).chars().take(MAX_ERROR).collect()),
                ..live.clone()
            }
        };
        let old = cell.live();
        cell.update(fail(true));
        self.weigh_outage();
        let grace = self.settings.outage_grace.as_secs_f64();
        if !pool.outage.lock().holds(pool.clock.now(), grace) {
            cell.update(|live| NodeLive { health: bad(old.health, false), ..live.clone() });
        }
        self.core.node_changed(node, before, cell.state(), Some(&error.to_string()));
        if before != NodeState::Down && cell.state() == NodeState::Down {
            self.lists_changed(node);
        }
    }

    fn note_duration(&self, begun: f64) -> f64 {
        let seconds = self.core.pool.clock.now() - begun;
        self.core.metrics.polls.record(seconds);
        seconds
    }

    /// Checks whether most nodes began to fail at once, which probably means that our own network fails. A
    /// node that answers, but rejects our secret, does not count.
    fn weigh_outage(&self) {
        let pool = &self.core.pool;
        let failing: Vec<_> = pool.fleet.all().values().map(|cell| suspicion(&cell.live())).collect();
        let window = (self.settings.interval + self.core.nodes.timeout()).as_secs_f64();
        match pool.outage.lock().observe(pool.clock.now(), window, &failing) {
            Some(true) => {
                let (nodes, failing) = (failing.len(), failing.iter().flatten().count());
                let text = "most nodes fail at once: probably our own network; none is taken down for now";
                tracing::error!(nodes, failing, "{text}");
                self.core.record_event(EventKind::System, Severity::Error, "nodes", text);
            }
            Some(false) => {
                tracing::info!("most nodes answer again");
                self.core.record_event(EventKind::System, Severity::Info, "nodes", "most answer again");
            }
            None => {}
        }
    }

    /// Meetings on nodes that are down are not listed.
    fn lists_changed(&self, node: &Node) {
        let pool = &self.core.pool;
        for meeting in pool.registry.on_node(node.id) {
            pool.lists.changed(&meeting);
        }
    }
}

/// Marks that decisions are being settled, until it is dropped.
struct Settling(Arc<AtomicBool>);

impl Drop for Settling {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Release);
    }
}

/// Since when a node fails in a way that our network may cause.
fn suspicion(live: &NodeLive) -> Option<f64> {
    live.health.failing_since().filter(|_| !live.rejects_us)
}
