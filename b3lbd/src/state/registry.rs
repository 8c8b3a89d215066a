//! The bindings: which node has which meeting, and what the polls show of it.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use arc_swap::ArcSwapOption;
use parking_lot::RwLock;

use crate::bbb::NodeMeeting;
use crate::model::{NodeId, Nonce, SecretId, TenantId, TenantLabel};
use crate::store::{Confirmation, NewMeeting, Phase};

/// A secret's meeting id: what a client means.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct MeetingKey {
    /// The owner.
    pub secret: SecretId,
    /// The meeting id.
    pub id: Arc<str>,
}

/// What the node's answer told of one life of a meeting.
#[derive(Clone)]
pub struct Instance {
    /// `createTime`.
    pub create_time: i64,
    /// `internalMeetingID`.
    pub internal_id: String,
    /// Password of attendees.
    pub attendee_pw: String,
    /// Password of moderators.
    pub moderator_pw: String,
    /// The node's whole answer to the first create.
    pub answer: Vec<u8>,
}

impl From<Confirmation> for Instance {
    fn from(it: Confirmation) -> Self {
        Self {
            create_time: it.create_time,
            internal_id: it.internal_id,
            attendee_pw: it.attendee_pw,
            moderator_pw: it.moderator_pw,
            answer: it.answer,
        }
    }
}

impl fmt::Debug for Instance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Instance({})", self.internal_id)
    }
}

/// What is seen of a meeting.
#[derive(Clone, Debug)]
pub struct Sight {
    /// The meeting itself.
    pub main: Arc<NodeMeeting>,
    /// Breakout rooms that the node made for it.
    pub breakouts: Vec<Arc<NodeMeeting>>,
    /// A poll has shown it; else it is known from the create answer only.
    pub polled: bool,
}

impl Sight {
    /// Whether a list would look the same.
    pub fn same_text(&self, other: &Self) -> bool {
        let text = |it: &Self| {
            std::iter::once(&it.main).chain(&it.breakouts).map(|it| it.fragment.clone()).collect::<Vec<_>>()
        };
        text(self) == text(other)
    }
}

/// Sums over meetings and their breakout rooms, for statistics.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// Meetings and breakout rooms.
    pub meetings: u64,
    /// People; who is in a breakout room is in its parent too, as BBB counts.
    pub attendees: u64,
    /// Of these, listening only.
    pub listeners: u64,
    /// Of these, with a microphone.
    pub voices: u64,
    /// Cameras.
    pub videos: u64,
    /// Of the people, moderators.
    pub moderators: u64,
}

impl Figures {
    /// Adds a meeting with its breakout rooms.
    pub fn add(&mut self, sight: &Sight) {
        for room in std::iter::once(&sight.main).chain(&sight.breakouts) {
            self.meetings += 1;
            self.attendees += u64::from(room.attendees);
            self.listeners += u64::from(room.listeners);
            self.voices += u64::from(room.voices);
            self.videos += u64::from(room.videos);
            self.moderators += u64::from(room.moderators);
        }
    }
}

/// One binding. It is replaced as a whole when it changes, but for what is seen of it.
#[derive(Debug)]
pub struct Meeting {
    /// Row in the database, and token in the ledger.
    pub row: i64,
    /// Owner and id.
    pub key: MeetingKey,
    /// The owner's tenant.
    pub tenant: TenantId,
    /// The owner in words.
    pub label: TenantLabel,
    /// Where it runs.
    pub node: NodeId,
    /// How far it has come.
    pub phase: Phase,
    /// Names the instance in the end callback.
    pub nonce: Nonce,
    /// The meeting's name.
    pub name: String,
    /// The client's own `meetingEndedURL`.
    pub ended_url: Option<String>,
    /// When it was asked for, in milliseconds since 1970.
    pub created_at: i64,
    /// When it was bound or confirmed, on the daemon's clock: only polls begun later are believed.
    pub known_since: f64,
    /// What the node told of it.
    pub instance: Option<Arc<Instance>>,
    sight: ArcSwapOption<Sight>,
}

impl Meeting {
    /// A binding in phase `creating`, known to the daemon since `known_since`.
    pub fn creating(new: NewMeeting, (tenant, label): (TenantId, TenantLabel), known_since: f64) -> Self {
        Self {
            row: new.row,
            key: MeetingKey { secret: new.secret, id: new.id },
            tenant,
            label,
            node: new.node,
            phase: Phase::Creating,
            nonce: new.nonce,
            name: new.name,
            ended_url: new.ended_url,
            created_at: new.created_at,
            known_since,
            instance: None,
            sight: ArcSwapOption::empty(),
        }
    }

