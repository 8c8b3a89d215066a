//! Stats and metrics: complete, apart, and going on after a restart.

use std::collections::{BTreeMap, BTreeSet};

use harness::world::soon;
use harness::{Answer, World, eventually};
use serde_json::Value;

use crate::support::create;

const NAMES: [&str; 34] = [
    "b3lb_problem",
    "b3lb_node_load",
    "b3lb_tenant_attendee_limit",
    "b3lb_tenant_meeting_limit",
    "b3lb_secret_attendee_limit",
    "b3lb_secret_meeting_limit",
    "b3lb_attendees",
    "b3lb_listeners",
    "b3lb_voices",
    "b3lb_videos",
    "b3lb_meetings",
    "b3lb_attendees_total",
    "b3lb_meetings_total",
    "b3lb_meeting_duration_seconds",
    "b3lb_attendee_limit_hits",
    "b3lb_meeting_limit_hits",
    "b3lb_attendee_limit_hits_total",
    "b3lb_meeting_limit_hits_total",
    "b3lb_requests_total",
    "b3lb_request_duration_seconds",
    "b3lb_node_poll_duration_seconds",
    "b3lb_node_polls_failed_total",
    "b3lb_node_poll_seconds",
    "b3lb_node_state",
    "b3lb_node_maintenance",
    "b3lb_node_meetings",
    "b3lb_node_attendees",
    "b3lb_capacity_attendees",
    "b3lb_placement_retries_total",
    "b3lb_store_commit_duration_seconds",
    "b3lb_build_info",
    "process_resident_memory_bytes",
    "process_cpu_seconds_total",
    "process_open_fds",
];

pub(crate) async fn fetch(world: &World, path: &str, headers: &[(&str, &str)]) -> Answer {
    let mut request = world.foo.request("GET", &format!("http://{}{path}", world.daemon.address()));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    world.foo.send(request).await
}

async fn token(world: &World, tenant: &str) -> String {
    let tenant = world.admin().await.tenant_show(soon(), tenant.into()).await.unwrap().unwrap();
    tenant.stats_token.unwrap().reveal().to_owned()
}

/// The value of a sample, written as in the text format.
fn sample(text: &str, series: &str) -> Option<f64> {
    text.lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' ')?.parse().ok())
}

#[tokio::test]
async fn every_metric_is_there_with_help_and_type() {
    let world = World::start(2).await;
    world.foo.create("room").await;
    world.foo.get("join", &[("meetingID", "room"), ("fullName", "A"), ("role", "VIEWER")]).await;
    let text = fetch(&world, "/b3lb/metrics", &[]).await.body;
    for name in NAMES {
        for head in ["HELP", "TYPE"] {
            assert_eq!(text.matches(&format!("# {head} {name} ")).count(), 1, "{head} of {name} in:\n{text}");
        }
        let samples = text.lines().filter(|line| line.starts_with(name));
        // It is learned from many polls.
        assert!(samples.count() > 0 || name == "b3lb_capacity_attendees", "no sample of {name}");
    }
    for line in text.lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
        let (_, value) = line.rsplit_once(' ').unwrap();
        assert!(value.parse::<f64>().is_ok(), "{line}");
    }
    assert_eq!(sample(&text, "b3lb_attendees_total{secret=\"FOO\"}"), Some(1.0));
    assert_eq!(sample(&text, "b3lb_meetings_total{secret=\"FOO\"}"), Some(1.0));
    assert!(sample(&text, "b3lb_node_load{node=\"n1\",cluster=\"c\"}").is_some());
    assert_eq!(sample(&text, "b3lb_requests_total{call=\"join\",outcome=\"success\"}"), Some(1.0));
}

