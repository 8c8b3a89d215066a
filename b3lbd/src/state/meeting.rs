//! A binding, and what the daemon knows about its meeting beyond the database.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use arc_swap::ArcSwapOption;

use crate::bbb::NodeMeeting;
use crate::model::{Binding, BindingId, Instance, MeetingKey, NodeId, Nonce, Phase, TenantId, TenantLabel};

/// The owner of a meeting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner {
    /// The tenant.
    pub tenant: TenantId,
    /// The label of the tenant's secret.
    pub label: TenantLabel,
}

/// What was last reported about a meeting.
#[derive(Clone, Debug)]
pub struct Observation {
    /// The meeting itself.
    pub main: Arc<NodeMeeting>,
    /// Breakout rooms that the node created for it.
    pub rooms: Vec<Arc<NodeMeeting>>,
    /// Whether a poll reported it. Otherwise it is only known from the create answer.
    pub polled: bool,
}

impl Observation {
    /// The meeting, followed by its breakout rooms.
    pub fn all(&self) -> impl Iterator<Item = &Arc<NodeMeeting>> {
        std::iter::once(&self.main).chain(&self.rooms)
    }

    /// Whether both look the same in a list.
    pub fn same_text(&self, other: &Self) -> bool {
        self.all().map(|it| &it.fragment).eq(other.all().map(|it| &it.fragment))
    }

    /// Whether both have the same breakout rooms.
    pub(super) fn same_rooms(&self, other: Option<&Self>) -> bool {
        let others = other.map(|it| it.rooms.as_slice()).unwrap_or_default();
        let ids = |rooms: &[Arc<NodeMeeting>]| -> Vec<(Arc<str>, Arc<str>)> {
            rooms.iter().map(|it| (it.internal_id.clone(), it.id.clone())).collect()
        };
        ids(&self.rooms) == ids(others)
    }
}

/// State shared by all versions of a binding; it may change while the binding does not.
#[derive(Debug, Default)]
struct Shared {
    observation: ArcSwapOption<Observation>,
    /// The node has accepted an `end`, or does not know the meeting.
    is_ending: AtomicBool,
}

/// A bound meeting. Replaced as a whole when its binding changes.
#[derive(Debug)]
pub struct Meeting {
    /// The binding, as stored in the database.
    pub binding: Binding,
    /// The owner.
    pub owner: Owner,
    /// When it was bound, confirmed or restored, in seconds on the daemon's clock. Polls that started before
    /// are ignored.
    pub known_since: f64,
    /// When the last repeat with a possibly unknown outcome was sent, on the same clock.
    pub next_since: f64,
    shared: Arc<Shared>,
}

impl Meeting {
    /// Creates a meeting that is known since `known_since`.
    pub fn new(binding: Binding, owner: Owner, known_since: f64) -> Self {
        Self { binding, owner, known_since, next_since: known_since, shared: Arc::default() }
    }

    /// Returns the meeting with a changed binding. If the instance or phase differs, older polls no longer
    /// count.
    pub(super) fn with(&self, binding: Binding, now: f64) -> Self {
        let same = binding.phase == self.binding.phase && binding.instance == self.binding.instance;
        let known_since = if same { self.known_since } else { now };
        let next_since = if binding.next == self.binding.next { self.next_since } else { now };
        Self { binding, owner: self.owner.clone(), known_since, next_since, shared: Arc::clone(&self.shared) }
    }

    /// The row id of its binding.
    pub fn id(&self) -> BindingId {
        self.binding.id
    }

    /// The secret and meeting id.
    pub fn key(&self) -> &MeetingKey {
        &self.binding.key
    }

    /// The node it runs on.
    pub fn node(&self) -> NodeId {
        self.binding.node
    }

    /// The progress of its binding.
    pub fn phase(&self) -> Phase {
        self.binding.phase
    }

    /// The nonce in the node's end callback.
    pub fn nonce(&self) -> Nonce {
        self.binding.nonce
    }

    /// The instance, once the node has reported it.
    pub fn instance(&self) -> Option<&Instance> {
        self.binding.instance.as_deref()
    }

    /// What was last reported about it.
    pub fn observation(&self) -> Option<Arc<Observation>> {
        self.shared.observation.load_full()
    }

    /// Stores what was reported about it. Polls use [`super::Registry::observe`].
    pub(super) fn set_observation(&self, observation: Observation) {
        self.shared.observation.store(Some(Arc::new(observation)));
    }

    /// Number of people in it, including those in its breakout rooms.
    pub fn attendees(&self) -> u64 {
        self.shared.observation.load().as_ref().map_or(0, |it| u64::from(it.main.attendees))
    }

    /// The node has accepted an `end`, or does not know the meeting, so the next successful poll counts.
    pub fn set_ending(&self) {
        self.shared.is_ending.store(true, Ordering::Relaxed);
    }

    /// Whether the node has accepted an `end`, or does not know the meeting.
    pub fn is_ending(&self) -> bool {
        self.shared.is_ending.load(Ordering::Relaxed)
    }
}
