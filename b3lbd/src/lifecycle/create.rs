//! `create` of a new meeting: place it, store it, ask the node, and retry on other nodes.

use std::sync::Arc;

use super::attempt::Outcome;
use super::problems::refused;
use super::{BindingStore, Core, NodeCalls};
use crate::bbb::{Failure, Params, meeting_name, new_meeting_id};
use crate::model::{
    Binding, BindingId, EventKind, Marker, MeetingKey, NodeId, Nonce, Phase, Secret, Severity, Step, Tenant,
};
use crate::nodes::{Body, NodeAnswer};
use crate::state::{Count, Limit, Meeting, NoPlace, Placing};
use crate::store::StoreError;

/// Maximum size of a stored URL, in bytes.
const MAX_URL: usize = 8 * 1024;
/// The client's URL for learning analytics, as sent by Moodle.
pub(super) const ANALYTICS: &str = "meta_analytics-callback-url";
/// Maximum number of nodes tried for a create.
const MAX_ATTEMPTS: usize = 3;

/// A `create` with validated parameters.
#[derive(Clone, Debug)]
pub struct CreateRequest {
    /// The owner.
    pub tenant: Arc<Tenant>,
    /// The owner's secret.
    pub secret: Arc<Secret>,
    /// The meeting id, without surrounding whitespace.
    pub id: Arc<str>,
    /// The meeting's name.
    pub name: String,
    /// All parameters of the client.
    pub params: Params,
    /// The client's XML body.
    pub body: Option<Body>,
}

impl CreateRequest {
    /// Validates a client's parameters.
    pub fn new(
        tenant: Arc<Tenant>,
        secret: Arc<Secret>,
        params: Params,
        body: Option<Body>,
    ) -> Result<Self, Failure> {
        let id = new_meeting_id(&params)?;
        let kept = params.get("meetingEndedURL").into_iter().chain(params.get_ignoring_case(ANALYTICS));
        if kept.map(str::len).max() > Some(MAX_URL) {
            return Err(Failure::URL_SIZE);
        }
        let name = meeting_name(&params)?.to_owned();
        Ok(Self { tenant, secret, id, name, params, body })
    }

    /// The key of the meeting.
    pub(super) fn key(&self) -> MeetingKey {
        MeetingKey { secret: self.secret.id, id: self.id.clone() }
    }

    fn expected_attendees(&self) -> Option<f64> {
        let given = self.params.get_ignoring_case("meta_b3lb-expected-attendees");
        given.and_then(|value| value.trim().parse().ok()).filter(|it: &f64| it.is_finite())
    }

    /// The client's URL for learning analytics.
    fn analytics_url(&self) -> Option<&str> {
        self.params.get_ignoring_case(ANALYTICS).filter(|url| !url.trim().is_empty())
    }

    /// The note by which the meeting can be bound again without the database.
    pub(super) fn marker(&self, nonce: Nonce) -> Marker {
        Marker {
            label: self.secret.label.clone(),
            nonce,
            ended_url: self.ended_url().map(str::to_owned),
            analytics_url: self.analytics_url().map(str::to_owned),
        }
    }

    fn ended_url(&self) -> Option<&str> {
        self.params.get_filled("meetingEndedURL")
    }

    /// A binding of this meeting to a node that has not been asked yet; `created_at` is in milliseconds since
    /// 1970.
    pub(super) fn binding(&self, id: BindingId, node: NodeId, nonce: Nonce, created_at: i64) -> Binding {
        Binding {
            id,
            key: self.key(),
            node,
            phase: Phase::Creating,
            nonce,
            next: None,
            name: self.name.clone(),
            ended_url: self.ended_url().map(str::to_owned),
            analytics_url: self.analytics_url().map(str::to_owned),
            created_at,
            instance: None,
            placed: None,
        }
    }
}

/// The previous binding of the id, and what happens to it once the next one is stored.
enum Former {
    /// An attempt with unknown outcome, or an instance on a node that is down; kept until it is settled.
    Abandoned(Arc<Meeting>),
    /// An attempt that never reached its node, or found somebody else's meeting.
    Forgotten(Arc<Meeting>),
}

