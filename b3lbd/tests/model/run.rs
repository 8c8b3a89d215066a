//! One run: the actions of clients, operators and nodes, and the invariants to check.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use b3lbd::bbb::{Call, CreateAnswer, Params};
use b3lbd::lifecycle::CreateRequest;
use b3lbd::model::{NodeId, Phase, SecretId, TenantLabel};
use b3lbd::store::MemoryStore;
use parking_lot::Mutex;
use sha1::{Digest, Sha1};

use crate::daemon::{self, ModelCore};
use crate::network::{Faults, Network};
use crate::scheduler::{Actor, Scheduler, Tasks};

/// Milliseconds with random actions. After that, all faults are repaired and everything settles.
const BUSY: i64 = 60_000;
/// Milliseconds in which every node is polled at least once, and pending calls complete.
const SETTLING: i64 = 16_000;

/// The owner of a meeting: a secret and one of its meeting ids.
#[derive(Clone, Debug)]
struct Key {
    label: &'static str,
    id: String,
}

impl Key {
    fn owner(&self) -> String {
        format!("{}/{}", self.label, self.id)
    }

    fn url(&self) -> String {
        format!("http://client/{}", self.owner())
    }
}

/// Both tenants use a common id; BAR also uses ids that are prefixes of FOO's internal ids.
fn keys() -> Vec<Key> {
    let hash = hex::encode(Sha1::digest("staff"));
    let key = |label, id: &str| Key { label, id: id.to_owned() };
    vec![key("foo", "staff"), key("bar", "staff"), key("bar", &hash[..2]), key("bar", &hash)]
}

/// The state of a run.
struct World {
    scheduler: Arc<Scheduler>,
    network: Arc<Network>,
    db: Arc<MemoryStore>,
    core: Mutex<Arc<ModelCore>>,
    nodes: i64,
    maintenance: Mutex<BTreeSet<NodeId>>,
    /// Pending creates, by owner.
    creating: Mutex<BTreeMap<String, usize>>,
    /// All instances so far, by owner.
    lives: Mutex<BTreeMap<String, BTreeSet<String>>>,
    /// Instances that a client was told of, in order, by owner.
    told: Mutex<BTreeMap<String, Vec<String>>>,
    /// Owners whose meeting was moved off a node, or ended there by the daemon: its end is not reported.
    moved: Mutex<BTreeSet<String>>,
    /// The number of database steps at the last comparison with memory.
    compared: AtomicU64,
}

impl World {
    fn core(&self) -> Arc<ModelCore> {
        Arc::clone(&self.core.lock())
    }

    fn request(&self, key: &Key, passwords: Option<(&str, &str)>) -> CreateRequest {
        let label: TenantLabel = key.label.parse().unwrap();
        let core = self.core();
        let catalog = core.pool.catalog();
        let (tenant, secret) = catalog.secret(&label).unwrap();
        let mut params = Params::default();
        params.set("meetingID", &key.id);
        params.set("name", "A meeting");
        params.set("meta_owner", &key.owner());
        params.set("meetingEndedURL", &key.url());
        if let Some((attendee, moderator)) = passwords {
            params.set("attendeePW", attendee);
            params.set("moderatorPW", moderator);
        }
        CreateRequest::new(Arc::clone(tenant), Arc::clone(secret), params, None).unwrap()
    }

    fn secret(&self, key: &Key) -> SecretId {
        let label: TenantLabel = key.label.parse().unwrap();
        self.core().pool.catalog().secret(&label).unwrap().1.id
    }

    /// A client's create, and its answer.
    async fn create(
        self: &Arc<Self>,
        key: Key,
        passwords: Option<(&'static str, &'static str)>,
    ) -> Option<String> {
        let (core, owner) = (self.core(), key.owner());
        let bound = core.pool.registry.get(self.secret(&key), &key.id);
        let off =
            bound.is_some_and(|it| !daemon::is_up(&core, it.node()) || self.is_in_maintenance(it.node()));
        if off {
            self.moved.lock().insert(owner.clone());
        }
        let request = self.request(&key, passwords);
        *self.creating.lock().entry(owner.clone()).or_default() += 1;
        self.scheduler.note(|| format!("create {owner} {passwords:?}"));
        let answer = core.create(request).await;
        *self.creating.lock().entry(owner.clone()).or_default() -= 1;
        let told = match &answer {
            Ok(answer) => match CreateAnswer::parse(&answer.body) {
                Ok(CreateAnswer::Created { internal_id, .. }) => Some(internal_id),
                _ => None,
            },
            Err(_) => None,
        };
        self.scheduler
            .note(|| format!("create {owner} -> {}", told.clone().unwrap_or_else(|| format!("{answer:?}"))));
        if let Some(internal_id) = &told {
            let mut acknowledged = self.network.acknowledged.lock();
            let before = acknowledged.insert(owner.clone(), internal_id.clone());
            if before.is_some_and(|it| {
                it != *internal_id && self.network.lives().iter().any(|life| life.internal_id == it)
            }) {
                self.moved.lock().insert(owner.clone());
            }
            self.told.lock().entry(owner).or_default().push(internal_id.clone());
        }
        told
    }

