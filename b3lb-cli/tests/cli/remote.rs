//! `proxy`, and `--connect ssh://` through a fake ssh that runs it on this machine.

use std::os::unix::fs::PermissionsExt as _;
use std::process::{Command, Stdio};
use std::sync::Arc;

use rpc::ClientInfo;
use tempfile::TempDir;
use tokio::sync::Notify;

use crate::fake::{Daemon, Fake};
use crate::run::{Outcome, alone, command};

/// A folder with an `ssh` that records its arguments, runs its command locally, and then runs these lines.
fn stand_in(socket: &str, end: &str) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    let ssh = dir.path().join("ssh");
    let tool = env!("CARGO_BIN_EXE_b3lb-cli");
    let script = format!(
        "#!/bin/sh\necho \"$@\" > '{}/arguments'\nwhile [ \"$1\" != -- ]; do shift; done\nshift 3\n\
         echo 'Welcome to this machine'\n\
         SSH_CONNECTION='10.0.0.7 50123 10.0.0.1 22' '{tool}' \"$@\" --connect 'unix:{socket}'\n{end}\n",
        dir.path().display()
    );
    std::fs::write(&ssh, script).unwrap();
    std::fs::set_permissions(&ssh, std::fs::Permissions::from_mode(0o755)).unwrap();
    dir
}

fn with_path(folder: &TempDir, mut command: Command) -> Outcome {
    let path = format!("{}:/usr/bin:/bin", folder.path().display());
    command.env("PATH", path).output().unwrap().into()
}

#[test]
fn the_proxy_tells_where_the_operator_sits() {
    let daemon = Daemon::start();
    for (connection, banner) in
        [("10.0.0.7 50123 10.0.0.1 22", "b3lb-proxy 1 10.0.0.7\n"), ("", "b3lb-proxy 1 -\n")]
    {
        let outcome: Outcome =
            daemon.command(&["proxy"]).env("SSH_CONNECTION", connection).output().unwrap().into();
        assert_eq!(outcome.good(), banner);
    }
}

#[test]
fn the_proxy_fails_before_its_banner() {
    let outcome = alone(&["proxy"]);
    assert_eq!((outcome.code, outcome.stdout.as_str()), (Some(6), ""));
    assert!(outcome.stderr.starts_with("error: no daemon at /nowhere/admin.sock\n"), "{}", outcome.stderr);

    let outcome = alone(&["proxy", "--connect", "ssh://host"]);
    assert_eq!((outcome.code, outcome.stdout.as_str()), (Some(2), ""));
}

#[test]
fn the_proxy_ends_when_the_daemon_does() {
    let dir = tempfile::tempdir().unwrap();
    let socket = dir.path().join("admin.sock");
    let listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
    let mut command = command(&["proxy", "--connect", socket.to_str().unwrap()]);
    let child = command.stdin(Stdio::piped()).spawn().unwrap();
    drop(listener.accept().unwrap());
    // Standard input stays open until the program has ended.
    let outcome: Outcome = wait(child).into();
    assert_eq!((outcome.code, outcome.stdout.as_str()), (Some(6), "b3lb-proxy 1 -\n"));
    assert_eq!(outcome.stderr, "error: the daemon closed the connection\n");
}

/// Waits without closing standard input first.
fn wait(mut child: std::process::Child) -> std::process::Output {
    let input = child.stdin.take();
    let output = child.wait_with_output().unwrap();
    drop(input);
    output
}

#[test]
fn a_far_daemon_is_asked_through_ssh() {
    let daemon = Daemon::start();
    let ssh = stand_in(&daemon.socket(), "");
    let outcome = with_path(&ssh, command(&["node", "list", "--connect", "ssh://ada@host:2222"]));
    assert_eq!(outcome.good(), daemon.run(&["node", "list"]).good());
    let arguments = std::fs::read_to_string(ssh.path().join("arguments")).unwrap();
    assert!(arguments.ends_with("-p 2222 -- ada@host b3lb-cli proxy\n"), "{arguments}");
    assert!(arguments.contains("BatchMode=yes"), "nobody is there to be asked: {arguments}");

    let program = format!("b3lb-cli {}", env!("CARGO_PKG_VERSION"));
    let far = ClientInfo { origin: Some("10.0.0.7".into()), ..program.as_str().into() };
    assert_eq!(daemon.callers(), [far, program.as_str().into()]);
}

#[test]
fn what_is_wrong_over_there_is_told() {
    let ssh = stand_in("/nowhere/admin.sock", "");
    let outcome = with_path(&ssh, command(&["status", "--connect", "ssh://host"]));
    assert_eq!((outcome.code, outcome.stdout.as_str()), (Some(6), ""));
    assert!(
        outcome.stderr.starts_with("error: ssh://host: no daemon at /nowhere/admin.sock\nhint: "),
        "{}",
        outcome.stderr
    );
}

#[test]
fn a_link_that_breaks_ends_with_what_ssh_complained_of() {
    let fake = Fake { hangs_up: Some(Arc::new(Notify::new())), ..Fake::default() };
    let daemon = Daemon::serve(fake.clone());
    let ssh = stand_in(&daemon.socket(), "");
    let outcome = with_path(&ssh, command(&["node", "list", "--connect", "ssh://host"]));
    assert_eq!((outcome.code, outcome.stdout.as_str()), (Some(6), ""));
    let line = "error: lost the daemon at ssh://host: the daemon closed the connection\nhint: ";
    assert!(outcome.stderr.starts_with(line), "{}", outcome.stderr);

    let ssh = stand_in(&daemon.socket(), "echo 'Connection to host closed by remote host.' >&2; exit 255");
    let outcome = with_path(&ssh, command(&["node", "list", "--connect", "ssh://host"]));
    assert!(outcome.stderr.contains("Connection to host closed by remote host."), "{}", outcome.stderr);

    let outcome = Daemon::serve(fake).run(&["node", "list"]);
    assert_eq!(outcome.code, Some(6));
    assert!(outcome.stderr.starts_with("error: lost the daemon at unix:/"), "{}", outcome.stderr);
}
