//! The store: claims that are written once, and a lease that changes on condition.

use b3lbd::role::{Claim, Claims, Epoch, Lease, Nonce, Takeover};

#[derive(Clone, Copy, Debug)]
pub enum Request {
    ReadClaims,
    ReadLease,
    Claim(Claim),
    /// Replaces the lease of this nonce, or creates it.
    Lease(Option<Nonce>, Lease),
}

#[derive(Clone, Copy, Debug)]
pub enum Reply {
    Claims(Claims),
    Lease(Option<Lease>),
    /// Answers a claim: what the store has under its epoch now.
    Claimed(Claim),
    /// The lease was written.
    Renewed(Lease),
    /// The lease is another one.
    Refused,
}

#[derive(Default)]
pub struct Store {
    /// Claims, with the time at which they were written.
    pub claims: Vec<(Claim, f64)>,
    lease: Option<Lease>,
}

impl Store {
    pub fn handle(&mut self, request: Request, now: f64) -> Reply {
        match request {
            Request::ReadClaims => Reply::Claims(Claims {
                highest: self.claims.last().map(|(claim, _)| *claim),
                automatic: self.automatic().last().map(|(claim, _)| claim.epoch),
            }),
            Request::ReadLease => Reply::Lease(self.lease),
            Request::Claim(claim) => {
                if let Some((stored, _)) = self.claim(claim.epoch) {
                    return Reply::Claimed(stored);
                }
                self.claims.push((claim, now));
                Reply::Claimed(claim)
            }
            Request::Lease(expected, lease) => {
                if self.lease.map(|it| it.nonce) != expected {
                    return Reply::Refused;
                }
                self.lease = Some(lease);
                Reply::Renewed(lease)
            }
        }
    }

    /// The claim of an epoch and the time at which it was written.
    pub fn claim(&self, epoch: Epoch) -> Option<(Claim, f64)> {
        self.claims.iter().find(|(it, _)| it.epoch == epoch).copied()
    }

    /// The claims of automatic takeovers, and the times at which they were written.
    pub fn automatic(&self) -> impl Iterator<Item = (Claim, f64)> {
        self.claims.iter().filter(|(it, _)| it.takeover == Takeover::Automatic).copied()
    }
}
