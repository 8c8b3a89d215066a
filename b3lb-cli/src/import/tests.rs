//! Whole dumps, converted.

#[path = "../../tests/cli/import_dump.rs"]
mod import_dump;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rpc::{AssetKind, Configuration, ParamMode, TenantConfig};
use serde_json::{Value, json};

use super::{Import, Options, convert};
use import_dump::{BROKEN, SLIDE, key, record, uuid};

fn import(records: &[Value]) -> Import {
    convert(&import_dump::text(records), Options::default()).unwrap()
}

fn with_meetings(records: &[Value]) -> Import {
    convert(&import_dump::text(records), Options { with_meetings: true }).unwrap()
}

/// The fields of a record of the dump, for breaking them.
fn fields<'a>(records: &'a mut [Value], model: &str, pk: &Value) -> &'a mut Value {
    let found = records.iter_mut().find(|it| it["model"] == format!("rest.{model}") && it["pk"] == *pk);
    &mut found.unwrap()["fields"]
}

fn tenant<'a>(configuration: &'a Configuration, slug: &str) -> &'a TenantConfig {
    configuration.tenants.iter().find(|it| it.slug == slug).unwrap()
}

/// Model, name or key, and reason of each broken record.
fn broken(import: &Import) -> Vec<(&str, &str, &str)> {
    let words = import.report.broken.iter();
    words.map(|it| (it.model.as_str(), it.name.as_deref().unwrap_or(&it.pk), it.reason.as_str())).collect()
}

fn left(import: &Import) -> Vec<(&str, usize)> {
    import.report.left.iter().map(|it| (it.what.as_str(), it.records)).collect()
}

fn taken(import: &Import) -> Vec<u64> {
    import.report.taken.iter().map(|it| it.count).collect()
}

#[test]
fn clusters_groups_and_nodes_arrive() {
    let Configuration { clusters, groups, nodes, .. } = import(&import_dump::of_3_3()).configuration;
    let clusters: Vec<_> = clusters.iter().map(|it| serde_json::to_value(it).unwrap()).collect();
    let main = json!({
        "name": "main", "attendee_factor": 1.5, "meeting_factor": 30.0, "cpu_order": 6, "cpu_max": 5000,
        "checksum": "sha256", "target_cpu": 80,
    });
    assert_eq!(clusters[0], main);
    assert_eq!((&clusters[1]["name"], &clusters[1]["checksum"]), (&json!("old"), &json!("sha1")));

    let groups: Vec<_> = groups.iter().map(|it| serde_json::to_value(it).unwrap()).collect();
    let schools = json!({"name": "schools", "description": "All schools", "clusters": ["main", "old"]});
    assert_eq!(groups, [schools, json!({"name": "spare", "description": "", "clusters": ["old"]})]);

    let nodes: Vec<_> = nodes.iter().map(|it| serde_json::to_value(it).unwrap()).collect();
    let node = |slug: &str, cluster: &str, maintenance: bool, secret: &str| {
        json!({
            "slug": slug, "domain": "bbb.example.org", "cluster": cluster, "maintenance": maintenance,
            "secret": secret,
        })
    };
    assert_eq!(nodes, [node("n1", "main", false, "node-secret-1"), node("n2", "old", true, "node-secret-2")]);
}

#[test]
fn tenants_arrive_with_limits_tokens_and_both_keys() {
    let configuration = import(&import_dump::of_3_3()).configuration;
    let school = tenant(&configuration, "SCHOOL");
    assert_eq!((school.group.as_str(), school.description.as_str()), ("schools", "The SCHOOL"));
    assert_eq!((school.attendee_limit, school.meeting_limit), (500, 50));
    assert_eq!(school.stats_token.as_ref().unwrap().reveal(), uuid(941));
    let secrets = serde_json::to_value(&school.secrets).unwrap();
    let first = json!({"sub_id": 0, "attendee_limit": 0, "meeting_limit": 0, "secret": key('a')});
    let second = json!({
        "sub_id": 12, "attendee_limit": 100, "meeting_limit": 10, "secret": key('b'), "second_secret": key('c'),
    });
    assert_eq!(secrets, json!([first, second]));
}

