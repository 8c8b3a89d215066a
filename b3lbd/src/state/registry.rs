//! The bindings in memory: which node hosts which meeting, and what polls report about it.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use parking_lot::RwLock;

use super::{Meeting, Observation, Owner};
use crate::bbb::NodeMeeting;
use crate::model::{Binding, BindingId, Change, NodeId, Nonce, Phase, SecretId, Step};

/// Totals over meetings and their breakout rooms, for statistics.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Number of meetings and breakout rooms.
    pub meetings: u64,
    /// Number of people. Those in a breakout room also count in its parent, as in BBB.
    pub attendees: u64,
    /// People who only listen.
    pub listeners: u64,
    /// People with a microphone.
    pub voices: u64,
    /// Number of cameras.
    pub videos: u64,
    /// People who are moderators.
    pub moderators: u64,
}

impl Totals {
    /// Adds a meeting with its breakout rooms.
    pub fn add(&mut self, observation: &Observation) {
        for room in observation.all() {
            self.meetings += 1;
            self.attendees += u64::from(room.attendees);
            self.listeners += u64::from(room.listeners);
            self.voices += u64::from(room.voices);
            self.videos += u64::from(room.videos);
            self.moderators += u64::from(room.moderators);
        }
    }
}

/// What an id refers to: a meeting of the client, or a breakout room of one.
#[derive(Clone, Debug)]
pub struct Target {
    /// The meeting, or the parent of the breakout room.
    pub meeting: Arc<Meeting>,
    /// The breakout room, if the id refers to one.
    pub room: Option<Arc<NodeMeeting>>,
}

impl Target {
    /// Whether somebody was in it at the last successful poll.
    pub fn is_running(&self) -> bool {
        match &self.room {
            Some(room) => room.running,
            None => self.meeting.observation().is_some_and(|it| it.main.running),
        }
    }
}

/// An id of a meeting other than the one that its client created it with.
#[derive(Clone, Debug)]
struct Alias {
    binding: BindingId,
    /// Internal id of the breakout room that the id refers to, if any.
    room: Option<Arc<str>>,
}

/// The effect of a step on one binding.
#[derive(Debug)]
pub struct Transition {
    /// The meeting before the step, if it existed.
    pub old: Option<Arc<Meeting>>,
    /// The meeting after the step, if it exists.
    pub new: Option<Arc<Meeting>>,
}

#[derive(Debug, Default)]
struct Index {
    all: HashMap<BindingId, Arc<Meeting>>,
    /// The meeting that each id of a secret refers to; never an abandoned one.
    owned: HashMap<SecretId, HashMap<Arc<str>, Arc<Meeting>>>,
    aliases: HashMap<SecretId, HashMap<Arc<str>, Alias>>,
    on_node: HashMap<NodeId, BTreeMap<BindingId, Arc<Meeting>>>,
    by_id: HashMap<Arc<str>, Vec<Arc<Meeting>>>,
    by_nonce: HashMap<Nonce, BindingId>,
}

impl Index {
    fn stands(&self, id: BindingId, nonce: &Nonce) -> bool {
        self.all.get(&id).is_some_and(|it| it.nonce() == *nonce)
    }

    /// Inserts a meeting, replacing the one with the same row id.
    fn put(&mut self, meeting: Meeting) -> Transition {
        let old = self.take_out(meeting.id());
        let meeting = Arc::new(meeting);
        let Binding { id, key, node, nonce, next, .. } = &meeting.binding;
        self.all.insert(*id, meeting.clone());
        if meeting.phase() != Phase::Abandoned {
            self.owned.entry(key.secret).or_default().insert(key.id.clone(), meeting.clone());
        }
        self.on_node.entry(*node).or_default().insert(*id, meeting.clone());
        self.by_id.entry(key.id.clone()).or_default().push(meeting.clone());
        self.by_nonce.insert(*nonce, *id);
        if let Some(next) = next {
            self.by_nonce.insert(next.nonce, *id);
        }
        self.add_aliases(&meeting);
        Transition { old, new: Some(meeting) }
    }

