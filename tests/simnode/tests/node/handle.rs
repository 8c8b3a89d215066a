//! The handle: looking, changing, waiting, and life by a script.

use std::time::Duration;

use simnode::{Options, Script, SimNode};
use tokio::net::TcpStream;

use crate::client::{LONG, SHORT, get, node};

#[tokio::test]
async fn requests_are_recorded_and_awaited() {
    let node = node().await;
    let waiting = {
        let node = node.clone();
        tokio::spawn(
            async move { node.wait_for(LONG, |request| request.param("meetingID") == Some("ä")).await },
        )
    };
    get(&node, "getMeetings", "").await;
    get(&node, "isMeetingRunning", "x=1&meetingID=%C3%A4&meetingID=second").await;
    let request = waiting.await.unwrap().unwrap();
    assert_eq!(
        (request.call.as_str(), request.method.as_str(), request.number),
        ("isMeetingRunning", "GET", 2)
    );
    assert!(request.query.starts_with("x=1&meetingID=%C3%A4&meetingID=second&checksum="));
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    assert_eq!(request.params, [pair("x", "1"), pair("meetingID", "ä"), pair("meetingID", "second")]);
    assert_eq!((node.count("getMeetings"), node.count("create"), node.requests().len()), (1, 0, 2));
    // What is there already is found, what does not come is not.
    assert!(node.wait_for(LONG, |request| request.call == "getMeetings").await.is_some());
    assert!(node.wait_for(SHORT, |request| request.call == "end").await.is_none());
    node.clear_requests();
    node.set_recording(false);
    get(&node, "getMeetings", "").await;
    assert_eq!((node.count("getMeetings"), node.requests().len()), (1, 0));
}

#[tokio::test]
async fn meetings_can_be_made_and_changed() {
    let node = node().await;
    let made = node.insert_meeting("m1", "Room");
    assert_eq!((made.id.as_str(), made.name.as_str(), made.running()), ("m1", "Room", false));
    assert_eq!(node.insert_meeting("m1", "Other").create_time, made.create_time);
    assert!(node.set_attendees("m1", 7) && !node.set_attendees("no", 7));
    node.set_attendees("m1", 3);
    assert_eq!(node.attendee_count(), 3);
    assert!(node.update_meeting("m1", |meeting| {
        meeting.id = "other".to_owned();
        meeting.name = "New".to_owned();
        meeting.attendees.clear();
    }));
    let info = get(&node, "getMeetingInfo", "meetingID=m1").await;
    assert_eq!(
        (info.text("meetingName"), info.text("running"), info.text("hasUserJoined")),
        ("New", "false", "true")
    );
    assert_eq!(node.preload("p", 40, 20).len(), 40);
    assert_eq!((node.meeting_count(), node.attendee_count(), node.meetings().len()), (41, 800, 41));
    node.forget_all();
    assert_eq!(get(&node, "getMeetings", "").await.key(), "noMeetings");
}

#[tokio::test]
async fn a_script_gives_life() {
    let node = node().await;
    node.preload("m", 3, 0);
    let every = Duration::from_millis(1);
    let script = Script { every, end_chance: 0.01, ..Script::default() };
    node.live(script);
    assert!(node.wait_until(LONG, |node| node.attendee_count() > 10 && node.cpu() > 200).await);
    assert!(node.wait_until(LONG, |node| node.meeting_count() == 0).await);
    node.stop_living();
    node.set_cpu(1);
    assert!(!node.wait_until(SHORT, |node| node.cpu() > 1).await);
}

#[tokio::test]
async fn a_node_stops_with_its_last_handle() {
    let node = node().await;
    let (addr, other) = (node.addr(), node.clone());
    drop(node);
    assert!(get(&other, "getMeetings", "").await.success());
    drop(other);
    while TcpStream::connect(addr).await.is_ok() {
        tokio::task::yield_now().await;
    }
    // The address in use is an error, not a panic.
    let first = SimNode::start(Options::default()).await.unwrap();
    let taken = Options { listen: first.addr(), ..Options::default() };
    assert!(SimNode::start(taken).await.is_err());
}
