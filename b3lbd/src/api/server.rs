//! The accept loop: HTTP/1.1, bounded headers, shutdown that lets requests finish.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::Router;
use axum::extract::connect_info::ConnectInfo;
use axum::http::{Method, Request, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use http_body_util::BodyExt;
use hyper::body::{Body, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use super::bodies::drain;
use super::{is_index, responses};

/// Header and query together.
const MAX_HEAD: usize = 64 * 1024;
/// Bytes of a body that may be long on its way.
const LARGE_BODY: u64 = 256 * 1024;
/// Without a whole request for so long, or twice that, a connection is closed.
const LONGEST_PAUSE: Duration = Duration::from_mins(1);
/// Before another try when no connection can be accepted, as with no file handle left.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Serves until `stop`; then lets what runs finish, for `grace` at most.
pub async fn serve(listener: TcpListener, router: Router, stop: CancellationToken, grace: Duration) {
    let connections = GracefulShutdown::new();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = stop.cancelled() => break,
        };
        match accepted {
            Ok((stream, peer)) => serve_connection(&connections, &router, stream, peer),
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

fn serve_connection(connections: &GracefulShutdown, router: &Router, stream: TcpStream, peer: SocketAddr) {
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
        tokio::select! {
            result = connection => {
                if let Err(error) = result {
                    tracing::debug!(%peer, %error, "connection broke off");
                }
            }
            () = life.idle() => tracing::debug!(%peer, "idle connection closed"),
        }
    });
}

/// Counts a connection's requests: one that sends none is closed in time. A timer for each connection
/// that is never reset costs less than one for each request.
#[derive(Debug, Default)]
struct Life {
    begun: AtomicU64,
    answered: AtomicU64,
}

impl Life {
    /// Ends when no request was under way and none has begun for a while.
    async fn idle(&self) {
        let mut before = None;
        loop {
            tokio::time::sleep(LONGEST_PAUSE).await;
            let begun = self.begun.load(Ordering::Relaxed);
            if begun == self.answered.load(Ordering::Relaxed) && before == Some(begun) {
                return;
            }
            before = Some(begun);
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
    response.map(|response| until_sent(response, Answered(life)))
}

/// Counts a request as answered when it is dropped.
struct Answered(Arc<Life>);

impl Drop for Answered {
    fn drop(&mut self) {
        self.0.answered.fetch_add(1, Ordering::Relaxed);
    }
}

/// A large body takes its time on a slow line: the request is answered when the last of it is out.
fn until_sent(response: Response, answered: Answered) -> Response {
    if response.body().size_hint().lower() < LARGE_BODY {
        return response;
    }
    response.map(|body| {
        axum::body::Body::new(body.map_frame(move |frame| {
            let _ = &answered;
            frame
        }))
    })
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
