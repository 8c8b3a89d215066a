//! A deterministic installation of any size.

use rpc::{
    Changes, CheckItem, ClusterView, DrainSpec, DrainView, Event, EventKind, Finding, GroupView, Hello,
    LoadParts, MeetingChanges, MeetingRow, MeetingStats, NewSecret, NodeCheck, NodeCounts, NodeDetails,
    NodeRow, NodeState, NodeStats, NodeView, PoolForecast, PoolHistory, PoolPoint, Problem, ProblemKind,
    RankView, Rates, Role, Sample, SecretView, Severity, TenantRow, TenantStats, Totals, Verdict,
    WatchAnswer,
};

/// The daemon's clock: 2026-11-30 08:15:00 UTC, in seconds since 1970.
pub(crate) const NOW: i64 = 1_796_026_500;

const MEETING_NAMES: [&str; 10] = [
    "Mathematik 7b",
    "Grüße aus Österreich: Übung für Änderungsmanagement und Qualitätssicherung in der Lehre",
    "日本語の授業 第三課",
    "Staff meeting",
    "👩‍🏫 Elternabend 5a",
    "Physik LK \u{1b}[31mrot\u{202e}",
    "Cafe\u{301} franc\u{327}ais",
    "Vorlesung Lineare Algebra I",
    "",
    "한국어 회화",
];

const CLUSTERS: [&str; 3] = ["main", "gpu-münchen", "burst"];

fn number(number: usize) -> i64 {
    i64::try_from(number).unwrap()
}

fn small(number: usize) -> u32 {
    u32::try_from(number).unwrap()
}

/// How the daemon introduces itself.
pub(crate) fn hello() -> Hello {
    Hello { protocol: rpc::PROTOCOL, version: "0.1.0".into(), role: Role::Primary, user: "ada (1000)".into() }
}

/// State and maintenance of a node. Most nodes are up.
fn health(node: usize) -> (NodeState, bool) {
    match node {
        2 => (NodeState::Suspect, false),
        4 => (NodeState::Down, false),
        6 => (NodeState::Up, true),
        7 => (NodeState::Unknown, false),
        9 => (NodeState::Down, true),
        it if it % 97 == 50 => (NodeState::Suspect, false),
        _ => (NodeState::Up, false),
    }
}

fn slug(node: usize) -> String {
    match node {
        3 => "a-node-with-a-name-that-is-much-longer-than-any-column-would-like-it-to-be".into(),
        _ => format!("bbb-{:03}", node + 1),
    }
}

/// Name of a node.
pub(crate) fn node_name(node: usize) -> String {
    format!("{}.{}", slug(node), domain(node))
}

fn domain(node: usize) -> &'static str {
    if node % 5 == 1 { "bbb.uni-würzburg.example" } else { "example.org" }
}

fn node_stats(node: usize, meetings: u32, attendees: u32) -> NodeStats {
    let (state, maintenance) = health(node);
    let cpu = (state == NodeState::Up).then(|| small(700 + node * 397 % 8000));
    let load = match (state, maintenance) {
        (_, true) => -2,
        (NodeState::Up, false) => i64::from(attendees + 30 * meetings) + i64::from(cpu.unwrap() / 40),
        _ => -1,
    };
    let known = state != NodeState::Unknown;
    let misses = match state {
        NodeState::Suspect => 2,
        NodeState::Down => 340,
        NodeState::Up | NodeState::Unknown => 0,
    };
    let error = (misses > 0).then(|| match node {
        2 => "connect to 192.0.2.17:443: connection timed out after 5 s".to_owned(),
        _ => format!("GET https://{}/bigbluebutton/api/getMeetings: HTTP 502 Bad Gateway", node_name(node)),
    });
    NodeStats {
        id: number(node) + 1,
        state,
        maintenance,
        load,
        attendees: known.then_some(attendees),
        meetings: known.then_some(meetings),
        cpu,
        capacity: (state == NodeState::Up).then(|| small(150 + node % 4 * 30)),
        misses,
        polled_at: if known { NOW - number(node % 10) - 1 } else { 0 },
        error,
    }
}

/// Slug of a tenant; the first one has the greatest length.
pub(crate) fn tenant_slug(tenant: usize) -> String {
    match tenant {
        0 => "SCHOOLNORD".into(),
        1 => "TU".into(),
        _ => format!("T{tenant:03}"),
    }
}

