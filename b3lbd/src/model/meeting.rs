//! Meetings of secrets, and their bindings to nodes.

use std::fmt;
use std::sync::Arc;
use strum::{EnumString, IntoStaticStr};

use super::{Analytics, BindingId, NodeId, Nonce, Placed, SecretId};

/// A meeting id within a secret, as a client refers to it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct MeetingKey {
    /// The owner.
    pub secret: SecretId,
    /// The meeting id as the client gave it, without surrounding whitespace.
    pub id: Arc<str>,
}

/// The progress of a binding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Phase {
    /// The node was asked, or is about to be; its answer is not known yet.
    Creating,
    /// The node has confirmed the meeting.
    Live,
    /// An attempt with unknown outcome, or an instance left on a node that was down. The meeting has been
    /// placed elsewhere, so this one is ended if the node reports it.
    Abandoned,
}

impl Phase {
    /// The name used in the database.
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// One instance of a meeting, as reported by its node.
#[derive(Clone, PartialEq, Eq)]
pub struct Instance {
    /// `createTime`: milliseconds since 1970, by the node's clock.
    pub create_time: i64,
    /// `internalMeetingID`, which calls to the node use.
    pub internal_id: Arc<str>,
    /// `meetingID` as the node reports it. Differs from the client's id for breakout rooms, whose ids BBB
    /// generates.
    pub external_id: Arc<str>,
    /// Attendee password.
    pub attendee_pw: String,
    /// Moderator password.
    pub moderator_pw: String,
    /// The node's complete answer to the `create`.
    pub answer: Vec<u8>,
}

impl Instance {
    /// Whether both are the same instance. BBB gives a breakout room that is created again the same internal
    /// id, so the creation time counts too.
    pub fn is_same_instance(&self, other: &Self) -> bool {
        self.internal_id == other.internal_id && self.create_time == other.create_time
    }
}

impl fmt::Debug for Instance {
    /// Omits the passwords.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Instance({} {})", self.internal_id, self.create_time)
    }
}

/// The nonce that a repeated `create` sends. If the bound instance has ended, the repeat starts a new one
/// with this nonce.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NextInstance {
    /// Stored before it is sent.
    pub nonce: Nonce,
    /// It was sent and the answer is not known: the next instance may have started.
    pub is_open: bool,
    /// An earlier nonce is open as well, so it is not known which of them the next instance has.
    pub is_ambiguous: bool,
}

impl NextInstance {
    /// A nonce that has not been sent yet.
    pub fn fresh() -> Self {
        Self { nonce: Nonce::random(), is_open: false, is_ambiguous: false }
    }

    /// Stands for one of several nonces that were sent. Since it is not known which, the end of its instance is detected
    /// by polls.
    pub fn unknown() -> Self {
        Self { nonce: Nonce::random(), is_open: true, is_ambiguous: true }
    }

    /// The next instance has started. Returns its nonce, and what is still open after it. If the nonce is
    /// ambiguous, the instance gets a new one that no node knows.
    pub fn begun(self) -> (Nonce, Option<Self>) {
        if self.is_ambiguous { (Nonce::random(), Some(Self::unknown())) } else { (self.nonce, None) }
    }
}

/// The assignment of a secret's meeting to a node. The database stores all of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Binding {
    /// Row id.
    pub id: BindingId,
    /// The secret and meeting id.
    pub key: MeetingKey,
    /// The node it runs on.
    pub node: NodeId,
    /// Progress of the binding.
    pub phase: Phase,
    /// Identifies the instance in the node's end callback.
    pub nonce: Nonce,
    /// The nonce that a repeat has sent, or would send again.
    pub next: Option<NextInstance>,
    /// Meeting name.
    pub name: String,
    /// The client's own `meetingEndedURL`.
    pub ended_url: Option<String>,
    /// The client's own `meta_analytics-callback-url`.
    pub analytics_url: Option<String>,
    /// When it was requested, in milliseconds since 1970.
    pub created_at: i64,
    /// The instance, once the node has reported it.
    pub instance: Option<Arc<Instance>>,
    /// Why it is there, if placement has decided that.
    pub placed: Option<Arc<Placed>>,
}

impl Binding {
    /// Returns the binding in another phase.
    #[must_use]
    pub fn in_phase(&self, phase: Phase) -> Self {
        Self { phase, ..self.clone() }
    }

    /// Returns the binding with a nonce for its next instance.
    #[must_use]
    pub fn with_next(&self, next: Option<NextInstance>) -> Self {
        Self { next, ..self.clone() }
    }

    /// Where to send learning analytics, for each nonce that the node may have.
    pub fn analytics(&self) -> Vec<Analytics> {
        let Some(url) = &self.analytics_url else { return Vec::new() };
        let nonces = [Some(self.nonce), self.next.map(|next| next.nonce)].into_iter().flatten();
        nonces
            .map(|nonce| Analytics { nonce, secret: self.key.secret, node: self.node, url: url.clone() })
            .collect()
    }

    /// Whether an instance after the bound one may have started.
    pub fn next_is_open(&self) -> bool {
        self.next.is_some_and(|next| next.is_open)
    }
}

/// Whether BBB could take an id for a prefix of an internal id, which is `sha1(id)-createTime`.
///
/// Source: `MeetingService.getMeeting` in BBB's bbb-common-web, which looks up ids with `startsWith`.
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
