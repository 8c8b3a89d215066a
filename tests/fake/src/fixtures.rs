//! Canned objects that the fake daemon returns.

use rpc::{
    ApplyOptions, AssetCheck, AssetKind, AuditEntry, ClusterSpec, ClusterView, Configuration, DrainSpec,
    DrainView, Event, EventKind, FieldChange, GroupConfig, GroupView, MeetingView, NewSecret, NodeConfig,
    NodeState, NodeView, ParamMode, ParamView, Plan, PlanAction, PlanStep, Problem, ProblemKind, RankView,
    SecretConfig, SecretView, Severity, TenantConfig, TenantView, UsageDay,
};
use serde_json::{Value, json};

pub(crate) fn cluster(name: &str) -> ClusterView {
    let ClusterSpec { name, attendee_factor, meeting_factor, cpu_order, cpu_max, checksum, target_cpu } =
        ClusterSpec::named(name);
    let groups = vec!["g1".into(), "g2".into()];
    ClusterView {
        name,
        attendee_factor,
        meeting_factor,
        cpu_order,
        cpu_max,
        checksum,
        target_cpu,
        groups,
        nodes: 2,
        capacity: Some(420),
    }
}

pub(crate) fn group(name: &str) -> GroupView {
    GroupView {
        name: name.into(),
        description: String::new(),
        clusters: vec!["main".into()],
        tenants: vec!["T".into()],
        capacity: Some(420),
    }
}

pub(crate) fn node(slug: &str, meetings: Option<u64>) -> NodeView {
    NodeView {
        slug: slug.into(),
        domain: "example.org".into(),
        cluster: "main".into(),
        state: NodeState::Up,
        maintenance: true,
        drain: None,
        load: -2,
        attendees: Some(40),
        meetings,
        cpu: Some(1234),
        capacity: Some(210),
        last_poll_error: None,
    }
}

pub(crate) fn drain(spec: &DrainSpec) -> DrainView {
    DrainView {
        who: "ada (1000)".into(),
        since: "2026-11-20T08:00:00Z".into(),
        reason: spec.reason.clone(),
        evacuate_at: spec.evacuate_after.map(|_| "2026-11-20T10:00:00Z".into()),
    }
}

pub(crate) fn unknown_node() -> NodeView {
    NodeView {
        state: NodeState::Down,
        maintenance: false,
        load: -1,
        attendees: None,
        cpu: None,
        capacity: None,
        last_poll_error: Some("refused\x1b[31m".into()),
        ..node("node-2", None)
    }
}

pub(crate) fn tenant(slug: &str) -> TenantView {
    TenantView {
        slug: slug.into(),
        description: "A school".into(),
        group: "g1".into(),
        hostname: "t.bbb.example.org".into(),
        stats_token: None,
        attendee_limit: 0,
        meeting_limit: 5,
        attendees: 40,
        meetings: 2,
        secret: None,
    }
}

pub(crate) fn secret(tenant: &str, sub_id: u16) -> SecretView {
    SecretView {
        name: format!("{tenant}-{sub_id:03}"),
        tenant: tenant.into(),
        sub_id,
        hostname: format!("{tenant}-{sub_id:03}.bbb.example.org").to_lowercase(),
        attendee_limit: 0,
        meeting_limit: 0,
        has_second: false,
    }
}

pub(crate) fn new_secret(tenant: &str, sub_id: u16) -> NewSecret {
    NewSecret { view: secret(tenant, sub_id), secret: format!("key{sub_id}").into() }
}

pub(crate) fn param(call: &str) -> ParamView {
    ParamView {
        warning: None,
        tenant: "T".into(),
        call: call.into(),
        name: "role".into(),
        mode: ParamMode::Set,
        value: Some("a\nb".into()),
    }
}

pub(crate) fn asset(kind: AssetKind) -> AssetCheck {
    AssetCheck {
        tenant: "T".into(),
        kind,
        file_name: "welcome.pdf".into(),
        size: 3,
        content_type: "application/pdf".into(),
        inline: true,
        problems: vec!["empty".into()],
    }
}

pub(crate) fn meeting(id: &str) -> MeetingView {
    MeetingView {
        id: id.into(),
        name: "Mathe\u{202e}".into(),
        tenant: "T".into(),
        sub_id: 1,
        node: "n1.example.org".into(),
        attendees: 20,
        listeners: 1,
        voices: 2,
        videos: 3,
        moderators: 4,
        created_at: "2026-01-30T08:00:00Z".into(),
    }
}

