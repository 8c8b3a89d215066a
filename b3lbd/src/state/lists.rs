//! `getMeetings` answers: built on demand after a change, then shared.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use parking_lot::{Mutex, RwLock};

use super::Meeting;
use crate::model::{SecretId, TenantId};

/// Owner of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Whose {
    Tenant(TenantId),
    Secret(SecretId),
}

#[derive(Debug, Default)]
struct Slot {
    /// Incremented with each change.
    version: AtomicU64,
    built: Mutex<Option<(u64, Bytes)>>,
}

/// The lists of all tenants and secrets.
#[derive(Debug, Default)]
pub struct Lists {
    slots: RwLock<HashMap<Whose, Arc<Slot>>>,
}

impl Lists {
    /// Invalidates the lists that contain this meeting.
    pub fn changed(&self, meeting: &Meeting) {
        for owner in [Whose::Tenant(meeting.owner.tenant), Whose::Secret(meeting.key().secret)] {
            // Nothing to do for a list that nobody has requested.
            if let Some(slot) = self.slots.read().get(&owner) {
                slot.version.fetch_add(1, Ordering::Release);
            }
        }
    }

    /// The list of a tenant.
    pub fn of_tenant(&self, tenant: TenantId, build: impl FnOnce() -> Bytes) -> Bytes {
        self.get(Whose::Tenant(tenant), build)
    }

    /// The list of a secret.
    pub fn of_secret(&self, secret: SecretId, build: impl FnOnce() -> Bytes) -> Bytes {
        self.get(Whose::Secret(secret), build)
    }

    fn get(&self, owner: Whose, build: impl FnOnce() -> Bytes) -> Bytes {
        let known = self.slots.read().get(&owner).cloned();
        let slot = known.unwrap_or_else(|| Arc::clone(self.slots.write().entry(owner).or_default()));
        let mut built = slot.built.lock();
        // Read the version before building: a change in between makes the list newer than its version, never
        // older.
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
