//! The calls of the API, by name.

/// A call that B3LB supports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Call {
    /// Creates a meeting.
    Create,
    /// Joins a meeting.
    Join,
    /// Whether somebody is in a meeting.
    IsMeetingRunning,
    /// Ends a meeting.
    End,
    /// Details of a meeting.
    GetMeetingInfo,
    /// Adds presentations to a running meeting.
    InsertDocument,
    /// Sends a message to the public chat.
    SendChatMessage,
    /// From the Flash era; passed on to the node.
    SetConfigXml,
    /// Lists all meetings.
    GetMeetings,
    /// Recordings are not offered: always empty.
    GetRecordings,
    /// Recordings are not offered: always empty, in JSON.
    GetRecordingTextTracks,
    /// Recordings are not offered: never found.
    PublishRecordings,
    /// Recordings are not offered: never found.
    DeleteRecordings,
    /// Recordings are not offered: never found.
    UpdateRecordings,
    /// Recordings are not offered: never found, in JSON.
    PutRecordingTextTrack,
    /// Lists the sessions in all meetings.
    GetSessions,
    /// A URL for joining with the same session on another device.
    GetJoinUrl,
    /// Learning analytics of a meeting, by session.
    LearningDashboard,
    /// From the Flash era; not offered.
    GetDefaultConfigXml,
}

/// Who answers a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Handling {
    /// B3LB itself.
    Own,
    /// The meeting's node; its answer is passed on unchanged.
    PassThrough,
    /// The node that knows the session; its answer is passed on unchanged.
    BySession,
    /// Nobody: the call is about recordings, or not offered.
    Refused,
}

impl Call {
    /// All calls.
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

    /// The call with this name; names are case-sensitive.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|call| call.name() == name)
    }

    /// The names of all calls, and the label for unknown ones.
    pub fn names() -> Vec<&'static str> {
        Self::ALL.map(Self::name).into_iter().chain([Self::UNKNOWN]).collect()
    }

    /// The label for unknown calls.
    pub const UNKNOWN: &str = "unknown";

    /// The name used in URLs, checksums and metrics.
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
