//! The complete state in memory, and placement, the one decision that needs all of it.

mod replica;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use arc_swap::ArcSwap;
use parking_lot::Mutex;
use rand::SeedableRng;
use rand::rngs::SmallRng;
use tokio::sync::watch;

use super::{
    Clock, Count, Counters, FirstRound, Fleet, InternalIds, Journal, Lists, Meeting, NodeLive, OpenProblems,
    Owner, Refusals, Registry, Standing, Tally, Target, TaskRuns, Transition, Turns,
};
use crate::bbb::NodeMeeting;
use crate::health::OutageGuard;
use crate::model::{
    Binding, BindingId, Catalog, Entry, Exclusion, NAMED, Node, NodeId, NodeState, Nonce, Phase, Placed,
    Ranked, Secret, SecretId, Statistics, Step, Tenant, may_be_internal_prefix,
};
use crate::placement::{Expectation, Ledger, MeetingToken, Past, PollSample, RankParts};

/// Milliseconds for which a create with unknown outcome counts towards limits.
const UNKNOWN_COUNTS: i64 = 30_000;
/// Seconds for which a node may keep reporting an instance that has ended.
const ENDED_SHOWN: f64 = 60.0;

/// A placement request.
#[derive(Debug)]
pub struct Placing<'a> {
    /// The owner.
    pub tenant: &'a Tenant,
    /// The owner's secret.
    pub secret: &'a Secret,
    /// The meeting id.
    pub id: &'a Arc<str>,
    /// Number of attendees that the client expects, if given.
    pub expected: Option<f64>,
    /// Nodes that were already tried.
    pub tried: &'a [NodeId],
    /// The only acceptable node, which is that of a breakout room's parent.
    pub only: Option<NodeId>,
    /// Whether it adds a meeting, so that limits apply. False if it replaces another one.
    pub is_new: bool,
    /// The node that it was on before.
    pub moved_from: Option<NodeId>,
}

/// A limit set by an operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Limit {
    /// Number of concurrent meetings.
    Meetings,
    /// Number of attendees at which new meetings are refused.
    Attendees,
}

/// Why a meeting cannot be placed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoPlace {
    /// No node accepts meetings.
    NoNode,
    /// All such nodes have somebody else's meeting with that id.
    IdTaken,
    /// A limit of the tenant or the secret is reached.
    Limit(Limit),
}

/// The state read from the database at the start.
#[derive(Debug, Default)]
pub struct Restored {
    /// The configuration.
    pub catalog: Catalog,
    /// All bindings.
    pub bindings: Vec<Binding>,
    /// Counters, and what was learned from past meetings.
    pub statistics: Statistics,
    /// Nodes for which support of internal ids is known.
    pub internal_ids: Vec<(NodeId, bool)>,
    /// Events, oldest first.
    pub events: Vec<Entry>,
}

/// An instance that ended recently: its internal id and `createTime`, and when it was settled.
type Ended = (Arc<str>, i64, f64);

struct Decider {
    ledger: Ledger,
    past: Past,
    rng: SmallRng,
    /// Recently ended instances. If polls still report them, they do not keep others off the node.
    ended: HashMap<NodeId, Vec<Ended>>,
    /// Nonces of recently removed bindings, and when they were removed. Some ended before their instance was known.
    removed: HashMap<NodeId, Vec<(Nonce, f64)>>,
}

impl Decider {
    fn has_ended(&self, node: NodeId, reported: &NodeMeeting) -> bool {
        let is_it = |(id, time, _): &Ended| *id == reported.internal_id && *time == reported.create_time;
        self.ended.get(&node).is_some_and(|ended| ended.iter().any(is_it))
    }
}

/// The token that identifies a binding in the ledger.
fn token(id: BindingId) -> MeetingToken {
    id.0.unsigned_abs()
}

/// A rank as it is kept.
fn ranked(node: NodeId, it: RankParts) -> Ranked {
    let parts = [it.attendees, it.reserved, it.meetings, it.cpu, it.own];
    Ranked { node, parts: parts.map(|part| (part * 1000.0).round() / 1000.0) }
}