    fn is_in_maintenance(&self, node: NodeId) -> bool {
        self.maintenance.lock().contains(&node)
    }

    /// A client's call about its meeting.
    async fn ask(self: &Arc<Self>, key: Key, call: Call) {
        let core = self.core();
        let Some(target) = core.pool.registry.find(self.secret(&key), &key.id) else { return };
        if call == Call::End
            && let Some(instance) = target.meeting.instance()
        {
            self.network.may_end.lock().push(instance.internal_id.to_string());
        }
        let answer = core.ask(&target, call, Params::default(), None).await;
        self.scheduler
            .note(|| format!("{} {} -> {:?}", call.name(), key.owner(), answer.map(|it| it.status)));
    }

    /// An operator ends a meeting.
    async fn end_for_operator(self: &Arc<Self>, key: Key) {
        let core = self.core();
        let Some(meeting) = core.pool.registry.get(self.secret(&key), &key.id) else { return };
        if let Some(instance) = meeting.instance() {
            self.network.may_end.lock().push(instance.internal_id.to_string());
        }
        let ended = core.end_for_operator(&meeting).await;
        self.scheduler.note(|| format!("operator ends {} -> {ended:?}", key.owner()));
    }

    /// The daemon after a start.
    fn start_daemon(&self) -> Arc<ModelCore> {
        let core = daemon::start(&self.scheduler, &self.network, &self.db, self.catalog());
        *self.core.lock() = Arc::clone(&core);
        core
    }

    fn catalog(&self) -> b3lbd::model::Catalog {
        let mut catalog = daemon::catalog(self.nodes);
        for node in self.maintenance.lock().iter() {
            if let Some(it) = catalog.nodes.get_mut(node) {
                *it = Arc::new(b3lbd::model::Node { maintenance: true, ..it.as_ref().clone() });
            }
        }
        catalog
    }

    /// The invariants after each step.
    fn check(&self) -> Result<(), String> {
        if let Some(violation) = self.network.violations.lock().first() {
            return Err(violation.clone());
        }
        let core = self.core();
        let lives = self.network.lives();
        let mut seen: BTreeMap<(NodeId, String), String> = BTreeMap::new();
        for life in &lives {
            self.lives.lock().entry(life.owner.clone()).or_default().insert(life.internal_id.clone());
        }
        let owner_of = |meeting: &b3lbd::state::Meeting| {
            format!("{}/{}", meeting.owner.label.host_label(), meeting.key().id)
        };
        for meeting in core.pool.registry.all() {
            let Some(instance) = meeting.instance().filter(|_| meeting.phase() == Phase::Live) else {
                continue;
            };
            let (owner, id) = (owner_of(&meeting), instance.internal_id.to_string());
            if let Some(life) = lives.iter().find(|it| it.internal_id == id && it.node == meeting.node())
                && life.owner != owner
            {
                return Err(format!("{owner} is bound to {id}, which is a meeting of {}", life.owner));
            }
            if let Some(other) = seen.insert((meeting.node(), id.clone()), owner.clone()) {
                return Err(format!("{id} is bound to {owner} and to {other}"));
            }
        }
        for (owner, id) in self.network.acknowledged.lock().iter() {
            let (label, meeting_id) = owner.split_once('/').unwrap_or_default();
            let goes_on = lives.iter().any(|life| life.internal_id == *id);
            if !goes_on || self.creating.lock().get(owner).is_some_and(|n| *n > 0) {
                continue;
            }
            let label: TenantLabel = label.parse().unwrap();
            let secret = core.pool.catalog().secret(&label).unwrap().1.id;
            let bound = core.pool.registry.get(secret, meeting_id);
            let bound = bound.as_ref().and_then(|it| it.instance()).map(|it| it.internal_id.to_string());
            if bound.as_ref() != Some(id) {
                return Err(format!("{owner} was told of {id}, which goes on, but is bound to {bound:?}"));
            }
        }
        // Only if something was stored since the last comparison.
        let steps = core.store.steps.load(Ordering::Relaxed);
        if *core.store.under_way.lock() == 0 && self.compared.swap(steps, Ordering::Relaxed) != steps {
            self.check_memory_and_database(&core)?;
        }
        Ok(())
    }

