//! The primary: copies its database to the store, until another daemon takes over.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use tokio_util::sync::CancellationToken;

use super::follower::Follower;
use super::ship::Shipping;
use super::{PAUSE, Phase, Replication, keep_aside};
use crate::lifecycle::Core;
use crate::primary::PrimaryClient;
use crate::role::Epoch;

/// How long callbacks may take that are under way when another daemon becomes the primary.
const CALLBACKS: Duration = Duration::from_secs(1);
/// How often a heartbeat is written.
const HEARTBEAT: Duration = Duration::from_secs(2);

impl Replication {
    /// Copies the database, until this daemon stops or has become a replica.
    pub(super) async fn lead(
        &mut self,
        core: &Arc<Core>,
        primary: &PrimaryClient,
        stop: &CancellationToken,
    ) -> anyhow::Result<Phase> {
        let epoch = self.standing.epoch().context("there is no claim")?;
        let ceased = stop.child_token();
        let shipping = Shipping::new(&self.settings, self.program.clone(), epoch);
        let shipping = shipping.run(Arc::clone(&self.standing), ceased.clone());
        tokio::pin!(shipping);
        tokio::select! {
            _ = &mut shipping => return Ok(Phase::Stopped),
            () = beat(core, epoch) => {}
            () = self.standing.is_superseded() => {}
        }
        let former = self.standing.primary().map(|it| it.host.clone()).unwrap_or_default();
        tracing::error!(host = former, "another daemon is the primary now: this one becomes a replica");
        self.standing.hands_over();
        self.standing.leads(false);
        finish_callbacks(core).await;
        core.store.close().await;
        ceased.cancel();
        let copied = shipping.await;
        core.pool.hand_over();
        let next = self.standing.epoch().context("there is no claim")?;
        keep_aside(&self.settings.database, next)?;
        self.standing.has_handed_over(copied);
        tokio::select! {
            phase = self.become_replica(core, primary) => phase,
            () = stop.cancelled() => Ok(Phase::Stopped),
        }
    }

    /// Waits for a copy of the new primary, or until an operator wants this daemon to take over again.
    async fn become_replica(&mut self, core: &Arc<Core>, primary: &PrimaryClient) -> anyhow::Result<Phase> {
        loop {
            let next = self.standing.epoch().context("there is no claim")?;
            let started = tokio::select! {
                started = Follower::start(&self.settings, &self.program, next, None) => started,
                kind = self.standing.promotion.asked() => {
                    if self.promoted(kind, core, primary).await {
                        return Ok(Phase::Changed);
                    }
                    continue;
                }
            };
            match started {
                Ok(Some(follower)) => {
                    self.standing.note_trouble(None);
                    core.store.follow(follower.copy.clone());
                    self.follower = Some(follower);
                    return Ok(Phase::Changed);
                }
                Ok(None) => {
                    let trouble = "the new primary has not copied its database to the store yet";
                    self.standing.note_trouble(Some(trouble.to_owned()));
                }
                Err(error) => self.note_failed_restore(&error),
            }
            tokio::time::sleep(PAUSE).await;
        }
    }
}

/// Waits until the callbacks under way are over and that is stored, so that the new primary does not send them again.
async fn finish_callbacks(core: &Core) {
    core.callbacks.close();
    if tokio::time::timeout(CALLBACKS, core.callbacks.wait()).await.is_err() {
        tracing::warn!("the new primary sends callbacks again whose receivers have not answered yet");
    }
    core.callbacks.reopen();
}

/// Writes heartbeats forever.
async fn beat(core: &Core, epoch: Epoch) {
    let mut ticks = tokio::time::interval(HEARTBEAT);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
    loop {
        ticks.tick().await;
        core.pool.task_runs.note("replication", core.pool.clock.wall_ms());
        // A database that takes no writes has a problem of its own.
        if let Err(error) = core.store.beat(epoch.get(), core.pool.clock.wall_ms()).await {
            tracing::debug!(%error, "no heartbeat");
        }
    }
}
