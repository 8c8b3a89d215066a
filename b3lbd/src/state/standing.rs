//! Whether this daemon may act as the primary of its store.

use std::time::Duration;

use parking_lot::Mutex;
use rustix::time::{ClockId, clock_gettime};

use crate::role::{BootTime, Claims, Epoch, Machine, Role};

/// The role of this daemon. One without a store is alone, and always acts.
#[derive(Debug, Default)]
pub struct Standing {
    machine: Option<Mutex<Machine>>,
    /// Why the database is not copied to the store now.
    trouble: Mutex<Option<String>>,
}

impl Standing {
    /// The role of a daemon that shares a store with others.
    pub fn of(machine: Machine) -> Self {
        Self { machine: Some(Mutex::new(machine)), trouble: Mutex::default() }
    }

    /// May this daemon accept new meetings and changes, and send callbacks?
    pub fn may_act(&self) -> bool {
        self.machine.as_ref().is_none_or(|it| it.lock().may_act(boot_time()))
    }

    /// Records the claims, as listed by a request that began at `begun`, and returns the role.
    pub fn claims_read(&self, claims: Claims, begun: BootTime) -> Role {
        let Some(machine) = &self.machine else { return Role::Primary };
        let mut machine = machine.lock();
        machine.claims_read(claims, begun, boot_time());
        machine.role()
    }

    /// The epoch of the highest claim; none without a store.
    pub fn epoch(&self) -> Option<Epoch> {
        self.machine.as_ref()?.lock().epoch()
    }

    /// Notes why the database is not copied to the store, or that it is.
    pub fn note_trouble(&self, trouble: Option<String>) {
        *self.trouble.lock() = trouble;
    }

    /// What an operator has to look at.
    pub fn problems(&self) -> Vec<String> {
        let blind = "the claims in the store cannot be read: new meetings and changes are refused";
        let blind = (!self.may_act()).then(|| blind.to_owned());
        blind.into_iter().chain(self.trouble.lock().clone()).collect()
    }
}

/// The time since the machine booted, suspension included.
pub fn boot_time() -> BootTime {
    let now = clock_gettime(ClockId::Boottime);
    // Neither is negative.
    Duration::new(now.tv_sec.unsigned_abs(), u32::try_from(now.tv_nsec).unwrap_or(0))
}
