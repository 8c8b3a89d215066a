//! `create` of a meeting that its secret does not have yet: place, store, ask, and again elsewhere.

use std::sync::Arc;

use crate::bbb::{Failure, Params, meeting_name, new_meeting_id, wants_breakout};
use crate::model::{NodeId, Nonce, Secret, Tenant};
use crate::nodes::{Body, NodeAnswer};
use crate::state::{Count, Limit, Meeting, MeetingKey, NoPlace, Placing, Topic, Weight};
use crate::store::{NewMeeting, Phase, Predecessor, StoreError};

use super::Meetings;
use super::attempt::Outcome;

/// Nodes that are asked for one client's create.
const MAX_ATTEMPTS: usize = 3;

/// A `create` whose parameters are in order.
#[derive(Debug)]
pub struct CreateRequest {
    /// The owner.
    pub tenant: Arc<Tenant>,
    /// The owner's secret.
    pub secret: Arc<Secret>,
    /// The meeting id, without surrounding white space.
    pub id: Arc<str>,
    /// The meeting's name.
    pub name: String,
    /// All parameters of the client.
    pub params: Params,
    /// The client's XML body.
    pub body: Option<Body>,
}

impl CreateRequest {
    /// Checks a client's parameters.
    pub fn new(
        tenant: Arc<Tenant>,
        secret: Arc<Secret>,
        params: Params,
        body: Option<Body>,
    ) -> Result<Self, Failure> {
        let id = new_meeting_id(&params)?;
        let name = meeting_name(&params)?.to_owned();
        Ok(Self { tenant, secret, id, name, params, body })
    }

    /// What names the meeting.
    pub(super) fn key(&self) -> MeetingKey {
        MeetingKey { secret: self.secret.id, id: self.id.clone() }
    }

    fn expected_attendees(&self) -> Option<f64> {
        let name = "meta_b3lb-expected-attendees";
        let given = self.params.iter().find(|(it, _)| it.eq_ignore_ascii_case(name));
        given.and_then(|(_, value)| value.trim().parse().ok()).filter(|it: &f64| it.is_finite())
    }

    /// A binding of this meeting on a node.
    pub(super) fn binding(&self, row: i64, node: NodeId, nonce: Nonce, created_at: i64) -> NewMeeting {
        NewMeeting {
            row,
            secret: self.secret.id,
            id: self.id.clone(),
            node,
            nonce,
            name: self.name.clone(),
            ended_url: self.params.get_filled("meetingEndedURL").map(str::to_owned),
            created_at,
        }
    }
}

/// The owner of the id so far, and what becomes of it.
struct Former {
    meeting: Arc<Meeting>,
    fate: Predecessor,
}

impl Former {
    /// An attempt that went wrong, or a life on a node that is down: remembered until it is settled.
    fn abandoned(meeting: Arc<Meeting>) -> Self {
        Self { fate: Predecessor::Abandon(meeting.row), meeting }
    }

    /// An attempt that never reached its node, or was not ours.
    fn forgotten(meeting: Arc<Meeting>) -> Self {
        Self { fate: Predecessor::Forget(meeting.row), meeting }
    }
}

impl Meetings {
    /// A client's create. Runs to its end even if the client goes away; one at a time per meeting.
    pub async fn create(&self, request: CreateRequest) -> Result<NodeAnswer, Failure> {
        self.pool.first_round.wait(self.nodes.timeout()).await;
        let _turn = self.pool.turns.take(request.key()).await;
        match self.pool.registry.get(request.secret.id, &request.id) {
            Some(meeting) => self.create_again(&request, meeting).await,
            None => self.create_new(&request, None, Vec::new()).await,
        }
    }

