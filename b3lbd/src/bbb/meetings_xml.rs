//! The nodes' `getMeetings` answers: figures are read, `<meeting>` elements are kept as they are.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;

use super::reply::push_element;
use super::xml_text::{Visitor, walk};
use super::{Params, flat_answer, flat_response};

/// Why a node's answer is not believed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParseError {
    /// Not well-formed XML.
    #[error("the answer is not well-formed XML")]
    Malformed,
    /// Well-formed, but not what BBB answers.
    #[error("the answer is not BigBlueButton's")]
    NotBbb,
    /// BBB refuses the request.
    #[error("the node refuses the request: {0}")]
    Refused(String),
}

/// A meeting as a node reports it.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct NodeMeeting {
    /// `meetingID`.
    pub id: Arc<str>,
    /// `internalMeetingID`.
    pub internal_id: Arc<str>,
    /// `meetingName`.
    pub name: String,
    /// `createTime`, milliseconds since 1970.
    pub create_time: i64,
    /// Internal id of the parent, for breakout rooms.
    pub parent: Option<String>,
    /// `attendeePW`.
    pub attendee_pw: String,
    /// `moderatorPW`.
    pub moderator_pw: String,
    /// `running`: somebody has joined.
    pub running: bool,
    /// `participantCount`, moderators included.
    pub attendees: u32,
    /// `listenerCount`.
    pub listeners: u32,
    /// `voiceParticipantCount`.
    pub voices: u32,
    /// `videoCount`.
    pub videos: u32,
    /// `moderatorCount`.
    pub moderators: u32,
    /// `metadata/bbb-origin`.
    pub origin: String,
    /// `metadata/bbb-origin-server-name`.
    pub origin_server: String,
    /// The bytes of the `<meeting>` element, as the node wrote them.
    pub fragment: Bytes,
}

impl fmt::Debug for NodeMeeting {
    /// Without its passwords.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NodeMeeting({} {}, {} attendees)", self.id, self.internal_id, self.attendees)
    }
}

impl NodeMeeting {
    /// What the node answered to its create, as far as a poll tells.
    pub fn create_answer(&self) -> String {
        let children = [
            ("meetingID", &*self.id),
            ("internalMeetingID", &self.internal_id),
            ("parentMeetingID", self.parent.as_deref().unwrap_or("bbb-none")),
            ("attendeePW", &self.attendee_pw),
            ("moderatorPW", &self.moderator_pw),
            ("createTime", &self.create_time.to_string()),
            ("hasUserJoined", if self.running { "true" } else { "false" }),
            ("hasBeenForciblyEnded", "false"),
            ("messageKey", ""),
            ("message", ""),
        ];
        flat_answer("SUCCESS", &children)
    }
}

/// Reads a `getMeetings` answer; all of it is well-formed, or none of it is believed.
pub fn parse_get_meetings(body: &Bytes) -> Result<Vec<NodeMeeting>, ParseError> {
    let xml = std::str::from_utf8(body).map_err(|_| ParseError::Malformed)?;
    let mut collector = Collector::default();
    walk(xml, &mut collector)?;
    match collector.returncode.as_str() {
        "SUCCESS" => {}
        "FAILED" => return Err(ParseError::Refused(refusal(body))),
        _ => return Err(ParseError::NotBbb),
    }
    let mut meetings = Vec::with_capacity(collector.done.len());
    for (mut meeting, range) in collector.done {
        meeting.fragment = body.slice(range);
        meetings.push(meeting);
    }
    Ok(meetings)
}

fn refusal(body: &[u8]) -> String {
    let children = flat_response(body).unwrap_or_default();
    children.into_iter().find(|(name, _)| name == "messageKey").map(|(_, key)| key).unwrap_or_default()
}

/// Which text is wanted of the element that is open.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Field {
    #[default]
    None,
    Returncode,
    Id,
    InternalId,
    Name,
    CreateTime,
    Parent,
    IsBreakout,
    AttendeePw,
    ModeratorPw,
    Running,
    Attendees,
    Listeners,
    Voices,
    Videos,
    Moderators,
    Origin,
    OriginServer,
}

#[derive(Default)]
struct Collector {
    returncode: String,
    in_meetings: bool,
    in_metadata: bool,
    current: Option<Draft>,
    field: Field,
    text: String,
    done: Vec<(NodeMeeting, Range<usize>)>,
}

#[derive(Default)]
struct Draft {
    start: usize,
    is_breakout: bool,
    meeting: NodeMeeting,
}

impl Visitor for Collector {
    fn open(&mut self, depth: usize, name: &str, at: usize) -> Result<(), ParseError> {
        self.text.clear();
        self.field = Field::None;
        match depth {
            1 if name != "response" => return Err(ParseError::NotBbb),
            2 => {
                self.in_meetings = name == "meetings";
                if name == "returncode" {
                    self.field = Field::Returncode;
                }
            }
            3 if self.in_meetings && name == "meeting" => {
                self.current = Some(Draft { start: at, ..Draft::default() });
            }
            4 if self.current.is_some() => {
                self.in_metadata = name == "metadata";
                self.field = field_of(name);
            }
            5 if self.current.is_some() && self.in_metadata => {
                self.field = match name {
                    "bbb-origin" => Field::Origin,
                    "bbb-origin-server-name" => Field::OriginServer,
                    _ => Field::None,
                };
            }
            _ => {}
        }
        Ok(())
    }

