//! Updates the change feeds from the pool.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use rpc::{
    MeetingRow, MeetingStats, NodeCounts, NodeRow, NodeStats, Rates, SHOWN_PROBLEMS, TenantRow, TenantStats,
    Totals,
};

use super::feeds::{Change, Key, Part, State, Value};
use crate::admin::capacity::Capacities;
use crate::admin::replication::role;
use crate::admin::status::problem;
use crate::admin::{Context, clusters, events, groups, nodes, tenants};
use crate::model::{Catalog, Node, NodeState, TenantId};
use crate::state::Meeting;

/// Number of past events in a snapshot.
const EVENTS: usize = 1_000;

/// Updates all change feeds.
pub(super) fn scan(context: &Context, state: &mut State) {
    let catalog = context.catalog();
    if state.catalog.as_ref().is_none_or(|known| !Arc::ptr_eq(known, &catalog)) {
        scan_rows(context, &catalog, state);
        state.catalog = Some(Arc::clone(&catalog));
    }
    let capacities = Capacities::now(context);
    for node in catalog.nodes.values() {
        let stats = Change::Node(Value::Stats(node_stats(context, &capacities, node)));
        state.objects.set(Key::Node(Part::Stats, node.id.0), stats);
    }
    let sums = scan_meetings(context, state);
    state.meetings_now = sums.values().map(|(meetings, _)| u64::from(*meetings)).sum();
    state.attendees_now = sums.values().map(|(_, attendees)| u64::from(*attendees)).sum();
    for tenant in catalog.tenants.values() {
        let (meetings, attendees) = sums.get(&tenant.id).copied().unwrap_or_default();
        let counted = tenant.secrets.values().map(|it| context.core.pool.counters.of(it.id));
        let refused = counted.map(|it| it.attendee_limit_hits + it.meeting_limit_hits).sum();
        let stats = TenantStats { id: tenant.id.0, meetings, attendees, refused };
        state.objects.set(Key::Tenant(Part::Stats, tenant.id.0), Change::Tenant(Value::Stats(stats)));
    }
    scan_events(context, state);
}

/// Updates the rows, which only change with the configuration.
fn scan_rows(context: &Context, catalog: &Catalog, state: &mut State) {
    let objects = &mut state.objects;
    let nodes: HashSet<i64> = catalog.nodes.keys().map(|it| it.0).collect();
    let tenants: HashSet<i64> = catalog.tenants.values().map(|it| it.id.0).collect();
    for key in objects.keys().collect::<Vec<_>>() {
        match key {
            Key::Node(Part::Row, id) if !nodes.contains(&id) => {
                objects.remove(key);
                objects.forget(&Key::Node(Part::Stats, id));
            }
            Key::Tenant(Part::Row, id) if !tenants.contains(&id) => {
                objects.remove(key);
                objects.forget(&Key::Tenant(Part::Stats, id));
            }
            _ => {}
        }
    }
    for node in catalog.nodes.values() {
        let row = NodeRow {
            id: node.id.0,
            slug: node.slug.to_string(),
            domain: node.domain.clone(),
            cluster: node.cluster.name.clone(),
            drain: node.drain.as_ref().map(nodes::drain_view),
        };
        objects.set(Key::Node(Part::Row, node.id.0), Change::Node(Value::Row(row)));
    }
    for tenant in catalog.tenants.values() {
        let row = TenantRow {
            id: tenant.id.0,
            slug: tenant.slug.to_string(),
            description: tenant.description.clone(),
            group: catalog.groups.get(&tenant.group).map(|it| it.name.clone()).unwrap_or_default(),
            hostname: context.hostname(&tenants::label_of(&tenant.slug)),
            attendee_limit: tenant.attendee_limit,
            meeting_limit: tenant.meeting_limit,
            secrets: u32::try_from(tenant.secrets.len()).unwrap_or(u32::MAX),
        };
        objects.set(Key::Tenant(Part::Row, tenant.id.0), Change::Tenant(Value::Row(row)));
    }
    objects.set(Key::Clusters, Change::Clusters(clusters::list(catalog)));
    objects.set(Key::Groups, Change::Groups(groups::list(catalog)));
}

fn node_stats(context: &Context, capacities: &Capacities<'_>, node: &Node) -> NodeStats {
    let live = context.core.pool.fleet.cell(node.id).map(|it| it.live()).unwrap_or_default();
    let polled = live.report.is_some();
    NodeStats {
        id: node.id.0,
        state: live.health.state(),
        maintenance: node.maintenance,
        load: live.load(node),
        attendees: polled.then_some(live.attendees),
        meetings: polled.then(|| live.meetings()),
        cpu: live.cpu.map(|(cpu, _)| cpu),
        capacity: capacities.of(node.id),
        misses: live.health.failures(),
        polled_at: live.polled_at.unwrap_or(0) / 1000,
        error: live.last_error.clone(),
    }
}

