//! Calls of admin tools that a replica passes on to the primary, and the proof that they come from a daemon of the same
//! store.

use std::collections::HashMap;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use bytes::Bytes;
use futures::future::BoxFuture;
use parking_lot::Mutex;
use reqwest::header::HeaderName;
use sha2::{Digest, Sha256};

use crate::role::Claim;

/// Carries the proof.
pub const CALL_PROOF: HeaderName = HeaderName::from_static("x-b3lb-call");
/// How much the clocks of two daemons may differ, in milliseconds.
const TOLERANCE: i64 = 5 * 60_000;

/// Makes calls that another daemon passes on.
pub trait RemoteAdmin: fmt::Debug + Send + Sync {
    /// Makes a call and returns the answer; none if it is of another version.
    fn make(self: Arc<Self>, call: Bytes) -> BoxFuture<'static, Option<Bytes>>;
}

/// Proves where a call comes from: `TIME.DIGEST.CODE`, with the time in milliseconds since 1970, and the SHA-256 of the
/// body. So a body need not be read before its sender is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallProof {
    at: i64,
    digest: String,
    code: String,
}

impl CallProof {
    /// Proves a call to the owner of the highest claim.
    pub fn new(claim: &Claim, at: i64, body: &[u8]) -> Self {
        let digest = hex::encode(Sha256::digest(body));
        let code = claim.proof_of_call(at, digest.as_bytes());
        Self { at, digest, code }
    }

    /// Whether it is a proof to the owner of this claim, at this time.
    pub fn holds(&self, claim: &Claim, now: i64) -> bool {
        self.at.abs_diff(now) <= TOLERANCE.unsigned_abs()
            && claim.proves_call(self.at, self.digest.as_bytes(), &self.code)
    }

    /// Whether it was made for this body.
    pub fn is_of(&self, body: &[u8]) -> bool {
        hex::encode(Sha256::digest(body)) == self.digest
    }
}

impl fmt::Display for CallProof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.at, self.digest, self.code)
    }
}

impl FromStr for CallProof {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let mut parts = text.splitn(3, '.');
        let mut next = || parts.next().ok_or(());
        let at = next()?.parse().map_err(drop)?;
        Ok(Self { at, digest: next()?.to_owned(), code: next()?.to_owned() })
    }
}

/// The calls that were made lately: nobody can repeat one that they have overheard.
#[derive(Debug, Default)]
pub struct CallsMade(Mutex<HashMap<String, i64>>);

impl CallsMade {
    /// Whether a call, whose proof holds now, was not made before.
    pub fn is_first(&self, proof: &CallProof, now: i64) -> bool {
        let mut made = self.0.lock();
        made.retain(|_, at| at.abs_diff(now) <= TOLERANCE.unsigned_abs());
        made.insert(proof.code.clone(), proof.at).is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::role::{Epoch, Nonce, Owner, Takeover};

    fn claim(nonce: u128) -> Claim {
        Claim { epoch: Epoch::FIRST, owner: Owner(1), nonce: Nonce(nonce), takeover: Takeover::First }
    }

    #[test]
    fn a_proof_is_for_one_claim_body_and_time() {
        let proof: CallProof = CallProof::new(&claim(7), 1_000, b"body").to_string().parse().unwrap();
        assert!(proof.holds(&claim(7), 1_000) && proof.is_of(b"body"));
        assert!(proof.holds(&claim(7), 1_000 + TOLERANCE) && !proof.holds(&claim(7), 1_001 + TOLERANCE));
        assert!(!proof.holds(&claim(8), 1_000) && !proof.is_of(b"bodies"));
        let other: CallProof = proof.to_string().replace("1000.", "1001.").parse().unwrap();
        assert!(!other.holds(&claim(7), 1_000));
        for nonsense in ["", "1", "1.2", "x.y.z"] {
            assert!(nonsense.parse::<CallProof>().is_err(), "{nonsense}");
        }
    }

    #[test]
    fn a_call_is_made_once() {
        let made = CallsMade::default();
        let proof = CallProof::new(&claim(7), 1_000, b"body");
        assert!(made.is_first(&proof, 1_000) && !made.is_first(&proof, 1_000 + TOLERANCE));
        assert!(made.is_first(&CallProof::new(&claim(7), 1_001, b"body"), 1_001));
    }
}
