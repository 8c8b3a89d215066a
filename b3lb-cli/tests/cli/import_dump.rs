//! Dumps of B3LB in Django as written by `manage.py dumpdata rest`: small, but with every model.

#![allow(dead_code, reason = "not every test needs all of it")]

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

/// Slug of the one broken node: it has no secret.
pub(crate) const BROKEN: &str = "n3";

/// The content of the slide.
pub(crate) const SLIDE: &[u8] = b"%PDF-1.4 welcome";

/// All models of B3LB 3.3, and the broken node.
pub(crate) fn of_3_3() -> Vec<Value> {
    let mut records = pool();
    records.extend(tenants());
    records.extend(files());
    records.extend(meetings());
    records.extend(recordings());
    records.extend(figures());
    records
}

/// The same pool as stored by B3LB 2.3: calls are signed with SHA-1, nothing is recorded, and the primary key
/// of a meeting is its id.
pub(crate) fn of_2_3() -> Vec<Value> {
    let later = ["rest.recordset", "rest.record", "rest.recordprofile", "rest.secretrecordprofilerelation"];
    let later_fields =
        ["sha_function", "recording_enabled", "records_hold_time", "end_callback_url", "nonce", "uuid"];
    let mut records = of_3_3();
    records.retain(|record| !later.iter().any(|model| record["model"] == *model));
    for record in &mut records {
        let fields = record["fields"].as_object_mut().unwrap();
        for field in later_fields {
            fields.remove(field);
        }
        if let Some(id) = fields.remove("id") {
            record["pk"] = id;
        }
    }
    records
}

/// The file.
pub(crate) fn text(records: &[Value]) -> String {
    serde_json::to_string_pretty(records).unwrap()
}

/// A key as long as B3LB's own.
pub(crate) fn key(letter: char) -> String {
    letter.to_string().repeat(42)
}

/// A primary key.
pub(crate) fn uuid(number: u32) -> String {
    format!("00000000-0000-4000-8000-{number:012}")
}

/// A record.
pub(crate) fn record(model: &str, pk: impl Into<Value>, fields: &Value) -> Value {
    json!({"model": format!("rest.{model}"), "pk": pk.into(), "fields": fields})
}

fn pool() -> Vec<Value> {
    let cluster = |number, name: &str, sha: &str, meeting_factor| {
        let fields = json!({
            "name": name, "load_a_factor": 1.5, "load_m_factor": meeting_factor,
            "load_cpu_iterations": 6, "load_cpu_max": 5000, "sha_function": sha,
        });
        record("cluster", uuid(number), &fields)
    };
    let node = |number, slug: &str, cluster, secret: Option<String>, maintenance: bool| {
        let fields = json!({
            "slug": slug, "domain": "bbb.example.org", "secret": secret, "cluster": uuid(cluster),
            "attendees": 12, "meetings": 1, "cpu_load": 2350, "has_errors": false, "maintenance": maintenance,
        });
        record("node", uuid(number), &fields)
    };
    let relation = |number, group, cluster| {
        let fields = json!({"cluster_group": uuid(group), "cluster": uuid(cluster)});
        record("clustergrouprelation", uuid(number), &fields)
    };
    let list = json!({"xml": "<response/>"});
    vec![
        cluster(1, "main", "sha256", 30.0),
        cluster(2, "old", "sha1", 20.0),
        record("clustergroup", uuid(11), &json!({"name": "schools", "description": "All schools"})),
        record("clustergroup", uuid(12), &json!({"name": "spare", "description": null})),
        relation(21, 11, 1),
        relation(22, 11, 2),
        relation(23, 12, 2),
        relation(24, 12, 2),
        node(31, "n1", 1, Some("node-secret-1".to_owned()), false),
        node(32, "n2", 2, Some("node-secret-2".to_owned()), true),
        node(33, BROKEN, 1, None, false),
        record("nodemeetinglist", uuid(31), &list),
        record("nodemeetinglist", uuid(32), &list),
    ]
}

fn tenants() -> Vec<Value> {
    let tenant = |number, slug: &str, group, limits: (u32, u32), recording: bool| {
        let fields = json!({
            "slug": slug, "description": format!("The {slug}"), "stats_token": uuid(900 + number),
            "cluster_group": uuid(group), "attendee_limit": limits.0, "meeting_limit": limits.1,
            "recording_enabled": recording, "records_hold_time": 14,
        });
        record("tenant", uuid(number), &fields)
    };
    let secret = |number, tenant, sub_id, keys: (String, String), limits: (u32, u32)| {
        let fields = json!({
            "tenant": uuid(tenant), "description": if sub_id == 0 { "" } else { "Moodle" }, "sub_id": sub_id,
            "secret": keys.0, "secret2": keys.1, "attendee_limit": limits.0, "meeting_limit": limits.1,
            "recording_enabled": true, "records_hold_time": 14,
        });
        record("secret", uuid(number), &fields)
    };
    let parameter = |number: u32, tenant, mode: &str, name: &str, value: Option<&str>| {
        let fields = json!({"mode": mode, "parameter": name, "tenant": uuid(tenant), "value": value});
        record("parameter", number, &fields)
    };
    vec![
        tenant(41, "SCHOOL", 11, (500, 50), true),
        tenant(42, "CLUB", 12, (0, 0), false),
        secret(51, 41, 0, (key('a'), String::new()), (0, 0)),
        secret(52, 41, 12, (key('b'), key('c')), (100, 10)),
        secret(53, 42, 0, (key('d'), String::new()), (0, 0)),
        record("secretmeetinglist", uuid(51), &json!({"xml": "<response/>"})),
        record("secretmetricslist", 1, &json!({"secret": uuid(51), "metrics": "b3lb_attendees 12"})),
        record("secretmetricslist", 2, &json!({"secret": null, "metrics": "b3lb_attendees 12"})),
        parameter(1, 41, "SET", "muteOnStart", Some("true")),
        parameter(2, 41, "OVERRIDE", "userdata-bbb_auto_join_audio", Some("true")),
        parameter(3, 41, "BLOCK", "webcamsOnlyForModerator", Some("true")),
        parameter(4, 41, "SET", "logoutURL", Some("https://school.example.org/")),
        parameter(5, 42, "OVERRIDE", "role", Some("VIEWER")),
    ]
}

