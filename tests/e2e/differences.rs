//! What a BBB client could notice of us: findings 17 to 27.

use std::time::Duration;

use harness::{Form, Receiver, Reply, StrictXml, Via, World, eventually, raw, raw_request};
use rpc::NodeState;
use serde_json::Value;
use simnode::{Options, Scope};

use crate::support::{asked, polled_again};

const LOOPBACK: (&str, &str) = ("CALLBACK_NETWORKS", "127.0.0.0/8");
const FORM: &str = "application/x-www-form-urlencoded";

#[tokio::test]
async fn finding_17_grouped_numbers_count() {
    let options = Options { grouped_numbers: true, ..Options::default() };
    let world = World::start_of(1, options, &[("POLL_INTERVAL", "0.2")]).await;
    world.foo.create("room").await;
    world.nodes[0].set_attendees("room", 1202);
    eventually("all are counted", || async {
        (world.node_view(1).await.attendees == Some(1202)).then_some(())
    })
    .await;
    let list = world.foo.get("getMeetings", &[]).await;
    assert_eq!(list.text("participantCount").as_deref(), Some("1,202"), "as the node wrote it");
}

#[tokio::test]
async fn finding_18_paths_are_read_as_generously_as_bbbs() {
    let world = World::start(1).await;
    let foo = world.foo.by(Form::Host);
    let params = [("meetingID", "room"), ("name", "A meeting"), ("fullName", "Ada"), ("role", "VIEWER")];
    let query = harness::client::encode(&params);
    for prefix in [
        "/bigbluebutton/api//",
        "//bigbluebutton/api/",
        "/bigbluebutton//api///",
        "/b3lb/t/foo/bbb/api//",
        "/b3lb/t/foo/bbb/bigbluebutton/api/",
        "/b3lb/t/foo/bbb//bigbluebutton/api//",
    ] {
        for (call, end) in [("create", ""), ("join", "/"), ("getMeetingInfo", ""), ("getMeetings", "/")] {
            let checksum = foo.checksum(call, &query);
            let url = format!("http://{}{prefix}{call}{end}?{query}&checksum={checksum}", foo.address);
            let answer = foo.send(foo.request("GET", &url)).await;
            let good = if call == "join" { answer.status == 302 } else { answer.ok() };
            assert!(good, "{url}: {answer:?}");
        }
    }
    for index in
        ["/bigbluebutton", "/bigbluebutton/", "/bigbluebutton/api/", "/b3lb/t/foo/bbb/bigbluebutton/"]
    {
        for method in ["GET", "HEAD", "POST"] {
            let answer = foo.send(foo.request(method, &format!("http://{}{index}", foo.address))).await;
            assert_eq!(answer.status, 200, "{method} {index}");
            assert_eq!(answer.body.is_empty(), method == "HEAD", "{method} {index}");
        }
    }
    let target = format!("{}?checksum={}", foo.path("getMeetings"), foo.checksum("getMeetings", ""));
    for host in ["foo.b3lb.test.", "FOO.b3lb.test.:8080"] {
        let answer =
            raw(foo.address, &raw_request("GET", target.as_bytes(), &[("host", host)], b"")).await.unwrap();
        assert!(answer.body.contains("<meetingID>room</meetingID>"), "{host}: {answer:?}");
    }
}

#[tokio::test]
async fn finding_19_long_texts_reach_the_node() {
    let world = World::start(1).await;
    let node = &world.nodes[0];
    for (n, size) in [3_000, 9_000, 70_000, 400_000].into_iter().enumerate() {
        let id = format!("room {n}");
        let text = "Grüße & <b>Welt</b>\n".repeat(size / 20);
        let params = [("meetingID", id.as_str()), ("name", "A meeting"), ("moderatorOnlyMessage", &text)];
        for repeat in [false, true] {
            let created = world.foo.post_form("create", &params).await;
            assert!(created.ok(), "{size}, again: {repeat}: {:.300}", created.body);
        }
        assert_eq!(node.meeting(&id).unwrap().param("moderatorOnlyMessage"), Some(text.as_str()), "{size}");
        let message = [("meetingID", id.as_str()), ("message", &text), ("userName", "Ada")];
        // BBB takes no chat message of that length, in its own words.
        let answer = world.foo.post_form("sendChatMessage", &message).await;
        assert!(answer.status == 200 && answer.key() != "internalError", "{size}: {answer:?}");
        asked(node, "sendChatMessage", &id).await;
    }
    // By GET up to what our own front end takes.
    let text = "x".repeat(30_000);
    let params = [("meetingID", "by-get"), ("name", "A meeting"), ("welcome", &text)];
    assert!(world.foo.get("create", &params).await.ok());
    assert_eq!(node.meeting("by-get").unwrap().param("welcome"), Some(text.as_str()));
}

