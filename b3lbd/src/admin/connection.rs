//! A connection of an admin tool: its user, its limits, and its end.

use std::io;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use futures::StreamExt;
use rpc::{ClientInfo, wire};
use tarpc::ChannelError;
use tarpc::server::limits::requests_per_channel::MaxRequests;
use tarpc::server::{BaseChannel, Channel};
use tokio::net::UnixStream;
use tokio_io_timeout::TimeoutWriter;

use super::Context;
use super::backup::Made;
use super::operator::Operator;
use super::remote::Answers;
use super::watch::RateLimit;

/// Maximum number of concurrent calls on a connection.
const CALLS: usize = 64;
/// A connection whose client reads nothing for this long is closed.
const TIMEOUT: Duration = Duration::from_secs(30);

/// The state of a connection.
#[derive(Debug)]
pub(super) struct Connection {
    context: Arc<Context>,
    user: String,
    caller: OnceLock<ClientInfo>,
    pub(super) rate_limit: RateLimit,
    made: OnceLock<Made>,
}

impl Connection {
    pub(super) fn new(context: Arc<Context>, user: String) -> Self {
        let (caller, made) = (OnceLock::new(), OnceLock::new());
        Self { context, user, caller, rate_limit: RateLimit::default(), made }
    }

    /// The operator who uses the connection.
    pub(super) fn operator(&self) -> Operator {
        let caller = self.caller.get();
        let program = caller.map(|it| it.program.as_str()).filter(|it| !it.is_empty()).unwrap_or("a tool");
        let origin = match caller.and_then(|it| it.origin.as_deref()) {
            Some(far) => format!("{program} over ssh from {far}"),
            None => program.to_owned(),
        };
        Operator { context: Arc::clone(&self.context), who: self.user.clone(), origin }
    }

    /// Whether the client wants every change refused.
    pub(super) fn is_read_only(&self) -> bool {
        self.caller.get().is_some_and(|it| it.read_only)
    }

    /// The user name for the audit log.
    pub(super) fn user(&self) -> &str {
        &self.user
    }

    /// The client's description of itself.
    pub(super) fn caller(&self) -> ClientInfo {
        self.caller.get().cloned().unwrap_or_default()
    }

    pub(super) fn context(&self) -> &Arc<Context> {
        &self.context
    }

    /// Stores the client's description of itself. Only the first one counts.
    pub(super) fn introduce(&self, caller: ClientInfo) {
        let clean = |text: String| text.chars().filter(|c| !c.is_control()).take(200).collect::<String>();
        let (program, origin) = (clean(caller.program), caller.origin.map(clean));
        let caller = ClientInfo { program, origin, ..caller };
        let _ = self.caller.set(caller);
    }

    /// The database copies of this connection.
    pub(super) fn copies(&self) -> &Made {
        self.made.get_or_init(|| Made::by(self.operator()))
    }
}

/// Serves a connection until it is closed.
pub(super) async fn serve(stream: UnixStream, context: Arc<Context>) {
    let uid = stream.peer_cred().map(|it| it.uid()).ok();
    let user = tokio::task::spawn_blocking(move || name_of(uid)).await.unwrap_or_default();
    tracing::debug!(user, "admin connected");
    let connection = Arc::new(Connection::new(context, user.clone()));
    let mut patient = TimeoutWriter::new(stream);
    patient.set_timeout(Some(TIMEOUT));
    let channel = BaseChannel::with_defaults(wire::server_transport(Box::pin(patient)));
    let requests = MaxRequests::new(channel, CALLS).requests();
    let mut requests = std::pin::pin!(requests);
    while let Some(request) = requests.next().await {
        match request {
            Ok(request) => {
                tokio::spawn(request.execute(Answers { connection: Arc::clone(&connection) }));
            }
            Err(error) => {
                tracing::warn!(user, reason = reason(&error), "an admin connection was dropped");
                return;
            }
        }
    }
    tracing::debug!(user, "admin disconnected");
}

/// Describes why a connection was closed.
fn reason(error: &ChannelError<io::Error>) -> String {
    let (ChannelError::Read(cause)
    | ChannelError::Ready(cause)
    | ChannelError::Write(cause)
    | ChannelError::Flush(cause)
    | ChannelError::Close(cause)) = error;
    if is_timeout(cause) { format!("it has not read its answers for {TIMEOUT:?}") } else { cause.to_string() }
}

/// Whether an error is a timeout, possibly wrapped in other errors.
fn is_timeout(error: &io::Error) -> bool {
    let inner = error.get_ref().and_then(|it| it.downcast_ref::<io::Error>());
    error.kind() == io::ErrorKind::TimedOut || inner.is_some_and(is_timeout)
}

/// The name of a user, such as `ada (1000)`.
fn name_of(uid: Option<u32>) -> String {
    let Some(uid) = uid else { return "unknown".to_owned() };
    match nix::unistd::User::from_uid(nix::unistd::Uid::from_raw(uid)) {
        Ok(Some(user)) => format!("{} ({uid})", user.name),
        _ => format!("uid {uid}"),
    }
}