#[tokio::test]
async fn the_daemon_tells_what_it_refuses_and_how_it_is() {
    let world = World::start(1).await;
    assert!(world.daemon.cli(&["node", "maintenance", "n1", "on"]).await.status.success());
    for _ in 0..2 {
        assert!(!create(&world.foo, "room").await.ok());
    }
    let text = fetch(&world, "/b3lb/metrics", &[]).await.body;
    let refused = "b3lb_creates_refused_total{reason=\"no_node\",tenant=\"FOO\"}";
    for (series, value) in [
        (refused, 2.0),
        ("b3lb_store_writable", 1.0),
        ("b3lb_primary", 1.0),
        ("b3lb_outage", 0.0),
        ("b3lb_node_failed_polls{node=\"n1\",cluster=\"c\"}", 0.0),
    ] {
        assert_eq!(sample(&text, series), Some(value), "{series}");
    }
    assert!(sample(&text, "b3lb_store_bytes").is_some_and(|it| it > 0.0));
    let polled = sample(&text, "b3lb_node_polled_timestamp_seconds{node=\"n1\",cluster=\"c\"}");
    assert!(polled.is_some_and(|it| it > 1e9), "{polled:?}");
    assert_eq!(sample(&text, "b3lb_replica_lag_seconds"), None, "it is no replica");
}

#[tokio::test]
async fn every_metric_is_documented() {
    let world = World::start(1).await;
    world.foo.create("room").await;
    let text = fetch(&world, "/b3lb/metrics", &[]).await.body;
    let heads = |head| text.lines().filter_map(move |line| line.strip_prefix(head)?.split_once(' '));
    let helps: BTreeMap<_, _> = heads("# HELP ").collect();
    let served: BTreeSet<_> =
        heads("# TYPE ").map(|(name, kind)| format!("| `{name}` | {kind} | {} |", helps[name])).collect();
    let document = include_str!("../../share/doc/monitoring.md");
    let rows =
        document.lines().filter(|line| line.starts_with("| `b3lb_") || line.starts_with("| `process_"));
    assert_eq!(rows.map(str::to_owned).collect::<BTreeSet<_>>(), served);
}

#[tokio::test]
async fn sub_id_0_stands_for_the_tenant_and_counters_survive() {
    let mut world = World::start(1).await;
    let sub = world.add_secret("FOO", 12).await;
    world.foo.create("one").await;
    sub.create("two").await;
    world.nodes[0].end_meeting("one");
    let metrics = async |world: &World| fetch(world, "/b3lb/metrics", &[]).await.body;
    let ended = |text: &str| sample(text, "b3lb_meeting_duration_seconds_count{secret=\"FOO\"}");
    eventually("the end is counted", || async { (ended(&metrics(&world).await) == Some(1.0)).then_some(()) })
        .await;
    let before = metrics(&world).await;
    assert_eq!(sample(&before, "b3lb_meetings_total{secret=\"FOO\"}"), Some(2.0));
    assert_eq!(sample(&before, "b3lb_meetings_total{secret=\"FOO-012\"}"), Some(1.0));
    assert_eq!(world.daemon.terminate().await, Some(0));
    world.daemon.start_again().await;
    let after = metrics(&world).await;
    for series in [
        "b3lb_meetings_total{secret=\"FOO\"}",
        "b3lb_meetings_total{secret=\"FOO-012\"}",
        "b3lb_meeting_duration_seconds_count{secret=\"FOO\"}",
        "b3lb_meeting_duration_seconds_sum{secret=\"FOO\"}",
    ] {
        assert_eq!(sample(&after, series), sample(&before, series), "{series}");
    }
}