#[tokio::test]
async fn finding_19_long_texts_and_the_tenants_slide() {
    let world = World::start(1).await;
    let file = world.folder().join("slide.pdf");
    std::fs::write(&file, b"%PDF-1.4 slide").unwrap();
    let added = world.daemon.cli(&["asset", "set", "FOO", "--slide", file.to_str().unwrap()]).await;
    assert!(added.status.success(), "{added:?}");
    let text = "x".repeat(20_000);
    let params = [("meetingID", "room"), ("name", "A meeting"), ("welcome", &text)];
    assert!(world.foo.post_form("create", &params).await.ok());
    let meeting = world.nodes[0].meeting("room").unwrap();
    assert_eq!(meeting.param("welcome"), Some(text.as_str()));
    assert!(meeting.param("preUploadedPresentation").is_some_and(|url| url.ends_with("/b3lb/t/foo/slide")));
}

#[tokio::test]
async fn finding_19_forms_may_be_signed_as_bbb_signs_them() {
    let world = World::start(1).await;
    let foo = &world.foo;
    // As it is sent, and what BBB works out of it.
    let body = "name=A%20%c3%a4%7e&meetingID=room&welcome=+a%0Ab+";
    let signed = "meetingID=room&name=A+%C3%A4%7E&welcome=ab";
    for (text, good) in [(body, true), (signed, true), ("meetingID=room", false), ("", false)] {
        let request = foo.request("POST", &foo.url("create")).header("content-type", FORM);
        let answer =
            foo.send(request.body(format!("{body}&checksum={}", foo.checksum("create", text)))).await;
        assert_eq!(answer.ok(), good, "{text}: {answer:?}");
        assert!(good || answer.key() == "checksumError");
    }
    assert_eq!(world.nodes[0].meeting("room").unwrap().param("welcome"), Some(" a\nb "));
    // XML is XML, whatever its label says.
    let url = foo.signed_url("create", &[("meetingID", "with slides"), ("name", "A meeting")]);
    let xml =
        "<modules><module name=\"presentation\"><document name=\"a.pdf\">QUJD</document></module></modules>";
    let answer = foo.send(foo.request("POST", &url).header("content-type", FORM).body(xml)).await;
    assert!(answer.ok(), "{answer:?}");
    assert_eq!(world.nodes[0].meeting("with slides").unwrap().documents.len(), 1);
}

#[tokio::test]
async fn finding_20_slides_by_url_have_their_time() {
    let settings = [("NODE_REQUEST_TIMEOUT", "0.5"), ("NODE_CREATE_TIMEOUT", "20"), ("POLL_INTERVAL", "0.2")];
    let world = World::start_with(2, &settings).await;
    for node in &world.nodes {
        node.set_fetch_time(Duration::from_millis(1500));
    }
    let xml = "<modules><module name=\"presentation\"><document url=\"http://lms.example/a.pdf\"/></module></modules>";
    let created = world.foo.post_xml("create", &[("meetingID", "room"), ("name", "A meeting")], xml).await;
    assert!(created.ok(), "{created:?}");
    let params = [
        ("meetingID", "other"),
        ("name", "A meeting"),
        ("preUploadedPresentation", "http://lms.example/a.pdf"),
    ];
    assert!(world.foo.get("create", &params).await.ok());
    assert_eq!(world.asked("create").len(), 2, "each is sent once");
    assert_eq!(world.hosts_of("room").len(), 1);
    let inserted = world.foo.post_xml("insertDocument", &[("meetingID", "room")], xml).await;
    assert!(inserted.ok(), "{inserted:?}");
    for n in 1..=2 {
        assert_eq!(world.node_view(n).await.state, NodeState::Up);
    }
}

