//! Serialization per meeting: creates and ends of the same id never run concurrently.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;
use tokio::sync::{Mutex as AsyncMutex, OwnedMutexGuard};

use crate::model::MeetingKey;

type Slots = Mutex<HashMap<MeetingKey, Arc<AsyncMutex<()>>>>;

/// Gives out turns.
#[derive(Clone, Debug, Default)]
pub struct Turns {
    slots: Arc<Slots>,
}

/// Held during a turn.
#[derive(Debug)]
pub struct Turn {
    guard: Option<OwnedMutexGuard<()>>,
    key: MeetingKey,
    slots: Arc<Slots>,
}

impl Turns {
    /// Waits for the turn of `key`.
    pub async fn take(&self, key: MeetingKey) -> Turn {
        let slot = self.slot(&key);
        Turn { guard: Some(slot.lock_owned().await), key, slots: Arc::clone(&self.slots) }
    }

    /// Takes the turn of `key`, if it is free.
    pub fn try_take(&self, key: MeetingKey) -> Option<Turn> {
        let guard = self.slot(&key).try_lock_owned().ok()?;
        Some(Turn { guard: Some(guard), key, slots: Arc::clone(&self.slots) })
    }

    fn slot(&self, key: &MeetingKey) -> Arc<AsyncMutex<()>> {
        Arc::clone(self.slots.lock().entry(key.clone()).or_default())
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.guard.take();
        let mut slots = self.slots.lock();
        // Others wait on clones of the slot; the last one removes it.
        if slots.get(&self.key).is_some_and(|slot| Arc::strong_count(slot) == 1) {
            slots.remove(&self.key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::SecretId;

    #[tokio::test]
    async fn turns_exclude_and_leave_nothing_behind() {
        let turns = Turns::default();
        let key = MeetingKey { secret: SecretId(1), id: "a".into() };
        let first = turns.take(key.clone()).await;
        assert!(turns.try_take(key.clone()).is_none());
        let waiting = tokio::spawn({
            let (turns, key) = (turns.clone(), key.clone());
            async move { drop(turns.take(key).await) }
        });
        tokio::task::yield_now().await;
        drop(first);
        waiting.await.unwrap();
        assert!(turns.try_take(key).is_some());
        assert!(turns.slots.lock().is_empty());
    }
}
