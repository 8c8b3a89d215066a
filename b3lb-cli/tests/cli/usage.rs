//! Wrong usage exits with 2 without calling a daemon.

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
        "node list --connect ssh://",
        "node list --connect ssh://-oProxyCommand=x",
        "node list --connect ssh://host/a;b",
        "node list --sort nonsense",
        "node list --sort",
        "node list --state sick",
        "node list --maintenance maybe",
        "node list --explain --sort slug",
        "node check",
        "node evacuate",
        "node set n1",
        "cluster set main",
        "cluster set main --attendee-factor -1",
        "cluster rm",
        "group set g1",
        "group rm",
        "group unassign g1",
        "tenant rm",
        "secret set T",
        "secret rm",
        "secret list T --tenant T",
        "meeting show T",
        "api-mate",
        "backup",
        "backup /",
        "apply",
        "apply --file",
        "events --kind nonsense",
        "events --severity bad",
        "events --since yesterday",
        "events --audit --follow",
        "usage --from yesterday",
        "usage --to 2026-02-30",
        "usage --csv --json",
        "completions tcsh",
        "man",
        "proxy --connect ssh://host",
        "status now",
        "node list --connect tcp://host:1",
    ];
    for line in wrong {
        let outcome = alone(&line.split_whitespace().collect::<Vec<_>>());
        assert_eq!((outcome.code, outcome.stdout.as_str()), (Some(2), ""), "{line}: {}", outcome.stderr);
        assert!(!outcome.stderr.is_empty(), "{line}");
    }
}

#[test]
fn a_wrong_day_is_told_by_its_form() {
    let outcome = alone(&["usage", "--from", "yesterday"]);
    assert!(outcome.stderr.contains("--from") && outcome.stderr.contains("2026-11-30"), "{}", outcome.stderr);
}
