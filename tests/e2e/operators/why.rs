//! Why a meeting is on its node.

use harness::world::soon;
use harness::{World, eventually};
use rpc::NodeState;
use serde_json::Value;

use super::good;
use crate::support::{create, polled_meetings};

async fn why(world: &World, id: &str) -> Value {
    let output = world.daemon.cli(&["meeting", "show", "FOO", id, "--why", "--json"]).await;
    assert!(output.status.success(), "{output:?}");
    serde_json::from_slice(&output.stdout).unwrap()
}

#[tokio::test]
async fn the_decision_is_kept_with_ranks_and_excluded_nodes() {
    let mut world = World::start(4).await;
    // n1 is busy, n2 in maintenance, n3 does not answer; n4 gets the meeting.
    world.nodes[0].preload("ballast", 30, 10);
    polled_meetings(&world, 1, 30).await;
    assert!(world.daemon.cli(&["node", "maintenance", "n2", "on"]).await.status.success());
    world.nodes[2].refuse().await;
    world.node_state(3, NodeState::Down).await;
    assert!(create(&world.foo, "room").await.ok());
    assert_eq!(world.hosts_of("room"), [4]);
    let told = why(&world, "room").await;
    let placement = &told["placement"];
    assert_eq!(placement["candidates"], 2);
    let best: Vec<_> = placement["best"].as_array().unwrap().iter().map(|it| &it["node"]).collect();
    assert!(best[0].as_str().unwrap().starts_with("n4.") && best[1].as_str().unwrap().starts_with("n1."));
    let parts = |it: &Value| {
        ["attendees", "reserved", "meetings", "cpu", "own"]
            .iter()
            .map(|part| it[part].as_f64().unwrap())
            .sum::<f64>()
    };
    for ranked in placement["best"].as_array().unwrap() {
        assert!((parts(ranked) - ranked["rank"].as_f64().unwrap()).abs() < 0.5, "{ranked}");
    }
    let excluded = placement["excluded"].as_array().unwrap();
    let reasons: Vec<_> =
        excluded.iter().map(|it| (it["why"].as_str().unwrap(), it["count"].as_u64())).collect();
    assert!(
        reasons.contains(&("maintenance", Some(1))) && reasons.contains(&("down", Some(1))),
        "{reasons:?}"
    );

    let text = world.daemon.cli(&["meeting", "show", "FOO", "room", "--why"]).await;
    let text = String::from_utf8_lossy(&text.stdout).into_owned();
    for part in ["Placed on n4.", "2 candidates", "rank", "1 node in maintenance: n2.", "1 node down: n3."] {
        assert!(text.contains(part), "{part}: {text}");
    }

    // It outlives the daemon.
    world.daemon.kill().await;
    world.daemon.start_again().await;
    assert_eq!(why(&world, "room").await["placement"], *placement);

    // A meeting that moves tells where from.
    world.nodes[3].refuse().await;
    world.node_state(4, NodeState::Down).await;
    eventually("the meeting moves", || async { create(&world.foo, "room").await.ok().then_some(()) }).await;
    let told = why(&world, "room").await;
    assert!(told["placement"]["moved_from"].as_str().unwrap().starts_with("n4."), "{told}");
    assert!(told["meeting"]["node"].as_str().unwrap().starts_with("n1."), "{told}");
}

#[tokio::test]
async fn a_meeting_that_was_found_running_says_so() {
    let world = World::start(1).await;
    let import = rpc::MeetingImport {
        secret: "FOO".into(),
        id: "old".into(),
        name: "Old".into(),
        node: "n1".into(),
        ended_url: None,
    };
    world.nodes[0].insert_meeting("old", "Old");
    let left_out = good(world.admin().await.meeting_import(soon(), vec![import], false).await);
    assert_eq!(left_out, []);
    assert_eq!(why(&world, "old").await["placement"], Value::Null);
    let text = world.daemon.cli(&["meeting", "show", "FOO", "old", "--why"]).await;
    let text = String::from_utf8_lossy(&text.stdout).into_owned();
    assert!(text.contains("not placed by this pool") && text.contains("n1."), "{text}");
}
