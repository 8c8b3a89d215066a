//! One `create` sent to one node, and what its answer means.

use std::sync::Arc;

use super::breakout::Parent;
use super::create::CreateRequest;
use super::rewrite::rewrite_create;
use super::{BindingStore, Core, Links, NodeCalls};
use crate::bbb::{CreateAnswer, Failure, Params, fragment_of_new_meeting, kept_answer};
use crate::health::State;
use crate::model::{Binding, Instance, NextLife, Node, NodeId, Nonce, Phase, Step};
use crate::nodes::{NodeAnswer, NodeError};
use crate::state::{Count, InternalIds, Meeting, Observation, Severity, Topic};

/// What a node made of a create.
#[derive(Debug)]
pub(super) enum Outcome {
    /// The meeting is there.
    Created(Created),
    /// The node does not want it; what the client hears of that.
    Refused(Result<NodeAnswer, Failure>),
    /// The node has a meeting of that id with other passwords.
    Taken(NodeAnswer),
    /// The request did not reach the node.
    Unreached,
    /// Nobody knows whether the meeting is there.
    Unknown,
}

/// A meeting that is there.
#[derive(Debug)]
pub(super) struct Created {
    /// The node's answer, for the client.
    pub(super) answer: NodeAnswer,
    /// What it tells of the instance.
    pub(super) instance: Arc<Instance>,
    /// It was there before.
    pub(super) duplicate: bool,
    /// What was sent, from which the list entry is made until the first poll.
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
            // A node that does not believe our signature is misconfigured, not the client's request.
            Some(CreateAnswer::Refused { key }) if key == "checksumError" => {
                tracing::warn!(node = %node.fqdn(), "the node rejects our secret");
                let subject = format!("node {}", node.fqdn());
                self.record_event(Topic::Node, Severity::Error, subject, "rejects our secret");
                self.mark_suspect(&node);
                Outcome::Unreached
            }
            Some(CreateAnswer::Refused { key }) if key == "idNotUnique" => Outcome::Taken(answer),
            Some(CreateAnswer::Refused { .. }) => Outcome::Refused(Ok(answer)),
            // Too large for the web server in front of BBB: so it will be everywhere.
            None if matches!(answer.status, 411 | 413 | 414 | 431) => {
                Outcome::Refused(Err(Failure::TOO_LARGE))
            }
            None => {
                tracing::info!(node = %node.fqdn(), meeting = %request.id, status = answer.status, "create got no answer of BBB's");
                self.unknown(node.id)
            }
        }
    }

    /// The node takes no meetings until a poll has decided.
    fn mark_suspect(&self, node: &Node) {
        if let Some(before) = self.pool.fleet.mark_suspect(node.id) {
            self.node_changed(node, before, State::Suspect, Some("a create could not be delivered"));
        }
    }

    /// One poisonous request must not take a node out: a poll at once decides.
    fn unknown(&self, node: NodeId) -> Outcome {
        self.pool.fleet.poll_now(node);
        Outcome::Unknown
    }

    /// Makes a binding live, in the database and then in memory, before the client hears of it: with the nonce of
    /// its life, and what is open beyond it. `moved` is the life on another node that it takes the place of.
    pub(super) async fn confirm(
        &self,
        meeting: &Meeting,
        created: &Created,
        (nonce, next): (Nonce, Option<NextLife>),
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
                // An operator has removed it meanwhile, with its node or its tenant.
                self.end_on(meeting.node(), &created.instance).await;
                return Err(Failure::STORE);
            }
            // The binding stays as it was: a repeat finds the meeting on its node.
            Err(error) => {
                tracing::error!(%error, meeting = %meeting.key().id, "a meeting could not be stored");
                return Err(Failure::STORE);
            }
        }
        self.pool.counters.count(meeting.key().secret, Count::Create);
        self.pool.fleet.poll_soon(meeting.node());
        if let Some(meeting) = self.pool.registry.meeting(meeting.id()) {
            self.show(&meeting, created);
        }
        Ok(())
    }

    /// A meeting just created is in the lists at once.
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
    /// The links that nodes get.
    pub fn links(&self) -> &Links {
        &self.links
    }
}
