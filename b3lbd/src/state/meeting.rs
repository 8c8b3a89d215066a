//! A binding with what the daemon knows of its meeting beyond the database.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use arc_swap::ArcSwapOption;

use crate::bbb::NodeMeeting;
use crate::model::{Binding, BindingId, Instance, MeetingKey, NodeId, Nonce, Phase, TenantId, TenantLabel};

/// Whose meeting it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner {
    /// The tenant.
    pub tenant: TenantId,
    /// Tenant and sub id in words.
    pub label: TenantLabel,
}

/// What was last reported of a meeting.
#[derive(Clone, Debug)]
pub struct Observation {
    /// The meeting itself.
    pub main: Arc<NodeMeeting>,
    /// Breakout rooms that the node made for it.
    pub rooms: Vec<Arc<NodeMeeting>>,
    /// Reported by a poll; else known from the create answer only.
    pub polled: bool,
}

impl Observation {
    /// The meeting, then its breakout rooms.
    pub fn all(&self) -> impl Iterator<Item = &Arc<NodeMeeting>> {
        std::iter::once(&self.main).chain(&self.rooms)
    }

    /// Whether a list would show the same.
    pub fn same_text(&self, other: &Self) -> bool {
        self.all().map(|it| &it.fragment).eq(other.all().map(|it| &it.fragment))
    }

    /// Whether the breakout rooms are the same ones.
    pub(super) fn same_rooms(&self, other: Option<&Self>) -> bool {
        let others = other.map(|it| it.rooms.as_slice()).unwrap_or_default();
        let ids = |rooms: &[Arc<NodeMeeting>]| -> Vec<(Arc<str>, Arc<str>)> {
            rooms.iter().map(|it| (it.internal_id.clone(), it.id.clone())).collect()
        };
        ids(&self.rooms) == ids(others)
    }
}

/// What all versions of one binding share: it changes without the binding.
#[derive(Debug, Default)]
struct Shared {
    observation: ArcSwapOption<Observation>,
    /// Its node has accepted an `end`, or says that it does not know the meeting.
    is_ending: AtomicBool,
}

/// A bound meeting. It is replaced as a whole when its binding changes.
#[derive(Debug)]
pub struct Meeting {
    /// What the database holds.
    pub binding: Binding,
    /// The owner.
    pub owner: Owner,
    /// When it was bound, confirmed or restored, in seconds on the daemon's clock: only polls that were begun
    /// later are believed.
    pub known_since: f64,
    /// When a repeat was sent last whose outcome may be unknown, on the same clock.
    pub next_since: f64,
    shared: Arc<Shared>,
}

impl Meeting {
    /// A meeting known since `known_since`.
    pub fn new(binding: Binding, owner: Owner, known_since: f64) -> Self {
        Self { binding, owner, known_since, next_since: known_since, shared: Arc::default() }
    }

    /// The same meeting with a changed binding. What older polls say of it counts no longer if it is another
    /// life, or in another phase.
    pub(super) fn with(&self, binding: Binding, now: f64) -> Self {
        let same = binding.phase == self.binding.phase && binding.instance == self.binding.instance;
        let known_since = if same { self.known_since } else { now };
        let next_since = if binding.next == self.binding.next { self.next_since } else { now };
        Self { binding, owner: self.owner.clone(), known_since, next_since, shared: Arc::clone(&self.shared) }
    }

    /// Its binding's row.
    pub fn id(&self) -> BindingId {
        self.binding.id
    }

    /// Owner and meeting id.
    pub fn key(&self) -> &MeetingKey {
        &self.binding.key
    }

    /// Where it runs.
    pub fn node(&self) -> NodeId {
        self.binding.node
    }

    /// How far its binding has come.
    pub fn phase(&self) -> Phase {
        self.binding.phase
    }

    /// Names its instance in the node's end callback.
    pub fn nonce(&self) -> Nonce {
        self.binding.nonce
    }

    /// What the node told of it, once it has.
    pub fn instance(&self) -> Option<&Instance> {
        self.binding.instance.as_deref()
    }

    /// What was last reported of it.
    pub fn observation(&self) -> Option<Arc<Observation>> {
        self.shared.observation.load_full()
    }

    /// Notes what was reported of it. See [`super::Registry::observe`] for what polls report.
    pub(super) fn set_observation(&self, observation: Observation) {
        self.shared.observation.store(Some(Arc::new(observation)));
    }

    /// People in it; those in its breakout rooms are among them.
    pub fn attendees(&self) -> u64 {
        self.shared.observation.load().as_ref().map_or(0, |it| u64::from(it.main.attendees))
    }

    /// Its node has accepted an `end` of it, or does not know it: the next good poll is believed.
    pub fn set_ending(&self) {
        self.shared.is_ending.store(true, Ordering::Relaxed);
    }

    /// Whether its node has accepted an `end` of it, or said that it does not know it.
    pub fn is_ending(&self) -> bool {
        self.shared.is_ending.load(Ordering::Relaxed)
    }
}
