//! Parses the nodes' `getMeetings` answers: values are read, `<meeting>` elements are kept unchanged.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;

use super::reply::push_element;
use super::xml_rules::text_of;
use super::xml_text::{Visitor, after_declaration, walk, walk_element};
use super::{Params, flat_answer, flat_response};

/// Why a node's answer is rejected.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParseError {
    /// It is not well-formed XML.
    #[error("the answer is not well-formed XML")]
    Malformed,
    /// It is well-formed, but not an answer of BBB.
    #[error("the answer is not BigBlueButton's")]
    NotBbb,
    /// It has more meetings than any server can hold.
    #[error("more than {MAX_MEETINGS} meetings")]
    TooMany,
    /// BBB refused the request.
    #[error("the node refuses the request: {0}")]
    Refused(String),
}

/// A meeting, as reported by a node.
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
    /// Internal id of the parent meeting, for breakout rooms.
    pub parent: Option<String>,
    /// `attendeePW`.
    pub attendee_pw: String,
    /// `moderatorPW`.
    pub moderator_pw: String,
    /// `running`: somebody has joined.
    pub running: bool,
    /// `participantCount`, including moderators.
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
    /// The bytes of the `<meeting>` element, unchanged.
    pub fragment: Bytes,
}

impl fmt::Debug for NodeMeeting {
    /// Omits the passwords.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NodeMeeting({} {}, {} attendees)", self.id, self.internal_id, self.attendees)
    }
}

impl NodeMeeting {
    /// The node's answer to its create, as far as it can be reconstructed from a poll.
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

/// Maximum number of meetings on a node, far more than any server can hold.
pub const MAX_MEETINGS: usize = 10_000;
/// Maximum number of skipped meetings before the whole list is rejected, since finding the end of each is
/// expensive.
const MAX_LEFT_OUT: usize = 1000;
/// Maximum size of one meeting in bytes, enough for thousands of people.
const MAX_MEETING: usize = 4 * 1024 * 1024;
/// Maximum plausible number of people in a meeting.
const MAX_PEOPLE: u32 = 100_000;

/// The content of a `getMeetings` answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NodeList {
    /// Its meetings. Each is well-formed by itself.
    pub meetings: Vec<NodeMeeting>,
    /// Elements in place of a meeting that are not well-formed, or have no id.
    pub left_out: Vec<Bytes>,
}

impl NodeList {
    /// Whether the meeting with this internal id may be among those that were skipped.
    pub fn may_hide(left_out: &[Bytes], internal_id: &str) -> bool {
        left_out.iter().any(|it| memchr::memmem::find(it, internal_id.as_bytes()).is_some())
    }
}

/// Parses a `getMeetings` answer. Meetings are parsed one by one, so that one that is not well-formed does
/// not affect the others. Everything around them must be well-formed.
pub fn parse_get_meetings(body: &Bytes) -> Result<NodeList, ParseError> {
    let (text, mark) = text_of(body);
    let mut list = NodeList::default();
    let mut envelope = Envelope::default();
    let mut rest = after_declaration(&text).strip_prefix("<response>").ok_or_else(|| not_bbb(&text))?;
    loop {
        rest = rest.trim_ascii_start();
        if let Some(end) = rest.strip_prefix("</response>") {
            if !end.trim_ascii().is_empty() {
                return Err(ParseError::Malformed);
            }
            break;
        }
        rest = match rest.strip_prefix("<meetings>") {
            Some(inside) => {
                let at = mark + text.len() - inside.len();
                let length = read_meetings(inside, |from, to| body.slice(at + from..at + to), &mut list)?;
                envelope.has_meetings = true;
                &inside[length..]
            }
            None => &rest[walk_element(rest, &mut envelope)?..],
        };
    }
    match envelope.returncode.as_str() {
        "SUCCESS" if envelope.has_meetings => Ok(list),
        "FAILED" => Err(ParseError::Refused(envelope.key)),
        _ => Err(ParseError::NotBbb),
    }
}

/// Why a text that does not start like a response is rejected.
fn not_bbb(text: &str) -> ParseError {
    let mut root = Envelope::default();
    match walk(after_declaration(text), &mut root) {
        Ok(()) => ParseError::NotBbb,
        Err(error) => error,
    }
}

