//! Wrong usage ends with 2 before anything is asked of a daemon.

use crate::fake::Daemon;
use crate::run::alone;

#[test]
fn wrong_usage_ends_with_2() {
    let wrong = [
        "",
        "nonsense",
        "node",
        "node nonsense",
        "node add n1",
        "node add n1 --cluster main",
        "node maintenance n1",
        "node maintenance n1 maybe",
        "node drain n1 --wait --timeout 2",
        "node drain n1 --timeout 2h",
        "cluster add",
        "cluster add main --attendee-factor NaN",
        "cluster add main --meeting-factor -1",
        "cluster add main --cpu-order 1.5",
        "cluster add main --checksum md5",
        "group assign schools",
        "tenant add T",
        "tenant add T --group g --meeting-limit -1",
        "tenant set T",
        "secret add T",
        "secret add T --sub-id 1000",
        "secret rotate",
        "param set T role",
        "param set T role VIEWER --on nowhere",
        "param block T role VIEWER",
        "asset set T",
        "asset rm T",
        "meeting end T",
        "meeting end T m1",
        "addnode --slug n1 --secret x",
        "addsecrets --tenant-slug T --sub-id 1-1000",
        "node list --output xml",
        "node list --json --output table",
        "node list --call-timeout 5",
        "node list --connect ssh://host",
        "node list --connect tcp://host:1",
    ];
    for line in wrong {
        let outcome = alone(&line.split_whitespace().collect::<Vec<_>>());
        assert_eq!((outcome.code, outcome.stdout.as_str()), (Some(2), ""), "{line}: {}", outcome.stderr);
        assert!(!outcome.stderr.is_empty(), "{line}");
    }
}

#[test]
fn ssh_is_not_there_yet() {
    let outcome = alone(&["node", "list", "--connect", "ssh://host"]);
    assert!(outcome.stderr.contains("only unix:PATH"), "{}", outcome.stderr);
}

#[test]
fn ending_a_meeting_needs_yes_without_a_terminal() {
    let daemon = Daemon::start();
    let outcome = daemon.run(&["meeting", "end", "T-001", "m1"]);
    assert_eq!(outcome.code, Some(2));
    assert!(outcome.stderr.ends_with("hint: add --yes\n"), "{}", outcome.stderr);
    assert!(daemon.calls().is_empty());

    let said = daemon.run(&["meeting", "end", "T-001", "m1", "--yes"]).good();
    assert_eq!(said, "Meeting m1 of T-001 on n1.example.org ended\n");
}