/// The complete state in memory.
pub struct Pool {
    /// The daemon's clock.
    pub clock: Clock,
    /// The nodes, as seen by the polls.
    pub fleet: Fleet,
    /// The bindings.
    pub registry: Registry,
    /// `getMeetings` answers.
    pub lists: Lists,
    /// Counters of each secret.
    pub counters: Counters,
    /// Recent events.
    pub journal: Journal,
    /// When each task of the daemon last ran.
    pub task_runs: TaskRuns,
    /// Creates that were refused lately.
    pub refusals: Refusals,
    /// What happened since the last row of the history.
    pub tally: Tally,
    /// What needs attention from an operator.
    pub problems: OpenProblems,
    /// Whether this daemon is the primary.
    pub standing: Arc<Standing>,
    /// Serializes creates per meeting.
    pub turns: Turns,
    /// Whether every node was polled once.
    pub first_round: FirstRound,
    /// Whether every node was polled once since this daemon took over as the primary.
    pub adoption_round: FirstRound,
    /// Detects failures of our own network.
    pub outage: Mutex<OutageGuard>,
    catalog: ArcSwap<Catalog>,
    changes: watch::Sender<()>,
    decider: Mutex<Decider>,
    next_binding: AtomicI64,
}

impl std::fmt::Debug for Pool {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pool").finish_non_exhaustive()
    }
}

impl Pool {
    /// Creates a pool from the content of the database.
    pub fn new(restored: Restored) -> Self {
        Self::with_clock(restored, Clock::default(), rand::random())
    }

    /// Creates a pool with this clock; ties are broken by random numbers from `seed`.
    pub fn with_clock(restored: Restored, clock: Clock, seed: u64) -> Self {
        let Restored { catalog, bindings, statistics, internal_ids, events } = restored;
        let first_round = FirstRound::of(catalog.nodes.keys().copied());
        let pool = Self {
            clock,
            fleet: Fleet::default(),
            registry: Registry::default(),
            lists: Lists::default(),
            counters: Counters::restored(statistics.counters),
            journal: Journal::restored(events),
            task_runs: TaskRuns::default(),
            refusals: Refusals::default(),
            tally: Tally::default(),
            problems: OpenProblems::default(),
            standing: Arc::default(),
            turns: Turns::default(),
            first_round,
            adoption_round: FirstRound::of([]),
            outage: Mutex::default(),
            catalog: ArcSwap::default(),
            changes: watch::Sender::default(),
            decider: Mutex::new(Decider {
                ledger: Ledger::default(),
                past: Past::restored(statistics.past),
                rng: SmallRng::seed_from_u64(seed),
                ended: HashMap::new(),
                removed: HashMap::new(),
            }),
            next_binding: AtomicI64::new(bindings.iter().map(|it| it.id.0).max().unwrap_or(0) + 1),
        };
        pool.install(catalog);
        for (node, known) in internal_ids {
            if let Some(cell) = pool.fleet.cell(node) {
                cell.set_internal_ids(known);
            }
        }
        pool.restore(bindings);
        pool
    }

    /// The current configuration.
    pub fn catalog(&self) -> arc_swap::Guard<Arc<Catalog>> {
        self.catalog.load()
    }

    /// The node with this row id.
    pub fn node(&self, node: NodeId) -> Option<Arc<Node>> {
        self.catalog.load().nodes.get(&node).cloned()
    }

    /// Notifies of new configurations.
    pub fn changes(&self) -> watch::Receiver<()> {
        self.changes.subscribe()
    }

    /// Publishes a new configuration, which takes effect with the next request.
    pub fn install(&self, catalog: Catalog) {
        let catalog = Arc::new(catalog);
        let mut decider = self.decider.lock();
        for node in catalog.nodes.values() {
            decider.ledger.set_node(node.id, node.cluster.factors);
        }
        for gone in self.fleet.keep(catalog.nodes.keys().copied()) {
            decider.ledger.remove_node(gone);
            decider.ended.remove(&gone);
            decider.removed.remove(&gone);
            // Only abandoned instances can still be bound to a node that may be removed.
            for meeting in self.registry.on_node(gone) {
                self.registry.apply(&Step::forget(&meeting.binding), &meeting.owner, self.clock.now());
            }
            self.first_round.done(gone);
            self.adoption_round.done(gone);
        }
        decider.past.keep(&catalog.tenants.values().map(|it| it.id).collect());
        drop(decider);
        let secrets = catalog.tenants.values().flat_map(|it| it.secrets.values());
        self.counters.keep(&secrets.map(|it| it.id).collect());
        self.catalog.store(catalog);
        self.changes.send_replace(());
    }

