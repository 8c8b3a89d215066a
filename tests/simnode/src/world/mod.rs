//! The meetings of a node.

mod bridges;
mod render;
mod sessions;
mod tokens;

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::ops::Bound;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use rand::SeedableRng;
use rand::rngs::StdRng;

use crate::checksum::sha1_hex;
use crate::meeting::{Breakout, MeetingState};
use bridges::Bridges;
pub(crate) use render::create_date;
pub(crate) use sessions::Session;
use sessions::Sessions;
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
///
/// Ids as in BBB's `MeetingService`, `ParamsProcessorUtil` and `ServiceUtils` (bbb-common-web,
/// `org.bigbluebutton.api`): meetings are kept by internal id, and looked up by a prefix of it.
pub(crate) struct World {
    pub(crate) rng: StdRng,
    expire_empty: Option<Duration>,
    /// Calls may name a meeting by its internal id; BBB before 2.6 only knows external ids there.
    internal_ids: bool,
    /// Counts are written with commas.
    grouped: bool,
    /// Milliseconds since 1970; `None`: the system's clock.
    clock: Option<Arc<AtomicU64>>,
    last_create_time: u64,
    /// How many meetings of an external id there have been.
    made: HashMap<String, usize>,
    /// Creation times by external id, of several meetings of one id the newest.
    external: HashMap<String, u64>,
    /// Creation times by internal id; sorted, so that prefixes are found.
    internal: BTreeMap<String, u64>,
    entries: BTreeMap<u64, Entry>,
    bridges: Bridges,
    pub(crate) sessions: Sessions,
    /// The answer to `getMeetings`, until something changes.
    listing: Option<Bytes>,
    /// When to look whether a meeting is still empty; in order, as all wait equally long.
    deadlines: VecDeque<(Instant, u64)>,
}

impl World {
    pub(crate) fn new(seed: u64, expire_empty: Option<Duration>, internal_ids: bool) -> Self {
        Self {
            rng: StdRng::seed_from_u64(seed),
            expire_empty,
            internal_ids,
            grouped: false,
            clock: None,
            last_create_time: 0,
            made: HashMap::new(),
            external: HashMap::new(),
            internal: BTreeMap::new(),
            entries: BTreeMap::new(),
            bridges: Bridges::default(),
            sessions: Sessions::default(),
            listing: None,
            deadlines: VecDeque::new(),
        }
    }

    /// How many meetings of an external id there have been.
    pub(crate) fn made(&self, id: &str) -> usize {
        self.made.get(id).copied().unwrap_or(0)
    }

    /// The same by another clock than the system's.
    #[must_use]
    pub(crate) fn by_clock(self, clock: Option<Arc<AtomicU64>>) -> Self {
        Self { clock, ..self }
    }

    /// The same with other numbers in lists.
    #[must_use]
    pub(crate) fn grouping(self, grouped: bool) -> Self {
        Self { grouped, ..self }
    }

    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = &MeetingState> {
        self.entries.values().map(|entry| &entry.state)
    }

    /// A meeting by its exact external or internal id.
    pub(crate) fn get(&self, id: &str) -> Option<&MeetingState> {
        Some(&self.entries.get(&self.time_of(id)?)?.state)
    }

    fn time_of(&self, id: &str) -> Option<u64> {
        self.external.get(id).or_else(|| self.internal.get(id)).copied()
    }

    /// The internal id of the meeting that BBB takes an id of a call for: the first whose internal id begins
    /// with it, else the one whose external id it is. See `ServiceUtils.findMeetingFromMeetingID`; before
    /// 2.6, the calls of `ApiController` only made the second step.
    pub(crate) fn find(&self, id: &str) -> Option<&str> {
        let direct = if self.internal_ids { self.with_prefix(id) } else { None };
        direct.or_else(|| self.with_prefix(&sha1_hex(id)))
    }

    /// `MeetingService.getMeeting`. A hash map has no order there; the smallest id is as good as any.
    fn with_prefix(&self, prefix: &str) -> Option<&str> {
        let from = (Bound::Included(prefix), Bound::Unbounded);
        let (first, _) = self.internal.range::<str, _>(from).next()?;
        first.starts_with(prefix).then_some(first.as_str())
    }

    /// The parent that a `create` of a breakout room names. Before 2.6 the parameter had to be the internal id.
    fn parent(&self, id: &str) -> Option<&MeetingState> {
        let internal = if self.internal_ids { self.find(id)? } else { id };
        self.get(internal)
    }

