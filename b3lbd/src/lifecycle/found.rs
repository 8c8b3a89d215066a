//! Meetings found by polls, after the answer to their create was lost.

use std::sync::Arc;

use super::{BindingStore, Core, NodeCalls};
use crate::bbb::NodeMeeting;
use crate::model::{
    Binding, BindingId, Instance, MeetingKey, NextInstance, Node, NodeId, Nonce, Phase, Secret, SecretId,
    Step, Tenant,
};
use crate::state::{Meeting, Observation, Owner};
use crate::store::StoreError;

/// A meeting that an import claims to be running on a node.
#[derive(Clone, Debug)]
pub struct Claim {
    /// The meeting id.
    pub id: Arc<str>,
    /// Its name.
    pub name: String,
    /// The client's own `meetingEndedURL`.
    pub ended_url: Option<String>,
}

/// Why a claim is rejected.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClaimError {
    /// The secret already has a meeting with that id, or somebody else has one on that node.
    #[error("the meeting is bound already, or another one of its id is on that node")]
    Taken,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl<S: BindingStore, N: NodeCalls> Core<S, N> {
    /// Whether a meeting can be bound to a node: two owners of the same id never share a node.
    pub fn is_free(&self, secret: SecretId, node: NodeId, id: &str) -> bool {
        let registry = &self.pool.registry;
        registry.get(secret, id).is_none() && registry.with_id(id).iter().all(|it| it.node() != node)
    }

    /// Binds a meeting to the node that it is claimed to run on. If polls confirm it, it becomes live;
    /// otherwise the binding is removed after a while.
    pub async fn take_over(
        &self,
        tenant: &Tenant,
        secret: &Secret,
        node: &Node,
        claim: Claim,
    ) -> Result<(), ClaimError> {
        let key = MeetingKey { secret: secret.id, id: claim.id };
        let _turn = self.pool.turns.take(key.clone()).await;
        if !self.is_free(secret.id, node.id, &key.id) {
            return Err(ClaimError::Taken);
        }
        let binding = Binding {
            id: self.pool.next_binding(),
            key,
            node: node.id,
            phase: Phase::Creating,
            nonce: Nonce::random(),
            next: None,
            name: claim.name,
            ended_url: claim.ended_url,
            analytics_url: None,
            created_at: self.pool.clock.wall_ms(),
            instance: None,
            placed: None,
        };
        let owner = Owner { tenant: tenant.id, label: secret.label.clone() };
        self.make(Step::insert(binding), &owner).await?;
        self.pool.fleet.poll_now(node.id);
        Ok(())
    }

    /// A create succeeded although its answer was lost: makes the binding live.
    pub(super) async fn adopt(&self, meeting: &Meeting, reported: &Arc<NodeMeeting>) {
        let binding = &meeting.binding;
        let is_ambiguous = binding.next_is_open();
        let (nonce, next) = NextInstance { nonce: binding.nonce, is_open: true, is_ambiguous }.begun();
        let live = Binding {
            phase: Phase::Live,
            nonce,
            next,
            instance: Some(instance_of(reported)),
            ..binding.clone()
        };
        match self.make(Step::replace(binding, live), &meeting.owner).await {
            Ok(true) => {}
            Ok(false) => return,
            Err(error) => {
                tracing::error!(%error, meeting = %meeting.key().id, "a meeting found on its node could not be stored");
                return;
            }
        }
        tracing::info!(secret = %meeting.owner.label, meeting = %meeting.key().id, "meeting found on its node");
        self.count_found(meeting.id(), reported);
    }

    /// The node has the instance that a repeat has started although its answer was lost, so the previous one
    /// has ended.
    pub(super) async fn adopt_next(&self, old: &Meeting, reported: &Arc<NodeMeeting>) {
        let Some((nonce, next)) = old.binding.next.map(NextInstance::begun) else { return };
        let new = Binding {
            id: self.pool.next_binding(),
            phase: Phase::Live,
            nonce,
            next,
            created_at: self.pool.clock.wall_ms(),
            instance: Some(instance_of(reported)),
            ..old.binding.clone()
        };
        let id = new.id;
        match self.make(Step::end(&old.binding, Some(new)), &old.owner).await {
            Ok(true) => {}
            Ok(false) => return,
            Err(error) => {
                tracing::error!(%error, meeting = %old.key().id, "a new instance could not be stored");
                return;
            }
        }
        tracing::info!(secret = %old.owner.label, meeting = %old.key().id, "new instance found on its node");
        self.count_found(id, reported);
    }

    /// Removes an attempt that failed, or an abandoned instance that is gone.
    pub(super) async fn drop_binding(&self, meeting: &Meeting) {
        self.take_back(meeting).await;
    }

    fn count_found(&self, id: BindingId, reported: &Arc<NodeMeeting>) {
        let Some(meeting) = self.pool.registry.meeting(id) else { return };
        self.pool.created(&meeting);
        let observation = Observation { main: Arc::clone(reported), rooms: Vec::new(), polled: true };
        self.pool.registry.observe(&meeting, observation);
        self.pool.lists.changed(&meeting);
    }
}

/// The instance that a poll reports.
pub(super) fn instance_of(reported: &NodeMeeting) -> Arc<Instance> {
    Arc::new(Instance {
        create_time: reported.create_time,
        internal_id: reported.internal_id.clone(),
        external_id: reported.id.clone(),
        attendee_pw: reported.attendee_pw.clone(),
        moderator_pw: reported.moderator_pw.clone(),
        answer: reported.create_answer().into_bytes(),
    })
}