#[tokio::test]
async fn finding_20_what_is_not_known_is_said() {
    let settings = [("NODE_REQUEST_TIMEOUT", "0.3"), ("NODE_DOWN_AFTER", "1000")];
    let world = World::start_with(1, &settings).await;
    world.nodes[0].fail(simnode::Fault::HandleThenHang, Scope::call("create"));
    let answer = world.foo.get("create", &[("meetingID", "room"), ("name", "A meeting")]).await;
    assert_eq!(answer.key(), "internalError", "{answer:?}");
    let message = answer.text("message").unwrap();
    assert!(message.contains("may still be created") && !message.contains("No Node"), "{message}");
}

#[tokio::test]
async fn finding_23_analytics_come_signed_with_the_clients_own_secret() {
    let world = World::start_with(1, &[LOOPBACK, ("POLL_INTERVAL", "0.2")]).await;
    let receiver = Receiver::start(Reply::Status(200)).await;
    let node = &world.nodes[0];
    let url = receiver.url("/analytics?course=7");
    for (n, name) in ["meta_analytics-callback-url", "meta_Analytics-Callback-URL"].into_iter().enumerate() {
        let id = format!("room-{n}");
        let params = [
            ("meetingID", id.as_str()),
            ("name", "A meeting"),
            ("meetingKeepEvents", "true"),
            (name, url.as_str()),
        ];
        assert!(world.foo.get("create", &params).await.ok());
        let sent = node.meeting(&id).unwrap();
        assert!(sent.meta("analytics-callback-url").unwrap().contains("/b3lb/b/meeting/analytics?nonce="));
        // Told while the meeting goes on, or after its end was noticed.
        if n == 0 {
            assert!(node.send_analytics(&id));
        } else {
            assert!(node.end_meeting(&id));
        }
        eventually("it is handed on", || async { (receiver.posts().len() == n + 1).then_some(()) }).await;
    }
    for post in receiver.posts() {
        let token = post.authorization.strip_prefix("Bearer ").expect("a token");
        let verify = |key: &str| b3lbd::bbb::verify_token(token, key, jiff_now());
        assert!(verify(&world.foo.key).is_some() && verify(&node.secret()).is_none(), "{token}");
        let json: Value = serde_json::from_slice(&post.body).unwrap();
        assert!(json["meeting_id"].as_str().unwrap().starts_with("room-"), "{json}");
    }
    // Who does not know the node's secret posts in vain.
    let params =
        [("meetingID", "other"), ("name", "A meeting"), ("meta_analytics-callback-url", url.as_str())];
    assert!(world.foo.get("create", &params).await.ok());
    let ours = node.meeting("other").unwrap().meta("analytics-callback-url").unwrap().to_owned();
    let ours = ours.replace("https://b3lb.test", &format!("http://{}", world.daemon.address()));
    let forged = b3lbd::bbb::sign_token(b3lbd::bbb::TokenAlgorithm::Hs512, "guess", jiff_now()).unwrap();
    for token in ["", &forged] {
        let post = world.foo.request("POST", &ours).header("authorization", format!("Bearer {token}"));
        assert_eq!(world.foo.send(post.body("{}")).await.status, 204);
    }
    polled_again(node).await;
    assert_eq!(receiver.posts().len(), 2);
}

/// Seconds since 1970.
fn jiff_now() -> i64 {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    i64::try_from(now.as_secs()).unwrap()
}

#[tokio::test]
async fn finding_24_an_accepted_end_is_believed_at_once() {
    // The next ordinary poll is far away.
    let world = World::start_with(1, &[("POLL_INTERVAL", "600")]).await;
    for n in 0..5 {
        let id = format!("room-{n}");
        world.foo.create(&id).await;
        assert!(world.foo.get("end", &[("meetingID", &id), ("password", "x")]).await.ok());
    }
    eventually("the list is empty", || async {
        (world.foo.get("getMeetings", &[]).await.key() == "noMeetings").then_some(())
    })
    .await;
    // So is the node's own word.
    world.foo.create("gone").await;
    world.nodes[0].forget_meeting("gone");
    let info = world.foo.get("getMeetingInfo", &[("meetingID", "gone")]).await;
    assert_eq!(info.key(), "notFound");
    eventually("the list is empty", || async {
        (world.foo.get("getMeetings", &[]).await.key() == "noMeetings").then_some(())
    })
    .await;
}

