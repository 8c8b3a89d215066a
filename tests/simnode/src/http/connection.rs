//! One client's connection.

use std::io;
use std::sync::Arc;

use tokio::io::{AsyncRead, AsyncWrite};

use super::reader::{End, Limits, Reader};
use super::{Reply, faulty};
use crate::record::Request;
use crate::shared::Shared;

/// Answers requests until the client, or a fault, ends the connection.
pub(crate) async fn serve(stream: impl AsyncRead + AsyncWrite + Unpin, node: Arc<Shared>) {
    let mut reader = Reader::new(stream, Limits::of(&node.options));
    loop {
        let (head, body) = match reader.next().await {
            Ok(request) => request,
            Err(End::Closed) => return,
            Err(End::Refused(status)) => {
                let reply = Reply::nginx(status);
                if reply.write(&mut reader.stream, false, true).await.is_ok() {
                    reader.close().await;
                }
                return;
            }
        };
        let keep_alive = head.keep_alive;
        let request = node.arrived(Request::new(head, body));
        match answer(&mut reader, &node, &request, keep_alive).await {
            Ok(true) => {}
            Ok(false) | Err(_) => return,
        }
    }
}

/// Answers one request; whether the connection stays open.
async fn answer(
    reader: &mut Reader<impl AsyncRead + AsyncWrite + Unpin>,
    node: &Arc<Shared>,
    request: &Request,
    keep_alive: bool,
) -> io::Result<bool> {
    if let Some(fault) = node.faults.take(&request.call) {
        return faulty::answer(reader, node, request, keep_alive, &fault).await;
    }
    let reply = node.handle(request);
    if !reply.after.is_zero() {
        tokio::time::sleep(reply.after).await;
    }
    reply.write(&mut reader.stream, keep_alive, request.method != "HEAD").await?;
    Ok(keep_alive)
}
