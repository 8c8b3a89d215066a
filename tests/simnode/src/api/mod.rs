//! The calls of the BBB API and what else a node serves.

mod actions;
mod answer;
mod create;
mod form;
mod join;
mod lookups;
mod params;
mod sessions;

use std::sync::Arc;

use crate::Request;
use crate::checksum;
use crate::http::Reply;
use crate::shared::Shared;
use answer::{failed, not_found};

/// Answers a request.
pub(crate) fn answer(node: &Arc<Shared>, request: &Request, secret: &str) -> Reply {
    match (request.call.as_str(), request.api) {
        ("", true) => answer::version(&node.options),
        ("getJoinUrl", true) => sessions::get_join_url(node, request, secret),
        ("learningDashboard", true) => sessions::learning_dashboard(node, request),
        (_, true) if signed(request, secret) => call(node, request),
        (_, true) => failed("checksumError", "Checksums do not match"),
        ("load", _) => Reply::new(200, "text/plain", format!("{}\n", node.cpu())),
        ("html5client", _) => Reply::html(200, "BigBlueButton HTML5 Client"),
        _ => Reply::html(404, "Not Found"),
    }
}

fn call(node: &Arc<Shared>, request: &Request) -> Reply {
    match (request.call.as_str(), request.method.as_str()) {
        ("create", "GET" | "POST") => create::create(node, request),
        ("join", "GET") => join::join(node, request),
        ("isMeetingRunning", "GET" | "POST") => lookups::is_meeting_running(node, request),
        ("getMeetingInfo", "GET" | "POST") => lookups::get_meeting_info(node, request),
        ("getMeetings", "GET" | "POST") => Reply::xml(node.world.lock().listing()),
        ("getSessions", "GET" | "POST") => sessions::get_sessions(node),
        ("end", "GET" | "POST") => actions::end(node, request),
        ("insertDocument", "POST") => actions::insert_document(node, request),
        ("sendChatMessage", "GET" | "POST") => actions::send_chat_message(node, request),
        _ => failed("unsupportedRequest", "This request is not supported."),
    }
}

/// Whether the checksum is right: of the query, or of the form's parameters if there is no query.
/// Parameters in both places are an error (`docs/docs/development/api.md`, POST request of `create`).
fn signed(request: &Request, secret: &str) -> bool {
    if request.is_form() {
        let (query, sum) = form::query_string(&request.body);
        return request.query.is_empty() && checksum::verify(&sum, &request.call, &query, secret);
    }
    let (rest, sum) = checksum::split(&request.query);
    sum.is_some_and(|sum| checksum::verify(sum, &request.call, &rest, secret))
}

/// The meeting id of a call, or the answer that it is missing.
fn meeting_id(request: &Request) -> Result<&str, Reply> {
    match request.param("meetingID") {
        Some(id) if !id.trim().is_empty() => Ok(id.trim()),
        _ => Err(failed("missingParamMeetingID", "You must specify a meeting ID for the meeting.")),
    }
}

/// The internal id of the meeting that a call is about, or the answer that there is none.
fn known_meeting(node: &Shared, request: &Request) -> Result<String, Reply> {
    node.find(meeting_id(request)?).ok_or_else(not_found)
}
