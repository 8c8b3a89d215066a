//! `--connect ssh://`, through a real sshd and the system's ssh.

use std::process::Stdio;

use harness::daemon::{binary, free_port};
use harness::eventually::PATIENCE;
use harness::{Sshd, World, eventually};
use serde_json::json;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

use super::Run;
use crate::support::one_meeting_each;

/// A world, and the sshd of its machine.
struct Remote {
    world: World,
    sshd: Sshd,
}

impl Remote {
    async fn start(nodes: usize) -> Self {
        let tools = format!("{}:/usr/bin:/bin", binary("b3lb-cli").parent().unwrap().display());
        Self::start_with(nodes, &tools).await
    }

    /// With this `PATH` for those who log in.
    async fn start_with(nodes: usize, path: &str) -> Self {
        let world = World::start(nodes).await;
        let folder = world.folder().join("ssh");
        std::fs::create_dir(&folder).unwrap();
        let socket = world.daemon.socket().display().to_string();
        let sshd = Sshd::start(&folder, &[("PATH", path), ("B3LB_ADMIN_SOCKET", &socket)]).await;
        Self { world, sshd }
    }

    /// The tool on the operator's machine, which knows nothing of a socket.
    fn command(&self, url: &str, line: &str) -> Command {
        let mut command = Command::new(binary("b3lb-cli"));
        command.env_clear().env("PATH", self.sshd.path());
        command.args(["--connect", url]).args(line.split_whitespace());
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        command
    }

    async fn run_at(&self, url: &str, line: &str) -> Run {
        Run::of(line, self.command(url, line).output().await.unwrap())
    }

    async fn run(&self, line: &str) -> Run {
        self.run_at(&self.sshd.url(), line).await
    }

    /// Starts a verb that waits.
    fn wait_for(&self, line: &str) -> Child {
        self.command(&self.sshd.url(), line).spawn().unwrap()
    }
}

#[tokio::test]
async fn a_far_daemon_is_asked_and_changed_and_the_audit_names_who_from_where() {
    let remote = Remote::start(1).await;
    let status = remote.run("status").await.good();
    let place = format!(" at {}: healthy\n", remote.sshd.url());
    assert!(status.lines().next().is_some_and(|line| format!("{line}\n").ends_with(&place)), "{status}");

    remote.run("tenant set FOO --meeting-limit 5").await.good();
    let entries = remote.run("events --audit --subject FOO --json").await.json();
    let entry = entries.as_array().and_then(|it| it.last()).expect("an entry");
    assert_eq!((&entry["action"], &entry["after"]), (&json!("tenant set"), &json!({"meeting_limit": 5})));
    let user = Command::new("id").arg("-un").output().await.unwrap().stdout;
    let user = String::from_utf8(user).unwrap();
    assert!(entry["who"].as_str().unwrap().starts_with(&format!("{} (", user.trim())), "{entry}");
    let from = entry["from"].as_str().unwrap();
    assert!(from.starts_with("b3lb-cli ") && from.ends_with(" over ssh from 127.0.0.1"), "{from}");

    // The daemon's refusals come through as they are.
    let refused = remote.run("tenant show NOBODY").await;
    assert_eq!((refused.code, refused.stderr.as_str()), (Some(3), "error: tenant NOBODY does not exist\n"));
    // Something large comes through whole.
    let file = remote.world.folder().join("far.db");
    remote.run(&format!("backup {}", file.display())).await.good();
    assert!(std::fs::read(&file).unwrap().starts_with(b"SQLite format 3\0"));
}

#[tokio::test]
async fn a_link_that_breaks_while_events_are_followed_is_made_again() {
    let remote = Remote::start(0).await;
    let mut child = remote.wait_for("events --follow");
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let first = tokio::time::timeout(PATIENCE, lines.next_line()).await.expect("a line comes").unwrap();
    let is_known = |line: String| line.contains("cluster c") || line.contains("there are no nodes");
    assert!(first.is_some_and(is_known));
    remote.sshd.cut().await;
    // The next link is up at once, and what happened meanwhile is not lost.
    remote.run("cluster add later").await.good();
    let wanted = async {
        while let Some(line) = lines.next_line().await.unwrap() {
            if line.contains("cluster later: cluster add") {
                return;
            }
        }
        panic!("it ended");
    };
    tokio::time::timeout(PATIENCE, wanted).await.expect("the line comes");
}

#[tokio::test]
async fn a_link_that_breaks_while_a_node_drains_is_made_again() {
    let remote = Remote::start(2).await;
    let rooms = one_meeting_each(&remote.world).await;
    let mut child = remote.wait_for("node drain n1 --wait");
    eventually("it drains", || async { remote.world.node_view(1).await.maintenance.then_some(()) }).await;
    remote.sshd.cut().await;
    let mut said = BufReader::new(child.stderr.take().unwrap()).lines();
    let told = tokio::time::timeout(PATIENCE, said.next_line()).await.expect("it says so").unwrap();
    assert_eq!(told.as_deref(), Some("lost the daemon; connecting again"));
    remote.world.nodes[0].end_meeting(&rooms[0]);
    let ended = tokio::time::timeout(PATIENCE, child.wait_with_output()).await.expect("it ends").unwrap();
    assert_eq!(ended.status.code(), Some(0), "{ended:?}");
}

#[tokio::test]
async fn who_cannot_get_there_is_told_why() {
    let remote = Remote::start(0).await;
    let closed = format!("ssh://127.0.0.1:{}", free_port());
    let it = remote.run_at(&closed, "status").await;
    assert_eq!((it.code, it.stdout.as_str()), (Some(6), ""), "{it:?}");
    assert!(it.stderr.starts_with(&format!("error: {closed}: ")), "{it:?}");
    assert!(it.stderr.contains("Connection refused"), "{it:?}");

    remote.sshd.expect_another_host_key();
    let it = remote.run("status").await;
    assert_eq!((it.code, it.stdout.as_str()), (Some(6), ""), "{it:?}");
    assert!(it.stderr.contains("Host key verification failed"), "{it:?}");
    assert!(it.stderr.contains("hint: log in with ssh once"), "{it:?}");
}

#[tokio::test]
async fn who_may_not_log_in_is_told() {
    let remote = Remote::start(0).await;
    remote.sshd.lock_out();
    let it = remote.run("status").await;
    assert_eq!((it.code, it.stdout.as_str()), (Some(4), ""), "{it:?}");
    assert!(
        it.stderr.contains("Permission denied") && it.stderr.contains("see that ssh lets you log in"),
        "{it:?}"
    );
}

#[tokio::test]
async fn a_far_machine_without_the_tool_is_told() {
    let remote = Remote::start_with(0, "/usr/bin:/bin").await;
    let it = remote.run("status").await;
    assert_eq!((it.code, it.stdout.as_str()), (Some(6), ""), "{it:?}");
    assert!(it.stderr.contains("b3lb-cli: "), "{it:?}");
    assert!(it.stderr.contains("not found"), "{it:?}");
    assert!(it.stderr.contains("hint: over there b3lb-cli must be on PATH"), "{it:?}");
}

#[tokio::test]
async fn a_far_machine_without_a_daemon_is_told() {
    let mut remote = Remote::start(0).await;
    assert_eq!(remote.world.daemon.terminate().await, Some(0));
    let it = remote.run("status").await;
    assert_eq!((it.code, it.stdout.as_str()), (Some(6), ""), "{it:?}");
    assert!(it.stderr.contains("no daemon at "), "{it:?}");
}
