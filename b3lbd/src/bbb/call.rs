//! The API calls, by name.

/// A call that B3LB knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Call {
    /// Makes a meeting.
    Create,
    /// Sends a person into a meeting.
    Join,
    /// Whether somebody is in a meeting.
    IsMeetingRunning,
    /// Ends a meeting.
    End,
    /// All about a meeting.
    GetMeetingInfo,
    /// Adds presentations to a running meeting.
    InsertDocument,
    /// Writes into the public chat.
    SendChatMessage,
    /// Of the Flash age; nodes answer it as they like.
    SetConfigXml,
    /// All meetings.
    GetMeetings,
    /// Recordings are not offered: always none.
    GetRecordings,
    /// Recordings are not offered: always none, in JSON.
    GetRecordingTextTracks,
    /// Recordings are not offered: never found.
    PublishRecordings,
    /// Recordings are not offered: never found.
    DeleteRecordings,
    /// Recordings are not offered: never found.
    UpdateRecordings,
    /// Recordings are not offered: never found, in JSON.
    PutRecordingTextTrack,
    /// Who is in which meeting, by session.
    GetSessions,
    /// A URL by which the person of a session comes in on another device.
    GetJoinUrl,
    /// What people did in a meeting, by session.
    LearningDashboard,
    /// Of the Flash age; not offered.
    GetDefaultConfigXml,
}

/// Who answers a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Handling {
    /// B3LB itself.
    Own,
    /// The node of the meeting, word for word.
    PassThrough,
    /// Whichever node knows the session, word for word.
    BySession,
    /// Nobody: it is about recordings, or not offered.
    Refused,
}

impl Call {
    /// All of them.
    const ALL: [Self; 19] = [
        Self::Create,
        Self::Join,
        Self::IsMeetingRunning,
        Self::End,
        Self::GetMeetingInfo,
        Self::InsertDocument,
        Self::SendChatMessage,
        Self::SetConfigXml,
        Self::GetMeetings,
        Self::GetRecordings,
        Self::GetRecordingTextTracks,
        Self::PublishRecordings,
        Self::DeleteRecordings,
        Self::UpdateRecordings,
        Self::PutRecordingTextTrack,
        Self::GetSessions,
        Self::GetJoinUrl,
        Self::LearningDashboard,
        Self::GetDefaultConfigXml,
    ];

    /// The call of that name; names are case-sensitive.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|call| call.name() == name)
    }

    /// The names of all calls, and one for those that do not exist.
    pub fn names() -> Vec<&'static str> {
        Self::ALL.map(Self::name).into_iter().chain([Self::UNKNOWN]).collect()
    }

    /// Stands for calls that do not exist.
    pub const UNKNOWN: &str = "unknown";

    /// The name in URLs, in checksums and in metrics.
    pub fn name(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Join => "join",
            Self::IsMeetingRunning => "isMeetingRunning",
            Self::End => "end",
            Self::GetMeetingInfo => "getMeetingInfo",
            Self::InsertDocument => "insertDocument",
            Self::SendChatMessage => "sendChatMessage",
            Self::SetConfigXml => "setConfigXML",
            Self::GetMeetings => "getMeetings",
            Self::GetRecordings => "getRecordings",
            Self::GetRecordingTextTracks => "getRecordingTextTracks",
            Self::PublishRecordings => "publishRecordings",
            Self::DeleteRecordings => "deleteRecordings",
            Self::UpdateRecordings => "updateRecordings",
            Self::PutRecordingTextTrack => "putRecordingTextTrack",
            Self::GetSessions => "getSessions",
            Self::GetJoinUrl => "getJoinUrl",
            Self::LearningDashboard => "learningDashboard",
            Self::GetDefaultConfigXml => "getDefaultConfigXML",
        }
    }

    /// Who answers it.
    pub fn handling(self) -> Handling {
        match self {
            Self::End
            | Self::GetMeetingInfo
            | Self::InsertDocument
            | Self::SendChatMessage
            | Self::SetConfigXml => Handling::PassThrough,
            Self::GetJoinUrl | Self::LearningDashboard => Handling::BySession,
            Self::GetRecordings
            | Self::GetRecordingTextTracks
            | Self::PublishRecordings
            | Self::DeleteRecordings
            | Self::UpdateRecordings
            | Self::PutRecordingTextTrack
            | Self::GetDefaultConfigXml => Handling::Refused,
            Self::Create | Self::Join | Self::IsMeetingRunning | Self::GetMeetings | Self::GetSessions => {
                Handling::Own
            }
        }
    }
}
