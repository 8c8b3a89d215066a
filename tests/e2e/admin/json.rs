//! Field names and values of `--json`.

use harness::{World, eventually};
use serde_json::{Value, json};

use super::{keys, run};

#[tokio::test]
async fn json_has_the_documented_fields() {
    let world = World::start(1).await;
    world.foo.create("room").await;
    world.nodes[0].set_attendees("room", 4);
    eventually("the attendees are seen", || async {
        (world.node_view(1).await.attendees == Some(4)).then_some(())
    })
    .await;
    let node = [
        "slug",
        "domain",
        "cluster",
        "state",
        "maintenance",
        "load",
        "attendees",
        "meetings",
        "cpu",
        "last_poll_error",
    ];
    let tenant = [
        "slug",
        "description",
        "group",
        "hostname",
        "stats_token",
        "attendee_limit",
        "meeting_limit",
        "attendees",
        "meetings",
    ];
    let secret = ["name", "tenant", "sub_id", "hostname", "attendee_limit", "meeting_limit", "has_second"];
    let meeting = [
        "id",
        "name",
        "tenant",
        "sub_id",
        "node",
        "attendees",
        "listeners",
        "voices",
        "videos",
        "moderators",
        "created_at",
    ];
    let with_secret = |fields: &[&'static str]| [fields, &["secret"]].concat();
    for (line, fields) in [
        ("node list", node.to_vec()),
        ("node show n1", node.to_vec()),
        ("node add n2 --cluster c --secret x --domain a.test", node.to_vec()),
        ("node maintenance n2 on", node.to_vec()),
        ("node drain n2", node.to_vec()),
        ("tenant list", tenant.to_vec()),
        ("tenant show FOO", tenant.to_vec()),
        ("tenant add BAR --group g", with_secret(&tenant)),
        ("tenant set BAR --meeting-limit 1", tenant.to_vec()),
        ("secret list", secret.to_vec()),
        ("secret show FOO", secret.to_vec()),
        ("secret add FOO --sub-id 1", with_secret(&secret)),
        ("secret rotate FOO-001", with_secret(&secret)),
        ("secret promote FOO-001", with_secret(&secret)),
        ("secret drop-second FOO-001", secret.to_vec()),
        ("meeting list", meeting.to_vec()),
        ("meeting end FOO room --yes", meeting.to_vec()),
    ] {
        for flag in ["--json", "--output json"] {
            // The others can be done once only.
            let again = [" list", " show", " maintenance", " set"].iter().any(|it| line.contains(it));
            if flag == "--json" || again {
                let document = run(&world, &format!("{line} {flag}")).await.json();
                let first = if line.ends_with(" list") { &document[0] } else { &document };
                assert_eq!(document.is_array(), line.ends_with(" list"), "{line}: {document}");
                assert_eq!(keys(first), fields, "{line}: {document}");
            }
        }
    }
    let nodes = run(&world, "node list --json").await.json();
    let port = world.nodes[0].port();
    assert_eq!(nodes[0]["domain"], format!("localhost:{port}"));
    assert_eq!((&nodes[0]["state"], &nodes[0]["maintenance"]), (&json!("up"), &json!(false)));
    assert_eq!(nodes[0]["last_poll_error"], Value::Null);
    assert_eq!(
        (&nodes[1]["attendees"], &nodes[1]["load"]),
        (&Value::Null, &json!(-2)),
        "unknown values are null"
    );
    assert_eq!(run(&world, "tenant list --json").await.json()[0]["stats_token"], Value::Null);
    let token = &run(&world, "tenant show FOO --json").await.json()["stats_token"];
    assert_eq!(token.as_str().map(str::len), Some(42), "shown where asked for one tenant");
    let error = run(&world, "node show n9 --json").await;
    let error: Value = serde_json::from_str(&error.stderr).expect("errors are JSON too");
    assert_eq!(error["code"], "not_found");
}

#[tokio::test]
async fn a_meeting_is_shown_as_it_is() {
    let world = World::start(1).await;
    world.foo.create("room").await;
    world.nodes[0].set_attendees("room", 4);
    let meeting = eventually("the attendees are seen", || async {
        let list = run(&world, "meeting list --tenant FOO --node n1 --json").await.json();
        (list[0]["attendees"] == 4).then(|| list[0].clone())
    })
    .await;
    let node = format!("n1.localhost:{}", world.nodes[0].port());
    let created_at = &meeting["created_at"];
    let expected = json!({
        "id": "room", "name": "A meeting", "tenant": "FOO", "sub_id": 0, "node": node, "attendees": 4,
        "listeners": 2, "voices": 2, "videos": 1, "moderators": 1, "created_at": created_at,
    });
    assert_eq!(meeting, expected);
    let created_at = created_at.as_str().unwrap();
    assert!(
        created_at.starts_with("20") && created_at.ends_with('Z') && created_at.contains('T'),
        "{created_at}"
    );
    world.add_secret("FOO", 1).await;
    assert_eq!(run(&world, "meeting list --tenant FOO-001 --json").await.json(), json!([]));
}