#[tokio::test]
async fn a_tenant_sees_its_own_with_its_token() {
    let world = World::start(1).await;
    let bar = world.add_tenant("BAR").await;
    let origin = [("meta_bbb-origin", "Moodle"), ("meta_bbb-origin-server-name", "lms.example")];
    let params = [[("meetingID", "room"), ("name", "A meeting")], origin].concat();
    assert!(world.foo.get("create", &params).await.ok());
    bar.create("other").await;
    world.nodes[0].set_attendees("room", 3);
    let token = token(&world, "FOO").await;
    let bearer = format!("Bearer {token}");
    let by_host = ("host", "foo.b3lb.test");
    for (path, host) in
        [("/b3lb/t/foo/metrics", None), ("/b3lb/t/foo-000/metrics", None), ("/b3lb/metrics", Some(by_host))]
    {
        let headers = |authorization| host.into_iter().chain(authorization).collect::<Vec<_>>();
        for good in [token.as_str(), bearer.as_str()] {
            let answer = fetch(&world, path, &headers(Some(("authorization", good)))).await;
            assert_eq!(answer.status, 200, "{path}");
            assert!(
                answer.body.contains("secret=\"FOO\"") && !answer.body.contains("BAR"),
                "{}",
                answer.body
            );
            assert!(!answer.body.contains("b3lb_node"), "nodes are the operator's business");
        }
        for bad in [None, Some(("authorization", "Bearer wrong"))] {
            let answer = fetch(&world, path, &headers(bad)).await;
            assert_eq!((answer.status, answer.body.as_str()), (401, "Unauthorized"), "{path}");
        }
    }
    assert_eq!(fetch(&world, "/b3lb/t/nobody/stats", &[("authorization", &token)]).await.status, 401);
    let expected = serde_json::json!({"lms.example": {"Moodle": {
        "participantCount": 3, "listenerCount": 0, "voiceParticipantCount": 0, "moderatorCount": 0, "videoCount": 0,
        "meetingCount": 1,
    }}});
    eventually("the tenant's stats", || async {
        let answer = fetch(&world, "/b3lb/t/foo/stats", &[("authorization", &token)]).await;
        let mut stats: Value = serde_json::from_str(&answer.body).unwrap();
        let origin = stats.pointer_mut("/lms.example/Moodle")?.as_object_mut()?;
        // How the simulated people sit in the meeting is not ours to test.
        for role in ["listenerCount", "voiceParticipantCount", "moderatorCount", "videoCount"] {
            origin.insert(role.to_owned(), 0.into())?;
        }
        (stats == expected).then_some(())
    })
    .await;
}

#[tokio::test]
async fn the_series_of_a_node_go_with_it() {
    let world = World::start(2).await;
    world.foo.create("room").await;
    let (host, free) = if world.hosts_of("room") == [1] { (1, 2) } else { (2, 1) };
    let name = |n: usize| format!("n{n}.localhost:{}", world.nodes[n - 1].port());
    let refused = world.admin().await.node_rm(soon(), name(host), false).await.unwrap().unwrap_err();
    assert_eq!(refused.code, rpc::ErrorCode::Conflict, "it has a meeting: {refused}");
    world.admin().await.node_rm(soon(), name(free), false).await.unwrap().unwrap();
    let text = fetch(&world, "/b3lb/metrics", &[]).await.body;
    assert!(
        text.contains(&format!("node=\"n{host}\"")) && !text.contains(&format!("node=\"n{free}\"")),
        "{text}"
    );
    let list = world.foo.get("getMeetings", &[]).await;
    assert_eq!(list.texts("meetingID"), ["room"]);
}

#[tokio::test]
async fn everything_is_for_the_operator_only() {
    let mut world = World::start(2).await;
    world.foo.create("room").await;
    let base = ("host", "b3lb.test");
    let stats: Value = serde_json::from_str(&fetch(&world, "/b3lb/stats", &[base]).await.body).unwrap();
    assert_eq!(stats["nodes"], serde_json::json!({"up": 2, "suspect": 0, "down": 0, "maintenance": 0}));
    assert_eq!((&stats["meetings"], &stats["tenants"]["FOO"]["meetings"]), (&1.into(), &1.into()));
    assert_eq!(stats["clusters"]["c"]["nodes"], 2);
    let node = format!("n1.localhost:{}", world.nodes[0].port());
    assert_eq!(stats["node"][&node]["state"], "up");
    let here = ("host", "localhost:8000");
    assert_eq!(fetch(&world, "/b3lb/stats", &[here]).await.status, 200, "from this machine");
    let forwarded = ("x-forwarded-for", "192.0.2.1");
    assert_eq!(fetch(&world, "/b3lb/stats", &[here, forwarded]).await.status, 404, "from behind a proxy");
    world.daemon.terminate().await;
    world.daemon.set("METRICS_TOKEN", "a-token-of-monitoring");
    world.daemon.start_again().await;
    for (path, status) in [("/b3lb/stats", 401), ("/b3lb/metrics", 401)] {
        assert_eq!(fetch(&world, path, &[base]).await.status, status, "{path}");
        let token = ("authorization", "Bearer a-token-of-monitoring");
        assert_eq!(fetch(&world, path, &[base, token]).await.status, 200, "{path}");
    }
    assert!(!world.daemon.log().contains("a-token-of-monitoring"));
}