    /// Whether the instance that a node reports has ended recently.
    pub fn has_ended(&self, node: NodeId, reported: &NodeMeeting) -> bool {
        self.decider.lock().has_ended(node, reported)
    }

    /// Whether the binding with this nonce was removed recently, so that a poll may be older than that.
    pub fn was_removed(&self, node: NodeId, nonce: &Nonce) -> bool {
        let decider = self.decider.lock();
        decider.removed.get(&node).is_some_and(|removed| removed.iter().any(|(it, _)| it == nonce))
    }

    /// Whether most nodes fail at once, so that the problem is probably ours.
    pub fn outage_of_ours(&self) -> bool {
        self.outage.lock().holds(self.clock.now(), f64::INFINITY)
    }

    /// The row id for a new binding.
    pub fn next_binding(&self) -> BindingId {
        BindingId(self.next_binding.fetch_add(1, Ordering::Relaxed))
    }

    /// Chooses a node and binds the meeting to it in one step, so that two creates never use the same
    /// capacity, and two owners of the same id never share a node.
    pub fn place(
        &self,
        placing: &Placing<'_>,
        bind: impl FnOnce(NodeId, BindingId) -> Binding,
    ) -> Result<Arc<Meeting>, NoPlace> {
        let mut decider = self.decider.lock();
        if placing.is_new
            && let Some(limit) = self.limit_reached(placing.tenant, placing.secret, None)
        {
            return Err(NoPlace::Limit(limit));
        }
        let catalog = self.catalog.load();
        let cells = self.fleet.all();
        let taken: HashSet<NodeId> = self.registry.with_id(placing.id).iter().map(|it| it.node()).collect();
        let mut placed = Placed { moved_from: placing.moved_from, ..Placed::default() };
        let exclusion = |node: &Node| {
            let Some(cell) = cells.get(&node.id) else { return Some(Exclusion::Unknown) };
            let live = cell.live();
            if placing.only.is_some_and(|only| only != node.id) {
                return Some(Exclusion::NotOfParent);
            } else if node.maintenance {
                return Some(Exclusion::Maintenance);
            } else if placing.tried.contains(&node.id) {
                return Some(Exclusion::Tried);
            }
            match live.health.state() {
                NodeState::Up => {}
                NodeState::Suspect => return Some(Exclusion::Suspect),
                NodeState::Down => return Some(Exclusion::Down),
                NodeState::Unknown => return Some(Exclusion::Unknown),
            }
            let reported = live.report.as_ref().map(|it| it.with_id(placing.id)).unwrap_or_default();
            let free = reported.iter().all(|it| decider.has_ended(node.id, it))
                && !taken.contains(&node.id)
                && (cell.internal_ids() == InternalIds::Known || self.may_share(node.id, &live, placing));
            (!free).then_some(Exclusion::IdTaken)
        };
        let mut candidates = Vec::new();
        for node in catalog.nodes_of(placing.tenant.group) {
            match exclusion(node) {
                None => candidates.push(node.id),
                Some(why) => placed.exclude(node.id, why),
            }
        }
        let expected = match placing.expected {
            Some(peak) => Expectation::given(peak),
            None => decider.past.expect(placing.tenant.id, placing.id),
        };
        let id = self.next_binding();
        let now = self.clock.now();
        let Decider { ledger, rng, .. } = &mut *decider;
        placed.expected = expected.peak;
        placed.candidates = u32::try_from(candidates.len()).unwrap_or(u32::MAX);
        let Some(choice) = ledger.place(now, token(id), expected, candidates, rng, NAMED) else {
            let id_taken = placed.excluded.iter().any(|it| it.why == Exclusion::IdTaken);
            return Err(if id_taken { NoPlace::IdTaken } else { NoPlace::NoNode });
        };
        placed.best = choice.best.into_iter().map(|(node, parts)| ranked(node, parts)).collect();
        let owner = Owner { tenant: placing.tenant.id, label: placing.secret.label.clone() };
        let binding = Binding { placed: Some(Arc::new(placed)), ..bind(choice.node, id) };
        let meeting = Meeting::new(binding, owner, now);
        Ok(self.registry.insert(meeting))
    }

