//! What a node calls when a meeting has ended.

use std::time::Duration;

use simnode::{CallbackKind, Options, SimNode};
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
