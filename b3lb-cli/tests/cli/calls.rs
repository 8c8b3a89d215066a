//! Command lines reach the daemon as the right calls.

use serde_json::{Value, json};

use crate::fake::Daemon;
use crate::run::with_input;

fn call_of(arguments: &[&str]) -> Value {
    let daemon = Daemon::start();
    daemon.run(arguments).good();
    daemon.calls().remove(0)
}

#[test]
fn options_reach_the_daemon() {
    let spec = json!({
        "name": "big", "attendee_factor": 0.5, "meeting_factor": 30.0, "cpu_order": 0, "cpu_max": 9,
        "checksum": "sha512", "target_cpu": 80,
    });
    let options = ["--attendee-factor", "0.5", "--cpu-order", "0", "--cpu-max", "9", "--checksum", "sha512"];
    assert_eq!(call_of(&[&["cluster", "add", "big"], &options[..]].concat()), json!(["cluster_add", spec]));

    let call = call_of(&["tenant", "set", "T", "--attendee-limit", "7", "--description", ""]);
    let change = json!({
        "description": "", "group": null, "attendee_limit": 7, "meeting_limit": null, "new_stats_token": false,
    });
    assert_eq!(call, json!(["tenant_set", "T", change]));

    let call = call_of(&["param", "override", "T", "role", "VIEWER", "--on", "both"]);
    let spec = json!({"tenant": "T", "name": "role", "mode": "override", "value": "VIEWER", "on": "both"});
    assert_eq!(call, json!(["param_set", spec]));

    let call = call_of(&["param", "block", "T", "role"]);
    let spec = json!({"tenant": "T", "name": "role", "mode": "block", "value": null, "on": null});
    assert_eq!(call, json!(["param_set", spec]));

    let call = call_of(&["meeting", "list", "--tenant", "T-001", "--node", "n1"]);
    assert_eq!(call, json!(["meeting_list", {"tenant": "T-001", "node": "n1"}]));

    let call = call_of(&["asset", "rm", "T", "--logo", "--css", "--yes"]);
    assert_eq!(call, json!(["asset_rm", "T", ["logo", "css"]]));

    assert_eq!(call_of(&["secret", "list", "--tenant", "T"]), json!(["secret_list", "T"]));
    assert_eq!(call_of(&["node", "list", "--explain"]), json!(["node_explain"]));
    assert_eq!(call_of(&["node", "rm", "n1", "--yes"]), json!(["node_rm", "n1", false]));
    assert_eq!(call_of(&["node", "rm", "n1", "--force", "--yes"]), json!(["node_rm", "n1", true]));
    assert_eq!(call_of(&["node", "maintenance", "n1", "off"]), json!(["node_maintenance", "n1", false]));
}

#[test]
fn changes_have_just_what_was_given() {
    let call = call_of(&["cluster", "set", "main", "--cpu-order", "0", "--checksum", "sha1"]);
    let change = json!({
        "attendee_factor": null, "meeting_factor": null, "cpu_order": 0, "cpu_max": null, "checksum": "sha1",
        "target_cpu": null,
    });
    assert_eq!(call, json!(["cluster_set", "main", change]));

    let call = call_of(&["group", "set", "g1", "--description", ""]);
    assert_eq!(call, json!(["group_set", "g1", {"description": ""}]));

    let call = call_of(&["node", "set", "n1", "--cluster", "big"]);
    assert_eq!(call, json!(["node_set", "n1", {"cluster": "big", "secret": null}]));

    let call = call_of(&["secret", "set", "T-012", "--attendee-limit", "9"]);
    assert_eq!(call, json!(["secret_set", "T-012", {"attendee_limit": 9, "meeting_limit": null}]));

    let call = call_of(&["tenant", "set", "T", "--new-stats-token"]);
    assert_eq!(call[2]["new_stats_token"], true);

    assert_eq!(call_of(&["group", "unassign", "g1", "main"]), json!(["group_unassign", "g1", "main"]));
    assert_eq!(call_of(&["meeting", "show", "T-001", "m1"]), json!(["meeting_show", "T-001", "m1"]));
    assert_eq!(call_of(&["meeting", "show", "T-001", "m1", "--why"]), json!(["meeting_why", "T-001", "m1"]));
    assert_eq!(call_of(&["secret", "list", "T"]), json!(["secret_list", "T"]));
}

#[test]
fn secrets_come_from_standard_input() {
    let lines = [
        "node add n1 --cluster main --secret -",
        "addnode --slug n1 --cluster main --secret -",
        "secret add T --sub-id 1 --secret -",
    ];
    for line in lines {
        let words: Vec<_> = line.split_whitespace().collect();
        let daemon = Daemon::start();
        with_input(daemon.command(&words), " a b\r\nrest\n").good();
        assert_eq!(daemon.calls()[0][1]["secret"], "a b", "{line}");
        with_input(daemon.command(&words), "no newline").good();
        assert_eq!(daemon.calls()[1][1]["secret"], "no newline", "{line}");

        let outcome = with_input(daemon.command(&words), "\n");
        assert_eq!(outcome.code, Some(2), "{}", outcome.stderr);
        assert_eq!(daemon.calls().len(), 2);
    }
}

#[test]
fn assets_are_read_from_files() {
    let dir = tempfile::tempdir().unwrap();
    let slide = dir.path().join("welcome.pdf");
    let css = dir.path().join("school.css");
    std::fs::write(&slide, [0, 255, 1]).unwrap();
    std::fs::write(&css, "").unwrap();
    let (slide, css) = (slide.to_str().unwrap(), css.to_str().unwrap());

    let daemon = Daemon::start();
    let said = daemon.run(&["asset", "set", "T", "--css", css, "--slide", slide]).good();
    assert_eq!(
        said.lines().next(),
        Some("slide of tenant T stored: welcome.pdf, 3 bytes, application/pdf; problems: empty")
    );
    assert_eq!(said.lines().count(), 2);
    let files = json!([
        {"kind": "slide", "file_name": "welcome.pdf", "base64": "AP8B"},
        {"kind": "css", "file_name": "school.css", "base64": ""},
    ]);
    assert_eq!(daemon.calls(), [json!(["asset_set", "T", files])]);

    let outcome = daemon.run(&["asset", "set", "T", "--logo", "/nowhere/logo.png"]);
    assert_eq!(outcome.code, Some(1));
    assert!(outcome.stderr.starts_with("error: cannot read /nowhere/logo.png: "), "{}", outcome.stderr);
}
