//! Callbacks to clients: five tries over an hour, across restarts.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;

use crate::callback::{Caller, Delivery};
use crate::lifecycle::Meetings;
use crate::store::{DueCallback, StoreError};

/// Minutes from each try to the next; after the last one there is none.
const PAUSES: [i64; 5] = [1, 5, 15, 39, 0];
/// Calls at a time.
const AT_ONCE: u32 = 16;
/// Before the database is asked again when it fails.
const PAUSE_ON_TROUBLE: Duration = Duration::from_secs(10);
/// Looked at least this often, should the clock have been set.
const LONGEST_SLEEP: Duration = Duration::from_mins(1);

/// Delivers for ever.
pub async fn deliver_callbacks(meetings: Arc<Meetings>, caller: Caller) {
    loop {
        match deliver_due(&meetings, &caller).await {
            Ok(0) => sleep(&meetings).await,
            Ok(_) => {}
            Err(error) => {
                tracing::warn!(%error, "callbacks wait for the database");
                tokio::time::sleep(PAUSE_ON_TROUBLE).await;
            }
        }
    }
}

/// Makes one call for each callback that is due; how many.
async fn deliver_due(meetings: &Arc<Meetings>, caller: &Caller) -> Result<usize, StoreError> {
    let now = meetings.pool.clock.wall_ms();
    let due = meetings.store.due_callbacks(now, AT_ONCE).await?;
    let count = due.len();
    let mut calls = JoinSet::new();
    for callback in due {
        let (meetings, caller) = (Arc::clone(meetings), caller.clone());
        calls.spawn(async move { deliver(&meetings, &caller, callback).await });
    }
    while let Some(call) = calls.join_next().await {
        call.unwrap_or(Err(StoreError::Closed))?;
    }
    Ok(count)
}

async fn deliver(meetings: &Meetings, caller: &Caller, callback: DueCallback) -> Result<(), StoreError> {
    let DueCallback { row, url, tries } = callback;
    let pause = PAUSES.get(tries as usize).copied().unwrap_or(0);
    let next_try = meetings.pool.clock.wall_ms() + pause * 60_000;
    let last = pause == 0;
    // A last try is pushed far away rather than forgotten: only its outcome removes it.
    let far = meetings.pool.clock.wall_ms() + 3_600_000;
    meetings.store.begin_callback(row, if last { far } else { next_try }).await?;
    let host = url::Url::parse(&url).ok().and_then(|it| it.host_str().map(str::to_owned)).unwrap_or_default();
    match caller.call(&url).await {
        Delivery::Done => tracing::info!(host, "callback delivered"),
        Delivery::Failed(reason) if !last => {
            tracing::info!(
                host,
                reason,
                tries = tries + 1,
                minutes = pause,
                "callback failed, tried again later"
            );
            return Ok(());
        }
        Delivery::Failed(reason) | Delivery::Hopeless(reason) => {
            tracing::warn!(host, reason, tries = tries + 1, "callback given up");
        }
    }
    meetings.store.finish_callback(row).await
}

/// Until a callback is queued or due.
async fn sleep(meetings: &Meetings) {
    let now = meetings.pool.clock.wall_ms();
    let pause = match meetings.store.next_callback().await {
        Ok(Some(due)) => Duration::from_millis((due - now).max(0).unsigned_abs()).min(LONGEST_SLEEP),
        _ => LONGEST_SLEEP,
    };
    tokio::select! {
        () = tokio::time::sleep(pause) => {}
        () = meetings.callback_queued.notified() => {}
    }
}
