//! Node care: `check`, `evacuate`, `show --details`.

use serde_json::Value;

use crate::fake::Daemon;

#[test]
fn a_check_tells_each_finding() {
    let daemon = Daemon::start();
    let said = daemon.run(&["node", "check", "n1"]).good();
    assert_eq!(said, "dns      good     10.0.0.7\nsecret   good     ours\n");
    let check = daemon.run(&["node", "check", "n1", "--json"]).json();
    assert_eq!((&check["good"], &check["bbb_version"]), (&true.into(), &"3.0.4".into()));

    let outcome = Daemon::sick().run(&["node", "check", "n1"]);
    assert_eq!(outcome.code, Some(1));
    assert!(outcome.stdout.contains("secret   bad      ours\n"), "{}", outcome.stdout);
    assert!(
        outcome.stderr.starts_with("error: node n1.example.org does not work: secret\n"),
        "{}",
        outcome.stderr
    );
}

#[test]
fn an_evacuation_that_is_partly_done_ends_with_9() {
    let daemon = Daemon::sick();
    let outcome = daemon.run(&["node", "evacuate", "n1", "--yes"]);
    assert_eq!((outcome.code, outcome.stdout.as_str()), (Some(9), "Node n1.example.org: 1 meeting ended\n"));
    assert_eq!(
        outcome.stderr,
        "error: 1 meeting on node n1.example.org could not be ended: m2 of T-001: no answer\n\
         hint: try again, or see b3lb-cli meeting list --node n1.example.org\n"
    );
    let outcome = daemon.run(&["node", "evacuate", "n1", "--yes", "--json"]);
    let done: Value = serde_json::from_str(&outcome.stdout).unwrap();
    assert_eq!(
        (outcome.code, &done["ended"], &done["failed"][0]),
        (Some(9), &1.into(), &"m2 of T-001: no answer".into())
    );
}

#[test]
fn details_have_the_load_in_parts_and_the_last_hour() {
    let daemon = Daemon::start();
    let plain = daemon.run(&["node", "show", "n1"]).good();
    let said = daemon.run(&["node", "show", "n1", "--details"]).good();
    assert!(said.starts_with(&plain), "{said}");
    assert_eq!(
        &said[plain.len()..],
        "\
bound: 2 meetings, 40 attendees
load_parts: attendees 40.0, meetings 60.0, cpu 1.2
rank: 238.8 = attendees 20.0 + reserved 12.2 + meetings 60.0 + cpu 101.5 + own 45.0
polled: 2026-11-18T11:06:40Z, took 12 ms; 1 failed in a row
last_hour: load 10-20 (mean 15), attendees 1-3 (mean 2), cpu 500-500 (mean 500) in 2 polls
"
    );
    let details = daemon.run(&["node", "show", "n1", "--details", "--json"]).json();
    assert_eq!((&details["node"]["slug"], &details["history"][1][3]), (&"n1".into(), &500.into()));
}