impl Former {
    /// The step that frees the meeting id.
    fn step(&self) -> Step {
        match self {
            Self::Abandoned(it) => Step::replace(&it.binding, it.binding.in_phase(Phase::Abandoned)),
            Self::Forgotten(it) => Step::forget(&it.binding),
        }
    }
}

impl<S: BindingStore, N: NodeCalls> Core<S, N> {
    /// Handles a client's create. Runs to completion even if the client disconnects; one at a time per
    /// meeting.
    pub async fn create(&self, request: CreateRequest) -> Result<NodeAnswer, Failure> {
        self.pool.first_round.wait(self.nodes.timeout()).await;
        if !self.pool.standing.is_replica() {
            self.pool.adoption_round.wait(self.nodes.timeout()).await;
        }
        let _turn = self.pool.turns.take(request.key()).await;
        let created = match self.pool.registry.get(request.secret.id, &request.id) {
            _ if self.pool.standing.is_replica() => self.create_as_replica(&request).await,
            Some(meeting) => self.create_again(&request, meeting).await,
            None => self.create_new(&request, None, Vec::new()).await,
        };
        if let Err(failure) = &created
            && let Some(why) = refused(failure)
        {
            self.pool.refusals.count(why, &request.tenant.slug, self.pool.clock.now());
            self.pool.tally.refused(why.into());
        }
        created
    }

    fn require_primary(&self) -> Result<(), Failure> {
        if self.pool.standing.may_act() { Ok(()) } else { Err(Failure::PRIMARY_UNAVAILABLE) }
    }

    /// Places a meeting, trying up to three nodes. `old` is an instance on a node that is down, or an attempt
    /// with unknown outcome. An old instance remains the secret's meeting until a new one exists: if none can
    /// be created, it may still go on where it is.
    pub(super) async fn create_new(
        &self,
        request: &CreateRequest,
        old: Option<Arc<Meeting>>,
        mut tried: Vec<NodeId>,
    ) -> Result<NodeAnswer, Failure> {
        self.require_primary()?;
        let parent = self.parent(request)?;
        let only = parent.as_ref().map(|parent| parent.node);
        let moved = old.clone().filter(|it| it.phase() == Phase::Live);
        let mut former = old.filter(|it| it.phase() != Phase::Live).map(Former::Abandoned);
        let mut failure = Failure::NO_NODE;
        for _ in 0..MAX_ATTEMPTS {
            let meeting = match self.bind(request, &tried, only, (former.as_ref(), moved.as_deref())).await {
                Ok(meeting) => meeting,
                Err(Unbound::NoPlace(NoPlace::NoNode)) => break,
                Err(Unbound::NoPlace(NoPlace::IdTaken)) => {
                    failure = Failure::ID_NOT_UNIQUE;
                    break;
                }
                Err(Unbound::NoPlace(NoPlace::Limit(limit))) => {
                    self.count_limit(request, limit);
                    failure = Failure::LIMIT;
                    break;
                }
                Err(Unbound::Store(error)) => {
                    tracing::error!(%error, meeting = %request.id, "a meeting could not be bound");
                    failure = Failure::STORE;
                    break;
                }
            };
            // Another daemon may have taken over while this one waited for the database, or was stopped.
            if let Err(failure) = self.require_primary() {
                self.take_back(&meeting).await;
                return Err(failure);
            }
            if !tried.is_empty() {
                self.metrics.retries.increment(1);
            }
            tried.push(meeting.node());
            match self.ask_to_create(request, parent.as_ref(), meeting.node(), meeting.nonce()).await {
                Outcome::Created(created) if !created.duplicate => {
                    self.confirm(&meeting, &created, (meeting.nonce(), None), moved.as_deref()).await?;
                    // Another daemon may have taken over while the node was asked.
                    self.require_primary()?;
                    return Ok(created.answer);
                }
                Outcome::Refused(answer) => {
                    self.take_back(&meeting).await;
                    return answer;
                }
                // Somebody else has a meeting with that id there.
                Outcome::Created(_) | Outcome::Taken(_) => {
                    failure = Failure::ID_NOT_UNIQUE;
                    former = Some(Former::Forgotten(meeting));
                }
                Outcome::Unreached => former = Some(Former::Forgotten(meeting)),
                Outcome::Unknown => {
                    failure = Failure::UNKNOWN_OUTCOME;
                    former = Some(Former::Abandoned(meeting));
                }
            }
        }
        if let Some(Former::Forgotten(meeting)) = former {
            self.take_back(&meeting).await;
        }
        Err(failure)
    }

