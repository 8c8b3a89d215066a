//! Connecting to the daemon.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use tarpc::context;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::UnixStream;

use crate::ssh::LastWords;
use crate::{AdminClient, Caller, Hello, PROTOCOL, Target, wire};

/// How long the greeting may take.
const GREETING: Duration = Duration::from_secs(10);

/// Why there is no connection.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// Nobody listens at any of the sockets tried.
    #[error("no daemon at {}", .0.iter().map(|p| p.display().to_string()).collect::<Vec<_>>().join(" or "))]
    Unreachable(Vec<PathBuf>),
    /// The socket is there, but this user may not open it.
    #[error("no permission to open {}", .0.display())]
    Permission(PathBuf),
    /// The other machine cannot be reached, or has no daemon.
    #[error("{host}: {reason}")]
    Ssh {
        /// The machine.
        host: String,
        /// What `ssh` or the far side says.
        reason: String,
    },
    /// Somebody answers, but not as a daemon does.
    #[error("the daemon at {0} does not answer")]
    NoAnswer(String),
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
    /// Where it is, such as `unix:/run/b3lb/admin.sock`.
    pub place: String,
    /// What `ssh` complained of last, if the daemon is on another machine.
    pub last_words: Option<LastWords>,
    /// The far side goes when this goes.
    _ssh: Option<tokio::process::Child>,
}

/// Connects to the daemon and greets it. `program` is name and version of the caller; with `may_ask`, ssh
/// may ask for a password on the terminal.
pub async fn connect(target: &Target, program: &str, may_ask: bool) -> Result<Connection, ConnectError> {
    let mut caller = Caller { program: program.to_owned(), origin: None };
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

/// The first of these sockets that connects.
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

async fn greet<S>(stream: S, place: &str, caller: Caller) -> Result<(AdminClient, Hello), ConnectError>
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

/// A call context that gives the daemon `patience` to answer.
pub fn deadline(patience: Duration) -> context::Context {
    let mut context = context::current();
    context.deadline = Instant::now() + patience;
    context
}
