//! Bytes that are no text, and characters that have no place where they are.

use harness::{Answer, CALLS, Client, Form, StrictXml, World, raw, raw_request};

const GOOD: &str = "meetingID=room&name=A+room&fullName=Ada&role=VIEWER&message=Hi";

/// A signed call with that query, by GET or with a form body.
async fn send(client: &Client, call: &str, query: &str, post: bool) -> Answer {
    let query = format!("{query}&checksum={}", client.checksum(call, query));
    if !post {
        return client.get_raw(call, &query).await;
    }
    let request = client.request("POST", &client.url(call)).body(query);
    client.send(request.header("content-type", "application/x-www-form-urlencoded")).await
}

#[tokio::test]
async fn what_is_not_text_is_refused_by_every_call() {
    let world = World::start(1).await;
    world.foo.create("room").await;
    let node = &world.nodes[0];
    node.clear_requests();
    // Not UTF-8, overlong, a surrogate, broken percent sequences.
    let bad = ["%ff", "a%c3", "%c0%80", "%ed%a0%80", "%f4%90%80%80", "%", "%4", "%zz", "a%%", "%+1"];
    // These two are refused whatever comes with them.
    let unread = ["putRecordingTextTrack", "getDefaultConfigXML"];
    for call in CALLS.into_iter().filter(|call| !unread.contains(call)) {
        for form in [Form::Host, Form::Path] {
            for bad in bad {
                for query in [
                    format!("{GOOD}&x={bad}"),
                    format!("{GOOD}&{bad}=x"),
                    format!("x={bad}&{GOOD}"),
                    format!("{GOOD}&{bad}"),
                    format!("{GOOD}&x=1&x={bad}"),
                ] {
                    for post in [false, true] {
                        if call == "join" && post {
                            continue;
                        }
                        let answer = send(&world.foo.by(form), call, &query, post).await;
                        let case = format!("{call} {form:?} {query}, POST: {post}: {answer:?}");
                        assert_eq!((answer.status, answer.returncode().as_str()), (200, "FAILED"), "{case}");
                        assert_eq!(answer.key(), "validationError", "{case}");
                    }
                }
            }
        }
        assert!(call == "getMeetings" || node.count(call) == 0, "{call} reaches no node");
    }
}

#[tokio::test]
async fn control_characters_have_no_place_in_ids_and_names() {
    let world = World::start(1).await;
    for bad in ["%09", "%0a", "%0d", "%0d%0aX:+y", "%7f", "%c2%80", "%c2%85", "%c2%9f"] {
        for query in [
            format!("meetingID=ro{bad}om&name=A+room"),
            format!("meetingID=room&name=A{bad}room"),
            format!("meetingID=room&name=A+room{bad}"),
        ] {
            for post in [false, true] {
                let answer = send(&world.foo, "create", &query, post).await;
                assert_eq!(answer.key(), "validationError", "{query}: {answer:?}");
            }
        }
        for call in [
            "join",
            "isMeetingRunning",
            "end",
            "getMeetingInfo",
            "insertDocument",
            "sendChatMessage",
            "setConfigXML",
        ] {
            let answer = send(&world.foo, call, &format!("meetingID=ro{bad}om&fullName=Ada"), false).await;
            assert_eq!(answer.key(), "validationError", "{call} {bad}: {answer:?}");
        }
    }
    assert_eq!(world.nodes[0].meeting_count(), 0);
    let welcome =
        send(&world.foo, "create", "meetingID=%09room%0a&name=A+room&welcome=a%09b%0d%0ac", false).await;
    assert!(welcome.ok(), "line breaks are fine elsewhere: {welcome:?}");
    let meeting = world.nodes[0].meeting("room").expect("it is there");
    assert_eq!(meeting.param("welcome"), Some("a\tb\r\nc"));
}

