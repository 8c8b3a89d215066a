//! `create`: many at once, ids that others use, nodes that fail it, clients that go away.

use std::collections::BTreeSet;
use std::time::Duration;

use futures::future::join_all;
use harness::eventually::PATIENCE;
use harness::{Answer, Client, World};
use rpc::NodeState;
use simnode::{Fault, Scope};

use crate::support::{
    about, asked, callbacks, create, create_with_callback, is_about, is_listed, joined_node, listed, phases,
    polled_again, polled_meetings, polls_stop, settled, states,
};

/// Longer than `NODE_REQUEST_TIMEOUT` of a world.
const TOO_LATE: Duration = Duration::from_secs(3);

fn is_duplicate(answer: &Answer) -> bool {
    answer.ok() && answer.key() == "duplicateWarning"
}

#[tokio::test]
async fn many_creates_of_few_ids_make_each_meeting_once() {
    let world = World::start(5).await;
    let ids: Vec<_> = (0..8).map(|n| format!("crowd-{n}")).collect();
    let answers = join_all((0..64).map(|n| create(&world.foo, &ids[n % 8]))).await;
    let refused: Vec<_> = answers.iter().filter(|it| !it.ok()).collect();
    assert!(refused.is_empty(), "all 64 succeed: {refused:?}");
    for (n, id) in ids.iter().enumerate() {
        let lives: BTreeSet<_> =
            answers.iter().skip(n).step_by(8).map(|it| it.text("internalMeetingID")).collect();
        assert_eq!(lives.len(), 1, "all were told of the same life of {id}: {lives:?}");
        settled(&world, id).await;
    }
    let meetings: usize = world.nodes.iter().map(simnode::SimNode::meeting_count).sum();
    assert_eq!((meetings, listed(&world.foo).await), (8, ids.into_iter().collect()));
}

#[tokio::test]
async fn a_burst_spreads_evenly_although_no_poll_sees_it() {
    let world = World::start_with(5, &[("POLL_INTERVAL", "3600")]).await;
    let ids: Vec<_> = (0..30).map(|n| format!("burst-{n}")).collect();
    let answers = join_all(ids.iter().map(|id| create(&world.foo, id))).await;
    assert!(answers.iter().all(Answer::ok), "{answers:?}");
    let counts: Vec<_> = world.nodes.iter().map(simnode::SimNode::meeting_count).collect();
    assert_eq!(counts, [6; 5]);
    assert_eq!(listed(&world.foo).await.len(), 30, "all are listed without a poll");
}

#[tokio::test]
async fn a_repeat_goes_to_the_same_node_which_judges_the_passwords() {
    let world = World::start(3).await;
    let first = [("meetingID", "room"), ("name", "A meeting"), ("attendeePW", "ap"), ("moderatorPW", "mp")];
    let created = world.foo.get("create", &first).await;
    assert!(created.ok() && created.key().is_empty(), "{created:?}");
    for (attendee, moderator, agree) in [
        ("ap", "mp", true),
        ("", "", true),
        ("ap", "", false),
        ("other", "mp", false),
        ("ap", "other", false),
    ] {
        let case = format!("passwords {attendee:?} and {moderator:?}");
        let mut params = vec![("meetingID", "room"), ("name", "A meeting")];
        params.extend(
            [("attendeePW", attendee), ("moderatorPW", moderator)].iter().filter(|it| !it.1.is_empty()),
        );
        let repeated = world.foo.get("create", &params).await;
        if agree {
            assert!(is_duplicate(&repeated), "{case}: {repeated:?}");
            assert_eq!(repeated.text("createTime"), created.text("createTime"), "{case}");
        } else {
            assert_eq!((repeated.ok(), repeated.key().as_str()), (false, "idNotUnique"), "{case}");
        }
    }
    let host = settled(&world, "room").await;
    let asked: Vec<_> = world.nodes.iter().map(|it| it.count("create")).collect();
    assert_eq!((asked[host - 1], asked.iter().sum::<usize>()), (6, 6), "no other node was asked");
}