    /// What is stored of it before its node is asked.
    pub fn stored(&self) -> NewMeeting {
        NewMeeting {
            row: self.row,
            secret: self.key.secret,
            id: self.key.id.clone(),
            node: self.node,
            nonce: self.nonce,
            name: self.name.clone(),
            ended_url: self.ended_url.clone(),
            created_at: self.created_at,
        }
    }

    /// The same binding in another phase.
    #[must_use]
    pub fn in_phase(&self, phase: Phase, nonce: Nonce, instance: Option<Instance>, known_since: f64) -> Self {
        Self {
            row: self.row,
            key: self.key.clone(),
            tenant: self.tenant,
            label: self.label.clone(),
            node: self.node,
            phase,
            nonce,
            name: self.name.clone(),
            ended_url: self.ended_url.clone(),
            created_at: self.created_at,
            known_since,
            instance: instance.map(Arc::new).or_else(|| self.instance.clone()),
            sight: ArcSwapOption::new(self.sight.load_full()),
        }
    }

    /// The same binding, to be put back.
    #[must_use]
    pub fn again(&self) -> Self {
        self.in_phase(self.phase, self.nonce, None, self.known_since)
    }

    /// What is seen of it.
    pub fn sight(&self) -> Option<Arc<Sight>> {
        self.sight.load_full()
    }

    /// Notes what is seen of it.
    pub fn see(&self, sight: Sight) {
        self.sight.store(Some(Arc::new(sight)));
    }

    /// People in it; those in its breakout rooms are among them.
    pub fn attendees(&self) -> u64 {
        self.sight.load().as_ref().map_or(0, |it| u64::from(it.main.attendees))
    }
}

#[derive(Debug, Default)]
struct Index {
    owned: HashMap<SecretId, HashMap<Arc<str>, Arc<Meeting>>>,
    on_node: HashMap<NodeId, HashMap<i64, Arc<Meeting>>>,
    by_id: HashMap<Arc<str>, Vec<Arc<Meeting>>>,
    by_nonce: HashMap<Nonce, Arc<Meeting>>,
}

impl Index {
    fn insert(&mut self, meeting: &Arc<Meeting>) {
        if meeting.phase != Phase::Abandoned {
            self.owned.entry(meeting.key.secret).or_default().insert(meeting.key.id.clone(), meeting.clone());
        }
        self.on_node.entry(meeting.node).or_default().insert(meeting.row, meeting.clone());
        self.by_id.entry(meeting.key.id.clone()).or_default().push(meeting.clone());
        self.by_nonce.insert(meeting.nonce, meeting.clone());
    }

    fn remove(&mut self, node: NodeId, row: i64) -> Option<Arc<Meeting>> {
        let meeting = self.on_node.get_mut(&node)?.remove(&row)?;
        if let Some(owned) = self.owned.get_mut(&meeting.key.secret)
            && owned.get(&meeting.key.id).is_some_and(|it| it.row == row)
        {
            owned.remove(&meeting.key.id);
        }
        if let Some(same_id) = self.by_id.get_mut(&meeting.key.id) {
            same_id.retain(|it| it.row != row);
            if same_id.is_empty() {
                self.by_id.remove(&meeting.key.id);
            }
        }
        self.by_nonce.remove(&meeting.nonce);
        Some(meeting)
    }
}

/// All bindings, in all the ways in which they are looked up. Its lock is held for map operations only.
#[derive(Debug, Default)]
pub struct Registry {
    index: RwLock<Index>,
}

impl Registry {
    /// The meeting that a secret means by an id.
    pub fn get(&self, secret: SecretId, id: &str) -> Option<Arc<Meeting>> {
        self.index.read().owned.get(&secret)?.get(id).cloned()
    }

    /// The binding that a callback names; abandoned ones too.
    pub fn by_nonce(&self, nonce: &Nonce) -> Option<Arc<Meeting>> {
        self.index.read().by_nonce.get(nonce).cloned()
    }

    /// All bindings on a node, abandoned ones too.
    pub fn on_node(&self, node: NodeId) -> Vec<Arc<Meeting>> {
        self.index.read().on_node.get(&node).map(|it| it.values().cloned().collect()).unwrap_or_default()
    }

    /// All bindings of an id, of whatever owner, abandoned ones too.
    pub fn with_id(&self, id: &str) -> Vec<Arc<Meeting>> {
        self.index.read().by_id.get(id).cloned().unwrap_or_default()
    }

