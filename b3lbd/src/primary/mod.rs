//! The client of a replica for the primary: whether it answers, and requests that are passed on to it.

mod calls;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use reqwest::header::{
    ACCEPT_ENCODING, CONNECTION, CONTENT_LENGTH, HOST, HeaderMap, HeaderName, HeaderValue, TRANSFER_ENCODING,
};
use reqwest::{Method, StatusCode};

pub use calls::{CALL_PROOF, CallProof, CallsMade, RemoteAdmin};

use crate::role::Epoch;
use crate::state::{Pool, Standing};
use crate::tls::use_ring;

/// Marks a request that a replica has passed on, so that it is not passed on again.
pub const PASSED_ON: HeaderName = HeaderName::from_static("x-b3lb-passed-on");
/// Where a daemon tells whether it is the primary.
const ROLE_PATH: &str = "/b3lb/primary";
/// Where the primary takes calls of admin tools.
const ADMIN_PATH: &str = "/b3lb/admin";
/// What a daemon says there that has nothing left to hand over.
pub const REPLICA: &str = "replica\n";
/// What a former primary says there that has stopped, but can neither read the claims nor copy its last changes.
pub const STOPPED: &str = "stopped, the claims in the store cannot be read\n";
/// What a former primary says there that could not copy its last changes.
pub const REPLICA_WITH_LOSS: &str = "replica, its last changes are not copied\n";
/// Pause between two questions whether the primary answers.
const PROBE_PERIOD: Duration = Duration::from_millis(300);
/// How long its answer may take. Then new meetings are refused, instead of letting clients wait.
const PROBE_TIMEOUT: Duration = Duration::from_millis(600);
/// How long a request may take that is passed on.
const TIMEOUT: Duration = Duration::from_mins(1);

/// Headers that are about one connection.
const OF_A_CONNECTION: [HeaderName; 4] = [ACCEPT_ENCODING, CONNECTION, CONTENT_LENGTH, TRANSFER_ENCODING];
/// A header of proxies, which `Host` replaces.
const FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");

/// A request to be passed on.
#[derive(Clone, Debug)]
pub struct Passed {
    /// Its method.
    pub method: Method,
    /// Its path with the query.
    pub path: String,
    /// Its headers.
    pub headers: HeaderMap,
    /// The host name that the client used, if it is known.
    pub host: Option<String>,
    /// Its body.
    pub body: Bytes,
}

/// What the primary has answered.
#[derive(Clone, Debug)]
pub struct Answered {
    /// The status.
    pub status: StatusCode,
    /// The headers, without those about the connection.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
}

/// What the daemon says that the highest claim names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It is the primary.
    Primary,
    /// It is a replica, and has copied all of its changes.
    Replica,
    /// It is a replica, and could not copy its last changes.
    ReplicaWithLoss,
    /// It has stopped acting as the primary, without copying its last changes.
    Stopped,
    /// It is neither yet: a former primary copies its last changes.
    Neither,
    /// It does not answer.
    Silent,
}

/// Talks to the primary of the store.
#[derive(Clone, Debug)]
pub struct PrimaryClient {
    http: reqwest::Client,
    standing: Arc<Standing>,
}

impl PrimaryClient {
    /// A client that trusts the system's certificate authorities and this additional one, in PEM format.
    pub fn new(standing: Arc<Standing>, authority: Option<&[u8]>) -> Result<Self, reqwest::Error> {
        use_ring();
        let authorities = match authority {
            Some(pem) => reqwest::Certificate::from_pem_bundle(pem)?,
            None => Vec::new(),
        };
        let http = reqwest::Client::builder()
            .user_agent(concat!("b3lbd/", env!("CARGO_PKG_VERSION")))
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .connect_timeout(PROBE_TIMEOUT)
            .timeout(TIMEOUT)
            .tcp_nodelay(true)
            .no_gzip()
            .tls_certs_merge(authorities)
            .build()?;
        Ok(Self { http, standing })
    }

    /// Asks again and again whether the primary answers.
    pub async fn watch(self, pool: Arc<Pool>) {
        loop {
            pool.task_runs.note("primary", pool.clock.wall_ms());
            let url = self.standing.primary().and_then(|it| it.url.clone());
            let answer = match url {
                Some(url) => self.role_of(&url, self.standing.epoch(), None).await,
                None => Answer::Silent,
            };
            self.standing.note_answers(answer == Answer::Primary);
            tokio::time::sleep(PROBE_PERIOD).await;
        }
    }