    /// Makes a meeting of a draft: id, name, parameters, breakout. Passwords and voice
    /// bridge that are empty are made up.
    pub(crate) fn create(&mut self, mut draft: MeetingState) -> Result<(Created, &MeetingState), Refused> {
        let mut internal_id = None;
        if let Some(breakout) = &mut draft.breakout {
            let parent = self.parent(&breakout.parent_id).ok_or(Refused::NoParent)?;
            breakout.parent_id.clone_from(&parent.id);
            breakout.parent_internal_id.clone_from(&parent.internal_id);
            // `processCreateParams`: the id as given is the internal one, and the external one is made of it.
            let time = draft.id.split_once('-').map_or("", |(_, time)| time);
            let hash = sha1_hex(&format!("{}-{time}-{}", parent.internal_id, breakout.sequence));
            let external_id = format!("{hash}-{time}");
            internal_id = Some(std::mem::replace(&mut draft.id, external_id));
        }
        if let Some(existing) = self.with_prefix(&sha1_hex(&draft.id)) {
            let existing = self.get(existing).ok_or(Refused::IdNotUnique)?;
            // Both passwords as they were, or none: `ApiController.create`.
            let same =
                draft.attendee_pw == existing.attendee_pw && draft.moderator_pw == existing.moderator_pw;
            let none = draft.attendee_pw.is_empty() && draft.moderator_pw.is_empty();
            return if same || none { Ok((Created::Duplicate, existing)) } else { Err(Refused::IdNotUnique) };
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
        draft.internal_id =
            internal_id.unwrap_or_else(|| format!("{}-{}", sha1_hex(&draft.id), draft.create_time));
        if let Some(breakout) = &draft.breakout {
            let (parent, room) = (breakout.parent_internal_id.clone(), draft.id.clone());
            self.change(&parent, |meeting| meeting.breakout_rooms.push(room));
        }
        Ok((Created::New, self.insert(draft)))
    }

    /// `meetings.put`: what had the same internal id is overwritten, and nobody is told.
    fn insert(&mut self, state: MeetingState) -> &MeetingState {
        let time = state.create_time;
        let now = Instant::now();
        self.listing = None;
        if let Some(old) = self.internal.insert(state.internal_id.clone(), time)
            && let Some(old) = self.entries.remove(&old)
        {
            self.bridges.give_back(&old.state.voice_bridge);
        }
        self.external.insert(state.id.clone(), time);
        *self.made.entry(state.id.clone()).or_default() += 1;
        if !state.running() {
            self.watch_empty(now, time);
        }
        &self.entries.entry(time).or_insert(Entry { state, elements: None, empty_since: now }).state
    }

    /// Milliseconds since 1970, but never the same twice.
    fn next_create_time(&mut self) -> u64 {
        let now = match &self.clock {
            Some(clock) => clock.load(Ordering::Relaxed),
            None => {
                let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
                u64::try_from(now.as_millis()).unwrap_or(u64::MAX)
            }
        };
        self.last_create_time = now.max(self.last_create_time + 1);
        self.last_create_time
    }

    /// Changes a meeting; id and instance stay what they are.
    pub(crate) fn change<T>(&mut self, id: &str, change: impl FnOnce(&mut MeetingState) -> T) -> Option<T> {
        let time = self.time_of(id)?;
        let entry = self.entries.get_mut(&time)?;
        let state = &mut entry.state;
        let fixed = (state.id.clone(), state.internal_id.clone(), state.voice_bridge.clone());
        let was_running = state.running();
        let result = change(state);
        (state.id, state.internal_id, state.voice_bridge) = fixed;
        state.create_time = time;
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

    /// Opens the next breakout room of a meeting; returns its external id. Its internal id is made as in
    /// `BreakoutRoomsUtil.createMeetingIds` of akka-bbb-apps, its metadata come from the parent as in
    /// `MeetingService.processCreateBreakoutRoom`.
    pub(crate) fn open_breakout(&mut self, parent: &str) -> Option<String> {
        let known = self.get(parent)?;
        let sequence = known.breakout_rooms.len() as u64 + 1;
        let time = self.last_create_time;
        let external = format!("{}-{time}", sha1_hex(&format!("{}-{time}-{sequence}", known.internal_id)));
        let draft = MeetingState {
            id: format!("{}-{time}", sha1_hex(&external)),
            name: format!("{} (Room {sequence})", known.name),
            metadata: known.metadata.clone(),
            breakout: Some(Breakout {
                parent_id: known.internal_id.clone(),
                parent_internal_id: String::new(),
                sequence,
                free_join: false,
            }),
            ..MeetingState::default()
        };
        self.create(draft).ok().map(|(_, meeting)| meeting.id.clone())
    }

    /// Takes a meeting out, with its breakout rooms behind it.
    pub(crate) fn remove(&mut self, id: &str) -> Vec<MeetingState> {
        let Some(entry) = self.time_of(id).and_then(|time| self.entries.remove(&time)) else {
            return Vec::new();
        };
        self.listing = None;
        let state = entry.state;
        self.internal.remove(&state.internal_id);
        if self.external.get(&state.id) == Some(&state.create_time) {
            self.external.remove(&state.id);
        }
        self.bridges.give_back(&state.voice_bridge);
        self.sessions.end(&state.internal_id);
        if let Some(breakout) = &state.breakout {
            let parent = breakout.parent_internal_id.clone();
            self.change(&parent, |parent| parent.breakout_rooms.retain(|room| *room != state.id));
        }
        let rooms = state.breakout_rooms.clone();
        let mut removed = vec![state];
        for room in &rooms {
            removed.append(&mut self.remove(room));
        }
        removed
    }

    pub(crate) fn clear(&mut self) {
        self.external.clear();
        self.internal.clear();
        self.entries.clear();
        self.deadlines.clear();
        self.bridges = Bridges::default();
        self.sessions = Sessions::default();
        self.listing = None;
    }

    /// An id of letters and digits, as BBB gives to users and sessions.
    pub(crate) fn token(&mut self, prefix: &str, length: usize) -> String {
        token(&mut self.rng, prefix, length)
    }

    /// The elements of a meeting in `getMeetings` and `getMeetingInfo`.
    pub(crate) fn elements(&mut self, id: &str) -> Option<Bytes> {
        let time = self.time_of(id)?;
        Some(self.entries.get_mut(&time)?.elements(self.grouped))
    }

    /// The answer to `getMeetings`.
    pub(crate) fn listing(&mut self) -> Bytes {
        if let Some(listing) = &self.listing {
            return listing.clone();
        }
        let listing = render::listing(self.entries.values_mut().map(|entry| entry.elements(self.grouped)));
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
                let id = entry.state.internal_id.clone();
                expired.append(&mut self.remove(&id));
            }
        }
        expired
    }
}

impl Entry {
    fn elements(&mut self, grouped: bool) -> Bytes {
        self.elements.get_or_insert_with(|| render::elements(&self.state, grouped)).clone()
    }
}

#[cfg(test)]
mod tests;