    /// Memory and database contain the same bindings.
    fn check_memory_and_database(&self, core: &ModelCore) -> Result<(), String> {
        let what = |it: &b3lbd::model::Binding| {
            let instance = it.instance.as_ref().map(|it| it.internal_id.clone());
            (it.id, it.nonce.to_hex(), it.phase.as_str(), it.node, it.key.id.clone(), instance)
        };
        let stored: Vec<_> = self.db.bindings().unwrap().iter().map(what).collect();
        let mut bound: Vec<_> = (1..=self.nodes)
            .flat_map(|node| core.pool.registry.on_node(NodeId(node)))
            .map(|it| what(&it.binding))
            .collect();
        bound.sort_by_key(|it| it.0);
        if stored == bound { Ok(()) } else { Err(format!("stored {stored:?}, but in memory {bound:?}")) }
    }

    /// The invariants once everything has settled.
    fn check_settled(&self) -> Result<(), String> {
        let core = self.core();
        let mut lives = BTreeMap::new();
        for life in self.network.lives() {
            if let Some(other) = lives.insert(life.owner.clone(), life.internal_id.clone()) {
                return Err(format!("{} is there twice: {other} and {}", life.owner, life.internal_id));
            }
        }
        let mut bound = BTreeMap::new();
        for node in 1..=self.nodes {
            for meeting in core.pool.registry.on_node(NodeId(node)) {
                let owner = format!("{}/{}", meeting.owner.label.host_label(), meeting.key().id);
                match meeting.instance().filter(|_| meeting.phase() == Phase::Live) {
                    Some(instance) => _ = bound.insert(owner, instance.internal_id.to_string()),
                    None => return Err(format!("{owner} is not settled: {:?}", meeting.binding)),
                }
            }
        }
        if bound != lives {
            return Err(format!("bound {bound:?}, but there are {lives:?}"));
        }
        self.check_callbacks(&lives)
    }

    /// Each client is called back at most once for each instance that has ended, and at least once for each
    /// that it was told of, unless its meeting was moved.
    fn check_callbacks(&self, lives: &BTreeMap<String, String>) -> Result<(), String> {
        let mut calls: BTreeMap<String, usize> = BTreeMap::new();
        for url in self.db.callbacks().unwrap() {
            *calls.entry(url).or_default() += 1;
        }
        for key in keys() {
            let owner = key.owner();
            let made = calls.get(&key.url()).copied().unwrap_or(0);
            let all = self.lives.lock().get(&owner).map_or(0, BTreeSet::len);
            let alive = usize::from(lives.contains_key(&owner));
            // An end may be reported for a create with unknown outcome, although its meeting never existed.
            let attempts = self.told.lock().get(&owner).map_or(0, Vec::len);
            if made > all.max(attempts) - alive.min(all) {
                return Err(format!("{owner}: {made} callbacks for {all} lives, {alive} of which go on"));
            }
            let told: BTreeSet<_> = self.told.lock().get(&owner).into_iter().flatten().cloned().collect();
            let ended = told.iter().filter(|it| lives.get(&owner) != Some(it)).count();
            if !self.moved.lock().contains(&owner) && made < ended {
                return Err(format!(
                    "{owner}: {made} callbacks, but {ended} lives have ended that it was told of"
                ));
            }
        }
        Ok(())
    }
}

/// A random action, derived from the seed.
fn happen(world: &Arc<World>, tasks: &mut Tasks) {
    let scheduler = &world.scheduler;
    let keys = keys();
    let key = keys[usize::try_from(scheduler.below(keys.len() as u64)).unwrap()].clone();
    let node = NodeId(1 + scheduler.below(world.nodes.unsigned_abs()).cast_signed());
    let this = Arc::clone(world);
    let client = Actor::Client(key.owner());
    match scheduler.below(100) {
        0..45 => {
            let passwords = match scheduler.below(10) {
                0..6 => Some(("a", "m")),
                6..9 => None,
                _ => Some(("other", "m")),
            };
            scheduler.spawn(client, async move {
                this.create(key, passwords).await;
            });
        }
        45..55 => scheduler.spawn(client, async move { this.ask(key, Call::End).await }),
        55..62 => scheduler.spawn(client, async move { this.ask(key, Call::GetMeetingInfo).await }),
        62..66 => scheduler.spawn(client, async move { this.end_for_operator(key).await }),
        66..80 => {
            let lives = world.network.lives();
            if !lives.is_empty() {
                let life = &lives[usize::try_from(scheduler.below(lives.len() as u64)).unwrap()];
                world.scheduler.note(|| format!("{} of {} ends", life.internal_id, life.owner));
                world.network.end(life.node, &life.internal_id);
            }
        }
        80..84 => {
            world.scheduler.note(|| format!("{node:?} restarts"));
            world.network.restart(node);
        }
        84..91 => {
            let reachable = !world.network.is_reachable(node);
            world.scheduler.note(|| format!("{node:?} reachable: {reachable}"));
            world.network.set_reachable(node, reachable);
        }
        91..94 => {
            let mut maintenance = world.maintenance.lock();
            if !maintenance.remove(&node) {
                maintenance.insert(node);
            }
            drop(maintenance);
            world.scheduler.note(|| format!("{node:?} in maintenance: {}", world.is_in_maintenance(node)));
            world.core().pool.install(world.catalog());
        }
        _ => {
            world.scheduler.note(|| "the daemon is killed and starts again".to_owned());
            tasks.kill_daemon();
            world.creating.lock().clear();
            world.start_daemon();
        }
    }
}

