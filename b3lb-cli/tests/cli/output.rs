//! Tables, lines and JSON of answers.

use serde_json::{Value, json};

use crate::fake::Daemon;

#[test]
fn tables_are_plain_and_untruncated_in_a_pipe() {
    let daemon = Daemon::start();
    assert_eq!(
        daemon.run(&["node", "list"]).good(),
        "\
SLUG    DOMAIN       CLUSTER  STATE  MAINT  DRAIN  LOAD  MEETINGS  ATTENDEES   CPU  CAPACITY  LAST ERROR
n1      example.org  main     up     yes    -        -2         2         40  1234       210  -
node-2  example.org  main     down   no     -        -1         -          -     -         -  refused\\u{1b}[31m
"
    );
    assert_eq!(
        daemon.run(&["param", "list", "T"]).good(),
        "CALL    NAME  MODE  VALUE\ncreate  role  set   a\\nb\n"
    );
}

#[test]
fn tables_have_a_row_for_each_object() {
    let daemon = Daemon::start();
    for noun in ["cluster", "group", "node", "tenant", "secret", "asset", "meeting"] {
        let list = daemon.run(&[noun, "list", "--json"]).json();
        let table = daemon.run(&[noun, "list"]).good();
        assert_eq!(table.lines().count(), 1 + list.as_array().unwrap().len(), "{table}");
    }
}

#[test]
fn lists_are_arrays_and_unknown_is_null() {
    let daemon = Daemon::start();
    let nodes = daemon.run(&["--json", "node", "list"]).json();
    assert_eq!(nodes[0]["slug"], "n1");
    let unknown = json!({
        "slug": "node-2", "domain": "example.org", "cluster": "main", "state": "down", "maintenance": false, "drain": null,
        "load": -1, "attendees": null, "meetings": null, "cpu": null, "capacity": null,
        "last_poll_error": "refused\u{1b}[31m",
    });
    assert_eq!(nodes[1], unknown);
    assert_eq!(daemon.run(&["nodes", "list", "--output", "json"]).json(), nodes);
}

#[test]
fn fields_of_shown_objects() {
    let daemon = Daemon::start();
    let fields = |arguments: &[&str]| match daemon.run(arguments).json() {
        Value::Object(fields) => fields.keys().cloned().collect::<Vec<_>>().join(" "),
        other => panic!("{other}"),
    };
    assert_eq!(
        fields(&["tenant", "show", "T", "--json"]),
        "slug description group hostname stats_token attendee_limit meeting_limit attendees meetings"
    );
    assert_eq!(
        fields(&["secret", "show", "T-012", "--json"]),
        "name tenant sub_id hostname attendee_limit meeting_limit has_second"
    );
    assert_eq!(
        fields(&["meeting", "end", "T-001", "m1", "--yes", "--json"]),
        "id name tenant sub_id node attendees listeners voices videos moderators created_at"
    );
    assert_eq!(daemon.run(&["tenant", "show", "T", "--json"]).json()["stats_token"], "token");
    assert_eq!(daemon.run(&["tenant", "list", "--json"]).json()[0]["stats_token"], Value::Null);
}

#[test]
fn show_prints_a_line_for_each_field() {
    let said = Daemon::start().run(&["cluster", "show", "main"]).good();
    assert_eq!(
        said,
        "name: main\nattendee_factor: 1.0\nmeeting_factor: 30.0\ncpu_order: 6\ncpu_max: 5000\n\
         checksum: sha256\ntarget_cpu: 80\ngroups: g1, g2\nnodes: 2\ncapacity: 420\n"
    );
}

#[test]
fn generated_secrets_are_printed() {
    let daemon = Daemon::start();
    let said = daemon.run(&["tenant", "add", "T", "--group", "g1"]).good();
    assert_eq!(said, "Tenant T added\nhostname: t.bbb.example.org\nsecret: key0\n");
    let said = daemon.run(&["secret", "add", "T", "--sub-id", "12"]).good();
    assert_eq!(said, "Secret T-012 added\nhostname: t-012.bbb.example.org\nsecret: key12\n");
    let said = daemon.run(&["secret", "add", "T", "--sub-id", "12", "--secret", "mine"]).good();
    assert_eq!(said, "Secret T-012 added\nhostname: t-012.bbb.example.org\n");
    let said = daemon.run(&["secret", "rotate", "T-012"]).good();
    assert_eq!(
        said,
        "Secret T-012 has a second key\nsecond secret: key12\n\
         next, once its users have that: b3lb-cli secret promote T-012\n"
    );

    assert_eq!(daemon.run(&["tenant", "add", "T", "--group", "g1", "--json"]).json()["secret"], "key0");
    for verb in ["rotate", "promote"] {
        assert_eq!(daemon.run(&["secret", verb, "T-012", "--json"]).json()["secret"], "key12");
    }
}

#[test]
fn changes_say_what_changed() {
    let daemon = Daemon::start();
    let lines = [
        ("cluster add main", "Cluster main added"),
        ("cluster set main --cpu-max 9 --cpu-order 0", "Cluster main changed: CPU order 0, CPU max 9"),
        ("cluster rm main --yes", "Cluster main removed"),
        ("group add g1", "Group g1 added"),
        ("group set g1 --description text", "Group g1 changed: description text"),
        ("group rm g1 --yes", "Group g1 removed"),
        ("group unassign g1 main", "Cluster main taken out of group g1"),
        ("node set n1 --cluster big --secret x", "Node n1.example.org changed: cluster big, secret"),
        ("node rm n1 --yes", "Node n1.example.org removed"),
        ("node evacuate n1 --yes", "Node n1.example.org: 2 meetings ended"),
        ("tenant set T --new-stats-token", "Tenant T changed: new stats token\nstats token: token"),
        ("tenant rm T --yes", "Tenant T removed"),
        ("secret set T-012 --meeting-limit 7", "Secret T-012 changed: meeting limit 7"),
        ("secret rm T-012 --yes", "Secret T-012 removed"),
        ("api-mate T", "https://mate.example.org/#server=x"),
        ("group assign g1 main", "Cluster main assigned to group g1"),
        ("node add n1 --cluster main --secret x", "Node n1.example.org added, in maintenance"),
        ("node add n1 --cluster main --secret x --active", "Node n1.example.org added, active"),
        ("node maintenance n1 on", "Node n1.example.org: maintenance on"),
        ("node maintenance n1 off", "Node n1.example.org: maintenance off"),
        ("tenant set T --group g2 --meeting-limit 0", "Tenant T changed: group g2, meeting limit 0"),
        (
            "secret promote T-012",
            "Secret T-012: the second key is now the first\n\
             next, once nobody uses the old one: b3lb-cli secret drop-second T-012",
        ),
        ("secret drop-second T-012 --yes", "Secret T-012: the second key is removed"),
        ("param set T role VIEWER", "Parameter role of tenant T set to VIEWER on join"),
        ("param override T role -1", "Parameter role of tenant T overridden with -1 on join"),
        ("param block T role", "Parameter role of tenant T blocked on join"),
        ("param clear T role --yes", "Parameter role of tenant T cleared"),
        ("asset rm T --slide --css --yes", "Assets of tenant T removed: slide, css"),
    ];
    for (line, said) in lines {
        let outcome = daemon.run(&line.split_whitespace().collect::<Vec<_>>());
        assert_eq!(outcome.good(), format!("{said}\n"), "{line}");
    }
}

#[test]
fn people_read_times_in_their_zone_and_programs_as_they_are() {
    let daemon = Daemon::start();
    let run = |words: &[&str]| {
        // A zone given by its rule, which needs no time zone files.
        let output = daemon.command(words).env("TZ", "XYZ-05:30").output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    for words in [["meeting", "list"].as_slice(), &["meeting", "show", "T", "m1"], &["status"], &["events"]] {
        let (text, document) = (run(words), run(&[words, &["--json"]].concat()));
        assert!(text.contains("+05:30") && !text.contains("+00:00"), "{words:?}: {text}");
        assert!(document.contains('Z') && !document.contains("+05:30"), "{words:?}: {document}");
    }
    assert!(run(&["events", "--audit"]).contains("+05:30"));
    assert!(run(&["node", "show", "n1", "--details"]).contains("+05:30"));
}
