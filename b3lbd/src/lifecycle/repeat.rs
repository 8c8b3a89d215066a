//! `create` of a meeting that its secret already has: the node is asked again.

use std::sync::Arc;

use super::ask::is_ending;
use super::attempt::{Created, Outcome};
use super::breakout::Parent;
use super::create::CreateRequest;
use super::{BindingStore, Core, NodeCalls};
use crate::bbb::{Call, CreateAnswer, Failure, Params, passwords_agree};
use crate::model::{
    Binding, EventKind, Instance, NextInstance, NodeId, NodeState, Nonce, Phase, Severity, Step,
};
use crate::nodes::NodeAnswer;
use crate::state::{InternalIds, Meeting};

/// How the node's answer to a repeat relates to the binding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum RepeatOutcome {
    /// It describes the bound instance.
    Same,
    /// It describes an instance that a repeat has started after the bound one had ended. Contains its nonce,
    /// and what is still open after it.
    Next(Nonce, Option<NextInstance>),
    /// It describes somebody else's meeting with that id.
    Foreign,
}

/// Interprets a successful answer to a repeat with this `nonce` of a live meeting; `before` is what was open
/// when it was sent.
fn repeat_outcome(
    binding: &Binding,
    before: Option<NextInstance>,
    nonce: Nonce,
    created: &Created,
) -> RepeatOutcome {
    let same = binding.instance.as_ref().is_some_and(|it| it.is_same_instance(&created.instance));
    match before {
        _ if same => RepeatOutcome::Same,
        _ if !created.duplicate => RepeatOutcome::Next(nonce, before.map(|_| NextInstance::unknown())),
        // An earlier repeat whose answer was lost has started it. Nobody else could, since the id on this
        // node is ours.
        Some(before) => {
            let (nonce, open) = before.begun();
            RepeatOutcome::Next(nonce, open)
        }
        None => RepeatOutcome::Foreign,
    }
}

