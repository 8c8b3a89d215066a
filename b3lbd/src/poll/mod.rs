//! Polls every node in its own task, so that a slow node does not delay others.

mod health;
mod probe;

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep_until};

use crate::health::Thresholds;
use crate::lifecycle::Core;
use crate::model::NodeId;

/// Maximum number of concurrent polls in the first round, when all nodes are due at once.
const FIRST_ROUND_AT_ONCE: usize = 256;
/// Maximum time to settle what the first poll of a node decides before creates go on.
const SETTLING: Duration = Duration::from_secs(2);
/// Delay from joins and creates to a poll that reports them.
const SOON: Duration = Duration::from_secs(3);
/// Minimum time between two polls of a node that is polled early.
const SPACING: Duration = Duration::from_millis(200);
/// In addition, this many times the duration of the last poll, so that a node with long lists is not polled
/// all the time.
const PACE: u32 = 10;

/// Settings of polls.
#[derive(Clone, Debug)]
pub struct PollSettings {
    /// Poll interval of a node.
    pub interval: Duration,
    /// Number of polls that change the health of a node.
    pub thresholds: Thresholds,
    /// How long a simultaneous failure of most nodes counts as our own.
    pub outage_grace: Duration,
}

/// Runs a poller for every node of the configuration.
#[derive(Debug)]
pub struct Pollers {
    core: Arc<Core>,
    settings: PollSettings,
    first_round: Arc<Semaphore>,
    tasks: HashMap<NodeId, JoinHandle<()>>,
}

impl Pollers {
    /// Starts without pollers.
    pub fn new(core: Arc<Core>, settings: PollSettings) -> Self {
        let first_round = Arc::new(Semaphore::new(FIRST_ROUND_AT_ONCE));
        Self { core, settings, first_round, tasks: HashMap::new() }
    }

    /// Runs until dropped.
    pub async fn run(mut self) {
        let mut changes = self.core.pool.changes();
        loop {
            self.core.pool.task_runs.note("polls", self.core.pool.clock.wall_ms());
            self.match_configuration();
            tokio::select! {
                changed = changes.changed() => if changed.is_err() { return },
                // Restart pollers that have panicked.
                () = tokio::time::sleep(self.settings.interval) => {}
            }
        }
    }

    fn match_configuration(&mut self) {
        let catalog = self.core.pool.catalog();
        self.tasks.retain(|node, task| {
            let stays = catalog.nodes.contains_key(node) && !task.is_finished();
            if !stays {
                task.abort();
            }
            stays
        });
        let total = u32::try_from(catalog.nodes.len()).unwrap_or(u32::MAX).max(1);
        for node in catalog.nodes.keys() {
            let place = u32::try_from(self.tasks.len()).unwrap_or(0) % total;
            self.tasks.entry(*node).or_insert_with(|| {
                let poller = Poller {
                    core: Arc::clone(&self.core),
                    settings: self.settings.clone(),
                    node: *node,
                    offset: self.settings.interval * place / total,
                    settling: Arc::default(),
                };
                tokio::spawn(poller.run(Arc::clone(&self.first_round)))
            });
        }
    }
}

impl Drop for Pollers {
    fn drop(&mut self) {
        for task in self.tasks.values() {
            task.abort();
        }
    }
}

/// Polls one node while it is configured.
struct Poller {
    core: Arc<Core>,
    settings: PollSettings,
    node: NodeId,
    /// Offset within the interval, which spreads the polls.
    offset: Duration,
    /// Set while the decisions of the last poll are being settled.
    settling: Arc<AtomicBool>,
}

impl Poller {
    async fn run(self, first_round: Arc<Semaphore>) {
        let started = Instant::now();
        {
            let _permit = first_round.acquire().await;
            self.poll().await;
        }
        let Some(cell) = self.core.pool.fleet.cell(self.node) else { return };
        let mut due = started + self.settings.interval + self.offset;
        let mut soon: Option<Instant> = None;
        loop {
            tokio::select! {
                () = sleep_until(soon.map_or(due, |soon| soon.min(due))) => {}
                () = cell.poll_now.notified() => {}
                () = cell.poll_soon.notified(), if soon.is_none() => {
                    soon = Some(Instant::now() + SOON);
                    continue;
                }
            }
            // Skip missed ticks: a node is polled at most once at a time.
            while due <= Instant::now() {
                due += self.settings.interval;
            }
            soon = None;
            let begun = Instant::now();
            self.poll().await;
            let pause = (PACE * begun.elapsed()).clamp(SPACING, self.settings.interval.max(SPACING));
            sleep_until(begun + pause).await;
        }
    }

    async fn poll(&self) {
        let pool = &self.core.pool;
        let Some(node) = pool.node(self.node) else { return };
        let begun = pool.clock.now();
        // What a replica polls does not count, even if it has become the primary meanwhile.
        let adopts = !pool.adoption_round.is_complete() && !pool.standing.is_replica();
        let result = probe::ask(&self.core.nodes, &node).await;
        let settling = self.note(&node, begun, result);
        if !pool.first_round.is_complete() || adopts {
            // Creates wait for the first round, so that they find the meetings that are bound again.
            if let Some(settling) = settling {
                // Whatever is not settled in time is so by the next poll.
                let _ = tokio::time::timeout(SETTLING, settling).await;
            }
            pool.first_round.done(self.node);
            if adopts {
                pool.adoption_round.done(self.node);
            }
        }
    }
}