/// Updates the feed of meetings and returns meetings and attendees of each tenant.
fn scan_meetings(context: &Context, state: &mut State) -> HashMap<TenantId, (u32, u32)> {
    let mut sums: HashMap<TenantId, (u32, u32)> = HashMap::new();
    let mut there = HashSet::new();
    for meeting in &context.core.pool.registry.unsorted() {
        there.insert(meeting.id().0);
        let (rooms, people) = rooms_and_people(meeting);
        let sum = sums.entry(meeting.owner.tenant).or_default();
        sum.0 += rooms;
        sum.1 += people;
        let number = meeting.id().0;
        let known = state.meetings.get(&(Part::Row, number));
        if !known.is_some_and(|it| matches!(it, Value::Row(row) if row.node == meeting.node().0)) {
            state.meetings.set((Part::Row, number), Value::Row(meeting_row(meeting)));
        }
        state.meetings.set((Part::Stats, number), Value::Stats(meeting_stats(meeting)));
    }
    let keys: Vec<_> = state.meetings.keys().collect();
    for key in keys {
        if let (Part::Row, number) = key
            && !there.contains(&number)
        {
            state.meetings.remove(key);
            state.meetings.forget(&(Part::Stats, number));
        }
    }
    sums
}

/// Number of rooms and people of a meeting, including its breakout rooms.
fn rooms_and_people(meeting: &Meeting) -> (u32, u32) {
    match meeting.observation() {
        Some(observation) => {
            let count = u32::try_from(observation.all().count()).unwrap_or(u32::MAX);
            (count, observation.all().map(|it| it.attendees).sum())
        }
        None => (1, 0),
    }
}

fn meeting_row(meeting: &Meeting) -> MeetingRow {
    MeetingRow {
        number: meeting.id().0,
        id: meeting.key().id.to_string(),
        name: meeting.binding.name.clone(),
        tenant: meeting.owner.label.slug.to_string(),
        sub_id: meeting.owner.label.sub_id.get(),
        node: meeting.node().0,
        created_at: meeting.binding.created_at,
    }
}

fn meeting_stats(meeting: &Meeting) -> MeetingStats {
    let number = meeting.id().0;
    meeting.observation().map_or(MeetingStats { number, ..MeetingStats::default() }, |observation| {
        let it = &observation.main;
        MeetingStats {
            number,
            attendees: it.attendees,
            listeners: it.listeners,
            voices: it.voices,
            videos: it.videos,
            moderators: it.moderators,
        }
    })
}

fn scan_events(context: &Context, state: &mut State) {
    let entries = context.core.pool.journal.after(state.events.back().copied().unwrap_or(0));
    for entry in entries.iter().skip(entries.len().saturating_sub(EVENTS)) {
        state.events.push_back(entry.seq);
        state.objects.set(Key::Event(entry.seq), Change::Event(events::event(entry)));
        if state.events.len() > EVENTS
            && let Some(old) = state.events.pop_front()
        {
            state.objects.forget(&Key::Event(old));
        }
    }
}

/// Totals over all tenants.
pub(super) fn totals(context: &Context, state: &State) -> Totals {
    let pool = &context.core.pool;
    let problems = pool.problems.all();
    Totals {
        role: role(&pool.standing),
        nodes: node_counts(context),
        meetings: state.meetings_now,
        attendees: state.attendees_now,
        rates: rates(context),
        problem_count: u32::try_from(problems.len()).unwrap_or(u32::MAX),
        problems: problems.into_iter().take(SHOWN_PROBLEMS).map(problem).collect(),
        poll_seconds: context.settings.poll_seconds,
        now: pool.clock.wall_ms(),
    }
}

/// Number of nodes in each state.
pub(in crate::admin) fn node_counts(context: &Context) -> NodeCounts {
    let catalog = context.catalog();
    let mut counts = NodeCounts::default();
    for node in catalog.nodes.values() {
        counts.total += 1;
        counts.maintenance += u32::from(node.maintenance);
        let count = match context.core.pool.fleet.state(node.id) {
            NodeState::Up => &mut counts.up,
            NodeState::Suspect => &mut counts.suspect,
            NodeState::Down => &mut counts.down,
            NodeState::Unknown => &mut counts.unknown,
        };
        *count += 1;
    }
    counts
}

/// Events per second, rounded to one decimal.
pub(in crate::admin) fn rates(context: &Context) -> Rates {
    let it = context.core.pool.counters.rates.per_second();
    let tenths = |rate: f64| (rate * 10.0).round() / 10.0;
    Rates { requests: tenths(it.requests), joins: tenths(it.joins), creates: tenths(it.creates) }
}
