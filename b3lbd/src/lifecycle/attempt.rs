//! One `create` sent to one node, and what its answer means.

use crate::bbb::{CreateAnswer, Params, fragment_of_new_meeting};
use crate::health::State;
use crate::model::{Node, NodeId, Nonce};
use crate::nodes::{NodeAnswer, NodeError};
use crate::state::{Count, Instance, Meeting, Sight, Topic, Weight};
use crate::store::{Confirmation, Phase, StoreError};

use super::create::CreateRequest;
use super::rewrite::rewrite_create;
use super::{Links, Meetings};

/// What a node made of a create.
#[derive(Debug)]
pub(super) enum Outcome {
    /// The meeting is there.
    Created(Created),
    /// The node does not want it; its answer is for the client.
    Refused(NodeAnswer),
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
    pub(super) instance: Instance,
    /// It was there before.
    pub(super) duplicate: bool,
    /// What was sent, from which the list entry is made until the first poll.
    pub(super) sent: Params,
}

impl Created {
    /// What is stored of it.
    pub(super) fn confirmation(&self, nonce: Nonce) -> Confirmation {
        let it = self.instance.clone();
        Confirmation {
            create_time: it.create_time,
            internal_id: it.internal_id,
            attendee_pw: it.attendee_pw,
            moderator_pw: it.moderator_pw,
            answer: it.answer,
            nonce,
        }
    }
}

impl Meetings {
    /// Sends a create to a node, with `nonce` in its end callback.
    pub(super) async fn ask_to_create(&self, request: &CreateRequest, node: NodeId, nonce: Nonce) -> Outcome {
        let Some(node) = self.pool.node(node) else { return Outcome::Unreached };
        let sent = rewrite_create(&request.params, &request.tenant, &request.id, &self.links, nonce);
        let body = self.body_with_slide(request).await;
        let answer = match self.nodes.call(&node, "create", &sent, body).await {
            Ok(answer) => answer,
            Err(error) => {
                tracing::info!(node = %node.fqdn(), meeting = %request.id, %error, "create failed");
                return match error {
                    NodeError::Refused(_) => {
                        self.doubt(&node);
                        Outcome::Unreached
                    }
                    NodeError::TooLong => Outcome::Unreached,
                    _ => self.unknown(node.id),
                };
            }
        };
        let parsed = if answer.status < 500 { CreateAnswer::parse(&answer.body).ok() } else { None };
        match parsed {
            Some(CreateAnswer::Created {
                create_time,
                internal_id,
                attendee_pw,
                moderator_pw,
                duplicate,
            }) => {
                let body = answer.body.to_vec();
                let instance = Instance { create_time, internal_id, attendee_pw, moderator_pw, answer: body };
                Outcome::Created(Created { answer, instance, duplicate, sent })
            }
            // A node that does not believe our signature is misconfigured, not the client's request.
            Some(CreateAnswer::Refused { key }) if key == "checksumError" => {
                tracing::warn!(node = %node.fqdn(), "the node rejects our secret");
                let subject = format!("node {}", node.fqdn());
                self.tell(Topic::Node, Weight::Error, subject, "rejects our secret");
                self.doubt(&node);
                Outcome::Unreached
            }
            Some(CreateAnswer::Refused { key }) if key == "idNotUnique" => Outcome::Taken(answer),
            Some(CreateAnswer::Refused { .. }) => Outcome::Refused(answer),
            // Too large or malformed for the web server in front of BBB: so it will be everywhere.
            None if matches!(answer.status, 400 | 411 | 413 | 414 | 415 | 431) => Outcome::Refused(answer),
            None => {
                tracing::info!(node = %node.fqdn(), meeting = %request.id, status = answer.status, "create got no answer of BBB's");
                self.unknown(node.id)
            }
        }
    }

    /// The node takes no meetings until a poll has decided.
    fn doubt(&self, node: &Node) {
        if let Some(before) = self.pool.fleet.doubt(node.id) {
            self.node_changed(node, before, State::Suspect, Some("a create could not be delivered"));
        }
    }

    /// One poisonous request must not take a node out: a poll at once decides.
    fn unknown(&self, node: NodeId) -> Outcome {
        self.pool.fleet.poll_now(node);
        Outcome::Unknown
    }

    /// Makes a binding live, in the database and then in memory, before the client hears of it.
    pub(super) async fn confirm(
        &self,
        meeting: &Meeting,
        created: &Created,
        nonce: Nonce,
    ) -> Result<(), StoreError> {
        if !self.store.confirm_meeting(meeting.row, created.confirmation(nonce)).await? {
            if nonce == meeting.nonce {
                // It has ended already.
                return Ok(());
            }
            // The earlier life has ended meanwhile; this is another one.
            self.store.reserve_meeting(meeting.stored(), None).await?;
            self.store.confirm_meeting(meeting.row, created.confirmation(nonce)).await?;
        }
        let now = self.pool.clock.now();
        let live = meeting.in_phase(Phase::Live, nonce, Some(created.instance.clone()), now);
        if meeting.phase == Phase::Creating {
            self.pool.counters.count(meeting.key.secret, Count::Create);
        }
        self.show(&self.pool.registry.put(live), created);
        Ok(())
    }

    /// A meeting just created is in the lists at once.
    pub(super) fn show(&self, meeting: &Meeting, created: &Created) {
        if meeting.sight().is_none()
            && let Ok(main) = fragment_of_new_meeting(&created.instance.answer, &created.sent)
        {
            meeting.see(Sight { main: main.into(), breakouts: Vec::new(), polled: false });
        }
        self.pool.lists.changed(meeting);
    }

    /// The links that nodes get.
    pub fn links(&self) -> &Links {
        &self.links
    }
}
