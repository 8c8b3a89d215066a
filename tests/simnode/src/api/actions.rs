//! `end`, `insertDocument` and `sendChatMessage`.

use std::sync::Arc;

use crate::http::Reply;
use crate::shared::Shared;
use crate::{Request, documents, xml};

use super::answer::{failed, not_found, success};
use super::known_meeting;

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
    let mut inserted = documents::parse(&request.body);
    if inserted.is_empty() {
        return failed("paramError", "No presentation was given");
    }
    let fetching = node.fetching(&inserted, false);
    node.world.lock().change(&id, |meeting| meeting.documents.append(&mut inserted));
    success(|out| xml::element(out, "message", "Presentation is being uploaded")).after(fetching)
}

pub(super) fn send_chat_message(node: &Shared, request: &Request) -> Reply {
    let id = match known_meeting(node, request) {
        Ok(id) => id,
        Err(reply) => return reply,
    };
    let Some(message) = request.param("message").filter(|message| !message.is_empty()) else {
        return failed("missingParamMessage", "You must specify a message.");
    };
    node.world.lock().change(&id, |meeting| meeting.chat.push(message.to_owned()));
    success(|out| {
        xml::element(out, "messageKey", "sentChatMessage");
        xml::element(out, "message", "The message was sent.");
    })
}
