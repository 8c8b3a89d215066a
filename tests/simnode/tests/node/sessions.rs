//! Calls about sessions.

use simnode::{Options, SimNode};

use crate::client::{Answer, answer, client, get, node};

/// Joins a meeting; the session token.
async fn join(node: &SimNode, query: &str) -> String {
    let joined = get(node, "join", &format!("{query}&redirect=false")).await;
    joined.text("session_token").to_owned()
}

async fn with_token(node: &SimNode, call: &str, token: &str, cookie: &str) -> Answer {
    let url = format!("{}{call}?sessionToken={token}", node.api_url());
    answer(client().get(url).header("cookie", format!("a=b; JSESSIONID={cookie}"))).await
}

#[tokio::test]
async fn all_sessions_of_the_node() {
    let node = node().await;
    let none = get(&node, "getSessions", "").await;
    assert!(none.success() && none.body.contains("<sessions/>"));
    assert_eq!((none.key(), none.text("message")), ("noSessions", "no sessions were found on this serverr"));
    for id in ["m1", "m2"] {
        get(&node, "create", &format!("meetingID={id}&name=R%26D")).await;
        join(&node, &format!("meetingID={id}&fullName=Ada&role=VIEWER")).await;
    }
    let two = get(&node, "getSessions", "").await;
    assert_eq!(two.elements()[2..7], ["sessions", "meeting", "meetingID", "meetingName", "userName"]);
    assert_eq!((two.text("meetingName"), two.text("userName")), ("R&amp;D", "Ada"));
    assert!(
        two.body.contains(&format!("<meetingID>{}</meetingID>", node.meeting("m1").unwrap().internal_id))
    );
    assert!(get(&node, "end", "meetingID=m1").await.success());
    assert_eq!(get(&node, "getSessions", "").await.body.matches("<meeting>").count(), 1);
    node.forget_all();
    assert_eq!(get(&node, "getSessions", "").await.key(), "noSessions");
    let unsigned = answer(client().get(format!("{}getSessions", node.api_url()))).await;
    assert_eq!(unsigned.key(), "checksumError");
}

#[tokio::test]
async fn another_way_in_for_a_session() {
    let node = node().await;
    get(&node, "create", "meetingID=m+1&name=Room").await;
    let token = join(&node, "meetingID=m+1&fullName=Ada+B&role=MODERATOR&userID=u1").await;
    let given = with_token(&node, "getJoinUrl", &token, &token.to_uppercase()).await;
    assert_eq!(given.content_type, "application/json;charset=utf-8");
    let answered: serde_json::Value = serde_json::from_str(&given.body).unwrap();
    let url = answered["response"]["url"].as_str().unwrap();
    assert!(
        url.contains(
            "/api/join?fullName=Ada+B&meetingID=m+1&role=MODERATOR&redirect=true&userID=u1&checksum="
        )
    );
    assert_eq!(answer(client().get(url)).await.status, 302);
    assert_eq!(node.attendee_count(), 2);
}

#[tokio::test]
async fn who_may_use_a_session() {
    let node = node().await;
    get(&node, "create", "meetingID=m1").await;
    let token = join(&node, "meetingID=m1&fullName=Ada&role=VIEWER").await;
    let message = async |node: &SimNode, call: &str, token: &str, cookie: &str| {
        let answer = with_token(node, call, token, cookie).await;
        let answer: serde_json::Value = serde_json::from_str(&answer.body).unwrap();
        answer["response"]["message"].as_str().unwrap_or("no message").to_owned()
    };
    for call in ["getJoinUrl", "learningDashboard"] {
        assert_eq!(message(&node, call, "", "").await, "You must provide a session token");
        assert_eq!(message(&node, call, "unknown", "").await, "Invalid session token");
        assert_eq!(message(&node, call, &token, "OTHER").await, "Invalid Session", "the cookie is needed");
    }
    assert_eq!(message(&node, "learningDashboard", &token, &token.to_uppercase()).await, "Access denied");
    node.set_attendees("m1", 0);
    assert_eq!(message(&node, "getJoinUrl", &token, &token.to_uppercase()).await, "Meeting not found");

    // The node, or else the meeting, may do without the cookie.
    let open =
        SimNode::start(Options { allow_requests_without_session: true, ..Options::default() }).await.unwrap();
    get(&open, "create", "meetingID=m1").await;
    get(&open, "create", "meetingID=m2&allowRequestsWithoutSession=false").await;
    for (id, expected) in [("m1", "Join URL provided successfully."), ("m2", "Invalid Session")] {
        let token = join(&open, &format!("meetingID={id}&fullName=Ada&role=VIEWER")).await;
        assert_eq!(message(&open, "getJoinUrl", &token, "").await, expected);
    }
}

#[tokio::test]
async fn the_learning_dashboard() {
    let node =
        SimNode::start(Options { allow_requests_without_session: true, ..Options::default() }).await.unwrap();
    for (query, expected) in [("", "SUCCESS"), ("&disabledFeatures=learningDashboard,chat", "FAILED")] {
        get(&node, "create", &format!("meetingID=m1{query}")).await;
        let token = join(&node, "meetingID=m1&fullName=Ada&role=MODERATOR&userID=u1").await;
        let answer = with_token(&node, "learningDashboard", &token, "").await;
        let answer: serde_json::Value = serde_json::from_str(&answer.body).unwrap();
        assert_eq!(answer["response"]["returncode"], expected);
        if expected == "SUCCESS" {
            let data: serde_json::Value =
                serde_json::from_str(answer["response"]["data"].as_str().unwrap()).unwrap();
            assert_eq!((&data["extId"], &data["users"]["u1"]["name"]), (&"m1".into(), &"Ada".into()));
        }
        node.end_meeting("m1");
    }
}