/// The size of an installation.
#[derive(Clone, Copy)]
pub(crate) struct Size {
    pub(crate) nodes: usize,
    pub(crate) meetings: usize,
    pub(crate) tenants: usize,
}

/// A usual size.
pub(crate) const USUAL: Size = Size { nodes: 12, meetings: 40, tenants: 6 };

/// The greatest size that B3LB is made for.
pub(crate) const HUGE: Size = Size { nodes: 1_000, meetings: 20_000, tenants: 1_000 };

/// A new installation.
pub(crate) const EMPTY: Size = Size { nodes: 0, meetings: 0, tenants: 0 };

fn people(meeting: usize) -> u32 {
    if meeting % 11 == 10 { 0 } else { small(meeting * 7 % 43 + 1) }
}

/// The node of a meeting; nodes that were never polled have none.
fn node_of(meeting: usize, nodes: usize) -> usize {
    let node = meeting * 5 % nodes;
    if node == 7 { 0 } else { node }
}

/// The complete snapshot, as the first answer of a watch.
pub(crate) fn snapshot(size: Size) -> WatchAnswer {
    let Size { nodes, meetings, tenants } = size;
    let mut on_node = vec![(0, 0); nodes];
    let mut of_tenant = vec![(0, 0); tenants];
    for meeting in 0..meetings {
        let (node, tenant) = (node_of(meeting, nodes), meeting % tenants);
        on_node[node] = (on_node[node].0 + 1, on_node[node].1 + people(meeting));
        of_tenant[tenant] = (of_tenant[tenant].0 + 1, of_tenant[tenant].1 + people(meeting));
    }
    let stats: Vec<_> = (0..nodes).map(|it| node_stats(it, on_node[it].0, on_node[it].1)).collect();
    let tenant_stats = |it: usize| TenantStats {
        id: number(it) + 1,
        meetings: of_tenant[it].0,
        attendees: of_tenant[it].1,
        refused: it as u64 * 3 % 7,
    };
    WatchAnswer {
        epoch: 7,
        seq: 100,
        reset: true,
        more: false,
        totals: totals(&stats, meetings),
        nodes: Changes { rows: (0..nodes).map(node_row).collect(), stats, gone: Vec::new() },
        tenants: Changes {
            rows: (0..tenants).map(tenant_row).collect(),
            stats: (0..tenants).map(tenant_stats).collect(),
            gone: Vec::new(),
        },
        clusters: Some(if nodes == 0 { Vec::new() } else { clusters(nodes) }),
        groups: Some(if nodes == 0 { Vec::new() } else { groups(tenants) }),
        events: if nodes == 0 { Vec::new() } else { events() },
        meetings: Some(MeetingChanges {
            seq: 100,
            reset: true,
            changes: Changes {
                rows: (0..meetings).map(|it| meeting_row(it, nodes, tenants)).collect(),
                stats: (0..meetings).map(meeting_stats).collect(),
                gone: Vec::new(),
            },
        }),
    }
}

fn totals(stats: &[NodeStats], meetings: usize) -> Totals {
    let count = |state| small(stats.iter().filter(|it| it.state == state).count());
    Totals {
        role: Role::Primary,
        nodes: NodeCounts {
            total: small(stats.len()),
            up: count(NodeState::Up),
            suspect: count(NodeState::Suspect),
            down: count(NodeState::Down),
            unknown: count(NodeState::Unknown),
            maintenance: small(stats.iter().filter(|it| it.maintenance).count()),
        },
        meetings: meetings as u64,
        attendees: (0..meetings).map(|it| u64::from(people(it))).sum(),
        rates: Rates { requests: 84.2, joins: 3.4, creates: 0.25 },
        problem_count: 0,
        problems: Vec::new(),
        poll_seconds: 10.0,
        now: NOW * 1000,
    }
}

