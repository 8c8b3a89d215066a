//! One daemon: the machine, and what its caller does with it every five seconds.

use std::time::Duration;

use b3lbd::role::{Claim, Epoch, Failover, Lease, Machine, Nonce, Outcome, Owner, Role, Takeover};

use crate::run::Fault;
use crate::store::{Reply, Request};

pub struct Daemon {
    pub me: Owner,
    pub machine: Machine,
    pub failover: Failover,
    /// Rate and offset of its boot clock.
    pub clock: (f64, f64),
    pub paused_until: f64,
    /// The end of its last pause that was long enough to count.
    pub woke: f64,
    pub cut_off_until: f64,
    /// Restarts so far: replies to an earlier process reach nobody.
    pub process: u32,
    /// The claim that an operator has asked for: repeated until its outcome is known.
    pub promoting: Option<Claim>,
    nonces: u128,
    /// What the data directory keeps for the next process.
    rested: Option<Epoch>,
    fault: Fault,
}

impl Daemon {
    pub fn new(number: u8, failover: Failover, clock: (f64, f64), fault: Fault) -> Self {
        let me = Owner(u128::from(number));
        Self {
            me,
            machine: Machine::new(me, failover_of(failover, fault), None),
            failover,
            clock,
            fault,
            paused_until: 0.0,
            woke: 0.0,
            cut_off_until: 0.0,
            process: 0,
            promoting: None,
            nonces: 0,
            rested: None,
        }
    }

    pub fn now(&self, time: f64) -> Duration {
        Duration::from_secs_f64(self.clock.1 + time * self.clock.0)
    }

    /// Starts a new process.
    pub fn restart(&mut self) {
        self.process += 1;
        self.promoting = None;
        let rested =
            if self.fault == Fault::RestartEndsThePause { Epoch::new(u64::MAX) } else { self.rested };
        self.machine = Machine::new(self.me, failover_of(self.failover, self.fault), rested);
    }

    /// Starts the whole machine again: its clock begins at zero.
    pub fn reboot(&mut self, time: f64) {
        self.clock.1 = -time * self.clock.0;
        self.restart();
    }

    /// An operator decides that this daemon is to be the primary.
    pub fn promote(&mut self) {
        if self.promoting.is_none() {
            let nonce = self.nonce();
            self.promoting = self.machine.claim_by_hand(nonce);
        }
    }

    fn nonce(&mut self) -> Nonce {
        self.nonces += 1;
        Nonce(self.me.0 << 64 | self.nonces)
    }

    pub fn may_act(&self, time: f64) -> bool {
        match self.fault {
            Fault::NoCheckAtTheAct => self.machine.role() == Role::Primary,
            _ => self.machine.may_act(self.now(time)),
        }
    }

    /// The requests of one round.
    pub fn round(&mut self, time: f64) -> Vec<Request> {
        let now = self.now(time);
        self.rested = self.machine.rested(now);
        let mut requests = vec![Request::ReadClaims];
        if self.failover == Failover::Automatic {
            requests.push(Request::ReadLease);
        }
        let nonce = self.nonce();
        if let (Some(replaced), Some(epoch)) = (self.machine.lease_to_replace(), self.machine.epoch()) {
            self.machine.lease_written(nonce, now);
            requests.push(Request::Lease(replaced, Lease { nonce, holder: self.me, epoch }));
        }
        let nonce = self.nonce();
        let claim = self.machine.first_claim(nonce).or_else(|| match self.fault {
            Fault::NoLease => {
                self.machine.claim_by_hand(nonce).filter(|_| nonce.0.is_multiple_of(8)).map(as_automatic)
            }
            _ => self.machine.claim_automatically(nonce, now, Duration::ZERO, true),
        });
        requests.extend(claim.or(self.promoting).map(Request::Claim));
        requests
    }

    /// Takes a reply. Returns what an operator is told about a claim of this daemon.
    pub fn receive(&mut self, reply: Reply, begun: f64, time: f64) -> Option<(Claim, Outcome)> {
        let (begun, now) = (self.now(begun), self.now(time));
        match reply {
            Reply::Claims(claims) => self.machine.claims_read(claims, begun, now),
            Reply::Lease(lease) => self.machine.lease_read(lease, begun, now),
            Reply::Renewed(lease) => {
                if self.fault == Fault::RenewalCountsFromItsReply {
                    self.machine.lease_written(lease.nonce, now);
                }
                self.machine.lease_read(Some(lease), begun, now);
            }
            Reply::Refused => {}
            // Other answers than that to the operator's claim: the next list tells who owns it.
            Reply::Claimed(stored) => {
                let claim = self.promoting.take_if(|it| it.epoch == stored.epoch)?;
                return Some((claim, claim.settle(stored)));
            }
        }
        None
    }
}

fn failover_of(failover: Failover, fault: Fault) -> Failover {
    if fault == Fault::NoLease { Failover::Manual } else { failover }
}

fn as_automatic(claim: Claim) -> Claim {
    Claim { takeover: Takeover::Automatic, ..claim }
}
