//! `join`.

use crate::http::Reply;
use crate::meeting::{Attendee, MeetingState};
use crate::shared::Shared;
use crate::world::Session;
use crate::{Request, xml};

use super::answer::{failed, success};
use super::meeting_id;
use super::params::{custom_data, sanitized};

/// Why a join is refused.
struct Refusal(&'static str, &'static str);

pub(super) fn join(node: &Shared, request: &Request) -> Reply {
    let redirect = !request.param("redirect").is_some_and(|value| value.eq_ignore_ascii_case("false"));
    let id = match meeting_id(request) {
        Ok(id) => id,
        Err(reply) => return reply,
    };
    let mut world = node.world.lock();
    let id = world.find(id).unwrap_or_default().to_owned();
    let moderator = match check(world.get(&id), request) {
        Ok(moderator) => moderator,
        Err(refusal) => return refused(&refusal, request, redirect),
    };
    let user = world.token("w_", 12);
    let (auth_token, session_token) = (world.token("", 12), world.token("", 16));
    let attendee = attendee(request, &user, moderator);
    let session = world.change(&id, |meeting| {
        let presenter = moderator && meeting.attendees.iter().all(|other| !other.presenter);
        let custom_data = shared_custom_data(meeting, &attendee);
        let session = Session {
            meeting: meeting.internal_id.clone(),
            meeting_name: meeting.name.clone(),
            user_id: attendee.user_id.clone(),
            full_name: attendee.name.clone(),
            moderator,
        };
        meeting.attendees.push(Attendee { presenter, custom_data, ..attendee });
        session
    });
    let internal_id = session.as_ref().map(|session| session.meeting.clone());
    if let Some(session) = session {
        world.sessions.add(&session_token, session);
    }
    drop(world);
    let host = request.header("host").unwrap_or("127.0.0.1");
    let url = format!("{}://{host}/html5client/?sessionToken={session_token}", node.scheme());
    // The session belongs to the node's host; a balancer has no use for it.
    let cookie = format!("JSESSIONID={}; Path=/bigbluebutton; HttpOnly", session_token.to_uppercase());
    let reply = if redirect {
        Reply::redirect(url)
    } else {
        success(|out| {
            xml::element(out, "messageKey", "successfullyJoined");
            xml::element(out, "message", "You have joined successfully.");
            xml::element(out, "meeting_id", &internal_id.unwrap_or_default());
            xml::element(out, "user_id", &user);
            xml::element(out, "auth_token", &auth_token);
            xml::element(out, "session_token", &session_token);
            xml::element(out, "guestStatus", "ALLOW");
            xml::element(out, "url", &url);
        })
    };
    reply.with("Set-Cookie", cookie)
}

/// Whether the attendee is a moderator, if allowed in at all.
fn check(meeting: Option<&MeetingState>, request: &Request) -> Result<bool, Refusal> {
    let meeting = meeting.ok_or(Refusal(
        "invalidMeetingIdentifier",
        "The meeting ID that you supplied did not match any existing meetings",
    ))?;
    if request.param("fullName").is_none_or(|name| name.trim().is_empty()) {
        let message = "You must specify a name for the attendee who will be joining the meeting.";
        return Err(Refusal("missingParamFullName", message));
    }
    let password = request.param("password").unwrap_or_default();
    let role = request.param("role").unwrap_or_default();
    let moderator = if role.eq_ignore_ascii_case("moderator") {
        true
    } else if role.eq_ignore_ascii_case("viewer") {
        false
    } else if password == meeting.moderator_pw {
        true
    } else if password == meeting.attendee_pw {
        false
    } else {
        return Err(Refusal(
            "invalidPassword",
            "You either did not supply a password or the password supplied is neither the attendee or \
             moderator password for this conference.",
        ));
    };
    let time = meeting.create_time.to_string();
    if request.param("createTime").is_some_and(|given| !given.is_empty() && given != time) {
        return Err(Refusal(
            "mismatchCreateTimeParam",
            "The createTime parameter submitted mismatches with the current meeting.",
        ));
    }
    if meeting.max_users > 0 && meeting.attendees.len() as u64 >= meeting.max_users {
        return Err(Refusal(
            "maxParticipantsReached",
            "The number of participants allowed for this meeting has been reached.",
        ));
    }
    Ok(moderator)
}

fn attendee(request: &Request, user: &str, moderator: bool) -> Attendee {
    Attendee {
        custom_data: custom_data(&request.params),
        ..Attendee::new(
            request.param("userID").filter(|id| !id.is_empty()).unwrap_or(user),
            &sanitized(request.param("fullName").unwrap_or_default()),
            moderator,
        )
    }
}

/// The custom data of somebody who comes. BBB keeps them by the caller's `userID` (`Meeting.addUserCustomData`),
/// so all who share one have those of the last who brought any.
fn shared_custom_data(meeting: &mut MeetingState, new: &Attendee) -> Vec<(String, String)> {
    let mut same = meeting.attendees.iter_mut().filter(|other| other.user_id == new.user_id);
    if new.custom_data.is_empty() {
        return same.next().map(|other| other.custom_data.clone()).unwrap_or_default();
    }
    same.for_each(|other| other.custom_data.clone_from(&new.custom_data));
    new.custom_data.clone()
}

/// A refusal goes to the caller's page, if it named one and follows redirects.
fn refused(refusal: &Refusal, request: &Request, redirect: bool) -> Reply {
    let Refusal(key, message) = refusal;
    match request.param("errorRedirectUrl") {
        Some(page) if redirect && !page.is_empty() => {
            let separator = if page.contains('?') { '&' } else { '?' };
            let errors = format!("[{{\"message\":\"{message}\",\"key\":\"{key}\"}}]");
            let errors: String = form_urlencoded::byte_serialize(errors.as_bytes()).collect();
            Reply::redirect(format!("{page}{separator}errors={errors}"))
        }
        _ => failed(key, message),
    }
}
