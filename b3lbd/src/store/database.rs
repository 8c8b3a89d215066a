//! The database of a daemon that writes: one writer thread, and a pool of readers.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use metrics::Histogram;
use r2d2_sqlite::SqliteConnectionManager;
use rusqlite::{Connection, OpenFlags};

use super::files::{Files, Missing};
use super::writer::Writer;
use super::{OpenError, StoreError, open};

/// Number of read connections; admin lists and exports are rare.
const READERS: u32 = 4;

/// An open database.
#[derive(Debug)]
pub(super) struct Database {
    pub(super) path: PathBuf,
    pub(super) writer: Writer,
    files: Arc<Files>,
    readers: r2d2::Pool<SqliteConnectionManager>,
    /// Used only by probes, which must not wait for other reads.
    prober: r2d2::Pool<SqliteConnectionManager>,
    _lock: std::fs::File,
}

impl Database {
    /// Opens the database, creating or migrating it if needed. `commits` records the duration of each commit,
    /// in seconds.
    pub(super) fn open(path: &Path, missing: Missing, commits: Histogram) -> Result<Self, OpenError> {
        let (connection, lock) = open::open(path, missing)?;
        let files = Arc::new(
            Files::of(path, &lock).map_err(|error| OpenError::File { path: path.to_owned(), error })?,
        );
        Ok(Self {
            path: path.to_owned(),
            writer: Writer::start(connection, Some(Arc::clone(&files)), commits)?,
            files,
            readers: readers(path, READERS)?,
            prober: readers(path, 1)?,
            _lock: lock,
        })
    }

    /// The last write error, unless a later write succeeded; or that the files are not in place.
    pub(super) fn last_error(&self) -> Option<String> {
        self.files.check().err().map(|error| error.to_string()).or_else(|| self.writer.last_error())
    }

    /// Whether the database answers a read and accepts writes; after a failed write, it tries one.
    pub(super) async fn probe(&self) -> Result<(), StoreError> {
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

    /// Runs a query on a read connection, off the async workers.
    pub(super) async fn read<T: Send + 'static>(
        &self,
        query: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        read_from(&self.readers, query).await
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