/// Two days of a timetable, in a zone that is an hour ahead of UTC.
pub(crate) fn pool_history() -> PoolHistory {
    let start = (NOW / 900 - 95) * 900;
    let point = |level: i64, quarter: i64| {
        let of_day = (start / 900 + 4 + quarter).rem_euclid(96);
        let (hour, quarter) = (of_day / 4, of_day % 4);
        let busy = match hour {
            7..=12 => [100, 90, 80, 60][usize::try_from(quarter).unwrap()],
            13..=17 => 30,
            _ => 1,
        };
        let creates = if (7..=12).contains(&hour) && quarter == 0 { 20 } else { busy / 20 };
        let small = |it: i64| u32::try_from(it).unwrap();
        PoolPoint {
            attendees: small(busy * level / 10),
            meetings: small(busy * level / 150),
            creates: small(creates * level / 100),
            refusals: small(if hour == 8 { level / 20 } else { 0 }),
        }
    };
    let day = |level: i64, quarters: i64| (0..quarters).map(|it| Some(point(level, it))).collect();
    let mut today: Vec<_> = day(90, 96);
    // The daemon was restarted in the night.
    today[60..64].fill(None);
    PoolHistory {
        start: start * 1000,
        utc_offset: 3_600,
        today,
        yesterday: day(70, 144),
        last_week: day(110, 144),
        forecast: Some(PoolForecast { at: (NOW / 3600 + 1) * 3_600_000, attendees: 940, week_before: 1_100 }),
        capacity: Some(1_500),
    }
}

pub(crate) fn node_row(node: usize) -> NodeRow {
    let (slug, domain) = (slug(node), domain(node).into());
    NodeRow { id: number(node) + 1, slug, domain, cluster: CLUSTERS[node % 7 % 3].into(), drain: None }
}

fn tenant_row(tenant: usize) -> TenantRow {
    let slug = tenant_slug(tenant);
    TenantRow {
        id: number(tenant) + 1,
        hostname: format!("{}.bbb.example.org", slug.to_lowercase()),
        slug,
        description: ["Schulverband Nord", "Technische Universität, 32.000 Studierende", ""][tenant % 3]
            .into(),
        group: ["everybody", "premium"][tenant % 2].into(),
        attendee_limit: [0, 2_000, 100][tenant % 3],
        meeting_limit: [50, 0, 7][tenant % 3],
        secrets: [3, 12, 1][tenant % 3],
    }
}

fn meeting_row(meeting: usize, nodes: usize, tenants: usize) -> MeetingRow {
    MeetingRow {
        number: number(meeting) + 1,
        id: format!("{:08x}-{meeting:04}-meeting", meeting * 2_654_435_761 % 4_294_967_296),
        name: MEETING_NAMES[meeting % MEETING_NAMES.len()].into(),
        tenant: tenant_slug(meeting % tenants),
        sub_id: u16::try_from(meeting % 3).unwrap(),
        node: number(node_of(meeting, nodes)) + 1,
        created_at: (NOW - number(meeting * 311 % 14_000) - 30) * 1000,
    }
}

fn meeting_stats(meeting: usize) -> MeetingStats {
    let people = people(meeting);
    MeetingStats {
        number: number(meeting) + 1,
        attendees: people,
        listeners: people / 2,
        voices: people / 3,
        videos: people / 4,
        moderators: people.min(2),
    }
}

fn clusters(nodes: usize) -> Vec<ClusterView> {
    let cluster = |(at, name): (usize, &&str)| ClusterView {
        name: (*name).to_owned(),
        attendee_factor: 1.0,
        meeting_factor: 30.0,
        cpu_order: if at == 2 { 0 } else { 6 },
        cpu_max: 5000,
        checksum: ["sha256", "sha512", "sha1"][at].into(),
        target_cpu: 80,
        groups: [vec!["everybody", "premium"], vec!["premium"], vec![]][at]
            .iter()
            .map(|it| (*it).into())
            .collect(),
        nodes: (0..nodes).filter(|it| it % 7 % 3 == at).count() as u64,
        capacity: None,
    };
    CLUSTERS.iter().enumerate().map(cluster).collect()
}

fn groups(tenants: usize) -> Vec<GroupView> {
    let group = |(at, name): (usize, &str)| GroupView {
        name: name.into(),
        description: ["All that pay nothing extra", "Those with a contract"][at].into(),
        clusters: [vec!["main".into()], vec!["main".into(), "gpu-münchen".into()]][at].clone(),
        tenants: (0..tenants).filter(|it| it % 2 == at).map(tenant_slug).collect(),
        capacity: None,
    };
    ["everybody", "premium"].into_iter().enumerate().map(group).collect()
}

