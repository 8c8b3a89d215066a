//! What a node calls when a meeting has ended.

use std::time::Duration;

use simnode::{CallbackKind, Options, SimNode, analytics_token_end};
use tokio::net::TcpListener;

use crate::client::{LONG, get, node};

fn encoded(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

#[tokio::test]
async fn both_callbacks_go_out_untouched() {
    let node = node().await;
    // A node records what it is asked, byte for byte: the receiver can be one, too.
    let receiver = crate::client::node().await;
    let target = "/html5client/?nonce=a%2fB|{c}~\"'&empty=&d=ä+%20";
    let ended = format!("http://b3lb.localhost:{}{target}", receiver.port());
    let callback = format!("http://127.0.0.1:{}/html5client", receiver.port());
    let query = format!(
        "meetingID=r%C3%A4um+1%2F2&name=room&meetingEndedURL={}&meta_endCallbackUrl={}",
        encoded(&ended),
        encoded(&callback)
    );
    assert!(get(&node, "create", &query).await.success());
    assert!(get(&node, "end", "meetingID=r%C3%A4um%201%2F2").await.success());
    assert!(node.wait_until(LONG, |node| node.callbacks().len() == 2).await);

    let asked = receiver.wait_for(LONG, |request| request.path == "/html5client/").await.unwrap();
    assert_eq!(format!("{}?{}", asked.path, asked.query), target);
    assert_eq!(asked.method, "GET");
    assert_eq!(asked.header("host"), Some(format!("b3lb.localhost:{}", receiver.port()).as_str()));
    let asked = receiver.wait_for(LONG, |request| request.path == "/html5client").await.unwrap();
    assert_eq!(asked.query, "recordingmarks=false&meetingID=r%C3%A4um+1%2F2");

    let results = node.callbacks();
    assert!(results.iter().all(|result| result.status == Some(200) && result.meeting == "räum 1/2"));
    assert!(results.iter().any(|result| result.kind == CallbackKind::MeetingEnded && result.url == ended));
}

#[tokio::test]
async fn failures_are_recorded() {
    let node = node().await;
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let closed = free.local_addr().unwrap();
    drop(free);
    let urls = [
        format!("http://{closed}/x"),
        "http://a.example/with space".to_owned(),
        "ftp://a.example/".to_owned(),
        format!("http://{}/nothing-here", node.addr()),
    ];
    for (number, url) in urls.iter().enumerate() {
        node.insert_meeting(&format!("m{number}"), "room");
        node.update_meeting(&format!("m{number}"), |meeting| {
            meeting.params.push(("meetingEndedURL".to_owned(), url.clone()));
        });
        assert!(node.end_meeting(&format!("m{number}")));
    }
    assert!(node.wait_until(LONG, |node| node.callbacks().len() == 4).await);
    for result in node.callbacks() {
        assert_eq!(result.error.is_some(), result.status.is_none());
        assert_eq!(result.status, (result.meeting == "m3").then_some(404), "{result:?}");
    }
}

#[tokio::test]
async fn neither_breakout_rooms_nor_forgotten_meetings_call_back() {
    let node = node().await;
    let url = format!("meetingEndedURL={}", encoded(&node.load_url()));
    get(&node, "create", &format!("meetingID=gone&{url}")).await;
    get(&node, "create", &format!("meetingID=parent&{url}")).await;
    get(&node, "create", &format!("meetingID=room&isBreakout=true&parentMeetingID=parent&{url}")).await;
    assert!(node.forget_meeting("gone") && !node.forget_meeting("gone"));
    assert!(node.end_meeting("parent") && !node.end_meeting("parent"));
    assert!(node.wait_until(LONG, |node| !node.callbacks().is_empty()).await);
    assert_eq!((node.callbacks().len(), node.meeting_count()), (1, 0));
}

#[tokio::test]
async fn empty_meetings_expire() {
    let expire_empty = Some(Duration::from_millis(300));
    let node = SimNode::start(Options { expire_empty, ..Options::default() }).await.unwrap();
    for (id, attendees) in [("joined", 1), ("empty", 0)] {
        node.insert_meeting(id, "room");
        node.set_attendees(id, attendees);
        node.update_meeting(id, |meeting| {
            meeting.params.push(("meetingEndedURL".to_owned(), node.load_url()));
        });
    }
    assert!(node.wait_until(LONG, |node| node.meeting("empty").is_none()).await);
    assert!(node.meeting("joined").is_some());
    node.set_attendees("joined", 0);
    assert!(node.wait_until(LONG, |node| node.callbacks().len() == 2).await);
    assert_eq!((node.meeting_count(), node.count("load")), (0, 2));
}

#[tokio::test]
async fn analytics_are_posted_with_a_token() {
    let node = node().await;
    let receiver = crate::client::node().await;
    let url = encoded(&format!("http://lms.localhost:{}/html5client?action=meeting_events", receiver.port()));
    for (id, kept) in [("m1", "&meetingKeepEvents=true"), ("m2", "")] {
        get(&node, "create", &format!("meetingID={id}&name=Room&meta_analytics-callback-url={url}{kept}"))
            .await;
        node.set_attendees(id, 2);
    }
    assert!(!node.send_analytics("no"));
    let posted = async |id: &str| {
        let asked = receiver.wait_for(LONG, |request| request.method == "POST").await.unwrap();
        receiver.clear_requests();
        assert_eq!(
            (asked.query.as_str(), asked.content_type.as_deref()),
            ("action=meeting_events", Some("application/json"))
        );
        let token = asked.header("authorization").unwrap().strip_prefix("Bearer ").unwrap().to_owned();
        assert!(analytics_token_end(&token, &node.secret()).is_some());
        assert!(analytics_token_end(&token, "other").is_none());
        let body: serde_json::Value = serde_json::from_slice(&asked.body).unwrap();
        assert_eq!(
            (&body["meeting_id"], body["data"]["attendees"].as_array().unwrap().len()),
            (&id.into(), 2)
        );
        body["internal_meeting_id"].as_str().unwrap().to_owned()
    };
    // A meeting whose events are not kept posts nothing at its end, but whenever the test wants it.
    node.send_analytics("m2");
    assert_eq!(posted("m2").await, node.meeting("m2").unwrap().internal_id);
    node.end_meeting("m2");
    let internal = node.meeting("m1").unwrap().internal_id;
    node.end_meeting("m1");
    assert_eq!(posted("m1").await, internal);
    assert!(node.wait_until(LONG, |node| node.callbacks().len() == 2).await);
    assert!(node.callbacks().iter().all(|it| it.kind == CallbackKind::Analytics && it.status == Some(200)));
}
