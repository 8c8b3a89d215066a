//! Writes events once a second, and prunes old ones.

use std::sync::Arc;
use std::time::Duration;

use crate::lifecycle::Core;

const EVERY: Duration = Duration::from_secs(1);
/// Rounds between two prunings.
const PRUNED_EVERY: u32 = 3600;
/// How long events are kept, in milliseconds.
const KEPT: i64 = 30 * 24 * 3600 * 1000;

/// Writes forever.
pub async fn keep_events(core: Arc<Core>) {
    let mut ticks = tokio::time::interval(EVERY);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    for round in 0_u32.. {
        ticks.tick().await;
        let now = core.pool.clock.wall_ms();
        core.pool.task_runs.note("events", now);
        core.pool.journal.flush(now);
        write(&core).await;
        if round % PRUNED_EVERY == 0
            && !core.pool.standing.is_replica()
            && let Err(error) = core.store.prune_events(now - KEPT).await
        {
            tracing::warn!(%error, "events could not be pruned; will be retried");
        }
    }
}

/// Writes what is left, before the daemon stops.
pub async fn write_events(core: &Core) {
    core.pool.journal.flush_all(core.pool.clock.wall_ms());
    write(core).await;
}

/// Writes new events. A replica's own are not stored: the database is the primary's.
async fn write(core: &Core) {
    let journal = &core.pool.journal;
    if core.pool.standing.is_replica() {
        journal.fall_behind();
        return;
    }
    let written = async {
        if journal.is_behind() {
            journal.continue_after(core.store.last_event().await?);
        }
        let entries = journal.not_stored();
        let Some(last) = entries.last().map(|it| it.seq) else { return Ok(()) };
        core.store.write_events(entries).await?;
        journal.set_stored(last);
        Ok::<_, crate::store::StoreError>(())
    };
    if let Err(error) = written.await {
        // The store tells operators by itself.
        tracing::debug!(%error, "events could not be written; will be retried");
    }
}
