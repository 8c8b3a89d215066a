//! Claims and the lease as JSON objects.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::SharedError;
use crate::role::{Claim, Epoch, Lease, Nonce, Owner, Takeover};

/// A claim, and what people and other daemons want to know of its owner. Its time is for people only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimRecord {
    /// The claim.
    pub claim: Claim,
    /// How other daemons reach its owner.
    pub url: Option<String>,
    /// The host name of its owner.
    pub host: String,
    /// When its owner wrote it, by its own clock.
    pub time: Timestamp,
}

#[derive(Deserialize, Serialize)]
struct ClaimObject {
    epoch: u64,
    owner: String,
    nonce: String,
    takeover: Word,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    url: Option<String>,
    host: String,
    time: Timestamp,
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
enum Word {
    First,
    ByHand,
    Automatic,
}

#[derive(Deserialize, Serialize)]
struct LeaseObject {
    nonce: String,
    holder: String,
    epoch: u64,
}

impl ClaimRecord {
    pub(super) fn to_json(&self) -> Result<Vec<u8>, SharedError> {
        let takeover = match self.claim.takeover {
            Takeover::First => Word::First,
            Takeover::ByHand => Word::ByHand,
            Takeover::Automatic => Word::Automatic,
        };
        to_json(&ClaimObject {
            epoch: self.claim.epoch.get(),
            owner: hex(self.claim.owner.0),
            nonce: hex(self.claim.nonce.0),
            takeover,
            url: self.url.clone(),
            host: self.host.clone(),
            time: self.time,
        })
    }

    pub(super) fn from_json(name: &str, epoch: Epoch, bytes: &[u8]) -> Result<Self, SharedError> {
        let found: ClaimObject = from_json(name, bytes)?;
        if found.epoch != epoch.get() {
            return Err(malformed(name, "its epoch is not that of its name"));
        }
        let takeover = match found.takeover {
            Word::First => Takeover::First,
            Word::ByHand => Takeover::ByHand,
            Word::Automatic => Takeover::Automatic,
        };
        let owner = Owner(number(name, &found.owner)?);
        let nonce = Nonce(number(name, &found.nonce)?);
        Ok(Self {
            claim: Claim { epoch, owner, nonce, takeover },
            url: found.url,
            host: found.host,
            time: found.time,
        })
    }
}

pub(super) fn lease_to_json(lease: &Lease) -> Result<Vec<u8>, SharedError> {
    to_json(&LeaseObject { nonce: hex(lease.nonce.0), holder: hex(lease.holder.0), epoch: lease.epoch.get() })
}

pub(super) fn lease_from_json(name: &str, bytes: &[u8]) -> Result<Lease, SharedError> {
    let found: LeaseObject = from_json(name, bytes)?;
    Ok(Lease {
        nonce: Nonce(number(name, &found.nonce)?),
        holder: Owner(number(name, &found.holder)?),
        epoch: Epoch::new(found.epoch).ok_or_else(|| malformed(name, "its epoch is 0"))?,
    })
}

fn hex(number: u128) -> String {
    format!("{number:032x}")
}

fn number(name: &str, text: &str) -> Result<u128, SharedError> {
    u128::from_str_radix(text, 16).map_err(|_| malformed(name, "an id is not a hexadecimal number"))
}

fn to_json(object: &impl Serialize) -> Result<Vec<u8>, SharedError> {
    serde_json::to_vec_pretty(object).map_err(|error| SharedError::Other(error.to_string()))
}

fn from_json<'a, T: Deserialize<'a>>(name: &str, bytes: &'a [u8]) -> Result<T, SharedError> {
    serde_json::from_slice(bytes).map_err(|error| malformed(name, &error.to_string()))
}

fn malformed(name: &str, rule: &str) -> SharedError {
    SharedError::Malformed { name: name.to_owned(), rule: rule.to_owned() }
}
