//! Every verb: when it succeeds, when the daemon refuses it, and without a daemon.

use std::path::Path;

use rpc::ErrorCode;
use serde_json::Value;

use crate::fake::{Daemon, configuration};
use crate::help::VERBS;
use crate::run::alone;

/// A command line that succeeds for each verb. `DIR` is a folder that contains only the files `css`, `dump`,
/// `scalelite` and `toml`.
const LINES: &[&str] = &[
    "cluster add main",
    "cluster set main --cpu-max 1",
    "cluster rm main --yes",
    "cluster list",
    "cluster show main",
    "group add g1",
    "group set g1 --description text",
    "group rm g1 --yes",
    "group assign g1 main",
    "group unassign g1 main",
    "group list",
    "group show g1",
    "node add n1 --cluster main --secret x",
    "node set n1 --cluster main",
    "node list",
    "node show n1",
    "node show n1 --details",
    "node check n1",
    "node maintenance n1 on",
    "node rm n1 --yes",
    "node evacuate n1 --yes",
    "node drain n1",
    "node undrain n1",
    "node wait n1 --for up",
    "tenant add T --group g1",
    "tenant set T --meeting-limit 1",
    "tenant rm T --yes",
    "tenant list",
    "tenant show T",
    "secret add T --sub-id 1",
    "secret set T --meeting-limit 1",
    "secret rm T-001 --yes",
    "secret list",
    "secret show T",
    "secret rotate T",
    "secret promote T",
    "secret drop-second T --yes",
    "param set T role VIEWER",
    "param override T role VIEWER",
    "param block T role",
    "param clear T role --yes",
    "param list T",
    "asset set T --css DIR/css",
    "asset rm T --css --yes",
    "asset list",
    "meeting list",
    "meeting show T m1",
    "meeting end T m1 --yes",
    "import b3lb DIR/dump --yes",
    "import scalelite DIR/scalelite --yes",
    "status",
    "events",
    "events --audit",
    "usage",
    "export",
    "apply -f DIR/toml",
    "backup DIR/db --yes",
    "api-mate T",
    "promote",
    "addnode --slug n1 --cluster main --secret x",
    "addsecrets --tenant-slug T --sub-id 1-2",
    "checkslides",
    "getloadvalues",
    "gettenantsecrets",
    "listalltenantsecrets",
    "meetingstats",
];

/// Verbs that end differently, or do not call the daemon. They have tests of their own.
const OTHERS: [&str; 3] = ["proxy", "completions", "man"];

/// Each command line as words, with a folder to work in.
fn each(mut then: impl FnMut(&str, &[&str])) {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("css"), "body {}").unwrap();
    std::fs::write(dir.path().join("dump"), "[]").unwrap();
    std::fs::write(dir.path().join("scalelite"), "TenantID, Name, Secrets\n1, a, b\n").unwrap();
    std::fs::write(dir.path().join("toml"), toml::to_string(&configuration(true)).unwrap()).unwrap();
    for line in LINES {
        let line = line.replace("DIR", Path::to_str(dir.path()).unwrap());
        then(&line, &line.split_whitespace().collect::<Vec<_>>());
    }
}

#[test]
fn no_verb_is_missing_here() {
    for verb in VERBS.iter().filter(|verb| !OTHERS.contains(verb)) {
        let there = LINES.iter().any(|line| line.starts_with(&format!("{verb} ")) || line == verb);
        assert!(there, "{verb}");
    }
}

#[test]
fn it_works_as_text_and_as_one_json_document() {
    each(|line, words| {
        let daemon = Daemon::start();
        let outcome = daemon.run(words);
        assert_eq!(outcome.code, Some(0), "{line}: {}", outcome.stderr);
        assert!(!outcome.stdout.is_empty(), "{line}");
        let again = daemon.run(&[words, &["--json"]].concat());
        let document = again.json();
        assert!(document.is_object() || document.is_array(), "{line}: {document}");
    });
}

#[test]
fn what_the_daemon_refuses_is_told_in_one_line() {
    for (code, name, exit) in [(ErrorCode::NotFound, "not_found", 3), (ErrorCode::Conflict, "conflict", 5)] {
        each(|line, words| {
            let daemon = Daemon::failing(code);
            if !line.starts_with("addnode") {
                let outcome = daemon.run(words);
                assert_eq!((outcome.code, outcome.stdout.as_str()), (Some(exit), ""), "{line}");
                assert_eq!(outcome.stderr, "error: it is\\nso\nhint: do this\n", "{line}");
            }
            let outcome = daemon.run(&[words, &["--json"]].concat());
            assert_eq!((outcome.code, outcome.stdout.as_str()), (Some(exit), ""), "{line}");
            let error: Value = serde_json::from_str(&outcome.stderr).unwrap();
            assert_eq!((&error["code"], &error["field"]), (&name.into(), &"slug".into()), "{line}");
        });
    }
}

#[test]
fn without_a_daemon_it_ends_with_6() {
    each(|line, words| {
        let outcome = alone(words);
        assert_eq!((outcome.code, outcome.stdout.as_str()), (Some(6), ""), "{line}");
        assert!(outcome.stderr.starts_with("error: no daemon at /nowhere/admin.sock\nhint: "), "{line}");
    });
}