    /// Records that a create was refused by a limit.
    pub(super) fn count_limit(&self, request: &CreateRequest, limit: Limit) {
        let count = match limit {
            Limit::Meetings => Count::MeetingLimit,
            Limit::Attendees => Count::AttendeeLimit,
        };
        self.pool.counters.count(request.secret.id, count);
        self.pool.refusals.count_limit(request.secret.id, limit, self.pool.clock.now());
        self.pool.tally.refused(limit.into());
        tracing::info!(secret = %request.secret.label, meeting = %request.id, ?limit, "limit reached");
        let text = match limit {
            Limit::Meetings => "meeting limit reached",
            Limit::Attendees => "attendee limit reached",
        };
        self.record_event(
            EventKind::Meeting,
            Severity::Info,
            format!("secret {}", request.secret.label),
            text,
        );
    }

    /// Chooses a node and stores the binding before the node is asked. When moving an instance, the new
    /// binding is stored as abandoned until the create has succeeded.
    async fn bind(
        &self,
        request: &CreateRequest,
        tried: &[NodeId],
        only: Option<NodeId>,
        (former, moved): (Option<&Former>, Option<&Meeting>),
    ) -> Result<Arc<Meeting>, Unbound> {
        let CreateRequest { tenant, secret, id, .. } = request;
        let expected = request.expected_attendees();
        let is_new = former.is_none() && moved.is_none();
        let phase = if moved.is_some() { Phase::Abandoned } else { Phase::Creating };
        let moved_from = moved.map(Meeting::node);
        let placing = Placing { tenant, secret, id, expected, tried, only, is_new, moved_from };
        let now = self.pool.clock.wall_ms();
        let bind = |node, id| Binding { phase, ..request.binding(id, node, Nonce::random(), now) };
        let meeting = self.pool.place(&placing, bind)?;
        let step = former.map(Former::step).unwrap_or_default().and_insert(meeting.binding.clone());
        match self.make(step, &meeting.owner).await {
            Ok(true) => {}
            Ok(false) => {
                self.unplace(&meeting);
                return Err(StoreError::Other("the meeting was removed meanwhile".to_owned()).into());
            }
            Err(error) => {
                self.unplace(&meeting);
                return Err(error.into());
            }
        }
        tracing::info!(
            secret = %secret.label, meeting = %id, node = %self.node_name(meeting.node()), retry = tried.len(),
            "meeting placed"
        );
        Ok(meeting)
    }

    /// Undoes a placement that could not be stored.
    fn unplace(&self, meeting: &Meeting) {
        self.pool.apply(&Step::forget(&meeting.binding), &meeting.owner);
    }

    /// Removes a binding whose create failed.
    pub(super) async fn take_back(&self, meeting: &Meeting) {
        if let Err(error) = self.make(Step::forget(&meeting.binding), &meeting.owner).await {
            // The binding stays; polls settle it.
            tracing::error!(%error, meeting = %meeting.key().id, "a binding could not be removed");
        }
    }

    /// The name of a node, for logs.
    pub(super) fn node_name(&self, node: NodeId) -> String {
        self.pool.node(node).map_or_else(|| "?".to_owned(), |it| it.fqdn())
    }
}

/// Why a meeting could not be bound.
enum Unbound {
    NoPlace(NoPlace),
    Store(StoreError),
}

impl From<NoPlace> for Unbound {
    fn from(it: NoPlace) -> Self {
        Self::NoPlace(it)
    }
}

impl From<StoreError> for Unbound {
    fn from(it: StoreError) -> Self {
        Self::Store(it)
    }
}
