//! `create` of a meeting that its secret already has: its node is asked again.

use std::sync::Arc;

use super::ask::is_ending;
use super::attempt::{Created, Outcome};
use super::breakout::Parent;
use super::create::CreateRequest;
use super::{BindingStore, Core, NodeCalls};
use crate::bbb::{Call, CreateAnswer, Failure, Params, passwords_agree};
use crate::health::State;
use crate::model::{Binding, Instance, NextLife, NodeId, Nonce, Phase, Step};
use crate::nodes::NodeAnswer;
use crate::state::{Count, InternalIds, Meeting, Severity, Topic};

/// What the node's answer to a repeat shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shown {
    /// The life that is bound.
    Same,
    /// A life that a repeat has begun, after the bound one had ended: its nonce, and what is open beyond it.
    Next(Nonce, Option<NextLife>),
    /// Somebody else's meeting of that id.
    Foreign,
}

/// What a successful answer shows to a repeat with this `nonce` of a live meeting; `before` is what was open when
/// it was sent.
fn shown(binding: &Binding, before: Option<NextLife>, nonce: Nonce, created: &Created) -> Shown {
    let same = binding.instance.as_ref().is_some_and(|it| it.is_same_life(&created.instance));
    match before {
        _ if same => Shown::Same,
        _ if !created.duplicate => Shown::Next(nonce, before.map(|_| NextLife::unknown())),
        // An earlier repeat, whose answer was lost, has begun it: nobody else could while this node and this id
        // are ours.
        Some(before) => {
            let (nonce, open) = before.begun();
            Shown::Next(nonce, open)
        }
        None => Shown::Foreign,
    }
}

impl<S: BindingStore, N: NodeCalls> Core<S, N> {
    /// BBB's create is idempotent, so the node is asked again; one that is down loses the meeting.
    pub(super) async fn create_again(
        &self,
        request: &CreateRequest,
        meeting: Arc<Meeting>,
    ) -> Result<NodeAnswer, Failure> {
        // The meeting may have ended unnoticed: then the node makes a new one, as a room of this parent.
        let parent = self.parent(request)?;
        if self.pool.fleet.state(meeting.node()) == State::Down {
            return self.move_off(request, meeting).await;
        }
        let before = meeting.binding.next.filter(|next| next.is_open);
        let meeting = match self.open_next_life(&meeting).await {
            Ok(meeting) => meeting,
            // Without a row that says so, the node may not be asked; but most likely the meeting goes on.
            Err(_) if meeting.phase() == Phase::Live => return answer_again(&meeting, &request.params),
            Err(failure) => return Err(failure),
        };
        if meeting.phase() == Phase::Creating {
            return self.ask_again(request, parent.as_ref(), meeting, before).await;
        }
        let Some(nonce) = meeting.binding.next.map(|next| next.nonce) else { return Err(Failure::STORE) };
        match self.ask_to_create(request, parent.as_ref(), meeting.node(), nonce).await {
            Outcome::Created(created) => match shown(&meeting.binding, before, nonce, &created) {
                Shown::Same => {
                    self.take_back_next(&meeting, before);
                    Ok(created.answer)
                }
                Shown::Next(nonce, open) => self.renew(request, &meeting, created, (nonce, open)).await,
                Shown::Foreign => {
                    tracing::info!(
                        secret = %meeting.owner.label, meeting = %request.id, node = %self.node_name(meeting.node()),
                        "another meeting of this id is on its node: it is placed elsewhere"
                    );
                    self.ended(&meeting, "repeat").await.map_err(|_| Failure::STORE)?;
                    self.create_new(request, None, vec![meeting.node()]).await
                }
            },
            // Our own meeting, of other passwords, or one that the node does not want: this repeat began nothing.
            Outcome::Taken(answer) => {
                self.take_back_next(&meeting, before);
                Ok(answer)
            }
            Outcome::Refused(answer) => {
                self.take_back_next(&meeting, before);
                answer
            }
            Outcome::Unreached => {
                self.take_back_next(&meeting, before);
                answer_again(&meeting, &request.params)
            }
            Outcome::Unknown => answer_again(&meeting, &request.params),
        }
    }

    /// Places a meeting elsewhere whose node is down.
    async fn move_off(&self, request: &CreateRequest, meeting: Arc<Meeting>) -> Result<NodeAnswer, Failure> {
        let node = meeting.node();
        let name = self.node_name(node);
        tracing::info!(
            secret = %meeting.owner.label, meeting = %request.id, node = %name,
            "meeting moved off a node that is down"
        );
        let subject = format!("meeting {} of {}", request.id, meeting.owner.label);
        self.record_event(
            Topic::Meeting,
            Severity::Warning,
            subject,
            format!("moved off {name}, which is down"),
        );
        self.create_new(request, Some(meeting), vec![node]).await
    }