    fn take_out(&mut self, id: BindingId) -> Option<Arc<Meeting>> {
        let meeting = self.all.remove(&id)?;
        let Binding { key, node, nonce, next, .. } = &meeting.binding;
        if let Some(on_node) = self.on_node.get_mut(node) {
            on_node.remove(&id);
            if on_node.is_empty() {
                self.on_node.remove(node);
            }
        }
        if let Some(same_id) = self.by_id.get_mut(&key.id) {
            same_id.retain(|it| it.id() != id);
            if same_id.is_empty() {
                self.by_id.remove(&key.id);
            }
        }
        for nonce in std::iter::once(nonce).chain(next.as_ref().map(|next| &next.nonce)) {
            if self.by_nonce.get(nonce) == Some(&id) {
                self.by_nonce.remove(nonce);
            }
        }
        self.remove_aliases(&meeting);
        self.pass_on(&meeting);
        Some(meeting)
    }

    /// After `gone` was removed, makes its id refer to another meeting of the secret with that id, if there
    /// is one.
    fn pass_on(&mut self, gone: &Meeting) {
        let key = gone.key();
        let Some(owned) = self.owned.get_mut(&key.secret) else { return };
        if owned.get(&key.id).is_none_or(|it| it.id() != gone.id()) {
            return;
        }
        let others = self.by_id.get(&key.id).map(Vec::as_slice).unwrap_or_default();
        let heir = others
            .iter()
            .filter(|it| it.key().secret == key.secret && it.phase() != Phase::Abandoned)
            .max_by_key(|it| it.id());
        match heir {
            Some(heir) => _ = owned.insert(key.id.clone(), heir.clone()),
            None => _ = owned.remove(&key.id),
        }
        if owned.is_empty() {
            self.owned.remove(&key.secret);
        }
    }

    fn aliases_of(meeting: &Meeting) -> Vec<(Arc<str>, Alias)> {
        if meeting.phase() == Phase::Abandoned {
            return Vec::new();
        }
        let binding = meeting.id();
        let mut list = Vec::new();
        if let Some(instance) = meeting.instance() {
            list.push((instance.internal_id.clone(), Alias { binding, room: None }));
            if instance.external_id != meeting.key().id {
                list.push((instance.external_id.clone(), Alias { binding, room: None }));
            }
        }
        let observation = meeting.observation();
        for room in observation.iter().flat_map(|it| &it.rooms) {
            for id in [&room.internal_id, &room.id] {
                list.push((id.clone(), Alias { binding, room: Some(room.internal_id.clone()) }));
            }
        }
        list
    }

    fn add_aliases(&mut self, meeting: &Meeting) {
        let list = Self::aliases_of(meeting);
        if !list.is_empty() {
            self.aliases.entry(meeting.key().secret).or_default().extend(list);
        }
    }

    fn remove_aliases(&mut self, meeting: &Meeting) {
        let secret = meeting.key().secret;
        let Some(aliases) = self.aliases.get_mut(&secret) else { return };
        for (id, _) in Self::aliases_of(meeting) {
            if aliases.get(&id).is_some_and(|it| it.binding == meeting.id()) {
                aliases.remove(&id);
            }
        }
        if aliases.is_empty() {
            self.aliases.remove(&secret);
        }
    }
}

/// All bindings with their indexes. The lock is held for map operations only.
#[derive(Debug, Default)]
pub struct Registry {
    index: RwLock<Index>,
}

impl Registry {
    /// The meeting that a secret created with this id.
    pub fn get(&self, secret: SecretId, id: &str) -> Option<Arc<Meeting>> {
        self.index.read().owned.get(&secret)?.get(id).cloned()
    }

