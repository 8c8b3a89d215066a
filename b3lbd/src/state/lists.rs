//! `getMeetings` answers: built when first asked for after a change, then shared.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use parking_lot::{Mutex, RwLock};

use super::Meeting;
use crate::model::{SecretId, TenantId};

/// Whose list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Whose {
    Tenant(TenantId),
    Secret(SecretId),
}

#[derive(Debug, Default)]
struct Slot {
    /// Counts changes.
    version: AtomicU64,
    built: Mutex<Option<(u64, Bytes)>>,
}

/// The lists of all tenants and secrets.
#[derive(Debug, Default)]
pub struct Lists {
    slots: RwLock<HashMap<Whose, Arc<Slot>>>,
}

impl Lists {
    /// Something that a list shows of this meeting has changed.
    pub fn changed(&self, meeting: &Meeting) {
        for owner in [Whose::Tenant(meeting.owner.tenant), Whose::Secret(meeting.key().secret)] {
            // A list that nobody has asked for needs no word of changes.
            if let Some(slot) = self.slots.read().get(&owner) {
                slot.version.fetch_add(1, Ordering::Release);
            }
        }
    }

    /// The list of a whole tenant.
    pub fn of_tenant(&self, tenant: TenantId, build: impl FnOnce() -> Bytes) -> Bytes {
        self.get(Whose::Tenant(tenant), build)
    }

    /// The list of one secret.
    pub fn of_secret(&self, secret: SecretId, build: impl FnOnce() -> Bytes) -> Bytes {
        self.get(Whose::Secret(secret), build)
    }

    fn get(&self, owner: Whose, build: impl FnOnce() -> Bytes) -> Bytes {
        let known = self.slots.read().get(&owner).cloned();
        let slot = known.unwrap_or_else(|| Arc::clone(self.slots.write().entry(owner).or_default()));
        let mut built = slot.built.lock();
        // Read before building: a change in between makes the list too new for its version, never too old.
        let version = slot.version.load(Ordering::Acquire);
        match &*built {
            Some((of, list)) if *of == version => list.clone(),
            _ => {
                let list = build();
                *built = Some((version, list.clone()));
                list
            }
        }
    }
}
