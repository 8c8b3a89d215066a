//! Calls that are answered without any meeting, and methods that no call takes.

use harness::{STYLES, World};

use super::{BLOCKED, PASSED_THROUGH, XML};

#[tokio::test]
async fn the_root_tells_its_version_to_everybody() {
    let world = World::start(0).await;
    let stranger = world.foo.under("nobody");
    for client in [&world.foo, &stranger] {
        for (form, _) in STYLES {
            let client = client.by(form);
            let with_slash = client.url("");
            let without = with_slash.trim_end_matches('/');
            let urls = ["", "?checksum=wrong", "?foo=%ff"].iter();
            for url in urls.flat_map(|query| [format!("{with_slash}{query}"), format!("{without}{query}")]) {
                for method in ["GET", "POST"] {
                    let answer = client.send(client.request(method, &url)).await;
                    let case = format!("{method} {url}: {answer:?}");
                    assert!(answer.ok() && answer.header("content-type") == Some(XML), "{case}");
                    assert_eq!(answer.text("version").as_deref(), Some("2.0"), "{case}");
                    assert_eq!(answer.text("apiVersion").as_deref(), Some("2.0"), "{case}");
                    assert!(answer.text("bbbVersion").is_some_and(|it| !it.is_empty()), "{case}");
                }
            }
        }
    }
}

#[tokio::test]
async fn there_are_no_recordings() {
    let world = World::start(0).await;
    for (form, via) in STYLES {
        let foo = world.foo.by(form);
        for params in [&[][..], &[("meetingID", "room"), ("recordID", "a,b"), ("state", "any")]] {
            let case = format!("{form:?} {via:?} {params:?}");
            let list = foo.call(via, "getRecordings", params).await;
            assert!(list.ok() && list.header("content-type") == Some(XML), "{case}: {list:?}");
            assert!(list.body.contains("<recordings/>"), "{case}: {list:?}");
            assert_eq!(list.key(), "noRecordings", "{case}");

            let tracks = foo.call(via, "getRecordingTextTracks", params).await;
            let expected = concat!(
                r#"{"response":{"returncode":"FAILED","messageKey":"noRecordings","#,
                r#""message":"No recording found"}}"#
            );
            assert_eq!((tracks.status, tracks.body.as_str()), (200, expected), "{case}");
            let content_type = tracks.header("content-type").unwrap_or_default();
            assert!(content_type.starts_with("application/json"), "{case}: {content_type}");
        }
    }
}

#[tokio::test]
async fn finding_22_recordings_are_never_found_and_no_exception() {
    let world = World::start(1).await;
    for call in ["publishRecordings", "deleteRecordings", "updateRecordings"] {
        for (form, via) in STYLES {
            let params = [("recordID", "a,b"), ("publish", "true"), ("meta_x", "y")];
            let answer = world.foo.by(form).call(via, call, &params).await;
            let case = format!("{call} {form:?} {via:?}: {answer:?}");
            assert_eq!((answer.status, answer.header("content-type")), (200, Some(XML)), "{case}");
            assert_eq!(
                (answer.returncode().as_str(), answer.key().as_str()),
                ("FAILED", "notFound"),
                "{case}"
            );
        }
        assert!(world.asked(call).is_empty(), "no node hears of {call}");
    }
    let url = world.foo.signed_url("putRecordingTextTrack", &[("recordID", "a"), ("kind", "subtitles")]);
    let upload = world.foo.request("POST", &url).header("content-type", "multipart/form-data; boundary=x");
    let answer = world.foo.send(upload.body("x".repeat(200_000))).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert!(answer.body.contains(r#""messageKey":"noRecordings""#), "{answer:?}");
}

#[tokio::test]
async fn calls_that_are_not_offered_are_refused_with_a_status() {
    let world = World::start(1).await;
    let unknown = ["hooks/create", "enter", "CREATE", "create/x", "x", "getMeetings.xml"];
    let all = unknown.map(|call| (call, 404)).into_iter().chain([("getDefaultConfigXML", 403)]);
    for (call, status) in all {
        for (form, via) in STYLES {
            let answer = world.foo.by(form).call(via, call, &[("meetingID", "room")]).await;
            let case = format!("{call} {form:?} {via:?}: {answer:?}");
            assert_eq!((answer.status, answer.header("content-type")), (status, Some(XML)), "{case}");
            assert_eq!(
                (answer.returncode().as_str(), answer.key().as_str()),
                ("FAILED", "unsupportedRequest"),
                "{case}"
            );
        }
        assert!(world.asked(call).is_empty(), "no node hears of {call}");
    }
}

#[tokio::test]
async fn other_methods_are_405_and_count_nothing() {
    let world = World::start(1).await;
    world.foo.create("room").await;
    let node = &world.nodes[0];
    let calls = ["create", "join", "isMeetingRunning", "getMeetings", "getRecordings", "unknown"];
    let params = [("meetingID", "room"), ("fullName", "Ada"), ("role", "VIEWER"), ("name", "A meeting")];
    node.clear_requests();
    for call in calls.into_iter().chain(PASSED_THROUGH).chain(BLOCKED) {
        let others: &[&str] = if call == "join" { &["POST"] } else { &[] };
        for method in ["HEAD", "PUT", "DELETE", "PATCH", "OPTIONS"].iter().chain(others) {
            for (form, _) in STYLES {
                let foo = world.foo.by(form);
                for url in [foo.signed_url(call, &params), foo.url(call)] {
                    let answer = foo.send(foo.request(method, &url)).await;
                    assert_eq!((answer.status, answer.body.as_str()), (405, ""), "{method} {url}");
                    assert!(answer.header("allow").is_some_and(|it| it.starts_with("GET")), "{method} {url}");
                }
            }
        }
        // The polls ask for getMeetings.
        assert!(call == "getMeetings" || node.count(call) == 0, "{call} reaches no node");
    }
    assert_eq!(world.foo.post_form("join", &params).await.status, 405);
    for path in ["", "/"].iter().flat_map(|slash| {
        ["/bigbluebutton", "/bigbluebutton/api", "/b3lb/t/foo/bbb/api"].map(|path| format!("{path}{slash}"))
    }) {
        let url = format!("http://{}{path}", world.foo.address);
        let answer = world.foo.send(world.foo.request("HEAD", &url)).await;
        assert_eq!((answer.status, answer.body.as_str()), (200, ""), "finding 18: HEAD {path}");
    }
    for path in ["/b3lb/ping", "/b3lb/t/foo/logo", "/b3lb/b/meeting/end", "/nowhere"] {
        let url = format!("http://{}{path}", world.foo.address);
        assert_eq!(world.foo.send(world.foo.request("HEAD", &url)).await.status, 405, "HEAD {path}");
    }
    assert!(node.meeting("room").is_some_and(|it| it.attendees.is_empty()), "nobody has joined");
}
