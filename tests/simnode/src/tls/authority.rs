//! A certificate authority of the tests' own, and what it issues.

use std::path::Path;
use std::sync::Arc;
use std::{fmt, io};

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, date_time_ymd,
};
use tokio_rustls::rustls::crypto::CryptoProvider;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;
use tokio_rustls::rustls::sign::CertifiedKey;

/// Whose host name a certificate has that is not for the node.
const OTHER_NAME: &str = "other.example";

/// Which certificate a node shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Certificate {
    /// Issued by the authority, for the node's names, good for years.
    Good,
    /// The same, but it has expired.
    Expired,
    /// The same, but for another host.
    WrongName,
    /// Issued by somebody whom nobody knows.
    UnknownIssuer,
}

/// A certificate authority. Clones are the same one.
#[derive(Clone)]
pub struct Authority {
    inner: Arc<Inner>,
}

struct Inner {
    issuer: Issuer<'static, KeyPair>,
    pem: String,
}

impl Authority {
    /// An authority with a key of its own.
    pub fn new() -> io::Result<Self> {
        let mut params = CertificateParams::new(Vec::new()).map_err(io::Error::other)?;
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        // With equal names another authority's certificate would have a bad signature, not an unknown issuer.
        let name = format!("simnode test authority {:08x}", rand::random::<u32>());
        params.distinguished_name.push(DnType::CommonName, name);
        let key = KeyPair::generate().map_err(io::Error::other)?;
        let pem = params.self_signed(&key).map_err(io::Error::other)?.pem();
        Ok(Self { inner: Arc::new(Inner { issuer: Issuer::new(params, key), pem }) })
    }

    /// The authority's own certificate in PEM, to be trusted by clients.
    pub fn pem(&self) -> &str {
        &self.inner.pem
    }

    /// Writes the authority's own certificate to a file.
    pub fn write(&self, path: &Path) -> io::Result<()> {
        std::fs::write(path, self.pem())
    }

    /// A certificate, with its key, for a node of these names and addresses.
    pub(super) fn issue(
        &self,
        kind: Certificate,
        names: &[String],
        provider: &CryptoProvider,
    ) -> io::Result<CertifiedKey> {
        if kind == Certificate::UnknownIssuer {
            return Self::new()?.issue(Certificate::Good, names, provider);
        }
        let names = if kind == Certificate::WrongName { vec![OTHER_NAME.to_owned()] } else { names.to_vec() };
        let mut params = CertificateParams::new(names).map_err(io::Error::other)?;
        params.use_authority_key_identifier_extension = true;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.not_before = date_time_ymd(2001, 1, 1);
        let end = if kind == Certificate::Expired { 2002 } else { 2100 };
        params.not_after = date_time_ymd(end, 1, 1);
        let key = KeyPair::generate().map_err(io::Error::other)?;
        let certificate = params.signed_by(&key, &self.inner.issuer).map_err(io::Error::other)?;
        let key = PrivateKeyDer::try_from(key.serialize_der()).map_err(io::Error::other)?;
        CertifiedKey::from_der(vec![certificate.der().clone()], key, provider).map_err(io::Error::other)
    }
}

impl fmt::Debug for Authority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authority").finish_non_exhaustive()
    }
}
