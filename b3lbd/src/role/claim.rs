//! Claims: objects in the store that are created once and never changed.

/// Identifies a daemon; kept in its data directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Owner(pub u128);

/// Random number of one write, by which its author recognizes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Nonce(pub u128);

/// Number of a claim, from 1 on. The highest one names the primary.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Epoch(u64);

impl Epoch {
    /// The epoch of the first claim.
    pub const FIRST: Self = Self(1);

    /// The epoch of this number; none for 0.
    pub fn new(number: u64) -> Option<Self> {
        (number > 0).then_some(Self(number))
    }

    /// The epoch after this one; none after the last number.
    pub fn next(self) -> Option<Self> {
        self.0.checked_add(1).map(Self)
    }

    /// The number.
    pub fn get(self) -> u64 {
        self.0
    }
}

/// Why a claim was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Takeover {
    /// There was no claim.
    First,
    /// An operator decided.
    ByHand,
    /// The lease had expired.
    Automatic,
}

/// One claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Claim {
    /// Its number.
    pub epoch: Epoch,
    /// The primary from then on.
    pub owner: Owner,
    /// Tells this write from others of the same owner.
    pub nonce: Nonce,
    /// Why it was made.
    pub takeover: Takeover,
}

impl Claim {
    /// What became of this claim, if the store now has `stored` under its epoch. A refusal alone does not tell:
    /// the store also refuses the repetition of a write whose answer was lost.
    pub fn settle(&self, stored: Claim) -> Outcome {
        if stored.owner == self.owner && stored.nonce == self.nonce {
            Outcome::Won
        } else {
            Outcome::Lost(stored)
        }
    }
}

/// What became of a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was written.
    Won,
    /// Somebody else's was there first.
    Lost(Claim),
}

/// The claims in the store, as one request found them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Claims {
    /// The highest one.
    pub highest: Option<Claim>,
    /// The highest epoch of an automatic takeover.
    pub automatic: Option<Epoch>,
}
