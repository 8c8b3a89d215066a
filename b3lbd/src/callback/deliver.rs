//! One call of a client's URL.

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

/// For the whole call.
const TIMEOUT: Duration = Duration::from_secs(10);
/// Bytes of the answer that are read.
const MAX_ANSWER: usize = 64 * 1024;

/// Tells a receiver which callback it is, the same at each try: after a crash of ours one may come twice.
const DELIVERY: &str = "x-b3lb-delivery";

/// What came of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// 2xx: the receiver has it.
    Done,
    /// 410, or a URL that may never be called: no further try.
    Hopeless(String),
    /// Anything else; may be tried again.
    Failed(String),
}

/// A call that is to be made.
#[derive(Clone, Debug)]
pub struct Message {
    /// The client's URL.
    pub url: String,
    /// Names the callback; a repetition has the same.
    pub delivery: String,
    /// JSON that is posted, and its `Authorization`. Without it the URL is fetched.
    pub json: Option<(Bytes, String)>,
}

/// Calls URLs under a policy.
#[derive(Clone, Debug)]
pub struct CallbackClient {
    policy: Policy,
    tls: Arc<ClientConfig>,
}

impl CallbackClient {
    /// A client under this policy. Trusts whom the system trusts.
    pub fn new(policy: Policy) -> Result<Self, rustls::Error> {
        use_ring();
        Ok(Self { policy, tls: Arc::new(ClientConfig::with_platform_verifier()?) })
    }

    /// Calls a URL as it was given: no redirects, 10 s, 64 KiB, and only at addresses that were checked.
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

    /// Connects to the first of the addresses that answers; a name cannot lead elsewhere after the check.
    async fn connect(&self, target: &Target) -> Result<TcpStream, String> {
        let found = match target.host.parse::<IpAddr>() {
            Ok(address) => vec![SocketAddr::new(address, target.port)],
            Err(_) => lookup(&target.host, target.port).await.map_err(|error| error.to_string())?,
        };
        let mut reason = "no address that callbacks may go to (B3LB_CALLBACK_NETWORKS)".to_owned();
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

/// Sends a request; the status of the answer, which must not be long.
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
    // The connection is driven by this future alone, and ends with it.
    let mut read = std::pin::pin!(read);
    let mut connection = std::pin::pin!(connection);
    tokio::select! {
        biased;
        result = &mut read => result,
        ended = &mut connection => match ended {
            // It may have ended with the last byte of the answer.
            Ok(()) => read.await,
            Err(error) => Err(error.to_string()),
        },
    }
}