/// Parses meetings up to and including `</meetings>` and returns their length. `bytes` returns the bytes of a
/// part.
fn read_meetings(
    xml: &str,
    bytes: impl Fn(usize, usize) -> Bytes,
    list: &mut NodeList,
) -> Result<usize, ParseError> {
    const END: &str = "</meetings>";
    let mut at = 0;
    loop {
        at = xml.len() - xml[at..].trim_ascii_start().len();
        if xml[at..].starts_with(END) {
            return Ok(at + END.len());
        }
        if list.meetings.len() + list.left_out.len() == MAX_MEETINGS {
            return Err(ParseError::TooMany);
        }
        let window = &xml[at..xml.floor_char_boundary(at + MAX_MEETING)];
        let mut collector = Collector::default();
        let length = walk_element(window, &mut collector).ok();
        if let (Some(length), Some(mut meeting)) = (length, collector.finish()) {
            meeting.fragment = bytes(at, at + length);
            if !collector.unreadable.is_empty() {
                count_people(&window[..length], &collector.unreadable, &mut meeting);
            }
            list.meetings.push(meeting);
            at += length;
        } else {
            let length = length.or_else(|| end_of_broken(&xml[at..])).ok_or(ParseError::Malformed)?;
            if list.left_out.len() == MAX_LEFT_OUT {
                return Err(ParseError::Malformed);
            }
            list.left_out.push(bytes(at, at + length));
            at += length;
        }
    }
}

/// The end of a meeting that is not well-formed: the unambiguous start of the next one, or the end of the
/// list.
fn end_of_broken(xml: &str) -> Option<usize> {
    const END: &str = "</meeting>";
    memchr::memmem::find_iter(xml.as_bytes(), END).map(|at| at + END.len()).find(|end| {
        let next = xml[*end..].trim_ascii_start();
        next.starts_with("<meeting>") || next.starts_with("</meetings>")
    })
}

/// The return code and message key of an answer.
#[derive(Default)]
struct Envelope {
    returncode: String,
    key: String,
    name: String,
    has_meetings: bool,
}

impl Visitor for Envelope {
    fn open(&mut self, depth: usize, name: &str) -> Result<(), ParseError> {
        match depth {
            1 => name.clone_into(&mut self.name),
            // Meetings in an unexpected wrapper element would look like an empty list.
            2 if self.name == "meetings" => return Err(ParseError::NotBbb),
            _ => {}
        }
        self.has_meetings |= self.name == "meetings";
        Ok(())
    }

    fn text(&mut self, depth: usize, text: &str) {
        match (depth, self.name.as_str()) {
            (1, "returncode") => self.returncode.push_str(text.trim()),
            (1, "messageKey") => self.key.push_str(text.trim()),
            _ => {}
        }
    }

    fn close(&mut self, _depth: usize) -> Result<(), ParseError> {
        Ok(())
    }
}

/// Counts the people listed in a meeting, as a replacement for counts that cannot be parsed.
fn count_people(xml: &str, unreadable: &[Field], meeting: &mut NodeMeeting) {
    let mut people = People::default();
    if walk_element(xml, &mut people).is_err() {
        return;
    }
    for field in unreadable {
        match field {
            Field::Attendees => meeting.attendees = people.all,
            Field::Listeners => meeting.listeners = people.listeners,
            Field::Voices => meeting.voices = people.voices,
            Field::Videos => meeting.videos = people.videos,
            Field::Moderators => meeting.moderators = people.moderators,
            _ => {}
        }
    }
}

/// The people listed in a meeting.
#[derive(Default)]
struct People {
    in_attendees: bool,
    name: String,
    all: u32,
    listeners: u32,
    voices: u32,
    videos: u32,
    moderators: u32,
}

impl Visitor for People {
    fn open(&mut self, depth: usize, name: &str) -> Result<(), ParseError> {
        match depth {
            2 => self.in_attendees = name == "attendees",
            3 if self.in_attendees && name == "attendee" => self.all += 1,
            _ => {}
        }
        name.clone_into(&mut self.name);
        Ok(())
    }

    fn text(&mut self, depth: usize, text: &str) {
        if depth != 4 || !self.in_attendees {
            return;
        }
        match (self.name.as_str(), text.trim()) {
            ("isListeningOnly", "true") => self.listeners += 1,
            ("hasJoinedVoice", "true") => self.voices += 1,
            ("hasVideo", "true") => self.videos += 1,
            ("role", "MODERATOR") => self.moderators += 1,
            _ => {}
        }
    }

    fn close(&mut self, _depth: usize) -> Result<(), ParseError> {
        self.name.clear();
        Ok(())
    }
}

/// Parses a number of people. Older versions of BBB use digit grouping (`1,202`).
fn people(text: &str) -> Option<u32> {
    let is_grouping = |c: char| matches!(c, ',' | '.' | '\'' | '\u{2019}' | ' ' | '\u{a0}' | '\u{202f}');
    let digits: String = text.chars().filter(|c| !is_grouping(*c)).collect();
    digits.parse().ok().filter(|it| *it <= MAX_PEOPLE)
}

