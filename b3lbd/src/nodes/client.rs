//! The HTTP client for nodes.

use std::time::Duration;

use bytes::Bytes;
use reqwest::header::{CONTENT_TYPE, DATE, HeaderMap, SET_COOKIE};

use super::answer::read_body;
use super::resolver::Resolver;
use super::{NodeAnswer, NodeError};
use crate::bbb::{Params, fetches, sign, signed_form};
use crate::model::Node;
use crate::tls::use_ring;

/// Maximum size of an answer, in bytes.
const MAX_ANSWER: usize = 32 * 1024 * 1024;
/// Content type of a form.
const FORM: &str = "application/x-www-form-urlencoded";
/// Maximum size of a URL in bytes. Web servers in front of BBB accept 8 KiB or less.
const MAX_URL: usize = 4_000;
/// Maximum size of a load answer, in bytes.
const MAX_LOAD_ANSWER: usize = 64 * 1024;

/// URLs and timeouts of nodes.
#[derive(Clone, Debug)]
pub struct NodeSettings {
    /// `https://`.
    pub protocol: String,
    /// `bigbluebutton/api/`.
    pub api_path: String,
    /// `b3lb/load`.
    pub load_path: String,
    /// Timeout for connecting, and for a whole request.
    pub timeout: Duration,
    /// Timeout for a request that makes the node download something.
    pub create_timeout: Duration,
    /// An additional certificate authority in PEM format.
    pub authority: Option<Vec<u8>>,
}

/// The body of a request to a node.
#[derive(Clone, Debug)]
pub enum Body {
    /// XML, passed on unchanged; the parameters are in the URL.
    Xml {
        /// `Content-Type`.
        content_type: String,
        /// The XML.
        bytes: Bytes,
    },
    /// The parameters as a form.
    Form,
}

impl Body {
    /// The XML, if it is XML.
    pub fn xml(&self) -> Option<&[u8]> {
        match self {
            Self::Xml { bytes, .. } => Some(bytes),
            Self::Form => None,
        }
    }
}

/// Whether a text contains at least one PEM certificate, and nothing malformed.
pub fn holds_certificates(pem: &[u8]) -> bool {
    reqwest::Certificate::from_pem_bundle(pem).is_ok_and(|found| !found.is_empty())
}

/// Makes requests to nodes, with persistent connections.
#[derive(Clone, Debug)]
pub struct NodeClient {
    http: reqwest::Client,
    settings: NodeSettings,
}

impl NodeClient {
    /// Creates a client with its own connection pool.
    pub fn new(settings: NodeSettings) -> Result<Self, reqwest::Error> {
        use_ring();
        let authorities = match &settings.authority {
            Some(pem) => reqwest::Certificate::from_pem_bundle(pem)?,
            None => Vec::new(),
        };
        let http = reqwest::Client::builder()
            .user_agent(concat!("b3lbd/", env!("CARGO_PKG_VERSION")))
            .dns_resolver(Resolver)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .connect_timeout(settings.timeout)
            .timeout(settings.timeout)
            .pool_idle_timeout(Duration::from_mins(1))
            .tcp_nodelay(true)
            .tls_certs_merge(authorities)
            .build()?;
        Ok(Self { http, settings })
    }

    /// The timeout of a request.
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

    /// Makes a call: a POST if there is a body; otherwise a GET, or a form if the URL would be too long.
    pub async fn call(
        &self,
        node: &Node,
        call: &str,
        params: &Params,
        body: Option<Body>,
    ) -> Result<NodeAnswer, NodeError> {
        let fetches = fetches(call, params, body.as_ref().and_then(Body::xml));
        let timeout = if fetches { self.settings.create_timeout } else { self.settings.timeout };
        if matches!(body, Some(Body::Form)) {
            return self.post_form(node, call, params, timeout).await;
        }
        let url = self.signed_url(node, call, params);
        let request = match body {
            Some(Body::Xml { content_type, bytes }) => {
                self.http.post(url).header(CONTENT_TYPE, content_type).body(bytes)
            }
            _ if url.len() > MAX_URL && call != "join" => {
                return self.post_form(node, call, params, timeout).await;
            }
            _ => self.http.get(url),
        };
        self.send(request, MAX_ANSWER, timeout).await
    }

