//! The daemon of a run: its core, with a database that survives a crash, and its pollers.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock};

use b3lbd::bbb::{Algorithm, parse_get_meetings, sign};
use b3lbd::health::Thresholds;
use b3lbd::lifecycle::{BindingStore, Core, Links, Poll};
use b3lbd::model::{
    AssetKind, Catalog, Cluster, ClusterId, Group, GroupId, LoadFactors, Node, NodeId, NodeState, Secret,
    SecretId, SecretKey, Step, SubId, Tenant, TenantId, TenantLabel, TenantSlug,
};
use b3lbd::state::{Clock, NodeLive, Pool, Report, Restored};
use b3lbd::store::{AssetContent, MemoryStore, StoreError};
use b3lbd::telemetry::Metrics;
use parking_lot::Mutex;

use crate::network::{Network, SECRET, Wire};
use crate::scheduler::{Actor, START, Scheduler, pause};

static METRICS: LazyLock<Arc<Metrics>> = LazyLock::new(|| Arc::new(Metrics::new(&["create"]).unwrap()));

/// The database, with delays before and after a step becomes durable.
pub struct ModelStore {
    pub db: Arc<MemoryStore>,
    /// Number of steps that are durable, but may not be in memory yet.
    pub under_way: Mutex<usize>,
    /// Total number of steps.
    pub steps: AtomicU64,
}

impl BindingStore for ModelStore {
    async fn apply(&self, step: Step, now: i64) -> Result<bool, StoreError> {
        *self.under_way.lock() += 1;
        pause().await;
        let applied = self.db.apply(&step, now);
        self.steps.fetch_add(1, Ordering::Relaxed);
        pause().await;
        *self.under_way.lock() -= 1;
        applied
    }

    async fn asset(
        &self,
        _: TenantId,
        _: AssetKind,
        _: &str,
    ) -> Result<Option<Arc<AssetContent>>, StoreError> {
        Ok(None)
    }

    async fn set_internal_ids(&self, _: NodeId, _: bool) -> Result<(), StoreError> {
        Ok(())
    }
}

pub type ModelCore = Core<ModelStore, Wire>;

const THRESHOLDS: Thresholds = Thresholds { down_after: 2, up_after: 1 };

/// Tenants FOO and BAR with one secret each, and this many nodes.
pub fn catalog(nodes: i64) -> Catalog {
    let cluster = Arc::new(Cluster {
        id: ClusterId(1),
        name: "c".into(),
        factors: LoadFactors::default(),
        algorithm: Algorithm::Sha1,
        target_cpu: 80,
    });
    let group =
        Group { id: GroupId(1), name: "g".into(), description: String::new(), clusters: vec![ClusterId(1)] };
    let node = |n: i64| {
        let node = Node {
            drain: None,
            id: NodeId(n),
            slug: format!("n{n}").parse().unwrap(),
            domain: "test".into(),
            secret: SecretKey::new(SECRET),
            cluster: Arc::clone(&cluster),
            maintenance: false,
        };
        (NodeId(n), Arc::new(node))
    };
    let tenant = |(id, slug): (i64, &str)| {
        let slug: TenantSlug = slug.parse().unwrap();
        let secret = Secret {
            id: SecretId(id),
            tenant: TenantId(id),
            label: TenantLabel { slug: slug.clone(), sub_id: SubId::ZERO },
            key: SecretKey::new("k"),
            second_key: None,
            attendee_limit: 0,
            meeting_limit: 0,
        };
        let tenant = Tenant {
            id: TenantId(id),
            slug: slug.clone(),
            description: String::new(),
            group: GroupId(1),
            stats_token: SecretKey::new("t"),
            attendee_limit: 0,
            meeting_limit: 0,
            secrets: BTreeMap::from([(SubId::ZERO, Arc::new(secret))]),
            create_rules: Vec::new(),
            join_rules: Vec::new(),
            assets: BTreeMap::new(),
        };
        (slug, Arc::new(tenant))
    };
    Catalog {
        revision: 1,
        clusters: BTreeMap::from([(ClusterId(1), Arc::clone(&cluster))]),
        groups: BTreeMap::from([(GroupId(1), Arc::new(group))]),
        nodes: (1..=nodes).map(node).collect(),
        tenants: [(1, "FOO"), (2, "BAR")].map(tenant).into(),
    }
}

