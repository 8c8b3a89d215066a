//! Nodes that misbehave: what it does to themselves, and that it does nothing to the others.

use std::cell::Cell;
use std::time::Duration;

use harness::eventually::PATIENCE;
use harness::{World, eventually};
use rpc::NodeState;
use simnode::{Fault, Scope, SimNode};

use crate::support::{
    about, asked, callbacks, create, create_with_callback, goes_through, is_listed, joined_node, listed,
    one_meeting_each, phases, ping, pings, polled_again, polls_stop, settled, states,
};

/// Something that makes all polls of a node fail.
#[derive(Clone, Debug)]
enum Trouble {
    Fault(Fault),
    Refuse,
}

impl Trouble {
    async fn begin(&self, node: &SimNode) {
        match self {
            Self::Fault(fault) => node.fail(fault.clone(), Scope::all()),
            Self::Refuse => node.refuse().await,
        }
    }

    async fn end(node: &SimNode) {
        node.heal();
        node.accept_again().await.expect("its port is kept");
    }
}

/// Calls about the meetings of healthy nodes, and those about others that need no node; all must work.
async fn others_work(world: &World, case: &str, sick: usize, rooms: &[String]) -> usize {
    let mut good = 0;
    for (n, room) in rooms.iter().enumerate() {
        assert_eq!(joined_node(&world.foo, room).await, Some(n + 1), "{case}: join {room}");
        if n + 1 != sick {
            for call in ["getMeetingInfo", "isMeetingRunning"] {
                let answer = about(&world.foo, call, room).await;
                assert!(answer.ok(), "{case}: {call} {room}: {answer:?}");
                good += 1;
            }
        }
    }
    let list = world.foo.get("getMeetings", &[]).await;
    assert!(list.ok(), "{case}: {list:?}");
    let unknown = about(&world.foo, "isMeetingRunning", "nobody's").await;
    assert_eq!(unknown.text("running").as_deref(), Some("false"), "{case}: {unknown:?}");
    good
}

/// A node goes from up over suspect to down and back, with its meetings, while the others work on.
async fn a_sick_node_disturbs_no_other(troubles: &[Trouble]) {
    let world = World::start_with(3, &[("NODE_DOWN_AFTER", "2")]).await;
    let rooms = one_meeting_each(&world).await;
    let before = listed(&world.foo).await;
    for trouble in troubles {
        let (sick, case) = (&world.nodes[0], format!("{trouble:?}"));
        let mark = world.daemon.log().len();
        trouble.begin(sick).await;
        let good = Cell::new(0);
        eventually(&format!("{case}: n1 is down"), || async {
            good.set(good.get() + others_work(&world, &case, 1, &rooms).await);
            (states(&world, 1, mark) == ["suspect", "down"]).then_some(())
        })
        .await;
        let good = good.get() + others_work(&world, &case, 1, &rooms).await;
        assert!(good >= 8, "{case}: {good} good answers");
        let view = world.node_view(1).await;
        assert!(view.last_poll_error.is_some() && view.load == -1, "{case}: {view:?}");
        let created = world.foo.create("extra").await;
        assert_ne!(settled(&world, "extra").await, 1, "{case}: {created:?}");
        assert!(
            !listed(&world.foo).await.contains(&rooms[0]),
            "{case}: lists show no meetings of a down node"
        );
        assert!(about(&world.foo, "end", "extra").await.ok(), "{case}");
        is_listed(&world.foo, "extra", false).await;

        Trouble::end(sick).await;
        goes_through(&world, 1, mark, &["suspect", "down", "up"]).await;
        eventually(&format!("{case}: all are listed again"), || async {
            (listed(&world.foo).await == before).then_some(())
        })
        .await;
        others_work(&world, &case, 0, &rooms).await;
        assert_eq!(world.node_view(1).await.last_poll_error, None, "{case}");
    }
    for n in 2..=3 {
        assert_eq!(states(&world, n, 0), ["up"], "n{n} was never anything else");
    }
}

