//! The accept loop: HTTP/1.1, limited headers, graceful shutdown.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::extract::connect_info::ConnectInfo;
use axum::http::{Method, Request, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use super::bodies::drain;
use super::connections::Admitted;
use super::{Connections, is_index, responses};

/// Maximum size of the header and query, in bytes.
const MAX_HEAD: usize = 64 * 1024;
/// Bodies larger than this may take long to send.
const LARGE_BODY: u64 = 256 * 1024;
/// Size of the pieces in which such a body is sent.
const PIECE: usize = 512 * 1024;
/// A connection that does not complete a request in this time, or twice that, is closed.
const LONGEST_PAUSE: Duration = Duration::from_mins(1);
/// How long to wait after failing to accept a connection, such as without free file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Serves requests until `stop`, then lets pending ones finish for at most `grace`.
pub async fn serve(
    listener: TcpListener,
    router: Router,
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
                Some(admitted) => serve_connection(&connections, &router, stream, (peer, admitted)),
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
    router: &Router,
    stream: TcpStream,
    (peer, admitted): (SocketAddr, Admitted),
) {
    // Otherwise the last bytes of an answer may wait for an acknowledgement.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "no TCP_NODELAY");
    }
    let (router, life) = (router.clone(), Arc::new(Life::default()));
    let lived = Arc::clone(&life);
    let service = service_fn(move |request| answer(router.clone(), peer, Arc::clone(&lived), request));
    let connection =
        http1::Builder::new().max_buf_size(MAX_HEAD).serve_connection(TokioIo::new(stream), service);
    let connection = connections.watch(connection);
    tokio::spawn(async move {
        let _admitted = admitted;
        tokio::select! {
            result = connection => {
                if let Err(error) = result {
                    tracing::debug!(%peer, %error, "connection failed");
                }
            }
            () = life.is_over() => tracing::debug!(%peer, "idle connection closed"),
        }
    });
}

/// Tracks the activity of a connection, to close it if it sends no requests or does not read its answer. One
/// timer per connection that is never reset is cheaper than one per request.
#[derive(Debug, Default)]
struct Life {
    begun: AtomicU64,
    answered: AtomicU64,
    /// Number of pieces of large answers that were sent.
    sent: AtomicU64,
    /// Number of large answers being sent.
    sending: AtomicU64,
}

impl Life {
    /// Completes once the connection was idle, or an answer made no progress, for a while.
    async fn is_over(&self) {
        let mut before = None;
        loop {
            tokio::time::sleep(LONGEST_PAUSE).await;
            let now = [&self.begun, &self.answered, &self.sent].map(|it| it.load(Ordering::Relaxed));
            let waits_for_peer = now[0] == now[1] || self.sending.load(Ordering::Relaxed) > 0;
            if waits_for_peer && before == Some(now) {
                return;
            }
            before = Some(now);
        }
    }
}

async fn answer(
    router: Router,
    peer: SocketAddr,
    life: Arc<Life>,
    request: Request<Incoming>,
) -> Result<Response, Infallible> {
    life.begun.fetch_add(1, Ordering::Relaxed);
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
        Ok(responses::method_not_allowed("GET, POST"))
    } else if head_size(&request) > MAX_HEAD {
        Ok(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE.into_response())
    } else {
        request.extensions_mut().insert(ConnectInfo(peer));
        router.oneshot(request).await
    };
    response.map(|response| {
        if response.body().size_hint().lower() < LARGE_BODY {
            life.answered.fetch_add(1, Ordering::Relaxed);
            return response;
        }
        let (parts, body) = response.into_parts();
        Response::from_parts(parts, axum::body::Body::new(Sending::new(body, life)))
    })
}

/// A large body that is sent in pieces, to see its progress on a slow connection.
struct Sending {
    body: axum::body::Body,
    /// The rest of the current frame.
    rest: Bytes,
    size: SizeHint,
    life: Arc<Life>,
}

impl Sending {
    fn new(body: axum::body::Body, life: Arc<Life>) -> Self {
        life.sending.fetch_add(1, Ordering::Relaxed);
        Self { size: body.size_hint(), body, rest: Bytes::new(), life }
    }
}

impl Body for Sending {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        if self.rest.is_empty() {
            match std::task::ready!(Pin::new(&mut self.body).poll_frame(context)) {
                Some(Ok(frame)) => match frame.into_data() {
                    Ok(data) => self.rest = data,
                    Err(frame) => return Poll::Ready(Some(Ok(frame))),
                },
                other => return Poll::Ready(other),
            }
        }
        self.life.sent.fetch_add(1, Ordering::Relaxed);
        let piece = self.rest.len().min(PIECE);
        Poll::Ready(Some(Ok(Frame::data(self.rest.split_to(piece)))))
    }

    fn size_hint(&self) -> SizeHint {
        self.size
    }
}

impl Drop for Sending {
    fn drop(&mut self) {
        self.life.sending.fetch_sub(1, Ordering::Relaxed);
        self.life.answered.fetch_add(1, Ordering::Relaxed);
    }
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

    #[tokio::test(start_paused = true)]
    async fn finding_11_a_slow_reader_is_not_cut_off_and_one_that_has_stopped_is() {
        let life = Arc::new(Life::default());
        life.begun.fetch_add(1, Ordering::Relaxed);
        let mut sending = Sending::new(axum::body::Body::from(vec![0; 40 * PIECE]), Arc::clone(&life));
        let begun = tokio::time::Instant::now();
        let over = tokio::spawn({
            let life = Arc::clone(&life);
            async move { life.is_over().await }
        });
        // One piece every fifty seconds, for half an hour.
        for _ in 0..36 {
            tokio::time::sleep(Duration::from_secs(50)).await;
            let piece = std::future::poll_fn(|context| Pin::new(&mut sending).poll_frame(context)).await;
            assert_eq!(piece.unwrap().unwrap().into_data().unwrap().len(), PIECE);
            assert!(!over.is_finished(), "after {:?}", begun.elapsed());
        }
        over.await.unwrap();
        assert!(begun.elapsed() < Duration::from_mins(30) + 3 * LONGEST_PAUSE);
        drop(sending);
        assert_eq!(life.answered.load(Ordering::Relaxed), 1);
    }

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
