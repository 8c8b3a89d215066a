//! The state machine of one daemon.

use std::time::Duration;

use super::{
    AUTOMATIC_MAX_LAG, AUTOMATIC_PAUSE, BootTime, CLAIMS_MAX_AGE, Claim, Claims, Epoch, LEASE_MARGIN,
    LEASE_TTL, LEASE_USE, LONGEST_STOP, Lease, LeaseWatch, Nonce, Owner, Takeover,
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
    highest_since: Option<BootTime>,
    claims_read: Option<BootTime>,
    /// An epoch that another daemon has proved to have claimed.
    proved: Option<Epoch>,
    /// When it ran last.
    ran: Option<BootTime>,
    /// When it ran again after it had been stopped.
    resumed: Option<BootTime>,
    renewed: Option<BootTime>,
    watch: LeaseWatch,
    writing: Option<(Nonce, BootTime)>,
    automatic: Option<(Epoch, BootTime)>,
    rested: Option<Epoch>,
}

impl Machine {
    /// A daemon that has just started. `rested` is what [`Self::rested`] said before, kept in the data directory.
    pub fn new(me: Owner, failover: Failover, rested: Option<Epoch>) -> Self {
        Self {
            me,
            failover,
            highest: None,
            highest_since: None,
            claims_read: None,
            proved: None,
            ran: None,
            resumed: None,
            renewed: None,
            watch: LeaseWatch::default(),
            writing: None,
            automatic: None,
            rested,
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

    /// The highest claim.
    pub fn highest(&self) -> Option<Claim> {
        self.highest
    }

    /// The highest claim, if it is this daemon's.
    pub fn own_claim(&self) -> Option<Claim> {
        self.highest.filter(|it| it.owner == self.me)
    }

    /// Records the claims, as listed by a request that began at `begun`. Answers may arrive out of order: an
    /// older claim never replaces a newer one.
    pub fn claims_read(&mut self, claims: Claims, begun: BootTime, now: BootTime) {
        if claims.highest.map(|it| it.epoch) < self.epoch() {
            return;
        }
        if let Some(epoch) = claims.automatic
            && self.automatic.is_none_or(|(known, _)| epoch > known)
        {
            self.automatic = Some((epoch, now));
        }
        if claims.highest.map(|it| it.epoch) > self.epoch() {
            self.highest_since = Some(now);
        }
        self.highest = claims.highest;
        self.claims_read = self.claims_read.max(Some(begun));
        if self.role() != Role::Primary {
            self.renewed = None;
        }
    }

    /// Notes that another daemon has proved that there is a claim of this epoch.
    pub fn takeover_proved(&mut self, epoch: Epoch) {
        self.proved = self.proved.max(Some(epoch));
    }

    /// Whether another daemon has proved to have taken over, and that claim was not read yet.
    pub fn is_told_of_takeover(&self) -> bool {
        self.role() == Role::Primary && self.proved > self.epoch()
    }

    /// Notes that the daemon runs, which its caller does several times a second. Returns how long it has been stopped,
    /// if that was too long: then the claims are to be read again.
    pub fn runs(&mut self, now: BootTime) -> Option<Duration> {
        let stopped = self.stopped_for(now);
        self.ran = Some(now);
        if stopped.is_some() {
            self.resumed = Some(now);
        }
        stopped
    }

    /// For how long the daemon has not run, if that is too long.
    fn stopped_for(&self, now: BootTime) -> Option<Duration> {
        self.ran.map(|ran| now.saturating_sub(ran)).filter(|it| *it > LONGEST_STOP)
    }

    /// Notes that a write of the lease begins.
    pub fn lease_written(&mut self, nonce: Nonce, begun: BootTime) {
        self.writing = Some((nonce, begun));
    }

    /// Records the lease as found by a request that began at `begun`. If it is the last write of this daemon,
    /// that one has succeeded, whatever became of its answer, and counts from its own begin.
    pub fn lease_read(&mut self, lease: Option<Lease>, begun: BootTime, now: BootTime) {
        self.watch.observe(lease, begun, now);
        let Some(lease) = lease else { return };
        if lease.holder != self.me {
            self.renewed = None;
        } else if let Some((nonce, written)) = self.writing
            && nonce == lease.nonce
            && self.role() == Role::Primary
        {
            self.renewed = self.renewed.max(Some(written));
        }
    }

    /// May this daemon act as primary now: accept new meetings and changes, send callbacks?
    pub fn may_act(&self, now: BootTime) -> bool {
        let within = |since: Option<BootTime>, limit: Duration| {
            since.is_some_and(|since| now.saturating_sub(since) < limit)
        };
        self.role() == Role::Primary
            && !self.is_told_of_takeover()
            && self.stopped_for(now).is_none()
            && self.claims_read >= self.resumed
            && within(self.claims_read, CLAIMS_MAX_AGE)
            && (self.failover == Failover::Manual || within(self.renewed, LEASE_USE))
    }

    /// When the lease was last seen to change.
    pub fn lease_since(&self) -> Option<BootTime> {
        self.watch.since()
    }

    /// The lease that this daemon may replace now, `Some(None)` if it may create it; none if it must not
    /// write. The writer of an automatic claim waits for the expiry again, because its claim may have
    /// arrived late.
    pub fn lease_to_replace(&self) -> Option<Option<Nonce>> {
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
        let may = lease.holder == self.me || claim.takeover == Takeover::ByHand || self.watch.has_expired();
        may.then_some(Some(lease.nonce))
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

    /// The claim of a daemon that begins with a copy from the store, or with an empty database: also the one
    /// that has the highest claim starts a new epoch then.
    pub fn claim_anew(&self, nonce: Nonce) -> Option<Claim> {
        let epoch = self.highest?.epoch.next()?;
        Some(Claim { epoch, owner: self.me, nonce, takeover: Takeover::ByHand })
    }

    /// The claim of an automatic takeover, if the primary is gone and this replica is fit to follow it. `lag` is how old
    /// its copy was when the primary was last heard of.
    pub fn claim_automatically(
        &self,
        nonce: Nonce,
        now: BootTime,
        lag: Duration,
        reaches_most_nodes: bool,
    ) -> Option<Claim> {
        let rested = self.rested(now) >= self.automatic.map(|(epoch, _)| epoch);
        let fit = lag < AUTOMATIC_MAX_LAG && reaches_most_nodes;
        // A new primary needs time for its first lease: until then the old one is there.
        let settled = self.highest_since.is_some_and(|it| now.saturating_sub(it) >= LEASE_TTL + LEASE_MARGIN);
        let expired = settled && self.watch.has_expired();
        if self.failover == Failover::Manual || !fit || !rested || !expired {
            return None;
        }
        self.next_claim(nonce, Takeover::Automatic)
    }

    /// The last automatic takeover since which the pause has passed. Its caller keeps it across restarts,
    /// so that only a daemon that did not see the whole pause waits again.
    pub fn rested(&self, now: BootTime) -> Option<Epoch> {
        let passed = self.automatic.filter(|(_, seen)| now.saturating_sub(*seen) >= AUTOMATIC_PAUSE);
        self.rested.max(passed.map(|(epoch, _)| epoch))
    }

    fn next_claim(&self, nonce: Nonce, takeover: Takeover) -> Option<Claim> {
        let highest = self.highest.filter(|it| it.owner != self.me)?;
        Some(Claim { epoch: highest.epoch.next()?, owner: self.me, nonce, takeover })
    }
}