    /// Asks the node again for a meeting whose first attempt has an unknown outcome.
    async fn ask_again(
        &self,
        request: &CreateRequest,
        parent: Option<&Parent>,
        meeting: Arc<Meeting>,
        before: Option<NextLife>,
    ) -> Result<NodeAnswer, Failure> {
        let Some(next) = meeting.binding.next else { return Err(Failure::STORE) };
        match self.ask_to_create(request, parent, meeting.node(), next.nonce).await {
            Outcome::Created(created) => {
                let (nonce, open) = match (created.duplicate, before) {
                    // What was sent before may still come, or has come and gone.
                    (false, _) => (next.nonce, Some(NextLife::unknown())),
                    // The first attempt came through, and the node has its nonce.
                    (true, None) => (meeting.nonce(), None),
                    (true, Some(_)) => (Nonce::random(), Some(NextLife::unknown())),
                };
                if !created.duplicate && self.in_maintenance(meeting.node()) {
                    let instance = Some(created.instance);
                    let live = Binding { nonce, next: open, instance, ..meeting.binding.clone() };
                    return self.place_elsewhere(request, &meeting, live).await;
                }
                self.confirm(&meeting, &created, (nonce, open), None).await?;
                Ok(created.answer)
            }
            // Our own meeting, of other passwords: a poll finds it.
            Outcome::Taken(answer) => {
                self.take_back_next(&meeting, before);
                Ok(answer)
            }
            Outcome::Refused(answer) => {
                // What became of the first attempt is as unknown as before, but nobody waits for it any more.
                let abandoned = meeting.binding.in_phase(Phase::Abandoned);
                self.make(Step::replace(&meeting.binding, abandoned), &meeting.owner)
                    .await
                    .map_err(|_| Failure::STORE)?;
                answer
            }
            Outcome::Unreached | Outcome::Unknown => {
                let node = meeting.node();
                self.create_new(request, Some(meeting), vec![node]).await
            }
        }
    }

    /// Sees to it that a nonce for the next life is stored before it is sent. One that was sent before, and has
    /// begun nothing, is sent again.
    async fn open_next_life(&self, meeting: &Meeting) -> Result<Arc<Meeting>, Failure> {
        let known = meeting.binding.next;
        let next = match known {
            Some(next) if !next.is_open => NextLife { is_open: true, ..next },
            _ => NextLife { is_open: true, is_ambiguous: known.is_some(), ..NextLife::fresh() },
        };
        let step = Step::replace(&meeting.binding, meeting.binding.with_next(Some(next)));
        let made = if known.is_some_and(|known| known.nonce == next.nonce) {
            Ok(self.pool.apply(&step, &meeting.owner))
        } else {
            self.make(step, &meeting.owner).await
        };
        match made {
            Ok(true) => self.pool.registry.meeting(meeting.id()).ok_or(Failure::STORE),
            Ok(false) => Err(Failure::STORE),
            Err(error) => {
                tracing::error!(%error, meeting = %meeting.key().id, "a repeat could not be stored");
                Err(Failure::STORE)
            }
        }
    }

    /// The bound life goes on, so that no repeat has begun another one. The database need not know: after a
    /// restart the next poll tells it.
    pub(super) fn close_next_life(&self, meeting: &Meeting) {
        let closed = |next: NextLife| NextLife { is_open: false, is_ambiguous: false, ..next };
        let binding = meeting.binding.with_next(meeting.binding.next.map(closed));
        self.pool.apply(&Step::replace(&meeting.binding, binding), &meeting.owner);
    }

    /// The repeat has begun nothing; what earlier ones have done is as unknown as `before`.
    fn take_back_next(&self, meeting: &Meeting, before: Option<NextLife>) {
        if before.is_none() {
            self.close_next_life(meeting);
        }
    }

