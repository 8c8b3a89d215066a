//! Atomic file writes: a temporary file next to the target replaces it once it is complete.

use std::fs::Permissions;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use rpc_client::Failure;
use tempfile::NamedTempFile;

use crate::app::App;
use crate::ask;

/// Mode of files that only their owner can read.
pub(crate) const PRIVATE: u32 = 0o600;

/// Mode of other files, before the umask is applied.
pub(crate) const PUBLIC: u32 = 0o666;

/// A file being written; deleted unless it is finished.
pub(crate) struct Draft {
    file: NamedTempFile,
    path: PathBuf,
}

impl Draft {
    /// Starts writing `path`; asks before `action` overwrites a file.
    pub(crate) async fn begin(app: &App, action: &str, path: &Path, mode: u32) -> Result<Self, Failure> {
        let failed = |error| Failure::io(format_args!("write {}", path.display()), error);
        let mut path = path.to_owned();
        if let Ok(there) = std::fs::metadata(&path) {
            if !there.is_file() {
                return Err(Failure::usage(format!("{} exists and is not a file", path.display())));
            }
            if app.has_to_ask(&format!("{action} over an existing file"))? {
                let question = format!("Overwrite {} of {} bytes?", path.display(), there.len());
                ask::confirm(&question).await?;
            }
            // A symlink stays; its target is replaced.
            path = path.canonicalize().map_err(failed)?;
        }
        let folder = path.parent().filter(|it| !it.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let draft = tempfile::Builder::new()
            .prefix(".b3lb-")
            .permissions(Permissions::from_mode(mode))
            .tempfile_in(folder)
            .map_err(failed)?;
        Ok(Self { file: draft, path })
    }

    /// Appends bytes.
    pub(crate) fn write(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        self.file.write_all(bytes).map_err(|error| self.failed(error))
    }

    /// Syncs the file to disk and moves it into place.
    pub(crate) fn finish(self) -> Result<(), Failure> {
        self.file.as_file().sync_all().map_err(|error| self.failed(error))?;
        let failed = |error| Failure::io(format_args!("write {}", self.path.display()), error);
        self.file.persist(&self.path).map(|_| ()).map_err(|error| failed(error.error))
    }

    fn failed(&self, error: std::io::Error) -> Failure {
        Failure::io(format_args!("write {}", self.path.display()), error)
    }
}
