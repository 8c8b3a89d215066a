//! Daemon, nodes and a tenant, set up as an operator would.

use std::time::Duration;

use rpc::{AdminClient, ClusterSpec, GroupSpec, NodeSpec, NodeState, SecretSpec, Sensitive, TenantSpec};
use simnode::{Authority, Options, Request, SimNode, Tls};
use tempfile::TempDir;

use crate::client::{Client, Form};
use crate::daemon::{Daemon, Settings};
use crate::eventually::eventually;

/// A daemon in front of simulated nodes `n1`, `n2`, …, all in cluster `c` of group `g`, with tenant FOO.
#[derive(Debug)]
pub struct World {
    /// The daemon.
    pub daemon: Daemon,
    /// The nodes.
    pub nodes: Vec<SimNode>,
    /// The tenant FOO, sub id 0, by the path form.
    pub foo: Client,
    /// Who issues the nodes' certificates, if they speak TLS.
    pub authority: Option<Authority>,
    folder: TempDir,
    template: Options,
}

/// For an admin call.
pub fn soon() -> tarpc::context::Context {
    rpc_client::deadline(Duration::from_secs(30))
}

impl World {
    /// A world of `nodes` nodes with default settings.
    pub async fn start(nodes: usize) -> Self {
        Self::start_with(nodes, &[]).await
    }

    /// A world with other settings, such as `("NODE_REQUEST_TIMEOUT", "1")`.
    ///
    /// # Panics
    /// If anything of it does not start.
    pub async fn start_with(nodes: usize, settings: &[(&str, &str)]) -> Self {
        Self::start_of(nodes, Options::default(), settings).await
    }

    /// A world whose nodes are all of one kind; secrets, seeds and ports are each node's own.
    ///
    /// # Panics
    /// If anything of it does not start.
    pub async fn start_of(nodes: usize, template: Options, settings: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        Self::start_in(folder, nodes, template, None, settings).await
    }

    /// A world whose nodes speak TLS, with certificates of an authority that the daemon knows by
    /// `B3LB_NODE_CA_FILE`. Tests change what a node shows by `SimNode::renew_certificate`; for connections that
    /// are open, `SimNode::refuse` and `SimNode::accept_again` come after it.
    ///
    /// # Panics
    /// If anything of it does not start.
    pub async fn start_tls(nodes: usize, settings: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let authority = Authority::new().expect("an authority");
        let file = folder.path().join("nodes-ca.pem");
        authority.write(&file).expect("the authority's file is written");
        let file = file.display().to_string();
        let tls = [("NODE_PROTOCOL", "https://"), ("NODE_CA_FILE", file.as_str())];
        let settings: Vec<_> = tls.into_iter().chain(settings.iter().copied()).collect();
        Self::start_in(folder, nodes, Options::default(), Some(authority), &settings).await
    }

    async fn start_in(
        folder: TempDir,
        nodes: usize,
        template: Options,
        authority: Option<Authority>,
        settings: &[(&str, &str)],
    ) -> Self {
        let settings: Settings =
            settings.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
        let daemon = Daemon::start(folder.path(), &settings).await;
        let foo = Client::new(daemon.address(), "foo", "");
        let mut world = Self { daemon, nodes: Vec::new(), foo, authority, folder, template };
        let admin = world.admin().await;
        admin.cluster_add(soon(), ClusterSpec::named("c")).await.unwrap().unwrap();
        let group = GroupSpec { name: "g".into(), description: String::new() };
        admin.group_add(soon(), group).await.unwrap().unwrap();
        admin.group_assign(soon(), "g".into(), "c".into()).await.unwrap().unwrap();
        for _ in 0..nodes {
            world.add_node().await;
        }
        world.foo = world.add_tenant("FOO").await;
        world.all_up().await;
        world
    }

    /// A fresh connection to the admin service.
    ///
    /// # Panics
    /// If the daemon does not answer.
    pub async fn admin(&self) -> AdminClient {
        let target = rpc_client::Target::Unix(self.daemon.socket());
        rpc_client::connect(&target, "tests", false).await.expect("the admin socket answers").client
    }

