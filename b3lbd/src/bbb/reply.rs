//! B3LB's own answers, in XML. Foreign text is escaped here and nowhere else.

use bytes::Bytes;
use quick_xml::escape::escape;

/// Why a call is refused: a key for programs, and a text for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// `messageKey`.
    pub key: &'static str,
    /// `message`.
    pub message: &'static str,
}

impl Failure {
    /// Unknown tenant; wrong, missing or duplicate checksum. Clients cannot tell them apart.
    pub const CHECKSUM: Self = Self::new("checksumError", "You did not pass the checksum security check");
    /// A call that does not exist, or is not offered.
    pub const UNSUPPORTED: Self = Self::new("unsupportedRequest", "This request is not supported.");
    /// The call does not accept a body of this type.
    pub const CONTENT_TYPE: Self =
        Self::new("unsupportedContentType", "POST request Content-Type is missing or unsupported");
    /// No `meetingID`.
    pub const NO_MEETING_ID: Self = Self::new("missingParamMeetingID", "You must provide a meeting ID");
    /// Unknown meeting.
    pub const NOT_FOUND: Self = Self::new("notFound", "A meeting with that ID does not exist");
    /// Unknown meeting, for `join`.
    pub const NO_SUCH_MEETING: Self = Self::new(
        "invalidMeetingIdentifier",
        "The meeting ID that you supplied did not match any existing meetings",
    );
    /// The id is taken: with different passwords, or by other owners on every node.
    pub const ID_NOT_UNIQUE: Self = Self::new(
        "idNotUnique",
        "A meeting already exists with that meeting ID. Please use a different meeting ID.",
    );
    /// No node accepts meetings.
    pub const NO_NODE: Self = Self::new("internalError", "No Node available.");
    /// The meeting's node does not answer.
    pub const NODE_SILENT: Self =
        Self::new("internalError", "The server of this meeting does not answer. Please try again later.");
    /// The web server in front of the node's BBB rejects requests of that size.
    pub const TOO_LARGE: Self =
        Self::new("internalError", "The request is too large for the server of this meeting.");
    /// It is not known whether the meeting was created.
    pub const UNKNOWN_OUTCOME: Self = Self::new(
        "internalError",
        "The server has not answered in time, and the meeting may still be created. Please try again later.",
    );
    /// No node knows the session.
    pub const NO_SESSION: Self = Self::new("invalidSession", "Invalid session token");
    /// Recordings are not offered, so none is ever found.
    pub const NO_RECORDINGS: Self = Self::new("notFound", "We could not find recordings");
    /// Unknown meeting, for `sendChatMessage`.
    pub const NO_CHAT: Self = Self::new("meetingNotFound", "Meeting not found");
    /// A URL that must be stored is too long.
    pub const URL_SIZE: Self = Self::new(
        "validationError",
        "meetingEndedURL and meta_analytics-callback-url must not be longer than 8192 bytes",
    );
    /// The database did not accept the meeting.
    pub const STORE: Self =
        Self::new("internalError", "The meeting could not be stored. Please try again later.");
    /// This daemon is not the primary, or cannot know whether it is.
    pub const PRIMARY_UNAVAILABLE: Self = Self::new(
        "primaryUnavailable",
        "New meetings cannot be created at the moment. Please try again later.",
    );
    /// Text that is not UTF-8, invalid escapes, or control characters.
    pub const VALIDATION: Self =
        Self::new("validationError", "A parameter is not valid UTF-8 text or contains control characters");
    /// A breakout room of somebody else's meeting.
    pub const FOREIGN_PARENT: Self = Self::new(
        "validationError",
        "The parent meeting of a breakout room must be a meeting of the same secret",
    );
    /// A breakout room whose id would collide with internal ids.
    pub const ROOM_ID: Self = Self::new(
        "validationError",
        "The meeting ID of a breakout room must not look like an internal meeting ID, nor begin like that of another",
    );
    /// `meetingID` too short or too long.
    pub const ID_SIZE: Self = Self::new("sizeError", "Meeting ID must be between 2 and 256 characters");
    /// `meetingID` with a comma.
    pub const ID_COMMA: Self = Self::new("validationError", "Meeting ID must not contain commas");
    /// `name` too short or too long.
    pub const NAME_SIZE: Self = Self::new("sizeError", "Meeting name must be between 2 and 256 characters");
    /// A limit of the tenant or the secret is reached.
    pub const LIMIT: Self = Self::new("maxConcurrent", "Meeting/Attendee limit reached.");

    const fn new(key: &'static str, message: &'static str) -> Self {
        Self { key, message }
    }

