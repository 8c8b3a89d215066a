//! `events`, and the audit log.

use std::io::{BufRead as _, BufReader};

use serde_json::{Value, json};

use crate::fake::Daemon;

#[test]
fn events_are_lines_or_an_array() {
    let daemon = Daemon::start();
    assert_eq!(
        daemon.run(&["events"]).good(),
        "\
2026-11-20T08:00:01Z  info     change   tenant T: so it\\nis, by ada (1000)
2026-11-20T08:00:02Z  error    node     node n1.example.org: so it\\nis
2026-11-20T08:00:03Z  warning  system   database: so it\\nis
"
    );
    let seqs = |options: &[&str]| {
        let events = daemon.run(&[&["events", "--json"], options].concat()).json();
        events.as_array().unwrap().iter().map(|event| event["seq"].as_u64().unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(seqs(&[]), [1, 2, 3]);
    assert_eq!(seqs(&["--severity", "warning"]), [2, 3]);
    assert_eq!(seqs(&["--kind", "change,system"]), [1, 3]);
    assert_eq!(seqs(&["--kind", "change", "--kind", "node", "--subject", "n1"]), [2]);
    assert_eq!(seqs(&["--since", "2026-11-20T08:00:02Z"]), [2, 3]);
    assert_eq!(seqs(&["--since", "0s"]), [0; 0]);
}

/// Returns this many lines of a run that does not end by itself, then closes the pipe, which ends it.
fn first_lines(daemon: &Daemon, options: &[&str], count: usize) -> Vec<String> {
    let mut child = daemon.command(&[&["events", "--follow"], options].concat()).spawn().unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let lines = lines.take(count).map(Result::unwrap).collect();
    child.kill().unwrap();
    child.wait().unwrap();
    lines
}

#[test]
fn followed_events_come_line_by_line() {
    let daemon = Daemon::start();
    let lines = first_lines(&daemon, &[], 4);
    assert_eq!(lines[0], "2026-11-20T08:00:01Z  info     change   tenant T: so it\\nis, by ada (1000)");
    assert_eq!(lines[3], "2026-11-20T08:00:04Z  error    meeting  meeting m1 of T-001: so it\\nis");

    let lines = first_lines(&daemon, &["--json", "--severity", "error"], 2);
    let seqs = lines.iter().map(|line| serde_json::from_str::<Value>(line).unwrap()["seq"].clone());
    assert_eq!(seqs.collect::<Vec<_>>(), [2, 4]);
}

#[test]
fn the_audit_log_tells_what_was_and_what_is() {
    let daemon = Daemon::start();
    assert_eq!(
        daemon.run(&["events", "--audit"]).good(),
        "\
2026-11-20T08:00:00Z  ada (1000) from b3lb-cli 0.1.0, 10.0.0.7: cluster rm, cluster old
    - cpu_max: 5000
2026-11-20T08:00:00Z  ada (1000) from b3lb-cli 0.1.0, 10.0.0.7: tenant set, tenant T
    ~ meeting_limit: 5 -> 10
"
    );
    let since = "2026-11-20T09:00:00+01:00";
    let log = daemon.run(&["events", "--audit", "--since", since, "--subject", "T", "--json"]).json();
    assert_eq!((&log[1]["after"], &log[0]["after"]), (&json!({"meeting_limit": 10}), &Value::Null));
    let filter = json!({"since": "2026-11-20T08:00:00Z", "subject": "T"});
    assert_eq!(daemon.calls()[1], json!(["audit_list", filter]));
}