#[tokio::test]
async fn owners_of_the_same_id_never_share_a_node() {
    let world = World::start(3).await;
    let bar = world.add_tenant("BAR").await;
    let owners = [world.foo.clone(), world.add_secret("FOO", 1).await, bar];
    let mut hosts = BTreeSet::new();
    for owner in &owners {
        let created = create(owner, "shared").await;
        assert!(created.ok() && created.key().is_empty(), "{}: {created:?}", owner.label);
        hosts.extend(joined_node(owner, "shared").await);
    }
    assert_eq!(hosts, BTreeSet::from([1, 2, 3]), "each has a node of its own");

    let fourth = world.add_secret("BAR", 1).await;
    let refused = create(&fourth, "shared").await;
    assert_eq!((refused.status, refused.key().as_str()), (200, "idNotUnique"), "{refused:?}");
    assert_eq!(joined_node(&fourth, "shared").await, None, "it has no meeting of that id");

    let freed = joined_node(&owners[1], "shared").await;
    assert_eq!(about(&owners[1], "end", "shared").await.key(), "sentEndMeetingRequest");
    is_listed(&owners[1], "shared", false).await;
    for owner in [&owners[0], &owners[2]] {
        assert!(about(owner, "getMeetingInfo", "shared").await.ok(), "{} keeps its meeting", owner.label);
    }
    polled_again(&world.nodes[freed.unwrap() - 1]).await;
    assert!(create(&fourth, "shared").await.ok(), "a place is free again");
    assert_eq!(joined_node(&fourth, "shared").await, freed);
}

#[tokio::test]
async fn an_id_that_a_poll_has_shown_keeps_others_off_its_node() {
    let world = World::start(3).await;
    let mut strangers = Vec::new();
    for n in 1..=2 {
        strangers.push(world.nodes[n - 1].insert_meeting("taken", "A stranger's").internal_id);
        polled_meetings(&world, n, 1).await;
    }
    let created = create(&world.foo, "taken").await;
    assert!(created.ok() && created.key().is_empty(), "{created:?}");
    assert_eq!(joined_node(&world.foo, "taken").await, Some(3));
    let other = create(&world.add_tenant("BAR").await, "taken").await;
    assert_eq!(other.key(), "idNotUnique", "no node is left: {other:?}");
    for (node, stranger) in world.nodes.iter().zip(strangers) {
        assert_eq!(node.count("create"), 0, "the strangers' nodes were not even asked");
        assert_eq!(node.meeting("taken").unwrap().internal_id, stranger);
    }
}

/// The strangers' passwords differ from those of the second case.
#[tokio::test]
async fn a_strangers_meeting_that_no_poll_has_shown_is_not_taken_for_ours() {
    let mut world = World::start(3).await;
    polls_stop(&mut world, true).await;
    let passwords = [("attendeePW", "ap"), ("moderatorPW", "mp")];
    for (case, passwords) in [("no passwords", &[][..]), ("passwords", &passwords)] {
        let (some, everywhere) = (format!("some, {case}").replace(", ", " "), format!("everywhere {case}"));
        let create = async |id: &str| {
            let params = [&[("meetingID", id), ("name", "A meeting")], passwords].concat();
            world.foo.get("create", &params).await
        };
        for node in &world.nodes[..2] {
            node.insert_meeting(&some, "A stranger's");
        }
        let created = create(&some).await;
        assert!(created.ok() && created.key().is_empty(), "{case}: a new meeting of our own: {created:?}");
        assert_eq!(joined_node(&world.foo, &some).await, Some(3), "{case}");
        assert_eq!(world.hosts_of(&some), [1, 2, 3], "{case}: the strangers' meetings go on");

        for node in &world.nodes {
            node.insert_meeting(&everywhere, "A stranger's");
        }
        let refused = create(&everywhere).await;
        assert_eq!((refused.ok(), refused.key().as_str()), (false, "idNotUnique"), "{case}: {refused:?}");
        assert_eq!(joined_node(&world.foo, &everywhere).await, None, "{case}: theirs is not ours");
        assert_eq!(world.hosts_of(&everywhere), [1, 2, 3], "{case}");
        assert!(phases(&world, &everywhere).is_empty(), "{case}: nothing is bound");
    }
}

#[tokio::test]
async fn the_third_node_takes_what_the_first_refuses_and_the_second_hangs_on() {
    let mut world = World::start(3).await;
    polls_stop(&mut world, true).await;
    world.nodes[0].refuse().await;
    world.nodes[1].fail(Fault::Hang, Scope::call("create"));
    let created = create(&world.foo, "room").await;
    assert!(created.ok() && created.key().is_empty(), "{created:?}");
    assert_eq!(settled(&world, "room").await, 3);
    assert_eq!(world.nodes[1].count("create"), 1, "the second was asked");
    assert_eq!(phases(&world, "room"), ["abandoned", "live"], "what came of the second is not known");
    world.node_state(1, NodeState::Suspect).await;
    assert_eq!(states(&world, 1, 0).last().map(String::as_str), Some("suspect"), "and the log says so");
}

