//! `end`, `insertDocument` and `sendChatMessage`.

use std::sync::Arc;

use crate::http::Reply;
use crate::shared::Shared;
use crate::{Request, documents, xml};

use super::answer::{failed, not_found, refused_document, success};
use super::{known_meeting, meeting_id};

pub(super) fn end(node: &Arc<Shared>, request: &Request) -> Reply {
    let id = match known_meeting(node, request) {
        Ok(id) => id,
        Err(reply) => return reply,
    };
    if !node.end(&id) {
        return not_found();
    }
    success(|out| {
        xml::element(out, "messageKey", "sentEndMeetingRequest");
        xml::element(
            out,
            "message",
            "A request to end the meeting was sent.  Please wait a few seconds, and then use the \
             getMeetingInfo or isMeetingRunning API calls to verify that it was ended.",
        );
    })
}

pub(super) fn insert_document(node: &Shared, request: &Request) -> Reply {
    let id = match known_meeting(node, request) {
        Ok(id) => id,
        Err(reply) => return reply,
    };
    if node.disables(&id, "presentation") {
        return refused_document("Presentation feature is disabled, ignoring.");
    }
    let mut inserted = documents::parse(&request.body);
    if inserted.is_empty() {
        return failed("paramError", "No presentation was given");
    }
    let fetching = node.fetching(&inserted, false);
    node.world.lock().change(&id, |meeting| meeting.documents.append(&mut inserted));
    success(|out| xml::element(out, "message", "Presentation is being uploaded")).after(fetching)
}

/// The limits are those of `SendChatMessage` (bbb-common-web, `org.bigbluebutton.api.model.request`), which does
/// not ask for an existing meeting as other calls do; the refusal of an unknown one has a key of its own.
pub(super) fn send_chat_message(node: &Shared, request: &Request) -> Reply {
    let id = match meeting_id(request) {
        Ok(id) => node.find(id),
        Err(reply) => return reply,
    };
    let Some(message) = request.param("message") else {
        return failed("validationError", "You must provide the param message");
    };
    if !(1..=500).contains(&message.chars().count()) {
        return failed("sizeError", "Param message must be between 1 and 500 characters");
    }
    if request.param("userName").is_some_and(|name| name.chars().count() > 255) {
        return failed("sizeError", "Param userName must not exceed 255 characters");
    }
    let Some(id) = id else {
        return failed("meetingNotFound", "Meeting not found");
    };
    node.world.lock().change(&id, |meeting| meeting.chat.push(message.to_owned()));
    success(|out| {
        xml::element(out, "messageKey", "sentChatMessage");
        xml::element(out, "message", "The message was sent.");
    })
}
