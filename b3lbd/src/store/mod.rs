//! The database: SQLite in WAL mode, with one writer thread and a pool of readers; of a replica, the copy that it
//! follows. All SQL is in this module.

mod assets;
mod audit;
mod bindings;
mod callbacks;
mod catalog;
mod copy;
mod database;
mod edit;
mod edits;
mod error;
mod events;
mod facts;
mod files;
mod history;
mod memory;
mod open;
mod primary;
mod replica;
mod statistics;
mod writer;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;
use metrics::Histogram;
use rusqlite::Connection;

use tokio::sync::Mutex;

pub use assets::{AssetContent, NewAsset};
pub use audit::{AuditNote, AuditRow, Changed};
pub use callbacks::DueCallback;
pub use copy::Size;
use database::Database;
pub use edit::{
    ClusterRow, Edit, NodeEdit, NodeName, RuleCall, SecretEdit, SecretRow, TenantEdit, TenantRow,
};
pub use error::{ChangeError, OpenError, StoreError};
pub use files::Missing;
pub use history::{UsageQuery, UsageRow};
pub use memory::MemoryStore;
pub use replica::{CopyChanges, Mark, check_copy};

use crate::model::Catalog;

/// The result of a probe is reused for this long.
const PROBE_LASTS: Duration = Duration::from_secs(1);

/// What is read and written.
#[derive(Debug)]
enum Access {
    /// The daemon's own database.
    Database(Database),
    /// The copy of the primary's database at this path, which is only read.
    Copy(PathBuf),
}

/// The database, or a copy of the primary's.
#[derive(Debug)]
pub struct Store {
    access: ArcSwap<Access>,
    commits: Histogram,
    assets: assets::Assets,
    probed: Mutex<Option<(Instant, Result<(), StoreError>)>>,
}

impl Store {
    /// Opens the database, creating or migrating it if needed. `commits` records the duration of each commit,
    /// in seconds.
    pub fn open(path: &Path, missing: Missing, commits: Histogram) -> Result<Self, OpenError> {
        let database = Database::open(path, missing, commits.clone())?;
        Ok(Self::new(Access::Database(database), commits))
    }

    /// Reads the copy of a primary's database.
    pub fn of_replica(copy: PathBuf, commits: Histogram) -> Self {
        Self::new(Access::Copy(copy), commits)
    }

    fn new(access: Access, commits: Histogram) -> Self {
        Self {
            access: ArcSwap::from_pointee(access),
            commits,
            assets: assets::Assets::default(),
            probed: Mutex::default(),
        }
    }

    /// From now on reads this copy. A database that was open must be closed before.
    pub fn follow(&self, copy: PathBuf) {
        self.access.store(Arc::new(Access::Copy(copy)));
    }

    /// From now on reads and writes this database.
    pub fn write_to(&self, path: &Path) -> Result<(), OpenError> {
        let database = Database::open(path, Missing::Refuse, self.commits.clone())?;
        self.access.store(Arc::new(Access::Database(database)));
        Ok(())
    }

    /// Whether it writes to a database of its own.
    pub fn is_open_for_writing(&self) -> bool {
        matches!(&**self.access.load(), Access::Database(it) if !it.writer.is_closed())
    }

    /// The last write error, unless a later write succeeded; or that the files are not in place.
    pub fn last_error(&self) -> Option<String> {
        match &**self.access.load() {
            Access::Database(it) => it.last_error(),
            Access::Copy(_) => None,
        }
    }

    /// Whether the database answers a read and accepts writes, or the copy answers a read. Calls within one
    /// second share a result.
    pub async fn probe(&self) -> Result<(), StoreError> {
        let mut probed = self.probed.lock().await;
        match &*probed {
            Some((at, result)) if at.elapsed() < PROBE_LASTS => result.clone(),
            _ => {
                let result = self.probe_now().await;
                *probed = Some((Instant::now(), result.clone()));
                result
            }
        }
    }

    async fn probe_now(&self) -> Result<(), StoreError> {
        match &*self.access.load_full() {
            Access::Database(it) => it.probe().await,
            Access::Copy(_) => self.read(|db| Ok(db.query_row("SELECT 1", [], |_| Ok(()))?)).await,
        }
    }

    /// The stored configuration.
    pub async fn catalog(&self) -> Result<Catalog, StoreError> {
        self.read(catalog::load).await
    }

    /// Runs a query off the async workers.
    async fn read<T: Send + 'static>(
        &self,
        query: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        match &*self.access.load_full() {
            Access::Database(it) => it.read(query).await,
            Access::Copy(path) => {
                let path = path.clone();
                tokio::task::spawn_blocking(move || query(&replica::connect(&path)?))
                    .await
                    .map_err(|_| StoreError::Closed)?
            }
        }
    }

    /// Runs a write in the next transaction, and returns its result after the commit.
    async fn write<T, E>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        match &*self.access.load_full() {
            Access::Database(it) => it.writer.run(work).await,
            Access::Copy(_) => Err(StoreError::Replica.into()),
        }
    }

    /// Finishes pending writes and closes the database; later writes fail.
    pub async fn close(&self) {
        if let Access::Database(it) = &*self.access.load_full() {
            it.writer.close().await;
        }
    }
}
