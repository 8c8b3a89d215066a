//! One call of a client's URL.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use reqwest::{Client, Url, redirect};

use super::Policy;
use crate::nodes::lookup;

/// For the whole call.
const PATIENCE: Duration = Duration::from_secs(10);
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

/// Calls URLs under a policy.
#[derive(Clone, Debug)]
pub struct Caller {
    policy: Policy,
}

impl Caller {
    /// A caller under this policy.
    pub fn new(policy: Policy) -> Self {
        Self { policy }
    }

    /// Calls `url` by GET: no redirects, 10 s, 64 KiB, and only at addresses that were checked. `delivery` is
    /// sent along: a repetition has the same.
    pub async fn call(&self, url: &str, delivery: &str) -> Delivery {
        let Ok(url) = Url::parse(url) else { return Delivery::Hopeless("not a URL".to_owned()) };
        if !matches!(url.scheme(), "http" | "https") {
            return Delivery::Hopeless("neither http nor https".to_owned());
        }
        match tokio::time::timeout(PATIENCE, self.call_checked(url, delivery)).await {
            Ok(delivery) => delivery,
            Err(_) => Delivery::Failed(format!("no answer within {} s", PATIENCE.as_secs())),
        }
    }

    async fn call_checked(&self, url: Url, delivery: &str) -> Delivery {
        let addresses = match self.addresses(&url).await {
            Ok(addresses) => addresses,
            Err(delivery) => return delivery,
        };
        // A client of its own, pinned to the addresses that were checked: a name cannot lead elsewhere.
        let host = url.host_str().unwrap_or_default();
        let client = Client::builder()
            .user_agent(concat!("b3lbd/", env!("CARGO_PKG_VERSION")))
            .redirect(redirect::Policy::none())
            .no_proxy()
            .timeout(PATIENCE)
            .resolve_to_addrs(host, &addresses)
            .build();
        let client = match client {
            Ok(client) => client,
            Err(error) => return Delivery::Failed(error.to_string()),
        };
        let mut response = match client.get(url).header(DELIVERY, delivery).send().await {
            Ok(response) => response,
            Err(error) => return Delivery::Failed(error.without_url().to_string()),
        };
        let status = response.status();
        let mut read = 0;
        while let Ok(Some(chunk)) = response.chunk().await {
            read += chunk.len();
            if read > MAX_ANSWER {
                return Delivery::Failed("the answer is too long".to_owned());
            }
        }
        match status.as_u16() {
            200..=299 => Delivery::Done,
            410 => Delivery::Hopeless("status 410".to_owned()),
            other => Delivery::Failed(format!("status {other}")),
        }
    }

    async fn addresses(&self, url: &Url) -> Result<Vec<SocketAddr>, Delivery> {
        let port = url.port_or_known_default().unwrap_or(0);
        let host = url.host_str().unwrap_or_default();
        let literal: Option<IpAddr> = host.trim_start_matches('[').trim_end_matches(']').parse().ok();
        let found = match literal {
            Some(address) => vec![SocketAddr::new(address, port)],
            None => lookup(host, port).await.map_err(|error| Delivery::Failed(error.to_string()))?,
        };
        let allowed: Vec<_> = found.into_iter().filter(|it| self.policy.allows(it.ip())).collect();
        if allowed.is_empty() {
            return Err(Delivery::Failed(
                "no address that callbacks may go to (B3LB_CALLBACK_NETWORKS)".to_owned(),
            ));
        }
        Ok(allowed)
    }
}
