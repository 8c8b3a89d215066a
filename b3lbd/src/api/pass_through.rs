//! Calls that the meeting's node answers, and whose answers are passed on unchanged.

use super::Api;
use super::request::SignedRequest;
use super::responses::{self, Answer};
use crate::bbb::{Call, Failure};
use crate::lifecycle::AskError;
use crate::nodes::NodeError;

/// Asks the node of the meeting and gives back its answer as it is.
pub(super) async fn answer(api: &Api, call: Call, mut request: SignedRequest) -> Answer {
    let (params, id, body) = request.about_meeting(api).await?;
    let target = api.core.pool.registry.find(request.secret.id, &id).ok_or_else(|| not_found(call))?;
    match api.core.ask(&target, call, params, body).await {
        Ok(answer) => Ok(responses::from_node(answer)),
        Err(AskError::NoAddress) => Err(not_found(call).into()),
        Err(AskError::Node(NodeError::NotBbb(413 | 414 | 431))) => Err(Failure::TOO_LARGE.into()),
        Err(AskError::NoNode | AskError::Node(_)) => Err(Failure::NODE_SILENT.into()),
    }
}

/// BBB's answer for an unknown meeting.
fn not_found(call: Call) -> Failure {
    if call == Call::SendChatMessage { Failure::NO_CHAT } else { Failure::NOT_FOUND }
}
