//! Callbacks to clients: five tries over an hour, across restarts.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;

use crate::callback::{Caller, Delivery};
use crate::lifecycle::Core;
use crate::state::{Topic, Weight};
use crate::store::{DueCallback, StoreError};

/// Minutes from each try to the next; after the fifth there is none.
const PAUSES: [i64; 4] = [1, 5, 15, 39];
/// Minutes after which a last try whose outcome was never stored is made again.
const AFTER_THE_LAST: i64 = 60;
/// Calls at a time: one receiver that hangs holds up few others.
const AT_ONCE: usize = 64;
/// Callbacks that are read at a time.
const AT_A_LOOK: u32 = 64;
/// Before the database is asked again when it fails.
const PAUSE_ON_TROUBLE: Duration = Duration::from_secs(10);
/// Looked at least this often, should the clock have been set.
const LONGEST_SLEEP: Duration = Duration::from_mins(1);

/// Delivers for ever.
pub async fn deliver_callbacks(core: Arc<Core>, caller: Caller) {
    let calls = Arc::new(Semaphore::new(AT_ONCE));
    loop {
        match deliver_due(&core, &caller, &calls).await {
            Ok(0) => sleep(&core).await,
            Ok(_) => {}
            Err(error) => {
                tracing::warn!(%error, "callbacks wait for the database");
                tokio::time::sleep(PAUSE_ON_TROUBLE).await;
            }
        }
    }
}

/// Begins one call for each callback that is due, as calls before them end; how many. A begun one is due
/// again only after its pause, so that none is begun twice.
async fn deliver_due(core: &Arc<Core>, caller: &Caller, calls: &Arc<Semaphore>) -> Result<usize, StoreError> {
    let now = core.pool.clock.wall_ms();
    let due = core.store.due_callbacks(now, AT_A_LOOK).await?;
    let count = due.len();
    for callback in due {
        let Ok(call) = Arc::clone(calls).acquire_owned().await else { return Err(StoreError::Closed) };
        let (core, caller) = (Arc::clone(core), caller.clone());
        let pause = begin(&core, &callback).await?;
        tokio::spawn(async move {
            if let Err(error) = deliver(&core, &caller, callback, pause).await {
                tracing::warn!(%error, "the outcome of a callback was not stored");
            }
            drop(call);
        });
    }
    Ok(count)
}

/// Notes that a try begins; minutes until the next one, none after the last.
async fn begin(core: &Core, callback: &DueCallback) -> Result<Option<i64>, StoreError> {
    let pause = PAUSES.get(callback.tries as usize).copied();
    // A last try is pushed away rather than forgotten: only its outcome removes it.
    let next_try = core.pool.clock.wall_ms() + pause.unwrap_or(AFTER_THE_LAST) * 60_000;
    core.store.begin_callback(callback.row, next_try).await?;
    Ok(pause)
}

async fn deliver(
    core: &Core,
    caller: &Caller,
    callback: DueCallback,
    pause: Option<i64>,
) -> Result<(), StoreError> {
    let DueCallback { row, url, delivery, tries } = callback;
    let host = url::Url::parse(&url).ok().and_then(|it| it.host_str().map(str::to_owned)).unwrap_or_default();
    match (caller.call(&url, &delivery).await, pause) {
        (Delivery::Done, _) => tracing::info!(host, "callback delivered"),
        (Delivery::Failed(reason), Some(minutes)) => {
            tracing::info!(host, reason, tries = tries + 1, minutes, "callback failed, tried again later");
            return Ok(());
        }
        (Delivery::Failed(reason) | Delivery::Hopeless(reason), _) => {
            tracing::warn!(host, reason, tries = tries + 1, "callback given up");
            let text = format!("given up after {} tries: {reason}", tries + 1);
            core.tell(Topic::System, Weight::Warning, format!("callback to {host}"), text);
        }
    }
    core.store.finish_callback(row).await
}

/// Until a callback is queued or due.
async fn sleep(core: &Core) {
    let now = core.pool.clock.wall_ms();
    let pause = match core.store.next_callback().await {
        Ok(Some(due)) => Duration::from_millis((due - now).max(0).unsigned_abs()).min(LONGEST_SLEEP),
        _ => LONGEST_SLEEP,
    };
    tokio::select! {
        () = tokio::time::sleep(pause) => {}
        () = core.callback_queued.notified() => {}
    }
}
