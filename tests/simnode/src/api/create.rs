//! `create`.

use std::time::Duration;

use crate::http::Reply;
use crate::meeting::{Breakout, MeetingState};
use crate::shared::Shared;
use crate::world::{Created, Refused, create_date};
use crate::{Request, documents, xml};

use super::answer::{failed, failed_validation, success};
use super::meeting_id;
use super::params::sanitized;

/// Lengths of ids and names.
const LENGTHS: std::ops::RangeInclusive<usize> = 2..=256;

pub(super) fn create(node: &Shared, request: &Request) -> Reply {
    let draft = match draft(request) {
        Ok(draft) => draft,
        Err(reply) => return reply,
    };
    let layout = draft.param("meetingLayout").filter(|layout| !layout.is_empty());
    if layout.zip(node.options.layouts).is_some_and(|(layout, known)| !known.contains(&layout)) {
        return failed("validationError", "Invalid meeting layout");
    }
    match node.world.lock().create(draft) {
        Ok((created, meeting)) => {
            let pre_uploaded = request.param("preUploadedPresentation").is_some_and(|url| !url.is_empty());
            // Presentations of a repeat are ignored.
            let fetching = match created {
                Created::New => node.fetching(&meeting.documents, pre_uploaded),
                Created::Duplicate => Duration::ZERO,
            };
            created_answer(&created, meeting).after(fetching)
        }
        Err(Refused::IdNotUnique) => failed(
            "idNotUnique",
            "A meeting already exists with that meeting ID.  Please use a different meeting ID.",
        ),
        Err(Refused::VoiceBridgeInUse) => {
            failed_validation("nonUniqueVoiceBridge", "The selected voice bridge is already in use.")
        }
        Err(Refused::NoParent) => {
            failed("parentMeetingDoesNotExist", "No parent meeting exists for the breakout room.")
        }
    }
}

/// The meeting that is asked for.
fn draft(request: &Request) -> Result<MeetingState, Reply> {
    let id = meeting_id(request)?;
    check_id(request, id)?;
    let name = sanitized(request.param("name").unwrap_or(id));
    if !LENGTHS.contains(&name.chars().count()) {
        return Err(failed("sizeError", "Meeting name must be between 2 and 256 characters"));
    }
    let xml_body = match request.media_type().as_str() {
        _ if request.body.is_empty() || request.is_form() => false,
        "application/xml" | "text/xml" => true,
        _ => {
            let message = "POST request content type is missing or unsupported";
            return Err(failed("unsupportedContentType", message));
        }
    };
    let filled = |name: &str| request.param(name).filter(|value| !value.is_empty());
    if filled("isBreakout").is_some() && filled("parentMeetingID").is_none() {
        let message = "No parent meeting ID was provided for the breakout room";
        return Err(failed("parentMeetingIDMissing", message));
    }
    if flag(request, "isBreakout") && filled("sequence").is_none_or(|it| it.parse::<u32>().is_err()) {
        // `Integer.parseInt` throws, and nobody catches it.
        return Err(Reply::html(500, "Internal Server Error"));
    }
    let text = |name: &str| request.param(name).unwrap_or_default().to_owned();
    let number = |name: &str| request.param(name).and_then(|value| value.parse().ok()).unwrap_or(0);
    Ok(MeetingState {
        id: id.to_owned(),
        name,
        attendee_pw: text("attendeePW"),
        moderator_pw: text("moderatorPW"),
        voice_bridge: text("voiceBridge"),
        dial_number: request.param("dialNumber").unwrap_or("613-555-1234").to_owned(),
        duration: number("duration"),
        max_users: number("maxParticipants"),
        recording: flag(request, "record"),
        metadata: metadata(request),
        params: request.params.iter().map(|(name, value)| (stored_name(name), value.clone())).collect(),
        body: request.body.clone(),
        content_type: request.content_type.clone(),
        documents: if xml_body { documents::parse(&request.body) } else { Vec::new() },
        breakout: flag(request, "isBreakout").then(|| Breakout {
            parent_id: text("parentMeetingID"),
            parent_internal_id: String::new(),
            sequence: number("sequence"),
            free_join: flag(request, "freeJoin"),
        }),
        ..MeetingState::default()
    })
}

/// `MeetingIDConstraint` (bbb-common-web, `org.bigbluebutton.api.model.constraint`), then `ApiController.create`,
/// which takes no id with something around it that the check has not seen.
fn check_id(request: &Request, id: &str) -> Result<(), Reply> {
    if !LENGTHS.contains(&id.chars().count()) {
        return Err(failed("sizeError", "Meeting ID must be between 2 and 256 characters"));
    }
    if id.contains(',') {
        return Err(failed("validationError", "Meeting ID cannot contain ','"));
    }
    if request.param("meetingID").is_some_and(|given| sanitized(given) != given) {
        return Err(failed("validationError", "Invalid meeting ID"));
    }
    Ok(())
}

fn flag(request: &Request, name: &str) -> bool {
    request.param(name).is_some_and(|value| value.eq_ignore_ascii_case("true"))
}

fn stored_name(name: &str) -> String {
    if name.starts_with("meta_") { name.to_ascii_lowercase() } else { name.to_owned() }
}

/// The `meta_*` parameters whose names BBB takes: a letter, then letters, digits and hyphens.
fn metadata(request: &Request) -> Vec<(String, String)> {
    let mut metadata: Vec<(String, String)> = Vec::new();
    for (name, value) in &request.params {
        let Some(key) = name.strip_prefix("meta_") else { continue };
        let valid = key.starts_with(|c: char| c.is_ascii_alphabetic())
            && key.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
        let key = key.to_ascii_lowercase();
        if valid && metadata.iter().all(|(known, _)| *known != key) {
            metadata.push((key, value.clone()));
        }
    }
    metadata
}

fn created_answer(created: &Created, meeting: &MeetingState) -> Reply {
    let parent = meeting.breakout.as_ref().map_or("bbb-none", |breakout| &breakout.parent_internal_id);
    let (key, message) = match created {
        Created::New => ("", ""),
        Created::Duplicate => {
            ("duplicateWarning", "This conference was already in existence and may currently be in progress.")
        }
    };
    success(|out| {
        xml::element(out, "meetingID", &meeting.id);
        xml::element(out, "internalMeetingID", &meeting.internal_id);
        xml::element(out, "parentMeetingID", parent);
        xml::element(out, "attendeePW", &meeting.attendee_pw);
        xml::element(out, "moderatorPW", &meeting.moderator_pw);
        xml::number(out, "createTime", meeting.create_time);
        xml::element(out, "voiceBridge", &meeting.voice_bridge);
        xml::element(out, "dialNumber", &meeting.dial_number);
        xml::element(out, "createDate", &create_date(meeting.create_time));
        xml::boolean(out, "hasUserJoined", meeting.has_user_joined);
        xml::number(out, "duration", meeting.duration);
        xml::boolean(out, "hasBeenForciblyEnded", false);
        xml::element(out, "messageKey", key);
        xml::element(out, "message", message);
    })
}
