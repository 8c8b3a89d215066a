//! `isMeetingRunning`.

use axum::response::Response;

use super::request::SignedRequest;
use super::{Api, responses};
use crate::bbb::{Call, running};

/// Answers from the last successful poll if the node does not respond. Unknown meetings are answered without
/// asking a node.
pub(super) async fn answer(api: &Api, mut request: SignedRequest) -> Response {
    let (params, id, _) = match request.about_meeting(api).await {
        Ok(about) => about,
        Err(refusal) => return refusal,
    };
    let Some(target) = api.core.pool.registry.find(request.secret.id, &id) else {
        return responses::xml(running(false));
    };
    match api.core.ask(&target, Call::IsMeetingRunning, params, None).await {
        Ok(answer) => responses::from_node(answer),
        // As of the last successful poll.
        _ => responses::xml(running(target.is_running())),
    }
}
