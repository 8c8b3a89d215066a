//! The end of a meeting, seen by a callback or by a poll; whoever sees it first settles it.

use crate::model::Nonce;
use crate::state::Meeting;
use crate::store::{Phase, StoreError};

use super::Meetings;

impl Meetings {
    /// A node says by its callback that an instance has ended.
    pub async fn callback(&self, nonce: Nonce) {
        if let Some(meeting) = self.pool.registry.by_nonce(&nonce)
            && let Err(error) = self.ended(&meeting, "callback").await
        {
            tracing::error!(%error, meeting = %meeting.key.id, "the end of a meeting could not be stored");
        }
    }

    /// An instance has ended: its binding goes and its client's callback is queued, exactly once.
    pub async fn ended(&self, meeting: &Meeting, seen_by: &str) -> Result<(), StoreError> {
        let now = self.pool.clock.wall_ms();
        if self.store.end_meeting(meeting.row, meeting.nonce, now).await? && meeting.phase != Phase::Abandoned
        {
            tracing::info!(
                secret = %meeting.label, meeting = %meeting.key.id, node = %self.node_name(meeting.node),
                seconds = (now - meeting.created_at) / 1000, seen_by, "meeting ended"
            );
        }
        if meeting.ended_url.is_some() {
            self.callback_queued.notify_one();
        }
        self.pool.ended(meeting);
        Ok(())
    }
}