/// The storage of the old B3LB keeps base64 in a binary field, which the dump encodes in base64 again.
fn files() -> Vec<Value> {
    let stored = |model: &str, name: &str| format!("rest.{model}/blob/filename/mimetype/{name}");
    let file = |model: &str, number: u32, name: &str, content: &[u8], mimetype: &str| {
        let blob = STANDARD.encode(STANDARD.encode(content));
        let fields = json!({"blob": blob, "filename": stored(model, name), "mimetype": mimetype});
        record(&model.to_lowercase(), number, &fields)
    };
    let asset = json!({
        "slide": stored("AssetSlide", "welcome_3RCxGDk.pdf"), "slide_filename": "Willkommen",
        "logo": stored("AssetLogo", "logo.png"), "custom_css": stored("AssetCustomCSS", "school.css"),
    });
    let none = json!({"slide": "", "slide_filename": null, "logo": "", "custom_css": null});
    vec![
        file("AssetSlide", 1, "welcome_3RCxGDk.pdf", SLIDE, "application/pdf"),
        file("AssetSlide", 2, "replaced.pdf", SLIDE, "application/pdf"),
        file("AssetLogo", 1, "logo.png", b"\x89PNG\r\n\x1a\n", "image/png"),
        file("AssetCustomCSS", 1, "school.css", b"body { color: navy }", "text/css"),
        record("asset", uuid(41), &asset),
        record("asset", uuid(42), &none),
    ]
}

fn meetings() -> Vec<Value> {
    let meeting = |number, id: &str, secret, node, url: &str| {
        let fields = json!({
            "id": id, "secret": uuid(secret), "node": uuid(node), "room_name": format!("Room {id}"),
            "age": "2026-11-22T08:00:01.800Z", "attendees": 12, "end_callback_url": url, "listenerCount": 2,
            "nonce": key('n'), "voiceParticipantCount": 3, "moderatorCount": 1, "videoCount": 4,
            "bbb_origin": "Greenlight", "bbb_origin_server_name": "rooms.example.org",
        });
        record("meeting", uuid(number), &fields)
    };
    vec![
        meeting(61, "room-1", 51, 31, "https://rooms.example.org/ended?x=1"),
        meeting(62, "room-1", 52, 32, ""),
    ]
}

fn recordings() -> Vec<Value> {
    let set = json!({
        "secret": uuid(51), "meeting": uuid(61), "created_at": "2026-11-22T08:00:01.800Z",
        "recording_archive": "", "recording_ready_origin_url": "", "nonce": key('o'), "status": "UNKNOWN",
        "file_path": "record/ab/cd", "meta_bbb_origin": "", "meta_bbb_origin_version": "",
        "meta_bbb_origin_server_name": "", "meta_is_breakout": false, "meta_end_callback_url": "",
        "meta_meeting_id": "room-1", "meta_meeting_name": "", "meta_start_time": "", "meta_end_time": "",
        "meta_participants": 0,
    });
    let profile = json!({
        "description": "Presentation Only", "name": "presentation", "width": 1920, "height": 1080,
        "webcam_size": 0, "crop_webcam": false, "stretch_webcam": false, "backdrop": "", "annotations": true,
        "mime_type": "video/mp4", "file_extension": "mp4", "is_default": true,
    });
    let made = json!({
        "file": "record/ab/cd/presentation.mp4", "profile": uuid(72), "name": "Lesson", "gl_listed": false,
        "published": true, "record_set": uuid(71), "uploaded_at": "2026-11-22T09:00:00Z", "nonce": key('p'),
    });
    let relation = json!({"secret": uuid(51), "record_profile": uuid(72)});
    vec![
        record("recordset", uuid(71), &set),
        record("recordprofile", uuid(72), &profile),
        record("record", uuid(73), &made),
        record("secretrecordprofilerelation", uuid(74), &relation),
    ]
}

fn figures() -> Vec<Value> {
    let stats = json!({
        "tenant": uuid(41), "attendees": 12, "meetings": 1, "listenerCount": 2, "voiceParticipantCount": 3,
        "moderatorCount": 1, "videoCount": 4, "bbb_origin": "Greenlight",
        "bbb_origin_server_name": "rooms.example.org",
    });
    let metric =
        |name: &str, node: Value| json!({"name": name, "secret": uuid(51), "node": node, "value": 7});
    vec![
        record("stats", uuid(81), &stats),
        record("metric", 1, &metric("attendees_total", json!(uuid(31)))),
        record("metric", 2, &metric("meeting_limit_hits", Value::Null)),
    ]
}
