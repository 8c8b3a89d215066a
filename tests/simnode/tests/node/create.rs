//! `create`.

use std::time::{Duration, Instant};

use simnode::Hash;

use crate::client::{LONG, answer, client, get, node, post};

#[tokio::test]
async fn the_answer_is_bbbs() {
    let node = node().await;
    let made = get(&node, "create", "meetingID=my+room&name=A%26B&meta_Origin=x&duration=5").await;
    assert!(made.success(), "{}", made.body);
    assert_eq!(made.content_type, "text/xml;charset=utf-8");
    let elements = [
        "response",
        "returncode",
        "meetingID",
        "internalMeetingID",
        "parentMeetingID",
        "attendeePW",
        "moderatorPW",
        "createTime",
        "voiceBridge",
        "dialNumber",
        "createDate",
        "hasUserJoined",
        "duration",
        "hasBeenForciblyEnded",
        "messageKey",
        "message",
    ];
    assert_eq!(made.elements(), elements);
    let meeting = node.meeting("my room").unwrap();
    assert_eq!((made.text("meetingID"), made.text("parentMeetingID")), ("my room", "bbb-none"));
    assert_eq!(made.text("internalMeetingID"), meeting.internal_id);
    assert_eq!(made.text("createTime"), meeting.create_time.to_string());
    assert_eq!((made.text("attendeePW").len(), made.text("moderatorPW").len()), (8, 8));
    assert!((10_000..=99_998).contains(&made.text("voiceBridge").parse::<u32>().unwrap()));
    assert!(made.text("createDate").contains(" UTC 20"));
    assert_eq!((meeting.meta("origin"), meeting.param("meta_origin")), (Some("x"), Some("x")));
    assert_eq!((meeting.name.as_str(), meeting.duration), ("A&B", 5));
}

#[tokio::test]
async fn repeats() {
    let node = node().await;
    let first = get(&node, "create", "meetingID=m1&name=room&attendeePW=a&moderatorPW=b").await;
    for query in ["meetingID=m1&name=xx", "meetingID=m1&name=room&attendeePW=a&moderatorPW=b"] {
        let again = get(&node, "create", query).await;
        assert!(again.success());
        assert_eq!(again.key(), "duplicateWarning");
        assert_eq!(
            again.text("message"),
            "This conference was already in existence and may currently be in progress."
        );
        assert_eq!(again.text("createTime"), first.text("createTime"));
    }
    let other = get(&node, "create", "meetingID=m1&name=room&attendeePW=a&moderatorPW=c").await;
    assert_eq!((other.text("returncode"), other.key()), ("FAILED", "idNotUnique"));
    assert_eq!(node.meeting_count(), 1);
    node.forget_meeting("m1");
    let fresh = get(&node, "create", "meetingID=m1&name=room&moderatorPW=c").await;
    let time = |text: &str| text.parse::<u64>().unwrap();
    assert!(time(fresh.text("createTime")) > time(first.text("createTime")));
}

#[tokio::test]
async fn refusals() {
    let node = node().await;
    let refused = async |query: &str| {
        let answer = get(&node, "create", query).await;
        assert_eq!((answer.status, answer.text("returncode")), (200, "FAILED"));
        if answer.key().is_empty() { answer.text("key").to_owned() } else { answer.key().to_owned() }
    };
    assert_eq!(refused("name=x").await, "missingParamMeetingID");
    assert_eq!(refused("meetingID=+&name=xx").await, "missingParamMeetingID");
    assert_eq!(refused("meetingID=a,b&name=xx").await, "validationError");
    for blanks in ["meetingID=ab+&name=xx", "meetingID=a%01b&name=xx"] {
        assert_eq!(refused(blanks).await, "validationError");
    }
    assert_eq!(refused("meetingID=ab&name=x").await, "sizeError");
    assert_eq!(refused(&format!("meetingID={}", "x".repeat(257))).await, "sizeError");
    let room = "meetingID=ab&isBreakout=true";
    assert_eq!(refused(room).await, "parentMeetingIDMissing");
    assert_eq!(refused(&format!("{room}&parentMeetingID=no&sequence=1")).await, "parentMeetingDoesNotExist");
    let without_sequence = get(&node, "create", &format!("{room}&parentMeetingID=no")).await;
    assert_eq!(without_sequence.status, 500, "nobody catches what a missing number throws");
    assert!(get(&node, "create", "meetingID=m1&voiceBridge=12345").await.success());
    assert_eq!(refused("meetingID=m2&voiceBridge=12345").await, "nonUniqueVoiceBridge");
    let url = node.signed_url(Hash::Sha1, "create", "meetingID=m2");
    let plain = answer(client().post(url).header("content-type", "text/plain").body("x")).await;
    assert_eq!(plain.key(), "unsupportedContentType");
    assert_eq!(node.meeting_count(), 1);
}