#[tokio::test]
async fn finding_25_people_show_soon_after_they_have_joined() {
    let world = World::start_with(1, &[("POLL_INTERVAL", "600")]).await;
    world.foo.create("room").await;
    let join = [("meetingID", "room"), ("fullName", "Ada"), ("role", "VIEWER")];
    let joined = world.foo.get("join", &join).await;
    let at_node = World::without_b3lb(&world.nodes[0]);
    let location = joined.location();
    let (_, query) = location.split_once('?').unwrap();
    assert_eq!(at_node.get_raw("join", query).await.status, 302);
    eventually("she is counted", || async {
        let list = world.foo.get("getMeetings", &[]).await;
        (list.text("participantCount").as_deref() == Some("1")).then_some(())
    })
    .await;
}

#[tokio::test]
async fn finding_26_a_browser_sees_a_page_and_programs_see_xml() {
    let world = World::start(1).await;
    let foo = &world.foo;
    let join = [("meetingID", "nowhere"), ("fullName", "Ada"), ("role", "VIEWER")];
    let ask = async |url: String, headers: &[(&str, &str)]| {
        let request =
            headers.iter().fold(foo.request("GET", &url), |it, (name, value)| it.header(*name, *value));
        foo.send(request).await
    };
    let browser = ("accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8");
    for (language, word) in
        [("de-CH,de;q=0.9", "Konferenz"), ("fr", "réunion"), ("es-MX", "reunión"), ("tr", "meeting")]
    {
        let page = ask(foo.signed_url("join", &join), &[browser, ("accept-language", language)]).await;
        assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"), "{page:?}");
        assert!(
            page.body.contains(word) && page.body.contains("invalidMeetingIdentifier"),
            "{language}: {page:?}"
        );
    }
    let page = ask(format!("{}?meetingID=nowhere&checksum=00", foo.url("join")), &[browser]).await;
    assert!(page.body.contains("checksumError") && page.body.starts_with("<!DOCTYPE html>"), "{page:?}");
    for accept in ["*/*", "application/xml", "text/xml"] {
        let xml = ask(foo.signed_url("join", &join), &[("accept", accept)]).await;
        assert_eq!(xml.key(), "invalidMeetingIdentifier", "{accept}");
    }
    let create = ask(foo.signed_url("create", &[("meetingID", "x")]), &[browser]).await;
    assert_eq!(create.key(), "sizeError", "other calls are for programs");
}

#[tokio::test]
async fn finding_26_refused_posts_can_be_answered() {
    let world = World::start(1).await;
    // Without a body that is read a little, the connection would be reset.
    for _ in 0..20 {
        let url = format!("{}?meetingID=room&checksum=00", world.foo.url("create"));
        let request = world.foo.request("POST", &url).header("content-type", "application/xml");
        let answer = world.foo.send(request.body("x".repeat(60_000))).await;
        assert_eq!(answer.key(), "checksumError");
    }
}

#[tokio::test]
async fn finding_26_callbacks_are_called_as_they_were_given() {
    let world = World::start_with(1, &[LOOPBACK]).await;
    let receiver = Receiver::start(Reply::Status(200)).await;
    let paths = ["/a/../b?c='d'", "/x//y/./z?'", "/ended?a=%27&b=%2F#top"];
    for (n, path) in paths.iter().enumerate() {
        let id = format!("room-{n}");
        let params =
            [("meetingID", id.as_str()), ("name", "A meeting"), ("meetingEndedURL", &receiver.url(path))];
        assert!(world.foo.get("create", &params).await.ok());
        world.nodes[0].end_meeting(&id);
        let expected = path.split('#').next().unwrap();
        eventually(expected, || async { receiver.calls().iter().any(|it| it == expected).then_some(()) })
            .await;
    }
}

