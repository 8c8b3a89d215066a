//! TLS in front of a node, as every real node has it.

mod authority;

use std::io;
use std::sync::Arc;

use parking_lot::RwLock;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::{CryptoProvider, ring};
use tokio_rustls::rustls::server::{ClientHello, NoServerSessionStorage, ResolvesServerCert};
use tokio_rustls::rustls::sign::CertifiedKey;
use tokio_rustls::server::TlsStream;

use crate::http::Reply;
pub use authority::{Authority, Certificate};

/// First byte of every TLS handshake.
const HANDSHAKE: u8 = 0x16;

/// How a node speaks TLS.
#[derive(Debug, Clone)]
pub struct Tls {
    /// Who issues the node's certificates.
    pub authority: Authority,
    /// Host names and addresses of the node.
    pub names: Vec<String>,
    /// Which certificate it shows at the start.
    pub certificate: Certificate,
}

impl Tls {
    /// A node with a good certificate for a host name, and for this machine's own names.
    pub fn new(authority: &Authority, name: &str) -> Self {
        let names = [name, "localhost", "127.0.0.1"].map(str::to_owned).to_vec();
        Self { authority: authority.clone(), names, certificate: Certificate::Good }
    }
}

/// Takes connections of a node.
pub(crate) struct Acceptor {
    tls: Tls,
    provider: Arc<CryptoProvider>,
    shown: Arc<Shown>,
    handshake: TlsAcceptor,
}

/// The certificate that is shown now.
#[derive(Debug)]
struct Shown(RwLock<Arc<CertifiedKey>>);

impl ResolvesServerCert for Shown {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.0.read()))
    }
}

impl Acceptor {
    pub(crate) fn new(tls: &Tls) -> io::Result<Self> {
        let provider = Arc::new(ring::default_provider());
        let first = tls.authority.issue(tls.certificate, &tls.names, &provider)?;
        let shown = Arc::new(Shown(RwLock::new(Arc::new(first))));
        let config = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .map_err(io::Error::other)?;
        let resolver: Arc<dyn ResolvesServerCert> = shown.clone();
        let mut config = config.with_no_client_auth().with_cert_resolver(resolver);
        // A resumed session would not show a new certificate.
        config.session_storage = Arc::new(NoServerSessionStorage {});
        config.send_tls13_tickets = 0;
        Ok(Self { tls: tls.clone(), provider, shown, handshake: TlsAcceptor::from(Arc::new(config)) })
    }

    /// Shows a fresh certificate to those who connect from now on.
    pub(crate) fn renew(&self, kind: Certificate) -> io::Result<()> {
        let fresh = self.tls.authority.issue(kind, &self.tls.names, &self.provider)?;
        *self.shown.0.write() = Arc::new(fresh);
        Ok(())
    }

    /// Begins TLS. A client that speaks plain HTTP gets nginx's page for it, and `None` is returned.
    pub(crate) async fn accept(&self, mut stream: TcpStream) -> io::Result<Option<TlsStream<TcpStream>>> {
        let mut first = [0];
        if stream.peek(&mut first).await? == 1 && first[0] != HANDSHAKE {
            Reply::nginx_plain_http().write(&mut stream, false, true).await?;
            stream.shutdown().await?;
            return Ok(None);
        }
        self.handshake.accept(stream).await.map(Some)
    }
}
