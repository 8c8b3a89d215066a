//! Calls that the meeting's node answers, word for word.

use axum::response::Response;

use super::request::SignedRequest;
use super::{Api, responses};
use crate::bbb::{Call, Failure, flat_response};
use crate::nodes::NodeAnswer;

/// Asks the node of the meeting and gives back its answer as it is.
pub(super) async fn answer(api: &Api, call: Call, mut request: SignedRequest) -> Response {
    let (mut params, id, body) = match request.about_meeting(api).await {
        Ok(about) => about,
        Err(refusal) => return refusal,
    };
    let pool = &api.core.pool;
    let Some(target) = pool.registry.find(request.secret.id, &id) else {
        return responses::failed(&Failure::NOT_FOUND);
    };
    let Some(address) = api.core.address(&target) else { return responses::failed(&Failure::NOT_FOUND) };
    let Some(node) = pool.node(target.meeting.node()) else {
        return responses::failed(&Failure::NODE_SILENT);
    };
    params.set("meetingID", &address);
    match api.core.nodes.call(&node, call.name(), &params, body).await {
        Ok(answer) => {
            if call == Call::End {
                if target.room.is_none() && is_ending(&answer) {
                    target.meeting.set_ending();
                }
                pool.fleet.poll_now(node.id);
            }
            responses::from_node(answer)
        }
        Err(error) => {
            tracing::info!(node = %node.fqdn(), call = call.name(), meeting = %id, %error, "call failed");
            responses::failed(&Failure::NODE_SILENT)
        }
    }
}

/// Whether a node has accepted an `end`, or does not know the meeting.
fn is_ending(answer: &NodeAnswer) -> bool {
    let children = flat_response(&answer.body).unwrap_or_default();
    children.iter().any(|(name, value)| {
        matches!((name.as_str(), value.trim()), ("returncode", "SUCCESS") | ("messageKey", "notFound"))
    })
}
