//! `import b3lb`: its calls and its output.

use std::fs;

use rpc::ErrorCode;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::fake::Daemon;
use crate::import_dump::{self, BROKEN, key, uuid};
use crate::run::{Outcome, alone, with_input};

/// A dump in a file.
struct File(TempDir);

impl File {
    fn new(text: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("old.json"), text).unwrap();
        Self(folder)
    }

    /// All models of B3LB 3.3 and a broken record.
    fn broken() -> Self {
        Self::new(&import_dump::text(&import_dump::of_3_3()))
    }

    /// The same dump without the broken record.
    fn whole() -> Self {
        let mut records = import_dump::of_3_3();
        records.retain(|it| it["fields"]["slug"] != BROKEN);
        Self::new(&import_dump::text(&records))
    }

    fn path(&self) -> String {
        self.0.path().join("old.json").display().to_string()
    }

    fn run(&self, daemon: &Daemon, options: &[&str]) -> Outcome {
        daemon.run(&[&["import", "b3lb", &self.path()], options].concat())
    }
}

/// Names of the calls, in order.
fn names(daemon: &Daemon) -> Vec<String> {
    daemon.calls().iter().map(|call| call[0].as_str().unwrap().to_owned()).collect()
}

fn json_of(outcome: &Outcome) -> Value {
    assert_eq!(
        (outcome.stdout.matches('\n').count(), outcome.stderr.as_str()),
        (1, ""),
        "{}",
        outcome.stdout
    );
    serde_json::from_str(&outcome.stdout).unwrap()
}

#[test]
fn without_yes_it_only_shows_what_it_would_do() {
    let (daemon, file) = (Daemon::start(), File::whole());
    for options in [&[][..], &["--dry-run"], &["--dry-run", "--yes"]] {
        let said = file.run(&daemon, options).good();
        let begin = "2 clusters, 2 groups, 2 nodes, 2 tenants, 3 secrets, 6 parameters, 3 assets\n";
        assert!(said.contains(begin), "{said}");
        assert!(said.contains("  rest.recordset (1): recordings are not taken over\n"), "{said}");
        assert!(said.contains("\nTo do:\n  + node n1.example.org"), "{said}");
        let end =
            format!("Nothing is changed so far; to do it: b3lb-cli import b3lb {} --yes\n", file.path());
        assert!(said.ends_with(&end), "{said}");
        assert!(!said.contains("node-secret") && !said.contains(&key('a')), "{said}");
    }
    assert_eq!(names(&daemon), ["config_plan"; 3]);
    let call = &daemon.calls()[0];
    assert_eq!(call[2], json!({"prune": false, "import": true}));
    assert_eq!(call[1]["tenant"][1]["secret"][0]["secret"], key('a'));
}

#[test]
fn with_yes_the_planned_revision_is_applied() {
    let (daemon, file) = (Daemon::start(), File::whole());
    let said = file.run(&daemon, &["--yes"]).good();
    assert!(
        said.contains("\nDone:\n  + node n1.example.org") && !said.contains("Nothing is changed"),
        "{said}"
    );
    assert_eq!(names(&daemon), ["config_plan", "config_apply"]);
    let calls = daemon.calls();
    assert_eq!((&calls[1][1], &calls[1][3]), (&calls[0][1], &json!(7)));
}

#[test]
fn a_broken_record_is_named_and_the_rest_is_applied() {
    let (daemon, file) = (Daemon::start(), File::broken());
    let outcome = file.run(&daemon, &["--yes"]);
    let line = format!("  rest.node {BROKEN} ({}): secret: is missing\n", uuid(33));
    assert!(outcome.code == Some(9) && outcome.stdout.contains(&line), "{}", outcome.stdout);
    assert_eq!(names(&daemon), ["config_plan", "config_apply"]);

    let outcome = file.run(&daemon, &["--yes", "--json"]);
    let document = json_of(&outcome);
    assert_eq!((outcome.code, &document["applied"]), (Some(9), &json!(true)));
    let broken =
        json!({"model": "rest.node", "pk": uuid(33), "name": BROKEN, "reason": "secret: is missing"});
    assert_eq!(document["broken"], json!([broken]));
    assert_eq!(document["taken"][2], json!({"kind": "node", "count": 2}));
    let left = document["left"].as_array().unwrap();
    assert!(left.iter().any(|it| it["what"] == "rest.metric" && it["records"] == 2), "{left:?}");
    assert_eq!(document["plan"]["revision"], 7);
}

#[test]
fn meetings_come_after_the_rest_and_on_request() {
    let (daemon, file) = (Daemon::start(), File::whole());
    let said = file.run(&daemon, &["--with-meetings"]).good();
    assert!(said.contains("  + 2 running meetings\n"), "{said}");
    assert!(said.ends_with("old.json --with-meetings --yes\n"), "{said}");
    file.run(&daemon, &["--with-meetings", "--yes"]).good();
    assert_eq!(names(&daemon), ["config_plan", "config_plan", "config_apply", "meeting_import"]);
    let call = &daemon.calls()[3];
    assert_eq!((&call[1][0]["secret"], &call[1][0]["id"]), (&json!("SCHOOL-000"), &json!("room-1")));
    assert_eq!(call[2], false);
}

#[test]
fn a_dump_comes_from_standard_input_too() {
    let daemon = Daemon::start();
    let command = daemon.command(&["import", "b3lb", "-", "--json"]);
    let document = with_input(command, &import_dump::text(&import_dump::of_2_3()));
    let document = json_of(&document);
    assert_eq!((&document["applied"], &document["taken"][3]["count"]), (&json!(false), &json!(2)));
    assert!(document["notes"][0].as_str().unwrap().contains("sha1"));
}

#[test]
fn an_empty_dump_leaves_nothing_to_do() {
    let (daemon, file) = (Daemon::start(), File::new("[]"));
    let said = file.run(&daemon, &["--yes"]).good();
    assert!(
        said.ends_with("Nothing to do: the daemon already has everything that can be imported\n"),
        "{said}"
    );
    assert_eq!(names(&daemon), ["config_plan"]);
}

#[test]
fn what_is_no_dump_is_told_before_anything_is_asked() {
    let daemon = Daemon::start();
    for (text, words) in [("{}", "old.json is not a list of records"), ("[", "old.json is not JSON: EOF")] {
        let outcome = File::new(text).run(&daemon, &[]);
        assert_eq!((outcome.code, outcome.stdout.as_str()), (Some(1), ""));
        assert!(outcome.stderr.contains(words), "{}", outcome.stderr);
        assert!(
            outcome.stderr.ends_with("hint: make it with: manage.py dumpdata rest\n"),
            "{}",
            outcome.stderr
        );
    }
    let outcome = daemon.run(&["import", "b3lb", "/nowhere/old.json"]);
    let said = outcome.stderr.starts_with("error: cannot read /nowhere/old.json: No such file");
    assert!(outcome.code == Some(1) && said, "{}", outcome.stderr);
    assert!(daemon.calls().is_empty());
}

#[test]
fn no_daemon_and_its_refusals_have_their_exit_codes() {
    let file = File::whole();
    assert_eq!(alone(&["import", "b3lb", &file.path()]).code, Some(6));
    let outcome = file.run(&Daemon::failing(ErrorCode::Refused), &["--yes"]);
    assert_eq!((outcome.code, outcome.stdout.as_str()), (Some(1), ""));
    assert_eq!(file.run(&Daemon::failing(ErrorCode::Conflict), &["--yes"]).code, Some(5));
    assert_eq!(alone(&["import", "b3lb"]).code, Some(2));
}
