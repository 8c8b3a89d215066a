//! Failures: exit codes and error messages.

use std::fs::File;
use std::process::Stdio;
use std::time::Duration;

use rpc::ErrorCode;
use serde_json::{Value, json};

use crate::fake::{Daemon, Fake};
use crate::run::{alone, command};

#[test]
fn each_error_code_has_its_exit_code() {
    let codes = [
        (ErrorCode::NotFound, "not_found", 3),
        (ErrorCode::Conflict, "conflict", 5),
        (ErrorCode::Invalid, "invalid", 1),
        (ErrorCode::Refused, "refused", 1),
        (ErrorCode::Unavailable, "unavailable", 1),
    ];
    for (code, name, exit) in codes {
        let daemon = Daemon::failing(code);
        let outcome = daemon.run(&["node", "show", "n1"]);
        assert_eq!((outcome.code, outcome.stdout.as_str()), (Some(exit), ""));
        assert_eq!(outcome.stderr, "error: it is\\nso\nhint: do this\n");

        let outcome = daemon.run(&["node", "show", "n1", "--json"]);
        assert_eq!((outcome.code, outcome.stdout.as_str()), (Some(exit), ""));
        let error: Value = serde_json::from_str(&outcome.stderr).unwrap();
        assert_eq!(error, json!({"code": name, "message": "it is\nso", "field": "slug", "hint": "do this"}));
    }
}

#[test]
fn no_daemon_ends_with_6_and_names_the_socket() {
    let outcome = alone(&["node", "list"]);
    assert_eq!((outcome.code, outcome.stdout.as_str()), (Some(6), ""));
    let (error, hint) = outcome.stderr.split_once('\n').unwrap();
    assert_eq!(error, "error: no daemon at /nowhere/admin.sock");
    assert!(hint.starts_with("hint: is b3lbd running?") && hint.contains("--connect"), "{hint}");

    let outcome = command(&["node", "list", "--json"]).env("XDG_RUNTIME_DIR", "/nowhere").output().unwrap();
    let error: Value = serde_json::from_slice(&outcome.stderr).unwrap();
    assert_eq!(error["code"], "unreachable");
    assert!(error["message"].as_str().unwrap().contains("/nowhere/b3lb/admin.sock"), "{error}");
}

#[test]
fn the_option_beats_the_environment_which_may_be_a_plain_path() {
    let daemon = Daemon::start();
    let outcome = daemon.command(&["node", "list"]).env("B3LB_ADMIN_SOCKET", "/nowhere").output().unwrap();
    assert!(outcome.status.success());
    for value in [daemon.socket(), format!("unix:{}", daemon.socket())] {
        let outcome = command(&["node", "list"]).env("B3LB_ADMIN_SOCKET", value).output().unwrap();
        assert!(outcome.status.success());
    }
}

#[test]
fn another_protocol_is_told_plainly() {
    let outcome = Daemon::serve(Fake { protocol: 99, ..Fake::default() }).run(&["node", "list"]);
    assert_eq!(outcome.code, Some(1));
    assert!(outcome.stderr.contains("version 9.9") && outcome.stderr.contains("99"), "{}", outcome.stderr);
}

#[test]
fn a_slow_daemon_ends_with_7() {
    let daemon = Daemon::serve(Fake { delay: Duration::from_mins(1), ..Fake::default() });
    let outcome = daemon.run(&["node", "list", "--call-timeout", "1s"]);
    assert_eq!(outcome.code, Some(7), "{}", outcome.stderr);
}

#[test]
fn ctrl_c_ends_with_130() {
    let daemon = Daemon::serve(Fake { delay: Duration::from_mins(1), ..Fake::default() });
    let child = daemon.command(&["node", "list"]).spawn().unwrap();
    while daemon.calls().is_empty() {
        std::thread::sleep(Duration::from_millis(10));
    }
    let pid = child.id().to_string();
    assert!(std::process::Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
    assert_eq!(child.wait_with_output().unwrap().status.code(), Some(130));
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let daemon = Daemon::serve(Fake { delay: Duration::from_millis(200), ..Fake::default() });
    let mut child = daemon.command(&["node", "list"]).spawn().unwrap();
    drop(child.stdout.take());
    let outcome = child.wait_with_output().unwrap();
    assert_eq!((outcome.status.code(), outcome.stderr), (Some(0), vec![]));
}

#[test]
fn output_that_cannot_be_written_is_a_failure() {
    let full = File::options().write(true).open("/dev/full").unwrap();
    let outcome = Daemon::start().command(&["node", "list"]).stdout(Stdio::from(full)).output().unwrap();
    assert_eq!(outcome.status.code(), Some(1));
}
