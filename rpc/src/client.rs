//! Connecting to the daemon.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use tarpc::context;
use tokio::net::UnixStream;

use crate::{AdminClient, Hello, PROTOCOL, wire};

/// Why there is no connection.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// Nobody listens at any of the sockets tried.
    #[error("no daemon at {}", .0.iter().map(|p| p.display().to_string()).collect::<Vec<_>>().join(" or "))]
    Unreachable(Vec<PathBuf>),
    /// The socket is there, but this user may not open it.
    #[error("no permission to open {}", .0.display())]
    Permission(PathBuf),
    /// Somebody answers, but not as a daemon does.
    #[error("the daemon at {} does not answer", .0.display())]
    NoAnswer(PathBuf),
    /// The daemon speaks another protocol.
    #[error("the daemon (version {version}) speaks protocol {daemon}, this program speaks {PROTOCOL}")]
    Protocol {
        /// The daemon's protocol number.
        daemon: u32,
        /// The daemon's version.
        version: String,
    },
}

/// A connection whose two sides understand each other.
#[derive(Debug)]
pub struct Connection {
    /// Makes the calls.
    pub client: AdminClient,
    /// What the daemon said of itself.
    pub hello: Hello,
    /// The socket that answered.
    pub socket: PathBuf,
}

/// Connects to the first of `sockets` that answers and greets the daemon.
pub async fn connect(sockets: &[PathBuf]) -> Result<Connection, ConnectError> {
    let mut denied = None;
    for socket in sockets {
        match UnixStream::connect(socket).await {
            Ok(stream) => return greet(stream, socket).await,
            Err(error) if error.kind() == std::io::ErrorKind::PermissionDenied => denied = Some(socket),
            Err(_) => {}
        }
    }
    Err(match denied {
        Some(socket) => ConnectError::Permission(socket.clone()),
        None => ConnectError::Unreachable(sockets.to_vec()),
    })
}

async fn greet(stream: UnixStream, socket: &Path) -> Result<Connection, ConnectError> {
    let client = AdminClient::new(tarpc::client::Config::default(), wire::transport(stream)).spawn();
    let hello = client
        .hello(deadline(Duration::from_secs(10)))
        .await
        .map_err(|_| ConnectError::NoAnswer(socket.to_owned()))?;
    if hello.protocol != PROTOCOL {
        return Err(ConnectError::Protocol { daemon: hello.protocol, version: hello.version });
    }
    Ok(Connection { client, hello, socket: socket.to_owned() })
}

/// A call context that gives the daemon `patience` to answer.
pub fn deadline(patience: Duration) -> context::Context {
    let mut context = context::current();
    context.deadline = Instant::now() + patience;
    context
}
