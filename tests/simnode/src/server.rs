//! The listening port: open, or really closed.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinSet;

use crate::http::connection;
use crate::shared::Shared;
use crate::task::Task;

/// Connections that may wait to be accepted.
const BACKLOG: u32 = 4_096;
/// Pause after a failed accept, as when no file descriptor is left.
const PAUSE: Duration = Duration::from_millis(10);

/// A port of the node.
pub(crate) enum Port {
    Open {
        close: oneshot::Sender<()>,
        task: Task,
    },
    /// Nobody listens. The socket, if it could be had, keeps the port from being given to
    /// somebody else in the meantime.
    Closed(Option<TcpSocket>),
}

impl Port {
    /// Opens a port; returns its address, with a number if that was left open.
    pub(crate) fn open(addr: SocketAddr, node: Arc<Shared>) -> io::Result<(Self, SocketAddr)> {
        let listener = bind(addr)?.listen(BACKLOG)?;
        let addr = listener.local_addr()?;
        Ok((Self::serve(listener, node), addr))
    }

    fn serve(listener: TcpListener, node: Arc<Shared>) -> Self {
        let (close, closed) = oneshot::channel();
        let task = Task::spawn(accept(listener, node, closed));
        Self::Open { close, task }
    }

    /// Closes the port and all connections; returns when both are closed.
    pub(crate) async fn close(&mut self, addr: SocketAddr, reserve: bool) {
        if let Self::Open { close, task } = std::mem::replace(self, Self::Closed(None)) {
            // An error would say that the task has ended already.
            let _ = close.send(());
            task.ended().await;
        }
        *self = Self::Closed(if reserve { bind(addr).ok() } else { None });
    }

    /// Opens a closed port again.
    pub(crate) fn reopen(&mut self, addr: SocketAddr, node: Arc<Shared>) -> io::Result<()> {
        if let Self::Closed(reserved) = self {
            let socket = reserved.take().map_or_else(|| bind(addr), Ok)?;
            *self = Self::serve(socket.listen(BACKLOG)?, node);
        }
        Ok(())
    }
}

fn bind(addr: SocketAddr) -> io::Result<TcpSocket> {
    let socket = if addr.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    // Connections of the last listener may still be in TIME_WAIT.
    socket.set_reuseaddr(true)?;
    socket.bind(addr)?;
    Ok(socket)
}

async fn accept(listener: TcpListener, node: Arc<Shared>, mut closed: oneshot::Receiver<()>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            _ = &mut closed => break,
            Some(_) = connections.join_next() => {}
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => _ = connections.spawn(serve(stream, Arc::clone(&node))),
                Err(error) => {
                    tracing::warn!(%error, "accept failed");
                    tokio::time::sleep(PAUSE).await;
                }
            },
        }
    }
    drop(listener);
    connections.shutdown().await;
}

async fn serve(stream: TcpStream, node: Arc<Shared>) {
    // Without it the kernel holds small answers back; failing only makes the node slower.
    let _ = stream.set_nodelay(true);
    #[cfg(feature = "tls")]
    if let Some(tls) = &node.tls {
        match tls.accept(stream).await {
            Ok(Some(stream)) => connection::serve(stream, Arc::clone(&node)).await,
            Ok(None) => {}
            Err(error) => tracing::debug!(%error, "no TLS"),
        }
        return;
    }
    connection::serve(stream, node).await;
}