#[tokio::test]
async fn a_node_that_answers_wrongly_disturbs_no_other() {
    let wrong = [Fault::Cut, Fault::Http500, Fault::Html, Fault::WrongSecret, Fault::Endless];
    let troubles: Vec<_> = wrong.into_iter().map(Trouble::Fault).chain([Trouble::Refuse]).collect();
    a_sick_node_disturbs_no_other(&troubles).await;
}

#[tokio::test]
async fn a_node_that_does_not_answer_in_time_disturbs_no_other() {
    let slow = [
        Fault::Hang,
        Fault::HandleThenHang,
        Fault::Late(Duration::from_secs(10)),
        Fault::Drip(Duration::from_millis(50)),
    ];
    a_sick_node_disturbs_no_other(&slow.map(Trouble::Fault)).await;
}

#[tokio::test]
async fn a_node_without_a_load_figure_stays_up() {
    let world = World::start(2).await;
    world.nodes[0].set_cpu(5_000);
    let cpu = async |expected: Option<u32>, case: &str| {
        eventually(case, || async { (world.node_view(1).await.cpu == expected).then_some(()) }).await;
    };
    cpu(Some(5_000), "the figure is read").await;
    let by_cpu = world.node_view(1).await.load;
    for fault in [Fault::NoLoad, Fault::LoadGarbage] {
        let case = format!("{fault:?}");
        world.nodes[0].fail(fault, Scope::all());
        cpu(None, &format!("{case}: the last figure ages out")).await;
        let view = world.node_view(1).await;
        assert_eq!((view.state, view.load, view.last_poll_error), (NodeState::Up, 0, None), "{case}");
        world.nodes[0].heal();
        cpu(Some(5_000), &format!("{case}: the figure is back")).await;
        assert_eq!(world.node_view(1).await.load, by_cpu, "{case}");
    }
    assert_eq!(states(&world, 1, 0), ["up"]);
}

/// No stopwatch: a hundred calls are answered while one and the same poll of the hung node waits.
#[tokio::test]
async fn a_hung_node_slows_nobody() {
    for fault in [Fault::Hang, Fault::Drip(Duration::from_secs(1))] {
        let case = format!("{fault:?}");
        let world = World::start_with(3, &[("NODE_REQUEST_TIMEOUT", "30")]).await;
        let rooms = one_meeting_each(&world).await;
        let hung = &world.nodes[0];
        hung.clear_requests();
        hung.fail(fault, Scope::all());
        let polled = hung.wait_for(PATIENCE, |it| it.call == "getMeetings").await;
        assert!(polled.is_some(), "{case}: a poll has begun");
        // This one may still have been answered; the next one surely hangs.
        let polls = eventually("a poll hangs", || async {
            let (before, seen) = (hung.count("getMeetings"), world.nodes[1].count("getMeetings"));
            world.nodes[1].wait_until(PATIENCE, |it| it.count("getMeetings") >= seen + 2).await;
            (hung.count("getMeetings") == before).then_some(before)
        })
        .await;
        let others = [world.nodes[1].count("getMeetings"), world.nodes[2].count("getMeetings")];
        let mut good = 0;
        for _ in 0..25 {
            good += others_work(&world, &case, 1, &rooms).await;
        }
        assert_eq!(good, 100, "{case}");
        for (node, before) in world.nodes[1..].iter().zip(others) {
            let polled_on = node.wait_until(PATIENCE, |it| it.count("getMeetings") >= before + 3).await;
            assert!(polled_on, "{case}: polls of the others go on");
        }
        assert_eq!(hung.count("getMeetings"), polls, "{case}: all the time its poll was pending");
        let view = world.node_view(1).await;
        assert_eq!((view.state, view.last_poll_error), (NodeState::Up, None), "{case}: and has not failed");
    }
}

