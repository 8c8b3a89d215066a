//! Opens the database: lock, pragmas, migrations.

use std::fs::{File, TryLockError};
use std::path::Path;
use std::sync::LazyLock;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};
use rusqlite_migration::{M, Migrations};

use super::files::{Missing, note_existence, refuse_missing};
use super::{OpenError, StoreError};

static STEPS: LazyLock<Vec<M<'static>>> = LazyLock::new(|| {
    vec![
        M::up(include_str!("../../migrations/0001-first-light.sql")),
        M::up(include_str!("../../migrations/0002-figures.sql")),
        M::up(include_str!("../../migrations/0003-audit.sql")),
        M::up(include_str!("../../migrations/0004-lives.sql")),
        M::up(include_str!("../../migrations/0005-callbacks.sql")),
        M::up(include_str!("../../migrations/0006-replicas.sql")),
        M::up(include_str!("../../migrations/0007-placed.sql")),
        M::up(include_str!("../../migrations/0008-history.sql")),
        M::up(include_str!("../../migrations/0009-target-cpu.sql")),
        M::up(include_str!("../../migrations/0010-drains.sql")),
        M::up(include_str!("../../migrations/0011-events.sql")),
    ]
});

/// Opens the write connection. The file handle locks out other daemons, and must outlive the connection.
pub(super) fn open(path: &Path, missing: Missing) -> Result<(Connection, File), OpenError> {
    refuse_missing(path, missing)?;
    let lock = lock(path)?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(path, flags).map_err(other)?;
    refuse_newer(path, &connection)?;
    connection.busy_timeout(Duration::from_secs(5)).map_err(other)?;
    connection.pragma_update(None, "journal_mode", "WAL").map_err(|error| readable(path, error))?;
    connection.pragma_update(None, "synchronous", "FULL").map_err(other)?;
    connection.pragma_update(None, "foreign_keys", "ON").map_err(other)?;
    connection.set_prepared_statement_cache_capacity(64);
    migrate(&mut connection)?;
    note_existence(path);
    Ok((connection, lock))
}

/// Migrates a database to the latest schema.
pub(super) fn migrate(connection: &mut Connection) -> Result<(), OpenError> {
    Migrations::from_slice(&STEPS).to_latest(connection).map_err(|error| OpenError::Other(error.to_string()))
}

fn lock(path: &Path) -> Result<File, OpenError> {
    let mut options = File::options();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(path).map_err(|error| match error.kind() {
        std::io::ErrorKind::ReadOnlyFilesystem => OpenError::ReadOnly(path.to_owned()),
        _ => OpenError::File { path: path.to_owned(), error },
    })?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(OpenError::InUse(path.to_owned())),
        Err(TryLockError::Error(error)) => Err(OpenError::File { path: path.to_owned(), error }),
    }
}

fn refuse_newer(path: &Path, connection: &Connection) -> Result<(), OpenError> {
    let found: u32 = connection
        .pragma_query_value(None, "user_version", |row| row.get(0))
        .map_err(|error| readable(path, error))?;
    let found = usize::try_from(found).unwrap_or(usize::MAX);
    if found > STEPS.len() {
        return Err(OpenError::Newer { path: path.to_owned(), found, known: STEPS.len() });
    }
    Ok(())
}

/// The first schema that replicas can follow.
const FIRST_WITH_REPLICAS: usize = 6;

/// Rejects a copy of a primary whose version is too far from this one. Next to each other they can be upgraded one
/// after the other.
pub(super) fn refuse_other_schema(copy: &Connection) -> Result<(), StoreError> {
    let found: u32 = copy.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let found = usize::try_from(found).unwrap_or(usize::MAX);
    let known = STEPS.len();
    if found >= FIRST_WITH_REPLICAS && found.abs_diff(known) <= 1 {
        return Ok(());
    }
    Err(StoreError::Other(format!(
        "the primary has schema {found}, this b3lbd knows {known}: bring both to the same version"
    )))
}

fn readable(path: &Path, error: rusqlite::Error) -> OpenError {
    match error.sqlite_error_code() {
        Some(rusqlite::ErrorCode::ReadOnly) => OpenError::ReadOnly(path.to_owned()),
        Some(rusqlite::ErrorCode::NotADatabase) => {
            OpenError::Other(format!("{} is not an SQLite database", path.display()))
        }
        _ => other(error),
    }
}

#[expect(clippy::needless_pass_by_value, reason = "used as a function for map_err")]
fn other(error: rusqlite::Error) -> OpenError {
    OpenError::Other(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn migrations_apply_and_a_second_daemon_is_kept_out() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("b3lb.db");
        let (connection, _lock) = open(&path, Missing::Refuse).unwrap();
        let mode: String = connection.pragma_query_value(None, "journal_mode", |row| row.get(0)).unwrap();
        assert_eq!(mode, "wal");
        assert!(matches!(open(&path, Missing::Refuse), Err(OpenError::InUse(_))));
    }

    #[test]
    fn a_newer_schema_is_refused_and_left_untouched() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("b3lb.db");
        Connection::open(&path).unwrap().pragma_update(None, "user_version", 999).unwrap();
        let before = std::fs::read(&path).unwrap();
        assert!(matches!(open(&path, Missing::Refuse), Err(OpenError::Newer { found: 999, .. })));
        assert_eq!(std::fs::read(&path).unwrap(), before);
    }

    #[test]
    fn a_copy_may_be_one_schema_ahead_or_behind() {
        let copy = Connection::open_in_memory().unwrap();
        let follows = |version: usize| {
            let version = u32::try_from(version).unwrap();
            copy.pragma_update(None, "user_version", version).unwrap();
            refuse_other_schema(&copy).is_ok()
        };
        let known = STEPS.len();
        assert!(follows(known) && follows(known + 1) && !follows(known + 2));
        assert!(!follows(FIRST_WITH_REPLICAS - 1));
    }

    #[test]
    fn what_is_no_database_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("b3lb.db");
        std::fs::write(&path, "certainly not a database, but long enough to be looked at".repeat(20))
            .unwrap();
        assert!(open(&path, Missing::Refuse).unwrap_err().to_string().contains("not an SQLite database"));
        let nowhere = open(&folder.path().join("missing/b3lb.db"), Missing::Refuse).unwrap_err().to_string();
        assert!(nowhere.contains("missing/b3lb.db"), "{nowhere}");
    }
}
