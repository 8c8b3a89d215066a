//! Resolves names below `.localhost` to loopback addresses (RFC 6761), regardless of the system's resolver.

use std::net::{Ipv4Addr, SocketAddr};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

/// The system's resolver, except for `.localhost`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Resolver;

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let addresses = lookup(name.as_str(), 0).await?;
            Ok(Box::new(addresses.into_iter()) as Addrs)
        })
    }
}

/// All addresses of a host.
pub async fn lookup(host: &str, port: u16) -> std::io::Result<Vec<SocketAddr>> {
    if is_loopback_name(host) {
        return Ok(vec![SocketAddr::from((Ipv4Addr::LOCALHOST, port))]);
    }
    Ok(tokio::net::lookup_host((host, port)).await?.collect())
}

fn is_loopback_name(host: &str) -> bool {
    let host = host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase();
    host == "localhost" || host.ends_with(".localhost")
}

#[cfg(test)]
mod tests {
    use super::is_loopback_name;

    #[test]
    fn only_localhost_and_below() {
        assert!(is_loopback_name("n1.LocalHost.") && is_loopback_name("localhost"));
        assert!(!is_loopback_name("localhost.example.org") && !is_loopback_name("notlocalhost"));
    }
}