    /// The answer in BBB's format.
    pub fn xml(&self) -> String {
        flat_answer("FAILED", &[("messageKey", self.key), ("message", self.message)])
    }
}

/// Whether a body is BBB's XML, judging by its start and end.
pub fn is_response(body: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(body) else { return false };
    let mut text = text.strip_prefix('\u{feff}').unwrap_or(text).trim();
    if text.starts_with("<?xml") {
        text = text.split_once("?>").map_or("", |(_, rest)| rest).trim_start();
    }
    let Some(rest) = text.strip_prefix("<response") else { return false };
    rest == "/>" || (rest.starts_with(['>', ' ', '\t', '\r', '\n']) && rest.ends_with("</response>"))
}

/// Whether a body is JSON, which BBB sends in answer to calls by session.
pub fn is_json(body: &[u8]) -> bool {
    serde_json::from_slice::<JsonAnswer>(body).is_ok()
}

/// Whether a node's answer reports success, in XML or JSON.
pub fn is_success(body: &[u8]) -> bool {
    match serde_json::from_slice::<JsonAnswer>(body) {
        Ok(answer) => answer.response.returncode == "SUCCESS",
        Err(_) => memchr::memmem::find(body, b"<returncode>SUCCESS</returncode>").is_some(),
    }
}

#[derive(serde::Deserialize)]
struct JsonAnswer {
    response: JsonResponse,
}

#[derive(serde::Deserialize)]
struct JsonResponse {
    returncode: String,
}

/// Appends an element with escaped text.
pub(super) fn push_element(xml: &mut String, name: &str, text: &str) {
    for part in ["<", name, ">", &escape(text), "</", name, ">"] {
        xml.push_str(part);
    }
}

/// A `<response>` with a return code and these children.
pub fn flat_answer(returncode: &str, children: &[(&str, &str)]) -> String {
    let mut xml = format!("<response><returncode>{returncode}</returncode>");
    for (name, value) in children {
        push_element(&mut xml, name, value);
    }
    xml.push_str("</response>");
    xml
}

/// The answer of `isMeetingRunning`.
pub fn running(running: bool) -> String {
    flat_answer("SUCCESS", &[("running", if running { "true" } else { "false" })])
}

/// The answer to `getMeetings`, built from the nodes' own `<meeting>` elements.
#[derive(Debug)]
pub struct MeetingList(Vec<u8>);

impl Default for MeetingList {
    fn default() -> Self {
        Self(Self::HEAD.to_vec())
    }
}

impl MeetingList {
    const HEAD: &'static [u8] = b"<response><returncode>SUCCESS</returncode><meetings>";

    /// Appends a `<meeting>` element.
    pub fn push(&mut self, fragment: &[u8]) {
        self.0.extend_from_slice(fragment);
    }

    /// The complete answer.
    pub fn finish(mut self) -> Bytes {
        if self.0.len() == Self::HEAD.len() {
            let message = "no meetings were found on this server";
            let xml = flat_answer(
                "SUCCESS",
                &[("meetings", ""), ("messageKey", "noMeetings"), ("message", message)],
            );
            return Bytes::from(xml.replace("<meetings></meetings>", "<meetings/>"));
        }
        self.0.extend_from_slice(b"</meetings></response>");
        Bytes::from(self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_text_is_escaped_once() {
        assert_eq!(
            flat_answer("SUCCESS", &[("a", "<&>\"")]),
            "<response><returncode>SUCCESS</returncode><a>&lt;&amp;&gt;&quot;</a></response>"
        );
    }

    #[test]
    fn a_response_is_told_from_a_page() {
        for good in [
            "<response/>",
            "<response><a/></response>\n",
            "\u{feff}<?xml version=\"1.0\"?>\n<response>\n</response>",
        ] {
            assert!(is_response(good.as_bytes()), "{good}");
        }
        for bad in [
            "",
            "<html></html>",
            "<responses></responses>",
            "<response><a/>",
            "Welcome <response></response>",
        ] {
            assert!(!is_response(bad.as_bytes()), "{bad}");
        }
        assert!(!is_response(b"<response>\xff</response>"));
    }

    #[test]
    fn an_empty_list_says_so() {
        let empty = MeetingList::default().finish();
        assert!(
            empty.starts_with(b"<response><returncode>SUCCESS</returncode><meetings/><messageKey>noMeetings")
        );
        let mut list = MeetingList::default();
        list.push(b"<meeting/>");
        assert_eq!(
            list.finish(),
            "<response><returncode>SUCCESS</returncode><meetings><meeting/></meetings></response>"
        );
    }
}
