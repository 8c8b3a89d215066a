//! One life of a meeting after the other: repeats, ends that come late, and crashes in between.

use std::time::Duration;

use harness::World;
use simnode::{Fault, Scope};

use crate::support::{
    call, callbacks, create, create_with_callback, ended_url, is_listed, joined_node, phases, settled,
};

const CLIENT: &str = "http://192.0.2.1/ended";

/// The callback of the first life waits for the repeat, and nobody else gets the id on this node meanwhile.
#[tokio::test]
async fn finding_3_a_create_under_way_keeps_its_node_and_id() {
    let world = World::start_with(1, &[("POLL_INTERVAL", "3600")]).await;
    let (node, bar) = (&world.nodes[0], world.add_tenant("BAR").await);
    let first = create_with_callback(&world.foo, "room", CLIENT).await;
    node.fail(Fault::Late(Duration::from_secs(1)), Scope::call("create").times(1));
    let asked = node.count("create");
    let repeat = tokio::spawn({
        let foo = world.foo.clone();
        async move { create_with_callback(&foo, "room", CLIENT).await }
    });
    assert!(node.wait_until(Duration::from_secs(30), |it| it.count("create") > asked).await);
    assert!(node.end_meeting("room"), "the first life ends, and calls back");
    let foreign = create(&bar, "room").await;
    assert_eq!(foreign.key(), "idNotUnique", "the only node is taken: {foreign:?}");
    let second = repeat.await.unwrap();
    assert!(second.ok() && second.key().is_empty(), "a new life: {second:?}");
    assert_ne!(second.text("createTime"), first.text("createTime"));
    let life = node.meeting("room").expect("it lives");
    assert_eq!(second.text("internalMeetingID"), Some(life.internal_id));
    assert!(node.wait_until(Duration::from_secs(30), |it| !it.callbacks().is_empty()).await);
    assert_eq!(joined_node(&world.foo, "room").await, Some(1), "the late callback ends nothing");
    assert_eq!(joined_node(&bar, "room").await, None);
    assert_eq!(callbacks(&world), [CLIENT], "the first life has ended, once");
    assert_eq!(phases(&world, "room"), ["live"]);
}

/// The node has begun the second life, but the daemon dies before it hears of it.
#[tokio::test]
async fn finding_4_a_second_life_is_found_again_after_kill_9() {
    for callback_first in [false, true] {
        let mut world = World::start(2).await;
        assert!(create_with_callback(&world.foo, "room", CLIENT).await.ok());
        let host = settled(&world, "room").await;
        let (node, url) = (world.nodes[host - 1].clone(), ended_url(&world.nodes[host - 1], "room"));
        node.forget_meeting("room");
        node.fail(Fault::HandleThenHang, Scope::call("create").times(1));
        // So that no poll knows better.
        node.fail(Fault::Hang, Scope::call("getMeetings"));
        let repeat = tokio::spawn({
            let foo = world.foo.clone();
            async move {
                foo.try_send(foo.request(
                    "GET",
                    &foo.signed_url("create", &[("meetingID", "room"), ("name", "A meeting")]),
                ))
                .await
            }
        });
        assert!(node.wait_until(Duration::from_secs(30), |it| it.meeting("room").is_some()).await);
        let (told, address) = (world.foo.clone(), url.clone());
        let callback = tokio::spawn(async move { told.try_send(told.request("GET", &address)).await });
        world.daemon.kill().await;
        let _ = (repeat.await, callback.await);
        world.daemon.start_again().await;
        if callback_first {
            assert_eq!(call(&world, &url).await.status, 204);
            assert_eq!(phases(&world, "room"), ["creating"], "what the repeat may have begun is remembered");
        }
        node.heal();
        is_listed(&world.foo, "room", true).await;
        assert_eq!(joined_node(&world.foo, "room").await, Some(host), "callback first: {callback_first}");
        let repeated = create(&world.foo, "room").await;
        assert_eq!(repeated.key(), "duplicateWarning", "no third life: {repeated:?}");
        assert_eq!(world.hosts_of("room"), [host]);
        assert_eq!(callbacks(&world), [CLIENT], "the first life has ended, once");
        assert_eq!(call(&world, &ended_url(&node, "room")).await.status, 204);
        is_listed(&world.foo, "room", false).await;
    }
}

/// The old life's callback comes while the repeat is being confirmed.
#[tokio::test]
async fn finding_5_a_late_callback_takes_no_meeting_away() {
    let world = World::start_with(1, &[("POLL_INTERVAL", "3600")]).await;
    let node = &world.nodes[0];
    for round in 0..60 {
        let id = format!("room {round}");
        assert!(create(&world.foo, &id).await.ok());
        let url = ended_url(node, &id);
        node.forget_meeting(&id);
        let late = async {
            // From before the repeat is sent to after it is confirmed.
            tokio::time::sleep(Duration::from_micros(round * 150)).await;
            call(&world, &url).await
        };
        let (repeated, _) = tokio::join!(create(&world.foo, &id), late);
        assert!(repeated.ok() && repeated.key().is_empty(), "{id}: {repeated:?}");
        assert_eq!(joined_node(&world.foo, &id).await, Some(1), "{id} is still known");
        assert_eq!(create(&world.foo, &id).await.key(), "duplicateWarning", "{id}");
        assert_eq!(phases(&world, &id), ["live"], "{id}");
    }
}
