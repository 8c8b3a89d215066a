//! Maps host names to tenants.

use std::net::IpAddr;

use axum::extract::Request;
use axum::http::header::HOST;
use ipnet::IpNet;

use crate::model::TenantLabel;

/// Resolves host names under a base domain, believing trusted proxies.
#[derive(Clone, Debug)]
pub struct HostResolver {
    /// Base domain of the API host names, in lower case.
    pub base_domain: String,
    /// Peers whose `X-Forwarded-Host` is believed.
    pub trusted_proxies: Vec<IpNet>,
}

impl HostResolver {
    /// The tenant and sub id of a request's host name.
    pub(super) fn label_of_host(&self, peer: IpAddr, request: &Request) -> Option<TenantLabel> {
        self.label_of(&self.effective_host(peer, request)?)
    }

    /// Whether a request is for the base domain itself.
    pub(super) fn is_base_host(&self, peer: IpAddr, request: &Request) -> bool {
        self.effective_host(peer, request).is_some_and(|host| host == self.base_domain)
    }

    /// The whole label must match, so `evil-foo.{base}.example.net` does not.
    fn label_of(&self, host: &str) -> Option<TenantLabel> {
        host.strip_suffix(&self.base_domain)?.strip_suffix('.')?.parse().ok()
    }

    /// The host name that the client used, in lower case, without port.
    fn effective_host(&self, peer: IpAddr, request: &Request) -> Option<String> {
        let text = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok());
        let peer = peer.to_canonical();
        let trusted = self.trusted_proxies.iter().any(|net| net.contains(&peer));
        let forwarded = text("x-forwarded-host").filter(|_| trusted);
        let first =
            forwarded.and_then(|list| list.split(',').next()).map(str::trim).filter(|it| !it.is_empty());
        let host = first.or_else(|| text(HOST.as_str())).or_else(|| request.uri().host())?;
        let host = without_port(host);
        Some(host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase())
    }
}

fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) => name,
        _ => host,
    }
}

#[cfg(test)]
mod tests {
    use axum::body::Body;

    use super::*;

    fn label(peer: &str, headers: &[(&str, &str)]) -> Option<String> {
        let hosts = HostResolver {
            base_domain: "b.example".into(),
            trusted_proxies: vec!["10.0.0.0/8".parse().unwrap()],
        };
        let mut request = Request::builder().uri("/");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Body::empty()).unwrap();
        hosts.label_of_host(peer.parse().unwrap(), &request).map(|it| it.to_string())
    }

    #[test]
    fn hosts_name_tenants() {
        let host = |host| label("192.0.2.1", &[("host", host)]);
        assert_eq!(host("foo.b.example").as_deref(), Some("FOO-000"));
        assert_eq!(host("FOO-012.B.Example:8443").as_deref(), Some("FOO-012"));
        assert_eq!(host("foo.b.example.").as_deref(), Some("FOO-000"), "finding 18");
        assert_eq!(host("foo.b.example.:80").as_deref(), Some("FOO-000"));
        for nobody in
            ["b.example", "foo.b.example.net", "x.foo.b.example", "evil-foo.b.example", "foob.example", ""]
        {
            assert_eq!(host(nobody), None, "{nobody}");
        }
    }

    #[test]
    fn only_trusted_proxies_forward() {
        let headers = [("host", "foo.b.example"), ("x-forwarded-host", "bar.b.example, baz.b.example")];
        assert_eq!(label("10.1.2.3", &headers).as_deref(), Some("BAR-000"));
        assert_eq!(label("::ffff:10.1.2.3", &headers).as_deref(), Some("BAR-000"));
        assert_eq!(label("192.0.2.1", &headers).as_deref(), Some("FOO-000"));
    }
}
