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
    /// A call that would change recordings, or is long gone.
    Blocked,
}

/// Who answers a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Handling {
    /// B3LB itself.
    Own,
    /// The node of the meeting, word for word.
    PassThrough,
}

impl Call {
    /// The call of that name; names are case-sensitive.
    pub fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "create" => Self::Create,
            "join" => Self::Join,
            "isMeetingRunning" => Self::IsMeetingRunning,
            "end" => Self::End,
            "getMeetingInfo" => Self::GetMeetingInfo,
            "insertDocument" => Self::InsertDocument,
            "sendChatMessage" => Self::SendChatMessage,
            "setConfigXML" => Self::SetConfigXml,
            "getMeetings" => Self::GetMeetings,
            "getRecordings" => Self::GetRecordings,
            "getRecordingTextTracks" => Self::GetRecordingTextTracks,
            "publishRecordings"
            | "deleteRecordings"
            | "updateRecordings"
            | "putRecordingTextTrack"
            | "getDefaultConfigXML" => Self::Blocked,
            _ => return None,
        })
    }

    /// The names of all calls, and one for those that do not exist.
    pub fn names() -> Vec<&'static str> {
        let calls = [
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
            Self::Blocked,
        ];
        calls.map(Self::name).into_iter().chain([Self::UNKNOWN]).collect()
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
            Self::Blocked => "blocked",
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
            _ => Handling::Own,
        }
    }
}
