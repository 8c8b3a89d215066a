//! A meeting of a secret, bound to a node.

use std::fmt;
use std::sync::Arc;

use super::{Analytics, BindingId, NodeId, Nonce, SecretId};

/// A secret's meeting id: what a client means.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct MeetingKey {
    /// The owner.
    pub secret: SecretId,
    /// The meeting id as the client gave it, without surrounding white space.
    pub id: Arc<str>,
}

/// How far a binding has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// The node was asked, or is about to be; its answer is not known yet.
    Creating,
    /// The node has said that the meeting is there.
    Live,
    /// An attempt of unknown outcome, or a life left on a node that was down. The meeting is elsewhere by now,
    /// so this one is ended if the node shows it.
    Abandoned,
}

impl Phase {
    /// The word for it in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Creating => "creating",
            Self::Live => "live",
            Self::Abandoned => "abandoned",
        }
    }

    /// The phase that `word` names.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Creating, Self::Live, Self::Abandoned].into_iter().find(|phase| phase.as_str() == word)
    }
}

/// One life of a meeting, as the node's answer tells it.
#[derive(Clone, PartialEq, Eq)]
pub struct Instance {
    /// `createTime`: milliseconds since 1970 on the node's clock.
    pub create_time: i64,
    /// `internalMeetingID`, by which the node is asked.
    pub internal_id: Arc<str>,
    /// `meetingID` as the node shows it. Another than the client's for a breakout room, whose id BBB makes up.
    pub external_id: Arc<str>,
    /// Password of attendees.
    pub attendee_pw: String,
    /// Password of moderators.
    pub moderator_pw: String,
    /// The node's whole answer to the `create`.
    pub answer: Vec<u8>,
}

impl Instance {
    /// Whether both are one life. BBB gives a breakout room that is created again the same internal id.
    pub fn is_same_life(&self, other: &Self) -> bool {
        self.internal_id == other.internal_id && self.create_time == other.create_time
    }
}

impl fmt::Debug for Instance {
    /// Without its passwords.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Instance({} {})", self.internal_id, self.create_time)
    }
}

/// The nonce that a repeated `create` sends: that of the life which it begins if the bound one has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NextLife {
    /// Stored before it is sent.
    pub nonce: Nonce,
    /// It was sent and the answer is not known: the next life may have begun.
    pub is_open: bool,
    /// An earlier nonce is open as well, so that nobody knows which of them the next life has.
    pub is_ambiguous: bool,
}

impl NextLife {
    /// A nonce that has not been sent yet.
    pub fn fresh() -> Self {
        Self { nonce: Nonce::random(), is_open: false, is_ambiguous: false }
    }

    /// Some nonce that was sent, and nobody knows which: then the end of the life that has it is found by polls.
    pub fn unknown() -> Self {
        Self { nonce: Nonce::random(), is_open: true, is_ambiguous: true }
    }

    /// It has begun: the nonce of that life, and what is open beyond it. Of several nonces nobody knows which one it
    /// has, so it gets one that no node knows.
    pub fn begun(self) -> (Nonce, Option<Self>) {
        if self.is_ambiguous { (Nonce::random(), Some(Self::unknown())) } else { (self.nonce, None) }
    }
}

/// Which node has a secret's meeting. The database holds all of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Binding {
    /// Its row.
    pub id: BindingId,
    /// Owner and meeting id.
    pub key: MeetingKey,
    /// Where it runs.
    pub node: NodeId,
    /// How far it has come.
    pub phase: Phase,
    /// Names its instance in the node's end callback.
    pub nonce: Nonce,
    /// What a repeat has sent, or would send again.
    pub next: Option<NextLife>,
    /// The meeting's name.
    pub name: String,
    /// The client's own `meetingEndedURL`.
    pub ended_url: Option<String>,
    /// The client's own `meta_analytics-callback-url`.
    pub analytics_url: Option<String>,
    /// When it was asked for, in milliseconds since 1970.
    pub created_at: i64,
    /// What the node told of it, once it has.
    pub instance: Option<Arc<Instance>>,
}

impl Binding {
    /// The same binding in another phase.
    #[must_use]
    pub fn in_phase(&self, phase: Phase) -> Self {
        Self { phase, ..self.clone() }
    }

    /// The same binding, with a nonce for its next life.
    #[must_use]
    pub fn with_next(&self, next: Option<NextLife>) -> Self {
        Self { next, ..self.clone() }
    }

    /// Where what people did in it goes, by each nonce that its node may have.
    pub fn analytics(&self) -> Vec<Analytics> {
        let Some(url) = &self.analytics_url else { return Vec::new() };
        let nonces = [Some(self.nonce), self.next.map(|next| next.nonce)].into_iter().flatten();
        nonces
            .map(|nonce| Analytics { nonce, secret: self.key.secret, node: self.node, url: url.clone() })
            .collect()
    }

    /// Whether a life after the bound one may have begun.
    pub fn next_is_open(&self) -> bool {
        self.next.is_some_and(|next| next.is_open)
    }
}

/// Whether BBB could take an id for the beginning of an internal id, `sha1(id)-createTime`.
///
/// Source: `MeetingService.getMeeting` in BBB's bbb-common-web, which looks up with `startsWith`.
pub fn may_be_internal_prefix(id: &str) -> bool {
    let (hash, time) = id.split_once('-').map_or((id, None), |(hash, time)| (hash, Some(time)));
    let is_hex = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
    (1..=40).contains(&hash.len())
        && hash.bytes().all(is_hex)
        && time.is_none_or(|time| time.bytes().all(|b| b.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_of_internal_ids_are_told() {
        let hash = "0123456789abcdef0123456789abcdef01234567";
        for id in ["a", "ab", "12345", hash, &format!("{hash}-"), &format!("{hash}-1700000000000"), "ab-1"] {
            assert!(may_be_internal_prefix(id), "{id}");
        }
        for id in ["", "AB", "g", "staff-room", &format!("{hash}0"), &format!("{hash}-5-12"), "-1", "a b"] {
            assert!(!may_be_internal_prefix(id), "{id}");
        }
    }
}