/// Delivers the nodes' callbacks to the running daemon.
fn deliver_callbacks(world: &Arc<World>) {
    for nonce in std::mem::take(&mut *world.network.callbacks.lock()) {
        let core = world.core();
        world.scheduler.note(|| "a callback arrives".to_owned());
        world.scheduler.spawn(Actor::Daemon, async move { core.callback(nonce).await });
    }
}

fn steps(world: &Arc<World>, tasks: &mut Tasks, end: i64) -> Result<(), String> {
    while tasks.step(end) {
        deliver_callbacks(world);
        world.check()?;
    }
    Ok(())
}

/// Runs a seed; `trace` prints the actions.
pub fn run(seed: u64, db: &Arc<MemoryStore>, trace: bool) -> Result<(), String> {
    db.clear().unwrap();
    let scheduler = Scheduler::new(seed, trace);
    let nodes = 1 + scheduler.below(3).cast_signed();
    let mean = |scale: u64| if scheduler.percent(50) { 0 } else { scheduler.below(scale) };
    let faults = Faults { answer_lost: mean(40), late: mean(20), lost: mean(20) };
    let network = Network::new(&scheduler, nodes, faults);
    let core = daemon::start(&scheduler, &network, db, daemon::catalog(nodes));
    let world = Arc::new(World {
        scheduler: Arc::clone(&scheduler),
        network,
        db: Arc::clone(db),
        core: Mutex::new(core),
        nodes,
        maintenance: Mutex::default(),
        creating: Mutex::default(),
        lives: Mutex::default(),
        told: Mutex::default(),
        moved: Mutex::default(),
        compared: AtomicU64::new(u64::MAX),
    });
    let mut tasks = Tasks::new(&scheduler);
    let happenings = 4 + scheduler.below(14);
    let mut at = 0;
    for _ in 0..happenings {
        // Often immediately, otherwise after a while.
        at += if scheduler.percent(60) { scheduler.below(10) } else { scheduler.below(9_000) }.cast_signed();
        steps(&world, &mut tasks, at.min(BUSY))?;
        happen(&world, &mut tasks);
    }
    settle(&world, &mut tasks)
}

/// Repairs all faults, and waits until everything has settled.
fn settle(world: &Arc<World>, tasks: &mut Tasks) -> Result<(), String> {
    world.scheduler.note(|| "all is healed".to_owned());
    *world.network.faults.lock() = Faults::default();
    for node in 1..=world.nodes {
        world.network.set_reachable(NodeId(node), true);
    }
    world.maintenance.lock().clear();
    world.core().pool.install(world.catalog());
    let now = || world.scheduler.elapsed().load(Ordering::Relaxed);
    steps(world, tasks, now() + SETTLING)?;
    // Long timeouts expire eventually.
    for _ in 0..3 {
        world.scheduler.skip(700_000);
        steps(world, tasks, now() + SETTLING)?;
    }
    world.check_settled()?;
    // Every owner can create a meeting again; of two owners of the same id, the second one on a second node.
    for key in keys() {
        let told: Arc<Mutex<Option<String>>> = Arc::default();
        let (this, owner, result, wanted) = (Arc::clone(world), key.owner(), Arc::clone(&told), key.clone());
        world.scheduler.spawn(Actor::Client(owner.clone()), async move {
            *result.lock() = this.create(wanted, None).await;
        });
        let end = now() + 60_000;
        while world.creating.lock().values().any(|n| *n > 0) || now() == end - 60_000 {
            if !tasks.step(end) {
                break;
            }
            deliver_callbacks(world);
            world.check()?;
        }
        let alone = world.nodes == 1 && key.id == "staff";
        if told.lock().is_none() && !alone {
            return Err(format!("{owner} can have no meeting any more"));
        }
    }
    Ok(())
}
