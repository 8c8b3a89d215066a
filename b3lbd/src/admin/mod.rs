//! The admin service on a Unix socket. All configuration changes go through it.

mod api_mate;
mod assets;
mod backup;
mod capacity;
mod check;
mod clusters;
mod config;
mod connection;
mod context;
mod events;
mod groups;
mod meetings;
mod nodes;
mod operator;
mod page;
mod params;
mod pool_history;
mod remote;
mod replication;
mod secrets;
mod service;
mod socket;
mod status;
mod tenants;
mod usage;
mod watch;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use rpc::wire;
use tokio_util::sync::CancellationToken;

pub use context::{AdminSettings, Context};
pub use socket::{AdminSocket, SocketError};

/// How long to wait after failing to accept a connection.
const RETRY_DELAY: Duration = Duration::from_millis(500);

/// Serves admin calls until `stop`, then removes the socket.
pub async fn serve(socket: AdminSocket, context: Arc<Context>, stop: CancellationToken) {
    loop {
        let accepted = tokio::select! {
            accepted = socket.listener().accept() => accepted,
            () = stop.cancelled() => return,
        };
        match accepted {
            Ok((stream, _)) => {
                tokio::spawn(connection::serve(stream, Arc::clone(&context)));
            }
            Err(error) => {
                tracing::warn!(%error, "an admin connection could not be accepted");
                // Most likely there are no file descriptors left, which does not resolve itself immediately.
                tokio::time::sleep(RETRY_DELAY).await;
            }
        }
    }
}

/// Binds the admin socket at the given path, or at the first default path that is writable.
pub fn bind(path: Option<PathBuf>) -> Result<AdminSocket, SocketError> {
    match path {
        Some(path) => AdminSocket::bind(&path),
        None => AdminSocket::bind_first(&wire::default_sockets()),
    }
}