#[tokio::test]
async fn most_nodes_failing_at_once_count_as_our_own_fault() {
    let world = World::start_with(3, &[("NODE_DOWN_AFTER", "2")]).await;
    let rooms = one_meeting_each(&world).await;
    assert!(ping(&world).await);
    let mark = world.daemon.log().len();
    for node in &world.nodes[..2] {
        node.fail(Fault::Http500, Scope::all());
    }
    pings(&world, false).await;
    for _ in 0..3 {
        for node in &world.nodes[..2] {
            polled_again(node).await;
        }
    }
    for n in 1..=2 {
        assert_eq!(states(&world, n, mark), ["suspect"], "n{n} is not taken down");
    }
    assert!(!ping(&world).await, "the fault is still there");
    assert_eq!(listed(&world.foo).await, rooms.iter().cloned().collect(), "the last good lists stay");
    for (n, room) in rooms.iter().enumerate() {
        assert_eq!(joined_node(&world.foo, room).await, Some(n + 1), "joins go on");
    }
    assert!(create(&world.foo, "new").await.ok(), "the healthy node takes new meetings");
    assert_eq!(settled(&world, "new").await, 3);
    assert!(world.daemon.log()[mark..].contains("most nodes fail at once"), "the log says so");

    for node in &world.nodes {
        node.heal();
    }
    pings(&world, true).await;
    for n in 1..=2 {
        goes_through(&world, n, mark, &["suspect", "up"]).await;
    }
}

#[tokio::test]
async fn after_the_grace_they_are_down_all_the_same() {
    let world = World::start_with(3, &[("NODE_DOWN_AFTER", "2"), ("NODE_OUTAGE_GRACE", "2")]).await;
    let mark = world.daemon.log().len();
    for node in &world.nodes[..2] {
        node.refuse().await;
    }
    for n in 1..=2 {
        goes_through(&world, n, mark, &["suspect", "down"]).await;
    }
    assert!(world.daemon.log()[mark..].contains("most nodes fail at once"), "the grace was used");
    assert!(!ping(&world).await, "most nodes are still out of reach");
    for node in &world.nodes[..2] {
        Trouble::end(node).await;
    }
    pings(&world, true).await;
    for n in 1..=2 {
        goes_through(&world, n, mark, &["suspect", "down", "up"]).await;
    }
}

#[tokio::test]
async fn a_meeting_moves_off_a_down_node_and_its_old_life_is_ended_there() {
    let world = World::start_with(3, &[("NODE_DOWN_AFTER", "2")]).await;
    assert!(create_with_callback(&world.foo, "room", "http://192.0.2.1/ended").await.ok());
    let old = settled(&world, "room").await;
    let sick = &world.nodes[old - 1];
    sick.refuse().await;
    world.node_state(old, NodeState::Down).await;
    assert_eq!(joined_node(&world.foo, "room").await, Some(old), "joins go there until somebody moves it");

    let moved = create_with_callback(&world.foo, "room", "http://192.0.2.1/ended").await;
    assert!(moved.ok() && moved.key().is_empty(), "a new life: {moved:?}");
    let new = joined_node(&world.foo, "room").await.unwrap();
    assert_ne!(new, old);
    assert_eq!(phases(&world, "room"), ["abandoned", "live"]);
    is_listed(&world.foo, "room", true).await;

    sick.accept_again().await.unwrap();
    asked(sick, "end", "room").await;
    assert_eq!(settled(&world, "room").await, new);
    world.node_state(old, NodeState::Up).await;
    polled_again(sick).await;
    assert_eq!(settled(&world, "room").await, new);
    assert_eq!(world.foo.get("getMeetings", &[]).await.texts("meetingID"), ["room"], "never two");
    assert!(sick.wait_until(PATIENCE, |it| !it.callbacks().is_empty()).await, "the node tells of the end");
    assert_eq!(callbacks(&world), Vec::<String>::new(), "but the client's meeting has not ended");
    let repeated = create(&world.foo, "room").await;
    assert_eq!(repeated.text("createTime"), moved.text("createTime"));
}

