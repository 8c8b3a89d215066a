//! How the daemons of a store know each other: who can read its claims knows the number of the highest one.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::{Claim, Epoch};

/// Keeps codes of different purposes apart.
const TAKEOVER: &[u8] = b"b3lb-takeover";
const CALL: &[u8] = b"b3lb-call";

impl Claim {
    /// Proves to the owner of this claim that there is one of a later `epoch`, although it cannot read it.
    pub fn proof_of_takeover(&self, epoch: Epoch) -> String {
        code(self.mac(TAKEOVER, &[&epoch.get().to_be_bytes()]))
    }

    /// Whether a proof of a takeover holds.
    pub fn proves_takeover(&self, epoch: Epoch, proof: &str) -> bool {
        is_code(self.mac(TAKEOVER, &[&epoch.get().to_be_bytes()]), proof)
    }

    /// Proves to the owner of this claim that a call comes from a daemon of its store. `at` is in milliseconds since
    /// 1970.
    pub fn proof_of_call(&self, at: i64, body: &[u8]) -> String {
        code(self.mac(CALL, &[&at.to_be_bytes(), body]))
    }

    /// Whether a proof of a call holds.
    pub fn proves_call(&self, at: i64, body: &[u8], proof: &str) -> bool {
        is_code(self.mac(CALL, &[&at.to_be_bytes(), body]), proof)
    }

    fn mac(&self, purpose: &[u8], parts: &[&[u8]]) -> Option<Hmac<Sha256>> {
        // A key of any length will do.
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.nonce.0.to_be_bytes()).ok()?;
        mac.update(purpose);
        for part in parts {
            mac.update(part);
        }
        Some(mac)
    }
}

fn code(mac: Option<Hmac<Sha256>>) -> String {
    mac.map(|it| hex::encode(it.finalize().into_bytes())).unwrap_or_default()
}

fn is_code(mac: Option<Hmac<Sha256>>, proof: &str) -> bool {
    let Some((mac, proof)) = mac.zip(hex::decode(proof).ok()) else { return false };
    mac.verify_slice(&proof).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::role::{Nonce, Owner, Takeover};

    #[test]
    fn a_proof_holds_for_its_claim_and_text_only() {
        let claim = |nonce| Claim {
            epoch: Epoch::FIRST,
            owner: Owner(1),
            nonce: Nonce(nonce),
            takeover: Takeover::First,
        };
        let second = Epoch::new(2).unwrap();
        let proof = claim(7).proof_of_takeover(second);
        assert!(claim(7).proves_takeover(second, &proof));
        assert!(!claim(8).proves_takeover(second, &proof));
        assert!(!claim(7).proves_takeover(Epoch::new(3).unwrap(), &proof));
        for nonsense in ["", "00", "xyz", &proof[1..]] {
            assert!(!claim(7).proves_takeover(second, nonsense), "{nonsense}");
        }
        let proof = claim(7).proof_of_call(5, b"body");
        assert!(claim(7).proves_call(5, b"body", &proof));
        assert!(!claim(7).proves_call(6, b"body", &proof) && !claim(7).proves_call(5, b"other", &proof));
    }
}
