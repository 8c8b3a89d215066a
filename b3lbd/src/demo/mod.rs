//! `b3lbd demo`: a real daemon with simulated nodes, in a temporary folder.

mod client;
mod daemons;
mod life;
mod text;
mod tools;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use rpc::{ClusterSpec, GroupSpec, NewSecret, NodeSpec, Page, SecretSpec, Sensitive, TenantSpec};
use simnode::{Options, Script, SimNode};
use tempfile::TempDir;
use tokio::task::JoinHandle;

use crate::app::App;
use crate::config::Config;
use client::DemoClient;
use daemons::{OtherDaemon, store_url};
pub use tools::build_missing;

const NODES: u64 = 3;
const TENANT: &str = "DEMO";
/// Timeout of each setup step; all are local.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Settings of the demo, unless the operator gives flags.
pub const SETTINGS: [(&str, &str); 4] = [
    ("api_base_domain", "b3lb.localhost"),
    ("node_protocol", "http://"),
    ("poll_interval", "2"),
    ("log", "warn"),
];

/// A running demo.
#[derive(Debug)]
pub struct Demo {
    app: App,
    /// The first one is the primary.
    others: Vec<OtherDaemon>,
    nodes: Vec<SimNode>,
    secrets: Vec<NewSecret>,
    life: JoinHandle<()>,
    moved: bool,
    _folder: TempDir,
}

impl Demo {
    /// Starts nodes and daemons, sets up a tenant, and creates meetings. Of several daemons the last one runs in this
    /// process, and begins as a replica.
    pub async fn start(mut config: Config, daemons: u8) -> anyhow::Result<Self> {
        let folder =
            tempfile::Builder::new().prefix("b3lb-demo-").tempdir().context("no temporary folder")?;
        // An operator's store must not be touched.
        config.settings.replica_url = None;
        config.settings.database = folder.path().join("b3lb.db");
        let wanted = config.settings.listen;
        let busy = std::net::TcpListener::bind(wanted).is_err();
        if busy {
            config.settings.listen.set_port(0);
        }
        let mut nodes = Vec::new();
        for n in 1..=NODES {
            nodes.push(start_node(n).await?);
        }
        // Nodes call back to addresses of this machine only.
        let listener = std::net::TcpListener::bind(config.settings.listen)?;
        config.settings.listen = listener.local_addr()?;
        config.public_url = format!("http://{}", config.settings.listen);
        drop(listener);
        if default_socket_is_taken(&config).await {
            config.settings.admin_socket = Some(folder.path().join("admin.sock"));
        }
        let mut others = Vec::new();
        if daemons > 1 {
            std::fs::create_dir(folder.path().join("store"))?;
            for n in 1..daemons {
                let place = folder.path().join(format!("daemon-{n}"));
                others.push(OtherDaemon::start(&config, place).await?);
            }
            let url = store_url(&folder.path().join("daemon"));
            config.settings.replica_url = Some(url.parse().map_err(anyhow::Error::msg)?);
            config.settings.advertise_url = Some(config.public_url.clone());
        }
        let secrets = match others.first() {
            Some(primary) => set_up(&primary.socket, &nodes).await?,
            None => Vec::new(),
        };
        let app = App::start(config).await?;
        let secrets = if others.is_empty() { set_up(app.socket(), &nodes).await? } else { secrets };
        let client = Arc::new(DemoClient::new(app.address(), secrets[0].secret.reveal())?);
        life::begin(&client).await?;
        for node in &nodes {
            node.live(Script { every: Duration::from_secs(1), end_chance: 0.01, ..Script::default() });
        }
        Ok(Self {
            app,
            others,
            nodes,
            secrets,
            life: tokio::spawn(life::go_on(client)),
            moved: busy,
            _folder: folder,
        })
    }

    /// Everything that a newcomer needs to try it out.
    pub fn describe(&self) -> String {
        text::welcome(&self.app, &self.others, &self.nodes, &self.secrets, self.moved)
    }

    /// Waits until one of the daemon's tasks has ended, and returns its name.
    pub async fn task_ended(&mut self) -> &'static str {
        self.app.task_ended().await
    }

    /// Stops everything and removes the folder. `failed` is the task that has already ended.
    pub async fn stop(self, failed: Option<&'static str>) {
        self.life.abort();
        self.app.stop(failed).await;
        for daemon in self.others {
            daemon.stop().await;
        }
        for node in &self.nodes {
            node.stop().await;
        }
    }
}

/// If another daemon runs on this machine, the demo must not get in its way.
async fn default_socket_is_taken(config: &Config) -> bool {
    if config.settings.admin_socket.is_some() {
        return false;
    }
    for path in rpc::wire::default_sockets() {
        if tokio::net::UnixStream::connect(path).await.is_ok() {
            return true;
        }
    }
    false
}

async fn start_node(n: u64) -> anyhow::Result<SimNode> {
    let options =
        Options { secret: format!("demo-secret-of-node-{n}"), seed: n, cpu: 300, ..Options::default() };
    SimNode::start(options).await.context("a simulated node cannot start")
}

/// Sets up the tenant over the admin socket, like an operator would.
async fn set_up(socket: &Path, nodes: &[SimNode]) -> anyhow::Result<Vec<NewSecret>> {
    let admin =
        rpc_client::connect(&rpc_client::Target::Unix(socket.to_owned()), "b3lbd demo", false).await?.client;
    let now = || rpc_client::deadline(TIMEOUT);
    admin.cluster_add(now(), ClusterSpec::named("demo")).await??;
    admin
        .group_add(now(), GroupSpec { name: "all".to_owned(), description: "Everything".to_owned() })
        .await??;
    admin.group_assign(now(), "all".to_owned(), "demo".to_owned()).await??;
    for (n, node) in nodes.iter().enumerate() {
        let spec = NodeSpec {
            slug: format!("n{}", n + 1),
            domain: Some(format!("localhost:{}", node.port())),
            cluster: "demo".to_owned(),
            secret: Sensitive::from(node.secret()),
            active: true,
        };
        admin.node_add(now(), spec).await??;
    }
    let tenant = TenantSpec {
        slug: TENANT.to_owned(),
        group: "all".to_owned(),
        description: "A tenant to play with".to_owned(),
        attendee_limit: 0,
        meeting_limit: 0,
    };
    admin.tenant_add(now(), tenant).await??;
    let second = SecretSpec {
        tenant: TENANT.to_owned(),
        sub_id: 1,
        secret: None,
        attendee_limit: 0,
        meeting_limit: 0,
    };
    admin.secret_add(now(), second).await??;
    Ok(admin.secret_reveal(now(), Some(TENANT.to_owned()), Page::default()).await??.rows)
}
