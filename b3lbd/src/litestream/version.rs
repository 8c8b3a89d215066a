//! Which litestream there is.

use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::process::Command;

/// The oldest version that serves.
const OLDEST: Version = Version(0, 5, 17);
/// `litestream version` takes some milliseconds.
const PATIENCE: Duration = Duration::from_secs(10);

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Version(u32, u32, u32);

impl Version {
    /// Reads `0.5.17`, `v0.5.17` or `0.5.17-rc1`. A version before a release counts as older than it.
    fn parse(text: &str) -> Option<(Self, bool)> {
        let text = text.trim().trim_start_matches('v');
        let (numbers, before) =
            text.split_once(['-', '+']).map_or((text, ""), |(numbers, rest)| (numbers, rest));
        let mut numbers = numbers.split('.').map(str::parse);
        let mut next = || numbers.next()?.ok();
        Some((Self(next()?, next()?, next()?), !before.is_empty() && !text.contains('+')))
    }

    fn serves(text: &str) -> Option<bool> {
        let (version, is_before) = Self::parse(text)?;
        Some(version > OLDEST || version == OLDEST && !is_before)
    }
}

/// A litestream that serves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    /// Its path, or its name on PATH.
    pub path: PathBuf,
    /// What it says of its version.
    pub version: String,
}

/// There is no litestream that serves.
#[derive(Debug, thiserror::Error)]
pub enum ProgramError {
    /// It was not found.
    #[error(
        "{} was not found: install litestream 0.5.17 or newer (https://litestream.io/install), or name it by \
         B3LB_LITESTREAM_BIN", .0.display()
    )]
    Missing(PathBuf),
    /// It is older than what serves.
    #[error(
        "{} is litestream {version}, whose SQLite can corrupt a write-ahead log that is reset: install 0.5.17 or newer \
         (https://litestream.io/install)", path.display()
    )]
    Old {
        /// Its path.
        path: PathBuf,
        /// Its version.
        version: String,
    },
    /// It runs, but is something else.
    #[error("{} does not tell its version as litestream does: {answer:?}", path.display())]
    Strange {
        /// Its path.
        path: PathBuf,
        /// The begin of its answer.
        answer: String,
    },
    /// It cannot be run.
    #[error("{} cannot be run: {error}", path.display())]
    Failed {
        /// Its path.
        path: PathBuf,
        /// The cause.
        error: std::io::Error,
    },
}

/// Asks a litestream for its version.
pub async fn find(path: &Path) -> Result<Program, ProgramError> {
    let mut command = Command::new(path);
    command.arg("version").env_remove("AWS_CA_BUNDLE").kill_on_drop(true);
    let failed = |error| ProgramError::Failed { path: path.to_owned(), error };
    let late = || failed(std::io::Error::from(std::io::ErrorKind::TimedOut));
    let output = match tokio::time::timeout(PATIENCE, command.output()).await.map_err(|_| late())? {
        Ok(output) => output,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Err(ProgramError::Missing(path.to_owned()));
        }
        Err(error) => return Err(failed(error)),
    };
    let answer = String::from_utf8_lossy(&output.stdout);
    let answer: String = answer.trim().chars().take(80).collect();
    match Version::serves(&answer) {
        Some(true) => Ok(Program { path: path.to_owned(), version: answer }),
        Some(false) => Err(ProgramError::Old { path: path.to_owned(), version: answer }),
        None => Err(ProgramError::Strange { path: path.to_owned(), answer }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_by_number() {
        for good in ["0.5.17", "v0.5.17\n", "0.5.100", "0.6.0", "1.0.0-rc1", "0.5.17+build"] {
            assert_eq!(Version::serves(good), Some(true), "{good}");
        }
        for old in ["0.5.16", "0.3.13", "0.5.9", "0.5.17-rc1"] {
            assert_eq!(Version::serves(old), Some(false), "{old}");
        }
        for strange in ["", "development build", "5", "0.5.x"] {
            assert_eq!(Version::serves(strange), None, "{strange}");
        }
    }

    #[tokio::test]
    async fn what_is_wrong_is_told_with_what_to_do() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("litestream");
        let told = find(&path).await.unwrap_err().to_string();
        assert!(told.contains("was not found") && told.contains("B3LB_LITESTREAM_BIN"), "{told}");
        std::fs::write(&path, "#!/bin/sh\necho v0.5.14\n").unwrap();
        let told = find(&path).await.unwrap_err().to_string();
        assert!(told.contains("cannot be run"), "{told}");
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        let told = find(&path).await.unwrap_err().to_string();
        assert!(told.contains("litestream v0.5.14") && told.contains("0.5.17 or newer"), "{told}");
    }
}
