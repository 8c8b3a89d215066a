//! What a replica does: it follows the copy of the primary's database, and creates nothing of its own.

use std::sync::Arc;

use super::attempt::Outcome;
use super::create::CreateRequest;
use super::repeat::answer_again;
use super::{BindingStore, Core, NodeCalls};
use crate::bbb::Failure;
use crate::model::{Binding, NodeState, Nonce, Phase, Step};
use crate::nodes::NodeAnswer;
use crate::state::Meeting;
use crate::store::{Mark, StoreError};

impl Core {
    /// Takes over what has changed in the copy since `known`; without it, everything. Returns how far the copy is.
    pub async fn follow(&self, known: Option<Mark>) -> Result<Mark, StoreError> {
        let changes = self.store.changes_since(known).await?;
        if let Some(catalog) = changes.catalog {
            self.pool.install(catalog);
        }
        self.pool.follow(changes.bindings, changes.is_whole);
        Ok(changes.mark)
    }

    /// This replica takes over, and its store is open for writing: goes on from what is stored.
    pub async fn take_over_as_primary(&self, oldest_past: i64) -> Result<(), StoreError> {
        self.follow(None).await?;
        self.pool.take_over(self.store.statistics(oldest_past).await?);
        Ok(())
    }

    /// From now on this daemon acts as the primary, unless another one has the highest claim. Creates wait for a round
    /// of polls, which finds the meetings that the copy lacks.
    pub fn begin_to_lead(&self) -> bool {
        let nodes: Vec<_> = self.pool.catalog().nodes.keys().copied().collect();
        self.pool.adoption_round.again(nodes.iter().copied());
        self.pool.standing.leads(true);
        if self.pool.standing.is_replica() {
            self.pool.standing.leads(false);
            return false;
        }
        for node in nodes {
            self.pool.fleet.poll_now(node);
        }
        self.callback_queued.notify_one();
        true
    }
}

impl<S: BindingStore, N: NodeCalls> Core<S, N> {
    /// Handles a create while the primary is gone: a known meeting is asked for on its node, because BBB's create is
    /// idempotent. Others wait for the primary.
    pub(super) async fn create_as_replica(&self, request: &CreateRequest) -> Result<NodeAnswer, Failure> {
        let known = self.pool.registry.get(request.secret.id, &request.id);
        let is_up = |it: &Arc<Meeting>| self.pool.fleet.state(it.node()) != NodeState::Down;
        let Some(meeting) = known.filter(|it| it.phase() == Phase::Live && is_up(it)) else {
            return Err(Failure::PRIMARY_UNAVAILABLE);
        };
        let parent = self.parent(request)?;
        let nonce = Nonce::random();
        match self.ask_to_create(request, parent.as_ref(), meeting.node(), nonce).await {
            Outcome::Created(created) => {
                if !created.duplicate {
                    // The known instance had ended. The next primary finds the new one by its marker.
                    let instance = Some(Arc::clone(&created.instance));
                    let new = Binding { nonce, next: None, instance, ..meeting.binding.clone() };
                    self.pool.apply(&Step::replace(&meeting.binding, new), &meeting.owner);
                }
                Ok(created.answer)
            }
            Outcome::Taken(answer) => Ok(answer),
            Outcome::Refused(answer) => answer,
            Outcome::Unreached | Outcome::Unknown => answer_again(&meeting, &request.params),
        }
    }
}
