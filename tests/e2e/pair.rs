//! Two daemons with one store, in front of the same nodes.

use std::time::{Duration, Instant};

use harness::World;
use harness::client::Client;
use harness::daemon::{Daemon, Settings};
use harness::eventually::PATIENCE;
use serde_json::Value;
use tempfile::TempDir;
use tokio::process::Command;

use crate::replication::litestream;

/// Two daemons in front of the same nodes. Tenants reach the first one, the primary, by `world.foo`.
pub(crate) struct Pair {
    pub(crate) world: World,
    /// The replica.
    pub(crate) other: Daemon,
    /// The folder of the other daemon is `other` in it, and the store may be `store`.
    pub(crate) folder: TempDir,
}

impl Pair {
    /// With a folder as the store.
    pub(crate) async fn start() -> Self {
        Self::start_with(&[]).await
    }

    /// With a folder as the store, and settings of both daemons.
    pub(crate) async fn start_with(settings: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("store")).unwrap();
        let url = format!("file://{}/store", folder.path().display());
        Self::of(folder, [&url, &url], settings).await
    }

    /// With the URL of the store as each of the daemons knows it.
    pub(crate) async fn of(folder: TempDir, urls: [&str; 2], settings: &[(&str, &str)]) -> Self {
        let program = litestream();
        let shared = [("LITESTREAM_BIN", program.to_str().unwrap()), ("ADVERTISE_URL", "http://{address}")];
        let settings = |url| [("REPLICA_URL", url)].into_iter().chain(shared).chain(settings.iter().copied());
        let world = World::start_with(2, &settings(urls[0]).collect::<Vec<_>>()).await;
        let mut of_other: Settings =
            settings(urls[1]).map(|(name, value)| (name.into(), value.into())).collect();
        // Nodes call the first one, whoever is the primary.
        of_other.insert("PUBLIC_URL".into(), format!("http://{}", world.daemon.address()));
        let place = folder.path().join("other");
        std::fs::create_dir(&place).unwrap();
        let other = Daemon::start(&place, &of_other).await;
        let pair = Self { world, other, folder };
        pair.is_replica(&pair.other).await;
        pair
    }

    /// A tenant's client of the other daemon.
    pub(crate) fn other(&self, client: &Client) -> Client {
        client.at(self.other.address())
    }

    /// Waits until a daemon is a replica that reaches its primary.
    pub(crate) async fn is_replica(&self, daemon: &Daemon) -> Value {
        let begun = Instant::now();
        loop {
            let status = status(daemon).await;
            let known = &status["replication"];
            let follows = status["role"] == "replica" && known["primary_answers"] == true;
            if follows && known["lag_seconds"].as_f64().is_some_and(|lag| lag < 10.0) {
                return status;
            }
            assert!(begun.elapsed() < PATIENCE, "it does not follow: {status}\n{}", daemon.log());
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

/// A number that a longer run is given.
pub(crate) fn number(variable: &str) -> Option<usize> {
    std::env::var(variable).ok().and_then(|it| it.parse().ok())
}

pub(crate) async fn status(daemon: &Daemon) -> Value {
    let output = daemon.cli(&["status", "--json"]).await;
    serde_json::from_slice(&output.stdout).unwrap_or_default()
}

/// Promotes a daemon, and returns how long that took.
pub(crate) async fn promote(daemon: &Daemon) -> f64 {
    let begun = Instant::now();
    let output = daemon.cli(&["promote", "--yes"]).await;
    assert!(output.status.success(), "{output:?}\n{}", daemon.log());
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(told.contains("claimed epoch") && told.contains("this daemon is the primary"), "{told}");
    begun.elapsed().as_secs_f64()
}

/// Sends a signal to a process.
pub(crate) async fn signal(pid: u32, name: &str) {
    let sent = Command::new("kill").args([&format!("-{name}"), &pid.to_string()]).status().await.unwrap();
    assert!(sent.success());
}