pub(crate) fn rank() -> RankView {
    RankView {
        slug: "n1".into(),
        domain: "example.org".into(),
        takes_meetings: true,
        attendees: 20.0,
        reserved: 12.25,
        meetings: 60.0,
        cpu: 101.5,
        own: 45.0,
        rank: 238.75,
    }
}

pub(crate) fn event(seq: u64, kind: EventKind, severity: Severity, subject: &str) -> Event {
    let who = (kind == EventKind::Change).then(|| "ada (1000)".to_owned());
    let at = format!("2026-11-20T08:00:0{seq}Z");
    Event { seq, at, kind, severity, subject: subject.into(), text: "so it\nis".into(), who, count: 1 }
}

pub(crate) fn events() -> Vec<Event> {
    vec![
        event(1, EventKind::Change, Severity::Info, "tenant T"),
        event(2, EventKind::Node, Severity::Error, "node n1.example.org"),
        event(3, EventKind::System, Severity::Warning, "database"),
    ]
}

pub(crate) fn audit() -> Vec<AuditEntry> {
    let entry = |id, action: &str, subject: &str, before, after| AuditEntry {
        id,
        at: "2026-11-20T08:00:00Z".into(),
        who: "ada (1000)".into(),
        from: "b3lb-cli 0.1.0, 10.0.0.7".into(),
        action: action.into(),
        subject: subject.into(),
        before,
        after,
    };
    vec![
        entry(2, "tenant set", "tenant T", json!({"meeting_limit": 5}), json!({"meeting_limit": 10})),
        entry(1, "cluster rm", "cluster old", json!({"cpu_max": 5000}), Value::Null),
    ]
}

/// A configuration with one object of each kind.
/// A whole configuration, with or without secrets.
pub fn configuration(secrets: bool) -> Configuration {
    let key = |text: &str| secrets.then(|| text.into());
    let secret = SecretConfig {
        sub_id: 0,
        attendee_limit: 0,
        meeting_limit: 5,
        secret: key("key0"),
        second_secret: None,
    };
    let tenant = TenantConfig {
        slug: "T".into(),
        group: "g1".into(),
        description: "A school".into(),
        attendee_limit: 0,
        meeting_limit: 5,
        stats_token: key("token"),
        secrets: vec![secret],
        parameters: vec![],
        assets: vec![],
    };
    let node = NodeConfig {
        slug: "n1".into(),
        domain: Some("example.org".into()),
        cluster: "main".into(),
        maintenance: Some(false),
        secret: key("x"),
    };
    let group = GroupConfig { name: "g1".into(), description: String::new(), clusters: vec!["main".into()] };
    Configuration {
        clusters: vec![ClusterSpec::named("main")],
        groups: vec![group],
        nodes: vec![node],
        tenants: vec![tenant],
    }
}

/// An empty plan for an empty configuration, otherwise one step of each kind.
pub(crate) fn plan(config: &Configuration, options: ApplyOptions) -> Plan {
    let step = |action, kind: &str, name: &str, fields| PlanStep {
        action,
        kind: kind.into(),
        name: name.into(),
        fields,
    };
    let field = |field: &str, before: Option<&str>, after: &str| FieldChange {
        field: field.into(),
        before: before.map(Into::into),
        after: Some(after.into()),
    };
    let mut plan = Plan { revision: 7, ..Plan::default() };
    if *config != Configuration::default() {
        plan.steps = vec![
            step(PlanAction::Add, "node", "n1.example.org", vec![field("cluster", None, "main")]),
            step(PlanAction::Change, "tenant", "T", vec![field("meeting_limit", Some("5"), "10")]),
        ];
    }
    if options.prune {
        plan.steps.push(step(PlanAction::Remove, "tenant", "OLD", vec![]));
    } else {
        plan.kept = vec!["tenant OLD".into()];
    }
    plan
}

/// The content of a backup.
pub const BACKUP: &[u8] = b"SQLite format 3\0 and so on";

/// A node that is down.
pub(crate) fn problem() -> Problem {
    Problem {
        kind: ProblemKind::NodeDown,
        severity: Severity::Error,
        subject: "node n1.example.org".into(),
        since: "2026-11-25T08:01:00Z".into(),
        count: 1,
        meetings: 2,
        attendees: 30,
        tenants: vec!["T".into()],
        text: "is down: connection refused\x1b".into(),
        advice: "`b3lb-cli node check NODE` tells where it fails".into(),
    }
}

/// What a tenant used on a day.
pub(crate) fn usage(day: &str, tenant: &str, peak: u32) -> UsageDay {
    UsageDay {
        day: day.into(),
        tenant: tenant.into(),
        peak_attendees: peak,
        peak_meetings: 4,
        attendee_minutes: u64::from(peak) * 90,
        meetings: 6,
    }
}
