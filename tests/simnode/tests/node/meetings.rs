//! Calls about meetings that exist, and the ones that do not.

use simnode::{Counts, Hash, Options, SimNode};

use crate::client::{answer, client, get, node, post};

#[tokio::test]
async fn get_meetings_and_get_meeting_info_agree() {
    let node = node().await;
    let empty = get(&node, "getMeetings", "").await;
    assert!(empty.success() && empty.body.contains("<meetings/>"));
    assert_eq!((empty.key(), empty.text("message")), ("noMeetings", "no meetings were found on this server"));

    let query = "meetingID=a%3Cb&name=Tom+%26+%22Jerry%22&meta_bbb-Origin=%3Cx%3E&meta_a_b=no&record=true";
    get(&node, "create", query).await;
    get(&node, "create", "meetingID=m2&name=second").await;
    node.set_attendees("a<b", 5);
    let list = get(&node, "getMeetings", "").await;
    let info = get(&node, "getMeetingInfo", "meetingID=a%3Cb").await;
    assert!(list.success() && info.success());
    let fields = info.body.strip_prefix("<response>\n<returncode>SUCCESS</returncode>\n").unwrap();
    assert!(list.body.contains(fields.strip_suffix("</response>\n").unwrap()));
    assert_eq!(list.body.matches("<meeting>").count(), 2);

    for (name, value) in [
        ("meetingName", "Tom &amp; &quot;Jerry&quot;"),
        ("meetingID", "a&lt;b"),
        ("running", "true"),
        ("hasUserJoined", "true"),
        ("recording", "true"),
        ("hasBeenForciblyEnded", "false"),
        ("endTime", "0"),
        ("participantCount", "5"),
        ("listenerCount", "2"),
        ("voiceParticipantCount", "3"),
        ("videoCount", "2"),
        ("moderatorCount", "1"),
        ("maxUsers", "0"),
        ("bbb-origin", "&lt;x&gt;"),
        ("isBreakout", "false"),
        ("clientType", "HTML5"),
        ("x-vendor-extension", ""),
    ] {
        assert_eq!(info.text(name), value, "{name}");
    }
    assert!(!info.body.contains("<a_b>"), "BBB takes no underscore in the names of metadata");
    assert!(info.body.contains("<x-vendor-extension a=\"1\">keep &amp; me</x-vendor-extension>"));
}

#[tokio::test]
async fn breakout_rooms() {
    let node = node().await;
    let parent = node.insert_meeting("parent", "Parent");
    let rooms = node.open_breakouts("parent", 2);
    let info = get(&node, "getMeetingInfo", "meetingID=parent").await;
    let expected = format!(
        "<breakoutRooms><breakout>{}</breakout>\n<breakout>{}</breakout>\n</breakoutRooms>",
        rooms[0], rooms[1]
    );
    assert!(info.body.contains(&expected), "{}", info.body);
    let room = get(&node, "getMeetingInfo", &format!("meetingID={}", rooms[1])).await;
    assert_eq!(
        (room.text("isBreakout"), room.text("sequence"), room.text("freeJoin")),
        ("true", "2", "false")
    );
    assert_eq!(room.text("parentMeetingID"), parent.internal_id);
    assert_eq!(room.text("meetingName"), "Parent (Room 2)");
    assert_eq!(get(&node, "getMeetings", "").await.body.matches("<meeting>").count(), 3);
    assert!(node.open_breakouts("no", 1).is_empty());
    assert!(get(&node, "end", "meetingID=parent").await.success());
    assert_eq!(node.meeting_count(), 0);
}

#[tokio::test]
async fn calls_about_one_meeting() {
    let node = node().await;
    node.insert_meeting("m1", "room");
    let slides =
        r#"<modules><module name="presentation"><document url="http://x/a.pdf"/></module></modules>"#;
    let inserted = post(&node, "insertDocument", "meetingID=m1", slides).await;
    assert!(inserted.success());
    assert_eq!(inserted.text("message"), "Presentation is being uploaded");
    assert_eq!(node.meeting("m1").unwrap().documents.len(), 1);
    assert_eq!(post(&node, "insertDocument", "meetingID=m1", "").await.key(), "paramError");
    assert_eq!(get(&node, "insertDocument", "meetingID=m1").await.key(), "unsupportedRequest");
    assert!(get(&node, "sendChatMessage", "meetingID=m1&message=Hi+all").await.success());
    assert_eq!(node.meeting("m1").unwrap().chat, ["Hi all"]);
    assert_eq!(get(&node, "sendChatMessage", "meetingID=m1").await.key(), "validationError");
    let long = format!("meetingID=m1&message={}", "x".repeat(501));
    assert_eq!(get(&node, "sendChatMessage", &long).await.key(), "sizeError");
    let ended = get(&node, "end", "meetingID=m1&password=x").await;
    assert!(ended.success());
    assert_eq!(ended.key(), "sentEndMeetingRequest");
    assert!(node.meeting("m1").is_none());
}

