//! Everything in memory together, and the one decision that needs all of it: where a meeting goes.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use arc_swap::ArcSwap;
use parking_lot::Mutex;
use rand::SeedableRng;
use rand::rngs::SmallRng;
use tokio::sync::watch;

use super::{Clock, Count, Counters, FirstRound, Fleet, Instance, Journal, Lists, Meeting, Registry, Turns};
use crate::health::{OutageGuard, State};
use crate::model::{Catalog, Node, NodeId, Secret, Tenant};
use crate::placement::{Expectation, Ledger, Past, PollFigures, RankParts};
use crate::store::{Figures as StoredFigures, Phase, StoredMeeting};

/// Milliseconds for which a create of unknown outcome counts for limits.
const UNKNOWN_COUNTS: i64 = 30_000;
/// Seconds for which a node may go on showing an instance that has ended.
const ENDED_SHOWN: f64 = 60.0;

/// What is to be placed.
#[derive(Debug)]
pub struct Placing<'a> {
    /// The owner.
    pub tenant: &'a Tenant,
    /// The owner's secret.
    pub secret: &'a Secret,
    /// The meeting id.
    pub id: &'a Arc<str>,
    /// How many attendees the client expects, if it says so.
    pub expected: Option<f64>,
    /// Nodes that were tried in vain.
    pub tried: &'a [NodeId],
    /// The only node that will do: that of a breakout room's parent.
    pub only: Option<NodeId>,
    /// It is one meeting more, so that limits apply; not so when it takes the place of another.
    pub is_new: bool,
}

/// A limit that an operator has set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// Meetings at a time.
    Meetings,
    /// Attendees at which a new meeting is still made.
    Attendees,
}

/// Why there is no place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoPlace {
    /// No node takes meetings.
    NoNode,
    /// Each node that does has a meeting of that id, of somebody else.
    IdTaken,
    /// The tenant or the secret has no room for it.
    Limit(Limit),
}

struct Decider {
    ledger: Ledger,
    past: Past,
    rng: SmallRng,
    /// Instances by `createTime` that ended lately, and when: what a poll shows of them keeps nobody off
    /// their node.
    ended: HashMap<NodeId, Vec<(i64, f64)>>,
}

impl Decider {
    fn has_ended(&self, node: NodeId, create_time: i64) -> bool {
        self.ended.get(&node).is_some_and(|it| it.iter().any(|(ended, _)| *ended == create_time))
    }
}

/// All that is in memory.
pub struct Pool {
    /// The daemon's clock.
    pub clock: Clock,
    /// The nodes as polls see them.
    pub fleet: Fleet,
    /// The bindings.
    pub registry: Registry,
    /// `getMeetings` answers.
    pub lists: Lists,
    /// What is counted for each secret.
    pub counters: Counters,
    /// What happened lately.
    pub journal: Journal,
    /// One create at a time per meeting.
    pub turns: Turns,
    /// Whether every node was asked once.
    pub first_round: FirstRound,
    /// Whether most nodes fail because of us.
    pub outage: Mutex<OutageGuard>,
    catalog: ArcSwap<Catalog>,
    changes: watch::Sender<()>,
    decider: Mutex<Decider>,
    next_row: AtomicI64,
}

impl std::fmt::Debug for Pool {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pool").finish_non_exhaustive()
    }
}

impl Pool {
    /// A pool with what the database holds.
    pub fn new(catalog: Catalog, stored: Vec<StoredMeeting>, figures: StoredFigures) -> Self {
        let first_round = FirstRound::over(catalog.nodes.keys().copied());
        let pool = Self {
            clock: Clock::default(),
            fleet: Fleet::default(),
            registry: Registry::default(),
            lists: Lists::default(),
            counters: Counters::restored(figures.counters),
            journal: Journal::default(),
            turns: Turns::default(),
            first_round,
            outage: Mutex::default(),
            catalog: ArcSwap::default(),
            changes: watch::Sender::default(),
            decider: Mutex::new(Decider {
                ledger: Ledger::default(),
                past: Past::restored(figures.past),
                rng: SmallRng::seed_from_u64(rand::random()),
                ended: HashMap::new(),
            }),
            next_row: AtomicI64::new(stored.iter().map(|it| it.new.row).max().unwrap_or(0) + 1),
        };
        pool.install(catalog);
        pool.restore(stored);
        pool
    }

    /// The configuration now.
    pub fn catalog(&self) -> arc_swap::Guard<Arc<Catalog>> {
        self.catalog.load()
    }

    /// A node by row.
    pub fn node(&self, node: NodeId) -> Option<Arc<Node>> {
        self.catalog.load().nodes.get(&node).cloned()
    }

