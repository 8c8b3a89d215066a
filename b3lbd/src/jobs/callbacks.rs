//! Delivers callbacks to clients: five attempts within an hour, across restarts. A receiver that hangs does
//! not delay others.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::Notify;

use crate::bbb::sign_token;
use crate::callback::{CallbackClient, Delivery, Message};
use crate::lifecycle::Core;
use crate::model::{EventKind, SecretId, SecretKey, Severity};

use crate::store::{DueCallback, StoreError};

/// Minutes from each attempt to the next; the fifth is the last.
const PAUSES: [i64; 4] = [1, 5, 15, 39];
/// Minutes until a last attempt whose outcome was not stored is repeated.
const AFTER_THE_LAST: i64 = 60;
/// Maximum number of concurrent calls: in total, per secret, and per host of a secret.
const AT_ONCE: usize = 256;
const OF_A_SECRET: usize = 16;
const TO_A_HOST: u32 = 8;
/// How long to wait after a database error.
const RETRY_DELAY: Duration = Duration::from_secs(10);
/// Maximum time between two rounds, in case the system clock was changed.
const LONGEST_SLEEP: Duration = Duration::from_mins(1);

/// Delivers forever.
pub async fn deliver_callbacks(core: Arc<Core>, client: CallbackClient) {
    let slots = Arc::new(Slots::default());
    let mut is_resumed = false;
    loop {
        core.pool.task_runs.note("callbacks", core.pool.clock.wall_ms());
        if !is_resumed {
            is_resumed = core.store.resume_callbacks(core.pool.clock.wall_ms()).await.is_ok();
        }
        match deliver_due(&core, &client, &slots).await {
            Ok(Round { begun: 0, held_up }) => sleep(&core, &slots, held_up > 0).await,
            Ok(_) => {}
            Err(error) => {
                tracing::warn!(%error, "callbacks wait for the database");
                tokio::time::sleep(RETRY_DELAY).await;
            }
        }
    }
}

/// The result of starting the callbacks that were due.
struct Round {
    begun: usize,
    /// Number of callbacks held up by other calls of their own secret or host.
    held_up: usize,
}

/// Starts a call for each callback that is due and has a slot. A started callback is only due again after its
/// pause, so that it is not started twice.
async fn deliver_due(
    core: &Arc<Core>,
    client: &CallbackClient,
    slots: &Arc<Slots>,
) -> Result<Round, StoreError> {
    let mut round = Round { begun: 0, held_up: 0 };
    if !core.pool.standing.may_act() {
        return Ok(Round { held_up: 1, ..round });
    }
    for callback in core.store.due_callbacks(core.pool.clock.wall_ms(), TO_A_HOST).await? {
        let Some(slot) = slots.take(callback.secret, &callback.host) else {
            round.held_up += 1;
            continue;
        };
        let pause = PAUSES.get(callback.tries as usize).copied();
        // A last attempt is postponed rather than deleted, because only its outcome removes it.
        core.store.begin_callback(callback.row, in_minutes(core, pause.unwrap_or(AFTER_THE_LAST))).await?;
        round.begun += 1;
        let (client, delivering) = (client.clone(), Arc::clone(core));
        core.callbacks.spawn(async move {
            if let Err(error) = deliver(&delivering, &client, callback, pause).await {
                tracing::warn!(%error, "the outcome of a callback was not stored");
            }
            drop(slot);
        });
    }
    Ok(round)
}

fn in_minutes(core: &Core, minutes: i64) -> i64 {
    core.pool.clock.wall_ms() + minutes * 60_000
}

async fn deliver(
    core: &Core,
    client: &CallbackClient,
    callback: DueCallback,
    pause: Option<i64>,
) -> Result<(), StoreError> {
    let (row, host, tries) = (callback.row, callback.host.clone(), callback.tries);
    let delivery = match message(core, callback).await? {
        Some(message) => client.call(&message).await,
        None => Delivery::Hopeless("its secret is gone".to_owned()),
    };
    match (delivery, pause) {
        (Delivery::Done, _) => tracing::info!(host, "callback delivered"),
        (Delivery::Failed(reason), Some(minutes)) => {
            tracing::info!(host, reason, tries = tries + 1, minutes, "callback failed, tried again later");
            return core.store.put_off_callback(row, in_minutes(core, minutes)).await;
        }
        (Delivery::Failed(reason) | Delivery::Hopeless(reason), _) => {
            tracing::warn!(host, reason, tries = tries + 1, "callback given up");
            let text = format!("given up after {} tries: {reason}", tries + 1);
            core.record_event(EventKind::System, Severity::Warning, format!("callback to {host}"), text);
        }
    }
    core.store.finish_callback(row).await
}