#[test]
fn rules_go_to_the_call_that_knows_the_name() {
    let configuration = import(&import_dump::of_3_3()).configuration;
    let rules = &tenant(&configuration, "SCHOOL").parameters;
    let rules: Vec<_> =
        rules.iter().map(|it| (it.call.as_str(), it.name.as_str(), it.mode, it.value.as_deref())).collect();
    let url = Some("https://school.example.org/");
    assert_eq!(
        rules,
        [
            ("create", "logoutURL", ParamMode::Set, url),
            ("create", "muteOnStart", ParamMode::Set, Some("true")),
            ("create", "webcamsOnlyForModerator", ParamMode::Block, None),
            ("join", "logoutURL", ParamMode::Set, url),
            ("join", "userdata-bbb_auto_join_audio", ParamMode::Override, Some("true")),
        ]
    );
    let role = &tenant(&configuration, "CLUB").parameters[0];
    assert_eq!((role.call.as_str(), role.value.as_deref()), ("join", Some("VIEWER")));
}

#[test]
fn assets_arrive_as_they_were_uploaded() {
    let configuration = import(&import_dump::of_3_3()).configuration;
    let assets = &tenant(&configuration, "SCHOOL").assets;
    let names: Vec<_> = assets.iter().map(|it| (it.kind, it.file_name.as_str())).collect();
    let expected =
        [(AssetKind::Slide, "Willkommen.pdf"), (AssetKind::Logo, "logo.png"), (AssetKind::Css, "school.css")];
    assert_eq!(names, expected);
    // The output of sha256sum for the same bytes.
    assert_eq!(assets[0].sha256, "63f5e9dfaa29fa2455582cfce4fce94a62bb317461ff87c290810992a460c1d2");
    assert_eq!(STANDARD.decode(assets[0].base64.as_ref().unwrap().reveal()).unwrap(), SLIDE);
    assert!(tenant(&configuration, "CLUB").assets.is_empty());
}

#[test]
fn a_slide_is_named_as_attendees_saw_it() {
    for (shown, name) in
        [(json!(null), "school.pdf"), (json!("Start.PDF"), "Start.PDF"), (json!("v1.2"), "v1.2.pdf")]
    {
        let mut records = import_dump::of_3_3();
        fields(&mut records, "asset", &json!(uuid(41)))["slide_filename"] = shown;
        let configuration = import(&records).configuration;
        assert_eq!(tenant(&configuration, "SCHOOL").assets[0].file_name, name);
    }
}

#[test]
fn one_broken_record_is_named_and_the_rest_arrives() {
    let import = import(&import_dump::of_3_3());
    assert_eq!(broken(&import), [("rest.node", BROKEN, "secret: is missing")]);
    assert_eq!(import.report.broken[0].pk, uuid(33));
    assert_eq!(taken(&import), [2, 2, 2, 2, 3, 6, 3, 0]);
    assert!(import.report.notes.is_empty());
}

#[test]
fn what_is_left_is_told_with_the_reason() {
    let mut records = import_dump::of_3_3();
    records.push(json!({"model": "django_celery_beat.periodictask", "pk": 1, "fields": {}}));
    let import = import(&records);
    let expected = [
        ("django_celery_beat.periodictask", 1),
        ("rest.assetslide", 1),
        ("rest.meeting", 2),
        ("rest.metric", 2),
        ("rest.nodemeetinglist", 2),
        ("rest.record", 1),
        ("rest.recordprofile", 1),
        ("rest.recordset", 1),
        ("rest.secret.description", 1),
        ("rest.secretmeetinglist", 1),
        ("rest.secretmetricslist", 2),
        ("rest.secretrecordprofilerelation", 1),
        ("rest.stats", 1),
        ("rest.tenant.recording_enabled", 1),
    ];
    assert_eq!(left(&import), expected);
    let reason = |what: &str| import.report.left.iter().find(|it| it.what == what).unwrap().reason.as_str();
    assert!(reason("rest.meeting").contains("--with-meetings"));
    assert!(reason("django_celery_beat.periodictask").contains("not a known model"));
}