    /// Meetings of a secret, oldest first.
    pub fn of_secrets(&self, secrets: impl IntoIterator<Item = SecretId>) -> Vec<Arc<Meeting>> {
        let index = self.index.read();
        let owned = secrets.into_iter().filter_map(|secret| index.owned.get(&secret));
        let mut list: Vec<_> = owned.flat_map(|it| it.values().cloned()).collect();
        drop(index);
        list.sort_by_key(|it| it.row);
        list
    }

    /// All meetings that are not abandoned.
    pub fn all(&self) -> Vec<Arc<Meeting>> {
        let mut list = self.unsorted();
        list.sort_by_key(|it| it.row);
        list
    }

    /// All meetings that are not abandoned, in no order.
    pub fn unsorted(&self) -> Vec<Arc<Meeting>> {
        self.index.read().owned.values().flat_map(|it| it.values().cloned()).collect()
    }

    /// Statistics of some secrets.
    pub fn figures(&self, secrets: impl IntoIterator<Item = SecretId>) -> Figures {
        let mut sum = Figures::default();
        for meeting in self.of_secrets(secrets) {
            match meeting.sight() {
                Some(sight) => sum.add(&sight),
                None => sum.meetings += 1,
            }
        }
        sum
    }

    /// What counts for limits: meetings, with those asked for since `since` (milliseconds) whose outcome
    /// is not known yet, and the people in them.
    pub fn occupancy(&self, secrets: impl IntoIterator<Item = SecretId>, since: i64) -> (u64, u64) {
        let mut meetings = self.of_secrets(secrets);
        meetings.retain(|it| it.phase == Phase::Live || it.created_at >= since);
        (meetings.len() as u64, meetings.iter().map(|it| it.attendees()).sum())
    }

    /// Puts a binding in place of the one of the same row, if there is one.
    pub fn put(&self, meeting: Meeting) -> Arc<Meeting> {
        let meeting = Arc::new(meeting);
        let mut index = self.index.write();
        index.remove(meeting.node, meeting.row);
        index.insert(&meeting);
        meeting
    }

    /// Takes a binding out.
    pub fn remove(&self, meeting: &Meeting) -> Option<Arc<Meeting>> {
        self.index.write().remove(meeting.node, meeting.row)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meeting(row: i64, secret: i64, id: &str, node: i64) -> Meeting {
        let new = NewMeeting {
            row,
            secret: SecretId(secret),
            id: id.into(),
            node: NodeId(node),
            nonce: Nonce::random(),
            name: "n".into(),
            ended_url: None,
            created_at: 0,
        };
        Meeting::creating(new, (TenantId(1), "foo".parse().unwrap()), 0.0)
    }

    #[test]
    fn every_index_agrees() {
        let registry = Registry::default();
        let one = registry.put(meeting(1, 1, "a", 7));
        registry.put(meeting(2, 2, "a", 8));
        assert_eq!(registry.get(SecretId(1), "a").unwrap().node, NodeId(7));
        assert_eq!(registry.with_id("a").len(), 2);
        let instance = Instance {
            create_time: 1,
            internal_id: "i".into(),
            attendee_pw: String::new(),
            moderator_pw: String::new(),
            answer: vec![],
        };
        let nonce = Nonce::random();
        registry.put(one.in_phase(Phase::Live, nonce, Some(instance), 1.0));
        assert!(registry.by_nonce(&one.nonce).is_none(), "the old nonce names nothing");
        let live = registry.by_nonce(&nonce).unwrap();
        assert_eq!((live.phase, registry.on_node(NodeId(7)).len()), (Phase::Live, 1));
        registry.remove(&live);
        assert!(registry.get(SecretId(1), "a").is_none() && registry.by_nonce(&nonce).is_none());
        assert_eq!(registry.with_id("a").len(), 1);
    }

    #[test]
    fn an_abandoned_binding_owns_nothing_but_keeps_its_node_and_nonce() {
        let registry = Registry::default();
        let old = registry.put(meeting(1, 1, "a", 7));
        registry.put(old.in_phase(Phase::Abandoned, old.nonce, None, 0.0));
        assert!(registry.get(SecretId(1), "a").is_none());
        assert!(registry.by_nonce(&old.nonce).is_some());
        let new = registry.put(meeting(2, 1, "a", 8));
        assert_eq!(registry.get(SecretId(1), "a").unwrap().row, 2);
        registry.remove(&old);
        assert_eq!(registry.get(SecretId(1), "a").unwrap().row, new.row, "the successor stays");
    }
}