/// The callbacks are lost: only a poll tells that the orphan is gone.
#[tokio::test]
async fn an_orphan_that_is_gone_keeps_nobody_off_its_node() {
    let world = World::start_with(2, &[("PUBLIC_URL", "http://127.0.0.1:9")]).await;
    for node in &world.nodes {
        node.fail(Fault::BrokenXml, Scope::call("create").times(1));
    }
    assert_eq!(create(&world.foo, "room").await.key(), "internalError", "both nodes fail");
    let repeated = create(&world.foo, "room").await;
    assert!(repeated.ok(), "{repeated:?}");
    let host = settled(&world, "room").await;
    polled_again(&world.nodes[2 - host]).await;
    assert_eq!(phases(&world, "room"), ["live"]);
    let other = create(&world.add_tenant("BAR").await, "room").await;
    assert!(other.ok(), "the other node is free for others: {other:?}");
}

/// Every fault of the first node leads the meeting elsewhere, and takes no node out. Those in which the
/// node makes the meeting all the same leave an orphan, which is ended without a word to the client.
#[tokio::test]
async fn a_failed_create_is_placed_elsewhere_and_its_orphan_is_ended() {
    let world = World::start(3).await;
    let first = &world.nodes[0];
    for (n, node) in world.nodes.iter().enumerate().skip(1) {
        node.preload("ballast", 40, 0);
        polled_meetings(&world, n + 1, 40).await;
    }
    let faults = [
        (Fault::Http500, false),
        (Fault::Html, false),
        (Fault::Endless, false),
        (Fault::WrongSecret, false),
        (Fault::Hang, false),
        (Fault::BrokenXml, true),
        (Fault::Cut, true),
        (Fault::HandleThenHang, true),
        (Fault::Late(TOO_LATE), true),
        (Fault::Drip(Duration::from_millis(50)), true),
    ];
    for (number, (fault, orphan)) in faults.into_iter().enumerate() {
        let (id, case) = (format!("fault-{number}"), format!("{fault:?}"));
        world.node_state(1, NodeState::Up).await;
        first.fail(fault, Scope::call("create").times(1));
        let asked_before = first.count("create");
        let created = create_with_callback(&world.foo, &id, "http://192.0.2.1/ended").await;
        assert!(created.ok() && created.key().is_empty(), "{case}: {created:?}");
        assert_eq!(first.count("create"), asked_before + 1, "{case}: the first node was asked");
        if orphan {
            asked(first, "end", &id).await;
        }
        let host = settled(&world, &id).await;
        assert_ne!(host, 1, "{case}");
        polled_again(first).await;
        assert_eq!(first.requests().iter().any(|it| it.call == "end" && is_about(it, &id)), orphan, "{case}");
        assert_eq!(settled(&world, &id).await, host, "{case}: the other one lives on");
        assert!(about(&world.foo, "getMeetingInfo", &id).await.ok(), "{case}");
        is_listed(&world.foo, &id, true).await;
        for (node, _) in world.nodes.iter().enumerate() {
            let states = states(&world, node + 1, 0);
            assert!(!states.contains(&"down".to_owned()), "{case}: n{} {states:?}", node + 1);
        }
    }
    assert_eq!(callbacks(&world), Vec::<String>::new(), "no client's meeting has ended");
}

#[tokio::test]
async fn a_create_that_fails_everywhere_takes_no_node_out() {
    let world = World::start(4).await;
    for fault in [Fault::Http500, Fault::Html, Fault::Hang] {
        let (id, case) = (format!("poison {fault:?}"), format!("{fault:?}"));
        for node in &world.nodes {
            node.clear_requests();
            node.fail(fault.clone(), Scope::call("create"));
        }
        let refused = create(&world.foo, &id).await;
        assert_eq!((refused.status, refused.key().as_str()), (200, "internalError"), "{case}: {refused:?}");
        let tries: usize = world.nodes.iter().map(|it| it.count("create")).sum();
        assert_eq!(tries, 3, "{case}: three nodes are tried");
        for (n, node) in world.nodes.iter().enumerate() {
            polled_again(node).await;
            assert_eq!(states(&world, n + 1, 0), ["up"], "{case}: n{} has never been anything else", n + 1);
            node.heal();
        }
        let created = create(&world.foo, &id).await;
        assert!(created.ok(), "{case}: the repeat works: {created:?}");
        settled(&world, &id).await;
    }
}

#[tokio::test]
async fn a_node_in_maintenance_gets_no_new_meeting_and_keeps_what_it_has() {
    let mut world = World::start(2).await;
    let old = create(&world.foo, "old").await;
    let host = settled(&world, "old").await;
    polls_stop(&mut world, false).await;
    let name = format!("n{host}");
    assert!(world.daemon.cli(&["node", "maintenance", &name, "on"]).await.status.success());
    for n in 0..6 {
        assert!(create(&world.foo, &format!("new-{n}")).await.ok());
    }
    assert_eq!(world.nodes[host - 1].meeting_count(), 1, "no new meeting");
    assert_eq!(joined_node(&world.foo, "old").await, Some(host), "joins go on");
    for call in ["getMeetingInfo", "isMeetingRunning"] {
        assert!(about(&world.foo, call, "old").await.ok(), "{call}");
    }
    let repeated = create(&world.foo, "old").await;
    assert!(is_duplicate(&repeated), "{repeated:?}");
    assert_eq!(repeated.text("createTime"), old.text("createTime"));
}

