//! What polls find out about creates whose answers were lost.

use std::sync::Arc;

use crate::bbb::NodeMeeting;
use crate::model::{Node, NodeId, Nonce, Secret, SecretId, Tenant};
use crate::state::{Count, Instance, Meeting, MeetingKey, Sight};
use crate::store::{Confirmation, NewMeeting, Phase, StoreError};

use super::Meetings;

/// A meeting that is said to run on a node already.
#[derive(Clone, Debug)]
pub struct Claim {
    /// The meeting id.
    pub id: Arc<str>,
    /// Its name.
    pub name: String,
    /// The client's own `meetingEndedURL`.
    pub ended_url: Option<String>,
}

/// Why a claim is not believed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClaimError {
    /// The secret has a meeting of that id already, or somebody has one on that node.
    #[error("the meeting is bound already, or another one of its id is on that node")]
    Taken,
    /// The database fails.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Meetings {
    /// Whether a meeting could be bound to a node: two owners of one id never share a node.
    pub fn is_free(&self, secret: SecretId, node: NodeId, id: &str) -> bool {
        let registry = &self.pool.registry;
        registry.get(secret, id).is_none() && registry.with_id(id).iter().all(|it| it.node != node)
    }

    /// Binds a meeting to the node that it is said to run on. The polls find out whether it does: then it
    /// is live, else the binding goes after a while.
    pub async fn take_over(
        &self,
        tenant: &Tenant,
        secret: &Secret,
        node: &Node,
        claim: Claim,
    ) -> Result<(), ClaimError> {
        let key = MeetingKey { secret: secret.id, id: claim.id.clone() };
        let _turn = self.pool.turns.take(key).await;
        if !self.is_free(secret.id, node.id, &claim.id) {
            return Err(ClaimError::Taken);
        }
        let new = NewMeeting {
            row: self.pool.next_row(),
            secret: secret.id,
            id: claim.id,
            node: node.id,
            nonce: Nonce::random(),
            name: claim.name,
            ended_url: claim.ended_url,
            created_at: self.pool.clock.wall_ms(),
        };
        self.store.reserve_meeting(new.clone(), None).await?;
        let meeting = Meeting::creating(new, (tenant.id, secret.label.clone()), self.pool.clock.now());
        let meeting = self.pool.registry.put(meeting);
        self.pool.book(&meeting);
        self.pool.lists.changed(&meeting);
        self.pool.fleet.poll_now(node.id);
        Ok(())
    }

    /// A create came through although its answer was lost: the binding is live.
    pub async fn adopt(&self, meeting: &Meeting, shown: &NodeMeeting) {
        let it = found(shown, meeting.nonce);
        match self.store.confirm_meeting(meeting.row, it.clone()).await {
            Ok(true) => {}
            // It has ended meanwhile.
            Ok(false) => return,
            Err(error) => {
                tracing::error!(%error, meeting = %meeting.key.id, "a meeting found on its node could not be stored");
                return;
            }
        }
        tracing::info!(secret = %meeting.label, meeting = %meeting.key.id, "meeting found on its node");
        self.pool.counters.count(meeting.key.secret, Count::Create);
        let since = self.pool.clock.now();
        let live = meeting.in_phase(Phase::Live, meeting.nonce, Some(Instance::from(it)), since);
        self.show_found(self.pool.registry.put(live).as_ref(), shown);
    }

    /// The node has another life of a meeting than the one that is bound: the old one has ended.
    pub async fn replace(&self, old: &Meeting, shown: &NodeMeeting) {
        let pool = &self.pool;
        let mut new = old.stored();
        (new.row, new.nonce, new.created_at) = (pool.next_row(), Nonce::random(), pool.clock.wall_ms());
        let it = found(shown, new.nonce);
        if let Err(error) = self.store.renew_meeting((old.row, old.nonce), new.clone(), it.clone()).await {
            tracing::error!(%error, meeting = %old.key.id, "a new instance could not be stored");
            return;
        }
        tracing::info!(secret = %old.label, meeting = %old.key.id, "new instance found on its node");
        self.callback_queued.notify_one();
        pool.ended(old);
        let nonce = new.nonce;
        let meeting = Meeting::creating(new, (old.tenant, old.label.clone()), pool.clock.now());
        let live = meeting.in_phase(Phase::Live, nonce, Some(Instance::from(it)), meeting.known_since);
        let meeting = pool.registry.put(live);
        pool.counters.count(meeting.key.secret, Count::Create);
        pool.book(&meeting);
        self.show_found(&meeting, shown);
    }

    /// An attempt came to nothing, or an orphan is gone.
    pub async fn drop_binding(&self, meeting: &Meeting) {
        self.take_back(meeting, None).await;
    }

    fn show_found(&self, meeting: &Meeting, shown: &NodeMeeting) {
        meeting.see(Sight { main: shown.clone().into(), breakouts: Vec::new(), polled: true });
        self.pool.lists.changed(meeting);
    }
}

/// What a poll tells of an instance.
fn found(shown: &NodeMeeting, nonce: Nonce) -> Confirmation {
    Confirmation {
        create_time: shown.create_time,
        internal_id: shown.internal_id.clone(),
        attendee_pw: shown.attendee_pw.clone(),
        moderator_pw: shown.moderator_pw.clone(),
        answer: shown.create_answer().into_bytes(),
        nonce,
    }
}
