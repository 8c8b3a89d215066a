//! The accept loop: HTTP/1.1, limited headers, graceful shutdown.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::http::{Method, Request, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use hyper::body::{Body, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;

use super::activity::{Activity, Counted};
use super::bodies::drain;
use super::connections::Admitted;
use super::{Connections, Routes, is_index, responses};

/// Maximum size of the header and query, in bytes.
const MAX_HEAD: usize = 64 * 1024;
/// How long to wait after failing to accept a connection, such as without free file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Serves requests until `stop`, then lets pending ones finish for at most `grace`.
pub async fn serve(
    listener: TcpListener,
    routes: Arc<Routes>,
    limit: Arc<Connections>,
    stop: CancellationToken,
    grace: Duration,
) {
    let connections = GracefulShutdown::new();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = stop.cancelled() => break,
        };
        match accepted {
            Ok((stream, peer)) => match limit.admit(peer.ip()) {
                Some(admitted) => serve_connection(&connections, &routes, stream, (peer, admitted)),
                None => turn_away(&stream, peer),
            },
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
    drop(listener);
    if tokio::time::timeout(grace, connections.shutdown()).await.is_err() {
        tracing::warn!("some requests did not finish in time");
    }
}

/// Rejects a connection because there are too many, if the answer can be sent without waiting.
fn turn_away(stream: &TcpStream, peer: SocketAddr) {
    const BUSY: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 5\r\nconnection: close\r\n\
        content-type: text/plain\r\ncontent-length: 22\r\n\r\nToo many connections.\n";
    tracing::debug!(%peer, "too many connections");
    // A client that sends more than we read may not see it.
    let _ = stream.try_write(BUSY);
}

fn serve_connection(
    connections: &GracefulShutdown,
    routes: &Arc<Routes>,
    stream: TcpStream,
    (peer, admitted): (SocketAddr, Admitted),
) {
    // Otherwise the last bytes of an answer may wait for an acknowledgement.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "no TCP_NODELAY");
    }
    let (routes, activity) = (Arc::clone(routes), Arc::new(Activity::default()));
    let stream = TokioIo::new(Counted::new(stream, Arc::clone(&activity)));
    let seen = Arc::clone(&activity);
    let service = service_fn(move |request| {
        let (routes, seen) = (Arc::clone(&routes), Arc::clone(&seen));
        async move { Ok::<_, Infallible>(answer(&routes, peer, &seen, request).await) }
    });
    let connection = http1::Builder::new().max_buf_size(MAX_HEAD).serve_connection(stream, service);
    let connection = connections.watch(connection);
    tokio::spawn(async move {
        let _admitted = admitted;
        tokio::select! {
            result = connection => {
                if let Err(error) = result {
                    tracing::debug!(%peer, %error, "connection failed");
                }
            }
            () = activity.ceases() => tracing::debug!(%peer, "idle connection closed"),
        }
    });
}

async fn answer(
    routes: &Routes,
    peer: SocketAddr,
    activity: &Activity,
    request: Request<Incoming>,
) -> Response {
    activity.request();
    let (parts, body) = request.into_parts();
    let mut body = axum::body::Body::new(body);
    if parts.method != Method::POST && !body.is_end_stream() {
        // No call accepts such a request.
        drain(std::mem::take(&mut body)).await;
    }
    let mut request = Request::from_parts(parts, body);
    if let Some(plain) = plain_path(request.uri()) {
        *request.uri_mut() = plain;
    }
    let response = if request.method() == Method::HEAD && !is_index(request.uri().path()) {
        responses::method_not_allowed("GET, POST")
    } else if head_size(&request) > MAX_HEAD {
        StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE.into_response()
    } else {
        routes.answer(peer, request).await
    };
    activity.answer();
    response
}

/// The same URI with its path normalized as BBB does, if that changes it: repeated slashes are merged, and
/// trailing ones removed.
fn plain_path(uri: &Uri) -> Option<Uri> {
    let path = uri.path();
    if !path.contains("//") && (path.len() <= 1 || !path.ends_with('/')) {
        return None;
    }
    let mut target = String::with_capacity(uri.path_and_query()?.as_str().len());
    for part in path.split('/').filter(|part| !part.is_empty()) {
        target.push('/');
        target.push_str(part);
    }
    if target.is_empty() {
        target.push('/');
    }
    if let Some(query) = uri.query() {
        target.push('?');
        target.push_str(query);
    }
    target.parse().ok()
}

/// Size of path, query and headers in bytes. The limit of the read buffer is not exact, so more may arrive at
/// once.
fn head_size<B>(request: &Request<B>) -> usize {
    let target = request.uri().path_and_query().map_or(0, |it| it.as_str().len());
    let headers = request.headers().iter().map(|(name, value)| name.as_str().len() + value.len());
    target + headers.sum::<usize>()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finding_18_slashes_are_read_generously() {
        let plain = |target: &str| plain_path(&target.parse().unwrap()).map(|it| it.to_string());
        assert_eq!(plain("/bigbluebutton/api/create?a=//b/"), None);
        assert_eq!(plain("/"), None);
        for (target, expected) in [
            ("/bigbluebutton/api//create?a=//b/", "/bigbluebutton/api/create?a=//b/"),
            ("//bigbluebutton///api/join/?x=1", "/bigbluebutton/api/join?x=1"),
            ("/bigbluebutton/", "/bigbluebutton"),
            ("//", "/"),
        ] {
            assert_eq!(plain(target).as_deref(), Some(expected), "{target}");
        }
    }
}
