//! The state machine of one daemon.

use std::time::Duration;

use super::{
    AUTOMATIC_MAX_LAG, AUTOMATIC_PAUSE, BootTime, CLAIMS_MAX_AGE, Claim, Epoch, LEASE_USE, Lease, LeaseWatch,
    Nonce, Owner, Tag, Takeover,
};

/// Who decides about a takeover.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failover {
    /// An operator.
    Manual,
    /// A replica, once the lease has expired.
    Automatic,
}

/// What a daemon is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The claims were not read yet, or there are none.
    Unknown,
    /// The highest claim is its own.
    Primary,
    /// The highest claim is another daemon's.
    Replica,
}

/// Claims and lease as one daemon knows them.
#[derive(Clone, Debug)]
pub struct Machine {
    me: Owner,
    failover: Failover,
    highest: Option<Claim>,
    claims_read: Option<BootTime>,
    renewed: Option<BootTime>,
    watch: LeaseWatch,
    last_automatic: Option<BootTime>,
}

impl Machine {
    /// A daemon that has just started.
    pub fn new(me: Owner, failover: Failover) -> Self {
        Self {
            me,
            failover,
            highest: None,
            claims_read: None,
            renewed: None,
            watch: LeaseWatch::default(),
            last_automatic: None,
        }
    }

    /// The role by the highest claim. A primary still needs [`Self::may_act`].
    pub fn role(&self) -> Role {
        match self.highest {
            None => Role::Unknown,
            Some(claim) if claim.owner == self.me => Role::Primary,
            Some(_) => Role::Replica,
        }
    }

    /// The epoch of the highest claim.
    pub fn epoch(&self) -> Option<Epoch> {
        self.highest.map(|it| it.epoch)
    }

    /// Records the highest claim, as listed by a request that began at `begun`. Answers may arrive out of
    /// order: an older claim never replaces a newer one.
    pub fn claims_read(&mut self, highest: Option<Claim>, begun: BootTime, now: BootTime) {
        if highest.map(|it| it.epoch) < self.epoch() {
            return;
        }
        if let (Some(old), Some(new)) = (self.highest, highest)
            && new.epoch > old.epoch
            && new.takeover == Takeover::Automatic
        {
            self.last_automatic = Some(now);
        }
        self.highest = highest;
        self.claims_read = self.claims_read.max(Some(begun));
        if self.role() != Role::Primary {
            self.renewed = None;
        }
    }

    /// Records the lease as read at `now`.
    pub fn lease_read(&mut self, lease: Option<Lease>, now: BootTime) {
        self.watch.observe(lease, now);
        if lease.is_some_and(|it| it.holder != self.me) {
            self.renewed = None;
        }
    }

    /// Records a renewal that succeeded. It counts from `begun`, the time of the request.
    pub fn lease_renewed(&mut self, lease: Lease, begun: BootTime, now: BootTime) {
        self.watch.observe(Some(lease), now);
        if self.role() == Role::Primary {
            self.renewed = self.renewed.max(Some(begun));
        }
    }

    /// May this daemon act as primary now: accept new meetings and changes, send callbacks?
    pub fn may_act(&self, now: BootTime) -> bool {
        let within = |since: Option<BootTime>, limit: Duration| {
            since.is_some_and(|since| now.saturating_sub(since) < limit)
        };
        self.role() == Role::Primary
            && within(self.claims_read, CLAIMS_MAX_AGE)
            && (self.failover == Failover::Manual || within(self.renewed, LEASE_USE))
    }

    /// The lease that this daemon may replace now, `Some(None)` if it may create it; none if it must not
    /// write. The writer of an automatic claim waits for the expiry again, because its claim may have
    /// arrived late.
    pub fn lease_to_write(&self, now: BootTime) -> Option<Option<Tag>> {
        let claim = self.highest.filter(|it| it.owner == self.me)?;
        if self.failover == Failover::Manual {
            return None;
        }
        let Some(lease) = self.watch.lease() else {
            return (claim.takeover != Takeover::Automatic).then_some(None);
        };
        // This daemon has not heard yet that somebody claimed a later epoch.
        if lease.epoch > claim.epoch {
            return None;
        }
        let may =
            lease.holder == self.me || claim.takeover == Takeover::ByHand || self.watch.has_expired(now);
        may.then_some(Some(lease.tag))
    }

    /// The claim to write if the store holds none.
    pub fn first_claim(&self, nonce: Nonce) -> Option<Claim> {
        let nothing = self.claims_read.is_some() && self.highest.is_none();
        nothing.then_some(Claim { epoch: Epoch::FIRST, owner: self.me, nonce, takeover: Takeover::First })
    }

    /// The claim of a takeover by hand; none if the claims are unknown or this is the primary.
    pub fn claim_by_hand(&self, nonce: Nonce) -> Option<Claim> {
        self.next_claim(nonce, Takeover::ByHand)
    }

    /// The claim of an automatic takeover, if the primary is gone and this replica is fit to follow it.
    pub fn claim_automatically(
        &self,
        nonce: Nonce,
        now: BootTime,
        lag: Duration,
        reaches_most_nodes: bool,
    ) -> Option<Claim> {
        let rested = self.last_automatic.is_none_or(|it| now.saturating_sub(it) >= AUTOMATIC_PAUSE);
        let fit = lag < AUTOMATIC_MAX_LAG && reaches_most_nodes;
        if self.failover == Failover::Manual || !fit || !rested || !self.watch.has_expired(now) {
            return None;
        }
        self.next_claim(nonce, Takeover::Automatic)
    }

    fn next_claim(&self, nonce: Nonce, takeover: Takeover) -> Option<Claim> {
        let highest = self.highest.filter(|it| it.owner != self.me)?;
        Some(Claim { epoch: highest.epoch.next()?, owner: self.me, nonce, takeover })
    }
}