#[tokio::test]
async fn a_meeting_that_nobody_moved_is_adopted_when_its_node_returns() {
    let world = World::start_with(3, &[("NODE_DOWN_AFTER", "2")]).await;
    let created = world.foo.create("room").await;
    let host = settled(&world, "room").await;
    world.nodes[host - 1].refuse().await;
    is_listed(&world.foo, "room", false).await;
    world.node_state(host, NodeState::Down).await;
    world.nodes[host - 1].accept_again().await.unwrap();
    is_listed(&world.foo, "room", true).await;
    world.node_state(host, NodeState::Up).await;
    let repeated = create(&world.foo, "room").await;
    assert_eq!((repeated.ok(), repeated.key().as_str()), (true, "duplicateWarning"), "{repeated:?}");
    assert_eq!(repeated.text("internalMeetingID"), created.text("internalMeetingID"));
    assert_eq!(settled(&world, "room").await, host);
}

/// The node was rebooted, and somebody who does not use B3LB was quicker.
#[tokio::test]
async fn a_strangers_meeting_is_not_taken_for_the_old_life() {
    let world = World::start_with(2, &[("NODE_DOWN_AFTER", "2")]).await;
    world.foo.create("room").await;
    let old = settled(&world, "room").await;
    let node = &world.nodes[old - 1];
    node.refuse().await;
    world.node_state(old, NodeState::Down).await;
    assert!(create(&world.foo, "room").await.ok());
    node.forget_all();
    let stranger = node.insert_meeting("room", "A stranger's").internal_id;
    node.accept_again().await.unwrap();
    world.node_state(old, NodeState::Up).await;
    polled_again(node).await;
    assert_eq!(node.meeting("room").map(|it| it.internal_id), Some(stranger), "it goes on");
    assert_eq!(joined_node(&world.foo, "room").await, Some(3 - old));
    assert_eq!(phases(&world, "room"), ["live"], "the old life is settled");
}

/// As when one node after the other is rebooted: what is gone keeps nobody off its node.
#[tokio::test]
async fn a_meeting_can_move_back_after_a_reboot() {
    // The callbacks are lost: only polls tell what becomes of the old lives.
    let lost = [("NODE_DOWN_AFTER", "2"), ("PUBLIC_URL", "http://127.0.0.1:9")];
    let world = World::start_with(2, &lost).await;
    world.foo.create("room").await;
    let mut host = settled(&world, "room").await;
    for reboot in 1..=3 {
        let node = &world.nodes[host - 1];
        node.refuse().await;
        world.node_state(host, NodeState::Down).await;
        let moved = create(&world.foo, "room").await;
        assert!(moved.ok() && moved.key().is_empty(), "reboot {reboot}: {moved:?}");
        if reboot < 3 {
            node.forget_all();
        }
        node.accept_again().await.unwrap();
        world.node_state(host, NodeState::Up).await;
        polled_again(node).await;
        assert_eq!(phases(&world, "room"), ["live"], "reboot {reboot}: the old life is settled");
        host = 3 - host;
        assert_eq!(settled(&world, "room").await, host, "reboot {reboot}");
    }
}

/// Nowhere else to go: then the old life stays the secret's meeting.
#[tokio::test]
async fn a_meeting_that_cannot_be_moved_stays_where_it_is() {
    let world = World::start_with(1, &[("NODE_DOWN_AFTER", "2")]).await;
    let created = world.foo.create("room").await;
    world.nodes[0].refuse().await;
    world.node_state(1, NodeState::Down).await;
    let refused = create(&world.foo, "room").await;
    assert_eq!(refused.key(), "internalError", "{refused:?}");
    assert_eq!(joined_node(&world.foo, "room").await, Some(1));
    world.nodes[0].accept_again().await.unwrap();
    is_listed(&world.foo, "room", true).await;
    assert_eq!(create(&world.foo, "room").await.text("createTime"), created.text("createTime"));
}

