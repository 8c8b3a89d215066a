//! The meetings of a node.

mod bridges;
mod render;
mod tokens;

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use rand::SeedableRng;
use rand::rngs::StdRng;

use crate::checksum::sha1_hex;
use crate::meeting::{Breakout, MeetingState};
use bridges::Bridges;
pub(crate) use render::create_date;
use tokens::token;

/// A meeting with what is derived from it.
struct Entry {
    state: MeetingState,
    /// The elements of the meeting, until it changes.
    elements: Option<Bytes>,
    empty_since: Instant,
}

/// What became of a wish for a meeting.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Created {
    New,
    /// It was there before.
    Duplicate,
}

/// Why there is no meeting.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    /// It lives, with other passwords.
    IdNotUnique,
    /// Another meeting uses the voice bridge.
    VoiceBridgeInUse,
    /// The parent of a breakout room is unknown.
    NoParent,
}

/// All meetings, in the order they were made.
pub(crate) struct World {
    pub(crate) rng: StdRng,
    expire_empty: Option<Duration>,
    last_create_time: u64,
    times: HashMap<String, u64>,
    entries: BTreeMap<u64, Entry>,
    bridges: Bridges,
    /// The answer to `getMeetings`, until something changes.
    listing: Option<Bytes>,
    /// When to look whether a meeting is still empty; in order, as all wait equally long.
    deadlines: VecDeque<(Instant, u64)>,
}

