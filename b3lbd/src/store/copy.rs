//! Copies of the database, and its size.

use std::path::{Path, PathBuf};

use super::{Access, Store, StoreError};

/// The size of the database.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Size {
    /// Size of the database file, in bytes.
    pub file: u64,
    /// Size of its write-ahead log, in bytes.
    pub log: u64,
}

impl Store {
    /// Writes a consistent copy of the database to a new file, without blocking others.
    pub async fn copy_to(&self, path: PathBuf) -> Result<(), StoreError> {
        self.read(move |db| {
            db.execute("VACUUM INTO ?1", [path.to_string_lossy()])?;
            Ok(())
        })
        .await
    }

    /// The size of the database; zero if the file system does not report it.
    pub fn size(&self) -> Size {
        let bytes = |path: &Path| std::fs::metadata(path).map_or(0, |it| it.len());
        let path = self.path();
        let mut log = path.clone().into_os_string();
        log.push("-wal");
        Size { file: bytes(&path), log: bytes(Path::new(&log)) }
    }

    /// The folder that contains the database.
    pub fn folder(&self) -> PathBuf {
        let path = self.path();
        let folder = path.parent().filter(|it| !it.as_os_str().is_empty());
        folder.unwrap_or(Path::new(".")).to_owned()
    }

    fn path(&self) -> PathBuf {
        match &**self.access.load() {
            Access::Database(it) => it.path.clone(),
            Access::Copy(path) => path.clone(),
        }
    }
}
