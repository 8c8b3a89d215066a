//! Field names and values of `--json`.

use harness::{World, eventually};
use serde_json::{Value, json};

use super::verbs::{is_of, verbs};
use super::{keys, run, write_files};

const CLUSTER: &str =
    "name attendee_factor meeting_factor cpu_order cpu_max checksum target_cpu groups nodes capacity";
const GROUP: &str = "name description clusters tenants capacity";
const NODE: &str =
    "slug domain cluster state maintenance drain load attendees meetings cpu capacity last_poll_error";
const TENANT: &str =
    "slug description group hostname stats_token attendee_limit meeting_limit attendees meetings";
const NEW_TENANT: &str =
    "slug description group hostname stats_token attendee_limit meeting_limit attendees meetings secret";
const SECRET: &str = "name tenant sub_id hostname attendee_limit meeting_limit has_second";
const NEW_SECRET: &str = "name tenant sub_id hostname attendee_limit meeting_limit has_second secret";
const RULES: &str = "[] tenant call name mode value";
const ASSETS: &str = "[] tenant kind file_name size content_type inline problems";
const MEETING: &str = "id name tenant sub_id node attendees listeners voices videos moderators created_at";
const DETAILS: &str = "node parts rank misses polled_at poll_ms bound bound_attendees history";
const CHECK: &str = "node good bbb_version latency_ms clock_ahead_seconds findings";
const STATUS: &str = "healthy problems role replication version started_at uptime_seconds nodes outage tenants meetings \
                      attendees rates store last_errors tasks";
const EVENTS: &str = "[] seq at kind severity subject text who count";
const AUDIT: &str = "[] id at who from action subject before after";
const PLAN: &str = "revision steps kept left_out";

/// What is typed in this order, and the fields of the document. It is an array of such objects for a list, and
/// where the fields begin with `[]`.
const DOCUMENTS: &[(&str, &str)] = &[
    ("status", STATUS),
    ("cluster add d", CLUSTER),
    ("cluster set d --cpu-max 1", CLUSTER),
    ("cluster show d", CLUSTER),
    ("cluster list", CLUSTER),
    ("group add h", GROUP),
    ("group set h --description text", GROUP),
    ("group assign h d", GROUP),
    ("group show h", GROUP),
    ("group list", GROUP),
    ("group unassign h d", GROUP),
    ("group rm h --yes", GROUP),
    ("cluster rm d --yes", CLUSTER),
    ("node add n2 --cluster c --secret x --domain a.test", NODE),
    ("node list", NODE),
    ("node show n1", NODE),
    ("node show n1 --details", DETAILS),
    ("node set n2 --secret y", NODE),
    ("node maintenance n2 on", NODE),
    ("node drain n2", NODE),
    ("node undrain n2", NODE),
    ("node wait n1 --for up", NODE),
    ("node check n1", CHECK),
    ("node evacuate n2 --yes", "node ended failed"),
    ("tenant add BAR --group g", NEW_TENANT),
    ("tenant set BAR --meeting-limit 1", TENANT),
    ("tenant show FOO", TENANT),
    ("tenant list", TENANT),
    ("secret add BAR --sub-id 1", NEW_SECRET),
    ("secret set BAR-001 --meeting-limit 1", SECRET),
    ("secret list", SECRET),
    ("secret show FOO", SECRET),
    ("secret rotate BAR-001", NEW_SECRET),
    ("secret promote BAR-001", NEW_SECRET),
    ("secret drop-second BAR-001 --yes", SECRET),
    ("secret rm BAR-001 --yes", SECRET),
    ("param set BAR role VIEWER", RULES),
    ("param override BAR role VIEWER", RULES),
    ("param block BAR role", RULES),
    ("param set BAR welcome hello", RULES),
    ("param list BAR", RULES),
    ("param clear BAR role --yes", RULES),
    ("asset set BAR --logo {folder}/logo.png --slide {folder}/slide.pdf", ASSETS),
    ("asset list", ASSETS),
    ("checkslides", ASSETS),
    ("asset rm BAR --slide --yes", ASSETS),
    ("tenant rm BAR --yes", TENANT),
    ("meeting list", MEETING),
    ("meeting show FOO room", MEETING),
    ("meeting end FOO room --yes", MEETING),
    ("events", EVENTS),
    ("events --audit", AUDIT),
    ("export", "cluster group node tenant"),
    ("export {folder}/new.toml", "file"),
    ("apply -f {folder}/new.toml", PLAN),
    ("apply -f {folder}/more.toml", PLAN),
    ("backup {folder}/copy.db", "file bytes sha256"),
    ("api-mate FOO", "link"),
    ("import b3lb {folder}/empty.json", "applied meetings taken left broken notes plan"),
    ("import scalelite {folder}/scalelite.txt", "applied meetings taken left broken notes plan"),
    ("man {folder}/man", "folder files"),
    ("addnode --slug n3 --cluster c --secret x --domain a.test", NODE),
    ("addsecrets --tenant-slug FOO --sub-id 5", "FOO-005"),
    ("getloadvalues", "{n1} n2.a.test n3.a.test"),
    ("gettenantsecrets", "FOO-000 FOO-005"),
    ("listalltenantsecrets", "[] name tenant sub_id hostname attendee_limit meeting_limit has_second secret"),
    ("meetingstats", "meetings attendees FOO"),
    ("node rm n2 --yes", NODE),
];

/// Scripts and bytes, what only a replica does, and what begins empty.
const WITHOUT: [&str; 4] = ["completions", "proxy", "promote", "usage"];

#[tokio::test]
async fn every_verb_has_its_documented_fields() {
    for verb in verbs().await.iter().filter(|verb| !WITHOUT.contains(&verb.as_str())) {
        assert!(DOCUMENTS.iter().any(|(line, _)| is_of(line, verb)), "{verb} is missing here");
    }
    let world = World::start(1).await;
    write_files(&world);
    world.foo.create("room").await;
    world.nodes[0].set_attendees("room", 4);
    eventually("the attendees are seen", || async {
        (world.node_view(1).await.attendees == Some(4)).then_some(())
    })
    .await;
    let folder = world.folder().display().to_string();
    let n1 = format!("n1.localhost:{}", world.nodes[0].port());
    for (line, fields) in DOCUMENTS {
        let line = line.replace("{folder}", &folder);
        for flag in ["--json", "--output json"] {
            // The others can be done once only.
            let again = [" list", " show", " maintenance", " set"].iter().any(|it| line.contains(it));
            if flag == "--json" || again {
                let document = run(&world, &format!("{line} {flag}")).await.json();
                let (array, fields) = match fields.strip_prefix("[]") {
                    Some(fields) => (true, fields),
                    None => (line.ends_with(" list"), *fields),
                };
                assert_eq!(document.is_array(), array, "{line}: {document}");
                let object = if array { &document[0] } else { &document };
                let fields = fields.replace("{n1}", &n1);
                let fields: Vec<_> = fields.split_whitespace().collect();
                assert_eq!(keys(object), fields, "{line}: {document}");
            }
        }
    }
}

#[tokio::test]
async fn unknown_values_are_null_and_tokens_are_shown_where_asked_for() {
    let world = World::start(1).await;
    run(&world, "node add n2 --cluster c --secret x --domain a.test").await.good();
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
