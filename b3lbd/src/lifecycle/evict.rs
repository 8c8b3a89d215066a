//! Ending meetings on behalf of an operator.

use std::sync::Arc;

use super::{BindingStore, Core, NodeCalls};
use crate::bbb::flat_response;
use crate::model::{Phase, Step};
use crate::state::Meeting;

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
