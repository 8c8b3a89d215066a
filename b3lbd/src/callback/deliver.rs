//! Makes one request to a client's URL.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1;
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HOST, USER_AGENT};
use hyper::{Method, Request};
use hyper_util::rt::TokioIo;
use rustls_platform_verifier::ConfigVerifierExt;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{self, ClientConfig};

use super::Policy;
use super::target::Target;
use crate::nodes::lookup;
use crate::tls::use_ring;

/// Timeout of the whole request.
const TIMEOUT: Duration = Duration::from_secs(10);
/// Maximum size of the answer, in bytes.
const MAX_ANSWER: usize = 64 * 1024;

/// Identifies the callback. Stays the same for all attempts, because a callback may be repeated after a
/// crash.
const DELIVERY: &str = "x-b3lb-delivery";

/// The outcome of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// Status 2xx: delivered.
    Done,
    /// Status 410, or a URL that is not allowed: do not retry.
    Hopeless(String),
    /// Any other failure; may be retried.
    Failed(String),
}

/// A request to be made.
#[derive(Clone, Debug)]
pub struct Message {
    /// The client's URL.
    pub url: String,
    /// Identifies the callback; the same for all attempts.
    pub delivery: String,
    /// JSON to be posted, and its `Authorization` header. If absent, the request is a GET.
    pub json: Option<(Bytes, String)>,
}

/// Makes requests to URLs that the policy allows.
#[derive(Clone, Debug)]
pub struct CallbackClient {
    policy: Policy,
    tls: Arc<ClientConfig>,
}

impl CallbackClient {
    /// Creates a client with this policy, which trusts the system's certificate authorities.
    pub fn new(policy: Policy) -> Result<Self, rustls::Error> {
        use_ring();
        Ok(Self { policy, tls: Arc::new(ClientConfig::with_platform_verifier()?) })
    }

    /// Requests a URL as given: no redirects, 10 s, 64 KiB, and only to addresses that were checked.
    pub async fn call(&self, message: &Message) -> Delivery {
        let target = match Target::parse(&message.url) {
            Ok(target) => target,
            Err(reason) => return Delivery::Hopeless(reason.to_owned()),
        };
        match tokio::time::timeout(TIMEOUT, self.call_checked(&target, message)).await {
            Ok(Ok(status)) => match status {
                200..=299 => Delivery::Done,
                410 => Delivery::Hopeless("status 410".to_owned()),
                other => Delivery::Failed(format!("status {other}")),
            },
            Ok(Err(reason)) => Delivery::Failed(reason),
            Err(_) => Delivery::Failed(format!("no answer within {} s", TIMEOUT.as_secs())),
        }
    }

    async fn call_checked(&self, target: &Target, message: &Message) -> Result<u16, String> {
        let stream = self.connect(target).await?;
        let request = request(target, message).map_err(|error| error.to_string())?;
        if !target.tls {
            return exchange(stream, request).await;
        }
        let name = ServerName::try_from(target.host.clone()).map_err(|error| error.to_string())?;
        let tls = TlsConnector::from(Arc::clone(&self.tls));
        let stream = tls.connect(name, stream).await.map_err(|error| error.to_string())?;
        exchange(stream, request).await
    }

    /// Connects to the first reachable address. The host name is resolved only once, so it cannot change
    /// after the check.
    async fn connect(&self, target: &Target) -> Result<TcpStream, String> {
        let found = match target.host.parse::<IpAddr>() {
            Ok(address) => vec![SocketAddr::new(address, target.port)],
            Err(_) => lookup(&target.host, target.port).await.map_err(|error| error.to_string())?,
        };
        let mut reason = "no address that callbacks may be sent to (B3LB_CALLBACK_NETWORKS)".to_owned();
        for address in found.into_iter().filter(|it| self.policy.allows(it.ip())) {
            match TcpStream::connect(address).await {
                Ok(stream) => return Ok(stream),
                Err(error) => reason = error.to_string(),
            }
        }
        Err(reason)
    }
}

fn request(target: &Target, message: &Message) -> Result<Request<Full<Bytes>>, hyper::http::Error> {
    let request = Request::builder()
        .uri(&target.path)
        .header(HOST, &target.authority)
        .header(USER_AGENT, concat!("b3lbd/", env!("CARGO_PKG_VERSION")))
        .header(DELIVERY, &message.delivery);
    if let Some((json, authorization)) = &message.json {
        let request = request.method(Method::POST).header(CONTENT_TYPE, "application/json");
        return request.header(AUTHORIZATION, authorization).body(Full::new(json.clone()));
    }
    let request = match &target.credentials {
        Some(credentials) => request.header(AUTHORIZATION, credentials),
        None => request,
    };
    request.body(Full::default())
}

/// Sends a request and returns the status of the answer, which must be short.
async fn exchange(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    request: Request<Full<Bytes>>,
) -> Result<u16, String> {
    let (mut sender, connection) =
        http1::handshake(TokioIo::new(stream)).await.map_err(|error| error.to_string())?;
    let read = async {
        let response = sender.send_request(request).await.map_err(|error| error.to_string())?;
        let status = response.status().as_u16();
        let mut body = response.into_body();
        let mut read = 0;
        while let Some(Ok(frame)) = body.frame().await {
            read += frame.data_ref().map_or(0, Bytes::len);
            if read > MAX_ANSWER {
                return Err("the answer is too long".to_owned());
            }
        }
        Ok(status)
    };
    // This future drives the connection, so both end together.
    let mut read = std::pin::pin!(read);
    let mut connection = std::pin::pin!(connection);
    tokio::select! {
        biased;
        result = &mut read => result,
        ended = &mut connection => match ended {
            // The connection may have closed with the last byte of the answer.
            Ok(()) => read.await,
            Err(error) => Err(error.to_string()),
        },
    }
}
