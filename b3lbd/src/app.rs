//! Assembles the daemon: what is bound, which tasks run, and in which order they stop.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

use crate::admin::{self, AdminSettings, AdminSocket};
use crate::api::{self, Api, Bodies, BodyLimits, Connections, HostResolver, News, Routes};
use crate::bbb::Call;
use crate::callback::{CallbackClient, Policy};
use crate::config::Config;
use crate::jobs;
use crate::lifecycle::{Core, Links};
use crate::model::{Statistics, oldest_past};
use crate::nodes::NodeClient;
use crate::poll::Pollers;
use crate::primary::{CallsMade, PrimaryClient, RemoteAdmin};
use crate::replication::Replication;
use crate::service;
use crate::state::{Pool, Restored};
use crate::store::Store;
use crate::tasks::Tasks;
use crate::telemetry::Metrics;

/// Names of the tasks that are stopped in order.
const FRONT_END: &str = "front end";
const ADMIN: &str = "admin socket";
/// The task that is stopped after the database was closed.
const REPLICATION: &str = "replication";

/// A running daemon.
#[derive(Debug)]
pub struct App {
    address: SocketAddr,
    socket: PathBuf,
    core: Arc<Core>,
    tasks: Tasks,
    /// Copies the database to the store, or follows it, until the token is cancelled.
    replicating: Option<(AbortOnDropHandle<()>, CancellationToken)>,
    grace: Duration,
}

impl App {
    /// Opens the database and binds both sockets before any task starts.
    pub async fn start(config: Config) -> anyhow::Result<Self> {
        let metrics = Arc::new(Metrics::new(&Call::names())?);
        let replication = match config.replication() {
            Some(settings) => Some(Replication::begin(settings).await?),
            None => None,
        };
        let store = match &replication {
            Some(replication) => replication.open(config.missing_database, metrics.commits.clone()).await?,
            None => Store::open(&config.settings.database, config.missing_database, metrics.commits.clone())?,
        };
        let standing = replication.as_ref().map(Replication::standing).unwrap_or_default();
        let statistics = if standing.is_replica() {
            // The primary's go on there.
            Statistics::default()
        } else {
            store.statistics(oldest_past(jiff::Timestamp::now().as_millisecond())).await?
        };
        let events = if standing.is_replica() { Vec::new() } else { store.events().await? };
        let restored = Restored {
            catalog: store.catalog().await?,
            bindings: store.bindings().await?,
            statistics,
            internal_ids: store.internal_ids().await?,
            events,
        };
        let mut pool = Pool::new(restored);
        pool.standing = standing;
        let nodes = NodeClient::new(config.nodes()).context("the HTTP client cannot be created")?;
        let links = Links::below(&config.public_url);
        let core = Arc::new(Core::new(pool, Arc::new(store), nodes, links, metrics));
        let socket = admin::bind(config.settings.admin_socket.clone())?;
        let listener = match service::handed_over()
            .context("the socket passed by the service manager cannot be used")?
        {
            Some(listener) => listener,
            None => TcpListener::bind(config.settings.listen)
                .await
                .with_context(|| format!("B3LB_LISTEN={} cannot be bound", config.settings.listen))?,
        };
        let address = listener.local_addr()?;
        tracing::info!(
            version = env!("CARGO_PKG_VERSION"),
            listen = %address,
            admin = %socket.path().display(),
            database = %config.settings.database.display(),
            nodes = core.pool.catalog().nodes.len(),
            "b3lbd starts"
        );
        let primary =
            PrimaryClient::new(Arc::clone(&core.pool.standing), config.settings.node_ca_file.as_deref())
                .context("the HTTP client cannot be created")?;
        let callbacks = CallbackClient::new(Policy { networks: config.settings.callback_networks.clone() })
            .context("TLS cannot be set up")?;
        let app = Self::run(config, core, (replication, primary), (listener, address), (socket, callbacks));
        service::ready();
        Ok(app)
    }