impl World {
    pub(crate) fn new(seed: u64, expire_empty: Option<Duration>) -> Self {
        Self {
            rng: StdRng::seed_from_u64(seed),
            expire_empty,
            last_create_time: 0,
            times: HashMap::new(),
            entries: BTreeMap::new(),
            bridges: Bridges::default(),
            listing: None,
            deadlines: VecDeque::new(),
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = &MeetingState> {
        self.entries.values().map(|entry| &entry.state)
    }

    pub(crate) fn get(&self, id: &str) -> Option<&MeetingState> {
        self.entries.get(self.times.get(id)?).map(|entry| &entry.state)
    }

    /// Makes a meeting of a draft: id, name, parameters, breakout. Passwords and voice
    /// bridge that are empty are made up.
    pub(crate) fn create(&mut self, mut draft: MeetingState) -> Result<(Created, &MeetingState), Refused> {
        if let Some(time) = self.times.get(&draft.id) {
            let existing = &self.entries[time].state;
            let same = |given: &str, known: &str| given.is_empty() || given == known;
            return if same(&draft.attendee_pw, &existing.attendee_pw)
                && same(&draft.moderator_pw, &existing.moderator_pw)
            {
                Ok((Created::Duplicate, existing))
            } else {
                Err(Refused::IdNotUnique)
            };
        }
        if let Some(breakout) = &mut draft.breakout {
            let parent = self.get(&breakout.parent_id).ok_or(Refused::NoParent)?;
            breakout.parent_internal_id.clone_from(&parent.internal_id);
        }
        if draft.voice_bridge.is_empty() {
            draft.voice_bridge = self.bridges.allot(&mut self.rng);
        } else if !self.bridges.take(&draft.voice_bridge) {
            return Err(Refused::VoiceBridgeInUse);
        }
        for password in [&mut draft.attendee_pw, &mut draft.moderator_pw] {
            if password.is_empty() {
                *password = token(&mut self.rng, "", 8);
            }
        }
        draft.create_time = self.next_create_time();
        draft.internal_id = format!("{}-{}", sha1_hex(&draft.id), draft.create_time);
        if let Some(breakout) = &draft.breakout {
            let (parent, room) = (breakout.parent_id.clone(), draft.id.clone());
            self.change(&parent, |meeting| meeting.breakout_rooms.push(room));
        }
        Ok((Created::New, self.insert(draft)))
    }

    fn insert(&mut self, state: MeetingState) -> &MeetingState {
        let time = state.create_time;
        let now = Instant::now();
        self.listing = None;
        self.times.insert(state.id.clone(), time);
        if !state.running() {
            self.watch_empty(now, time);
        }
        &self.entries.entry(time).or_insert(Entry { state, elements: None, empty_since: now }).state
    }

    /// Milliseconds since 1970, but never the same twice.
    fn next_create_time(&mut self) -> u64 {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let now = u64::try_from(now.as_millis()).unwrap_or(u64::MAX);
        self.last_create_time = now.max(self.last_create_time + 1);
        self.last_create_time
    }

    /// Changes a meeting; id and instance stay what they are.
    pub(crate) fn change<T>(&mut self, id: &str, change: impl FnOnce(&mut MeetingState) -> T) -> Option<T> {
        let time = *self.times.get(id)?;
        let entry = self.entries.get_mut(&time)?;
        let state = &mut entry.state;
        let (was_running, old_bridge) = (state.running(), state.voice_bridge.clone());
        let result = change(state);
        id.clone_into(&mut state.id);
        state.create_time = time;
        state.voice_bridge = old_bridge;
        state.has_user_joined |= state.running();
        entry.elements = None;
        self.listing = None;
        if was_running && !entry.state.running() {
            entry.empty_since = Instant::now();
            let since = entry.empty_since;
            self.watch_empty(since, time);
        }
        Some(result)
    }

    /// Opens the next breakout room of a meeting; returns its id.
    pub(crate) fn open_breakout(&mut self, parent: &str) -> Option<String> {
        let known = self.get(parent)?;
        let sequence = known.breakout_rooms.len() as u64 + 1;
        let name = format!("{} (Room {sequence})", known.name);
        let time = self.last_create_time;
        // The form bbb-apps gives to the ids of its own rooms.
        let id = format!("{}-{time}", sha1_hex(&format!("{}-{time}-{sequence}", known.internal_id)));
        let breakout = Breakout {
            parent_id: parent.to_owned(),
            parent_internal_id: String::new(),
            sequence,
            free_join: false,
        };
        let draft = MeetingState { id, name, breakout: Some(breakout), ..MeetingState::default() };
        self.create(draft).ok().map(|(_, meeting)| meeting.id.clone())
    }

    /// Takes a meeting out, with its breakout rooms behind it.
    pub(crate) fn remove(&mut self, id: &str) -> Vec<MeetingState> {
        let Some(entry) = self.times.remove(id).and_then(|time| self.entries.remove(&time)) else {
            return Vec::new();
        };
        self.listing = None;
        let state = entry.state;
        self.bridges.give_back(&state.voice_bridge);
        if let Some(breakout) = &state.breakout {
            self.change(&breakout.parent_id, |parent| parent.breakout_rooms.retain(|room| room != id));
        }
        let rooms = state.breakout_rooms.clone();
        let mut removed = vec![state];
        for room in &rooms {
            removed.append(&mut self.remove(room));
        }
        removed
    }

    pub(crate) fn clear(&mut self) {
        self.times.clear();
        self.entries.clear();
        self.deadlines.clear();
        self.bridges = Bridges::default();
        self.listing = None;
    }

    /// An id of letters and digits, as BBB gives to users and sessions.
    pub(crate) fn token(&mut self, prefix: &str, length: usize) -> String {
        token(&mut self.rng, prefix, length)
    }

    /// The elements of a meeting in `getMeetings` and `getMeetingInfo`.
    pub(crate) fn elements(&mut self, id: &str) -> Option<Bytes> {
        let entry = self.entries.get_mut(self.times.get(id)?)?;
        Some(entry.elements())
    }

    /// The answer to `getMeetings`.
    pub(crate) fn listing(&mut self) -> Bytes {
        if let Some(listing) = &self.listing {
            return listing.clone();
        }
        let listing = render::listing(self.entries.values_mut().map(Entry::elements));
        self.listing = Some(listing.clone());
        listing
    }

    fn watch_empty(&mut self, since: Instant, time: u64) {
        if let Some(expire) = self.expire_empty {
            self.deadlines.push_back((since + expire, time));
        }
    }

    /// When `take_expired` has to be called next.
    pub(crate) fn next_deadline(&self) -> Option<Instant> {
        self.deadlines.front().map(|(at, _)| *at)
    }

    /// Takes out the meetings that have been empty for too long.
    pub(crate) fn take_expired(&mut self, now: Instant) -> Vec<MeetingState> {
        let mut expired = Vec::new();
        while let Some((_, time)) = self.deadlines.pop_front_if(|(at, _)| *at <= now) {
            let Some(entry) = self.entries.get(&time) else { continue };
            let waited = now.saturating_duration_since(entry.empty_since);
            if !entry.state.running() && self.expire_empty.is_some_and(|expire| waited >= expire) {
                let id = entry.state.id.clone();
                expired.append(&mut self.remove(&id));
            }
        }
        expired
    }
}

impl Entry {
    fn elements(&mut self) -> Bytes {
        self.elements.get_or_insert_with(|| render::elements(&self.state)).clone()
    }
}

#[cfg(test)]
mod tests;
