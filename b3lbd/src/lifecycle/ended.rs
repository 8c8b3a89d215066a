//! The end of a meeting, reported by a callback or found by a poll; the first one settles it.

use super::{BindingStore, Core, NodeCalls};
use crate::model::{Binding, Nonce, Phase, Step};
use crate::state::Meeting;
use crate::store::StoreError;

impl<S: BindingStore, N: NodeCalls> Core<S, N> {
    /// Handles a node's callback that an instance has ended. Waits for the turn of the meeting id, so that a
    /// pending create determines its instance first.
    pub async fn callback(&self, nonce: Nonce) {
        let Some(meeting) = self.pool.registry.by_nonce(&nonce) else { return };
        let _turn = self.pool.turns.take(meeting.key().clone()).await;
        let Some(meeting) = self.pool.registry.by_nonce(&nonce) else { return };
        let next = meeting.binding.next.filter(|next| next.nonce == nonce);
        let ended = match (next, meeting.instance()) {
            // The instance that a repeat has started after the bound one had ended.
            (Some(next), Some(_)) if !next.is_ambiguous => self.ended_for_good(&meeting, "callback").await,
            // One of two attempts; the other one may still arrive.
            (Some(_), None) => {
                let left = meeting.binding.with_next(None);
                self.make(Step::replace(&meeting.binding, left), &meeting.owner).await.map(|_| ())
            }
            _ => self.ended(&meeting, "callback").await,
        };
        if let Err(error) = ended {
            tracing::error!(%error, meeting = %meeting.key().id, "the end of a meeting could not be stored");
        }
    }

    /// The bound instance has ended: removes its binding and queues the client's callback. An instance that a
    /// repeat may have started takes its place. The caller must hold the turn of the meeting id.
    pub async fn ended(&self, meeting: &Meeting, seen_by: &str) -> Result<(), StoreError> {
        let successor = self.successor(&meeting.binding);
        self.end(meeting, successor, seen_by).await
    }

    /// The bound instance has ended, and no other has started. The caller must hold the turn of the meeting
    /// id.
    pub async fn ended_for_good(&self, meeting: &Meeting, seen_by: &str) -> Result<(), StoreError> {
        self.end(meeting, None, seen_by).await
    }

    /// The instance that may have started after the bound one, if the outcome of a repeat is unknown.
    fn successor(&self, binding: &Binding) -> Option<Binding> {
        let (nonce, next) = binding.next.filter(|next| next.is_open)?.begun();
        Some(Binding {
            id: self.pool.next_binding(),
            phase: if binding.phase == Phase::Abandoned { Phase::Abandoned } else { Phase::Creating },
            nonce,
            next,
            created_at: self.pool.clock.wall_ms(),
            instance: None,
            ..binding.clone()
        })
    }

    async fn end(
        &self,
        meeting: &Meeting,
        successor: Option<Binding>,
        seen_by: &str,
    ) -> Result<(), StoreError> {
        let now = self.pool.clock.wall_ms();
        let ended = self.make(Step::end(&meeting.binding, successor), &meeting.owner).await?;
        if ended && meeting.phase() != Phase::Abandoned {
            tracing::info!(
                secret = %meeting.owner.label, meeting = %meeting.key().id,
                node = %self.node_name(meeting.node()),
                seconds = (now - meeting.binding.created_at) / 1000, seen_by, "meeting ended"
            );
        }
        Ok(())
    }
}
