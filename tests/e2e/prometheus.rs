//! A real Prometheus scrapes both views.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use harness::world::soon;
use harness::{World, eventually};
use serde_json::Value;
use tokio::io::AsyncWriteExt;
use tokio::process::{Child, Command};

/// A program of Prometheus: unpacked by `tests/prometheus/install`, or on PATH.
pub(crate) fn program(name: &str) -> PathBuf {
    let unpacked = Path::new(env!("CARGO_MANIFEST_DIR")).join("prometheus/root/usr/bin").join(name);
    if unpacked.exists() { unpacked } else { name.into() }
}

/// A Prometheus, with its data beside its configuration.
pub(crate) struct Prometheus {
    listen: String,
    _child: Child,
}

impl Prometheus {
    pub(crate) fn start(config: &Path) -> Self {
        let listen = format!("127.0.0.1:{}", harness::daemon::free_port());
        let child = Command::new(program("prometheus"))
            .arg(format!("--config.file={}", config.display()))
            .arg(format!("--storage.tsdb.path={}", config.with_file_name("data").display()))
            .arg(format!("--web.listen-address={listen}"))
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .expect("prometheus is there: tests/prometheus/install");
        Self { listen, _child: child }
    }

    async fn ask(&self, path: &str) -> Option<Value> {
        let url = format!("http://{}/api/v1/{path}", self.listen);
        let answer = reqwest::get(url).await.ok()?.text().await.ok()?;
        serde_json::from_str(&answer).ok()
    }

    /// The series that a query returns now; none if Prometheus does not answer yet.
    ///
    /// # Panics
    /// If Prometheus refuses the query.
    pub(crate) async fn query(&self, query: &str) -> Option<Vec<Value>> {
        let query: String = form_urlencoded::byte_serialize(query.as_bytes()).collect();
        let answer = self.ask(&format!("query?query={query}")).await?;
        assert_eq!(answer["status"], "success", "{answer}");
        answer["data"]["result"].as_array().cloned()
    }
}

async fn token(world: &World) -> String {
    let tenant = world.admin().await.tenant_show(soon(), "FOO".into()).await.unwrap().unwrap();
    tenant.stats_token.unwrap().reveal().to_owned()
}

#[tokio::test]
async fn both_views_are_scraped_without_error() {
    let world = World::start(2).await;
    world.foo.create("room").await;
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("prometheus.yml");
    let yaml = format!(
        "global: {{scrape_interval: 1s}}
scrape_configs:
- job_name: everything
  metrics_path: /b3lb/metrics
  static_configs: [{{targets: ['{address}']}}]
- job_name: tenant
  metrics_path: /b3lb/t/foo/metrics
  authorization: {{credentials: {token}}}
  static_configs: [{{targets: ['{address}']}}]
",
        address = world.daemon.address(),
        token = token(&world).await,
    );
    std::fs::write(&config, yaml).unwrap();
    let prometheus = Prometheus::start(&config);
    eventually("both targets are up", || async {
        let targets = prometheus.ask("targets").await?;
        let active = targets["data"]["activeTargets"].as_array()?.clone();
        for target in &active {
            assert_eq!(target["lastError"].as_str().unwrap_or_default(), "", "{target}");
        }
        (active.len() == 2 && active.iter().all(|it| it["health"] == "up")).then_some(())
    })
    .await;
    eventually("both have told of the meeting", || async {
        let jobs = prometheus.query("b3lb_meetings{secret=\"FOO\"}").await?;
        (jobs.len() == 2 && jobs.iter().all(|it| it["value"][1] == "1")).then_some(())
    })
    .await;
}

/// Names from before, which dashboards know.
const INHERITED: [&str; 2] = ["b3lb_attendee_limit_hits", "b3lb_meeting_limit_hits"];

#[tokio::test]
async fn promtool_complains_of_inherited_names_only() {
    let world = World::start(1).await;
    world.foo.create("room").await;
    let url = format!("http://{}/b3lb/metrics", world.daemon.address());
    let text = world.foo.send(world.foo.request("GET", &url)).await.body;
    let mut promtool = Command::new(program("promtool"))
        .args(["check", "metrics"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("promtool is there: tests/prometheus/install");
    let mut stdin = promtool.stdin.take().unwrap();
    stdin.write_all(text.as_bytes()).await.unwrap();
    drop(stdin);
    let output = promtool.wait_with_output().await.unwrap();
    let complaints = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    let ours: Vec<_> = complaints
        .lines()
        .filter(|line| !INHERITED.iter().any(|name| line.starts_with(&format!("{name} "))))
        .collect();
    assert!(ours.is_empty(), "{ours:#?}");
}
