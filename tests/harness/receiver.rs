//! Somebody who waits for callbacks.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use axum::response::Response;
use bytes::Bytes;
use futures::stream;
use parking_lot::Mutex;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// What a receiver answers.
#[derive(Clone, Debug)]
pub enum Reply {
    /// This status.
    Status(u16),
    /// A redirect to this URL.
    Redirect(String),
    /// 200 and a body that never ends.
    Endless,
}

/// What was posted.
#[derive(Clone, Debug)]
pub struct Post {
    /// Path and query.
    pub target: String,
    /// `Authorization`.
    pub authorization: String,
    /// The body.
    pub body: Bytes,
}

/// Records the path and query of each call, its delivery id, and what was posted.
#[derive(Debug)]
pub struct Receiver {
    address: SocketAddr,
    calls: Arc<Mutex<Vec<(String, String)>>>,
    posts: Arc<Mutex<Vec<Post>>>,
    server: JoinHandle<()>,
}

impl Receiver {
    /// A receiver on a free port.
    pub async fn start(reply: Reply) -> Self {
        Self::start_at(SocketAddr::from(([127, 0, 0, 1], 0)), reply).await
    }

    /// A receiver at a certain address.
    ///
    /// # Panics
    /// If that is taken.
    pub async fn start_at(address: SocketAddr, reply: Reply) -> Self {
        let listener = TcpListener::bind(address).await.expect("a free address");
        let address = listener.local_addr().expect("it is bound");
        let calls: Arc<Mutex<Vec<(String, String)>>> = Arc::default();
        let posts: Arc<Mutex<Vec<Post>>> = Arc::default();
        let (seen, posted) = (Arc::clone(&calls), Arc::clone(&posts));
        let router = Router::new().fallback(move |request: Request<Body>| {
            let header = |name: &str| {
                let value = request.headers().get(name).and_then(|it| it.to_str().ok());
                value.unwrap_or_default().to_owned()
            };
            let (target, authorization) = (request.uri().to_string(), header("authorization"));
            seen.lock().push((target.clone(), header("x-b3lb-delivery")));
            let (reply, posted) = (reply.clone(), Arc::clone(&posted));
            async move {
                if request.method() == Method::POST {
                    let body =
                        axum::body::to_bytes(request.into_body(), usize::MAX).await.unwrap_or_default();
                    posted.lock().push(Post { target, authorization, body });
                }
                answer(reply)
            }
        });
        let server = tokio::spawn(async move { axum::serve(listener, router).await.expect("it serves") });
        Self { address, calls, posts, server }
    }

    /// Its URL with this path and query.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Path and query of each call so far.
    pub fn calls(&self) -> Vec<String> {
        self.calls.lock().iter().map(|(target, _)| target.clone()).collect()
    }

    /// What was posted so far.
    pub fn posts(&self) -> Vec<Post> {
        self.posts.lock().clone()
    }

    /// The delivery id of each call so far, empty where it had none.
    pub fn deliveries(&self) -> Vec<String> {
        self.calls.lock().iter().map(|(_, delivery)| delivery.clone()).collect()
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.server.abort();
    }
}

fn answer(reply: Reply) -> Response {
    let response = Response::builder();
    let response = match reply {
        Reply::Status(status) => {
            response.status(StatusCode::from_u16(status).expect("a status")).body(Body::empty())
        }
        Reply::Redirect(url) => response.status(302).header("location", url).body(Body::empty()),
        Reply::Endless => {
            let chunks = stream::repeat_with(|| Ok::<_, std::io::Error>("x".repeat(4096)));
            response.status(200).body(Body::from_stream(chunks))
        }
    };
    response.expect("a response")
}
