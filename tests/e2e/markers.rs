//! Meetings whose binding is lost are bound again by the marker in their metadata, which clients never see.

use std::collections::BTreeMap;
use std::path::Path;

use harness::{Client, Receiver, Reply, World, eventually};
use rpc::{EventFilter, EventKind, NodeState, ProblemKind, Severity};

use crate::support::{create, joined_node, listed};

/// The database is gone; the daemon starts with an empty one and gets the same configuration.
async fn lose_the_database(world: &mut World, configuration: &Path) {
    world.daemon.kill().await;
    for end in ["", "-wal", "-shm"] {
        let mut path = world.daemon.database().into_os_string();
        path.push(end);
        // The log may not be there.
        let _ = std::fs::remove_file(path);
    }
    world.daemon.argument("--new");
    world.daemon.start_again().await;
    let applied = world.daemon.cli(&["apply", "-f", configuration.to_str().unwrap(), "--yes"]).await;
    assert!(applied.status.success(), "{applied:?}");
}

/// The whole configuration, with secrets.
async fn export(world: &World, name: &str) -> std::path::PathBuf {
    let exported = world.daemon.cli(&["export", "--with-secrets", "--with-state"]).await;
    assert!(exported.status.success(), "{exported:?}");
    let file = world.folder().join(name);
    std::fs::write(&file, exported.stdout).unwrap();
    file
}

async fn internal_id(client: &Client, id: &str) -> Option<String> {
    client.get("getMeetingInfo", &[("meetingID", id)]).await.text("internalMeetingID")
}

async fn warnings(world: &World) -> Vec<(String, String)> {
    let filter = EventFilter {
        kinds: vec![EventKind::Meeting],
        severity: Some(Severity::Warning),
        ..EventFilter::default()
    };
    let events = world.admin().await.event_list(harness::world::soon(), filter, 0).await.unwrap().unwrap();
    events.into_iter().map(|it| (it.subject, it.text)).collect()
}

#[tokio::test]
async fn a_lost_database_costs_no_meeting() {
    let mut world = World::start_with(3, &[("CALLBACK_NETWORKS", "127.0.0.0/8")]).await;
    let receiver = Receiver::start(Reply::Status(204)).await;
    let bar = world.add_tenant("BAR").await;
    let ended = receiver.url("/ended?room=with");
    let with = [("meetingID", "with"), ("name", "A meeting"), ("meetingEndedURL", ended.as_str())];
    assert!(world.foo.get("create", &with).await.ok());
    let mut before = Vec::new();
    for n in 0..8 {
        let client = if n % 2 == 0 { &world.foo } else { &bar };
        let id = format!("room {n}");
        assert!(create(client, &id).await.ok());
        before.push((client.clone(), id.clone(), internal_id(client, &id).await));
    }
    let parent = before[0].1.clone();
    let host = world.hosts_of(&parent)[0];
    let rooms = world.nodes[host - 1].open_breakouts(&parent, 2);
    let configuration = export(&world, "all.toml").await;

    lose_the_database(&mut world, &configuration).await;
    // One round of polls, which begins when the nodes are known.
    eventually("all meetings", || async {
        let lists = (listed(&world.foo).await.len(), listed(&bar).await.len());
        (lists == (5 + rooms.len(), 4)).then_some(())
    })
    .await;
    for (client, id, life) in &before {
        assert_eq!(internal_id(client, id).await, *life, "{id} is the same meeting");
        let again = create(client, id).await;
        assert_eq!((again.text("messageKey").as_deref(), again.ok()), (Some("duplicateWarning"), true));
        assert_eq!(world.hosts_of(id).len(), 1, "{id} is not there twice");
        assert!(joined_node(client, id).await.is_some(), "{id}");
    }
    assert_eq!(warnings(&world).await, []);
    // Callbacks go on in both directions.
    assert!(world.host_of("with").end_meeting("with"));
    eventually("the client's callback", || async {
        (receiver.calls() == ["/ended?room=with"]).then_some(())
    })
    .await;
    eventually("the end", || async { (listed(&world.foo).await.len() == 4 + rooms.len()).then_some(()) })
        .await;
}

#[tokio::test]
async fn what_cannot_be_bound_is_left_alone_and_told_once() {
    let mut world = World::start(2).await;
    let configuration = export(&world, "without-bar.toml").await;
    let bar = world.add_tenant("BAR").await;
    assert!(create(&bar, "of-bar").await.ok());
    assert!(create(&world.foo, "twice").await.ok());
    let first = world.hosts_of("twice")[0];
    let (away, other) = (world.nodes[first - 1].clone(), 3 - first);
    away.refuse().await;
    lose_the_database(&mut world, &configuration).await;
    world.node_state(other, NodeState::Up).await;
    // Its node does not answer, so nobody knows that it goes on.
    let again = create(&world.foo, "twice").await;
    assert!(again.ok(), "{again:?}");
    away.accept_again().await.unwrap();
    eventually("the warnings", || async { (warnings(&world).await.len() == 2).then_some(()) }).await;
    let told: BTreeMap<_, _> = warnings(&world).await.into_iter().collect();
    assert!(told["meeting of-bar of BAR-000"].contains("a secret that does not exist"), "{told:?}");
    assert!(told["meeting twice of FOO-000"].contains(&format!("runs on n{other}.localhost")), "{told:?}");
    assert_eq!(world.hosts_of("of-bar").len(), 1, "nobody ends it");
    assert_eq!(world.hosts_of("twice"), [1, 2], "nobody ends either");
    assert_eq!(joined_node(&world.foo, "twice").await, Some(other));
    let status = world.admin().await.status(harness::world::soon()).await.unwrap().unwrap();
    let unbound = status.problems.iter().filter(|it| it.kind == ProblemKind::MeetingsUnbound);
    assert_eq!(unbound.map(|it| it.count).sum::<u64>(), 2, "{:?}", status.problems);
}

#[tokio::test]
async fn clients_neither_see_nor_set_markers() {
    let world = World::start(1).await;
    let forged = [
        ("meetingID", "room"),
        ("name", "A meeting"),
        ("meta_B3LB-Marker", "forged"),
        ("meta_b3lb-marker", "forged"),
        ("meta_own", "kept"),
    ];
    let created = world.foo.get("create", &forged).await;
    assert!(created.ok() && !created.body.contains("marker"), "{created:?}");
    let on_node = World::without_b3lb(&world.nodes[0]).get("getMeetings", &[]).await;
    let markers = on_node.texts("b3lb-marker");
    assert_eq!(markers.len(), 1, "{on_node:?}");
    assert!(!markers[0].contains("forged") && markers[0].len() < 200, "{markers:?}");
    world.nodes[0].open_breakouts("room", 1);
    // Before the first poll and after it.
    for attendees in [0, 3] {
        world.nodes[0].set_attendees("room", attendees);
        eventually("the poll", || async {
            let list = world.foo.get("getMeetings", &[]).await;
            assert!(!list.body.contains("marker"), "{list:?}");
            assert!(list.texts("own").contains(&"kept".to_owned()), "{list:?}");
            list.texts("participantCount").contains(&attendees.to_string()).then_some(())
        })
        .await;
    }
    let info = world.foo.get("getMeetingInfo", &[("meetingID", "room")]).await;
    assert!(info.ok() && !info.body.contains("marker") && info.text("own").is_some(), "{info:?}");
}