/// The field that the open element belongs to.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Field {
    #[default]
    None,
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

/// Parses one `<meeting>`.
#[derive(Default)]
struct Collector {
    is_meeting: bool,
    in_metadata: bool,
    is_breakout: bool,
    field: Field,
    text: String,
    meeting: NodeMeeting,
    /// Counts that are present but cannot be parsed.
    unreadable: Vec<Field>,
}

impl Collector {
    /// Returns the meeting, if the element was one.
    fn finish(&mut self) -> Option<NodeMeeting> {
        let mut meeting = std::mem::take(&mut self.meeting);
        if !self.is_breakout {
            meeting.parent = None;
        }
        Some(meeting).filter(|it| self.is_meeting && !it.id.is_empty())
    }
}

impl Visitor for Collector {
    fn open(&mut self, depth: usize, name: &str) -> Result<(), ParseError> {
        self.text.clear();
        self.field = match depth {
            1 => {
                self.is_meeting = name == "meeting";
                Field::None
            }
            2 => {
                self.in_metadata = name == "metadata";
                field_of(name)
            }
            3 if self.in_metadata => match name {
                "bbb-origin" => Field::Origin,
                "bbb-origin-server-name" => Field::OriginServer,
                _ => Field::None,
            },
            _ => Field::None,
        };
        Ok(())
    }

    fn text(&mut self, _depth: usize, text: &str) {
        if self.field != Field::None {
            self.text.push_str(text);
        }
    }

