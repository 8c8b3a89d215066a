//! The end of meetings: told by the node, found out by polls, and told to the client once.

use futures::future::join_all;
use harness::eventually::PATIENCE;
use harness::{World, eventually};
use rpc::NodeState;
use simnode::{CallbackKind, Fault, Scope};

use crate::support::{
    about, call, callbacks, create, create_with_callback, ended_url, is_listed, joined_node, listed, phases,
    polled_again, polled_meetings, polls_stop, settled,
};

const CLIENT: &str = "http://192.0.2.1/ended?course=7&x=%2B";

#[tokio::test]
async fn the_nodes_callback_ends_a_meeting_and_nothing_else() {
    let mut world = World::start(2).await;
    assert!(create_with_callback(&world.foo, "room", CLIENT).await.ok());
    world.foo.create("other").await;
    polls_stop(&mut world, false).await;
    let node = &world.nodes[settled(&world, "room").await - 1];
    let own = ended_url(node, "room");
    let (base, nonce) = own.split_once("?nonce=").unwrap();
    let turned: String = nonce.chars().rev().collect();
    let foreign = [
        format!("{base}?nonce={}", "0".repeat(64)),
        format!("{base}?nonce={}", "z".repeat(64)),
        format!("{base}?nonce="),
        format!("{base}?nonce=%00%ff"),
        format!("{base}?meetingID=room"),
        base.to_owned(),
        format!("{base}?nonce={turned}"),
        own[..own.len() - 2].to_owned(),
        format!("{own}00"),
    ];
    for url in &foreign {
        let answer = call(&world, url).await;
        assert_eq!((answer.status, answer.body.as_str()), (204, ""), "{url}");
    }
    assert_eq!(listed(&world.foo).await.len(), 2, "nothing was touched");
    assert_eq!(callbacks(&world), Vec::<String>::new());

    let [other] = &world.hosts_of("other")[..] else { panic!("one node has it") };
    let more =
        format!("{}&recordingmarks=false&meetingID=other", ended_url(&world.nodes[other - 1], "other"));
    assert_eq!(call(&world, &more).await.status, 204, "other parameters are ignored");
    assert_eq!(listed(&world.foo).await, ["room".to_owned()].into());
    world.foo.create("third").await;

    assert!(node.end_meeting("room"));
    assert!(node.wait_until(PATIENCE, |it| !it.callbacks().is_empty()).await, "the node calls back");
    let called = &node.callbacks()[0];
    assert_eq!((called.kind, called.status), (CallbackKind::MeetingEnded, Some(204)), "{called:?}");
    assert_eq!(listed(&world.foo).await, ["third".to_owned()].into(), "it is gone without a poll");
    assert_eq!(joined_node(&world.foo, "room").await, None);
    assert_eq!(phases(&world, "room"), Vec::<String>::new());
    assert_eq!(callbacks(&world), [CLIENT]);
}

/// Whoever sees the end first settles it: many callbacks at a time, and polls.
#[tokio::test]
async fn the_client_is_told_once() {
    let world = World::start_with(2, &[("POLL_INTERVAL", "0.05")]).await;
    let mut expected = Vec::new();
    for round in 0..10 {
        let id = format!("room-{round}");
        let url = format!("{CLIENT}&round={round}");
        assert!(create_with_callback(&world.foo, &id, &url).await.ok());
        let node = &world.nodes[settled(&world, &id).await - 1];
        let own = ended_url(node, &id);
        if round % 2 == 0 {
            polled_again(node).await;
        }
        assert!(node.forget_meeting(&id));
        let calls = join_all((0..4).map(|_| call(&world, &own))).await;
        assert!(calls.iter().all(|it| it.status == 204), "{calls:?}");
        assert!(!listed(&world.foo).await.contains(&id), "{id} has ended");
        polled_again(node).await;
        expected.push(url);
    }
    assert_eq!(callbacks(&world), expected);
}

/// The client knows the second life by the same id; the first one's end is told late.
#[tokio::test]
async fn a_late_callback_of_an_earlier_life_touches_nothing() {
    for poll_between in [false, true] {
        let mut world = World::start(1).await;
        let case = format!("a poll between the lives: {poll_between}");
        if !poll_between {
            polls_stop(&mut world, false).await;
        }
        let node = &world.nodes[0];
        let first = create_with_callback(&world.foo, "room", &format!("{CLIENT}&life=1")).await;
        let late = ended_url(node, "room");
        if poll_between {
            polled_meetings(&world, 1, 1).await;
        }
        node.forget_meeting("room");
        if poll_between {
            is_listed(&world.foo, "room", false).await;
        }
        let second = create_with_callback(&world.foo, "room", &format!("{CLIENT}&life=2")).await;
        assert!(second.ok() && second.key().is_empty(), "{case}: {second:?}");
        assert_ne!(second.text("createTime"), first.text("createTime"), "{case}");
        assert_ne!(ended_url(node, "room"), late, "{case}: each life has its own nonce");
        for _ in 0..2 {
            assert_eq!(call(&world, &late).await.status, 204, "{case}");
        }
        is_listed(&world.foo, "room", true).await;
        assert_eq!(joined_node(&world.foo, "room").await, Some(1), "{case}");
        assert_eq!(callbacks(&world), [format!("{CLIENT}&life=1")], "{case}: the first life's end only");

        assert!(node.end_meeting("room"));
        is_listed(&world.foo, "room", false).await;
        eventually(&format!("{case}: the second life's end"), || async {
            let both = [format!("{CLIENT}&life=1"), format!("{CLIENT}&life=2")];
            (callbacks(&world) == both).then_some(())
        })
        .await;
    }
}

