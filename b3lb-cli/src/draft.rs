//! Files that are there whole or not at all: a draft beside the file takes its place when it is complete.

use std::fs::Permissions;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::app::App;
use crate::ask;
use crate::exit::Failure;

/// Mode of files that only their owner may read.
pub(crate) const PRIVATE: u32 = 0o600;

/// Mode of other files; the umask takes away from it.
pub(crate) const PUBLIC: u32 = 0o666;

/// A file that is being written; it is gone if it is not finished.
pub(crate) struct Draft {
    file: NamedTempFile,
    path: PathBuf,
}

impl Draft {
    /// Begins to write `path`; asks before `action` overwrites a file.
    pub(crate) async fn begin(app: &App, action: &str, path: &Path, mode: u32) -> Result<Self, Failure> {
        let failed = |error| Failure::io(format_args!("write {}", path.display()), error);
        let mut path = path.to_owned();
        if let Ok(there) = std::fs::metadata(&path) {
            if !there.is_file() {
                return Err(Failure::usage(format!("{} is there and is no file", path.display())));
            }
            if app.has_to_ask(&format!("{action} over an existing file"))? {
                let question = format!("Overwrite {} of {} bytes?", path.display(), there.len());
                ask::confirm(&question).await?;
            }
            // A link stays; what it leads to is replaced.
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

    /// Writes on.
    pub(crate) fn write(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        self.file.write_all(bytes).map_err(|error| self.failed(error))
    }

    /// Puts it in its place, safe from a power cut.
    pub(crate) fn finish(self) -> Result<(), Failure> {
        self.file.as_file().sync_all().map_err(|error| self.failed(error))?;
        let failed = |error| Failure::io(format_args!("write {}", self.path.display()), error);
        self.file.persist(&self.path).map(|_| ()).map_err(|error| failed(error.error))
    }

    fn failed(&self, error: std::io::Error) -> Failure {
        Failure::io(format_args!("write {}", self.path.display()), error)
    }
}
