//! Database errors, with messages that say what to do.

use std::path::PathBuf;

use rusqlite::ErrorCode;

/// A read or a write failed, and had no effect.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// The disk is full.
    #[error("the disk of the database is full")]
    Full,
    /// The file or its folder is read-only.
    #[error("the database is read-only")]
    ReadOnly,
    /// Another process holds it.
    #[error("the database is locked by another process")]
    Locked,
    /// Its file was moved or replaced.
    #[error("{} was moved away or replaced: put it back, or restart b3lbd", .0.display())]
    Moved(PathBuf),
    /// This daemon only has a copy.
    #[error("this daemon is a replica, which changes nothing")]
    Replica,
    /// The daemon is stopping.
    #[error("the database is closed")]
    Closed,
    /// Any other error.
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

/// A change of the configuration failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChangeError {
    /// The named object does not exist.
    #[error("{kind} {name} does not exist")]
    NotFound {
        /// `cluster`, `node` and so on.
        kind: &'static str,
        /// Its name.
        name: String,
    },
    /// It already exists.
    #[error("{kind} {name} already exists")]
    Exists {
        /// `cluster`, `node` and so on.
        kind: &'static str,
        /// Its name.
        name: String,
    },
    /// It conflicts with the current state.
    #[error("{0}")]
    Conflict(String),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<rusqlite::Error> for ChangeError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Store(error.into())
    }
}

/// The database cannot be opened; it was not modified.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// It was written by a newer version.
    #[error(
        "the database {} has schema {found}, this b3lbd knows {known}: it was used by a newer version; install that \
         version, or restore a backup", path.display()
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// The schema version of the file.
        found: usize,
        /// The newest schema version that this binary supports.
        known: usize,
    },
    /// Another daemon uses it.
    #[error("the database {} is in use by another b3lbd", .0.display())]
    InUse(PathBuf),
    /// The database existed before, but is missing.
    #[error(
        "the database {} is missing or empty, but {} says that there was one: put it back, restore a backup, or start \
         with --new to begin with an empty one", path.display(), trace.display()
    )]
    Missing {
        /// The file.
        path: PathBuf,
        /// The file that proves its earlier existence.
        trace: PathBuf,
    },
    /// The file cannot be opened or created.
    #[error("the database {} cannot be opened: {error}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// The cause.
        error: std::io::Error,
    },
    /// The file is read-only.
    #[error("the database {} is read-only", .0.display())]
    ReadOnly(PathBuf),
    /// Any other error.
    #[error("the database cannot be used: {0}")]
    Other(String),
}
