//! The legacy verbs that scripts know from earlier versions.

use rpc::ErrorCode;
use serde_json::json;

use crate::fake::Daemon;

const ADDNODE: [&str; 7] = ["addnode", "--slug", "n1", "--secret", "x", "--cluster", "main"];

#[test]
fn addnode_says_its_sentences() {
    let daemon = Daemon::start();
    assert_eq!(daemon.run(&ADDNODE).good(), "Node n1 added\n");
    let spec = json!({"slug": "n1", "domain": null, "cluster": "main", "secret": "x", "active": false});
    assert_eq!(daemon.calls(), [json!(["node_add", spec])]);

    for (code, exit, sentence) in [
        (ErrorCode::Conflict, 5, "Node n1 already exists\n"),
        (ErrorCode::NotFound, 3, "Cluster main doesn't exist\n"),
    ] {
        let outcome = Daemon::failing(code).run(&ADDNODE);
        assert_eq!(
            (outcome.code, outcome.stdout.as_str(), outcome.stderr.as_str()),
            (Some(exit), sentence, "")
        );
    }
    let outcome = Daemon::failing(ErrorCode::Invalid).run(&ADDNODE);
    assert_eq!((outcome.code, outcome.stdout.as_str()), (Some(1), ""));
}

#[test]
fn addsecrets_prints_the_new_ones() {
    let daemon = Daemon::start();
    let said = daemon.run(&["addsecrets", "--tenant-slug", "T", "--sub-id", "3-1"]).good();
    assert_eq!(said, "{\"T-001\":\"key1\",\"T-002\":\"key2\",\"T-003\":\"key3\"}\n");
    assert_eq!(
        daemon.run(&["addsecrets", "--tenant-slug", "T", "--sub-id", "7"]).json(),
        json!({"T-007": "key7"})
    );
    assert_eq!(daemon.calls()[1], json!(["secret_add_range", "T", 7, 7]));
}

#[test]
fn checkslides_tells_of_slides_only() {
    let slides = Daemon::start().run(&["checkslides"]).json();
    let slide = json!({
        "tenant": "T", "kind": "slide", "file_name": "welcome.pdf", "size": 3,
        "content_type": "application/pdf", "inline": true, "problems": ["empty"],
    });
    assert_eq!(slides, json!([slide]));
}

#[test]
fn getloadvalues_has_load_and_cpu() {
    let said = Daemon::start().run(&["getloadvalues"]).good();
    assert_eq!(said, "{\"n1.example.org\":[-2,1234],\"node-2.example.org\":[-1,0]}\n");
}

#[test]
fn gettenantsecrets_has_keys_and_host_names() {
    let daemon = Daemon::start();
    let secrets = daemon.run(&["gettenantsecrets"]).json();
    let first = json!({"secret": "key0", "hostname": "t-000.bbb.example.org", "recording": false});
    assert_eq!(secrets["T-000"], first);
    assert_eq!(secrets.as_object().unwrap().keys().collect::<Vec<_>>(), ["T-000", "T-001", "U-000"]);
    daemon.run(&["gettenantsecrets", "--tenant-slug", "T"]).good();
    assert_eq!(daemon.calls(), [json!(["secret_reveal", null]), json!(["secret_reveal", "T"])]);
}

#[test]
fn listalltenantsecrets_has_a_rule_between_tenants() {
    let daemon = Daemon::start();
    let said = daemon.run(&["listalltenantsecrets"]).good();
    assert_eq!(
        said.lines().collect::<Vec<_>>(),
        [
            "Endpoint                         | Secret",
            &"=".repeat(78),
            "t-000.bbb.example.org            | key0",
            "t-001.bbb.example.org            | key1",
            &format!("{}+{}", "-".repeat(33), "-".repeat(43)),
            "u-000.bbb.example.org            | key0",
        ]
    );
    assert_eq!(daemon.run(&["listalltenantsecrets", "--json"]).json()[2]["name"], "U-000");
}

#[test]
fn meetingstats_has_totals_first() {
    let said = Daemon::start().run(&["meetingstats"]).good();
    let share = "{\"meetings\":1,\"attendees\":20}";
    assert_eq!(said, format!("{{\"meetings\":2,\"attendees\":40,\"T\":{share},\"A\":{share}}}\n"));
}