    /// Tells of each new configuration.
    pub fn changes(&self) -> watch::Receiver<()> {
        self.changes.subscribe()
    }

    /// Puts a new configuration in place: it counts from the next request on.
    pub fn install(&self, catalog: Catalog) {
        let catalog = Arc::new(catalog);
        let mut decider = self.decider.lock();
        for node in catalog.nodes.values() {
            decider.ledger.set_node(node.id, node.cluster.factors);
        }
        for gone in self.fleet.keep(catalog.nodes.keys().copied()) {
            decider.ledger.remove_node(gone);
            decider.ended.remove(&gone);
            // Only lives left behind can still be bound to a node that may go.
            for meeting in self.registry.on_node(gone) {
                self.registry.remove(&meeting);
            }
            self.first_round.done(gone);
        }
        decider.past.keep(&catalog.tenants.values().map(|it| it.id).collect());
        drop(decider);
        let secrets = catalog.tenants.values().flat_map(|it| it.secrets.values());
        self.counters.keep(&secrets.map(|it| it.id).collect());
        self.catalog.store(catalog);
        self.changes.send_replace(());
    }

    /// Whether that instance ended lately, although its node may still show it.
    pub fn has_ended(&self, node: NodeId, create_time: i64) -> bool {
        self.decider.lock().has_ended(node, create_time)
    }

    /// Whether most nodes fail at once, so that the fault is probably ours.
    pub fn outage_of_ours(&self) -> bool {
        self.outage.lock().holds(self.clock.now(), f64::INFINITY)
    }

    /// A row for a new binding.
    pub fn next_row(&self) -> i64 {
        self.next_row.fetch_add(1, Ordering::Relaxed)
    }

    /// Chooses a node and binds the meeting to it, in one step: two creates never see the same free
    /// place, and two owners of one id never share a node.
    pub fn place(
        &self,
        placing: &Placing<'_>,
        bind: impl FnOnce(NodeId, i64) -> Meeting,
    ) -> Result<Arc<Meeting>, NoPlace> {
        let mut decider = self.decider.lock();
        if placing.is_new
            && let Some(limit) = self.limit_reached(placing.tenant, placing.secret)
        {
            return Err(NoPlace::Limit(limit));
        }
        let catalog = self.catalog.load();
        let cells = self.fleet.all();
        let taken: Vec<NodeId> = self.registry.with_id(placing.id).iter().map(|it| it.node).collect();
        let mut id_taken = false;
        let candidates: Vec<NodeId> = catalog
            .nodes_of(placing.tenant.group)
            .filter(|node| placing.only.is_none_or(|only| only == node.id))
            .filter(|node| !node.maintenance && !placing.tried.contains(&node.id))
            .filter_map(|node| Some((node.id, cells.get(&node.id)?.live())))
            .filter(|(_, live)| live.health.state() == State::Up)
            .filter(|(node, live)| {
                let shown = live.report.as_ref().and_then(|it| it.meetings.get(placing.id));
                let seen = shown.is_some_and(|it| !decider.has_ended(*node, it.create_time));
                let free = !seen && !taken.contains(node);
                id_taken |= !free;
                free
            })
            .map(|(node, _)| node)
            .collect();
        let expected = match placing.expected {
            Some(peak) => Expectation::given(peak),
            None => decider.past.expect(placing.tenant.id, placing.id),
        };
        let row = self.next_row();
        let now = self.clock.now();
        let Decider { ledger, rng, .. } = &mut *decider;
        let Some(node) = ledger.place(now, row.unsigned_abs(), expected, candidates, rng) else {
            return Err(if id_taken { NoPlace::IdTaken } else { NoPlace::NoNode });
        };
        Ok(self.registry.put(bind(node, row)))
    }

    /// The limit that one meeting more would break: the tenant's first, then the secret's. Counts under
    /// the decider's lock, so that creates side by side do not pass a limit together.
    fn limit_reached(&self, tenant: &Tenant, secret: &Secret) -> Option<Limit> {
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
        let of_tenant = || self.registry.occupancy(tenant.secrets.values().map(|it| it.id), since);
        let of_secret = || self.registry.occupancy([secret.id], since);
        reached((tenant.meeting_limit, tenant.attendee_limit), &of_tenant)
            .or_else(|| reached((secret.meeting_limit, secret.attendee_limit), &of_secret))
    }

    /// Books an instance that took the place of another one on its node.
    pub fn book(&self, meeting: &Meeting) {
        self.book_in(&mut self.decider.lock(), meeting);
    }

