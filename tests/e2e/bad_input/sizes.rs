//! Too much of everything.

use harness::{Client, Form, World, raw, raw_request, world::soon};
use rpc::{MeetingFilter, NodeState, Page};
use simnode::Options;

use crate::support::polled_again;

const FORM: &str = "application/x-www-form-urlencoded";
const XML: &str = "application/xml";
const LIMIT: usize = 10_000;

type Headers<'a> = &'a [(&'a str, &'a str)];

/// A body as it is, and in chunks.
fn framings(body: &[u8]) -> [(&'static str, String, Vec<u8>); 2] {
    let mut chunked = Vec::new();
    for chunk in body.chunks(1000) {
        chunked.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
        chunked.extend_from_slice(chunk);
        chunked.extend_from_slice(b"\r\n");
    }
    chunked.extend_from_slice(b"0\r\n\r\n");
    [
        ("content-length", body.len().to_string(), body.to_vec()),
        ("transfer-encoding", "chunked".to_owned(), chunked),
    ]
}

/// Status of a POST with that body, for each framing.
async fn post(client: &Client, target: &str, content_type: &str, body: &str) -> Vec<(&'static str, u16)> {
    let mut seen = Vec::new();
    for (name, value, bytes) in framings(body.as_bytes()) {
        let headers = [("host", client.host()), ("content-type", content_type.into()), (name, value)];
        let headers = headers.each_ref().map(|(name, value)| (*name, value.as_str()));
        let answer = raw(client.address, &raw_request("POST", target.as_bytes(), &headers, &bytes)).await;
        seen.push((name, answer.expect("an answer").status));
    }
    seen
}

/// Path and query of a signed call.
fn target(client: &Client, call: &str, params: &[(&str, &str)]) -> String {
    let url = client.signed_url(call, params);
    format!("{}?{}", client.path(call), url.split_once('?').expect("a query").1)
}

#[tokio::test]
async fn bodies_over_the_limit_are_413() {
    let world = World::start_with(1, &[("MAX_BODY", &LIMIT.to_string())]).await;
    let node = &world.nodes[0];
    for form in [Form::Host, Form::Path] {
        let foo = world.foo.by(form);
        for (size, status) in
            [(LIMIT - 1, 200), (LIMIT, 200), (LIMIT + 1, 413), (20 * LIMIT, 413), (400 * LIMIT, 413)]
        {
            let id = format!("{form:?} {size}");
            node.clear_requests();
            // A query and an XML body.
            let create = target(&foo, "create", &[("meetingID", &id), ("name", "A room")]);
            let xml = format!("<modules>{}</modules>", " ".repeat(size - "<modules></modules>".len()));
            for (framing, seen) in post(&foo, &create, XML, &xml).await {
                assert_eq!(seen, status, "{form:?} create with {size} bytes of XML by {framing}");
            }
            // Everything in a form body.
            let end = format!("meetingID={id}&x=");
            let end = format!("{end}{}", "y".repeat(size - end.len() - "&checksum=".len() - 64));
            let body = format!("{end}&checksum={}", foo.checksum("isMeetingRunning", &end));
            assert_eq!(body.len(), size);
            for (framing, seen) in post(&foo, &foo.path("isMeetingRunning"), FORM, &body).await {
                assert_eq!(seen, status, "{form:?} isMeetingRunning with {size} bytes of form by {framing}");
            }
            let reached = ["create", "isMeetingRunning"].map(|call| node.count(call) > 0);
            assert_eq!(reached, [status == 200; 2], "{form:?} {size}");
        }
    }
}

/// What was not read of a request made the connection break off, and with it the end of a long answer.
#[tokio::test]
async fn a_get_with_a_body_is_answered_to_the_end() {
    let world = World::start(1).await;
    for n in 0..30 {
        let id = format!("room-{n}");
        world.foo.create(&id).await;
        world.nodes[0].set_attendees(&id, 60);
    }
    polled_again(&world.nodes[0]).await;
    for (framing, value, bytes) in framings(&[b'x'; 15_000]) {
        let headers = [("host", "x"), ("content-type", XML), (framing, value.as_str())];
        let list = raw_request("GET", target(&world.foo, "getMeetings", &[]).as_bytes(), &headers, &bytes);
        for _ in 0..10 {
            let answer = raw(world.foo.address, &list).await.expect("an answer");
            assert!(answer.body.len() > 500_000 && answer.body.ends_with("</response>"), "{framing}");
        }
    }
}

#[tokio::test]
async fn large_presentations_pass_by_default() {
    let world = World::start(1).await;
    let base64 = "QUJD".repeat(1_500_000);
    let document = format!("<document name=\"a.pdf\">{base64}</document>");
    let xml = format!("<modules><module name=\"presentation\">{document}</module></modules>");
    let answer = world.foo.post_xml("create", &[("meetingID", "room"), ("name", "A room")], &xml).await;
    assert!(answer.ok(), "{answer:?}");
    assert_eq!(world.nodes[0].meeting("room").map(|it| it.documents[0].inline), Some(base64.len()));
    let headers = [("host", "x"), ("content-type", XML), ("content-length", "33554433")];
    let create = target(&world.foo, "create", &[("meetingID", "room"), ("name", "A room")]);
    let answer = raw(world.foo.address, &raw_request("POST", create.as_bytes(), &headers, b"")).await;
    assert_eq!(answer.expect("an answer").status, 413, "more than 32 MiB");
}

#[tokio::test]
async fn heads_over_64_kib_are_refused() {
    let world = World::start(1).await;
    let foo = &world.foo;
    let get = async |target: &str, headers: Headers<'_>| {
        let headers = [&[("host", "foo.b3lb.test")], headers].concat();
        raw(foo.address, &raw_request("GET", target.as_bytes(), &headers, b""))
            .await
            .expect("an answer")
            .status
    };
    let create = |size: usize| {
        target(foo, "create", &[("meetingID", "room"), ("name", "A room"), ("welcome", &"w".repeat(size))])
    };
    assert_eq!(get(&create(60_000), &[]).await, 200);
    assert_eq!(world.nodes[0].meeting("room").and_then(|it| it.param("welcome").map(str::len)), Some(60_000));

    let (root, long) = ("/bigbluebutton/api", "x".repeat(66_000));
    let many: Vec<_> = (0..1000).map(|n| (format!("x-{n}"), "y".repeat(80))).collect();
    let many: Vec<_> = many.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let cases: [(&str, &str, Headers<'_>); 5] = [
        ("a long query", &create(66_000), &[]),
        ("a long query that is not signed", &format!("{root}?{long}"), &[]),
        ("a long path", &format!("{root}/{long}"), &[]),
        ("a long header", root, &[("x-long", &long)]),
        ("many headers", root, &many),
    ];
    for (case, target, headers) in cases {
        let status = get(target, headers).await;
        assert!(matches!(status, 414 | 431), "{case}: {status}");
    }
    assert_eq!(get(root, &[("x-long", &long[..60_000])]).await, 200, "a header just below");
}

#[tokio::test]
async fn what_is_too_large_for_a_node_is_the_clients_trouble_only() {
    let options = Options { max_body: 50_000, ..Options::default() };
    let world = World::start_of(3, options, &[]).await;
    let long = "ä".repeat(40_000);
    let params = [("meetingID", "room"), ("name", "A room"), ("welcome", long.as_str())];
    let created = world.foo.post_form("create", &params).await;
    assert_eq!((created.status, created.key().as_str()), (200, "internalError"), "{created:?}");
    assert!(created.text("message").unwrap().contains("too large"), "{created:?}");
    assert_eq!(
        world.asked("create").len() + world.nodes.iter().filter(|it| it.meeting_count() > 0).count(),
        0
    );
    let bound = world
        .admin()
        .await
        .meeting_list(soon(), MeetingFilter::default(), Page::default())
        .await
        .unwrap()
        .unwrap()
        .rows;
    assert_eq!(bound, [], "nothing is left of it");
    for n in 1..=3 {
        assert_eq!(world.node_view(n).await.state, NodeState::Up, "n{n}");
    }
    world.foo.create("room").await;
    assert_eq!(world.hosts_of("room").len(), 1);
}
