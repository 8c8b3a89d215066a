//! `join`.

use simnode::Hash;

use crate::client::{Answer, answer, client, get, node, raw};

const ROOM: &str = "meetingID=m1&name=room&attendeePW=ap&moderatorPW=mp&maxParticipants=4";

#[tokio::test]
async fn attendees_come_in() {
    let node = node().await;
    get(&node, "create", ROOM).await;
    assert_eq!(get(&node, "isMeetingRunning", "meetingID=m1").await.text("running"), "false");
    let moderator = get(&node, "join", "meetingID=m1&fullName=Ada&password=mp&userID=u1").await;
    assert_eq!(moderator.status, 302);
    let location = moderator.location.unwrap();
    assert!(
        location.starts_with(&format!("http://{}/html5client/?sessionToken=", node.addr())),
        "{location}"
    );
    let page = answer(client().get(&location)).await;
    assert!(page.status == 200 && page.content_type.starts_with("text/html"));
    assert_eq!(get(&node, "isMeetingRunning", "meetingID=m1").await.text("running"), "true");

    let time = node.meeting("m1").unwrap().create_time;
    let query = format!("meetingID=m1&fullName=B%26C&role=viewer&password=&createTime={time}&redirect=false");
    let viewer = get(&node, "join", &format!("{query}&userdata-bbb_x=1&userdata-a%20b=2")).await;
    assert!(viewer.success());
    let elements = ["meeting_id", "user_id", "auth_token", "session_token", "guestStatus", "url"];
    assert_eq!(viewer.elements()[4..], elements);
    assert_eq!(viewer.key(), "successfullyJoined");
    assert_eq!(viewer.text("meeting_id"), node.meeting("m1").unwrap().internal_id);
    assert!(viewer.text("url").ends_with(viewer.text("session_token")));

    let attendees = node.meeting("m1").unwrap().attendees;
    assert_eq!(
        (attendees[0].user_id.as_str(), attendees[0].moderator, attendees[0].presenter),
        ("u1", true, true)
    );
    assert_eq!((attendees[1].user_id.as_str(), attendees[1].name.as_str()), (viewer.text("user_id"), "B&C"));
    let info = get(&node, "getMeetingInfo", "meetingID=m1").await;
    assert!(info.body.contains("<customdata><bbb_x>1</bbb_x>\n<a b>2</a b>\n</customdata>"), "{}", info.body);
    assert_eq!(info.body.matches("<customdata>").count(), 1, "not for those without custom data");
    assert!(info.body.contains("<fullName>B&amp;C</fullName>"));
    assert_eq!((info.text("participantCount"), info.text("moderatorCount")), ("2", "1"));
}

#[tokio::test]
async fn refusals() {
    let node = node().await;
    get(&node, "create", ROOM).await;
    let refused = async |query: &str| -> Answer {
        let answer = get(&node, "join", query).await;
        assert_eq!((answer.status, answer.text("returncode")), (200, "FAILED"), "{query}");
        answer
    };
    assert_eq!(refused("fullName=A&password=mp").await.key(), "missingParamMeetingID");
    assert_eq!(refused("meetingID=no&fullName=A").await.key(), "invalidMeetingIdentifier");
    assert_eq!(refused("meetingID=m1&password=mp").await.key(), "missingParamFullName");
    assert_eq!(refused("meetingID=m1&fullName=A&password=x").await.key(), "invalidPassword");
    assert_eq!(refused("meetingID=m1&fullName=A&role=king").await.key(), "invalidPassword");
    let late = refused("meetingID=m1&fullName=A&role=VIEWER&createTime=1").await;
    assert_eq!(late.key(), "mismatchCreateTimeParam");
    node.set_attendees("m1", 4);
    assert_eq!(refused("meetingID=m1&fullName=A&role=VIEWER").await.key(), "maxParticipantsReached");
    assert_eq!(node.attendee_count(), 4);

    let by_post =
        answer(client().post(node.signed_url(Hash::Sha1, "join", "meetingID=m1&role=VIEWER"))).await;
    assert_eq!(by_post.key(), "unsupportedRequest");
    let page = "errorRedirectUrl=http%3A%2F%2Fx.example%2F%3Fa";
    let sent = get(&node, "join", &format!("meetingID=no&fullName=A&{page}")).await;
    let location = sent.location.unwrap();
    assert!(location.starts_with("http://x.example/?a&errors=%5B%7B%22message%22"), "{location}");
    assert!(location.contains("invalidMeetingIdentifier"));
    assert_eq!(
        refused(&format!("meetingID=no&fullName=A&redirect=false&{page}")).await.key(),
        "invalidMeetingIdentifier"
    );
}

#[tokio::test]
async fn the_redirect_goes_to_the_host_that_was_asked() {
    let node = node().await;
    get(&node, "create", ROOM).await;
    let query = "meetingID=m1&fullName=A&role=MODERATOR";
    let checksum = Hash::Sha384.checksum("join", query, &node.secret());
    let request = format!(
        "GET /bigbluebutton/api/join?checksum={checksum}&{query} HTTP/1.1\r\nHost: bbb.example\r\n\
         Connection: close\r\n\r\n"
    );
    let answer = raw(&node, request.as_bytes()).await;
    assert!(answer.contains("\r\nLocation: http://bbb.example/html5client/?sessionToken="), "{answer}");
    assert!(answer.contains("\r\nSet-Cookie: JSESSIONID="));
}

#[tokio::test]
async fn names_of_custom_data_are_written_without_a_check() {
    let node = node().await;
    get(&node, "create", ROOM).await;
    let query = "meetingID=m1&fullName=A%01%EF%BF%BE+&role=VIEWER&userID=u1";
    get(&node, "join", &format!("{query}&userdata-show+chat=%3Cyes%3E%01&userdata-a-b=no")).await;
    let list = get(&node, "getMeetings", "").await;
    assert!(list.body.contains("<show chat>&lt;yes&gt;\u{1}</show chat>"), "{}", list.body);
    assert!(!list.body.contains("no</"), "names with a hyphen are dropped");
    assert_eq!(list.text("fullName"), "A\u{fffe}");

    // All who share an id have the same custom data.
    get(&node, "join", query).await;
    get(&node, "join", &format!("{query}&userdata-x=1")).await;
    let list = get(&node, "getMeetings", "").await;
    assert_eq!(list.body.matches("<customdata><x>1</x>").count(), 3, "{}", list.body);
    assert!(!list.body.contains("show chat"));
}