/// The repeat finds the old life gone, and may not begin a new one there.
#[tokio::test]
async fn a_new_life_on_a_node_in_maintenance_is_moved() {
    let mut world = World::start(2).await;
    assert!(create_with_callback(&world.foo, "room", "http://192.0.2.1/1").await.ok());
    let host = settled(&world, "room").await;
    polls_stop(&mut world, false).await;
    assert!(world.daemon.cli(&["node", "maintenance", &format!("n{host}"), "on"]).await.status.success());
    let node = &world.nodes[host - 1];
    node.forget_meeting("room");
    let created = create_with_callback(&world.foo, "room", "http://192.0.2.1/2").await;
    assert!(created.ok() && created.key().is_empty(), "{created:?}");
    let other = 3 - host;
    assert_eq!(settled(&world, "room").await, other);
    let called_back = node.wait_until(PATIENCE, |it| !it.callbacks().is_empty()).await;
    assert!(called_back, "the node tells of the end of the life that was not wanted");
    assert_eq!(callbacks(&world), ["http://192.0.2.1/1"], "the client hears of the first life's end only");
    assert_eq!(settled(&world, "room").await, other);
    is_listed(&world.foo, "room", true).await;

    // Nowhere else to go: then there is no meeting, and nothing that looks like one.
    assert!(world.daemon.cli(&["node", "maintenance", &format!("n{other}"), "on"]).await.status.success());
    world.nodes[other - 1].forget_meeting("room");
    let refused = create_with_callback(&world.foo, "room", "http://192.0.2.1/3").await;
    assert_eq!(refused.key(), "internalError", "{refused:?}");
    assert_eq!(joined_node(&world.foo, "room").await, None);
    is_listed(&world.foo, "room", false).await;
    assert_eq!(world.hosts_of("room"), Vec::<usize>::new());
    let called_back = world.nodes[other - 1].wait_until(PATIENCE, |it| !it.callbacks().is_empty()).await;
    assert!(called_back, "so does the other node");
    assert_eq!(callbacks(&world), ["http://192.0.2.1/1", "http://192.0.2.1/2"]);
}

/// Its first create came through although the answer was lost; the repeat has other passwords.
#[tokio::test]
async fn a_repeat_with_other_passwords_does_not_lose_the_meeting() {
    let world = World::start_with(1, &[("NODE_DOWN_AFTER", "1000")]).await;
    let node = &world.nodes[0];
    node.fail(Fault::HandleThenHang, Scope::call("create").times(1));
    // So that no poll finds the meeting before the repeat does.
    node.fail(Fault::Http500, Scope::call("getMeetings"));
    let create = async |password: &str| {
        let passwords = [("attendeePW", "everybody"), ("moderatorPW", password)];
        let params = [&[("meetingID", "room"), ("name", "A meeting")], &passwords[..]].concat();
        world.foo.get("create", &params).await
    };
    assert_eq!(create("mine").await.key(), "internalError", "the only node does not answer");
    assert_eq!(create("other").await.key(), "idNotUnique", "the node judges the passwords");
    node.heal();
    is_listed(&world.foo, "room", true).await;
    assert!(is_duplicate(&create("mine").await), "it is still the secret's own");
    assert_eq!(phases(&world, "room"), ["live"]);
}

#[tokio::test]
async fn a_create_outlives_its_client() {
    for nodes in [1, 3] {
        let world = World::start(nodes).await;
        for node in &world.nodes {
            node.fail(Fault::Late(Duration::from_secs(1)), Scope::call("create").times(1));
        }
        let gone = tokio::spawn({
            let foo: Client = world.foo.clone();
            async move { create(&foo, "room").await }
        });
        harness::eventually("a node is asked", || async {
            world.nodes.iter().any(|it| it.count("create") == 1).then_some(())
        })
        .await;
        gone.abort();
        assert!(gone.await.unwrap_err().is_cancelled(), "{nodes} nodes: the client has gone");
        is_listed(&world.foo, "room", true).await;
        let host = settled(&world, "room").await;
        let repeated = create(&world.foo, "room").await;
        assert!(is_duplicate(&repeated), "{nodes} nodes: {repeated:?}");
        let found = world.nodes[host - 1].meeting("room").unwrap();
        assert_eq!(repeated.text("internalMeetingID"), Some(found.internal_id), "{nodes} nodes");
        assert_eq!(settled(&world, "room").await, host, "{nodes} nodes");
        assert_eq!(phases(&world, "room"), ["live"], "{nodes} nodes");
    }
}
