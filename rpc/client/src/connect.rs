//! Connecting to the daemon.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use rpc::{AdminClient, ClientInfo, Hello, PROTOCOL, wire};
use tarpc::context;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::UnixStream;

use crate::{LastWords, Target};

/// Timeout of the first call.
const GREETING: Duration = Duration::from_secs(10);

/// Why there is no connection.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// No daemon listens on any of the sockets tried.
    #[error("no daemon at {}", .0.iter().map(|p| p.display().to_string()).collect::<Vec<_>>().join(" or "))]
    Unreachable(Vec<PathBuf>),
    /// The socket is there, but this user may not open it.
    #[error("no permission to open {}", .0.display())]
    Permission(PathBuf),
    /// The remote host cannot be reached, or runs no daemon.
    #[error("{host}: {reason}")]
    Ssh {
        /// The remote host.
        host: String,
        /// What `ssh` or the remote side reports.
        reason: String,
    },
    /// Something listens there, but does not answer like a daemon.
    #[error("the daemon at {0} does not answer")]
    NoAnswer(String),
    /// The daemon speaks a different protocol version.
    #[error("the daemon (version {version}) speaks protocol {daemon}, this program speaks {PROTOCOL}")]
    Protocol {
        /// The daemon's protocol version.
        daemon: u32,
        /// The daemon's version.
        version: String,
    },
}

/// An established connection; both sides speak the same protocol.
#[derive(Debug)]
pub struct Connection {
    /// Makes the calls.
    pub client: AdminClient,
    /// The daemon's answer to the first call.
    pub hello: Hello,
    /// The daemon's address, such as `unix:/run/b3lb/admin.sock`.
    pub place: String,
    /// The last error line of `ssh`, if the daemon is on another machine.
    pub last_words: Option<LastWords>,
    /// Kills `ssh` when the connection is dropped.
    _ssh: Option<tokio::process::Child>,
}

/// Connects to the daemon and checks its protocol version. `caller` can be just its name and version. If `may_ask` is
/// set, ssh may prompt for a password on the terminal.
pub async fn connect(
    target: &Target,
    caller: impl Into<ClientInfo>,
    may_ask: bool,
) -> Result<Connection, ConnectError> {
    let mut caller = caller.into();
    if let Target::Ssh(host) = target {
        let failed = |reason| ConnectError::Ssh { host: host.to_string(), reason };
        let link = host.open(may_ask).await.map_err(failed)?;
        caller.origin = Some(link.origin.unwrap_or_else(|| "ssh".to_owned()));
        let (client, hello) = greet(link.stream, &host.to_string(), caller).await?;
        let (last_words, ssh) = (Some(link.last_words), Some(link.child));
        return Ok(Connection { client, hello, place: host.to_string(), last_words, _ssh: ssh });
    }
    let (stream, path) = first_socket(target.sockets()).await?;
    let place = format!("unix:{}", path.display());
    let (client, hello) = greet(stream, &place, caller).await?;
    Ok(Connection { client, hello, place, last_words: None, _ssh: None })
}

/// Connects to the first of these sockets that accepts a connection.
pub async fn first_socket(sockets: Vec<PathBuf>) -> Result<(UnixStream, PathBuf), ConnectError> {
    let mut denied = None;
    for socket in &sockets {
        match UnixStream::connect(socket).await {
            Ok(stream) => return Ok((stream, socket.clone())),
            Err(error) if error.kind() == std::io::ErrorKind::PermissionDenied => {
                denied = Some(socket.clone());
            }
            Err(_) => {}
        }
    }
    Err(denied.map_or(ConnectError::Unreachable(sockets), ConnectError::Permission))
}

async fn greet<S>(stream: S, place: &str, caller: ClientInfo) -> Result<(AdminClient, Hello), ConnectError>
where
    S: AsyncRead + AsyncWrite + Send + 'static,
{
    let client = AdminClient::new(tarpc::client::Config::default(), wire::transport(stream)).spawn();
    let hello = client
        .hello(deadline(GREETING), caller)
        .await
        .map_err(|_| ConnectError::NoAnswer(place.to_owned()))?;
    if hello.protocol != PROTOCOL {
        return Err(ConnectError::Protocol { daemon: hello.protocol, version: hello.version });
    }
    Ok((client, hello))
}

/// A call context whose deadline is `timeout` from now.
pub fn deadline(timeout: Duration) -> context::Context {
    let mut context = context::current();
    context.deadline = Instant::now() + timeout;
    context
}
