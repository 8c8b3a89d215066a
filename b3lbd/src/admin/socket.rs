//! The socket file: a stale one is replaced, a live one is refused, and ours is removed on exit.

use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use tokio::net::UnixListener;

/// Why the admin socket cannot be bound.
#[derive(Debug, thiserror::Error)]
pub enum SocketError {
    /// Another daemon listens there.
    #[error("another b3lbd listens at the admin socket {}", .0.display())]
    Live(PathBuf),
    /// A file that is not a socket is in the way.
    #[error("{} is in the way of the admin socket: it is not a socket", .0.display())]
    InTheWay(PathBuf),
    /// Binding failed.
    #[error("the admin socket {} cannot be created: {error}", path.display())]
    Io {
        /// The path of the socket.
        path: PathBuf,
        /// The cause.
        error: io::Error,
    },
    /// None of the default paths is writable.
    #[error("no place for the admin socket: {}; set B3LB_ADMIN_SOCKET", .0.join("; "))]
    Nowhere(Vec<String>),
}

/// A bound admin socket. Dropping it removes the file, and the folder if it was created for it.
#[derive(Debug)]
pub struct AdminSocket {
    listener: UnixListener,
    path: PathBuf,
    made_folder: Option<PathBuf>,
}

impl AdminSocket {
    /// Binds at the first of `places` where that succeeds.
    pub(super) fn bind_first(places: &[PathBuf]) -> Result<Self, SocketError> {
        let mut reasons = Vec::new();
        for place in places {
            match Self::bind(place) {
                Ok(socket) => return Ok(socket),
                Err(error @ (SocketError::Live(_) | SocketError::InTheWay(_))) => return Err(error),
                Err(error) => reasons.push(error.to_string()),
            }
        }
        Err(SocketError::Nowhere(reasons))
    }

    /// Binds at `path` with mode 0660, creating its folder if needed.
    pub(super) fn bind(path: &Path) -> Result<Self, SocketError> {
        let failed = |error| SocketError::Io { path: path.to_owned(), error };
        let made_folder = make_folder(path).map_err(failed)?;
        clear_way(path)?;
        // Bind under a temporary name, so that nobody can connect before the mode is set.
        let hidden = path.with_extension(format!("{}.new", std::process::id()));
        let listener = UnixListener::bind(&hidden).map_err(failed)?;
        fs::set_permissions(&hidden, fs::Permissions::from_mode(0o660)).map_err(failed)?;
        fs::rename(&hidden, path).map_err(failed)?;
        Ok(Self { listener, path: path.to_owned(), made_folder })
    }

    /// The path of the socket.
    pub fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn listener(&self) -> &UnixListener {
        &self.listener
    }
}

impl Drop for AdminSocket {
    fn drop(&mut self) {
        // Errors do not matter: the file may be gone already, and a folder that others use stays.
        let _ = fs::remove_file(&self.path);
        if let Some(folder) = &self.made_folder {
            let _ = fs::remove_dir(folder);
        }
    }
}

fn make_folder(path: &Path) -> io::Result<Option<PathBuf>> {
    let Some(folder) = path.parent().filter(|it| !it.as_os_str().is_empty() && !it.exists()) else {
        return Ok(None);
    };
    fs::create_dir(folder)?;
    fs::set_permissions(folder, fs::Permissions::from_mode(0o750))?;
    Ok(Some(folder.to_owned()))
}

fn clear_way(path: &Path) -> Result<(), SocketError> {
    let Ok(metadata) = fs::symlink_metadata(path) else { return Ok(()) };
    if !std::os::unix::fs::FileTypeExt::is_socket(&metadata.file_type()) {
        return Err(SocketError::InTheWay(path.to_owned()));
    }
    match std::os::unix::net::UnixStream::connect(path) {
        Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => {
            fs::remove_file(path).map_err(|error| SocketError::Io { path: path.to_owned(), error })
        }
        Err(error) => Err(SocketError::Io { path: path.to_owned(), error }),
        Ok(_) => Err(SocketError::Live(path.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn stale_is_replaced_live_is_refused_foreign_is_left() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("b3lb/admin.sock");
        let first = AdminSocket::bind(&path).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o660);
        assert!(matches!(AdminSocket::bind(&path), Err(SocketError::Live(_))));
        drop(first);
        assert!(!path.parent().unwrap().exists(), "the folder that it made goes with it");

        fs::create_dir(path.parent().unwrap()).unwrap();
        drop(std::os::unix::net::UnixListener::bind(&path).unwrap());
        assert!(path.exists(), "a stale socket");
        drop(AdminSocket::bind(&path).unwrap());
        fs::write(&path, "precious").unwrap();
        assert!(matches!(AdminSocket::bind(&path), Err(SocketError::InTheWay(_))));
        assert_eq!(fs::read(&path).unwrap(), b"precious");
    }
}
