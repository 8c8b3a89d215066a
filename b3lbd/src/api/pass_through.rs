//! Calls that the meeting's node answers, and whose answers are passed on unchanged.

use axum::response::Response;

use super::request::SignedRequest;
use super::{Api, responses};
use crate::bbb::{Call, Failure};
use crate::lifecycle::AskError;

/// Forwards the call to the meeting's node and returns its answer.
pub(super) async fn answer(api: &Api, call: Call, mut request: SignedRequest) -> Response {
    let (params, id, body) = match request.about_meeting(api).await {
        Ok(about) => about,
        Err(refusal) => return refusal,
    };
    let Some(target) = api.core.pool.registry.find(request.secret.id, &id) else {
        return responses::failed(&not_found(call));
    };
    match api.core.ask(&target, call, params, body).await {
        Ok(answer) => responses::from_node(answer),
        Err(AskError::NoAddress) => responses::failed(&not_found(call)),
        Err(AskError::NoNode | AskError::Node(_)) => responses::failed(&Failure::NODE_SILENT),
    }
}

/// BBB's answer for an unknown meeting.
fn not_found(call: Call) -> Failure {
    if call == Call::SendChatMessage { Failure::NO_CHAT } else { Failure::NOT_FOUND }
}
