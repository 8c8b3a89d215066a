//! The HTTP client for nodes.

use std::time::Duration;

use bytes::Bytes;
use reqwest::header::{CONTENT_TYPE, DATE, HeaderMap};

use super::answer::read_body;
use super::resolver::Resolver;
use super::{NodeAnswer, NodeError};
use crate::bbb::{Params, sign};
use crate::model::Node;

/// Largest answer that is read.
const MAX_ANSWER: usize = 32 * 1024 * 1024;
/// Largest load answer that is read.
const MAX_LOAD_ANSWER: usize = 64 * 1024;

/// Where nodes have their things, and how long they may take.
#[derive(Clone, Debug)]
pub struct NodeSettings {
    /// `https://`.
    pub protocol: String,
    /// `bigbluebutton/api/`.
    pub api_path: String,
    /// `b3lb/load`.
    pub load_path: String,
    /// For a whole request.
    pub timeout: Duration,
}

/// A request body that goes to a node as it came.
#[derive(Clone, Debug)]
pub struct Body {
    /// `Content-Type`.
    pub content_type: String,
    /// The body.
    pub bytes: Bytes,
}

/// Asks nodes; connections are kept.
#[derive(Clone, Debug)]
pub struct NodeClient {
    http: reqwest::Client,
    settings: NodeSettings,
}

impl NodeClient {
    /// A client with its own pool of connections.
    pub fn new(settings: NodeSettings) -> Result<Self, reqwest::Error> {
        let http = reqwest::Client::builder()
            .user_agent(concat!("b3lbd/", env!("CARGO_PKG_VERSION")))
            .dns_resolver(Resolver)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .connect_timeout(settings.timeout)
            .timeout(settings.timeout)
            .pool_idle_timeout(Duration::from_mins(1))
            .tcp_nodelay(true)
            .build()?;
        Ok(Self { http, settings })
    }

    /// How long a request may take.
    pub fn timeout(&self) -> Duration {
        self.settings.timeout
    }

    /// The signed URL of a call to a node.
    pub fn signed_url(&self, node: &Node, call: &str, params: &Params) -> String {
        let query = params.encode();
        let checksum = sign(node.cluster.algorithm, call, query.as_bytes(), node.secret.reveal());
        let NodeSettings { protocol, api_path, .. } = &self.settings;
        let (slug, domain) = (node.slug.as_str(), node.domain.as_str());
        let separator = if query.is_empty() { "" } else { "&" };
        let parts = [
            protocol,
            slug,
            ".",
            domain,
            "/",
            api_path,
            call,
            "?",
            &query,
            separator,
            "checksum=",
            &checksum,
        ];
        parts.concat()
    }

    /// Makes a call: with a body by POST, else by GET.
    pub async fn call(
        &self,
        node: &Node,
        call: &str,
        params: &Params,
        body: Option<Body>,
    ) -> Result<NodeAnswer, NodeError> {
        let url = self.signed_url(node, call, params);
        let request = match body {
            Some(Body { content_type, bytes }) => {
                self.http.post(url).header(CONTENT_TYPE, content_type).body(bytes)
            }
            None => self.http.get(url),
        };
        self.send(request, MAX_ANSWER).await
    }

    /// Where a node is reached: host, port, and whether by TLS.
    pub(super) fn place(&self, node: &Node) -> (String, u16, bool) {
        let tls = self.settings.protocol.starts_with("https");
        let fqdn = node.fqdn();
        match fqdn.rsplit_once(':').and_then(|(host, port)| Some((host.to_owned(), port.parse().ok()?))) {
            Some((host, port)) => (host, port, tls),
            None => (fqdn, if tls { 443 } else { 80 }, tls),
        }
    }

    /// The URL that people give as a node's BBB server, which ends before `api/`.
    pub fn server_url(&self, node: &Node) -> String {
        let NodeSettings { protocol, api_path, .. } = &self.settings;
        format!("{protocol}{}/{}", node.fqdn(), api_path.strip_suffix("api/").unwrap_or(api_path))
    }

    /// The answer of a node's API to a request without a call, which nobody signs, and its `Date`.
    pub(super) async fn root(&self, node: &Node) -> Result<(NodeAnswer, Option<String>), NodeError> {
        let NodeSettings { protocol, api_path, timeout, .. } = &self.settings;
        let url = format!("{protocol}{}/{}", node.fqdn(), api_path.trim_end_matches('/'));
        let response = self.http.get(url).send().await.map_err(|error| NodeError::of(error, *timeout))?;
        let date = response.headers().get(DATE).and_then(|it| it.to_str().ok()).map(str::to_owned);
        Ok((self.read(response, MAX_LOAD_ANSWER).await?, date))
    }

    /// The body of the node's load URL.
    pub(super) async fn load(&self, node: &Node) -> Result<NodeAnswer, NodeError> {
        let NodeSettings { protocol, load_path, .. } = &self.settings;
        self.send(self.http.get(format!("{protocol}{}/{load_path}", node.fqdn())), MAX_LOAD_ANSWER).await
    }

    async fn send(&self, request: reqwest::RequestBuilder, limit: usize) -> Result<NodeAnswer, NodeError> {
        let timeout = self.settings.timeout;
        let response = request.send().await.map_err(|error| NodeError::of(error, timeout))?;
        self.read(response, limit).await
    }

    async fn read(&self, response: reqwest::Response, limit: usize) -> Result<NodeAnswer, NodeError> {
        let timeout = self.settings.timeout;
        let status = response.status().as_u16();
        let content_type = content_type(response.headers());
        let body = read_body(response, limit, timeout).await?;
        Ok(NodeAnswer { status, content_type, body })
    }
}

fn content_type(headers: &HeaderMap) -> Option<String> {
    Some(headers.get(CONTENT_TYPE)?.to_str().ok()?.to_owned())
}