fn events() -> Vec<Event> {
    let events = [
        (EventKind::System, Severity::Info, "daemon", "started, version 0.1.0", None),
        (EventKind::Change, Severity::Info, "node bbb-007.example.org", "maintenance on", Some("ada (1000)")),
        (
            EventKind::Node,
            Severity::Warning,
            "node bbb-003.example.org",
            "up -> suspect: connect timed out",
            None,
        ),
        (
            EventKind::Node,
            Severity::Error,
            "node bbb-005.example.org",
            "suspect -> down: HTTP 502 Bad Gateway; the next create moves each of its 4 meetings",
            None,
        ),
        (
            EventKind::Meeting,
            Severity::Warning,
            "tenant T002",
            "create of Grüße aus Österreich refused: the limit of 7 meetings is reached",
            None,
        ),
        (
            EventKind::Change,
            Severity::Info,
            "tenant SCHOOLNORD",
            "attendee limit 500 -> none",
            Some("björn (1001)"),
        ),
        (
            EventKind::System,
            Severity::Error,
            "callback",
            "https://moodle.example.org/ended: given up after 5 tries",
            None,
        ),
    ];
    let event = |(at, it): (usize, (EventKind, Severity, &str, &str, Option<&str>))| Event {
        seq: at as u64 + 1,
        at: format!("2026-11-30T08:{:02}:{:02}Z", at * 2, at * 7),
        kind: it.0,
        severity: it.1,
        subject: it.2.into(),
        text: it.3.into(),
        who: it.4.map(str::to_owned),
        count: 1,
    };
    events.into_iter().enumerate().map(event).collect()
}

/// A later answer: only the statistics of nodes and meetings change.
pub(crate) fn change(size: Size, round: usize) -> WatchAnswer {
    let mut answer = snapshot(size);
    answer.reset = false;
    answer.seq += round as u64;
    (answer.nodes.rows, answer.tenants.rows) = (Vec::new(), Vec::new());
    (answer.clusters, answer.groups) = (None, None);
    answer.events = Vec::new();
    for stats in &mut answer.nodes.stats {
        stats.load += if stats.load >= 0 { number(round * 13 % 7) } else { 0 };
    }
    if let Some(changes) = &mut answer.meetings {
        (changes.reset, changes.changes.rows) = (false, Vec::new());
        for stats in &mut changes.changes.stats {
            stats.attendees += small((round + usize::try_from(stats.number).unwrap()) % 5);
        }
    }
    answer
}

/// A drain that began five minutes ago.
pub(crate) fn drain(spec: &DrainSpec) -> DrainView {
    let at = |seconds: i64| jiff::Timestamp::from_second(NOW + seconds).unwrap().to_string();
    DrainView {
        who: "ada (1000)".into(),
        since: at(-300),
        reason: spec.reason.clone(),
        evacuate_at: spec.evacuate_after.map(|it| at(it.cast_signed() - 300)),
    }
}

/// A node with its last hour, in which load rises after a gap.
pub(crate) fn details(node: usize) -> NodeDetails {
    let snapshot = snapshot(USUAL);
    let row = node_row(node);
    let stats = snapshot.nodes.stats[node].clone();
    let sample = |poll: i64| {
        let busy = u32::try_from((poll - 100).max(0)).unwrap();
        Sample((NOW - 3600 + poll * 10) * 1000, i64::from(40 + busy * 3), busy, Some(1500 + busy * 20))
    };
    NodeDetails {
        node: NodeView {
            slug: row.slug.clone(),
            domain: row.domain.clone(),
            cluster: row.cluster,
            state: stats.state,
            maintenance: stats.maintenance,
            drain: row.drain,
            load: stats.load,
            attendees: stats.attendees.map(u64::from),
            meetings: stats.meetings.map(u64::from),
            cpu: stats.cpu,
            capacity: stats.capacity,
            last_poll_error: stats.error,
        },
        parts: LoadParts { attendees: 69.0, meetings: 120.0, cpu: 17.4 },
        rank: Some(RankView {
            slug: row.slug,
            domain: row.domain,
            takes_meetings: true,
            attendees: 69.0,
            reserved: 12.5,
            meetings: 120.0,
            cpu: 17.4,
            own: 45.0,
            rank: 263.9,
        }),
        misses: stats.misses,
        polled_at: Some((NOW - 2) * 1000),
        poll_ms: 45,
        bound: 4,
        bound_attendees: 69,
        history: (0..360).filter(|poll| !(200..230).contains(poll)).map(sample).collect(),
    }
}