#[tokio::test]
async fn finding_9_what_xml_cannot_hold_is_taken_out_of_every_value() {
    let world = World::start(1).await;
    let mut parser = StrictXml::start();
    for (n, bad) in ["%00", "%01", "%1b", "%1f", "%ef%bf%be", "%ef%bf%bf"].into_iter().enumerate() {
        let query = format!(
            "meetingID=ro{bad}om{n}&name=A{bad}+room&welcome={bad}&meta_x=1{bad}2&fullName=Ad{bad}a&role=VIEWER"
        );
        for post in [false, true] {
            assert!(send(&world.foo, "create", &query, post).await.ok(), "{query}");
        }
        assert_eq!(send(&world.foo, "join", &query, false).await.status, 302, "{query}");
        let meeting = world.nodes[0].meeting(&format!("room{n}")).expect("it is there");
        assert_eq!(meeting.name, "A room");
        assert_eq!(meeting.param("meta_x"), Some("12"));
        let list = world.foo.get("getMeetings", &[]).await;
        assert_eq!(parser.check(list.body.as_bytes()), Ok(()), "{list:?}");
        assert_eq!(list.texts("meetingID").len(), n + 1);
    }
}

#[tokio::test]
async fn bytes_that_are_no_text_at_all_are_refused() {
    let world = World::start(1).await;
    for (name, raw_bytes) in [
        ("Latin-1", &b"\xfc"[..]),
        ("half a letter", b"\xc3"),
        ("NUL", b"\0"),
        ("a space", b" x "),
        ("a quote", b"\"<>"),
    ] {
        let query = [b"meetingID=room&name=A+room&x=", raw_bytes].concat();
        let sum = world.foo.algorithm.hex(&[b"create", &query[..], world.foo.key.as_bytes()].concat());
        let query = [&query[..], b"&checksum=", sum.as_bytes()].concat();
        let target = [world.foo.path("create").as_bytes(), b"?", &query].concat();
        let answer = raw(world.foo.address, &raw_request("GET", &target, &[("host", "x")], b""))
            .await
            .expect("an answer");
        let refused = answer.status == 400 || (answer.status == 200 && answer.key() == "validationError");
        assert!(refused || name == "a quote", "{name} in a query: {answer:?}");

        let length = query.len().to_string();
        let headers = [
            ("host", "x"),
            ("content-type", "application/x-www-form-urlencoded"),
            ("content-length", &length),
        ];
        let request = raw_request("POST", world.foo.path("create").as_bytes(), &headers, &query);
        let answer = raw(world.foo.address, &request).await.expect("an answer");
        let text = matches!(name, "a space" | "a quote" | "NUL");
        assert_eq!(
            (answer.status, answer.key() == "validationError"),
            (200, !text),
            "{name} in a form: {answer:?}"
        );
    }
}

#[tokio::test]
async fn what_is_said_back_is_escaped() {
    let world = World::start(1).await;
    let nasty = "</meetingID><script>alert(1)</script>&<![CDATA[";
    let created = world.foo.get("create", &[("meetingID", nasty), ("name", nasty)]).await;
    assert!(created.ok(), "{created:?}");
    assert_eq!(created.text("meetingID").as_deref(), Some(nasty));
    world.nodes[0].refuse().await;
    let calls = ["create", "isMeetingRunning", "getMeetingInfo", "end", "getMeetings"];
    for call in calls {
        let answer = world.foo.get(call, &[("meetingID", nasty), ("name", nasty)]).await;
        assert!(
            !answer.body.contains("<script>") && answer.body.starts_with("<response>"),
            "{call}: {answer:?}"
        );
        assert!(answer.texts("meetingID").iter().all(|it| it == nasty), "{call}: {answer:?}");
    }
    let params = [
        ("meetingID", nasty),
        ("fullName", nasty),
        ("errorRedirectUrl", "https://x.example/\r\nSet-Cookie: a=b"),
    ];
    for id in [nasty, "nowhere"] {
        let params = [&[("meetingID", id)], &params[1..]].concat();
        let joined = world.foo.get("join", &params).await;
        assert!(
            joined.header("set-cookie").is_none() && !joined.location().contains([' ', '\r', '\n', '<', '"']),
            "{joined:?}"
        );
    }
}
