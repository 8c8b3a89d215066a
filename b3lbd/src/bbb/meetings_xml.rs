//! Parses the nodes' `getMeetings` answers: values are read, `<meeting>` elements are kept unchanged.

use bytes::Bytes;

use super::NodeMeeting;
use super::marker_xml::cut;
use super::node_meeting::read_meeting;
use super::xml_rules::text_of;
use super::xml_text::{Visitor, after_declaration, walk, walk_element};

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

/// Maximum number of meetings on a node, far more than any server can hold.
pub const MAX_MEETINGS: usize = 10_000;
/// Maximum number of skipped meetings before the whole list is rejected, since finding the end of each is
/// expensive.
const MAX_LEFT_OUT: usize = 1000;
/// Maximum size of one meeting in bytes, enough for thousands of people.
const MAX_MEETING: usize = 4 * 1024 * 1024;
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
        let (length, read) = match read_meeting(window) {
            Some(read) => (read.length, read.meeting.map(|it| (it, read.marker))),
            None => (end_of_broken(&xml[at..]).ok_or(ParseError::Malformed)?, None),
        };
        let fragment = bytes(at, at + length);
        match read {
            Some((meeting, None)) => list.meetings.push(NodeMeeting { fragment, ..meeting }),
            Some((meeting, Some(marker))) => {
                let fragment = cut(&fragment, [marker]);
                list.meetings.push(NodeMeeting { fragment, ..meeting });
            }
            None if list.left_out.len() == MAX_LEFT_OUT => return Err(ParseError::Malformed),
            None => list.left_out.push(fragment),
        }
        at += length;
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
