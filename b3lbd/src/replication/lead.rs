//! The primary: copies its database to the store, until another daemon takes over.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use tokio_util::sync::CancellationToken;

use super::follower::Follower;
use super::ship::Shipping;
use super::{PAUSE, Phase, Replication, keep_aside};
use crate::lifecycle::Core;
use crate::role::Epoch;

/// How often a heartbeat is written.
const HEARTBEAT: Duration = Duration::from_secs(2);

impl Replication {
    /// Copies the database, until this daemon stops or has become a replica.
    pub(super) async fn lead(&mut self, core: &Arc<Core>, stop: &CancellationToken) -> anyhow::Result<Phase> {
        let epoch = self.standing.epoch().context("there is no claim")?;
        let ceased = stop.child_token();
        let shipping = Shipping::new(&self.settings, self.program.clone(), epoch);
        let shipping = shipping.run(Arc::clone(&self.standing), ceased.clone());
        tokio::pin!(shipping);
        tokio::select! {
            () = &mut shipping => return Ok(Phase::Stopped),
            () = beat(core, epoch) => {}
            () = self.standing.is_superseded() => {}
        }
        self.step_down(core, async {
            ceased.cancel();
            shipping.await;
        })
        .await
    }

    /// Another daemon has taken over: copies what it may not have yet, keeps the database aside, and follows.
    async fn step_down(
        &mut self,
        core: &Arc<Core>,
        copy_the_rest: impl Future<Output = ()>,
    ) -> anyhow::Result<Phase> {
        let primary = self.standing.primary().map(|it| it.host.clone()).unwrap_or_default();
        tracing::error!(host = primary, "another daemon is the primary now: this one becomes a replica");
        self.standing.hands_over(true);
        self.standing.leads(false);
        core.store.close().await;
        copy_the_rest.await;
        core.pool.hand_over();
        let next = self.standing.epoch().context("there is no claim")?;
        keep_aside(&self.settings.database, next)?;
        self.standing.hands_over(false);
        let follower = loop {
            let next = self.standing.epoch().context("there is no claim")?;
            match Follower::start(&self.settings, &self.program, next, None).await {
                Ok(Some(follower)) => break follower,
                // The new primary has copied nothing yet.
                Ok(None) => {}
                Err(error) => {
                    let error = format!("the copy cannot be restored from the store: {error:#}");
                    tracing::warn!("{error}");
                    self.standing.note_trouble(Some(error));
                }
            }
            tokio::time::sleep(PAUSE).await;
        };
        self.standing.note_trouble(None);
        core.store.follow(follower.copy.clone());
        self.follower = Some(follower);
        Ok(Phase::Changed)
    }
}

/// Writes heartbeats for ever.
async fn beat(core: &Core, epoch: Epoch) {
    let mut ticks = tokio::time::interval(HEARTBEAT);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
    loop {
        ticks.tick().await;
        // A database that takes no writes has a problem of its own.
        if let Err(error) = core.store.beat(epoch.get(), core.pool.clock.wall_ms()).await {
            tracing::debug!(%error, "no heartbeat");
        }
    }
}
