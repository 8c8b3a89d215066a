//! Calls about a meeting that its node answers.

use super::{BindingStore, Core, NodeCalls};
use crate::bbb::{Call, Params, flat_response, without_marker};
use crate::nodes::{Body, NodeAnswer, NodeError};
use crate::state::Target;

/// Why a call about a meeting was not answered.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AskError {
    /// No known id identifies exactly this meeting on the node.
    #[error("its id is not known yet")]
    NoAddress,
    /// The node no longer exists.
    #[error("its node is gone")]
    NoNode,
    /// The node did not answer, or not like BBB.
    #[error(transparent)]
    Node(#[from] NodeError),
}

impl<S: BindingStore, N: NodeCalls> Core<S, N> {
    /// Makes a call about a meeting or a breakout room to its node.
    pub async fn ask(
        &self,
        target: &Target,
        call: Call,
        mut params: Params,
        body: Option<Body>,
    ) -> Result<NodeAnswer, AskError> {
        let address = self.address(target).ok_or(AskError::NoAddress)?;
        let node = self.pool.node(target.meeting.node()).ok_or(AskError::NoNode)?;
        params.set("meetingID", &address);
        let answer = self.nodes.call(&node, call.name(), &params, body).await;
        let mut answer = answer.and_then(NodeAnswer::of_bbb).inspect_err(|error| {
            let meeting = &target.meeting.key().id;
            tracing::info!(node = %node.fqdn(), call = call.name(), %meeting, %error, "call failed");
        })?;
        if is_ending(call, &answer) {
            if target.room.is_none() {
                target.meeting.set_ending();
            }
            self.pool.fleet.poll_now(node.id);
        }
        answer.body = without_marker(answer.body);
        Ok(answer)
    }
}

/// Whether a node has accepted an `end`, or does not know the meeting.
pub(super) fn is_ending(call: Call, answer: &NodeAnswer) -> bool {
    if call != Call::End && memchr::memmem::find(&answer.body, b"FAILED").is_none() {
        return false;
    }
    let children = flat_response(&answer.body).unwrap_or_default();
    children.iter().any(|(name, value)| match name.as_str() {
        "returncode" => call == Call::End && value.trim() == "SUCCESS",
        "messageKey" => value.trim() == "notFound",
        _ => false,
    })
}
