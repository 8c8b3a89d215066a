//! The database: SQLite in WAL mode, with one writer thread and a pool of readers. All SQL is in this module.

mod assets;
mod audit;
mod bindings;
mod callbacks;
mod catalog;
mod copy;
mod edit;
mod edits;
mod error;
mod facts;
mod files;
mod memory;
mod open;
mod statistics;
mod writer;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use metrics::Histogram;
use r2d2_sqlite::SqliteConnectionManager;
use rusqlite::{Connection, OpenFlags};

use tokio::sync::Mutex;

pub use assets::{AssetContent, NewAsset};
pub use audit::{AuditNote, AuditRow, Changed};
pub use callbacks::DueCallback;
pub use copy::Size;
pub use edit::{
    ClusterRow, Edit, NodeEdit, NodeName, RuleCall, SecretEdit, SecretRow, TenantEdit, TenantRow,
};
pub use error::{ChangeError, OpenError, StoreError};
pub use files::Missing;
pub use memory::MemoryStore;

use crate::model::Catalog;

/// Number of read connections; admin lists and exports are rare.
const READERS: u32 = 4;
/// The result of a probe is reused for this long.
const PROBE_LASTS: Duration = Duration::from_secs(1);

/// The open database.
#[derive(Debug)]
pub struct Store {
    path: PathBuf,
    writer: writer::Writer,
    files: Arc<files::Files>,
    readers: r2d2::Pool<SqliteConnectionManager>,
    /// Used only by probes, which must not wait for other reads.
    prober: r2d2::Pool<SqliteConnectionManager>,
    assets: assets::Assets,
    probed: Mutex<Option<(Instant, Result<(), StoreError>)>>,
    _lock: std::fs::File,
}

impl Store {
    /// Opens the database, creating or migrating it if needed. `commits` records the duration of each commit,
    /// in seconds.
    pub fn open(path: &Path, missing: Missing, commits: Histogram) -> Result<Self, OpenError> {
        let (connection, lock) = open::open(path, missing)?;
        let files = Arc::new(
            files::Files::of(path, &lock)
                .map_err(|error| OpenError::File { path: path.to_owned(), error })?,
        );
        Ok(Self {
            path: path.to_owned(),
            writer: writer::Writer::start(connection, Some(Arc::clone(&files)), commits)?,
            files,
            readers: readers(path, READERS)?,
            prober: readers(path, 1)?,
            assets: assets::Assets::default(),
            probed: Mutex::default(),
            _lock: lock,
        })
    }

    /// The last write error, unless a later write succeeded; or that the files are not in place.
    pub fn last_error(&self) -> Option<String> {
        self.files.check().err().map(|error| error.to_string()).or_else(|| self.writer.last_error())
    }

    /// Whether the database answers a read and accepts writes; after a failed write, it tries one. Calls
    /// within one second share a result.
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
        self.files.check()?;
        let look = |db: &Connection| Ok(db.query_row("SELECT count(*) FROM cluster", [], |_| Ok(()))?);
        read_from(&self.prober, look).await?;
        if self.last_error().is_some() {
            self.writer
                .run(|db| Ok::<_, StoreError>(db.execute("UPDATE probe SET at = at + 1", [])?))
                .await?;
        }
        Ok(())
    }

    /// The stored configuration.
    pub async fn catalog(&self) -> Result<Catalog, StoreError> {
        self.read(catalog::load).await
    }

    /// Runs a query on a read connection, off the async workers.
    async fn read<T: Send + 'static>(
        &self,
        query: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        read_from(&self.readers, query).await
    }

    /// Finishes pending writes and closes the database; later writes fail.
    pub async fn close(&self) {
        self.writer.close().await;
    }
}

fn readers(path: &Path, most: u32) -> Result<r2d2::Pool<SqliteConnectionManager>, OpenError> {
    let manager = SqliteConnectionManager::file(path)
        .with_flags(OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX);
    r2d2::Pool::builder()
        .max_size(most)
        .min_idle(Some(1))
        .connection_timeout(Duration::from_secs(5))
        .build(manager)
        .map_err(|error| OpenError::Other(error.to_string()))
}

async fn read_from<T: Send + 'static>(
    readers: &r2d2::Pool<SqliteConnectionManager>,
    query: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    let readers = readers.clone();
    tokio::task::spawn_blocking(move || {
        let connection = readers.get().map_err(|error| StoreError::Other(error.to_string()))?;
        query(&connection)
    })
    .await
    .map_err(|_| StoreError::Closed)?
}
