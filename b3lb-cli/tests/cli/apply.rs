//! `apply`: the plan as a diff, and its outcome.

use std::path::Path;

use rpc::ErrorCode;
use serde_json::json;

use crate::fake::{Daemon, configuration};
use crate::run::{Outcome, with_input};
use crate::terminal;

const DIFF: &str = "\
+ node n1.example.org (cluster main)
~ tenant T: meeting_limit 5 -> 10
";
const KEPT: &str = "kept, though the file does not have it (--prune removes it): tenant OLD\n";

fn text() -> String {
    toml::to_string(&configuration(true)).unwrap()
}

/// Applies this configuration from standard input.
fn apply(daemon: &Daemon, text: &str, options: &[&str]) -> Outcome {
    with_input(daemon.command(&[&["apply", "-f", "-"], options].concat()), text)
}

fn file(folder: &Path, text: &str) -> String {
    let file = folder.join("b3lb.toml");
    std::fs::write(&file, text).unwrap();
    file.to_str().unwrap().to_owned()
}

#[test]
fn the_plan_is_shown_and_applied_as_it_was_made() {
    let daemon = Daemon::start();
    let outcome = apply(&daemon, &text(), &[]);
    assert_eq!(outcome.stdout, format!("{DIFF}1 to add, 1 to change, 0 to remove\nApplied\n"));
    assert_eq!((outcome.code, outcome.stderr.as_str()), (Some(0), KEPT));
    let (config, options) = (json!(configuration(true)), json!({"prune": false, "import": false}));
    assert_eq!(
        daemon.calls(),
        [json!(["config_plan", config, options]), json!(["config_apply", config, options, 7])]
    );
}

#[test]
fn a_dry_run_only_shows() {
    let daemon = Daemon::start();
    let outcome = apply(&daemon, &text(), &["--dry-run"]);
    assert_eq!(outcome.stdout, format!("{DIFF}1 to add, 1 to change, 0 to remove\n"));
    assert_eq!(outcome.code, Some(0));
    assert_eq!(daemon.names(), ["config_plan"]);

    let plan = apply(&daemon, &text(), &["--dry-run", "--json"]).json();
    assert_eq!((&plan["revision"], &plan["steps"][0]["action"]), (&json!(7), &json!("add")));
    let plan = apply(&daemon, &text(), &["--json"]).json();
    assert_eq!(plan["kept"], json!(["tenant OLD"]));
}

#[test]
fn nothing_to_do_changes_nothing() {
    let daemon = Daemon::start();
    let outcome = apply(&daemon, "", &[]);
    assert_eq!(outcome.stdout, "Nothing to do: the configuration is that of the file\n");
    assert_eq!((outcome.code, outcome.stderr.as_str()), (Some(0), KEPT));
    assert_eq!(daemon.names(), ["config_plan"]);
}

#[test]
fn removals_are_confirmed() {
    let daemon = Daemon::start();
    let outcome = apply(&daemon, &text(), &["--prune"]);
    assert_eq!(outcome.code, Some(2));
    assert!(outcome.stdout.contains("\n- tenant OLD\n"), "{}", outcome.stdout);
    assert!(outcome.stderr.starts_with("error: apply, which removes 1 tenant, asks"), "{}", outcome.stderr);
    assert_eq!(daemon.names(), ["config_plan"]);

    let outcome = apply(&daemon, &text(), &["--prune", "--yes"]);
    assert_eq!((outcome.code, outcome.stderr.as_str()), (Some(0), ""));
    assert_eq!(daemon.calls().last().unwrap()[2], json!({"prune": true, "import": false}));

    let dir = tempfile::tempdir().unwrap();
    let file = file(dir.path(), &text());
    for (answer, code, calls) in [("n\n", 1, 1), ("y\n", 0, 2)] {
        let daemon = Daemon::start();
        let shown = terminal::run(&daemon, &["apply", "-f", &file, "--prune"], answer);
        assert!(shown.screen.contains("Remove 1 tenant? [y/N] "), "{}", shown.screen);
        assert_eq!((shown.code, daemon.names().len()), (code, calls));
    }
}

#[test]
fn somebody_elses_change_is_a_conflict() {
    let outcome = apply(&Daemon::failing_at("config_apply", ErrorCode::Conflict), &text(), &[]);
    assert_eq!(outcome.code, Some(5));
    assert!(outcome.stderr.ends_with("error: it is\\nso\nhint: do this\n"), "{}", outcome.stderr);
    assert!(!outcome.stdout.contains("Applied"));
}

#[test]
fn what_is_wrong_in_a_file_is_told_with_its_line() {
    let dir = tempfile::tempdir().unwrap();
    let file = file(dir.path(), "[[cluster]]\nname = \"main\"\n\n[[tenent]]\nslug = \"T\"\n");
    let daemon = Daemon::start();
    let outcome = daemon.run(&["apply", "-f", &file]);
    assert_eq!((outcome.code, outcome.stdout.as_str()), (Some(1), ""));
    let expected = format!("error: {file}:4: unknown field `tenent`, expected ");
    assert!(outcome.stderr.starts_with(&expected), "{}", outcome.stderr);
    assert!(daemon.calls().is_empty());

    let outcome = apply(&daemon, "x\n", &[]);
    assert!(outcome.stderr.starts_with("error: standard input:1: "), "{}", outcome.stderr);
    let outcome = daemon.run(&["apply", "-f", "/nowhere/b3lb.toml"]);
    assert_eq!(outcome.code, Some(1));
    assert!(outcome.stderr.starts_with("error: cannot read /nowhere/b3lb.toml: "), "{}", outcome.stderr);
}

#[test]
fn colours_are_for_terminals_that_want_them() {
    let dir = tempfile::tempdir().unwrap();
    let file = file(dir.path(), &text());
    let line = ["apply", "-f", &file, "--dry-run"];
    let colours = |settings: &[(&str, &str)]| {
        let shown = terminal::run_with(&Daemon::start(), &line, "", settings);
        shown.screen.contains("\x1b[32m+ node n1.example.org (cluster main)\x1b[0m")
    };
    assert!(colours(&[]));
    assert!(!colours(&[("NO_COLOR", "1")]));
    assert!(!colours(&[("TERM", "dumb")]));
}
