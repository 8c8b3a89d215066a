//! What a service manager expects: readiness, watchdog, a socket handed over, a stop in time.

use std::collections::BTreeSet;
use std::process::Stdio;
use std::time::Duration;

use harness::eventually::PATIENCE;
use harness::{Client, World, eventually};
use simnode::{Fault, Scope};
use tokio::net::UnixDatagram;
use tokio::process::Command;

#[tokio::test]
async fn readiness_watchdog_and_stop_are_told() {
    let world = World::start(0).await;
    let path = world.folder().join("notify.sock");
    let socket = UnixDatagram::bind(&path).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let mut command = world.daemon.command();
    command
        .env("B3LB_LISTEN", "127.0.0.1:0")
        .env("B3LB_DATABASE", folder.path().join("b3lb.db"))
        .env("B3LB_ADMIN_SOCKET", folder.path().join("admin.sock"))
        .env("NOTIFY_SOCKET", &path)
        .env("WATCHDOG_USEC", "200000");
    let mut child = command.stderr(Stdio::null()).kill_on_drop(true).spawn().unwrap();
    let mut told = BTreeSet::new();
    let mut buffer = [0; 256];
    while told.len() < 2 {
        let length = tokio::time::timeout(PATIENCE, socket.recv(&mut buffer)).await.unwrap().unwrap();
        told.extend(String::from_utf8_lossy(&buffer[..length]).lines().map(str::to_owned));
    }
    assert_eq!(told.iter().map(String::as_str).collect::<Vec<_>>(), ["READY=1", "WATCHDOG=1"]);
    let pid = child.id().unwrap().to_string();
    assert!(Command::new("kill").args(["-TERM", &pid]).status().await.unwrap().success());
    while !told.contains("STOPPING=1") {
        let length = tokio::time::timeout(PATIENCE, socket.recv(&mut buffer)).await.unwrap().unwrap();
        told.extend(String::from_utf8_lossy(&buffer[..length]).lines().map(str::to_owned));
    }
    assert_eq!(child.wait().await.unwrap().code(), Some(0));
}

/// Binds a socket and hands it over as a socket unit does.
const HAND_OVER: &str = "
import os, socket, sys
listener = socket.create_server(('127.0.0.1', int(sys.argv[1])))
os.dup2(listener.fileno(), 3)
os.set_inheritable(3, True)
os.environ.update(LISTEN_FDS='1', LISTEN_PID=str(os.getpid()))
os.execv(sys.argv[2], sys.argv[2:])
";

#[tokio::test]
async fn a_socket_can_be_handed_over() {
    let world = World::start(0).await;
    let folder = tempfile::tempdir().unwrap();
    let port = harness::daemon::free_port();
    let mut child = Command::new("python3")
        .args(["-c", HAND_OVER, &port.to_string()])
        .arg(harness::daemon::binary("b3lbd"))
        .env("B3LB_API_BASE_DOMAIN", "b3lb.test")
        .env("B3LB_LISTEN", "127.0.0.1:1")
        .env("B3LB_DATABASE", folder.path().join("b3lb.db"))
        .env("B3LB_ADMIN_SOCKET", folder.path().join("admin.sock"))
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .expect("python3 is there");
    let client = Client::new(([127, 0, 0, 1], port).into(), "foo", "");
    // Connections wait in the socket until the daemon is there: none is refused.
    let url = format!("http://127.0.0.1:{port}/b3lb/ping");
    eventually("a ping through the socket", || async {
        let answer = client.try_send(client.request("GET", &url)).await.ok()?;
        (answer.status == 200).then_some(())
    })
    .await;
    child.kill().await.unwrap();
    drop(world);
}

#[tokio::test]
async fn a_stop_lets_a_create_finish() {
    let mut world = World::start_with(1, &[("NODE_REQUEST_TIMEOUT", "30")]).await;
    world.nodes[0].fail(Fault::Late(Duration::from_millis(500)), Scope::call("create"));
    let foo = world.foo.clone();
    let create = tokio::spawn(async move { foo.create("room").await });
    world.nodes[0].wait_for(PATIENCE, |it| it.call == "create").await.expect("the node is asked");
    assert_eq!(world.daemon.terminate().await, Some(0));
    assert!(create.await.unwrap().ok(), "its client gets the answer");
    world.daemon.start_again().await;
    eventually("the meeting is known", || async {
        (world.foo.get("getMeetings", &[]).await.texts("meetingID") == ["room"]).then_some(())
    })
    .await;
}
