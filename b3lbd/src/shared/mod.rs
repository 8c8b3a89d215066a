//! The store that several daemons share: an S3 bucket or a folder, with claims and the lease in it.
//!
//! Claims are created under a name that nobody else has, and never change. The lease is replaced on the condition
//! that it is still the one that was read. [`SharedStore::check`] shows whether a store honours the condition.

mod bucket;
mod check;
mod folder;
mod record;
mod url;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use parking_lot::Mutex;

pub use record::ClaimRecord;
pub use url::{ReplicaUrl, S3Url};

use crate::role::{Claims, Epoch, Lease, Takeover};
use bucket::Bucket;
use folder::Folder;

/// A request to the store that takes longer has failed.
const PATIENCE: Duration = Duration::from_secs(10);

/// A request to the store failed; whether a write took effect is not known.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SharedError {
    /// Keys are missing or wrong.
    #[error(
        "the store refuses access: check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, and their rights ({0})"
    )]
    Denied(String),
    /// The bucket or the folder is not there.
    #[error("{0} does not exist: create it, or correct B3LB_REPLICA_URL")]
    Missing(String),
    /// The store ignores the condition of a write.
    #[error(
        "the store does not honour conditional writes ({0}), so that two daemons could both become primary: use \
         another store, or a folder"
    )]
    Unconditional(&'static str),
    /// No answer in time.
    #[error("the store did not answer within {} s", PATIENCE.as_secs())]
    Timeout,
    /// An object is not what this daemon writes.
    #[error("the object {name} of the store cannot be read: {rule}")]
    Malformed {
        /// Its name.
        name: String,
        /// What is wrong.
        rule: String,
    },
    /// Any other failure.
    #[error("the store fails: {0}")]
    Other(String),
}

/// A version of an object, as the store names it.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Version {
    ETag(String),
    Number(u64),
}

/// The outcome of a conditional write.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Written {
    Yes,
    Refused,
}

#[derive(Debug)]
enum Backend {
    Bucket(Bucket),
    Folder(Folder),
}

/// The claims of the store.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listed {
    /// What the state machine needs of them.
    pub claims: Claims,
    /// The highest claim in full.
    pub highest: Option<ClaimRecord>,
}

/// The lease, and what is needed to replace it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldLease {
    /// The lease.
    pub lease: Lease,
    version: Version,
}

/// Claims and lease in the shared store.
#[derive(Debug)]
pub struct SharedStore {
    backend: Backend,
    /// Claims never change, so that each is read once.
    known: Mutex<BTreeMap<Epoch, ClaimRecord>>,
}

const LEASE: &str = "lease";

impl SharedStore {
    /// The client of a store; none if it is of a kind that carries no claims. `variable` reads the environment.
    pub fn new(
        url: &ReplicaUrl,
        variable: impl Fn(&str) -> Option<String>,
    ) -> Result<Option<Self>, SharedError> {
        let backend = match url {
            ReplicaUrl::S3(it) => Backend::Bucket(Bucket::new(it, variable)?),
            ReplicaUrl::Folder(path) => Backend::Folder(Folder::new(path)),
            ReplicaUrl::Other(_) => return Ok(None),
        };
        Ok(Some(Self { backend, known: Mutex::default() }))
    }

    /// Lists the claims that are in the store now: of a store that has lost some, the rest.
    pub async fn claims(&self) -> Result<Listed, SharedError> {
        // Somebody else's files are none of ours.
        let names = self.list("claims").await?;
        let epochs: BTreeSet<Epoch> =
            names.iter().filter_map(|it| it.parse().ok().and_then(Epoch::new)).collect();
        for epoch in &epochs {
            let is_known = self.known.lock().contains_key(epoch);
            if !is_known && let Some(record) = self.read_claim(*epoch).await? {
                self.known.lock().insert(*epoch, record);
            }
        }
        let mut known = self.known.lock();
        known.retain(|epoch, _| epochs.contains(epoch));
        let automatic = known.values().rfind(|it| it.claim.takeover == Takeover::Automatic);
        let highest = known.values().next_back().cloned();
        let claims = Claims {
            highest: highest.as_ref().map(|it| it.claim),
            automatic: automatic.map(|it| it.claim.epoch),
        };
        Ok(Listed { claims, highest })
    }

    /// Writes a claim unless there is one of its epoch. Returns the one that is there now, which tells by its
    /// nonce whether this write took effect, even if its answer was lost.
    pub async fn claim(&self, record: &ClaimRecord) -> Result<ClaimRecord, SharedError> {
        let outcome = self.create(&claim_name(record.claim.epoch), record.to_json()?).await;
        match (outcome, self.read_claim(record.claim.epoch).await) {
            (_, Ok(Some(stored))) => Ok(stored),
            (Err(error), _) | (_, Err(error)) => Err(error),
            (Ok(_), Ok(None)) => {
                Err(SharedError::Other("a claim that was just written is not there".to_owned()))
            }
        }
    }

    /// Reads the lease.
    pub async fn lease(&self) -> Result<Option<HeldLease>, SharedError> {
        let found = in_time(async {
            match &self.backend {
                Backend::Bucket(it) => it.read(LEASE).await,
                Backend::Folder(it) => it.read_latest(LEASE).await,
            }
        });
        let Some((bytes, version)) = found.await? else { return Ok(None) };
        Ok(Some(HeldLease { lease: record::lease_from_json(LEASE, &bytes)?, version }))
    }

    /// Replaces the lease if it is still `old`, or creates it. True if it was written.
    pub async fn write_lease(&self, old: Option<&HeldLease>, new: &Lease) -> Result<bool, SharedError> {
        let bytes = record::lease_to_json(new)?;
        let version = old.map(|it| it.version.clone());
        let written = in_time(async {
            match &self.backend {
                Backend::Bucket(it) => it.replace(LEASE, version, bytes).await,
                Backend::Folder(it) => it.replace(LEASE, version, bytes).await,
            }
        });
        Ok(written.await? == Written::Yes)
    }

    async fn read_claim(&self, epoch: Epoch) -> Result<Option<ClaimRecord>, SharedError> {
        let name = claim_name(epoch);
        let found = in_time(async {
            match &self.backend {
                Backend::Bucket(it) => it.read(&name).await,
                Backend::Folder(it) => it.read(&name).await,
            }
        });
        found.await?.map(|(bytes, _)| ClaimRecord::from_json(&name, epoch, &bytes)).transpose()
    }

    async fn list(&self, under: &str) -> Result<Vec<String>, SharedError> {
        in_time(async {
            match &self.backend {
                Backend::Bucket(it) => it.list(under).await,
                Backend::Folder(it) => it.list(under).await,
            }
        })
        .await
    }

    async fn create(&self, name: &str, bytes: Vec<u8>) -> Result<Written, SharedError> {
        in_time(async {
            match &self.backend {
                Backend::Bucket(it) => it.create(name, bytes).await,
                Backend::Folder(it) => it.create(name, bytes).await,
            }
        })
        .await
    }
}

fn claim_name(epoch: Epoch) -> String {
    format!("claims/{}", epoch.get())
}

async fn in_time<T>(request: impl Future<Output = Result<T, SharedError>>) -> Result<T, SharedError> {
    tokio::time::timeout(PATIENCE, request).await.unwrap_or(Err(SharedError::Timeout))
}
