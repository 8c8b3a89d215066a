//! What verbs do to the calls of clients, and to the daemon.

use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use harness::daemon::binary;
use harness::{Client, World, eventually};
use parking_lot::Mutex;
use tokio::io::AsyncWriteExt;
use tokio::process::Command;

use super::run;
use crate::support::{
    about, create, is_listed, joined_node, listed, one_meeting_each, polled_meetings, settled,
};

/// Secrets by standard input never stand in the process list.
#[tokio::test]
async fn secrets_can_come_from_standard_input() {
    let world = World::start(1).await;
    let domain = format!("localhost:{}", world.nodes[0].port());
    let secret = world.nodes[0].secret();
    let key = "k".repeat(42);
    for (line, stdin, code) in [
        (format!("node add m1 --cluster c --domain {domain} --secret - --active"), secret.as_str(), 0),
        (format!("node add m2 --cluster c --domain {domain} --secret -"), "", 2),
        (format!("addnode --slug m3 --cluster c --domain {domain} --secret -"), &secret, 0),
        ("secret add FOO --sub-id 1 --secret -".to_owned(), &key, 0),
        ("secret add FOO --sub-id 2 --secret -".to_owned(), "short", 1),
    ] {
        let connect = format!("unix:{}", world.daemon.socket().display());
        let mut child = Command::new(binary("b3lb-cli"))
            .env_clear()
            .args(["--connect", &connect])
            .args(line.split_whitespace())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut pipe = child.stdin.take().unwrap();
        pipe.write_all(format!("{stdin}\n").as_bytes()).await.unwrap();
        drop(pipe);
        let output = child.wait_with_output().await.unwrap();
        assert_eq!(output.status.code(), Some(code), "{line}: {output:?}");
    }
    let client = world.foo.under("foo-001").with_key(&key);
    assert!(client.get("getMeetings", &[]).await.ok());
    eventually("the node's secret is right", || async {
        (run(&world, "node show m1 --json").await.json()["state"] == "up").then_some(())
    })
    .await;
}

#[tokio::test]
async fn maintenance_counts_from_the_next_create_on() {
    let world = World::start(2).await;
    let rooms = one_meeting_each(&world).await;
    for (switch, host) in [("on", 2), ("off", 1)] {
        run(&world, &format!("node maintenance n1 {switch}")).await.good();
        for n in 0..2 {
            let id = format!("{switch}-{n}");
            assert!(create(&world.foo, &id).await.ok(), "{id}");
            assert_eq!(settled(&world, &id).await, host, "{id}");
        }
    }
    assert_eq!(joined_node(&world.foo, &rooms[0]).await, Some(1), "what runs goes on");
}

#[tokio::test]
async fn drain_waits_for_the_last_meeting_or_its_timeout() {
    let world = World::start(2).await;
    let rooms = one_meeting_each(&world).await;
    world.nodes[0].insert_meeting("stranger", "Not of B3LB");
    polled_meetings(&world, 1, 2).await;
    let late = run(&world, "node drain n1 --wait --timeout 1s").await;
    assert_eq!((late.code, late.stdout.as_str()), (Some(7), ""), "{late:?}");
    let name = format!("n1.localhost:{}", world.nodes[0].port());
    let says = format!(
        "error: node {name} is not drained after 1s, 2 meetings left: {} of FOO-000, 1 unknown to B3LB\n",
        rooms[0]
    );
    assert!(late.stderr.starts_with(&says), "{late:?}");
    assert!(world.node_view(1).await.maintenance, "it stays in maintenance");

    run(&world, "node maintenance n1 off").await.good();
    let drain = run(&world, "node drain n1 --wait");
    let end = async {
        eventually("n1 drains", || async { world.node_view(1).await.maintenance.then_some(()) }).await;
        assert!(create(&world.foo, "new").await.ok());
        assert_eq!(settled(&world, "new").await, 2, "a draining node gets no new meeting");
        assert!(world.nodes[0].end_meeting(&rooms[0]));
        is_listed(&world.foo, &rooms[0], false).await;
        assert!(world.nodes[0].end_meeting("stranger"));
    };
    let (drained, ()) = tokio::join!(drain, end);
    assert_eq!(drained.good(), format!("Node {name} drained\n"));
    assert_eq!(world.nodes[0].meeting_count(), 0, "not before the last one has ended");
    assert_eq!(
        run(&world, "node drain n1").await.good(),
        format!("Node {name}: maintenance on, 0 meetings left\n")
    );
}

