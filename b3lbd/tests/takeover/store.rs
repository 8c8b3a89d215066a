//! The store: claims that are written once, and a lease that changes on condition.

use b3lbd::role::{Claim, Epoch, Lease, Owner, Tag};

#[derive(Clone, Copy, Debug)]
pub enum Request {
    ReadClaims,
    ReadLease,
    Claim(Claim),
    Lease(Option<Tag>, Owner, Epoch),
}

#[derive(Clone, Copy, Debug)]
pub enum Reply {
    Claims(Option<Claim>),
    Lease(Option<Lease>),
    Claimed,
    Renewed(Lease),
    Refused,
}

#[derive(Default)]
pub struct Store {
    /// Claims, with the time at which they were written.
    pub claims: Vec<(Claim, f64)>,
    lease: Option<Lease>,
    tags: u64,
}

impl Store {
    pub fn handle(&mut self, request: Request, now: f64) -> Reply {
        match request {
            Request::ReadClaims => Reply::Claims(self.claims.last().map(|(claim, _)| *claim)),
            Request::ReadLease => Reply::Lease(self.lease),
            Request::Claim(claim) => {
                if self.claims.iter().any(|(it, _)| it.epoch == claim.epoch) {
                    return Reply::Refused;
                }
                self.claims.push((claim, now));
                Reply::Claimed
            }
            Request::Lease(expected, holder, epoch) => {
                if self.lease.map(|it| it.tag) != expected {
                    return Reply::Refused;
                }
                self.tags += 1;
                let lease = Lease { tag: Tag(self.tags), holder, epoch };
                self.lease = Some(lease);
                Reply::Renewed(lease)
            }
        }
    }

    /// The claim of an epoch and the time at which it was written.
    pub fn claim(&self, epoch: Epoch) -> Option<(Claim, f64)> {
        self.claims.iter().find(|(it, _)| it.epoch == epoch).copied()
    }
}
