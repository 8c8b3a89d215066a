//! The daemon's own tasks: none ends unnoticed.

use harness::{World, eventually};

use crate::replication::world_with_store;
use crate::support::is_listed;

/// The last two are servers, which do not run again and again.
const TASKS: [&str; 9] = [
    "polls",
    "statistics",
    "history",
    "pulse",
    "problems",
    "audit",
    "callbacks",
    "front end",
    "admin socket",
];
/// Those of a daemon with a store, and automatic failover.
const WITH_A_STORE: [&str; 4] = ["claims", "primary", "lease", "replication"];

#[tokio::test]
async fn finding_16_a_task_that_breaks_down_stops_the_daemon_in_order() {
    each_stops_the_daemon(World::start(1).await, &TASKS).await;
}

#[tokio::test]
async fn a_task_of_replication_that_breaks_down_stops_the_daemon_in_order() {
    let (world, _folder) = world_with_store(&[("FAILOVER", "auto")]).await;
    each_stops_the_daemon(world, &WITH_A_STORE).await;
}

async fn each_stops_the_daemon(mut world: World, tasks: &[&str]) {
    world.foo.create("room").await;
    for task in tasks {
        assert_eq!(world.daemon.terminate().await, Some(0));
        world.daemon.set("TEST_PANIC", task);
        world.daemon.start_again().await;
        assert_eq!(world.daemon.ended().await, Some(1), "{task}");
        // Its last lines may be read only after its end.
        for words in [
            format!("the task {task} was told to panic"),
            format!("b3lbd: the task {task} has ended"),
            "b3lbd has stopped".to_owned(),
        ] {
            let log = || world.daemon.log();
            eventually(&words, || async { log().contains(&words).then_some(()) }).await;
        }
        world.daemon.set("TEST_PANIC", "");
        world.daemon.start_again().await;
        is_listed(&world.foo, "room", true).await;
    }
}

#[tokio::test]
async fn status_tells_when_each_task_ran_last() {
    let (world, _folder) = world_with_store(&[("FAILOVER", "auto")]).await;
    let running: Vec<_> = TASKS[..7].iter().chain(&WITH_A_STORE).collect();
    let tasks = eventually("all tasks have run", || async {
        let status = world.admin().await.status(harness::world::soon()).await.unwrap().unwrap();
        (status.tasks.len() >= running.len()).then_some(status.tasks)
    })
    .await;
    for name in &running {
        assert!(
            tasks.iter().any(|it| it.name == **name && it.last_run_at.starts_with("20")),
            "{name}: {tasks:?}"
        );
    }
    let status = world.daemon.cli(&["status"]).await;
    assert!(String::from_utf8(status.stdout).unwrap().contains("tasks     "));
}

#[tokio::test]
async fn an_orderly_stop_is_no_error() {
    let mut world = World::start(0).await;
    for _ in 0..10 {
        assert_eq!(world.daemon.terminate().await, Some(0));
        world.daemon.start_again().await;
    }
    let errors: Vec<_> =
        world.daemon.log().lines().filter(|it| it.contains("ERROR")).map(str::to_owned).collect();
    assert_eq!(errors, Vec::<String>::new());
}