    /// The old instance had ended, and the node made a new one.
    async fn renew(
        &self,
        request: &CreateRequest,
        old: &Meeting,
        created: Created,
        (nonce, open): (Nonce, Option<NextLife>),
    ) -> Result<NodeAnswer, Failure> {
        let pool = &self.pool;
        let now = pool.clock.wall_ms();
        let new = Binding {
            phase: Phase::Live,
            next: open,
            instance: Some(Arc::clone(&created.instance)),
            ..request.binding(pool.next_binding(), old.node(), nonce, now)
        };
        let id = new.id;
        let step = Step::end(&old.binding, Some(new));
        match self.store.apply(step.clone(), now).await {
            Ok(true) => {}
            Ok(false) => {
                // An operator has removed it meanwhile, with its node or its tenant.
                self.end_on(old.node(), &created.instance).await;
                return Err(Failure::STORE);
            }
            Err(error) => {
                tracing::error!(%error, meeting = %request.id, "a new instance could not be stored");
                return Err(Failure::STORE);
            }
        }
        self.callback_queued.notify_one();
        let (_, limit) = pool.renew(&step, old, (&request.tenant, &request.secret));
        let Some(meeting) = pool.registry.meeting(id) else { return Err(Failure::STORE) };
        if let Some(limit) = limit {
            self.count_limit(request, limit);
            let left = meeting.binding.in_phase(Phase::Abandoned);
            self.leave_behind(&meeting, left).await?;
            return Err(Failure::LIMIT);
        }
        if self.in_maintenance(old.node()) {
            let live = meeting.binding.clone();
            return self.place_elsewhere(request, &meeting, live).await;
        }
        pool.counters.count(meeting.key().secret, Count::Create);
        self.show(&meeting, &created);
        Ok(created.answer)
    }

    fn in_maintenance(&self, node: NodeId) -> bool {
        self.pool.node(node).is_some_and(|node| node.maintenance)
    }

    /// A new life that may not be: ended on its node, and remembered as `left` until it is gone there.
    async fn leave_behind(&self, meeting: &Meeting, left: Binding) -> Result<(), Failure> {
        let instance = left.instance.clone();
        match self.make(Step::replace(&meeting.binding, left), &meeting.owner).await {
            Ok(_) => {}
            Err(error) => {
                tracing::error!(%error, meeting = %meeting.key().id, "a meeting could not be left behind");
                return Err(Failure::STORE);
            }
        }
        if let Some(instance) = instance {
            self.end_on(meeting.node(), &instance).await;
        }
        Ok(())
    }

    /// A new life on a node in maintenance, `live`, is ended there, and the meeting is placed anew.
    async fn place_elsewhere(
        &self,
        request: &CreateRequest,
        meeting: &Meeting,
        live: Binding,
    ) -> Result<NodeAnswer, Failure> {
        // Left behind first, so that its end is not told to the client as that of the meeting.
        self.leave_behind(meeting, live.in_phase(Phase::Abandoned)).await?;
        self.create_new(request, None, vec![meeting.node()]).await
    }

    /// Ends an instance on its node; the polls and the callback tell whether it worked.
    pub(super) async fn end_on(&self, node: NodeId, instance: &Instance) -> Option<NodeAnswer> {
        let by_external_id = self.pool.fleet.internal_ids(node) == InternalIds::Refused;
        let id = if by_external_id { &instance.external_id } else { &instance.internal_id };
        self.end_by_id(node, id, &instance.moderator_pw).await
    }

    /// Ends the meeting that a node means by an id.
    pub(super) async fn end_by_id(&self, node: NodeId, id: &str, moderator_pw: &str) -> Option<NodeAnswer> {
        let node = self.pool.node(node)?;
        let mut params = Params::default();
        params.set("meetingID", id);
        if !moderator_pw.is_empty() {
            params.set("password", moderator_pw);
        }
        let answer = self.nodes.call(&node, "end", &params, None).await.and_then(NodeAnswer::of_bbb);
        match &answer {
            Ok(answer) if is_ending(Call::End, answer) => self.pool.fleet.poll_now(node.id),
            Ok(_) => tracing::warn!(node = %node.fqdn(), meeting = %id, "the node refuses to end a meeting"),
            Err(error) => {
                tracing::warn!(node = %node.fqdn(), meeting = %id, %error, "a meeting could not be ended");
            }
        }
        answer.ok()
    }
}

/// The node does not answer: the stored answer of the first create will do, the `join` needs no node.
fn answer_again(meeting: &Meeting, params: &Params) -> Result<NodeAnswer, Failure> {
    let instance = meeting.instance().ok_or(Failure::NODE_SILENT)?;
    if !passwords_agree(params, &instance.attendee_pw, &instance.moderator_pw) {
        return Err(Failure::ID_NOT_UNIQUE);
    }
    let repeated = CreateAnswer::repeated(&instance.answer).map_err(|_| Failure::NODE_SILENT)?;
    let content_type = Some("text/xml; charset=utf-8".to_owned());
    Ok(NodeAnswer { status: 200, content_type, body: repeated.into(), cookies: Vec::new() })
}