/// Asks on and on with the key that is current; what was refused, and how many were answered.
async fn ask_on(
    client: Arc<Mutex<Client>>,
    answered: Arc<AtomicUsize>,
    stop: Arc<AtomicBool>,
) -> Vec<String> {
    let mut refused = Vec::new();
    while !stop.load(Ordering::Relaxed) {
        let current = client.lock().clone();
        let answer = current.get("getMeetings", &[]).await;
        if !answer.ok() {
            refused.push(answer.body);
        }
        answered.fetch_add(1, Ordering::Relaxed);
    }
    refused
}

#[tokio::test]
async fn a_rollover_of_keys_fails_no_request() {
    let world = World::start(1).await;
    let old = world.add_secret("FOO", 7).await;
    let current = Arc::new(Mutex::new(old.clone()));
    let (answered, stop) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicBool::new(false)));
    let asking = tokio::spawn(ask_on(current.clone(), answered.clone(), stop.clone()));
    let go_on = async || {
        let seen = answered.load(Ordering::Relaxed);
        eventually("requests go on", || async {
            (answered.load(Ordering::Relaxed) >= seen + 10).then_some(())
        })
        .await;
    };
    go_on().await;
    let rotated = run(&world, "secret rotate FOO-007 --json").await.json();
    assert_eq!(rotated["has_second"], true);
    let new = old.with_key(rotated["secret"].as_str().unwrap());
    go_on().await;
    assert!(new.get("getMeetings", &[]).await.ok(), "both are good");
    *current.lock() = new.clone();
    go_on().await;
    let promoted = run(&world, "secret promote FOO-007 --json").await.json();
    assert_eq!(promoted["secret"], new.key, "the new one is the first");
    go_on().await;
    assert!(old.get("getMeetings", &[]).await.ok(), "the old one is still good");
    run(&world, "secret drop-second FOO-007 --yes").await.good();
    go_on().await;
    assert_eq!(old.get("getMeetings", &[]).await.key(), "checksumError", "the old one is good no more");
    stop.store(true, Ordering::Relaxed);
    assert_eq!(asking.await.unwrap(), Vec::<String>::new(), "no request failed");
}

#[tokio::test]
async fn a_meeting_is_ended_for_its_owner_only() {
    let world = World::start(2).await;
    let second = world.add_secret("FOO", 1).await;
    world.foo.create("room").await;
    assert!(create(&second, "room").await.ok());
    let said = run(&world, "meeting end FOO-001 room --yes").await.good();
    assert!(said.starts_with("Meeting room of FOO-001 on n") && said.ends_with(" ended\n"), "{said}");
    is_listed(&second, "room", false).await;
    assert!(about(&world.foo, "getMeetingInfo", "room").await.ok(), "the other one goes on");
    let again = run(&world, "meeting end FOO-001 room --yes").await;
    assert_eq!(again.code, Some(3), "{again:?}");
    let host = settled(&world, "room").await;
    world.nodes[host - 1].refuse().await;
    let silent = run(&world, "meeting end FOO room --yes").await;
    assert_eq!(silent.code, Some(1), "{silent:?}");
    assert!(silent.stderr.contains("does not answer"), "{silent:?}");
    world.nodes[host - 1].accept_again().await.unwrap();
    run(&world, "meeting end FOO room --yes").await.good();
    is_listed(&world.foo, "room", false).await;
}

#[tokio::test]
async fn a_stale_socket_is_replaced_and_anything_else_is_left() {
    let mut world = World::start(1).await;
    let socket = world.daemon.socket();
    let mode = || std::fs::metadata(&socket).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(), 0o660);
    world.daemon.kill().await;
    assert!(socket.exists(), "kill -9 leaves it behind");
    assert_eq!(run(&world, "node list").await.code, Some(6), "nobody answers there");
    world.daemon.start_again().await;
    run(&world, "node list").await.good();
    assert_eq!(mode(), 0o660);

    assert_eq!(world.daemon.terminate().await, Some(0));
    std::fs::write(&socket, "precious").unwrap();
    let refused = world.daemon.command().output().await.unwrap();
    assert_eq!(refused.status.code(), Some(1), "{refused:?}");
    assert!(
        String::from_utf8_lossy(&refused.stderr).contains("is in the way of the admin socket"),
        "{refused:?}"
    );
    assert_eq!(std::fs::read_to_string(&socket).unwrap(), "precious");
    std::fs::remove_file(&socket).unwrap();
    world.daemon.start_again().await;
    let left: BTreeSet<_> = std::fs::read_dir(world.folder())
        .unwrap()
        .map(|it| it.unwrap().file_name().into_string().unwrap())
        .filter(|it| it.contains("sock"))
        .collect();
    assert_eq!(left, ["admin.sock".to_owned()].into(), "no half-made socket is left");
    assert!(listed(&world.foo).await.is_empty());
}