#[tokio::test]
async fn unknown_meetings_and_calls() {
    let node = node().await;
    assert_eq!(get(&node, "sendChatMessage", "meetingID=no&message=x").await.key(), "meetingNotFound");
    for call in ["getMeetingInfo", "end"] {
        let unknown = get(&node, call, "meetingID=no&message=x").await;
        assert_eq!((unknown.text("returncode"), unknown.key()), ("FAILED", "notFound"), "{call}");
        assert_eq!(unknown.text("message"), "A meeting with that ID does not exist");
        assert_eq!(get(&node, call, "").await.key(), "missingParamMeetingID");
    }
    assert_eq!(post(&node, "insertDocument", "meetingID=no", "<modules/>").await.key(), "notFound");
    let running = get(&node, "isMeetingRunning", "meetingID=no").await;
    assert!(running.success() && running.text("running") == "false");
    assert_eq!(get(&node, "isMeetingRunning", "").await.key(), "missingParamMeetingID");
    for call in ["setConfigXML", "getRecordings", "hooks/list", "nonsense"] {
        assert_eq!(get(&node, call, "").await.key(), "unsupportedRequest", "{call}");
    }
    let form = "meetingID=no";
    let checksum = Hash::Sha512.checksum("getMeetingInfo", form, &node.secret());
    let request = client().post(format!("{}getMeetingInfo", node.api_url()));
    let request = request.header("content-type", "application/x-www-form-urlencoded");
    assert_eq!(answer(request.body(format!("{form}&checksum={checksum}"))).await.key(), "notFound");
}

#[tokio::test]
async fn numbers_can_be_claimed_and_grouped() {
    for (grouped_numbers, expected) in [(false, "4294967295"), (true, "4,294,967,295")] {
        let node = SimNode::start(Options { grouped_numbers, ..Options::default() }).await.unwrap();
        let made = get(&node, "create", "meetingID=m1&maxParticipants=1202").await;
        assert!(node.claim("m1", Some(Counts::all(u32::MAX.into()))) && !node.claim("no", None));
        let info = get(&node, "getMeetingInfo", "meetingID=m1").await;
        let counts =
            ["participantCount", "listenerCount", "voiceParticipantCount", "videoCount", "moderatorCount"];
        for count in counts {
            assert_eq!(info.text(count), expected, "{count}");
        }
        assert_eq!(info.text("maxUsers"), if grouped_numbers { "1,202" } else { "1202" });
        assert_eq!(info.text("createTime"), made.text("createTime"), "times are never grouped");
        assert!(!info.body.contains("<attendee>"));
        assert_eq!(get(&node, "isMeetingRunning", "meetingID=m1").await.text("running"), "true");
        node.claim("m1", None);
        assert_eq!(get(&node, "getMeetings", "").await.text("participantCount"), "0");
    }
}

#[tokio::test]
async fn features_and_layouts() {
    let options = Options { layouts: Some(Options::LAYOUTS_3_0), ..Options::default() };
    let node = SimNode::start(options).await.unwrap();
    let query = "meetingID=m1&meetingLayout=VIDEO_FOCUS&disabledFeatures=chat,presentation";
    assert!(get(&node, "create", query).await.success());
    let slides =
        r#"<modules><module name="presentation"><document name="a.pdf">QUJD</document></module></modules>"#;
    let refused = post(&node, "insertDocument", "meetingID=m1", slides).await;
    assert_eq!((refused.text("returncode"), refused.key()), ("FAILED", ""));
    assert_eq!(refused.text("message"), "Presentation feature is disabled, ignoring.");
    let exclude = "meetingID=m2&disabledFeatures=presentation&disabledFeaturesExclude=presentation";
    assert!(get(&node, "create", exclude).await.success());
    assert!(post(&node, "insertDocument", "meetingID=m2", slides).await.success());
    assert_eq!(get(&node, "create", "meetingID=m3&meetingLayout=NEW").await.key(), "validationError");
    let any = SimNode::start(Options::default()).await.unwrap();
    assert!(get(&any, "create", "meetingID=m3&meetingLayout=NEW").await.success());
}