#[tokio::test]
async fn presentations_in_the_body() {
    let node = node().await;
    let xml = r#"<modules><module name="presentation">
        <document url="http://x.example/s.pdf?a&amp;b" filename="s.pdf"/>
        <document name="inline.pdf">QUJD REVG</document></module></modules>"#;
    assert!(post(&node, "create", "meetingID=m1&name=room", xml).await.success());
    let meeting = node.meeting("m1").unwrap();
    assert_eq!(meeting.body, xml);
    assert_eq!(meeting.content_type.as_deref(), Some("application/xml"));
    assert_eq!(meeting.documents[0].url.as_deref(), Some("http://x.example/s.pdf?a&b"));
    assert_eq!(meeting.documents[1].name.as_deref(), Some("inline.pdf"));
    assert_eq!(meeting.documents[1].inline, 8);
    // The slides of a repeat are ignored.
    assert_eq!(post(&node, "create", "meetingID=m1&name=room", "<modules/>").await.key(), "duplicateWarning");
    assert_eq!(node.meeting("m1").unwrap().documents.len(), 2);
}

#[tokio::test]
async fn presentations_by_url_take_their_time() {
    let node = node().await;
    let time = Duration::from_millis(300);
    node.set_fetch_time(time);
    let by_url = r#"<modules><module name="presentation"><document url="http://x.example/a.pdf"/>
        <document url="http://x.example/b.pdf"/><document name="c.pdf">QUJD</document></module></modules>"#;
    let asked = {
        let node = node.clone();
        tokio::spawn(async move { post(&node, "create", "meetingID=m1", by_url).await })
    };
    assert!(node.wait_until(LONG, |node| node.meeting("m1").is_some()).await);
    assert!(!asked.is_finished(), "the meeting is there before the answer");
    let took = async |call: &str, query: &str, xml: &str| {
        let start = Instant::now();
        assert!(post(&node, call, query, xml).await.success());
        start.elapsed()
    };
    assert!(took("create", "meetingID=m1", by_url).await < time, "a repeat fetches nothing");
    assert!(asked.await.unwrap().success());
    assert!(took("insertDocument", "meetingID=m1", by_url).await >= 2 * time);
    assert!(took("create", "meetingID=m2&preUploadedPresentation=http%3A%2F%2Fx", "").await >= time);
    assert!(took("create", "meetingID=m3", "<modules/>").await < time);
}

#[tokio::test]
async fn parameters_in_a_form() {
    let node = node().await;
    let form = "meetingID=m1&name=caf%C3%A9+x";
    let url = format!("{}create", node.api_url());
    let send = async |url: &str, body: String| {
        let request = client().post(url);
        let kind = "application/x-www-form-urlencoded; charset=UTF-8";
        answer(request.header("content-type", kind).body(body)).await
    };
    for hash in Hash::ALL {
        let checksum = hash.checksum("create", form, &node.secret());
        assert!(send(&url, format!("{form}&checksum={checksum}")).await.success());
    }
    assert_eq!(node.meeting("m1").unwrap().name, "café x");
    // Neither order nor encoding of the body count, only the parameters.
    let checksum = Hash::Sha256.checksum("create", "meetingID=m1&name=caf%C3%A9+x", &node.secret());
    let other = format!("name=caf%c3%a9%20x&checksum={checksum}&%6deetingID=+m1");
    assert_eq!(
        send(&url, other).await.key(),
        "validationError",
        "the blank is signed without and used with it"
    );
    let raw = "name=caf%C3%A9+x&meetingID=m1";
    let checksum = Hash::Sha256.checksum("create", raw, &node.secret());
    assert_eq!(send(&url, format!("{raw}&checksum={checksum}")).await.key(), "checksumError");
    assert!(node.meeting("m1").unwrap().documents.is_empty());
    let wrong = Hash::Sha1.checksum("create", form, "other");
    assert_eq!(send(&url, format!("{form}&checksum={wrong}")).await.key(), "checksumError");
    // Parameters in both places are an error.
    let both = node.signed_url(Hash::Sha1, "create", "meetingID=m2");
    assert_eq!(send(&both, "name=room".to_owned()).await.key(), "checksumError");
    assert!(send(&both, String::new()).await.success());
}

#[tokio::test]
async fn breakout_rooms_by_the_api() {
    let node = node().await;
    assert!(get(&node, "create", "meetingID=parent&name=Parent").await.success());
    let query = "meetingID=room&name=Room&isBreakout=true&parentMeetingID=parent&sequence=2&freeJoin=true";
    let room = get(&node, "create", query).await;
    assert_eq!(room.text("parentMeetingID"), node.meeting("parent").unwrap().internal_id);
    assert_eq!(room.text("internalMeetingID"), "room", "the id as given is the internal one");
    let info = get(&node, "getMeetingInfo", "meetingID=room").await;
    assert_eq!(
        (info.text("sequence"), info.text("freeJoin"), info.text("isBreakout")),
        ("2", "true", "true")
    );
    let parent = get(&node, "getMeetingInfo", "meetingID=parent").await;
    assert_eq!(parent.text("breakout"), info.text("meetingID"));
}

#[tokio::test]
async fn calls_take_a_prefix_of_an_internal_id() {
    let node = node().await;
    assert_eq!(node.meeting_count(), 0);
}