/// A repeat has begun a new life, but its answer was lost.
#[tokio::test]
async fn a_new_life_found_by_a_poll_ends_the_old_one() {
    let world = World::start(1).await;
    assert!(create_with_callback(&world.foo, "room", CLIENT).await.ok());
    polled_meetings(&world, 1, 1).await;
    let (node, url) = (&world.nodes[0], ended_url(&world.nodes[0], "room"));
    node.fail(Fault::Hang, Scope::call("getMeetings"));
    node.fail(Fault::HandleThenHang, Scope::call("create").times(1));
    node.forget_meeting("room");
    let repeated = create_with_callback(&world.foo, "room", CLIENT).await;
    assert_eq!(repeated.key(), "duplicateWarning", "answered from what was known: {repeated:?}");
    let new = node.meeting("room").expect("the node has made it");
    node.heal();
    eventually("the list shows the new life", || async {
        let list = world.foo.get("getMeetings", &[]).await;
        (list.texts("internalMeetingID") == [new.internal_id.clone()]).then_some(())
    })
    .await;
    assert_eq!(call(&world, &url).await.status, 204);
    assert_eq!(joined_node(&world.foo, "room").await, Some(1), "the old life's nonce ends nothing");
    assert_eq!(callbacks(&world), [CLIENT], "the old life has ended");
    assert_eq!(phases(&world, "room"), ["live"]);
    assert_eq!(call(&world, &ended_url(node, "room")).await.status, 204);
    assert_eq!(
        joined_node(&world.foo, "room").await,
        None,
        "the new life has the nonce that the repeat sent"
    );
}

/// Somebody has made a meeting of that id on the node itself, after ours had ended.
#[tokio::test]
async fn a_life_that_we_have_not_asked_for_is_not_ours() {
    let world = World::start(2).await;
    assert!(create_with_callback(&world.foo, "room", CLIENT).await.ok());
    let host = settled(&world, "room").await;
    let node = &world.nodes[host - 1];
    polled_again(node).await;
    node.forget_meeting("room");
    let foreign = node.insert_meeting("room", "Not ours");
    is_listed(&world.foo, "room", false).await;
    assert_eq!(joined_node(&world.foo, "room").await, None);
    assert_eq!(callbacks(&world), [CLIENT], "ours has ended");
    assert!(create(&world.foo, "room").await.ok());
    assert_eq!(joined_node(&world.foo, "room").await, Some(3 - host), "where nobody else has that id");
    assert_eq!(
        node.meeting("room").map(|it| it.internal_id),
        Some(foreign.internal_id),
        "and it is left alone"
    );
}

#[tokio::test]
async fn a_meeting_that_vanished_is_removed_after_a_good_poll() {
    let world = World::start(2).await;
    assert!(create_with_callback(&world.foo, "room", CLIENT).await.ok());
    world.foo.create("other").await;
    let host = settled(&world, "room").await;
    polled_again(&world.nodes[host - 1]).await;
    world.nodes[host - 1].forget_meeting("room");
    is_listed(&world.foo, "room", false).await;
    assert_eq!(joined_node(&world.foo, "room").await, None);
    assert_eq!(callbacks(&world), [CLIENT]);
    assert_eq!(phases(&world, "room"), Vec::<String>::new());
    assert_eq!(listed(&world.foo).await, ["other".to_owned()].into());
    let again = create(&world.foo, "room").await;
    assert!(again.ok() && again.key().is_empty(), "a fresh life: {again:?}");
}

/// It is too young to be believed gone: no poll has shown it yet.
#[tokio::test]
async fn a_young_meeting_that_no_poll_has_shown_is_given_time() {
    let mut world = World::start_with(1, &[("POLL_INTERVAL", "3600")]).await;
    let created = world.foo.create("room").await;
    world.nodes[0].forget_meeting("room");
    world.daemon.set("POLL_INTERVAL", "0.2");
    assert_eq!(world.daemon.terminate().await, Some(0));
    world.daemon.start_again().await;
    polled_meetings(&world, 1, 0).await;
    polled_again(&world.nodes[0]).await;
    assert_eq!(joined_node(&world.foo, "room").await, Some(1), "it may still come up");
    let again = create(&world.foo, "room").await;
    assert!(again.ok() && again.text("createTime") != created.text("createTime"), "{again:?}");
    is_listed(&world.foo, "room", true).await;
}

#[tokio::test]
async fn a_node_that_fails_says_nothing_of_its_meetings() {
    let world = World::start_with(3, &[("NODE_DOWN_AFTER", "2")]).await;
    assert!(create_with_callback(&world.foo, "room", CLIENT).await.ok());
    let host = settled(&world, "room").await;
    let node = &world.nodes[host - 1];
    polled_again(node).await;
    let life = node.meeting("room").unwrap();
    for fault in [Fault::Html, Fault::Http500, Fault::Cut, Fault::WrongSecret, Fault::Endless, Fault::Hang] {
        let case = format!("{fault:?}");
        node.fail(fault, Scope::call("getMeetings"));
        world.node_state(host, NodeState::Down).await;
        assert_eq!(joined_node(&world.foo, "room").await, Some(host), "{case}: it is still bound");
        assert_eq!(phases(&world, "room"), ["live"], "{case}");
        node.heal();
        world.node_state(host, NodeState::Up).await;
        is_listed(&world.foo, "room", true).await;
        let info = about(&world.foo, "getMeetingInfo", "room").await;
        assert_eq!(info.text("internalMeetingID").as_ref(), Some(&life.internal_id), "{case}");
    }
    assert_eq!(callbacks(&world), Vec::<String>::new(), "nobody was told of an end");
}
