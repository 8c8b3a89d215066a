//! One daemon: the machine, and what its caller does with it every five seconds.

use std::time::Duration;

use b3lbd::role::{Claim, Failover, Machine, Nonce, Owner};

use crate::run::Fault;
use crate::store::{Reply, Request};

pub struct Daemon {
    pub me: Owner,
    pub machine: Machine,
    pub failover: Failover,
    /// Rate and offset of its boot clock.
    pub clock: (f64, f64),
    pub paused_until: f64,
    pub cut_off_until: f64,
    /// Restarts so far: replies to an earlier process reach nobody.
    pub process: u32,
    pub nonces: u128,
    fault: Fault,
}

impl Daemon {
    pub fn new(number: u8, failover: Failover, clock: (f64, f64), fault: Fault) -> Self {
        let me = Owner(u128::from(number));
        let machine = Machine::new(me, failover_of(failover, fault));
        Self {
            me,
            machine,
            failover,
            clock,
            fault,
            paused_until: 0.0,
            cut_off_until: 0.0,
            process: 0,
            nonces: 0,
        }
    }

    pub fn now(&self, time: f64) -> Duration {
        Duration::from_secs_f64(self.clock.1 + time * self.clock.0)
    }

    pub fn restart(&mut self) {
        self.process += 1;
        self.machine = Machine::new(self.me, failover_of(self.failover, self.fault));
    }

    pub fn nonce(&mut self) -> Nonce {
        self.nonces += 1;
        Nonce(self.nonces)
    }

    pub fn may_act(&self, time: f64) -> bool {
        match self.fault {
            Fault::NoCheckAtTheAct => self.machine.role() == b3lbd::role::Role::Primary,
            _ => self.machine.may_act(self.now(time)),
        }
    }

    /// The requests of one round.
    pub fn round(&mut self, time: f64) -> Vec<Request> {
        let now = self.now(time);
        let mut requests = vec![Request::ReadClaims];
        if self.failover == Failover::Automatic {
            requests.push(Request::ReadLease);
        }
        if let (Some(tag), Some(epoch)) = (self.machine.lease_to_write(now), self.machine.epoch()) {
            requests.push(Request::Lease(tag, self.me, epoch));
        }
        let nonce = self.nonce();
        let claim = self.machine.first_claim(nonce).or_else(|| match self.fault {
            Fault::NoLease => {
                self.machine.claim_by_hand(nonce).filter(|_| nonce.0.is_multiple_of(8)).map(as_automatic)
            }
            _ => self.machine.claim_automatically(nonce, now, Duration::ZERO, true),
        });
        requests.extend(claim.map(Request::Claim));
        requests
    }

    pub fn receive(&mut self, reply: Reply, begun: f64, time: f64) {
        let (begun, now) = (self.now(begun), self.now(time));
        match reply {
            Reply::Claims(highest) => self.machine.claims_read(highest, begun, now),
            Reply::Lease(lease) => self.machine.lease_read(lease, now),
            Reply::Renewed(lease) => {
                let begun = if self.fault == Fault::RenewalCountsFromItsReply { now } else { begun };
                self.machine.lease_renewed(lease, begun, now);
            }
            // The next list of the claims says who owns them.
            Reply::Claimed | Reply::Refused => {}
        }
    }
}

fn failover_of(failover: Failover, fault: Fault) -> Failover {
    if fault == Fault::NoLease { Failover::Manual } else { failover }
}

fn as_automatic(claim: Claim) -> Claim {
    Claim { takeover: b3lbd::role::Takeover::Automatic, ..claim }
}