#[tokio::test]
async fn a_silent_node_is_answered_for_as_documented() {
    let mut world = World::start_with(1, &[("NODE_DOWN_AFTER", "1000")]).await;
    let first = [("meetingID", "room"), ("name", "A meeting"), ("attendeePW", "ap"), ("moderatorPW", "mp")];
    let created = world.foo.get("create", &first).await;
    world.foo.create("empty").await;
    world.nodes[0].set_attendees("room", 2);
    polls_stop(&mut world, false).await;
    let faults = [Fault::Hang, Fault::Cut, Fault::Http500, Fault::Html].map(Trouble::Fault);
    for trouble in faults.into_iter().chain([Trouble::Refuse]) {
        let case = format!("{trouble:?}");
        trouble.begin(&world.nodes[0]).await;
        for (attendee, moderator, agree) in [("ap", "mp", true), ("", "", true), ("ap", "other", false)] {
            let mut params = vec![("meetingID", "room"), ("name", "A meeting")];
            let given = [("attendeePW", attendee), ("moderatorPW", moderator)];
            params.extend(given.iter().filter(|it| !it.1.is_empty()));
            let repeated = world.foo.get("create", &params).await;
            let case = format!("{case}, passwords {attendee:?} and {moderator:?}");
            if agree {
                assert!(repeated.ok(), "{case}: {repeated:?}");
                assert_eq!(repeated.key(), "duplicateWarning", "{case}");
                for element in ["meetingID", "internalMeetingID", "createTime", "attendeePW", "moderatorPW"] {
                    assert_eq!(repeated.text(element), created.text(element), "{case}: {element}");
                }
            } else {
                assert_eq!((repeated.ok(), repeated.key().as_str()), (false, "idNotUnique"), "{case}");
            }
        }
        for (id, running) in [("room", "true"), ("empty", "false"), ("unknown", "false")] {
            let answer = about(&world.foo, "isMeetingRunning", id).await;
            assert!(answer.ok(), "{case}: {answer:?}");
            assert_eq!(
                answer.text("running").as_deref(),
                Some(running),
                "{case}: that of the last good poll of {id}"
            );
        }
        assert_eq!(joined_node(&world.foo, "room").await, Some(1), "{case}");
        assert_eq!(listed(&world.foo).await.len(), 2, "{case}");
        for call in ["getMeetingInfo", "sendChatMessage"] {
            let answer = about(&world.foo, call, "empty").await;
            assert_eq!(
                (answer.status, answer.key().as_str()),
                (200, "internalError"),
                "{case}: {call}: {answer:?}"
            );
            assert!(answer.text("message").unwrap().contains("does not answer"), "{case}: {call}");
        }
        Trouble::end(&world.nodes[0]).await;
        assert!(about(&world.foo, "getMeetingInfo", "room").await.ok(), "{case}: well again");
    }
}

#[tokio::test]
async fn the_repeat_of_a_create_that_timed_out_finds_it_on_the_only_node() {
    for fault in [Fault::HandleThenHang, Fault::Cut, Fault::BrokenXml, Fault::Hang, Fault::Http500] {
        let (world, case) = (World::start(1).await, format!("{fault:?}"));
        let node = &world.nodes[0];
        node.fail(fault.clone(), Scope::call("create").times(1));
        let failed = create(&world.foo, "room").await;
        assert_eq!((failed.status, failed.key().as_str()), (200, "internalError"), "{case}: {failed:?}");
        let made = node.meeting("room").map(|it| it.internal_id);
        assert_eq!(made.is_some(), !matches!(fault, Fault::Hang | Fault::Http500), "{case}");
        let repeated = create(&world.foo, "room").await;
        assert!(repeated.ok(), "{case}: {repeated:?}");
        if made.is_some() {
            assert_eq!(repeated.text("internalMeetingID"), made, "{case}: the life that was begun");
        }
        is_listed(&world.foo, "room", true).await;
        assert_eq!(settled(&world, "room").await, 1, "{case}");
        assert_eq!(phases(&world, "room"), ["live"], "{case}");
    }
}

#[tokio::test]
async fn nodes_that_reject_our_secret_are_not_our_own_fault() {
    let world = World::start(3).await;
    world.nodes[0].fail(Fault::WrongSecret, Scope::all());
    world.nodes[1].fail(Fault::WrongSecret, Scope::all());
    for n in [1, 2] {
        world.node_state(n, NodeState::Down).await;
    }
    let url = format!("http://{}/b3lb/ping", world.daemon.address());
    assert_eq!(world.foo.send(world.foo.request("GET", &url)).await.status, 200, "the network is well");
    assert_eq!(world.node_view(3).await.state, NodeState::Up);
}