    /// Starts and adds another node, active.
    ///
    /// # Panics
    /// If that fails.
    pub async fn add_node(&mut self) -> SimNode {
        let n = self.nodes.len() + 1;
        let tls = self.authority.as_ref().map(|authority| Tls::new(authority, &format!("n{n}.localhost")));
        let secret = format!("secret-of-n{n}");
        let options = Options { secret, seed: n as u64, tls, ..self.template.clone() };
        let node = SimNode::start(options).await.expect("a node starts");
        let spec = NodeSpec {
            slug: format!("n{n}"),
            domain: Some(format!("localhost:{}", node.port())),
            cluster: "c".into(),
            secret: Sensitive::from(node.secret()),
            active: true,
        };
        self.admin().await.node_add(soon(), spec).await.unwrap().unwrap();
        self.nodes.push(node.clone());
        node
    }

    /// Adds a tenant; its client of sub id 0.
    ///
    /// # Panics
    /// If that fails.
    pub async fn add_tenant(&self, slug: &str) -> Client {
        let spec = TenantSpec {
            slug: slug.into(),
            group: "g".into(),
            description: String::new(),
            attendee_limit: 0,
            meeting_limit: 0,
        };
        let tenant = self.admin().await.tenant_add(soon(), spec).await.unwrap().unwrap();
        let key = tenant.secret.expect("a new tenant comes with its secret");
        Client::new(self.daemon.address(), &slug.to_lowercase(), key.reveal())
    }

    /// Adds a secret; its client.
    ///
    /// # Panics
    /// If that fails.
    pub async fn add_secret(&self, slug: &str, sub_id: u16) -> Client {
        let spec =
            SecretSpec { tenant: slug.into(), sub_id, secret: None, attendee_limit: 0, meeting_limit: 0 };
        let new = self.admin().await.secret_add(soon(), spec).await.unwrap().unwrap();
        let label = format!("{}-{sub_id:03}", slug.to_lowercase());
        Client::new(self.daemon.address(), &label, new.secret.reveal())
    }

    /// What the daemon says of node `n` (counted from 1).
    ///
    /// # Panics
    /// If it does not know it.
    pub async fn node_view(&self, n: usize) -> rpc::NodeView {
        let name = format!("n{n}.localhost:{}", self.nodes[n - 1].port());
        self.admin().await.node_show(soon(), name).await.unwrap().unwrap()
    }

    /// Waits until node `n` (counted from 1) is in that state.
    pub async fn node_state(&self, n: usize, state: NodeState) {
        eventually(&format!("n{n} {}", state.as_str()), || async {
            (self.node_view(n).await.state == state).then_some(())
        })
        .await;
    }

    /// Waits until all nodes are up.
    pub async fn all_up(&self) {
        for n in 1..=self.nodes.len() {
            self.node_state(n, NodeState::Up).await;
        }
    }

    /// The nodes (counted from 1) that have a meeting of that id right now.
    pub fn hosts_of(&self, id: &str) -> Vec<usize> {
        let nodes = self.nodes.iter().enumerate();
        nodes.filter(|(_, node)| node.meeting(id).is_some()).map(|(n, _)| n + 1).collect()
    }

    /// The only node that has a meeting of that id right now.
    ///
    /// # Panics
    /// If there is none, or more than one.
    pub fn host_of(&self, id: &str) -> &SimNode {
        match self.hosts_of(id)[..] {
            [n] => &self.nodes[n - 1],
            ref other => panic!("{id} should be on one node, but is on {other:?}"),
        }
    }

    /// A client of a node itself, as it would be without B3LB.
    pub fn without_b3lb(node: &SimNode) -> Client {
        Client::new(node.addr(), "node", &node.secret()).by(Form::Host).sorting_forms()
    }

    /// The requests of a call that have reached nodes.
    pub fn asked(&self, call: &str) -> Vec<Request> {
        self.nodes.iter().flat_map(SimNode::requests).filter(|it| it.call == call).collect()
    }

    /// The folder with the database and the socket.
    pub fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }
}
