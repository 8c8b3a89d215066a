//! The daemon's own tasks: none ends unnoticed.

use harness::{World, eventually};

use crate::support::is_listed;

const TASKS: [&str; 7] = ["polls", "statistics", "pulse", "audit", "callbacks", "front end", "admin socket"];

#[tokio::test]
async fn finding_16_a_task_that_breaks_down_stops_the_daemon_in_order() {
    let mut world = World::start(1).await;
    world.foo.create("room").await;
    for task in TASKS {
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
    let world = World::start(1).await;
    let tasks = eventually("all tasks have run", || async {
        let status = world.admin().await.status(harness::world::soon()).await.unwrap().unwrap();
        (status.tasks.len() >= 5).then_some(status.tasks)
    })
    .await;
    for name in &TASKS[..5] {
        assert!(
            tasks.iter().any(|it| it.name == *name && it.last_run_at.starts_with("20")),
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
