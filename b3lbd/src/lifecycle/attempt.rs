//! Sending one `create` to one node, and interpreting its answer.

use std::sync::Arc;

use super::breakout::Parent;
use super::create::CreateRequest;
use super::rewrite::rewrite_create;
use super::{BindingStore, Core, Links, NodeCalls};
use crate::bbb::{CreateAnswer, Failure, MARKER_PARAMETER, Params, fragment_of_new_meeting, kept_answer};
use crate::model::{
    Binding, EventKind, Instance, NextInstance, Node, NodeId, NodeState, Nonce, Phase, Severity, Step,
};
use crate::nodes::{NodeAnswer, NodeError};
use crate::state::{InternalIds, Meeting, Observation};

/// The outcome of a create on a node.
#[derive(Debug)]
pub(super) enum Outcome {
    /// The meeting exists.
    Created(Created),
    /// The node refused; contains the answer for the client.
    Refused(Result<NodeAnswer, Failure>),
    /// The node has a meeting with this id but different passwords.
    Taken(NodeAnswer),
    /// The request did not reach the node.
    Unreached,
    /// It is not known whether the meeting exists.
    Unknown,
}

/// A meeting that exists on a node.
#[derive(Debug)]
pub(super) struct Created {
    /// The node's answer, for the client.
    pub(super) answer: NodeAnswer,
    /// The instance that the answer describes.
    pub(super) instance: Arc<Instance>,
    /// Whether it existed before.
    pub(super) duplicate: bool,
    /// The parameters sent, from which the list entry is built until the first poll.
    pub(super) sent: Params,
}

impl<S: BindingStore, N: NodeCalls> Core<S, N> {
    /// Sends a create to a node, with `nonce` in its end callback.
    pub(super) async fn ask_to_create(
        &self,
        request: &CreateRequest,
        parent: Option<&Parent>,
        node: NodeId,
        nonce: Nonce,
    ) -> Outcome {
        let Some(node) = self.pool.node(node) else { return Outcome::Unreached };
        let mut sent = rewrite_create(&request.params, &request.tenant, &request.id, &self.links, nonce);
        if let Some(parent) = parent {
            sent.set("parentMeetingID", &parent.internal_id);
        }
        if let Some(marker) = request.marker(nonce).write(&request.id, &node.secret) {
            sent.set(MARKER_PARAMETER, &marker);
        }
        let body = self.body_with_slide(request, &mut sent).await;
        let answer = match self.nodes.call(&node, "create", &sent, body).await {
            Ok(answer) => answer,
            Err(error) => {
                tracing::info!(node = %node.fqdn(), meeting = %request.id, %error, "create failed");
                return match error {
                    NodeError::Refused(_) => {
                        self.mark_suspect(&node);
                        Outcome::Unreached
                    }
                    NodeError::TooLong => Outcome::Unreached,
                    _ => self.unknown(node.id),
                };
            }
        };
        let parsed = match answer.status {
            200..300 => CreateAnswer::parse(&answer.body).ok(),
            _ => None,
        };
        match parsed {
            Some(CreateAnswer::Created {
                create_time,
                internal_id,
                external_id,
                attendee_pw,
                moderator_pw,
                duplicate,
            }) => {
                let instance = Arc::new(Instance {
                    create_time,
                    internal_id: internal_id.into(),
                    external_id: external_id.into(),
                    attendee_pw,
                    moderator_pw,
                    answer: kept_answer(&answer.body),
                });
                if self.pool.fleet.internal_ids(node.id) == InternalIds::Unknown {
                    self.find_out_internal_ids(&node, &instance.internal_id, &instance.external_id).await;
                }
                Outcome::Created(Created { answer, instance, duplicate, sent })
            }
            // A node that rejects our signature is misconfigured; the client's request is not at fault.
            Some(CreateAnswer::Refused { key }) if key == "checksumError" => {
                tracing::warn!(node = %node.fqdn(), "the node rejects our secret");
                let subject = format!("node {}", node.fqdn());
                self.record_event(EventKind::Node, Severity::Error, subject, "rejects our secret");
                self.mark_suspect(&node);
                Outcome::Unreached
            }
            Some(CreateAnswer::Refused { key }) if key == "idNotUnique" => Outcome::Taken(answer),
            Some(CreateAnswer::Refused { .. }) => Outcome::Refused(Ok(answer)),
            // Too large for the web server in front of BBB, so most likely for those of all nodes.
            None if matches!(answer.status, 411 | 413 | 414 | 431) => {
                Outcome::Refused(Err(Failure::TOO_LARGE))
            }
            None => {
                tracing::info!(node = %node.fqdn(), meeting = %request.id, status = answer.status, "create was not answered by BBB");
                self.unknown(node.id)
            }
        }
    }

    /// Stops placing meetings on the node until a poll has decided.
    fn mark_suspect(&self, node: &Node) {
        if let Some(before) = self.pool.fleet.mark_suspect(node.id) {
            self.node_changed(node, before, NodeState::Suspect, Some("a create could not be delivered"));
        }
    }

    /// One bad request must not take a node out of service; an immediate poll decides.
    fn unknown(&self, node: NodeId) -> Outcome {
        self.pool.fleet.poll_now(node);
        Outcome::Unknown
    }

    /// Makes a binding live, first in the database and then in memory, before the client is answered. Stores
    /// the nonce of the instance, and what is still open after it. `moved` is the instance on another node
    /// that it replaces.
    pub(super) async fn confirm(
        &self,
        meeting: &Meeting,
        created: &Created,
        (nonce, next): (Nonce, Option<NextInstance>),
        moved: Option<&Meeting>,
    ) -> Result<(), Failure> {
        let live = Binding {
            phase: Phase::Live,
            nonce,
            next,
            instance: Some(Arc::clone(&created.instance)),
            ..meeting.binding.clone()
        };
        let left = moved.map(|it| Step::replace(&it.binding, it.binding.in_phase(Phase::Abandoned)));
        let step = left.unwrap_or_default().and_replace(&meeting.binding, live);
        match self.make(step, &meeting.owner).await {
            Ok(true) => {}
            Ok(false) => {
                // An operator has meanwhile removed it together with its node or tenant.
                self.end_on(meeting.node(), &created.instance).await;
                return Err(Failure::STORE);
            }
            // The binding is unchanged, so a repeat finds the meeting on its node.
            Err(error) => {
                tracing::error!(%error, meeting = %meeting.key().id, "a meeting could not be stored");
                return Err(Failure::STORE);
            }
        }
        self.pool.created(meeting);
        self.pool.fleet.poll_soon(meeting.node());
        if let Some(meeting) = self.pool.registry.meeting(meeting.id()) {
            self.show(&meeting, created);
        }
        Ok(())
    }

    /// Adds a new meeting to the lists without waiting for a poll.
    pub(super) fn show(&self, meeting: &Meeting, created: &Created) {
        if meeting.observation().is_none()
            && let Ok(main) = fragment_of_new_meeting(&created.instance.answer, &created.sent)
        {
            let observation = Observation { main: main.into(), rooms: Vec::new(), polled: false };
            self.pool.registry.observe(meeting, observation);
        }
        self.pool.lists.changed(meeting);
    }
}

impl<S, N> Core<S, N> {
    /// The URLs that nodes are given.
    pub fn links(&self) -> &Links {
        &self.links
    }
}
