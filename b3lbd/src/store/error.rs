//! What goes wrong with a database, in words that say what to do.

use std::path::PathBuf;

use rusqlite::ErrorCode;

/// A read or a write failed; nothing of it was done.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// No room.
    #[error("the disk of the database is full")]
    Full,
    /// The file or its folder is not writable.
    #[error("the database is read-only")]
    ReadOnly,
    /// Another process holds it.
    #[error("the database is locked by another process")]
    Locked,
    /// Its file is not where it was opened.
    #[error("{} was moved away or replaced: put it back, or restart b3lbd", .0.display())]
    Moved(PathBuf),
    /// The daemon is stopping.
    #[error("the database is closed")]
    Closed,
    /// Anything else.
    #[error("the database fails: {0}")]
    Other(String),
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Self::Full,
            Some(ErrorCode::ReadOnly) => Self::ReadOnly,
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Locked,
            _ => Self::Other(error.to_string()),
        }
    }
}

/// A change of the configuration was not made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChangeError {
    /// The named thing is not there.
    #[error("{kind} {name} does not exist")]
    NotFound {
        /// `cluster`, `node` and so on.
        kind: &'static str,
        /// Its name.
        name: String,
    },
    /// It is there already.
    #[error("{kind} {name} already exists")]
    Exists {
        /// `cluster`, `node` and so on.
        kind: &'static str,
        /// Its name.
        name: String,
    },
    /// It goes against something that is there.
    #[error("{0}")]
    Conflict(String),
    /// The database fails.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<rusqlite::Error> for ChangeError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Store(error.into())
    }
}

/// The database cannot be opened; it was left as it is.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Written by a newer version.
    #[error(
        "the database {} has schema {found}, this b3lbd knows {known}: it was used by a newer version; install that \
         version, or restore a backup", path.display()
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its schema.
        found: usize,
        /// The newest schema that this binary knows.
        known: usize,
    },
    /// Another daemon uses it.
    #[error("the database {} is in use by another b3lbd", .0.display())]
    InUse(PathBuf),
    /// There was one, but it is missing.
    #[error(
        "the database {} is missing or empty, but {} says that there was one: put it back, restore a backup, or start \
         with --new to begin with an empty one", path.display(), trace.display()
    )]
    Missing {
        /// The file.
        path: PathBuf,
        /// What says so.
        trace: PathBuf,
    },
    /// The file cannot be opened or made.
    #[error("the database {} cannot be opened: {error}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// It cannot be written.
    #[error("the database {} is read-only", .0.display())]
    ReadOnly(PathBuf),
    /// Anything else.
    #[error("the database cannot be used: {0}")]
    Other(String),
}