#[test]
fn meetings_come_on_request() {
    let import = with_meetings(&import_dump::of_3_3());
    let first = json!({
        "secret": "SCHOOL-000", "id": "room-1", "name": "Room room-1", "node": "n1.bbb.example.org",
        "ended_url": "https://rooms.example.org/ended?x=1",
    });
    let second = json!({
        "secret": "SCHOOL-012", "id": "room-1", "name": "Room room-1", "node": "n2.bbb.example.org",
        "ended_url": null,
    });
    assert_eq!(serde_json::to_value(&import.meetings).unwrap(), json!([first, second]));
    assert!(!left(&import).iter().any(|(what, _)| *what == "rest.meeting"));
}

#[test]
fn a_dump_of_2_3_arrives_too() {
    let import = with_meetings(&import_dump::of_2_3());
    assert_eq!(broken(&import), [("rest.node", BROKEN, "secret: is missing")]);
    assert_eq!(taken(&import), [2, 2, 2, 2, 3, 6, 3, 2]);
    assert!(import.configuration.clusters.iter().all(|it| it.checksum == "sha1"));
    assert_eq!(import.report.notes.len(), 1);
    assert!(import.report.notes[0].contains("cluster main, old"), "{:?}", import.report.notes);
    assert_eq!((import.meetings[0].id.as_str(), &import.meetings[0].ended_url), ("room-1", &None));
}

#[test]
fn b3lb_3_0_has_the_checksum_at_the_groups() {
    let mut records = import_dump::of_2_3();
    fields(&mut records, "clustergroup", &json!(uuid(11)))["sha_function"] = json!("sha512");
    let import = import(&records);
    let checksums: Vec<_> = import.configuration.clusters.iter().map(|it| it.checksum.as_str()).collect();
    assert_eq!(checksums, ["sha512", "sha512"]);
}

#[test]
fn what_depends_on_a_broken_record_is_broken_too() {
    let mut records = import_dump::of_3_3();
    fields(&mut records, "cluster", &json!(uuid(1)))["load_cpu_max"] = json!(-1);
    fields(&mut records, "tenant", &json!(uuid(41)))["slug"] = Value::Null;
    let import = with_meetings(&records);
    let whose = |import: &Import, model: &str| broken(import).iter().filter(|it| it.0 == model).count();
    let models =
        ["cluster", "clustergrouprelation", "node", "tenant", "secret", "parameter", "asset", "meeting"];
    let counts = models.map(|model| whose(&import, &format!("rest.{model}")));
    assert_eq!(counts, [1, 1, 2, 1, 2, 4, 1, 2]);
    let node = broken(&import).into_iter().find(|it| it.1 == "n1").unwrap().2;
    assert_eq!(node, format!("cluster: rest.cluster {} is broken itself or not in the dump", uuid(1)));
    assert_eq!(taken(&import), [1, 2, 1, 1, 1, 1, 0, 0]);
}

#[test]
fn a_broken_file_breaks_only_its_own_asset() {
    let mut records = import_dump::of_3_3();
    fields(&mut records, "assetlogo", &json!(1))["blob"] = json!("no base64");
    fields(&mut records, "asset", &json!(uuid(41)))["custom_css"] = json!("rest.AssetCustomCSS/x/gone.css");
    let import = import(&records);
    let kinds: Vec<_> = tenant(&import.configuration, "SCHOOL").assets.iter().map(|it| it.kind).collect();
    assert_eq!(kinds, [AssetKind::Slide]);
    let reasons: Vec<_> =
        broken(&import).into_iter().filter(|it| it.0 == "rest.asset").map(|it| it.2).collect();
    assert!(reasons[0].contains("base64") && reasons[0].ends_with("(asset of tenant SCHOOL)"), "{reasons:?}");
    assert!(reasons[1].contains("gone.css is not in the dump"), "{reasons:?}");
}

