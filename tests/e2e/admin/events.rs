//! What happened: `events`, and the audit log.

use std::time::Duration;

use harness::World;
use harness::eventually;
use harness::eventually::PATIENCE;
use serde_json::json;
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

use super::{all_run, run};
use crate::support::query;

pub(super) const EVENTS: &str = "
    0 events => change   tenant FOO: tenant add
    0 events --kind node --severity info => up, was unknown
    0 events --subject cluster --since 1h => cluster c: cluster add
    0 events --since 00:00 => change   tenant FOO: tenant add
    0 events --audit => tenant add, tenant FOO
    0 events --audit --subject cluster => + checksum: sha256
    2 events --kind weather => weather
    2 events --severity loud => loud
    2 events --since yesterday => must be a duration
    2 events --audit --follow => --follow
";

#[tokio::test]
async fn events_are_listed_and_narrowed() {
    let world = World::start(1).await;
    all_run(&world, EVENTS).await;
    for line in ["events --kind change --subject n1", "events --audit --subject n1"] {
        let said = run(&world, line).await.good();
        assert!(said.contains("node n1.") && !said.contains("tenant"), "{line}: {said}");
    }
    assert_eq!(run(&world, "events --since 2999-01-01T00:00:00Z").await.good(), "");
}

/// A verb that goes on until it is interrupted.
struct Going {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Going {
    fn start(world: &World, line: &str) -> Self {
        let mut child =
            world.daemon.cli_command(&line.split_whitespace().collect::<Vec<_>>()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { child, lines }
    }

    async fn line(&mut self) -> String {
        let line = tokio::time::timeout(PATIENCE, self.lines.next_line()).await.expect("a line comes");
        line.unwrap().expect("it goes on")
    }

    /// Ctrl-C; its exit code, and what it says at the end.
    async fn interrupt(self) -> (Option<i32>, String) {
        let pid = self.child.id().expect("it runs").to_string();
        assert!(Command::new("kill").args(["-INT", &pid]).status().await.unwrap().success());
        let output = tokio::time::timeout(PATIENCE, self.child.wait_with_output()).await;
        let output = output.expect("it ends").unwrap();
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    }
}

#[tokio::test]
async fn following_prints_changes_as_they_are_made_until_interrupted() {
    let world = World::start(0).await;
    let mut text = Going::start(&world, "events --follow --subject FOO");
    let mut documents = Going::start(&world, "events --follow --subject FOO --json");
    assert!(text.line().await.contains("tenant FOO: tenant add"));
    assert!(documents.line().await.contains("\"text\":\"tenant add\""));

    run(&world, "tenant set FOO --meeting-limit 7").await.good();
    let line = text.line().await;
    assert!(line.contains("tenant FOO: tenant set: meeting_limit 0 -> 7, by "), "{line}");
    let event: serde_json::Value = serde_json::from_str(&documents.line().await).unwrap();
    assert_eq!(
        (&event["kind"], &event["text"]),
        (&json!("change"), &json!("tenant set: meeting_limit 0 -> 7"))
    );

    assert_eq!(text.interrupt().await, (Some(130), "error: interrupted\n".to_owned()));
    assert_eq!(documents.interrupt().await.0, Some(130));
}

/// Nothing that happens is no reason to end, however often the daemon is asked in between.
#[tokio::test]
async fn events_outlive_the_daemon_and_are_followed_through_its_restart() {
    let mut world = World::start(1).await;
    let mut going = Going::start(&world, "events --follow --subject FOO");
    assert!(going.line().await.contains("tenant FOO: tenant add"));
    run(&world, "tenant set FOO --meeting-limit 7").await.good();
    assert!(going.line().await.contains("meeting_limit 0 -> 7"));
    let before = run(&world, "events").await.good();
    eventually("the events are stored", || async {
        let stored = query(&world.daemon.database(), "SELECT text FROM event");
        stored.iter().any(|it| it.contains("meeting_limit 0 -> 7")).then_some(())
    })
    .await;
    world.daemon.kill().await;
    world.daemon.start_again().await;
    world.all_up().await;
    let after = run(&world, "events").await.good();
    assert!(after.starts_with(&before), "{before}\nand after the restart\n{after}");
    run(&world, "tenant set FOO --meeting-limit 8").await.good();
    assert!(going.line().await.contains("meeting_limit 7 -> 8"), "the same follower goes on");
    let (code, said) = going.interrupt().await;
    assert_eq!(code, Some(130), "{said}");
    assert!(said.starts_with("lost the daemon; connecting again\n"), "{said}");
}

#[tokio::test]
async fn a_pool_that_comes_up_is_some_lines_and_not_one_a_node() {
    let world = World::start(12).await;
    world.all_up().await;
    // What is gathered is told after half a minute, or at a stop.
    let told = run(&world, "events --kind node").await.good();
    assert_eq!(told.lines().filter(|it| it.contains("up, was unknown")).count(), 3, "{told}");
    let mut world = world;
    assert_eq!(world.daemon.terminate().await, Some(0));
    world.daemon.start_again().await;
    let told = run(&world, "events --kind node").await.good();
    assert!(told.contains("9 nodes: up, was unknown (") && told.contains(" (9 times)"), "{told}");
}

#[tokio::test]
async fn following_waits_longer_than_one_call() {
    let world = World::start(0).await;
    let mut going = Going::start(&world, "events --follow --subject FOO --call-timeout 1s");
    going.line().await;
    let silence = tokio::time::timeout(Duration::from_secs(2), going.lines.next_line()).await;
    assert!(silence.is_err(), "{silence:?}");
    run(&world, "tenant set FOO --meeting-limit 7").await.good();
    assert!(going.line().await.contains("meeting_limit 0 -> 7"));
}