/// A daemon that starts from the content of the database.
pub fn start(
    scheduler: &Arc<Scheduler>,
    network: &Arc<Network>,
    db: &Arc<MemoryStore>,
    catalog: Catalog,
) -> Arc<ModelCore> {
    let internal_ids = catalog.nodes.keys().map(|node| (*node, true)).collect();
    let restored =
        Restored { catalog, bindings: db.bindings().unwrap(), internal_ids, ..Restored::default() };
    let clock = Clock::manual(START, scheduler.elapsed());
    let pool = Pool::with_clock(restored, clock, scheduler.below(u64::MAX));
    let store = ModelStore { db: Arc::clone(db), under_way: Mutex::default(), steps: AtomicU64::default() };
    let links = Links::below("http://b3lb.test");
    let core =
        Arc::new(Core::new(pool, Arc::new(store), Wire(Arc::clone(network)), links, Arc::clone(&METRICS)));
    for node in core.pool.catalog().nodes.keys() {
        // Every node has been polled once, successfully.
        if let Some(cell) = core.pool.fleet.cell(*node) {
            cell.update(|live| NodeLive { health: live.health.good(THRESHOLDS), ..live.clone() });
        }
        core.pool.first_round.done(*node);
        let (poller, scheduler, network, node) =
            (Arc::clone(&core), Arc::clone(scheduler), Arc::clone(network), *node);
        let task = Arc::clone(&scheduler);
        task.spawn(Actor::Daemon, async move { poll_for_ever(&poller, &scheduler, &network, node).await });
    }
    core
}

async fn poll_for_ever(
    core: &Arc<ModelCore>,
    scheduler: &Arc<Scheduler>,
    network: &Arc<Network>,
    node: NodeId,
) {
    let Some(cell) = core.pool.fleet.cell(node) else { return };
    loop {
        tokio::select! {
            biased;
            () = cell.poll_now.notified() => scheduler.sleep(200).await,
            () = scheduler.sleep(8_000 + scheduler.below(4_000)) => {}
        }
        poll(core, scheduler, network, node).await;
    }
}

/// One poll of a node, with everything that follows from it.
pub async fn poll(core: &Arc<ModelCore>, scheduler: &Arc<Scheduler>, network: &Arc<Network>, node: NodeId) {
    let (Some(node), Some(cell)) = (core.pool.node(node), core.pool.fleet.cell(node)) else { return };
    let begun = core.pool.clock.now();
    scheduler.sleep(scheduler.below(3)).await;
    if !network.is_reachable(node.id) {
        cell.update(|live| NodeLive { health: live.health.bad(THRESHOLDS, begun, false), ..live.clone() });
        return;
    }
    let query = format!("checksum={}", sign(Algorithm::Sha1, "getMeetings", b"", SECRET));
    let answer = network.handle(node.id, "getMeetings", &query);
    let slow = if scheduler.percent(20) { 3_000 } else { 3 };
    scheduler.sleep(scheduler.below(slow)).await;
    let poll = Poll { begun, cpu: None, report: Report::new(parse_get_meetings(&answer.body).unwrap()) };
    let decisions = core.observe(&node, &poll);
    let report = Arc::new(poll.report);
    cell.update(|live| NodeLive {
        health: live.health.good(THRESHOLDS),
        report: Some(Arc::clone(&report)),
        ..live.clone()
    });
    for decision in decisions {
        let core = Arc::clone(core);
        scheduler.spawn(Actor::Daemon, async move { decision.settle(&core).await });
    }
}

/// Whether a node accepts new meetings.
pub fn is_up(core: &ModelCore, node: NodeId) -> bool {
    core.pool.fleet.state(node) == NodeState::Up
}