    /// Posts the parameters. BBB versions differ in how they sanitize values before checking the signature,
    /// so a node that rejects the form is asked again by URL.
    async fn post_form(
        &self,
        node: &Node,
        call: &str,
        params: &Params,
        timeout: Duration,
    ) -> Result<NodeAnswer, NodeError> {
        let NodeSettings { protocol, api_path, .. } = &self.settings;
        let url = [protocol, node.slug.as_str(), ".", node.domain.as_str(), "/", api_path, call].concat();
        let form = signed_form(node.cluster.algorithm, call, params, node.secret.reveal());
        let request = self.http.post(url).header(CONTENT_TYPE, FORM).body(form);
        let answer = self.send(request, MAX_ANSWER, timeout).await?;
        if memchr::memmem::find(&answer.body, b"<messageKey>checksumError<").is_none() {
            return Ok(answer);
        }
        self.send(self.http.get(self.signed_url(node, call, params)), MAX_ANSWER, timeout).await
    }

    /// The address of a node: host, port, and whether it uses TLS.
    pub(super) fn place(&self, node: &Node) -> (String, u16, bool) {
        let tls = self.settings.protocol.starts_with("https");
        let fqdn = node.fqdn();
        match fqdn.rsplit_once(':').and_then(|(host, port)| Some((host.to_owned(), port.parse().ok()?))) {
            Some((host, port)) => (host, port, tls),
            None => (fqdn, if tls { 443 } else { 80 }, tls),
        }
    }

    /// The URL that people know as a node's BBB server; it ends before `api/`.
    pub fn server_url(&self, node: &Node) -> String {
        let NodeSettings { protocol, api_path, .. } = &self.settings;
        format!("{protocol}{}/{}", node.fqdn(), api_path.strip_suffix("api/").unwrap_or(api_path))
    }

    /// The answer to an unsigned request without a call, and its `Date` header.
    pub(super) async fn root(&self, node: &Node) -> Result<(NodeAnswer, Option<String>), NodeError> {
        let NodeSettings { protocol, api_path, timeout, .. } = &self.settings;
        let url = format!("{protocol}{}/{}", node.fqdn(), api_path.trim_end_matches('/'));
        let response = self.http.get(url).send().await.map_err(|error| NodeError::of(error, *timeout))?;
        let date = response.headers().get(DATE).and_then(|it| it.to_str().ok()).map(str::to_owned);
        Ok((Self::read(response, MAX_LOAD_ANSWER, *timeout).await?, date))
    }

    /// The answer of the node's load URL.
    pub(super) async fn load(&self, node: &Node) -> Result<NodeAnswer, NodeError> {
        let NodeSettings { protocol, load_path, .. } = &self.settings;
        let request = self.http.get(format!("{protocol}{}/{load_path}", node.fqdn()));
        self.send(request, MAX_LOAD_ANSWER, self.settings.timeout).await
    }

    async fn send(
        &self,
        request: reqwest::RequestBuilder,
        limit: usize,
        timeout: Duration,
    ) -> Result<NodeAnswer, NodeError> {
        let response =
            request.timeout(timeout).send().await.map_err(|error| NodeError::of(error, timeout))?;
        Self::read(response, limit, timeout).await
    }

    async fn read(
        response: reqwest::Response,
        limit: usize,
        timeout: Duration,
    ) -> Result<NodeAnswer, NodeError> {
        let status = response.status().as_u16();
        let content_type = content_type(response.headers());
        let cookies = response.headers().get_all(SET_COOKIE).iter();
        let cookies = cookies.filter_map(|it| it.to_str().ok().map(str::to_owned)).collect();
        let body = read_body(response, limit, timeout).await?;
        Ok(NodeAnswer { status, content_type, body, cookies })
    }
}

fn content_type(headers: &HeaderMap) -> Option<String> {
    Some(headers.get(CONTENT_TYPE)?.to_str().ok()?.to_owned())
}