    fn text(&mut self, _depth: usize, text: &str) {
        if self.field != Field::None {
            self.text.push_str(text);
        }
    }

    fn close(&mut self, depth: usize, end: usize) -> Result<(), ParseError> {
        let field = std::mem::take(&mut self.field);
        if field == Field::Returncode {
            self.text.trim().clone_into(&mut self.returncode);
        } else if let Some(draft) = self.current.as_mut().filter(|_| field != Field::None) {
            draft.take(field, self.text.trim());
        }
        if depth == 3
            && let Some(Draft { start, is_breakout, mut meeting }) = self.current.take()
        {
            if meeting.id.is_empty() {
                return Err(ParseError::NotBbb);
            }
            if !is_breakout {
                meeting.parent = None;
            }
            self.done.push((meeting, start..end));
        }
        Ok(())
    }
}

fn field_of(name: &str) -> Field {
    match name {
        "meetingID" => Field::Id,
        "internalMeetingID" => Field::InternalId,
        "meetingName" => Field::Name,
        "createTime" => Field::CreateTime,
        "parentMeetingID" => Field::Parent,
        "isBreakout" => Field::IsBreakout,
        "attendeePW" => Field::AttendeePw,
        "moderatorPW" => Field::ModeratorPw,
        "running" => Field::Running,
        "participantCount" => Field::Attendees,
        "listenerCount" => Field::Listeners,
        "voiceParticipantCount" => Field::Voices,
        "videoCount" => Field::Videos,
        "moderatorCount" => Field::Moderators,
        _ => Field::None,
    }
}

impl Draft {
    fn take(&mut self, field: Field, text: &str) {
        let it = &mut self.meeting;
        let number = || text.parse().unwrap_or(0);
        match field {
            Field::Id => it.id = text.into(),
            Field::InternalId => it.internal_id = text.into(),
            Field::Name => text.clone_into(&mut it.name),
            Field::CreateTime => it.create_time = text.parse().unwrap_or(0),
            Field::Parent => it.parent = Some(text.to_owned()),
            Field::IsBreakout => self.is_breakout = text == "true",
            Field::AttendeePw => text.clone_into(&mut it.attendee_pw),
            Field::ModeratorPw => text.clone_into(&mut it.moderator_pw),
            Field::Running => it.running = text == "true",
            Field::Attendees => it.attendees = number(),
            Field::Listeners => it.listeners = number(),
            Field::Voices => it.voices = number(),
            Field::Videos => it.videos = number(),
            Field::Moderators => it.moderators = number(),
            Field::Origin => text.clone_into(&mut it.origin),
            Field::OriginServer => text.clone_into(&mut it.origin_server),
            Field::None | Field::Returncode => {}
        }
    }
}

/// The meeting that a fresh `create` made, as the node will report it, from its answer and the
/// parameters sent: so that `getMeetings` has it at once.
pub fn fragment_of_new_meeting(answer: &[u8], sent: &Params) -> Result<NodeMeeting, ParseError> {
    let children = flat_response(answer)?;
    let get = |name: &str| {
        children.iter().find(|(it, _)| it == name).map(|(_, value)| value.as_str()).unwrap_or_default()
    };
    let name = sent.get("name").unwrap_or_default();
    let mut metadata: Vec<(String, &str)> = Vec::new();
    for (key, value) in sent.iter() {
        let Some(key) = key.strip_prefix("meta_").map(str::to_ascii_lowercase) else { continue };
        if is_metadata_name(&key) && metadata.iter().all(|(known, _)| *known != key) {
            metadata.push((key, value));
        }
    }
    let is_breakout = sent.get("isBreakout").is_some_and(|it| it.eq_ignore_ascii_case("true"));
    let mut xml = String::from("<meeting>");
    let mut element = |name: &str, value: &str| push_element(&mut xml, name, value);
    element("meetingName", name);
    for name in ["meetingID", "internalMeetingID", "createTime", "createDate", "voiceBridge", "dialNumber"] {
        element(name, get(name));
    }
    element("attendeePW", get("attendeePW"));
    element("moderatorPW", get("moderatorPW"));
    element("running", "false");
    element("duration", get("duration"));
    for (name, value) in [
        ("hasUserJoined", "false"),
        ("recording", "false"),
        ("hasBeenForciblyEnded", "false"),
        ("startTime", get("createTime")),
        ("endTime", "0"),
        ("participantCount", "0"),
        ("listenerCount", "0"),
        ("voiceParticipantCount", "0"),
        ("videoCount", "0"),
        ("maxUsers", sent.get_filled("maxParticipants").unwrap_or("0")),
        ("moderatorCount", "0"),
    ] {
        element(name, value);
    }
    xml.push_str("<attendees/><metadata>");
    for (key, value) in &metadata {
        push_element(&mut xml, key, value);
    }
    xml.push_str("</metadata>");
    push_element(&mut xml, "isBreakout", if is_breakout { "true" } else { "false" });
    if is_breakout {
        push_element(&mut xml, "parentMeetingID", get("parentMeetingID"));
        push_element(&mut xml, "sequence", sent.get_filled("sequence").unwrap_or("0"));
        let free_join = sent.get("freeJoin").is_some_and(|it| it.eq_ignore_ascii_case("true"));
        push_element(&mut xml, "freeJoin", if free_join { "true" } else { "false" });
    }
    xml.push_str("</meeting>");
    let meta = |key: &str| {
        metadata.iter().find(|(it, _)| it == key).map(|(_, value)| (*value).to_owned()).unwrap_or_default()
    };
    Ok(NodeMeeting {
        id: get("meetingID").into(),
        internal_id: get("internalMeetingID").into(),
        name: name.to_owned(),
        create_time: get("createTime").parse().unwrap_or(0),
        parent: is_breakout.then(|| get("parentMeetingID").to_owned()),
        attendee_pw: get("attendeePW").to_owned(),
        moderator_pw: get("moderatorPW").to_owned(),
        origin: meta("bbb-origin"),
        origin_server: meta("bbb-origin-server-name"),
        fragment: Bytes::from(xml),
        ..NodeMeeting::default()
    })
}

