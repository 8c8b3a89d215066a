//! The admin service over a Unix socket: the only way to change anything.

mod assets;
mod clusters;
mod context;
mod meetings;
mod nodes;
mod params;
mod secrets;
mod service;
mod socket;
mod tenants;

use std::path::PathBuf;
use std::sync::Arc;

use futures::StreamExt;
use rpc::{Admin, wire};
use tarpc::server::{BaseChannel, Channel};
use tokio::net::UnixStream;
use tokio_util::sync::CancellationToken;

pub use context::Context;
pub use socket::{AdminSocket, SocketError};

use service::Service;

/// Serves admin calls until `stop`; the socket goes with it.
pub async fn serve(socket: AdminSocket, context: Arc<Context>, stop: CancellationToken) {
    loop {
        let accepted = tokio::select! {
            accepted = socket.listener().accept() => accepted,
            () = stop.cancelled() => return,
        };
        match accepted {
            Ok((stream, _)) => {
                tokio::spawn(serve_connection(stream, Arc::clone(&context)));
            }
            Err(error) => tracing::warn!(%error, "an admin connection could not be accepted"),
        }
    }
}

async fn serve_connection(stream: UnixStream, context: Arc<Context>) {
    let uid = stream.peer_cred().map(|it| it.uid()).ok();
    tracing::debug!(uid, "admin connected");
    let service = Service { context, uid };
    BaseChannel::with_defaults(wire::transport(stream))
        .execute(service.serve())
        .for_each(|call| async {
            tokio::spawn(call);
        })
        .await;
}

/// Binds the admin socket: where it was told, or at the first default place that is writable.
pub fn bind(told: Option<PathBuf>) -> Result<AdminSocket, SocketError> {
    match told {
        Some(path) => AdminSocket::bind(&path),
        None => AdminSocket::bind_first(&wire::default_sockets()),
    }
}
