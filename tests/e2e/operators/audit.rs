//! Who changed what, when, from where.

use harness::World;
use harness::world::soon;
use rpc::{
    AssetFile, AssetKind, AuditEntry, AuditFilter, ClusterChange, EventFilter, EventKind, NodeState, Page,
    ParamMode, ParamSpec, Severity, TenantChange,
};
use serde_json::json;

use super::good;

async fn log(world: &World, subject: &str) -> Vec<AuditEntry> {
    let filter = AuditFilter { subject: Some(subject.to_owned()), since: None };
    good(world.admin().await.audit_list(soon(), filter, Page::default()).await).rows
}

/// Every change is there with who, from where, what before and what after; a secret never is.
#[tokio::test]
async fn changes_are_told_with_before_and_after() {
    let world = World::start(1).await;
    let target = rpc_client::Target::Unix(world.daemon.socket());
    let connection = rpc_client::connect(&target, "b3lb-cli 9.9", false).await.unwrap();
    let admin = &connection.client;
    let change = TenantChange { meeting_limit: Some(10), ..TenantChange::default() };
    good(admin.tenant_set(soon(), "foo".into(), change).await);
    let rule = ParamSpec {
        tenant: "FOO".into(),
        name: "role".into(),
        mode: ParamMode::Set,
        value: Some("VIEWER".into()),
        on: None,
    };
    good(admin.param_set(soon(), rule).await);
    let entries = log(&world, "tenant foo").await;
    assert_eq!(entries[1].action, "tenant set");
    assert_eq!(
        (&entries[1].before, &entries[1].after),
        (&json!({"meeting_limit": 0}), &json!({"meeting_limit": 10}))
    );
    assert_eq!((&entries[0].before, &entries[0].after), (&json!({}), &json!({"join role": "set VIEWER"})));
    assert_eq!(entries[2].before, json!(null), "it was made");
    assert_eq!((&*entries[0].who, &*entries[0].from), (&*connection.hello.user, "b3lb-cli 9.9"));
    let uid = std::process::Command::new("id").arg("-u").output().unwrap().stdout;
    let uid = String::from_utf8(uid).unwrap().trim().to_owned();
    assert!(entries[0].who.contains(&uid), "{}", entries[0].who);

    let rotated = good(admin.secret_rotate(soon(), "FOO".into()).await);
    let all = good(admin.secret_reveal(soon(), None, Page::default()).await).rows;
    good(admin.secret_promote(soon(), "FOO".into()).await);
    let entries = log(&world, "").await;
    let actions: Vec<_> = entries.iter().take(3).map(|it| it.action.as_str()).collect();
    assert_eq!(actions, ["secret promote", "secret reveal", "secret rotate"]);
    let text = serde_json::to_string(&entries).unwrap();
    for key in all.iter().map(|it| &it.secret).chain([&rotated.secret]) {
        assert!(!text.contains(key.reveal()));
    }
    assert!(!text.contains(&world.nodes[0].secret()));
}

/// Another file of the same name and size is another file; the same file again is no change.
#[tokio::test]
async fn a_file_that_is_replaced_is_told() {
    let world = World::start(0).await;
    let admin = world.admin().await;
    for content in ["YSB7fQ==", "YiB7fQ==", "YiB7fQ=="] {
        let file = AssetFile { kind: AssetKind::Css, file_name: "a.css".into(), base64: content.into() };
        good(admin.asset_set(soon(), "FOO".into(), vec![file]).await);
    }
    let entries = log(&world, "tenant FOO").await;
    let actions: Vec<_> = entries.iter().map(|it| it.action.as_str()).collect();
    assert_eq!(actions, ["asset set", "asset set", "tenant add"]);
    let [before, after] =
        [&entries[0].before["css"], &entries[0].after["css"]].map(|it| it.as_str().unwrap());
    assert!(before.starts_with("a.css (4 bytes, SHA-256 ") && after.starts_with("a.css (4 bytes"), "{after}");
    assert_ne!(before, after);
    assert_eq!(entries[1].after["css"], before);
}

#[tokio::test]
async fn what_changes_nothing_and_what_is_refused_is_not_in_the_log() {
    let world = World::start(0).await;
    let admin = world.admin().await;
    let before = log(&world, "").await.len();
    good(admin.group_assign(soon(), "g".into(), "c".into()).await);
    good(admin.tenant_set(soon(), "FOO".into(), TenantChange::default()).await);
    let change = ClusterChange { cpu_order: Some(101), ..ClusterChange::default() };
    assert!(admin.cluster_set(soon(), "c".into(), change).await.unwrap().is_err());
    assert!(admin.cluster_rm(soon(), "nope".into()).await.unwrap().is_err());
    assert_eq!(log(&world, "").await.len(), before);
}

/// The log outlives the daemon, and comes in pages.
#[tokio::test]
async fn the_log_is_kept_and_paged() {
    let mut world = World::start(0).await;
    let admin = world.admin().await;
    for limit in 1..=5 {
        let change = TenantChange { meeting_limit: Some(limit), ..TenantChange::default() };
        good(admin.tenant_set(soon(), "FOO".into(), change).await);
    }
    let all = log(&world, "").await;
    world.daemon.kill().await;
    world.daemon.start_again().await;
    let admin = world.admin().await;
    let mut found = Vec::new();
    let mut page = Page { after: None, rows: Some(2) };
    loop {
        let paged = good(admin.audit_list(soon(), AuditFilter::default(), page).await);
        assert!(paged.rows.len() <= 2);
        found.extend(paged.rows);
        let Some(next) = paged.next else { break };
        page = Page { after: Some(next), rows: Some(2) };
    }
    assert_eq!(found, all);
    let late = AuditFilter { since: Some("2999-01-01T00:00:00Z".into()), subject: None };
    assert!(good(admin.audit_list(soon(), late, Page::default()).await).rows.is_empty());
    let wrong = AuditFilter { since: Some("yesterday".into()), subject: None };
    let error = admin.audit_list(soon(), wrong, Page::default()).await.unwrap().unwrap_err();
    assert_eq!(error.field.as_deref(), Some("since"));
}

/// Health of nodes and changes of operators come as events, to who waits at once.
#[tokio::test]
async fn events_tell_of_health_and_of_changes() {
    let world = World::start(2).await;
    let admin = world.admin().await;
    let last = good(admin.event_list(soon(), EventFilter::default(), 0).await).last().unwrap().seq;
    let node = |severity| EventFilter {
        after: Some(last),
        kinds: vec![EventKind::Node],
        severity,
        subject: Some("N1".into()),
    };
    let waiting = admin.event_list(soon(), node(Some(Severity::Error)), 60_000);
    let (events, ()) = tokio::join!(waiting, async {
        world.nodes[0].refuse().await;
        world.node_state(1, NodeState::Down).await;
    });
    let events = good(events);
    assert!(events[0].text.starts_with("down, was suspect: no connection"), "{events:?}");
    good(admin.node_maintenance(soon(), "n2".into(), true).await);
    let changes = EventFilter { after: Some(last), kinds: vec![EventKind::Change], ..EventFilter::default() };
    let changes = good(admin.event_list(soon(), changes, 0).await);
    let [change] = &changes[..] else { panic!("{changes:?}") };
    assert!(change.subject.starts_with("node n2.") && change.who.is_some(), "{change:?}");
    assert_eq!(change.text, "node maintenance on: maintenance false -> true");
    assert!(good(admin.event_list(soon(), node(Some(Severity::Error)), 0).await).len() == 1);
}
