//! Sessions of those who have joined, as `MeetingService` (bbb-common-web, `org.bigbluebutton.api`) keeps them.

use std::collections::{BTreeMap, HashMap};

/// What a session token stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Session {
    /// Internal id of the meeting.
    pub(crate) meeting: String,
    /// Its name when the session began.
    pub(crate) meeting_name: String,
    /// The caller's `userID`, or the internal one.
    pub(crate) user_id: String,
    pub(crate) full_name: String,
    pub(crate) moderator: bool,
}

/// All sessions by token; they end with their meeting.
#[derive(Default)]
pub(crate) struct Sessions {
    by_token: BTreeMap<String, Session>,
    tokens: HashMap<String, Vec<String>>,
}

impl Sessions {
    pub(crate) fn add(&mut self, token: &str, session: Session) {
        self.tokens.entry(session.meeting.clone()).or_default().push(token.to_owned());
        self.by_token.insert(token.to_owned(), session);
    }

    pub(crate) fn get(&self, token: &str) -> Option<&Session> {
        self.by_token.get(token)
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = &Session> {
        self.by_token.values()
    }

    /// Ends the sessions of a meeting.
    pub(crate) fn end(&mut self, meeting: &str) {
        for token in self.tokens.remove(meeting).unwrap_or_default() {
            self.by_token.remove(&token);
        }
    }
}