    fn run(
        config: Config,
        core: Arc<Core>,
        (replication, primary): (Option<Replication>, PrimaryClient),
        (listener, address): (TcpListener, SocketAddr),
        (socket, callbacks): (AdminSocket, CallbackClient),
    ) -> Self {
        let mut tasks = Tasks::default();
        let grace = config.grace();
        let max_connections = config.settings.max_connections;
        let path = socket.path().to_owned();
        let settings = AdminSettings {
            base_domain: config.api_base_domain.clone(),
            node_default_domain: config.settings.node_default_domain.clone(),
            api_mate: config.settings.api_mate_base_url.clone(),
            poll_seconds: config.settings.poll_interval.as_secs_f64(),
        };
        let context = Arc::new(admin::Context::new(Arc::clone(&core), settings, primary.clone()));
        tasks.start("polls", Pollers::new(Arc::clone(&core), config.polls()).run());
        tasks.start("statistics", jobs::keep_statistics(Arc::clone(&core)));
        tasks.start("history", jobs::keep_history(Arc::clone(&core)));
        tasks.start("pulse", jobs::keep_pulse(Arc::clone(&core)));
        tasks.start("problems", jobs::look_for_problems(Arc::clone(&core)));
        tasks.start("events", jobs::keep_events(Arc::clone(&core)));
        tasks.start("drains", jobs::follow_drains(Arc::clone(&core)));
        tasks.start("audit", jobs::prune_audit(Arc::clone(&core), config.settings.audit_days));
        tasks.start("callbacks", jobs::deliver_callbacks(Arc::clone(&core), callbacks));
        let stop_replication = CancellationToken::new();
        let replicating = replication.map(|replication| {
            tasks.start("claims", replication.watch_claims(Arc::clone(&core.pool)));
            tasks.start("primary", primary.clone().watch(Arc::clone(&core.pool)));
            if let Some(keep_lease) = replication.keep_lease(Arc::clone(&core)) {
                tasks.start("lease", keep_lease);
            }
            let running = replication.run(Arc::clone(&core), primary.clone(), stop_replication.clone());
            (tasks.start_last(REPLICATION, running), stop_replication)
        });
        if let Some(limit) = service::watchdog_limit() {
            tasks.start("watchdog", service::watchdog(limit));
        }
        let api = Api {
            core: Arc::clone(&core),
            primary,
            admin: Arc::clone(&context) as Arc<dyn RemoteAdmin>,
            calls_made: CallsMade::default(),
            news: News::default(),
            metrics_token: config.settings.metrics_token,
            metrics: Arc::clone(&core.metrics),
            hosts: HostResolver {
                base_domain: config.api_base_domain,
                trusted_proxies: config.settings.trusted_proxies,
            },
            algorithms: config.settings.allowed_sha_algorithms,
            bodies: Bodies::new(BodyLimits {
                body: config.settings.max_body,
                form: config.settings.max_form,
                budget: config.settings.body_budget,
            }),
        };
        let files = service::raise_file_limit();
        let connections = Connections::new(max_connections.min(files), api.hosts.trusted_proxies.clone());
        let routes = Arc::new(Routes::new(Arc::new(api)));
        tasks.start(FRONT_END, api::serve(listener, routes, connections, tasks.stop_token(), grace));
        tasks.start(ADMIN, admin::serve(socket, context, tasks.stop_token()));
        Self { address, socket: path, tasks, core, replicating, grace }
    }

    /// The address of the front end.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The path of the admin socket.
    pub fn socket(&self) -> &Path {
        &self.socket
    }

    /// Waits until one of the tasks has ended, which none should, and returns its name.
    pub async fn task_ended(&mut self) -> &'static str {
        self.tasks.ended().await
    }

    /// Stops accepting, finishes pending requests, and writes what is left. `failed` is the task that has
    /// already ended.
    pub async fn stop(self, failed: Option<&'static str>) {
        service::stopping();
        tracing::info!(seconds = self.grace.as_secs(), "b3lbd stops; pending requests may finish");
        let serving = [FRONT_END, ADMIN].into_iter().filter(|task| Some(*task) != failed);
        self.tasks.stop(serving.collect()).await;
        jobs::write_statistics(&self.core).await;
        jobs::write_history(&self.core).await;
        jobs::write_events(&self.core).await;
        self.core.store.close().await;
        if let Some((replicating, stop)) = self.replicating {
            stop.cancel();
            // It logs what goes wrong.
            let _ = replicating.await;
        }
        tracing::info!("b3lbd has stopped");
    }
}
