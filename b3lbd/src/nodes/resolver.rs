//! Names under `.localhost` are loopback (RFC 6761), whatever the system's resolver thinks.

use std::net::{Ipv4Addr, SocketAddr};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

/// The system's resolver, but for `.localhost`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Resolver;

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let host = name.as_str();
            if is_loopback_name(host) {
                let address = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
                return Ok(Box::new(std::iter::once(address)) as Addrs);
            }
            let addresses: Vec<_> = tokio::net::lookup_host((host, 0)).await?.collect();
            Ok(Box::new(addresses.into_iter()) as Addrs)
        })
    }
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