    /// Whether a meeting may be placed on a node that does not support internal ids. If BBB could take an id
    /// for a prefix of another's internal id, the two must not share such a node.
    fn may_share(&self, node: NodeId, live: &NodeLive, placing: &Placing<'_>) -> bool {
        let bound = self.registry.on_node(node);
        let is_own = |it: &Arc<Meeting>| it.key().secret == placing.secret.id;
        if !may_be_internal_prefix(placing.id) {
            return bound.iter().all(|it| is_own(it) || !may_be_internal_prefix(&it.key().id));
        }
        let own: HashSet<&str> = bound
            .iter()
            .filter(|it| is_own(it))
            .filter_map(|it| it.instance())
            .map(|it| &*it.internal_id)
            .collect();
        let is_known = |it: &NodeMeeting| {
            own.contains(&*it.internal_id) || it.parent.as_deref().is_some_and(|parent| own.contains(parent))
        };
        let reported = live.report.iter().flat_map(|report| report.all());
        bound.iter().all(is_own) && reported.into_iter().all(|it| is_known(it))
    }

    /// The limit that one more meeting would exceed: first the tenant's, then the secret's. Called with the
    /// decider locked, so that concurrent creates cannot exceed a limit together. Ignores `except`.
    fn limit_reached(&self, tenant: &Tenant, secret: &Secret, except: Option<BindingId>) -> Option<Limit> {
        let reached = |limits: (u32, u32), occupancy: &dyn Fn() -> (u64, u64)| {
            let (meetings, attendees) = limits;
            if limits == (0, 0) {
                return None;
            }
            let (meetings_now, attendees_now) = occupancy();
            let full = |limit: u32, now: u64| limit > 0 && now >= u64::from(limit);
            if full(meetings, meetings_now) {
                Some(Limit::Meetings)
            } else {
                full(attendees, attendees_now).then_some(Limit::Attendees)
            }
        };
        let since = self.clock.wall_ms() - UNKNOWN_COUNTS;
        let of_tenant = || self.registry.occupancy(tenant.secrets.values().map(|it| it.id), since, except);
        let of_secret = || self.registry.occupancy([secret.id], since, except);
        reached((tenant.meeting_limit, tenant.attendee_limit), &of_tenant)
            .or_else(|| reached((secret.meeting_limit, secret.attendee_limit), &of_secret))
    }

    /// Applies a step to memory, including placement, counters and lists. Returns false and changes nothing
    /// if a binding that it replaces or removes has changed.
    pub fn apply(&self, step: &Step, owner: &Owner) -> bool {
        self.apply_in(&mut self.decider.lock(), step, owner)
    }

    /// Applies a step that replaces `old` with a new instance. This counts as a new meeting, so it also
    /// returns the limit that it exceeds, if any.
    pub fn renew(
        &self,
        step: &Step,
        old: &Meeting,
        (tenant, secret): (&Tenant, &Secret),
    ) -> (bool, Option<Limit>) {
        let mut decider = self.decider.lock();
        let limit = self.limit_reached(tenant, secret, Some(old.id()));
        (self.apply_in(&mut decider, step, &old.owner), limit)
    }

    fn apply_in(&self, decider: &mut Decider, step: &Step, owner: &Owner) -> bool {
        let Some(transitions) = self.registry.apply(step, owner, self.clock.now()) else { return false };
        for Transition { old, new } in transitions {
            match (&old, &new) {
                (Some(old), None) => self.account_for_end(decider, old),
                (None, Some(new)) => self.book(decider, new),
                (Some(old), Some(new)) if old.phase() == Phase::Abandoned => self.book(decider, new),
                (Some(_), Some(new)) if new.phase() == Phase::Abandoned => {
                    _ = decider.ledger.remove(token(new.id()));
                }
                _ => {}
            }
            for meeting in old.iter().chain(&new) {
                self.lists.changed(meeting);
            }
        }
        true
    }

    /// Books a meeting whose node was not just chosen by placement.
    fn book(&self, decider: &mut Decider, meeting: &Meeting) {
        if meeting.phase() != Phase::Abandoned {
            let expected = decider.past.expect(meeting.owner.tenant, &meeting.key().id);
            let born = self.clock.at_wall_ms(meeting.binding.created_at);
            decider.ledger.book(born, token(meeting.id()), expected, meeting.node());
        }
    }