    /// What an id of a secret refers to: the meeting created with it; otherwise a meeting with that internal
    /// id, or a breakout room that the secret's lists contain.
    pub fn find(&self, secret: SecretId, id: &str) -> Option<Target> {
        let index = self.index.read();
        if let Some(meeting) = index.owned.get(&secret).and_then(|owned| owned.get(id)) {
            return Some(Target { meeting: meeting.clone(), room: None });
        }
        let alias = index.aliases.get(&secret)?.get(id)?;
        let meeting = index.all.get(&alias.binding)?.clone();
        let Some(internal_id) = &alias.room else { return Some(Target { meeting, room: None }) };
        let observation = meeting.observation()?;
        let room = observation.rooms.iter().find(|it| it.internal_id == *internal_id)?.clone();
        Some(Target { meeting, room: Some(room) })
    }

    /// The meeting with this binding.
    pub fn meeting(&self, id: BindingId) -> Option<Arc<Meeting>> {
        self.index.read().all.get(&id).cloned()
    }

    /// The row ids of all bindings, including abandoned ones.
    pub fn ids(&self) -> Vec<BindingId> {
        self.index.read().all.keys().copied().collect()
    }

    /// The meeting whose callback has this nonce, or whose next instance does; may be abandoned.
    pub fn by_nonce(&self, nonce: &Nonce) -> Option<Arc<Meeting>> {
        let index = self.index.read();
        index.all.get(index.by_nonce.get(nonce)?).cloned()
    }

    /// All bindings on a node, oldest first, including abandoned ones.
    pub fn on_node(&self, node: NodeId) -> Vec<Arc<Meeting>> {
        self.index.read().on_node.get(&node).map(|it| it.values().cloned().collect()).unwrap_or_default()
    }

    /// All bindings with this meeting id, of all owners, including abandoned ones.
    pub fn with_id(&self, id: &str) -> Vec<Arc<Meeting>> {
        self.index.read().by_id.get(id).cloned().unwrap_or_default()
    }

    /// Meetings of these secrets, oldest first.
    pub fn of_secrets(&self, secrets: impl IntoIterator<Item = SecretId>) -> Vec<Arc<Meeting>> {
        let index = self.index.read();
        let owned = secrets.into_iter().filter_map(|secret| index.owned.get(&secret));
        let mut list: Vec<_> = owned.flat_map(|it| it.values().cloned()).collect();
        drop(index);
        list.sort_by_key(|it| it.id());
        list
    }

    /// All meetings except abandoned ones, oldest first.
    pub fn all(&self) -> Vec<Arc<Meeting>> {
        let mut list = self.unsorted();
        list.sort_by_key(|it| it.id());
        list
    }

    /// All meetings except abandoned ones, in arbitrary order.
    pub fn unsorted(&self) -> Vec<Arc<Meeting>> {
        self.index.read().owned.values().flat_map(|it| it.values().cloned()).collect()
    }

    /// Totals of these secrets.
    pub fn totals(&self, secrets: impl IntoIterator<Item = SecretId>) -> Totals {
        let mut sum = Totals::default();
        for meeting in self.of_secrets(secrets) {
            match meeting.observation() {
                Some(observation) => sum.add(&observation),
                None => sum.meetings += 1,
            }
        }
        sum
    }

    /// What counts towards limits: the number of meetings, including those requested since `since`
    /// (milliseconds) whose outcome is not known yet, and the number of people in them. Ignores `except`.
    pub fn occupancy(
        &self,
        secrets: impl IntoIterator<Item = SecretId>,
        since: i64,
        except: Option<BindingId>,
    ) -> (u64, u64) {
        let index = self.index.read();
        let owned = secrets.into_iter().filter_map(|secret| index.owned.get(&secret));
        let counted = owned.flat_map(HashMap::values).filter(|it| {
            Some(it.id()) != except && (it.phase() == Phase::Live || it.binding.created_at >= since)
        });
        counted.fold((0, 0), |(meetings, people), it| (meetings + 1, people + it.attendees()))
    }

    /// Inserts a meeting that was placed, but is not stored yet.
    pub fn insert(&self, meeting: Meeting) -> Arc<Meeting> {
        let id = meeting.id();
        let mut index = self.index.write();
        index.put(meeting);
        Arc::clone(&index.all[&id])
    }

