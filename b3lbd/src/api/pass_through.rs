//! Calls that the meeting's node answers, word for word.

use axum::response::Response;

use super::request::SignedRequest;
use super::{Api, responses};
use crate::bbb::{Call, Failure};
use crate::lifecycle::AskError;

/// Asks the node of the meeting and gives back its answer as it is.
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

/// What BBB says of a meeting that it does not have.
fn not_found(call: Call) -> Failure {
    if call == Call::SendChatMessage { Failure::NO_CHAT } else { Failure::NOT_FOUND }
}
