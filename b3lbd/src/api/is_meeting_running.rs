//! `isMeetingRunning`.

use axum::response::Response;

use super::request::SignedRequest;
use super::{Api, responses};
use crate::bbb::{Call, running};

/// Unknown meetings are answered without asking a node, and so are known ones whose node is silent.
pub(super) async fn answer(api: &Api, mut request: SignedRequest) -> Response {
    let (mut params, id, _) = match request.about_meeting(api).await {
        Ok(about) => about,
        Err(refusal) => return refusal,
    };
    let pool = &api.core.pool;
    let Some(target) = pool.registry.find(request.secret.id, &id) else {
        return responses::xml(running(false));
    };
    if let (Some(node), Some(address)) = (pool.node(target.meeting.node()), api.core.address(&target)) {
        params.set("meetingID", &address);
        match api.core.nodes.call(&node, Call::IsMeetingRunning.name(), &params, None).await {
            Ok(answer) if answer.status < 500 => return responses::from_node(answer),
            Ok(answer) => {
                tracing::info!(node = %node.fqdn(), status = answer.status, "isMeetingRunning failed");
            }
            Err(error) => tracing::info!(node = %node.fqdn(), %error, "isMeetingRunning failed"),
        }
    }
    let last = match &target.room {
        Some(room) => room.running,
        None => target.meeting.observation().is_some_and(|it| it.main.running),
    };
    responses::xml(running(last))
}
