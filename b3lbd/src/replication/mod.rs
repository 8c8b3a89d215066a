//! Copies the database to a store, begins with the copy if the database is missing, and stops when another
//! daemon has taken over.

mod begin;
mod owner;
mod ship;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

pub use ship::Shipping;

use crate::litestream::Program;
use crate::role::{Claim, Machine, Role};
use crate::shared::{ReplicaUrl, SharedStore};
use crate::state::{Standing, boot_time};

/// How often the claims are read.
const CLAIMS_PERIOD: Duration = Duration::from_secs(5);

/// What this daemon has to know of its store.
#[derive(Clone, Debug)]
pub struct ReplicationSettings {
    /// The store.
    pub url: ReplicaUrl,
    /// The program litestream.
    pub litestream: PathBuf,
    /// The database.
    pub database: PathBuf,
    /// Take over from the primary.
    pub take_over: bool,
    /// Begin with an empty database.
    pub begin_empty: bool,
}

/// A daemon that is the primary of its store.
#[derive(Debug)]
pub struct Replication {
    settings: ReplicationSettings,
    program: Program,
    store: SharedStore,
    machine: Machine,
    claim: Claim,
}

impl Replication {
    /// The role, for the pool.
    pub fn standing(&self) -> Standing {
        Standing::of(self.machine.clone())
    }

    /// The copying of the database under the epoch of this daemon.
    pub fn shipping(&self) -> Shipping {
        Shipping::new(&self.settings, self.program.clone(), self.claim.epoch)
    }

    /// Reads the claims, until another daemon has the highest one.
    pub async fn watch_claims(self, standing: Arc<Standing>) {
        loop {
            tokio::time::sleep(CLAIMS_PERIOD).await;
            let begun = boot_time();
            match self.store.claims().await {
                Ok(listed) => {
                    if standing.claims_read(listed.claims, begun) == Role::Primary {
                        continue;
                    }
                    let (host, epoch) = listed
                        .highest
                        .map_or((String::from("nobody"), 0), |it| (it.host, it.claim.epoch.get()));
                    tracing::error!(host, epoch, "another daemon is the primary of the store now");
                    return;
                }
                Err(error) => tracing::warn!(%error, "the claims in the store cannot be read"),
            }
        }
    }
}

/// The path of a file next to a database.
fn beside(database: &Path, suffix: &str) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}
