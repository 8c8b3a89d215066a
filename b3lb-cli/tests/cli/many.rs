//! Several nodes at once, output formats, and repeated lists.

use rpc::ErrorCode;
use serde_json::json;

use crate::fake::Daemon;
use crate::run::{command, with_input};

#[test]
fn several_nodes_each_get_a_call() {
    let daemon = Daemon::start();
    let said = daemon.run(&["node", "maintenance", "n1", "n2", "n1", "on"]).good();
    assert_eq!(said.lines().count(), 2, "{said}");
    let expected = [json!(["node_maintenance", "n1", true]), json!(["node_maintenance", "n2", true])];
    assert_eq!(daemon.calls(), expected);
    let nodes = daemon.run(&["node", "undrain", "n1", "n2", "--json"]).json();
    assert_eq!(nodes.as_array().map(Vec::len), Some(2), "{nodes}");
    let one = daemon.run(&["node", "undrain", "n1", "--json"]).json();
    assert_eq!(one["slug"], "n1", "one that is named is no list");
}

#[test]
fn names_come_from_standard_input() {
    let daemon = Daemon::start();
    let mut command = command(&["node", "drain", "-"]);
    command.env("B3LB_ADMIN_SOCKET", daemon.socket());
    with_input(command, "n7\n\n  n8.example.org \n").good();
    let named: Vec<_> = daemon.calls().into_iter().filter(|it| it[0] == "node_drain").collect();
    assert_eq!(named.len(), 2);
    assert_eq!((&named[0][1], &named[1][1]), (&json!("n7"), &json!("n8.example.org")));
}

#[test]
fn nodes_are_selected_by_cluster_and_state() {
    let daemon = Daemon::start();
    daemon.run(&["node", "drain", "--cluster", "main", "--state", "down"]).good();
    let named: Vec<_> = daemon.calls().into_iter().filter(|it| it[0] == "node_drain").collect();
    assert_eq!(named.len(), 1);
    assert_eq!(named[0][1], "node-2.example.org");
    let none = daemon.run(&["node", "drain", "--cluster", "nowhere"]);
    assert_eq!((none.code, none.stderr.as_str()), (Some(3), "error: no node is meant by this\n"));
}

#[test]
fn a_node_that_fails_does_not_stop_the_others() {
    let daemon = Daemon::failing_at("node_undrain", ErrorCode::Conflict);
    let outcome = daemon.run(&["node", "undrain", "n1", "n2"]);
    assert_eq!(outcome.code, Some(1), "none was done");
    assert!(outcome.stderr.ends_with("error: 2 of 2 nodes failed\n"), "{}", outcome.stderr);
    assert_eq!(daemon.names().iter().filter(|it| *it == "node_undrain").count(), 2);
}

#[test]
fn a_dry_run_tells_what_the_rest_carries_and_changes_nothing() {
    let daemon = Daemon::start();
    let said = daemon.run(&["node", "drain", "n1", "n2", "--dry-run"]).good();
    assert!(said.starts_with("2 nodes: ") && said.ends_with("nothing was changed\n"), "{said}");
    assert!(said.contains("no node is left for new meetings of group"), "{said}");
    let told = daemon.run(&["node", "drain", "n1", "--dry-run", "--json"]).json();
    assert_eq!(told["nodes"], json!(["n1.example.org"]));
    assert!(!daemon.names().iter().any(|it| it == "node_drain"), "{:?}", daemon.names());
}

#[test]
fn waiting_ends_when_it_is_so_or_time_is_over() {
    let daemon = Daemon::start();
    let said = daemon.run(&["node", "wait", "n1", "--for", "up"]).good();
    assert_eq!(said, "Node n1.example.org: up\n");
    let late = daemon.run(&["node", "wait", "node-2", "--for", "empty", "--timeout", "0s"]);
    assert_eq!(late.code, Some(7));
    assert!(late.stderr.contains("1 node is not empty after 0s: node-2"), "{}", late.stderr);
}

#[test]
fn formats_of_lists() {
    let daemon = Daemon::start();
    assert_eq!(daemon.run(&["node", "list", "-o", "name"]).good(), "n1.example.org\nnode-2.example.org\n");
    assert_eq!(daemon.run(&["secret", "list", "-o", "name"]).good().lines().next(), Some("T-000"));
    let wide = daemon.run(&["node", "list", "-o", "wide"]).good();
    assert_eq!(wide, daemon.run(&["node", "list"]).good(), "a pipe cuts nothing either");
}

#[test]
fn lists_are_repeated_until_nobody_reads() {
    let daemon = Daemon::start();
    let mut repeated = command(&["node", "list", "-w=10ms", "-o", "name"]);
    let mut child = repeated.env("B3LB_ADMIN_SOCKET", daemon.socket()).spawn().unwrap();
    let mut lines = std::io::BufRead::lines(std::io::BufReader::new(child.stdout.take().unwrap()));
    assert!((0..6).all(|_| lines.next().unwrap().unwrap().ends_with(".example.org")));
    drop(lines);
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert_eq!(daemon.callers().len(), 1, "one connection");
    let refused = daemon.run(&["node", "drain", "n1", "-w"]);
    assert_eq!((refused.code, daemon.names().iter().any(|it| it == "node_drain")), (Some(2), false));
}
