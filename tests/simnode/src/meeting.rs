//! What a node knows of a meeting.

use bytes::Bytes;

use crate::documents::Document;

/// A meeting on the node, as it is at one moment.
#[derive(Debug, Clone, Default)]
pub struct MeetingState {
    /// The id its maker gave it.
    pub id: String,
    /// The shown name.
    pub name: String,
    /// Milliseconds since 1970; no two meetings of a node share one.
    pub create_time: u64,
    /// `sha1(id)-create_time`, the identity of the instance.
    pub internal_id: String,
    /// Password of viewers.
    pub attendee_pw: String,
    /// Password of moderators.
    pub moderator_pw: String,
    /// Number of the voice conference.
    pub voice_bridge: String,
    /// Phone number shown to attendees.
    pub dial_number: String,
    /// Longest duration in minutes, 0 for no limit.
    pub duration: u64,
    /// Most participants, 0 for no limit.
    pub max_users: u64,
    /// Whether `record=true` was asked for.
    pub recording: bool,
    /// All parameters of the create call, names of `meta_*` in lower case.
    pub params: Vec<(String, String)>,
    /// The valid `meta_*` parameters without the prefix.
    pub metadata: Vec<(String, String)>,
    /// The create call's body, as it came.
    pub body: Bytes,
    /// The create call's content type.
    pub content_type: Option<String>,
    /// Presentations that came with `create` and `insertDocument`.
    pub documents: Vec<Document>,
    /// Messages that came by `sendChatMessage`.
    pub chat: Vec<String>,
    /// Who is in the meeting now.
    pub attendees: Vec<Attendee>,
    /// Numbers to be told instead of those of the attendees.
    pub claimed: Option<Counts>,
    /// Whether anybody has ever joined.
    pub has_user_joined: bool,
    /// Set for a breakout room.
    pub breakout: Option<Breakout>,
    /// Ids of the breakout rooms of this meeting.
    pub breakout_rooms: Vec<String>,
}

impl MeetingState {
    /// The first value of a create parameter.
    pub fn param(&self, name: &str) -> Option<&str> {
        self.params.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// A metadata value; the name without `meta_`, in lower case.
    pub fn meta(&self, name: &str) -> Option<&str> {
        self.metadata.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Whether a feature was switched off at `create`: `ParamsProcessorUtil.processCreateParams` (bbb-common-web,
    /// `org.bigbluebutton.api`).
    pub fn disables(&self, feature: &str) -> bool {
        let lists = |name: &str| {
            self.param(name).is_some_and(|list| list.split(',').any(|one| one.trim() == feature))
        };
        lists("disabledFeatures") && !lists("disabledFeaturesExclude")
    }

    /// Whether somebody is in the meeting, or said to be.
    pub fn running(&self) -> bool {
        !self.attendees.is_empty() || self.claimed.is_some_and(|claimed| claimed.participants > 0)
    }

    /// How many attendees fulfil a condition.
    pub fn count(&self, condition: impl Fn(&Attendee) -> bool) -> usize {
        self.attendees.iter().filter(|attendee| condition(attendee)).count()
    }

    /// The numbers told of the meeting.
    pub fn counts(&self) -> Counts {
        let count = |condition: fn(&Attendee) -> bool| self.count(condition) as u64;
        self.claimed.unwrap_or_else(|| Counts {
            participants: self.attendees.len() as u64,
            listeners: count(|attendee| attendee.listening_only),
            voices: count(|attendee| attendee.voice),
            videos: count(|attendee| attendee.video),
            moderators: count(|attendee| attendee.moderator),
        })
    }
}

/// Numbers of attendees. BBB has no more than 2^31, a broken node may tell any.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// All attendees.
    pub participants: u64,
    /// Those who only listen.
    pub listeners: u64,
    /// Those with a microphone.
    pub voices: u64,
    /// Cameras.
    pub videos: u64,
    /// Moderators.
    pub moderators: u64,
}

impl Counts {
    /// The same number of everything.
    pub fn all(count: u64) -> Self {
        Self { participants: count, listeners: count, voices: count, videos: count, moderators: count }
    }
}

/// What makes a meeting a breakout room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Breakout {
    /// The parent's id as its maker gave it.
    pub parent_id: String,
    /// The parent's internal id, as shown in `parentMeetingID`.
    pub parent_internal_id: String,
    /// Number of the room in its parent, from 1.
    pub sequence: u64,
    /// Whether attendees may choose the room.
    pub free_join: bool,
}

/// Somebody in a meeting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attendee {
    /// The caller's `userID`, or the internal one.
    pub user_id: String,
    /// The shown name.
    pub name: String,
    /// Moderator or viewer.
    pub moderator: bool,
    /// Holds the presentation.
    pub presenter: bool,
    /// Hears, but has no microphone.
    pub listening_only: bool,
    /// Has a microphone.
    pub voice: bool,
    /// Shares a camera.
    pub video: bool,
    /// The `userdata-*` parameters without the prefix.
    pub custom_data: Vec<(String, String)>,
}

impl Attendee {
    /// A viewer or moderator without any media.
    pub fn new(user_id: &str, name: &str, moderator: bool) -> Self {
        Self {
            user_id: user_id.to_owned(),
            name: name.to_owned(),
            moderator,
            presenter: false,
            listening_only: false,
            voice: false,
            video: false,
            custom_data: Vec::new(),
        }
    }
}
