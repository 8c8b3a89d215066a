//! The files of the database: whether they exist, and are still those that were opened.

use std::fs::{self, File};
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, CWD, StatxFlags, statx};

use super::{OpenError, StoreError};

/// What to do if a database existed before, but is missing now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Missing {
    /// Refuse to start, because an empty database has no tenants and no meetings.
    #[default]
    Refuse,
    /// Create a new one, as the operator requested.
    Create,
}

/// Written next to a database, so that its absence is noticed.
const NOTE: &str = "This file tells b3lbd that there is a database beside it. If that is missing at a start, \
                    b3lbd refuses to begin with an empty one; b3lbd --new does so all the same.\n";

fn beside(database: &Path, suffix: &str) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

fn length(path: &Path) -> u64 {
    fs::metadata(path).map_or(0, |it| it.len())
}

/// Rejects a missing or empty database if one existed before.
pub(super) fn refuse_missing(database: &Path, missing: Missing) -> Result<(), OpenError> {
    if missing == Missing::Create || length(database) > 0 {
        return Ok(());
    }
    for trace in [beside(database, ".exists"), beside(database, "-wal")] {
        if length(&trace) > 0 {
            return Err(OpenError::Missing { path: database.to_owned(), trace });
        }
    }
    Ok(())
}

/// Writes a note that the database exists.
pub(super) fn note_existence(database: &Path) {
    let note = beside(database, ".exists");
    if length(&note) == 0
        && let Err(error) = fs::write(&note, NOTE)
    {
        tracing::warn!(%error, path = %note.display(), "the note that a database exists could not be written");
    }
}

/// Device and inode numbers.
type FileId = ((u32, u32), u64);

/// Requests only the inode number. If somebody has requested the timestamps of a file, Linux stores a more
/// precise time with the next write, which makes the fsync of that write slower.
fn id_of(folder: impl AsFd, path: &Path, flags: AtFlags) -> std::io::Result<FileId> {
    let found = statx(folder, path, flags, StatxFlags::INO)?;
    Ok(((found.stx_dev_major, found.stx_dev_minor), found.stx_ino))
}

/// The files of an open database, as they were when it was opened.
#[derive(Debug)]
pub(super) struct Files(Vec<(PathBuf, FileId)>);

impl Files {
    /// The database that `file` is a handle of, and its write-ahead log.
    pub(super) fn of(database: &Path, file: &File) -> std::io::Result<Self> {
        let log = beside(database, "-wal");
        let log_id = id_of(CWD, &log, AtFlags::empty())?;
        let id = id_of(file, Path::new(""), AtFlags::EMPTY_PATH)?;
        Ok(Self(vec![(database.to_owned(), id), (log, log_id)]))
    }

    /// Checks that the files are still in place, because writes to files that were moved away are lost.
    pub(super) fn check(&self) -> Result<(), StoreError> {
        let is_there = |(path, id): &&(PathBuf, FileId)| id_of(CWD, path, AtFlags::empty()).ok() == Some(*id);
        match self.0.iter().find(|it| !is_there(it)) {
            Some((path, _)) => Err(StoreError::Moved(path.clone())),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finding_6_a_missing_database_is_refused_where_there_was_one() {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("b3lb.db");
        assert!(refuse_missing(&database, Missing::Refuse).is_ok(), "the very first start");
        note_existence(&database);
        for content in [None, Some("")] {
            if let Some(content) = content {
                fs::write(&database, content).unwrap();
            }
            let refused = refuse_missing(&database, Missing::Refuse).unwrap_err().to_string();
            assert!(refused.contains("b3lb.db.exists") && refused.contains("--new"), "{refused}");
            assert!(refuse_missing(&database, Missing::Create).is_ok());
        }
        fs::write(&database, "something").unwrap();
        assert!(refuse_missing(&database, Missing::Refuse).is_ok());
    }

    #[test]
    fn finding_6_files_that_are_moved_or_replaced_are_noticed() {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("b3lb.db");
        fs::write(&database, "a").unwrap();
        fs::write(beside(&database, "-wal"), "b").unwrap();
        let files = Files::of(&database, &File::open(&database).unwrap()).unwrap();
        assert_eq!(files.check(), Ok(()));
        let away = folder.path().join("away");
        fs::rename(&database, &away).unwrap();
        assert_eq!(files.check(), Err(StoreError::Moved(database.clone())));
        fs::write(&database, "a").unwrap();
        assert_eq!(files.check(), Err(StoreError::Moved(database.clone())), "another one in its place");
        fs::rename(&away, &database).unwrap();
        assert_eq!(files.check(), Ok(()), "it is back");
        fs::remove_file(beside(&database, "-wal")).unwrap();
        assert_eq!(files.check(), Err(StoreError::Moved(beside(&database, "-wal"))));
    }
}