    /// Accounts for a removed binding: if it was a meeting, counts its duration and learns its size.
    fn account_for_end(&self, decider: &mut Decider, meeting: &Meeting) {
        if meeting.phase() == Phase::Live {
            let milliseconds = self.clock.wall_ms().saturating_sub(meeting.binding.created_at);
            self.counters.count(meeting.key().secret, Count::Ended(milliseconds.max(0).unsigned_abs()));
        }
        let Decider { ledger, past, ended, removed, .. } = decider;
        let nonces = [Some(meeting.nonce()), meeting.binding.next.map(|next| next.nonce)];
        let now = self.clock.now();
        removed.entry(meeting.node()).or_default().extend(nonces.into_iter().flatten().map(|it| (it, now)));
        if let Some(instance) = meeting.instance() {
            let life = (instance.internal_id.clone(), instance.create_time, self.clock.now());
            ended.entry(meeting.node()).or_default().push(life);
        }
        if let Some(peak) = ledger.remove(token(meeting.id())).filter(|peak| *peak > 0) {
            past.learn(meeting.owner.tenant, &meeting.key().id, f64::from(peak));
        }
    }

    /// A meeting was created.
    pub fn created(&self, meeting: &Meeting) {
        self.counters.count(meeting.key().secret, Count::Create);
        self.tally.created(meeting.node(), &meeting.owner.label.slug);
    }

    /// A join was redirected to a meeting.
    pub fn joined(&self, target: &Target) {
        let meeting = &target.meeting;
        // A join of a breakout room counts in the parent already, or with the room.
        if target.room.is_none() {
            self.decider.lock().ledger.joined(self.clock.now(), token(meeting.id()), 1);
        }
        self.counters.count(meeting.key().secret, Count::Join);
        self.tally.joined(meeting.node());
        self.fleet.poll_soon(meeting.node());
    }

    /// Removes and returns counters and entries of the past that have changed since the last call.
    pub fn take_statistics(&self) -> Statistics {
        let past = self.decider.lock().past.take_learned();
        Statistics { counters: self.counters.take_changed(), past }
    }

    /// Marks statistics as changed again, after they could not be written.
    pub fn statistics_not_written(&self, statistics: Statistics) {
        self.counters.not_written(&statistics.counters.iter().map(|(secret, _)| *secret).collect());
        self.decider.lock().past.not_kept(statistics.past);
    }

    /// Books a successful poll of a node.
    pub fn polled(&self, node: NodeId, sample: PollSample<'_>) {
        let mut decider = self.decider.lock();
        if let Some(ended) = decider.ended.get_mut(&node) {
            ended.retain(|(.., at)| *at + ENDED_SHOWN > sample.begun);
        }
        if let Some(removed) = decider.removed.get_mut(&node) {
            removed.retain(|(_, at)| *at + ENDED_SHOWN > sample.begun);
        }
        decider.ledger.polled(node, sample);
    }

    /// The parts of a node's rank for a meeting of typical size.
    pub fn explain(&self, node: NodeId) -> Option<RankParts> {
        let decider = self.decider.lock();
        decider.ledger.explain(node, decider.past.typical())
    }

    /// How many attendees each node carries at its cluster's target CPU use; none before that is learned.
    pub fn capacities(&self) -> HashMap<NodeId, f64> {
        let catalog = self.catalog.load();
        let target = |node| catalog.nodes.get(&node).map_or(0, |it| it.cluster.target_cpu);
        self.decider.lock().ledger.capacities(|node| f64::from(target(node)) / 100.0)
    }

    fn owners(&self) -> HashMap<SecretId, Owner> {
        let catalog = self.catalog.load();
        let secrets = catalog.tenants.values().flat_map(|tenant| tenant.secrets.values());
        secrets.map(|it| (it.id, Owner { tenant: it.tenant, label: it.label.clone() })).collect()
    }

    /// Restores the bindings that were stored before a restart.
    fn restore(&self, bindings: Vec<Binding>) {
        let owners = self.owners();
        for binding in bindings {
            if let Some(owner) = owners.get(&binding.key.secret) {
                self.apply(&Step::insert(binding), owner);
            }
        }
    }
}
