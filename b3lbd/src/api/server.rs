//! The accept loop: HTTP/1.1, bounded headers, shutdown that lets requests finish.

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

/// Header and query together.
const MAX_HEAD: usize = 64 * 1024;
/// Bytes of a body that may be long on its way.
const LARGE_BODY: u64 = 256 * 1024;
/// Bytes of such a body that are handed out at a time.
const PIECE: usize = 64 * 1024;
/// Without a whole request for so long, or twice that, a connection is closed.
const LONGEST_PAUSE: Duration = Duration::from_mins(1);
/// Before another try when no connection can be accepted, as with no file handle left.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Serves until `stop`; then lets what runs finish, for `grace` at most.
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

/// Says that there are too many connections, if that can be said at once.
fn turn_away(stream: &TcpStream, peer: SocketAddr) {
    const BUSY: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 5\r\nconnection: close\r\n\
        content-type: text/plain\r\ncontent-length: 22\r\n\r\nToo many connections.\n";
    tracing::debug!(%peer, "too many connections");
    // Whoever sends more than it reads misses it.
    let _ = stream.try_write(BUSY);
}

fn serve_connection(
    connections: &GracefulShutdown,
    router: &Router,
    stream: TcpStream,
    (peer, admitted): (SocketAddr, Admitted),
) {
    // Without it the last bytes of an answer may wait for an acknowledgement.
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
                    tracing::debug!(%peer, %error, "connection broke off");
                }
            }
            () = life.is_over() => tracing::debug!(%peer, "idle connection closed"),
        }
    });
}

/// Counts a connection's requests: one that sends none, or takes nothing of its answer, is closed in time. A timer
/// for each connection that is never reset costs less than one for each request.
#[derive(Debug, Default)]
struct Life {
    begun: AtomicU64,
    answered: AtomicU64,
    /// Pieces of large answers that were taken.
    sent: AtomicU64,
    /// Large answers on their way.
    sending: AtomicU64,
}

impl Life {
    /// Ends when no request was under way, or an answer was, and nothing has happened for a while.
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
        // No call takes it.
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

/// A large body, handed out in pieces: on a slow line it takes its time, and whether it moves is seen by them.
struct Sending {
    body: axum::body::Body,
    /// What is left of the frame at hand.
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

/// The same target with its path as BBB reads it, if that is another one: runs of slashes count as one, and one at the
/// end as none.
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

/// Bytes of path, query and headers. The limit of the buffer is not exact: more may come in one piece.
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
        // A piece every fifty seconds, for half an hour.
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