    fn book_in(&self, decider: &mut Decider, meeting: &Meeting) {
        let expected = decider.past.expect(meeting.tenant, &meeting.key.id);
        let born = self.clock.at_wall_ms(meeting.created_at);
        decider.ledger.book(born, meeting.row.unsigned_abs(), expected, meeting.node);
    }

    /// A meeting never came to be on its node.
    pub fn unplace(&self, meeting: &Meeting) {
        self.registry.remove(meeting);
        self.decider.lock().ledger.remove(meeting.row.unsigned_abs());
        self.lists.changed(meeting);
    }

    /// A binding is left behind: it owns its id no longer, but keeps others off its node.
    pub fn abandon(&self, meeting: &Meeting) {
        self.registry.put(meeting.in_phase(Phase::Abandoned, meeting.nonce, None, meeting.known_since));
        self.decider.lock().ledger.remove(meeting.row.unsigned_abs());
        self.lists.changed(meeting);
    }

    /// A meeting has ended; its duration counts, and the past learns its size.
    pub fn ended(&self, meeting: &Meeting) {
        self.settle_end(&mut self.decider.lock(), meeting);
    }

    /// A new life takes the place of one that has ended. It counts as a new meeting: the limit that it
    /// breaks, if any.
    pub fn renew(
        &self,
        old: &Meeting,
        new: Meeting,
        tenant: &Tenant,
        secret: &Secret,
    ) -> (Arc<Meeting>, Option<Limit>) {
        let mut decider = self.decider.lock();
        self.settle_end(&mut decider, old);
        let limit = self.limit_reached(tenant, secret);
        let meeting = self.registry.put(new);
        self.book_in(&mut decider, &meeting);
        (meeting, limit)
    }

    fn settle_end(&self, decider: &mut Decider, meeting: &Meeting) {
        if self.registry.remove(meeting).is_some() {
            if meeting.phase == Phase::Live {
                let milliseconds = self.clock.wall_ms().saturating_sub(meeting.created_at);
                self.counters.count(meeting.key.secret, Count::Ended(milliseconds.max(0).unsigned_abs()));
            }
            let Decider { ledger, past, ended, .. } = decider;
            if let Some(instance) = &meeting.instance {
                ended.entry(meeting.node).or_default().push((instance.create_time, self.clock.now()));
            }
            if let Some(peak) = ledger.remove(meeting.row.unsigned_abs()).filter(|peak| *peak > 0) {
                past.learn(meeting.tenant, &meeting.key.id, f64::from(peak));
            }
        }
        self.lists.changed(meeting);
    }

    /// A redirect into a meeting was given out.
    pub fn joined(&self, meeting: &Meeting) {
        self.decider.lock().ledger.joined(self.clock.now(), meeting.row.unsigned_abs(), 1);
        self.counters.count(meeting.key.secret, Count::Join);
    }

    /// What has changed of the counters and of the past since it was last taken.
    pub fn take_figures(&self) -> StoredFigures {
        let past = self.decider.lock().past.take_learned();
        StoredFigures { counters: self.counters.take_changed(), past }
    }

    /// What was taken could not be written.
    pub fn figures_not_written(&self, figures: StoredFigures) {
        self.counters.not_written(&figures.counters.iter().map(|(secret, _)| *secret).collect());
        self.decider.lock().past.not_kept(figures.past);
    }

    /// A good poll of a node.
    pub fn polled(&self, node: NodeId, figures: PollFigures<'_>) {
        let mut decider = self.decider.lock();
        if let Some(ended) = decider.ended.get_mut(&node) {
            ended.retain(|(_, at)| *at + ENDED_SHOWN > figures.begun);
        }
        decider.ledger.polled(node, figures);
    }

    /// The parts of a node's rank for a meeting of typical size.
    pub fn explain(&self, node: NodeId) -> Option<RankParts> {
        let decider = self.decider.lock();
        decider.ledger.explain(node, decider.past.typical())
    }

    /// Takes over the bindings of an earlier life of the daemon.
    fn restore(&self, stored: Vec<StoredMeeting>) {
        let catalog = self.catalog.load();
        let secrets = catalog.tenants.values().flat_map(|tenant| tenant.secrets.values());
        let owners: HashMap<_, _> = secrets.map(|it| (it.id, (it.tenant, it.label.clone()))).collect();
        for StoredMeeting { new, phase, confirmed } in stored {
            let Some(owner) = owners.get(&new.secret) else { continue };
            let creating = Meeting::creating(new, owner.clone(), self.clock.now());
            let (nonce, since) = (creating.nonce, creating.known_since);
            let meeting = creating.in_phase(phase, nonce, confirmed.map(Instance::from), since);
            let meeting = self.registry.put(meeting);
            if meeting.phase != Phase::Abandoned {
                self.book(&meeting);
            }
        }
    }
}
