//! One meeting as a node reports it: the `<meeting>` element of `getMeetings`.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;

use super::marker_xml::ELEMENT;
use super::xml_text::{Visitor, walk_element};
use super::{ParseError, flat_answer};

/// Maximum plausible number of people in a meeting.
const MAX_PEOPLE: u32 = 100_000;

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
    /// Whether it has ended, or was told to end.
    pub is_over: bool,
    /// The marker in its metadata; empty if it has none.
    pub marker: String,
    /// The bytes of the `<meeting>` element, unchanged but for the marker, which is left out.
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

/// A `<meeting>` element.
pub(super) struct Read {
    /// Its length in bytes.
    pub(super) length: usize,
    /// Its content, if it has an id.
    pub(super) meeting: Option<NodeMeeting>,
    /// The bytes of the marker.
    pub(super) marker: Option<Range<usize>>,
}

/// Reads the `<meeting>` with which `xml` begins. None if it is not well-formed.
pub(super) fn read_meeting(xml: &str) -> Option<Read> {
    let mut collector = Collector::default();
    let length = walk_element(xml, &mut collector).ok()?;
    let marker = collector.marker.take();
    let mut meeting = collector.finish();
    if let Some(meeting) = meeting.as_mut().filter(|_| !collector.unreadable.is_empty()) {
        count_people(&xml[..length], &collector.unreadable, meeting);
    }
    Some(Read { length, meeting, marker })
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
    Marker,
    ForciblyEnded,
    EndTime,
}

/// The depth of the marker in a `<meeting>`.
const MARKER_DEPTH: usize = 3;

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
    /// Where the element begins that was opened last.
    begin: usize,
    /// The depth of the element that was closed last.
    closed: usize,
    /// The bytes of the marker; while it is open, the range is empty.
    marker: Option<Range<usize>>,
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
                ELEMENT => {
                    self.marker = Some(self.begin..self.begin);
                    Field::Marker
                }
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

    fn close(&mut self, depth: usize) -> Result<(), ParseError> {
        self.closed = depth;
        let field = std::mem::take(&mut self.field);
        if field != Field::None {
            let text = std::mem::take(&mut self.text);
            self.take(field, text.trim());
        }
        Ok(())
    }

    fn begins_at(&mut self, offset: usize) {
        self.begin = offset;
    }

    fn ended_at(&mut self, offset: usize) {
        if self.closed == MARKER_DEPTH
            && let Some(marker) = self.marker.as_mut().filter(|it| it.start == it.end)
        {
            marker.end = offset;
        }
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
        "hasBeenForciblyEnded" => Field::ForciblyEnded,
        "endTime" => Field::EndTime,
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
            Field::Marker => text.clone_into(&mut it.marker),
            Field::ForciblyEnded => it.is_over |= text == "true",
            Field::EndTime => it.is_over |= !matches!(text, "" | "0"),
            _ => {}
        }
    }
}
