//! Calls about sessions: `getSessions`, and those of the browser, which are made with a session token instead of a
//! checksum: `getJoinUrl` and `learningDashboard`.

use serde_json::json;

use crate::checksum::Hash;
use crate::http::Reply;
use crate::meeting::MeetingState;
use crate::shared::Shared;
use crate::world::Session;
use crate::{Request, xml};

use super::answer::{json, success};

/// As the template `get-sessions.ftlx`; the message is written so in `ApiController.getSessionsHandler`.
pub(super) fn get_sessions(node: &Shared) -> Reply {
    let world = node.world.lock();
    let mut sessions = world.sessions.all().peekable();
    success(|out| {
        if sessions.peek().is_none() {
            out.push_str("<sessions/>\n");
            xml::element(out, "messageKey", "noSessions");
            xml::element(out, "message", "no sessions were found on this serverr");
            return;
        }
        xml::open(out, "sessions");
        for session in sessions {
            xml::open(out, "meeting");
            xml::element(out, "meetingID", &session.meeting);
            xml::element(out, "meetingName", &session.meeting_name);
            xml::element(out, "userName", &session.full_name);
            xml::close(out, "meeting");
        }
        xml::close(out, "sessions");
    })
}

/// A URL by which the user of a session joins once more; signed with SHA-1, whatever the node takes.
pub(super) fn get_join_url(node: &Shared, request: &Request, secret: &str) -> Reply {
    let (session, meeting) = match known(node, request) {
        Ok(found) => found,
        Err(message) => return failed(request, message),
    };
    let encoded = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    // As in `ApiController.getJoinUrl`, which does not encode the user's id.
    let query = format!(
        "fullName={}&meetingID={}&role={}&redirect=true&userID={}",
        encoded(&session.full_name),
        encoded(&meeting.id),
        if session.moderator { "MODERATOR" } else { "VIEWER" },
        session.user_id,
    );
    let checksum = Hash::Sha1.checksum("join", &query, secret);
    let base = format!("{}://{}", node.scheme(), request.header("host").unwrap_or("127.0.0.1"));
    json(&json!({ "response": {
        "returncode": "SUCCESS",
        "message": "Join URL provided successfully.",
        "url": format!("{base}/bigbluebutton/api/join?{query}&checksum={checksum}"),
    }}))
}

/// The file of the learning dashboard, as text in JSON; for moderators.
pub(super) fn learning_dashboard(node: &Shared, request: &Request) -> Reply {
    let (session, meeting) = match known(node, request) {
        Ok(found) => found,
        Err(message) => return failed(request, message),
    };
    if !session.moderator {
        return failed(request, "Access denied");
    }
    if meeting.disables("learningDashboard") || meeting.breakout.is_some() {
        return failed(request, "Learning Dashboard disabled for this meeting");
    }
    let users = meeting.attendees.iter().map(|one| (one.user_id.clone(), json!({ "name": one.name })));
    let data = json!({
        "intId": meeting.internal_id,
        "extId": meeting.id,
        "name": meeting.name,
        "users": users.collect::<serde_json::Map<_, _>>(),
    });
    json(&json!({ "response": {
        "returncode": "SUCCESS",
        "data": data.to_string(),
        "sessionToken": token(request),
    }}))
}

fn token(request: &Request) -> &str {
    request.param("sessionToken").unwrap_or_default().trim()
}

/// The session of a token and its meeting, or what is wrong: `UserSessionConstraint` (bbb-common-web), then
/// `ApiController.hasValidSession`. The browser's cookie has to be that of the session, unless the meeting was
/// made with `allowRequestsWithoutSession`.
fn known(node: &Shared, request: &Request) -> Result<(Session, MeetingState), &'static str> {
    if token(request).is_empty() {
        return Err("You must provide a session token");
    }
    let world = node.world.lock();
    let session = world.sessions.get(token(request)).ok_or("Invalid session token")?;
    let meeting = world.get(&session.meeting).ok_or("Meeting not found")?;
    let without_session = match meeting.param("allowRequestsWithoutSession") {
        Some(value) if !value.is_empty() => value.eq_ignore_ascii_case("true"),
        _ => node.options.allow_requests_without_session,
    };
    let cookie = format!("JSESSIONID={}", token(request).to_uppercase());
    let cookies = request.header("cookie").unwrap_or_default();
    if !without_session && !cookies.split(';').any(|one| one.trim() == cookie) {
        return Err("Invalid Session");
    }
    if !meeting.running() {
        return Err("Meeting not found");
    }
    Ok((session.clone(), meeting.clone()))
}

fn failed(request: &Request, message: &str) -> Reply {
    json(&json!({ "response": {
        "returncode": "FAILED",
        "message": message,
        "sessionToken": token(request),
    }}))
}
