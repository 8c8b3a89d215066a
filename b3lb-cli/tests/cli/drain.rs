//! `node drain`.

use std::sync::{Arc, Mutex};

use serde_json::json;

use crate::fake::{Daemon, Fake};
use crate::terminal;

fn with_meetings(count: u64) -> Daemon {
    Daemon::serve(Fake { meetings: Arc::new(Mutex::new(count)), ..Fake::default() })
}

#[test]
fn without_waiting_it_tells_what_is_left() {
    let daemon = with_meetings(2);
    let said = daemon.run(&["node", "drain", "n1"]).good();
    assert_eq!(
        said, "Node n1.example.org: maintenance on, 2 meetings left\n",
        "too few tell how long it takes"
    );
    let spec = json!({"reason": "", "evacuate_after": null});
    assert_eq!(daemon.calls()[0], json!(["node_drain", "n1", spec]));
}

#[test]
fn reason_and_end_are_the_daemons() {
    let daemon = with_meetings(2);
    let said =
        daemon.run(&["node", "drain", "n1", "--reason", "new kernel", "--evacuate-after", "2h"]).good();
    assert_eq!(said, "Node n1.example.org: maintenance on, 2 meetings left; ended at 2026-11-20T10:00:00Z\n");
    let spec = json!({"reason": "new kernel", "evacuate_after": 7200});
    assert_eq!(daemon.calls()[0], json!(["node_drain", "n1", spec]));
    let taken_back = daemon.run(&["node", "undrain", "n1"]).good();
    assert_eq!(taken_back, "Node n1.example.org: maintenance off\n");
}

#[test]
fn the_ages_of_all_meetings_tell_roughly_how_long_it_takes() {
    let said = with_meetings(9).run(&["node", "drain", "n1"]).good();
    let (fact, estimate) = said.split_once(", roughly ").unwrap();
    assert_eq!(fact, "Node n1.example.org: maintenance on, 9 meetings left");
    assert!(estimate.ends_with(" to go\n"), "{estimate}");
}

#[test]
fn a_terminal_shows_how_far_it_is() {
    let line = ["node", "drain", "n1", "--wait", "--timeout", "1s"];
    let shown = terminal::run(&with_meetings(9), &line, "");
    assert!(shown.screen.contains("1 of 9 meetings ended"), "{}", shown.screen);
    assert!(shown.screen.contains(", roughly "), "{}", shown.screen);
    assert_eq!(shown.code, 7);
}

#[test]
fn waits_for_the_last_meeting() {
    let daemon = with_meetings(1);
    assert_eq!(daemon.run(&["node", "drain", "n1", "--wait"]).good(), "Node n1.example.org drained\n");

    let node = daemon.run(&["node", "drain", "n1", "--wait", "--json"]).json();
    assert_eq!((&node["slug"], &node["meetings"]), (&json!("n1"), &json!(0)));
}

#[test]
fn at_the_timeout_it_names_what_is_left() {
    let outcome = with_meetings(9).run(&["node", "drain", "n1", "--wait", "--timeout", "0s"]);
    assert_eq!((outcome.code, outcome.stdout.as_str()), (Some(7), ""));
    assert_eq!(
        outcome.stderr,
        "error: node n1.example.org is not drained after 0s, 9 meetings left: \
         m1 of T-001, m2 of T-001, m3 of T-001, m4 of T-001, m5 of T-001, ..., 1 unknown to B3LB\n\
         hint: the node stays in maintenance; see b3lb-cli meeting list --node n1.example.org\n"
    );
}
