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
        return responses::failed(&Failure::NOT_FOUND);
    };
    match api.core.ask(&target, call, params, body).await {
        Ok(answer) => responses::from_node(answer),
        Err(AskError::NoAddress) => responses::failed(&Failure::NOT_FOUND),
        Err(AskError::NoNode | AskError::Node(_)) => responses::failed(&Failure::NODE_SILENT),
    }
}