impl<S: BindingStore, N: NodeCalls> Core<S, N> {
    /// Asks the node again, because BBB's create is idempotent. If the node is down, the meeting is moved.
    pub(super) async fn create_again(
        &self,
        request: &CreateRequest,
        meeting: Arc<Meeting>,
    ) -> Result<NodeAnswer, Failure> {
        // The meeting may have ended unnoticed; the node then creates a new one as a room of this parent.
        let parent = self.parent(request)?;
        if self.pool.fleet.state(meeting.node()) == NodeState::Down {
            return self.move_off(request, meeting).await;
        }
        let before = meeting.binding.next.filter(|next| next.is_open);
        let meeting = match self.open_next_instance(&meeting).await {
            Ok(meeting) => meeting,
            // Unless the nonce is stored, the node must not be asked; but most likely the meeting goes on.
            Err(_) if meeting.phase() == Phase::Live => return answer_again(&meeting, &request.params),
            Err(failure) => return Err(failure),
        };
        if meeting.phase() == Phase::Creating {
            return self.ask_again(request, parent.as_ref(), meeting, before).await;
        }
        let Some(nonce) = meeting.binding.next.map(|next| next.nonce) else { return Err(Failure::STORE) };
        match self.ask_to_create(request, parent.as_ref(), meeting.node(), nonce).await {
            Outcome::Created(created) => match repeat_outcome(&meeting.binding, before, nonce, &created) {
                RepeatOutcome::Same => {
                    self.take_back_next(&meeting, before);
                    Ok(created.answer)
                }
                RepeatOutcome::Next(nonce, open) => {
                    self.renew(request, &meeting, created, (nonce, open)).await
                }
                RepeatOutcome::Foreign => {
                    tracing::info!(
                        secret = %meeting.owner.label, meeting = %request.id, node = %self.node_name(meeting.node()),
                        "another meeting of this id is on its node: it is placed elsewhere"
                    );
                    self.ended(&meeting, "repeat").await.map_err(|_| Failure::STORE)?;
                    self.create_new(request, None, vec![meeting.node()]).await
                }
            },
            // It is our own meeting with different passwords, or the node refused: this repeat started
            // nothing.
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

    /// Moves a meeting off a node that is down.
    async fn move_off(&self, request: &CreateRequest, meeting: Arc<Meeting>) -> Result<NodeAnswer, Failure> {
        let node = meeting.node();
        let name = self.node_name(node);
        tracing::info!(
            secret = %meeting.owner.label, meeting = %request.id, node = %name,
            "meeting moved off a node that is down"
        );
        let subject = format!("meeting {} of {}", request.id, meeting.owner.label);
        self.record_event(
            EventKind::Meeting,
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
        before: Option<NextInstance>,
    ) -> Result<NodeAnswer, Failure> {
        let Some(next) = meeting.binding.next else { return Err(Failure::STORE) };
        match self.ask_to_create(request, parent, meeting.node(), next.nonce).await {
            Outcome::Created(created) => {
                let (nonce, open) = match (created.duplicate, before) {
                    // An earlier request may still arrive, or its meeting may already have ended.
                    (false, _) => (next.nonce, Some(NextInstance::unknown())),
                    // The first attempt succeeded, and the node has its nonce.
                    (true, None) => (meeting.nonce(), None),
                    (true, Some(_)) => (Nonce::random(), Some(NextInstance::unknown())),
                };
                if !created.duplicate && self.in_maintenance(meeting.node()) {
                    let instance = Some(created.instance);
                    let live = Binding { nonce, next: open, instance, ..meeting.binding.clone() };
                    return self.place_elsewhere(request, &meeting, live).await;
                }
                self.confirm(&meeting, &created, (nonce, open), None).await?;
                Ok(created.answer)
            }
            // It is our own meeting with different passwords; a poll finds it.
            Outcome::Taken(answer) => {
                self.take_back_next(&meeting, before);
                Ok(answer)
            }
            Outcome::Refused(answer) => {
                // The outcome of the first attempt remains unknown, but no client waits for it any more.
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

    /// Ensures that a nonce for the next instance is stored before it is sent. A nonce that was sent before,
    /// and has started nothing, is reused.
    async fn open_next_instance(&self, meeting: &Meeting) -> Result<Arc<Meeting>, Failure> {
        let known = meeting.binding.next;
        let next = match known {
            Some(next) if !next.is_open => NextInstance { is_open: true, ..next },
            _ => NextInstance { is_open: true, is_ambiguous: known.is_some(), ..NextInstance::fresh() },
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

    /// The bound instance goes on, so no repeat has started another one. This need not be stored, because the
    /// next poll after a restart finds out.
    pub(super) fn close_next_instance(&self, meeting: &Meeting) {
        let closed = |next: NextInstance| NextInstance { is_open: false, is_ambiguous: false, ..next };
        let binding = meeting.binding.with_next(meeting.binding.next.map(closed));
        self.pool.apply(&Step::replace(&meeting.binding, binding), &meeting.owner);
    }

    /// This repeat has started nothing; the outcome of earlier ones is as unknown as `before`.
    fn take_back_next(&self, meeting: &Meeting, before: Option<NextInstance>) {
        if before.is_none() {
            self.close_next_instance(meeting);
        }
    }

    /// The old instance had ended, and the node created a new one.
    async fn renew(
        &self,
        request: &CreateRequest,
        old: &Meeting,
        created: Created,
        (nonce, open): (Nonce, Option<NextInstance>),
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
                // An operator has meanwhile removed it together with its node or tenant.
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
        pool.created(&meeting);
        self.show(&meeting, &created);
        Ok(created.answer)
    }

    fn in_maintenance(&self, node: NodeId) -> bool {
        self.pool.node(node).is_some_and(|node| node.maintenance)
    }

    /// A new instance that is not allowed: ends it on its node, and keeps it as `left` until it is gone.
    async fn leave_behind(&self, meeting: &Meeting, left: Binding) -> Result<(), Failure> {
        let instance = left.instance.clone();
        match self.make(Step::replace(&meeting.binding, left), &meeting.owner).await {
            Ok(_) => {}
            Err(error) => {
                tracing::error!(%error, meeting = %meeting.key().id, "an abandoned instance could not be stored");
                return Err(Failure::STORE);
            }
        }
        if let Some(instance) = instance {
            self.end_on(meeting.node(), &instance).await;
        }
        Ok(())
    }

    /// Ends the new instance `live` on a node in maintenance, and places the meeting on another node.
    async fn place_elsewhere(
        &self,
        request: &CreateRequest,
        meeting: &Meeting,
        live: Binding,
    ) -> Result<NodeAnswer, Failure> {
        // Abandon it first, so that the client is not notified of its end.
        self.leave_behind(meeting, live.in_phase(Phase::Abandoned)).await?;
        self.create_new(request, None, vec![meeting.node()]).await
    }

    /// Ends an instance on its node. Polls and the callback show whether it worked.
    pub(super) async fn end_on(&self, node: NodeId, instance: &Instance) -> Option<NodeAnswer> {
        let by_external_id = self.pool.fleet.internal_ids(node) == InternalIds::Refused;
        let id = if by_external_id { &instance.external_id } else { &instance.internal_id };
        self.end_by_id(node, id, &instance.moderator_pw).await
    }

    /// Ends the meeting that an id refers to on a node.
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

/// The node does not answer. The stored answer of the first create is good enough, since `join` needs no
/// node.
pub(super) fn answer_again(meeting: &Meeting, params: &Params) -> Result<NodeAnswer, Failure> {
    let instance = meeting.instance().ok_or(Failure::NODE_SILENT)?;
    if !passwords_agree(params, &instance.attendee_pw, &instance.moderator_pw) {
        return Err(Failure::ID_NOT_UNIQUE);
    }
    let repeated = CreateAnswer::repeated(&instance.answer).map_err(|_| Failure::NODE_SILENT)?;
    let content_type = Some("text/xml; charset=utf-8".to_owned());
    Ok(NodeAnswer { status: 200, content_type, body: repeated.into(), cookies: Vec::new() })
}
