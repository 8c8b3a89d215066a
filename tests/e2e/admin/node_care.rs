//! Verbs that look after nodes and their meetings.

use harness::World;
use simnode::{Fault, Scope};

use super::{all_run, run};
use crate::support::{create, one_meeting_each};

pub(super) const NODE_CARE: &str = "
    0 node check n1 => good     the node accepts it
    3 node check n9 => node n9 does not exist
    0 node wait n1 n2 --for up => n2.localhost
    0 node show n1 --details => bound: 1 meetings, 0 attendees
    3 node show n9 --details => node n9 does not exist
    0 meeting show FOO room-1 => node: n1.localhost
    3 meeting show FOO nothing => meeting nothing does not exist
    3 meeting show NOBODY room-1 => NOBODY
    5 node rm n1 --yes => has 1 meeting
    2 node evacuate n1 => --yes
    3 node evacuate n9 --yes => node n9 does not exist
    0 node evacuate n1 --yes => 1 meeting ended
    3 meeting show FOO room-1 => meeting room-1 does not exist
    0 node evacuate n1 --yes => 0 meetings ended
    0 node rm n1 --yes => removed
    3 node rm n1 --yes => node n1 does not exist
    0 meeting end FOO room-2 --yes => ended
    0 meeting list --tenant FOO => ID
";

#[tokio::test]
async fn every_verb_of_care_works_and_refuses() {
    let world = World::start(2).await;
    for (id, other) in [("room-1", "n2"), ("room-2", "n1")] {
        run(&world, &format!("node maintenance {other} on")).await.good();
        assert!(create(&world.foo, id).await.ok());
        run(&world, &format!("node maintenance {other} off")).await.good();
    }
    all_run(&world, NODE_CARE).await;
}

/// What does not work is told step by step on standard output, and in one line on standard error.
#[tokio::test]
async fn a_check_of_a_sick_node_names_the_step() {
    let world = World::start(1).await;
    world.nodes[0].fail(Fault::WrongSecret, Scope::all());
    let it = run(&world, "node check n1").await;
    assert_eq!(it.code, Some(1), "{it:?}");
    let line = it.stdout.lines().find(|line| line.starts_with("secret ")).unwrap();
    assert!(line.contains("bad") && line.contains("node set --secret"), "it says what to do: {line}");
    let name = format!("n1.localhost:{}", world.nodes[0].port());
    assert!(it.stderr.starts_with(&format!("error: node {name} does not work: secret\n")), "{it:?}");

    world.nodes[0].refuse().await;
    let it = run(&world, "node check n1").await;
    let line = it.stdout.lines().find(|line| line.starts_with("tcp ")).unwrap();
    assert!(line.contains("bad") && line.contains("firewall"), "it says what to do: {line}");
    let it = run(&world, "node check n1 --json").await;
    let document: serde_json::Value = serde_json::from_str(&it.stdout).unwrap();
    assert_eq!(
        (it.code, &document["good"], &document["findings"][0]["item"]),
        (Some(1), &false.into(), &"dns".into())
    );
}

/// What cannot be ended is named, and the exit code says that some of it is done.
#[tokio::test]
async fn an_evacuation_that_is_not_complete_ends_with_9() {
    let world = World::start(1).await;
    for id in ["room-1", "room-2"] {
        world.foo.create(id).await;
    }
    for (times, code, ended) in [(2, 1, "0 meetings"), (1, 9, "1 meeting")] {
        world.nodes[0].fail(Fault::Http500, Scope::call("end").times(times));
        let it = run(&world, "node evacuate n1 --yes").await;
        assert_eq!(it.code, Some(code), "{it:?}");
        assert!(it.stdout.ends_with(&format!(": {ended} ended\n")), "{it:?}");
        assert!(it.stderr.starts_with("error: ") && it.stderr.contains(" of FOO-000: "), "{it:?}");
    }
    world.nodes[0].heal();
    run(&world, "node evacuate n1 --yes").await.good();
    assert_eq!(world.nodes[0].meeting_count(), 0);
}

/// A node that is gone for good is forgotten with its meetings, if that is said.
#[tokio::test]
async fn a_dead_node_is_removed_by_force() {
    let world = World::start(2).await;
    one_meeting_each(&world).await;
    world.nodes[1].stop().await;
    let refused = run(&world, "node rm n2 --yes").await;
    assert_eq!(refused.code, Some(5), "{refused:?}");
    assert!(refused.stderr.contains("has 1 meeting") && refused.stderr.contains("--force"), "{refused:?}");
    run(&world, "node rm n2 --force --yes").await.good();
    assert_eq!(run(&world, "meeting list --json").await.json().as_array().unwrap().len(), 1);
}
