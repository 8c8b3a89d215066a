//! `status`.

use crate::fake::Daemon;

#[test]
fn one_screen_of_a_healthy_daemon() {
    let daemon = Daemon::start();
    let said = daemon.run(&["status"]).good();
    let expected = format!(
        "\
b3lbd 9.9 at unix:{}: healthy
role      primary, up 3 days, since 2026-11-20T08:00:00Z
nodes     3: 1 up, 1 suspect, 1 down, 0 unknown; 1 in maintenance
meetings  2 meetings with 40 attendees, of 1 tenant
requests  12.3 a second, of these 1.0 joins and 0.1 creates
database  takes writes; 3.00 MiB, write-ahead log 0 B
callbacks 1 waiting for clients
last warnings and errors
  2026-11-20T08:00:02Z  error    node     node n1.example.org: so it\\nis
",
        daemon.socket()
    );
    assert_eq!(said, expected);
    let status = daemon.run(&["status", "--json"]).json();
    assert_eq!((&status["healthy"], &status["nodes"]["up"]), (&true.into(), &1.into()));
}

#[test]
fn a_degraded_one_ends_with_8() {
    let daemon = Daemon::sick();
    let outcome = daemon.run(&["status"]);
    assert_eq!((outcome.code, outcome.stderr.as_str()), (Some(8), ""));
    assert!(outcome.stdout.contains(": degraded\n"), "{}", outcome.stdout);
    assert!(
        outcome.stdout.contains("problems\n  node n1.example.org is down: connection refused\\u{1b}; since ")
            && outcome
                .stdout
                .contains("; 2 meetings with 30 attendees of T\n    `b3lb-cli node check NODE` tells"),
        "{}",
        outcome.stdout
    );
    assert!(outcome.stdout.contains("takes no writes: disk full;"), "{}", outcome.stdout);
    assert_eq!(daemon.run(&["status", "--json"]).code, Some(8));
}