    fn close(&mut self, _depth: usize) -> Result<(), ParseError> {
        let field = std::mem::take(&mut self.field);
        if field != Field::None {
            let text = std::mem::take(&mut self.text);
            self.take(field, text.trim());
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

impl Collector {
    fn take(&mut self, field: Field, text: &str) {
        let it = &mut self.meeting;
        let number = match field {
            Field::Attendees => &mut it.attendees,
            Field::Listeners => &mut it.listeners,
            Field::Voices => &mut it.voices,
            Field::Videos => &mut it.videos,
            Field::Moderators => &mut it.moderators,
            _ => return self.take_text(field, text),
        };
        match people(text) {
            Some(people) => *number = people,
            None => self.unreadable.push(field),
        }
    }

    fn take_text(&mut self, field: Field, text: &str) {
        let it = &mut self.meeting;
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
            Field::Origin => text.clone_into(&mut it.origin),
            Field::OriginServer => text.clone_into(&mut it.origin_server),
            _ => {}
        }
    }
}

/// A meeting that a `create` just made, built from its answer and the parameters sent to look like the node's
/// own report, so that `getMeetings` includes it at once.
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

/// BBB accepts a letter, followed by letters, digits and hyphens.
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

    /// Ids of the meetings parsed from a list of these parts, and the number of skipped ones.
    fn read(parts: &[&str]) -> (Vec<String>, usize) {
        let list = format!(
            "<response><returncode>SUCCESS</returncode><meetings>{}</meetings></response>",
            parts.join("\n")
        );
        let list = parse_get_meetings(&Bytes::from(list)).unwrap();
        (list.meetings.iter().map(|it| it.id.to_string()).collect(), list.left_out.len())
    }

    #[test]
    fn values_are_read_and_bytes_are_kept() {
        let body = Bytes::from(BODY);
        let meetings = parse_get_meetings(&body).unwrap().meetings;
        let one = &meetings[0];
        assert_eq!((&*one.id, one.name.as_str(), one.create_time), ("one", "A & B", 17));
        assert_eq!((one.attendees, one.listeners, one.voices, one.videos, one.moderators), (3, 1, 2, 1, 1));
        assert_eq!((one.origin.as_str(), one.running, &one.parent), ("M", true, &None));
        let text = std::str::from_utf8(&one.fragment).unwrap();
        assert!(text.starts_with("<meeting><meetingName>A &amp; B<") && text.ends_with("</x-new></meeting>"));
        assert_eq!(meetings[1].parent.as_deref(), Some("i-1"));
    }

    #[test]
    fn an_answer_that_breaks_off_is_believed_in_no_part() {
        for cut in 0..BODY.len() {
            let cut = Bytes::copy_from_slice(&BODY.as_bytes()[..cut]);
            assert!(parse_get_meetings(&cut).is_err(), "{cut:?}");
        }
        let refused =
            "<response><returncode>FAILED</returncode><messageKey>checksumError</messageKey></response>";
        assert_eq!(
            parse_get_meetings(&Bytes::from(refused)),
            Err(ParseError::Refused("checksumError".to_owned()))
        );
        for other in [
            "<response/>",
            "<html></html>",
            "<response><returncode>SUCCESS</returncode></response>",
            "<response><returncode>SUCCESS</returncode><meetings x=\"1\"><meeting/></meetings></response>",
        ] {
            assert_eq!(parse_get_meetings(&Bytes::from(other)), Err(ParseError::NotBbb), "{other}");
        }
        let none = "<response><returncode>SUCCESS</returncode><meetings/><messageKey>noMeetings</messageKey></response>";
        assert_eq!(parse_get_meetings(&Bytes::from(none)), Ok(NodeList::default()));
    }

    #[test]
    fn finding_8_one_meeting_that_is_no_xml_takes_no_other_with_it() {
        let good = "<meeting><meetingID>good</meetingID><metadata><meeting>x</meeting></metadata></meeting>";
        let last = "<meeting><meetingID>last</meetingID></meeting>";
        for inside in [
            "<show chat>yes</show chat>",
            "<2fa>x</2fa>",
            "<a&b>x</a&b>",
            "<>x</>",
            "<a/>x</a/>",
            "<!--x",
            "<!>x</!>",
            "<![CDATA[>x</![CDATA[>",
            "<?x",
            "\u{1}",
            "\u{ffff}",
            "&#1;",
            "]]>",
            "</attendees>",
        ] {
            let bad = format!("<meeting><meetingID>bad</meetingID>{inside}</meeting>");
            assert_eq!(
                read(&[good, &bad, last]),
                (vec!["good".to_owned(), "last".to_owned()], 1),
                "{inside}"
            );
        }
        assert_eq!(read(&["<meeting></meeting>", last, "<other/>"]), (vec!["last".to_owned()], 2));
    }

    #[test]
    fn finding_9_a_byte_order_mark_shifts_nothing_and_bad_bytes_stay_where_they_are() {
        let mut body = "\u{feff}".as_bytes().to_vec();
        body.extend(BODY.replace("<meetingName>", "<meetingName>\u{e4}").into_bytes());
        let list = parse_get_meetings(&Bytes::from(body.clone())).unwrap();
        assert!(
            list.meetings
                .iter()
                .all(|it| it.fragment.starts_with(b"<meeting>") && it.fragment.ends_with(b"</meeting>"))
        );
        let at = memchr::memmem::find(&body, "\u{e4}".as_bytes()).unwrap();
        body[at] = 0xff;
        let list = parse_get_meetings(&Bytes::from(body)).unwrap();
        assert_eq!((list.meetings.len(), &*list.meetings[0].id, list.left_out.len()), (1, "two", 1));
        assert!(NodeList::may_hide(&list.left_out, "i-1") && !NodeList::may_hide(&list.left_out, "i-2"));
    }

    #[test]
    fn finding_14_a_node_has_no_more_meetings_than_a_server_holds() {
        let one = "<meeting><meetingID>m</meetingID></meeting>";
        assert_eq!(read(&vec![one; MAX_MEETINGS]).0.len(), MAX_MEETINGS);
        let list = format!(
            "<response><returncode>SUCCESS</returncode><meetings>{}</meetings></response>",
            one.repeat(MAX_MEETINGS + 1)
        );
        assert_eq!(parse_get_meetings(&Bytes::from(list)), Err(ParseError::TooMany));
    }

    #[test]
    fn finding_17_grouped_numbers_are_read_and_others_counted() {
        let people = "<attendees><attendee><role>MODERATOR</role><hasVideo>true</hasVideo></attendee>\
            <attendee><role>VIEWER</role><isListeningOnly>true</isListeningOnly></attendee></attendees>";
        for (said, read) in [
            ("1,202", 1202),
            ("1.202", 1202),
            ("1\u{202f}202", 1202),
            ("12", 12),
            ("many", 2),
            ("", 2),
            ("-1", 2),
            ("4294967295", 2),
            ("99999999999999999999", 2),
        ] {
            let meeting = format!(
                "<meeting><meetingID>m</meetingID><participantCount>{said}</participantCount>\
                 <moderatorCount>{said}</moderatorCount>{people}</meeting>"
            );
            let body = format!(
                "<response><returncode>SUCCESS</returncode><meetings>{meeting}</meetings></response>"
            );
            let list = parse_get_meetings(&Bytes::from(body)).unwrap().meetings;
            let moderators = if read == 2 { 1 } else { read };
            assert_eq!((list[0].attendees, list[0].moderators), (read, moderators), "{said}");
        }
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
        let polled = parse_get_meetings(&Bytes::from(list.concat())).unwrap().meetings.remove(0);
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