#[test]
fn wrong_fields_are_named_and_never_shown() {
    let wrong = [
        ("cluster", json!(uuid(1)), "load_a_factor", json!("hidden"), "load_a_factor: must be a number"),
        ("node", json!(uuid(31)), "maintenance", json!("hidden"), "maintenance: must be true or false"),
        ("node", json!(uuid(31)), "secret", json!(["hidden"]), "secret: must be text"),
        ("node", json!(uuid(31)), "cluster", Value::Null, "cluster: is missing"),
        (
            "secret",
            json!(uuid(52)),
            "secret",
            json!({"hidden": 1}),
            "secret: must be text (secret of tenant SCHOOL)",
        ),
        ("secret", json!(uuid(52)), "sub_id", json!(70_000), "sub_id: must be a whole number"),
        ("tenant", json!(uuid(42)), "meeting_limit", json!(-1), "meeting_limit: must be a whole number"),
        (
            "parameter",
            json!(5),
            "mode",
            json!("hidden"),
            "mode: must be BLOCK, SET or OVERRIDE (rule of tenant CLUB)",
        ),
    ];
    for (model, pk, field, value, reason) in wrong {
        let mut records = import_dump::of_3_3();
        fields(&mut records, model, &pk)[field] = value;
        let report = import(&records).report;
        let found = report
            .broken
            .iter()
            .any(|it| it.model == format!("rest.{model}") && it.reason.starts_with(reason));
        assert!(found, "{model} {field}: {:?}", report.broken);
        assert!(!format!("{report:?}").contains("hidden"), "{model} {field}");
    }
}

#[test]
fn values_that_the_daemon_may_refuse_go_through() {
    let mut records = import_dump::of_3_3();
    fields(&mut records, "secret", &json!(uuid(51)))["secret"] = json!("short");
    fields(&mut records, "tenant", &json!(uuid(42)))["slug"] = json!("C-1");
    records.push(record("parameter", 9, &json!({"mode": "SET", "parameter": "x y", "tenant": uuid(41)})));
    let configuration = import(&records).configuration;
    let school = tenant(&configuration, "SCHOOL");
    assert_eq!(school.secrets[0].secret.as_ref().unwrap().reveal(), "short");
    assert!(school.parameters.iter().any(|it| it.name == "x y" && it.value.is_none()));
    assert_eq!(tenant(&configuration, "C-1").group, "spare");
}

#[test]
fn entries_that_are_no_records_are_told_by_number() {
    let records = [
        json!(7),
        json!({"model": "rest.node", "fields": {}}),
        json!({"pk": 1}),
        json!({"model": "a", "pk": 1}),
    ];
    let report = import(&records).report;
    let told: Vec<_> =
        report.broken.iter().map(|it| format!("{} {} {}", it.model, it.pk, it.reason)).collect();
    let expected = [
        "record number 1 is not an object",
        "record number 2 of rest.node has no primary key",
        "record number 3 has no model",
        "record number 4 of a has no fields",
    ];
    assert_eq!(told, expected);
}

#[test]
fn other_files_are_refused_as_a_whole() {
    assert_eq!(convert("{}", Options::default()), Err("is not a list of records".to_owned()));
    let error = convert("[{\"model\":", Options::default()).unwrap_err();
    assert!(error.starts_with("is not JSON: EOF"), "{error}");
    assert_eq!(taken(&convert("\u{feff}[]", Options::default()).unwrap()), [0; 8]);
}
