//! The demo's own BBB client, which signs its calls like any other.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context, ensure};

use crate::bbb::{Algorithm, Params, sign};

/// Calls the daemon as a tenant, using paths, which need no host names.
#[derive(Debug)]
pub(super) struct DemoClient {
    http: reqwest::Client,
    address: SocketAddr,
    key: String,
}

impl DemoClient {
    pub(super) fn new(address: SocketAddr, key: &str) -> anyhow::Result<Self> {
        let http = reqwest::Client::builder()
            .no_proxy()
            .timeout(Duration::from_secs(10))
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .context("the demo's client cannot be created")?;
        Ok(Self { http, address, key: key.to_owned() })
    }

    /// Creates a meeting.
    pub(super) async fn create(&self, id: &str, name: &str) -> anyhow::Result<()> {
        let url = signed(&api_url(self.address), &self.key, "create", &[("meetingID", id), ("name", name)]);
        let answer = self.http.get(url).send().await?.text().await?;
        ensure!(answer.contains("<returncode>SUCCESS</returncode>"), "a demo meeting was refused: {answer}");
        Ok(())
    }
}

/// The API URL of the demo's tenant.
pub(super) fn api_url(address: SocketAddr) -> String {
    format!("http://{address}/b3lb/t/demo/bbb/api")
}

/// The URL of a signed call.
pub(super) fn signed(api: &str, key: &str, call: &str, params: &[(&str, &str)]) -> String {
    let mut list = Params::default();
    for (name, value) in params {
        list.set(name, value);
    }
    let query = list.encode();
    let checksum = sign(Algorithm::Sha256, call, query.as_bytes(), key);
    let separator = if query.is_empty() { "" } else { "&" };
    format!("{api}/{call}?{query}{separator}checksum={checksum}")
}