    /// Places a meeting, on up to three nodes one after the other. `old` is a life on a node that is
    /// down, or an attempt of unknown outcome; it stays the secret's meeting until another one is bound.
    pub(super) async fn create_new(
        &self,
        request: &CreateRequest,
        old: Option<Arc<Meeting>>,
        mut tried: Vec<NodeId>,
    ) -> Result<NodeAnswer, Failure> {
        let only = self.parent_node(request)?;
        // A life left behind becomes the secret's meeting again if no attempt may have come to anything.
        let moved = old.clone().filter(|it| it.phase == Phase::Live);
        let mut former = old.map(Former::abandoned);
        let mut failure = Failure::NO_NODE;
        for _ in 0..MAX_ATTEMPTS {
            let meeting = match self.bind(request, &tried, only, former.as_ref()).await {
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
            if !tried.is_empty() {
                self.events.retries.increment(1);
            }
            tried.push(meeting.node);
            match self.ask_to_create(request, meeting.node, meeting.nonce).await {
                Outcome::Created(created) if !created.duplicate => {
                    return match self.confirm(&meeting, &created, meeting.nonce).await {
                        Ok(()) => Ok(created.answer),
                        // The binding stays: a repeat finds the meeting on its node.
                        Err(_) => Err(Failure::STORE),
                    };
                }
                Outcome::Refused(answer) => {
                    self.take_back(&meeting, moved.as_deref()).await;
                    return Ok(answer);
                }
                // Somebody else's meeting lives there under that id.
                Outcome::Created(_) | Outcome::Taken(_) => {
                    failure = Failure::ID_NOT_UNIQUE;
                    former = Some(Former::forgotten(meeting));
                }
                Outcome::Unreached => former = Some(Former::forgotten(meeting)),
                Outcome::Unknown => former = Some(Former::abandoned(meeting)),
            }
        }
        if let Some(Former { meeting, fate: Predecessor::Forget(_) }) = former {
            self.take_back(&meeting, moved.as_deref()).await;
        }
        Err(failure)
    }

    /// A create was refused by a limit.
    pub(super) fn count_limit(&self, request: &CreateRequest, limit: Limit) {
        let count = match limit {
            Limit::Meetings => Count::MeetingLimit,
            Limit::Attendees => Count::AttendeeLimit,
        };
        self.pool.counters.count(request.secret.id, count);
        tracing::info!(secret = %request.secret.label, meeting = %request.id, ?limit, "limit reached");
        let text = match limit {
            Limit::Meetings => "meeting limit reached",
            Limit::Attendees => "attendee limit reached",
        };
        self.tell(Topic::Meeting, Weight::Info, format!("secret {}", request.secret.label), text);
    }

    /// Chooses a node and binds the meeting to it durably, before the node is asked.
    async fn bind(
        &self,
        request: &CreateRequest,
        tried: &[NodeId],
        only: Option<NodeId>,
        former: Option<&Former>,
    ) -> Result<Arc<Meeting>, Unbound> {
        let CreateRequest { tenant, secret, id, .. } = request;
        let expected = request.expected_attendees();
        let is_new = former.is_none();
        let placing = Placing { tenant, secret, id, expected, tried, only, is_new };
        let now = (self.pool.clock.wall_ms(), self.pool.clock.now());
        let meeting = self.pool.place(&placing, |node, row| {
            let new = request.binding(row, node, Nonce::random(), now.0);
            Meeting::creating(new, (tenant.id, secret.label.clone()), now.1)
        })?;
        if let Err(error) = self.store.reserve_meeting(meeting.stored(), former.map(|it| it.fate)).await {
            self.pool.unplace(&meeting);
            if let Some(former) = former {
                self.pool.registry.put(former.meeting.again());
            }
            return Err(error.into());
        }
        match former {
            Some(Former { meeting: former, fate: Predecessor::Abandon(_) }) => self.pool.abandon(former),
            Some(Former { meeting: former, fate: Predecessor::Forget(_) }) => self.pool.unplace(former),
            None => {}
        }
        tracing::info!(
            secret = %secret.label, meeting = %id, node = %self.node_name(meeting.node), retry = tried.len(),
            "meeting placed"
        );
        Ok(meeting)
    }

    /// A binding came to nothing; a life that was left behind for it is the secret's meeting again.
    pub(super) async fn take_back(&self, meeting: &Meeting, reinstate: Option<&Meeting>) {
        if let Err(error) = self.store.forget_meeting(meeting.row, reinstate.map(|it| it.row)).await {
            // In the database it stays `creating`, which the polls settle.
            tracing::error!(%error, meeting = %meeting.key.id, "a binding could not be removed");
            return;
        }
        self.pool.unplace(meeting);
        if let Some(old) = reinstate {
            let old = self.pool.registry.put(old.again());
            self.pool.book(&old);
            self.pool.lists.changed(&old);
        }
    }

    /// A breakout room runs on its parent's node; the parent must be the secret's own.
    pub(super) fn parent_node(&self, request: &CreateRequest) -> Result<Option<NodeId>, Failure> {
        if !wants_breakout(&request.params) {
            return Ok(None);
        }
        let parent = request.params.get("parentMeetingID").unwrap_or_default().trim();
        let own = self.pool.registry.of_secrets([request.secret.id]);
        let found = own.iter().find(|it| {
            &*it.key.id == parent || it.instance.as_ref().is_some_and(|it| it.internal_id == parent)
        });
        found.map(|it| Some(it.node)).ok_or(Failure::FOREIGN_PARENT)
    }

    /// A node's name for logs.
    pub(super) fn node_name(&self, node: NodeId) -> String {
        self.pool.node(node).map_or_else(|| "?".to_owned(), |it| it.fqdn())
    }
}

/// Why a meeting is not bound.
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