    /// Applies a step at `now` (in seconds). Returns `None` and changes nothing if a binding that it replaces
    /// or removes has changed. New bindings belong to `owner`.
    pub fn apply(&self, step: &Step, owner: &Owner, now: f64) -> Option<Vec<Transition>> {
        let mut index = self.index.write();
        let stands = step.changes.iter().all(|change| match change {
            Change::Insert(_) => true,
            Change::Replace(id, nonce, _) | Change::Remove(id, nonce) => index.stands(*id, nonce),
        });
        if !stands {
            return None;
        }
        let make = |change: &Change| match change {
            // Placement has already inserted it.
            Change::Insert(binding) if index.stands(binding.id, &binding.nonce) => None,
            Change::Insert(binding) => Some(index.put(Meeting::new(binding.clone(), owner.clone(), now))),
            Change::Replace(id, _, binding) => {
                let old = index.all.get(id).cloned()?;
                Some(index.put(old.with(binding.clone(), now)))
            }
            Change::Remove(id, _) => Some(Transition { old: index.take_out(*id), new: None }),
        };
        Some(step.changes.iter().filter_map(make).collect())
    }

    /// Stores what was reported about a meeting.
    pub fn observe(&self, meeting: &Meeting, observation: Observation) {
        let known = meeting.observation();
        if observation.same_rooms(known.as_deref()) {
            meeting.set_observation(observation);
            return;
        }
        let mut index = self.index.write();
        let Some(current) = index.all.get(&meeting.id()).cloned() else { return };
        index.remove_aliases(&current);
        current.set_observation(observation);
        index.add_aliases(&current);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Instance, MeetingKey, NextInstance, TenantId};

    fn owner() -> Owner {
        Owner { tenant: TenantId(1), label: "foo".parse().unwrap() }
    }

    fn binding(id: i64, secret: i64, meeting: &str, node: i64) -> Binding {
        Binding {
            id: BindingId(id),
            key: MeetingKey { secret: SecretId(secret), id: meeting.into() },
            node: NodeId(node),
            phase: Phase::Creating,
            nonce: Nonce::random(),
            next: None,
            name: "n".into(),
            ended_url: None,
            analytics_url: None,
            created_at: 0,
            instance: None,
            placed: None,
        }
    }

    fn live(binding: &Binding, internal_id: &str) -> Binding {
        let instance = Instance {
            create_time: 1,
            internal_id: internal_id.into(),
            external_id: binding.key.id.clone(),
            attendee_pw: String::new(),
            moderator_pw: String::new(),
            answer: vec![],
        };
        Binding { phase: Phase::Live, instance: Some(instance.into()), ..binding.clone() }
    }

    fn apply(registry: &Registry, step: &Step) -> bool {
        registry.apply(step, &owner(), 1.0).is_some()
    }

    #[test]
    fn every_index_agrees() {
        let registry = Registry::default();
        let one = binding(1, 1, "a", 7);
        assert!(apply(&registry, &Step::insert(one.clone())));
        assert!(apply(&registry, &Step::insert(binding(2, 2, "a", 8))));
        assert_eq!(registry.get(SecretId(1), "a").unwrap().node(), NodeId(7));
        assert_eq!(registry.with_id("a").len(), 2);
        let next = NextInstance { nonce: Nonce::random(), is_open: true, is_ambiguous: false };
        let renewed = Binding { nonce: Nonce::random(), next: Some(next), ..live(&one, "x-1") };
        assert!(apply(&registry, &Step::replace(&one, renewed.clone())));
        assert!(registry.by_nonce(&one.nonce).is_none(), "the old nonce names nothing");
        assert_eq!(registry.by_nonce(&next.nonce).unwrap().id(), BindingId(1), "nor is the next one lost");
        assert_eq!(registry.find(SecretId(1), "x-1").unwrap().meeting.id(), BindingId(1));
        assert!(registry.find(SecretId(2), "x-1").is_none(), "an internal id is its owner's alone");
        assert_eq!(registry.on_node(NodeId(7)).len(), 1);
        assert!(apply(&registry, &Step::end(&renewed, None)));
        assert!(registry.get(SecretId(1), "a").is_none() && registry.by_nonce(&renewed.nonce).is_none());
        assert!(registry.find(SecretId(1), "x-1").is_none() && registry.by_nonce(&next.nonce).is_none());
        assert_eq!(registry.with_id("a").len(), 1);
    }

