//! Every verb that changes or removes what is set up: the good case, and the refusals with their exit codes.

use harness::World;
use serde_json::{Value, json};

use super::{all_run, run};

pub(super) const CHANGING: &str = "
    0 cluster set c --meeting-factor 20 --cpu-order 0 => Cluster c changed: meeting factor 20, CPU order 0
    1 cluster set c --cpu-order 101 => cpu_order: a number from 0 to 100
    2 cluster set c --checksum md5 => md5
    2 cluster set c => --cpu-order
    3 cluster set nowhere --cpu-max 1 => cluster nowhere does not exist
    5 cluster rm c --yes => cluster c has 1 node
    2 cluster rm c => --yes
    3 cluster rm nowhere --yes => cluster nowhere does not exist
    0 cluster add spare => Cluster spare added

    0 group set g --description Everybody => Group g changed: description Everybody
    3 group set nobody --description x => group nobody does not exist
    2 group set g => --description
    0 group assign g spare => Cluster spare assigned to group g
    0 group unassign g spare => Cluster spare taken out of group g
    3 group unassign g spare => cluster spare in group g does not exist
    3 group unassign nobody c => group nobody does not exist
    0 cluster rm spare --yes => Cluster spare removed
    5 group rm g --yes => group g has 1 tenant
    3 group rm nobody --yes => group nobody does not exist
    0 group add empty => Group empty added
    2 group rm empty => --yes
    0 group rm empty --yes => Group empty removed

    0 cluster add big => Cluster big added
    0 node set n1 --cluster big => changed: cluster big
    0 node set n1 --cluster c --secret secret-of-n1 => changed: cluster c, secret
    3 node set n1 --cluster nowhere => cluster nowhere does not exist
    3 node set n9 --cluster c => node n9 does not exist
    2 node set n1 => --cluster

    0 tenant add BAR --group g => Tenant BAR added
    0 tenant set BAR --new-stats-token => stats token:
    0 tenant set bar --description School => Tenant BAR changed: description School
    2 tenant rm BAR => --yes
    3 tenant rm NOBODY --yes => tenant NOBODY does not exist

    0 secret add BAR --sub-id 7 => Secret BAR-007 added
    0 secret set BAR-007 --meeting-limit 3 => Secret BAR-007 changed: meeting limit 3
    3 secret set BAR-008 --meeting-limit 3 => secret BAR-008 does not exist
    2 secret set BAR-007 --meeting-limit many => many
    2 secret rm BAR-007 => --yes
    0 secret rm BAR-007 --yes => Secret BAR-007 removed
    3 secret rm BAR-007 --yes => secret BAR-007 does not exist
    1 secret rm BAR --yes => BAR-000
    5 tenant rm FOO --yes => tenant FOO has 1 meeting
    0 tenant rm BAR --yes => Tenant BAR removed
    3 tenant show BAR => tenant BAR does not exist
";

#[tokio::test]
async fn every_changing_verb_works_and_refuses() {
    let world = World::start(1).await;
    world.foo.create("room").await;
    all_run(&world, CHANGING).await;
    assert_eq!(run(&world, "cluster show c --json").await.json()["meeting_factor"], 20.0);
    assert_eq!(run(&world, "group show g --json").await.json()["description"], "Everybody");
}

/// This field of the rows of a list.
async fn column(world: &World, line: &str, field: &str) -> Vec<Value> {
    let rows = run(world, &format!("{line} --json")).await.json();
    rows.as_array().expect("a list").iter().map(|row| row[field].clone()).collect()
}

#[tokio::test]
async fn lists_are_narrowed_and_sorted() {
    let world = World::start(2).await;
    for line in [
        "cluster add big",
        "group add other",
        "group assign other big",
        "node set n1 --cluster big",
        "node maintenance n2 on",
        "tenant add BAR --group other --meeting-limit 9",
        "secret add FOO --sub-id 1 --meeting-limit 5",
    ] {
        run(&world, line).await.good();
    }
    for (line, field, expected) in [
        ("node list --cluster big", "slug", json!(["n1"])),
        ("node list --maintenance", "slug", json!(["n2"])),
        ("node list --state up --sort -slug", "slug", json!(["n2", "n1"])),
        ("node list --state down", "slug", json!([])),
        ("cluster list --group other", "name", json!(["big"])),
        ("cluster list --sort -nodes --group g", "name", json!(["c"])),
        ("group list --cluster big", "name", json!(["other"])),
        ("tenant list --group other", "slug", json!(["BAR"])),
        ("tenant list --sort -meeting_limit", "slug", json!(["BAR", "FOO"])),
        ("secret list FOO", "name", json!(["FOO-000", "FOO-001"])),
        ("secret list --sort -meeting_limit", "name", json!(["FOO-001", "BAR-000", "FOO-000"])),
    ] {
        assert_eq!(json!(column(&world, line, field).await), expected, "{line}");
    }
}
