//! Calls that the meeting's node answers, word for word.

use axum::response::Response;

use super::request::SignedRequest;
use super::{Api, responses};
use crate::bbb::{Call, Failure};

/// Asks the node of the meeting and gives back its answer as it is.
pub(super) async fn answer(api: &Api, call: Call, mut request: SignedRequest) -> Response {
    let (mut params, id, body) = match request.about_meeting(api).await {
        Ok(about) => about,
        Err(refusal) => return refusal,
    };
    let pool = &api.meetings.pool;
    let Some(meeting) = pool.registry.get(request.secret.id, &id) else {
        return responses::failed(&Failure::NOT_FOUND);
    };
    let Some(node) = pool.node(meeting.node) else { return responses::failed(&Failure::NODE_SILENT) };
    params.set("meetingID", &id);
    match api.meetings.nodes.call(&node, call.name(), &params, body).await {
        Ok(answer) => {
            if call == Call::End {
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