/// A tenant's secrets, without keys.
pub(crate) fn secrets(tenant: &str) -> Vec<SecretView> {
    let secret = |sub_id: u16| SecretView {
        name: format!("{tenant}-{sub_id:03}"),
        tenant: tenant.into(),
        sub_id,
        hostname: match sub_id {
            0 => format!("{}.bbb.example.org", tenant.to_lowercase()),
            _ => format!("{}-{sub_id:03}.bbb.example.org", tenant.to_lowercase()),
        },
        attendee_limit: if sub_id == 1 { 250 } else { 0 },
        meeting_limit: if sub_id == 1 { 10 } else { 0 },
        has_second: sub_id == 2,
    };
    [0, 1, 2].map(secret).to_vec()
}

/// [`secrets`] with keys.
pub(crate) fn keys(tenant: &str) -> Vec<NewSecret> {
    let key = |view: SecretView| NewSecret {
        secret: format!("KeyOf{}xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", view.sub_id)[..42].into(),
        view,
    };
    secrets(tenant).into_iter().map(key).collect()
}

/// The check of a node. It works, but its clock is wrong and it is slow.
pub(crate) fn check(node: &str) -> NodeCheck {
    let finding =
        |(item, verdict, text): (CheckItem, Verdict, &str)| Finding { item, verdict, text: text.into() };
    let good = !node.starts_with("bbb-005");
    let findings = if good {
        vec![
            (CheckItem::Dns, Verdict::Good, "192.0.2.11, 2001:db8::11"),
            (CheckItem::Tcp, Verdict::Good, "connected to 192.0.2.11:443 in 4 ms"),
            (CheckItem::Tls, Verdict::Good, "certificate good until 2027-02-14"),
            (CheckItem::Api, Verdict::Good, "BigBlueButton 3.0.11"),
            (CheckItem::Secret, Verdict::Good, "accepted"),
            (CheckItem::Load, Verdict::Good, "1234 of 10000"),
            (
                CheckItem::Clock,
                Verdict::Warning,
                "9 s ahead of ours: is its time synchronised? Meetings seem to begin in the future",
            ),
            (CheckItem::Latency, Verdict::Warning, "812 ms; below 500 ms is usual"),
        ]
    } else {
        vec![
            (CheckItem::Dns, Verdict::Good, "192.0.2.15"),
            (CheckItem::Tcp, Verdict::Good, "connected to 192.0.2.15:443 in 3 ms"),
            (CheckItem::Tls, Verdict::Good, "certificate good until 2027-02-14"),
            (
                CheckItem::Api,
                Verdict::Bad,
                "HTTP 502 Bad Gateway: is bbb-web running? bbb-conf --status tells",
            ),
            (CheckItem::Secret, Verdict::Skipped, "the API does not answer"),
        ]
    };
    NodeCheck {
        node: node.into(),
        good,
        bbb_version: good.then(|| "3.0.11".into()),
        latency_ms: good.then_some(812),
        clock_ahead_seconds: good.then_some(9),
        findings: findings.into_iter().map(finding).collect(),
    }
}

/// What is wrong, the gravest first.
pub(crate) fn problems() -> Vec<Problem> {
    let problem = |kind, severity, subject: &str, text: &str, (meetings, attendees)| Problem {
        kind,
        severity,
        subject: subject.into(),
        since: jiff::Timestamp::from_second(NOW - 725).unwrap().to_string(),
        count: 1,
        meetings,
        attendees,
        tenants: if meetings == 0 { vec![] } else { vec!["FHS".into(), "GYMNASIUM".into()] },
        text: text.into(),
        advice: "do something".into(),
    };
    let disk = "takes no writes: database or disk is full";
    let down = "is down: connection refused";
    let refused = "40 creates refused: no node available (GYMNASIUM, FHS)";
    vec![
        problem(ProblemKind::Store, Severity::Error, "database", disk, (0, 0)),
        problem(ProblemKind::CreatesRefused, Severity::Error, "pool", refused, (0, 0)),
        problem(ProblemKind::NodeDown, Severity::Error, "node n2.example.org", down, (12, 300)),
    ]
}
