//! A client for the tests.

use std::sync::LazyLock;
use std::time::Duration;

use simnode::{Hash, Options, SimNode};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Longer than any test should have to wait.
pub(crate) const LONG: Duration = Duration::from_secs(20);
/// How long nothing has to happen to be sure that nothing will.
pub(crate) const SHORT: Duration = Duration::from_millis(60);

/// An answer.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) location: Option<String>,
    pub(crate) content_type: String,
    pub(crate) body: String,
}

impl Answer {
    /// Text of the first element of a name, still escaped.
    pub(crate) fn text(&self, name: &str) -> &str {
        let open = format!("<{name}>");
        let Some(start) = self.body.find(&open) else { return "" };
        let rest = &self.body[start + open.len()..];
        &rest[..rest.find(&format!("</{name}>")).unwrap_or(0)]
    }

    pub(crate) fn key(&self) -> &str {
        self.text("messageKey")
    }

    pub(crate) fn success(&self) -> bool {
        self.status == 200 && self.text("returncode") == "SUCCESS"
    }

    /// Names of all elements, in their order.
    pub(crate) fn elements(&self) -> Vec<&str> {
        let tags = self.body.split('<').skip(1).filter(|tag| !tag.starts_with('/'));
        tags.map(|tag| tag.split(['>', ' ', '/']).next().unwrap()).collect()
    }
}

pub(crate) async fn node() -> SimNode {
    SimNode::start(Options::default()).await.unwrap()
}

pub(crate) fn client() -> reqwest::Client {
    static CLIENT: LazyLock<reqwest::Client> = LazyLock::new(|| {
        // An error says that the process has a provider already.
        let _ = tokio_rustls::rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy();
        // A kept connection would belong to the runtime of the test that opened it.
        client.pool_max_idle_per_host(0).build().unwrap()
    });
    CLIENT.clone()
}

pub(crate) async fn answer(request: reqwest::RequestBuilder) -> Answer {
    let response = request.send().await.unwrap();
    let header = |name| response.headers().get(name).map(|value| value.to_str().unwrap().to_owned());
    Answer {
        status: response.status().as_u16(),
        location: header("location"),
        content_type: header("content-type").unwrap_or_default(),
        body: response.text().await.unwrap(),
    }
}

/// A signed call by GET.
pub(crate) async fn get(node: &SimNode, call: &str, query: &str) -> Answer {
    answer(client().get(node.signed_url(Hash::Sha256, call, query))).await
}

/// A signed call with an XML body.
pub(crate) async fn post(node: &SimNode, call: &str, query: &str, xml: &str) -> Answer {
    let request = client().post(node.signed_url(Hash::Sha1, call, query));
    answer(request.header("content-type", "application/xml").body(xml.to_owned())).await
}

/// Sends bytes and reads until the node closes the connection.
pub(crate) async fn raw(node: &SimNode, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(node.addr()).await.unwrap();
    stream.write_all(bytes).await.unwrap();
    let mut all = Vec::new();
    tokio::time::timeout(LONG, stream.read_to_end(&mut all)).await.unwrap().unwrap();
    String::from_utf8_lossy(&all).into_owned()
}