#[tokio::test]
async fn finding_26_the_version_is_that_of_the_nodes() {
    let world = World::start_of(1, Options::of_version("2.7.3"), &[("POLL_INTERVAL", "0.2")]).await;
    for client in [world.foo.clone(), world.foo.under("nobody")] {
        eventually("the node's version", || async {
            let index = client.send(client.request("GET", &client.url(""))).await;
            (index.text("bbbVersion").as_deref() == Some("2.7.3")).then_some(())
        })
        .await;
    }
}

#[tokio::test]
async fn finding_26_sessions_are_those_of_the_secrets_own_meetings() {
    let options = Options { allow_requests_without_session: true, ..Options::default() };
    let world = World::start_of(2, options, &[]).await;
    let bar = world.add_tenant("BAR").await;
    assert_eq!(world.foo.get("getSessions", &[]).await.key(), "noSessions");
    let mut tokens = Vec::new();
    for (client, id) in [(&world.foo, "one"), (&world.foo, "two"), (&bar, "of bar")] {
        client.create(id).await;
        let join = [("meetingID", id), ("fullName", id), ("role", "MODERATOR"), ("redirect", "false")];
        tokens.push(client.get("join", &join).await.text("session_token").unwrap());
    }
    let mut parser = StrictXml::start();
    for via in [Via::Get, Via::PostForm] {
        let sessions = world.foo.call(via, "getSessions", &[]).await;
        assert_eq!(parser.check(sessions.body.as_bytes()), Ok(()));
        let mut names = sessions.texts("userName");
        names.sort();
        assert_eq!(names, ["one", "two"], "{sessions:?}");
        assert_eq!(bar.call(via, "getSessions", &[]).await.texts("userName"), ["of bar"]);
    }
    for (n, token) in tokens.iter().enumerate() {
        for (client, own) in [(&world.foo, n < 2), (&bar, n == 2)] {
            for call in ["getJoinUrl", "learningDashboard"] {
                let answer = client.get(call, &[("sessionToken", token)]).await;
                let success = answer.body.contains("\"SUCCESS\"");
                // A node that has meetings of both knows the session of either.
                assert!(success || !own, "{call} {n} by {}: {answer:?}", client.label);
            }
        }
    }
    let nobody = world.foo.get("getJoinUrl", &[("sessionToken", "guess")]).await;
    assert!(nobody.status == 200 && !nobody.body.contains("SUCCESS"), "{nobody:?}");
}

#[tokio::test]
async fn finding_27_names_belong_to_join_and_layouts_to_versions() {
    let world = World::start_of(1, Options::of_version("4.0.1"), &[("POLL_INTERVAL", "0.2")]).await;
    let set = async |words: &[&str]| {
        let done = world.daemon.cli(&[&["param", "set", "FOO"], words].concat()).await;
        (done.status.success(), String::from_utf8(done.stderr).unwrap())
    };
    assert!(set(&["firstName", "Ada"]).await.0);
    world.foo.create("room").await;
    assert_eq!(world.nodes[0].meeting("room").unwrap().param("firstName"), None);
    let joined = world.foo.get("join", &[("meetingID", "room"), ("role", "VIEWER")]).await;
    assert!(joined.location().contains("firstName=Ada"), "{joined:?}");
    eventually("a warning", || async {
        let (success, said) = set(&["meetingLayout", "SMART_LAYOUT"]).await;
        (success && said.contains("BBB 4.0.1") && said.contains("does not support SMART_LAYOUT"))
            .then_some(())
    })
    .await;
    let (_, said) = set(&["meetingLayout", "UNIFIED_LAYOUT"]).await;
    assert_eq!(said, "");
    set(&["meetingLayout", "VIDEO_FOCUS"]).await;
    let name = format!("n1.localhost:{}", world.nodes[0].port());
    let check = world.daemon.cli(&["node", "check", &name]).await;
    let said = String::from_utf8(check.stdout).unwrap();
    assert!(said.contains("sets meetingLayout to VIDEO_FOCUS, which BBB 4.0.1 does not know"), "{said}");
}