/// BBB takes a letter, then letters, digits and hyphens.
fn is_metadata_name(key: &str) -> bool {
    key.starts_with(|c: char| c.is_ascii_alphabetic())
        && key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const BODY: &str = "<response>\n <returncode>SUCCESS</returncode>\n <meetings>\n\
        <meeting><meetingName>A &amp; B</meetingName><meetingID>one</meetingID>\
        <internalMeetingID>i-1</internalMeetingID><createTime>17</createTime><running>true</running>\
        <participantCount>3</participantCount><listenerCount>1</listenerCount><voiceParticipantCount>2\
        </voiceParticipantCount><videoCount>1</videoCount><moderatorCount>1</moderatorCount>\
        <attendees><attendee><meetingID>decoy</meetingID></attendee></attendees>\
        <metadata><bbb-origin>M</bbb-origin><x>y</x></metadata><isBreakout>false</isBreakout>\
        <x-new a=\"1\">keep &amp; me</x-new></meeting>\n\
        <meeting><meetingID>two</meetingID><isBreakout>true</isBreakout>\
        <parentMeetingID>i-1</parentMeetingID></meeting></meetings></response>";

    #[test]
    fn figures_are_read_and_bytes_are_kept() {
        let body = Bytes::from(BODY);
        let meetings = parse_get_meetings(&body).unwrap();
        let one = &meetings[0];
        assert_eq!((&*one.id, one.name.as_str(), one.create_time), ("one", "A & B", 17));
        assert_eq!((one.attendees, one.listeners, one.voices, one.videos, one.moderators), (3, 1, 2, 1, 1));
        assert_eq!((one.origin.as_str(), one.running, &one.parent), ("M", true, &None));
        let text = std::str::from_utf8(&one.fragment).unwrap();
        assert!(text.starts_with("<meeting><meetingName>A &amp; B<") && text.ends_with("</x-new></meeting>"));
        assert_eq!(meetings[1].parent.as_deref(), Some("i-1"));
    }

    #[test]
    fn a_broken_answer_is_believed_in_no_part() {
        for cut in [10, 100, BODY.len() - 3] {
            assert!(parse_get_meetings(&Bytes::copy_from_slice(&BODY.as_bytes()[..cut])).is_err());
        }
        let refused =
            "<response><returncode>FAILED</returncode><messageKey>checksumError</messageKey></response>";
        assert_eq!(
            parse_get_meetings(&Bytes::from(refused)),
            Err(ParseError::Refused("checksumError".to_owned()))
        );
        assert_eq!(parse_get_meetings(&Bytes::from("<response/>")), Err(ParseError::NotBbb));
    }

    #[test]
    fn a_new_meeting_reads_like_a_polled_one() {
        let answer = b"<response><returncode>SUCCESS</returncode><meetingID>m</meetingID>\
            <internalMeetingID>i</internalMeetingID><createTime>5</createTime></response>";
        let sent = Params::parse("name=A+%26+B&meta_Bbb-Origin=x%3Cy&meta_a%20b=z".as_bytes()).unwrap();
        let meeting = fragment_of_new_meeting(answer, &sent).unwrap();
        let list = [
            b"<response><returncode>SUCCESS</returncode><meetings>",
            &meeting.fragment[..],
            b"</meetings></response>",
        ];
        let polled = parse_get_meetings(&Bytes::from(list.concat())).unwrap().remove(0);
        assert_eq!(polled, meeting);
        assert_eq!((polled.name.as_str(), polled.origin.as_str()), ("A & B", "x<y"));
    }

    proptest! {
        #[test]
        fn arbitrary_input_never_panics(noise in "\\PC{0,60}", at in 0..BODY.len()) {
            let mut text = BODY.to_owned();
            if text.is_char_boundary(at) {
                text.insert_str(at, &noise);
            }
            let _ = parse_get_meetings(&Bytes::from(text));
        }
    }
}