    #[test]
    fn finding_5_a_step_changes_nothing_unless_all_that_it_replaces_stands() {
        let registry = Registry::default();
        let old = live(&binding(1, 1, "a", 7), "x-1");
        assert!(apply(&registry, &Step::insert(old.clone())));
        let new = live(&binding(2, 1, "a", 7), "x-2");
        assert!(apply(&registry, &Step::end(&old, Some(new.clone()))));
        assert!(!apply(&registry, &Step::end(&old, None)), "a late callback of the old life");
        let renonced = Binding { nonce: Nonce::random(), ..new.clone() };
        assert!(!apply(&registry, &Step::end(&renonced, None)), "the same row under another nonce");
        assert_eq!(registry.get(SecretId(1), "a").unwrap().id(), new.id);
        let other = binding(3, 1, "b", 7);
        assert!(!apply(&registry, &Step::insert(other).and_remove(&old)), "all or nothing");
        assert!(registry.get(SecretId(1), "b").is_none());
    }

    #[test]
    fn an_abandoned_binding_owns_nothing_but_keeps_its_node_and_nonce() {
        let registry = Registry::default();
        let old = binding(1, 1, "a", 7);
        assert!(apply(&registry, &Step::insert(old.clone())));
        let left = old.in_phase(Phase::Abandoned);
        assert!(apply(&registry, &Step::replace(&old, left.clone())));
        assert!(registry.get(SecretId(1), "a").is_none());
        assert!(registry.by_nonce(&old.nonce).is_some());
        let new = binding(2, 1, "a", 8);
        assert!(apply(&registry, &Step::insert(new.clone())));
        assert_eq!(registry.get(SecretId(1), "a").unwrap().id(), new.id);
        assert!(apply(&registry, &Step::forget(&left)));
        assert_eq!(registry.get(SecretId(1), "a").unwrap().id(), new.id, "the successor stays");
    }

    #[test]
    fn an_id_falls_back_to_the_meeting_that_still_has_it() {
        let registry = Registry::default();
        let old = live(&binding(1, 1, "a", 7), "x-1");
        let attempt = binding(2, 1, "a", 8);
        assert!(apply(&registry, &Step::insert(old.clone())));
        assert!(apply(&registry, &Step::insert(attempt.clone())));
        assert_eq!(registry.get(SecretId(1), "a").unwrap().id(), attempt.id);
        assert!(apply(&registry, &Step::forget(&attempt)));
        assert_eq!(registry.get(SecretId(1), "a").unwrap().id(), old.id);
    }

    #[test]
    fn breakout_rooms_are_found_by_either_id_as_long_as_they_are_shown() {
        let registry = Registry::default();
        let parent = live(&binding(1, 1, "a", 7), "x-1");
        assert!(apply(&registry, &Step::insert(parent.clone())));
        let meeting = registry.meeting(parent.id).unwrap();
        let room = NodeMeeting { id: "ext".into(), internal_id: "int".into(), ..NodeMeeting::default() };
        let observed = |rooms: Vec<NodeMeeting>| Observation {
            main: NodeMeeting::default().into(),
            rooms: rooms.into_iter().map(Arc::new).collect(),
            polled: true,
        };
        registry.observe(&meeting, observed(vec![room]));
        for id in ["ext", "int"] {
            assert_eq!(&*registry.find(SecretId(1), id).unwrap().room.unwrap().internal_id, "int", "{id}");
            assert!(registry.find(SecretId(2), id).is_none());
        }
        registry.observe(&meeting, observed(vec![]));
        assert!(registry.find(SecretId(1), "ext").is_none());
    }
}
