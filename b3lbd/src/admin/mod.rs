//! The admin service over a Unix socket: the only way to change anything.

mod api_mate;
mod assets;
mod backup;
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
mod secrets;
mod service;
mod socket;
mod status;
mod tenants;
mod watch;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use rpc::wire;
use tokio_util::sync::CancellationToken;

pub use context::{AdminSettings, Context};
pub use socket::{AdminSocket, SocketError};

/// After a connection could not be accepted.
const PAUSE_ON_TROUBLE: Duration = Duration::from_millis(500);

/// Serves admin calls until `stop`; the socket goes with it.
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
                // Out of file descriptors, most likely: that does not pass at once.
                tokio::time::sleep(PAUSE_ON_TROUBLE).await;
            }
        }
    }
}

/// Binds the admin socket: where it was told, or at the first default place that is writable.
pub fn bind(told: Option<PathBuf>) -> Result<AdminSocket, SocketError> {
    match told {
        Some(path) => AdminSocket::bind(&path),
        None => AdminSocket::bind_first(&wire::default_sockets()),
    }
}