/// Builds the message to send; none if its secret is gone.
async fn message(core: &Core, callback: DueCallback) -> Result<Option<Message>, StoreError> {
    let DueCallback { row, secret, url, delivery, token: algorithm, .. } = callback;
    let Some(algorithm) = algorithm else { return Ok(Some(Message { url, delivery, json: None })) };
    let Some(token) = token(core, secret, &algorithm) else { return Ok(None) };
    let json = core.store.callback_body(row).await?;
    Ok(Some(Message { url, delivery, json: Some((json.into(), format!("Bearer {token}"))) }))
}

/// Signs a token with the current key of a secret.
fn token(core: &Core, secret: SecretId, algorithm: &str) -> Option<String> {
    let catalog = core.pool.catalog();
    let key: &SecretKey =
        &catalog.tenants.values().find_map(|it| it.secrets.values().find(|it| it.id == secret))?.key;
    sign_token(algorithm.parse().ok()?, key.reveal(), core.pool.clock.wall_ms() / 1000)
}

/// Waits until a callback is queued or due, or until a call that held up others has completed.
async fn sleep(core: &Core, slots: &Slots, held_up: bool) {
    let now = core.pool.clock.wall_ms();
    let pause = match core.store.next_callback(now).await {
        Ok(Some(due)) if !held_up => {
            Duration::from_millis((due - now).max(0).unsigned_abs()).min(LONGEST_SLEEP)
        }
        _ => LONGEST_SLEEP,
    };
    tokio::select! {
        () = tokio::time::sleep(pause) => {}
        () = core.callback_queued.notified() => {}
        () = slots.freed.notified(), if held_up => {}
    }
}

/// The calls in progress.
#[derive(Debug, Default)]
struct Slots {
    taken: Mutex<Taken>,
    freed: Notify,
}

#[derive(Debug, Default)]
struct Taken {
    all: usize,
    by_secret: HashMap<SecretId, usize>,
    by_host: HashMap<(SecretId, String), usize>,
}

/// The slot of one call.
#[derive(Debug)]
struct Slot {
    slots: Arc<Slots>,
    key: (SecretId, String),
}

impl Slots {
    fn take(self: &Arc<Self>, secret: SecretId, host: &str) -> Option<Slot> {
        let mut taken = self.taken.lock();
        let key = (secret, host.to_owned());
        let of_secret = taken.by_secret.get(&secret).copied().unwrap_or(0);
        let to_host = taken.by_host.get(&key).copied().unwrap_or(0);
        if taken.all >= AT_ONCE || of_secret >= OF_A_SECRET || to_host >= TO_A_HOST as usize {
            return None;
        }
        taken.all += 1;
        *taken.by_secret.entry(secret).or_default() += 1;
        *taken.by_host.entry(key.clone()).or_default() += 1;
        drop(taken);
        Some(Slot { slots: Arc::clone(self), key })
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut taken = self.slots.taken.lock();
        taken.all -= 1;
        decrease(&mut taken.by_secret, &self.key.0);
        decrease(&mut taken.by_host, &self.key);
        drop(taken);
        self.slots.freed.notify_one();
    }
}

fn decrease<K: std::hash::Hash + Eq>(counts: &mut HashMap<K, usize>, key: &K) {
    if let Some(count) = counts.get_mut(key) {
        *count -= 1;
        if *count == 0 {
            counts.remove(key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finding_13_no_secret_and_no_host_takes_all_slots() {
        let slots = Arc::new(Slots::default());
        let take = |secret: i64, host: &str| slots.take(SecretId(secret), host);
        let mut held: Vec<_> = (0..TO_A_HOST).map(|_| take(1, "hangs").unwrap()).collect();
        assert!(take(1, "hangs").is_none());
        assert!(take(2, "hangs").is_some(), "another secret's calls to the same host");
        held.extend((0..OF_A_SECRET - TO_A_HOST as usize).map(|n| take(1, &n.to_string()).unwrap()));
        assert!(take(1, "one more").is_none() && take(2, "one more").is_some());
        held.clear();
        assert!(take(1, "hangs").is_some());
        assert_eq!(slots.taken.lock().by_host.len(), 0, "nothing is left behind");
    }
}
