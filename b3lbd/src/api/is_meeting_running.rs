//! `isMeetingRunning`.

use axum::response::Response;

use super::request::SignedRequest;
use super::{Api, responses};
use crate::bbb::{Call, running};

/// Unknown meetings are answered without asking a node, and so are known ones whose node is silent.
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
        // The answer of the last good poll.
        _ => responses::xml(running(target.is_running())),
    }
}