    /// Asks a daemon for its role. Tells it the highest epoch with a proof, so that a former primary notices.
    pub async fn role_of(&self, url: &str, epoch: Option<Epoch>, proof: Option<&str>) -> Answer {
        let (epoch, proof) = (epoch.map_or(0, Epoch::get), proof.unwrap_or_default());
        let url = format!("{}{ROLE_PATH}?epoch={epoch}&proof={proof}", url.trim_end_matches('/'));
        let Ok(answer) = self.http.get(url).timeout(PROBE_TIMEOUT).send().await else {
            return Answer::Silent;
        };
        match answer.status() {
            StatusCode::OK => Answer::Primary,
            StatusCode::SERVICE_UNAVAILABLE => match answer.text().await {
                Ok(text) if text == REPLICA => Answer::Replica,
                Ok(text) if text == STOPPED => Answer::Stopped,
                Ok(text) if text == REPLICA_WITH_LOSS => Answer::ReplicaWithLoss,
                Ok(_) => Answer::Neither,
                Err(_) => Answer::Silent,
            },
            _ => Answer::Silent,
        }
    }

    /// Passes a request on to the primary as it is. None if this is the primary, the request was passed on already, or
    /// the primary does not answer: then nobody knows what became of the request.
    pub async fn pass_on(&self, request: Passed) -> Option<Answered> {
        if !self.may_ask(&request.headers) {
            return None;
        }
        let url = self.standing.primary()?.url.clone()?;
        let mut headers = request.headers;
        for name in OF_A_CONNECTION.iter().chain([&FORWARDED_HOST]) {
            headers.remove(name);
        }
        headers.insert(PASSED_ON, HeaderValue::from_static("1"));
        if let Some(host) = request.host.and_then(|it| HeaderValue::try_from(it).ok()) {
            headers.insert(HOST, host);
        }
        let url = format!("{}{}", url.trim_end_matches('/'), request.path);
        let asked = self.http.request(request.method, url).headers(headers).body(request.body);
        let answered = async {
            let answer = asked.send().await?;
            let (status, headers) = (answer.status(), answer.headers().clone());
            Ok::<_, reqwest::Error>(Answered { status, headers, body: answer.bytes().await? })
        };
        let mut answered = tokio::select! {
            answered = answered => match answered {
                Ok(answered) => answered,
                Err(error) => {
                    tracing::warn!(error = %error.without_url(), "the primary did not answer a request");
                    return None;
                }
            },
            () = self.standing.primary_is_gone() => return None,
        };
        if matches!(answered.status.as_u16(), 502..=504) {
            let status = answered.status.as_u16();
            tracing::warn!(status, "the proxy of the primary did not get an answer to a request");
            return None;
        }
        for name in OF_A_CONNECTION {
            answered.headers.remove(name);
        }
        Some(answered)
    }

    /// Passes a call of an admin tool on, at this time in milliseconds since 1970, and returns the answer; none if the
    /// primary does not answer, or is of another version.
    pub async fn make_call(&self, at: i64, body: Bytes) -> Option<Bytes> {
        if !self.standing.primary_answers() {
            return None;
        }
        let url = self.standing.primary()?.url.clone()?;
        let proof = CallProof::new(&self.standing.highest_claim()?, at, &body).to_string();
        let url = format!("{}{ADMIN_PATH}", url.trim_end_matches('/'));
        let answered = async {
            let answer = self.http.post(url).header(CALL_PROOF, proof).body(body).send().await?;
            answer.error_for_status()?.bytes().await
        };
        match answered.await {
            Ok(answer) => Some(answer),
            Err(error) => {
                tracing::warn!(error = %error.without_url(), "the primary did not make an admin call");
                None
            }
        }
    }

    /// Whether a request may be passed on, and somebody is there to answer it.
    pub fn may_ask(&self, headers: &HeaderMap) -> bool {
        self.standing.is_replica() && !headers.contains_key(PASSED_ON) && self.standing.primary_answers()
    }
}

/// The name of this machine, for people.
pub fn host_name() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}
