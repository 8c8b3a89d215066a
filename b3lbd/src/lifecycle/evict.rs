//! Ending meetings on behalf of an operator.

use std::sync::Arc;

use futures::{FutureExt as _, StreamExt as _};

use super::{BindingStore, Core, NodeCalls};
use crate::bbb::{Call, Params, flat_response};
use crate::model::{NodeId, Phase, Step};
use crate::state::{Meeting, Target};

/// Maximum number of a node's meetings that are ended or told something concurrently.
const AT_ONCE: usize = 8;

/// Why a meeting could not be ended.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EndFailure {
    /// Its node does not answer.
    #[error("its node does not answer")]
    NoAnswer,
    /// Its node refused.
    #[error("its node refuses: {0}")]
    Refused(String),
    /// It is not known yet whether it exists.
    #[error("it is not known yet whether it runs")]
    Unsettled,
}

impl<S: BindingStore, N: NodeCalls> Core<S, N> {
    /// Ends a meeting on its node. A meeting that the node does not know counts as ended.
    pub async fn end_for_operator(&self, meeting: &Arc<Meeting>) -> Result<(), EndFailure> {
        let id = self.address_of(meeting).ok_or(EndFailure::Unsettled)?;
        let password = meeting.instance().map(|it| it.moderator_pw.as_str()).unwrap_or_default();
        let answer = self.end_by_id(meeting.node(), &id, password).await.ok_or(EndFailure::NoAnswer)?;
        match outcome(&answer.body) {
            Err(EndFailure::Refused(key)) if key == "notFound" => {
                meeting.set_ending();
                self.end_unless_changed(meeting).await;
                Ok(())
            }
            Ok(()) => {
                meeting.set_ending();
                Ok(())
            }
            outcome => outcome,
        }
    }

    /// The node does not know the meeting: it has ended, unless a create has changed its binding meanwhile.
    async fn end_unless_changed(&self, meeting: &Meeting) {
        let _turn = self.pool.turns.take(meeting.key().clone()).await;
        let Some(now) = self.pool.registry.meeting(meeting.id()) else { return };
        if now.binding.instance != meeting.binding.instance {
            return;
        }
        let ended = match now.phase() {
            // It may still start, and is then ended.
            Phase::Creating => {
                let abandoned = now.binding.in_phase(Phase::Abandoned);
                self.make(Step::replace(&now.binding, abandoned), &now.owner).await.map(|_| ())
            }
            Phase::Live => self.ended(&now, "operator").await,
            // It is ended if it appears.
            Phase::Abandoned => Ok(()),
        };
        if let Err(error) = ended {
            tracing::error!(%error, meeting = %meeting.key().id, "the end of a meeting could not be stored");
        }
    }
}

impl<S, N> Core<S, N> {
    /// Tenants' meetings that are bound to a node.
    pub fn bound_to(&self, node: NodeId) -> Vec<Arc<Meeting>> {
        let mut bound = self.pool.registry.on_node(node);
        bound.retain(|it| it.phase() != Phase::Abandoned);
        bound
    }
}

impl Core {
    /// Ends all tenants' meetings on a node. Returns how many were ended, and why others were not.
    pub async fn evacuate(self: &Arc<Self>, node: NodeId) -> (u64, Vec<String>) {
        let end = |meeting: Arc<Meeting>| {
            let core = Arc::clone(self);
            async move {
                let ended = core.end_for_operator(&meeting).await;
                ended.map_err(|error| format!("{} of {}: {error}", meeting.key().id, meeting.owner.label))
            }
            .boxed()
        };
        let ends: Vec<_> = self.bound_to(node).into_iter().map(end).collect();
        let results: Vec<_> = futures::stream::iter(ends).buffered(AT_ONCE).collect().await;
        let ended = results.iter().filter(|it| it.is_ok()).count() as u64;
        (ended, results.into_iter().filter_map(Result::err).collect())
    }

    /// Writes a message into the chats of all tenants' meetings on a node. Returns how many were reached, and how many
    /// there are.
    pub async fn tell_meetings(self: &Arc<Self>, node: NodeId, message: &str) -> (usize, usize) {
        let mut params = Params::default();
        params.set("message", message);
        let tell = |meeting: Arc<Meeting>| {
            let (core, params) = (Arc::clone(self), params.clone());
            async move {
                let target = Target { meeting, room: None };
                let answer = core.ask(&target, Call::SendChatMessage, params, None).await;
                answer.is_ok_and(|it| outcome(&it.body).is_ok())
            }
            .boxed()
        };
        let told: Vec<_> = self.bound_to(node).into_iter().map(tell).collect();
        let results: Vec<_> = futures::stream::iter(told).buffered(AT_ONCE).collect().await;
        (results.iter().filter(|it| **it).count(), results.len())
    }
}

/// Interprets a node's answer to an `end`.
fn outcome(body: &[u8]) -> Result<(), EndFailure> {
    let children = flat_response(body).unwrap_or_default();
    let get = |name: &str| {
        children.iter().find(|(it, _)| it == name).map(|(_, value)| value.as_str()).unwrap_or_default()
    };
    match get("returncode") {
        "SUCCESS" => Ok(()),
        "FAILED" => Err(EndFailure::Refused(get("messageKey").to_owned())),
        _ => Err(EndFailure::NoAnswer),
    }
}
