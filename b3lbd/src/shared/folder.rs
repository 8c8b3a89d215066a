//! A folder that all daemons see, by exclusive creation of files.
//!
//! A file is written under another name and then linked, so that it appears whole or not at all; a link fails if the
//! name exists, also on NFS. What is replaced is a folder of numbered files, of which the highest counts.

use std::fs::{self, File};
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use super::{SharedError, Version, Written};

/// Former versions that are kept.
const KEPT: u64 = 3;

#[derive(Clone, Debug)]
pub(super) struct Folder(PathBuf);

impl Folder {
    pub(super) fn new(path: &Path) -> Self {
        Self(path.to_owned())
    }

    pub(super) async fn read(&self, name: &str) -> Result<Option<(Vec<u8>, Version)>, SharedError> {
        let path = self.0.join(name);
        self.run(move |_| Ok(read(&path)?.map(|bytes| (bytes, Version::Number(0))))).await
    }

    /// The names in a folder.
    pub(super) async fn list(&self, under: &str) -> Result<Vec<String>, SharedError> {
        let path = self.0.join(under);
        self.run(move |_| names(&path)).await
    }

    pub(super) async fn create(&self, name: &str, bytes: Vec<u8>) -> Result<Written, SharedError> {
        let path = self.0.join(name);
        self.run(move |_| create(&path, &bytes)).await
    }

    pub(super) async fn read_latest(&self, name: &str) -> Result<Option<(Vec<u8>, Version)>, SharedError> {
        let path = self.0.join(name);
        self.run(move |_| {
            // It may be removed in between, because a higher one came.
            while let Some(latest) = latest(&path)? {
                if let Some(bytes) = read(&path.join(latest.to_string()))? {
                    return Ok(Some((bytes, Version::Number(latest))));
                }
            }
            Ok(None)
        })
        .await
    }

    pub(super) async fn replace(
        &self,
        name: &str,
        old: Option<Version>,
        bytes: Vec<u8>,
    ) -> Result<Written, SharedError> {
        let path = self.0.join(name);
        let old = match old {
            None => 0,
            Some(Version::Number(number)) => number,
            Some(Version::ETag(_)) => return Ok(Written::Refused),
        };
        self.run(move |_| {
            let Some(new) = old.checked_add(1) else { return Ok(Written::Refused) };
            let written = create(&path.join(new.to_string()), &bytes)?;
            // A number that was removed as a former version can be created again, but it does not count.
            if written == Written::Refused || latest(&path)? != Some(new) {
                return Ok(Written::Refused);
            }
            for former in numbers(&path)?.into_iter().filter(|it| it + KEPT < new) {
                // Another daemon may have removed it.
                let _ = fs::remove_file(path.join(former.to_string()));
            }
            Ok(Written::Yes)
        })
        .await
    }

    /// Removes a file or a folder of a check.
    pub(super) async fn remove(&self, name: &str) {
        let path = self.0.join(name);
        let removed =
            self.run(move |_| if path.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) });
        if let Err(error) = removed.await {
            tracing::debug!(%error, name, "a file of a check of the store stays");
        }
    }

    /// Runs file operations off the async workers.
    async fn run<T: Send + 'static>(
        &self,
        operation: impl FnOnce(&Path) -> std::io::Result<T> + Send + 'static,
    ) -> Result<T, SharedError> {
        let root = self.0.clone();
        tokio::task::spawn_blocking(move || {
            // An absent folder is one that is not mounted: nothing is written below it.
            if !root.is_dir() {
                return Err(SharedError::Missing(format!("the folder {}", root.display())));
            }
            operation(&root).map_err(|error| SharedError::Other(format!("{}: {error}", root.display())))
        })
        .await
        .map_err(|error| SharedError::Other(error.to_string()))?
    }
}

fn read(path: &Path) -> std::io::Result<Option<Vec<u8>>> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

fn names(folder: &Path) -> std::io::Result<Vec<String>> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    entries.map(|it| Ok(it?.file_name().to_string_lossy().into_owned())).collect()
}

fn numbers(folder: &Path) -> std::io::Result<Vec<u64>> {
    Ok(names(folder)?.iter().filter_map(|it| it.parse().ok()).collect())
}

fn latest(folder: &Path) -> std::io::Result<Option<u64>> {
    Ok(numbers(folder)?.into_iter().max())
}

fn create(path: &Path, bytes: &[u8]) -> std::io::Result<Written> {
    let folder = path.parent().ok_or(ErrorKind::InvalidInput)?;
    fs::create_dir_all(folder)?;
    let mut file = tempfile::Builder::new().prefix(".").tempfile_in(folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    let written = match fs::hard_link(file.path(), path) {
        Ok(()) => Written::Yes,
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Written::Refused,
        Err(error) => return Err(error),
    };
    File::open(folder)?.sync_all()?;
    Ok(written)
}
