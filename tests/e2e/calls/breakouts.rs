//! Breakout rooms: made by clients, and by the nodes themselves.

use harness::{Answer, Client, World, eventually};

async fn create(client: &Client, id: &str, parent: &str, is_breakout: &str) -> Answer {
    create_nth(client, id, parent, is_breakout, "1").await
}

async fn create_nth(client: &Client, id: &str, parent: &str, is_breakout: &str, sequence: &str) -> Answer {
    let params = [
        ("meetingID", id),
        ("name", "A room"),
        ("isBreakout", is_breakout),
        ("parentMeetingID", parent),
        ("sequence", sequence),
    ];
    client.get("create", &params).await
}

#[tokio::test]
async fn a_foreign_parent_is_refused() {
    let world = World::start(1).await;
    let node = &world.nodes[0];
    let (sub, bar) = (world.add_secret("FOO", 12).await, world.add_tenant("BAR").await);
    bar.create("of-bar").await;
    world.foo.create("of-foo").await;
    let internal = node.meeting("of-bar").expect("it lives").internal_id;
    for parent in ["of-bar", "of-foo", "nowhere", "", &internal] {
        for is_breakout in ["true", "TRUE", "1", "yes"] {
            let refused = create(&sub, "room", parent, is_breakout).await;
            let case = format!("isBreakout={is_breakout}, parent {parent:?}: {refused:?}");
            assert!(refused.status == 200 && refused.returncode() == "FAILED", "{case}");
            assert_eq!(node.count("create"), 2, "{case}: no node is asked");
        }
    }
    assert!(
        create(&sub, "room", "of-bar", "false").await.ok(),
        "no breakout room, so the parent does not matter"
    );
}

/// BBB takes the id of such a call as an internal one, and overwrites what has it.
#[tokio::test]
async fn finding_2_a_room_gets_in_nobodys_way() {
    let world = World::start(1).await;
    let node = &world.nodes[0];
    let bar = world.add_tenant("BAR").await;
    world.foo.create("staff-room").await;
    bar.create("of-bar").await;
    let internal = |id: &str| node.meeting(id).expect("it lives").internal_id;
    let (victim, own) = (internal("staff-room"), internal("of-bar"));
    let (hash, _) = victim.split_once('-').expect("it has a time");
    let asked = node.count("create");
    for id in [&victim, hash, &hash[..2], &own, &format!("{victim}0"), &format!("{victim}x"), "12345"] {
        let refused = create(&bar, id, "of-bar", "true").await;
        assert_eq!(refused.key(), "validationError", "{id}: {refused:?}");
    }
    for parent in [&victim, hash, &hash[..2], "staff-room"] {
        let refused = create(&bar, "room", parent, "true").await;
        assert_eq!(refused.key(), "validationError", "parent {parent}: {refused:?}");
    }
    assert_eq!(node.count("create"), asked, "no node is asked");
    assert_eq!(internal("staff-room"), victim);

    assert!(create(&bar, "group one", &own, "true").await.ok(), "by the parent's internal id");
    for id in ["group one and a half", "group"] {
        let refused = create(&world.foo, id, "staff-room", "true").await;
        assert_eq!(refused.key(), "validationError", "{id} begins like a stranger's room: {refused:?}");
    }
    assert!(create(&world.foo, "team", "staff-room", "true").await.ok());
    let request = node.requests().into_iter().rfind(|it| it.call == "create").expect("it was asked");
    assert_eq!(request.param("parentMeetingID"), Some(victim.as_str()), "by its full internal id");
}

#[tokio::test]
async fn a_repeated_create_gets_no_foreign_parent_either() {
    let world = World::start_with(1, &[("POLL_INTERVAL", "600")]).await;
    let node = &world.nodes[0];
    let bar = world.add_tenant("BAR").await;
    bar.create("of-bar").await;
    world.foo.create("room").await;
    // It has ended, and nobody knows it yet: the node would make a new one, as a room of that parent.
    node.forget_meeting("room");
    let refused = create(&world.foo, "room", "of-bar", "true").await;
    assert_eq!(refused.returncode(), "FAILED", "{refused:?}");
    assert_eq!(
        node.meeting("of-bar").map(|it| it.breakout_rooms),
        Some(vec![]),
        "the stranger's meeting is untouched"
    );
}

#[tokio::test]
async fn a_room_lands_on_its_parents_node() {
    let world = World::start(4).await;
    let sub = world.add_secret("FOO", 12).await;
    for client in [&world.foo, &sub] {
        let parent = format!("parent of {}", client.label);
        client.create(&parent).await;
        let host = world.hosts_of(&parent);
        for n in 0..4 {
            let id = format!("room {n} of {}", client.label);
            let made = create_nth(client, &id, &format!(" {parent} "), "true", &(n + 1).to_string()).await;
            assert!(made.ok(), "{id}: {made:?}");
            assert_eq!(world.hosts_of(&id), host, "{id}");
        }
        let rooms = world.host_of(&parent).meeting(&parent).map(|it| it.breakout_rooms.len());
        assert_eq!(rooms, Some(4), "{parent}");
        let ids = || async {
            let list = client.get("getMeetings", &[]).await;
            let ids = list.texts("meetingID");
            (list.texts("parentMeetingID").len() >= 4).then_some(ids)
        };
        let mut ids = eventually("the poll shows the rooms", ids).await;
        ids.retain(|id| !id.starts_with("parent"));
        ids.sort();
        let count = ids.len();
        ids.dedup();
        assert_eq!(count % 4, 0, "the rooms, which BBB gives ids of its own: {ids:?}");
        assert_eq!(ids.len(), count, "each once: {ids:?}");
    }
}

#[tokio::test]
async fn rooms_made_by_the_node_are_listed_once_with_their_parent() {
    let world = World::start(2).await;
    let (sub, bar) = (world.add_secret("FOO", 12).await, world.add_tenant("BAR").await);
    for (client, id) in [(&sub, "parent"), (&world.foo, "other"), (&bar, "of-bar")] {
        client.create(id).await;
    }
    let node = world.host_of("parent");
    let rooms = node.open_breakouts("parent", 3);
    node.set_attendees(&rooms[0], 2);
    let sorted = |mut ids: Vec<String>| {
        ids.sort();
        ids
    };
    let list = async |client: &Client| sorted(client.get("getMeetings", &[]).await.texts("meetingID"));
    let with =
        |more: &[&str]| sorted(rooms.iter().cloned().chain(more.iter().map(|it| (*it).to_owned())).collect());
    for (client, own) in [(&sub, &["parent"][..]), (&world.foo, &["parent", "other"])] {
        eventually("the rooms are listed, each once", || async {
            (list(client).await == with(own)).then_some(())
        })
        .await;
    }
    assert_eq!(list(&bar).await, ["of-bar"], "strangers do not see them");
    eventually("their attendees are shown", || async {
        let shown = sub.get("getMeetings", &[]).await.texts("participantCount");
        (sorted(shown) == ["0", "0", "0", "2"]).then_some(())
    })
    .await;
    for client in [&world.foo, &bar] {
        let key = client.get("getMeetingInfo", &[("meetingID", &rooms[0])]).await.key();
        assert_eq!(key, "notFound", "{}: it belongs to the secret of its parent", client.label);
    }
    assert!(sub.get("end", &[("meetingID", "parent")]).await.ok());
    eventually("they go with their parent", || async { list(&sub).await.is_empty().then_some(()) }).await;
    assert_eq!(list(&world.foo).await, ["other"]);
}
